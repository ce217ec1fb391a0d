// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c daemon/device.c
 *       daemon/log.c libmhsm pkg:libnl-genl-3.0 -lcrypto
 * timeout: 600
 *
 * Use limits and the count of AES-GCM invocations: what counts, that a limit is exact on several CPUs, that a restart
 * refunds nothing, and what happens without a store; and the structs that grew for it, in their old size.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/cases.h"
#include "tests/kselftest/hsm/hsm.h"

static struct hsm *hsm;
static int session;

static int create(const char *name, uint32_t type, uint32_t param, uint32_t flags, uint64_t limit)
{
	struct mhsm_key_spec spec = {
		.name = name, .type = type, .param = param, .flags = MHSM_KEY_ENABLED | flags, .use_limit = limit,
	};

	return mhsm_key_create(session, &spec);
}

static struct mhsm_key_info info_of(int key)
{
	struct mhsm_key_info info;

	memset(&info, 0, sizeof(info));
	cases_is(mhsm_key_info(key, &info), 0, "INFO");
	return info;
}

/* --- what counts ------------------------------------------------------------------------------------------------ */

static unsigned char iv[12], tag[16], in[32], out[MHSM_SIG_MAX], wrapped[40], sig[MHSM_SIG_MAX];
static size_t wrapped_len, sig_len;
static uint32_t sign_alg;

static int op_encrypt(int key)
{
	return mhsm_encrypt(key, iv, NULL, 0, in, sizeof(in), out, tag);
}

static int op_encrypt_iv(int key)
{
	unsigned char own[12] = { 1 };

	return mhsm_encrypt_iv(key, own, NULL, 0, in, sizeof(in), out, tag);
}

static int op_decrypt(int key)
{
	unsigned char wrong[16] = { 0 };
	int ret = mhsm_decrypt(key, iv, NULL, 0, in, sizeof(in), out, wrong);

	return ret == -EBADMSG ? 0 : ret;
}

static int op_wrap(int key)
{
	wrapped_len = sizeof(wrapped);
	return mhsm_wrap(key, MHSM_ALG_AES_KW, in, sizeof(in), wrapped, &wrapped_len);
}

static int op_unwrap(int key)
{
	size_t len = sizeof(out);

	return mhsm_unwrap(key, MHSM_ALG_AES_KW, wrapped, wrapped_len, out, &len);
}

static int op_token(int key)
{
	uint8_t token[MHSM_TOKEN_LEN];

	return mhsm_token_create(key, MHSM_TOKEN_XTS_AES, 64, token);
}

static int op_sign(int key)
{
	size_t len = sizeof(sig);
	int ret = mhsm_sign(key, sign_alg, MHSM_SIGN_MESSAGE, in, sizeof(in), sig, &len);

	if (!ret)
		sig_len = len;
	return ret;
}

static int op_verify(int key)
{
	return mhsm_verify(key, sign_alg, MHSM_SIGN_MESSAGE, in, sizeof(in), sig, sig_len);
}

static int op_public(int key)
{
	size_t len = sizeof(out);

	return mhsm_public_key(key, out, &len);
}

/* Refused before it begins */
static int op_malformed(int key)
{
	return mhsm_wrap(key, MHSM_ALG_AES_KW, in, 9, out, &(size_t){ sizeof(out) }) == -EINVAL ? 0 : -EPROTO;
}

struct use {
	const char *name;
	int (*op)(int key);
	int counts;
	int gcm;
};

static const struct use aes_uses[] = {
	{ "encrypt", op_encrypt, 1, 1 }, { "encrypt with an IV", op_encrypt_iv, 1, 1 }, { "decrypt", op_decrypt, 1, 0 },
	{ "wrap", op_wrap, 1, 0 },	 { "unwrap", op_unwrap, 1, 0 },		    { "token", op_token, 1, 0 },
	{ "malformed wrap", op_malformed, 0, 0 },
};
static const struct use pair_uses[] = {
	{ "sign", op_sign, 1, 0 }, { "verify", op_verify, 0, 0 }, { "public", op_public, 0, 0 },
};

