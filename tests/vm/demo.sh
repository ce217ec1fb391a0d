#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# usage: tests/vm/demo.sh        (make demo)
#
# A server with an HSM, in two boots of a virtual machine: it is provisioned,
# encrypts a disk, signs a file; its power is cut; and it comes back, under
# another kernel, locked, until two of three custodians have unlocked it. The
# commands are shown as they run. Anything that is not as it should be ends the
# demonstration with a message and status 1.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
src=$(realpath "$here/../..")
work=$(mktemp -d "${TMPDIR:-/tmp}/mhsm-demo.XXXXXX")
trap 'rm -rf "$work"' EXIT
began=$SECONDS

say()
{
	printf '\n=== %s\n' "$*"
}

die()
{
	printf '\n=== FAILED: %s\n' "$*" >&2
	exit 1
}

for file in build/mhsm build/mhsmd build/mhsm-quorum build/libmhsm.a \
	build/module/6.1/mhsm.ko build/module/6.12/mhsm.ko; do
	[ -e "$src/$file" ] || die "$file is missing: make demo builds it"
done

# The first disk is the server's own (state of mhsmd), the second one is to be
# encrypted. "usb" is what the custodians carry away with them.
mkdir "$work/usb"
truncate -s 64M "$work/server.img"
truncate -s 96M "$work/data.img"
mkfs.ext4 -q -F "$work/server.img"
${CC:-cc} -std=gnu11 -Wall -Wextra -Werror -I"$src" -I"$src/lib" \
	-o "$work/usb/sign-example" "$src/doc/examples/sign.c" \
	"$src/build/libmhsm.a" -lcrypto || die "doc/examples/sign.c does not build"

# Each custodian makes a key at home; Carol's has a passphrase.
custodian()
{
	openssl req -x509 -newkey rsa:2048 -days 3650 -subj "/CN=$1" \
		-keyout "$work/usb/$1.key" -out "$work/usb/$1.pem" \
		"${@:2}" 2>/dev/null || die "openssl makes no key for $1"
	chmod 600 "$work/usb/$1.key"
}
echo "correct horse" >"$work/usb/carol.pass"
chmod 600 "$work/usb/carol.pass"
custodian alice -noenc
custodian bob -noenc
custodian carol -passout "file:$work/usb/carol.pass"

boot()
{
	"$here/run" --quiet --disk "$work/server.img" --disk "$work/data.img" \
		--share "$work/usb" --timeout "${MHSM_DEMO_TIMEOUT:-600}" "$@"
}

say "First boot: Debian's kernel 6.1"
status=0
boot --kernel 6.1 --kill-on 'demo: the plug is pulled' \
	"$here/demo_first.sh" || status=$?
[ $status = 137 ] || die "the first boot ended with status $status"
say "The power was cut with the volume open and mhsmd at work"

say "Second boot: the same disks, Debian's kernel 6.12"
boot --kernel 6.12 "$here/demo_second.sh" || die "the second boot ended with status $?"

say "Done, in $((SECONDS - began)) s"
