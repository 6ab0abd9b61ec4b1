// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"fmt"
	"testing"

	"kontor/app/mail"
)

// BenchmarkSpool is what a first synchronisation costs for each message of 26 kB besides reading it from the network.
func BenchmarkSpool(b *testing.B) {
	ctx := context.Background()
	db, account, f := mailStore(b, "INBOX")
	const batch = 100
	data, ends := SpoolBuffer(batch*26000), make([]int, batch)
	for i := range ends {
		data = append(data, noise(26000, i)...)
		ends[i] = len(data)
	}
	var ids []int64
	for n := 0; n < b.N; n += 500 {
		mails := make([]NewMail, 500)
		for i := range mails {
			mails[i] = sample(account, f[0], n+i)
		}
		ids = append(ids, add(b, db, mails...)...)
	}
	b.SetBytes(26000)
	b.ResetTimer()
	for n := 0; n < b.N; n += batch {
		spooled, err := db.SpoolJoined(data, ends)
		if err != nil {
			b.Fatal(err)
		}
		err = db.Write(ctx, func(tx *Tx) error {
			bodies := make([]SpooledBody, batch)
			for i := range bodies {
				bodies[i] = SpooledBody{ids[n+i], spooled[i]}
			}
			return tx.AddSpooled(ctx, bodies)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAddMail is what a first synchronisation costs for each header besides reading it from the network: 500 in one
// transaction, a third of them answers, in the server's order of one folder.
func BenchmarkAddMail(b *testing.B) {
	const batch = 500
	db, account, f := mailStore(b, "INBOX")
	mails, last := make([]NewMail, 0, batch), NewMail{}
	b.ReportAllocs()
	for n := 0; n < b.N; n++ {
		m := sample(account, f[0], n)
		m.MessageID = fmt.Sprintf("%016x.%d@amt.example", uint64(n)*0x9e3779b97f4a7c15, n)
		if n%3 == 1 {
			m.Subject, m.InReplyTo = "Re: "+last.Subject, last.MessageID
			m.References = []string{m.InReplyTo}
		}
		m.Flags = mail.Flags(n & 1)
		last = m
		if mails = append(mails, m); len(mails)%batch == 0 || n+1 == b.N {
			add(b, db, mails...)
			mails = mails[:0]
		}
	}
}
