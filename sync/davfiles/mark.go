// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"strconv"
	"strings"
	"time"
)

// movedMark is what a file of a server without identities is known by after somebody moved it there: its entity tag, where
// that is made of the size and of a moment in microseconds ("SIZE-MTIME" in hexadecimal digits, as Apache writes it). A
// move keeps both, and no two contents share them. Coarser tags, such as nginx's in seconds, prove nothing: then it is
// empty, and a moved file is fetched again.
func movedMark(etag string) string {
	opaque, quoted := strings.CutPrefix(etag, `"`)
	opaque, closed := strings.CutSuffix(opaque, `"`)
	size, mtime, two := strings.Cut(opaque, "-")
	if !quoted || !closed || !two {
		return ""
	}
	n, err := strconv.ParseInt(size, 16, 64)
	if err != nil || n <= 0 { // files without content are all alike
		return ""
	}
	micros, err := strconv.ParseInt(mtime, 16, 64)
	moment := time.UnixMicro(micros)
	if err != nil || moment.Year() < 1990 || moment.Year() > 2200 || micros%1000 == 0 {
		return "" // what a program set to a whole second may be the same for other content
	}
	return "tag " + opaque
}
