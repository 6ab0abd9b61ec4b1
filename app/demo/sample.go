// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// The folders of the sample mailbox, as their users named them.
const (
	drafts  = "Entwürfe"
	sentBox = "Gesendet"
	archive = "Archiv"
	junk    = "Spam"
	trash   = "Papierkorb"
)

// specialUses lays down the folders that every user has (RFC 6154).
func (p *postbox) specialUses() {
	for _, f := range []struct {
		name string
		use  imap.MailboxAttr
	}{
		{drafts, imap.MailboxAttrDrafts},
		{sentBox, imap.MailboxAttrSent},
		{archive, imap.MailboxAttrArchive},
		{junk, imap.MailboxAttrJunk},
		{trash, imap.MailboxAttrTrash},
	} {
		_ = p.create(f.name, []imap.MailboxAttr{f.use})
	}
}

// person is somebody who writes in the sample data.
type person struct{ name, email string }

func staff(name, local string) person { return person{name, local + "@" + Domain} }

// The people of the building department and those who write to it.
var (
	lena     = staff("Lena Brandt", "lena.brandt")
	jonas    = staff("Jonas Weber", "jonas.weber")
	katrin   = staff("Katrin Vogel", "k.vogel")
	murat    = staff("Murat Aydin", "murat.aydin")
	sofia    = staff("Sofia Lang", "sofia.lang")
	hauke    = staff("Hauke Petersen", "h.petersen")
	carolin  = staff("Carolin Nowak", "c.nowak")
	thomas   = staff("Thomas Schulz", "t.schulz")
	ayse     = staff("Ayşe Yılmaz", "a.yilmaz")
	council  = staff("Personalrat", "personalrat")
	helpdesk = staff("IT-Service", "it-service")
	order    = staff("Ordnungsamt", "ordnungsamt")
	statics  = staff("Baureferat Statik", "statik")
	post     = staff("Poststelle", "poststelle")
	training = staff("Fortbildung", "fortbildung")

	hansen  = person{"Architekturbüro Hansen", "buero@hansen-architekten.example"}
	krueger = person{"Elke Krüger", "e.krueger@post.example"}
	elbe    = person{"Bauherrengemeinschaft Elbblick", "info@elbblick.example"}
	sommer  = person{"Ingenieurbüro Sommer", "m.sommer@sommer-ingenieure.example"}
	maass   = person{"Dr. Ulrike Maaß", "u.maass@kanzlei-maass.example"}
)

var colleagues = []person{
	lena, jonas, katrin, murat, sofia, hauke, carolin, thomas, ayse, council, helpdesk, order, statics, post, training,
}

func isColleague(address string) bool {
	return slices.ContainsFunc(colleagues, func(p person) bool { return strings.EqualFold(p.email, address) })
}

// sampler makes the sample data. Everything it draws comes from one seed, so that equal options give equal bytes.
type sampler struct {
	now  time.Time
	rnd  *rand.Rand
	mail map[string][]letter // by mailbox
}

func (w *World) fill(now time.Time, seed uint64) {
	s := &sampler{now: now.Truncate(time.Second), rnd: rand.New(rand.NewPCG(seed, 0x6b6f6e746f72)), mail: map[string][]letter{}}
	first, second := w.users[0], w.users[1]
	s.writeMail()
	s.deliver(first)
	s.writeMailForJonas()
	s.deliver(second)
	s.layFiles(first.files)
	second.files.put("Vertretung/Übergabe.odt", s.odt("Übergabe", "Offene Vorgänge für die Vertretung."), s.day(-3, 15, 0))
	s.layTasks(first.tasks)
	second.tasks.createLocked("aufgaben").name = "Aufgaben"
}

// deliver lays the letters written so far into a user's mailboxes, oldest first, and forgets them.
func (s *sampler) deliver(u *User) {
	for box, letters := range s.mail {
		slices.SortStableFunc(letters, func(a, b letter) int { return a.date.Compare(b.date) })
		if u.post.boxes[box] == nil {
			_ = u.post.create(box, nil)
		}
		for _, l := range letters {
			u.post.boxes[box].appendLocked(l.mime(), l.date, l.flags)
		}
	}
	s.mail = map[string][]letter{}
}

// day is a moment some days from now, at a time of day.
func (s *sampler) day(days, hour, minute int) time.Time {
	y, m, d := s.now.Date()
	return time.Date(y, m, d+days, hour, minute, 0, 0, s.now.Location())
}

// ago is a moment some minutes ago.
func (s *sampler) ago(minutes int) time.Time { return s.now.Add(-time.Duration(minutes) * time.Minute) }

// workday is like day, but on the Friday before instead of a weekend.
func (s *sampler) workday(days, hour, minute int) time.Time {
	for {
		t := s.day(days, hour, minute)
		if wd := t.Weekday(); wd != time.Saturday && wd != time.Sunday {
			return t
		}
		days--
	}
}

func pick[T any](s *sampler, from []T) T { return from[s.rnd.IntN(len(from))] }
