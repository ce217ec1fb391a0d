// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/sdexport.c kmod/hpke.c kmod/jwe.c kmod/kdf.c kmod/shamir.c kmod/pk/mont.c kmod/pk/oaep.c kmod/pk/rsa.c
 * kmod/pk/p256.c kmod/pk/pk_env.c
 * daemon/quorum/prim.c daemon/quorum/sdfile.c daemon/quorum/jwe_open.c daemon/quorum/ceremony.c
 * daemon/quorum/keyfile.c daemon/quorum/channel.c daemon/quorum/serve.c daemon/quorum/lock.c
 * pkg:libseccomp -ljansson -lcrypto
 */
/* Whole ceremonies, right and wrong, over the sockets of mhsm-quorum. */
#include "tests/unit/quorum_run.h"

static void test_restored(void **state)
{
	char *sd = custodian_sdfile(c, 3, 2, datum), x5t[64];
	json_t *message;

	(void)state;
	start(sd);
	approve_ok(0, 1, "waiting");
	message = event();
	assert_string_equal(json_string_value(json_object_get(message, "event")), "approved");
	assert_int_equal(json_integer_value(json_object_get(message, "required")), 2);
	mhsm_b64url_encode(x5t, c[0].x5t, 32);
	assert_string_equal(json_string_value(json_object_get(message, "x5t_256")), x5t);
	json_decref(message);
	approve_last(2, 2, 0, "", "");
	expect_end(MHSM_SERVE_RESTORED);
	free(sd);

	sd = custodian_sdfile(c, 4, 4, datum);
	start(sd);
	approve_ok(3, 1, "waiting");
	approve_ok(1, 2, "waiting");
	approve_ok(0, 3, "waiting");
	expect_event("approved", 1);
	expect_event("approved", 2);
	expect_event("approved", 3);
	approve_last(2, 4, 0, "", "");
	expect_end(MHSM_SERVE_RESTORED);
	free(sd);
}

static void test_wrong_keys(void **state)
{
	char *sd = custodian_sdfile(c, 3, 2, datum);

	(void)state;
	start(sd);
	try_files(pem(stranger.key), -1, "WrongKey");
	approve(3, "WrongKey");
	approve_ok(1, 1, "waiting");
	expect_event("approved", 1);
	approve(1, "AlreadyApproved");
	approve(1, "AlreadyApproved");
	try_files(pem(stranger.key), -1, "WrongKey");
	approve_last(0, 2, 0, "", "");
	expect_end(MHSM_SERVE_RESTORED);
	free(sd);
}

/* Changes one character of part @part (0 to 4) of the JWE at @path in the file; the caller frees the new file */
static char *damage(const char *sd, const char *section, const char *list, size_t index, const char *member,
		    unsigned int part)
{
	json_t *root = json_loads(sd, 0, NULL), *entry;
	char *jwe, *p, *out;

	entry = json_array_get(json_object_get(json_object_get(root, section), list), index);
	jwe = strdup(json_string_value(json_object_get(entry, member)));
	for (p = jwe; part; part--)
		p = strchr(p, '.') + 1;
	p[9] = p[9] == 'A' ? 'B' : 'A';
	json_object_set_new(entry, member, json_string(jwe));
	out = json_dumps(root, JSON_COMPACT);
	free(jwe);
	json_decref(root);
	return out;
}

static int pem_with_cert(const struct custodian *who)
{
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_X509(bio, who->cert);
	PEM_write_bio_PrivateKey(bio, who->key, NULL, NULL, 0, NULL, NULL);
	return file_of_bio(bio);
}

