# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For demo_first.sh and demo_second.sh, in the guest.
set -euo pipefail

PATH=$MHSM_BUILD:$PATH
read -r server_disk data_disk <<<"$MHSM_DISKS"
usb=$MHSM_SHARE
export usb data_disk

die()
{
	echo "FAILED: $*"
	[ ! -s /run/mhsmd.log ] || sed 's/^/mhsmd: /' /run/mhsmd.log
	exit 1
}

step()
{
	printf '\n--- %s\n' "$*"
}

# run COMMAND [ARG]...: shows the command as one would type it, and runs it.
run()
{
	printf '$ %s\n' "$*"
	"$@" || die "status $? from: $*"
}

# refused STATUS REGEX COMMAND [ARG]...: is to fail, with this exit code, and to
# say something that matches.
refused()
{
	local want=$1 regex=$2 status=0 said
	shift 2
	printf '$ %s\n' "$*"
	said=$("$@" 2>&1) || status=$?
	printf '%s\n' "$said"
	[ $status = "$want" ] || die "exit code $status, not $want"
	grep -Eq "$regex" <<<"$said" || die "the message does not say: $regex"
	echo "(exit code $status)"
}

# expect GOT WANT WHAT
expect()
{
	[ "$1" = "$2" ] || die "$3 is \"$1\", not \"$2\""
}

state()
{
	mhsm status --output json | jq -r .state
}

start_hsm()
{
	local dep
	mkdir -p /var/lib/mhsm /run/mhsm /srv
	mount -t tmpfs tmpfs /srv
	mount "$server_disk" /var/lib/mhsm
	chmod 700 /var/lib/mhsm
	for dep in $(modinfo -F depends "$MHSM_KO" | tr ',' ' ') \
		$(modinfo -F softdep "$MHSM_KO" | sed 's/[a-z]*://g'); do
		modprobe -q "$dep" || true
	done
	run insmod "$MHSM_KO"
	printf '$ mhsmd\n'
	mhsmd --quorum="$MHSM_BUILD/mhsm-quorum" >/run/mhsmd.log 2>&1 ||
		die "mhsmd does not start: $(cat /run/mhsmd.log)"
}
