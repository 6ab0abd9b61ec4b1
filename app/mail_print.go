// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"kontor/app/i18n"
	"kontor/app/mail"
)

// Print writes messages as pages for paper (HTML in UTF-8, A4), the oldest first, each on a page of its own: who wrote to
// whom and when, what is attached, and the text. A browser that opens it asks at once which printer to use, or writes a PDF.
// Nothing in it is loaded from anywhere or runs, whatever the messages say. Errors: ErrNoBody where a text is not here yet.
func (m *Mail) Print(ctx context.Context, ids []int64, w io.Writer) error {
	sum := sha256.Sum256([]byte(printScript))
	p := letterPaper{
		Lang: string(i18n.Current()), Script: template.JS(printScript), //nolint:gosec // a constant of ours
		Policy: "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'",
		Foot:   i18n.T("mail.print.foot", "date", i18n.DateTime(time.Now())),
	}
	all := make([]mail.Message, 0, len(ids))
	for _, id := range ids {
		msg, err := m.Open(ctx, id)
		if err == nil && !msg.HasBody {
			err = ErrNoBody
		}
		if err != nil {
			return fmt.Errorf("print: %w", err)
		}
		all = append(all, msg)
	}
	slices.SortStableFunc(all, func(a, b mail.Message) int { return cmp.Or(a.Date.Compare(b.Date), cmp.Compare(a.ID, b.ID)) })
	for _, msg := range all {
		p.Letters = append(p.Letters, letterOf(msg))
	}
	if len(p.Letters) > 0 {
		p.Title = p.Letters[0].Subject
	}
	return letterPage().Execute(w, p)
}

// letterPaper is what the pages show, all of it in words.
type letterPaper struct {
	Lang, Title, Policy, Foot string
	Script                    template.JS
	Letters                   []printedLetter
}

type printedLetter struct {
	Subject string
	Fields  []printedField
	Text    string
}

type printedField struct{ Label, Value string }

func letterOf(msg mail.Message) printedLetter {
	l := printedLetter{Subject: cmp.Or(strings.TrimSpace(msg.Subject), i18n.T("mail.print.no-subject")), Text: msg.Text}
	field := func(key, value string) {
		if value != "" {
			l.Fields = append(l.Fields, printedField{i18n.T("mail.print." + key), value})
		}
	}
	people := func(list []mail.Address) string {
		words := make([]string, len(list))
		for i, a := range list {
			if words[i] = a.Addr; a.Name != "" {
				words[i] = a.Name + " <" + a.Addr + ">"
			}
		}
		return strings.Join(words, ", ")
	}
	field("from", people([]mail.Address{msg.From}))
	field("to", people(msg.To))
	field("cc", people(msg.Cc))
	field("bcc", people(msg.Bcc))
	when := msg.Sent
	if when.IsZero() {
		when = msg.Date
	}
	field("date", i18n.DateTime(when.Local()))
	var files []string
	for _, a := range msg.Attachments {
		files = append(files, i18n.T("mail.print.file", "name", cmp.Or(a.Name, a.MIMEType), "size", i18n.Size(a.Size)))
	}
	field("files", strings.Join(files, ", "))
	return l
}

var letterPage = sync.OnceValue(func() *template.Template { return template.Must(template.New("letter").Parse(letterHTML)) })

const letterHTML = `<!DOCTYPE html>
<html lang="{{.Lang}}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{.Policy}}">
<title>{{.Title}}</title>
<style>
@page { size: A4; margin: 20mm 18mm }
body { max-width: 174mm; margin: 0 auto; color: #111; background: #fff; font: 10.5pt/1.45 "Segoe UI", Cantarell, "Noto Sans", Arial, sans-serif }
@media screen { body { padding: 10mm 6mm } article + article { border-top: 2pt dashed #999; margin-top: 10mm; padding-top: 8mm } }
@media print { article + article { break-before: page } }
h1 { margin: 0 0 3mm; font-size: 15pt; line-height: 1.25; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .6mm 5mm; margin: 0 0 5mm; padding-bottom: 3mm; border-bottom: 1pt solid #111; font-size: 9.5pt }
dt { color: #444 }
dd { margin: 0; overflow-wrap: anywhere }
.text { white-space: pre-wrap; overflow-wrap: anywhere }
footer { margin-top: 6mm; padding-top: 1.5mm; border-top: .4pt solid #999; font-size: 8pt; color: #444 }
</style>
</head>
<body>
{{- range .Letters}}
<article>
<h1>{{.Subject}}</h1>
<dl>
{{- range .Fields}}
<dt>{{.Label}}</dt><dd>{{.Value}}</dd>
{{- end}}
</dl>
<div class="text">{{.Text}}</div>
<footer>{{$.Foot}}</footer>
</article>
{{- end}}
<script>{{.Script}}</script>
</body>
</html>
`
