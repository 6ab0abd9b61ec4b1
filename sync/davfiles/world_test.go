// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"kontor/app/files"
	"kontor/sync/simworld"
)

// world is one server, two clients with a person each, somebody who works on the server itself, and what has to hold in
// the end.
type world struct {
	*rapid.T
	server  *simworld.FileServer
	clients []*worldClient
	words   int
	names   []string
	dead    map[string]bool // contents that a person who saw them has overwritten or deleted
	written map[string]bool // contents that persons wrote
	swapped map[string]int  // who gave them another's name last
	actors  map[int]bool    // who changed anything
	only    int             // who may change anything, -1 for all
	apart   bool            // each person works with files of their own
	both    bool            // what was deleted was brought back, or a part of an upload was kept: copies are made of that
	partly  bool            // not everything is kept offline
	fresh   map[string]bool // contents that persons wrote while a client synchronised: a power cut may take them
	backup  []simworld.FileNode
	backed  bool
	log     []string
}

// server draws what a server can do, among what servers were seen to do.
func drawServer(t *rapid.T) *simworld.FileServer {
	s := simworld.NewFileServer()
	yes := func(what string) bool { return rapid.Bool().Draw(t, what) }
	s.Conditional, s.PutTag, s.IDs, s.Infinity = yes("If-Match"), yes("ETag after PUT"), yes("file IDs"), yes("Depth infinity")
	s.Propagates = s.IDs && yes("tags propagate")
	s.WeakFresh = !s.IDs && yes("weak while young")
	s.TagsByPath = !s.IDs && yes("tags by path")
	s.KeepsCut = !s.Conditional && yes("keeps cut uploads")
	s.Compose = s.IDs && yes("composes names")
	return s
}

func drawDisk(t *rapid.T, label string) *simworld.FileDisk {
	d := simworld.NewFileDisk()
	d.NoInode = rapid.IntRange(0, 3).Draw(t, label+" without inodes") == 0
	d.Coarse = !d.NoInode && rapid.IntRange(0, 3).Draw(t, label+" with coarse times") == 0
	switch rapid.IntRange(0, 7).Draw(t, label+" takes names for one") {
	case 0:
		d.Fold = true
	case 1:
		d.Decompose = true
	case 2:
		d.Fold, d.Decompose = true, true
	}
	return d
}

func newWorld(t *rapid.T) *world {
	w := &world{T: t, server: drawServer(t), dead: map[string]bool{}, written: map[string]bool{}, swapped: map[string]int{}, actors: map[int]bool{}, fresh: map[string]bool{}, only: -1}
	w.both = w.server.TagsByPath // what was moved there looks changed: it comes back when it is deleted
	switch rapid.IntRange(0, 4).Draw(t, "who works") {
	case 0:
		w.only = rapid.IntRange(0, 2).Draw(t, "alone")
	case 1:
		w.apart = true
	}
	w.clients = []*worldClient{newWorldClient("a", w.server, drawDisk(t, "a")), newWorldClient("b", w.server, drawDisk(t, "b"))}
	for _, c := range w.clients {
		c.note, c.used = w.note, rapid.Bool().Draw(t, c.name+" uses the window")
		w.choosePins(c)
	}
	w.names = w.drawNames()
	for i := range rapid.IntRange(0, 5).Draw(t, "items") {
		w.put(2, seeds0[i], w.word())
	}
	if rapid.IntRange(0, 3).Draw(t, "in step") > 0 {
		w.actors = map[int]bool{}
		for _, c := range w.clients {
			w.sync(c)
		}
	}
	return w
}

var seeds0 = []string{"a", "b", "d/a", "d/e/a", "c"}

// word makes up a content. All are different; most are equally long.
func (w *world) word() string {
	w.words++
	word := fmt.Sprint(w.words, ":")
	word += strings.Repeat("-", 8-len(word))
	if rapid.IntRange(0, 3).Draw(w.T, "longer") == 0 {
		word += "--"
	}
	w.written[word], w.fresh[word] = true, true
	return word
}

func (w *world) note(format string, args ...any) { w.log = append(w.log, fmt.Sprintf(format, args...)) }

