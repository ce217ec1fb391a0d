// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes p256_table.h, the table for multiplication by the base point, to
 * standard output. A user program, not part of the module:
 *
 *	cc -I. -o gen kmod/pk/gen_p256_table.c kmod/pk/p256_{fe,sc,pt}.c
 *	./gen > kmod/pk/p256_table.h
 *
 * tests/unit/test_p256.c includes this file, generates the table anew, and
 * compares it with the one that is checked in.
 */
#include <stdio.h>

#include "kmod/pk/p256_pt.h"

#define WINDOW 5
#define ENTRIES (1 << (WINDOW - 1))
#define ROWS 51		/* 51 * 5 = 255 bits; the top bit is constant */

/* The base point, SP 800-186 section 3.2.1.3, x || y. */
static const u8 base_point[64] = {
	0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47,
	0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
	0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0,
	0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
	0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b,
	0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16,
	0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce,
	0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
};

static void print_limbs(FILE *out, const struct p256_fe *a, const char *indent,
			const char *end)
{
	fprintf(out, "%s0x%016llxULL, 0x%016llxULL,\n", indent,
		(unsigned long long)a->v[0], (unsigned long long)a->v[1]);
	fprintf(out, "%s0x%016llxULL, 0x%016llxULL%s\n", indent,
		(unsigned long long)a->v[2], (unsigned long long)a->v[3], end);
}

static void print_point(FILE *out, const struct p256_jacobian *p, const char *indent)
{
	struct p256_fe x, y;

	mhsm_p256_pt_to_affine(&x, &y, p);
	print_limbs(out, &x, indent, ",");
	print_limbs(out, &y, indent, ",");
}

/* Writes the header. Returns 0, or -1 if the base point is mistyped. */
static int gen_p256_table(FILE *out)
{
	const struct p256_fe one = P256_FE_ONE;
	struct p256_jacobian row, twice, p;
	struct p256_affine g;
	int i, j;

	if (!mhsm_p256_pt_load(&g, base_point))
		return -1;
	row.x = g.x;
	row.y = g.y;
	row.z = one;

	fprintf(out, "/* %s-License-Identifier: GPL-2.0-only */\n"
		"/*\n"
		" * Made by gen_p256_table.c; do not edit.\n"
		" *\n"
		" * Affine points x || y, each coordinate four limbs in Montgomery form.\n"
		" */\n"
		"#ifndef MHSM_P256_TABLE_H\n"
		"#define MHSM_P256_TABLE_H\n\n"
		"#define P256_BASE_ROWS %d\n"
		"#define P256_BASE_ENTRIES %d\n\n"
		"/* p256_base_table[i][j] = (2j + 1) * %d^i * G */\n"
		"static const u64 p256_base_table[P256_BASE_ROWS][P256_BASE_ENTRIES][8] = {\n",
		"SPDX", ROWS, ENTRIES, 1 << WINDOW);
	for (i = 0; i < ROWS; i++) {
		fprintf(out, "\t{\n");
		p = row;
		mhsm_p256_pt_double(&twice, &row);
		for (j = 0; j < ENTRIES; j++) {
			fprintf(out, "\t\t{\n");
			print_point(out, &p, "\t\t\t");
			fprintf(out, "\t\t},\n");
			/* (2j + 1) and 2 times a point: never the same point */
			mhsm_p256_pt_add(&p, &p, &twice);
		}
		fprintf(out, "\t},\n");
		for (j = 0; j < WINDOW; j++)
			mhsm_p256_pt_double(&row, &row);
	}
	fprintf(out, "};\n\n/* 2^%d * G */\nstatic const u64 p256_base_top[8] = {\n",
		ROWS * WINDOW);
	print_point(out, &row, "\t");
	fprintf(out, "};\n\n#endif\n");
	return 0;
}

#ifndef MHSM_GEN_NO_MAIN
int main(void)
{
	if (gen_p256_table(stdout)) {
		fprintf(stderr, "gen_p256_table: the base point is not on the curve\n");
		return 1;
	}
	return fflush(stdout) ? 1 : 0;
}
#endif
