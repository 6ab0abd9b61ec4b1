// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"
	"errors"
	"image/color"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"pgregory.net/rapid"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/theme"
)

// keywordsOf are those of a message in the store.
func (w *town) keywordsOf(id int64) []string {
	w.T.Helper()
	m, err := w.core.Mail.Open(w.ctx(), id)
	w.core.Must(err)
	return m.Keywords
}

// rowSays gives what a screen reader says of a row.
func (w *town) rowSays(id int64) string {
	for i := range w.page.list.rows.Count() {
		if item, ok := w.page.list.rows.At(i); ok && item.ID == id {
			return w.page.list.view(item, false).Spoken()
		}
	}
	return ""
}

// TestTaggingByTheMenu: a tag is given, seen in the row and in the message, and taken away again.
func TestTaggingByTheMenu(t *testing.T) {
	w := newTown(t)
	id := w.choose("Prüfbericht Nr. 2026/118")
	w.page.Tag()
	w.Click("Dienstlich")
	if got := w.keywordsOf(id); !slices.Equal(got, []string{"$label2"}) {
		t.Fatalf("keywords %q", got)
	}
	if !strings.Contains(w.rowSays(id), "Dienstlich") {
		t.Errorf("the row says %q", w.rowSays(id))
	}
	if shown := w.page.reader.sheet.shown; len(shown) != 1 || shown[0].Name != "Dienstlich" {
		t.Errorf("the message shows %v", shown)
	}
	w.page.Tag()
	w.Click("Dienstlich")
	if got := w.keywordsOf(id); len(got) != 0 || strings.Contains(w.rowSays(id), "Dienstlich") || len(w.page.reader.sheet.shown) != 0 {
		t.Fatalf("keywords %q", got)
	}
}

// TestTaggingByKeyboard opens the menu from the list and chooses with the arrows.
func TestTaggingByKeyboard(t *testing.T) {
	w := newTown(t)
	id := w.choose("Prüfbericht Nr. 2026/118")
	for _, a := range w.page.Actions() {
		if a.Title == i18n.T("mailui.action.tag") {
			a.Do()
		}
	}
	w.Settle()
	w.Key(fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn)
	if got := w.keywordsOf(id); len(got) != 1 {
		t.Fatalf("keywords %q, focus on %T", got, w.Focused())
	}
}

// TestTagsOfOnesOwn are made, given at once, renamed, coloured and forgotten; messages keep the keyword.
func TestTagsOfOnesOwn(t *testing.T) {
	w := newTown(t)
	id := w.choose("Prüfbericht Nr. 2026/118")
	w.page.Tag()
	w.Click("Neues Schlagwort …")
	w.Key(fyne.KeyEscape)
	if tags, _ := w.core.Mail.Tags(w.ctx()); len(tags) != 0 {
		t.Fatal("leaving makes none")
	}
	w.page.Tag()
	w.Click("Neues Schlagwort …")
	w.Type("Büro & Lüftung")
	w.Key(fyne.KeyReturn)
	keywords := w.keywordsOf(id)
	if len(keywords) != 1 || strings.ContainsAny(keywords[0], " ü") || !strings.Contains(w.rowSays(id), "Büro & Lüftung") {
		t.Fatalf("keywords %q, the row says %q", keywords, w.rowSays(id))
	}
	tag := w.page.tags.named(keywords[0])
	w.page.setTag(mail.Tag{Keyword: tag.Keyword, Name: "Lüftung", Color: "#1f5fbf"})
	w.Settle()
	if !strings.Contains(w.rowSays(id), "Lüftung") || strings.Contains(w.rowSays(id), "Büro") || w.page.reader.sheet.shown[0].Color != "#1f5fbf" {
		t.Fatalf("the row says %q", w.rowSays(id))
	}
	edits := w.page.tagEdits()
	last := edits[len(edits)-1]
	if last.Label != "Lüftung" || len(last.Children) != 3 || len(edits[0].Children) != 2 {
		t.Fatalf("%+v", edits)
	}
	last.Children[2].Act()
	w.Settle()
	if got := w.keywordsOf(id); !slices.Equal(got, keywords) || !strings.Contains(w.rowSays(id), "Büro_&_Lüftung") {
		t.Fatalf("keywords %q, the row says %q", got, w.rowSays(id))
	}
	w.page.newTag()
	w.Settle()
	w.Type("   ")
	w.Key(fyne.KeyReturn)
	if tags, _ := w.core.Mail.Tags(w.ctx()); len(tags) != 0 {
		t.Fatal("a tag without a name")
	}
}

