/*
 * Random records in a store: an engine over memory, SQLite or PostgreSQL (FZ_POSTGRES) that has taken random acts with random values, as things that
 * happened. FZ_SEED repeats a run; who uses it prints the seed.
 */
#ifndef FZ_TESTS_RECORDS_H
#define FZ_TESTS_RECORDS_H

#include "support.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <unistd.h>

#include "china.h"
#include "packs.h"
#include "engine/engine.h"

enum { RECORDS = 60, STEPS = 12 };
#define PLACE FZ_STR("330106")
#define FIRST_DAY 20000 /* 2024-10-04 */

struct world {
    struct fz_arena arena, scratch;
    struct fz_calendar *cn;
    struct fz_crypto *crypto;
    struct fz_store *store;
    struct fz_engine *e;
    const struct fz_pack *pack;
    const struct fz_record *r;
    uint64_t random;
    char path[64];
    char schema[64]; /* in PostgreSQL; "": elsewhere */
    struct fz_folded records[RECORDS];
    fz_str ids[RECORDS];
    size_t annulled;
};

static inline uint32_t pick(struct world *w, uint32_t n)
{
    w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return n ? (uint32_t)(w->random >> 33) % n : 0;
}

/* ---- records ---- */

static inline fz_status calendar(void *arg, fz_str name, const struct fz_calendar **out, struct fz_error *err)
{
    (void)err;
    *out = fz_str_is(name, "none") ? NULL : ((struct world *)arg)->cn;
    return FZ_OK;
}

static inline void salts(void *arg, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)pick(arg, 256);
}

static inline int64_t random_int(struct world *w)
{
    static const int64_t edges[] = {INT64_MAX, INT64_MAX - 1, INT64_MIN + 1, INT64_MIN, INT64_MAX / 2, INT64_MIN / 2, 3037000500, -3037000500, 0, 1, -1, 2, -2};

    return pick(w, 3) ? (int64_t)pick(w, 25) - 12 : edges[pick(w, FZ_COUNT(edges))];
}

static const char *const some_words[] = {"", "a", "b'c", "--", "$1", "一", "A", "a\nb=\\n"};

static inline fz_value random_value(struct world *w, const struct fz_field *f)
{
    switch (f->type) {
    case FZ_TYPE_FLAG:
        return FZ_NUMBER(pick(w, 2));
    case FZ_TYPE_INT:
    case FZ_TYPE_MONEY:
    case FZ_TYPE_POINTS:
        return FZ_NUMBER(random_int(w));
    case FZ_TYPE_DAY:
        return FZ_NUMBER(FIRST_DAY + pick(w, 60));
    case FZ_TYPE_MONTH:
        return FZ_NUMBER(24300 + pick(w, 5));
    case FZ_TYPE_YEAR:
        return FZ_NUMBER(2024 + pick(w, 3));
    case FZ_TYPE_INSTANT:
        return FZ_NUMBER(fz_day_instant(FIRST_DAY) + pick(w, 5000));
    case FZ_TYPE_CHOICE:
        return FZ_NUMBER(pick(w, (uint32_t)f->choices.n));
    case FZ_TYPE_SHARE:
        return (fz_value){.set = true, .n = 1 + pick(w, 3), .m = 4};
    case FZ_TYPE_SPAN:
        return (fz_value){.set = true, .n = FIRST_DAY, .m = FIRST_DAY + pick(w, 9)};
    case FZ_TYPE_LENGTH:
        return (fz_value){.set = true, .n = 1 + pick(w, 9), .m = FZ_DAYS};
    default:
        return fz_type_is_text(f->type) ? (fz_value){.set = true, .text = fz_str_of(some_words[pick(w, FZ_COUNT(some_words))])} : FZ_UNSET;
    }
}

