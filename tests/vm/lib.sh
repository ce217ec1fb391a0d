# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For the scripts tests/vm/test_*.sh, which begin with
#   . "$MHSM_SRC/tests/vm/lib.sh"
# and end with `finish`.  Each check prints one TAP line:
#   ok DESC COMMAND [ARG]...          passes if the command succeeds
#   nok DESC COMMAND [ARG]...         passes if it fails (and was not killed)
#   is DESC GOT WANT                  passes if two strings are equal
#   like DESC STRING REGEX            passes if the string matches (bash ERE)
#   pass DESC / fail DESC [WHY]       decided by the caller
#   skip DESC WHY                     not possible here
# What a failed command printed is shown below its line.
# The module:
#   load_module [PARAMETER=VALUE]...  inserts $MHSM_KO and what it depends on
#   unload_module                     removes it
#   leak_check DESC                   one check: kmemleak finds nothing new
#                                     (skipped without kmemleak)
#   rsa_key N                         the name of the N-th RSA key (2048 bits) that
#                                     the build made: N is 1 to 5
#   wait_for SECONDS COMMAND [ARG]... until the command succeeds, or time is up
#
# A header comment tells tests/run what a script needs, each on a line:
#   # kernels: 6.1 6.12 debug   boots to run in (default: all three)
#   # host: yes                 runs on the host, once for each kernel with
#                               MHSM_KERNEL set, and calls tests/vm/run itself
#   # group: NAME               shares one boot with others of that name
#   # disk: 256M                an empty disk, $MHSM_DISKS; repeat for more
#   # smp: 4                    virtual CPUs (2; 1 on the debug kernel)
#   # mem: 3072                 memory in MB (2048; 1024 on the debug kernel)
#   # timeout: 900              seconds it may take (600; three times that
#                               on the debug kernel)
#   # append: ARG               kernel command line; alone in its boot
#   # allow: REGEX              console lines it provokes; alone in its boot

tap_count=0
tap_failed=0
tap_out=$(mktemp /tmp/tap.XXXXXX)

tap()
{
	tap_count=$((tap_count + 1))
	echo "$1 $tap_count - $2"
	[ "$1" = ok ] || tap_failed=$((tap_failed + 1))
}

tap_show()
{
	sed 's/^/#   /' "$tap_out"
}

pass()
{
	tap ok "$1"
}

fail()
{
	tap 'not ok' "$1"
	[ -z "${2-}" ] || echo "#   $2"
}

skip()
{
	tap ok "$1 # SKIP $2"
}

ok()
{
	local desc=$1 status=0
	shift
	"$@" >"$tap_out" 2>&1 || status=$?
	if [ $status = 0 ]; then
		tap ok "$desc"
	else
		tap 'not ok' "$desc"
		echo "#   status $status from: $*"
		tap_show
	fi
}

nok()
{
	local desc=$1 status=0
	shift
	"$@" >"$tap_out" 2>&1 || status=$?
	if [ $status -gt 0 ] && [ $status -lt 126 ]; then
		tap ok "$desc"
	else
		tap 'not ok' "$desc"
		echo "#   status $status, not a plain failure, from: $*"
		tap_show
	fi
}

is()
{
	if [ "$2" = "$3" ]; then
		tap ok "$1"
	else
		tap 'not ok' "$1"
		printf '#   got:  %s\n#   want: %s\n' "$2" "$3"
	fi
}

like()
{
	if [[ $2 =~ $3 ]]; then
		tap ok "$1"
	else
		tap 'not ok' "$1"
		printf '#   got: %s\n#   which does not match: %s\n' "$2" "$3"
	fi
}

finish()
{
	echo "1..$tap_count"
	rm -f "$tap_out"
	[ $tap_failed = 0 ]
	exit
}

wait_for()
{
	local end=$((SECONDS + $1)) never status=0
	shift
	# Nothing comes from here: a pause for which no program is started,
	# which would take longer than the pause.
	exec {never}<> <(:)
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || { status=1; break; }
		read -rt 0.05 -u "$never"
	done
	exec {never}>&-
	return $status
}

rsa_key()
{
	echo "$MHSM_BUILD/kselftest/rsa-2048-$1.pem"
}

load_module()
{
	# insmod resolves nothing; what this kernel has built in, modprobe does
	# not find.
	# shellcheck disable=SC2086 # a list of names
	modprobe -qa $MHSM_KO_DEPENDS || true
	# All that it may need is there. The crypto API still asks twice for a
	# module of the name of each instance, as "crypto-gcm(aes)"; starting
	# modprobe for it takes a tenth of a second here.
	local modprobe status=0
	modprobe=$(</proc/sys/kernel/modprobe)
	echo >/proc/sys/kernel/modprobe
	insmod "$MHSM_KO" "$@" || status=$?
	echo "$modprobe" >/proc/sys/kernel/modprobe
	return $status
}

unload_module()
{
	rmmod mhsm
}

# shellcheck source=tests/vm/kmemleak.sh
. "$MHSM_SRC/tests/vm/kmemleak.sh"

leak_check()
{
	if [ ! -e /sys/kernel/debug/kmemleak ]; then
		skip "$1" "no kmemleak in this kernel"
		return
	fi
	kmemleak_report >"$tap_out"
	if [ -s "$tap_out" ]; then
		tap 'not ok' "$1"
		tap_show
	else
		tap ok "$1"
	fi
}
