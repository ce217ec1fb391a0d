// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c daemon/device.c
 *       daemon/log.c kmod/record.c kmod/seal.c kmod/kdf.c daemon/quorum/prim.c
 *       libmhsm pkg:libnl-genl-3.0 -pthread -lcrypto
 */
/*
 * How many keys fit, and what many of them cost: as root, in a guest with the module and without a daemon.
 *
 * usage: capacity [AES P256 RSA2048]    how many of each (100000 50000 20000), of AES at least 100
 *
 * Loads them all at once, as an HSM does after a reboot, and prints figures: memory of a key by its type, which is what
 * the whole system has less of; seconds to load all; KEY_OPEN of a key, and of one that there is not, beside
 * the same among 100 keys, 1,000 and so on; KEY_LIST of one name, likewise; its last full page beside its first.
 *
 * The sealed records are made here, with the domain's master, because a guest would make RSA keys for days. All keys of
 * a type are the same one, under different names and ids, which takes the same memory and the same time to load.
 */
#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kmod/kdf.h"
#include "kmod/record.h"
#include "kmod/seal.h"
#include "lib/mhsm.h"
#include "tests/bench/bench.h"
#include "tests/kselftest/hsm/hsm.h"
#include "tests/kselftest/hsm/rsakey.h"

#define FEW 100
#define OPENS 2000
#define PAGE 1024 /* entries of a page of the listing */
#define PAGES 21 /* how often one is read */
#define DATUM_ID 8 /* the domain's id and master in its datum: formats.md section 3 */
#define DATUM_MASTER 40

enum { AES, P256, RSA2048, KINDS };

/* A type of key, and the record of which all its keys differ in name, id and version only */
static struct kind {
	const char *name;
	int count;
	struct mhsm_record record;
	uint8_t secret[640], public[256];
} kinds[KINDS] = { { .name = "aes256", .count = 100000 },
		   { .name = "p256", .count = 50000 },
		   { .name = "rsa2048", .count = 20000 } };

static struct hsm *hsm;
static uint8_t domain[MHSM_ID_LEN], root[MHSM_SEAL_ROOT_LEN];

static void number(const EVP_PKEY *key, const char *name, uint8_t *out, int len)
{
	BIGNUM *n = NULL;

	bench_check(EVP_PKEY_get_bn_param(key, name, &n) && BN_bn2binpad(n, out, len) == len ? 0 : -EINVAL, name);
	BN_clear_free(n);
}

static void make_p256(struct kind *k)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	bench_check(key ? 0 : -ENOMEM, "making a P-256 key");
	number(key, OSSL_PKEY_PARAM_PRIV_KEY, k->secret, 32);
	number(key, OSSL_PKEY_PARAM_EC_PUB_X, k->public, 32);
	number(key, OSSL_PKEY_PARAM_EC_PUB_Y, k->public + 32, 32);
	EVP_PKEY_free(key);
}

static void make_rsa(struct kind *k)
{
	static const char *const parts[] = { OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
					     OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
					     OSSL_PKEY_PARAM_RSA_COEFFICIENT1 };
	EVP_PKEY *key = rsa_key(2048, 4);

	bench_check(key ? 0 : -ENOKEY, "an RSA key of the build");
	for (int i = 0; i < 5; i++)
		number(key, parts[i], k->secret + 128 * i, 128);
	number(key, OSSL_PKEY_PARAM_RSA_N, k->public, 256);
	EVP_PKEY_free(key);
}

static void make_record(struct kind *k, uint32_t type, uint32_t param, uint32_t ops, int secret_len, int public_len)
{
	k->record = (struct mhsm_record){
		.kind = MHSM_RECORD_KEY,
		.state = MHSM_KEYSTATE_ACTIVE,
		.generation = 1,
		.created = 1700000000,
		.updated = 1700000000,
		.type = type,
		.param = param,
		.ops = ops,
		.flags = MHSM_KEY_ENABLED,
		.owner_kind = MHSM_PRINCIPAL_UID,
		.secret_len = (uint16_t)secret_len,
		.public_len = (uint16_t)public_len,
		.public = k->public,
	};
	memcpy(k->record.domain, domain, MHSM_ID_LEN);
}

