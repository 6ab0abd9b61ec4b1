// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"kontor/app/journal"
	"kontor/app/mail"
)

// What of a row has to be indexed, as bits.
const (
	IndexNames = 1
	IndexText  = 2
)

// SearchKind says what a row of the index stands for.
type SearchKind uint8

// The kinds.
const (
	SearchMail SearchKind = iota
	SearchFile
	SearchTask
)

// searchRow and splitSearchRow translate between a row of the index and what it stands for.
func searchRow(kind SearchKind, id int64) int64 {
	switch kind {
	case SearchFile:
		return -2 * id
	case SearchTask:
		return -2*id - 1
	case SearchMail:
	}
	return id
}

func splitSearchRow(row int64) (SearchKind, int64) {
	switch {
	case row >= 0:
		return SearchMail, row
	case row%2 == 0:
		return SearchFile, -row / 2
	}
	return SearchTask, (-row - 1) / 2
}

// IndexJob is a row that has to be indexed again.
type IndexJob struct {
	Kind  SearchKind
	ID    int64
	What  int   // IndexNames, IndexText or both
	Size  int64 // of the octets to be read, 0 for none
	stamp int64 // the change that it stands for
}

// IndexJobs gives what has to be indexed: files and tasks first, for there are few, then the newest messages.
func (r reads) IndexJobs(ctx context.Context, limit int) ([]IndexJob, error) {
	var jobs []IndexJob
	for _, query := range []string{
		`SELECT id, what, stamp, 0 FROM search_queue WHERE id < 0 ORDER BY id LIMIT ?`,
		`SELECT id, what, stamp, CASE WHEN what & 2 THEN coalesce((SELECT size FROM bodies b WHERE b.id = q.id), 0) ELSE 0 END
			FROM search_queue q WHERE id > 0 ORDER BY id DESC LIMIT ?`,
	} {
		err := r.each(ctx, query, []any{limit - len(jobs)}, func(scan func(...any) error) error {
			var j IndexJob
			var row int64
			err := scan(&row, &j.What, &j.stamp, &j.Size)
			j.Kind, j.ID = splitSearchRow(row)
			jobs = append(jobs, j)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("read what is to be indexed: %w", err)
		}
	}
	return jobs, nil
}

// IndexQueue counts what has to be indexed.
func (r reads) IndexQueue(ctx context.Context) (int, error) {
	var n int
	err := r.scan(ctx, []any{&n}, `SELECT count(*) FROM search_queue`)
	return n, err
}

// IndexDoc is the text of a row as it goes into the index. Gone means that there is no such row any more.
type IndexDoc struct {
	Job                       IndexJob
	Title, Sender, Recipients string
	Text                      string
	HasText                   bool
	Gone                      bool
	Digest                    *Digest // of a message whose octets were read
}

// Row is the row of the index that the text goes to.
func (d IndexDoc) Row() int64 { return searchRow(d.Job.Kind, d.Job.ID) }

// IndexSources reads the names of rows, and where the octets of messages lie whose text is to be indexed: the caller can
// read messages.
func (r reads) IndexSources(ctx context.Context, jobs []IndexJob) ([]IndexDoc, []BodyAt, error) {
	docs, bodies := make([]IndexDoc, len(jobs)), make([]BodyAt, len(jobs))
	var ids, texts []int64
	place := map[int64]int{} // of messages
	for i, j := range jobs {
		docs[i] = IndexDoc{Job: j, Gone: true}
		if j.Kind != SearchMail {
			var err error
			if docs[i], err = r.indexItem(ctx, j); err != nil {
				return nil, nil, err
			}
			continue
		}
		place[j.ID] = i
		ids = append(ids, j.ID)
		if j.What&IndexText != 0 {
			texts = append(texts, j.ID)
		}
	}
	err := r.each(ctx, `SELECT id, subject, from_name, from_addr, recipients, cc, body_state FROM messages
		WHERE id IN (SELECT value FROM json_each(?))`, []any{jsonIDs(ids)}, func(scan func(...any) error) error {
		var id int64
		var state int
		var title, name, addr, to, cc string
		err := scan(&id, &title, &name, &addr, &to, &cc, &state)
		d := &docs[place[id]]
		d.Gone, d.Title, d.Sender, d.HasText = false, title, name+" "+addr, state == bodyStored
		d.Recipients = peopleText(addresses(to)) + peopleText(addresses(cc))
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read what is to be indexed: %w", err)
	}
	err = r.each(ctx, `SELECT id, size, pieces, data, pack, pos, crc, packed FROM bodies WHERE id IN (SELECT value FROM json_each(?))`,
		[]any{jsonIDs(texts)}, func(scan func(...any) error) error {
			var b bodyRow
			err := scan(&b.ID, &b.Size, &b.pieces, &b.Packed, &b.pack, &b.pos, &b.crc, &b.packed)
			b.size = b.Size
			bodies[place[b.ID]] = BodyAt{b}
			return err
		})
	if err != nil {
		return nil, nil, fmt.Errorf("read what is to be indexed: %w", err)
	}
	for _, id := range texts { // it may have been forgotten between the two looks
		docs[place[id]].HasText = docs[place[id]].HasText && bodies[place[id]].Wanted()
	}
	return docs, bodies, nil
}

// indexItem reads the names of a file or task.
func (r reads) indexItem(ctx context.Context, j IndexJob) (IndexDoc, error) {
	d := IndexDoc{Job: j, HasText: true}
	var err error
	if j.Kind == SearchFile {
		err = r.scan(ctx, []any{&d.Title}, `SELECT path FROM files WHERE id = ? AND gone = 0`, j.ID)
	} else {
		var note, tags string
		err = r.scan(ctx, []any{&d.Title, &note, &tags}, `SELECT title, note, tags FROM tasks WHERE id = ? AND deleted = 0`, j.ID)
		d.Text = note + "\n" + tags
	}
	if errors.Is(err, ErrNotFound) {
		d.Gone, err = true, nil
	}
	return d, err
}

func peopleText(list []mail.Address) string {
	text := ""
	for _, a := range list {
		text += a.Name + " " + a.Addr + " "
	}
	return text
}

// PutIndex stores the index of rows and takes them off the queue, unless they changed again meanwhile. It ends early when
// somebody waits to write, and returns how many it stored.
func (tx *Tx) PutIndex(ctx context.Context, docs []IndexDoc) (int, error) {
	have, err := tx.indexed(ctx, docs)
	if err != nil {
		return 0, fmt.Errorf("index: %w", err)
	}
	n := 0
	for ; n < len(docs) && (n == 0 || tx.db.waiting.Load() == 0); n++ {
		if err := tx.putWords(ctx, docs[n], have); err != nil {
			return 0, fmt.Errorf("index: %w", err)
		}
	}
	// All else comes after the words: a statement that can fail halfway makes FTS5 write what it has gathered so far.
	done := map[int64][]int64{} // rows by stamp
	for _, d := range docs[:n] {
		if d.Digest != nil && !d.Gone {
			if err := tx.putDigest(ctx, d.Job.ID, *d.Digest, have.parts[d.Job.ID]); err != nil {
				return 0, fmt.Errorf("index: %w", err)
			}
		}
		done[d.Job.stamp] = append(done[d.Job.stamp], d.Row())
	}
	for stamp, rows := range done {
		if _, err := tx.exec(ctx, `DELETE FROM search_queue WHERE stamp = ? AND id IN (SELECT value FROM json_each(?))`, stamp, jsonIDs(rows)); err != nil {
			return 0, fmt.Errorf("index: %w", err)
		}
	}
	return n, nil
}

// indexedRows are rows that the indexes, and the list of attachments, have something about.
type indexedRows struct{ names, texts, parts map[int64]bool }

func (tx *Tx) indexed(ctx context.Context, docs []IndexDoc) (have indexedRows, err error) {
	rows := make([]int64, len(docs))
	for i, d := range docs {
		rows[i] = searchRow(d.Job.Kind, d.Job.ID)
	}
	list := jsonIDs(rows)
	for _, of := range []struct {
		set   *map[int64]bool
		query string
	}{
		{&have.names, `SELECT id FROM search_names_docsize WHERE id IN (SELECT value FROM json_each(?))`},
		{&have.texts, `SELECT id FROM search_texts_docsize WHERE id IN (SELECT value FROM json_each(?))`},
		{&have.parts, `SELECT message_id FROM mail_parts WHERE message_id IN (SELECT value FROM json_each(?))`},
	} {
		ids, err := tx.ids(ctx, of.query, list)
		if err != nil {
			return have, err
		}
		*of.set = make(map[int64]bool, len(ids))
		for _, id := range ids {
			(*of.set)[id] = true
		}
	}
	return have, nil
}

func (tx *Tx) putWords(ctx context.Context, d IndexDoc, have indexedRows) error {
	row := d.Row()
	if d.Gone || d.Job.What&IndexNames != 0 {
		if have.names[row] {
			if _, err := tx.exec(ctx, `DELETE FROM search_names WHERE rowid = ?`, row); err != nil {
				return err
			}
		}
		if !d.Gone {
			_, err := tx.exec(ctx, `INSERT INTO search_names (rowid, title, sender, recipients) VALUES (?, ?, ?, ?)`, row, d.Title, d.Sender, d.Recipients)
			if err != nil {
				return err
			}
		}
	}
	if !d.Gone && (!d.HasText || d.Job.What&IndexText == 0) {
		return nil
	}
	if have.texts[row] {
		if _, err := tx.exec(ctx, `DELETE FROM search_texts WHERE rowid = ?`, row); err != nil {
			return err
		}
	}
	if d.Gone {
		return nil
	}
	_, err := tx.exec(ctx, `INSERT INTO search_texts (rowid, title, sender, recipients, text) VALUES (?, ?, ?, ?, ?)`, row, d.Title, d.Sender, d.Recipients, d.Text)
	return err
}

// queueAll puts everything on the queue.
var queueAll = []string{
	`DELETE FROM search_words`,
	`INSERT INTO search_queue (id, what) SELECT id, 3 FROM messages WHERE true ON CONFLICT (id) DO UPDATE SET what = 3, stamp = stamp + 1`,
	`INSERT INTO search_queue (id, what) SELECT -2 * id, 3 FROM files WHERE true ON CONFLICT (id) DO UPDATE SET what = 3, stamp = stamp + 1`,
	`INSERT INTO search_queue (id, what) SELECT -2 * id - 1, 3 FROM tasks WHERE true ON CONFLICT (id) DO UPDATE SET what = 3, stamp = stamp + 1`,
}

// ClearIndex empties the index, which may be damaged, and puts everything on the queue.
func (tx *Tx) ClearIndex(ctx context.Context) error {
	return tx.remakeIndex(ctx, `INSERT INTO search_texts (search_texts) VALUES ('delete-all')`)
}

// RebuildIndex is ClearIndex for a sound index: the words of messages whose octets are not here stay, for nothing here
// could bring them back, and people expect to find what they could find before.
func (tx *Tx) RebuildIndex(ctx context.Context) error {
	var absent bool
	err := tx.scan(ctx, []any{&absent}, `SELECT EXISTS (SELECT 1 FROM messages WHERE body_state <> 1 AND id IN (SELECT id FROM search_texts_docsize))`)
	if err != nil {
		return fmt.Errorf("rebuild the index: %w", err)
	}
	if !absent {
		return tx.ClearIndex(ctx)
	}
	return tx.remakeIndex(ctx, `DELETE FROM search_texts WHERE rowid NOT IN (SELECT id FROM messages WHERE body_state <> 1)`)
}

func (tx *Tx) remakeIndex(ctx context.Context, clearTexts string) error {
	for _, query := range append([]string{`INSERT INTO search_names (search_names) VALUES ('delete-all')`, clearTexts}, queueAll...) {
		if _, err := tx.exec(ctx, query); err != nil {
			return fmt.Errorf("rebuild the index: %w", err)
		}
	}
	return nil
}

// minCompound is how long a word must be to be kept for the search inside of words.
const minCompound = 5

// Words reads the copy of the long words of the index, one a line, and how many rows were indexed when it was made.
func (r reads) Words(ctx context.Context) (words string, docs int, err error) {
	err = r.scan(ctx, []any{&words, &docs}, `SELECT words, docs FROM search_words WHERE id = 1`)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return words, docs, err
}

// IndexedDocs counts the rows of the full index.
func (r reads) IndexedDocs(ctx context.Context) (int, error) {
	var n int
	err := r.scan(ctx, []any{&n}, `SELECT count(*) FROM search_texts_docsize`)
	return n, err
}

// RefreshWords copies the long words of the index. Numbers, and words longer than any in a language, are left out.
func (tx *Tx) RefreshWords(ctx context.Context) error {
	_, err := tx.exec(ctx, `INSERT INTO search_words (id, words, docs)
		SELECT 1, coalesce(group_concat(term, char(10)), ''), (SELECT count(*) FROM search_texts_docsize)
		FROM search_vocabulary WHERE length(term) BETWEEN ? AND 60 AND term NOT GLOB '*[0-9]*'
		ON CONFLICT (id) DO UPDATE SET words = excluded.words, docs = excluded.docs`, minCompound)
	if err != nil {
		return fmt.Errorf("copy the words of the index: %w", err)
	}
	return nil
}

// MailSearch selects messages. Texts and Names are expressions for the two indexes, either of which may find a message;
// without both every message is one.
type MailSearch struct {
	Texts, Names  string
	Exclude       string
	Folders       []int64 // empty for all
	Unread, Read  bool
	Flagged       bool
	Attachments   bool
	After, Before time.Time
	Limit         int
}

// filter and bounds are common to all ways of finding messages: ?2 to ?8.
const mailFilter = ` AND m.hidden = 0 AND (?2 = 0 OR m.flags & 1 = 0) AND (?3 = 0 OR m.flags & 1 = 1) AND (?4 = 0 OR m.flags & 4 = 4)
	AND (?5 = 0 OR m.has_attachment = 1) AND (?6 = '[]' OR m.folder_id IN (SELECT value FROM json_each(?6)))
	AND (?7 = '' OR m.id NOT IN (SELECT rowid FROM search_texts WHERE search_texts MATCH ?7))`

// FindMail gives the IDs of messages, newest first.
func (r reads) FindMail(ctx context.Context, s MailSearch) ([]int64, error) {
	low, high := int64(1), int64(1)<<62
	if !s.After.IsZero() {
		low = mailID(s.After, 0)
	}
	if !s.Before.IsZero() {
		high = mailID(s.Before, 0) - 1
	}
	args := func(match string) []any {
		return []any{match, s.Unread, s.Read, s.Flagged, s.Attachments, jsonIDs(s.Folders), s.Exclude, low, high, s.Limit}
	}
	if s.Texts == "" && s.Names == "" {
		return r.ids(ctx, `SELECT m.id FROM messages m WHERE ?1 = ''`+mailFilter+` AND m.id BETWEEN ?8 AND ?9 ORDER BY m.id DESC LIMIT ?10`, args("")...)
	}
	var lists [2][]int64
	var err error
	if s.Texts != "" {
		lists[0], err = r.ids(ctx, `SELECT f.rowid FROM search_texts f CROSS JOIN messages m ON m.id = f.rowid
			WHERE search_texts MATCH ?1 AND f.rowid BETWEEN ?8 AND ?9`+mailFilter+` ORDER BY f.rowid DESC LIMIT ?10`, args(s.Texts)...)
		if err != nil {
			return nil, fmt.Errorf("search messages: %w", err)
		}
	}
	if s.Names != "" {
		lists[1], err = r.ids(ctx, `SELECT f.rowid FROM search_names f CROSS JOIN messages m ON m.id = f.rowid
			WHERE search_names MATCH ?1 AND f.rowid BETWEEN ?8 AND ?9`+mailFilter+` ORDER BY f.rowid DESC LIMIT ?10`, args(s.Names)...)
		if err != nil {
			return nil, fmt.Errorf("search messages: %w", err)
		}
	}
	return mergeDescending(lists[0], lists[1], s.Limit), nil
}

// mergeDescending joins two descending lists, each number once.
func mergeDescending(a, b []int64, limit int) []int64 {
	var out []int64
	for len(out) < limit && len(a)+len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0] > b[0]:
			out, a = append(out, a[0]), a[1:]
		case len(a) == 0 || b[0] > a[0]:
			out, b = append(out, b[0]), b[1:]
		default:
			out, a, b = append(out, a[0]), a[1:], b[1:]
		}
	}
	return out
}

