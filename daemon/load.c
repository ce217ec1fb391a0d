// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/hex.h"
#include "daemon/log.h"

/* The message being filled. */
struct batch {
	struct mhsm_kernel *kernel;
	struct mhsm_load_summary *summary;
	size_t count, used;
	struct mhsm_blob blobs[MHSM_LOAD_MAX];
	uint8_t ids[MHSM_LOAD_MAX][MHSM_ID_LEN];
	uint8_t data[MHSM_GENL_MESSAGE_MAX];
	struct mhsm_load_result result;
};

static int flush(struct batch *b)
{
	int ret;

	if (!b->count)
		return 0;
	ret = b->kernel->ops->load(b->kernel, b->blobs, b->count, &b->result);
	if (ret)
		return ret;
	b->summary->loaded += b->result.loaded;
	for (size_t i = 0; i < b->result.rejected; i++) {
		char id[2 * MHSM_ID_LEN + 1];

		if (b->result.reject[i].error == -EEXIST) {
			b->summary->loaded++;
			continue;
		}
		b->summary->rejected++;
		mhsm_hex_encode(b->ids[b->result.reject[i].index], MHSM_ID_LEN, id);
		mhsm_log_error("load: the kernel refused record %s: %s", id, strerror(-b->result.reject[i].error));
	}
	b->count = 0;
	b->used = 0;
	return 0;
}

/* Room is counted as the message will need it, so that `data` cannot overflow either. */
static int add(void *context, const uint8_t id[MHSM_ID_LEN], const void *record, size_t len)
{
	struct batch *b = context;
	size_t size = mhsm_kernel_load_size(len);
	int ret = 0;

	if (b->count == MHSM_LOAD_MAX || b->used + size > MHSM_GENL_MESSAGE_MAX - MHSM_LOAD_OVERHEAD)
		ret = flush(b);
	if (ret)
		return ret;
	memcpy(b->data + b->used, record, len);
	memcpy(b->ids[b->count], id, MHSM_ID_LEN);
	b->blobs[b->count].data = b->data + b->used;
	b->blobs[b->count++].len = len;
	b->used += size;
	return 0;
}

int mhsm_load_all(struct mhsm_kernel *kernel, struct mhsm_store *store, struct mhsm_load_summary *summary)
{
	struct batch *b = calloc(1, sizeof(*b));
	int ret;

	if (!b)
		return -ENOMEM;
	memset(summary, 0, sizeof(*summary));
	b->kernel = kernel;
	b->summary = summary;
	ret = store->ops->each(store, add, b);
	if (!ret)
		ret = flush(b);
	free(b);
	if (!ret)
		ret = kernel->ops->load_done(kernel);
	if (ret)
		mhsm_log_error("load: %s after %llu records", strerror(-ret), (unsigned long long)summary->loaded);
	else
		mhsm_log_notice("load: %llu records loaded, %llu refused", (unsigned long long)summary->loaded,
				(unsigned long long)summary->rejected);
	return ret;
}
