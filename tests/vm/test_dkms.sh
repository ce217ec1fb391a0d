#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The module by DKMS, as an administrator installs it: add and build on the
# host, because a compiler is slow in an emulated guest, then install, modprobe
# and remove in the guest. DKMS's folders are below build/ in both.
# host: yes
# kernels: 6.1 6.12
# timeout: 900
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"

version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$MHSM_SRC/dkms.conf")
top=$MHSM_SRC/build/dkms/$MHSM_KERNEL
tree=$top/src/usr/src/mhsm-$version

# dkms SUBCOMMAND [ARG]...
run_dkms()
{
	local sub=$1
	shift
	dkms "$sub" -m mhsm -v "$version" --dkmstree "$top/var" \
		--sourcetree "$top/src/usr/src" "$@"
}

# DKMS makes a signing key in /var/lib/dkms unless there is one: not on the
# host, whose folder is covered in a mount namespace.
# shellcheck disable=SC2016 # expanded by the inner shell
private_dkms()
{
	local map=--mount
	[ "$(id -u)" = 0 ] || map='--mount --map-root-user'
	mkdir -p "$top/covered"
	# shellcheck disable=SC2086 # options
	version=$version top=$top unshare $map bash -c '
		[ ! -d /var/lib/dkms ] ||
			mount --bind "$top/covered" /var/lib/dkms || exit
		'"$(declare -f run_dkms)"'
		run_dkms "$@"' - "$@"
}

in_guest()
{
	local release
	release=$(uname -r)
	ok "dkms installs it" run_dkms install -k "$release"
	like "dkms says so" "$(run_dkms status -k "$release")" ': installed'
	ok "modprobe finds and loads it" modprobe mhsm
	ok "its device exists" test -c /dev/mhsm
	is "it is the version that was built" "$(modinfo -F version mhsm)" \
		"$version"
	like "it was found where DKMS installs" "$(modinfo -F filename mhsm)" \
		/updates/dkms/
	ok "modprobe removes it" modprobe -r mhsm
	ok "dkms removes it" run_dkms remove -k "$release"
	nok "and it is gone" modinfo mhsm
	finish
}

on_host()
{
	local kernel release
	kernel=$("$MHSM_SRC/tests/vm/kernel" "$MHSM_KERNEL") || exit
	release=$(cat "$kernel/release")

	rm -rf "$top"
	mkdir -p "$top/var"
	ok "make dkms-install puts the sources in their place" \
		make -C "$MHSM_SRC" dkms-install DESTDIR="$top/src"
	ok "what builds the module is among them" test -e "$tree/Kbuild" \
		-a -e "$tree/dkms.conf" -a -e "$tree/kmod/main.c"
	is "no test is" "$(find "$tree" -path '*tests*')" ""
	is "and nothing built" "$(find "$tree" -name '*.o' -o -name '*.ko')" ""
	ok "dkms adds it" private_dkms add
	ok "dkms builds it" private_dkms build -k "$release" \
		--kernelsourcedir "$kernel/build"
	"$MHSM_SRC/tests/vm/run" --env MHSM_IN_GUEST=1 "$0" >"$top/out"
	is "the guest ends without complaint" $? 0
	# The guest's results, numbered after these.
	sed -nE 's/^((not )?ok) [0-9]+/\1/; /^(ok|not ok|#)/p' "$top/out"
	tap_count=$((tap_count + $(grep -cE '^(not )?ok ' "$top/out")))
	grep -q '^1\.\.' "$top/out" || fail "the guest's script ended early"
	finish
}

if [ -n "${MHSM_IN_GUEST-}" ]; then
	in_guest
else
	on_host
fi
