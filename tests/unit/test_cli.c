// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tools/http.c tools/error.c tools/output.c tools/encode.c tools/file.c tools/cli.c tools/status.c tools/provision.c
 * tools/domain.c tools/quorum.c tools/key.c tools/keyderive.c tools/keyop.c tools/keycrypt.c tools/keyimport.c tools/keyrsa.c tools/pem.c tools/keysign.c
 * tools/sigalg.c tools/keyspec.c kmod/pkcs8.c kmod/spki.c tools/volume.c tools/volumerotate.c tools/volumeconvert.c tools/luks.c
 * tools/lukshdr.c tools/lukstoken.c tools/volumelive.c tools/volumelist.c pkg:libcryptsetup tools/run.c
 * tools/random.c tools/keyring.c tools/audit.c tools/lock.c tools/nouns.c libmhsm pkg:libcurl pkg:jansson pkg:libmicrohttpd -lcrypto
 */
/* The command line: every command's help, wrong usage, requests to mhsmd, and the forms of output. */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "lib/mhsm.h"
#include "tests/unit/cli_child.h"
#include "tests/unit/fake_mhsmd.h"

/* --- help and wrong usage -------------------------------------------------------------------------------------- */

static void test_help(void **state)
{
	(void)state;
	assert_exit(CLI_OK, "--help");
	for (const struct cli_noun *noun = cli_nouns; noun->name; noun++)
		assert_has(child.out, noun->summary);
	assert_exit(CLI_USAGE, NULL);
	assert_has(child.err, "usage: mhsm NOUN");
	for (const struct cli_noun *noun = cli_nouns; noun->name; noun++) {
		bool plain = !*noun->commands[0].name;

		for (const struct cli_command *c = noun->commands; c->name; c++) {
			if (plain)
				assert_exit(CLI_OK, (char *)noun->name, "--help");
			else
				assert_exit(CLI_OK, (char *)noun->name, (char *)c->name, "--help");
			assert_has(child.out, c->summary);
			assert_has(child.out, "\n  $ "); /* teaches by an example */
			for (const struct cli_option *o = c->options; o && o->name; o++)
				assert_has(child.out, o->name);
			assert_string_equal(child.err, "");
		}
		if (plain)
			continue;
		assert_exit(CLI_OK, (char *)noun->name, "--help");
		assert_has(child.out, noun->summary);
		assert_exit(CLI_USAGE, (char *)noun->name);
		assert_exit(CLI_USAGE, (char *)noun->name, "no-such-verb");
		assert_has(child.err, "unknown verb \"no-such-verb\"");
	}
	assert_exit(CLI_USAGE, "no-such-noun");
	assert_has(child.err, "mhsm: unknown command \"no-such-noun\": see \"mhsm --help\"");
	assert_exit(CLI_OK, "--version");
}

/* Every command refuses an unknown option, a missing required one, and operands that it does not take. */
static void test_usage_of_all(void **state)
{
	(void)state;
	for (const struct cli_noun *noun = cli_nouns; noun->name; noun++)
		for (const struct cli_command *c = noun->commands; c->name; c++) {
			char *argv[64] = { "mhsm", (char *)noun->name };
			int n = 2, first;

			if (*c->name)
				argv[n++] = (char *)c->name;
			first = n;
			argv[n] = "--no-such-option";
			assert_int_equal(mhsm_argv(argv), CLI_USAGE);
			assert_has(child.err, "--help\"\n");
			argv[n] = "-o";
			assert_int_equal(mhsm_argv(argv), CLI_USAGE);
			assert_has(child.err, "a value is missing after \"-o\"");
			argv[n] = NULL;
			for (const struct cli_option *o = c->options; o && o->name; o++)
				if (o->flags & CLI_REQUIRED) {
					assert_int_equal(mhsm_argv(argv), CLI_USAGE);
					assert_has(child.err, "missing option");
					break;
				}
			for (const struct cli_option *o = c->options; o && o->name; o++)
				if (o->flags & CLI_REQUIRED) {
					char *option = malloc(64);

					snprintf(option, 64, "--%s=x", o->name);
					argv[n++] = option;
				}
			if (c->operands) {
				assert_int_equal(mhsm_argv(argv), CLI_USAGE);
				assert_has(child.err, "operands are missing");
			}
			argv[n] = "--"; /* or a list would take them */
			argv[n + 1] = argv[n + 2] = argv[n + 3] = "operand";
			assert_int_equal(mhsm_argv(argv), CLI_USAGE);
			assert_has(child.err, "unexpected operand \"operand\"");
			argv[n] = "--output=xml";
			argv[n + 1] = c->operands ? "x" : NULL;
			argv[n + 2] = c->operands && strchr(c->operands, ' ') ? "y" : NULL;
			argv[n + 3] = NULL;
			assert_int_equal(mhsm_argv(argv), CLI_USAGE);
			assert_has(child.err, "--output is table, json or tsv, not \"xml\"");
			for (int i = first; i < n; i++)
				free(argv[i]);
		}
}

