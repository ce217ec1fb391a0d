// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: kmod/sdexport.c kmod/jwe.c kmod/kdf.c kmod/shamir.c kmod/pk/rsa.c kmod/pk/mont.c kmod/pk/oaep.c
 * kmod/pk/pk_env.c daemon/quorum/prim.c daemon/quorum/sdfile.c daemon/quorum/jwe_open.c -ljansson -lcrypto
 */
/* Security domains: made by our code and opened by a reader that has none of it; and files that must be refused. */
#include "tests/unit/custodian.h"
#include "tests/unit/sd_reader.h"

static struct custodian c[4];

static int setup(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++)
		custodian_make(&c[i], i == 1 ? 3072 : 2048);
	return 0;
}

static int teardown(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++)
		custodian_free(&c[i]);
	return 0;
}

static void test_independent_reader(void **state)
{
	struct evp_pkey_st *keys[4] = { c[0].key, c[1].key, c[2].key, c[3].key };
	u8 datum[MHSM_SD_DATUM], got[128];
	unsigned int count, required, set, i, k, which[4];
	char *json;

	(void)state;
	for (count = 3; count <= 4; count++) {
		for (required = 2; required <= count; required++) {
			custodian_datum(datum);
			json = custodian_sdfile(c, count, required, datum);
			for (set = 0; set < 1u << count; set++) {
				if ((unsigned int)__builtin_popcount(set) != required)
					continue;
				for (i = 0, k = 0; i < count; i++)
					if (set >> i & 1)
						which[k++] = i;
				assert_int_equal(reader_open(json, keys, which, got), MHSM_SD_DATUM);
				assert_memory_equal(got, datum, MHSM_SD_DATUM);
			}
			free(json);
		}
	}
}

static void test_fresh_each_time(void **state)
{
	struct mhsm_sdexport *a = calloc(1, sizeof(*a)), *b = calloc(1, sizeof(*b));
	struct mhsm_sd_custodian keys[3];
	u8 datum[MHSM_SD_DATUM];
	unsigned int i;

	(void)state;
	custodian_datum(datum);
	for (i = 0; i < 3; i++)
		keys[i] = (struct mhsm_sd_custodian){ c[i].n, c[i].n_len, c[i].e, c[i].e_len };
	assert_int_equal(mhsm_sdexport_make(a, datum, "t", 2, keys, 3), 0);
	assert_int_equal(mhsm_sdexport_make(b, datum, "t", 2, keys, 3), 0);
	assert_string_not_equal(a->datum, b->datum);
	for (i = 0; i < 3; i++)
		assert_string_not_equal(a->share[i], b->share[i]);
	free(a);
	free(b);
}

static void test_export_refused(void **state)
{
	struct mhsm_sdexport *out = calloc(1, sizeof(*out));
	struct mhsm_sd_custodian keys[11];
	u8 datum[MHSM_SD_DATUM];
	unsigned int i;

	(void)state;
	custodian_datum(datum);
	for (i = 0; i < 11; i++)
		keys[i] = (struct mhsm_sd_custodian){ c[i % 4].n, c[i % 4].n_len, c[i % 4].e, c[i % 4].e_len };
	assert_int_equal(mhsm_sdexport_make(out, datum, "t", 2, keys, 4), 0);
	assert_int_equal(mhsm_sdexport_make(out, datum, "t", 2, keys, 2), -EINVAL);
	assert_int_equal(mhsm_sdexport_make(out, datum, "t", 2, keys, 11), -EINVAL);
	assert_int_equal(mhsm_sdexport_make(out, datum, "t", 1, keys, 3), -EINVAL);
	assert_int_equal(mhsm_sdexport_make(out, datum, "t", 4, keys, 3), -EINVAL);
	assert_int_equal(mhsm_sdexport_make(out, datum, "t", 2, keys, 5), -EINVAL); /* a key twice */
	assert_int_equal(mhsm_sdexport_make(out, datum, "", 2, keys, 3), -EINVAL);
	assert_int_equal(mhsm_sdexport_make(out, datum, "a tag of more than thirty-two chars", 2, keys, 3), -EINVAL);
	assert_int_equal(mhsm_sdexport_make(out, datum, "a\"b", 2, keys, 3), -EINVAL);
	keys[2].n_len = 128;
	assert_int_equal(mhsm_sdexport_make(out, datum, "t", 2, keys, 3), -EINVAL);
	keys[2].n_len = c[2].n_len;
	keys[2].e = (const u8 *)"\2";
	keys[2].e_len = 1;
	assert_int_equal(mhsm_sdexport_make(out, datum, "t", 2, keys, 3), -EINVAL);
	free(out);
}

