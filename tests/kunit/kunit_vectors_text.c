// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reader of tests/vectors, for suites that run before there is a file system: the text is in the image
 * (vectors_text.S), memory is the case's, and what is wrong with a file fails and ends the case.
 */
#include <kunit/test-bug.h>
#include <kunit/test.h>

#include "tests/kunit/kunit_vectors.h"
#include "tests/unit/vectors.c"

const char *vectors_env_load(const char *path, size_t *len)
{
	const struct kunit_vectors_text *t;

	for (t = kunit_vectors_text; t < kunit_vectors_text_end; t++)
		if (!strcmp(t->path, path)) {
			*len = t->len;
			return t->text;
		}
	KUNIT_ASSERT_TRUE_MSG(kunit_get_current_test(), false, "%s: not in the image", path);
	return NULL;
}

void vectors_env_unload(const char *text)
{
}

void *vectors_env_alloc(size_t len)
{
	struct kunit *test = kunit_get_current_test();
	void *p = kunit_kzalloc(test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	return p;
}

void vectors_env_free(void *p)
{
	kunit_kfree(kunit_get_current_test(), p);
}

void vectors_env_die(const char *path, unsigned int line, const char *format, va_list ap)
{
	struct va_format what = { .fmt = format };
	va_list args;

	va_copy(args, ap);
	what.va = &args;
	KUNIT_FAIL(kunit_get_current_test(), "%s:%u: %pV", path, line, &what);
	__kunit_abort(kunit_get_current_test());
}
