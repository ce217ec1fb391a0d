// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tools/http.c tools/error.c tools/output.c tools/encode.c tools/file.c tools/cli.c tools/status.c tools/provision.c
 * tools/domain.c tools/quorum.c tools/key.c tools/keyderive.c tools/keyop.c tools/keycrypt.c tools/keyimport.c tools/keyrsa.c tools/pem.c tools/keysign.c
 * tools/sigalg.c tools/keyspec.c kmod/pkcs8.c kmod/spki.c tools/volume.c tools/volumerotate.c tools/volumeconvert.c tools/luks.c
 * tools/lukshdr.c tools/lukstoken.c tools/volumelive.c tools/volumelist.c pkg:libcryptsetup tools/run.c
 * tools/random.c tools/keyring.c tools/audit.c tools/lock.c tools/nouns.c libmhsm pkg:libcurl pkg:jansson pkg:libmicrohttpd -lcrypto
 */
/*
 * Changing a volume's header: what mhsm writes, the real cryptsetup reads; and wherever the command is cut off, before,
 * in or after any of its writes, the volume opens by the old header or by the new one, and the same command finishes it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/syscall.h>

#include <cmocka.h>

#include "tests/unit/cli_child.h"
#include "tests/unit/fake_hsm.h"

#define CUT 99 /* exit code of a command that was cut off */

static char folder[32];
static int cut_at; /* the write that is not completed, from 1; 0: none */
static int cut_part; /* how much of it is done: 0 nothing, 1 half, 2 all */

/* Takes the place of libc's. */
ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
	if (cut_at && !--cut_at) {
		syscall(SYS_pwrite64, fd, data, len * (size_t)cut_part / 2, offset);
		_exit(CUT);
	}
	return syscall(SYS_pwrite64, fd, data, len, offset);
}

