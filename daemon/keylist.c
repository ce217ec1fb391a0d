// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/keylist.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/hex.h"
#include "daemon/key_json.h"
#include "daemon/routes.h"

#define PAGE 256 /* keys of one ioctl */
#define RESULTS_MAX 25

/* Called for every key in order of serial; 1 ends the walk. */
typedef int (*each_fn)(void *context, const struct mhsm_key_info *info);

static int walk(struct mhsm_device *device, int session, const char *name, uint32_t flags, uint64_t after, each_fn fn,
		void *context)
{
	struct mhsm_key_info *infos = calloc(PAGE, sizeof(*infos));
	int ret = infos ? 0 : -ENOMEM;

	while (!ret) {
		struct mhsm_ioc_key_list list = {
			.size = sizeof(list),
			.count = PAGE,
			.after = after,
			.infos = (uintptr_t)infos,
			.flags = flags,
			.info_size = sizeof(*infos),
		};

		snprintf(list.name, sizeof(list.name), "%s", name);
		ret = device->ops->call(device, session, MHSM_IOC_KEY_LIST, &list);
		if (ret < 0 || !list.count)
			break;
		for (uint32_t i = 0; i < list.count && i < PAGE && !ret; i++) {
			infos[i].name[MHSM_NAME_MAX] = '\0';
			after = infos[i].serial;
			ret = fn(context, &infos[i]);
		}
	}
	free(infos);
	return ret < 0 ? ret : 0;
}

static int walk_as(struct mhsm_daemon *daemon, const struct mhsm_caller *caller, const char *name, uint32_t flags,
		   uint64_t after, each_fn fn, void *context)
{
	struct mhsm_device *device = daemon->device;
	int session = device->ops->session(device, caller), ret;

	if (session < 0)
		return session;
	ret = walk(device, session, name, flags, after, fn, context);
	device->ops->release(device, session);
	return ret;
}

/* --- one key --- */

struct find {
	const uint8_t *version; /* NULL: the latest */
	bool found;
	struct mhsm_key_info info;
};

/* Later versions come later: serials follow the order of creation, also after a reload. */
static int find_one(void *context, const struct mhsm_key_info *info)
{
	struct find *f = context;

	if (f->version && memcmp(info->version, f->version, MHSM_VERSION_LEN))
		return 0;
	f->info = *info;
	f->found = true;
	return !!f->version;
}

int mhsm_keylist_find(struct mhsm_daemon *daemon, const struct mhsm_caller *caller, const char *name,
		      const char *version, uint32_t flags, struct mhsm_key_info *info)
{
	uint8_t wanted[MHSM_VERSION_LEN];
	struct find f = { .version = NULL };
	int ret;

	if (version && *version) {
		if (mhsm_hex_decode(version, wanted, sizeof(wanted)))
			return -ENOENT;
		f.version = wanted;
	}
	ret = walk_as(daemon, caller, name, flags, 0, find_one, &f);
	if (!ret && !f.found)
		ret = -ENOENT;
	if (!ret)
		*info = f.info;
	return ret;
}

static void get(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply,
		uint32_t flags)
{
	struct mhsm_key_info info;
	int ret;

	if (!mhsm_key_name_check(request, reply, request->arg[0]))
		return;
	ret = mhsm_keylist_find(daemon, &request->caller, request->arg[0], request->arg[1], flags, &info);
	if (ret)
		mhsm_reply_errno(request, reply, ret);
	else
		mhsm_reply_json(request, reply, 200, mhsm_key_bundle(&info));
}

void mhsm_keys_get(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply)
{
	get(daemon, request, reply, 0);
}

void mhsm_keys_get_deleted(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply)
{
	get(daemon, request, reply, MHSM_LIST_DELETED);
}

/* --- pages --- */

/* One page being gathered; the serial of an entry is what a $skiptoken names. */
struct page {
	json_t *value;
	size_t room;
	uint64_t last; /* serial of the last entry */
	bool more;
};

