// SPDX-License-Identifier: EUPL-1.2

package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"kontor/app/mail"
	"kontor/storage"
)

// ErrTagName is returned for a tag without a name.
var ErrTagName = errors.New("a tag needs a name")

// tagSetting is the setting with the tags that a person has made, as JSON.
const tagSetting = "mail.tags"

// Tags lists the tags that a person has made, in their order. A keyword that is none of them is shown by mail.NameOf.
func (m *Mail) Tags(ctx context.Context) ([]mail.Tag, error) {
	value, err := m.db.Setting(ctx, tagSetting, "")
	if err != nil || value == "" {
		return nil, err
	}
	var tags []mail.Tag
	if err := json.Unmarshal([]byte(value), &tags); err != nil {
		return nil, fmt.Errorf("read tags: %w", err)
	}
	return tags, nil
}

// SetTag makes a tag, or gives one another name or colour. Without a keyword it gets the one that stands for its name.
func (m *Mail) SetTag(ctx context.Context, tag mail.Tag) (mail.Tag, error) {
	if tag.Name = strings.TrimSpace(tag.Name); tag.Name == "" {
		return tag, fmt.Errorf("set tag: %w", ErrTagName)
	}
	if tag.Keyword == "" {
		tag.Keyword = mail.KeywordOf(tag.Name)
	}
	return tag, m.changeTags(ctx, func(tags []mail.Tag) []mail.Tag {
		if at := slices.IndexFunc(tags, func(t mail.Tag) bool { return strings.EqualFold(t.Keyword, tag.Keyword) }); at >= 0 {
			tags[at] = tag
			return tags
		}
		return append(tags, tag)
	})
}

// DropTag forgets the name of a keyword. Messages keep the keyword.
func (m *Mail) DropTag(ctx context.Context, keyword string) error {
	return m.changeTags(ctx, func(tags []mail.Tag) []mail.Tag {
		return slices.DeleteFunc(tags, func(t mail.Tag) bool { return strings.EqualFold(t.Keyword, keyword) })
	})
}

func (m *Mail) changeTags(ctx context.Context, change func([]mail.Tag) []mail.Tag) error {
	err := m.db.WriteDurable(ctx, func(tx *storage.Tx) error {
		tags, err := m.Tags(ctx)
		if err != nil {
			return err
		}
		value, err := json.Marshal(change(tags))
		if err != nil {
			return err
		}
		return tx.SetSetting(ctx, tagSetting, string(value))
	})
	if err != nil {
		return fmt.Errorf("change tags: %w", err)
	}
	return nil
}
