// SPDX-License-Identifier: EUPL-1.2

package mailui

import (
	"context"
	"encoding/json"
	"slices"
	"sync"

	"kontor/app/i18n"
	"kontor/app/mail"
	"kontor/app/ui/kit"
)

// orderSetting holds the order of each place that is not newest first, by its key.
const orderSetting = "mail.order"

// orders are how the lists of places are sorted.
type orders map[string]mail.Order

func readOrders(text string) orders {
	var words map[string]string
	o := orders{}
	if json.Unmarshal([]byte(text), &words) == nil {
		for key, word := range words {
			o[key] = mail.ReadOrder(word)
		}
	}
	return o
}

// text writes the orders of places that still are; a place without one is newest first.
func (o orders) text(places []navRow) (string, error) {
	words := map[string]string{}
	for _, p := range places {
		if order := o[p.Key]; order != (mail.Order{}) {
			words[p.Key] = order.String()
		}
	}
	b, err := json.Marshal(words)
	return string(b), err
}

// listRows is the source of the list: newest first it is read window by window, in any other order it is sorted once each
// time it is read anew.
type listRows struct {
	core ListCore
	q    mail.Query
	mu   sync.Mutex
	ids  []int64
}

// Count implements kit.Rows.
func (l *listRows) Count(ctx context.Context) (int, error) {
	if l.q.Order == (mail.Order{}) {
		return l.core.Count(ctx, l.q)
	}
	ids, err := l.core.Sorted(ctx, l.q)
	if err != nil {
		return 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ids = ids
	return len(ids), nil
}

// Window implements kit.Rows.
func (l *listRows) Window(ctx context.Context, offset, limit int) ([]listItem, error) {
	if l.q.Order == (mail.Order{}) {
		return readItems(ctx, l.core, func() ([]mail.Summary, error) { return l.core.List(ctx, l.q, offset, limit) })
	}
	l.mu.Lock()
	ids := l.ids
	l.mu.Unlock()
	ids = ids[min(offset, len(ids)):]
	return readItems(ctx, l.core, func() ([]mail.Summary, error) { return l.core.Rows(ctx, l.q, ids[:min(limit, len(ids))]) })
}

// sortable are what a list can be sorted by, in the order of the menu.
func sortable(outward bool) []mail.SortBy {
	who := mail.BySender
	if outward {
		who = mail.ByRecipient
	}
	return []mail.SortBy{mail.ByDate, who, mail.BySubject, mail.BySize, mail.ByUnread}
}

// order is how the place that is shown is sorted.
func (l *listColumn) order() mail.Order {
	o := l.page.orders[l.place.Key]
	if !slices.Contains(sortable(outward(l.place.Query, l.place.Folder)), o.By) {
		return mail.Order{}
	}
	return o
}

// orderWords says how a list is sorted: "Neueste zuerst".
func orderWords(o mail.Order) string {
	by := string(o.By)
	if o.By == mail.ByDate {
		by = "date"
	}
	if o.Reverse {
		by += ".reverse"
	}
	return i18n.T("mailui.order." + by)
}

// orderItems are the lines of the list's menu for its order: choosing the one that is on turns it round.
func (p *Page) orderItems() []kit.MenuItem {
	now := p.list.order()
	all := sortable(outward(p.list.place.Query, p.list.place.Folder))
	items := make([]kit.MenuItem, 0, len(all)+1)
	for _, by := range all {
		o := mail.Order{By: by}
		if by == now.By {
			o = now
		}
		items = append(items, kit.MenuItem{Label: orderWords(o), Icon: tick(o == now), Act: func() { p.sortBy(o) }})
	}
	turned := mail.Order{By: now.By, Reverse: !now.Reverse}
	return append(items, kit.MenuItem{Label: i18n.T("mailui.order.turn"), Icon: "sync", Act: func() { p.sortBy(turned) }})
}

// sortBy sorts the list that is shown, now and whenever it is shown again.
func (p *Page) sortBy(o mail.Order) {
	if p.list.order() == o {
		return
	}
	p.orders[p.list.place.Key] = o
	p.list.show()
	if p.cfg.Settings == nil {
		return
	}
	text, err := p.orders.text(p.nav.rows)
	if err != nil {
		p.fail(err)
		return
	}
	p.quietly(func(ctx context.Context) error { return p.cfg.Settings.Set(ctx, orderSetting, text) })
}
