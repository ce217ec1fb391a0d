// SPDX-License-Identifier: GPL-2.0-only
/* mhsm security-domain: the words are those of `az keyvault security-domain`. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/cli.h"

#define CERTIFICATE_MAX (64u << 10)

/* --- download -------------------------------------------------------------------------------------------------- */

static json_t *take_string(char *text)
{
	json_t *string = text ? json_string(text) : NULL;

	free(text);
	return string;
}

static json_t *number_json(const EVP_PKEY *key, const char *param)
{
	unsigned char bytes[1024];
	BIGNUM *number = NULL;
	json_t *string = NULL;

	if (EVP_PKEY_get_bn_param(key, param, &number) && BN_num_bytes(number) <= (int)sizeof(bytes))
		string = take_string(encode_base64url(bytes, BN_bn2bin(number, bytes)));
	BN_free(number);
	return string;
}

static json_t *digest_json(const X509 *certificate, const EVP_MD *md)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int len;

	if (!X509_digest(certificate, md, digest, &len))
		return NULL;
	return take_string(encode_base64url(digest, len));
}

/* The certificate as the Azure CLI sends it: a JWK (RFC 7517) with x5c. */
static json_t *certificate_jwk(X509 *certificate)
{
	EVP_PKEY *key = X509_get0_pubkey(certificate);
	unsigned char *der = NULL;
	int len = i2d_X509(certificate, &der);
	json_t *jwk;

	/* json_pack() releases what it was given if one of them is NULL */
	jwk = json_pack("{s:[o], s:o, s:o, s:[s,s,s], s:s, s:s, s:o, s:o}",
			"x5c", len > 0 ? take_string(encode_base64(der, len)) : NULL,
			"x5t", digest_json(certificate, EVP_sha1()),
			"x5t#S256", digest_json(certificate, EVP_sha256()),
			"key_ops", "verify", "encrypt", "wrapKey", "kty", "RSA", "alg", "RSA-OAEP-256",
			"n", number_json(key, OSSL_PKEY_PARAM_RSA_N), "e", number_json(key, OSSL_PKEY_PARAM_RSA_E));
	OPENSSL_free(der);
	return jwk;
}

static int read_certificate(const char *path, json_t **jwk)
{
	struct buffer text;
	X509 *certificate = NULL;
	BIO *bio;
	int ret;

	ret = file_read(path, CERTIFICATE_MAX, &text);
	if (ret)
		return cli_fail_file(ret, path);
	bio = BIO_new_mem_buf(text.data, text.len);
	if (bio)
		certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	BIO_free(bio);
	buffer_free(&text);
	if (!certificate)
		return cli_error(CLI_FAIL, "%s: no certificate in PEM form: make one with "
				 "\"openssl req -x509 -newkey rsa:3072 -keyout KEY -out CERT\"", path);
	if (EVP_PKEY_get_base_id(X509_get0_pubkey(certificate)) != EVP_PKEY_RSA) {
		ret = cli_error(CLI_FAIL, "%s: not the certificate of an RSA key, which custodians need", path);
	} else {
		*jwk = certificate_jwk(certificate);
		ret = *jwk ? CLI_OK : cli_fail(ENOMEM, "%s", path);
	}
	X509_free(certificate);
	return ret;
}

static int read_certificates(const struct cli *cli, json_t *list)
{
	for (const char *const *p = cli_values(cli, "sd-wrapping-keys"); *p; p++) {
		json_t *jwk = NULL;
		int ret = read_certificate(*p, &jwk);

		if (ret)
			return ret;
		json_array_append_new(list, jwk);
	}
	return CLI_OK;
}

/* Writes to a file that was made for it, and returns when it is on the disk. */
static int write_durably(int fd, const char *path, const char *text)
{
	char *folder = strdup(path), *slash;
	int ret, dir;

	if (!folder)
		return -ENOMEM;
	ret = file_write_fd(fd, text, strlen(text));
	if (!ret && fsync(fd) < 0 && errno != EINVAL)
		ret = -errno;
	if (!ret) {
		slash = strrchr(folder, '/');
		if (slash)
			slash[slash == folder] = '\0';
		dir = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (dir < 0 || fsync(dir) < 0)
			ret = errno == EINVAL ? 0 : -errno;
		if (dir >= 0)
			close(dir);
	}
	free(folder);
	return ret;
}

