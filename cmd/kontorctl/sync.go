// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/storage"
	"kontor/sync/transport"
)

func init() {
	register("sync", "[--account NAME] [--only mail,files,tasks] [--watch] [--progress]", syncNow)
	register("offline", "on|off", offline)
	register("doctor", "[--repair]", doctor)
}

// openSparing opens the core in a process that holds no more than the work needs.
func openSparing(ctx context.Context, e *env, protocols []string) (*app.App, error) {
	e.soon = true
	if len(protocols) == 0 || slices.Contains(protocols, "mail") {
		paceHeap(mailRoom)
		return e.open(ctx)
	}
	if !slices.Equal(protocols, []string{"tasks"}) { // tasks leave little over at a time
		paceHeap(filesRoom)
	}
	storage.SpareArenas()
	core, err := e.open(ctx)
	if err != nil {
		return nil, err
	}
	return core, core.DB.Spare(ctx)
}

func syncNow(ctx context.Context, e *env, args []string) error {
	fs := flags("sync")
	account, only, watch := fs.String("account", "", ""), fs.String("only", "", ""), fs.Bool("watch", false, "")
	tell := fs.Bool("progress", false, "")
	if words, err := parse(fs, args); err != nil || len(words) > 0 {
		return usage(err)
	}
	var protocols []string
	if *only != "" {
		protocols = strings.Split(*only, ",")
		for _, p := range protocols {
			if p != "mail" && p != "files" && p != "tasks" {
				return fmt.Errorf("--only %s: %w", p, errUsage)
			}
		}
	}
	core, err := openSparing(ctx, e, protocols)
	if err != nil {
		return err
	}
	defer e.watched(*tell, core)()
	opts := app.SyncOptions{Account: *account, Protocols: protocols}
	told := func(r app.SyncReport, err error) error {
		return errors.Join(err, e.print(r, func(w io.Writer) error { return printReport(w, r) }))
	}
	if *watch {
		return core.Watch(ctx, opts, func(r app.SyncReport, err error) {
			if err := told(r, err); err != nil {
				e.fail(err) // what failed now may work later
			}
		})
	}
	report, err := core.Sync(ctx, opts)
	if errors.Is(err, app.ErrHomeInUse) || errors.Is(err, transport.ErrChoice) {
		return err
	}
	return told(report, err)
}

func printReport(w io.Writer, r app.SyncReport) error {
	lines := []string{
		i18n.T("app.cli.sync.mail", "new", r.Mail.New, "changed", r.Mail.Changed, "gone", r.Mail.Gone, "bodies", r.Mail.Bodies),
		i18n.T("app.cli.sync.files", "downloaded", r.Files.Downloaded, "uploaded", r.Files.Uploaded, "moved", r.Files.Moved,
			"deleted", r.Files.Deleted, "conflicts", r.Files.Conflicts),
		i18n.T("app.cli.sync.tasks", "new", r.Tasks.New, "changed", r.Tasks.Changed, "gone", r.Tasks.Gone, "uploaded", r.Tasks.Uploaded,
			"merged", r.Tasks.Merged),
		i18n.T("app.cli.sync.rest", "waiting", r.Waiting, "failed", r.Failed, "doubt", r.InDoubt),
	}
	if r.Mail.Odd > 0 {
		lines = append(lines, i18n.T("mail.cli.skipped", "n", r.Mail.Odd))
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

func offline(ctx context.Context, e *env, args []string) error {
	if len(args) != 1 || (args[0] != "on" && args[0] != "off") {
		return errUsage
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	on := args[0] == "on"
	if err := core.Status.SetOffline(ctx, on); err != nil {
		return err
	}
	return e.print(map[string]bool{"offline": on}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, i18n.T("app.cli.offline."+args[0]))
		return err
	})
}

// doctorJSON is the result of an examination.
type doctorJSON struct {
	Store       string            `json:"store"` // "ok", or what is wrong
	Repaired    bool              `json:"repaired"`
	Kept        string            `json:"kept,omitempty"` // where the damaged store is kept that a new one was made of
	Connections map[string]string `json:"connections"`    // account/protocol -> "ok" or the cause
}

func doctor(ctx context.Context, e *env, args []string) error {
	fs := flags("doctor")
	repair := fs.Bool("repair", false, "")
	if words, err := parse(fs, args); err != nil || len(words) > 0 {
		return usage(err)
	}
	result := doctorJSON{Store: "ok", Connections: map[string]string{}}
	core, broken, err := e.examine(ctx, *repair, &result)
	if err != nil {
		return err
	}
	if broken != nil {
		result.Store = broken.Error()
	}
	checks, err := core.TestAll(ctx)
	broken = errors.Join(broken, err)
	for name, cause := range checks {
		if result.Connections[name] = string(cause); cause == transport.CauseNone {
			result.Connections[name] = "ok"
		}
	}
	return errors.Join(broken, e.print(result, func(w io.Writer) error {
		if result.Kept != "" {
			fmt.Fprintln(w, i18n.T("app.cli.doctor.kept", "file", result.Kept))
		}
		if result.Repaired {
			fmt.Fprintln(w, i18n.T("app.cli.doctor.repaired"))
		}
		if result.Store == "ok" {
			fmt.Fprintln(w, i18n.T("app.cli.doctor.fine"))
		}
		for name, cause := range result.Connections {
			fmt.Fprintf(w, "%s: %s\n", name, cause)
		}
		return nil
	}))
}

// examine opens the store and looks at it. With repair a damaged one is replaced and its counters are computed again.
func (e *env) examine(ctx context.Context, repair bool, result *doctorJSON) (core *app.App, broken, err error) {
	if core, err = e.open(ctx); err == nil {
		broken = core.Examine(ctx)
	}
	if found := errors.Join(err, broken); storage.IsCorrupt(found) {
		if !repair {
			return nil, nil, found
		}
		if err := e.close(); err != nil {
			return nil, nil, err
		}
		if result.Kept, err = app.Salvage(ctx, e.home); err != nil {
			return nil, nil, err
		}
		core, err = e.open(ctx)
	}
	if err != nil || !repair {
		return core, broken, err
	}
	result.Repaired = true
	if err := core.Repair(ctx); err != nil {
		return nil, nil, err
	}
	return core, core.Examine(ctx), nil
}
