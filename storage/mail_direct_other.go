// SPDX-License-Identifier: EUPL-1.2

//go:build !linux

package storage

import "os"

// openDirect opens a file for writes that go past the system's cache; nil where that is not to be had.
func openDirect(string) *os.File { return nil }

// syncDir is needed where a file system keeps names apart from files: see mail_direct_linux.go.
func syncDir(string) error { return nil }
