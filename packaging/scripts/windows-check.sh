#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
#
# windows-check.sh: type-checks the Windows side. Packages with C below them need the cross compiler; without it they
# are left out, and the check says so.
set -euo pipefail
cd "$(dirname "$0")/../.."
export GOOS=windows GOARCH=amd64

gcc=x86_64-w64-mingw32-gcc
mapfile -t pure < <(CGO_ENABLED=0 go list -deps -f '{{if and .Module .Module.Main}}{{.ImportPath}}{{end}}' ./... |
	while read -r p; do
		CGO_ENABLED=1 go list -deps -f '{{if .CgoFiles}}{{.ImportPath}}{{end}}' "$p" 2>/dev/null | grep -v '^runtime/cgo$\|^net$\|^os/user$' | grep -q . || echo "$p"
	done | sort -u)
echo "== go vet for Windows: ${#pure[@]} packages without C"
CGO_ENABLED=0 go vet "${pure[@]}"
if command -v $gcc >/dev/null; then
	echo "== kontorctl.exe with $gcc"
	CGO_ENABLED=1 CC=$gcc go build -o build/windows/ ./cmd/kontorctl
else
	echo "== $gcc is not installed: packages with C are not checked for Windows"
fi
