// SPDX-License-Identifier: GPL-2.0-only
/* Secret memory: see secret.h */
#include <linux/bitmap.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmod/mutex.h"
#include "kmod/secret.h"

#define SLOT_MIN 32
#define CLASSES 8 /* 32, 64 ... 4096 */
#define SLOTS_MAX (PAGE_SIZE / SLOT_MIN)

struct secret_page {
	struct list_head all; /* in `pages`, under `lock`; read without it only in wipe_all */
	struct list_head room; /* in `classes[]` while a slot is free, else empty */
	struct page *page;
	unsigned int used;
	DECLARE_BITMAP(map, SLOTS_MAX);
};

static struct mhsm_mutex lock = MHSM_MUTEX_INIT(lock);
static LIST_HEAD(pages);
static struct list_head classes[CLASSES] = {
	LIST_HEAD_INIT(classes[0]), LIST_HEAD_INIT(classes[1]), LIST_HEAD_INIT(classes[2]), LIST_HEAD_INIT(classes[3]),
	LIST_HEAD_INIT(classes[4]), LIST_HEAD_INIT(classes[5]), LIST_HEAD_INIT(classes[6]), LIST_HEAD_INIT(classes[7]),
};

static unsigned int class_of(size_t len)
{
	return len <= SLOT_MIN ? 0 : ilog2(len - 1) + 1 - ilog2(SLOT_MIN);
}

static size_t class_size(unsigned int class)
{
	return (size_t)SLOT_MIN << class;
}

/*
 * Memory freed from the kernel image (init sections) is visible to /proc/kcore a second time, through the image's own
 * mapping, which does not look at the page's mark. Such a page lies within the image, no farther from a symbol of its data
 * than an image is long.
 */
#define IMAGE_SPAN (64UL << 20)

static bool page_in_image(struct page *page)
{
#ifdef CONFIG_X86_64
	unsigned long image = __pa_symbol(&init_task) >> PAGE_SHIFT;
	unsigned long pfn = page_to_pfn(page);
	unsigned long away = pfn > image ? pfn - image : image - pfn;

	return away < IMAGE_SPAN >> PAGE_SHIFT;
#else
	return false;
#endif
}

static struct page *page_get(void)
{
	struct page *page, *pos, *next;
	LIST_HEAD(refused);

	/* Refused pages are kept until a good one is found, or the allocator would hand out the same again. */
	while ((page = alloc_page(GFP_KERNEL | __GFP_ZERO)) && page_in_image(page))
		list_add(&page->lru, &refused);
	list_for_each_entry_safe(pos, next, &refused, lru) {
		list_del(&pos->lru);
		__free_page(pos);
	}
	return page;
}

static struct secret_page *secret_page_new(unsigned int class)
{
	struct secret_page *sp = kzalloc(sizeof(*sp), GFP_KERNEL);

	if (!sp)
		return NULL;
	sp->page = page_get();
	if (!sp->page) {
		kfree(sp);
		return NULL;
	}
	set_page_private(sp->page, (unsigned long)sp);
	__SetPageOffline(sp->page);
	list_add_rcu(&sp->all, &pages);
	list_add(&sp->room, &classes[class]);
	return sp;
}

static void secret_page_free(struct secret_page *sp)
{
	list_del(&sp->room);
	list_del_rcu(&sp->all);
	clear_page(page_address(sp->page));
	__ClearPageOffline(sp->page);
	set_page_private(sp->page, 0);
	__free_page(sp->page);
	kfree(sp);
}

int mhsm_secret_alloc(struct mhsm_secret *s, size_t len)
{
	unsigned int class, slot;
	struct secret_page *sp;
	int ret = 0;

	s->data = NULL;
	s->len = 0;
	if (!len || len > MHSM_SECRET_MAX)
		return -EINVAL;
	class = class_of(len);
	mhsm_mutex_lock(&lock);
	sp = list_first_entry_or_null(&classes[class], struct secret_page, room);
	if (!sp)
		sp = secret_page_new(class);
	if (!sp) {
		ret = -ENOMEM;
		goto unlock;
	}
	slot = find_first_zero_bit(sp->map, SLOTS_MAX);
	__set_bit(slot, sp->map);
	if (++sp->used == PAGE_SIZE / class_size(class))
		list_del_init(&sp->room);
	s->data = (u8 *)page_address(sp->page) + slot * class_size(class);
	s->len = len;
unlock:
	mhsm_mutex_unlock(&lock);
	return ret;
}

int mhsm_secret_set(struct mhsm_secret *s, const void *from, size_t len)
{
	int ret = mhsm_secret_alloc(s, len);

	if (!ret)
		memcpy(s->data, from, len);
	return ret;
}

void mhsm_secret_free(struct mhsm_secret *s)
{
	unsigned int class;
	struct secret_page *sp;

	if (!s->data)
		return;
	class = class_of(s->len);
	memzero_explicit(s->data, class_size(class));
	mhsm_mutex_lock(&lock);
	sp = (struct secret_page *)page_private(virt_to_page(s->data));
	__clear_bit(offset_in_page(s->data) / class_size(class), sp->map);
	if (list_empty(&sp->room))
		list_add(&sp->room, &classes[class]);
	if (!--sp->used)
		secret_page_free(sp);
	mhsm_mutex_unlock(&lock);
	s->data = NULL;
	s->len = 0;
}

void mhsm_secret_move(struct mhsm_secret *to, struct mhsm_secret *from)
{
	*to = *from;
	from->data = NULL;
	from->len = 0;
}

void mhsm_secret_wipe_all(void)
{
	struct secret_page *sp;

	/*
	 * The machine is going down: nobody else may be running, or holds the lock for ever. A list that is being
	 * changed at this moment still leads forward.
	 */
	list_for_each_entry(sp, &pages, all)
		clear_page(page_address(sp->page));
}

void mhsm_secret_exit(void)
{
	WARN_ON(!list_empty(&pages));
}
