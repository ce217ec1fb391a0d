// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernels: none
 * link: daemon/segment.c -lcrypto
 *
 * No test: makes and uses many keys, for the scripts of tests/vm.
 *
 *   keyload create PROCESSES PREFIX   makes keys until it is killed, and says so, a line for each, at once:
 *     made NAME aes|ec                  the key was created
 *     aes NAME IV CIPHERTEXT TAG        NAME, encrypted with it
 *     ec NAME PUBLIC SIGNATURE          its public half (DER), and its signature of NAME (DER)
 *   keyload check FILE [PREFIX]       reads such lines: every key is there and does what it did; and every other key
 *                                     that is listed, and begins with PREFIX, works too
 *   keyload try NAME                  makes one AES key; prints "created" or the name of the error
 *   keyload hold SECONDS NAME...      opens keys, says "holding", then uses each fifty times a second until SIGTERM, or
 *                                     so long; fails if a use fails
 *   keyload write DEVICE FIRST        writes blocks of 4096 bytes from number FIRST on, each made durable, and says
 *     block NUMBER                      for each then
 *   keyload read DEVICE FILE          reads such lines: every block holds what was written
 *   keyload audited FILE...           the names of keys whose creation is in these segments of the audit log
 *
 * Exit status 1 if anything is wrong, which is said on standard output.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemon/segment.h"
#include "lib/mhsm.h"

#define LINE_MAX_LEN 1024
#define BLOCK 4096
#define TEXT_MAX 256 /* bytes of a value in a line */

static unsigned int wrong;

__attribute__((format(printf, 1, 2))) static void complain(const char *format, ...)
{
	va_list args;

	/* Enough to see what is the matter. */
	if (wrong++ < 20) {
		va_start(args, format);
		vprintf(format, args);
		va_end(args);
		putchar('\n');
	}
}

/* A line goes out with one write: it is whole, or not there. */
__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	char line[LINE_MAX_LEN];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n < 0 || n >= (int)sizeof(line) || write(STDOUT_FILENO, line, (size_t)n) != n)
		_exit(1);
}

static void die(const char *what, int error)
{
	fflush(stdout);
	say("%s: %s\n", what, strerror(error < 0 ? -error : error));
	exit(1);
}

static const char *hex(const void *data, size_t len, char *out)
{
	for (size_t i = 0; i < len; i++)
		sprintf(out + 2 * i, "%02x", ((const unsigned char *)data)[i]);
	out[2 * len] = '\0';
	return out;
}

/* Returns the number of bytes, or 0 if it is no hexadecimal of at most TEXT_MAX bytes. */
static size_t unhex(const char *text, unsigned char out[TEXT_MAX])
{
	size_t len = text ? strlen(text) / 2 : 0;

	if (len > TEXT_MAX || (text && strlen(text) % 2))
		return 0;
	for (size_t i = 0; i < len; i++)
		if (sscanf(text + 2 * i, "%2hhx", &out[i]) != 1)
			return 0;
	return len;
}

/* --- one key ---------------------------------------------------------------------------------------------------- */

static int make(int session, const char *name, uint32_t type)
{
	struct mhsm_key_spec spec = {
		.name = name,
		.type = type,
		.param = type == MHSM_KEY_AES ? 256 : MHSM_CURVE_P256,
		.flags = MHSM_KEY_ENABLED,
	};

	return mhsm_key_create(session, &spec);
}

/* Encrypts and decrypts NAME, or signs and verifies it. 0 or a negative errno. */
static int use(int key, const struct mhsm_key_info *info)
{
	unsigned char iv[MHSM_GCM_IV_LEN], tag[MHSM_GCM_TAG_LEN], text[128], back[128], sig[MHSM_ES256_LEN];
	size_t len = strlen(info->name), sig_len = sizeof(sig);
	int ret;

	if (info->type == MHSM_KEY_EC) {
		ret = mhsm_sign(key, MHSM_ALG_ES256, MHSM_SIGN_MESSAGE, info->name, len, sig, &sig_len);
		return ret ? ret : mhsm_verify(key, MHSM_ALG_ES256, MHSM_SIGN_MESSAGE, info->name, len, sig, sig_len);
	}
	ret = mhsm_encrypt(key, iv, NULL, 0, info->name, len, text, tag);
	if (!ret)
		ret = mhsm_decrypt(key, iv, NULL, 0, text, len, back, tag);
	if (!ret && memcmp(back, info->name, len))
		ret = -EILSEQ;
	return ret;
}

