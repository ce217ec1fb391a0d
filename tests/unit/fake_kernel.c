// SPDX-License-Identifier: GPL-2.0-only
#include "tests/unit/fake_kernel.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kmod/auditpack.h"

#define SESSION 1
#define KEY_HANDLE 1000

static const uint8_t audit_key[32] = "fake audit key";

static struct fake *of_kernel(struct mhsm_kernel *kernel)
{
	return (struct fake *)kernel;
}

static struct fake *of_device(struct mhsm_device *device)
{
	return ((struct fake_device *)device)->fake;
}

static void put_le(uint8_t *p, uint64_t v, int bytes)
{
	for (int i = 0; i < bytes; i++, v >>= 8)
		p[i] = (uint8_t)v;
}

size_t fake_record(uint8_t *out, uint8_t kind, const uint8_t domain[MHSM_ID_LEN], const uint8_t id[MHSM_ID_LEN],
		   uint64_t generation, const char *name)
{
	size_t n = kind == 2 ? 0 : strlen(name), secret = kind == 2 ? 0 : 32, header = 192 + n;

	memset(out, 0, header + secret + 16);
	memcpy(out, "MHSMREC1", 8);
	put_le(out + 8, 1, 2);
	out[10] = kind;
	out[11] = 1;
	put_le(out + 12, header, 4);
	memcpy(out + 16, domain, 16);
	memcpy(out + 32, id, 16);
	put_le(out + 64, generation, 8);
	put_le(out + 136, secret, 2);
	out[140] = (uint8_t)n;
	memcpy(out + 192, name, n);
	return header + secret + 16;
}

/* --- audit --- */

static void add_audit(struct fake *f, uint32_t action, int result)
{
	struct timespec now;
	struct mhsm_audit_rec *r;

	if (f->record_count == FAKE_RECORDS_MAX)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	r = &f->records[f->record_count++];
	memset(r, 0, sizeof(*r));
	r->seq = f->seq++;
	r->time = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	r->action = action;
	r->via = MHSM_VIA_NETLINK;
	r->principal_kind = MHSM_PRINCIPAL_UID;
	r->principal = f->last_caller.uid;
	r->result = result;
	pthread_cond_broadcast(&f->changed);
}

void fake_audit(struct fake *f, uint32_t action, int result)
{
	pthread_mutex_lock(&f->lock);
	add_audit(f, action, result);
	pthread_mutex_unlock(&f->lock);
}

size_t fake_batch(uint8_t *out, uint64_t number, const uint8_t boot[16], const uint8_t prev[MHSM_MAC_LEN],
		  const struct mhsm_audit_rec *records, uint32_t count)
{
	struct mhsm_audit_batch h = { .number = number, .count = count, .cpus = 4 };
	size_t len = sizeof(h);

	memcpy(h.magic, "MHSMAUD3", 8);
	memset(h.domain, 0xd0, sizeof(h.domain));
	memcpy(h.boot, boot, 16);
	memcpy(h.prev, prev, MHSM_MAC_LEN);
	memcpy(out, &h, sizeof(h));
	for (uint32_t i = 0; i < count; i++)
		len += mhsm_audit_pack(out + len, &records[i], i ? &records[i - 1] : NULL);
	HMAC(EVP_sha256(), audit_key, sizeof(audit_key), out, len, out + len, NULL);
	return len + MHSM_MAC_LEN;
}

static int drain(struct fake *f, struct mhsm_ioc_audit_drain *d)
{
	struct timespec until;
	uint32_t n;

	if (f->state != MHSM_STATE_ACTIVE && f->state != MHSM_STATE_RESTORING)
		return -ENOKEY;
	if (d->len < MHSM_BATCH_MAX)
		return -ERANGE;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += d->wait_ms / 1000;
	while (!f->batch_len && !f->record_count && !f->ending)
		if (pthread_cond_timedwait(&f->changed, &f->lock, &until))
			break;
	d->len = 0;
	if (!f->batch_len && f->record_count) {
		n = f->record_count < MHSM_AUDIT_BATCH_MAX ? (uint32_t)f->record_count : MHSM_AUDIT_BATCH_MAX;
		f->batch_len = fake_batch(f->batch, f->batch_number, f->boot, f->prev, f->records, n);
		f->record_count -= n;
		memmove(f->records, f->records + n, f->record_count * sizeof(f->records[0]));
		f->begun = true;
	}
	if (f->batch_len) {
		memcpy((void *)(uintptr_t)d->out, f->batch, f->batch_len);
		d->len = (uint32_t)f->batch_len;
	}
	return 0;
}

