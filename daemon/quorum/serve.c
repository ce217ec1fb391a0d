// SPDX-License-Identifier: GPL-2.0-only
/* See serve.h. */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "daemon/quorum/channel.h"
#include "daemon/quorum/keyfile.h"
#include "daemon/quorum/serve.h"

/* How a step went */
enum step {
	STEP_GO_ON,
	STEP_END, /* conversation->end says how */
};

struct conversation {
	struct mhsm_serve *s;
	int client_fd; /* -1: none */
	int64_t idle_at, client_at; /* deadlines */
	enum mhsm_serve_end end;
	char *why;
	size_t why_room;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

__attribute__((format(printf, 3, 4)))
static enum step end(struct conversation *v, enum mhsm_serve_end how, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(v->why, v->why_room, format, args);
	va_end(args);
	v->end = how;
	return STEP_END;
}

/* As poll(), but until a deadline, and a signal that came before it is not missed: -1 then */
static int wait_until(struct mhsm_serve *s, struct pollfd *p, nfds_t count, int64_t deadline)
{
	struct timespec t;
	int64_t left;
	int n;

	do {
		if (s->stop && *s->stop)
			return -1;
		left = deadline - now_ms();
		if (left < 0)
			left = 0;
		t.tv_sec = left / 1000;
		t.tv_nsec = left % 1000 * 1000000;
		n = ppoll(p, count, &t, &s->wait_mask);
	} while (n < 0 && errno == EINTR);
	return n;
}

static void hang_up(struct conversation *v)
{
	if (v->client_fd >= 0)
		close(v->client_fd);
	v->client_fd = -1;
}

/* The custodian's answer; he may be gone, which changes nothing */
static void answer(struct conversation *v, const struct mhsm_answer *a, const char *status)
{
	const struct mhsm_ceremony *c = v->s->ceremony;
	json_t *reply;

	if (a->code == MHSM_ANSWER_OK)
		reply = json_pack("{s:i, s:i, s:s}", "approved", (int)mhsm_ceremony_approved(c),
				  "required", (int)mhsm_ceremony_required(c), "status", status);
	else
		reply = json_pack("{s:{s:s, s:s}}", "error", "code", mhsm_answer_name(a->code),
				  "message", a->message);
	mhsm_channel_send(v->client_fd, reply);
	hang_up(v);
}

static int send_approved(struct conversation *v, unsigned int which)
{
	const struct mhsm_ceremony *c = v->s->ceremony;
	char x5t[MHSM_B64URL_LEN(MHSM_SDFILE_X5T) + 1];

	mhsm_b64url_encode(x5t, mhsm_ceremony_x5t(c, which), MHSM_SDFILE_X5T);
	return mhsm_channel_send(v->s->daemon_fd,
		json_pack("{s:s, s:i, s:i, s:s}", "event", "approved", "approved",
			  (int)mhsm_ceremony_approved(c), "required",
			  (int)mhsm_ceremony_required(c), "x5t_256", x5t));
}

static int send_unlock(struct conversation *v, const u8 *enc, const u8 *ct)
{
	char enc_text[MHSM_B64URL_LEN(MHSM_HPKE_ENC) + 1];
	char ct_text[MHSM_B64URL_LEN(MHSM_UNLOCK_CT) + 1];

	mhsm_b64url_encode(enc_text, enc, MHSM_HPKE_ENC);
	mhsm_b64url_encode(ct_text, ct, MHSM_UNLOCK_CT);
	return mhsm_channel_send(v->s->daemon_fd,
		json_pack("{s:s, s:s, s:s}", "event", "unlock", "enc", enc_text, "ciphertext",
			  ct_text));
}

/* What mhsmd made of the unlock message; ends the ceremony whatever it is, as the one-time key is used up */
static enum step await_result(struct conversation *v)
{
	struct pollfd p = { .fd = v->s->daemon_fd, .events = POLLIN };
	const char *op, *text = "";
	struct mhsm_answer a;
	json_t *message;
	enum step step;
	int err, n;

