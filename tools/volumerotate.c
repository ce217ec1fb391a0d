// SPDX-License-Identifier: GPL-2.0-only
/*
 * mhsm volume rotate: the data key of a volume under another key, or the newest version of its key. link: pkg:libcryptsetup
 */
#include <errno.h>
#include <libcryptsetup.h>
#include <string.h>
#include <unistd.h>

#include "tools/cli.h"
#include "tools/luks.h"

/*
 * The token that the keyslot holds. It is the one that the header names, unless cryptsetup reencrypt gave the volume a new
 * data key: that leaves it in a keyslot with the old passphrase, and does not know of the rest.
 */
static int read_slot(const char *device, const struct luks_token *named, struct luks_token *held)
{
	size_t len = sizeof(held->token);
	struct crypt_device *cd = NULL;
	int ret;

	*held = *named;
	ret = crypt_init(&cd, device);
	if (!ret)
		ret = crypt_load(cd, CRYPT_LUKS2, NULL);
	if (!ret)
		ret = crypt_volume_key_get(cd, CRYPT_ANY_SLOT, (char *)held->token, &len, (const char *)named->token,
					   sizeof(named->token));
	crypt_free(cd);
	if (ret < 0 || len != sizeof(held->token))
		return cli_error(CLI_INVALID, "%s: no keyslot of its header goes with its token: restore the header from a "
				 "copy", device);
	return CLI_OK;
}

static int rotate_locked(struct cli *cli, struct lukshdr *hdr, const struct luks_token *old, bool stale)
{
	const char *kek = cli_value(cli, "kek") ? cli_value(cli, "kek") : old->kek;
	struct mhsm_token_info from, to;
	struct luks_token token;
	int ret, key;

	ret = luks_check_header(hdr, LUKS_CIPHER);
	if (ret)
		return ret;
	key = volume_kek_open(cli, kek, MHSM_OP_WRAP | MHSM_OP_UNWRAP, &token);
	if (key < 0)
		return -key;
	ret = mhsm_token_rewrap(key, old->token, token.token);
	close(key);
	if (ret == -EKEYREJECTED)
		return cli_error(CLI_INVALID, "%s: its data key was wrapped by another HSM, or by a key that is purged",
				 hdr->device);
	if (ret)
		return cli_fail(ret, "%s: key \"%s\" or \"%s\"", hdr->device, old->kek, kek);
	if (!stale && !mhsm_token_info(old->token, &from) && !mhsm_token_info(token.token, &to) &&
	    !memcmp(from.kek, to.kek, MHSM_ID_LEN)) {
		cli_say(cli, "%s: its data key is wrapped under key \"%s\", version %s, already", hdr->device, kek,
			token.version);
		return CLI_OK;
	}
	ret = luks_token_write(hdr, &token, false);
	if (!ret)
		cli_say(cli, "%s: its data key is wrapped under key \"%s\", version %s", hdr->device, kek, token.version);
	return ret;
}

int volume_rotate(struct cli *cli)
{
	const char *device = cli_operand(cli, 0);
	struct luks_token token, now, held;
	struct lukshdr hdr;
	int ret;

	/* cryptsetup, which this runs, also makes one of two copies that a power cut left different. */
	ret = luks_token_read(device, &token);
	if (!ret)
		ret = read_slot(device, &token, &held);
	if (!ret)
		ret = lukshdr_open(device, true, false, &hdr);
	if (ret)
		return ret;
	if (!luks_token_parse(lukshdr_token(&hdr), &now) || memcmp(now.token, token.token, sizeof(now.token)))
		ret = cli_error(CLI_CONFLICT, "%s: its header has just been changed: try again", device);
	else if (json_object_get(lukshdr_token(&hdr), "converting"))
		ret = cli_error(CLI_CONFLICT, "%s: its conversion was interrupted: finish it with \"mhsm volume convert\"",
				device);
	else
		ret = rotate_locked(cli, &hdr, &held, memcmp(held.token, token.token, sizeof(held.token)) != 0);
	lukshdr_close(&hdr);
	return ret;
}