static void test_wrong_values(void **state)
{
	(void)state;
#define WRONG(said, ...) \
	do { \
		assert_exit(CLI_USAGE, __VA_ARGS__, "--socket", "/nowhere", "--device", "/nowhere"); \
		assert_has(child.err, said); \
	} while (0)
	WRONG("given twice: \"name\"", "key", "show", "--name", "a", "-n", "b");
	WRONG("a name has 1 to 127", "key", "show", "--name", "../etc");
	WRONG("a name has 1 to 127", "key", "delete", "--name", "a b");
	WRONG("a name has 1 to 127", "key", "sign", "--name", "a%2f", "--in", "-");
	WRONG("32 hexadecimal digits", "key", "show", "--name", "a", "--version", "1234");
	WRONG("EC-HSM, RSA-HSM, OKP-HSM, oct-HSM and HMAC-HSM are", "key", "create", "--name", "a", "--kty", "DSA-HSM");
	WRONG("either --out", "key", "derive", "--name", "a", "--peer", "p");
	WRONG("either --out", "key", "derive", "--name", "a", "--peer", "p", "--out", "-", "--into", "b");
	WRONG("are for a --kdf", "key", "derive", "--name", "a", "--peer", "p", "--out", "-", "--length", "32");
	WRONG("are for a --kdf", "key", "derive", "--name", "a", "--peer", "p", "--out", "-", "--salt-file", "s");
	WRONG("--length is for --out", "key", "derive", "--name", "a", "--kdf", "HKDF-SHA256", "--into", "b", "--length", "9");
	WRONG("--into needs the --kty", "key", "derive", "--name", "a", "--kdf", "HKDF-SHA256", "--into", "b");
	WRONG("KDF-CTR-SHA512 are", "key", "derive", "--name", "a", "--kdf", "MD5", "--out", "-");
	WRONG("a name has 1 to 127", "key", "derive", "--name", "a b", "--peer", "p", "--out", "-");
	WRONG("2048, 3072 and 4096 are", "key", "create", "--name", "a", "--kty", "RSA-HSM", "--size", "1024");
	WRONG("--curve is not for RSA-HSM keys", "key", "create", "--name", "a", "--kty", "RSA-HSM", "--curve", "P-256");
	WRONG("Ed25519 and X25519 are", "key", "create", "--name", "a", "--kty", "OKP", "--curve", "P-256");
	WRONG("P-256, P-384, P-521 and P-256K are", "key", "create", "--name", "a", "--kty", "EC-HSM", "--curve", "P-224");
	WRONG("--size is not for EC-HSM", "key", "create", "--name", "a", "--kty", "EC", "--size", "256");
	WRONG("128, 192 and 256 are", "key", "create", "--name", "a", "--kty", "oct", "--size", "512");
	WRONG("standard input is no file", "key", "import", "--name", "a", "--kty", "oct", "--file", "-", "--wipe-source");
	WRONG("--curve is not for oct-HSM", "key", "create", "--name", "a", "--kty", "oct", "--curve", "P-256");
	WRONG("\"derive\" is none of", "key", "create", "--name", "a", "--kty", "EC", "--ops", "sign", "derive");
	WRONG("--keyring-release is for oct-HSM", "key", "create", "--name", "a", "--kty", "EC", "--keyring-release");
	WRONG("--keyring: \"@q\"", "keyring", "add", "d", "--name", "a", "--keyring", "@q");
	WRONG("--keyring: \"0\"", "keyring", "add", "d", "--name", "a", "--keyring", "0");
	WRONG("--name or --token", "keyring", "add", "d");
	WRONG("--name or --token", "keyring", "add", "d", "--name", "a", "--token", "t");
	WRONG("--form: \"x\"", "keyring", "release", "d", "--token", "t", "--form", "x");
	WRONG("--consumers is for oct-HSM", "key", "create", "--name", "a", "--kty", "EC", "--consumers");
	WRONG("is no number of uses", "key", "create", "--name", "a", "--kty", "EC", "--use-limit", "0");
	WRONG("is no number of uses", "key", "create", "--name", "a", "--kty", "EC", "--use-limit", "-1");
	WRONG("is no number of uses", "key", "create", "--name", "a", "--kty", "EC", "--use-limit", "");
	WRONG("is no number of uses", "key", "create", "--name", "a", "--kty", "EC", "--use-limit", "9223372036854775808");
	WRONG("is no number of uses", "key", "create", "--name", "a", "--kty", "EC", "--use-limit", "99999999999999999999");
	WRONG("--use-limit is not for", "key", "create", "--name", "a", "--kty", "oct", "--consumers", "--use-limit", "9");
	WRONG("is no time", "key", "create", "--name", "a", "--kty", "EC", "--expires", "tomorrow");
	WRONG("is no time", "key", "create", "--name", "a", "--kty", "EC", "--expires", "2030-02-31");
	WRONG("must be after", "key", "create", "--name", "a", "--kty", "EC", "--expires", "2030-01-01",
	      "--not-before", "2030-01-01T00:00:00Z");
	WRONG("as --pem-file (a key pair) or as --file", "key", "import", "--name", "a", "--kty", "oct");
	WRONG("as --pem-file (a key pair) or as --file", "key", "import", "--name", "a", "--kty", "oct", "--file", "-",
	      "--pem-file", "-");
	WRONG("give a key pair as PEM", "key", "import", "--name", "a", "--kty", "EC", "--file", "-");
	WRONG("multiples of 8 from 160 to 512 are", "key", "create", "--name", "a", "--kty", "HMAC-HSM", "--size", "152");
	WRONG("multiples of 8 from 160 to 512 are", "key", "create", "--name", "a", "--kty", "HMAC", "--size", "161");
	WRONG("multiples of 8 from 160 to 512 are", "key", "create", "--name", "a", "--kty", "HMAC", "--size", "256x");
	WRONG("multiples of 8 from 160 to 512 are", "key", "create", "--name", "a", "--kty", "HMAC", "--size", "");
	WRONG("--curve is not for HMAC-HSM", "key", "create", "--name", "a", "--kty", "HMAC", "--curve", "P-256");
	WRONG("CKM_AES_KEY_WRAP_KWP are", "key", "wrap", "--name", "a", "--algorithm", "A512KW", "--in", "-", "--out",
	      "-");
	WRONG("PEM or DER", "key", "download", "--name", "a", "--file", "-", "--encoding", "SSH");
	WRONG("--count is 1 to", "random", "--count", "0");
	WRONG("--count is 1 to", "random", "--count", "-5");
	WRONG("--count is 1 to", "random", "--count", "5x");
	WRONG("--count is 0 to", "audit", "tail", "--count", "x");
	WRONG("is no user or group", "provision", "--administrators", "no-such-user-here");
	WRONG("is no user or group", "provision", "--administrators", "role:root");
	WRONG("is no user or group", "provision", "--administrators", "group:");
	WRONG("is no user or group", "provision", "--administrators", "4294967295");
	WRONG("is not supported: xts", "volume", "token", "--kek", "a", "--cipher", "ecb");
	WRONG("512 are", "volume", "token", "--kek", "a", "--key-size", "128");
	WRONG("use xts", "volume", "format", "/dev/null", "--kek", "a", "--cipher", "ctr");
#undef WRONG
}

