#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The mhsm command on the real module and daemon (on one kernel: what it asks of the
# module, other tests do on both): every verb once, and the exit
# codes that mhsm(1) promises.
# kernels: 6.12
# group: service
# disk: 96M
# timeout: 1200
# shellcheck source=tests/vm/lib.sh disable=SC2119,SC2016
. "$MHSM_SRC/tests/vm/lib.sh"
PATH=$MHSM_BUILD:$MHSM_BUILD/kselftest:$PATH
work=$(mktemp -d)
cd "$work" || exit 1

# code DESC STATUS REGEX COMMAND...: exit code and what is said
code()
{
	local desc=$1 want=$2 regex=$3 status=0 said
	shift 3
	said=$("$@" 2>&1) || status=$?
	if [ $status = "$want" ] && [[ $said =~ $regex ]]; then
		pass "$desc"
	else
		fail "$desc" "status $status, said: $said"
	fi
}

state()
{
	mhsm status -o json | jsonat state
}

code "no module" 5 'modprobe mhsm' mhsm random
load_module || exit 1
mkdir -p state run
chmod 700 state
export MHSM_SOCKET=$work/run/mhsmd.sock
is "state without mhsmd" "$(state)" unprovisioned
code "no daemon" 5 'systemctl start mhsmd' mhsm key list
mhsmd --state-dir="$work/state" --runtime-dir="$work/run" \
	--quorum="$MHSM_BUILD/mhsm-quorum" >mhsmd.log 2>&1
is "mhsmd starts" $? 0
code "not provisioned" 5 'mhsm provision' mhsm random

n=0
for who in a b c; do
	n=$((n + 1))
	cp "$(rsa_key $n)" $who.key
	openssl req -x509 -key $who.key -subj "/CN=$who" -out $who.pem
done
ok "provision" mhsm provision --administrators root
code "not downloaded" 5 'security-domain download' mhsm random
ok "download" mhsm security-domain download --sd-wrapping-keys a.pem b.pem c.pem \
	--sd-quorum 2 --security-domain-file sd.json
is "active" "$(state)" active
ok "security domain again" mhsm security-domain show --security-domain-file sd2.json
ok "it is the same" cmp sd.json sd2.json

ok "create EC" mhsm key create -n ec --kty EC-HSM
ok "create AES" mhsm key create -n aes --kty oct-HSM
ok "create KEK" mhsm key create -n kek --kty oct-HSM --consumers --ops wrapKey unwrapKey
openssl rand 32 >raw
ok "import" mhsm key import -n imported --kty oct-HSM --file raw
is "list" "$(mhsm key list -o tsv | cut -f1 | sort | tr '\n' ' ')" "aes ec imported kek "
is "show" "$(mhsm key show -n ec -o json | jsonat key.kty)" EC-HSM
first=$(mhsm key show -n aes -o json | jsonat key.kid | sed 's,.*/,,')
ok "new version" mhsm key create -n aes --kty oct-HSM
is "versions" "$(mhsm key versions -n aes -o tsv | wc -l)" 2
ok "show of a version" mhsm key show -n aes -v "$first"

head -c 3000000 /dev/urandom >large
echo hello >small
ok "public key" mhsm key download -n ec --file ec.pem
for file in large small; do
	ok "sign $file" mhsm key sign -n ec --in $file --der --out sig
	ok "OpenSSL verifies $file" openssl dgst -sha256 -verify ec.pem -signature sig $file
	ok "verify $file" mhsm key verify -n ec --in $file --der --signature sig
done
code "a wrong signature" 7 'not a signature' mhsm key verify -n ec --in large --der --signature sig
ok "encrypt" mhsm key encrypt -n aes --in small --out enc --aad-file raw
ok "decrypt" mhsm key decrypt -n aes --in enc --out dec --aad-file raw
ok "what comes back" cmp small dec
code "wrong data" 7 'altered' mhsm key decrypt -n aes --in enc --out dec
code "the older version" 7 'altered' mhsm key decrypt -n aes -v "$first" --in enc --out dec --aad-file raw
for alg in A256KW CKM_AES_KEY_WRAP_KWP; do
	ok "wrap $alg" mhsm key wrap -n kek --algorithm $alg --in raw --out wrapped
	ok "unwrap $alg" mhsm key unwrap -n kek --algorithm $alg --in wrapped --out unwrapped
	ok "what comes back of $alg" cmp raw unwrapped
