// SPDX-License-Identifier: GPL-2.0-only
/* The daemon of the tests: see hsm.h */
#include "tests/kselftest/hsm/hsm.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "daemon/device.h"
#include "daemon/kernel.h"
#include "kmod/auditpack.h"
#include "uapi/mhsm_genl.h"

#define CUSTODIANS 3
#define REQUIRED 2
#define RECORD_ID 32 /* where the object id stands in a record: formats.md section 2 */
#define RECORD_MAX 4096

struct record {
	uint8_t id[MHSM_ID_LEN];
	void *data;
	size_t len;
};

struct hsm {
	struct mhsm_device *device;
	struct mhsm_kernel *kernel; /* NULL: not attached */
	struct custodian *custodians[CUSTODIANS];
	struct mhsm_kernel_export export;
	uint8_t domain[MHSM_ID_LEN];

	int stop; /* eventfd: the audit thread is to end */
	pthread_t auditor;
	int tx[2]; /* pipe: answers for the acknowledging thread to give */
	pthread_t acknowledger;

	pthread_mutex_t lock; /* what follows */
	pthread_cond_t audited;
	struct record *records;
	size_t count;
	int store_error;
	struct mhsm_audit_rec *audit;
	size_t audit_count;
};

static struct mhsm_caller caller(void)
{
	return (struct mhsm_caller){ .uid = 0, .gid = 0, .pid = getpid() };
}

/* genl.c needs it of daemon/kernel.c, which cannot be linked beside libmhsm: both know the names of the states. */
void mhsm_kernel_export_clear(struct mhsm_kernel_export *export)
{
	for (size_t i = 0; i < export->count; i++)
		free(export->shares[i]);
	free(export->datum);
	free(export->datum_tag);
	memset(export, 0, sizeof(*export));
}

/* --- the store ---------------------------------------------------------------------------------------------------- */

/* Must hold hsm->lock */
static void record_remove(struct hsm *hsm, const uint8_t id[MHSM_ID_LEN])
{
	for (size_t i = 0; i < hsm->count; i++) {
		if (memcmp(hsm->records[i].id, id, MHSM_ID_LEN))
			continue;
		free(hsm->records[i].data);
		memmove(&hsm->records[i], &hsm->records[i + 1], (hsm->count - i - 1) * sizeof(*hsm->records));
		hsm->count--;
		return;
	}
}

/* Must hold hsm->lock. Of an object that is not there yet; keeps the order in which objects were first stored. */
static int record_add(struct hsm *hsm, const void *data, size_t len)
{
	struct record *more = realloc(hsm->records, (hsm->count + 1) * sizeof(*more)), *r;

	if (!more)
		return -ENOMEM;
	hsm->records = more;
	r = &more[hsm->count];
	r->data = malloc(len);
	if (!r->data)
		return -ENOMEM;
	memcpy(r->data, data, len);
	memcpy(r->id, (const uint8_t *)data + RECORD_ID, MHSM_ID_LEN);
	r->len = len;
	hsm->count++;
	return 0;
}

/* Must hold hsm->lock */
static int record_put(struct hsm *hsm, const void *data, size_t len)
{
	const uint8_t *id = (const uint8_t *)data + RECORD_ID;
	struct record *r;
	void *copy;

	if (len < RECORD_ID + MHSM_ID_LEN)
		return -EINVAL;
	for (r = hsm->records; r < hsm->records + hsm->count; r++)
		if (!memcmp(r->id, id, MHSM_ID_LEN))
			break;
	if (r == hsm->records + hsm->count)
		return record_add(hsm, data, len);
	copy = malloc(len);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, data, len);
	free(r->data);
	r->data = copy;
	r->len = len;
	return 0;
}

static void records_clear(struct hsm *hsm)
{
	pthread_mutex_lock(&hsm->lock);
	while (hsm->count)
		free(hsm->records[--hsm->count].data);
	free(hsm->records);
	hsm->records = NULL;
	pthread_mutex_unlock(&hsm->lock);
}

struct answer {
	uint64_t txid;
	int error;
	bool last; /* no answer: the thread is to end */
};

/* On the receiving thread, which must not wait for the kernel: another acknowledges. */
static void on_store(void *context, uint64_t txid, const struct mhsm_kernel_change *changes, size_t count)
{
	struct answer answer = { .txid = txid };
	struct hsm *hsm = context;

	pthread_mutex_lock(&hsm->lock);
	answer.error = count ? hsm->store_error : -EINVAL;
	for (size_t i = 0; i < count && !answer.error; i++) {
		if (changes[i].record)
			answer.error = record_put(hsm, changes[i].record, changes[i].len);
		else
			record_remove(hsm, changes[i].remove);
	}
	pthread_mutex_unlock(&hsm->lock);
	if (write(hsm->tx[1], &answer, sizeof(answer)) != sizeof(answer))
		abort();
}