static void make_kinds(void)
{
	uint8_t datum[72];

	bench_check(hsm_datum(hsm, datum), "the domain's master");
	memcpy(domain, datum + DATUM_ID, MHSM_ID_LEN);
	bench_check(mhsm_kdf_sp800108(MHSM_SHA512, root, sizeof(root), datum + DATUM_MASTER, 32, "mhsm seal v1", 12, NULL,
				      0),
		    "deriving the seal");
	make_p256(&kinds[P256]);
	make_rsa(&kinds[RSA2048]);
	bench_check(RAND_bytes(kinds[AES].secret, 32) == 1 ? 0 : -EIO, "RAND_bytes");
	make_record(&kinds[AES], MHSM_KEY_AES, 256, MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT, 32, 0);
	make_record(&kinds[P256], MHSM_KEY_EC, MHSM_CURVE_P256, MHSM_OP_SIGN | MHSM_OP_VERIFY, 32, 64);
	make_record(&kinds[RSA2048], MHSM_KEY_RSA, 2048, MHSM_OP_SIGN | MHSM_OP_VERIFY, 640, 256);
}

/* Puts the keys from number @from up to @to into the store of the locked HSM. */
static void fill(struct kind *k, int from, int to)
{
	static uint8_t record[MHSM_RECORD_MAX];
	double start = bench_now();
	char name[32];

	for (int i = from; i < to; i++) {
		k->record.name_len = (uint8_t)snprintf(name, sizeof(name), "%s-%06d", k->name, i);
		k->record.name = name;
		bench_check(RAND_bytes(k->record.id, MHSM_ID_LEN) == 1 &&
			    RAND_bytes(k->record.version, MHSM_VERSION_LEN) == 1 ? 0 : -EIO, "RAND_bytes");
		bench_check(mhsm_seal_make(root, &k->record, k->secret, record), name);
		bench_check(hsm_put(hsm, record, mhsm_record_len(&k->record)), name);
	}
	fprintf(stderr, "capacity: %d records of %s sealed in %.1f s\n", to - from, k->name, bench_now() - start);
}

/* Bytes of memory that are in use, but for what the page cache has */
static double used(void)
{
	static const char *const fields[] = { "MemTotal:", "MemFree:", "Buffers:", "Cached:" };
	double value, sum = 0;
	char line[128], field[64];
	FILE *file;

	sync();
	file = fopen("/proc/sys/vm/drop_caches", "w");
	if (!file || fputs("3\n", file) < 0 || fclose(file))
		bench_check(-errno, "dropping caches");
	/* Objects that wait for a grace period, and lists of each CPU, have no event to wait for. */
	sleep(5);
	file = fopen("/proc/meminfo", "r");
	bench_check(file ? 0 : -errno, "/proc/meminfo");
	while (fgets(line, sizeof(line), file))
		for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
			if (sscanf(line, "%63s %lf", field, &value) == 2 && !strcmp(field, fields[i]))
				sum += i ? -value : value;
	fclose(file);
	return 1024 * sum;
}

/* Loads all that there is in the store, and prints what a key of each type takes, and the time. */
static void load_all(void)
{
	double start, seconds = 0, all = 0, before, after;
	char name[64];
	size_t from = 1; /* the domain's own record is the first */
	int total = 0;

	bench_check(hsm_unlock_begin(hsm), "unlocking");
	bench_check(hsm_load(hsm, 0, from), "loading the domain");
	before = used();
	for (struct kind *k = kinds; k < kinds + KINDS; k++) {
		start = bench_now();
		bench_check(hsm_load(hsm, from, from + (size_t)k->count), k->name);
		seconds = bench_now() - start;
		fprintf(stderr, "capacity: %d keys %s loaded in %.1f s\n", k->count, k->name, seconds);
		from += (size_t)k->count;
		total += k->count;
		all += seconds;
		after = used();
		snprintf(name, sizeof(name), "guest/capacity/memory-%s", k->name);
		if (k->count)
			bench_figure(name, "B", (after - before) / k->count, "its numbers",
				     k->record.secret_len + k->record.public_len);
		before = after;
	}
	bench_check(hsm_load_done(hsm), "the end of loading");
	bench_figure("guest/capacity/load", "s", all, "10,000 in 10 s", total / 1000.0);
}

/*
 * Microseconds of an open of a key that is there, or not; the median. It is one of FEW, from all over the @count there
 * are, at random: so the processor's caches help as much with many keys as with few, and only the search differs.
 */
static double opens(int session, const char *format, int count, int want)
{
	static double times[OPENS];
	char name[32];
	double start;
	int fd;

	for (int i = 0; i < OPENS; i++) {
		snprintf(name, sizeof(name), format, rand() % FEW * (count / FEW));
		/* The audit ring may be full: what waits for that is not looking up. */
		do {
			start = bench_now();
			fd = mhsm_key_open(session, name, NULL, 0);
			times[i] = 1e6 * (bench_now() - start);
		} while (fd == -ENOBUFS && !sched_yield());
		bench_check((fd >= 0 ? 0 : fd) == want ? 0 : -ENODATA, name);
		if (fd >= 0)
			close(fd);
	}
	return bench_median(times, OPENS);
}

