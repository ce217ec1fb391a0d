#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every function that doc/architecture.md names as `file: function()` is defined in that file.
set -u
cd "$(dirname "$(realpath "$0")")/../.." || exit 1
n=0 failed=0
# Lines are joined first: a name may be wrapped behind its colon.
while IFS='|' read -r file function; do
	n=$((n + 1))
	case $file in
	*/*) ;;
	*) file=kmod/$file ;;
	esac
	if [ -f "$file" ] && awk -v f="$function" '
		/^[a-zA-Z_]/ && $0 !~ /;[ \t]*$/ && match($0, "(^|[^a-zA-Z0-9_])" f "\\(") { found = 1 }
		END { exit !found }' "$file"; then
		echo "ok $n - $file: $function()"
	else
		echo "not ok $n - $file: $function()"
		failed=1
	fi
done < <(tr '\n' ' ' <doc/architecture.md | grep -oE '`[a-z0-9_/]+\.[ch]: [a-z0-9_]+\(\)`' | tr -d '`()' | sed 's/: /|/' | sort -u)
echo "1..$n"
[ "$n" -ge 30 ] || exit 1
exit $failed