static void *acknowledge(void *context)
{
	struct hsm *hsm = context;
	struct answer answer;

	while (read(hsm->tx[0], &answer, sizeof(answer)) == sizeof(answer) && !answer.last)
		hsm->kernel->ops->ack(hsm->kernel, answer.txid, answer.error);
	return NULL;
}

size_t hsm_records(struct hsm *hsm)
{
	size_t count;

	pthread_mutex_lock(&hsm->lock);
	count = hsm->count;
	pthread_mutex_unlock(&hsm->lock);
	return count;
}

void hsm_fail_store(struct hsm *hsm, int error)
{
	pthread_mutex_lock(&hsm->lock);
	hsm->store_error = error;
	pthread_mutex_unlock(&hsm->lock);
}

/* --- the audit ---------------------------------------------------------------------------------------------------- */

static void keep_batch(struct hsm *hsm, const void *batch)
{
	const struct mhsm_audit_batch *head = batch;
	struct mhsm_audit_rec *more;

	pthread_mutex_lock(&hsm->lock);
	more = realloc(hsm->audit, (hsm->audit_count + head->count) * sizeof(*more));
	if (!more)
		abort();
	hsm->audit = more;
	mhsm_audit_unpack_all(head, more + hsm->audit_count);
	hsm->audit_count += head->count;
	pthread_cond_broadcast(&hsm->audited);
	pthread_mutex_unlock(&hsm->lock);
}

/*
 * Whether the audit thread is to end, which is waited for as long. A test that becomes another user interrupts each of
 * its threads by a signal of libc's, which is no reason to end: poll() is never resumed, and fails even without a wait.
 */
static bool stopping(const struct hsm *hsm, int wait_ms)
{
	struct pollfd stop = { .fd = hsm->stop, .events = POLLIN };
	int ret = poll(&stop, 1, wait_ms);

	if (ret < 0 && errno != EINTR)
		abort();
	return ret > 0;
}

static void *audit(void *context)
{
	const uint32_t room = MHSM_AUDIT_BATCH_BYTES(MHSM_AUDIT_BATCH_MAX);
	struct mhsm_ioc_audit_drain drain = { .size = sizeof(drain), .wait_ms = 50 };
	struct mhsm_ioc_audit_ack ack = { .size = sizeof(ack) };
	struct hsm *hsm = context;
	void *batch = malloc(room);
	int ret, wait = 0;

	if (!batch)
		abort();
	drain.out = (uintptr_t)batch;
	while (!stopping(hsm, wait)) {
		drain.len = room;
		ret = hsm->device->ops->daemon_call(hsm->device, MHSM_IOC_AUDIT_DRAIN, &drain);
		/* An HSM that is not active has nothing to drain, and does not tell this session when it will have. */
		wait = ret < 0 ? 50 : 0;
		if (ret < 0 || !drain.len)
			continue;
		keep_batch(hsm, batch);
		ack.number = ((struct mhsm_audit_batch *)batch)->number;
		hsm->device->ops->daemon_call(hsm->device, MHSM_IOC_AUDIT_ACK, &ack);
	}
	free(batch);
	return NULL;
}

/* Must hold hsm->lock */
static size_t audit_count(const struct hsm *hsm, uint32_t action, int32_t result)
{
	size_t count = 0;

	for (size_t i = 0; i < hsm->audit_count; i++)
		count += hsm->audit[i].action == action && hsm->audit[i].result == result;
	return count;
}

size_t hsm_audit_count(struct hsm *hsm, uint32_t action, int32_t result)
{
	size_t count;

	pthread_mutex_lock(&hsm->lock);
	count = audit_count(hsm, action, result);
	pthread_mutex_unlock(&hsm->lock);
	return count;
}

size_t hsm_audit_records(struct hsm *hsm, uint32_t action, struct mhsm_audit_rec *out, size_t room)
{
	size_t count = 0;

	pthread_mutex_lock(&hsm->lock);
	for (size_t i = 0; i < hsm->audit_count && count < room; i++)
		if (hsm->audit[i].action == action)
			out[count++] = hsm->audit[i];
	pthread_mutex_unlock(&hsm->lock);
	return count;
}

int hsm_audit_wait(struct hsm *hsm, uint32_t action, int32_t result, size_t count, unsigned int seconds)
{
	struct timespec end;
	int ret = 0;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += seconds;
	pthread_mutex_lock(&hsm->lock);
	while (!ret && audit_count(hsm, action, result) < count)
		ret = -pthread_cond_timedwait(&hsm->audited, &hsm->lock, &end);
	pthread_mutex_unlock(&hsm->lock);
	return ret;
}

