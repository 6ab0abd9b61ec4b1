// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"kontor/app/tasks"
)

// TestTasksTogetherAsOneByOne: whatever comes in, known or not, twice or without a task, storing it together leaves the same
// as storing one after another.
func TestTasksTogetherAsOneByOne(t *testing.T) {
	ctx := context.Background()
	db, err := Open(ctx, filepath.Join(t.TempDir(), "kontor.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	rapid.Check(t, func(t *rapid.T) {
		portion := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) FetchedTask {
			name := fmt.Sprintf("t%d.ics", rapid.IntRange(0, 70).Draw(t, "name"))
			title := fmt.Sprintf("SUMMARY:%d", rapid.IntRange(0, 5).Draw(t, "title"))
			return FetchTask(name, rapid.SampledFrom([]string{`"1"`, `"2"`, ""}).Draw(t, "tag"), taskText(name, title))
		}), 0, 80)
		first, second := portion.Draw(t, "before"), portion.Draw(t, "then")
		err := db.Write(ctx, func(tx *Tx) error {
			account, err := tx.AddAccount(ctx, Account{Name: fmt.Sprint(rapid.Uint64().Draw(t, "account")), User: "u"})
			if err != nil {
				return err
			}
			var lists [2]int64
			for i := range lists {
				if lists[i], err = tx.AddTaskList(ctx, TaskList{List: tasks.List{AccountID: account}, Href: fmt.Sprint("/", i), OnServer: true}); err != nil {
					return err
				}
			}
			for _, some := range [][]FetchedTask{first, second} {
				if _, _, err := tx.StoreTasks(ctx, lists[0], some); err != nil {
					return err
				}
				for _, one := range some {
					if _, _, err := tx.StoreTask(ctx, lists[1], one.Name, one.ETag, one.Text); err != nil {
						return err
					}
				}
			}
			var held [2]string
			for i, list := range lists {
				err := tx.each(ctx, `SELECT name, etag, base, title, on_server, text FROM tasks WHERE remote_list = ? ORDER BY name`, []any{list}, func(scan func(...any) error) error {
					var row [6]string
					err := scan(&row[0], &row[1], &row[2], &row[3], &row[4], &row[5])
					held[i] += fmt.Sprintf("%q\n", row)
					return err
				})
				if err != nil {
					return err
				}
			}
			if held[0] != held[1] {
				t.Fatalf("together\n%s\none by one\n%s", held[0], held[1])
			}
			_, err = tx.exec(ctx, `DELETE FROM accounts WHERE id = ?`, account)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
