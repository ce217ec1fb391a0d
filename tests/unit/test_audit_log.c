// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: daemon/audit.c daemon/chain.c daemon/segment.c daemon/file.c daemon/log.c daemon/kernel.c daemon/hex.c
 * tests/unit/fake_kernel.c -lcrypto
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/audit.h"
#include "daemon/chain.h"
#include "daemon/segment.h"
#include "tests/unit/fake_kernel.h"

#define BATCHES 12
#define PER_BATCH 3
#define BATCH_LEN (MHSM_AUDIT_BATCH_BYTES(2) + 3) /* the second repeats the first */

struct state {
	char dir[64];
	char log[80];
	struct fake fake;
	uint8_t batches[BATCHES][BATCH_LEN];
};

static int set_up(void **context)
{
	struct state *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	strcpy(s->dir, "/tmp/mhsm-audit-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->log, sizeof(s->log), "%s/audit", s->dir);
	fake_init(&s->fake);
	s->fake.state = MHSM_STATE_ACTIVE;
	*context = s;
	return 0;
}

static int tear_down(void **context)
{
	struct state *s = *context;
	char command[128];

	fake_clear(&s->fake);
	snprintf(command, sizeof(command), "rm -rf %s", s->dir);
	assert_int_equal(system(command), 0);
	free(s);
	return 0;
}

/* A log of BATCHES batches in two segments, two CPUs, two boots; one record of each batch is packed. */
static void make_log(struct state *s)
{
	uint8_t boot[16] = { 1 }, prev[MHSM_MAC_LEN] = { 0 };
	uint64_t seq[2] = { 0, 0 };
	char path[PATH_MAX];
	int fd = -1;

	mkdir(s->log, 0700);
	for (uint64_t b = 0; b < BATCHES; b++) {
		struct mhsm_audit_rec records[PER_BATCH];

		if (b == BATCHES / 2) {
			boot[0]++;
			seq[0] = seq[1] = 0;
		}
		memset(records, 0, sizeof(records));
		for (uint32_t i = 0; i < PER_BATCH; i++) {
			records[i].cpu = i / 2;
			records[i].seq = seq[i / 2]++;
			records[i].action = MHSM_ACT_SIGN;
		}
		assert_int_equal(fake_batch(s->batches[b], b, boot, prev, records, PER_BATCH), BATCH_LEN);
		memcpy(prev, s->batches[b] + BATCH_LEN - MHSM_MAC_LEN, MHSM_MAC_LEN);
		if (b % (BATCHES / 2) == 0) {
			if (fd >= 0)
				close(fd);
			assert_int_equal(mhsm_segment_path(s->log, b, path), 0);
			fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
			assert_true(fd >= 0);
		}
		assert_int_equal(write(fd, s->batches[b], BATCH_LEN), BATCH_LEN);
	}
	close(fd);
}

/* Opens the segment that begins with @first. */
static int open_segment(struct state *s, uint64_t first)
{
	char path[PATH_MAX];
	int fd;

	assert_int_equal(mhsm_segment_path(s->log, first, path), 0);
	fd = open(path, O_RDWR);
	assert_true(fd >= 0);
	return fd;
}

static int verify(struct state *s, struct mhsm_chain *chain)
{
	int ret;

	mhsm_chain_init(chain);
	ret = mhsm_chain_verify(chain, &s->fake.device.base, s->log, BATCHES - 1);
	mhsm_chain_clear(chain);
	return ret;
}

static void test_verify_whole(void **context)
{
	struct state *s = *context;
	struct mhsm_chain chain;

	make_log(s);
	assert_int_equal(verify(s, &chain), 0);
	assert_int_equal(chain.batches, BATCHES);
	assert_int_equal(chain.records, BATCHES * PER_BATCH);
	assert_int_equal(chain.boots, 2);
	s->fake.state = MHSM_STATE_LOCKED;
	assert_int_equal(verify(s, &chain), -ENOKEY);
}

/* Every single bit of a batch in the middle. */
static void test_bit_flips(void **context)
{
	struct state *s = *context;
	struct mhsm_chain chain;
	uint8_t byte;
	int fd;

	make_log(s);
	fd = open_segment(s, 0);
	for (size_t bit = 0; bit < BATCH_LEN * 8; bit++) {
		off_t at = (off_t)(2 * BATCH_LEN + bit / 8);

		/* All of the header and the MAC, some of the records. */
		if (bit / 8 >= sizeof(struct mhsm_audit_batch) && bit / 8 < BATCH_LEN - MHSM_MAC_LEN && bit % 37)
			continue;
		byte = s->batches[2][bit / 8] ^ (uint8_t)(1 << bit % 8);
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
		assert_int_equal(verify(s, &chain), -EBADMSG);
		assert_int_equal(chain.bad_batch, 2);
		assert_true(chain.reason[0]);
		assert_int_equal(pwrite(fd, &s->batches[2][bit / 8], 1, at), 1);
	}
	assert_int_equal(verify(s, &chain), 0);
	close(fd);
}

static void test_swapped(void **context)
{
	struct state *s = *context;
	struct mhsm_chain chain;
	int fd;

	make_log(s);
	fd = open_segment(s, 0);
	assert_int_equal(pwrite(fd, s->batches[3], BATCH_LEN, 2 * BATCH_LEN), BATCH_LEN);
	assert_int_equal(pwrite(fd, s->batches[2], BATCH_LEN, 3 * BATCH_LEN), BATCH_LEN);
	close(fd);
	assert_int_equal(verify(s, &chain), -EBADMSG);
	assert_int_equal(chain.bad_batch, 2);
	assert_non_null(strstr(chain.reason, "batch 3 stands where batch 2 is due"));
}

static void test_missing_batch(void **context)
{
	struct state *s = *context;
	struct mhsm_chain chain;
	int fd;

	make_log(s);
	fd = open_segment(s, 0);
	for (int b = 4; b < BATCHES / 2; b++)
		assert_int_equal(pwrite(fd, s->batches[b], BATCH_LEN, (b - 1) * (off_t)BATCH_LEN), BATCH_LEN);
	assert_int_equal(ftruncate(fd, (BATCHES / 2 - 1) * BATCH_LEN), 0);
	close(fd);
	assert_int_equal(verify(s, &chain), -EBADMSG);
	assert_int_equal(chain.bad_batch, 3);
}

static void test_missing_segment(void **context)
{
	struct state *s = *context;
	struct mhsm_chain chain;
	char path[PATH_MAX];

	make_log(s);
	mhsm_segment_path(s->log, 0, path);
	unlink(path);
	assert_int_equal(verify(s, &chain), -EBADMSG);
	assert_int_equal(chain.bad_batch, 0);
}

static void test_missing_end(void **context)
{
	struct state *s = *context;
	struct mhsm_chain chain;
	int fd;

	make_log(s);
	fd = open_segment(s, BATCHES / 2);
	assert_int_equal(ftruncate(fd, 2 * BATCH_LEN), 0);
	close(fd);
	assert_int_equal(verify(s, &chain), -EBADMSG);
	assert_int_equal(chain.bad_batch, BATCHES / 2 + 2);
}

/* Batches with right MACs whose records are not in sequence: what a kernel with lost records would give. */
static void test_sequence_gaps(void **context)
{
	static const struct {
		uint64_t seq[3];
		uint32_t cpu[3];
		int64_t bad;
	} cases[] = {
		{ { 0, 1, 2 }, { 0, 0, 0 }, -2 },
		{ { 0, 2, 3 }, { 0, 0, 0 }, 1 },
		{ { 0, 0, 1 }, { 0, 1, 1 }, -2 },
		{ { 0, 1, 1 }, { 0, 0, 0 }, 2 },
		{ { 0, 0, 2 }, { 0, 1, 0 }, 2 },
	};
	uint8_t boot[16] = { 9 }, prev[MHSM_MAC_LEN] = { 0 }, data[MHSM_AUDIT_BATCH_BYTES(PER_BATCH)];

	(void)context;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mhsm_audit_rec records[PER_BATCH];
		struct mhsm_chain chain;
		struct mhsm_batch batch;
		size_t len;
		int ret;

		memset(records, 0, sizeof(records));
		for (int k = 0; k < PER_BATCH; k++) {
			records[k].seq = cases[i].seq[k];
			records[k].cpu = cases[i].cpu[k];
		}
		len = fake_batch(data, 0, boot, prev, records, PER_BATCH);
		assert_int_equal(mhsm_batch_parse(data, sizeof(data), &batch), len);
		mhsm_chain_init(&chain);
		ret = mhsm_chain_check(&chain, &batch);
		mhsm_chain_clear(&chain);
		assert_int_equal(ret, cases[i].bad == -2 ? 0 : -EBADMSG);
		if (ret)
			assert_int_equal(chain.bad_record, cases[i].bad);
	}
}

