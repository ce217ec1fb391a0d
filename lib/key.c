// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "lib/internal.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static int version_parse(uint8_t version[MHSM_VERSION_LEN], const char *text)
{
	for (size_t i = 0; i < MHSM_VERSION_LEN; i++) {
		int high = hex_digit(text[2 * i]);
		int low = high < 0 ? -1 : hex_digit(text[2 * i + 1]);

		if (low < 0)
			return -EINVAL;
		version[i] = high << 4 | low;
	}
	return text[2 * MHSM_VERSION_LEN] ? -EINVAL : 0;
}

int mhsm_key_open(int session, const char *name, const char *version, uint32_t rights)
{
	struct mhsm_ioc_key_open io = { .size = sizeof(io), .rights = rights };
	int ret;

	ret = mhsm_name_copy(io.name, name);
	if (ret < 0)
		return ret;
	if (version) {
		ret = version_parse(io.version, version);
		if (ret < 0)
			return ret;
	}
	return mhsm_call(session, MHSM_IOC_KEY_OPEN, &io);
}

int mhsm_spec_fill(struct mhsm_ioc_key_create *io, const struct mhsm_key_spec *spec)
{
	if (!spec)
		return -EINVAL;
	memset(io, 0, sizeof(*io));
	io->size = sizeof(*io);
	io->type = spec->type;
	io->param = spec->param;
	io->ops = spec->ops;
	io->flags = spec->flags;
	io->not_before = spec->not_before;
	io->expires = spec->expires;
	io->use_limit = spec->use_limit;
	return spec->name || !(spec->flags & MHSM_KEY_SESSION) ? mhsm_name_copy(io->name, spec->name) : 0;
}

static int create(int session, unsigned long request, const struct mhsm_key_spec *spec, const void *material,
		  size_t len)
{
	struct mhsm_ioc_key_create io;
	int ret = len > MHSM_DATA_MAX ? -EINVAL : mhsm_spec_fill(&io, spec);

	if (ret < 0)
		return ret;
	io.material = mhsm_ptr(material);
	io.material_len = len;
	return mhsm_call(session, request, &io);
}

int mhsm_key_create(int session, const struct mhsm_key_spec *spec)
{
	return create(session, MHSM_IOC_KEY_CREATE, spec, NULL, 0);
}

int mhsm_key_import(int session, const struct mhsm_key_spec *spec, const void *material, size_t len)
{
	if (!material || !len)
		return -EINVAL;
	return create(session, MHSM_IOC_KEY_IMPORT, spec, material, len);
}

int mhsm_key_update(int session, const char *name, const char *version, const struct mhsm_key_update *update)
{
	struct mhsm_ioc_key_update io = { .size = sizeof(io) };
	int ret;

	if (!update)
		return -EINVAL;
	ret = mhsm_name_copy(io.name, name);
	if (ret < 0)
		return ret;
	if (version && version_parse(io.version, version))
		return -EINVAL;
	io.what = update->what;
	io.flags = update->flags;
	io.not_before = update->not_before;
	io.expires = update->expires;
	return mhsm_call(session, MHSM_IOC_KEY_UPDATE, &io);
}

static int by_name(int session, unsigned long request, const char *name)
{
	struct mhsm_ioc_key_name io = { .size = sizeof(io) };
	int ret;

	ret = mhsm_name_copy(io.name, name);
	if (ret < 0)
		return ret;
	return mhsm_call(session, request, &io);
}

int mhsm_key_delete(int session, const char *name)
{
	return by_name(session, MHSM_IOC_KEY_DELETE, name);
}

int mhsm_key_recover(int session, const char *name)
{
	return by_name(session, MHSM_IOC_KEY_RECOVER, name);
}

int mhsm_key_purge(int session, const char *name)
{
	return by_name(session, MHSM_IOC_KEY_PURGE, name);
}

int mhsm_key_info(int key, struct mhsm_key_info *info)
{
	struct mhsm_ioc_key_info io = { .size = sizeof(io) };
	int ret;

	if (!info)
		return -EINVAL;
	ret = mhsm_call(key, MHSM_IOC_KEY_INFO, &io);
	if (ret < 0)
		return ret;
	*info = io.info;
	return 0;
}

int mhsm_public_key(int key, void *out, size_t *len)
{
	struct mhsm_ioc_public io = { .size = sizeof(io) };
	int ret;

	if (!len || (*len && !out))
		return -EINVAL;
	io.len = *len < UINT32_MAX ? *len : UINT32_MAX;
	io.out = mhsm_ptr(out);
	ret = mhsm_call(key, MHSM_IOC_PUBLIC, &io);
	if (!ret || ret == -ERANGE)
		*len = io.len;
	return ret;
}
