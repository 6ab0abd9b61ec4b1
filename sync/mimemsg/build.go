// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"kontor/app/mail"
)

// UserAgent is what messages name as their program.
const UserAgent = "Kontor"

// ForwardedHeader names the message that a draft forwards, as Thunderbird does.
const ForwardedHeader = "X-Forwarded-Message-Id"

// ReceiptHeader names who wants to know that a message was read (RFC 8098, section 2.1).
const ReceiptHeader = "Disposition-Notification-To"

// draftInfo is where a draft keeps what no other field says, as Thunderbird does.
const draftInfo = "X-Mozilla-Draft-Info"

// DeliveryWanted reports whether whoever wrote a draft wants the servers to confirm its delivery (RFC 3461).
func DeliveryWanted(header []byte) (wanted bool) {
	eachField(header, func(name, value []byte) {
		if strings.EqualFold(string(name), draftInfo) {
			wanted = strings.Contains(strings.ReplaceAll(string(value), " ", "")+";", ";DSN=1;")
		}
	})
	return wanted
}

// NewMessageID makes an identifier that no other message has (RFC 5322, section 3.6.4), without angle brackets, in the
// domain of the sender's address.
func NewMessageID(from string) string {
	_, domain, ok := strings.Cut(from, "@")
	if !ok || domain == "" || !isASCII([]byte(domain)) {
		domain = "kontor.invalid"
	}
	return rand.Text() + "@" + domain
}

// Build writes a message as it is sent: every line ends with CRLF, nothing but ASCII outside of addresses that need
// more. Bcc is not in it. A missing MessageID or Date is made up.
func Build(out mail.Outgoing) ([]byte, error) { return build(out, hidesBcc, "") }

// BuildSent is Build with Bcc: what is kept among the sent messages. Whoever hands it over must take Bcc out.
func BuildSent(out mail.Outgoing) ([]byte, error) { return build(out, showsBcc, "") }

// BuildDraft is Build with what a draft must not forget: Bcc, and the Message-ID of the message that it forwards.
func BuildDraft(out mail.Outgoing, forwarded string) ([]byte, error) {
	return build(out, isDraft, forwarded)
}

// purpose is what a message is built for.
type purpose uint8

const (
	hidesBcc purpose = iota
	showsBcc
	isDraft // shows Bcc, and may have no recipients yet
)

