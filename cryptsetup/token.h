/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What libcryptsetup finds in libcryptsetup-token-mhsm.so, by name: see libcryptsetup.h. */
#ifndef _CRYPTSETUP_TOKEN_H
#define _CRYPTSETUP_TOKEN_H

#include <stddef.h>

struct crypt_device;

const char *cryptsetup_token_version(void);
int cryptsetup_token_open(struct crypt_device *cd, int token, char **buffer, size_t *buffer_len, void *usrptr);
void cryptsetup_token_buffer_free(void *buffer, size_t buffer_len);
int cryptsetup_token_validate(struct crypt_device *cd, const char *json);
void cryptsetup_token_dump(struct crypt_device *cd, const char *json);

#endif
