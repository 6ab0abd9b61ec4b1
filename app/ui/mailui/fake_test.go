// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"kontor/app/journal"
	"kontor/app/live"
	"kontor/app/mail"
	"kontor/sync/imapsync"
)

// fakeMail is a mail service in memory.
type fakeMail struct {
	Core     // what no test of the fake asks for
	mu       sync.Mutex
	bus      live.Bus
	folders  []mail.Folder
	messages []mail.Message
	marks    map[int64]journal.Mark
	drafts   map[int64]mail.Outgoing
	sent     []mail.Outgoing
	people   []mail.Address
	nextID   int64
	failSend error
	lists    int // calls of List
	saves    int
	limit    int64
}

func (*fakeMail) Skipped(context.Context, int64) (imapsync.Skipped, error) {
	return imapsync.Skipped{}, nil
}

func (f *fakeMail) Tags(context.Context) ([]mail.Tag, error) { return nil, nil }

func (f *fakeMail) ReceiptWanted(context.Context, int64) ([]mail.Address, error) { return nil, nil }

func (f *fakeMail) SizeLimit(context.Context, int64) (int64, error) { return f.limit, nil }

func (f *fakeMail) Reports(context.Context, int64) (offered, known bool, err error) {
	return false, false, nil
}

func (f *fakeMail) WriteAs(_ context.Context, m mail.Outgoing, _ int64) (mail.Outgoing, error) {
	m.From = mail.Address{Name: "Bauamt", Addr: "bauamt@stadt.example"}
	return m, nil
}

var errNoMessage = errors.New("no such message")

func (f *fakeMail) Folders(context.Context) ([]mail.Folder, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := slices.Clone(f.folders)
	for i := range out {
		out[i].Total, out[i].Unread = 0, 0
		for _, m := range f.messages {
			if m.FolderID == out[i].ID {
				out[i].Total++
				if !m.Flags.Has(mail.Seen) {
					out[i].Unread++
				}
			}
		}
	}
	return out, nil
}

func (f *fakeMail) id() int64 { f.nextID++; return 1_000_000 + f.nextID }

func (f *fakeMail) changed(t live.Topics) { f.bus.Publish(t) }

func (f *fakeMail) CreateFolder(_ context.Context, account int64, name string) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := f.id()
	f.folders = append(f.folders, mail.Folder{ID: id, AccountID: account, Name: name, Delim: "/", Selectable: true})
	f.changed(live.Folders)
	return id, nil
}

func (f *fakeMail) RenameFolder(_ context.Context, id int64, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.folders {
		if f.folders[i].ID == id {
			f.folders[i].Name = name
		}
	}
	f.changed(live.Folders)
	return nil
}

func (f *fakeMail) DeleteFolder(_ context.Context, id int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.folders = slices.DeleteFunc(f.folders, func(o mail.Folder) bool { return o.ID == id })
	f.changed(live.Folders)
	return nil
}

func (f *fakeMail) match(q mail.Query) []mail.Summary {
	roles := map[int64]mail.Role{}
	for _, o := range f.folders {
		roles[o.ID] = o.Role
	}
	var out []mail.Summary
	for _, m := range f.messages {
		role := roles[m.FolderID]
		switch {
		case q.ThreadID != 0:
			if m.ThreadID != q.ThreadID {
				continue
			}
		case q.FolderID != 0:
			if m.FolderID != q.FolderID {
				continue
			}
		case q.Role != mail.RoleNone:
			if role != q.Role {
				continue
			}
		case role == mail.RoleTrash || role == mail.RoleJunk:
			continue
		}
		if q.UnreadOnly && m.Flags.Has(mail.Seen) || q.Flagged && !m.Flags.Has(mail.Flagged) ||
			q.Text != "" && !strings.Contains(strings.ToLower(m.Subject+m.Text), strings.ToLower(q.Text)) {
			continue
		}
		out = append(out, m.Summary)
	}
	slices.SortFunc(out, func(a, b mail.Summary) int {
		if q.ThreadID != 0 {
			a, b = b, a
		}
		return cmp.Or(b.Date.Compare(a.Date), cmp.Compare(b.ID, a.ID))
	})
	if !q.Threads {
		return out
	}
	count := map[int64]int{}
	for _, m := range f.messages {
		count[m.ThreadID]++
	}
	seen := map[int64]bool{}
	var heads []mail.Summary
	for _, s := range out {
		if s.ThreadID != 0 && seen[s.ThreadID] {
			continue
		}
		seen[s.ThreadID] = true
		s.ThreadCount = max(1, s.ThreadCount, count[s.ThreadID])
		heads = append(heads, s)
	}
	return heads
}

func (f *fakeMail) List(_ context.Context, q mail.Query, offset, limit int) ([]mail.Summary, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lists++
	all := f.match(q)
	return all[min(offset, len(all)):min(offset+limit, len(all))], nil
}

func (f *fakeMail) Count(_ context.Context, q mail.Query) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.match(q)), nil
}

func (f *fakeMail) Marks(_ context.Context, ids []int64) (map[int64]journal.Mark, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := map[int64]journal.Mark{}
	for _, id := range ids {
		if m, ok := f.marks[id]; ok {
			out[id] = m
		}
	}
	return out, nil
}