done
ok "create with a use limit" mhsm key create -n few --kty oct-HSM --ops wrapKey unwrapKey --use-limit 2
ok "its first use" mhsm key wrap -n few --in raw --out wrapped
is "show of a limit" "$(mhsm key show -n few -o json | jsonat mhsm.use_limit mhsm.uses)" "2 1"
is "list of a limit" "$(mhsm key list -o json | jsonat 'kid=*/few.mhsm')" \
	'{"use_limit":2,"uses":1}'
ok "its last use" mhsm key unwrap -n few --in wrapped --out unwrapped
code "one too many" 3 'use limit is reached.*mhsm key create' mhsm key wrap -n few --in raw --out wrapped
code "a limit that is none" 2 'no number of uses' mhsm key create -n none --kty oct-HSM --use-limit 1k
head -c 24 /dev/urandom >raw24
cp raw24 source24
ok "import, and wipe the source" mhsm key import -n aes192 --kty oct-HSM --file source24 --wipe-source
nok "it is gone" test -e source24
ok "AES-192 encrypts" mhsm key encrypt -n aes192 --algorithm A192GCM --in small --out enc192
ok "and decrypts" mhsm key decrypt -n aes192 --in enc192 --out dec192
ok "the same" cmp small dec192
ok "AES-192 is made" mhsm key create -n made192 --kty oct-HSM --size 192
ln -s raw24 link24
code "no symbolic link is wiped" 1 'is in the HSM' \
	mhsm key import -n linked --kty oct-HSM --file link24 --wipe-source
ok "but used" mhsm key show -n linked
ok "wrap under what was imported" mhsm key wrap -n imported --algorithm A256KW --in raw --out wrapped
is "OpenSSL wraps alike" "$(openssl enc -id-aes256-wrap -K "$(xxd -p -c 64 raw)" \
	-iv a6a6a6a6a6a6a6a6 -in raw | xxd -p -c 64)" "$(xxd -p -c 64 wrapped)"

# RSA, and key pairs of OpenSSL's.
cp "$(rsa_key 4)" rsa.key
openssl pkey -in rsa.key -pubout -out rsa.pub
openssl pkey -in rsa.key -aes256 -passout pass:word -out rsa.enc
openssl pkey -in rsa.key -traditional -out rsa.old
cp rsa.key rsa.source
code "an encrypted key pair" 1 'openssl pkey -in rsa.enc | mhsm key import' mhsm key import -n rsa --pem-file rsa.enc
code "an old form" 1 'openssl pkey -in rsa.old | mhsm key import' mhsm key import -n rsa --pem-file rsa.old
code "a public key" 1 'no private key' mhsm key import -n rsa --pem-file rsa.pub
code "of another type" 2 'is one of RSA-HSM' mhsm key import -n rsa --kty EC-HSM --pem-file rsa.key
ok "import of a key pair" mhsm key import -n rsa --pem-file rsa.source --wipe-source
nok "its file is gone" test -e rsa.source
ok "its public key" mhsm key download -n rsa --file rsa.again
ok "is the same" cmp rsa.pub rsa.again
oaep=(-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256)
ok "OpenSSL encrypts" openssl pkeyutl -encrypt -pubin -inkey rsa.pub "${oaep[@]}" -in small -out oaep.enc
ok "decrypt with RSA" mhsm key decrypt -n rsa --in oaep.enc --out dec
ok "what comes back of RSA" cmp small dec
ok "encrypt with RSA" mhsm key encrypt -n rsa --algorithm RSA-OAEP-256 --in small --out oaep.enc
ok "OpenSSL decrypts" openssl pkeyutl -decrypt -inkey rsa.key "${oaep[@]}" -in oaep.enc -out dec
ok "what comes back of OpenSSL" cmp small dec
code "decrypt as another" 7 'or altered' mhsm key decrypt -n rsa --algorithm RSA-OAEP --in oaep.enc --out dec
code "too much for RSA" 1 'CKM_RSA_AES_KEY_WRAP' mhsm key wrap -n rsa --in rsa.key --out wrapped
ok "wrap a key pair" mhsm key wrap -n rsa --algorithm CKM_RSA_AES_KEY_WRAP --in rsa.key --out wrapped
ok "unwrap it" mhsm key unwrap -n rsa --algorithm CKM_RSA_AES_KEY_WRAP --in wrapped --out unwrapped
ok "what comes back of it" cmp rsa.key unwrapped
ok "sign as it is" mhsm key sign -n rsa --algorithm RSNULL --in small --out sig
ok "OpenSSL recovers it" openssl pkeyutl -verifyrecover -pubin -inkey rsa.pub -in sig -out dec
ok "what was signed" cmp small dec
openssl genpkey -quiet -algorithm ED25519 -out okp.key
ok "import by a pipe" sh -c 'openssl pkey -in okp.key | mhsm key import -n okp --pem-file -'
code "not among its operations" 3 'does not allow' mhsm key encrypt -n kek --in small --out enc
code "no such key" 4 'mhsm key list' mhsm key sign -n nobody --in small
code "no such key, from mhsmd" 4 'mhsm key list' mhsm key show -n nobody
is "random" "$(mhsm random --count 20 | tr -d '\n' | wc -c)" 40

