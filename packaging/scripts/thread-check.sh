#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
#
# thread-check.sh: the toolkit checks that widgets are called on their own thread only in a real window, and only without
# the tag migrated_fynedo, which the program is built with. So the window's tests run once more without it; they fail on
# any complaint.
set -euo pipefail
cd "$(dirname "$0")/../.."

echo "== the window's tests with the toolkit's thread checks"
GOFLAGS='-buildvcs=false -tags=sqlite_fts5' packaging/scripts/xvfb.sh go test -timeout 15m ./cmd/kontor
