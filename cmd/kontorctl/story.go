// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"kontor/app"
	"kontor/app/demo"
	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/tasks"
	"kontor/storage"
	"kontor/sync/mimemsg"
)

// errStory is returned when the servers do not hold in the end what was done offline.
var errStory = errors.New("the servers do not hold what was done offline")

// story is the demo without a window: a day's work without a network, then the return.
type story struct {
	out     io.Writer
	world   *demo.World
	core    *app.App
	account storage.Account
	file    string // path of the file that is changed offline
	subject string
	task    string
	deeds   int
}

// tellStory plays the story in a throw-away home and checks its end on the servers.
func tellStory(ctx context.Context, out io.Writer, world *demo.World) (err error) {
	home, err := os.MkdirTemp("", "kontor-demo-")
	if err != nil {
		return fmt.Errorf("make a home for the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()
	core, err := app.OpenThrowaway(ctx, home, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, core.Close()) }()
	s := &story{out: out, world: world, core: core, subject: i18n.T("app.story.subject"), task: i18n.T("app.story.task")}
	for _, step := range []func(context.Context) error{s.arrive, s.leave, s.write, s.change, s.note, s.wait, s.comeBack, s.compare} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) say(key string, pairs ...any) {
	fmt.Fprintln(s.out, i18n.T("app.story."+key, pairs...))
}

// arrive sets up the account, keeps all files offline and brings everything in.
func (s *story) arrive(ctx context.Context) (err error) {
	id, err := s.core.Accounts.Add(ctx, s.world.Draft(""), s.world.Password())
	if err != nil {
		return err
	}
	if s.account, err = s.core.DB.Account(ctx, id); err != nil {
		return err
	}
	err = s.core.DB.WriteDurable(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, app.UndoSetting, "0") })
	if err != nil {
		return err
	}
	if _, err := s.core.Sync(ctx, app.SyncOptions{}); err != nil {
		return err
	}
	top, err := s.core.Files.List(ctx, s.account.ID, "")
	if err != nil {
		return err
	}
	for _, entry := range top {
		if err := s.core.Files.Pin(ctx, entry.ID); err != nil {
			return err
		}
	}
	report, err := s.core.Sync(ctx, app.SyncOptions{})
	if err != nil {
		return err
	}
	snap, err := s.core.Status.Snapshot(ctx)
	if err != nil {
		return err
	}
	s.say("arrived", "mails", snap.Mails, "files", report.Files.Downloaded, "tasks", snap.OpenTasks)
	return nil
}

// leave pulls the cable: every server stops answering.
func (s *story) leave(context.Context) error {
	s.world.SetAllFaults(demo.Faults{Down: true})
	s.say("offline")
	return nil
}

func (s *story) write(ctx context.Context) error {
	m, err := s.core.Mail.New(ctx, s.account.ID)
	if err != nil {
		return err
	}
	m.To = []mail.Address{{Name: "Jonas Weber", Addr: "jonas.weber@" + demo.Domain}}
	m.Subject, m.Text = s.subject, i18n.T("app.story.text")
	if _, err := s.core.Mail.Send(ctx, m); err != nil {
		return err
	}
	s.deeds++
	s.say("wrote", "subject", m.Subject)
	return nil
}

// change adds a line to a file in the folder on the disk, as an editor would.
func (s *story) change(ctx context.Context) error {
	entry, err := s.core.Files.ByPath(ctx, s.account.ID, "Persönlich/Notizen.txt")
	if err != nil {
		return err
	}
	s.file = entry.Path
	f, err := os.OpenFile(entry.LocalPath, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(s.mark())
	s.deeds++
	s.say("changed", "path", s.file)
	return errors.Join(err, f.Close())
}

func (s *story) mark() string { return "\n" + i18n.T("app.story.line") + "\n" }

func (s *story) note(ctx context.Context) error {
	lists, err := s.core.Tasks.Lists(ctx)
	if err != nil || len(lists) == 0 {
		return errors.Join(err, errStory)
	}
	if _, err := s.core.Tasks.Add(ctx, lists[0].ID, tasks.Edit{Title: &s.task}); err != nil {
		return err
	}
	s.deeds++
	s.say("noted", "title", s.task)
	return nil
}

// wait tries to synchronise without a network: nothing may be lost.
func (s *story) wait(ctx context.Context) error {
	report, err := s.core.Sync(ctx, app.SyncOptions{})
	if err == nil {
		return fmt.Errorf("servers that are down were reached: %w", errStory)
	}
	s.say("waits", "n", report.Waiting)
	return nil
}

func (s *story) comeBack(ctx context.Context) error {
	s.world.SetAllFaults(demo.Faults{})
	report, err := s.core.Sync(ctx, app.SyncOptions{})
	if err != nil {
		return err
	}
	s.say("online", "n", report.Waiting, "seconds", fmt.Sprintf("%.2f", report.Seconds))
	return nil
}

// compare looks at what the servers hold.
func (s *story) compare(ctx context.Context) error {
	users := s.world.Users()
	count := 0
	for _, m := range users[1].Messages("INBOX") {
		if p, err := mimemsg.Parse(bytes.NewReader(m.Raw)); err == nil && p.Subject == s.subject {
			count++
		}
	}
	if count != 1 {
		return fmt.Errorf("the mail arrived %d times: %w", count, errStory)
	}
	if data, ok := users[0].File(s.file); !ok || !bytes.HasSuffix(data, []byte(s.mark())) {
		return fmt.Errorf("the file is not what was written: %w", errStory)
	}
	found := 0
	for list := range users[0].TaskLists() {
		for _, text := range users[0].TaskTexts(list) {
			if strings.Contains(text, "SUMMARY:"+s.task) {
				found++
			}
		}
	}
	if found != 1 {
		return fmt.Errorf("the task is there %d times: %w", found, errStory)
	}
	if err := s.core.DB.Check(ctx); err != nil {
		return err
	}
	s.say("done", "n", s.deeds)
	return nil
}
