/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The mhsm command: what its files share. A noun is a file with a table of verbs; cli.c parses, gives help and runs.
 */
#ifndef _TOOLS_CLI_H
#define _TOOLS_CLI_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit codes; mhsm(1) documents them, and scripts rely on them. */
enum cli_exit {
	CLI_OK = 0,
	CLI_FAIL = 1,
	CLI_USAGE = 2,
	CLI_DENIED = 3, /* no permission, or the key does not allow it */
	CLI_MISSING = 4, /* no such key, file or device */
	CLI_UNAVAILABLE = 5, /* locked, not provisioned, no module, no daemon */
	CLI_CONFLICT = 6, /* exists, or not in this state */
	CLI_INVALID = 7, /* a signature, tag, token or audit log does not verify */
};

/* --- cli.c: commands ------------------------------------------------------------------------------------------- */

struct cli;

#define CLI_REQUIRED 1u /* the option must be given */
#define CLI_LIST 2u /* takes one or more values, and may be given again */

struct cli_option {
	const char *name;
	char letter; /* short form, or 0 */
	unsigned int flags;
	const char *arg; /* what the value is; NULL: takes none */
	const char *help; /* lines are separated by \n */
};

struct cli_command {
	const char *name; /* the verb; "" for a noun that has none */
	const char *summary;
	const char *operands; /* names of the operands, all required, or NULL */
	const struct cli_option *options; /* ends with a NULL name; may be NULL */
	const char *text; /* help: an explanation and an example */
	int (*run)(struct cli *cli); /* returns an exit code */
};

struct cli_noun {
	const char *name;
	const char *summary;
	const struct cli_command *commands; /* ends with a NULL name */
};

extern const struct cli_noun cli_nouns[]; /* nouns.c; ends with a NULL name */

/* The whole program: parses, runs, and returns the exit code. */
int cli_main(int argc, char **argv);

/* An option's value, or NULL; whether it was given; all its values, NULL-terminated (NULL if none). */
const char *cli_value(const struct cli *cli, const char *name);
bool cli_given(const struct cli *cli, const char *name);
const char *const *cli_values(const struct cli *cli, const char *name);
const char *cli_operand(const struct cli *cli, int index);

enum cli_output { CLI_TABLE, CLI_JSON, CLI_TSV };
enum cli_output cli_output(const struct cli *cli);
const char *cli_socket(const struct cli *cli);
const char *cli_device(const struct cli *cli);

/* Opens /dev/mhsm (or --device); says why not. A session, or a negative exit code. */
int cli_session(const struct cli *cli);

/* The same, and refuses early, with the remedy, unless the HSM is active. */
int cli_session_active(const struct cli *cli);

/* --- error.c --------------------------------------------------------------------------------------------------- */

/* "mhsm: WHAT: meaning of err: remedy", err a (negative) errno of libmhsm. Returns its exit code. */
int cli_fail(int err, const char *what, ...) __attribute__((format(printf, 2, 3)));
/* "mhsm: TEXT". Returns `code`. */
int cli_error(int code, const char *text, ...) __attribute__((format(printf, 2, 3)));
/* The same for a call of the system on a file: "mhsm: PATH: strerror". */
int cli_fail_file(int err, const char *path);
int cli_exit_code(int err);

/* --- output.c -------------------------------------------------------------------------------------------------- */

enum cli_format {
	CLI_TEXT, /* strings as they are, numbers, yes/no, lists joined with commas, null as nothing */
	CLI_TIME, /* seconds since 1970, as RFC 3339 in UTC */
	CLI_NAME, /* of a key identifier (kid), the name */
	CLI_VERSION, /* of a key identifier, the version */
	CLI_PRINCIPAL, /* {"kind":"user","id":0} as user:root */
};

struct cli_column {
	const char *title; /* NULL ends a table of columns */
	const char *path; /* members from the outermost, with dots; alternatives with | */
	enum cli_format format;
};

