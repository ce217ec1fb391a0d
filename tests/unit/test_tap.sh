#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The counting of results itself (tests/tap.awk): what is missing must fail.
set -u
cd "$(dirname "$0")/../.." || exit
count=0
bad=0

# counts DESC STATUS "PASSED FAILED SKIPPED" TEXT
counts()
{
	local got
	got=$(printf '%b' "$4" | awk -v rc="$2" -f tests/tap.awk | tail -n 1)
	count=$((count + 1))
	if [ "$got" = "$3" ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1: got \"$got\", want \"$3\""
		bad=1
	fi
}

counts "a plan and its results" 0 "2 0 0" '1..2\nok 1 - a\nok 2 - b\n'
counts "a plan at the end" 0 "2 0 0" 'ok 1\nok 2\n1..2\n'
counts "a failed result" 1 "1 1 0" '1..2\nok 1\nnot ok 2 - b\n'
counts "a skipped result" 0 "1 0 1" '1..2\nok 1\nok 2 - b # SKIP why\n'
counts "cmocka's form of one" 0 "1 0 1" '1..2\nok 1 - a\nnot ok 2 # SKIP b\n'
counts "all of it skipped" 0 "0 0 1" '1..0 # SKIP no such kernel\n'
counts "no output" 0 "0 1 0" ''
counts "results without a plan" 0 "1 1 0" 'ok 1 - a\n'
counts "fewer results than planned" 0 "1 1 0" '1..2\nok 1\n'
counts "more results than planned" 0 "2 1 0" '1..1\nok 1\nok 2\n'
counts "an exit status of its own" 7 "1 1 0" '1..1\nok 1\n'
counts "giving up" 1 "1 2 0" '1..2\nok 1\nBail out! no device\n'
counts "two documents, one cut short" 0 "3 1 0" \
	'1..2\nok 1\nok 2\n1..2\nok 1\n'
counts "nested results count once" 0 "3 0 0" \
	'1..2\n    # Subtest: s\n    1..2\n    ok 1 a\n    ok 2 b\nok 1 s\nok 2 t\n'
counts "a nested failure counts once" 1 "1 1 0" \
	'1..1\n    1..2\n    ok 1 a\n    not ok 2 b\nnot ok 1 s\n'
counts "a suite that fails alone" 1 "1 1 0" \
	'1..1\n    1..1\n    ok 1 a\nnot ok 1 s\n'
counts "a nested plan not fulfilled" 0 "1 1 0" \
	'1..1\n    1..2\n    ok 1 a\nok 1 s\n'
counts "a console with time stamps" 0 "2 0 0" \
	'[    0.1] 1..1\n[    0.1]     1..2\n[    1.2]     ok 1 a\n[    1.3]     ok 2 b\n[    1.4] ok 1 s\n'
echo "1..$count"
exit $bad
