// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/search"
	"kontor/storage"
)

// recentFiles is how many files the view of what changed last shows.
const recentFiles = 100

// ordered is the last order that was worked out: a list is read again whenever anything changes, and in a large folder
// most often in the same order as before.
type ordered struct {
	mu    sync.Mutex
	query files.Query
	lang  i18n.Lang
	keys  []storage.FileKey
	ids   []int64
	names []string // in the order of ids, as they are typed: see squash
}

// Order gives the IDs of what a list shows, in its order. Entries reads parts of it.
func (f *Files) Order(ctx context.Context, q files.Query) ([]int64, error) {
	if q.View != files.ViewFolder || q.By == files.ByState {
		return f.orderEntries(ctx, q)
	}
	keys, err := f.keys(ctx, q)
	if err != nil {
		return nil, err
	}
	f.order.mu.Lock()
	defer f.order.mu.Unlock()
	if lang := i18n.Current(); f.order.query != q || f.order.lang != lang || !slices.Equal(f.order.keys, keys) {
		f.order.query, f.order.lang, f.order.keys = q, lang, keys
		f.order.ids, f.order.names = inOrder(keys, nil, q.By, q.Descending), nil
	}
	return f.order.ids, nil
}

// Seek gives the place of the next entry, from one on and around again, whose name begins with what a person typed; -1 for
// none. Spaces do not count.
func (f *Files) Seek(ctx context.Context, q files.Query, typed string, from int) (int, error) {
	ids, err := f.Order(ctx, q)
	if err != nil || len(ids) == 0 {
		return -1, err
	}
	names, err := f.typedNames(ctx, ids)
	if err != nil {
		return -1, err
	}
	typed = squash(typed)
	for i := range names {
		if at := (max(from, 0) + i) % len(names); strings.HasPrefix(names[at], typed) {
			return at, nil
		}
	}
	return -1, nil
}

// typedNames gives the names of entries as they are typed. Those of the last order are kept.
func (f *Files) typedNames(ctx context.Context, ids []int64) ([]string, error) {
	f.order.mu.Lock()
	defer f.order.mu.Unlock()
	same := slices.Equal(ids, f.order.ids)
	if same && f.order.names != nil {
		return f.order.names, nil
	}
	rows, err := f.db.FileEntries(ctx, ids)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(rows))
	for i := range rows {
		names[i] = squash(rows[i].Name)
	}
	if same {
		f.order.names = names
	}
	return names, nil
}

// squash makes a name comparable with what is typed in a list, where the space bar selects.
func squash(s string) string { return strings.ToLower(strings.ReplaceAll(norm.NFC.String(s), " ", "")) }

// keys reads what lies in a folder, or what has the words below it.
func (f *Files) keys(ctx context.Context, q files.Query) ([]storage.FileKey, error) {
	path, err := files.CleanPath(q.Path)
	if err != nil {
		return nil, err
	}
	var folder int64
	if path != "" {
		row, err := f.db.FileByPath(ctx, q.AccountID, path)
		if errors.Is(err, storage.ErrNotFound) || (err == nil && !row.Dir) {
			return nil, fmt.Errorf("list: %w", ErrNoFolder)
		}
		if err != nil {
			return nil, err
		}
		folder = row.ID
	}
	words := strings.Fields(q.Text)
	if len(words) == 0 {
		return f.db.FileKeys(ctx, q.AccountID, folder)
	}
	keys, err := f.db.FileKeysBelow(ctx, q.AccountID, path)
	return slices.DeleteFunc(keys, func(k storage.FileKey) bool { return !hasWords(k.Name, words) }), err
}

// spelled writes umlauts out.
var spelled = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss")

// hasWords reports whether each of the words is a part of a name. Umlauts are found however they are written.
func hasWords(name string, words []string) bool {
	if len(words) == 0 {
		return true
	}
	spell := func(s string) string { return spelled.Replace(strings.ToLower(norm.NFC.String(s))) }
	long, folded := spell(name), search.Fold(name)
	for _, w := range words {
		if !strings.Contains(folded, search.Fold(w)) && !strings.Contains(long, spell(w)) {
			return false
		}
	}
	return true
}

