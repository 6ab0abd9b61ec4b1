// SPDX-License-Identifier: EUPL-1.2

//go:build unix

package accounts

import (
	"errors"
	"syscall"
)

func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