static int ack_batch(struct fake *f, const struct mhsm_ioc_audit_ack *ack)
{
	if (!f->batch_len || ack->number != f->batch_number)
		return -EINVAL;
	memcpy(f->prev, f->batch + f->batch_len - MHSM_MAC_LEN, MHSM_MAC_LEN);
	f->batch_number++;
	f->batch_len = 0;
	pthread_cond_broadcast(&f->changed);
	return 0;
}

static int verify(struct fake *f, const struct mhsm_ioc_audit_verify *v)
{
	const uint8_t *data = (const uint8_t *)(uintptr_t)v->batch;
	uint8_t mac[MHSM_MAC_LEN];
	struct mhsm_batch batch;

	if (f->state != MHSM_STATE_ACTIVE && f->state != MHSM_STATE_RESTORING)
		return -ENOKEY;
	if (mhsm_batch_parse(data, v->len, &batch) != (ssize_t)v->len)
		return -EINVAL;
	HMAC(EVP_sha256(), audit_key, sizeof(audit_key), data, v->len - MHSM_MAC_LEN, mac, NULL);
	if (memcmp(mac, batch.mac, MHSM_MAC_LEN))
		return -EBADMSG;
	if (!(v->flags & MHSM_AUDIT_RESUME))
		return 0;
	if (f->begun)
		return batch.header.number + 1 == f->batch_number && !memcmp(f->prev, mac, MHSM_MAC_LEN) ? 0 : -EALREADY;
	f->batch_number = batch.header.number + 1;
	memcpy(f->prev, mac, MHSM_MAC_LEN);
	return 0;
}

/* --- netlink --- */

static int decide_as(struct fake *f, const struct mhsm_caller *caller, uint32_t action)
{
	int ret = f->deny ? -EACCES : 0;

	f->last_caller = *caller;
	add_audit(f, action, ret);
	return ret;
}

static int state_error(const struct fake *f)
{
	switch (f->state) {
	case MHSM_STATE_ACTIVE:
		return 0;
	case MHSM_STATE_LOCKED:
	case MHSM_STATE_RESTORING:
		return -ENOKEY;
	case MHSM_STATE_ZEROIZED:
		return -ESHUTDOWN;
	default:
		return -ENODATA;
	}
}

static int fake_status(struct mhsm_kernel *kernel, struct mhsm_kernel_status *status)
{
	static const uint8_t none[MHSM_ID_LEN];
	struct fake *f = of_kernel(kernel);

	pthread_mutex_lock(&f->lock);
	status->state = f->state;
	status->has_domain = memcmp(f->domain, none, MHSM_ID_LEN) != 0;
	memcpy(status->domain, f->domain, MHSM_ID_LEN);
	status->keys = f->key_count;
	pthread_mutex_unlock(&f->lock);
	return 0;
}

static int fake_domain_set(struct mhsm_kernel *kernel, const uint8_t domain[MHSM_ID_LEN])
{
	struct fake *f = of_kernel(kernel);
	int ret = -EPROTO;

	pthread_mutex_lock(&f->lock);
	if (f->state == MHSM_STATE_UNPROVISIONED) {
		memcpy(f->domain, domain, MHSM_ID_LEN);
		f->state = MHSM_STATE_LOCKED;
		ret = 0;
	}
	pthread_mutex_unlock(&f->lock);
	return ret;
}

static int fake_domain_create(struct mhsm_kernel *kernel, const struct mhsm_caller *caller,
			      const struct mhsm_genl_admin *admins, size_t count, uint8_t domain[MHSM_ID_LEN],
			      void *record, size_t *len)
{
	struct fake *f = of_kernel(kernel);
	int ret;

	(void)admins;
	pthread_mutex_lock(&f->lock);
	ret = count ? decide_as(f, caller, MHSM_ACT_PROVISION) : -EINVAL;
	if (!ret && f->state != MHSM_STATE_UNPROVISIONED && f->state != MHSM_STATE_ZEROIZED)
		ret = -EPROTO;
	if (!ret) {
		memset(f->domain, 0xd0, MHSM_ID_LEN);
		memcpy(domain, f->domain, MHSM_ID_LEN);
		*len = fake_record(record, 2, f->domain, f->domain, 1, "");
		f->state = MHSM_STATE_PROVISIONED;
		f->exported = false;
		f->batch_number = 0;
		memset(f->prev, 0, sizeof(f->prev));
		f->begun = false;
		f->batch_len = 0;
	}
	pthread_mutex_unlock(&f->lock);
	return ret;
}

