// SPDX-License-Identifier: GPL-2.0-only
/* See keyfile.h. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "daemon/quorum/keyfile.h"

#define BITS_MIN 2048
#define BITS_MAX 4096

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * The whole of a regular file or pipe into @buf; its length, -EINVAL for another kind of descriptor, -EFBIG, -ETIMEDOUT or
 * the errno of a read. A regular file is read from its start, wherever its owner's offset is.
 */
static ssize_t read_all(int fd, u8 *buf, size_t room, int wait_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t until = now_ms() + wait_ms, left;
	struct stat st;
	size_t len = 0;
	ssize_t n;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		return -EINVAL;
	for (;;) {
		left = until - now_ms();
		if (left < 0 || (S_ISFIFO(st.st_mode) && poll(&p, 1, (int)left) == 0))
			return -ETIMEDOUT;
		if (S_ISREG(st.st_mode))
			n = pread(fd, buf + len, room - len, (off_t)len);
		else
			n = read(fd, buf + len, room - len);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return (ssize_t)len;
		len += (size_t)n;
		if (len == room)
			return -EFBIG;
	}
}

static enum mhsm_answer_code unreadable(struct mhsm_answer *a, const char *what, ssize_t err,
					size_t max)
{
	switch (err) {
	case -EINVAL:
		return mhsm_answer_set(a, MHSM_ANSWER_BAD_KEY_FILE,
				       "the %s is not a regular file or a pipe", what);
	case -EFBIG:
		return mhsm_answer_set(a, MHSM_ANSWER_BAD_KEY_FILE,
				       "the %s is longer than %zu bytes", what, max);
	case -ETIMEDOUT:
		return mhsm_answer_set(a, MHSM_ANSWER_BAD_KEY_FILE,
				       "the %s did not come to its end in time", what);
	default:
		return mhsm_answer_set(a, MHSM_ANSWER_BAD_KEY_FILE,
				       "cannot read the %s: %s; it must be open for reading", what,
				       strerror((int)-err));
	}
}

struct passphrase {
	bool given, asked;
	int len;
	char text[MHSM_PASSPHRASE_MAX + 2];
};

static int give_passphrase(char *buf, int size, int writing, void *arg)
{
	struct passphrase *p = arg;

	(void)writing;
	p->asked = true;
	if (!p->given || p->len > size)
		return -1;
	memcpy(buf, p->text, (size_t)p->len);
	return p->len;
}

/* A number from a stranger, 1 to MHSM_KEYFILE_ITERATIONS, or 0 */
static int64_t bounded(const ASN1_INTEGER *n)
{
	int64_t v;

	return n && ASN1_INTEGER_get_int64(&v, n) && v >= 1 && v <= MHSM_KEYFILE_ITERATIONS ? v : 0;
}

static bool scrypt_is_bearable(const ASN1_STRING *value)
{
	SCRYPT_PARAMS *s = ASN1_item_unpack(value, ASN1_ITEM_rptr(SCRYPT_PARAMS));
	int64_t cost = 0;

	if (s) {
		cost = bounded(s->costParameter) * bounded(s->blockSize);
		if (cost > 0 && cost <= MHSM_KEYFILE_ITERATIONS)
			cost *= bounded(s->parallelizationParameter);
	}
	ASN1_item_free((ASN1_VALUE *)s, ASN1_ITEM_rptr(SCRYPT_PARAMS));
	return cost > 0 && cost <= MHSM_KEYFILE_ITERATIONS;
}