// tree is what a person sees: the server's own (2) or a client's disk.
type spotted struct {
	path, content string
	dir           bool
}

func (w *world) tree(who int) []spotted {
	var all []spotted
	if who == 2 {
		for _, n := range w.server.All() {
			all = append(all, spotted{n.Path, n.Content, n.Dir})
		}
		return all
	}
	for _, n := range w.clients[who].disk.All() {
		all = append(all, spotted{n.Path, n.Content, n.Dir})
	}
	return all
}

// kill notes that a person who sees the contents below a path takes them away.
func (w *world) kill(who int, path string) {
	for _, p := range w.tree(who) {
		if files.Within(p.path, path) {
			w.dead[p.content] = true
		}
	}
}

func (w *world) at(who int, path string) *spotted {
	if who == 2 {
		if n := w.server.Get(path); n != nil {
			return &spotted{n.Path, n.Content, n.Dir}
		}
		return nil
	}
	if n := w.clients[who].disk.Get(path); n != nil {
		return &spotted{n.Path, n.Content, n.Dir}
	}
	return nil
}

// put writes a file, as the person who.
func (w *world) put(who int, path, content string) {
	w.actors[who] = true
	was := w.at(who, path)
	if was != nil && was.dir {
		delete(w.written, content)
		return
	}
	if who == 2 && w.server.Full || who < 2 && w.clients[who].disk.Full {
		delete(w.written, content)
		return
	}
	if was != nil {
		w.dead[was.content] = true
	}
	if who == 2 {
		for f := files.Parent(path); f != ""; f = files.Parent(f) {
			if w.server.Get(f) == nil {
				w.mkdirServer(f)
			}
		}
		if w.server.Put(path, content, "", false)/100 != 2 {
			delete(w.written, content)
		}
		return
	}
	d := w.clients[who].disk
	if d.Mkdir(files.Parent(path)) != nil || d.Write(path, content) != nil {
		delete(w.written, content)
	}
}

func (w *world) mkdirServer(path string) {
	if up := files.Parent(path); up != "" && w.server.Get(up) == nil {
		w.mkdirServer(up)
	}
	w.server.Mkdir(path)
}

func (w *world) remove(who int, path string) {
	w.actors[who] = true
	w.kill(who, path)
	if who == 2 {
		w.server.Delete(path, "")
		return
	}
	w.clients[who].disk.Remove(path)
}

func (w *world) move(who int, from, to string) bool {
	w.actors[who] = true
	if who == 2 {
		return w.server.Move(from, to)/100 == 2
	}
	d := w.clients[who].disk
	if d.Get(to) != nil && d.Get(to) != d.Get(from) {
		return false
	}
	return d.Rename(from, to) == nil
}

func (w *world) mkdir(who int, path string) {
	w.actors[who] = true
	if who == 2 {
		w.server.Mkdir(path)
		return
	}
	if w.clients[who].disk.Get(files.Parent(path)) != nil || files.Parent(path) == "" {
		_ = w.clients[who].disk.Mkdir(path) // a file of that name is in the way: nothing is done
	}
}

// names are few, so that they meet. Those that some disks and servers take for one are played where there is one.
var names = []string{"a", "b", "c", "d", "e"}

const (
	composed   = "\u00e9"
	decomposed = "e\u0301"
)

func (w *world) drawNames() []string {
	all := slices.Clone(names)
	if w.clients[0].disk.Fold || w.clients[1].disk.Fold || w.server.Fold {
		all = append(all, "A", "D")
	}
	if w.server.Compose || w.clients[0].disk.Decompose || w.clients[1].disk.Decompose {
		all = append(all, composed, decomposed)
	}
	return all
}

// spot draws where something goes.
func (w *world) spot(who int, tree []spotted) string {
	folders := []string{""}
	for _, p := range tree {
		if p.dir && w.mine(who, p.path) && strings.Count(p.path, "/") < 3 {
			folders = append(folders, p.path)
		}
	}
	name := rapid.SampledFrom(w.names).Draw(w.T, "name")
	folder := rapid.SampledFrom(folders).Draw(w.T, "folder")
	if w.apart && folder == "" {
		name = fmt.Sprint(name, who)
	}
	return files.Join(folder, name)
}

