/* `fazhi pack DIR publish FILE`: a pack that is proved, copied into the folder, and entered. */
#include <stdio.h>

#include "cli/check.h"
#include "cli/own.h"
#include "cli/signing.h"

struct pack_options {
    const char *by, *on, *passphrase;
    bool dry;
};

/* What the command is given, and what it leaves to be done when the folder is opened again. */
struct pack_run {
    const struct pack_options *o;
    bool refill; /* tables were dropped that have other columns now */
};

struct publishing {
    struct fz_cli *cli;
    const struct pack_options *o;
    struct pack_run *run;
    struct fz_folder *f;
    struct fz_packs p; /* those of the folder and the new one */
    struct fz_pack_file *new;
    bool known; /* it is published already, with the same bytes */
};

/* ---- proving ---- */

static const struct fz_pack_file *same_version(const struct publishing *u)
{
    for (size_t i = 0; i < u->p.n; i++)
        if (&u->p.items[i] != u->new && u->p.items[i].pack && fz_str_eq(u->p.items[i].pack->name, u->new->pack->name) &&
            u->p.items[i].pack->version == u->new->pack->version)
            return &u->p.items[i];
    return NULL;
}

static fz_status load_with_own(struct publishing *u, const char *file)
{
    struct fz_packs *own = &u->f->packs;

    FZ_TRY(fz_packs_add_shipped(&u->p, &u->cli->err));
    for (size_t i = u->p.n; i < own->n; i++)
        FZ_TRY(fz_packs_add_file(&u->p, own->items[i].source.name, &u->cli->err));
    FZ_TRY(fz_packs_add_file(&u->p, file, &u->cli->err));
    u->new = &u->p.items[u->p.n - 1];
    fz_packs_load(&u->p);
    return u->new->pack ? FZ_OK : fz_packs_report(&u->p, u->cli);
}

/* A field has one column over all versions. */
static fz_status check_types(struct publishing *u)
{
    const struct fz_pack *new = u->new->pack;

    for (size_t i = 0; i < u->p.n; i++)
        for (size_t r = 0; u->p.items[i].pack && fz_str_eq(u->p.items[i].pack->name, new->name) && r < new->records_n;
             r++) {
            int at = fz_record_find(u->p.items[i].pack, new->records[r].name);
            const struct fz_record *old = at == FZ_NONE ? NULL : &u->p.items[i].pack->records[at];

            for (size_t k = 0; old && k < new->records[r].fields_n; k++) {
                const struct fz_field *f = &new->records[r].fields[k];
                int was = fz_field_find(old, f->name);

                if (was != FZ_NONE && (old->fields[was].type != f->type || old->fields[was].many != f->many ||
                                       old->fields[was].personal != f->personal))
                    return fz_fail(
                        &u->cli->err, FZ_E_PACK,
                        "%s: the field `%.*s` is of another type than in %s, or personal in one and not in the other; give it a new name",
                        u->new->source.name, FZ_STR_ARG(f->name), u->p.items[i].source.name);
            }
        }
    return FZ_OK;
}

static fz_status prove(struct publishing *u, const char *file)
{
    const struct fz_pack_file *same;
    struct fz_checked checked = {0};

    FZ_TRY(load_with_own(u, file));
    same = same_version(u);
    u->known = same && fz_str_eq(same->source.text, u->new->source.text);
    if (same && !u->known)
        return fz_fail(&u->cli->err, FZ_E_EXISTS,
                       "%s: that version stands there with other bytes, as %s; a published pack never changes", file,
                       same->source.name);
    fz_check_links(&u->p);
    FZ_TRY(fz_check_pack(&u->p, u->new, u->cli->lang, &checked, &u->cli->err));
    FZ_TRY(fz_packs_report(&u->p, u->cli));
    FZ_TRY(check_types(u));
    fz_buf_printf(u->cli->out,
                  u->cli->lang == FZ_ZH ? "%s：已证明，%zu项性质成立；%zu个情景如所写明\n"
                                        : "%s: proved, %zu properties hold; %zu scenarios come out as written\n",
                  file, checked.proof.properties, checked.run.scenarios);
    return FZ_OK;
}

/* ---- what it changes ---- */

struct cases {
    struct publishing *u;
    const struct fz_record *r;
    uint64_t open;
};

static fz_status count_case(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct cases *c = arg;
    char day[FZ_DAY_TEXT];

    (void)err;
    if (cells[FZ_RECORD_ENDED].n || !fz_str_eq(cells[FZ_RECORD_PACK].s, c->u->new->pack->name))
        return FZ_OK;
    c->open++;
    if (c->u->o->dry)
        fz_buf_printf(c->u->cli->out,
                      c->u->cli->lang == FZ_ZH ? "    %.*s：仍按%s版办理\n" : "    %.*s: stays under version %s\n",
                      FZ_STR_ARG(cells[FZ_RECORD_ID].s), fz_day_text((fz_day)cells[FZ_RECORD_VERSION].n, day));
    return FZ_OK;
}

