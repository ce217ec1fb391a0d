// SPDX-License-Identifier: GPL-2.0-only
/* What a key is to be, as the options say it. The names are those of Azure and of RFC 7517 and 7518. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mhsm.h"
#include "tools/cli.h"

static const struct {
	const char *name;
	uint32_t op;
} ops_table[] = {
	{ "encrypt", MHSM_OP_ENCRYPT }, { "decrypt", MHSM_OP_DECRYPT }, { "sign", MHSM_OP_SIGN },
	{ "verify", MHSM_OP_VERIFY },   { "wrapKey", MHSM_OP_WRAP },    { "unwrapKey", MHSM_OP_UNWRAP },
	{ "deriveKey", MHSM_OP_DERIVE }, { "deriveBits", MHSM_OP_DERIVE_BITS },
};

#define OPS (sizeof(ops_table) / sizeof(ops_table[0]))

json_t *keyspec_ops(uint32_t ops)
{
	json_t *list = json_array();

	for (size_t i = 0; i < OPS; i++)
		if (ops & ops_table[i].op)
			json_array_append_new(list, json_string(ops_table[i].name));
	return list;
}

int keyspec_check_name(const char *name)
{
	size_t len = strspn(name, "0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

	if (!len || len > MHSM_NAME_MAX || name[len])
		return cli_error(CLI_USAGE, "key \"%s\": a name has 1 to %d letters, digits and hyphens", name,
				 MHSM_NAME_MAX);
	return CLI_OK;
}

static int parse_ops(const struct cli *cli, uint32_t *ops)
{
	const char *const *p = cli_values(cli, "ops");

	for (*ops = 0; p && *p; p++) {
		size_t i;

		for (i = 0; i < OPS && strcmp(ops_table[i].name, *p); i++)
			;
		if (i == OPS)
			return cli_error(CLI_USAGE, "--ops: \"%s\" is none of encrypt, decrypt, sign, verify, wrapKey, "
					 "unwrapKey, deriveKey, deriveBits", *p);
		*ops |= ops_table[i].op;
	}
	return CLI_OK;
}

#define PARAMS 4

static const struct kty {
	const char *name; /* without -HSM */
	uint32_t type;
	bool by_size; /* --size, else --curve */
	const char *help;
	struct {
		const char *name;
		uint32_t param;
	} params[PARAMS]; /* the first is the default */
} ktys[] = {
	{ "EC", MHSM_KEY_EC, false, "P-256, P-384, P-521 and P-256K are",
	  { { "P-256", MHSM_CURVE_P256 }, { "P-384", MHSM_CURVE_P384 }, { "P-521", MHSM_CURVE_P521 },
	    { "P-256K", MHSM_CURVE_P256K } } },
	{ "RSA", MHSM_KEY_RSA, true, "2048, 3072 and 4096 are",
	  { { "2048", 2048 }, { "3072", 3072 }, { "4096", 4096 } } },
	{ "OKP", MHSM_KEY_OKP, false, "Ed25519 and X25519 are",
	  { { "Ed25519", MHSM_CURVE_ED25519 }, { "X25519", MHSM_CURVE_X25519 } } },
	{ "oct", MHSM_KEY_AES, true, "128, 192 and 256 are", { { "256", 256 }, { "192", 192 }, { "128", 128 } } },
	{ "HMAC", MHSM_KEY_HMAC, true, "multiples of 8 from 160 to 512 are", { { "256", 256 } } },
};

#define KTYS (sizeof(ktys) / sizeof(ktys[0]))

/* Sizes of which there are too many to name */
static bool size_in_range(const struct kty *k, unsigned long bits)
{
	return k->type == MHSM_KEY_HMAC && bits >= 160 && bits <= 512 && bits % 8 == 0;
}

int keyspec_type(const struct mhsm_key_spec *spec, const char **kty, const char **curve)
{
	for (const struct kty *k = ktys; k < ktys + KTYS; k++) {
		if (k->type != spec->type)
			continue;
		*kty = k->name;
		*curve = NULL;
		if (k->by_size)
			return 1;
		for (size_t i = 0; i < PARAMS && k->params[i].name; i++)
			if (k->params[i].param == spec->param) {
				*curve = k->params[i].name;
				return 0;
			}
	}
	return -1;
}

/* A parameter by its name, NULL for the default */
static bool find_param(const struct kty *k, const char *given, uint32_t *param)
{
	unsigned long number;
	char *end;

	for (size_t i = 0; i < PARAMS && k->params[i].name; i++)
		if (!given || !strcmp(given, k->params[i].name)) {
			*param = k->params[i].param;
			return true;
		}
	if (*given < '0' || *given > '9')
		return false;
	number = strtoul(given, &end, 10);
	*param = (uint32_t)number;
	return !*end && size_in_range(k, number);
}

