/* SPDX-License-Identifier: GPL-2.0-only */
/* Keys of the type "mhsm" by the system calls of keyrings(7), each 0 or a positive number, or a negative errno */
#ifndef TESTS_KEYRING_H
#define TESTS_KEYRING_H

#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KEYRING KEY_SPEC_PROCESS_KEYRING

static inline int keyring_result(long ret)
{
	return ret < 0 ? -errno : (int)ret;
}

/* In hexadecimal digits, as payloads have tokens and versions; a zero byte follows */
static inline void keyring_hex(char *to, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sprintf(to + 2 * i, "%02x", ((const unsigned char *)bytes)[i]);
}

/* The serial number */
static inline int keyring_add(const char *description, const void *payload, size_t len)
{
	return keyring_result(syscall(SYS_add_key, "mhsm", description, payload, len, KEYRING));
}

static inline int keyring_unlink(int serial)
{
	return keyring_result(syscall(SYS_keyctl, KEYCTL_UNLINK, serial, KEYRING));
}

static inline int keyring_read(int serial, void *out, size_t len)
{
	return keyring_result(syscall(SYS_keyctl, KEYCTL_READ, serial, out, len));
}

static inline int keyring_query(int serial, const char *how, struct keyctl_pkey_query *info)
{
	return keyring_result(syscall(SYS_keyctl, KEYCTL_PKEY_QUERY, serial, 0, how, info));
}

/* KEYCTL_PKEY_ENCRYPT, _DECRYPT, _SIGN (@out receives), _VERIFY (@out is the signature) */
static inline int keyring_pkey(int what, int serial, const char *how, const void *in, size_t in_len, void *out,
			       size_t out_len)
{
	const struct keyctl_pkey_params p = {
		.key_id = serial, .in_len = (unsigned int)in_len, .out_len = (unsigned int)out_len,
	};

	return keyring_result(syscall(SYS_keyctl, what, &p, how, in, out));
}

/* How many keys of the type there are, those that are being destroyed among them */
static inline int keyring_count(void)
{
	FILE *file = fopen("/proc/keys", "re");
	char line[1000];
	int n = 0;

	while (file && fgets(line, sizeof(line), file))
		n += strstr(line, " mhsm ") != NULL;
	if (file)
		fclose(file);
	return n;
}

#endif