static void test_damaged_share(void **state)
{
	char *good = custodian_sdfile(c, 3, 2, datum), *sd;
	unsigned int part;

	(void)state;
	for (part = 0; part < 5; part++) {
		sd = damage(good, "SharedKeys", "enc_shares", 1, "enc_key", part);
		start(sd);
		/* without header or key it cannot be said whose share it is, unless the certificate comes too */
		approve(1, part < 2 ? "WrongKey" : "Damaged");
		try_files(pem_with_cert(&c[1]), -1, "Damaged");
		try_files(pem_with_cert(&stranger), -1, "WrongKey");
		/* the others still can */
		try_files(pem_with_cert(&c[0]), -1, "");
		expect_event("approved", 1);
		approve(1, part < 2 ? "WrongKey" : "Damaged");
		approve_last(2, 2, 0, "", "");
		expect_end(MHSM_SERVE_RESTORED);
		free(sd);
	}
	free(good);
}

static void test_damaged_datum(void **state)
{
	char *good = custodian_sdfile(c, 3, 2, datum), *sd;
	unsigned int part;

	(void)state;
	for (part = 0; part < 5; part++) {
		if (part == 1)
			continue; /* empty */
		sd = damage(good, "EncData", "data", 0, "compact_jwe", part);
		start(sd);
		approve_ok(0, 1, "waiting");
		expect_event("approved", 1);
		approve(1, "Damaged");
		approve(2, "Damaged");
		approve(0, "AlreadyApproved");
		expect_end(MHSM_SERVE_STOPPED);
		free(sd);
	}
	free(good);
}

/* A datum that opens, but is none of ours */
static void test_bad_datum(void **state)
{
	static const unsigned int at[] = { 0, 7, 32, 39 };
	u8 other[MHSM_SD_DATUM];
	unsigned int i;
	char *sd;

	(void)state;
	for (i = 0; i < 4; i++) {
		memcpy(other, datum, sizeof(other));
		other[at[i]] ^= 1;
		sd = custodian_sdfile(c, 3, 2, other);
		start(sd);
		approve_ok(0, 1, "waiting");
		expect_event("approved", 1);
		approve(1, "Damaged");
		expect_end(MHSM_SERVE_STOPPED);
		free(sd);
	}
}

/* Two files of the same custodians put together */
static void test_mixed_shares(void **state)
{
	char *a = custodian_sdfile(c, 3, 2, datum), *b = custodian_sdfile(c, 3, 2, datum), *sd;
	json_t *one = json_loads(a, 0, NULL), *two = json_loads(b, 0, NULL);

	(void)state;
	json_array_set(json_object_get(json_object_get(one, "SharedKeys"), "enc_shares"), 1,
		       json_array_get(json_object_get(json_object_get(two, "SharedKeys"), "enc_shares"), 1));
	sd = json_dumps(one, JSON_COMPACT);
	start(sd);
	approve_ok(0, 1, "waiting");
	expect_event("approved", 1);
	approve(1, "Damaged");
	approve_last(2, 2, 0, "", ""); /* another takes his place */
	expect_end(MHSM_SERVE_RESTORED);
	json_decref(one);
	json_decref(two);
	free(sd);
	free(a);
	free(b);
}

static void test_wrong_domain(void **state)
{
	char *sd = custodian_sdfile(c, 3, 2, datum);
	u8 other[16];

	(void)state;
	memcpy(other, datum + 8, 16);
	other[15] ^= 1;
	start_with(sd, other, 600000);
	approve_ok(0, 1, "waiting");
	expect_event("approved", 1);
	approve(1, "WrongDomain");
	expect_end(MHSM_SERVE_STOPPED);
	free(sd);
}

static void test_refused_by_kernel(void **state)
{
	char *sd = custodian_sdfile(c, 3, 2, datum);

	(void)state;
	start(sd);
	approve_ok(0, 1, "waiting");
	expect_event("approved", 1);
	approve_last(1, 2, EKEYREJECTED, "", "WrongDomain");
	expect_end(MHSM_SERVE_REFUSED);

	start(sd);
	approve_ok(0, 1, "waiting");
	expect_event("approved", 1);
	approve_last(1, 2, EBADMSG, "record 17", "Failed");
	expect_end(MHSM_SERVE_REFUSED);
	free(sd);
}