/* Whether the cost of trying a passphrase is bearable: whoever can connect to the socket says how many iterations */
static bool cost_is_bearable(const X509_SIG *sig)
{
	const ASN1_INTEGER *iterations = NULL;
	const ASN1_OBJECT *oid;
	const X509_ALGOR *alg;
	PBKDF2PARAM *kdf = NULL;
	PBE2PARAM *pbes2 = NULL;
	PBEPARAM *pbe = NULL;
	const void *value;
	int type;
	bool ok = false;

	X509_SIG_get0(sig, &alg, NULL);
	X509_ALGOR_get0(&oid, &type, &value, alg);
	if (OBJ_obj2nid(oid) == NID_pbes2) {
		if (type == V_ASN1_SEQUENCE)
			pbes2 = ASN1_item_unpack(value, ASN1_ITEM_rptr(PBE2PARAM));
		if (!pbes2)
			return false;
		X509_ALGOR_get0(&oid, &type, &value, pbes2->keyfunc);
		if (OBJ_obj2nid(oid) == NID_id_scrypt && type == V_ASN1_SEQUENCE)
			ok = scrypt_is_bearable(value);
		else if (OBJ_obj2nid(oid) == NID_id_pbkdf2 && type == V_ASN1_SEQUENCE)
			kdf = ASN1_item_unpack(value, ASN1_ITEM_rptr(PBKDF2PARAM));
		if (kdf)
			iterations = kdf->iter;
	} else if (type == V_ASN1_SEQUENCE) {
		pbe = ASN1_item_unpack(value, ASN1_ITEM_rptr(PBEPARAM));
		if (pbe)
			iterations = pbe->iter;
	}
	if (iterations)
		ok = bounded(iterations) > 0;
	PBKDF2PARAM_free(kdf);
	PBE2PARAM_free(pbes2);
	PBEPARAM_free(pbe);
	return ok;
}

static EVP_PKEY *decode_encrypted(const u8 *der, long len, struct passphrase *p, bool *costly)
{
	X509_SIG *sig = d2i_X509_SIG(NULL, &der, len);
	PKCS8_PRIV_KEY_INFO *info = NULL;
	EVP_PKEY *key = NULL;

	if (!sig)
		return NULL;
	p->asked = true;
	*costly = !cost_is_bearable(sig);
	if (!*costly && p->given)
		info = PKCS8_decrypt(sig, p->text, p->len);
	if (info)
		key = EVP_PKCS82PKEY(info);
	PKCS8_PRIV_KEY_INFO_free(info);
	X509_SIG_free(sig);
	return key;
}

static EVP_PKEY *decode(const char *name, const u8 *der, long len, struct passphrase *p, bool *costly)
{
	PKCS8_PRIV_KEY_INFO *info;
	EVP_PKEY *key = NULL;

	if (!strcmp(name, PEM_STRING_PKCS8))
		return decode_encrypted(der, len, p, costly);
	if (!strcmp(name, PEM_STRING_RSA))
		return d2i_PrivateKey(EVP_PKEY_RSA, NULL, &der, len);
	if (strcmp(name, PEM_STRING_PKCS8INF))
		return NULL; /* a key of another kind than RSA */
	info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &der, len);
	if (info)
		key = EVP_PKCS82PKEY(info);
	PKCS8_PRIV_KEY_INFO_free(info);
	return key;
}

/*
 * OpenSSL takes the parts of a private key as they come. One with a factor of a hundred thousand bits would keep this
 * process at work for days.
 */
static bool is_rsa_of_fair_size(EVP_PKEY *key)
{
	static const char *const parts[] = {
		OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D, OSSL_PKEY_PARAM_RSA_FACTOR1,
		OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1,
		OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
	};
	BIGNUM *n, *third = NULL;
	unsigned int i;
	int bits;

	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA || EVP_PKEY_get_bits(key) < BITS_MIN ||
	    EVP_PKEY_get_bits(key) > BITS_MAX)
		return false;
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		n = NULL;
		if (!EVP_PKEY_get_bn_param(key, parts[i], &n))
			return false;
		bits = BN_num_bits(n);
		BN_clear_free(n);
		if (bits == 0 || bits > EVP_PKEY_get_bits(key))
			return false;
	}
	/* keys of more than two primes are not in use */
	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_FACTOR3, &third)) {
		BN_clear_free(third);
		return false;
	}
	return true;
}

