// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kontor/app/mail"
)

// boxServer plays a server with an INBOX and folders of others. said notes every command.
type boxServer struct {
	mu     sync.Mutex
	said   []string
	answer map[string]string // untagged lines by the beginning of a command
	refuse string            // what such a command begins with is answered by NO
}

func (s *boxServer) script(command string) (string, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said = append(s.said, command)
	if s.refuse != "" && strings.HasPrefix(command, s.refuse) {
		return "", "NO not for you"
	}
	best := ""
	for begin := range s.answer {
		if strings.HasPrefix(command, begin) && len(begin) > len(best) {
			best = begin
		}
	}
	if best != "" {
		return s.answer[best], ""
	}
	if name, ok := strings.CutPrefix(command, "STATUS "); ok {
		name, _, _ = strings.Cut(name, " (")
		return "* STATUS " + name + " (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 7)\r\n", ""
	}
	return "", ""
}

// times counts the commands that begin so.
func (s *boxServer) times(begin string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, command := range s.said {
		if strings.HasPrefix(command, begin) {
			n++
		}
	}
	return n
}

const (
	inboxLine = `* LIST () "/" INBOX` + "\r\n"
	bauLine   = `* LIST () "/" "~bau/B&APw-ro"` + "\r\n"
	spaces    = `* NAMESPACE (("" "/")) (("~" "/" "X-PARAM" ("A" "B"))) NIL` + "\r\n"
)

// at starts the server, with capabilities, and gives its address.
func (s *boxServer) at(t *testing.T, caps string) string {
	t.Helper()
	s.answer["CAPABILITY"] = "* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR " + caps + "\r\n"
	return scripted(t, hello, s.script)
}

func TestServersTellOfOthersInManyWays(t *testing.T) {
	for name, c := range map[string]struct {
		caps   string
		answer map[string]string
		refuse string
		want   string // space, owner, name and rights of what is not INBOX
	}{
		"in the list": {
			"NAMESPACE ACL RIGHTS=texk",
			map[string]string{"NAMESPACE": spaces, "LIST": inboxLine + bauLine, "MYRIGHTS": `* MYRIGHTS "~bau/B&APw-ro" lrc` + "\r\n"},
			"",
			"users bau ~bau/Büro lr",
		},
		"only if asked for": {
			"NAMESPACE",
			map[string]string{"NAMESPACE": spaces, `LIST "" "*"`: inboxLine, `LIST "" "~*"`: bauLine},
			"",
			"users bau ~bau/Büro ",
		},
		"with the rights of 1997": {
			"NAMESPACE ACL",
			map[string]string{"NAMESPACE": spaces, "LIST": inboxLine + bauLine, "MYRIGHTS": `* MYRIGHTS "~bau/B&APw-ro" lrid` + "\r\n"},
			"",
			"users bau ~bau/Büro lritex",
		},
		"with rights in the list": {
			"NAMESPACE ACL RIGHTS=texk LIST-EXTENDED LIST-STATUS LIST-MYRIGHTS",
			map[string]string{"NAMESPACE": spaces, "LIST": inboxLine + "* MYRIGHTS INBOX lrswipkxtea\r\n" + bauLine + `* MYRIGHTS "~bau/B&APw-ro" lrs` + "\r\n"},
			"MYRIGHTS",
			"users bau ~bau/Büro lrs",
		},
		"without rights":     {"NAMESPACE ACL", map[string]string{"NAMESPACE": spaces, "LIST": inboxLine + bauLine}, "MYRIGHTS", "users bau ~bau/Büro "},
		"without namespaces": {"", map[string]string{"LIST": inboxLine + bauLine}, "", "  ~bau/Büro "},
		"refusing to tell":   {"NAMESPACE QUOTA", map[string]string{"LIST": inboxLine + bauLine}, "NAMESPACE", "  ~bau/Büro "},
		"saying nothing sensible": {"NAMESPACE ACL QUOTA", map[string]string{
			"NAMESPACE": "* NAMESPACE ((\"\" \"/\") (\r\n", "GETQUOTAROOT": "* QUOTA x (STORAGE many)\r\n", "LIST": inboxLine + bauLine, "MYRIGHTS": "* MYRIGHTS\r\n",
		}, "", "  ~bau/Büro "},
	} {
		t.Run(name, func(t *testing.T) {
			s := &boxServer{answer: c.answer, refuse: c.refuse}
			w, db, ctx := scriptedWorker(t, s.at(t, c.caps))
			for range 2 {
				if err := w.Pull(ctx); err != nil {
					t.Fatal(err)
				}
				all, err := db.SyncFolders(ctx, w.account)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, f := range all {
					if f.Name != "INBOX" {
						got = append(got, fmt.Sprintf("%s %s %s %s", f.Space, f.Owner, f.Name, f.Rights))
					}
				}
				if !slices.Equal(got, []string{c.want}) {
					t.Errorf("got %q, want %q", got, c.want)
				}
			}
		})
	}
}

