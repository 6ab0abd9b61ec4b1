// SPDX-License-Identifier: EUPL-1.2

package davfiles

import "syscall"

func changeTime(st *syscall.Stat_t) int64 { return st.Ctim.Nano() }
