/*
 * What the store costs above SQLite by hand, and above libpq by hand, in one run and on one disk: sets of writes a second in batches of 1, 10, 100 and
 * 1000, the two taking turns in short slices; then rows a second of a scan, and rows found a second. A set is an entry of 300 bytes added, a case put
 * and a clock put. The statements by hand are those that a program for just these three tables would hold, with the same settings; in PostgreSQL sent in
 * a pipeline as well. The server is that of FZ_POSTGRES (./bench starts one).
 * usage: bench_store [FOLDER]
 */
#include <endian.h>
#include <libpq-fe.h>
#include <sqlite3.h>
#include <unistd.h>

#include "../support/bench.h"
#include "store/store.h"

enum { CASES = 20000, SLICES = 40, SLICE_MS = 40, SETS_MAX = 1000, ROWS = 200000, ROUNDS = 5, LOOKS = 100000, BODY_BYTES = 300 };

static const struct fz_column entry_columns[] = {{"place", FZ_COL_INT}, {"seq", FZ_COL_INT}, {"record", FZ_COL_INT}, {"body", FZ_COL_BLOB}};
static const int by_record[] = {0, 2};
static const struct fz_index entry_indexes[] = {{"by_record", by_record, 2, false}};
static const struct fz_table entry = {"entry", entry_columns, 4, 2, entry_indexes, 1};
static const struct fz_column case_columns[] = {{"place", FZ_COL_INT}, {"id", FZ_COL_INT}, {"stage", FZ_COL_TEXT}, {"seq", FZ_COL_INT}};
static const struct fz_table cases = {"case", case_columns, 4, 2, NULL, 0};
static const struct fz_column clock_columns[] = {
    {"place", FZ_COL_INT}, {"record", FZ_COL_INT}, {"name", FZ_COL_TEXT}, {"due", FZ_COL_INT, true}, {"state", FZ_COL_TEXT}};
static const int by_due[] = {0, 3};
static const struct fz_index clock_indexes[] = {{"by_due", by_due, 2, false}};
static const struct fz_table clocks = {"clock", clock_columns, 5, 3, clock_indexes, 1};
static const struct fz_table *const tables[] = {&entry, &cases, &clocks};

static const char by_hand[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 10000; PRAGMA cache_size = -65536;"
    "CREATE TABLE entry (place INT NOT NULL, seq INT NOT NULL, record INT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (place, seq));"
    "CREATE INDEX entry_by_record ON entry (place, record, seq);"
    "CREATE TABLE cases (place INT NOT NULL, id INT NOT NULL, stage TEXT NOT NULL, seq INT NOT NULL, PRIMARY KEY (place, id)) WITHOUT ROWID;"
    "CREATE TABLE clock (place INT NOT NULL, record INT NOT NULL, name TEXT NOT NULL, due INT, state TEXT NOT NULL,"
    " PRIMARY KEY (place, record, name)) WITHOUT ROWID;"
    "CREATE INDEX clock_by_due ON clock (place, due);";

static char body[BODY_BYTES];
static struct fz_store *store;
static sqlite3 *db;
static sqlite3_stmt *begin, *commit, *add_entry, *put_case, *put_clock;

static _Noreturn void stop(const char *what)
{
    fprintf(stderr, "bench_store: %s\n", what);
    exit(3);
}

/* The same case and due day for the same number on both sides. */
static int64_t case_of(int64_t n)
{
    return (int64_t)((uint64_t)n * UINT64_C(2654435761) % CASES);
}

/* ---- through the store ---- */

#define I(x) FZ_CELL_OF_INT(x)
#define S(lit) FZ_CELL_OF(FZ_STR(lit))

static void commit_sets(int64_t from, int sets)
{
    static fz_cell cells[SETS_MAX][3][5];
    static struct fz_write writes[SETS_MAX * 3];
    struct fz_error err;

    for (int i = 0; i < sets; i++) {
        int64_t n = from + i, c = case_of(n);

        memcpy(cells[i][0], ((fz_cell[]){I(330100), I(n), I(c), FZ_CELL_OF(((fz_str){body, BODY_BYTES}))}), 4 * sizeof(fz_cell));
        memcpy(cells[i][1], ((fz_cell[]){I(330100), I(c), S("accepted"), I(n)}), 4 * sizeof(fz_cell));
        memcpy(cells[i][2], ((fz_cell[]){I(330100), I(c), S("decision"), I(20000 + n % 60), S("running")}), 5 * sizeof(fz_cell));
        writes[i * 3] = (struct fz_write){FZ_ADD, &entry, cells[i][0]};
        writes[i * 3 + 1] = (struct fz_write){FZ_PUT, &cases, cells[i][1]};
        writes[i * 3 + 2] = (struct fz_write){FZ_PUT, &clocks, cells[i][2]};
    }
    if (fz_store_commit(store, &(struct fz_batch){writes, (size_t)sets * 3}, &err) != FZ_OK)
        stop(err.text);
}

/* ---- by hand ---- */

static void step(sqlite3_stmt *st)
{
    if (sqlite3_step(st) != SQLITE_DONE)
        stop(sqlite3_errmsg(db));
    sqlite3_reset(st);
}

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *st;

    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL) != SQLITE_OK)
        stop(sqlite3_errmsg(db));
    return st;
}

