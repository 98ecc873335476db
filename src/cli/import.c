/*
 * `fazhi import`: rows of a foreign log become entries, as things that happened. A map says which column is what (as for a review); each act keeps the day
 * on which it happened, `at` is when it was entered. An act has the idempotency key CASE#N of its file's map, so that an import that was
 * interrupted goes on where it stopped, and one that is repeated enters nothing twice.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/signing.h"
#include "engine/queue.h"
#include "report/log.h"

#define BATCH 5000 /* acts made durable together */

/* Acts on their way: one such batch is read while the other is being made durable. */
struct flight {
    struct fz_order orders[BATCH];
    struct fz_step steps[BATCH];
    struct fz_answer answers[BATCH];
    uint32_t event[BATCH];
    size_t n;
    struct fz_arena arena;
    uint64_t ticket;
};

struct import_options {
    const char *map, *verdict, *passphrase;
    bool dry_run;
};

struct import {
    struct fz_cli *cli;
    const struct import_options *o;
    struct fz_folder *f;
    const struct fz_map *map;
    const struct fz_pack *pack; /* newest version: the log's indices are of it */
    int record;
    struct fz_log log;
    FILE *verdict;
    struct fz_queue *queue;
    struct flight flights[2], *now, *before;
    fz_str source;
    uint64_t entered, repeated, refused, grounds;
};

static fz_status load(struct import *m, struct fz_error *err)
{
    struct fz_packs *p = &m->f->packs;
    struct fz_source *source = FZ_NEW(&p->arena, struct fz_source);
    const struct fz_pack *const *versions;
    const struct fz_node *node, *name;
    bool *keep;
    size_t n;

    source->name = m->o->map;
    FZ_TRY(fz_cli_read_file(&p->arena, m->o->map, FZ_PACK_BYTES_MAX, &source->text, err));
    node = fz_node_read(&p->arena, source, &p->diags);
    FZ_TRY(fz_packs_report(p, m->cli));
    name = fz_node_get(node, "pack");
    versions = fz_packs_versions(p, name ? name->text : (fz_str){0}, &n);
    m->map = fz_map_load(node, versions, n, &p->arena, &p->diags);
    FZ_TRY(fz_packs_report(p, m->cli));
    m->pack = versions[n - 1];
    m->record = fz_record_find(m->pack, fz_map_record(m->map));
    keep = FZ_NEW_ARRAY(&p->arena, bool, m->pack->records[m->record].fields_n + 1);
    memset(keep, true, m->pack->records[m->record].fields_n);
    return fz_log_read(&m->log, m->map, m->cli->args.items + 1, m->cli->args.n - 1, keep, m->cli->lang, &p->arena, err);
}

static void say(struct import *m, uint32_t event, const char *what, fz_str why)
{
    const struct fz_log_event *e = &m->log.events[event];

    if (m->verdict)
        fprintf(m->verdict, "%s:%u\t%s\t%.*s\n", m->log.files[e->file].name, e->line, what, (int)why.n, why.n ? why.p : "");
}

static void take_answer(struct import *m, uint32_t event, const struct fz_answer *a)
{
    fz_str first = a->ruling.n ? a->ruling.grounds[0].id : (fz_str){0};

    switch (a->kind) {
    case FZ_A_DONE:
        m->entered++;
        m->grounds += a->ruling.n;
        say(m, event, "entered", first);
        break;
    case FZ_A_REPEATED:
        m->repeated++;
        say(m, event, "there", (fz_str){0});
        break;
    default:
        m->refused++;
        say(m, event, "refused", a->text);
        if (m->refused <= 20)
            fprintf(stderr, "%s:%u: %.*s\n", m->log.files[m->log.events[event].file].name, m->log.events[event].line, FZ_STR_ARG(a->text));
    }
}

