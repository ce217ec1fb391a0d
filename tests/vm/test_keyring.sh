#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Keys of the HSM in the kernel's keyrings: Debian's keyctl, and OpenSSL to
# check what comes of it; who may not, and what is recorded of it.
#
# kernels: 6.1 6.12
# group: volumes
# timeout: 900
. "$MHSM_SRC/tests/vm/lib.sh"
# shellcheck source=tests/vm/keyring.sh
. "$MHSM_SRC/tests/vm/keyring.sh"

# digest HASH FILE: raw
digest()
{
	openssl dgst "-$1" -binary "$2"
}

# ---- begin ------------------------------------------------------------------

ok "the module loads" load_module
ok "the HSM starts" hsm_start
pem=$(rsa_key 1)
openssl pkcs8 -topk8 -nocrypt -in "$pem" -outform DER -out rsa.der
openssl pkey -in "$pem" -pubout -out rsa.pem
n=0
for curve in P-256 P-384 P-521 secp256k1; do
	n=$((n + 1))
	openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:$curve -out ec$n.key
	openssl pkcs8 -topk8 -nocrypt -in ec$n.key -outform DER -out ec$n.der
	openssl pkey -in ec$n.key -pubout -out ec$n.pem
	ok "a key on $curve" hsm key ec$n ec $n "$work/ec$n.der"
done
ok "an RSA key" hsm key rsa rsa 2048 "$work/rsa.der"
ok "one that only signs" hsm key signer rsa 2048 "$work/rsa.der" sign,verify
ok "an AES key" hsm kek aes
echo "a message" >message

# ---- adding, describing, reading -------------------------------------------

ok "keyctl add mhsm" add r key:rsa
r=$(keyctl search @s mhsm r)
like "describe shows the kind" "$(keyctl describe "$r")" 'mhsm: r$'
like "/proc/keys shows the key of the HSM" "$(grep "^$(printf '%08x' "$r")" /proc/keys)" \
	' mhsm +r: key rsa/[0-9a-f]{32}$'
version=$(sed -n 's,.* mhsm *r: key rsa/,,p' /proc/keys)
ok "with its version" add r2 "key:rsa/$version"
ok "keyctl read: the public half" sh -c "keyctl pipe $r >rsa.spki"
ok "as OpenSSL has it" cmp rsa.spki <(openssl pkey -pubin -in rsa.pem -outform DER)
is "update: what a key stands for is fixed" \
	"$(error keyctl update "$r" key:ec1)" "Permission denied"

