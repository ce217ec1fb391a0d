// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c daemon/device.c
 *       daemon/log.c
 *       pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12
 * timeout: 600
 *
 * Every ioctl with everything wrong in turn: sizes, pointers, fields, files. Tables say what; after each the keys and
 * the audit are what they were.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/kselftest/hsm/cases.h"
#include "tests/kselftest/hsm/hsm.h"
#include "uapi/mhsm.h"

#define PAGE 4096
#define ROOM (2 * PAGE)
#define BATCH_ROOM MHSM_AUDIT_BATCH_BYTES(MHSM_AUDIT_BATCH_MAX)

static struct hsm *hsm;
static uint8_t *edge; /* ROOM bytes, of which the last page is followed by nothing */
static uint8_t *readonly; /* a page */
static uint8_t buffer[1 << 17]; /* whatever a call reads or writes besides its struct */

/* --- the files ---------------------------------------------------------------------------------------------------- */

enum file { F_DEV, F_DAEMON, F_AES, F_EC, FILES };

static int fds[FILES];

static long call(int fd, unsigned long cmd, void *arg)
{
	long ret = ioctl(fd, cmd, arg);

	return ret < 0 ? -errno : ret;
}

/* A descriptor that came is closed: its number does not matter. */
static long call_close(int fd, unsigned long cmd, void *arg)
{
	long ret = call(fd, cmd, arg);

	if (ret <= 0)
		return ret;
	close((int)ret);
	return 0;
}

/* --- the calls, each with a struct that is right ------------------------------------------------------------------ */

union any {
	__u32 size;
	struct mhsm_ioc_info info;
	struct mhsm_ioc_key_open key_open;
	struct mhsm_ioc_key_create key_create;
	struct mhsm_ioc_key_info key_info;
	struct mhsm_ioc_key_list key_list;
	struct mhsm_ioc_key_name key_name;
	struct mhsm_ioc_key_update key_update;
	struct mhsm_ioc_random random;
	struct mhsm_ioc_release release;
	struct mhsm_ioc_transfer_key transfer_key;
	struct mhsm_ioc_public public;
	struct mhsm_ioc_crypt crypt;
	struct mhsm_ioc_sign sign;
	struct mhsm_ioc_token token;
	struct mhsm_ioc_derive derive;
	struct mhsm_ioc_batch batch;
	struct mhsm_ioc_daemon_nonce daemon_nonce;
	struct mhsm_ioc_session_bind session_bind;
	struct mhsm_ioc_audit_drain audit_drain;
	struct mhsm_ioc_audit_ack audit_ack;
	struct mhsm_ioc_audit_verify audit_verify;
	uint8_t bytes[ROOM];
};

static uintptr_t at(size_t offset)
{
	return (uintptr_t)(buffer + offset);
}

static void good_none(union any *a)
{
	(void)a;
}

static void good_open(union any *a)
{
	a->key_open.rights = MHSM_OP_ENCRYPT;
	strcpy(a->key_open.name, "aes");
}

static void good_create(union any *a)
{
	a->key_create.type = MHSM_KEY_AES;
	a->key_create.param = 256;
	a->key_create.flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION;
}

static void good_import(union any *a)
{
	good_create(a);
	a->key_create.material = at(0);
	a->key_create.material_len = 32;
}

static void good_list(union any *a)
{
	a->key_list.count = 10;
	a->key_list.infos = at(0);
	a->key_list.info_size = sizeof(struct mhsm_key_info);
}

static void good_name(union any *a)
{
	strcpy(a->key_name.name, "absent");
}

static void good_update(union any *a)
{
	strcpy(a->key_update.name, "absent");
	a->key_update.what = MHSM_UPDATE_ENABLED;
}

static void good_random(union any *a)
{
	a->random.len = 16;
	a->random.out = at(0);
}

static void good_bind(union any *a)
{
	a->session_bind.daemon_fd = fds[F_DAEMON];
	a->session_bind.principal_kind = MHSM_PRINCIPAL_UID;
}

static void good_verify(union any *a)
{
	a->audit_verify.len = 200;
	a->audit_verify.batch = at(0);
}

static void good_drain(union any *a)
{
	a->audit_drain.len = BATCH_ROOM;
	a->audit_drain.out = at(0);
}

static void good_public(union any *a)
{
	a->public.len = 128;
	a->public.out = at(0);
}

static void good_gcm(union any *a)
{
	a->crypt.alg = MHSM_ALG_AES_GCM;
	a->crypt.iv_len = 12;
	a->crypt.tag_len = 16;
	a->crypt.aad_len = 20;
	a->crypt.in_len = 64;
	a->crypt.out_len = 64;
	a->crypt.iv = at(0);
	a->crypt.tag = at(100);
	a->crypt.aad = at(200);
	a->crypt.in = at(300);
	a->crypt.out = at(2000);
}

static void good_wrap(union any *a)
{
	a->crypt.alg = MHSM_ALG_AES_KW;
	a->crypt.in_len = 32;
	a->crypt.out_len = 40;
	a->crypt.in = at(0);
	a->crypt.out = at(10000);
}

static void good_unwrap(union any *a)
{
	good_wrap(a);
	a->crypt.in_len = 40;
	a->crypt.out_len = 32;
}

static void good_sign(union any *a)
{
	a->sign.alg = MHSM_ALG_ES256;
	a->sign.in_len = 32;
	a->sign.sig_len = 64;
	a->sign.in = at(0);
	a->sign.sig = at(2000);
}

static void good_token(union any *a)
{
	a->token.alg = MHSM_TOKEN_XTS_AES;
	a->token.key_len = 64;
}

/* The base point of P-256 is a peer's public key; SP 800-186 section 3.2.1.3 */
static const uint8_t p256_point[64] = {
	0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
	0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
	0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16,
	0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
};

static void good_derive(union any *a)
{
	memcpy(buffer, p256_point, sizeof(p256_point));
	a->derive.alg = MHSM_ALG_ECDH;
	a->derive.kdf = MHSM_ALG_HKDF_SHA256;
	a->derive.peer_len = sizeof(p256_point);
	a->derive.salt_len = 20;
	a->derive.info_len = 10;
	a->derive.out_len = 64;
	a->derive.peer = at(0);
	a->derive.salt = at(200);
	a->derive.info = at(300);
	a->derive.out = at(2000);
}

/* A token that is none: it comes to that only if all else is right */
static void good_release(union any *a)
{
	a->release.form = MHSM_RELEASE_LOGON;
	a->release.keyring = KEY_SPEC_PROCESS_KEYRING;
	strcpy(a->release.description, "mhsm:x");
}

/* One entry, which is wrong in itself; that is its own result */
static void good_batch(union any *a)
{
	a->batch.count = 1;
	a->batch.ops = at(0);
}

