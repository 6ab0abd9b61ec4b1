// SPDX-License-Identifier: EUPL-1.2

package davfiles

import (
	"kontor/app/files"
	"kontor/sync/reconcile"
)

// olderDetail asks about a server that went back to older versions of several files.
func olderDetail(in reconcile.FilesInput) files.ConflictDetail {
	d := files.ConflictDetail{Brake: files.BrakeOlderServer}
	in.Allow = true
	for _, a := range reconcile.PlanFiles(in).Actions {
		if a.Older && (a.Kind == reconcile.Take || a.Kind == reconcile.Contend) {
			d.Count, d.Paths = d.Count+1, firstPaths(d.Paths, a.Path)
		}
	}
	return d
}

// firstPaths adds a path to those that a question names, as long as these are few.
func firstPaths(paths []string, path string) []string {
	if len(paths) < 20 {
		paths = append(paths, path)
	}
	return paths
}
