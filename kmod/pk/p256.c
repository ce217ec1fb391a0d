// SPDX-License-Identifier: GPL-2.0-only
/* ECDSA and ECDH on P-256: the generic code of ec_*.h on its field. See p256.h. */
#include "p256.h"
#include "p256_fe.h"
#include "ec_pt.h"
#include "p256_table.h"
#include "ec_mul.h"
#include "ec_api.h"
