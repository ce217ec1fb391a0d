#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# LUKS2 volumes of the HSM in the hands of the stock cryptsetup, which opens
# them by their token, without a passphrase.
#
# kernels: 6.1 6.12
# disk: 64M
# timeout: 900
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"
# shellcheck source=tests/vm/volume.sh
. "$MHSM_SRC/tests/vm/volume.sh"

disk=${MHSM_DISKS%% *}
volume_begin
ok "a KEK is made" hsm kek disks
head -c 262144 /dev/urandom >"$work/data"
want=$(digest cat "$work/data")

# ---- the plugin -------------------------------------------------------------

ok "a volume is formatted" mhsm volume format "$disk" --kek disks
ok "cryptsetup opens it without a passphrase" cryptsetup open "$disk" data </dev/null
ok "data is written" dd if="$work/data" of=/dev/mapper/data bs=64k oflag=direct
ok "closed" cryptsetup close data
code "open --token-only" 0 '' cryptsetup open --token-only "$disk" data
is "reads it" "$(digest head -c 262144 /dev/mapper/data)" "$want"
ok "closed again" cryptsetup close data
code "open by type" 0 '' cryptsetup open --token-only --token-type mhsm "$disk" data
ok "closed once more" cryptsetup close data
code "luksDump shows the token" 0 'Key: +disks.*Data key: 512 bits' cryptsetup luksDump "$disk"
ok "the token is exported" cryptsetup token export --token-id 0 --json-file "$work/token.json" "$disk"
ok "and removed" cryptsetup token remove --token-id 0 "$disk"
code "without it nothing opens" 1 '' cryptsetup open --token-only "$disk" data
echo '{"type":"mhsm","keyslots":["0"],"kek":"disks","token":"AAAA"}' >"$work/bad.json"
code "a damaged token is not imported" 1 'takes "kek"' \
	cryptsetup token import --token-id 0 --json-file "$work/bad.json" "$disk"
ok "the token is imported" cryptsetup token import --token-id 0 --json-file "$work/token.json" "$disk"
code "opens again" 0 '' cryptsetup open --token-only "$disk" data
ok "lock" hsm lock
ok "closed while locked" cryptsetup close data
code "the HSM is locked, it says" 1 'mhsm: /dev/vda: the HSM is locked: have its custodians' \
	cryptsetup open --token-only "$disk" data
ok "unlock" hsm unlock
code "opens after unlocking" 0 '' cryptsetup open --token-only "$disk" data
is "the data is there" "$(digest head -c 262144 /dev/mapper/data)" "$want"
ok "closed at last" cryptsetup close data

volume_end
