// SPDX-License-Identifier: EUPL-1.2

package demo

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"
)

// pdf is a page with a heading, lines of text and a drawing as a grey picture of side by side dots.
func (s *sampler) pdf(title string, side int, lines ...string) []byte {
	var content strings.Builder
	fmt.Fprintf(&content, "BT /F1 18 Tf 56 780 Td (%s) Tj ET\n", pdfText(title))
	for i, line := range lines {
		fmt.Fprintf(&content, "BT /F1 11 Tf 56 %d Td (%s) Tj ET\n", 748-16*i, pdfText(line))
	}
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"",
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
	}
	picture := ""
	if side > 0 {
		content.WriteString("q 480 0 0 480 56 120 cm /P1 Do Q\n")
		objects = append(objects, "", fmt.Sprintf("<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8 /Length %d >>\nstream\n%s\nendstream",
			side, side, side*side, s.plan(side).Pix))
		picture = " /XObject << /P1 6 0 R >>"
	} else {
		objects = append(objects, "")
	}
	objects[2] = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >>" + picture + " >> >>"
	objects[4] = fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", content.Len(), content.String())

	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes()
}

func pdfText(s string) string {
	latin, err := charmap.Windows1252.NewEncoder().String(s)
	if err != nil {
		latin = strings.Map(func(r rune) rune { return min(r, '?') }, s)
	}
	return strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(latin)
}

// plan draws plots of land with walls between them.
func (s *sampler) plan(side int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, side, side))
	step := side/6 + s.rnd.IntN(side/8+1) + 1
	shade := uint8(200 + s.rnd.IntN(30))
	for y := range side {
		for x := range side {
			g := shade + uint8((x*y/7)%20)
			switch {
			case x%step < 2 || y%step < 2:
				g = 30
			case (x/step+y/step)%3 == 0:
				g -= 60
			}
			img.SetGray(x, y, color.Gray{Y: g})
		}
	}
	return img
}

func (s *sampler) png(side int) []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, s.plan(side))
	return b.Bytes()
}

func (s *sampler) csv(rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = ';'
	_ = w.WriteAll(rows)
	return b.Bytes()
}

const odfSpaces = ` xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"` +
	` xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"`

// odt is an OpenDocument text of paragraphs.
func (s *sampler) odt(title string, paragraphs ...string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `<office:text><text:h text:outline-level="1">%s</text:h>`, escape(title))
	for _, p := range paragraphs {
		fmt.Fprintf(&b, `<text:p>%s</text:p>`, escape(p))
	}
	return s.odf("application/vnd.oasis.opendocument.text", b.String()+`</office:text>`)
}

// ods is an OpenDocument spreadsheet of one table.
func (s *sampler) ods(name string, rows [][]string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `<office:spreadsheet><table:table table:name="%s">`, escape(name))
	for _, row := range rows {
		b.WriteString(`<table:table-row>`)
		for _, cell := range row {
			fmt.Fprintf(&b, `<table:table-cell office:value-type="string"><text:p>%s</text:p></table:table-cell>`, escape(cell))
		}
		b.WriteString(`</table:table-row>`)
	}
	return s.odf("application/vnd.oasis.opendocument.spreadsheet", b.String()+`</table:table></office:spreadsheet>`)
}

// odp is an OpenDocument presentation, a page for each title.
func (s *sampler) odp(titles ...string) []byte {
	var b strings.Builder
	b.WriteString(`<office:presentation>`)
	for i, t := range titles {
		fmt.Fprintf(&b, `<draw:page draw:name="Seite %d"><draw:frame><draw:text-box><text:p>%s</text:p></draw:text-box></draw:frame></draw:page>`, i+1, escape(t))
	}
	return s.odf("application/vnd.oasis.opendocument.presentation", b.String()+`</office:presentation>`)
}

// odf packs a document (OpenDocument 1.3, part 2): the type first and uncompressed.
func (s *sampler) odf(kind, body string) []byte {
	content := xmlHead + `<office:document-content` + odfSpaces + ` office:version="1.3"><office:body>` + body + `</office:body></office:document-content>`
	manifest := xmlHead + `<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">` +
		`<manifest:file-entry manifest:full-path="/" manifest:media-type="` + kind + `"/>` +
		`<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>`
	return s.zip([]file{{"mimetype", []byte(kind)}, {"content.xml", []byte(content)}, {"META-INF/manifest.xml", []byte(manifest)}})
}

func (s *sampler) zip(files []file) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range files {
		header := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: s.now.In(time.UTC).Truncate(24 * time.Hour)}
		switch {
		case f.name == "mimetype": // without any extra field, so that it can be recognised (part 2, section 3.3)
			header = &zip.FileHeader{Name: f.name, Method: zip.Store}
		case strings.HasSuffix(f.name, ".png"):
			header.Method = zip.Store
		}
		part, err := w.CreateHeader(header)
		if err == nil {
			_, _ = part.Write(f.data)
		}
	}
	_ = w.Close()
	return b.Bytes()
}
