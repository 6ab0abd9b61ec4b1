// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/sync/servertest"
)

// TestRealCloud plays two people on a Nextcloud, an ownCloud or another server of their kind, which KONTOR_TEST_CLOUD names as
// "url,user,password": what each does in the file manager is the same for both in the end, and nothing that nobody removed or
// wrote over is missing. Everything happens in a folder of its own, which is removed.
func TestRealCloud(t *testing.T) {
	words := strings.SplitN(os.Getenv("KONTOR_TEST_CLOUD"), ",", 3)
	if len(words) != 3 {
		t.Skip("KONTOR_TEST_CLOUD names no cloud: url,user,password")
	}
	s := &servertest.DAVServer{User: words[1], Password: words[2]}
	s.URL = fmt.Sprintf("%s/remote.php/dav/files/%s/kontor-test-%d/", strings.TrimSuffix(words[0], "/"), url.PathEscape(s.User), time.Now().UnixNano())
	folder := func(method string) {
		req, err := http.NewRequest(method, s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth(s.User, s.Password)
		res, err := http.DefaultClient.Do(req)
		if err != nil || res.StatusCode/100 != 2 {
			t.Fatalf("%s: %+v, %v", method, res, err)
		}
		_ = res.Body.Close()
	}
	folder("MKCOL")
	t.Cleanup(func() { folder(http.MethodDelete) })
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	p := pair{dice: rand.New(rand.NewPCG(seed, 0)), both: []*client{join(t, s, ""), join(t, s, "")}, alive: map[string]bool{}}
	p.settle() // which makes the folders on the disk
	for round := range 25 {
		var did []string
		for range 1 + p.dice.IntN(8) {
			did = append(did, p.act(p.dice.IntN(2)))
		}
		p.settle()
		a, b := tree(t, p.both[0].root), tree(t, p.both[1].root)
		if !maps.Equal(a, b) {
			t.Fatalf("round %d, %q:\n%q\n%q", round, did, brief(a), brief(b))
		}
		have := contents(a)
		for content := range p.alive {
			if !have[content] {
				t.Fatalf("round %d, %q: %q is lost: %q", round, did, content, brief(a))
			}
		}
	}
	for _, c := range p.both {
		c.quiet()
	}
}

// pair is two persons with a computer each.
type pair struct {
	dice  *rand.Rand
	both  []*client
	alive map[string]bool // contents that nobody has removed or written over
	n     int
}

// act does something on one of the disks, and says what.
func (p *pair) act(who int) string {
	c := p.both[who]
	now := tree(c.t, c.root)
	var names, folders []string
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if folder, ok := strings.CutSuffix(name, "/"); ok {
			folders = append(folders, folder)
		} else {
			names = append(names, name)
		}
	}
	place := []string{"a", "b.txt", "Ordner ä", "Plan 1.pdf", "é"}[p.dice.IntN(5)]
	if len(folders) > 0 && p.dice.IntN(2) == 0 {
		place = path.Join(folders[p.dice.IntN(len(folders))], place)
	}
	_, err := os.Lstat(c.path(place))
	free, kind := err != nil, p.dice.IntN(6)
	switch {
	case kind == 0 && free:
		c.must(os.Mkdir(c.path(place), 0o755))
		return fmt.Sprint(who, " makes ", place)
	case kind < 3 && free:
		return p.write(who, place)
	case len(names) == 0:
		return ""
	}
	name := names[p.dice.IntN(len(names))]
	switch {
	case kind == 3:
		delete(p.alive, now[name])
		c.remove(name)
		return fmt.Sprint(who, " removes ", name)
	case kind == 4 && free:
		if len(folders) > 0 && p.dice.IntN(3) == 0 {
			name = folders[p.dice.IntN(len(folders))]
		}
		if os.Rename(c.path(name), c.path(place)) != nil { // into itself
			return ""
		}
		return fmt.Sprint(who, " moves ", name, " to ", place)
	}
	delete(p.alive, now[name])
	return p.write(who, name)
}

func (p *pair) write(who int, name string) string {
	p.n++
	content := strings.Repeat(fmt.Sprint("Fassung ", p.n, " "), 1+p.dice.IntN(50))
	c := p.both[who]
	c.must(os.WriteFile(filepath.Clean(c.path(name)), []byte(content), 0o644))
	p.alive[content] = true
	return fmt.Sprint(who, " writes ", name)
}

// settle lets both synchronise until neither has anything to do.
func (p *pair) settle() {
	for range 4 {
		for _, c := range p.both {
			c.sync()
		}
	}
}