/* The download is the activation: where its result goes is made sure of before it is asked for. */
static int create_output(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EEXIST)
		return -cli_error(CLI_CONFLICT, "%s: exists: name a new file for the security domain", path);
	return fd < 0 ? -cli_fail_file(errno, path) : fd;
}

static int save(int fd, const char *path, const json_t *reply)
{
	const char *text = json_string_value(json_object_get(reply, "value"));
	int ret;

	if (!text)
		return cli_error(CLI_FAIL, "security-domain: mhsmd's reply holds no security domain");
	ret = write_durably(fd, path, text);
	if (ret)
		return cli_error(CLI_FAIL, "%s: %s: mhsmd keeps a copy: mhsm security-domain show "
				 "--security-domain-file OTHER", path, strerror(-ret));
	return CLI_OK;
}

static int check_pending(const struct cli *cli)
{
	const char *status;
	json_t *reply;
	int ret;

	ret = http_call(cli, "security-domain download", "GET", "/securitydomain/download/pending", NULL, &reply);
	if (ret)
		return ret;
	status = json_string_value(json_object_get(reply, "status"));
	if (!status || strcmp(status, "Success"))
		ret = cli_error(CLI_FAIL, "security-domain download: the HSM is not active: %s: %s",
				status ? status : "no status",
				json_string_value(json_object_get(reply, "status_details")) ?: "see journalctl -u mhsmd");
	json_decref(reply);
	return ret;
}

static int parse_quorum(const struct cli *cli, int certificates)
{
	const char *text = cli_value(cli, "sd-quorum");
	char *end;
	long quorum = strtol(text, &end, 10);

	if (certificates < 3 || certificates > 10)
		return -cli_error(CLI_USAGE, "security-domain download: 3 to 10 custodians are needed, not %d",
				  certificates);
	if (*end || quorum < 2 || quorum > certificates)
		return -cli_error(CLI_USAGE, "security-domain download: --sd-quorum is 2 to %d, not \"%s\"",
				  certificates, text);
	return quorum;
}

static int download(struct cli *cli)
{
	const char *path = cli_value(cli, "security-domain-file");
	json_t *certificates = json_array(), *body = NULL, *reply = NULL;
	int fd = -1, quorum, ret;

	ret = read_certificates(cli, certificates);
	if (ret)
		goto out;
	quorum = parse_quorum(cli, json_array_size(certificates));
	if (quorum < 0) {
		ret = -quorum;
		goto out;
	}
	fd = create_output(path);
	if (fd < 0) {
		ret = -fd;
		goto out;
	}
	body = json_pack("{s:O, s:i}", "certificates", certificates, "required", quorum);
	ret = http_call(cli, "security-domain download", "POST", "/securitydomain/download", body, &reply);
	if (ret)
		unlink(path);
	else
		ret = save(fd, path, reply);
	if (!ret)
		ret = check_pending(cli);
	if (!ret)
		cli_say(cli, "%s: the security domain, %d of %zu custodians open it. The HSM is active.\n"
			"Keep copies of the file and of each custodian's key apart from this machine.", path, quorum,
			json_array_size(certificates));
out:
	if (fd >= 0)
		close(fd);
	json_decref(reply);
	json_decref(body);
	json_decref(certificates);
	return ret;
}

/* --- show ------------------------------------------------------------------------------------------------------ */

