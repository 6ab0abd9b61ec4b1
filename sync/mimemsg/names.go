// SPDX-License-Identifier: EUPL-1.2

package mimemsg

import (
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is how many octets of an attachment's name are kept; file systems take 255.
const maxName = 200

// attachmentName is the name to save a part under: the one it was given, else one made from what is known.
func attachmentName(h partHeader, head []byte, index int) string {
	name := cleanName(h.filename)
	if name == "" && h.location != "" && !strings.ContainsAny(h.location, "?&") {
		name = cleanName(h.location)
	}
	if name == "" && len(head) > 0 {
		if subject := cleanName(strings.ReplaceAll(ParseHeader(head).Subject, "/", "-")); subject != "" {
			return subject + ".eml"
		}
	}
	if name == "" {
		name = "part-" + strconv.Itoa(index+1) + extensionOf(h.kind)
	}
	return name
}

// cleanName keeps the last element of a path and drops what no file name may hold.
func cleanName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		switch {
		case turnsDirection(r), unicode.IsControl(r), r == utf8.RuneError:
			return -1
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		}
		return r
	}, name)
	name = strings.Trim(name, " ")
	if strings.Trim(name, "./ ") == "" {
		return ""
	}
	if len(name) <= maxName {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > 20 {
		ext = ""
	}
	cut := name[:maxName-len(ext)]
	for len(cut) > 0 && !utf8.ValidString(cut) {
		cut = cut[:len(cut)-1]
	}
	return cut + ext
}

// extensionOf gives the usual file extension of a type. The system's own table differs from machine to machine.
func extensionOf(kind string) string {
	switch kind {
	case "text/plain", "message/delivery-status", "message/disposition-notification", "text/rfc822-headers":
		return ".txt"
	case "text/html":
		return ".html"
	case "text/calendar":
		return ".ics"
	case "text/vcard", "text/x-vcard":
		return ".vcf"
	case "text/csv":
		return ".csv"
	case "image/jpeg", "image/jpg":
		return ".jpg"
	case "image/png":
		return ".png"
	case "image/gif":
		return ".gif"
	case "image/svg+xml":
		return ".svg"
	case "application/pdf":
		return ".pdf"
	case "application/zip":
		return ".zip"
	case "message/rfc822", "message/global":
		return ".eml"
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		return ".p7m"
	case "application/pkcs7-signature", "application/x-pkcs7-signature":
		return ".p7s"
	case "application/pgp-signature", "application/pgp-encrypted":
		return ".asc"
	}
	return ".bin"
}
