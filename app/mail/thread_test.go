// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestRefHashes(t *testing.T) {
	if RefHash(1, "") != 0 || RefHash(1, "a@x") == RefHash(2, "a@x") {
		t.Error("keys do not tell accounts and messages apart")
	}
	var refs []string
	for i := range 100 {
		refs = append(refs, fmt.Sprint(i, "@x"))
	}
	got := RefHashes(1, "own@x", "99@x", refs)
	if len(got) != 2+maxRefs || got[0] != RefHash(1, "own@x") || got[len(got)-1] != RefHash(1, "99@x") {
		t.Errorf("%d keys", len(got))
	}
}

// However messages arrive, and in whatever batches, those that are tied by references end up in one conversation, and
// those that are not do not.
func TestConversationsDoNotDependOnTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 25).Draw(t, "messages")
		refs := make([][]int64, n)
		for i := range refs {
			refs[i] = []int64{int64(1000 + i)}
			for _, r := range rapid.SliceOfN(rapid.IntRange(0, n+3), 0, 2).Draw(t, "refs") {
				if rapid.IntRange(0, 2).Draw(t, "tied") == 0 {
					refs[i] = append(refs[i], int64(1000+r))
				}
			}
		}
		order := rapid.Permutation(indices(n)).Draw(t, "order")
		known := map[int64]int64{}
		thread := map[int]int64{}
		for at := 0; at < n; {
			size := min(rapid.IntRange(1, 6).Draw(t, "batch"), n-at)
			batch := make([]Threaded, size)
			for i := range batch {
				batch[i] = Threaded{ID: int64(order[at+i] + 1), Refs: refs[order[at+i]]}
			}
			result := Assign(batch, known)
			for from, to := range result.Merged {
				for i := range thread {
					if thread[i] == from {
						thread[i] = to
					}
				}
				for key := range known {
					if known[key] == from {
						known[key] = to
					}
				}
			}
			for key, to := range result.Refs {
				known[key] = to
			}
			for i := range batch {
				thread[order[at+i]] = result.Thread[i]
			}
			at += size
		}
		want := components(refs)
		for a := range n {
			for b := range n {
				if (thread[a] == thread[b]) != (want[a] == want[b]) {
					t.Fatalf("messages %d and %d: conversations %d and %d, tied: %v", a, b, thread[a], thread[b], want[a] == want[b])
				}
			}
		}
	})
}

func indices(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// components finds what is tied together in the plainest way.
func components(refs [][]int64) []int {
	of := indices(len(refs))
	for range refs {
		for a := range refs {
			for b := range refs {
				if slices.ContainsFunc(refs[a], func(k int64) bool { return slices.Contains(refs[b], k) }) {
					of[a], of[b] = min(of[a], of[b]), min(of[a], of[b])
				}
			}
		}
	}
	return of
}
