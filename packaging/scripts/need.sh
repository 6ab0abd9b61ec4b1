#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
#
# need.sh GROUP...: makes sure that what the groups name is installed.
#   build    compiler and headers        run      what the window needs       test   servers and tools of the tests
#   windows  the cross compiler          bench    the programs we compare to  deb    tools of the Debian package
#   go       a Go that is new enough; where the system has none, one is fetched into build/.toolchain
# On Debian and Ubuntu it installs what is missing with apt-get, and asks for rights only then. Elsewhere it says what
# is missing and ends with 1. Nothing happens when all is there.
set -euo pipefail

GO_WANTED=1.26
GO_FETCHED=1.26.8
APT_UPDATED=
cd "$(dirname "$0")/../.."
export PATH="$PWD/build/.toolchain/go/bin:$PATH:/usr/local/go/bin"

say() { echo "need: $*" >&2; }

# packages GROUP prints the names of the Debian packages.
packages() {
	case $1 in
	build)
		echo gcc libc6-dev pkg-config make libgl-dev libegl-dev libwayland-dev libxkbcommon-dev libx11-dev libxcursor-dev \
			libxrandr-dev libxinerama-dev libxi-dev libxxf86vm-dev
		;;
	run)
		echo libgl1 libgl1-mesa-dri libwayland-client0 libwayland-cursor0 libwayland-egl1 libxkbcommon0 libx11-6 libxcursor1 \
			libxrandr2 libxinerama1 libxi6 libxxf86vm1 ca-certificates
		;;
	test)
		echo dovecot-imapd dovecot-lmtpd dovecot-submissiond apache2-bin nginx-light libnginx-mod-http-dav-ext rclone radicale curl \
			xvfb openbox xdotool x11-utils x11-xkb-utils gnome-keyring dbus dbus-daemon imagemagick
		;;
	windows) echo gcc-mingw-w64-x86-64 binutils-mingw-w64-x86-64 ;;
	bench) echo isync rclone vdirsyncer curl ;;
	deb) echo dpkg-dev desktop-file-utils appstream ;;
	golang) echo golang-go ;;
	fetch) echo curl unzip ca-certificates ;;
	esac
}

# probes GROUP prints what must be there: programs, "pkg:NAME" for pkg-config, "file:PATH".
probes() {
	case $1 in
	build) echo cc make pkg-config pkg:gl pkg:egl pkg:wayland-client pkg:xkbcommon pkg:x11 pkg:xcursor pkg:xrandr pkg:xinerama pkg:xi pkg:xxf86vm ;;
	run) ;;
	test)
		echo dovecot file:/usr/lib/dovecot/lmtp file:/usr/lib/dovecot/submission apache2 nginx \
			file:/usr/lib/nginx/modules/ngx_http_dav_ext_module.so rclone radicale curl Xvfb openbox xdotool xprop setxkbmap \
			gnome-keyring-daemon dbus-run-session convert
		;;
	windows) echo x86_64-w64-mingw32-gcc x86_64-w64-mingw32-windres ;;
	bench) echo mbsync rclone vdirsyncer curl ;;
	deb) echo dpkg-deb desktop-file-validate appstreamcli ;;
	esac
}

there() {
	case $1 in
	pkg:*) pkg-config --exists "${1#pkg:}" 2>/dev/null ;;
	file:*) [ -e "${1#file:}" ] ;;
	*) PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null ;;
	esac
}

missing_packages() {
	for p in $(packages "$1"); do
		# A package may be installed under the name of its successor (t64), which dpkg lists as "provides".
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] ||
			dpkg-query -W -f '${db:Status-Status} ${Package} ${Provides}\n' 2>/dev/null | grep -qE "^installed (.*[ ,])?$p([ ,]|\$)" || echo "$p"
	done
}

missing_probes() { for p in $(probes "$1"); do there "$p" || echo "${p#*:}"; done; }

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		say "this needs root, and there is no sudo. As root: $*"
		return 1
	fi
}

