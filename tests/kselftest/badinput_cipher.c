// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c daemon/device.c
 *       daemon/log.c
 *       libmhsm pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12
 * timeout: 600
 *
 * ENCRYPT and DECRYPT with AES-CBC, CBCPAD and CTR, with everything wrong in turn; and how buffers may lie, GCM's too.
 */
#include <sys/ioctl.h>

#include "tests/kselftest/hsm/cipher.h"

static struct mhsm_ioc_crypt right(uint32_t alg, uint32_t len)
{
	return (struct mhsm_ioc_crypt){
		.size = sizeof(struct mhsm_ioc_crypt), .alg = alg, .iv_len = 16, .in_len = len, .out_len = len + 16,
		.iv = (uintptr_t)iv, .in = (uintptr_t)plain, .out = (uintptr_t)ours,
	};
}

static long call(int fd, unsigned long cmd, struct mhsm_ioc_crypt *c)
{
	long ret;

	RETRY(ret, ioctl(fd, cmd, c) ? -errno : 0);
	return ret;
}

/* Fields that are wrong for each algorithm, either way */
static void wrong_fields(int fd, uint32_t alg, unsigned long cmd)
{
	static const uint32_t iv_lens[] = { 0, 1, 12, 15, 17, 32, UINT32_MAX };
	struct mhsm_ioc_crypt c;
	uint32_t i;

	memset(ours, UNTOUCHED, PAGE);
	for (i = 0; i < COUNT(iv_lens); i++) {
		c = right(alg, 32);
		c.iv_len = iv_lens[i];
		cases_is(call(fd, cmd, &c), -EINVAL, "alg %u: iv_len %u", alg, c.iv_len);
	}
	c = right(alg, 32);
	c.tag_len = 16;
	cases_is(call(fd, cmd, &c), -EINVAL, "alg %u: tag_len", alg);
	c = right(alg, 32);
	c.tag = (uintptr_t)back;
	cases_is(call(fd, cmd, &c), -EINVAL, "alg %u: tag", alg);
	c = right(alg, 32);
	c.aad_len = 1;
	cases_is(call(fd, cmd, &c), -EINVAL, "alg %u: aad_len", alg);
	c = right(alg, 32);
	c.aad = (uintptr_t)back;
	cases_is(call(fd, cmd, &c), -EINVAL, "alg %u: aad", alg);
	for (i = cmd == MHSM_IOC_ENCRYPT; i < 32; i++) {
		c = right(alg, 32);
		c.flags = 1u << i;
		cases_is(call(fd, cmd, &c), -EINVAL, "alg %u: flag %u", alg, i);
	}
	c = right(alg, 32);
	c.iv = (uintptr_t)-PAGE;
	cases_is(call(fd, cmd, &c), -EFAULT, "alg %u: iv", alg);
	cases_is(wrote(ours, NULL, 0, PAGE), true, "alg %u: nothing is written", alg);
}

static void wrong_lengths(int fd, uint32_t alg, unsigned long cmd)
{
	bool pad = alg == MHSM_ALG_AES_CBCPAD, dec = cmd == MHSM_IOC_DECRYPT;
	uint32_t most = MHSM_BULK_MAX + (pad && dec ? 16 : 0), need, n;
	bool blocks = alg == MHSM_ALG_AES_CBC || (pad && dec);
	struct mhsm_ioc_crypt c;

	memset(ours, UNTOUCHED, PAGE);
	for (n = 0; n <= 64; n++) {
		need = !pad ? n : dec ? n - 1 : n / 16 * 16 + 16;
		c = right(alg, n);
		c.out_len = 0;
		if ((blocks && n % 16) || (pad && dec && !n)) {
			cases_is(call(fd, cmd, &c), -EINVAL, "alg %u: in_len %u", alg, n);
			continue;
		}
		if (!need)
			continue;
		cases_is(call(fd, cmd, &c), -ERANGE, "alg %u: in_len %u, no room", alg, n);
		cases_is(c.out_len, need, "alg %u: needed for %u", alg, n);
		c.out_len = need - 1;
		cases_is(call(fd, cmd, &c), -ERANGE, "alg %u: in_len %u, a byte less", alg, n);
		cases_is(c.out_len, need, "alg %u: needed for %u", alg, n);
	}
	cases_is(wrote(ours, NULL, 0, PAGE), true, "alg %u: nothing is written", alg);
	c = right(alg, most);
	c.out_len = 0;
	cases_is(call(fd, cmd, &c), -ERANGE, "alg %u: the longest", alg);
	for (n = 1; n <= 16; n++) {
		c = right(alg, most + n);
		cases_is(call(fd, cmd, &c), -EINVAL, "alg %u: longer than the longest", alg);
	}
	c = right(alg, UINT32_MAX & ~15u);
	cases_is(call(fd, cmd, &c), -EINVAL, "alg %u: 4 GiB", alg);
}

