// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kontor/app/files"
	"kontor/app/index"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/app/search"
	"kontor/app/tasks"
	"kontor/storage"
)

// Search finds mail, files and tasks, without any network.
type Search struct {
	db      *storage.DB
	indexer *index.Indexer
}

// NewSearch makes the search service.
func NewSearch(db *storage.DB) *Search { return &Search{db: db, indexer: index.New(db)} }

// Find gives what a query finds, grouped by kind: messages newest first, files and tasks the last changed first. No
// kinds means all of them; limit counts all results.
func (s *Search) Find(ctx context.Context, query string, kinds []string, limit int) ([]search.Result, error) {
	q := search.Parse(query, time.Now())
	if q.Empty() || limit <= 0 {
		return nil, nil
	}
	if len(kinds) == 0 {
		kinds = search.Kinds
	}
	f := finder{s: s, q: q, limit: limit}
	var lists [][]search.Result
	for _, kind := range search.Kinds {
		if !slices.Contains(kinds, kind) || kind != search.Mail && (q.MailOnly() || len(q.Terms) == 0) {
			continue
		}
		list, err := f.kind(ctx, kind)
		if s.heal(ctx, err) {
			list, err = f.kind(ctx, kind)
		}
		if err != nil {
			return nil, fmt.Errorf("find: %w", err)
		}
		lists = append(lists, list)
	}
	results := search.Share(lists, limit)
	return results, f.describe(ctx, results)
}

// finder is one search under way.
type finder struct {
	s     *Search
	q     search.Query
	limit int
	words []byte // of the index, loaded when the inside of words is asked for
}

func (f *finder) kind(ctx context.Context, kind string) ([]search.Result, error) {
	switch kind {
	case search.Mail:
		return f.mail(ctx)
	case search.Files:
		return f.files(ctx)
	}
	return f.tasks(ctx)
}

// stretch gives the expressions for the two indexes: first whole words and beginnings, then the inside of words too.
func (f *finder) stretch(ctx context.Context, mode search.Mode) (texts, names string, err error) {
	if mode == search.Inside && f.words == nil {
		words, _, err := f.s.db.Words(ctx)
		if err != nil {
			return "", "", err
		}
		f.words = []byte(words)
	}
	texts = f.q.Expression(mode, func(part string) []string { return search.Compounds(f.words, part) })
	return texts, f.q.Expression(search.Beginning, nil), nil
}

// mail finds messages; where whole words do not find enough, the inside of words is looked at too.
func (f *finder) mail(ctx context.Context) ([]search.Result, error) {
	ids, err := f.s.mailIDs(ctx, f, mail.Query{}, f.limit)
	if err != nil {
		return nil, err
	}
	list, err := f.s.db.MailSummaries(ctx, ids)
	if err != nil {
		return nil, err
	}
	marks, err := f.s.db.MailMarks(ctx, ids)
	if err != nil {
		return nil, err
	}
	folders, err := f.s.folderNames(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]search.Result, len(list))
	for i, m := range list {
		mark := cmp.Or(marks[m.ID], journal.MarkServer)
		out[i] = search.Result{Kind: search.Mail, ID: m.ID, Title: m.Subject, Where: folders[m.FolderID], Date: m.Date, Snippet: m.Snippet, State: string(mark)}
	}
	return out, nil
}

// mailIDs finds messages that also fit a list's own query.
func (s *Search) mailIDs(ctx context.Context, f *finder, list mail.Query, limit int) ([]int64, error) {
	folders, none, err := s.searchFolders(ctx, f.q, list)
	if err != nil || none {
		return nil, err
	}
	want := storage.MailSearch{
		Exclude: f.q.Exclusion(), Folders: folders, Unread: f.q.Unread || list.UnreadOnly, Read: f.q.Read, Flagged: f.q.Flagged || list.Flagged,
		Attachments: f.q.Attachments, After: f.q.After, Before: f.q.Before, Limit: limit,
	}
	for _, mode := range []search.Mode{search.Exact, search.Inside} {
		if want.Texts, want.Names, err = f.stretch(ctx, mode); err != nil {
			return nil, err
		}
		ids, err := s.db.FindMail(ctx, want)
		if err != nil || len(ids) >= limit || mode == search.Inside || want.Texts == "" {
			return ids, err
		}
	}
	return nil, nil
}

// searchFolders gives the folders to look into, and whether the query names one that does not exist.
func (s *Search) searchFolders(ctx context.Context, q search.Query, list mail.Query) (ids []int64, none bool, err error) {
	if q.Folder == "" && list.FolderID == 0 && list.Role == mail.RoleNone {
		return nil, false, nil
	}
	all, err := s.db.Folders(ctx, 0)
	if err != nil {
		return nil, false, err
	}
	for _, folder := range all {
		switch {
		case q.Folder != "" && !search.InFolder(q.Folder, folder.Name, string(folder.Role)):
		case list.FolderID != 0 && folder.ID != list.FolderID:
		case list.FolderID == 0 && list.Role != mail.RoleNone && (folder.Role != list.Role || folder.Space != mail.SpaceOwn):
		default:
			ids = append(ids, folder.ID)
		}
	}
	return ids, len(ids) == 0, nil
}