/* Writes an array as table with a heading, JSON, or tab-separated values. Returns an exit code (a full disk). */
int cli_print_list(const struct cli *cli, const json_t *array, const struct cli_column *columns);
/* Writes one object: "Title: value" lines, JSON, or one line of tab-separated values. */
int cli_print(const struct cli *cli, const json_t *object, const struct cli_column *columns);
/* Writes one line of tab-separated values. */
int cli_print_row(const json_t *object, const struct cli_column *columns);
/* Writes a line for people, only with --output table. */
void cli_say(const struct cli *cli, const char *text, ...) __attribute__((format(printf, 2, 3)));

/* --- file.c ---------------------------------------------------------------------------------------------------- */

/* Bytes that may be secret: out of core dumps and, as far as the limits allow, of swap; wiped by buffer_free(). */
struct buffer {
	unsigned char *data;
	size_t len;
	size_t size;
};

int buffer_alloc(struct buffer *buffer, size_t size); /* 0 or -ENOMEM; len 0 */
void buffer_free(struct buffer *buffer);

/*
 * Reads all of a file ("-": standard input) into a new buffer. At most `max` bytes: more is -EFBIG. Returns 0 or a
 * negative errno.
 */
int file_read(const char *path, size_t max, struct buffer *buffer);
/* Reads to the end of `fd` into what is free of the buffer; -EFBIG if it does not fit. */
int file_read_fd(int fd, struct buffer *buffer);
/* Writes a file ("-": standard output), made with `mode`. */
int file_write(const char *path, mode_t mode, const void *data, size_t len);
/* Overwrites a regular file, with nothing but zeros and on its disk, and removes it; no symbolic link. Negative errno. */
int file_wipe(const char *path);
int file_write_fd(int fd, const void *data, size_t len);

/* --- encode.c -------------------------------------------------------------------------------------------------- */

/* NUL-terminated text in fresh memory, or NULL without memory. Hex is written without looking anything up. */
char *encode_hex(const void *data, size_t len);
char *encode_base64(const void *data, size_t len); /* RFC 4648 section 4 */
char *encode_base64url(const void *data, size_t len); /* section 5, no padding */
/* Strict base64. *len: in, the room; out, the length. -EINVAL: not base64, or too long. */
int decode_base64(const char *text, void *out, size_t *len);
/* RFC 3339 ("2030-01-01T00:00:00Z", or the date alone) or seconds since 1970. 0 or -EINVAL. */
int decode_time(const char *text, uint64_t *seconds);

/* --- http.c ---------------------------------------------------------------------------------------------------- */

struct http_reply {
	long status;
	json_t *body; /* NULL if the reply has none */
};

/*
 * One request to mhsmd. `body` may be NULL. Returns 0 whatever the status, or a negative errno: -ECONNREFUSED (nobody
 * listens), -EACCES, -ETIMEDOUT, -EPROTO (not HTTP with JSON), -ENOMEM.
 */
int http_request(const char *socket, const char *method, const char *path, const json_t *body,
		 struct http_reply *reply);

/*
 * The same, and says what is wrong with `what` unless the status is 2xx. Returns an exit code; *reply (may be NULL) is
 * the body, to be released.
 */
int http_call(const struct cli *cli, const char *what, const char *method, const char *path, const json_t *body,
	      json_t **reply);

/* Follows nextLink to the end of a collection. *ret: all of its `value`. Returns an exit code. */
int http_list(const struct cli *cli, const char *what, const char *path, json_t **ret);

/* --- quorum.c -------------------------------------------------------------------------------------------------- */

struct quorum_reply {
	int approved;
	int required;
	bool restored;
	char code[32]; /* of an error; empty: none */
	char message[512];
};

/*
 * Hands an open key file (and, if passphrase_fd >= 0, where to read its passphrase) to mhsm-quorum and waits for what it
 * says. Nothing is read from either. Returns 0 or a negative errno.
 */
int quorum_approve(const char *socket, int key_fd, int passphrase_fd, struct quorum_reply *reply);

/* --- run.c ----------------------------------------------------------------------------------------------------- */

struct run {
	const char *const *argv; /* ends with NULL; argv[0] is searched in PATH, then in /usr/sbin and /sbin */
	const void *in; /* standard input, at most 4096 bytes; NULL: none */
	size_t in_len;
	int keep_fd; /* a descriptor to be inherited, or -1 */
	struct buffer *out; /* where standard output goes; NULL: to ours */
	bool silent; /* throw its standard error away */
};