static fz_status count_cases(struct publishing *u, const struct fz_record *r, uint64_t *io_n)
{
    struct cases c = {u, r, 0};
    fz_cell prefix[] = {FZ_CELL_OF(u->f->jurisdiction), FZ_CELL_OF(r->name)};
    struct fz_scan scan = {.table = &fz_table_record, .index = 0, .prefix = prefix, .prefix_n = 2};

    FZ_TRY(fz_store_scan(u->f->store, &scan, count_case, &c, &u->cli->err));
    *io_n += c.open;
    return FZ_OK;
}

/* The language has no rules yet for cases under way: each stays under the version it began with. So no due day moves, and what is said is which version a new
 * case gets. */
static fz_status say_transition(struct publishing *u)
{
    fz_day on = fz_folder_today(u->f);
    const struct fz_pack *const *versions;
    size_t n, at;
    uint64_t open = 0;
    char day[FZ_DAY_TEXT], version[FZ_DAY_TEXT];
    bool zh = u->cli->lang == FZ_ZH;

    if (u->o->on && !fz_day_parse(fz_str_of(u->o->on), &on))
        return fz_fail(&u->cli->err, FZ_E_USAGE, "--on is a day that exists, not '%s'", u->o->on);
    for (size_t r = 0; r < u->new->pack->records_n; r++)
        FZ_TRY(count_cases(u, &u->new->pack->records[r], &open));
    versions = fz_packs_versions(&u->p, u->new->pack->name, &n);
    at = fz_pack_version_on(versions, n, on);
    fz_day_text(on, day);
    fz_day_text(versions[at]->version, version);
    fz_buf_printf(
        u->cli->out,
        zh ? "在办案件：%llu，均仍按各自开始时的版本办理，届满日不移动；%s开始的案件适用%s版\n"
           : "cases under way: %llu; each stays under the version it began with, and no due day moves; a case begun on %s is under version %s\n",
        (unsigned long long)open, day, version);
    return FZ_OK;
}

/* ---- publishing ---- */

static fz_status enter_publication(struct publishing *u, const char *name, const fz_hash *digest)
{
    struct fz_arena *arena = &u->f->packs.arena;
    char hex[FZ_HASH_HEX], day[FZ_DAY_TEXT];
    struct fz_named_value v[] = {
        {FZ_STR("pack"), u->new->pack->name},
        {FZ_STR("force"), fz_str_copy(arena, fz_str_of(fz_day_text(u->new->pack->version, day)))},
        {FZ_STR("hash"), fz_str_copy(arena, fz_str_of(fz_hash_hex(digest, hex)))},
        {FZ_STR("file"), fz_str_of(name)}};
    struct fz_order o = FZ_ORDER(FZ_STR("publish"), fz_folder_today(u->f));
    struct fz_answer a;

    o.type = FZ_STR("publication");
    o.pack = FZ_STR("upkeep");
    o.record = fz_own_record(u->f, "publication", digest);
    o.key = o.record; /* a publication that broke off behind its entry goes on from there */
    o.actor = u->o->by ? fz_str_of(u->o->by) : FZ_STR("administrator");
    o.values = v;
    o.values_n = FZ_COUNT(v);
    FZ_TRY(fz_engine_submit(u->f->engine, &o, 1, fz_folder_now_ms(u->f), arena, &a, &u->cli->err));
    if (a.kind != FZ_A_DONE && a.kind != FZ_A_REPEATED)
        return fz_fail(&u->cli->err, FZ_E_INPUT, "%s: the publication cannot be entered: %.*s", name,
                       FZ_STR_ARG(a.text));
    fz_buf_printf(u->cli->out, u->cli->lang == FZ_ZH ? "第%lld条：已发布%s\n" : "entry %lld: published as %s\n",
                  (long long)a.seq, name);
    return FZ_OK;
}

/* Whether the versions before have a column for each of its fields. False also when there are none. */
static bool has_columns(const struct publishing *u, const struct fz_record *r)
{
    for (size_t k = 0; k < r->fields_n; k++) {
        bool there = !fz_typed_has(&r->fields[k]);

        for (size_t i = 0; i < u->f->packs.n && !there; i++) {
            const struct fz_pack *p = u->f->packs.items[i].pack;
            int at = fz_str_eq(p->name, u->new->pack->name) ? fz_record_find(p, r->name) : FZ_NONE;

            there = at != FZ_NONE && fz_field_find(&p->records[at], r->fields[k].name) != FZ_NONE;
        }
        if (!there)
            return false;
    }
    return true;
}

/* Dropping a table takes the rows of every log that lies in it. */
static fz_status may_drop(struct publishing *u)
{
    for (size_t r = 0; r < u->new->pack->records_n; r++)
        if (!has_columns(u, &u->new->pack->records[r]))
            return fz_folder_is_alone(u->f, &u->cli->err);
    return FZ_OK;
}