/* Every call, and what the right struct returns (the files of this program are not the attached daemon's) */
static const struct ioc {
	const char *name;
	unsigned long cmd;
	enum file file;
	size_t size;
	size_t first; /* the size that was published first */
	void (*good)(union any *a);
	int want;
} iocs[] = {
#define GROWN(cmd, file, type, first, good, want) \
	{ #cmd, MHSM_IOC_##cmd, file, sizeof(struct mhsm_ioc_##type), first, good, want }
#define IOC(cmd, file, type, good, want) GROWN(cmd, file, type, sizeof(struct mhsm_ioc_##type), good, want)
#define CREATE_FIRST offsetof(struct mhsm_ioc_key_create, use_limit)
	IOC(INFO, F_DEV, info, good_none, 0),
	IOC(KEY_OPEN, F_DEV, key_open, good_open, 0),
	GROWN(KEY_CREATE, F_DEV, key_create, CREATE_FIRST, good_create, 0),
	GROWN(KEY_IMPORT, F_DEV, key_create, CREATE_FIRST, good_import, 0),
	IOC(KEY_LIST, F_DEV, key_list, good_list, 0),
	IOC(KEY_DELETE, F_DEV, key_name, good_name, -ENOENT),
	IOC(KEY_RECOVER, F_DEV, key_name, good_name, -ENOENT),
	IOC(KEY_PURGE, F_DEV, key_name, good_name, -ENOENT),
	IOC(KEY_UPDATE, F_DEV, key_update, good_update, -ENOENT),
	IOC(RANDOM, F_DEV, random, good_random, 0),
	IOC(RELEASE, F_DEV, release, good_release, -EKEYREJECTED),
	IOC(TRANSFER_KEY, F_DEV, transfer_key, good_none, -ENOTCONN),
	IOC(SESSION_BIND, F_DEV, session_bind, good_bind, -EPERM),
	IOC(AUDIT_VERIFY, F_DEV, audit_verify, good_verify, -EINVAL),
	IOC(BATCH, F_DEV, batch, good_batch, 0),
	IOC(DAEMON_NONCE, F_DAEMON, daemon_nonce, good_none, -EBUSY),
	IOC(AUDIT_DRAIN, F_DAEMON, audit_drain, good_drain, -EPERM),
	IOC(AUDIT_ACK, F_DAEMON, audit_ack, good_none, -EPERM),
	IOC(AUDIT_VERIFY, F_DAEMON, audit_verify, good_verify, -EPERM),
	GROWN(KEY_INFO, F_AES, key_info, offsetof(struct mhsm_ioc_key_info, info.use_limit), good_none, 0),
	IOC(PUBLIC, F_EC, public, good_public, 0),
	IOC(ENCRYPT, F_AES, crypt, good_gcm, 0),
	IOC(DECRYPT, F_AES, crypt, good_gcm, -EBADMSG),
	IOC(WRAP, F_AES, crypt, good_wrap, 0),
	IOC(UNWRAP, F_AES, crypt, good_unwrap, -EBADMSG),
	IOC(SIGN, F_EC, sign, good_sign, 0),
	IOC(VERIFY, F_EC, sign, good_sign, -EBADMSG),
	IOC(TOKEN, F_AES, token, good_token, 0),
	IOC(DERIVE, F_EC, derive, good_derive, 0),
};
#define IOCS (sizeof(iocs) / sizeof(iocs[0]))

/* Is the call known to this file? */
static int known(const struct ioc *ioc, enum file file)
{
	if (file == ioc->file || (file == F_EC && ioc->file == F_AES) || (file == F_AES && ioc->file == F_EC))
		return 1;
	return file == F_DAEMON && ioc->cmd == MHSM_IOC_INFO;
}

static void good(const struct ioc *ioc, union any *a)
{
	memset(a, 0, sizeof(*a));
	memset(buffer, 1, 4 * PAGE);
	a->size = (__u32)ioc->size;
	ioc->good(a);
}

/* --- what must not change ----------------------------------------------------------------------------------------- */

static struct mhsm_ioc_info before;
static size_t records_before;

static struct mhsm_ioc_info info(void)
{
	struct mhsm_ioc_info i = { .size = sizeof(i) };

	if (call(fds[F_DEV], MHSM_IOC_INFO, &i))
		abort();
	return i;
}

/* Until the daemon has what was recorded: a further record, and all before it */
static void settle(void)
{
	struct mhsm_ioc_random r = { .size = sizeof(r), .len = 1, .out = at(0) };
	size_t n = hsm_audit_count(hsm, MHSM_ACT_RANDOM, 0);

	if (call(fds[F_DEV], MHSM_IOC_RANDOM, &r) || hsm_audit_wait(hsm, MHSM_ACT_RANDOM, 0, n + 1, 20))
		tap_ok(0, "the audit is drained");
}

static void remember(void)
{
	settle();
	before = info();
	records_before = hsm_records(hsm);
}

static void unchanged(const char *what, int audited)
{
	struct mhsm_ioc_info now;

	usleep(120000); /* longer than the daemon's drain waits: what was recorded would be in a batch */
	now = info();
	tap_ok(now.keys == before.keys && now.state == before.state && hsm_records(hsm) == records_before &&
		       (audited || now.audit_batch == before.audit_batch),
	       "%s: nothing changed%s", what, audited ? "" : ", nothing was recorded");
}

/* --- sizes and pointers of the structs ---------------------------------------------------------------------------- */

static void sizes(const struct ioc *ioc)
{
	union any a;
	size_t n;

	cases_begin();
	for (n = 0; n < ioc->first; n++) {
		good(ioc, &a);
		a.size = (__u32)n;
		cases_is(call_close(fds[ioc->file], ioc->cmd, &a), -EINVAL, "size %zu", n);
	}
	for (n = ioc->size; n < ioc->size + 40; n++) {
		good(ioc, &a);
		a.size = (__u32)ioc->size + 40;
		a.bytes[n] = 0x80;
		cases_is(call_close(fds[ioc->file], ioc->cmd, &a), -E2BIG, "byte %zu of the tail", n);
	}
	good(ioc, &a);
	a.size = PAGE;
	a.bytes[PAGE - 1] = 1;
	cases_is(call_close(fds[ioc->file], ioc->cmd, &a), -E2BIG, "the last byte of a page");
	good(ioc, &a);
	a.size = PAGE + 1;
	cases_is(call_close(fds[ioc->file], ioc->cmd, &a), -E2BIG, "more than a page");
	a.size = UINT32_MAX;
	cases_is(call_close(fds[ioc->file], ioc->cmd, &a), -E2BIG, "4 GiB");
	cases_end("%s: wrong sizes", ioc->name);
}

static void longer(const struct ioc *ioc)
{
	union any a;

	cases_begin();
	good(ioc, &a);
	cases_is(call_close(fds[ioc->file], ioc->cmd, &a), ioc->want, "as it is");
	good(ioc, &a);
	a.size = (__u32)ioc->first;
	cases_is(call_close(fds[ioc->file], ioc->cmd, &a), ioc->want, "as it was first");
	good(ioc, &a);
	a.size = (__u32)ioc->size + 40;
	cases_is(call_close(fds[ioc->file], ioc->cmd, &a), ioc->want, "40 bytes more");
	good(ioc, &a);
	a.size = PAGE;
	cases_is(call_close(fds[ioc->file], ioc->cmd, &a), ioc->want, "a page");
	good(ioc, &a);
	/* The size in the code is not looked at. */
	cases_is(call_close(fds[ioc->file], ioc->cmd ^ 8ul << _IOC_SIZESHIFT, &a), ioc->want, "another size in the code");
	cases_end("%s: right, and longer", ioc->name);
}

static void pointers(const struct ioc *ioc)
{
	uint8_t *end = edge + ROOM;
	union any a;
	size_t n;

	cases_begin();
	cases_is(call(fds[ioc->file], ioc->cmd, NULL), -EFAULT, "NULL");
	cases_is(call(fds[ioc->file], ioc->cmd, (void *)-PAGE), -EFAULT, "the last page");
	cases_is(call(fds[ioc->file], ioc->cmd, (void *)0xffff888000000000ul), -EFAULT, "the kernel's");
	cases_is(call(fds[ioc->file], ioc->cmd, (void *)0x00007ffffffff000ul), -EFAULT, "the end of user space");
	cases_is(call(fds[ioc->file], ioc->cmd, end), -EFAULT, "behind the end of a mapping");
	for (n = 1; n < ioc->size; n++) {
		good(ioc, &a);
		memcpy(end - n, &a, n);
		cases_is(call(fds[ioc->file], ioc->cmd, end - n), -EFAULT, "%zu bytes are there", n);
	}
	good(ioc, &a);
	memcpy(end - ioc->size, &a, ioc->size);
	((union any *)(end - ioc->size))->size += 8;
	cases_is(call(fds[ioc->file], ioc->cmd, end - ioc->size), -EFAULT, "the tail is not there");
	good(ioc, &a);
	mprotect(readonly, PAGE, PROT_READ | PROT_WRITE);
	memcpy(readonly, &a, ioc->size);
	mprotect(readonly, PAGE, PROT_READ);
	cases_is(call(fds[ioc->file], ioc->cmd, readonly), -EFAULT, "cannot be written");
	cases_end("%s: wrong pointers", ioc->name);
}

static void other_files(void)
{
	int null = open("/dev/null", O_RDWR), pipes[2];
	enum file file;
	union any a;
	size_t i;

	cases_begin();
	if (null < 0 || pipe(pipes))
		abort();
	for (i = 0; i < IOCS; i++) {
		good(&iocs[i], &a);
		for (file = 0; file < FILES; file++) {
			unsigned long cmd = iocs[i].cmd;

			/* AUDIT_VERIFY is a call of two files. */
			if (!known(&iocs[i], file) && cmd != MHSM_IOC_AUDIT_VERIFY)
				cases_is(call_close(fds[file], cmd, &a), -ENOTTY, "%s, file %d", iocs[i].name, file);
			cases_is(call_close(fds[file], cmd & ~(3ul << _IOC_DIRSHIFT), &a), -ENOTTY, "no direction");
			cases_is(call_close(fds[file], cmd ^ (unsigned long)_IOC_READ << _IOC_DIRSHIFT, &a), -ENOTTY,
				 "one direction");
			cases_is(call_close(fds[file], cmd ^ 1ul << _IOC_TYPESHIFT, &a), -ENOTTY, "another type");
		}
		cases_is(call_close(null, iocs[i].cmd, &a), -ENOTTY, "/dev/null");
		cases_is(call_close(pipes[0], iocs[i].cmd, &a), -ENOTTY, "a pipe");
	}
	for (i = 0; i < 256; i++) {
		unsigned long cmd = _IOWR(MHSM_IOC, i, struct mhsm_ioc_info);
		size_t j;

		for (file = 0; file < FILES; file++) {
			for (j = 0; j < IOCS; j++)
				if (_IOC_NR(iocs[j].cmd) == i)
					break;
			if (j == IOCS)
				cases_is(call_close(fds[file], cmd, &a), -ENOTTY, "call %zu, file %d", i, file);
		}
	}
	cases_end("calls of another file, and calls that there are not");
	close(null);
	close(pipes[0]);
	close(pipes[1]);
}

/* --- fields ------------------------------------------------------------------------------------------------------- */

#define FIELD(call, file, type, field) \
	MHSM_IOC_##call, file, offsetof(struct mhsm_ioc_##type, field), sizeof(((struct mhsm_ioc_##type *)0)->field)

/* One field of an otherwise right struct has this value, and that is what comes of it. */
static const struct {
	unsigned long cmd;
	enum file file;
	size_t offset, size;
	uint64_t value;
	int want;
} values[] = {
	{ FIELD(KEY_CREATE, F_DEV, key_create, type), 0, -EOPNOTSUPP },
	{ FIELD(KEY_CREATE, F_DEV, key_create, type), 3, -EOPNOTSUPP },
	{ FIELD(KEY_CREATE, F_DEV, key_create, type), UINT32_MAX, -EOPNOTSUPP },
	{ FIELD(KEY_CREATE, F_DEV, key_create, param), 0, -EOPNOTSUPP },
	{ FIELD(KEY_CREATE, F_DEV, key_create, param), 1, -EOPNOTSUPP },
	{ FIELD(KEY_CREATE, F_DEV, key_create, param), 193, -EOPNOTSUPP },
	{ FIELD(KEY_CREATE, F_DEV, key_create, param), 257, -EOPNOTSUPP },
	{ FIELD(KEY_CREATE, F_DEV, key_create, param), UINT32_MAX, -EOPNOTSUPP },
	{ FIELD(KEY_CREATE, F_DEV, key_create, ops), MHSM_OP_SIGN, 0 },
	{ FIELD(KEY_CREATE, F_DEV, key_create, flags), MHSM_KEY_SESSION | MHSM_KEY_NEW_VERSION, -EINVAL },
	{ FIELD(KEY_CREATE, F_DEV, key_create, flags), MHSM_KEY_ENABLED, -EINVAL }, /* without a name */
	{ FIELD(KEY_CREATE, F_DEV, key_create, use_limit), INT64_MAX, 0 },
	{ FIELD(KEY_CREATE, F_DEV, key_create, use_limit), 1ull << 63, -EINVAL },
	{ FIELD(KEY_CREATE, F_DEV, key_create, use_limit), UINT64_MAX, -EINVAL },
	{ FIELD(KEY_CREATE, F_DEV, key_create, material), 1, -EINVAL },
	{ FIELD(KEY_CREATE, F_DEV, key_create, material_len), 32, -EINVAL },
	{ FIELD(KEY_IMPORT, F_DEV, key_create, material_len), 0, -EINVAL },
	{ FIELD(KEY_IMPORT, F_DEV, key_create, material_len), 1, -EINVAL },
	{ FIELD(KEY_IMPORT, F_DEV, key_create, material_len), 16, -EINVAL },
	{ FIELD(KEY_IMPORT, F_DEV, key_create, material_len), 31, -EINVAL },
	{ FIELD(KEY_IMPORT, F_DEV, key_create, material_len), 33, -EINVAL },
	{ FIELD(KEY_IMPORT, F_DEV, key_create, material_len), 512, -EINVAL },
	{ FIELD(KEY_IMPORT, F_DEV, key_create, material_len), 513, -EINVAL },
	{ FIELD(KEY_IMPORT, F_DEV, key_create, material_len), UINT32_MAX, -EINVAL },
	{ FIELD(KEY_IMPORT, F_DEV, key_create, type), 77, -EOPNOTSUPP },
	{ FIELD(KEY_LIST, F_DEV, key_list, count), 0, -EINVAL },
	{ FIELD(KEY_LIST, F_DEV, key_list, count), 1025, -EINVAL },
	{ FIELD(KEY_LIST, F_DEV, key_list, count), UINT32_MAX, -EINVAL },
	{ FIELD(KEY_LIST, F_DEV, key_list, count), 1, 0 },
	{ FIELD(KEY_LIST, F_DEV, key_list, count), 1024, 0 },
	{ FIELD(KEY_LIST, F_DEV, key_list, after), UINT64_MAX, 0 },
	{ FIELD(KEY_LIST, F_DEV, key_list, info_size), 0, -EINVAL },
	{ FIELD(KEY_LIST, F_DEV, key_list, info_size), offsetof(struct mhsm_key_info, use_limit), 0 },
	{ FIELD(KEY_LIST, F_DEV, key_list, info_size), offsetof(struct mhsm_key_info, use_limit) - 1, -EINVAL },
	{ FIELD(KEY_LIST, F_DEV, key_list, info_size), offsetof(struct mhsm_key_info, use_limit) + 8, -EINVAL },
	{ FIELD(KEY_LIST, F_DEV, key_list, info_size), sizeof(struct mhsm_key_info) - 1, -EINVAL },
	{ FIELD(KEY_LIST, F_DEV, key_list, info_size), sizeof(struct mhsm_key_info) + 8, -EINVAL },
	{ FIELD(RELEASE, F_DEV, release, form), 0, -EINVAL },
	{ FIELD(RELEASE, F_DEV, release, form), MHSM_RELEASE_FSCRYPT, -EKEYREJECTED },
	{ FIELD(RELEASE, F_DEV, release, form), MHSM_RELEASE_FSCRYPT_V1, -EINVAL }, /* of this description */
	{ FIELD(RELEASE, F_DEV, release, form), MHSM_RELEASE_FSCRYPT_V1 + 1, -EINVAL },
	{ FIELD(RELEASE, F_DEV, release, form), UINT32_MAX, -EINVAL },
	{ FIELD(RELEASE, F_DEV, release, keyring), 0, -EINVAL },
	{ FIELD(RELEASE, F_DEV, release, keyring), INT32_MAX, -ENOKEY },
	{ FIELD(RELEASE, F_DEV, release, keyring), (uint32_t)-100, -EINVAL },
	{ FIELD(RELEASE, F_DEV, release, description[0]), 0, -EINVAL },
	{ FIELD(RELEASE, F_DEV, release, description[0]), ':', -EINVAL },
	{ FIELD(RELEASE, F_DEV, release, description[4]), 'x', -EINVAL }, /* no prefix */
	{ FIELD(RELEASE, F_DEV, release, description[7]), 'x', -EINVAL }, /* after the NUL */
	{ FIELD(RELEASE, F_DEV, release, description[MHSM_DESCRIPTION_MAX]), 'x', -EINVAL },
	{ FIELD(RANDOM, F_DEV, random, len), 0, -EINVAL },
	{ FIELD(RANDOM, F_DEV, random, len), 1, 0 },
	{ FIELD(RANDOM, F_DEV, random, len), MHSM_RANDOM_MAX, 0 },
	{ FIELD(RANDOM, F_DEV, random, len), MHSM_RANDOM_MAX + 1, -EINVAL },
	{ FIELD(RANDOM, F_DEV, random, len), UINT32_MAX, -EINVAL },
	{ FIELD(BATCH, F_DEV, batch, count), 0, -EINVAL },
	{ FIELD(BATCH, F_DEV, batch, count), MHSM_BATCH_OPS_MAX, 0 },
	{ FIELD(BATCH, F_DEV, batch, count), MHSM_BATCH_OPS_MAX + 1, -EINVAL },
	{ FIELD(BATCH, F_DEV, batch, count), UINT32_MAX, -EINVAL },
	{ FIELD(SESSION_BIND, F_DEV, session_bind, daemon_fd), UINT32_MAX, -EBADF },
	{ FIELD(SESSION_BIND, F_DEV, session_bind, daemon_fd), 1000000, -EBADF },
	{ FIELD(SESSION_BIND, F_DEV, session_bind, daemon_fd), 1, -EPERM }, /* standard output */
	{ FIELD(SESSION_BIND, F_DEV, session_bind, principal_kind), 0, -EINVAL },
	{ FIELD(SESSION_BIND, F_DEV, session_bind, principal_kind), MHSM_PRINCIPAL_GID, -EINVAL },
	{ FIELD(AUDIT_VERIFY, F_DEV, audit_verify, len), 0, -EINVAL },
	{ FIELD(AUDIT_VERIFY, F_DEV, audit_verify, len), 1, -EINVAL },
	{ FIELD(AUDIT_VERIFY, F_DEV, audit_verify, len), BATCH_ROOM, -EINVAL },
	{ FIELD(AUDIT_VERIFY, F_DEV, audit_verify, len), BATCH_ROOM + 1, -EINVAL },
	{ FIELD(AUDIT_VERIFY, F_DEV, audit_verify, len), UINT32_MAX, -EINVAL },
	{ FIELD(AUDIT_VERIFY, F_DEV, audit_verify, flags), MHSM_AUDIT_RESUME, -EINVAL }, /* the daemon's */
	{ FIELD(AUDIT_DRAIN, F_DAEMON, audit_drain, wait_ms), 10001, -EINVAL },
	{ FIELD(PUBLIC, F_EC, public, len), 0, -ERANGE },
	{ FIELD(PUBLIC, F_EC, public, len), 90, -ERANGE },
	{ FIELD(PUBLIC, F_EC, public, len), 91, 0 },
	{ FIELD(PUBLIC, F_EC, public, len), UINT32_MAX, 0 },
	{ FIELD(ENCRYPT, F_AES, crypt, alg), 0, -EOPNOTSUPP },
	{ FIELD(ENCRYPT, F_AES, crypt, alg), MHSM_ALG_AES_KW, -EOPNOTSUPP },
	{ FIELD(ENCRYPT, F_AES, crypt, alg), MHSM_ALG_ES256, -EOPNOTSUPP },
	{ FIELD(ENCRYPT, F_AES, crypt, alg), UINT32_MAX, -EOPNOTSUPP },
	{ FIELD(ENCRYPT, F_AES, crypt, iv_len), 0, -EINVAL },
	{ FIELD(ENCRYPT, F_AES, crypt, iv_len), 11, -EINVAL },
	{ FIELD(ENCRYPT, F_AES, crypt, iv_len), 13, -EINVAL },
	{ FIELD(ENCRYPT, F_AES, crypt, iv_len), UINT32_MAX, -EINVAL },
	{ FIELD(ENCRYPT, F_AES, crypt, tag_len), 0, -EINVAL },
	{ FIELD(ENCRYPT, F_AES, crypt, tag_len), 15, -EINVAL },
	{ FIELD(ENCRYPT, F_AES, crypt, tag_len), 17, -EINVAL },
	{ FIELD(ENCRYPT, F_AES, crypt, aad_len), MHSM_AAD_MAX, 0 },
	{ FIELD(ENCRYPT, F_AES, crypt, aad_len), MHSM_AAD_MAX + 1, -EINVAL },
	{ FIELD(ENCRYPT, F_AES, crypt, aad_len), UINT32_MAX, -EINVAL },
	{ FIELD(ENCRYPT, F_AES, crypt, in_len), 0, 0 },
	{ FIELD(ENCRYPT, F_AES, crypt, in_len), 65, -ERANGE },
	{ FIELD(ENCRYPT, F_AES, crypt, in_len), MHSM_BULK_MAX, -ERANGE },
	{ FIELD(ENCRYPT, F_AES, crypt, in_len), MHSM_BULK_MAX + 1, -EINVAL },
	{ FIELD(ENCRYPT, F_AES, crypt, in_len), UINT32_MAX, -EINVAL },
	{ FIELD(ENCRYPT, F_AES, crypt, out_len), 0, -ERANGE },
	{ FIELD(ENCRYPT, F_AES, crypt, out_len), 63, -ERANGE },
	{ FIELD(ENCRYPT, F_AES, crypt, out_len), UINT32_MAX, 0 },
	{ FIELD(ENCRYPT, F_EC, crypt, iv_len), 12, -EOPNOTSUPP },
	{ FIELD(DECRYPT, F_AES, crypt, flags), MHSM_CRYPT_MAKE_IV, -EINVAL },
	{ FIELD(DECRYPT, F_AES, crypt, tag_len), 4, -EINVAL },
	{ FIELD(DECRYPT, F_AES, crypt, iv_len), 16, -EINVAL },
	{ FIELD(DECRYPT, F_AES, crypt, in_len), MHSM_BULK_MAX + 1, -EINVAL },
	{ FIELD(DECRYPT, F_EC, crypt, iv_len), 12, -EOPNOTSUPP },
	{ FIELD(WRAP, F_AES, crypt, alg), 0, -EOPNOTSUPP },
	{ FIELD(WRAP, F_AES, crypt, alg), MHSM_ALG_AES_GCM, -EOPNOTSUPP },
	{ FIELD(WRAP, F_AES, crypt, alg), MHSM_ALG_AES_KWP, 0 },
	{ FIELD(WRAP, F_AES, crypt, flags), MHSM_CRYPT_MAKE_IV, -EINVAL },
	{ FIELD(WRAP, F_AES, crypt, iv_len), 1, -EINVAL },
	{ FIELD(WRAP, F_AES, crypt, tag_len), 16, -EINVAL },
	{ FIELD(WRAP, F_AES, crypt, aad_len), 1, -EINVAL },
	{ FIELD(WRAP, F_AES, crypt, iv), 1, -EINVAL },
	{ FIELD(WRAP, F_AES, crypt, tag), 1, -EINVAL },
	{ FIELD(WRAP, F_AES, crypt, aad), 1, -EINVAL },
	{ FIELD(WRAP, F_AES, crypt, in_len), 0, -EINVAL },
	{ FIELD(WRAP, F_AES, crypt, in_len), 8, -EINVAL },
	{ FIELD(WRAP, F_AES, crypt, in_len), 16, 0 },
	{ FIELD(WRAP, F_AES, crypt, in_len), 31, -EINVAL },
	{ FIELD(WRAP, F_AES, crypt, in_len), 40, -ERANGE },
	{ FIELD(WRAP, F_AES, crypt, in_len), 4096, -ERANGE },
	{ FIELD(WRAP, F_AES, crypt, in_len), 4104, -EINVAL },
	{ FIELD(WRAP, F_AES, crypt, in_len), UINT32_MAX - 7, -EINVAL },
	{ FIELD(WRAP, F_AES, crypt, out_len), 39, -ERANGE },
	{ FIELD(WRAP, F_EC, crypt, in_len), 32, -EOPNOTSUPP },
	{ FIELD(UNWRAP, F_AES, crypt, in_len), 0, -EINVAL },
	{ FIELD(UNWRAP, F_AES, crypt, in_len), 16, -EINVAL },
	{ FIELD(UNWRAP, F_AES, crypt, in_len), 24, -EBADMSG },
	{ FIELD(UNWRAP, F_AES, crypt, in_len), 39, -EINVAL },
	{ FIELD(UNWRAP, F_AES, crypt, in_len), 4104, -ERANGE },
	{ FIELD(UNWRAP, F_AES, crypt, in_len), 4112, -EINVAL },
	{ FIELD(UNWRAP, F_AES, crypt, out_len), 31, -ERANGE },
	{ FIELD(UNWRAP, F_AES, crypt, flags), 1, -EINVAL },
	{ FIELD(UNWRAP, F_EC, crypt, in_len), 40, -EOPNOTSUPP },
	{ FIELD(SIGN, F_EC, sign, alg), 0, -EOPNOTSUPP },
	{ FIELD(SIGN, F_EC, sign, alg), MHSM_ALG_AES_GCM, -EOPNOTSUPP },
	{ FIELD(SIGN, F_EC, sign, alg), UINT32_MAX, -EOPNOTSUPP },
	{ FIELD(SIGN, F_EC, sign, in_len), 0, -EINVAL },
	{ FIELD(SIGN, F_EC, sign, in_len), 31, -EINVAL },
	{ FIELD(SIGN, F_EC, sign, in_len), 33, -EINVAL },
	{ FIELD(SIGN, F_EC, sign, in_len), UINT32_MAX, -EINVAL },
	{ FIELD(SIGN, F_EC, sign, flags), MHSM_SIGN_MESSAGE, 0 },
	{ FIELD(SIGN, F_EC, sign, sig_len), 0, -ERANGE },
	{ FIELD(SIGN, F_EC, sign, sig_len), 63, -ERANGE },
	{ FIELD(SIGN, F_EC, sign, sig_len), UINT32_MAX, 0 },
	{ FIELD(SIGN, F_AES, sign, sig_len), 64, -EOPNOTSUPP },
	{ FIELD(VERIFY, F_EC, sign, alg), 5, -EOPNOTSUPP },
	{ FIELD(VERIFY, F_EC, sign, in_len), 64, -EINVAL },
	{ FIELD(VERIFY, F_EC, sign, sig_len), 0, -EINVAL },
	{ FIELD(VERIFY, F_EC, sign, sig_len), 63, -EINVAL },
	{ FIELD(VERIFY, F_EC, sign, sig_len), 65, -EINVAL },
	{ FIELD(VERIFY, F_AES, sign, sig_len), 64, -EOPNOTSUPP },
	{ FIELD(TOKEN, F_AES, token, alg), 0, -EOPNOTSUPP },
	{ FIELD(TOKEN, F_AES, token, alg), MHSM_TOKEN_ALG_MAX + 1, -EOPNOTSUPP },
	{ FIELD(TOKEN, F_AES, token, alg), MHSM_TOKEN_CBC_AES, -EINVAL },
	{ FIELD(TOKEN, F_AES, token, key_len), 0, -EINVAL },
	{ FIELD(TOKEN, F_AES, token, key_len), 16, -EINVAL },
	{ FIELD(TOKEN, F_AES, token, key_len), 48, -EINVAL },
	{ FIELD(TOKEN, F_AES, token, key_len), 65, -EINVAL },
	{ FIELD(TOKEN, F_AES, token, key_len), UINT32_MAX, -EINVAL },
	{ FIELD(TOKEN, F_EC, token, flags), 0, -EOPNOTSUPP },
	{ FIELD(PUBLIC, F_AES, public, len), 128, -EOPNOTSUPP },
	{ FIELD(DERIVE, F_EC, derive, alg), 0, -EOPNOTSUPP },
	{ FIELD(DERIVE, F_EC, derive, alg), MHSM_ALG_HKDF_SHA256, -EOPNOTSUPP },
	{ FIELD(DERIVE, F_EC, derive, alg), MHSM_ALG_KDF_CTR_SHA512, -EOPNOTSUPP },
	{ FIELD(DERIVE, F_EC, derive, alg), MHSM_ALG_ES256, -EOPNOTSUPP },
	{ FIELD(DERIVE, F_EC, derive, alg), UINT32_MAX, -EOPNOTSUPP },
	{ FIELD(DERIVE, F_EC, derive, kdf), MHSM_ALG_ECDH, -EOPNOTSUPP },
	{ FIELD(DERIVE, F_EC, derive, kdf), MHSM_ALG_ES256, -EOPNOTSUPP },
	{ FIELD(DERIVE, F_EC, derive, kdf), UINT32_MAX, -EOPNOTSUPP },
	{ FIELD(DERIVE, F_EC, derive, kdf), 0, -EINVAL }, /* with a salt and an info */
	{ FIELD(DERIVE, F_EC, derive, kdf), MHSM_ALG_KDF_CTR_SHA512, 0 },
	{ FIELD(DERIVE, F_EC, derive, peer_len), 0, -EINVAL },
	{ FIELD(DERIVE, F_EC, derive, peer_len), 1, -EINVAL },
	{ FIELD(DERIVE, F_EC, derive, peer_len), 63, -EINVAL },
	{ FIELD(DERIVE, F_EC, derive, peer_len), 65, -EINVAL },
	{ FIELD(DERIVE, F_EC, derive, peer_len), UINT32_MAX, -EINVAL },
	{ FIELD(DERIVE, F_EC, derive, salt_len), 0, 0 },
	{ FIELD(DERIVE, F_EC, derive, salt_len), 1, 0 },
	{ FIELD(DERIVE, F_EC, derive, salt_len), MHSM_DERIVE_PART_MAX, 0 },
	{ FIELD(DERIVE, F_EC, derive, salt_len), MHSM_DERIVE_PART_MAX + 1, -EINVAL },
	{ FIELD(DERIVE, F_EC, derive, salt_len), UINT32_MAX, -EINVAL },
	{ FIELD(DERIVE, F_EC, derive, info_len), 0, 0 },
	{ FIELD(DERIVE, F_EC, derive, info_len), MHSM_DERIVE_PART_MAX, 0 },
	{ FIELD(DERIVE, F_EC, derive, info_len), MHSM_DERIVE_PART_MAX + 1, -EINVAL },
	{ FIELD(DERIVE, F_EC, derive, info_len), UINT32_MAX, -EINVAL },
	{ FIELD(DERIVE, F_EC, derive, out_len), 0, -EINVAL },
	{ FIELD(DERIVE, F_EC, derive, out_len), 1, 0 },
	{ FIELD(DERIVE, F_EC, derive, out_len), MHSM_DERIVE_OUT_MAX, 0 },
	{ FIELD(DERIVE, F_EC, derive, out_len), MHSM_DERIVE_OUT_MAX + 1, -EINVAL },
	{ FIELD(DERIVE, F_EC, derive, out_len), UINT32_MAX, -EINVAL },
	{ FIELD(DERIVE, F_EC, derive, out), 0, -EINVAL }, /* neither */
	{ FIELD(DERIVE, F_EC, derive, key), 1, -EINVAL }, /* both */
	{ FIELD(DERIVE, F_EC, derive, flags), 1, -EINVAL },
	{ FIELD(DERIVE, F_AES, derive, flags), 0, -EOPNOTSUPP },
};

static const struct ioc *ioc_find(unsigned long cmd)
{
	size_t i;

	for (i = 0; i < IOCS; i++)
		if (iocs[i].cmd == cmd)
			return &iocs[i];
	abort();
}

static void field_values(void)
{
	const struct ioc *ioc;
	union any a;
	size_t i;

	cases_begin();
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		ioc = ioc_find(values[i].cmd);
		good(ioc, &a);
		/* little-endian, as is every machine that this runs on */
		memcpy(a.bytes + values[i].offset, &values[i].value, values[i].size);
		cases_is(call_close(fds[values[i].file], values[i].cmd, &a), values[i].want, "%s: %#llx at %zu", ioc->name,
			 (unsigned long long)values[i].value, values[i].offset);
	}
	cases_end("values of fields");
}