/* --- requests to mhsmd ------------------------------------------------------------------------------------------ */

static void test_status(void **state)
{
	static const struct route routes[] = {
		{ "GET", "/status", 200, "{\"state\":\"locked\",\"domain\":\"00ff\",\"keys\":3,\"module\":{\"abi\":1},"
					 "\"version\":\"0.1.0\",\"audit\":{\"batches\":7,\"lost\":0},\"ceremony\":"
					 "{\"status\":\"waiting\",\"approved\":1,\"required\":2,\"total\":3}}" },
		{ 0 },
	};
	json_t *object;

	(void)state;
	mhsmd_answers(routes);
	assert_exit(CLI_OK, "status", "--socket", mhsmd.socket);
	assert_has(child.out, "State:                 locked\n");
	assert_has(child.out, "Custodians approved:   1\n");
	assert_exit(CLI_OK, "status", "--output", "tsv", "--socket", mhsmd.socket);
	assert_string_equal(child.out, "locked\t00ff\t3\t0.1.0\t1\t\t7\t0\twaiting\t1\t2\n");
	assert_exit(CLI_OK, "status", "-ojson", "--socket", mhsmd.socket);
	object = json_loads(child.out, 0, NULL);
	assert_string_equal(json_string_value(json_object_get(object, "state")), "locked");
	json_decref(object);
	setenv("MHSM_SOCKET", mhsmd.socket, 1);
	assert_exit(CLI_OK, "status");
	unsetenv("MHSM_SOCKET");
	assert_exit(CLI_UNAVAILABLE, "status", "--socket", "/nowhere", "--device", "/nowhere");
	assert_has(child.err, "modprobe mhsm");
}

