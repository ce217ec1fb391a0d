// SPDX-License-Identifier: GPL-2.0-only
/* /dev/mhsm and /dev/mhsm-daemon: see uapi/mhsm.h */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "kmod/attach.h"
#include "kmod/audit.h"
#include "kmod/batch.h"
#include "kmod/create.h"
#include "kmod/device.h"
#include "kmod/domain.h"
#include "kmod/ioctl.h"
#include "kmod/keyfd.h"
#include "kmod/keyop.h"
#include "kmod/keyring/release.h"
#include "kmod/lifecycle.h"
#include "kmod/op.h"
#include "kmod/prim.h"
#include "kmod/usercopy.h"

static const struct file_operations daemon_fops;

static int do_info(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_session *session = filp->private_data;
	struct mhsm_domain *domain = session->domain;
	struct mhsm_ioc_info *i = arg;

	if (i->pad)
		return -EINVAL;
	i->abi = MHSM_ABI;
	i->daemon = mhsm_attach_present();
	i->keys = READ_ONCE(domain->keys.count);
	mhsm_audit_stats(domain->audit, &i->audit_lost, &i->audit_batch);
	i->lockdown = !!security_locked_down(LOCKDOWN_KCORE);
	mhsm_mutex_lock(&domain->lock);
	i->state = domain->state;
	memcpy(i->domain, domain->id, sizeof(i->domain));
	mhsm_mutex_unlock(&domain->lock);
	return 0;
}

static int valid_name(const char name[MHSM_NAME_MAX + 1])
{
	int len = mhsm_ioctl_name_len(name);

	return len < 0 ? len : mhsm_name_valid(name, len) ? 0 : -EINVAL;
}

/* --- keys ----------------------------------------------------------------------------------------------------- */

static int do_key_open(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_session *session = filp->private_data;
	struct mhsm_ioc_key_open *o = arg;
	struct mhsm_subject who;
	struct mhsm_key *key;
	struct mhsm_op op;
	int ret;

	if (valid_name(o->name) || o->rights & ~MHSM_OP_ALL)
		return -EINVAL;
	mhsm_session_subject(session, &who);
	ret = mhsm_keyop_open(&op, session->domain, &who, o->name, o->version, o->rights, &key);
	if (ret)
		return ret;
	ret = mhsm_op_end(&op, mhsm_keyfd_make(session, key, o->rights, made), 0);
	mhsm_key_put(key);
	return ret;
}

static int do_key_create(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_ioc_key_create *c = arg;
	struct mhsm_secret none = {};
	int ret = mhsm_create_check(c);

	if (!ret && (c->material || c->material_len))
		ret = -EINVAL;
	return ret ? ret : mhsm_create(filp->private_data, c, &none, MHSM_ACT_KEY_CREATE, made);
}

static int do_key_import(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_ioc_key_create *c = arg;
	struct mhsm_secret material = {};
	int ret = mhsm_create_check(c);

	if (ret)
		return ret;
	ret = mhsm_secret_alloc(&material, c->material_len);
	if (ret)
		return ret;
	if (mhsm_user_read(material.data, c->material, material.len))
		ret = -EFAULT;
	else
		ret = mhsm_create(filp->private_data, c, &material, MHSM_ACT_KEY_IMPORT, made);
	mhsm_secret_free(&material);
	return ret;
}

#define LIST_MAX 1024

/* What an entry of the listing was when it was first published */
#define INFO_FIRST offsetof(struct mhsm_key_info, use_limit)

/* Fills @infos, kernel memory, with a page. User memory is written after the operation: it may take for ever. */
static int list_page(struct mhsm_domain *domain, const struct mhsm_subject *who, struct mhsm_ioc_key_list *l,
		     struct mhsm_key_info *infos)
{
	u32 state = l->flags & MHSM_LIST_DELETED ? MHSM_KEYSTATE_DELETED : MHSM_KEYSTATE_ACTIVE;
	struct mhsm_key *key;
	u64 serial = l->after;
	u32 n = 0;
	int ret = 0;

	while (!ret && n < l->count &&
	       (key = l->name[0] ? mhsm_keytab_next_version(&domain->keys, l->name, &serial) :
				   mhsm_keytab_next(&domain->keys, &serial, false))) {
		if (READ_ONCE(key->state) == state && mhsm_op_visible(domain, who, key))
			mhsm_key_info(key, &infos[n++]);
		mhsm_key_put(key);
		if (fatal_signal_pending(current))
			ret = -EINTR;
		cond_resched();
	}
	l->count = n;
	return ret;
}

