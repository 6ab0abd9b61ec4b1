// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
	"unicode/utf16"

	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/mimemsg"
)

// ErrNothingToImport is returned for a directory that holds no mail in any form that is known.
var ErrNothingToImport = errors.New("there is no mail in this directory")

// source is one place of a directory tree that holds messages, and the folder they belong in, below the one that is
// imported into.
type source struct {
	levels []string
	path   string
	kind   sourceKind
}

type sourceKind uint8

const (
	sourceMaildir sourceKind = iota
	sourceMbox
	sourceEML
)

// ImportTree puts the mail of a directory into a folder and into folders below it, which are made where they are missing:
// a Maildir with its sub-folders (Maildir++, or one directory in the other), the mail folder of a Thunderbird profile,
// directories of mbox and .eml files.
func (m *Mail) ImportTree(ctx context.Context, folderID int64, dir string) (Imported, error) {
	var done Imported
	fsys := os.DirFS(dir)
	sources, err := findMail(fsys, ".", nil, 0)
	if err == nil && len(sources) == 0 {
		err = ErrNothingToImport
	}
	if err != nil {
		return done, fmt.Errorf("import: %w", err)
	}
	for _, s := range sources {
		id, err := m.folderBelow(ctx, folderID, s.levels)
		if err != nil {
			return done, fmt.Errorf("import: %w", err)
		}
		n, err := m.importSource(ctx, fsys, s, id)
		done.add(n)
		if err != nil {
			return done, fmt.Errorf("import %s: %w", s.path, err)
		}
	}
	return done, nil
}

func (m *Mail) importSource(ctx context.Context, fsys fs.FS, s source, folderID int64) (done Imported, err error) {
	switch s.kind {
	case sourceMaildir:
		return m.readMaildir(ctx, fsys, s.path, folderID)
	case sourceEML:
		info, err := fs.Stat(fsys, s.path)
		if err != nil {
			return done, err
		}
		msg, err := openIncoming(fsys, s.path, fs.FileInfoToDirEntry(info))
		if err != nil {
			return done, err
		}
		msg.flags, msg.received = mail.Seen, time.Time{}
		in := m.importer(folderID)
		if err := in.put(ctx, msg); err != nil {
			return in.done, err
		}
		return in.done, in.flush(ctx)
	}
	f, err := fsys.Open(s.path)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return m.ImportNew(ctx, folderID, f, true)
}

// maxLevels is how deep a tree is followed.
const maxLevels = 40

// findMail looks for mail in a directory and all below it.
func findMail(fsys fs.FS, dir string, levels []string, depth int) ([]source, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil || depth > maxLevels {
		return nil, err
	}
	var found []source
	maildir := isMaildir(entries)
	if maildir {
		found = append(found, source{levels: levels, path: dir, kind: sourceMaildir})
	}
	for _, e := range entries {
		name := e.Name()
		full := path.Join(dir, name)
		switch {
		case e.IsDir() && maildir && (name == "cur" || name == "new" || name == "tmp"):
		case e.IsDir():
			below, err := findMail(fsys, full, append(levels[:len(levels):len(levels)], levelsOf(name, maildir)...), depth+1)
			if err != nil {
				return nil, err
			}
			found = append(found, below...)
		case maildir || !e.Type().IsRegular():
		case strings.EqualFold(path.Ext(name), ".eml"):
			found = append(found, source{levels: levels, path: full, kind: sourceEML})
		case holdsMbox(fsys, full):
			s := source{levels: levels, path: full, kind: sourceMbox}
			if name != "mbox" { // in a directory that has the name
				s.levels = append(levels[:len(levels):len(levels)], trimExt(name, ".mbox", ".mbx"))
			}
			found = append(found, s)
		}
	}
	return found, nil
}

func isMaildir(entries []fs.DirEntry) bool {
	for _, e := range entries {
		if e.IsDir() && e.Name() == "cur" {
			return true
		}
	}
	return false
}

