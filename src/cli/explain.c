#include "cli/packs.h"

#include <unistd.h>

#include "report/explain.h"

struct explain_options {
    const char *format, *version, *profile;
};

typedef enum { AS_MARKDOWN, AS_HTML, AS_DOT } format;

static fz_status format_of(const char *word, format *out, struct fz_error *err)
{
    static const char *const words[] = {[AS_MARKDOWN] = "md", [AS_HTML] = "html", [AS_DOT] = "dot"};

    *out = AS_MARKDOWN;
    for (size_t i = 0; word && i < FZ_COUNT(words); i++)
        if (strcmp(word, words[i]) == 0) {
            *out = (format)i;
            return FZ_OK;
        }
    return word ? fz_fail(err, FZ_E_USAGE, "--format is md, html or dot, not %s", word) : FZ_OK;
}

/* "it-traffic-fines", as its file is called, or "it_traffic_fines", as it calls itself. */
static bool named(const struct fz_pack *p, fz_str name)
{
    if (!p || name.n != p->name.n)
        return false;
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] != p->name.p[i] && !(name.p[i] == '-' && p->name.p[i] == '_'))
            return false;
    return true;
}

/* The newest version in force on `day`; FZ_DAY_NONE: the newest of all. The first that was added wins over a later one of the same day. */
static const struct fz_pack *pick(const struct fz_packs *p, fz_str name, fz_day day)
{
    const struct fz_pack *best = NULL;

    for (size_t i = 0; i < p->n; i++) {
        const struct fz_pack *k = p->items[i].pack;

        if (named(k, name) && (day == FZ_DAY_NONE || k->version <= day) && (!best || k->version > best->version))
            best = k;
    }
    return best;
}

/* A name that no shipped pack has is a file. It may amend a shipped pack, so those stay at hand behind it. */
static fz_status load(struct fz_packs *p, struct fz_cli *cli, const char *name, bool *out_file)
{
    FZ_TRY(fz_packs_add_shipped(p, &cli->err));
    fz_packs_load(p);
    *out_file = !pick(p, fz_str_of(name), FZ_DAY_NONE);
    if (*out_file) {
        fz_packs_release(p);
        fz_packs_init(p);
        if (!strpbrk(name, "./") && access(name, F_OK) != 0)
            return fz_fail(&cli->err, FZ_E_INPUT, "no shipped pack is called %s, and no file; `fazhi check` lists those shipped", name);
        FZ_TRY(fz_packs_add_file(p, name, &cli->err));
        FZ_TRY(fz_packs_add_shipped(p, &cli->err));
        fz_packs_load(p);
    }
    return p->diags.errors ? fz_packs_report(p, cli) : FZ_OK; /* warnings are for `fazhi check` */
}

static fz_status choose(const struct fz_packs *p, const char *name, bool is_file, const char *version,
                        const struct fz_pack **out, struct fz_error *err)
{
    fz_day day = FZ_DAY_NONE;

    if (version && !fz_day_parse(fz_str_of(version), &day))
        return fz_fail(err, FZ_E_USAGE, "--version is a day like 2026-01-31, not %s", version);
    if (is_file && !version)
        *out = p->items[0].pack;
    else if (is_file)
        *out = pick(p, p->items[0].pack->name, day);
    else
        *out = pick(p, fz_str_of(name), day);
    return *out ? FZ_OK : fz_fail(err, FZ_E_INPUT, "no version of %s is in force on %s", name, version);
}

static fz_status print(struct fz_cli *cli, const struct fz_pack *pack, format as)
{
    switch (as) {
    case AS_HTML:
        return fz_explain_html(pack, cli->lang, cli->out, &cli->err);
    case AS_DOT:
        fz_explain_dot(pack, cli->lang, cli->out);
        return FZ_OK;
    default:
        fz_explain_markdown(pack, cli->lang, cli->out);
        return FZ_OK;
    }
}

static fz_status explain_run(struct fz_cli *cli, const void *options)
{
    const struct explain_options *o = options;
    const struct fz_pack *pack = NULL;
    struct fz_packs p;
    bool is_file = false;
    format as;
    fz_status s;

    FZ_TRY(format_of(o->format, &as, &cli->err));
    if (cli->args.n != 1)
        return fz_fail(&cli->err, FZ_E_USAGE, "which pack? One name, such as reconsideration, or one file");
    fz_packs_init(&p);
    s = load(&p, cli, cli->args.items[0], &is_file);
    if (s == FZ_OK)
        s = fz_packs_profile(&p, o->profile, cli);
    if (s == FZ_OK)
        s = choose(&p, cli->args.items[0], is_file, o->version, &pack, &cli->err);
    if (s == FZ_OK)
        s = print(cli, pack, as);
    fz_packs_release(&p);
    return s;
}

static const struct fz_opt explain_options[] = {
    FZ_OPTION_TEXT(struct explain_options, format, "format", "md|html|dot",
                   "Markdown (by default), one HTML page with diagrams, or Graphviz graphs"),
    FZ_OPTION_TEXT(struct explain_options, version, "version", "DAY",
                   "the version in force on that day (by default the newest)"),
    FZ_OPTION_PROFILE(struct explain_options, profile), FZ_OPTION_END};

const struct fz_command fz_cmd_explain = {
    .name = "explain",
    .args = "PACK [--format md|html|dot] [--version DAY] [--profile PROFILE.yaml]",
    .summary = "a pack (by name or file) in words that a lawyer reads, with a diagram of its course",
    .exits = "0 explained, 2 usage or the pack is wrong, 3 failure",
    .options = explain_options,
    .options_bytes = sizeof(struct explain_options),
    .run = explain_run,
};
