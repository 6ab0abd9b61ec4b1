// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kontor/sync/servertest"
)

// shelf is an office with files on a server behind a proxy.
type shelf struct {
	*office
	server *servertest.DAVServer
	proxy  *servertest.ProxyServer
	root   string // of the copies here
}

func shelfAt(t testing.TB, server *servertest.DAVServer) *shelf {
	t.Helper()
	return &shelf{office: newOffice(t), server: server, proxy: servertest.Proxy(t, server.Addr)}
}

// setUp adds the account and keeps everything offline.
func (s *shelf) setUp(more ...string) {
	s.t.Helper()
	s.do(append([]string{
		"account", "add", "amt", "--email", "anna@stadt.example", "--user", s.server.User, "--password-env", "PW",
		"--files", "https://" + s.proxy.Addr + "/", "--ca", s.server.Certs.CAFile, "--display-name", "Anna Amt",
	}, more...)...)
	s.root = get[map[string]string](s.office, "files", "root")["root"]
	s.do("files", "pin", "/")
}

// put writes a file on the server, old enough for an ETag that can be relied on.
func (s *shelf) put(name, text string) {
	s.t.Helper()
	if err := s.server.Write(name, []byte(text)); err != nil {
		s.t.Fatal(err)
	}
	if err := s.server.Age(name, time.Hour); err != nil {
		s.t.Fatal(err)
	}
}

// edit writes a file again on the server, as another program does now.
func (s *shelf) edit(name, text string) {
	s.t.Helper()
	if err := s.server.Write(name, []byte(text)); err != nil {
		s.t.Fatal(err)
	}
	if err := s.server.Age(name, time.Minute); err != nil {
		s.t.Fatal(err)
	}
}

// save writes a file in the folder here, as an editor does.
func (s *shelf) save(name, text string) {
	s.t.Helper()
	path := filepath.Join(s.root, filepath.FromSlash(name))
	s.must(os.MkdirAll(filepath.Dir(path), 0o755))
	s.must(os.WriteFile(path, []byte(text), 0o600))
	old := time.Now().Add(-10 * time.Second) // it is not being written just now
	s.must(os.Chtimes(path, old, old))
}