static int show(struct cli *cli)
{
	static const struct cli_column columns[] = {
		{ "Quorum", "SharedKeys.required", CLI_TEXT },
		{ "Custodians", "custodians", CLI_TEXT },
		{ "Version", "version", CLI_TEXT },
		{ 0 },
	};
	const char *path = cli_value(cli, "security-domain-file");
	json_t *reply, *domain, *custodians, *share;
	size_t i;
	int fd, ret;

	ret = http_call(cli, "security-domain", "GET", "/securitydomain", NULL, &reply);
	if (ret)
		return ret;
	if (path) {
		fd = create_output(path);
		ret = fd < 0 ? -fd : save(fd, path, reply);
		if (fd >= 0)
			close(fd);
		json_decref(reply);
		return ret;
	}
	domain = json_loads(json_string_value(json_object_get(reply, "value")) ?: "", JSON_REJECT_DUPLICATES, NULL);
	json_decref(reply);
	if (!domain)
		return cli_error(CLI_FAIL, "security-domain: mhsmd's copy is not JSON");
	if (cli_output(cli) != CLI_JSON) {
		custodians = json_array();
		json_array_foreach(json_object_get(json_object_get(domain, "SharedKeys"), "enc_shares"), i, share)
			json_array_append(custodians, json_object_get(share, "x5t_256"));
		json_object_set_new(domain, "custodians", custodians);
	}
	ret = cli_print(cli, domain, columns);
	json_decref(domain);
	return ret;
}

/* --- approve, cancel ------------------------------------------------------------------------------------------- */

static int open_for_quorum(const char *path)
{
	struct stat st;
	int fd;

	if (!strcmp(path, "-")) {
		if (isatty(STDIN_FILENO))
			return -cli_error(CLI_USAGE, "security-domain approve: standard input is a terminal: "
					  "pipe the passphrase in, or name a file");
		return STDIN_FILENO;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -cli_fail_file(errno, path);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_mode & 077)
		fprintf(stderr, "mhsm: warning: %s: others may read it: chmod 600\n", path);
	return fd;
}

static int report_refusal(const char *path, const struct quorum_reply *reply)
{
	static const struct {
		const char *code;
		const char *text;
		int exit_code;
	} known[] = {
		{ "WrongKey", "the key opens no share of this security domain: use the key of a certificate that was "
			      "given to \"mhsm security-domain download\"", CLI_INVALID },
		{ "AlreadyApproved", "this custodian has approved already: the next one has to", CLI_CONFLICT },
		{ "BadKeyFile", "no RSA private key in PEM form", CLI_FAIL },
		{ "BadPassphrase", "the passphrase is missing or wrong: give --passphrase-file FILE", CLI_DENIED },
		{ "Damaged", "the security domain on this machine is damaged: restore security-domain.json in mhsmd's "
			     "state directory from a copy", CLI_INVALID },
		{ "WrongDomain", "the security domain on this machine is that of another HSM", CLI_INVALID },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(known[i].code, reply->code))
			return cli_error(known[i].exit_code, "%s: %s", path, known[i].text);
	return cli_error(CLI_FAIL, "%s: %s: %s", path, reply->code,
			 *reply->message ? reply->message : "see journalctl -u mhsmd");
}

static int hand_over(const struct cli *cli, const char *socket, const char *key_path, int key_fd, int passphrase_fd)
{
	struct quorum_reply reply;
	json_t *object;
	int ret;

	ret = quorum_approve(socket, key_fd, passphrase_fd, &reply);
	if (ret == -ENOENT || ret == -ECONNREFUSED || ret == -ECONNRESET)
		return cli_error(CLI_UNAVAILABLE, "%s: the ceremony ended meanwhile: see \"mhsm status\", "
				 "then approve again", socket);
	if (ret)
		return cli_fail_file(ret, socket);
	if (*reply.code)
		return report_refusal(key_path, &reply);
	if (cli_output(cli) == CLI_TABLE) {
		printf("approved: %d of %d%s\n", reply.approved, reply.required,
		       reply.restored ? ", the HSM is active" : "");
		return CLI_OK;
	}
	object = json_pack("{s:i, s:i, s:s}", "approved", reply.approved, "required", reply.required, "status",
			   reply.restored ? "restored" : "waiting");
	ret = cli_print(cli, object, (const struct cli_column[]){ { "Approved", "approved", CLI_TEXT },
								  { "Required", "required", CLI_TEXT },
								  { "Status", "status", CLI_TEXT },
								  { 0 } });
	json_decref(object);
	return ret;
}

