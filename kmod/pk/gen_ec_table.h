/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What gen_p256_table.c and its like for the other curves have in common.
 * They define, before they include it, BASE_POINT (x || y, hexadecimal) and
 * TABLE_NAME ("p384"), and include the curve's field and ec_pt.h.
 *
 * They are user programs, not part of the module, that write <curve>_table.h, the
 * table for multiplication by the base point, to standard output:
 *
 *	cc -I. -o gen kmod/pk/gen_p384_table.c && ./gen > kmod/pk/p384_table.h
 *
 * tests/unit/test_p384.c and its like include them, generate the table anew, and
 * compare it with the one that is checked in.
 */
#ifndef MHSM_GEN_EC_TABLE_H
#define MHSM_GEN_EC_TABLE_H

#include <stdio.h>

static void print_element(FILE *out, const struct ec_fe *a)
{
	const char *end;
	int i;

	for (i = 0; i < EC_LIMBS; i++) {
		end = i % 3 == 2 || i == EC_LIMBS - 1 ? "\n" : " ";
		fprintf(out, "%s0x%016llxULL,%s", i % 3 ? "" : "\t\t\t",
			(unsigned long long)a->v[i], end);
	}
}

/* Affine, and each coordinate made unique, so that two programs print the same. */
static void print_point(FILE *out, const struct ec_jacobian *p)
{
	u64 t[EC_LIMBS];
	struct ec_fe x, y;

	pt_to_affine(&x, &y, p);
	fe_to_int(t, &x);
	fe_from_int(&x, t);
	fe_to_int(t, &y);
	fe_from_int(&y, t);
	fprintf(out, "\t\t{\n");
	print_element(out, &x);
	print_element(out, &y);
	fprintf(out, "\t\t},\n");
}

static int load_base(struct ec_jacobian *p)
{
	const char *hex = BASE_POINT;
	u8 bytes[2 * EC_BYTES];
	struct ec_affine g;
	unsigned int byte;
	int i;

	for (i = 0; i < 2 * EC_BYTES; i++, hex += 2) {
		if (sscanf(hex, "%2x", &byte) != 1)
			return -1;
		bytes[i] = (u8)byte;
	}
	if (*hex || !pt_load(&g, bytes))
		return -1;
	pt_from_affine(p, &g);
	return 0;
}

/* Writes the header. Returns 0, or -1 if the base point is mistyped. */
static int gen_table(FILE *out)
{
	struct ec_jacobian row, twice, p;
	int i, j;

	if (load_base(&row))
		return -1;
	fprintf(out, "/* %s-License-Identifier: GPL-2.0-only */\n"
		"/*\n"
		" * Made by gen_%s_table.c; do not edit.\n"
		" *\n"
		" * Affine points x || y, each coordinate a field element; see ec_pt.h.\n"
		" */\n"
		"static const u64 ec_base_table[EC_BASE_ROWS][EC_BASE_ENTRIES][2 * EC_LIMBS] = {\n",
		"SPDX", TABLE_NAME);
	for (i = 0; i < EC_BASE_ROWS; i++) {
		fprintf(out, "\t{\n");
		p = row;
		pt_double(&twice, &row);
		for (j = 0; j < EC_BASE_ENTRIES; j++) {
			print_point(out, &p);
			/* (2j + 1) and 2 times a point: never the same point */
			pt_add(&p, &p, &twice);
		}
		fprintf(out, "\t},\n");
		for (j = 0; j < EC_BASE_WINDOW * EC_BASE_GROUPS; j++)
			pt_double(&row, &row);
	}
	fprintf(out, "};\n");
	return 0;
}

#ifndef MHSM_GEN_NO_MAIN
int main(void)
{
	if (gen_table(stdout)) {
		fprintf(stderr, "gen_%s_table: the base point is not on the curve\n",
			TABLE_NAME);
		return 1;
	}
	return fflush(stdout) ? 1 : 0;
}
#endif

#endif