static void commit_sets_by_hand(int64_t from, int sets)
{
    step(begin);
    for (int64_t n = from; n < from + sets; n++) {
        int64_t c = case_of(n);

        sqlite3_bind_int64(add_entry, 1, n);
        sqlite3_bind_int64(add_entry, 2, c);
        sqlite3_bind_blob(add_entry, 3, body, BODY_BYTES, SQLITE_STATIC);
        step(add_entry);
        sqlite3_bind_int64(put_case, 1, c);
        sqlite3_bind_text(put_case, 2, "accepted", -1, SQLITE_STATIC);
        sqlite3_bind_int64(put_case, 3, n);
        step(put_case);
        sqlite3_bind_int64(put_clock, 1, c);
        sqlite3_bind_text(put_clock, 2, "decision", -1, SQLITE_STATIC);
        sqlite3_bind_int64(put_clock, 3, 20000 + n % 60);
        sqlite3_bind_text(put_clock, 4, "running", -1, SQLITE_STATIC);
        step(put_clock);
    }
    step(commit);
}

static void open_by_hand(const char *path)
{
    if (sqlite3_open(path, &db) != SQLITE_OK || sqlite3_exec(db, by_hand, NULL, NULL, NULL) != SQLITE_OK)
        stop(sqlite3_errmsg(db));
    begin = prepare("BEGIN IMMEDIATE");
    commit = prepare("COMMIT");
    add_entry = prepare("INSERT INTO entry VALUES (330100, ?, ?, ?)");
    put_case = prepare("INSERT INTO cases VALUES (330100, ?, ?, ?) ON CONFLICT DO UPDATE SET stage = excluded.stage, seq = excluded.seq");
    put_clock = prepare("INSERT INTO clock VALUES (330100, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET due = excluded.due, state = excluded.state");
}

/* ---- by hand, PostgreSQL ---- */

static const char pg_by_hand[] =
    "DROP SCHEMA IF EXISTS by_hand CASCADE; CREATE SCHEMA by_hand; SET search_path = by_hand; SET synchronous_commit = on;"
    "CREATE TABLE entry (place bigint NOT NULL, seq bigint NOT NULL, record bigint NOT NULL, body bytea NOT NULL, PRIMARY KEY (place, seq));"
    "CREATE INDEX entry_by_record ON entry (place, record, seq);"
    "CREATE TABLE cases (place bigint NOT NULL, id bigint NOT NULL, stage text COLLATE \"C\" NOT NULL, seq bigint NOT NULL, PRIMARY KEY (place, id));"
    "CREATE TABLE clock (place bigint NOT NULL, record bigint NOT NULL, name text COLLATE \"C\" NOT NULL, due bigint, state text COLLATE \"C\" NOT NULL,"
    " PRIMARY KEY (place, record, name));"
    "CREATE INDEX clock_by_due ON clock (place, due NULLS FIRST, record, name);";

static PGconn *pg;

static void pg_expect(PGresult *r, ExecStatusType want)
{
    if (PQresultStatus(r) != want)
        stop(PQerrorMessage(pg));
    PQclear(r);
}

static void pg_prepare(const char *name, const char *sql)
{
    pg_expect(PQprepare(pg, name, sql, 0, NULL), PGRES_COMMAND_OK);
}

