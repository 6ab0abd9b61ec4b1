// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"slices"

	"kontor/app/mail"
	"kontor/storage"
)

// Few new messages come as a whole in the turn that tells of them: their folders need not be opened once more, and the
// server reads each of them once. freshMails is up to how many, freshOctets up to which size.
const (
	freshMails  = 200
	freshOctets = 32 << 10
)

// wholeItems are asked for of a new message that is most likely wanted as a whole.
var wholeItems = fmt.Sprintf(" (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.%d>)", freshOctets)

// fresh is what may come as a whole.
type fresh struct {
	any bool
	few bool // see fewMails
}

// freshIn decides what comes as a whole of folders that have news: nothing if that is much, or not sure to be wanted.
func (w *Worker) freshIn(ctx context.Context, todo []work) (fresh, error) {
	if w.cfg.HeadersOnly {
		return fresh{}, nil
	}
	grown := 0
	for _, t := range todo {
		if t.folder.Complete && t.folder.UIDValidity == t.status.uidValidity && t.status.uidNext > t.folder.UIDNext {
			grown += int(t.status.uidNext - t.folder.UIDNext)
		}
	}
	if grown == 0 || grown > freshMails {
		return fresh{}, nil
	}
	k, err := w.db.Keep(ctx, w.account)
	return fresh{any: reflect.DeepEqual(k, mail.DefaultKeep), few: grown <= fewMails}, err
}

// newItems gives what is asked for of the new messages of a folder.
func (p *folderPull) newItems() string {
	if p.asWhole = p.fresh.any && p.t.folder.Complete && p.t.status.uidNext > p.ask.NewFrom; p.asWhole {
		return wholeItems
	}
	return headerItems
}

// wholeOf divides what came of a message that was asked for as a whole: its header, and its octets if those are all. Of a
// longer one the header is enough; if not even that came the message is asked for again.
func wholeOf(f fetched) (header, whole []byte, ok bool) {
	switch {
	case len(f.content) < freshOctets && (!f.hasSize || int64(len(f.content)) == f.size):
		return f.content, f.content, true
	case bytes.Contains(f.content, []byte("\n\r\n")), bytes.Contains(f.content, []byte("\n\n")):
		return f.content, nil, true
	}
	return nil, nil, false
}

// takeWhole reads what is said of a new message; it keeps its octets apart. Octets alone are none that were asked for.
func (p *folderPull) takeWhole(f fetched) {
	if f.hasBody && p.asWhole {
		header, whole, ok := wholeOf(f)
		if !ok || !f.hasFlags && !f.hasSize && p.book.mails[f.uid] == nil {
			return
		}
		if f.content = header; len(whole) > 0 && f.uid != 0 {
			p.whole.add(int64(f.uid), whole)
		}
	}
	p.book.take(f)
}

// keepWhole stores the octets that came with headers, after these.
func (p *folderPull) keepWhole() {
	if len(p.whole.ids) == 0 {
		return
	}
	got := p.whole
	p.whole = arrivals{}
	_ = p.store.put(p.w.wholesOf(p.t.folder.ID, got, p.fresh.few)) // errors stay in the storer
}

// wholesOf is what keeps octets of messages of a folder, whose UIDs are in the place of IDs. Those of a message that the
// store has already, from another folder, are not kept twice.
func (w *Worker) wholesOf(folder int64, got arrivals, few bool) chore {
	uids := make([]uint32, len(got.ids))
	for i, uid := range got.ids {
		uids[i] = uint32(uid)
	}
	var keep keeper
	ready := func() (err error) {
		keep, err = w.keeperOf(got, few)
		return err
	}
	stored := 0
	store := func(ctx context.Context, tx *storage.Tx) error {
		missing, err := tx.BodylessByUID(ctx, folder, uids)
		if err != nil || len(missing) == 0 {
			return err
		}
		all := make([]int64, 0, len(missing))
		for _, id := range missing {
			all = append(all, id)
		}
		twins, err := tx.CopyTwins(ctx, all)
		if err != nil {
			return err
		}
		ids := make([]int64, len(uids)) // 0 for what is not missing
		for i, uid := range uids {
			if id := missing[uid]; !slices.Contains(twins, id) {
				ids[i] = id
			}
		}
		stored = len(all) - len(twins)
		return keep(ctx, tx, ids)
	}
	return chore{ready: ready, apply: store, last: true, done: func() { w.progress(stored) }}
}
