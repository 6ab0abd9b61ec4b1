// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// section is a part of the details that the server has to be asked for: only when a person wants it, and without anything
// waiting for the answer.
type section struct {
	detail *detail
	box    *fyne.Container
	ask    *kit.Button
	note   *kit.Paragraph
	lines  *fyne.Container
	name   string // of its texts
	read   func(ctx context.Context, e files.Entry) (func() []fyne.CanvasObject, error)
	turn   int
}

func newSection(d *detail, name, icon string) *section {
	s := &section{detail: d, name: name, note: kit.NewParagraph("", 12, theme.Muted), lines: kit.NewColumn(8)}
	s.ask = kit.NewPlain(i18n.T(name), icon, s.open)
	s.box = kit.NewColumn(6, kit.NewRowOf(8, s.ask), s.note, s.lines)
	s.box.Hide()
	s.note.Hide()
	return s
}

// offer shows the section where the server has what it is about.
func (s *section) offer(on bool) { kit.SetVisible(s.box, on) }

// reset forgets what the server answered: another entry is shown.
func (s *section) reset() {
	s.turn++
	s.lines.Objects = nil
	s.note.Set("", theme.Muted)
	s.note.Hide()
}

// open asks the server.
func (s *section) open() {
	if !s.box.Visible() {
		return
	}
	s.detail.page.content.ShowDetails()
	s.reset()
	s.say(i18n.T("filesui.asking"), theme.Muted)
	turn, e := s.turn, s.detail.entry
	kit.Load(func() (func() []fyne.CanvasObject, error) { return s.read(context.Background(), e) }, func(build func() []fyne.CanvasObject, err error) {
		if turn != s.turn {
			return
		}
		if err != nil {
			s.say(i18n.T("filesui.no-answer"), theme.Bad)
			s.detail.page.cfg.ShowError(err)
			return
		}
		s.lines.Objects = build()
		s.say("", theme.Muted)
		if len(s.lines.Objects) == 0 {
			s.say(i18n.T(s.name+".none"), theme.Muted)
		}
		kit.Focus(s.ask)
	})
}

func (s *section) say(words string, token theme.Token) {
	s.note.Set(words, token)
	kit.SetVisible(s.note, words != "")
	s.detail.reflow()
}

// change asks the server for a change and then for what is true now.
func (s *section) change(words string, act func(ctx context.Context) error) {
	kit.Act(func() error { return act(context.Background()) }, func(err error) {
		if err != nil {
			s.detail.page.cfg.ShowError(err)
			return
		}
		s.detail.page.cfg.Toast(words, "", nil)
		s.open()
		s.detail.page.reload()
	})
}

// newVersions is the section of earlier contents.
func newVersions(d *detail) *section {
	s := newSection(d, "filesui.versions", "clock")
	core := d.page.cfg.Files
	s.read = func(ctx context.Context, e files.Entry) (func() []fyne.CanvasObject, error) {
		all, err := core.Versions(ctx, e.ID)
		return func() []fyne.CanvasObject {
			lines := make([]fyne.CanvasObject, 0, len(all))
			for _, v := range all {
				when := i18n.DateTime(v.Modified)
				about := when + " · " + i18n.Size(v.Size)
				if v.Who != "" {
					about = i18n.T("filesui.versions.by", "when", when, "size", i18n.Size(v.Size), "who", v.Who)
				}
				lines = append(lines, kit.NewColumn(2,
					kit.NewLabel(about, 13, theme.Text, false),
					kit.NewRowOf(8,
						named(kit.NewLink(i18n.T("filesui.versions.restore"), func() { s.restore(e, v) }), when),
						named(kit.NewLink(i18n.T("filesui.versions.save"), func() { s.save(e, v) }), when))))
			}
			return lines
		}, err
	}
	return s
}

// named gives a button that is there more than once words of its own for screen readers and tips.
func named(b *kit.Button, about string) *kit.Button {
	b.SetTip(about)
	return b
}

func (s *section) restore(e files.Entry, v files.Version) {
	when := i18n.DateTime(v.Modified)
	s.change(i18n.T("filesui.versions.restored", "name", e.Name, "when", when), func(ctx context.Context) error {
		return s.detail.page.cfg.Files.RestoreVersion(ctx, e.ID, v.Key)
	})
}

func (s *section) save(e files.Entry, v files.Version) {
	s.detail.page.cfg.Save(e.Name, func(w io.Writer) error {
		return s.detail.page.cfg.Files.SaveVersion(context.Background(), e.ID, v.Key, w)
	})
}

