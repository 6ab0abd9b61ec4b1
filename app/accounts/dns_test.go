// SPDX-License-Identifier: EUPL-1.2

package accounts

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// nameService answers real questions on the loopback address, and remembers them.
type nameService struct {
	net.PacketConn
	records map[string][]dnsmessage.ResourceBody // by name

	mu    sync.Mutex
	asked []string
}

func newNameService(t *testing.T, records map[string][]dnsmessage.ResourceBody) *nameService {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &nameService{PacketConn: conn, records: records}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			answer, err := s.answer(buf[:n])
			if err == nil {
				_, err = conn.WriteTo(answer, from)
			}
			if err != nil && !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
		}
	}()
	t.Cleanup(func() { _ = conn.Close(); <-done })
	return s
}

func (s *nameService) answer(raw []byte) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(raw); err != nil {
		return nil, err
	}
	q := m.Questions[0]
	s.mu.Lock()
	s.asked = append(s.asked, q.Type.String()+" "+q.Name.String())
	s.mu.Unlock()
	m.Response, m.Additionals = true, nil
	known := s.records[q.Name.String()]
	if known == nil {
		m.RCode = dnsmessage.RCodeNameError
	}
	for _, body := range known {
		kind := dnsmessage.TypeSRV
		if _, ok := body.(*dnsmessage.TXTResource); ok {
			kind = dnsmessage.TypeTXT
		}
		if kind == q.Type {
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: kind, Class: dnsmessage.ClassINET, TTL: 60}, Body: body})
		}
	}
	return m.Pack()
}

// TestCalendarByNameService asks a name service as programs do: by the names of RFC 6764, section 3 and 4, for the target of
// the best priority (RFC 2782), and never for CalDAV without TLS.
func TestCalendarByNameService(t *testing.T) {
	srv := func(priority, port uint16, target string) dnsmessage.ResourceBody {
		return &dnsmessage.SRVResource{Priority: priority, Port: port, Target: dnsmessage.MustNewName(target)}
	}
	txt := func(words ...string) dnsmessage.ResourceBody { return &dnsmessage.TXTResource{TXT: words} }
	const secure, plain = "_caldavs._tcp.ort.example.", "_caldav._tcp.ort.example."
	for name, c := range map[string]struct {
		records map[string][]dnsmessage.ResourceBody
		want    string
	}{
		"with a path":       {map[string][]dnsmessage.ResourceBody{secure: {srv(0, 443, "dav.ort.example."), txt("path=/SOGo/dav/")}}, "https://dav.ort.example/SOGo/dav/"},
		"best priority":     {map[string][]dnsmessage.ResourceBody{secure: {srv(20, 443, "zwei.ort.example."), srv(10, 8443, "eins.ort.example.")}}, "https://eins.ort.example:8443/.well-known/caldav"},
		"path is no path":   {map[string][]dnsmessage.ResourceBody{secure: {srv(0, 443, "dav.ort.example."), txt("path=https://fremd.example/")}}, "https://dav.ort.example/.well-known/caldav"},
		"expressly not":     {map[string][]dnsmessage.ResourceBody{secure: {srv(0, 0, ".")}}, ""},
		"without TLS only":  {map[string][]dnsmessage.ResourceBody{plain: {srv(0, 80, "dav.ort.example.")}}, ""},
		"nothing announced": {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newNameService(t, c.records)
			f, err := newFinder(Options{Resolver: &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, "udp", s.LocalAddr().String())
			}}}, "ort.example", "lena@ort.example")
			if err != nil {
				t.Fatal(err)
			}
			if found := f.srv(t.Context()); found.Draft.TasksURL != c.want || (found.Tasks == SourceSRV) != (c.want != "") {
				t.Errorf("%q by %q, want %q", found.Draft.TasksURL, found.Tasks, c.want)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, q := range []string{"TypeSRV " + secure, "TypeTXT " + secure} {
				if !slices.Contains(s.asked, q) {
					t.Errorf("%s was not asked: %q", q, s.asked)
				}
			}
			if slices.Contains(s.asked, "TypeSRV "+plain) {
				t.Error("asked for CalDAV without TLS")
			}
		})
	}
}
