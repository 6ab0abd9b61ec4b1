// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/mail"
)

// folderJSON is a folder as scripts see it.
type folderJSON struct {
	ID         int64     `json:"id"`
	AccountID  int64     `json:"account_id"`
	Account    string    `json:"account"`
	Name       string    `json:"name"`
	Delim      string    `json:"delim"`
	Role       mail.Role `json:"role"`
	Selectable bool      `json:"selectable"`
	Subscribed bool      `json:"subscribed"`
	Total      int       `json:"total"`
	Unread     int       `json:"unread"`
	Complete   bool      `json:"complete"`

	Space  mail.Space  `json:"space,omitempty"`  // "users" or "shared" for the mailboxes of others
	Owner  string      `json:"owner,omitempty"`  // whose
	Box    string      `json:"box,omitempty"`    // what the names of its folders begin with
	Rights mail.Rights `json:"rights,omitempty"` // RFC 4314; "-" for none
}

// summaryJSON is a row of a list as scripts see it.
type summaryJSON struct {
	ID            int64          `json:"id"`
	AccountID     int64          `json:"account_id"`
	Folder        string         `json:"folder"`
	ThreadID      int64          `json:"thread_id"`
	MessageID     string         `json:"message_id"`
	Subject       string         `json:"subject"`
	From          mail.Address   `json:"from"`
	To            []mail.Address `json:"to"`
	Date          time.Time      `json:"date"`
	Size          int64          `json:"size"`
	Flags         []string       `json:"flags"`
	Keywords      []string       `json:"keywords"`
	Snippet       string         `json:"snippet"`
	HasAttachment bool           `json:"has_attachment"`
	HasBody       bool           `json:"has_body"`
	ThreadCount   int            `json:"thread_count,omitempty"`
	ThreadUnread  int            `json:"thread_unread,omitempty"`
	State         journal.Mark   `json:"state"`
}

// messageJSON is a whole message as scripts see it.
type messageJSON struct {
	summaryJSON
	Cc          []mail.Address   `json:"cc"`
	Bcc         []mail.Address   `json:"bcc"`
	ReplyTo     []mail.Address   `json:"reply_to"`
	Sent        *time.Time       `json:"sent,omitempty"`
	InReplyTo   string           `json:"in_reply_to"`
	References  []string         `json:"references"`
	Text        string           `json:"text"`
	HTML        string           `json:"html"`
	Attachments []attachmentJSON `json:"attachments"`
}

type attachmentJSON struct {
	Index    int    `json:"index"`
	Name     string `json:"name"`
	MIMEType string `json:"mime_type"`
	Size     int64  `json:"size"`
	Inline   bool   `json:"inline"`
	CID      string `json:"cid,omitempty"`
}

// flagNames are the flags in the words of the command line.
var flagNames = []struct {
	flag mail.Flags
	name string
}{
	{mail.Seen, "seen"},
	{mail.Answered, "answered"},
	{mail.Flagged, "flagged"},
	{mail.Deleted, "deleted"},
	{mail.Draft, "draft"},
	{mail.Forwarded, "forwarded"},
	{mail.MDNSent, "mdnsent"},
	{mail.Junk, "junk"},
	{mail.NotJunk, "notjunk"},
}

// splitFlags tells flags from keywords. "\Seen" and "$Junk" are understood as well.
func splitFlags(words []string) (flags mail.Flags, keywords []string) {
next:
	for _, w := range words {
		for _, f := range flagNames {
			if strings.EqualFold(strings.TrimLeft(w, `\$`), f.name) {
				flags |= f.flag
				continue next
			}
		}
		keywords = append(keywords, w)
	}
	return flags, keywords
}

