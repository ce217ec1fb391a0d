#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Process 1 of the machine that test_initramfs.sh boots, on its encrypted root:
# looks at what the initramfs left, and starts mhsmd as any system would. Prints
# TAP. /etc/test-env says where the test has what.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
# shellcheck source=/dev/null
. /etc/test-env
for dir in /sys/class/virtio-ports/*; do
	case $(<"$dir/name") in
	out)		exec >"/dev/${dir##*/}" 2>&1 </dev/null ;;
	control)	exec 3>"/dev/${dir##*/}" ;;
	esac
done
echo start >&3
mount -t tmpfs tmpfs /tmp
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"
# shellcheck source=tests/vm/service.sh
. "$MHSM_SRC/tests/vm/service.sh"
store_disk=/dev/vda
# As its unit does. The shell that it is called in becomes mhsmd.
mhsmd()
{
	exec setpriv --reuid="$MHSM_UID" --regid="$MHSM_UID" --clear-groups --inh-caps=-all --no-new-privs \
		/usr/sbin/mhsmd "$@"
}
ulimit -l 65536

like "the root is the volume" "$(grep ' / ' /proc/mounts)" '/dev/mapper/root / ext4 '
like "whose key is a token" "$(dmsetup table root)" ' crypt (capi:)?[a-z(]*paes|mhsm\(xts'
is "the HSM is active, and has no daemon" "$(mhsm status -o json | jsonat state version)" "active no answer"
is "no mhsmd was left" "$(pidof mhsmd mhsm-quorum)" ""
like "the one of the initramfs ended when it was asked to" "$(cat /run/initramfs/mhsmd.log)" 'mhsmd ends: Terminated'
is "nor a mount" "$(grep -E 'mhsm' /proc/mounts)" ""
is "the devices have their owners" "$(stat -c '%n %u %g %a' /dev/mhsm /dev/mhsm-daemon | tr '\n' ' ')" \
	"/dev/mhsm 0 $MHSM_UID 660 /dev/mhsm-daemon $MHSM_UID $MHSM_UID 600 "

ok "the store is mounted" mount -t ext4 $store_disk $service_state
is "all in it is mhsm's" "$(find $service_state ! -name lost+found ! -user "$MHSM_UID")" ""
size=$(cat $service_state/audit/*.seg | wc -c)
before=$(tr ' ' '\n' </proc/cmdline | sed -n 's/^audit-size=//p')
ok "the audit of the initramfs is in it" test "$size" -gt "$before"
mkdir -p /run/mhsm
chown "$MHSM_UID:$MHSM_UID" /run/mhsm
ok "mhsmd attaches to the kernel" service_start
is "the HSM is active still" "$(service_hsm)" active
echo data >/tmp/data
ok "a stored key signs" mhsm key sign --name signer --algorithm ES256 --in /tmp/data --out /tmp/sig
ok "what it verifies" mhsm key verify --name signer --algorithm ES256 --in /tmp/data --signature /tmp/sig

# A signature is the last of what is to be seen.
read_audit()
{
	mhsm audit tail --count 100 -o tsv >/tmp/audit && grep -q KeySign /tmp/audit
}
ok "the audit is read" wait_for 20 read_audit
# Two ceremonies: the first one's root device was wrong. What was recorded when
# nobody came went with the module, locked as it was.
is "it goes on from the first boot through the initramfs to here" \
	"$(cut -f 2,3,5,8 /tmp/audit | tr '\t' : | sed -n '/^TokenCreate/,/^KeySign/p' | tr '\n' ' ')" \
	"TokenCreate:Success:user:0:disks TokenRedeem:Success:user:0:disks $(
	)DaemonAttach:Success:user:$MHSM_UID: $(
	)SecurityDomainRestore:Success:user:0: SecurityDomainRestore:Success:user:0: $(
	)DaemonAttach:Success:user:$MHSM_UID: $(
	)SecurityDomainRestore:Success:user:0: SecurityDomainRestore:Success:user:0: $(
	)KeyOpen:Success:user:0:disks TokenRedeem:Success:user:0:disks $(
	)DaemonAttach:Success:user:$MHSM_UID: KeyOpen:Success:user:0:signer KeySign:Success:user:0:signer "
audit=$(mhsm audit verify -o json | jsonat verified boots)
is "its chain is whole, over all three lives of the module" "$audit" "true 3"
ok "root wrote" sh -c 'mount -o remount,rw / && echo x >/written && sync'
ok "mhsmd ends" service_stop
umount $service_state
(finish)
status=$?
echo "status $status" >&3
poweroff -f
