/*
 * `fazhi import`: rows of a foreign log become entries, as things that happened. A map says which column is what (as for a review); each act keeps the day
 * on which it happened, `at` is when it was entered.
 *
 * Each act has an idempotency key, so that an import that was interrupted goes on where it stopped and one that is repeated enters nothing twice:
 *
 *     the map names a column `key`   pack, record, source, case, that column's text, act: what is the same in this is one act, whatever else it says
 *     else                           pack, record, case, act with its day, minute, outcome and actor, and its public values; the second of two that are the
 *                                    same in all of this has #2 behind it, and so on
 *
 * Personal values are left out, for a key's digest stands in the entry and would confirm a guess. What the file looks like (its name, its order of columns,
 * CSV or a workbook) is no part of a key.
 *
 * Where an act came from goes into its entry as its source: digest of the file, the map's name for the table, row, digest of the map. The names of a file
 * and of its sheets may be personal and are kept nowhere.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/lookup.h"
#include "cli/signing.h"
#include "cli/verdict.h"
#include "engine/queue.h"

#define BATCH 5000 /* acts made durable together */
#define SAID_MOST 20
#define DIGEST_CHARS 16 /* of a file or map, in a provenance */
#define READ_BYTES 65536

struct import_options {
    const char *map, *verdicts, *refused, *passphrase;
    bool dry_run;
};

struct refused_rows {
    struct fz_log_row *items;
    size_t n, cap;
};

/* An act of the log, and its key. */
struct place {
    uint32_t case_no, event;
    fz_str key;
};

/* Acts on their way: one such batch is read while the other is being made durable. */
struct flight {
    struct fz_order orders[BATCH];
    struct fz_step steps[BATCH];
    struct fz_answer answers[BATCH];
    struct place places[BATCH];
    size_t n;
    struct fz_arena arena;
    uint64_t ticket;
};

struct import {
    struct fz_cli *cli;
    const struct import_options *o;
    struct fz_folder *f;
    const struct fz_map *map;
    const struct fz_pack *const *versions;
    size_t versions_n;
    const struct fz_pack *pack; /* newest version: the log's indices are of it */
    const struct fz_record *record;
    struct fz_log log;
    char map_digest[FZ_HASH_HEX];
    char (*file_digests)[FZ_HASH_HEX]; /* of the log's files */
    struct fz_verdicts verdicts;
    struct refused_rows refused_rows;
    struct fz_arena *arena; /* of the import */
    struct fz_arena of_case;
    struct fz_queue *queue;
    struct flight flights[2], *now, *before;
    uint64_t size; /* of the log with all that was handed over */
    uint64_t taken, repeated, refused, grounds;
    int64_t began_ms;
};

/* ---- progress ---- */

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* On a terminal one line that is written over; into a pipe nothing. */
static void show_progress(const struct import *m, const char *what, uint64_t rows, uint64_t done, uint64_t all)
{
    int64_t ms = now_ms() - m->began_ms;

    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\r%s %llu", what, (unsigned long long)rows);
    if (ms > 0)
        fprintf(stderr, ", %llu/s", (unsigned long long)(rows * 1000 / (uint64_t)ms));
    if (all)
        fprintf(stderr, ", %u%%  ", (unsigned)(done >= all ? 100 : done * 100 / all));
}

static void end_progress(struct import *m)
{
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
    m->began_ms = now_ms();
}

/* Of bytes while the files are read. */
static void reading(void *arg, const char *file, uint64_t rows, uint64_t done, uint64_t all)
{
    struct import *m = arg;

    (void)file;
    show_progress(m, m->cli->lang == FZ_ZH ? "读取行数" : "rows read", rows, done, all);
}

/* Of acts while they are entered. */
static void entering(const struct import *m)
{
    uint64_t all = m->log.events_n + m->log.column_acts, done = m->taken + m->repeated + m->refused;

    show_progress(m, m->cli->lang == FZ_ZH ? "记入行为" : "acts entered", done, done, all);
}

/* ---- reading ---- */

