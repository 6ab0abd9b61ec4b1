// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/mail"
)

// navRow is one line of the folder column: a heading or something that lists messages.
type navRow struct {
	Key       string // the same for the same place, whatever else changes
	Title     string
	Header    bool
	Icon      string
	Depth     int
	Count     int  // shown at the right, 0 for none
	Waiting   bool // Count is of messages that wait to be sent
	Parent    bool // has rows below it that can be folded away
	Collapsed bool
	Query     mail.Query
	Folder    mail.Folder // zero for the unified places
	Account   int64
}

// navCounts are the numbers of the unified section that no folder knows.
type navCounts struct{ flagged int }

// navRows arranges folders as the folder column shows them: the places of all accounts first, then each account's tree.
func navRows(folders []mail.Folder, accounts []Account, counts navCounts, collapsed map[int64]bool) []navRow {
	rows := unifiedRows(folders, counts)
	for _, a := range accounts {
		boxes := map[string][]mail.Folder{}
		var shared []mail.Folder // one of each mailbox that is not the account's own
		for _, f := range folders {
			hollow := f.Space != mail.SpaceOwn && f.Name == f.Box && !f.Selectable // it only has the name of a mailbox
			if f.AccountID != a.ID || f.Role == mail.RoleOutbox || hollow {
				continue
			}
			box := boxKey(f)
			if box != "" && boxes[box] == nil {
				shared = append(shared, f)
			}
			boxes[box] = append(boxes[box], f)
		}
		key := "account/" + strconv.FormatInt(a.ID, 10)
		rows = append(rows, navRow{Key: key, Title: a.Title, Header: true, Account: a.ID})
		rows = append(rows, accountRows(boxes[""], collapsed)...)
		order := app.NewDictionary()
		slices.SortStableFunc(shared, func(a, b mail.Folder) int { return order.Compare(a.Owner, b.Owner) })
		for _, f := range shared {
			rows = append(rows, navRow{Key: key + "/" + boxKey(f), Title: boxTitle(f), Header: true, Account: a.ID})
			rows = append(rows, accountRows(boxes[boxKey(f)], collapsed)...)
		}
	}
	return rows
}

// boxKey tells the mailboxes of an account apart; it is empty for the person's own.
func boxKey(f mail.Folder) string {
	if f.Space == mail.SpaceOwn {
		return ""
	}
	return string(f.Space) + "/" + f.Box
}

// boxTitle is the heading of a mailbox that is not the person's own.
func boxTitle(f mail.Folder) string {
	if f.Space == mail.SpaceUsers {
		return i18n.T("mailui.nav.of-user", "name", oneLine(f.Owner))
	}
	return i18n.T("mailui.nav.shared", "name", oneLine(f.Owner))
}

func unifiedRows(folders []mail.Folder, counts navCounts) []navRow {
	var unread, drafts, outbox int
	for _, f := range folders {
		if f.Space != mail.SpaceOwn {
			continue
		}
		switch f.Role {
		case mail.RoleInbox:
			unread += f.Unread
		case mail.RoleDrafts:
			drafts += f.Total
		case mail.RoleOutbox:
			outbox += f.Total
		}
	}
	return []navRow{
		{Key: "all", Title: i18n.T("mailui.nav.all"), Header: true},
		{Key: "all/inbox", Title: roleTitle(mail.RoleInbox), Icon: "inbox", Count: unread, Query: mail.Query{Role: mail.RoleInbox}},
		{Key: "all/flagged", Title: i18n.T("mailui.folder.flagged"), Icon: "star", Count: counts.flagged, Query: mail.Query{Flagged: true}},
		{Key: "all/drafts", Title: roleTitle(mail.RoleDrafts), Icon: "pen", Count: drafts, Query: mail.Query{Role: mail.RoleDrafts}},
		{Key: "all/outbox", Title: roleTitle(mail.RoleOutbox), Icon: "send", Count: outbox, Waiting: true, Query: mail.Query{Role: mail.RoleOutbox}},
	}
}

// roleIcons names the symbol of each kind of folder.
var roleIcons = map[mail.Role]string{
	mail.RoleInbox: "inbox", mail.RoleDrafts: "pen", mail.RoleSent: "send", mail.RoleArchive: "archive",
	mail.RoleJunk: "spam", mail.RoleTrash: "trash", mail.RoleOutbox: "send", mail.RoleFlagged: "star",
}

// roleTitle names a folder with a role in the language in use, whatever the server calls it.
func roleTitle(r mail.Role) string { return i18n.T("mailui.folder." + string(r)) }

// folderTitle gives the words for a folder: its role, or the last level of its name.
func folderTitle(f mail.Folder) string {
	if _, ok := roleIcons[f.Role]; ok {
		return roleTitle(f.Role)
	}
	return f.Leaf()
}