is "no such key" "$(error add x key:none)" "No such file or directory"
is "no such version" "$(error add x "key:rsa/${version//[0-9]/0}")" "No such file or directory"
is "a secret key" "$(error add x key:aes)" "Operation not supported"
for payload in key: rsa key key:a_b "key:rsa/" "key:rsa/12" "key:rsa/${version}0" \
	"key:rsa/${version%?}g" "key:rsa/00000000000000000000000000000000" "key:rsa " \
	"key:$(printf '%0128d' 0)" new:; do
	is "no payload: ${payload:0:20}" "$(error add x "$payload")" "Invalid argument"
done
is "no other user's keyring" "$(error add x key:rsa 0x7fffffff)" \
	"Required key not available"

# ---- RSA --------------------------------------------------------------------

like "query: size" "$(keyctl pkey_query "$r" 0)" 'key_size=2048'
like "query: what enc=pkcs1 can" "$(keyctl pkey_query "$r" 0 enc=pkcs1)" \
	'encrypt=y.*decrypt=y.*sign=y.*verify=y'
for hash in sha256 sha384 sha512; do
	digest $hash message >digest
	ok "pkcs1 $hash: signed" sh -c \
		"keyctl pkey_sign $r 0 digest enc=pkcs1 hash=$hash >sig"
	ok "pkcs1 $hash: OpenSSL verifies" openssl dgst -$hash -verify rsa.pem -signature sig message
	ok "pss $hash: signed" sh -c "keyctl pkey_sign $r 0 digest enc=pss hash=$hash >sig"
	ok "pss $hash: OpenSSL verifies" openssl dgst -$hash -sigopt rsa_padding_mode:pss \
		-sigopt rsa_pss_saltlen:digest -verify rsa.pem -signature sig message
	ok "pss $hash: keyctl verifies" keyctl pkey_verify "$r" 0 digest sig enc=pss hash=$hash
done
openssl dgst -sha256 -sign "$pem" -out sig message
digest sha256 message >digest
ok "keyctl verifies OpenSSL's" keyctl pkey_verify "$r" 0 digest sig enc=pkcs1 hash=sha256
{ cat sig; printf x; } >longer
is "and not with a byte behind it" \
	"$(error keyctl pkey_verify "$r" 0 digest longer enc=pkcs1 hash=sha256)" "Invalid argument"
digest sha256 "$pem" >other
is "not of another message" \
	"$(error keyctl pkey_verify "$r" 0 other sig enc=pkcs1 hash=sha256)" "Bad message"
ok "pkcs1 without hash: padded as it is" sh -c \
	"keyctl pkey_sign $r 0 message enc=pkcs1 >sig"
is "and recovered" "$(openssl pkeyutl -verifyrecover -pubin -inkey rsa.pem -in sig)" "a message"

ok "pkcs1: encrypted" sh -c "keyctl pkey_encrypt $r 0 message enc=pkcs1 >ct"
is "pkcs1: OpenSSL decrypts" "$(openssl pkeyutl -decrypt -inkey "$pem" -in ct)" "a message"
is "pkcs1: keyctl decrypts" "$(keyctl pkey_decrypt "$r" 0 ct enc=pkcs1)" "a message"
for hash in sha1 sha256 sha384 sha512; do
	openssl pkeyutl -encrypt -pubin -inkey rsa.pem -pkeyopt rsa_padding_mode:oaep \
		-pkeyopt rsa_oaep_md:$hash -in message -out ct
	is "oaep $hash: keyctl decrypts" \
		"$(keyctl pkey_decrypt "$r" 0 ct enc=oaep hash=$hash)" "a message"
done
ok "oaep: encrypted" sh -c "keyctl pkey_encrypt $r 0 message enc=oaep hash=sha512 >ct"
is "oaep: OpenSSL decrypts" "$(openssl pkeyutl -decrypt -inkey "$pem" \
	-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha512 -in ct)" "a message"
is "oaep: not by another hash" \
	"$(error keyctl pkey_decrypt "$r" 0 ct enc=oaep hash=sha256)" "Bad message"

ok "the signer" add s key:signer
s=$(keyctl search @s mhsm s)
is "does not decrypt" "$(error keyctl pkey_decrypt "$s" 0 ct enc=oaep hash=sha512)" \
	"Operation not permitted"
like "and says so" "$(keyctl pkey_query "$s" 0 enc=pkcs1)" 'encrypt=n.*decrypt=n.*sign=y.*verify=y'
for what in "enc=x962" "enc=oaep" "enc=oaep hash=sha3-256" "enc=pss" "enc=none"; do
	# shellcheck disable=SC2086 # words
	is "RSA has no $what" "$(error keyctl pkey_sign "$r" 0 digest $what)" "Operation not supported"
done
is "nor pkcs1 of a digest that it does not know" \
	"$(error keyctl pkey_sign "$r" 0 digest enc=pkcs1 hash=md5)" "Invalid argument"
is "nor raw" "$(error keyctl pkey_sign "$r" 0 digest enc=raw)" "Invalid argument"
is "a digest of another length" \
	"$(error keyctl pkey_sign "$r" 0 message enc=pss hash=sha256)" "Invalid argument"

# ---- EC ---------------------------------------------------------------------

n=0
for hash in sha256 sha384 sha512 sha256; do
	n=$((n + 1))
	k=$(add e$n key:ec$n)
	digest $hash message >digest
	ok "ec$n: public half" sh -c "keyctl pipe $k >spki"
	ok "ec$n: as OpenSSL has it" cmp spki <(openssl pkey -pubin -in ec$n.pem -outform DER)
	keyctl pkey_sign "$k" 0 digest enc=x962 hash=$hash >sig
	ok "ec$n: signed, OpenSSL verifies" \
		openssl dgst -$hash -verify ec$n.pem -signature sig message
	ok "ec$n: keyctl verifies" keyctl pkey_verify "$k" 0 digest sig enc=x962
	openssl dgst -$hash -sign ec$n.key -out sig message
	ok "ec$n: keyctl verifies OpenSSL's" keyctl pkey_verify "$k" 0 digest sig enc=x962 hash=$hash
	keyctl pkey_sign "$k" 0 digest enc=raw >sig
	ok "ec$n: r||s verifies" keyctl pkey_verify "$k" 0 digest sig enc=p1363
	is "ec$n: no DER" "$(error keyctl pkey_verify "$k" 0 digest sig enc=x962)" "Bad message"
	is "ec$n: another hash" \
		"$(error keyctl pkey_sign "$k" 0 digest enc=x962 hash=sha1)" "Operation not supported"
	nok "ec$n: does not encrypt" keyctl pkey_encrypt "$k" 0 digest enc=pkcs1
done
e=$(keyctl search @s mhsm e1)

# ---- Ed25519 ----------------------------------------------------------------

openssl genpkey -quiet -algorithm ed25519 -out ed.key
openssl pkcs8 -topk8 -nocrypt -in ed.key -outform DER -out ed.der
openssl pkey -in ed.key -pubout -out ed.pem
ok "an Ed25519 key" hsm key ed okp 5 "$work/ed.der"
k=$(add ed key:ed)
ok "Ed25519: public half" sh -c "keyctl pipe $k >spki"
ok "Ed25519: as OpenSSL has it" cmp spki <(openssl pkey -pubin -in ed.pem -outform DER)
keyctl pkey_sign "$k" 0 message enc=raw >sig
ok "Ed25519: the message is signed, OpenSSL verifies" \
	openssl pkeyutl -verify -rawin -pubin -inkey ed.pem -sigfile sig -in message
openssl pkeyutl -sign -rawin -inkey ed.key -in message -out sig
ok "Ed25519: keyctl verifies OpenSSL's" keyctl pkey_verify "$k" 0 message sig enc=raw
is "Ed25519: not of another message" "$(error keyctl pkey_verify "$k" 0 digest sig enc=raw)" "Bad message"
is "Ed25519: signs no digest" "$(error keyctl pkey_sign "$k" 0 digest enc=raw hash=sha512)" \
	"Invalid argument"
nok "Ed25519: does not encrypt" keyctl pkey_encrypt "$k" 0 message enc=pkcs1

# ---- a stranger -------------------------------------------------------------

digest sha256 message >digest
is "a stranger cannot add another's key" "$(error as keyctl add mhsm x key:rsa @s)" \
	"No such file or directory"
ok "which is in the audit" hsm audited 1 -13 1
is "nor one that is not there" "$(error as keyctl add mhsm x key:none @s)" \
	"No such file or directory"
keyctl setperm "$r" 0x3f3f3f3f
keyctl setperm "$e" 0x3f3f3f3f
is "even where the keyring lets him, he signs nothing" \
	"$(error as keyctl pkey_sign "$r" 0 digest enc=pkcs1 hash=sha256)" "Permission denied"
is "with no key" "$(error as keyctl pkey_sign "$e" 0 digest enc=x962)" "Permission denied"
ok "which is in the audit, too" hsm audited 11 -13 2
openssl dgst -sha256 -sign "$pem" -out sig message
is "verifies nothing" \
	"$(error as keyctl pkey_verify "$r" 0 digest sig enc=pkcs1 hash=sha256)" "Permission denied"
ok "(audited)" hsm audited 12 -13 1
is "decrypts nothing" "$(error as keyctl pkey_decrypt "$r" 0 ct enc=oaep hash=sha512)" \
	"Permission denied"
ok "(audited)" hsm audited 10 -13 1
is "encrypts nothing" "$(error as keyctl pkey_encrypt "$r" 0 message enc=pkcs1)" \
	"Permission denied"
ok "(audited)" hsm audited 9 -13 1
is "reads nothing" "$(error as keyctl pipe "$r")" "Permission denied"
ok "(audited)" hsm audited 5 -13 1

# ---- the end of a key -------------------------------------------------------

nok "the module is in use" rmmod mhsm
ok "the key is deleted" hsm delete ec1
is "what stood for it is refused" "$(error keyctl pkey_sign "$e" 0 digest enc=x962)" \
	"Key has been revoked"
ok "and purged" hsm purge ec1
is "now the keyring says so" "$(error keyctl describe "$e")" "Key has been revoked"
ok "another still signs" keyctl pkey_sign "$s" 0 digest enc=pkcs1 hash=sha256
ok "the HSM is locked" hsm lock
is "which revokes all" "$(error keyctl pkey_sign "$s" 0 digest enc=pkcs1 hash=sha256)" \
	"Key has been revoked"
is "and nothing is added" "$(error add x key:rsa)" "Required key not available"
ok "unlocked" hsm unlock
ok "added again" add r key:rsa
r=$(keyctl search @s mhsm r)
ok "it signs" keyctl pkey_sign "$r" 0 digest enc=pkcs1 hash=sha256
ok "the HSM is zeroized" hsm zeroize
is "which revokes it for ever" "$(error keyctl pkey_sign "$r" 0 digest enc=pkcs1 hash=sha256)" \
	"Key has been revoked"
is "the keyring says so, too" "$(error keyctl describe "$r")" "Key has been revoked"
nok "and nothing is added" add x key:rsa

ok "the keyring is emptied" keyctl clear @s
ok "the kernel frees the key" wait_for 60 gone "$r"
ok "the daemon ended well" hsm_end
ok "the module unloads" wait_for 60 unload_module
cd /
rm -rf "$work"
finish
