// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"crypto/rand"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"kontor/app/i18n"
	"kontor/app/tasks"
)

// shortcut takes the keys of the clipboard.
func (p *Page) shortcut(s fyne.Shortcut) bool {
	switch s.(type) {
	case *fyne.ShortcutCopy:
		p.copyTasks(p.selected())
	case *fyne.ShortcutPaste:
		p.pasteTasks()
	default:
		return false
	}
	return true
}

// copyTasks puts tasks into the clipboard as lines that people can read, and that can be pasted as tasks again.
func (p *Page) copyTasks(items []item) {
	if len(items) == 0 {
		return
	}
	p.cfg.Copy(asText(items))
	p.cfg.Toast(i18n.T("tasksui.toast.copied", "n", len(items)), "", nil)
}

// asText writes tasks as lines of quick entry, indented as they are shown.
func asText(items []item) string {
	var b strings.Builder
	least := items[0].depth
	for _, i := range items {
		least = min(least, i.depth)
	}
	for _, i := range items {
		b.WriteString(strings.Repeat("  ", i.depth-least) + strings.Join(strings.Fields(i.Title), " "))
		if !i.Due.IsZero() {
			b.WriteString(" " + exactWhen(i.Due))
		}
		for _, tag := range i.Tags {
			if !strings.ContainsAny(tag, ", ") {
				b.WriteString(" #" + tag)
			}
		}
		switch tasks.ClassOf(i.Priority) {
		case tasks.PriorityHigh:
			b.WriteString(" !1")
		case tasks.PriorityMedium:
			b.WriteString(" !2")
		case tasks.PriorityLow:
			b.WriteString(" !3")
		case tasks.PriorityNone:
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// pasted is a line of text as a task.
type pasted struct {
	edit  tasks.Edit
	depth int
}

// bullets begin a line of a list in text.
const bullets = "-*•–"

// readText makes tasks of lines: what is indented lies below what stands above it.
func readText(text string, now time.Time) []pasted {
	var all []pasted
	var indents []int
	for _, line := range strings.Split(strings.ReplaceAll(text, "\t", "    "), "\n") {
		words := strings.TrimSpace(line)
		indent := len(line) - len(strings.TrimLeft(line, " "))
		for _, box := range []string{"[ ]", "[x]", "[X]"} {
			words = strings.TrimSpace(strings.TrimPrefix(strings.TrimLeft(words, bullets+" "), box))
		}
		e := tasks.Quick(words, now)
		if words == "" || *e.Title == "" {
			continue
		}
		for len(indents) > 0 && indents[len(indents)-1] >= indent {
			indents = indents[:len(indents)-1]
		}
		all = append(all, pasted{e, len(indents)})
		indents = append(indents, indent)
	}
	return all
}

// asCalendar writes what was pasted as one iCalendar text, so that adding it is one step.
func asCalendar(all []pasted, newUID func() string, now time.Time) (string, error) {
	var texts, above []string
	for _, line := range all {
		uid := newUID()
		above = append(above[:min(line.depth, len(above))], uid)
		if line.depth > 0 {
			line.edit.Parent = &above[line.depth-1]
		}
		text, err := tasks.NewText(uid, line.edit, now)
		if err != nil {
			return "", err
		}
		texts = append(texts, text)
	}
	return tasks.Join(texts), nil
}

// pasteTasks makes tasks of the lines in the clipboard, or adds those of a calendar file.
func (p *Page) pasteTasks() {
	text, now, list := p.cfg.Paste(), p.cfg.Now(), p.target()
	if strings.TrimSpace(text) == "" {
		return
	}
	if !strings.HasPrefix(strings.TrimSpace(text), "BEGIN:VCALENDAR") {
		lines := readText(text, now)
		if p.at == (place{smart: tasks.SmartToday}) {
			for n := range lines {
				if lines[n].edit.Due == nil && lines[n].depth == 0 {
					today := dayFrom(now, 0)
					lines[n].edit.Due = &today
				}
			}
		}
		var err error
		if text, err = asCalendar(lines, rand.Text, now); err != nil {
			p.cfg.ShowError(err)
			return
		}
	}
	p.bring(list.ID, func() (string, error) { return text, nil })
}
