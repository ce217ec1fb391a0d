// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libcryptsetup-token-mhsm.so: LUKS2 tokens of type "mhsm" for libcryptsetup, and so for cryptsetup, systemd-cryptsetup and
 * whatever else uses it (libcryptsetup.h, "External token support").
 *
 * A volume's key in the sense of LUKS2 is a volume token of the HSM (formats.md, "LUKS2 header"); it is in the header in
 * clear, and is also the passphrase of the keyslot that holds it, because libcryptsetup opens a volume by a keyslot only.
 * It is no secret: the HSM decides, when dm-crypt gives the token to the kernel's cipher, whether the caller may use it.
 * What is done here is to say beforehand why it would not.
 */
#include <errno.h>
#include <json-c/json.h>
#include <libcryptsetup.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cryptsetup/token.h"
#include "lib/mhsm.h"

#define BASE64_LEN 172 /* of MHSM_TOKEN_LEN bytes, the last of them "=" */
#define PADDING 1

_Static_assert((MHSM_TOKEN_LEN + 2) / 3 * 4 == BASE64_LEN, "BASE64_LEN");

struct content {
	uint8_t token[MHSM_TOKEN_LEN];
	char kek[MHSM_NAME_MAX + 1];
	char version[2 * MHSM_VERSION_LEN + 1]; /* empty: the header does not say */
};

static bool decode(const char *text, uint8_t token[MHSM_TOKEN_LEN])
{
	uint8_t out[MHSM_TOKEN_LEN + PADDING];
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	if (strlen(text) != BASE64_LEN || strspn(text, alphabet) != BASE64_LEN - PADDING ||
	    text[BASE64_LEN - PADDING] != '=' ||
	    EVP_DecodeBlock(out, (const unsigned char *)text, BASE64_LEN) != (int)sizeof(out))
		return false;
	memcpy(token, out, MHSM_TOKEN_LEN);
	return true;
}

static const char *member(const json_object *object, const char *name)
{
	json_object *value;

	if (!json_object_object_get_ex(object, name, &value) || !json_object_is_type(value, json_type_string))
		return NULL;
	return json_object_get_string(value);
}

static bool parse(const char *json, struct content *content)
{
	json_object *object = json_tokener_parse(json);
	const char *kek = member(object, "kek"), *version = member(object, "version"), *token = member(object, "token");
	struct mhsm_token_info info;
	bool good;

	memset(content, 0, sizeof(*content));
	good = kek && *kek && strlen(kek) < sizeof(content->kek) && token && decode(token, content->token) &&
	       !mhsm_token_info(content->token, &info);
	if (good)
		strcpy(content->kek, kek);
	if (good && version) {
		good = strlen(version) == 2 * MHSM_VERSION_LEN &&
		       strspn(version, "0123456789abcdef") == 2 * MHSM_VERSION_LEN;
		if (good)
			strcpy(content->version, version);
	}
	json_object_put(object);
	return good;
}

/* "mhsm: DEVICE: WHAT: meaning of err: remedy" */
static int fail(struct crypt_device *cd, const char *what, int err)
{
	const char *remedy = mhsm_remedy(err);
	char *text;

	if (asprintf(&text, "mhsm: %s: %s%s%s%s%s\n", crypt_get_device_name(cd), what, *what ? ": " : "",
		     mhsm_strerror(err), remedy ? ": " : "", remedy ? remedy : "") >= 0) {
		crypt_log(cd, CRYPT_LOG_ERROR, text);
		free(text);
	}
	switch (-err) {
	case ENODEV:
	case ENOKEY:
	case ENODATA:
	case ESHUTDOWN:
	case ENOTRECOVERABLE:
	case ENOBUFS:
		return -EAGAIN; /* libcryptsetup's word for: the token is not at hand */
	default:
		return -EACCES;
	}
}

static int refuse(struct crypt_device *cd, const char *why)
{
	char *text;

	if (asprintf(&text, "mhsm: %s: %s\n", crypt_get_device_name(cd), why) >= 0) {
		crypt_log(cd, CRYPT_LOG_ERROR, text);
		free(text);
	}
	return -EACCES;
}

/*
 * Nothing proves a header's origin, and the token in it is no secret: with another cipher it would be an ordinary key
 * that is known to whoever wrote the header.
 */
static bool is_our_cipher(struct crypt_device *cd)
{
	json_object *header = NULL, *segments = NULL;
	const char *text, *cipher;
	bool ours;

	if (crypt_dump_json(cd, &text, 0) == 0)
		header = json_tokener_parse(text);
	ours = json_object_object_get_ex(header, "segments", &segments) && json_object_is_type(segments, json_type_object) &&
	       json_object_object_length(segments) > 0;
	if (ours) {
		json_object_object_foreach(segments, id, segment) {
			(void)id;
			cipher = member(segment, "encryption");
			ours = ours && cipher && !strcmp(cipher, "paes-xts-plain64");
		}
	}
	json_object_put(header);
	return ours;
}

