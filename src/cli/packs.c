#include "cli/packs.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/embedded.h"
#include "law/profile.h"

#define CALENDAR_BYTES_MAX (1u << 20) /* twenty years of China take 30 kB */

void fz_packs_init(struct fz_packs *p)
{
    *p = (struct fz_packs){.n = 0};
    fz_arena_init(&p->arena);
    fz_diags_init(&p->diags, &p->arena);
    p->items = FZ_NEW_ARRAY(&p->arena, struct fz_pack_file, FZ_PACK_FILES_MAX);
}

void fz_packs_release(struct fz_packs *p)
{
    for (size_t i = 0; i < p->calendars_n; i++)
        fz_calendar_free(p->calendars[i].calendar);
    fz_arena_release(&p->arena);
}

/* ---- reading ---- */

static fz_status add(struct fz_packs *p, const char *name, fz_str text, struct fz_source scenarios, struct fz_error *err)
{
    struct fz_pack_file *f;
    size_t errors = p->diags.errors;

    if (p->n == FZ_PACK_FILES_MAX)
        return fz_fail(err, FZ_E_TOO_LARGE, "more than %d packs", FZ_PACK_FILES_MAX);
    f = &p->items[p->n++];
    *f = (struct fz_pack_file){.source = {name, text}, .scenarios = scenarios};
    f->node = fz_node_read(&p->arena, &f->source, &p->diags);
    if (p->diags.errors > errors)
        f->node = NULL; /* half a pack would only yield problems that are none */
    return FZ_OK;
}

static const struct fz_embedded *embedded(const char *name)
{
    for (const struct fz_embedded *e = fz_embedded; e->name; e++)
        if (strcmp(e->name, name) == 0)
            return e;
    return NULL;
}

fz_status fz_packs_add_shipped(struct fz_packs *p, struct fz_error *err)
{
    for (const struct fz_embedded *e = fz_embedded; e->name; e++) {
        const struct fz_embedded *s;

        if (!fz_str_starts(fz_str_of(e->name), "packs/"))
            continue;
        s = embedded(fz_str_z(&p->arena, fz_str_printf(&p->arena, "scenarios/%s", e->name + strlen("packs/"))));
        FZ_TRY(add(p, e->name, e->text, s ? (struct fz_source){s->name, s->text} : (struct fz_source){0}, err));
    }
    return FZ_OK;
}

fz_status fz_packs_add_file(struct fz_packs *p, const char *name, struct fz_error *err)
{
    const char *slash = strrchr(name, '/');
    int folder = slash ? (int)(slash - name + 1) : 0;
    char *beside = fz_str_z(&p->arena, fz_str_printf(&p->arena, "%.*sscenarios/%s", folder, name, name + folder));
    struct fz_source scenarios = {0};
    fz_str text;

    FZ_TRY(fz_cli_read_file(&p->arena, name, FZ_PACK_BYTES_MAX, &text, err));
    if (access(beside, F_OK) == 0) {
        scenarios.name = beside;
        FZ_TRY(fz_cli_read_file(&p->arena, beside, FZ_PACK_BYTES_MAX, &scenarios.text, err));
    }
    return add(p, name, text, scenarios, err);
}

/* ---- amendments ---- */

static fz_str text_of(const struct fz_node *pack, const char *key)
{
    const struct fz_node *n = fz_node_get(pack, key);

    return n && n->kind == FZ_NODE_TEXT ? n->text : (fz_str){0};
}

static struct fz_pack_file *find_version(struct fz_packs *p, fz_str pack, fz_str version)
{
    for (size_t i = 0; i < p->n; i++)
        if (fz_str_eq(text_of(p->items[i].node, "pack"), pack) && fz_str_eq(text_of(p->items[i].node, "version"), version))
            return &p->items[i];
    return NULL;
}

/* The pack as it reads with everything it amends; NULL when the amended version is not at hand. */
static const struct fz_node *whole(struct fz_packs *p, struct fz_pack_file *f)
{
    const struct fz_node *amends = fz_node_get(f->node, "amends"), *base = NULL;
    struct fz_pack_file *of;

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
        fz_diag_add(&p->diags, FZ_D_pack_no_base, amends->span, text_of(f->node, "amends"), text_of(f->node, "pack"), (fz_str){0});
        return NULL;
    }
    return f->whole = fz_node_merge(&p->arena, base, f->node);
}

void fz_packs_load(struct fz_packs *p)
{
    for (size_t i = 0; i < p->n; i++)
        p->items[i].pack = fz_pack_load(whole(p, &p->items[i]), &p->arena, &p->diags);
}

fz_status fz_packs_report(struct fz_packs *p, struct fz_cli *cli)
{
    struct fz_buf problems = {0};

    fz_diags_sort(&p->diags);
    fz_diags_print(&p->diags, cli->lang, &problems);
    if (problems.n)
        fwrite(problems.p, 1, problems.n, stderr);
    fz_buf_release(&problems);
    if (p->diags.errors)
        return fz_fail(&cli->err, FZ_E_PACK, cli->lang == FZ_ZH ? "错误数：%zu" : "errors: %zu", p->diags.errors);
    return FZ_OK;
}

