// SPDX-License-Identifier: GPL-2.0-only
/* The domain and its states: see domain.h */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "kmod/audit.h"
#include "kmod/compat/unaligned.h"
#include "kmod/domain.h"
#include "kmod/hpke.h"
#include "kmod/kdf.h"
#include "kmod/lifecycle.h"
#include "kmod/netlink.h"
#include "kmod/pk/p256.h"
#include "kmod/prim.h"
#include "kmod/seal.h"
#include "kmod/store.h"

#define MASTER_LEN 32
#define DERIVED_LEN 32
#define DATUM_LEN 72
#define DATUM_MAGIC "MHSMDOM1"

static struct mhsm_domain *the_domain;

struct mhsm_domain *mhsm_domain_default(void)
{
	return the_domain;
}

int mhsm_domain_inactive_errno(u32 state)
{
	switch (state) {
	case MHSM_STATE_LOCKED:
	case MHSM_STATE_RESTORING:
		return -ENOKEY;
	case MHSM_STATE_ZEROIZED:
		return -ESHUTDOWN;
	case MHSM_STATE_ERROR:
		return -ENOTRECOVERABLE;
	default:
		return -ENODATA;
	}
}

static void set_state(struct mhsm_domain *domain, u32 state)
{
	mhsm_mutex_assert_held(&domain->lock);
	WRITE_ONCE(domain->state, state);
	mhsm_netlink_state(domain);
}

static int derive(u8 *out, size_t len, const u8 *master, const char *label)
{
	return mhsm_kdf_sp800108(MHSM_SHA512, out, len, master, MASTER_LEN, label, strlen(label), NULL, 0);
}

static int derive_secret(struct mhsm_secret *s, const u8 *master, const char *label)
{
	int ret = mhsm_secret_alloc(s, DERIVED_LEN);

	return ret ? ret : derive(s->data, DERIVED_LEN, master, label);
}

/* Everything below the master. Must hold domain->lock. */
static void forget(struct mhsm_domain *domain)
{
	mhsm_audit_stop(domain->audit);
	mhsm_access_clear(domain);
	mhsm_secret_free(&domain->transfer);
	mhsm_secret_free(&domain->token);
	mhsm_secret_free(&domain->seal);
	mhsm_secret_free(&domain->master);
	domain->record_loaded = false;
	domain->exported = false;
}

/* Takes the master from @master and derives what hangs off it. Must hold domain->lock. */
static int take_master(struct mhsm_domain *domain, const u8 *master, const u8 id[MHSM_ID_LEN])
{
	struct mhsm_secret audit = {};
	int ret;

	ret = mhsm_secret_set(&domain->master, master, MASTER_LEN);
	if (!ret)
		ret = derive_secret(&domain->seal, master, "mhsm seal v1");
	if (!ret)
		ret = derive_secret(&domain->token, master, "mhsm token v1");
	if (!ret)
		ret = derive_secret(&audit, master, "mhsm audit v1");
	if (!ret)
		ret = mhsm_audit_start(domain->audit, id, audit.data);
	mhsm_secret_free(&audit);
	if (ret)
		forget(domain);
	return ret;
}

int mhsm_domain_set(struct mhsm_domain *domain, const u8 id[MHSM_ID_LEN])
{
	int ret = -EPROTO;

	mutex_lock(&domain->transition);
	mhsm_mutex_lock(&domain->lock);
	if (domain->state == MHSM_STATE_UNPROVISIONED) {
		memcpy(domain->id, id, MHSM_ID_LEN);
		set_state(domain, MHSM_STATE_LOCKED);
		ret = 0;
	}
	mhsm_mutex_unlock(&domain->lock);
	mutex_unlock(&domain->transition);
	return ret;
}

static int domain_record(struct mhsm_domain *domain, const struct mhsm_genl_admin *admins, u32 count, u8 **record,
			 size_t *record_len)
{
	u8 public[MHSM_ADMINS_MAX * 8];
	struct mhsm_record r = {
		.kind = MHSM_RECORD_DOMAIN,
		.state = MHSM_KEYSTATE_ACTIVE,
		.generation = 1,
		.created = domain->created,
		.updated = domain->created,
		.public_len = count * 8,
		.name = "",
		.public = public,
	};
	u32 i;
	int ret;

	for (i = 0; i < count; i++) {
		put_unaligned_le32(admins[i].kind, public + 8 * i);
		put_unaligned_le32(admins[i].id, public + 8 * i + 4);
	}
	memcpy(r.domain, domain->id, MHSM_ID_LEN);
	memcpy(r.id, domain->id, MHSM_ID_LEN);
	*record_len = mhsm_record_len(&r);
	*record = kvmalloc(*record_len, GFP_KERNEL);
	if (!*record)
		return -ENOMEM;
	ret = mhsm_seal_make(domain->seal.data, &r, NULL, *record);
	if (ret)
		kvfree(*record);
	return ret;
}

