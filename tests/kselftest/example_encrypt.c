// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernels: none
 * link: libmhsm
 *
 * No test: the example of the documentation as it is, for tests/vm/test_keyring_data.sh.
 */
#include "lib/mhsm.h" /* installed as <mhsm.h> */
#include "doc/examples/encrypt.c"
