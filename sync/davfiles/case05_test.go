// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"kontor/app/files"
	"kontor/storage"
	"kontor/sync/servertest"
	"kontor/sync/transport"
)

// behind gives one address for two servers: the first one answers, until swap says otherwise.
func behind(t *testing.T, first, second *cloud) (address string, swap *atomic.Bool) {
	t.Helper()
	swap = &atomic.Bool{}
	a, b := interpose(t, &servertest.DAVServer{URL: first.Base}), interpose(t, &servertest.DAVServer{URL: second.Base})
	a.on(func(w http.ResponseWriter, r *http.Request) bool {
		if swap.Load() {
			b.Config.Handler.ServeHTTP(w, r)
		}
		return swap.Load()
	})
	return a.URL + "/" + strings.TrimPrefix(first.URL, first.Base), swap
}

// TestCase05OtherCollectionAtTheAddress: nobody has changed the account, but somebody else's files answer. Nothing travels
// either way until the person says that this is right; then both sides are united, and nothing is deleted.
func TestCase05OtherCollectionAtTheAddress(t *testing.T) {
	mine, other := newCloud(t), newCloud(t)
	mine.edit("put a=a", "mkdir d", "put d/b=b")
	other.edit("put fremd=fremd", "mkdir d", "put d/b=anders")
	address, swap := behind(t, mine, other)
	c := join(t, &servertest.DAVServer{User: servertest.User}, address)
	c.sync()
	c.both(mine, "a=a", "d/", "d/b=b")
	c.write("neu", "neu")
	swap.Store(true)
	before := other.tree()
	for range 2 {
		if err := c.trySync(); !errors.Is(err, transport.ErrPaused) {
			t.Fatalf("%v", err)
		}
	}
	c.same("disk", tree(t, c.root), map[string]string{"a": "a", "d/": "", "d/b": "b", "neu": "neu"})
	c.same("the other server", other.tree(), before)
	asked := c.conflicts()
	var d files.ConflictDetail
	if len(asked) != 1 || json.Unmarshal(asked[0].Detail, &d) != nil || d.Brake != files.BrakeOtherServer {
		t.Fatalf("%+v", asked)
	}
	t.Run("it was a mistake", func(t *testing.T) {
		swap.Store(false)
		c.sync()
		c.both(mine, "a=a", "d/", "d/b=b", "neu=neu")
		swap.Store(true)
	})
	c.must(c.db.WriteDurable(t.Context(), func(tx *storage.Tx) error {
		s, err := tx.FileServer(t.Context(), c.acc.ID)
		s.Decision = DecisionPair
		return errors.Join(err, tx.SaveFileServer(t.Context(), s))
	}))
	for range 3 {
		c.sync()
	}
	c.both(other, "a=a", "fremd=fremd", "neu=neu", "d/", "d/b=anders", "d/"+copyName("b")+"=b")
}
