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
	defer putAway(s, dir)
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
	for _, what := range []string{"limit-imap", "limit-headers", headersChild} {
		if _, _, err := runChild(ctx, s, nil, self, what, d.TLSAddr, d.Certs.CAFile, filepath.Join(s.work, "warm")); err != nil {
			return nil, err
		}
	}
	box := newMailbox(d, s.size)
	return contest(ctx, s, "mail", meter{proxy: proxy, change: box.change}, mailClients(s, box, addr, self))
}

// mailClients are those who are compared: the limits, Kontor, and what people use today.
func mailClients(s settings, box *mailbox, addr, self string) []contestant {
	ca := box.server.Certs.CAFile
	counted := func(_ string, out []byte) error {
		return expect(box.total, func() (int, error) { return strconv.Atoi(strings.TrimSpace(string(out))) })
	}
	store := filepath.Join(s.work, "headers")
	whole := kontorFor(s, "mail", "mail", []string{"--imap", "imaps://" + addr, "--ca", ca}, nil, box.wanted, func(r report) int { return r.Mail.Bodies })
	whole.follow = []string{self, indexChild, whole.dir}
	all := []contestant{
		{name: "limit: read and drop all headers", needs: self, work: headers, command: []string{self, "limit-headers", addr, ca}, check: counted},
		{name: kontor, needs: self, work: headers, command: []string{self, headersChild, addr, ca, store}, check: counted, dir: store},
		{name: "limit: read and drop all bodies", needs: self, work: initial, command: []string{self, "limit-imap", addr, ca}, check: counted},
		whole,
		mbsync(s, box, "mbsync without fsync, COMPRESS", addr, "FSync no\n", "DisableExtension COMPRESS=DEFLATE\n"),
		mbsync(s, box, "mbsync as shipped", addr, "", ""),
	}
	if s.size.Mails <= offlineimapMost {
		all = append(all, offlineimap(s, box, addr))
	}
	return all
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

func mbsync(s settings, box *mailbox, name, addr, global, account string) contestant {
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
Expunge Near
Sync All
SyncState %s/state/
`, global, port, servertest.User, servertest.Password, box.server.Certs.CAFile, account, dir, dir, dir)
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
		check: func(string, []byte) error { return box.isIn(dir + "/mail") },
	}
}

// offlineimapMost is up to how many mails offlineimap is asked to take part: it needs a minute and more for 5,000.
const offlineimapMost = 5000

func offlineimap(s settings, box *mailbox, addr string) contestant {
	dir := filepath.Join(s.work, "offlineimap")
	_, port, _ := strings.Cut(addr, ":")
	config := fmt.Sprintf(`[general]
accounts = bench
metadata = %s/meta

[Account bench]
localrepository = local
remoterepository = remote

[Repository local]
type = Maildir
localfolders = %s/mail

[Repository remote]
type = IMAP
remotehost = localhost
remoteport = %s
remoteuser = %s
remotepass = %s
ssl = yes
sslcacertfile = %s
`, dir, dir, port, servertest.User, servertest.Password, box.server.Certs.CAFile)
	return contestant{
		name: "offlineimap", needs: "offlineimap", dir: dir, command: []string{"offlineimap", "-o", "-u", "quiet", "-c", dir + "/config"},
		env: []string{"HOME=" + dir},
		prepare: func(context.Context) error {
			if err := os.MkdirAll(filepath.Join(dir, "mail"), 0o755); err != nil {
				return err
			}
			return os.WriteFile(dir+"/config", []byte(config), 0o600)
		},
		check: func(string, []byte) error { return box.isIn(dir + "/mail") },
	}
}

// isIn reports whether a Maildir holds all messages.
func (b *mailbox) isIn(dir string) error {
	return expect(b.total, func() (int, error) {
		return countFiles(dir, func(path string) bool {
			parent := filepath.Base(filepath.Dir(path))
			return parent == "cur" || parent == "new"
		})
	})
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