/* Bits that no flag has, and bytes that must be zero: EINVAL for each by itself */
static const struct {
	unsigned long cmd;
	enum file file;
	size_t offset, size;
	uint64_t allowed;
} zeros[] = {
	{ FIELD(INFO, F_DEV, info, pad), 0 },
	{ FIELD(KEY_OPEN, F_DEV, key_open, rights), MHSM_OP_ALL },
	{ FIELD(KEY_CREATE, F_DEV, key_create, flags),
	  MHSM_KEY_ENABLED | MHSM_KEY_SESSION | MHSM_KEY_CONSUMERS | MHSM_KEY_NEW_VERSION | MHSM_KEY_RELEASE |
	  MHSM_KEY_REVOKE_LIVE },
	{ FIELD(KEY_CREATE, F_DEV, key_create, ops), MHSM_OP_ALL },
	{ FIELD(KEY_CREATE, F_DEV, key_create, id), 0 },
	{ FIELD(KEY_CREATE, F_DEV, key_create, version), 0 },
	{ FIELD(KEY_IMPORT, F_DEV, key_create, flags),
	  MHSM_KEY_ENABLED | MHSM_KEY_SESSION | MHSM_KEY_CONSUMERS | MHSM_KEY_NEW_VERSION | MHSM_KEY_RELEASE |
	  MHSM_KEY_REVOKE_LIVE },
	{ FIELD(KEY_IMPORT, F_DEV, key_create, ops), MHSM_OP_ALL },
	{ FIELD(KEY_IMPORT, F_DEV, key_create, id), 0 },
	{ FIELD(KEY_LIST, F_DEV, key_list, flags), MHSM_LIST_DELETED },
	{ FIELD(KEY_DELETE, F_DEV, key_name, flags), 0 },
	{ FIELD(KEY_RECOVER, F_DEV, key_name, flags), 0 },
	{ FIELD(KEY_PURGE, F_DEV, key_name, flags), 0 },
	{ FIELD(KEY_UPDATE, F_DEV, key_update, what), MHSM_UPDATE_ALL },
	{ FIELD(KEY_UPDATE, F_DEV, key_update, flags), MHSM_KEY_ENABLED },
	{ FIELD(KEY_UPDATE, F_DEV, key_update, pad), 0 },
	{ FIELD(KEY_UPDATE, F_DEV, key_update, not_before), 0 },
	{ FIELD(KEY_UPDATE, F_DEV, key_update, expires), 0 },
	{ FIELD(RELEASE, F_DEV, release, flags), 0 },
	{ FIELD(RELEASE, F_DEV, release, pad), 0 },
	{ FIELD(TRANSFER_KEY, F_DEV, transfer_key, pad), 0 },
	{ FIELD(TRANSFER_KEY, F_DEV, transfer_key, pad2), 0 },
	{ FIELD(SESSION_BIND, F_DEV, session_bind, pad), 0 },
	{ FIELD(BATCH, F_DEV, batch, flags), 0 },
	{ FIELD(AUDIT_VERIFY, F_DEV, audit_verify, flags), 0 },
	{ FIELD(AUDIT_VERIFY, F_DEV, audit_verify, pad), 0 },
	{ FIELD(DAEMON_NONCE, F_DAEMON, daemon_nonce, pad), 0 },
	{ FIELD(AUDIT_DRAIN, F_DAEMON, audit_drain, pad), 0 },
	{ FIELD(AUDIT_ACK, F_DAEMON, audit_ack, pad), 0 },
	{ FIELD(AUDIT_VERIFY, F_DAEMON, audit_verify, flags), MHSM_AUDIT_RESUME },
	{ FIELD(KEY_INFO, F_AES, key_info, pad), 0 },
	{ FIELD(ENCRYPT, F_AES, crypt, flags), MHSM_CRYPT_MAKE_IV },
	{ FIELD(DECRYPT, F_AES, crypt, flags), 0 },
	{ FIELD(WRAP, F_AES, crypt, flags), 0 },
	{ FIELD(UNWRAP, F_AES, crypt, flags), 0 },
	{ FIELD(SIGN, F_EC, sign, flags), MHSM_SIGN_MESSAGE },
	{ FIELD(SIGN, F_EC, sign, pad), 0 },
	{ FIELD(VERIFY, F_EC, sign, flags), MHSM_SIGN_MESSAGE },
	{ FIELD(VERIFY, F_EC, sign, pad), 0 },
	{ FIELD(TOKEN, F_AES, token, flags), MHSM_TOKEN_REWRAP },
	{ FIELD(DERIVE, F_EC, derive, flags), 0 },
};

