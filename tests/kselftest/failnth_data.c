// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c daemon/device.c
 *       daemon/log.c libmhsm pkg:libnl-genl-3.0 -lcrypto
 * kernels: debug
 * timeout: 300
 *
 * As failnth.c: keys from PKCS#8, RSA, the ciphers that only encrypt, MACs, derivation, and batches.
 */
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/kselftest/hsm/faults.h"
#include "tests/kselftest/hsm/rsakey.h"

#define BULK (MHSM_DATA_MAX + 4096) /* too much to be copied: pages of the caller's are used */

enum fd { K_RSA, K_CIPHER, K_CMAC, K_HMAC, K_SECRET, K_ECDH, K_X25519, FDS };

static struct hsm *hsm;
static int device, fds[FDS];
static uint8_t in[BULK], out[BULK + MHSM_CIPHER_OVERHEAD], iv[MHSM_CIPHER_IV_LEN];

/* What a call made that its inverse takes */
static uint8_t made[BULK + MHSM_CIPHER_OVERHEAD], sig[MHSM_SIG_MAX];
static size_t made_len, sig_len;

/* --- keys from outside -------------------------------------------------------------------------------------------- */

/* PKCS#8, and what of */
static struct der {
	uint32_t type, param;
	int len;
	unsigned char *data;
} ders[] = {
	{ MHSM_KEY_RSA, 2048, 0, NULL },
	{ MHSM_KEY_EC, MHSM_CURVE_P256, 0, NULL },
	{ MHSM_KEY_EC, MHSM_CURVE_P521, 0, NULL },
	{ MHSM_KEY_OKP, MHSM_CURVE_ED25519, 0, NULL },
	{ MHSM_KEY_OKP, MHSM_CURVE_X25519, 0, NULL },
};
enum { DER_RSA, DER_P256, DER_P521, DER_ED25519, DER_X25519, DERS };

static int encode(struct der *d, EVP_PKEY *key)
{
	PKCS8_PRIV_KEY_INFO *info = key ? EVP_PKEY2PKCS8(key) : NULL;

	d->len = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &d->data) : 0;
	PKCS8_PRIV_KEY_INFO_free(info);
	EVP_PKEY_free(key);
	return d->len > 0 ? 0 : -EINVAL;
}

