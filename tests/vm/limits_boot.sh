# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# usage (in a guest): limits_boot.sh first|next|last
#
# One boot of test_limits.sh. Prints "uses NAME NUMBER" for each key as it is
# after the start, then uses the keys in turn, a line for each use, until the
# power goes; the last boot uses them up.
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"
# shellcheck source=tests/vm/service.sh
. "$MHSM_SRC/tests/vm/service.sh"
rm -f "$tap_out"

give_up()
{
	echo "failed: $*; $(tail -n 5 $service_log | tr '\n' ';')"
	exit 1
}

kind=$1
read -r disk <<<"$MHSM_DISKS"
service_mount "$disk" || give_up "the state disk does not mount"
load_module || give_up "the module does not load"
service_start || give_up "mhsmd does not start"
if [ "$kind" = first ]; then
	service_provision "$MHSM_SHARE" >/dev/null || give_up "not provisioned"
	for limit in 30 400 100000; do
		mhsm key create --name k$limit --kty oct-HSM \
			--ops wrapKey unwrapKey --use-limit $limit >/dev/null ||
			give_up "no key k$limit"
	done
else
	service_unlock "$MHSM_SHARE" alice carol >/dev/null ||
		give_up "the HSM stays locked"
fi
for key in k30 k400 k100000; do
	echo "uses $key $(mhsm key show --name $key --output json | jsonat mhsm.uses)"
done
if [ "$kind" = last ]; then
	for key in k30 k400; do
		keyuse $key || give_up "$key"
	done
	echo "uses k30 $(mhsm key show --name k30 --output json | jsonat mhsm.uses)"
	service_stop
	umount $service_state
	exit
fi
# The host sets its clock by this.
echo "limits: begin" >/dev/kmsg
while :; do
	keyuse k30 1
	keyuse k400 9
	keyuse k100000 50
done
