// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "lib/internal.h"

static int fill(struct mhsm_ioc_derive *io, const struct mhsm_derivation *how)
{
	if (!how || (!how->peer && how->peer_len) || (!how->salt && how->salt_len) || (!how->info && how->info_len) ||
	    how->peer_len > UINT32_MAX || how->salt_len > UINT32_MAX || how->info_len > UINT32_MAX)
		return -EINVAL;
	memset(io, 0, sizeof(*io));
	io->size = sizeof(*io);
	io->alg = how->alg;
	io->kdf = how->kdf;
	io->peer_len = how->peer_len;
	io->salt_len = how->salt_len;
	io->info_len = how->info_len;
	io->peer = mhsm_ptr(how->peer);
	io->salt = mhsm_ptr(how->salt);
	io->info = mhsm_ptr(how->info);
	return 0;
}

int mhsm_derive_bits(int key, const struct mhsm_derivation *how, void *out, size_t *out_len)
{
	struct mhsm_ioc_derive io;
	int ret = fill(&io, how);

	if (ret || !out || !out_len)
		return -EINVAL;
	io.out = mhsm_ptr(out);
	io.out_len = *out_len < UINT32_MAX ? *out_len : UINT32_MAX;
	ret = mhsm_call(key, MHSM_IOC_DERIVE, &io);
	if (!ret || ret == -ERANGE)
		*out_len = io.out_len;
	return ret;
}

int mhsm_derive_key(int key, const struct mhsm_derivation *how, const struct mhsm_key_spec *spec)
{
	struct mhsm_ioc_key_create create;
	struct mhsm_ioc_derive io;
	int ret = fill(&io, how);

	if (!ret)
		ret = mhsm_spec_fill(&create, spec);
	if (ret)
		return ret;
	io.key = mhsm_ptr(&create);
	return mhsm_call(key, MHSM_IOC_DERIVE, &io);
}
