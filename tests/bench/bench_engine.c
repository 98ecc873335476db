/*
 * What a lawful, provable, durable command costs beside a bare write (one entry of 300 bytes with its hash, one of 100,000 case rows, one clock row), and
 * what verifying and rebuilding cost beside the hashing and the rows that they cannot do without. Everything in one run, as ratios.
 * usage: bench_engine CALENDAR PACK...
 */
#include <pthread.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/bench.h"
#include "engine/queue.h"
#include "law/node.h"

#define ROUNDS 3
#define COMMANDS 30000 /* a round, in batches */
#define ALONE 3000     /* a round, each with a commit of its own */
#define STEADY 2000    /* commands a second */
#define STEADY_SECONDS 5
#define STEPS 6
#define MATTERS 100000 /* of the bare writer, written to at random */
#define OPEN 1000      /* cases of ours that go on side by side */

struct place {
    char folder[32], file[48];
};

static void make_place(struct place *p)
{
    strcpy(p->folder, "fz-bench-XXXXXX");
    fz_assert(mkdtemp(p->folder));
    snprintf(p->file, sizeof(p->file), "%s/log.db", p->folder);
}

static void drop_place(struct place *p)
{
    char command[64];

    snprintf(command, sizeof(command), "rm -rf %s", p->folder);
    fz_assert(system(command) == 0);
}

/* ---- the bare writer ---- */

struct bare {
    struct place place;
    sqlite3 *db;
    sqlite3_stmt *begin, *commit, *event, *matter, *clock, *more;
    fz_hasher h;
    fz_hash prev;
    uint64_t n;
    uint32_t random;
};

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *st;

    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
        exit(3);
    }
    return st;
}

static void step(sqlite3_stmt *st)
{
    fz_assert(sqlite3_step(st) == SQLITE_DONE);
    sqlite3_reset(st);
}

static void bare_open(struct bare *b, fz_hasher h)
{
    *b = (struct bare){.h = h};
    make_place(&b->place);
    fz_assert(sqlite3_open(b->place.file, &b->db) == SQLITE_OK);
    fz_assert(sqlite3_exec(b->db,
                           "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=10000;"
                           "CREATE TABLE event(seq INTEGER PRIMARY KEY, matter INT NOT NULL, at INT NOT NULL, kind TEXT NOT NULL, actor TEXT NOT NULL, payload TEXT NOT NULL, hash BLOB NOT NULL);"
                           "CREATE TABLE matter(id INTEGER PRIMARY KEY, state TEXT, ver INT, head BLOB, upd INT);"
                           "CREATE TABLE clock(matter INT, name TEXT, due INT, state TEXT, PRIMARY KEY(matter,name)) WITHOUT ROWID;"
                           "CREATE INDEX ev_m ON event(matter,seq); CREATE INDEX ck ON clock(state,due);",
                           NULL, NULL, NULL) == SQLITE_OK);
    b->begin = prepare(b->db, "BEGIN IMMEDIATE");
    b->more = prepare(b->db, "INSERT INTO matter VALUES(?, 'open', 1, zeroblob(32), 0)");
    b->commit = prepare(b->db, "COMMIT");
    b->event = prepare(b->db, "INSERT INTO event VALUES(?,?,?,'accept','o-17',?,?)");
    b->matter = prepare(b->db, "UPDATE matter SET state='accepted', ver=ver+1, head=?2, upd=?3 WHERE id=?1");
    b->clock = prepare(b->db, "INSERT INTO clock VALUES(?,'decision',?,'running') ON CONFLICT(matter,name) DO UPDATE SET due=excluded.due");
    step(b->begin);
    for (int i = 1; i <= MATTERS; i++) {
        sqlite3_bind_int(b->more, 1, i);
        step(b->more);
    }
    step(b->commit);
}

static void bare_close(struct bare *b)
{
    sqlite3_stmt *all[] = {b->begin, b->commit, b->event, b->matter, b->clock, b->more};

    for (size_t i = 0; i < FZ_COUNT(all); i++)
        sqlite3_finalize(all[i]);
    sqlite3_close(b->db);
    drop_place(&b->place);
}

