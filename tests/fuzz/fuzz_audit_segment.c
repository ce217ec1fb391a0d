// SPDX-License-Identifier: GPL-2.0-only
/*
 * A segment file of anything: parsing stays in bounds, the chain check ends, and opening the log for writing gives one
 * that opens again with the same end.
 *
 * runs: 3000
 *
 * link: daemon/audit.c daemon/chain.c daemon/segment.c daemon/file.c daemon/kernel.c
 * tests/unit/fake_kernel.c -lcrypto
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/audit.h"
#include "daemon/chain.h"
#include "daemon/log.h"
#include "tests/unit/fake_kernel.h"

static char dir[64];
static struct fake fake;

/* Thousands of complaints a second help nobody. */
void mhsm_log(int priority, const char *format, ...)
{
	(void)priority;
	(void)format;
}

static void remove_dir(void)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	if (system(command))
		abort();
}

static void prepare(void)
{
	char path[96];

	strcpy(dir, "/tmp/mhsm-fuzz-XXXXXX");
	if (!mkdtemp(dir))
		abort();
	atexit(remove_dir);
	snprintf(path, sizeof(path), "%s/audit", dir);
	if (mkdir(path, 0700))
		abort();
	fake_init(&fake);
}

static void write_segment(const uint8_t *data, size_t size)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "%s/audit/%020d.seg", dir, 0);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
}

/* Without MACs, which no fuzzer finds. */
static void walk(void)
{
	struct mhsm_segment_reader reader;
	struct mhsm_chain chain;
	struct mhsm_batch batch;
	char log[80];

	snprintf(log, sizeof(log), "%s/audit", dir);
	mhsm_chain_init(&chain);
	if (mhsm_segment_reader_open(&reader, log, 0))
		abort();
	while (mhsm_segment_reader_next(&reader, &batch) == 1)
		if (mhsm_chain_check(&chain, &batch))
			break;
	mhsm_segment_reader_close(&reader);
	mhsm_chain_clear(&chain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mhsm_audit *audit;
	uint64_t last[2] = { 0, 0 };
	bool has[2], trouble[2];
	char text[256];

	if (!dir[0])
		prepare();
	if (size > 8 * MHSM_AUDIT_BATCH_BYTES(8))
		return 0;
	write_segment(data, size);
	walk();
	for (int i = 0; i < 2; i++) {
		if (mhsm_audit_open(dir, &fake.device.base, MHSM_AUDIT_SEGMENT_MAX, &audit))
			abort();
		has[i] = mhsm_audit_last(audit, &last[i]);
		trouble[i] = mhsm_audit_trouble(audit, text, sizeof(text));
		mhsm_audit_close(audit);
	}
	if (has[0] != has[1] || last[0] != last[1] || trouble[0] != trouble[1])
		abort();
	return 0;
}
