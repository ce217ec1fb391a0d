#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# usage (in a guest): revoke_boot.sh ROUNDS
#
# tests/kselftest/revoke.c at length, and that nothing leaks.
. "$MHSM_SRC/tests/vm/lib.sh"

ok "the module loads" load_module
"$MHSM_BUILD/kselftest/revoke" "$1" | sed 's/^/#   /'
is "the rounds passed" "${PIPESTATUS[0]}" 0
ok "the module unloads" unload_module
leak_check "nothing leaked"
finish
