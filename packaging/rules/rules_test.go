// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTree is the rule itself: the whole tree of Kontor.
func TestTree(t *testing.T) {
	found, err := Check("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Error(v)
	}
}

const head = "// " + Licence + "\n\n"

// TestPlantedViolations plants one violation at a time into a small tree and expects to be told of it.
func TestPlantedViolations(t *testing.T) {
	long := "package mail\n\nfunc long() {\n" + strings.Repeat("\tprintln()\n", MaxFunctionLines) + "}\n"
	for name, plant := range map[string]struct{ file, text, want string }{
		"none":               {"app/mail/b.go", head + "package mail\n", ""},
		"domain to storage":  {"app/mail/b.go", head + "package mail\n\nimport _ \"kontor/storage\"\n", "app/mail/b.go:5: imports kontor/storage: a package of domain must not know storage"},
		"domain to disk":     {"app/files/b.go", head + "// Package files is x.\npackage files\n\nimport _ \"os\"\n", "app/files/b.go:6: imports os: the domain does no I/O"},
		"storage to sync":    {"storage/b.go", head + "package storage\n\nimport _ \"kontor/sync/imapsync\"\n", "a package of storage must not know sync"},
		"sync to app":        {"sync/imapsync/b.go", head + "package imapsync\n\nimport _ \"kontor/app\"\n", "a package of sync must not know app"},
		"app to window":      {"app/b.go", head + "// Package app is x.\npackage app\n\nimport _ \"kontor/app/ui\"\n", "a package of app must not know app/ui"},
		"toolkit below":      {"app/b.go", head + "// Package app is x.\npackage app\n\nimport _ \"fyne.io/fyne/v2/widget\"\n", "only app/ui and cmd/kontor know the toolkit"},
		"toolkit in test":    {"app/b_test.go", head + "package app\n\nimport _ \"fyne.io/fyne/v2/test\"\n", "only app/ui and cmd/kontor know the toolkit"},
		"toolkit in command": {"cmd/kontorctl/b.go", head + "// Command kontorctl is x.\npackage main\n\nimport _ \"fyne.io/fyne/v2\"\n", "only app/ui and cmd/kontor know the toolkit"},
		"two protocols":      {"sync/imapsync/b.go", head + "package imapsync\n\nimport _ \"kontor/sync/davfiles\"\n", "protocols do not know each other"},
		"test servers":       {"app/b.go", head + "// Package app is x.\npackage app\n\nimport _ \"kontor/sync/servertest\"\n", "it is for tests and benchmarks only"},
		"html over the net":  {"app/htmlmail/b.go", head + "// Package htmlmail is x.\npackage htmlmail\n\nimport _ \"net/http\"\n", "the domain does no I/O"},
		"html and programs":  {"app/htmlmail/b.go", head + "// Package htmlmail is x.\npackage htmlmail\n\nimport _ \"os/exec\"\n", "the domain does no I/O"},
		"no licence":         {"app/mail/b.go", "package mail\n", "app/mail/b.go:1: the first line is not"},
		"no licence in SQL":  {"storage/migrations/1.sql", "SELECT 1;\n", "storage/migrations/1.sql:1: the first line is not"},
		"no package comment": {"app/live/b.go", head + "package live\n", "app/live: the package has no comment"},
		"long function":      {"app/mail/b.go", head + long, "app/mail/b.go:5: long has 82 lines"},
		"long file":          {"app/mail/b.go", head + "package mail\n" + strings.Repeat("\n", MaxFileLines), "app/mail/b.go: 603 lines"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := Check(plantedTree(t, plant.file, plant.text))
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case plant.want == "" && len(found) > 0:
				t.Errorf("found %v in a clean tree", found)
			case plant.want != "" && (len(found) != 1 || !strings.Contains(found[0].String(), plant.want)):
				t.Errorf("found %v, want %q", found, plant.want)
			}
		})
	}
}

// plantedTree is a tree that obeys the rules, and one file more.
func plantedTree(t *testing.T, file, text string) string {
	t.Helper()
	root := t.TempDir()
	for name, data := range map[string]string{
		"app/mail/a.go":           head + "// Package mail is x.\npackage mail\n\nimport (\n\t_ \"net/mail\"\n\n\t_ \"kontor/app/journal\"\n)\n",
		"app/mail/a_test.go":      head + "package mail\n\nimport _ \"os\"\n",
		"storage/a.go":            head + "// Package storage is x.\npackage storage\n\nimport _ \"kontor/app/mail\"\n",
		"sync/imapsync/a.go":      head + "// Package imapsync is x.\npackage imapsync\n\nimport (\n\t_ \"kontor/storage\"\n\t_ \"kontor/sync/mimemsg\"\n\t_ \"kontor/sync/transport\"\n)\n",
		"sync/imapsync/a_test.go": head + "package imapsync\n\nimport _ \"kontor/sync/servertest\"\n",
		"app/ui/a.go":             head + "// Package ui is x.\npackage ui\n\nimport _ \"fyne.io/fyne/v2\"\n",
		"packaging/x.sh":          "#!/bin/sh\n# " + Licence + "\n",
		"app/mail/testdata/x.go":  "not Go at all",
		file:                      text,
	} {
		at := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}
