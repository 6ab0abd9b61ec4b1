// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"
	"errors"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"pgregory.net/rapid"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// TestABarHoldsItsWordsAndAnswers at any width and text size: nothing ends outside, and the answers cover no word.
func TestABarHoldsItsWordsAndAnswers(t *testing.T) {
	a := test.NewTempApp(t)
	rapid.Check(t, func(t *rapid.T) {
		theme.Apply(a, theme.Light, rapid.SampledFrom([]float32{1, 1.5, 2}).Draw(t, "text"))
		width := theme.Px(rapid.Float32Range(300, 900).Draw(t, "width"))
		n := newNoticeBar("info", rapid.SampledFrom([]string{"Ja", "Lesebestätigung senden"}).Draw(t, "yes"), func() {})
		if rapid.Bool().Draw(t, "two") {
			n.or("Nicht senden", func() {})
		}
		n.set(rapid.StringMatching(`([a-zäöü]{2,14} ){1,30}`).Draw(t, "words"))
		height := n.heightFor(width)
		n.Resize(fyne.NewSize(width, height))
		test.WidgetRenderer(n).Layout(fyne.NewSize(width, height))
		for _, b := range []*kit.Button{n.act, n.other} {
			if !b.Visible() {
				continue
			}
			end := b.Position().Add(b.Size())
			if b.Position().X < 0 || b.Position().Y < 0 || end.X > width+1 || end.Y > height+1 {
				t.Fatalf("the answer lies at %v to %v in %v x %v", b.Position(), end, width, height)
			}
			for i := range n.words.used {
				l := n.words.lines[i]
				right, bottom := l.Position().X+l.MinSize().Width, l.Position().Y+l.Size().Height
				if right > b.Position().X+1 && bottom > b.Position().Y+2 && l.Position().Y < end.Y-2 && l.Position().X < end.X {
					t.Fatalf("%q lies over the answer at %v", l.Text, b.Position())
				}
			}
		}
	})
}

// TestMomentsToCome are said as people say them, across months and years.
func TestMomentsToCome(t *testing.T) {
	i18n.Use(i18n.German)
	now := time.Date(2026, 12, 31, 15, 0, 0, 0, time.Local)
	for at, want := range map[time.Time]string{
		now.Add(2 * time.Hour): "heute, 17:00", now.Add(17 * time.Hour): "morgen, 08:00", now.Add(4 * 24 * time.Hour): "Mo, 04.01.2027, 15:00",
	} {
		if got := whenWords(at, now); got != want {
			t.Errorf("%s is %q, not %q", at, got, want)
		}
	}
}

// TestCallingBackTooLate is explained, and nothing opens.
func TestCallingBackTooLate(t *testing.T) {
	gone := errors.New("already sent")
	s := newScene(t, sample(), 1300, 800)
	s.page.cfg.Cancel = func(context.Context, int64) error { return gone }
	c := s.writing(s.page.Write)
	c.view.to.entry.SetText("j.weber@stadt.example")
	c.view.subject.SetText("x")
	c.send()
	if s.undo == nil {
		t.Fatal("nothing offers to call it back")
	}
	s.undo()
	if len(s.errs) != 1 || !errors.Is(s.errs[0], gone) || len(s.page.composes) != 0 {
		t.Fatalf("%v, %d editors", s.errs, len(s.page.composes))
	}
}

// TestSameTagsReadNothingAgain: a refresh that brings the same tags leaves reader and list alone.
func TestSameTagsReadNothingAgain(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	s.page.list.rows.SelectRow(0)
	gen := s.page.reader.gen
	s.page.retag(nil)
	s.page.retag(tagBook{})
	if s.page.reader.gen != gen {
		t.Error("the message was read again")
	}
	s.page.retag(tagBook{{Keyword: "x", Name: "Neu"}})
	if s.page.reader.gen == gen {
		t.Error("new names must show")
	}
}

// TestWritersWithoutIdentities are the accounts themselves.
func TestWritersWithoutIdentities(t *testing.T) {
	s := newScene(t, sample(), 1300, 800)
	list, err := s.page.writers(t.Context())
	if err != nil || len(list) != 2 || list[1].Address != "bauamt@stadt.example" || list[1].AccountID != 2 {
		t.Fatalf("%+v %v", list, err)
	}
	boom := errors.New("boom")
	s.page.cfg.Identities = func(_ context.Context, account int64) ([]mail.Identity, error) {
		if account == 2 {
			return nil, boom
		}
		return []mail.Identity{{AccountID: 1, Address: "a@b.example"}}, nil
	}
	s.page.Write()
	if len(s.errs) != 1 || !errors.Is(s.errs[0], boom) || len(s.page.composes) != 0 {
		t.Fatalf("%v", s.errs)
	}
}
