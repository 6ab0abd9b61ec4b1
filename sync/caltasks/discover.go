// SPDX-License-Identifier: EUPL-1.2

package caltasks

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/publicsuffix"

	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/transport"
)

// ErrNoTasks is returned where a server answers but shows no place that could hold task lists.
var ErrNoTasks = fmt.Errorf("no calendar collection was found at this address: %w", transport.ErrServer)

// place is where the lists of an account are. It is kept in the store, so that a pull needs no search.
type place struct {
	Asked     string   `json:"asked"` // the address of the account it was found from
	Base      string   `json:"base"`  // the server, which may be another than the one that was asked
	Principal string   `json:"principal"`
	Homes     []string `json:"homes"`          // collections of lists (RFC 4791, section 6.2.1)
	List      string   `json:"list,omitempty"` // the address was that of a single list
	Ask       asking   `json:"ask,omitempty"`
	Basic     bool     `json:"basic,omitempty"` // the server lets sign in by Basic
}

const wellKnown = "/.well-known/caldav" // RFC 6764, section 5

func (w *Worker) placeKey() string {
	return "_tasks_place_" + strconv.FormatInt(w.cfg.Account.ID, 10)
}

// where gives the place that is known, or finds it.
func (w *Worker) where(ctx context.Context) (place, error) {
	w.finding.Lock() // several operations ask at once, one of them looks
	defer w.finding.Unlock()
	w.mu.Lock()
	found := w.found
	w.mu.Unlock()
	if found != nil {
		return *found, nil
	}
	raw, err := w.db.Setting(ctx, w.placeKey(), "")
	if err != nil {
		return place{}, err
	}
	var p place
	if json.Unmarshal([]byte(raw), &p) == nil && p.Asked == w.cfg.Account.TasksURL && p.Asked != "" {
		if err := w.use(p.Base, p.Basic); err == nil {
			w.keep(p)
			return p, nil
		}
	}
	return w.discover(ctx)
}

func (w *Worker) keep(p place) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.found = &p
}

// discover finds the lists from any address: that of a list, of their home, of a principal or only of the server
// (RFC 6764, section 6, and RFC 5397), and remembers them.
func (w *Worker) discover(ctx context.Context) (place, error) {
	if err := w.use(w.cfg.Account.TasksURL, false); err != nil {
		return place{}, err
	}
	p, err := w.search(ctx)
	if err != nil {
		return place{}, fmt.Errorf("find task lists: %w", err)
	}
	return p, w.remember(ctx, p)
}

// remember keeps a place for this run and all later ones.
func (w *Worker) remember(ctx context.Context, p place) error {
	raw, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if err := w.db.Write(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, w.placeKey(), string(raw)) }); err != nil {
		return err
	}
	w.keep(p)
	return nil
}

func (w *Worker) search(ctx context.Context) (place, error) {
	var first error
	root := w.dav().Root()
	starts := []string{root, strings.TrimSuffix(root, "/"), wellKnown, "/"}
	for i, start := range starts {
		if start == "" || slices.Contains(starts[:i], start) {
			continue
		}
		p, err := w.searchFrom(ctx, start)
		if err == nil {
			return p, nil
		}
		if first == nil {
			first = err
		}
		if !dav.IsStatus(err, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusForbidden, http.StatusBadRequest, http.StatusNotImplemented, http.StatusGone) &&
			!errors.Is(err, ErrNoTasks) && !errors.Is(err, dav.ErrListing) && !errors.Is(err, transport.ErrPortal) {
			return place{}, err
		}
	}
	return place{}, first
}

// searchFrom asks one address and goes on from what it says.
func (w *Worker) searchFrom(ctx context.Context, start string) (place, error) {
	p := place{Asked: w.cfg.Account.TasksURL}
	r, err := w.ask(ctx, start)
	if err != nil {
		return p, err
	}
	if principal := hrefs(r, dav.Name("current-user-principal")); len(principal) > 0 {
		p.Principal = w.goTo(principal[0])
	}
	if _, isList := listOf(r, ""); isList {
		p.List, p.Base, p.Basic = withSlash(r.Href), w.address(), w.dav().Basic()
		return p, nil
	}
	homes := hrefs(r, caldav("calendar-home-set"))
	if len(homes) == 0 && p.Principal != "" {
		if r, err = w.ask(ctx, p.Principal); err != nil {
			return p, err
		}
		homes = hrefs(r, caldav("calendar-home-set"))
	}
	for _, h := range homes {
		if home := withSlash(w.goTo(h)); home != "/" && !slices.Contains(p.Homes, home) {
			p.Homes = append(p.Homes, home)
		}
	}
	if len(p.Homes) == 0 && start != wellKnown {
		found, err := w.listHome(ctx, withSlash(start), "", byTimes)
		if err != nil {
			return p, err
		}
		if len(found.lists) > 0 {
			p.Homes = []string{withSlash(start)}
		}
	}
	if len(p.Homes) == 0 {
		return p, ErrNoTasks
	}
	p.Base, p.Basic = w.address(), w.dav().Basic()
	return p, nil
}

// ask reads the properties that lead on. A redirect to another host of the same domain is followed, as RFC 6764 allows.
func (w *Worker) ask(ctx context.Context, href string) (dav.Response, error) {
	var found dav.Response
	err := w.dav().Propfind(ctx, href, dav.Depth0, askPlace, func(r dav.Response) error {
		found = r
		return r.Err
	})
	var moved *dav.RedirectError
	if errors.As(err, &moved) && w.follow(moved.Location) {
		return w.askThere(ctx, moved.Location)
	}
	return found, err
}

// askThere asks the address a redirect led to, once.
func (w *Worker) askThere(ctx context.Context, location string) (dav.Response, error) {
	var found dav.Response
	u, err := url.Parse(location)
	if err != nil {
		return found, fmt.Errorf("%w: %w", transport.ErrURL, err)
	}
	err = w.dav().Propfind(ctx, u.Path, dav.Depth0, askPlace, func(r dav.Response) error {
		found = r
		return r.Err
	})
	return found, err
}

// follow turns to another server of the same domain; the password goes nowhere else, and never without TLS.
func (w *Worker) follow(location string) bool {
	to, err := url.Parse(location)
	if err != nil {
		return false
	}
	w.mu.Lock()
	from := w.base
	w.mu.Unlock()
	return to.Scheme == "https" && domain(to.Hostname()) == domain(from.Hostname()) && w.use(location, false) == nil
}

// domain is the part of a host's name that belongs to one owner, the whole of an address in numbers.
func domain(host string) string {
	if d, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(host)); err == nil && net.ParseIP(host) == nil {
		return d
	}
	return host
}

func (w *Worker) address() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.base.String()
}

// goTo gives the decoded path of an href, after turning to its server where that is another of the same domain. It is
// empty for an href that cannot be used.
func (w *Worker) goTo(href string) string {
	if p, err := w.dav().Resolve(href); err == nil {
		return p
	}
	if w.follow(href) {
		if p, err := w.dav().Resolve(href); err == nil {
			return p
		}
	}
	return ""
}

// hrefs reads the addresses inside of a property.
func hrefs(r dav.Response, name xml.Name) []string {
	prop := r.Prop(name)
	if prop == nil {
		return nil
	}
	var all []string
	for i := range prop.Children {
		if prop.Children[i].Name == dav.Name("href") && prop.Children[i].Value() != "" {
			all = append(all, prop.Children[i].Value())
		}
	}
	return all
}
