/* SPDX-License-Identifier: GPL-2.0-only */
/* The key under which tests wrap data keys */
#ifndef TESTS_KEK_H
#define TESTS_KEK_H

#include "lib/mhsm.h"

/* A stored AES-256 key with @flags (MHSM_KEY_*) besides ENABLED. A key fd, or a negative errno */
static int kek_new(int session, const char *name, uint32_t flags)
{
	const struct mhsm_key_spec spec = {
		.name = name,
		.type = MHSM_KEY_AES,
		.param = 256,
		.flags = MHSM_KEY_ENABLED | flags,
	};

	return mhsm_key_create(session, &spec);
}

#endif
