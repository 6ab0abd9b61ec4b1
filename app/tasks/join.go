// SPDX-License-Identifier: EUPL-1.2

package tasks

// Then gives the one change that does p and then next, or false where next was not made on what p had left.
func (p PutOp) Then(next PutOp) (PutOp, bool) {
	if p.List != next.List || p.Name != next.Name || p.After != next.Before {
		return p, false
	}
	p.After = next.After
	return p, true
}
