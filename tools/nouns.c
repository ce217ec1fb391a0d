// SPDX-License-Identifier: GPL-2.0-only
#include "tools/cli.h"

const struct cli_noun cli_nouns[] = {
	{ "status", "Show the state of the HSM", status_commands },
	{ "provision", "Make a new domain and name its administrators", provision_commands },
	{ "security-domain", "Download the security domain, unlock the HSM with it", domain_commands },
	{ "key", "Create, manage and use keys", key_commands },
	{ "volume", "Encrypt disks with a data key that only the HSM knows", volume_commands },
	{ "keyring", "Put keys of the HSM into the kernel's keyrings", keyring_commands },
	{ "random", "Get random bytes from the HSM", random_commands },
	{ "audit", "Read and verify the audit log", audit_commands },
	{ "lock", "Wipe all keys from memory until custodians unlock the HSM", lock_commands },
	{ "zeroize", "Destroy the domain and all its keys", zeroize_commands },
	{ "version", "Print the version of this program", version_commands },
	{ 0 },
};
