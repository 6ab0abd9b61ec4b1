// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app/search"
)

const linkHint = "+ Mail, Datei oder Webadresse"

// post lets messages be found.
func (d *desk) post(subjects ...string) {
	for n, subject := range subjects {
		d.findable = append(d.findable, search.Result{Kind: search.Mail, ID: int64(n + 1), Title: subject, Where: "Posteingang", Date: time.Now()})
	}
}

// offered are the lines below the field.
func (d *desk) offered() []string {
	var all []string
	if d.page.detail.picker.open() {
		for _, h := range d.page.detail.picker.rows {
			all = append(all, h.Title+h.web+h.note)
		}
	}
	return all
}

// TestAMailIsLinkedByKeyboard: what is typed is searched for; arrows choose, Enter takes, Escape keeps the words.
func TestAMailIsLinkedByKeyboard(t *testing.T) {
	d := open(t)
	d.post("Ortstermin am Hafen", "Ortstermin im Rathaus", "Anderes")
	d.choose(photos)
	d.Fill(linkHint, "Ortstermin")
	if d.offered() != nil {
		t.Fatal("it does not wait for the end of the word")
	}
	d.wait()
	got := d.offered()
	if len(got) != 2 || !slices.Contains(got, "Ortstermin am Hafen") {
		t.Fatalf("offers %q", got)
	}
	d.Key(fyne.KeyEscape)
	if d.offered() != nil || d.page.detail.link.Text != "Ortstermin" {
		t.Fatalf("Escape leaves %q in the field", d.page.detail.link.Text)
	}
	d.Key(fyne.KeyReturn) // asks again
	d.Key(fyne.KeyDown, fyne.KeyReturn)
	want := "mid:" + strings.ReplaceAll(got[1], " ", "%20")
	if all := linksOf(d.task(photos), d.page.cfg.IsFile); len(all) != 1 || all[0].uri != want || d.page.detail.link.Text != "" || d.offered() != nil {
		t.Fatalf("linked %+v, want %s; the field holds %q", all, want, d.page.detail.link.Text)
	}
	d.town.Undo(d.Scene)()
	d.Settle()
	if all := linksOf(d.task(photos), d.page.cfg.IsFile); len(all) != 0 {
		t.Fatalf("after undo there is %+v", all)
	}
	d.Fill(linkHint, "gibt es nicht")
	d.wait()
	d.MustSay("Keine Mail und keine Datei gefunden.")
	d.Key(fyne.KeyReturn)
	if d.page.detail.link.Text != "gibt es nicht" || len(linksOf(d.task(photos), d.page.cfg.IsFile)) != 0 {
		t.Fatal("words that name nothing are no link")
	}
	d.Fill(linkHint, "Ander")
	d.wait()
	d.Click("Anderes")
	if all := linksOf(d.task(photos), d.page.cfg.IsFile); len(all) != 1 || all[0].icon != "mail" {
		t.Fatalf("a click takes it: %+v", all)
	}
}

// TestAddressesAndWords: what can only be an address is not searched for; what may be one is offered as one.
func TestAddressesAndWords(t *testing.T) {
	for words, want := range map[string]string{
		"https://a.example/x": "https://a.example/x", "mid:1@a": "mid:1@a", "mailto:a@b": "mailto:a@b", "www.a.example": "https://www.a.example",
		"a.example/x": "https://a.example/x", "Bericht": "", "Bericht 1.2": "", "a@b.example": "", "Ende.": "", "Betreff: x": "Betreff: x", "": "",
	} {
		if got := asAddress(words); got != want {
			t.Errorf("%q: %q", words, got)
		}
	}
	d := open(t)
	d.choose(photos)
	d.Fill(linkHint, "https://a.example/x")
	d.wait()
	if d.offered() != nil || len(d.core.Calls("FindLinks")) != 0 {
		t.Error("searched for an address")
	}
	d.Fill(linkHint, "plan.example")
	d.wait()
	d.MustSay("Als Webadresse verknüpfen")
	d.Key(fyne.KeyReturn)
	if all := linksOf(d.task(photos), d.page.cfg.IsFile); len(all) != 1 || all[0].uri != "https://plan.example" {
		t.Errorf("%+v", all)
	}
}

// TestWhatIsFoundTooLate is not shown over another task, and what fails is said, with the words kept.
func TestWhatIsFoundTooLate(t *testing.T) {
	d := open(t)
	d.post("Ortstermin am Hafen")
	d.choose(photos)
	d.Fill(linkHint, "Ortstermin")
	d.Loop.Hold()
	d.wait()
	d.Window.Canvas().Focus(d.page.rows)
	d.Loop.Release()
	d.Settle()
	if d.offered() != nil {
		t.Error("it comes up though the person went on")
	}
	d.core.Fail("FindLinks", errDisk)
	d.Fill(linkHint, "Hafen")
	d.wait()
	if len(d.TakeErrors()) != 1 || d.offered() != nil || d.page.detail.link.Text != "Hafen" {
		t.Error("a search that fails")
	}
	d.core.Fail("FindLinks", nil)
	d.core.Fail("LinkTo", errDisk)
	d.Key(fyne.KeyReturn)
	d.Key(fyne.KeyReturn)
	if len(d.TakeErrors()) != 1 || len(linksOf(d.task(photos), d.page.cfg.IsFile)) != 0 || d.page.detail.link.Text != "Hafen" {
		t.Errorf("a mail that is gone; the field holds %q", d.page.detail.link.Text)
	}
	d.core.Fail("LinkTo", nil)
	d.Key(fyne.KeyReturn)
	d.choose(survey)
	if d.offered() != nil {
		t.Error("the offer stays over another task")
	}
}