static void field_zeros(void)
{
	const struct ioc *ioc;
	unsigned int bit;
	union any a;
	size_t i;

	cases_begin();
	for (i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++) {
		ioc = ioc_find(zeros[i].cmd);
		for (bit = 0; bit < 8 * zeros[i].size; bit++) {
			if (bit < 64 && zeros[i].allowed >> bit & 1)
				continue;
			good(ioc, &a);
			a.bytes[zeros[i].offset + bit / 8] |= (uint8_t)(1 << bit % 8);
			cases_is(call_close(fds[zeros[i].file], zeros[i].cmd, &a), -EINVAL, "%s: bit %u at %zu", ioc->name,
				 bit, zeros[i].offset);
		}
	}
	cases_end("bits that must be zero");
}

/* Pointers within a struct that the call follows */
static const struct {
	unsigned long cmd;
	enum file file;
	size_t offset, size;
	size_t len; /* bytes that it reads or writes there */
	int made; /* the call has happened when the pointer is found wrong (output) */
} inner[] = {
	{ FIELD(KEY_IMPORT, F_DEV, key_create, material), 32, 0 },
	{ FIELD(KEY_LIST, F_DEV, key_list, infos), 2 * sizeof(struct mhsm_key_info), 1 },
	{ FIELD(RANDOM, F_DEV, random, out), 16, 1 },
	{ FIELD(AUDIT_VERIFY, F_DEV, audit_verify, batch), 200, 0 },
	{ FIELD(BATCH, F_DEV, batch, ops), sizeof(struct mhsm_batch_op), 1 },
	{ FIELD(PUBLIC, F_EC, public, out), 91, 1 },
	{ FIELD(ENCRYPT, F_AES, crypt, iv), 12, 0 },
	{ FIELD(ENCRYPT, F_AES, crypt, tag), 16, 1 },
	{ FIELD(ENCRYPT, F_AES, crypt, aad), 20, 0 },
	{ FIELD(ENCRYPT, F_AES, crypt, in), 64, 0 },
	{ FIELD(ENCRYPT, F_AES, crypt, out), 64, 1 },
	{ FIELD(DECRYPT, F_AES, crypt, iv), 12, 0 },
	{ FIELD(DECRYPT, F_AES, crypt, tag), 16, 0 },
	{ FIELD(DECRYPT, F_AES, crypt, aad), 20, 0 },
	{ FIELD(DECRYPT, F_AES, crypt, in), 64, 0 },
	{ FIELD(WRAP, F_AES, crypt, in), 32, 0 },
	{ FIELD(WRAP, F_AES, crypt, out), 40, 1 },
	{ FIELD(UNWRAP, F_AES, crypt, in), 40, 0 },
	{ FIELD(SIGN, F_EC, sign, in), 32, 0 },
	{ FIELD(SIGN, F_EC, sign, sig), 64, 1 },
	{ FIELD(VERIFY, F_EC, sign, in), 32, 0 },
	{ FIELD(VERIFY, F_EC, sign, sig), 64, 0 },
	{ FIELD(TOKEN, F_AES, token, material), 64, 0 },
	{ FIELD(DERIVE, F_EC, derive, peer), 64, 0 },
	{ FIELD(DERIVE, F_EC, derive, salt), 20, 0 },
	{ FIELD(DERIVE, F_EC, derive, info), 10, 0 },
	{ FIELD(DERIVE, F_EC, derive, out), 64, 1 },
};

