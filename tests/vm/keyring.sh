# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What test_keyring.sh and test_keyring_data.sh share: an HSM, asked through
# pipes (tests/kselftest/minihsm.c), in a session keyring of their own.

work=$(mktemp -d)
chmod 755 "$work"
cd "$work" || exit 1

hsm_start()
{
	keyctl new_session >/dev/null
	coproc HSM { exec "$MHSM_BUILD/kselftest/minihsm" 2>"$work/hsm.err"; }
	hsm_pid=$HSM_PID
	hsm start
}

hsm_end()
{
	eval "exec ${HSM[1]}>&-"
	wait "$hsm_pid"
}

hsm()
{
	local answer
	echo "$*" >&"${HSM[1]}"
	read -r -t 120 answer <&"${HSM[0]}" || answer="no answer"
	echo "$answer"
	[ "$answer" = ok ]
}

# error COMMAND...: the message of keyctl's that it fails with
error()
{
	"$@" 2>&1 >/dev/null | sed -n 's/.*: //p'
}

# as COMMAND...: uid 1000, with our session keyring
as()
{
	setpriv --reuid=1000 --regid=1000 --clear-groups "$@"
}

# gone SERIAL: the kernel has freed the key
gone()
{
	! grep -q "^$(printf '%08x' "$1") " /proc/keys
}

# add NAME PAYLOAD [KEYRING]: its serial number
add()
{
	keyctl add mhsm "$1" "$2" "${3-@s}"
}
