#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Loading and unloading mhsm.ko: again and again, with nothing left behind.
# group: kselftest
# kernels: 6.1 6.12 debug
# shellcheck source=tests/vm/lib.sh
. "$MHSM_SRC/tests/vm/lib.sh"

# Each time runs the self-tests, which takes seconds in an emulated guest.
times=5
[ "$MHSM_KERNEL" != debug ] || times=1 # every kselftest after it loads it, too

loaded()
{
	grep -q '^mhsm ' /proc/modules
}

# Everything of the module's that user space can see.
traces()
{
	{
		ls -d /dev/mhsm /sys/class/misc/mhsm /sys/module/mhsm \
			/sys/kernel/debug/mhsm
		grep -w mhsm /proc/misc /proc/key-users /proc/crypto
		grep -E 'paes|mhsm' /proc/crypto
	} 2>/dev/null
}

reload()
{
	local i
	for i in $(seq $times); do
		load_module && loaded && unload_module && ! loaded ||
			{ echo "round $i"; return 1; }
	done
}

log_level()
{
	# That modules from outside the tree taint the kernel is not news.
	dmesg --level="$1" | grep mhsm | grep -v 'taints kernel'
}

is "the module is built for this kernel" \
	"$(modinfo -F vermagic "$MHSM_KO" | cut -d ' ' -f 1)" "$(uname -r)"
is "its licence is GPL" "$(modinfo -F license "$MHSM_KO")" GPL
like "it has a description" "$(modinfo -F description "$MHSM_KO")" .

ok "it loads" load_module
ok "it is listed" loaded
ok "its device exists" test -c /dev/mhsm
is "it exports no symbol" "$(grep -c '\[mhsm\]' <(grep -E ' __ksymtab_' \
	/proc/kallsyms))" 0
nok "it does not load twice" insmod "$MHSM_KO"
ok "it unloads" unload_module
nok "it is no longer listed" loaded
is "nothing of it is left" "$(traces)" ""

ok "it loads and unloads $times times" reload
is "nothing of it is left then either" "$(traces)" ""
is "it logged no error" "$(log_level emerg,alert,crit,err,warn)" ""

# In use: an open device holds the module.
ok "it loads once more" load_module
exec 5</dev/mhsm
nok "it does not unload while its device is open" unload_module
exec 5<&-
ok "it unloads when the device is closed" unload_module
# On the debug kernel the end of the boot looks for leaked memory.
finish
