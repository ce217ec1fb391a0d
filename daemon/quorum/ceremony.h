/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One ceremony: custodians' keys open shares, a quorum of shares opens the domain datum, and that is encrypted to the
 * kernel's one-time key. Pure logic, with no descriptors and no messages. All secrets of it are in one block of locked
 * memory, wiped as soon as they are not needed.
 */
#ifndef _MHSM_CEREMONY_H
#define _MHSM_CEREMONY_H

#include <openssl/evp.h>

#include "daemon/quorum/sdfile.h"
#include "kmod/hpke.h"
#include "kmod/sdexport.h"
#include "uapi/mhsm.h"

#define MHSM_UNLOCK_CT (MHSM_SD_DATUM + MHSM_HPKE_TAG)

/* What a custodian is told */
enum mhsm_answer_code {
	MHSM_ANSWER_OK,
	MHSM_ANSWER_WRONG_KEY, /* the key opens no share of this security domain */
	MHSM_ANSWER_ALREADY_APPROVED,
	MHSM_ANSWER_BAD_KEY_FILE,
	MHSM_ANSWER_BAD_PASSPHRASE,
	MHSM_ANSWER_DAMAGED, /* a share or the datum does not open */
	MHSM_ANSWER_WRONG_DOMAIN,
	MHSM_ANSWER_FAILED,
};

struct mhsm_answer {
	enum mhsm_answer_code code;
	char message[256]; /* empty if OK */
};

/** mhsm_answer_name() - the code as clients know it */
const char *mhsm_answer_name(enum mhsm_answer_code code);

/** mhsm_answer_set() - sets both and returns @code */
enum mhsm_answer_code mhsm_answer_set(struct mhsm_answer *a, enum mhsm_answer_code code,
				      const char *format, ...)
	__attribute__((format(printf, 3, 4)));

struct mhsm_ceremony;

/**
 * mhsm_ceremony_new() - begins a ceremony for the security domain file @json
 * @why: on -EBADMSG, what is wrong with the file
 */
int mhsm_ceremony_new(struct mhsm_ceremony **ret, const char *json, size_t len, const char **why);

/** mhsm_ceremony_free() - wipes; NULL is allowed */
void mhsm_ceremony_free(struct mhsm_ceremony *c);

unsigned int mhsm_ceremony_required(const struct mhsm_ceremony *c);
unsigned int mhsm_ceremony_total(const struct mhsm_ceremony *c);
unsigned int mhsm_ceremony_approved(const struct mhsm_ceremony *c);

/**
 * mhsm_ceremony_approve() - opens the share that @key is for, and keeps it
 * @x5t: thumbprint of the certificate that came with the key, or NULL; only used to tell a damaged share from a key
 *	that has none
 * @which: set to the index of the share on success
 *
 * Any other answer than OK leaves the ceremony as it was.
 */
enum mhsm_answer_code mhsm_ceremony_approve(struct mhsm_ceremony *c, EVP_PKEY *key, const u8 *x5t,
					    unsigned int *which, struct mhsm_answer *a);

/** mhsm_ceremony_x5t() - thumbprint of the certificate of share @which */
const u8 *mhsm_ceremony_x5t(const struct mhsm_ceremony *c, unsigned int which);

/**
 * mhsm_ceremony_unlock() - with a quorum approved: makes the unlock message (doc/formats.md, section 4)
 * @domain: the domain that the kernel waits for
 * @public: the kernel's one-time key
 * @enc, @ct: the message
 *
 * On OK all shares are wiped. On any other answer the share approved last is forgotten again, so that another custodian
 * can take its place.
 */
enum mhsm_answer_code mhsm_ceremony_unlock(struct mhsm_ceremony *c, const u8 domain[MHSM_ID_LEN],
					   const u8 public[MHSM_HPKE_ENC], u8 enc[MHSM_HPKE_ENC],
					   u8 ct[MHSM_UNLOCK_CT], struct mhsm_answer *a);

#endif
