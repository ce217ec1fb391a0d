// SPDX-License-Identifier: GPL-2.0-only
/* The reference monitor: kmod/access.c. The table says for every action who may; all others may not. */
#include <kunit/test.h>
#include <linux/cred.h>

#include "kmod/access.h"
#include "tests/kunit/kunit_hsm.h"

#define ADMIN 100u
#define OWNER 200u
#define STRANGER 300u

enum who { W_ADMIN = 1, W_OWNER = 2, W_STRANGER = 4, W_ROOT = 8 };
#define W_ALL (W_ADMIN | W_OWNER | W_STRANGER | W_ROOT)

/* With a key of OWNER; without one; in a locked HSM (without a policy or a key); in one without a domain */
static const struct {
	u32 action;
	u32 with_key;
	u32 without_key;
	u32 locked;
	u32 none;
} table[] = {
	{ MHSM_ACT_KEY_OPEN, W_ALL, W_ALL, W_ALL, W_ALL }, /* and then right by right */
	{ MHSM_ACT_KEY_CREATE, W_ADMIN, W_ADMIN, 0, 0 },
	{ MHSM_ACT_KEY_IMPORT, W_ADMIN, W_ADMIN, 0, 0 },
	{ MHSM_ACT_KEY_LIST, W_ALL, W_ALL, W_ALL, W_ALL },
	{ MHSM_ACT_KEY_READ, W_ADMIN | W_OWNER, W_ADMIN, 0, 0 },
	{ MHSM_ACT_KEY_UPDATE, W_ADMIN | W_OWNER, W_ADMIN, 0, 0 },
	{ MHSM_ACT_KEY_DELETE, W_ADMIN | W_OWNER, W_ADMIN, 0, 0 },
	{ MHSM_ACT_KEY_RECOVER, W_ADMIN | W_OWNER, W_ADMIN, 0, 0 },
	{ MHSM_ACT_KEY_PURGE, W_ADMIN | W_OWNER, W_ADMIN, 0, 0 },
	{ MHSM_ACT_ENCRYPT, W_OWNER, 0, 0, 0 },
	{ MHSM_ACT_DECRYPT, W_OWNER, 0, 0, 0 },
	{ MHSM_ACT_SIGN, W_OWNER, 0, 0, 0 },
	{ MHSM_ACT_VERIFY, W_OWNER, 0, 0, 0 },
	{ MHSM_ACT_WRAP, W_OWNER, 0, 0, 0 },
	{ MHSM_ACT_UNWRAP, W_OWNER, 0, 0, 0 },
	{ MHSM_ACT_TOKEN_CREATE, W_OWNER, 0, 0, 0 },
	{ MHSM_ACT_TOKEN_REDEEM, W_OWNER, W_ADMIN, 0, 0 },
	{ MHSM_ACT_KEY_RELEASE, W_OWNER, W_ADMIN, 0, 0 },
	{ MHSM_ACT_RANDOM, W_ALL, W_ALL, W_ALL, W_ALL },
	{ MHSM_ACT_PROVISION, W_ADMIN, W_ADMIN, 0, W_ROOT },
	{ MHSM_ACT_DOMAIN_DOWNLOAD, W_ADMIN, W_ADMIN, 0, 0 },
	{ MHSM_ACT_DOMAIN_UPLOAD, W_ADMIN, W_ADMIN, W_ALL, 0 },
	{ MHSM_ACT_LOCK, W_ADMIN, W_ADMIN, 0, 0 },
	{ MHSM_ACT_ZEROIZE, W_ADMIN, W_ADMIN, W_ROOT, 0 },
	{ MHSM_ACT_AUDIT_READ, W_ADMIN, W_ADMIN, 0, 0 },
	{ MHSM_ACT_AUDIT_VERIFY, W_ADMIN, W_ADMIN, 0, 0 },
	{ MHSM_ACT_DAEMON_ATTACH, W_ALL, W_ALL, W_ALL, W_ALL },
	{ MHSM_ACT_DERIVE, W_OWNER, 0, 0, 0 },
	{ MHSM_ACT_DERIVE_BITS, W_OWNER, 0, 0, 0 },
};

static const struct {
	enum who who;
	u32 uid;
} principals[] = { { W_ADMIN, ADMIN }, { W_OWNER, OWNER }, { W_STRANGER, STRANGER }, { W_ROOT, 0 } };

static void decide(struct kunit *test, struct mhsm_domain *domain, const struct mhsm_key *key, u32 action, u32 allowed,
		   const char *when)
{
	struct mhsm_subject who = { .via = MHSM_VIA_IOCTL };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(principals); i++) {
		who.kind = MHSM_PRINCIPAL_UID;
		who.principal = principals[i].uid;
		/* Only the principal counts, not who calls: mhsmd calls for others. */
		who.uid = principals[ARRAY_SIZE(principals) - 1 - i].uid;
		KUNIT_EXPECT_EQ_MSG(test, mhsm_access_check(domain, &who, action, key),
				    allowed & principals[i].who ? 0 : -EACCES, "action %u, uid %u, %s", action,
				    who.principal, when);
		/* A group of the same number is somebody else. */
		if (!principals[i].uid || allowed == W_ALL)
			continue;
		who.kind = MHSM_PRINCIPAL_GID;
		KUNIT_EXPECT_EQ_MSG(test, mhsm_access_check(domain, &who, action, key), -EACCES,
				    "action %u, gid %u, %s", action, who.principal, when);
	}
}