static fz_status digest_file(struct import *m, const char *name, char hex[FZ_HASH_HEX], struct fz_error *err)
{
    struct fz_digest *d = fz_digest_new((fz_hasher){m->f->crypto, FZ_SM3});
    char *bytes = fz_alloc(&m->of_case, READ_BYTES);
    FILE *f = fopen(name, "rbe");
    fz_status s = FZ_OK;
    fz_hash hash;
    size_t n;

    while (f && (n = fread(bytes, 1, READ_BYTES, f)) > 0)
        fz_digest_add(d, (fz_str){bytes, n});
    if (!f || ferror(f))
        s = fz_fail(err, FZ_E_IO, "%s: %s", name, strerror(errno));
    hash = fz_digest_end(d);
    fz_hash_hex(&hash, hex);
    fz_digest_free(d);
    if (f)
        fclose(f);
    fz_arena_reset(&m->of_case);
    return s;
}

static fz_status digest_files(struct import *m, struct fz_error *err)
{
    m->file_digests = fz_alloc_array(m->arena, m->log.files_n + 1, sizeof(*m->file_digests));
    for (size_t i = 0; i < m->log.files_n; i++)
        FZ_TRY(digest_file(m, m->log.files[i].name, m->file_digests[i], err));
    return FZ_OK;
}

static fz_status load_map(struct import *m, struct fz_error *err)
{
    struct fz_packs *p = &m->f->packs;
    struct fz_source *source = FZ_NEW(m->arena, struct fz_source);
    const struct fz_node *node, *name;
    fz_hash digest;

    source->name = m->o->map;
    FZ_TRY(fz_cli_read_file(m->arena, m->o->map, FZ_PACK_BYTES_MAX, &source->text, err));
    digest = fz_hash_of((fz_hasher){m->f->crypto, FZ_SM3}, &source->text, 1);
    fz_hash_hex(&digest, m->map_digest);
    node = fz_node_read(m->arena, source, &p->diags);
    FZ_TRY(fz_packs_report(p, m->cli));
    name = fz_node_get(node, "pack");
    m->versions = fz_packs_versions(p, name ? name->text : (fz_str){0}, &m->versions_n);
    m->map = fz_map_load(node, m->versions, m->versions_n, m->arena, &p->diags);
    FZ_TRY(fz_packs_report(p, m->cli));
    m->pack = m->versions[m->versions_n - 1];
    m->record = &m->pack->records[fz_record_find(m->pack, fz_map_record(m->map))];
    return FZ_OK;
}

static fz_status load(struct import *m, struct fz_error *err)
{
    struct fz_log_wish wish = {.lang = m->cli->lang, .refusals_most = SIZE_MAX, .both_languages = true, .keys = true, .progress = reading, .progress_arg = m};
    bool *keep;
    fz_status s;

    FZ_TRY(load_map(m, err));
    keep = FZ_NEW_ARRAY(m->arena, bool, m->record->fields_n + 1);
    memset(keep, true, m->record->fields_n);
    wish.keep = keep;
    m->began_ms = now_ms();
    s = fz_log_read_as(&m->log, m->map, m->cli->args.items + 1, m->cli->args.n - 1, &wish, m->arena, err);
    end_progress(m);
    FZ_TRY(s);
    return digest_files(m, err);
}

/* ---- keys ---- */

static fz_str act_name(const struct import *m, const struct fz_log_event *e)
{
    return e->kind == FZ_SERVE ? m->record->documents[e->action].name : m->record->actions[e->action].name;
}

static void add_part(struct fz_buf *b, fz_str part)
{
    fz_buf_add(b, part);
    fz_buf_addc(b, '\x1f'); /* the unit separator; a case or actor that has one loses nothing but this */
}

static void add_number(struct fz_buf *b, int64_t n)
{
    fz_buf_printf(b, "%lld\x1f", (long long)n);
}

static void add_values(const struct import *m, const struct fz_log_event *e, struct fz_buf *b)
{
    for (uint32_t i = e->values_at; i < e->values_at + e->values_n; i++) {
        const struct fz_given *g = &m->log.values[i];
        const struct fz_field *f = &m->record->fields[g->field];

        if (f->personal)
            continue;
        add_part(b, f->name);
        for (uint32_t k = 0; k < (f->many ? g->value.many : 1); k++) {
            fz_value_print(f->type, &f->choices, f->many ? g->value.items[k] : g->value, b);
            fz_buf_addc(b, '\x1f');
        }
    }
}

