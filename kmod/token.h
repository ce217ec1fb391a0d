/* SPDX-License-Identifier: GPL-2.0-only */
/* Volume tokens (formats.md section 5): a data key wrapped under a KEK of the HSM, useless outside it. */
#ifndef _MHSM_TOKEN_H
#define _MHSM_TOKEN_H

#include "kmod/access.h"
#include "kmod/key.h"

/**
 * mhsm_token_make() - wraps @data_key (caller's, it wipes) under @kek, which the caller has in use (op.h).
 * Return: 0, -EINVAL (@alg, @len do not go together), -EOPNOTSUPP (@kek is no AES-256 key), -EACCES (MHSM_TOKEN_RAW, and
 * @kek lets no data key out), -ENOMEM
 */
int mhsm_token_make(struct mhsm_key *kek, u32 alg, const u8 *data_key, size_t len, u8 token[MHSM_TOKEN_LEN]);

/** mhsm_token_alg_valid() - is @alg a cipher that tokens are made for (enum mhsm_token_alg)? */
bool mhsm_token_alg_valid(u32 alg);

/** mhsm_token_key_len_valid() - is @len a length of a data key for @alg? */
bool mhsm_token_key_len_valid(u32 alg, size_t len);

/**
 * mhsm_token_redeem() - opens a token for @who: format, MAC, domain, KEK, policy of the KEK, the unwrap right; one
 * audit record. @alg must be the token's. On success @data_key (empty before) holds the key, and *@kek a reference to
 * the KEK, to which the caller attaches its consumer before it uses the key.
 *
 * -EKEYREJECTED: what has not the form of a token for @alg; and, to who has the right on the KEK that it names, or is an
 * administrator where there is no such KEK, every token that is not one of this HSM's, whatever is wrong with it. -EACCES:
 * no right, whether the token is genuine or not; or the KEK does not allow kernel consumers. -EAGAIN: it would have failed,
 * and @who has failed too often (limit.h). -EKEYREVOKED, -EKEYEXPIRED, -EPERM: the KEK; the state errors; -ENOBUFS.
 * Never waits for a process.
 */
int mhsm_token_redeem(struct mhsm_domain *domain, const struct mhsm_subject *who, u32 alg, const u8 *token, size_t len,
		      struct mhsm_secret *data_key, struct mhsm_key **kek);

/**
 * mhsm_token_release() - the same for a token of MHSM_TOKEN_RAW whose data key is to leave the HSM, which is what is
 * recorded, and what the KEK must allow. May wait for mhsmd, if the KEK counts uses.
 */
int mhsm_token_release(struct mhsm_domain *domain, const struct mhsm_subject *who, const u8 *token, size_t len,
		       struct mhsm_secret *data_key, struct mhsm_key **kek);

/**
 * mhsm_token_open() - to keep a token, of any algorithm, for @who: is it this HSM's, and has @who the unwrap right? One
 * audit record, of KEY_OPEN. *@alg is the token's, *@kek a reference. Errors as of redeem, and -EKEYREVOKED for a KEK
 * that may not be used now.
 */
int mhsm_token_open(struct mhsm_domain *domain, const struct mhsm_subject *who, const u8 *token, size_t len, u32 *alg,
		    struct mhsm_key **kek);

#endif