func (s *Search) folderNames(ctx context.Context) (map[int64]string, error) {
	all, err := s.db.Folders(ctx, 0)
	names := make(map[int64]string, len(all))
	for _, f := range all {
		names[f.ID] = f.Name
	}
	return names, err
}

// maxItems is how many files or tasks are looked at where not all of them fit the query's place or time.
const maxItems = 5000

// items finds the IDs of files or tasks, stretched to the inside of words where there are few.
func (f *finder) items(ctx context.Context, kind storage.SearchKind) ([]int64, error) {
	limit := f.limit
	if f.q.Folder != "" || !f.q.After.IsZero() || !f.q.Before.IsZero() {
		limit = maxItems
	}
	var ids []int64
	for _, mode := range []search.Mode{search.Exact, search.Inside} {
		texts, names, err := f.stretch(ctx, mode)
		if err != nil || texts == "" {
			return nil, err
		}
		if ids, err = f.s.db.FindItems(ctx, kind, texts, names, f.q.Exclusion(), limit); err != nil || len(ids) >= f.limit {
			return ids, err
		}
	}
	return ids, nil
}

func (f *finder) files(ctx context.Context) ([]search.Result, error) {
	ids, err := f.items(ctx, storage.SearchFile)
	if err != nil {
		return nil, err
	}
	marks, err := f.s.db.ItemMarks(ctx, "files", ids)
	if err != nil {
		return nil, err
	}
	var out []search.Result
	for _, id := range ids {
		row, err := f.s.db.File(ctx, id)
		if errors.Is(err, storage.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if f.q.Folder != "" && !strings.HasPrefix(search.Fold(row.Path), strings.TrimPrefix(search.Fold(f.q.Folder), "/")) || !f.inTime(row.Modified) {
			continue
		}
		out = append(out, search.Result{Kind: search.Files, ID: id, Title: row.Name, Dir: row.Dir, Where: parentPath(row.Path), Date: row.Modified, Snippet: row.Path, State: fileState(row, marks[id])})
	}
	return newest(out, f.limit), nil
}

// fileState is what a person is told about a file that was found.
func fileState(row storage.FileRow, mark journal.Mark) string {
	switch {
	case row.Problem != "" || mark == journal.MarkRejected:
		return string(files.Rejected)
	case mark == journal.MarkRunning:
		return string(files.Running)
	case mark != "" && mark != journal.MarkServer:
		return string(files.Waiting)
	case row.Local.Path != "":
		return string(files.Offline)
	}
	return string(files.OnlineOnly)
}

func parentPath(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return path[:i]
	}
	return ""
}

func (f *finder) tasks(ctx context.Context) ([]search.Result, error) {
	ids, err := f.items(ctx, storage.SearchTask)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	lists, err := f.s.db.TaskLists(ctx)
	if err != nil {
		return nil, err
	}
	marks, err := f.s.db.ItemMarks(ctx, "tasks", ids)
	if err != nil {
		return nil, err
	}
	var out []search.Result
	for _, id := range ids {
		t, err := f.s.db.Task(ctx, id)
		if errors.Is(err, storage.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		where := listName(lists, t.ListID)
		if f.q.Folder != "" && !search.InFolder(f.q.Folder, where, "") || !f.inTime(t.Modified) {
			continue
		}
		out = append(out, search.Result{
			Kind: search.Tasks, ID: id, Title: t.Title, Where: where, Date: taskDate(t), Snippet: t.Note, State: string(cmp.Or(marks[id], journal.MarkServer)),
		})
	}
	return newest(out, f.limit), nil
}

func listName(lists []tasks.List, id int64) string {
	for _, l := range lists {
		if l.ID == id {
			return l.Name
		}
	}
	return ""
}

// taskDate is when a task is due, or was changed last.
func taskDate(t tasks.Task) time.Time {
	if !t.Due.IsZero() {
		return t.Due.Time
	}
	return t.Modified
}

func (f *finder) inTime(t time.Time) bool {
	return (f.q.After.IsZero() || !t.Before(f.q.After)) && (f.q.Before.IsZero() || t.Before(f.q.Before))
}

func newest(list []search.Result, limit int) []search.Result {
	slices.SortStableFunc(list, func(a, b search.Result) int { return b.Date.Compare(a.Date) })
	return list[:min(limit, len(list))]
}

// describe fills in the place where each result fits the query. Only where the stored beginning of a message does not
// show it, the message itself is read.
func (f *finder) describe(ctx context.Context, results []search.Result) error {
	for i := range results {
		r := &results[i]
		if r.Kind == search.Mail && len(f.q.Terms) > 0 && !f.q.Matches(r.Snippet) && !f.q.Matches(r.Title) {
			text, err := index.Text(ctx, f.s.db, r.ID)
			if err != nil {
				return fmt.Errorf("find: %w", err)
			}
			if f.q.Matches(text) {
				r.Snippet = text
			}
		}
		r.Snippet = f.q.Snippet(r.Snippet)
	}
	return nil
}