func folderIcon(f mail.Folder) string {
	if icon, ok := roleIcons[f.Role]; ok {
		return icon
	}
	return "folder"
}

// roleRank puts the folders with a role before and behind a person's own ones.
var roleRank = map[mail.Role]int{
	mail.RoleInbox: 0, mail.RoleDrafts: 1, mail.RoleSent: 2, mail.RoleNone: 5, mail.RoleFlagged: 6, mail.RoleAll: 6,
	mail.RoleArchive: 7, mail.RoleJunk: 8, mail.RoleTrash: 9,
}

// folderNode is a folder with those right below it.
type folderNode struct {
	folder mail.Folder
	title  string
	below  []*folderNode
}

// accountRows lays out the tree of one account, depth first.
func accountRows(folders []mail.Folder, collapsed map[int64]bool) []navRow {
	var rows []navRow
	var walk func(nodes []*folderNode, depth int)
	walk = func(nodes []*folderNode, depth int) {
		for _, n := range nodes {
			f := n.folder
			row := navRow{
				Key: "folder/" + strconv.FormatInt(f.ID, 10), Title: n.title, Icon: folderIcon(f), Depth: depth, Count: f.Unread,
				Parent: len(n.below) > 0, Collapsed: collapsed[f.ID], Query: mail.Query{FolderID: f.ID}, Folder: f, Account: f.AccountID,
			}
			switch {
			case f.Role == mail.RoleDrafts:
				row.Count = f.Total
			case f.Role == mail.RoleSent || f.Role == mail.RoleTrash:
				row.Count = 0
			case row.Parent && row.Collapsed:
				row.Count += unreadBelow(n.below)
			}
			rows = append(rows, row)
			if !row.Collapsed {
				walk(n.below, depth+1)
			}
		}
	}
	walk(folderTree(folders), 0)
	return rows
}

func unreadBelow(nodes []*folderNode) int {
	n := 0
	for _, node := range nodes {
		n += node.folder.Unread + unreadBelow(node.below)
	}
	return n
}

// folderTree hangs every folder below its nearest ancestor that exists. Folders with a role stand at the top, and so do
// all others where the server puts everything below INBOX (a personal namespace, RFC 2342).
func folderTree(folders []mail.Folder) []*folderNode {
	nodes := make([]*folderNode, 0, len(folders))
	byName := make(map[string]*folderNode, len(folders))
	everyBelowInbox := everythingBelowInbox(folders)
	for _, f := range folders {
		n := &folderNode{folder: f, title: folderTitle(f)}
		nodes = append(nodes, n)
		if !(everyBelowInbox && f.Role == mail.RoleInbox) && (f.Space == mail.SpaceOwn || f.Name != f.Box) {
			byName[f.Name] = n
		}
	}
	var top []*folderNode
	for _, n := range nodes {
		if up := ancestorOf(n.folder, byName); up != nil && n.folder.Role == mail.RoleNone {
			up.below = append(up.below, n)
		} else {
			top = append(top, n)
		}
	}
	sortFolders(top)
	for _, n := range nodes {
		sortFolders(n.below)
	}
	return top
}

func everythingBelowInbox(folders []mail.Folder) bool {
	for _, f := range folders {
		if f.Role != mail.RoleInbox && (f.Delim == "" || !strings.HasPrefix(strings.ToUpper(f.Name), "INBOX"+f.Delim)) {
			return false
		}
	}
	return true
}

func ancestorOf(f mail.Folder, byName map[string]*folderNode) *folderNode {
	if f.Delim == "" {
		return nil
	}
	for name := f.Name; ; {
		i := strings.LastIndex(name, f.Delim)
		if i <= 0 {
			return nil
		}
		name = name[:i]
		if up := byName[name]; up != nil && up.folder.ID != f.ID {
			return up
		}
	}
}

func sortFolders(nodes []*folderNode) {
	order := app.NewDictionary()
	slices.SortStableFunc(nodes, func(a, b *folderNode) int {
		return cmp.Or(cmp.Compare(roleRank[a.folder.Role], roleRank[b.folder.Role]), order.Compare(a.title, b.title))
	})
}

// folderPath writes where a folder lies: its account's title and its levels.
func folderPath(f mail.Folder, accounts []Account) string {
	path := strings.Join(levelsOf(f), " › ")
	if _, ok := roleIcons[f.Role]; ok {
		path = roleTitle(f.Role)
	}
	if f.Space != mail.SpaceOwn {
		path = oneLine(f.Owner) + " › " + folderTitle(f)
	}
	if len(accounts) < 2 {
		return path
	}
	for _, a := range accounts {
		if a.ID == f.AccountID {
			return a.Title + " › " + path
		}
	}
	return path
}

func levelsOf(f mail.Folder) []string {
	if f.Delim == "" {
		return []string{f.Name}
	}
	return strings.Split(f.Name, f.Delim)
}
