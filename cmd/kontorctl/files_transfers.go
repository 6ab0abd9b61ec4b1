// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"kontor/app/files"
	"kontor/app/i18n"
)

func init() {
	register("files limit", "[DOWN UP]   octets a second, with K, M or G; 0 for none", filesCommand(0, 2, filesLimit))
	register("files pause", "[--account NAME]", filesCommand(0, 0, func(c *filesCall) error { return filesPause(c, true) }))
	register("files resume", "[--account NAME]", filesCommand(0, 0, func(c *filesCall) error { return filesPause(c, false) }))
	register("files metered", "[auto|on|off]", filesCommand(0, 1, filesMetered))
}

// filesLimit tells how fast transfers may be, and changes that.
func filesLimit(c *filesCall) error {
	if len(c.args) == 1 {
		return errUsage
	}
	if len(c.args) == 2 {
		down, err := octets(c.args[0])
		if err != nil {
			return err
		}
		up, err := octets(c.args[1])
		if err != nil {
			return err
		}
		if err := c.core.Files.SetLimits(c.ctx, down, up); err != nil {
			return err
		}
	}
	down, up, err := c.core.Files.Limits(c.ctx)
	if err != nil {
		return err
	}
	return c.e.print(map[string]int64{"down": down, "up": up}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, i18n.T("transfers.cli.limit", "down", pace(down), "up", pace(up)))
		return err
	})
}

func pace(octets int64) string {
	if octets == 0 {
		return i18n.T("transfers.cli.unlimited")
	}
	return i18n.T("transfers.cli.rate", "size", i18n.Size(octets))
}

// octets reads a number of octets, with K, M or G for the powers of 1024.
func octets(word string) (int64, error) {
	number, unit := word, int64(1)
	if i := strings.IndexAny(strings.ToUpper(word), "KMG"); i >= 0 && i == len(word)-1 {
		number = word[:i]
		unit <<= 10 * (1 + strings.Index("KMG", strings.ToUpper(word[i:])))
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/unit {
		return 0, fmt.Errorf("%q: %w", word, errUsage)
	}
	return n * unit, nil
}

func filesPause(c *filesCall, paused bool) error {
	if err := c.core.Files.Pause(c.ctx, c.account.ID, paused); err != nil {
		return err
	}
	key := "transfers.cli.resumed"
	if paused {
		key = "transfers.cli.paused"
	}
	return c.e.print(map[string]any{"account": c.account.Name, "paused": paused}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, i18n.T(key, "account", c.account.Name))
		return err
	})
}

// filesMetered tells what is done on connections that are paid for by the octet, and changes that.
func filesMetered(c *filesCall) error {
	if len(c.args) == 1 {
		if err := c.core.Files.SetMetered(c.ctx, c.args[0]); err != nil {
			return err
		}
	}
	mode, now, err := c.core.Files.Metered(c.ctx)
	if err != nil {
		return err
	}
	return c.e.print(map[string]any{"mode": mode, "now": now}, func(w io.Writer) error {
		lines := []string{i18n.T("transfers.cli.metered." + mode)}
		if now {
			lines = append(lines, i18n.T("transfers.cli.metered.now"))
		} else if mode == files.MeteredAuto {
			lines = append(lines, i18n.T("transfers.cli.metered.free"))
		}
		_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
		return err
	})
}
