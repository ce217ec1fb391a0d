#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The module by DKMS, as an administrator installs it. DKMS runs on the host,
# because a compiler and depmod are slow in an emulated guest, with folders of
# its own below build/ that a mount namespace puts over the host's; the guest
# then has what DKMS left as its /lib/modules.
# host: yes
# kernels: 6.1 6.12
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"

version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$MHSM_SRC/dkms.conf")
top=$MHSM_SRC/build/dkms/$MHSM_KERNEL
tree=$top/src/usr/src/mhsm-$version

# run_dkms SUBCOMMAND [ARG]...: on $top/{src,var,modules} and on nothing of the
# host's. /var/lib/dkms is covered, too: DKMS may make a signing key there. The
# compiler is ccache's, and $top is at the same place for every clone, so that
# what one compiled serves another.
run_dkms()
{
	local map=--mount sub=$1
	shift
	[ "$(id -u)" = 0 ] || map='--mount --map-root-user'
	# shellcheck disable=SC2016,SC2086 # expanded by the inner shell; options
	top=$top PATH=/usr/lib/ccache:$PATH \
		CCACHE_DIR=${MHSM_CACHE:-$HOME/.cache/mhsm}/ccache \
		unshare $map bash -c '
		mount --bind "$top/modules" /lib/modules || exit
		[ ! -d /var/lib/dkms ] ||
			mount --bind "$top/covered" /var/lib/dkms || exit
		mount --bind "$top" /mnt || exit
		exec dkms "$@"' - "$sub" -m mhsm -v "$version" \
		--dkmstree /mnt/var --sourcetree /mnt/src/usr/src "$@"
}

# What DKMS refers to, and removes in the end.
build()
{
	run_dkms build "$@" && return
	tail -n 40 "$top/var/mhsm/$version/build/make.log"
	return 1
}

in_guest()
{
	local release
	release=$(uname -r)
	mount --bind "$top/modules/$release" "/lib/modules/$release"
	ok "modprobe finds and loads it" modprobe mhsm
	ok "it is loaded" grep -q '^mhsm ' /proc/modules
	ok "its device exists" test -c /dev/mhsm
	# Not modprobe -r: that would take the ciphers with it, which fails
	# where another module uses them.
	ok "it unloads" rmmod mhsm
	finish
}

on_host()
{
	local kernel release
	kernel=$("$MHSM_SRC/tests/vm/kernel" "$MHSM_KERNEL") || exit
	release=$(cat "$kernel/release")

	rm -rf "$top"
	mkdir -p "$top"/{var,covered,modules} /lib/modules
	# Hard links: DKMS and depmod replace files, they do not change them.
	# Not all of Debian's thousands of modules, which depmod reads at each
	# installation, but the ciphers: what mhsm.ko depends on.
	mkdir "$top/modules/$release"
	(cd "$(realpath "$kernel/modules")" || exit
	 set -- modules.* build kernel/crypto kernel/arch/x86/crypto kernel/lib
	 cp -al --parents "$@" "$top/modules/$release" ||
		cp -a --parents "$@" "$top/modules/$release")

	ok "make dkms-install puts the sources in their place" \
		make -C "$MHSM_SRC" dkms-install DESTDIR="$top/src"
	ok "what builds the module is among them" test -e "$tree/Kbuild" \
		-a -e "$tree/dkms.conf" -a -e "$tree/kmod/main.c"
	is "no test is" "$(find "$tree" -path '*tests*')" ""
	is "and nothing built" "$(find "$tree" -name '*.o' -o -name '*.ko')" ""
	ok "dkms adds it" run_dkms add
	ok "dkms builds it" build -k "$release" -a x86_64
	ok "dkms installs it" run_dkms install -k "$release" -a x86_64
	like "dkms says so" \
		"$(run_dkms status -k "$release" -a x86_64)" ': installed'
	like "modules.dep names it where DKMS puts modules" \
		"$(grep mhsm "$top/modules/$release/modules.dep")" \
		'^updates/dkms/mhsm\.ko'

	"$MHSM_SRC/tests/vm/run" --quiet --env MHSM_IN_GUEST=1 "$0" >"$top/out"
	is "the guest ends without complaint" $? 0
	# The guest's results take their places after these.
	sed -nE 's/^((not )?ok) [0-9]+/\1/; /^(ok|not ok|#)/p' "$top/out"
	tap_count=$((tap_count + $(grep -cE '^(not )?ok ' "$top/out")))
	grep -q '^1\.\.' "$top/out" || fail "the guest's script ended early"

	ok "dkms removes it" run_dkms remove -k "$release" -a x86_64
	is "and it is gone" "$(find "$top/modules/$release/" -name 'mhsm*')" ""
	finish
}

if [ -n "${MHSM_IN_GUEST-}" ]; then
	in_guest
else
	on_host
fi
