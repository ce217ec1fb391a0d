// SPDX-License-Identifier: GPL-2.0-only
/* auditapi: the audit log over HTTP, records with the names of Azure's AuditEvent. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/audit.h"
#include "daemon/chain.h"
#include "daemon/hex.h"
#include "daemon/routes.h"
#include "daemon/segment.h"

#define RECORDS_DEFAULT 1000
#define RECORDS_MAX 10000

static const char *const operations[MHSM_ACT_MAX + 1] = {
	[MHSM_ACT_KEY_OPEN] = "KeyOpen",
	[MHSM_ACT_KEY_CREATE] = "KeyCreate",
	[MHSM_ACT_KEY_IMPORT] = "KeyImport",
	[MHSM_ACT_KEY_LIST] = "KeyList",
	[MHSM_ACT_KEY_READ] = "KeyGet",
	[MHSM_ACT_KEY_DELETE] = "KeyDelete",
	[MHSM_ACT_KEY_RECOVER] = "KeyRecover",
	[MHSM_ACT_KEY_UPDATE] = "KeyUpdate",
	[MHSM_ACT_KEY_PURGE] = "KeyPurge",
	[MHSM_ACT_ENCRYPT] = "KeyEncrypt",
	[MHSM_ACT_DECRYPT] = "KeyDecrypt",
	[MHSM_ACT_SIGN] = "KeySign",
	[MHSM_ACT_VERIFY] = "KeyVerify",
	[MHSM_ACT_WRAP] = "KeyWrap",
	[MHSM_ACT_UNWRAP] = "KeyUnwrap",
	[MHSM_ACT_TOKEN_CREATE] = "TokenCreate",
	[MHSM_ACT_TOKEN_REDEEM] = "TokenRedeem",
	[MHSM_ACT_RANDOM] = "RandomBytesGet",
	[MHSM_ACT_PROVISION] = "Provision",
	[MHSM_ACT_DOMAIN_DOWNLOAD] = "SecurityDomainBackup",
	[MHSM_ACT_DOMAIN_UPLOAD] = "SecurityDomainRestore",
	[MHSM_ACT_LOCK] = "Lock",
	[MHSM_ACT_ZEROIZE] = "Zeroize",
	[MHSM_ACT_AUDIT_READ] = "AuditRead",
	[MHSM_ACT_AUDIT_VERIFY] = "AuditVerify",
	[MHSM_ACT_DAEMON_ATTACH] = "DaemonAttach",
	[MHSM_ACT_DERIVE] = "KeyDerive",
	[MHSM_ACT_DERIVE_BITS] = "KeyDeriveBits",
	[MHSM_ACT_KEY_RELEASE] = "KeyRelease",
};

static const char *const vias[] = {
	[MHSM_VIA_IOCTL] = "ioctl",
	[MHSM_VIA_CRYPTO_API] = "crypto-api",
	[MHSM_VIA_NETLINK] = "netlink",
	[MHSM_VIA_KERNEL] = "kernel",
	[MHSM_VIA_DAEMON] = "daemon",
	[MHSM_VIA_KEYRING] = "keyring",
};

/* Algorithms mean another list for tokens. */
static const char *algorithm_name(const struct mhsm_audit_rec *r)
{
	static const char *const algorithms[] = {
		[MHSM_ALG_AES_GCM] = "AES-GCM",
		[MHSM_ALG_AES_KW] = "AES-KW",
		[MHSM_ALG_AES_KWP] = "AES-KWP",
		[MHSM_ALG_ES256] = "ES256",
		[MHSM_ALG_ES384] = "ES384",
		[MHSM_ALG_ES512] = "ES512",
		[MHSM_ALG_ES256K] = "ES256K",
		[MHSM_ALG_EDDSA] = "EdDSA",
		[MHSM_ALG_RS256] = "RS256",
		[MHSM_ALG_RS384] = "RS384",
		[MHSM_ALG_RS512] = "RS512",
		[MHSM_ALG_PS256] = "PS256",
		[MHSM_ALG_PS384] = "PS384",
		[MHSM_ALG_PS512] = "PS512",
		[MHSM_ALG_AES_CBC] = "AES-CBC",
		[MHSM_ALG_AES_CBCPAD] = "AES-CBCPAD",
		[MHSM_ALG_AES_CTR] = "AES-CTR",
		[MHSM_ALG_AES_CMAC] = "AES-CMAC",
		[MHSM_ALG_HS256] = "HS256",
		[MHSM_ALG_HS384] = "HS384",
		[MHSM_ALG_HS512] = "HS512",
		[MHSM_ALG_ECDH] = "ECDH",
		[MHSM_ALG_HKDF_SHA256] = "HKDF-SHA256",
		[MHSM_ALG_HKDF_SHA384] = "HKDF-SHA384",
		[MHSM_ALG_HKDF_SHA512] = "HKDF-SHA512",
		[MHSM_ALG_KDF_CTR_SHA256] = "KDF-CTR-SHA256",
		[MHSM_ALG_KDF_CTR_SHA384] = "KDF-CTR-SHA384",
		[MHSM_ALG_KDF_CTR_SHA512] = "KDF-CTR-SHA512",
	};
	static const char *const tokens[] = {
		[MHSM_TOKEN_XTS_AES] = "xts(aes)",
		[MHSM_TOKEN_CBC_AES] = "cbc(aes)",
		[MHSM_TOKEN_CTR_AES] = "ctr(aes)",
		[MHSM_TOKEN_GCM_AES] = "gcm(aes)",
		[MHSM_TOKEN_CCM_AES] = "ccm(aes)",
		[MHSM_TOKEN_RFC4106_GCM_AES] = "rfc4106(gcm(aes))",
		[MHSM_TOKEN_HMAC_SHA256] = "hmac(sha256)",
		[MHSM_TOKEN_HMAC_SHA384] = "hmac(sha384)",
		[MHSM_TOKEN_HMAC_SHA512] = "hmac(sha512)",
		[MHSM_TOKEN_CMAC_AES] = "cmac(aes)",
		[MHSM_TOKEN_ADIANTUM_XCHACHA12] = "adiantum(xchacha12,aes)",
		[MHSM_TOKEN_ADIANTUM_XCHACHA20] = "adiantum(xchacha20,aes)",
		[MHSM_TOKEN_RAW] = "raw",
	};

	if (r->action == MHSM_ACT_TOKEN_CREATE || r->action == MHSM_ACT_TOKEN_REDEEM ||
	    r->action == MHSM_ACT_KEY_RELEASE)
		return r->alg < sizeof(tokens) / sizeof(tokens[0]) ? tokens[r->alg] : NULL;
	return r->alg < sizeof(algorithms) / sizeof(algorithms[0]) ? algorithms[r->alg] : NULL;
}

