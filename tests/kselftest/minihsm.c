// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernels: none
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c
 *       daemon/device.c daemon/log.c
 *       pkg:libnl-genl-3.0 -lcrypto
 *
 * No test: the HSM of hsm/hsm.h for shell scripts. Reads commands from standard input, one on a line, and answers each
 * with one line, "ok" or the name of the errno. At the end of its input it detaches.
 *
 *   start | lock | unlock | zeroize
 *   kek NAME [quiet|release]         creates an AES-256 key, or a new version, whose tokens ciphers may take; or none;
 *                                    or whose data keys of "raw" tokens may leave
 *   key NAME ec|rsa|okp PARAM FILE [OP,...] imports a private key (PKCS#8, DER); OP as in RFC 7517
 *   token NAME ALG KEYFILE TOKENFILE wraps the data key in KEYFILE for the algorithm: a name of the
 *                                    crypto API, or its first word; or raw
 *   delete NAME | purge NAME
 *   audited ACTION RESULT COUNT      waits until there are so many records of the action with this result
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/hsm.h"

static struct hsm *hsm;

static int do_kek(int session, const char *name, const char *option)
{
	struct mhsm_key_spec spec = {
		.name = name,
		.type = MHSM_KEY_AES,
		.param = 256,
		.flags = MHSM_KEY_ENABLED | MHSM_KEY_NEW_VERSION |
			 (!strcmp(option, "quiet") ? 0 :
			  !strcmp(option, "release") ? MHSM_KEY_RELEASE :
						       MHSM_KEY_CONSUMERS) |
			 (strcmp(option, "live") ? 0 : MHSM_KEY_REVOKE_LIVE),
	};
	int key = mhsm_key_create(session, &spec);

	if (key >= 0)
		close(key);
	return key < 0 ? key : 0;
}

static long read_file(const char *path, void *buf, size_t room)
{
	FILE *f = fopen(path, "r");
	size_t n;

	if (!f)
		return -errno;
	n = fread(buf, 1, room, f);
	fclose(f);
	return (long)n;
}

static int write_file(const char *path, const void *buf, size_t len)
{
	FILE *f = fopen(path, "w");
	size_t n;

	if (!f)
		return -errno;
	n = fwrite(buf, 1, len, f);
	return fclose(f) || n != len ? -EIO : 0;
}

/* Operations, with commas between them; none: 0, those usual for the type */
static uint32_t ops_named(const char *names)
{
	static const struct {
		const char *name;
		uint32_t op;
	} ops[] = {
		{ "encrypt", MHSM_OP_ENCRYPT }, { "decrypt", MHSM_OP_DECRYPT },
		{ "sign", MHSM_OP_SIGN },	{ "verify", MHSM_OP_VERIFY },
	};
	uint32_t set = 0;
	size_t i;

	for (; *names; names += strcspn(names, ","), names += *names == ',')
		for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
			if (!strncmp(names, ops[i].name, strlen(ops[i].name)))
				set |= ops[i].op;
	return set;
}

static int do_key(int session, char (*arg)[256])
{
	struct mhsm_key_spec spec = {
		.name = arg[0],
		.type = !strcmp(arg[1], "ec") ? MHSM_KEY_EC : !strcmp(arg[1], "rsa") ? MHSM_KEY_RSA : MHSM_KEY_OKP,
		.param = (uint32_t)atoi(arg[2]),
		.ops = ops_named(arg[4]),
		.flags = MHSM_KEY_ENABLED,
	};
	uint8_t material[MHSM_MATERIAL_MAX];
	long len = read_file(arg[3], material, sizeof(material));
	int key;

	if (len < 0)
		return (int)len;
	key = mhsm_key_import(session, &spec, material, (size_t)len);
	if (key >= 0)
		close(key);
	return key < 0 ? key : 0;
}

static uint32_t token_alg(const char *name)
{
	static const char *const names[MHSM_TOKEN_ALG_MAX + 1] = {
		[MHSM_TOKEN_XTS_AES] = "xts(aes)",
		[MHSM_TOKEN_CBC_AES] = "cbc(aes)",
		[MHSM_TOKEN_CTR_AES] = "ctr(aes)",
		[MHSM_TOKEN_GCM_AES] = "gcm(aes)",
		[MHSM_TOKEN_HMAC_SHA256] = "hmac(sha256)",
		[MHSM_TOKEN_ADIANTUM_XCHACHA12] = "adiantum(xchacha12,aes)",
		[MHSM_TOKEN_RAW] = "raw",
	};
	size_t len = strlen(name);

	for (uint32_t i = 1; i <= MHSM_TOKEN_ALG_MAX; i++)
		if (names[i] && !strncmp(names[i], name, len) && (!names[i][len] || names[i][len] == '('))
			return i;
	return 0;
}

static int do_token(int session, const char *name, const char *alg, const char *key_file, const char *token_file)
{
	uint8_t material[64], token[MHSM_TOKEN_LEN];
	long len = read_file(key_file, material, sizeof(material));
	int key, ret;

	if (len < 0)
		return (int)len;
	key = mhsm_key_open(session, name, NULL, MHSM_OP_WRAP);
	if (key < 0)
		return key;
	ret = mhsm_token_import(key, token_alg(alg), material, (size_t)len, token);
	close(key);
	return ret ? ret : write_file(token_file, token, sizeof(token));
}

static int with_session(const char *verb, char (*arg)[256])
{
	int session = mhsm_open(NULL), ret = -ENOSYS;

	if (session < 0)
		return session;
	if (!strcmp(verb, "kek"))
		ret = do_kek(session, arg[0], arg[1]);
	else if (!strcmp(verb, "key"))
		ret = do_key(session, arg);
	else if (!strcmp(verb, "token"))
		ret = do_token(session, arg[0], arg[1], arg[2], arg[3]);
	else if (!strcmp(verb, "delete"))
		ret = mhsm_key_delete(session, arg[0]);
	else if (!strcmp(verb, "purge"))
		ret = mhsm_key_purge(session, arg[0]);
	close(session);
	return ret;
}

static int do_command(const char *verb, char (*arg)[256])
{
	if (!strcmp(verb, "start"))
		return hsm ? -EALREADY : hsm_start(&hsm);
	if (!hsm)
		return -ENOTCONN;
	if (!strcmp(verb, "lock"))
		return hsm_lock(hsm);
	if (!strcmp(verb, "unlock"))
		return hsm_unlock(hsm);
	if (!strcmp(verb, "zeroize"))
		return hsm_zeroize(hsm);
	if (!strcmp(verb, "audited"))
		return hsm_audit_wait(hsm, (uint32_t)atoi(arg[0]), atoi(arg[1]), (size_t)atoi(arg[2]), 10);
	return with_session(verb, arg);
}

int main(void)
{
	char line[2048], verb[256], arg[5][256];

	while (fgets(line, sizeof(line), stdin)) {
		memset(arg, 0, sizeof(arg));
		if (sscanf(line, "%255s %255s %255s %255s %255s %255s", verb, arg[0], arg[1], arg[2],
			   arg[3], arg[4]) < 1)
			continue;
		int ret = do_command(verb, arg);

		printf("%s\n", ret ? strerrorname_np(-ret) : "ok");
		fflush(stdout);
	}
	hsm_stop(hsm);
	return 0;
}
