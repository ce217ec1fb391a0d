// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernels: none
 * link: tests/kselftest/scan/secrets.c kmod/kdf.c kmod/shamir.c kmod/jwe.c kmod/pk/rsa.c kmod/pk/mont.c
 *       kmod/pk/oaep.c kmod/pk/pk_env.c daemon/quorum/prim.c daemon/quorum/sdfile.c daemon/quorum/jwe_open.c
 *       -ljansson -lcrypto
 *
 * No test: searches a machine for secrets, for the scripts of tests/vm.
 *
 *   scan secrets DIR SD KEY...     (scan/secrets.c) opens the security domain SD with custodians' keys, and leaves in
 *                                  DIR the needles of all that must stay secret
 *   scan import FILE NAME          imports the key of the needle FILE into the HSM as NAME
 *   scan token FILE KEK TOKEN      wraps the data key of the needle FILE for xts under KEK, into the file TOKEN
 *   scan plant FILE                holds the secret of the needle FILE in memory, once in a page that it asks the
 *                                  kernel to swap out; says "planted" and waits for SIGTERM
 *   scan write FILE OUT            writes the secret of the needle FILE to the file OUT
 *   scan fill MEGABYTES            takes that much memory, fills it, says so, and ends
 *   scan WHERE... -- FILE...       searches for needles. WHERE:
 *     file:PATH                      a file or a block device
 *     kcore                          kernel memory: every segment of /proc/kcore, vmalloc as far as it is mapped
 *     mem                            system RAM through /dev/mem
 *     processes                      memory of every process, what is swapped out included
 *
 * A needle is a file that holds the complement of a secret, which is compared as such: nobody who searches has the
 * secret in memory. A secret is looked for in parts of 16 bytes, and also in hexadecimal and in base64. Prints
 * "hit WHERE ADDRESS NEEDLE+OFFSET" for each part found, then for each WHERE "searched WHERE BYTES bytes, N hits"; exits
 * with 1 only if something cannot be searched.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/scan/scan.h"

#define PART 16
#define PARTS_MAX 512
#define CHUNK (256 * 1024)
#define PAGE 4096
#define HITS_SHOWN 32

struct part {
	unsigned char inverted[PART];
	char name[64];
};

static struct part parts[PARTS_MAX];
static unsigned int part_count;
static unsigned char prefixes[65536 / 8]; /* bit x: some part begins with the two bytes x */

/* The search that is under way */
static const char *where;
static unsigned long long searched, hits;
static _Alignas(16) unsigned char buffer[PART + CHUNK];
static size_t carried; /* bytes before the chunk, left from the one before */

/* --- needles ---------------------------------------------------------------------------------------------------- */

size_t scan_read_needle(const char *path, unsigned char *inverted, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, inverted, room);

	if (n < PART)
		scan_die(path);
	close(fd);
	return (size_t)n;
}

void scan_die(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	exit(1);
}

static void add_part(const unsigned char inverted[PART], const char *needle, const char *form, size_t offset)
{
	unsigned int prefix = (unsigned int)(inverted[0] | inverted[1] << 8) ^ 0xffff;
	struct part *p = &parts[part_count];

	if (part_count == PARTS_MAX) {
		printf("too many needles\n");
		exit(1);
	}
	part_count++;
	memcpy(p->inverted, inverted, PART);
	snprintf(p->name, sizeof(p->name), "%s%s+%zu", needle, form, offset);
	prefixes[prefix / 8] |= (unsigned char)(1 << prefix % 8);
}

/* The first PART characters of the secret's hexadecimal, complemented */
static void add_hex(const unsigned char *inverted, const char *needle, const char *digits, const char *form)
{
	unsigned char text[PART];

	for (int i = 0; i < PART / 2; i++) {
		text[2 * i] = (unsigned char)~digits[(unsigned char)~inverted[i] >> 4];
		text[2 * i + 1] = (unsigned char)~digits[~inverted[i] & 15];
	}
	add_part(text, needle, form, 0);
}

