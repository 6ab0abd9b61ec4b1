// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"pgregory.net/rapid"
)

// shapeOf is what a user's mailboxes hold: subjects and flags, in order of their names.
func shapeOf(u *User) string {
	var b strings.Builder
	for _, box := range slices.Sorted(slices.Values(u.Mailboxes())) {
		var all []string
		for _, m := range u.Messages(box) {
			_, rest, _ := bytes.Cut(m.Raw, []byte("Subject: "))
			subject, _, _ := bytes.Cut(rest, []byte("\r\n"))
			flags := slices.Sorted(slices.Values(m.Flags))
			all = append(all, strings.TrimSuffix(string(subject)+"["+strings.Join(flags, ",")+"]", "[]"))
		}
		slices.Sort(all)
		fmt.Fprintf(&b, "%s: %s\n", box, strings.Join(all, " "))
	}
	return b.String()
}

// mailModel is what the mailboxes must hold: for each name the messages, by UID.
type mailModel struct {
	boxes map[string]map[uint32]*modelMail
	next  map[string]uint32
	c     *imapclient.Client
	at    string // selected
	n     int
}

type modelMail struct {
	subject string
	flags   map[string]bool
}

func (m *mailModel) shape() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(m.boxes)) {
		var all []string
		for _, one := range m.boxes[name] {
			flags := slices.Sorted(maps.Keys(one.flags))
			all = append(all, strings.TrimSuffix(one.subject+"["+strings.Join(flags, ",")+"]", "[]"))
		}
		slices.Sort(all)
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(all, " "))
	}
	return b.String()
}

func (m *mailModel) add(box string, one modelMail) {
	m.next[box]++
	one.flags = maps.Clone(one.flags)
	m.boxes[box][m.next[box]] = &one
}

// step does something at random on both sides.
func (m *mailModel) step(t *rapid.T) error {
	names := slices.Sorted(maps.Keys(m.boxes))
	box := rapid.SampledFrom(names).Draw(t, "box")
	uids := slices.Sorted(maps.Keys(m.boxes[m.at]))
	var some []uint32
	for _, uid := range uids {
		if rapid.Bool().Draw(t, "one") {
			some = append(some, uid)
		}
	}
	set := imap.UIDSet{}
	for _, uid := range some {
		set.AddNum(imap.UID(uid))
	}
	flag := rapid.SampledFrom([]string{"\\Seen", "\\Flagged", "\\Deleted", "eilig"}).Draw(t, "flag")
	what := rapid.SampledFrom([]string{"append", "select", "flag", "unflag", "copy", "move", "expunge", "create", "delete", "rename"}).Draw(t, "what")
	if len(some) == 0 && slices.Contains([]string{"flag", "unflag", "copy", "move"}, what) {
		return nil
	}
	switch what {
	case "append":
		m.n++
		subject := fmt.Sprint("m", m.n)
		m.add(box, modelMail{subject: subject})
		return appendTo(m.c, box, note(subject))
	case "select":
		m.at = box
		_, err := m.c.Select(box, nil).Wait()
		return err
	case "flag", "unflag":
		op := imap.StoreFlagsAdd
		for _, uid := range some {
			one := m.boxes[m.at][uid]
			if what == "unflag" {
				op = imap.StoreFlagsDel
				delete(one.flags, flag)
				continue
			}
			if one.flags == nil {
				one.flags = map[string]bool{}
			}
			one.flags[flag] = true
		}
		return m.c.Store(set, &imap.StoreFlags{Op: op, Flags: []imap.Flag{imap.Flag(flag)}}, nil).Close()
	case "copy", "move":
		return m.transfer(what == "move", some, set, box)
	case "expunge":
		for uid, one := range m.boxes[m.at] {
			if one.flags["\\Deleted"] {
				delete(m.boxes[m.at], uid)
			}
		}
		return m.c.Expunge().Close()
	}
	return m.folder(t, what, box)
}

func (m *mailModel) transfer(move bool, some []uint32, set imap.UIDSet, box string) error {
	for _, uid := range some {
		m.add(box, *m.boxes[m.at][uid])
	}
	if !move {
		_, err := m.c.Copy(set, box).Wait()
		return err
	}
	for _, uid := range some {
		delete(m.boxes[m.at], uid)
	}
	_, err := m.c.Move(set, box).Wait()
	return err
}

