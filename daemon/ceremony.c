// SPDX-License-Identifier: GPL-2.0-only
/* link: daemon/quorum/sdfile.c */
#include "daemon/ceremony.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/b64url.h"
#include "daemon/file.h"
#include "daemon/load.h"
#include "daemon/log.h"
#include "daemon/quorum/sdfile.h"

#define MESSAGE_MAX 8192 /* what mhsm-quorum sends */
#define READY_MS 30000 /* from exec to "ready" */
#define CIPHERTEXT_MAX 1024

struct mhsm_ceremony {
	struct mhsm_daemon *daemon;
	struct mhsm_spawner_ops spawner;
	pthread_mutex_t act; /* start and end, one at a time; taken before lock */
	bool running; /* thread is to be joined; under act */
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	struct mhsm_ceremony_status status;
	bool ready; /* mhsm-quorum has made its socket */
	bool ending; /* it was told to end */
	int channel; /* of the running ceremony, or -1 */
	struct mhsm_caller caller; /* who opened it */
};

const char *mhsm_ceremony_state_name(enum mhsm_ceremony_state state)
{
	static const char *const names[] = {
		[MHSM_CEREMONY_NONE] = "none",
		[MHSM_CEREMONY_WAITING] = "waiting",
		[MHSM_CEREMONY_RESTORING] = "restoring",
		[MHSM_CEREMONY_DONE] = "done",
		[MHSM_CEREMONY_FAILED] = "failed",
	};

	return names[state];
}

json_t *mhsm_ceremony_json(const struct mhsm_ceremony_status *s)
{
	json_t *object = json_pack("{s:s,s:i,s:i,s:i,s:s}", "status", mhsm_ceremony_state_name(s->state), "approved",
				   (int)s->approved, "required", (int)s->required, "total", (int)s->total, "message",
				   s->message);

	if (s->state == MHSM_CEREMONY_WAITING && json_object_set_new(object, "socket", json_string(s->socket))) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static bool is_ending(struct mhsm_ceremony *c)
{
	bool ending;

	pthread_mutex_lock(&c->lock);
	ending = c->ending;
	pthread_mutex_unlock(&c->lock);
	return ending;
}

static void set_state(struct mhsm_ceremony *c, enum mhsm_ceremony_state state, const char *message)
{
	pthread_mutex_lock(&c->lock);
	c->status.state = state;
	snprintf(c->status.message, sizeof(c->status.message), "%s", message);
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
}

/* --- the channel --- */

static int send_object(int channel, json_t *object)
{
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
	int ret = 0;

	json_decref(object);
	if (!text)
		return -ENOMEM;
	if (send(channel, text, strlen(text), MSG_NOSIGNAL) < 0)
		ret = -errno;
	free(text);
	return ret;
}

static bool get_count(const json_t *message, const char *name, unsigned max, unsigned *out)
{
	json_t *value = json_object_get(message, name);

	if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > max)
		return false;
	*out = (unsigned)json_integer_value(value);
	return true;
}

/* Decodes member @name; its length, or 0 if it is not there or wrong. */
static size_t get_bytes(const json_t *message, const char *name, uint8_t *out, size_t room)
{
	const char *text = json_string_value(json_object_get(message, name));
	size_t len;

	if (!text || mhsm_b64url_decode(out, room, &len, text, strlen(text)))
		return 0;
	return len;
}

static const char *unlock_message(int error)
{
	switch (error) {
	case -EKEYREJECTED:
		return "the custodians' shares are of another security domain than this machine's store";
	case -EBADMSG:
		return "the kernel could not open the domain datum; open a new ceremony";
	case -ENOTCONN:
		return "the kernel's one-time key is gone; open a new ceremony";
	case -EACCES:
		return "whoever opened the ceremony may not unlock the HSM";
	default:
		return strerror(-error);
	}
}

