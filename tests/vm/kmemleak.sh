# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# kmemleak_report: scans, and prints the objects that were allocated since the
# script of tests/vm/run began and that nothing refers to, as kmemleak does.
kmemleak_report()
{
	local leak=/sys/kernel/debug/kmemleak
	# An object is reported when it is 5 s old and two scans missed it.
	sleep 5
	echo scan >$leak
	echo scan >$leak
	# A record is a line "unreferenced object", then indented ones, of which
	# the first ends with "jiffies N" (or "jiffies N (age ...)").
	awk -v epoch="${MHSM_LEAK_EPOCH:-0}" '
		/^unreferenced object/ { head = $0; shown = 0; next }
		/jiffies [0-9]+/ && head != "" {
			split($0, part, "jiffies ")
			shown = part[2] + 0 >= epoch + 0
			if (shown)
				print head
			head = ""
		}
		shown' $leak
}
