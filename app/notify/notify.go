// SPDX-License-Identifier: EUPL-1.2

// Package notify shows messages of the desktop, with actions, through the service that desktops on Linux offer on the
// session bus (Desktop Notifications Specification 1.2). Elsewhere, and where no such service runs, it says so.
package notify

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

// ErrNone is returned where the desktop shows no messages.
var ErrNone = errors.New("the desktop shows no messages")

// Action is something that a person can do right in a message.
type Action struct {
	Key   string // Default for a click on the message itself
	Label string
}

// Default is the key of the action that a click on the message means.
const Default = "default"

// Note is one message.
type Note struct {
	Title, Body string
	Actions     []Action
}

// Event is what a person did with a message. Key is empty for one that was closed or is over.
type Event struct {
	ID  uint32
	Key string
}

// Center shows messages. It connects when it is first used, and again where the connection was lost.
type Center struct {
	app    string
	getenv func(string) string
	events chan Event

	mu      sync.Mutex
	conn    *dbus.Conn
	offers  []string
	signals sync.WaitGroup
	closed  bool
}

// New makes a center for the program that the desktop knows by the name app (that of its .desktop file).
func New(app string) *Center {
	return &Center{app: app, getenv: os.Getenv, events: make(chan Event, 64)}
}

// The names on the bus.
const (
	busName  = "org.freedesktop.Notifications"
	busPath  = "/org/freedesktop/Notifications"
	patience = 5 * time.Second
)

// address is where the session bus listens; empty where there is none. The library would start one that nobody ends.
func (c *Center) address() string {
	if a := c.getenv("DBUS_SESSION_BUS_ADDRESS"); a != "" {
		return a
	}
	if dir := c.getenv("XDG_RUNTIME_DIR"); dir != "" {
		socket := filepath.Join(dir, "bus")
		if _, err := os.Stat(socket); err == nil {
			return "unix:path=" + socket
		}
	}
	return ""
}

// connect gives the connection, made if there is none. The lock is held.
func (c *Center) connect(ctx context.Context) (*dbus.Conn, error) {
	if c.closed {
		return nil, ErrNone
	}
	if c.conn != nil && c.conn.Connected() {
		return c.conn, nil
	}
	address := c.address()
	if address == "" {
		return nil, ErrNone
	}
	conn, err := dbus.Connect(address)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	if err := c.prepare(ctx, conn); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrNone, err), conn.Close())
	}
	c.conn = conn
	return conn, nil
}

// prepare listens to what people do with messages and asks what the service can show.
func (c *Center) prepare(ctx context.Context, conn *dbus.Conn) error {
	err := conn.AddMatchSignalContext(ctx, dbus.WithMatchObjectPath(busPath), dbus.WithMatchInterface(busName))
	if err != nil {
		return err
	}
	if err := call(ctx, conn, "GetCapabilities").Store(&c.offers); err != nil {
		return err
	}
	signals := make(chan *dbus.Signal, 64)
	conn.Signal(signals)
	c.signals.Go(func() {
		for s := range signals {
			c.heard(s)
		}
	})
	return nil
}

func call(ctx context.Context, conn *dbus.Conn, method string, args ...any) *dbus.Call {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return conn.Object(busName, busPath).CallWithContext(ctx, busName+"."+method, 0, args...)
}

// heard turns a signal into an event. One that nobody fetches is dropped rather than holding up the bus.
func (c *Center) heard(s *dbus.Signal) {
	var e Event
	var ok bool
	if len(s.Body) > 0 {
		e.ID, ok = s.Body[0].(uint32)
	}
	switch s.Name {
	case busName + ".ActionInvoked":
		if ok = ok && len(s.Body) > 1; ok {
			e.Key, ok = s.Body[1].(string)
		}
	case busName + ".NotificationClosed":
	default:
		return
	}
	if !ok {
		return
	}
	select {
	case c.events <- e:
	default:
	}
}

// Events yields what people do with messages, of all programs on some desktops. It is closed by Close.
func (c *Center) Events() <-chan Event { return c.events }

var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Show shows a message and gives its number; ErrNone where that is not possible.
func (c *Center) Show(ctx context.Context, n Note) (uint32, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	conn, err := c.connect(ctx)
	if err != nil {
		return 0, err
	}
	var actions []string
	if slices.Contains(c.offers, "actions") {
		for _, a := range n.Actions {
			actions = append(actions, a.Key, a.Label)
		}
	}
	body := n.Body
	if slices.Contains(c.offers, "body-markup") {
		body = markup.Replace(body)
	}
	hints := map[string]dbus.Variant{"desktop-entry": dbus.MakeVariant(c.app), "urgency": dbus.MakeVariant(byte(1))}
	var id uint32
	err = call(ctx, conn, "Notify", "Kontor", uint32(0), c.app, n.Title, body, actions, hints, int32(-1)).Store(&id)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrNone, err)
	}
	return id, nil
}

// Withdraw takes a message away again. One that is gone already is no error.
func (c *Center) Withdraw(ctx context.Context, id uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conn != nil && c.conn.Connected() {
		_ = call(ctx, c.conn, "CloseNotification", id).Err // it is gone, or the service is
	}
}

// Close ends the connection and Events.
func (c *Center) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	var err error
	if c.conn != nil {
		err = c.conn.Close()
	}
	c.signals.Wait()
	close(c.events)
	return err
}
