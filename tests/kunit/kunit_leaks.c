// SPDX-License-Identifier: GPL-2.0-only
/*
 * When all suites have run and the kernel is about to halt, looks for memory that nothing points to: kmemleak prints
 * each such object (kmemleak.verbose), and tests/kunit/run reads what it prints. There is no user space yet that could
 * ask for a scan by debugfs.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/notifier.h>
#include <linux/reboot.h>

/* kmemleak does not speak of objects that are younger than 5 s: a pointer to them may be in a register only. */
#define MIN_AGE_MS 5000

static DECLARE_COMPLETION(scanned);

static int leaks_scan(void *data)
{
	void (*scan)(void) = data;

	msleep(MIN_AGE_MS + 100);
	/* What has changed since the scan before is not reported: the second knows the first's. */
	scan();
	scan();
	complete(&scanned);
	return 0;
}

/* kmemleak_scan() wants to be in a thread of its own. */
static int leaks_halting(struct notifier_block *nb, unsigned long event, void *data)
{
	void *scan = (void *)kallsyms_lookup_name("kmemleak_scan");
	struct task_struct *thread;

	if (!scan)
		return NOTIFY_DONE;
	thread = kthread_run(leaks_scan, scan, "kunit_leaks");
	if (IS_ERR(thread))
		return NOTIFY_DONE;
	wait_for_completion(&scanned);
	pr_info("kunit_leaks: scanned\n");
	return NOTIFY_DONE;
}

/* Before the module itself hears of it, and wipes its secrets */
static struct notifier_block halting = { .notifier_call = leaks_halting, .priority = INT_MAX };

static int __init leaks_init(void)
{
	return register_reboot_notifier(&halting);
}
late_initcall(leaks_init);