	n = wait_until(v->s, &p, 1, now_ms() + v->s->result_ms);
	err = n > 0 ? mhsm_channel_recv(p.fd, &message, MHSM_SERVE_DAEMON_MAX, NULL) :
	      n == 0 ? -ETIMEDOUT : -EINTR;
	if (err) {
		mhsm_answer_set(&a, MHSM_ANSWER_FAILED,
			"mhsmd gave no result (%s); look at \"mhsm status\"", strerror(-err));
		answer(v, &a, NULL);
		return end(v, err == -EINTR || err == -ECONNRESET ? MHSM_SERVE_STOPPED :
			   MHSM_SERVE_BROKEN, "no result from mhsmd: %s", strerror(-err));
	}
	if (json_unpack(message, "{s:s, s:i, s?s}", "op", &op, "error", &err, "message", &text) ||
	    strcmp(op, "result")) {
		mhsm_answer_set(&a, MHSM_ANSWER_FAILED,
			"mhsmd gave a result that is none; look at \"mhsm status\"");
		step = end(v, MHSM_SERVE_BROKEN, "mhsmd sent something else than a result");
	} else if (!err) {
		mhsm_answer_set(&a, MHSM_ANSWER_OK, "%s", "");
		step = end(v, MHSM_SERVE_RESTORED, "the HSM is unlocked");
	} else if (err == EKEYREJECTED || err == -EKEYREJECTED) {
		mhsm_answer_set(&a, MHSM_ANSWER_WRONG_DOMAIN,
			"the kernel says that this security domain is of another HSM: restore the file that "
			"belongs to the store, then begin another ceremony");
		step = end(v, MHSM_SERVE_REFUSED, "the kernel refused: another domain");
	} else {
		mhsm_answer_set(&a, MHSM_ANSWER_FAILED, "the HSM was not unlocked: %.160s",
				*text ? text : strerror(err < 0 ? -err : err));
		step = end(v, MHSM_SERVE_REFUSED, "not unlocked: %.160s", a.message);
	}
	answer(v, &a, "restored");
	json_decref(message);
	return step;
}

/* A quorum has approved, @which last. An answer other than OK leaves the ceremony open. */
static enum step complete(struct conversation *v, unsigned int which)
{
	u8 enc[MHSM_HPKE_ENC], ct[MHSM_UNLOCK_CT];
	struct mhsm_answer a;
	int err;

