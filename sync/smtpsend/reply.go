// SPDX-License-Identifier: EUPL-1.2

package smtpsend

import (
	"bufio"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"kontor/app/mail"
	"kontor/sync/transport"
)

// Bounds of one reply (RFC 5321, section 4.5.3.1.5 asks for 512 octets a line; some servers write more).
const (
	maxReplyLine  = 4 << 10
	maxReplyLines = 256
)

// errReply is an answer that is none of RFC 5321, section 4.2: whatever it meant, the conversation is over.
var errReply = errors.New("the server answered in no known form")

// reply is an answer of the server.
type reply struct {
	code   int
	status string   // the enhanced status code (RFC 3463), such as "5.1.1"; empty for none
	lines  []string // without code and status
}

func (r reply) good() bool { return r.code >= 200 && r.code < 300 }

// text is the answer in one line, as the server gave it.
func (r reply) text() string {
	words := strings.TrimSpace(strings.Join(r.lines, " "))
	if r.status != "" {
		words = r.status + " " + words
	}
	return strings.TrimSpace(strconv.Itoa(r.code) + " " + words)
}

// readReply reads one answer of one or several lines.
func readReply(br *bufio.Reader) (reply, error) {
	var r reply
	for range maxReplyLines {
		line, err := readLine(br)
		if err != nil {
			return reply{}, err
		}
		code, text, last, ok := splitReply(line)
		if !ok || r.code != 0 && code != r.code {
			return reply{}, fmt.Errorf("%w: %.80q", errReply, line)
		}
		r.code = code
		status, words := splitStatus(code, text)
		if status != "" {
			r.status, text = status, words
		}
		r.lines = append(r.lines, text)
		if last {
			return r, nil
		}
	}
	return reply{}, fmt.Errorf("%w: it does not end", errReply)
}

func readLine(br *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, err := br.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxReplyLine:
			return "", fmt.Errorf("%w: a line does not end", errReply)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil:
			return "", err
		}
		return strings.TrimRight(string(line), "\r\n"), nil
	}
}

// splitReply takes a line apart: "250-text", "250 text" or "250".
func splitReply(line string) (code int, text string, last, ok bool) {
	if len(line) < 3 {
		return 0, "", false, false
	}
	code, err := strconv.Atoi(line[:3])
	if err != nil || code < 200 || code > 599 {
		return 0, "", false, false
	}
	if len(line) == 3 {
		return code, "", true, true
	}
	return code, line[4:], line[3] != '-', line[3] == ' ' || line[3] == '-'
}

// splitStatus takes the enhanced status code off a text, where it fits the code (RFC 2034, section 4).
func splitStatus(code int, text string) (status, rest string) {
	word, rest, _ := strings.Cut(text, " ")
	parts := strings.Split(word, ".")
	if len(parts) != 3 || parts[0] != strconv.Itoa(code/100) {
		return "", text
	}
	for _, p := range parts[1:] {
		if n, err := strconv.Atoi(p); err != nil || n < 0 || n > 999 {
			return "", text
		}
	}
	return word, rest
}

// Refusal is the server's no to a message or to one of its recipients.
type Refusal struct {
	Addr   string // the recipient, empty where the whole message is meant
	Status string // the enhanced status code (RFC 3463), empty for none
	Reply  string // the server's words, beginning with the code of RFC 5321, section 4.2
	Number int    // that code
}

func refusal(addr string, r reply) *Refusal {
	return &Refusal{Addr: addr, Status: r.status, Reply: r.text(), Number: r.code}
}

// Error is part of error.
func (r *Refusal) Error() string {
	if r.Addr == "" {
		return r.Reply
	}
	return r.Addr + ": " + r.Reply
}

// Permanent reports whether trying again is of no use (RFC 5321, section 4.2.1).
func (r *Refusal) Permanent() bool { return r.Number >= 500 }

// Code is part of transport.Coded.
func (r *Refusal) Code() string { return "send." + mail.ReplyCause(r.Number, r.Status) }

// Unwrap is part of error.
func (r *Refusal) Unwrap() error {
	switch r.Number {
	case 530, 534, 535, 538: // RFC 4954, section 6
		return transport.ErrSignIn
	}
	return transport.ErrServer
}

// Refusals are the recipients that a server did not take.
type Refusals []*Refusal

// Error is part of error.
func (l Refusals) Error() string {
	parts := make([]string, len(l))
	for i, r := range l {
		parts[i] = r.Error()
	}
	return strings.Join(parts, "\n")
}

// Code is part of transport.Coded: the word they have in common.
func (l Refusals) Code() string {
	for _, r := range l[1:] {
		if r.Code() != l[0].Code() {
			return "send.several"
		}
	}
	return l[0].Code()
}

// Unwrap is part of error.
func (l Refusals) Unwrap() []error {
	all := make([]error, len(l))
	for i, r := range l {
		all[i] = r
	}
	return all
}

// split gives the recipients that may be tried again and those that may not.
func (l Refusals) split() (later, never Refusals) {
	for _, r := range l {
		if r.Permanent() {
			never = append(never, r)
		} else {
			later = append(later, r)
		}
	}
	return later, never
}

func (l Refusals) addresses() []string {
	list := make([]string, len(l))
	for i, r := range l {
		list[i] = r.Addr
	}
	return list
}
