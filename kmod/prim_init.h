/* SPDX-License-Identifier: GPL-2.0-only */
/* Start and end of the kernel's implementation of prim.h. */
#ifndef _MHSM_PRIM_INIT_H
#define _MHSM_PRIM_INIT_H

int mhsm_prim_init(void);
void mhsm_prim_exit(void);

#endif
