#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The power is cut at random moments, while four processes make keys and one
# writes to an encrypted volume. The next boot, under the other kernel, shows
# that every key and every block that was reported is there and right, that
# whatever else is there works, and that the audit log verifies.
#
# What counts as reported is what reached the host's end of the console before
# qemu was killed. A cut takes what the guest had in its page cache; the disk
# itself loses nothing that the guest had sent to it.
#
# MHSM_POWERCUTS is the number of cuts (30).
#
# kernels: 6.12
# host: yes
# timeout: 2400
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"
# shellcheck source=tests/vm/service.sh
. "$MHSM_SRC/tests/vm/service.sh"

cuts=${MHSM_POWERCUTS:-30}
work=$(mktemp -d "${TMPDIR:-/tmp}/mhsm-powercut.XXXXXX")
trap 'rm -rf "$work" "$tap_out"' EXIT
trap 'exit 143' TERM INT HUP
share=$work/share
facts=$share/facts

mkdir "$share"
: >"$facts"
: >"$work/new"
service_custodians "$share" || { echo "Bail out! openssl makes no keys"; exit 1; }
truncate -s 256M "$work/state.img"
truncate -s 256M "$work/volume.img"
mkfs.ext4 -q -F "$work/state.img"

kernels=(6.1 6.12)

# boot ROUND KIND [OPTION]...: leaves what the guest said in $work/out.
boot()
{
	local round=$1 kind=$2 listed= block
	shift 2
	# The last boot looks at everything; the others, at what is new, and at
	# some of what was right before.
	if [ "$kind" = last ]; then
		cp "$facts" "$share/checked"
	else
		{ cat "$work/new" && shuf -n 20 "$facts"; } >"$share/checked"
		listed=r$((round - 1))-
	fi
	block=$(sed -n 's/^block //p' "$facts" | sort -n | tail -n 1)
	"$MHSM_SRC/tests/vm/run" --quiet --kernel "${kernels[round % 2]}" \
		--disk "$work/state.img" --disk "$work/volume.img" \
		--share "$share" --timeout 300 --mem 1024 --smp 1 \
		"$@" \
		"$MHSM_SRC/tests/vm/powercut_boot.sh" "$kind" "r$round" \
		$((${block:--1} + 1)) "$listed" \
		>"$work/out" 2>"$work/err"
}

# report ROUND STATUS WANTED NOTE: the boot's own checks, each a result of ours.
report()
{
	local round=$1 status=$2 wanted=$3 note=$4 name verdict detail
	is "boot $round ($note): ends as it should" "$status" "$wanted"
	[ "$status" = "$wanted" ] || sed 's/^/#   /' "$work/out" "$work/err" | tail -n 40
	while read -r _ name verdict detail; do
		if [ "$verdict" = ok ]; then
			pass "boot $round ($note): $name"
			echo "#   $detail"
		else
			fail "boot $round ($note): $name" "$detail"
		fi
	done < <(grep -a '^check ' "$work/out")
}

# What boot has said by now is a fact. A line without its end may be cut short.
learn()
{
	[ -z "$(tail -c 1 "$work/out")" ] || sed -i '$d' "$work/out"
	grep -aE '^(made|aes|ec|block) ' "$work/out" >"$work/new"
	cat "$work/new" >>"$facts"
}

count()
{
	grep -c "^$1 " "$facts"
}

kind=first
for ((round = 0; round < cuts; round++)); do
	# From the first key's creation to some dozens later.
	moment=$(printf '%d.%03d' $((RANDOM % 2)) $((RANDOM % 1000)))
	status=0
	boot $round $kind --kill-on "powercut: begin@$moment" || status=$?
	report $round $status 137 "${kernels[round % 2]}, cut after $moment s"
	[ $status = 137 ] || break
	learn
	echo "#   $(count made) keys and $(count block) blocks are known of"
	kind=next
done

if [ "$round" = "$cuts" ]; then
	status=0
	boot "$round" last || status=$?
	report "$round" $status 0 "${kernels[round % 2]}, the last"
	[ "$(count made)" -gt "$cuts" ] && [ "$(count block)" -gt "$cuts" ] &&
		pass "there was something to lose" ||
		fail "there was something to lose" \
			"$(count made) keys, $(count block) blocks"
	# A creation is reported after its record is on the disk.
	keyload audited "$share"/audit/*.seg | sort -u >"$work/audited"
	missing=$(sed -n 's/^made \([^ ]*\) .*/\1/p' "$facts" | sort -u |
		comm -23 - "$work/audited")
	is "every key that was reported as made is in the audit log" \
		"$(wc -w <<<"$missing") missing" "0 missing"
	echo "#   $(count made) keys and $(count block) blocks, $cuts cuts, $SECONDS s"
fi
finish
