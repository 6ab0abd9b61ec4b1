// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"

	"kontor/sync/servertest"
)

// taskServer is a server of tasks that one looks into as nobody's client.
type taskServer interface {
	// List makes a list with these objects, by name without ".ics".
	List(name, title string, objects map[string]string) error
	// Objects are the texts of all objects of a list.
	Objects(list string) (map[string]string, error)
	ListURL(list string) string
}

// cyrus is filled and looked into over the network.
type cyrus struct{ *servertest.CyrusServer }

// List makes a list (RFC 4791, section 5.3.1).
func (c cyrus) List(name, title string, objects map[string]string) error {
	const body = `<?xml version="1.0"?><C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>` +
		`<D:displayname>%s</D:displayname><C:supported-calendar-component-set><C:comp name="VTODO"/></C:supported-calendar-component-set>` +
		`</D:prop></D:set></C:mkcalendar>`
	ctx := context.Background()
	if err := davRequest(ctx, "MKCALENDAR", c.ListURL(name), "application/xml", fmt.Sprintf(body, title), io.Discard); err != nil {
		return err
	}
	for object, text := range objects {
		if err := davRequest(ctx, http.MethodPut, c.ListURL(name)+object+".ics", "text/calendar", text, io.Discard); err != nil {
			return err
		}
	}
	return nil
}

// Objects asks for all texts (RFC 4791, section 7.8).
func (c cyrus) Objects(list string) (map[string]string, error) {
	var answer bytes.Buffer
	if err := davRequest(context.Background(), "REPORT", c.ListURL(list), "application/xml", allTasks, &answer); err != nil {
		return nil, err
	}
	var found struct {
		Responses []struct {
			Href string `xml:"href"`
			Text string `xml:"propstat>prop>calendar-data"`
		} `xml:"response"`
	}
	if err := xml.Unmarshal(answer.Bytes(), &found); err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, r := range found.Responses {
		texts[strings.TrimSuffix(path.Base(r.Href), ".ics")] = r.Text
	}
	return texts, nil
}

// allTasks asks for all objects of a list in one request (RFC 4791, section 7.8).
const allTasks = `<?xml version="1.0"?><C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">` +
	`<D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>`

// davRequest is a request as the user of all servers. Its answer goes to into.
func davRequest(ctx context.Context, method, address, kind, body string, into io.Writer) error {
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.SetBasicAuth(servertest.User, servertest.Password)
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Depth", "1")
	req.Header.Set("Accept-Encoding", "identity") // as curl does
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(into, res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return err
	}
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s", method, address, res.Status)
	}
	return nil
}
