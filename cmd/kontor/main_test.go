// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"image/png"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
)

func TestFlags(t *testing.T) {
	o, err := parse([]string{"--page", "sync", "--lang", "de", "--theme", "dark", "mailto:a@b.example"})
	if err != nil || o.page != "sync" || len(o.args) != 1 {
		t.Fatalf("%+v, %v", o, err)
	}
	for _, wrong := range [][]string{{"--page", "x"}, {"--lang", "fr"}, {"--theme", "pink"}, {"--no-such-flag"}} {
		if _, err := parse(wrong); err == nil {
			t.Errorf("%v was accepted", wrong)
		}
	}
}

// TestShotsDrawEveryPage needs no display: every page comes out of the demo as a picture with something on it.
func TestShotsDrawEveryPage(t *testing.T) {
	dir := t.TempDir()
	o := options{shots: dir, lang: "en", theme: "light"}
	p := &program{}
	if code := p.end(run(context.Background(), p, o, slog.New(slog.DiscardHandler))); code != 0 {
		t.Fatalf("ended with %d", code)
	}
	for _, page := range []string{"heute", "mail", "files", "tasks", "sync", "options"} {
		f, err := os.Open(filepath.Join(dir, page+"-light.png"))
		if err != nil {
			t.Error(err)
			continue
		}
		img, err := png.Decode(f)
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if err != nil || img.Bounds().Dx() != 1440 || img.Bounds().Dy() != 900 {
			t.Errorf("%s: %v, %v", page, img.Bounds(), err)
			continue
		}
		colors := map[any]bool{}
		for x := 0; x < 1440; x += 3 {
			for y := 0; y < 900; y += 3 {
				colors[img.At(x, y)] = true
			}
		}
		if len(colors) < 50 {
			t.Errorf("%s shows only %d colours", page, len(colors))
		}
	}
}
