// SPDX-License-Identifier: EUPL-1.2

// Package notifytest gives tests a session bus of their own with a desktop that shows messages.
package notifytest

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// Shown is a message as the desktop got it.
type Shown struct {
	App, Icon, Title, Body string
	Actions                []string // keys and labels in turn
	Hints                  map[string]dbus.Variant
}

// Desktop shows messages.
type Desktop struct {
	Address string // of the bus

	t      testing.TB
	conn   *dbus.Conn
	offers []string
	mu     sync.Mutex
	next   uint32
	shown  map[uint32]Shown
}

// Bus starts a session bus and gives its address; the test is skipped where there is none to start.
func Bus(t testing.TB) string {
	t.Helper()
	program, err := exec.LookPath("dbus-daemon")
	if err != nil {
		t.Skip("dbus-daemon is not installed")
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "bus.conf")
	text := `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=` + filepath.Join(dir, "bus") + `</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--config-file="+config, "--nofork", "--print-address=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the bus does not say where it listens: %v", err)
	}
	return strings.TrimSpace(address)
}

// New starts a desktop on a bus of its own that can show what offers says.
func New(t testing.TB, offers ...string) *Desktop {
	t.Helper()
	d := &Desktop{Address: Bus(t), t: t, offers: offers, shown: map[uint32]Shown{}}
	conn, err := dbus.Connect(d.Address)
	if err != nil {
		t.Fatal(err)
	}
	d.conn = conn
	t.Cleanup(func() { _ = conn.Close() }) // the bus may be gone
	if err := conn.Export(d.service(), path, name); err != nil {
		t.Fatal(err)
	}
	if reply, err := conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("the name on the bus: %v, %v", reply, err)
	}
	return d
}

const (
	name = "org.freedesktop.Notifications"
	path = dbus.ObjectPath("/org/freedesktop/Notifications")
)

func (d *Desktop) service() service { return service{d} }

// service are the methods on the bus.
type service struct{ d *Desktop }

// GetCapabilities is part of the specification.
func (s service) GetCapabilities() ([]string, *dbus.Error) { return s.d.offers, nil }

// Notify is part of the specification.
func (s service) Notify(app string, _ uint32, icon, title, body string, actions []string, hints map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	s.d.next++
	s.d.shown[s.d.next] = Shown{App: app, Icon: icon, Title: title, Body: body, Actions: actions, Hints: hints}
	return s.d.next, nil
}

// CloseNotification is part of the specification.
func (s service) CloseNotification(id uint32) *dbus.Error {
	s.d.mu.Lock()
	_, ok := s.d.shown[id]
	delete(s.d.shown, id)
	s.d.mu.Unlock()
	if ok {
		s.d.emit("NotificationClosed", id, uint32(3))
	}
	return nil
}

func (d *Desktop) emit(signal string, values ...any) {
	if err := d.conn.Emit(path, name+"."+signal, values...); err != nil {
		d.t.Errorf("%s: %v", signal, err)
	}
}

// Shown gives the messages that are on screen, in their order, and their numbers.
func (d *Desktop) Shown() (all []Shown, ids []uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for id := range d.shown {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		all = append(all, d.shown[id])
	}
	return all, ids
}

// Wait waits until as many messages are on screen.
func (d *Desktop) Wait(n int) ([]Shown, []uint32) {
	d.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		all, ids := d.Shown()
		if len(all) == n {
			return all, ids
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("%d messages are on screen, want %d", len(all), n)
		}
	}
}

// Press lets a person choose an action of a message, which goes away.
func (d *Desktop) Press(id uint32, key string) {
	d.mu.Lock()
	delete(d.shown, id)
	d.mu.Unlock()
	d.emit("ActionInvoked", id, key)
	d.emit("NotificationClosed", id, uint32(2))
}
