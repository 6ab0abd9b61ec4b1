// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/journal"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// TestWhyAFileWaits goes through what can stand in the way of an upload, on a server that does all of it.
func TestWhyAFileWaits(t *testing.T) {
	i18n.Use(i18n.German)
	a, s, acc := withCloud(t, servertest.CloudOptions{}, "put Plan=eins", "put Text=text", "put Rest=rest")
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	put := func(path, content string) int64 {
		t.Helper()
		local := filepath.Join(t.TempDir(), "datei")
		must(os.WriteFile(local, []byte(content), 0o600))
		id, err := a.Files.Put(ctx, acc, local, path)
		must(err)
		return id
	}
	sync := func() { _, _ = a.Sync(ctx, SyncOptions{}) }
	expect := func(what string, id int64, title string, step Step) FileWhy {
		t.Helper()
		why, err := a.Files.Why(ctx, id)
		if err != nil || !strings.Contains(why.Title, title) || why.Advice == "" || why.Step != step || why.Step == StepRetry && why.Op == 0 {
			t.Errorf("%s: %+v, %v", what, why, err)
		}
		return why
	}
	plan := put("Plan", "drei")
	expect("just put", plan, "als Nächstes an der Reihe", StepNone)
	must(a.Status.SetOffline(ctx, true))
	expect("offline by choice", plan, "Sie arbeiten offline", StepNone)
	must(a.Status.SetOffline(ctx, false))
	must(a.Files.Pause(ctx, acc, true))
	expect("paused", plan, "Übertragungen sind angehalten", StepResume)
	must(a.Files.Pause(ctx, acc, false))
	op := expect("just put", plan, "als Nächstes", StepNone).Op
	must(a.Journal.Hold(ctx, op))
	expect("held", plan, "zurückgestellt", StepRelease)
	must(a.Journal.Release(ctx, op))

	s.Know("murat", "Murat Aydın")
	s.LockAs("Plan", "murat")
	sync()
	if why := expect("locked", plan, "Jemand anderes bearbeitet", StepRetry); !why.Locked || !why.Next.After(time.Now()) || why.Server == "" {
		t.Errorf("%+v", why)
	}
	if who, err := a.Files.Who(ctx, plan); err != nil || who.Locked != "Murat Aydın" {
		t.Errorf("%+v %v", who, err)
	}
	s.Lock("Plan", false)
	full, refused := put("groß", strings.Repeat("x", 5000)), put(".htaccess", "deny from all")
	s.SetQuota(1000)
	sync()
	expect("no room on the server", full, "kein Platz", StepRetry)
	expect("a name that the server refuses", refused, "dürfen Sie das nicht", StepRetry)
	text := put("Text", "neu")
	s.Close()
	sync()
	expect("the server is away", text, "antwortet nicht", StepNone)
	rest, err := a.Files.ByPath(ctx, acc, "Rest")
	must(err)
	if why, err := a.Files.Why(ctx, rest.ID); err != nil || why != (FileWhy{}) {
		t.Errorf("all is well: %+v %v", why, err)
	}
	if _, err := a.Files.Why(ctx, 4711); err == nil {
		t.Error("what is not there has a reason")
	}
}

// TestWhyOfEverything: whatever comes together, there is one reason, in words, in both languages, and what can be done about
// an operation names it.
func TestWhyOfEverything(t *testing.T) {
	defer i18n.Use(i18n.German)
	rapid.Check(t, func(rt *rapid.T) {
		i18n.Use(rapid.SampledFrom([]i18n.Lang{i18n.German, i18n.English}).Draw(rt, "language"))
		f := whyFacts{
			now: time.Now(), choice: rapid.Bool().Draw(rt, "choice"), paused: rapid.Bool().Draw(rt, "paused"), metered: rapid.Bool().Draw(rt, "metered"),
			asked: rapid.Bool().Draw(rt, "asked"), before: rapid.SampledFrom([]string{"", "Bauamt"}).Draw(rt, "before"),
			cause: rapid.SampledFrom([]transport.Cause{transport.CauseNone, transport.CauseOffline, transport.CausePortal, transport.CauseSignIn, transport.CausePaused, transport.CauseServer}).Draw(rt, "cause"),
		}
		f.entry.Problem = rapid.SampledFrom([]string{"", "files.problem.disk", "files.problem.name", "files.problem.rights", "files.problem.server", "files.problem.forbidden", "files.problem.locked"}).Draw(rt, "problem")
		for n := range rapid.IntRange(0, 3).Draw(rt, "operations") {
			f.ops = append(f.ops, journal.Op{
				ID: int64(n + 1), Kind: rapid.SampledFrom([]journal.Kind{journal.FilePut, journal.FileMove}).Draw(rt, "kind"), Undone: rapid.Bool().Draw(rt, "by itself"),
				State:     rapid.SampledFrom([]journal.State{journal.Waiting, journal.Held, journal.Failed, journal.InDoubt}).Draw(rt, "state"),
				LastError: rapid.SampledFrom([]string{"", "423 Locked"}).Draw(rt, "error"), Cause: rapid.SampledFrom([]string{"", "server", "files.locked", "files.quota"}).Draw(rt, "cause"),
			})
		}
		w := f.why()
		if w.Title == "" || w.Advice == "" && w.Step != StepRetry || strings.Contains(w.Words(), "files.") || strings.Contains(w.Words(), "app.") {
			rt.Fatalf("%+v", w)
		}
		if (w.Step == StepRetry || w.Step == StepRelease) != (w.Op != 0 && w.Step != StepNone && w.Step != StepResume) {
			rt.Fatalf("a step without an operation: %+v", w)
		}
	})
}

// TestWhyADownloadWaits: what is kept offline waits for another network, what a person asked for does not.
func TestWhyADownloadWaits(t *testing.T) {
	i18n.Use(i18n.German)
	d, ctx := newFileDesk(t), t.Context()
	d.serverHas("Plan.ods", "plan")
	d.serverHas("Karte.ods", "karte")
	d.sync()
	d.must(d.files.SetMetered(ctx, files.MeteredOn))
	d.must(d.files.Pin(ctx, d.id("Plan.ods")))
	d.must(d.files.Get(ctx, d.id("Karte.ods")))
	for path, want := range map[string]string{"Plan.ods": "getaktet", "Karte.ods": "als Nächstes geladen"} {
		if why, err := d.files.Why(ctx, d.id(path)); err != nil || !strings.Contains(why.Title, want) {
			t.Errorf("%s: %+v %v", path, why, err)
		}
	}
	if _, err := d.files.Who(ctx, d.id("Plan.ods")); !errors.Is(err, files.ErrNotOffered) {
		t.Errorf("nobody to ask: %v", err)
	}
}
