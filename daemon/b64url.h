/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * b64url: base64url without padding (RFC 4648 section 5, as RFC 7515 uses it), and the standard base64 of x5c (RFC 7517
 * section 4.7). Neither direction branches on or indexes with the data: random bytes for a caller pass through here.
 */
#ifndef MHSM_DAEMON_B64URL_H
#define MHSM_DAEMON_B64URL_H

#include <stddef.h>
#include <stdint.h>

/* Characters for @len bytes, without the NUL. */
#define MHSM_B64URL_LEN(len) (((len) * 4 + 2) / 3)

/* Writes MHSM_B64URL_LEN(@len) characters and a NUL to @out. */
void mhsm_b64url_encode(const uint8_t *in, size_t len, char *out);

/*
 * Decodes the NUL-terminated @in into at most @room bytes. Refuses padding, other characters, an impossible length and
 * unused bits that are not zero (-EINVAL), and more than @room bytes (-ERANGE). Returns the length.
 */
long mhsm_b64url_decode(const char *in, uint8_t *out, size_t room);

/* The same for standard base64 with its padding, which must be present; no white space. */
long mhsm_b64_decode(const char *in, uint8_t *out, size_t room);

#endif
