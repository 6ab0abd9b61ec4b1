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
	name = strings.TrimSpace(name)
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

// extensions are the usual file extensions of types. The system's own table differs from machine to machine.
var extensions = map[string]string{
	"text/plain":                              ".txt",
	"message/delivery-status":                 ".txt",
	"message/disposition-notification":        ".txt",
	"text/rfc822-headers":                     ".txt",
	"message/feedback-report":                 ".txt",
	"message/global-delivery-status":          ".txt",
	"message/global-disposition-notification": ".txt",
	"message/global-headers":                  ".txt",
	"text/html":                               ".html",
	"text/calendar":                           ".ics",
	"text/vcard":                              ".vcf",
	"text/x-vcard":                            ".vcf",
	"text/csv":                                ".csv",
	"image/jpeg":                              ".jpg",
	"image/jpg":                               ".jpg",
	"image/png":                               ".png",
	"image/gif":                               ".gif",
	"image/svg+xml":                           ".svg",
	"application/rtf":                         ".rtf",
	"text/rtf":                                ".rtf",
	"application/json":                        ".json",
	"application/xml":                         ".xml",
	"text/xml":                                ".xml",
	"text/markdown":                           ".md",
	"audio/mpeg":                              ".mp3",
	"audio/wav":                               ".wav",
	"audio/x-wav":                             ".wav",
	"image/tiff":                              ".tif",
	"image/webp":                              ".webp",
	"application/msword":                      ".doc",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   ".docx",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         ".xlsx",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
	"application/vnd.oasis.opendocument.text":                                   ".odt",
	"application/vnd.oasis.opendocument.spreadsheet":                            ".ods",
	"application/pdf":               ".pdf",
	"application/zip":               ".zip",
	"message/rfc822":                ".eml",
	"message/global":                ".eml",
	"message/news":                  ".eml",
	"application/pkcs7-mime":        ".p7m",
	"application/x-pkcs7-mime":      ".p7m",
	"application/pkcs7-signature":   ".p7s",
	"application/x-pkcs7-signature": ".p7s",
	"application/pgp-signature":     ".asc",
	"application/pgp-encrypted":     ".asc",
}

// extensionOf gives the file extension of a type, ".bin" for one that is not known.
func extensionOf(kind string) string {
	if ext, ok := extensions[kind]; ok {
		return ext
	}
	return ".bin"
}
