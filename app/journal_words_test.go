// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"testing"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/mail"
)

// TestAnActionIsNamedWhole: every thing counts once, whatever operations and rows it takes.
func TestAnActionIsNamedWhole(t *testing.T) {
	before := i18n.Current()
	t.Cleanup(func() { i18n.Use(before) })
	op := func(kind journal.Kind, words string, rows ...int64) journal.Op {
		return journal.Op{Kind: kind, Target: words, Targets: messageTargets(rows...)}
	}
	quiet := op(journal.MailDelete, "Entwurf", 9)
	quiet.Undone = true
	for name, row := range map[string]struct {
		ops    []journal.Op
		de, en string
	}{
		"nothing":              {nil, "", ""},
		"one":                  {[]journal.Op{op(journal.TaskDelete, "A", 1)}, "A", "A"},
		"two":                  {[]journal.Op{op(journal.TaskDelete, "A", 1), op(journal.TaskDelete, "B", 2)}, "A und 1 weiteres", "A and 1 more"},
		"many alike":           {[]journal.Op{op(journal.TaskDelete, "A", 1), op(journal.TaskDelete, "A", 2), op(journal.TaskDelete, "A", 3)}, "A und 2 weitere", "A and 2 more"},
		"one in two steps":     {[]journal.Op{op(journal.MailAppend, "A", 7), op(journal.MailDelete, "A", 1)}, "A", "A"},
		"one row, two names":   {[]journal.Op{op(journal.FileMove, "A", 1), op(journal.FileMove, "B", 1)}, "A", "A"},
		"one operation":        {[]journal.Op{op(journal.MailFlags, "A (+2)", 1, 2, 3)}, "A und 2 weitere", "A and 2 more"},
		"copies are no others": {[]journal.Op{op(journal.MailCopy, "A (+1)", 1, 2, 11, 12)}, "A und 1 weiteres", "A and 1 more"},
		"two accounts":         {[]journal.Op{op(journal.MailFlags, "A (+1)", 1, 2), op(journal.MailFlags, "B (+1)", 3, 4)}, "A und 3 weitere", "A and 3 more"},
		"such a subject":       {[]journal.Op{op(journal.MailFlags, "Sitzung (+1)", 1)}, "Sitzung (+1)", "Sitzung (+1)"},
		"without rows":         {[]journal.Op{op(journal.TaskListEdit, "A"), op(journal.TaskListEdit, "B")}, "A und 1 weiteres", "A and 1 more"},
		"what is no step":      {[]journal.Op{quiet, op(journal.MailSend, "A", 1)}, "A", "A"},
		"nothing but that":     {[]journal.Op{quiet}, "Entwurf", "Entwurf"},
	} {
		for i := range row.ops {
			row.ops[i].ID = int64(i + 1)
		}
		for lang, want := range map[i18n.Lang]string{i18n.German: row.de, i18n.English: row.en} {
			i18n.Use(lang)
			if got := wordsOf(journal.Changes(row.ops), toUndo); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	}
}

// TestUndoAndRedoSayHowMany is the whole way there and back.
func TestUndoAndRedoSayHowMany(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	ids := b.receive(t, b.inbox, 1, monday, letter(t, "Eins", "x"), letter(t, "Zwei", "x"), letter(t, "Drei", "x"))
	if err := b.Mark(ctx, ids, mail.Flagged, 0); err != nil {
		t.Fatal(err)
	}
	j := b.journal()
	offered, _, err := j.Steps(ctx)
	if err != nil || offered == "" {
		t.Fatalf("%q %v", offered, err)
	}
	said, err := j.Undo(ctx)
	if err != nil || said != offered || said != i18n.T("app.things", "name", "Eins", "n", 2) {
		t.Errorf("offered %q, undone %q: %v", offered, said, err)
	}
	if _, offered, err = j.Steps(ctx); err != nil || offered != said {
		t.Errorf("redo offered as %q: %v", offered, err)
	}
	if again, err := j.Redo(ctx); err != nil || again != said {
		t.Errorf("redone %q: %v", again, err)
	}
}
