// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"kontor/app"
	"kontor/app/demo"
	"kontor/app/tasks"
	"kontor/app/ui/desk"
	"kontor/storage"
	"kontor/sync/transport"
)

// demoWorld is the embedded servers, started when they are asked for.
type demoWorld struct {
	mu    sync.Mutex
	world *demo.World
}

// join starts the servers and adds the sample account.
func (d *demoWorld) join(ctx context.Context, core *app.App) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.world == nil {
		world, err := demo.Start(ctx, demo.Options{})
		if err != nil {
			return err
		}
		d.world = world
	}
	_, err := core.Accounts.Add(ctx, d.world.Draft(""), d.world.Password())
	return err
}

func (d *demoWorld) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.world != nil {
		d.world.Close()
	}
	return nil
}

// runDemo shows the sample account in a home that is thrown away afterwards.
func runDemo(ctx context.Context, p *program, o options, c desk.Config) error {
	home, err := os.MkdirTemp("", "kontor-demo-")
	if err != nil {
		return fmt.Errorf("make a home for the demo: %w", err)
	}
	p.later(func() error { return os.RemoveAll(home) })
	core, err := app.OpenThrowaway(ctx, home, c.Log)
	if err != nil {
		return err
	}
	p.later(core.Close)
	sample := &demoWorld{}
	p.later(sample.close)
	if err := sample.join(ctx, core); err != nil {
		return err
	}
	if o.shots != "" {
		if err := stage(ctx, core, sample.world); err != nil {
			return err
		}
	}
	c.Core = core
	return show(ctx, o, c)
}

// stage plays a working day, so that the pictures show one: everything is here, a file was changed on both sides, the
// network is gone, and a message, a file and a task wait for it.
func stage(ctx context.Context, core *app.App, world *demo.World) error {
	err := core.DB.WriteDurable(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, app.UndoSetting, "0") })
	if err != nil {
		return err
	}
	if _, err := core.Sync(ctx, app.SyncOptions{}); err != nil {
		return err
	}
	all, err := core.Accounts.List(ctx)
	if err != nil {
		return err
	}
	if err := pinAll(ctx, core, all[0].ID); err != nil {
		return err
	}
	const contested, changed = "Bauamt/Lindenstraße 14/Kostenschätzung Sanierung.ods", "Persönlich/Notizen.txt"
	world.Users()[0].PutFile(contested, []byte("4.200,00 für Position 5"))
	if err := appendTo(ctx, core, all[0].ID, contested); err != nil {
		return err
	}
	if _, err := core.Sync(ctx, app.SyncOptions{}); err != nil {
		return err
	}
	world.SetAllFaults(demo.Faults{Down: true})
	if err := appendTo(ctx, core, all[0].ID, changed); err != nil {
		return err
	}
	if err := answerAndPlan(ctx, core); err != nil {
		return err
	}
	_, err = core.Sync(ctx, app.SyncOptions{})
	if transport.CauseOf(err) != transport.CauseUnreachable {
		return fmt.Errorf("play a day offline: %w", err)
	}
	return nil
}

func pinAll(ctx context.Context, core *app.App, account int64) error {
	top, err := core.Files.List(ctx, account, "")
	if err != nil {
		return err
	}
	for _, e := range top {
		if err := core.Files.Pin(ctx, e.ID); err != nil {
			return err
		}
	}
	_, err = core.Sync(ctx, app.SyncOptions{})
	return err
}

// appendTo changes the local copy of a file, as a program would.
func appendTo(ctx context.Context, core *app.App, account int64, path string) error {
	e, err := core.Files.ByPath(ctx, account, path)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(e.LocalPath, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString("\r\nNachtrag vor Ort\r\n")
	return errors.Join(err, f.Close())
}

// answerAndPlan answers the newest message from Jonas Weber and gives the first task another priority.
func answerAndPlan(ctx context.Context, core *app.App) error {
	found, err := core.Search.Find(ctx, "von:weber Vertretung", []string{"mail"}, 1)
	if err != nil || len(found) == 0 {
		return fmt.Errorf("find a message to answer: %w", errors.Join(err, storage.ErrNotFound))
	}
	m, err := core.Mail.Reply(ctx, found[0].ID, false)
	if err != nil {
		return err
	}
	m.Text = "Vielen Dank, das passt gut.\n\n" + m.Text
	if _, err := core.Mail.Send(ctx, m); err != nil {
		return err
	}
	due, err := core.Tasks.List(ctx, tasks.Query{Smart: tasks.SmartToday})
	if err != nil || len(due) == 0 {
		return fmt.Errorf("find a task to change: %w", errors.Join(err, storage.ErrNotFound))
	}
	high := 1
	return core.Tasks.Edit(ctx, due[0].ID, tasks.Edit{Priority: &high})
}
