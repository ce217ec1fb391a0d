// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/pk/rsa_ifma.c kmod/pk/mont52.c kmod/pk/rsa_private.c kmod/pk/rsa.c
 *	kmod/pk/mont.c kmod/pk/mont_pow.c kmod/pk/pk_env.c -lcrypto
 */
/*
 * All of test_rsa_private.c with AVX-512 IFMA, where the processor has it; and that no
 * vector is left behind when others may run.
 */
#include "kmod/pk/rsa_ifma.h"

#define mhsm_rsa_private_scratch mhsm_rsa_ifma_scratch
#define mhsm_rsa_private mhsm_rsa_private_ifma
#define NEEDED (mhsm_mont52_available())
#define MORE cmocka_unit_test(test_cleared),
static void test_cleared(void **state);
#include "tests/unit/test_rsa_private.c"

static u64 vectors[32][8];

#define STORE(n) "vmovdqu64 %%zmm" #n ", 64*" #n "(%0)\n\t"
#define STORE_8(a, b, c, d, e, f, g, h) \
	STORE(a) STORE(b) STORE(c) STORE(d) STORE(e) STORE(f) STORE(g) STORE(h)

/* Counts the calls that find something in a register. */
static int find_left(void *ctx)
{
	int *left = ctx;

	__asm__ __volatile__(STORE_8(0, 1, 2, 3, 4, 5, 6, 7)
			     STORE_8(8, 9, 10, 11, 12, 13, 14, 15)
			     STORE_8(16, 17, 18, 19, 20, 21, 22, 23)
			     STORE_8(24, 25, 26, 27, 28, 29, 30, 31)
			     : : "r"(vectors) : "memory");
	*left += !all_bytes(vectors, sizeof(vectors), 0);
	return 0;
}

static void test_cleared(void **state)
{
	u8 in[512] = { 0 }, out[512], rnd[32] = { 0 };
	int i, left = 0;
	struct mhsm_pk_relax relax = { find_left, &left };

	(void)state;
	for (i = 0; i < 3; i++) {
		in[keys[i].key.n_len - 1] = 2;
		memset(vectors, 0xff, sizeof(vectors));
		assert_int_equal(mhsm_rsa_private(out, &keys[i].key, in, rnd, &relax, &scratch), 0);
		assert_int_equal(left, 0);
		/* it did look */
		assert_true(all_bytes(vectors, sizeof(vectors), 0));
	}
}