# Every type of key that signs: OpenSSL takes the signature, by the public key as
# it was downloaded.
sign_as()
{
	local key=$1 algorithm=$2
	shift 2
	mhsm key sign -n "$key" --algorithm "$algorithm" --in small --out "$key.sig" &&
		mhsm key verify -n "$key" --algorithm "$algorithm" --in small --signature "$key.sig" &&
		openssl pkeyutl -verify -pubin -inkey "$key.pem" -rawin -in small -sigfile "$key.sig" "$@"
}
# sign_der KEY HASH: the same for ECDSA, whose signature OpenSSL wants in DER
sign_der()
{
	mhsm key sign -n "$1" --in small --der --out "$1.sig" &&
		openssl dgst "-$2" -verify "$1.pem" -signature "$1.sig" small
}
pss()
{
	sign_as "$1" "$2" -digest "$3" -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:digest
}
make_key()
{
	mhsm key create -n "$@" >/dev/null && mhsm key download -n "$1" -f "$1.pem"
}
ok "a P-384 key" make_key p384 --kty EC-HSM --curve P-384
ok "ES384" sign_der p384 sha384
ok "a P-521 key" make_key p521 --kty EC-HSM --curve P-521
ok "ES512" sign_der p521 sha512
ok "a P-256K key" make_key p256k --kty EC-HSM --curve P-256K
ok "ES256K" sign_der p256k sha256
ok "an Ed25519 key" make_key ed --kty OKP-HSM --curve Ed25519
ok "EdDSA" sign_as ed EdDSA
code "EdDSA has one form" 2 'der' mhsm key sign -n ed --in small --der
code "EdDSA signs no digest" 2 'EdDSA signs at most' mhsm key sign -n ed --in large
ok "a key for CBC and CTR" mhsm key create -n cipher --kty oct-HSM --ops encrypt decrypt
ok "and one that OpenSSL has, too" mhsm key import -n both --kty oct-HSM --file raw --ops encrypt decrypt
for alg in CBCPAD CTR; do
	ok "encrypt with A256$alg" mhsm key encrypt -n both -a A256$alg --in large --out $alg.enc
	mode=aes-256-cbc
	[ $alg != CTR ] || mode=aes-256-ctr
	tail -c +17 $alg.enc >body
	ok "OpenSSL decrypts A256$alg" openssl enc -d -$mode -K "$(xxd -p -c 64 raw)" \
		-iv "$(head -c 16 $alg.enc | xxd -p)" -in body -out dec
	ok "and has what was encrypted with A256$alg" cmp large dec
	ok "decrypt with A256$alg" mhsm key decrypt -n both -a A256$alg --in $alg.enc --out dec
	ok "what comes back of A256$alg" cmp large dec