static void test_provision(void **state)
{
	static const struct route routes[] = { { "POST", "/provision", 200, "{\"domain\":\"abcd\"}" }, { 0 } };

	(void)state;
	mhsmd_answers(routes);
	assert_exit(CLI_OK, "provision", "--administrators", "root", "user:7", "group:root", "--administrators",
		    "group:99", "--socket", mhsmd.socket);
	assert_string_equal(mhsmd.last, "POST /provision\n{\"administrators\":[{\"kind\":\"user\",\"id\":0},"
					"{\"kind\":\"user\",\"id\":7},{\"kind\":\"group\",\"id\":0},"
					"{\"kind\":\"group\",\"id\":99}]}");
	assert_has(child.out, "Domain: abcd\n");
	/* an unambiguous beginning of an option is the option */
	assert_exit(CLI_OK, "provision", "--administrator", "root", "-o", "json", "--socket", mhsmd.socket);
	assert_string_equal(child.out, "{\n  \"domain\": \"abcd\"\n}\n");
}

static void test_lock_zeroize(void **state)
{
	static const struct route routes[] = {
		{ "POST", "/lock", 200, "{\"state\":\"locked\"}" },
		{ "POST", "/zeroize", 200, "{\"state\":\"zeroized\"}" },
		{ 0 },
	};

	(void)state;
	mhsmd_answers(routes);
	assert_exit(CLI_OK, "lock", "--socket", mhsmd.socket);
	assert_string_equal(mhsmd.last, "POST /lock\n{}");
	assert_string_equal(child.out, "State: locked\n");
	assert_exit(CLI_OK, "zeroize", "--confirm", "00ff", "--socket", mhsmd.socket);
	assert_string_equal(mhsmd.last, "POST /zeroize\n{\"confirm\":\"00ff\"}");
}

#define BUNDLE \
	"{\"key\":{\"kid\":\"http://localhost/keys/k1/0123456789abcdef0123456789abcdef\",\"kty\":\"EC-HSM\"," \
	"\"key_ops\":[\"sign\",\"verify\"],\"crv\":\"P-256\"},\"attributes\":{\"enabled\":true,\"created\":1700000000," \
	"\"updated\":1700000000},\"mhsm\":{\"owner\":{\"kind\":\"user\",\"id\":0},\"consumers\":false}}"

