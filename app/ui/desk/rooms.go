// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui"
	"kontor/app/ui/accountui"
	"kontor/app/ui/filesui"
	"kontor/app/ui/kit"
	"kontor/app/ui/mailui"
	"kontor/app/ui/syncui"
	"kontor/app/ui/tasksui"
	"kontor/app/ui/theme"
	"kontor/app/ui/todayui"
	"kontor/storage"
)

// rooms are all pages, in the order of the rail.
func (d *desk) rooms() []ui.Room {
	return []ui.Room{
		{ID: "heute", Title: "ui.today", Icon: "home", Make: d.kept("heute", d.today)},
		{ID: "mail", Title: "ui.mail", Icon: "mail", Make: d.mail},
		{ID: "files", Title: "ui.files-page", Icon: "folder", Make: d.kept("files", d.files)},
		{ID: "tasks", Title: "ui.tasks-page", Icon: "check-square", Make: d.kept("tasks", d.tasks)},
		{ID: "sync", Title: "ui.sync", Icon: "sync", Foot: true, Make: d.kept("sync", d.sync)},
		{ID: "options", Title: "ui.options", Icon: "gear", Foot: true, Make: d.kept("options", d.options)},
		{ID: "welcome", Title: "ui.welcome", Aside: true, Make: func(s *ui.Shell) ui.Page { return accountui.NewWizard(s.Context(), d.optionsConfig(s)) }},
	}
}

// kept makes a page whose panes have the widths that they had last.
func (d *desk) kept(room string, build func(*ui.Shell) ui.Page) func(*ui.Shell) ui.Page {
	return func(s *ui.Shell) ui.Page {
		p := build(s)
		d.prefs.keepPanes(room, p.Content())
		return p
	}
}

func (d *desk) today(s *ui.Shell) ui.Page {
	return todayui.New(s.Context(), todayui.Config{
		Tasks: d.Core.Tasks, Mail: d.Core.Mail, Snapshot: d.Core.Status.Snapshot, Open: s.Open, Show: s.Show,
		Write:     func() { d.write("") },
		NewTask:   d.newTask,
		ShowError: s.ShowError, ToastUndo: s.ToastUndo, Now: d.Now,
	})
}

func (d *desk) mail(s *ui.Shell) ui.Page {
	return mailui.New(mailui.Config{
		Mail: d.Core.Mail, Window: d.win, Toast: s.Toast, ShowError: s.ShowError, Undo: s.Undone,
		Identities: d.Core.Accounts.Identities, Settings: settings{d.Core.DB},
		Exchange: mailui.Exchange{ExportAccount: d.Core.ExportAccount, ImportAccount: d.Core.ImportAccount},
		OpenURL:  d.openURL, OpenData: d.openData, SaveData: d.saveData, SaveAll: d.saveAll, PickFiles: d.attach,
		Cancel: d.Core.Journal.Cancel, Recall: d.recall, SendNow: d.Core.Mail.SendNow,
		Quotas: d.Core.Accounts.Quotas, AskRights: d.Core.Accounts.AskRights,
		AsTask: d.asTask, ToFiles: d.toFiles,
		Offline: func() bool { return s.Snapshot().Offline }, Now: d.Now, Left: d.prefs.mailLeft(), Leave: d.prefs.leaveMail,
		Accounts: func(ctx context.Context) ([]mailui.Account, error) {
			all, err := d.Core.Accounts.List(ctx)
			var list []mailui.Account
			for _, a := range all {
				if a.IMAPURL != "" {
					list = append(list, mailui.Account{ID: a.ID, Title: a.Email, From: mail.Address{Name: a.DisplayName, Addr: a.Email}})
				}
			}
			return list, err
		},
	})
}

// newTask leads to where tasks are typed.
func (d *desk) newTask() {
	d.shell.Show("tasks")
	if p, ok := d.shell.Page("tasks").(*tasksui.Page); ok {
		p.StartNew()
	}
}

// host is what pages of items need of the window.
func (d *desk) host(s *ui.Shell) kit.Host {
	return kit.Host{Window: d.win, Toast: s.Toast, ShowError: s.ShowError, Undo: s.Undone, Now: d.Now}
}

func (d *desk) files(s *ui.Shell) ui.Page {
	return filesui.New(filesui.Config{
		Host: d.host(s), Files: d.Core.Files, Conflicts: d.Core.Journal, OpenFile: d.openFile, OpenURL: d.openURL,
		Mail: d.mailFiles, PickFiles: d.pickFiles, Save: d.save, Copy: d.app.Clipboard().SetContent,
		Every: func(pause time.Duration, do func()) func() { return kit.Every(s.Context(), pause, do) },
		Left:  d.prefs.filesLeft(), Leave: d.prefs.leaveFiles,
		Accounts: d.fileAccounts, AsTask: d.fileAsTask,
	})
}