static void test_file_round_trip(void **state)
{
	u8 datum[MHSM_SD_DATUM], x5t[3][32];
	const char *share[3] = { "a.b.c.d.e", "f.g.h.i.j", "k" }, *why;
	struct mhsm_sdfile sd;
	unsigned int i;
	char *json;

	(void)state;
	custodian_datum(datum);
	json = custodian_sdfile(c, 4, 3, datum);
	assert_int_equal(mhsm_sdfile_parse(&sd, json, strlen(json), &why), 0);
	assert_int_equal(sd.count, 4);
	assert_int_equal(sd.required, 3);
	assert_string_equal(sd.tag, "mhsm_domain");
	for (i = 0; i < 4; i++)
		assert_memory_equal(sd.share[i].x5t, c[i].x5t, 32);
	mhsm_sdfile_free(&sd);
	free(json);

	for (i = 0; i < 3; i++)
		memset(x5t[i], (int)i, 32);
	assert_int_equal(mhsm_sdfile_build(&json, share, x5t, 3, 2, "d", "t"), 0);
	assert_string_equal(json,
		"{\"EncData\":{\"data\":[{\"compact_jwe\":\"d\",\"tag\":\"t\"}],\"kdf\":\"sp108_kdf\"},"
		"\"SharedKeys\":{\"enc_shares\":["
		"{\"enc_key\":\"a.b.c.d.e\",\"x5t_256\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"},"
		"{\"enc_key\":\"f.g.h.i.j\",\"x5t_256\":\"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\"},"
		"{\"enc_key\":\"k\",\"x5t_256\":\"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\"}],"
		"\"key_algorithm\":\"shamir_share\",\"required\":2},\"version\":2}");
	free(json);
	assert_int_equal(mhsm_sdfile_build(&json, share, x5t, 2, 2, "d", "t"), -EINVAL);
	assert_int_equal(mhsm_sdfile_build(&json, share, x5t, 3, 4, "d", "t"), -EINVAL);
	assert_int_equal(mhsm_sdfile_build(&json, share, x5t, 3, 1, "d", "t"), -EINVAL);
	assert_int_equal(mhsm_sdfile_build(&json, share, x5t, 3, 2, "\xff", "t"), -EINVAL);
	share[1] = "\xff";
	assert_int_equal(mhsm_sdfile_build(&json, share, x5t, 3, 2, "d", "t"), -EINVAL);
	share[1] = "f";
	memset(x5t[2], 0, 32);
	assert_int_equal(mhsm_sdfile_build(&json, share, x5t, 3, 2, "d", "t"), -EINVAL);
}

#define X0 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define X1 "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"
#define X2 "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"
#define DATA "\"EncData\":{\"data\":[{\"compact_jwe\":\"d\",\"tag\":\"t\"}],\"kdf\":\"sp108_kdf\"}"
#define SHARE(j, x) "{\"enc_key\":\"" j "\",\"x5t_256\":\"" x "\"}"
#define SHARES(list, alg, required) \
	"\"SharedKeys\":{\"enc_shares\":[" list "],\"key_algorithm\":\"" alg "\",\"required\":" required "}"
#define THREE SHARE("a", X0) "," SHARE("b", X1) "," SHARE("c", X2)
#define FILE_OF(data, shares, version) "{" data "," shares ",\"version\":" version "}"