static void bare_write(struct bare *b, size_t n)
{
    char payload[300];

    step(b->begin);
    for (size_t i = 0; i < n; i++) {
        int64_t matter = 1 + (int64_t)((b->random = b->random * 1103515245u + 12345u) >> 8) % MATTERS;

        memset(payload, 'x', sizeof(payload));
        snprintf(payload, 40, "{\"n\":%llu", (unsigned long long)b->n++);
        b->prev = fz_hash_of(b->h, (fz_str[]){{(const char *)b->prev.bytes, FZ_HASH_BYTES}, {payload, sizeof(payload)}}, 2);
        sqlite3_bind_int64(b->event, 1, (int64_t)b->n);
        sqlite3_bind_int64(b->event, 2, matter);
        sqlite3_bind_int64(b->event, 3, 1767225600000 + (int64_t)b->n);
        sqlite3_bind_text(b->event, 4, payload, sizeof(payload), SQLITE_STATIC);
        sqlite3_bind_blob(b->event, 5, b->prev.bytes, FZ_HASH_BYTES, SQLITE_STATIC);
        step(b->event);
        sqlite3_bind_int64(b->matter, 1, matter);
        sqlite3_bind_blob(b->matter, 2, b->prev.bytes, FZ_HASH_BYTES, SQLITE_STATIC);
        sqlite3_bind_int64(b->matter, 3, (int64_t)b->n);
        step(b->matter);
        sqlite3_bind_int64(b->clock, 1, matter);
        sqlite3_bind_int64(b->clock, 2, 20500 + (int64_t)b->n % 90);
        step(b->clock);
    }
    step(b->commit);
}

/* ---- the engine ---- */

static struct fz_calendar *cn;
static const struct fz_pack **packs;
static size_t packs_n;
static uint64_t state = 1;

static fz_status calendar(void *arg, fz_str name, const struct fz_calendar **out, struct fz_error *err)
{
    (void)arg, (void)err;
    *out = fz_str_is(name, "none") ? NULL : cn;
    return FZ_OK;
}

static void salts(void *arg, uint8_t *out, size_t n)
{
    (void)arg;
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)((state = state * 6364136223846793005u + 1442695040888963407u) >> 56);
}

struct city {
    struct place place;
    struct fz_store *store, *reader;
    struct fz_engine *e;
    struct fz_queue *q;
    struct fz_arena tables, arena;
    uint64_t n; /* commands */
    uint64_t open;
};

static fz_status more(void *arg, struct fz_store **out, struct fz_error *err)
{
    return fz_store_open_sqlite(out, ((struct city *)arg)->place.file, FZ_READ_ONLY, err);
}

static void must(fz_status s, const struct fz_error *err)
{
    if (s == FZ_OK)
        return;
    fprintf(stderr, "bench_engine: %s\n", err->text);
    exit(3);
}

static void city_open(struct city *c, fz_hasher h)
{
    struct fz_error err;
    struct fz_setting set = {.hasher = h, .jurisdiction = FZ_STR("330106"), .packs = packs, .packs_n = packs_n, .calendar = calendar, .random = {salts, NULL},
                             .lang = FZ_EN, .threads = (unsigned)sysconf(_SC_NPROCESSORS_ONLN), .more = more, .more_arg = c};

    *c = (struct city){.open = OPEN};
    fz_arena_init(&c->tables);
    fz_arena_init(&c->arena);
    make_place(&c->place);
    must(fz_store_open_sqlite(&c->store, c->place.file, FZ_READ_WRITE, &err), &err);
    must(fz_store_open_sqlite(&c->reader, c->place.file, FZ_READ_ONLY, &err), &err);
    set.store = c->store;
    set.reader = c->reader;
    set.tables = &c->tables;
    must(fz_engine_open(&c->e, &set, &err), &err);
}

