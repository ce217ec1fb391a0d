#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What becomes of keys and callers when mhsmd cannot start, dies in the middle
# of its work, has no room, or finds its store altered: in each case the reason
# is said, nothing is half done, and it works again once the reason is gone.
#
# kernels: 6.1 6.12
# group: service
# timeout: 900
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"
# shellcheck source=tests/vm/service.sh
. "$MHSM_SRC/tests/vm/service.sh"

work=$(mktemp -d /run/faults.XXXXXX)

keys()
{
	mhsm status --output json | jsonat keys
}

# refused DESC REGEX: mhsmd does not start, exits with 1, and says why.
refused()
{
	local status=0
	timeout 60 mhsmd --foreground --quorum="$MHSM_BUILD/mhsm-quorum" \
		>"$work/said" 2>&1 || status=$?
	is "$1: exit code" $status 1
	like "$1: the reason" "$(cat "$work/said")" "$2"
}

# try NAME: "created" or an error; at most a minute
try()
{
	timeout -s KILL 60 keyload try "$1"
}

# In the kernel, and waiting for a record to be stored
waits_for_store()
{
	grep -q mhsm_tx_commit "/proc/$1/stack"
}

waits_for_audit()
{
	grep -q mhsm_audit_wait "/proc/$1/stack"
}

# Done, or waiting for its audit record
audit_settled()
{
	[ ! -d "/proc/$1" ] || waits_for_audit "$1"
}

# Takes all room below DIR, whatever its file system still finds for it.
fill()
{
	dd if=/dev/zero of="$1/ballast" bs=64k status=none 2>/dev/null
	dd if=/dev/zero bs=512 status=none 2>/dev/null >>"$1/ballast"
	[ "$(stat -f -c %a "$1")" = 0 ]
}

# ---- a start that cannot be -------------------------------------------------

refused "without the module" 'the mhsm module is not loaded: modprobe mhsm'
ok "the module loads" load_module

# The store and the audit log each have little room of their own.
mkdir -p $service_state
mount -t tmpfs -o size=2m,mode=700 tmpfs $service_state
mkdir -m 700 $service_state/audit
mount -t tmpfs -o size=2m,mode=700 tmpfs $service_state/audit
ok "mhsmd starts" service_start
refused "a second one" "another mhsmd .process $service_pid. has the state"
is "the first one goes on" "$(service_hsm)" unprovisioned
ok "custodians make keys" service_custodians "$work"
ok "a domain is made" service_provision "$work"
ok "an AES key" mhsm key create --name aes --kty oct-HSM --size 256
ok "a signing key" mhsm key create --name sig --kty EC-HSM --curve P-256

# ---- death ------------------------------------------------------------------

coproc HOLD { exec keyload hold 3000 aes sig; }
hold_pid=$HOLD_PID hold_out=${HOLD[0]}
read -r -t 60 said <&"$hold_out"
is "a process has both open, and uses them" "$said" holding
service_kill
is "mhsmd is killed: no key is made" "$(try orphan)" EUNATCH
nok "the command says so" mhsm key create --name orphan --kty EC-HSM --curve P-256
like "and what to do" "$(cat "$tap_out")" 'systemctl start mhsmd'
ok "a key is opened and used meanwhile" eval \
	"echo hello | mhsm key sign --name sig --in - --out $work/sig"
ok "mhsmd starts again" service_start
is "it finds the HSM as it was" "$(service_hsm) $(keys)" "active 2"
is "a key is made" "$(try second)" created

# One that waits when mhsmd dies is answered by the next mhsmd.
service_kill STOP
keyload try waiter >"$work/waiter" &
waiter=$!
ok "a creation waits for mhsmd" wait_for 60 waits_for_store $waiter
service_kill
ok "mhsmd starts again" service_start
wait $waiter
like "the creation is done, or its outcome is said to be unknown" \
	"$(cat "$work/waiter")" '^(created|ETIMEDOUT)$'
echo "made waiter aes" >"$work/facts"
[ "$(cat "$work/waiter")" = created ] || : >"$work/facts"
ok "what is there works" keyload check "$work/facts"
kill -TERM "$hold_pid"
uses=$(tail -n 1 <&"$hold_out")
wait "$hold_pid"
is "the process with open keys noticed nothing" "$?" 0
like "through all of this" "$uses" '^[1-9][0-9]* uses$'

# ---- no room ----------------------------------------------------------------

before=$(keys)
ok "the disk of the store is full" fill $service_state
full=
for ((i = 0; i < 200; i++)); do
	full=$(try "full-$i")
	[ "$full" = created ] || break
done
is "a key is refused (after $i that found room)" "$full" ENOSPC
is "and is not there" "$(keys)" $((before + i))
nok "the command fails" mhsm key create --name more --kty EC-HSM --curve P-256
like "and says why" "$(cat "$tap_out")" 'the store is full'
rm -f $service_state/ballast
is "with room again, the same name is made" "$(try "full-$i")" created
echo "made full-$i aes" >"$work/facts"
ok "and everything works" keyload check "$work/facts"

ok "the disk of the audit log is full" fill $service_state/audit
# A segment may still have room in its last page.
for ((i = 0; i < 64; i++)); do
	keyload try "unaudited-$i" >"$work/unaudited" &
	waiter=$!
	wait_for 60 audit_settled $waiter
	[ -d /proc/$waiter ] || continue
	break
done
ok "a creation (after $i that found room) waits for its audit record" \
	waits_for_audit $waiter
rm -f $service_state/audit/ballast
wait $waiter
is "with room again, it is reported" "$(cat "$work/unaudited")" created
echo "made unaudited-$i aes" >"$work/facts"
ok "and everything works" keyload check "$work/facts"
like "the audit log verifies" \
	"$(mhsm audit verify --output json | jsonat verified)" true

# ---- a store that is not as it was ------------------------------------------

count=$(keys)
ok "mhsmd ends when told" service_stop
cp $service_state/store.db "$work/store.db"

# The schema's version is bytes 60 to 63 of a SQLite file.
printf '\0\0\0\143' | dd of=$service_state/store.db bs=1 seek=60 \
	conv=notrunc status=none
refused "a store of a newer version" \
	'schema version 99 was written by a newer mhsmd.*install the newer'
is "it is left alone" "$(od -An -tu1 -j60 -N4 $service_state/store.db | tr -s ' ')" \
	" 0 0 0 99"

printf 'not a database  ' | dd of=$service_state/store.db conv=notrunc status=none
refused "a store that is none" 'file is not a database'

head -c 8192 "$work/store.db" >$service_state/store.db
refused "half a store" 'malformed|damaged|corrupt'

# The last byte of the last record but one is that of a key's tag.
cp "$work/store.db" $service_state/store.db
at=$(grep -abo MHSMREC1 "$work/store.db" | tail -n 2 | head -n 1 | cut -d : -f 1)
printf '\0\0\0\0' | dd of=$service_state/store.db bs=1 seek=$((at + 200)) \
	conv=notrunc status=none
ok "the module is loaded anew" eval "unload_module && load_module"
ok "mhsmd starts with one altered record" service_start
ok "the HSM is unlocked" service_unlock "$work" alice bob
is "every other key is there" "$(keys)" $((count - 1))
like "the log says which is not" "$(cat $service_log)" \
	'load: the kernel refused record [0-9a-f]{32}: .*load: [0-9]+ records loaded, 1 refused'
: >"$work/facts"
ok "and what is there works" keyload check "$work/facts"

ok "mhsmd ends" service_stop
umount $service_state/audit $service_state
ok "the module unloads" unload_module
echo "# log of mhsmd:"
sed 's/^/#   /' $service_log
finish
