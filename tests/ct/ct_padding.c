// SPDX-License-Identifier: GPL-2.0-only
/* link: kmod/padding.c */
/* No branch and no address in the check of a block cipher's padding depends on what is in the block. */
#ifndef MHSM_PK_CT_TEST
#error "build with -DMHSM_PK_CT_TEST, also kmod/padding.c"
#endif
#include "tests/ct/ct.h"

#include "kmod/padding.h"

/* Paddings of all lengths, and all that differ in the last byte, which is the one that is counted by */
static void test_len(u32 last)
{
	u8 block[MHSM_PADDING_BLOCK];
	u32 len, n;
	int ok = 1;

	for (len = 0; len < MHSM_PADDING_BLOCK; len++) {
		memset(block, 0x11, sizeof(block));
		mhsm_padding_add(block, len);
		if (last)
			block[sizeof(block) - 1] = (u8)last;
		ct_secret(block, sizeof(block));
		n = mhsm_padding_len(block);
		ok &= ct_is_secret(&n, 1); /* the other bytes are always zero */
		ct_public(&n, sizeof(n));
		if (!last)
			ok &= n == MHSM_PADDING_BLOCK - len;
		else
			ok &= n <= MHSM_PADDING_BLOCK && (!n || n == last);
	}
	ct_result(last ? "another last byte" : "right paddings", ok);
}

int main(int argc, char **argv)
{
	u32 last;

	if (argc == 2)
		return ct_leak(argv[1]);
	if (ct_start())
		return 1;
	for (last = 0; last < 256; last += last < 18 ? 1 : 17)
		test_len(last);
	ct_controls();
	return ct_finish();
}
