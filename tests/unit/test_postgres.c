/*
 * What PostgreSQL's store does alone: addresses, roles and layouts that it refuses, several writers, one state while others write, connections that
 * are lost in between, and that nothing is left of what was erased in any file of the server. The suite of all stores is in test_store.c.
 */
#include "../support/support.h"

#include <signal.h>
#include <sys/resource.h>

#include "../support/rows.h"
#include "store/sql_text.h"

static const char *server;
static char own_server[400]; /* the same one, another database */

static int set_up(void **state)
{
    (void)state;
    server = postgres_server();
    if (!server) {
        printf("# FZ_POSTGRES names no server\n");
        return 0;
    }
    fz_arena_init(&arena);
    make_schema();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (!server)
        return 0;
    fz_store_close(store);
    store = NULL;
    fz_arena_release(&arena);
    server = postgres_server();
    remove_schema();
    return 0;
}

#define NEEDS_SERVER()                                                                                                 \
    do {                                                                                                               \
        if (!server) {                                                                                                 \
            printf("# FZ_POSTGRES names no server\n");                                                                 \
            skip();                                                                                                    \
        }                                                                                                              \
    } while (0)

static struct fz_store *open_mode(fz_store_mode mode)
{
    struct fz_store *s = NULL;

    if (fz_store_open_postgres(&s, in_schema(server), mode, &err) != FZ_OK)
        fail_msg("%s", err.text);
    declare_all(s);
    return s;
}

static void open_store(void)
{
    store = open_mode(FZ_READ_WRITE);
}

static void expect_not_opened(const char *address, fz_store_mode mode, fz_status want, const char *words)
{
    struct fz_store *s = NULL;
    fz_status status = fz_store_open_postgres(&s, address, mode, &err);

    expect_refusal(status, s, want, words);
}

static const char *format(const char *fmt, ...)
{
    static char texts[4][500];
    static unsigned next;
    char *text = texts[next++ % 4];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(texts[0]), fmt, ap);
    va_end(ap);
    return text;
}

/* ---- opening ---- */

static void postgres__reopened_it_has_everything(void **state)
{
    (void)state;
    NEEDS_SERVER();
    expect_all_when_reopened(open_store);
    assert_string_equal(fz_store_name(store), "postgres");
}

static void postgres__an_address_has_no_password(void **state)
{
    static const char *const addresses[] = {"postgresql://clerk:swordfish@localhost/city", "host=localhost password=swordfish", "postgresql://localhost/city?sslpassword=swordfish",
                                            "postgresql://clerk:swordfish@localhost/city?nosuch=1", "host=localhost\npassword=swordfish", "nonsense swordfish"};

    (void)state;
    for (size_t i = 0; i < FZ_COUNT(addresses); i++) {
        err.text[0] = '\0';
        expect_not_opened(addresses[i], FZ_READ_WRITE, FZ_E_INPUT, i < 3 ? "pgpass" : "");
        assert_null(strstr(err.text, "swordfish"));
    }
    assert_int_equal(fz_store_check_conninfo("postgresql://clerk@db.local:5433/city?sslmode=verify-full", &err), FZ_OK);
    assert_int_equal(fz_store_check_conninfo("host=a\nuser=b", &err), FZ_E_INPUT);
}

static void postgres__what_cannot_be_a_store_is_said(void **state)
{
    (void)state;
    NEEDS_SERVER();
    expect_not_opened("host=/nowhere dbname=city", FZ_READ_WRITE, FZ_E_IO, "/nowhere");
    expect_not_opened(in_schema(server), FZ_READ_ONLY, FZ_E_INPUT, "no store in the schema");
    expect_not_opened(format("%s options='-csearch_path=Other'", server), FZ_READ_WRITE, FZ_E_INPUT, "one plain name");
    expect_not_opened(format("%s options='-csearch_path=pg_catalog'", server), FZ_READ_WRITE, FZ_E_INPUT, "one plain name");
    open_store();
    postgres_by_hand(server, format("UPDATE %s.fz_tables SET form = '9' WHERE name = 'fz_layout'", postgres_schema));
    expect_not_opened(in_schema(server), FZ_READ_WRITE, FZ_E_SCHEMA, "layout 9");
}

static void postgres__an_encoding_other_than_utf8_is_refused(void **state)
{
    const char *name;

    (void)state;
    NEEDS_SERVER();
    name = format("%s_latin", postgres_schema);
    postgres_by_hand(server, format("CREATE DATABASE %s TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'", name));
    expect_not_opened(format("%s dbname=%s", server, name), FZ_READ_WRITE, FZ_E_SCHEMA, "LATIN1");
    postgres_by_hand(server, format("DROP DATABASE %s", name));
}

