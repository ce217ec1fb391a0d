// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernels: none
 * link: libmhsm
 *
 * No test: fscrypt's own calls, for the scripts of tests/vm.
 *
 *   fscrypt raw MOUNT FILE           adds the key in FILE; prints its identifier
 *   fscrypt key MOUNT SERIAL         adds that of a key of type fscrypt-provisioning
 *   fscrypt remove MOUNT IDENTIFIER  removes it
 *   fscrypt policy DIRECTORY IDENTIFIER    encrypts the empty directory (version 2)
 *   fscrypt policy1 DIRECTORY DESCRIPTOR   the same with a policy of version 1
 *
 * Exit status 1, and the error, if the call fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fscrypt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void hex_put(const uint8_t *bytes, size_t len)
{
	while (len--)
		printf("%02x", *bytes++);
	puts("");
}

static void hex_get(uint8_t *bytes, size_t len, const char *text)
{
	while (len-- && sscanf(text, "%2hhx", bytes++) == 1)
		text += 2;
}

static int add(int fd, const char *file, const char *serial)
{
	struct fscrypt_add_key_arg *arg = calloc(1, sizeof(*arg) + FSCRYPT_MAX_KEY_SIZE);
	FILE *f = file ? fopen(file, "r") : NULL;

	if (!arg || (file && !f))
		return -1;
	arg->key_spec.type = FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER;
	if (f)
		arg->raw_size = (uint32_t)fread(arg->raw, 1, FSCRYPT_MAX_KEY_SIZE, f);
	else
		arg->key_id = (uint32_t)strtoul(serial, NULL, 0);
	if (ioctl(fd, FS_IOC_ADD_ENCRYPTION_KEY, arg))
		return -1;
	hex_put(arg->key_spec.u.identifier, FSCRYPT_KEY_IDENTIFIER_SIZE);
	free(arg);
	return 0;
}

static int drop(int fd, const char *identifier)
{
	struct fscrypt_remove_key_arg arg = { .key_spec.type = FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER };

	hex_get(arg.key_spec.u.identifier, FSCRYPT_KEY_IDENTIFIER_SIZE, identifier);
	return ioctl(fd, FS_IOC_REMOVE_ENCRYPTION_KEY, &arg);
}

static int policy(int fd, const char *identifier)
{
	struct fscrypt_policy_v2 p = {
		.version = FSCRYPT_POLICY_V2,
		.contents_encryption_mode = FSCRYPT_MODE_AES_256_XTS,
		.filenames_encryption_mode = FSCRYPT_MODE_AES_256_CTS,
		.flags = FSCRYPT_POLICY_FLAGS_PAD_32,
	};

	hex_get(p.master_key_identifier, FSCRYPT_KEY_IDENTIFIER_SIZE, identifier);
	return ioctl(fd, FS_IOC_SET_ENCRYPTION_POLICY, &p);
}

static int policy1(int fd, const char *descriptor)
{
	struct fscrypt_policy_v1 p = {
		.version = FSCRYPT_POLICY_V1,
		.contents_encryption_mode = FSCRYPT_MODE_AES_256_XTS,
		.filenames_encryption_mode = FSCRYPT_MODE_AES_256_CTS,
		.flags = FSCRYPT_POLICY_FLAGS_PAD_32,
	};

	hex_get(p.master_key_descriptor, FSCRYPT_KEY_DESCRIPTOR_SIZE, descriptor);
	return ioctl(fd, FS_IOC_SET_ENCRYPTION_POLICY, &p);
}

int main(int argc, char **argv)
{
	int fd, ret = -1;

	if (argc != 4)
		return 2;
	fd = open(argv[2], O_RDONLY);
	if (fd < 0)
		goto out;
	if (!strcmp(argv[1], "raw"))
		ret = add(fd, argv[3], NULL);
	else if (!strcmp(argv[1], "key"))
		ret = add(fd, NULL, argv[3]);
	else if (!strcmp(argv[1], "remove"))
		ret = drop(fd, argv[3]);
	else if (!strcmp(argv[1], "policy"))
		ret = policy(fd, argv[3]);
	else if (!strcmp(argv[1], "policy1"))
		ret = policy1(fd, argv[3]);
out:
	if (ret)
		fprintf(stderr, "fscrypt %s: %s\n", argv[1], strerror(errno));
	return ret ? 1 : 0;
}
