/*
 * Every figure of a record type from zero over a million cases, and kept ones read, with rows put straight into the projection of a scratch store: 4 acts a
 * case, as the tickets of the shipped hotline have them, received ones broken down by two dimensions. What the generator counted on its way is what
 * the figures have to say. Bars: 2 s from zero, 5 ms kept.
 *
 * Says whether SQLite goes along the key of the table and sorts nothing, as it must. With node and @duckdb/node-api at hand (in node_modules of the folder that FZ_DUCKDB
 * names, or of the working directory), DuckDB answers the same query over the same rows.
 * usage: bench_figures HOTLINE.yaml DUCK.mjs [CASES]
 */
#include <sqlite3.h>
#include <unistd.h>

#include "../support/bench.h"
#include "engine/tables.h"
#include "report/figures.h"

enum { CASES = 1000000, ACTS = 4, CASES_AT_ONCE = 25000, ROUNDS = 5, YEARS = 10, DAYS = 365 * YEARS, FIRST_DAY = 16436 /* 2015-01-01 */ };
#define PLACE "330106"

static const char *const channels[] = {"phone", "web", "wechat", "app", "mail"}, *const kinds[] = {"consultation", "request", "complaint", "report", "suggestion"};
static const char *const organs[] = {"o1", "o2", "o3", "o4", "o5", "o6", "o7", "o8"};

static uint64_t received, signed_in_time, signed_all, received_of_o1_in_2020;

static _Noreturn void stop(const char *what)
{
    fprintf(stderr, "bench_figures: %s\n", what);
    exit(3);
}

static uint32_t pick(uint32_t n)
{
    static uint64_t state = 42;

    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(state >> 33) % n;
}

/* ---- rows ---- */

struct batch {
    fz_cell cells[CASES_AT_ONCE * ACTS][FZ_ACT_COLUMNS];
    struct fz_write writes[CASES_AT_ONCE * ACTS];
    char ids[CASES_AT_ONCE][32], dims[CASES_AT_ONCE][64];
    size_t n;
};

static void add(struct batch *b, int64_t seq, const char *record, const char *action, fz_day day, const char *organ, const char *counted, const char *dims)
{
    fz_cell *row = b->cells[b->n];

    row[FZ_ACT_JURISDICTION] = FZ_CELL_OF(FZ_STR(PLACE));
    row[FZ_ACT_SEQ] = FZ_CELL_OF_INT(seq);
    row[FZ_ACT_RECORD] = FZ_CELL_OF(fz_str_of(record));
    row[FZ_ACT_TYPE] = FZ_CELL_OF(FZ_STR("ticket"));
    row[FZ_ACT_NAME] = FZ_CELL_OF(fz_str_of(action));
    row[FZ_ACT_ON] = FZ_CELL_OF_INT(day);
    row[FZ_ACT_OUTCOME] = FZ_CELL_UNSET;
    row[FZ_ACT_ACTOR] = FZ_CELL_OF(FZ_STR("a"));
    row[FZ_ACT_ORGAN] = FZ_CELL_OF(fz_str_of(organ));
    row[FZ_ACT_COUNTED] = FZ_CELL_OF(fz_str_of(counted));
    row[FZ_ACT_DIMS] = FZ_CELL_OF(fz_str_of(dims));
    b->writes[b->n] = (struct fz_write){FZ_PUT, &fz_table_act, row};
    b->n++;
}

static void add_case(struct batch *b, int64_t n, size_t slot)
{
    fz_day day = FIRST_DAY + (fz_day)pick(DAYS);
    const char *organ = organs[pick(FZ_COUNT(organs))];
    bool in_time = pick(10) != 0, replied_in_time = pick(5) != 0;
    int64_t seq = n * ACTS + 1;

    snprintf(b->ids[slot], sizeof(b->ids[slot]), "ticket-%lld", (long long)seq);
    snprintf(b->dims[slot], sizeof(b->dims[slot]), "channel=%s\nkind=%s", channels[pick(5)], kinds[pick(5)]);
    add(b, seq, b->ids[slot], "receive", day, organ, "hotline received", b->dims[slot]);
    add(b, seq + 1, b->ids[slot], "dispatch", day, organ, "hotline at_once.", "");
    add(b, seq + 2, b->ids[slot], "sign", day + 1, organ, in_time ? "hotline signed_in_time signed_in_time." : "hotline signed_in_time.", "");
    add(b, seq + 3, b->ids[slot], "reply", day + 4, organ,
        replied_in_time ? "hotline replied_in_time replied_in_time. response_by_record response_by_record." : "hotline replied_in_time. response_by_record.", "");
    received++;
    signed_all++;
    signed_in_time += in_time;
    received_of_o1_in_2020 += organ == organs[0] && fz_day_civil(day).year == 2020;
}

