#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
#
# xvfb.sh COMMAND...: runs a command on a screen of its own: Xvfb, a window manager, a German keyboard, a session bus
# and empty folders for settings and runtime files. Ends what it started.
set -euo pipefail

[ $# -gt 0 ] || { echo "usage: xvfb.sh COMMAND..." >&2; exit 2; }
if [ -z "${KONTOR_IN_SESSION:-}" ] && command -v dbus-run-session >/dev/null; then
	export KONTOR_IN_SESSION=1
	exec dbus-run-session -- "$0" "$@"
fi

dir=$(mktemp -d)
pids=()
finish() {
	for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
	for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
	rm -rf "$dir"
}
trap finish EXIT
trap 'exit 143' TERM INT

mkdir -m 0700 "$dir/runtime"
export XDG_RUNTIME_DIR=$dir/runtime
unset WAYLAND_DISPLAY XAUTHORITY

mkfifo "$dir/display"
Xvfb -displayfd 3 -screen 0 "${KONTOR_SCREEN:-1440x900x24}" -nolisten tcp +extension GLX 3>"$dir/display" >"$dir/xvfb.log" 2>&1 &
pids+=($!)
if ! read -r -t 60 number <"$dir/display"; then
	echo "xvfb.sh: Xvfb did not start" >&2
	cat "$dir/xvfb.log" >&2
	exit 1
fi
export DISPLAY=:$number
setxkbmap de 2>/dev/null || true
openbox --sm-disable >"$dir/openbox.log" 2>&1 &
pids+=($!)

# Wait for the window manager: it announces itself on the root window.
if command -v xprop >/dev/null; then
	ready=
	for _ in $(seq 600); do
		if xprop -root _NET_SUPPORTING_WM_CHECK 2>/dev/null | grep -q '#'; then
			ready=1
			break
		fi
		sleep 0.1
	done
	if [ -z "$ready" ]; then
		echo "xvfb.sh: the window manager did not start" >&2
		cat "$dir/openbox.log" >&2
		exit 1
	fi
fi

status=0
"$@" || status=$?
exit $status
