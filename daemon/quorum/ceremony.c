// SPDX-License-Identifier: GPL-2.0-only
/* See ceremony.h. */
#include <stdarg.h>
#include <stdio.h>
#include <openssl/crypto.h>

#include "daemon/quorum/ceremony.h"
#include "daemon/quorum/jwe_open.h"
#include "uapi/mhsm_genl.h"

/* In OpenSSL's secure heap */
struct secrets {
	u8 share[MHSM_SDFILE_SHARES_MAX * MHSM_SHAMIR_SHARE]; /* in the order of approval */
	u8 master[MHSM_SHAMIR_SECRET]; /* wrapping master */
	u8 cek[MHSM_JWE_CEK];
	u8 content[MHSM_JWE_PADDED(MHSM_SD_DATUM)];
};

struct mhsm_ceremony {
	struct mhsm_sdfile sd;
	unsigned int approved;
	unsigned int order[MHSM_SDFILE_SHARES_MAX]; /* order[i]: which share was approved i-th */
	struct secrets *secrets;
};

static const char *const names[] = {
	[MHSM_ANSWER_OK] = "",
	[MHSM_ANSWER_WRONG_KEY] = "WrongKey",
	[MHSM_ANSWER_ALREADY_APPROVED] = "AlreadyApproved",
	[MHSM_ANSWER_BAD_KEY_FILE] = "BadKeyFile",
	[MHSM_ANSWER_BAD_PASSPHRASE] = "BadPassphrase",
	[MHSM_ANSWER_DAMAGED] = "Damaged",
	[MHSM_ANSWER_WRONG_DOMAIN] = "WrongDomain",
	[MHSM_ANSWER_FAILED] = "Failed",
};

const char *mhsm_answer_name(enum mhsm_answer_code code)
{
	return names[code];
}

enum mhsm_answer_code mhsm_answer_set(struct mhsm_answer *a, enum mhsm_answer_code code,
				      const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(a->message, sizeof(a->message), format, args);
	va_end(args);
	a->code = code;
	return code;
}

int mhsm_ceremony_new(struct mhsm_ceremony **ret, const char *json, size_t len, const char **why)
{
	struct mhsm_ceremony *c = calloc(1, sizeof(*c));
	int err = -ENOMEM;

	if (!c)
		return -ENOMEM;
	c->secrets = OPENSSL_secure_zalloc(sizeof(*c->secrets));
	if (!c->secrets)
		goto err_free;
	err = mhsm_sdfile_parse(&c->sd, json, len, why);
	if (err)
		goto err_free;
	*ret = c;
	return 0;
err_free:
	mhsm_ceremony_free(c);
	return err;
}

void mhsm_ceremony_free(struct mhsm_ceremony *c)
{
	if (!c)
		return;
	OPENSSL_secure_clear_free(c->secrets, sizeof(*c->secrets));
	mhsm_sdfile_free(&c->sd);
	free(c);
}

unsigned int mhsm_ceremony_required(const struct mhsm_ceremony *c)
{
	return c->sd.required;
}

unsigned int mhsm_ceremony_total(const struct mhsm_ceremony *c)
{
	return c->sd.count;
}

unsigned int mhsm_ceremony_approved(const struct mhsm_ceremony *c)
{
	return c->approved;
}

const u8 *mhsm_ceremony_x5t(const struct mhsm_ceremony *c, unsigned int which)
{
	return c->sd.share[which].x5t;
}

/*
 * Finds the share whose content key @key opens, which is left in the secrets. The security domain names certificates,
 * not keys, so that all are tried. Returns its index, or the number of shares if there is none.
 */
static unsigned int find_share(struct mhsm_ceremony *c, EVP_PKEY *key, struct mhsm_jwe *jwe)
{
	unsigned int i;

	for (i = 0; i < c->sd.count; i++)
		if (!mhsm_jwe_parse(jwe, c->sd.share[i].jwe, strlen(c->sd.share[i].jwe)) &&
		    !mhsm_jwe_open_key(jwe, key, c->secrets->cek))
			break;
	return i;
}

static enum mhsm_answer_code no_share(struct mhsm_ceremony *c, const u8 *x5t, struct mhsm_answer *a)
{
	unsigned int i;

	for (i = 0; x5t && i < c->sd.count; i++)
		if (!memcmp(x5t, c->sd.share[i].x5t, MHSM_SDFILE_X5T))
			return mhsm_answer_set(a, MHSM_ANSWER_DAMAGED,
				"the share of this certificate does not open with its key: the security "
				"domain file is damaged; restore it from another copy");
	return mhsm_answer_set(a, MHSM_ANSWER_WRONG_KEY,
		"this key opens no share of this security domain: give the private key of one of the "
		"certificates that it was downloaded for");
}

/* Opens the content of share @which to where the next share goes; false if it is damaged */
static bool take_share(struct mhsm_ceremony *c, const struct mhsm_jwe *jwe)
{
	u8 *share = c->secrets->share + c->approved * MHSM_SHAMIR_SHARE;
	unsigned int i, x;
	bool ok = false;
	size_t len;

	if (jwe->ct_len != MHSM_JWE_PADDED(MHSM_SHAMIR_SHARE) ||
	    mhsm_jwe_open_content(jwe, c->secrets->cek, c->secrets->content, &len) ||
	    len != MHSM_SHAMIR_SHARE)
		return false;
	x = mhsm_shamir_x(c->secrets->content);
	if (x) {
		ok = true;
		for (i = 0; i < c->approved; i++)
			if (mhsm_shamir_x(c->secrets->share + i * MHSM_SHAMIR_SHARE) == x)
				ok = false;
	}
	if (ok)
		memcpy(share, c->secrets->content, MHSM_SHAMIR_SHARE);
	OPENSSL_cleanse(c->secrets->content, sizeof(c->secrets->content));
	return ok;
}

