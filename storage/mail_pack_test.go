// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// letters are mails that resemble each other.
func letters(n int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		out[i] = fmt.Appendf(nil, "Received: from mx.example.org by mail.example.org; Mon, 2 Mar 2026 08:%02d:00 +0100\r\n"+
			"From: Anna Amt <anna@amt.example>\r\nSubject: Vorgang %d\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"+
			"Sehr geehrte Damen und Herren,\r\n\r\nzum Vorgang %d liegt uns Ihr Antrag vor.\r\n\r\nMit freundlichen Grüßen\r\nIm Auftrag %d\r\n", i%60, i, i*i, i*7)
	}
	return out
}

func TestDictionary(t *testing.T) {
	ctx := context.Background()
	db, account, f := mailStore(t, "INBOX")
	raws := letters(2 * dictionarySamples)
	var mails []NewMail
	for n := range raws {
		mails = append(mails, sample(account, f[0], n))
	}
	ids := add(t, db, mails...)
	spool(t, db, ids[:dictionarySamples/2], raws[:dictionarySamples/2]...)
	if made, err := db.MakeDictionary(ctx); made || err != nil {
		t.Errorf("of too few messages: %v %v", made, err)
	}
	digest(t, db)
	spool(t, db, ids[dictionarySamples/2:], raws[dictionarySamples/2:]...)
	if made, err := db.MakeDictionary(ctx); !made || err != nil {
		t.Fatal(made, err)
	}
	if made, err := db.MakeDictionary(ctx); made || err != nil {
		t.Errorf("a second one: %v %v", made, err)
	}
	digest(t, db)
	for i, id := range ids { // with and without the dictionary
		if got, err := db.Body(ctx, id); err != nil || !bytes.Equal(got, raws[i]) {
			t.Errorf("%d: %q %v", i, got, err)
		}
	}
	packed, err := db.Pack(ctx, raws[0])
	if err != nil || len(packed) > len(Pack(raws[0]))/2 {
		t.Errorf("%d octets packed to %d, without a dictionary to %d; %v", len(raws[0]), len(packed), len(Pack(raws[0])), err)
	}
	for _, broken := range [][]byte{{codecDictionary}, {codecDictionary, 0, 1}, {codecDictionary, 5, 1, 2}, packed[:len(packed)-3]} {
		if _, err := db.unpack(ctx, broken, 100); !errors.Is(err, ErrPacked) {
			t.Errorf("%v: %v", broken[:min(len(broken), 4)], err)
		}
	}
}

func TestPackedOctetsComeBack(t *testing.T) {
	db, account, f := mailStore(t, "INBOX")
	ctx := context.Background()
	var mails []NewMail
	for n := range dictionarySamples {
		mails = append(mails, sample(account, f[0], n))
	}
	spool(t, db, add(t, db, mails...), letters(dictionarySamples)...)
	if made, err := db.MakeDictionary(ctx); !made || err != nil {
		t.Fatal(made, err)
	}
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.OneOf(rapid.SliceOf(rapid.Byte()), rapid.Just(letters(9)[7])).Draw(t, "raw")
		packed, err := db.Pack(ctx, raw)
		if err != nil || len(packed) > len(raw)+1 {
			t.Fatalf("%d octets packed to %d: %v", len(raw), len(packed), err)
		}
		for _, p := range [][]byte{packed, Pack(raw)} {
			if got, err := db.unpack(ctx, p, int64(len(raw))); err != nil || !bytes.Equal(got, raw) {
				t.Fatalf("%d octets back of %d: %v", len(got), len(raw), err)
			}
		}
	})
}