done
code "CBC wants blocks" 1 'use CBCPAD' mhsm key encrypt -n both -a A256CBC --in small --out enc2
code "CBC is not for a key that wraps" 3 'ops encrypt decrypt' \
	mhsm key encrypt -n aes -a A256CBC --in raw --out enc2
ok "3 MB with GCM" mhsm key encrypt -n cipher --in large --out large.enc
ok "and back" mhsm key decrypt -n cipher --in large.enc --out dec
ok "the same 3 MB" cmp large dec
ok "an HMAC key" mhsm key create -n mac --kty HMAC-HSM --size 512
is "what is shown of it" "$(mhsm key show -n mac -o json | jsonat key.kty key.key_size)" "HMAC-HSM 512"
ok "an HMAC key that OpenSSL has, too" mhsm key import -n mac2 --kty HMAC-HSM --file raw
for alg in HS256 HS384 HS512; do
	ok "$alg" mhsm key sign -n mac2 -a $alg --in small --out mac.sig
	is "OpenSSL makes the same $alg" "$(xxd -p -c 64 mac.sig)" "$(openssl dgst "-sha${alg#HS}" -mac hmac \
		-macopt "hexkey:$(xxd -p -c 64 raw)" small | sed 's/.*= //')"
	ok "verify $alg" mhsm key verify -n mac2 -a $alg --in small --signature mac.sig
done
code "another key's code" 7 'not a signature' mhsm key verify -n mac -a HS512 --in small --signature mac.sig
code "no code of a long file" 2 'HS256 signs at most' mhsm key sign -n mac --in large
ok "a key for CMAC" mhsm key import -n cmac --kty oct-HSM --file raw --ops sign verify
ok "CMAC" mhsm key sign -n cmac -a CKM_AES_CMAC --in small --out mac.sig
is "OpenSSL makes the same CMAC" "$(xxd -p -c 64 mac.sig)" "$(openssl mac -cipher AES-256-CBC \
	-macopt "hexkey:$(xxd -p -c 64 raw)" -in small CMAC | tr A-F a-f)"
ok "verify CMAC" mhsm key verify -n cmac -a CKM_AES_CMAC --in small --signature mac.sig
code "no CMAC unless asked for" 3 'does not allow' mhsm key sign -n aes -a CKM_AES_CMAC --in small
ok "an RSA-2048 key" make_key rsa --kty RSA-HSM --size 2048
ok "RS256" sign_as rsa RS256 -digest sha256
ok "RS512" sign_as rsa RS512 -digest sha512
ok "PS256" pss rsa PS256 sha256
ok "PS384" pss rsa PS384 sha384
code "another type's algorithm" 2 'not one for key' mhsm key sign -n rsa --algorithm ES256 --in small
is "what is shown of RSA" "$(mhsm key show -n rsa -o json | jsonat key.kty key.e)" "RSA-HSM AQAB"
is "what is shown of OKP" "$(mhsm key show -n ed -o json | jsonat key.crv)" Ed25519

# Derivation: OpenSSL comes to the same with the other private key, by the public
# key as it was downloaded.
peer_key()
{
	openssl genpkey "${@:2}" -out "$1.key" && openssl pkey -in "$1.key" -pubout -out "$1.pem"
}
agree()
{
	mhsm key derive -n "$1" --peer "$2.pem" --out ours &&
		openssl pkeyutl -derive -inkey "$2.key" -peerkey "$1.pem" -out theirs && cmp ours theirs
}
hex()
{
	xxd -p -c 0 "$1"
}
ok "an X25519 key" make_key x25519 --kty OKP-HSM --curve X25519 --ops deriveKey deriveBits
ok "a peer of OpenSSL's" peer_key x -algorithm X25519
ok "X25519 derives" agree x25519 x
printf salt >salt
printf info >info
ok "HKDF" mhsm key derive -n x25519 --peer x.pem --kdf HKDF-SHA384 --salt-file salt --info-file info --length 100 --out ours
is "OpenSSL's HKDF is the same" "$(hex ours)" "$(openssl kdf -keylen 100 -binary -kdfopt digest:SHA384 \
	-kdfopt hexkey:"$(hex theirs)" -kdfopt salt:salt -kdfopt info:info HKDF | xxd -p -c 0)"
