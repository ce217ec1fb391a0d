/* SPDX-License-Identifier: GPL-2.0-only */
/* hex: lower-case hexadecimal of public identifiers. */
#ifndef MHSM_DAEMON_HEX_H
#define MHSM_DAEMON_HEX_H

#include <stddef.h>
#include <stdint.h>

/* Writes 2 * @len digits and a NUL to @out. */
void mhsm_hex_encode(const uint8_t *in, size_t len, char *out);

/* Reads exactly 2 * @len digits, either case, then NUL. Returns 0 or -EINVAL. */
int mhsm_hex_decode(const char *in, uint8_t *out, size_t len);

#endif
