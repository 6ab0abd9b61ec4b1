// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// copyWorld is a folder of the server with messages of one Message-ID, put there from here, by the server, or by people.
type copyWorld struct {
	uids     map[int64]uint32 // by the local message
	own      []OwnCopy
	validity uint32
	removed  []int64
}

// judge does what the verdicts say, as imapsync does.
func (w *copyWorld) judge(touched map[int64]bool, now time.Time) {
	for _, c := range slices.Clone(w.own) {
		mine, others := FiledCopy{}, []FiledCopy(nil)
		for id, uid := range w.uids {
			m := FiledCopy{ID: id, FolderID: 1, UID: uid, Touched: touched[id]}
			if id == c.ID {
				mine = m
				continue
			}
			others = append(others, m)
		}
		own := func(id int64) bool { return slices.ContainsFunc(w.own, func(o OwnCopy) bool { return o.ID == id }) }
		verdict, by := JudgeCopy(c, mine, w.validity, others, own, now)
		if verdict == CopyWaits {
			continue
		}
		w.own = slices.DeleteFunc(w.own, func(o OwnCopy) bool { return o.ID == c.ID })
		if verdict == CopyReplaced {
			w.removed = append(w.removed, c.ID)
			delete(w.uids, by.ID)
			w.uids[c.ID] = by.UID
		}
	}
}

// Whatever happens in a folder, only copies that were put there from here are ever removed, none that somebody has touched,
// and never the last one.
func TestOnlyOwnCopiesAreEverRemoved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1_800_000_000, 0)
		w := &copyWorld{uids: map[int64]uint32{}, validity: 1}
		touched := map[int64]bool{}
		next, ids := uint32(1), int64(0)
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 10).Draw(t, "hours")) * time.Hour)
			switch rapid.SampledFrom([]string{"append", "file", "touch", "vanish", "move", "renumber", "look"}).Draw(t, "step") {
			case "append":
				ids++
				w.uids[ids] = next
				w.own = append(w.own, OwnCopy{ID: ids, FolderID: 1, UID: next, UIDValidity: w.validity, At: now})
				next++
			case "file":
				ids++
				w.uids[ids] = next
				next++
			case "touch":
				touched[rapid.Int64Range(1, ids+1).Draw(t, "touched")] = true
			case "vanish":
				delete(w.uids, rapid.Int64Range(1, ids+1).Draw(t, "vanishes"))
			case "move":
				if id := rapid.Int64Range(1, ids+1).Draw(t, "moves"); w.uids[id] != 0 && next > 1 {
					w.uids[id] = next // out, and in again
					next++
				}
			case "renumber":
				w.validity++
			}
			own, there, before := slices.Clone(w.own), len(w.uids), len(w.removed)
			state := maps.Clone(w.uids)
			w.judge(touched, now)
			removed := w.removed[before:]
			if len(w.uids) != there-len(removed) || there > 0 && len(w.uids) == 0 {
				t.Fatalf("%d copies of %d are left, %v were removed", len(w.uids), there, removed)
			}
			for _, id := range removed {
				at := slices.IndexFunc(own, func(o OwnCopy) bool { return o.ID == id })
				if at < 0 || touched[id] || own[at].UID != state[id] || own[at].UIDValidity != w.validity || now.Sub(own[at].At) > FilingSpan {
					t.Fatalf("%d was removed: %+v, UID %d, touched %v", id, own, state[id], touched)
				}
			}
		}
	})
}

func TestJudgeCopy(t *testing.T) {
	at := time.Unix(1_800_000_000, 0)
	c := OwnCopy{ID: 1, FolderID: 2, UID: 10, UIDValidity: 3, At: at}
	mine := FiledCopy{ID: 1, FolderID: 2, UID: 10}
	server := FiledCopy{ID: 5, FolderID: 2, UID: 12}
	for name, tc := range map[string]struct {
		mine     FiledCopy
		validity uint32
		others   []FiledCopy
		after    time.Duration
		want     CopyVerdict
		by       uint32
	}{
		"alone":                      {mine, 3, nil, time.Minute, CopyWaits, 0},
		"alone for long":             {mine, 3, nil, 25 * time.Hour, CopyStays, 0},
		"filed":                      {mine, 3, []FiledCopy{server}, time.Minute, CopyReplaced, 12},
		"filed before":               {mine, 3, []FiledCopy{{ID: 6, FolderID: 2, UID: 9}}, time.Minute, CopyReplaced, 9},
		"filed twice":                {mine, 3, []FiledCopy{server, {ID: 6, FolderID: 2, UID: 11}}, time.Minute, CopyReplaced, 11},
		"filed the day after":        {mine, 3, []FiledCopy{server}, 25 * time.Hour, CopyStays, 0},
		"in another folder":          {mine, 3, []FiledCopy{{ID: 5, FolderID: 7, UID: 12}}, time.Minute, CopyWaits, 0},
		"of which nothing is known":  {mine, 3, []FiledCopy{{ID: 5, FolderID: 2}}, time.Minute, CopyWaits, 0},
		"a person's copy":            {mine, 3, []FiledCopy{{ID: 5, FolderID: 2, UID: 12, Touched: true}}, time.Minute, CopyWaits, 0},
		"another one of ours":        {mine, 3, []FiledCopy{{ID: 99, FolderID: 2, UID: 12}}, time.Minute, CopyWaits, 0},
		"something waits about ours": {FiledCopy{ID: 1, FolderID: 2, UID: 10, Touched: true}, 3, []FiledCopy{server}, time.Minute, CopyWaits, 0},
		"ours was moved":             {FiledCopy{ID: 1, FolderID: 7, UID: 10}, 3, []FiledCopy{server}, time.Minute, CopyStays, 0},
		"ours has another UID":       {FiledCopy{ID: 1, FolderID: 2, UID: 11}, 3, []FiledCopy{server}, time.Minute, CopyStays, 0},
		"ours is gone":               {FiledCopy{}, 3, []FiledCopy{server}, time.Minute, CopyStays, 0},
		"numbered anew":              {mine, 4, []FiledCopy{server}, time.Minute, CopyStays, 0},
	} {
		got, by := JudgeCopy(c, tc.mine, tc.validity, tc.others, func(id int64) bool { return id == 99 || id == 1 }, at.Add(tc.after))
		if got != tc.want || by.UID != tc.by {
			t.Errorf("%s: %d by %d, want %d by %d", name, got, by.UID, tc.want, tc.by)
		}
	}
}
