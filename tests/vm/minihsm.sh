# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# An HSM for tests of volumes, and what they do with devices.
#
#   hsm_begin FOLDER   starts tests/kselftest/minihsm; its errors go to FOLDER
#   hsm COMMAND...     asks it; prints its answer
#   hsm_end            ends it
#   hex FILE           its bytes in hexadecimal
#   readout, writein DEVICE   256 KiB at its beginning, past the page cache
#   digest COMMAND...  of what it prints; like no other if it fails
#   unmap NAME         removes a device

hsm_begin()
{
	coproc HSM { exec "$MHSM_BUILD/kselftest/minihsm" 2>"$1/hsm.err"; }
	hsm_pid=$HSM_PID
}

hsm()
{
	local answer
	echo "$*" >&"${HSM[1]}"
	read -r -t 120 answer <&"${HSM[0]}" || answer="no answer"
	echo "$answer"
	[ "$answer" = ok ]
}

hsm_end()
{
	eval "exec ${HSM[1]}>&-"
	wait "$hsm_pid"
	is "the daemon ended well" "$?" 0
}

hex()
{
	od -An -v -tx1 "$1" | tr -d ' \n'
}

unmap()
{
	timeout 60 dmsetup remove --retry "$1"
}

readout()
{
	dd if="$1" bs=64k count=4 iflag=direct status=none
}

writein()
{
	dd of="$1" bs=64k count=4 oflag=direct iflag=fullblock status=none
}

digest()
{
	local out
	out=$(mktemp)
	if "$@" >"$out"; then
		sha256sum <"$out" | cut -c1-64
	else
		echo "failed-$((++failures))-$BASHPID: $*"
	fi
	rm -f "$out"
}
failures=0
