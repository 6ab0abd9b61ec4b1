// SPDX-License-Identifier: EUPL-1.2

package index

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"

	"kontor/app/mail"
	"kontor/bench/corpus"
	"kontor/storage"
	"kontor/sync/mimemsg"
)

// BenchmarkIndex reads, packs and indexes mails as they lie there after a first synchronisation.
func BenchmarkIndex(b *testing.B) {
	ctx := context.Background()
	db, err := storage.Open(ctx, filepath.Join(b.TempDir(), "kontor.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	n := layMails(b, db, b.N)
	b.ResetTimer()
	before := processorTime()
	if _, err := New(db).Index(ctx); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(n)/(processorTime()-before).Seconds(), "mails/cpu-s")
}

// layMails stores mails of the benchmarks' corpus, as many as are asked for.
func layMails(tb testing.TB, db *storage.DB, most int) int {
	ctx := context.Background()
	var account, folder int64
	err := db.Write(ctx, func(tx *storage.Tx) (err error) {
		if account, err = tx.AddAccount(ctx, storage.Account{Name: "Amt"}); err != nil {
			return err
		}
		folder, err = tx.AddFolder(ctx, storage.MailFolder{Folder: mail.Folder{AccountID: account, Name: "INBOX", Role: mail.RoleInbox, Selectable: true}})
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	var mails []storage.NewMail
	var raws [][]byte
	n := 0
	flush := func() {
		err := db.Write(ctx, func(tx *storage.Tx) error {
			ids, err := tx.AddMail(ctx, mails)
			if err != nil {
				return err
			}
			spooled, err := db.Spool(raws...)
			if err != nil {
				return err
			}
			bodies := make([]storage.SpooledBody, len(ids))
			for i := range ids {
				bodies[i] = storage.SpooledBody{ID: ids[i], Spooled: spooled[i]}
			}
			return tx.AddSpooled(ctx, bodies)
		})
		if err != nil {
			tb.Fatal(err)
		}
		mails, raws = nil, nil
	}
	for m := range corpus.Mails(corpus.Full) {
		if n == most {
			break
		}
		n++
		end := bytes.Index(m.Data, []byte("\r\n\r\n")) + 4
		h := mimemsg.ParseHeader(m.Data[:end])
		mails = append(mails, storage.NewMail{
			AccountID: account, FolderID: folder, UID: uint32(n), MessageID: h.MessageID, InReplyTo: h.InReplyTo, References: h.References,
			Subject: h.Subject, From: h.From, To: h.To, Received: m.Time, Sent: h.Date, Size: int64(len(m.Data)),
		})
		if raws = append(raws, m.Data); len(raws) == 100 {
			flush()
		}
	}
	flush()
	return n
}