static int parse_kty(const struct cli *cli, struct mhsm_key_spec *spec)
{
	const char *kty = cli_value(cli, "kty"), *curve = cli_value(cli, "curve"), *size = cli_value(cli, "size");
	const struct kty *k;
	const char *given;
	size_t i;

	for (i = 0; i < KTYS && strncmp(kty, ktys[i].name, strlen(ktys[i].name)); i++)
		;
	if (i == KTYS || (strcmp(kty + strlen(ktys[i].name), "") && strcmp(kty + strlen(ktys[i].name), "-HSM")))
		return cli_error(CLI_USAGE, "--kty: \"%s\" is not supported: EC-HSM, RSA-HSM, OKP-HSM, oct-HSM and HMAC-HSM "
				 "are", kty);
	k = &ktys[i];
	if (k->by_size ? !!curve : !!size)
		return cli_error(CLI_USAGE, "--%s is not for %s-HSM keys: they have --%s %s", k->by_size ? "curve" : "size",
				 k->name, k->by_size ? "size" : "curve", k->params[0].name);
	given = k->by_size ? size : curve;
	if (!find_param(k, given, &spec->param))
		return cli_error(CLI_USAGE, "--%s: \"%s\" is not supported: %s", k->by_size ? "size" : "curve", given,
				 k->help);
	spec->type = k->type;
	return CLI_OK;
}

int keyspec_time(const struct cli *cli, const char *option, bool none, uint64_t *seconds)
{
	const char *text = cli_value(cli, option);

	if (none && text && !strcmp(text, "none"))
		*seconds = 0;
	else if (text && decode_time(text, seconds))
		return cli_error(CLI_USAGE, "--%s: \"%s\" is no time: write 2030-01-31T12:00:00Z, in UTC%s", option, text,
				 none ? ", or none" : "");
	return CLI_OK;
}

static int parse_use_limit(const struct cli *cli, uint64_t *limit)
{
	const char *text = cli_value(cli, "use-limit");
	char *end;

	if (!text)
		return CLI_OK;
	errno = 0;
	*limit = strtoull(text, &end, 10);
	if (strspn(text, "0123456789") != strlen(text) || !*text || errno || !*limit || *limit > INT64_MAX)
		return cli_error(CLI_USAGE, "--use-limit: \"%s\" is no number of uses, 1 to 2^63 - 1", text);
	return CLI_OK;
}

int keyspec_parse(const struct cli *cli, struct mhsm_key_spec *spec)
{
	return keyspec_parse_as(cli, "name", spec);
}

int keyspec_parse_as(const struct cli *cli, const char *option, struct mhsm_key_spec *spec)
{
	int ret;

	memset(spec, 0, sizeof(*spec));
	spec->name = cli_value(cli, option);
	ret = keyspec_check_name(spec->name);
	if (!ret && cli_given(cli, "kty"))
		ret = parse_kty(cli, spec);
	if (!ret)
		ret = parse_ops(cli, &spec->ops);
	if (!ret)
		ret = keyspec_time(cli, "not-before", false, &spec->not_before);
	if (!ret)
		ret = keyspec_time(cli, "expires", false, &spec->expires);
	if (!ret)
		ret = parse_use_limit(cli, &spec->use_limit);
	if (ret)
		return ret;
	if (spec->expires && spec->expires <= spec->not_before)
		return cli_error(CLI_USAGE, "--expires must be after --not-before");
	if (cli_given(cli, "consumers") && spec->use_limit)
		return cli_error(CLI_USAGE, "--use-limit is not for keys with --consumers: volumes are opened without "
					    "asking the store");
	if (cli_given(cli, "consumers") && spec->type != MHSM_KEY_AES)
		return cli_error(CLI_USAGE, "--consumers is for oct-HSM keys: data keys are wrapped under AES");
	if (cli_given(cli, "keyring-release") && spec->type != MHSM_KEY_AES)
		return cli_error(CLI_USAGE, "--keyring-release is for oct-HSM keys: data keys are wrapped under AES");
	if (cli_given(cli, "revoke-live") && !cli_given(cli, "consumers"))
		return cli_error(CLI_USAGE, "--revoke-live is for keys with --consumers: other keys open nothing that stays open");
	spec->flags = (cli_given(cli, "disabled") ? 0 : MHSM_KEY_ENABLED) |
		      (cli_given(cli, "consumers") ? MHSM_KEY_CONSUMERS : 0) |
		      (cli_given(cli, "keyring-release") ? MHSM_KEY_RELEASE : 0) |
		      (cli_given(cli, "revoke-live") ? MHSM_KEY_REVOKE_LIVE : 0) | MHSM_KEY_NEW_VERSION;
	return CLI_OK;
}
