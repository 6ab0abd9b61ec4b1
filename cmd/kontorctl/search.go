// SPDX-License-Identifier: EUPL-1.2

package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"kontor/app/i18n"
	"kontor/app/search"
)

func init() {
	register("search", "QUERY [--in mail,files,tasks] [--limit N]", searchAll)
}

// searchArgs takes the flags out; whatever else begins with a dash is a word that must not be there.
func searchArgs(args []string) (query string, kinds []string, limit int, err error) {
	limit = 50
	var words []string
	for i := 0; i < len(args); i++ {
		name, value, has := strings.Cut(args[i], "=")
		name = strings.TrimPrefix(name, "-")
		if name != "-in" && name != "-limit" {
			words = append(words, args[i])
			continue
		}
		if !has {
			if i++; i == len(args) {
				return "", nil, 0, errUsage
			}
			value = args[i]
		}
		if name == "-in" {
			kinds = strings.Split(value, ",")
			continue
		}
		if limit, err = strconv.Atoi(value); err != nil || limit < 0 {
			return "", nil, 0, fmt.Errorf("%w: --limit %s", errUsage, value)
		}
	}
	for _, k := range kinds {
		if !slices.Contains(search.Kinds, k) {
			return "", nil, 0, fmt.Errorf("%w: --in %s", errUsage, k)
		}
	}
	query = strings.Join(words, " ")
	if strings.TrimSpace(query) == "" {
		return "", nil, 0, errUsage
	}
	return query, kinds, limit, nil
}

func searchAll(ctx context.Context, e *env, args []string) error {
	query, kinds, limit, err := searchArgs(args)
	if err != nil {
		return err
	}
	core, err := e.open(ctx)
	if err != nil {
		return err
	}
	// Nothing that is here may be missing in the answer without a word.
	progress := func(left int) { fmt.Fprintln(e.errw, i18n.T("search.cli.progress", "n", i18n.Count(left))) }
	if err := core.Search.Finish(ctx, progress); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		fmt.Fprintln(e.errw, i18n.T("search.cli.behind"))
	}
	found, err := core.Search.Find(ctx, query, kinds, limit)
	if err != nil {
		return err
	}
	return e.print(orEmpty(found), func(w io.Writer) error {
		t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
		for _, r := range found {
			fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\t%s\n", i18n.T("search.kind."+r.Kind), r.ID, i18n.DateTime(r.Date), r.Where, r.Title, r.Snippet)
		}
		return t.Flush()
	})
}