/* Copies the page out, entries of the caller's size */
static unsigned long list_copy(const struct mhsm_ioc_key_list *l, const struct mhsm_key_info *infos)
{
	u8 __user *to = u64_to_user_ptr(l->infos);
	unsigned long left = 0;
	u32 i;

	if (l->info_size == sizeof(*infos))
		return copy_to_user(to, infos, array_size(l->count, sizeof(*infos)));
	for (i = 0; !left && i < l->count; i++)
		left = copy_to_user(to + (size_t)i * l->info_size, &infos[i], l->info_size);
	return left;
}

static int do_key_list(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_session *session = filp->private_data;
	struct mhsm_ioc_key_list *l = arg;
	struct mhsm_key_info *infos;
	struct mhsm_subject who;
	struct mhsm_op op;
	int ret;

	if (!l->count || l->count > LIST_MAX || l->flags & ~MHSM_LIST_DELETED ||
	    (l->info_size != INFO_FIRST && l->info_size != sizeof(*infos)) || mhsm_ioctl_name_len(l->name) < 0)
		return -EINVAL;
	infos = kvmalloc_array(l->count, sizeof(*infos), GFP_KERNEL);
	if (!infos)
		return -ENOMEM;
	mhsm_session_subject(session, &who);
	ret = mhsm_op_begin(&op, session->domain, &who, MHSM_ACT_KEY_LIST, NULL, l->name, 0, 0);
	if (!ret)
		ret = mhsm_op_end(&op, list_page(session->domain, &who, l, infos), 0);
	if (!ret && list_copy(l, infos))
		ret = -EFAULT;
	kvfree(infos);
	return ret;
}

/*
 * Begins @action on the version of @name that is decisive for who may, the latest if @version is NULL or zero. *@key: a
 * reference to it, also after an error; NULL: there is none.
 */
static int change_begin(struct mhsm_session *session, struct mhsm_op *op, u32 action, const char *name,
			const u8 *version, struct mhsm_key **key)
{
	struct mhsm_subject who;
	bool visible;
	int ret;

	mhsm_session_subject(session, &who);
	*key = mhsm_keytab_find(&session->domain->keys, name, version);
	visible = *key && mhsm_op_visible(session->domain, &who, *key);
	/* Without a key the monitor decides for the administrator; who may not know of it sees no difference. */
	ret = mhsm_op_begin(op, session->domain, &who, action, *key, name, 0, 0);
	return ret == -EACCES && !visible ? -ENOENT : ret;
}

static int change(struct mhsm_session *session, struct mhsm_ioc_key_name *k, u32 action, enum mhsm_change change)
{
	struct mhsm_key *key;
	struct mhsm_op op;
	int ret;

	if (valid_name(k->name) || k->flags)
		return -EINVAL;
	ret = change_begin(session, &op, action, k->name, NULL, &key);
	if (!ret)
		ret = mhsm_op_end_durable(&op, mhsm_lifecycle_change(session->domain, k->name, change));
	mhsm_key_put(key);
	return ret;
}

static int do_key_update(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_session *session = filp->private_data;
	struct mhsm_ioc_key_update *u = arg;
	struct mhsm_key *key;
	struct mhsm_op op;
	int ret;

	if (valid_name(u->name) || !mhsm_lifecycle_update_valid(u))
		return -EINVAL;
	ret = change_begin(session, &op, MHSM_ACT_KEY_UPDATE, u->name, u->version, &key);
	if (!ret)
		ret = mhsm_op_end_durable(&op, key ? mhsm_lifecycle_update(key, u) : -ENOENT);
	mhsm_key_put(key);
	return ret;
}

static int do_key_delete(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	return change(filp->private_data, arg, MHSM_ACT_KEY_DELETE, MHSM_CHANGE_DELETE);
}

static int do_key_recover(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	return change(filp->private_data, arg, MHSM_ACT_KEY_RECOVER, MHSM_CHANGE_RECOVER);
}

static int do_key_purge(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	return change(filp->private_data, arg, MHSM_ACT_KEY_PURGE, MHSM_CHANGE_PURGE);
}

/* --- the rest of /dev/mhsm ------------------------------------------------------------------------------------ */