// levelsOf gives the levels that a directory's name stands for: ".Archiv.2026" in Maildir++, "Archiv.sbd" in Thunderbird.
func levelsOf(name string, maildir bool) []string {
	if maildir && strings.HasPrefix(name, ".") {
		levels := strings.Split(name[1:], ".")
		for i := range levels {
			levels[i] = decodeMailboxName(levels[i])
		}
		return levels
	}
	return []string{decodeMailboxName(trimExt(name, ".sbd", ".mbox"))}
}

func trimExt(name string, exts ...string) string {
	for _, ext := range exts {
		if len(name) > len(ext) && strings.EqualFold(name[len(name)-len(ext):], ext) {
			return name[:len(name)-len(ext)]
		}
	}
	return name
}

// holdsMbox looks at how a file begins.
func holdsMbox(fsys fs.FS, name string) bool {
	f, err := fsys.Open(name)
	if err != nil {
		return false
	}
	defer f.Close() //nolint:errcheck // nothing was written
	start := make([]byte, 5)
	_, err = io.ReadFull(f, start)
	return err == nil && string(start) == "From "
}

// decodeMailboxName reads the modified UTF-7 of mailbox names (RFC 3501, section 5.1.3); what is none stays as it is.
func decodeMailboxName(name string) string {
	var out strings.Builder
	rest := name
	for {
		before, coded, ok := strings.Cut(rest, "&")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		coded, rest, ok = strings.Cut(coded, "-")
		if !ok {
			return name
		}
		if coded == "" {
			out.WriteByte('&')
			continue
		}
		octets, err := base64.RawStdEncoding.DecodeString(strings.ReplaceAll(coded, ",", "/"))
		if err != nil || len(octets)%2 != 0 {
			return name
		}
		units := make([]uint16, len(octets)/2)
		for i := range units {
			units[i] = binary.BigEndian.Uint16(octets[2*i:])
		}
		out.WriteString(string(utf16.Decode(units)))
	}
}

// folderBelow gives the folder some levels below another one, and makes it where it is missing.
func (m *Mail) folderBelow(ctx context.Context, base int64, levels []string) (int64, error) {
	if len(levels) == 0 {
		return base, nil
	}
	id := base
	err := m.change(ctx, "create folder", func(t *mailTx) error {
		f, err := t.MailFolder(ctx, base)
		if err != nil {
			return err
		}
		for _, level := range levels {
			if f, err = t.ensureFolder(ctx, f.AccountID, append(levelsOfFolder(f.Folder), level), mail.RoleNone); err != nil {
				return err
			}
		}
		id = f.ID
		return nil
	})
	return id, err
}

func levelsOfFolder(f mail.Folder) []string {
	if f.Delim == "" {
		return []string{f.Name}
	}
	return strings.Split(f.Name, f.Delim)
}

// ensureFolder gives the folder of a name and makes it where it is missing. What no name may hold becomes "_".
func (t *mailTx) ensureFolder(ctx context.Context, account int64, levels []string, role mail.Role) (storage.MailFolder, error) {
	delim, _, err := t.naming(ctx, account)
	if err != nil {
		return storage.MailFolder{}, err
	}
	safe := make([]string, len(levels))
	for i, level := range levels {
		safe[i] = strings.TrimSpace(strings.NewReplacer(delim, "_", "%", "_", "*", "_", "\r", "", "\n", "", "\x00", "").Replace(level))
		if safe[i] == "" {
			safe[i] = "_"
		}
	}
	name := strings.Join(safe, delim)
	f, err := t.FolderByName(ctx, account, name)
	if !errors.Is(err, storage.ErrNotFound) {
		return f, err
	}
	if strings.EqualFold(name, "INBOX") {
		return t.FolderByRole(ctx, account, mail.RoleInbox)
	}
	return t.createFolder(ctx, account, name, role)
}

func init() {
	explain(ErrNothingToImport, "archive.error.nothing")
	explain(mimemsg.ErrMbox, "archive.error.mbox")
}
