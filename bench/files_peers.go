// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kontor/sync/servertest"
)

// curl begins a call that works through a list of addresses in parallel: what is left when nothing has to be found out.
func (a *apache) curl(work, dir string, paths []string, item func(w *bufio.Writer, path string)) contestant {
	list := filepath.Join(dir, "list")
	return contestant{
		name: "limit: curl, 8 at a time", needs: "curl", work: work, dir: dir,
		command: []string{
			"curl", "-sS", "--fail", "-Z", "--parallel-max", "8", "--cacert", a.d.Certs.CAFile,
			"-u", servertest.User + ":" + servertest.Password, "--create-dirs", "-K", list,
		},
		prepare: func(context.Context) error {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			f, err := os.Create(list)
			if err != nil {
				return err
			}
			w := bufio.NewWriter(f)
			for _, p := range paths {
				item(w, p)
			}
			return errors.Join(w.Flush(), f.Close())
		},
	}
}

// curlDown fetches all files whose names it is told.
func (a *apache) curlDown() contestant {
	dir := filepath.Join(a.s.work, "curl")
	c := a.curl(initial, dir, a.paths, func(w *bufio.Writer, p string) {
		fmt.Fprintf(w, "url = \"%s\"\noutput = \"%s\"\n", a.base+downFolder+"/"+escape(p), filepath.Join(dir, "files", p))
	})
	c.check = func(string, []byte) error { return sameTrees(a.source, filepath.Join(dir, "files")) }
	return c
}

// curlUp sends all files into folders that are there already.
func (a *apache) curlUp() contestant {
	const folder = "up-curl"
	c := a.curl(upload, filepath.Join(a.s.work, "curl-up"), a.some, func(w *bufio.Writer, p string) {
		fmt.Fprintf(w, "url = \"%s\"\nupload-file = \"%s\"\noutput = \"/dev/null\"\n", a.base+folder+"/"+escape(p), filepath.Join(a.up, p))
	})
	a.receives(&c, folder)
	ready := c.prepare
	c.prepare = func(ctx context.Context) error {
		if err := ready(ctx); err != nil {
			return err
		}
		for _, p := range a.some {
			if err := a.d.Mkdir(folder + "/" + path.Dir(p)); err != nil {
				return err
			}
		}
		return nil
	}
	return c
}

func escape(path string) string {
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}

// rcloneFor makes rclone a contestant. Its WebDAV side makes 100 requests a second at the most, whatever it is told.
func (a *apache) rcloneFor(name, folder string, command func(dir string, flags ...string) []string) contestant {
	s, dir := a.s, filepath.Join(a.s.work, "rclone-"+folder)
	flags := []string{"--ca-cert", a.d.Certs.CAFile, "--config", dir + "/config", "--cache-dir", dir + "/cache"}
	return contestant{
		name: name, needs: "rclone", dir: dir, command: command(dir, flags...),
		prepare: func(ctx context.Context) error {
			if err := os.MkdirAll(filepath.Join(dir, "files"), 0o755); err != nil {
				return err
			}
			out, _, err := runChild(ctx, s, nil, "rclone", "obscure", servertest.Password)
			if err != nil {
				return err
			}
			config := fmt.Sprintf("[bench]\ntype = webdav\nurl = %s\nvendor = other\nuser = %s\npass = %s\n",
				a.base+folder+"/", servertest.User, strings.TrimSpace(string(out)))
			return os.WriteFile(dir+"/config", []byte(config), 0o600)
		},
	}
}

// rclone fetches everything, looks again, and fetches what has changed on the server: its bisync refuses servers that do not
// keep the times of uploads, as Apache does not, so that there is no second direction.
func (a *apache) rclone() contestant {
	c := a.rcloneFor("rclone sync", downFolder, func(dir string, flags ...string) []string {
		return append([]string{"rclone", "sync", "bench:", filepath.Join(dir, "files")}, flags...)
	})
	local := filepath.Join(c.dir, "files")
	both := &changer{local: local, server: a.d.Path(downFolder), own: a.own(downFolder), round: 2, oneWay: true}
	c.check = func(string, []byte) error { return sameTrees(local, a.d.Path(downFolder)) }
	c.change = func() error {
		there, err := sizes(local) // others have changed the tree since it was laid down
		if err != nil {
			return err
		}
		both.paths = nil
		for p := range there {
			both.paths = append(both.paths, filepath.ToSlash(p))
		}
		slices.Sort(both.paths)
		return both.change()
	}
	c.changed, c.changedName = c.command, "rclone sync, one way"
	return c
}