static enum mhsm_answer_code parse_key(EVP_PKEY **ret, const u8 *pem, size_t len,
				       struct passphrase *p, struct mhsm_answer *a)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	bool costly = false;
	EVP_PKEY *key = NULL;
	char *name = NULL;
	u8 *der = NULL;
	long der_len;
	int found;

	if (!bio)
		return mhsm_answer_set(a, MHSM_ANSWER_FAILED, "out of memory");
	found = PEM_bytes_read_bio_secmem(&der, &der_len, &name, PEM_STRING_EVP_PKEY, bio,
					  give_passphrase, p);
	if (found) {
		key = decode(name, der, der_len, p, &costly);
		OPENSSL_secure_clear_free(der, (size_t)der_len);
		OPENSSL_secure_free(name);
	}
	BIO_free(bio);
	ERR_clear_error();
	if (costly)
		return mhsm_answer_set(a, MHSM_ANSWER_BAD_KEY_FILE,
			"the key file's encryption is unknown or asks for more than %d iterations: encrypt it "
			"anew with \"openssl pkcs8 -topk8\"", MHSM_KEYFILE_ITERATIONS);
	if (!key && p->asked && !p->given)
		return mhsm_answer_set(a, MHSM_ANSWER_BAD_PASSPHRASE,
			"the key file is encrypted: give its passphrase with --passphrase-file");
	if (!key && p->asked)
		return mhsm_answer_set(a, MHSM_ANSWER_BAD_PASSPHRASE,
			"the passphrase does not decrypt the key file");
	if (!key)
		return mhsm_answer_set(a, MHSM_ANSWER_BAD_KEY_FILE,
			"the key file holds no RSA private key in PEM");
	if (!is_rsa_of_fair_size(key)) {
		EVP_PKEY_free(key);
		ERR_clear_error();
		return mhsm_answer_set(a, MHSM_ANSWER_BAD_KEY_FILE,
			"the key is not an RSA key of %d to %d bits", BITS_MIN, BITS_MAX);
	}
	*ret = key;
	return mhsm_answer_set(a, MHSM_ANSWER_OK, "%s", "");
}

/* A file may hold the certificate beside the key; a bad one is as good as none */
static void find_certificate(struct mhsm_keyfile *file, const u8 *pem, size_t len)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	u8 *der = NULL;
	char *name = NULL, *header = NULL;
	long der_len;

	while (bio && !file->has_x5t && PEM_read_bio(bio, &name, &header, &der, &der_len)) {
		if (!strcmp(name, PEM_STRING_X509)) {
			SHA256(der, (size_t)der_len, file->x5t);
			file->has_x5t = true;
		}
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_clear_free(der, (size_t)der_len);
	}
	BIO_free(bio);
	ERR_clear_error();
}

enum mhsm_answer_code mhsm_keyfile_read(struct mhsm_keyfile *ret, int fd, int passphrase_fd,
					int wait_ms, struct mhsm_answer *a)
{
	struct {
		struct passphrase passphrase;
		u8 pem[MHSM_KEYFILE_MAX + 1];
	} *tmp;
	ssize_t len;

	memset(ret, 0, sizeof(*ret));
	tmp = OPENSSL_secure_zalloc(sizeof(*tmp));
	if (!tmp)
		return mhsm_answer_set(a, MHSM_ANSWER_FAILED, "out of locked memory");
	if (passphrase_fd >= 0) {
		len = read_all(passphrase_fd, (u8 *)tmp->passphrase.text,
			       sizeof(tmp->passphrase.text), wait_ms);
		if (len < 0) {
			unreadable(a, "passphrase file", len, MHSM_PASSPHRASE_MAX);
			goto out_free;
		}
		if (len && tmp->passphrase.text[len - 1] == '\n')
			len--;
		tmp->passphrase.given = true;
		tmp->passphrase.len = (int)len;
	}
	len = read_all(fd, tmp->pem, sizeof(tmp->pem), wait_ms);
	if (len < 0) {
		unreadable(a, "key file", len, MHSM_KEYFILE_MAX);
		goto out_free;
	}
	if (parse_key(&ret->key, tmp->pem, (size_t)len, &tmp->passphrase, a) == MHSM_ANSWER_OK)
		find_certificate(ret, tmp->pem, (size_t)len);
out_free:
	OPENSSL_secure_clear_free(tmp, sizeof(*tmp));
	return a->code;
}
