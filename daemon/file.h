/* SPDX-License-Identifier: GPL-2.0-only */
/* file: small files that must survive a power cut whole or not exist. All return 0 or a negative errno. */
#ifndef MHSM_DAEMON_FILE_H
#define MHSM_DAEMON_FILE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Replaces @dir/@name: writes a temporary file beside it, syncs it, renames it over the old one, syncs the directory.
 * On failure the old file is as it was.
 */
int mhsm_file_replace(const char *dir, const char *name, const void *data, size_t len, mode_t mode);

/*
 * Reads @dir/@name whole into *@data (to be freed by the caller, NUL after the end). -EFBIG if it is longer than @max,
 * -ENOENT if there is none.
 */
int mhsm_file_read(const char *dir, const char *name, size_t max, char **data, size_t *len);

/* Removes @dir/@name and syncs the directory; no file is no error. */
int mhsm_file_remove(const char *dir, const char *name);

/* Writes @len bytes, in as many calls as it takes. */
int mhsm_file_write_all(int fd, const void *data, size_t len);

/* Syncs a directory. */
int mhsm_file_sync_dir(const char *dir);

#endif
