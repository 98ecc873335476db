#include "cli/cli.h"

#include <stdio.h>

#include "cli/embedded.h"
#include "law/schema.h"

#define PACKS_MAX 256

struct check_options {
    bool quiet;
};

struct pack_file {
    struct fz_source source;
    const struct fz_node *node;  /* as written; NULL when it could not be read */
    const struct fz_node *whole; /* with what it amends */
    bool merging;                /* being merged: an amendment that amends itself ends here */
};

struct packs {
    struct fz_arena arena;
    struct fz_diags diags;
    struct pack_file *items;
    size_t n;
};

static fz_status add_file(struct packs *p, const char *name, fz_str text, struct fz_error *err)
{
    struct pack_file *f;
    size_t errors = p->diags.errors;

    if (p->n == PACKS_MAX)
        return fz_fail(err, FZ_E_TOO_LARGE, "more than %d packs", PACKS_MAX);
    f = &p->items[p->n++];
    *f = (struct pack_file){.source = {name, text}};
    f->node = fz_node_read(&p->arena, &f->source, &p->diags);
    if (p->diags.errors > errors)
        f->node = NULL; /* half a pack would only yield problems that are none */
    return FZ_OK;
}

static fz_status load(struct packs *p, const struct fz_texts *names, struct fz_error *err)
{
    fz_str text;

    for (const struct fz_embedded *e = fz_embedded; names->n == 0 && e->name; e++)
        if (fz_str_starts(fz_str_of(e->name), "packs/"))
            FZ_TRY(add_file(p, e->name, e->text, err));
    for (size_t i = 0; i < names->n; i++) {
        FZ_TRY(fz_cli_read_file(&p->arena, names->items[i], FZ_PACK_BYTES_MAX, &text, err));
        FZ_TRY(add_file(p, names->items[i], text, err));
    }
    return FZ_OK;
}

static fz_str text_of(const struct fz_node *pack, const char *key)
{
    const struct fz_node *n = fz_node_get(pack, key);

    return n && n->kind == FZ_NODE_TEXT ? n->text : (fz_str){0};
}

static struct pack_file *find_version(struct packs *p, fz_str pack, fz_str version)
{
    for (size_t i = 0; i < p->n; i++)
        if (fz_str_eq(text_of(p->items[i].node, "pack"), pack) && fz_str_eq(text_of(p->items[i].node, "version"), version))
            return &p->items[i];
    return NULL;
}

/* The pack as it reads with everything it amends; NULL when the amended version is not at hand. */
static const struct fz_node *whole(struct packs *p, struct pack_file *f)
{
    const struct fz_node *amends = fz_node_get(f->node, "amends"), *base = NULL;
    struct pack_file *of;

    if (f->whole || !f->node)
        return f->whole;
    if (!amends)
        return f->whole = f->node;
    f->merging = true;
    of = find_version(p, text_of(f->node, "pack"), text_of(f->node, "amends"));
    if (of && !of->merging)
        base = whole(p, of);
    f->merging = false;
    if (!base) {
        fz_diag_add(&p->diags, FZ_D_pack_no_base, amends->span, text_of(f->node, "amends"), text_of(f->node, "pack"),
                    (fz_str){0});
        return NULL;
    }
    return f->whole = fz_node_merge(&p->arena, base, f->node);
}

static size_t members(const struct fz_node *pack, const char *section)
{
    const struct fz_node *records = fz_node_get(pack, "records");
    size_t n = 0;

    for (size_t i = 0; records && records->kind == FZ_NODE_MAP && i < records->n; i++) {
        const struct fz_node *s = fz_node_get(records->pairs[i].value, section);

        n += s && s->kind != FZ_NODE_TEXT ? s->n : 0;
    }
    return n;
}

static void check_all(struct packs *p)
{
    for (size_t i = 0; i < p->n; i++)
        fz_schema_check(whole(p, &p->items[i]), &p->arena, &p->diags);
    fz_diags_sort(&p->diags);
}

static void print_pack(struct fz_cli *cli, const struct pack_file *f)
{
    fz_str version = text_of(f->whole, "version");

    fz_buf_printf(cli->out,
                  cli->lang == FZ_ZH ? "%s：格式正确（%.*s版：%zu个阶段，%zu项行为，%zu个期限）\n"
                                     : "%s: well-formed (version %.*s: %zu stages, %zu actions, %zu clocks)\n",
                  f->source.name, FZ_STR_ARG(version), members(f->whole, "stages"), members(f->whole, "actions"),
                  members(f->whole, "clocks"));
}

static fz_status check_run(struct fz_cli *cli, const void *options)
{
    const struct check_options *o = options;
    struct packs p = {0};
    struct fz_buf problems = {0};
    fz_status s;

    fz_diags_init(&p.diags, &p.arena);
    p.items = FZ_NEW_ARRAY(&p.arena, struct pack_file, PACKS_MAX);
    s = load(&p, &cli->args, &cli->err);
    if (s == FZ_OK) {
        check_all(&p);
        fz_diags_print(&p.diags, cli->lang, &problems);
        fwrite(problems.p, 1, problems.n, stderr);
        if (p.diags.errors)
            s = fz_fail(&cli->err, FZ_E_PACK, cli->lang == FZ_ZH ? "错误数：%zu" : "errors: %zu", p.diags.errors);
        for (size_t i = 0; s == FZ_OK && !o->quiet && i < p.n; i++)
            print_pack(cli, &p.items[i]);
    }
    fz_buf_release(&problems);
    fz_arena_release(&p.arena);
    return s;
}

static const struct fz_opt check_options[] = {
    FZ_OPTION_FLAG(struct check_options, quiet, "quiet", "say nothing when all is well"), FZ_OPTION_END};

const struct fz_command fz_cmd_check = {
    .name = "check",
    .args = "[PACK.yaml...] [--quiet]",
    .summary = "the form of packs (by default those shipped): keys, names, articles, expressions, units; soundness is still to come",
    .exits = "0 all are well-formed, 2 usage or a pack is wrong, 3 failure",
    .options = check_options,
    .options_bytes = sizeof(struct check_options),
    .run = check_run,
};
