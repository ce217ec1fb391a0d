// SPDX-License-Identifier: GPL-2.0-only
/* The module: the order of its start, and the mirror of it. */
#include <linux/module.h>

#include "kmod/attach.h"
#include "kmod/crypto_api/crypto_api.h"
#include "kmod/device.h"
#include "kmod/domain.h"
#include "kmod/keyring/keyring.h"
#include "kmod/netlink.h"
#include "kmod/prim_init.h"
#include "kmod/random.h"
#include "kmod/rsa_engine.h"
#include "kmod/scratch.h"
#include "kmod/secret.h"
#include "kmod/selftest.h"
#include "kmod/shutdown.h"

static int __init mhsm_init(void)
{
	int ret;

	ret = mhsm_scratch_init();
	if (ret)
		return ret;
	ret = mhsm_random_init();
	if (ret)
		goto exit_scratch;
	ret = mhsm_prim_init();
	if (ret)
		goto exit_random;
	ret = mhsm_selftest_run();
	if (ret)
		goto exit_prim;
	mhsm_rsa_engine_choose();
	ret = mhsm_domain_init();
	if (ret)
		goto exit_prim;
	ret = mhsm_shutdown_init();
	if (ret)
		goto exit_domain;
	ret = mhsm_attach_init();
	if (ret)
		goto exit_shutdown;
	ret = mhsm_device_init();
	if (ret)
		goto exit_attach;
	ret = mhsm_netlink_init();
	if (ret)
		goto exit_device;
	/* Last: once the ciphers are there somebody may hold one, and then there is no way back. */
	ret = mhsm_keyring_init();
	if (ret)
		goto exit_netlink;
	ret = mhsm_crypto_api_init();
	if (ret)
		goto exit_keyring;
	return 0;
exit_keyring:
	mhsm_keyring_exit();
exit_netlink:
	mhsm_netlink_exit();
exit_device:
	mhsm_device_exit();
exit_attach:
	mhsm_attach_exit();
exit_shutdown:
	mhsm_shutdown_exit();
exit_domain:
	mhsm_domain_exit();
	mhsm_secret_exit();
exit_prim:
	mhsm_prim_exit();
exit_random:
	mhsm_random_exit();
exit_scratch:
	mhsm_scratch_exit();
	return ret;
}

static void __exit mhsm_exit(void)
{
	mhsm_crypto_api_exit();
	mhsm_keyring_exit();
	mhsm_netlink_exit();
	mhsm_device_exit();
	mhsm_attach_exit();
	mhsm_shutdown_exit();
	mhsm_domain_exit();
	mhsm_secret_exit();
	mhsm_prim_exit();
	mhsm_random_exit();
	mhsm_scratch_exit();
	/* Keys and policies are freed after a grace period, by code of the kernel's. */
	rcu_barrier();
}

module_init(mhsm_init);
module_exit(mhsm_exit);
MODULE_DESCRIPTION("Managed HSM: keys that never leave the kernel");
MODULE_AUTHOR("The mhsm developers");
MODULE_LICENSE("GPL");
MODULE_VERSION(MHSM_VERSION);
MODULE_SOFTDEP("pre: drbg jitterentropy_rng aesni_intel ghash_clmulni_intel gcm ctr cbc ecb cmac xts hmac sha1 sha256 "
	       "sha512");