static int restore(struct mhsm_ceremony *c, char *message, size_t room)
{
	struct mhsm_daemon *d = c->daemon;
	struct mhsm_load_summary summary;
	int ret = mhsm_load_all(d->kernel, d->store, &summary);

	if (ret == -ENODATA)
		snprintf(message, room, "the domain record is missing in the store, or was refused: restore the store");
	else if (ret)
		snprintf(message, room, "loading the store failed: %s: open the ceremony again to go on",
			 strerror(-ret));
	else if (summary.rejected)
		snprintf(message, room, "%llu keys loaded, %llu refused: see the log of mhsmd",
			 (unsigned long long)summary.loaded, (unsigned long long)summary.rejected);
	else
		snprintf(message, room, "%s", "");
	return ret;
}

/* The quorum is there: unlock, load, tell. */
static int unlock(struct mhsm_ceremony *c, int channel, const json_t *message)
{
	struct mhsm_daemon *d = c->daemon;
	uint8_t enc[65], ciphertext[CIPHERTEXT_MAX];
	size_t len = get_bytes(message, "ciphertext", ciphertext, sizeof(ciphertext));
	char text[256] = "";
	int ret, sent;

	if (get_bytes(message, "enc", enc, sizeof(enc)) != sizeof(enc) || !len)
		return -EPROTO;
	set_state(c, MHSM_CEREMONY_RESTORING, "");
	pthread_mutex_lock(&d->domain_lock);
	mhsm_audit_expect(d->audit);
	ret = d->kernel->ops->domain_unlock(d->kernel, &c->caller, enc, ciphertext, len);
	if (ret)
		snprintf(text, sizeof(text), "%s", unlock_message(ret));
	else
		ret = restore(c, text, sizeof(text));
	mhsm_audit_expected(d->audit);
	pthread_mutex_unlock(&d->domain_lock);
	sent = send_object(channel, json_pack("{s:s,s:i,s:s}", "op", "result", "error", ret, "message", text));
	if (sent)
		mhsm_log_warning("ceremony: mhsm-quorum did not take the result: %s", strerror(-sent));
	set_state(c, ret ? MHSM_CEREMONY_FAILED : MHSM_CEREMONY_DONE, text);
	if (ret)
		mhsm_log_error("ceremony: %s", text);
	else
		mhsm_log_notice("ceremony: the HSM is unlocked");
	return ret;
}

/* One message of mhsm-quorum. 1: the ceremony is over. A message that is none of the protocol ends it (-EPROTO). */
static int take_message(struct mhsm_ceremony *c, int channel, const json_t *message)
{
	const char *event = json_string_value(json_object_get(message, "event"));
	unsigned approved, required, total;

	if (!event)
		return -EPROTO;
	if (!strcmp(event, "ready")) {
		if (!get_count(message, "required", MHSM_CUSTODIANS_MAX, &required) ||
		    !get_count(message, "total", MHSM_CUSTODIANS_MAX, &total))
			return -EPROTO;
		pthread_mutex_lock(&c->lock);
		c->ready = true;
		c->status.required = required;
		c->status.total = total;
		pthread_cond_broadcast(&c->changed);
		pthread_mutex_unlock(&c->lock);
		return 0;
	}
	if (!strcmp(event, "approved")) {
		if (!get_count(message, "approved", MHSM_CUSTODIANS_MAX, &approved))
			return -EPROTO;
		pthread_mutex_lock(&c->lock);
		c->status.approved = approved;
		pthread_mutex_unlock(&c->lock);
		mhsm_log_notice("ceremony: %u of %u custodians have approved", approved, c->status.required);
		return 0;
	}
	if (!strcmp(event, "unlock")) {
		int ret = unlock(c, channel, message);

		return ret == -EPROTO ? ret : 1;
	}
	if (!strcmp(event, "failed")) {
		const char *why = json_string_value(json_object_get(message, "message"));

		mhsm_log_error("ceremony: mhsm-quorum: %s", why ? why : "failed");
		set_state(c, MHSM_CEREMONY_FAILED, why ? why : "mhsm-quorum failed");
		return 1;
	}
	return -EPROTO;
}

