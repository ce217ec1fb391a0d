#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Those who use the kernel's algorithms, unpatched, with a token where a key
# goes: Python through AF_ALG, dm-integrity, authenticated encryption by
# dm-crypt, and dm-crypt with Adiantum; beside the plain algorithm with the data
# key that the token holds.
#
# kernels: 6.1 6.12
# group: volumes
# disk: 64M
# timeout: 600
. "$MHSM_SRC/tests/vm/lib.sh"
. "$MHSM_SRC/tests/vm/minihsm.sh"

disk=${MHSM_DISKS%% *}
work=$(mktemp -d)
head -c 262144 /dev/urandom >"$work/data"

ok "the module loads" load_module
hsm_begin "$work"
ok "the HSM starts" hsm start
ok "a KEK is made" hsm kek vol

# token NAME ALG BYTES: a data key, and a token of it
token()
{
	head -c "$3" /dev/urandom >"$work/$1.key"
	ok "a token for $2" hsm token vol "$2" "$work/$1.key" "$work/$1.token"
}

token hmac 'hmac(sha256)' 32
token cbc 'cbc(aes)' 32
token gcm 'gcm(aes)' 32

# ---- Python -----------------------------------------------------------------

cat >"$work/alg.py" <<'PYTHON'
import socket, subprocess, sys
work, data = sys.argv[1], open(sys.argv[1] + "/data", "rb").read()[:4096]

def key(name):
    return open(work + "/" + name, "rb").read()

def keyed(kind, name, key, tag=None):
    s = socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)
    s.bind((kind, name))
    s.setsockopt(socket.SOL_ALG, socket.ALG_SET_KEY, key)
    if tag:
        s.setsockopt(socket.SOL_ALG, socket.ALG_SET_AEAD_AUTHSIZE, None, tag)
    return s.accept()[0]

def cipher(name, key):
    op = keyed("skcipher", name, key)
    op.sendmsg_afalg([data], op=socket.ALG_OP_ENCRYPT, iv=bytes(16))
    return op.recv(len(data))

def aead(name, key):
    op = keyed("aead", name, key, 16)
    op.sendmsg_afalg([b"header!!", data], op=socket.ALG_OP_ENCRYPT, iv=bytes(12), assoclen=8)
    return op.recv(8 + len(data) + 16)

def digest(name, key):
    op = keyed("hash", name, key)
    op.sendall(data)
    return op.recv(64)

# What kcapi-tools make with the data keys; they take no key of more than 32
# bytes, and so no token.
def kcapi(file, *args):
    with open(work + "/" + file + ".key", "rb") as f:
        return subprocess.run(args + ("--keyfd", "0"), stdin=f, capture_output=True, check=True).stdout

open(work + "/in", "wb").write(data)
if digest("mhsm(hmac(sha256))", key("hmac.token")).hex() != kcapi("hmac", "kcapi-dgst", "-q", "-c", "hmac(sha256)",
        "--hex", "-i", work + "/in").decode()[:64]:
    sys.exit("kcapi-dgst makes another digest")
kcapi("cbc", "kcapi-enc", "-q", "-c", "cbc(aes)", "--nounpad", "--iv", "00" * 16, "-e", "-i", work + "/in",
    "-o", work + "/out")
if cipher("mhsm(cbc(aes))", key("cbc.token")) != open(work + "/out", "rb").read():
    sys.exit("kcapi-enc makes another ciphertext")
for what, name, file in ((cipher, "cbc(aes)", "cbc"), (aead, "gcm(aes)", "gcm"), (digest, "hmac(sha256)", "hmac")):
    ours, plain = what("mhsm(" + name + ")", key(file + ".token")), what(name, key(file + ".key"))
    if len(ours) < 32 or ours != plain:
        sys.exit(name + " differs")
    try:
        what("mhsm(" + name + ")", key(file + ".token")[:-1] + b"\xff\xff")
    except OSError as e:
        if e.errno != 22: # one byte too many
            raise
    else:
        sys.exit(name + " took what is no token")
PYTHON
ok "Python's sockets: cipher, AEAD, digest as kcapi-tools with the data keys" \
	/usr/bin/python3 "$work/alg.py" "$work"

# Reads a device, and prints nothing of it.
unreadable()
{
	! readout "$1" >/dev/null
}

# ---- dm-integrity -----------------------------------------------------------

# integrity ACTION ALGORITHM KEY ARGUMENT...
integrity()
{
	local action=$1 alg=$2 key=$3
	shift 3
	timeout 60 integritysetup "$action" --batch-mode --integrity "$alg" \
		--integrity-key-file "$key" --integrity-key-size \
		"$(stat -c %s "$key")" "$@"
}

# by_hand NAME ALGORITHM KEY
by_hand()
{
	local sectors
	sectors=$(integritysetup dump "$disk" |
		sed -n 's/^provided_data_sectors //p')
	echo "0 $sectors integrity $disk 0 32 J 1 internal_hash:$2:$(hex "$3")" |
		timeout 60 dmsetup create "$1"
}

# integritysetup formats with a key of zeros, whatever key it is given, which is
# no token; so it does that with plain HMAC. Its names have no parentheses:
# phmac-sha256 is phmac(sha256).
ok "integritysetup formats" integrity format hmac-sha256 "$work/hmac.key" \
	--tag-size 32 --no-wipe "$disk"
