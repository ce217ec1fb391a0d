# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# usage (in a guest): initramfs_prepare.sh UID
#
# For test_initramfs.sh: provisions an HSM whose store, on the first disk, is
# UID's, and makes the second disk a volume with the root file system that is
# share/root.img. Leaves the size of the audit log in share/audit-size.
set -e
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"
# shellcheck source=tests/vm/service.sh
. "$MHSM_SRC/tests/vm/service.sh"
rm -f "$tap_out"
read -r store_disk root_disk <<<"$MHSM_DISKS"

# What happens here happens to be long: what failed is to be seen.
set -x
service_mount "$store_disk"
load_module
service_start
service_provision "$MHSM_SHARE"
mhsm key create --name disks --kty oct-HSM --size 256 --ops wrapKey unwrapKey --consumers
mhsm key create --name signer --kty EC-HSM --curve P-256 --ops sign verify
mhsm volume format "$root_disk" --kek disks
mhsm volume open "$root_disk" root
dd if="$MHSM_SHARE/root.img" of=/dev/mapper/root bs=1M oflag=direct status=none
mhsm volume close root
service_stop
cat "$service_state"/audit/*.seg | wc -c >"$MHSM_SHARE/audit-size"
chown -R "$1:$1" $service_state
umount $service_state
