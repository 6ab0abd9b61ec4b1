// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kontor/app/journal"
)

func TestFitLeavesAloneWhatOthersMoved(t *testing.T) {
	at := map[int64]int64{1: 10, 2: 10, 3: 11} // 4 is gone
	rows := func(ids []int64) ([]Summary, error) {
		var list []Summary
		for _, id := range ids {
			if at[id] != 0 {
				list = append(list, Summary{ID: id, FolderID: at[id]})
			}
		}
		return list, nil
	}
	ids := []int64{1, 2, 3, 4}
	for _, c := range []struct {
		kind    journal.Kind
		payload any
		want    string
		ids     []int64
		lost    int
	}{
		{journal.MailMove, MoveOp{IDs: ids, From: 10, To: 12}, `{"ids":[1,2],"from":10,"to":12}`, []int64{1, 2}, 2},
		{journal.MailFlags, FlagsOp{IDs: ids, Add: Seen}, `{"ids":[1,2,3],"add":1}`, []int64{1, 2, 3}, 1},
		{journal.MailDelete, DeleteOp{IDs: ids}, `{"ids":[1,2,3]}`, []int64{1, 2, 3}, 0},
		{journal.MailMove, MoveOp{IDs: []int64{4}, From: 10, To: 12}, `{"ids":[],"from":10,"to":12}`, nil, 1},
		{journal.MailFolderRename, FolderOp{ID: 7}, `{"id":7}`, nil, 0},
	} {
		raw, err := json.Marshal(c.payload)
		if err != nil {
			t.Fatal(err)
		}
		got, left, lost, err := Fit(c.kind, raw, rows)
		if err != nil || string(got) != c.want || !slices.Equal(left, c.ids) || lost != c.lost {
			t.Errorf("%s: %s %v %d %v", c.kind, got, left, lost, err)
		}
	}
	boom := errors.New("boom")
	_, _, _, err := Fit(journal.MailMove, []byte(`{"ids":[1]}`), func([]int64) ([]Summary, error) { return nil, boom })
	if !errors.Is(err, boom) {
		t.Error(err)
	}
	if _, _, _, err := Fit(journal.MailMove, []byte(`{`), rows); err == nil {
		t.Error("a broken payload passes")
	}
}

func plainFlagsOp(t *rapid.T) FlagsOp {
	words := []string{"rot", "Blau", "eilig"}
	op := FlagsOp{IDs: []int64{1}, Add: Flags(rapid.Uint32Range(0, 511).Draw(t, "add"))}
	op.Remove = Flags(rapid.Uint32Range(0, 511).Draw(t, "remove")) &^ op.Add
	for _, w := range words {
		switch rapid.IntRange(0, 2).Draw(t, w) {
		case 1:
			op.AddKeywords = append(op.AddKeywords, w)
		case 2:
			op.RemoveKeywords = append(op.RemoveKeywords, w)
		}
	}
	return op
}

// TestPersonWinsForWhatThePersonChanged: whatever others did to a message meanwhile, what is still missing brings exactly
// the person's flags there, and nothing else changes.
func TestPersonWinsForWhatThePersonChanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		op := plainFlagsOp(t)
		have := Flags(rapid.Uint32Range(0, 511).Draw(t, "have"))
		keywords := rapid.SliceOfDistinct(rapid.SampledFrom([]string{"rot", "ROT", "blau", "fremd"}), strings.ToLower).Draw(t, "keywords")
		need := op.Missing(have, keywords)
		need.IDs = op.IDs
		after := have&^need.Remove | need.Add
		words := ChangeKeywords(keywords, need.AddKeywords, nil)
		words = slices.DeleteFunc(words, func(k string) bool { return hasKeyword(need.RemoveKeywords, k) })
		left := op.Missing(after, words)
		if left.IDs = op.IDs; !left.Empty() {
			t.Fatalf("something is still missing: %+v", left)
		}
		touched := op.Add | op.Remove
		if after&^touched != have&^touched || after&op.Add != op.Add || after&op.Remove != 0 {
			t.Fatalf("%b became %b by %+v", have, after, op)
		}
		for _, k := range keywords {
			if !hasKeyword(op.RemoveKeywords, k) && !hasKeyword(words, k) {
				t.Fatalf("%s of others is gone: %v", k, words)
			}
		}
		if need.Add&have != 0 || need.Remove&^have != 0 {
			t.Fatalf("asks for what is so already: %+v of %b", need, have)
		}
	})
}

func TestWithout(t *testing.T) {
	op := FlagsOp{IDs: []int64{1}, Add: Seen | Junk, AddKeywords: []string{"rot", "Blau"}, Remove: Flagged}
	got := op.Without(Junk, []string{"blau"})
	if fmt.Sprint(got) != fmt.Sprint(FlagsOp{IDs: []int64{1}, Add: Seen, AddKeywords: []string{"rot"}, Remove: Flagged}) {
		t.Errorf("%+v", got)
	}
	if len(op.AddKeywords) != 2 {
		t.Error("the operation itself was changed")
	}
}