/* Buffers whose second half is not there, or cannot be written; `len` from a page up */
static void wrong_memory(int fd, uint32_t alg, unsigned long cmd, uint32_t len)
{
	struct mhsm_ioc_crypt c;
	uint8_t *end = back + ROOM - PAGE;
	long want;

	if (munmap(end, PAGE))
		abort();
	memset(end - len, UNTOUCHED, len);
	c = right(alg, len);
	c.in = (uintptr_t)(end - len + 1);
	cases_is(call(fd, cmd, &c), -EFAULT, "alg %u: in of %u", alg, len);
	c = right(alg, len);
	c.out = (uintptr_t)(end - len / 2);
	want = call(fd, cmd, &c);
	/* The padding of what is no ciphertext can be right by chance, but then there is no room for it. */
	cases_is(want == -EBADMSG && alg == MHSM_ALG_AES_CBCPAD ? -EFAULT : want, -EFAULT, "alg %u: out of %u", alg, len);
	c = right(alg, len);
	c.out = 0x8000000000000000u;
	cases_is(call(fd, cmd, &c) == 0, 0, "alg %u: out is no address", alg);
	if (mmap(end, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != end)
		abort();
	c = right(alg, len);
	c.out = (uintptr_t)(end - len / 2);
	cases_is(call(fd, cmd, &c) == 0, 0, "alg %u: out of %u, read-only", alg, len);
	if (mprotect(end, PAGE, PROT_READ | PROT_WRITE))
		abort();
}

/* To MHSM_DATA_MAX, what overlaps is right; above, it is refused, except in place and side by side. */
static void overlaps(int fd)
{
	static const long by[] = { -4097, -16, -1, 1, 16, 4097 };
	uint32_t len = MHSM_DATA_MAX + 64, gcm = MHSM_ALG_AES_GCM, i;
	struct mhsm_ioc_crypt c;
	uint8_t tag[16];

	cases_begin();
	for (i = 0; i < COUNT(by); i++) {
		c = right(MHSM_ALG_AES_CTR, 8000);
		openssl(c.alg, 32, 8000, 0, NULL);
		memcpy(ours + PAGE * 2, plain, 8000);
		c.in = (uintptr_t)(ours + PAGE * 2);
		c.out = (uint64_t)((long)c.in + by[i]);
		cases_is(call(fd, MHSM_IOC_ENCRYPT, &c), 0, "CTR, apart by %ld", by[i]);
		cases_is(memcmp(ours + PAGE * 2 + by[i], theirs, 8000), 0, "CTR, apart by %ld", by[i]);
		c = right(MHSM_ALG_AES_CTR, len);
		c.in = (uintptr_t)(ours + PAGE * 2);
		c.out = (uint64_t)((long)c.in + by[i]);
		cases_is(call(fd, MHSM_IOC_ENCRYPT, &c), -EINVAL, "large CTR, apart by %ld", by[i]);
		c.alg = gcm;
		c.iv_len = 12;
		c.tag_len = 16;
		c.tag = (uintptr_t)tag;
		cases_is(call(fd, MHSM_IOC_ENCRYPT, &c), -EINVAL, "large GCM, apart by %ld", by[i]);
		cases_is(call(fd, MHSM_IOC_DECRYPT, &c), -EINVAL, "large GCM, apart by %ld", by[i]);
	}
	openssl(MHSM_ALG_AES_CTR, 32, len, 0, NULL);
	c = right(MHSM_ALG_AES_CTR, len);
	memcpy(ours, plain, len);
	c.in = (uintptr_t)ours;
	c.out = (uintptr_t)(ours + len);
	cases_is(call(fd, MHSM_IOC_ENCRYPT, &c), 0, "side by side");
	cases_is(memcmp(ours + len, theirs, len), 0, "side by side");
	cases_end("overlapping buffers");
}

static void wrong_keys(void)
{
	static const uint32_t algs[] = { MHSM_ALG_AES_CBC, MHSM_ALG_AES_CBCPAD, MHSM_ALG_AES_CTR };
	static const uint32_t more[] = { MHSM_OP_SIGN, MHSM_OP_VERIFY, MHSM_OP_WRAP, MHSM_OP_UNWRAP };
	struct mhsm_key_spec spec = { .type = MHSM_KEY_EC, .param = MHSM_CURVE_P256,
				      .flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION };
	int one_way[2] = { import(raw, 32, MHSM_OP_ENCRYPT), import(raw, 32, MHSM_OP_DECRYPT) }, fd;
	struct mhsm_ioc_crypt c;
	size_t i, j;

	cases_begin();
	for (i = 0; i < COUNT(algs); i++) {
		for (j = 0; j < COUNT(more); j++) {
			fd = import(raw, 32, BOTH | more[j]);
			c = right(algs[i], 32);
			cases_is(call(fd, MHSM_IOC_ENCRYPT, &c), -EOPNOTSUPP, "a key with %#x", more[j]);
			cases_is(call(fd, MHSM_IOC_DECRYPT, &c), -EOPNOTSUPP, "a key with %#x", more[j]);
			close(fd);
		}
		fd = import(raw, 32, 0);
		c = right(algs[i], 32);
		cases_is(call(fd, MHSM_IOC_ENCRYPT, &c), -EOPNOTSUPP, "a key with the usual operations");
		close(fd);
		fd = mhsm_key_create(session, &spec);
		cases_is(call(fd, MHSM_IOC_ENCRYPT, &c), -EOPNOTSUPP, "an EC key");
		cases_is(call(fd, MHSM_IOC_WRAP, &c), -EINVAL, "WRAP");
		close(fd);
		openssl(algs[i], 32, 32, 0, NULL);
		c = right(algs[i], 32);
		cases_is(call(one_way[0], MHSM_IOC_ENCRYPT, &c), 0, "a key that encrypts");
		c.in = (uintptr_t)theirs;
		cases_is(call(one_way[0], MHSM_IOC_DECRYPT, &c), -EPERM, "does not decrypt");
		c.in_len = algs[i] == MHSM_ALG_AES_CBCPAD ? 48 : 32;
		cases_is(call(one_way[1], MHSM_IOC_DECRYPT, &c), 0, "a key that decrypts");
		c = right(algs[i], 32);
		cases_is(call(one_way[1], MHSM_IOC_ENCRYPT, &c), -EPERM, "does not encrypt");
	}
	close(one_way[0]);
	close(one_way[1]);
	cases_end("keys that are not for it");
}

static void wrong_inputs(void)
{
	static const uint32_t algs[] = { MHSM_ALG_AES_CBC, MHSM_ALG_AES_CBCPAD, MHSM_ALG_AES_CTR };
	static const unsigned long cmds[] = { MHSM_IOC_ENCRYPT, MHSM_IOC_DECRYPT };
	int fd = import(raw, 32, BOTH);
	size_t i;

	for (i = 0; i < 2 * COUNT(algs); i++) {
		cases_begin();
		wrong_fields(fd, algs[i / 2], cmds[i % 2]);
		wrong_lengths(fd, algs[i / 2], cmds[i % 2]);
		wrong_memory(fd, algs[i / 2], cmds[i % 2], 2 * PAGE);
		wrong_memory(fd, algs[i / 2], cmds[i % 2], MHSM_DATA_MAX + PAGE);
		cases_end("wrong inputs, algorithm %u, %s", algs[i / 2], i % 2 ? "DECRYPT" : "ENCRYPT");
	}
	overlaps(fd);
	close(fd);
	wrong_keys();
}

int main(void)
{
	int err = start();

	if (err)
		return tap_bail("no HSM", err);
	wrong_inputs();
	return end();
}
