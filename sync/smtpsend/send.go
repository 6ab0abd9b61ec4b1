// SPDX-License-Identifier: EUPL-1.2

package smtpsend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/net/idna"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/sync/transport"
)

// grace is how long the answer to a message that is completely handed over is waited for when the program ends.
const grace = 10 * time.Second

// replyTimeout is how long the server may think about a message (RFC 5321, section 4.5.3.2.6).
const replyTimeout = 10 * time.Minute

// envelope is a message ready for the wire.
type envelope struct {
	from     string
	to       []string
	body     io.Reader
	size     int64
	utf8     bool // the server must know SMTPUTF8
	wishUTF8 bool // there is more than ASCII in the header
	// beforeDot is called when all but the final dot was handed over; it stores that the point of no return is reached.
	beforeDot func(context.Context) error
}

// newEnvelope looks at the beginning of the message and at the addresses.
func newEnvelope(p mail.SendOp, body io.Reader, size int64) (envelope, error) {
	head := make([]byte, 16<<10)
	n, err := io.ReadFull(body, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return envelope{}, fmt.Errorf("read the message: %w", err)
	}
	head = head[:n]
	header, _, _ := bytes.Cut(head, []byte("\r\n\r\n"))
	e := envelope{from: wireAddress(p.From), body: io.MultiReader(bytes.NewReader(head), body), size: size, wishUTF8: !ascii(string(header))}
	e.utf8 = !ascii(e.from)
	for _, to := range p.To {
		to = wireAddress(to)
		e.to = append(e.to, to)
		e.utf8 = e.utf8 || !ascii(to)
	}
	return e, nil
}

// wireAddress writes an international domain in ASCII (RFC 5891); a local part stays as it is.
func wireAddress(addr string) string {
	at := strings.LastIndexByte(addr, '@')
	if at < 0 || ascii(addr[at:]) {
		return addr
	}
	domain, err := idna.Lookup.ToASCII(addr[at+1:])
	if err != nil {
		return addr
	}
	return addr[:at+1] + domain
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// send hands the message over. Up to the final dot nothing has happened whatever fails; from then on only an answer tells.
func (c *client) send(ctx context.Context, e envelope) (outcome journal.Outcome, reply string, err error) {
	if limit, ok := c.MaxMessageSize(); ok && limit > 0 && e.size > int64(limit) {
		return journal.Rejected, "", fmt.Errorf("%w: %d of %d octets", ErrTooLarge, e.size, limit)
	}
	knowsUTF8, _ := c.Extension("SMTPUTF8")
	if e.utf8 && !knowsUTF8 {
		return journal.Rejected, "", ErrNoUTF8
	}
	err = c.Mail(e.from, &smtp.MailOptions{Size: e.size, UTF8: knowsUTF8 && (e.utf8 || e.wishUTF8)})
	if err != nil {
		outcome, err = refused("sender", err)
		return outcome, "", err
	}
	if outcome, err := c.recipients(e.to); err != nil {
		return outcome, "", err
	}
	data, err := c.Data()
	if err != nil {
		outcome, err = refused("message", err)
		return outcome, "", err
	}
	if _, err := io.Copy(data, e.body); err != nil {
		return journal.Retry, "", fmt.Errorf("send the message: %w", err)
	}
	if err := e.beforeDot(ctx); err != nil {
		return journal.Retry, "", fmt.Errorf("send the message: %w", err)
	}
	return c.finish(ctx, data)
}

// recipients names all recipients. If one is refused nothing is sent: part of a message's recipients is no success that
// could be shown, and the rest would get it twice.
func (c *client) recipients(list []string) (journal.Outcome, error) {
	outcome := journal.Succeeded
	var problems []error
	for _, to := range list {
		err := c.Rcpt(to, nil)
		if err == nil {
			continue
		}
		answer, ok := isReply(err)
		if !ok {
			return journal.Retry, fmt.Errorf("name the recipients: %w", err)
		}
		problems = append(problems, &RecipientError{Addr: to, Code: answer.Code, Reply: answer.Message})
		switch {
		case answer.Code >= 500:
			outcome = journal.Rejected
		case outcome == journal.Succeeded:
			outcome = journal.Retry
		}
		if answer.Code == 421 { // the server hangs up
			return journal.Retry, errors.Join(problems...)
		}
	}
	return outcome, errors.Join(problems...)
}

// finish sends the final dot and waits for the answer, a while longer even when the program is about to end.
func (c *client) finish(ctx context.Context, data *smtp.DataCommand) (journal.Outcome, string, error) {
	if !c.stop() && ctx.Err() != nil {
		return journal.Retry, "", fmt.Errorf("send the message: %w", ctx.Err())
	}
	c.raw.SetIdle(replyTimeout)
	c.stop = context.AfterFunc(ctx, func() {
		time.AfterFunc(grace, func() { _ = c.raw.Close() })
	})
	answer, err := data.CloseWithResponse()
	if err == nil {
		return journal.Succeeded, "250 " + strings.ReplaceAll(answer.StatusText, "\n", " "), nil
	}
	if _, ok := isReply(err); ok {
		outcome, err := refused("message", err)
		return outcome, "", err
	}
	return journal.Unknown, "", fmt.Errorf("wait for the answer: %w", err)
}

// refused turns what failed before the end of a message into an outcome.
func refused(what string, err error) (journal.Outcome, error) {
	reply, ok := isReply(err)
	switch {
	case !ok:
		return journal.Retry, fmt.Errorf("send the %s: %w", what, err)
	case reply.Code == 530 || reply.Code == 534 || reply.Code == 535 || reply.Code == 538: // RFC 4954, section 6
		return journal.Retry, fmt.Errorf("send the %s: %w: %w", what, transport.ErrSignIn, err)
	case reply.Code >= 500:
		return journal.Rejected, fmt.Errorf("send the %s: %w: %w", what, transport.ErrServer, err)
	}
	return journal.Retry, fmt.Errorf("send the %s: %w: %w", what, transport.ErrServer, err)
}
