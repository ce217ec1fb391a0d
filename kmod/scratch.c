// SPDX-License-Identifier: GPL-2.0-only
/* Scratch memory: see scratch.h */
#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include "kmod/scratch.h"

static DEFINE_PER_CPU(void *, kept); /* NULL: lent, or never needed */

void *mhsm_scratch_get(size_t len)
{
	void *buf = NULL;

	if (len <= MHSM_SCRATCH_LEN) {
		buf = this_cpu_xchg(kept, NULL);
		len = MHSM_SCRATCH_LEN;
	}
	return buf ? buf : kmalloc(len, GFP_KERNEL);
}

void mhsm_scratch_put(void *buf, size_t len)
{
	if (len <= MHSM_SCRATCH_LEN)
		buf = this_cpu_xchg(kept, buf);
	/* What another left there in the meantime, or what is too large to keep */
	kfree(buf);
}

void mhsm_scratch_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		kfree(per_cpu(kept, cpu));
		per_cpu(kept, cpu) = NULL;
	}
}