func build(out mail.Outgoing, to purpose, forwarded string) ([]byte, error) {
	if out.MessageID == "" {
		out.MessageID = NewMessageID(out.From.Addr)
	}
	if out.Date.IsZero() {
		out.Date = time.Now()
	}
	var buf bytes.Buffer
	writeHeader(&buf, out, to)
	if forwarded != "" {
		writeField(&buf, ForwardedHeader, []string{"<" + oneLine(forwarded) + ">"})
	}
	text, encoding := encodeBody(flow(out.Text))
	textHeader := "Content-Type: text/plain; charset=utf-8; format=flowed\r\nContent-Transfer-Encoding: " + encoding + "\r\n"
	if len(out.Attachments) == 0 {
		buf.WriteString(textHeader + "\r\n")
		buf.Write(text)
		return buf.Bytes(), nil
	}
	boundary := "=_" + rand.Text() // "=_" cannot be in quoted-printable or base64 (RFC 2045, section 6.7)
	fmt.Fprintf(&buf, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n", boundary)
	fmt.Fprintf(&buf, "--%s\r\n%s\r\n", boundary, textHeader)
	buf.Write(text)
	for _, a := range out.Attachments {
		fmt.Fprintf(&buf, "\r\n--%s\r\n", boundary)
		if err := writeAttachment(&buf, a); err != nil {
			return nil, err
		}
	}
	fmt.Fprintf(&buf, "\r\n--%s--\r\n", boundary)
	return buf.Bytes(), nil
}

func writeHeader(buf *bytes.Buffer, out mail.Outgoing, to purpose) {
	writeField(buf, "Date", []string{dateField(out.Date)})
	writeAddresses(buf, "From", []mail.Address{out.From})
	writeAddresses(buf, "Reply-To", out.ReplyTo)
	writeAddresses(buf, "To", out.To)
	writeAddresses(buf, "Cc", out.Cc)
	if to != hidesBcc {
		writeAddresses(buf, "Bcc", out.Bcc)
	}
	if len(out.To)+len(out.Cc) == 0 && to != isDraft {
		writeField(buf, "To", []string{"undisclosed-recipients:;"})
	}
	writeField(buf, "Subject", strings.Split(encodeText(out.Subject), " "))
	writeField(buf, "Message-ID", []string{"<" + oneLine(out.MessageID) + ">"})
	if out.InReplyTo != "" {
		writeField(buf, "In-Reply-To", []string{"<" + oneLine(out.InReplyTo) + ">"})
	}
	if len(out.References) > 0 {
		var ids []string
		for _, id := range out.References {
			ids = append(ids, "<"+oneLine(id)+">")
		}
		writeField(buf, "References", ids)
	}
	if out.Organisation != "" {
		writeField(buf, "Organization", strings.Split(encodeText(out.Organisation), " "))
	}
	if to == isDraft && out.DeliveryReceipt {
		writeField(buf, draftInfo, []string{"internal/draft; vcard=0; receipt=0; DSN=1; uuencode=0"})
	}
	if out.ReadReceipt {
		writeAddresses(buf, ReceiptHeader, []mail.Address{out.From})
	}
	writeField(buf, "User-Agent", []string{UserAgent})
	writeField(buf, "MIME-Version", []string{"1.0"})
}

// lineLength is where header lines are folded (RFC 5322, section 2.1.1).
const lineLength = 78

// writeField writes words with spaces between them and folds before a word that does not fit.
func writeField(buf *bytes.Buffer, name string, words []string) {
	buf.WriteString(name + ":")
	column := len(name) + 1
	for i, w := range words {
		if i > 0 && w != "" && column+1+len(w) > lineLength {
			buf.WriteString("\r\n")
			column = 0
		}
		buf.WriteString(" " + w)
		column += 1 + len(w)
	}
	buf.WriteString("\r\n")
}

func writeAddresses(buf *bytes.Buffer, name string, list []mail.Address) {
	var words []string
	for i, a := range list {
		w := addressWords(a)
		if i < len(list)-1 {
			w[len(w)-1] += ","
		}
		words = append(words, w...)
	}
	if len(words) > 0 {
		writeField(buf, name, words)
	}
}

func addressWords(a mail.Address) []string {
	addr := "<" + asciiDomain(strings.Map(dropBreaks, a.Addr)) + ">"
	if a.Name == "" {
		return []string{addr[1 : len(addr)-1]}
	}
	return append(strings.Split(encodePhrase(a.Name), " "), addr)
}

// asciiDomain writes an international domain in ASCII (RFC 5891), so that servers without SMTPUTF8 take the message.
func asciiDomain(addr string) string {
	at := strings.LastIndexByte(addr, '@')
	if at < 0 || isASCII([]byte(addr[at:])) {
		return addr
	}
	domain, err := idna.Lookup.ToASCII(addr[at+1:])
	if err != nil {
		return addr
	}
	return addr[:at+1] + domain
}

func dropBreaks(r rune) rune {
	if r <= ' ' || r == '<' || r == '>' || r == ',' || r == ';' {
		return -1
	}
	return r
}

// encodePhrase writes a display name: as it is, quoted, or in encoded words.
func encodePhrase(name string) string {
	name = oneLine(name)
	if !isASCII([]byte(name)) || strings.Contains(name, "=?") || longestWord(name) > maxHeaderWord {
		return encodeWords(name)
	}
	for _, c := range []byte(name) {
		if !isAtomText(c) && c != ' ' {
			return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
		}
	}
	return name
}

// isAtomText reports the characters that need no quotes in a phrase (RFC 5322, section 3.2.3).
func isAtomText(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

// encodeText writes unstructured text.
func encodeText(s string) string {
	s = oneLine(s)
	if isASCII([]byte(s)) && !strings.Contains(s, "=?") && longestWord(s) <= maxHeaderWord {
		return s
	}
	return encodeWords(s)
}

// maxHeaderWord is how long a word may be that goes into the header as it is: a line is only folded between words, and
// must not be longer than 998 octets.
const maxHeaderWord = 400

func longestWord(s string) int {
	longest := 0
	for word := range strings.SplitSeq(s, " ") {
		longest = max(longest, len(word))
	}
	return longest
}

// wordRoom is how many octets of encoded text a word has: 75 less its frame, and less the longest field name.
const wordRoom = 45

// encodeWords writes encoded words in the Q encoding, safe in a phrase (RFC 2047, section 5 (3)), never cutting a character.
func encodeWords(s string) string {
	var out, word strings.Builder
	flush := func() {
		if out.Len() > 0 {
			out.WriteByte(' ')
		}
		out.WriteString("=?utf-8?Q?" + word.String() + "?=")
		word.Reset()
	}
	for _, r := range s {
		piece := encodeQ(r)
		if word.Len()+len(piece) > wordRoom {
			flush()
		}
		word.WriteString(piece)
	}
	flush()
	return out.String()
}

func encodeQ(r rune) string {
	switch {
	case r == ' ':
		return "_"
	case r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("!*+-/", r)):
		return string(r)
	}
	var out strings.Builder
	for _, b := range []byte(string(r)) {
		fmt.Fprintf(&out, "=%02X", b)
	}
	return out.String()
}

// oneLine keeps line ends and other control characters out of the header.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s))
}

