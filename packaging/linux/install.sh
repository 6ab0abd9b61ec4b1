#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
#
# install.sh ROOT PREFIX: puts what is in build/ and the desktop files below ROOT. The packages are made of this.
set -euo pipefail
cd "$(dirname "$0")/../.."

root=$1 prefix=$2 id=org.kontor.Kontor
share=$root$prefix/share

install -D -m 755 -t "$root$prefix/bin" build/kontor build/kontorctl
install -D -m 644 packaging/linux/$id.desktop "$share/applications/$id.desktop"
install -D -m 644 packaging/linux/$id.metainfo.xml "$share/metainfo/$id.metainfo.xml"
install -D -m 644 packaging/icon/kontor.svg "$share/icons/hicolor/scalable/apps/$id.svg"
install -D -m 644 packaging/icon/kontor.png "$share/icons/hicolor/256x256/apps/$id.png"
etc=$root/etc
[ "$prefix" = /usr ] || etc=$root$prefix/etc
install -D -m 644 packaging/linux/$id-autostart.desktop "$etc/xdg/autostart/$id.desktop"
