#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A module whose known-answer test fails does not load, and says which. A module
# is built that can be told which of its tests sees a wrong result; one guest
# tries them all, and last none.
# host: yes
# kernels: 6.12
# timeout: 900
# shellcheck disable=SC2317 # functions are called through ok
set -uo pipefail
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/mhsm-selftest.XXXXXX")
trap 'rm -rf "$work" "$tap_out"' EXIT

mkdir "$work/share"
ok "a module that can be broken builds" \
	"$MHSM_SRC/tests/vm/module" "$MHSM_KERNEL" breakable
cp "$MHSM_BUILD/module/$MHSM_KERNEL-breakable/mhsm.ko" "$work/share/"
# The names, as the table of tests in kmod/selftest.c has them
sed -n 's/^\t{ "\([^"]*\)", [a-z_]*test_.*/\1/p' \
	"$MHSM_SRC/kmod/selftest.c" >"$work/share/names"
is "every known-answer test has its name there" \
	"$(wc -l <"$work/share/names")" \
	"$(sed -n '/ tests\[\] = {/,/^};/p' "$MHSM_SRC/kmod/selftest.c" |
		grep -c '^	{ ')"

# In the guest: "NAME|STATUS|LOADED|MESSAGE" for each; the last NAME is empty.
cat >"$work/guest" <<'EOF'
. "$MHSM_SRC/tests/vm/lib.sh"
MHSM_KO=$MHSM_SHARE/mhsm.ko
{ cat "$MHSM_SHARE/names"; echo; } | while IFS= read -r name; do
	dmesg -C
	status=0
	load_module ${name:+"break_selftest=\"$name\""} >"$tap_out" 2>&1 ||
		status=$?
	echo "$name|$status|$(grep -c '^mhsm ' /proc/modules)|$(dmesg |
		sed -n 's/.*known-answer test failed: //p')" >>"$MHSM_SHARE/results"
	! grep -q '^mhsm ' /proc/modules || unload_module
done
EOF
ok "the guest runs to its end" "$MHSM_SRC/tests/vm/run" --quiet \
	--kernel "$MHSM_KERNEL" --timeout 600 --share "$work/share" \
	"$work/guest"

while IFS= read -r name; do
	is "with $name broken it does not load, and says so" \
		"$(awk -F "|" -v name="$name" '$1 == name' "$work/share/results")" \
		"$name|1|0|$name (0): the module does not load"
done <"$work/share/names"
is "and as it is it loads" "$(grep '^|' "$work/share/results")" "|0|1|"
finish
