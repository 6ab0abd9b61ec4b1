// SPDX-License-Identifier: EUPL-1.2

package servertest

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Hide lets an IMAP server that is spoken to without encryption seem to lack capabilities, on connections made from now
// on: they are not announced, response codes that belong to them do not come, and what only they make possible is noted
// (see Misused). STARTTLS is hidden too: what is encrypted cannot be changed.
func (p *ProxyServer) Hide(capabilities ...string) {
	p.hidden.Store(&hidden{names: append(slices.Clone(capabilities), "STARTTLS")})
}

// Misused are commands that a client sent although what they need was hidden from it.
func (p *ProxyServer) Misused() []string {
	h := p.hidden.Load()
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.misused)
}

// hidden are capabilities that a client must not know of.
type hidden struct {
	names   []string
	mu      sync.Mutex
	misused []string
}

// needs are words of commands that only a server with a capability understands.
var needs = map[string]string{
	"QRESYNC": "QRESYNC", "CONDSTORE": "CONDSTORE", "MOVE": "UID MOVE", "UIDPLUS": "UID EXPUNGE", "LIST-STATUS": "STATUS (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ))",
	"ESEARCH": "SEARCH RETURN", "NOTIFY": "NOTIFY", "IDLE": "IDLE", "COMPRESS=DEFLATE": "COMPRESS", "ENABLE": "ENABLE", "SPECIAL-USE": "RETURN (SPECIAL-USE", "LITERAL+": "+}", "UNSELECT": "UNSELECT",
}

// codes are response codes that only servers with a capability send.
var codes = map[string][]string{
	"UIDPLUS": {"APPENDUID", "COPYUID", "UIDNOTSTICKY"}, "CONDSTORE": {"HIGHESTMODSEQ", "NOMODSEQ", "MODIFIED"},
}

// up notes what a client sends.
func (h *hidden) up(data []byte) []byte {
	for line := range bytes.Lines(data) {
		for _, name := range h.names {
			if word := needs[name]; word != "" && bytes.Contains(line, []byte(word)) {
				h.mu.Lock()
				h.misused = append(h.misused, strings.TrimSpace(string(line)))
				h.mu.Unlock()
			}
		}
	}
	return data
}

// filter goes through what a server sends, in whatever pieces it comes.
type filter struct {
	h       *hidden
	rest    []byte
	literal int // octets of a literal that are still to come
}

// down takes the capabilities out of the lines that tell them, and leaves everything else as it is.
func (f *filter) down(data []byte) []byte {
	f.rest = append(f.rest, data...)
	var out []byte
	for {
		n := min(f.literal, len(f.rest))
		out = append(out, f.rest[:n]...)
		f.rest, f.literal = f.rest[n:], f.literal-n
		end := bytes.IndexByte(f.rest, '\n') + 1
		if f.literal > 0 || end == 0 {
			return out
		}
		line := f.rest[:end]
		f.rest = f.rest[end:]
		f.literal = literalOf(line)
		out = append(out, f.line(line)...)
	}
}

func (f *filter) line(line []byte) []byte {
	for _, name := range f.h.names {
		for _, code := range codes[name] {
			line = withoutCode(line, code)
		}
	}
	head, list, ok := bytes.Cut(line, []byte("CAPABILITY "))
	if !ok || len(head) > 40 {
		return line
	}
	list, tail, ok := bytes.Cut(list, []byte("]"))
	if ok {
		tail = append([]byte("]"), tail...)
	} else {
		list, tail = bytes.TrimRight(list, "\r\n"), []byte("\r\n")
	}
	words := slices.DeleteFunc(strings.Fields(string(list)), func(w string) bool { return slices.Contains(f.h.names, w) })
	return slices.Concat(head, []byte("CAPABILITY "+strings.Join(words, " ")), tail)
}

// withoutCode takes a response code out of the line of a status response.
func withoutCode(line []byte, code string) []byte {
	tag, rest, _ := bytes.Cut(line, []byte(" "))
	status, text, _ := bytes.Cut(rest, []byte(" "))
	if !slices.Contains([]string{"OK", "NO", "BAD"}, string(status)) || !bytes.HasPrefix(text, []byte("["+code)) {
		return line
	}
	_, text, _ = bytes.Cut(text, []byte("]"))
	return slices.Concat(tag, []byte(" "), status, []byte(" "), bytes.TrimLeft(text, " "))
}

// literalOf reads the length that a line ends with, or 0.
func literalOf(line []byte) int {
	text := strings.TrimRight(string(line), "\r\n")
	at := strings.LastIndexByte(text, '{')
	if at < 0 || !strings.HasSuffix(text, "}") {
		return 0
	}
	n, err := strconv.Atoi(text[at+1 : len(text)-1])
	if err != nil {
		return 0
	}
	return n
}