static inline fz_value random_field(struct world *w, const struct fz_field *f)
{
    fz_value *items = FZ_NEW_ARRAY(&w->scratch, fz_value, 3);
    uint32_t n = pick(w, 3);

    if (!f->many)
        return random_value(w, f);
    for (uint32_t i = 0; i < n; i++)
        items[i] = random_value(w, f);
    return (fz_value){.set = true, .many = n, .items = items};
}

/* Some money, points and texts do not come back from an entry as they were; those are other tests' matter. */
static inline bool storable(const struct fz_field *f, fz_value v)
{
    return v.set && !f->is && !(f->type == FZ_TYPE_PLACE) && !(f->type == FZ_TYPE_ARTICLE);
}

static inline struct fz_step random_step(struct world *w, fz_day day)
{
    struct fz_given *given = FZ_NEW_ARRAY(&w->scratch, struct fz_given, w->r->fields_n);
    struct fz_step s = FZ_STEP((int)pick(w, (uint32_t)w->r->actions_n), day);

    if (pick(w, 12) == 0)
        s.kind = FZ_WAIVE;
    else if (w->r->actions[s.action].outcomes_n && pick(w, 4))
        s.outcome = (int)pick(w, (uint32_t)w->r->actions[s.action].outcomes_n);
    for (size_t f = 0; f < w->r->fields_n && s.kind == FZ_DO; f++)
        if (pick(w, 3) == 0) {
            fz_value v = random_field(w, &w->r->fields[f]);

            if (storable(&w->r->fields[f], v))
                given[s.values_n++] = (struct fz_given){(int)f, v};
        }
    s.values = given;
    if (w->r->actions[s.action].each.n && pick(w, 2))
        s.member = fz_str_of(some_words[1 + pick(w, FZ_COUNT(some_words) - 1)]);
    return s;
}

/* It did not happen after all. What may not be annulled stays. */
static inline void annul(struct world *w, fz_str record, int64_t seq, fz_day day)
{
    struct fz_order o = {.record = record, .on = day, .at = FZ_INSTANT_NONE, .actor = FZ_STR("a"), .organ = FZ_STR("o1"), .if_version = -1, .correction = FZ_ANNUL,
                         .corrects = seq, .approver = FZ_STR("b"), .reason = FZ_STR("entered by mistake")};
    struct fz_answer a;
    struct fz_error err;

    if (fz_engine_submit(w->e, &o, 1, 1000, &w->scratch, &a, &err) != FZ_OK)
        fail_msg("%s", err.text);
    w->annulled += a.kind == FZ_A_DONE;
}

static inline void make_record(struct world *w, size_t n)
{
    fz_day day = FIRST_DAY + (fz_day)pick(w, 20);
    uint32_t steps = 1 + pick(w, STEPS);
    struct fz_error err;

    w->ids[n] = fz_str_printf(&w->arena, "r%zu", n);
    for (uint32_t i = 0; i < steps; i++) {
        struct fz_step s = random_step(w, day);
        struct fz_order o = {.kind = s.kind, .record = w->ids[n], .type = w->r->name, .pack = w->pack->name, .actor = FZ_STR("a"), .organ = n % 3 ? FZ_STR("o1") : FZ_STR("o2"),
                             .if_version = -1, .observed = true, .step = &s};
        struct fz_answer a;

        if (fz_engine_submit(w->e, &o, 1, 1000, &w->scratch, &a, &err) != FZ_OK)
            fail_msg("%s", err.text);
        if (a.kind != FZ_A_DONE)
            fail_msg("%.*s", FZ_STR_ARG(a.text));
        if (i > 0 && pick(w, 8) == 0)
            annul(w, w->ids[n], a.seq, day);
        day += (fz_day)pick(w, 12);
    }
    if (fz_engine_fold(w->e, w->ids[n], &w->arena, &w->records[n], &err) != FZ_OK)
        fail_msg("%s", err.text);
}

/* ---- a store ---- */

typedef enum { IN_MEMORY, IN_SQLITE, IN_POSTGRES } world_store;