static void pg_open(const char *server)
{
    pg = PQconnectdb(server);
    if (PQstatus(pg) != CONNECTION_OK)
        stop(PQerrorMessage(pg));
    pg_expect(PQexec(pg, "SET client_min_messages = error"), PGRES_COMMAND_OK);
    pg_expect(PQexec(pg, pg_by_hand), PGRES_COMMAND_OK);
    pg_prepare("e", "INSERT INTO entry VALUES (330100, $1::bigint, $2::bigint, $3)");
    pg_prepare("c", "INSERT INTO cases VALUES (330100, $1::bigint, $2, $3::bigint) ON CONFLICT (place, id) DO UPDATE SET stage = excluded.stage, seq = excluded.seq");
    pg_prepare("k", "INSERT INTO clock VALUES (330100, $1::bigint, $2, $3::bigint, $4) ON CONFLICT (place, record, name) DO UPDATE SET due = excluded.due, state = excluded.state");
    pg_prepare("get", "SELECT place, seq, record, body FROM entry WHERE place = 330100 AND seq = $1::bigint");
    PQenterPipelineMode(pg);
}

static void pg_send(const char *name, int n, const char *const *values, const int *lengths)
{
    static const int binary[] = {1, 1, 1, 1};

    if (PQsendQueryPrepared(pg, name, n, values, lengths, binary, 1) != 1)
        stop(PQerrorMessage(pg));
}

static void pg_take(ExecStatusType want)
{
    PGresult *r = PQgetResult(pg);

    pg_expect(r ? r : PQgetResult(pg), want);
}

static void commit_sets_by_libpq(int64_t from, int sets)
{
    int taken = 0, sent = 1;

    PQsendQueryParams(pg, "BEGIN", 0, NULL, NULL, NULL, NULL, 1);
    for (int64_t n = from; n < from + sets; n++) {
        uint64_t seq = htobe64((uint64_t)n), c = htobe64((uint64_t)case_of(n)), due = htobe64((uint64_t)(20000 + n % 60));

        pg_send("e", 3, (const char *[]){(char *)&seq, (char *)&c, body}, (int[]){8, 8, BODY_BYTES});
        pg_send("c", 3, (const char *[]){(char *)&c, "accepted", (char *)&seq}, (int[]){8, 8, 8});
        pg_send("k", 4, (const char *[]){(char *)&c, "decision", (char *)&due, "running"}, (int[]){8, 8, 8, 7});
        sent += 3;
    }
    PQsendQueryParams(pg, "COMMIT", 0, NULL, NULL, NULL, NULL, 1);
    PQpipelineSync(pg);
    for (sent++; taken < sent; taken++)
        pg_take(PGRES_COMMAND_OK);
    pg_take(PGRES_PIPELINE_SYNC);
}

/* ---- writing ---- */

struct side {
    void (*commit)(int64_t from, int sets);
    int64_t next, done;
    double seconds, slowest;
};

static void slice(struct side *s, int sets)
{
    double from = seconds(), t = from;

    for (double before = t; t - from < SLICE_MS / 1e3; before = t) {
        s->commit(s->next, sets);
        t = seconds();
        s->slowest = t - before > s->slowest ? t - before : s->slowest;
        s->next += sets;
        s->done += sets;
    }
    s->seconds += t - from;
}

static void bench_writes(const char *name, struct side *a, struct side *b)
{
    static const int sizes[] = {1, 10, 100, 1000};

    for (size_t i = 0; i < FZ_COUNT(sizes); i++) {
        double mine, bare;

        a->done = b->done = 0;
        a->seconds = b->seconds = a->slowest = b->slowest = 0;
        for (int k = 0; k < SLICES * 2; k++)
            slice(k % 2 ? b : a, sizes[i]);
        mine = (double)a->done / a->seconds;
        bare = (double)b->done / b->seconds;
        printf("%s, batches of %4d: %6.0f sets a second, %6.0f by hand, ratio %.2f (bar 0.85); slowest %.1f ms, %.1f by hand\n", name, sizes[i], mine,
               bare, mine / bare, a->slowest * 1e3, b->slowest * 1e3);
    }
}

/* ---- reading ---- */

static int64_t digest;

