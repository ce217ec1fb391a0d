// SPDX-License-Identifier: GPL-2.0-only
/*
 * First program of a test guest: puts the host's root (9p, read-only) below a tmpfs overlay and starts /mhsm/stage2 in it.
 * See tests/vm/run. In C, because starting the programs that a script of this length needs takes an emulated processor
 * more than a second.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NEW "/newroot"
#define P9 "trans=virtio,version=9p2000.L,msize=512000"
#define GUEST NEW "/run/mhsm-guest/"

static void say(const char *level, const char *what)
{
	int fd = open("/dev/kmsg", O_WRONLY);

	if (fd < 0)
		return;
	dprintf(fd, "<%s>mhsm-vm: %s", level, what);
	close(fd);
}

/* The end of process 1 is a panic, which ends the guest. */
static void must(int ok, const char *what)
{
	char line[200];

	if (ok)
		return;
	snprintf(line, sizeof(line), "%s: %s", what, strerror(errno));
	say("2", line);
	exit(1);
}

static const struct mount_point {
	const char *source, *type, *at, *options;
	unsigned long flags;
	int optional; /* not every kernel has it */
} early[] = {
	{ "proc", "proc", "/proc", NULL, 0, 0 },
	{ "sysfs", "sysfs", "/sys", NULL, 0, 0 },
	{ "devtmpfs", "devtmpfs", "/dev", NULL, 0, 0 },
}, root[] = {
	{ "root", "9p", "/lower", P9 ",cache=loose", MS_RDONLY, 0 },
	{ "tmpfs", "tmpfs", "/rw", "size=75%", 0, 0 },
}, late[] = {
	{ "overlay", "overlay", NEW, "lowerdir=/lower,upperdir=/rw/upper,workdir=/rw/work", 0, 0 },
	{ "/dev", NULL, NEW "/dev", NULL, MS_MOVE, 0 },
	{ "/proc", NULL, NEW "/proc", NULL, MS_MOVE, 0 },
	{ "/sys", NULL, NEW "/sys", NULL, MS_MOVE, 0 },
	{ "devpts", "devpts", NEW "/dev/pts", "gid=5,mode=620,ptmxmode=666", 0, 0 },
	{ "tmpfs", "tmpfs", NEW "/dev/shm", "mode=1777", 0, 0 },
	{ "tmpfs", "tmpfs", NEW "/run", "mode=755", 0, 0 },
	{ "debugfs", "debugfs", NEW "/sys/kernel/debug", NULL, 0, 1 },
	{ "tracefs", "tracefs", NEW "/sys/kernel/tracing", NULL, 0, 1 },
	{ "securityfs", "securityfs", NEW "/sys/kernel/security", NULL, 0, 1 },
	{ "cgroup2", "cgroup2", NEW "/sys/fs/cgroup", NULL, 0, 1 },
	{ "share", "9p", NEW "/mnt/share", P9 ",cache=none", 0, 0 },
};

static void mount_all(const struct mount_point *m, size_t n)
{
	for (; n; n--, m++) {
		mkdir(m->at, 0755);
		must(!mount(m->source, m->at, m->type, m->flags, m->options) || m->optional, m->at);
	}
}

#define MOUNT_ALL(table) mount_all(table, sizeof(table) / sizeof(table[0]))

/* Their order is that of /modules/list. */
static void load_modules(void)
{
	FILE *list = fopen("/modules/list", "re");
	char path[300], name[200];
	int fd;

	must(list != NULL, "/modules/list");
	while (fscanf(list, "%199s", name) == 1) {
		snprintf(path, sizeof(path), "/modules/%s", name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		must(fd >= 0 && (!syscall(SYS_finit_module, fd, "", 0) || errno == EEXIST), path);
		close(fd);
		unlink(path); /* it took memory */
	}
	fclose(list);
}

static void move_file(const char *folder, const char *name)
{
	char from[300], to[300];
	struct stat st;
	int in, out;

	snprintf(from, sizeof(from), "%s/%s", folder, name);
	snprintf(to, sizeof(to), GUEST "%s", name);
	in = open(from, O_RDONLY | O_CLOEXEC);
	must(in >= 0 && !fstat(in, &st), from);
	out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, st.st_mode & 0777);
	must(out >= 0, to);
	for (off_t left = st.st_size, n; left; left -= n) {
		n = sendfile(out, in, NULL, (size_t)left);
		must(n > 0, to);
	}
	close(in);
	close(out);
	unlink(from);
}

/* What stage2 finds below /run/mhsm-guest */
static void move_files(void)
{
	DIR *dir = opendir("/mhsm");
	struct dirent *e;

	must(dir != NULL, "/mhsm");
	mkdir(NEW "/run/lock", 0755);
	mkdir(GUEST, 0755);
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.')
			move_file("/mhsm", e->d_name);
	closedir(dir);
	move_file("/bin", "busybox");
}

static void link_descriptors(void)
{
	static const char *const links[][2] = {
		{ "/proc/self/fd", NEW "/dev/fd" },
		{ "/proc/self/fd/0", NEW "/dev/stdin" },
		{ "/proc/self/fd/1", NEW "/dev/stdout" },
		{ "/proc/self/fd/2", NEW "/dev/stderr" },
	};

	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		must(!symlink(links[i][0], links[i][1]) || errno == EEXIST, links[i][1]);
}

static void name_network(void)
{
	static const char name[] = "mhsm-guest";
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	must(!sethostname(name, sizeof(name) - 1), "hostname");
	must(fd >= 0 && !ioctl(fd, SIOCSIFFLAGS, &lo), "lo");
	close(fd);
}

int main(void)
{
	static char *const args[] = { "bash", "/run/mhsm-guest/stage2", NULL };

	MOUNT_ALL(early);
	load_modules();
	say("5", "modules are loaded");
	mkdir(NEW, 0755);
	MOUNT_ALL(root);
	mkdir("/rw/upper", 0755);
	mkdir("/rw/work", 0755);
	MOUNT_ALL(late);
	link_descriptors();
	name_network();
	say("5", "root is mounted");
	move_files();
	must(!chdir(NEW) && !mount(".", "/", NULL, MS_MOVE, NULL) && !chroot(".") && !chdir("/"), "the new root");
	execv("/bin/bash", args);
	must(0, "/bin/bash");
}