/* Somebody turned it off for this database: the store does not go along. */
static void postgres__every_commit_is_synchronous(void **state)
{
    (void)state;
    NEEDS_SERVER();
    snprintf(own_server, sizeof(own_server), "%s", server);
    server = format("%s options='-csearch_path=%s -csynchronous_commit=off'", own_server, postgres_schema);
    assert_int_equal(fz_store_open_postgres(&store, server, FZ_READ_WRITE, &err), FZ_OK);
    assert_int_equal(fz_store_begin_read(store, &err), FZ_OK);
    fz_store_end_read(store);
    /* What its session has is not to be seen from outside; whether it waits for the log is: something behind the place of before is on the disk. */
    declare_all(store);
    for (int i = 0; i < 5; i++) {
        const char *after = format("SELECT pg_current_wal_flush_lsn() > '%s'", postgres_by_hand(own_server, "SELECT pg_current_wal_insert_lsn()"));

        PUT(tag, I(i), S("t"));
        assert_string_equal(postgres_by_hand(own_server, after), "t");
    }
}

static void postgres__a_reader_writes_nothing_and_notices_a_change(void **state)
{
    static const struct fz_column fresh_columns[] = {{"place", FZ_COL_INT}, {"id", FZ_COL_TEXT}};
    static const struct fz_table fresh = {"fresh", fresh_columns, 2, 2, NULL, 0}, tag_other = {"tag", fresh_columns, 2, 2, NULL, 0};
    struct fz_store *reader;
    uint64_t n;

    (void)state;
    NEEDS_SERVER();
    open_store();
    PUT(tag, I(1), S("t"));
    reader = open_mode(FZ_READ_ONLY);
    assert_int_equal(fz_store_declare(reader, &(const struct fz_table *){&fresh}, 1, &err), FZ_E_SCHEMA);
    assert_int_equal(fz_store_declare(reader, &(const struct fz_table *){&tag_other}, 1, &err), FZ_E_SCHEMA);
    expect_rows_in(reader, (struct fz_scan){.table = &tag, .index = -1}, "1 \"t\"\n");
    assert_int_equal(fz_store_drop(store, &tag, &err), FZ_OK);
    assert_int_equal(fz_store_count(reader, &(struct fz_scan){.table = &tag, .index = -1}, &n, &err), FZ_E_SCHEMA);
    expect_rows_in(reader, (struct fz_scan){.table = &order, .index = -1}, "");
    declare_all(store);
    PUT(tag, I(2), S("t"));
    expect_rows_in(reader, (struct fz_scan){.table = &tag, .index = -1}, "2 \"t\"\n"); /* made anew in the same form */
    fz_store_close(reader);
}

/* A writer whose table another has dropped meanwhile is told, and nothing of its batch is there. */
static void postgres__a_table_dropped_by_another_writer(void **state)
{
    struct fz_store *other;
    const struct fz_write writes[] = {{FZ_PUT, &order, CELLS(S("a"), I(1), S("g"), NIL, NIL)}, {FZ_PUT, &tag, CELLS(I(1), S("t"))}};

    (void)state;
    NEEDS_SERVER();
    open_store();
    PUT(tag, I(1), S("t"));
    other = open_mode(FZ_READ_WRITE);
    assert_int_equal(fz_store_drop(other, &tag, &err), FZ_OK);
    assert_int_equal(commit(store, writes, 2), FZ_E_SCHEMA);
    EXPECT("", &order, -1);
    fz_store_close(other);
}

static void postgres__long_names_are_told_apart(void **state)
{
    enum { LONG = 66 };
    static char names[2][LONG + 2], column_names[2][LONG + 2];
    static struct fz_column columns[3] = {{"place", FZ_COL_INT}, {column_names[0], FZ_COL_TEXT}, {column_names[1], FZ_COL_TEXT, true}};
    static const int by[] = {0, 2};
    static const struct fz_index index = {"by_the_last_of_its_columns", by, 2, false};
    static struct fz_table tables[2] = {{names[0], columns, 3, 2, &index, 1}, {names[1], columns, 3, 2, &index, 1}};

    (void)state;
    NEEDS_SERVER();
    open_store();
    for (int i = 0; i < 2; i++) {
        memset(names[i], 't', LONG);
        memset(column_names[i], 'c', LONG);
        names[i][LONG] = column_names[i][LONG] = (char)('a' + i);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fz_store_declare(store, &(const struct fz_table *){&tables[i]}, 1, &err), FZ_OK);
        PUT(tables[i], I(i), S("x"), S("y"));
    }
    for (int i = 0; i < 2; i++)
        EXPECT(i ? "1 \"x\" \"y\"\n" : "0 \"x\" \"y\"\n", &tables[i], 0);
}