static int fake_domain_export(struct mhsm_kernel *kernel, const struct mhsm_caller *caller, uint32_t required,
			      const struct mhsm_custodian *custodians, size_t count, struct mhsm_kernel_export *out)
{
	struct fake *f = of_kernel(kernel);
	int ret;

	(void)custodians;
	memset(out, 0, sizeof(*out));
	pthread_mutex_lock(&f->lock);
	ret = decide_as(f, caller, MHSM_ACT_DOMAIN_DOWNLOAD);
	if (!ret && f->state != MHSM_STATE_PROVISIONED)
		ret = -EPROTO;
	if (!ret && (required < 2 || required > count))
		ret = -EINVAL;
	if (!ret) {
		for (out->count = 0; out->count < count; out->count++)
			if (asprintf(&out->shares[out->count], "share.%zu.of.fake.x", out->count) < 0)
				abort();
		out->datum = strdup("datum..of.fake.x");
		out->datum_tag = strdup(MHSM_DATUM_TAG);
		f->exported = true;
	}
	pthread_mutex_unlock(&f->lock);
	return ret;
}

/* A command that only goes from one state to another. */
static int transition(struct mhsm_kernel *kernel, const struct mhsm_caller *caller, uint32_t action, uint32_t from,
		      uint32_t to, bool need_export)
{
	struct fake *f = of_kernel(kernel);
	int ret = 0;

	pthread_mutex_lock(&f->lock);
	if (caller)
		ret = decide_as(f, caller, action);
	if (!ret && (f->state != from || (need_export && !f->exported)))
		ret = -EPROTO;
	if (!ret)
		f->state = to;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
	return ret;
}

static int fake_domain_activate(struct mhsm_kernel *kernel, const struct mhsm_caller *caller)
{
	return transition(kernel, caller, MHSM_ACT_DOMAIN_DOWNLOAD, MHSM_STATE_PROVISIONED, MHSM_STATE_ACTIVE, true);
}

static int fake_domain_transfer(struct mhsm_kernel *kernel, const struct mhsm_caller *caller)
{
	return transition(kernel, caller, MHSM_ACT_DOMAIN_UPLOAD, MHSM_STATE_LOCKED, MHSM_STATE_LOCKED, false);
}

static int fake_domain_unlock(struct mhsm_kernel *kernel, const struct mhsm_caller *caller, const uint8_t enc[65],
			      const void *ciphertext, size_t len)
{
	(void)ciphertext;
	if (enc[0] != 4 || len != 88)
		return -EBADMSG;
	return transition(kernel, caller, MHSM_ACT_DOMAIN_UPLOAD, MHSM_STATE_LOCKED, MHSM_STATE_RESTORING, false);
}

static int fake_load(struct mhsm_kernel *kernel, const struct mhsm_blob *records, size_t count,
		     struct mhsm_load_result *result)
{
	struct fake *f = of_kernel(kernel);
	size_t bytes = MHSM_LOAD_OVERHEAD;
	int ret = 0;

	memset(result, 0, sizeof(*result));
	pthread_mutex_lock(&f->lock);
	if (f->state != MHSM_STATE_RESTORING)
		ret = -EPROTO;
	for (size_t i = 0; !ret && i < count; i++) {
		const uint8_t *p = records[i].data;

		bytes += mhsm_kernel_load_size(records[i].len);
		/* The domain record must be the first. */
		if (!f->loaded && p[10] != 2) {
			result->reject[result->rejected].index = (uint32_t)i;
			result->reject[result->rejected++].error = -EPROTO;
			continue;
		}
		result->loaded++;
		f->loaded++;
	}
	if (bytes > MHSM_GENL_MESSAGE_MAX)
		ret = -EMSGSIZE;
	f->loads++;
	pthread_mutex_unlock(&f->lock);
	return ret;
}

static int fake_load_done(struct mhsm_kernel *kernel)
{
	struct fake *f = of_kernel(kernel);

	if (!f->loaded)
		return -ENODATA;
	f->load_done++;
	return transition(kernel, NULL, 0, MHSM_STATE_RESTORING, MHSM_STATE_ACTIVE, false);
}

