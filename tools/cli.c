// SPDX-License-Identifier: GPL-2.0-only
#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/mhsm.h"
#include "tools/cli.h"

#define OPTIONS_MAX 24
#define LONG_BASE 256 /* val of the first long option; above every letter */

struct value {
	const char **list; /* NULL-terminated */
	int count;
};

struct cli {
	const struct cli_noun *noun;
	const struct cli_command *command;
	const struct cli_option *options[OPTIONS_MAX]; /* the command's, then the common ones */
	struct value values[OPTIONS_MAX];
	int option_count;
	char **operands;
	enum cli_output output;
};

static const struct cli_option common_options[] = {
	{ "output", 'o', 0, "table|json|tsv", "how to print (default: table)" },
	{ "socket", 0, 0, "PATH", "mhsmd's socket (default: $MHSM_SOCKET or /run/mhsm/mhsmd.sock)" },
	{ "device", 0, 0, "PATH", "the HSM's device (default: $MHSM_DEVICE or /dev/mhsm)" },
	{ "help", 'h', 0, NULL, "explain this command" },
	{ 0 },
};

static bool is_plain(const struct cli_noun *noun)
{
	return !noun->commands[0].name[0];
}

/* --- what the commands ask ------------------------------------------------------------------------------------- */

static const struct value *find_value(const struct cli *cli, const char *name)
{
	for (int i = 0; i < cli->option_count; i++)
		if (!strcmp(cli->options[i]->name, name))
			return &cli->values[i];
	return NULL; /* commands may share code that asks for an option which only some of them have */
}

const char *cli_value(const struct cli *cli, const char *name)
{
	const struct value *value = find_value(cli, name);

	return value && value->count ? value->list[0] : NULL;
}

bool cli_given(const struct cli *cli, const char *name)
{
	const struct value *value = find_value(cli, name);

	return value && value->count;
}

const char *const *cli_values(const struct cli *cli, const char *name)
{
	const struct value *value = find_value(cli, name);

	return value && value->count ? value->list : NULL;
}

const char *cli_operand(const struct cli *cli, int index)
{
	return cli->operands[index];
}

enum cli_output cli_output(const struct cli *cli)
{
	return cli->output;
}

const char *cli_socket(const struct cli *cli)
{
	const char *path = cli_value(cli, "socket");

	if (!path)
		path = getenv("MHSM_SOCKET");
	return path && *path ? path : "/run/mhsm/mhsmd.sock";
}

const char *cli_device(const struct cli *cli)
{
	const char *path = cli_value(cli, "device");

	if (!path)
		path = getenv("MHSM_DEVICE");
	return path && *path ? path : MHSM_DEVICE;
}

int cli_session(const struct cli *cli)
{
	const char *path = cli_device(cli);
	int session = mhsm_open(path);

	/* The file's permission, not the HSM's. */
	if (session == -EACCES)
		return -cli_error(CLI_DENIED,
				  "%s: you may not open it: be of its group: usermod -aG mhsm USER, and log in anew",
				  path);
	return session < 0 ? -cli_fail(session, "%s", path) : session;
}

int cli_session_active(const struct cli *cli)
{
	static const int errors[] = {
		[MHSM_STATE_UNPROVISIONED] = ENODATA,
		[MHSM_STATE_LOCKED] = ENOKEY,
		[MHSM_STATE_ZEROIZED] = ESHUTDOWN,
		[MHSM_STATE_ERROR] = ENOTRECOVERABLE,
	};
	int session = cli_session(cli), ret;
	struct mhsm_ioc_info info;

	if (session < 0)
		return session;
	ret = mhsm_info(session, &info);
	if (!ret && info.state == MHSM_STATE_ACTIVE)
		return session;
	close(session);
	if (ret < 0)
		return -cli_fail(ret, "HSM");
	if (info.state == MHSM_STATE_PROVISIONED)
		return -cli_error(CLI_UNAVAILABLE,
				  "HSM: its security domain is not downloaded yet: mhsm security-domain download");
	if (info.state == MHSM_STATE_RESTORING)
		return -cli_error(CLI_UNAVAILABLE, "HSM: its keys are being restored: try again in a moment");
	if (info.state < sizeof(errors) / sizeof(errors[0]) && errors[info.state])
		return -cli_fail(errors[info.state], "HSM");
	return -cli_error(CLI_UNAVAILABLE, "HSM: state \"%s\"", mhsm_state_name(info.state));
}

/* --- help ------------------------------------------------------------------------------------------------------ */

static void print_options(const struct cli_option *option)
{
	for (; option && option->name; option++) {
		char left[80];
		int len;

		len = snprintf(left, sizeof(left), "  %s%c%s--%s%s%s%s", option->letter ? "-" : "  ",
			       option->letter ? option->letter : ' ', option->letter ? ", " : " ", option->name,
			       option->arg ? " " : "", option->arg ? option->arg : "",
			       option->flags & CLI_LIST ? " ..." : "");
		printf("%s%s%*s", left, len > 30 ? "\n" : "", len > 30 ? 32 : 32 - len, "");
		for (const char *line = option->help; line; ) {
			const char *end = strchr(line, '\n');

			printf("%.*s\n", end ? (int)(end - line) : (int)strlen(line), line);
			line = end ? end + 1 : NULL;
			if (line)
				printf("%32s", "");
		}
	}
}

