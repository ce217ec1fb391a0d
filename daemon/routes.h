/* SPDX-License-Identifier: GPL-2.0-only */
/* routes: from method and path to handler. */
#ifndef MHSM_DAEMON_ROUTES_H
#define MHSM_DAEMON_ROUTES_H

#include "daemon/daemon.h"
#include "daemon/request.h"

/* Serves @request, whose caller is known, into @reply. What routing fills into @request is released again. */
void mhsm_routes_serve(struct mhsm_daemon *daemon, struct mhsm_request *request, struct mhsm_reply *reply);

typedef void mhsm_handler(struct mhsm_daemon *daemon, const struct mhsm_request *request, struct mhsm_reply *reply);

/* status.c */
mhsm_handler mhsm_status_get, mhsm_rng_post, mhsm_lock_post;
/* provision.c */
mhsm_handler mhsm_provision_post, mhsm_zeroize_post;
/* secdomain.c */
mhsm_handler mhsm_secdomain_download, mhsm_secdomain_pending, mhsm_secdomain_get, mhsm_secdomain_ceremony_start,
	mhsm_secdomain_ceremony_get, mhsm_secdomain_ceremony_end;
/* keys.c */
mhsm_handler mhsm_keys_create, mhsm_keys_update, mhsm_keys_delete, mhsm_keys_recover, mhsm_keys_purge;
/* keylist.c */
mhsm_handler mhsm_keys_list, mhsm_keys_versions, mhsm_keys_get, mhsm_keys_list_deleted, mhsm_keys_get_deleted;
/* auditapi.c */
mhsm_handler mhsm_audit_records, mhsm_audit_verify;

#endif
