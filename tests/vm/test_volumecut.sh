#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The power is cut at random moments of "mhsm volume convert" and "rotate". The
# next boot, under the other kernel, shows that each volume opens, by the old
# header or by the new one, with its data whole, and that a conversion that was
# cut off is finished by the same command.
#
# MHSM_VOLUMECUTS is the number of cuts (2; "make check-long": 20).
#
# kernels: 6.12
# host: yes
# timeout: 2400
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"
# shellcheck source=tests/vm/service.sh
. "$MHSM_SRC/tests/vm/service.sh"

cuts=${MHSM_VOLUMECUTS:-2}
work=$(mktemp -d "${TMPDIR:-/tmp}/mhsm-volumecut.XXXXXX")
trap 'rm -rf "$work" "$tap_out"' EXIT
trap 'exit 143' TERM INT HUP
share=$work/share
mkdir "$share"
service_custodians "$share" || { echo "Bail out! openssl makes no keys"; exit 1; }
head -c 1048576 /dev/urandom >"$share/data"
echo -n passphrase >"$share/pass"
truncate -s 64M "$work/state.img"
truncate -s 20M "$work/rotated.img"
truncate -s 8M "$work/converted.img"
mkfs.ext4 -q -F "$work/state.img"
kernels=(6.12 6.1)

# boot ROUND NOTE WANTED KIND [OPTION]...: a boot, and its own checks as ours.
boot()
{
	local round=$1 note=$2 wanted=$3 kind=$4 status=0 name verdict detail
	shift 4
	note="boot $round, ${kernels[round % 2]}, $note"
	"$MHSM_SRC/tests/vm/run" --quiet --kernel "${kernels[round % 2]}" \
		--disk "$work/state.img" --disk "$work/rotated.img" --disk "$work/converted.img" \
		--share "$share" --timeout 300 --mem 1024 --smp 1 "$@" \
		"$MHSM_SRC/tests/vm/volumecut_boot.sh" "$kind" >"$work/out" 2>"$work/err" || status=$?
	is "$note: ends as it should" $status "$wanted"
	[ $status = "$wanted" ] || sed 's/^/#   /' "$work/out" "$work/err" | tail -n 40
	while read -r _ name verdict detail; do
		[ "$verdict" = ok ] && pass "$note: $name" || fail "$note: $name" "$detail"
	done < <(grep -a '^check ' "$work/out")
	grep -a '^found ' "$work/out" | tee -a "$work/found" | sed 's/^/# /'
	[ $status = "$wanted" ]
}

what=(convert rotate)
before=first
for ((round = 0; round < cuts; round++)); do
	moment=$(printf '%d.%03d' $((RANDOM % 4)) $((RANDOM % 1000)))
	boot $round "${what[round % 2]} cut after $moment s" 137 "$before-${what[round % 2]}" \
		--kill-on "volumecut: begin@$moment" || break
	before=next
done
if [ "$round" = "$cuts" ]; then
	boot "$round" "the last" 0 next-last
	is "what each cut left was looked at" "$(grep -c '^found ' "$work/found")" $((2 * cuts))
fi
finish
