// SPDX-License-Identifier: GPL-2.0-only
/*
 * The states of the HSM: kmod/domain.c. Every transition is tried in every state; the table says what it returns and
 * where it leads. What is not allowed must change nothing.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "kmod/compat/unaligned.h"
#include "kmod/audit.h"
#include "kmod/hpke.h"
#include "kmod/lifecycle.h"
#include "kmod/prim.h"
#include "kmod/seal.h"
#include "kmod/store.h"
#include "tests/kunit/kunit_hsm.h"

#define DATUM 72
#define CT (DATUM + MHSM_HPKE_TAG)

static const struct mhsm_genl_admin admin = { MHSM_PRINCIPAL_UID, 0 };

struct fixture {
	struct mhsm_domain *domain;
	/* of the domain that was made last */
	u8 id[MHSM_ID_LEN];
	u8 datum[DATUM];
	u8 *record;
	size_t record_len;
};

/* A module that was just loaded */
static void fresh(struct kunit *test)
{
	struct fixture *f = test->priv;

	mhsm_domain_exit();
	KUNIT_ASSERT_EQ(test, mhsm_domain_init(), 0);
	f->domain = mhsm_domain_default();
	KUNIT_ASSERT_NOT_NULL(test, f->domain);
}

static int domain_init(struct kunit *test)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	test->priv = f;
	fresh(test);
	return 0;
}

static void domain_exit(struct kunit *test)
{
	struct fixture *f = test->priv;

	if (!f)
		return;
	kvfree(f->record);
	mhsm_domain_exit();
	KUNIT_EXPECT_EQ(test, mhsm_domain_init(), 0);
}

/* --- the transitions, with the best arguments that there are ------------------------------------------------------ */

static int do_set(struct fixture *f)
{
	static const u8 id[MHSM_ID_LEN] = { 0x42 };

	return mhsm_domain_set(f->domain, id);
}

static int do_create(struct fixture *f)
{
	u8 id[MHSM_ID_LEN], *record;
	size_t len;
	int ret = mhsm_domain_create(f->domain, &admin, 1, id, &record, &len);

	if (ret)
		return ret;
	kvfree(f->record);
	f->record = record;
	f->record_len = len;
	memcpy(f->id, id, MHSM_ID_LEN);
	return mhsm_domain_datum(f->domain, f->datum);
}

static int do_datum(struct fixture *f)
{
	u8 datum[DATUM];

	return mhsm_domain_datum(f->domain, datum);
}

static int do_activate(struct fixture *f)
{
	return mhsm_domain_activate(f->domain);
}

static int do_transfer(struct fixture *f)
{
	u8 public[65], id[MHSM_ID_LEN];

	return mhsm_domain_transfer(f->domain, public, id);
}

/* Encrypts @datum as a ceremony does, and sends it. */
static int unlock_with(struct fixture *f, const u8 *datum, const u8 *id)
{
	u8 info[sizeof(MHSM_GENL_UNLOCK_INFO) - 1 + MHSM_ID_LEN], enc[65], ct[CT];
	int ret;

	memcpy(info, MHSM_GENL_UNLOCK_INFO, sizeof(info) - MHSM_ID_LEN);
	memcpy(info + sizeof(info) - MHSM_ID_LEN, id, MHSM_ID_LEN);
	ret = mhsm_hpke_seal(enc, ct, MHSM_HPKE_AES_256_GCM, f->domain->transfer_public, info, sizeof(info), NULL, 0, datum,
			     DATUM);
	return ret ? ret : mhsm_domain_unlock(f->domain, enc, ct, sizeof(ct));
}

static int do_unlock(struct fixture *f)
{
	static const u8 nothing[CT];

	if (f->domain->state == MHSM_STATE_LOCKED && f->domain->transfer.data)
		return unlock_with(f, f->datum, f->domain->id);
	return mhsm_domain_unlock(f->domain, nothing, nothing, sizeof(nothing));
}

static int do_load(struct fixture *f)
{
	static const u8 nothing[300];

	return f->record ? mhsm_domain_load(f->domain, f->record, f->record_len) :
			   mhsm_domain_load(f->domain, nothing, sizeof(nothing));
}

static int do_load_done(struct fixture *f)
{
	return mhsm_domain_load_done(f->domain);
}

