// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"io"

	"kontor/app/demo"
	"kontor/app/i18n"
)

func init() {
	register("demo", "[--listen ADDR] [--script]", runDemo)
}

// demoJSON says how to reach the demo's servers.
type demoJSON struct {
	IMAP     string   `json:"imap"`
	SMTP     string   `json:"smtp"`
	Files    string   `json:"files"`
	Tasks    string   `json:"tasks"`
	Users    []string `json:"users"`
	Password string   `json:"password"`
}

// runDemo runs the embedded servers until it is interrupted, or, with --script, a short story on them.
func runDemo(ctx context.Context, e *env, args []string) error {
	fs := flags("demo")
	listen, script := fs.String("listen", "", ""), fs.Bool("script", false, "")
	if words, err := parse(fs, args); err != nil || len(words) > 0 {
		return usage(err)
	}
	world, err := demo.Start(ctx, demo.Options{Listen: *listen})
	if err != nil {
		return err
	}
	defer world.Close()
	if *script {
		return tellStory(ctx, e.out, world)
	}
	info := demoJSON{IMAP: world.IMAPURL(), SMTP: world.SMTPURL(), Files: world.FilesURL(), Tasks: world.TasksURL(), Password: world.Password()}
	for _, u := range world.Users() {
		info.Users = append(info.Users, u.Email)
	}
	err = e.print(info, func(w io.Writer) error {
		fmt.Fprintln(w, i18n.T("app.cli.demo.ready"))
		_, err := fmt.Fprintf(w, "IMAP   %s\nSMTP   %s\nWebDAV %s\nCalDAV %s\n%v, %s\n", info.IMAP, info.SMTP, info.Files, info.Tasks, info.Users, info.Password)
		return err
	})
	if err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}
