// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"kontor/app/i18n"
	"kontor/app/tasks"
)

// paper prints what a query asks for and gives its words, one element a line, and the page.
func (d *taskDesk) paper(q tasks.Query, heading string) (words, page string) {
	d.t.Helper()
	var b bytes.Buffer
	d.must(d.Print(d.ctx, q, heading, &b))
	root, err := html.Parse(strings.NewReader(b.String()))
	d.must(err)
	var lines []string
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode && strings.TrimSpace(n.Data) != "" && n.Parent.Data != "style" {
			lines = append(lines, strings.TrimSpace(n.Data))
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	return strings.Join(lines, "\n"), b.String()
}

// speak makes a language the one in use for a test.
func speak(t *testing.T, l i18n.Lang) {
	t.Helper()
	before := i18n.Current()
	i18n.Use(l)
	t.Cleanup(func() { i18n.Use(before) })
}

// inOrder fails unless the parts stand one behind the other.
func (d *taskDesk) inOrder(text string, parts ...string) {
	d.t.Helper()
	rest := text
	for _, part := range parts {
		_, after, found := strings.Cut(rest, part)
		if !found {
			d.t.Errorf("%q is missing, or stands elsewhere, in\n%s", part, text)
			return
		}
		rest = after
	}
}

// TestPrintedList: a list on paper says what the tasks say, in their tree, with what is done at the end.
func TestPrintedList(t *testing.T) {
	speak(t, i18n.German)
	d := newTaskDesk(t)
	note, url, five := "erste Zeile\nzweite Zeile", "https://stadt.example/plan", 40
	due := tasks.When{Time: time.Date(2020, 2, 3, 0, 0, 0, 0, time.Local), AllDay: true}
	high := 1
	d.imported(d.list, vtodos("", "UID:p\r\nSUMMARY:Bericht\r\nX-APPLE-SORT-ORDER:1\r\nATTENDEE;CN=Anna Amt:mailto:anna@stadt.example\r\n",
		"UID:c\r\nSUMMARY:Zahlen holen\r\nRELATED-TO:p\r\nX-APPLE-SORT-ORDER:2\r\n", "UID:e\r\nSUMMARY:Fertig\r\nSTATUS:COMPLETED\r\nCOMPLETED:20260102T100000Z\r\n",
		"UID:o\r\nSUMMARY:Offen geblieben\r\nRELATED-TO:e\r\nX-APPLE-SORT-ORDER:3\r\n", "UID:h\r\nSUMMARY:Häkchen\r\nRELATED-TO:p\r\nSTATUS:COMPLETED\r\n"))
	found, err := d.List(d.ctx, tasks.Query{Text: "Bericht"})
	d.must(err)
	d.must(d.Edit(d.ctx, found[0].ID, tasks.Edit{Note: &note, URL: &url, Due: &due, Priority: &high, Percent: &five, Tags: &[]string{"Amt"}}))
	words, page := d.paper(tasks.Query{ListID: d.list, Closed: true}, "")
	d.inOrder(words, "Amt", "3 offene Aufgaben", "! Bericht", "03.02.2020", "40 %", "#Amt", "Anna Amt", "erste Zeile", "zweite Zeile", url,
		"Zahlen holen", "✓", "Häkchen", "Offen geblieben", "Erledigt", "✓", "Fertig", "02.01.2026")
	d.inOrder(page, `class="d0 high is-late"`, `class="d1"`, `class="d1 closed"`, `class="d0"`, `class="d0 closed"`)

	i18n.Use(i18n.English)
	words, page = d.paper(tasks.Query{Smart: tasks.SmartOverdue}, "Late")
	d.inOrder(words, "Late", "1 open task", "Overdue", "! Bericht", "Amt", "40 % done", "Assigned to Anna Amt")
	if !strings.Contains(page, `<html lang="en">`) || strings.Contains(words, "Zahlen") {
		t.Errorf("page\n%s", page)
	}
	if words, _ = d.paper(tasks.Query{ListID: d.second}, ""); !strings.Contains(words, "no tasks here") {
		t.Errorf("nothing to print\n%s", words)
	}
}

// TestPrintedPageRunsNothing: what a stranger writes into a task is words on paper, and the page asks no server for anything.
func TestPrintedPageRunsNothing(t *testing.T) {
	speak(t, i18n.German)
	d := newTaskDesk(t)
	evil := `</title><script>alert(1)</script><img src="https://evil.example/x"><style>`
	url := `javascript:alert(1)`
	id := d.add(evil, tasks.Edit{Note: &evil, URL: &url, Tags: &[]string{evil}})
	d.must(d.Link(d.ctx, id, "mid:a@b"))
	words, page := d.paper(tasks.Query{ListID: d.list}, evil)
	if strings.Count(page, "<script") != 1 || strings.Contains(page, "<img") || strings.Count(page, "<style") != 1 || strings.Contains(page, "href") {
		t.Errorf("page\n%s", page)
	}
	d.inOrder(page, "default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; script-src &#39;sha256-")
	d.inOrder(words, evil, evil, "mit einer E-Mail verknüpft")
	if exported := d.exported(tasks.Query{ListID: d.list}, tasks.FormatHTML); strings.Contains(exported, "<script") || !strings.Contains(exported, "<title>Amt") {
		t.Errorf("a file must not ask for a printer\n%s", exported)
	}
}