static int do_lock(struct fixture *f)
{
	return mhsm_domain_lock(f->domain);
}

static int do_zeroize(struct fixture *f)
{
	return mhsm_domain_zeroize(f->domain);
}

/* --- the states, and how to get there ----------------------------------------------------------------------------- */

enum place {
	UNPROVISIONED,
	PROVISIONED, /* without an export */
	EXPORTED,
	ACTIVE,
	LOCKED, /* without a ceremony */
	CEREMONY,
	RESTORING, /* without the domain record */
	LOADED,
	ZEROIZED,
	ERROR,
	PLACES,
};

static const u32 states[PLACES] = {
	[UNPROVISIONED] = MHSM_STATE_UNPROVISIONED,
	[PROVISIONED] = MHSM_STATE_PROVISIONED,
	[EXPORTED] = MHSM_STATE_PROVISIONED,
	[ACTIVE] = MHSM_STATE_ACTIVE,
	[LOCKED] = MHSM_STATE_LOCKED,
	[CEREMONY] = MHSM_STATE_LOCKED,
	[RESTORING] = MHSM_STATE_RESTORING,
	[LOADED] = MHSM_STATE_RESTORING,
	[ZEROIZED] = MHSM_STATE_ZEROIZED,
	[ERROR] = MHSM_STATE_ERROR,
};

static void go(struct kunit *test, enum place place)
{
	struct fixture *f = test->priv;

	fresh(test);
	if (place == UNPROVISIONED)
		return;
	KUNIT_ASSERT_EQ(test, do_create(f), 0);
	if (place == PROVISIONED)
		return;
	mhsm_domain_exported(f->domain);
	if (place == EXPORTED)
		return;
	KUNIT_ASSERT_EQ(test, do_activate(f), 0);
	if (place == ACTIVE)
		return;
	if (place == ERROR) {
		mhsm_domain_fail(f->domain, "a test of KUnit's");
		return;
	}
	if (place == ZEROIZED) {
		KUNIT_ASSERT_EQ(test, do_zeroize(f), 0);
		return;
	}
	KUNIT_ASSERT_EQ(test, do_lock(f), 0);
	if (place == LOCKED)
		return;
	KUNIT_ASSERT_EQ(test, do_transfer(f), 0);
	if (place == CEREMONY)
		return;
	KUNIT_ASSERT_EQ(test, do_unlock(f), 0);
	if (place == RESTORING)
		return;
	KUNIT_ASSERT_EQ(test, do_load(f), 0);
}

struct verdict {
	int ret;
	u32 state; /* afterwards, if ret is 0 */
};

#define NO { -EPROTO }
#define STAY(state) { 0, MHSM_STATE_##state }
#define TO(state) { 0, MHSM_STATE_##state }

static const struct {
	const char *name;
	int (*run)(struct fixture *f);
	struct verdict in[PLACES];
} transitions[] = {
	/* UNPROVISIONED PROVISIONED EXPORTED ACTIVE LOCKED CEREMONY RESTORING LOADED ZEROIZED ERROR */
	{ "set", do_set, { TO(LOCKED), NO, NO, NO, NO, NO, NO, NO, NO, NO } },
	{ "create", do_create, { TO(PROVISIONED), NO, NO, NO, NO, NO, NO, NO, TO(PROVISIONED), NO } },
	{ "datum", do_datum, { NO, STAY(PROVISIONED), STAY(PROVISIONED), NO, NO, NO, NO, NO, NO, NO } },
	{ "activate", do_activate, { NO, NO, TO(ACTIVE), NO, NO, NO, NO, NO, NO, NO } },
	{ "transfer", do_transfer, { NO, NO, NO, NO, STAY(LOCKED), STAY(LOCKED), NO, NO, NO, NO } },
	{ "unlock", do_unlock, { NO, NO, NO, NO, { -ENOTCONN }, TO(RESTORING), NO, NO, NO, NO } },
	{ "load", do_load, { NO, NO, NO, NO, NO, NO, STAY(RESTORING), { -EEXIST }, NO, NO } },
	{ "load_done", do_load_done, { NO, NO, NO, NO, NO, NO, { -ENODATA }, TO(ACTIVE), NO, NO } },
	{ "lock", do_lock, { NO, NO, NO, TO(LOCKED), NO, NO, TO(LOCKED), TO(LOCKED), NO, NO } },
	{ "zeroize", do_zeroize,
	  { NO, TO(ZEROIZED), TO(ZEROIZED), TO(ZEROIZED), TO(ZEROIZED), TO(ZEROIZED), TO(ZEROIZED), TO(ZEROIZED),
	    TO(ZEROIZED), NO } },
};

