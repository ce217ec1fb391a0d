# SPDX-License-Identifier: GPL-2.0-only
#
# Counts the results in TAP or KTAP text (also several documents in a row, also
# on a kernel's console), and fails what is incomplete: no plan, fewer or more
# results than planned, a test program that ended with an error of its own.
#
# awk -v rc=EXIT_STATUS -f tests/tap.awk FILE
# prints a line per failure, "FAIL: ...", and last "PASSED FAILED SKIPPED".
# Of nested results only the innermost count, and a parent that fails alone.

function fail(what)
{
	failed++
	print "FAIL: " what
}

# Ends every level deeper than depth.
function close_below(depth,	d)
{
	for (d = deepest; d > depth; d--)
		close_level(d)
	if (deepest > depth)
		deepest = depth
}

function close_level(d)
{
	if ((d in plan) && seen[d] + 0 != plan[d])
		fail("planned " plan[d] " results, found " (seen[d] + 0) \
			(title[d] != "" ? " (" title[d] ")" : ""))
	delete plan[d]
	delete seen[d]
	delete title[d]
	delete below[d]
	delete below_failed[d]
}

BEGIN {
	passed = failed = skipped = planned = deepest = 0
}

{
	sub(/\r$/, "")
	sub(/^\[ *[0-9]+\.[0-9]+\]( |$)/, "")	# a console's time stamp
	match($0, /^ */)
	depth = int(RLENGTH / 4)
	line = substr($0, RLENGTH + 1)
}

line ~ /^1\.\.[0-9]+/ {
	close_below(depth)
	if (depth in plan)		# the next document
		close_level(depth)
	count = line
	sub(/^1\.\./, "", count)
	plan[depth] = count + 0
	if (depth > deepest)
		deepest = depth
	if (depth == 0)
		planned++
	if (line ~ /^1\.\.0/ && line ~ /# *[Ss][Kk][Ii][Pp]/)
		skipped++
	next
}

line ~ /^# Subtest: / {
	title[depth] = substr(line, 12)
	next
}

line ~ /^(not )?ok( |$)/ {
	nested = below[depth] + 0
	nested_failed = below_failed[depth] + 0
	close_below(depth)
	below[depth] = below_failed[depth] = 0
	seen[depth]++
	if (depth > deepest)
		deepest = depth
	before = failed
	if (line ~ /# *[Ss][Kk][Ii][Pp]/) {
		if (!nested)
			skipped++
	} else if (line ~ /^not /) {
		if (!nested || !nested_failed)
			fail(substr(line, 5))
	} else if (!nested) {
		passed++
	}
	for (d = 0; d < depth; d++) {
		below[d]++
		if (line ~ /^not / && line !~ /# *[Ss][Kk][Ii][Pp]/)
			below_failed[d]++
	}
	next
}

line ~ /^Bail out!/ {
	fail(line)
}

END {
	close_below(-1)
	if (!planned)
		fail("no plan: the suite did not run, or ended early")
	if (rc + 0 != 0 && failed == 0)
		fail("exit status " rc)
	print passed, failed, skipped
}