static void inner_pointers(void)
{
	const struct ioc *ioc;
	union any a;
	size_t i, j;

	cases_begin();
	for (i = 0; i < sizeof(inner) / sizeof(inner[0]); i++) {
		uint64_t bad[] = { 0, (uint64_t)-PAGE, 0xffff888000000000u, 0x8000000000000000u, 0x00007ffffffff000u,
				   (uintptr_t)(edge + ROOM), (uintptr_t)(edge + ROOM - 1),
				   (uintptr_t)(edge + ROOM - inner[i].len + 1), (uintptr_t)readonly };

		ioc = ioc_find(inner[i].cmd);
		for (j = 0; j < sizeof(bad) / sizeof(bad[0]); j++) {
			/*
			 * No material is a right thing to ask of TOKEN, no output a wrong one of DERIVE; and what is
			 * only read may be read-only.
			 */
			if ((!bad[j] && (inner[i].cmd == MHSM_IOC_TOKEN || (inner[i].cmd == MHSM_IOC_DERIVE && inner[i].made))) ||
			    (bad[j] == (uintptr_t)readonly && !inner[i].made))
				continue;
			good(ioc, &a);
			memcpy(a.bytes + inner[i].offset, &bad[j], 8);
			cases_is(call_close(fds[inner[i].file], inner[i].cmd, &a), -EFAULT, "%s: %#llx at %zu", ioc->name,
				 (unsigned long long)bad[j], inner[i].offset);
		}
	}
	cases_end("wrong pointers within structs");
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static void names(void)
{
	static const struct {
		unsigned long cmd;
		size_t offset;
		int list; /* any characters may be asked for */
	} calls[] = {
		{ MHSM_IOC_KEY_OPEN, offsetof(struct mhsm_ioc_key_open, name), 0 },
		{ MHSM_IOC_KEY_CREATE, offsetof(struct mhsm_ioc_key_create, name), 0 },
		{ MHSM_IOC_KEY_IMPORT, offsetof(struct mhsm_ioc_key_create, name), 0 },
		{ MHSM_IOC_KEY_LIST, offsetof(struct mhsm_ioc_key_list, name), 1 },
		{ MHSM_IOC_KEY_DELETE, offsetof(struct mhsm_ioc_key_name, name), 0 },
		{ MHSM_IOC_KEY_RECOVER, offsetof(struct mhsm_ioc_key_name, name), 0 },
		{ MHSM_IOC_KEY_PURGE, offsetof(struct mhsm_ioc_key_name, name), 0 },
		{ MHSM_IOC_KEY_UPDATE, offsetof(struct mhsm_ioc_key_update, name), 0 },
	};
	unsigned int c, i, session;
	const struct ioc *ioc;
	union any a;
	char *name;

	cases_begin();
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		ioc = ioc_find(calls[i].cmd);
		name = (char *)a.bytes + calls[i].offset;
		session = calls[i].cmd == MHSM_IOC_KEY_CREATE || calls[i].cmd == MHSM_IOC_KEY_IMPORT;
		good(ioc, &a);
		memset(name, 'a', MHSM_NAME_MAX + 1);
		cases_is(call_close(fds[F_DEV], calls[i].cmd, &a), -EINVAL, "%s: 128 characters", ioc->name);
		name[MHSM_NAME_MAX] = 0;
		cases_is(call_close(fds[F_DEV], calls[i].cmd, &a), session || calls[i].list ? 0 : -ENOENT,
			 "%s: 127 characters", ioc->name);
		good(ioc, &a);
		memset(name, 0, MHSM_NAME_MAX + 1);
		cases_is(call_close(fds[F_DEV], calls[i].cmd, &a), session || calls[i].list ? 0 : -EINVAL, "%s: no name",
			 ioc->name);
		for (c = 1; c <= MHSM_NAME_MAX; c++) {
			good(ioc, &a);
			memset(name, 0, MHSM_NAME_MAX + 1);
			if (c > 1)
				name[0] = 'a';
			name[c] = 'b';
			/* "ab" is a name. */
			if (c > 1)
				cases_is(call_close(fds[F_DEV], calls[i].cmd, &a), -EINVAL, "%s: byte %u after the NUL",
					 ioc->name, c);
		}
		for (c = 1; c < 256 && !calls[i].list; c++) {
			if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-')
				continue;
			good(ioc, &a);
			memset(name, 0, MHSM_NAME_MAX + 1);
			memcpy(name, "abc", 3);
			name[c % 3] = (char)c;
			cases_is(call_close(fds[F_DEV], calls[i].cmd, &a), -EINVAL, "%s: character %u", ioc->name, c);
		}
	}
	cases_end("names");
}

