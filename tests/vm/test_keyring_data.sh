#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Data keys in keyrings: tokens, as keys of type mhsm and as logon keys for
# dm-crypt; and what leaves the HSM for dm-crypt and fscrypt, if it may.
#
# kernels: 6.1 6.12
# group: volumes
# disk: 64M
# timeout: 900
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"
# shellcheck source=tests/vm/keyring.sh
. "$MHSM_SRC/tests/vm/keyring.sh"
PATH=$MHSM_BUILD:$MHSM_BUILD/kselftest:$PATH
disk=${MHSM_DISKS%% *}
sectors=$(blockdev --getsz "$disk")

hex()
{
	od -An -v -tx1 "$1" | tr -d ' \n'
}

# map NAME CIPHER KEY: a crypt device over the disk, its key as dm-crypt has it
map()
{
	echo "0 $sectors crypt $2 $3 0 $disk 0" | timeout 60 dmsetup create "$1"
}

first_sectors()
{
	dd if="/dev/mapper/$1" bs=64k count=1 iflag=direct status=none | sha256sum
}

# fails CODE REGEX COMMAND...: how the mhsm command fails
fails()
{
	local code=$1 regex=$2 said status=0
	shift 2
	said=$("$@" 2>&1) || status=$?
	[ $status = "$code" ] && [[ $said =~ $regex ]] && return
	echo "status $status: $said"
	return 1
}

ok "the module loads" load_module
ok "the HSM starts" hsm_start
ok "a KEK for ciphers" hsm kek disks
ok "one that lets data keys out" hsm kek homes release
head -c 64 /dev/urandom >data.key
ok "a token" hsm token disks xts "$work/data.key" "$work/xts.token"
ok "one to be released, of the same data key" hsm token homes raw "$work/data.key" "$work/raw.token"
is "not under a KEK that lets none out" \
	"$(hsm token disks raw "$work/data.key" "$work/no.token")" EACCES

# ---- tokens as keys of type mhsm --------------------------------------------

ok "keyctl add: a token" add vol "token:$(hex xts.token)"
vol=$(keyctl search @s mhsm vol)
like "/proc/keys shows what it is" "$(grep "^$(printf '%08x' "$vol")" /proc/keys)" \
	' mhsm +vol: token xts\(aes\) under disks/[0-9a-f]{32}$'
ok "read" sh -c "keyctl pipe $vol >read.token"
ok "it is the token" cmp read.token xts.token
is "with which keyctl computes nothing" "$(error keyctl pkey_query "$vol" 0)" "Operation not supported"
{ head -c 127 xts.token; printf '\377'; } >forged.token
is "a forged one is refused" "$(error add x "token:$(hex forged.token)")" "Key was rejected by service"
ok "(audited)" hsm audited 1 -129 1
is "no hexadecimal" "$(error add x "token:$(hex xts.token | tr 0-9 g)")" "Invalid argument"
is "too short" "$(error add x "token:$(hex xts.token | cut -c 3-)")" "Invalid argument"

ok "keyctl add: a new data key" add new "new:disks:64"
new=$(keyctl search @s mhsm new)
keyctl pipe "$new" >new.token
is "its token has its length" "$(stat -c %s new.token)" 128
nok "and is another" cmp -s new.token xts.token
ok "for another cipher" add cbc "new:disks:32:cbc(aes)"
ok "to be released" add raw "new:homes:32:raw"
is "not under a KEK that lets none out" "$(error add x new:disks:32:raw)" "Permission denied"
for payload in new:disks new:disks: new:disks:63 "new:disks:64:" new:disks:99999 new:disks:64x new:disks:-1; do
	is "no data key: $payload" "$(error add x "$payload")" "Invalid argument"
done
is "no cipher" "$(error add x new:disks:32:ghash)" "Operation not supported"
is "no KEK" "$(error add x new:none:64)" "No such file or directory"

# ---- logon keys for dm-crypt ------------------------------------------------

ok "mhsm keyring logon" mhsm keyring logon mhsm:vol --token xts.token
ok "dm-crypt takes it" map a 'capi:mhsm(xts(aes))-plain64' ":128:logon:mhsm:vol"
head -c 65536 /dev/urandom >data
ok "written" dd if=data of=/dev/mapper/a bs=64k oflag=direct status=none
want=$(first_sectors a)
ok "unmapped" dmsetup remove --retry a
ok "the new one as well" sh -c "keyctl pipe $new | keyctl padd logon mhsm:new @s"
ok "dm-crypt takes it" map a 'capi:mhsm(xts(aes))-plain64' ":128:logon:mhsm:new"
nok "and reads something else" test "$(first_sectors a)" = "$want"
ok "unmapped" dmsetup remove --retry a

# ---- the example for C programs ---------------------------------------------

head -c 32 /dev/urandom >ctr.key
ok "by AF_ALG and by key fd" example_encrypt disks ctr.key data data.ct
ok "as OpenSSL decrypts" sh -c "tail -c +17 data.ct | openssl enc -d -aes-256-ctr \
	-K $(hex ctr.key) -iv \$(head -c 16 data.ct | od -An -v -tx1 | tr -d ' \n') | cmp - data"
head -c 777 data >odd
ok "an odd length" example_encrypt disks ctr.key odd data.ct

# ---- what leaves ------------------------------------------------------------