func flagWords(flags mail.Flags) []string {
	words := []string{}
	for _, f := range flagNames {
		if flags.Has(f.flag) {
			words = append(words, f.name)
		}
	}
	return words
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// summaries gives the rows of a list with their folders and marks.
func summaries(ctx context.Context, core *app.App, list []mail.Summary, threads bool) ([]summaryJSON, error) {
	folders, err := core.Mail.Folders(ctx)
	if err != nil {
		return nil, err
	}
	names := map[int64]string{}
	for _, f := range folders {
		names[f.ID] = f.Name
	}
	ids := make([]int64, len(list))
	for i, m := range list {
		ids[i] = m.ID
	}
	marks, err := core.Mail.Marks(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]summaryJSON, len(list))
	for i, m := range list {
		out[i] = summaryJSON{
			ID: m.ID, AccountID: m.AccountID, Folder: names[m.FolderID], ThreadID: m.ThreadID, MessageID: m.MessageID, Subject: m.Subject, From: m.From,
			To: orEmpty(m.To), Date: m.Date, Size: m.Size, Flags: flagWords(m.Flags), Keywords: orEmpty(m.Keywords), Snippet: m.Snippet,
			HasAttachment: m.HasAttachment, HasBody: m.HasBody, State: cmp.Or(marks[m.ID], journal.MarkServer),
		}
		if threads {
			out[i].ThreadCount, out[i].ThreadUnread = m.ThreadCount, m.ThreadUnread
		}
	}
	return out, nil
}

func mailShow(ctx context.Context, e *env, args []string) error {
	fs := flags("mail show")
	fs.Bool("text", false, "")
	asHTML, asRaw, headers := fs.Bool("html", false, ""), fs.Bool("raw", false, ""), fs.Bool("headers", false, "")
	words, err := parse(fs, args)
	if err != nil || len(words) != 1 {
		return usage(err)
	}
	ids, err := messageIDs(words)
	if err != nil {
		return err
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	if *asRaw || *headers {
		return showRaw(ctx, e, core, ids[0], *headers)
	}
	msg, err := core.Mail.Open(ctx, ids[0])
	if err != nil {
		return err
	}
	rows, err := summaries(ctx, core, []mail.Summary{msg.Summary}, false)
	if err != nil {
		return err
	}
	return e.print(messageOf(msg, rows[0]), func(w io.Writer) error {
		if *asHTML {
			_, err := fmt.Fprintln(w, msg.HTML)
			return err
		}
		return showText(w, msg)
	})
}

func messageOf(msg mail.Message, row summaryJSON) messageJSON {
	m := messageJSON{
		summaryJSON: row, Cc: orEmpty(msg.Cc), Bcc: orEmpty(msg.Bcc), ReplyTo: orEmpty(msg.ReplyTo), InReplyTo: msg.InReplyTo,
		References: orEmpty(msg.References), Text: msg.Text, HTML: msg.HTML, Attachments: []attachmentJSON{},
	}
	if !msg.Sent.IsZero() {
		m.Sent = &msg.Sent
	}
	for _, a := range msg.Attachments {
		m.Attachments = append(m.Attachments, attachmentJSON(a))
	}
	return m
}

// showRaw writes the octets of a message, or its header, as the server has them.
func showRaw(ctx context.Context, e *env, core *app.App, id int64, headers bool) error {
	raw, err := core.Mail.Raw(ctx, id)
	if err != nil {
		return err
	}
	key := "raw"
	if headers {
		key = "headers"
		if end := bytes.Index(raw, []byte("\r\n\r\n")); end >= 0 {
			raw = raw[:end+2]
		}
	}
	return e.print(map[string]any{"id": id, key: string(raw)}, func(w io.Writer) error {
		_, err := w.Write(raw)
		return err
	})
}

func showText(w io.Writer, msg mail.Message) error {
	line := func(key, value string) {
		if value != "" {
			fmt.Fprintf(w, "%s: %s\n", i18n.T(key), value)
		}
	}
	line("mail.forward.from", msg.From.String())
	line("mail.forward.to", mail.FormatAddresses(msg.To))
	line("mail.forward.cc", mail.FormatAddresses(msg.Cc))
	line("mail.forward.date", i18n.DateTime(msg.Date))
	line("mail.forward.subject", msg.Subject)
	for _, a := range msg.Attachments {
		line("mail.cli.attachment", a.Name+" ("+i18n.Size(a.Size)+")")
	}
	if !msg.HasBody {
		_, err := fmt.Fprintln(w, "\n"+i18n.T("mail.error.no-body.title"))
		return err
	}
	_, err := fmt.Fprintln(w, "\n"+msg.Text)
	return err
}
