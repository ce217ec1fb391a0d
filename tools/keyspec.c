// SPDX-License-Identifier: GPL-2.0-only
/* What a key is to be, as the options say it. The names are those of Azure and of RFC 7517 and 7518. */
#include <string.h>

#include "lib/mhsm.h"
#include "tools/cli.h"

static const struct {
	const char *name;
	uint32_t op;
} ops_table[] = {
	{ "encrypt", MHSM_OP_ENCRYPT }, { "decrypt", MHSM_OP_DECRYPT }, { "sign", MHSM_OP_SIGN },
	{ "verify", MHSM_OP_VERIFY },   { "wrapKey", MHSM_OP_WRAP },    { "unwrapKey", MHSM_OP_UNWRAP },
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
					 "unwrapKey", *p);
		*ops |= ops_table[i].op;
	}
	return CLI_OK;
}

static int parse_kty(const struct cli *cli, struct mhsm_key_spec *spec)
{
	const char *kty = cli_value(cli, "kty"), *curve = cli_value(cli, "curve"), *size = cli_value(cli, "size");

	if (!strcmp(kty, "EC-HSM") || !strcmp(kty, "EC")) {
		if (size)
			return cli_error(CLI_USAGE, "--size is for oct-HSM keys: an EC-HSM key has --curve P-256");
		if (curve && strcmp(curve, "P-256"))
			return cli_error(CLI_USAGE, "--curve: \"%s\" is not supported: P-256 is", curve);
		spec->type = MHSM_KEY_EC;
		spec->param = MHSM_CURVE_P256;
	} else if (!strcmp(kty, "oct-HSM") || !strcmp(kty, "oct")) {
		if (curve)
			return cli_error(CLI_USAGE, "--curve is for EC-HSM keys: an oct-HSM key has --size");
		if (size && strcmp(size, "128") && strcmp(size, "256"))
			return cli_error(CLI_USAGE, "--size: \"%s\" is not supported: 128 and 256 are", size);
		spec->type = MHSM_KEY_AES;
		spec->param = size && size[0] == '1' ? 128 : 256;
	} else {
		return cli_error(CLI_USAGE, "--kty: \"%s\" is not supported: EC-HSM and oct-HSM are", kty);
	}
	return CLI_OK;
}

static int parse_time(const struct cli *cli, const char *option, uint64_t *seconds)
{
	const char *text = cli_value(cli, option);

	if (text && decode_time(text, seconds))
		return cli_error(CLI_USAGE, "--%s: \"%s\" is no time: write 2030-01-31T12:00:00Z, in UTC", option, text);
	return CLI_OK;
}

int keyspec_parse(const struct cli *cli, struct mhsm_key_spec *spec)
{
	int ret;

	memset(spec, 0, sizeof(*spec));
	spec->name = cli_value(cli, "name");
	ret = keyspec_check_name(spec->name);
	if (!ret)
		ret = parse_kty(cli, spec);
	if (!ret)
		ret = parse_ops(cli, &spec->ops);
	if (!ret)
		ret = parse_time(cli, "not-before", &spec->not_before);
	if (!ret)
		ret = parse_time(cli, "expires", &spec->expires);
	if (ret)
		return ret;
	if (spec->expires && spec->expires <= spec->not_before)
		return cli_error(CLI_USAGE, "--expires must be after --not-before");
	if (cli_given(cli, "consumers") && spec->type != MHSM_KEY_AES)
		return cli_error(CLI_USAGE, "--consumers is for oct-HSM keys: data keys are wrapped under AES");
	spec->flags = (cli_given(cli, "disabled") ? 0 : MHSM_KEY_ENABLED) |
		      (cli_given(cli, "consumers") ? MHSM_KEY_CONSUMERS : 0) | MHSM_KEY_NEW_VERSION;
	return CLI_OK;
}