#define LIMIT 14

/* Each use in turn until the limit is reached, which it is for all that count, and stays. */
static void type_counts(const char *type, int key, const struct use *uses, unsigned int n, const char *name)
{
	unsigned int used = 0, gcm = 0, i = 0;
	struct mhsm_key_info info;

	cases_begin();
	cases_is(key < 0 ? key : 0, 0, "create");
	for (; used < LIMIT; i = (i + 1) % n) {
		cases_is(uses[i].op(key), 0, "%s after %u uses", uses[i].name, used);
		used += uses[i].counts;
		gcm += uses[i].gcm;
		info = info_of(key);
		cases_is(info.use_limit, LIMIT, "the limit");
		cases_is(info.uses, used, "uses after %s", uses[i].name);
		cases_is(info.gcm_uses, gcm, "GCM invocations after %s", uses[i].name);
	}
	for (i = 0; i < n; i++)
		cases_is(uses[i].op(key), uses[i].counts ? -EDQUOT : 0, "%s at the limit", uses[i].name);
	close(key);
	/* Another descriptor, and another boot */
	cases_is(hsm_lock(hsm), 0, "lock");
	cases_is(hsm_unlock(hsm), 0, "unlock");
	key = mhsm_key_open(session, name, NULL, uses == aes_uses ? 0x33 : MHSM_OP_SIGN | MHSM_OP_VERIFY);
	cases_is(key < 0 ? key : 0, 0, "open");
	for (i = 0; i < n; i++)
		cases_is(uses[i].op(key), uses[i].counts ? -EDQUOT : 0, "%s at the limit, later", uses[i].name);
	cases_is(info_of(key).uses, LIMIT, "uses later");
	close(key);
	cases_end("%s: what counts, and the limit", type);
}

static void counts(void)
{
	int key;

	type_counts("AES", create("aes", MHSM_KEY_AES, 256, 0, LIMIT), aes_uses, 7, "aes");
	sign_alg = MHSM_ALG_ES256;
	type_counts("EC", create("ec", MHSM_KEY_EC, MHSM_CURVE_P256, 0, LIMIT), pair_uses, 3, "ec");
	sign_alg = MHSM_ALG_EDDSA;
	type_counts("OKP", create("okp", MHSM_KEY_OKP, MHSM_CURVE_ED25519, 0, LIMIT), pair_uses, 3, "okp");
	tap_is(hsm_audit_wait(hsm, MHSM_ACT_SIGN, -EDQUOT, 4, 30), 0, "what the limit refused is in the audit");

	cases_begin();
	/* A new version counts anew; deletion and recovery keep the count. */
	key = create("aes", MHSM_KEY_AES, 256, MHSM_KEY_NEW_VERSION, 3);
	cases_is(op_wrap(key), 0, "a new version");
	cases_is(info_of(key).uses, 1, "its uses");
	cases_is(mhsm_key_delete(session, "aes"), 0, "delete");
	cases_is(mhsm_key_recover(session, "aes"), 0, "recover");
	cases_is(info_of(key).uses, 1, "uses after that");
	close(key);
	key = create(NULL, MHSM_KEY_AES, 256, MHSM_KEY_SESSION, 2);
	cases_is(op_encrypt(key), 0, "session key");
	cases_is(op_encrypt(key), 0, "session key, twice");
	cases_is(op_encrypt(key), -EDQUOT, "session key, thrice");
	close(key);
	cases_is(create("no", MHSM_KEY_AES, 256, MHSM_KEY_CONSUMERS, 1), -EINVAL, "a limit with consumers");
	cases_is(create("no", MHSM_KEY_AES, 256, 0, 1ULL << 63), -EINVAL, "too large a limit");
	key = create("yes", MHSM_KEY_AES, 256, 0, (1ULL << 63) - 1);
	cases_is(op_wrap(key), 0, "the largest limit");
	close(key);
	cases_end("versions, session keys, and limits that are none");
}

/* --- restarts and the store --------------------------------------------------------------------------------------- */

