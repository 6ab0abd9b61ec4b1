// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kontor/app/files"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// seeds is how many random histories are played; KONTOR_SEEDS asks for more.
func seeds() uint64 {
	if n, err := strconv.ParseUint(os.Getenv("KONTOR_SEEDS"), 10, 32); err == nil {
		return n
	}
	return 40
}

// TestRandomHistories plays random edits on both sides with connections that break at any moment. However it goes:
// both sides come to hold the same, and no content that somebody wrote and nobody took away is lost.
func TestRandomHistories(t *testing.T) {
	for seed := range seeds() {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { history(t, seed) })
	}
}

// player is one history.
type player struct {
	*client
	s     *cloud
	r     *rand.Rand
	count int
	log   []string
}

func history(t *testing.T, seed uint64) {
	servers := []servertest.CloudOptions{
		{}, {MaxChunk: 3, NoBulk: true}, {NoInfinity: true, MaxChunk: 4}, {NoTrash: true, NoVersions: true, NoChunks: true},
	}
	server := newCloud(t, servers[seed%uint64(len(servers))])
	c, s := inStepWith(t, server, "mkdir d", "put a=1", "put d/b=2", "put c=3", "mkdir d/e", "put d/e/f=4")
	p := &player{client: c, s: s, r: rand.New(rand.NewPCG(seed, 1)), count: 10}
	defer func() {
		if t.Failed() {
			t.Log(strings.Join(p.log, "\n"))
		}
	}()
	for range 6 {
		before := contents(s.tree())
		twice := repeated(s.tree())
		for range 1 + p.r.IntN(4) {
			p.editDisk()
		}
		for range 1 + p.r.IntN(4) {
			p.editServer()
		}
		p.note("disk   %q", brief(tree(t, c.root)))
		p.note("server %q", brief(s.tree()))
		disk, server := contents(tree(t, c.root)), contents(s.tree())
		p.interrupt()
		p.settle()
		for c := range twice { // each of the two may have been overwritten on one side
			delete(disk, c)
			delete(server, c)
		}
		p.check(before, disk, server)
		if t.Failed() {
			return
		}
	}
}

func contents(m map[string]string) map[string]bool {
	all := map[string]bool{}
	for _, v := range m {
		if v != "" {
			all[v] = true
		}
	}
	return all
}

// repeated are the contents that several files have.
func repeated(m map[string]string) map[string]bool {
	seen, twice := map[string]bool{}, map[string]bool{}
	for _, v := range m {
		if seen[v] {
			twice[v] = true
		}
		seen[v] = true
	}
	return twice
}

func (p *player) note(format string, args ...any) {
	p.log = append(p.log, fmt.Sprintf(format, args...))
}

func (p *player) fresh() string {
	p.count++
	return fmt.Sprint("inhalt ", p.count)
}

// pick chooses an item of a tree; of folders only with dir.
func (p *player) pick(m map[string]string, dir bool) (string, bool) {
	var names []string
	for _, n := range slices.Sorted(maps.Keys(m)) {
		if strings.HasSuffix(n, "/") == dir {
			names = append(names, strings.TrimSuffix(n, "/"))
		}
	}
	if len(names) == 0 {
		return "", false
	}
	return names[p.r.IntN(len(names))], true
}

// place makes up where something new goes.
func (p *player) place(m map[string]string) string {
	folder := ""
	if f, ok := p.pick(m, true); ok && p.r.IntN(2) == 0 {
		folder = f
	}
	return files.Join(folder, string(rune('a'+p.r.IntN(8))))
}

// edit makes up one edit of a tree: verb, item and place; an empty verb for one that is not possible.
func (p *player) edit(m map[string]string) (verb, item, to string) {
	has := func(path string) bool { _, f := m[path]; _, d := m[path+"/"]; return f || d }
	switch n := p.r.IntN(10); {
	case n < 2:
		if to = p.place(m); !has(to) {
			return "put", to, p.fresh()
		}
	case n < 5:
		if item, ok := p.pick(m, false); ok {
			return "put", item, p.fresh()
		}
	case n < 6:
		if item, ok := p.pick(m, p.r.IntN(4) == 0); ok {
			return "rm", item, ""
		}
	case n < 9:
		item, ok := p.pick(m, p.r.IntN(3) == 0)
		if to = p.place(m); ok && !has(to) && !files.Within(to, item) {
			return "mv", item, to
		}
	default:
		if to = p.place(m); !has(to) {
			return "mkdir", to, ""
		}
	}
	return "", "", ""
}

func (p *player) editDisk() {
	verb, item, to := p.edit(tree(p.t, p.root))
	p.note("disk   %s %s %s", verb, item, to)
	switch verb {
	case "put":
		if p.r.IntN(2) == 0 { // as office programs save
			p.write(item+".neu", to)
			p.rename(item+".neu", item)
			return
		}
		p.write(item, to)
	case "rm":
		p.remove(item)
	case "mv":
		p.rename(item, to)
	case "mkdir":
		p.must(os.Mkdir(p.path(item), 0o755))
	}
}

func (p *player) editServer() {
	verb, item, to := p.edit(p.s.tree())
	p.note("server %s %s %s", verb, item, to)
	switch verb {
	case "put":
		p.s.Put(item, to)
	case "rm":
		p.s.Remove(item)
	case "mkdir":
		p.s.Mkdir(item)
	case "mv":
		p.s.Move(item, to)
	}
}

// interrupt synchronises a few times over a connection that breaks, and ends the program each time.
func (p *player) interrupt() {
	for range p.r.IntN(3) {
		after, how := p.r.IntN(25), 1+p.r.IntN(2)
		left := after
		p.s.failing(func() int {
			if left--; left < 0 {
				return how
			}
			return 0
		})
		p.note("break after %d requests, %d: %v", after, how, p.trySync())
		p.s.failing(nil)
		p.restart()
	}
}

// settle synchronises until both sides are in step. A brake is answered by bringing back what is missing.
func (p *player) settle() {
	p.t.Helper()
	for range 8 {
		err := p.trySync()
		p.note("sync: %v", err)
		if errors.Is(err, transport.ErrPaused) {
			p.decide(DecisionRestore)
			continue
		}
		p.must(err)
	}
}

func (p *player) check(before, disk, server map[string]bool) {
	p.t.Helper()
	here, there := tree(p.t, p.root), p.s.tree()
	p.same("disk against server", here, there)
	now := contents(there)
	for c := range disk {
		if !now[c] && (!before[c] || server[c]) {
			p.t.Errorf("%q of the disk is lost", c)
		}
	}
	for c := range server {
		if !now[c] && (!before[c] || disk[c]) {
			p.t.Errorf("%q of the server is lost", c)
		}
	}
	ops, err := p.db.PendingOps(p.t.Context(), 0)
	p.must(err)
	for _, op := range ops {
		p.t.Errorf("pending: %s %s %s %s", op.Kind, op.Target, op.State, op.LastError)
	}
}
