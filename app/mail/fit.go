// SPDX-License-Identifier: EUPL-1.2

package mail

import (
	"encoding/json"
	"slices"

	"kontor/app/journal"
)

// Fit narrows the payload of an operation of the history to the messages that are still as the history left them: for a
// change of flags those that exist, for a move those that lie where it begins. rows reads messages, without those that
// are gone. ids are the rows that the operation is about, lost counts the messages that others moved or removed.
func Fit(kind journal.Kind, payload []byte, rows func([]int64) ([]Summary, error)) (fitted []byte, ids []int64, lost int, err error) {
	here := func(ids []int64, in int64) ([]int64, error) {
		list, err := rows(ids)
		at := make(map[int64]int64, len(list))
		for _, s := range list {
			at[s.ID] = s.FolderID
		}
		left := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool {
			folder, there := at[id]
			return !there || in != 0 && folder != in
		})
		return left, err
	}
	switch kind {
	case journal.MailFlags:
		return fitPayload(payload, func(p *FlagsOp) ([]int64, int, error) {
			left, err := here(p.IDs, 0)
			lost := len(p.IDs) - len(left)
			p.IDs = left
			return left, lost, err
		})
	case journal.MailMove:
		return fitPayload(payload, func(p *MoveOp) ([]int64, int, error) {
			left, err := here(p.IDs, p.From)
			lost := len(p.IDs) - len(left)
			p.IDs = left
			return left, lost, err
		})
	case journal.MailDelete:
		return fitPayload(payload, func(p *DeleteOp) ([]int64, int, error) {
			left, err := here(p.IDs, 0)
			p.IDs = left
			return left, 0, err // what is gone needs no deletion
		})
	case journal.MailCopy:
		return fitPayload(payload, func(p *CopyOp) ([]int64, int, error) {
			left, err := here(p.Copies, 0)
			if len(left) == 0 {
				return nil, len(p.Copies), err
			}
			return slices.Concat(p.IDs, left), len(p.Copies) - len(left), err
		})
	}
	return payload, nil, 0, nil
}

func fitPayload[P any](payload []byte, fit func(*P) ([]int64, int, error)) (fitted []byte, ids []int64, lost int, err error) {
	var p P
	if err = json.Unmarshal(payload, &p); err != nil {
		return nil, nil, 0, err
	}
	if ids, lost, err = fit(&p); err != nil {
		return nil, nil, 0, err
	}
	fitted, err = json.Marshal(p)
	return fitted, ids, lost, err
}