/* What an act is known by, but for its place among those that are the same. */
static void write_key(const struct import *m, const struct fz_log_case *c, const struct fz_log_event *e, struct fz_buf *b)
{
    const struct fz_action *a = e->kind == FZ_SERVE ? NULL : &m->record->actions[e->action];

    fz_buf_reset(b);
    add_part(b, e->key ? FZ_STR("row") : FZ_STR("act"));
    add_part(b, m->pack->name);
    add_part(b, m->record->name);
    add_part(b, c->id);
    add_part(b, e->kind == FZ_SERVE ? FZ_STR("served") : FZ_STR("done"));
    add_part(b, act_name(m, e));
    if (e->key) {
        add_part(b, m->log.files[e->file].source);
        add_part(b, m->log.texts[e->key]);
        return;
    }
    add_number(b, e->day);
    add_number(b, e->minute);
    add_part(b, a && e->outcome != FZ_NONE ? a->outcomes[e->outcome].name : (fz_str){0});
    add_part(b, m->log.texts[e->actor]);
    add_values(m, e, b);
}

/* Keys of one case, and how many acts have come by each. */
struct keys {
    fz_str *texts;
    uint32_t *times;
    size_t n;
    struct fz_lookup index;
};

static fz_str text_of_key(const void *owner, uint32_t at)
{
    return ((const struct keys *)owner)->texts[at];
}

static uint32_t count_key(struct import *m, struct keys *keys, fz_str text)
{
    uint32_t hash = (uint32_t)fz_hash_text(0, text), at = fz_lookup_find(&keys->index, hash, text, text_of_key, keys);

    if (at == FZ_LOOKUP_NONE) {
        at = (uint32_t)keys->n++;
        keys->texts[at] = fz_str_copy(&m->of_case, text);
        fz_lookup_add(&keys->index, &m->of_case, hash, at);
    }
    return ++keys->times[at];
}

/* The key of one act, and whether an act before it in the same case has it already. */
struct key {
    fz_str text;
    bool again;
};

/* In m->of_case, one an act of the case. */
static struct key *keys_of(struct import *m, const struct fz_log_case *c)
{
    struct keys keys = {.texts = FZ_NEW_ARRAY(&m->of_case, fz_str, c->n), .times = FZ_NEW_ARRAY(&m->of_case, uint32_t, c->n)};
    struct key *out = FZ_NEW_ARRAY(&m->of_case, struct key, c->n);
    struct fz_buf b = {0};

    fz_lookup_init(&keys.index, &m->of_case, 16);
    for (uint32_t k = 0; k < c->n; k++) {
        const struct fz_log_event *e = &m->log.events[c->first + k];
        uint32_t times;

        write_key(m, c, e, &b);
        times = count_key(m, &keys, fz_buf_str(&b));
        out[k].again = e->key && times > 1;
        if (!e->key && times > 1)
            fz_buf_printf(&b, "#%u", times);
        out[k].text = fz_str_copy(&m->of_case, fz_buf_str(&b));
    }
    fz_buf_release(&b);
    return out;
}

/* ---- steps ---- */

/* Values known of the case itself go with the act that begins it. */
static const struct fz_given *with_case_values(struct import *m, const struct fz_log_case *c, const struct fz_log_event *e, struct fz_arena *arena, size_t *out_n)
{
    struct fz_given *given = FZ_NEW_ARRAY(arena, struct fz_given, c->values_n + e->values_n + 1);

    if (c->values_n)
        memcpy(given, m->log.values + c->values_at, c->values_n * sizeof(*given));
    if (e->values_n)
        memcpy(given + c->values_n, m->log.values + e->values_at, e->values_n * sizeof(*given));
    *out_n = c->values_n + e->values_n;
    return given;
}

static fz_str provenance(const struct import *m, const struct fz_log_event *e, struct fz_arena *arena)
{
    return fz_str_printf(arena, "%.*s:%.*s:%u map %.*s", DIGEST_CHARS, m->file_digests[e->file], FZ_STR_ARG(m->log.files[e->file].source), e->line, DIGEST_CHARS,
                         m->map_digest);
}

