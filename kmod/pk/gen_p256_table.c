// SPDX-License-Identifier: GPL-2.0-only
/* Writes p256_table.h. See gen_ec_table.h. */
#include "kmod/pk/p256_fe.h"
#include "kmod/pk/ec_pt.h"

/* SP 800-186 section 3.2.1.3 */
#define BASE_POINT \
	"6b17d1f2e12c4247f8bce6e563a440f2" \
	"77037d812deb33a0f4a13945d898c296" \
	"4fe342e2fe1a7f9b8ee7eb4a7c0f9e16" \
	"2bce33576b315ececbb6406837bf51f5"
#define TABLE_NAME "p256"

#include "kmod/pk/gen_ec_table.h"
