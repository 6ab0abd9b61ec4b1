// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"slices"
	"time"

	"kontor/app/tasks"
)

// Tag adds tags to tasks and takes tags from them as one action; what else they have stays.
func (s *Tasks) Tag(ctx context.Context, ids []int64, add, remove []string) error {
	now := time.Now()
	return s.rewriteAll(ctx, "tag tasks", ids, func(text string) (string, error) {
		t, err := tasks.Parse(text, now.Location())
		if err != nil {
			return "", err
		}
		tags := slices.DeleteFunc(slices.Clone(t.Tags), func(tag string) bool { return slices.Contains(remove, tag) })
		for _, tag := range add {
			if !slices.Contains(tags, tag) {
				tags = append(tags, tag)
			}
		}
		if slices.Equal(tags, t.Tags) {
			return text, nil
		}
		return tasks.Apply(text, tasks.Edit{Tags: &tags}, now)
	})
}
