#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mhsmd over the real kernel, as a user without any capability: from nothing to
# keys, restarts, a lock, a ceremony, and zeroize.
# kernels: 6.1 6.12
# group: service
# timeout: 1500
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"

PATH=$MHSM_BUILD:$MHSM_BUILD/kselftest:$PATH
state=/var/lib/mhsm
sock=/run/mhsm/mhsmd.sock
work=$(mktemp -d)
pid=

# ask METHOD PATH [BODY]: prints the status and the body.
ask()
{
	curl -s -m 60 --unix-socket $sock -X "$1" ${3+--data-binary "$3"} -w '\n%{http_code}' "http://localhost$2" |
		{ mapfile -t lines; echo "${lines[-1]} ${lines[*]:0:${#lines[@]}-1}"; }
}
# get AT METHOD PATH [BODY]: what the body has there, a path of jsonat's.
get()
{
	local at=$1 answer
	shift
	answer=$(ask "$@")
	jsonat $at <<<"${answer#* }"
}
hsm_state()
{
	get state GET /status
}
status_is()
{
	[ "$(hsm_state)" = "$1" ]
}

# It serves: `ask` itself never fails, it prints what curl makes of no answer.
serves()
{
	[[ $(ask GET /status) == 200\ * ]]
}

start()
{
	# What the unit's LimitMEMLOCK gives: mhsm-quorum keeps its memory from swap.
	ulimit -l 65536
	setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs \
		mhsmd --foreground --quorum="$MHSM_BUILD/mhsm-quorum" 2>>"$work/log" &
	pid=$!
	wait_for 60 serves
}
stop()
{
	local status=0
	kill -TERM $pid
	wait $pid || status=$?
	return $status
}
# custodian NAME N: the certificate of the build's N-th key as the Azure CLI sends it.
custodian()
{
	cp "$(rsa_key "$2")" "$work/$1.key"
	openssl req -x509 -key "$work/$1.key" -days 3650 -subj "/CN=$1" -outform DER -out "$work/$1.der"
	printf '{"kty":"RSA","x5c":["%s"]}' "$(base64 -w 0 "$work/$1.der")"
}

mkdir -p $state /run/mhsm
chown 65534:65534 $state /run/mhsm

nok "it does not start without the module" setpriv --reuid=65534 --regid=65534 --clear-groups mhsmd --foreground
like "and says what to do" "$(cat "$tap_out")" "the mhsm module is not loaded: modprobe mhsm"
ok "the module loads" load_module
chown 65534:65534 /dev/mhsm-daemon
chmod 600 /dev/mhsm-daemon
chown root:65534 /dev/mhsm
chmod 660 /dev/mhsm

ok "it starts" start
is "the HSM is unprovisioned" "$(hsm_state)" unprovisioned
nok "a second one does not start" setpriv --reuid=65534 --regid=65534 --clear-groups mhsmd --foreground
like "and says why" "$(cat "$tap_out")" "another mhsmd .process $pid."

like "provisioning" "$(ask POST /provision '{"administrators":[{"kind":"user","id":0}]}')" '^200 .*"domain"'
is "the HSM is provisioned" "$(hsm_state)" provisioned
certificates="$(custodian alice 1),$(custodian bob 2),$(custodian carol 3)"
like "the download" "$(ask POST /securitydomain/download "{\"certificates\":[$certificates],\"required\":2}")" \
	'^202 .*EncData'
is "the HSM is active" "$(hsm_state)" active
is "the security domain is kept for its owner only" "$(stat -c %a $state/security-domain.json)" 600
like "it is not made twice" "$(ask POST /securitydomain/download "{\"certificates\":[$certificates]}")" '^409 '

like "a P-256 key" "$(ask POST /keys/signer/create '{"kty":"EC-HSM"}')" '^200 .*"kty":"EC-HSM"'
like "an AES key" "$(ask POST /keys/disks/create '{"kty":"oct-HSM","key_size":256,"mhsm":{"consumers":true}}')" \
	'^200 .*"consumers":true'
like "a second version" "$(ask POST /keys/signer/create '{"kty":"EC-HSM"}')" '^200 '
is "keys are listed once" "$(get value.# GET /keys)" 2
is "and their versions" "$(get value.# GET /keys/signer/versions)" 2
like "a key is shown" "$(ask GET /keys/disks)" '^200 '
like "one that is not there" "$(ask GET /keys/other)" '^404 '
for i in $(seq 1 40); do
	ask POST "/keys/many-$i/create" '{"kty":"oct-HSM","key_size":128}' >/dev/null &
	[ $((i % 20)) != 0 ] || wait $(jobs -p | grep -v "^$pid$")