static json_t *make_time(uint64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000);
	char date[32];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	return json_sprintf("%s.%09uZ", date, (unsigned)(ns % 1000000000));
}

static json_t *string_or_number(const char *text, uint32_t number)
{
	return text ? json_string(text) : json_integer(number);
}

static json_t *make_result(const struct mhsm_audit_rec *r)
{
	const char *name = r->result ? strerrorname_np(-r->result) : "";

	return name ? json_string(name) : json_integer(r->result);
}

/* NULL: no memory, or a name that is not text. */
static json_t *make_record(uint64_t batch, const struct mhsm_audit_rec *r)
{
	static const uint8_t none[MHSM_ID_LEN];
	char key[2 * MHSM_ID_LEN + 1];
	const char *operation = r->action <= MHSM_ACT_MAX ? operations[r->action] : NULL;
	const char *via = r->via < sizeof(vias) / sizeof(vias[0]) ? vias[r->via] : NULL;
	const char *alg = algorithm_name(r);

	mhsm_hex_encode(r->key, MHSM_ID_LEN, key);
	return json_pack("{s:o,s:o,s:s,s:o,s:f,s:o,s:I,s:i,s:I,s:I,s:I,s:o,s:o,s:o,s:o,s:I}", "time",
			 make_time(r->time), "operationName", string_or_number(operation, r->action), "resultType",
			 r->result ? "Failure" : "Success", "resultSignature", make_result(r), "durationMs",
			 (double)r->duration / 1e6, "identity",
			 json_sprintf("%s:%u", r->principal_kind == MHSM_PRINCIPAL_GID ? "group" : "user",
				      r->principal),
			 "batch", (json_int_t)batch, "cpu", (int)r->cpu, "seq", (json_int_t)r->seq, "uid",
			 (json_int_t)r->uid, "pid", (json_int_t)r->pid, "via", string_or_number(via, r->via), "alg",
			 r->alg ? string_or_number(alg, r->alg) : json_null(), "keyId",
			 memcmp(r->key, none, MHSM_ID_LEN) ? json_string(key) : json_null(), "name",
			 r->name[0] ? json_stringn_nocheck(r->name, strnlen(r->name, sizeof(r->name))) : json_null(),
			 "bytes", (json_int_t)r->bytes);
}

static int add_batch(json_t *value, const struct mhsm_batch *batch)
{
	struct mhsm_audit_rec r;
	size_t at = 0;

	while (mhsm_batch_next(batch, &at, &r)) {
		/* The log is read before it is verified: a damaged name must not damage the JSON. */
		for (size_t k = 0; k < sizeof(r.name) && r.name[k]; k++)
			if ((unsigned char)r.name[k] < 0x20 || (unsigned char)r.name[k] >= 0x7f)
				r.name[k] = '?';
		if (json_array_append_new(value, make_record(batch->header.number, &r)))
			return -ENOMEM;
	}
	return 0;
}

