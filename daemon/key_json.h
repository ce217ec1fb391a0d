/* SPDX-License-Identifier: GPL-2.0-only */
/* key_json: what is public of a key as the Key Vault API writes it, and back. */
#ifndef MHSM_DAEMON_KEY_JSON_H
#define MHSM_DAEMON_KEY_JSON_H

#include <jansson.h>

#include "daemon/request.h"
#include "uapi/mhsm.h"

#define MHSM_RECOVERABLE_DAYS 90

/* Whether @name can be one: ^[0-9a-zA-Z-]{1,127}$. A 400 in @reply if not. */
bool mhsm_key_name_check(const struct mhsm_request *request, struct mhsm_reply *reply, const char *name);

/* The bundle of one version; a deleted key's has recoveryId, deletedDate and scheduledPurgeDate too. NULL: no memory. */
json_t *mhsm_key_bundle(const struct mhsm_key_info *info);

/* The item of a listing: kid and attributes; the kid has the version only @with_version. */
json_t *mhsm_key_item(const struct mhsm_key_info *info, bool with_version);

/* Fills *@create from the body of a create request but for the name. False: a 400 is in @reply. */
bool mhsm_key_create_parse(const struct mhsm_request *request, struct mhsm_reply *reply,
			   struct mhsm_ioc_key_create *create);

/* Fills *@update from the body of an update request but for name and version. False: a 400 is in @reply. */
bool mhsm_key_update_parse(const struct mhsm_request *request, struct mhsm_reply *reply,
			   struct mhsm_ioc_key_update *update);

#endif