static void city_close(struct city *c)
{
    fz_queue_free(c->q);
    fz_engine_close(c->e);
    fz_store_close(c->reader);
    fz_store_close(c->store);
    fz_arena_release(&c->arena);
    fz_arena_release(&c->tables);
    drop_place(&c->place);
}

/* A case and five steps for ever: each step for OPEN cases, then the next step for them. */
static struct fz_order next_order(struct city *c, struct fz_arena *arena)
{
    static const struct fz_named_value given[] = {{{"act_on", 6}, {"2026-01-19", 10}}, {{"known_on", 8}, {"2026-01-20", 10}},
                                                  {{"applicants", 10}, {"\xE5\xBC\xA0\xE4\xB8\x89", 6}}, {{"respondent", 10}, {"x", 1}}};
    static const struct {
        fz_step_kind kind;
        const char *name, *on;
    } steps[STEPS] = {{FZ_DO, "receive", "2026-02-13"}, {FZ_DO, "accept", "2026-02-16"}, {FZ_DO, "send_copy", "2026-02-24"},
                      {FZ_SERVE, "answer_notice", "2026-02-25"}, {FZ_DO, "answer", "2026-03-05"}, {FZ_DO, "hear_opinions", "2026-03-13"}};
    size_t at = c->n / c->open % STEPS;
    struct fz_order o = FZ_ORDER(fz_str_of(steps[at].name), 0);

    fz_assert(fz_day_parse(fz_str_of(steps[at].on), &o.on));
    o.kind = steps[at].kind;
    o.record = fz_str_printf(arena, "case-%08llu", (unsigned long long)(c->n / (c->open * STEPS) * c->open + c->n % c->open));
    o.key = fz_str_printf(arena, "key-%llu", (unsigned long long)c->n++);
    o.actor = FZ_STR("o-17");
    if (at == 0) {
        o.type = FZ_STR("reconsideration_case");
        o.organ = FZ_STR("A");
        o.values = given;
        o.values_n = FZ_COUNT(given);
    }
    return o;
}

static void check(const struct fz_answer *answers, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (answers[i].kind != FZ_A_DONE) {
            fprintf(stderr, "bench_engine: order %zu was not entered: %.*s\n", i, FZ_STR_ARG(answers[i].ruling.n ? answers[i].ruling.grounds[0].id : answers[i].text));
            exit(3);
        }
}

static void city_write(struct city *c, size_t n)
{
    struct fz_order orders[100];
    struct fz_answer answers[100];
    struct fz_error err;

    fz_arena_reset(&c->arena);
    for (size_t i = 0; i < n; i++)
        orders[i] = next_order(c, &c->arena);
    must(fz_engine_submit(c->e, orders, n, 1767225600000, &c->arena, answers, &err), &err);
    check(answers, n);
}

/* ---- measuring ---- */