/* Relays until the ceremony is over or the channel closes. */
static void *relay_thread(void *context)
{
	struct mhsm_ceremony *c = context;
	char *buf = malloc(MESSAGE_MAX);
	int channel = c->channel, ret = buf ? 0 : -ENOMEM;

	while (!ret) {
		ssize_t n = recv(channel, buf, MESSAGE_MAX, MSG_TRUNC);
		json_t *message;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			ret = n < 0 ? -errno : -EPIPE;
			break;
		}
		message = n <= MESSAGE_MAX ? json_loadb(buf, (size_t)n, JSON_REJECT_DUPLICATES, NULL) : NULL;
		ret = message ? take_message(c, channel, message) : -EPROTO;
		json_decref(message);
	}
	free(buf);
	if (ret < 0 && !is_ending(c)) {
		const char *why = ret == -EPIPE ? "mhsm-quorum ended; its log says why" :
				  ret == -EPROTO ? "mhsm-quorum sent what is none of the protocol" :
						   strerror(-ret);

		mhsm_log_error("ceremony: %s", why);
		set_state(c, MHSM_CEREMONY_FAILED, why);
		/* It is not to go on without us. */
		shutdown(channel, SHUT_RDWR);
	}
	return NULL;
}

/* --- starting and ending --- */

/* Must hold act. */
static void reap(struct mhsm_ceremony *c)
{
	if (!c->running)
		return;
	pthread_join(c->thread, NULL);
	c->running = false;
	pthread_mutex_lock(&c->lock);
	close(c->channel);
	c->channel = -1;
	pthread_mutex_unlock(&c->lock);
}

static int read_security_domain(struct mhsm_ceremony *c, char **text, struct mhsm_sdfile *sd)
{
	const char *why = NULL;
	size_t len;
	int ret;

	ret = mhsm_file_read(c->daemon->state_dir, MHSM_SD_FILE, MHSM_SD_MAX, text, &len);
	if (ret) {
		mhsm_log_error("ceremony: %s/" MHSM_SD_FILE ": %s: put the downloaded security domain there",
			       c->daemon->state_dir, strerror(-ret));
		return ret;
	}
	ret = mhsm_sdfile_parse(sd, *text, len, &why);
	if (ret) {
		mhsm_log_error("ceremony: %s/" MHSM_SD_FILE " is damaged: %s", c->daemon->state_dir, why ? why : "");
		free(*text);
		*text = NULL;
	}
	return ret;
}

/* Spawns mhsm-quorum and its thread. Must hold act. */
static int launch(struct mhsm_ceremony *c, const char *security_domain)
{
	int pair[2], ret;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	ret = c->spawner.spawn(c->spawner.context, pair[1]);
	close(pair[1]);
	if (!ret)
		ret = send_object(pair[0], json_pack("{s:s,s:s,s:s}", "op", "start", "security_domain", security_domain,
						     "socket", c->status.socket));
	if (!ret) {
		c->channel = pair[0];
		ret = -pthread_create(&c->thread, NULL, relay_thread, c);
	}
	if (ret) {
		c->channel = -1;
		close(pair[0]);
		mhsm_log_error("ceremony: cannot start mhsm-quorum: %s", strerror(-ret));
		return ret;
	}
	c->running = true;
	return 0;
}

/* Until the quorum's socket is there, or the ceremony has failed. */
static int wait_ready(struct mhsm_ceremony *c)
{
	struct timespec until;
	int ret = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += READY_MS / 1000;
	pthread_mutex_lock(&c->lock);
	while (!c->ready && c->status.state == MHSM_CEREMONY_WAITING && ret != ETIMEDOUT)
		ret = pthread_cond_timedwait(&c->changed, &c->lock, &until);
	/* What happened to it after it began is in the status. */
	if (c->ready)
		ret = 0;
	else
		ret = c->status.state == MHSM_CEREMONY_FAILED ? -EIO : -ETIMEDOUT;
	pthread_mutex_unlock(&c->lock);
	return ret;
}

/* An earlier load was cut short: the master is in the kernel already, the records are to be sent again. */
static int resume_load(struct mhsm_ceremony *c)
{
	struct mhsm_daemon *d = c->daemon;
	char text[256];
	int ret;

	set_state(c, MHSM_CEREMONY_RESTORING, "");
	pthread_mutex_lock(&d->domain_lock);
	ret = restore(c, text, sizeof(text));
	pthread_mutex_unlock(&d->domain_lock);
	set_state(c, ret ? MHSM_CEREMONY_FAILED : MHSM_CEREMONY_DONE, text);
	return ret;
}