func (f *fakeMail) Open(_ context.Context, id int64) (mail.Message, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.messages {
		if m.ID == id {
			return m, nil
		}
	}
	return mail.Message{}, errNoMessage
}

func (f *fakeMail) Raw(ctx context.Context, id int64) ([]byte, error) {
	m, err := f.Open(ctx, id)
	return []byte("Subject: " + m.Subject + "\r\n\r\n" + m.Text), err
}

func (f *fakeMail) Attachment(ctx context.Context, id int64, index int) (string, []byte, error) {
	m, err := f.Open(ctx, id)
	if err != nil || index >= len(m.Attachments) {
		return "", nil, errNoMessage
	}
	return m.Attachments[index].Name, []byte("data"), nil
}

func (f *fakeMail) change(ids []int64, do func(*mail.Message)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.messages {
		if slices.Contains(ids, f.messages[i].ID) {
			do(&f.messages[i])
		}
	}
	f.changed(live.Mail | live.Folders)
	return nil
}

func (f *fakeMail) Looked(ctx context.Context, id int64) error {
	return f.Mark(ctx, []int64{id}, mail.Seen, 0)
}

func (f *fakeMail) Mark(_ context.Context, ids []int64, add, remove mail.Flags) error {
	return f.change(ids, func(m *mail.Message) { m.Flags = m.Flags&^remove | add })
}

func (f *fakeMail) Move(_ context.Context, ids []int64, folder int64) error {
	return f.change(ids, func(m *mail.Message) { m.FolderID = folder })
}

func (f *fakeMail) Copy(context.Context, []int64, int64) error { return nil }

func (f *fakeMail) toRole(ids []int64, role mail.Role) error {
	target := map[int64]int64{}
	for _, o := range f.folders {
		if o.Role == role {
			target[o.AccountID] = o.ID
		}
	}
	return f.change(ids, func(m *mail.Message) { m.FolderID = target[m.AccountID] })
}

func (f *fakeMail) Delete(_ context.Context, ids []int64) error { return f.toRole(ids, mail.RoleTrash) }

func (f *fakeMail) Archive(_ context.Context, ids []int64) error {
	return f.toRole(ids, mail.RoleArchive)
}

func (f *fakeMail) Junk(_ context.Context, ids []int64, _ bool) error {
	return f.toRole(ids, mail.RoleJunk)
}

func (f *fakeMail) New(_ context.Context, account int64) (mail.Outgoing, error) {
	return mail.Outgoing{AccountID: account, From: mail.Address{Name: "Lena Brandt", Addr: "l.brandt@stadt.example"}}, nil
}

func (f *fakeMail) Reply(ctx context.Context, id int64, _ bool) (mail.Outgoing, error) {
	m, err := f.Open(ctx, id)
	out, _ := f.New(ctx, m.AccountID)
	out.To, out.Subject, out.AnswerOf = []mail.Address{m.From}, "Re: "+m.Subject, id
	out.Text = "\n\nAm 23.11.2026 schrieb " + m.From.Name + ":\n> " + strings.ReplaceAll(m.Text, "\n", "\n> ") + "\n"
	return out, err
}

func (f *fakeMail) Forward(ctx context.Context, id int64) (mail.Outgoing, error) {
	m, err := f.Open(ctx, id)
	out, _ := f.New(ctx, m.AccountID)
	out.Subject, out.ForwardOf = "Fwd: "+m.Subject, id
	out.Text = "\n\n-------- Weitergeleitete Nachricht --------\n" + m.Text
	return out, err
}

func (f *fakeMail) OpenDraft(_ context.Context, id int64) (mail.Outgoing, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d, ok := f.drafts[id]
	if !ok {
		return d, errNoMessage
	}
	return d, nil
}

func (f *fakeMail) SaveDraft(_ context.Context, m mail.Outgoing) (mail.Outgoing, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if m.DraftID == 0 {
		m.DraftID = f.id()
		m.MessageID = fmt.Sprintf("draft-%d@example", m.DraftID)
	}
	if f.drafts == nil {
		f.drafts = map[int64]mail.Outgoing{}
	}
	f.drafts[m.DraftID] = m
	f.saves++
	f.changed(live.Mail | live.Folders)
	return m, nil
}

func (f *fakeMail) DiscardDraft(_ context.Context, id int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.drafts, id)
	f.changed(live.Mail | live.Folders)
	return nil
}

func (f *fakeMail) Send(_ context.Context, m mail.Outgoing) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failSend != nil {
		return 0, f.failSend
	}
	delete(f.drafts, m.DraftID)
	f.sent = append(f.sent, m)
	f.changed(live.Mail | live.Folders | live.Journal)
	return int64(len(f.sent)), nil
}

func (f *fakeMail) Suggest(_ context.Context, prefix string, limit int) ([]mail.Address, error) {
	var out []mail.Address
	for _, a := range f.people {
		if strings.Contains(strings.ToLower(a.Name+" "+a.Addr), strings.ToLower(prefix)) && len(out) < limit {
			out = append(out, a)
		}
	}
	return out, nil
}

// now is the moment the tests live in.
var now = time.Date(2026, 11, 23, 9, 50, 0, 0, time.Local)

var _ Core = (*fakeMail)(nil)
