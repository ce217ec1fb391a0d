#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Use limits over power cuts: three keys with limits of 30, 400 and 100,000 uses
# are used while the power is cut at random moments. After each start no key has
# fewer uses than were reported; at the end no key was used more often than its
# limit; and what the cuts cost is what the documentation says.
#
# MHSM_LIMIT_CUTS is the number of cuts (4).
#
# kernels: 6.12
# host: yes
# timeout: 1500
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"
# shellcheck source=tests/vm/service.sh
. "$MHSM_SRC/tests/vm/service.sh"

cuts=${MHSM_LIMIT_CUTS:-4}
work=$(mktemp -d "${TMPDIR:-/tmp}/mhsm-limits.XXXXXX")
trap 'rm -rf "$work" "$tap_out"' EXIT
trap 'exit 143' TERM INT HUP
mkdir "$work/share"
: >"$work/used"
service_custodians "$work/share" || { echo "Bail out! openssl makes no keys"; exit 1; }
truncate -s 128M "$work/state.img"
keys=(k30 k400 k100000)
declare -A uses

# boot KIND [OPTION]...: leaves what the guest said in $work/out.
boot()
{
	local kind=$1
	shift
	"$MHSM_SRC/tests/vm/run" --quiet --kernel "$MHSM_KERNEL" \
		--disk "$work/state.img" --share "$work/share" --timeout 300 \
		--mem 1024 --smp 2 "$@" \
		"$MHSM_SRC/tests/vm/limits_boot.sh" "$kind" >"$work/out" 2>"$work/err"
}

# reported KEY: how often it was said to be used, in all boots
reported()
{
	grep -cx "used $1" "$work/used"
}

# check BOOT: the counts at its start against what was reported before it
check()
{
	local key now limit lost
	for key in "${keys[@]}"; do
		limit=${key#k}
		now=$(sed -n "s/^uses $key //p" "$work/out" | head -n 1)
		[[ $now =~ ^[0-9]+$ ]] || { fail "boot $1: $key says its uses" "got \"$now\""; continue; }
		lost=$((now - $(reported "$key")))
		[ $lost -ge 0 ] && pass "boot $1: $key: nothing is refunded" ||
			fail "boot $1: $key: nothing is refunded" "$now uses, $(reported "$key") reported"
		# Since the boot before: a block, and one use under way
		lost=$((lost - ${uses[$key]:-0}))
		[ $lost -le $((limit / 16 + 1)) ] && pass "boot $1: $key: at most a block is lost" ||
			fail "boot $1: $key: at most a block is lost" "$lost of $limit"
		uses[$key]=$((lost + ${uses[$key]:-0}))
		echo "#   $key: $now uses, $(reported "$key") reported"
	done
	# A line without its end may be cut short.
	[ -z "$(tail -c 1 "$work/out")" ] || sed -i '$d' "$work/out"
	grep -a '^used ' "$work/out" >>"$work/used"
}

kind=first
for ((round = 0; round < cuts; round++)); do
	moment=$(printf '%d.%03d' $((1 + RANDOM % 3)) $((RANDOM % 1000)))
	status=0
	boot $kind --kill-on "limits: begin@$moment" || status=$?
	is "boot $round: the power is cut after $moment s" $status 137
	[ $status = 137 ] || { sed 's/^/#   /' "$work/out" "$work/err" | tail -n 40; break; }
	check $round
	kind=next
done
if [ "$round" = "$cuts" ]; then
	status=0
	boot last || status=$?
	is "the last boot ends as it should" $status 0
	[ $status = 0 ] || sed 's/^/#   /' "$work/out" "$work/err" | tail -n 40
	check last
	for key in k30 k400; do
		like "$key is refused at last" "$(grep "^refused $key" "$work/out")" 'EDQUOT$'
		[ "$(reported $key)" -le "${key#k}" ] && pass "$key: never more than the limit" ||
			fail "$key: never more than the limit" "$(reported $key) uses"
		echo "#   $key: $(reported $key) uses were had"
	done
	is "k30: its uses are its limit" "$(sed -n 's/^uses k30 //p' "$work/out" | tail -n 1)" 30
	# What a cut costs a small limit: at most the use under way
	[ "$(reported k30)" -ge $((30 - cuts)) ] && pass "k30: nearly all of the limit was had" ||
		fail "k30: nearly all of the limit was had" "$(reported k30) uses"
	[ "$(reported k100000)" -gt 0 ] && pass "there was something to lose" ||
		fail "there was something to lose"
fi
finish
