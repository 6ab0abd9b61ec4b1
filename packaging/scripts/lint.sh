#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
#
# lint.sh: formatting (gofumpt), go vet, and golangci-lint. The tools are built into build/tools once; golangci-lint takes
# two minutes of computing for that. LINT=quick leaves it out.
set -euo pipefail
cd "$(dirname "$0")/../.."

GOFUMPT=v0.12.0
GOLANGCI=v2.15.0
tools=$PWD/build/tools

# tool NAME MODULE VERSION prints the path of a tool, and builds it into build/tools first if that is needed.
tool() {
	local name=$1 module=$2 version=$3
	if [ ! -x "$tools/$name-$version" ]; then
		echo "lint: building $name $version" >&2
		mkdir -p "$tools"
		GOFLAGS='' GOBIN="$tools" go install "$module@$version"
		mv "$tools/$name" "$tools/$name-$version"
	fi
	echo "$tools/$name-$version"
}

mapfile -t sources < <(git ls-files '*.go' | while read -r f; do [ -f "$f" ] && echo "$f"; done)
echo "== gofumpt ($(wc -w <<<"${sources[*]}") files)"
unformatted=$("$(tool gofumpt mvdan.cc/gofumpt $GOFUMPT)" -l "${sources[@]}")
if [ -n "$unformatted" ]; then
	echo "not formatted:" "$unformatted" >&2
	exit 1
fi

echo "== go vet"
go vet ./...

if [ "${LINT:-}" = quick ]; then
	echo "== golangci-lint: left out"
	exit 0
fi
linter=$(tool golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint $GOLANGCI)
echo "== golangci-lint"
"$linter" run