int mhsm_domain_create(struct mhsm_domain *domain, const struct mhsm_genl_admin *admins, u32 count, u8 id[MHSM_ID_LEN],
		       u8 **record, size_t *record_len)
{
	struct mhsm_secret master = {};
	int ret;

	if (!count || count > MHSM_ADMINS_MAX)
		return -EINVAL;
	mutex_lock(&domain->transition);
	mhsm_mutex_lock(&domain->lock);
	ret = -EPROTO;
	if (domain->state != MHSM_STATE_UNPROVISIONED && domain->state != MHSM_STATE_ZEROIZED)
		goto unlock;
	ret = mhsm_secret_alloc(&master, MASTER_LEN);
	if (!ret)
		ret = mhsm_prim_random(master.data, MASTER_LEN);
	if (!ret)
		ret = derive(domain->id, MHSM_ID_LEN, master.data, "mhsm domain id v1");
	if (!ret)
		ret = take_master(domain, master.data, domain->id);
	if (ret)
		goto free_master;
	domain->created = ktime_get_real_seconds();
	ret = mhsm_access_install(domain, admins, count);
	if (!ret)
		ret = domain_record(domain, admins, count, record, record_len);
	if (ret)
		forget(domain);
	else
		set_state(domain, MHSM_STATE_PROVISIONED);
free_master:
	mhsm_secret_free(&master);
	if (ret)
		memset(domain->id, 0, MHSM_ID_LEN);
	memcpy(id, domain->id, MHSM_ID_LEN);
unlock:
	mhsm_mutex_unlock(&domain->lock);
	mutex_unlock(&domain->transition);
	return ret;
}

int mhsm_domain_datum(struct mhsm_domain *domain, u8 datum[72])
{
	int ret = -EPROTO;

	mhsm_mutex_lock(&domain->lock);
	if (domain->state == MHSM_STATE_PROVISIONED) {
		memset(datum, 0, DATUM_LEN);
		memcpy(datum, DATUM_MAGIC, 8);
		memcpy(datum + 8, domain->id, MHSM_ID_LEN);
		put_unaligned_le64(domain->created, datum + 24);
		memcpy(datum + 40, domain->master.data, MASTER_LEN);
		ret = 0;
	}
	mhsm_mutex_unlock(&domain->lock);
	return ret;
}

void mhsm_domain_exported(struct mhsm_domain *domain)
{
	mhsm_mutex_lock(&domain->lock);
	domain->exported = domain->state == MHSM_STATE_PROVISIONED;
	mhsm_mutex_unlock(&domain->lock);
}

int mhsm_domain_activate(struct mhsm_domain *domain)
{
	int ret = -EPROTO;

	mutex_lock(&domain->transition);
	mhsm_mutex_lock(&domain->lock);
	if (domain->state == MHSM_STATE_PROVISIONED && domain->exported) {
		set_state(domain, MHSM_STATE_ACTIVE);
		ret = 0;
	}
	mhsm_mutex_unlock(&domain->lock);
	mutex_unlock(&domain->transition);
	return ret;
}

int mhsm_domain_transfer(struct mhsm_domain *domain, u8 public[65], u8 id[MHSM_ID_LEN])
{
	u8 rnd[40];
	int ret = -EPROTO;

	mhsm_mutex_lock(&domain->lock);
	if (domain->state != MHSM_STATE_LOCKED)
		goto unlock;
	mhsm_secret_free(&domain->transfer);
	ret = mhsm_secret_alloc(&domain->transfer, 32);
	if (!ret)
		ret = mhsm_prim_random(rnd, sizeof(rnd));
	if (!ret)
		ret = mhsm_p256_keygen(domain->transfer.data, domain->transfer_public + 1, rnd);
	memzero_explicit(rnd, sizeof(rnd));
	if (ret) {
		mhsm_secret_free(&domain->transfer);
		goto unlock;
	}
	domain->transfer_public[0] = 4; /* SEC1: uncompressed */
	memcpy(public, domain->transfer_public, sizeof(domain->transfer_public));
	memcpy(id, domain->id, MHSM_ID_LEN);
unlock:
	mhsm_mutex_unlock(&domain->lock);
	return ret;
}