ok "and opens with phmac-sha256" integrity open phmac-sha256 \
	"$work/hmac.token" "$disk" int
ok "written" writein /dev/mapper/int <"$work/data"
is "read back" "$(digest readout /dev/mapper/int)" "$(digest cat "$work/data")"
ok "closed" integritysetup close int
ok "opened with the data key" integrity open hmac-sha256 "$work/hmac.key" \
	"$disk" int
is "the tags are those of plain hmac(sha256)" \
	"$(digest readout /dev/mapper/int)" "$(digest cat "$work/data")"
ok "closed again" integritysetup close int
ok "dmsetup opens it with mhsm(hmac(sha256))" by_hand int \
	'mhsm(hmac(sha256))' "$work/hmac.token"
is "which reads it, too" "$(digest readout /dev/mapper/int)" \
	"$(digest cat "$work/data")"
ok "the HSM is locked" hsm lock
ok "then nothing can be read" unreadable /dev/mapper/int
ok "it can be closed" integritysetup close int
ok "unlocked" hsm unlock

# The recipe of doc/consumers.md: formatted with a key of zeros, and every tag
# made by writing all of it, here of a small device.
ok "a small device" dmsetup create small --table "0 16384 linear $disk 0"
head -c 32 /dev/zero >"$work/none"
ok "formatted without a key" integrity format hmac-sha256 "$work/none" \
	--no-wipe /dev/mapper/small
ok "opened with the token" integrity open phmac-sha256 "$work/hmac.token" \
	/dev/mapper/small int
ok "what was not written cannot be read" unreadable /dev/mapper/int
like "it is filled" "$(dd if=/dev/zero of=/dev/mapper/int bs=1M oflag=direct 2>&1)" \
	'No space left'
ok "closed" integritysetup close int
ok "opened with the data key" integrity open hmac-sha256 "$work/hmac.key" \
	/dev/mapper/small int
ok "the whole device can be read" dd if=/dev/mapper/int of=/dev/null bs=64k \
	iflag=direct status=none
ok "closed once more" integritysetup close int
ok "the small device goes" dmsetup remove small

# ---- dm-crypt with mhsm(gcm(aes)) -------------------------------------------

# tags NAME: dm-integrity that only stores 28 bytes beside each sector
tags()
{
	local sectors
	dd if=/dev/zero of="$disk" bs=4096 count=1 oflag=direct status=none &&
		echo "0 1 integrity $disk 0 28 J 0" | dmsetup create "$1" &&
		dmsetup remove --retry "$1" || return 1
	# The superblock that the kernel has just made says how much fits.
	sectors=$(od -An -t u8 -j 16 -N 8 "$disk" | tr -d ' ')
	sectors=$((sectors / 8 * 8))
	echo "0 $sectors integrity $disk 0 28 J 0" | dmsetup create "$1"
}

# gcm NAME ALG KEY
gcm()
{
	echo "0 $(blockdev --getsz /dev/mapper/tags) crypt capi:$2-random" \
		"$(hex "$3") 0 /dev/mapper/tags 0 1 integrity:28:aead" |
		timeout 60 dmsetup create "$1"
}

ok "room for tags" tags tags
ok "mhsm(gcm(aes)) maps" gcm enc 'mhsm(gcm(aes))' "$work/gcm.token"
ok "gcm: written" writein /dev/mapper/enc <"$work/data"
is "gcm: read back" "$(digest readout /dev/mapper/enc)" \
	"$(digest cat "$work/data")"
ok "gcm: unmapped" unmap enc
ok "gcm(aes) maps with the data key" gcm enc 'gcm(aes)' "$work/gcm.key"
is "gcm(aes) reads what mhsm(gcm(aes)) wrote" \
	"$(digest readout /dev/mapper/enc)" "$(digest cat "$work/data")"
ok "unmapped again" unmap enc
ok "mapped with the token" gcm enc 'mhsm(gcm(aes))' "$work/gcm.token"
ok "the KEK is purged" eval 'hsm delete vol && hsm purge vol'
ok "then reading fails" unreadable /dev/mapper/enc
nok "and writing fails" writein /dev/mapper/enc <"$work/data"
ok "gcm: unmapped after all" unmap enc
ok "tags unmapped" unmap tags

# ---- Adiantum ---------------------------------------------------------------

map_adiantum()
{
	echo "0 65536 crypt capi:$2-plain64 $(hex "$3") 0 $disk 0 1" \
		"sector_size:4096" | timeout 60 dmsetup create "$1"
}

ok "a new KEK" hsm kek vol
token adiantum 'adiantum(xchacha12,aes)' 32
ok "mhsm(adiantum(xchacha12,aes)) maps" map_adiantum enc \
	'mhsm(adiantum(xchacha12,aes))' "$work/adiantum.token"
ok "adiantum: written" writein /dev/mapper/enc <"$work/data"
ok "adiantum: unmapped" unmap enc
ok "plain adiantum maps" map_adiantum enc 'adiantum(xchacha12,aes)' \
	"$work/adiantum.key"
is "and reads it" "$(digest readout /dev/mapper/enc)" \
	"$(digest cat "$work/data")"
ok "unmapped" unmap enc

# ---- end --------------------------------------------------------------------

hsm_end
ok "the module unloads" unload_module
leak_check "nothing leaked"
rm -rf "$work"
finish