/* The same for base64, of the secret from byte @offset (0 to 2: how it may lie in what is encoded) */
static void add_base64(const unsigned char *inverted, size_t offset, const char *needle, const char *extra,
		       const char *form)
{
	static const char common[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	unsigned char text[PART];

	for (int i = 0; i < PART; i++) {
		const unsigned char *from = inverted + offset + i / 4 * 3;
		unsigned int bits = 0xffffffu & ~(unsigned int)(from[0] << 16 | from[1] << 8 | from[2]);
		unsigned int digit = bits >> (18 - i % 4 * 6) & 63;

		text[i] = (unsigned char)~(digit < 62 ? common[digit] : extra[digit - 62]);
	}
	add_part(text, needle, form, offset);
}

static void add_needle(const char *path)
{
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	unsigned char inverted[256];
	size_t len = scan_read_needle(path, inverted, sizeof(inverted));
	char name[48];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(base, "."), base);
	for (size_t i = 0; i + PART <= len; i += PART)
		add_part(inverted + i, name, "", i);
	add_hex(inverted, name, "0123456789abcdef", " in hexadecimal");
	add_hex(inverted, name, "0123456789ABCDEF", " in hexadecimal");
	for (size_t i = 0; i < 3; i++) {
		add_base64(inverted, i, name, "+/", " in base64");
		add_base64(inverted, i, name, "-_", " in base64url");
	}
}

/* --- searching -------------------------------------------------------------------------------------------------- */

static bool matches(const unsigned char *at, const struct part *p)
{
	for (int i = 0; i < PART; i++)
		if ((at[i] ^ p->inverted[i]) != 0xff)
			return false;
	return true;
}

static void look(const unsigned char *at, unsigned long long address)
{
	for (unsigned int i = 0; i < part_count; i++)
		if (matches(at, &parts[i])) {
			if (hits++ < HITS_SHOWN)
				printf("hit %s 0x%llx %s\n", where, address, parts[i].name);
			return; /* the same text in two forms is one hit */
		}
}

static bool page_is_zero(const unsigned char *page)
{
	const unsigned long long *word = (const void *)page;
	unsigned long long any = 0;

	for (size_t i = 0; i < PAGE / sizeof(*word); i++)
		any |= word[i];
	return !any;
}

static void chunk_begin(void)
{
	carried = 0;
}

/* Where the next chunk is to be read to */
static unsigned char *chunk_room(void)
{
	return buffer + PART;
}

/* Searches @len bytes at chunk_room(), which begin at @address, and what was carried before them; then forgets them. */
static void chunk_search(size_t len, unsigned long long address)
{
	size_t i = PART - carried, end = PART + len, next;

	searched += len;
	while (i + PART <= end) {
		/* Only starts that see nothing but zeros may be passed over. */
		if ((i - PART) % PAGE == 0 && i >= PART && i + PAGE <= end && page_is_zero(buffer + i)) {
			i += PAGE - PART + 1;
			continue;
		}
		next = i < PART ? PART : i - (i - PART) % PAGE + PAGE;
		for (; i < next && i + PART <= end; i++) {
			unsigned int prefix = buffer[i] | (unsigned int)buffer[i + 1] << 8;

			if (prefixes[prefix / 8] & 1 << prefix % 8)
				look(buffer + i, address + i - PART);
		}
	}
	carried = len < PART - 1 ? 0 : PART - 1;
	memmove(buffer + PART - carried, buffer + end - carried, carried);
	explicit_bzero(buffer + PART, len);
}

static void search_begin(const char *name)
{
	where = name;
	searched = hits = 0;
	chunk_begin();
}

static void search_end(void)
{
	explicit_bzero(buffer, sizeof(buffer));
	printf("searched %s %llu bytes, %llu hits\n", where, searched, hits);
	fflush(stdout);
}

/* @len bytes of @fd from @offset, which are at @address. What cannot be read is passed over. */
static void search_range(int fd, unsigned long long offset, unsigned long long len, unsigned long long address)
{
	unsigned long long at = 0;

	chunk_begin();
	while (at < len) {
		size_t want = len - at < CHUNK ? (size_t)(len - at) : CHUNK;
		ssize_t n = pread(fd, chunk_room(), want, (off_t)(offset + at));

		if (n <= 0) {
			at += PAGE - (address + at) % PAGE;
			chunk_begin();
			continue;
		}
		chunk_search((size_t)n, address + at);
		at += (unsigned long long)n;
	}
}

static void search_file(const char *path)
{
	unsigned long long at = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		scan_die(path);
	while ((n = read(fd, chunk_room(), CHUNK)) > 0) {
		chunk_search((size_t)n, at);
		at += (unsigned long long)n;
	}
	if (n < 0)
		scan_die(path);
	/* Pages of a device that was read would be found again in kernel memory. */
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	close(fd);
}

/* --- kernel memory ---------------------------------------------------------------------------------------------- */

