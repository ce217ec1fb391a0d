#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A module whose known-answer test fails does not load, and says which. For each
# test a module is built in which that one sees a wrong result; one guest tries
# them all, and last the right one.
# host: yes
# kernels: 6.12
# timeout: 1800
# shellcheck disable=SC2317 # functions are called through ok
set -uo pipefail
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/mhsm-selftest.XXXXXX")
trap 'rm -rf "$work" "$tap_out"' EXIT
kernel=$("$MHSM_SRC/tests/vm/kernel" "$MHSM_KERNEL")

# The names, as the table of tests in kmod/selftest.c has them
names()
{
	sed -n 's/^\t{ "\([^"]*\)", [a-z_]*test_.*/\1/p' "$MHSM_SRC/kmod/selftest.c"
}

# build TO
build()
{
	nice make -C "$kernel/build" M="$work/src" -j"${MHSM_JOBS:-2}" \
		CONFIG_DEBUG_INFO_BTF_MODULES= --no-print-directory modules &&
		cp "$work/src/mhsm.ko" "$work/share/$1.ko"
}

# build_broken NAME TO: with the test NAME broken. The definition stands in the
# source: on the command line it would compile every file again.
build_broken()
{
	local status=0
	sed -i "1i #define MHSM_BREAK_SELFTEST \"$1\"" "$work/src/kmod/selftest.c"
	build "$2" || status=$?
	sed -i 1d "$work/src/kmod/selftest.c"
	return "$status"
}

mkdir "$work/share"
"$MHSM_SRC/scripts/sync-module" "$work/src"
is "there are tests to break" "$(($(names | wc -l) >= 5))" 1
ok "the module builds" build right
i=0
while read -r name; do
	i=$((i + 1))
	ok "it builds with $name broken" build_broken "$name" $i
	echo "$name" >"$work/share/$i.name"
done < <(names)

# In the guest: "NUMBER STATUS MESSAGE" for each
cat >"$work/guest" <<'EOF'
. "$MHSM_SRC/tests/vm/lib.sh"
for ko in "$MHSM_SHARE"/[0-9]*.ko "$MHSM_SHARE/right.ko"; do
	dmesg -C
	MHSM_KO=$ko
	status=0
	load_module >"$tap_out" 2>&1 || status=$?
	echo "$(basename "$ko" .ko) $status" \
		"$(grep -c '^mhsm ' /proc/modules)" \
		"$(dmesg | sed -n 's/.*known-answer test failed: //p')" \
		"$(tr '\n' ' ' <"$tap_out")" >>"$MHSM_SHARE/results"
	! grep -q '^mhsm ' /proc/modules || unload_module
done
EOF
ok "the guest runs to its end" "$MHSM_SRC/tests/vm/run" --quiet \
	--kernel "$MHSM_KERNEL" --timeout 600 --share "$work/share" \
	"$work/guest"

# result NUMBER: its line
result()
{
	sed -n "s/^$1 //p" "$work/share/results" 2>/dev/null
}

for i in $(seq $i); do
	name=$(cat "$work/share/$i.name")
	like "with $name broken it does not load, and says so" "$(result "$i")" \
		"^1 0 $name \(0\): the module does not load"
done
is "and as it is it loads" "$(result right | cut -d ' ' -f 1,2)" "0 1"
finish
