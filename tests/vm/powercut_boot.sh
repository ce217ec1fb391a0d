# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# usage (in a guest): powercut_boot.sh first|next|last PREFIX BLOCK CHECKED
#
# One boot of test_powercut.sh. The share holds the custodians, and `checked`,
# what this boot is to look at of what earlier ones reported; of keys that are
# there without that, it looks at names that begin with CHECKED. New keys begin
# with PREFIX; blocks are written from BLOCK on. Prints, for each check, "check
# NAME ok|FAILED DETAIL", then (but for the last boot) makes keys and writes to
# a volume, reporting both, until the power goes.
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"
# shellcheck source=tests/vm/service.sh
. "$MHSM_SRC/tests/vm/service.sh"
rm -f "$tap_out"

PROCESSES=4
checked=$MHSM_SHARE/checked
read -r state_disk volume_disk <<<"$MHSM_DISKS"

# check NAME COMMAND [ARG]...
check()
{
	local name=$1 verdict=ok said
	shift
	said=$("$@" 2>&1) || verdict=FAILED
	echo "check $name $verdict ${said//$'\n'/; }"
	[ $verdict = ok ]
}

give_up()
{
	echo "check boot FAILED $*; $(tail -n 5 $service_log | tr '\n' ';')"
	dmesg | tail -n 20
	exit 1
}

# The kernel was given every record of the store, and none was refused.
loaded_all()
{
	local log
	log=$(<$service_log)
	[[ $log =~ load:\ [0-9]+\ records\ loaded,\ [0-9]+\ refused ]] &&
		echo "${BASH_REMATCH[0]}"
	[[ $log =~ load:\ [0-9]+\ records\ loaded,\ 0\ refused ]]
}

begin()
{
	mkdir -p $service_state /run/mhsm
	mount "$state_disk" $service_state || give_up "the state disk does not mount"
	load_module || give_up "the module does not load"
	service_start || give_up "mhsmd does not start"
	if [ "$kind" = first ]; then
		service_provision "$MHSM_SHARE" >/dev/null || give_up "not provisioned"
		mhsm key create --name kek --kty oct-HSM --size 256 \
			--ops wrapKey unwrapKey --consumers >/dev/null ||
			give_up "no KEK"
		mhsm volume format "$volume_disk" --kek kek || give_up "no volume"
	else
		check unlock service_unlock "$MHSM_SHARE" alice carol ||
			give_up "the HSM stays locked"
		check store loaded_all
		check keys keyload check "$checked" "$listed"
		check audit mhsm audit verify --output json
	fi
	check volume mhsm volume open "$volume_disk" volume ||
		give_up "the volume does not open"
	check blocks keyload read /dev/mapper/volume "$checked"
}

kind=$1 prefix=$2 block=$3 listed=${4-}
begin
if [ "$kind" = last ]; then
	service_stop && echo "check stop ok" || echo "check stop FAILED $?"
	cp -r $service_state/audit "$MHSM_SHARE/"
	check closed mhsm volume close volume
	check fsck eval "umount $service_state && fsck.ext4 -fn $state_disk"
	exit
fi
keyload write /dev/mapper/volume "$block" &
# The host sets its clock by the first key.
keyload create $PROCESSES "$prefix" |
	{ IFS= read -r line && echo "powercut: begin" >/dev/kmsg &&
		echo "$line" && exec cat; }
give_up "nothing more was made"
