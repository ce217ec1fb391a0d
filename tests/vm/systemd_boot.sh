# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The guest of test_systemd.sh: puts in place what was installed, and becomes a
# machine that systemd runs, as process 1 of a PID namespace.
set -e

cp -a --no-preserve=ownership "$MHSM_SHARE/root/." /
cp -r "$MHSM_SHARE/modules/." "/lib/modules/$(uname -r)/"
systemd-sysusers
mkdir -p /run/systemd/system

# Without what lies about on the host: it would all be cleaned up at boot. The
# repository may be among it.
mkdir -p /run/mhsm-src/tests
cp -r "$MHSM_SRC/tests/vm" /run/mhsm-src/tests/
export MHSM_SRC=/run/mhsm-src
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /var/tmp

export -p >/run/mhsm-test.env
cat >/run/systemd/system/mhsm-test.target <<'END'
[Unit]
Requires=sysinit.target
Wants=basic.target mhsmd.service mhsm-test.service
JobTimeoutSec=600
JobTimeoutAction=poweroff-immediate
END
cat >/run/systemd/system/mhsm-test.service <<END
[Unit]
After=mhsmd.service basic.target
SuccessAction=poweroff-immediate
FailureAction=poweroff-immediate
[Service]
Type=oneshot
ExecStart=/bin/bash $MHSM_SRC/tests/vm/systemd_checks.sh
StandardOutput=append:$MHSM_SHARE/tap
StandardError=append:$MHSM_SHARE/tap
END
# A power off ends it as a signal would: that is what it does in a namespace.
env -i PATH="$PATH" unshare --fork --pid --mount-proc /lib/systemd/systemd \
	--unit=mhsm-test.target --show-status=no --crash-reboot=no ||
	echo "systemd ended with $?"
