// SPDX-License-Identifier: GPL-2.0-only
/*
 * mhsm volume convert: an ordinary LUKS2 volume becomes one of the HSM, in place. link: pkg:libcryptsetup
 *
 * Its data key is imported, and its header gets the token of it (lukstoken.c) in place of all keyslots. These, by which a
 * passphrase still leads to the data key, are then overwritten; "converting" in the header says that this is to be done.
 * A volume that cryptsetup reencrypted with a token for a key has that token in its keyslot, and only gets a header of ours.
 */
#include <errno.h>
#include <fcntl.h>
#include <libcryptsetup.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "tools/cli.h"
#include "tools/luks.h"

#define PASSPHRASE_MAX 4096
#define DATA_KEY_MAX MHSM_TOKEN_LEN

static int read_line(struct buffer *line)
{
	ssize_t n;

	while (line->len < line->size) {
		n = read(STDIN_FILENO, line->data + line->len, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0 || line->data[line->len] == '\n')
			return 0;
		line->len++;
	}
	return -EFBIG;
}

/* From --key-file, all of it, as cryptsetup takes it; else a line, typed unseen if this is a terminal. */
static int read_passphrase(struct cli *cli, const char *device, struct buffer *passphrase)
{
	const char *path = cli_value(cli, "key-file");
	bool terminal = isatty(STDIN_FILENO);
	struct termios seen, unseen;
	int ret;

	if (path) {
		ret = file_read(path, 8 << 20, passphrase);
		return ret ? cli_fail_file(ret, path) : CLI_OK;
	}
	if (buffer_alloc(passphrase, PASSPHRASE_MAX))
		return cli_fail(ENOMEM, "%s", device);
	if (terminal && tcgetattr(STDIN_FILENO, &seen) == 0) {
		unseen = seen;
		unseen.c_lflag &= ~(tcflag_t)ECHO;
		fprintf(stderr, "Passphrase of %s: ", device);
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen);
		ret = read_line(passphrase);
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &seen);
		fputc('\n', stderr);
	} else {
		ret = read_line(passphrase);
	}
	if (!ret)
		return CLI_OK;
	buffer_free(passphrase);
	return cli_error(CLI_FAIL, "%s: cannot read its passphrase: %s", device, strerror(-ret));
}

/* The data key, in memory that is wiped. */
static int read_data_key(struct cli *cli, struct crypt_device *cd, const char *device, struct buffer *key)
{
	struct buffer passphrase;
	int ret = read_passphrase(cli, device, &passphrase);

	if (ret)
		return ret;
	if (buffer_alloc(key, DATA_KEY_MAX)) {
		ret = cli_fail(ENOMEM, "%s", device);
	} else {
		key->len = key->size;
		ret = crypt_volume_key_get(cd, CRYPT_ANY_SLOT, (char *)key->data, &key->len, (char *)passphrase.data,
					   passphrase.len);
		if (ret == -EPERM || ret == -ENOENT)
			ret = cli_error(CLI_DENIED, "%s: no keyslot has this passphrase", device);
		else if (ret < 0)
			ret = cli_error(CLI_FAIL, "%s: cannot read its data key: %s", device, strerror(-ret));
		else
			ret = CLI_OK;
		if (ret)
			buffer_free(key);
	}
	buffer_free(&passphrase);
	return ret;
}

/* Are the metadata in a copy of a header those of the header? Then its keyslots are, too. */
static bool same_header(const char *path, const struct lukshdr *hdr)
{
	struct lukshdr copy;
	bool same;

	if (lukshdr_open(path, false, true, &copy))
		return false;
	same = copy.seqid == hdr->seqid && copy.size == hdr->size && !memcmp(copy.binary, hdr->binary, sizeof(copy.binary));
	lukshdr_close(&copy);
	return same;
}

static int sync_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = fsync(fd) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

static int sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	int ret = folder ? sync_file(folder) : -ENOMEM;

	free(folder);
	return ret;
}

/* Leaves a whole copy on the disk under its name, or none. One that an interrupted conversion left is as good. */
static int back_up(struct crypt_device *cd, const struct lukshdr *hdr, const char *path)
{
	char part[4096];
	int ret;

	if (access(path, F_OK) == 0)
		return same_header(path, hdr) ? CLI_OK :
			       cli_error(CLI_CONFLICT, "%s: exists, and is no backup of this header: name another file",
					 path);
	if (snprintf(part, sizeof(part), "%s.part", path) >= (int)sizeof(part))
		return cli_fail_file(ENAMETOOLONG, path);
	unlink(part);
	ret = crypt_header_backup(cd, CRYPT_LUKS2, part);
	if (!ret)
		ret = sync_file(part);
	if (!ret && rename(part, path) < 0)
		ret = -errno;
	if (!ret)
		ret = sync_folder(path);
	if (ret)
		return cli_error(CLI_FAIL, "%s: cannot back up the header: %s; nothing was changed", path, strerror(-ret));
	return CLI_OK;
}

