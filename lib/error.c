// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "lib/internal.h"

static const struct error {
	int number;
	const char *meaning;
	const char *remedy;
} errors[] = {
	{ ENODEV, "there is no HSM device", "load the module: modprobe mhsm" },
	{ EPROTONOSUPPORT, "the device is no mhsm, or one of another ABI", "install matching versions of module and library" },
	{ ENODATA, "the HSM is not provisioned", "provision it: mhsm provision" },
	{ ENOKEY, "the HSM is locked", "have its custodians unlock it: mhsm security-domain approve --key FILE" },
	{ ESHUTDOWN, "the HSM was zeroized", "provision it anew: mhsm provision" },
	{ ENOTRECOVERABLE, "a self-test of the HSM failed and it refuses service",
	  "read the kernel log, then reload the module" },
	{ ENOBUFS, "the audit ring is full", "start the daemon that empties it: systemctl start mhsmd" },
	{ EUNATCH, "no mhsmd is attached to store the change", "start it: systemctl start mhsmd" },
	{ EACCES, "no permission for this action", "ask an administrator of the HSM or the key's owner" },
	{ ENOENT, "no such key", "list keys with \"mhsm key list\"" },
	{ EKEYREVOKED, "the key is disabled, deleted, or the HSM was locked since it was opened",
	  "check it with \"mhsm key show\", then open it again" },
	{ EKEYEXPIRED, "now is outside the key's validity", "check its dates with \"mhsm key show\"" },
	{ EPERM, "the key does not allow this operation", "check its operations with \"mhsm key show\"" },
	{ EDQUOT, "the key's use limit is reached", "make a new key, or a new version of it: mhsm key create" },
	{ EOPNOTSUPP, "the algorithm does not belong to this type of key", NULL },
	{ ERANGE, "the output does not fit into the room given", NULL },
	{ EBADMSG, "the signature, tag or integrity check is wrong", NULL },
	{ EKEYREJECTED, "the numbers are not a key of this type", "check the file it comes from: openssl pkey -check" },
	{ EEXIST, "the name is in use",
	  "choose another one; a deleted key keeps its name until it is purged: mhsm key list-deleted" },
	{ ENOSPC, "the store is full; nothing was changed", "make room in mhsmd's state directory" },
	{ EIO, "mhsmd could not store the change; nothing was changed", "read its log: journalctl -u mhsmd" },
	{ ETIMEDOUT, "mhsmd went away before it answered: the outcome is not known",
	  "look whether the change was made, then repeat it if it was not" },
	{ EINVAL, "an argument is out of range", NULL },
	{ ENOTTY, "the descriptor is not one for this call", NULL },
	{ E2BIG, "the module is older than this program and does not know what it asks for", "update the module" },
	{ ENOTCONN, "no ceremony is open", "start one: mhsm security-domain approve --key FILE" },
};

static const struct error *find(int error)
{
	if (error < 0 && error > -4096)
		error = -error;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].number == error)
			return &errors[i];
	return NULL;
}

const char *mhsm_strerror(int error)
{
	const struct error *e = find(error);
	const char *text;

	if (e)
		return e->meaning;
	if (!error)
		return "no error";
	/* strerrordesc_np() is static and untranslated; strerror() is neither. */
	text = strerrordesc_np(error < 0 && error > -4096 ? -error : error);
	return text ? text : "unknown error";
}

const char *mhsm_remedy(int error)
{
	const struct error *e = find(error);

	return e ? e->remedy : NULL;
}