/* What the server would do for a scan, in the words of EXPLAIN. */
static void explain(PGconn *c, const struct fz_scan *scan, struct fz_buf *out)
{
    struct fz_sql dialect = {postgres_schema, true};
    struct fz_buf sql = {0};
    PGresult *r;

    fz_buf_addz(&sql, "PREPARE s AS ");
    fz_sql_scan(&sql, &dialect, scan, false);
    PQclear(PQexec(c, "DEALLOCATE ALL"));
    r = PQexec(c, sql.p);
    if (PQresultStatus(r) != PGRES_COMMAND_OK)
        fail_msg("%s: %s", sql.p, PQresultErrorMessage(r));
    PQclear(r);
    r = PQexec(c, scan->prefix_n + scan->ranged * 2 == 0 ? "EXPLAIN EXECUTE s(5)" : scan->prefix_n + scan->ranged * 2 == 1 ? "EXPLAIN EXECUTE s(NULL, 5)" : "EXPLAIN EXECUTE s(NULL, NULL, NULL, 5)");
    if (PQresultStatus(r) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql.p, PQresultErrorMessage(r));
    for (int i = 0; i < PQntuples(r); i++)
        fz_buf_printf(out, "%s\n", PQgetvalue(r, i, 0));
    PQclear(r);
    fz_buf_release(&sql);
}

static void expect_plan(PGconn *c, const struct fz_table *t, int index, bool ranged, bool backwards, bool none)
{
    struct fz_scan scan = {t, index, CELLS(t->columns[0].kind == FZ_COL_INT ? I(1) : S("a")), none ? 0 : 1, .ranged = ranged, .backwards = backwards};
    const char *name = index < 0 ? "key" : t->indexes[index].name;
    size_t n;
    const int *columns = fz_order_of(t, index, &n);
    struct fz_buf plan = {0};

    scan.low = scan.high = t->columns[columns[1]].kind == FZ_COL_INT ? I(1) : S("a");
    explain(c, &scan, &plan);
    if (!strstr(plan.p, format(" using \"%s.%s\" on ", t->name, name)) || (!strstr(plan.p, "Incremental Sort") && strstr(plan.p, "Sort")))
        fail_msg("%s by %s%s%s: %s", t->name, name, ranged ? ", ranged" : "", backwards ? ", backwards" : "", plan.p);
    assert_true(!strstr(plan.p, "Incremental") || t->indexes[index].unique);
    fz_buf_release(&plan);
}

/* Every way of every table runs along its index and sorts nothing (of a unique one only rows that are alike in it), whether the server knows how full
 * its tables are or not. */
static void postgres__scans_run_along_their_index(void **state)
{
    PGconn *c;

    (void)state;
    NEEDS_SERVER();
    open_store();
    c = PQconnectdb(in_schema(server));
    PQclear(PQexec(c, "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off; SET plan_cache_mode = force_generic_plan"));
    for (int round = 0; round < 2; round++) {
        for (size_t t = 0; t < FZ_COUNT(all_tables); t++)
            for (int index = -1; index < (int)all_tables[t]->indexes_n; index++)
                for (int way = 0; way < 8; way++)
                    if (!(way & 1 && way & 4))
                        expect_plan(c, all_tables[t], index, way & 1, way & 2, way & 4);
        fill_entries(store, 5000, 20);
        fill_orders();
        PQclear(PQexec(c, "ANALYZE entry, \"order\", tag"));
    }
    PQfinish(c);
}

/* ---- several writers ---- */

static void postgres__a_key_that_another_added_meanwhile(void **state)
{
    struct fz_store *other;
    const struct fz_write mine[] = {{FZ_ADD, &entry, CELLS(I(1), I(7), S("r"), S("mine"), NIL)}, {FZ_PUT, &tag, CELLS(I(1), S("mine"))}};

    (void)state;
    NEEDS_SERVER();
    open_store();
    other = open_mode(FZ_READ_WRITE);
    assert_true(fz_store_is_shared(store));
    assert_int_equal(commit(other, &(struct fz_write){FZ_ADD, &entry, CELLS(I(1), I(7), S("r"), S("theirs"), NIL)}, 1), FZ_OK);
    assert_int_equal(commit(store, mine, 2), FZ_E_EXISTS);
    EXPECT("1 7 \"r\" \"theirs\" -\n", &entry, -1);
    EXPECT("", &tag, -1);
    fz_store_close(other);
}

/* Waits for what is held for 300 ms only. */
static struct fz_store *open_impatient(void)
{
    struct fz_store *s = NULL;