/* Every record comes back as it was, whichever repeat another. */
static void test_records(void **context)
{
	uint8_t boot[16] = { 9 }, prev[MHSM_MAC_LEN] = { 0 }, data[MHSM_AUDIT_BATCH_BYTES(64)];
	struct mhsm_audit_rec records[64], got = { .seq = 0 };
	struct mhsm_batch batch;
	size_t len, at = 0;
	int n = 0;

	(void)context;
	srand(1);
	memset(records, 0, sizeof(records));
	for (int i = 0; i < 64; i++) {
		if (i)
			records[i] = records[i - 1];
		records[i].seq = rand() % 8 ? records[i].seq + 1 : (uint64_t)rand();
		records[i].time += rand() % 8 ? (uint64_t)rand() >> rand() % 31 : -(uint64_t)rand();
		records[i].duration = (uint64_t)rand() << rand() % 33 >> rand() % 31;
		if (rand() % 4 == 0)
			records[i].bytes = rand();
		if (rand() % 4 == 0)
			((uint8_t *)&records[i])[8 + rand() % 120] ^= 1 << rand() % 8;
	}
	len = fake_batch(data, 0, boot, prev, records, 64);
	assert_true(len > MHSM_AUDIT_BATCH_BYTES(8) && len < MHSM_AUDIT_BATCH_BYTES(48));
	assert_int_equal(mhsm_batch_parse(data, sizeof(data), &batch), len);
	while (mhsm_batch_next(&batch, &at, &got))
		assert_memory_equal(&got, &records[n++], sizeof(got));
	assert_int_equal(n, 64);
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(mhsm_batch_parse(data, cut, &batch), 0);
}

