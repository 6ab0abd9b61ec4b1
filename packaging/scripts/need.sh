#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
#
# need.sh GROUP...: makes sure that what the groups name is installed.
#   build    compiler and headers        run      what the window needs       test   servers and tools of the tests
#   windows  the cross compiler          bench    the programs we compare to  deb    tools of the Debian package
#   go       a Go that is new enough
# On Debian and Ubuntu it installs what is missing with apt-get, and asks for rights only then. Elsewhere it says what
# is missing and ends with 1. Nothing happens when all is there.
set -euo pipefail

GO_WANTED=1.26
APT_UPDATED=
cd "$(dirname "$0")/../.."

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
		echo dovecot-imapd dovecot-lmtpd dovecot-submissiond apache2-bin nginx-light libnginx-mod-http-dav-ext rclone radicale \
			xvfb openbox xdotool x11-utils x11-xkb-utils gnome-keyring dbus dbus-daemon imagemagick
		;;
	windows) echo gcc-mingw-w64-x86-64 binutils-mingw-w64-x86-64 ;;
	bench) echo isync rclone vdirsyncer curl ;;
	deb) echo dpkg-dev desktop-file-utils appstream ;;
	esac
}

# probes GROUP prints what must be there: programs, "pkg:NAME" for pkg-config, "file:PATH".
probes() {
	case $1 in
	build) echo cc make pkg-config pkg:gl pkg:egl pkg:wayland-client pkg:xkbcommon pkg:x11 pkg:xcursor pkg:xrandr pkg:xinerama pkg:xi pkg:xxf86vm ;;
	run) ;;
	test)
		echo dovecot file:/usr/lib/dovecot/lmtp file:/usr/lib/dovecot/submission apache2 nginx \
			file:/usr/lib/nginx/modules/ngx_http_dav_ext_module.so rclone radicale Xvfb openbox xdotool xprop setxkbmap \
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
			dpkg-query -W -f '${db:Status-Status} ${Package} ${Provides}\n' 2>/dev/null | grep -q "^installed .*\b$p\b" || echo "$p"
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

need_go() {
	go_works && return 0
	if command -v apt-get >/dev/null; then
		local offered
		offered=$(apt-cache policy golang-go 2>/dev/null | sed -n 's/ *Candidate: *\([0-9]*:\)\{0,1\}//p')
		if printf '1.21\n%s\n' "${offered:-0}" | sort -V -C; then
			say "go: installing golang-go $offered"
			without_services env DEBIAN_FRONTEND=noninteractive apt-get -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends install golang-go >&2
			go_works && return 0
		fi
	fi
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
