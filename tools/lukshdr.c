// SPDX-License-Identifier: GPL-2.0-only
/*
 * The header of a LUKS2 volume, read and changed in place: see luks.h. The layout is that of the "LUKS2 On-Disk Format
 * Specification", section 2. libcryptsetup changes keyslots and tokens, but not the key that they hold, nor the cipher.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tools/cli.h"
#include "tools/luks.h"

#define BINARY 4096 /* then the JSON, to the end of the copy */
#define SIZE_MAX_HDR (4u << 20)
#define SIZE_MIN_HDR (16u << 10)
#define AREA_ALIGN 4096

/* Of the binary part; numbers are big-endian. */
enum {
	AT_VERSION = 6,
	AT_SIZE = 8,
	AT_SEQID = 16,
	AT_LABEL = 24,
	AT_CSUM_ALG = 72,
	AT_SALT = 104,
	AT_UUID = 168,
	AT_OFFSET = 256,
	AT_CSUM = 448,
	LABEL_LEN = 48,
	ALG_LEN = 32,
	SALT_LEN = 64,
	UUID_LEN = 40,
	CSUM_LEN = 64,
};

static const char magics[2][6] = { "LUKS\xba\xbe", "SKUL\xba\xbe" };

static uint64_t get64(const unsigned char *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return be64toh(value);
}

static void put64(unsigned char *at, uint64_t value)
{
	value = htobe64(value);
	memcpy(at, &value, sizeof(value));
}

static int read_all(int fd, void *data, size_t len, uint64_t offset)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pread(fd, (char *)data + done, len - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		done += (size_t)n;
	}
	return 0;
}

static int write_all(int fd, const void *data, size_t len, uint64_t offset)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pwrite(fd, (const char *)data + done, len - done, (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		done += (size_t)n;
	}
	return 0;
}

/* The checksum of a copy, over all of it with this field zero. */
static bool checksum(const unsigned char *copy, size_t size, unsigned char csum[CSUM_LEN])
{
	static const unsigned char zero[CSUM_LEN];
	const EVP_MD *md = EVP_get_digestbyname((const char *)copy + AT_CSUM_ALG);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool done;

	memset(csum, 0, CSUM_LEN);
	done = ctx && md && EVP_MD_get_size(md) <= CSUM_LEN && EVP_DigestInit_ex(ctx, md, NULL) &&
	       EVP_DigestUpdate(ctx, copy, AT_CSUM) && EVP_DigestUpdate(ctx, zero, CSUM_LEN) &&
	       EVP_DigestUpdate(ctx, copy + AT_CSUM + CSUM_LEN, size - AT_CSUM - CSUM_LEN) &&
	       EVP_DigestFinal_ex(ctx, csum, NULL);
	EVP_MD_CTX_free(ctx);
	return done;
}

/* Is this the binary part of a copy (0: the first) of a header? */
static bool is_binary(const unsigned char *binary, int which)
{
	uint64_t size = get64(binary + AT_SIZE);

	return !memcmp(binary, magics[which], sizeof(magics[0])) && binary[AT_VERSION] == 0 && binary[AT_VERSION + 1] == 2 &&
	       size >= SIZE_MIN_HDR && size <= SIZE_MAX_HDR && size % AREA_ALIGN == 0 &&
	       get64(binary + AT_OFFSET) == (which ? size : 0) && !binary[AT_CSUM_ALG + ALG_LEN - 1] &&
	       !binary[AT_LABEL + LABEL_LEN - 1] && !binary[AT_UUID + UUID_LEN - 1];
}

/* Reads a copy that is whole into fresh memory; NULL: it is not. */
static unsigned char *read_copy(int fd, uint64_t size, int which)
{
	unsigned char *copy = malloc(size), csum[CSUM_LEN];

	if (copy && !read_all(fd, copy, size, which ? size : 0) && is_binary(copy, which) &&
	    get64(copy + AT_SIZE) == size && checksum(copy, size, csum) && !memcmp(csum, copy + AT_CSUM, CSUM_LEN))
		return copy;
	free(copy);
	return NULL;
}