// rcloneUp brings a tree to an empty folder of the server.
func (a *apache) rcloneUp() contestant {
	const folder = "up-rclone"
	c := a.rcloneFor("rclone sync", folder, func(_ string, flags ...string) []string {
		return append([]string{"rclone", "sync", a.up, "bench:", "--exclude", ".*"}, flags...)
	})
	c.work = upload
	a.receives(&c, folder)
	return c
}

// nextcloud is a server that is not ours; everything happens in a folder of its own, which is removed at the end.
type nextcloud struct{ url, user, password string }

// filesOnNextcloud compares with nextcloudcmd where KONTOR_BENCH_NEXTCLOUD names "url,user,password".
func filesOnNextcloud(ctx context.Context, s settings, source string, n int) ([]row, error) {
	parts := strings.SplitN(os.Getenv("KONTOR_BENCH_NEXTCLOUD"), ",", 3)
	if len(parts) != 3 {
		fmt.Fprintln(s.log, "bench: nextcloudcmd: KONTOR_BENCH_NEXTCLOUD names no server, left out")
		return nil, nil
	}
	cloud := nextcloud{strings.TrimSuffix(parts[0], "/"), parts[1], parts[2]}
	folder := fmt.Sprintf("kontor-bench-%d", time.Now().Unix())
	if err := cloud.request(ctx, "MKCOL", folder); err != nil {
		return nil, err
	}
	defer cloud.request(context.WithoutCancel(ctx), http.MethodDelete, folder) //nolint:errcheck // what is left there is named after what it is
	dav := fmt.Sprintf("%s/remote.php/dav/files/%s/%s/", cloud.url, url.PathEscape(cloud.user), folder)
	local := filepath.Join(s.work, "nextcloud-root")
	s.secret = cloud.password
	account := []string{"--files", dav, "--user", cloud.user}
	up := kontorFor(s, "files", "cloud-up", account, [][]string{{s.ctl, "files", "root", source}},
		func(string) int { return n }, func(r report) int { return r.Files.Uploaded })
	up.work = upload
	down := kontorFor(s, "files", "cloud-down", account, [][]string{{s.ctl, "files", "root", local}, {s.ctl, "files", "pin", "/"}},
		once(n), func(r report) int { return r.Files.Downloaded })
	down.also = local
	peer := contestant{
		name: "nextcloudcmd", needs: "nextcloudcmd", dir: filepath.Join(s.work, "nextcloudcmd"),
		command: []string{
			"nextcloudcmd", "--non-interactive", "--silent", "-u", cloud.user, "-p", cloud.password, "--path", "/" + folder,
			filepath.Join(s.work, "nextcloudcmd"), cloud.url,
		},
		prepare: func(context.Context) error { return os.MkdirAll(filepath.Join(s.work, "nextcloudcmd"), 0o755) },
		check:   func(string, []byte) error { return sameTrees(source, filepath.Join(s.work, "nextcloudcmd")) },
	}
	return contest(ctx, s, "files, Nextcloud", meter{}, []contestant{up, down, peer})
}

// request makes or removes the folder.
func (n nextcloud) request(ctx context.Context, method, folder string) error {
	req, err := http.NewRequestWithContext(ctx, method, fmt.Sprintf("%s/remote.php/dav/files/%s/%s", n.url, url.PathEscape(n.user), folder), nil)
	if err != nil {
		return err
	}
	req.SetBasicAuth(n.user, n.password)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		err = fmt.Errorf("%s on the Nextcloud: %s", method, resp.Status)
	}
	return errors.Join(err, resp.Body.Close())
}
