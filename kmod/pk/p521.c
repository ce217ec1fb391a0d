// SPDX-License-Identifier: GPL-2.0-only
/* ECDSA and ECDH on P-521: the generic code of ec_*.h on its field. See p521.h. */
#include "p521.h"
#include "p521_fe.h"
#include "ec_pt.h"
#include "p521_table.h"
#include "ec_mul.h"
#include "ec_api.h"