/* Batches as earlier versions made them: all records whole, or 32 bytes for one that repeats */
static void test_earlier_versions(void **context)
{
	uint8_t boot[16] = { 9 }, prev[MHSM_MAC_LEN] = { 0 }, data[MHSM_AUDIT_BATCH_BYTES(8)];
	uint8_t *const packed = data + sizeof(struct mhsm_audit_batch);
	struct mhsm_audit_rec records[8] = { { .seq = 5, .action = MHSM_ACT_SIGN } }, got = { .seq = 0 };
	const size_t whole = sizeof(records[0]), all = sizeof(struct mhsm_audit_batch) + sizeof(records) + MHSM_MAC_LEN;
	struct mhsm_batch batch;
	size_t at = 0, n, len = 0;

	(void)context;
	for (n = 1; n < 8; n++) {
		records[n] = records[n - 1];
		records[n].seq += n;
		records[n].time += 1000;
		records[n].duration = 77 * n;
		records[n].bytes = n / 2;
		records[n].uid = n / 3;
	}
	fake_batch(data, 0, boot, prev, records, 8);
	data[7] = '1';
	memcpy(packed, records, sizeof(records));
	assert_int_equal(mhsm_batch_parse(data, sizeof(data), &batch), all);
	for (n = 0; mhsm_batch_next(&batch, &at, &got); n++)
		assert_memory_equal(&got, &records[n], sizeof(got));
	assert_int_equal(n, 8);
	packed[whole + 7] = 0x80; /* which that version had not */
	assert_int_equal(mhsm_batch_parse(data, sizeof(data), &batch), -EBADMSG);

	data[7] = '2';
	for (n = 0; n < 8; n++) {
		const struct mhsm_audit_again again = { records[n].seq | 1ULL << 63, records[n].time,
							records[n].duration, records[n].bytes };

		if (n % 3)
			memcpy(packed + len, &again, sizeof(again));
		else
			memcpy(packed + len, &records[n], whole);
		len += n % 3 ? sizeof(again) : whole;
	}
	assert_int_equal(mhsm_batch_parse(data, sizeof(data), &batch), sizeof(batch.header) + len + MHSM_MAC_LEN);
	for (n = at = 0; mhsm_batch_next(&batch, &at, &got); n++)
		assert_memory_equal(&got, &records[n], sizeof(got));
	assert_int_equal(n, 8);
	packed[7] |= 0x80; /* a first record that repeats one */
	assert_int_equal(mhsm_batch_parse(data, sizeof(data), &batch), -EBADMSG);
	data[7] = '4';
	assert_int_equal(mhsm_batch_parse(data, sizeof(data), &batch), -EBADMSG);
	data[7] = '0';
	assert_int_equal(mhsm_batch_parse(data, sizeof(data), &batch), -EBADMSG);
	data[7] = '3';
	for (unsigned int tag = 1; tag < 256; tag++) { /* neither whole, nor may it repeat */
		packed[0] = tag;
		assert_int_equal(mhsm_batch_parse(data, sizeof(data), &batch), -EBADMSG);
	}
}