enum mhsm_answer_code mhsm_ceremony_approve(struct mhsm_ceremony *c, EVP_PKEY *key, const u8 *x5t,
					    unsigned int *which, struct mhsm_answer *a)
{
	struct mhsm_jwe *jwe;
	unsigned int found, i;
	bool ok;

	if (c->approved == c->sd.required)
		return mhsm_answer_set(a, MHSM_ANSWER_FAILED, "the quorum is already complete");
	jwe = malloc(sizeof(*jwe));
	if (!jwe)
		return mhsm_answer_set(a, MHSM_ANSWER_FAILED, "out of memory");
	found = find_share(c, key, jwe);
	for (i = 0; i < c->approved; i++)
		if (c->order[i] == found)
			break;
	ok = found < c->sd.count && i == c->approved && take_share(c, jwe);
	OPENSSL_cleanse(c->secrets->cek, sizeof(c->secrets->cek));
	free(jwe);
	if (found == c->sd.count)
		return no_share(c, x5t, a);
	if (i < c->approved)
		return mhsm_answer_set(a, MHSM_ANSWER_ALREADY_APPROVED,
			"the custodian of this key has approved already: %u of %u have",
			c->approved, c->sd.required);
	if (!ok)
		return mhsm_answer_set(a, MHSM_ANSWER_DAMAGED,
			"the share of this key does not open: the security domain file is damaged; "
			"restore it from another copy");
	c->order[c->approved++] = found;
	*which = found;
	return mhsm_answer_set(a, MHSM_ANSWER_OK, "%s", "");
}

/* Opens the datum to secrets->content with the master that the shares make */
static bool open_datum(struct mhsm_ceremony *c)
{
	static const u8 zero[8];
	struct secrets *s = c->secrets;
	struct mhsm_jwe *jwe;
	size_t len = 0;
	bool ok;

	jwe = malloc(sizeof(*jwe));
	if (!jwe)
		return false;
	ok = !mhsm_shamir_combine(s->master, s->share, c->sd.required) &&
	     !mhsm_kdf_sp800108(MHSM_SHA512, s->cek, sizeof(s->cek), s->master, sizeof(s->master), c->sd.tag,
				strlen(c->sd.tag), NULL, 0) &&
	     !mhsm_jwe_parse(jwe, c->sd.datum, strlen(c->sd.datum)) && jwe->alg == MHSM_JWE_DIR &&
	     !strcmp(jwe->kid, c->sd.tag) && jwe->ct_len == sizeof(s->content) &&
	     !mhsm_jwe_open_content(jwe, s->cek, s->content, &len) && len == MHSM_SD_DATUM &&
	     !memcmp(s->content, "MHSMDOM1", 8) && !memcmp(s->content + 32, zero, 8);
	free(jwe);
	OPENSSL_cleanse(s->master, sizeof(s->master));
	OPENSSL_cleanse(s->cek, sizeof(s->cek));
	return ok;
}

static enum mhsm_answer_code make_message(struct mhsm_ceremony *c, const u8 *domain, const u8 *public,
					  u8 *enc, u8 *ct, struct mhsm_answer *a)
{
	u8 info[sizeof(MHSM_GENL_UNLOCK_INFO) - 1 + MHSM_ID_LEN];

	if (strcmp(c->sd.tag, MHSM_DATUM_TAG) || !open_datum(c))
		return mhsm_answer_set(a, MHSM_ANSWER_DAMAGED,
			"the shares do not open the domain datum: the security domain file is damaged or "
			"put together from several; restore it from another copy");
	if (memcmp(c->secrets->content + 8, domain, MHSM_ID_LEN))
		return mhsm_answer_set(a, MHSM_ANSWER_WRONG_DOMAIN,
			"this security domain is of another HSM than the one whose keys are stored here: "
			"restore the security domain file that belongs to the store");
	memcpy(info, MHSM_GENL_UNLOCK_INFO, sizeof(MHSM_GENL_UNLOCK_INFO) - 1);
	memcpy(info + sizeof(MHSM_GENL_UNLOCK_INFO) - 1, domain, MHSM_ID_LEN);
	if (mhsm_hpke_seal(enc, ct, MHSM_HPKE_AES_256_GCM, public, info, sizeof(info), NULL, 0,
			   c->secrets->content, MHSM_SD_DATUM))
		return mhsm_answer_set(a, MHSM_ANSWER_FAILED,
			"cannot encrypt to the kernel's one-time key: end the ceremony and begin another");
	return mhsm_answer_set(a, MHSM_ANSWER_OK, "%s", "");
}

enum mhsm_answer_code mhsm_ceremony_unlock(struct mhsm_ceremony *c, const u8 domain[MHSM_ID_LEN],
					   const u8 public[MHSM_HPKE_ENC], u8 enc[MHSM_HPKE_ENC],
					   u8 ct[MHSM_UNLOCK_CT], struct mhsm_answer *a)
{
	if (c->approved < c->sd.required)
		return mhsm_answer_set(a, MHSM_ANSWER_FAILED, "the quorum is not complete");
	make_message(c, domain, public, enc, ct, a);
	OPENSSL_cleanse(c->secrets->content, sizeof(c->secrets->content));
	if (a->code == MHSM_ANSWER_OK) {
		OPENSSL_cleanse(c->secrets, sizeof(*c->secrets));
	} else {
		c->approved--;
		OPENSSL_cleanse(c->secrets->share + c->approved * MHSM_SHAMIR_SHARE, MHSM_SHAMIR_SHARE);
	}
	return a->code;
}
