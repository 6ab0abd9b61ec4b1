// SPDX-License-Identifier: EUPL-1.2

package accounts

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"

	"kontor/storage"
	"kontor/sync/dav"
	"kontor/sync/transport"
)

const (
	calNamespace = "urn:ietf:params:xml:ns:caldav"
	wellKnown    = "/.well-known/caldav"
	maxSteps     = 4
	askFiles     = `<?xml version="1.0"?><propfind xmlns="DAV:"><prop><resourcetype/></prop></propfind>`
	askTasks     = `<?xml version="1.0"?><propfind xmlns="DAV:" xmlns:c="` + calNamespace + `"><prop><resourcetype/><current-user-principal/><c:calendar-home-set/></prop></propfind>`
)

func davClient(address string, a storage.Account, secret string) (*dav.Client, error) {
	return dav.New(address, dav.Options{
		User: a.User, CAPEM: a.CAPEM, UserAgent: "Kontor", Secret: func(context.Context) (string, error) { return secret, nil },
	})
}

func checkFiles(ctx context.Context, a storage.Account, secret string) (string, error) {
	c, err := davClient(a.FilesURL, a, secret)
	if err != nil {
		return "", err
	}
	defer c.Close()
	return "", c.Propfind(ctx, c.Root(), dav.Depth0, askFiles, func(dav.Response) error { return nil })
}

// checkTasks finds the way to the calendars (RFC 6764, section 6, RFC 4791, section 6.2.1): from the address itself,
// else from the well-known one of the same server.
func checkTasks(ctx context.Context, a storage.Account, secret string) (string, error) {
	c, err := davClient(a.TasksURL, a, secret)
	if err != nil {
		return "", err
	}
	defer c.Close()
	first := findCalendars(ctx, c, c.Root())
	if first == nil || errors.Is(first, transport.ErrSignIn) || transport.IsConnectionError(first) {
		return "", first
	}
	if err := findCalendars(ctx, c, wellKnown); err == nil || errors.Is(err, transport.ErrSignIn) {
		return "", err
	}
	return "", first
}

// findCalendars follows the principal from one path to a calendar or a home of calendars.
func findCalendars(ctx context.Context, c *dav.Client, path string) error {
	for range maxSteps {
		found, next := false, ""
		err := c.Propfind(ctx, path, dav.Depth0, askTasks, func(r dav.Response) error {
			kind := r.Prop(dav.Name("resourcetype"))
			found = found || kind.Child(calName("calendar")) != nil || r.Prop(calName("calendar-home-set")).Child(dav.Name("href")) != nil
			if p := r.Prop(dav.Name("current-user-principal")).Child(dav.Name("href")); p != nil {
				next = p.Value()
			}
			return nil
		})
		if err != nil || found {
			return err
		}
		if next == "" {
			return errNoCalendar
		}
		resolved, err := c.Resolve(next)
		if err != nil {
			return fmt.Errorf("principal: %w", err)
		}
		if resolved == path {
			return errNoCalendar
		}
		path = resolved
	}
	return errNoCalendar
}

func calName(local string) xml.Name { return xml.Name{Space: calNamespace, Local: local} }