static int start_new(struct mhsm_ceremony *c, const struct mhsm_caller *caller)
{
	struct mhsm_daemon *d = c->daemon;
	struct mhsm_sdfile sd;
	char *text;
	int ret;

	ret = read_security_domain(c, &text, &sd);
	if (ret)
		return ret;
	mhsm_audit_expect(d->audit);
	ret = d->kernel->ops->domain_transfer(d->kernel, caller);
	mhsm_audit_expected(d->audit);
	if (!ret) {
		pthread_mutex_lock(&c->lock);
		c->ready = false;
		c->ending = false;
		c->caller = *caller;
		c->status.state = MHSM_CEREMONY_WAITING;
		c->status.approved = 0;
		c->status.required = sd.required;
		c->status.total = sd.count;
		c->status.message[0] = '\0';
		pthread_mutex_unlock(&c->lock);
		ret = launch(c, text);
		if (ret)
			set_state(c, MHSM_CEREMONY_FAILED, "mhsm-quorum cannot be started");
		else
			ret = wait_ready(c);
	}
	mhsm_sdfile_free(&sd);
	free(text);
	return ret;
}

static bool is_open(enum mhsm_ceremony_state state)
{
	return state == MHSM_CEREMONY_WAITING || state == MHSM_CEREMONY_RESTORING;
}

int mhsm_ceremony_start(struct mhsm_ceremony *c, const struct mhsm_caller *caller, struct mhsm_ceremony_status *status)
{
	struct mhsm_kernel_status kernel;
	int ret;

	pthread_mutex_lock(&c->act);
	mhsm_ceremony_status(c, status);
	if (c->running && is_open(status->state)) {
		pthread_mutex_unlock(&c->act);
		return 0;
	}
	reap(c);
	ret = c->daemon->kernel->ops->status(c->daemon->kernel, &kernel);
	if (!ret && kernel.state == MHSM_STATE_LOCKED)
		ret = start_new(c, caller);
	else if (!ret && kernel.state == MHSM_STATE_RESTORING)
		ret = resume_load(c);
	else if (!ret)
		ret = -EPROTO;
	mhsm_ceremony_status(c, status);
	pthread_mutex_unlock(&c->act);
	return ret;
}

void mhsm_ceremony_status(struct mhsm_ceremony *c, struct mhsm_ceremony_status *status)
{
	pthread_mutex_lock(&c->lock);
	*status = c->status;
	pthread_mutex_unlock(&c->lock);
}

void mhsm_ceremony_end(struct mhsm_ceremony *c)
{
	pthread_mutex_lock(&c->act);
	if (c->running) {
		/* mhsm-quorum ends when its channel does; a restore that has begun is completed first. */
		pthread_mutex_lock(&c->lock);
		c->ending = true;
		pthread_mutex_unlock(&c->lock);
		shutdown(c->channel, SHUT_RDWR);
		reap(c);
	}
	set_state(c, MHSM_CEREMONY_NONE, "");
	pthread_mutex_lock(&c->lock);
	c->status.approved = 0;
	pthread_mutex_unlock(&c->lock);
	pthread_mutex_unlock(&c->act);
}

int mhsm_ceremony_new(struct mhsm_daemon *daemon, const struct mhsm_spawner_ops *spawner, struct mhsm_ceremony **out)
{
	struct mhsm_ceremony *c = calloc(1, sizeof(*c));
	pthread_condattr_t attr;

	if (!c)
		return -ENOMEM;
	c->daemon = daemon;
	c->spawner = *spawner;
	c->channel = -1;
	if (snprintf(c->status.socket, sizeof(c->status.socket), "%s/quorum.sock", daemon->runtime_dir) >=
	    (int)sizeof(c->status.socket)) {
		free(c);
		return -ENAMETOOLONG;
	}
	pthread_mutex_init(&c->act, NULL);
	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&c->changed, &attr);
	pthread_condattr_destroy(&attr);
	*out = c;
	return 0;
}

void mhsm_ceremony_free(struct mhsm_ceremony *c)
{
	if (!c)
		return;
	mhsm_ceremony_end(c);
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
	pthread_mutex_destroy(&c->act);
	free(c);
}
