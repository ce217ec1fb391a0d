/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The audit: one record per operation in a ring per CPU, merged and chained into batches as mhsmd drains them
 * (formats.md section 6). A writer touches only its own CPU's ring.
 */
#ifndef _MHSM_AUDIT_H
#define _MHSM_AUDIT_H

#include <linux/types.h>

#include "uapi/mhsm.h"

struct mhsm_audit;

struct mhsm_audit *mhsm_audit_new(void); /* ERR_PTR on failure */
void mhsm_audit_free(struct mhsm_audit *audit);

/**
 * mhsm_audit_reserve() - a place in this CPU's ring, with cpu, seq, time and duration seen to, the rest zero; NULL if the
 * ring is full. The caller fills it and calls mhsm_audit_commit() once, where the duration ends. Does not sleep.
 */
struct mhsm_audit_rec *mhsm_audit_reserve(struct mhsm_audit *audit);

/** mhsm_audit_commit() - the record is complete, and no longer the caller's. @urgent wakes the drain. */
void mhsm_audit_commit(struct mhsm_audit *audit, struct mhsm_audit_rec *rec, bool urgent);

/**
 * mhsm_audit_wait() - until record @seq of @cpu is acknowledged; -EINTR on a fatal signal, -EUNATCH when nobody drains: the
 * daemon is gone, or the audit was stopped
 */
int mhsm_audit_wait(struct mhsm_audit *audit, u32 cpu, u64 seq);

/**
 * mhsm_audit_start() - chains for a domain, with its MAC key (32 bytes): on from where it stopped if it is the domain of
 * before, else from batch 0. mhsm_audit_stop() wipes the key; records wait in the rings.
 */
int mhsm_audit_start(struct mhsm_audit *audit, const u8 domain[MHSM_ID_LEN], const u8 *key);
void mhsm_audit_stop(struct mhsm_audit *audit);

/** mhsm_audit_drain() - as MHSM_IOC_AUDIT_DRAIN; *len out: bytes at @out (user memory), 0: nothing */
int mhsm_audit_drain(struct mhsm_audit *audit, u32 wait_ms, void __user *out, u32 *len);
int mhsm_audit_ack(struct mhsm_audit *audit, u64 number);
/**
 * mhsm_audit_verify() - checks a batch (kernel memory); with @resume the chain continues after it, -EALREADY if it has
 * already gone elsewhere this boot
 */
int mhsm_audit_verify(struct mhsm_audit *audit, const u8 *batch, size_t len, bool resume);

/** mhsm_audit_detach() - the daemon is gone: waiters do not wait for it */
void mhsm_audit_detach(struct mhsm_audit *audit);
void mhsm_audit_attach(struct mhsm_audit *audit);

/** mhsm_audit_lose() - counts a denied call of a locked HSM */
void mhsm_audit_lose(struct mhsm_audit *audit);

/** mhsm_audit_stats() - for INFO */
void mhsm_audit_stats(struct mhsm_audit *audit, u64 *lost, u64 *batches);

#endif