// itemRows finds the rows of files or tasks in either index: ?1 and ?4 are the expressions, ?2 what must not be there.
const itemRows = `(SELECT rowid AS r FROM search_texts WHERE search_texts MATCH ?1 AND rowid < 0 AND rowid % 2 = ?3
		AND (?2 = '' OR rowid NOT IN (SELECT rowid FROM search_texts WHERE search_texts MATCH ?2))
	UNION SELECT rowid FROM search_names WHERE search_names MATCH ?4 AND rowid < 0 AND rowid % 2 = ?3
		AND (?2 = '' OR rowid NOT IN (SELECT rowid FROM search_texts WHERE search_texts MATCH ?2)))`

// FindItems gives the IDs of files or tasks that either index finds, the last changed first.
func (r reads) FindItems(ctx context.Context, kind SearchKind, texts, names, exclude string, limit int) ([]int64, error) {
	query := `SELECT f.id FROM ` + itemRows + ` JOIN files f ON f.id = -r / 2 WHERE f.gone = 0 ORDER BY f.mtime DESC LIMIT ?5`
	if kind == SearchTask {
		query = `SELECT t.id FROM ` + itemRows + ` JOIN tasks t ON t.id = (-r - 1) / 2 WHERE t.deleted = 0 ORDER BY t.modified DESC LIMIT ?5`
	}
	ids, err := r.ids(ctx, query, texts, exclude, searchRow(kind, 0)%2, names, limit)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return ids, nil
}

