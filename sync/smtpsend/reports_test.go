// SPDX-License-Identifier: EUPL-1.2

package smtpsend

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/storage"
)

// TestReportsThatNobodySends: where reports were asked for and the server offers none, the message goes without, and that is
// noted with the operation. What the server can do is remembered for the next message, also when that changes.
func TestReportsThatNobodySends(t *testing.T) {
	ctx := context.Background()
	p := newPost(t)
	mute := []string{"PIPELINING", "SIZE 1000"}
	for name, c := range map[string]struct {
		ext    []string
		notify string
		silent bool
		knows  string
	}{
		"offered":       {usual, mail.NotifyAll, false, "1"},
		"not offered":   {mute, mail.NotifyAll, true, "0"},
		"not asked for": {mute, "", false, "0"},
	} {
		t.Run(name, func(t *testing.T) {
			db := openStore(t, storePath(t))
			p.reset(c.ext, nil)
			account, op := queue(t, db, p.account(), raw, "b@amt.example")
			var s mail.SendOp
			change := func(tx *storage.Tx) error {
				err := json.Unmarshal(op.Payload, &s)
				if err != nil {
					return err
				}
				s.Notify = c.notify
				if op.Payload, err = json.Marshal(s); err != nil {
					return err
				}
				return tx.SaveOp(ctx, op)
			}
			if err := db.WriteDurable(ctx, change); err != nil {
				t.Fatal(err)
			}
			w := newWorker(db, account)
			after, err := runOnce(t, db, w, account.ID, op.ID)
			if err != nil || after.State != journal.Done {
				t.Fatalf("%+v %v", after, err)
			}
			if err := json.Unmarshal(after.Payload, &s); err != nil || s.Silent != c.silent || strings.Join(s.To, " ") != "b@amt.example" {
				t.Errorf("%+v %v", s, err)
			}
			_, lines, _ := p.got()
			if asked := strings.Contains(strings.Join(lines, "\n"), "NOTIFY="); asked != (c.notify != "" && !c.silent) {
				t.Errorf("%q", lines)
			}
			knows := func() string { v, _ := db.Setting(ctx, ReportsSetting(account.ID), ""); return v }
			if knows() != c.knows {
				t.Errorf("remembers %q", knows())
			}
			for _, other := range []struct {
				ext  []string
				want string
			}{{mute, "0"}, {usual, "1"}} {
				p.reset(other.ext, nil)
				if err := w.Check(ctx); err != nil || knows() != other.want {
					t.Errorf("remembers %q, not %q, %v", knows(), other.want, err)
				}
			}
		})
	}
}
