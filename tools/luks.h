/* SPDX-License-Identifier: GPL-2.0-only */
/* LUKS2 volumes of the HSM: their headers, and the verbs of "mhsm volume" that have files of their own. */
#ifndef _TOOLS_LUKS_H
#define _TOOLS_LUKS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/mhsm.h"

struct cli;

/* --- luks.c: what cryptsetup does for us ----------------------------------------------------------------------- */

struct luks_token {
	char kek[128]; /* as the header names it: not authenticated, for messages */
	char version[33]; /* of the KEK, likewise; empty if the header does not say */
	uint8_t token[128];
};

/* What is on a device, in words ("crypto_LUKS, UUID ..."), "" if nothing is recognised. Returns an exit code. */
int luks_probe(const char *device, char *found, size_t size);
/* The LUKS2 token of type mhsm, or NULL without memory. */
json_t *luks_token_json(const struct luks_token *token);
/* Writes a LUKS2 header whose key is the token, which it also holds. Returns an exit code. */
int luks_format(const char *device, const char *cipher, const struct luks_token *token, const char *label);
#define LUKS_CIPHER "paes-xts-plain64" /* of volumes of ours */
/* Reads the LUKS2 token of type mhsm; false: it is damaged (or NULL). */
bool luks_token_parse(const json_t *object, struct luks_token *token);
/* Reads the token from the header. Returns an exit code. */
int luks_token_read(const char *device, struct luks_token *token);
/* Opens it under /dev/mapper/NAME. The exit status of cryptsetup or a negative errno. */
int luks_open(const char *device, const char *name, const struct luks_token *token, bool readonly, bool discards);
int luks_close(const char *name);

/* --- lukshdr.c: the header itself ------------------------------------------------------------------------------ */

/*
 * A LUKS2 header has two copies of its metadata, each with a sequence number and a checksum, and then the areas of its
 * keyslots; the newer copy that is whole counts. So a change takes effect as a whole with the first copy that is written,
 * if what it refers to is on the disk by then.
 */
struct lukshdr {
	const char *device; /* the caller's */
	int fd;
	int lock; /* libcryptsetup's lock of the device, or -1 */
	json_t *json;
	uint64_t seqid;
	uint64_t size; /* of one copy */
	unsigned char binary[4096]; /* of the first copy, as it was read */
};

/*
 * Reads the header of a device or a regular file, to change it if `change`: then no other change is let in before
 * lukshdr_close(). If `quiet`, says nothing. Returns an exit code; CLI_FAIL: no LUKS2 header; CLI_INVALID: its copies
 * differ or are damaged.
 */
int lukshdr_open(const char *device, bool change, bool quiet, struct lukshdr *hdr);
void lukshdr_close(struct lukshdr *hdr);
/* Room of `size` bytes for a keyslot that no keyslot of the header uses; 0: there is none. */
uint64_t lukshdr_room(const struct lukshdr *hdr, uint64_t size);
/* Writes to the keyslots' areas, and waits until it is on the disk. Returns 0 or a negative errno. */
int lukshdr_put(struct lukshdr *hdr, const void *data, size_t len, uint64_t offset);
/* Overwrites all areas but the one at `keep`, and waits until that is on the disk. 0 or a negative errno. */
int lukshdr_wipe(struct lukshdr *hdr, uint64_t keep, uint64_t keep_size);
/* Makes the metadata what hdr->json says now: the old or the new, whatever happens. 0 or a negative errno. */
int lukshdr_commit(struct lukshdr *hdr);
/* Its token of type mhsm, its only segment, its label and UUID; NULL: it has none */
json_t *lukshdr_token(const struct lukshdr *hdr);
json_t *lukshdr_segment(const struct lukshdr *hdr);
const char *lukshdr_uuid(const struct lukshdr *hdr);
const char *lukshdr_label(const struct lukshdr *hdr);

/* --- lukstoken.c: a token in the place of what a header had ---------------------------------------------------- */

/*
 * Gives a header this token and no other keyslot, at once or not at all; `converting`: the keyslots it had are still to be
 * wiped. Returns an exit code.
 */
int luks_token_write(struct lukshdr *hdr, const struct luks_token *token, bool converting);
/* Refuses, before anything is changed, another cipher, and what is in the middle of something else. An exit code. */
int luks_check_header(const struct lukshdr *hdr, const char *cipher);

/* --- volume.c, and files of its verbs -------------------------------------------------------------------------- */

/* Opens a key that can be a volume's, and names it in *token. A key fd, or a negative exit code. */
int volume_kek_open(const struct cli *cli, const char *name, uint32_t rights, struct luks_token *token);
/* Says why the HSM would not open a volume, and returns an exit code; CLI_OK: it has said nothing, for it would. */
int volume_explain(const struct cli *cli, const char *device, const struct luks_token *token);
int volume_suspend(struct cli *cli); /* volumelive.c */
int volume_resume(struct cli *cli);
int volume_info(struct cli *cli); /* volumelist.c */
int volume_list(struct cli *cli);
int volume_rotate(struct cli *cli);
int volume_convert(struct cli *cli);

#endif