static void test_file_refused(void **state)
{
	static const char *const bad[] = {
		"", "{", "null", "[]", "{}", "\"\"", "{\"version\":2}",
		FILE_OF(DATA, SHARES(THREE, "shamir_share", "2"), "1"),
		FILE_OF(DATA, SHARES(THREE, "shamir_share", "2"), "\"2\""),
		FILE_OF(DATA, SHARES(THREE, "shamir_share", "2"), "2") "x",
		FILE_OF(DATA, SHARES(THREE, "shamir_share", "2"), "2,\"version\":2"),
		FILE_OF(DATA, SHARES(THREE, "shamir_share", "2"), "2,\"more\":2"),
		FILE_OF(DATA, SHARES(THREE, "xor_split", "2"), "2"),
		FILE_OF(DATA, SHARES(THREE, "shamir_share", "1"), "2"),
		FILE_OF(DATA, SHARES(THREE, "shamir_share", "4"), "2"),
		FILE_OF(DATA, SHARES(THREE, "shamir_share", "-1"), "2"),
		FILE_OF(DATA, SHARES(THREE, "shamir_share", "2.0"), "2"),
		FILE_OF(DATA, SHARES(THREE, "shamir_share", "4294967298"), "2"),
		FILE_OF(DATA, SHARES(THREE, "shamir_share", "18446744073709551618"), "2"),
		FILE_OF(DATA, SHARES(SHARE("a", X0) "," SHARE("b", X1), "shamir_share", "2"), "2"),
		FILE_OF(DATA, SHARES(THREE "," THREE "," THREE "," THREE, "shamir_share", "2"), "2"),
		FILE_OF(DATA, SHARES(SHARE("a", X0) "," SHARE("b", X1) "," SHARE("c", X0), "shamir_share", "2"), "2"),
		FILE_OF(DATA, SHARES(SHARE("a", X0) "," SHARE("b", X1) "," SHARE("", X2), "shamir_share", "2"), "2"),
		FILE_OF(DATA, SHARES(SHARE("a", X0) "," SHARE("b", X1) "," SHARE("c", "AAAA"), "shamir_share", "2"), "2"),
		FILE_OF(DATA, SHARES(SHARE("a", X0) "," SHARE("b", X1) "," SHARE("c", X2 "A"), "shamir_share", "2"), "2"),
		FILE_OF(DATA, SHARES(SHARE("a", X0) "," SHARE("b", X1) "," SHARE("c\\u0000d", X2), "shamir_share", "2"), "2"),
		FILE_OF(DATA, SHARES(SHARE("a", X0) "," SHARE("b", X1) ",7", "shamir_share", "2"), "2"),
		FILE_OF("\"EncData\":{\"data\":[],\"kdf\":\"sp108_kdf\"}", SHARES(THREE, "shamir_share", "2"), "2"),
		FILE_OF("\"EncData\":{\"data\":{},\"kdf\":\"sp108_kdf\"}", SHARES(THREE, "shamir_share", "2"), "2"),
		FILE_OF("\"EncData\":{\"data\":[{\"compact_jwe\":\"d\"}],\"kdf\":\"sp108_kdf\"}", SHARES(THREE, "shamir_share", "2"), "2"),
		FILE_OF("\"EncData\":{\"data\":[{\"compact_jwe\":\"d\",\"tag\":\"\"}],\"kdf\":\"sp108_kdf\"}", SHARES(THREE, "shamir_share", "2"), "2"),
		FILE_OF("\"EncData\":{\"data\":[{\"compact_jwe\":\"d\",\"tag\":\"t\"}],\"kdf\":\"other\"}", SHARES(THREE, "shamir_share", "2"), "2"),
	};
	static const char good[] = FILE_OF(DATA, SHARES(THREE, "shamir_share", "2"), "2");
	struct mhsm_sdfile sd;
	const char *why;
	unsigned int i;
	char *long_file;

	(void)state;
	assert_int_equal(mhsm_sdfile_parse(&sd, good, strlen(good), &why), 0);
	mhsm_sdfile_free(&sd);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (mhsm_sdfile_parse(&sd, bad[i], strlen(bad[i]), &why) != -EBADMSG)
			fail_msg("accepted: %s", bad[i]);
		assert_non_null(why);
	}
	for (i = 0; i < strlen(good); i++)
		assert_int_equal(mhsm_sdfile_parse(&sd, good, i, &why), -EBADMSG);
	long_file = malloc(MHSM_SDFILE_MAX + 1);
	memset(long_file, ' ', MHSM_SDFILE_MAX + 1);
	memcpy(long_file, good, strlen(good));
	assert_int_equal(mhsm_sdfile_parse(&sd, long_file, MHSM_SDFILE_MAX + 1, &why), -EBADMSG);
	assert_int_equal(mhsm_sdfile_parse(&sd, long_file, MHSM_SDFILE_MAX, &why), 0);
	mhsm_sdfile_free(&sd);
	free(long_file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_independent_reader), cmocka_unit_test(test_fresh_each_time),
		cmocka_unit_test(test_export_refused),	   cmocka_unit_test(test_file_round_trip),
		cmocka_unit_test(test_file_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
