// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/mimemsg"
)

// importBatch is how many messages are stored in one transaction, importBytes how many octets.
const (
	importBatch = 50
	importBytes = 16 << 20
)

// incoming is a message on its way into a folder.
type incoming struct {
	raw      []byte                        // its octets, or
	open     func() (io.ReadCloser, error) // where they are, for a large one; called more than once
	exact    bool                          // octets are kept as they are: they came from here
	flags    mail.Flags
	keywords []string
	received time.Time // zero: the message says
	gone     bool      // deleted where it came from
	parsed   mimemsg.Parsed
	size     int64
	eightBit bool // as far as it is known without its octets
	digest   [sha256.Size]byte
}

// held is a message in memory that is kept as it is.
func held(raw []byte) *incoming { return &incoming{raw: raw, exact: true, size: int64(len(raw))} }

// importer puts messages into one folder, some at a time, each batch for good. All of one import is taken back together.
type importer struct {
	m       *Mail
	folder  int64
	batch   []incoming
	octets  int64
	group   int64
	done    Imported
	added   map[[sha256.Size]byte]int // by this import
	matched map[[sha256.Size]byte]int // found in the folder already
}

func (m *Mail) importer(folderID int64) *importer {
	return &importer{m: m, folder: folderID, added: map[[sha256.Size]byte]int{}, matched: map[[sha256.Size]byte]int{}}
}

// put adds a message to the batch and stores the batch once it is full.
func (in *importer) put(ctx context.Context, msg incoming) error {
	if err := msg.read(); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	in.batch = append(in.batch, msg)
	if in.octets += msg.size; len(in.batch) < importBatch && in.octets < importBytes {
		return nil
	}
	return in.flush(ctx)
}

// read learns what is to be known of a message before it is stored.
func (msg *incoming) read() error {
	if msg.open == nil {
		if !msg.exact {
			msg.raw = mimemsg.CRLF(msg.raw)
		}
		msg.size, msg.digest = int64(len(msg.raw)), sha256.Sum256(msg.raw)
		p, err := mimemsg.ParseText(bytes.NewReader(msg.raw))
		msg.parsed = p
		return err
	}
	f, err := msg.open()
	if err != nil {
		return err
	}
	sum := sha256.New()
	count := &octetCounter{}
	r := io.TeeReader(msg.octets(f), io.MultiWriter(sum, count))
	msg.parsed, err = mimemsg.ParseText(r)
	if err == nil {
		_, err = io.Copy(io.Discard, r)
	}
	msg.size = count.n
	sum.Sum(msg.digest[:0])
	return errors.Join(err, f.Close())
}

func (msg *incoming) octets(r io.Reader) io.Reader {
	if msg.exact {
		return r
	}
	return mimemsg.CRLFReader(r)
}

type octetCounter struct{ n int64 }

// Write is part of io.Writer.
func (c *octetCounter) Write(b []byte) (int, error) {
	c.n += int64(len(b))
	return len(b), nil
}

// flush stores the batch.
func (in *importer) flush(ctx context.Context) error {
	if len(in.batch) == 0 {
		return nil
	}
	var now Imported
	err := in.m.change(ctx, "import", func(t *mailTx) error {
		now = Imported{}
		t.group = in.group
		folder, err := t.MailFolder(ctx, in.folder)
		if err != nil {
			return err
		}
		if err := folder.May(mail.DeedPut); err != nil {
			return err
		}
		if !folder.Selectable || folder.Role == mail.RoleOutbox {
			return ErrNotAFolder
		}
		made, err := t.pendingCreate(ctx, folder)
		if err != nil {
			return err
		}
		for i := range in.batch {
			known, err := in.known(ctx, t, &in.batch[i])
			if err != nil {
				return err
			}
			if known {
				now.Known++
				continue
			}
			if err := t.importOne(ctx, folder, made, &in.batch[i]); err != nil {
				return err
			}
			in.added[in.batch[i].digest]++
			now.Added++
		}
		in.group = t.group
		return nil
	})
	in.batch, in.octets = in.batch[:0], 0
	if err == nil {
		in.done.add(now)
	}
	return err
}