static void test_key_requests(void **state)
{
	static const struct route routes[] = {
		{ "POST", "/keys/k1/create", 200, BUNDLE },
		{ "GET", "/keys/k1", 200, BUNDLE },
		{ "GET", "/keys/k1/0123456789abcdef0123456789abcdef", 200, BUNDLE },
		{ "GET", "/keys/k1/versions", 200, "{\"value\":[{\"kid\":\"http://localhost/keys/k1/0a\",\"attributes\":"
						   "{\"enabled\":false,\"created\":1}}],\"nextLink\":null}" },
		{ "DELETE", "/keys/k1", 200, BUNDLE },
		{ "GET", "/deletedkeys", 200, "{\"value\":[{\"kid\":\"http://localhost/keys/k1\",\"deletedDate\":1}]}" },
		{ "GET", "/deletedkeys/k1", 200, BUNDLE },
		{ "POST", "/deletedkeys/k1/recover", 200, BUNDLE },
		{ "DELETE", "/deletedkeys/k1", 204, "" },
		{ 0 },
	};

	(void)state;
	mhsmd_answers(routes);
	assert_exit(CLI_OK, "key", "create", "--name", "k1", "--kty", "EC-HSM", "--ops", "sign", "verify", "--socket",
		    mhsmd.socket);
	assert_string_equal(mhsmd.last, "POST /keys/k1/create\n{\"kty\":\"EC-HSM\",\"attributes\":{\"enabled\":true},"
					"\"crv\":\"P-256\",\"key_ops\":[\"sign\",\"verify\"]}");
	assert_has(child.out, "Name:              k1\n");
	assert_has(child.out, "Version:           0123456789abcdef0123456789abcdef\n");
	assert_has(child.out, "Operations:        sign,verify\n");
	assert_has(child.out, "Created:           2023-11-14T22:13:20Z\n");
	assert_has(child.out, "Owner:             user:root\n");
	assert_null(strstr(child.out, "Expires")); /* what it has not is not shown */
	assert_exit(CLI_OK, "key", "create", "-n", "k1", "--kty", "oct", "--size", "128", "--consumers", "--disabled",
		    "--not-before", "2030-01-01T00:00:00Z", "--expires", "1893456001", "--socket", mhsmd.socket);
	assert_string_equal(mhsmd.last, "POST /keys/k1/create\n{\"kty\":\"oct-HSM\",\"attributes\":{\"enabled\":false,"
					"\"nbf\":1893456000,\"exp\":1893456001},\"key_size\":128,"
					"\"mhsm\":{\"consumers\":true}}");
	assert_exit(CLI_OK, "key", "create", "-n", "k1", "--kty", "EC", "--use-limit", "9223372036854775807", "--socket",
		    mhsmd.socket);
	assert_has(mhsmd.last, "\"mhsm\":{\"use_limit\":9223372036854775807}}");
	assert_exit(CLI_OK, "key", "show", "--name", "k1", "-o", "json", "--socket", mhsmd.socket);
	assert_has(child.out, "\"kty\": \"EC-HSM\"");
	assert_exit(CLI_OK, "key", "show", "-n", "k1", "-v", "0123456789abcdef0123456789abcdef", "--socket",
		    mhsmd.socket);
	assert_exit(CLI_OK, "key", "versions", "--name", "k1", "--socket", mhsmd.socket);
	assert_string_equal(child.out, "VERSION  ENABLED  CREATED               UPDATED  EXPIRES\n"
				       "0a       no       1970-01-01T00:00:01Z\n");
	assert_exit(CLI_OK, "key", "delete", "--name", "k1", "--socket", mhsmd.socket);
	assert_string_equal(mhsmd.last, "DELETE /keys/k1\n");
	assert_exit(CLI_OK, "key", "list-deleted", "--socket", mhsmd.socket, "-otsv");
	assert_string_equal(child.out, "k1\t1970-01-01T00:00:01Z\t\n");
	assert_exit(CLI_OK, "key", "show-deleted", "--name", "k1", "--socket", mhsmd.socket);
	assert_exit(CLI_OK, "key", "recover", "--name", "k1", "--socket", mhsmd.socket);
	assert_string_equal(mhsmd.last, "POST /deletedkeys/k1/recover\n{}");
	assert_exit(CLI_OK, "key", "purge", "--name", "k1", "--socket", mhsmd.socket);
	assert_string_equal(mhsmd.last, "DELETE /deletedkeys/k1\n");
}

/* What others chose as a name is not let loose on the terminal. */
static void test_control_characters(void **state)
{
	static const struct route routes[] = {
		{ "GET", "/keys", 200, "{\"value\":[{\"kid\":\"http://localhost/keys/a\\u001b[2Jb\\nc/1\"}]}" }, { 0 }
	};

	(void)state;
	mhsmd_answers(routes);
	assert_exit(CLI_OK, "key", "list", "-otsv", "--socket", mhsmd.socket);
	assert_string_equal(child.out, "a?[2Jb?c\t\t\t\t\n");
}

