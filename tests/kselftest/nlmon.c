// SPDX-License-Identifier: GPL-2.0-only
/*
 * kernels: none
 *
 * No test: captures what passes over netlink, for the scripts of tests/vm.
 *
 *   nlmon capture INTERFACE FILE   writes every message that the nlmon INTERFACE shows to FILE, says "ready" when it
 *                                  begins, and ends at SIGTERM; status 1 if any was lost
 *   nlmon send FILE                sends, from one netlink socket to another, the complement of the bytes in FILE
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOM (256 * 1024) /* longest message */
#define QUEUE (64 * 1024 * 1024)

static volatile sig_atomic_t told;

static void on_term(int number)
{
	(void)number;
	told = 1;
}

static void die(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	exit(1);
}

static int listen_on(const char *interface)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL)), queue = QUEUE;

	address.sll_ifindex = (int)if_nametoindex(interface);
	if (fd < 0 || !address.sll_ifindex ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof(queue)) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)))
		die(interface);
	return fd;
}

/* Writes what has come; returns the number of messages. */
static unsigned int take(int fd, int out, char *buffer)
{
	unsigned int messages = 0;
	ssize_t n;

	while ((n = recv(fd, buffer, ROOM, MSG_DONTWAIT | MSG_TRUNC)) > 0) {
		if (n > ROOM) {
			printf("a message of %zd bytes is longer than there is room\n", n);
			exit(1);
		}
		if (write(out, buffer, (size_t)n) != n)
			die("write");
		messages++;
	}
	return messages;
}

static int capture(const char *interface, const char *path)
{
	int fd, out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct tpacket_stats lost = { 0 };
	socklen_t len = sizeof(lost);
	unsigned int messages = 0;
	struct pollfd p;
	sigset_t term, none;
	char *buffer = malloc(ROOM);

	if (out < 0 || !buffer)
		die(path);
	sigemptyset(&none);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	signal(SIGTERM, on_term);
	fd = listen_on(interface);
	printf("ready\n");
	fflush(stdout);
	p = (struct pollfd){ .fd = fd, .events = POLLIN };
	while (!told) {
		if (ppoll(&p, 1, NULL, &none) < 0 && errno != EINTR)
			die("poll");
		messages += take(fd, out, buffer);
	}
	if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &lost, &len))
		die("statistics");
	printf("%u messages, %u lost\n", messages, lost.tp_drops);
	return lost.tp_drops || !messages;
}

static int netlink_socket(struct sockaddr_nl *address)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_USERSOCK);
	socklen_t len = sizeof(*address);

	memset(address, 0, sizeof(*address));
	address->nl_family = AF_NETLINK;
	if (fd < 0 || bind(fd, (struct sockaddr *)address, sizeof(*address)) ||
	    getsockname(fd, (struct sockaddr *)address, &len))
		die("netlink");
	return fd;
}

static int send_complement(const char *path)
{
	struct {
		struct nlmsghdr header;
		unsigned char data[256];
	} message = { 0 };
	struct sockaddr_nl from, to;
	int file = open(path, O_RDONLY | O_CLOEXEC), sender = netlink_socket(&from), receiver = netlink_socket(&to);
	ssize_t n = file < 0 ? -1 : read(file, message.data, sizeof(message.data));

	if (n <= 0)
		die(path);
	for (ssize_t i = 0; i < n; i++)
		message.data[i] ^= 0xff;
	message.header.nlmsg_len = (__u32)NLMSG_LENGTH(n);
	if (sendto(sender, &message, message.header.nlmsg_len, 0, (struct sockaddr *)&to, sizeof(to)) < 0 ||
	    recv(receiver, &message, sizeof(message), 0) <= 0)
		die("send");
	explicit_bzero(&message, sizeof(message));
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "capture"))
		return capture(argv[2], argv[3]);
	if (argc == 3 && !strcmp(argv[1], "send"))
		return send_complement(argv[2]);
	return 2;
}