static int approve(struct cli *cli)
{
	const char *key_path = cli_value(cli, "key"), *passphrase_path = cli_value(cli, "passphrase-file");
	int key_fd, passphrase_fd = -1, ret;
	const char *socket;
	json_t *body, *reply;

	key_fd = open_for_quorum(key_path);
	if (key_fd < 0)
		return -key_fd;
	if (passphrase_path) {
		passphrase_fd = open_for_quorum(passphrase_path);
		if (passphrase_fd < 0) {
			close(key_fd);
			return -passphrase_fd;
		}
	}
	body = json_object();
	ret = http_call(cli, "security-domain approve", "POST", "/securitydomain/ceremony", body, &reply);
	json_decref(body);
	if (!ret) {
		socket = json_string_value(json_object_get(reply, "socket"));
		ret = socket ? hand_over(cli, socket, key_path, key_fd, passphrase_fd) :
			       cli_error(CLI_FAIL, "security-domain approve: mhsmd names no socket for the ceremony");
		json_decref(reply);
	}
	close(key_fd);
	if (passphrase_fd >= 0)
		close(passphrase_fd);
	return ret;
}

static int cancel(struct cli *cli)
{
	int ret = http_call(cli, "security-domain cancel", "DELETE", "/securitydomain/ceremony", NULL, NULL);

	if (!ret)
		cli_say(cli, "The ceremony is over. Approvals given so far count no more.");
	return ret;
}

static const struct cli_option download_options[] = {
	{ "sd-wrapping-keys", 0, CLI_REQUIRED | CLI_LIST, "CERT", "certificates (PEM, RSA 2048 to 4096) of 3 to 10\n"
								  "custodians" },
	{ "sd-quorum", 0, CLI_REQUIRED, "M", "how many of them open the domain, 2 or more" },
	{ "security-domain-file", 0, CLI_REQUIRED, "FILE", "where to put it; must not exist" },
	{ 0 },
};

static const struct cli_option show_options[] = {
	{ "security-domain-file", 0, 0, "FILE", "write the whole file there, instead of a summary" },
	{ 0 },
};

static const struct cli_option approve_options[] = {
	{ "key", 0, CLI_REQUIRED, "FILE", "the custodian's private key (PEM)" },
	{ "passphrase-file", 0, 0, "FILE", "where its passphrase is, if it has one (- for standard input)" },
	{ 0 },
};

const struct cli_command domain_commands[] = {
	{ "download", "Encrypt the security domain to custodians and activate the HSM", NULL, download_options,
	  "The domain is split between the custodians, any M of whom can bring the HSM back after a\n"
	  "reboot or on another machine. The file is that of Azure Managed HSM.\n\n"
	  "  $ openssl req -x509 -newkey rsa:3072 -days 3650 -subj /CN=alice -keyout alice.key -out alice.pem\n"
	  "  $ mhsm security-domain download --sd-wrapping-keys alice.pem bob.pem carol.pem \\\n"
	  "      --sd-quorum 2 --security-domain-file sd.json",
	  download },
	{ "show", "Show who holds the security domain, or save it again", NULL, show_options,
	  "The custodians are shown as SHA-256 fingerprints of their certificates (base64url), the\n"
	  "x5t_256 of the file.\n\n"
	  "  $ mhsm security-domain show\n"
	  "  $ mhsm security-domain show --security-domain-file copy.json",
	  show },
	{ "approve", "Give a custodian's approval to unlock the HSM", NULL, approve_options,
	  "Starts a ceremony if none is open. The open key file is handed to mhsm-quorum, which alone\n"
	  "reads it; this program does not. Each custodian runs it, on any terminal of the machine,\n"
	  "until the quorum is reached.\n\n"
	  "  $ mhsm security-domain approve --key alice.key --passphrase-file alice.pass\n"
	  "  approved: 1 of 2",
	  approve },
	{ "cancel", "End the ceremony without unlocking", NULL, NULL,
	  "mhsm-quorum wipes the shares that it has opened.\n\n"
	  "  $ mhsm security-domain cancel",
	  cancel },
	{ 0 },
};