static int encode_all(void)
{
	return encode(&ders[DER_RSA], rsa_key(2048, 1)) || encode(&ders[DER_P256], EVP_EC_gen("P-256")) ||
			       encode(&ders[DER_P521], EVP_EC_gen("P-521")) ||
			       encode(&ders[DER_ED25519], EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")) ||
			       encode(&ders[DER_X25519], EVP_PKEY_Q_keygen(NULL, NULL, "X25519")) ?
		       -EINVAL :
		       0;
}

/* Of a session if it has no name */
static int import(const char *name, int i, uint32_t ops)
{
	struct mhsm_key_spec spec = {
		.name = name, .type = ders[i].type, .param = ders[i].param, .ops = ops,
		.flags = MHSM_KEY_ENABLED | (name ? 0 : MHSM_KEY_SESSION),
	};

	return mhsm_key_import(device, &spec, ders[i].data, (size_t)ders[i].len);
}

static int do_import(int i)
{
	return faults_closed(import(NULL, i, 0));
}

/* To test the primes takes a second here: one allocation in four fails, in other runs others. */
static void rsa_import(void)
{
	faults_step = 4;
	faults_first = 1 + (unsigned int)time(NULL) % faults_step;
	cases_begin();
	faults_each("KEY_IMPORT, RSA-2048", do_import, NULL, DER_RSA, 0);
	cases_end("KEY_IMPORT, RSA-2048, from allocation %u", faults_first);
	faults_first = faults_step = 1;
}

static int do_import_stored(int i)
{
	return faults_closed(import("fresh", i, 0));
}

static int undo_key(void)
{
	int ret = mhsm_key_delete(device, "fresh");

	return ret ? ret : mhsm_key_purge(device, "fresh");
}

/* --- RSA ---------------------------------------------------------------------------------------------------------- */

static int do_rsa_sign(int alg)
{
	sig_len = sizeof(sig);
	return mhsm_sign(fds[K_RSA], (uint32_t)alg, alg == MHSM_ALG_RSNULL ? 0 : MHSM_SIGN_MESSAGE, in, 100, sig, &sig_len);
}

static int do_rsa_verify(int alg)
{
	return mhsm_verify(fds[K_RSA], (uint32_t)alg, alg == MHSM_ALG_RSNULL ? 0 : MHSM_SIGN_MESSAGE, in, 100, sig, sig_len);
}

static size_t label_len(int alg)
{
	return alg == MHSM_ALG_RSA1_5 ? 0 : 5000;
}

static int do_rsa_encrypt(int alg)
{
	made_len = sizeof(made);
	return mhsm_rsa_encrypt(fds[K_RSA], (uint32_t)alg, in, label_len(alg), in, 32, made, &made_len);
}

static int do_rsa_decrypt(int alg)
{
	size_t len = sizeof(out);

	return mhsm_rsa_decrypt(fds[K_RSA], (uint32_t)alg, in, label_len(alg), made, made_len, out, &len);
}

static int do_rsa_wrap(int alg)
{
	made_len = sizeof(made);
	return mhsm_wrap(fds[K_RSA], (uint32_t)alg, in, 32, made, &made_len);
}

static int do_rsa_unwrap(int alg)
{
	size_t len = sizeof(out);

	return mhsm_unwrap(fds[K_RSA], (uint32_t)alg, made, made_len, out, &len);
}

/* --- ciphers ------------------------------------------------------------------------------------------------------ */

static size_t cipher_len;

static int do_cipher_encrypt(int alg)
{
	made_len = sizeof(made);
	return mhsm_cipher_encrypt(fds[K_CIPHER], (uint32_t)alg, iv, in, cipher_len, made, &made_len);
}

static int do_cipher_decrypt(int alg)
{
	size_t len = sizeof(out);

	return mhsm_cipher_decrypt(fds[K_CIPHER], (uint32_t)alg, iv, made, made_len, out, &len);
}

static void all_ciphers(void)
{
	static const struct {
		const char *name;
		int alg;
	} ciphers[] = {
		{ "CBC", MHSM_ALG_AES_CBC },
		{ "CBCPAD", MHSM_ALG_AES_CBCPAD },
		{ "CTR", MHSM_ALG_AES_CTR },
	};
	static const size_t lens[] = { 64, 6000 - 6000 % 16, BULK };
	char name[64];

	for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++) {
		cases_begin();
		for (size_t j = 0; j < sizeof(lens) / sizeof(lens[0]); j++) {
			cipher_len = lens[j];
			snprintf(name, sizeof(name), "ENCRYPT, %s, %zu bytes", ciphers[i].name, cipher_len);
			faults_each(name, do_cipher_encrypt, NULL, ciphers[i].alg, 0);
			snprintf(name, sizeof(name), "DECRYPT, %s, %zu bytes", ciphers[i].name, cipher_len);
			faults_each(name, do_cipher_decrypt, NULL, ciphers[i].alg, 0);
		}
		cases_end("%s", ciphers[i].name);
	}
}

/* --- MACs --------------------------------------------------------------------------------------------------------- */

static int mac_key(int alg)
{
	return fds[alg == MHSM_ALG_AES_CMAC ? K_CMAC : K_HMAC];
}

static int do_mac(int alg)
{
	sig_len = sizeof(sig);
	return mhsm_sign(mac_key(alg), (uint32_t)alg, MHSM_SIGN_MESSAGE, in, 20000, sig, &sig_len);
}

static int do_mac_verify(int alg)
{
	return mhsm_verify(mac_key(alg), (uint32_t)alg, MHSM_SIGN_MESSAGE, in, 20000, sig, sig_len);
}

/* --- derivation --------------------------------------------------------------------------------------------------- */

static struct mhsm_key_info peers[FDS]; /* each key's own public half */

static const struct derive {
	const char *name;
	enum fd key;
	uint32_t alg, kdf;
	size_t len;
} derives[] = {
	{ "HKDF", K_SECRET, MHSM_ALG_HKDF_SHA256, 0, 32 },
	{ "KDF_CTR", K_SECRET, MHSM_ALG_KDF_CTR_SHA512, 0, 32 },
	{ "ECDH", K_ECDH, MHSM_ALG_ECDH, 0, 32 },
	{ "X25519", K_X25519, MHSM_ALG_ECDH, 0, 32 },
	{ "ECDH and HKDF", K_ECDH, MHSM_ALG_ECDH, MHSM_ALG_HKDF_SHA384, 32 },
};

static struct mhsm_derivation derivation(const struct derive *d)
{
	int kdf = d->kdf || d->alg != MHSM_ALG_ECDH, agree = d->alg == MHSM_ALG_ECDH;

