// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/dav"
)

const (
	propfindVersions = `<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:" xmlns:nc="http://nextcloud.org/ns"><D:prop>` +
		`<D:resourcetype/><D:getcontentlength/><D:getlastmodified/><nc:version-author/></D:prop></D:propfind>`
	propfindNumber = `<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:" xmlns:oc="http://owncloud.org/ns"><D:prop>` +
		`<oc:fileid/><D:getlastmodified/></D:prop></D:propfind>`
	propfindTrash = `<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"><D:prop>` +
		`<D:resourcetype/><D:getcontentlength/><oc:size/><nc:trashbin-filename/><nc:trashbin-original-location/><nc:trashbin-deletion-time/></D:prop></D:propfind>`
)

func ocName(local string) xml.Name { return xml.Name{Space: "http://owncloud.org/ns", Local: local} }

func ncName(local string) xml.Name { return xml.Name{Space: "http://nextcloud.org/ns", Local: local} }

// offered gives what the server offers, or files.ErrNotOffered where that is not what is wanted.
func (w *Worker) offered(ctx context.Context, wanted func(files.Offers) bool) (files.Offers, error) {
	o, err := w.offers(ctx)
	if err == nil && !wanted(o) {
		err = files.ErrNotOffered
	}
	return o, err
}

func versioned(o files.Offers) bool { return o.Versions }
func binned(o files.Offers) bool    { return o.Trash }
func shared(o files.Offers) bool    { return o.Shares }

// versionsOf gives the folder of a file's versions on the server, and the time of the present one.
func (w *Worker) versionsOf(ctx context.Context, row storage.FileRow) (href string, present time.Time, err error) {
	o, err := w.offered(ctx, versioned)
	if err != nil {
		return "", present, err
	}
	if row.Dir || row.Remote.Path == "" {
		return "", present, files.ErrNotOffered
	}
	number := ""
	err = w.dav.Propfind(ctx, w.href(row.Remote.Path, false), dav.Depth0, propfindNumber, func(r dav.Response) error {
		number, present = r.Prop(ocName("fileid")).Value(), r.Modified()
		return r.Err
	})
	if err == nil && strings.Trim(number, "0123456789") != "" || number == "" {
		err = errors.Join(err, files.ErrNotOffered)
	}
	return versionsHref(o, number), present, err
}