/* The lock by which libcryptsetup keeps others from a device's header; it removes the file when it lets go. */
static int lock_block(dev_t device, int how)
{
	struct stat held, there;
	char path[64];
	bool unlinked;
	int lock;

	snprintf(path, sizeof(path), "/run/cryptsetup/L_%u:%u", major(device), minor(device));
	if (mkdir("/run/cryptsetup", 0700) < 0 && errno != EEXIST)
		return -1;
	for (;;) {
		lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0777);
		if (lock < 0)
			return -1;
		unlinked = false;
		if (flock(lock, how) == 0 && fstat(lock, &held) == 0) {
			unlinked = stat(path, &there) < 0 ? errno == ENOENT : held.st_ino != there.st_ino;
			if (!unlinked)
				return lock;
		}
		close(lock);
		if (!unlinked)
			return -1;
	}
}

static int lock_device(int fd, const struct stat *st, int how)
{
	int lock;

	if (S_ISBLK(st->st_mode))
		return lock_block(st->st_rdev, how);
	lock = dup(fd);
	if (lock >= 0 && flock(lock, how) < 0) {
		close(lock);
		lock = -1;
	}
	return lock;
}

static int say(bool quiet, int code, const char *device, const char *why)
{
	return quiet ? code : cli_error(code, "%s: %s", device, why);
}

/* What counts is the newer copy that is whole; who changes it wants both, as cryptsetup leaves them when it reads. */
static int read_header(struct lukshdr *hdr, bool change, bool quiet)
{
	unsigned char *first, *second, *best;
	int ret = CLI_OK;

	if (read_all(hdr->fd, hdr->binary, BINARY, 0) || !is_binary(hdr->binary, 0))
		return say(quiet, CLI_FAIL, hdr->device, "not a LUKS2 volume: make one with \"mhsm volume format\"");
	hdr->size = get64(hdr->binary + AT_SIZE);
	first = read_copy(hdr->fd, hdr->size, 0);
	second = read_copy(hdr->fd, hdr->size, 1);
	best = second && (!first || get64(second + AT_SEQID) > get64(first + AT_SEQID)) ? second : first;
	if (best && (!change || (first && second && get64(first + AT_SEQID) == get64(second + AT_SEQID)))) {
		memcpy(hdr->binary, best, BINARY);
		hdr->seqid = get64(best + AT_SEQID);
		hdr->json = json_loadb((char *)best + BINARY, strnlen((char *)best + BINARY, hdr->size - BINARY),
				       JSON_REJECT_DUPLICATES, NULL);
	}
	if (!hdr->json)
		ret = say(quiet, CLI_INVALID, hdr->device,
			  "its LUKS2 header is damaged: run \"cryptsetup repair\", or restore it from a copy");
	free(first);
	free(second);
	return ret;
}