static struct fz_step step_of(struct import *m, const struct fz_log_case *c, uint32_t k, struct fz_arena *arena)
{
    const struct fz_log_event *e = &m->log.events[c->first + k];
    struct fz_step s = FZ_STEP(e->kind == FZ_SERVE ? FZ_NONE : e->action, e->day);

    s.kind = (fz_step_kind)e->kind;
    s.document = e->kind == FZ_SERVE ? e->action : FZ_NONE;
    s.at = e->minute >= 0 ? fz_day_instant(e->day) + e->minute : FZ_INSTANT_NONE;
    s.outcome = e->outcome;
    s.person = m->log.texts[e->actor];
    s.values = m->log.values + e->values_at;
    s.values_n = e->values_n;
    if (k == 0)
        s.values = with_case_values(m, c, e, arena, &s.values_n);
    return s;
}

/* ---- verdicts ---- */

static void say(struct import *m, const struct place *p, fz_verdict_kind kind, const struct fz_ruling *ruling, const struct fz_why *why)
{
    const struct fz_log_event *e = &m->log.events[p->event];
    struct fz_verdict_row row = {.file = e->file, .line = e->line, .case_id = m->log.cases[p->case_no].id, .act = act_name(m, e), .kind = kind, .ruling = ruling, .why = why};
    char hex[FZ_HASH_HEX];
    fz_hash key;

    if (!m->verdicts.out)
        return;
    key = fz_hash_of((fz_hasher){m->f->crypto, m->f->hash}, &p->key, 1);
    row.key = (fz_str){fz_hash_hex(&key, hex), DIGEST_CHARS};
    fz_verdict_write(&m->verdicts, &m->log, &row);
}

static void refuse(struct import *m, const struct place *p, const struct fz_why *why)
{
    const struct fz_log_event *e = &m->log.events[p->event];
    struct fz_buf at = {0};

    m->refused++;
    FZ_PUSH(m->arena, &m->refused_rows, items, n, cap) = (struct fz_log_row){e->file, e->line};
    say(m, p, FZ_V_REFUSED, NULL, why);
    if (m->refused > SAID_MOST)
        return;
    fz_log_place(&m->log, e->file, e->line, 0, &at);
    fprintf(stderr, "%s: %.*s\n", at.p, FZ_STR_ARG(m->cli->lang == FZ_ZH ? why->zh : why->en));
    fz_buf_release(&at);
}

static void take(struct import *m, const struct place *p, const struct fz_ruling *ruling)
{
    m->taken++;
    m->grounds += ruling->n;
    say(m, p, FZ_V_TAKEN, ruling, NULL);
}

static void repeat(struct import *m, const struct place *p)
{
    m->repeated++;
    say(m, p, FZ_V_REPEATED, NULL, NULL);
}

static void take_answer(struct import *m, const struct place *p, const struct fz_answer *a)
{
    if (a->kind == FZ_A_DONE)
        take(m, p, &a->ruling);
    else if (a->kind == FZ_A_REPEATED)
        repeat(m, p);
    else
        refuse(m, p, &(struct fz_why){"unfit", a->text, a->text});
}

/* A record of that name may stand in the folder already, of another kind: two registers that number alike. False when it does. */
static bool same_kind(const struct import *m, const fz_cell *row)
{
    return fz_str_eq(row[FZ_RECORD_TYPE].s, m->record->name) && fz_str_eq(row[FZ_RECORD_PACK].s, m->pack->name);
}

static void refuse_case(struct import *m, uint32_t case_no, const struct key *keys, const fz_cell *row)
{
    const struct fz_log_case *c = &m->log.cases[case_no];
    struct fz_why why = {"other-record",
                         fz_str_printf(&m->of_case, "同名记录已有，属于%.*s的%.*s", FZ_STR_ARG(row[FZ_RECORD_PACK].s), FZ_STR_ARG(row[FZ_RECORD_TYPE].s)),
                         fz_str_printf(&m->of_case, "a record of that name is there, a %.*s of %.*s", FZ_STR_ARG(row[FZ_RECORD_TYPE].s),
                                       FZ_STR_ARG(row[FZ_RECORD_PACK].s))};

    for (uint32_t k = 0; k < c->n; k++)
        refuse(m, &(struct place){case_no, c->first + k, keys[k].text}, &why);
}