static int fake_lock(struct mhsm_kernel *kernel, const struct mhsm_caller *caller)
{
	return transition(kernel, caller, MHSM_ACT_LOCK, MHSM_STATE_ACTIVE, MHSM_STATE_LOCKED, false);
}

static int fake_zeroize(struct mhsm_kernel *kernel, const struct mhsm_caller *caller)
{
	struct fake *f = of_kernel(kernel);
	int ret;

	pthread_mutex_lock(&f->lock);
	ret = decide_as(f, caller, MHSM_ACT_ZEROIZE);
	if (!ret) {
		f->state = MHSM_STATE_ZEROIZED;
		memset(f->domain, 0, MHSM_ID_LEN);
		f->key_count = 0;
		f->loaded = 0;
	}
	pthread_mutex_unlock(&f->lock);
	return ret;
}

static int fake_ack(struct mhsm_kernel *kernel, uint64_t txid, int error)
{
	struct fake *f = of_kernel(kernel);

	pthread_mutex_lock(&f->lock);
	f->acked_txid = txid;
	f->ack_error = error;
	f->acks++;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
	return 0;
}

static int fake_decide(struct mhsm_kernel *kernel, const struct mhsm_caller *caller, uint32_t action, const char *name)
{
	struct fake *f = of_kernel(kernel);
	int ret;

	(void)name;
	pthread_mutex_lock(&f->lock);
	ret = decide_as(f, caller, action);
	pthread_mutex_unlock(&f->lock);
	return ret;
}

static void fake_close(struct mhsm_kernel *kernel)
{
	(void)kernel;
}

static const struct mhsm_kernel_ops kernel_ops = {
	.status = fake_status,
	.domain_set = fake_domain_set,
	.domain_create = fake_domain_create,
	.domain_export = fake_domain_export,
	.domain_activate = fake_domain_activate,
	.domain_transfer = fake_domain_transfer,
	.domain_unlock = fake_domain_unlock,
	.load = fake_load,
	.load_done = fake_load_done,
	.lock = fake_lock,
	.zeroize = fake_zeroize,
	.ack = fake_ack,
	.decide = fake_decide,
	.close = fake_close,
};

/* --- device --- */

/* Sends a STORE and waits for its ACK, as the kernel does within KEY_CREATE. Must hold the lock. */
static int commit(struct fake *f, const struct mhsm_key_info *info)
{
	uint8_t record[MHSM_BATCH_MAX];
	struct mhsm_kernel_change change = { .record = record };
	uint64_t txid = ++f->next_txid, seen = f->acks;

	if (!f->events.store)
		return -EUNATCH;
	change.len = fake_record(record, 1, f->domain, info->id, info->generation, info->name);
	pthread_mutex_unlock(&f->lock);
	f->events.store(f->events.context, txid, &change, 1);
	pthread_mutex_lock(&f->lock);
	while (f->acks == seen || f->acked_txid < txid)
		pthread_cond_wait(&f->changed, &f->lock);
	return f->ack_error;
}

static uint32_t fake_public_len(uint32_t type, uint32_t param)
{
	static const uint32_t curves[] = {
		[MHSM_CURVE_P256] = 64, [MHSM_CURVE_P384] = 96, [MHSM_CURVE_P521] = 132, [MHSM_CURVE_P256K] = 64,
	};

	switch (type) {
	case MHSM_KEY_EC:
		return curves[param];
	case MHSM_KEY_RSA:
		return param / 8;
	case MHSM_KEY_OKP:
		return 32;
	default:
		return 0;
	}
}

static int key_create(struct fake *f, struct mhsm_ioc_key_create *c)
{
	struct mhsm_key_info *k = &f->keys[f->key_count];
	int ret;

	if (f->key_count == FAKE_KEYS_MAX)
		return -ENOSPC;
	for (size_t i = 0; i < f->key_count; i++)
		if (!strcmp(f->keys[i].name, c->name) && f->keys[i].state == MHSM_KEYSTATE_DELETED)
			return -EEXIST;
	memset(k, 0, sizeof(*k));
	k->serial = ++f->next_serial;
	memcpy(k->id, &k->serial, sizeof(k->serial));
	memset(k->version, 0xab, sizeof(k->version));
	memcpy(k->version, &k->serial, sizeof(k->serial));
	k->type = c->type;
	k->param = c->param;
	k->public_len = fake_public_len(c->type, c->param);
	memset(k->pub, 0x5a, k->public_len);
	k->ops = c->ops ? c->ops : MHSM_OP_SIGN | MHSM_OP_VERIFY;
	k->flags = c->flags & ~MHSM_KEY_NEW_VERSION;
	k->state = MHSM_KEYSTATE_ACTIVE;
	k->owner_kind = MHSM_PRINCIPAL_UID;
	k->owner = f->last_caller.uid;
	k->generation = 1;
	k->created = k->updated = (uint64_t)time(NULL);
	k->not_before = c->not_before;
	k->expires = c->expires;
	snprintf(k->name, sizeof(k->name), "%s", c->name);
	ret = commit(f, k);
	if (ret)
		return ret;
	return KEY_HANDLE + (int)f->key_count++;
}

