#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The figures that need a kernel: run by tests/bench/merge in a guest, where
# $MHSM_SHARE holds three custodians' keys (c1.key c1.pem ...) and receives the
# figures, one JSON object a line.
#
# $BENCH_PARTS limits it to some of: gcm, dmcrypt, keys. $BENCH_KEYS is how many
# keys are loaded (10000).
set -euo pipefail

PATH=$MHSM_BUILD:$MHSM_BUILD/bench:$PATH
parts=${BENCH_PARTS:-gcm dmcrypt keys}
keys=${BENCH_KEYS:-10000}
figures=$MHSM_SHARE/figures
work=$(mktemp -d)
: >"$figures"

die()
{
	echo "bench: $*" >&2
	[ ! -s "$work/log" ] || tail -n 20 "$work/log" >&2
	exit 1
}

part()
{
	[[ " $parts " == *" $1 "* ]]
}

# figure NAME UNIT OURS PEER THEIRS
figure()
{
	awk -v n="$1" -v u="$2" -v o="$3" -v p="$4" -v t="$5" 'BEGIN {
		printf "{\"name\": \"%s\", \"unit\": \"%s\", \"ours\": %.4g, \"peer\": \"%s\", \"theirs\": %.4g, \"ratio\": %.3f}\n",
			n, u, o, p, t, o / t }' | tee -a "$figures"
}

# ---- an HSM, as it is installed ---------------------------------------------

start()
{
	local dep
	for dep in $(modinfo -F depends "$MHSM_KO" | tr ',' ' ') \
		$(modinfo -F softdep "$MHSM_KO" | sed 's/[a-z]*://g'); do
		modprobe -q "$dep" || true
	done
	# The processor's own instructions, for both sides.
	modprobe -q -a aesni_intel ghash_clmulni_intel || true
	insmod "$MHSM_KO" || die "the module does not load"
	mkdir -p /var/lib/mhsm /run/mhsm
	chmod 700 /var/lib/mhsm
	mhsmd --quorum="$MHSM_BUILD/mhsm-quorum" >"$work/log" 2>&1 ||
		die "mhsmd does not start"
	mhsm provision --administrators root >/dev/null ||
		die "provisioning failed"
	mhsm security-domain download --sd-wrapping-keys \
		"$MHSM_SHARE/c1.pem" "$MHSM_SHARE/c2.pem" "$MHSM_SHARE/c3.pem" \
		--sd-quorum 2 --security-domain-file "$work/sd.json" >/dev/null ||
		die "the security domain cannot be downloaded"
}

lock()
{
	mhsm lock >/dev/null || die "locking failed"
}

# Seconds from the approval that completes the quorum until every key is there.
unlock()
{
	local begin
	mhsm security-domain approve --key "$MHSM_SHARE/c1.key" >/dev/null ||
		die "the first approval failed"
	begin=$EPOCHREALTIME
	mhsm security-domain approve --key "$MHSM_SHARE/c2.key" >/dev/null ||
		die "the second approval failed"
	keys active "$1" || die "the HSM did not unlock"
	awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'
}

# ---- dm-crypt ----------------------------------------------------------------

hex()
{
	od -An -v -tx1 "$1" | tr -d ' \n'
}

# Two mappings of one RAM disk, with the same 512 bit data key and dm-crypt's
# default sectors of 512 bytes: what differs is who holds the key.
dmcrypt()
{
	local mib=64 sectors
	modprobe brd rd_nr=1 rd_size=$((mib * 1024)) || die "no RAM disk (brd)"
	modprobe -q -a dm-crypt xts || true
	# Memory first, or the first writer would have to allocate it.
	dd if=/dev/zero of=/dev/ram0 bs=1M count=$mib oflag=direct status=none
	sectors=$(blockdev --getsz /dev/ram0)
	head -c 64 /dev/urandom >"$work/data.key"
	mhsm key create --name bench-kek --kty oct-HSM --size 256 \
		--ops wrapKey unwrapKey --consumers >/dev/null
	mhsm volume token --kek bench-kek --cipher xts --key-size 512 \
		--import "$work/data.key" --out "$work/token" >/dev/null ||
		die "no volume token"
	echo "0 $sectors crypt paes-xts-plain64 $(hex "$work/token") 0 /dev/ram0 0" |
		dmsetup create ours || die "no mapping with paes"
	echo "0 $sectors crypt aes-xts-plain64 $(hex "$work/data.key") 0 /dev/ram0 0" |
		dmsetup create theirs || die "no mapping with aes"
	dmio /dev/mapper/ours /dev/mapper/theirs ${BENCH_DM:-8 31} |
		tee -a "$figures"
	dmsetup remove --retry ours
	dmsetup remove --retry theirs
}

# ---- loading -----------------------------------------------------------------

# Memory in use, in KiB, that is neither a process's nor a cache of files: what
# the kernel itself has allocated, by whatever means.
kernel_memory()
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
	# Objects freed after a grace period are free only then.
	sleep 2
	awk '{ v[$1] = $2 } END { print v["MemTotal:"] - v["MemFree:"] -
		v["Buffers:"] - v["Cached:"] - v["AnonPages:"] -
		v["PageTables:"] - v["KernelStack:"] }' /proc/meminfo
}

field()
{
	awk -v f="$1:" '$1 == f { print $2 }' /proc/meminfo
}

load()
{
	local seconds locked active slab percpu loaded
	keys create "$keys" || die "the keys cannot be created"
	# Once to and fro, so that tables have grown and programs are cached.
	lock
	unlock "$keys" >/dev/null
	lock
	locked=$(kernel_memory) slab=$(field Slab) percpu=$(field Percpu)
	seconds=$(unlock "$keys")
	active=$(kernel_memory)
	loaded=$(mhsm status --output json | jq .keys)
	figure "guest/unlock-$keys-keys/time" s "$seconds" limit 10
	figure "guest/aes-key/memory" B \
		"$(((active - locked) * 1024 / loaded))" limit 1024
	echo "bench: $loaded keys: $((active - locked)) KiB, of these" \
		"$(($(field Slab) - slab)) KiB slab," \
		"$(($(field Percpu) - percpu)) KiB per CPU"
}

# ------------------------------------------------------------------------------

start
if part gcm; then
	modprobe -a algif_aead gcm || die "no AF_ALG"
	gcm ${BENCH_GCM:-} | tee -a "$figures"
fi
if part dmcrypt; then
	dmcrypt
fi
if part keys; then
	load
fi
