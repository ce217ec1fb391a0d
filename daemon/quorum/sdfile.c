// SPDX-License-Identifier: GPL-2.0-only
/* See sdfile.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>

#include "daemon/quorum/jwe_open.h"
#include "daemon/quorum/sdfile.h"

#define X5T_CHARS MHSM_B64URL_LEN(MHSM_SDFILE_X5T)
#define TAG_MAX 32
#define JWE_MAX 4096 /* characters; those of the format have at most about 1000 */

static int check_counts(unsigned int required, unsigned int count)
{
	return count < MHSM_SDFILE_SHARES_MIN || count > MHSM_SDFILE_SHARES_MAX || required < 2 ||
	       required > count ? -EINVAL : 0;
}

int mhsm_sdfile_build(char **json, const char *const share[], const uint8_t x5t[][MHSM_SDFILE_X5T],
		      unsigned int count, unsigned int required, const char *datum, const char *tag)
{
	char text[X5T_CHARS + 1];
	json_t *shares, *root;
	unsigned int i, j;

	if (check_counts(required, count))
		return -EINVAL;
	for (i = 0; i < count; i++)
		for (j = 0; j < i; j++)
			if (!memcmp(x5t[i], x5t[j], MHSM_SDFILE_X5T))
				return -EINVAL;
	shares = json_array();
	for (i = 0; i < count; i++) {
		mhsm_b64url_encode(text, x5t[i], MHSM_SDFILE_X5T);
		if (json_array_append_new(shares, json_pack("{s:s, s:s}", "enc_key", share[i],
							    "x5t_256", text))) {
			json_decref(shares);
			return -EINVAL;
		}
	}
	root = json_pack("{s:{s:[{s:s, s:s}], s:s}, s:{s:o, s:s, s:i}, s:i}",
			 "EncData", "data", "compact_jwe", datum, "tag", tag, "kdf", "sp108_kdf",
			 "SharedKeys", "enc_shares", shares, "key_algorithm", "shamir_share",
			 "required", (int)required, "version", 2);
	if (!root)
		return -EINVAL;
	*json = json_dumps(root, JSON_COMPACT);
	json_decref(root);
	return *json ? 0 : -ENOMEM;
}

/* A copy of the string member @name of @from, of 1 to @max characters, or NULL */
static char *take_string(json_t *from, const char *name, size_t max)
{
	json_t *value = json_object_get(from, name);
	size_t len = json_string_length(value);
	const char *s = json_string_value(value);

	if (!s || len == 0 || len > max || strlen(s) != len)
		return NULL;
	return strdup(s);
}

static int take_shares(struct mhsm_sdfile *sd, json_t *shares, const char **why)
{
	const char *x5t;
	json_t *entry;
	size_t len, i, j;

	*why = "a share is not of the form {enc_key, x5t_256}";
	json_array_foreach(shares, i, entry) {
		if (json_object_size(entry) != 2)
			return -EBADMSG;
		sd->share[i].jwe = take_string(entry, "enc_key", JWE_MAX);
		x5t = json_string_value(json_object_get(entry, "x5t_256"));
		if (!sd->share[i].jwe || !x5t ||
		    mhsm_b64url_decode(sd->share[i].x5t, MHSM_SDFILE_X5T, &len, x5t, strlen(x5t)) ||
		    len != MHSM_SDFILE_X5T)
			return -EBADMSG;
		for (j = 0; j < i; j++) {
			if (!memcmp(sd->share[i].x5t, sd->share[j].x5t, MHSM_SDFILE_X5T)) {
				*why = "two shares name the same certificate";
				return -EBADMSG;
			}
		}
	}
	return 0;
}

static int take_all(struct mhsm_sdfile *sd, json_t *root, const char **why)
{
	json_t *data, *shares, *entry;
	const char *kdf, *algorithm;
	int version;
	json_int_t required;

	*why = "it has not the members of a security domain";
	if (json_unpack_ex(root, NULL, JSON_STRICT, "{s:{s:o, s:s}, s:{s:o, s:s, s:I}, s:i}",
			   "EncData", "data", &data, "kdf", &kdf, "SharedKeys", "enc_shares", &shares,
			   "key_algorithm", &algorithm, "required", &required, "version", &version))
		return -EBADMSG;
	*why = "its version, kdf or key_algorithm is not one that this program knows";
	if (version != 2 || strcmp(kdf, "sp108_kdf") || strcmp(algorithm, "shamir_share"))
		return -EBADMSG;
	*why = "it needs 3 to 10 shares, and a quorum of 2 or more that is not greater";
	if (!json_is_array(shares) || required < 0 || required > MHSM_SDFILE_SHARES_MAX ||
	    json_array_size(shares) > MHSM_SDFILE_SHARES_MAX ||
	    check_counts((unsigned int)required, (unsigned int)json_array_size(shares)))
		return -EBADMSG;
	sd->required = (unsigned int)required;
	sd->count = (unsigned int)json_array_size(shares);
	*why = "it has not exactly one datum of the form {compact_jwe, tag}";
	entry = json_array_get(data, 0);
	if (json_array_size(data) != 1 || json_object_size(entry) != 2)
		return -EBADMSG;
	sd->datum = take_string(entry, "compact_jwe", JWE_MAX);
	sd->tag = take_string(entry, "tag", TAG_MAX);
	if (!sd->datum || !sd->tag)
		return -EBADMSG;
	return take_shares(sd, shares, why);
}

int mhsm_sdfile_parse(struct mhsm_sdfile *ret, const char *json, size_t len, const char **why)
{
	struct mhsm_sdfile sd = { 0 };
	json_t *root;
	int err;

	*why = "it is longer than 64 KiB";
	if (len > MHSM_SDFILE_MAX)
		return -EBADMSG;
	*why = "it is not JSON";
	root = json_loadb(json, len, JSON_REJECT_DUPLICATES, NULL);
	if (!root)
		return -EBADMSG;
	err = take_all(&sd, root, why);
	json_decref(root);
	if (err)
		mhsm_sdfile_free(&sd);
	else
		*ret = sd;
	return err;
}

void mhsm_sdfile_free(struct mhsm_sdfile *sd)
{
	unsigned int i;

	for (i = 0; i < MHSM_SDFILE_SHARES_MAX; i++)
		free(sd->share[i].jwe);
	free(sd->datum);
	free(sd->tag);
	memset(sd, 0, sizeof(*sd));
}
