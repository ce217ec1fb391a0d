// SPDX-License-Identifier: GPL-2.0-only
/* See kunit_thread.h */
#include <linux/jiffies.h>
#include <linux/kmemleak.h>
#include <linux/kthread.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "tests/kunit/kunit_thread.h"

#define PATIENCE (20 * HZ)

static int body(void *arg)
{
	struct kunit_thread *t = arg;

	allow_signal(SIGKILL);
	if (t->mm)
		kthread_use_mm(t->mm);
	t->ret = t->run(t->arg);
	if (t->mm)
		kthread_unuse_mm(t->mm);
	complete_all(&t->done);
	return 0;
}

void kunit_thread_start(struct kunit *test, struct kunit_thread *t, int (*run)(void *arg), void *arg)
{
	*t = (struct kunit_thread){ .run = run, .arg = arg, .mm = current->mm };
	init_completion(&t->done);
	t->task = kthread_create(body, t, "kunit");
	KUNIT_ASSERT_FALSE(test, IS_ERR(t->task));
	get_task_struct(t->task);
	wake_up_process(t->task);
}

bool kunit_thread_ended(struct kunit_thread *t, unsigned int ms)
{
	return wait_for_completion_timeout(&t->done, msecs_to_jiffies(ms)) != 0;
}

int kunit_thread_join(struct kunit *test, struct kunit_thread *t)
{
	bool ended = wait_for_completion_timeout(&t->done, PATIENCE) != 0;

	KUNIT_EXPECT_TRUE_MSG(test, ended, "a thread does not end");
	if (!ended) {
		/* It uses the test's stack. */
		kunit_thread_kill(t);
		wait_for_completion(&t->done);
	}
	put_task_struct(t->task);
	return t->ret;
}

void kunit_thread_kill(struct kunit_thread *t)
{
	send_sig(SIGKILL, t->task, 1);
}

void __user *kunit_thread_user(struct kunit *test, size_t len)
{
	unsigned long at = kunit_vm_mmap(test, NULL, 0, PAGE_ALIGN(len), PROT_READ | PROT_WRITE,
					 MAP_ANONYMOUS | MAP_PRIVATE, 0);

	KUNIT_ASSERT_NE(test, at, 0UL);
	KUNIT_ASSERT_LT(test, at, (unsigned long)TASK_SIZE);
	/* KUnit (6.12) attaches an mm to the thread and never drops the last reference to it: not ours to find as a leak. */
	kmemleak_ignore(current->mm);
	return (void __user *)at;
}
