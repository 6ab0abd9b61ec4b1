// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"kontor/storage"
)

// Skipped is what could not be understood of what a mail server said, and was passed over so that everything else could be
// synchronised.
type Skipped struct {
	Answers int       `json:"answers"`           // over all time
	Last    time.Time `json:"last"`              // when there was the last one; zero for never
	Folders []int64   `json:"folders,omitempty"` // those that could not be read when it was tried last
}

// SkippedSetting is the setting that keeps the Skipped of an account.
func SkippedSetting(accountID int64) string {
	return "imap.skipped." + strconv.FormatInt(accountID, 10)
}

// ReadSkipped reads the setting; what is no Skipped is none.
func ReadSkipped(value string) (s Skipped) {
	if json.Unmarshal([]byte(value), &s) != nil {
		return Skipped{}
	}
	return s
}

// noteSkipped stores what was passed over since it was called last. Folders that were not read up to an error are still
// those that could not be read before.
func (w *Worker) noteSkipped(ctx context.Context, pulled error) error {
	w.mu.Lock()
	shut := w.shut
	w.shut = map[int64]bool{}
	w.mu.Unlock()
	if ctx.Err() != nil {
		return pulled
	}
	odd := w.odd.Load()
	key := SkippedSetting(w.account)
	value, err := w.db.Setting(ctx, key, "")
	if err != nil {
		return errors.Join(pulled, err)
	}
	was := ReadSkipped(value)
	now := was
	if pulled != nil {
		for _, id := range was.Folders {
			shut[id] = true
		}
	}
	now.Folders = slices.Sorted(maps.Keys(shut))
	if more := odd - w.noted.Swap(odd); more > 0 {
		now.Answers, now.Last = was.Answers+int(more), time.Now().Truncate(time.Second)
	}
	if now.Answers == was.Answers && slices.Equal(now.Folders, was.Folders) {
		return pulled
	}
	text, err := json.Marshal(now)
	if err == nil {
		err = w.db.Write(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, key, string(text)) })
	}
	if err != nil {
		err = fmt.Errorf("store what was passed over: %w", err)
	}
	return errors.Join(pulled, err)
}
