#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
#
# deb.sh VERSION: packs build/kontor and build/kontorctl into dist/kontor_VERSION_ARCH.deb.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=$1
arch=$(dpkg --print-architecture)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"

packaging/linux/install.sh "$root" /usr
mkdir -p "$root/DEBIAN" "$root/usr/share/doc/kontor"
cat >"$root/usr/share/doc/kontor/copyright" <<END
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Kontor

Files: *
Copyright: The Kontor maintainers
License: EUPL-1.2

License: EUPL-1.2
$(sed -e 's/^$/./' -e 's/^/ /' LICENSE)
END
gzip -9nc CHANGELOG.md >"$root/usr/share/doc/kontor/changelog.gz"
echo /etc/xdg/autostart/org.kontor.Kontor.desktop >"$root/DEBIAN/conffiles"
cat >"$root/DEBIAN/control" <<END
Package: kontor
Version: $version
Architecture: $arch
Maintainer: The Kontor maintainers <maintainers@kontor.invalid>
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f1)
Depends: libc6 (>= 2.34), libgl1, libwayland-client0, ca-certificates
Recommends: libgl1-mesa-dri, libx11-6, libxcursor1, libxrandr2, libxinerama1, libxi6, libxxf86vm1, libwayland-cursor0, libwayland-egl1, libxkbcommon0, gnome-keyring | org.freedesktop.secrets
Section: net
Priority: optional
Description: mail, files and tasks in one window, complete offline
 Kontor is a workplace for people in public service. It keeps mail, files and
 tasks complete on the computer, synchronised with IMAP, SMTP, WebDAV and CalDAV
 servers. Every change works at once, with or without a network, and is brought
 to the servers later, once and only once.
 .
 The package also holds kontorctl, the same without a window.
END
mkdir -p dist
out=dist/kontor_${version}_$arch.deb
dpkg-deb --root-owner-group -Zxz --build "$root" "$out" >/dev/null
dpkg-deb --info "$out" | sed -n 's/^ \(Package\|Version\|Installed-Size\):/\1:/p'
ls -l "$out"
