#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Volumes whose key is a token: dm-crypt by hand and through cryptsetup, LUKS2
# included; what is on the disk is what plain AES with the data key makes; and
# purging the key or locking the HSM ends I/O with an error, never a hang.
#
# kernels: 6.1 6.12
# group: volumes
# disk: 64M
# timeout: 900
. "$MHSM_SRC/tests/vm/lib.sh"
. "$MHSM_SRC/tests/vm/minihsm.sh"

disk=${MHSM_DISKS%% *}
sectors=$(blockdev --getsz "$disk")
work=$(mktemp -d)

# ---- devices ----------------------------------------------------------------

# map NAME CIPHER KEYFILE [FIRST_SECTOR [SECTORS]]: a crypt device over the disk.
map()
{
	local first=${4:-0}
	echo "0 ${5:-$((sectors - first))} crypt $2 $(hex "$3") 0 $disk $first" |
		timeout 60 dmsetup create "$1"
}

# ios NAME...: requests that each of them had, the fewest
ios()
{
	local name
	for name in "$@"; do
		name=$(dmsetup info -c --noheadings -o blkdevname "$name")
		awk '{ print $1 + $5 }' "/sys/block/$name/stat"
	done | sort -n | head -n 1
}

ios_above()
{
	local least=$1
	shift
	[ "$(ios "$@")" -gt "$least" ]
}

