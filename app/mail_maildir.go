// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"kontor/app/mail"
	"kontor/storage"
)

// keywordFlags are the keywords that have a bit of their own here.
var keywordFlags = []struct {
	flag mail.Flags
	name string
}{{mail.Forwarded, "$Forwarded"}, {mail.MDNSent, "$MDNSent"}, {mail.Junk, "$Junk"}, {mail.NotJunk, "$NotJunk"}}

// splitKeywords sorts keywords, and makes flags of those that are.
func splitKeywords(flags mail.Flags, keywords []string) (mail.Flags, []string) {
	var rest []string
next:
	for _, k := range keywords {
		for _, known := range keywordFlags {
			if strings.EqualFold(k, known.name) {
				flags |= known.flag
				continue next
			}
		}
		if k != "" && !strings.ContainsAny(k, " \t\r\n") && k[0] != '\\' {
			rest = append(rest, k)
		}
	}
	return flags, mail.ChangeKeywords(nil, rest, nil)
}

// allKeywords are the keywords of a message as other programs know them.
func allKeywords(s mail.Summary) []string {
	words := slices.Clone(s.Keywords)
	for _, known := range keywordFlags {
		if s.Flags.Has(known.flag) {
			words = append(words, known.name)
		}
	}
	return words
}

// maildirFlags are the letters for flags in the name of a file, in the order that the format wants.
var maildirFlags = []struct {
	letter byte
	flag   mail.Flags
}{{'D', mail.Draft}, {'F', mail.Flagged}, {'P', mail.Forwarded}, {'R', mail.Answered}, {'S', mail.Seen}, {'T', mail.Deleted}}

// The files that stand beside the messages of a Maildir: Dovecot's list of the keywords that letters mean, and what no
// file name can say.
const (
	keywordsFile = "dovecot-keywords"
	indexFile    = "kontor-index.jsonl"
)

// maildirEntry is a line of indexFile.
type maildirEntry struct {
	File     string     `json:"file"`
	Received time.Time  `json:"received"`
	Flags    mail.Flags `json:"flags"`
	Keywords []string   `json:"keywords,omitempty"`
}

// creator makes the next file of an export; the one before is complete.
type creator func(name string, modified time.Time) (io.Writer, error)

// writeMaildir writes the messages of a folder. delim stands before the flags in a name: ':', or ';' where files cannot
// have that.
func (m *Mail) writeMaildir(ctx context.Context, folderID int64, delim string, create creator) (int, error) {
	var index bytes.Buffer
	var letters []string // the keywords that letters mean, "a" first
	n, err := m.eachStored(ctx, folderID, func(s mail.Summary, r io.Reader) error {
		name := fmt.Sprintf("cur/%d.M%06dP%d.kontor,S=%d%s2,", s.Date.Unix(), s.Date.Nanosecond()/1000, s.ID, s.Size, delim)
		for _, f := range maildirFlags {
			if s.Flags.Has(f.flag) {
				name += string(f.letter)
			}
		}
		words := allKeywords(s)
		for _, k := range words {
			at := slices.Index(letters, k)
			if at < 0 && len(letters) < 26 {
				at, letters = len(letters), append(letters, k)
			}
			if at >= 0 {
				name += string(rune('a' + at))
			}
		}
		line, err := json.Marshal(maildirEntry{File: name, Received: s.Date, Flags: s.Flags, Keywords: s.Keywords})
		if err != nil {
			return err
		}
		index.Write(append(line, '\n'))
		w, err := create(name, s.Date)
		if err != nil {
			return err
		}
		_, err = io.Copy(w, r)
		return err
	})
	if err != nil && !errors.Is(err, ErrNoBody) {
		return n, err
	}
	var words strings.Builder
	for i, k := range letters {
		fmt.Fprintf(&words, "%d %s\n", i, k)
	}
	for _, f := range []struct{ name, text string }{{keywordsFile, words.String()}, {indexFile, index.String()}} {
		w, createErr := create(f.name, time.Now())
		if createErr == nil {
			_, createErr = io.WriteString(w, f.text)
		}
		if createErr != nil {
			return n, fmt.Errorf("export: %w", createErr)
		}
	}
	return n, err
}