static int key_list(struct fake *f, struct mhsm_ioc_key_list *l)
{
	struct mhsm_key_info *out = (struct mhsm_key_info *)(uintptr_t)l->infos;
	uint32_t state = l->flags & MHSM_LIST_DELETED ? MHSM_KEYSTATE_DELETED : MHSM_KEYSTATE_ACTIVE, n = 0;

	if (l->info_size != sizeof(*out))
		return -EINVAL;
	for (size_t i = 0; i < f->key_count && n < l->count; i++)
		if (f->keys[i].serial > l->after && f->keys[i].state == state &&
		    (!l->name[0] || !strcmp(l->name, f->keys[i].name)))
			out[n++] = f->keys[i];
	l->count = n;
	return 0;
}

/* Of the version, or the latest, as the kernel has it but for the combinations that it refuses */
static int key_update(struct fake *f, const struct mhsm_ioc_key_update *u)
{
	static const uint8_t latest[MHSM_VERSION_LEN];
	struct mhsm_key_info *k = NULL;

	for (size_t i = 0; i < f->key_count; i++)
		if (!strcmp(f->keys[i].name, u->name) && f->keys[i].state == MHSM_KEYSTATE_ACTIVE &&
		    (!memcmp(u->version, latest, sizeof(latest)) ||
		     !memcmp(u->version, f->keys[i].version, sizeof(latest))))
			k = &f->keys[i];
	if (!k)
		return -ENOENT;
	if (u->what & MHSM_UPDATE_EXPIRES && u->what & MHSM_UPDATE_NOT_BEFORE && u->expires <= u->not_before)
		return -EINVAL;
	if (u->what & MHSM_UPDATE_ENABLED)
		k->flags = (k->flags & ~MHSM_KEY_ENABLED) | (u->flags & MHSM_KEY_ENABLED);
	if (u->what & MHSM_UPDATE_CONSUMERS)
		k->flags = (k->flags & ~MHSM_KEY_CONSUMERS) | (u->flags & MHSM_KEY_CONSUMERS);
	if (u->what & MHSM_UPDATE_REVOKE_LIVE)
		k->flags = (k->flags & ~MHSM_KEY_REVOKE_LIVE) | (u->flags & MHSM_KEY_REVOKE_LIVE);
	if (u->what & MHSM_UPDATE_NOT_BEFORE)
		k->not_before = u->not_before;
	if (u->what & MHSM_UPDATE_EXPIRES)
		k->expires = u->expires;
	k->generation++;
	return 0;
}

/* Sets the state of every version of a name that is in state @from; 0: takes it away. */
static int key_change(struct fake *f, const struct mhsm_ioc_key_name *n, uint32_t from, uint32_t to)
{
	size_t found = 0, kept = 0;

	for (size_t i = 0; i < f->key_count; i++) {
		struct mhsm_key_info k = f->keys[i];

		if (k.state == from && !strcmp(k.name, n->name)) {
			found++;
			if (!to)
				continue;
			k.state = to;
			k.deleted = to == MHSM_KEYSTATE_DELETED ? (uint64_t)time(NULL) : 0;
			k.generation++;
		}
		f->keys[kept++] = k;
	}
	f->key_count = kept;
	return found ? 0 : -ENOENT;
}

static int info(struct fake *f, struct mhsm_ioc_info *i)
{
	i->abi = MHSM_ABI;
	i->state = f->state;
	i->daemon = 1;
	memcpy(i->domain, f->domain, MHSM_ID_LEN);
	i->keys = f->key_count;
	i->audit_batch = f->batch_number;
	return 0;
}