/* ---- entering ---- */

/* The one place where acts are handed over: all of a batch, durable together; the answers are true once land() has waited for it. Salts of a synthetic folder
 * depend on where a batch begins, and batches on the order of the file, so that an interrupted import ends at the root of one that was not. */
static fz_status submit(struct import *m, struct flight *f, struct fz_error *err)
{
    fz_folder_renew_salts(m->f, m->size);
    FZ_TRY(fz_queue_post(m->queue, f->orders, f->n, fz_folder_now_ms(m->f), &f->arena, f->answers, &f->ticket, err));
    for (size_t i = 0; i < f->n; i++)
        m->size += f->answers[i].kind == FZ_A_DONE;
    return FZ_OK;
}

/* Waits until a batch is durable, and takes its answers. */
static fz_status land(struct import *m, struct flight *f, struct fz_error *err)
{
    fz_status s = f->n ? fz_queue_wait(m->queue, f->ticket, err) : FZ_OK;

    if (s == FZ_E_EXISTS) /* another process was quicker */
        s = fz_queue_submit(m->queue, f->orders, f->n, fz_folder_now_ms(m->f), &f->arena, f->answers, err);
    FZ_TRY(s);
    for (size_t i = 0; i < f->n; i++)
        take_answer(m, &f->places[i], &f->answers[i]);
    entering(m);
    f->n = 0;
    fz_arena_reset(&f->arena);
    return FZ_OK;
}

static fz_status flush(struct import *m, struct fz_error *err)
{
    struct flight *now = m->now;

    FZ_TRY(submit(m, now, err));
    m->now = m->before;
    m->before = now;
    return land(m, m->now, err);
}

static void add(struct import *m, uint32_t case_no, uint32_t k, fz_str key)
{
    const struct fz_log_case *c = &m->log.cases[case_no];
    struct flight *f = m->now;
    struct fz_step *s = &f->steps[f->n];

    *s = step_of(m, c, k, &f->arena);
    key = fz_str_copy(&f->arena, key);
    f->orders[f->n] = (struct fz_order){.kind = s->kind, .record = c->id, .type = m->record->name, .pack = m->pack->name, .actor = s->person,
                                        .organ = m->log.texts[c->organ], .key = key, .source = provenance(m, &m->log.events[c->first + k], &f->arena),
                                        .if_version = -1, .observed = true, .step = s};
    f->places[f->n++] = (struct place){case_no, c->first + k, key};
}

static fz_status import_case(struct import *m, uint32_t case_no, const struct key *keys, struct fz_error *err)
{
    for (uint32_t k = 0; k < m->log.cases[case_no].n; k++) {
        add(m, case_no, k, keys[k].text);
        if (m->now->n == BATCH)
            FZ_TRY(flush(m, err));
    }
    return FZ_OK;
}

/* ---- trying ---- */

static bool is_there(const struct import *m, const struct fz_folded *f, fz_str key)
{
    fz_hash hash = fz_hash_of((fz_hasher){m->f->crypto, m->f->hash}, &key, 1);

    for (size_t i = 0; i < f->entries_n; i++)
        if (f->entries[i].key && fz_hash_eq(f->entries[i].key, &hash))
            return true;
    return false;
}

/* The record as it stands, or a new one of the version in force on the day of its first act. */
static fz_status begin_trial(struct import *m, const struct fz_log_case *c, struct fz_folded *f, struct fz_error *err)
{
    FZ_TRY(fz_engine_fold(m->f->engine, c->id, &m->of_case, f, err));
    if (f->row || c->n == 0)
        return FZ_OK;
    f->pack = m->versions[fz_pack_version_on(m->versions, m->versions_n, m->log.events[c->first].day)];
    f->r = &f->pack->records[fz_record_find(f->pack, m->record->name)];
    f->c = fz_case_new(&m->of_case, f->pack, f->r);
    return fz_packs_calendar(&m->f->packs, f->pack->calendar, &f->cal, err);
}