    assert_int_equal(fz_store_open_postgres(&s, format("%s options='-csearch_path=%s -clock_timeout=300ms'", server, postgres_schema), FZ_READ_WRITE, &err), FZ_OK);
    declare_all(s);
    return s;
}

static void expect_kept_out(struct fz_store *other)
{
    const struct fz_write row = {FZ_PUT, &tag, CELLS(I(1), S("theirs"))}, elsewhere = {FZ_PUT, &tag, CELLS(I(2), S("theirs"))};

    assert_int_equal(commit(other, &row, 1), FZ_E_BUSY);
    assert_non_null(strstr(err.text, "keeps writers out"));
    assert_int_equal(fz_store_hold(other, CELLS(I(1)), &err), FZ_E_BUSY);
    assert_int_equal(commit(other, &elsewhere, 1), FZ_OK);
    assert_int_equal(count_of(other, &tag), 2); /* whoever reads is kept out of nothing */
}

static void postgres__who_holds_a_place_keeps_other_writers_out(void **state)
{
    const struct fz_write row = {FZ_PUT, &tag, CELLS(I(1), S("theirs"))};
    struct fz_store *other;

    (void)state;
    NEEDS_SERVER();
    open_store();
    other = open_impatient();
    assert_int_equal(fz_store_hold(store, CELLS(I(1)), &err), FZ_OK);
    PUT(tag, I(1), S("mine"));
    expect_kept_out(other);
    fz_store_let_go(store);
    assert_int_equal(commit(other, &row, 1), FZ_OK);
    EXPECT("1 \"mine\"\n1 \"theirs\"\n2 \"theirs\"\n", &tag, -1);
    assert_int_equal(fz_store_hold(other, CELLS(I(1)), &err), FZ_OK);
    fz_store_close(other); /* and with it the hold */
    PUT(tag, I(1), S("again"));
}

static int hold_and_die(void)
{
    open_store();
    if (fz_store_hold(store, CELLS(I(1)), &err) != FZ_OK)
        return 1;
    kill(getpid(), SIGKILL);
    return 2;
}

static void postgres__a_hold_ends_with_its_process(void **state)
{
    int status;

    (void)state;
    NEEDS_SERVER();
    assert_int_equal(waitpid(in_child(hold_and_die), &status, 0) > 0, 1);
    assert_true(WIFSIGNALED(status));
    open_store();
    PUT(tag, I(1), S("t"));
    assert_int_equal(fz_store_hold(store, CELLS(I(1)), &err), FZ_OK);
}

enum { TURNS = 60, WRITERS = 4 };

static fz_status take_seq(void *arg, const fz_cell *cells, struct fz_error *e)
{
    (void)e;
    *(int64_t *)arg = cells[1].n;
    return FZ_OK;
}

/* As an engine does: reads the last number, adds the next, and reads again when somebody was first. */
static int take_turns(void)
{
    int lost = 0;

    if (fz_store_open_postgres(&store, in_schema(server), FZ_READ_WRITE, &err) != FZ_OK || fz_store_declare(store, all_tables, FZ_COUNT(all_tables), &err) != FZ_OK) {
        fprintf(stderr, "# %s\n", err.text);
        return 1;
    }
    for (int i = 0; i < TURNS;) {
        int64_t last = 0, me = getpid();
        struct fz_scan scan = {&entry, -1, CELLS(I(1)), 1, .backwards = true, .limit = 1};
        fz_status s;

        if (fz_store_scan(store, &scan, take_seq, &last, &err) != FZ_OK)
            return 2;
        s = commit(store,
                   (const struct fz_write[]){{FZ_ADD, &entry, CELLS(I(1), I(last + 1), S("r"), S("b"), NIL)},
                                             {FZ_PUT, &order, CELLS(S("count"), I(me), S("g"), I(i + 1), NIL)}},
                   2);
        if (s != FZ_OK && s != FZ_E_EXISTS)
            return 3;
        i += s == FZ_OK;
        lost += s == FZ_E_EXISTS;
    }
    return lost > 0 ? 11 : 10;
}

static void postgres__several_writers_take_turns(void **state)
{
    pid_t children[WRITERS];
    int64_t last = 0;
    int second = 0;

    (void)state;
    NEEDS_SERVER();
    for (int i = 0; i < WRITERS; i++)
        children[i] = in_child(take_turns); /* all of them the first to make the tables */
    for (int i = 0; i < WRITERS; i++) {
        int code = exit_of(children[i]);

        assert_in_range(code, 10, 11);
        second += code - 10;
    }
    assert_true(second > 0); /* some came second now and then */
    open_store();
    assert_int_equal(count_of(store, &entry), WRITERS * TURNS);
    assert_int_equal(fz_store_scan(store, &(struct fz_scan){.table = &entry, .index = -1}, take_seq, &last, &err), FZ_OK);
    assert_int_equal(last, WRITERS * TURNS); /* without a gap */
    assert_int_equal(count_of(store, &order), WRITERS);
}

