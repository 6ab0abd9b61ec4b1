// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestEntriesAddedTogetherFindTheirFolder: what is known of the folder of the entry before is used only as long as it is true,
// whatever is written in between.
func TestEntriesAddedTogetherFindTheirFolder(t *testing.T) {
	db := openTemp(t)
	ctx := t.Context()
	var account int64
	if err := db.Write(ctx, func(tx *Tx) (err error) {
		account, err = tx.AddAccount(ctx, Account{Name: "A"})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		err := db.Write(ctx, func(tx *Tx) error {
			folders := []string{""}
			for i := range rapid.IntRange(1, 25).Draw(t, "steps") {
				folder := rapid.SampledFrom(folders).Draw(t, "folder")
				var err error
				switch rapid.IntRange(0, 9).Draw(t, "step") {
				case 0:
					err = tx.PinFile(ctx, account, folder, rapid.Bool().Draw(t, "pinned"))
				case 1:
					err = moveAway(ctx, tx, account, &folders, folder, fmt.Sprint("moved", i))
				default:
					f := FileRow{AccountID: account, Path: fmt.Sprint(i), Dir: rapid.Bool().Draw(t, "dir"), Pinned: rapid.IntRange(0, 9).Draw(t, "pin") == 0}
					if folder != "" {
						f.Path = folder + "/" + f.Path
					}
					if f.Dir {
						folders = append(folders, f.Path)
					}
					_, err = tx.AddFile(ctx, f)
				}
				if err != nil {
					return err
				}
			}
			return allInPlace(ctx, tx, account)
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// moveAway moves a folder with everything in it to the top.
func moveAway(ctx context.Context, tx *Tx, account int64, folders *[]string, folder, to string) error {
	if folder == "" {
		return nil
	}
	row, err := tx.FileByPath(ctx, account, folder)
	if err != nil {
		return err
	}
	*folders = []string{"", to}
	return tx.RelocateFile(ctx, row, to)
}

// allInPlace derives everything anew and compares. It leaves nothing behind.
func allInPlace(ctx context.Context, tx *Tx, account int64) error {
	rows, err := tx.AllFiles(ctx, account)
	for i := 0; i < len(rows) && err == nil; i++ {
		want := rows[i]
		if err = tx.place(ctx, &want); err == nil && (want.ParentID != rows[i].ParentID || want.Kept != rows[i].Kept || want.Name != rows[i].Name) {
			err = fmt.Errorf("%s lies in %d and is kept: %v; want %d, %v", want.Path, rows[i].ParentID, rows[i].Kept, want.ParentID, want.Kept)
		}
	}
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `DELETE FROM files WHERE account_id = ?`, account)
	return err
}
