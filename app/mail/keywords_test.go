// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kontor/app/journal"
)

// TestKeywordsAreOneInAnyCase: "rot" and "Rot" are one keyword, for what is shown as for what is taken back.
func TestKeywordsAreOneInAnyCase(t *testing.T) {
	for _, c := range []struct{ have, add, remove, want string }{
		{"Rot", "rot", "", "Rot"},
		{"Rot alt", "", "ROT", "alt"},
		{"alt", "Neu neu", "", "Neu alt"},
		{"", "b a", "a", "a b"},
		{"$Forwarded", "$forwarded x", "$FORWARDED", "$forwarded x"},
	} {
		if got := strings.Join(ChangeKeywords(strings.Fields(c.have), strings.Fields(c.add), strings.Fields(c.remove)), " "); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
	inverse := FlagsOp{IDs: []int64{1}, AddKeywords: []string{"rot", "neu"}, RemoveKeywords: []string{"ALT", "fehlt"}}.Invert(0, []string{"Rot", "alt"})
	if fmt.Sprint(inverse.AddKeywords, inverse.RemoveKeywords) != "[ALT] [neu]" {
		t.Errorf("%+v takes away what was there before, or brings what was not", inverse)
	}
}

// Taking a change back leaves the keywords that were there before, whatever their case.
func TestTakingBackKeywordsOfAnyCase(t *testing.T) {
	words := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"rot", "Rot", "blau", "BLAU", "eilig"}), 0, 3, strings.ToLower)
	rapid.Check(t, func(t *rapid.T) {
		before := words.Draw(t, "before")
		op := FlagsOp{IDs: []int64{1}, AddKeywords: words.Draw(t, "add")}
		op.RemoveKeywords = slices.DeleteFunc(words.Draw(t, "remove"), func(k string) bool { return hasKeyword(op.AddKeywords, k) })
		inverse := op.Invert(0, before)
		after := ChangeKeywords(before, op.AddKeywords, op.RemoveKeywords)
		back := ChangeKeywords(after, inverse.AddKeywords, inverse.RemoveKeywords)
		fold := func(list []string) string {
			lower := strings.Split(strings.ToLower(strings.Join(list, " ")), " ")
			slices.Sort(lower)
			return strings.Join(lower, " ")
		}
		if fold(back) != fold(before) {
			t.Fatalf("%v became %v and then %v", before, after, back)
		}
	})
}

// What is said to a server are atoms; names that come to nothing are not said at all.
func TestChangesThatCanBeSaid(t *testing.T) {
	op := FlagsOp{IDs: []int64{1}, Add: Seen, AddKeywords: []string{"Zu prüfen", "", "  ", "rot"}, RemoveKeywords: []string{"(alt)"}}
	said := op.Speakable()
	if fmt.Sprint(said.AddKeywords, said.RemoveKeywords, said.Add) != fmt.Sprint([]string{"Zu_pr&APw-fen", "rot"}, []string{"_alt_"}, Seen) {
		t.Errorf("%+v", said)
	}
	if len(op.AddKeywords) != 4 {
		t.Error("the operation itself was changed")
	}
}

func TestWhereOperationsPutMessages(t *testing.T) {
	for kind, c := range map[journal.Kind]struct {
		payload any
		into    int64
	}{
		journal.MailMove:   {MoveOp{IDs: []int64{1}, From: 2, To: 3}, 3},
		journal.MailCopy:   {CopyOp{IDs: []int64{1}, Copies: []int64{9}, To: 4}, 4},
		journal.MailAppend: {AppendOp{ID: 1, Folder: 5}, 5},
		journal.MailFlags:  {FlagsOp{IDs: []int64{1}, Add: Seen}, 0},
		journal.MailDelete: {DeleteOp{IDs: []int64{1}}, 0},
	} {
		if got := effect(t, kind, c.payload).Into(); got != c.into {
			t.Errorf("%s: %d, want %d", kind, got, c.into)
		}
	}
}

// TestMessagesOnTheirWayStayInTheOutbox: a sent copy does not show twice, and one that others have already does not go back.
func TestMessagesOnTheirWayStayInTheOutbox(t *testing.T) {
	send := effect(t, journal.MailSend, SendOp{ID: 1, Outbox: 8, Sent: 9})
	rest := effect(t, journal.MailSend, SendOp{ID: 1, Outbox: 8, Sent: 9, Rest: true})
	put := effect(t, journal.MailAppend, AppendOp{ID: 1, Folder: 9})
	start := State{FolderID: 7}
	for name, c := range map[string]struct {
		order []Effect
		want  int64
	}{
		"waits":              {[]Effect{send}, 8},
		"waits, then kept":   {[]Effect{send, put}, 8},
		"sent, still to put": {[]Effect{put}, 9},
		"to the rest only":   {[]Effect{rest}, 7},
		"rest, and kept":     {[]Effect{rest, put}, 9},
	} {
		s := start
		for _, e := range c.order {
			s = e.Lay(s)
		}
		if s.FolderID != c.want {
			t.Errorf("%s: in folder %d, want %d", name, s.FolderID, c.want)
		}
	}
}

// TestRepeatedCopiesFollowTheirRows: redo of a copy needs the rows that undo put away, and the originals beside them.
func TestRepeatedCopiesFollowTheirRows(t *testing.T) {
	here := map[int64]bool{11: true}
	rows := func(ids []int64) (list []Summary, err error) {
		for _, id := range ids {
			if here[id] {
				list = append(list, Summary{ID: id, FolderID: 3})
			}
		}
		return list, nil
	}
	raw, err := json.Marshal(CopyOp{IDs: []int64{1, 2}, Copies: []int64{11, 12}, To: 3})
	if err != nil {
		t.Fatal(err)
	}
	if _, ids, lost, err := Fit(journal.MailCopy, raw, rows); err != nil || !slices.Equal(ids, []int64{1, 2, 11}) || lost != 1 {
		t.Errorf("%v, %d lost, %v", ids, lost, err)
	}
	here = nil
	if _, ids, lost, err := Fit(journal.MailCopy, raw, rows); err != nil || len(ids) != 0 || lost != 2 {
		t.Errorf("%v, %d lost, %v", ids, lost, err)
	}
}

func TestFindingIdentities(t *testing.T) {
	list := []Identity{{ID: 0, Address: "anna@amt.example"}, {ID: 4, Address: "Presse@Amt.example", Name: "Presse", Default: true}, {ID: 5, Address: "post@amt.example"}}
	for id, want := range map[int64]string{0: "anna@amt.example", 5: "post@amt.example", 99: "Presse@Amt.example"} {
		if got := IdentityByID(list, id).Address; got != want {
			t.Errorf("%d: %s", id, got)
		}
	}
	if got, ok := IdentityByAddress(list, " presse@amt.EXAMPLE "); !ok || got.ID != 4 || got.From() != (Address{"Presse", "Presse@Amt.example"}) {
		t.Errorf("%+v, %v", got, ok)
	}
	if got, ok := IdentityByAddress(list, "wer@amt.example"); ok {
		t.Errorf("%+v", got)
	}
	if got := DefaultIdentity(list[:1]); got.Address != "anna@amt.example" {
		t.Errorf("without a default: %+v", got)
	}
}