/* Is this the datum of the domain that the HSM waits for? Its id must also follow from its master. */
static int check_datum(struct mhsm_domain *domain, const u8 *datum)
{
	u8 id[MHSM_ID_LEN];
	int ret;

	if (memcmp(datum, DATUM_MAGIC, 8) || get_unaligned_le64(datum + 32))
		return -EBADMSG;
	ret = derive(id, sizeof(id), datum + 40, "mhsm domain id v1");
	if (ret)
		return ret;
	if (memcmp(datum + 8, id, sizeof(id)))
		return -EBADMSG;
	return memcmp(domain->id, id, sizeof(id)) ? -EKEYREJECTED : 0;
}

int mhsm_domain_unlock(struct mhsm_domain *domain, const u8 enc[65], const u8 *ct, size_t ct_len)
{
	u8 info[sizeof(MHSM_GENL_UNLOCK_INFO) - 1 + MHSM_ID_LEN];
	struct mhsm_secret datum = {};
	int ret;

	if (ct_len != DATUM_LEN + MHSM_HPKE_TAG)
		return -EBADMSG;
	mutex_lock(&domain->transition);
	mhsm_mutex_lock(&domain->lock);
	ret = -EPROTO;
	if (domain->state != MHSM_STATE_LOCKED)
		goto unlock;
	ret = -ENOTCONN;
	if (!domain->transfer.data)
		goto unlock;
	memcpy(info, MHSM_GENL_UNLOCK_INFO, sizeof(info) - MHSM_ID_LEN);
	memcpy(info + sizeof(info) - MHSM_ID_LEN, domain->id, MHSM_ID_LEN);
	ret = mhsm_secret_alloc(&datum, DATUM_LEN);
	if (ret)
		goto unlock;
	ret = mhsm_hpke_open(datum.data, MHSM_HPKE_AES_256_GCM, enc, domain->transfer.data, domain->transfer_public,
			     info, sizeof(info), NULL, 0, ct, ct_len);
	if (ret == -EINVAL)
		ret = -EBADMSG; /* enc is no point */
	/* The one-time key is one-time whatever came. */
	mhsm_secret_free(&domain->transfer);
	if (!ret)
		ret = check_datum(domain, datum.data);
	if (!ret)
		ret = take_master(domain, datum.data + 40, domain->id);
	if (ret)
		goto unlock;
	domain->created = get_unaligned_le64(datum.data + 24);
	set_state(domain, MHSM_STATE_RESTORING);
unlock:
	mhsm_mutex_unlock(&domain->lock);
	mutex_unlock(&domain->transition);
	mhsm_secret_free(&datum);
	return ret;
}

static int load_domain_record(struct mhsm_domain *domain, const struct mhsm_record *r)
{
	struct mhsm_genl_admin *admins;
	u32 count = r->public_len / 8, i;
	int ret;

	if (domain->record_loaded)
		return -EEXIST;
	admins = kcalloc(count, sizeof(*admins), GFP_KERNEL);
	if (!admins)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		admins[i].kind = get_unaligned_le32(r->public + 8 * i);
		admins[i].id = get_unaligned_le32(r->public + 8 * i + 4);
	}
	ret = mhsm_access_install(domain, admins, count);
	kfree(admins);
	if (!ret)
		domain->record_loaded = true;
	return ret;
}

int mhsm_domain_load(struct mhsm_domain *domain, const u8 *record, size_t len)
{
	struct mhsm_secret secret = {};
	struct mhsm_record r;
	int ret;

	ret = mhsm_secret_alloc(&secret, MHSM_RECORD_SECRET_MAX);
	if (ret)
		return ret;
	mhsm_mutex_lock(&domain->lock);
	ret = -EPROTO;
	if (domain->state != MHSM_STATE_RESTORING)
		goto unlock;
	ret = mhsm_record_decode(&r, record, len);
	if (!ret && memcmp(r.domain, domain->id, MHSM_ID_LEN))
		ret = -EKEYREJECTED;
	if (!ret)
		ret = mhsm_seal_open(domain->seal.data, record, len, &r, secret.data);
	if (ret)
		goto unlock;
	if (r.kind == MHSM_RECORD_DOMAIN)
		ret = load_domain_record(domain, &r);
	else if (!domain->record_loaded)
		ret = -EPROTO;
	else
		ret = mhsm_lifecycle_load(domain, &r, secret.data);
unlock:
	mhsm_mutex_unlock(&domain->lock);
	mhsm_secret_free(&secret);
	return ret;
}

