// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/transport"
)

// errAnswer says that an answer cannot be understood.
var errAnswer = fmt.Errorf("the answer of the server cannot be understood: %w", transport.ErrServer)

// offersFor is how long what a server said of itself is believed.
const offersFor = 24 * time.Hour

// maxOCS bounds an answer in octets.
const maxOCS = 4 << 20

// clouds is what a worker needs besides WebDAV.
type clouds struct {
	bulk atomic.Bool // the server takes several files in one upload
}

// offers reads what the server was found to offer; plain WebDAV where that is not known, or of another server.
func (w *Worker) offers(ctx context.Context) (files.Offers, error) {
	s, err := w.db.FileServer(ctx, w.cfg.Account.ID)
	if err != nil || (s.URL != "" && s.URL != w.cfg.Account.FilesURL) {
		return files.Offers{}, err
	}
	w.cloud.bulk.Store(s.Offers.Bulk)
	return s.Offers, nil
}

// discover asks a server that gives items an identity, as ownCloud's family does, for what else it offers. It is
// remembered; once a day it is asked again, and everything is listed without trust in what was stored.
func (w *Worker) discover(ctx context.Context, known storage.FileServer, rootID string) (storage.FileServer, error) {
	if rootID == "" {
		return known, nil
	}
	if age := time.Since(known.Asked); !known.Asked.IsZero() && age >= 0 && age < offersFor {
		w.cloud.bulk.Store(known.Offers.Bulk)
		return known, nil
	}
	offers, err := w.askOffers(ctx)
	if err != nil {
		return known, fmt.Errorf("ask what the server offers: %w", err)
	}
	w.log.Info("the server says what it is", slog.String("product", offers.Product), slog.String("version", offers.Version))
	w.cloud.bulk.Store(offers.Bulk)
	known.Offers, known.Asked, known.RootETag = offers, time.Now(), ""
	return known, w.disk.updateServer(ctx, func(s *storage.FileServer) { s.Offers, s.Asked = known.Offers, known.Asked })
}

// askOffers asks. What a server refuses to tell is not offered; only a connection that fails is an error.
func (w *Worker) askOffers(ctx context.Context) (files.Offers, error) {
	var o files.Offers
	base, below, found := strings.Cut(w.dav.Root(), "/remote.php/")
	if !found {
		return o, nil
	}
	var status struct{ Productname, Versionstring string }
	if err := w.askJSON(ctx, dav.Request{Method: http.MethodGet, Href: base + "/status.php"}, &status); err != nil {
		return o, unlessRefused(err)
	}
	var said struct {
		Version      struct{ String string }
		Capabilities capabilities
	}
	if err := w.ocs(ctx, base, http.MethodGet, "cloud/capabilities", nil, &said); err != nil {
		return o, unlessRefused(err)
	}
	user, folder, known := strings.Cut(strings.TrimPrefix(below, "dav/files/"), "/")
	if !strings.HasPrefix(below, "dav/files/") {
		var person struct{ ID string }
		if err := w.ocs(ctx, base, http.MethodGet, "cloud/user", nil, &person); err != nil {
			return o, unlessRefused(err)
		}
		user = person.ID
		folder, known = strings.CutPrefix(below, "webdav/")
	}
	if !known || user == "" {
		return o, nil
	}
	o = said.Capabilities.offers()
	o.Product, o.Version, o.Base, o.User, o.Folder = status.Productname, status.Versionstring, base, user, strings.Trim(folder, "/")
	if o.Version == "" {
		o.Version = said.Version.String
	}
	return o, nil
}

// unlessRefused lets an answer that is an error pass: the server does not offer what was asked for.
func unlessRefused(err error) error {
	if dav.IsStatus(err, http.StatusServiceUnavailable, http.StatusTooManyRequests) {
		return err
	}
	for _, answer := range []error{transport.ErrServer, transport.ErrPortal, transport.ErrSignIn} {
		if errors.Is(err, answer) {
			return nil
		}
	}
	return err
}

// capabilities are those of the answer of a cloud that matter here.
type capabilities struct {
	DAV struct{ Chunking, Bulkupload string }
	// Files.Undelete is the bin.
	Files struct {
		Undelete, Versioning bool
		Chunked              struct {
			MaxSize int64 `json:"max_size"`
		} `json:"chunked_upload"`
	}
	Sharing struct {
		API    bool `json:"api_enabled"`
		Public struct{ Enabled bool }
	} `json:"files_sharing"`
	Checksums struct{ PreferredUploadType string }
}

func (c capabilities) offers() files.Offers {
	o := files.Offers{
		Chunked: c.DAV.Chunking != "", MaxChunk: c.Files.Chunked.MaxSize, Trash: c.Files.Undelete, Versions: c.Files.Versioning,
		Shares: c.Sharing.API && c.Sharing.Public.Enabled, Checksum: "SHA256",
		// A bulk upload knows no conditions: the last instant between a look and the upload is only safe where what it
		// replaces is kept as a version.
		Bulk: c.DAV.Bulkupload != "" && c.Files.Versioning,
	}
	if p := c.Checksums.PreferredUploadType; p != "" {
		o.Checksum = p // such a server looks at the content, by this sum only
	}
	return o
}

// askJSON reads an answer in JSON.
func (w *Worker) askJSON(ctx context.Context, r dav.Request, into any) error {
	resp, err := w.dav.Do(ctx, r)
	if err != nil {
		return err
	}
	defer dav.Drain(resp)
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxOCS))
	if err != nil {
		return err
	}
	return unmarshal(b, into)
}

// unmarshal reads JSON. PHP writes an empty object as an empty array: what has another type than expected is left out.
func unmarshal(b []byte, into any) error {
	err := json.Unmarshal(b, into)
	if err == nil || errors.As(err, new(*json.UnmarshalTypeError)) {
		return nil
	}
	return fmt.Errorf("%w: %w", errAnswer, err)
}

// ocs asks the interface that ownCloud's servers have beside WebDAV.
func (w *Worker) ocs(ctx context.Context, base, method, path string, form url.Values, into any) error {
	r := dav.Request{
		Method: method, Href: base + "/ocs/v2.php/" + path, Query: "format=json",
		Header: http.Header{"Ocs-Apirequest": {"true"}, "Accept": {"application/json"}},
	}
	switch {
	case form == nil:
	case method == http.MethodGet:
		r.Query += "&" + form.Encode()
	default:
		body := []byte(form.Encode())
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Body, r.Length = dav.Bytes(body), int64(len(body))
	}
	var answer struct {
		OCS struct{ Data json.RawMessage }
	}
	if err := w.askJSON(ctx, r, &answer); err != nil {
		return err
	}
	if into == nil {
		return nil
	}
	return unmarshal(answer.OCS.Data, into)
}
