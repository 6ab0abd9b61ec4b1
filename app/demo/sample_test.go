// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	gomessage "github.com/emersion/go-message"
	"github.com/emersion/go-message/mail"
)

var someDay = time.Date(2026, 11, 23, 9, 58, 0, 0, time.UTC)

// census counts what a user has: mails by mailbox, unread, flagged, with attachments.
func census(t *testing.T, u *User) (boxes map[string]int, unread, flagged, attached int) {
	t.Helper()
	boxes = map[string]int{}
	for _, box := range u.Mailboxes() {
		for _, m := range u.Messages(box) {
			boxes[box]++
			if !slices.Contains(m.Flags, `\Seen`) {
				unread++
			}
			if slices.Contains(m.Flags, `\Flagged`) {
				flagged++
			}
			r, err := mail.CreateReader(bytes.NewReader(m.Raw))
			if err != nil {
				t.Fatalf("%s %d: %v", box, m.UID, err)
			}
			for {
				part, err := r.NextPart()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("%s %d: %v\n%s", box, m.UID, err, m.Raw)
				}
				if _, is := part.Header.(*mail.AttachmentHeader); is {
					attached++
				}
			}
		}
	}
	return boxes, unread, flagged, attached
}

func TestSampleHasWhatAPersonHas(t *testing.T) {
	w := start(t, Options{Now: someDay})
	u := w.User("brandt")
	boxes, unread, flagged, attached := census(t, u)
	total := 0
	for _, n := range boxes {
		total += n
	}
	if total < 180 || total > 230 || unread < 10 || flagged < 3 || attached < 20 {
		t.Errorf("%d mails (%v), %d unread, %d flagged, %d attachments", total, boxes, unread, flagged, attached)
	}
	for _, box := range []string{"INBOX", "Gesendet", "Entwürfe", "Archiv", "Papierkorb", "Bauanträge/2026", "Bauanträge/Rückfragen"} {
		if boxes[box] == 0 {
			t.Errorf("%s is empty", box)
		}
	}
	if files := u.Files(); len(files) != 60 || !slices.Contains(files, "/Bauamt/Lindenstraße 14/Lageplan.pdf") {
		t.Errorf("%d files: %v", len(files), files)
	}
	tasks := 0
	for slug := range u.TaskLists() {
		for name, text := range u.TaskTexts(slug) {
			tasks++
			if _, err := checkObject([]byte(text)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			for line := range strings.SplitSeq(text, "\r\n") {
				if len(line) > 75 {
					t.Errorf("%s has a long line: %q", name, line)
				}
			}
		}
	}
	if tasks != 40 || len(u.TaskLists()) != 4 {
		t.Errorf("%d tasks in %v", tasks, u.TaskLists())
	}
}

func TestSampleThreadsAndLinksHold(t *testing.T) {
	w := start(t, Options{Now: someDay})
	u := w.User("brandt")
	ids, references := map[string]bool{}, map[string]bool{}
	for _, box := range u.Mailboxes() {
		last := time.Time{}
		for _, m := range u.Messages(box) {
			e, err := gomessage.Read(bytes.NewReader(m.Raw))
			if err != nil {
				t.Fatal(err)
			}
			h := mail.Header{Header: e.Header}
			id, err := h.MessageID()
			if err != nil || id == "" || ids[id] {
				t.Errorf("Message-ID %q, %v", id, err)
			}
			ids[id] = true
			list, err := h.MsgIDList("References")
			if err != nil {
				t.Error(err)
			}
			for _, r := range list {
				references[r] = true
			}
			if sent, err := h.Date(); err != nil || !sent.Equal(m.Date) || sent.Before(last) || sent.After(someDay) {
				t.Errorf("%s %d: sent %v, stored %v, the one before %v, %v", box, m.UID, sent, m.Date, last, err)
			}
			last = m.Date
		}
	}
	for r := range references {
		if !ids[r] {
			t.Errorf("a reference to %s leads nowhere", r)
		}
	}
	links := 0
	for slug := range u.TaskLists() {
		for name, text := range u.TaskTexts(slug) {
			if _, after, found := strings.Cut(strings.ReplaceAll(text, "\r\n ", ""), ":mid:"); found {
				links++
				if id, _, _ := strings.Cut(after, "\r\n"); !ids[id] {
					t.Errorf("%s: mid:%s leads nowhere", name, id)
				}
			}
		}
	}
	if links < 8 || len(references) < 30 {
		t.Errorf("%d links, %d references", links, len(references))
	}
}

func TestSampleIsTheSameForTheSameSeed(t *testing.T) {
	all := func(o Options) map[string]string {
		w := start(t, o)
		got := map[string]string{}
		for _, u := range w.Users() {
			for _, box := range u.Mailboxes() {
				for _, m := range u.Messages(box) {
					got[u.Name+box+string(rune(m.UID))] = string(m.Raw)
				}
			}
			for _, f := range u.Files() {
				data, _ := u.File(f)
				got[u.Name+f] = string(data)
			}
			for slug := range u.TaskLists() {
				maps.Copy(got, u.TaskTexts(slug))
			}
		}
		return got
	}
	first := all(Options{Now: someDay, Seed: 7})
	if !maps.Equal(first, all(Options{Now: someDay, Seed: 7})) {
		t.Error("the same seed gave other data")
	}
	if maps.Equal(first, all(Options{Now: someDay, Seed: 8})) {
		t.Error("another seed gave the same data")
	}
}

func TestSampleDocumentsAreRealOnes(t *testing.T) {
	w := start(t, Options{Now: someDay})
	u := w.User("brandt")
	for name, magic := range map[string]string{
		"/Bauamt/Lindenstraße 14/Lageplan.pdf": "%PDF-1.4", "/Bauamt/Lindenstraße 14/Protokoll_0311.odt": "PK\x03\x04",
		"/Bauamt/Lindenstraße 14/Fotos/Gebäudeteil B 01.png": "\x89PNG",
	} {
		data, ok := u.File(name)
		if !ok || !bytes.HasPrefix(data, []byte(magic)) {
			t.Errorf("%s: %v, %q", name, ok, data[:min(8, len(data))])
		}
	}
	doc, _ := u.File("/Bauamt/Lindenstraße 14/Protokoll_0311.odt")
	if !bytes.Contains(doc[:80], []byte("mimetypeapplication/vnd.oasis.opendocument.text")) {
		t.Errorf("the type does not come first: %q", doc[:80])
	}
}

func TestSampleAroundTheTurnOfTheYear(t *testing.T) {
	w := start(t, Options{Now: time.Date(2027, 1, 1, 0, 5, 0, 0, time.UTC)})
	u := w.User("brandt")
	if boxes, _, _, _ := census(t, u); boxes["Bauanträge/2027"] == 0 {
		t.Errorf("boxes %v", boxes)
	}
}
