// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// ErrNoRecipient is returned for a message without anybody to go to.
var ErrNoRecipient = errors.New("the message has no recipient")

// ErrNoSender is returned for a message without a sender's address.
var ErrNoSender = errors.New("the message has no sender")

// Recipients says who an answer to m goes to. Addresses in own are left out, unless nobody else remains; each address
// is named once. The answer to a message that one wrote oneself goes to those it went to.
func Recipients(m Message, own []string, all bool) (to, cc []Address) {
	answerTo := m.ReplyTo
	if len(answerTo) == 0 && m.From.Addr != "" {
		answerTo = []Address{m.From}
	}
	if contains(own, m.From.Addr) && len(m.ReplyTo) == 0 {
		answerTo = m.To
	}
	var seen []string
	to = without(answerTo, own, &seen)
	if all {
		to = append(to, without(m.To, own, &seen)...)
		cc = without(m.Cc, own, &seen)
	}
	if len(to) == 0 && len(cc) > 0 {
		to, cc = cc, nil
	}
	if len(to) == 0 {
		to = without(answerTo, nil, &seen)
	}
	if len(to) == 0 && m.From.Addr != "" {
		to = []Address{m.From}
	}
	return to, cc
}

var (
	replyPrefix   = regexp.MustCompile(`(?i)^\s*(re|aw|antw|antwort|sv|vs|odp|rif)\s*(\[\d+\]|\(\d+\))?\s*:\s*`)
	forwardPrefix = regexp.MustCompile(`(?i)^\s*((fwd?|wg|tr|vl|enc)\s*(\[\d+\]|\(\d+\))?\s*:\s*|\[fwd:\s*)`)
)

// ReplySubject puts prefix ("Re", "AW") in front of a subject, once, whatever language the earlier ones were in.
func ReplySubject(prefix, subject string) string { return withPrefix(prefix, subject, replyPrefix) }

// ForwardSubject puts prefix ("Fwd", "WG") in front of a subject, once.
func ForwardSubject(prefix, subject string) string {
	return withPrefix(prefix, subject, forwardPrefix)
}

func withPrefix(prefix, subject string, known *regexp.Regexp) string {
	for {
		loc := known.FindStringIndex(subject)
		if loc == nil {
			break
		}
		if strings.Contains(subject[:loc[1]], "[") && !strings.Contains(subject[:loc[1]], "]") { // "[Fwd: ...]"
			subject = strings.TrimSuffix(strings.TrimSpace(subject), "]")
		}
		subject = subject[min(loc[1], len(subject)):]
	}
	return strings.TrimSpace(prefix + ": " + strings.TrimSpace(subject))
}

// maxReferences is how many identifiers an answer carries on; the first one, which began the conversation, is kept.
const maxReferences = 60

// References gives In-Reply-To and References of an answer to m (RFC 5322, section 3.6.4).
func References(m Message) (inReplyTo string, references []string) {
	references = append(references, m.References...)
	if len(references) == 0 && m.InReplyTo != "" {
		references = append(references, m.InReplyTo)
	}
	if m.MessageID != "" {
		references = append(references, m.MessageID)
	}
	inReplyTo = m.MessageID
	if !usableID(inReplyTo) {
		inReplyTo = ""
	}
	references = slices.DeleteFunc(references, func(id string) bool { return !usableID(id) })
	if len(references) > maxReferences {
		references = append(references[:1:1], references[len(references)-maxReferences+1:]...)
	}
	return inReplyTo, references
}

// usableID reports whether an identifier fits into a line of a header (RFC 5322, section 2.1.1), where it cannot be folded.
func usableID(id string) bool {
	return id != "" && len(id) < 900 && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r == '<' || r == '>' || r == 0x7f })
}

// Quote puts text behind quote marks, under a line that says whose it is. A signature at its end is left out.
func Quote(attribution, text string) string {
	var out strings.Builder
	out.WriteString(attribution + "\n")
	for line := range strings.SplitSeq(strings.TrimRight(StripSignature(text), "\n \t"), "\n") {
		switch {
		case strings.HasPrefix(line, ">"):
			out.WriteString(">" + line + "\n")
		case strings.TrimSpace(line) == "":
			out.WriteString(">\n")
		default:
			out.WriteString("> " + line + "\n")
		}
	}
	return out.String()
}

