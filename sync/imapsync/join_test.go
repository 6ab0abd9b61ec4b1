// SPDX-License-Identifier: EUPL-1.2

package imapsync

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"kontor/app/journal"
	"kontor/app/mail"
	"kontor/sync/engine"
)

// TestReadingOneMailAfterTheOtherIsOneStore: what was marked one by one while there was no network goes out together,
// and a move in between keeps its place.
func TestReadingOneMailAfterTheOtherIsOneStore(t *testing.T) {
	var w Worker
	var pending []journal.Op
	note := func(kind journal.Kind, row int64, payload any) {
		data, err := json.Marshal(payload)
		if err != nil {
			t.Fatal(err)
		}
		pending = append(pending, journal.Op{
			ID: int64(len(pending) + 1), Kind: kind, State: journal.Waiting, Payload: data,
			Targets: []journal.Target{{Table: "messages", ID: row}},
		})
	}
	for row := range int64(30) {
		note(journal.MailFlags, row, mail.FlagsOp{IDs: []int64{row}, Add: mail.Seen})
	}
	note(journal.MailMove, 3, mail.MoveOp{IDs: []int64{3}, To: 9})
	note(journal.MailFlags, 3, mail.FlagsOp{IDs: []int64{3}, Remove: mail.Seen})
	note(journal.MailFlags, 4, mail.FlagsOp{IDs: []int64{4}, Remove: mail.Seen})
	trains := engine.Pick(pending, []journal.Kind{journal.MailFlags, journal.MailMove}, 9, time.Now(), nil, w.Join)
	if len(trains) != 1 {
		t.Fatalf("%d trains: the move must wait for the flag, and what comes after it for the move", len(trains))
	}
	var both mail.FlagsOp
	if err := json.Unmarshal(trains[0].As.Payload, &both); err != nil {
		t.Fatal(err)
	}
	if len(both.IDs) != 30 || both.Add != mail.Seen || both.Remove != 0 || !slices.Contains(both.IDs, 29) {
		t.Errorf("%+v", both)
	}
}