done
is "40 keys, 20 at a time" "$(get keys GET /status)" 43
like "random bytes" "$(ask POST /rng '{"count":32}')" '^200 .*"value":"[A-Za-z0-9_-]{43}"'
like "deleting" "$(ask DELETE /keys/disks)" '^200 .*recoveryId'
like "a deleted name is in use" "$(ask POST /keys/disks/create '{"kty":"oct-HSM"}')" '^409 '
like "recovering" "$(ask POST /deletedkeys/disks/recover)" '^200 '
like "deleting again" "$(ask DELETE /keys/many-7)" '^200 '
like "purging" "$(ask DELETE /deletedkeys/many-7)" '^204'

like "the audit log verifies" "$(get verified GET /audit/verify)" true
like "it has the creation" "$(get value.name=signer.operationName GET '/audit/records?max=10000')" \
	KeyCreate
is "who asked is known" "$(get value.name=signer.identity GET '/audit/records?max=10000')" \
	user:0

ok "it ends when told" stop
nok "its socket is gone" test -e $sock
ok "it starts again" start
is "the keys were there all the time" "$(hsm_state)/$(get keys GET /status)" active/42
like "a key after the restart" "$(ask POST /keys/later/create '{"kty":"EC-HSM"}')" '^200 '
like "the chain goes on" "$(get verified GET /audit/verify)" true

kill -KILL $pid
wait $pid
ok "it starts after kill -9" start
like "a key after that" "$(ask POST /keys/last/create '{"kty":"EC-HSM"}')" '^200 '
like "the chain goes on" "$(get verified GET /audit/verify)" true

like "locking" "$(ask POST /lock '{}')" '^200 '
is "the HSM is locked" "$(hsm_state)" locked
like "nothing is made then" "$(ask POST /keys/x/create '{"kty":"EC-HSM"}')" '^503 .*HsmLocked'
like "a ceremony begins" "$(ask POST /securitydomain/ceremony '{}')" '^200 .*"status":"waiting"'
like "and is the same when asked again" "$(ask POST /securitydomain/ceremony '{}')" '^200 .*"status":"waiting"'
ok "Alice approves" mhsm security-domain approve --key "$work/alice.key"
is "one has approved" "$(get approved GET /securitydomain/ceremony)" 1
ok "Carol approves" mhsm security-domain approve --key "$work/carol.key"
ok "the HSM is active" wait_for 20 status_is active
is "with all its keys" "$(get keys GET /status)" 44
is "the ceremony is done" "$(get status GET /securitydomain/ceremony)" done
like "a key after the ceremony" "$(ask POST /keys/reborn/create '{"kty":"EC-HSM"}')" '^200 '
like "the chain goes on" "$(get verified GET /audit/verify)" true

# As after a reboot: the module forgets everything, the store does not.
ok "it ends" stop
ok "the module unloads" unload_module
ok "and loads" load_module
chown 65534:65534 /dev/mhsm-daemon
chmod 600 /dev/mhsm-daemon
chown root:65534 /dev/mhsm
chmod 660 /dev/mhsm
ok "it starts" start
is "the HSM is locked" "$(hsm_state)" locked
like "a ceremony begins" "$(ask POST /securitydomain/ceremony '{}')" '^200 '
ok "Bob approves" mhsm security-domain approve --key "$work/bob.key"
ok "Alice approves" mhsm security-domain approve --key "$work/alice.key"
ok "the HSM is active" wait_for 20 status_is active
is "with all its keys" "$(get keys GET /status)" 45
like "a key of the new boot" "$(ask POST /keys/second-boot/create '{"kty":"EC-HSM"}')" '^200 '
is "the chain spans both boots" "$(get 'verified boots' GET /audit/verify)" "true 2"

domain=$(get domain GET /status)
like "zeroize asks which" "$(ask POST /zeroize '{"confirm":"00"}')" '^400 '
like "zeroize" "$(ask POST /zeroize "{\"confirm\":\"$domain\"}")" '^200 '
is "the HSM is zeroized" "$(hsm_state)" zeroized
nok "the security domain is gone" test -e $state/security-domain.json
nok "so are the records" grep -q MHSMREC1 $state/store.db
ok "it ends" stop
ok "it starts" start
like "and can be provisioned anew" "$(ask POST /provision '{"administrators":[{"kind":"user","id":0}]}')" '^200 '
ok "it ends" stop
echo "# log of mhsmd:"
sed 's/^/#   /' "$work/log"
finish
