#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const struct fz_command *const commands[] = {
#define X(name) &fz_cmd_##name,
#include "cli/commands.def"
#undef X
};

static fz_language language(void)
{
    const char *names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

    for (size_t i = 0; i < FZ_COUNT(names); i++) {
        const char *v = getenv(names[i]);

        if (v && *v)
            return strncmp(v, "zh", 2) == 0 ? FZ_ZH : FZ_EN;
    }
    return FZ_EN;
}

static void print_command(const struct fz_command *c, struct fz_buf *out)
{
    fz_buf_printf(out, "fazhi %s %s\n    %s\n", c->name, c->args, c->summary);
    for (const struct fz_opt *o = c->options; o->name; o++) {
        fz_str head;
        struct fz_buf b = {0};

        fz_buf_printf(&b, "--%s%s%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
        head = fz_buf_str(&b);
        fz_buf_printf(out, "      %.*s%*s%s\n", FZ_STR_ARG(head), head.n < 24 ? 24 - (int)head.n : 1, "", o->help);
        fz_buf_release(&b);
    }
    fz_buf_printf(out, "    exit status: %s\n", c->exits);
}

static void print_help(struct fz_buf *out)
{
    fz_buf_addz(out, "fazhi (法治): the law core of a law-based local government\n\n");
    for (size_t i = 0; i < FZ_COUNT(commands); i++)
        print_command(commands[i], out);
}

static const struct fz_opt *find_option(const struct fz_command *c, const char *name, size_t n)
{
    for (const struct fz_opt *o = c->options; o->name; o++)
        if (strlen(o->name) == n && memcmp(o->name, name, n) == 0)
            return o;
    return NULL;
}

static fz_status add_text(struct fz_texts *t, const char *value, struct fz_error *err)
{
    if (t->n == FZ_TEXTS_MAX)
        return fz_fail(err, FZ_E_USAGE, "more than %d of one kind: %s", FZ_TEXTS_MAX, value);
    t->items[t->n++] = value;
    return FZ_OK;
}

/* -o FILE is --out FILE, everywhere. */
static bool is_out(const char *word)
{
    return strcmp(word, "-o") == 0;
}

/* One "--name", "--name value" or "--name=value". `*i` moves past what it took. */
static fz_status take_option(const struct fz_command *c, char **argv, int argc, int *i, char *options,
                             struct fz_error *err)
{
    const char *name = is_out(argv[*i]) ? "out" : argv[*i] + 2, *equals = strchr(name, '='), *value = NULL;
    const struct fz_opt *o = find_option(c, name, equals ? (size_t)(equals - name) : strlen(name));
    char *member;

    if (!o)
        return fz_fail(err, FZ_E_USAGE, "%s has no option %s", c->name, argv[*i]);
    member = options + o->offset;
    if (o->kind == FZ_OPT_FLAG) {
        if (equals)
            return fz_fail(err, FZ_E_USAGE, "--%s takes no value", o->name);
        *(bool *)member = true;
        return FZ_OK;
    }
    if (equals)
        value = equals + 1;
    else if (*i + 1 < argc)
        value = argv[++*i];
    if (!value)
        return fz_fail(err, FZ_E_USAGE, "--%s needs %s", o->name, o->arg);
    if (o->kind == FZ_OPT_MANY)
        return add_text((struct fz_texts *)member, value, err);
    if (*(const char **)member)
        return fz_fail(err, FZ_E_USAGE, "--%s stands twice", o->name);
    *(const char **)member = value;
    return FZ_OK;
}

static fz_status run_command(const struct fz_command *c, int argc, char **argv, struct fz_cli *cli, char *options)
{
    bool only_args = false;

    for (int i = 0; i < argc; i++) {
        if (!only_args && strcmp(argv[i], "--") == 0)
            only_args = true;
        else if (!only_args && (is_out(argv[i]) || strncmp(argv[i], "--", 2) == 0))
            FZ_TRY(take_option(c, argv, argc, &i, options, &cli->err));
        else
            FZ_TRY(add_text(&cli->args, argv[i], &cli->err));
    }
    return c->run(cli, options);
}

/* Whatever cannot be written is a failure as well: a full disk must not look like an empty answer. */
static int finish(const struct fz_cli *cli, fz_status s)
{
    fz_str text = fz_buf_str(cli->out);

    if (text.n && fwrite(text.p, 1, text.n, stdout) != text.n) {
        fprintf(stderr, "fazhi: cannot write: %s\n", strerror(errno));
        return 3;
    }
    if (fflush(stdout) != 0) {
        fprintf(stderr, "fazhi: cannot write: %s\n", strerror(errno));
        return 3;
    }
    if (s != FZ_OK)
        fprintf(stderr, "fazhi: %s\n", cli->err.text);
    return fz_status_exit(s);
}

static bool is_help(const char *word)
{
    return strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

int main(int argc, char **argv)
{
    struct fz_buf out = {0};
    struct fz_cli cli = {.lang = language(), .out = &out};
    fz_status s = FZ_OK;
    int code;

    if (argc < 2 || is_help(argv[1])) {
        print_help(&out);
        if (argc < 2)
            s = fz_fail(&cli.err, FZ_E_USAGE, "which command?");
        code = finish(&cli, s);
        fz_buf_release(&out);
        return code;
    }
    s = fz_fail(&cli.err, FZ_E_USAGE, "there is no command '%s'; 'fazhi help' lists them", argv[1]);
    for (size_t i = 0; i < FZ_COUNT(commands); i++) {
        const struct fz_command *c = commands[i];
        char *options;

        if (strcmp(c->name, argv[1]) != 0)
            continue;
        if (argc > 2 && is_help(argv[2])) {
            print_command(c, &out);
            s = FZ_OK;
            break;
        }
        options = calloc(1, c->options_bytes);
        s = options ? run_command(c, argc - 2, argv + 2, &cli, options)
                    : fz_fail(&cli.err, FZ_E_NOMEM, "memory ran out");
        free(options);
        break;
    }
    code = finish(&cli, s);
    fz_buf_release(&out);
    return code;
}
