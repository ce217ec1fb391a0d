// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c tests/unit/vectors.c daemon/genl.c
 *       daemon/genl_command.c daemon/device.c daemon/log.c
 *       pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12
 *
 * The vectors of tests/vectors through the ioctls: what is valid comes out, what is not is refused with the errno that
 * uapi/mhsm.h has for it, and with nothing written. Each case has a session key of its own, made of the case's. To add
 * an algorithm, add a line to `files` and the function that does one case.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tests/kselftest/hsm/cases.h"
#include "tests/kselftest/hsm/hsm.h"
#include "tests/kselftest/hsm/retry.h"
#include "tests/unit/vectors.h"
#include "uapi/mhsm.h"

#define ROOM 8192
#define UNTOUCHED 0xa5

static int device;

/* What a call is to write is here, in the midst of what it is not to. */
static uint8_t written[ROOM];

static uint64_t pointer(const void *p)
{
	return (uintptr_t)p;
}

/* --- results ------------------------------------------------------------------------------------------------------ */

static void is(struct vectors *v, long got, long want, const char *what)
{
	cases_is(got, want, "%s: %s", vectors_where(v), what);
}

static void prepare(void)
{
	memset(written, UNTOUCHED, sizeof(written));
}

/* Was exactly this written? */
static void wrote(struct vectors *v, struct vectors_bytes want, const char *what)
{
	size_t i = want.len;

	while (i < sizeof(written) && written[i] == UNTOUCHED)
		i++;
	is(v, i == sizeof(written) && !memcmp(written, want.data, want.len), 1, what);
}

