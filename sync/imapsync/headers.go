// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/mimemsg"
	"kontor/sync/reconcile"
)

// headerItems are asked for of each new message. Servers keep the fields that mail programs ask for in their caches; where
// they have not, the header is read from the message once, as it would be for all of it.
const headerItems = " (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS " +
	"(DATE FROM SENDER TO CC BCC REPLY-TO SUBJECT MESSAGE-ID IN-REPLY-TO REFERENCES CONTENT-TYPE)])"

// headerBook collects what FETCH responses say of messages, however many responses it takes.
type headerBook struct {
	account, folder int64
	mails           map[uint32]*storage.NewMail
	bySeq           map[uint32]uint32
}

func newHeaderBook(account, folder int64) *headerBook {
	return &headerBook{account: account, folder: folder, mails: map[uint32]*storage.NewMail{}, bySeq: map[uint32]uint32{}}
}

// take reads one response. One without a UID is about the message that had its number before.
func (b *headerBook) take(f fetched) {
	if f.uid == 0 {
		if f.uid = b.bySeq[f.seq]; f.uid == 0 {
			return
		}
	}
	b.bySeq[f.seq] = f.uid
	m := b.mails[f.uid]
	if m == nil {
		if !f.hasBody && !f.hasSize && f.date.IsZero() {
			return // another program changed flags
		}
		m = &storage.NewMail{AccountID: b.account, FolderID: b.folder, UID: f.uid}
		b.mails[f.uid] = m
	}
	if f.hasFlags {
		m.Flags, m.Keywords = f.flags, f.keywords
	}
	if f.hasSize {
		m.Size = f.size
	}
	if !f.date.IsZero() {
		m.Received = f.date
	}
	if f.hasBody {
		fillHeader(m, mimemsg.ParseHeader(f.content))
	}
}

func fillHeader(m *storage.NewMail, h mimemsg.Header) {
	m.MessageID, m.InReplyTo, m.References = h.MessageID, h.InReplyTo, h.References
	m.Subject, m.From, m.To, m.Cc, m.Bcc, m.ReplyTo = h.Subject, h.From, h.To, h.Cc, h.Bcc, h.ReplyTo
	m.Sent, m.HasAttachment = h.Date, h.Mixed
}

// drain gives what was collected, the highest UID first, and begins anew.
func (b *headerBook) drain() []storage.NewMail {
	list := make([]storage.NewMail, 0, len(b.mails))
	uids := slices.Sorted(maps.Keys(b.mails))
	for _, uid := range slices.Backward(uids) {
		m := b.mails[uid]
		if m.Received.IsZero() {
			m.Received = m.Sent
		}
		if m.Received.IsZero() {
			m.Received = time.Now()
		}
		list = append(list, *m)
	}
	clear(b.mails)
	return list
}

// headersOf is what stores messages of a server's folder.
func (w *Worker) headersOf(f storage.MailFolder, list []storage.NewMail, settling bool) chore {
	if len(list) == 0 {
		return chore{}
	}
	added, changed := 0, 0
	store := func(ctx context.Context, tx *storage.Tx, l *lot) (err error) {
		if added, changed, err = w.storeHeaders(ctx, tx, l, f, list, settling); err != nil {
			return fmt.Errorf("store headers: %w", err)
		}
		return nil
	}
	return chore{news: store, done: func() {
		w.added.Add(int64(added))
		w.changed.Add(int64(changed))
	}}
}

// storeHeaders stores messages of a server's folder; those that are new are put into a lot. Of one that is known already
// only the flags are new: it was moved or copied here, and may have been changed before. One that turns out to be a message
// the store has without its UID takes it over.
func (w *Worker) storeHeaders(ctx context.Context, tx *storage.Tx, l *lot, f storage.MailFolder, list []storage.NewMail, settling bool) (added, changed int, err error) {
	if err := l.room(ctx, tx, f.ID, list); err != nil {
		return 0, 0, err
	}
	uids := make([]uint32, len(list))
	keys := make([]int64, len(list))
	for i, m := range list {
		uids[i], keys[i] = m.UID, mail.RefHash(w.account, m.MessageID)
	}
	known, err := tx.RemoteMailsByUID(ctx, f.ID, uids)
	if err != nil {
		return 0, 0, err
	}
	bound, err := tx.BoundMail(ctx, w.account)
	if err != nil {
		return 0, 0, err
	}
	unplaced, err := tx.Unplaced(ctx, w.account, keys, slices.Collect(maps.Keys(bound)))
	if err != nil {
		return 0, 0, err
	}
	plan := reconcile.PlaceMail(f.ID, foundMail(list), uidSet(known), placeable(unplaced, bound), settling)
	for _, p := range plan.Placed {
		if err := w.takeOver(ctx, tx, f.ID, list[p.Found], p.Row); err != nil {
			return 0, 0, err
		}
	}
	news := list
	if len(plan.Added) < len(list) {
		news = make([]storage.NewMail, len(plan.Added))
		for i, at := range plan.Added {
			news[i] = list[at]
		}
	}
	if l.mails = append(l.mails, news...); len(known) == 0 {
		return len(news), 0, nil
	}
	changed, err = tx.SetRemoteFlags(ctx, w.account, f.ID, flagsOf(list, known))
	return len(news), changed, err
}

