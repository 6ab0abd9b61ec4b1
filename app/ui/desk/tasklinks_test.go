// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"context"
	"slices"
	"strings"
	"testing"

	"kontor/app/i18n"
	"kontor/app/search"
	"kontor/app/tasks"
	"kontor/app/ui/kit"
	"kontor/app/ui/uitest"
	"kontor/storage"
)

// TestAFileBecomesATaskAndBack, and mails and files are found to be linked.
func TestAFileBecomesATaskAndBack(t *testing.T) {
	town := uitest.NewTown(t)
	d, b := deskOn(t, town)
	ctx := t.Context()
	recent, err := town.Files.Recent(ctx, 1)
	if err != nil || len(recent) == 0 {
		t.Fatalf("no file: %v", err)
	}
	file := recent[0]
	d.fileAsTask(file.ID)
	if got := d.shell.Stage().ToastWords(); got != i18n.T("ui.task-made") {
		t.Fatalf("toast %q, alert %q", got, d.shell.Stage().AlertTitle())
	}
	all, err := town.Tasks.List(ctx, tasks.Query{})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(k tasks.Task) bool { return k.Title == file.Name })
	if i < 0 || !d.isFile(all[i].URL) {
		t.Fatalf("no task of %q", file.Name)
	}
	d.shell.Show("sync")
	d.openLink(all[i].URL)
	if d.shell.Current() != "files" || len(b.opened) != 0 {
		t.Errorf("the link leads to %q, the browser to %q", d.shell.Current(), b.opened)
	}
	d.shell.Show("sync")
	d.openLink(all[i].URL + "-gone")
	if d.shell.Current() != "sync" || d.shell.Stage().AlertTitle() == "" {
		t.Error("a file that is gone")
	}
	d.shell.Stage().CloseAlert()
	d.fileAsTask(-1)
	if d.shell.Stage().AlertTitle() == "" {
		t.Error("a task of a file that is not there")
	}
	d.shell.Stage().CloseAlert()
	if uri, err := d.linkTo(ctx, search.Result{Kind: search.Files, ID: file.ID}); err != nil || uri != all[i].URL {
		t.Errorf("%q, %v", uri, err)
	}
	mails, err := d.findLinks(ctx, "Lindenstraße", 5)
	m := slices.IndexFunc(mails, func(r search.Result) bool { return r.Kind == search.Mail })
	if err != nil || m < 0 || slices.ContainsFunc(mails, func(r search.Result) bool { return r.Kind == search.Tasks }) {
		t.Fatalf("%+v, %v", mails, err)
	}
	if uri, err := d.linkTo(ctx, mails[m]); err != nil || d.nameLink(ctx, uri) != mails[m].Title {
		t.Errorf("%q is called %q, not %q: %v", uri, d.nameLink(ctx, uri), mails[m].Title, err)
	}
}

// TestFoldsSurviveARestart, and damaged ones do no harm.
func TestFoldsSurviveARestart(t *testing.T) {
	kit.Synchronous(true)
	t.Cleanup(func() { kit.Synchronous(false) })
	town := uitest.NewCore(t)
	p := prefsOf(t, town.App)
	l := p.tasksLeft()
	l.Folded, l.Closed = []string{"a", "b \"c\""}, true
	p.leaveTasks(l)
	if got := prefsOf(t, town.App).tasksLeft(); !slices.Equal(got.Folded, l.Folded) || !got.Closed {
		t.Errorf("%+v", got)
	}
	town.Write(func(ctx context.Context, tx *storage.Tx) error {
		return tx.SetSetting(ctx, settingTasks, strings.Repeat("[", 10))
	})
	if got := prefsOf(t, town.App).tasksLeft(); len(got.Folded) != 0 || got.Closed {
		t.Errorf("%+v", got)
	}
}
