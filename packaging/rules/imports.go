// SPDX-License-Identifier: EUPL-1.2

package rules

import (
	"slices"
	"strings"
)

// Module is the path that our own imports begin with.
const Module = "kontor"

// layer is how far up a package stands: it imports its own layer and those below, never one above.
type layer int

const (
	domain  layer = iota // pure: no I/O, no database, no network
	store                // storage
	network              // sync/*: one protocol each
	useCase              // app, app/accounts, app/demo: what a person can do
	screen               // app/ui/**
	program              // cmd/*, bench, packaging
)

var layerNames = [...]string{"domain", "storage", "sync", "app", "app/ui", "cmd"}

// domains are the packages of the lowest layer.
var domains = []string{
	"app/mail", "app/files", "app/tasks", "app/journal", "app/live", "app/htmlmail", "sync/reconcile", "sync/ical", "assets",
}

// shared are the packages of sync that the others there may import.
var shared = []string{"sync/transport", "sync/engine"}

// friends are the exceptions from "protocol packages do not import each other".
var friends = map[string][]string{
	"sync/davfiles": {"sync/dav"},
	"sync/caltasks": {"sync/dav"},
	"sync/imapsync": {"sync/mimemsg"},
	"sync/smtpsend": {"sync/mimemsg"},
}

// impure are the packages of the standard library and others that the domain must not touch, with all below them.
var impure = []string{
	"os", "net", "net/http", "net/smtp", "net/rpc", "net/textproto", "database/sql", "syscall", "plugin", "log/syslog",
	"github.com/mattn/go-sqlite3", "github.com/emersion", "github.com/fsnotify/fsnotify", "github.com/godbus/dbus",
	"golang.org/x/sys", "golang.org/x/net/webdav",
}

// pureNet are packages below impure ones that do no I/O.
var pureNet = []string{"net/url", "net/mail", "net/netip"}

// Forbidden says why the package in the directory from must not import to, or "" if it may. test is for test files:
// they may start servers and write files, but obey the layers.
func Forbidden(from, to string, test bool) string {
	if under(to, "fyne.io/fyne/v2") && !under(from, "app/ui") && from != "cmd/kontor" {
		return "only app/ui and cmd/kontor know the toolkit"
	}
	if to == Module {
		return "the module's root is no package"
	}
	own, ok := strings.CutPrefix(to, Module+"/")
	if !ok {
		return foreign(from, to, test)
	}
	if own == "sync/servertest" || own == "sync/simworld" || own == "app/ui/uitest" {
		if test || from == own || under(from, "bench") {
			return ""
		}
		return "it is for tests and benchmarks only"
	}
	if own == "sync" {
		return "sync is a folder, not a package"
	}
	if strings.HasPrefix(from, "cmd/kontorctl") && under(own, "app/ui") {
		return "the command line has no window"
	}
	a, b := layerOf(from), layerOf(own)
	switch {
	case b > a:
		return "a package of " + layerNames[a] + " must not know " + layerNames[b]
	case a == domain && b == domain:
		return betweenDomains(from, own)
	case a == network && b == network:
		return betweenProtocols(from, own, test)
	case own == "app/i18n" && a < useCase:
		return "sentences are made above this layer"
	case a == program && under(own, "cmd"):
		return "programs do not import each other"
	}
	return ""
}

func layerOf(dir string) layer {
	switch {
	case slices.ContainsFunc(domains, func(d string) bool { return under(dir, d) }):
		return domain
	case under(dir, "storage"):
		return store
	case under(dir, "sync"):
		return network
	case under(dir, "app/ui"):
		return screen
	case under(dir, "app"):
		return useCase
	}
	return program
}

// foreign judges imports of packages that are not ours.
func foreign(from, to string, test bool) string {
	if layerOf(from) != domain || test || from == "assets" || slices.Contains(pureNet, to) {
		return ""
	}
	for _, p := range impure {
		if under(to, p) {
			return "the domain does no I/O"
		}
	}
	return ""
}

// betweenDomains keeps mail, files and tasks apart. The journal and the change bus serve all of them.
func betweenDomains(from, to string) string {
	switch {
	case under(from, to), under(to, from), to == "app/journal", to == "app/live":
		return ""
	case from == "app/tasks" && to == "sync/ical":
		return ""
	case from == "sync/reconcile" && (to == "app/mail" || to == "app/files" || to == "app/tasks"):
		return ""
	}
	return "areas of the domain do not know each other"
}

func betweenProtocols(from, to string, test bool) string {
	switch {
	case from == to, slices.Contains(shared, to), slices.Contains(friends[from], to):
		return ""
	case from == "sync/simworld", from == "sync/servertest" && test:
		return ""
	}
	return "protocols do not know each other"
}

// under reports whether path is dir or lies below it.
func under(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, dir+"/")
}
