# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The inner part of test_systemd.sh, a service that systemd runs after mhsmd.
# shellcheck disable=SC1091
. /run/mhsm-test.env
run=/run/mhsm-test
mkdir -p $run
# What is installed is tested, and devices are udev's.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
unset DM_DISABLE_UDEV
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"
# shellcheck source=tests/vm/service.sh
. "$MHSM_SRC/tests/vm/service.sh"
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
trap 'journalctl -b --no-pager -o short-monotonic -t systemd -t mhsmd >$MHSM_SHARE/journal' EXIT

property()
{
	systemctl show -P "$1" mhsmd
}
# status_field NAME: of the main process
status_field()
{
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$(property MainPID)/status"
}
hsm_is()
{
	[ "$(mhsm status --output json | jq -r .state)" = "$1" ]
}
restarted()
{
	[ "$(property NRestarts)" = 1 ] && [ "$(property ActiveState)" = active ]
}
# as_user UID COMMAND...: without a group of the HSM's
as_user()
{
	setpriv --reuid="$1" --regid=65534 --clear-groups "${@:2}"
}
# as_member UID COMMAND...: who was added to the group mhsm
as_member()
{
	setpriv --reuid="$1" --regid=65534 --groups mhsm "${@:2}"
}

[ "$(property ActiveState)" = active ] || { fail "mhsmd starts"; exit; }
pass "mhsmd starts"
is "at the first attempt" "$(property NRestarts)" 0
is "the module was loaded at boot" "$(cut -d ' ' -f 1 /proc/modules | grep -x mhsm)" mhsm
is "/dev/mhsm is the group's" "$(stat -c '%U %G %a' /dev/mhsm)" "root mhsm 660"
is "/dev/mhsm-daemon is the daemon's" "$(stat -c '%U %G %a' /dev/mhsm-daemon)" "mhsm mhsm 600"
is "the state is the daemon's" "$(stat -c '%U %G %a' /var/lib/mhsm)" "mhsm mhsm 700"
is "it is not root" "$(ps -o user= -p "$(property MainPID)")" mhsm
is "it has no capability" "$(status_field CapEff) $(status_field CapBnd)" "0000000000000000 0000000000000000"
is "nor will it get one" "$(status_field NoNewPrivs)" 1
is "its system calls are filtered" "$(status_field Seccomp)" 2
ok "its exposure is small" systemd-analyze security --threshold=25 --no-pager mhsmd

ok "the HSM is provisioned" service_provision "$MHSM_SHARE"
ok "it is active" hsm_is active
ok "a signing key" mhsm key create --name sign --kty EC-HSM --curve P-256
echo "to be signed" >$run/file
ok "signs" mhsm key sign --name sign --algorithm ES256 --in $run/file --out $run/file.sig --der
ok "its public half" mhsm key download --name sign --file $run/sign.pem
ok "openssl agrees" openssl dgst -sha256 -verify $run/sign.pem -signature $run/file.sig $run/file
ok "a KEK" mhsm key create --name disks --kty oct-HSM --size 256 --consumers
ok "a volume is formatted" mhsm volume format "$MHSM_DISKS" --kek disks
ok "and opened, with udev" mhsm volume open "$MHSM_DISKS" data
ok "udev has made its link" test -L /dev/mapper/data
ok "it takes a file system" mkfs.ext4 -q /dev/mapper/data
ok "and is closed" mhsm volume close data
ok "cryptsetup opens it by its token" cryptsetup open --token-only "$MHSM_DISKS" data
ok "and closes it" cryptsetup close data
echo "data $MHSM_DISKS none luks,noauto,headless" >/etc/crypttab
ok "a line in crypttab is a unit" systemctl daemon-reload
ok "which systemd starts" systemctl start systemd-cryptsetup@data
ok "and has the volume" test -L /dev/mapper/data
ok "and stops" systemctl stop systemd-cryptsetup@data
nok "then it is closed" test -e /dev/mapper/data

is "who is not of the group sees none of the keys" "$(as_user 65534 mhsm key list --output json | jq length)" 0
as_user 65534 mhsm random >$run/said 2>&1
is "nor may he open the device" $? 3
like "and is told what to do" "$(<$run/said)" "group"
as_member 65534 mhsm key sign --name sign --algorithm ES256 --in $run/file --out /dev/null >$run/said 2>&1
is "a member may not use another's key" $? 4
ok "but draw random bytes" as_member 65534 mhsm random --count 16

pid=$(property MainPID)
kill -KILL "$pid"
ok "killed, it is started again" wait_for 60 restarted
nok "as another process" test "$(property MainPID)" = "$pid"
ok "the HSM stays active" wait_for 20 hsm_is active
ok "the keys stay" mhsm key sign --name sign --algorithm ES256 --in $run/file --out /dev/null
ok "a key is made" mhsm key create --name later --kty EC-HSM --curve P-256
ok "locked" mhsm lock
nok "systemd does not attach a volume of a locked HSM" systemctl start systemd-cryptsetup@data
like "and its log says why" "$(journalctl -b -u systemd-cryptsetup@data -o cat --no-pager)" "HSM is locked: have its"
ok "it is" hsm_is locked
ok "the custodians approve, in the sandbox" service_unlock "$MHSM_SHARE" alice carol
ok "it is active" wait_for 60 hsm_is active
ok "the keys are back" mhsm key sign --name later --algorithm ES256 --in $run/file --out /dev/null
ok "the audit log verifies" mhsm audit verify

ok "restarted" systemctl restart mhsmd
ok "active" wait_for 20 hsm_is active
journalctl -b -u mhsmd -o json --no-pager >$run/json
ok "it logs" grep -q "serves on" $run/json
is "with priorities that the journal knows" "$(jq -r 'select(.MESSAGE | tostring | test("^<")) | .MESSAGE' $run/json)" ""
is "and notices are notices" \
	"$(jq -r 'select(.MESSAGE | tostring | test("provision: domain")) | .PRIORITY' $run/json)" 5
ok "stopped" systemctl stop mhsmd
is "cleanly" "$(property Result)" success
ok "the module unloads" rmmod mhsm
nok "the devices are gone" test -e /dev/mhsm
echo "# all was checked"