struct segment {
	unsigned long long offset, address, len;
};

/* Mapped parts of vmalloc space within @s; false if there is none. */
static bool search_vmalloc(int fd, const struct segment *s)
{
	FILE *info = fopen("/proc/vmallocinfo", "r");
	unsigned long long from, to;
	char line[512];
	bool any = false;

	if (!info)
		scan_die("/proc/vmallocinfo");
	while (fgets(line, sizeof(line), info)) {
		if (sscanf(line, "0x%llx-0x%llx", &from, &to) != 2 || from < s->address || to > s->address + s->len)
			continue;
		any = true;
		if (!strstr(line, "ioremap"))
			search_range(fd, s->offset + from - s->address, to - from, from);
	}
	fclose(info);
	return any;
}

static void search_kcore(void)
{
	unsigned char header[64], program[56];
	unsigned int count;
	int fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		scan_die("/proc/kcore");
	if (pread(fd, header, sizeof(header), 0) != sizeof(header))
		scan_die("/proc/kcore");
	count = header[56] | (unsigned int)header[57] << 8;
	for (unsigned int i = 0; i < count; i++) {
		struct segment s;

		if (pread(fd, program, sizeof(program), (off_t)(64 + i * sizeof(program))) != sizeof(program))
			scan_die("/proc/kcore");
		if (program[0] != 1) /* PT_LOAD */
			continue;
		memcpy(&s.offset, program + 8, 8);
		memcpy(&s.address, program + 16, 8);
		memcpy(&s.len, program + 40, 8);
		/* Terabytes, of which vmallocinfo knows what there is */
		if (!search_vmalloc(fd, &s) && s.len < 1ull << 36)
			search_range(fd, s.offset, s.len, s.address);
	}
	close(fd);
}

static void search_mem(void)
{
	FILE *map = fopen("/proc/iomem", "r");
	int fd = open("/dev/mem", O_RDONLY | O_CLOEXEC);
	unsigned long long from, to;
	char line[256];

	if (!map)
		scan_die("/proc/iomem");
	if (fd < 0) {
		printf("# /dev/mem: %s\n", strerror(errno));
		fclose(map);
		return;
	}
	while (fgets(line, sizeof(line), map))
		if (sscanf(line, "%llx-%llx : System RAM", &from, &to) == 2 && strstr(line, "System RAM"))
			search_range(fd, from, to - from + 1, from);
	fclose(map);
	close(fd);
}

/* --- processes -------------------------------------------------------------------------------------------------- */

/* Pages from..to of one mapping: those that are present or swapped out */
static void search_mapping(int mem, int pagemap, unsigned long long from, unsigned long long to)
{
	unsigned long long entry[512], run = 0;

	for (unsigned long long at = from; at < to;) {
		size_t pages = (to - at) / PAGE < 512 ? (size_t)((to - at) / PAGE) : 512;
		ssize_t n = pread(pagemap, entry, pages * 8, (off_t)(at / PAGE * 8));

		if (n < 8)
			break;
		for (size_t i = 0; i < (size_t)n / 8; i++, at += PAGE) {
			if (entry[i] >> 62) {
				run += PAGE;
				continue;
			}
			if (run)
				search_range(mem, at - run, run, at - run);
			run = 0;
		}
	}
	if (run)
		search_range(mem, to - run, run, to - run);
}

static bool search_process(const char *pid)
{
	unsigned long long from, to, before = searched;
	char path[64], line[4096];
	int mem, pagemap;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%s/mem", pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%s/pagemap", pid);
	pagemap = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	maps = fopen(path, "r");
	while (mem >= 0 && pagemap >= 0 && maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%llx-%llx", &from, &to) == 2 && !strstr(line, "[vsyscall]"))
			search_mapping(mem, pagemap, from, to);
	if (maps)
		fclose(maps);
	if (mem >= 0)
		close(mem);
	if (pagemap >= 0)
		close(pagemap);
	return searched > before;
}

static void search_processes(void)
{
	unsigned int count = 0;
	char pid[32];
	FILE *list = popen("ls /proc", "r");

	if (!list)
		scan_die("/proc");
	while (fscanf(list, "%31s", pid) == 1)
		if (strspn(pid, "0123456789") == strlen(pid))
			count += search_process(pid);
	pclose(list);
	printf("# processes with memory: %u\n", count);
}

