// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"kontor/app/mail"
)

// Resend puts the fields of RFC 5322, section 3.6.6, in front of a message that is passed on as it is: not one octet of
// the message itself changes.
func Resend(raw []byte, from mail.Address, to []mail.Address, messageID string, now time.Time) []byte {
	var head bytes.Buffer
	writeField(&head, "Resent-Date", []string{dateField(now)})
	writeAddresses(&head, "Resent-From", []mail.Address{from})
	writeAddresses(&head, "Resent-To", to)
	writeField(&head, "Resent-Message-ID", []string{"<" + oneLine(messageID) + ">"})
	if bytes.HasPrefix(raw, []byte("From ")) { // the separator of an mbox is no field
		if i := bytes.IndexByte(raw, '\n'); i >= 0 {
			raw = raw[i+1:]
		}
	}
	return append(head.Bytes(), raw...)
}

// ReceiptTo gives who wants to know that the message with this header was read; none where nobody asks.
func ReceiptTo(header []byte) (list []mail.Address) {
	eachField(header, func(name, value []byte) {
		if strings.EqualFold(string(name), ReceiptHeader) {
			list = append(list, parseAddresses(value)...)
		}
	})
	return list
}

// Receipt is what a receipt says (RFC 8098).
type Receipt struct {
	From, To  mail.Address
	MessageID string // its own, without angle brackets
	Subject   string
	Text      string // in words
	Original  string // the Message-ID of the message that was read, without angle brackets
	Date      time.Time
}

// BuildReceipt writes the receipt for a message that a person has read and agreed to confirm.
func BuildReceipt(r Receipt) []byte {
	var buf bytes.Buffer
	writeField(&buf, "Date", []string{dateField(r.Date)})
	writeAddresses(&buf, "From", []mail.Address{r.From})
	writeAddresses(&buf, "To", []mail.Address{r.To})
	writeField(&buf, "Subject", strings.Split(encodeText(r.Subject), " "))
	writeField(&buf, "Message-ID", []string{"<" + oneLine(r.MessageID) + ">"})
	if r.Original != "" {
		writeField(&buf, "In-Reply-To", []string{"<" + oneLine(r.Original) + ">"})
		writeField(&buf, "References", []string{"<" + oneLine(r.Original) + ">"})
	}
	writeField(&buf, "Auto-Submitted", []string{"auto-replied"}) // RFC 3834
	writeField(&buf, "MIME-Version", []string{"1.0"})
	boundary := "=_" + rand.Text()
	fmt.Fprintf(&buf, "Content-Type: multipart/report; report-type=disposition-notification;\r\n boundary=\"%s\"\r\n\r\n", boundary)
	text, encoding := encodeBody(flow(r.Text))
	fmt.Fprintf(&buf, "--%s\r\nContent-Type: text/plain; charset=utf-8; format=flowed\r\nContent-Transfer-Encoding: %s\r\n\r\n", boundary, encoding)
	buf.Write(text)
	fmt.Fprintf(&buf, "\r\n--%s\r\nContent-Type: message/disposition-notification\r\n\r\n", boundary)
	writeField(&buf, "Reporting-UA", []string{UserAgent})
	writeField(&buf, "Final-Recipient", []string{"rfc822;" + asciiDomain(strings.Map(dropBreaks, r.From.Addr))})
	if r.Original != "" {
		writeField(&buf, "Original-Message-ID", []string{"<" + oneLine(r.Original) + ">"})
	}
	writeField(&buf, "Disposition", []string{"manual-action/MDN-sent-manually;", "displayed"})
	fmt.Fprintf(&buf, "\r\n--%s--\r\n", boundary)
	return buf.Bytes()
}

func dateField(t time.Time) string { return t.Format("Mon, 2 Jan 2006 15:04:05 -0700") }
