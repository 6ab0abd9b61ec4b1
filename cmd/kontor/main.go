// SPDX-License-Identifier: EUPL-1.2

// Command kontor is the window: mail, files and tasks in one place, complete offline.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/ui/desk"
)

// options are the flags of the contract.
type options struct {
	home, page, shots, lang, theme string
	demo                           bool
	args                           []string
}

var (
	pages  = []string{"", "heute", "mail", "files", "tasks", "sync", "options"}
	langs  = []string{"", "de", "en"}
	themes = []string{"", "light", "dark", "contrast", "system"}
)

func parse(args []string) (o options, err error) {
	fs := flag.NewFlagSet("kontor", flag.ContinueOnError)
	fs.StringVar(&o.home, "home", "", "the folder that all that Kontor stores lies in")
	fs.BoolVar(&o.demo, "demo", false, "a throw-away home with embedded servers and a sample account")
	fs.StringVar(&o.page, "page", "", "heute, mail, files, tasks, sync or options")
	fs.StringVar(&o.shots, "shots", "", "draw every page to PNG files in this folder, then end")
	fs.StringVar(&o.lang, "lang", "", "de or en")
	fs.StringVar(&o.theme, "theme", "", "light, dark, contrast or system")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	o.args = fs.Args()
	for _, c := range []struct {
		name, value string
		allowed     []string
	}{{"page", o.page, pages}, {"lang", o.lang, langs}, {"theme", o.theme, themes}} {
		if !slices.Contains(c.allowed, c.value) {
			return o, fmt.Errorf("--%s %s: %v", c.name, c.value, c.allowed[1:])
		}
	}
	return o, nil
}

func main() {
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if o.lang != "" {
		i18n.Use(i18n.Lang(o.lang))
	}
	p := &program{}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	p.later(func() error { stop(); return nil })
	os.Exit(p.end(run(ctx, p, o, slog.New(slog.NewTextHandler(os.Stderr, nil)))))
}

// program ends in one of two ways: its work is done, or the window says so from another goroutine.
type program struct {
	mu      sync.Mutex
	closers []func() error
}

// later keeps what has to be done at the end, in reverse order.
func (p *program) later(f func() error) { p.closers = append(p.closers, f) }

// end closes everything, reports each problem in one sentence and gives the exit code. Whoever calls it second waits.
func (p *program) end(err error) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range slices.Backward(p.closers) {
		err = errors.Join(err, f())
	}
	p.closers = nil
	if err == nil {
		return 0
	}
	for _, one := range app.Problems(err) {
		title, advice := app.Explain(one)
		fmt.Fprintf(os.Stderr, "%s %s (%v)\n", title, advice, one)
	}
	return 1
}

func run(ctx context.Context, p *program, o options, log *slog.Logger) error {
	c := desk.Config{Log: log, Lang: o.lang, Theme: o.theme, Page: o.page, Args: o.args, Ended: func() { os.Exit(p.end(nil)) }}
	if o.demo || (o.shots != "" && o.home == "") {
		return runDemo(ctx, p, o, c)
	}
	home, err := app.FindHome(o.home)
	if err != nil {
		return err
	}
	if o.shots == "" {
		first, err := home.FirstInstance(ctx, o.args)
		if err != nil || first == nil {
			return err
		}
		p.later(first.Close)
		c.Calls = first.Calls()
	}
	core, err := app.Open(ctx, app.Options{Home: string(home), Log: log})
	if err != nil {
		if o.shots == "" { // whoever started it from a menu sees no standard error
			told := desk.Trouble(ctx, c, err, func(ctx context.Context) (string, error) { return app.Salvage(ctx, string(home)) })
			return errors.Join(err, told)
		}
		return err
	}
	p.later(core.Close)
	c.Core = core
	var sample demoWorld
	p.later(sample.close)
	c.Demo = func(ctx context.Context) error { return sample.join(ctx, core) }
	return show(ctx, o, c)
}

// show opens the window, or draws its pages.
func show(ctx context.Context, o options, c desk.Config) error {
	if o.shots != "" {
		return desk.Shots(ctx, c, o.shots)
	}
	return desk.Run(ctx, c)
}
