// SPDX-License-Identifier: GPL-2.0-only
/* Making a key: see create.h */
#include <linux/string.h>

#include "kmod/create.h"
#include "kmod/domain.h"
#include "kmod/keyfd.h"
#include "kmod/lifecycle.h"
#include "kmod/op.h"

struct key_file {
	struct mhsm_session *session;
	struct mhsm_ioctl_file *made;
};

/* The file of the new key, all of whose rights it carries; without it there is to be no key. */
static int make_file(struct mhsm_key *key, void *context)
{
	struct key_file *f = context;

	return mhsm_keyfd_make(f->session, key, key->ops, f->made);
}

int mhsm_create_may(struct mhsm_session *session, const struct mhsm_ioc_key_create *c, u32 action)
{
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret, denied;

	mhsm_session_subject(session, &who);
	denied = mhsm_access_check(session->domain, &who, action, NULL);
	if (!denied)
		return 0;
	ret = mhsm_op_begin(&op, session->domain, &who, action, NULL, c->name, 0, 0);
	/* Should the policy have changed this instant, the caller is told what was true before. */
	return ret ? ret : mhsm_op_end(&op, denied, 0);
}

int mhsm_create(struct mhsm_session *session, struct mhsm_ioc_key_create *c, const struct mhsm_secret *material,
		u32 action, struct mhsm_ioctl_file *made)
{
	struct key_file file = { session, made };
	struct mhsm_key_spec spec = {
		.name = c->name,
		.name_len = strlen(c->name),
		.type = c->type,
		.param = c->param,
		.ops = c->ops,
		.flags = c->flags,
		.not_before = c->not_before,
		.expires = c->expires,
		.use_limit = c->use_limit,
		.made = make_file,
		.context = &file,
		.material = material->data,
		.material_len = material->len,
		.derived = material->data && action == MHSM_ACT_KEY_CREATE,
	};
	struct mhsm_key *key = NULL;
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret;

	ret = mhsm_ioctl_reserve(made);
	if (ret)
		return ret;
	mhsm_session_subject(session, &who);
	ret = mhsm_op_begin(&op, session->domain, &who, action, NULL, c->name, 0, 0);
	if (ret)
		return ret;
	ret = mhsm_lifecycle_create(session->domain, &who, &spec, &key);
	if (!ret) {
		mhsm_op_note_key(&op, key);
		memcpy(c->id, key->id, sizeof(c->id));
		memcpy(c->version, key->version, sizeof(c->version));
	}
	ret = mhsm_op_end_durable(&op, ret);
	mhsm_key_put(key);
	return ret;
}

int mhsm_create_check(const struct mhsm_ioc_key_create *c)
{
	if (mhsm_ioctl_name_len(c->name) < 0 || c->ops & ~MHSM_OP_ALL)
		return -EINVAL;
	if (memchr_inv(c->id, 0, sizeof(c->id)) || memchr_inv(c->version, 0, sizeof(c->version)))
		return -EINVAL;
	return 0;
}