int lukshdr_open(const char *device, bool change, bool quiet, struct lukshdr *hdr)
{
	struct stat st;
	int ret;

	memset(hdr, 0, sizeof(*hdr));
	hdr->device = device;
	hdr->lock = -1;
	hdr->fd = open(device, (change ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (hdr->fd < 0 || fstat(hdr->fd, &st) < 0) {
		ret = quiet ? cli_exit_code(errno) : cli_fail_file(errno, device);
		lukshdr_close(hdr);
		return ret;
	}
	/* Who only looks, and may not lock, sees at worst that the copies differ. */
	hdr->lock = lock_device(hdr->fd, &st, change ? LOCK_EX : LOCK_SH);
	if (hdr->lock < 0 && change)
		ret = quiet ? CLI_FAIL : cli_error(CLI_FAIL, "%s: cannot lock its header: %s", device, strerror(errno));
	else
		ret = read_header(hdr, change, quiet);
	if (ret)
		lukshdr_close(hdr);
	return ret;
}

void lukshdr_close(struct lukshdr *hdr)
{
	json_decref(hdr->json);
	hdr->json = NULL;
	if (hdr->lock >= 0)
		close(hdr->lock);
	if (hdr->fd >= 0)
		close(hdr->fd);
	hdr->lock = hdr->fd = -1;
}

/* Numbers in the JSON of LUKS2 that may be large are strings. */
static uint64_t number(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? strtoull(text, NULL, 10) : 0;
}

/* All areas of keyslots: from the end of the two copies, for the length that the header says. */
static uint64_t areas_end(const struct lukshdr *hdr)
{
	return 2 * hdr->size + number(json_object_get(hdr->json, "config"), "keyslots_size");
}

uint64_t lukshdr_room(const struct lukshdr *hdr, uint64_t size)
{
	json_t *keyslots = json_object_get(hdr->json, "keyslots"), *slot;
	uint64_t at = 2 * hdr->size, end = areas_end(hdr);
	const char *id;
	bool moved;

	/* Past whatever it overlaps, until it overlaps nothing. */
	do {
		moved = false;
		json_object_foreach(keyslots, id, slot) {
			const json_t *area = json_object_get(slot, "area");
			uint64_t from = number(area, "offset"), to = from + number(area, "size");

			if (at < to && from < at + size) {
				at = (to + AREA_ALIGN - 1) / AREA_ALIGN * AREA_ALIGN;
				moved = true;
			}
		}
	} while (moved && at + size <= end);
	return at + size <= end ? at : 0;
}

int lukshdr_put(struct lukshdr *hdr, const void *data, size_t len, uint64_t offset)
{
	int ret = write_all(hdr->fd, data, len, offset);

	return ret ? ret : fsync(hdr->fd) < 0 ? -errno : 0;
}

static int zero(struct lukshdr *hdr, uint64_t from, uint64_t to)
{
	static const unsigned char none[64 << 10];
	int ret = 0;

	for (; !ret && from < to; from += sizeof(none))
		ret = write_all(hdr->fd, none, to - from < sizeof(none) ? to - from : sizeof(none), from);
	return ret;
}

int lukshdr_wipe(struct lukshdr *hdr, uint64_t keep, uint64_t keep_size)
{
	int ret = zero(hdr, 2 * hdr->size, keep);

	if (!ret)
		ret = zero(hdr, keep + keep_size, areas_end(hdr));
	return ret ? ret : fsync(hdr->fd) < 0 ? -errno : 0;
}

static int write_copy(struct lukshdr *hdr, unsigned char *copy, int which)
{
	uint64_t at = which ? hdr->size : 0;

	memcpy(copy, magics[which], sizeof(magics[0]));
	put64(copy + AT_OFFSET, at);
	put64(copy + AT_SEQID, hdr->seqid);
	if (getrandom(copy + AT_SALT, SALT_LEN, 0) != SALT_LEN || !checksum(copy, hdr->size, copy + AT_CSUM))
		return -EIO;
	return lukshdr_put(hdr, copy, hdr->size, at);
}

int lukshdr_commit(struct lukshdr *hdr)
{
	char *text = json_dumps(hdr->json, JSON_COMPACT);
	unsigned char *copy = calloc(1, hdr->size);
	int ret = -ENOMEM;

	if (!text || !copy)
		goto out;
	ret = -ENOSPC;
	if (strlen(text) >= hdr->size - BINARY)
		goto out;
	memcpy(copy, hdr->binary, BINARY);
	strcpy((char *)copy + BINARY, text);
	hdr->seqid++;
	/* The second first: while it is torn, the first counts, and while that is, it does. */
	ret = write_copy(hdr, copy, 1);
	if (!ret)
		ret = write_copy(hdr, copy, 0);
out:
	free(copy);
	free(text);
	return ret;
}

json_t *lukshdr_token(const struct lukshdr *hdr)
{
	json_t *tokens = json_object_get(hdr->json, "tokens"), *object, *ours = NULL;
	const char *id, *type;

	json_object_foreach(tokens, id, object) {
		type = json_string_value(json_object_get(object, "type"));
		if (type && !strcmp(type, "mhsm"))
			ours = object;
	}
	return ours;
}

json_t *lukshdr_segment(const struct lukshdr *hdr)
{
	json_t *segments = json_object_get(hdr->json, "segments");

	return json_object_size(segments) == 1 ? json_object_iter_value(json_object_iter(segments)) : NULL;
}

const char *lukshdr_uuid(const struct lukshdr *hdr)
{
	return (const char *)hdr->binary + AT_UUID;
}

const char *lukshdr_label(const struct lukshdr *hdr)
{
	return (const char *)hdr->binary + AT_LABEL;
}