// TestTaggingMany ticks only what all have, and gives it to all.
func TestTaggingMany(t *testing.T) {
	w := newTown(t)
	one := w.choose("Prüfbericht Nr. 2026/118")
	w.core.Must(w.core.Mail.Keywords(w.ctx(), []int64{one}, []string{"$Label1"}, nil))
	w.Settle()
	w.page.list.rows.SelectRow(1)
	w.page.list.rows.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	ticked := func() string { return w.page.tagItems()[0].Icon }
	w.page.list.rows.SelectKey(one)
	w.Settle()
	if ticked() != "check" {
		t.Error("the tag of the one that is chosen is ticked, however it is spelt")
	}
	w.page.list.rows.SelectAll()
	w.Settle()
	if ticked() == "check" {
		t.Error("not all have it")
	}
	w.page.tag(w.page.tags.named("$label1"), true)
	w.Settle()
	if ticked() != "check" {
		t.Error("all have it now")
	}
}

// TestWhatProgramsRememberIsNoTag: keywords that nobody chose are not shown.
func TestWhatProgramsRememberIsNoTag(t *testing.T) {
	i18n.Use(i18n.German)
	book := tagBook{{Keyword: "Rot", Name: "Eilig"}, {Keyword: "$mine", Name: "Meins"}}
	for keyword, want := range map[string]string{
		"$Forwarded": "", "$MDNSent": "", "NonJunk": "", "JunkRecorded": "", "$label9": "", "$label": "",
		"$LABEL1": "Wichtig", "rot": "Eilig", "$Mine": "Meins", "Frei": "Frei", "B&APw-ro": "Büro", "kaputt&": "kaputt&",
	} {
		if got := tagWords(book.of([]string{keyword})); got != want {
			t.Errorf("%q is shown as %q, not %q", keyword, got, want)
		}
	}
}

// TestAnyColourCanBePainted, also what other programs store.
func TestAnyColourCanBePainted(t *testing.T) {
	if got := tagColor("#0b6e75"); got != (color.NRGBA{R: 0x0b, G: 0x6e, B: 0x75, A: 255}) {
		t.Errorf("%v", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`#?[0-9a-fA-F]{0,8}|[a-z]{0,6}|rgb\(1,2,3\)`).Draw(t, "color")
		c := tagColor(s)
		_, _, _, a := c.RGBA()
		if a == 0 || !(len(s) == 7 && s[0] == '#') && c != theme.Color(theme.Muted) {
			t.Fatalf("%q became %v", s, c)
		}
	})
}

// TestTagsOfOthers show at once when another program gives or takes them.
func TestTagsOfOthers(t *testing.T) {
	w := newTown(t)
	id := w.choose("Prüfbericht Nr. 2026/118")
	w.core.Must(w.core.Mail.Keywords(w.ctx(), []int64{id}, []string{"Haushalt", "$label4", "$label5"}, nil))
	w.Settle()
	if got := tagWords(w.page.reader.sheet.shown); !strings.Contains(got, "Haushalt") || !strings.Contains(got, "Zu erledigen") {
		t.Fatalf("shows %q", got)
	}
	i18n.Use(i18n.English)
	w.show()
	w.page.Open(id)
	w.Settle()
	if got := tagWords(w.page.reader.sheet.shown); !strings.Contains(got, "To do") {
		t.Fatalf("in English it shows %q", got)
	}
}

// TestATagThatCannotBeStored is explained, and the row stays as it was.
func TestATagThatCannotBeStored(t *testing.T) {
	w := newTown(t)
	id := w.choose("Prüfbericht Nr. 2026/118")
	boom := errors.New("boom")
	w.page.cfg.Mail = failing{Core: w.page.cfg.Mail, err: boom}
	w.page.tag(w.page.tags.named("$label1"), true)
	w.Settle()
	if errs := w.TakeErrors(); len(errs) != 1 || !errors.Is(errs[0], boom) || len(w.keywordsOf(id)) != 0 {
		t.Fatalf("%v", errs)
	}
}

// dropTag forgets a tag.
func (w *town) dropTag(ctx context.Context) error { return w.page.cfg.Mail.DropTag(ctx, "$label1") }