	return (struct mhsm_derivation){
		.alg = d->alg,
		.kdf = d->kdf,
		.peer = agree ? peers[d->key].pub : NULL,
		.peer_len = agree ? peers[d->key].public_len : 0,
		.salt = kdf ? in : NULL,
		.salt_len = kdf ? 2000 : 0,
		.info = kdf ? in : NULL,
		.info_len = kdf ? 2000 : 0,
	};
}

static int do_derive_bits(int i)
{
	const struct mhsm_derivation how = derivation(&derives[i]);
	size_t len = derives[i].len;

	return mhsm_derive_bits(fds[derives[i].key], &how, out, &len);
}

static int derive_key(const char *name, int i)
{
	const struct mhsm_derivation how = derivation(&derives[i]);
	struct mhsm_key_spec spec = {
		.name = name, .type = MHSM_KEY_AES, .param = 256, .flags = MHSM_KEY_ENABLED | (name ? 0 : MHSM_KEY_SESSION),
	};

	return faults_closed(mhsm_derive_key(fds[derives[i].key], &how, &spec));
}

static int do_derive_session(int i)
{
	return derive_key(NULL, i);
}

static int do_derive_stored(int i)
{
	return derive_key("fresh", i);
}

static void all_derives(void)
{
	char name[64];

	for (int i = 0; i < (int)(sizeof(derives) / sizeof(derives[0])); i++) {
		cases_begin();
		snprintf(name, sizeof(name), "DERIVE, %s", derives[i].name);
		faults_each(name, do_derive_bits, NULL, i, 0);
		snprintf(name, sizeof(name), "DERIVE, %s, session key", derives[i].name);
		faults_each(name, do_derive_session, NULL, i, 0);
		snprintf(name, sizeof(name), "DERIVE, %s, stored key", derives[i].name);
		faults_each(name, do_derive_stored, undo_key, i, 0);
		cases_end("DERIVE, %s", derives[i].name);
	}
}

/* --- batches ------------------------------------------------------------------------------------------------------ */

static struct mhsm_batch *batch;

/* Where the call itself is done, what has no memory says so by itself: the first of those is the result. */
static int do_batch(int unused)
{
	int ret = mhsm_batch_run(batch, device), one;

	(void)unused;
	for (int i = ret - 1; i >= 0; i--) {
		one = mhsm_batch_result(batch, (size_t)i, NULL);
		if (one)
			ret = one;
	}
	return ret < 0 ? ret : ret == 4 ? 0 : -EIO;
}

