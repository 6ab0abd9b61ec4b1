// SPDX-License-Identifier: EUPL-1.2

package files

import (
	"errors"
	"time"
)

// What a server that keeps more than files can be asked for.
var (
	// ErrNotOffered says that the server does not have what was asked for: versions, a bin or links.
	ErrNotOffered = errors.New("the server does not offer this")
	// ErrPassword says that the server only gives out a link with a password, or with a better one.
	ErrPassword = errors.New("the server wants a password, or a better one")
	// ErrSharing says that the server does not let this item, or anything, be shared like that.
	ErrSharing = errors.New("the server does not allow this link")
)

// ServerInfo is what is known of the server of an account since it was asked last.
type ServerInfo struct {
	Product, Version        string // "Nextcloud" and "32.0.1"; empty for plain WebDAV
	Versions, Trash, Shares bool   // whether the server offers them
	Used, Free              int64  // octets, -1 where the server does not say
}

// Offers is what a server was found to offer. The zero value is plain WebDAV.
type Offers struct {
	Product string `json:"product,omitempty"`
	Version string `json:"version,omitempty"`
	Base    string `json:"base,omitempty"`   // path of the installation on its host, without a slash at its end
	User    string `json:"user,omitempty"`   // as the server calls the person, which may differ from what they sign in as
	Folder  string `json:"folder,omitempty"` // where the account's root lies in the person's files

	Chunked  bool   `json:"chunked,omitempty"`   // uploads in pieces that are put together at the end
	MaxChunk int64  `json:"max_chunk,omitempty"` // octets of a piece, 0 for any
	Bulk     bool   `json:"bulk,omitempty"`      // several small files in one upload
	Trash    bool   `json:"trash,omitempty"`
	Versions bool   `json:"versions,omitempty"`
	Shares   bool   `json:"shares,omitempty"`
	Checksum string `json:"checksum,omitempty"` // what uploads are to be described with: "SHA256", "SHA1" or nothing
}

// Cloud reports whether the server is one of ownCloud's family, whose ways beside WebDAV are known.
func (o Offers) Cloud() bool { return o.User != "" }

// Trashed is an item in the bin of the server.
type Trashed struct {
	Key     string // names it to the server
	Name    string
	Path    string // where it lay, below the root of the files
	Deleted time.Time
	Size    int64 // octets
	Dir     bool
}

// Who is what a server tells of the people behind an item: their names as others see them, empty where it does not say.
type Who struct {
	Changed string `json:"changed,omitempty"` // made the present content
	Self    bool   `json:"self,omitempty"`    // Changed is the person whose account this is, from elsewhere
	Owner   string `json:"owner,omitempty"`   // whose it is, or who made it first
	Locked  string `json:"locked,omitempty"`  // keeps everybody else from changing it
}

// Share is a link by which others reach a file or a folder without an account.
type Share struct {
	Key       string // names it to the server
	URL       string
	Expires   time.Time // zero for never
	Protected bool      // by a password
	Write     bool      // who has the link may change things
}

// ShareOptions are what a new link is made with. Only the day of Expires counts: the link holds until its end.
type ShareOptions struct {
	Password string
	Expires  time.Time
	Write    bool
}
