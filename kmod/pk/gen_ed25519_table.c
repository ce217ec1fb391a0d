// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes ge25519_table.h, the tables for multiplication by the base point of
 * edwards25519, to standard output. A user program, not part of the module:
 *
 *	cc -I. -o gen kmod/pk/gen_ed25519_table.c kmod/pk/{ge,fe}25519.c
 *	./gen > kmod/pk/ge25519_table.h
 *
 * tests/unit/test_ed25519.c includes this file, generates the tables anew, and
 * compares them with those that are checked in.
 */
#include <stdio.h>

#include "kmod/pk/ge25519.h"

#define ROWS 32
#define ENTRIES 8
#define ODD_ENTRIES 32

/* The base point, RFC 8032 section 5.1: y = 4 / 5, x even. */
static const u8 base_point[32] = {
	0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
	0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
	0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
};

static void print_element(FILE *out, const struct fe25519 *a, const char *indent)
{
	u8 b[32];
	int i;

	mhsm_fe25519_store(b, a);
	for (i = 0; i < 4; i++)
		fprintf(out, "%s0x%016llxULL,%s", i % 2 ? " " : indent,
			(unsigned long long)limb_load_le(b + 8 * i), i % 2 ? "\n" : "");
}

static void print_point(FILE *out, const struct ge25519 *p, const char *indent)
{
	struct fe25519 i;
	struct ge25519_cached c;
	struct ge25519 a;

	mhsm_fe25519_inv(&i, &p->z);
	fe_mul(&a.x, &p->x, &i);
	fe_mul(&a.y, &p->y, &i);
	fe_mul(&a.z, &p->z, &i);
	fe_mul(&a.t, &a.x, &a.y);
	mhsm_ge25519_to_cached(&c, &a);
	print_element(out, &c.ypx, indent);
	print_element(out, &c.ymx, indent);
	print_element(out, &c.t2d, indent);
}

/* One after the other p, p + step, p + 2 step, ... */
static void print_points(FILE *out, const struct ge25519 *p, const struct ge25519 *step,
			 int count, const char *indent)
{
	struct ge25519_cached add;
	struct ge25519 t = *p;

	mhsm_ge25519_to_cached(&add, step);
	while (count--) {
		fprintf(out, "%s{\n", indent);
		print_point(out, &t, indent[1] ? "\t\t\t" : "\t\t");
		fprintf(out, "%s},\n", indent);
		mhsm_ge25519_add(&t, &t, &add, 1);
	}
}

/* Writes the header. Returns 0, or -1 if the base point is mistyped. */
static int gen_ed25519_table(FILE *out)
{
	struct ge25519 base, row, twice;
	int i, j;

	if (!mhsm_ge25519_load(&base, base_point))
		return -1;
	fprintf(out, "/* %s-License-Identifier: GPL-2.0-only */\n"
		"/*\n"
		" * Made by gen_ed25519_table.c; do not edit.\n"
		" *\n"
		" * Affine points y + x || y - x || 2dxy, each number four limbs below p.\n"
		" */\n"
		"#ifndef MHSM_GE25519_TABLE_H\n"
		"#define MHSM_GE25519_TABLE_H\n\n"
		"#define GE25519_BASE_ROWS %d\n"
		"#define GE25519_BASE_ENTRIES %d\n"
		"#define GE25519_ODD_ENTRIES %d\n\n"
		"/* ge25519_base_table[i][j] = (j + 1) * 256^i * B */\n"
		"static const u64 ge25519_base_table[GE25519_BASE_ROWS][GE25519_BASE_ENTRIES][12] = {\n",
		"SPDX", ROWS, ENTRIES, ODD_ENTRIES);
	row = base;
	for (i = 0; i < ROWS; i++) {
		fprintf(out, "\t{\n");
		print_points(out, &row, &row, ENTRIES, "\t\t");
		fprintf(out, "\t},\n");
		for (j = 0; j < 8; j++)
			mhsm_ge25519_double(&row, &row, 1);
	}
	fprintf(out, "};\n\n/* ge25519_odd_table[i] = (2i + 1) * B */\n"
		"static const u64 ge25519_odd_table[GE25519_ODD_ENTRIES][12] = {\n");
	mhsm_ge25519_double(&twice, &base, 1);
	print_points(out, &base, &twice, ODD_ENTRIES, "\t");
	fprintf(out, "};\n\n#endif\n");
	return 0;
}

#ifndef MHSM_GEN_NO_MAIN
int main(void)
{
	if (gen_ed25519_table(stdout)) {
		fprintf(stderr, "gen_ed25519_table: the base point is not on the curve\n");
		return 1;
	}
	return fflush(stdout) ? 1 : 0;
}
#endif
