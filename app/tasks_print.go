// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"io"
	"strings"
	"sync"
	"time"

	"kontor/app/i18n"
	"kontor/app/tasks"
)

// Print writes the tasks that q asks for as a page for paper (HTML in UTF-8, A4), under a heading; none is the name of the list. A browser that opens it
// asks at once which printer to use. Nothing in it is loaded from anywhere or runs, whatever the tasks say.
func (s *Tasks) Print(ctx context.Context, q tasks.Query, heading string, w io.Writer) error {
	return s.printTo(ctx, q, heading, w, true)
}

// printScript is the only script that the page lets run.
const printScript = `addEventListener("load",function(){print()})`

func (s *Tasks) printTo(ctx context.Context, q tasks.Query, heading string, w io.Writer, ask bool) error {
	all, err := s.List(ctx, q)
	if err != nil {
		return err
	}
	names, err := s.listNames(ctx)
	if err != nil {
		return err
	}
	if heading == "" {
		heading = cmp.Or(names[q.ListID], i18n.T("tasks.print.heading"))
	}
	p := sheetOf(all, names, q, heading, time.Now())
	p.Policy = "default-src 'none'; style-src 'unsafe-inline'"
	if ask {
		sum := sha256.Sum256([]byte(printScript))
		p.Policy += "; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		p.Script = template.JS(printScript) //nolint:gosec // a constant of ours
	}
	return sheetPage().Execute(w, p)
}

// sheet is what a page for paper shows, all of it in words.
type sheet struct {
	Lang, Heading, Summary, Empty string
	Policy                        string
	Script                        template.JS
	Sections                      []sheetSection
}

type sheetSection struct {
	Title string
	Late  bool
	Rows  []sheetRow
}

type sheetRow struct {
	Title              string
	Done, Canceled     bool
	High, Late         bool
	Indent             int // steps
	Due                string
	Facts              []string // what else there is to say, each short
	Note               []string // by line
	Links              []string
	DoneWord, OpenWord string
}

func sheetOf(all []tasks.Task, lists map[int64]string, q tasks.Query, heading string, now time.Time) sheet {
	p := sheet{Lang: string(i18n.Current()), Heading: heading, Empty: i18n.T("tasks.print.empty")}
	open := 0
	for _, t := range all {
		if !t.Closed() {
			open++
		}
	}
	p.Summary = i18n.T("tasks.print.summary", "n", open, "date", i18n.DateTime(now))
	sections := tasks.Sections(all, q, now)
	for _, s := range sections {
		section := sheetSection{Late: s.Span == tasks.SpanLate}
		switch {
		case s.Span != tasks.SpanNone:
			section.Title = i18n.T("tasks.print.span." + string(s.Span))
		case q.ListID == 0: // else the heading says it
			section.Title = lists[s.ListID]
		}
		for _, n := range s.Nodes {
			row := sheetRowOf(n, now)
			if s.Span != tasks.SpanNone && q.ListID == 0 && lists[n.ListID] != "" {
				row.Facts = append([]string{lists[n.ListID]}, row.Facts...)
			}
			section.Rows = append(section.Rows, row)
		}
		p.Sections = append(p.Sections, section)
	}
	return p
}

func sheetRowOf(n tasks.Node, now time.Time) sheetRow {
	row := sheetRow{
		Title: n.Title, Done: n.Done(), Canceled: n.Status == tasks.Canceled, High: tasks.ClassOf(n.Priority) == tasks.PriorityHigh, Indent: min(n.Depth, 8),
		Late: tasks.SpanOf(n.Task, now) == tasks.SpanLate, Due: sheetWhen(n.Due, now),
		DoneWord: i18n.T("tasks.csv.status.done"), OpenWord: i18n.T("tasks.csv.status.open"),
	}
	if row.Title == "" {
		row.Title = i18n.T("tasks.cli.untitled")
	}
	fact := func(key, value string) {
		if value != "" {
			row.Facts = append(row.Facts, i18n.T("tasks.print."+key, "value", value))
		}
	}
	switch {
	case n.Done() && !n.Completed.IsZero():
		row.Due = ""
		fact("completed", i18n.Date(n.Completed.Local()))
	case row.Canceled:
		row.Facts = append(row.Facts, i18n.T("tasks.csv.status.cancelled"))
	case n.Percent > 0 && n.Percent < 100:
		fact("percent", i18n.Count(n.Percent))
	}
	fact("start", sheetWhen(n.Start, now))
	if n.Recurs {
		row.Facts = append(row.Facts, i18n.T("tasks.print.recurs"))
	}
	for _, tag := range n.Tags {
		row.Facts = append(row.Facts, "#"+tag)
	}
	fact("assignee", n.Assignee)
	if note := strings.TrimSpace(n.Note); note != "" {
		row.Note = strings.Split(strings.ReplaceAll(note, "\r\n", "\n"), "\n")
	}
	for _, link := range append([]string{n.URL}, n.Links...) {
		switch {
		case link == "":
		case tasks.IsMail(link):
			row.Links = append(row.Links, i18n.T("tasks.print.mail"))
		default:
			row.Links = append(row.Links, link)
		}
	}
	return row
}

