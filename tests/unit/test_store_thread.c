// SPDX-License-Identifier: GPL-2.0-only
/*
 * The store queue over a store that counts, delays and fails: groups, their order, and what is acknowledged.
 *
 * link: daemon/storequeue.c daemon/log.c daemon/kernel.c
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "daemon/storequeue.h"

#define MANY 3000

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool held; /* commits wait */
	bool waiting; /* one does */
	size_t commits, changes;
	int error; /* of every commit that has `bad` in it, or of all if `bad` is 0 */
	uint8_t bad;
	uint64_t acked[MANY];
	int errors[MANY];
	size_t acks;
} world;

static int fake_apply(struct mhsm_store *store, const struct mhsm_store_change *changes, size_t count)
{
	int ret = world.bad ? 0 : world.error;

	(void)store;
	pthread_mutex_lock(&world.lock);
	world.commits++;
	world.waiting = true;
	pthread_cond_broadcast(&world.changed);
	while (world.held)
		pthread_cond_wait(&world.changed, &world.lock);
	world.waiting = false;
	for (size_t i = 0; i < count; i++)
		if (world.bad && changes[i].record && *(const uint8_t *)changes[i].record == world.bad)
			ret = world.error;
	if (!ret)
		world.changes += count;
	pthread_mutex_unlock(&world.lock);
	return ret;
}

static int fake_ack(struct mhsm_kernel *kernel, uint64_t txid, int error)
{
	(void)kernel;
	pthread_mutex_lock(&world.lock);
	world.acked[world.acks] = txid;
	world.errors[world.acks++] = error;
	pthread_cond_broadcast(&world.changed);
	pthread_mutex_unlock(&world.lock);
	return 0;
}

static const struct mhsm_store_ops store_ops = { .name = "fake", .apply = fake_apply };
static struct mhsm_store store = { .ops = &store_ops };
static const struct mhsm_kernel_ops kernel_ops = { .ack = fake_ack };
static struct mhsm_kernel kernel = { .ops = &kernel_ops };
static struct mhsm_storequeue *queue;

static int set_up(void **context)
{
	(void)context;
	memset(&world, 0, sizeof(world));
	pthread_mutex_init(&world.lock, NULL);
	pthread_cond_init(&world.changed, NULL);
	assert_int_equal(mhsm_storequeue_new(&store, &queue), 0);
	return 0;
}

static int tear_down(void **context)
{
	(void)context;
	mhsm_storequeue_free(queue);
	pthread_cond_destroy(&world.changed);
	pthread_mutex_destroy(&world.lock);
	return 0;
}

static void put(uint64_t txid, uint8_t first_byte)
{
	uint8_t record[100] = { first_byte };
	struct mhsm_kernel_change change = { .record = record, .len = sizeof(record) };

	mhsm_storequeue_put(queue, txid, &change, 1);
	/* The queue has a copy. */
	memset(record, 0xee, sizeof(record));
}

static void wait_acks(size_t count)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 20;
	pthread_mutex_lock(&world.lock);
	while (world.acks < count)
		assert_int_equal(pthread_cond_timedwait(&world.changed, &world.lock, &until), 0);
	pthread_mutex_unlock(&world.lock);
}

static void hold(bool held)
{
	pthread_mutex_lock(&world.lock);
	world.held = held;
	pthread_cond_broadcast(&world.changed);
	pthread_mutex_unlock(&world.lock);
}

/* What comes while a commit is under way is committed together, in order. */
static void test_groups(void **context)
{
	(void)context;
	mhsm_storequeue_begin(queue, &kernel);
	hold(true);
	put(0, 1);
	pthread_mutex_lock(&world.lock);
	while (!world.waiting)
		pthread_cond_wait(&world.changed, &world.lock);
	pthread_mutex_unlock(&world.lock);
	for (uint64_t i = 1; i < 1000; i++)
		put(i, 1);
	assert_int_equal(world.acks, 0);
	hold(false);
	wait_acks(1000);
	assert_int_equal(world.commits, 2);
	assert_int_equal(world.changes, 1000);
	for (uint64_t i = 0; i < 1000; i++) {
		assert_int_equal(world.acked[i], i);
		assert_int_equal(world.errors[i], 0);
	}
}

/* The kernel may resend before the attach has returned: nothing is lost, nothing is acknowledged to nobody. */
static void test_before_begin(void **context)
{
	(void)context;
	for (uint64_t i = 0; i < MANY; i++)
		put(i, 1);
	assert_int_equal(world.commits, 0);
	mhsm_storequeue_begin(queue, &kernel);
	wait_acks(MANY);
	assert_true(world.commits >= MANY / 1024);
	assert_true(world.commits < 10);
	for (uint64_t i = 0; i < MANY; i++)
		assert_int_equal(world.acked[i], i);
}

/* One that cannot be stored is refused; those beside it are not. */
static void test_one_bad(void **context)
{
	(void)context;
	world.bad = 7;
	world.error = -EINVAL;
	for (uint64_t i = 0; i < 50; i++)
		put(i, i == 20 ? 7 : 1);
	mhsm_storequeue_begin(queue, &kernel);
	wait_acks(50);
	assert_int_equal(world.changes, 49);
	for (uint64_t i = 0; i < 50; i++)
		assert_int_equal(world.errors[i], i == 20 ? -EINVAL : 0);
}

/* What the kernel is told of a store that fails. */
static void test_errors(void **context)
{
	static const struct {
		int error, told;
	} all[] = { { -ENOSPC, -ENOSPC }, { -EIO, -EIO }, { -EBADMSG, -EIO }, { -ENOMEM, -EIO }, { -EROFS, -EIO } };

	(void)context;
	mhsm_storequeue_begin(queue, &kernel);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		world.error = all[i].error;
		put(i, 1);
		wait_acks(i + 1);
		assert_int_equal(world.errors[i], all[i].told);
	}
	world.error = 0;
	mhsm_storequeue_put(queue, 99, NULL, 0);
	wait_acks(6);
	assert_int_equal(world.acked[5], 99);
	assert_int_equal(world.errors[5], -EINVAL);
}

/* What is queued when the daemon ends is still served. */
static void test_finish(void **context)
{
	(void)context;
	mhsm_storequeue_begin(queue, &kernel);
	for (uint64_t i = 0; i < 500; i++)
		put(i, 1);
	mhsm_storequeue_finish(queue);
	assert_int_equal(world.acks, 500);
	assert_int_equal(world.changes, 500);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_groups), T(test_before_begin), T(test_one_bad), T(test_errors), T(test_finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