/* Tables of the types that have other columns now; they are made anew when the folder is opened again. */
static fz_status drop_changed(struct publishing *u)
{
    for (size_t r = 0; r < u->new->pack->records_n; r++) {
        const struct fz_record *record = &u->new->pack->records[r];

        if (has_columns(u, record))
            continue;
        FZ_TRY(fz_store_drop(u->f->store, fz_typed_table(&u->p.arena, u->new->pack, record), &u->cli->err));
        u->run->refill = true;
    }
    return FZ_OK;
}

static fz_status publish_alone(struct publishing *u)
{
    char day[FZ_DAY_TEXT];
    const char *stem = fz_str_printf(&u->f->packs.arena, "%.*s-%s.yaml", FZ_STR_ARG(u->new->pack->name),
                                     fz_day_text(u->new->pack->version, day))
                           .p;
    const char *name = fz_str_printf(&u->f->packs.arena, "packs/%s", stem).p;
    fz_hash digest = fz_own_digest(u->f, u->new->source.text);

    FZ_TRY(may_drop(u));
    FZ_TRY(fz_own_put(u->f, name, u->new->source.text, &u->cli->err));
    if (u->new->scenarios.name)
        FZ_TRY(fz_own_put(u->f, fz_str_printf(&u->f->packs.arena, "packs/scenarios/%s", stem).p, u->new->scenarios.text,
                          &u->cli->err));
    FZ_TRY(enter_publication(u, name, &digest));
    FZ_TRY(fz_own_line(u->f, "pack", name, &digest, &u->cli->err));
    return drop_changed(u);
}

static fz_status publish(struct publishing *u)
{
    fz_status s;

    if (u->known) {
        fz_buf_printf(u->cli->out, u->cli->lang == FZ_ZH ? "此前已发布\n" : "published before\n");
        return FZ_OK;
    }
    FZ_TRY(fz_own_hold(u->f, &u->cli->err));
    s = publish_alone(u);
    fz_own_let_go(u->f);
    return s;
}

/* ---- the command ---- */

static fz_status with_pack(struct fz_cli *cli, const void *options, struct fz_folder *f,
                           fz_status (*then)(struct publishing *u))
{
    struct pack_run *run = *(struct pack_run *const *)options;
    struct publishing u = {.cli = cli, .o = run->o, .run = run, .f = f};
    fz_status s;

    fz_packs_init(&u.p);
    s = prove(&u, cli->args.items[2]);
    if (s == FZ_OK)
        s = then(&u);
    fz_packs_release(&u.p);
    return s;
}

static fz_status publish_and_say(struct publishing *u)
{
    FZ_TRY(publish(u));
    return say_transition(u);
}

static fz_status publish_in(struct fz_cli *cli, const void *options, struct fz_signing *s)
{
    return with_pack(cli, options, s->f, publish_and_say);
}

static fz_status publish_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    struct pack_run *run = *(struct pack_run *const *)options;

    return fz_signing_run(cli, f, run->o->passphrase, FZ_ALL_KEYS, options, publish_in);
}

static fz_status rehearse_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    return with_pack(cli, options, f, say_transition);
}

/* With the new tables: those that were dropped get their rows again. */
static fz_status refill_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    uint64_t n;

    (void)options;
    return fz_engine_rebuild(f->engine, &n, &cli->err);
}

static fz_status pack_run(struct fz_cli *cli, const void *options)
{
    struct pack_run all = {.o = options}, *run = &all;

    if (cli->args.n != 3 || strcmp(cli->args.items[1], "publish") != 0)
        return fz_fail(&cli->err, FZ_E_USAGE, "pack takes DIR publish FILE.yaml");
    if (all.o->dry)
        return fz_folder_run(cli, &run, 1, FZ_READ_ONLY, rehearse_here);
    FZ_TRY(fz_folder_run(cli, &run, 1, FZ_READ_WRITE, publish_here));
    return all.refill ? fz_folder_run(cli, options, 1, FZ_READ_WRITE, refill_here) : FZ_OK;
}

static const struct fz_opt pack_options[] = {
    FZ_OPTION_FLAG(struct pack_options, dry, "dry-run", "prove it, and only say what it would change"),
    FZ_OPTION_TEXT(struct pack_options, by, "by", "PERSON", "who publishes it"),
    FZ_OPTION_TEXT(struct pack_options, on, "on", "DAY",
                   "say under which version a case begun on that day is (default: today)"),
    FZ_OPTION_PASSPHRASE(struct pack_options, passphrase), FZ_OPTION_END};

const struct fz_command fz_cmd_pack = {.name = "pack",
                                       .args = "DIR publish FILE.yaml",
                                       .summary = "a pack, or a new version of one, proved and taken into the folder",
                                       .exits = "0 published, 2 usage or the pack is wrong, 3 failure",
                                       .options = pack_options,
                                       .options_bytes = sizeof(struct pack_options),
                                       .run = pack_run};