// peopleSample is how many of the newest messages a completion is looked for in.
const peopleSample = 400

// People gives the addresses of the newest messages in which a name or address begins as given.
func (r reads) People(ctx context.Context, prefix string) ([]mail.Person, error) {
	match := peopleMatch(prefix)
	if match == "" {
		return nil, nil
	}
	var people []mail.Person
	err := r.each(ctx, `SELECT m.from_name, m.from_addr, m.recipients, m.cc, f.role IN ('sent', 'drafts', 'outbox')
		FROM search_names s CROSS JOIN messages m ON m.id = s.rowid JOIN folders f ON f.id = m.folder_id
		WHERE search_names MATCH ? AND s.rowid > 0 AND f.role <> 'junk' ORDER BY s.rowid DESC LIMIT ?`, []any{match, peopleSample}, func(scan func(...any) error) error {
		var from mail.Address
		var to, cc string
		var own bool
		err := scan(&from.Name, &from.Addr, &to, &cc, &own)
		if !own {
			people = append(people, mail.Person{Address: from, Met: 1})
		}
		for _, a := range append(addresses(to), addresses(cc)...) {
			p := mail.Person{Address: a, Met: 1}
			if own {
				p.Written = 1
			}
			people = append(people, p)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find people: %w", err)
	}
	return people, nil
}

// peopleMatch writes what begins with prefix, in a name or an address, for the index of names; empty where nothing is left.
func peopleMatch(prefix string) string {
	words := strings.FieldsFunc(prefix, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	if len(words) == 0 {
		return ""
	}
	return `{sender recipients} : "` + strings.Join(words, " ") + `"*`
}

// ItemMarks gives the marks of those rows of a table that an operation is pending for.
func (r reads) ItemMarks(ctx context.Context, table string, ids []int64) (map[int64]journal.Mark, error) {
	marks := map[int64]journal.Mark{}
	err := r.each(ctx, `SELECT t.row_id, j.state FROM journal_targets t JOIN journal j ON j.id = t.op_id
		WHERE t.tbl = ? AND t.row_id IN (SELECT value FROM json_each(?)) AND j.state NOT IN ('done', 'cancelled') ORDER BY j.id`,
		[]any{table, jsonIDs(ids)}, func(scan func(...any) error) error {
			var id int64
			var state journal.State
			err := scan(&id, &state)
			if m := journal.MarkOf(state); markWeight[m] >= markWeight[marks[id]] {
				marks[id] = m
			}
			return err
		})
	return marks, err
}
