#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The figures that need a kernel: run by tests/bench/merge in a guest, where
# $MHSM_SHARE holds three custodians' keys (c1.key c1.pem ...) and receives the
# figures, one JSON object a line.
#
# $BENCH_PARTS limits it to some of: capacity, gcm, rsa, dmcrypt, afalg, tokens,
# keys; smp is done only where it is named. $BENCH_KEYS is how many keys are
# loaded (10000); $BENCH_CAPACITY, $BENCH_GCM, $BENCH_RSA, $BENCH_SMP, $BENCH_DM,
# $BENCH_AFALG and $BENCH_TOKENS are arguments for capacity, gcm, rsa, smp, dmio,
# afalg and tokens.
set -euo pipefail

PATH=$MHSM_BUILD:$MHSM_BUILD/bench:$PATH
parts=${BENCH_PARTS:-capacity gcm rsa dmcrypt afalg tokens keys}
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

# ---- the module, and an HSM as it is installed --------------------------------

load_module()
{
	# With the processor's own instructions for AES, for both sides; SHA-256,
	# which the audit takes, in plain code: the emulated processor has none of
	# the instructions for it, and the AVX2 code with which such processors
	# do without takes twice as long as plain code where it is emulated.
	mkdir -p /etc/modprobe.d
	echo "blacklist sha256_ssse3" >/etc/modprobe.d/mhsm-bench.conf
	# shellcheck disable=SC2086 # a list of names
	modprobe -qa $MHSM_KO_DEPENDS aesni_intel ghash_clmulni_intel || true
	insmod "$MHSM_KO" || die "the module does not load"
}

start()
{
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

# ---- dm-crypt and AF_ALG ------------------------------------------------------

hex()
{
	od -An -v -tx1 "$1" | tr -d ' \n'
}

# The key under which the data keys of all are wrapped
make_kek()
{
	mhsm key create --name bench-kek --kty oct-HSM --size 256 \
		--ops wrapKey unwrapKey --consumers >/dev/null || die "no KEK"
}

# Three mappings of one RAM disk, with the same 512 bit data key and dm-crypt's
# default sectors of 512 bytes: what differs is who holds the key, and under
# which name the cipher is asked for.
dmcrypt()
{
	local mib=64 sectors token
	modprobe brd rd_nr=1 rd_size=$((mib * 1024)) || die "no RAM disk (brd)"
	modprobe -q -a dm-crypt xts || true
	# Memory first, or the first writer would have to allocate it.
	dd if=/dev/zero of=/dev/ram0 bs=1M count=$mib oflag=direct status=none
	sectors=$(blockdev --getsz /dev/ram0)
	head -c 64 /dev/urandom >"$work/data.key"
	mhsm volume token --kek bench-kek --cipher xts --key-size 512 \
		--import "$work/data.key" --out "$work/token" >/dev/null ||
		die "no volume token"
	token=$(hex "$work/token")
	dmsetup create paes --table "0 $sectors crypt paes-xts-plain64 $token 0 /dev/ram0 0" ||
		die "no mapping with paes"
	dmsetup create mhsm --table "0 $sectors crypt capi:mhsm(xts(aes))-plain64 $token 0 /dev/ram0 0" ||
		die "no mapping with mhsm(...)"
	echo "0 $sectors crypt aes-xts-plain64 $(hex "$work/data.key") 0 /dev/ram0 0" |
		dmsetup create aes || die "no mapping with aes"
	# shellcheck disable=SC2086
	dmio guest/dm-crypt /dev/mapper/paes /dev/mapper/aes ${BENCH_DM:-2 61} |
		tee -a "$figures"
	# shellcheck disable=SC2086
	dmio guest/dm-crypt-mhsm /dev/mapper/mhsm /dev/mapper/aes ${BENCH_DM:-2 61} |
		tee -a "$figures"
	dmsetup remove --retry paes
	dmsetup remove --retry mhsm
	dmsetup remove --retry aes
}

# ---- loading -----------------------------------------------------------------

field()
{
	awk -v f="$1:" '$1 == f { print $2 }' /proc/meminfo
}

# Memory in a slab or per CPU, in KiB. Objects freed after a grace period are
# free only then.
slab()
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
	sleep 2
	echo $(($(field Slab) + $(field Percpu)))
}

load()
{
	local seconds before after loaded cpus tables
	keys create "$keys" || die "the keys cannot be created"
	# Once to and fro, so that programs are cached.
	lock
	unlock "$keys" >/dev/null
	lock
	before=$(slab)
	seconds=$(unlock "$keys")
	after=$(slab)
	loaded=$(mhsm status --output json | jq .keys)
	figure "guest/unlock-$keys-keys/time" s "$seconds" limit 10
	# What those two do not show, because it is in pages of its own, or in a
	# chunk that was there before: the slot for the secret, a counter for
	# each CPU, and buckets of two hash tables, at most 8/3 for each key.
	cpus=$(getconf _NPROCESSORS_CONF) tables=$((2 * 8 * 2 * 4 / 3))
	figure guest/aes-key/memory B \
		"$(((after - before) * 1024 / loaded + 32 + 8 * cpus + tables))" \
		limit 1024
	echo "bench: $loaded keys: $((after - before)) KiB in slabs and per CPU" >&2
}

# ------------------------------------------------------------------------------

load_module
if part capacity; then
	# It is a daemon itself; mhsmd then has the module as after a boot.
	# shellcheck disable=SC2086
	capacity ${BENCH_CAPACITY:-} | tee -a "$figures"
	rmmod mhsm || die "the module does not unload"
	load_module
fi
[ "$parts" = capacity ] || start
if part gcm; then
	modprobe -a algif_aead gcm || die "no AF_ALG"
	# shellcheck disable=SC2086
	gcm ${BENCH_GCM:-} | tee -a "$figures"
fi
if part rsa; then
	modprobe pkcs8_key_parser || die "no keys in PKCS #8"
	# shellcheck disable=SC2086
	rsa ${BENCH_RSA:-} | tee -a "$figures"
fi
if part smp; then
	# shellcheck disable=SC2086
	smp ${BENCH_SMP:-} | tee -a "$figures"
fi
if part dmcrypt || part afalg || part tokens; then
	make_kek
fi
if part dmcrypt; then
	dmcrypt
fi
if part afalg; then
	modprobe -a algif_aead algif_hash gcm || die "no AF_ALG"
	# shellcheck disable=SC2086
	afalg bench-kek ${BENCH_AFALG:-} | tee -a "$figures"
fi
if part tokens; then
	modprobe -a algif_skcipher xts || die "no AF_ALG"
	# shellcheck disable=SC2086
	tokens bench-kek ${BENCH_TOKENS:-} | tee -a "$figures"
fi
if part keys; then
	load
fi
