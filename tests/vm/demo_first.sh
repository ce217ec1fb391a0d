#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The first boot of demo.sh: from nothing to an encrypted disk and a signature.
# shellcheck source=tests/vm/demo_common.sh
. "$MHSM_SRC/tests/vm/demo_common.sh"

step "The module and its daemon"
start_hsm
run mhsm status
expect "$(state)" unprovisioned "the state"

step "A domain of its own; any two of Alice, Bob and Carol can bring it back"
run mhsm provision --administrators root
run mhsm security-domain download \
	--sd-wrapping-keys "$usb/alice.pem" "$usb/bob.pem" "$usb/carol.pem" \
	--sd-quorum 2 --security-domain-file "$usb/security-domain.json"
expect "$(state)" active "the state"

step "A key for disks, and one for signatures"
run mhsm key create --name disks --kty oct-HSM --size 256 \
	--ops wrapKey unwrapKey --consumers
run mhsm key create --name signer --kty EC-HSM --curve P-256 --ops sign verify
run mhsm key list

step "An encrypted disk, whose key no process will ever see"
run mhsm volume format "$data_disk" --kek disks
run mhsm volume open "$data_disk" data
run mkfs.ext4 -q /dev/mapper/data
run mkdir -p /srv/data
run mount /dev/mapper/data /srv/data
run dd if=/dev/urandom of=/srv/data/ledger bs=1M count=24 status=none
sha256sum /srv/data/ledger | cut -d ' ' -f 1 >"$usb/ledger.sha256"
run sync
echo "SHA-256 of the ledger: $(cat "$usb/ledger.sha256")"

step "A signature, which OpenSSL verifies"
echo "We, the undersigned, agree." >"$usb/contract"
run mhsm key download --name signer --file "$usb/signer.pem"
run mhsm key sign --name signer --algorithm ES256 --in "$usb/contract" --der \
	--out "$usb/contract.sig"
run openssl dgst -sha256 -verify "$usb/signer.pem" \
	-signature "$usb/contract.sig" "$usb/contract"

step "And then somebody stumbles over the power cable"
echo "demo: the plug is pulled" >/dev/kmsg
exec tail -f /dev/null
