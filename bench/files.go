// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"kontor/bench/corpus"
	"kontor/sync/servertest"
)

func filesArea(ctx context.Context, s settings) ([]row, error) {
	dir := filepath.Join(s.work, "apache")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	d, err := servertest.StartApache(dir, servertest.Options{TLS: true})
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	defer d.Stop()
	fmt.Fprintf(s.log, "bench: laying down %d files\n", s.size.Files)
	var paths []string
	for f := range corpus.Files(s.size) {
		paths = append(paths, f.Path)
		if err := d.Write(f.Path, f.Data); err != nil {
			return nil, err
		}
		if err := os.Chtimes(d.Path(f.Path), f.Time, f.Time); err != nil {
			return nil, err
		}
	}
	addr, proxy, err := delayed(s, d.Addr)
	if err != nil {
		return nil, err
	}
	if proxy != nil {
		defer proxy.Close()
	}
	base := "https://" + addr + "/"
	root := filepath.Join(s.work, "kontor-files-root")
	kontor := kontorFor(s, "files", []string{"--files", base, "--ca", d.Certs.CAFile},
		[][]string{{s.ctl, "files", "root", root}, {s.ctl, "files", "pin", "/"}}, once(s.size.Files),
		func(r report) int { return r.Files.Downloaded })
	reported := kontor.check
	kontor.check = func(work string, output []byte) error {
		return errors.Join(reported(work, output), expect(s.size.Files, func() (int, error) {
			return countFiles(root, func(p string) bool { return filepath.Ext(p) == ".odt" })
		}))
	}
	all := []contestant{
		curl(s, base, d.Certs.CAFile, paths),
		kontor,
		rclone(s, base, d.Certs.CAFile),
	}
	defer os.RemoveAll(root)
	m := meter{proxy: proxy, requests: func() int { return len(d.RequestLog()) }, clear: d.ClearLog}
	return contest(ctx, s, "files", m, all)
}

func anyFile(string) bool { return true }

// curl fetches all files whose names it is told, in parallel: what is left when nothing has to be found out.
func curl(s settings, base, caFile string, paths []string) contestant {
	dir := filepath.Join(s.work, "curl")
	list := filepath.Join(dir, "list")
	return contestant{
		name: "limit: curl, 8 at a time", needs: "curl", work: initial, dir: dir,
		command: []string{
			"curl", "-sS", "--fail", "-Z", "--parallel-max", "8", "--cacert", caFile, "-u", servertest.User + ":" + servertest.Password,
			"--create-dirs", "-K", list,
		},
		prepare: func(context.Context) error {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			f, err := os.Create(list)
			if err != nil {
				return err
			}
			defer f.Close()
			w := bufio.NewWriter(f)
			for _, p := range paths {
				fmt.Fprintf(w, "url = \"%s\"\noutput = \"%s\"\n", base+escape(p), filepath.Join(dir, "files", p))
			}
			return w.Flush()
		},
		check: func(string, []byte) error {
			return expect(s.size.Files, func() (int, error) { return countFiles(filepath.Join(dir, "files"), anyFile) })
		},
	}
}

func escape(path string) string {
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}

// rclone's WebDAV side makes 100 requests a second at the most, whatever it is told.
func rclone(s settings, base, caFile string) contestant {
	dir := filepath.Join(s.work, "rclone")
	return contestant{
		name: "rclone sync", needs: "rclone", dir: dir,
		command: []string{"rclone", "sync", "bench:", filepath.Join(dir, "files"), "--ca-cert", caFile, "--config", dir + "/config"},
		prepare: func(ctx context.Context) error {
			if err := os.MkdirAll(filepath.Join(dir, "files"), 0o755); err != nil {
				return err
			}
			out, _, err := runChild(ctx, s, nil, "rclone", "obscure", servertest.Password)
			if err != nil {
				return err
			}
			config := fmt.Sprintf("[bench]\ntype = webdav\nurl = %s\nvendor = other\nuser = %s\npass = %s\n",
				base, servertest.User, strings.TrimSpace(string(out)))
			return os.WriteFile(dir+"/config", []byte(config), 0o600)
		},
		check: func(string, []byte) error {
			return expect(s.size.Files, func() (int, error) { return countFiles(filepath.Join(dir, "files"), anyFile) })
		},
	}
}
