// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"kontor/bench/corpus"
	"kontor/sync/servertest"
)

func mailArea(ctx context.Context, s settings) ([]row, error) {
	dir := filepath.Join(s.work, "dovecot")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	d, err := servertest.StartDovecot(dir, servertest.Options{NoSpecialUse: true})
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	defer d.Stop()
	fmt.Fprintf(s.log, "bench: laying down %d mails\n", s.size.Mails)
	if err := layMails(d, s.size); err != nil {
		return nil, err
	}
	addr, proxy, err := delayed(s, d.TLSAddr)
	if err != nil {
		return nil, err
	}
	if proxy != nil {
		defer proxy.Close()
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	// The server reads and indexes the mailbox at the first visit: nobody is measured with that.
	fmt.Fprintln(s.log, "bench: warming the server")
	if _, _, err := runChild(ctx, s, nil, self, "limit-imap", d.TLSAddr, d.Certs.CAFile); err != nil {
		return nil, err
	}
	all := []contestant{
		{
			name: "limit: read and drop all bodies", needs: self, once: true,
			command: []string{self, "limit-imap", addr, d.Certs.CAFile},
			check: func(_ string, out []byte) error {
				return expect(s.size.Mails, func() (int, error) { return strconv.Atoi(strings.TrimSpace(string(out))) })
			},
		},
		kontorFor(s, "mail", []string{"--imap", "imaps://" + addr, "--ca", d.Certs.CAFile}, nil, s.size.Mails,
			func(r report) int { return r.Mail.Bodies }),
		mbsync(s, "mbsync without fsync, COMPRESS", addr, d.Certs.CAFile, "FSync no\n", "DisableExtension COMPRESS=DEFLATE\n"),
		mbsync(s, "mbsync as shipped", addr, d.Certs.CAFile, "", ""),
	}
	return contest(ctx, s, "mail", meter{proxy: proxy}, all)
}

// layMails writes the corpus where Dovecot looks for it.
func layMails(d *servertest.IMAPServer, size corpus.Size) error {
	dirs := map[string]string{}
	for m := range corpus.Mails(size) {
		dir, ok := dirs[m.Folder]
		if !ok {
			var err error
			if dir, err = d.Folder(servertest.User, m.Folder); err != nil {
				return err
			}
			dirs[m.Folder] = dir
		}
		file := filepath.Join(dir, m.Name)
		if err := os.WriteFile(file, m.Data, 0o644); err != nil {
			return err
		}
		if err := os.Chtimes(file, m.Time, m.Time); err != nil {
			return err
		}
	}
	return nil
}

func mbsync(s settings, name, addr, caFile, global, account string) contestant {
	dir := filepath.Join(s.work, "mbsync-"+strconv.Itoa(len(global)))
	_, port, _ := strings.Cut(addr, ":")
	config := fmt.Sprintf(`%sIMAPAccount bench
Host localhost
Port %s
User %s
Pass %s
SSLType IMAPS
CertificateFile %s
%s
IMAPStore remote
Account bench

MaildirStore local
Path %s/mail/
Inbox %s/mail/INBOX
SubFolders Verbatim

Channel bench
Far :remote:
Near :local:
Patterns *
Create Near
Sync All
SyncState %s/state/
`, global, port, servertest.User, servertest.Password, caFile, account, dir, dir, dir)
	return contestant{
		name: name, needs: "mbsync", dir: dir, command: []string{"mbsync", "-q", "-c", dir + "/config", "-a"},
		prepare: func(context.Context) error {
			for _, sub := range []string{"mail", "state"} {
				if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
					return err
				}
			}
			return os.WriteFile(dir+"/config", []byte(config), 0o600)
		},
		check: func(string, []byte) error {
			return expect(s.size.Mails, func() (int, error) {
				return countFiles(dir+"/mail", func(path string) bool {
					parent := filepath.Base(filepath.Dir(path))
					return parent == "cur" || parent == "new"
				})
			})
		},
	}
}

// expect compares a count with what must be there.
func expect(want int, count func() (int, error)) error {
	got, err := count()
	if err == nil && got != want {
		err = fmt.Errorf("%d of %d are there", got, want)
	}
	return err
}

// countFiles counts the regular files below dir that want accepts.
func countFiles(dir string, want func(path string) bool) (int, error) {
	n := 0
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && want(path) {
			n++
		}
		return err
	})
	return n, err
}