plain=$(mhsm keyring release plain:vol --token raw.token)
like "mhsm keyring release" "$plain" '^[0-9]+$'
ok "it is audited as an export" hsm audited 28 0 1
is "no process reads it" "$(error keyctl pipe "$plain")" "Operation not supported"
ok "plain aes-xts takes it" map a aes-xts-plain64 ":64:logon:plain:vol"
is "and reads what the token's cipher wrote" "$(first_sectors a)" "$want"
ok "unmapped" dmsetup remove --retry a
if [ "$(uname -r | cut -d. -f1,2)" = 6.1 ]; then
	skip "AF_ALG takes it by its number" "from kernel 6.2 on"
else
	is "AF_ALG takes it by its number" "$(python3 -c '
import socket, struct, sys
s = socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET)
s.bind(("skcipher", "xts(aes)"))
s.setsockopt(socket.SOL_ALG, 7, struct.pack("i", int(sys.argv[1])))
op, _ = s.accept()
op.sendmsg_afalg([open("data", "rb").read(512)], op=socket.ALG_OP_ENCRYPT, iv=bytes(16))
sys.stdout.write(op.recv(512).hex())' "$plain" | sha256sum)" "$(head -c 512 "$disk" | od -An -v -tx1 |
		tr -d ' \n' | sha256sum)"
fi
ok "a volume's token is never released" fails 7 'token' \
	mhsm keyring release plain:x --token xts.token
ok "(audited)" hsm audited 28 -129 1
ok "nor is there a cipher for a token of the other kind" fails 2 'no cipher takes' \
	mhsm keyring logon mhsm:x --token raw.token
nok "(nor does dm-crypt)" map a 'capi:mhsm(xts(aes))-plain64' "$(hex raw.token)"
ok "a description without a prefix" fails 2 'PREFIX:TEXT' \
	mhsm keyring release vol --token raw.token
ok "what is no keyring" fails 3 '' mhsm keyring release a:b --token raw.token --keyring "$vol"
ok "no such keyring" fails 4 'no such keyring' mhsm keyring release a:b --token raw.token --keyring 2147483647

ok "mkfs" mkfs.ext4 -q -O encrypt "$disk"
mkdir mnt
ok "mounted" mount "$disk" mnt
mkdir mnt/home mnt/old
id=$(fscrypt raw mnt data.key)
like "fscrypt takes the data key from user space" "$id" '^[0-9a-f]{32}$'
ok "a policy for a directory" fscrypt policy mnt/home "$id"
cp data mnt/home/file
ok "the key is removed" fscrypt remove mnt "$id"
nok "the file is gone" test -e mnt/home/file
prov=$(mhsm keyring release home --form fscrypt --token raw.token)
like "released to fscrypt" "$prov" '^[0-9]+$'
is "which no process reads either" "$(error keyctl pipe "$prov")" "Operation not supported"
is "it is the same key" "$(fscrypt key mnt "$prov")" "$id"
ok "with which the file is back" cmp data mnt/home/file
ok "removed again" fscrypt remove mnt "$id"
ok "of version 1" mhsm keyring release fscrypt:0123456789abcdef --form fscrypt-v1 --token raw.token
ok "its description is fscrypt's" fails 2 'fscrypt:DESCRIPTOR' \
	mhsm keyring release other:0123 --form fscrypt-v1 --token raw.token
ok "a policy of version 1" fscrypt policy1 mnt/old 0123456789abcdef
ok "under which a file is written" cp data mnt/old/file
ok "and read" cmp data mnt/old/file
ok "unmounted" umount mnt

# ---- a stranger -------------------------------------------------------------

chmod 666 /dev/mhsm
is "a stranger keeps no token of another's" "$(error as keyctl add mhsm x "token:$(hex xts.token)" @s)" \
	"Permission denied"
ok "(audited)" hsm audited 1 -13 1
is "makes none" "$(error as keyctl add mhsm x new:disks:64 @s)" "No such file or directory"
ok "gets no data key" fails 3 'permission' as mhsm keyring release plain:x --token raw.token
ok "(audited)" hsm audited 28 -13 1
ok "encrypts nothing" fails 1 'encrypt' as example_encrypt disks ctr.key odd x
ok "nor by forging" fails 7 'token' as mhsm keyring release plain:x --token forged.token
keyctl setperm "$vol" 0x3f3f3f3f
is "nor reads a token where the keyring lets him" "$(error as keyctl pipe "$vol")" "Permission denied"
ok "logon keys he may have: they open nothing" \
	as sh -c "keyctl new_session >/dev/null; keyctl padd logon mhsm:x @s <xts.token"

# ---- the end ----------------------------------------------------------------

ok "the KEK is deleted" hsm delete disks
ok "and purged" hsm purge disks
is "its tokens in keyrings are revoked" "$(error keyctl pipe "$vol")" "Key has been revoked"
is "its tokens are none" "$(error add x "token:$(hex xts.token)")" "Key was rejected by service"
ok "what has left stays" map a aes-xts-plain64 ":64:logon:plain:vol"
ok "unmapped" dmsetup remove --retry a
raw=$(keyctl search @s mhsm raw)
ok "the keyring is emptied" keyctl clear @s
ok "the kernel frees the keys" wait_for 60 gone "$raw"
ok "the daemon ended well" hsm_end
ok "the module unloads" wait_for 60 unload_module
cd /
rm -rf "$work"
finish
