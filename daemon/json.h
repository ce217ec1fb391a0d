/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * json: members of request bodies, with their types checked. Each returns true with *out set (or left alone if the
 * member is absent or null and not required), or false with a 400 in @reply that names the member.
 */
#ifndef MHSM_DAEMON_JSON_H
#define MHSM_DAEMON_JSON_H

#include <stdint.h>

#include "daemon/request.h"

bool mhsm_json_string(const struct mhsm_request *request, struct mhsm_reply *reply, const json_t *object,
		      const char *name, bool required, const char **out);
bool mhsm_json_number(const struct mhsm_request *request, struct mhsm_reply *reply, const json_t *object,
		      const char *name, bool required, uint64_t min, uint64_t max, uint64_t *out);
bool mhsm_json_bool(const struct mhsm_request *request, struct mhsm_reply *reply, const json_t *object,
		    const char *name, bool required, bool *out);
bool mhsm_json_object(const struct mhsm_request *request, struct mhsm_reply *reply, const json_t *object,
		      const char *name, bool required, const json_t **out);
/* An array of @min to @max elements. */
bool mhsm_json_array(const struct mhsm_request *request, struct mhsm_reply *reply, const json_t *object,
		     const char *name, bool required, size_t min, size_t max, const json_t **out);

#endif
