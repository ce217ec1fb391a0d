// SPDX-License-Identifier: GPL-2.0-only
/* BATCH: see batch.h */
#include <linux/file.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "kmod/batch.h"
#include "kmod/keyfd.h"
#include "uapi/mhsm.h"

#define BLOCK 16U /* entries that are read, and whose results are written, at once */

static_assert(sizeof(struct mhsm_batch_op) == 32);

/* The file of the last descriptor that was looked up */
struct held {
	struct file *file; /* NULL: none */
	s32 fd;
};

static struct file *hold(struct held *held, s32 fd)
{
	if (held->file && held->fd == fd)
		return held->file;
	if (held->file)
		fput(held->file);
	held->file = fget(fd);
	held->fd = fd;
	return held->file;
}

static int do_one(struct held *held, const struct mhsm_batch_op *op)
{
	if (op->pad)
		return -EINVAL;
	if (!hold(held, op->fd))
		return -EBADF;
	return mhsm_keyfd_data(held->file, op->call, u64_to_user_ptr(op->arg));
}

static int write_results(struct mhsm_batch_op __user *to, const struct mhsm_batch_op *ops, u32 count)
{
	u32 i;

	if (!user_write_access_begin(to, count * sizeof(*to)))
		return -EFAULT;
	for (i = 0; i < count; i++)
		unsafe_put_user(ops[i].result, &to[i].result, fault);
	user_write_access_end();
	return 0;
fault:
	user_write_access_end();
	return -EFAULT;
}

/* Does up to BLOCK entries; *@done grows by those that were tried. */
static int do_block(struct held *held, struct mhsm_batch_op __user *user, u32 count, u32 *done)
{
	struct mhsm_batch_op ops[BLOCK];
	u32 i;

	if (copy_from_user(ops, user, count * sizeof(*ops)))
		return -EFAULT;
	/* What cannot be answered must not begin. */
	if (write_results(user, ops, count))
		return -EFAULT;
	for (i = 0; i < count && !fatal_signal_pending(current); i++) {
		ops[i].result = do_one(held, &ops[i]);
		if (need_resched()) /* a call less for each short operation */
			cond_resched();
	}
	*done += i;
	if (write_results(user, ops, i))
		return -EFAULT;
	return i < count ? -EINTR : 0;
}

int mhsm_batch(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_ioc_batch *b = arg;
	struct mhsm_batch_op __user *user = u64_to_user_ptr(b->ops);
	struct held held = {};
	int ret = 0;

	if (b->flags || !b->count || b->count > MHSM_BATCH_OPS_MAX)
		return -EINVAL;
	b->done = 0;
	while (!ret && b->done < b->count)
		ret = do_block(&held, user + b->done, min(b->count - b->done, BLOCK), &b->done);
	if (held.file)
		fput(held.file);
	return b->done ? 0 : ret;
}
