// SPDX-License-Identifier: EUPL-1.2

package files

// PutOp is the payload of journal.FilePut: the local copy of its row goes to the server. Where to follows from the row.
type PutOp struct {
	Path string `json:"path"` // when the operation was made
	ETag string `json:"etag"` // of the version that it replaces; empty: no file of that name may be there
	Hash string `json:"hash"` // of the content when the operation was made, SHA-256 in hex
	Size int64  `json:"size"`
}

// MkdirOp is the payload of journal.FileMkdir.
type MkdirOp struct {
	Path string `json:"path"`
}

// MoveOp is the payload of journal.FileMove, for a file or a whole folder.
type MoveOp struct {
	From string `json:"from"`
	To   string `json:"to"`
	ETag string `json:"etag,omitempty"`
}

// DeleteOp is the payload of journal.FileDelete, for a file or a whole folder.
type DeleteOp struct {
	Path string `json:"path"`
	ETag string `json:"etag,omitempty"` // of the version that may be deleted; empty for folders
	Dir  bool   `json:"dir,omitempty"`
	// OnlyEmpty spares a folder that something lies in by now: undoing "new folder" must not take its content along.
	OnlyEmpty bool `json:"only_empty,omitempty"`
	// Dropped are the operations that it made needless, since what they were about had not reached the server. Whoever
	// takes the deletion back asks for them again.
	Dropped []int64 `json:"dropped,omitempty"`
}
