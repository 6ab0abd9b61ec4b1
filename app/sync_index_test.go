// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"fmt"
	"testing"

	"kontor/app/tasks"
	"kontor/storage"
)

// TestSyncIndexesWhatIsLittle: what a usual synchronisation brings is found when it ends, a first one does not wait for that.
func TestSyncIndexesWhatIsLittle(t *testing.T) {
	ctx := context.Background()
	core, err := OpenThrowaway(ctx, t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := core.Close(); err != nil {
			t.Error(err)
		}
	}()
	var list int64
	arrive := func(from, to int) {
		t.Helper()
		fetched := make([]storage.FetchedTask, 0, to-from)
		for i := from; i < to; i++ {
			text := fmt.Sprintf("BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:%d\r\nSUMMARY:Deichschau\r\nEND:VTODO\r\nEND:VCALENDAR\r\n", i)
			fetched = append(fetched, storage.FetchTask(fmt.Sprint(i), "", text))
		}
		err := core.DB.Write(ctx, func(tx *storage.Tx) (err error) {
			if list == 0 {
				account, err := tx.AddAccount(ctx, storage.Account{Name: "a", User: "u"})
				if err != nil {
					return err
				}
				if list, err = tx.AddTaskList(ctx, storage.TaskList{List: tasks.List{AccountID: account}, Href: "/l/", OnServer: true}); err != nil {
					return err
				}
			}
			_, _, err = tx.StoreTasks(ctx, list, fetched)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	arrive(0, 200)
	if _, err := core.Sync(ctx, SyncOptions{}); err != nil {
		t.Fatal(err)
	}
	if n, err := core.Search.Behind(ctx); n != 0 || err != nil {
		t.Errorf("%d of few are not found, %v", n, err)
	}
	arrive(200, 200+2*indexMost)
	if _, err := core.Sync(ctx, SyncOptions{}); err != nil {
		t.Fatal(err)
	}
	if n, err := core.Search.Behind(ctx); n <= indexMost || err != nil {
		t.Errorf("waited for the index of a first synchronisation: %d are left, %v", n, err)
	}
	if err := core.Search.Finish(ctx, func(int) {}); err != nil {
		t.Fatal(err)
	}
	if found, err := core.Search.Find(ctx, "Deichschau", []string{"tasks"}, 1); len(found) != 1 || err != nil {
		t.Errorf("%v, %v", found, err)
	}
}