/* What an import would answer, over the record as it stands. */
static fz_status try_case(struct import *m, uint32_t case_no, const struct key *keys, struct fz_error *err)
{
    const struct fz_log_case *c = &m->log.cases[case_no];
    struct fz_folded f;

    FZ_TRY(begin_trial(m, c, &f, err));
    for (uint32_t k = 0; k < c->n; k++) {
        struct place p = {case_no, c->first + k, keys[k].text};
        struct fz_step s = step_of(m, c, k, &m->of_case);
        struct fz_ruling ruling = {0};

        if (keys[k].again || is_there(m, &f, keys[k].text)) {
            repeat(m, &p);
            continue;
        }
        fz_decide(f.c, &s, f.cal, true, &m->of_case, &ruling);
        take(m, &p, &ruling);
        fz_case_apply(f.c, &s, f.cal);
    }
    return FZ_OK;
}

/* Cases whose record is of another register are refused, and left out of what follows: their acts are none. Asked before anything is handed over,
 * for then the store is nobody else's. */
static fz_status refuse_others(struct import *m, struct fz_error *err)
{
    for (uint32_t i = 0; fz_engine_size(m->f->engine) && i < m->log.cases_n; i++) {
        struct fz_log_case *c = &m->log.cases[i];
        fz_cell id[] = {FZ_CELL_OF(m->f->jurisdiction), FZ_CELL_OF(c->id)}, *row;
        bool found;

        FZ_TRY(fz_store_get(m->f->store, &fz_table_record, id, &m->of_case, &row, &found, err));
        if (found && !same_kind(m, row)) {
            refuse_case(m, i, keys_of(m, c), row);
            c->n = 0;
        }
        fz_arena_reset(&m->of_case);
    }
    return FZ_OK;
}

static fz_status each_case(struct import *m, fz_status (*take_case)(struct import *m, uint32_t case_no, const struct key *keys, struct fz_error *err), struct fz_error *err)
{
    fz_status s = FZ_OK;

    for (uint32_t i = 0; s == FZ_OK && i < m->log.cases_n; i++) {
        s = take_case(m, i, keys_of(m, &m->log.cases[i]), err);
        fz_arena_reset(&m->of_case);
    }
    return s;
}

static fz_status enter_all(struct import *m, struct fz_error *err)
{
    m->now = &m->flights[0];
    m->before = &m->flights[1];
    m->size = fz_engine_size(m->f->engine);
    FZ_TRY(fz_queue_new(&m->queue, m->f->engine, err));
    FZ_TRY(each_case(m, import_case, err));
    FZ_TRY(flush(m, err));
    return land(m, m->before, err);
}

static fz_status import_all(struct import *m, struct fz_error *err)
{
    fz_status s;

    FZ_TRY(refuse_others(m, err));
    m->began_ms = now_ms();
    s = m->o->dry_run ? each_case(m, try_case, err) : enter_all(m, err);
    end_progress(m);
    return s;
}

/* ---- rows that could not be read ---- */

static void list_unread_rows(struct import *m)
{
    for (size_t i = 0; i < m->log.refusals_n; i++) {
        const struct fz_log_refusal *r = &m->log.refusals[i];
        bool repeated = strcmp(r->id, "repeated") == 0;
        struct fz_why why = {r->id, r->zh, r->en};
        struct fz_verdict_row row = {.file = r->file, .line = r->line, .column = r->column, .case_id = r->case_id, .kind = repeated ? FZ_V_REPEATED : FZ_V_REFUSED,
                                     .why = &why};
        struct fz_buf at = {0};

        if (m->verdicts.out)
            fz_verdict_write(&m->verdicts, &m->log, &row);
        if (!repeated)
            FZ_PUSH(m->arena, &m->refused_rows, items, n, cap) = (struct fz_log_row){r->file, r->line};
        if (i >= SAID_MOST)
            continue;
        fz_log_place(&m->log, r->file, r->line, r->column, &at);
        fprintf(stderr, "%s: %.*s\n", at.p, FZ_STR_ARG(r->why));
        fz_buf_release(&at);
    }
}

static int by_place(const void *a, const void *b)
{
    const struct fz_log_row *x = a, *y = b;

    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    return (x->line > y->line) - (x->line < y->line);
}

