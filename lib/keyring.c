// SPDX-License-Identifier: LGPL-2.1-or-later
/* Keys in the kernel's keyrings, by the system calls themselves: libkeyutils is not needed for adding one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/internal.h"

#define PAYLOAD_MAX (sizeof("token:") + 2 * MHSM_TOKEN_LEN + MHSM_NAME_MAX)

static int32_t add(const char *type, const char *description, const void *payload, size_t len, int32_t keyring)
{
	long serial;

	if (!description)
		return -EINVAL;
	serial = syscall(SYS_add_key, type, description, payload, len, keyring);
	return serial < 0 ? -errno : (int32_t)serial;
}

int32_t mhsm_keyring_add_key(const char *description, const char *name, const char *version, int32_t keyring)
{
	char field[MHSM_NAME_MAX + 1] = "", payload[PAYLOAD_MAX];
	int len;

	if (mhsm_name_copy(field, name) || (version && strlen(version) != 2 * MHSM_VERSION_LEN))
		return -EINVAL;
	len = snprintf(payload, sizeof(payload), "key:%s%s%s", field, version ? "/" : "", version ? version : "");
	return add("mhsm", description, payload, (size_t)len, keyring);
}

int32_t mhsm_keyring_add_token(const char *description, const uint8_t token[MHSM_TOKEN_LEN], int32_t keyring)
{
	char payload[PAYLOAD_MAX] = "token:";
	char *p = payload + strlen(payload);

	if (!token)
		return -EINVAL;
	for (size_t i = 0; i < MHSM_TOKEN_LEN; i++)
		p += sprintf(p, "%02x", token[i]); /* no secret: see mhsm_token_create() */
	return add("mhsm", description, payload, (size_t)(p - payload), keyring);
}

int32_t mhsm_keyring_add_logon(const char *description, const uint8_t token[MHSM_TOKEN_LEN], int32_t keyring)
{
	return token ? add("logon", description, token, MHSM_TOKEN_LEN, keyring) : -EINVAL;
}

int32_t mhsm_keyring_release(int session, uint32_t form, const char *description, const uint8_t token[MHSM_TOKEN_LEN],
			     int32_t keyring)
{
	struct mhsm_ioc_release io = {
		.size = sizeof(io),
		.form = form,
		.keyring = keyring,
	};
	int ret;

	if (!token || !description || strlen(description) > MHSM_DESCRIPTION_MAX)
		return -EINVAL;
	memcpy(io.token, token, MHSM_TOKEN_LEN);
	memcpy(io.description, description, strlen(description));
	ret = mhsm_call(session, MHSM_IOC_RELEASE, &io);
	return ret < 0 ? ret : io.serial;
}
