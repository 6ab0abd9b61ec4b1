// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"testing"
)

// BenchmarkSpool is what a first synchronisation costs for each message of 26 kB besides reading it from the network.
func BenchmarkSpool(b *testing.B) {
	ctx := context.Background()
	db, account, f := mailStore(b, "INBOX")
	const batch = 100
	raws := make([][]byte, batch)
	for i := range raws {
		raws[i] = make([]byte, 26000)
		for j := range raws[i] {
			raws[i][j] = byte(i + j*j>>3)
		}
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
		spooled, err := db.Spool(raws...)
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
