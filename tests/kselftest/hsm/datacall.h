/* SPDX-License-Identifier: GPL-2.0-only */
/* Data calls for tests of BATCH and of io_uring: a key of each type, and calls that are right with buffers of their own */
#ifndef TESTS_DATACALL_H
#define TESTS_DATACALL_H

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/retry.h"

enum datakey { K_AES, K_EC, K_OKP, K_RSA, KEYS };

static const struct {
	uint32_t type, param, alg;
} datakeys[KEYS] = {
	[K_AES] = { MHSM_KEY_AES, 256, 0 },
	[K_EC] = { MHSM_KEY_EC, MHSM_CURVE_P256, MHSM_ALG_ES256 },
	[K_OKP] = { MHSM_KEY_OKP, MHSM_CURVE_ED25519, MHSM_ALG_EDDSA },
	[K_RSA] = { MHSM_KEY_RSA, 2048, MHSM_ALG_RS256 },
};

/* One call: its struct, and what that points to */
struct datacall {
	union {
		struct mhsm_ioc_crypt crypt;
		struct mhsm_ioc_sign sign;
	} io;
	unsigned long code;
	enum datakey key;
	uint8_t iv[12], tag[16], aad[20], in[80], out[96], sig[256];
};

/* A session key with all operations of its type, or a stored one with a name; a negative errno */
__attribute__((unused)) static int datakey_new(int session, enum datakey key, const char *name)
{
	const struct mhsm_key_spec spec = {
		.name = name,
		.type = datakeys[key].type,
		.param = datakeys[key].param,
		.flags = MHSM_KEY_ENABLED | (name ? 0 : MHSM_KEY_SESSION),
	};

	return mhsm_key_create(session, &spec);
}

static void datacall_fill(struct datacall *d, unsigned int n)
{
	memset(d, 0, sizeof(*d));
	memset(d->in, (int)n, sizeof(d->in));
	memcpy(d->iv, &n, sizeof(n));
	memset(d->aad, 7, sizeof(d->aad));
}

/* ENCRYPT of 64 bytes by AES-GCM, different for each @n */
__attribute__((unused)) static void datacall_encrypt(struct datacall *d, unsigned int n)
{
	datacall_fill(d, n);
	d->code = MHSM_IOC_ENCRYPT;
	d->key = K_AES;
	d->io.crypt = (struct mhsm_ioc_crypt){
		.size = sizeof(d->io.crypt), .alg = MHSM_ALG_AES_GCM,
		.iv_len = sizeof(d->iv), .tag_len = sizeof(d->tag), .aad_len = sizeof(d->aad), .in_len = 64, .out_len = 64,
		.iv = (uintptr_t)d->iv, .tag = (uintptr_t)d->tag, .aad = (uintptr_t)d->aad,
		.in = (uintptr_t)d->in, .out = (uintptr_t)d->out,
	};
}

/* WRAP of 32 bytes by AES-KW */
__attribute__((unused)) static void datacall_wrap(struct datacall *d, unsigned int n)
{
	datacall_fill(d, n);
	d->code = MHSM_IOC_WRAP;
	d->key = K_AES;
	d->io.crypt = (struct mhsm_ioc_crypt){
		.size = sizeof(d->io.crypt), .alg = MHSM_ALG_AES_KW, .in_len = 32, .out_len = 40,
		.in = (uintptr_t)d->in, .out = (uintptr_t)d->out,
	};
}

/* SIGN of a digest, or with EdDSA of a message, of 32 bytes */
__attribute__((unused)) static void datacall_sign(struct datacall *d, enum datakey key, unsigned int n)
{
	datacall_fill(d, n);
	d->code = MHSM_IOC_SIGN;
	d->key = key;
	d->io.sign = (struct mhsm_ioc_sign){
		.size = sizeof(d->io.sign), .alg = datakeys[key].alg, .flags = key == K_OKP ? MHSM_SIGN_MESSAGE : 0,
		.in_len = 32, .sig_len = sizeof(d->sig), .in = (uintptr_t)d->in, .sig = (uintptr_t)d->sig,
	};
}

/* What undoes, or verifies, a call that succeeded, in the same buffers: its output is its input */
__attribute__((unused)) static void datacall_reverse(struct datacall *d)
{
	if (d->code == MHSM_IOC_SIGN) {
		d->code = MHSM_IOC_VERIFY;
		return;
	}
	d->code = d->code == MHSM_IOC_ENCRYPT ? MHSM_IOC_DECRYPT : MHSM_IOC_UNWRAP;
	d->io.crypt.in = (uintptr_t)d->out;
	d->io.crypt.in_len = d->io.crypt.out_len;
	d->io.crypt.out = (uintptr_t)d->in;
	d->io.crypt.out_len = sizeof(d->in);
	memset(d->in, 0, sizeof(d->in));
}

/* Is the input of call @n there again, after its reverse? */
__attribute__((unused)) static int datacall_restored(const struct datacall *d, unsigned int n)
{
	size_t len = d->code == MHSM_IOC_VERIFY ? 32 : d->io.crypt.out_len;

	for (size_t i = 0; i < len; i++)
		if (d->in[i] != (uint8_t)n)
			return 0;
	return 1;
}

/* One by itself; a program that is faster than the auditor waits for it */
__attribute__((unused)) static long datacall_ioctl(struct datacall *d, int fd)
{
	return retry_ioctl(fd, d->code, &d->io);
}

/* A mix of everything: call @n of many */
__attribute__((unused)) static void datacall_mixed(struct datacall *d, unsigned int n)
{
	switch (n % 8) {
	case 1:
		datacall_wrap(d, n);
		break;
	case 3:
		datacall_sign(d, K_EC, n);
		break;
	case 5:
		datacall_sign(d, K_OKP, n);
		break;
	case 7:
		if (n % 32 == 7)
			datacall_sign(d, K_RSA, n);
		else
			datacall_wrap(d, n);
		break;
	default:
		datacall_encrypt(d, n);
	}
}

#endif
