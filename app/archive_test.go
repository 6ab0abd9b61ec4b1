// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kontor/app/accounts"
	"kontor/app/mail"
	"kontor/app/tasks"
	"kontor/storage"
)

// newEmptyAccount is a core with an account that has an inbox and nothing else, and servers that are never asked.
func newEmptyAccount(t *testing.T) *townhall {
	t.Helper()
	ctx := context.Background()
	core, err := OpenThrowaway(ctx, t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(core.DB.Check(ctx), core.Close()); err != nil {
			t.Error(err)
		}
	})
	o := &townhall{App: core}
	o.account, err = core.Accounts.Add(ctx, accounts.Draft{
		Name: "Neu", Email: "neu@amt.example", User: "neu", IMAPURL: "imap://127.0.0.1:1", SMTPURL: "smtp://127.0.0.1:1",
		FilesURL: "http://127.0.0.1:1/", TasksURL: "http://127.0.0.1:1/",
	}, "geheim")
	if err != nil {
		t.Fatal(err)
	}
	err = core.DB.WriteDurable(ctx, func(tx *storage.Tx) error {
		_, err := tx.AddFolder(ctx, storage.MailFolder{
			Folder: mail.Folder{AccountID: o.account, Name: "INBOX", Delim: ".", Role: mail.RoleInbox, Selectable: true}, RemoteName: "INBOX",
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// contents says all that an archive is to bring over, in comparable words.
func (o *townhall) contents(t *testing.T) []string {
	t.Helper()
	ctx := context.Background()
	var out []string
	folders, err := o.DB.Folders(ctx, o.account)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		box := mailBox{Mail: o.Mail, account: o.account}
		for _, line := range box.stateOf(t, f.ID) {
			out = append(out, fmt.Sprintf("mail %s %s: %s", f.Role, strings.Join(levelsOfFolder(f), "|"), line))
		}
	}
	lists, err := o.Tasks.Lists(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lists {
		all, err := o.Tasks.List(ctx, tasks.Query{ListID: l.ID, Closed: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range all {
			row, err := o.DB.TaskRow(ctx, task.ID)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, fmt.Sprintf("task %s: %s", l.Name, tasks.Join([]string{row.Text})))
		}
	}
	all, err := o.Files.Below(ctx, o.account, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		text := []byte("folder")
		if !f.Dir {
			if text, err = os.ReadFile(f.LocalPath); err != nil {
				continue // not here
			}
		}
		out = append(out, fmt.Sprintf("file %s: %x", f.Path, text))
	}
	slices.Sort(out)
	return out
}

// newFullAccount is a core with a synchronised account, files on the disk, and messages that are easily changed.
func newFullAccount(t *testing.T) *townhall {
	t.Helper()
	ctx := context.Background()
	o := newTownhall(t)
	o.sync(t)
	inbox, err := o.DB.FolderByRole(ctx, o.account, mail.RoleInbox)
	if err != nil {
		t.Fatal(err)
	}
	box := mailBox{Mail: o.Mail, account: o.account, inbox: inbox.ID}
	box.inbox, err = o.Mail.CreateFolder(ctx, o.account, "Ablage: alt?/cur")
	if err != nil {
		t.Fatal(err)
	}
	for i, raw := range oddMails(t) {
		in := o.Mail.importer(box.inbox)
		msg := incoming{raw: raw, exact: true, received: monday.AddDate(0, 0, -i), flags: mail.Flags(1 << i), keywords: []string{"eilig", "vs-nfd"}[:i%3]}
		if err := errors.Join(in.put(ctx, msg), in.flush(ctx)); err != nil {
			t.Fatal(err)
		}
	}
	local := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(local, []byte("Inhalt"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Notiz.txt", "100% sicher.txt"} {
		if _, err := o.Files.Put(ctx, o.account, local, name); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// Nothing is lost on the way round: what an account holds is the same after an export and an import elsewhere.
func TestArchiveRoundTrip(t *testing.T) {
	ctx := context.Background()
	from, to := newFullAccount(t), newEmptyAccount(t)
	var file bytes.Buffer
	out, err := from.ExportAccount(ctx, from.account, &file)
	if err != nil || out.Mails < 150 || out.Tasks < 40 || out.Files < 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	zr := bytes.NewReader(file.Bytes())
	in, err := to.ImportAccount(ctx, to.account, zr, zr.Size())
	if err != nil || in.Mails != out.Mails || in.Tasks != out.Tasks || in.Files != out.Files || in.Known != 0 {
		t.Fatalf("%+v of %+v, %v", in, out, err)
	}
	want, got := from.contents(t), to.contents(t)
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("lost: %.300s", line)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d of %d", len(got), len(want))
	}
	again, err := to.ImportAccount(ctx, to.account, zr, zr.Size())
	if err != nil || again.Mails+again.Tasks+again.Files != 0 || again.Known < in.Mails+in.Tasks+in.Files {
		t.Errorf("once more: %+v after %+v, %v", again, in, err)
	}
	if len(to.contents(t)) != len(got) {
		t.Error("the second import added something")
	}
}

// No secret leaves, the notes are there in both languages, and every name is one that any file system takes.
func TestArchiveIsOpen(t *testing.T) {
	ctx := context.Background()
	from := newFullAccount(t)
	var file bytes.Buffer
	if _, err := from.ExportAccount(ctx, from.account, &file); err != nil {
		t.Fatal(err)
	}
	zr, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, f := range zr.File {
		if seen[strings.ToLower(f.Name)] || strings.ContainsAny(f.Name, `<>:"|?*\`) {
			t.Errorf("the name %q", f.Name)
		}
		seen[strings.ToLower(f.Name)] = true
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil || bytes.Contains(text, []byte(from.world.Password())) {
			t.Errorf("%s holds the password, or %v", f.Name, err)
		}
	}
	for _, name := range []string{"liesmich.txt", "readme.txt", archiveIndex, archiveSums, "mail/ablage%3a alt%3f/%63ur/kontor-index.jsonl", "files/100%25 sicher.txt"} {
		if !seen[name] {
			t.Errorf("%s is missing", name)
		}
	}
	draft, err := ArchivedAccount(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if want := from.world.Draft(""); err != nil || draft.Email != want.Email || draft.IMAPURL != want.IMAPURL || draft.TasksURL != want.TasksURL {
		t.Errorf("%+v, %v", draft, err)
	}
}

// A damaged archive changes nothing, whatever the damage.
func TestDamagedArchiveIsRefused(t *testing.T) {
	ctx := context.Background()
	from, to := newEmptyAccount(t), newEmptyAccount(t)
	inbox, err := from.DB.FolderByRole(ctx, from.account, mail.RoleInbox)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := from.Mail.Import(ctx, inbox.ID, strings.NewReader("Subject: x\n\nText\n"), false); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if _, err := from.ExportAccount(ctx, from.account, &file); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		bytes []byte
		want  error
	}{
		"cut off":            {file.Bytes()[:file.Len()*2/3], ErrNoArchive},
		"no ZIP":             {[]byte("PK nothing of the kind"), ErrNoArchive},
		"another ZIP":        {rewrite(t, file.Bytes(), func(n string, _ []byte) (string, []byte) { return "x/" + n, nil }), ErrNoArchive},
		"a later format":     {rewrite(t, file.Bytes(), replaceIn(archiveIndex, `"format": 1`, `"format": 9`)), ErrNoArchive},
		"a changed message":  {rewrite(t, file.Bytes(), replaceIn("mail/INBOX/cur", "Text", "Next")), ErrArchiveDamaged},
		"a changed checksum": {rewrite(t, file.Bytes(), replaceIn(archiveSums, "a", "b")), ErrArchiveDamaged},
		"a missing message": {rewrite(t, file.Bytes(), func(n string, text []byte) (string, []byte) {
			if strings.Contains(n, "cur/1") || strings.Contains(n, "cur/2") {
				return "", nil
			}
			return n, text
		}), ErrArchiveDamaged},
		"no checksums": {rewrite(t, file.Bytes(), func(n string, text []byte) (string, []byte) {
			return strings.ReplaceAll(n, archiveSums, "other"), text
		}), ErrArchiveDamaged},
	} {
		_, err := to.ImportAccount(ctx, to.account, bytes.NewReader(c.bytes), int64(len(c.bytes)))
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if title, advice := Explain(err); title == "" || advice == "" {
			t.Errorf("%s is not explained", name)
		}
	}
	if got := to.contents(t); len(got) != 0 {
		t.Errorf("something was changed: %q", got)
	}
	unknown, err := to.Accounts.Add(ctx, accounts.Draft{Name: "Nie", Email: "nie@amt.example", IMAPURL: "imap://127.0.0.1:1", SMTPURL: "smtp://127.0.0.1:1"}, "x")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := to.ImportAccount(ctx, unknown, bytes.NewReader(file.Bytes()), int64(file.Len())); !errors.Is(err, ErrSyncFirst) {
		t.Errorf("before the folders are known: %v", err)
	}
}

// rewrite copies a ZIP file and lets change see to each entry; an empty name drops it.
func rewrite(t *testing.T, file []byte, change func(name string, text []byte) (string, []byte)) []byte {
	t.Helper()
	zr, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	zw := zip.NewWriter(&out)
	for _, f := range zr.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		name, text := change(f.Name, text)
		if name == "" {
			continue
		}
		w, err := zw.Create(name)
		if err == nil && !strings.HasSuffix(name, "/") {
			_, err = w.Write(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func replaceIn(part, old, repl string) func(string, []byte) (string, []byte) {
	return func(name string, text []byte) (string, []byte) {
		if strings.Contains(name, part) {
			text = bytes.Replace(text, []byte(old), []byte(repl), 1)
		}
		return name, text
	}
}

// Names survive what is done to them so that every file system takes them.
func TestSafeNames(t *testing.T) {
	for _, name := range []string{
		"plain", "ä ö", "a/b", `a\b`, "100%", "%41", "con", "COM1", ".hidden", "dot.", "blank ", "cur", "a:b?c*d", "\x01", "日本", "", "nul", "tab\there",
	} {
		safe := safeName(name)
		if plain := plainName(safe); plain != name && !(name == "" && plain == "\x00") {
			t.Errorf("%q became %q, then %q", name, safe, plain)
		}
		if safe == "" || reserved[strings.ToLower(safe)] || strings.ContainsAny(safe, `<>:"|?*\/`) || strings.HasSuffix(safe, ".") || strings.HasSuffix(safe, " ") {
			t.Errorf("%q is not safe as %q", name, safe)
		}
	}
}
