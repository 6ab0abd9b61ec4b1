// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"context"
	"crypto/md5"  //nolint:gosec // against accidents, and what servers have
	"crypto/sha1" //nolint:gosec // likewise
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"hash/adler32"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"kontor/storage"
	"kontor/sync/transport"
)

// errChecksum says that a download is not what the server has the checksum of.
var errChecksum = fmt.Errorf("the download does not have the announced checksum: %w", transport.ErrServer)

// check compares a download with the checksum that came with it (OC-Checksum of ownCloud and Nextcloud), if one did.
type check struct {
	sum  hash.Hash
	want string // in hex, lower case
}

// newCheck begins; what was downloaded before is read again.
func newCheck(h http.Header, f *os.File, have int64) (check, error) {
	kind, want, ok := strings.Cut(h.Get("OC-Checksum"), ":")
	if !ok {
		return check{}, nil
	}
	c := check{want: strings.ToLower(strings.TrimSpace(want))}
	switch strings.ToUpper(strings.TrimSpace(kind)) {
	case "SHA256":
		c.sum = sha256.New()
	case "SHA1":
		c.sum = sha1.New() //nolint:gosec // see above
	case "MD5":
		c.sum = md5.New() //nolint:gosec // see above
	case "ADLER32":
		c.sum = adler32.New()
	default:
		return check{}, nil
	}
	if have == 0 {
		return c, nil
	}
	_, err := io.Copy(c.sum, io.NewSectionReader(f, 0, have))
	return c, err
}

// also gives the writers that a download passes besides the file.
func (c check) also(sum hash.Hash) []io.Writer {
	if c.sum == nil {
		return []io.Writer{sum}
	}
	return []io.Writer{sum, c.sum}
}

func (c check) holds() bool { return c.sum == nil || hex.EncodeToString(c.sum.Sum(nil)) == c.want }

// seenBefore accepts a download whose checksum does not hold when it came twice, also in another run: some servers store
// whatever checksum they are given, and a wrong one must not keep a file away for ever.
func (w *Worker) seenBefore(ctx context.Context, id int64, sum string) (bool, error) {
	key := fmt.Sprintf("_files.odd.%d", id)
	before, err := w.db.Setting(ctx, key, "")
	if err != nil {
		return false, err
	}
	again := before == sum
	if again {
		sum = ""
		w.log.Warn("a file does not have the checksum that the server keeps of it, and is taken as it came twice", slog.Int64("file", id))
	}
	return again, w.db.Write(ctx, func(tx *storage.Tx) error { return tx.SetSetting(ctx, key, sum) })
}
