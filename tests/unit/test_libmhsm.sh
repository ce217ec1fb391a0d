#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What libmhsm, the mhsm command, their header, manual and example promise each
# other: every exported symbol is declared and documented, every command and
# option is in the manual and can be completed, the example builds as installed.
# shellcheck disable=SC2317,SC2015,SC2086
set -u
src=$(dirname "$(realpath "$0")")/../..
cd "$src" || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0 failed=0

# check DESC COMMAND [ARG]...: what the command prints is shown if it fails.
check()
{
	local desc=$1
	shift
	count=$((count + 1))
	if "$@" >"$work/out" 2>&1; then
		echo "ok $count - $desc"
	else
		echo "not ok $count - $desc"
		sed 's/^/#   /' "$work/out"
		failed=1
	fi
}

exported=$work/exported declared=$work/declared
nm -D --defined-only build/libmhsm.so.0 | awk '$2 == "T" { print $3 }' |
	sed 's/@.*//' | sort >"$exported"
printf '#include "lib/mhsm.h"\n' | gcc -std=gnu11 -I. -E - |
	grep -o 'mhsm_[a-z_0-9]* *(' | tr -d ' (' | sort -u >"$declared"

some_exported()
{
	[ "$(wc -l <"$exported")" -gt 20 ]
}

only_our_node()
{
	! nm -D --defined-only build/libmhsm.so.0 | awk '$2 != "A" { print $3 }' |
		grep -v '@@MHSM_0$'
}

soname()
{
	readelf -d build/libmhsm.so.0 | grep -q 'SONAME.*\[libmhsm\.so\.0\]'
}

documented()
{
	local name missing=0
	while read -r name; do
		grep -Eq "^\.(Nm|so man3/)" "man/$name.3" 2>/dev/null &&
			grep -q "\.Fn $name\b" man/libmhsm.3 ||
			{ echo "$name"; missing=1; }
	done <"$exported"
	return $missing
}

# The whole of the header must be usable by itself, also as C99 and pedantic.
header_alone()
{
	printf '#include "lib/mhsm.h"\nint main(void) { return 0; }\n' >"$work/h.c"
	gcc -std=c99 -pedantic -Wall -Wextra -Werror -I. -c -o "$work/h.o" "$work/h.c"
}

# The layout of `make install`, with the pkg-config file filled in.
install_tree()
{
	mkdir -p "$work/usr/include/mhsm" "$work/usr/lib" &&
		cp lib/mhsm.h "$work/usr/include/" &&
		cp uapi/*.h "$work/usr/include/mhsm/" &&
		cp build/libmhsm.so.0 "$work/usr/lib/" &&
		ln -s libmhsm.so.0 "$work/usr/lib/libmhsm.so" &&
		sed -e "s,@PREFIX@,$work/usr," -e "s,@LIBDIR@,$work/usr/lib," \
			-e "s,@INCLUDEDIR@,$work/usr/include," -e 's,@VERSION@,0,' \
			lib/libmhsm.pc.in >"$work/libmhsm.pc"
}

example_builds()
{
	local flags
	flags=$(PKG_CONFIG_PATH=$work pkg-config --cflags --libs libmhsm libcrypto) || return
	# shellcheck disable=SC2086
	(cd "$work" && for example in sign encrypt; do
		gcc -std=gnu11 -Wall -Wextra -Werror -o $example \
			"$src/doc/examples/$example.c" $flags || exit
	done)
}

# Without the device it says so, with the remedy.
example_runs()
{
	local said status=0
	[ ! -e /dev/mhsm ] || return 0
	said=$(LD_LIBRARY_PATH=$work/usr/lib "$work/sign" k /etc/passwd "$work/sig" 2>&1) ||
		status=$?
	echo "$said"
	[ $status = 1 ] && [[ $said == *"modprobe mhsm"* ]] && [ ! -e "$work/sig" ]
}

example_is_short()
{
	[ "$(wc -l <doc/examples/sign.c)" -lt 60 ]
}

# page NOUN: where a noun is documented
page()
{
	if [ -e "man/mhsm-$1.1" ]; then echo "man/mhsm-$1.1"; else echo man/mhsm.1; fi
}

commands_documented()
{
	local noun verb options option missing=0
	while read -r noun verb options; do
		[ "$verb" != - ] || verb=$noun
		grep -Eq "^\.(It |Nm mhsm )?.*Cm ([a-z-]+ , )?$verb\b" "$(page "$noun")" ||
			{ echo "$noun $verb"; missing=1; }
		for option in $options; do
			grep -Eq "Fl Fl ${option#--}\b" "$(page "$noun")" man/mhsm.1 ||
				{ echo "$noun $verb $option"; missing=1; }
		done
	done < <(build/mhsm --list-commands)
	return $missing
}

manuals_format()
{
	local file said bad=0
	for file in man/mhsm*.1 man/libmhsm.3 man/mhsm_*.3; do
		grep -q '^\.so ' "$file" && continue
		said=$(groff -ww -mdoc -Tutf8 -K utf8 "$file" 2>&1 >/dev/null)
		[ -z "$said" ] || { echo "$file: $said"; bad=1; }
	done
	return $bad
}

# complete WORD...: what bash would offer for the last one
complete_words()
{
	PATH=$src/build:$PATH bash -c '. dist/mhsm.bash-completion
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_mhsm; printf "%s\n" "${COMPREPLY[@]}"' bash mhsm "$@"
}

offers()
{
	local want=$1
	shift
	complete_words "$@" | grep -qx -e "$want"
}

check "symbols are exported" some_exported
check "exported symbols are those of the header" diff "$exported" "$declared"
check "all of them belong to the node MHSM_0" only_our_node
check "the soname is libmhsm.so.0" soname
check "every call has a manual page, and is in libmhsm(3)" documented
check "the header stands alone" header_alone
check "the library can be installed" install_tree
check "the examples of doc/examples build with pkg-config" example_builds
check "doc/examples/sign.c runs" example_runs
check "doc/examples/sign.c has less than 60 lines" example_is_short
check "every command and option is in the manual" commands_documented
check "the manual pages have no markup errors" manuals_format
check "completion: nouns" offers security-domain sec
check "completion: verbs" offers download security-domain d
check "completion: options" offers --sd-quorum security-domain download --sd-q
check "completion: options of a noun without verbs" offers --confirm zeroize --c
check "completion: values" offers wrapKey key create --ops w
check "completion: values of the output option" offers json status --output j
echo "1..$count"
exit $failed