static bool has_master(const struct mhsm_domain *domain)
{
	return domain->master.data && domain->seal.data && domain->token.data;
}

static bool has_nothing(const struct mhsm_domain *domain)
{
	return !domain->master.data && !domain->seal.data && !domain->token.data && !domain->transfer.data &&
	       !rcu_access_pointer(domain->policy) && !domain->keys.count && !domain->exported &&
	       !domain->record_loaded;
}

static void domain_table(struct kunit *test)
{
	struct fixture *f = test->priv;
	static const u8 zero[MHSM_ID_LEN];
	struct mhsm_domain before;
	const struct verdict *want;
	enum place place;
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(transitions); i++) {
		for (place = 0; place < PLACES; place++) {
			go(test, place);
			KUNIT_ASSERT_EQ(test, f->domain->state, states[place]);
			before = *f->domain;
			want = &transitions[i].in[place];
			ret = transitions[i].run(f);
			KUNIT_EXPECT_EQ_MSG(test, ret, want->ret, "%s in place %d", transitions[i].name, place);
			KUNIT_EXPECT_EQ_MSG(test, f->domain->state, want->ret ? states[place] : want->state,
					    "%s in place %d", transitions[i].name, place);
			if (ret) {
				KUNIT_EXPECT_MEMEQ(test, f->domain->id, before.id, MHSM_ID_LEN);
				KUNIT_EXPECT_EQ(test, f->domain->policy_generation, before.policy_generation);
				KUNIT_EXPECT_PTR_EQ(test, f->domain->master.data, before.master.data);
				KUNIT_EXPECT_PTR_EQ(test, f->domain->transfer.data, before.transfer.data);
				KUNIT_EXPECT_EQ(test, f->domain->exported, before.exported);
				KUNIT_EXPECT_EQ(test, f->domain->record_loaded, before.record_loaded);
			}
			switch (f->domain->state) {
			case MHSM_STATE_PROVISIONED:
			case MHSM_STATE_ACTIVE:
			case MHSM_STATE_RESTORING:
				KUNIT_EXPECT_TRUE(test, has_master(f->domain));
				break;
			case MHSM_STATE_LOCKED:
				mhsm_secret_free(&f->domain->transfer);
				fallthrough;
			default:
				KUNIT_EXPECT_TRUE(test, has_nothing(f->domain));
			}
			KUNIT_EXPECT_EQ(test, !memcmp(f->domain->id, zero, MHSM_ID_LEN),
					f->domain->state == MHSM_STATE_UNPROVISIONED ||
						f->domain->state == MHSM_STATE_ZEROIZED);
		}
	}
}

static void domain_errnos(struct kunit *test)
{
	static const int want[PLACES] = {
		[UNPROVISIONED] = -ENODATA, [PROVISIONED] = -ENODATA, [EXPORTED] = -ENODATA, [LOCKED] = -ENOKEY,
		[CEREMONY] = -ENOKEY,	    [RESTORING] = -ENOKEY,    [LOADED] = -ENOKEY,    [ZEROIZED] = -ESHUTDOWN,
		[ERROR] = -ENOTRECOVERABLE,
	};
	struct fixture *f = test->priv;
	enum place place;

	for (place = 0; place < PLACES; place++) {
		go(test, place);
		KUNIT_EXPECT_EQ(test, mhsm_domain_state_errno(f->domain), want[place]);
	}
}

/* --- the unlock message ------------------------------------------------------------------------------------------- */

