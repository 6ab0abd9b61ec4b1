// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSafeName(t *testing.T) {
	for name, want := range map[string]string{
		"Lageplan.pdf": "Lageplan.pdf", "../../etc/passwd": "passwd", `..\..\boot.ini`: "boot.ini", "a<b>:c?.txt": "a_b__c_.txt",
		"": "attachment", "..": "attachment", "/": "_",
	} {
		if got := safeName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	if got := safeName("CON"); got == "CON" {
		t.Error("a name that Windows takes for a device")
	}
	rapid.Check(t, func(r *rapid.T) {
		got := safeName(rapid.String().Draw(r, "name"))
		if got == "" || got == "." || got == ".." || strings.ContainsAny(got, "/\\\x00\n") {
			r.Fatalf("%q", got)
		}
	})
}

func TestNothingIsWrittenOver(t *testing.T) {
	dir := t.TempDir()
	for _, content := range []string{"eins", "zwei", "drei"} {
		if err := writeNew(dir, "Plan.pdf", []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"Plan.pdf": "eins", "Plan (2).pdf": "zwei", "Plan (3).pdf": "drei"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