static fz_status write_refused(struct import *m, struct fz_error *err)
{
    struct refused_rows *r = &m->refused_rows;
    size_t files;

    if (!m->o->refused || r->n == 0)
        return FZ_OK;
    qsort(r->items, r->n, sizeof(*r->items), by_place);
    return fz_log_copy_rows(&m->log, m->map, r->items, r->n, m->o->refused, m->cli->lang, &files, err);
}

/* ---- the answer ---- */

static fz_status answer(struct import *m, struct fz_error *err)
{
    bool zh = m->cli->lang == FZ_ZH;
    unsigned long long refused = m->refused + m->log.refused, repeated = m->repeated + m->log.duplicates;
    unsigned long long taken = m->taken, grounds = m->grounds;

    if (m->o->dry_run)
        fz_buf_printf(m->cli->out,
                      zh ? "试行：%zu件案件；可记入%llu条，此前已有%llu条，拒收%llu行；依法有疑问之处%llu\n"
                         : "dry run: %zu cases; %llu could be entered, %llu there before, %llu rows refused; the law has something against %llu\n",
                      m->log.cases_n, taken, repeated, refused, grounds);
    else
        fz_buf_printf(m->cli->out, zh ? "已记入%llu条，此前已有%llu条，拒收%llu行；依法有疑问之处%llu\n"
                                      : "%llu entered, %llu there before, %llu refused; the law has something against %llu\n",
                      taken, repeated, refused, grounds);
    return refused ? fz_fail(err, FZ_REFUSED, zh ? "拒收：%llu行" : "refused rows: %llu", refused) : FZ_OK;
}

static fz_status import_in(struct import *m, struct fz_error *err)
{
    FZ_TRY(load(m, err));
    if (m->o->verdicts)
        FZ_TRY(fz_verdicts_open(&m->verdicts, m->o->verdicts, err));
    list_unread_rows(m);
    FZ_TRY(import_all(m, err));
    FZ_TRY(write_refused(m, err));
    return answer(m, err);
}

static fz_status import_with(struct fz_cli *cli, const struct import_options *o, struct fz_folder *f)
{
    struct import *m = FZ_NEW(&f->packs.arena, struct import);
    struct fz_error at_close;
    fz_status s;

    /* Member by member: a whole one is too large for the stack. */
    m->cli = cli;
    m->o = o;
    m->f = f;
    m->arena = &f->packs.arena;
    s = import_in(m, &cli->err);
    fz_queue_free(m->queue); /* before a head is signed: it commits what was posted */
    if (fz_verdicts_close(&m->verdicts, &at_close) != FZ_OK && (s == FZ_OK || s == FZ_REFUSED))
        s = fz_fail(&cli->err, at_close.status, "%s", at_close.text);
    for (size_t i = 0; i < FZ_COUNT(m->flights); i++)
        fz_arena_release(&m->flights[i].arena);
    fz_arena_release(&m->of_case);
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
    return fz_folder_run(cli, options, 1, o->dry_run ? FZ_READ_ONLY : FZ_READ_WRITE, import_here);
}

static const struct fz_opt import_options[] = {
    FZ_OPTION_TEXT(struct import_options, map, "map", "MAP.yaml", "which column and which word of the files means what"),
    FZ_OPTION_FLAG(struct import_options, dry_run, "dry-run", "say what would become of every row, enter nothing"),
    FZ_OPTION_TEXT(struct import_options, verdicts, "verdicts", "FILE.tsv", "a line an act: taken, repeated or refused, with reason and article in both languages"),
    FZ_OPTION_TEXT(struct import_options, refused, "refused", "FILE.csv", "the refused rows as their source has them, to be mended and imported again"),
    FZ_OPTION_PASSPHRASE(struct import_options, passphrase),
    FZ_OPTION_END};

const struct fz_command fz_cmd_import = {.name = "import", .args = "DIR --map MAP.yaml FILE...",
                                         .summary = "rows of a log (CSV or XES, plain, gzip or zip; .xlsx) as entries: what happened, with what the law has against it",
                                         .exits = "0 all entered, 1 rows were refused, 2 usage or bad input, 3 failure", .options = import_options,
                                         .options_bytes = sizeof(struct import_options), .run = import_run};