is "the result is the caller's alone" "$(stat -c %a ours)" 600
ok "SP 800-108" mhsm key derive -n x25519 --peer x.pem --kdf KDF-CTR-SHA256 --salt-file salt --info-file info --out ours
is "OpenSSL's KBKDF is the same" "$(hex ours)" "$(openssl kdf -keylen 32 -binary -kdfopt mac:HMAC -kdfopt digest:SHA256 \
	-kdfopt hexkey:"$(hex theirs)" -kdfopt salt:salt -kdfopt info:info KBKDF | xxd -p -c 0)"
ok "into a key" mhsm key derive -n x25519 --peer x.pem --kdf KDF-CTR-SHA256 --salt-file salt --info-file info \
	--into derived --kty oct-HSM
ok "import the same" mhsm key import -n twin --kty oct-HSM --file ours
ok "encrypt with what was derived" mhsm key encrypt -n derived --in small --out derived.enc
ok "decrypt with the other" mhsm key decrypt -n twin --in derived.enc --out dec
ok "what comes back of it" cmp small dec
ok "a secret that derives" mhsm key create -n secret --kty HMAC-HSM --ops deriveBits deriveKey
ok "into a key, by itself" mhsm key derive -n secret --kdf HKDF-SHA256 --info-file info --into second --kty oct-HSM --size 128
ok "into a file" mhsm key derive -n secret --kdf HKDF-SHA256 --info-file info --length 16 --out ours
ok "import that" mhsm key import -n second-twin --kty oct-HSM --file ours
ok "encrypt with the one" mhsm key encrypt -n second --in small --out second.enc
ok "decrypt with its twin" mhsm key decrypt -n second-twin --in second.enc --out dec
code "a secret has no peer" 2 'without --peer' mhsm key derive -n secret --peer x.pem --kdf HKDF-SHA256 --out ours
code "a secret is not given out" 2 'derives with --kdf' mhsm key derive -n secret --out ours
ok "a P-384 key that derives" make_key dh384 --kty EC-HSM --curve P-384 --ops deriveBits
ok "a peer on P-384" peer_key p -algorithm EC -pkeyopt ec_paramgen_curve:P-384
ok "P-384 derives" agree dh384 p
code "a peer on another curve" 1 'not a public key on the curve' mhsm key derive -n dh384 --peer x.pem --out ours
code "no public key" 1 'not a public key in PEM or DER' mhsm key derive -n dh384 --peer small --out ours
code "not among its operations, into a key" 3 'does not allow' \
	mhsm key derive -n dh384 --peer p.pem --kdf HKDF-SHA256 --into no --kty oct-HSM
code "an EC key does not derive unless asked to" 3 'does not allow' mhsm key derive -n p384 --peer p.pem --out ours
code "a secret that is not as long as the key" 1 'use a --kdf' \
	mhsm key derive -n x25519 --peer x.pem --into no --kty oct-HSM --size 128
{ openssl pkey -pubin -in x.pem -outform DER | head -c 12; head -c 32 /dev/zero; } >zero.der
code "a point of small order" 7 'small order' mhsm key derive -n x25519 --peer zero.der --out ours
code "no such function" 2 'HKDF-SHA256' mhsm key derive -n x25519 --peer x.pem --kdf MD5 --out ours
code "no place to go" 2 'either --out' mhsm key derive -n x25519 --peer x.pem
is "what is shown of X25519" "$(mhsm key show -n x25519 -o json | jsonat key.crv key.key_ops)" \
	'X25519 ["deriveKey","deriveBits"]'

