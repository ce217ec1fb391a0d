// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/key_json.h"

#include <errno.h>
#include <string.h>

#include "daemon/b64url.h"
#include "daemon/hex.h"
#include "daemon/json.h"

#define BASE "http://localhost"
#define SECONDS_PER_DAY 86400

static const struct {
	uint32_t op;
	const char *name; /* RFC 7517 section 4.3 */
} ops[] = {
	{ MHSM_OP_ENCRYPT, "encrypt" }, { MHSM_OP_DECRYPT, "decrypt" }, { MHSM_OP_SIGN, "sign" },
	{ MHSM_OP_VERIFY, "verify" },	{ MHSM_OP_WRAP, "wrapKey" },	{ MHSM_OP_UNWRAP, "unwrapKey" },
	{ MHSM_OP_DERIVE, "deriveKey" }, { MHSM_OP_DERIVE_BITS, "deriveBits" },
};

#define OPS (sizeof(ops) / sizeof(ops[0]))

#define PARAMS 4

/* Key types by the names of RFC 7518 and 8037 */
static const struct kty {
	const char *name; /* without -HSM */
	uint32_t type;
	bool by_size; /* it has a key_size, else a crv */
	const char *supported; /* in words */
	struct {
		const char *name;
		uint32_t param;
	} params[PARAMS]; /* the first is the default */
} ktys[] = {
	{ "EC", MHSM_KEY_EC, false, "P-256, P-384, P-521 and P-256K are",
	  { { "P-256", MHSM_CURVE_P256 }, { "P-384", MHSM_CURVE_P384 }, { "P-521", MHSM_CURVE_P521 },
	    { "P-256K", MHSM_CURVE_P256K } } },
	{ "RSA", MHSM_KEY_RSA, true, "2048, 3072 and 4096", { { "2048", 2048 }, { "3072", 3072 }, { "4096", 4096 } } },
	{ "OKP", MHSM_KEY_OKP, false, "Ed25519 and X25519 are",
	  { { "Ed25519", MHSM_CURVE_ED25519 }, { "X25519", MHSM_CURVE_X25519 } } },
	{ "oct", MHSM_KEY_AES, true, "128, 192 and 256", { { "256", 256 }, { "192", 192 }, { "128", 128 } } },
	{ "HMAC", MHSM_KEY_HMAC, true, "multiples of 8 from 160 to 512", { { "256", 256 } } },
};

#define KTYS (sizeof(ktys) / sizeof(ktys[0]))

/* Sizes of which there are too many to name */
static bool size_in_range(const struct kty *k, unsigned long bits)
{
	return k->type == MHSM_KEY_HMAC && bits >= 160 && bits <= 512 && bits % 8 == 0;
}

static const struct kty *kty_of(uint32_t type)
{
	for (const struct kty *k = ktys; k < ktys + KTYS; k++)
		if (k->type == type)
			return k;
	return NULL;
}

static const char *param_name(const struct kty *k, uint32_t param)
{
	for (size_t i = 0; i < PARAMS && k->params[i].name; i++)
		if (k->params[i].param == param)
			return k->params[i].name;
	return NULL;
}

