// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kontor/app/journal"
)

// The queue holds exactly what FilesToFetch reads: what a person asked for first, then small files before large ones,
// and what is about as large in the order of the rows.
func TestFetchQueueIsWhatIsToFetch(t *testing.T) {
	s := newFileStore(t)
	rapid.Check(t, func(rt *rapid.T) {
		s.write(func(tx *Tx) error {
			_, err := tx.exec(t.Context(), `DELETE FROM files`)
			return err
		})
		n := rapid.IntRange(0, 12).Draw(rt, "files")
		for i := range n {
			f := s.add(fmt.Sprintf("f%02d", i))
			f.Dir, f.Gone = rapid.Bool().Draw(rt, "dir") && i%5 == 0, rapid.Bool().Draw(rt, "gone") && i%4 == 0
			f.Remote.Size, f.Wanted, f.Pinned = rapid.Int64Range(0, 5).Draw(rt, "size")<<(8*rapid.IntRange(0, 3).Draw(rt, "shift")), rapid.Bool().Draw(rt, "wanted"), rapid.Bool().Draw(rt, "pinned")
			f.Base.ETag = f.Remote.ETag
			if rapid.Bool().Draw(rt, "here") {
				f.Local = FileLocal{Path: f.Path, Hash: "h"}
			}
			if rapid.Bool().Draw(rt, "old") {
				f.Base.ETag = "old"
			}
			s.write(func(tx *Tx) error { return tx.SaveFile(t.Context(), f) })
		}
		rows, err := s.db.FilesToFetch(t.Context(), s.acc)
		if err != nil {
			rt.Fatal(err)
		}
		want := map[int64]FileRow{}
		for _, r := range rows {
			want[r.ID] = r
		}
		queue, err := s.db.FetchQueue(t.Context(), s.acc)
		if err != nil || len(queue) != len(rows) {
			rt.Fatalf("%d in the queue, %d to fetch, %v", len(queue), len(rows), err)
		}
		for i, q := range queue {
			r, ok := want[q.ID]
			if !ok || q.Size != r.Remote.Size || q.Asked != (r.Wanted && r.Local.Path == "") || r.Dir || r.Gone {
				rt.Errorf("%+v for %+v", q, r)
			}
			if i == 0 {
				continue
			}
			before := queue[i-1]
			switch {
			case q.Asked && !before.Asked,
				q.Asked == before.Asked && q.Size < before.Size/4 && before.Size >= 1<<16,            // about as large is large enough
				q.Asked == before.Asked && q.Size < 1<<16 && before.Size < 1<<16 && q.ID < before.ID: // neighbours together
				rt.Errorf("%+v after %+v", q, before)
			}
		}
	})
}

// The queries use the indexes that were made for them: without, each synchronisation reads every row several times.
func TestQueuesAreFoundByIndex(t *testing.T) {
	s := newFileStore(t, "a")
	for query, index := range map[string]string{
		`EXPLAIN QUERY PLAN SELECT id FROM files WHERE account_id = ? AND ` + toFetch + ` ORDER BY r_size, path`: "files_fetch",
		`EXPLAIN QUERY PLAN SELECT id FROM files WHERE account_id = ? AND ` + toAlign + ` ORDER BY path, id`:     "files_align",
	} {
		found := false
		err := s.db.each(t.Context(), query, []any{s.acc}, func(scan func(...any) error) error {
			var id, parent, unused int
			var detail string
			err := scan(&id, &parent, &unused, &detail)
			found = found || strings.Contains(detail, index)
			return err
		})
		if err != nil || !found {
			t.Errorf("%s is not used, %v", index, err)
		}
	}
}

func TestSizesOfWhatWaits(t *testing.T) {
	s := newFileStore(t, "a/", "a/x", "a/y", "b", "c")
	s.here("a/y")
	ids := func(paths ...string) (all []int64) {
		for _, p := range paths {
			all = append(all, s.row(p).ID)
		}
		return all
	}
	for _, row := range []struct {
		ids    []int64
		files  int
		octets int64
	}{
		{ids("a"), 1, 3}, {ids("a", "a/x", "b"), 2, 6}, {ids("a/y"), 0, 0}, {nil, 0, 0}, {[]int64{9999}, 0, 0},
	} {
		n, octets, err := s.db.MissingSize(t.Context(), row.ids)
		if err != nil || n != row.files || octets != row.octets {
			t.Errorf("%v: %d files with %d octets, %v", row.ids, n, octets, err)
		}
	}
	for _, path := range []string{"a/y", "b"} {
		f := s.row(path)
		f.Local = FileLocal{Path: path, Size: 40}
		s.write(func(tx *Tx) error {
			if err := tx.SaveFile(t.Context(), f); err != nil {
				return err
			}
			_, err := tx.AddOp(t.Context(), journal.Op{AccountID: s.acc, Kind: journal.FilePut, Targets: []journal.Target{{Table: "files", ID: f.ID}, {Table: "files", ID: s.row("c").ID}}})
			return err
		})
	}
	if n, octets, err := s.db.PendingUploads(t.Context(), s.acc); err != nil || n != 2 || octets != 80 {
		t.Errorf("%d uploads with %d octets, %v", n, octets, err)
	}
}

// Only what begins with the prefix is read, also where it holds signs that patterns know.
func TestSettingsByPrefix(t *testing.T) {
	db := openTemp(t)
	for _, key := range []string{"files.limit.down", "files.", "filesx", "file", "files_", "files.ü"} {
		write(t, db, func(tx *Tx) error { return tx.SetSetting(t.Context(), key, key) })
	}
	got, err := db.Settings(t.Context(), "files.")
	if err != nil || len(got) != 3 || got["files.limit.down"] != "files.limit.down" || got["files.ü"] == "" {
		t.Errorf("%v, %v", got, err)
	}
}
