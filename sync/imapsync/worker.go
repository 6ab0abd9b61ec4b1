// SPDX-License-Identifier: EUPL-1.2

// Package imapsync keeps the local store and an IMAP server (RFC 9051, RFC 3501) in step: headers newest first, then
// octets in the background, flags and folders both ways. It reads responses with its own tolerant reader, because one
// odd answer of a server must not end a synchronisation, and every step can be cut off and repeated.
package imapsync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
	"kontor/sync/reconcile"
	"kontor/sync/transport"
)

// probeAfter is how long a connection may rest before it is tried with NOOP.
const probeAfter = 5 * time.Second

// Config is what a Worker is made with.
type Config struct {
	DB      *storage.DB
	Account storage.Account
	Secret  func(context.Context) (string, error)
	Log     *slog.Logger
	// Progress, if set, hears how many messages of how many are complete while octets are fetched.
	Progress func(done, total int)
	// HeadersOnly leaves out the octets of messages.
	HeadersOnly bool
}

// Report is what a Worker did since it was made.
type Report struct {
	Folders int   `json:"folders"`
	New     int   `json:"new"`
	Changed int   `json:"changed"`
	Gone    int   `json:"gone"`
	Bodies  int   `json:"bodies"`
	Bytes   int64 `json:"bytes"`
	Odd     int   `json:"odd"` // answers of the server that were passed over
}

// Worker synchronises the mail of one account. Pull, Watch and Push may run at the same time.
type Worker struct {
	cfg     Config
	db      *storage.DB
	account int64
	log     *slog.Logger
	count   transport.Counter
	odd     atomic.Int64
	noted   atomic.Int64 // of odd, see noteSkipped
	turns   atomic.Int64

	mu    sync.Mutex
	rest  []*client
	names map[string]string // folder names that are not what encodeName gives
	read  bool              // names has been filled
	shut  map[int64]bool    // folders that could not be read since noteSkipped

	spaces []mail.Namespace
	rights known

	wanted map[int64]bool // messages that are being fetched out of turn
	trip   time.Duration  // of the connection that was used last
	quiet  chan struct{}  // see hold

	watched atomic.Pointer[func()]
	hinted  atomic.Bool

	folders, added, changed, gone, bodies atomic.Int64

	idle     time.Duration // see options; set by tests
	patience time.Duration // see waitsForSignIn
}

// New makes a Worker. It connects when it is first used.
func New(cfg Config) *Worker {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Worker{cfg: cfg, db: cfg.DB, account: cfg.Account.ID, log: cfg.Log, names: map[string]string{}, shut: map[int64]bool{}, wanted: map[int64]bool{}, quiet: make(chan struct{}, 1), patience: waitsForSignIn}
}

// Protocol is part of engine.Worker.
func (w *Worker) Protocol() string { return "mail" }

// Parallel is part of engine.Worker. Operations are cheap on the server and run one after the other.
func (w *Worker) Parallel() int { return 1 }

// Kinds is part of engine.Worker.
func (w *Worker) Kinds() []journal.Kind {
	return []journal.Kind{
		journal.MailFlags, journal.MailMove, journal.MailCopy, journal.MailDelete, journal.MailAppend,
		journal.MailFolderCreate, journal.MailFolderRename, journal.MailFolderDelete, journal.MailSubscribe,
	}
}

// Report tells what was done since the Worker was made.
func (w *Worker) Report() Report {
	return Report{
		Folders: int(w.folders.Load()), New: int(w.added.Load()), Changed: int(w.changed.Load()), Gone: int(w.gone.Load()),
		Bodies: int(w.bodies.Load()), Bytes: w.count.Read.Load() + w.count.Written.Load(), Odd: int(w.odd.Load()),
	}
}

// Close is part of engine.Worker.
func (w *Worker) Close() error {
	w.mu.Lock()
	rest := w.rest
	w.rest = nil
	w.mu.Unlock()
	var errs []error
	for _, c := range rest {
		errs = append(errs, c.close())
	}
	return errors.Join(errs...)
}

