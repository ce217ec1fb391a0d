# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# usage (in a guest): volumecut_boot.sh first|next-convert|rotate|last
#
# One boot of test_volumecut.sh: makes the volumes (first), or looks at what the
# cut before this boot left of them; then converts or rotates until the power
# goes. The share holds the custodians, the data that is in both volumes, and the
# header that the converted one had before. Prints "check NAME ok|FAILED DETAIL"
# for each check, and "found VOLUME HOW" for what opens a volume.
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"
# shellcheck source=tests/vm/service.sh
. "$MHSM_SRC/tests/vm/service.sh"
# shellcheck source=tests/vm/volume.sh
. "$MHSM_SRC/tests/vm/volume.sh"
rm -f "$tap_out"

HEADER=2M # of the volume that is converted
read -r state_disk rotated converted <<<"$MHSM_DISKS"
pass_file=$MHSM_SHARE/pass
backup=$service_state/converted.luks

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
	exit 1
}

fill()
{
	dd if="$MHSM_SHARE/data" of="/dev/mapper/$1" bs=64k oflag=direct conv=fsync status=none
}

whole()
{
	dd if="/dev/mapper/$1" bs=64k count=16 iflag=direct status=none | cmp - "$MHSM_SHARE/data"
}

by_passphrase()
{
	cryptsetup open --disable-external-tokens --key-file "$pass_file" "$converted" c
}

convert()
{
	mhsm volume convert "$converted" --kek a --header-backup "$backup" --key-file "$pass_file"
}

make_volumes()
{
	service_provision "$MHSM_SHARE" >/dev/null || give_up "not provisioned"
	local kek
	for kek in a b; do
		mhsm key create --name $kek --kty oct-HSM --size 256 --consumers >/dev/null || give_up "no KEK"
	done
	mhsm volume format "$rotated" --kek a >/dev/null && mhsm volume open "$rotated" r >/dev/null && fill r &&
		mhsm volume close r || give_up "no volume"
	cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --luks2-keyslots-size 1M \
		--offset $((2 * 2048)) "$converted" "$pass_file" 2>/dev/null && by_passphrase && fill c &&
		cryptsetup close c || give_up "no ordinary volume"
	dd if="$converted" of="$MHSM_SHARE/header" bs=$HEADER count=1 conv=fsync status=none
}

look()
{
	service_unlock "$MHSM_SHARE" alice carol >/dev/null || give_up "the HSM stays locked"
	if check rotated mhsm volume open "$rotated" r; then
		echo "found rotated $(cryptsetup luksDump --dump-json-metadata "$rotated" | jsonat tokens.0.kek)"
		check rotated-data whole r
		check rotated-closed mhsm volume close r
	fi
	if cryptsetup open --token-only "$converted" c 2>/dev/null; then
		echo "found converted by the HSM, old keyslots not wiped: $(cryptsetup luksDump --dump-json-metadata "$converted" |
			jsonat tokens.0.converting)"
	elif check opens-the-old-way by_passphrase; then
		echo "found converted by its passphrase"
	fi
	check converted-data whole c
	check converted-closed cryptsetup close c
	check finished convert
	check finished-opens mhsm volume open "$converted" c
	check finished-data whole c
	check finished-closed mhsm volume close c
	check passphrase-gone eval '! by_passphrase'
}

mkdir -p $service_state /run/mhsm
mount "$state_disk" $service_state || give_up "the state disk does not mount"
load_module || give_up "the module does not load"
volume_plugin || give_up "no plugin"
service_start || give_up "mhsmd does not start"
case $1 in
first-*) make_volumes ;;
*) look ;;
esac
case $1 in
*-last)
	service_stop && echo "check stopped ok" || echo "check stopped FAILED $?"
	umount $service_state
	exit ;;
*-convert)
	# As it was, and so is the disk before the command begins.
	rm -f "$backup"*
	dd if="$MHSM_SHARE/header" of="$converted" bs=$HEADER conv=fsync,notrunc status=none
	sync
	echo "volumecut: begin" >/dev/kmsg
	convert || give_up "not converted" ;;
*)
	echo "volumecut: begin" >/dev/kmsg ;;
esac
while mhsm volume rotate "$rotated" --kek b && mhsm volume rotate "$rotated" --kek a; do :; done
give_up "not rotated"