static void domain_unlock_wrong(struct kunit *test)
{
	struct fixture *f = test->priv;
	u8 datum[DATUM], other[DATUM], id[MHSM_ID_LEN] = { 1 }, enc[65] = { 4 }, ct[CT] = {};
	size_t i;

	KUNIT_ASSERT_EQ(test, do_create(f), 0);
	memcpy(other, f->datum, DATUM);
	go(test, CEREMONY);

	for (i = 0; i <= sizeof(ct); i++)
		KUNIT_EXPECT_EQ(test, mhsm_domain_unlock(f->domain, enc, ct, i), -EBADMSG);
	/* Of all those only the last had the right length, and it used up the key. */
	KUNIT_EXPECT_EQ(test, do_unlock(f), -ENOTCONN);

	KUNIT_ASSERT_EQ(test, do_transfer(f), 0);
	KUNIT_EXPECT_EQ(test, unlock_with(f, other, f->domain->id), -EKEYREJECTED);
	KUNIT_EXPECT_EQ(test, do_unlock(f), -ENOTCONN);
	KUNIT_ASSERT_EQ(test, do_transfer(f), 0);
	KUNIT_EXPECT_EQ(test, unlock_with(f, f->datum, id), -EBADMSG); /* info of another domain */
	for (i = 0; i < DATUM; i++) {
		/* The time of creation is not checked against anything. */
		if (i >= 24 && i < 32)
			continue;
		memcpy(datum, f->datum, DATUM);
		datum[i] ^= 0x80;
		KUNIT_ASSERT_EQ(test, do_transfer(f), 0);
		KUNIT_EXPECT_EQ_MSG(test, unlock_with(f, datum, f->domain->id), -EBADMSG, "byte %zu", i);
		KUNIT_EXPECT_EQ(test, f->domain->state, (u32)MHSM_STATE_LOCKED);
		KUNIT_EXPECT_TRUE(test, has_nothing(f->domain));
	}
	/* A new one-time key ends the one before. */
	KUNIT_ASSERT_EQ(test, do_transfer(f), 0);
	memcpy(datum, f->domain->transfer_public + 1, 64);
	KUNIT_ASSERT_EQ(test, do_transfer(f), 0);
	KUNIT_EXPECT_MEMNEQ(test, datum, f->domain->transfer_public + 1, 64);
	KUNIT_EXPECT_EQ(test, do_unlock(f), 0);
	KUNIT_EXPECT_EQ(test, f->domain->created, get_unaligned_le64(f->datum + 24));
	KUNIT_EXPECT_MEMEQ(test, f->domain->master.data, f->datum + 40, 32);
}

static void domain_create_arguments(struct kunit *test)
{
	struct mhsm_genl_admin admins[MHSM_ADMINS_MAX + 1];
	struct fixture *f = test->priv;
	u8 id[MHSM_ID_LEN], *record;
	size_t len, i;

	for (i = 0; i < ARRAY_SIZE(admins); i++)
		admins[i] = (struct mhsm_genl_admin){ MHSM_PRINCIPAL_UID, i };
	KUNIT_EXPECT_EQ(test, mhsm_domain_create(f->domain, admins, 0, id, &record, &len), -EINVAL);
	KUNIT_EXPECT_EQ(test, mhsm_domain_create(f->domain, admins, MHSM_ADMINS_MAX + 1, id, &record, &len), -EINVAL);
	admins[1].kind = MHSM_PRINCIPAL_GID;
	KUNIT_EXPECT_EQ(test, mhsm_domain_create(f->domain, admins, 2, id, &record, &len), -EINVAL);
	KUNIT_EXPECT_EQ(test, f->domain->state, (u32)MHSM_STATE_UNPROVISIONED);
	KUNIT_EXPECT_TRUE(test, has_nothing(f->domain));
	KUNIT_EXPECT_NULL(test, memchr_inv(f->domain->id, 0, MHSM_ID_LEN));
	admins[1].kind = MHSM_PRINCIPAL_UID;
	KUNIT_ASSERT_EQ(test, mhsm_domain_create(f->domain, admins, MHSM_ADMINS_MAX, id, &record, &len), 0);
	kvfree(record);
}

/* --- loading ------------------------------------------------------------------------------------------------------ */

struct sealed {
	u8 bytes[MHSM_RECORD_MAX];
	size_t len;
};