/* A boot must begin its sequences at 0, and cannot come back. */
static void test_boots(void **context)
{
	uint8_t boots[3][16] = { { 1 }, { 2 }, { 1 } }, prev[MHSM_MAC_LEN] = { 0 }, data[MHSM_AUDIT_BATCH_BYTES(1)];
	struct mhsm_audit_rec record = { .seq = 0 };
	struct mhsm_batch batch;
	struct mhsm_chain chain;

	(void)context;
	for (int second_seq = 0; second_seq < 2; second_seq++) {
		memset(prev, 0, sizeof(prev));
		mhsm_chain_init(&chain);
		for (int i = 0; i < 3; i++) {
			record.seq = i == 1 ? second_seq : 0;
			fake_batch(data, i, boots[i], prev, &record, 1);
			mhsm_batch_parse(data, sizeof(data), &batch);
			memcpy(prev, batch.mac, MHSM_MAC_LEN);
			if (i == 0 || (i == 1 && !second_seq)) {
				assert_int_equal(mhsm_chain_check(&chain, &batch), 0);
			} else {
				assert_int_equal(mhsm_chain_check(&chain, &batch), -EBADMSG);
				break;
			}
		}
		mhsm_chain_clear(&chain);
	}
}

/* The end of the log cut off at every byte of its last batch. */
static void test_torn_tail(void **context)
{
	struct state *s = *context;
	struct mhsm_audit *audit;
	struct stat st;
	uint64_t last;
	int fd;

	make_log(s);
	fd = open_segment(s, BATCHES / 2);
	for (size_t cut = 0; cut < BATCH_LEN; cut++) {
		assert_int_equal(ftruncate(fd, 5 * BATCH_LEN), 0);
		assert_int_equal(pwrite(fd, s->batches[BATCHES - 1], cut, 5 * BATCH_LEN), cut);
		assert_int_equal(mhsm_audit_open(s->dir, &s->fake.device.base, MHSM_AUDIT_SEGMENT_MAX, &audit), 0);
		assert_true(mhsm_audit_last(audit, &last));
		assert_int_equal(last, BATCHES - 2);
		mhsm_audit_close(audit);
		assert_int_equal(fstat(fd, &st), 0);
		assert_int_equal(st.st_size, 5 * BATCH_LEN);
	}
	/* And where only the length had reached the disk. */
	assert_int_equal(ftruncate(fd, 6 * BATCH_LEN), 0);
	assert_int_equal(mhsm_audit_open(s->dir, &s->fake.device.base, MHSM_AUDIT_SEGMENT_MAX, &audit), 0);
	assert_true(mhsm_audit_last(audit, &last));
	assert_int_equal(last, BATCHES - 2);
	mhsm_audit_close(audit);
	/* A segment whose only batch is torn goes away whole. */
	assert_int_equal(ftruncate(fd, 40), 0);
	assert_int_equal(mhsm_audit_open(s->dir, &s->fake.device.base, MHSM_AUDIT_SEGMENT_MAX, &audit), 0);
	assert_true(mhsm_audit_last(audit, &last));
	assert_int_equal(last, BATCHES / 2 - 1);
	mhsm_audit_close(audit);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_nlink, 0);
	close(fd);
}

