// SPDX-License-Identifier: EUPL-1.2

//go:build !linux || !cgo

package storage

// SpareArenas does nothing here: only glibc keeps memory for each thread.
func SpareArenas() {}
