/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * b64url: base64url without padding (RFC 4648 section 5, as RFC 7515 uses it), and the standard base64 of x5c (RFC 7517
 * section 4.7). Neither direction branches on or indexes with the data: random bytes for a caller pass through here.
 */
#ifndef MHSM_DAEMON_B64URL_H
#define MHSM_DAEMON_B64URL_H

#include <stddef.h>
#include <stdint.h>

/* Characters for @n bytes, without the NUL. */
#define MHSM_B64URL_LEN(n) (((n) * 4 + 2) / 3)

/* Writes MHSM_B64URL_LEN(@len) characters and a NUL to @out. */
void mhsm_b64url_encode(char *out, const uint8_t *in, size_t len);

/*
 * Decodes @len characters into at most @room bytes, *@out_len of them. Returns 0; -EBADMSG for padding, a character, a
 * length or unused bits that no encoder makes; -ERANGE for more than @room bytes.
 *
 * These two have the prototypes that daemon/quorum/sdfile.c is written to.
 */
int mhsm_b64url_decode(uint8_t *out, size_t room, size_t *out_len, const char *in, size_t len);

/* The same for standard base64 with its padding, which must be present; no white space. */
int mhsm_b64_decode(uint8_t *out, size_t room, size_t *out_len, const char *in, size_t len);

#endif
