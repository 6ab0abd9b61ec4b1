// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	_ "image/gif"  // what can be shown
	_ "image/jpeg" // likewise
	_ "image/png"  // likewise
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // likewise
)

// What is read of a file at the most.
const (
	maxText   = 64 << 10  // octets of a text
	maxPacked = 64 << 20  // octets of an office document
	maxPixels = 60 << 20  // of a picture
	maxImage  = 128 << 20 // octets of its file
)

// What a file cannot be shown for.
var (
	errNoPreview = errors.New("there is no preview of this kind of file")
	errTooLarge  = errors.New("the file is too large for a preview")
)

// content is what can be shown of a file: a picture or a text.
type content struct {
	picture       image.Image
	width, height int // of the picture itself
	text          string
	cut           bool // there is more of the text
}

var (
	pictureTypes = []string{".png", ".jpg", ".jpeg", ".gif", ".webp"}
	textTypes    = []string{
		".txt", ".md", ".csv", ".log", ".json", ".xml", ".yaml", ".yml", ".ini", ".conf", ".toml", ".html", ".htm", ".css", ".tex", ".ics", ".vcf",
		".eml", ".sql", ".sh", ".py", ".go", ".tsv", ".rst", ".srt",
	}
	officeTypes = map[string]string{".odt": "content.xml", ".ods": "content.xml", ".odp": "content.xml", ".ott": "content.xml", ".docx": "word/document.xml"}
)

// readContent reads as much of a local file as a preview needs. Pictures are made no larger than side. It waits for the
// disk.
func readContent(local string, side int) (content, error) {
	ext := strings.ToLower(path.Ext(local))
	switch {
	case slices.Contains(pictureTypes, ext):
		return readPicture(local, side)
	case slices.Contains(textTypes, ext):
		return readText(local)
	case officeTypes[ext] != "":
		return readOffice(local, officeTypes[ext])
	}
	return content{}, errNoPreview
}

func readPicture(local string, side int) (c content, err error) {
	f, err := os.Open(local) //nolint:gosec // a file that the person chose
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return c, err
	}
	head, _, err := image.DecodeConfig(f)
	if err != nil {
		return c, fmt.Errorf("read the picture: %w", err)
	}
	if head.Width <= 0 || head.Height <= 0 || head.Width > maxPixels/head.Height || info.Size() > maxImage {
		return c, errTooLarge
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return c, err
	}
	full, _, err := image.Decode(f)
	if err != nil {
		return c, fmt.Errorf("read the picture: %w", err)
	}
	c.width, c.height = head.Width, head.Height
	c.picture = shrink(full, side)
	return c, nil
}

// shrink makes a picture no larger than side in both directions.
func shrink(full image.Image, side int) image.Image {
	size := full.Bounds().Size()
	if most := max(size.X, size.Y); most > side {
		size = image.Pt(max(size.X*side/most, 1), max(size.Y*side/most, 1))
	}
	small := image.NewNRGBA(image.Rectangle{Max: size})
	draw.ApproxBiLinear.Scale(small, small.Bounds(), full, full.Bounds(), draw.Src, nil)
	return small
}

func readText(local string) (c content, err error) {
	f, err := os.Open(local) //nolint:gosec // a file that the person chose
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	raw, err := io.ReadAll(io.LimitReader(f, maxText+1))
	if err != nil {
		return c, err
	}
	return textOf(raw)
}

// textOf makes words of octets: UTF-8, else Latin-1, in which old files are written. What has zeros is no text.
func textOf(raw []byte) (c content, err error) {
	if c.cut = len(raw) > maxText; c.cut {
		raw = raw[:maxText]
		for n := 0; n < utf8.UTFMax && len(raw) > 0 && !utf8.Valid(raw); n++ {
			raw = raw[:len(raw)-1] // a character that was cut in two
		}
	}
	if slices.Contains(raw, 0) {
		return content{}, errNoPreview
	}
	if utf8.Valid(raw) {
		c.text = strings.TrimPrefix(string(raw), "\ufeff")
	} else {
		runes := make([]rune, len(raw))
		for i, b := range raw {
			runes[i] = rune(b)
		}
		c.text = string(runes)
	}
	c.text = strings.ReplaceAll(c.text, "\r\n", "\n")
	return c, nil
}

// readOffice reads the words of an OpenDocument file or of one of Word.
func readOffice(local, part string) (c content, err error) {
	z, err := zip.OpenReader(local)
	if err != nil {
		return c, fmt.Errorf("read the document: %w", err)
	}
	defer func() { err = errors.Join(err, z.Close()) }()
	f, err := z.Open(part)
	if err != nil {
		return c, fmt.Errorf("read the document: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return officeWords(xml.NewDecoder(io.LimitReader(f, maxPacked)))
}

// officeWords takes the words out of the XML of an office document, a line for each paragraph and row of a table.
func officeWords(d *xml.Decoder) (c content, err error) {
	var b strings.Builder
	depth, cells := 0, 0 // within paragraphs, and paragraphs of the row of a table
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			c.text = strings.TrimSpace(b.String())
			return c, nil
		case err != nil:
			return c, fmt.Errorf("read the document: %w", err)
		case b.Len() > maxText:
			c.text, c.cut = strings.TrimSpace(b.String()), true
			return c, nil
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "p", "h":
				depth++
				if cells > 1 {
					b.WriteString("\t")
				}
			case "table-row", "tr":
				cells = 1
			case "tab", "s":
				b.WriteByte(' ')
			case "line-break", "br":
				b.WriteByte('\n')
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "p", "h":
				depth--
				if cells > 0 {
					cells++
				} else {
					b.WriteByte('\n')
				}
			case "table-row", "tr":
				cells = 0
				b.WriteByte('\n')
			}
		case xml.CharData:
			if depth > 0 {
				b.Write(t)
			}
		}
	}
}