// mine reports whether a person may touch an item.
func (w *world) mine(who int, path string) bool {
	top, _, _ := strings.Cut(path, "/")
	return !w.apart || strings.HasSuffix(top, fmt.Sprint(who))
}

// edit is one change that a person makes.
func (w *world) edit(who int) {
	tree := slices.DeleteFunc(w.tree(who), func(p spotted) bool { return !w.mine(who, p.path) || files.Ignored(files.Base(p.path)) })
	kind := rapid.IntRange(0, 11).Draw(w.T, "what")
	if who < 2 && w.partly && kind == 11 {
		w.pin(w.clients[who])
		return
	}
	if who < 2 && w.clients[who].used && rapid.IntRange(0, 2).Draw(w.T, "in the window") == 0 {
		w.use(who)
		return
	}
	w.both = w.both || who < 2 && w.clients[who].ordered()
	var item spotted
	if len(tree) == 0 {
		kind = 0
	} else if kind > 1 {
		item = rapid.SampledFrom(tree).Draw(w.T, "item")
	}
	switch kind {
	case 0:
		to := w.spot(who, tree)
		w.note("%d writes %s", who, to)
		w.put(who, to, w.word())
	case 1:
		to := w.spot(who, tree)
		w.note("%d makes folder %s", who, to)
		w.mkdir(who, to)
	case 2, 3, 4:
		if !item.dir {
			w.write(who, item)
		}
	case 5, 6:
		w.note("%d removes %s", who, item.path)
		w.remove(who, item.path)
	case 7, 8, 9:
		to := w.spot(who, tree)
		if !files.Within(to, item.path) {
			w.note("%d moves %s to %s: %t", who, item.path, to, w.move(who, item.path, to))
		}
	case 10:
		w.swap(who, item, rapid.SampledFrom(tree).Draw(w.T, "other"))
	default:
		w.note("%d turns %s into another sort", who, item.path)
		w.remove(who, item.path)
		if item.dir {
			w.put(who, item.path, w.word())
		} else {
			w.mkdir(who, item.path)
		}
	}
}

// write saves a file as programs do: in its place, by a new file that takes its name, or with its time set back.
func (w *world) write(who int, item spotted) {
	content := w.word()
	how := rapid.IntRange(0, 3).Draw(w.T, "how")
	w.note("%d edits %s (%d): %s", who, item.path, how, content)
	if who == 2 || how < 2 {
		w.put(who, item.path, content)
		return
	}
	d := w.clients[who].disk
	if d.Full {
		delete(w.written, content)
		return
	}
	w.actors[who], w.dead[item.content] = true, true
	was := d.Get(item.path).MTime
	if how == 2 {
		must(d.Write(item.path+".neu", content))
		must(d.Rename(item.path+".neu", item.path))
		return
	}
	must(d.Write(item.path, content))
	if !d.NoInode {
		d.Backdate(item.path, was)
	}
}

// swap gives two items each other's name.
func (w *world) swap(who int, a, b spotted) {
	if files.Within(a.path, b.path) || files.Within(b.path, a.path) {
		return
	}
	w.note("%d swaps %s and %s", who, a.path, b.path)
	w.both = w.both || who < 2 && w.clients[who].disk.NoInode && (a.dir || b.dir) // without identities it is another folder, in the way of what takes its name
	for _, content := range []string{a.content, b.content} {
		if by, twice := w.swapped[content]; twice && by != who {
			w.dead[content] = true // files that swap names are two edits: where another person swaps them back, each is right by itself
		}
		w.swapped[content] = who
	}
	if w.move(who, a.path, "between") {
		w.move(who, b.path, a.path)
		w.move(who, "between", b.path)
	}
}

// step is one event.
func (w *world) step() {
	switch rapid.IntRange(0, 2).Draw(w.T, "meet") {
	case 0:
		w.meet(w.clients[rapid.IntRange(0, 1).Draw(w.T, "client")])
		return
	case 1:
		if w.accident(rapid.IntRange(0, 39).Draw(w.T, "accident")) {
			return
		}
	}
	who := w.only
	if who < 0 {
		who = rapid.IntRange(0, 2).Draw(w.T, "who")
	}
	w.edit(who)
}