/*
 * The page of the listing of @name (empty: of all) after @after: its entries, its last serial, and the median of
 * microseconds that it takes
 */
static unsigned int page(int session, const char *name, uint64_t after, uint64_t *last, int times, double *median)
{
	static struct mhsm_key_info infos[PAGE];
	struct mhsm_ioc_key_list l = {};
	double start, took[PAGES];
	int ret;

	for (int i = 0; i < times; i++) {
		do {
			l = (struct mhsm_ioc_key_list){
				.size = sizeof(l), .count = PAGE, .after = after,
				.infos = (uintptr_t)infos, .info_size = sizeof(infos[0]),
			};
			snprintf(l.name, sizeof(l.name), "%s", name);
			start = bench_now();
			ret = ioctl(session, MHSM_IOC_KEY_LIST, &l) ? -errno : 0;
			took[i] = 1e6 * (bench_now() - start);
		} while (ret == -ENOBUFS && !sched_yield());
		bench_check(ret, "KEY_LIST");
	}
	*median = bench_median(took, times);
	for (unsigned int i = 0; i < l.count; i++) {
		bench_check(infos[i].serial > (i ? infos[i - 1].serial : after) ? 0 : -EPROTO, "the order of a page");
		*last = infos[i].serial;
	}
	return l.count;
}

/* Reads the whole listing by pages: every key must be there. Then times the first page and the last full one. */
static void list_all(int session, int total)
{
	uint64_t at = 0, full = 0, after;
	unsigned int n, listed = 0;
	double first, last;

	do {
		after = at;
		n = page(session, "", after, &at, 1, &last);
		listed += n;
		if (n == PAGE)
			full = after;
	} while (n);
	bench_check(listed == (unsigned int)total ? 0 : -ENODATA, "counting what is listed");
	page(session, "", 0, &at, PAGES, &first);
	page(session, "", full, &at, PAGES, &last);
	bench_figure("guest/capacity/list-last-page", "us", last, "first page", first);
}

struct lookup {
	double open, absent, versions;
};

static struct lookup look_up(int session, int count)
{
	struct lookup l = { opens(session, "aes256-%06d", count, 0), opens(session, "absent-%06d", count, -ENOENT), 0 };
	uint64_t last;

	bench_check(page(session, "aes256-000050", 0, &last, PAGES, &l.versions) == 1 ? 0 : -ENODATA,
		    "listing a name's versions");
	fprintf(stderr, "capacity: %d AES keys: an open takes %.1f us, of none %.1f, a listing of a name %.1f\n", count,
		l.open, l.absent, l.versions);
	return l;
}

static void take_counts(int argc, char **argv)
{
	for (int i = 0; argc == 1 + KINDS && i < KINDS; i++)
		kinds[i].count = atoi(argv[1 + i]);
	if ((argc != 1 && argc != 1 + KINDS) || kinds[AES].count < FEW || kinds[P256].count < 0 ||
	    kinds[RSA2048].count < 0) {
		fprintf(stderr, "usage: capacity [AES P256 RSA2048], of AES at least %d\n", FEW);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	struct lookup few = {}, many;
	int session, have = 0, total;

	take_counts(argc, argv);
	total = kinds[AES].count + kinds[P256].count + kinds[RSA2048].count;
	bench_check(hsm_start(&hsm), "starting the HSM");
	session = bench_check(mhsm_open(NULL), "opening /dev/mhsm");
	bench_check(hsm_lock(hsm), "locking");
	make_kinds();
	for (int count = FEW; count < kinds[AES].count; count *= 10) {
		fill(&kinds[AES], have, count);
		have = count;
		bench_check(hsm_unlock(hsm), "loading");
		many = look_up(session, count);
		if (count == FEW)
			few = many;
		bench_check(hsm_lock(hsm), "locking");
	}
	fill(&kinds[AES], have, kinds[AES].count);
	fill(&kinds[P256], 0, kinds[P256].count);
	fill(&kinds[RSA2048], 0, kinds[RSA2048].count);
	load_all();
	many = look_up(session, kinds[AES].count);
	if (!few.open)
		few = many;
	bench_figure("guest/capacity/open", "us", many.open, "among 100", few.open);
	bench_figure("guest/capacity/open-absent", "us", many.absent, "among 100", few.absent);
	bench_figure("guest/capacity/list-name", "us", many.versions, "among 100", few.versions);
	list_all(session, total);
	close(session);
	bench_check(hsm_zeroize(hsm), "zeroizing");
	hsm_stop(hsm);
	return 0;
}
