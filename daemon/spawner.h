/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * spawner: a small process that starts mhsm-quorum for us. It is forked first of all, while mhsmd has one thread, no
 * store and no clients; afterwards mhsmd gives up fork and exec (seccomp.c), and mhsm-quorum does not inherit mhsmd's
 * filter, which would be too narrow for it.
 */
#ifndef MHSM_DAEMON_SPAWNER_H
#define MHSM_DAEMON_SPAWNER_H

struct mhsm_spawner;

/* Forks the spawner of the program @path, which must be absolute. 0 or a negative errno. */
int mhsm_spawner_new(const char *path, struct mhsm_spawner **out);

/* Starts the program with @channel as its descriptor 3. 0 once it is executing, or a negative errno. */
int mhsm_spawner_spawn(void *spawner, int channel);

/* Ends the spawner, not what it started. */
void mhsm_spawner_free(struct mhsm_spawner *spawner);

#endif