// orderEntries is Order where the entries have to be read as a whole.
func (f *Files) orderEntries(ctx context.Context, q files.Query) ([]int64, error) {
	var all []files.Entry
	var err error
	switch q.View {
	case files.ViewOffline:
		all, err = f.Offline(ctx)
	case files.ViewRecent:
		all, err = f.Recent(ctx, recentFiles)
	case files.ViewFolder:
		var keys []storage.FileKey
		if keys, err = f.keys(ctx, q); err == nil {
			all, err = f.Entries(ctx, keyIDs(keys))
		}
	}
	if err != nil {
		return nil, err
	}
	words := strings.Fields(q.Text)
	keys, states := make([]storage.FileKey, 0, len(all)), map[int64]files.State{}
	for _, e := range all {
		if hasWords(e.Name, words) {
			keys = append(keys, storage.FileKey{ID: e.ID, Name: e.Name, Dir: e.Dir, Size: e.Size, Modified: e.Modified.UnixMilli()})
			states[e.ID] = e.State
		}
	}
	return inOrder(keys, states, q.By, q.Descending), nil
}

func keyIDs(keys []storage.FileKey) []int64 {
	ids := make([]int64, len(keys))
	for i, k := range keys {
		ids[i] = k.ID
	}
	return ids
}

// Dictionary is the order of names in the language in use (DIN 5007-1 in German), numbers in them by their value.
type Dictionary struct {
	words *collate.Collator
	buf   collate.Buffer
}

// NewDictionary makes it. It belongs to one goroutine.
func NewDictionary() *Dictionary {
	tag := language.English
	if i18n.Current() == i18n.German {
		tag = language.German
	}
	return &Dictionary{words: collate.New(tag, collate.IgnoreCase)}
}

// Key gives octets that are in the order of the names.
func (d *Dictionary) Key(name string) []byte {
	d.buf.Reset()
	return bytes.Clone(d.words.KeyFromString(&d.buf, countDigits(name)))
}

// Compare puts names in order.
func (d *Dictionary) Compare(a, b string) int { return bytes.Compare(d.Key(a), d.Key(b)) }

// countDigits writes the length of each number before it, so that numbers are in the order of their values. The collation
// has a way of its own for that, which takes zero for nothing.
func countDigits(name string) string {
	if !strings.ContainsAny(name, "0123456789") {
		return name
	}
	var b strings.Builder
	for name != "" {
		n := strings.IndexFunc(name, isDigit)
		if n < 0 {
			break
		}
		b.WriteString(name[:n])
		name = name[n:]
		end := strings.IndexFunc(name, func(r rune) bool { return !isDigit(r) })
		if end < 0 {
			end = len(name)
		}
		number := strings.TrimLeft(name[:end], "0")
		fmt.Fprintf(&b, "%03d%s", len(number), number)
		name = name[end:]
	}
	return b.String() + name
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// inOrder sorts: folders first, then by what is asked for, then by the names.
func inOrder(keys []storage.FileKey, states map[int64]files.State, by files.Order, descending bool) []int64 {
	names := NewDictionary()
	type line struct {
		storage.FileKey
		name []byte
	}
	lines := make([]line, len(keys))
	for i, k := range keys {
		lines[i] = line{k, names.Key(k.Name)}
	}
	slices.SortStableFunc(lines, func(a, b line) int {
		if a.Dir != b.Dir {
			if a.Dir {
				return -1
			}
			return 1
		}
		c := 0
		switch by {
		case files.BySize:
			c = cmp.Compare(a.Size, b.Size)
		case files.ByChanged:
			c = cmp.Compare(a.Modified, b.Modified)
		case files.ByState:
			c = cmp.Compare(states[a.ID].Rank(), states[b.ID].Rank())
		case files.ByName:
		}
		if c == 0 {
			c = cmp.Or(bytes.Compare(a.name, b.name), strings.Compare(a.Name, b.Name))
		}
		if descending {
			c = -c
		}
		return c
	})
	ids := make([]int64, len(lines))
	for i := range lines {
		ids[i] = lines[i].ID
	}
	return ids
}

// Entries reads entries by their IDs, in that order. One that is gone keeps its place, with nothing but its ID.
func (f *Files) Entries(ctx context.Context, ids []int64) ([]files.Entry, error) {
	rows, err := f.db.FileEntries(ctx, ids)
	if err != nil {
		return nil, err
	}
	return f.entries(ctx, rows)
}
