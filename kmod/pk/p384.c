// SPDX-License-Identifier: GPL-2.0-only
/* ECDSA and ECDH on P-384: the generic code of ec_*.h on its field. See p384.h. */
#include "p384.h"
#include "p384_fe.h"
#include "ec_pt.h"
#include "p384_table.h"
#include "ec_mul.h"
#include "ec_api.h"