/* Whole batches from number @from on, until @max records are reached or the acknowledged log ends. */
static int read_records(struct mhsm_audit *audit, uint64_t from, size_t max, json_t *value, json_int_t *next)
{
	struct mhsm_segment_reader reader;
	struct mhsm_batch batch;
	uint64_t last;
	int ret;

	if (!mhsm_audit_last(audit, &last) || from > last)
		return 0;
	ret = mhsm_segment_reader_open(&reader, mhsm_audit_dir(audit), from);
	while (!ret && json_array_size(value) < max) {
		ret = mhsm_segment_reader_next(&reader, &batch);
		if (ret <= 0 || batch.header.number > last)
			break;
		ret = 0;
		if (batch.header.number < from)
			continue;
		ret = add_batch(value, &batch);
		*next = (json_int_t)batch.header.number;
	}
	mhsm_segment_reader_close(&reader);
	return ret < 0 ? ret : 0;
}

/* Batches are named from 0 on, so "after nothing" is -1. */
static bool get_after(const struct mhsm_request *request, struct mhsm_reply *reply, uint64_t *from)
{
	const char *text = mhsm_request_query(request, "after");
	unsigned long long after;

	*from = 0;
	if (!text || !strcmp(text, "-1"))
		return true;
	if (!mhsm_request_query_number(request, reply, "after", 0, INT64_MAX - 1, 0, &after))
		return false;
	*from = after + 1;
	return true;
}

void mhsm_audit_records(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply)
{
	unsigned long long max;
	json_int_t next;
	json_t *value;
	uint64_t from;
	int ret;

	if (!get_after(request, reply, &from) ||
	    !mhsm_request_query_number(request, reply, "max", 1, RECORDS_MAX, RECORDS_DEFAULT, &max))
		return;
	ret = daemon->kernel->ops->decide(daemon->kernel, &request->caller, MHSM_ACT_AUDIT_READ, NULL);
	if (ret) {
		mhsm_reply_errno(request, reply, ret);
		return;
	}
	value = json_array();
	next = (json_int_t)from - 1;
	ret = read_records(daemon->audit, from, max, value, &next);
	/* What was read before the damage is worth having. */
	if (ret == -EBADMSG && json_array_size(value))
		ret = 0;
	if (!ret) {
		mhsm_reply_json(request, reply, 200, json_pack("{s:o,s:I}", "value", value, "next", next));
		return;
	}
	json_decref(value);
	if (ret == -EBADMSG)
		mhsm_reply_error(request, reply, 500, "AuditDamaged", ret,
				 "the audit log is damaged after batch %lld: mhsm audit verify", (long long)next);
	else
		mhsm_reply_errno(request, reply, ret);
}

static json_t *make_verdict(const struct mhsm_chain *chain, bool verified)
{
	json_t *failure = json_null(), *record;

	if (!verified) {
		record = chain->bad_record < 0 ? json_null() : json_integer(chain->bad_record);
		failure = json_pack("{s:I,s:o,s:s}", "batch", (json_int_t)chain->bad_batch, "record", record, "reason",
				    chain->reason);
	}
	return json_pack("{s:b,s:I,s:I,s:o,s:I,s:o}", "verified", verified, "batches", (json_int_t)chain->batches,
			 "records", (json_int_t)chain->records, "last",
			 chain->batches ? json_integer((json_int_t)chain->batches - 1) : json_null(), "boots",
			 (json_int_t)chain->boots, "failure", failure);
}

/* The kernel has acknowledged batches of this boot that the log does not hold. */
static int check_end(struct mhsm_daemon *daemon, struct mhsm_chain *chain, bool has_last, uint64_t last)
{
	uint64_t batches = has_last ? last + 1 : 0;
	struct mhsm_ioc_info info;
	int ret = mhsm_device_info(daemon->device, &info);

	if (ret < 0)
		return ret;
	/* One may have been acknowledged since we looked at the log. */
	if (info.audit_batch <= batches || (mhsm_audit_last(daemon->audit, &last) && info.audit_batch <= last + 1))
		return 0;
	chain->bad_batch = batches;
	snprintf(chain->reason, sizeof(chain->reason), "the log ends here, but the kernel knows of %llu batches",
		 (unsigned long long)info.audit_batch);
	return -EBADMSG;
}

void mhsm_audit_verify(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply)
{
	struct mhsm_chain chain;
	uint64_t last;
	bool has_last;
	int ret;

	ret = daemon->kernel->ops->decide(daemon->kernel, &request->caller, MHSM_ACT_AUDIT_VERIFY, NULL);
	if (ret) {
		mhsm_reply_errno(request, reply, ret);
		return;
	}
	mhsm_chain_init(&chain);
	has_last = mhsm_audit_last(daemon->audit, &last);
	if (has_last)
		ret = mhsm_chain_verify(&chain, daemon->device, mhsm_audit_dir(daemon->audit), last);
	if (!ret)
		ret = check_end(daemon, &chain, has_last, last);
	if (ret && ret != -EBADMSG)
		mhsm_reply_errno(request, reply, ret);
	else
		mhsm_reply_json(request, reply, 200, make_verdict(&chain, !ret));
	mhsm_chain_clear(&chain);
}
