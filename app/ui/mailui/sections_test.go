// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"fmt"
	"slices"
	"testing"

	"kontor/app/mail"
)

// TestAnotherMailboxIsASection: its inbox is the folder of its own name, the others stand beside it, and what only holds
// them is left out. Its mail does not count in the places of all accounts.
func TestAnotherMailboxIsASection(t *testing.T) {
	own := func(id int64, name string, role mail.Role, unread int) mail.Folder {
		return mail.Folder{ID: id, AccountID: 1, Name: name, Delim: "/", Role: role, Selectable: true, Unread: unread}
	}
	in := func(id int64, name string, role mail.Role, unread int) mail.Folder {
		f := own(id, name, role, unread)
		f.Space, f.Owner, f.Box = mail.SpaceUsers, "bauamt", "shared/bauamt"
		return f
	}
	hollow := in(9, "shared", mail.RoleNone, 0)
	hollow.Owner, hollow.Box, hollow.Selectable = "shared", "shared", false
	rows := navRows([]mail.Folder{
		own(1, "INBOX", mail.RoleInbox, 2), own(2, "Sent", mail.RoleSent, 0), hollow,
		in(3, "shared/bauamt", mail.RoleInbox, 40), in(4, "shared/bauamt/Akten", mail.RoleNone, 1), in(5, "shared/bauamt/Akten/2026", mail.RoleNone, 0),
	}, []Account{{ID: 1, Title: "Amt"}}, navCounts{}, nil)
	var got []string
	for _, r := range rows[5:] {
		got = append(got, fmt.Sprint(r.Header, r.Depth, r.Folder.ID))
	}
	want := []string{"true 0 0", "false 0 1", "false 0 2", "true 0 0", "false 0 3", "false 0 4", "false 1 5"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if rows[1].Count != 2 {
		t.Errorf("%d unread in all inboxes", rows[1].Count)
	}
}