static fz_status read_entry(void *arg, const fz_cell *cells, struct fz_error *err)
{
    (void)err;
    ++*(int64_t *)arg;
    digest += cells[1].n + (unsigned char)cells[3].s.p[cells[3].s.n - 1];
    return FZ_OK;
}

static double scan_store(void)
{
    int64_t n = 0;
    double t = seconds();
    struct fz_error err;

    if (fz_store_scan(store, &(struct fz_scan){.table = &entry, .index = -1, .limit = ROWS}, read_entry, &n, &err) != FZ_OK)
        stop(err.text);
    return (double)n / (seconds() - t);
}

static double scan_by_hand(sqlite3_stmt *st)
{
    int64_t n = 0;
    double t = seconds();

    while (sqlite3_step(st) == SQLITE_ROW) {
        const unsigned char *p = sqlite3_column_blob(st, 3);

        n += sqlite3_column_int64(st, 0) > 0 && sqlite3_column_int64(st, 2) >= 0;
        digest -= sqlite3_column_int64(st, 1) + p[sqlite3_column_bytes(st, 3) - 1];
    }
    sqlite3_reset(st);
    return (double)n / (seconds() - t);
}

static double get_store(int64_t rows, int64_t looks)
{
    struct fz_arena arena;
    struct fz_error err;
    double t = seconds();

    fz_arena_init(&arena);
    for (int64_t i = 0; i < looks; i++) {
        fz_cell *row;
        bool found;

        if (fz_store_get(store, &entry, (fz_cell[]){I(330100), I(1 + i * 7919 % rows)}, &arena, &row, &found, &err) != FZ_OK || !found)
            stop(err.text);
        digest += row[2].n;
        fz_arena_reset(&arena);
    }
    fz_arena_release(&arena);
    return (double)looks / (seconds() - t);
}

/* A page a question: libpq holds the answer whole. */
static double scan_by_libpq(void)
{
    int64_t n = 0;
    double t = seconds();
    int rows = 0;

    pg_expect(PQexec(pg, "BEGIN; DECLARE s CURSOR FOR SELECT place, seq, record, body FROM entry ORDER BY place, seq LIMIT 200000"), PGRES_COMMAND_OK);
    do {
        PGresult *r = PQexecParams(pg, "FETCH 1000 FROM s", 0, NULL, NULL, NULL, NULL, 1);

        rows = PQntuples(r);
        for (int i = 0; i < rows; i++) {
            uint64_t seq;

            memcpy(&seq, PQgetvalue(r, i, 1), sizeof(seq));
            digest -= (int64_t)be64toh(seq) + (unsigned char)PQgetvalue(r, i, 3)[PQgetlength(r, i, 3) - 1];
        }
        n += rows;
        PQclear(r);
    } while (rows);
    pg_expect(PQexec(pg, "COMMIT"), PGRES_COMMAND_OK);
    return (double)n / (seconds() - t);
}

static double get_by_libpq(int64_t rows)
{
    double t = seconds();

    for (int64_t i = 0; i < LOOKS / 10; i++) {
        uint64_t seq = htobe64((uint64_t)(1 + i * 7919 % rows));
        PGresult *r = PQexecPrepared(pg, "get", 1, (const char *[]){(char *)&seq}, (int[]){8}, (int[]){1}, 1);

        if (PQntuples(r) != 1)
            stop(PQerrorMessage(pg));
        PQclear(r);
    }
    return LOOKS / 10 / (seconds() - t);
}

static double get_by_hand(sqlite3_stmt *st, int64_t rows)
{
    double t = seconds();

    for (int64_t i = 0; i < LOOKS; i++) {
        sqlite3_bind_int64(st, 1, 1 + i * 7919 % rows);
        if (sqlite3_step(st) != SQLITE_ROW || !sqlite3_column_blob(st, 3))
            stop(sqlite3_errmsg(db));
        digest -= sqlite3_column_int64(st, 2);
        sqlite3_reset(st);
    }
    return LOOKS / (seconds() - t);
}

static void keep_best(double *best, double x)
{
    *best = x > *best ? x : *best;
}