static void fill(struct fz_store *s, int64_t cases)
{
    static struct batch b;
    struct fz_error err;

    for (int64_t n = 0; n < cases;) {
        b.n = 0;
        for (size_t i = 0; i < CASES_AT_ONCE && n < cases; i++)
            add_case(&b, n++, i);
        if (fz_store_commit(s, &(struct fz_batch){b.writes, b.n}, &err) != FZ_OK)
            stop(err.text);
    }
}

/* ---- figures ---- */

static const struct fz_figure *figure(const struct fz_figures *f, const char *name)
{
    for (size_t i = 0; i < f->n; i++)
        if (fz_str_is(f->items[i].indicator, name) && f->items[i].by.n == 0)
            return &f->items[i];
    stop("an indicator is missing");
}

static void expect(const struct fz_figures *f)
{
    uint64_t by_channel = 0;

    for (size_t i = 0; i < f->n; i++)
        if (fz_str_is(f->items[i].by, "channel"))
            by_channel += f->items[i].numerator;
    if (figure(f, "received")->numerator != received || by_channel != received || figure(f, "signed_in_time")->numerator != signed_in_time ||
        figure(f, "signed_in_time")->denominator != signed_all)
        stop("the figures are not what was put in");
}

static int by_time(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The median, in milliseconds. */
static double measure(const struct fz_count *c, bool kept, struct fz_figures *out, struct fz_arena *arena)
{
    double times[ROUNDS];
    struct fz_error err;

    for (int i = 0; i < ROUNDS; i++) {
        double from = seconds();

        fz_arena_reset(arena);
        if (fz_figures_read(out, c, arena, &err) != FZ_OK)
            stop(err.text);
        times[i] = (seconds() - from) * 1000;
        if (out->kept != kept)
            stop(kept ? "they were to be read, and were counted" : "they were to be counted, and were read");
    }
    qsort(times, ROUNDS, sizeof(*times), by_time);
    return times[ROUNDS / 2];
}

/* ---- what SQLite does ---- */

static void show_plan(const char *path, fz_str sql)
{
    sqlite3 *db;
    sqlite3_stmt *st;
    char text[600];
    bool covered = false;

    snprintf(text, sizeof(text), "EXPLAIN QUERY PLAN %.*s", FZ_STR_ARG(sql));
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK || sqlite3_prepare_v2(db, text, -1, &st, NULL) != SQLITE_OK)
        stop(sqlite3_errmsg(db));
    while (sqlite3_step(st) == SQLITE_ROW) {
        const char *line = (const char *)sqlite3_column_text(st, 3);

        printf("  plan: %s\n", line);
        covered |= strstr(line, "SEARCH act USING PRIMARY KEY (jurisdiction=? AND type=? AND counted>?)") != NULL;
        if (strstr(line, "TEMP B-TREE"))
            stop("the query sorts");
    }
    sqlite3_finalize(st);
    sqlite3_close(db);
    if (!covered)
        stop("the query does not go along the key");
}

/* ---- DuckDB ---- */

static fz_status write_row(void *arg, const fz_cell *c, struct fz_error *err)
{
    fz_str dims = c[FZ_ACT_DIMS].s;
    FILE *f = arg;

    (void)err;
    fprintf(f, PLACE "|%lld|ticket|%lld|%.*s|%.*s|", (long long)c[FZ_ACT_SEQ].n, (long long)c[FZ_ACT_ON].n, FZ_STR_ARG(c[FZ_ACT_ORGAN].s),
            FZ_STR_ARG(c[FZ_ACT_COUNTED].s));
    for (size_t i = 0; i < dims.n; i++)
        fputc(dims.p[i] == '\n' ? ';' : dims.p[i], f);
    fputc('\n', f);
    return FZ_OK;
}