static int do_random(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_session *session = filp->private_data;
	struct mhsm_ioc_random *r = arg;
	struct mhsm_subject who;
	struct mhsm_op op;
	u8 *buf;
	int ret;

	if (!r->len || r->len > MHSM_RANDOM_MAX)
		return -EINVAL;
	buf = kvmalloc(r->len, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	mhsm_session_subject(session, &who);
	ret = mhsm_op_begin(&op, session->domain, &who, MHSM_ACT_RANDOM, NULL, NULL, 0, 0);
	if (!ret)
		ret = mhsm_op_end(&op, mhsm_prim_random(buf, r->len), r->len);
	if (!ret && mhsm_user_write(r->out, buf, r->len))
		ret = -EFAULT;
	kvfree_sensitive(buf, r->len);
	return ret;
}

static int do_transfer_key(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_session *session = filp->private_data;
	struct mhsm_domain *domain = session->domain;
	struct mhsm_ioc_transfer_key *t = arg;
	int ret = 0;

	if (t->pad || memchr_inv(t->pad2, 0, sizeof(t->pad2)))
		return -EINVAL;
	mhsm_mutex_lock(&domain->lock);
	if (domain->transfer.data) {
		memcpy(t->domain, domain->id, sizeof(t->domain));
		memcpy(t->pub, domain->transfer_public, sizeof(t->pub));
	} else {
		ret = -ENOTCONN;
	}
	mhsm_mutex_unlock(&domain->lock);
	return ret;
}

static int do_session_bind(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_session *session = filp->private_data;
	struct mhsm_ioc_session_bind *b = arg;
	struct file *daemon;
	int ret = -EPERM;

	if (b->pad || b->principal_kind != MHSM_PRINCIPAL_UID)
		return -EINVAL;
	daemon = fget(b->daemon_fd);
	if (!daemon)
		return -EBADF;
	if (daemon->f_op == &daemon_fops && mhsm_attach_is_daemon(daemon->private_data))
		ret = mhsm_session_bind(session, b->principal_kind, b->principal, b->pid);
	fput(daemon);
	return ret;
}

static u8 *batch_in(const struct mhsm_ioc_audit_verify *v)
{
	if (v->pad || !v->len || v->len > MHSM_AUDIT_BATCH_BYTES(MHSM_AUDIT_BATCH_MAX))
		return ERR_PTR(-EINVAL);
	return vmemdup_user(u64_to_user_ptr(v->batch), v->len);
}

static int do_audit_verify(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_session *session = filp->private_data;
	struct mhsm_ioc_audit_verify *v = arg;
	struct mhsm_subject who;
	struct mhsm_op op;
	u8 *batch;
	int ret;

	if (v->flags)
		return -EINVAL;
	batch = batch_in(v);
	if (IS_ERR(batch))
		return PTR_ERR(batch);
	mhsm_session_subject(session, &who);
	ret = mhsm_op_begin(&op, session->domain, &who, MHSM_ACT_AUDIT_VERIFY, NULL, NULL, 0, 0);
	if (!ret)
		ret = mhsm_op_end(&op, mhsm_audit_verify(session->domain->audit, batch, v->len, false), v->len);
	kvfree(batch);
	return ret;
}

/* --- /dev/mhsm-daemon ----------------------------------------------------------------------------------------- */

static int do_daemon_nonce(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_ioc_daemon_nonce *n = arg;

	return n->pad ? -EINVAL : mhsm_attach_nonce(filp->private_data, n->nonce);
}

static int do_audit_drain(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_session *session = filp->private_data;
	struct mhsm_ioc_audit_drain *d = arg;

	if (d->pad || d->wait_ms > 10000)
		return -EINVAL;
	if (!mhsm_attach_is_daemon(session))
		return -EPERM;
	return mhsm_audit_drain(session->domain->audit, d->wait_ms, u64_to_user_ptr(d->out), &d->len);
}

static int do_audit_ack(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_session *session = filp->private_data;
	struct mhsm_ioc_audit_ack *a = arg;

	if (a->pad)
		return -EINVAL;
	return mhsm_attach_is_daemon(session) ? mhsm_audit_ack(session->domain->audit, a->number) : -EPERM;
}

static int do_daemon_verify(struct file *filp, void *arg, struct mhsm_ioctl_file *made)
{
	struct mhsm_session *session = filp->private_data;
	struct mhsm_ioc_audit_verify *v = arg;
	u8 *batch;
	int ret;

	if (v->flags & ~MHSM_AUDIT_RESUME)
		return -EINVAL;
	if (!mhsm_attach_is_daemon(session))
		return -EPERM;
	batch = batch_in(v);
	if (IS_ERR(batch))
		return PTR_ERR(batch);
	ret = mhsm_audit_verify(session->domain->audit, batch, v->len, v->flags & MHSM_AUDIT_RESUME);
	kvfree(batch);
	return ret;
}

/* --- files ---------------------------------------------------------------------------------------------------- */

#define CALL(nr, type, fn) [_IOC_NR(nr)] = MHSM_IOCTL_ENTRY(type, fn)
/* A struct that first ended before @member */
#define GROWN(nr, type, member, fn) [_IOC_NR(nr)] = MHSM_IOCTL_GROWN(type, offsetof(struct type, member), fn)

static const struct mhsm_ioctl calls[] = {
	CALL(MHSM_IOC_INFO, mhsm_ioc_info, do_info),
	CALL(MHSM_IOC_KEY_OPEN, mhsm_ioc_key_open, do_key_open),
	GROWN(MHSM_IOC_KEY_CREATE, mhsm_ioc_key_create, use_limit, do_key_create),
	GROWN(MHSM_IOC_KEY_IMPORT, mhsm_ioc_key_create, use_limit, do_key_import),
	CALL(MHSM_IOC_KEY_LIST, mhsm_ioc_key_list, do_key_list),
	CALL(MHSM_IOC_KEY_UPDATE, mhsm_ioc_key_update, do_key_update),
	CALL(MHSM_IOC_KEY_DELETE, mhsm_ioc_key_name, do_key_delete),
	CALL(MHSM_IOC_KEY_RECOVER, mhsm_ioc_key_name, do_key_recover),
	CALL(MHSM_IOC_KEY_PURGE, mhsm_ioc_key_name, do_key_purge),
	CALL(MHSM_IOC_RANDOM, mhsm_ioc_random, do_random),
	CALL(MHSM_IOC_RELEASE, mhsm_ioc_release, mhsm_release),
	CALL(MHSM_IOC_TRANSFER_KEY, mhsm_ioc_transfer_key, do_transfer_key),
	[_IOC_NR(MHSM_IOC_BATCH)] = MHSM_IOCTL_DATA(mhsm_ioc_batch, done, mhsm_batch),
	CALL(MHSM_IOC_SESSION_BIND, mhsm_ioc_session_bind, do_session_bind),
	CALL(MHSM_IOC_AUDIT_VERIFY, mhsm_ioc_audit_verify, do_audit_verify),
};

static const struct mhsm_ioctl daemon_calls[] = {
	CALL(MHSM_IOC_INFO, mhsm_ioc_info, do_info),
	CALL(MHSM_IOC_DAEMON_NONCE, mhsm_ioc_daemon_nonce, do_daemon_nonce),
	CALL(MHSM_IOC_AUDIT_DRAIN, mhsm_ioc_audit_drain, do_audit_drain),
	CALL(MHSM_IOC_AUDIT_ACK, mhsm_ioc_audit_ack, do_audit_ack),
	CALL(MHSM_IOC_AUDIT_VERIFY, mhsm_ioc_audit_verify, do_daemon_verify),
};

static long device_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	return mhsm_ioctl_dispatch(calls, ARRAY_SIZE(calls), 0, filp, cmd, arg);
}

