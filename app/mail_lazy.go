// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"kontor/app/mail"
)

// Drafts with large attachments: at each pause in writing only the text is stored; the whole message is written again when
// the person rests, long before it goes to the server.
const (
	largeDraft = 256 << 10 // octets of attachments
	draftRest  = 10 * time.Second
	draftLimit = 20 * time.Second // less than draftDelay
)

// lazyDrafts are the drafts of this process whose text is newer than their stored octets.
type lazyDrafts struct {
	mu    sync.Mutex
	whole map[int64]mail.Outgoing // what was written the last time
	late  map[int64]*lateDraft
}

type lateDraft struct {
	out   mail.Outgoing
	since time.Time
	timer *time.Timer
}

// canWait reports whether only the text of a draft has changed, and its attachments are too large to write them again.
func (l *lazyDrafts) canWait(out mail.Outgoing) bool {
	have, known := l.whole[out.DraftID]
	if out.DraftID == 0 || !known || len(have.Attachments) != len(out.Attachments) {
		return false
	}
	total := 0
	for i, a := range out.Attachments {
		b := have.Attachments[i]
		if a.Name != b.Name || a.MIMEType != b.MIMEType || len(a.Data) != len(b.Data) || len(a.Data) > 0 && &a.Data[0] != &b.Data[0] {
			return false
		}
		total += len(a.Data)
	}
	return total >= largeDraft
}

// written notes that a draft is stored as a whole.
func (l *lazyDrafts) written(out mail.Outgoing) {
	if l.whole == nil {
		l.whole, l.late = map[int64]mail.Outgoing{}, map[int64]*lateDraft{}
	}
	l.forget(out.DraftID)
	l.whole[out.DraftID] = out
}

// holds reports whether a message is stored as its draft just as it is, and as a whole.
func (l *lazyDrafts) holds(out mail.Outgoing) bool {
	have, known := l.whole[out.DraftID]
	have.Date, have.SendAt, out.Date, out.SendAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	return known && l.late[out.DraftID] == nil && reflect.DeepEqual(have, out)
}

// forget ends the wait for a draft.
func (l *lazyDrafts) forget(id int64) {
	if d := l.late[id]; d != nil {
		d.timer.Stop()
		delete(l.late, id)
	}
	delete(l.whole, id)
}

// saveText stores the text of a draft, and the whole draft a little later. The caller holds the lock.
func (m *Mail) saveText(ctx context.Context, out mail.Outgoing) (mail.Outgoing, error) {
	state, err := json.Marshal(out)
	if err != nil {
		return out, err
	}
	err = m.change(ctx, "save draft", func(t *mailTx) error {
		folder, err := t.ownFolder(ctx, out.AccountID, mail.RoleDrafts)
		if err != nil {
			return err
		}
		list, err := t.MailSummaries(ctx, []int64{out.DraftID})
		if err != nil {
			return err
		}
		if len(list) == 0 || list[0].FolderID != folder.ID {
			return errWholeDraft
		}
		row := rowOf(out, folder.ID, 0)
		row.Flags, row.Size = mail.Seen|mail.Draft, list[0].Size
		if err := t.UpdateMail(ctx, out.DraftID, row); err != nil {
			return err
		}
		return t.SetDraftText(ctx, out.DraftID, state)
	})
	if err != nil {
		return out, err
	}
	d := m.drafts.late[out.DraftID]
	if d == nil {
		d = &lateDraft{since: time.Now()}
		d.timer = time.AfterFunc(draftRest, func() { m.saveLate(out.DraftID) })
		m.drafts.late[out.DraftID] = d
	}
	d.out = out
	d.timer.Reset(max(min(draftRest, time.Until(d.since.Add(draftLimit))), 0))
	return out, nil
}

// errWholeDraft: the draft is not where it was, so that it has to be stored as a whole.
var errWholeDraft = errors.New("the draft was moved or removed")

// saveLate stores a whole draft whose text was stored before. Where that fails the text stays.
func (m *Mail) saveLate(id int64) {
	m.drafts.mu.Lock()
	defer m.drafts.mu.Unlock()
	if d := m.drafts.late[id]; d != nil {
		_, _ = m.saveWhole(context.Background(), d.out)
	}
}

// settleDraft makes sure that what is to be sent is stored as its draft, so that it can be called back to its last word, and
// that nothing will be written to it later.
func (m *Mail) settleDraft(ctx context.Context, out mail.Outgoing) (mail.Outgoing, error) {
	if out.DraftID == 0 {
		return out, nil
	}
	m.drafts.mu.Lock()
	defer m.drafts.mu.Unlock()
	list, err := m.db.MailSummaries(ctx, []int64{out.DraftID})
	if err != nil {
		return out, err
	}
	if len(list) > 0 && !m.drafts.holds(out) {
		date := out.Date
		if out, err = m.saveWhole(ctx, out); err != nil {
			return out, err
		}
		out.Date = date
	}
	m.drafts.forget(out.DraftID)
	return out, nil
}

func (m *Mail) settle(ctx context.Context, id int64) error {
	var err error
	if d := m.drafts.late[id]; d != nil {
		_, err = m.saveWhole(ctx, d.out)
	}
	m.drafts.forget(id)
	return err
}

// FlushDrafts stores every draft of this process as a whole whose text alone is stored. It is called before the end.
func (m *Mail) FlushDrafts(ctx context.Context) error {
	m.drafts.mu.Lock()
	defer m.drafts.mu.Unlock()
	var errs []error
	for id := range m.drafts.late {
		errs = append(errs, m.settle(ctx, id))
	}
	return errors.Join(errs...)
}

// FinishDrafts stores every draft as a whole whose text alone an earlier process has stored before it was killed. It is
// called at the start of the one process that runs.
func (m *Mail) FinishDrafts(ctx context.Context) error {
	m.drafts.mu.Lock()
	defer m.drafts.mu.Unlock()
	left, err := m.db.DraftTexts(ctx)
	errs := []error{err}
	for _, id := range left {
		if m.drafts.late[id] != nil {
			continue
		}
		out, err := m.OpenDraft(ctx, id)
		if err == nil {
			_, err = m.saveWhole(ctx, out)
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("finish drafts: %w", err)
	}
	return nil
}

// newerText lays the text of a draft that is newer than its octets over what was read from them.
func (m *Mail) newerText(ctx context.Context, out mail.Outgoing) (mail.Outgoing, error) {
	state, err := m.db.DraftText(ctx, out.DraftID)
	if err != nil || len(state) == 0 {
		return out, err
	}
	var newer mail.Outgoing
	if err := json.Unmarshal(state, &newer); err != nil {
		return out, err
	}
	newer.DraftID, newer.Attachments = out.DraftID, out.Attachments
	return newer, nil
}