int mhsm_domain_load_done(struct mhsm_domain *domain)
{
	int ret = -EPROTO;

	mutex_lock(&domain->transition);
	mhsm_mutex_lock(&domain->lock);
	if (domain->state == MHSM_STATE_RESTORING) {
		ret = domain->record_loaded ? 0 : -ENODATA;
		if (!ret)
			set_state(domain, MHSM_STATE_ACTIVE);
	}
	mhsm_mutex_unlock(&domain->lock);
	mutex_unlock(&domain->transition);
	return ret;
}

/* Kills every key. New ones cannot come: the state was changed before. Must hold domain->transition only. */
static void kill_keys(struct mhsm_domain *domain)
{
	struct mhsm_key *key;
	u64 serial = 0;

	/* All begin to die before the first is waited for: they share the grace periods. */
	while ((key = mhsm_keytab_next(&domain->keys, &serial, true))) {
		mhsm_key_kill_start(key);
		mhsm_key_put(key);
	}
	while ((key = mhsm_keytab_take(&domain->keys))) {
		mhsm_key_kill(key);
		mhsm_key_put(key);
	}
}

/* Leaves the HSM without a key or a secret, in @state. Must hold domain->transition. */
static void shut(struct mhsm_domain *domain, u32 state)
{
	mhsm_mutex_lock(&domain->lock);
	set_state(domain, state);
	mhsm_store_abandon(domain->store);
	forget(domain);
	mhsm_mutex_unlock(&domain->lock);
	kill_keys(domain);
}

int mhsm_domain_lock(struct mhsm_domain *domain)
{
	int ret = -EPROTO;

	mutex_lock(&domain->transition);
	if (domain->state == MHSM_STATE_ACTIVE || domain->state == MHSM_STATE_RESTORING) {
		shut(domain, MHSM_STATE_LOCKED);
		ret = 0;
	}
	mutex_unlock(&domain->transition);
	return ret;
}

int mhsm_domain_zeroize(struct mhsm_domain *domain)
{
	int ret = -EPROTO;

	mutex_lock(&domain->transition);
	if (domain->state != MHSM_STATE_UNPROVISIONED && domain->state != MHSM_STATE_ERROR) {
		shut(domain, MHSM_STATE_ZEROIZED);
		mhsm_mutex_lock(&domain->lock);
		memset(domain->id, 0, MHSM_ID_LEN);
		mhsm_mutex_unlock(&domain->lock);
		ret = 0;
	}
	mutex_unlock(&domain->transition);
	return ret;
}

void mhsm_domain_fail(struct mhsm_domain *domain, const char *why)
{
	pr_crit("self-test failed: %s: out of service until the module is loaded anew\n", why);
	mutex_lock(&domain->transition);
	shut(domain, MHSM_STATE_ERROR);
	mutex_unlock(&domain->transition);
}

void mhsm_domain_exit(void)
{
	struct mhsm_domain *domain = the_domain;

	if (!domain)
		return;
	mutex_lock(&domain->transition);
	shut(domain, MHSM_STATE_UNPROVISIONED);
	mutex_unlock(&domain->transition);
	the_domain = NULL;
	mhsm_store_free(domain->store);
	mhsm_audit_free(domain->audit);
	mhsm_keytab_exit(&domain->keys);
	kfree(domain);
}

int mhsm_domain_init(void)
{
	struct mhsm_domain *domain = kzalloc(sizeof(*domain), GFP_KERNEL);
	int ret;

	if (!domain)
		return -ENOMEM;
	mutex_init(&domain->transition);
	mutex_init(&domain->change_lock);
	mhsm_mutex_init(&domain->lock);
	ret = mhsm_keytab_init(&domain->keys);
	if (ret)
		goto free_domain;
	domain->audit = mhsm_audit_new();
	if (IS_ERR(domain->audit)) {
		ret = PTR_ERR(domain->audit);
		goto exit_keytab;
	}
	domain->store = mhsm_store_new(domain);
	if (IS_ERR(domain->store)) {
		ret = PTR_ERR(domain->store);
		goto free_audit;
	}
	the_domain = domain;
	return 0;
free_audit:
	mhsm_audit_free(domain->audit);
exit_keytab:
	mhsm_keytab_exit(&domain->keys);
free_domain:
	kfree(domain);
	return ret;
}