// known reports whether the folder had the message before this import. A message that is there twice, and comes twice,
// is known twice; one that comes more often than it is there is added.
func (in *importer) known(ctx context.Context, t *mailTx, msg *incoming) (bool, error) {
	list, err := t.MailByMessageID(ctx, in.accountOf(ctx, t), msg.parsed.MessageID)
	if err != nil {
		return false, err
	}
	same := 0
	for _, s := range list {
		if s.FolderID != in.folder || s.Size != msg.size {
			continue
		}
		equal, err := in.equal(ctx, t, s, msg)
		if err != nil {
			return false, err
		}
		if equal {
			same++
		}
	}
	if same-in.added[msg.digest] <= in.matched[msg.digest] {
		return false, nil
	}
	in.matched[msg.digest]++
	return true, nil
}

func (in *importer) accountOf(ctx context.Context, t *mailTx) int64 {
	folder, err := t.MailFolder(ctx, in.folder)
	if err != nil {
		return 0
	}
	return folder.AccountID
}

// equal compares octets. A message that is not fetched yet is the same if its Message-ID and its size are.
func (in *importer) equal(ctx context.Context, t *mailTx, s mail.Summary, msg *incoming) (bool, error) {
	r, _, err := t.BodyReader(ctx, s.ID)
	if errors.Is(err, storage.ErrNotFound) {
		return s.MessageID != "", nil
	}
	if err != nil {
		return false, err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, r); err != nil {
		return false, err
	}
	return [sha256.Size]byte(sum.Sum(nil)) == msg.digest, nil
}

// importOne stores a message in a folder and the operations that put it there, once the operation made has made the folder.
func (t *mailTx) importOne(ctx context.Context, folder storage.MailFolder, made int64, msg *incoming) error {
	p := msg.parsed
	received := msg.received
	if received.IsZero() {
		if received = p.Date; received.IsZero() || received.After(time.Now()) {
			received = time.Now()
		}
	}
	flags, keywords := splitKeywords(msg.flags, msg.keywords)
	ids, err := t.AddMail(ctx, []storage.NewMail{{
		AccountID: folder.AccountID, FolderID: folder.ID, MessageID: p.MessageID, InReplyTo: p.InReplyTo, References: p.References, Subject: p.Subject,
		From: p.From, To: p.To, Cc: p.Cc, Bcc: p.Bcc, ReplyTo: p.ReplyTo, Received: received, Sent: p.Date, Size: msg.size,
		Flags: flags, Keywords: keywords, Snippet: p.Snippet, HasAttachment: p.HasAttachment(),
	}})
	if err != nil {
		return err
	}
	if err := t.addOctets(ctx, ids[0], msg); err != nil {
		return err
	}
	_, err = t.op(ctx, journal.Op{
		AccountID: folder.AccountID, Kind: journal.MailAppend, Target: p.Subject, Targets: messageTargets(ids...), DependsOn: made,
	}, mail.AppendOp{ID: ids[0], Folder: folder.ID, Flags: flags}, inverseOp{journal.MailDelete, mail.DeleteOp{IDs: ids}})
	if err != nil || len(keywords) == 0 {
		return err
	}
	_, err = t.op(ctx, journal.Op{AccountID: folder.AccountID, Kind: journal.MailFlags, Target: p.Subject, Targets: messageTargets(ids...)},
		mail.FlagsOp{IDs: ids, AddKeywords: keywords}, inverseOp{journal.MailFlags, mail.FlagsOp{IDs: ids, RemoveKeywords: keywords}})
	return err
}

// addOctets stores the octets of a message, those of a large one piece by piece.
func (t *mailTx) addOctets(ctx context.Context, id int64, msg *incoming) (err error) {
	if msg.open == nil {
		return t.AddRaw(ctx, id, msg.raw, msg.parsed.Snippet, msg.parsed.HasAttachment())
	}
	f, err := msg.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r := msg.octets(f)
	piece := make([]byte, storage.PieceSize)
	for start := int64(0); ; {
		n, err := io.ReadFull(r, piece)
		if n > 0 {
			if err := t.AddBodyPiece(ctx, id, start, piece[:n]); err != nil {
				return err
			}
			start += int64(n)
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	return t.AddBody(ctx, storage.Body{ID: id, Size: msg.size, Snippet: msg.parsed.Snippet, HasAttachment: msg.parsed.HasAttachment()})
}
