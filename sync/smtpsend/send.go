// SPDX-License-Identifier: EUPL-1.2

package smtpsend

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"kontor/app/journal"
	"kontor/sync/transport"
)

// grace is how long the answer to a message that is completely handed over is waited for when the program ends.
const grace = 10 * time.Second

// replyTimeout is how long the server may think about a message (RFC 5321, section 4.5.3.2.6).
const replyTimeout = 10 * time.Minute

// batchSize is how many recipients are named before their answers are read: both directions must not be full at once.
const batchSize = 100

// delivery is what became of one message.
type delivery struct {
	outcome  journal.Outcome
	accepted []string // as they were written: they have the message, or may have it for an Unknown outcome
	refused  Refusals // among the recipients
	reply    reply    // to the final dot
	silent   bool     // reports were asked for, and the server does not offer them
}

// send hands the message over. Up to the final dot nothing has happened whatever fails; from then on only an answer tells.
// Who was taken gets the message, also where others were not. beforeDot stores that the point of no return is reached.
func (c *client) send(ctx context.Context, e envelope, beforeDot func(accepted []string) error) (delivery, error) {
	if err := c.fits(e); err != nil {
		return delivery{outcome: journal.Rejected}, err
	}
	d, ready, err := c.begin(e)
	if err != nil || len(d.accepted) == 0 {
		return c.nobody(d, err)
	}
	if !ready {
		if err := c.data(); err != nil {
			return failed(d, err)
		}
	}
	if err := writeBody(c.bw, e.body); err != nil {
		c.dead = true
		return failed(d, fmt.Errorf("send the message: %w", err))
	}
	if err := c.bw.Flush(); err != nil {
		return failed(d, fmt.Errorf("send the message: %w", err))
	}
	if err := beforeDot(d.accepted); err != nil {
		c.dead = true
		return failed(d, fmt.Errorf("send the message: %w", err))
	}
	return c.finish(ctx, d)
}

// begin names the sender and the recipients, in as few turns as the server allows (RFC 2920). ready reports that the
// server waits for the message already.
func (c *client) begin(e envelope) (d delivery, ready bool, err error) {
	lines := []string{c.mailLine(e)}
	if c.used { // whatever was before does not count, and a connection that has died since shows it here
		lines = []string{"RSET", lines[0]}
	}
	first := len(lines)
	for i := range e.to {
		lines = append(lines, c.rcptLine(e, i))
	}
	batch := 1
	if c.has("PIPELINING") {
		batch = batchSize
		lines = append(lines, "DATA")
	}
	for start := 0; start < len(lines); start += batch {
		part := lines[start:min(start+batch, len(lines))]
		for _, line := range part {
			_, _ = c.bw.WriteString(line + "\r\n") // an error comes back from Flush
		}
		if err := c.bw.Flush(); err != nil {
			return d, false, fmt.Errorf("name the recipients: %w", err)
		}
		for i := range part {
			answer, err := readReply(c.br)
			if err != nil {
				return d, false, fmt.Errorf("name the recipients: %w", err)
			}
			if ready, err = d.note(answer, start+i-first, e.names); err != nil {
				return d, false, err
			}
		}
	}
	if ready && len(d.accepted) == 0 {
		c.dead = true // it waits for a message for nobody: better no connection than an empty message
	}
	return d, ready, nil
}

// note takes in the answer to the command of the recipient i: those before it are RSET and MAIL, the one after the last
// is DATA.
func (d *delivery) note(answer reply, i int, names []string) (ready bool, err error) {
	switch {
	case answer.code == 421: // the server hangs up (RFC 5321, section 3.8)
		return false, errors.Join(refusal("", answer), errHungUp)
	case i < 0 && !answer.good():
		return false, fmt.Errorf("name the sender: %w", refusal("", answer))
	case i < 0:
	case i == len(names):
		if answer.code != 354 && len(d.accepted) > 0 {
			return false, fmt.Errorf("send the message: %w", refusal("", answer))
		}
		return answer.code == 354, nil
	case answer.good():
		d.accepted = append(d.accepted, names[i])
	default:
		d.refused = append(d.refused, refusal(names[i], answer))
	}
	return false, nil
}

// errHungUp marks an answer after which the server closes the connection.
var errHungUp = errors.New("the server ends the conversation")

// data asks to hand the message over.
func (c *client) data() error {
	answer, err := c.ask("DATA")
	switch {
	case err != nil:
		return fmt.Errorf("send the message: %w", err)
	case answer.code != 354:
		return fmt.Errorf("send the message: %w", refusal("", answer))
	}
	return nil
}

// nobody gives the outcome where not even one recipient was taken: refused for good as soon as one of them is, since the
// person can correct that before anybody has the message.
func (c *client) nobody(d delivery, err error) (delivery, error) {
	if err != nil {
		return failed(d, err)
	}
	later, never := d.refused.split()
	d.outcome = journal.Retry
	if len(never) > 0 || len(later) == 0 {
		d.outcome = journal.Rejected
	}
	return d, d.refused
}

// failed gives the outcome of what went wrong before the final dot.
func failed(d delivery, err error) (delivery, error) {
	d.accepted, d.outcome = nil, journal.Retry
	var no *Refusal
	if errors.As(err, &no) && no.Permanent() && !errors.Is(err, transport.ErrSignIn) {
		d.outcome = journal.Rejected
	}
	return d, err
}

// finish sends the final dot and waits for the answer, a while longer even when the program is about to end.
func (c *client) finish(ctx context.Context, d delivery) (delivery, error) {
	if !c.stop() && ctx.Err() != nil {
		return failed(d, fmt.Errorf("send the message: %w", ctx.Err()))
	}
	c.raw.SetIdle(replyTimeout)
	c.stop = context.AfterFunc(ctx, func() {
		time.AfterFunc(grace, func() { _ = c.raw.Close() })
	})
	answer, err := c.ask(".")
	c.raw.SetIdle(transport.IdleTimeout)
	switch {
	case err == nil && answer.good():
		d.outcome, d.reply, c.used = journal.Succeeded, answer, true
		return d, nil
	case err == nil && answer.code >= 400:
		return failed(d, fmt.Errorf("send the message: %w", refusal("", answer)))
	case err == nil:
		err = fmt.Errorf("%w: %s", errReply, answer.text())
	}
	c.dead = true
	d.outcome = journal.Unknown
	return d, fmt.Errorf("wait for the answer: %w", err)
}

// writeBody writes the lines of a message as RFC 5321, section 4.5.2, wants them: a dot before each leading dot. The end
// of the message is left to the caller.
func writeBody(bw *bufio.Writer, body io.Reader) error {
	return lineEnds(bw, bufio.NewReaderSize(body, 32<<10), true)
}

// lineEnds copies text and ends every line with CRLF. A lone CR, which servers read in two ways, ends one, too.
func lineEnds(bw *bufio.Writer, br *bufio.Reader, stuff bool) error {
	start, cr := true, false
	end := func() {
		_, _ = bw.WriteString("\r\n") // an error comes back from the next octet, or from Flush
		start, cr = true, false
	}
	for {
		b, err := br.ReadByte()
		if errors.Is(err, io.EOF) {
			if cr || !start {
				end()
			}
			return nil
		}
		if err != nil {
			return err
		}
		if cr && b != '\n' {
			end()
		}
		switch b {
		case '\n':
			end()
		case '\r':
			cr = true
		default:
			if start && stuff && b == '.' {
				_ = bw.WriteByte('.')
			}
			start = false
			if err := bw.WriteByte(b); err != nil {
				return err
			}
		}
	}
}