/* Waits until the batch before is durable, and takes its answers. */
static fz_status land(struct import *m, struct flight *f, struct fz_error *err)
{
    fz_status s = f->n ? fz_queue_wait(m->queue, f->ticket, err) : FZ_OK;

    if (s == FZ_E_EXISTS) /* another process was quicker */
        s = fz_queue_submit(m->queue, f->orders, f->n, fz_folder_now_ms(m->f), &f->arena, f->answers, err);
    FZ_TRY(s);
    for (size_t i = 0; i < f->n; i++)
        take_answer(m, f->event[i], &f->answers[i]);
    if (f->n && isatty(STDERR_FILENO))
        fprintf(stderr, "\r%llu / %zu", (unsigned long long)(m->entered + m->repeated + m->refused), m->log.events_n + (size_t)m->log.column_acts);
    f->n = 0;
    fz_arena_reset(&f->arena);
    return FZ_OK;
}

static fz_status flush(struct import *m, struct fz_error *err)
{
    struct flight *now = m->now;

    FZ_TRY(fz_queue_post(m->queue, now->orders, now->n, fz_folder_now_ms(m->f), &now->arena, now->answers, &now->ticket, err));
    m->now = m->before;
    m->before = now;
    return land(m, m->now, err);
}

/* Values known of the case itself go with the act that begins it. */
static const struct fz_given *with_case_values(struct import *m, const struct fz_log_case *c, const struct fz_log_event *e, size_t *out_n)
{
    struct fz_given *given = FZ_NEW_ARRAY(&m->now->arena, struct fz_given, c->values_n + e->values_n + 1);

    if (c->values_n)
        memcpy(given, m->log.values + c->values_at, c->values_n * sizeof(*given));
    if (e->values_n)
        memcpy(given + c->values_n, m->log.values + e->values_at, e->values_n * sizeof(*given));
    *out_n = c->values_n + e->values_n;
    return given;
}

static void add(struct import *m, const struct fz_log_case *c, uint32_t k)
{
    const struct fz_log_event *e = &m->log.events[c->first + k];
    struct flight *f = m->now;
    struct fz_step *s = &f->steps[f->n];

    *s = FZ_STEP(e->kind == FZ_SERVE ? FZ_NONE : e->action, e->day);
    s->kind = (fz_step_kind)e->kind;
    s->document = e->kind == FZ_SERVE ? e->action : FZ_NONE;
    s->at = e->minute >= 0 ? fz_day_instant(e->day) + e->minute : FZ_INSTANT_NONE;
    s->outcome = e->outcome;
    s->person = m->log.texts[e->actor];
    s->values = m->log.values + e->values_at;
    s->values_n = e->values_n;
    if (k == 0)
        s->values = with_case_values(m, c, e, &s->values_n);
    f->orders[f->n] = (struct fz_order){.kind = s->kind, .record = c->id, .type = m->pack->records[m->record].name, .pack = m->pack->name, .actor = s->person,
                                        .organ = m->log.texts[c->organ], .key = fz_str_printf(&f->arena, "%.*s#%u", FZ_STR_ARG(c->id), k), .source = m->source, .if_version = -1,
                                        .observed = true, .step = s};
    f->event[f->n++] = c->first + k;
}

static fz_status import_all(struct import *m, struct fz_error *err)
{
    for (size_t i = 0; i < m->log.cases_n; i++)
        for (uint32_t k = 0; k < m->log.cases[i].n; k++) {
            add(m, &m->log.cases[i], k);
            if (m->now->n == BATCH)
                FZ_TRY(flush(m, err));
        }
    FZ_TRY(flush(m, err));
    FZ_TRY(land(m, m->before, err));
    if (isatty(STDERR_FILENO))
        fputc('\n', stderr);
    return FZ_OK;
}

static void list_refused_rows(struct import *m)
{
    for (size_t i = 0; i < m->log.refusals_n; i++) {
        const struct fz_log_refusal *r = &m->log.refusals[i];

        if (m->verdict)
            fprintf(m->verdict, "%s:%u\trefused\t%.*s\n", m->log.files[r->file].name, r->line, FZ_STR_ARG(r->why));
        if (i < 20)
            fprintf(stderr, "%s:%u: %.*s\n", m->log.files[r->file].name, r->line, FZ_STR_ARG(r->why));
    }
}