# io_until "NAME..." COMMAND...: random reads and writes on each
# /dev/mapper/NAME; once they all run, the command; passes if fio then ends with
# an I/O error on each, soon.
io_until()
{
	local names before=0 count status=0 fio name jobs=()
	read -ra names <<<"$1"
	shift
	for name in "${names[@]}"; do
		jobs+=(--name="$name" --filename="/dev/mapper/$name")
		count=$(ios "$name")
		[ "$count" -le "$before" ] || before=$count
	done
	timeout -k 5 240 fio --direct=1 --rw=randrw --bs=4k --iodepth=16 \
		--ioengine=libaio --time_based --runtime=200 --thread \
		--allow_mounted_write=1 "${jobs[@]}" >"$work/fio" 2>&1 &
	fio=$!
	if ! wait_for 60 ios_above $((before + 200)) "${names[@]}"; then
		kill $fio
		wait $fio
		echo "no I/O began"
		cat "$work/fio"
		return 1
	fi
	"$@" || { echo "failed: $*"; kill $fio; wait $fio; return 1; }
	wait $fio || status=$?
	[ $status -ne 0 ] && [ $status -ne 124 ] && [ $status -ne 137 ] &&
		[ "$(grep -c '): err= 5 .*Input/output error' "$work/fio")" = ${#names[@]} ] &&
		return 0
	echo "fio ended with $status"
	cat "$work/fio"
	return 1
}

# ---- begin ------------------------------------------------------------------

ok "the module loads" load_module
hsm_begin "$work"
ok "the HSM starts" hsm start
ok "a KEK is made" hsm kek vol
ok "and one whose tokens ciphers may not take" hsm kek quiet-kek quiet
head -c 64 /dev/urandom >"$work/xts.key"
head -c 32 /dev/urandom >"$work/cbc.key"
ok "a token for xts" hsm token vol xts "$work/xts.key" "$work/xts.token"
ok "a token for cbc" hsm token vol cbc "$work/cbc.key" "$work/cbc.token"
ok "a token of the other KEK" \
	hsm token quiet-kek xts "$work/xts.key" "$work/quiet.token"
head -c 262144 /dev/urandom >"$work/data"
want=$(digest cat "$work/data")

# ---- dm-crypt by hand -------------------------------------------------------

# same NAME CIPHER TOKEN PLAIN KEY: what is written through one is read through
# the other.
same()
{
	local name=$1 cipher=$2 token=$3 plain=$4 key=$5
	ok "$cipher maps" map "$name" "$cipher" "$token"
	ok "$cipher: written" writein "/dev/mapper/$name" <"$work/data"
	is "$cipher: read back" "$(digest readout "/dev/mapper/$name")" "$want"
	ok "$cipher: unmapped" unmap "$name"
	nok "$cipher: the disk holds something else" \
		test "$(digest readout "$disk")" = "$want"
	ok "$plain maps with the data key" map plain "$plain" "$key"
	is "$plain reads what $cipher wrote" \
		"$(digest readout /dev/mapper/plain)" "$want"
	ok "$plain: unmapped" unmap plain
}

same a 'capi:mhsm(xts(aes))-plain64' "$work/xts.token" \
	aes-xts-plain64 "$work/xts.key"
same b 'capi:xts(paes)-plain64' "$work/xts.token" \
	aes-xts-plain64 "$work/xts.key"
same c 'paes-cbc-plain64' "$work/cbc.token" aes-cbc-plain64 "$work/cbc.key"
same d 'capi:mhsm(cbc(aes))-plain64' "$work/cbc.token" \
	aes-cbc-plain64 "$work/cbc.key"

nok "a token for cbc is not one for xts" \
	map e 'capi:mhsm(xts(aes))-plain64' "$work/cbc.token"
nok "a KEK that does not allow it opens no volume" \
	map e 'capi:mhsm(xts(aes))-plain64' "$work/quiet.token"
{ head -c 127 "$work/xts.token"; printf '\377'; } >"$work/bad.token"
nok "a forged token opens no volume" \
	map e paes-xts-plain64 "$work/bad.token"
nok "ghash is no cipher of ours" map e 'capi:mhsm(ghash)-plain64' "$work/xts.token"
ok "what was refused is in the audit" hsm audited 16 -129 2

# ---- the key of a suspended device ------------------------------------------

ok "mapped for wiping" map w 'capi:mhsm(xts(aes))-plain64' "$work/xts.token"
ok "written" writein /dev/mapper/w <"$work/data"
ok "suspended" dmsetup suspend w
# dm-crypt sets a random key, which is no token: an error, but the key is gone.
nok "key wipe sets what is no token" dmsetup message w 0 key wipe
nok "resumed without a key" dmsetup resume w
ok "key set" dmsetup message w 0 key set "$(hex "$work/xts.token")"
ok "resumed" dmsetup resume w
is "reads what was written" "$(digest readout /dev/mapper/w)" "$want"
nok "the module is in use" rmmod mhsm
ok "unmapped" unmap w

# ---- cryptsetup -------------------------------------------------------------

ok "cryptsetup opens a plain volume" cryptsetup open --type plain --batch-mode \
	--cipher 'capi:mhsm(xts(aes))-plain64' --key-size 1024 \
	--key-file "$work/xts.token" "$disk" p
is "and reads what dm-crypt wrote" "$(digest readout /dev/mapper/p)" "$want"
ok "closed" cryptsetup close p

echo -n passphrase >"$work/pass"
ok "luksFormat with paes-xts-plain64" cryptsetup luksFormat --batch-mode \
	--type luks2 --cipher paes-xts-plain64 --key-size 1024 \
	--volume-key-file "$work/xts.token" --pbkdf pbkdf2 \
	--pbkdf-force-iterations 1000 --key-file "$work/pass" "$disk"
ok "luksOpen" cryptsetup open --key-file "$work/pass" "$disk" l
like "its table holds the token's length, not a key" \
	"$(dmsetup table l)" ':128:logon:'
ok "mkfs" mkfs.ext4 -q -E nodiscard /dev/mapper/l
mkdir "$work/mnt"
ok "mount" mount /dev/mapper/l "$work/mnt"
cp "$work/data" "$work/mnt/data"
sync -f "$work/mnt"
ok "umount" umount "$work/mnt"
first=$(dmsetup table l | awk '{ print $8 }')
is "luks: read through plain aes-xts-plain64" \
	"$(map plain aes-xts-plain64 "$work/xts.key" "$first" &&
		digest readout /dev/mapper/plain)" \
	"$(digest readout /dev/mapper/l)"
ok "plain unmapped" unmap plain
ok "luksClose" cryptsetup close l
ok "luksOpen again" cryptsetup open --key-file "$work/pass" "$disk" l
ok "fsck" fsck.ext4 -fn /dev/mapper/l
ok "luksSuspend" cryptsetup luksSuspend l
ok "luksResume" cryptsetup luksResume --key-file "$work/pass" l
ok "mounted again" mount /dev/mapper/l "$work/mnt"
is "the file is whole" "$(digest cat "$work/mnt/data")" "$want"
ok "unmounted again" umount "$work/mnt"

# ---- the end of a key under load --------------------------------------------

ok "locking the HSM ends I/O on a LUKS volume with EIO" io_until l hsm lock
nok "reading fails" readout /dev/mapper/l
ok "luksClose while locked" cryptsetup close l
nok "luksOpen while locked" \
	cryptsetup open --key-file "$work/pass" "$disk" l
ok "unlocked" hsm unlock
ok "luksOpen after unlocking" \
	cryptsetup open --key-file "$work/pass" "$disk" l
ok "readable again" readout /dev/mapper/l
ok "luksClose after that" cryptsetup close l

ok "mapped once more" map z 'capi:mhsm(xts(aes))-plain64' "$work/xts.token"
ok "the KEK is deleted" hsm delete vol
ok "which ends nothing yet" readout /dev/mapper/z
ok "purging the KEK ends I/O with EIO" io_until z hsm purge vol
nok "writing fails" writein /dev/mapper/z <"$work/data"
nok "its tokens map nothing" \
	map y 'capi:mhsm(xts(aes))-plain64' "$work/xts.token"
ok "the dead volume is unmapped" unmap z

ok "a KEK for the last one" hsm kek last
ok "its token" hsm token last xts "$work/xts.key" "$work/last.token"
quarter=$((sectors / 4))
for i in 0 1 2 3; do
	ok "volume $i is mapped" map "q$i" paes-xts-plain64 "$work/last.token" \
		$((i * quarter)) $quarter
done
ok "zeroizing ends I/O on all four with EIO" io_until "q0 q1 q2 q3" hsm zeroize
for i in 0 1 2 3; do
	before=$(digest dd if="$disk" bs=64k skip=$((i * quarter / 128)) \
		count=$((quarter / 128)) iflag=direct status=none)
	nok "volume $i is not written any more" writein "/dev/mapper/q$i" <"$work/data"
	is "nor is its disk" "$(digest dd if="$disk" bs=64k skip=$((i * quarter / 128)) \
		count=$((quarter / 128)) iflag=direct status=none)" "$before"
	ok "it is unmapped after all" unmap "q$i"
done

# ---- end --------------------------------------------------------------------

hsm_end
ok "the module unloads" unload_module
leak_check "nothing leaked"
rm -rf "$work"
finish