static void restarts(void)
{
	uint64_t last = 0, uses, done = 0;
	unsigned int boots, i;
	int key, ret = 0;

	cases_begin();
	close(create("restarts", MHSM_KEY_AES, 256, 0, 200));
	for (boots = 0; boots < 40 && !ret; boots++) {
		cases_is(hsm_lock(hsm), 0, "lock");
		cases_is(hsm_unlock(hsm), 0, "unlock");
		key = mhsm_key_open(session, "restarts", NULL, MHSM_OP_ENCRYPT | MHSM_OP_WRAP);
		uses = info_of(key).uses;
		cases_is(uses >= last, 1, "%llu uses after %llu", (unsigned long long)uses, (unsigned long long)last);
		cases_is(uses - last <= (200 - last) / 16, 1, "%llu lost of %llu", (unsigned long long)(uses - last),
			 (unsigned long long)(200 - last));
		for (i = 0; i <= boots % 7 && !ret; i++) {
			ret = i % 2 ? op_encrypt(key) : op_wrap(key);
			done += !ret;
		}
		last = info_of(key).uses;
		close(key);
	}
	cases_is(ret, -EDQUOT, "the limit comes");
	cases_is(done <= 200 && done > 60, 1, "%llu uses were had of 200", (unsigned long long)done);
	cases_is(last, 200, "uses at the end");
	cases_end("restarts refund nothing, and take little");
}

static void store(void)
{
	int key, gcm, i;

	cases_begin();
	key = create("store", MHSM_KEY_AES, 256, 0, 2);
	hsm_fail_store(hsm, -EIO);
	cases_is(op_wrap(key), -EIO, "a store that fails");
	hsm_fail_store(hsm, -ENOSPC);
	cases_is(op_wrap(key), -ENOSPC, "a store that is full");
	hsm_fail_store(hsm, 0);
	cases_is(info_of(key).uses, 0, "uses then");
	cases_is(op_wrap(key), 0, "a store that works");
	gcm = create("gcm", MHSM_KEY_AES, 256, 0, 0);
	hsm_drop(hsm);
	cases_is(op_wrap(key), -EUNATCH, "no daemon");
	cases_is(op_unwrap(key), -EUNATCH, "no daemon still");
	cases_is(info_of(key).uses, 1, "uses then");
	/* What a key was created with is there without the daemon: 4,096 invocations. */
	for (i = 0; i < 4096; i++)
		if (!cases_is(op_encrypt(gcm), 0, "encryption %d", i))
			break;
	cases_is(op_encrypt(gcm), -EUNATCH, "encryption 4097");
	cases_is(op_decrypt(gcm), 0, "decryption");
	cases_is(info_of(gcm).gcm_uses, 4096, "GCM invocations");
	cases_is(hsm_return(hsm), 0, "the daemon returns");
	cases_is(op_encrypt(gcm), 0, "encryption with it");
	cases_is(op_unwrap(key), 0, "the last use");
	cases_is(op_unwrap(key), -EDQUOT, "and no more");
	close(key);
	close(gcm);
	cases_is(hsm_lock(hsm), 0, "lock");
	cases_is(hsm_unlock(hsm), 0, "unlock");
	gcm = mhsm_key_open(session, "gcm", NULL, MHSM_OP_ENCRYPT);
	cases_is(info_of(gcm).gcm_uses, 8192, "GCM invocations after a restart: two blocks");
	cases_is(op_encrypt(gcm), 0, "encryption then");
	cases_is(info_of(gcm).gcm_uses, 8193, "GCM invocations");
	close(gcm);
	cases_end("a store that fails, is away, returns");
}

/* --- many at once ------------------------------------------------------------------------------------------------- */

#define THREADS 4

static int shared;

static void *many_run(void *arg)
{
	long *done = arg;
	int ret;

	while (!(ret = mhsm_wrap(shared, MHSM_ALG_AES_KW, in, 16, (unsigned char[24]){ 0 }, &(size_t){ 24 })))
		++*done;
	if (ret != -EDQUOT)
		*done = ret;
	return NULL;
}