func (s *shelf) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// tree is one line for each entry below a folder: its path and its octets.
func tree(t testing.TB, root string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name, relErr := filepath.Rel(root, path)
		switch {
		case err != nil || relErr != nil || name == ".":
			return err
		case strings.HasPrefix(d.Name(), ".kontor") || d.Name() == ".DAV":
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			all = append(all, line(name, "folder"))
			return nil
		}
		data, err := os.ReadFile(path)
		all = append(all, line(name, len(data), fmt.Sprintf("%x", sha256.Sum256(data))[:16]))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// same compares the folder here, what Kontor says of it, and the server.
func (s *shelf) same() {
	s.t.Helper()
	here := tree(s.t, s.root)
	differ(s.t, "files", here, tree(s.t, s.server.Root))
	var known, onDisk []string
	for _, f := range get[[]fileJSON](s.office, "files", "status", "/") {
		known = append(known, f.Path)
		if f.State != "offline" && f.State != "conflict" {
			s.t.Errorf("%s is %s", f.Path, f.State)
		}
	}
	for _, l := range here {
		name, _, _ := strings.Cut(l, " | ")
		onDisk = append(onDisk, filepath.ToSlash(name))
	}
	differ(s.t, "known files", known, onDisk)
	s.healthy()
}

// holds checks the text of a file on the server.
func (s *shelf) holds(name, text string) {
	s.t.Helper()
	if data, err := os.ReadFile(s.server.Path(name)); err != nil || string(data) != text {
		s.t.Errorf("%s: %.60q, %v; want %q", name, data, err, text)
	}
}

// copyOf finds the conflict copy of a file on the server.
func (s *shelf) copyOf(name string) string {
	s.t.Helper()
	ext := filepath.Ext(name)
	found, err := filepath.Glob(s.server.Path(strings.TrimSuffix(name, ext) + " (*)" + ext))
	if err != nil || len(found) != 1 {
		s.t.Fatalf("conflict copies of %s: %v, %v", name, found, err)
	}
	rel, err := filepath.Rel(s.server.Root, found[0])
	s.must(err)
	return filepath.ToSlash(rel)
}

// stock is what lies on the server at the beginning.
func (s *shelf) stock() {
	s.t.Helper()
	for name, text := range map[string]string{
		"Bauamt/Plan.odt": "Plan 1", "Bauamt/Liste.csv": "a;b\n1;2\n", "Bauamt/Bericht.odt": "Bericht 1", "Bauamt/Vermerk.odt": "Vermerk 1",
		"Notiz.txt": "Notiz 1", "Grüße & Co/äöü %20#?.txt": "Grüße", "Groß.bin": strings.Repeat("0123456789abcdef", 20000),
		"Alt/a.txt": "a", "Alt/b.txt": "b", "Alt/c.txt": "c", "Alt/d.txt": "d", "leer.txt": "", "Alt/e.txt": "e", "Alt/f.txt": "f", "Alt/g.txt": "g",
	} {
		s.put(name, text)
	}
	s.must(s.server.Mkdir("Leerer Ordner"))
}

func TestFilesOfflineAndBack(t *testing.T) {
	t.Parallel()
	s := shelfAt(t, servertest.Apache(t, servertest.Options{TLS: true}))
	s.stock()
	s.setUp()
	s.sync()
	s.same()
	s.proxy.Refuse(true)
	// Here: in the folder, and with commands.
	s.save("Notiz.txt", "Notiz 2")
	s.save("Neu/Ordner/Neu.txt", "neu")
	s.must(os.Rename(filepath.Join(s.root, "Alt", "a.txt"), filepath.Join(s.root, "Alt", "a umbenannt.txt")))
	s.must(os.Remove(filepath.Join(s.root, "Bauamt", "Liste.csv")))
	s.must(os.Remove(filepath.Join(s.root, "Alt", "d.txt")))
	s.save("Bauamt/Plan.odt", "Plan von hier")
	s.save("Bauamt/Bericht.odt", "Bericht von hier")
	s.save("Bauamt/Vermerk.odt", "Vermerk von hier")
	s.do("files", "put", s.write("Scan.pdf", "%PDF"), "Bauamt/")
	s.do("files", "mv", "Alt/c.txt", "Bauamt/c.txt")
	s.do("files", "mkdir", "Projekt")
	s.do("files", "rm", "leer.txt")
	// There, meanwhile.
	s.edit("Bauamt/Plan.odt", "Plan von dort")
	s.edit("Bauamt/Bericht.odt", "Bericht von dort")
	s.edit("Bauamt/Vermerk.odt", "Vermerk von dort")
	s.edit("Bauamt/Liste.csv", "a;b\n3;4\n")
	s.edit("Grüße & Co/äöü %20#?.txt", "Liebe Grüße")
	s.edit("Dort/Neu.txt", "von dort")
	s.must(os.Remove(s.server.Path("Alt/b.txt")))
	s.must(os.Rename(s.server.Path("Groß.bin"), s.server.Path("Größer.bin")))

	if reason := s.refused(exitFailed, "sync"); !strings.Contains(reason, "Der Server antwortet nicht.") {
		t.Errorf("the reason is %s", reason)
	}
	s.proxy.Refuse(false)
	s.sync()
	s.sync()
	s.same()
	for name, text := range map[string]string{
		"Notiz.txt": "Notiz 2", "Neu/Ordner/Neu.txt": "neu", "Alt/a umbenannt.txt": "a", "Bauamt/Liste.csv": "a;b\n3;4\n", "Bauamt/c.txt": "c",
		"Bauamt/Scan.pdf": "%PDF", "Grüße & Co/äöü %20#?.txt": "Liebe Grüße", "Dort/Neu.txt": "von dort",
	} {
		s.holds(name, text)
	}
	for _, name := range []string{"Alt/a.txt", "Alt/b.txt", "Alt/c.txt", "Alt/d.txt", "leer.txt", "Groß.bin"} {
		if _, err := os.Stat(s.server.Path(name)); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
	s.decide()
}

// decide resolves the three conflicts, each in another way.
func (s *shelf) decide() {
	s.t.Helper()
	choices := map[string]string{"Plan": "mine", "Bericht": "theirs", "Vermerk": "both"}
	for name := range choices {
		s.holds("Bauamt/"+name+".odt", name+" von dort")
		s.holds(s.copyOf("Bauamt/"+name+".odt"), name+" von hier")
	}
	open := get[[]conflictJSON](s.office, "conflicts", "list")
	if len(open) != len(choices) {
		s.t.Fatalf("conflicts: %+v", open)
	}
	for _, c := range open {
		for name, choice := range choices {
			if strings.Contains(c.Title, name) {
				s.do("conflicts", "resolve", idText(c.ID), choice)
				s.refused(exitFailed, "conflicts", "resolve", idText(c.ID), choice)
			}
		}
	}
	s.sync()
	s.same()
	s.holds("Bauamt/Plan.odt", "Plan von hier")
	s.holds("Bauamt/Bericht.odt", "Bericht von dort")
	s.holds("Bauamt/Vermerk.odt", "Vermerk von dort")
	s.holds(s.copyOf("Bauamt/Vermerk.odt"), "Vermerk von hier")
	for name, want := range map[string]int{"Plan": 0, "Bericht": 0, "Vermerk": 1} {
		if copies, err := filepath.Glob(s.server.Path("Bauamt/" + name + " (*")); err != nil || len(copies) != want {
			s.t.Errorf("%s: %v, %v", name, copies, err)
		}
	}
	if left := get[[]conflictJSON](s.office, "conflicts"); len(left) != 0 {
		s.t.Errorf("conflicts are left: %v", left)
	}
}

func TestFilesConnectionsBreak(t *testing.T) {
	t.Parallel()
	server := servertest.Apache(t, servertest.Options{TLS: true})
	shelfAt(t, server).stock()
	for i, n := range []int64{700, 9000, 30000, 200000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			s := shelfAt(t, server)
			s.setUp()
			s.proxy.CutDown(n)
			s.call("sync")
			s.proxy.CutDown(-1)
			s.sync()
			s.same()
			big := string(bytes.Repeat([]byte{byte('a' + i)}, 150000))
			s.save(fmt.Sprint("Schnitt/", n, ".bin"), big)
			s.save("Notiz.txt", fmt.Sprint("Notiz ", n))
			s.do("files", "mv", "Alt/"+string("cefg"[i])+".txt", fmt.Sprint("Alt/", n, ".txt"))
			s.do("files", "mkdir", fmt.Sprint("Leer ", n))
			s.proxy.CutUp(n)
			s.call("sync")
			s.proxy.CutUp(-1)
			s.sync()
			s.same()
			s.holds(fmt.Sprint("Schnitt/", n, ".bin"), big)
			s.holds("Notiz.txt", fmt.Sprint("Notiz ", n))
			if open := get[[]conflictJSON](s.office, "conflicts"); len(open) != 0 {
				t.Errorf("nobody else changed anything: %+v", open)
			}
		})
	}
}
