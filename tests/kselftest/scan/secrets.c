// SPDX-License-Identifier: GPL-2.0-only
/* What a quorum of custodians could know, as needles: see scan.h */
#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/quorum/jwe_open.h"
#include "daemon/quorum/sdfile.h"
#include "kmod/kdf.h"
#include "kmod/sdexport.h"
#include "kmod/shamir.h"
#include "tests/kselftest/scan/scan.h"
#include "uapi/mhsm.h"

/* In the domain datum */
#define ID_OFFSET 8
#define MASTER_OFFSET 40

static void write_needle(const char *dir, const char *name, const u8 *secret, size_t len)
{
	char path[4096];
	u8 inverted[64];
	int fd;

	for (size_t i = 0; i < len; i++)
		inverted[i] = secret[i] ^ 0xff;
	snprintf(path, sizeof(path), "%s/%s.needle", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, inverted, len) != (ssize_t)len)
		scan_die(path);
	close(fd);
}

static void read_sd(const char *path, struct mhsm_sdfile *sd)
{
	static char json[MHSM_SDFILE_MAX];
	FILE *file = fopen(path, "r");
	const char *why = "";
	size_t len;

	if (!file)
		scan_die(path);
	len = fread(json, 1, sizeof(json), file);
	fclose(file);
	errno = EBADMSG;
	if (mhsm_sdfile_parse(sd, json, len, &why))
		scan_die(why);
}

static EVP_PKEY *read_key(const char *path)
{
	FILE *file = fopen(path, "r");
	EVP_PKEY *key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;

	if (!key)
		scan_die(path);
	fclose(file);
	return key;
}

static void open_share(const struct mhsm_sdfile *sd, const char *path, u8 share[MHSM_SHAMIR_SHARE])
{
	u8 cek[MHSM_JWE_CEK], content[MHSM_JWE_PADDED(MHSM_SHAMIR_SHARE)];
	EVP_PKEY *key = read_key(path);
	struct mhsm_jwe jwe;
	size_t len;

	for (unsigned int i = 0; i < sd->count; i++)
		if (!mhsm_jwe_parse(&jwe, sd->share[i].jwe, strlen(sd->share[i].jwe)) &&
		    !mhsm_jwe_open_key(&jwe, key, cek) && jwe.ct_len == sizeof(content) &&
		    !mhsm_jwe_open_content(&jwe, cek, content, &len) && len == MHSM_SHAMIR_SHARE) {
			memcpy(share, content, MHSM_SHAMIR_SHARE);
			EVP_PKEY_free(key);
			return;
		}
	errno = ENOKEY;
	scan_die(path);
}

static void open_datum(const struct mhsm_sdfile *sd, const u8 wrapping[MHSM_SHAMIR_SECRET], u8 datum[MHSM_SD_DATUM])
{
	u8 cek[MHSM_JWE_CEK], content[MHSM_JWE_PADDED(MHSM_SD_DATUM)];
	struct mhsm_jwe jwe;
	size_t len;

	errno = EBADMSG;
	if (mhsm_kdf_sp800108(MHSM_SHA512, cek, sizeof(cek), wrapping, MHSM_SHAMIR_SECRET, sd->tag, strlen(sd->tag), NULL, 0) ||
	    mhsm_jwe_parse(&jwe, sd->datum, strlen(sd->datum)) || jwe.ct_len != sizeof(content) ||
	    mhsm_jwe_open_content(&jwe, cek, content, &len) || len != MHSM_SD_DATUM)
		scan_die("the domain datum does not open");
	memcpy(datum, content, MHSM_SD_DATUM);
}

int scan_secrets(const char *dir, const char *sd_path, int count, char **keys)
{
	static const char *const derived[] = { "seal", "audit", "token" };
	u8 shares[MHSM_SDFILE_SHARES_MAX * MHSM_SHAMIR_SHARE], wrapping[MHSM_SHAMIR_SECRET], datum[MHSM_SD_DATUM], key[32];
	struct mhsm_sdfile sd;
	char name[32];

	read_sd(sd_path, &sd);
	errno = E2BIG;
	if (count < (int)sd.required || count > (int)sd.count)
		scan_die("number of keys");
	for (int i = 0; i < count; i++) {
		open_share(&sd, keys[i], shares + i * MHSM_SHAMIR_SHARE);
		snprintf(name, sizeof(name), "share%d", i + 1);
		write_needle(dir, name, shares + i * MHSM_SHAMIR_SHARE, MHSM_SHAMIR_SHARE);
	}
	errno = EBADMSG;
	if (mhsm_shamir_combine(wrapping, shares, sd.required))
		scan_die("the shares do not fit");
	write_needle(dir, "wrapping", wrapping, sizeof(wrapping));
	open_datum(&sd, wrapping, datum);
	/* A needle that is not what the kernel has would be found nowhere, too. */
	if (mhsm_kdf_sp800108(MHSM_SHA512, key, MHSM_ID_LEN, datum + MASTER_OFFSET, 32, "mhsm domain id v1", 17, NULL, 0) ||
	    memcmp(key, datum + ID_OFFSET, MHSM_ID_LEN))
		scan_die("the domain is not the master's");
	write_needle(dir, "master", datum + MASTER_OFFSET, 32);
	for (size_t i = 0; i < sizeof(derived) / sizeof(derived[0]); i++) {
		snprintf(name, sizeof(name), "mhsm %s v1", derived[i]);
		if (mhsm_kdf_sp800108(MHSM_SHA512, key, sizeof(key), datum + MASTER_OFFSET, 32, name, strlen(name), NULL, 0))
			scan_die(name);
		write_needle(dir, derived[i], key, sizeof(key));
	}
	mhsm_sdfile_free(&sd);
	return 0;
}