func (d *desk) tasks(s *ui.Shell) ui.Page {
	return tasksui.New(tasksui.Config{
		Host: d.host(s), Tasks: d.Core.Tasks, Conflicts: d.Core.Journal, OpenLink: d.openLink, NameLink: d.nameLink, Account: d.taskAccount,
		Decide: func() { s.Show("sync") }, FindLinks: d.findLinks, LinkTo: d.linkTo, IsFile: d.isFile,
		Copy: d.app.Clipboard().SetContent, Paste: d.app.Clipboard().Content, PickFiles: d.pickFiles, Save: d.save, OpenData: d.openData,
		Left: d.prefs.tasksLeft(), Leave: d.prefs.leaveTasks,
	})
}

// taskAccount is where new lists are made: the first account with tasks.
func (d *desk) taskAccount() (int64, bool) {
	for _, a := range d.known() {
		if a.TasksURL != "" {
			return a.ID, true
		}
	}
	return 0, false
}

func (d *desk) sync(s *ui.Shell) ui.Page {
	host := d.host(s)
	return syncui.New(s.Context(), syncui.Config{
		Journal: d.Core.Journal, Conflicts: d.Core.Journal, Snapshot: d.Core.Status.Snapshot, Accounts: d.Core.Accounts.List,
		SyncNow: func() { d.Core.Engine.SyncNow(0) }, ShowError: s.ShowError, Toast: s.Toast, Now: d.Now,
		Compare: func(conflict int64) { d.compare(s, conflict) }, Traffic: d.traffic(s), Travel: d.Core.Files, Choose: host.Choose,
		Mend:    func() { d.mend(s) },
		Connect: func() { kit.Act(func() error { return d.Core.Status.SetOffline(s.Context(), false) }, s.ShowError) },
	})
}

// mend shows the accounts, where addresses and passwords are entered.
func (d *desk) mend(s *ui.Shell) {
	s.Show("options")
	if p, ok := s.Page("options").(*accountui.Page); ok {
		p.ShowSection("accounts")
	}
}

// compare shows both versions of a file on the page of files.
func (d *desk) compare(s *ui.Shell, conflict int64) {
	s.Show("files")
	if p, ok := s.Page("files").(*filesui.Page); ok {
		p.Decide(conflict)
	}
}

// lookAgain is how often what is on its way is looked at.
const lookAgain = time.Second

// traffic tells on the page of what travels what is on its way at this moment.
func (d *desk) traffic(s *ui.Shell) syncui.Traffic {
	t := filesui.NewTraffic(d.host(s), d.Core.Files, d.fileAccounts)
	return syncui.Traffic{Content: t.Content, Settings: t.Ask, Watch: func(changed func()) func() {
		t.Changed = changed
		t.Look()
		return kit.Every(s.Context(), lookAgain, t.Look)
	}}
}

// fileAccounts are the accounts with files.
func (d *desk) fileAccounts(ctx context.Context) ([]filesui.Account, error) {
	all, err := d.Core.Accounts.List(ctx)
	var list []filesui.Account
	for _, a := range all {
		if a.FilesURL != "" {
			list = append(list, filesui.Account{ID: a.ID, Title: a.Name})
		}
	}
	return list, err
}

func (d *desk) options(s *ui.Shell) ui.Page { return accountui.New(s.Context(), d.optionsConfig(s)) }

func (d *desk) optionsConfig(s *ui.Shell) accountui.Config {
	c := accountui.Config{
		Accounts: d.Core.Accounts, Settings: settings{d.Core.DB}, Quiet: d.Core.Remind, Snapshot: d.Core.Status.Snapshot, SetOffline: d.Core.Status.SetOffline,
		ShowError: s.ShowError, Toast: s.Toast, Version: app.Version,
		Look: accountui.Look{Language: string(d.look.lang), Theme: string(d.look.theme), TextSize: d.look.text, Change: d.changeLook},
		Added: func() {
			s.SyncNow()
			if d.first {
				d.first = false
				s.Show("mail")
			}
		},
		Confirm: d.confirm,
	}
	if d.Demo != nil {
		c.Demo = func() error { return d.Demo(d.ctx) }
	}
	return c
}

// confirm asks where nothing can bring it back.
func (d *desk) confirm(title, text, yes string, do func()) {
	words := container.NewGridWrap(fyne.NewSize(theme.Px(440), theme.Px(90)), kit.NewParagraph(text, 14, theme.Text))
	dialog.NewCustomConfirm(title, yes, i18n.T("ui.cancel"), words, func(ok bool) {
		if ok {
			do()
		}
	}, d.win).Show()
}

// settings stores what a person chose.
type settings struct{ db *storage.DB }

// Get is part of accountui.Settings.
func (s settings) Get(ctx context.Context, key, fallback string) (string, error) {
	return s.db.Setting(ctx, key, fallback)
}

// Set is part of accountui.Settings.
func (s settings) Set(ctx context.Context, key, value string) error {
	return s.db.WriteDurable(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, key, value) })
}