static void print_usage(const struct cli_noun *noun, const struct cli_command *command)
{
	printf("usage: mhsm %s%s%s", noun->name, *command->name ? " " : "", command->name);
	for (const struct cli_option *o = command->options; o && o->name; o++)
		if (o->flags & CLI_REQUIRED)
			printf(" --%s %s%s", o->name, o->arg, o->flags & CLI_LIST ? "..." : "");
	for (const struct cli_option *o = command->options; o && o->name; o++)
		if (!(o->flags & CLI_REQUIRED))
			printf(" [--%s%s%s%s]", o->name, o->arg ? " " : "", o->arg ? o->arg : "",
			       o->flags & CLI_LIST ? "..." : "");
	printf("%s%s\n", command->operands ? " " : "", command->operands ? command->operands : "");
}

static void help_command(const struct cli_noun *noun, const struct cli_command *command)
{
	print_usage(noun, command);
	printf("\n%s.\n\n%s\n", command->summary, command->text);
	if (command->options) {
		printf("\nOptions:\n");
		print_options(command->options);
	}
	printf("\nCommon options:\n");
	print_options(common_options);
}

static void help_noun(const struct cli_noun *noun)
{
	printf("usage: mhsm %s VERB [OPTION]...\n\n%s.\n\nVerbs:\n", noun->name, noun->summary);
	for (const struct cli_command *c = noun->commands; c->name; c++)
		printf("  %-18s%s\n", c->name, c->summary);
	printf("\n\"mhsm %s VERB --help\" explains a verb and gives an example.\n", noun->name);
}

static void help_all(FILE *out)
{
	fprintf(out, "usage: mhsm NOUN [VERB] [OPTION]...\n\nAdministers and uses the kernel HSM.\n\n");
	for (const struct cli_noun *n = cli_nouns; n->name; n++)
		fprintf(out, "  %-18s%s\n", n->name, n->summary);
	fprintf(out, "\nA first HSM, from nothing to a signature:\n"
		     "  mhsm provision --administrators root\n"
		     "  mhsm security-domain download --sd-wrapping-keys a.pem b.pem c.pem --sd-quorum 2 \\\n"
		     "      --security-domain-file sd.json\n"
		     "  mhsm key create --name signer --kty EC-HSM --curve P-256 --ops sign verify\n"
		     "  mhsm key sign --name signer --in file --out file.sig\n"
		     "\n\"mhsm NOUN --help\" and \"mhsm NOUN VERB --help\" say more; mhsm(1) says it all.\n");
}

/* One line for each command: noun, verb, options. For bash completion, and for the test of the manual. */
static void list_commands(void)
{
	for (const struct cli_noun *n = cli_nouns; n->name; n++)
		for (const struct cli_command *c = n->commands; c->name; c++) {
			printf("%s %s", n->name, *c->name ? c->name : "-");
			for (const struct cli_option *o = c->options; o && o->name; o++)
				printf(" --%s", o->name);
			for (const struct cli_option *o = common_options; o->name; o++)
				printf(" --%s", o->name);
			putchar('\n');
		}
}

/* --- parsing --------------------------------------------------------------------------------------------------- */

static int usage(const struct cli *cli, const char *text, const char *subject)
{
	bool verb = *cli->command->name;

	return cli_error(CLI_USAGE, "%s%s%s: %s%s%s%s: see \"mhsm %s%s%s --help\"", cli->noun->name, verb ? " " : "",
			 cli->command->name, text, subject ? " \"" : "", subject ? subject : "", subject ? "\"" : "",
			 cli->noun->name, verb ? " " : "", cli->command->name);
}

static int add_value(struct cli *cli, int index, const char *text)
{
	struct value *value = &cli->values[index];
	const char **list;

	if (value->count && !(cli->options[index]->flags & CLI_LIST))
		return usage(cli, "given twice:", cli->options[index]->name);
	list = realloc(value->list, (value->count + 2) * sizeof(*list));
	if (!list)
		return cli_fail(ENOMEM, "%s", cli->options[index]->name);
	list[value->count++] = text;
	list[value->count] = NULL;
	value->list = list;
	return CLI_OK;
}

static void collect_options(struct cli *cli, struct option *longs, char *shorts)
{
	const struct cli_option *const tables[] = { cli->command->options, common_options };

	*shorts++ = ':'; /* a missing value is reported as ':' and not by getopt itself */
	for (int t = 0; t < 2; t++)
		for (const struct cli_option *o = tables[t]; o && o->name; o++) {
			int i = cli->option_count++;

			assert(i < OPTIONS_MAX);
			cli->options[i] = o;
			longs[i] = (struct option){ o->name, o->arg ? required_argument : no_argument, NULL,
						    LONG_BASE + i };
			if (o->letter) {
				*shorts++ = o->letter;
				if (o->arg)
					*shorts++ = ':';
			}
		}
	*shorts = '\0';
	longs[cli->option_count] = (struct option){ 0 };
}