static struct mhsm_record aes_record(struct fixture *f)
{
	struct mhsm_record r = {
		.kind = MHSM_RECORD_KEY,
		.state = MHSM_KEYSTATE_ACTIVE,
		.version = { 3 },
		.generation = 2,
		.created = 1000,
		.type = MHSM_KEY_AES,
		.param = 256,
		.ops = MHSM_OP_ENCRYPT,
		.flags = MHSM_KEY_ENABLED,
		.owner_kind = MHSM_PRINCIPAL_UID,
		.owner = 77,
		.secret_len = 32,
		.name = "loaded",
		.name_len = 6,
		.public = (const u8 *)"0123456789012345678901234567890123456789012345678901234567890123456789",
	};
	static u8 number;

	r.id[0] = ++number;
	memcpy(r.domain, f->id, MHSM_ID_LEN);
	return r;
}

/* Loads @r, sealed as this domain does: the result */
static int load(struct kunit *test, struct mhsm_record *r, struct sealed *s)
{
	struct fixture *f = test->priv;
	u8 secret[MHSM_RECORD_SECRET_MAX];

	memset(secret, 0x21, sizeof(secret));
	KUNIT_ASSERT_EQ(test, mhsm_seal_make(f->domain->seal.data, r, secret, s->bytes), 0);
	s->len = mhsm_record_len(r);
	return mhsm_domain_load(f->domain, s->bytes, s->len);
}