/* How to connect, or NULL: ./test says it in FZ_POSTGRES. */
static inline const char *world_server(void)
{
    const char *server = getenv("FZ_POSTGRES");

    return server && *server ? server : NULL;
}

static inline fz_status open_postgres(struct world *w, struct fz_error *err)
{
    static unsigned next;

    snprintf(w->schema, sizeof(w->schema), "records%ld_%u", (long)getpid(), next++);
    return fz_store_open_postgres(&w->store, fz_str_printf(&w->arena, "%s options='-csearch_path=%s'", world_server(), w->schema).p, FZ_READ_WRITE, err);
}

static inline void drop_schema(const char *schema)
{
    PGconn *c = PQconnectdb(world_server());
    char sql[128];

    snprintf(sql, sizeof(sql), "SET client_min_messages = error; DROP SCHEMA IF EXISTS %s CASCADE", schema);
    PQclear(PQexec(c, sql));
    assert_int_equal(PQstatus(c), CONNECTION_OK);
    PQfinish(c);
}

static inline fz_status open_sqlite(struct world *w, struct fz_error *err)
{
    strcpy(w->path, "/dev/shm/fazhi-sql-XXXXXX");
    if (!mkdtemp(w->path)) {
        strcpy(w->path, "fazhi-sql-XXXXXX");
        assert_non_null(mkdtemp(w->path));
    }
    return fz_store_open_sqlite(&w->store, fz_str_printf(&w->arena, "%s/log.db", w->path).p, FZ_READ_WRITE, err);
}

static inline void open_world(struct world *w, const struct fz_pack *pack, world_store where)
{
    struct fz_setting set = {.jurisdiction = PLACE, .packs = &w->pack, .packs_n = 1, .calendar = calendar, .calendar_arg = w, .random = {salts, w},
                             .tables = &w->arena};
    struct fz_error err;
    fz_status s = FZ_OK;

    w->pack = pack;
    w->r = &pack->records[0];
    w->path[0] = w->schema[0] = '\0';
    if (where == IN_MEMORY)
        w->store = fz_store_new_memory();
    else
        s = where == IN_SQLITE ? open_sqlite(w, &err) : open_postgres(w, &err);
    if (s != FZ_OK)
        fail_msg("%s", err.text);
    assert_int_equal(fz_crypto_new(&w->crypto, NULL), FZ_OK);
    set.store = w->store;
    set.hasher = (fz_hasher){w->crypto, FZ_SHA256};
    if (fz_engine_open(&w->e, &set, &err) != FZ_OK)
        fail_msg("%s", err.text);
}

static inline void close_world(struct world *w)
{
    char command[128];

    fz_engine_close(w->e);
    fz_store_close(w->store);
    fz_crypto_free(w->crypto);
    if (*w->schema)
        drop_schema(w->schema);
    if (!*w->path)
        return;
    snprintf(command, sizeof(command), "rm -rf %s", w->path);
    assert_int_equal(system(command), 0);
}

/* Sixty records of random acts. */
static inline void make_records(struct world *w)
{
    for (size_t n = 0; n < RECORDS; n++)
        make_record(w, n);
    assert_true(w->annulled > 0);
}

static inline struct world *new_world(void)
{
    const char *seed = getenv("FZ_SEED");
    struct world *w = calloc(1, sizeof(*w));

    assert_non_null(w);
    w->random = seed ? strtoull(seed, NULL, 10) : (uint64_t)getpid() * 7919 + 1;
    print_message("# FZ_SEED=%llu\n", (unsigned long long)w->random);
    fz_arena_init(&w->arena);
    fz_arena_init(&w->scratch);
    w->cn = china_calendar();
    return w;
}

static inline void free_world(struct world *w)
{
    fz_calendar_free(w->cn);
    fz_arena_release(&w->scratch);
    fz_arena_release(&w->arena);
    free(w);
}

#endif
