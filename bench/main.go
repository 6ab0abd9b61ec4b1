// SPDX-License-Identifier: EUPL-1.2

// Command bench compares Kontor with the programs people use today, on the same servers and the same data: mail with
// mbsync and offlineimap, files with rclone, tasks with vdirsyncer, and each with the least that any client needs. "make bench" runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"kontor/bench/corpus"
)

// settings are what a run was asked for.
type settings struct {
	size    corpus.Size
	areas   []string
	delay   time.Duration // of a round trip
	ctl     string        // the kontorctl to measure
	work    string        // everything lies below it
	match   string        // only programs whose names hold this
	secret  string        // of the account; that of our servers where it is empty
	repeats int           // of the runs in which nothing has changed
	most    time.Duration // that one run of a program may take, 0 for as long as it likes
	verbose bool
	log     io.Writer
}

func main() {
	if len(os.Args) > 1 && isChild(os.Args[1]) {
		if err := child(os.Args[1], os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	s, err := parse(os.Args[1:])
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := os.MkdirAll(s.work, 0o755); err != nil {
		return err
	}
	if s.work, err = os.MkdirTemp(s.work, "run-"); err != nil {
		return err
	}
	defer os.RemoveAll(s.work)
	if err := os.Chmod(s.work, 0o755); err != nil { // servers give up root and must still get in
		return err
	}
	fmt.Fprintf(s.log, "bench: size %s, round trip %v, %s\n", s.size.Name, s.delay, machine())
	var rows []row
	var failed error
	for _, a := range s.areas {
		found, err := areas[a](ctx, s)
		rows = append(rows, found...)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", a, err))
		}
	}
	return errors.Join(failed, write(os.Stdout, s, rows))
}

// areas are the comparisons, by name.
var areas = map[string]func(context.Context, settings) ([]row, error){
	"mail": mailArea, "files": filesArea, "tasks": tasksArea,
}

func parse(args []string) (settings, error) {
	s := settings{log: os.Stderr}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	size := f.String("size", "small", "small, middle or full")
	area := f.String("area", "mail,files,tasks", "what to compare")
	f.DurationVar(&s.delay, "delay", 0, "hold all octets back so that a round trip takes this long")
	f.StringVar(&s.ctl, "kontorctl", "build/kontorctl", "the program to measure")
	f.StringVar(&s.work, "work", "bench/work", "folder for servers and clients; needs 16 GB for the full size")
	f.StringVar(&s.match, "match", "", "only the programs whose names hold this")
	f.IntVar(&s.repeats, "repeats", 3, "runs without changes; the median counts")
	f.DurationVar(&s.most, "most", 20*time.Minute, "a program that takes longer for one run is left out")
	f.BoolVar(&s.verbose, "v", false, "show what the programs print")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	if s.repeats < 1 {
		return s, fmt.Errorf("%d repeats, at least one is needed", s.repeats)
	}
	switch *size {
	case corpus.Small.Name:
		s.size = corpus.Small
	case corpus.Middle.Name:
		s.size = corpus.Middle
	case corpus.Full.Name:
		s.size = corpus.Full
	default:
		return s, fmt.Errorf("unknown size %q", *size)
	}
	for a := range strings.SplitSeq(*area, ",") {
		if areas[a] == nil {
			return s, fmt.Errorf("unknown area %q", a)
		}
		s.areas = append(s.areas, a)
	}
	slices.Sort(s.areas)
	slices.Reverse(s.areas) // tasks, mail, files: the quick ones first
	var err error
	if s.ctl, err = filepath.Abs(s.ctl); err != nil {
		return s, err
	}
	s.work, err = filepath.Abs(s.work)
	return s, err
}
