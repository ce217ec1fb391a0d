#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The second boot of demo.sh: locked, until two custodians have come.
# shellcheck source=tests/vm/demo_common.sh
. "$MHSM_SRC/tests/vm/demo_common.sh"

step "The module and its daemon, on the disk that the power cut left"
start_hsm
run mhsm status
expect "$(state)" locked "the state"

step "Nothing opens"
refused 5 'locked.*mhsm security-domain approve' mhsm volume open "$data_disk" data
refused 5 'locked.*mhsm security-domain approve' \
	mhsm key sign --name signer --in "$usb/contract"

step "One custodian is not enough"
said=$(run mhsm security-domain approve --key "$usb/alice.key")
echo "$said"
grep -q '^approved: 1 of 2$' <<<"$said" || die "not \"approved: 1 of 2\""
expect "$(state)" locked "the state"
refused 6 'approved already' mhsm security-domain approve --key "$usb/alice.key"
refused 5 'locked' mhsm volume open "$data_disk" data

step "Two are"
said=$(run mhsm security-domain approve --key "$usb/carol.key" \
	--passphrase-file "$usb/carol.pass")
echo "$said"
grep -q '^approved: 2 of 2, the HSM is active$' <<<"$said" ||
	die "not \"approved: 2 of 2, the HSM is active\""
expect "$(state)" active "the state"
run mhsm key list

step "The volume opens, and not a bit is missing"
run mhsm volume open "$data_disk" data
run mkdir -p /srv/data
run mount /dev/mapper/data /srv/data
sum=$(sha256sum /srv/data/ledger | cut -d ' ' -f 1)
echo "SHA-256 of the ledger: $sum"
expect "$sum" "$(cat "$usb/ledger.sha256")" "the checksum"
run umount /srv/data
run mhsm volume close data

step "The signing key is the one it was"
echo "And so we agree again." >"$usb/contract2"
run mhsm key sign --name signer --in "$usb/contract2" --der --out "$usb/contract2.sig"
run openssl dgst -sha256 -verify "$usb/signer.pem" \
	-signature "$usb/contract2.sig" "$usb/contract2"

step "The same from C: doc/examples/sign.c"
run "$usb/sign-example" signer "$usb/contract2" "$usb/contract3.sig"
run openssl dgst -sha256 -verify "$usb/signer.pem" \
	-signature "$usb/contract3.sig" "$usb/contract2"

step "And the audit log is whole, over both boots"
run mhsm audit verify
run mhsm audit tail --count 8