/* --- attaching ---------------------------------------------------------------------------------------------------- */

static int attach(struct hsm *hsm)
{
	const struct mhsm_kernel_events events = { .store = on_store, .context = hsm };
	int ret;

	if (pipe(hsm->tx))
		return -errno;
	ret = mhsm_device_open(&hsm->device);
	if (ret)
		goto close_pipe;
	ret = mhsm_genl_attach(hsm->device, &events, &hsm->kernel);
	if (ret)
		goto close_device;
	hsm->stop = eventfd(0, EFD_CLOEXEC);
	if (hsm->stop < 0 || pthread_create(&hsm->acknowledger, NULL, acknowledge, hsm) ||
	    pthread_create(&hsm->auditor, NULL, audit, hsm))
		abort();
	return 0;
close_device:
	hsm->device->ops->close(hsm->device);
close_pipe:
	close(hsm->tx[0]);
	close(hsm->tx[1]);
	return ret;
}

void hsm_drop(struct hsm *hsm)
{
	const struct answer last = { .last = true };
	uint64_t one = 1;

	if (!hsm->kernel)
		return;
	if (write(hsm->stop, &one, sizeof(one)) != sizeof(one) ||
	    write(hsm->tx[1], &last, sizeof(last)) != sizeof(last))
		abort();
	pthread_join(hsm->auditor, NULL);
	pthread_join(hsm->acknowledger, NULL);
	hsm->kernel->ops->close(hsm->kernel);
	hsm->kernel = NULL;
	close(hsm->tx[0]);
	close(hsm->tx[1]);
	close(hsm->stop);
	hsm->device->ops->close(hsm->device);
}

int hsm_return(struct hsm *hsm)
{
	return attach(hsm);
}

int hsm_attach(struct hsm **ret)
{
	struct hsm *hsm = calloc(1, sizeof(*hsm));
	int err = 0;

	if (!hsm)
		return -ENOMEM;
	pthread_mutex_init(&hsm->lock, NULL);
	pthread_cond_init(&hsm->audited, NULL);
	for (int i = 0; i < CUSTODIANS && !err; i++) {
		hsm->custodians[i] = custodian_new((unsigned int)i + 1);
		err = hsm->custodians[i] ? 0 : -ENOKEY;
	}
	if (!err)
		err = attach(hsm);
	if (err) {
		hsm_stop(hsm);
		return err;
	}
	*ret = hsm;
	return 0;
}

void hsm_stop(struct hsm *hsm)
{
	if (!hsm)
		return;
	hsm_drop(hsm);
	for (int i = 0; i < CUSTODIANS; i++)
		custodian_free(hsm->custodians[i]);
	mhsm_kernel_export_clear(&hsm->export);
	records_clear(hsm);
	free(hsm->audit);
	pthread_cond_destroy(&hsm->audited);
	pthread_mutex_destroy(&hsm->lock);
	free(hsm);
}

/* --- the domain --------------------------------------------------------------------------------------------------- */

static int fill_custodian(struct mhsm_custodian *to, const struct custodian *from, int number)
{
	to->n_len = 256;
	to->e_len = 3;
	/* Stands for the certificate, which nobody has. */
	memset(to->x5t, number + 1, sizeof(to->x5t));
	return custodian_public(from, to->n, to->e);
}

int hsm_provision(struct hsm *hsm)
{
	const struct mhsm_genl_admin admins[] = { { MHSM_PRINCIPAL_UID, 0 }, { MHSM_PRINCIPAL_UID, HSM_ADMIN } };
	const struct mhsm_kernel_ops *ops = hsm->kernel->ops;
	struct mhsm_custodian custodians[CUSTODIANS] = {};
	struct mhsm_caller who = caller();
	uint8_t record[RECORD_MAX];
	size_t len = sizeof(record);
	int ret;

	records_clear(hsm);
	mhsm_kernel_export_clear(&hsm->export);
	ret = ops->domain_create(hsm->kernel, &who, admins, 2, hsm->domain, record, &len);
	if (ret)
		return ret;
	pthread_mutex_lock(&hsm->lock);
	ret = record_put(hsm, record, len);
	pthread_mutex_unlock(&hsm->lock);
	for (int i = 0; i < CUSTODIANS && !ret; i++)
		ret = fill_custodian(&custodians[i], hsm->custodians[i], i);
	if (!ret)
		ret = ops->domain_export(hsm->kernel, &who, REQUIRED, custodians, CUSTODIANS, &hsm->export);
	return ret ? ret : ops->domain_activate(hsm->kernel, &who);
}