static char *in(const char *name)
{
	static char paths[8][64];
	static int next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static int shell(const char *text)
{
	char command[1200];

	snprintf(command, sizeof(command), "cd %s && (%s) >log 2>&1", folder, text);
	return system(command);
}

static void add_key(const char *name)
{
	struct mhsm_key_spec spec = { .name = name, .type = MHSM_KEY_AES, .param = 256,
				      .ops = MHSM_OP_WRAP | MHSM_OP_UNWRAP,
				      .flags = MHSM_KEY_ENABLED | MHSM_KEY_CONSUMERS | MHSM_KEY_NEW_VERSION };
	int session = mhsm_open("/dev/null"), key = mhsm_key_create(session, &spec);

	assert_true(key >= 0);
	close(key);
	close(session);
}

static int start(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/mhsm-unit-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	setenv("MHSM_DEVICE", "/dev/null", 1);
	fake_reset();
	add_key("disks");
	add_key("others");
	/* An ordinary volume with two passphrases, whose keyslots take little room, so that wiping them is not long. */
	return shell("truncate -s 4M plain && echo -n first > first && echo -n second > second && "
		     "cryptsetup luksFormat -q --type luks2 --luks2-keyslots-size 2M --pbkdf pbkdf2 "
		     "  --pbkdf-force-iterations 1000 --label demo --sector-size 512 plain first && "
		     "cryptsetup luksAddKey --key-file first --pbkdf pbkdf2 --pbkdf-force-iterations 1000 plain second && "
		     "dd if=/dev/urandom of=plain bs=4096 seek=768 count=16 conv=notrunc && "
		     "cryptsetup luksDump --dump-json-metadata plain | jq -e '.segments[\"0\"].offset == \"3145728\"'");
}

static int stop(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	fake_reset();
	return system(command);
}

static int opens(const char *passphrase)
{
	char text[200];

	snprintf(text, sizeof(text), "cryptsetup open --test-passphrase --key-file %s disk", passphrase);
	return shell(text) == 0;
}

static int opens_by_token(void)
{
	return shell("cryptsetup token export --token-id 0 disk > t.json && jq -r .token t.json | base64 -d > token && "
		     "cryptsetup open --test-passphrase --key-size 1024 --volume-key-file token disk && "
		     "cryptsetup open --test-passphrase --key-file token disk && "
		     "cryptsetup luksDump --dump-json-metadata disk | "
		     "jq -e '.segments[\"0\"].encryption == \"paes-xts-plain64\" and (.keyslots | length) == 1'") == 0;
}

static int data_whole(void)
{
	return shell("cmp -i 3145728 plain disk") == 0;
}

static int convert(void)
{
	return mhsm("volume", "convert", in("disk"), "--kek", "disks", "--header-backup", in("backup"), "--key-file",
		    in("second"));
}

static void is_converted(void)
{
	assert_true(opens_by_token());
	assert_true(data_whole());
	assert_false(opens("first"));
	assert_false(opens("second"));
	assert_int_equal(shell("cryptsetup luksDump --dump-json-metadata disk | "
			       "jq -e '.tokens | length == 1 and .[\"0\"].converting == null and .[\"0\"].kek == \"disks\"' && "
			       "cryptsetup luksDump disk | grep -q 'Label:.*demo' && "
			       "test $(cryptsetup luksUUID disk) = $(cryptsetup luksUUID plain)"), 0);
	/* The areas of the two old keyslots, of which each has 258048 bytes from 32768 on, are gone. */
	assert_int_equal(shell("cmp -n 516096 -i 32768:0 disk /dev/zero"), 0);
	/* The backup is as good as the volume was. */
	assert_int_equal(shell("cp disk restored && cryptsetup luksHeaderRestore -q restored --header-backup-file backup && "
			       "cryptsetup open --test-passphrase --key-file first restored && "
			       "cmp -n 32768 plain restored && cmp -n 516096 -i 32768 plain restored"), 0);
}

static void test_convert(void **state)
{
	(void)state;
	assert_int_equal(shell("cp plain disk && rm -f backup"), 0);
	assert_int_equal(mhsm("volume", "convert", in("disk"), "--kek", "disks", "--header-backup", in("backup"),
			      "--key-file", in("disk")), CLI_DENIED);
	assert_non_null(strstr(child.err, "no keyslot has this passphrase"));
	assert_int_equal(mhsm("volume", "convert", in("disk"), "--kek", "none", "--header-backup", in("backup"),
			      "--key-file", in("second")), CLI_MISSING);
	assert_int_equal(shell("cmp plain disk && rm backup && echo > backup"), 0);
	assert_int_equal(convert(), CLI_CONFLICT);
	assert_non_null(strstr(child.err, "no backup of this header"));
	assert_int_equal(shell("cmp plain disk && rm backup"), 0);
	child.in = "second\nrest";
	child.in_len = strlen(child.in);
	assert_int_equal(mhsm("volume", "convert", in("disk"), "--kek", "disks", "--header-backup", in("backup")), CLI_OK);
	is_converted();
	assert_int_equal(convert(), CLI_OK);
	assert_non_null(strstr(child.out, "already"));
	is_converted();
}

static void test_convert_refuses(void **state)
{
	(void)state;
	assert_int_equal(shell("truncate -s 20M disk && rm -f backup && cryptsetup luksFormat -q --type luks2 "
			       "--cipher aes-cbc-essiv:sha256 --key-size 256 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 "
			       "disk second"), 0);
	assert_int_equal(convert(), CLI_FAIL);
	assert_non_null(strstr(child.err, "its cipher is aes-cbc-essiv:sha256"));
	assert_int_equal(shell("cp plain disk; truncate -s 4M none"), 0);
	assert_int_equal(mhsm("volume", "convert", in("none"), "--kek", "disks", "--header-backup", in("backup")), CLI_FAIL);
	assert_non_null(strstr(child.err, "not a LUKS2 volume"));
	hsm.state = MHSM_STATE_LOCKED;
	assert_int_equal(convert(), CLI_UNAVAILABLE);
	hsm.state = MHSM_STATE_ACTIVE;
	assert_int_equal(shell("cmp plain disk && test ! -e backup"), 0);
}

/* Of many writes that wipe, some. */
static int next_cut(int at)
{
	return at < 6 ? at + 1 : at + 16;
}

static void test_convert_cut(void **state)
{
	int cuts = 0, old = 0, new = 0, status;

	(void)state;
	for (cut_part = 0; cut_part < 3; cut_part++)
		for (int at = 1;; at = next_cut(at)) {
			assert_int_equal(shell("cp plain disk && rm -f backup"), 0);
			cut_at = at;
			status = convert();
			cut_at = 0;
			if (status != CUT) {
				assert_int_equal(status, CLI_OK);
				break;
			}
			cuts++;
			assert_true(data_whole());
			if (opens("first") && opens("second"))
				old++;
			else if (opens_by_token())
				new++;
			else
				fail_msg("cut at write %d, part %d: the volume does not open", at, cut_part);
			assert_int_equal(convert(), CLI_OK);
			is_converted();
		}
	print_message("%d cuts: %d left the old header, %d the new one\n", cuts, old, new);
	assert_true(old >= 4 && new >= 6);
}

static void test_rotate(void **state)
{
	(void)state;
	assert_int_equal(shell("cp plain disk && rm -f backup"), 0);
	assert_int_equal(mhsm("volume", "rotate", in("disk")), CLI_FAIL);
	assert_non_null(strstr(child.err, "no token of type mhsm"));
	assert_int_equal(convert(), CLI_OK);
	assert_int_equal(mhsm("volume", "rotate", in("disk")), CLI_OK);
	assert_non_null(strstr(child.out, "already"));
	assert_true(opens_by_token());
	assert_int_equal(shell("mv token old && cp disk before"), 0);
	add_key("disks");
	assert_int_equal(mhsm("volume", "rotate", in("disk")), CLI_OK);
	assert_true(opens_by_token());
	assert_true(data_whole());
	assert_false(opens("old"));
	assert_int_equal(mhsm("volume", "rotate", in("disk"), "--kek", "others"), CLI_OK);
	assert_true(opens_by_token());
	assert_int_equal(shell("cryptsetup luksDump --dump-json-metadata disk | jq -e '.tokens[\"0\"].kek == \"others\"'"), 0);
	assert_int_equal(mhsm("volume", "rotate", in("disk"), "--kek", "none"), CLI_MISSING);
	hsm.state = MHSM_STATE_LOCKED;
	assert_int_equal(mhsm("volume", "rotate", in("disk")), CLI_UNAVAILABLE);
	hsm.state = MHSM_STATE_ACTIVE;
	assert_true(opens_by_token());
}

/* `before` and `old`, its token, are what test_rotate left */
static void test_rotate_cut(void **state)
{
	int cuts = 0, old = 0, new = 0, status;

	(void)state;
	for (cut_part = 0; cut_part < 3; cut_part++)
		for (int at = 1;; at++) {
			assert_int_equal(shell("cp before disk"), 0);
			cut_at = at;
			status = mhsm("volume", "rotate", in("disk"));
			cut_at = 0;
			if (status != CUT) {
				assert_int_equal(status, CLI_OK);
				break;
			}
			cuts++;
			assert_true(opens_by_token());
			shell("cmp token old") == 0 ? old++ : new++;
			assert_int_equal(mhsm("volume", "rotate", in("disk")), CLI_OK);
			assert_true(opens_by_token());
			assert_int_not_equal(shell("cmp token old"), 0);
			assert_true(data_whole());
		}
	print_message("%d cuts: %d left the old header, %d the new one\n", cuts, old, new);
	assert_true(old >= 3 && new >= 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_convert),	    cmocka_unit_test(test_convert_refuses),
		cmocka_unit_test(test_convert_cut), cmocka_unit_test(test_rotate),
		cmocka_unit_test(test_rotate_cut),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
