/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libmhsm: what its files share. Nothing here is exported (libmhsm.map). */
#ifndef _LIBMHSM_INTERNAL_H
#define _LIBMHSM_INTERNAL_H

#include "lib/mhsm.h"

/* ioctl(2) that returns a negative errno instead of -1. */
int mhsm_call(int fd, unsigned long request, void *arg);

/* Copies a key name into a zeroed field of MHSM_NAME_MAX + 1; -EINVAL unless it matches ^[0-9a-zA-Z-]{1,127}$. */
int mhsm_name_copy(char *field, const char *name);

/* What the kernel is told of a key to be made, without material; -EINVAL for no spec or a bad name. */
int mhsm_spec_fill(struct mhsm_ioc_key_create *io, const struct mhsm_key_spec *spec);

static inline uint64_t mhsm_ptr(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

#endif
