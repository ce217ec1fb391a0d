// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c
 *       daemon/device.c daemon/log.c
 *       pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12 debug
 * disk: 16M
 * timeout: 600
 *
 * Four dm-crypt volumes with tokens, each written and read without pause, and the end of their keys: locking, zeroizing,
 * purging, deleting, disabling and expiring keys that end their live ciphers. When the call has returned no block that is written or
 * read from then on passes, and none reaches the disk: what is on it is decrypted with the data key, in user space, and
 * every block there was begun before. One volume is suspended meanwhile. Rounds: the argument.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/dm.h"
#include "tests/kselftest/hsm/hsm.h"
#include "tests/kselftest/hsm/tap.h"

#define VOLUMES 4
#define BLOCK 4096
#define BLOCKS 64 /* of a volume */
#define BYTES ((size_t)BLOCKS * BLOCK)
#define SECTORS (BYTES / 512)
#define SUSPENDED (VOLUMES - 1) /* the volume that is */

/* A block: the run that wrote it, where it belongs, whether it was begun after the end of the key */
struct stamp {
	uint64_t run, round, block, after;
};

static struct volume {
	char name[32], node[32];
	unsigned int index;
	uint8_t key[64], token[MHSM_TOKEN_LEN];
	pthread_t writer, reader;
	atomic_uint writes, reads; /* that passed */
	atomic_uint late; /* that passed though begun after the end */
	atomic_int write_error, read_error;
} volumes[VOLUMES];

static struct hsm *hsm;
static int session, disk;
static const char *disk_path;
static unsigned int disk_major, disk_minor;
static atomic_int ended; /* the call has returned */
static uint64_t run_id, round_number;

static void *aligned(size_t len)
{
	void *p;

	if (posix_memalign(&p, BLOCK, len))
		abort();
	return p;
}

/* Until the first error */
static void *writer(void *arg)
{
	struct volume *v = arg;
	int fd = open(v->node, O_RDWR | O_DIRECT | O_CLOEXEC);
	uint64_t *p = aligned(BLOCK);

	for (uint64_t n = 0; fd >= 0; n++) {
		struct stamp s = { run_id, round_number, n % BLOCKS, (uint64_t)atomic_load(&ended) };

		for (size_t i = 0; i < BLOCK / sizeof(s); i++)
			memcpy(p + i * sizeof(s) / sizeof(*p), &s, sizeof(s));
		if (pwrite(fd, p, BLOCK, (off_t)(s.block * BLOCK)) != BLOCK)
			break;
		atomic_fetch_add(&v->writes, 1);
		atomic_fetch_add(&v->late, (unsigned int)s.after);
	}
	atomic_store(&v->write_error, errno);
	close(fd);
	free(p);
	return NULL;
}

static void *reader(void *arg)
{
	struct volume *v = arg;
	int fd = open(v->node, O_RDONLY | O_DIRECT | O_CLOEXEC), after;
	void *p = aligned(BLOCK);

	for (unsigned int n = 0; fd >= 0; n++) {
		after = atomic_load(&ended);
		if (pread(fd, p, BLOCK, (off_t)(n * 7 % BLOCKS * BLOCK)) != BLOCK)
			break;
		atomic_fetch_add(&v->reads, 1);
		atomic_fetch_add(&v->late, (unsigned int)after);
	}
	atomic_store(&v->read_error, errno);
	close(fd);
	free(p);
	return NULL;
}

static int volume_open(struct volume *v)
{
	char params[512], hex[2 * MHSM_TOKEN_LEN + 1];

	for (size_t i = 0; i < MHSM_TOKEN_LEN; i++)
		sprintf(hex + 2 * i, "%02x", v->token[i]);
	snprintf(params, sizeof(params), "%s %s 0 %u:%u %zu", v->index & 1 ? "paes-xts-plain64" : "capi:mhsm(xts(aes))-plain64",
		 hex, disk_major, disk_minor, v->index * SECTORS);
	return dm_create(v->name, SECTORS, "crypt", params, v->node);
}

/* Blocks of the volume on the disk that were begun after the end; the others are counted in @before. */
static unsigned int late_on_disk(const struct volume *v, unsigned int *before)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t *p = aligned(BYTES), iv[16], plain[512];
	unsigned int late = 0;
	struct stamp s;
	int n;

	if (pread(disk, p, BYTES, (off_t)(v->index * BYTES)) != (ssize_t)BYTES)
		abort();
	for (unsigned int block = 0; block < BLOCKS; block++) {
		memset(iv, 0, sizeof(iv));
		for (unsigned int i = 0, sector = block * 8; i < 4; i++)
			iv[i] = (uint8_t)(sector >> 8 * i);
		if (!EVP_DecryptInit_ex(ctx, EVP_aes_256_xts(), NULL, v->key, iv) ||
		    !EVP_DecryptUpdate(ctx, plain, &n, p + block * BLOCK, sizeof(plain)))
			abort();
		memcpy(&s, plain, sizeof(s));
		if (s.run != run_id || s.round != round_number)
			continue;
		late += s.after != 0;
		*before += !s.after;
	}
	EVP_CIPHER_CTX_free(ctx);
	free(p);
	return late;
}

