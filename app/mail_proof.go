// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
)

// ErrNoProof is returned for a message that was not sent from here.
var ErrNoProof = errors.New("this message was not sent from here")

// ProofState is how far a message is known to have come on its way to one recipient.
type ProofState string

// The states of a proof. ProofAccepted is said only where the server has said so itself.
const (
	ProofWaiting   ProofState = "waiting"
	ProofAccepted  ProofState = "accepted"
	ProofRefused   ProofState = "refused"
	ProofDoubt     ProofState = "doubt"
	ProofCancelled ProofState = "cancelled"
)

// Proof says what servers have confirmed about a message.
type Proof struct {
	Message    int64            `json:"message"` // the local message
	Subject    string           `json:"subject"`
	From       string           `json:"from"` // of the envelope
	MessageID  string           `json:"message_id"`
	Account    string           `json:"account"`
	Server     string           `json:"server"`
	Recipients []ProofRecipient `json:"recipients"`
	Copy       *ProofCopy       `json:"copy,omitempty"` // among the sent messages on the server, once that is confirmed
}

// ProofRecipient is what became of the message for one recipient.
type ProofRecipient struct {
	Address   string     `json:"address"`
	State     ProofState `json:"state"`
	Reply     string     `json:"reply,omitempty"`    // the server's words
	QueueID   string     `json:"queue_id,omitempty"` // what the server calls the message
	At        time.Time  `json:"at"`                 // of the answer, or of the last attempt
	Operation int64      `json:"operation"`
	Silent    bool       `json:"silent,omitempty"` // a report of delivery was asked for, and the server offers none
}

// ProofCopy is the server's confirmation of the copy.
type ProofCopy struct {
	Folder string    `json:"folder"`
	Proof  string    `json:"proof"` // APPENDUID with UIDVALIDITY and UID (RFC 4315)
	At     time.Time `json:"at"`
}

// Proof gives what is known about the sending of a local message; ErrNoProof for one that was not sent from here.
func (m *Mail) Proof(ctx context.Context, id int64) (Proof, error) {
	ops, err := m.db.OpsAbout(ctx, "messages", id)
	if err != nil {
		return Proof{}, fmt.Errorf("proof: %w", err)
	}
	p := Proof{Message: id}
	for _, op := range ops {
		switch op.Kind {
		case journal.MailSend:
			err = m.proveSending(ctx, &p, op)
		case journal.MailAppend:
			err = m.proveCopy(ctx, &p, op)
		}
		if err != nil {
			return Proof{}, fmt.Errorf("proof: %w", err)
		}
	}
	if len(p.Recipients) == 0 {
		return Proof{}, fmt.Errorf("proof of message %d: %w", id, ErrNoProof)
	}
	return p, nil
}

// ProofOf is Proof by any operation about the message.
func (m *Mail) ProofOf(ctx context.Context, opID int64) (Proof, error) {
	op, err := m.db.Op(ctx, opID)
	if err != nil {
		return Proof{}, fmt.Errorf("proof: %w", err)
	}
	for _, t := range op.Targets {
		if t.Table == "messages" {
			return m.Proof(ctx, t.ID)
		}
	}
	return Proof{}, fmt.Errorf("proof of operation %d: %w", opID, ErrNoProof)
}

func (m *Mail) proveSending(ctx context.Context, p *Proof, op journal.Op) error {
	var s mail.SendOp
	if err := json.Unmarshal(op.Payload, &s); err != nil {
		return err
	}
	a, err := m.db.Account(ctx, op.AccountID)
	if err != nil {
		return err
	}
	p.Subject, p.From, p.MessageID, p.Account, p.Server = op.Target, s.From, s.MessageID, a.Name, a.SMTPURL
	one := ProofRecipient{At: op.Updated, Operation: op.ID, Silent: s.Silent}
	switch op.State {
	case journal.Done:
		one.State, one.Reply, one.QueueID = ProofAccepted, op.Proof, mail.QueueID(op.Proof)
	case journal.Cancelled:
		one.State = ProofCancelled
	case journal.InDoubt, journal.Running:
		one.State = ProofDoubt
	case journal.Failed:
		one.State, one.Reply = ProofRefused, op.LastError
		if op.Cause == "send.doubt" {
			one.State = ProofDoubt
		}
	case journal.Waiting, journal.Held:
		one.State, one.Reply = ProofWaiting, op.LastError
	}
	for _, to := range s.To {
		one.Address = to
		p.Recipients = append(p.Recipients, one)
	}
	return nil
}

func (m *Mail) proveCopy(ctx context.Context, p *Proof, op journal.Op) error {
	var s mail.AppendOp
	if err := json.Unmarshal(op.Payload, &s); err != nil || op.State != journal.Done || s.Flags.Has(mail.Draft) || len(p.Recipients) == 0 {
		return err
	}
	f, err := m.db.MailFolder(ctx, s.Folder)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	p.Copy = &ProofCopy{Folder: f.Name, Proof: op.Proof, At: op.Updated}
	return nil
}

// WriteTo writes the proof as a person reads it, in the language in use.
func (p Proof) WriteTo(w io.Writer) (int64, error) {
	var out strings.Builder
	line := func(key, value string) { out.WriteString(i18n.T("send.proof."+key) + ": " + value + "\n") }
	title := i18n.T("send.proof.title")
	out.WriteString(title + "\n" + strings.Repeat("=", len([]rune(title))) + "\n")
	line("subject", p.Subject)
	line("from", p.From)
	line("message-id", "<"+p.MessageID+">")
	line("account", p.Account)
	line("server", p.Server)
	out.WriteString("\n" + i18n.T("send.proof.recipients") + ":\n")
	for _, r := range p.Recipients {
		out.WriteString("  " + r.Address + ": " + i18n.T("send.proof.state."+string(r.State), "date", exact(r.At)) + "\n")
		if r.Reply != "" {
			out.WriteString("    " + strings.ReplaceAll(r.Reply, "\n", "\n    ") + "\n")
		}
		if r.QueueID != "" {
			out.WriteString("    " + i18n.T("send.proof.queue", "id", r.QueueID) + "\n")
		}
		if r.Silent {
			out.WriteString("    " + i18n.T("send.proof.silent") + "\n")
		}
	}
	out.WriteString("\n")
	if p.Copy != nil {
		out.WriteString(i18n.T("send.proof.copy", "folder", p.Copy.Folder, "proof", p.Copy.Proof, "date", exact(p.Copy.At)) + "\n")
	} else {
		out.WriteString(i18n.T("send.proof.no-copy") + "\n")
	}
	out.WriteString("\n" + i18n.T("send.proof.limits") + "\n")
	n, err := io.WriteString(w, out.String())
	return int64(n), err
}

// exact writes a moment so that nobody can mistake it, wherever the proof is read.
func exact(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05 -07:00") }
