// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/davfiles"
)

// Ref is what a link of a task leads to.
type Ref struct {
	URI       string
	Kind      RefKind
	ID        int64 // of the message or the file, 0 where it is not here
	AccountID int64
	Title     string // the subject or the path, empty where it is not here
}

// RefKind is the kind of a Ref.
type RefKind string

// The kinds.
const (
	RefMail RefKind = "mail"
	RefFile RefKind = "file"
	RefWeb  RefKind = "web"
	RefNone RefKind = "" // nothing that may be opened
)

// Resolve says what a link leads to. What is not here is no error: its ID is 0.
func (s *Tasks) Resolve(ctx context.Context, uri string) (Ref, error) {
	ref := Ref{URI: uri}
	accounts, err := s.db.Accounts(ctx)
	if err != nil {
		return ref, err
	}
	if mid := tasks.MessageID(uri); mid != "" {
		ref.Kind = RefMail
		return s.mailRef(ctx, ref, accounts, mid)
	}
	u, err := url.Parse(uri)
	if err != nil {
		return ref, nil //nolint:nilerr // an address that makes no sense leads nowhere
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		ref.Kind = RefWeb
	case "file":
		ref.Kind = RefFile
	default:
		return ref, nil
	}
	for _, a := range accounts {
		p, err := s.placeIn(ctx, a, u)
		if err != nil {
			return ref, err
		}
		if p.path != "" {
			ref.Kind = RefFile
		}
		row, err := s.fileAt(ctx, a, p)
		if errors.Is(err, storage.ErrNotFound) {
			continue
		}
		if err != nil {
			return ref, err
		}
		ref.Kind, ref.ID, ref.AccountID, ref.Title = RefFile, row.ID, a.ID, row.Path
		break
	}
	return ref, nil
}

func (s *Tasks) mailRef(ctx context.Context, ref Ref, accounts []storage.Account, messageID string) (Ref, error) {
	for _, a := range accounts {
		found, err := s.db.MailByMessageID(ctx, a.ID, messageID)
		if err != nil {
			return ref, err
		}
		if len(found) > 0 {
			ref.ID, ref.AccountID, ref.Title = found[0].ID, a.ID, found[0].Subject
			return ref, nil
		}
	}
	return ref, nil
}

// filePlace is where an address says that a file of an account lies: at a path, or under a number wherever it is.
type filePlace struct{ path, number string }

// placeIn says where in the files of an account an address leads to; the zero filePlace where it does not.
func (s *Tasks) placeIn(ctx context.Context, a storage.Account, u *url.URL) (filePlace, error) {
	if a.FilesURL == "" || !strings.EqualFold(u.Scheme, "file") {
		return addressIn(a, u), nil
	}
	root, err := davfiles.NewDisk(s.db, a, filepath.Dir(s.db.Path())).Root(ctx)
	if err != nil {
		return filePlace{}, err
	}
	if rel, err := filepath.Rel(root, localPath(u)); err == nil && rel != "." && filepath.IsLocal(rel) {
		return filePlace{path: filepath.ToSlash(rel)}, nil
	}
	return filePlace{}, nil
}

// addressIn is placeIn for addresses of servers.
func addressIn(a storage.Account, u *url.URL) filePlace {
	base, err := url.Parse(a.FilesURL)
	if err != nil || a.FilesURL == "" || !strings.EqualFold(base.Scheme, u.Scheme) || !strings.EqualFold(base.Host, u.Host) {
		return filePlace{}
	}
	if number := webNumber.FindStringSubmatch(u.Path); number != nil {
		return filePlace{number: number[1]}
	}
	rest, below := strings.CutPrefix(u.Path, strings.TrimSuffix(base.Path, "/")+"/")
	if !below {
		return filePlace{}
	}
	return filePlace{path: strings.TrimSuffix(rest, "/")}
}

// LeadsToFile reports whether a link is an address of the files of one of the accounts, without looking for the file.
func LeadsToFile(accounts []storage.Account, uri string) bool {
	u, err := url.Parse(uri)
	return err == nil && slices.ContainsFunc(accounts, func(a storage.Account) bool { return addressIn(a, u) != (filePlace{}) })
}

