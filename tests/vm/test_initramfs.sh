#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A machine whose root file system is a volume of the HSM. mkinitramfs makes the
# initramfs with our hook as it is installed; the machine boots with it, and two
# custodians come with USB sticks and, one of them, a passphrase. Process 1 of
# the root is initramfs_root.sh, which checks what it finds. Before, what is wrong
# in the configuration is corrected in the shell that an administrator gets, once
# after a ceremony that was in vain. What the boot loader names for the root is an
# unencrypted disk with the same files.
#
# One kernel has an initramfs without busybox.
#
# kernels: 6.1 6.12
# host: yes
# timeout: 900
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"
# shellcheck source=tests/vm/service.sh
. "$MHSM_SRC/tests/vm/service.sh"

if [ "$(id -u)" != 0 ]; then
	# In a user namespace it could not copy root's files as root's.
	skip "a machine with its root on a volume" "mkinitramfs needs root"
	finish
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/mhsm-initramfs.XXXXXX")
trap 'rm -rf "$work" "$tap_out"' EXIT
trap 'exit 143' TERM INT HUP
share=$work/share
uid=990
passphrase='correct horse'
mkdir "$share"
cached=$("$MHSM_SRC/tests/vm/kernel" "$MHSM_KERNEL") || { echo "Bail out! no kernel"; exit 1; }
release=$(cat "$cached/release")
console=$MHSM_BUILD/check/vm_${MHSM_KERNEL}_initramfs.console
mkdir -p "$MHSM_BUILD/check"
# What an earlier run said is not to count.
rm -f "$console" "$console.off"

# ---- the media ---------------------------------------------------------------

make_keys()
{
	service_custodians "$share" &&
		openssl pkcs8 -topk8 -in "$share/bob.key" -out "$work/bob.key" -passout "pass:$passphrase" &&
		install -m 600 "$(rsa_key 5)" "$work/a-stranger.key"
}

