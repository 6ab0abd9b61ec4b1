// SPDX-License-Identifier: EUPL-1.2

package notify

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/app/notify/notifytest"
)

// center is one whose environment has only the given values.
func center(t *testing.T, env map[string]string) *Center {
	t.Helper()
	c := New("org.kontor.Kontor")
	c.getenv = func(name string) string { return env[name] }
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func on(address string) map[string]string {
	return map[string]string{"DBUS_SESSION_BUS_ADDRESS": address}
}

func event(t *testing.T, c *Center) Event {
	t.Helper()
	select {
	case e := <-c.Events():
		return e
	case <-time.After(20 * time.Second):
		t.Fatal("nothing happens")
		return Event{}
	}
}

// TestMessages shows messages on a real bus, and hears what a person does with them.
func TestMessages(t *testing.T) {
	d := notifytest.New(t, "actions", "body", "body-markup")
	c := center(t, map[string]string{"XDG_RUNTIME_DIR": filepath.Dir(strings.TrimPrefix(strings.Split(d.Address, ",")[0], "unix:path="))})
	note := Note{Title: "Haushalt <b>", Body: "Fällig 14:00 & <i>später</i>", Actions: []Action{{Default, "Öffnen"}, {"done", "Erledigt"}}}
	id, err := c.Show(t.Context(), note)
	if err != nil {
		t.Fatal(err)
	}
	all, ids := d.Wait(1)
	got := all[0]
	if ids[0] != id || got.Title != note.Title || got.Body != "Fällig 14:00 &amp; &lt;i&gt;später&lt;/i&gt;" || got.App != "Kontor" {
		t.Errorf("%d shows %+v", id, got)
	}
	if !slices.Equal(got.Actions, []string{"default", "Öffnen", "done", "Erledigt"}) || got.Hints["desktop-entry"].Value() != "org.kontor.Kontor" {
		t.Errorf("actions %q, hints %v", got.Actions, got.Hints)
	}
	d.Press(id, "done")
	if e := event(t, c); e != (Event{id, "done"}) {
		t.Errorf("pressed: %+v", e)
	}
	if e := event(t, c); e != (Event{ID: id}) {
		t.Errorf("closed: %+v", e)
	}
	second, err := c.Show(t.Context(), note)
	if err != nil || second == id {
		t.Fatalf("%d, %v", second, err)
	}
	c.Withdraw(t.Context(), second)
	c.Withdraw(t.Context(), 999) // nobody knows it
	d.Wait(0)
	if e := event(t, c); e != (Event{ID: second}) {
		t.Errorf("withdrawn: %+v", e)
	}
}

// TestPlainDesktop has neither actions nor markup.
func TestPlainDesktop(t *testing.T) {
	d := notifytest.New(t, "body")
	if _, err := center(t, on(d.Address)).Show(t.Context(), Note{Title: "a", Body: "x < y", Actions: []Action{{"done", "Erledigt"}}}); err != nil {
		t.Fatal(err)
	}
	if all, _ := d.Wait(1); all[0].Body != "x < y" || len(all[0].Actions) != 0 {
		t.Errorf("%+v", all[0])
	}
}

// TestNoDesktop says so where nothing shows messages, and goes on as soon as there is something that does.
func TestNoDesktop(t *testing.T) {
	for name, env := range map[string]map[string]string{
		"no bus":            {},
		"no such directory": {"XDG_RUNTIME_DIR": filepath.Join(t.TempDir(), "none")},
		"a dead bus":        on("unix:path=" + filepath.Join(t.TempDir(), "bus")),
		"an empty bus":      on(notifytest.Bus(t)),
	} {
		c := center(t, env)
		if _, err := c.Show(t.Context(), Note{Title: "a"}); !errors.Is(err, ErrNone) {
			t.Errorf("%s: %v", name, err)
		}
		c.Withdraw(t.Context(), 1)
	}
	env := map[string]string{}
	c := center(t, env)
	if _, err := c.Show(t.Context(), Note{Title: "a"}); !errors.Is(err, ErrNone) {
		t.Error(err)
	}
	first := notifytest.New(t)
	env["DBUS_SESSION_BUS_ADDRESS"] = first.Address
	if _, err := c.Show(t.Context(), Note{Title: "a"}); err != nil {
		t.Errorf("the desktop came later: %v", err)
	}
	if err := c.conn.Close(); err != nil {
		t.Fatal(err)
	}
	second := notifytest.New(t)
	env["DBUS_SESSION_BUS_ADDRESS"] = second.Address
	if _, err := c.Show(t.Context(), Note{Title: "b"}); err != nil {
		t.Errorf("another desktop after the first was gone: %v", err)
	}
	if all, _ := second.Wait(1); all[0].Title != "b" {
		t.Errorf("%+v", all)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if _, open := <-c.Events(); open {
		t.Error("events go on after the end")
	}
	if _, err := c.Show(t.Context(), Note{}); !errors.Is(err, ErrNone) {
		t.Errorf("after the end: %v", err)
	}
}
