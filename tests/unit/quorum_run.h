/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests of ceremonies: mhsm_serve_run() in a process of its own, the test being mhsmd, the kernel and the custodians.
 * Built without a sanitizer, that process is shut off as mhsm-quorum is, filter of system calls included.
 */
#ifndef _TESTS_UNIT_QUORUM_RUN_H
#define _TESTS_UNIT_QUORUM_RUN_H

#include "tests/unit/custodian.h"
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "daemon/quorum/channel.h"
#include "daemon/quorum/jwe_open.h"
#include "daemon/quorum/keyfile.h"
#include "daemon/quorum/lock.h"
#include "daemon/quorum/serve.h"
#include "kmod/pk/p256.h"
#include "uapi/mhsm_genl.h"

#if defined(__SANITIZE_ADDRESS__)
#define SHUT_OFF 0 /* the sanitizer needs what the filter takes away, and has far too much memory to lock */
#else
#define SHUT_OFF 1
#endif

#define COUNT 4
static struct custodian c[COUNT], stranger;
static u8 datum[MHSM_SD_DATUM], sk[32], pk[65];

/* Patience of the next run: long, as a busy machine must not fail a test, but for tests of its end */
#define PATIENCE 60000
static int client_ms = PATIENCE, result_ms = PATIENCE;

/* One run of mhsm-quorum */
static struct {
	pid_t pid;
	int channel;
	struct sockaddr_un address;
} run;

static volatile sig_atomic_t stop;

static inline void on_signal(int number)
{
	(void)number;
	stop = 1;
}

static inline void child(const char *sd, const u8 *domain, int idle_ms, int channel)
{
	struct mhsm_serve s = { .daemon_fd = 3, .idle_ms = idle_ms, .client_ms = client_ms,
				.result_ms = result_ms };
	char why[256];
	const char *reason;

	if (dup2(channel, 3) < 0)
		_exit(100);
	if (SHUT_OFF && mhsm_lock_process(why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		_exit(101);
	}
	memcpy(s.domain, domain, MHSM_ID_LEN);
	memcpy(s.public, pk, sizeof(pk));
	signal(SIGTERM, on_signal);
	sigemptyset(&s.wait_mask);
	s.stop = &stop;
	s.listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
	if (bind(s.listen_fd, (struct sockaddr *)&run.address, sizeof(run.address)) || listen(s.listen_fd, 8))
		_exit(102);
	if (mhsm_ceremony_new(&s.ceremony, sd, strlen(sd), &reason))
		_exit(103);
	if (SHUT_OFF && mhsm_lock_calls(why, sizeof(why)))
		_exit(104);
	if (mhsm_serve_ready(&s))
		_exit(105);
	enum mhsm_serve_end end = mhsm_serve_run(&s, why, sizeof(why));

	mhsm_ceremony_free(s.ceremony);
	close(s.listen_fd);
	if (SHUT_OFF)
		_exit((int)end);
	exit((int)end);
}

/* What mhsmd receives next; the caller releases it */
static inline json_t *event(void)
{
	struct pollfd p = { .fd = run.channel, .events = POLLIN };
	json_t *message;

	assert_int_equal(poll(&p, 1, 2 * PATIENCE), 1);
	assert_int_equal(mhsm_channel_recv(run.channel, &message, 65536, NULL), 0);
	return message;
}

static inline void expect_event(const char *name, int approved)
{
	json_t *message = event();

	assert_string_equal(json_string_value(json_object_get(message, "event")), name);
	if (approved)
		assert_int_equal(json_integer_value(json_object_get(message, "approved")), approved);
	json_decref(message);
}

static inline void start_with(const char *sd, const u8 *domain, int idle_ms)
{
	static unsigned int number;
	int pair[2];

	run.address.sun_family = AF_UNIX;
	snprintf(run.address.sun_path, sizeof(run.address.sun_path), "/tmp/mhsm-test-quorum.%d.%u", getpid(), number++);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	fflush(NULL);
	run.pid = fork();
	assert_true(run.pid >= 0);
	if (!run.pid) {
		close(pair[0]);
		child(sd, domain, idle_ms, pair[1]);
	}
	close(pair[1]);
	run.channel = pair[0];
	expect_event("ready", 0);
}

static inline void start(const char *sd)
{
	start_with(sd, datum + 8, 600000);
}

static inline void expect_end(enum mhsm_serve_end want)
{
	int status;

	if (run.channel >= 0)
		close(run.channel);
	run.channel = -1;
	assert_int_equal(waitpid(run.pid, &status, 0), run.pid);
	unlink(run.address.sun_path);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), want);
}

static inline int connect_client(void)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&run.address, sizeof(run.address)), 0);
	return fd;
}

static inline void send_client(int fd, const char *text, size_t len, const int *fds, unsigned int count)
{
	char control[CMSG_SPACE(4 * sizeof(int))] __attribute__((aligned(8))) = { 0 };
	struct iovec iov = { (void *)text, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (count) {
		msg.msg_control = control;
		msg.msg_controllen = CMSG_SPACE(count * sizeof(int));
		CMSG_FIRSTHDR(&msg)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&msg)->cmsg_type = SCM_RIGHTS;
		CMSG_FIRSTHDR(&msg)->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&msg)), fds, count * sizeof(int));
	}
	assert_int_equal(sendmsg(fd, &msg, MSG_NOSIGNAL), len);
}

