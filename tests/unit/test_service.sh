#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The unit of mhsmd: systemd knows every line of it, and counts it among the
# services that are shut off from the rest of the system.
MHSM_SRC=${MHSM_SRC:-$(realpath "$(dirname "$0")/../..")}
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"

if ! command -v systemd-analyze >/dev/null; then
	skip "the unit of mhsmd" "no systemd-analyze here"
	finish
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# verify looks for the program, which is not installed.
sed "s|^ExecStart=/usr/sbin/|ExecStart=$MHSM_SRC/build/|" \
	"$MHSM_SRC/dist/mhsmd.service" >"$work/mhsmd.service"
said=$(systemd-analyze verify --man=no "$work/mhsmd.service" 2>&1)
is "systemd-analyze verify" "$? $said" "0 "
# The exposure times ten: 0 is none, 100 all.
ok "systemd-analyze security: exposure of at most 1.5" systemd-analyze \
	security --offline=true --threshold=15 --no-pager "$work/mhsmd.service"
printf "[Service]\\nExecStart=/bin/true\\n" >"$work/bare.service"
nok "which a unit without a sandbox does not reach" systemd-analyze \
	security --offline=true --threshold=15 --no-pager "$work/bare.service"
finish