static long daemon_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	return mhsm_ioctl_dispatch(daemon_calls, ARRAY_SIZE(daemon_calls), 0, filp, cmd, arg);
}

static int open_session(struct file *filp, bool daemon)
{
	struct mhsm_session *session = mhsm_session_new(mhsm_domain_default(), daemon);

	if (IS_ERR(session))
		return PTR_ERR(session);
	filp->private_data = session;
	return nonseekable_open(file_inode(filp), filp);
}

static int device_open(struct inode *inode, struct file *filp)
{
	return open_session(filp, false);
}

static int daemon_open(struct inode *inode, struct file *filp)
{
	return open_session(filp, true);
}

static int device_release(struct inode *inode, struct file *filp)
{
	struct mhsm_session *session = filp->private_data;

	if (session->daemon)
		mhsm_attach_session_closed(session);
	mhsm_session_free(session);
	return 0;
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.unlocked_ioctl = device_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static const struct file_operations daemon_fops = {
	.owner = THIS_MODULE,
	.open = daemon_open,
	.release = device_release,
	.unlocked_ioctl = daemon_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/* Modes until udev's rule comes: root only. */
static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "mhsm",
	.fops = &device_fops,
	.mode = 0600,
};

static struct miscdevice daemon_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "mhsm-daemon",
	.fops = &daemon_fops,
	.mode = 0600,
};

int mhsm_device_init(void)
{
	int ret = misc_register(&device);

	if (ret)
		return ret;
	ret = misc_register(&daemon_device);
	if (ret)
		misc_deregister(&device);
	return ret;
}

void mhsm_device_exit(void)
{
	misc_deregister(&daemon_device);
	misc_deregister(&device);
}
