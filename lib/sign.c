// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>

#include "lib/internal.h"

int mhsm_sign(int key, uint32_t alg, uint32_t flags, const void *in, size_t in_len, void *sig, size_t *sig_len)
{
	struct mhsm_ioc_sign io = { .size = sizeof(io), .alg = alg, .flags = flags };
	int ret;

	if ((!in && in_len) || !sig_len || (*sig_len && !sig) || in_len > UINT32_MAX)
		return -EINVAL;
	io.in = mhsm_ptr(in);
	io.in_len = in_len;
	io.sig = mhsm_ptr(sig);
	io.sig_len = *sig_len < UINT32_MAX ? *sig_len : UINT32_MAX;
	ret = mhsm_call(key, MHSM_IOC_SIGN, &io);
	if (!ret || ret == -ERANGE)
		*sig_len = io.sig_len;
	return ret;
}

int mhsm_verify(int key, uint32_t alg, uint32_t flags, const void *in, size_t in_len, const void *sig,
		size_t sig_len)
{
	struct mhsm_ioc_sign io = { .size = sizeof(io), .alg = alg, .flags = flags };

	if ((!in && in_len) || !sig || in_len > UINT32_MAX || sig_len > UINT32_MAX)
		return -EINVAL;
	io.in = mhsm_ptr(in);
	io.in_len = in_len;
	io.sig = mhsm_ptr(sig);
	io.sig_len = sig_len;
	return mhsm_call(key, MHSM_IOC_VERIFY, &io);
}