static fz_status answer(struct import *m, struct fz_error *err)
{
    bool zh = m->cli->lang == FZ_ZH;
    unsigned long long refused = m->refused + m->log.refused + m->log.duplicates;

    if (m->o->dry_run)
        fz_buf_printf(m->cli->out, zh ? "试行：%zu件案件、%zu条记录可以导入，拒收%llu行\n" : "dry run: %zu cases, %zu acts could be entered, %llu rows refused\n", m->log.cases_n,
                      m->log.events_n + (size_t)m->log.column_acts, refused);
    else
        fz_buf_printf(m->cli->out, zh ? "已记入%llu条，此前已有%llu条，拒收%llu行；依法有疑问之处%llu\n" : "%llu entered, %llu there before, %llu refused; the law has something against %llu\n",
                      (unsigned long long)m->entered, (unsigned long long)m->repeated, refused, (unsigned long long)m->grounds);
    return refused ? fz_fail(err, FZ_REFUSED, zh ? "拒收：%llu行" : "refused rows: %llu", refused) : FZ_OK;
}

static fz_status import_in(struct import *m, struct fz_error *err)
{
    FZ_TRY(load(m, err));
    if (m->o->verdict && !(m->verdict = fopen(m->o->verdict, "wb")))
        return fz_fail(err, FZ_E_IO, "%s: %s", m->o->verdict, strerror(errno));
    list_refused_rows(m);
    if (!m->o->dry_run) {
        FZ_TRY(fz_queue_new(&m->queue, m->f->engine, err));
        FZ_TRY(import_all(m, err));
    }
    return answer(m, err);
}

static fz_status import_with(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    const struct import_options *o = options;
    struct import *m = FZ_NEW(&f->packs.arena, struct import);
    fz_status s;

    m->cli = cli;
    m->o = o;
    m->f = f;
    m->now = &m->flights[0];
    m->before = &m->flights[1];
    m->source = FZ_STR("file");
    s = import_in(m, &cli->err);
    fz_queue_free(m->queue); /* before a head is signed: it commits what was posted */
    if (m->verdict && fclose(m->verdict) != 0 && s == FZ_OK)
        s = fz_fail(&cli->err, FZ_E_IO, "%s: %s", o->verdict, strerror(errno));
    fz_arena_release(&m->flights[0].arena);
    fz_arena_release(&m->flights[1].arena);
    return s;
}

static fz_status import_signed(struct fz_cli *cli, const void *options, struct fz_signing *s)
{
    return import_with(cli, options, s->f);
}

static fz_status import_here(struct fz_cli *cli, const void *options, struct fz_folder *f)
{
    const struct import_options *o = options;

    return o->dry_run ? import_with(cli, options, f) : fz_signing_run(cli, f, o->passphrase, FZ_ALL_KEYS, options, import_signed);
}

static fz_status import_run(struct fz_cli *cli, const void *options)
{
    const struct import_options *o = options;

    if (cli->args.n < 2 || !o->map)
        return fz_fail(&cli->err, FZ_E_USAGE, "import takes DIR, --map MAP.yaml and one file or more");
    return fz_folder_run(cli, options, 1, FZ_READ_WRITE, import_here);
}

static const struct fz_opt import_options[] = {
    FZ_OPTION_TEXT(struct import_options, map, "map", "MAP.yaml", "which column and which word of the files means what"),
    FZ_OPTION_FLAG(struct import_options, dry_run, "dry-run", "read every row, enter nothing"),
    FZ_OPTION_PASSPHRASE(struct import_options, passphrase),
    FZ_OPTION_TEXT(struct import_options, verdict, "verdict", "FILE.tsv", "a line a row: entered, there, or refused and why"),
    FZ_OPTION_END};

const struct fz_command fz_cmd_import = {.name = "import", .args = "DIR --map MAP.yaml FILE...",
                                         .summary = "rows of a log (CSV or XES, plain, gzip or zip) as entries: what happened, with what the law has against it",
                                         .exits = "0 all entered, 1 rows were refused, 2 usage or bad input, 3 failure", .options = import_options,
                                         .options_bytes = sizeof(struct import_options), .run = import_run};
