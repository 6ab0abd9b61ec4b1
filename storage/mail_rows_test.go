// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kontor/app/mail"
)

// Whatever a column of addresses holds, it is read as JSON is: the short way to read it must not be noticed.
func TestAddressColumnIsReadAsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-zäß"\\{}\[\],:<@ .]{0,12}`))
		var list []mail.Address
		for range rapid.IntRange(0, 4).Draw(t, "n") {
			list = append(list, mail.Address{Name: text.Draw(t, "name"), Addr: text.Draw(t, "addr")})
		}
		column := addressColumn(list)
		if rapid.Bool().Draw(t, "damaged") && column != "" {
			at := rapid.IntRange(0, len(column)-1).Draw(t, "at")
			column = column[:at] + rapid.StringMatching(`["\\{}\[\],:a ]?`).Draw(t, "in its place") + column[at+1:]
		}
		var want []mail.Address
		if column != "" && json.Unmarshal([]byte(column), &want) != nil {
			want = nil
		}
		if got := addresses(column); !slices.Equal(got, want) {
			t.Fatalf("%q: %+v, want %+v", column, got, want)
		}
	})
}