static uint32_t all_ops(uint32_t type)
{
	return type == MHSM_KEY_EC ? MHSM_OP_SIGN | MHSM_OP_VERIFY :
				     MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT | MHSM_OP_WRAP | MHSM_OP_UNWRAP;
}

/* --- create ----------------------------------------------------------------------------------------------------- */

static void say_aes(int key, const char *name)
{
	char a[2 * MHSM_GCM_IV_LEN + 1], b[2 * 128 + 1], c[2 * MHSM_GCM_TAG_LEN + 1];
	unsigned char iv[MHSM_GCM_IV_LEN], tag[MHSM_GCM_TAG_LEN], text[128];
	size_t len = strlen(name);
	int ret = mhsm_encrypt(key, iv, NULL, 0, name, len, text, tag);

	if (ret)
		die(name, ret);
	say("aes %s %s %s %s\n", name, hex(iv, sizeof(iv), a), hex(text, len, b), hex(tag, sizeof(tag), c));
}

static void say_ec(int key, const char *name)
{
	unsigned char public[TEXT_MAX], sig[MHSM_ES256_LEN], der[MHSM_DER_SIGNATURE_MAX];
	size_t public_len = sizeof(public), sig_len = sizeof(sig), der_len = sizeof(der);
	char a[2 * TEXT_MAX + 1], b[2 * MHSM_DER_SIGNATURE_MAX + 1];
	int ret = mhsm_public_key(key, public, &public_len);

	if (!ret)
		ret = mhsm_sign(key, MHSM_ALG_ES256, MHSM_SIGN_MESSAGE, name, strlen(name), sig, &sig_len);
	if (!ret)
		ret = mhsm_signature_to_der(sig, sig_len, der, &der_len);
	if (ret)
		die(name, ret);
	say("ec %s %s %s\n", name, hex(public, public_len, a), hex(der, der_len, b));
}

static void create_for_ever(const char *prefix, int process)
{
	int session = mhsm_open(NULL), key;
	char name[64];

	if (session < 0)
		die("open", session);
	for (unsigned int i = 0;; i++) {
		uint32_t type = (i + (unsigned int)process) % 2 ? MHSM_KEY_EC : MHSM_KEY_AES;

		snprintf(name, sizeof(name), "%s-%d-%u", prefix, process, i);
		key = make(session, name, type);
		if (key < 0)
			die(name, key);
		say("made %s %s\n", name, type == MHSM_KEY_EC ? "ec" : "aes");
		if (type == MHSM_KEY_EC)
			say_ec(key, name);
		else
			say_aes(key, name);
		close(key);
	}
}

static int create(int processes, const char *prefix)
{
	int status;

	for (int i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork", errno);
		if (!pid)
			create_for_ever(prefix, i);
	}
	wait(&status);
	return 1; /* none of them ends by itself but for an error */
}

/* --- check ------------------------------------------------------------------------------------------------------ */

/* Does OpenSSL agree that this is NAME's signature? */
static int openssl_verifies(const unsigned char *public, size_t public_len, const char *name, const unsigned char *der,
			    size_t der_len)
{
	EVP_PKEY *pkey = d2i_PUBKEY(NULL, &public, (long)public_len);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	int ok = pkey && md && EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, pkey) == 1 &&
		 EVP_DigestVerify(md, der, der_len, (const unsigned char *)name, strlen(name)) == 1;

	EVP_MD_CTX_free(md);
	EVP_PKEY_free(pkey);
	return ok;
}

static void check_aes(int key, const char *name, const char *iv_text, const char *ct_text, const char *tag_text)
{
	unsigned char iv[TEXT_MAX], ct[TEXT_MAX], tag[TEXT_MAX], back[TEXT_MAX];
	size_t len = unhex(ct_text, ct);
	int ret;

	if (unhex(iv_text, iv) != MHSM_GCM_IV_LEN || unhex(tag_text, tag) != MHSM_GCM_TAG_LEN || len != strlen(name)) {
		complain("%s: its line is malformed", name);
		return;
	}
	ret = mhsm_decrypt(key, iv, NULL, 0, ct, len, back, tag);
	if (ret)
		complain("%s: does not decrypt what it encrypted: %s", name, strerror(-ret));
	else if (memcmp(back, name, len))
		complain("%s: decrypts to something else", name);
}

