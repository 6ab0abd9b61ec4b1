// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
)

func attachmentName(a mail.Attachment) string {
	if name := safeName(a.Name); name != "" {
		return name
	}
	if strings.HasPrefix(a.MIMEType, "message/") {
		return i18n.T("mailui.attachment.message") + ".eml"
	}
	return i18n.T("mailui.attachment.unnamed", "n", a.Index+1)
}

// safeName is a name without folders and without characters that file systems refuse.
func safeName(name string) string {
	name = path.Base(strings.ReplaceAll(oneLine(name), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"|?*`, r) {
			return '_'
		}
		return r
	}, name)
	if name == "." || name == "/" || name == ".." {
		return ""
	}
	return strings.TrimRight(name, ". ")
}

func attachmentNote(a mail.Attachment) string {
	return i18n.Size(a.Size) + " · " + i18n.T("mailui.attachment.local")
}

func attachmentIcon(a mail.Attachment) string {
	switch {
	case strings.HasPrefix(a.MIMEType, "image/"):
		return "image"
	case strings.HasPrefix(a.MIMEType, "message/"):
		return "mail"
	case strings.HasPrefix(a.MIMEType, "text/calendar"):
		return "calendar"
	}
	return "file"
}

// runs reports whether a file of this name would be executed when it is opened.
func runs(name string) bool {
	return slices.Contains(executables, strings.ToLower(strings.TrimPrefix(path.Ext(name), ".")))
}

var executables = []string{
	"exe", "com", "bat", "cmd", "msi", "msp", "scr", "pif", "ps1", "vbs", "vbe", "js", "jse", "wsf", "wsh", "hta", "lnk", "jar", "reg",
	"cpl", "sh", "desktop", "appimage", "run", "deb", "rpm", "iso", "img", "vhd", "vhdx", "docm", "xlsm", "pptm", "dll", "application",
}

// attachmentMenu is what can be done with an attachment.
func (p *Page) attachmentMenu(id int64, a mail.Attachment) []kit.MenuItem {
	name := attachmentName(a)
	data := func() ([]byte, error) {
		_, b, err := p.cfg.Mail.Attachment(p.ctx, id, a.Index)
		return b, err
	}
	var items []kit.MenuItem
	if p.cfg.OpenData != nil {
		items = append(items, kit.MenuItem{Label: i18n.T("mailui.attachment.open"), Icon: "external", Act: func() {
			if runs(name) {
				p.confirm(i18n.T("mailui.ask.run", "name", name), i18n.T("mailui.ask.run-text"), i18n.T("mailui.attachment.open"), func() { p.cfg.OpenData(name, data) })
				return
			}
			p.cfg.OpenData(name, data)
		}})
	}
	if p.cfg.SaveData != nil {
		items = append(items, kit.MenuItem{Label: i18n.T("mailui.attachment.save"), Icon: "download", Act: func() { p.cfg.SaveData(name, data) }})
	}
	if p.cfg.ToFiles != nil {
		items = append(items, kit.MenuItem{Label: i18n.T("mailui.attachment.files"), Icon: "folder", Act: func() {
			kit.Load(data, func(b []byte, err error) {
				if err != nil {
					p.fail(err)
					return
				}
				p.cfg.ToFiles(name, b)
			})
		}})
	}
	return items
}

// saveAll asks for a folder and saves every attachment there.
func (p *Page) saveAll() {
	m := p.reader.shown.msg
	if p.cfg.SaveAll == nil {
		return
	}
	files := make([]NamedFile, 0, len(m.Attachments))
	for _, a := range m.Attachments {
		files = append(files, NamedFile{Name: attachmentName(a), Size: a.Size, Data: func() ([]byte, error) {
			_, b, err := p.cfg.Mail.Attachment(p.ctx, m.ID, a.Index)
			return b, err
		}})
	}
	p.cfg.SaveAll(files)
}

// saveRaw saves a message as a file that every mail program can open.
func (p *Page) saveRaw(m mail.Message) {
	name := safeName(m.Subject)
	if name == "" {
		name = i18n.T("mailui.attachment.message")
	}
	if p.cfg.SaveData != nil {
		p.cfg.SaveData(name+".eml", func() ([]byte, error) { return p.cfg.Mail.Raw(p.ctx, m.ID) })
	}
}

// Print shows the chosen messages as pages for paper in the browser, which asks for the printer.
func (p *Page) Print() {
	ids := p.target()
	if len(ids) == 0 || p.cfg.OpenData == nil {
		return
	}
	name := ""
	if m := p.reader.shown.msg; len(ids) == 1 && m.ID == ids[0] {
		name = safeName(m.Subject)
	}
	p.cfg.OpenData(cmp.Or(name, i18n.T("mailui.action.print-name"))+".html", func() ([]byte, error) {
		var b bytes.Buffer
		err := p.cfg.Mail.Print(p.ctx, ids, &b)
		return b.Bytes(), err
	})
}

// originalMenu offers what can be done with the HTML of a message. Nothing of it is loaded here.
func (p *Page) originalMenu(below fyne.CanvasObject) {
	m := p.reader.shown.msg
	name := safeName(m.Subject)
	if name == "" {
		name = i18n.T("mailui.attachment.message")
	}
	data := func() ([]byte, error) { return []byte(m.HTML), nil }
	var items []kit.MenuItem
	if p.cfg.OpenData != nil {
		items = append(items, kit.MenuItem{Label: i18n.T("mailui.original.open"), Icon: "external", Act: func() {
			p.confirm(i18n.T("mailui.ask.original"), i18n.T("mailui.ask.original-text"), i18n.T("mailui.original.open"), func() { p.cfg.OpenData(name+".html", data) })
		}})
	}
	if p.cfg.SaveData != nil {
		items = append(items, kit.MenuItem{Label: i18n.T("mailui.original.save"), Icon: "download", Act: func() { p.cfg.SaveData(name+".html", data) }})
	}
	kit.PopUpBelow(below, items...)
}

// followLink opens a link of a message: mail addresses in the editor, sites in the browser, and only these. Where its
// words name another site it asks first.
func (p *Page) followLink(s span) {
	u, err := url.Parse(s.Href)
	if err != nil {
		p.fail(fmt.Errorf("open link: %w", err))
		return
	}
	switch u.Scheme {
	case "mailto":
		p.WriteTo(s.Href)
		return
	case "http", "https":
	default:
		return
	}
	open := func() {
		if p.cfg.OpenURL != nil {
			p.fail(p.cfg.OpenURL(s.Href))
		} else {
			p.fail(fyne.CurrentApp().OpenURL(u))
		}
	}
	if s.Warn {
		p.confirm(i18n.T("mailui.ask.link", "host", u.Hostname()), i18n.T("mailui.ask.link-text", "words", s.Text), i18n.T("mailui.ask.link-yes"), open)
		return
	}
	open()
}