/* On one processor (the debug kernel's) threads meet where one waits, for the store: few uses are enough for that. */
static long many_uses(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 6000 : 400;
}

static void many(void)
{
	long done[THREADS] = { 0 }, sum = 0, uses = many_uses();
	pthread_t threads[THREADS];
	int i;

	cases_begin();
	shared = create("many", MHSM_KEY_AES, 256, 0, (uint64_t)uses);
	for (i = 0; i < THREADS; i++)
		cases_is(-pthread_create(&threads[i], NULL, many_run, &done[i]), 0, "thread");
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		cases_is(done[i] >= 0 ? 0 : done[i], 0, "thread %d: %ld uses", i, done[i]);
		sum += done[i];
	}
	cases_is(sum, uses, "uses of all");
	cases_is((long)info_of(shared).uses, uses, "uses counted");
	close(shared);
	cases_end("%d threads: the limit is exact", THREADS);
}

/* --- structs in their old size -------------------------------------------------------------------------------------- */

#define CREATE_FIRST offsetof(struct mhsm_ioc_key_create, use_limit)
#define INFO_FIRST offsetof(struct mhsm_key_info, use_limit)

static long call(int fd, unsigned long cmd, void *arg)
{
	long ret = ioctl(fd, cmd, arg);

	return ret < 0 ? -errno : ret;
}

static void old_structs(void)
{
	struct mhsm_ioc_key_create c = {
		.type = MHSM_KEY_AES, .param = 256, .flags = MHSM_KEY_ENABLED, .name = "old", .use_limit = 1,
	};
	struct mhsm_ioc_key_list l = { .size = sizeof(l), .count = 2 };
	struct mhsm_ioc_key_info k;
	struct mhsm_key_info infos[2];
	long key;

	cases_begin();
	c.size = CREATE_FIRST;
	key = call(session, MHSM_IOC_KEY_CREATE, &c);
	cases_is(key < 0 ? key : 0, 0, "create");
	cases_is(c.use_limit, 1, "what is behind the struct");
	cases_is(info_of((int)key).use_limit, 0, "the limit");
	c.size = CREATE_FIRST + 4;
	strcpy(c.name, "half");
	c.use_limit = 5; /* of which the kernel sees the lower half */
	close((int)call(session, MHSM_IOC_KEY_CREATE, &c));
	memset(&k, 0xa5, sizeof(k));
	k.size = offsetof(struct mhsm_ioc_key_info, info) + INFO_FIRST;
	k.pad = 0;
	cases_is(call((int)key, MHSM_IOC_KEY_INFO, &k), 0, "INFO");
	cases_is(strcmp(k.info.name, "old"), 0, "its name");
	cases_is(k.info.use_limit == 0xa5a5a5a5a5a5a5a5, 1, "what is behind it");
	k.size--;
	cases_is(call((int)key, MHSM_IOC_KEY_INFO, &k), -EINVAL, "INFO, a byte less");
	memset(infos, 0xa5, sizeof(infos));
	l.infos = (uintptr_t)infos;
	l.info_size = INFO_FIRST;
	cases_is(call(session, MHSM_IOC_KEY_LIST, &l), 0, "list");
	cases_is(l.count, 2, "entries");
	cases_is(strcmp(infos[0].name, "aes"), 0, "the first's name");
	cases_is(strcmp((char *)infos + INFO_FIRST + offsetof(struct mhsm_key_info, name), "ec"), 0, "the second's");
	cases_is(*((unsigned char *)infos + 2 * INFO_FIRST), 0xa5, "what is behind them");
	close((int)key);
	cases_end("structs in their first size");
}

int main(void)
{
	int err = hsm_start(&hsm);

	if (err)
		return tap_bail("hsm_start", err);
	session = mhsm_open(NULL);
	if (session < 0)
		return tap_bail("mhsm_open", session);
	counts();
	old_structs();
	restarts();
	store();
	many();
	close(session);
	hsm_stop(hsm);
	return tap_end();
}