/* --- the ways in which keys end ----------------------------------------------------------------------------------- */

static const char *kek_name(unsigned int i)
{
	static char name[VOLUMES][48];

	snprintf(name[i], sizeof(name[i]), "kek-%llu-%u", (unsigned long long)round_number, i);
	return name[i];
}

static int purge_all(void)
{
	int ret = 0;

	for (unsigned int i = 0; i < VOLUMES && !ret; i++) {
		ret = mhsm_key_delete(session, kek_name(i));
		if (!ret)
			ret = mhsm_key_purge(session, kek_name(i));
	}
	return ret;
}

static int delete_all(void)
{
	int ret = 0;

	for (unsigned int i = 0; i < VOLUMES && !ret; i++)
		ret = mhsm_key_delete(session, kek_name(i));
	return ret;
}

static int disable_all(void)
{
	const struct mhsm_key_update disable = { .what = MHSM_UPDATE_ENABLED };
	int ret = 0;

	for (unsigned int i = 0; i < VOLUMES && !ret; i++)
		ret = mhsm_key_update(session, kek_name(i), NULL, &disable);
	return ret;
}

/* No call ends it: the time does, and what was begun a second later was begun too late. */
static int wait_expiry(void)
{
	const struct timespec pause = { .tv_sec = 4 };

	return nanosleep(&pause, NULL) ? -errno : 0;
}

static int lock(void)
{
	return hsm_lock(hsm);
}

static int zeroize(void)
{
	return hsm_zeroize(hsm);
}

static int unlock(void)
{
	return hsm_unlock(hsm);
}

static int provision(void)
{
	return hsm_provision(hsm);
}

