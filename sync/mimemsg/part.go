// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import "strings"

// partHeader is what the header of a part says.
type partHeader struct {
	kind        string // "text/plain"
	params      parameters
	encoding    string
	disposition string
	filename    string
	cid         string
	location    string
}

func readPartHeader(raw []byte, pl place) partHeader {
	h := partHeader{}
	var dispParams parameters
	eachField(raw, func(name, value []byte) {
		if len(name) < len("content-id") || !hasPrefixFold(name, "content-") {
			return
		}
		switch {
		case equalFold(name, "content-type") && h.kind == "":
			h.kind, h.params = parseParams(value)
		case equalFold(name, "content-disposition") && h.disposition == "":
			h.disposition, dispParams = parseParams(value)
		case equalFold(name, "content-transfer-encoding"):
			h.encoding = string(unfold(value))
		case equalFold(name, "content-id"):
			h.cid = strings.Trim(toUTF8(unfold(value), ""), "<> ")
		case equalFold(name, "content-location"):
			h.location = cleanLine(decodeWords(unfold(value)))
		}
	})
	h.filename = dispParams["filename"]
	if h.filename == "" {
		h.filename = h.params["name"]
	}
	h.kind = mendKind(h.kind, pl)
	return h
}

// mendKind makes sense of a type that is missing or is none.
func mendKind(kind string, pl place) string {
	switch {
	case kind == "" && pl.digest:
		return "message/rfc822"
	case strings.HasPrefix(kind, "multipart/"), strings.HasPrefix(kind, "message/"):
		return kind
	case kind == "multipart":
		return "multipart/mixed"
	case kind == "html", kind == "application/xhtml+xml" && (pl.root || pl.alt != nil):
		return "text/html"
	case !strings.Contains(kind, "/"), strings.HasPrefix(kind, "text/") && len(kind) == len("text/"):
		return "text/plain"
	}
	return kind
}

// isText decides whether a part is shown as the text of the message rather than listed as an attachment.
func (h partHeader) isText(pl place) bool {
	switch h.kind {
	case "text/plain", "text/html", "text/enriched", "text/richtext":
	default:
		if !pl.root || !strings.HasPrefix(h.kind, "text/") || h.kind == "text/calendar" || h.isHeaders() {
			return false
		}
	}
	if h.disposition == "attachment" && !(pl.root && h.filename == "") {
		return false
	}
	return h.filename == "" || pl.root || pl.alt != nil || pl.report && pl.first
}

func (h partHeader) isMessage() bool {
	return h.kind == "message/rfc822" || h.kind == "message/global" || h.kind == "message/news"
}

// isHeaders knows the header of a message without the rest.
func (h partHeader) isHeaders() bool {
	return h.kind == "text/rfc822-headers" || h.kind == "message/global-headers"
}

// isReport knows what reports about messages are made of (RFC 3464, RFC 8098, RFC 5965, RFC 6533).
func (h partHeader) isReport() bool {
	switch h.kind {
	case "message/delivery-status", "message/global-delivery-status", "message/disposition-notification",
		"message/global-disposition-notification", "message/feedback-report":
		return true
	}
	return false
}

// isWrapped knows containers that hold the message itself: Outlook's own format, and what is signed in one piece.
func (h partHeader) isWrapped() bool { return h.isTNEF() || h.isCMS() }

func (h partHeader) isTNEF() bool {
	return h.kind == "application/ms-tnef" || h.kind == "application/vnd.ms-tnef" || strings.EqualFold(h.filename, "winmail.dat")
}

func (h partHeader) isCMS() bool {
	return h.kind == "application/pkcs7-mime" || h.kind == "application/x-pkcs7-mime" ||
		h.kind == "application/octet-stream" && strings.EqualFold(h.filename, "smime.p7m")
}

func isSignature(kind string) bool {
	switch kind {
	case "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature":
		return true
	}
	return false
}
