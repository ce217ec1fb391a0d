// SPDX-License-Identifier: GPL-2.0-only
#include "daemon/json.h"

#include <errno.h>
#include <inttypes.h>

/* The member, or NULL: then *@ok says whether its absence is allowed. */
static const json_t *member(const struct mhsm_request *request, struct mhsm_reply *reply, const json_t *object,
			    const char *name, bool required, bool *ok)
{
	const json_t *value = json_object_get(object, name);

	*ok = true;
	if (value && !json_is_null(value))
		return value;
	if (required) {
		mhsm_reply_bad(request, reply, "\"%s\" is missing", name);
		*ok = false;
	}
	return NULL;
}

static bool wrong(const struct mhsm_request *request, struct mhsm_reply *reply, const char *name, const char *what)
{
	mhsm_reply_bad(request, reply, "\"%s\" is not %s", name, what);
	return false;
}

bool mhsm_json_string(const struct mhsm_request *request, struct mhsm_reply *reply, const json_t *object,
		      const char *name, bool required, const char **out)
{
	const json_t *value;
	bool ok;

	value = member(request, reply, object, name, required, &ok);
	if (!value)
		return ok;
	if (!json_is_string(value))
		return wrong(request, reply, name, "a string");
	*out = json_string_value(value);
	return true;
}

bool mhsm_json_number(const struct mhsm_request *request, struct mhsm_reply *reply, const json_t *object,
		      const char *name, bool required, uint64_t min, uint64_t max, uint64_t *out)
{
	const json_t *value;
	json_int_t n;
	bool ok;

	value = member(request, reply, object, name, required, &ok);
	if (!value)
		return ok;
	n = json_integer_value(value);
	if (!json_is_integer(value) || n < 0 || (uint64_t)n < min || (uint64_t)n > max) {
		mhsm_reply_bad(request, reply, "\"%s\" is not a whole number from %" PRIu64 " to %" PRIu64, name, min,
			       max);
		return false;
	}
	*out = (uint64_t)n;
	return true;
}

bool mhsm_json_bool(const struct mhsm_request *request, struct mhsm_reply *reply, const json_t *object,
		    const char *name, bool required, bool *out)
{
	const json_t *value;
	bool ok;

	value = member(request, reply, object, name, required, &ok);
	if (!value)
		return ok;
	if (!json_is_boolean(value))
		return wrong(request, reply, name, "true or false");
	*out = json_is_true(value);
	return true;
}

bool mhsm_json_object(const struct mhsm_request *request, struct mhsm_reply *reply, const json_t *object,
		      const char *name, bool required, const json_t **out)
{
	const json_t *value;
	bool ok;

	value = member(request, reply, object, name, required, &ok);
	if (!value)
		return ok;
	if (!json_is_object(value))
		return wrong(request, reply, name, "an object");
	*out = value;
	return true;
}

bool mhsm_json_array(const struct mhsm_request *request, struct mhsm_reply *reply, const json_t *object,
		     const char *name, bool required, size_t min, size_t max, const json_t **out)
{
	const json_t *value;
	bool ok;

	value = member(request, reply, object, name, required, &ok);
	if (!value)
		return ok;
	if (!json_is_array(value))
		return wrong(request, reply, name, "an array");
	if (json_array_size(value) < min || json_array_size(value) > max) {
		mhsm_reply_bad(request, reply, "\"%s\" has %zu elements; %zu to %zu are allowed", name,
			       json_array_size(value), min, max);
		return false;
	}
	*out = value;
	return true;
}
