/* SPDX-License-Identifier: GPL-2.0-only */
/* The template mhsm(...), its instances of each kind of algorithm, and the paes and phmac names */
#ifndef _MHSM_TEMPLATE_H
#define _MHSM_TEMPLATE_H

#include <crypto/algapi.h>

#include "kmod/crypto_api/inner.h"

int mhsm_template_register(void);
void mhsm_template_unregister(void);

int mhsm_paes_register(void);
void mhsm_paes_unregister(void);

int mhsm_phmac_register(void);
void mhsm_phmac_unregister(void);

/**
 * mhsm_skcipher_create(), mhsm_aead_create(), mhsm_hash_create() - make and register the instance of the algorithm @name,
 * with @mask of who asks. Return: 0, -ENOENT (there is none of this kind), -EINVAL (not on the list of inner.h), -ENOMEM
 */
int mhsm_skcipher_create(struct crypto_template *tmpl, const char *name, u32 mask);
int mhsm_aead_create(struct crypto_template *tmpl, const char *name, u32 mask);
int mhsm_hash_create(struct crypto_template *tmpl, const char *name, u32 mask);

/**
 * mhsm_template_name() - for an instance over the algorithm @child: finds *@inner, names the instance, and gives it the
 * child's properties that every kind has. -EINVAL: not an algorithm on the list.
 */
int mhsm_template_name(struct crypto_template *tmpl, struct crypto_instance *inst, struct crypto_alg *child,
		       const struct mhsm_inner **inner);

#endif
