// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"kontor/app"
	"kontor/app/files"
)

// traffic tells what is on its way.
type traffic interface {
	Transfers() []files.Transfer
	TransferSum() files.TransferSum
}

// progressEvery is how often is said what is on its way.
const progressEvery = time.Second

// progress says on w, again and again, how much of the files is done and how long the rest takes, in total and for each
// file under way. It ends with the function it returns.
func progress(w io.Writer, t traffic, every time.Duration) (stop func()) {
	end, ended := make(chan struct{}), sync.WaitGroup{}
	ended.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		told := ""
		for {
			select {
			case <-end:
				return
			case <-tick.C:
			}
			if words := progressWords(t); words != "" && words != told {
				fmt.Fprintln(w, words)
				told = words
			}
		}
	})
	return func() {
		close(end)
		ended.Wait()
	}
}

// progressWords is nothing where nothing is on its way.
func progressWords(t traffic) string {
	all, sum := t.Transfers(), t.TransferSum()
	if len(all) == 0 && sum.FilesDone >= sum.Files {
		return ""
	}
	lines := []string{app.TransferSumWords(sum, false)}
	for _, one := range all {
		lines = append(lines, "  "+app.TransferWords(one))
	}
	return strings.Join(lines, "\n")
}

// watched is progress where a person asked for it, or looks on.
func (e *env) watched(asked bool, core *app.App) (stop func()) {
	if f, ok := e.errw.(*os.File); !asked && (!ok || !term.IsTerminal(int(f.Fd()))) {
		return func() {}
	}
	return progress(e.errw, core.Files, progressEvery)
}