/* Two rows, put in one order by the one and in the other by the other. */
static bool downwards;

static int put_both(void)
{
    if (fz_store_open_postgres(&store, in_schema(server), FZ_READ_WRITE, &err) != FZ_OK || fz_store_declare(store, all_tables, FZ_COUNT(all_tables), &err) != FZ_OK) {
        fprintf(stderr, "# %s\n", err.text);
        return 1;
    }
    for (int i = 0; i < 40; i++) {
        fz_cell cells[20][5];
        struct fz_write writes[20];

        for (int k = 0; k < 20; k++) {
            memcpy(cells[k], CELLS(S("a"), I(downwards ? 19 - k : k), S("g"), I(i), NIL), sizeof(cells[k]));
            writes[k] = (struct fz_write){FZ_PUT, &order, cells[k]};
        }
        if (commit(store, writes, 20) != FZ_OK)
            return fprintf(stderr, "%s\n", err.text), 2;
    }
    return 0;
}

static void postgres__deadlocks_are_tried_again(void **state)
{
    pid_t a, b;

    (void)state;
    NEEDS_SERVER();
    postgres_by_hand(server, "ALTER SYSTEM SET deadlock_timeout = '10ms'");
    postgres_by_hand(server, "SELECT pg_reload_conf()");
    open_store();
    a = in_child(put_both);
    downwards = true;
    b = in_child(put_both);
    downwards = false;
    assert_int_equal(exit_of(a), 0);
    assert_int_equal(exit_of(b), 0);
    assert_int_not_equal(atoi(postgres_by_hand(server, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")), 0);
    assert_int_equal(count_of(store, &order), 20);
}

static fz_status open_in_schema(struct fz_store **out)
{
    return fz_store_open_postgres(out, in_schema(server), FZ_READ_WRITE, &err);
}

static void postgres__readers_beside_a_writer_see_whole_batches(void **state)
{
    int64_t before = 0, changes = 0;
    struct fz_store *reader;
    pid_t child;

    (void)state;
    NEEDS_SERVER();
    open_store();
    reader = open_mode(FZ_READ_ONLY);
    open_to_write = open_in_schema;
    child = in_child(write_batches);
    while (before < BATCHES) {
        int64_t now;

        /* A scan and a count within one state. */
        assert_int_equal(fz_store_begin_read(reader, &err), FZ_OK);
        now = whole_batch(reader);
        assert_int_equal(count_of(reader, &order), now ? BATCH_ROWS + now : 0);
        fz_store_end_read(reader);
        assert_true(now >= before);
        changes += now > before;
        before = now;
    }
    assert_int_equal(exit_of(child), 0);
    assert_true(changes > 1);
    fz_store_close(reader);
}

static struct fz_store *beside;

/* Removes all in the middle of a scan. */
static fz_status remove_beside(void *arg, const fz_cell *cells, struct fz_error *e)
{
    size_t *seen = arg;

    if (++*seen == 200)
        for (int64_t i = 0; i < 1000; i++)
            FZ_TRY(fz_store_commit(beside, &(struct fz_batch){&(struct fz_write){FZ_REMOVE, &entry, CELLS(cells[0], I(i))}, 1}, e));
    return FZ_OK;
}

static void postgres__a_long_scan_sees_one_state(void **state)
{
    size_t seen = 0;

    (void)state;
    NEEDS_SERVER();
    open_store();
    beside = open_mode(FZ_READ_WRITE);
    fill_entries(store, 1000, 50);
    assert_int_equal(fz_store_scan(store, &(struct fz_scan){.table = &entry, .index = -1}, remove_beside, &seen, &err), FZ_OK);
    assert_int_equal(seen, 1000);
    assert_int_equal(count_of(store, &entry), 0);
    fz_store_close(beside);
}

/* ---- bounds ---- */

/* 200 MB of rows are read, and 400,000 writes committed, in some 40 MB more of memory. */
static long most_kib(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

static fz_status count_bytes(void *arg, const fz_cell *cells, struct fz_error *e)
{
    (void)e;
    *(uint64_t *)arg += cells[3].s.n;
    return FZ_OK;
}

static int read_and_write_much(void)
{
    enum { N = 400000 };
    fz_cell(*cells)[2] = calloc(N, sizeof(*cells));
    struct fz_write *writes = calloc(N, sizeof(*writes));
    uint64_t bytes = 0;
    long before;

    open_store();
    for (int i = 0; i < N; i++) {
        cells[i][0] = I(i);
        cells[i][1] = S("t");
        writes[i] = (struct fz_write){FZ_PUT, &tag, cells[i]};
    }
    before = most_kib();
    if (fz_store_scan(store, &(struct fz_scan){.table = &entry, .index = -1}, count_bytes, &bytes, &err) != FZ_OK || bytes != 200000000)
        return 1;
    if (most_kib() - before > 60000)
        return 2;
    before = most_kib();
    if (commit(store, writes, N) != FZ_OK)
        return 3;
    return most_kib() - before > 60000 ? 4 : 0;
}

static void postgres__memory_is_bounded(void **state)
{
    (void)state;
    NEEDS_SERVER();
    open_store();
    fill_entries(store, 2000, 100000);
    assert_int_equal(exit_of(in_child(read_and_write_much)), 0);
}

static void postgres__a_key_too_long_for_an_index_is_too_large(void **state)
{
    static char body[20000];

    (void)state;
    NEEDS_SERVER();
    open_store();
    for (size_t i = 0; i < sizeof(body); i++)
        body[i] = (char)(i * 2654435761u >> 11); /* cannot be packed */
    assert_int_equal(write_row(FZ_PUT, &tag, CELLS(I(1), FZ_CELL_OF(((fz_str){body, sizeof(body)})))), FZ_E_TOO_LARGE);
    assert_int_equal(commit(store, (const struct fz_write[]){{FZ_PUT, &entry, CELLS(I(1), I(1), S("r"), FZ_CELL_OF(((fz_str){body, (size_t)3 << 30})), NIL)}}, 1),
                     FZ_E_TOO_LARGE); /* said before it is looked at */
    EXPECT("", &tag, -1);
}

/* ---- connections that are lost ---- */

static void end_our_processes(void)
{
    postgres_by_hand(server, format("SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE application_name = '%s'", postgres_schema));
}

static void open_named(void)
{
    store = NULL;
    assert_int_equal(fz_store_open_postgres(&store, format("%s application_name=%s", in_schema(server), postgres_schema), FZ_READ_WRITE, &err), FZ_OK);
    declare_all(store);
}

/* Between two calls nothing can be unsure, and nobody notices. */
static void postgres__a_connection_lost_between_calls_is_made_anew(void **state)
{
    fz_cell *row;
    bool found;

    (void)state;
    NEEDS_SERVER();
    open_named();
    PUT(tag, I(1), S("t"));
    end_our_processes();
    PUT(tag, I(2), S("t"));
    end_our_processes();
    EXPECT("1 \"t\"\n2 \"t\"\n", &tag, -1);
    end_our_processes();
    assert_int_equal(fz_store_get(store, &tag, CELLS(I(2), S("t")), &arena, &row, &found, &err), FZ_OK);
    assert_true(found);
    end_our_processes();
    declare_all(store);
}

/* Others may have written in between: what was to be made in one go is not gone on with. */
static void postgres__a_hold_does_not_outlive_its_connection(void **state)
{
    (void)state;
    NEEDS_SERVER();
    open_named();
    assert_int_equal(fz_store_hold(store, CELLS(I(1)), &err), FZ_OK);
    PUT(tag, I(1), S("t"));
    end_our_processes();
    for (int i = 0; i < 2; i++)
        assert_int_equal(write_row(FZ_PUT, &tag, CELLS(I(1), S("u"))), FZ_E_IO);
    fz_store_let_go(store);
    PUT(tag, I(1), S("v"));
    EXPECT("1 \"t\"\n1 \"v\"\n", &tag, -1);
}

static fz_status end_between(void *arg, size_t i, const fz_cell *cells, struct fz_error *e)
{
    size_t *seen = arg;

    (void)e;
    assert_true(i == *seen && cells && cells[1].n == (int64_t)i);
    if (++*seen == 300)
        end_our_processes();
    return FZ_OK;
}

static void postgres__rows_asked_for_over_a_lost_connection(void **state)
{
    enum { N = 1000 };
    static fz_cell keys[N][2];
    static struct fz_write rows[N];
    size_t seen = 0;

    (void)state;
    NEEDS_SERVER();
    open_named();
    fill_entries(store, N, 20000); /* more than is on its way when it is lost */
    for (int64_t i = 0; i < N; i++) {
        memcpy(keys[i], CELLS(I(1), I(i)), sizeof(keys[i]));
        rows[i] = (struct fz_write){.table = &entry, .cells = keys[i]};
    }
    assert_int_equal(fz_store_get_all(store, rows, N, end_between, &seen, &err), FZ_OK);
    assert_int_equal(seen, N);
}

static void postgres__a_state_is_not_exchanged_for_another(void **state)
{
    uint64_t n;

    (void)state;
    NEEDS_SERVER();
    open_named();
    PUT(tag, I(1), S("t"));
    assert_int_equal(fz_store_begin_read(store, &err), FZ_OK);
    end_our_processes();
    for (int i = 0; i < 2; i++)
        assert_int_equal(fz_store_count(store, &(struct fz_scan){.table = &tag, .index = -1}, &n, &err), FZ_E_IO);
    fz_store_end_read(store);
    assert_int_equal(count_of(store, &tag), 1);
}

static fz_status end_within(void *arg, const fz_cell *cells, struct fz_error *e)
{
    size_t *seen = arg;

    (void)cells;
    (void)e;
    if (++*seen == 150)
        end_our_processes();
    return FZ_OK;
}

static void postgres__a_scan_that_is_cut_off_says_so(void **state)
{
    size_t seen = 0;

    (void)state;
    NEEDS_SERVER();
    open_named();
    fill_entries(store, 5000, 50);
    assert_int_equal(fz_store_scan(store, &(struct fz_scan){.table = &entry, .index = -1}, end_within, &seen, &err), FZ_E_IO);
    assert_true(seen >= 150 && seen < 5000);
    assert_int_equal(count_of(store, &entry), 5000);
}

/* ---- erasing ---- */

/* Of this run alone: others may use the same cluster. */
static char secret[100];

/* The folder of the server's data, which is where its socket is (tools/postgres.sh). */
static const char *data_of_server(void)
{
    const char *host = strstr(server, "host=");

    return host ? format("%.*s", (int)strcspn(host + 5, " "), host + 5) : "";
}

static void write_and_erase(void)
{
    char body[600];

    memset(body, '.', sizeof(body));
    memcpy(body + 300, secret, strlen(secret));
    for (int i = 0; i < 40; i++) {
        PUT(entry, I(1), I(i), S("r"), FZ_CELL_OF(((fz_str){body, sizeof(body)})), NIL);
        PUT(order, S("a"), I(i), S("g"), NIL, i == 7 ? FZ_CELL_OF(fz_str_of(secret)) : NIL);
    }
    postgres_by_hand(own_server, format("ANALYZE %1$s.entry, %1$s.\"order\"", postgres_schema)); /* as the server does by itself now and then */
    for (int i = 0; i < 40; i++) {
        if (i % 4 == 3)
            assert_int_equal(write_row(FZ_REMOVE, &entry, CELLS(I(1), I(i))), FZ_OK);
        else
            PUT(entry, I(1), I(i), S("r"), S("short"), NIL);
    }
    PUT(order, S("a"), I(7), S("g"), NIL, NIL);
}

/* Of the other tests one may be reading, or writing in a long transaction. */
static fz_status scrub_in_the_end(bool *whole)
{
    fz_status s = FZ_E_BUSY;

    for (int i = 0; i < 50 && s == FZ_E_BUSY; i++)
        s = fz_store_scrub(store, all_tables, FZ_COUNT(all_tables), whole, &err);
    return s;
}

static void postgres__after_a_scrub_no_file_has_what_was_erased(void **state)
{
    char admin[200], name[80];
    struct fz_store *reader;
    bool whole = false;

    (void)state;
    NEEDS_SERVER();
    /* A database of its own: what others read in theirs is in nobody's way. */
    snprintf(admin, sizeof(admin), "%s", server);
    snprintf(name, sizeof(name), "%s_db", postgres_schema);
    postgres_by_hand(admin, format("CREATE DATABASE %s", name));
    snprintf(own_server, sizeof(own_server), "%s dbname=%s", admin, name);
    server = own_server;
    snprintf(secret, sizeof(secret), "the-name-erased-in-%s", postgres_schema);
    open_store();
    write_and_erase();
    assert_true(files_with_bytes(data_of_server(), secret) > 0);
    reader = open_mode(FZ_READ_ONLY);
    assert_int_equal(fz_store_begin_read(reader, &err), FZ_OK);
    PUT(tag, I(1), S("t"));
    assert_int_equal(fz_store_scrub(store, all_tables, FZ_COUNT(all_tables), &whole, &err), FZ_E_BUSY);
    fz_store_end_read(reader);
    fz_store_close(reader);
    assert_int_equal(scrub_in_the_end(&whole), FZ_OK);
    assert_true(whole);
    assert_int_equal(files_with_bytes(data_of_server(), secret), 0);
    assert_int_equal(count_of(store, &entry), 30);
    fz_store_close(store);
    store = NULL;
    postgres_by_hand(admin, format("DROP DATABASE %s", name));
}

/* A role that owns its schema and no more cannot clean the server's log, and is told so. */
static void postgres__a_plain_role_works_and_is_told_of_the_log(void **state)
{
    char role[80];
    bool whole = true;
    fz_status s;

    (void)state;
    NEEDS_SERVER();
    snprintf(role, sizeof(role), "%s_clerk", postgres_schema);
    postgres_by_hand(server, format("CREATE ROLE %s LOGIN", role));
    expect_not_opened(format("%s user=%s", in_schema(server), role), FZ_READ_WRITE, FZ_E_IO, "permission denied");
    postgres_by_hand(server, format("CREATE SCHEMA %s AUTHORIZATION %s", postgres_schema, role));
    assert_int_equal(fz_store_open_postgres(&store, format("%s user=%s", in_schema(server), role), FZ_READ_WRITE, &err), FZ_OK);
    declare_all(store);
    fill_orders();
    s = scrub_in_the_end(&whole);
    if (s != FZ_OK)
        fail_msg("%s", err.text);
    assert_false(whole);
    assert_int_equal(count_of(store, &order), 6);
    fz_store_close(store);
    store = NULL;
    remove_schema();
    postgres_by_hand(server, format("DROP ROLE %s", role));
}

/* ---- nodes ---- */

/* No Citus is at hand: what would be asked of it is run with functions of its names that note who called them. */
static void postgres__tables_are_distributed_by_their_first_column(void **state)
{
    struct fz_buf out = {0};

    (void)state;
    NEEDS_SERVER();
    open_store();
    assert_int_equal(fz_store_distribute(store, false, &out, &err), FZ_E_INPUT);
    assert_non_null(strstr(err.text, "no Citus"));
    assert_int_equal(fz_store_distribute(store, true, &out, &err), FZ_OK);
    postgres_by_hand(server, format("CREATE TABLE %1$s.calls (t regclass PRIMARY KEY, c text);"
                                    "CREATE FUNCTION %1$s.create_distributed_table(regclass, text) RETURNS void LANGUAGE sql AS 'INSERT INTO %1$s.calls VALUES ($1, $2)';"
                                    "CREATE FUNCTION %1$s.create_reference_table(regclass) RETURNS void LANGUAGE sql AS 'INSERT INTO %1$s.calls VALUES ($1, null)';"
                                    "CREATE FUNCTION %1$s.truncate_local_data_after_distributing_table(regclass) RETURNS void LANGUAGE sql AS ''",
                                    postgres_schema));
    postgres_by_hand(in_schema(server), out.p);
    assert_string_equal(postgres_by_hand(in_schema(server), "SELECT string_agg(t || ' ' || coalesce(c, '-'), ', ' ORDER BY t::text COLLATE \"C\") FROM calls"),
                        "\"order\" place, entry place, fz_tables -, tag place");
    fz_buf_release(&out);
}

#define ALONE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ALONE(postgres__reopened_it_has_everything),
        ALONE(postgres__an_address_has_no_password),
        ALONE(postgres__what_cannot_be_a_store_is_said),
        ALONE(postgres__an_encoding_other_than_utf8_is_refused),
        ALONE(postgres__every_commit_is_synchronous),
        ALONE(postgres__a_reader_writes_nothing_and_notices_a_change),
        ALONE(postgres__a_table_dropped_by_another_writer),
        ALONE(postgres__long_names_are_told_apart),
        ALONE(postgres__scans_run_along_their_index),
        ALONE(postgres__a_key_that_another_added_meanwhile),
        ALONE(postgres__who_holds_a_place_keeps_other_writers_out),
        ALONE(postgres__a_hold_ends_with_its_process),
        ALONE(postgres__several_writers_take_turns),
        ALONE(postgres__deadlocks_are_tried_again),
        ALONE(postgres__readers_beside_a_writer_see_whole_batches),
        ALONE(postgres__a_long_scan_sees_one_state),
        ALONE(postgres__memory_is_bounded),
        ALONE(postgres__a_key_too_long_for_an_index_is_too_large),
        ALONE(postgres__a_connection_lost_between_calls_is_made_anew),
        ALONE(postgres__a_hold_does_not_outlive_its_connection),
        ALONE(postgres__rows_asked_for_over_a_lost_connection),
        ALONE(postgres__a_state_is_not_exchanged_for_another),
        ALONE(postgres__a_scan_that_is_cut_off_says_so),
        ALONE(postgres__after_a_scrub_no_file_has_what_was_erased),
        ALONE(postgres__a_plain_role_works_and_is_told_of_the_log),
        ALONE(postgres__tables_are_distributed_by_their_first_column),
    };

    return cmocka_run_group_tests_name("postgres", tests, NULL, NULL);
}
