// SPDX-License-Identifier: EUPL-1.2

//go:build linux && cgo

package storage

/*
#include <malloc.h>

static void kontor_one_arena(void) {
#ifdef M_ARENA_MAX
	mallopt(M_ARENA_MAX, 1);
#endif
}
*/
import "C"

// SpareArenas makes the C library take memory for SQLite from one place instead of one for each thread that ever called
// it, of which each keeps some megabytes (mallopt(3)). It counts for threads that come later: call it before Open.
func SpareArenas() { C.kontor_one_arena() }