static bool page_begin(const struct mhsm_request *request, struct mhsm_reply *reply, struct page *page, uint64_t *after)
{
	unsigned long long room, token;

	memset(page, 0, sizeof(*page));
	if (!mhsm_request_query_number(request, reply, "maxresults", 1, RESULTS_MAX, RESULTS_MAX, &room) ||
	    !mhsm_request_query_number(request, reply, "$skiptoken", 0, UINT64_MAX, 0, &token))
		return false;
	page->room = room;
	page->value = json_array();
	*after = token;
	return true;
}

/* 1 when the page is full and there is more; else 0 or a negative errno. */
static int page_add(struct page *page, uint64_t serial, const struct mhsm_key_info *info, bool with_version)
{
	if (page->room == 0) {
		page->more = true;
		return 1;
	}
	page->room--;
	page->last = serial;
	return json_array_append_new(page->value, mhsm_key_item(info, with_version)) ? -ENOMEM : 0;
}

static void page_reply(const struct mhsm_request *request, struct mhsm_reply *reply, struct page *page, int error)
{
	json_t *next = NULL;

	if (error) {
		json_decref(page->value);
		mhsm_reply_errno(request, reply, error);
		return;
	}
	next = page->more ? json_sprintf("http://localhost%s?$skiptoken=%llu&maxresults=%zu", request->path_clean,
					 (unsigned long long)page->last, json_array_size(page->value)) :
			    json_null();
	mhsm_reply_json(request, reply, 200, json_pack("{s:o,s:o}", "value", page->value, "nextLink", next));
}

static int add_version(void *context, const struct mhsm_key_info *info)
{
	return page_add(context, info->serial, info, true);
}

void mhsm_keys_versions(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply)
{
	struct page page;
	uint64_t after;

	if (!mhsm_key_name_check(request, reply, request->arg[0]) || !page_begin(request, reply, &page, &after))
		return;
	page_reply(request, reply, &page,
		   walk_as(daemon, &request->caller, request->arg[0], 0, after, add_version, &page));
}

/* --- names: a key is listed once, in the place of its first version, with the attributes of its latest --- */

struct name {
	uint64_t first; /* serial */
	struct mhsm_key_info latest;
};

struct names {
	void *tree; /* by name */
	struct name **list; /* in order of first */
	size_t count, room;
};

static int compare_name(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->latest.name, ((const struct name *)b)->latest.name);
}

static int add_name(void *context, const struct mhsm_key_info *info)
{
	struct names *names = context;
	struct name *n = malloc(sizeof(*n)), **found;

	if (!n)
		return -ENOMEM;
	n->first = info->serial;
	n->latest = *info;
	if (names->count == names->room) {
		size_t room = names->room ? 2 * names->room : 64;
		struct name **more = reallocarray(names->list, room, sizeof(*more));

		if (!more)
			goto no_memory;
		names->list = more;
		names->room = room;
	}
	found = tsearch(n, &names->tree, compare_name);
	if (!found)
		goto no_memory;
	if (*found == n) {
		names->list[names->count++] = n;
		return 0;
	}
	(*found)->latest = *info;
	free(n);
	return 0;
no_memory:
	free(n);
	return -ENOMEM;
}

static void keep(void *node)
{
	(void)node; /* freed by way of the list */
}

static void list_names(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply,
		       uint32_t flags)
{
	struct names names = { .tree = NULL };
	struct page page;
	uint64_t after;
	int ret;

	if (!page_begin(request, reply, &page, &after))
		return;
	ret = walk_as(daemon, &request->caller, "", flags, 0, add_name, &names);
	for (size_t i = 0; !ret && i < names.count; i++)
		if (names.list[i]->first > after)
			ret = page_add(&page, names.list[i]->first, &names.list[i]->latest, false);
	tdestroy(names.tree, keep);
	for (size_t i = 0; i < names.count; i++)
		free(names.list[i]);
	free(names.list);
	page_reply(request, reply, &page, ret < 0 ? ret : 0);
}

void mhsm_keys_list(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply)
{
	list_names(daemon, request, reply, 0);
}

void mhsm_keys_list_deleted(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply)
{
	list_names(daemon, request, reply, MHSM_LIST_DELETED);
}
