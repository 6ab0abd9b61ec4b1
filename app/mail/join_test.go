// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// genFlagsOp draws a change of few messages, so that both ways of joining occur.
func genFlagsOp(t *rapid.T, name string) FlagsOp {
	words := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"$Forwarded", "a", "b"}), 0, 2, rapid.ID[string])
	op := FlagsOp{
		IDs:         rapid.SampledFrom([][]int64{{1}, {2}, {1, 2}, {3}}).Draw(t, name+" messages"),
		Add:         Flags(rapid.IntRange(0, 7).Draw(t, name+" add")),
		AddKeywords: words.Draw(t, name+" words"),
	}
	op.Remove = Flags(rapid.IntRange(0, 7).Draw(t, name+" remove")) &^ op.Add
	for _, w := range words.Draw(t, name+" words removed") {
		if !slices.Contains(op.AddKeywords, w) {
			op.RemoveKeywords = append(op.RemoveKeywords, w)
		}
	}
	return op
}

func layFlags(op FlagsOp, id int64, s State) State {
	if !slices.Contains(op.IDs, id) {
		return s
	}
	return Effect{flags: &op}.Lay(s)
}

// TestJoinedChangesDoWhatBothDo: whatever a message was before, the joined change leaves it as the two would one after
// another.
func TestJoinedChangesDoWhatBothDo(t *testing.T) {
	joinedOnce := false
	rapid.Check(t, func(t *rapid.T) {
		a, b := genFlagsOp(t, "first"), genFlagsOp(t, "second")
		kept := slices.Clone(a.IDs)
		joined, ok := a.Then(b)
		if !ok {
			return
		}
		joinedOnce = true
		for id := int64(1); id <= 3; id++ {
			before := State{
				Flags:    Flags(rapid.IntRange(0, 7).Draw(t, "flags")),
				Keywords: ChangeKeywords(nil, rapid.SliceOf(rapid.SampledFrom([]string{"a", "b", "c"})).Draw(t, "keywords"), nil),
			}
			want := layFlags(b, id, layFlags(a, id, before))
			got := layFlags(joined, id, before)
			if got.Flags != want.Flags || !slices.Equal(got.Keywords, want.Keywords) {
				t.Fatalf("message %d: %+v, want %+v, by %+v", id, got, want, joined)
			}
		}
		if !slices.Equal(a.IDs, kept) {
			t.Fatal("the first change was altered")
		}
	})
	if !joinedOnce {
		t.Error("no two changes were joined")
	}
}

func TestChangesThatDifferInAllStayApart(t *testing.T) {
	if _, ok := (FlagsOp{IDs: []int64{1}, Add: Seen}).Then(FlagsOp{IDs: []int64{2}, Add: Flagged}); ok {
		t.Error("one STORE cannot say both")
	}
}