// flagsOf gives what was found about messages that are known.
func flagsOf(list []storage.NewMail, known []storage.RemoteMail) []storage.RemoteFlags {
	var flags []storage.RemoteFlags
	for _, m := range list {
		if slices.ContainsFunc(known, func(k storage.RemoteMail) bool { return k.UID == m.UID }) {
			flags = append(flags, storage.RemoteFlags{UID: m.UID, Flags: m.Flags, Keywords: m.Keywords})
		}
	}
	return flags
}

// takeOver gives a message of the store the place that the server has it in.
func (w *Worker) takeOver(ctx context.Context, tx *storage.Tx, folderID int64, m storage.NewMail, row reconcile.MailRow) error {
	if err := tx.PlaceMail(ctx, row.ID, folderID, m.UID); err != nil {
		return err
	}
	if err := tx.SetRemoteState(ctx, row.ID, m.Flags, m.Keywords); err != nil {
		return err
	}
	if row.Size != m.Size {
		if err := tx.ForgetBody(ctx, row.ID, m.Size); err != nil {
			return err
		}
	}
	return tx.RecomputeMessages(ctx, w.account, []int64{row.ID})
}

// foundMail gives of headers what messages are recognised by.
func foundMail(list []storage.NewMail) []reconcile.MailFound {
	found := make([]reconcile.MailFound, len(list))
	for i, m := range list {
		found[i] = reconcile.MailFound{
			UID: m.UID, MessageID: m.MessageID, Size: m.Size, Received: m.Received.Truncate(time.Millisecond),
			Digest: reconcile.MailDigest(m.Sent, m.From.Addr, m.Subject), Deleted: m.Flags.Has(mail.Deleted),
		}
	}
	return found
}

// placeable gives of rows what they are recognised by.
func placeable(rows []storage.RemoteMail, bound map[int64]int64) []reconcile.MailRow {
	list := make([]reconcile.MailRow, len(rows))
	for i, r := range rows {
		list[i] = reconcile.MailRow{
			ID: r.ID, Folder: r.FolderID, ShownIn: r.ShownIn, UID: r.UID, MessageID: r.MessageID, Size: r.Size, Received: r.Received,
			Digest: reconcile.MailDigest(r.Sent, r.From, r.Subject), Bound: bound[r.ID],
		}
	}
	return list
}

func uidSet(rows []storage.RemoteMail) map[uint32]bool {
	set := make(map[uint32]bool, len(rows))
	for _, r := range rows {
		set[r.UID] = true
	}
	return set
}

// older asks for the headers of messages, the highest UID first. When all is stored the folder is complete.
func (l *looks) older(p *folderPull, missing []uint32) {
	left := &atomic.Int64{}
	for end := len(missing); end > 0; end -= headerBatch {
		l.add(p, missing[max(0, end-headerBatch):end], left)
	}
}

// add asks for the headers of a batch; left counts those of the folder that are not stored yet. What the server does not
// give together is asked for one by one, and what it does not give at all is left out.
func (l *looks) add(p *folderPull, uids []uint32, left *atomic.Int64) {
	left.Add(1)
	book := newHeaderBook(p.w.account, p.t.folder.ID)
	j := &job{folder: p.t.folder.ID, uids: uids, items: headerItems, octets: int64(len(uids)) * headerOctets, take: book.take}
	j.after = func(refused bool) {
		switch {
		case refused && len(uids) > 1:
			for i := range uids {
				l.add(p, uids[i:i+1], left)
			}
		case refused:
			p.w.log.Warn("the server does not hand out a header", slog.Any("error", j.cmds[0].err))
		}
	}
	j.land = func() []chore {
		store := p.w.headersOf(p.t.folder, book.drain(), p.settling)
		if !j.answered() || left.Add(-1) > 0 {
			return []chore{store}
		}
		return []chore{store, {apply: p.finish, last: true}}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.jobs = append(l.jobs, j)
}

// headerOctets is about how long a header is.
const headerOctets = 2 << 10

// next hands jobs to connections, each folder to one of them as far as possible.
func (l *looks) next(folder int64) (*job, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.jobs) == 0 {
		return nil, nil
	}
	at := max(0, slices.IndexFunc(l.jobs, func(j *job) bool { return j.folder == folder }))
	j := l.jobs[at]
	l.jobs = slices.Delete(l.jobs, at, at+1)
	return j, nil
}
