// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/jwe.c kmod/pk/rsa.c kmod/pk/mont.c kmod/pk/oaep.c kmod/pk/pk_env.c daemon/quorum/prim.c
 * daemon/quorum/jwe_open.c -ljansson -lcrypto
 * runs: 30000
 */
/* Security domain files: one that is accepted keeps within the bounds, and is the same when written and read again. */
#include "daemon/quorum/sdfile.c"

static void require(int ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len);
int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	struct mhsm_sdfile sd, again;
	const char *share[MHSM_SDFILE_SHARES_MAX], *why = NULL;
	u8 x5t[MHSM_SDFILE_SHARES_MAX][MHSM_SDFILE_X5T];
	unsigned int i;
	char *json;

	if (mhsm_sdfile_parse(&sd, (const char *)data, len, &why)) {
		require(why != NULL);
		return 0;
	}
	require(sd.count >= 3 && sd.count <= 10 && sd.required >= 2 && sd.required <= sd.count);
	for (i = 0; i < sd.count; i++) {
		share[i] = sd.share[i].jwe;
		memcpy(x5t[i], sd.share[i].x5t, sizeof(x5t[i]));
	}
	require(!mhsm_sdfile_build(&json, share, x5t, sd.count, sd.required, sd.datum, sd.tag));
	require(!mhsm_sdfile_parse(&again, json, strlen(json), &why));
	require(again.count == sd.count && again.required == sd.required);
	require(!strcmp(again.datum, sd.datum) && !strcmp(again.tag, sd.tag));
	for (i = 0; i < sd.count; i++)
		require(!strcmp(again.share[i].jwe, sd.share[i].jwe) &&
			!memcmp(again.share[i].x5t, sd.share[i].x5t, MHSM_SDFILE_X5T));
	free(json);
	mhsm_sdfile_free(&sd);
	mhsm_sdfile_free(&again);
	return 0;
}
