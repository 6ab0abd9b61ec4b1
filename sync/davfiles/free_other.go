// SPDX-License-Identifier: EUPL-1.2

//go:build !linux && !darwin && !windows

package davfiles

import "errors"

// diskSpace cannot tell here.
func diskSpace(string) (free, all int64, err error) { return 0, 0, errors.ErrUnsupported }
