// SPDX-License-Identifier: EUPL-1.2

package corpus

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"net/mail"
	"strings"
	"testing"
)

func sum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil))[:16] }

// TestCorporaStayTheSame fails when a generator changes: then older tables in the README are no longer comparable.
func TestCorporaStayTheSame(t *testing.T) {
	t.Parallel()
	h := sha256.New()
	folders, n, total := map[string]bool{}, 0, 0
	for m := range Mails(Small) {
		h.Write([]byte(m.Folder + m.Name))
		h.Write(m.Data)
		folders[m.Folder] = true
		n++
		total += len(m.Data)
	}
	if n != Small.Mails || len(folders) != Small.MailFolders {
		t.Errorf("%d mails in %d folders", n, len(folders))
	}
	if mean := total / n; mean < 23000 || mean > 30000 {
		t.Errorf("mails have %d octets on average, 26,000 were meant", mean)
	}
	if got, want := sum(h), "d6c9c78c8fe4b709"; got != want {
		t.Errorf("mails: %s, want %s", got, want)
	}
	h, n = sha256.New(), 0
	var octets int64
	for f := range Files(Small) {
		h.Write([]byte(f.Path))
		h.Write(f.Data)
		octets += int64(len(f.Data))
		n++
	}
	if n != Small.Files || octets < Small.FileBytes*9/10 || octets > Small.FileBytes*11/10 {
		t.Errorf("%d files with %d octets, %d with %d were meant", n, octets, Small.Files, Small.FileBytes)
	}
	if got, want := sum(h), "4a74327cbe5a31d6"; got != want {
		t.Errorf("files: %s, want %s", got, want)
	}
	h, n = sha256.New(), 0
	for task := range Tasks(Small) {
		h.Write([]byte(task.List + task.UID + task.Text))
		n++
	}
	if n != Small.Tasks {
		t.Errorf("%d tasks", n)
	}
	if got, want := sum(h), "68e2cddabb0789de"; got != want {
		t.Errorf("tasks: %s, want %s", got, want)
	}
}

func TestMailsAreValid(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for m := range Mails(Size{Mails: 200, MailFolders: 3}) {
		msg, err := mail.ReadMessage(strings.NewReader(string(m.Data)))
		if err != nil {
			t.Fatal(err)
		}
		id := msg.Header.Get("Message-ID")
		if id == "" || seen[id] {
			t.Errorf("Message-ID %q is empty or not unique", id)
		}
		seen[id] = true
		if at, err := msg.Header.Date(); err != nil || !at.Equal(m.Time) {
			t.Errorf("date %v, want %v (%v)", at, m.Time, err)
		}
	}
}

func TestTasksAreFolded(t *testing.T) {
	t.Parallel()
	for task := range Tasks(Size{Tasks: 300, TaskLists: 2}) {
		if !strings.HasSuffix(task.Text, "END:VCALENDAR\r\n") || strings.ToValidUTF8(task.Text, "") != task.Text {
			t.Fatalf("broken: %q", task.Text)
		}
		for line := range strings.SplitSeq(task.Text, "\r\n") {
			if len(line) > 75 {
				t.Fatalf("%d octets in a line", len(line))
			}
		}
	}
}
