// SPDX-License-Identifier: EUPL-1.2

package dav

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestWordsAndQuery: a query travels as it is, and the words of a refusal are found in each of the forms that servers use.
func TestWordsAndQuery(t *testing.T) {
	for body, want := range map[string]string{
		`{"ocs":{"meta":{"status":"failure","statuscode":403,"message":"Password needs 10 characters"},"data":[]}}`: "Password needs 10 characters",
		`{"error":"something else"}`: "",
		`Quota exceeded`:             "Quota exceeded",
		"<d:error xmlns:d=\"DAV:\"><s:message>Locked</s:message></d:error>": "Locked",
	} {
		query := ""
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			query = r.URL.RawQuery
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(body))
		}))
		c, err := New(s.URL, Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Do(t.Context(), Request{Method: http.MethodGet, Href: "/ä b", Query: "path=%2Fa+b&format=json"})
		var status *StatusError
		if !errors.As(err, &status) || status.Message != want || query != "path=%2Fa+b&format=json" {
			t.Errorf("%s: %v, query %q", body, err, query)
		}
		c.Close()
		s.Close()
	}
}
