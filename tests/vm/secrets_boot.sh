# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# usage (in a guest): secrets_boot.sh setup|search
#
# The two boots of test_secrets.sh. The second one prints TAP, from number
# $TAP_COUNT on and without a plan, and last "# searched".
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"
# shellcheck source=tests/vm/service.sh
. "$MHSM_SRC/tests/vm/service.sh"

needles=$MHSM_SHARE/needles
read -r state_disk volume_disk swap_disk <<<"$MHSM_DISKS"
tap_count=${TAP_COUNT:-0}

# ---- netlink ----------------------------------------------------------------

capture_begin()
{
	modprobe nlmon && ip link add nlmon0 type nlmon &&
		ip link set nlmon0 up || return
	coproc CAPTURE { exec nlmon capture nlmon0 "$1"; }
	capture_pid=$CAPTURE_PID
	read -r -t 60 capture_said <&"${CAPTURE[0]}" &&
		[ "$capture_said" = ready ]
}

capture_end()
{
	local status=0 said fd=${CAPTURE[0]}
	nlmon send "$needles/control.needle" || return
	kill -TERM "$capture_pid"
	read -r -t 60 said <&"$fd" && echo "$said"
	wait "$capture_pid" || status=$?
	return $status
}

# ---- the first boot ---------------------------------------------------------

setup()
{
	capture_begin "$MHSM_SHARE/capture" && load_module &&
		service_mount "$state_disk" && service_start &&
		service_provision "$MHSM_SHARE" &&
		cp /run/security-domain.json "$MHSM_SHARE/" &&
		mhsm key create --name kek --kty oct-HSM --size 256 \
			--ops wrapKey unwrapKey --consumers &&
		mhsm key create --name signer --kty EC-HSM --curve P-256 &&
		mhsm lock && service_unlock "$MHSM_SHARE" bob alice &&
		[ "$(service_hsm)" = active ] && capture_end && service_stop &&
		umount $service_state
}

if [ "$1" = setup ]; then
	rm -f "$tap_out"
	setup && exit
	cat $service_log
	exit 1
fi

# ---- searching --------------------------------------------------------------

# search WHERE...: leaves what the scanner found in $work/found.
search()
{
	scan "$@" -- "$needles"/*.needle >"$work/found" 2>&1
}

# found: names of the needles that were, each once
found()
{
	sed -n 's/^hit [^ ]* [^ ]* \([a-z0-9]*\).*/\1/p' "$work/found" |
		sort | uniq -c | awk '{ printf "%s%s", sep, $2; sep = " " }'
}

tell()
{
	sed 's/^/#   /; s/^#   # /#   /' "$work/found"
}

# only_control DESC WHERE...
only_control()
{
	local desc=$1
	shift
	if search "$@"; then
		is "$desc: the control and no secret" "$(found)" control
	else
		fail "$desc: cannot be searched"
	fi
	tell
}

nothing()
{
	local desc=$1
	shift
	if search "$@"; then
		is "$desc: no secret" "$(found)" ""
	else
		fail "$desc: cannot be searched"
	fi
	tell
}

# kcore_allows DESC NEEDLE...: the control is found, and perhaps these.
kcore_allows()
{
	local desc=$1 name unexpected=
	shift
	search kcore || { fail "$desc: cannot be searched"; tell; return; }
	for name in $(found); do
		[[ " control $* " == *" $name "* ]] || unexpected+=" $name"
	done
	is "$desc: nothing but ${*:-the control}" "$unexpected" ""
	[[ " $(found) " == *" control "* ]] && pass "$desc: the control is found" ||
		fail "$desc: the control is found"
	tell
}

available()
{
	awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo
}

work=$(mktemp -d /run/search.XXXXXX)
# Addresses in vmallocinfo are needed to find one's way in /proc/kcore.
echo 1 >/proc/sys/kernel/kptr_restrict
ok "swap" eval "mkswap $swap_disk && swapon $swap_disk"
ok "netlink is captured" capture_begin "$work/capture"
ok "the module loads" load_module
ok "the store is mounted" service_mount "$state_disk"
ok "mhsmd starts" service_start
is "the HSM is locked" "$(service_hsm)" locked
ok "two custodians unlock it" service_unlock "$MHSM_SHARE" alice carol
is "the HSM is active" "$(service_hsm)" active
ok "the known key is imported" \
	scan import "$needles/imported.needle" imported
ok "the known data key is wrapped into a token" \
	scan token "$needles/volume.needle" kek "$work/token"
ok "a volume is opened with it" cryptsetup open --type plain --batch-mode \
	--cipher 'capi:mhsm(xts(aes))-plain64' --key-size 1024 \
	--key-file "$work/token" "$volume_disk" volume
ok "and written to" dd if=/dev/zero of=/dev/mapper/volume bs=1M count=4 \
	conv=fsync status=none
ok "the capture lost nothing" capture_end

# A process that has the key open, and uses it, through all of what follows.
coproc HOLD { exec keyload hold 3000 imported; }
hold_pid=$HOLD_PID hold_out=${HOLD[0]}
read -r -t 60 said <&"$hold_out"
is "a process uses the key" "$said" holding
{ coproc PLANT { exec scan plant "$needles/control.needle"; }; } 2>/dev/null
plant_pid=$PLANT_PID
read -r -t 60 said <&"${PLANT[0]}"
is "a process holds the control" "$said" planted
ok "so does a file" scan write "$needles/control.needle" $service_state/control

ok "memory is filled" scan fill $(($(available) + 100))
swapped=$(awk 'NR > 1 { print $4 }' /proc/swaps)
ok "until the kernel swapped" test "$swapped" -gt 0
echo "#   $swapped KiB in use"
sync

is "sealed records passed over netlink: three loaded, one stored" \
	"$(grep -ao MHSMREC1 "$work/capture" | wc -l)" 4
only_control "netlink, from unlock to token" "file:$work/capture"
only_control "swap" "file:$swap_disk"
mapfile -t files < <(find $service_state /run/mhsm /run/*.log -xdev -type f)
only_control "the store (${#files[@]} files)" "${files[@]/#/file:}"
only_control "the disk of the store" "file:$state_disk"
nothing "the disk of the volume" "file:$volume_disk"
only_control "processes" processes
search mem || fail "/dev/mem cannot be searched"
is "/dev/mem, as far as it may be read: no secret" \
	"$(found | sed 's/control//')" ""
tell

ok "the key is still in use" kill -0 "$hold_pid"
kcore_allows "/proc/kcore, the key and the volume open" imported volume
open=$(found | sed 's/control *//')
kill -TERM "$hold_pid"
wait "$hold_pid"
is "the key is closed" $? 0
ok "the volume is closed" cryptsetup close volume
kcore_allows "/proc/kcore, the key loaded and the volume closed"
echo "# /proc/kcore shows, with the key and the volume open: ${open:-nothing}"
kill -TERM "$plant_pid"
ok "mhsmd ends" service_stop
ok "the module unloads" unload_module
rm -f "$tap_out"
[ $tap_failed = 0 ] || exit 1
echo "# searched"