// StripSignature cuts a text at the last signature delimiter (RFC 3676, section 4.3), unless that would leave nothing.
func StripSignature(text string) string {
	if i := strings.LastIndex(text, "\n-- \n"); i > 0 && strings.TrimSpace(text[:i]) != "" {
		return text[:i+1]
	}
	return text
}

// ForwardWords are the words of the block above a forwarded text.
type ForwardWords struct{ Title, From, Date, Subject, To, Cc string }

// ForwardText gives a forwarded message as text, under a block that says where it comes from. date is as to be shown.
func ForwardText(w ForwardWords, m Message, date string) string {
	var out strings.Builder
	line := func(label, value string) {
		if value != "" {
			out.WriteString(label + ": " + value + "\n")
		}
	}
	out.WriteString("---------- " + w.Title + " ----------\n")
	line(w.From, FormatAddresses([]Address{m.From}))
	line(w.Date, date)
	line(w.Subject, m.Subject)
	line(w.To, FormatAddresses(m.To))
	line(w.Cc, FormatAddresses(m.Cc))
	out.WriteString("\n" + strings.TrimRight(m.Text, "\n") + "\n")
	return out.String()
}

// Envelope gives the sender and all recipients, each once, as the server is told them; an error where one is missing or
// cannot be an address.
func Envelope(out Outgoing) (from string, to []string, err error) {
	if !ValidAddress(out.From.Addr) {
		return "", nil, ErrNoSender
	}
	for _, list := range [][]Address{out.To, out.Cc, out.Bcc} {
		for _, a := range list {
			if !ValidAddress(a.Addr) {
				return "", nil, &AddressError{Part: a.String()}
			}
			if !contains(to, a.Addr) {
				to = append(to, a.Addr)
			}
		}
	}
	if len(to) == 0 {
		return "", nil, ErrNoRecipient
	}
	return out.From.Addr, to, nil
}

// attachmentWords are what people write when they mean to attach a file, in German and English, as whole words.
var attachmentWords = []string{
	"anbei", "anhang", "anhänge", "anhängen", "angehängt", "angehängte", "angehängten", "angehängter", "angehängtes", "beigefügt",
	"beigefügte", "beigefügten", "beigefügter", "beigefügtes", "beiliegend", "beiliegende", "beiliegenden", "füge bei", "hänge an",
	"in der anlage", "als anlage", "siehe anlage", "s. anlage", "anlage:", "anlagen:",
	"attached", "attachment", "attachments", "attaching", "i attach", "enclosed", "enclosing",
}

// AttachmentWord finds the first word in a person's own text that speaks of an attachment; quotes, forwarded text and
// the signature do not count. It is empty where there is none.
func AttachmentWord(subject, text string) string {
	if w := attachmentWord(strings.ToLower(subject)); w != "" {
		return w
	}
	for line := range strings.Lines(StripSignature(text)) {
		if strings.HasPrefix(line, "----------") {
			break
		}
		if strings.HasPrefix(line, ">") {
			continue
		}
		if w := attachmentWord(strings.ToLower(line)); w != "" {
			return w
		}
	}
	return ""
}

func attachmentWord(line string) string {
	best, at := "", len(line)
	for _, w := range attachmentWords {
		for from := 0; from < len(line); {
			i := strings.Index(line[from:], w)
			if i < 0 {
				break
			}
			i += from
			if i < at && isBoundary(line[:i], false) && (strings.HasSuffix(w, ":") || isBoundary(line[i+len(w):], true)) {
				best, at = w, i
			}
			from = i + len(w)
		}
	}
	return strings.TrimSuffix(best, ":")
}

// isBoundary reports whether a word can begin after s, or end before it.
func isBoundary(s string, after bool) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	if after {
		r, _ = utf8.DecodeRuneInString(s)
	}
	return s == "" || !isWordRune(r)
}

func isWordRune(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0xc0 && r != 0xd7 && r != 0xf7
}