/* The keyslots that the header had are not only unused: they are gone. */
static int finish(struct cli *cli, struct lukshdr *hdr)
{
	json_t *area = json_object_get(json_object_get(json_object_get(hdr->json, "keyslots"), "0"), "area");
	const char *offset = json_string_value(json_object_get(area, "offset"));
	const char *size = json_string_value(json_object_get(area, "size"));
	int ret = -EPROTO;

	if (offset && size)
		ret = lukshdr_wipe(hdr, strtoull(offset, NULL, 10), strtoull(size, NULL, 10));
	if (!ret) {
		json_object_del(lukshdr_token(hdr), "converting");
		ret = lukshdr_commit(hdr);
	}
	if (ret)
		return cli_error(CLI_FAIL, "%s: it is converted, but its old keyslots could not be wiped: %s: run this again",
				 hdr->device, strerror(-ret));
	cli_say(cli, "%s: only the HSM opens it now. The backup of its header still opens it with the old passphrase:\n"
		"destroy it when you have seen that all is well.", hdr->device);
	return CLI_OK;
}

static int convert_locked(struct cli *cli, struct lukshdr *hdr, const struct buffer *data_key)
{
	struct luks_token token;
	int ret, key;

	/* With the right to unwrap: who converts a volume is not to find himself before a locked door. */
	key = volume_kek_open(cli, cli_value(cli, "kek"), MHSM_OP_WRAP | MHSM_OP_UNWRAP, &token);
	if (key < 0)
		return -key;
	if (data_key->len == MHSM_TOKEN_LEN)
		ret = mhsm_token_rewrap(key, data_key->data, token.token);
	else
		ret = mhsm_token_import(key, MHSM_TOKEN_XTS_AES, data_key->data, data_key->len, token.token);
	close(key);
	if (ret == -EKEYREJECTED || ret == -EBADMSG)
		return cli_error(CLI_INVALID, "%s: the key in its keyslots is no token of this HSM", hdr->device);
	if (ret)
		return cli_fail(ret, "key \"%s\"", cli_value(cli, "kek"));
	ret = luks_token_write(hdr, &token, true);
	return ret ? ret : finish(cli, hdr);
}

/* All that needs the old header; what it leaves is a backup of it, and the data key. */
static int prepare(struct cli *cli, struct crypt_device *cd, struct lukshdr *hdr, struct buffer *data_key)
{
	const char *cipher = json_string_value(json_object_get(lukshdr_segment(hdr), "encryption"));
	int ret = luks_check_header(hdr, cipher && !strcmp(cipher, LUKS_CIPHER) ? LUKS_CIPHER : "aes-xts-plain64");

	if (!ret)
		ret = read_data_key(cli, cd, hdr->device, data_key);
	if (ret)
		return ret;
	ret = back_up(cd, hdr, cli_value(cli, "header-backup"));
	if (ret)
		buffer_free(data_key);
	return ret;
}

static int convert_new(struct cli *cli, const char *device, uint64_t seqid, const struct buffer *data_key)
{
	struct lukshdr hdr;
	int ret = lukshdr_open(device, true, false, &hdr);

	if (ret)
		return ret;
	if (hdr.seqid != seqid)
		ret = cli_error(CLI_CONFLICT, "%s: its header has just been changed: try again", device);
	else
		ret = data_key ? convert_locked(cli, &hdr, data_key) : finish(cli, &hdr);
	lukshdr_close(&hdr);
	return ret;
}

static int convert_loaded(struct cli *cli, struct crypt_device *cd, const char *device)
{
	struct buffer data_key;
	struct lukshdr hdr;
	uint64_t seqid;
	bool ours, begun;
	int ret;

	ret = lukshdr_open(device, false, false, &hdr);
	if (ret)
		return ret;
	seqid = hdr.seqid;
	ours = lukshdr_token(&hdr);
	begun = json_object_get(lukshdr_token(&hdr), "converting");
	if (!ours)
		ret = prepare(cli, cd, &hdr, &data_key);
	lukshdr_close(&hdr);
	if (ret)
		return ret;
	if (ours && !begun) {
		cli_say(cli, "%s: a volume of the HSM already", device);
		return CLI_OK;
	}
	ret = convert_new(cli, device, seqid, begun ? NULL : &data_key);
	if (!begun)
		buffer_free(&data_key);
	return ret;
}

/* While it is converted nobody opens it, and nobody has it open. */
static int claim(const char *device, int *fd)
{
	struct stat st;

	*fd = open(device, O_RDONLY | O_CLOEXEC);
	if (*fd < 0 || fstat(*fd, &st) < 0)
		return cli_fail_file(errno, device);
	if (!S_ISBLK(st.st_mode))
		return CLI_OK;
	close(*fd);
	*fd = open(device, O_RDONLY | O_CLOEXEC | O_EXCL);
	if (*fd >= 0)
		return CLI_OK;
	return errno == EBUSY ? cli_error(CLI_CONFLICT, "%s: it is in use: close it first", device) :
				cli_fail_file(errno, device);
}

int volume_convert(struct cli *cli)
{
	const char *device = cli_operand(cli, 0);
	struct crypt_device *cd = NULL;
	int session, fd = -1, ret;

	session = cli_session_active(cli);
	if (session < 0)
		return -session;
	close(session);
	ret = claim(device, &fd);
	if (ret)
		goto out;
	/* Loading it also makes one of two copies that a power cut left different. */
	ret = crypt_init(&cd, device);
	if (!ret)
		ret = crypt_load(cd, CRYPT_LUKS2, NULL);
	if (ret)
		ret = cli_error(CLI_FAIL, "%s: not a LUKS2 volume, or not readable: %s", device, strerror(-ret));
	else
		ret = convert_loaded(cli, cd, device);
out:
	crypt_free(cd);
	if (fd >= 0)
		close(fd);
	return ret;
}
