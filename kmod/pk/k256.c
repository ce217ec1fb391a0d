// SPDX-License-Identifier: GPL-2.0-only
/* ECDSA and ECDH on secp256k1: the generic code of ec_*.h on its field. See k256.h. */
#include "k256.h"
#include "k256_fe.h"
#include "ec_pt.h"
#include "k256_table.h"
#include "ec_mul.h"
#include "ec_api.h"
