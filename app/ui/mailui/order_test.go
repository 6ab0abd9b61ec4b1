// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"slices"
	"strings"
	"testing"

	"kontor/app/i18n"
	"kontor/app/mail"
)

// subjects are the rows of the list.
func (w *town) subjects() []string {
	var all []string
	for i := range w.page.list.rows.Count() {
		if item, ok := w.page.list.rows.At(i); ok {
			all = append(all, item.Subject)
		}
	}
	return all
}

// sort chooses a line of the list's menu.
func (w *town) sort(line string) {
	w.T.Helper()
	w.page.listMenu()
	w.Settle()
	w.Click(line)
}

// TestAListIsSorted by what the menu says; each folder keeps its own order, also after a new start, and what comes in
// takes its place in it.
func TestAListIsSorted(t *testing.T) {
	w := newTown(t)
	inbox := w.place(mail.RoleInbox, "")
	newest := w.subjects()
	w.sort("Betreff A–Z")
	sorted := w.subjects()
	w.MustSay("Betreff A–Z")
	if len(sorted) != len(newest) || slices.Equal(sorted, newest) || !strings.HasPrefix(sorted[0], "A") && !strings.HasPrefix(sorted[0], "E") {
		t.Fatalf("%q", sorted)
	}
	w.sort("Reihenfolge umkehren")
	w.MustSay("Betreff Z–A")
	if turned := w.subjects(); turned[0] != sorted[len(sorted)-1] {
		t.Errorf("begins with %q, ended with %q", turned[0], sorted[len(sorted)-1])
	}
	w.place(mail.RoleSent, "")
	w.MustSay("Neueste zuerst")
	w.page.listMenu()
	w.Settle()
	w.MustSay("Empfänger A–Z")
	w.MustNotSay("Absender A–Z")
	w.Escape()

	w.show()
	w.place(mail.RoleInbox, "")
	w.MustSay("Betreff Z–A")
	_, err := w.core.Mail.ImportNew(w.ctx(), inbox.ID, strings.NewReader("From: a@stadt.example\r\nSubject: Zzz zuletzt\r\nMessage-ID: <zzz@x>\r\n\r\nx"), false)
	w.core.Must(err)
	w.Settle()
	if got := w.subjects(); got[0] != "Zzz zuletzt" {
		t.Errorf("begins with %q", got[0])
	}
	w.sort("Neueste zuerst")
	if got := w.subjects(); !slices.Equal(got[len(got)-len(newest)+1:], newest[1:]) {
		t.Errorf("newest first: %q, before %q", got, newest)
	}
	if errs := w.TakeErrors(); len(errs) != 0 {
		t.Fatal(errs)
	}
}

// TestReadingInAnyOrder: the message that is read stays chosen while others change their place, and a filter keeps the
// order.
func TestReadingInAnyOrder(t *testing.T) {
	w := newTown(t)
	w.place(mail.RoleInbox, "")
	w.sort("Ungelesene zuerst")
	first, _ := w.page.list.rows.At(0)
	if first.Flags.Has(mail.Seen) && first.ThreadUnread == 0 {
		t.Fatalf("%q is read", first.Subject)
	}
	id := w.choose(first.Subject)
	w.page.MarkRead()
	w.Settle()
	if got := w.page.list.rows.Selected(); !slices.Equal(got, []int64{id}) || w.page.reader.id != id {
		t.Errorf("chosen %v, reads %d, not %d", got, w.page.reader.id, id)
	}
	if again, _ := w.page.list.rows.At(0); again.ID == id {
		t.Error("it is read and still stands first")
	}
	w.sort("Größte zuerst")
	w.page.filterBy(w.page.list.filter.unread)
	w.Settle()
	var sizes []int64
	for i := range w.page.list.rows.Count() {
		item, _ := w.page.list.rows.At(i)
		sizes = append(sizes, -item.Size)
	}
	if len(sizes) < 2 || !slices.IsSorted(sizes) {
		t.Errorf("sizes %v", sizes)
	}
	w.MustSay(i18n.T("mailui.list.filtered"))
}

// TestOrdersThatAreKept leave out places that are gone and what nobody understands.
func TestOrdersThatAreKept(t *testing.T) {
	o := readOrders(`{"all/inbox":"-size","folder/7":"subject","folder/8":"sideways"}`)
	text, err := o.text([]navRow{{Key: "all/inbox"}, {Key: "folder/8"}, {Key: "folder/9"}})
	if err != nil || text != `{"all/inbox":"-size"}` {
		t.Errorf("%s %v", text, err)
	}
	if len(readOrders("no orders")) != 0 {
		t.Error("understood nonsense")
	}
}
