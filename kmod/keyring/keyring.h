/* SPDX-License-Identifier: GPL-2.0-only */
/* Keys of the HSM in the kernel's keyrings: the key type "mhsm" (type_mhsm.c). */
#ifndef _MHSM_KEYRING_H
#define _MHSM_KEYRING_H

/** mhsm_keyring_init() - registers the type, once the HSM can open keys */
int mhsm_keyring_init(void);

/** mhsm_keyring_exit() - there is no key of the type: each holds a reference to the module */
void mhsm_keyring_exit(void);

#endif
