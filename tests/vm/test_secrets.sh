#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a root shell finds on a machine whose HSM is unlocked. One boot makes a
# domain; the host opens its security domain with the custodians' keys, so that
# the master, the shares and what is derived are known, too. A second boot is
# unlocked by two custodians, imports a known key, opens a volume with a known
# data key, and is searched for all of it: memory of all processes, swap,
# everything that passed over netlink, the store, the disks, /dev/mem and
# /proc/kcore. A control that is planted in each of these places is found.
#
# What /proc/kcore shows is said in the output: the round keys of keys in use
# are in the crypto API's own memory, which it does show.
#
# kernels: 6.1 6.12
# host: yes
# timeout: 1900
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"
# shellcheck source=tests/vm/service.sh
. "$MHSM_SRC/tests/vm/service.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/mhsm-secrets.XXXXXX")
trap 'rm -rf "$work" "$tap_out"' EXIT
trap 'exit 143' TERM INT HUP
share=$work/share
needles=$share/needles

mkdir -p "$needles"
# A needle is the complement of a secret: nobody has seen the secret itself.
head -c 32 /dev/urandom >"$needles/control.needle"
head -c 32 /dev/urandom >"$needles/imported.needle"
head -c 64 /dev/urandom >"$needles/volume.needle"
truncate -s 64M "$work/state.img"
truncate -s 64M "$work/volume.img"
truncate -s 1G "$work/swap.img"
mkfs.ext4 -q -F "$work/state.img"

boot()
{
	"$MHSM_SRC/tests/vm/run" --quiet --share "$share" --mem 512 \
		--timeout 900 --env "TAP_COUNT=$tap_count" \
		--disk "$work/state.img" --disk "$work/volume.img" \
		--disk "$work/swap.img" \
		"$MHSM_SRC/tests/vm/secrets_boot.sh" "$1"
}

ok "three custodians make keys" service_custodians "$share"
ok "a domain is made, locked and unlocked" boot setup
ok "the custodians can open the security domain" scan secrets "$needles" \
	"$share/security-domain.json" \
	"$share/alice.key" "$share/bob.key" "$share/carol.key"
is "the capture of netlink has the control, and no secret" \
	"$(scan "file:$share/capture" -- "$needles"/*.needle |
		sed -n 's/^hit .* \([a-z0-9]*\).*+[0-9]*$/\1/p' | sort -u)" \
	control
# The guest goes on counting.
status=0
boot search >"$work/out" || status=$?
cat "$work/out"
tap_count=$(($(grep -c '^\(not \)\?ok ' "$work/out") + tap_count))
tap_failed=$((tap_failed + $(grep -c '^not ok ' "$work/out")))
is "the search came to its end" "$status $(tail -n 1 "$work/out")" "0 # searched"
finish
