// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/dav"
)

// sharesPath is where links live in the interface beside WebDAV.
const sharesPath = "apps/files_sharing/api/v1/shares"

// linkShare is the kind of share that is a link.
const linkShare = 3

// Rights of a share.
const (
	mayRead   = 1
	mayUpdate = 2
	mayCreate = 4
	mayDelete = 8
)

// ocsShare is a share in the words of a server.
type ocsShare struct {
	ID          word
	Kind        int `json:"share_type"`
	URL         string
	Permissions int
	Expiration  string
	Password    string
	ShareWith   string `json:"share_with"` // how older servers say that there is a password
}

// word is a string that some servers write as a number.
type word string

// UnmarshalJSON is part of json.Unmarshaler.
func (w *word) UnmarshalJSON(b []byte) error {
	if !bytes.HasPrefix(b, []byte(`"`)) {
		*w = word(b)
		return nil
	}
	return json.Unmarshal(b, (*string)(w))
}

func (s ocsShare) share() files.Share {
	out := files.Share{Key: string(s.ID), URL: s.URL, Protected: s.Password != "" || s.ShareWith != "", Write: s.Permissions&(mayUpdate|mayCreate|mayDelete) != 0}
	day, _, _ := strings.Cut(s.Expiration, " ")
	if at, err := time.ParseInLocation(time.DateOnly, day, time.Local); err == nil {
		out.Expires = at
	}
	return out
}

// shareable gives what a request about the links of an item needs.
func (w *Worker) shareable(ctx context.Context, row storage.FileRow) (o files.Offers, form url.Values, err error) {
	o, err = w.offered(ctx, shared)
	if err == nil && row.Remote.Path == "" {
		err = files.ErrNotOffered // it has not reached the server
	}
	return o, url.Values{"path": {"/" + files.Join(o.Folder, row.Remote.Path)}}, err
}

// Shares asks for the links to an item.
func (w *Worker) Shares(ctx context.Context, row storage.FileRow) ([]files.Share, error) {
	o, form, err := w.shareable(ctx, row)
	if err != nil {
		return nil, fmt.Errorf("links: %w", err)
	}
	var found []ocsShare
	if err := w.ocs(ctx, o.Base, http.MethodGet, sharesPath, form, &found); err != nil {
		return nil, fmt.Errorf("links: %w", err)
	}
	var all []files.Share
	for _, s := range found {
		if s.Kind == linkShare {
			all = append(all, s.share())
		}
	}
	return all, nil
}

// CreateShare makes a link to an item.
func (w *Worker) CreateShare(ctx context.Context, row storage.FileRow, opts files.ShareOptions) (files.Share, error) {
	o, form, err := w.shareable(ctx, row)
	if err != nil {
		return files.Share{}, fmt.Errorf("make a link: %w", err)
	}
	form.Set("shareType", strconv.Itoa(linkShare))
	rights := mayRead
	switch {
	case opts.Write && row.Dir:
		rights |= mayUpdate | mayCreate | mayDelete
		form.Set("publicUpload", "true")
	case opts.Write:
		rights |= mayUpdate
	}
	form.Set("permissions", strconv.Itoa(rights))
	if opts.Password != "" {
		form.Set("password", opts.Password)
	}
	if !opts.Expires.IsZero() {
		form.Set("expireDate", opts.Expires.Format(time.DateOnly))
	}
	var made ocsShare
	if err := w.ocs(ctx, o.Base, http.MethodPost, sharesPath, form, &made); err != nil {
		return files.Share{}, fmt.Errorf("make a link: %w", refusedShare(err))
	}
	return made.share(), nil
}

// refusedShare names what a server has against a link, as far as it can be told from its words.
func refusedShare(err error) error {
	var status *dav.StatusError
	switch {
	case !errors.As(err, &status) || status.Code >= http.StatusInternalServerError:
		return err
	case mentionsPassword(strings.ToLower(status.Message)):
		return fmt.Errorf("%w: %w", files.ErrPassword, err)
	}
	return fmt.Errorf("%w: %w", files.ErrSharing, err)
}

// mentionsPassword knows the word in the languages that servers here answer in.
func mentionsPassword(message string) bool {
	return strings.Contains(message, "password") || strings.Contains(message, "passwort") || strings.Contains(message, "kennwort")
}

// RemoveShare ends a link.
func (w *Worker) RemoveShare(ctx context.Context, key string) error {
	o, err := w.offered(ctx, shared)
	if err := errors.Join(err, segment(key)); err != nil {
		return fmt.Errorf("end a link: %w", err)
	}
	err = w.ocs(ctx, o.Base, http.MethodDelete, sharesPath+"/"+key, nil, nil)
	if err != nil && !dav.IsStatus(err, http.StatusNotFound) { // gone is what was wanted
		return fmt.Errorf("end a link: %w", err)
	}
	return nil
}
