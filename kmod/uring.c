// SPDX-License-Identifier: GPL-2.0-only
/* io_uring commands: see uring.h */
#include <linux/uaccess.h>

#include "kmod/compat/uring.h"
#include "kmod/keyfd_call.h"
#include "kmod/uring.h"

/*
 * Would this hold up its ring for longer than it takes to hand it to a worker? The length is read here to choose who
 * does it, and again, to be checked, by the call.
 */
static bool is_long(const struct mhsm_key *key, u32 nr, u64 arg)
{
	size_t at = nr == _IOC_NR(MHSM_IOC_SIGN) || nr == _IOC_NR(MHSM_IOC_VERIFY) ?
			    offsetof(struct mhsm_ioc_sign, in_len) :
			    offsetof(struct mhsm_ioc_crypt, in_len);
	u32 len;

	if (key->type != MHSM_KEY_AES)
		return true;
	/* What cannot be read fails at once. */
	return !get_user(len, (u32 __user *)u64_to_user_ptr(arg + at)) && len > MHSM_URING_INLINE;
}

int mhsm_uring_cmd(struct io_uring_cmd *cmd, unsigned int issue_flags)
{
	/* Memory that the process may change at any time: read once */
	const struct mhsm_uring_cmd *payload = mhsm_uring_payload(cmd);
	u64 arg = READ_ONCE(payload->arg), pad = READ_ONCE(payload->pad);
	struct mhsm_keyfd *kf = mhsm_keyfd_of(cmd->file);

	if (cmd->flags || pad)
		return -EINVAL;
	if (issue_flags & IO_URING_F_NONBLOCK && is_long(kf->key, cmd->cmd_op, arg))
		return -EAGAIN;
	return mhsm_keyfd_data(cmd->file, cmd->cmd_op, u64_to_user_ptr(arg));
}
