// SPDX-License-Identifier: GPL-2.0-only
/* Random bytes: see random.h */
#include <crypto/rng.h>
#include <linux/cpumask.h>
#include <linux/local_lock.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "kmod/random.h"

#define DRBG "drbg_nopr_ctr_aes256"
#define REQUEST_MAX 65536 /* bytes: SP 800-90A table 3 allows 2^16 */
#define POOL (12 * 64)

/* IVs are public when used, so drawing them in advance gives nothing away, and spares the DRBG's update per IV. */
struct iv_pool {
	struct crypto_rng *drbg;
	struct mutex lock; /* the pool; of a CPU's own callers, contended only after a migration */
	unsigned int left;
	u8 bytes[POOL];
};

static struct iv_pool __percpu *pools;

int mhsm_random_bytes(void *out, size_t len)
{
	struct crypto_rng *drbg = raw_cpu_ptr(pools)->drbg;
	u8 *to = out;
	size_t n;

	for (; len; len -= n, to += n) {
		n = min_t(size_t, len, REQUEST_MAX);
		if (crypto_rng_get_bytes(drbg, to, n)) {
			memzero_explicit(out, to + n - (u8 *)out);
			return -EIO;
		}
	}
	return 0;
}

int mhsm_random_iv(u8 iv[12])
{
	struct iv_pool *pool = raw_cpu_ptr(pools);
	int ret = 0;

	mutex_lock(&pool->lock);
	if (!pool->left) {
		ret = crypto_rng_get_bytes(pool->drbg, pool->bytes, POOL) ? -EIO : 0;
		if (ret)
			goto unlock;
		pool->left = POOL;
	}
	pool->left -= 12;
	memcpy(iv, pool->bytes + pool->left, 12);
unlock:
	mutex_unlock(&pool->lock);
	return ret;
}

void mhsm_random_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		if (!IS_ERR_OR_NULL(per_cpu_ptr(pools, cpu)->drbg))
			crypto_free_rng(per_cpu_ptr(pools, cpu)->drbg);
	free_percpu(pools);
}

int mhsm_random_init(void)
{
	struct iv_pool *pool;
	int cpu, ret;

	ret = wait_for_random_bytes();
	if (ret)
		return ret;
	pools = alloc_percpu(struct iv_pool);
	if (!pools)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		pool = per_cpu_ptr(pools, cpu);
		mutex_init(&pool->lock);
		pool->drbg = crypto_alloc_rng(DRBG, 0, 0);
		/* A NULL seed: the DRBG takes entropy from the kernel, the CPU number personalises it. */
		ret = IS_ERR(pool->drbg) ? PTR_ERR(pool->drbg) :
					   crypto_rng_reset(pool->drbg, (u8 *)&cpu, sizeof(cpu));
		if (ret)
			goto free;
	}
	return 0;
free:
	mhsm_random_exit();
	return ret;
}