// meet lets a client synchronise over a line that may break at any request, with a program that may end at any write,
// while others go on working.
func (w *world) meet(c *worldClient) {
	w.note("%s synchronises", c.name)
	rough := rapid.IntRange(0, 3).Draw(w.T, "line")
	c.line = func(method string) fate {
		n := 99
		if rough > 0 {
			n = rapid.IntRange(0, 29).Draw(w.T, "line")
		}
		switch {
		case n < int(fates)-1:
			w.note("  %s: fate %d", method, n+1)
			w.both = w.both || method == "PUT" && fate(n+1) == cutInside && w.server.KeepsCut
			return fate(n + 1)
		case n < 6:
			w.meanwhile(c, method)
		}
		return arrives
	}
	c.crash = func() bool {
		ends := rough > 1 && rapid.IntRange(0, 19).Draw(w.T, "crash") == 0
		if ends {
			c.dark = rapid.IntRange(0, 2).Draw(w.T, "power cut") == 0
			w.note("  the program ends, by a power cut %t", c.dark)
		}
		return ends
	}
	c.answer = func() bool {
		back := rapid.Bool().Draw(w.T, "bring back")
		w.both = w.both || back // what is brought back may meet what took its place
		return back
	}
	w.full(c)
	c.disk.Sync() // what came before is on the disk for a while
	w.fresh = map[string]bool{}
	w.sync(c)
	c.disk.Full, w.server.Full = false, false
	if c.dark {
		w.powerCut(c)
	}
	c.line, c.crash = nil, nil
	for _, content := range c.torn {
		w.both = true          // should the server get another version now, this one looks like one of the person's own
		w.dead[content] = true // should it get that content back, an edit of the new one looks like an edit of the old one
	}
}

// meanwhile lets somebody work between a client's requests. What no client can see in time is left out: a change between
// a look and a write on servers without conditions, and between a look into a folder and its deletion or move.
func (w *world) meanwhile(c *worldClient, method string) {
	who := rapid.IntRange(0, 2).Draw(w.T, "meanwhile")
	if w.only >= 0 {
		who = w.only
	}
	foreign := who == 2 || w.clients[who] != c
	if foreign && (!strings.HasPrefix(method, "PROPFIND ") && method != "GET" && !(w.server.Conditional && method == "PUT")) {
		return
	}
	w.note("  before %s:", method)
	w.edit(who)
}

func (w *world) sync(c *worldClient) {
	err := c.sync()
	if err != nil {
		w.note("  %v", err)
	}
	if err != nil && !errors.Is(err, errCut) && !errors.Is(err, errCrash) && !errors.Is(err, errBrake) {
		w.Fatalf("client %s: %v\n%s", c.name, err, w.picture())
	}
}

// calm lets everybody synchronise until nothing changes any more.
func (w *world) calm() {
	for range 12 {
		before := w.state()
		for _, c := range w.clients {
			w.sync(c)
		}
		if w.state() == before {
			return
		}
	}
}

// state is everything that a round may change.
func (w *world) state() string {
	var b strings.Builder
	for who := range 3 {
		fmt.Fprint(&b, "|")
		for _, p := range w.tree(who) {
			fmt.Fprint(&b, p.path, "=", p.content, ";")
		}
	}
	for _, c := range w.clients {
		fmt.Fprint(&b, "|", c.decided)
		for _, r := range c.store.All() {
			fmt.Fprint(&b, r.ID, r.Path, r.Remote.Path, r.Remote.ETag, r.Local.Path, r.Base.ETag)
		}
		for _, op := range c.store.Pending() {
			fmt.Fprint(&b, op.ID, op.State, op.Tries)
		}
	}
	return b.String()
}

