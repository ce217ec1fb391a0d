// SPDX-License-Identifier: GPL-2.0-only
/*
 * Another token in a volume's header, whose data stay as they are. link: pkg:libcryptsetup
 *
 * The new keyslot is written where no keyslot is, and then the metadata, which change as a whole (lukshdr.c): whatever
 * happens, the volume opens by the old header or by the new one.
 */
#include <errno.h>
#include <libcryptsetup.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tools/cli.h"
#include "tools/luks.h"

#define SCRATCH_SIZE (20 << 20) /* of a header by itself, and some data */
#define AREA_MAX (8u << 20)

/* A keyslot that holds a token, and the digest of the token, as libcryptsetup makes them */
struct slot {
	json_t *keyslot, *digest;
	unsigned char *area;
	size_t area_len;
};

static void slot_free(struct slot *slot)
{
	json_decref(slot->keyslot);
	json_decref(slot->digest);
	free(slot->area);
}

static int slot_read(struct crypt_device *cd, int fd, struct slot *slot)
{
	const char *text, *offset, *size;
	json_t *header, *area;
	int ret;

	ret = crypt_dump_json(cd, &text, 0);
	header = ret < 0 ? NULL : json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	slot->keyslot = json_incref(json_object_get(json_object_get(header, "keyslots"), "0"));
	slot->digest = json_incref(json_object_get(json_object_get(header, "digests"), "0"));
	json_decref(header);
	area = json_object_get(slot->keyslot, "area");
	offset = json_string_value(json_object_get(area, "offset"));
	size = json_string_value(json_object_get(area, "size"));
	slot->area_len = size ? strtoul(size, NULL, 10) : 0;
	if (!offset || !slot->digest || !slot->area_len || slot->area_len > AREA_MAX)
		return -EPROTO;
	slot->area = malloc(slot->area_len);
	if (!slot->area)
		return -ENOMEM;
	return pread(fd, slot->area, slot->area_len, (off_t)strtoull(offset, NULL, 10)) == (ssize_t)slot->area_len ?
		       0 : -EIO;
}

/* In a header of its own, in memory. Nothing of it is secret, so the PBKDF is of the least cost. */
static int slot_make(const struct luks_token *token, struct slot *slot)
{
	static const struct crypt_pbkdf_type pbkdf = {
		.type = CRYPT_KDF_PBKDF2, .hash = "sha256", .iterations = 1000, .flags = CRYPT_PBKDF_NO_BENCHMARK,
	};
	struct crypt_params_luks2 params = { .sector_size = 512, .pbkdf = &pbkdf };
	const char *key = (const char *)token->token;
	int fd = memfd_create("mhsm-header", MFD_CLOEXEC), ret;
	struct crypt_device *cd = NULL;
	char path[32];

	memset(slot, 0, sizeof(*slot));
	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ret = ftruncate(fd, SCRATCH_SIZE) < 0 ? -errno : crypt_init(&cd, path);
	if (!ret)
		ret = crypt_format(cd, CRYPT_LUKS2, "paes", "xts-plain64", NULL, key, MHSM_TOKEN_LEN, &params);
	if (!ret)
		ret = crypt_keyslot_add_by_volume_key(cd, 0, key, MHSM_TOKEN_LEN, key, MHSM_TOKEN_LEN);
	if (ret >= 0)
		ret = slot_read(cd, fd, slot);
	crypt_free(cd);
	close(fd);
	if (ret)
		slot_free(slot);
	return ret;
}

/* What the metadata are to be: this keyslot, this token and nothing else that opens the volume. */
static json_t *new_metadata(const struct lukshdr *hdr, const struct slot *slot, const struct luks_token *token,
			    uint64_t offset, bool converting)
{
	json_t *json = json_deep_copy(hdr->json), *object = luks_token_json(token), *ids = json_array(), *segment;
	const char *id;
	char text[24];
	int failed = !json || !object || !ids;

	snprintf(text, sizeof(text), "%llu", (unsigned long long)offset);
	json_object_foreach(json_object_get(json, "segments"), id, segment) {
		failed |= json_object_set_new(segment, "encryption", json_string(LUKS_CIPHER));
		failed |= json_array_append_new(ids, json_string(id));
	}
	if (converting)
		failed |= json_object_set_new(object, "converting", json_true());
	failed |= json_object_set_new(json_object_get(slot->keyslot, "area"), "offset", json_string(text));
	failed |= json_object_set(slot->digest, "segments", ids);
	failed |= json_object_set_new(json, "keyslots", json_pack("{s:O}", "0", slot->keyslot));
	failed |= json_object_set_new(json, "digests", json_pack("{s:O}", "0", slot->digest));
	failed |= json_object_set_new(json, "tokens", json_pack("{s:O}", "0", object));
	json_decref(object);
	json_decref(ids);
	if (!failed)
		return json;
	json_decref(json);
	return NULL;
}

int luks_token_write(struct lukshdr *hdr, const struct luks_token *token, bool converting)
{
	struct slot slot;
	uint64_t offset;
	json_t *json;
	int ret = slot_make(token, &slot);

	if (ret)
		return cli_error(CLI_FAIL, "%s: cannot make a keyslot: %s", hdr->device, strerror(-ret));
	offset = lukshdr_room(hdr, slot.area_len);
	json = offset ? new_metadata(hdr, &slot, token, offset, converting) : NULL;
	if (!offset) {
		ret = cli_error(CLI_FAIL, "%s: its header has no room for another keyslot: remove one with \"cryptsetup "
				"luksKillSlot\"; nothing was changed", hdr->device);
	} else if (!json) {
		ret = cli_fail(ENOMEM, "%s", hdr->device);
	} else {
		ret = lukshdr_put(hdr, slot.area, slot.area_len, offset);
		if (!ret) {
			json_decref(hdr->json);
			hdr->json = json_incref(json);
			ret = lukshdr_commit(hdr);
		}
		if (ret)
			ret = cli_error(CLI_FAIL, "%s: cannot write its header: %s", hdr->device, strerror(-ret));
	}
	json_decref(json);
	slot_free(&slot);
	return ret;
}

int luks_check_header(const struct lukshdr *hdr, const char *cipher)
{
	const json_t *segment = lukshdr_segment(hdr);
	const char *encryption = json_string_value(json_object_get(segment, "encryption"));

	if (json_object_get(json_object_get(hdr->json, "config"), "requirements") || !segment ||
	    json_object_get(segment, "flags"))
		return cli_error(CLI_CONFLICT, "%s: it is being reencrypted: finish that with \"cryptsetup reencrypt\"",
				 hdr->device);
	if (!encryption || strcmp(encryption, cipher) || json_object_get(segment, "integrity"))
		return cli_error(CLI_FAIL, "%s: its cipher is %s%s: this is for %s only", hdr->device,
				 encryption ? encryption : "unknown",
				 json_object_get(segment, "integrity") ? " with integrity" : "", cipher);
	return CLI_OK;
}
