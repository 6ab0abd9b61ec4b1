// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"time"

	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/mimemsg"
)

// Imported says what became of messages that were to be imported.
type Imported struct {
	Added int `json:"added"`
	Known int `json:"known"` // were in the folder before, octet for octet
}

func (i *Imported) add(o Imported) { i.Added, i.Known = i.Added+o.Added, i.Known+o.Known }

// Import puts messages into a folder, here and on the server: one from an .eml file, or all of an mbox. It returns how
// many it found, also where it ends with an error. What the folder has already is not added again, so that an import
// that was cut off can be repeated.
func (m *Mail) Import(ctx context.Context, folderID int64, r io.Reader, mbox bool) (int, error) {
	n, err := m.ImportNew(ctx, folderID, r, mbox)
	return n.Added + n.Known, err
}

// ImportNew is Import; it tells apart what was added and what was there.
func (m *Mail) ImportNew(ctx context.Context, folderID int64, r io.Reader, mbox bool) (Imported, error) {
	in := m.importer(folderID)
	if !mbox {
		return in.single(ctx, r)
	}
	err := mimemsg.EachMbox(r, filepath.Dir(m.db.Path()), func(found mimemsg.MboxMessage) error {
		if found.Open == nil {
			return in.unlessGone(ctx, incomingRaw(found.Raw, found.Received))
		}
		msg, err := incomingLarge(found.Open, found.Received)
		if err == nil {
			err = in.unlessGone(ctx, msg)
		}
		if err == nil { // its octets are there for as long as this takes
			err = in.flush(ctx)
		}
		return err
	})
	if err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.Join(err, in.flush(ctx))
	}
	if err != nil {
		return in.done, fmt.Errorf("import: %w", err)
	}
	return in.done, nil
}

// single imports the message that a file holds. A large one is not held: it is read again, or from a file of our own
// where that cannot be.
func (in *importer) single(ctx context.Context, r io.Reader) (_ Imported, err error) {
	whole, done, err := in.m.rereadable(r)
	if err != nil {
		return in.done, fmt.Errorf("import: %w", err)
	}
	defer func() { err = errors.Join(err, done()) }()
	msg, err := incomingLarge(func() (io.ReadCloser, error) {
		return io.NopCloser(io.NewSectionReader(whole, 0, math.MaxInt64)), nil
	}, time.Time{})
	if err != nil {
		return in.done, fmt.Errorf("import: %w", err)
	}
	if err := in.put(ctx, msg); err != nil {
		return in.done, err
	}
	return in.done, in.flush(ctx)
}

// rereadable gives what can be read from anywhere, for what may be readable only once; done ends it.
func (m *Mail) rereadable(r io.Reader) (whole io.ReaderAt, done func() error, err error) {
	if at, ok := r.(io.ReaderAt); ok && canReread(at) {
		return at, func() error { return nil }, nil
	}
	spool, err := mimemsg.NewSpool(filepath.Dir(m.db.Path()), r)
	if err != nil {
		return nil, nil, err
	}
	return spool, spool.Close, nil
}

// canReread tells a file from a pipe, which looks like one and can be read only once.
func canReread(r io.ReaderAt) bool {
	_, err := r.ReadAt(make([]byte, 1), 0)
	return err == nil || errors.Is(err, io.EOF)
}

