// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"kontor/app"
	"kontor/bench/corpus"
	"kontor/storage"
)

// layN makes a store with mails as they lie there after a first synchronisation.
func layN(tb testing.TB, n int) (*storage.DB, int64) {
	tb.Helper()
	ctx := context.Background()
	db, err := storage.Open(ctx, filepath.Join(tb.TempDir(), "kontor.db"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	folder, err := layStore(ctx, db, corpus.Full, n)
	if err != nil {
		tb.Fatal(err)
	}
	return db, folder
}

// BenchmarkIndex reads, packs and indexes mails. The processor's time says more than a clock on a machine that is shared.
func BenchmarkIndex(b *testing.B) {
	db, _ := layN(b, b.N)
	b.ResetTimer()
	before := ownProcessor()
	if _, err := app.NewSearch(db).Index(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/(ownProcessor()-before).Seconds(), "mails/cpu-s")
}

// Every query of the comparison finds something, so that nobody is praised for finding nothing quickly.
func TestQueriesFindSomething(t *testing.T) {
	ctx := context.Background()
	db, folder := layN(t, 300)
	if _, err := app.NewSearch(db).Index(ctx); err != nil {
		t.Fatal(err)
	}
	for _, q := range kontorQueries(ctx, db, folder) {
		if err := q.run(); err != nil {
			t.Errorf("%s: %v", q.name, err)
		}
	}
	if took, err := listWhileWriting(ctx, settings{size: corpus.Small}, db, folder); took <= 0 || err != nil {
		t.Error(took, err)
	}
}

func TestMedian(t *testing.T) {
	calls := 0
	if took, err := median(func() error { calls++; return nil }); took < 0 || err != nil || calls != queryTimes {
		t.Error(took, err, calls)
	}
	broken := errors.New("broken")
	if _, err := median(func() error { return broken }); !errors.Is(err, broken) {
		t.Error(err)
	}
}
