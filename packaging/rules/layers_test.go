// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Who may import something: code and tests, only tests, nobody.
const (
	yes      = ""
	testOnly = "test"
	no       = "no"
)

var imports = []struct{ from, to, want string }{
	{"app/mail", "strings", yes},
	{"app/mail", "net/mail", yes},
	{"app/mail", "net/url", yes},
	{"app/mail", "net/netip", yes},
	{"app/mail", "net", testOnly},
	{"app/mail", "net/http", testOnly},
	{"app/mail", "net/http/httptest", testOnly},
	{"app/mail", "os", testOnly},
	{"app/mail", "os/exec", testOnly},
	{"app/mail", "database/sql", testOnly},
	{"app/mail", "database/sql/driver", testOnly},
	{"app/mail", "github.com/emersion/go-imap/v2", testOnly},
	{"app/mail", "github.com/emersionx/else", yes}, // begins alike, is another
	{"app/mail/sub", "syscall", testOnly},
	{"sync/ical", "os", testOnly},
	{"sync/reconcile", "golang.org/x/sys/unix", testOnly},
	{"assets", "os", yes},
	{"storage", "os", yes},

	{"app/mail", "kontor/app/files", no},
	{"app/mail", "kontor/app/mail/sub", yes},
	{"app/mail/sub", "kontor/app/mail", yes},
	{"app/mail", "kontor/app/mailbox", no}, // begins alike, is of a higher layer
	{"app/tasks", "kontor/sync/ical", yes},
	{"app/mail", "kontor/sync/ical", no},
	{"sync/ical", "kontor/app/tasks", no},
	{"sync/reconcile", "kontor/app/files", yes},
	{"sync/reconcile", "kontor/sync/ical", no},
	{"app/files", "kontor/app/live", yes},

	{"storage", "kontor/app/mail", yes},
	{"storage", "kontor/sync/reconcile", yes},
	{"storage", "kontor/sync/transport", no},
	{"storage", "kontor/app", no},
	{"storage", "kontor/app/i18n", no},

	{"sync/imapsync", "kontor/storage", yes},
	{"sync/imapsync", "kontor/sync/transport", yes},
	{"sync/imapsync", "kontor/sync/engine", yes},
	{"sync/imapsync", "kontor/sync/mimemsg", yes},
	{"sync/imapsync", "kontor/sync/dav", no},
	{"sync/davfiles", "kontor/sync/dav", yes},
	{"sync/caltasks", "kontor/sync/davfiles", no},
	{"sync/imapsync", "kontor/app/i18n", no},
	{"sync/imapsync", "kontor/sync/servertest", testOnly},
	{"sync/servertest", "kontor/sync/davfiles", testOnly},
	{"sync/imapsync", "kontor/sync", no},

	{"app", "kontor/sync/imapsync", yes},
	{"app", "kontor/app/ui/kit", no},
	{"app", "kontor/cmd/kontor", no},
	{"app/demo", "kontor/app/accounts", yes},
	{"app/demo", "kontor/app/ui", no},
	{"app/i18n", "kontor/storage", yes},

	{"app/ui/kit", "fyne.io/fyne/v2/widget", yes},
	{"app/ui", "kontor/app", yes},
	{"app/ui", "kontor/app/ui/uitest", testOnly},
	{"cmd/kontor", "fyne.io/fyne/v2", yes},
	{"cmd/kontor", "kontor/app/ui", yes},
	{"cmd/kontorctl", "kontor/app/ui", no},
	{"cmd/kontorctl", "fyne.io/fyne/v2", no},
	{"cmd/kontorctl", "kontor/app", yes},
	{"bench", "kontor/sync/servertest", yes},
	{"bench/x", "kontor/cmd/kontor", no},
	{"app", "kontor", no},
}

// TestWhoMayKnowWhom asks about single imports, allowed and not, of code and of tests.
func TestWhoMayKnowWhom(t *testing.T) {
	for _, c := range imports {
		for _, test := range []bool{false, true} {
			got := Forbidden(c.from, c.to, test)
			allowed := c.want == yes || (c.want == testOnly && test)
			if (got == "") != allowed {
				t.Errorf("%s imports %s, test %v: %q, want %q", c.from, c.to, test, got, c.want)
			}
		}
	}
}

// TestRulesKnowTheTree: the packages that the rules name exist. One that was renamed would silently obey no rule.
func TestRulesKnowTheTree(t *testing.T) {
	var named []string
	named = append(append(named, domains...), shared...)
	for from, to := range friends {
		named = append(append(named, from), to...)
	}
	for _, dir := range named {
		if dir == "app/htmlmail" {
			continue // its rules stood before it did
		}
		if info, err := os.Stat(filepath.Join("../..", filepath.FromSlash(dir))); err != nil || !info.IsDir() {
			t.Errorf("%s is named by a rule and is not there: %v", dir, err)
		}
	}
	if layerOf("app/mail") != domain || layerOf("app/mailer") != useCase || layerOf("storage/x") != store || layerOf("packaging/rules") != program {
		t.Error("layers are told by the beginning of a name, not of a path")
	}
}

// TestEveryGoFileIsLookedAt: the check sees each file that the compiler does, on every system.
func TestEveryGoFileIsLookedAt(t *testing.T) {
	root := t.TempDir()
	want := []string{"a/a.go", "a/a_test.go", "a/b_windows.go", "a/b_linux_test.go", "build.go", "deep/er/still/c.go", "x/dist/d.go", "x/y.sql", "x/z.sh", ".ci/run.sh"}
	skip := []string{".git/a.go", "build/a.go", "dist/a.go", "testdata/a.go", "a/testdata/b/a.go", "bench/out/a.go", "bench/work/a.sql", "a/readme.md", "a/go.mod"}
	for _, name := range slices.Concat(want, skip) {
		at := filepath.Join(root, filepath.FromSlash(name))
		text := "package x\n\nfunc f() {\n" + strings.Repeat("\tprintln()\n", 80) + "}\n"
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	found, err := Check(root)
	if err != nil {
		t.Fatal(err)
	}
	licence, long := map[string]bool{}, map[string]bool{}
	for _, v := range found {
		licence[v.File] = licence[v.File] || (v.Line == 1 && strings.Contains(v.Text, "first line"))
		long[v.File] = long[v.File] || (v.Line == 3 && strings.Contains(v.Text, "82 lines"))
	}
	for _, name := range want {
		if !licence[name] || long[name] != strings.HasSuffix(name, ".go") {
			t.Errorf("%s was not looked at: %v", name, found)
		}
	}
	for _, name := range skip {
		if licence[name] || long[name] {
			t.Errorf("%s is none of ours", name)
		}
	}
}

// TestWhatCannotBeReadIsAnError: a tree that is not there, or that does not parse, does not count as clean.
func TestWhatCannotBeReadIsAnError(t *testing.T) {
	if _, err := Check(filepath.Join(t.TempDir(), "fehlt")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	root := plantedTree(t, "app/mail/b.go", head+"package mail\n\nfunc (\n")
	if _, err := Check(root); err == nil {
		t.Error("a file that does not parse was let through")
	}
	found, err := Check(plantedTree(t, "app/mail/b.go", "// "+Licence+"\r\n\r\npackage mail\r\n"))
	if err != nil || len(found) != 0 {
		t.Errorf("line ends of Windows: %v, %v", found, err)
	}
}
