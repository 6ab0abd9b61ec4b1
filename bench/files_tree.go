// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// changer changes a hundred things on each of two sides that are equal: of a hundred, 40 files get another content, 30 are
// new, 15 are deleted and 15 get another name. No file is touched on both sides.
type changer struct {
	local, server string
	own           func(name string, data []byte) error // writes on the server
	paths         []string
	round         uint64
	oneWay        bool // nothing changes locally
}

// perSide is how many things are changed on each side; fewer where there are few files.
const perSide = 100

func (c *changer) change() error {
	r := rand.New(rand.NewPCG(c.round, 7)) //nolint:gosec // the same changes in each run
	n := min(perSide, len(c.paths)/4)
	order := r.Perm(len(c.paths))
	for i, k := range order[:2*n] {
		dir, write := c.server, c.own
		if i >= n && c.oneWay {
			break
		}
		if i >= n {
			dir, write = c.local, c.writeLocally
		}
		name, side := c.paths[k], i%n*100/n
		var err error
		switch {
		case side < 40:
			err = write(name, fmt.Appendf(nil, "Fassung %d von %s\n", c.round, name))
		case side < 70:
			err = write(path.Join(path.Dir(name), fmt.Sprintf("Neu %d-%d.odt", c.round, k)), fmt.Appendf(nil, "Neu ist %d-%d\n", c.round, k))
		case side < 85:
			err = os.Remove(filepath.Join(dir, filepath.FromSlash(name)))
		default:
			from := filepath.Join(dir, filepath.FromSlash(name))
			err = os.Rename(from, filepath.Join(filepath.Dir(from), fmt.Sprintf("Umbenannt %d-%d.odt", c.round, k)))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *changer) writeLocally(name string, data []byte) error {
	return os.WriteFile(filepath.Join(c.local, filepath.FromSlash(name)), data, 0o644)
}

// sameTrees reports files that only one of two folders has, or that have another size there. Hidden files do not count.
func sameTrees(a, b string) error {
	x, err := sizes(a)
	if err != nil {
		return err
	}
	y, err := sizes(b)
	if err != nil {
		return err
	}
	if maps.Equal(x, y) {
		return nil
	}
	var odd []string
	for name, size := range x {
		if other, ok := y[name]; !ok || other != size {
			odd = append(odd, name)
		}
	}
	for name := range y {
		if _, ok := x[name]; !ok {
			odd = append(odd, name)
		}
	}
	slices.Sort(odd)
	return fmt.Errorf("%d files here, %d there, %d differ: %s", len(x), len(y), len(odd), strings.Join(odd[:min(5, len(odd))], ", "))
}

func sizes(dir string) (map[string]int64, error) {
	all := map[string]int64{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if strings.HasPrefix(e.Name(), ".") && path != dir {
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if e.IsDir() {
			return nil
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		all[name] = info.Size()
		return err
	})
	return all, err
}

func anyFile(string) bool { return true }
