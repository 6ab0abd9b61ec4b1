// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"kontor/app"
	"kontor/app/i18n"
)

func init() {
	register("help", "[COMMAND]", func(_ context.Context, e *env, args []string) error {
		printHelp(e.out, strings.Join(args, " "))
		return nil
	})
	register("version", "", version)
}

func version(_ context.Context, e *env, args []string) error {
	if len(args) > 0 {
		return errUsage
	}
	return e.print(map[string]string{"version": app.Version}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, "kontorctl "+app.Version)
		return err
	})
}

// below lists the commands that a word or two stand for, all of them for none.
func below(words string) []string {
	var names []string
	for name := range commands {
		if words == "" || name == words || strings.HasPrefix(name, words+" ") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// printHelp explains the commands that words stand for.
func printHelp(w io.Writer, words string) {
	names := below(words)
	if words == "" || len(names) == 0 {
		fmt.Fprintln(w, i18n.T("app.cli.help"))
		names = below("")
	}
	for _, name := range names {
		fmt.Fprintln(w, strings.TrimRight("  kontorctl "+name+" "+commands[name].usage, " "))
	}
}

// flagErrors are the beginnings of what package flag says, and the texts for people.
var flagErrors = []struct{ begins, key string }{
	{"flag provided but not defined: ", "app.cli.flag-unknown"},
	{"flag needs an argument: ", "app.cli.flag-value"},
	{"invalid value ", "app.cli.flag-invalid"},
}

// usageWords says what is wrong with a call, beyond how it ought to be; empty where there is no more to say.
func usageWords(err error) string {
	text := strings.TrimSuffix(strings.TrimPrefix(err.Error(), errUsage.Error()+": "), ": "+errUsage.Error())
	if text == errUsage.Error() {
		return ""
	}
	for _, f := range flagErrors {
		rest, ok := strings.CutPrefix(text, f.begins)
		if ok {
			return i18n.T(f.key, "flag", strings.Replace(rest, " for flag", "", 1))
		}
	}
	return i18n.T("app.cli.wrong", "what", text)
}
