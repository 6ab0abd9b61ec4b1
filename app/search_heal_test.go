// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"database/sql" //nolint:depguard // to damage a store takes a way around it
	"errors"
	"testing"

	"kontor/app/i18n"
	"kontor/app/mail"
)

// A damaged index heals: the search that meets the damage finds nothing in texts, the next one after indexing all again.
// Nobody is told that the store is damaged, for it is not.
func TestDamagedIndexHeals(t *testing.T) {
	ctx := context.Background()
	b := newMailBox(t)
	b.receive(t, b.inbox, 1, monday, letter(t, "Alt", "Die Straße wird gesperrt.", "anna@amt.example"), letter(t, "Neu", "Wasser wird abgestellt.", "rat@amt.example"))
	lists := map[string]func(*Search) (int, error){
		"the search": func(s *Search) (int, error) {
			found, err := s.Find(ctx, "gesperrt ", nil, 20)
			return len(found), err
		},
		"a list": func(s *Search) (int, error) {
			found, err := s.MailList(ctx, mail.Query{Text: "gesperrt "}, 0, 20)
			return len(found), err
		},
	}
	for name, look := range lists {
		t.Run(name, func(t *testing.T) {
			s := NewSearch(b.db)
			if _, err := s.Index(ctx); err != nil {
				t.Fatal(err)
			}
			raw, err := sql.Open("sqlite3", b.db.Path())
			if err == nil {
				_, err = raw.ExecContext(ctx, `UPDATE search_texts_data SET block = x'deadbeef' WHERE id > 10`)
			}
			if err := errors.Join(err, raw.Close()); err != nil {
				t.Fatal(err)
			}
			if title, _ := Explain(b.db.CheckPages(ctx)); title != i18n.T("app.error.invariant.title") {
				t.Errorf("said of the damage: %s", title)
			}
			if n, err := look(s); err != nil || n != 0 {
				t.Errorf("%d found, %v", n, err)
			}
			if behind, err := s.Behind(ctx); err != nil || behind < 2 {
				t.Errorf("%d rows are to be indexed again, %v", behind, err)
			}
			if _, err := s.Index(ctx); err != nil {
				t.Fatal(err)
			}
			if n, err := look(s); err != nil || n != 1 {
				t.Errorf("%d found, %v", n, err)
			}
		})
	}
}