static void check_ec(int key, const char *name, const char *public_text, const char *der_text)
{
	unsigned char public[TEXT_MAX], der[TEXT_MAX], now[TEXT_MAX], sig[MHSM_ES256_LEN];
	size_t public_len = unhex(public_text, public), der_len = unhex(der_text, der), now_len = sizeof(now);
	size_t sig_len = sizeof(sig);
	int ret;

	ret = mhsm_public_key(key, now, &now_len);
	if (ret || now_len != public_len || memcmp(now, public, public_len))
		complain("%s: its public half is not the one it was (%s)", name, strerror(-ret));
	if (!openssl_verifies(public, public_len, name, der, der_len))
		complain("%s: its old signature does not verify", name);
	ret = mhsm_sign(key, MHSM_ALG_ES256, MHSM_SIGN_MESSAGE, name, strlen(name), sig, &sig_len);
	der_len = sizeof(der);
	if (!ret)
		ret = mhsm_signature_to_der(sig, sig_len, der, &der_len);
	if (ret || !openssl_verifies(public, public_len, name, der, der_len))
		complain("%s: its new signature does not verify with the old public half (%s)", name, strerror(-ret));
}

static unsigned int check_reported(int session, FILE *file)
{
	char line[LINE_MAX_LEN], *what, *name, *a, *b, *c;
	unsigned int made = 0;
	int key;

	while (fgets(line, sizeof(line), file)) {
		what = strtok(line, " \n");
		name = strtok(NULL, " \n");
		a = strtok(NULL, " \n");
		b = strtok(NULL, " \n");
		c = strtok(NULL, " \n");
		if (!what || !name || !a || !strcmp(what, "block"))
			continue;
		key = mhsm_key_open(session, name, NULL, all_ops(strcmp(what, "ec") && strcmp(a, "ec") ? MHSM_KEY_AES :
													  MHSM_KEY_EC));
		if (key < 0) {
			complain("%s was reported as made, and does not open: %s", name, strerror(-key));
			continue;
		}
		if (!strcmp(what, "made"))
			made++;
		else if (!strcmp(what, "aes"))
			check_aes(key, name, a, b, c);
		else if (!strcmp(what, "ec"))
			check_ec(key, name, a, b);
		close(key);
	}
	return made;
}

/* Every key that is there works, whether anybody was told of it or not. */
static unsigned int check_listed(int session, const char *prefix)
{
	struct mhsm_key_list *list;
	struct mhsm_key_info info;
	unsigned int listed = 0;
	int key, error, ret;

	ret = mhsm_key_list_open(session, NULL, 0, &list);
	if (ret)
		die("list", ret);
	while ((ret = mhsm_key_list_next(list, &info)) == 1) {
		listed++;
		if (strncmp(info.name, prefix, strlen(prefix)))
			continue;
		key = mhsm_key_open(session, info.name, NULL, info.ops);
		error = key < 0 ? key : info.ops & (MHSM_OP_ENCRYPT | MHSM_OP_SIGN) ? use(key, &info) : 0;
		if (error)
			complain("%s is listed, but does not work: %s", info.name, strerror(-error));
		if (key >= 0)
			close(key);
	}
	if (ret < 0)
		die("list", ret);
	mhsm_key_list_close(list);
	return listed;
}

static int check(const char *path, const char *prefix)
{
	FILE *file = fopen(path, "r");
	int session = mhsm_open(NULL);
	unsigned int made, listed;

	if (!file || session < 0)
		die(path, file ? session : errno);
	made = check_reported(session, file);
	listed = check_listed(session, prefix);
	fclose(file);
	printf("%u reported, %u listed, %u wrong\n", made, listed, wrong);
	return wrong != 0;
}

/* --- try, hold -------------------------------------------------------------------------------------------------- */

static int try(const char *name)
{
	int session = mhsm_open(NULL), ret = session < 0 ? session : make(session, name, MHSM_KEY_AES);
	const char *error = ret < 0 ? strerrorname_np(-ret) : "created";

	printf("%s\n", error ? error : "?");
	return ret < 0;
}

static volatile sig_atomic_t told;

static void on_term(int number)
{
	(void)number;
	told = 1;
}