static int check_state(struct crypt_device *cd, int session, const struct content *content)
{
	static const int errors[] = {
		[MHSM_STATE_UNPROVISIONED] = ENODATA, [MHSM_STATE_PROVISIONED] = ENODATA, [MHSM_STATE_ACTIVE] = 0,
		[MHSM_STATE_LOCKED] = ENOKEY,	      [MHSM_STATE_RESTORING] = ENOKEY,	  [MHSM_STATE_ZEROIZED] = ESHUTDOWN,
		[MHSM_STATE_ERROR] = ENOTRECOVERABLE,
	};
	struct mhsm_ioc_info info;
	struct mhsm_token_info token;
	int ret = mhsm_info(session, &info);

	if (ret)
		return fail(cd, "", ret);
	if (info.state >= sizeof(errors) / sizeof(errors[0]))
		return fail(cd, "", -ENOTRECOVERABLE);
	if (errors[info.state])
		return fail(cd, "", -errors[info.state]);
	mhsm_token_info(content->token, &token);
	if (memcmp(token.domain, info.domain, MHSM_ID_LEN))
		return refuse(cd, "its data key is wrapped by another HSM: compare \"mhsm status\" there and here");
	return 0;
}

/* May the caller use the key by which the token is wrapped? The kernel asks again, and records it, at setkey. */
static int check_kek(struct crypt_device *cd, int session, const struct content *content)
{
	char what[MHSM_NAME_MAX + 16];
	int key = mhsm_key_open(session, content->kek, *content->version ? content->version : NULL, MHSM_OP_UNWRAP);

	if (key < 0) {
		snprintf(what, sizeof(what), "key \"%s\"", content->kek);
		return fail(cd, what, key);
	}
	close(key);
	return 0;
}

const char *cryptsetup_token_version(void)
{
	return MHSM_VERSION;
}

int cryptsetup_token_open(struct crypt_device *cd, int token, char **buffer, size_t *buffer_len,
			  void *usrptr __attribute__((unused)))
{
	struct content content;
	const char *json;
	int session, ret;

	ret = crypt_token_json_get(cd, token, &json);
	if (ret < 0)
		return ret;
	if (!parse(json, &content))
		return refuse(cd, "the mhsm token in its header is damaged: restore the header from a copy");
	if (!is_our_cipher(cd))
		return refuse(cd, "its header names a cipher that is not the HSM's: it was tampered with, and is not opened");
	session = mhsm_open(NULL);
	if (session < 0)
		return fail(cd, MHSM_DEVICE, session);
	ret = check_state(cd, session, &content);
	if (!ret)
		ret = check_kek(cd, session, &content);
	close(session);
	if (ret)
		return ret;
	*buffer = malloc(MHSM_TOKEN_LEN);
	if (!*buffer)
		return -ENOMEM;
	memcpy(*buffer, content.token, MHSM_TOKEN_LEN);
	*buffer_len = MHSM_TOKEN_LEN;
	return 0;
}

void cryptsetup_token_buffer_free(void *buffer, size_t buffer_len)
{
	explicit_bzero(buffer, buffer_len);
	free(buffer);
}

int cryptsetup_token_validate(struct crypt_device *cd, const char *json)
{
	struct content content;

	if (parse(json, &content))
		return 0;
	refuse(cd, "a token of type mhsm takes \"kek\", the name of a key, and \"token\", a volume token in base64");
	return -EINVAL;
}

static void dump_id(struct crypt_device *cd, const char *title, const uint8_t id[MHSM_ID_LEN])
{
	char text[64];
	int n = snprintf(text, sizeof(text), "\t%s", title);

	for (int i = 0; i < MHSM_ID_LEN; i++)
		n += snprintf(text + n, sizeof(text) - n, "%02x", id[i]);
	strcpy(text + n, "\n");
	crypt_log(cd, CRYPT_LOG_NORMAL, text);
}

void cryptsetup_token_dump(struct crypt_device *cd, const char *json)
{
	struct mhsm_token_info info;
	struct content content;
	char *text;

	if (!parse(json, &content))
		return;
	mhsm_token_info(content.token, &info);
	if (asprintf(&text, "\tKey:      %s\n\tVersion:  %s\n\tData key: %u bits\n", content.kek,
		     *content.version ? content.version : "(not named)", 8 * info.key_len) >= 0) {
		crypt_log(cd, CRYPT_LOG_NORMAL, text);
		free(text);
	}
	dump_id(cd, "Key id:   ", info.kek);
	dump_id(cd, "HSM:      ", info.domain);
}