int hsm_start(struct hsm **ret)
{
	struct mhsm_kernel_status status;
	struct hsm *hsm;
	int err = hsm_attach(&hsm);

	if (err)
		return err;
	err = hsm->kernel->ops->status(hsm->kernel, &status);
	if (!err && status.state != MHSM_STATE_UNPROVISIONED && status.state != MHSM_STATE_ZEROIZED)
		err = hsm_zeroize(hsm);
	if (!err)
		err = hsm_provision(hsm);
	if (err)
		hsm_stop(hsm);
	else
		*ret = hsm;
	return err;
}

int hsm_lock(struct hsm *hsm)
{
	struct mhsm_caller who = caller();

	return hsm->kernel->ops->lock(hsm->kernel, &who);
}

int hsm_zeroize(struct hsm *hsm)
{
	struct mhsm_caller who = caller();

	return hsm->kernel->ops->zeroize(hsm->kernel, &who);
}

static int transfer_key(struct hsm *hsm, uint8_t public[65])
{
	struct mhsm_ioc_transfer_key key = { .size = sizeof(key) };
	int session = hsm->device->ops->session(hsm->device, NULL), ret;

	if (session < 0)
		return session;
	ret = hsm->device->ops->call(hsm->device, session, MHSM_IOC_TRANSFER_KEY, &key);
	hsm->device->ops->release(hsm->device, session);
	memcpy(public, key.pub, sizeof(key.pub));
	return ret;
}

/* As many records, from number @from on, as a message takes, to @to: how many they were, or a negative errno */
static int load_some(struct hsm *hsm, size_t from, size_t to)
{
	struct mhsm_blob blobs[MHSM_LOAD_MAX];
	struct mhsm_load_result result;
	size_t n = 0, bytes = MHSM_LOAD_OVERHEAD;
	int ret;

	for (; from + n < to && n < MHSM_LOAD_MAX; n++) {
		const struct record *r = &hsm->records[from + n];

		bytes += mhsm_kernel_load_size(r->len);
		if (bytes > MHSM_GENL_MESSAGE_MAX)
			break;
		blobs[n] = (struct mhsm_blob){ r->data, r->len };
	}
	ret = hsm->kernel->ops->load(hsm->kernel, blobs, n, &result);
	if (!ret && result.rejected)
		ret = result.reject[0].error;
	return ret ? ret : (int)n;
}

int hsm_load(struct hsm *hsm, size_t from, size_t to)
{
	int n;

	/* No other thread changes the store of a locked HSM. */
	if (to > hsm->count)
		return -EINVAL;
	for (; from < to; from += (size_t)n) {
		n = load_some(hsm, from, to);
		if (n <= 0)
			return n ? n : -EMSGSIZE;
	}
	return 0;
}

int hsm_load_done(struct hsm *hsm)
{
	return hsm->kernel->ops->load_done(hsm->kernel);
}

int hsm_datum(struct hsm *hsm, uint8_t datum[72])
{
	/* The first and the last: which of them meet must not matter. */
	const struct custodian *custodians[REQUIRED] = { hsm->custodians[CUSTODIANS - 1], hsm->custodians[0] };
	const char *shares[REQUIRED] = { hsm->export.shares[CUSTODIANS - 1], hsm->export.shares[0] };

	return ceremony_datum(custodians, shares, REQUIRED, hsm->export.datum, hsm->export.datum_tag, datum);
}

int hsm_put(struct hsm *hsm, const void *record, size_t len)
{
	int ret;

	pthread_mutex_lock(&hsm->lock);
	ret = record_add(hsm, record, len);
	pthread_mutex_unlock(&hsm->lock);
	return ret;
}

int hsm_unlock_begin(struct hsm *hsm)
{
	struct mhsm_caller who = caller();
	uint8_t datum[72], public[65], enc[65], ct[88];
	int ret;

	ret = hsm->kernel->ops->domain_transfer(hsm->kernel, &who);
	if (!ret)
		ret = transfer_key(hsm, public);
	if (!ret)
		ret = hsm_datum(hsm, datum);
	if (!ret)
		ret = ceremony_unlock(datum, hsm->domain, public, enc, ct);
	return ret ? ret : hsm->kernel->ops->domain_unlock(hsm->kernel, &who, enc, ct, sizeof(ct));
}

int hsm_unlock(struct hsm *hsm)
{
	int ret = hsm_unlock_begin(hsm);

	if (!ret)
		ret = hsm_load(hsm, 0, hsm->count);
	return ret ? ret : hsm_load_done(hsm);
}