/* On the tables by hand and ours with the same rows in them. */
static void bench_reads(int64_t rows)
{
    sqlite3_stmt *scan = prepare("SELECT place, seq, record, body FROM entry ORDER BY place, seq LIMIT 200000");
    sqlite3_stmt *get = prepare("SELECT place, seq, record, body FROM entry WHERE place = 330100 AND seq = ?");
    double best[4] = {0};

    for (int i = 0; i < ROUNDS; i++) {
        keep_best(&best[0], scan_store());
        keep_best(&best[1], scan_by_hand(scan));
        keep_best(&best[2], get_store(rows, LOOKS));
        keep_best(&best[3], get_by_hand(get, rows));
    }
    printf("store, scan: %.2f million rows a second, %.2f by hand, ratio %.2f (bar 0.70)\n", best[0] / 1e6, best[1] / 1e6, best[0] / best[1]);
    printf("store, get: %.0f rows a second, %.0f by hand, ratio %.2f (bar 0.70); digest %lld\n", best[2], best[3], best[2] / best[3],
           (long long)digest);
    sqlite3_finalize(scan);
    sqlite3_finalize(get);
}

/* Both sides to the same number of rows, so that they are read alike. */
static int64_t fill_up(struct side *a, struct side *b)
{
    int64_t rows = a->next > b->next ? a->next : b->next;

    rows = rows > ROWS + SETS_MAX ? rows : ROWS + SETS_MAX;
    for (struct side *s = a; s; s = s == a ? b : NULL)
        while (s->next < rows) {
            int sets = (int)(rows - s->next < SETS_MAX ? rows - s->next : SETS_MAX);

            s->commit(s->next, sets);
            s->next += sets;
        }
    return rows - 1;
}

static void bench_postgres_reads(int64_t rows)
{
    double best[4] = {0};

    PQexitPipelineMode(pg);
    for (int i = 0; i < ROUNDS; i++) {
        keep_best(&best[0], scan_store());
        keep_best(&best[1], scan_by_libpq());
        keep_best(&best[2], get_store(rows, LOOKS / 10));
        keep_best(&best[3], get_by_libpq(rows));
    }
    printf("postgres, scan: %.2f million rows a second, %.2f by hand, ratio %.2f (bar 0.70)\n", best[0] / 1e6, best[1] / 1e6, best[0] / best[1]);
    printf("postgres, get: %.0f rows a second, %.0f by hand, ratio %.2f (bar 0.70); digest %lld\n", best[2], best[3], best[2] / best[3], (long long)digest);
}

static void bench_postgres(const char *server)
{
    struct side a = {.commit = commit_sets, .next = 1}, b = {.commit = commit_sets_by_libpq, .next = 1};
    struct fz_error err;

    pg_open(server);
    if (fz_store_open_postgres(&store, server, FZ_READ_WRITE, &err) != FZ_OK || fz_store_declare(store, tables, FZ_COUNT(tables), &err) != FZ_OK)
        stop(err.text);
    bench_writes("postgres", &a, &b);
    bench_postgres_reads(fill_up(&a, &b));
    fz_store_close(store);
    PQfinish(pg);
}

int main(int argc, char **argv)
{
    const char *server = getenv("FZ_POSTGRES");

    char folder[200], path[240], command[240];
    struct side a = {.commit = commit_sets, .next = 1}, b = {.commit = commit_sets_by_hand, .next = 1};
    struct fz_error err;

    snprintf(folder, sizeof(folder), "%.180s/fazhi-bench-XXXXXX", argc > 1 ? argv[1] : "/var/tmp");
    if (!mkdtemp(folder))
        stop("no folder could be made");
    memset(body, 'e', sizeof(body));
    snprintf(path, sizeof(path), "%s/store.db", folder);
    if (fz_store_open_sqlite(&store, path, FZ_READ_WRITE, &err) != FZ_OK || fz_store_declare(store, tables, FZ_COUNT(tables), &err) != FZ_OK)
        stop(err.text);
    snprintf(path, sizeof(path), "%s/hand.db", folder);
    open_by_hand(path);
    bench_writes("store", &a, &b);
    bench_reads(fill_up(&a, &b));
    fz_store_close(store);
    for (sqlite3_stmt *st; (st = sqlite3_next_stmt(db, NULL)) != NULL;)
        sqlite3_finalize(st);
    sqlite3_close(db);
    if (server && *server)
        bench_postgres(server);
    else
        puts("postgres: not measured, FZ_POSTGRES names no server");
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command) == 0 ? 0 : 3;
}