/* Runs a program, without a shell. Its exit status, 128 + the signal that killed it, or a negative errno. */
int run_program(const struct run *run);

/* --- nouns ----------------------------------------------------------------------------------------------------- */

extern const struct cli_command audit_commands[];
extern const struct cli_command domain_commands[];
extern const struct cli_command key_commands[]; /* key.c: the first ones are keyop.c's */
extern const struct cli_command keyring_commands[];
extern const struct cli_command lock_commands[];
extern const struct cli_command provision_commands[];
extern const struct cli_command random_commands[];
extern const struct cli_command status_commands[];
extern const struct cli_command version_commands[];
extern const struct cli_command volume_commands[];
extern const struct cli_command zeroize_commands[];

/* sigalg.c: what signs */
struct sigalg {
	const char *name;
	uint32_t alg; /* enum mhsm_alg */
	uint32_t type, param; /* of keys that can do it; param 0: any */
	const char *digest; /* OpenSSL's name of the hash; NULL: it signs the message itself */
	size_t sig_len; /* bytes of a signature or code; 0: as long as the modulus */
};
/* The algorithm of this name, or the usual one if it is NULL, of a key of this type; NULL if there is none. */
const struct sigalg *sigalg_find(const char *name, uint32_t type, uint32_t param);

/* keysign.c, keycrypt.c, keyop.c: operations on a key through the device; rows of key_commands */
int keyop_sign(struct cli *cli);
int keyop_verify(struct cli *cli);
int keyop_encrypt(struct cli *cli);
int keyop_decrypt(struct cli *cli);
int keyop_wrap(struct cli *cli);
int keyop_unwrap(struct cli *cli);
int keyop_download(struct cli *cli);
int keyop_import(struct cli *cli);
int keyop_derive(struct cli *cli); /* keyderive.c */

/* keyrsa.c: is it an RSA key? and then, what encrypt, decrypt, wrap and unwrap (MHSM_OP_*) do with it; an exit code */
bool keyrsa_is(int key);
/* Is this the name of an algorithm of theirs? */
bool keyrsa_knows(const char *name);
int keyrsa_run(struct cli *cli, int key, uint32_t op);

/*
 * pem.c: finds the private key in PEM text (RFC 7468) and decodes it in place, in constant time. -ENOENT: there is none;
 * -EACCES: it is encrypted; -EOPNOTSUPP: it has an older form than PKCS#8; -EBADMSG: what is there is no base64.
 */
int pem_private_key(unsigned char *text, size_t len, unsigned char **der, size_t *der_len);

/* keyop.c: opens the key of --name and --version; a key fd, or a negative exit code */
int keyop_open(const struct cli *cli, uint32_t rights);
/* prints what @err means for that key; an exit code */
int keyop_fail(const struct cli *cli, int err);
/* prints what is public of a new secret key; an exit code */
int keyop_print_key(const struct cli *cli, int key);
/* reads all of the file of an option, at most `max` bytes, into a new buffer; an exit code */
int keyop_read(const struct cli *cli, const char *option, size_t max, struct buffer *buffer);
/* writes to the file of an option; an exit code */
int keyop_write(const struct cli *cli, const char *option, mode_t mode, const void *data, size_t len);

/* keyspec.c: what a key is to be, from --kty, --ops ... (also for import). Exit codes. */
struct mhsm_key_spec;
int keyspec_parse(const struct cli *cli, struct mhsm_key_spec *spec);
/* The same with another option for its name than --name */
int keyspec_parse_as(const struct cli *cli, const char *option, struct mhsm_key_spec *spec);
/* The names of its type (without -HSM) and curve; 1: it has a size in bits, 0: a curve, -1: there is no such type */
int keyspec_type(const struct mhsm_key_spec *spec, const char **kty, const char **curve);
/* Operations (MHSM_OP_*) as an array of the names of RFC 7517. */
json_t *keyspec_ops(uint32_t ops);
/* Refuses, as a usage error, what cannot be the name of a key. */
int keyspec_check_name(const char *name);
/* The time of an option, in seconds since 1970; `none`: "none" is 0, too. Left alone if it is not given. An exit code */
int keyspec_time(const struct cli *cli, const char *option, bool none, uint64_t *seconds);

#endif
