// SPDX-License-Identifier: EUPL-1.2

//go:build unix

package davfiles

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"kontor/sync/servertest"
)

// What is no file or folder is not followed, not read and not sent.
func TestCase61SpecialFiles(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "a=a")
	outside := filepath.Join(t.TempDir(), "geheim")
	c.must(os.WriteFile(outside, []byte("geheim"), 0o600))
	c.must(os.Symlink(outside, c.path("verweis")))
	c.must(os.Symlink(filepath.Dir(outside), c.path("ordner")))
	c.must(syscall.Mkfifo(c.path("rohr"), 0o600))
	c.sync()
	c.same("server", tree(t, s.Root), map[string]string{"a": "a"})
	// A link in the place of a known file must not lead out of the root either.
	c.remove("a")
	c.must(os.Symlink(outside, c.path("a")))
	on(t, s, "a=neue Fassung vom Server")
	c.sync()
	if b, err := os.ReadFile(outside); err != nil || string(b) != "geheim" {
		t.Errorf("a file outside of the root was written: %q %v", b, err)
	}
}

// Case 54: names that are not UTF-8 stay here.
func TestCase54InvalidNames(t *testing.T) {
	s := servertest.Apache(t)
	c := settled(t, s, "a=a")
	c.must(os.WriteFile(filepath.Join(c.root, "kaputt\xff.txt"), []byte("x"), 0o600))
	c.sync()
	c.same("server", tree(t, s.Root), map[string]string{"a": "a"})
	c.quiet()
}

// A folder that cannot be read is not an empty one.
func TestUnreadableFolderIsNotEmpty(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root reads everything")
	}
	s := servertest.Apache(t)
	c := settled(t, s, "a=a", "d/b=b", "d/e/c=c")
	whole := tree(t, s.Root)
	c.must(os.Chmod(c.path("d"), 0))
	c.sync()
	c.same("server", tree(t, s.Root), whole)
	c.must(os.Chmod(c.path("d"), 0o755))
	c.sync()
	c.quiet()
}