// with runs fn on a connection that breaks when ctx ends.
func (w *Worker) with(ctx context.Context, fn func(*client) error) error {
	return w.using(ctx, w.acquire, fn)
}

func (w *Worker) using(ctx context.Context, acquire func(context.Context) (*client, error), fn func(*client) error) error {
	c, err := acquire(ctx)
	if err != nil {
		return err
	}
	release := c.bind(ctx)
	err = fn(c)
	release()
	w.release(c, err)
	if ctx.Err() != nil && err != nil {
		return ctx.Err()
	}
	return err
}

// repeatable is with for what begins with a list of all folders and may be done twice: a connection that had rested and
// breaks is replaced once. Servers end those whose folder another program has removed.
func (w *Worker) repeatable(ctx context.Context, fn func(*client) error) error {
	rested := false
	err := w.using(ctx, func(ctx context.Context) (*client, error) {
		if c := w.rested(); c != nil {
			rested = true
			return c, nil
		}
		return w.dial(ctx, true)
	}, fn)
	if rested && ctx.Err() == nil && transport.IsConnectionError(err) {
		err = w.using(ctx, func(ctx context.Context) (*client, error) { return w.dial(ctx, true) }, fn)
	}
	return err
}

// rested gives a connection that rests, or nil.
func (w *Worker) rested() *client {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(w.rest)
	if n == 0 {
		return nil
	}
	c := w.rest[n-1]
	w.rest = w.rest[:n-1]
	return c
}

// acquire gives a connection that rests, once it has proved to be alive, or a new one.
func (w *Worker) acquire(ctx context.Context) (*client, error) {
	for {
		c := w.rested()
		if c == nil {
			return w.dial(ctx, false)
		}
		if time.Since(c.used) < probeAfter {
			return c, nil
		}
		release := c.bind(ctx)
		_, err := c.run("NOOP")
		release()
		if err == nil {
			return c, nil
		}
		_ = c.conn.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
}

// settingCaps is the setting that keeps what the server of an account could do.
const settingCaps = "imap.capabilities."

// dial connects and signs in. What the server could do last time saves turns: what it most likely can do again is asked
// for together with signing in, with listing the list of folders too.
func (w *Worker) dial(ctx context.Context, listing bool) (*client, error) {
	secret, late := w.secretSoon(ctx)
	policy, err := w.db.Setting(ctx, transport.SettingSASL, "")
	if err != nil {
		return nil, err
	}
	key := settingCaps + strconv.FormatInt(w.account, 10)
	known, err := w.db.Setting(ctx, key, "")
	if err != nil {
		return nil, err
	}
	o := options{
		url: w.cfg.Account.IMAPURL, caPEM: w.cfg.Account.CAPEM, user: w.cfg.Account.User, secret: secret, sasl: policy,
		log: w.log, count: &w.count, odd: &w.odd, turns: &w.turns, known: known, listing: listing, idle: w.idle,
	}
	c, err := dial(ctx, o)
	if transport.IsConnectionError(err) && late.Load() && ctx.Err() == nil {
		c, err = dial(ctx, o) // the server did not wait until a person had been asked
	}
	now := known
	switch {
	case errors.Is(err, errSecret):
		return nil, err
	case err == nil:
		now = strings.Join(slices.Sorted(maps.Keys(c.caps)), " ")
	case refused(err):
		now = "" // perhaps it did not like what came together
	}
	if now != known && ctx.Err() == nil {
		if err := w.db.Write(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, key, now) }); err != nil {
			w.log.Warn("what the server can do could not be stored", slog.Any("error", err))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errConnect, err)
	}
	return c, nil
}

// waitsForSignIn is for how long any server lets a client wait that has connected and not signed in.
const waitsForSignIn = 10 * time.Second

