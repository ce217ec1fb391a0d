// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tools/http.c tools/error.c tools/output.c tools/encode.c tools/file.c tools/cli.c tools/status.c tools/provision.c
 * tools/domain.c tools/quorum.c tools/key.c tools/keyderive.c tools/keyop.c tools/keycrypt.c tools/keyimport.c tools/keyrsa.c tools/pem.c tools/keysign.c
 * tools/sigalg.c tools/keyspec.c kmod/pkcs8.c kmod/spki.c tools/volume.c tools/volumerotate.c tools/volumeconvert.c tools/luks.c
 * tools/lukshdr.c tools/lukstoken.c tools/volumelive.c tools/volumelist.c pkg:libcryptsetup tools/run.c
 * tools/random.c tools/keyring.c tools/audit.c tools/lock.c tools/nouns.c libmhsm pkg:libcurl pkg:jansson pkg:libmicrohttpd -lcrypto
 */
/* The commands that use the device, against a stand-in for it; OpenSSL checks what they write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/unit/cli_child.h"
#include "tests/unit/fake_hsm.h"

static char folder[32];

static char *in(const char *name)
{
	static char paths[8][64];
	static int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static void put(const char *name, const void *data, size_t len)
{
	assert_int_equal(file_write(in(name), 0666, data, len), 0);
}

/* The top bit of the byte at @at changes. */
static void alter(const char *name, size_t at)
{
	unsigned char data[64];
	FILE *f = fopen(in(name), "rb");
	size_t len;

	assert_non_null(f);
	len = fread(data, 1, sizeof(data), f);
	fclose(f);
	assert_true(at < len && len < sizeof(data));
	data[at] ^= 0x80;
	put(name, data, len);
}

static int equal(const char *a, const char *b)
{
	char command[200];

	snprintf(command, sizeof(command), "cmp -s %s %s", in(a), in(b));
	return system(command) == 0;
}

static int shell(const char *text)
{
	char command[1200];

	snprintf(command, sizeof(command), "cd %s && (%s) >log 2>&1", folder, text);
	return system(command);
}

static void add_key(const char *name, uint32_t type, uint32_t param, uint32_t ops, uint32_t flags)
{
	struct mhsm_key_spec spec = { .name = name, .type = type, .param = param, .ops = ops,
				      .flags = MHSM_KEY_ENABLED | flags };
	int session = mhsm_open("/dev/null"), key = mhsm_key_create(session, &spec);

	assert_true(key >= 0);
	close(key);
	close(session);
}