static const struct way {
	const char *name;
	uint32_t flags;
	uint64_t lives; /* s */
	int (*end)(void);
	int (*again)(void);
} ways[] = {
	{ "locking", 0, 0, lock, unlock },
	{ "purging", 0, 0, purge_all, NULL },
	{ "deleting, of keys that end live ciphers,", MHSM_KEY_REVOKE_LIVE, 0, delete_all, NULL },
	{ "disabling, of keys that end live ciphers,", MHSM_KEY_REVOKE_LIVE, 0, disable_all, NULL },
	{ "zeroizing", 0, 0, zeroize, provision },
	{ "expiry, of keys that end live ciphers,", MHSM_KEY_REVOKE_LIVE, 3, wait_expiry, NULL },
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* --- a round ------------------------------------------------------------------------------------------------------ */

static int volume_begin(struct volume *v, const struct way *way)
{
	struct mhsm_key_spec spec = {
		.name = kek_name(v->index),
		.type = MHSM_KEY_AES,
		.param = 256,
		.flags = MHSM_KEY_ENABLED | MHSM_KEY_CONSUMERS | way->flags,
		.expires = way->lives ? (uint64_t)time(NULL) + way->lives : 0,
	};
	int kek = mhsm_key_create(session, &spec), ret;

	if (kek < 0)
		return kek;
	snprintf(v->name, sizeof(v->name), "revoke-%u", v->index);
	for (size_t i = 0; i < sizeof(v->key); i++)
		v->key[i] = (uint8_t)(round_number * 13 + v->index * 31 + i * 7);
	ret = mhsm_token_import(kek, MHSM_TOKEN_XTS_AES, v->key, sizeof(v->key), v->token);
	close(kek);
	return ret ? ret : volume_open(v);
}

static void volume_start(struct volume *v)
{
	atomic_store(&v->writes, 0);
	atomic_store(&v->reads, 0);
	atomic_store(&v->late, 0);
	if (pthread_create(&v->writer, NULL, writer, v) || pthread_create(&v->reader, NULL, reader, v))
		abort();
}

/* All volumes are at work: each has written and read. */
static int at_work(void)
{
	const struct timespec pause = { .tv_nsec = 5000000 };

	for (unsigned int tries = 0; tries < 6000; tries++) {
		unsigned int ready = 0;

		for (unsigned int i = 0; i < VOLUMES; i++)
			ready += atomic_load(&volumes[i].writes) > 3 && atomic_load(&volumes[i].reads) > 3;
		if (ready == VOLUMES)
			return 0;
		nanosleep(&pause, NULL);
	}
	return -ETIMEDOUT;
}

static unsigned int complaints;

static void check(int passed, const char *what, long got)
{
	if (passed)
		return;
	if (complaints++ < 20)
		printf("# round %llu: %s: %ld\n", (unsigned long long)round_number, what, got);
}

static void volume_end(struct volume *v, const struct way *way)
{
	unsigned int before = 0, late;
	int ret;

	pthread_join(v->writer, NULL);
	pthread_join(v->reader, NULL);
	check(atomic_load(&v->write_error) == EIO, "a write ends in EIO", atomic_load(&v->write_error));
	check(atomic_load(&v->read_error) == EIO, "a read ends in EIO", atomic_load(&v->read_error));
	check(!atomic_load(&v->late), "nothing begun after the end passes", atomic_load(&v->late));
	ret = dm_remove(v->name);
	for (unsigned int tries = 0; ret == -EBUSY && tries < 100; tries++) {
		const struct timespec pause = { .tv_nsec = 20000000 };

		nanosleep(&pause, NULL);
		ret = dm_remove(v->name);
	}
	check(!ret, "the volume is closed", ret);
	late = late_on_disk(v, &before);
	check(!late, "nothing begun after the end is on the disk", late);
	/* One whose threads met the expiry may have been at work for a moment only. */
	check(before > (way->lives ? 0 : 3), "what was written before is on the disk", before);
}

static void one_round(const struct way *way)
{
	int ret = 0;

	atomic_store(&ended, 0);
	round_number++;
	for (unsigned int i = 0; i < VOLUMES; i++) {
		ret = volume_begin(&volumes[i], way);
		check(!ret, "a volume is opened", ret);
		if (ret)
			exit(tap_bail("no volume", ret));
		/* Its time runs. */
		if (way->lives)
			volume_start(&volumes[i]);
	}
	/* Others do without I/O that holds up the making of the next key. */
	for (unsigned int i = 0; i < VOLUMES && !way->lives; i++)
		volume_start(&volumes[i]);
	/* A volume whose threads met the expiry already was at work before. */
	ret = way->lives ? 0 : at_work();
	check(!ret, "all volumes are at work", ret);
	if (!way->lives) {
		ret = dm_suspend(volumes[SUSPENDED].name);
		check(!ret, "one is suspended", ret);
	}
	ret = way->end();
	/* The threads would never come to an end. */
	if (ret)
		exit(tap_bail(way->name, ret));
	atomic_store(&ended, 1);
	if (!way->lives) {
		ret = dm_resume(volumes[SUSPENDED].name);
		check(!ret, "it is resumed", ret);
	}
	for (unsigned int i = 0; i < VOLUMES; i++)
		volume_end(&volumes[i], way);
	for (unsigned int i = 0; i < VOLUMES; i++) {
		ret = volume_open(&volumes[i]);
		check(ret < 0, "a volume is not opened again", ret);
		if (!ret)
			dm_remove(volumes[i].name);
	}
	ret = way->again ? way->again() : 0;
	check(!ret, "the HSM is back", ret);
}

/* Every key that this round left is gone with the zeroizing; a store that grows would slow the rounds down. */
static void clean(const struct way *way)
{
	if (way->again)
		return;
	for (unsigned int i = 0; i < VOLUMES; i++) {
		if (way->end == wait_expiry || way->end == disable_all)
			mhsm_key_delete(session, kek_name(i));
		if (way->end != purge_all)
			mhsm_key_purge(session, kek_name(i));
	}
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : WAYS;
	const char *disks = getenv("MHSM_DISKS");
	char path[64];
	struct stat st;
	int ret;

	if (!disks || sscanf(disks, "%63s", path) != 1)
		return tap_bail("no disk", -ENODEV);
	disk_path = path;
	/* The disk may be one of an earlier run. */
	if (getrandom(&run_id, sizeof(run_id), 0) != sizeof(run_id))
		return tap_bail("getrandom", -errno);
	if (system("modprobe -qa dm_mod dm_crypt") < 0)
		return tap_bail("modprobe", -errno);
	disk = open(disk_path, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (disk < 0 || fstat(disk, &st))
		return tap_bail(disk_path, -errno);
	disk_major = major(st.st_rdev);
	disk_minor = minor(st.st_rdev);
	ret = hsm_start(&hsm);
	if (ret)
		return tap_bail("the HSM does not start", ret);
	session = mhsm_open(NULL);
	for (unsigned int i = 0; i < VOLUMES; i++)
		volumes[i].index = i;
	for (unsigned long n = 0; n < rounds; n += WAYS) {
		for (size_t i = 0; i < WAYS; i++) {
			unsigned int before = complaints;

			one_round(&ways[i]);
			clean(&ways[i]);
			if (n < WAYS)
				tap_ok(before == complaints, "%s ends four volumes under I/O", ways[i].name);
		}
	}
	tap_ok(!complaints, "%llu rounds, %u complaints", (unsigned long long)round_number, complaints);
	close(session);
	hsm_stop(hsm);
	close(disk);
	return tap_end();
}
