/* SPDX-License-Identifier: GPL-2.0-only */
/* x509: a custodian's certificate, as the Azure CLI sends it. */
#ifndef MHSM_DAEMON_X509_H
#define MHSM_DAEMON_X509_H

#include <jansson.h>
#include <stdbool.h>

#include "daemon/kernel.h"

#define MHSM_RSA_BITS_MIN 2048
#define MHSM_RSA_BITS_MAX 4096

/*
 * Reads a JSON Web Key with x5c (RFC 7517 section 4.7): one certificate in DER, standard base64, whose key is RSA of
 * 2048 to 4096 bits. n, e, kty and x5t#S256, where given, must belong to it; the rest is not looked at. The validity
 * dates and the issuer are not: who the custodians are is the administrator's word, and a certificate only carries a
 * key. False: *@why is a constant sentence.
 */
bool mhsm_x509_custodian(const json_t *jwk, struct mhsm_custodian *out, const char **why);

#endif
