#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
#
# build.sh VERSION LDFLAGS: cross-builds kontor.exe and kontorctl.exe into dist/windows, and an MSI where wixl is
# installed.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=$1 ldflags=$2
mingw=x86_64-w64-mingw32
out=dist/windows
numbers=$(tr . , <<<"${version%%-*}"),0
mkdir -p $out

# resources DIR PROGRAM puts icon, manifest and version where the linker picks them up.
resources() {
	$mingw-windres -I packaging/windows -D "VERSION_NUMBERS=$numbers" -D "VERSION_TEXT=\\\"$version\\\"" \
		-D "PROGRAM=\\\"$2\\\"" -D 'MANIFEST=\"kontor.manifest\"' \
		-O coff -o "$1/rsrc_windows_amd64.syso" packaging/windows/kontor.rc
}
trap 'rm -f cmd/kontor/rsrc_windows_amd64.syso cmd/kontorctl/rsrc_windows_amd64.syso' EXIT
resources cmd/kontor kontor.exe
resources cmd/kontorctl kontorctl.exe

export CGO_ENABLED=1 GOOS=windows GOARCH=amd64 CC=$mingw-gcc
go build -ldflags "$ldflags" -o $out/kontorctl.exe ./cmd/kontorctl
go build -ldflags "$ldflags -H windowsgui" -o $out/kontor.exe ./cmd/kontor
ls -l $out/*.exe

if command -v wixl >/dev/null; then
	wixl -a x64 -D "Version=${version%%-*}" -D "Source=$out" -o "dist/kontor-$version.msi" packaging/windows/kontor.wxs
	ls -l "dist/kontor-$version.msi"
else
	echo "wixl is not installed: no MSI"
fi