static void wrote_nothing(struct vectors *v, const char *what)
{
	wrote(v, (struct vectors_bytes){ written, 0 }, what);
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

struct key {
	uint32_t type, param, ops;
};

/* A session key; its fd, or a negative errno */
static long import(const struct key *key, struct vectors_bytes material)
{
	struct mhsm_ioc_key_create c = {
		.size = sizeof(c),
		.type = key->type,
		.param = key->param,
		.ops = key->ops,
		.flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION,
		.material_len = (uint32_t)material.len,
		.material = pointer(material.data),
	};

	return retry_ioctl(device, MHSM_IOC_KEY_IMPORT, &c);
}

static bool aes_offered(size_t len)
{
	return len == 16 || len == 24 || len == 32;
}

/* The case's AES key, or -1 if there are no keys of its size, which KEY_IMPORT then has said */
static int aes_key(struct vectors *v, uint32_t ops)
{
	struct vectors_bytes material = vectors_bytes(v, "key");
	struct key key = { MHSM_KEY_AES, (uint32_t)(8 * material.len), ops };
	long fd = import(&key, material);

	is(v, fd < 0 ? fd : 0, aes_offered(material.len) ? 0 : -EOPNOTSUPP, "KEY_IMPORT");
	return fd < 0 ? -1 : (int)fd;
}

/* --- AES-GCM ------------------------------------------------------------------------------------------------------ */

#define GCM_IV 12
#define GCM_TAG 16

static long gcm_call(int fd, unsigned long cmd, struct vectors *v, struct vectors_bytes in, uint8_t *tag,
		     uint32_t tag_len)
{
	struct vectors_bytes iv = vectors_bytes(v, "iv"), aad = vectors_bytes(v, "aad");
	struct mhsm_ioc_crypt c = {
		.size = sizeof(c),
		.alg = MHSM_ALG_AES_GCM,
		.iv_len = (uint32_t)iv.len,
		.tag_len = tag_len,
		.aad_len = (uint32_t)aad.len,
		.in_len = (uint32_t)in.len,
		.out_len = sizeof(written),
		.iv = pointer(iv.data),
		.tag = pointer(tag),
		.aad = pointer(aad.data),
		.in = pointer(in.data),
		.out = pointer(written),
	};
	long ret = retry_ioctl(fd, cmd, &c);

	if (!ret)
		is(v, c.out_len, (long)in.len, "out_len");
	return ret;
}

static void gcm_decrypt(struct vectors *v, int fd, long want)
{
	struct vectors_bytes in = vectors_bytes(v, "ciphertext");
	uint8_t tag[GCM_TAG];

	memcpy(tag, vectors_bytes(v, "tag").data, sizeof(tag));
	prepare();
	is(v, gcm_call(fd, MHSM_IOC_DECRYPT, v, in, tag, sizeof(tag)), want, "DECRYPT");
	if (want)
		wrote_nothing(v, "DECRYPT writes nothing");
	else
		wrote(v, vectors_bytes(v, "message"), "DECRYPT writes the message");
	/* in place */
	prepare();
	memcpy(written, in.data, in.len);
	is(v, gcm_call(fd, MHSM_IOC_DECRYPT, v, (struct vectors_bytes){ written, in.len }, tag, sizeof(tag)), want,
	   "DECRYPT in place");
	wrote(v, want ? in : vectors_bytes(v, "message"), "DECRYPT in place");
}

static void gcm_encrypt(struct vectors *v, int fd)
{
	struct vectors_bytes in = vectors_bytes(v, "message"), tag = vectors_bytes(v, "tag");
	uint8_t made[GCM_TAG];
	bool same;

	prepare();
	is(v, gcm_call(fd, MHSM_IOC_ENCRYPT, v, in, made, sizeof(made)), 0, "ENCRYPT");
	same = !memcmp(made, tag.data, sizeof(made));
	is(v, same, vectors_valid(v), "ENCRYPT makes the tag if it is valid");
	if (vectors_valid(v))
		wrote(v, vectors_bytes(v, "ciphertext"), "ENCRYPT writes the ciphertext");
	prepare();
	memcpy(written, in.data, in.len);
	is(v, gcm_call(fd, MHSM_IOC_ENCRYPT, v, (struct vectors_bytes){ written, in.len }, made, sizeof(made)), 0,
	   "ENCRYPT in place");
	if (vectors_valid(v))
		wrote(v, vectors_bytes(v, "ciphertext"), "ENCRYPT in place");
}

/* The HSM takes and makes whole tags only. */
static void gcm_other_tags(struct vectors *v, int fd)
{
	uint8_t tag[2 * GCM_TAG] = { 0 };
	uint32_t len;

	memcpy(tag, vectors_bytes(v, "tag").data, GCM_TAG);
	prepare();
	for (len = 0; len <= sizeof(tag); len++) {
		if (len == GCM_TAG)
			continue;
		is(v, gcm_call(fd, MHSM_IOC_DECRYPT, v, vectors_bytes(v, "ciphertext"), tag, len), -EINVAL, "DECRYPT, tag cut");
		is(v, gcm_call(fd, MHSM_IOC_ENCRYPT, v, vectors_bytes(v, "message"), tag, len), -EINVAL, "ENCRYPT, tag cut");
	}
	wrote_nothing(v, "nor writes with others");
}

static void gcm(struct vectors *v)
{
	int fd = aes_key(v, MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT);
	uint8_t tag[GCM_TAG] = { 0 };

	if (fd < 0)
		return;
	if (vectors_bytes(v, "iv").len == GCM_IV) {
		gcm_decrypt(v, fd, vectors_valid(v) ? 0 : -EBADMSG);
		gcm_encrypt(v, fd);
		gcm_other_tags(v, fd);
	} else {
		prepare();
		gcm_decrypt(v, fd, -EINVAL);
		is(v, gcm_call(fd, MHSM_IOC_ENCRYPT, v, vectors_bytes(v, "message"), tag, sizeof(tag)), -EINVAL, "ENCRYPT");
	}
	close(fd);
}

/* --- AES-KW, AES-KWP ---------------------------------------------------------------------------------------------- */

static long wrap_call(int fd, unsigned long cmd, uint32_t alg, struct vectors_bytes in, uint32_t *len)
{
	struct mhsm_ioc_crypt c = {
		.size = sizeof(c),
		.alg = alg,
		.in_len = (uint32_t)in.len,
		.out_len = sizeof(written),
		.in = pointer(in.data),
		.out = pointer(written),
	};
	long ret = retry_ioctl(fd, cmd, &c);

	*len = c.out_len;
	return ret;
}

/* Lengths that no wrapping makes are out of range; whatever else is wrong is a wrong integrity check. */
static long unwrap_error(struct vectors_bytes ciphertext, uint32_t alg)
{
	size_t least = alg == MHSM_ALG_AES_KW ? 24 : 16;

	return ciphertext.len % 8 || ciphertext.len < least ? -EINVAL : -EBADMSG;
}

static void wrapping(struct vectors *v, uint32_t alg)
{
	struct vectors_bytes message = vectors_bytes(v, "message"), ciphertext = vectors_bytes(v, "ciphertext");
	int fd = aes_key(v, MHSM_OP_WRAP | MHSM_OP_UNWRAP);
	bool valid = vectors_valid(v);
	uint32_t len;

	if (fd < 0)
		return;
	prepare();
	is(v, wrap_call(fd, MHSM_IOC_UNWRAP, alg, ciphertext, &len), valid ? 0 : unwrap_error(ciphertext, alg), "UNWRAP");
	if (valid) {
		is(v, len, (long)message.len, "UNWRAP: out_len");
		wrote(v, message, "UNWRAP writes the key");
		prepare();
		is(v, wrap_call(fd, MHSM_IOC_WRAP, alg, message, &len), 0, "WRAP");
		is(v, len, (long)ciphertext.len, "WRAP: out_len");
		wrote(v, ciphertext, "WRAP writes the wrapped key");
	} else {
		wrote_nothing(v, "UNWRAP writes nothing");
	}
	close(fd);
}

static void kw(struct vectors *v)
{
	wrapping(v, MHSM_ALG_AES_KW);
}

static void kwp(struct vectors *v)
{
	wrapping(v, MHSM_ALG_AES_KWP);
}

/* --- the files ---------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	void (*one)(struct vectors *v);
	unsigned int count; /* cases in the file: none is to be missing */
} files[] = {
	{ "aes_gcm_wycheproof", gcm, 316 },
	{ "aes_wrap_wycheproof", kw, 110 },
	{ "aes_wrap_192_wycheproof", kw, 55 },
	{ "aes_kwp_wycheproof", kwp, 169 },
	{ "aes_kwp_192_wycheproof", kwp, 85 },
};

static void run_file(unsigned int i)
{
	struct vectors *v;
	char path[100];

	snprintf(path, sizeof(path), "tests/vectors/%s.txt", files[i].name);
	v = vectors_open(path);
	cases_begin();
	while (vectors_next(v))
		files[i].one(v);
	cases_is(vectors_count(v), files[i].count, "%s: cases", files[i].name);
	cases_end("%s: %u vectors", files[i].name, vectors_count(v));
	vectors_close(v);
}

int main(void)
{
	struct hsm *hsm;
	unsigned int i;
	int err;

	device = open(MHSM_DEVICE, O_RDWR | O_CLOEXEC);
	if (device < 0)
		return tap_bail(MHSM_DEVICE, -errno);
	err = hsm_start(&hsm);
	if (err)
		return tap_bail("hsm_start", err);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		run_file(i);
	close(device);
	hsm_stop(hsm);
	return tap_end();
}