static int prepare_batch(void)
{
	const struct mhsm_ioc_crypt cbc = {
		.alg = MHSM_ALG_AES_CBC, .flags = MHSM_CRYPT_MAKE_IV, .iv_len = sizeof(iv), .in_len = 6000 - 6000 % 16,
		.out_len = 6000, .iv = (uintptr_t)iv, .in = (uintptr_t)in, .out = (uintptr_t)out,
	};
	const struct mhsm_ioc_sign mac = {
		.alg = MHSM_ALG_HS256, .flags = MHSM_SIGN_MESSAGE, .in_len = 6000, .sig_len = sizeof(sig),
		.in = (uintptr_t)in, .sig = (uintptr_t)sig,
	};
	int ret = mhsm_batch_new(4, &batch);

	/* two of each, so that there is a next one of the same key, and of another */
	for (int i = 0; ret >= 0 && i < 2; i++)
		ret = mhsm_batch_crypt(batch, fds[K_CIPHER], MHSM_IOC_ENCRYPT, &cbc);
	for (int i = 0; ret >= 0 && i < 2; i++)
		ret = mhsm_batch_sign(batch, fds[K_HMAC], MHSM_IOC_SIGN, &mac);
	return faults_ok(ret);
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int (*call)(int arg);
	int (*undo)(void);
	int arg;
} calls[] = {
	{ "KEY_IMPORT, P-256", do_import, NULL, DER_P256 },
	{ "KEY_IMPORT, P-521", do_import, NULL, DER_P521 },
	{ "KEY_IMPORT, Ed25519", do_import, NULL, DER_ED25519 },
	{ "KEY_IMPORT, X25519", do_import, NULL, DER_X25519 },
	{ "KEY_IMPORT, P-256, stored", do_import_stored, undo_key, DER_P256 },
	{ "SIGN, RS256", do_rsa_sign, NULL, MHSM_ALG_RS256 },
	{ "VERIFY, RS256", do_rsa_verify, NULL, MHSM_ALG_RS256 },
	{ "SIGN, PS384", do_rsa_sign, NULL, MHSM_ALG_PS384 },
	{ "VERIFY, PS384", do_rsa_verify, NULL, MHSM_ALG_PS384 },
	{ "SIGN, RSNULL", do_rsa_sign, NULL, MHSM_ALG_RSNULL },
	{ "VERIFY, RSNULL", do_rsa_verify, NULL, MHSM_ALG_RSNULL },
	{ "ENCRYPT, RSA1_5", do_rsa_encrypt, NULL, MHSM_ALG_RSA1_5 },
	{ "DECRYPT, RSA1_5", do_rsa_decrypt, NULL, MHSM_ALG_RSA1_5 },
	{ "ENCRYPT, RSA_OAEP_256", do_rsa_encrypt, NULL, MHSM_ALG_RSA_OAEP_256 },
	{ "DECRYPT, RSA_OAEP_256", do_rsa_decrypt, NULL, MHSM_ALG_RSA_OAEP_256 },
	{ "WRAP, RSA_AES_KW_256", do_rsa_wrap, NULL, MHSM_ALG_RSA_AES_KW_256 },
	{ "UNWRAP, RSA_AES_KW_256", do_rsa_unwrap, NULL, MHSM_ALG_RSA_AES_KW_256 },
	{ "SIGN, CMAC", do_mac, NULL, MHSM_ALG_AES_CMAC },
	{ "VERIFY, CMAC", do_mac_verify, NULL, MHSM_ALG_AES_CMAC },
	{ "SIGN, HS256", do_mac, NULL, MHSM_ALG_HS256 },
	{ "VERIFY, HS256", do_mac_verify, NULL, MHSM_ALG_HS256 },
	{ "SIGN, HS512", do_mac, NULL, MHSM_ALG_HS512 },
	{ "VERIFY, HS512", do_mac_verify, NULL, MHSM_ALG_HS512 },
	{ "BATCH, 4 calls", do_batch, NULL, 0 },
};

static int create(uint32_t type, uint32_t param, uint32_t ops)
{
	struct mhsm_key_spec spec = { .type = type, .param = param, .ops = ops, .flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION };

	return mhsm_key_create(device, &spec);
}

static int prepare(void)
{
	const uint32_t derive = MHSM_OP_DERIVE | MHSM_OP_DERIVE_BITS;
	int ret = encode_all();

	if (ret)
		return ret;
	fds[K_RSA] = import(NULL, DER_RSA, 0);
	fds[K_CIPHER] = create(MHSM_KEY_AES, 256, MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT);
	fds[K_CMAC] = create(MHSM_KEY_AES, 256, MHSM_OP_SIGN | MHSM_OP_VERIFY);
	fds[K_HMAC] = create(MHSM_KEY_HMAC, 256, MHSM_OP_SIGN | MHSM_OP_VERIFY);
	fds[K_SECRET] = create(MHSM_KEY_HMAC, 256, derive);
	fds[K_ECDH] = create(MHSM_KEY_EC, MHSM_CURVE_P256, derive);
	fds[K_X25519] = create(MHSM_KEY_OKP, MHSM_CURVE_X25519, derive);
	for (int i = 0; !ret && i < FDS; i++)
		ret = fds[i] < 0 ? fds[i] : mhsm_key_info(fds[i], &peers[i]);
	return ret ? ret : prepare_batch();
}

int main(void)
{
	int err = hsm_start(&hsm);

	if (err)
		return tap_bail("hsm_start", err);
	device = mhsm_open(NULL);
	err = device < 0 ? device : prepare();
	if (err)
		return tap_bail("keys", err);
	err = faults_prepare(hsm, device);
	if (err)
		return tap_bail("no fault injection in this kernel", err);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		cases_begin();
		faults_each(calls[i].name, calls[i].call, calls[i].undo, calls[i].arg, 0);
		cases_end("%s", calls[i].name);
	}
	rsa_import();
	all_ciphers();
	all_derives();
	tap_ok(faults_injected > 200, "%u allocations failed", faults_injected);
	mhsm_batch_free(batch);
	for (int i = 0; i < FDS; i++)
		close(fds[i]);
	for (int i = 0; i < DERS; i++)
		OPENSSL_free(ders[i].data);
	close(device);
	hsm_stop(hsm);
	return tap_end();
}
