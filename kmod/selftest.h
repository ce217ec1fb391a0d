/* SPDX-License-Identifier: GPL-2.0-only */
/* Known-answer tests, run at every load. */
#ifndef _MHSM_SELFTEST_H
#define _MHSM_SELFTEST_H

/** mhsm_selftest_run() - 0, or -ELIBBAD with the name of the failed algorithm in the kernel log: do not load */
int mhsm_selftest_run(void);

#endif
