// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"kontor/app/mail"
)

// TestWhatIsPassedOverIsKept: answers that were not understood are counted over restarts, and a folder that the server does
// not open is named until it does; what is in the others comes all the same. A pull that finds no server says nothing new.
func TestWhatIsPassedOverIsKept(t *testing.T) {
	t.Parallel()
	header := literal("Subject: Eins\r\nMessage-ID: <1@x>\r\n\r\n")
	headers := "* 1 FETCH (UID 10 FLAGS () RFC822.SIZE 5 BODY[HEADER] " + header + ")\r\n"
	inbox := oneFolder(1, headers, "* 1 FETCH (UID 10 BODY[] "+header+")\r\n")
	var well, dead atomic.Bool // connections may still be answered while the next one begins
	w, db, ctx := scriptedWorker(t, scripted(t, hello, func(command string) (string, string) {
		switch {
		case dead.Load():
			return "", "NO [UNAVAILABLE] later"
		case strings.HasPrefix(command, "LIST"):
			odd := "* 7 FETCH ((((\r\n"
			if well.Load() {
				odd = ""
			}
			return odd + "* LIST () \"/\" INBOX\r\n* LIST () \"/\" Akten\r\n", ""
		case strings.HasPrefix(command, "STATUS Akten"), strings.HasPrefix(command, `STATUS "Akten`):
			return "* STATUS Akten (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 8)\r\n", ""
		case strings.HasPrefix(command, "EXAMINE") && strings.Contains(command, "Akten"):
			if !well.Load() {
				return "", "NO [SERVERBUG] index is broken"
			}
			return "* 0 EXISTS\r\n* OK [UIDVALIDITY 8] x\r\n* OK [UIDNEXT 1] x\r\n", ""
		}
		return inbox(command)
	}))
	kept := func() Skipped {
		t.Helper()
		value, err := db.Setting(ctx, SkippedSetting(w.account), "")
		if err != nil {
			t.Fatal(err)
		}
		return ReadSkipped(value)
	}
	if err := w.Pull(ctx); err != nil {
		t.Fatal(err)
	}
	files, err := db.FolderByName(ctx, 1, "Akten")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := db.MailCount(ctx, mail.Query{Role: mail.RoleInbox}); err != nil || n != 1 {
		t.Errorf("%d messages in the inbox, %v", n, err)
	}
	first := kept()
	if first.Answers == 0 || first.Last.IsZero() || !slices.Equal(first.Folders, []int64{files.ID}) {
		t.Errorf("%+v", first)
	}
	for _, step := range []struct {
		what    string
		do      func()
		more    bool // answers than before
		folders int
		failing bool
	}{
		{"another start", func() { _ = w.Close(); w = New(w.cfg) }, true, 1, false},
		{"no server", func() { _ = w.Close(); w = New(w.cfg); dead.Store(true) }, false, 1, true},
		{"all is well", func() { dead.Store(false); well.Store(true) }, false, 0, false},
	} {
		step.do()
		before := kept()
		if err := w.Pull(ctx); (err != nil) != step.failing {
			t.Errorf("%s: %v", step.what, err)
		}
		now := kept()
		if (now.Answers > before.Answers) != step.more || len(now.Folders) != step.folders {
			t.Errorf("%s: %+v after %+v", step.what, now, before)
		}
	}
	if s := fmt.Sprintf("%+v", ReadSkipped("nonsense")); s != fmt.Sprintf("%+v", Skipped{}) {
		t.Error(s)
	}
}