static void access_table(struct kunit *test)
{
	const struct mhsm_genl_admin admin = { MHSM_PRINCIPAL_UID, ADMIN };
	struct mhsm_domain *domain = kunit_hsm_start(test);
	u8 material[32] = { 1 };
	struct mhsm_key *key = kunit_hsm_key(test, material, sizeof(material), 0);
	u64 generation = domain->policy_generation;
	size_t i;

	key->owner = OWNER;
	mhsm_mutex_lock(&domain->lock);
	KUNIT_EXPECT_EQ(test, mhsm_access_install(domain, &admin, 1), 0);
	mhsm_mutex_unlock(&domain->lock);
	KUNIT_EXPECT_EQ(test, domain->policy_generation, generation + 1);

	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(table), (size_t)MHSM_ACT_MAX);
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		decide(test, domain, key, table[i].action, table[i].with_key, "with a key");
		decide(test, domain, NULL, table[i].action, table[i].without_key, "without");
	}
	decide(test, domain, key, 0, 0, "no action");
	decide(test, domain, key, MHSM_ACT_MAX + 1, 0, "no action");
	decide(test, domain, key, U32_MAX, 0, "no action");

	KUNIT_ASSERT_EQ(test, mhsm_domain_lock(domain), 0);
	KUNIT_EXPECT_EQ(test, domain->policy_generation, generation + 2);
	for (i = 0; i < ARRAY_SIZE(table); i++)
		decide(test, domain, NULL, table[i].action, table[i].locked, "locked");
	/* Restoring, and nobody knows yet, or ever will, who administers */
	WRITE_ONCE(domain->state, MHSM_STATE_RESTORING);
	for (i = 0; i < ARRAY_SIZE(table); i++)
		decide(test, domain, NULL, table[i].action,
		       table[i].action == MHSM_ACT_LOCK		 ? W_ROOT :
		       table[i].action == MHSM_ACT_DOMAIN_UPLOAD ? 0 :
								   table[i].locked,
		       "restoring");
	WRITE_ONCE(domain->state, MHSM_STATE_LOCKED);
	KUNIT_ASSERT_EQ(test, mhsm_domain_zeroize(domain), 0);
	for (i = 0; i < ARRAY_SIZE(table); i++)
		decide(test, domain, NULL, table[i].action, table[i].none, "zeroized");
}

static void access_install(struct kunit *test)
{
	struct mhsm_genl_admin admins[MHSM_ADMINS_MAX + 1];
	struct mhsm_subject who = { .kind = MHSM_PRINCIPAL_UID };
	struct mhsm_domain *domain = kunit_hsm_start(test);
	u64 generation = domain->policy_generation;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(admins); i++)
		admins[i] = (struct mhsm_genl_admin){ MHSM_PRINCIPAL_UID, 1000 + i };
	mhsm_mutex_lock(&domain->lock);
	KUNIT_EXPECT_EQ(test, mhsm_access_install(domain, admins, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, mhsm_access_install(domain, admins, MHSM_ADMINS_MAX + 1), -EINVAL);
	admins[63].kind = MHSM_PRINCIPAL_GID;
	KUNIT_EXPECT_EQ(test, mhsm_access_install(domain, admins, MHSM_ADMINS_MAX), -EINVAL);
	/* What was refused changed nothing. */
	KUNIT_EXPECT_EQ(test, domain->policy_generation, generation);
	KUNIT_EXPECT_EQ(test, mhsm_access_check(domain, &who, MHSM_ACT_LOCK, NULL), 0);
	admins[63].kind = MHSM_PRINCIPAL_UID;
	KUNIT_EXPECT_EQ(test, mhsm_access_install(domain, admins, MHSM_ADMINS_MAX), 0);
	mhsm_mutex_unlock(&domain->lock);
	KUNIT_EXPECT_EQ(test, mhsm_access_check(domain, &who, MHSM_ACT_LOCK, NULL), -EACCES);
	for (i = 0; i < ARRAY_SIZE(admins); i++) {
		who.principal = 1000 + i;
		KUNIT_EXPECT_EQ(test, mhsm_access_check(domain, &who, MHSM_ACT_LOCK, NULL),
				i < MHSM_ADMINS_MAX ? 0 : -EACCES);
	}
	mhsm_mutex_lock(&domain->lock);
	mhsm_access_clear(domain);
	mhsm_mutex_unlock(&domain->lock);
	who.principal = 1000;
	KUNIT_EXPECT_EQ(test, mhsm_access_check(domain, &who, MHSM_ACT_LOCK, NULL), -EACCES);
}

static void access_subject(struct kunit *test)
{
	struct cred *cred = prepare_creds();
	const struct cred *old;
	struct mhsm_subject who;

	KUNIT_ASSERT_NOT_NULL(test, cred);
	cred->euid = make_kuid(&init_user_ns, 4321);
	old = override_creds(cred);
	mhsm_subject_current(&who, MHSM_VIA_KERNEL);
	revert_creds(old);
	put_cred(cred);
	KUNIT_EXPECT_EQ(test, who.kind, (u32)MHSM_PRINCIPAL_UID);
	KUNIT_EXPECT_EQ(test, who.principal, 4321U);
	KUNIT_EXPECT_EQ(test, who.uid, 4321U);
	KUNIT_EXPECT_EQ(test, who.pid, (u32)current->tgid);
	KUNIT_EXPECT_EQ(test, who.via, (u32)MHSM_VIA_KERNEL);
}

static void access_exit(struct kunit *test)
{
	kunit_hsm_stop(mhsm_domain_default());
}

static struct kunit_case access_cases[] = {
	KUNIT_CASE(access_table),
	KUNIT_CASE(access_install),
	KUNIT_CASE(access_subject),
	{}
};

static struct kunit_suite access_suite = {
	.name = "mhsm_access",
	.exit = access_exit,
	.test_cases = access_cases,
};
kunit_test_suite(access_suite);