static void domain_load_keys(struct kunit *test)
{
	struct fixture *f = test->priv;
	struct sealed *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	struct mhsm_record r, good;
	struct mhsm_key *key;
	size_t i;

	KUNIT_ASSERT_NOT_NULL(test, s);
	go(test, RESTORING);
	r = aes_record(f);
	KUNIT_EXPECT_EQ(test, load(test, &r, s), -EPROTO); /* the domain record is the first */
	KUNIT_EXPECT_EQ(test, f->domain->keys.count, 0ULL);
	KUNIT_ASSERT_EQ(test, do_load(f), 0);
	good = r;
	KUNIT_EXPECT_EQ(test, load(test, &good, s), 0);
	KUNIT_EXPECT_EQ(test, mhsm_domain_load(f->domain, s->bytes, s->len), -EEXIST);
	KUNIT_EXPECT_EQ(test, f->domain->keys.count, 1ULL);

	/* What a mechanism does not know, or does not fit it */
#define WRONG(change, want)                                                                                          \
	do {                                                                                                         \
		r = aes_record(f);                                                                                   \
		change;                                                                                              \
		KUNIT_EXPECT_EQ_MSG(test, load(test, &r, s), want, #change);                                         \
	} while (0)
	WRONG(r.type = 0, -EBADMSG);
	WRONG(r.type = 77, -EBADMSG);
	WRONG(r.type = MHSM_KEY_EC, -EBADMSG);
	WRONG(r.param = 128, -EBADMSG);
	WRONG(r.param = 0, -EBADMSG);
	WRONG(r.secret_len = 16, -EBADMSG);
	WRONG(r.secret_len = 512, -EBADMSG);
	WRONG(r.public_len = 64, -EBADMSG);
	WRONG(r.public_len = 65, -EBADMSG);
	WRONG(r.ops = MHSM_OP_DERIVE, -EBADMSG);
	WRONG(r.ops = 1u << 31, -EBADMSG);
	WRONG(r.flags |= MHSM_KEY_SESSION, -EBADMSG);
	WRONG(r.flags |= MHSM_KEY_NEW_VERSION, -EBADMSG);
	WRONG(r.domain[0] ^= 1, -EKEYREJECTED);
	WRONG(r.state = 3, -EBADMSG);
	WRONG(r.state = MHSM_KEYSTATE_DELETED, -EBADMSG); /* without a time */
	WRONG(r.deleted = 1, -EBADMSG); /* and with one */
	WRONG(r.generation = 0, -EBADMSG);
	WRONG(r.kind = 3, -EBADMSG);
	/* A private key whose public part is another's */
	WRONG((r.type = MHSM_KEY_EC, r.param = MHSM_CURVE_P256, r.ops = MHSM_OP_SIGN, r.public_len = 64), -EBADMSG);
	WRONG((r.type = MHSM_KEY_EC, r.param = MHSM_CURVE_P256, r.ops = MHSM_OP_SIGN), -EBADMSG);
	KUNIT_EXPECT_EQ(test, f->domain->keys.count, 1ULL);

	r = aes_record(f);
	KUNIT_ASSERT_EQ(test, mhsm_seal_make(f->domain->seal.data, &r, f->datum, s->bytes), 0);
	for (i = 0; i < mhsm_record_len(&r); i++) {
		s->bytes[i] ^= 4;
		KUNIT_EXPECT_NE_MSG(test, mhsm_domain_load(f->domain, s->bytes, mhsm_record_len(&r)), 0, "byte %zu", i);
		s->bytes[i] ^= 4;
		KUNIT_EXPECT_EQ(test, mhsm_domain_load(f->domain, s->bytes, i), -EBADMSG);
	}
	KUNIT_EXPECT_EQ(test, f->domain->keys.count, 1ULL);

	r = aes_record(f);
	r.state = MHSM_KEYSTATE_DELETED;
	r.deleted = 1234;
	r.name = "gone";
	r.name_len = 4;
	KUNIT_EXPECT_EQ(test, load(test, &r, s), 0);
	KUNIT_ASSERT_EQ(test, do_load_done(f), 0);
	key = mhsm_keytab_find(&f->domain->keys, "loaded", NULL);
	KUNIT_ASSERT_NOT_NULL(test, key);
	KUNIT_EXPECT_MEMEQ(test, key->id, good.id, MHSM_ID_LEN);
	KUNIT_EXPECT_MEMEQ(test, key->version, good.version, MHSM_VERSION_LEN);
	KUNIT_EXPECT_EQ(test, key->generation, 2ULL);
	KUNIT_EXPECT_EQ(test, key->owner, 77U);
	KUNIT_EXPECT_EQ(test, key->ops, (u32)MHSM_OP_ENCRYPT);
	KUNIT_EXPECT_EQ(test, key->created, 1000ULL);
	KUNIT_EXPECT_EQ(test, key->secret.len, 32UL);
	KUNIT_EXPECT_NULL(test, memchr_inv(key->secret.data, 0x21, 32));
	mhsm_key_put(key);
	key = mhsm_keytab_find(&f->domain->keys, "gone", NULL);
	KUNIT_ASSERT_NOT_NULL(test, key);
	KUNIT_EXPECT_EQ(test, key->state, (u32)MHSM_KEYSTATE_DELETED);
	KUNIT_EXPECT_EQ(test, key->deleted, 1234ULL);
	/* And all of it ends with the lock, for who still holds one too. */
	KUNIT_EXPECT_TRUE(test, mhsm_key_use(key));
	mhsm_key_unuse(key);
	KUNIT_ASSERT_EQ(test, do_lock(f), 0);
	KUNIT_EXPECT_FALSE(test, mhsm_key_use(key));
	KUNIT_EXPECT_NULL(test, key->secret.data);
	mhsm_key_put(key);
	KUNIT_EXPECT_TRUE(test, has_nothing(f->domain));
}

/* Rolled back: a record of an administrator list that another domain sealed, or that is not this one's */
static void domain_record_of_another(struct kunit *test)
{
	struct fixture *f = test->priv;
	u8 *record;
	size_t len;

	go(test, PROVISIONED);
	record = f->record;
	len = f->record_len;
	f->record = NULL;
	go(test, RESTORING);
	KUNIT_EXPECT_EQ(test, mhsm_domain_load(f->domain, record, len), -EKEYREJECTED);
	memcpy(record + 16, f->domain->id, MHSM_ID_LEN);
	memcpy(record + 32, f->domain->id, MHSM_ID_LEN);
	KUNIT_EXPECT_EQ(test, mhsm_domain_load(f->domain, record, len), -EBADMSG);
	KUNIT_EXPECT_EQ(test, do_load_done(f), -ENODATA);
	kvfree(record);
}

static struct kunit_case domain_cases[] = {
	KUNIT_CASE(domain_table),
	KUNIT_CASE(domain_errnos),
	KUNIT_CASE(domain_unlock_wrong),
	KUNIT_CASE(domain_create_arguments),
	KUNIT_CASE(domain_load_keys),
	KUNIT_CASE(domain_record_of_another),
	{}
};

static struct kunit_suite domain_suite = {
	.name = "mhsm_domain",
	.init = domain_init,
	.exit = domain_exit,
	.test_cases = domain_cases,
};
kunit_test_suite(domain_suite);
