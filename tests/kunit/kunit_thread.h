/* SPDX-License-Identifier: GPL-2.0-only */
/* A kernel thread for a suite: what must wait does so there, while the test goes on. */
#ifndef _KUNIT_THREAD_H
#define _KUNIT_THREAD_H

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/sched.h>

struct kunit_thread {
	int (*run)(void *arg);
	void *arg;
	int ret; /* of run(), once done */
	struct mm_struct *mm; /* the test's, if it has one */
	struct task_struct *task;
	struct completion done;
};

/* Starts @run(@arg). It must end before the test does: kunit_thread_join(). */
void kunit_thread_start(struct kunit *test, struct kunit_thread *t, int (*run)(void *arg), void *arg);

/* Has it ended, or does it within @ms? */
bool kunit_thread_ended(struct kunit_thread *t, unsigned int ms);

/* Waits for its end, at most 20 s, and returns what run() did. */
int kunit_thread_join(struct kunit *test, struct kunit_thread *t);

/* Sends it SIGKILL. */
void kunit_thread_kill(struct kunit_thread *t);

/* @len bytes of user memory, for the pointers of user space that a function takes; ends with the test */
void __user *kunit_thread_user(struct kunit *test, size_t len);

#endif
