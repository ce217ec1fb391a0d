// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdlib.h>

#include "lib/internal.h"

struct call {
	union {
		struct mhsm_ioc_crypt crypt;
		struct mhsm_ioc_sign sign;
	} io;
	const uint32_t *len; /* the field of io that comes out */
};

struct mhsm_batch {
	size_t room, count;
	size_t done; /* of the last run */
	struct mhsm_batch_op *ops;
	struct call *calls;
};

int mhsm_batch_new(size_t room, struct mhsm_batch **ret)
{
	struct mhsm_batch *batch;

	if (!ret || !room || room > MHSM_BATCH_OPS_MAX)
		return -EINVAL;
	batch = calloc(1, sizeof(*batch));
	if (!batch)
		return -ENOMEM;
	batch->room = room;
	batch->ops = calloc(room, sizeof(*batch->ops));
	batch->calls = calloc(room, sizeof(*batch->calls));
	if (!batch->ops || !batch->calls) {
		mhsm_batch_free(batch);
		return -ENOMEM;
	}
	*ret = batch;
	return 0;
}

void mhsm_batch_free(struct mhsm_batch *batch)
{
	if (!batch)
		return;
	free(batch->ops);
	free(batch->calls);
	free(batch);
}

static int add(struct mhsm_batch *batch, int key, unsigned long request, const struct call *call)
{
	struct mhsm_batch_op *op = &batch->ops[batch->count];

	*op = (struct mhsm_batch_op){
		.fd = key,
		.call = MHSM_CALL_NR(request),
		.arg = mhsm_ptr(&batch->calls[batch->count].io),
	};
	batch->calls[batch->count] = *call;
	return (int)batch->count++;
}

int mhsm_batch_crypt(struct mhsm_batch *batch, int key, unsigned long request, const struct mhsm_ioc_crypt *io)
{
	struct call call = {};

	if (!batch || !io || (request != MHSM_IOC_ENCRYPT && request != MHSM_IOC_DECRYPT &&
			      request != MHSM_IOC_WRAP && request != MHSM_IOC_UNWRAP))
		return -EINVAL;
	if (batch->count == batch->room)
		return -ENOSPC;
	call.io.crypt = *io;
	call.io.crypt.size = sizeof(*io);
	call.len = &batch->calls[batch->count].io.crypt.out_len;
	return add(batch, key, request, &call);
}

int mhsm_batch_sign(struct mhsm_batch *batch, int key, unsigned long request, const struct mhsm_ioc_sign *io)
{
	struct call call = {};

	if (!batch || !io || (request != MHSM_IOC_SIGN && request != MHSM_IOC_VERIFY))
		return -EINVAL;
	if (batch->count == batch->room)
		return -ENOSPC;
	call.io.sign = *io;
	call.io.sign.size = sizeof(*io);
	call.len = &batch->calls[batch->count].io.sign.sig_len;
	return add(batch, key, request, &call);
}

int mhsm_batch_run(struct mhsm_batch *batch, int session)
{
	struct mhsm_ioc_batch io = { .size = sizeof(io) };
	int ret;

	if (!batch)
		return -EINVAL;
	batch->done = 0;
	if (!batch->count)
		return 0;
	io.count = (uint32_t)batch->count;
	io.ops = mhsm_ptr(batch->ops);
	ret = mhsm_call(session, MHSM_IOC_BATCH, &io);
	if (ret < 0)
		return ret;
	batch->done = io.done;
	return (int)io.done;
}

int mhsm_batch_result(const struct mhsm_batch *batch, size_t index, size_t *len)
{
	if (!batch || index >= batch->done)
		return -EINVAL;
	if (len)
		*len = *batch->calls[index].len;
	return batch->ops[index].result;
}

void mhsm_batch_clear(struct mhsm_batch *batch)
{
	batch->count = 0;
	batch->done = 0;
}