static void test_audit(void **state)
{
	static char full_page[8192] = "{\"value\":[{\"time\":\"t1\",\"operationName\":\"KeySign\"}";
	static const struct route good[] = {
		{ "GET", "/audit/verify", 200, "{\"verified\":true,\"batches\":3,\"records\":9,\"failure\":null}" },
		{ "GET", "/status", 200, "{\"audit\":{\"batches\":30}}" },
		{ "GET", "/audit/records?after=27&max=200", 200, full_page },
		{ "GET", "/audit/records?after=28&max=200", 200, "{\"value\":[{\"time\":\"t3\"}],\"next\":29}" },
		{ 0 },
	};
	static const struct route bad[] = {
		{ "GET", "/audit/verify", 200, "{\"verified\":false,\"batches\":3,\"failure\":{\"batch\":2,\"record\":5,"
					       "\"reason\":\"MAC\"}}" },
		{ "GET", "/status", 200, "{\"audit\":{\"batches\":1}}" },
		{ "GET", "/audit/records?after=-1&max=200", 200, "{\"value\":7}" },
		{ 0 },
	};

	(void)state;
	for (int i = 1; i < 200; i++)
		strcat(full_page, ",{\"time\":\"t2\"}");
	strcat(full_page, "],\"next\":28}");
	mhsmd_answers(good);
	assert_exit(CLI_OK, "audit", "verify", "--socket", mhsmd.socket);
	assert_has(child.out, "Verified:        yes\n");
	assert_exit(CLI_OK, "audit", "tail", "--count", "2", "-otsv", "--socket", mhsmd.socket);
	assert_string_equal(child.out, "t2\t\t\t\t\t\t\t\t\t\nt3\t\t\t\t\t\t\t\t\t\n");
	mhsmd_answers(bad);
	assert_exit(CLI_INVALID, "audit", "verify", "--socket", mhsmd.socket);
	assert_has(child.out, "Fails at record: 5\n");
	assert_exit(CLI_FAIL, "audit", "tail", "--socket", mhsmd.socket);
}

/* --- the security domain ---------------------------------------------------------------------------------------- */

static void make_certificate(int i)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "cd %s && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=c%d -keyout c%d.key -out c%d.pem "
		 "2>/dev/null && openssl x509 -in c%d.pem -outform DER -out c%d.der", mhsmd.folder, i, i, i, i, i);
	assert_int_equal(system(command), 0);
}

static int exit_download(const char *out, const char *quorum, const char *third)
{
	char a[64], b[64];

	snprintf(a, sizeof(a), "%s/c0.pem", mhsmd.folder);
	snprintf(b, sizeof(b), "%s/c1.pem", mhsmd.folder);
	return mhsm("security-domain", "download", "--sd-wrapping-keys", a, b, (char *)third, "--sd-quorum",
		    (char *)quorum, "--security-domain-file", (char *)out, "--socket", mhsmd.socket);
}

static void check_jwk(const json_t *jwk)
{
	struct buffer der;
	char path[64], *text;

	snprintf(path, sizeof(path), "%s/c0.der", mhsmd.folder);
	assert_int_equal(file_read(path, 4096, &der), 0);
	text = encode_base64(der.data, der.len);
	assert_string_equal(json_string_value(json_array_get(json_object_get(jwk, "x5c"), 0)), text);
	free(text);
	buffer_free(&der);
	assert_int_equal(strlen(json_string_value(json_object_get(jwk, "x5t"))), 27); /* SHA-1 */
	assert_int_equal(strlen(json_string_value(json_object_get(jwk, "x5t#S256"))), 43);
	assert_int_equal(strlen(json_string_value(json_object_get(jwk, "n"))), 342); /* 256 bytes, no padding */
	assert_string_equal(json_string_value(json_object_get(jwk, "e")), "AQAB");
	assert_string_equal(json_string_value(json_object_get(jwk, "alg")), "RSA-OAEP-256");
}