// shareForm is what a new link is made with.
type shareForm struct {
	days     *kit.Segments
	password *kit.Entry
	write    *kit.Segments
}

// newShares is the section of links for others.
func newShares(d *detail) *section {
	s := newSection(d, "filesui.shares", "link")
	core := d.page.cfg.Files
	s.read = func(ctx context.Context, e files.Entry) (func() []fyne.CanvasObject, error) {
		all, err := core.Shares(ctx, e.ID)
		return func() []fyne.CanvasObject {
			var lines []fyne.CanvasObject
			for _, share := range all {
				lines = append(lines, s.shareLine(e, share))
			}
			return append(lines, s.form(e))
		}, err
	}
	return s
}

func (s *section) shareLine(e files.Entry, share files.Share) fyne.CanvasObject {
	var facts []string
	if share.Expires.IsZero() {
		facts = append(facts, i18n.T("filesui.shares.forever"))
	} else {
		facts = append(facts, i18n.T("filesui.shares.until", "day", i18n.Date(share.Expires)))
	}
	if share.Protected {
		facts = append(facts, i18n.T("filesui.shares.protected"))
	}
	if share.Write {
		facts = append(facts, i18n.T("filesui.shares.write"))
	}
	p := s.detail.page
	return kit.NewColumn(2, kit.NewLabel(share.URL, 13, theme.Text, false), kit.NewParagraph(strings.Join(facts, ", "), 12, theme.Muted), kit.NewRowOf(8,
		named(kit.NewLink(i18n.T("filesui.shares.copy"), func() { s.copyLink(share) }), share.URL),
		named(kit.NewLink(i18n.T("filesui.shares.open"), func() { p.cfg.ShowError(p.cfg.OpenURL(share.URL)) }), share.URL),
		named(kit.NewLink(i18n.T("filesui.shares.end"), func() {
			s.change(i18n.T("filesui.shares.ended"), func(ctx context.Context) error { return p.cfg.Files.RemoveShare(ctx, e.ID, share.Key) })
		}), share.URL)))
}

func (s *section) copyLink(share files.Share) {
	s.detail.page.cfg.Copy(share.URL)
	s.detail.page.cfg.Toast(i18n.T("filesui.shares.copied"), "", nil)
}

// shareDays are how long a link may hold; 0 is for ever.
var shareDays = map[string]int{"7": 7, "30": 30, "0": 0}

// form is where a new link is described. A link that ends by itself is proposed.
func (s *section) form(e files.Entry) fyne.CanvasObject {
	f := &shareForm{password: kit.NewPassword(i18n.T("filesui.shares.password"))}
	f.password.Name = i18n.T("filesui.shares.password")
	f.days = kit.NewSegments(i18n.T("filesui.shares.holds"), "30", []kit.Option{
		{ID: "7", Label: i18n.T("filesui.shares.days", "n", 7)}, {ID: "30", Label: i18n.T("filesui.shares.days", "n", 30)}, {ID: "0", Label: i18n.T("filesui.shares.no-end")},
	}, nil)
	f.write = kit.NewSegments(i18n.T("filesui.shares.may"), "read", []kit.Option{
		{ID: "read", Label: i18n.T("filesui.shares.read")}, {ID: "write", Label: i18n.T("filesui.shares.change")},
	}, nil)
	create := kit.NewPrimary(i18n.T("filesui.shares.create"), func() { s.create(e, f) })
	f.password.OnSubmitted = func(string) { s.create(e, f) }
	return kit.NewCard(kit.NewColumn(6, kit.Section(i18n.T("filesui.shares.new")), kit.NewLabel(i18n.T("filesui.shares.holds"), 12, theme.Muted, false), f.days,
		kit.NewLabel(i18n.T("filesui.shares.may"), 12, theme.Muted, false), f.write, f.password, kit.NewRowOf(8, create)))
}

func (s *section) create(e files.Entry, f *shareForm) {
	p := s.detail.page
	o := files.ShareOptions{Password: f.password.Text, Write: f.write.Chosen() == "write"}
	if days := shareDays[f.days.Chosen()]; days > 0 {
		o.Expires = p.cfg.Now().Add(time.Duration(days) * 24 * time.Hour)
	}
	kit.Load(func() (files.Share, error) { return p.cfg.Files.CreateShare(context.Background(), e.ID, o) }, func(share files.Share, err error) {
		switch {
		case errors.Is(err, files.ErrPassword):
			kit.Focus(f.password)
			p.cfg.ShowError(err)
		case err != nil:
			p.cfg.ShowError(err)
		default:
			s.copyLink(share)
			s.open()
		}
	})
}
