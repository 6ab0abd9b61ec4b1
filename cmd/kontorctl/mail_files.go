// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"kontor/app"
	"kontor/app/i18n"
)

func mailSaveAttachments(ctx context.Context, e *env, args []string) error {
	words, err := parse(flags("mail save-attachments"), args)
	if err != nil || len(words) != 2 {
		return usage(err)
	}
	ids, err := messageIDs(words[:1])
	if err != nil {
		return err
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	msg, err := core.Mail.Open(ctx, ids[0])
	if err != nil {
		return err
	}
	if !msg.HasBody {
		return app.ErrNoBody
	}
	if err := os.MkdirAll(words[1], 0o755); err != nil {
		return err
	}
	saved := []string{}
	for _, a := range msg.Attachments {
		path, err := saveAttachment(ctx, core, ids[0], a.Index, words[1])
		if err != nil {
			return err
		}
		saved = append(saved, path)
	}
	return e.print(map[string][]string{"saved": saved}, func(w io.Writer) error {
		for _, path := range saved {
			fmt.Fprintln(w, path)
		}
		return nil
	})
}

// saveAttachment writes an attachment into a directory, piece by piece.
func saveAttachment(ctx context.Context, core *app.App, id int64, index int, dir string) (path string, err error) {
	var f *os.File
	err = core.Mail.AttachmentTo(ctx, id, index, func(name string) (io.Writer, error) {
		var err error
		f, err = createNew(dir, name)
		return f, err
	})
	if f == nil {
		return "", err
	}
	return f.Name(), errors.Join(err, f.Close())
}

// createNew makes a file under a name that nothing has yet: what is there is never overwritten.
func createNew(dir, name string) (*os.File, error) {
	ext := filepath.Ext(name)
	for n := 1; ; n++ {
		path := filepath.Join(dir, filepath.Base(name))
		if n > 1 {
			path = filepath.Join(dir, fmt.Sprintf("%s (%d)%s", strings.TrimSuffix(filepath.Base(name), ext), n, ext))
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		return f, err
	}
}

func mailImport(ctx context.Context, e *env, args []string) error {
	return exchange(ctx, e, "mail import", args, "mail.cli.imported", func(core *app.App, folder int64, path string) (app.Imported, error) {
		if path == "-" {
			return importStream(ctx, core, folder, e.in, path)
		}
		info, err := os.Stat(path)
		if err != nil {
			return app.Imported{}, err
		}
		if info.IsDir() {
			return core.Mail.ImportTree(ctx, folder, path)
		}
		f, err := os.Open(path)
		if err != nil {
			return app.Imported{}, err
		}
		var n app.Imported
		if info.Mode().IsRegular() {
			n, err = core.Mail.ImportNew(ctx, folder, f, isMbox(path, io.NewSectionReader(f, 0, int64(mboxStart))))
		} else {
			n, err = importStream(ctx, core, folder, f, path)
		}
		return n, errors.Join(err, f.Close())
	})
}

// importStream imports what can be read only once, as from a pipe.
func importStream(ctx context.Context, core *app.App, folder int64, r io.Reader, path string) (app.Imported, error) {
	buffered := bufio.NewReader(r)
	start, err := buffered.Peek(mboxStart)
	if err != nil && !errors.Is(err, io.EOF) {
		return app.Imported{}, err
	}
	return core.Mail.ImportNew(ctx, folder, buffered, isMbox(path, bytes.NewReader(start)))
}

// mboxStart is how many octets tell an mbox.
const mboxStart = len("From ")

// isMbox tells an mbox from a single message by its name, or by its beginning where the name does not say.
func isMbox(path string, r io.Reader) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".eml":
		return false
	case ".mbox", ".mbx":
		return true
	}
	start, err := io.ReadAll(r)
	return err == nil && string(start) == "From "
}

// mailExport writes an mbox, or a Maildir where a directory is named.
func mailExport(ctx context.Context, e *env, args []string) error {
	return exchange(ctx, e, "mail export", args, "mail.cli.exported", func(core *app.App, folder int64, path string) (app.Imported, error) {
		if info, err := os.Stat(path); err == nil && info.IsDir() || strings.HasSuffix(path, string(filepath.Separator)) {
			n, err := core.Mail.ExportMaildir(ctx, folder, path)
			return app.Imported{Added: n}, err
		}
		f, err := os.Create(path)
		if err != nil {
			return app.Imported{}, err
		}
		n, err := core.Mail.Export(ctx, folder, f)
		return app.Imported{Added: n}, errors.Join(err, f.Close())
	})
}

// exchange is what import and export share: a folder, a file, and how many messages went.
func exchange(ctx context.Context, e *env, name string, args []string, done string, run func(*app.App, int64, string) (app.Imported, error)) error {
	fs := flags(name)
	account := fs.String("account", "", "")
	words, err := parse(fs, args)
	if err != nil || len(words) != 2 {
		return usage(err)
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	folder, err := folderOf(ctx, core, *account, words[0])
	if err != nil {
		return err
	}
	n, err := run(core, folder.ID, words[1])
	if err != nil {
		return err
	}
	return e.print(map[string]int{"messages": n.Added + n.Known, "added": n.Added, "known": n.Known}, func(w io.Writer) error {
		if n.Known > 0 {
			done = "archive.cli.imported"
		}
		_, err := fmt.Fprintln(w, i18n.T(done, "n", n.Added, "known", n.Known))
		return err
	})
}