// Versions asks for the earlier contents of a file, the newest first. The present content is not one of them.
func (w *Worker) Versions(ctx context.Context, row storage.FileRow) ([]files.Version, error) {
	href, present, err := w.versionsOf(ctx, row)
	if err != nil {
		return nil, fmt.Errorf("versions: %w", err)
	}
	var all []files.Version
	err = w.dav.Propfind(ctx, href, dav.Depth1, propfindVersions, func(r dav.Response) error {
		if r.Err != nil || r.IsCollection() || r.Modified().Equal(present) {
			return r.Err
		}
		all = append(all, files.Version{Key: path.Base(r.Href), Modified: r.Modified(), Size: max(r.Length(), 0), Who: r.Prop(ncName("version-author")).Value()})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("versions: %w", err)
	}
	w.nameAuthors(ctx, all)
	slices.SortFunc(all, func(a, b files.Version) int { return b.Modified.Compare(a.Modified) })
	return all, nil
}

// segment refuses what would lead to another place than the one of one item.
func segment(key string) error {
	if key == "" || key == "." || key == ".." || strings.ContainsAny(key, "/\x00") {
		return fmt.Errorf("%q: %w", key, files.ErrName)
	}
	return nil
}

// SaveVersion writes an earlier content of a file to out.
func (w *Worker) SaveVersion(ctx context.Context, row storage.FileRow, key string, out io.Writer) error {
	href, _, err := w.versionsOf(ctx, row)
	if err := errors.Join(err, segment(key)); err != nil {
		return fmt.Errorf("read a version: %w", err)
	}
	resp, err := w.dav.Do(ctx, dav.Request{Method: http.MethodGet, Href: href + "/" + key})
	if err != nil {
		return fmt.Errorf("read a version: %w", err)
	}
	defer dav.Drain(resp)
	n, err := io.Copy(out, resp.Body)
	if err == nil && resp.ContentLength >= 0 && n != resp.ContentLength {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("read a version: %w", err)
	}
	return nil
}

// RestoreVersion makes an earlier content of a file the present one on the server, which keeps what was there as a version.
func (w *Worker) RestoreVersion(ctx context.Context, row storage.FileRow, key string) error {
	href, _, err := w.versionsOf(ctx, row)
	if err := errors.Join(err, segment(key)); err != nil {
		return fmt.Errorf("restore a version: %w", err)
	}
	to := path.Join(path.Dir(path.Dir(href)), "restore", "target")
	if err := w.moveTo(ctx, href+"/"+key, to); err != nil {
		return fmt.Errorf("restore a version: %w", err)
	}
	return nil
}

// moveTo is a MOVE between places outside of the tree of files.
func (w *Worker) moveTo(ctx context.Context, from, to string) error {
	u, err := url.Parse(w.cfg.Account.FilesURL)
	if err != nil {
		return err
	}
	u.Path, u.RawPath, u.RawQuery, u.Fragment, u.User = to, "", "", "", nil
	resp, err := w.dav.Do(ctx, dav.Request{Method: "MOVE", Href: from, Header: http.Header{"Destination": {u.String()}}})
	if err != nil {
		return err
	}
	dav.Drain(resp)
	return nil
}

// Trash asks for what lies in the bin of the server, what was deleted last first. What lay outside of the account's folder
// is left out.
func (w *Worker) Trash(ctx context.Context) ([]files.Trashed, error) {
	o, err := w.offered(ctx, binned)
	if err != nil {
		return nil, fmt.Errorf("bin: %w", err)
	}
	var all []files.Trashed
	err = w.dav.Propfind(ctx, binHref(o), dav.Depth1, propfindTrash, func(r dav.Response) error {
		location := r.Prop(ncName("trashbin-original-location")).Value()
		if r.Err != nil || location == "" {
			return r.Err // without one it is the bin itself
		}
		where, ok := strings.CutPrefix(location, o.Folder+"/")
		if o.Folder == "" {
			where, ok = location, true
		}
		if ok {
			all = append(all, trashed(r, where))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("bin: %w", err)
	}
	slices.SortFunc(all, func(a, b files.Trashed) int {
		return cmp.Or(b.Deleted.Compare(a.Deleted), cmp.Compare(a.Path, b.Path))
	})
	return all, nil
}

func binHref(o files.Offers) string { return o.Base + "/remote.php/dav/trashbin/" + o.User + "/trash" }

func trashed(r dav.Response, where string) files.Trashed {
	t := files.Trashed{Key: path.Base(r.Href), Name: files.Base(where), Path: where, Dir: r.IsCollection(), Size: max(r.Length(), 0)}
	if name := r.Prop(ncName("trashbin-filename")).Value(); name != "" {
		t.Name = name
	}
	if n, err := strconv.ParseInt(r.Prop(ocName("size")).Value(), 10, 64); err == nil && t.Dir {
		t.Size = n
	}
	if at, err := strconv.ParseInt(r.Prop(ncName("trashbin-deletion-time")).Value(), 10, 64); err == nil {
		t.Deleted = time.Unix(at, 0)
	}
	return t
}

// RestoreTrashed brings an item back to where it was, or to a free name near it: the server decides.
func (w *Worker) RestoreTrashed(ctx context.Context, key string) error {
	o, err := w.offered(ctx, binned)
	if err := errors.Join(err, segment(key)); err != nil {
		return fmt.Errorf("restore from the bin: %w", err)
	}
	if err := w.moveTo(ctx, binHref(o)+"/"+key, path.Join(path.Dir(binHref(o)), "restore", key)); err != nil {
		return fmt.Errorf("restore from the bin: %w", err)
	}
	return nil
}