static void beside_duckdb(struct fz_store *s, const char *folder, const char *script)
{
    fz_cell prefix[] = {FZ_CELL_OF(FZ_STR(PLACE))};
    struct fz_scan scan = {.table = &fz_table_act, .index = -1, .prefix = prefix, .prefix_n = 1};
    char name[200], command[600];
    struct fz_error err;
    FILE *f;

    snprintf(command, sizeof(command), "node %s --there 2>/dev/null", script);
    fflush(stdout);
    if (system(command) != 0) {
        printf("  DuckDB is not at hand (node with @duckdb/node-api): not measured beside it\n");
        return;
    }
    snprintf(name, sizeof(name), "%s/acts.csv", folder);
    f = fopen(name, "wb");
    if (!f || fz_store_scan(s, &scan, write_row, f, &err) != FZ_OK || fclose(f) != 0)
        stop("the rows cannot be written for DuckDB");
    snprintf(command, sizeof(command), "node %s %s", script, name);
    if (system(command) != 0)
        printf("  DuckDB did not answer\n");
}

int main(int argc, char **argv)
{
    char folder[] = "bench-figures-XXXXXX", path[100], command[160];
    int64_t cases = argc > 3 ? atoll(argv[3]) : CASES;
    struct fz_arena arena, out;
    struct fz_source source;
    struct fz_figures f;
    struct fz_diags diags;
    struct fz_pack *pack;
    struct fz_store *s;
    struct fz_error err;
    struct fz_count c;
    static const struct fz_table *const tables[] = {&fz_table_act, &fz_table_entry};
    double from, zero, zero_year, kept;

    if (argc < 3)
        return fprintf(stderr, "usage: bench_figures HOTLINE.yaml DUCK.mjs [CASES]\n"), 2;
    fz_arena_init(&arena);
    fz_arena_init(&out);
    fz_diags_init(&diags, &arena);
    source = (struct fz_source){argv[1], read_file(&arena, argv[1])};
    pack = fz_pack_load(fz_node_read(&arena, &source, &diags), &arena, &diags);
    if (!pack || !mkdtemp(folder))
        stop("no pack, or no folder");
    snprintf(path, sizeof(path), "%s/log.db", folder);
    if (fz_store_open_sqlite(&s, path, FZ_READ_WRITE, &err) != FZ_OK || fz_store_declare(s, tables, FZ_COUNT(tables), &err) != FZ_OK || fz_figures_declare(s, &err) != FZ_OK)
        stop(err.text);
    from = seconds();
    fill(s, cases);
    printf("%lld cases, %lld acts put into the projection in %.1f s\n", (long long)cases, (long long)cases * ACTS, seconds() - from);
    c = (struct fz_count){.store = s, .jurisdiction = FZ_STR(PLACE), .versions = (const struct fz_pack *const[]){pack}, .versions_n = 1,
                          .record = fz_record_find(pack, FZ_STR("ticket")), .first = FIRST_DAY, .last = FIRST_DAY + DAYS + 10, .log_size = cases * ACTS};
    show_plan(path, fz_figures_sql(&c));
    zero = measure(&c, false, &f, &out);
    expect(&f);
    printf("  all %zu figures from zero: %.0f ms (bar: 2000)\n", f.n, zero);
    c.organ = FZ_STR("o1");
    c.first = fz_day_of(2020, 1, 1);
    c.last = fz_day_of(2020, 12, 31);
    zero_year = measure(&c, false, &f, &out);
    if (figure(&f, "received")->numerator != received_of_o1_in_2020)
        stop("the figures of one organ and year are not what was put in");
    printf("  of one organ and year from zero: %.0f ms\n", zero_year);
    if (fz_figures_keep(&c, &err) != FZ_OK)
        stop(err.text);
    kept = measure(&c, true, &f, &out);
    printf("  the same, kept: %.2f ms (bar: 5)\n", kept);
    beside_duckdb(s, folder, argv[2]);
    fz_store_close(s);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    fz_arena_release(&out);
    fz_arena_release(&arena);
    return system(command) != 0 || (cases <= CASES && (zero > 2000 || kept > 5));
}