// sheetWhen writes a date with its year, since paper is read later; a moment gets its time of day.
func sheetWhen(w tasks.When, now time.Time) string {
	switch {
	case w.IsZero():
		return ""
	case w.AllDay:
		return i18n.Date(w.Time)
	}
	return i18n.DateTime(w.Time.In(now.Location()))
}

var sheetPage = sync.OnceValue(func() *template.Template { return template.Must(template.New("sheet").Parse(sheetHTML)) })

const sheetHTML = `<!DOCTYPE html>
<html lang="{{.Lang}}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{.Policy}}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Heading}}</title>
<style>
@page { size: A4; margin: 18mm 16mm 16mm }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 178mm; padding: 0; color: #111; background: #fff; font: 10.5pt/1.4 "Segoe UI", Cantarell, "Noto Sans", Arial, sans-serif }
@media screen { body { padding: 10mm 6mm } }
header { display: flex; align-items: baseline; justify-content: space-between; gap: 8mm; border-bottom: 1pt solid #111; padding-bottom: 2mm; margin-bottom: 4mm }
h1 { font-size: 17pt; line-height: 1.2; margin: 0; overflow-wrap: anywhere }
header p { margin: 0; font-size: 9pt; color: #444; white-space: nowrap }
h2 { font-size: 12pt; margin: 5mm 0 1mm; break-after: avoid }
h2.late { color: #a1161b }
ul { list-style: none; margin: 0; padding: 0 }
li { display: grid; grid-template-columns: 5mm 1fr auto; column-gap: 3mm; padding: 1.6mm 0; border-bottom: .4pt solid #ccc; break-inside: avoid }
.box { width: 3.8mm; height: 3.8mm; margin-top: .6mm; border: .8pt solid #111; border-radius: .6mm; text-align: center; font: bold 9.5pt/3.4mm sans-serif }
.title { overflow-wrap: anywhere }
.high .title { font-weight: bold }
.closed .title { text-decoration: line-through; color: #444 }
.due { white-space: nowrap; font-variant-numeric: tabular-nums }
.is-late .due { color: #a1161b; font-weight: bold }
.more { grid-column: 2 / 4; font-size: 9pt; color: #444; overflow-wrap: anywhere }
.facts span + span::before { content: " · " }
.note { color: #222; margin-top: .6mm }
.d1 { margin-left: 7mm } .d2 { margin-left: 14mm } .d3 { margin-left: 21mm } .d4 { margin-left: 28mm }
.d5 { margin-left: 35mm } .d6 { margin-left: 42mm } .d7 { margin-left: 49mm } .d8 { margin-left: 56mm }
</style>
</head>
<body>
<header><h1>{{.Heading}}</h1><p>{{.Summary}}</p></header>
{{- range .Sections}}
{{if .Title}}<h2{{if .Late}} class="late"{{end}}>{{.Title}}</h2>
{{end}}<ul>
{{- range .Rows}}
<li class="d{{.Indent}}{{if .High}} high{{end}}{{if .Late}} is-late{{end}}{{if or .Done .Canceled}} closed{{end}}">
<div class="box" role="img" aria-label="{{if .Done}}{{.DoneWord}}{{else}}{{.OpenWord}}{{end}}">{{if .Done}}✓{{else if .Canceled}}–{{end}}</div>
<div class="title">{{if .High}}! {{end}}{{.Title}}</div><div class="due">{{.Due}}</div>
{{- if .Facts}}
<div class="more facts">{{range .Facts}}<span>{{.}}</span>{{end}}</div>{{end}}
{{- if .Note}}
<div class="more note">{{range $i, $line := .Note}}{{if $i}}<br>{{end}}{{$line}}{{end}}</div>{{end}}
{{- range .Links}}
<div class="more">{{.}}</div>{{end}}
</li>
{{- end}}
</ul>
{{- else}}
<p>{{.Empty}}</p>
{{- end}}
{{- with .Script}}
<script>{{.}}</script>
{{- end}}
</body>
</html>
`
