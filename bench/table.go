// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// row is one line of the table.
type row struct {
	area, work, tool string
	cost             cost
	requests         int   // at the server, -1 if nobody counted
	octets           int64 // both ways, -1 if nobody counted
	turns            int64 // how often the client spoke again after the server had, -1 if nobody counted
}

// kontor is how the table names the program this is about.
const kontor = "**Kontor**"

// write prints the table in Markdown. The ratios say how many times as long as Kontor a program took.
func write(w io.Writer, s settings, rows []row) error {
	if len(rows) == 0 {
		return nil
	}
	distance := "loopback"
	if s.delay > 0 {
		distance = fmt.Sprintf("%v round trip", s.delay)
	}
	_, err := fmt.Fprintf(w, "Size %s (%d mails in %d folders, %d files in %d folders, %d tasks), %s, %s, %s.\n\n", s.size.Name,
		s.size.Mails, s.size.MailFolders, s.size.Files, s.size.FileFolders, s.size.Tasks, distance, machine(),
		time.Now().Format(time.DateOnly))
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, table(rows))
	return err
}

func table(rows []row) string {
	var b strings.Builder
	b.WriteString("| What | Work | Program | Wall s | Kontor = 1 | CPU s | Kontor = 1 | Memory MB | Requests | Turns | MB on the line |\n")
	b.WriteString("|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, r := range rows {
		base, ok := baseline(rows, r)
		wall, cpu := "", ""
		if ok && r.tool != kontor {
			wall = ratio(r.cost.wall, base.cost.wall)
			cpu = ratio(r.cost.cpu, base.cost.cpu)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %.2f | %s | %.2f | %s | %d | %s | %s | %s |\n", r.area, r.work, r.tool,
			r.cost.wall.Seconds(), wall, r.cost.cpu.Seconds(), cpu, r.cost.memory>>20, counted(int64(r.requests), 1), counted(r.turns, 1), counted(r.octets, 1e6))
	}
	return b.String()
}

// baseline is Kontor's row for the same work.
func baseline(rows []row, of row) (row, bool) {
	for _, r := range rows {
		if r.tool == kontor && r.area == of.area && r.work == of.work {
			return r, true
		}
	}
	return row{}, false
}

func ratio(a, b time.Duration) string {
	if b <= 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", a.Seconds()/b.Seconds())
}

func counted(n int64, unit float64) string {
	switch {
	case n < 0:
		return ""
	case unit == 1:
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%.1f", float64(n)/unit)
}

// machine names what the numbers depend on.
func machine() string {
	name := runtime.GOARCH
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.SplitSeq(string(data), "\n") {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				name = strings.TrimSpace(value)
				break
			}
		}
	}
	load := ""
	if data, err := os.ReadFile("/proc/loadavg"); err == nil {
		load = ", load " + strings.Fields(string(data))[0]
	}
	return fmt.Sprintf("%d x %s%s", runtime.NumCPU(), name, load)
}