/* A stored key: its descriptor */
static long create_named(const char *name, uint32_t type, uint32_t param, uint32_t ops)
{
	struct mhsm_ioc_key_create c = {
		.size = sizeof(c),
		.type = type,
		.param = param,
		.ops = ops,
		.flags = MHSM_KEY_ENABLED,
	};

	strcpy(c.name, name);
	return call(fds[F_DEV], MHSM_IOC_KEY_CREATE, &c);
}

int main(void)
{
	size_t i;
	int err;

	err = hsm_start(&hsm);
	if (err)
		return tap_bail("hsm_start", err);
	fds[F_DEV] = open(MHSM_DEVICE, O_RDWR | O_CLOEXEC);
	fds[F_DAEMON] = open(MHSM_DAEMON_DEVICE, O_RDWR | O_CLOEXEC);
	fds[F_AES] = (int)create_named("aes", MHSM_KEY_AES, 256, 0);
	fds[F_EC] = (int)create_named("ec", MHSM_KEY_EC, MHSM_CURVE_P256,
				     MHSM_OP_SIGN | MHSM_OP_VERIFY | MHSM_OP_DERIVE | MHSM_OP_DERIVE_BITS);
	for (i = 0; i < FILES; i++)
		if (fds[i] < 0)
			return tap_bail("opening", fds[i]);
	edge = mmap(NULL, ROOM + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	readonly = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (edge == MAP_FAILED || readonly == MAP_FAILED || munmap(edge + ROOM, PAGE))
		return tap_bail("mmap", -errno);

	remember();
	for (i = 0; i < IOCS; i++) {
		sizes(&iocs[i]);
		pointers(&iocs[i]);
	}
	other_files();
	unchanged("malformed calls", 0);
	for (i = 0; i < IOCS; i++)
		longer(&iocs[i]);
	remember();
	field_zeros();
	field_values();
	inner_pointers();
	names();
	unchanged("wrong fields", 1);
	for (i = 0; i < FILES; i++)
		close(fds[i]);
	hsm_stop(hsm);
	return tap_end();
}
