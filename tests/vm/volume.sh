# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For scripts about volumes, to be read after lib.sh. They have an HSM without
# mhsmd, one process that is asked through pipes (kselftest/minihsm.c), and the
# plugin of cryptsetup where cryptsetup looks for it.
#
#   volume_begin           loads the module, starts the HSM
#   volume_end             ends it, unloads the module, looks for leaks
#   hsm COMMAND...         asks the HSM; succeeds if it answers ok
#   code DESC STATUS REGEX COMMAND...   exit code and what is said
#   digest COMMAND...      of what it prints; like no other if it fails
#   $work                  a folder of its own

PATH=$MHSM_BUILD:$MHSM_BUILD/kselftest:$PATH
work=$(mktemp -d)
digest_failures=0

hsm()
{
	local answer
	echo "$*" >&"${HSM[1]}"
	read -r -t 120 answer <&"${HSM[0]}" || answer="no answer"
	echo "$answer"
	[ "$answer" = ok ]
}

code()
{
	local desc=$1 want=$2 regex=$3 status=0 said
	shift 3
	said=$("$@" 2>&1 </dev/null) || status=$?
	if [ $status = "$want" ] && [[ $said =~ $regex ]]; then
		pass "$desc"
	else
		fail "$desc" "status $status, said: $said"
	fi
}

digest()
{
	if "$@" >"$work/digested"; then
		sha256sum <"$work/digested" | cut -c1-64
	else
		echo "failed-$((++digest_failures))-$BASHPID: $*"
	fi
}

# Where "make install" puts it.
volume_plugin()
{
	install -D -m 644 "$MHSM_BUILD/libcryptsetup-token-mhsm.so" \
		"/usr/lib/$(gcc -print-multiarch)/cryptsetup/libcryptsetup-token-mhsm.so"
}

volume_begin()
{
	ok "the module loads" load_module
	ok "cryptsetup has the plugin" volume_plugin
	coproc HSM { exec minihsm 2>"$work/hsm.err"; }
	hsm_pid=$HSM_PID
	ok "the HSM starts" hsm start
}

volume_end()
{
	eval "exec ${HSM[1]}>&-"
	wait "$hsm_pid"
	is "the HSM ended well" "$?" 0
	ok "the module unloads" unload_module
	leak_check "nothing leaked"
	rm -rf "$work"
	finish
}
