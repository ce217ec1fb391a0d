// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdlib.h>

#include "lib/internal.h"

#define PAGE 32 /* entries of one KEY_LIST; an entry is some 400 bytes */

struct mhsm_key_list {
	int session;
	uint32_t next; /* the entry of the page to give out next */
	struct mhsm_ioc_key_list io; /* io.count: entries in the page */
	struct mhsm_key_info page[PAGE];
};

int mhsm_key_list_open(int session, const char *name, uint32_t flags, struct mhsm_key_list **ret)
{
	struct mhsm_key_list *list;
	int err;

	if (!ret)
		return -EINVAL;
	list = calloc(1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	list->session = session;
	list->io.size = sizeof(list->io);
	list->io.flags = flags;
	list->io.infos = mhsm_ptr(list->page);
	list->io.info_size = sizeof(list->page[0]);
	if (name) {
		err = mhsm_name_copy(list->io.name, name);
		if (err < 0) {
			free(list);
			return err;
		}
	}
	*ret = list;
	return 0;
}

int mhsm_key_list_next(struct mhsm_key_list *list, struct mhsm_key_info *info)
{
	int ret;

	if (!list || !info)
		return -EINVAL;
	if (list->next == list->io.count) {
		list->next = 0;
		list->io.count = PAGE;
		ret = mhsm_call(list->session, MHSM_IOC_KEY_LIST, &list->io);
		if (ret < 0 || list->io.count > PAGE) {
			list->io.count = 0;
			return ret < 0 ? ret : -EPROTO;
		}
		if (!list->io.count)
			return 0;
		list->io.after = list->page[list->io.count - 1].serial;
	}
	*info = list->page[list->next++];
	return 1;
}

void mhsm_key_list_close(struct mhsm_key_list *list)
{
	free(list);
}