// judge says what is wrong in the end.
func (w *world) judge() {
	server := w.tree(2)
	for i, c := range w.clients {
		if ops := c.store.Pending(); len(ops) > 0 {
			w.Fatalf("client %s still waits: %+v\n%s", c.name, ops, w.picture())
		}
		if wrong := c.store.Check(); wrong != nil {
			w.Fatalf("client %s: %v\n%s", c.name, wrong, w.picture())
		}
		if c.wrong != "" {
			w.Fatalf("client %s took %s away, although the server has it\n%s", c.name, c.wrong, w.picture())
		}
		if what := w.apartFrom(i, server); what != "" {
			w.Fatalf("client %s does not hold what the server has: %s\n%s", c.name, what, w.picture())
		}
	}
	there, mark := map[string]bool{}, "("
	if len(w.names) > len(names) {
		mark = "(Konflikt" // of two names that are one for a disk or the server, one gets a number
	}
	for _, p := range server {
		there[p.content] = true
		if name := files.Base(p.path); (len(w.actors) < 2 || w.apart) && !w.both && strings.Contains(name, mark) {
			w.Fatalf("%s was made, although nobody else had edited anything\n%s", p.path, w.picture())
		}
	}
	for content := range w.written {
		if !there[content] && !w.dead[content] {
			w.Fatalf("%q is lost\n%s", content, w.picture())
		}
	}
}

// asThere is the tree of a client with the names that the server has for what lies there.
func (w *world) asThere(who int) []spotted {
	names, exact := map[string]string{}, map[string]string{}
	for _, r := range w.clients[who].store.All() {
		names[norm.NFC.String(r.Local.Path)] = r.Remote.Path
		exact[r.Local.Path] = r.Remote.Path
	}
	here := w.tree(who)
	for i, p := range here {
		if there := exact[p.path]; there != "" {
			here[i].path = there
		} else if there := names[norm.NFC.String(p.path)]; there != "" && w.clients[who].w.disk.ability().Composes {
			here[i].path = there
		}
	}
	slices.SortFunc(here, func(a, b spotted) int { return strings.Compare(a.path, b.path) })
	return here
}

func (w *world) picture() string {
	s := *w.server
	lines := append(w.log, fmt.Sprintf("server: %+v", s))
	for who := range 3 {
		lines = append(lines, fmt.Sprint("tree of ", who))
		for _, p := range w.tree(who) {
			lines = append(lines, fmt.Sprintf("  %s %s", p.path, p.content))
		}
	}
	for _, c := range w.clients {
		lines = append(lines, "client "+c.name+":")
		for _, r := range c.store.All() {
			lines = append(lines, fmt.Sprintf("  %d %s gone %t remote %s %s local %s %s base %s %s %s", r.ID, r.Path, r.Gone,
				r.Remote.Path, r.Remote.ETag, r.Local.Path, r.Local.Hash, r.Base.ETag, r.Base.Hash, r.Local.Inode))
		}
		for _, op := range c.store.Pending() {
			lines = append(lines, fmt.Sprintf("  %d %s %s %s %s depends %d %v", op.ID, op.Kind, op.Payload, op.State, op.LastError, op.DependsOn, op.Targets))
		}
	}
	return strings.Join(lines, "\n")
}

func playWorld(t *rapid.T, m mistake) {
	w := newWorld(t)
	for _, c := range w.clients {
		c.err(m)
	}
	for range rapid.IntRange(2, 12).Draw(t, "events") {
		w.step()
	}
	w.note("calm")
	w.calm()
	w.judge()
}

// TestFilesHistories plays two clients and one server with all that can go wrong on the way. After some quiet rounds all
// hold the same, nothing waits, no content is lost that nobody took away, and no copy of a conflict is there unless two
// people worked with the same files.
func TestFilesHistories(t *testing.T) {
	simworld.Repeat(t, "2000")
	rapid.Check(t, func(t *rapid.T) { playWorld(t, noMistake) })
}

// TestFilesMistakesAreFound makes each mistake and lets the same histories find it.
func TestFilesMistakesAreFound(t *testing.T) {
	simworld.Set(t, "rapid.checks", "50000") // the first that fails ends it
	simworld.Set(t, "rapid.shrinktime", "0s")
	simworld.Set(t, "rapid.nofailfile", "true")
	for m := noMistake + 1; m < mistakes; m++ {
		if !simworld.Finds(t, func(t *rapid.T) { playWorld(t, m) }) {
			t.Errorf("mistake %d is not found", m)
		}
	}
}
