# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For scripts that need the HSM as it is served in earnest: the module, mhsmd on
# a state directory, and custodians. To be read after lib.sh:
#   . "$MHSM_SRC/tests/vm/lib.sh"
#   . "$MHSM_SRC/tests/vm/service.sh"
# Programs of build/ are found by name then. Everything is for guests, and acts as
# root, but service_custodians, for both, and service_module, for the host: in a
# guest depmod takes minutes.
#
#   service_custodians DIR     alice.key, alice.pem, and so for bob and carol
#   service_module DIR         DIR/lib/modules/RELEASE as dkms and depmod would
#                              leave it, but without the kernel's own modules
#   service_mount DISK         a disk of its own for /var/lib/mhsm, which is
#                              made an ext4 if it holds nothing
#   service_start [ARG]...     starts mhsmd, waits until it serves; its log is
#                              added to $service_log
#   service_stop               asks it to end, and gives its exit code
#   service_kill [SIGNAL]      KILL, waits for the end; STOP and CONT only sends
#   service_provision DIR      makes a domain that any two of DIR's custodians
#                              open; $service_state/security-domain.json
#   service_unlock DIR NAME... a ceremony with these custodians of DIR
#   service_hsm                the state of the HSM: active, locked ...
#   service_daemon_gone        succeeds if mhsmd has ended

PATH=$MHSM_BUILD:$MHSM_BUILD/kselftest:$PATH
service_state=/var/lib/mhsm
service_socket=/run/mhsm/mhsmd.sock
service_log=/run/mhsmd.log
service_pid=

service_custodians()
{
	local dir=$1 name n=0
	mkdir -p "$dir"
	for name in alice bob carol; do
		n=$((n + 1))
		cp "$(rsa_key $n)" "$dir/$name.key" &&
			openssl req -x509 -key "$dir/$name.key" -days 3650 \
				-subj "/CN=$name" -out "$dir/$name.pem" || return
	done
}

service_module()
{
	local cached release dir name
	cached=$("$MHSM_SRC/tests/vm/kernel" "$MHSM_KERNEL") || return
	release=$(cat "$cached/release")
	dir=$1/lib/modules/$release
	mkdir -p "$dir/updates"
	cp "$MHSM_BUILD/module/$MHSM_KERNEL/mhsm.ko" "$dir/updates/" || return
	for name in modules.order modules.builtin modules.builtin.modinfo; do
		cp "$cached/modules/$name" "$dir/" || return
	done
	ln -s "$(realpath "$cached/modules")/kernel" "$dir/kernel"
	depmod -b "$1" "$release" && rm "$dir/kernel"
}

service_mount()
{
	mkdir -p $service_state
	[ "$(blkid -o value -s TYPE "$1")" = ext4 ] ||
		mkfs.ext4 -q -F "$1" || return
	mount "$1" $service_state && chmod 700 $service_state
}

service_daemon_gone()
{
	! kill -0 "$service_pid" 2>/dev/null
}

# Listening, or gone: there is no more to wait for.
service_settled()
{
	[ -S $service_socket ] || service_daemon_gone
}

service_start()
{
	[ -d $service_state ] && [ -d /run/mhsm ] ||
		mkdir -p $service_state /run/mhsm
	# One that was killed leaves its socket.
	[ ! -e $service_socket ] || rm -f $service_socket
	mhsmd --foreground --quorum="$MHSM_BUILD/mhsm-quorum" "$@" \
		>>$service_log 2>&1 &
	service_pid=$!
	wait_for 60 service_settled && ! service_daemon_gone
}

service_stop()
{
	local status=0
	kill -TERM "$service_pid"
	wait "$service_pid" || status=$?
	return $status
}

service_kill()
{
	kill -"${1:-KILL}" "$service_pid" || return
	case ${1:-KILL} in STOP|CONT) return ;; esac
	wait "$service_pid" 2>/dev/null
	return 0
}

service_provision()
{
	rm -f /run/security-domain.json
	mhsm provision --administrators root &&
		mhsm security-domain download --sd-quorum 2 --sd-wrapping-keys \
			"$1/alice.pem" "$1/bob.pem" "$1/carol.pem" \
			--security-domain-file /run/security-domain.json
}

service_unlock()
{
	local dir=$1 name
	shift
	for name in "$@"; do
		mhsm security-domain approve --key "$dir/$name.key" || return
	done
}

service_hsm()
{
	mhsm status --output json | jsonat state
}
