/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _MHSM_TEMPLATE_H
#define _MHSM_TEMPLATE_H

/* The template mhsm(...), and the paes names (paes.c) */
int mhsm_template_register(void);
void mhsm_template_unregister(void);

int mhsm_paes_register(void);
void mhsm_paes_unregister(void);

#endif
