// SPDX-License-Identifier: GPL-2.0-only
/* Writes k256_table.h. See gen_ec_table.h. */
#include "kmod/pk/k256_fe.h"
#include "kmod/pk/ec_pt.h"

/* SEC 2 version 2.0, section 2.4.1 */
#define BASE_POINT \
	"79be667ef9dcbbac55a06295ce870b07" \
	"029bfcdb2dce28d959f2815b16f81798" \
	"483ada7726a3c4655da4fbfc0e1108a8" \
	"fd17b448a68554199c47d08ffb10d4b8"
#define TABLE_NAME "k256"

#include "kmod/pk/gen_ec_table.h"
