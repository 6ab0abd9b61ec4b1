// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"kontor/app"
	"kontor/app/i18n"
	"kontor/app/journal"
)

func init() {
	register("journal", "[list] [--all N]", journalList)
	register("journal list", "[--all N]", journalList)
	for verb, act := range map[string]func(*app.Journal, context.Context, int64) error{
		"cancel": (*app.Journal).Cancel, "retry": (*app.Journal).Retry, "hold": (*app.Journal).Hold, "release": (*app.Journal).Release,
	} {
		register("journal "+verb, "ID...", func(ctx context.Context, e *env, args []string) error {
			return journalAct(ctx, e, args, act)
		})
	}
	register("journal undo", "", func(ctx context.Context, e *env, args []string) error {
		return journalTurn(ctx, e, args, "undone", (*app.Journal).Undo)
	})
	register("journal redo", "", func(ctx context.Context, e *env, args []string) error {
		return journalTurn(ctx, e, args, "redone", (*app.Journal).Redo)
	})
	register("conflicts", "[list]", conflictsList)
	register("conflicts list", "", conflictsList)
	register("conflicts resolve", "ID mine|theirs|both", conflictsResolve)
}

// opJSON is an operation as scripts see it.
type opJSON struct {
	ID        int64         `json:"id"`
	AccountID int64         `json:"account_id"`
	Kind      journal.Kind  `json:"kind"`
	Target    string        `json:"target"`
	State     journal.State `json:"state"`
	Tries     int           `json:"tries"`
	NextTry   *time.Time    `json:"next_try,omitempty"`
	Error     string        `json:"error,omitempty"`
	Cause     string        `json:"cause,omitempty"`   // of Error, or what to say of what is done: a word that never changes
	Problem   string        `json:"problem,omitempty"` // Error in a sentence, and what to do, in the language in use
	Proof     string        `json:"proof,omitempty"`
	DependsOn int64         `json:"depends_on,omitempty"`
	Group     int64         `json:"group"`
	Items     int           `json:"items,omitempty"` // of what waits, see app.Planned
	Octets    int64         `json:"octets,omitempty"`
	Created   time.Time     `json:"created"`
	Updated   time.Time     `json:"updated"`
}

func opToJSON(op journal.Op) opJSON {
	o := opJSON{
		ID: op.ID, AccountID: op.AccountID, Kind: op.Kind, Target: op.Target, State: op.State, Tries: op.Tries, Error: op.LastError,
		Proof: op.Proof, DependsOn: op.DependsOn, Group: op.Group, Created: op.Created, Updated: op.Updated,
	}
	if op.Cause != "" && (op.State.Pending() || op.State == journal.Done) {
		title, advice := app.ExplainOp(op)
		o.Cause, o.Problem = op.Cause, title+" "+advice
	}
	if !op.NextTry.IsZero() && op.State.Pending() {
		o.NextTry = &op.NextTry
	}
	return o
}

func journalList(ctx context.Context, e *env, args []string) error {
	fs := flags("journal list")
	all := fs.Int("all", 20, "")
	if words, err := parse(fs, args); err != nil || len(words) > 0 {
		return usage(err)
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	ops, err := core.Journal.List(ctx, *all)
	if err != nil {
		return err
	}
	plan, err := core.Journal.Plan(ctx)
	if err != nil {
		return err
	}
	planned := make(map[int64]app.Planned, len(plan))
	for _, p := range plan {
		planned[p.ID] = p
	}
	list := make([]opJSON, 0, len(ops))
	for _, op := range ops {
		o := opToJSON(op)
		o.Items, o.Octets = planned[op.ID].Items, planned[op.ID].Octets
		list = append(list, o)
	}
	return e.print(list, func(w io.Writer) error {
		tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, op := range ops {
			fmt.Fprintf(tw, "%d\t%s\t%s\t%s\t%s\t%s\n", op.ID, i18n.T("app.kind."+string(op.Kind)), op.Target,
				i18n.DateTime(op.Created), i18n.T("app.state."+string(op.State)), op.LastError)
		}
		return tw.Flush()
	})
}

// usage gives err, or the plain usage error where there is none.
func usage(err error) error {
	if err != nil {
		return err
	}
	return errUsage
}

// ids reads words as IDs.
func ids(words []string) ([]int64, error) {
	if len(words) == 0 {
		return nil, errUsage
	}
	list := make([]int64, 0, len(words))
	for _, w := range words {
		id, err := strconv.ParseInt(w, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", i18n.T("app.cli.no-id", "word", w), errUsage)
		}
		list = append(list, id)
	}
	return list, nil
}

func journalAct(ctx context.Context, e *env, args []string, act func(*app.Journal, context.Context, int64) error) error {
	list, err := ids(args)
	if err != nil {
		return err
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	for _, id := range list {
		if err := act(core.Journal, ctx, id); err != nil {
			return err
		}
	}
	return e.print(map[string][]int64{"ids": list}, func(io.Writer) error { return nil })
}

// journalTurn takes an action back or does it again. What others changed meanwhile is told, with what was done all the same.
func journalTurn(ctx context.Context, e *env, args []string, word string, act func(*app.Journal, context.Context) (string, error)) error {
	if len(args) > 0 {
		return errUsage
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	what, err := act(core.Journal, ctx)
	if err != nil {
		return err
	}
	return e.print(map[string]string{word: what}, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, i18n.T("app."+word, "what", what))
		return err
	})
}

// conflictJSON is a conflict as scripts see it.
type conflictJSON struct {
	ID      int64           `json:"id"`
	Kind    string          `json:"kind"`
	RefID   int64           `json:"ref_id"`
	Title   string          `json:"title"`
	Created time.Time       `json:"created"`
	Detail  json.RawMessage `json:"detail,omitempty"`
}

func conflictsList(ctx context.Context, e *env, args []string) error {
	if len(args) > 0 {
		return errUsage
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	all, err := core.Journal.Conflicts(ctx)
	if err != nil {
		return err
	}
	list := make([]conflictJSON, 0, len(all))
	for _, c := range all {
		detail := c.Detail
		if !json.Valid(detail) {
			detail = nil
		}
		list = append(list, conflictJSON{ID: c.ID, Kind: c.Kind, RefID: c.RefID, Title: c.Title, Created: c.Created, Detail: detail})
	}
	return e.print(list, func(w io.Writer) error {
		tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, c := range all {
			fmt.Fprintf(tw, "%d\t%s\t%s\t%s\n", c.ID, c.Kind, c.Title, i18n.DateTime(c.Created))
			if c.Kind == "file" {
				for _, line := range fileConflict(c.Detail) {
					fmt.Fprintln(tw, "\t"+line)
				}
			}
		}
		return tw.Flush()
	})
}

func conflictsResolve(ctx context.Context, e *env, args []string) error {
	if len(args) != 2 {
		return errUsage
	}
	list, err := ids(args[:1])
	if err != nil {
		return err
	}
	choice := app.Choice(args[1])
	if choice != app.Mine && choice != app.Theirs && choice != app.Both {
		return errUsage
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	if err := core.Journal.Resolve(ctx, list[0], choice); err != nil {
		return err
	}
	return e.print(map[string]any{"id": list[0], "choice": choice}, func(io.Writer) error { return nil })
}