ok "disable" mhsm key set-attributes -n ec --enabled false
code "a disabled key" 3 'disabled' mhsm key sign -n ec --in small
is "is shown as such" "$(mhsm key list -o tsv | awk '$1 == "ec" { print $2 }')" no
ok "enable, and expire in 2100" mhsm key set-attributes -n ec --enabled true --expires 2100-01-01T00:00:00Z
ok "it signs again" mhsm key sign -n ec --in small
code "it cannot begin after its end" 1 'not be after' mhsm key set-attributes -n ec --not-before 2101-01-01T00:00:00Z
ok "no end" mhsm key set-attributes -n ec --expires none
code "nothing to change" 2 'nothing to change' mhsm key set-attributes -n ec
code "no switch" 2 'neither true nor false' mhsm key set-attributes -n ec --enabled yes
ok "delete" mhsm key delete -n ec
code "it is gone" 3 'deleted' mhsm key sign -n ec --in small
is "list-deleted" "$(mhsm key list-deleted -o tsv | cut -f1)" ec
code "its name is taken" 6 '' mhsm key create -n ec --kty EC-HSM
ok "show-deleted" mhsm key show-deleted -n ec
ok "recover" mhsm key recover -n ec
ok "it signs again" mhsm key sign -n ec --in small
ok "delete again" mhsm key delete -n ec
ok "purge" mhsm key purge -n ec
is "nothing is left of it" "$(mhsm key list-deleted -o tsv)" ""
code "another user's list is empty or refused" 0 '' \
	bash -c 'chmod 755 "$1" "$1/run"; said=$(setpriv --reuid 12345 --clear-groups --regid 12345 \
		mhsm key list -o tsv 2>&1); status=$?; echo "$said"
		[ $status = 3 ] || { [ $status = 0 ] && [ -z "$said" ]; }' x "$work"

ok "volume format" mhsm volume format "$MHSM_DISKS" --kek kek
code "not twice" 6 'holds crypto_LUKS' mhsm volume format "$MHSM_DISKS" --kek kek
ok "volume open" mhsm volume open "$MHSM_DISKS" vol
ok "it takes data" dd if=large of=/dev/mapper/vol bs=1M conv=fsync
code "open twice" 6 '' mhsm volume open "$MHSM_DISKS" vol
ok "lock" mhsm lock
is "locked" "$(state)" locked
code "locked" 5 'security-domain approve' mhsm key encrypt -n aes --in small --out enc
nok "an open volume gives nothing" dd if=/dev/mapper/vol of=/dev/null bs=1M count=1 iflag=direct
ok "volume close" mhsm volume close vol
code "volume open, locked" 5 'security-domain approve' mhsm volume open "$MHSM_DISKS" vol

code "first custodian" 0 'approved: 1 of 2' mhsm security-domain approve --key a.key
code "the same again" 6 'approved already' mhsm security-domain approve --key a.key
ok "cancel" mhsm security-domain cancel
code "first custodian anew" 0 'approved: 1 of 2' mhsm security-domain approve --key a.key
code "a foreign key" 7 'no share' \
	mhsm security-domain approve --key "$(rsa_key 5)"
code "no key" 1 'no RSA private key' mhsm security-domain approve --key small
code "second custodian" 0 'approved: 2 of 2, the HSM is active' mhsm security-domain approve --key c.key
ok "volume open again" mhsm volume open "$MHSM_DISKS" vol
ok "the data are there" cmp -n 3000000 large /dev/mapper/vol
ok "volume close again" mhsm volume close vol
ok "ES512 after unlocking" sign_der p521 sha512
ok "EdDSA after unlocking" sign_as ed EdDSA
ok "PS512 after unlocking" pss rsa PS512 sha512
ok "HMAC after unlocking" mhsm key sign -n mac2 -a HS512 --in small --out mac.sig
ok "is the same" mhsm key verify -n mac2 -a HS512 --in small --signature mac.sig
ok "decrypt after unlocking" mhsm key decrypt -n aes --in enc --out dec --aad-file raw
ok "audit verify" mhsm audit verify
is "audit tail" "$(mhsm audit tail --count 5 -o tsv | wc -l)" 5
code "zeroize wants the domain" 1 '' mhsm zeroize --confirm 00
ok "zeroize" mhsm zeroize --confirm "$(mhsm status -o json | jsonat domain)"
is "zeroized" "$(state)" zeroized
finish
