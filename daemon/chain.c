// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/chain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void mhsm_chain_init(struct mhsm_chain *chain)
{
	memset(chain, 0, sizeof(*chain));
	chain->bad_record = -1;
}

void mhsm_chain_clear(struct mhsm_chain *chain)
{
	free(chain->boot);
	free(chain->cpus);
	chain->boot = NULL;
	chain->cpus = NULL;
	chain->cpu_count = 0;
}

static int fail(struct mhsm_chain *c, uint64_t batch, int64_t record, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static int fail(struct mhsm_chain *c, uint64_t batch, int64_t record, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(c->reason, sizeof(c->reason), format, args);
	va_end(args);
	c->bad_batch = batch;
	c->bad_record = record;
	return -EBADMSG;
}

/* Enters the boot of @batch: the current one, or one that never was before. */
static int check_boot(struct mhsm_chain *c, const struct mhsm_batch *batch)
{
	const uint8_t *id = batch->header.boot;
	uint8_t(*more)[16];

	if (c->boots && !memcmp(c->boot[c->boots - 1], id, 16))
		return 0;
	for (uint64_t i = 0; i < c->boots; i++)
		if (!memcmp(c->boot[i], id, 16))
			return fail(c, batch->header.number, -1, "a batch of an earlier boot stands after a later boot's");
	more = reallocarray(c->boot, c->boots + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	c->boot = more;
	memcpy(c->boot[c->boots++], id, 16);
	c->cpu_count = 0;
	return 0;
}

static int check_record(struct mhsm_chain *c, const struct mhsm_batch *batch, uint32_t index,
			const struct mhsm_audit_rec *r)
{
	struct mhsm_chain_cpu *cpu = NULL, *more;

	for (size_t i = 0; i < c->cpu_count && !cpu; i++)
		if (c->cpus[i].cpu == r->cpu)
			cpu = &c->cpus[i];
	if (!cpu) {
		if (c->cpu_count >= batch->header.cpus)
			return fail(c, batch->header.number, index, "more CPUs recorded than the batch counts");
		/* A domain that was made in the middle of a boot begins in the middle of its sequences. */
		if (r->seq && c->boots > 1)
			return fail(c, batch->header.number, index,
				    "records 0 to %" PRIu64 " of CPU %" PRIu32 " are missing", (uint64_t)r->seq - 1, r->cpu);
		more = reallocarray(c->cpus, c->cpu_count + 1, sizeof(*more));
		if (!more)
			return -ENOMEM;
		c->cpus = more;
		cpu = &c->cpus[c->cpu_count++];
		cpu->cpu = r->cpu;
		cpu->next = r->seq;
	}
	if (r->seq != cpu->next)
		return fail(c, batch->header.number, index,
			    "CPU %" PRIu32 " goes on with record %" PRIu64 " where %" PRIu64 " is due", r->cpu, (uint64_t)r->seq,
			    cpu->next);
	cpu->next++;
	c->records++;
	return 0;
}

int mhsm_chain_check(struct mhsm_chain *c, const struct mhsm_batch *batch)
{
	const struct mhsm_audit_batch *h = &batch->header;
	struct mhsm_audit_rec r;
	size_t at = 0;
	int ret;

	if (h->number != c->batches)
		return fail(c, c->batches, -1, "batch %" PRIu64 " stands where batch %" PRIu64 " is due", (uint64_t)h->number,
			    c->batches);
	if (memcmp(h->prev, c->prev, MHSM_MAC_LEN))
		return fail(c, h->number, -1, "it does not follow from the batch before");
	if (h->number && memcmp(h->domain, c->domain, MHSM_ID_LEN))
		return fail(c, h->number, -1, "it is of another domain");
	ret = check_boot(c, batch);
	for (uint32_t i = 0; !ret && mhsm_batch_next(batch, &at, &r); i++)
		ret = check_record(c, batch, i, &r);
	if (ret)
		return ret;
	memcpy(c->domain, h->domain, MHSM_ID_LEN);
	memcpy(c->prev, batch->mac, MHSM_MAC_LEN);
	c->batches++;
	return 0;
}

static int check_mac(struct mhsm_chain *c, struct mhsm_device *device, const struct mhsm_batch *batch)
{
	struct mhsm_ioc_audit_verify verify = {
		.size = sizeof(verify),
		.len = (uint32_t)batch->len,
		.batch = (uintptr_t)batch->data,
	};
	int ret = device->ops->daemon_call(device, MHSM_IOC_AUDIT_VERIFY, &verify);

	if (ret == -EBADMSG || ret == -EINVAL)
		return fail(c, c->batches, -1, "its MAC is wrong: it was altered");
	return ret < 0 ? ret : 0;
}

int mhsm_chain_verify(struct mhsm_chain *c, struct mhsm_device *device, const char *dir, uint64_t last)
{
	struct mhsm_segment_reader reader;
	struct mhsm_batch batch;
	int ret = mhsm_segment_reader_open(&reader, dir, 0);

	while (!ret && c->batches <= last) {
		ret = mhsm_segment_reader_next(&reader, &batch);
		if (ret == -EBADMSG)
			ret = fail(c, c->batches, -1, "%s", reader.trouble);
		else if (ret == 0)
			ret = fail(c, c->batches, -1, "the log ends before batch %" PRIu64, last);
		if (ret < 0)
			break;
		ret = check_mac(c, device, &batch);
		if (!ret)
			ret = mhsm_chain_check(c, &batch);
	}
	mhsm_segment_reader_close(&reader);
	return ret;
}
