// SPDX-License-Identifier: EUPL-1.2

package storage

import (
	"context"
	"regexp"
	"strings"
)

// cloudNumber is the identity of a file as ownCloud and Nextcloud write it: its number with zeros, and that of the server.
var cloudNumber = regexp.MustCompile(`^0*([1-9][0-9]*)oc[a-z0-9]+$`)

// FileNumber is the number that a cloud's web page knows a file by, empty where its identity holds none.
func FileNumber(fileID string) string {
	if m := cloudNumber.FindStringSubmatch(fileID); m != nil {
		return m[1]
	}
	return ""
}

// FileByNumber reads the entry that a cloud's web page knows by a number.
func (r reads) FileByNumber(ctx context.Context, account int64, number string) (FileRow, error) {
	return r.file(ctx, `WHERE account_id = ? AND ltrim(substr(r_fileid, 1, instr(r_fileid, 'oc') - 1), '0') = ? AND gone = 0 LIMIT 1`,
		account, strings.TrimLeft(number, "0"))
}