static int by_time(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Commands at an even pace; how long the slowest of a hundred took from when it was due. */
static double steady(void (*write)(void *, size_t), void *arg)
{
    static double took[STEADY * STEADY_SECONDS];
    double start = seconds();

    for (size_t i = 0; i < FZ_COUNT(took); i++) {
        double due = start + (double)i / STEADY;

        while (seconds() < due)
            if (due - seconds() > 0.0002)
                usleep(50);
        write(arg, 1);
        took[i] = seconds() - due;
    }
    qsort(took, FZ_COUNT(took), sizeof(*took), by_time);
    return took[FZ_COUNT(took) * 99 / 100];
}

static void write_bare(void *arg, size_t n)
{
    bare_write(arg, n);
}

static void write_city(void *arg, size_t n)
{
    city_write(arg, n);
}

static double rate(void (*write)(void *, size_t), void *arg, size_t commands, size_t batch)
{
    double start = seconds();

    for (size_t i = 0; i < commands; i += batch)
        write(arg, batch);
    return (double)commands / (seconds() - start);
}

static double best(double a, double b)
{
    return a > b ? a : b;
}

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

static void commands(struct bare *b, struct city *c)
{
    double bare100 = 0, city100 = 0, bare1 = 0, city1 = 0;

    for (int i = 0; i < ROUNDS; i++) {
        bare100 = best(bare100, rate(write_bare, b, COMMANDS, 100));
        city100 = best(city100, rate(write_city, c, COMMANDS, 100));
        bare1 = best(bare1, rate(write_bare, b, ALONE, 1));
        city1 = best(city1, rate(write_city, c, ALONE, 1));
    }
    printf("commands in batches of 100: %6.0f /s, bare %6.0f /s: %.2f (bar 0.45)\n", city100, bare100, share(city100, bare100));
    printf("commands one at a time:     %6.0f /s, bare %6.0f /s: %.2f (bar 0.70)\n", city1, bare1, share(city1, bare1));
}

/* Each thread writes cases of its own; orders share commits. */
struct clerk {
    struct city *c;
    uint64_t from, n;
};

static void *clerk_runs(void *arg)
{
    struct clerk *k = arg;
    struct city mine = {.n = k->from * STEPS, .open = 1};
    struct fz_arena arena;
    struct fz_error err;
    struct fz_answer a;

    fz_arena_init(&arena);
    for (uint64_t i = 0; i < k->n; i++) {
        struct fz_order o = next_order(&mine, &arena);

        must(fz_queue_submit(k->c->q, &o, 1, 1767225600000, &arena, &a, &err), &err);
        check(&a, 1);
        fz_arena_reset(&arena);
    }
    fz_arena_release(&arena);
    return NULL;
}

#define CLERKS 64

static void queue(struct city *c)
{
    pthread_t threads[CLERKS];
    struct clerk clerks[CLERKS];
    struct fz_error err;
    double start;

    must(fz_queue_new(&c->q, c->e, &err), &err);
    start = seconds();
    for (size_t i = 0; i < CLERKS; i++) {
        clerks[i] = (struct clerk){c, 10000000 + i * 1000000, COMMANDS / CLERKS / STEPS * STEPS};
        fz_assert(pthread_create(&threads[i], NULL, clerk_runs, &clerks[i]) == 0);
    }
    for (size_t i = 0; i < CLERKS; i++)
        pthread_join(threads[i], NULL);
    printf("64 writers at once:         %6.0f /s\n", (double)(clerks[0].n * CLERKS) / (seconds() - start));
    fz_queue_free(c->q);
    c->q = NULL;
}

/* ---- verifying and rebuilding ---- */

struct hashing {
    fz_hash_kind kind;
    size_t bytes;
    uint64_t n;
};

static void *hash_bare(void *arg)
{
    static const char text[65536];
    struct hashing *h = arg;
    struct fz_crypto *crypto;
    fz_hasher hasher;
    fz_hash leaf;

    fz_assert(fz_crypto_new(&crypto, NULL) == FZ_OK);
    hasher = (fz_hasher){crypto, h->kind};
    for (uint64_t i = 0; i < h->n; i++) {
        leaf = fz_hash_leaf(hasher, (fz_str){text, h->bytes});
        leaf = fz_hash_node(hasher, &leaf, &leaf);
    }
    fz_crypto_free(crypto);
    return NULL;
}

/* As many leaves of the mean size, and as many inner nodes, on all processors. */
static double bare_hashing(struct city *c, fz_hash_kind kind, size_t bytes)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    pthread_t threads[64];
    struct hashing h = {kind, bytes, fz_engine_size(c->e) / (uint64_t)cores};
    double start = seconds();

    for (long i = 0; i < cores && i < 64; i++)
        fz_assert(pthread_create(&threads[i], NULL, hash_bare, &h) == 0);
    for (long i = 0; i < cores && i < 64; i++)
        pthread_join(threads[i], NULL);
    return seconds() - start;
}

