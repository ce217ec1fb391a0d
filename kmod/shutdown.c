// SPDX-License-Identifier: GPL-2.0-only
/* The machine's own ends: see shutdown.h */
#include <linux/kernel.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/reboot.h>
#include <linux/suspend.h>

#include "kmod/domain.h"
#include "kmod/secret.h"
#include "kmod/shutdown.h"

/* A hibernation image would hold the crypto API's expanded keys. */
static int pm_event(struct notifier_block *nb, unsigned long event, void *data)
{
	struct mhsm_domain *domain = mhsm_domain_default();

	if (event != PM_HIBERNATION_PREPARE && event != PM_RESTORE_PREPARE)
		return NOTIFY_DONE;
	switch (READ_ONCE(domain->state)) {
	case MHSM_STATE_PROVISIONED:
	case MHSM_STATE_RESTORING:
	case MHSM_STATE_ACTIVE:
		pr_warn("hibernation refused: keys are loaded: lock the HSM first\n");
		return notifier_from_errno(-EPERM);
	default:
		return NOTIFY_DONE;
	}
}

/* Before a reboot, a power-off, and a kexec: no process runs that could still want a key for long. */
static int reboot_event(struct notifier_block *nb, unsigned long event, void *data)
{
	mhsm_domain_lock(mhsm_domain_default());
	mhsm_secret_wipe_all();
	return NOTIFY_DONE;
}

static int panic_event(struct notifier_block *nb, unsigned long event, void *data)
{
	mhsm_secret_wipe_all();
	return NOTIFY_DONE;
}

static struct notifier_block pm_notifier = { .notifier_call = pm_event };
static struct notifier_block reboot_notifier = { .notifier_call = reboot_event };
/* Early: before notifiers that may not come back */
static struct notifier_block panic_notifier = { .notifier_call = panic_event, .priority = INT_MAX };

int mhsm_shutdown_init(void)
{
	int ret;

	ret = register_pm_notifier(&pm_notifier);
	if (ret)
		return ret;
	ret = register_reboot_notifier(&reboot_notifier);
	if (ret)
		goto unregister_pm;
	ret = atomic_notifier_chain_register(&panic_notifier_list, &panic_notifier);
	if (ret)
		goto unregister_reboot;
	return 0;
unregister_reboot:
	unregister_reboot_notifier(&reboot_notifier);
unregister_pm:
	unregister_pm_notifier(&pm_notifier);
	return ret;
}

void mhsm_shutdown_exit(void)
{
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_notifier);
	unregister_reboot_notifier(&reboot_notifier);
	unregister_pm_notifier(&pm_notifier);
}