// encodeBody leaves ASCII with lines that any server takes as it is, and writes everything else in quoted-printable.
func encodeBody(text string) (body []byte, encoding string) {
	crlf := []byte(strings.ReplaceAll(text, "\n", "\r\n"))
	if isASCII(crlf) && longestLine(crlf) <= 900 && !bytes.ContainsAny(crlf, "\x00") {
		return crlf, "7bit"
	}
	var buf bytes.Buffer
	w := quotedprintable.NewWriter(&buf)
	_, err := w.Write(crlf)
	if closeErr := w.Close(); err != nil || closeErr != nil {
		return crlf, "8bit" // a bytes.Buffer never fails
	}
	return buf.Bytes(), "quoted-printable"
}

func longestLine(b []byte) int {
	longest := 0
	for line := range bytes.Lines(b) {
		longest = max(longest, len(line))
	}
	return longest
}

func writeAttachment(buf *bytes.Buffer, a mail.OutAttachment) error {
	kind := a.MIMEType
	if kind == "" || !strings.Contains(kind, "/") {
		kind = "application/octet-stream"
	}
	if base, _, err := mime.ParseMediaType(kind); err == nil {
		kind = base
	}
	name := cleanName(a.Name)
	if name == "" {
		name = "part" + extensionOf(kind)
	}
	disposition := mime.FormatMediaType("attachment", map[string]string{"filename": name})
	if disposition == "" {
		return fmt.Errorf("build attachment: the name cannot be written")
	}
	if strings.HasPrefix(kind, "message/") || strings.HasPrefix(kind, "multipart/") { // must not be encoded (RFC 2046, section 5.2.1), so it goes as a plain file
		kind = "application/octet-stream"
	}
	writeField(buf, "Content-Type", []string{kind})
	writeField(buf, "Content-Transfer-Encoding", []string{"base64"})
	writeField(buf, "Content-Disposition", strings.Split(disposition, " "))
	buf.WriteString("\r\n")
	writeBase64(buf, a.Data)
	return nil
}

func writeBase64(buf *bytes.Buffer, data []byte) {
	const perLine = 57 // 76 letters
	buf.Grow(len(data)*4/3 + len(data)/perLine*2 + 8)
	line := make([]byte, 76)
	for len(data) > 0 {
		n := min(perLine, len(data))
		base64.StdEncoding.Encode(line, data[:n])
		buf.Write(line[:base64.StdEncoding.EncodedLen(n)])
		buf.WriteString("\r\n")
		data = data[n:]
	}
}