static double bare_select(struct city *c, size_t *out_bytes)
{
    sqlite3 *db;
    sqlite3_stmt *st;
    double start = seconds();
    size_t bytes = 0;

    fz_assert(sqlite3_open_v2(c->place.file, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK);
    st = prepare(db, "SELECT seq, leaf, bytes FROM entry WHERE jurisdiction = '330106' ORDER BY seq");
    while (sqlite3_step(st) == SQLITE_ROW)
        bytes += (size_t)sqlite3_column_bytes(st, 2);
    sqlite3_finalize(st);
    sqlite3_close(db);
    *out_bytes = bytes;
    return seconds() - start;
}

static double less(double a, double b)
{
    return a == 0 || b < a ? b : a;
}

static void proofs(struct city *c, fz_hash_kind kind)
{
    double hashing = 0, selecting = 0, log = 0, whole = 0, rebuilding = 0, start;
    struct fz_verdict v;
    struct fz_error err;
    size_t bytes;
    uint64_t n;

    for (int i = 0; i < ROUNDS; i++) {
        selecting = less(selecting, bare_select(c, &bytes));
        hashing = less(hashing, bare_hashing(c, kind, bytes / fz_engine_size(c->e)));
        fz_arena_reset(&c->arena);
        start = seconds();
        must(fz_engine_verify_log(c->e, &c->arena, &v, &err), &err);
        log = less(log, seconds() - start);
        fz_assert(v.n == 0);
        start = seconds();
        must(fz_engine_verify(c->e, &c->arena, &v, &err), &err);
        whole = less(whole, seconds() - start);
        fz_assert(v.n == 0);
        start = seconds();
        must(fz_engine_rebuild(c->e, &n, &err), &err);
        rebuilding = less(rebuilding, seconds() - start);
    }
    printf("%-6s log of %llu entries: verified in %.3f s; bare hashing %.3f s: %.2f (bar 0.70%s); bare SELECT %.3f s: %.2f (bar 0.70%s)\n", fz_hash_kind_id(kind),
           (unsigned long long)fz_engine_size(c->e), log, hashing, share(hashing, log), kind == FZ_SM3 ? "" : " for SM3", selecting, share(selecting, log),
           kind == FZ_SM3 ? " for SHA-256" : "");
    printf("%-6s with every table: %.3f s, %.0f entries/s; rebuilt: %.0f entries/s (bar 150,000)\n", "", whole, (double)fz_engine_size(c->e) / whole,
           (double)n / rebuilding);
}

int main(int argc, char **argv)
{
    struct fz_arena arena;
    struct fz_crypto *crypto;
    struct fz_diags diags;
    struct fz_error err;
    fz_str days;

    if (argc < 3)
        return 2;
    fz_arena_init(&arena);
    days = read_file(&arena, argv[1]);
    must(fz_calendar_read(&cn, NULL, argv[1], days, &err), &err);
    packs = FZ_NEW_ARRAY(&arena, const struct fz_pack *, (size_t)argc);
    for (int i = 2; i < argc; i++) {
        struct fz_source *source = FZ_NEW(&arena, struct fz_source);

        *source = (struct fz_source){argv[i], read_file(&arena, argv[i])};
        fz_diags_init(&diags, &arena);
        packs[packs_n] = fz_pack_load(fz_node_read(&arena, source, &diags), &arena, &diags);
        fz_assert(packs[packs_n++]);
    }
    fz_assert(fz_crypto_new(&crypto, NULL) == FZ_OK);
    for (fz_hash_kind kind = FZ_SM3; kind < FZ_HASH_KINDS; kind++) {
        struct bare b;
        struct city c;

        bare_open(&b, (fz_hasher){crypto, kind});
        city_open(&c, (fz_hasher){crypto, kind});
        printf("%s\n", fz_hash_kind_id(kind));
        commands(&b, &c);
        if (kind == FZ_SM3) {
            double slow = steady(write_city, &c), slow_bare = steady(write_bare, &b);

            printf("99 of 100 at %d /s within: %.2f ms, bare %.2f ms: %.2f times (bar 10 ms, or 2 times)\n", STEADY, slow * 1e3, slow_bare * 1e3,
                   share(slow, slow_bare));
            queue(&c);
        }
        proofs(&c, kind);
        bare_close(&b);
        city_close(&c);
    }
    fz_crypto_free(crypto);
    fz_calendar_free(cn);
    fz_arena_release(&arena);
    return 0;
}
