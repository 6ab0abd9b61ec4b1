#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
#
# tests.sh SEED GO-TEST-FLAGS PACKAGE...: runs tests whose random parts all begin with SEED, so that the same commit plays
# the same cases in the same order wherever it is tested, and a failure means the change. SEED 0 plays others each time.
set -euo pipefail
cd "$(dirname "$0")/../.."

seed=$1
read -ra flags <<<"$2"
shift 2
[ "$seed" = 0 ] && order=on || order=$seed

# Only tests that know the flag may be given it.
properties='{{define "p"}}{{range .}}{{if eq . "pgregory.net/rapid"}}y{{end}}{{end}}{{end}}'
mapfile -t all < <(go list -f "$properties"'{{.ImportPath}} {{template "p" .TestImports}}{{template "p" .XTestImports}}' "$@")
with=() without=()
for line in "${all[@]}"; do
	read -r path has <<<"$line"
	if [ -n "$has" ]; then with+=("$path"); else without+=("$path"); fi
done

status=0
if [ ${#without[@]} -gt 0 ]; then go test -shuffle="$order" "${flags[@]}" "${without[@]}" || status=1; fi
if [ ${#with[@]} -gt 0 ]; then go test -shuffle="$order" "${flags[@]}" "${with[@]}" -rapid.seed="$seed" || status=1; fi
exit $status
