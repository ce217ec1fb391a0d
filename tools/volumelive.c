// SPDX-License-Identifier: GPL-2.0-only
/*
 * mhsm volume suspend, resume: volumes that are open. link: pkg:libcryptsetup
 *
 * cryptsetup suspends a volume with a wrapped key, but leaves the key where it is. dm-crypt's own way to wipe one is to
 * set a random key: as a token that is refused, and the message fails, but the kernel's cipher has forgotten its key
 * before it looks at another (kmod/crypto_api/skcipher.c), and dm-crypt does not resume before it is given one.
 */
#include <errno.h>
#include <libcryptsetup.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/cli.h"
#include "tools/luks.h"

#define TABLE_MAX 8192

/* The last thing that libcryptsetup said of a failure, for ours */
static char reason[512];

static void keep_reason(int level, const char *text, void *unused)
{
	(void)unused;
	if (level == CRYPT_LOG_ERROR)
		snprintf(reason, sizeof(reason), "%.*s", (int)strcspn(text, "\n"), text);
}

static const char *why(int err)
{
	return *reason ? reason : strerror(-err);
}

/* An open volume of ours, by its name. Returns an exit code. */
static int open_by_name(const char *name, struct crypt_device **cd)
{
	const char *cipher;
	int ret;

	*reason = '\0';
	*cd = NULL;
	crypt_set_log_callback(NULL, keep_reason, NULL);
	ret = crypt_init_by_name(cd, name);
	if (ret == -ENODEV)
		return cli_error(CLI_MISSING, "%s: no volume is open under this name: see \"mhsm volume list\"", name);
	if (ret)
		return cli_error(CLI_FAIL, "%s: %s", name, why(ret));
	cipher = crypt_get_cipher(*cd);
	if (cipher && !strcmp(cipher, "paes") && crypt_get_type(*cd) && !strcmp(crypt_get_type(*cd), CRYPT_LUKS2))
		return CLI_OK;
	crypt_free(*cd);
	*cd = NULL;
	return cli_error(CLI_FAIL, "%s: not a volume of the HSM", name);
}

static int dm_message(const char *name, const char *message)
{
	const char *const argv[] = { "dmsetup", "message", name, "0", "key", message, NULL };

	return run_program(&(struct run){ .argv = argv, .keep_fd = -1, .silent = true });
}

/* Has dm-crypt no key? Its table then has zeros, in as many digits. */
static int is_wiped(const char *name, bool *wiped)
{
	const char *const argv[] = { "dmsetup", "table", "--showkeys", "--", name, NULL };
	char *field, *rest;
	struct buffer out;
	int status, n = 0;

	*wiped = false;
	if (buffer_alloc(&out, TABLE_MAX))
		return -ENOMEM;
	out.size--; /* room for the NUL */
	status = run_program(&(struct run){ .argv = argv, .keep_fd = -1, .out = &out });
	out.data[out.len] = '\0';
	out.size++;
	/* START LENGTH crypt CIPHER KEY ... */
	for (field = strtok_r((char *)out.data, " ", &rest); field && ++n < 5; field = strtok_r(NULL, " ", &rest))
		;
	*wiped = status == 0 && field && strlen(field) == strspn(field, "0");
	buffer_free(&out);
	return status;
}

int volume_suspend(struct cli *cli)
{
	const char *name = cli_operand(cli, 0);
	struct crypt_device *cd;
	bool wiped;
	int ret;

	ret = open_by_name(name, &cd);
	if (ret)
		return ret;
	ret = crypt_suspend(cd, name);
	crypt_free(cd);
	if (ret)
		return cli_error(ret == -EINVAL ? CLI_CONFLICT : CLI_FAIL, "%s: cannot suspend it: %s", name, why(ret));
	dm_message(name, "wipe"); /* fails, and does it: what counts is asked next */
	ret = is_wiped(name, &wiped);
	if (ret < 0)
		return cli_error(CLI_FAIL, "%s: suspended, but cannot run dmsetup to wipe its key: %s", name,
				 strerror(-ret));
	if (!wiped)
		return cli_error(CLI_FAIL, "%s: suspended, but the kernel did not wipe its key: close it", name);
	cli_say(cli, "%s: suspended, and its key is gone from memory. Go on with\n  mhsm volume resume %s", name, name);
	return CLI_OK;
}

int volume_resume(struct cli *cli)
{
	const char *name = cli_operand(cli, 0);
	struct luks_token token;
	struct crypt_device *cd;
	char *device;
	int session, ret;

	session = cli_session_active(cli);
	if (session < 0)
		return -session;
	close(session);
	ret = open_by_name(name, &cd);
	if (ret)
		return ret;
	device = strdup(crypt_get_device_name(cd));
	ret = device ? luks_token_read(device, &token) : cli_fail(ENOMEM, "%s", name);
	if (!ret) {
		ret = crypt_resume_by_volume_key(cd, name, (char *)token.token, sizeof(token.token));
		if (ret == -EINVAL || ret == -ENOTSUP)
			ret = cli_error(CLI_CONFLICT, "%s: cannot resume it: %s", name, why(ret));
		else if (ret < 0)
			ret = volume_explain(cli, device, &token) ? :
			      cli_error(CLI_FAIL, "%s: cannot resume it: %s", name, why(ret));
		else
			cli_say(cli, "%s: goes on", name);
	}
	free(device);
	crypt_free(cd);
	return ret;
}