/* The reply, after which the other side hangs up; NULL if it does so without one */
static inline json_t *reply_of(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	json_t *message = NULL, *more = NULL;
	int err;

	assert_int_equal(poll(&p, 1, 2 * PATIENCE), 1);
	err = mhsm_channel_recv(fd, &message, 4096, NULL);
	assert_true(err == 0 || err == -ECONNRESET);
	if (!err) {
		assert_int_equal(poll(&p, 1, 2 * PATIENCE), 1);
		assert_int_equal(mhsm_channel_recv(fd, &more, 4096, NULL), -ECONNRESET);
	}
	return message;
}

/* The code of an error reply, "" of none */
static const char *code_of(json_t *reply)
{
	const char *code = json_string_value(json_object_get(json_object_get(reply, "error"), "code"));

	return code ? code : "";
}

static inline void expect_reply(int fd, const char *code)
{
	json_t *reply = reply_of(fd);

	assert_non_null(reply);
	if (strcmp(code_of(reply), code))
		fail_msg("%s instead of \"%s\": %s", code_of(reply), code, json_dumps(reply, JSON_COMPACT));
	if (*code)
		assert_true(json_string_length(json_object_get(json_object_get(reply, "error"), "message")) > 20);
	json_decref(reply);
	close(fd);
}

/* Both descriptors are closed here */
static inline int send_approve(int key_fd, int passphrase_fd)
{
	int fds[2] = { key_fd, passphrase_fd }, fd = connect_client();

	send_client(fd, "{\"op\":\"approve\"}", 16, fds, passphrase_fd >= 0 ? 2 : 1);
	close(key_fd);
	if (passphrase_fd >= 0)
		close(passphrase_fd);
	return fd;
}

static inline void try_files(int key_fd, int passphrase_fd, const char *code)
{
	expect_reply(send_approve(key_fd, passphrase_fd), code);
}

static inline int file_of(const void *p, size_t len)
{
	int fd = memfd_create("key", MFD_CLOEXEC);

	assert_int_equal(write(fd, p, len), len);
	return fd;
}

static inline int file_of_bio(BIO *bio)
{
	char *p;
	long len = BIO_get_mem_data(bio, &p);
	int fd = file_of(p, (size_t)len);

	BIO_free(bio);
	return fd;
}

static inline int pem(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	return file_of_bio(bio);
}

static inline void approve(unsigned int who, const char *code)
{
	try_files(pem(c[who].key), -1, code);
}

static inline json_t *approve_ok(unsigned int who, int approved, const char *status)
{
	json_t *reply = reply_of(send_approve(pem(c[who].key), -1));

	assert_string_equal(code_of(reply), "");
	assert_int_equal(json_integer_value(json_object_get(reply, "approved")), approved);
	assert_string_equal(json_string_value(json_object_get(reply, "status")), status);
	json_decref(reply);
	return NULL;
}

/* The last approval: mhsmd takes the unlock message, and answers it with @error */
static inline void approve_last(unsigned int who, int approved, int error, const char *text, const char *code)
{
	int fd = send_approve(pem(c[who].key), -1);
	u8 enc[65], ct[MHSM_UNLOCK_CT], got[MHSM_SD_DATUM], info[64];
	json_t *message;
	const char *s;
	size_t len;

	expect_event("approved", approved);
	message = event();
	assert_string_equal(json_string_value(json_object_get(message, "event")), "unlock");
	s = json_string_value(json_object_get(message, "enc"));
	assert_int_equal(mhsm_b64url_decode(enc, sizeof(enc), &len, s, strlen(s)), 0);
	assert_int_equal(len, 65);
	s = json_string_value(json_object_get(message, "ciphertext"));
	assert_int_equal(mhsm_b64url_decode(ct, sizeof(ct), &len, s, strlen(s)), 0);
	assert_int_equal(len, MHSM_UNLOCK_CT);
	json_decref(message);
	len = strlen(MHSM_GENL_UNLOCK_INFO);
	memcpy(info, MHSM_GENL_UNLOCK_INFO, len);
	memcpy(info + len, datum + 8, 16);
	assert_int_equal(mhsm_hpke_open(got, MHSM_HPKE_AES_256_GCM, enc, sk, pk, info, len + 16, NULL, 0, ct,
					sizeof(ct)), 0);
	assert_memory_equal(got, datum, MHSM_SD_DATUM);
	assert_int_equal(mhsm_channel_send(run.channel, json_pack("{s:s, s:i, s:s}", "op", "result", "error", error,
								  "message", text)), 0);
	message = reply_of(fd);
	assert_string_equal(code_of(message), code);
	if (!*code)
		assert_string_equal(json_string_value(json_object_get(message, "status")), "restored");
	if (*text)
		assert_non_null(strstr(json_string_value(json_object_get(json_object_get(message, "error"),
									 "message")), text));
	json_decref(message);
	close(fd);
}

static inline int quorum_setup(void **state)
{
	u8 random[MHSM_P256_RANDOM_BYTES];
	unsigned int i;

	(void)state;
	for (i = 0; i < COUNT; i++)
		custodian_make(&c[i], 2048);
	custodian_make(&stranger, 2048);
	custodian_datum(datum);
	vec_noise(random, sizeof(random));
	pk[0] = 4;
	return mhsm_p256_keygen(sk, pk + 1, random);
}

static inline int quorum_teardown(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < COUNT; i++)
		custodian_free(&c[i]);
	custodian_free(&stranger);
	return 0;
}

#endif
