#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
#
# thread-check.sh: the toolkit checks that widgets are called on their own thread only without the tag migrated_fynedo,
# which the program is built with. So the window's tests run once more without it, and any complaint is an error.
set -euo pipefail
cd "$(dirname "$0")/../.."

mkdir -p build
log=build/thread-check.log
echo "== tests of the window with the toolkit's thread checks"
status=0
GOFLAGS='-buildvcs=false -tags=sqlite_fts5' go test -v ./app/ui/... >"$log" 2>&1 || status=$?
grep -E '^(ok|FAIL|---? FAIL)' "$log" || true
if grep -n -A 4 'Error in Fyne call thread' "$log" >&2; then
	echo "widgets were called on the wrong thread: see $log" >&2
	exit 1
fi
exit $status
