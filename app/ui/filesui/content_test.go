// SPDX-License-Identifier: EUPL-1.2

package filesui

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"kontor/app/ui/kit"
)

// packed is an office document with one part.
func packed(t *testing.T, part, words string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(part)
	if err == nil {
		_, err = w.Write([]byte(words))
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// drawn is a picture of one colour.
func drawn(t *testing.T, w, h int) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = 200
	}
	img.Set(0, 0, color.Black)
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadContent(t *testing.T) {
	const odt = `<?xml version="1.0"?><office:document-content xmlns:office="o" xmlns:text="t" xmlns:table="b"><office:body>
		<text:h>Titel</text:h><text:p>Erster<text:s/>Absatz<text:line-break/>weiter</text:p>
		<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>
		</office:body></office:document-content>`
	const docx = `<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>Sehr geehrte</w:t></w:r></w:p><w:p><w:r><w:t>Damen</w:t></w:r></w:p></w:body></w:document>`
	long := strings.Repeat("ä", maxText)
	for _, c := range []struct {
		name string
		raw  []byte
		want string
		cut  bool
		err  error
	}{
		{"a.txt", []byte("\ufeffeins\r\nzwei"), "eins\nzwei", false, nil},
		{"LATIN.CSV", []byte("Stra\xdfe;1"), "Straße;1", false, nil},
		{"leer.md", nil, "", false, nil},
		{"lang.log", []byte(long), strings.Repeat("ä", maxText/2), true, nil},
		{"binaer.txt", []byte{0, 1, 2}, "", false, errNoPreview},
		{"a.odt", packed(t, "content.xml", odt), "Titel\nErster Absatz\nweiter\na\tb", false, nil},
		{"b.docx", packed(t, "word/document.xml", docx), "Sehr geehrte\nDamen", false, nil},
		{"c.pdf", []byte("%PDF"), "", false, errNoPreview},
		{"d.odt", packed(t, "anders.xml", odt), "", false, os.ErrNotExist},
		{"e.odt", []byte("kein Zip"), "", false, zip.ErrFormat},
		{"f.png", []byte("kein Bild"), "", false, image.ErrFormat},
	} {
		local := filepath.Join(t.TempDir(), c.name)
		if err := os.WriteFile(local, c.raw, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readContent(local, 64)
		if !errors.Is(err, c.err) || got.text != c.want || got.cut != c.cut {
			t.Errorf("%s: %.60q %v %v", c.name, got.text, got.cut, err)
		}
	}
	if _, err := readContent(filepath.Join(t.TempDir(), "fehlt.txt"), 64); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// TestPicturesAreBounded: a picture is made small, and one that would fill the memory is not read at all.
func TestPicturesAreBounded(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, raw []byte) string {
		local := filepath.Join(dir, name)
		if err := os.WriteFile(local, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		return local
	}
	for _, c := range []struct{ w, h, wantW, wantH int }{{300, 100, 64, 21}, {100, 300, 21, 64}, {20, 10, 20, 10}, {1000, 1, 64, 1}} {
		got, err := readContent(write("a.png", drawn(t, c.w, c.h)), 64)
		if err != nil {
			t.Fatal(err)
		}
		if size := got.picture.Bounds().Size(); size != image.Pt(c.wantW, c.wantH) || got.width != c.w || got.height != c.h {
			t.Errorf("%dx%d: %v", c.w, c.h, size)
		}
	}
	raw := drawn(t, 10, 10)
	for i := range 4 { // the size in the head of the file: 4 octets of width, 4 of height
		raw[16+i], raw[20+i] = 0x00, 0x00
	}
	raw[17], raw[21] = 0x10, 0x10 // a million by a million
	sum := crc(raw[12:29])
	copy(raw[29:33], sum)
	if _, err := readContent(write("bombe.png", raw), 64); !errors.Is(err, errTooLarge) {
		t.Errorf("a bomb: %v", err)
	}
}

// TestOfficeWordsOfAnything: whatever a document holds, the words are UTF-8 and bounded.
func TestOfficeWordsOfAnything(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		raw := rapid.StringMatching(`(<(/?(p|h|tr|table-row|s|tab))>|[a-z äß]{0,5}){0,40}`).Draw(r, "xml")
		got, err := officeWords(xml.NewDecoder(strings.NewReader("<d>" + raw + "</d>")))
		if err == nil && (!utf8.ValidString(got.text) || len(got.text) > maxText+len(raw)) {
			r.Fatalf("%q", got.text)
		}
	})
}

// TestDiff: both texts can be told from what is shown, and nothing is called different that is not.
func TestDiff(t *testing.T) {
	text := rapid.Custom(func(r *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d", ""}), 1, 12).Draw(r, "lines"), "\n")
	})
	rapid.Check(t, func(r *rapid.T) {
		mine, theirs := text.Draw(r, "mine"), text.Draw(r, "theirs")
		all := diff(mine, theirs)
		var a, b []string
		changed := 0
		for _, l := range all {
			if l.change != inTheirs {
				a = append(a, l.text)
			}
			if l.change != inMine {
				b = append(b, l.text)
			}
			if l.change != inBoth {
				changed++
			}
		}
		if strings.Join(a, "\n") != mine || strings.Join(b, "\n") != theirs {
			r.Fatalf("%q and %q became %q", mine, theirs, all)
		}
		if (changed == 0) != (mine == theirs) || changed > len(a)+len(b)-2*common(a, b) {
			r.Fatalf("%d changes between %q and %q", changed, mine, theirs)
		}
		short := shorten(all)
		for _, l := range all {
			if l.change != inBoth && !contains(short, l) {
				r.Fatalf("%q is left out of %q", l, short)
			}
		}
	})
}

func contains(all []diffLine, want diffLine) bool {
	for _, l := range all {
		if l == want {
			return true
		}
	}
	return false
}

// common is the length of the longest common subsequence, found in the slow and plain way.
func common(a, b []string) int {
	switch {
	case len(a) == 0 || len(b) == 0:
		return 0
	case a[0] == b[0]:
		return 1 + common(a[1:], b[1:])
	}
	return max(common(a[1:], b), common(a, b[1:]))
}

// TestDiffOfLargeTexts is done at once, however much they differ.
func TestDiffOfLargeTexts(t *testing.T) {
	a, b := strings.Repeat("a\n", 20_000), strings.Repeat("b\n", 20_000)
	all := diff("Kopf\n"+a+"Fuß", "Kopf\n"+b+"Fuß")
	if first, last := all[0], all[len(all)-1]; first != (diffLine{inBoth, "Kopf"}) || last != (diffLine{inBoth, "Fuß"}) || len(all) != 40_002 {
		t.Fatalf("%d lines from %q to %q", len(all), first, last)
	}
	if short := shorten(diff(a+"x", a+"y")); len(short) != 1+around+2 || short[0].change != 0 {
		t.Fatalf("%q", short)
	}
}

func TestFirstLines(t *testing.T) {
	for text, want := range map[string]string{"": "", "a\nb": "a\nb", "a\nb\nc\n": "a\nb…", strings.Repeat("x", previewWide+5): strings.Repeat("x", previewWide) + "……"} {
		got, more := firstLines(text, 2)
		if more {
			got += "…"
		}
		if got != want {
			t.Errorf("%.20q: %.40q", text, got)
		}
	}
}

// TestPreview shows what is here, follows the choice, and leaves what cannot be shown alone.
func TestPreview(t *testing.T) {
	d := open(t)
	const folder = "Persönlich/Fortbildung"
	user := d.town.World.Users()[0]
	user.PutFile(folder+"/bild.png", drawn(t, 40, 30))
	user.PutFile(folder+"/text.txt", []byte("Zeile eins\n"+strings.Repeat("mehr\n", 40)))
	user.PutFile(folder+"/kaputt.png", []byte("kein Bild"))
	d.sync()
	d.enter(folder)
	d.choose(folder + "/text.txt")
	d.MustNotSay("Zeile eins")
	d.town.Must(d.town.Files.Get(ctx, d.entry(folder).ID))
	d.sync()
	d.MustSay("Zeile eins", "Gekürzt. Öffnen Sie die Datei")
	d.choose(folder + "/bild.png")
	d.MustSay("Bild, 40 × 30 Bildpunkte")
	d.MustNotSay("Zeile eins")
	d.choose(folder + "/kaputt.png")
	d.MustNotSay("Zeile eins", "Bildpunkte")
	d.Loop.Hold()
	d.page.rows.SelectRow(0)
	d.Step()
	d.choose(folder + "/text.txt")
	d.Loop.Release()
	d.Settle()
	d.MustSay("Zeile eins")
	d.MustNotSay("Bildpunkte")
	d.SelectAll()
	d.MustNotSay("Zeile eins")
	if _, ok := d.Focused().(*kit.Entry); ok {
		t.Error("the keyboard left the list")
	}
}

// crc is the check sum of a part of a PNG file.
func crc(b []byte) []byte { return binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(b)) }
