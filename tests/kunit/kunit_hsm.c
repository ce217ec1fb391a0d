// SPDX-License-Identifier: GPL-2.0-only
/* See kunit_hsm.h */
#include <linux/mm.h>

#include "kmod/mech.h"
#include "kmod/prim.h"
#include "tests/kunit/kunit_hsm.h"

struct mhsm_domain *kunit_hsm_start(struct kunit *test)
{
	const struct mhsm_genl_admin admin = { MHSM_PRINCIPAL_UID, 0 };
	struct mhsm_domain *domain = mhsm_domain_default();
	u8 id[MHSM_ID_LEN], *record;
	size_t record_len;

	KUNIT_ASSERT_NOT_NULL(test, domain);
	if (domain->state != MHSM_STATE_UNPROVISIONED && domain->state != MHSM_STATE_ZEROIZED)
		KUNIT_ASSERT_EQ(test, mhsm_domain_zeroize(domain), 0);
	KUNIT_ASSERT_EQ(test, mhsm_domain_create(domain, &admin, 1, id, &record, &record_len), 0);
	kvfree(record);
	mhsm_domain_exported(domain);
	KUNIT_ASSERT_EQ(test, mhsm_domain_activate(domain), 0);
	return domain;
}

void kunit_hsm_stop(struct mhsm_domain *domain)
{
	if (domain)
		mhsm_domain_zeroize(domain);
}

static void key_end(void *key)
{
	mhsm_key_put(key);
}

struct mhsm_key *kunit_hsm_key(struct kunit *test, const u8 *material, size_t len, u32 flags)
{
	struct mhsm_domain *domain = mhsm_domain_default();
	static unsigned int number;
	struct mhsm_key *key;
	char name[32];

	snprintf(name, sizeof(name), "kunit-%u", number++);
	key = mhsm_key_new(domain, name, strlen(name));
	KUNIT_ASSERT_FALSE(test, IS_ERR(key));
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, key_end, key), 0);
	key->mech = mhsm_mech_find(MHSM_KEY_AES, 8 * len);
	key->type = MHSM_KEY_AES;
	key->param = 8 * len;
	key->ops = key->mech->ops;
	key->flags = MHSM_KEY_ENABLED | flags;
	key->state = MHSM_KEYSTATE_ACTIVE;
	key->owner_kind = MHSM_PRINCIPAL_UID;
	key->generation = 1;
	mhsm_quota_create(&key->quota, 0, true, false);
	KUNIT_ASSERT_EQ(test, mhsm_prim_random(key->id, sizeof(key->id)), 0);
	KUNIT_ASSERT_EQ(test, mhsm_prim_random(key->version, sizeof(key->version)), 0);
	KUNIT_ASSERT_EQ(test, mhsm_secret_set(&key->secret, material, len), 0);
	KUNIT_ASSERT_EQ(test, mhsm_keytab_reserve(&domain->keys, key, false), 0);
	mhsm_keytab_publish(&domain->keys, key);
	return key;
}

void kunit_hsm_key_purge(struct mhsm_key *key)
{
	mhsm_keytab_remove(&key->domain->keys, key);
	mhsm_key_kill(key);
}
