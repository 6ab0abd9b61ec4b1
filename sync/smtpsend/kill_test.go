// SPDX-License-Identifier: EUPL-1.2

package smtpsend

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"testing"

	"kontor/app/journal"
	"kontor/storage"
	"kontor/sync/engine"
	"kontor/sync/servertest"
)

// sender is the other process: it opens the store, looks for what a crash left, and carries out what is due.
func sender(path string) int {
	ctx := context.Background()
	db, err := storage.Open(ctx, path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	accounts, err := db.Accounts(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	e := engine.New(db, slog.New(slog.DiscardHandler))
	e.Add(accounts[0].ID, newWorker(db, accounts[0]))
	if err := errors.Join(e.Recover(ctx), e.RunOnce(ctx, nil), db.Close()); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return 0
}

// runSender starts the other process and waits for it; whether it was killed is of no interest.
func runSender(t *testing.T, path string, started func(*os.Process)) {
	t.Helper()
	servertest.Again(t, "KONTOR_TEST_SENDER="+path, started)
}

// The program is killed at each step of the conversation. Before the final dot the next start sends the message; after it
// there is doubt and a person is asked. It never goes out twice, and is never lost.
func TestKilledAtEachStepSendsOnce(t *testing.T) {
	for _, step := range []servertest.Step{
		servertest.StepConnect, servertest.StepAuth, servertest.StepMail, servertest.StepRcpt, servertest.StepData, servertest.StepDot, servertest.StepReply,
	} {
		t.Run(string(step), func(t *testing.T) {
			server := servertest.FaultSMTP(t)
			path := storePath(t)
			db := openStore(t, path)
			_, op := queue(t, db, accountOf(t, server), raw, "berta@amt.example")

			process, dead := make(chan *os.Process, 1), make(chan struct{})
			server.FailOnce(step, servertest.Fault{After: func() {
				if err := (<-process).Kill(); err != nil {
					t.Error(err)
				}
				<-dead
			}})
			runSender(t, path, func(p *os.Process) { process <- p })
			close(dead)

			after, err := db.Op(context.Background(), op.ID)
			if err != nil || after.State != journal.Running {
				t.Fatalf("the killed program left %q, %v", after.State, err)
			}
			for range 3 {
				runSender(t, path, func(*os.Process) {})
			}
			after, err = db.Op(context.Background(), op.ID)
			if err != nil {
				t.Fatal(err)
			}
			doubt := step == servertest.StepDot || step == servertest.StepReply
			switch n := len(server.Deliveries()); {
			case n > 1:
				t.Errorf("sent %d times", n)
			case doubt && (after.State != journal.Failed || after.LastError != ErrDoubt.Error()):
				t.Errorf("%q (%s) after %d deliveries: a person should be asked", after.State, after.LastError, n)
			case !doubt && (after.State != journal.Done || n != 1):
				t.Errorf("%q (%s) after %d deliveries: it should have been sent", after.State, after.LastError, n)
			}
		})
	}
}

// The same, while one recipient is refused and one is to be tried later: whoever was taken gets the message once, the late
// one gets it later, once, and nobody is forgotten.
func TestKilledWithSomeRefused(t *testing.T) {
	to := []string{"gut@a.example", "spaet@a.example", "nie@a.example"}
	for _, at := range []string{"RCPT TO:<nie@", "DATA", "."} {
		t.Run(at, func(t *testing.T) {
			server := newPost(t)
			path := storePath(t)
			db := openStore(t, path)
			_, op := queue(t, db, server.account(), raw, to...)
			server.reset(usual, map[string]string{"RCPT TO:<spaet@": "450 4.2.0 later", "RCPT TO:<nie@": "550 5.1.1 unknown"})
			process, dead := make(chan *os.Process, 1), make(chan struct{})
			server.at(at, func() {
				if err := (<-process).Kill(); err != nil {
					t.Error(err)
				}
				<-dead
			})
			runSender(t, path, func(p *os.Process) { process <- p })
			close(dead)
			for range 3 {
				runSender(t, path, func(*os.Process) {})
			}
			server.reset2()
			for range 2 {
				runSender(t, path, func(*os.Process) {})
			}
			got, _, _ := server.got()
			states := map[string]journal.State{}
			for _, o := range story(t, db, op.ID) {
				for _, addr := range sendOpOf(t, o).To {
					if states[addr] != "" {
						t.Errorf("%s is in two operations", addr)
					}
					states[addr] = o.State
				}
			}
			for _, addr := range to {
				n, state := got[addr], states[addr]
				if n > 1 || state == "" || state == journal.Done && n != 1 || state != journal.Done && state != journal.Failed {
					t.Errorf("%s: delivered %d times, %q", addr, n, state)
				}
			}
			if at != "." && (got[to[0]] != 1 || got[to[1]] != 1 || states[to[2]] != journal.Failed) {
				t.Errorf("delivered %v, %v", got, states)
			}
		})
	}
}
