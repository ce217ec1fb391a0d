/* SPDX-License-Identifier: GPL-2.0-only */
/* A variable on the stack that a kernel with CONFIG_INIT_STACK_ALL_* does not fill: for large ones in short operations */
#ifndef _MHSM_COMPAT_UNINITIALIZED_H
#define _MHSM_COMPAT_UNINITIALIZED_H

#if defined(__has_attribute) && __has_attribute(__uninitialized__)
#define MHSM_UNINITIALIZED __attribute__((__uninitialized__))
#else
#define MHSM_UNINITIALIZED
#endif

#endif
