// SPDX-License-Identifier: GPL-2.0-only
#include "tests/unit/fake_daemon.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/provision.h"

#define MUST(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

static int no_spawn(void *context, int channel)
{
	(void)context;
	(void)channel;
	return -ENOENT;
}

struct fake_daemon *fake_daemon_new(void)
{
	struct fake_daemon *fd = calloc(1, sizeof(*fd));

	MUST(fd);
	strcpy(fd->dir, "/tmp/mhsm-daemon-XXXXXX");
	MUST(mkdtemp(fd->dir));
	fake_init(&fd->fake);
	fd->spawner.spawn = no_spawn;
	fake_daemon_start(fd);
	return fd;
}

void fake_daemon_start(struct fake_daemon *fd)
{
	struct mhsm_daemon *d = &fd->daemon;

	memset(d, 0, sizeof(*d));
	d->state_dir = fd->dir;
	d->runtime_dir = fd->dir;
	pthread_mutex_init(&d->domain_lock, NULL);
	MUST(!mhsm_store_sqlite.open(fd->dir, &d->store));
	d->kernel = &fd->fake.kernel;
	d->device = &fd->fake.device.base;
	MUST(!mhsm_storequeue_new(d->store, &fd->queue));
	fd->fake.events.store = mhsm_storequeue_put;
	fd->fake.events.context = fd->queue;
	mhsm_storequeue_begin(fd->queue, d->kernel);
	MUST(!mhsm_audit_open(fd->dir, d->device, MHSM_AUDIT_SEGMENT_MAX, &d->audit));
	MUST(!mhsm_audit_start(d->audit));
	MUST(!mhsm_ceremony_new(d, &fd->spawner, &d->ceremony));
	MUST(!mhsm_provision_reconcile(d));
}

/* Whoever waits for records does so for a second, which a test need not wait for as well. */
static void no_waiting(struct fake *fake, bool ending)
{
	pthread_mutex_lock(&fake->lock);
	fake->ending = ending;
	pthread_cond_broadcast(&fake->changed);
	pthread_mutex_unlock(&fake->lock);
}

void fake_daemon_stop(struct fake_daemon *fd)
{
	struct mhsm_daemon *d = &fd->daemon;

	mhsm_ceremony_free(d->ceremony);
	no_waiting(&fd->fake, true);
	mhsm_audit_close(d->audit);
	no_waiting(&fd->fake, false);
	fd->fake.events.store = NULL;
	mhsm_storequeue_free(fd->queue);
	d->store->ops->close(d->store);
	pthread_mutex_destroy(&d->domain_lock);
}

void fake_daemon_free(struct fake_daemon *fd)
{
	char command[128];

	fake_daemon_stop(fd);
	fake_clear(&fd->fake);
	snprintf(command, sizeof(command), "rm -rf %s", fd->dir);
	MUST(!system(command));
	free(fd);
}

static X509 *make_certificate(EVP_PKEY *key)
{
	X509 *cert = X509_new();

	MUST(cert && X509_set_version(cert, 2));
	MUST(ASN1_INTEGER_set(X509_get_serialNumber(cert), 1));
	MUST(X509_gmtime_adj(X509_getm_notBefore(cert), 0) && X509_gmtime_adj(X509_getm_notAfter(cert), 86400));
	MUST(X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC, (const uint8_t *)"custodian",
					-1, -1, 0));
	MUST(X509_set_issuer_name(cert, X509_get_subject_name(cert)));
	MUST(X509_set_pubkey(cert, key));
	MUST(X509_sign(cert, key, EVP_sha256()));
	return cert;
}

json_t *fake_custodian(unsigned index, int bits)
{
	static json_t *made[8][2];
	json_t **at = &made[index % 8][bits == 2048];
	unsigned char *der = NULL;
	EVP_PKEY *key;
	X509 *cert;
	char *text;
	int len;

	if (*at && bits >= 2048)
		return json_deep_copy(*at);
	key = EVP_RSA_gen((unsigned)bits);
	MUST(key);
	cert = make_certificate(key);
	len = i2d_X509(cert, &der);
	MUST(len > 0);
	text = calloc(1, (size_t)len * 2);
	MUST(text);
	EVP_EncodeBlock((unsigned char *)text, der, len);
	json_decref(*at);
	*at = json_pack("{s:s,s:[s]}", "kty", "RSA", "x5c", text);
	MUST(*at);
	free(text);
	OPENSSL_free(der);
	X509_free(cert);
	EVP_PKEY_free(key);
	return json_deep_copy(*at);
}