// TestRightsAreAskedForOnce: as long as they are fresh, and again after the server has refused something.
func TestRightsAreAskedForOnce(t *testing.T) {
	s := &boxServer{answer: map[string]string{"NAMESPACE": spaces, "LIST": inboxLine + bauLine, "MYRIGHTS": `* MYRIGHTS "~bau/B&APw-ro" lr` + "\r\n"}}
	w, _, ctx := scriptedWorker(t, s.at(t, "NAMESPACE ACL"))
	asked := func() int {
		if err := w.Pull(ctx); err != nil {
			t.Fatal(err)
		}
		return s.times("MYRIGHTS")
	}
	if n := []int{asked(), asked()}; !slices.Equal(n, []int{1, 1}) {
		t.Errorf("asked %d times", n)
	}
	w.doubtRights(fmt.Errorf("move: %w", &respError{status: "NO", code: "NOPERM"}))
	if n := asked(); n != 2 {
		t.Errorf("after a refusal: asked %d times", n)
	}
	w.doubtRights(errors.New("something else"))
	w.mu.Lock()
	w.rights.at = w.rights.at.Add(-rightsAge + time.Minute)
	w.mu.Unlock()
	if n := asked(); n != 2 {
		t.Errorf("without a reason: asked %d times", n)
	}
}

// TestAnEmptyNamespaceIsAskedForOnce on one connection; one that had folders is asked for each time, or they would seem to
// be gone.
func TestAnEmptyNamespaceIsAskedForOnce(t *testing.T) {
	for hidden, want := range map[string]int{"": 1, bauLine: 3} {
		s := &boxServer{answer: map[string]string{"NAMESPACE": spaces, `LIST "" "*"`: inboxLine, `LIST "" "~*"`: hidden}}
		w, db, ctx := scriptedWorker(t, s.at(t, "NAMESPACE"))
		for range 3 {
			if err := w.Pull(ctx); err != nil {
				t.Fatal(err)
			}
		}
		folders, err := db.Folders(ctx, w.account)
		if n := s.times(`LIST "" "~*"`); n != want || err != nil || len(folders) != want/2+1 {
			t.Errorf("asked %d times, %d folders, %v", n, len(folders), err)
		}
	}
}

func TestQuotaAnswers(t *testing.T) {
	for line, want := range map[string]string{
		`* QUOTA "" (STORAGE 10 512 MESSAGE 3 9)`:    "STORAGE 10/512 MESSAGE 3/9",
		`* QUOTA "#user/x" (storage 10 512)`:         "STORAGE 10/512",
		`* QUOTA x ()`:                               "",
		`* QUOTA x (STORAGE 99999999999999999999 1)`: "",
	} {
		s := &boxServer{answer: map[string]string{"LIST": inboxLine, "GETQUOTAROOT": "* QUOTAROOT INBOX x\r\n" + line + "\r\n"}}
		w, db, ctx := scriptedWorker(t, s.at(t, "QUOTA"))
		if err := w.Pull(ctx); err != nil {
			t.Fatal(err)
		}
		list, err := db.Quotas(ctx, w.account)
		var words []string
		for _, q := range list {
			words = append(words, fmt.Sprintf("%s %d/%d", q.Resource, q.Used, q.Limit))
		}
		if got := strings.Join(words, " "); got != want || err != nil {
			t.Errorf("%s: %q, %v", line, got, err)
		}
	}
}

func TestCausesOfRefusals(t *testing.T) {
	for want, list := range map[string][]respError{
		"mail.no-permission": {{code: "NOPERM", text: "x"}},
		"mail.over-quota":    {{code: "OVERQUOTA"}, {text: "Quota exceeded (mailbox for user is full)"}, {text: "Over quota"}},
		"mail.no-folder":     {{code: "NONEXISTENT"}, {code: "TRYCREATE"}, {text: "Mailbox doesn't exist: x"}, {text: "Unknown mailbox: x"}},
		"server":             {{text: "no"}, {code: "ALREADYEXISTS", text: "Mailbox already exists"}, {code: "LIMIT", text: "quota of folders"}},
	} {
		for _, e := range list {
			if got := e.Code(); got != want {
				t.Errorf("[%s] %s: %s, want %s", e.code, e.text, got, want)
			}
		}
	}
}

func TestAServerWithoutRightsSaysSo(t *testing.T) {
	s := &boxServer{answer: map[string]string{"LIST": inboxLine}}
	w, db, ctx := scriptedWorker(t, s.at(t, ""))
	if err := w.Pull(ctx); err != nil {
		t.Fatal(err)
	}
	inbox, err := db.FolderByRole(ctx, w.account, mail.RoleInbox)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.AskRights(ctx, inbox.ID); !errors.Is(err, ErrNoRights) {
		t.Error(err)
	}
}