// folder makes, renames or removes a mailbox; those that cannot be are refused and stay.
func (m *mailModel) folder(t *rapid.T, what, box string) error {
	name := rapid.SampledFrom([]string{"A", "A/B", "C", "C/D"}).Draw(t, "name")
	_, there := m.boxes[name]
	var err error
	switch what {
	case "create":
		if err = m.c.Create(name, nil).Wait(); there {
			return refused(what, err)
		}
		for i := 1; i <= len(name); i++ {
			if at := name[:i]; (i == len(name) || name[i] == '/') && m.boxes[at] == nil {
				m.boxes[at], m.next[at] = map[uint32]*modelMail{}, 0
			}
		}
	case "delete":
		if name == m.at || box == "INBOX" && !there {
			return refused(what, m.c.Delete("INBOX").Wait())
		}
		if err = m.c.Delete(name).Wait(); !there {
			return refused(what, err)
		}
		delete(m.boxes, name)
	case "rename":
		to := "Neu-" + strings.ReplaceAll(name, "/", "-")
		if _, taken := m.boxes[to]; taken || !there {
			return refused(what, m.c.Rename(name, to, nil).Wait())
		}
		err = m.c.Rename(name, to, nil).Wait()
		for _, old := range slices.Collect(maps.Keys(m.boxes)) {
			if old != name && !strings.HasPrefix(old, name+"/") {
				continue
			}
			now := to + old[len(name):]
			m.boxes[now], m.next[now] = m.boxes[old], m.next[old]
			delete(m.boxes, old)
			if m.at == old {
				m.at = now
			}
		}
	}
	return err
}

// refused turns round what a command came to that must not work.
func refused(what string, err error) error {
	if err == nil {
		return fmt.Errorf("%s was not refused", what)
	}
	return nil
}

// TestMailFollowsTheModel: whatever a mail program does, the mailboxes hold what RFC 9051 says, and another connection that
// looks anew sees the same.
func TestMailFollowsTheModel(t *testing.T) {
	w := start(t, Options{Empty: true})
	users := w.Users()
	turn := 0
	rapid.Check(t, func(t *rapid.T) {
		u := users[turn%len(users)]
		turn++
		c, err := imapclient.DialInsecure(w.Addr(IMAP), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close() //nolint:errcheck // the test is over
		if err := c.Login(u.Name, "demo").Wait(); err != nil {
			t.Fatal(err)
		}
		m := &mailModel{boxes: map[string]map[uint32]*modelMail{}, next: map[string]uint32{}, c: c, at: "INBOX"}
		m.clear(t, u)
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			if err := m.step(t); err != nil {
				t.Fatal(err)
			}
			if got, want := shapeOf(u), m.shape(); got != want {
				t.Fatalf("holds\n%snot\n%s", got, want)
			}
		}
		m.compare(t)
	})
}

// clear begins with the mailboxes that everybody has, empty.
func (m *mailModel) clear(t *rapid.T, u *User) {
	for _, name := range u.Mailboxes() {
		if name != "INBOX" {
			if err := m.c.Delete(name).Wait(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, one := range u.Messages("INBOX") {
		u.RemoveMessage("INBOX", one.UID)
	}
	m.boxes["INBOX"] = map[uint32]*modelMail{}
	selected, err := m.c.Select("INBOX", nil).Wait()
	if err != nil {
		t.Fatal(err)
	}
	m.next["INBOX"] = uint32(selected.UIDNext) - 1
}

// compare asks the server for all that it has, as a client does that begins anew.
func (m *mailModel) compare(t *rapid.T) {
	for name, want := range m.boxes {
		selected, err := m.c.Select(name, &imap.SelectOptions{ReadOnly: true}).Wait()
		if err != nil || int(selected.NumMessages) != len(want) || uint32(selected.UIDNext) != m.next[name]+1 {
			t.Fatalf("%s: %+v %v, want %d, %d next", name, selected, err, len(want), m.next[name]+1)
		}
		if len(want) == 0 {
			continue
		}
		list, err := m.c.Fetch(imap.SeqSet{{Start: 1}}, &imap.FetchOptions{UID: true, Flags: true, Envelope: true}).Collect()
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range list {
			w := want[uint32(one.UID)]
			if w == nil || w.subject != one.Envelope.Subject || len(w.flags) != len(one.Flags) {
				t.Fatalf("%s %d: %+v, want %+v", name, one.UID, one.Envelope.Subject, w)
			}
		}
	}
}