static int start(void **state)
{
	static char large[MHSM_BULK_MAX + 1];

	(void)state;
	strcpy(folder, "/tmp/mhsm-unit-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	setenv("MHSM_DEVICE", "/dev/null", 1);
	fake_reset();
	add_key("signer", MHSM_KEY_EC, MHSM_CURVE_P256, 0, 0);
	add_key("verifier", MHSM_KEY_EC, MHSM_CURVE_P256, MHSM_OP_VERIFY, 0);
	add_key("box", MHSM_KEY_AES, 256, 0, 0);
	add_key("cipher", MHSM_KEY_AES, 192, MHSM_OP_ENCRYPT | MHSM_OP_DECRYPT, 0);
	add_key("disks", MHSM_KEY_AES, 256, MHSM_OP_WRAP | MHSM_OP_UNWRAP, MHSM_KEY_CONSUMERS);
	put("hello", "hello", 5);
	put("empty", "", 0);
	memset(large, 'L', sizeof(large));
	put("large", large, 3 << 20);
	put("bulk", large, MHSM_BULK_MAX);
	put("huge", large, MHSM_BULK_MAX + 1);
	put("blocks", large, 4096);
	put("edge", large, MHSM_DATA_MAX);
	put("over", large, MHSM_DATA_MAX + 1);
	return 0;
}

static int stop(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	fake_reset();
	return system(command);
}

static void test_sign_verify(void **state)
{
	static const char *const files[] = { "hello", "empty", "edge", "over", "large" };
	char command[256];

	(void)state;
	assert_exit(CLI_OK, "key", "download", "-n", "signer", "--file", in("pub.pem"));
	assert_exit(CLI_OK, "key", "download", "-n", "signer", "-f", in("pub.der"), "-e", "DER");
	assert_int_equal(shell("openssl pkey -pubin -in pub.pem -outform DER -out check.der"), 0);
	assert_true(equal("check.der", "pub.der"));
	for (size_t i = 0; i < 5; i++) {
		assert_exit(CLI_OK, "key", "sign", "-n", "signer", "--algorithm", "ES256", "--in", in(files[i]),
			    "--out", in("sig.der"), "--der");
		snprintf(command, sizeof(command), "openssl dgst -sha256 -verify pub.pem -signature sig.der %s", files[i]);
		assert_int_equal(shell(command), 0);
		assert_exit(CLI_OK, "key", "verify", "-n", "signer", "--in", in(files[i]), "--signature", in("sig.der"),
			    "--der");
		assert_exit(CLI_OK, "key", "sign", "-n", "signer", "--in", in(files[i]), "--out", in("sig"));
		assert_exit(CLI_OK, "key", "verify", "-n", "signer", "--in", in(files[i]), "--signature", in("sig"));
		assert_exit(CLI_INVALID, "key", "verify", "-n", "signer", "--in", in("pub.pem"), "--signature",
			    in("sig"), "-o", "json");
		assert_string_equal(child.out, "{\n  \"value\": false\n}\n");
	}
	assert_exit(CLI_INVALID, "key", "verify", "-n", "signer", "--in", in("large"), "--signature", in("hello"));
	assert_exit(CLI_INVALID, "key", "verify", "-n", "signer", "--in", in("large"), "--signature", in("large"));
	assert_exit(CLI_INVALID, "key", "verify", "-n", "signer", "--in", in("large"), "--signature", in("sig"), "--der");
	assert_exit(CLI_MISSING, "key", "verify", "-n", "signer", "--in", in("large"), "--signature", in("none"));
	child.in = "hello";
	child.in_len = 5;
	assert_exit(CLI_OK, "key", "sign", "-n", "signer", "--in", "-", "-otsv");
	assert_int_equal(strlen(child.out), 87); /* base64url of 64 bytes, and the end of line */
}

static void test_refusals(void **state)
{
	(void)state;
	assert_exit(CLI_USAGE, "key", "sign", "-n", "signer", "--algorithm", "RS256", "--in", in("hello"));
	assert_exit(CLI_USAGE, "key", "verify", "-n", "signer", "--algorithm", "x", "--in", in("hello"), "--signature",
		    in("hello"));
	assert_exit(CLI_MISSING, "key", "sign", "-n", "nobody", "--in", in("hello"));
	assert_has(child.err, "mhsm: key \"nobody\": no such key: list keys with \"mhsm key list\"");
	assert_exit(CLI_DENIED, "key", "sign", "-n", "verifier", "--in", in("hello"));
	assert_has(child.err, "mhsm key show");
	assert_exit(CLI_MISSING, "key", "sign", "-n", "signer", "--in", in("none"));
	assert_has(child.err, "No such file");
	assert_exit(CLI_MISSING, "key", "sign", "-n", "signer", "--in", in("hello"), "--out", "/no/such/folder");
	assert_exit(CLI_FAIL, "key", "download", "-n", "box", "--file", "-");
	assert_has(child.err, "no public part");
	assert_exit(CLI_USAGE, "key", "sign", "-n", "signer", "-v", "12", "--in", in("hello"));
	hsm.state = MHSM_STATE_LOCKED;
	assert_exit(CLI_UNAVAILABLE, "key", "sign", "-n", "signer", "--in", in("hello"));
	assert_has(child.err, "the HSM is locked: have its custodians unlock it: mhsm security-domain approve");
	assert_exit(CLI_UNAVAILABLE, "random");
	assert_exit(CLI_OK, "status", "--socket", "/nowhere", "-otsv"); /* the kernel alone knows this much */
	assert_has(child.out, "locked\td0d0d0d0");
	hsm.state = MHSM_STATE_PROVISIONED;
	assert_exit(CLI_UNAVAILABLE, "random");
	assert_has(child.err, "mhsm security-domain download");
	hsm.state = MHSM_STATE_UNPROVISIONED;
	assert_exit(CLI_UNAVAILABLE, "random");
	assert_has(child.err, "mhsm provision");
	hsm.state = MHSM_STATE_ACTIVE;
}

static void test_encrypt_decrypt(void **state)
{
	static const char *const files[] = { "hello", "empty", "edge", "bulk" };
	struct stat st;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		off_t size;

		assert_exit(CLI_OK, "key", "encrypt", "-n", "box", "--in", in(files[i]), "--out", in("enc"));
		assert_int_equal(stat(in(files[i]), &st), 0);
		size = st.st_size;
		assert_int_equal(stat(in("enc"), &st), 0);
		assert_int_equal(st.st_size, size + 28);
		assert_exit(CLI_OK, "key", "decrypt", "-n", "box", "--in", in("enc"), "--out", in("dec"));
		assert_true(equal(files[i], "dec"));
		assert_int_equal(stat(in("dec"), &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	assert_exit(CLI_FAIL, "key", "encrypt", "-n", "box", "--in", in("huge"), "--out", in("enc"));
	assert_has(child.err, "longer than this command takes");
	assert_exit(CLI_OK, "key", "encrypt", "-n", "box", "--algorithm", "A256GCM", "--in", in("hello"), "--out",
		    in("enc"), "--aad-file", in("empty"));
	assert_exit(CLI_FAIL, "key", "encrypt", "-n", "box", "--algorithm", "A128GCM", "--in", in("hello"), "--out",
		    in("enc"));
	assert_exit(CLI_OK, "key", "encrypt", "-n", "box", "--in", in("hello"), "--out", in("enc"), "--aad-file",
		    in("hello"));
	unlink(in("dec"));
	assert_exit(CLI_INVALID, "key", "decrypt", "-n", "box", "--in", in("enc"), "--out", in("dec"));
	assert_int_equal(access(in("dec"), F_OK), -1);
	assert_exit(CLI_OK, "key", "decrypt", "-n", "box", "--in", in("enc"), "--out", in("dec"), "--aad-file",
		    in("hello"));
	assert_exit(CLI_INVALID, "key", "decrypt", "-n", "box", "--in", in("hello"), "--out", in("dec"));
	assert_has(child.err, "too short");
}

static void test_ciphers(void **state)
{
	static const struct {
		char *alg;
		const char *file;
		off_t more;
	} cases[] = {
		{ "A192CBC", "blocks", 16 },	 { "A192CBC", "empty", 16 },	 { "A192CBC", "bulk", 16 },
		{ "A192CBCPAD", "hello", 27 },	 { "A192CBCPAD", "empty", 32 }, { "A192CBCPAD", "bulk", 32 },
		{ "A192CTR", "hello", 16 },	 { "A192CTR", "empty", 16 },	 { "A192CTR", "over", 16 },
	};
	struct stat st;
	off_t size;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_exit(CLI_OK, "key", "encrypt", "-n", "cipher", "-a", cases[i].alg, "--in", in(cases[i].file), "--out",
			    in("enc"));
		assert_int_equal(stat(in(cases[i].file), &st), 0);
		size = st.st_size;
		assert_int_equal(stat(in("enc"), &st), 0);
		assert_int_equal(st.st_size, size + cases[i].more);
		assert_exit(CLI_OK, "key", "decrypt", "-n", "cipher", "-a", cases[i].alg, "--in", in("enc"), "--out",
			    in("dec"));
		assert_true(equal(cases[i].file, "dec"));
	}
	assert_exit(CLI_FAIL, "key", "encrypt", "-n", "cipher", "-a", "A192CBC", "--in", in("hello"), "--out", in("enc"));
	assert_has(child.err, "no multiple of 16, as CBC wants them: use CBCPAD");
	assert_exit(CLI_DENIED, "key", "encrypt", "-n", "box", "-a", "A256CTR", "--in", in("hello"), "--out", in("enc"));
	assert_has(child.err, "--ops encrypt decrypt");
	assert_exit(CLI_USAGE, "key", "encrypt", "-n", "cipher", "-a", "A192CTR", "--in", in("hello"), "--out", in("enc"),
		    "--aad-file", in("hello"));
	assert_has(child.err, "authenticates nothing");
	for (size_t i = 0; i < 6; i++) {
		static char *const names[] = { "A192CFB", "A160CTR", "192CTR", "A192", "", "CTR" };

		assert_exit(CLI_USAGE, "key", "encrypt", "-n", "cipher", "-a", names[i], "--in", in("hello"), "--out",
			    in("enc"));
		assert_has(child.err, "is not supported");
	}
	assert_exit(CLI_FAIL, "key", "decrypt", "-n", "cipher", "-a", "A192CBCPAD", "--in", in("over"), "--out", in("dec"));
	assert_has(child.err, "no multiple of 16");
	assert_exit(CLI_INVALID, "key", "decrypt", "-n", "cipher", "-a", "A192CTR", "--in", in("hello"), "--out", in("dec"));
	assert_has(child.err, "too short");
	assert_exit(CLI_OK, "key", "encrypt", "-n", "cipher", "-a", "A192CBCPAD", "--in", in("hello"), "--out", in("wrong"));
	alter("wrong", 15); /* of the IV, which the last byte of the padding is made of */
	assert_exit(CLI_INVALID, "key", "decrypt", "-n", "cipher", "-a", "A192CBCPAD", "--in", in("wrong"), "--out",
		    in("dec"));
	assert_has(child.err, "and padded, or altered");
}

static void test_wrap_unwrap(void **state)
{
	struct stat st;

	(void)state;
	assert_exit(CLI_OK, "key", "wrap", "-n", "box", "--in", in("hello"), "--out", in("wrapped"));
	assert_exit(CLI_OK, "key", "unwrap", "-n", "box", "--in", in("wrapped"), "--out", in("unwrapped"));
	assert_true(equal("hello", "unwrapped"));
	assert_int_equal(stat(in("unwrapped"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_exit(CLI_FAIL, "key", "wrap", "-n", "box", "--algorithm", "A256KW", "--in", in("hello"), "--out", "-");
	assert_has(child.err, "5 bytes are no length for this algorithm: use CKM_AES_KEY_WRAP_KWP");
	put("key32", "0123456789abcdef0123456789abcdef", 32);
	assert_exit(CLI_OK, "key", "wrap", "-n", "box", "--algorithm", "A256KW", "--in", in("key32"), "--out",
		    in("wrapped"));
	assert_exit(CLI_INVALID, "key", "unwrap", "-n", "box", "--in", in("wrapped"), "--out", in("x"));
	assert_exit(CLI_OK, "key", "unwrap", "-n", "box", "--algorithm", "A256KW", "--in", in("wrapped"), "--out",
		    in("x"));
	assert_true(equal("key32", "x"));
	assert_exit(CLI_FAIL, "key", "wrap", "-n", "box", "--in", in("large"), "--out", "-");
}

static void test_import(void **state)
{
	static const unsigned char zero[16];
	unsigned char left[17];
	FILE *file;

	(void)state;
	put("key16", "0123456789abcdef", 16);
	assert_exit(CLI_OK, "key", "import", "-n", "old", "--kty", "oct-HSM", "--file", in("key16"), "--ops", "encrypt",
		    "-o", "tsv");
	assert_has(child.out, "\t128\tencrypt\n");
	child.in = "0123456789abcdef0123456789abcdef";
	child.in_len = 32;
	assert_exit(CLI_OK, "key", "import", "-n", "old2", "--kty", "oct", "--file", "-");
	assert_exit(CLI_FAIL, "key", "import", "-n", "old3", "--kty", "oct", "--file", in("hello"));
	assert_has(child.err, "16, 24 or 32 bytes, not 5");
	assert_exit(CLI_FAIL, "key", "import", "-n", "old3", "--kty", "HMAC-HSM", "--file", in("key16"));
	assert_has(child.err, "20 to 64 bytes, not 16");
	child.in = "0123456789abcdef0123456789abcdef0123456789a";
	child.in_len = 43;
	assert_exit(CLI_OK, "key", "import", "-n", "mac", "--kty", "HMAC-HSM", "--file", "-", "-o", "tsv");
	assert_has(child.out, "\t344\tsign,verify\n");
	assert_exit(CLI_FAIL, "key", "import", "-n", "old3", "--kty", "oct", "--file", in("edge"));
	assert_has(child.err, "longer than");

	/* The source is wiped only once the key is in, and only if it is the file itself. */
	assert_exit(CLI_FAIL, "key", "import", "-n", "old4", "--kty", "oct", "--file", in("hello"), "--wipe-source");
	assert_int_equal(access(in("hello"), F_OK), 0);
	assert_int_equal(symlink("key16", in("link16")), 0);
	assert_exit(CLI_FAIL, "key", "import", "-n", "old5", "--kty", "oct", "--file", in("link16"), "--wipe-source");
	assert_has(child.err, "the key is in the HSM: destroy the file yourself");
	assert_int_equal(access(in("key16"), F_OK), 0);
	assert_int_equal(link(in("key16"), in("twin16")), 0);
	assert_exit(CLI_OK, "key", "import", "-n", "old6", "--kty", "oct", "--file", in("key16"), "--wipe-source");
	assert_int_equal(access(in("key16"), F_OK), -1);
	/* What another name still shows of it is nothing. */
	file = fopen(in("twin16"), "rb");
	assert_non_null(file);
	assert_int_equal(fread(left, 1, sizeof(left), file), 16);
	fclose(file);
	assert_memory_equal(left, zero, 16);
}

static void test_random(void **state)
{
	struct stat st;

	(void)state;
	assert_exit(CLI_OK, "random", "--count", "5");
	assert_int_equal(strlen(child.out), 11);
	assert_int_equal(strspn(child.out, "0123456789abcdef"), 10);
	assert_exit(CLI_OK, "random", "-o", "json");
	assert_int_equal(strlen(child.out), strlen("{\n  \"value\": \"\"\n}\n") + 64);
	assert_exit(CLI_OK, "random", "--count", "100000", "--out", in("rnd"));
	assert_int_equal(stat(in("rnd"), &st), 0);
	assert_int_equal(st.st_size, 100000);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* --- volumes: the real cryptsetup on a file; opening needs device-mapper, and is tested in a virtual machine ------ */

static void test_volume_format(void **state)
{
	(void)state;
	assert_int_equal(shell("truncate -s 32M disk"), 0);
	assert_exit(CLI_OK, "volume", "format", in("disk"), "--kek", "disks", "--label", "demo");
	assert_has(child.out, "wrapped under key \"disks\"");
	assert_int_equal(shell("cryptsetup isLuks --type luks2 disk && "
			       "cryptsetup luksDump --dump-json-metadata disk > dump.json && "
			       "jq -e '(.keyslots | keys) == [\"0\"] and .tokens[\"0\"].type == \"mhsm\" and "
			       "  .tokens[\"0\"].kek == \"disks\" and .tokens[\"0\"].keyslots == [\"0\"] and "
			       "  (.tokens[\"0\"].version | test(\"^[0-9a-f]{32}$\")) and "
			       "  .segments[\"0\"].encryption == \"paes-xts-plain64\"' dump.json && "
			       "jq -r '.tokens[\"0\"].token' dump.json | base64 -d > token && "
			       "test $(stat -c %s token) = 128 && head -c 4 token | grep -q mhT1 && "
			       /* the token is the volume key that the header's digest is of */
			       "cryptsetup open --test-passphrase --key-size 1024 --volume-key-file token disk && "
			       /* and the passphrase of the keyslot */
			       "cryptsetup open --test-passphrase --key-file token disk"), 0);

	assert_exit(CLI_CONFLICT, "volume", "format", in("disk"), "--kek", "disks");
	assert_has(child.err, "holds crypto_LUKS, UUID ");
	assert_int_equal(shell("cryptsetup open --test-passphrase --key-size 1024 --volume-key-file token disk"), 0);
	assert_exit(CLI_OK, "volume", "format", in("disk"), "--kek", "disks", "--key-size", "256", "--force");
	assert_int_not_equal(shell("cryptsetup open --test-passphrase --key-size 1024 --volume-key-file token disk"), 0);

	assert_int_equal(shell("mkfs.ext4 -q -F disk"), 0);
	assert_exit(CLI_CONFLICT, "volume", "format", in("disk"), "--kek", "disks");
	assert_has(child.err, "holds ext4, UUID ");
	assert_exit(CLI_DENIED, "volume", "format", in("disk"), "--kek", "box", "--force");
	assert_has(child.err, "--consumers");
	assert_exit(CLI_DENIED, "volume", "format", in("disk"), "--kek", "signer", "--force"); /* EC: no wrapKey */
	assert_int_equal(shell("blkid -p disk | grep -q ext4"), 0); /* nothing of that touched it */
	assert_exit(CLI_MISSING, "volume", "format", in("none"), "--kek", "disks");
	assert_int_equal(shell("truncate -s 16M small"), 0);
	assert_exit(CLI_FAIL, "volume", "format", in("small"), "--kek", "disks");
	assert_has(child.err, "too small: the header alone takes 16 MiB");
}

static void test_volume_open(void **state)
{
	(void)state;
	assert_int_equal(shell("rm -f disk plain; truncate -s 32M disk plain"), 0);
	assert_exit(CLI_FAIL, "volume", "open", in("disk"), "x");
	assert_has(child.err, "not a LUKS2 volume: make one with \"mhsm volume format\"");
	assert_exit(CLI_OK, "volume", "format", in("disk"), "--kek", "disks");

	/* The host's kernel has no cipher for it: what matters is what is then said. */
	assert_int_not_equal(mhsm("volume", "open", in("disk"), "mhsm-unit-x"), CLI_OK);
	assert_has(child.err, "cryptsetup open failed with status");
	hsm.token_domain = 0x11;
	assert_exit(CLI_OK, "volume", "format", in("disk"), "--kek", "disks", "--force");
	hsm.token_domain = 0xd0;
	assert_exit(CLI_INVALID, "volume", "open", in("disk"), "mhsm-unit-x");
	assert_has(child.err, "wrapped by another HSM");

	/* an ordinary volume, and headers that were tampered with */
	assert_int_equal(shell("echo x | cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 "
			       "--pbkdf-force-iterations 1000 plain -"), 0);
	assert_exit(CLI_FAIL, "volume", "open", in("plain"), "x");
	assert_has(child.err, "no token of type mhsm");
	assert_int_equal(shell("cryptsetup token export --token-id 0 disk > token.json && "
			       "cryptsetup token import --json-file token.json plain"), 0);
	assert_exit(CLI_INVALID, "volume", "open", in("plain"), "x");
	assert_has(child.err, "a cipher that is not the HSM's");
	assert_int_equal(shell("cryptsetup token remove --token-id 0 disk && sed 's/\"token\":\"..../\"token\":\"AAA/' "
			       "token.json | cryptsetup token import --json-file - disk"), 0);
	assert_exit(CLI_INVALID, "volume", "open", in("disk"), "x");
	assert_has(child.err, "damaged");

	hsm.state = MHSM_STATE_LOCKED;
	assert_exit(CLI_UNAVAILABLE, "volume", "open", in("disk"), "x");
	assert_string_equal(child.err, "mhsm: HSM: the HSM is locked: have its custodians unlock it: "
				       "mhsm security-domain approve --key FILE\n");
	assert_exit(CLI_UNAVAILABLE, "volume", "format", in("disk"), "--kek", "disks", "--force");
	hsm.state = MHSM_STATE_ACTIVE;
}

static void test_volume_token(void **state)
{
	struct stat st;

	(void)state;
	assert_exit(CLI_OK, "volume", "token", "--kek", "disks");
	assert_int_equal(strlen(child.out), 257);
	assert_memory_equal(child.out, "6d685431010140", 14);
	assert_exit(CLI_OK, "volume", "token", "--kek", "disks", "--cipher", "cbc", "--key-size", "128", "--out",
		    in("token"));
	assert_int_equal(stat(in("token"), &st), 0);
	assert_int_equal(st.st_size, 128);
	put("data32", "0123456789abcdef0123456789abcdef", 32);
	assert_exit(CLI_OK, "volume", "token", "--kek", "disks", "--cipher", "ctr", "--import", in("data32"));
	assert_exit(CLI_FAIL, "volume", "token", "--kek", "disks", "--import", in("data32"));
	assert_has(child.err, "takes 64 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sign_verify),   cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_encrypt_decrypt), cmocka_unit_test(test_wrap_unwrap),
		cmocka_unit_test(test_ciphers),
		cmocka_unit_test(test_import),	      cmocka_unit_test(test_random),
		cmocka_unit_test(test_volume_format), cmocka_unit_test(test_volume_open),
		cmocka_unit_test(test_volume_token),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