/* ---- versions ---- */

static int by_version(const void *a, const void *b)
{
    const struct fz_pack *x = *(const struct fz_pack *const *)a, *y = *(const struct fz_pack *const *)b;

    return (x->version > y->version) - (x->version < y->version);
}

const struct fz_pack *const *fz_packs_versions(struct fz_packs *p, fz_str name, size_t *out_n)
{
    const struct fz_pack **found = FZ_NEW_ARRAY(&p->arena, const struct fz_pack *, p->n);

    *out_n = 0;
    for (size_t i = 0; i < p->n; i++)
        if (p->items[i].pack && fz_str_eq(p->items[i].pack->name, name))
            found[(*out_n)++] = p->items[i].pack;
    qsort(found, *out_n, sizeof(*found), by_version);
    return found;
}

/* ---- profiles ---- */

fz_status fz_packs_lay(struct fz_packs *p, const struct fz_source *profiles, size_t n, struct fz_error *err)
{
    const struct fz_profile **read = FZ_NEW_ARRAY(&p->arena, const struct fz_profile *, n);
    const struct fz_pack **packs = FZ_NEW_ARRAY(&p->arena, const struct fz_pack *, p->n);
    size_t errors = p->diags.errors, packs_n = 0;

    for (size_t i = 0; i < p->n; i++)
        if (p->items[i].pack)
            packs[packs_n++] = p->items[i].pack;
    for (size_t i = 0; i < n; i++) {
        struct fz_source *kept = FZ_NEW(&p->arena, struct fz_source);

        *kept = profiles[i];
        read[i] = fz_profile_load(fz_node_read(&p->arena, kept, &p->diags), packs, packs_n, &p->arena, &p->diags);
        if (!read[i] || p->diags.errors > errors)
            return fz_fail(err, FZ_E_PACK, "%s: this profile of a place is wrong", profiles[i].name);
    }
    for (size_t i = 0; i < p->n; i++)
        if (p->items[i].pack)
            fz_profiles_lay(read, n, p->items[i].pack, &p->arena);
    return FZ_OK;
}

fz_status fz_packs_profile(struct fz_packs *p, const char *name, struct fz_cli *cli)
{
    struct fz_source source = {.name = name};
    fz_status s;

    if (!name)
        return FZ_OK;
    FZ_TRY(fz_cli_read_file(&p->arena, name, FZ_PACK_BYTES_MAX, &source.text, &cli->err));
    s = fz_packs_lay(p, &source, 1, &cli->err);
    return s == FZ_OK || !p->diags.errors ? s : fz_packs_report(p, cli);
}

/* ---- calendars ---- */

static fz_status read_calendar(struct fz_arena *arena, fz_str name, const struct fz_calendar *base, struct fz_calendar **out, struct fz_error *err)
{
    const struct fz_embedded *e = embedded(fz_str_z(arena, fz_str_printf(arena, "calendars/%.*s.tsv", FZ_STR_ARG(name))));
    char *file = fz_str_z(arena, name);
    fz_str text;

    if (e)
        return fz_calendar_read(out, base, e->name, e->text, err);
    FZ_TRY(fz_cli_read_file(arena, file, CALENDAR_BYTES_MAX, &text, err));
    return fz_calendar_read(out, base, file, text, err);
}

fz_status fz_cli_calendar(struct fz_arena *arena, fz_str name, struct fz_calendar **out, struct fz_error *err)
{
    struct fz_calendar *below = NULL, *cal = NULL;
    fz_status s = FZ_OK;

    while (s == FZ_OK && name.n) {
        const char *plus = memchr(name.p, '+', name.n);
        size_t n = plus ? (size_t)(plus - name.p) : name.n;

        s = read_calendar(arena, (fz_str){name.p, n}, below, &cal, err);
        fz_calendar_free(below); /* it was copied */
        below = s == FZ_OK ? cal : NULL;
        name.p += n + (plus != NULL);
        name.n -= n + (plus != NULL);
    }
    if (s == FZ_OK && !below)
        s = fz_fail(err, FZ_E_INPUT, "a calendar has a name: cn, none, or a file");
    if (s == FZ_OK)
        *out = below;
    return s;
}

fz_status fz_packs_calendar(struct fz_packs *p, fz_str name, const struct fz_calendar **out, struct fz_error *err)
{
    struct fz_calendar *cal;

    *out = NULL;
    if (fz_str_is(name, "none"))
        return FZ_OK;
    for (size_t i = 0; i < p->calendars_n; i++) {
        if (fz_str_eq(name, p->calendars[i].id)) {
            *out = p->calendars[i].calendar;
            return FZ_OK;
        }
    }
    if (p->calendars_n == FZ_CALENDARS_MAX)
        return fz_fail(err, FZ_E_TOO_LARGE, "more than %d calendars", FZ_CALENDARS_MAX);
    FZ_TRY(fz_cli_calendar(&p->arena, name, &cal, err));
    p->calendars[p->calendars_n].id = fz_str_copy(&p->arena, name);
    p->calendars[p->calendars_n++].calendar = cal;
    *out = cal;
    return FZ_OK;
}