# without_services runs a command while Debian may not start the services that it installs: tests start their own.
without_services() {
	local policy=/usr/sbin/policy-rc.d
	if [ -e $policy ]; then
		as_root "$@"
		return
	fi
	as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy"
	local status=0
	as_root "$@" || status=$?
	as_root rm -f $policy
	return $status
}

install_debian() {
	local missing
	mapfile -t missing < <(missing_packages "$1")
	[ ${#missing[@]} -gt 0 ] || return 0
	say "$1: installing ${missing[*]}"
	if [ -z "$APT_UPDATED" ]; then
		as_root apt-get -qq update || say "the package lists could not be renewed; going on with the old ones"
		APT_UPDATED=1
	fi
	without_services env DEBIAN_FRONTEND=noninteractive apt-get -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends install "${missing[@]}" >&2
}

check_elsewhere() {
	local missing
	mapfile -t missing < <(missing_probes "$1")
	[ ${#missing[@]} -gt 0 ] || return 0
	say "$1: please install what provides: ${missing[*]}"
	return 1
}

# go_works: a Go that is new enough, or that fetches a newer one by itself (from 1.21 on).
go_works() {
	command -v go >/dev/null && go version >/dev/null 2>&1 &&
		printf '%s\n%s\n' "go$GO_WANTED" "$(go env GOVERSION)" | sort -V -C
}

# offered_go prints the version of the system's package, 0 if there is none.
offered_go() { apt-cache policy golang-go 2>/dev/null | sed -n 's/ *Candidate: *\([0-9]*:\)\{0,1\}\([0-9]\)/\2/p' | grep . || echo 0; }

# fetch_go unpacks the Go that go.mod's authors publish as a module into build/.toolchain, where the Makefile looks first.
# Its octets must be the ones that are named here. The dot keeps its sources out of ./... .
fetch_go() {
	local arch sum dir=build/.toolchain zip=build/.toolchain.zip
	case $(uname -s)-$(uname -m) in
	Linux-x86_64) arch=amd64 sum=30c2b1bf7dcc88d3eb0a1364e47ddd9128edb3110a30e8a0ef61cd5856b31de7 ;;
	Linux-aarch64) arch=arm64 sum=02b36b6787b3ac767668f630e2998df45a3b1f9ffee08d1bf3ef6487cd658d99 ;;
	*) return 1 ;;
	esac
	if [ -e /etc/debian_version ]; then install_debian fetch || return 1; fi
	say "go: fetching Go $GO_FETCHED into $dir (70 MB)"
	mkdir -p build
	curl -fsSL -o $zip "https://proxy.golang.org/golang.org/toolchain/@v/v0.0.1-go$GO_FETCHED.linux-$arch.zip" || return 1
	if ! echo "$sum  $zip" | sha256sum -c --quiet >&2; then
		rm -f $zip
		say "go: what was fetched is not Go $GO_FETCHED, and was removed"
		return 1
	fi
	rm -rf $dir
	unzip -q $zip -d $dir.new
	mkdir $dir
	mv "$dir.new/golang.org/toolchain@v0.0.1-go$GO_FETCHED.linux-$arch" $dir/go
	rm -r $dir.new $zip
	chmod +x $dir/go/bin/* $dir/go/pkg/tool/*/*
}

need_go() {
	go_works && return 0
	if command -v apt-get >/dev/null && printf '1.21\n%s\n' "$(offered_go)" | sort -V -C; then
		install_debian golang && go_works && return 0
	fi
	fetch_go && go_works && return 0
	say "go: Kontor needs Go $GO_WANTED or newer, found: $(go version 2>/dev/null || echo none)."
	say "go: get it from https://go.dev/dl/ and put its bin folder into PATH."
	return 1
}

status=0
for group in "$@"; do
	if [ "$group" = go ]; then
		need_go || status=1
	elif [ -e /etc/debian_version ] && command -v apt-get >/dev/null; then
		install_debian "$group" || status=1
	else
		check_elsewhere "$group" || status=1
	fi
done
exit $status