/* Damage before the end is not cut off: nothing is drained, and the reason is said. */
static void test_damage_stops_draining(void **context)
{
	struct state *s = *context;
	struct mhsm_audit *audit;
	char text[256];
	struct stat st;
	int fd;

	make_log(s);
	fd = open_segment(s, BATCHES / 2);
	assert_int_equal(pwrite(fd, "X", 1, 3 * BATCH_LEN), 1);
	assert_int_equal(mhsm_audit_open(s->dir, &s->fake.device.base, MHSM_AUDIT_SEGMENT_MAX, &audit), 0);
	assert_true(mhsm_audit_trouble(audit, text, sizeof(text)));
	assert_non_null(strstr(text, "damaged"));
	mhsm_audit_close(audit);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 6 * BATCH_LEN);
	close(fd);
}

/* Waits until @count batches are acknowledged. */
static void wait_batches(struct state *s, uint64_t count)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 20;
	pthread_mutex_lock(&s->fake.lock);
	while (s->fake.batch_number < count)
		assert_int_equal(pthread_cond_timedwait(&s->fake.changed, &s->fake.lock, &until), 0);
	pthread_mutex_unlock(&s->fake.lock);
}

static struct mhsm_audit *start(struct state *s)
{
	struct mhsm_audit *audit;

	/* A segment for about two batches. */
	assert_int_equal(mhsm_audit_open(s->dir, &s->fake.device.base, 2 * MHSM_AUDIT_BATCH_BYTES(1), &audit), 0);
	assert_int_equal(mhsm_audit_start(audit), 0);
	return audit;
}

static void check_log(struct state *s, uint64_t batches, uint64_t boots)
{
	struct mhsm_chain chain;

	mhsm_chain_init(&chain);
	assert_int_equal(mhsm_chain_verify(&chain, &s->fake.device.base, s->log, batches - 1), 0);
	assert_int_equal(chain.batches, batches);
	assert_int_equal(chain.boots, boots);
	mhsm_chain_clear(&chain);
}

static void test_drain_rotate_resume(void **context)
{
	struct state *s = *context;
	struct mhsm_segments segments;
	struct mhsm_audit *audit;

	memset(s->fake.domain, 0xd0, MHSM_ID_LEN);
	audit = start(s);
	for (uint64_t n = 1; n <= 7; n++) {
		fake_audit(&s->fake, MHSM_ACT_SIGN, 0);
		wait_batches(s, n);
	}
	mhsm_audit_close(audit);
	assert_int_equal(mhsm_segments_list(s->log, &segments), 0);
	assert_int_equal(segments.count, 4);
	assert_int_equal(segments.first[3], 6);
	mhsm_segments_clear(&segments);
	check_log(s, 7, 1);

	/* Only the daemon restarts: the chain goes on. */
	audit = start(s);
	fake_audit(&s->fake, MHSM_ACT_SIGN, 0);
	wait_batches(s, 8);
	mhsm_audit_close(audit);
	check_log(s, 8, 1);

	/* The machine restarts: locked at first, then the chain is resumed after the last batch. */
	fake_reboot(&s->fake);
	s->fake.state = MHSM_STATE_LOCKED;
	fake_audit(&s->fake, MHSM_ACT_DOMAIN_UPLOAD, 0);
	audit = start(s);
	mhsm_audit_expect(audit);
	pthread_mutex_lock(&s->fake.lock);
	s->fake.state = MHSM_STATE_ACTIVE;
	pthread_mutex_unlock(&s->fake.lock);
	wait_batches(s, 9);
	mhsm_audit_expected(audit);
	mhsm_audit_close(audit);
	check_log(s, 9, 2);
}

