// SPDX-License-Identifier: GPL-2.0-only
/* Writes p521_table.h. See gen_ec_table.h. */
#include "kmod/pk/p521_fe.h"
#include "kmod/pk/ec_pt.h"

/* SP 800-186 section 3.2.1.5 */
#define BASE_POINT \
	"00c6858e06b70404e9cd9e3ecb662395b4429c648139" \
	"053fb521f828af606b4d3dbaa14b5e77efe75928fe1d" \
	"c127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66" \
	"011839296a789a3bc0045c8a5fb42c7d1bd998f54449" \
	"579b446817afbd17273e662c97ee72995ef42640c550" \
	"b9013fad0761353c7086a272c24088be94769fd16650"
#define TABLE_NAME "p521"

#include "kmod/pk/gen_ec_table.h"
