// SPDX-License-Identifier: GPL-2.0-only
/*
 * link: tests/kselftest/hsm/hsm.c tests/kselftest/hsm/ceremony.c daemon/genl.c daemon/genl_command.c daemon/device.c
 *       daemon/log.c
 *       libmhsm pkg:libnl-genl-3.0 -lcrypto
 * kernels: 6.1 6.12
 * smp: 2
 *
 * The audit of several CPUs is one: a thread that goes to and fro between two CPUs does one operation after another, and
 * finds them in the order in which it did them, each once.
 */
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tests/kselftest/hsm/cases.h"
#include "tests/kselftest/hsm/hsm.h"
#include "tests/kselftest/hsm/retry.h"

#define OPS 3000
#define STAY 40 /* operations at most before the thread goes to the other CPU */

static struct mhsm_audit_rec recs[OPS + 1];

static int to_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

/* Operation @n encrypts @n bytes, by which its record is told from others. */
static long operation(int key, unsigned int n)
{
	static uint8_t in[OPS], out[OPS], iv[MHSM_GCM_IV_LEN], tag[MHSM_GCM_TAG_LEN];
	long ret;

	memcpy(iv, &n, sizeof(n));
	RETRY(ret, mhsm_encrypt_iv(key, iv, NULL, 0, in, n, out, tag));
	return ret;
}

static void operations(int key)
{
	unsigned int seed = 1, stay = 0, n;
	int cpu = 0;

	cases_begin();
	for (n = 0; n < OPS; n++) {
		if (!stay--) {
			/* Short visits and long ones */
			stay = (unsigned int)rand_r(&seed) % (rand_r(&seed) % 2 ? 2 : STAY);
			cpu = !cpu;
			cases_is(to_cpu(cpu), 0, "to CPU %d", cpu);
		}
		cases_is(operation(key, n), 0, "ENCRYPT of %u bytes", n);
	}
	cases_end("operations on two CPUs");
}

static void order(void)
{
	unsigned int on_other = 0;
	uint64_t seq[2] = { 0, 0 };

	cases_begin();
	for (unsigned int n = 0; n < OPS; n++) {
		const struct mhsm_audit_rec *r = &recs[n];

		cases_is((long)r->bytes, (long)n, "record %u", n);
		cases_is(r->result, 0, "its result");
		cases_is(!n || r->time >= recs[n - 1].time, 1, "record %u is not older than the one before", n);
		cases_is(r->cpu < 2, 1, "its CPU");
		if (r->cpu < 2) {
			cases_is(!seq[r->cpu] || r->seq == seq[r->cpu] + 1, 1, "none of CPU %u is missing before %u", r->cpu, n);
			seq[r->cpu] = r->seq;
			on_other += r->cpu;
		}
	}
	cases_end("records in the order of what they record");
	tap_ok(on_other > OPS / 4 && on_other < OPS - OPS / 4, "both CPUs wrote some");
}

int main(void)
{
	const struct mhsm_key_spec spec = { .type = MHSM_KEY_AES, .param = 256, .flags = MHSM_KEY_ENABLED | MHSM_KEY_SESSION };
	struct hsm *hsm;
	int err = hsm_start(&hsm), session, key;

	if (err)
		return tap_bail("hsm_start", err);
	session = mhsm_open(NULL);
	key = session < 0 ? session : mhsm_key_create(session, &spec);
	if (key < 0)
		return tap_bail("a key", key);
	operations(key);
	tap_is(hsm_audit_wait(hsm, MHSM_ACT_ENCRYPT, 0, OPS, 30), 0, "all are in the audit");
	tap_is((long)hsm_audit_records(hsm, MHSM_ACT_ENCRYPT, recs, OPS + 1), OPS, "once");
	order();
	close(key);
	close(session);
	hsm_stop(hsm);
	return tap_end();
}
