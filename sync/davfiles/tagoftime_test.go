// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"os"
	"testing"
	"time"

	"kontor/sync/servertest"
)

// TestTwoVersionsOfOneSecond: a server makes the tags of files of the time that the client names. The other computer gets the
// second version all the same, and what is deleted there is not deleted in place of it.
func TestTwoVersionsOfOneSecond(t *testing.T) {
	s := newCloud(t, servertest.CloudOptions{OwnCloud: true, TagOfTime: true})
	a := join(t, &servertest.DAVServer{User: servertest.User}, s.URL)
	b := join(t, &servertest.DAVServer{User: servertest.User}, s.URL)
	a.sync()
	second := time.Now().Truncate(time.Second).Add(-time.Minute)
	write := func(name, content string, after time.Duration) {
		a.write(name, content)
		a.must(os.Chtimes(a.path(name), second.Add(after), second.Add(after)))
		a.sync()
	}
	write("edited", "eins", time.Millisecond)
	write("deleted", "eins", time.Millisecond)
	b.sync()
	write("edited", "zwei", 2*time.Millisecond)
	write("deleted", "zwei", 2*time.Millisecond)
	b.remove("deleted")
	b.sync()
	b.both(s, "edited=zwei", "deleted=zwei")
}
