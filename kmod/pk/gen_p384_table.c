// SPDX-License-Identifier: GPL-2.0-only
/* Writes p384_table.h. See gen_ec_table.h. */
#include "kmod/pk/p384_fe.h"
#include "kmod/pk/ec_pt.h"

/* SP 800-186 section 3.2.1.4 */
#define BASE_POINT \
	"aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b98" \
	"59f741e082542a385502f25dbf55296c3a545e3872760ab7" \
	"3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147c" \
	"e9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f"
#define TABLE_NAME "p384"

#include "kmod/pk/gen_ec_table.h"
