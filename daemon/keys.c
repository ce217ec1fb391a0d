// SPDX-License-Identifier: GPL-2.0-only
/* keys: acts on keys, in a session with the caller's principal. No key byte passes here. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/hex.h"
#include "daemon/key_json.h"
#include "daemon/keylist.h"
#include "daemon/routes.h"

/* One ioctl as the caller; a handle that it gives is *@key's if that is not NULL. */
static int call_as(struct mhsm_daemon *daemon, const struct mhsm_caller *caller, unsigned long request, void *argument,
		   struct mhsm_ioc_key_info *key)
{
	struct mhsm_device *device = daemon->device;
	int session = device->ops->session(device, caller), ret, handle;

	if (session < 0)
		return session;
	handle = ret = device->ops->call(device, session, request, argument);
	if (ret >= 0 && key) {
		memset(key, 0, sizeof(*key));
		key->size = sizeof(*key);
		ret = device->ops->call(device, handle, MHSM_IOC_KEY_INFO, key);
		device->ops->release(device, handle);
	}
	device->ops->release(device, session);
	return ret;
}

void mhsm_keys_create(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply)
{
	struct mhsm_ioc_key_create create;
	struct mhsm_ioc_key_info key;
	int ret;

	if (!mhsm_key_name_check(request, reply, request->arg[0]) || !mhsm_key_create_parse(request, reply, &create))
		return;
	snprintf(create.name, sizeof(create.name), "%s", request->arg[0]);
	ret = call_as(daemon, &request->caller, MHSM_IOC_KEY_CREATE, &create, &key);
	if (ret < 0)
		mhsm_reply_errno(request, reply, ret);
	else
		mhsm_reply_json(request, reply, 200, mhsm_key_bundle(&key.info));
}

void mhsm_keys_update(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply)
{
	const char *name = request->arg[0], *version = request->arg[1];
	struct mhsm_ioc_key_update update;
	struct mhsm_key_info info;
	int ret;

	if (!mhsm_key_name_check(request, reply, name) || !mhsm_key_update_parse(request, reply, &update))
		return;
	snprintf(update.name, sizeof(update.name), "%s", name);
	ret = version && *version && mhsm_hex_decode(version, update.version, sizeof(update.version)) ? -ENOENT : 0;
	if (!ret)
		ret = call_as(daemon, &request->caller, MHSM_IOC_KEY_UPDATE, &update, NULL);
	if (ret == -EINVAL) {
		mhsm_reply_bad(request, reply, "\"exp\" would not be after \"nbf\", or it is a key with a use limit, "
					       "which cannot have \"consumers\"");
		return;
	}
	if (ret >= 0)
		ret = mhsm_keylist_find(daemon, &request->caller, name, version, 0, &info);
	if (ret < 0)
		mhsm_reply_errno(request, reply, ret);
	else
		mhsm_reply_json(request, reply, 200, mhsm_key_bundle(&info));
}

/* An act on a name, and then what the key is like in the listing with @flags. */
static void act(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply,
		unsigned long what, uint32_t flags)
{
	struct mhsm_ioc_key_name name = { .size = sizeof(name) };
	struct mhsm_key_info info;
	int ret;

	if (!mhsm_key_name_check(request, reply, request->arg[0]))
		return;
	snprintf(name.name, sizeof(name.name), "%s", request->arg[0]);
	ret = call_as(daemon, &request->caller, what, &name, NULL);
	if (ret >= 0 && what == MHSM_IOC_KEY_PURGE) {
		reply->status = 204;
		return;
	}
	if (ret >= 0)
		ret = mhsm_keylist_find(daemon, &request->caller, request->arg[0], NULL, flags, &info);
	if (ret < 0)
		mhsm_reply_errno(request, reply, ret);
	else
		mhsm_reply_json(request, reply, 200, mhsm_key_bundle(&info));
}

void mhsm_keys_delete(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply)
{
	act(daemon, request, reply, MHSM_IOC_KEY_DELETE, MHSM_LIST_DELETED);
}

void mhsm_keys_recover(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply)
{
	act(daemon, request, reply, MHSM_IOC_KEY_RECOVER, 0);
}

void mhsm_keys_purge(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply)
{
	act(daemon, request, reply, MHSM_IOC_KEY_PURGE, 0);
}