static int key_info(struct fake *f, int handle, struct mhsm_ioc_key_info *k)
{
	if (handle < KEY_HANDLE || (size_t)(handle - KEY_HANDLE) >= f->key_count)
		return -EBADF;
	k->info = f->keys[handle - KEY_HANDLE];
	return 0;
}

static int random_bytes(struct mhsm_ioc_random *r)
{
	memset((void *)(uintptr_t)r->out, 0x5a, r->len);
	return 0;
}

static int call(struct fake *f, int handle, unsigned long request, void *argument)
{
	int ret = f->fail;

	f->fail = 0;
	if (ret)
		return ret;
	if (request == MHSM_IOC_INFO)
		return info(f, argument);
	if (request == MHSM_IOC_KEY_INFO)
		return key_info(f, handle, argument);
	ret = state_error(f);
	if (ret)
		return ret;
	if (f->deny)
		return -EACCES;
	switch (request) {
	case MHSM_IOC_RANDOM:
		return random_bytes(argument);
	case MHSM_IOC_KEY_CREATE:
		return key_create(f, argument);
	case MHSM_IOC_KEY_LIST:
		return key_list(f, argument);
	case MHSM_IOC_KEY_UPDATE:
		return key_update(f, argument);
	case MHSM_IOC_KEY_DELETE:
		return key_change(f, argument, MHSM_KEYSTATE_ACTIVE, MHSM_KEYSTATE_DELETED);
	case MHSM_IOC_KEY_RECOVER:
		return key_change(f, argument, MHSM_KEYSTATE_DELETED, MHSM_KEYSTATE_ACTIVE);
	case MHSM_IOC_KEY_PURGE:
		return key_change(f, argument, MHSM_KEYSTATE_DELETED, 0);
	}
	return -ENOTTY;
}

static int fake_session(struct mhsm_device *device, const struct mhsm_caller *caller)
{
	struct fake *f = of_device(device);

	pthread_mutex_lock(&f->lock);
	if (caller)
		f->last_caller = *caller;
	pthread_mutex_unlock(&f->lock);
	return SESSION;
}

static int fake_call(struct mhsm_device *device, int handle, unsigned long request, void *argument)
{
	struct fake *f = of_device(device);
	int ret;

	pthread_mutex_lock(&f->lock);
	ret = call(f, handle, request, argument);
	if (request != MHSM_IOC_INFO && request != MHSM_IOC_KEY_INFO)
		add_audit(f, MHSM_ACT_KEY_READ, ret < 0 ? ret : 0);
	pthread_mutex_unlock(&f->lock);
	return ret;
}

static void fake_release(struct mhsm_device *device, int handle)
{
	(void)device;
	(void)handle;
}

static int fake_daemon_call(struct mhsm_device *device, unsigned long request, void *argument)
{
	struct fake *f = of_device(device);
	int ret = -ENOTTY;

	pthread_mutex_lock(&f->lock);
	if (request == MHSM_IOC_AUDIT_DRAIN)
		ret = drain(f, argument);
	else if (request == MHSM_IOC_AUDIT_ACK)
		ret = ack_batch(f, argument);
	else if (request == MHSM_IOC_AUDIT_VERIFY)
		ret = verify(f, argument);
	pthread_mutex_unlock(&f->lock);
	return ret;
}

static void fake_device_close(struct mhsm_device *device)
{
	(void)device;
}

static const struct mhsm_device_ops device_ops = {
	.session = fake_session,
	.call = fake_call,
	.release = fake_release,
	.daemon_call = fake_daemon_call,
	.close = fake_device_close,
};

void fake_init(struct fake *f)
{
	memset(f, 0, sizeof(*f));
	f->kernel.ops = &kernel_ops;
	f->device.base.ops = &device_ops;
	f->device.fake = f;
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->changed, NULL);
	memset(f->boot, 0xb0, sizeof(f->boot));
}

void fake_clear(struct fake *f)
{
	pthread_cond_destroy(&f->changed);
	pthread_mutex_destroy(&f->lock);
}

void fake_reboot(struct fake *f)
{
	pthread_mutex_lock(&f->lock);
	f->state = MHSM_STATE_UNPROVISIONED;
	memset(f->domain, 0, sizeof(f->domain));
	f->key_count = 0;
	f->loaded = 0;
	f->record_count = 0;
	f->batch_len = 0;
	f->batch_number = 0;
	f->seq = 0;
	f->begun = false;
	f->boot[0]++;
	memset(f->prev, 0, sizeof(f->prev));
	pthread_mutex_unlock(&f->lock);
}