// fileAt finds the file at a place of an account.
func (s *Tasks) fileAt(ctx context.Context, a storage.Account, p filePlace) (storage.FileRow, error) {
	switch {
	case p.number != "":
		return s.db.FileByNumber(ctx, a.ID, p.number)
	case p.path != "":
		return s.db.FileByPath(ctx, a.ID, p.path)
	}
	return storage.FileRow{}, storage.ErrNotFound
}

// webNumber is the end of the address that Nextcloud gives a file for colleagues, wherever the file is moved to.
var webNumber = regexp.MustCompile(`/f/([0-9]+)$`)

// localPath is the path that a file: address names; "/C:/x" is one of Windows.
func localPath(u *url.URL) string {
	path := u.Path
	if len(path) > 2 && path[0] == '/' && path[2] == ':' {
		path = path[1:]
	}
	return filepath.FromSlash(path)
}

// FileLink is the address that a file is linked with: that of the cloud's web page, which stays when the file is moved and
// which colleagues can open too, else that on the server of files.
func (s *Tasks) FileLink(ctx context.Context, fileID int64) (string, error) {
	row, err := s.db.File(ctx, fileID)
	if err != nil {
		return "", err
	}
	a, err := s.db.Account(ctx, row.AccountID)
	if err != nil {
		return "", err
	}
	base, err := url.Parse(a.FilesURL)
	if err != nil || a.FilesURL == "" {
		return "", tasks.ErrLink
	}
	base.User = nil
	if page, _, cloud := strings.Cut(base.Path, "/remote.php/"); cloud && storage.FileNumber(row.Remote.FileID) != "" {
		return base.JoinPath("/").ResolveReference(&url.URL{Path: page + "/f/" + storage.FileNumber(row.Remote.FileID)}).String(), nil
	}
	return addressOf(*base, row.Path), nil
}

// addressOf is the address of a path below base, whatever characters it is made of.
func addressOf(base url.URL, path string) string {
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.TrimSuffix(base.String(), "/") + "/" + strings.Join(parts, "/")
}

// MailLink is the link to a message; ErrNotFound for one that has no Message-ID.
func (s *Tasks) MailLink(ctx context.Context, messageID int64) (string, error) {
	mid, _, err := s.mailWords(ctx, messageID)
	if err == nil && mid == "" {
		err = fmt.Errorf("link a message without an ID: %w", storage.ErrNotFound)
	}
	return tasks.MailLink(mid), err
}

func (s *Tasks) mailWords(ctx context.Context, id int64) (messageID, subject string, err error) {
	found, err := s.db.MailSummaries(ctx, []int64{id})
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("read message: %w", storage.ErrNotFound)
	}
	if err != nil {
		return "", "", err
	}
	return found[0].MessageID, found[0].Subject, nil
}

// FromMail adds a task about a message: its subject is the title, and it is linked. The zero When is no due date, list 0 the
// first that takes one.
func (s *Tasks) FromMail(ctx context.Context, listID, messageID int64, due tasks.When) (int64, error) {
	mid, subject, err := s.mailWords(ctx, messageID)
	if err != nil {
		return 0, err
	}
	return s.about(ctx, listID, subject, tasks.MailLink(mid), due)
}

// FromFile adds a task about a file: its name is the title, and it is linked.
func (s *Tasks) FromFile(ctx context.Context, listID, fileID int64, due tasks.When) (int64, error) {
	row, err := s.db.File(ctx, fileID)
	if err != nil {
		return 0, err
	}
	link, err := s.FileLink(ctx, fileID)
	if err != nil {
		return 0, err
	}
	return s.about(ctx, listID, row.Name, link, due)
}

func (s *Tasks) about(ctx context.Context, listID int64, title, link string, due tasks.When) (int64, error) {
	e := tasks.Edit{Title: &title}
	if link != "" {
		e.URL = &link
	}
	if !due.IsZero() {
		e.Due = &due
	}
	return s.Add(ctx, listID, e)
}