static int hold(int seconds, int count, char **names)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	struct mhsm_key_info info[16];
	time_t end = time(NULL) + seconds;
	unsigned long uses = 0;
	int session = mhsm_open(NULL), keys[16], ret;

	if (session < 0 || count > 16)
		die("open", session < 0 ? session : E2BIG);
	signal(SIGTERM, on_term);
	for (int i = 0; i < count; i++) {
		keys[i] = mhsm_key_open(session, names[i], NULL, 0);
		ret = keys[i] < 0 ? keys[i] : mhsm_key_info(keys[i], &info[i]);
		if (!ret) {
			close(keys[i]);
			keys[i] = mhsm_key_open(session, names[i], NULL, info[i].ops);
			ret = keys[i] < 0 ? keys[i] : 0;
		}
		if (ret)
			die(names[i], ret);
	}
	say("holding\n");
	for (; !told && time(NULL) < end && !wrong; nanosleep(&pause, NULL))
		for (int i = 0; i < count; i++, uses++) {
			ret = use(keys[i], &info[i]);
			if (ret)
				complain("%s: %s after %lu uses", names[i], strerror(-ret), uses);
		}
	printf("%lu uses\n", uses);
	return wrong || !uses;
}

/* --- blocks ----------------------------------------------------------------------------------------------------- */

/* What block `number` is to hold; every word of it depends on the number (an xorshift generator). */
static void pattern(uint64_t number, uint64_t block[BLOCK / 8])
{
	uint64_t x = number * 0x9e3779b97f4a7c15u + 1;

	for (size_t i = 0; i < BLOCK / 8; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		block[i] = x;
	}
}

__attribute__((noreturn)) static void write_blocks(const char *device, uint64_t first)
{
	uint64_t block[BLOCK / 8];
	int fd = open(device, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		die(device, errno);
	for (uint64_t n = first;; n++) {
		pattern(n, block);
		if (pwrite(fd, block, BLOCK, (off_t)(n * BLOCK)) != BLOCK || fdatasync(fd))
			die(device, errno);
		say("block %llu\n", (unsigned long long)n);
	}
}

static int read_blocks(const char *device, const char *path)
{
	uint64_t want[BLOCK / 8], got[BLOCK / 8];
	int fd = open(device, O_RDONLY | O_CLOEXEC);
	FILE *file = fopen(path, "r");
	char line[LINE_MAX_LEN];
	unsigned long long n;
	unsigned int blocks = 0;

	if (fd < 0 || !file)
		die(fd < 0 ? device : path, errno);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "block %llu", &n) != 1)
			continue;
		blocks++;
		pattern(n, want);
		if (pread(fd, got, BLOCK, (off_t)(n * BLOCK)) != BLOCK)
			complain("block %llu: %s", n, strerror(errno));
		else if (memcmp(got, want, BLOCK))
			complain("block %llu is not what was written", n);
	}
	fclose(file);
	close(fd);
	printf("%u blocks, %u wrong\n", blocks, wrong);
	return wrong != 0;
}

/* --- audited ---------------------------------------------------------------------------------------------------- */

static int audited(const char *path)
{
	FILE *file = fopen(path, "r");
	struct mhsm_audit_rec rec;
	struct mhsm_batch batch;
	uint8_t *all;
	ssize_t n;
	long len;

	if (!file || fseek(file, 0, SEEK_END))
		die(path, errno);
	len = ftell(file);
	if (len < 0)
		die(path, errno);
	rewind(file);
	all = malloc((size_t)len + 1);
	if (!all || fread(all, 1, (size_t)len, file) != (size_t)len)
		die(path, EIO);
	fclose(file);
	/* The last batch may be cut off: it was not acknowledged. */
	for (long at = 0; at < len; at += n) {
		n = mhsm_batch_parse(all + at, (size_t)(len - at), &batch);
		if (n < 0)
			die(path, (int)-n);
		if (!n)
			break;
		for (size_t next = 0; mhsm_batch_next(&batch, &next, &rec);)
			if (rec.action == MHSM_ACT_KEY_CREATE && !rec.result)
				printf("%.40s\n", rec.name);
	}
	free(all);
	return 0;
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";

	if (!strcmp(command, "create") && argc == 4)
		return create(atoi(argv[2]), argv[3]);
	if (!strcmp(command, "check") && (argc == 3 || argc == 4))
		return check(argv[2], argc == 4 ? argv[3] : "");
	if (!strcmp(command, "try") && argc == 3)
		return try(argv[2]);
	if (!strcmp(command, "hold") && argc >= 4)
		return hold(atoi(argv[2]), argc - 3, argv + 3);
	if (!strcmp(command, "write") && argc == 4)
		write_blocks(argv[2], strtoull(argv[3], NULL, 10));
	if (!strcmp(command, "read") && argc == 4)
		return read_blocks(argv[2], argv[3]);
	if (!strcmp(command, "audited")) {
		for (int i = 2; i < argc; i++)
			audited(argv[i]);
		return 0;
	}
	return 2;
}
