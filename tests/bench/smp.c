// SPDX-License-Identifier: GPL-2.0-only
/* link: libmhsm -lcrypto -lpthread */
/*
 * What two processors do together beside one. In a guest whose two are emulated by two threads (tests/vm/run
 * --threads), with an active HSM, as an administrator:
 *
 * usage: smp [ROUNDS [MILLISECONDS]]
 *
 * One processor means that there is one: CPU 1 is taken off line, so that mhsmd and the kernel's own work share CPU 0
 * with the program, as with two they share both. With two, a thread is bound to each. "one-key" is one key fd that both
 * use, "own-keys" has a key for each thread. The controls are OpenSSL in the program itself, which shares nothing and
 * does not enter the kernel: what they fall short of 2 the machine takes, not we.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/bench/bench.h"

#define CPUS 2
#define GROUP 16 /* operations between two looks at the clock */

struct worker {
	pthread_t thread;
	int cpu;
	const struct figure *figure;
	double rate;
	uint64_t counter;
	EVP_CIPHER_CTX *cipher;
	EVP_PKEY_CTX *signer;
	uint8_t in[4096], out[4096 + MHSM_GCM_TAG_LEN];
};

struct figure {
	const char *name;
	void (*operate)(struct worker *w);
	const int *keys; /* for each CPU */
	size_t len;
};

static struct worker workers[CPUS];
static pthread_barrier_t start;
static double seconds;

static void set_second_cpu(int online)
{
	int fd = open("/sys/devices/system/cpu/cpu1/online", O_WRONLY | O_CLOEXEC);

	bench_check(fd < 0 || write(fd, online ? "1" : "0", 1) != 1 ? -errno : 0, "CPU 1 on or off line");
	close(fd);
}

static void control_encrypt(struct worker *w)
{
	static const uint8_t key[32], iv[MHSM_GCM_IV_LEN];
	int n;

	bench_check(EVP_EncryptInit_ex(w->cipher, EVP_aes_256_gcm(), NULL, key, iv) == 1 &&
		    EVP_EncryptUpdate(w->cipher, w->out, &n, w->in, (int)w->figure->len) == 1 &&
		    EVP_EncryptFinal_ex(w->cipher, w->out + w->figure->len, &n) == 1 ? 0 : -EIO, "encrypting with OpenSSL");
}

static void control_sign(struct worker *w)
{
	size_t len = sizeof(w->out);

	bench_check(EVP_PKEY_sign(w->signer, w->out, &len, w->in, MHSM_SHA256_LEN) == 1 ? 0 : -EIO,
		    "signing with OpenSSL");
}

static void encrypt(struct worker *w)
{
	uint8_t iv[MHSM_GCM_IV_LEN] = { (uint8_t)w->cpu };
	size_t len = w->figure->len;
	int key = w->figure->keys[w->cpu], ret;

	w->counter++;
	memcpy(iv + 4, &w->counter, sizeof(w->counter));
	/* A full audit ring refuses work until mhsmd has drained it; the wait is part of the time. */
	while ((ret = mhsm_encrypt_iv(key, iv, NULL, 0, w->in, len, w->out, w->out + len)) == -ENOBUFS)
		sched_yield();
	bench_check(ret, "encrypting");
}

static void sign(struct worker *w)
{
	size_t len = sizeof(w->out);
	int key = w->figure->keys[w->cpu], ret;

	while ((ret = mhsm_sign(key, MHSM_ALG_ES256, 0, w->in, MHSM_SHA256_LEN, w->out, &len)) == -ENOBUFS)
		sched_yield();
	bench_check(ret, "signing");
}

static void *work(void *context)
{
	struct worker *w = context;
	double began, passed;
	long count = 0;

	bench_bind(w->cpu);
	pthread_barrier_wait(&start);
	began = bench_now();
	do {
		for (int i = 0; i < GROUP; i++)
			w->figure->operate(w);
		count += GROUP;
		passed = bench_now() - began;
	} while (passed < seconds);
	w->rate = (double)count / passed;
	return NULL;
}

/* Side 0 has two processors, side 1 one. */
static double run(int side, void *context)
{
	int cpus = side ? 1 : CPUS;
	double rate = 0;

	if (side)
		set_second_cpu(0);
	bench_check(-pthread_barrier_init(&start, NULL, (unsigned int)cpus), "a barrier");
	for (int i = 0; i < cpus; i++) {
		workers[i].cpu = i;
		workers[i].figure = context;
		bench_check(-pthread_create(&workers[i].thread, NULL, work, &workers[i]), "a thread");
	}
	for (int i = 0; i < cpus; i++) {
		pthread_join(workers[i].thread, NULL);
		rate += workers[i].rate;
	}
	pthread_barrier_destroy(&start);
	if (side)
		set_second_cpu(1);
	return rate;
}

static int make_key(int session, uint32_t type, uint32_t param, uint64_t ops)
{
	const struct mhsm_key_spec spec = {
		.type = type, .param = param, .ops = ops, .flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION,
	};

	return bench_check(mhsm_key_create(session, &spec), "generating a session key");
}

static void set_up_control(struct worker *w)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	w->cipher = EVP_CIPHER_CTX_new();
	w->signer = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
	bench_check(w->cipher && w->signer && EVP_PKEY_sign_init(w->signer) == 1 ? 0 : -ENOMEM, "OpenSSL");
	EVP_PKEY_free(key);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 61, session, aes[CPUS + 1], ec[CPUS + 1];
	const struct figure figures[] = {
		{ "guest/smp/control-aes256gcm-4k", control_encrypt, aes, 4096 },
		{ "guest/smp/control-es256", control_sign, ec, 0 },
		{ "guest/smp/aes256gcm-64-one-key", encrypt, aes, 64 },
		{ "guest/smp/aes256gcm-64-own-keys", encrypt, aes + 1, 64 },
		{ "guest/smp/aes256gcm-4k-one-key", encrypt, aes, 4096 },
		{ "guest/smp/aes256gcm-4k-own-keys", encrypt, aes + 1, 4096 },
		{ "guest/smp/es256-one-key", sign, ec, 0 },
		{ "guest/smp/es256-own-keys", sign, ec + 1, 0 },
	};

	seconds = (argc > 2 ? atoi(argv[2]) : 100) / 1000.0;
	if (rounds < 1 || rounds > BENCH_ROUNDS_MAX || seconds <= 0) {
		fprintf(stderr, "usage: smp [ROUNDS [MILLISECONDS]], at most %d rounds\n", BENCH_ROUNDS_MAX);
		return 2;
	}
	session = bench_check(mhsm_open(NULL), "opening /dev/mhsm");
	/* the first two are one key, the second and the third two */
	aes[0] = aes[1] = make_key(session, MHSM_KEY_AES, 256, MHSM_OP_ENCRYPT);
	aes[2] = make_key(session, MHSM_KEY_AES, 256, MHSM_OP_ENCRYPT);
	ec[0] = ec[1] = make_key(session, MHSM_KEY_EC, MHSM_CURVE_P256, MHSM_OP_SIGN);
	ec[2] = make_key(session, MHSM_KEY_EC, MHSM_CURVE_P256, MHSM_OP_SIGN);
	for (int i = 0; i < CPUS; i++)
		set_up_control(&workers[i]);
	bench_bind(0);
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		bench_versus(figures[i].name, "op/s", "one CPU", rounds, run, (void *)&figures[i]);
	return 0;
}
