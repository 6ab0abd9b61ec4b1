// SPDX-License-Identifier: EUPL-1.2

// Command kontorctl is the same core as the window, without a display: people script it, administrators roll out with
// it, tests and benchmarks drive it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"kontor/app"
	"kontor/app/i18n"
)

// Exit codes of the contract.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// errUsage marks a call that does not fit the command.
var errUsage = errors.New("wrong usage")

// command is one verb; name may hold two words ("account add").
type command struct {
	usage string
	run   func(ctx context.Context, e *env, args []string) error
}

// commands is filled by the files of each area.
var commands = map[string]command{}

func register(name, usage string, run func(context.Context, *env, []string) error) {
	commands[name] = command{usage: usage, run: run}
}

// env is what a command works with.
type env struct {
	out, errw io.Writer
	in        io.Reader
	json      bool
	home      string
	verbose   bool
	soon      bool // see app.Options
	core      *app.App
}

// open gives the core, opened at the first call.
func (e *env) open(ctx context.Context) (*app.App, error) {
	if e.core != nil {
		return e.core, nil
	}
	level := slog.LevelWarn
	if e.verbose {
		level = slog.LevelDebug
	}
	core, err := app.Open(ctx, app.Options{
		Home: e.home, Log: slog.New(slog.NewTextHandler(e.errw, &slog.HandlerOptions{Level: level})), Prompt: promptPassphrase, Soon: e.soon,
	})
	if err != nil {
		return nil, err
	}
	e.core = core
	return core, nil
}

// close closes the core, if it is open.
func (e *env) close() error {
	if e.core == nil {
		return nil
	}
	core := e.core
	e.core = nil
	return core.Close()
}

// print writes v as one JSON document with --json, and calls text otherwise.
func (e *env) print(v any, text func(w io.Writer) error) error {
	if !e.json {
		return text(e.out)
	}
	enc := json.NewEncoder(e.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// flags makes a flag set whose errors are usage errors; flags may stand before, between and after the other words.
func flags(name string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	return fs
}

// parse reads args into fs and returns the words that are no flags. A word after "--" is never a flag.
func parse(fs *flag.FlagSet, args []string) ([]string, error) {
	var words []string
	for len(args) > 0 {
		if err := fs.Parse(args); err != nil {
			return nil, fmt.Errorf("%w: %w", errUsage, err)
		}
		rest := fs.Args()
		if parsed := len(args) - len(rest); parsed > 0 && args[parsed-1] == "--" {
			return append(words, rest...), nil
		}
		if len(rest) == 0 {
			break
		}
		words, args = append(words, rest[0]), rest[1:]
	}
	return words, nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	code := run(ctx, &env{out: os.Stdout, errw: os.Stderr, in: os.Stdin}, os.Args[1:])
	stop()
	os.Exit(code)
}

// run carries out one call and returns the exit code.
func run(ctx context.Context, e *env, args []string) int {
	args, err := e.global(args)
	if err != nil {
		return e.fail(err)
	}
	if len(args) == 0 {
		printHelp(e.out, "")
		return exitDone
	}
	name, rest, ok := find(args)
	if !ok {
		return e.unknown(args)
	}
	if len(rest) > 0 && isHelp(rest[0]) {
		printHelp(e.out, name)
		return exitDone
	}
	err = errors.Join(commands[name].run(ctx, e, rest), e.close())
	if errors.Is(err, errUsage) {
		fmt.Fprintln(e.errw, i18n.T("app.cli.usage", "usage", "kontorctl "+name+" "+commands[name].usage))
	}
	return e.fail(err)
}

// unknown answers a call of a command that there is not: the name of an area alone asks for its commands.
func (e *env) unknown(args []string) int {
	switch {
	case isHelp(args[0]):
		printHelp(e.out, "")
		return exitDone
	case len(args) == 2 && isHelp(args[1]):
		printHelp(e.out, args[0])
		return exitDone
	case len(args) == 1 && len(below(args[0])) > 0:
		printHelp(e.errw, args[0])
	default:
		fmt.Fprintln(e.errw, i18n.T("app.cli.unknown", "command", strings.Join(args[:min(2, len(args))], " ")))
	}
	return exitUsage
}

func isHelp(word string) bool { return word == "--help" || word == "-h" }

// global takes the flags that every command knows out of args.
func (e *env) global(args []string) ([]string, error) {
	var rest []string
	for i := 0; i < len(args); i++ {
		name, value, hasValue := strings.Cut(args[i], "=")
		switch name {
		case "--":
			return append(rest, args[i:]...), nil
		case "--json", "-json":
			e.json = true
		case "--verbose", "-verbose":
			e.verbose = true
		case "--home", "-home":
			if !hasValue {
				if i++; i == len(args) {
					return nil, fmt.Errorf("%w: flag needs an argument: --home", errUsage)
				}
				value = args[i]
			}
			e.home = value
		default:
			rest = append(rest, args[i])
		}
	}
	return rest, nil
}

// find looks for a command of two words, then of one.
func find(args []string) (name string, rest []string, ok bool) {
	if len(args) > 1 {
		if name = args[0] + " " + args[1]; commands[name].run != nil {
			return name, args[2:], true
		}
	}
	name = args[0]
	return name, args[1:], commands[name].run != nil
}

// fail reports each problem in one sentence and gives the exit code.
func (e *env) fail(err error) int {
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errUsage):
		if words := usageWords(err); words != "" {
			fmt.Fprintln(e.errw, words)
		}
		return exitUsage
	}
	lines := []string{}
	for _, one := range app.Problems(err) {
		title, advice := app.Explain(one)
		detail := "(" + strings.ReplaceAll(one.Error(), "\n", "; ") + ")"
		lines = append(lines, strings.Join(slices.DeleteFunc([]string{title, advice, detail}, func(s string) bool { return s == "" }), " "))
	}
	slices.Sort(lines)
	fmt.Fprintln(e.errw, strings.Join(lines, "\n"))
	return exitFailed
}
