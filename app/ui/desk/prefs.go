// SPDX-License-Identifier: EUPL-1.2

package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"

	"fyne.io/fyne/v2"

	"kontor/app"
	"kontor/app/files"
	"kontor/app/i18n"
	"kontor/app/ui/filesui"
	"kontor/app/ui/kit"
	"kontor/app/ui/mailui"
	"kontor/app/ui/tasksui"
	"kontor/app/ui/theme"
	"kontor/storage"
)

// The settings of the window.
const (
	settingLanguage = "ui.language"
	settingTheme    = "ui.theme"
	settingText     = "ui.text"
	settingSize     = "ui.window"
	settingThreads  = "ui.threads"
	settingFiles    = "ui.files"  // what the list of files is sorted by
	settingTasks    = "ui.tasks"  // what of the tasks is folded
	settingPanes    = "ui.panes." // with the ID of a room
)

// prefs are what a person chose about the window. They are read once, before there is a window, and kept in memory: the
// UI goroutine never waits for the disk to know how something looks. A change is stored behind the person's back.
type prefs struct {
	ctx    context.Context
	db     *storage.DB
	log    *slog.Logger
	mu     sync.Mutex
	values map[string]string
}

// readPrefs reads all choices. What cannot be read is as if it had never been chosen.
func readPrefs(ctx context.Context, db *storage.DB, log *slog.Logger) *prefs {
	p := &prefs{ctx: ctx, db: db, log: log, values: map[string]string{}}
	keys := []string{settingLanguage, settingTheme, settingText, settingSize, settingThreads, settingFiles, settingTasks}
	for _, room := range []string{"heute", "mail", "files", "tasks", "sync", "options"} {
		keys = append(keys, settingPanes+room)
	}
	for _, key := range keys {
		value, err := db.Setting(ctx, key, "")
		if err != nil {
			log.Warn("a setting cannot be read", slog.Any("error", err))
			break
		}
		if value != "" {
			p.values[key] = value
		}
	}
	return p
}

func (p *prefs) get(key, fallback string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if value, ok := p.values[key]; ok {
		return value
	}
	return fallback
}

// put keeps a choice and stores it. What cannot be stored is kept until the program ends.
func (p *prefs) put(key, value string) {
	if p.get(key, "") == value {
		return
	}
	p.mu.Lock()
	p.values[key] = value
	p.mu.Unlock()
	kit.Act(func() error {
		return p.db.Write(p.ctx, func(tx *storage.Tx) error { return tx.SetSetting(p.ctx, key, p.get(key, value)) })
	}, func(err error) {
		if err != nil && p.ctx.Err() == nil {
			p.log.Warn("a setting cannot be stored", slog.Any("error", err))
		}
	})
}

// windowSize is the size the window had last.
func (p *prefs) windowSize() fyne.Size {
	var w, h float32
	if _, err := fmt.Sscanf(p.get(settingSize, ""), "%fx%f", &w, &h); err != nil || !within(w, 600) || !within(h, 400) {
		return fyne.NewSize(1280, 800)
	}
	return fyne.NewSize(w, h)
}

// within reports whether a length is one: at least so much, and no more than any screen has.
func within(v, least float32) bool { return v >= least && v <= 20_000 }

// look takes what the call says, else what the person chose, else the system's ways.
func (p *prefs) look(c Config) look {
	l := look{lang: i18n.Lang(c.Lang), theme: theme.Mode(c.Theme)}
	if l.lang == "" {
		l.lang = i18n.Lang(p.get(settingLanguage, string(i18n.Current())))
	}
	if l.theme == "" {
		l.theme = theme.Mode(p.get(settingTheme, string(theme.System)))
	}
	size, err := strconv.ParseFloat(p.get(settingText, "1"), 32)
	if err != nil {
		size = 1
	}
	l.text = float32(size)
	return l
}

// widths are those of the panes of a room, nil where a person never moved them.
func (p *prefs) widths(room string) []float32 {
	var all []float32
	for _, word := range strings.Fields(p.get(settingPanes+room, "")) {
		w, err := strconv.ParseFloat(word, 32)
		if err != nil || !within(float32(w), 0) {
			return nil
		}
		all = append(all, float32(w))
	}
	return all
}

func (p *prefs) keepWidths(room string, all []float32) {
	words := make([]string, 0, len(all))
	for _, w := range all {
		words = append(words, strconv.FormatFloat(float64(w), 'f', 0, 32))
	}
	p.put(settingPanes+room, strings.Join(words, " "))
}

// keepPanes lets the panes of a page have the widths that they had last.
func (p *prefs) keepPanes(room string, content fyne.CanvasObject) {
	switch o := content.(type) {
	case *kit.Split:
		if w := p.widths(room); len(w) > 0 {
			o.SetWidths(w)
		}
		o.OnMoved = func(w []float32) { p.keepWidths(room, w) }
	case *fyne.Container:
		for _, inner := range o.Objects {
			p.keepPanes(room, inner)
		}
	}
}

// mailLeft is how the mail page was left.
func (p *prefs) mailLeft() mailui.Left {
	l := mailui.Left{Flat: p.get(settingThreads, "1") == "0"}
	if w := p.widths("mail"); len(w) == 2 {
		l.Nav, l.List = w[0], w[1]
	}
	return l
}

func (p *prefs) leaveMail(l mailui.Left) {
	threads := "1"
	if l.Flat {
		threads = "0"
	}
	p.put(settingThreads, threads)
	p.keepWidths("mail", []float32{l.Nav, l.List})
}

// filesLeft is how the page of files was left.
func (p *prefs) filesLeft() filesui.Left {
	by, way, _ := strings.Cut(p.get(settingFiles, ""), " ")
	if !slices.Contains([]files.Order{files.ByName, files.BySize, files.ByChanged, files.ByState}, files.Order(by)) {
		return filesui.Left{By: files.ByName}
	}
	return filesui.Left{By: files.Order(by), Descending: way == "down"}
}

func (p *prefs) leaveFiles(l filesui.Left) {
	value := string(l.By)
	if l.Descending {
		value += " down"
	}
	p.put(settingFiles, value)
}

// tasksLeft is how the page of tasks was left.
func (p *prefs) tasksLeft() tasksui.Left {
	var l tasksui.Left
	if json.Unmarshal([]byte(p.get(settingTasks, "{}")), &l) != nil {
		return tasksui.Left{}
	}
	return l
}

func (p *prefs) leaveTasks(l tasksui.Left) {
	if value, err := json.Marshal(l); err == nil {
		p.put(settingTasks, string(value))
	}
}

// start is what the window has to know before its first frame.
type start struct {
	prefs    *prefs
	accounts []storage.Account
	offline  bool
}

// readStart reads it. It waits for the disk.
func readStart(ctx context.Context, core *app.App, log *slog.Logger) start {
	s := start{prefs: readPrefs(ctx, core.DB, log)}
	all, err := core.Accounts.List(ctx)
	if err != nil {
		log.Error("the accounts cannot be read", slog.Any("error", err))
		all = make([]storage.Account, 1) // not the first steps: something is wrong, and no account is missing
	}
	s.accounts = all
	if snap, err := core.Status.Snapshot(ctx); err == nil {
		s.offline = snap.Offline
	}
	return s
}