static void test_no_result(void **state)
{
	char *sd = custodian_sdfile(c, 3, 2, datum);
	int fd;

	(void)state;
	start(sd); /* mhsmd dies */
	approve_ok(0, 1, "waiting");
	fd = send_approve(pem(c[1].key), -1);
	expect_event("approved", 1);
	expect_event("approved", 2);
	expect_event("unlock", 0);
	close(run.channel);
	run.channel = -1;
	expect_reply(fd, "Failed");
	expect_end(MHSM_SERVE_STOPPED);

	start(sd); /* mhsmd says something else */
	approve_ok(0, 1, "waiting");
	fd = send_approve(pem(c[1].key), -1);
	expect_event("approved", 1);
	expect_event("approved", 2);
	expect_event("unlock", 0);
	mhsm_channel_send(run.channel, json_pack("{s:s, s:i}", "op", "other", "error", 0));
	expect_reply(fd, "Failed");
	expect_end(MHSM_SERVE_BROKEN);

	result_ms = 100;
	start(sd); /* mhsmd says nothing, for longer than it may */
	result_ms = PATIENCE;
	approve_ok(0, 1, "waiting");
	fd = send_approve(pem(c[1].key), -1);
	expect_event("approved", 1);
	expect_event("approved", 2);
	expect_event("unlock", 0);
	expect_reply(fd, "Failed");
	expect_end(MHSM_SERVE_BROKEN);
	free(sd);
}

