// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"kontor/app/files"
)

// FileServer is what was found out about the server of an account.
type FileServer struct {
	AccountID                         int64
	URL                               string
	Conditional, Infinity, Propagates Answer
	RootETag, RootID                  string
	Used, Free                        int64
	Marker, Decision                  string
	Offers                            files.Offers
	Asked                             time.Time // when it was asked for its offers; zero for never
}

// Answer is what a probe came to.
type Answer int

// The answers.
const (
	AnswerUnknown Answer = iota
	AnswerYes
	AnswerNo
)

// FileServer reads what is known of the server of an account; nothing for one that was never asked.
func (r reads) FileServer(ctx context.Context, account int64) (FileServer, error) {
	s := FileServer{AccountID: account, Used: -1, Free: -1}
	var (
		offers string
		asked  int64
	)
	err := r.scan(ctx, []any{
		&s.URL, &s.Conditional, &s.Infinity, &s.Propagates, &s.RootETag, &s.RootID, &s.Used, &s.Free, &s.Marker, &s.Decision, &offers, &asked,
	}, `SELECT url, conditional, infinity, propagates, root_etag, root_id, used, free, marker, decision, offers, asked
		FROM file_servers WHERE account_id = ?`, account)
	if errors.Is(err, ErrNotFound) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	if asked != 0 {
		s.Asked = time.Unix(asked, 0)
	}
	if err := json.Unmarshal([]byte(offers), &s.Offers); err != nil {
		return s, fmt.Errorf("read what the server offers: %w", err)
	}
	return s, nil
}

// SaveFileServer stores what is known of a server.
func (tx *Tx) SaveFileServer(ctx context.Context, s FileServer) error {
	offers, err := json.Marshal(s.Offers)
	if err != nil {
		return err
	}
	var asked int64
	if !s.Asked.IsZero() {
		asked = s.Asked.Unix()
	}
	_, err = tx.exec(ctx, `INSERT INTO file_servers (account_id, url, conditional, infinity, propagates, root_etag, root_id, used, free, marker,
		decision, offers, asked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account_id) DO UPDATE SET url = excluded.url,
		conditional = excluded.conditional, infinity = excluded.infinity, propagates = excluded.propagates, root_etag = excluded.root_etag,
		root_id = excluded.root_id, used = excluded.used, free = excluded.free, marker = excluded.marker, decision = excluded.decision,
		offers = excluded.offers, asked = excluded.asked`,
		s.AccountID, s.URL, s.Conditional, s.Infinity, s.Propagates, s.RootETag, s.RootID, s.Used, s.Free, s.Marker, s.Decision, string(offers), asked)
	return err
}
