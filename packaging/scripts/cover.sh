#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
#
# cover.sh: the domain packages' own tests must cover 90 % of their statements. It also says how many lines of tests
# there are for a line of code; 0.7 is the aim.
set -euo pipefail
cd "$(dirname "$0")/../.."

least=90
status=0
echo "== coverage of the domain, at least $least %"
for p in app/mail app/files app/tasks app/journal app/live sync/reconcile sync/ical; do
	ls $p/*.go >/dev/null 2>&1 || continue
	line=$(packaging/scripts/tests.sh 11 "-short -cover" "./$p" | tail -1)
	percent=$(sed -n 's/.*coverage: \([0-9]*\)\.[0-9]*%.*/\1/p' <<<"$line")
	printf '%-16s %s %%\n' "$p" "${percent:-0}"
	[ "${percent:-0}" -ge $least ] || { echo "$p: too little is tested" >&2; status=1; }
done

count() { while read -r f; do [ ! -f "$f" ] || cat "$f"; done | wc -l; }
code=$(git ls-files '*.go' | grep -v '_test\.go$' | count)
tests=$(git ls-files '*_test.go' | count)
echo "== $code lines of code, $tests lines of tests (at least 0.7 for each)"
[ $((tests * 10)) -ge $((code * 7)) ] || { echo "fewer than 0.7 lines of tests for a line of code" >&2; status=1; }
exit $status