# fat_stick NAME [FILE]...: with a partition, as they are sold.
fat_stick()
{
	local name=$1
	shift
	truncate -s 4M "$work/fat"
	mkfs.vfat -n MHSM-KEY "$work/fat" || return
	[ $# = 0 ] || mcopy -i "$work/fat" "$@" :: || return
	truncate -s 1M "$work/$name"
	cat "$work/fat" >>"$work/$name"
	rm "$work/fat"
	echo start=2048,type=c | sfdisk -q "$work/$name"
}

# Three sticks: FAT without a key, FAT with a stranger's key and Alice's, ext4 on
# all of the stick with Bob's.
make_sticks()
{
	fat_stick stick0 "$share/alice.pem" && fat_stick stick1 "$work/a-stranger.key" "$share/alice.key" || return
	mkdir "$work/stick2.d"
	cp "$work/bob.key" "$work/stick2.d/"
	mkfs.ext4 -q -L MHSM-KEY -d "$work/stick2.d" "$work/stick2" 4M
}

# ---- the root file system ------------------------------------------------------

# put_program FILE [AS]: and the libraries that it names.
put_program()
{
	local file
	install -D "$1" "$tree/usr/${2:-${1#/usr/}}" || return
	while read -r file; do
		[ -e "$tree/$file" ] || install -D "$file" "$tree/$file" || return
	done < <(ldd "$1" | grep -o '/[^ ]*')
}

make_root()
{
	local tree=$work/root name file
	mkdir -p "$tree"/{dev,proc,sys,run,tmp,etc,root,var/lib/mhsm,usr/{bin,sbin,lib,lib64,src/tests/vm}}
	for name in bin sbin lib lib64; do
		ln -s usr/$name "$tree/$name"
	done
	cp "$MHSM_SRC"/tests/vm/*.sh "$tree/usr/src/tests/vm/"
	install "$MHSM_SRC/tests/vm/initramfs_root.sh" "$tree/sbin/init"
	printf '%s\n' "MHSM_SRC=/usr/src MHSM_BUILD=/usr/libexec/mhsm MHSM_UID=$uid" >"$tree/etc/test-env"
	put_program "$(command -v busybox)" bin/busybox || return
	for name in cat chown cut find grep mkdir mktemp mount pidof poweroff rm sed sh sha256sum stat sync tr umount wc; do
		ln -s busybox "$tree/bin/$name"
	done
	for file in bin/mhsm sbin/mhsmd libexec/mhsm/mhsm-quorum; do
		put_program "$share/root/usr/$file" $file || return
	done
	for file in bash setpriv dmsetup; do
		put_program "$(command -v $file)" bin/$file || return
	done
	put_program "$MHSM_BUILD/kselftest/jsonat" bin/jsonat || return
	mkfs.ext4 -q -L root -O ^has_journal -m 0 -d "$tree" "$share/root.img" 56M
}

# ---- the initramfs -------------------------------------------------------------

configure()
{
	mkdir -p "$work/conf/scripts" "$work/conf/conf.d"
	local busybox=auto
	[ "$MHSM_KERNEL" != 6.1 ] || busybox=n
	printf 'MODULES=list\nBUSYBOX=%s\nCOMPRESS=gzip\nCOMPRESSLEVEL=1\n' $busybox >"$work/conf/initramfs.conf"
	printf 'virtio_pci\nvirtio_blk\nvirtio_console\nusb_storage\n' >"$work/conf/modules"
	printf '%s\n' MHSM_ROOT_DEVICE=/dev/vdc MHSM_STORE_DEVICE=LABEL=nowhere MHSM_DEVICE_WAIT=1 MHSM_KEY_WAIT=1 \
		>"$work/mhsm.conf"
}

# in_system COMMAND...: on a system that is the host's with mhsm installed and
# this kernel's modules, below $work/system, of which the host sees nothing.
in_system()
{
	# shellcheck disable=SC2016 # expanded by the inner shell
	share=$share work=$work uid=$uid cached=$cached release=$release unshare --mount bash -ec '
		top=$work/system
		mkdir -p "$top"
		mount -t tmpfs tmpfs "$top"
		mkdir "$top"/{upper,inner,root}
		mount -t overlay -o lowerdir=/,upperdir="$top/upper",workdir="$top/inner" overlay "$top/root"
		root=$top/root
		cp -a --no-preserve=ownership "$share/root/." "$root/"
		echo "mhsm:x:$uid:$uid::/:/bin/false" >>"$root/etc/passwd"
		echo "mhsm:x:$uid:" >>"$root/etc/group"
		mkdir -p "$root/lib/modules/$release" "$root/boot" "$root/mnt/work"
		cp "$cached/root/boot/config-$release" "$root/boot/"
		cp -r "$work/lib/modules/$release/." "$root/lib/modules/$release/"
		mkdir "$root/lib/modules/$release/kernel"
		mount --bind "$cached/modules/kernel" "$root/lib/modules/$release/kernel"
		for dir in dev proc sys; do
			mount --rbind /$dir "$root/$dir"
		done
		mount --bind "$work" "$root/mnt/work"
		[ ! -e "$work/mhsm.conf" ] || install -D -m 644 "$work/mhsm.conf" "$root/etc/mhsm/initramfs.conf"
		exec chroot "$root" "$@"' - "$@"
}

make_initramfs()
{
	in_system mkinitramfs -d /mnt/work/conf -o /mnt/work/initrd.gz "$release" || return
	# The emulator would be slow in unpacking it.
	zcat "$work/initrd.gz" >"$work/initrd" 2>/dev/null || mv "$work/initrd.gz" "$work/initrd"
}

# hook CONFIGURATION RELEASE: calls it as mkinitramfs would, for $work/added.
hook()
{
	local status=0
	rm -rf "$work/added"
	mkdir "$work/added"
	cp "$work/mhsm.conf" "$work/mhsm.conf.full"
	[ -n "$1" ] && echo "$1" >"$work/mhsm.conf" || rm "$work/mhsm.conf"
	in_system env DESTDIR=/mnt/work/added version="$2" verbose=y CONFDIR=/mnt/work/conf \
		/usr/share/initramfs-tools/hooks/mhsm >"$work/said" 2>&1 || status=$?
	mv "$work/mhsm.conf.full" "$work/mhsm.conf"
	return $status
}

ok "custodians have keys" make_keys
ok "and sticks" make_sticks
ok "make install" make -s -C "$MHSM_SRC" install DESTDIR="$share/root" PREFIX=/usr
ok "a root file system" make_root
ok "the module goes where dkms puts it" service_module "$work"
configure
ok "mkinitramfs makes an initramfs" make_initramfs

ok "without a configuration the hook succeeds" hook "" "$release"
is "and adds nothing" "$(find "$work/added" -mindepth 1)" ""
like "as it says when it is asked" "$(cat "$work/said")" "no /etc/mhsm/initramfs.conf, so nothing is added"
nok "no module, no initramfs" hook MHSM_ROOT_DEVICE=/dev/vdb 0.0-none
like "it says why" "$(cat "$work/said")" 'the kernel 0.0-none has no module mhsm.*dkms install'
nok "no root volume, no initramfs" hook MHSM_STORE_DEVICE=/dev/vda "$release"
like "it says why" "$(cat "$work/said")" 'sets no MHSM_ROOT_DEVICE'

truncate -s 32M "$work/store"
mkfs.ext4 -q -L mhsm-store "$work/store"
truncate -s 80M "$work/volume"
status=0
"$MHSM_SRC/tests/vm/run" --quiet --kernel "$MHSM_KERNEL" --disk "$work/store" --disk "$work/volume" --share "$share" \
	--mem 1024 --smp 1 --timeout 300 "$MHSM_SRC/tests/vm/initramfs_prepare.sh" $uid >"$work/out" 2>&1 || status=$?
is "an HSM and a volume are made" $status 0
[ $status = 0 ] || sed 's/^/# /' "$work/out"

# ---- the boot --------------------------------------------------------------------

status=0
"$MHSM_SRC/tests/vm/run" --quiet --kernel "$MHSM_KERNEL" --disk "$work/store" --disk "$work/volume" \
	--disk "$share/root.img" --mem 1024 --smp 1 --timeout 300 --initrd "$work/initrd" --keep-log "$console" \
	--append "panic= root=/dev/vdc audit-size=$(cat "$share/audit-size")" \
	--type "\(initramfs\) @echo MHSM_STORE_DEVICE=/dev/vdc >>/etc/mhsm/initramfs.conf; exit" \
	--type "\(initramfs\) @echo MHSM_STORE_DEVICE=LABEL=mhsm-store >>/etc/mhsm/initramfs.conf; exit" \
	--type "\(initramfs\) @cat /run/initramfs/mhsmd.log; echo MHSM_KEY_WAIT=0 >>/etc/mhsm/initramfs.conf; exit" \
	--plug "custodians: bring your keys@$work/stick0" \
	--plug "bring the next medium@$work/stick1" \
	--plug "bring the next medium@$work/stick2" \
	--type "passphrase of bob.key@wrong horse" \
	--type "passphrase of bob.key@$passphrase" \
	--type "\(initramfs\) @ls /dev/mhsm; echo MHSM_ROOT_DEVICE=/dev/vdb >>/etc/mhsm/initramfs.conf; exit" \
	--type "passphrase of bob.key@$passphrase" \
	--plug "bring the next medium@$work/stick1" >"$work/out" 2>&1 || status=$?
is "the machine comes up" $status 0
grep -v '^\(not \)\?ok ' "$work/out" | sed 's/^[^#]/# &/'
while IFS= read -r line; do
	case $line in
	"ok "*)		pass "${line#ok * - }" ;;
	"not ok "*)	fail "${line#not ok * - }" ;;
	esac
done <"$work/out"
is "everything in there was checked" "$(sed -n 's/^1\.\.//p' "$work/out")" "$(grep -cE '^(not )?ok ' "$work/out")"

# ---- what was on the console -------------------------------------------------------

said()
{
	grep -aqE -- "$1" "$console"
}

ok "the store's device was asked for" said 'there is no LABEL=nowhere, the device of the store\. Is it plugged in'
ok "mhsmd cannot start on what is no store of its user's" eval \
	"said '/var/lib/mhsm.*Permission denied' && said 'mhsmd does not start on the store /dev/vdc\. It says why, above'"
ok "nobody came" said 'no new medium for 1 s\. Leave this shell'
ok "mhsmd had ended before there was a shell" said 'mhsmd ends: Terminated'
ok "a medium without a key was noticed" said '/dev/sda1: holds no file \*\.key'
ok "a stranger's key was refused" said 'a-stranger\.key: the key opens no share of this security domain'
ok "the next custodian was called" eval "said 'approved: 1 of 2' && said 'bring the next medium'"
ok "a wrong passphrase was asked for again" said 'that is not its passphrase'
ok "an unencrypted disk was not opened" said '/dev/vdc does not open as a volume of the HSM'
ok "and the HSM was gone before there was a shell" said '/dev/mhsm: No such file'
nok "no passphrase was shown" said "wrong horse|$passphrase"
ok "the boot loader was overruled" said 'root=/dev/vdc is not the volume: /dev/mapper/root is taken'
[ $tap_failed = 0 ] || sed 's/^/# console: /' "$console"

# ---- without the HSM ---------------------------------------------------------------

status=0
"$MHSM_SRC/tests/vm/run" --quiet --kernel "$MHSM_KERNEL" --disk "$share/root.img" --mem 1024 --smp 1 --timeout 300 \
	--initrd "$work/initrd" --keep-log "$console.off" --append "mhsm=off root=LABEL=root" \
	--kill-on 'Running /scripts/init-bottom' >"$work/out" 2>&1 || status=$?
is "with mhsm=off another root is mounted" $status 137
ok "and nobody asks for custodians" eval "[ -s '$console.off' ] && ! grep -aq 'mhsm: c' '$console.off'"
finish