// secretSoon begins to fetch the secret, which may take as long as connecting does: a passphrase costs the processor a
// while on purpose. The function waits for it; late is set where it took so long that the server may have lost patience.
func (w *Worker) secretSoon(ctx context.Context) (wait func() (string, error), late *atomic.Bool) {
	late = &atomic.Bool{}
	wait = sync.OnceValues(func() (string, error) {
		started := time.Now()
		secret, err := w.cfg.Secret(ctx)
		if err != nil {
			err = fmt.Errorf("%w: %w", errSecret, err)
		}
		late.Store(time.Since(started) > w.patience)
		return secret, err
	})
	go func() { _, _ = wait() }() // who waits hears of the error
	return wait, late
}

// lines is what is known of the way to the server.
func (w *Worker) lines() reconcile.MailLine {
	w.mu.Lock()
	defer w.mu.Unlock()
	return reconcile.MailLine{RoundTrip: w.trip}
}

// errSecret is that nobody knows the secret to sign in with.
var errSecret = errors.New("sign in to the mail server")

// errConnect is an attempt that ended before anything was asked of the server.
var errConnect = errors.New("connect to the mail server")

// release lets a connection rest. After an error that is not the server's refusal it is of no more use; those that rest
// most likely broke with it, so they have to prove that they are alive before they are used.
func (w *Worker) release(c *client, err error) {
	c.on, c.ahead = handlers{}, nil
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trip = c.line.trip
	if err != nil && !refused(err) || len(c.pending) > 0 {
		_ = c.conn.Close()
		for _, other := range w.rest {
			other.used = time.Time{}
		}
		return
	}
	w.rest = append(w.rest, c)
}

// Test signs in and lists the folders: whether the account can be used at all.
func (w *Worker) Test(ctx context.Context) error {
	return w.with(ctx, func(c *client) error {
		_, err := c.listBoxes()
		return err
	})
}

// knownName gives what a folder is called on the wire, as far as that is known.
func (w *Worker) knownName(remote string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if raw, ok := w.names[remote]; ok {
		return raw
	}
	return encodeName(remote)
}

// wireName gives what a folder is called on the wire.
func (w *Worker) wireName(ctx context.Context, c *client, remote string) (string, error) {
	w.mu.Lock()
	raw, ok := w.names[remote]
	read := w.read
	w.mu.Unlock()
	if ok {
		return raw, nil
	}
	if read || isQuotable(remote) {
		return encodeName(remote), nil
	}
	list, err := c.listBoxes()
	if err != nil {
		return "", err
	}
	w.keepNames(list.boxes)
	return w.wireName(ctx, c, remote)
}

func (w *Worker) keepNames(boxes []remoteBox) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.read = true
	clear(w.names)
	for _, b := range boxes {
		if !b.exact {
			w.names[b.name] = b.raw
		}
	}
}

// Watch is part of engine.Watcher: it passes every change on, of all folders where the server can tell (RFC 5465), else of
// INBOX.
func (w *Worker) Watch(ctx context.Context, changed func()) error {
	w.watched.Store(&changed)
	defer w.watched.Store(nil)
	c, err := w.dial(ctx, false)
	if err != nil {
		return err
	}
	defer c.bind(ctx)()
	defer func() { _ = c.close() }()
	if !c.has("IDLE") {
		<-ctx.Done()
		return ctx.Err()
	}
	if err := c.subscribe(); err != nil {
		return err
	}
	hint := func() {
		w.hinted.Store(true)
		changed()
	}
	hint() // what came while nobody watched is not announced
	for ctx.Err() == nil {
		err := c.idle(ctx, idleSpan, hint)
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// subscribe asks to hear of every folder, without one being open; where that is not to be had it opens INBOX.
func (c *client) subscribe() error {
	if c.has("NOTIFY") {
		_, err := c.run("NOTIFY SET (personal (MessageNew MessageExpunge FlagChange))")
		if err == nil || !refused(err) {
			return err
		}
	}
	return c.selectBox("INBOX", false)
}

// idleSpan is how long one IDLE lasts: a dead line is found out after that, and servers end it after 30 minutes.
const idleSpan = 9 * time.Minute
