// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c
 *       daemon/device.c daemon/log.c
 *       pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12
 *
 * A user without any right against the algorithms that take tokens, through AF_ALG: tokens of others, whole and altered,
 * random ones, the template over every algorithm of the kernel, and as much of it as he can. And a user with the right,
 * and no other privilege, meanwhile. Also many transforms of one key: that the last is set up as fast as the first.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/alg.h"
#include "tests/kselftest/hsm/hsm.h"
#include "tests/kselftest/hsm/kek.h"
#include "tests/kselftest/hsm/tap.h"

#define STRANGER 1000
#define NAME_MAX_LEN 63 /* of sockaddr_alg */
#define MANY 1000
#define FLOOD 1000

static const struct {
	const char *type, *name;
	uint32_t alg;
	size_t len;
} kinds[] = {
	{ "skcipher", "mhsm(xts(aes))", MHSM_TOKEN_XTS_AES, 64 },
	{ "skcipher", "xts(paes)", MHSM_TOKEN_XTS_AES, 64 },
	{ "skcipher", "mhsm(cbc(aes))", MHSM_TOKEN_CBC_AES, 32 },
	{ "aead", "mhsm(gcm(aes))", MHSM_TOKEN_GCM_AES, 32 },
	{ "aead", "mhsm(rfc4106(gcm(aes)))", MHSM_TOKEN_RFC4106_GCM_AES, 36 },
	{ "hash", "mhsm(hmac(sha256))", MHSM_TOKEN_HMAC_SHA256, 32 },
	{ "hash", "phmac(sha512)", MHSM_TOKEN_HMAC_SHA512, 64 },
	{ "hash", "mhsm(cmac(aes))", MHSM_TOKEN_CMAC_AES, 16 },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static struct hsm *hsm;

static void become(uid_t uid)
{
	if (seteuid(0) || (uid && seteuid(uid)))
		abort();
}

/* Nobody so far: his failures are not limited by those of another test. */
static uid_t somebody(void)
{
	static uid_t next = STRANGER;

	return ++next == HSM_ADMIN ? ++next : next;
}

static uint64_t unrecorded(int session)
{
	struct mhsm_ioc_info info;

	return mhsm_info(session, &info) ? UINT64_MAX : info.audit_lost;
}

/* The owner, who is nothing else, gets the algorithm; a stranger with the same token EACCES; root, who owns nothing, too. */
static void test_rights(int kek)
{
	size_t owner = 0, stranger = 0, root = 0;
	uint8_t token[MHSM_TOKEN_LEN];

	for (size_t i = 0; i < KINDS; i++) {
		int fd = alg_bind(kinds[i].type, kinds[i].name);

		if (mhsm_token_create(kek, kinds[i].alg, kinds[i].len, token))
			continue;
		become(HSM_ADMIN);
		owner += !alg_setkey(fd, token, sizeof(token));
		become(STRANGER);
		stranger += alg_setkey(fd, token, sizeof(token)) == -EACCES;
		become(0);
		root += alg_setkey(fd, token, sizeof(token)) == -EACCES;
		close(fd);
	}
	tap_ok(owner == KINDS, "the owner, an ordinary user, gets the cipher (%zu of %zu kinds)", owner, KINDS);
	tap_ok(stranger == KINDS, "a stranger does not (%zu)", stranger);
	tap_ok(root == KINDS, "nor does root, which owns nothing (%zu)", root);
}

/* Every bit of a token: he is told nothing but that he has no right, or that it has not the form of a token. */
static void test_altered(int kek)
{
	int fd = alg_bind("aead", "mhsm(gcm(aes))");
	uint8_t token[MHSM_TOKEN_LEN], bad[MHSM_TOKEN_LEN];
	size_t before = hsm_audit_count(hsm, MHSM_ACT_TOKEN_REDEEM, -EKEYREJECTED), denied = 0, formless = 0, limited = 0;
	int ret;

	tap_is(mhsm_token_create(kek, MHSM_TOKEN_GCM_AES, 32, token), 0, "a token is made");
	become(somebody());
	for (size_t bit = 0; bit < 8 * sizeof(token); bit++) {
		memcpy(bad, token, sizeof(bad));
		bad[bit / 8] ^= 1 << bit % 8;
		ret = alg_setkey(fd, bad, sizeof(bad));
		denied += ret == -EACCES;
		formless += ret == -EKEYREJECTED;
		limited += ret == -EAGAIN;
	}
	become(0);
	tap_ok(denied + formless + limited == 8 * sizeof(token), "altered tokens: documented errors only (%zu, %zu, %zu)",
	       denied, formless, limited);
	tap_ok(denied + formless >= 64, "the first 64 at least are refused with a record");
	tap_is(hsm_audit_wait(hsm, MHSM_ACT_TOKEN_REDEEM, -EKEYREJECTED, before + formless, 20), 0, "which is there");
	/* Within the form: a right token, one with a wrong MAC, with another KEK, with another data key. */
	static const uint8_t at[] = { 0, 127, 24, 45 };
	become(somebody());
	for (size_t i = denied = 0; i < sizeof(at); i++) {
		memcpy(bad, token, sizeof(bad));
		bad[at[i]] ^= at[i] ? 1 : 0;
		denied += alg_setkey(fd, bad, sizeof(bad)) == -EACCES;
	}
	become(0);
	tap_ok(denied == sizeof(at), "a right token and a wrong one give the same error (%zu of %zu)", denied, sizeof(at));
	close(fd);
}

/* As fast as he can: the audit is not filled, and the owner is not disturbed. */
static void test_flood(int session, int kek)
{
	size_t before = hsm_audit_count(hsm, MHSM_ACT_TOKEN_REDEEM, -EKEYREJECTED), limited = 0, recorded = 0, good = 0;
	uint8_t token[MHSM_TOKEN_LEN], random[MHSM_TOKEN_LEN];
	int fd = alg_bind("skcipher", "xts(paes)"), ret;
	uid_t uid = somebody();
	uint64_t lost;

	tap_is(mhsm_token_create(kek, MHSM_TOKEN_XTS_AES, 64, token), 0, "a token is made");
	lost = unrecorded(session);
	for (size_t i = 0; i < FLOOD; i++) {
		if (getrandom(random, sizeof(random), 0) != sizeof(random))
			abort();
		become(uid);
		ret = alg_setkey(fd, random, sizeof(random));
		limited += ret == -EAGAIN;
		recorded += ret == -EKEYREJECTED;
		become(HSM_ADMIN);
		if (i % 100 == 99)
			good += !alg_setkey(fd, token, sizeof(token));
	}
	become(0);
	tap_ok(limited + recorded == FLOOD && limited > 0 && recorded >= 64,
	       "random tokens: %zu refused and recorded, %zu refused and counted", recorded, limited);
	tap_ok(good == FLOOD / 100, "the owner is not refused meanwhile (%zu)", good);
	tap_ok(unrecorded(session) - lost == limited, "INFO counts what has no record of its own");
	tap_is(hsm_audit_wait(hsm, MHSM_ACT_TOKEN_REDEEM, -EKEYREJECTED, before + recorded, 20), 0, "the others have one");
	tap_ok(hsm_audit_count(hsm, MHSM_ACT_TOKEN_REDEEM, -EKEYREJECTED) == before + recorded, "each");
	close(fd);
}

static int is_ours(const char *name)
{
	static const char *const ours[] = {
		"xts(aes)", "cbc(aes)", "ctr(aes)", "gcm(aes)", "ccm(aes)", "rfc4106(gcm(aes))", "hmac(sha256)",
		"hmac(sha384)", "hmac(sha512)", "cmac(aes)", "adiantum(xchacha12,aes)", "adiantum(xchacha20,aes)",
	};

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (!strcmp(name, ours[i]))
			return 1;
	return 0;
}

/* mhsm(NAME), as each kind: only what is on the list, and an error that says that there is no other */
static void bind_all(const char *name, int listed, size_t *bound, size_t *refused, size_t *wrong)
{
	static const char *const types[] = { "skcipher", "aead", "hash" };
	char ours[2 * NAME_MAX_LEN];
	int fd;

	if ((size_t)snprintf(ours, sizeof(ours), "mhsm(%s)", name) > NAME_MAX_LEN)
		return;
	for (size_t i = 0; i < 3; i++) {
		fd = alg_bind(types[i], ours);
		if (fd >= 0 && listed)
			++*bound;
		else if (fd == -ENOENT || fd == -EINVAL || fd == -ELIBBAD)
			++*refused;
		else if (++*wrong < 10)
			printf("#   %s as %s: %d\n", ours, types[i], fd);
		if (fd >= 0)
			close(fd);
	}
}

/* /proc/crypto, by name and by driver. The kernel is kept from looking for a module for each, which takes it long. */
static void test_every_algorithm(void)
{
	size_t bound = 0, refused = 0, wrong = 0, count = 0;
	char modprobe[256] = "", line[256], name[128] = "", value[128];
	FILE *f = fopen("/proc/sys/kernel/modprobe", "r+");
	char *all = NULL;
	size_t len = 0;

	if (!f || !fgets(modprobe, sizeof(modprobe), f) || (rewind(f), fputs("\n", f) < 0) || fclose(f))
		tap_bail("modprobe", -errno);
	/* Read first: binding adds to it. */
	f = fopen("/proc/crypto", "r");
	if (f && getdelim(&all, &len, 0, f) < 0)
		all = NULL;
	if (f)
		fclose(f);
	become(STRANGER);
	for (char *p = all, *end; p && *p; p = end + 1) {
		end = strchrnul(p, '\n');
		snprintf(line, sizeof(line), "%.*s", (int)(end - p), p);
		if (sscanf(line, "name : %127s", value) == 1)
			snprintf(name, sizeof(name), "%s", value);
		else if (sscanf(line, "driver : %127s", value) != 1)
			continue;
		bind_all(value, is_ours(name), &bound, &refused, &wrong);
		count++;
		if (!*end)
			break;
	}
	become(0);
	free(all);
	f = fopen("/proc/sys/kernel/modprobe", "w");
	if (f) {
		fputs(modprobe, f);
		fclose(f);
	}
	tap_ok(count > 50 && bound >= 8 && !wrong,
	       "mhsm() of %zu names of /proc/crypto: %zu binds, %zu refused, %zu otherwise", count, bound, refused, wrong);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
	return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

/* A thousand tokens of one KEK, all live at once, and all ended by one call */
static void test_many(int kek)
{
	const struct rlimit files = { 2 * MANY, 2 * MANY };
	static uint8_t token[MHSM_TOKEN_LEN];
	static double took[MANY], end;
	static int fds[MANY];
	size_t set = 0, dead = 0;

	if (setrlimit(RLIMIT_NOFILE, &files))
		abort();
	become(HSM_ADMIN);
	for (size_t i = 0; i < MANY; i++) {
		fds[i] = alg_bind("skcipher", "mhsm(xts(aes))");
		if (mhsm_token_create(kek, MHSM_TOKEN_XTS_AES, 64, token))
			break;
		took[i] = now();
		set += !alg_setkey(fds[i], token, sizeof(token));
		took[i] = now() - took[i];
	}
	become(0);
	tap_ok(set == MANY, "%zu of %d tokens are taken", set, MANY);
	qsort(took, MANY / 5, sizeof(took[0]), by_size);
	qsort(took + MANY - MANY / 5, MANY / 5, sizeof(took[0]), by_size);
	printf("# median of the first fifth %.0f us, of the last %.0f us\n", 1e6 * took[MANY / 10],
	       1e6 * took[MANY - MANY / 10]);
	end = now();
	tap_is(hsm_lock(hsm), 0, "the HSM is locked");
	end = now() - end;
	printf("# which took %.0f ms\n", 1e3 * end);
	for (size_t i = 0; i < MANY; i++) {
		int op = accept(fds[i], NULL, NULL);
		uint8_t data[16] = { 0 }, iv[16] = { 0 };
		const struct alg_request r = { ALG_OP_ENCRYPT, iv, 16, 0, data, 16, data, 16 };

		dead += op >= 0 && alg_run(op, &r) == -EKEYREVOKED;
		close(op);
		close(fds[i]);
	}
	tap_ok(dead == MANY, "none of them works any more (%zu)", dead);
	tap_ok(end < 20, "they end together, not one grace period after another");
}

int main(void)
{
	int session, kek, ret = hsm_start(&hsm);

	if (ret)
		return tap_bail("the HSM does not start", ret);
	if (chmod(MHSM_DEVICE, 0666))
		return tap_bail(MHSM_DEVICE, -errno);
	become(HSM_ADMIN);
	session = mhsm_open(NULL);
	kek = session < 0 ? session : kek_new(session, "users-kek", MHSM_KEY_CONSUMERS);
	become(0);
	if (kek < 0)
		return tap_bail("no KEK", kek);
	test_rights(kek);
	test_altered(kek);
	test_flood(session, kek);
	test_every_algorithm();
	test_many(kek);
	close(kek);
	close(session);
	chmod(MHSM_DEVICE, 0600);
	hsm_stop(hsm);
	return tap_end();
}