// ExportMaildir writes the messages of a folder into a directory as a Maildir, and returns how many. The directory is
// made; what lies in it stays.
func (m *Mail) ExportMaildir(ctx context.Context, folderID int64, dir string) (n int, err error) {
	for _, sub := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return 0, fmt.Errorf("export: %w", err)
		}
	}
	delim := ":"
	if runtime.GOOS == "windows" {
		delim = ";"
	}
	var open *os.File
	var stamp time.Time
	finish := func() error {
		if open == nil {
			return nil
		}
		err := errors.Join(open.Close(), os.Chtimes(open.Name(), stamp, stamp))
		open = nil
		return err
	}
	n, err = m.writeMaildir(ctx, folderID, delim, func(name string, modified time.Time) (io.Writer, error) {
		if err := finish(); err != nil {
			return nil, err
		}
		var err error
		open, err = os.OpenFile(filepath.Join(dir, filepath.FromSlash(name)), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		stamp = modified
		return open, err
	})
	return n, errors.Join(err, finish())
}

// readMaildir imports the messages of a Maildir, which are those below cur and new.
func (m *Mail) readMaildir(ctx context.Context, fsys fs.FS, dir string, folderID int64) (Imported, error) {
	in := m.importer(folderID)
	letters, index, err := maildirWords(fsys, dir)
	if err != nil {
		return in.done, err
	}
	for _, sub := range []string{"new", "cur"} {
		entries, err := fs.ReadDir(fsys, path.Join(dir, sub))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return in.done, err
		}
		for _, e := range entries {
			if e.IsDir() || strings.HasPrefix(e.Name(), ".") {
				continue
			}
			msg, err := openIncoming(fsys, path.Join(dir, sub, e.Name()), e)
			if err != nil {
				return in.done, err
			}
			msg.flags, msg.keywords = maildirState(e.Name(), letters)
			if known, ok := index[sub+"/"+e.Name()]; ok {
				msg.flags, msg.keywords, msg.received, msg.exact = known.Flags, known.Keywords, known.Received, true
			}
			if err := in.put(ctx, msg); err != nil {
				return in.done, err
			}
		}
	}
	return in.done, in.flush(ctx)
}

// maildirState reads flags and keywords off a file's name: "unique:2,FSab".
func maildirState(name string, letters map[byte]string) (flags mail.Flags, keywords []string) {
	at := strings.LastIndex(name, "2,")
	if at < 1 || !strings.ContainsRune(":;!", rune(name[at-1])) {
		return 0, nil
	}
	for _, c := range []byte(name[at+2:]) {
		for _, f := range maildirFlags {
			if f.letter == c {
				flags |= f.flag
			}
		}
		if k := letters[c]; k != "" {
			keywords = append(keywords, k)
		}
	}
	return flags, keywords
}

// maildirWords reads what the letters of a Maildir mean, and the index where Kontor wrote it.
func maildirWords(fsys fs.FS, dir string) (letters map[byte]string, index map[string]maildirEntry, err error) {
	letters, index = map[byte]string{}, map[string]maildirEntry{}
	err = eachLine(fsys, path.Join(dir, keywordsFile), func(line string) error {
		number, word, ok := strings.Cut(line, " ")
		if n, err := strconv.Atoi(number); ok && err == nil && n >= 0 && n < 26 {
			letters[byte('a'+n)] = strings.TrimSpace(word)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	err = eachLine(fsys, path.Join(dir, indexFile), func(line string) error {
		var e maildirEntry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			return fmt.Errorf("%s: %w", indexFile, err)
		}
		index[e.File] = e
		return nil
	})
	return letters, index, err
}

// eachLine calls fn for each line of a file; there need be none.
func eachLine(fsys fs.FS, name string, fn func(string) error) (err error) {
	f, err := fsys.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		if err := fn(scanner.Text()); err != nil {
			return err
		}
	}
	return scanner.Err()
}

// openIncoming reads a file that holds one message; a large one is only pointed at.
func openIncoming(fsys fs.FS, name string, e fs.DirEntry) (incoming, error) {
	info, err := e.Info()
	if err != nil {
		return incoming{}, err
	}
	msg := incoming{received: info.ModTime()}
	if info.Size() > storage.PieceSize {
		msg.open = func() (io.ReadCloser, error) { return fsys.Open(name) }
		return msg, nil
	}
	msg.raw, err = fs.ReadFile(fsys, name)
	return msg, err
}
