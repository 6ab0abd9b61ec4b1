// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"fmt"
	"reflect"
	"testing"

	"kontor/app/files"
	"kontor/app/journal"
)

// TestFileOpsOfSomeRows gives the same as all operations, for the rows that were asked for.
func TestFileOpsOfSomeRows(t *testing.T) {
	s := newFileStore(t)
	var ids []int64
	for i := range 300 {
		f := s.add(fmt.Sprint("f", i))
		ids = append(ids, f.ID)
		op := s.op(journal.FilePut, f, files.PutOp{Path: f.Path})
		if i%3 == 0 {
			s.cancel(op)
		}
		if i%5 == 0 {
			s.op(journal.FileMove, f, files.MoveOp{From: f.Path, To: f.Path + "x"})
		}
	}
	all, err := s.db.FileOps(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	some, err := s.db.FileOpsOf(t.Context(), ids[100:140])
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for i, id := range ids {
		want := all[id]
		if i < 100 || i >= 140 {
			want = nil
		}
		n += len(want)
		if !reflect.DeepEqual(some[id], want) {
			t.Errorf("row %d: %+v, not %+v", id, some[id], want)
		}
	}
	if none, err := s.db.FileOpsOf(t.Context(), nil); err != nil || len(none) != 0 || n == 0 {
		t.Errorf("%v %v, %d compared", none, err, n)
	}
}