	if (mhsm_ceremony_unlock(v->s->ceremony, v->s->domain, v->s->public, enc, ct, &a) !=
	    MHSM_ANSWER_OK) {
		answer(v, &a, NULL);
		return STEP_GO_ON;
	}
	err = send_approved(v, which);
	if (!err)
		err = send_unlock(v, enc, ct);
	if (!err)
		return await_result(v);
	mhsm_answer_set(&a, MHSM_ANSWER_FAILED, "cannot reach mhsmd: %s", strerror(-err));
	answer(v, &a, NULL);
	return end(v, MHSM_SERVE_BROKEN, "cannot reach mhsmd: %s", strerror(-err));
}

static void close_fds(int *fds)
{
	unsigned int i;

	for (i = 0; i < MHSM_CHANNEL_FDS; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

/* One custodian's request, with the descriptors that came with it, which are closed before he gets an answer */
static enum step approve(struct conversation *v, json_t *message, int *fds)
{
	struct mhsm_ceremony *c = v->s->ceremony;
	struct mhsm_keyfile file = { 0 };
	struct mhsm_answer a;
	unsigned int which;
	const char *op;
	int err;

	if (json_unpack_ex(message, NULL, JSON_STRICT, "{s:s}", "op", &op) || strcmp(op, "approve"))
		mhsm_answer_set(&a, MHSM_ANSWER_FAILED, "the only request here is {\"op\":\"approve\"}");
	else if (fds[0] < 0)
		mhsm_answer_set(&a, MHSM_ANSWER_BAD_KEY_FILE,
				"no key file came with the request: use \"mhsm security-domain approve\"");
	else
		mhsm_keyfile_read(&file, fds[0], fds[1], v->s->client_ms, &a);
	close_fds(fds);
	if (a.code == MHSM_ANSWER_OK)
		mhsm_ceremony_approve(c, file.key, file.has_x5t ? file.x5t : NULL, &which, &a);
	EVP_PKEY_free(file.key);
	if (a.code != MHSM_ANSWER_OK) {
		answer(v, &a, NULL);
		return STEP_GO_ON;
	}
	v->idle_at = now_ms() + v->s->idle_ms;
	if (mhsm_ceremony_approved(c) == mhsm_ceremony_required(c))
		return complete(v, which);
	err = send_approved(v, which);
	answer(v, &a, "waiting");
	if (err)
		return end(v, MHSM_SERVE_BROKEN, "cannot reach mhsmd: %s", strerror(-err));
	return STEP_GO_ON;
}

static enum step hear_client(struct conversation *v)
{
	int fds[MHSM_CHANNEL_FDS] = { -1, -1 };
	json_t *message = NULL;
	struct mhsm_answer a;
	enum step step;
	int err;

	err = mhsm_channel_recv(v->client_fd, &message, MHSM_SERVE_CLIENT_MAX, fds);
	if (err == -EAGAIN)
		return STEP_GO_ON;
	if (err) {
		if (err == -EPROTO || err == -EMSGSIZE) {
			mhsm_answer_set(&a, MHSM_ANSWER_FAILED,
				"the request is not one JSON object of at most %d bytes with at most %d "
				"descriptors", MHSM_SERVE_CLIENT_MAX, MHSM_CHANNEL_FDS);
			answer(v, &a, NULL);
		}
		hang_up(v);
		return STEP_GO_ON;
	}
	step = approve(v, message, fds);
	json_decref(message);
	return step;
}

static void accept_client(struct conversation *v)
{
	v->client_fd = accept4(v->s->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	v->client_at = now_ms() + v->s->client_ms;
}

/* Nothing is expected of mhsmd while custodians come: it has closed the channel, or it is confused */
static enum step hear_daemon(struct conversation *v)
{
	json_t *message;
	int err;

	err = mhsm_channel_recv(v->s->daemon_fd, &message, MHSM_SERVE_DAEMON_MAX, NULL);
	if (err == -EAGAIN)
		return STEP_GO_ON;
	if (err == -ECONNRESET)
		return end(v, MHSM_SERVE_STOPPED, "mhsmd closed the channel");
	if (!err)
		json_decref(message);
	return end(v, MHSM_SERVE_BROKEN, "mhsmd sent a message that is not expected now");
}

static enum step round_of(struct conversation *v)
{
	struct pollfd p[2] = {
		{ .fd = v->s->daemon_fd, .events = POLLIN },
		{ .fd = v->client_fd >= 0 ? v->client_fd : v->s->listen_fd, .events = POLLIN },
	};
	int64_t deadline = v->idle_at;
	int n;

	if (v->client_fd >= 0 && v->client_at < deadline)
		deadline = v->client_at;
	n = wait_until(v->s, p, 2, deadline);
	if (n < 0)
		return v->s->stop && *v->s->stop ? end(v, MHSM_SERVE_STOPPED, "stopped by a signal") :
		       end(v, MHSM_SERVE_BROKEN, "cannot wait: %s", strerror(errno));
	if (p[0].revents)
		return hear_daemon(v);
	if (now_ms() >= v->idle_at)
		return end(v, MHSM_SERVE_IDLE, "nobody approved for %d minutes", v->s->idle_ms / 60000);
	if (p[1].revents && v->client_fd >= 0)
		return hear_client(v);
	if (p[1].revents)
		accept_client(v);
	else if (v->client_fd >= 0 && now_ms() >= v->client_at)
		hang_up(v);
	return STEP_GO_ON;
}

int mhsm_serve_ready(const struct mhsm_serve *s)
{
	return mhsm_channel_send(s->daemon_fd,
		json_pack("{s:s, s:i, s:i}", "event", "ready", "required",
			  (int)mhsm_ceremony_required(s->ceremony), "total",
			  (int)mhsm_ceremony_total(s->ceremony)));
}

enum mhsm_serve_end mhsm_serve_run(struct mhsm_serve *s, char *why, size_t room)
{
	struct conversation v = {
		.s = s,
		.client_fd = -1,
		.idle_at = now_ms() + s->idle_ms,
		.why = why,
		.why_room = room,
	};

	while (round_of(&v) == STEP_GO_ON)
		;
	hang_up(&v);
	return v.end;
}