// incomingLarge is a message out of a file that can be read again. What the header says of its flags is taken as it is
// from the header of one that is held. One that turns out to be small is held.
func incomingLarge(open func() (io.ReadCloser, error), received time.Time) (incoming, error) {
	f, err := open()
	if err != nil {
		return incoming{}, err
	}
	first, err := io.ReadAll(io.LimitReader(f, storage.PieceSize+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return incoming{}, err
	}
	msg := incomingRaw(first, received)
	if len(first) <= storage.PieceSize {
		return msg, nil
	}
	state := int64(len(first) - len(msg.raw)) // lines that are not part of the message
	msg.raw, msg.open = nil, open
	if state > 0 {
		msg.open = func() (io.ReadCloser, error) {
			f, err := open()
			if err != nil {
				return nil, err
			}
			if _, err := io.CopyN(io.Discard, f, state); err != nil {
				return nil, errors.Join(err, f.Close())
			}
			return f, nil
		}
	}
	return msg, nil
}

// unlessGone puts a message into the folder unless it was deleted where it came from.
func (in *importer) unlessGone(ctx context.Context, msg incoming) error {
	if msg.gone {
		return nil
	}
	return in.put(ctx, msg)
}

// incomingRaw is a message out of a file that may say in the header what its flags are. Without a word, it counts as read:
// nobody wants a thousand old messages as new ones.
func incomingRaw(raw []byte, received time.Time) incoming {
	msg := incoming{raw: raw, flags: mail.Seen, received: received}
	if message, flags, keywords, ok := mimemsg.TakeState(raw); ok {
		msg.raw, msg.flags, msg.keywords = message, flags&^mail.Deleted, keywords
		return msg
	}
	if flags, keywords, gone, known := mimemsg.LocalState(headerOf(raw)); known || len(keywords) > 0 {
		msg.keywords, msg.gone = keywords, gone
		if known {
			msg.flags = flags &^ mail.Deleted
		}
	}
	return msg
}

// headerOf gives the header of a message with its empty line.
func headerOf(raw []byte) []byte {
	for _, end := range []string{"\r\n\r\n", "\n\n"} {
		if i := bytes.Index(raw, []byte(end)); i >= 0 {
			raw = raw[:i+len(end)]
		}
	}
	return raw
}

// Export writes the messages of a folder as an mbox, oldest first (the "mboxrd" form, which nothing is lost in), each with
// its flags and keywords in front, and returns how many. Messages that are not here completely are left out and told in the error.
func (m *Mail) Export(ctx context.Context, folderID int64, w io.Writer) (int, error) {
	out := bufio.NewWriterSize(w, 64<<10)
	n, err := m.eachStored(ctx, folderID, func(s mail.Summary, r io.Reader) error {
		return mimemsg.WriteMbox(out, r, s.From.Addr, s.Date, mimemsg.StateHeader(s.Flags, allKeywords(s)))
	})
	if flushErr := out.Flush(); flushErr != nil {
		return n, fmt.Errorf("export: %w", flushErr)
	}
	return n, err
}

// eachStored calls fn for each message of a folder that is here completely, oldest first. The others are counted in an
// ErrNoBody at the end.
func (m *Mail) eachStored(ctx context.Context, folderID int64, fn func(mail.Summary, io.Reader) error) (int, error) {
	if _, err := m.db.MailFolder(ctx, folderID); err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	ids, err := m.db.MailIDs(ctx, folderID)
	if err != nil {
		return 0, fmt.Errorf("export: %w", err)
	}
	n, missing := 0, 0
	for _, id := range ids {
		list, err := m.db.MailSummaries(ctx, []int64{id})
		if err != nil {
			return n, fmt.Errorf("export: %w", err)
		}
		if len(list) == 0 {
			continue // it was moved meanwhile
		}
		r, _, err := m.db.BodyReader(ctx, id)
		if errors.Is(err, storage.ErrNotFound) {
			missing++
			continue
		}
		if err == nil {
			err = fn(list[0], r)
		}
		if err != nil {
			return n, fmt.Errorf("export: %w", err)
		}
		n++
	}
	if missing > 0 {
		return n, fmt.Errorf("export: %d of %d: %w", missing, len(ids), ErrNoBody)
	}
	return n, nil
}

// AttachmentTo writes one attachment of a message, decoded, to what open gives for its name. However large it is, it is not held.
func (m *Mail) AttachmentTo(ctx context.Context, id int64, index int, open func(name string) (io.Writer, error)) error {
	r, _, err := m.db.BodyReader(ctx, id)
	if err != nil {
		return fmt.Errorf("read attachment: %w", noBody(err))
	}
	a, content, err := mimemsg.Attachment(r, index)
	if err != nil {
		return fmt.Errorf("read attachment: %w", err)
	}
	w, err := open(a.Name)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, content); err != nil {
		return fmt.Errorf("read attachment: %w", err)
	}
	return nil
}