static void test_download(void **state)
{
	static const struct route good[] = {
		{ "POST", "/securitydomain/download", 202, "{\"value\":\"{\\\"version\\\":2}\"}" },
		{ "GET", "/securitydomain/download/pending", 200, "{\"status\":\"Success\",\"status_details\":\"\"}" },
		{ "GET", "/securitydomain", 200, "{\"value\":\"{\\\"version\\\":2,\\\"SharedKeys\\\":{\\\"required\\\":2,"
						 "\\\"enc_shares\\\":[{\\\"x5t_256\\\":\\\"AA\\\"},"
						 "{\\\"x5t_256\\\":\\\"BB\\\"}]}}\"}" },
		{ 0 },
	};
	static const struct route refused[] = {
		{ "POST", "/securitydomain/download", 403, "{\"error\":{\"code\":\"Forbidden\",\"message\":\"no\"}}" },
		{ 0 },
	};
	char out[64], third[64];
	struct buffer file;
	struct stat st;
	json_t *body;

	(void)state;
	for (int i = 0; i < 3; i++)
		make_certificate(i);
	snprintf(out, sizeof(out), "%s/sd.json", mhsmd.folder);
	snprintf(third, sizeof(third), "%s/c2.pem", mhsmd.folder);

	mhsmd_answers(refused);
	assert_int_equal(exit_download(out, "2", third), CLI_DENIED);
	assert_int_equal(access(out, F_OK), -1); /* a refused download leaves no file */
	body = json_loads(strchr(mhsmd.last, '\n') + 1, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(body, "required")), 2);
	assert_int_equal(json_array_size(json_object_get(body, "certificates")), 3);
	check_jwk(json_array_get(json_object_get(body, "certificates"), 0));
	json_decref(body);

	mhsmd_answers(good);
	assert_int_equal(exit_download(out, "1", third), CLI_USAGE);
	assert_int_equal(exit_download(out, "4", third), CLI_USAGE);
	assert_int_equal(exit_download(out, "2", "/nowhere.pem"), CLI_MISSING);
	assert_int_equal(exit_download(out, "2", "/dev/null"), CLI_FAIL);
	assert_has(child.err, "no certificate in PEM form");
	assert_int_equal(exit_download("/no/such/folder", "2", third), CLI_MISSING);
	assert_int_equal(mhsmd.requests, 0); /* nothing of that activated an HSM */

	assert_int_equal(exit_download(out, "2", third), CLI_OK);
	assert_has(child.out, "2 of 3 custodians open it");
	assert_int_equal(file_read(out, 4096, &file), 0);
	assert_int_equal(file.len, 13);
	assert_memory_equal(file.data, "{\"version\":2}", 13);
	buffer_free(&file);
	assert_int_equal(stat(out, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(exit_download(out, "2", third), CLI_CONFLICT); /* no security domain is overwritten */

	assert_exit(CLI_OK, "security-domain", "show", "--socket", mhsmd.socket);
	assert_string_equal(child.out, "Quorum:     2\nCustodians: AA,BB\nVersion:    2\n");
	assert_exit(CLI_CONFLICT, "security-domain", "show", "--security-domain-file", out, "--socket", mhsmd.socket);
	unlink(out);
	assert_exit(CLI_OK, "security-domain", "show", "--security-domain-file", out, "--socket", mhsmd.socket);
	assert_int_equal(access(out, F_OK), 0);
}

struct custodian {
	int listener;
	const char *reply;
};

static void *serve_custodian(void *arg)
{
	const struct custodian *custodian = arg;
	int fd = accept(custodian->listener, NULL, NULL);
	char text[64];

	if (recv(fd, text, sizeof(text), 0) > 0 && send(fd, custodian->reply, strlen(custodian->reply), 0) < 0)
		abort();
	close(fd);
	return NULL;
}

static int exit_approve(const char *answer, const char *extra, const char *value)
{
	char path[64], body[256], key[64];
	struct route routes[] = { { "POST", "/securitydomain/ceremony", 200, body }, { 0 } };
	struct custodian custodian = { .reply = answer };
	pthread_t thread;
	int ret;

	snprintf(path, sizeof(path), "%s/quorum.sock", mhsmd.folder);
	snprintf(body, sizeof(body), "{\"status\":\"waiting\",\"approved\":0,\"required\":2,\"socket\":\"%s\"}", path);
	snprintf(key, sizeof(key), "%s/c0.key", mhsmd.folder);
	mhsmd_answers(routes);
	custodian.listener = listen_unix(path, SOCK_SEQPACKET);
	pthread_create(&thread, NULL, serve_custodian, &custodian);
	ret = mhsm("security-domain", "approve", "--key", key, "--socket", mhsmd.socket, (char *)extra, (char *)value);
	if (!strstr(mhsmd.last, "ceremony")) /* it gave up before: let the thread go */
		close(socket(AF_UNIX, SOCK_STREAM, 0)), shutdown(custodian.listener, SHUT_RDWR);
	pthread_join(thread, NULL);
	close(custodian.listener);
	mhsmd_answers(NULL);
	return ret;
}

static void test_approve(void **state)
{
	char pass[64];

	(void)state;
	assert_int_equal(exit_approve("{\"approved\":1,\"required\":2,\"status\":\"waiting\"}", NULL, NULL), CLI_OK);
	assert_string_equal(child.out, "approved: 1 of 2\n");
	assert_int_equal(exit_approve("{\"approved\":2,\"required\":2,\"status\":\"restored\"}", "-o", "tsv"), CLI_OK);
	assert_string_equal(child.out, "2\t2\trestored\n");
	snprintf(pass, sizeof(pass), "%s/pass", mhsmd.folder);
	assert_int_equal(file_write(pass, 0600, "secret\n", 7), 0);
	assert_int_equal(exit_approve("{\"approved\":2,\"required\":2,\"status\":\"restored\"}", "--passphrase-file",
				      pass), CLI_OK);
	assert_string_equal(child.out, "approved: 2 of 2, the HSM is active\n");
	assert_int_equal(exit_approve("{\"error\":{\"code\":\"WrongKey\",\"message\":\"\"}}", NULL, NULL), CLI_INVALID);
	assert_has(child.err, "opens no share of this security domain");
	assert_int_equal(exit_approve("{\"error\":{\"code\":\"AlreadyApproved\"}}", NULL, NULL), CLI_CONFLICT);
	assert_int_equal(exit_approve("{\"error\":{\"code\":\"BadPassphrase\"}}", NULL, NULL), CLI_DENIED);
	assert_has(child.err, "--passphrase-file");
	assert_int_equal(exit_approve("{\"error\":{\"code\":\"Else\",\"message\":\"why not\"}}", NULL, NULL), CLI_FAIL);
	assert_has(child.err, "Else: why not");
	assert_exit(CLI_MISSING, "security-domain", "approve", "--key", "/nowhere.key", "--socket", mhsmd.socket);
	{
		static const struct route gone[] = {
			{ "POST", "/securitydomain/ceremony", 200, "{\"socket\":\"/nowhere/quorum.sock\"}" }, { 0 }
		};

		mhsmd_answers(gone);
		assert_exit(CLI_UNAVAILABLE, "security-domain", "approve", "--key", "/dev/null", "--socket",
			    mhsmd.socket);
		assert_has(child.err, "the ceremony ended meanwhile");
	}
}

static void test_cancel(void **state)
{
	static const struct route routes[] = { { "DELETE", "/securitydomain/ceremony", 204, "" }, { 0 } };

	(void)state;
	mhsmd_answers(routes);
	assert_exit(CLI_OK, "security-domain", "cancel", "--socket", mhsmd.socket);
	assert_string_equal(mhsmd.last, "DELETE /securitydomain/ceremony\n");
}

static void test_full_disk(void **state)
{
	char command[128];

	(void)state;
	/* a script must not take half a list for all of it */
	snprintf(command, sizeof(command), "/dev/full");
	fflush(NULL);
	{
		int status;
		pid_t pid = fork();

		if (pid == 0) {
			dup2(open(command, O_WRONLY), STDOUT_FILENO);
			dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
			status = cli_main(2, (char *[]){ "mhsm", "version", NULL });
			_exit(status);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(WEXITSTATUS(status), CLI_FAIL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_help),	    cmocka_unit_test(test_usage_of_all),
		cmocka_unit_test(test_wrong_values), cmocka_unit_test(test_status),
		cmocka_unit_test(test_provision),   cmocka_unit_test(test_lock_zeroize),
		cmocka_unit_test(test_key_requests), cmocka_unit_test(test_control_characters),
		cmocka_unit_test(test_audit),	    cmocka_unit_test(test_download),
		cmocka_unit_test(test_approve),	    cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, mhsmd_start, mhsmd_stop);
}
