// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/hpke.c kmod/jwe.c kmod/kdf.c kmod/shamir.c kmod/pk/mont.c kmod/pk/oaep.c kmod/pk/rsa.c kmod/pk/p256.c
 * kmod/pk/pk_env.c daemon/quorum/prim.c
 * daemon/quorum/sdfile.c daemon/quorum/jwe_open.c daemon/quorum/ceremony.c daemon/quorum/keyfile.c
 * daemon/quorum/channel.c -ljansson -lcrypto
 * runs: 5000
 */
/*
 * What strangers send to mhsm-quorum, by the first byte: a request; a key file, with a passphrase; or a message of mhsmd's
 * at a time when none is expected. None may end the ceremony but the last, and none may be taken for an approval.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include "daemon/quorum/serve.c"

#define SHARE(j, x) "{\"enc_key\":\"" j "\",\"x5t_256\":\"" x "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"
static const char sd[] =
	"{\"EncData\":{\"data\":[{\"compact_jwe\":\"a.b.c.d.e\",\"tag\":\"mhsm_domain\"}],\"kdf\":\"sp108_kdf\"},"
	"\"SharedKeys\":{\"enc_shares\":[" SHARE("a", "A") "," SHARE("b", "B") "," SHARE("c", "C") "],"
	"\"key_algorithm\":\"shamir_share\",\"required\":2},\"version\":2}";

static int file_of(const void *p, size_t len)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, p, len) != (ssize_t)len)
		abort();
	return fd;
}

static void request(struct conversation *v, const u8 *data, size_t len, int key_fd)
{
	char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = { 0 };
	struct iovec iov = { (void *)data, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair))
		abort();
	CMSG_FIRSTHDR(&msg)->cmsg_level = SOL_SOCKET;
	CMSG_FIRSTHDR(&msg)->cmsg_type = SCM_RIGHTS;
	CMSG_FIRSTHDR(&msg)->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&msg)), &key_fd, sizeof(int));
	if (sendmsg(pair[1], &msg, 0) == (ssize_t)len) {
		v->client_fd = pair[0];
		if (hear_client(v) != STEP_GO_ON || v->client_fd >= 0)
			abort();
	} else {
		close(pair[0]);
	}
	close(pair[1]);
}

static void key_file(const u8 *data, size_t len)
{
	struct mhsm_keyfile file;
	struct mhsm_answer a;
	int fd = file_of(data, len), passphrase = file_of("x\n", 2);

	if ((mhsm_keyfile_read(&file, fd, passphrase, 1000, &a) == MHSM_ANSWER_OK) != !!file.key)
		abort();
	if (file.key && (EVP_PKEY_get_bits(file.key) < 2048 || EVP_PKEY_get_bits(file.key) > 4096))
		abort();
	EVP_PKEY_free(file.key);
	close(fd);
	close(passphrase);
}

static void from_daemon(struct conversation *v, const u8 *data, size_t len)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair))
		abort();
	v->s->daemon_fd = pair[0];
	if (send(pair[1], data, len, 0) == (ssize_t)len && hear_daemon(v) != STEP_END)
		abort();
	close(pair[0]);
	close(pair[1]);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len);
int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	struct mhsm_serve s = { .daemon_fd = -1, .listen_fd = -1, .idle_ms = 1000, .client_ms = 1000 };
	char why[256];
	struct conversation v = { .s = &s, .client_fd = -1, .why = why, .why_room = sizeof(why) };
	const char *reason;
	int fd;

	if (len < 2)
		return 0;
	if (mhsm_ceremony_new(&s.ceremony, sd, sizeof(sd) - 1, &reason))
		abort();
	switch (data[0] % 3) {
	case 0:
		fd = file_of("no key", 6);
		request(&v, data + 1, len - 1, fd);
		close(fd);
		break;
	case 1:
		key_file(data + 1, len - 1);
		break;
	default:
		from_daemon(&v, data + 1, len - 1);
	}
	if (mhsm_ceremony_approved(s.ceremony))
		abort();
	mhsm_ceremony_free(s.ceremony);
	return 0;
}
