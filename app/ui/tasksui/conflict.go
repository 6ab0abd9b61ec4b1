// SPDX-License-Identifier: EUPL-1.2

package tasksui

import (
	"context"
	"slices"
	"strings"
	"time"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/app/ui/theme"
)

// conflict shows their version of what both sides changed beside the fields, to be decided in the pane.
type conflict struct {
	pane  *detail
	box   *kit.Panel
	words *kit.Paragraph
	grid  *kit.DetailGrid
	of    app.Conflict
	sides tasks.Conflict
}

func newConflict(d *detail) *conflict {
	c := &conflict{pane: d, words: kit.NewParagraph("", 13, theme.Bad), grid: kit.NewDetailGrid()}
	answers := kit.NewRowOf(6,
		kit.NewPlain(i18n.T("tasksui.conflict.mine"), "", func() { c.decide(app.Mine) }),
		kit.NewPlain(i18n.T("tasksui.conflict.theirs"), "", func() { c.decide(app.Theirs) }),
		kit.NewPlain(i18n.T("tasksui.conflict.both"), "", func() { c.decide(app.Both) }))
	c.box = kit.NewPanel(theme.Surface, kit.NewColumn(6, c.words, c.grid, answers)).Rounded(8, theme.Bad).Padded(8, 10, 8, 10)
	c.box.Hide()
	return c
}

func (c *conflict) take(of app.Conflict) {
	c.of = of
	kit.SetVisible(c.box, of.ID != 0)
	if of.ID == 0 {
		return
	}
	c.words.Set(i18n.T("tasksui.conflict."+string(c.sides.Reason)), theme.Bad)
	c.grid.Set(theirFields(c.sides, c.pane.page.cfg.Now())...)
}

// theirFields are the fields of the other version that differ from this one.
func theirFields(c tasks.Conflict, now time.Time) []kit.Detail {
	theirs, err := tasks.Parse(c.Theirs, now.Location())
	if c.Theirs == "" || err != nil {
		return []kit.Detail{{Label: i18n.T("tasksui.conflict.there"), Value: i18n.T("tasksui.conflict.gone")}}
	}
	mine, _ := tasks.Parse(c.Mine, now.Location())
	var all []kit.Detail
	add := func(field tasks.Field, key, there, here string) {
		if there == here || len(c.Fields) > 0 && !slices.Contains(c.Fields, field) {
			return
		}
		if there == "" {
			there = "–"
		}
		all = append(all, kit.Detail{Label: i18n.T("tasksui.field." + key), Value: strings.Join(strings.Fields(there), " ")})
	}
	add(tasks.FieldTitle, "title", theirs.Title, mine.Title)
	add(tasks.FieldWhen, "due", dueWords(theirs.Due, now), dueWords(mine.Due, now))
	add(tasks.FieldWhen, "start", dueWords(theirs.Start, now), dueWords(mine.Start, now))
	add(tasks.FieldWhen, "repeat", repeatWords(theirs.RRule), repeatWords(mine.RRule))
	add(tasks.FieldNote, "note", theirs.Note, mine.Note)
	add(tasks.FieldURL, "url", theirs.URL, mine.URL)
	if len(all) == 0 {
		all = append(all, kit.Detail{Label: i18n.T("tasksui.conflict.there"), Value: title(theirs)})
	}
	return all
}

// decide keeps what a person chose.
func (c *conflict) decide(what app.Choice) {
	of := c.of.ID
	c.pane.save()
	c.pane.page.do(i18n.T("tasksui.conflict.decided."+string(what)), func(ctx context.Context) error {
		return c.pane.page.cfg.Conflicts.Resolve(ctx, of, what)
	})
}
