#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
#
# windows-check.sh: type-checks the Windows side. Packages with C below them need the cross compiler; without it they
# are left out, and the check says so.
set -euo pipefail
cd "$(dirname "$0")/../.."
export GOOS=windows GOARCH=amd64

gcc=x86_64-w64-mingw32-gcc
# A package is pure if neither it nor anything it imports has C in it; the standard library does without where it must.
mapfile -t pure < <(CGO_ENABLED=1 go list -e -deps -f '{{if or .CgoFiles .Module}}{{.ImportPath}}{{if and .Module .CgoFiles}} C{{end}}{{if .Module}}{{if .Module.Main}} main {{join .Deps " "}}{{end}}{{end}}{{end}}' ./... |
	awk '$2 == "C" { c[$1] = 1; next }
		$2 == "main" { deps[$1] = $0 }
		END { for (p in deps) { n = split(deps[p], d, " "); ok = 1; for (i = 3; i <= n; i++) if (d[i] in c) ok = 0; if (ok) print p } }' | sort)
echo "== go vet for Windows: ${#pure[@]} packages without C"
CGO_ENABLED=0 go vet "${pure[@]}"
if command -v $gcc >/dev/null; then
	echo "== go vet for Windows with $gcc: all packages but the window's program"
	export CGO_ENABLED=1 CC=$gcc
	mapfile -t all < <(go list ./... | grep -v '^kontor/cmd/kontor$')
	go vet "${all[@]}"
	echo "== kontorctl.exe"
	go build -o build/windows/ ./cmd/kontorctl
else
	echo "== $gcc is not installed: packages with C are not checked for Windows"
fi
