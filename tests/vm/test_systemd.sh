#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A server as README.md installs it: what `make install` installs, the module
# below /lib/modules, and systemd, with udev, that loads it, starts mhsmd in its
# sandbox and starts it again. The guest runs systemd_boot.sh, and systemd in
# there systemd_checks.sh.
#
# kernels: 6.1 6.12
# host: yes
# timeout: 900
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"
# shellcheck source=tests/vm/service.sh
. "$MHSM_SRC/tests/vm/service.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/mhsm-systemd.XXXXXX")
trap 'rm -rf "$work" "$tap_out"' EXIT
trap 'exit 143' TERM INT HUP
share=$work/share
mkdir "$share"
truncate -s 64M "$work/disk"

install_module()
{
	service_module "$work" && mv "$work"/lib/modules/* "$share/modules"
}

ok "the module goes where dkms puts it" install_module
ok "custodians have keys" service_custodians "$share"
ok "make install" make -s -C "$MHSM_SRC" install DESTDIR="$share/root" PREFIX=/usr
status=0
"$MHSM_SRC/tests/vm/run" --quiet --kernel "$MHSM_KERNEL" --share "$share" \
	--disk "$work/disk" --timeout 800 --jitter \
	--keep-log "$MHSM_BUILD/check/vm_${MHSM_KERNEL}_systemd.console" \
	"$MHSM_SRC/tests/vm/systemd_boot.sh" >"$work/out" 2>&1 || status=$?
is "the guest ends as it should" $status 0
sed 's/^/# /' "$work/out"
# What was checked in there goes on with numbers of ours.
while IFS= read -r line; do
	case $line in
	"ok "*)		pass "${line#ok * - }" ;;
	"not ok "*)	fail "${line#not ok * - }" ;;
	*)		echo "$line" ;;
	esac
done <"$share/tap"
is "everything in there was checked" "$(tail -n 1 "$share/tap")" "# all was checked"
[ $tap_failed = 0 ] || sed 's/^/# /' "$share/journal"
finish