static int option_index(const struct cli *cli, int c)
{
	for (int i = 0; i < cli->option_count; i++)
		if (c == LONG_BASE + i || (c < LONG_BASE && c == cli->options[i]->letter))
			return i;
	return -1;
}

/* argv[0] is the verb, or the noun that has none. */
static int parse_options(struct cli *cli, int argc, char **argv)
{
	struct option longs[OPTIONS_MAX + 1];
	char shorts[2 * OPTIONS_MAX + 2];
	int c, i, ret;

	collect_options(cli, longs, shorts);
	opterr = 0;
	optind = 0; /* glibc: begin anew, also with the order of operands */
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (c == '?')
			return usage(cli, "unknown option", argv[optind - 1]);
		if (c == ':')
			return usage(cli, "a value is missing after", argv[optind - 1]);
		i = option_index(cli, c);
		if (i < 0)
			return usage(cli, "unknown option", argv[optind - 1]);
		ret = add_value(cli, i, optarg ? optarg : "");
		/* az's lists: --ops sign verify. They end at the next option. */
		while (!ret && cli->options[i]->flags & CLI_LIST && optind < argc && argv[optind][0] != '-')
			ret = add_value(cli, i, argv[optind++]);
		if (ret)
			return ret;
	}
	cli->operands = argv + optind;
	return CLI_OK;
}

static int check_operands(const struct cli *cli, int count)
{
	const char *p = cli->command->operands;
	int wanted = p ? 1 : 0;

	for (; p && *p; p++)
		wanted += *p == ' ';
	if (count > wanted)
		return usage(cli, "unexpected operand", cli->operands[wanted]);
	if (count < wanted)
		return usage(cli, "operands are missing:", cli->command->operands);
	return CLI_OK;
}

static int parse_output(struct cli *cli)
{
	const char *text = cli_value(cli, "output");

	if (!text || !strcmp(text, "table"))
		cli->output = CLI_TABLE;
	else if (!strcmp(text, "json"))
		cli->output = CLI_JSON;
	else if (!strcmp(text, "tsv"))
		cli->output = CLI_TSV;
	else
		return usage(cli, "--output is table, json or tsv, not", text);
	return CLI_OK;
}

static int run_command(struct cli *cli, int argc, char **argv)
{
	int ret;

	ret = parse_options(cli, argc, argv);
	if (ret)
		return ret;
	if (cli_given(cli, "help")) {
		help_command(cli->noun, cli->command);
		return CLI_OK;
	}
	for (int i = 0; i < cli->option_count; i++)
		if (cli->options[i]->flags & CLI_REQUIRED && !cli->values[i].count)
			return usage(cli, "missing option", cli->options[i]->name);
	ret = check_operands(cli, argc - (int)(cli->operands - argv));
	if (!ret)
		ret = parse_output(cli);
	if (!ret)
		ret = cli->command->run(cli);
	return ret;
}

static int dispatch(const struct cli_noun *noun, int argc, char **argv)
{
	struct cli cli = { .noun = noun };
	int ret;

	if (is_plain(noun)) {
		cli.command = &noun->commands[0];
	} else {
		if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
			if (argc >= 2) {
				help_noun(noun);
				return CLI_OK;
			}
			return cli_error(CLI_USAGE, "%s: a verb is missing: see \"mhsm %s --help\"", noun->name,
					 noun->name);
		}
		for (cli.command = noun->commands; cli.command->name; cli.command++)
			if (!strcmp(cli.command->name, argv[1]))
				break;
		if (!cli.command->name)
			return cli_error(CLI_USAGE, "%s: unknown verb \"%s\": see \"mhsm %s --help\"", noun->name,
					 argv[1], noun->name);
		argc--;
		argv++;
	}
	ret = run_command(&cli, argc, argv);
	for (int i = 0; i < cli.option_count; i++)
		free(cli.values[i].list);
	return ret;
}

static int find_and_dispatch(int argc, char **argv)
{
	if (argc < 2) {
		help_all(stderr);
		return CLI_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		help_all(stdout);
		return CLI_OK;
	}
	if (!strcmp(argv[1], "--list-commands")) {
		list_commands();
		return CLI_OK;
	}
	if (!strcmp(argv[1], "--version"))
		argv[1] = "version";
	for (const struct cli_noun *noun = cli_nouns; noun->name; noun++)
		if (!strcmp(noun->name, argv[1]))
			return dispatch(noun, argc - 1, argv + 1);
	return cli_error(CLI_USAGE, "unknown command \"%s\": see \"mhsm --help\"", argv[1]);
}

int cli_main(int argc, char **argv)
{
	const struct rlimit none = { 0, 0 };
	int ret;

	/* import and unwrap hold key material: no dump of it, whatever happens */
	setrlimit(RLIMIT_CORE, &none);
	ret = find_and_dispatch(argc, argv);
	if (fflush(stdout) || ferror(stdout))
		return ret ? ret : cli_fail_file(errno ? errno : EIO, "-");
	return ret;
}