bool mhsm_key_name_check(const struct mhsm_request *request, struct mhsm_reply *reply, const char *name)
{
	size_t len = strlen(name);

	if (len && len <= MHSM_NAME_MAX &&
	    strspn(name, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") == len)
		return true;
	mhsm_reply_bad(request, reply, "\"%s\" cannot be a key's name: 1 to %d letters, digits and hyphens", name,
		       MHSM_NAME_MAX);
	return false;
}

static json_t *make_kid(const struct mhsm_key_info *info, const char *collection, bool with_version)
{
	char version[2 * MHSM_VERSION_LEN + 1];

	if (!with_version)
		return json_sprintf(BASE "/%s/%.*s", collection, MHSM_NAME_MAX, info->name);
	mhsm_hex_encode(info->version, MHSM_VERSION_LEN, version);
	return json_sprintf(BASE "/%s/%.*s/%s", collection, MHSM_NAME_MAX, info->name, version);
}

static json_t *make_attributes(const struct mhsm_key_info *info)
{
	json_t *a = json_pack("{s:b,s:I,s:I,s:b,s:i,s:s,s:s}", "enabled", !!(info->flags & MHSM_KEY_ENABLED),
			      "created", (json_int_t)info->created, "updated", (json_int_t)info->updated, "exportable",
			      0, "recoverableDays", MHSM_RECOVERABLE_DAYS, "recoveryLevel", "Recoverable+Purgeable",
			      "hsmPlatform", "mhsm");

	if (a && info->not_before && json_object_set_new(a, "nbf", json_integer((json_int_t)info->not_before)))
		goto fail;
	if (a && info->expires && json_object_set_new(a, "exp", json_integer((json_int_t)info->expires)))
		goto fail;
	return a;
fail:
	json_decref(a);
	return NULL;
}

static json_t *make_ops(uint32_t mask)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < OPS; i++)
		if ((mask & ops[i].op) && json_array_append_new(array, json_string(ops[i].name))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static int add_number(json_t *key, const char *member, const uint8_t *number, size_t len)
{
	char text[MHSM_B64URL_LEN(MHSM_PUBLIC_MAX) + 1];

	mhsm_b64url_encode(text, number, len);
	return json_object_set_new(key, member, json_string(text));
}

/* What is public of a key besides what it is for: RFC 7518 sections 6.2.1 and 6.3.1, RFC 8037 section 2 */
static int add_public(json_t *key, const struct kty *k, const struct mhsm_key_info *info)
{
	static const uint8_t exponent[] = { 1, 0, 1 };
	const char *param = param_name(k, info->param);
	size_t half = info->public_len / 2;

	if (k->type == MHSM_KEY_AES || k->type == MHSM_KEY_HMAC)
		return json_object_set_new(key, "key_size", json_integer(info->param));
	if (k->type == MHSM_KEY_RSA)
		return add_number(key, "n", info->pub, info->public_len) ||
		       add_number(key, "e", exponent, sizeof(exponent));
	if (!param || json_object_set_new(key, "crv", json_string(param)))
		return -1;
	if (k->type == MHSM_KEY_OKP)
		return add_number(key, "x", info->pub, info->public_len);
	return add_number(key, "x", info->pub, half) || add_number(key, "y", info->pub + half, half);
}

/* {"key": ...} */
static json_t *make_key(const struct mhsm_key_info *info)
{
	const struct kty *k = kty_of(info->type);
	json_t *key;

	if (!k)
		return NULL;
	key = json_pack("{s:o,s:o,s:o}", "kid", make_kid(info, "keys", true), "kty", json_sprintf("%s-HSM", k->name),
			"key_ops", make_ops(info->ops));
	if (!key || add_public(key, k, info)) {
		json_decref(key);
		return NULL;
	}
	return key;
}

/* How often the key may be used and was, as far as that is counted */
static json_t *make_uses(const struct mhsm_key_info *info)
{
	json_t *uses = json_object();

	if (info->use_limit && (json_object_set_new(uses, "use_limit", json_integer((json_int_t)info->use_limit)) ||
				json_object_set_new(uses, "uses", json_integer((json_int_t)info->uses))))
		goto fail;
	if (info->gcm_uses && json_object_set_new(uses, "gcm_uses", json_integer((json_int_t)info->gcm_uses)))
		goto fail;
	return uses;
fail:
	json_decref(uses);
	return NULL;
}

static json_t *make_extension(const struct mhsm_key_info *info)
{
	json_t *e = json_pack("{s:{s:s,s:I},s:b,s:b,s:b,s:b,s:I}", "owner", "kind",
			      info->owner_kind == MHSM_PRINCIPAL_GID ? "group" : "user", "id", (json_int_t)info->owner,
			      "consumers", !!(info->flags & MHSM_KEY_CONSUMERS), "keyring_release",
			      !!(info->flags & MHSM_KEY_RELEASE), "revoke_live", !!(info->flags & MHSM_KEY_REVOKE_LIVE),
			      "imported",
			      !!(info->flags & MHSM_KEY_IMPORTED), "generation", (json_int_t)info->generation);

	if (!e || (!info->use_limit && !info->gcm_uses) || !json_object_update_new(e, make_uses(info)))
		return e;
	json_decref(e);
	return NULL;
}

/* Adds what a deleted key has more. */
static json_t *add_deleted(json_t *object, const struct mhsm_key_info *info)
{
	if (!object || info->state != MHSM_KEYSTATE_DELETED)
		return object;
	if (json_object_set_new(object, "recoveryId", make_kid(info, "deletedkeys", false)) ||
	    json_object_set_new(object, "deletedDate", json_integer((json_int_t)info->deleted)) ||
	    json_object_set_new(object, "scheduledPurgeDate",
				json_integer((json_int_t)info->deleted + MHSM_RECOVERABLE_DAYS * SECONDS_PER_DAY))) {
		json_decref(object);
		return NULL;
	}
	return object;
}

json_t *mhsm_key_bundle(const struct mhsm_key_info *info)
{
	return add_deleted(json_pack("{s:o,s:o,s:o}", "key", make_key(info), "attributes", make_attributes(info),
				     "mhsm", make_extension(info)),
			   info);
}

json_t *mhsm_key_item(const struct mhsm_key_info *info, bool with_version)
{
	json_t *item = json_pack("{s:o,s:o}", "kid", make_kid(info, "keys", with_version), "attributes",
				 make_attributes(info));

	if (item && info->use_limit && json_object_set_new(item, "mhsm", make_uses(info))) {
		json_decref(item);
		return NULL;
	}
	return add_deleted(item, info);
}

static bool parse_ops(const struct mhsm_request *request, struct mhsm_reply *reply, uint32_t *mask)
{
	const json_t *array = NULL;
	json_t *value;
	size_t i, k;

	if (!mhsm_json_array(request, reply, request->json, "key_ops", false, 0, 16, &array))
		return false;
	json_array_foreach((json_t *)array, i, value) {
		const char *name = json_string_value(value);

		for (k = 0; k < OPS && (!name || strcmp(name, ops[k].name)); k++)
			;
		if (k == OPS) {
			mhsm_reply_bad(request, reply, "\"key_ops\" has %s, which is none of encrypt, decrypt, sign, "
						       "verify, wrapKey, unwrapKey, deriveKey, deriveBits",
				       name ? name : "an element that is not a string");
			return false;
		}
		*mask |= ops[k].op;
	}
	return true;
}

static bool parse_size(const struct mhsm_request *request, struct mhsm_reply *reply, const struct kty *k,
		       uint32_t *param)
{
	uint64_t size = *param;

	if (!mhsm_json_number(request, reply, request->json, "key_size", false, 0, UINT32_MAX, &size))
		return false;
	*param = (uint32_t)size;
	if (param_name(k, *param) || size_in_range(k, *param))
		return true;
	mhsm_reply_error(request, reply, 400, "KeySizeNotSupported", -EOPNOTSUPP,
			 "%s-HSM keys of %u bits are not supported: %s are", k->name, *param, k->supported);
	return false;
}

static bool parse_curve(const struct mhsm_request *request, struct mhsm_reply *reply, const struct kty *k,
			uint32_t *param)
{
	const char *crv = k->params[0].name;
	size_t i;

	if (!mhsm_json_string(request, reply, request->json, "crv", false, &crv))
		return false;
	for (i = 0; i < PARAMS && k->params[i].name; i++)
		if (!strcmp(crv, k->params[i].name)) {
			*param = k->params[i].param;
			return true;
		}
	mhsm_reply_error(request, reply, 400, "KeyCurveNotSupported", -EOPNOTSUPP,
			 "curve %s is not supported for %s-HSM keys: %s", crv, k->name, k->supported);
	return false;
}

static bool parse_type(const struct mhsm_request *request, struct mhsm_reply *reply, struct mhsm_ioc_key_create *create)
{
	const struct kty *k = ktys;
	const char *kty = NULL;
	size_t len;

	if (!mhsm_json_string(request, reply, request->json, "kty", true, &kty))
		return false;
	/* In an HSM every key is an HSM's, whether it is called so or not. */
	for (len = 0; k < ktys + KTYS; k++) {
		len = strlen(k->name);
		if (!strncmp(kty, k->name, len) && (!kty[len] || !strcmp(kty + len, "-HSM")))
			break;
	}
	if (k == ktys + KTYS) {
		mhsm_reply_error(request, reply, 400, "KeyTypeNotSupported", -EOPNOTSUPP,
				 "key type %s is not supported: EC-HSM, RSA-HSM, OKP-HSM, oct-HSM and HMAC-HSM are", kty);
		return false;
	}
	create->type = k->type;
	create->param = k->params[0].param;
	return k->by_size ? parse_size(request, reply, k, &create->param) : parse_curve(request, reply, k, &create->param);
}

static bool parse_attributes(const struct mhsm_request *request, struct mhsm_reply *reply,
			     struct mhsm_ioc_key_create *create)
{
	const json_t *attributes = NULL, *extension = NULL;
	bool enabled = true, consumers = false, release = false, revoke_live = false, exportable = false;
	uint64_t nbf = 0, exp = 0, use_limit = 0;

	if (!mhsm_json_object(request, reply, request->json, "attributes", false, &attributes) ||
	    !mhsm_json_object(request, reply, request->json, "mhsm", false, &extension))
		return false;
	if (attributes && (!mhsm_json_bool(request, reply, attributes, "enabled", false, &enabled) ||
			   !mhsm_json_bool(request, reply, attributes, "exportable", false, &exportable) ||
			   !mhsm_json_number(request, reply, attributes, "nbf", false, 0, INT64_MAX, &nbf) ||
			   !mhsm_json_number(request, reply, attributes, "exp", false, 0, INT64_MAX, &exp)))
		return false;
	if (extension && (!mhsm_json_bool(request, reply, extension, "consumers", false, &consumers) ||
			  !mhsm_json_bool(request, reply, extension, "keyring_release", false, &release) ||
			  !mhsm_json_bool(request, reply, extension, "revoke_live", false, &revoke_live) ||
			  !mhsm_json_number(request, reply, extension, "use_limit", false, 1, INT64_MAX, &use_limit)))
		return false;
	if (consumers && use_limit) {
		mhsm_reply_bad(request, reply, "a key for \"consumers\" cannot have a \"use_limit\"");
		return false;
	}
	if (exportable) {
		mhsm_reply_bad(request, reply, "keys of this HSM cannot be exportable");
		return false;
	}
	if (exp && exp <= nbf) {
		mhsm_reply_bad(request, reply, "\"exp\" is not after \"nbf\"");
		return false;
	}
	create->flags |= (enabled ? MHSM_KEY_ENABLED : 0) | (consumers ? MHSM_KEY_CONSUMERS : 0) |
			 (release ? MHSM_KEY_RELEASE : 0) | (revoke_live ? MHSM_KEY_REVOKE_LIVE : 0);
	create->not_before = nbf;
	create->expires = exp;
	create->use_limit = use_limit;
	return true;
}

/* What could not be kept is refused rather than dropped. */
static bool refuse_unsupported(const struct mhsm_request *request, struct mhsm_reply *reply)
{
	const json_t *tags = NULL, *policy = NULL;

	if (!mhsm_json_object(request, reply, request->json, "tags", false, &tags) ||
	    !mhsm_json_object(request, reply, request->json, "release_policy", false, &policy))
		return false;
	if (json_object_size(tags)) {
		mhsm_reply_bad(request, reply, "tags are not supported");
		return false;
	}
	if (policy) {
		mhsm_reply_bad(request, reply, "release policies are not supported");
		return false;
	}
	return true;
}

bool mhsm_key_create_parse(const struct mhsm_request *request, struct mhsm_reply *reply,
			   struct mhsm_ioc_key_create *create)
{
	memset(create, 0, sizeof(*create));
	create->size = sizeof(*create);
	create->flags = MHSM_KEY_NEW_VERSION;
	return parse_type(request, reply, create) && parse_ops(request, reply, &create->ops) &&
	       parse_attributes(request, reply, create) && refuse_unsupported(request, reply);
}

/* A member that is there, and not null */
static bool named(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return value && !json_is_null(value);
}

static bool update_flag(const struct mhsm_request *request, struct mhsm_reply *reply, const json_t *object,
			const char *name, struct mhsm_ioc_key_update *u, uint32_t what, uint32_t flag)
{
	bool value = false;

	if (!mhsm_json_bool(request, reply, object, name, false, &value))
		return false;
	if (named(object, name))
		u->what |= what;
	if (value)
		u->flags |= flag;
	return true;
}

static bool update_time(const struct mhsm_request *request, struct mhsm_reply *reply, const json_t *object,
			const char *name, struct mhsm_ioc_key_update *u, uint32_t what, __u64 *seconds)
{
	uint64_t value = 0;

	if (!mhsm_json_number(request, reply, object, name, false, 0, INT64_MAX, &value))
		return false;
	if (named(object, name))
		u->what |= what;
	*seconds = value;
	return true;
}

bool mhsm_key_update_parse(const struct mhsm_request *request, struct mhsm_reply *reply, struct mhsm_ioc_key_update *u)
{
	const json_t *attributes = NULL, *extension = NULL;

	memset(u, 0, sizeof(*u));
	u->size = sizeof(*u);
	if (!mhsm_json_object(request, reply, request->json, "attributes", false, &attributes) ||
	    !mhsm_json_object(request, reply, request->json, "mhsm", false, &extension) ||
	    !refuse_unsupported(request, reply))
		return false;
	if (named(request->json, "key_ops")) {
		mhsm_reply_bad(request, reply, "\"key_ops\" of a key cannot be changed: make a new version");
		return false;
	}
	if (attributes &&
	    (!update_flag(request, reply, attributes, "enabled", u, MHSM_UPDATE_ENABLED, MHSM_KEY_ENABLED) ||
	     !update_time(request, reply, attributes, "nbf", u, MHSM_UPDATE_NOT_BEFORE, &u->not_before) ||
	     !update_time(request, reply, attributes, "exp", u, MHSM_UPDATE_EXPIRES, &u->expires)))
		return false;
	if (extension &&
	    (!update_flag(request, reply, extension, "consumers", u, MHSM_UPDATE_CONSUMERS, MHSM_KEY_CONSUMERS) ||
	     !update_flag(request, reply, extension, "revoke_live", u, MHSM_UPDATE_REVOKE_LIVE, MHSM_KEY_REVOKE_LIVE)))
		return false;
	if (u->what)
		return true;
	mhsm_reply_bad(request, reply, "nothing is to be changed: \"attributes\" may have \"enabled\", \"nbf\" and "
				       "\"exp\", \"mhsm\" may have \"consumers\" and \"revoke_live\"");
	return false;
}