/* The batch was stored but its acknowledgement did not get through: it comes again, and is there once. */
static void test_lost_ack(void **context)
{
	struct state *s = *context;
	struct mhsm_audit *audit;

	memset(s->fake.domain, 0xd0, MHSM_ID_LEN);
	audit = start(s);
	fake_audit(&s->fake, MHSM_ACT_SIGN, 0);
	wait_batches(s, 1);
	fake_audit(&s->fake, MHSM_ACT_SIGN, 0);
	wait_batches(s, 2);
	mhsm_audit_close(audit);
	/* As if the second had not been acknowledged. */
	s->fake.batch_number = 1;
	{
		struct mhsm_segment_reader reader;
		struct mhsm_batch batch;

		assert_int_equal(mhsm_segment_reader_open(&reader, s->log, 0), 0);
		assert_int_equal(mhsm_segment_reader_next(&reader, &batch), 1);
		memcpy(s->fake.prev, batch.mac, MHSM_MAC_LEN);
		assert_int_equal(mhsm_segment_reader_next(&reader, &batch), 1);
		memcpy(s->fake.batch, batch.data, batch.len);
		s->fake.batch_len = batch.len;
		mhsm_segment_reader_close(&reader);
	}
	audit = start(s);
	wait_batches(s, 2);
	fake_audit(&s->fake, MHSM_ACT_SIGN, 0);
	wait_batches(s, 3);
	mhsm_audit_close(audit);
	check_log(s, 3, 1);
}

/* A log whose last batch the kernel does not know as its own. */
static void test_foreign_log(void **context)
{
	struct state *s = *context;
	struct mhsm_audit *audit;
	char text[256] = "";
	uint8_t byte = 0;
	int fd;

	make_log(s);
	fd = open_segment(s, BATCHES / 2);
	assert_int_equal(pwrite(fd, &byte, 1, 5 * BATCH_LEN + 100), 1);
	byte = s->batches[BATCHES - 1][BATCH_LEN - 1] ^ 1;
	assert_int_equal(pwrite(fd, &byte, 1, 6 * BATCH_LEN - 1), 1);
	close(fd);
	audit = start(s);
	fake_audit(&s->fake, MHSM_ACT_SIGN, 0);
	/* It is told within the time of one drain. */
	for (int i = 0; i < 200 && !mhsm_audit_trouble(audit, text, sizeof(text)); i++)
		usleep(10000);
	assert_non_null(strstr(text, "does not continue the chain"));
	assert_int_equal(s->fake.batch_number, 0);
	mhsm_audit_close(audit);
}

static void test_put_aside(void **context)
{
	struct state *s = *context;
	struct mhsm_audit *audit;
	char path[PATH_MAX];
	uint64_t last;

	make_log(s);
	assert_int_equal(mhsm_audit_open(s->dir, &s->fake.device.base, MHSM_AUDIT_SEGMENT_MAX, &audit), 0);
	assert_int_equal(mhsm_audit_put_aside(audit, "old"), 0);
	assert_false(mhsm_audit_last(audit, &last));
	snprintf(path, sizeof(path), "%s/old/%020d.seg", s->log, 0);
	assert_int_equal(access(path, R_OK), 0);
	assert_int_equal(mhsm_audit_start(audit), 0);
	fake_audit(&s->fake, MHSM_ACT_SIGN, 0);
	wait_batches(s, 1);
	mhsm_audit_close(audit);
	check_log(s, 1, 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_verify_whole),	T(test_bit_flips),	 T(test_swapped),
		T(test_missing_batch),	T(test_missing_segment), T(test_missing_end),
		T(test_sequence_gaps),	T(test_boots),		 T(test_torn_tail),
		T(test_records),	T(test_earlier_versions),
		T(test_damage_stops_draining), T(test_drain_rotate_resume), T(test_lost_ack),
		T(test_foreign_log),	T(test_put_aside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