static int open_fds(void)
{
	char path[64];
	int count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", run.pid);
	dir = opendir(path);
	if (!dir)
		return -1; /* not dumpable, and we are not root */
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static void test_garbage(void **state)
{
	static const char good[] = "{\"op\":\"approve\"}";
	static char large[MHSM_SERVE_CLIENT_MAX + 1];
	char *sd = custodian_sdfile(c, 3, 2, datum);
	int fds[4], fd, before, i;
	size_t n;

	(void)state;
	start(sd);
	approve_ok(0, 1, "waiting");
	expect_event("approved", 1);
	before = open_fds();
	for (n = 1; n < sizeof(good) - 1; n++) { /* every truncation */
		fd = connect_client();
		send_client(fd, good, n, NULL, 0);
		expect_reply(fd, "Failed");
	}
	static const char *const bad[] = { "[]", "null", "{}", "{\"op\":1}", "{\"op\":\"deny\"}",
					   "{\"op\":\"approve\",\"more\":1}", "{\"op\":\"approve\",\"op\":\"approve\"}",
					   "\xff\xfe", "{\"op\":\"approve\"}{}" };
	for (i = 0; i < (int)(sizeof(bad) / sizeof(bad[0])); i++) {
		fds[0] = pem(c[1].key);
		fd = connect_client();
		send_client(fd, bad[i], strlen(bad[i]), fds, 1);
		close(fds[0]);
		expect_reply(fd, "Failed");
	}
	fd = connect_client(); /* no descriptor */
	send_client(fd, good, sizeof(good) - 1, NULL, 0);
	expect_reply(fd, "BadKeyFile");
	for (i = 0; i < 4; i++) /* too many */
		fds[i] = pem(c[1].key);
	for (n = 3; n <= 4; n++) {
		fd = connect_client();
		send_client(fd, good, sizeof(good) - 1, fds, (unsigned int)n);
		expect_reply(fd, "Failed");
	}
	for (i = 0; i < 4; i++)
		close(fds[i]);
	memset(large, ' ', sizeof(large)); /* too long */
	memcpy(large, good, sizeof(good) - 1);
	fd = connect_client();
	send_client(fd, large, sizeof(large), NULL, 0);
	expect_reply(fd, "Failed");
	close(connect_client()); /* hangs up at once */
	fd = connect_client(); /* hangs up without waiting for the answer */
	fds[0] = pem(stranger.key);
	send_client(fd, good, sizeof(good) - 1, fds, 1);
	close(fds[0]);
	close(fd);
	approve(0, "AlreadyApproved");
	assert_int_equal(open_fds(), before);
	approve_last(1, 2, 0, "", "");
	expect_end(MHSM_SERVE_RESTORED);
	free(sd);
}

/* One who says nothing is hung up on, and does not keep the next one out */
static void test_silent(void **state)
{
	char *sd = custodian_sdfile(c, 3, 2, datum);
	int fd;

	(void)state;
	client_ms = 3000;
	start(sd);
	client_ms = PATIENCE;
	fd = connect_client();
	assert_null(reply_of(fd));
	close(fd);
	approve_ok(0, 1, "waiting");
	expect_event("approved", 1);
	expect_end(MHSM_SERVE_STOPPED);
	free(sd);
}

static void test_ends(void **state)
{
	char *sd = custodian_sdfile(c, 3, 2, datum);
	int status;

	(void)state;
	start_with(sd, datum + 8, 300);
	assert_int_equal(waitpid(run.pid, &status, 0), run.pid); /* idle, with the channel open */
	assert_int_equal(WEXITSTATUS(status), MHSM_SERVE_IDLE);
	close(run.channel);
	unlink(run.address.sun_path);

	start(sd);
	kill(run.pid, SIGTERM);
	assert_int_equal(waitpid(run.pid, &status, 0), run.pid);
	assert_int_equal(WEXITSTATUS(status), MHSM_SERVE_STOPPED);
	close(run.channel);
	unlink(run.address.sun_path);

	start(sd);
	expect_end(MHSM_SERVE_STOPPED);

	start(sd); /* mhsmd is not expected to say anything before the unlock message */
	mhsm_channel_send(run.channel, json_pack("{s:s, s:i}", "op", "result", "error", 0));
	expect_end(MHSM_SERVE_BROKEN);

	start(sd); /* or sends what is no message */
	assert_int_equal(send(run.channel, "x", 1, 0), 1);
	expect_end(MHSM_SERVE_BROKEN);
	free(sd);
}

/* What the process cannot do any more; each line is one thing that would let a secret out */
static void shut_off_child(int channel)
{
	char why[256], *argv[] = { "/bin/true", NULL };
	int fd;

	dup2(channel, 3);
	fd = open("/", O_RDONLY); /* inherited: must be closed by it */
	if (mhsm_lock_process(why, sizeof(why)) || fcntl(fd, F_GETFD) >= 0 || getenv("PATH") ||
	    prctl(PR_GET_DUMPABLE) != 0 || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		_exit(1);
	if (mhsm_lock_calls(why, sizeof(why)))
		_exit(2);
	if (open("/etc/passwd", O_RDONLY) >= 0 || errno != EPERM)
		_exit(3);
	if (socket(AF_UNIX, SOCK_STREAM, 0) >= 0 || errno != EPERM ||
	    socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM)
		_exit(4);
	execv(argv[0], argv);
	if (errno != EPERM)
		_exit(5);
	if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		_exit(6);
	if (fork() >= 0)
		_exit(7);
	if (kill(getppid(), 0) == 0)
		_exit(8);
	if (munlockall() == 0)
		_exit(9);
	_exit(0);
}

static void test_shut_off(void **state)
{
	int pair[2], status;
	pid_t pid;

	(void)state;
	if (!SHUT_OFF)
		skip();
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	pid = fork();
	if (!pid)
		shut_off_child(pair[1]);
	close(pair[0]);
	close(pair[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_restored),
		cmocka_unit_test(test_wrong_keys),
		cmocka_unit_test(test_damaged_share),
		cmocka_unit_test(test_damaged_datum),
		cmocka_unit_test(test_bad_datum),
		cmocka_unit_test(test_mixed_shares),
		cmocka_unit_test(test_wrong_domain),
		cmocka_unit_test(test_refused_by_kernel),
		cmocka_unit_test(test_no_result),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_shut_off),
	};

	return cmocka_run_group_tests(tests, quorum_setup, quorum_teardown);
}
