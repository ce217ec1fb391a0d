#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Is every file of tests/vectors done by a program in user space, by one of KUnit's suites, and through the ioctls? The
# table in tests/vectors/README.md says by which; what is in none is named here as well, so that a gap is never silent.
# shellcheck disable=SC2016,SC2048
set -u
cd "$(dirname "$0")/../.." || exit
readme=tests/vectors/README.md
count=0
bad=0

# What has no program in a way. Why stands in the table.
declare -A without=(
	[user space]="aes_cbc_sp800_38a aes_ctr_sp800_38a aes_gcm_wycheproof
		aes_cmac_rfc4493 aes_cmac_wycheproof aes_kwp_192_wycheproof aes_wrap_192_wycheproof
		hmac_sha256_rfc4231 hmac_sha384_rfc4231 hmac_sha512_rfc4231
		hmac_sha256_wycheproof hmac_sha384_wycheproof hmac_sha512_wycheproof
		p256_ecdh_encoded p256k_ecdh_encoded p384_ecdh_encoded p521_ecdh_encoded"
	[KUnit]=""
	[ioctl]="ed25519 p256_ecdsa_der p256_ecdsa_p1363 p256_ecdsa_sha512_der
		p256k_ecdsa_bitcoin_der p256k_ecdsa_der p256k_ecdsa_p1363
		p384_ecdsa_der p384_ecdsa_p1363 p384_ecdsa_sha512_der p521_ecdsa_der p521_ecdsa_p1363
		hpke_rfc9180 primality rsa_keys rsa_oaep_sha256"
)
declare -A folder=([user space]=tests/unit [KUnit]=tests/kunit [ioctl]=tests/kselftest)

# result DESC PROBLEM: none if it is empty
result()
{
	count=$((count + 1))
	if [ -z "$2" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1: $2"
		bad=1
	fi
}

# A program's source, and the headers of tests/ that it and they include
sources()
{
	local todo=("$1") done="" f
	while [ ${#todo[@]} -gt 0 ]; do
		f=${todo[0]}
		todo=("${todo[@]:1}")
		[[ " $done " == *" $f "* ]] && continue
		done+=" $f"
		mapfile -t -O ${#todo[@]} todo < <(sed -n 's/^#include "\(tests\/.*\)"$/\1/p' "$f")
	done
	echo "$done"
}

# Is the file named in a string of the program's? With lines of comments left out.
reads()
{
	# shellcheck disable=SC2046
	grep -hvE '^[[:space:]]*(/?\*|//)' $(sources "$1") | grep -qE "\"(tests/vectors/)?$2(\\.txt)?\""
}

# cell FILE WAY TEXT: what is wrong with a cell of the table
cell()
{
	local program excepted=no why
	[[ " ${without[$2]//[$'\n\t']/ } " == *" $1 "* ]] && excepted=yes
	case $3 in
	"none ("?")")
		why=${3#none }
		[ $excepted = yes ] || echo "$1 is not done in the way \"$2\""
		grep -qF -- "- $why " $readme || echo "$1: $why is not explained"
		return
		;;
	"")
		echo "$1: nothing says by what it is done in the way \"$2\""
		return
		;;
	esac
	[ $excepted = no ] || echo "$1 is done in the way \"$2\" and need not be an exception"
	for program in $3; do
		program=${folder[$2]}/$program.c
		if [ ! -f "$program" ]; then
			echo "there is no $program"
		elif ! reads "$program" "$1"; then
			echo "$program does not read $1"
		fi
	done
}

rows=$(sed -n 's/^| `\([a-z0-9_]*\)` | \(.*\) | \(.*\) | \(.*\) |$/\1|\2|\3|\4/p' $readme)
result "the table has lines" "$([ "$(wc -l <<<"$rows")" -ge 60 ] || echo "few of them")"
for path in tests/vectors/*.txt; do
	file=$(basename "$path" .txt)
	problem=$(grep -c "^$file|" <<<"$rows" | sed 's/^1$//; s/^[0-9].*/& lines of the table/')
	IFS='|' read -r _ user kunit ioctl < <(grep "^$file|" <<<"$rows")
	if [ -z "$problem" ]; then
		problem=$(cell "$file" "user space" "$user"; cell "$file" KUnit "$kunit"; cell "$file" ioctl "$ioctl")
	fi
	result "$file" "${problem//$'\n'/; }"
done
gone=$(cut -d'|' -f1 <<<"$rows" | while read -r file; do [ -f "tests/vectors/$file.txt" ] || echo "$file"; done)
result "the table has no other lines" "${gone//$'\n'/ }"
gone=$(for file in ${without[*]}; do [ -f "tests/vectors/$file.txt" ] || echo "$file"; done)
result "no exception is for a file that there is not" "${gone//$'\n'/ }"
echo "1..$count"
exit $bad