static int search(int argc, char **argv)
{
	int split = 1;

	while (split < argc && strcmp(argv[split], "--"))
		split++;
	for (int i = split + 1; i < argc; i++)
		add_needle(argv[i]);
	if (!part_count)
		return 2;
	for (int i = 1; i < split; i++) {
		search_begin(argv[i]);
		if (!strncmp(argv[i], "file:", 5))
			search_file(argv[i] + 5);
		else if (!strcmp(argv[i], "kcore"))
			search_kcore();
		else if (!strcmp(argv[i], "mem"))
			search_mem();
		else if (!strcmp(argv[i], "processes"))
			search_processes();
		else
			return 2;
		search_end();
	}
	return 0;
}

/* --- secrets in use --------------------------------------------------------------------------------------------- */

/* The secret itself, in memory that is not swapped; wiped by the caller */
static unsigned char *reveal(const char *path, size_t *len)
{
	unsigned char *secret = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (secret == MAP_FAILED || mlock(secret, PAGE))
		scan_die("memory");
	*len = scan_read_needle(path, secret, PAGE);
	for (size_t i = 0; i < *len; i++)
		secret[i] ^= 0xff;
	return secret;
}

static int import(const char *path, const char *name)
{
	struct mhsm_key_spec spec = { .name = name, .type = MHSM_KEY_AES, .flags = MHSM_KEY_ENABLED | MHSM_KEY_CONSUMERS };
	int session = mhsm_open(NULL), key;
	unsigned char *secret;
	size_t len;

	secret = reveal(path, &len);
	spec.param = (uint32_t)len * 8;
	key = session < 0 ? session : mhsm_key_import(session, &spec, secret, len);
	explicit_bzero(secret, PAGE);
	printf("%s\n", key < 0 ? strerror(-key) : "imported");
	return key < 0;
}

static int token(const char *path, const char *kek, const char *out)
{
	int session = mhsm_open(NULL), key = session < 0 ? session : mhsm_key_open(session, kek, NULL, MHSM_OP_WRAP);
	uint8_t made[MHSM_TOKEN_LEN];
	unsigned char *secret;
	size_t len;
	int fd, ret;

	secret = reveal(path, &len);
	ret = key < 0 ? key : mhsm_token_import(key, MHSM_TOKEN_XTS_AES, secret, len, made);
	explicit_bzero(secret, PAGE);
	fd = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (ret || fd < 0 || write(fd, made, sizeof(made)) != sizeof(made)) {
		printf("%s\n", strerror(ret ? -ret : errno));
		return 1;
	}
	return 0;
}

static int plant(const char *path)
{
	unsigned char *copy = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigset_t term;
	size_t len;
	int number;
	unsigned char *secret = reveal(path, &len);

	if (copy == MAP_FAILED)
		scan_die("memory");
	memcpy(copy, secret, len);
	if (madvise(copy, PAGE, MADV_PAGEOUT))
		scan_die("madvise");
	printf("planted\n");
	fflush(stdout);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	sigwait(&term, &number);
	explicit_bzero(secret, PAGE);
	explicit_bzero(copy, PAGE);
	return 0;
}

static int write_secret(const char *path, const char *out)
{
	int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	unsigned char *secret;
	size_t len;

	secret = reveal(path, &len);
	if (fd < 0 || write(fd, secret, len) != (ssize_t)len || fsync(fd))
		scan_die(out);
	explicit_bzero(secret, PAGE);
	return 0;
}

static int fill(const char *megabytes)
{
	size_t len = strtoul(megabytes, NULL, 10) << 20;
	unsigned char *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		scan_die("memory");
	/* Not the same in any two pages, so that none is merged or compressed away */
	for (size_t i = 0; i < len; i += PAGE)
		memcpy(p + i, &i, sizeof(i));
	printf("filled\n");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 4 && !strcmp(argv[1], "secrets"))
		return scan_secrets(argv[2], argv[3], argc - 4, argv + 4);
	if (argc == 4 && !strcmp(argv[1], "import"))
		return import(argv[2], argv[3]);
	if (argc == 5 && !strcmp(argv[1], "token"))
		return token(argv[2], argv[3], argv[4]);
	if (argc == 3 && !strcmp(argv[1], "plant"))
		return plant(argv[2]);
	if (argc == 4 && !strcmp(argv[1], "write"))
		return write_secret(argv[2], argv[3]);
	if (argc == 3 && !strcmp(argv[1], "fill"))
		return fill(argv[2]);
	return search(argc, argv);
}
