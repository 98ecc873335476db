/*
 * The suite of stores: every test of it runs over every driver, and over each under the trace. Then what one driver alone does: SQLite's files,
 * locks and faults of the disk below it (a file system of ours that fails its n-th call), the faults of the fault driver, the lines of the trace.
 * Last, random batches and scans against a model that sorts an array anew for every question. FZ_SEED repeats a run.
 */
#include "../support/support.h"

#include <dirent.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "../support/rows.h"

/* ---- drivers ---- */

typedef enum { MEMORY, SQLITE, POSTGRES } engine_kind;

struct driver {
    const char *name;
    engine_kind kind;
    bool traced, faulty; /* faulty: under the driver of faults, that strikes never */
};

/* Those of PostgreSQL last: without a server they are left out. */
static const struct driver drivers[] = {
    {"memory", MEMORY}, {"sqlite", SQLITE}, {"memory under trace", MEMORY, true}, {"sqlite under trace and faults", SQLITE, true, true},
    {"postgres", POSTGRES}, {"postgres under trace and faults", POSTGRES, true, true}};
enum { OF_POSTGRES = 2 };

static struct fz_store *open_file(const char *name, fz_store_mode mode)
{
    struct fz_store *s = NULL;

    if (fz_store_open_sqlite(&s, in_folder(name), mode, &err) != FZ_OK)
        fail_msg("%s", err.text);
    return s;
}

static struct fz_store *open_postgres(fz_store_mode mode)
{
    struct fz_store *s = NULL;

    if (fz_store_open_postgres(&s, in_schema(postgres_server()), mode, &err) != FZ_OK)
        fail_msg("%s", err.text);
    return s;
}

static struct fz_store *open_kind(engine_kind kind)
{
    return kind == MEMORY ? fz_store_new_memory() : kind == SQLITE ? open_file("store.db", FZ_READ_WRITE) : open_postgres(FZ_READ_WRITE);
}

static struct fz_buf lines;

static int set_up(void **state)
{
    const struct driver *d = *state;

    make_folder();
    fz_arena_init(&arena);
    if (d->kind == POSTGRES)
        make_schema();
    store = open_kind(d->kind);
    if (d->faulty)
        store = fz_store_new_fault(store, 0, FZ_FAULT_IO);
    if (d->traced)
        store = fz_store_new_trace(store, &lines);
    declare_all(store);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fz_store_close(store);
    store = NULL;
    fz_arena_release(&arena);
    fz_buf_release(&lines);
    remove_folder();
    if (*postgres_schema)
        remove_schema();
    postgres_schema[0] = '\0';
    return 0;
}

/* ---- writing ---- */

static void store__put_replaces_add_does_not(void **state)
{
    (void)state;
    PUT(order, S("a"), I(1), S("g"), I(5), S("n1"));
    PUT(order, S("a"), I(1), S("h"), NIL, S("n2"));
    EXPECT("\"a\" 1 \"h\" - \"n2\"\n", &order, -1);
    assert_int_equal(write_row(FZ_ADD, &order, CELLS(S("a"), I(1), S("x"), NIL, NIL)), FZ_E_EXISTS);
    EXPECT("\"a\" 1 \"h\" - \"n2\"\n", &order, -1);
    assert_int_equal(write_row(FZ_ADD, &order, CELLS(S("a"), I(2), S("x"), NIL, NIL)), FZ_OK);
    EXPECT("\"a\" 1 \"h\" - \"n2\"\n\"a\" 2 \"x\" - -\n", &order, -1);
}

static void store__remove_goes_by_the_key(void **state)
{
    (void)state;
    PUT(order, S("a"), I(1), S("g"), I(5), S("n1"));
    assert_int_equal(write_row(FZ_REMOVE, &order, CELLS(S("a"), I(1))), FZ_OK);
    assert_int_equal(write_row(FZ_REMOVE, &order, CELLS(S("a"), I(1))), FZ_OK); /* none there is no failure */
    EXPECT("", &order, -1);
    EXPECT("", &order, 0);
    PUT(order, S("b"), I(1), S("g"), I(5), S("n1")); /* its number is free again */
    EXPECT("\"b\" 1 \"g\" 5 \"n1\"\n", &order, 1);
}

static void store__a_table_of_keys_only(void **state)
{
    (void)state;
    PUT(tag, I(1), S("x\0y"));
    PUT(tag, I(1), S("x\0y"));
    PUT(tag, I(1), S(""));
    assert_int_equal(write_row(FZ_ADD, &tag, CELLS(I(1), S("x\0y"))), FZ_E_EXISTS);
    EXPECT("1 \"\"\n1 \"x\\u0000y\"\n", &tag, -1);
}

static void store__a_unique_index_holds_and_nulls_are_free(void **state)
{
    (void)state;
    PUT(order, S("a"), I(1), S("g"), NIL, S("n"));
    PUT(order, S("b"), I(1), S("g"), NIL, S("n")); /* unique within the place */
    PUT(order, S("a"), I(2), S("g"), NIL, NIL);
    PUT(order, S("a"), I(3), S("g"), NIL, NIL);
    assert_int_equal(write_row(FZ_ADD, &order, CELLS(S("a"), I(4), S("g"), NIL, S("n"))), FZ_E_EXISTS);
    assert_int_equal(write_row(FZ_PUT, &order, CELLS(S("a"), I(2), S("g"), NIL, S("n"))), FZ_E_EXISTS);
    assert_int_equal(write_row(FZ_PUT, &order, CELLS(S("a"), I(1), S("h"), NIL, S("n"))), FZ_OK); /* itself is not in the way */
    EXPECT("\"a\" 1 \"h\" - \"n\"\n\"a\" 2 \"g\" - -\n\"a\" 3 \"g\" - -\n\"b\" 1 \"g\" - \"n\"\n", &order, -1);
    EXPECT("\"a\" 2 \"g\" - -\n\"a\" 3 \"g\" - -\n\"a\" 1 \"h\" - \"n\"\n\"b\" 1 \"g\" - \"n\"\n", &order, 1);
    EXPECT("\"b\" 1 \"g\" - \"n\"\n\"a\" 1 \"h\" - \"n\"\n\"a\" 3 \"g\" - -\n\"a\" 2 \"g\" - -\n", &order, 1, .backwards = true);
}

static void store__a_batch_that_fails_leaves_nothing(void **state)
{
    const struct fz_write writes[] = {
        {FZ_PUT, &order, CELLS(S("a"), I(1), S("new"), I(7), S("n7"))},    {FZ_REMOVE, &order, CELLS(S("a"), I(2))},
        {FZ_PUT, &tag, CELLS(I(1), S("t"))},                               {FZ_ADD, &order, CELLS(S("a"), I(2), S("again"), NIL, NIL)},
        {FZ_PUT, &entry, CELLS(I(1), I(1), S("r"), S("b"), NIL)},          {FZ_ADD, &order, CELLS(S("a"), I(3), S("g"), NIL, NIL)},
        {FZ_PUT, &entry, CELLS(I(1), I(2), S("r"), S("never seen"), NIL)},
    };

    (void)state;
    PUT(order, S("a"), I(1), S("g"), I(5), S("n1"));
    PUT(order, S("a"), I(2), S("g"), NIL, S("n2"));
    PUT(order, S("a"), I(3), S("g"), NIL, S("n3"));
    assert_int_equal(commit(store, writes, FZ_COUNT(writes)), FZ_E_EXISTS);
    assert_string_equal(err.text, "the table order has such a row already (write 6 of the batch)");
    for (int index = -1; index < 1; index++) {
        const char *want = index < 0 ? "\"a\" 1 \"g\" 5 \"n1\"\n\"a\" 2 \"g\" - \"n2\"\n\"a\" 3 \"g\" - \"n3\"\n"
                                     : "\"a\" 2 \"g\" - \"n2\"\n\"a\" 3 \"g\" - \"n3\"\n\"a\" 1 \"g\" 5 \"n1\"\n";

        expect_rows_in(store, (struct fz_scan){.table = &order, .index = index}, want);
    }
    EXPECT("", &tag, -1);
    EXPECT("", &entry, -1);
    assert_int_equal(commit(store, writes, 5), FZ_OK);
    EXPECT("\"a\" 1 \"new\" 7 \"n7\"\n\"a\" 2 \"again\" - -\n\"a\" 3 \"g\" - \"n3\"\n", &order, -1);
}

static void store__an_empty_batch_is_fine(void **state)
{
    (void)state;
    assert_int_equal(commit(store, NULL, 0), FZ_OK);
    EXPECT("", &order, -1);
    EXPECT("", &order, 0, .prefix = CELLS(S("a"), NIL), .prefix_n = 2);
}

static void store__ten_thousand_rows_in_a_batch(void **state)
{
    enum { N = 10000 };
    fz_cell(*cells)[5] = calloc(N, sizeof(*cells));
    struct fz_write *writes = calloc(N, sizeof(*writes));
    uint64_t n = 0;

    (void)state;
    for (int i = 0; i < N; i++) {
        int at = (int)((int64_t)i * 7919 % N);

        memcpy(cells[i], CELLS(I(330100), I(at), S("r"), S("body"), NIL), sizeof(cells[i]));
        writes[i] = (struct fz_write){FZ_ADD, &entry, cells[i]};
    }
    assert_int_equal(commit(store, writes, N), FZ_OK);
    assert_int_equal(fz_store_count(store, &(struct fz_scan){.table = &entry, .index = -1}, &n, &err), FZ_OK);
    assert_int_equal(n, N);
    EXPECT("330100 9999 \"r\" \"body\" -\n330100 9998 \"r\" \"body\" -\n", &entry, -1, .backwards = true, .limit = 2);
    for (int i = 0; i < N; i++)
        writes[i].kind = FZ_REMOVE;
    assert_int_equal(commit(store, writes, N), FZ_OK);
    EXPECT("", &entry, -1);
    EXPECT("", &entry, 0);
    free(cells);
    free(writes);
}

static void store__large_blobs_come_back_whole(void **state)
{
    size_t n = 1 << 20;
    char *p = malloc(n);
    fz_cell *row = NULL;
    bool found = false;

    (void)state;
    for (size_t i = 0; i < n; i++)
        p[i] = (char)(i * 2654435761u >> 13);
    PUT(entry, I(1), I(1), S("r"), FZ_CELL_OF(((fz_str){p, n})), S("法"));
    PUT(entry, I(1), I(2), S("r"), S(""), S(""));
    assert_int_equal(fz_store_get(store, &entry, CELLS(I(1), I(1)), &arena, &row, &found, &err), FZ_OK);
    assert_true(found && row[3].s.n == n && memcmp(row[3].s.p, p, n) == 0);
    EXPECT("1 1 \"r\" <1048576 bytes> \"法\"\n1 2 \"r\" \"\" \"\"\n", &entry, -1);
    free(p);
}

/* ---- reading ---- */

static void store__get_copies_or_finds_none(void **state)
{
    fz_cell *row = NULL;
    bool found = true;

    (void)state;
    assert_int_equal(fz_store_get(store, &order, CELLS(S("a"), I(1)), &arena, &row, &found, &err), FZ_OK);
    assert_true(!found && !row);
    PUT(order, S("a"), I(1), S("g'h"), NIL, S("中文"));
    assert_int_equal(fz_store_get(store, &order, CELLS(S("a"), I(1)), &arena, &row, &found, &err), FZ_OK);
    PUT(order, S("a"), I(1), S("other"), I(4), NIL);
    assert_true(found && fz_str_eq(row[2].s, FZ_STR("g'h")) && row[3].kind == FZ_CELL_NULL && fz_str_is(row[4].s, "中文"));
    assert_int_equal(fz_store_get(store, &order, CELLS(S("a"), I(2)), &arena, &row, &found, &err), FZ_OK);
    assert_false(found);
}

static void expect_refused(fz_status got)
{
    assert_int_equal(got, FZ_E_INPUT);
    assert_non_null(strstr(err.text, "U+0000"));
}

/* One engine cannot hold it, so none does: neither written nor asked for, and nothing of its batch is there. */
struct got {
    struct fz_buf text;
    const struct fz_write *rows;
    size_t n, stop_at;
};

static fz_status take_found(void *arg, size_t i, const fz_cell *cells, struct fz_error *e)
{
    struct got *g = arg;

    assert_int_equal(i, g->n++);
    if (i == g->stop_at)
        return fz_fail(e, FZ_REFUSED, "enough");
    for (size_t k = 0; cells && k < g->rows[i].table->columns_n; k++) {
        show_cell(&g->text, &cells[k]);
        fz_buf_addc(&g->text, ' ');
    }
    fz_buf_addz(&g->text, cells ? "\n" : "none\n");
    return FZ_OK;
}

static void store__get_all_answers_each_in_order(void **state)
{
    const struct fz_write rows[] = {{.table = &order, .cells = CELLS(S("a"), I(2))}, {.table = &tag, .cells = CELLS(I(1), S("t"))},
                                    {.table = &order, .cells = CELLS(S("a"), I(9))}, {.table = &order, .cells = CELLS(S("b"), I(1))},
                                    {.table = &tag, .cells = CELLS(I(2), S("t"))},   {.table = &order, .cells = CELLS(S("a"), I(2))}};
    struct got g = {.rows = rows, .stop_at = SIZE_MAX};

    (void)state;
    fill_orders();
    PUT(tag, I(1), S("t"));
    assert_int_equal(fz_store_get_all(store, rows, FZ_COUNT(rows), take_found, &g, &err), FZ_OK);
    assert_string_equal(g.text.p, "\"a\" 2 \"g\" 7 - \n1 \"t\" \nnone\n\"b\" 1 \"g\" 7 \"x\" \nnone\n\"a\" 2 \"g\" 7 - \n");
    fz_buf_release(&g.text);
    g = (struct got){.rows = rows, .stop_at = 2};
    assert_int_equal(fz_store_get_all(store, rows, FZ_COUNT(rows), take_found, &g, &err), FZ_REFUSED); /* what the visit returns */
    assert_int_equal(g.n, 3);
    fz_buf_release(&g.text);
    assert_int_equal(fz_store_get_all(store, rows, 0, take_found, &g, &err), FZ_OK);
    EXPECT("1 \"t\"\n", &tag, -1); /* and nothing is left under way */
}

static fz_status count_found(void *arg, size_t i, const fz_cell *cells, struct fz_error *e)
{
    uint64_t *n = arg;

    (void)e;
    assert_true(!cells == (i % 3 == 2));
    assert_true(!cells || cells[1].n == (int64_t)(i % 3 == 2 ? -1 : (int64_t)i / 3 * 2 + (int64_t)i % 3));
    ++*n;
    return FZ_OK;
}

/* More than the engine is asked at once; two of three are there. */
static void store__get_all_of_many_rows(void **state)
{
    enum { N = 3000 };
    fz_cell(*keys)[2] = calloc(N, sizeof(*keys));
    struct fz_write *rows = calloc(N, sizeof(*rows));
    uint64_t n = 0;

    (void)state;
    fill_entries(store, N, 300);
    for (int64_t i = 0; i < N; i++) {
        memcpy(keys[i], CELLS(I(1), I(i % 3 == 2 ? -1 - i : i / 3 * 2 + i % 3)), sizeof(keys[i]));
        rows[i] = (struct fz_write){.table = &entry, .cells = keys[i]};
    }
    assert_int_equal(fz_store_get_all(store, rows, N, count_found, &n, &err), FZ_OK);
    assert_int_equal(n, N);
    free(rows);
    free(keys);
}

static void store__clearing_takes_one_place(void **state)
{
    (void)state;
    fill_orders();
    assert_int_equal(fz_store_clear(store, &order, CELLS(S("a")), &err), FZ_OK);
    EXPECT("\"b\" 1 \"g\" 7 \"x\"\n", &order, -1);
    EXPECT("\"b\" 1 \"g\" 7 \"x\"\n", &order, 1); /* its indexes too */
    assert_int_equal(fz_store_clear(store, &order, CELLS(S("c")), &err), FZ_OK);
    fill_entries(store, 10001, 10);
    PUT(entry, I(2), I(1), S("r"), S("b"), NIL);
    assert_int_equal(fz_store_clear(store, &entry, CELLS(I(1)), &err), FZ_OK);
    EXPECT("2 1 \"r\" \"b\" -\n", &entry, -1);
}

static void store__held_it_writes_as_before(void **state)
{
    (void)state;
    for (int i = 1; i <= 2; i++) {
        assert_int_equal(fz_store_hold(store, CELLS(I(1)), &err), FZ_OK);
        PUT(tag, I(1), S("t"));
        assert_int_equal(fz_store_clear(store, &tag, CELLS(I(1)), &err), FZ_OK);
        PUT(tag, I(i), S("u"));
        fz_store_let_go(store);
    }
    PUT(tag, I(3), S("u"));
    EXPECT("2 \"u\"\n3 \"u\"\n", &tag, -1);
}

static void store__a_text_has_no_nul(void **state)
{
    const struct fz_write writes[] = {{FZ_PUT, &tag, CELLS(I(1), S("a\0b"))}, {FZ_PUT, &order, CELLS(S("a"), I(1), S("g\0"), NIL, NIL)}};
    struct fz_scan prefix = {&order, 1, CELLS(S("a"), S("\0")), 2}, range = {&order, 1, CELLS(S("a")), 1, .ranged = true, .high = S("b\0")};
    fz_cell *row;
    uint64_t n;
    bool found;

    (void)state;
    expect_refused(commit(store, writes, 2));
    EXPECT("", &tag, -1);
    expect_refused(write_row(FZ_REMOVE, &order, CELLS(S("\0a"), I(1))));
    expect_refused(fz_store_get(store, &order, CELLS(S("a\0"), I(1)), &arena, &row, &found, &err));
    expect_refused(fz_store_count(store, &prefix, &n, &err));
    expect_refused(fz_store_scan(store, &range, show_row, NULL, &err));
    assert_int_equal(commit(store, writes, 1), FZ_OK); /* a blob may */
}

/* Against every locale: 'B' < 'a' < 'ä' < '中' by their bytes, the shorter first, the lowest byte lowest. */
static void store__bytes_are_ordered_by_memcmp(void **state)
{
    (void)state;
    PUT(tag, I(1), S("中"));
    PUT(tag, I(1), S("a"));
    PUT(tag, I(1), S("\xFF"));
    PUT(tag, I(1), S("a\0"));
    PUT(tag, I(1), S("B"));
    PUT(tag, I(-1), S("z"));
    PUT(tag, I(INT64_MIN), S("z"));
    PUT(tag, I(INT64_MAX), S("z"));
    PUT(tag, I(1), S(""));
    EXPECT("-9223372036854775808 \"z\"\n-1 \"z\"\n1 \"\"\n1 \"B\"\n1 \"a\"\n1 \"a\\u0000\"\n1 \"中\"\n1 \"\xEF\xBF\xBD\"\n9223372036854775807 \"z\"\n",
           &tag, -1);
    PUT(order, S("中"), I(1), S("国"), NIL, NIL);
    PUT(order, S("ä"), I(1), S("g"), NIL, NIL);
    PUT(order, S("a\1b"), I(1), S("g"), NIL, NIL);
    PUT(order, S("a"), I(1), S("g"), NIL, NIL);
    PUT(order, S("Z"), I(1), S("g"), NIL, NIL);
    PUT(order, S(""), I(1), S("g"), NIL, NIL);
    EXPECT("\"\" 1 \"g\" - -\n\"Z\" 1 \"g\" - -\n\"a\" 1 \"g\" - -\n\"a\\u0001b\" 1 \"g\" - -\n\"ä\" 1 \"g\" - -\n\"中\" 1 \"国\" - -\n",
           &order, -1);
    EXPECT("\"a\" 1 \"g\" - -\n", &order, -1, .prefix = CELLS(S("a")), .prefix_n = 1);
    EXPECT("\"a\\u0001b\" 1 \"g\" - -\n", &order, -1, .prefix = CELLS(S("a\1b")), .prefix_n = 1);
}

static void store__scans_by_index_break_ties_by_key(void **state)
{
    (void)state;
    fill_orders();
    EXPECT("\"a\" -4 \"g\" - \"y\"\n\"a\" 4 \"h\" - -\n\"a\" 3 \"g\" -5 -\n\"a\" 1 \"h\" 7 \"x\"\n\"a\" 2 \"g\" 7 -\n\"b\" 1 \"g\" 7 \"x\"\n",
           &order, 0);
    EXPECT("\"a\" 2 \"g\" 7 -\n\"a\" 1 \"h\" 7 \"x\"\n\"a\" 3 \"g\" -5 -\n\"a\" 4 \"h\" - -\n\"a\" -4 \"g\" - \"y\"\n", &order, 0, .prefix = CELLS(S("a")), .prefix_n = 1, .backwards = true);
    EXPECT("\"a\" 1 \"h\" 7 \"x\"\n\"a\" 2 \"g\" 7 -\n", &order, 0, .prefix = CELLS(S("a"), I(7)), .prefix_n = 2);
    EXPECT("\"a\" -4 \"g\" - \"y\"\n\"a\" 4 \"h\" - -\n", &order, 0, .prefix = CELLS(S("a"), NIL), .prefix_n = 2);
    EXPECT("\"a\" 4 \"h\" - -\n", &order, 0, .prefix = CELLS(S("a"), NIL), .prefix_n = 2, .backwards = true, .limit = 1);
    EXPECT("\"a\" -4 \"g\" - \"y\"\n\"a\" 2 \"g\" 7 -\n\"a\" 3 \"g\" -5 -\n", &order, 2, .prefix = CELLS(S("a"), S("g")),
           .prefix_n = 2);
}

static void store__ranges_hold_their_bounds_and_no_null(void **state)
{
    const fz_cell *a = CELLS(S("a"));

    (void)state;
    fill_orders();
    EXPECT("\"a\" 3 \"g\" -5 -\n\"a\" 1 \"h\" 7 \"x\"\n\"a\" 2 \"g\" 7 -\n", &order, 0, .prefix = a, .prefix_n = 1,
           .ranged = true, .low = I(-5), .high = I(7));
    EXPECT("\"a\" 3 \"g\" -5 -\n", &order, 0, .prefix = a, .prefix_n = 1, .ranged = true, .high = I(6));
    EXPECT("\"a\" 2 \"g\" 7 -\n\"a\" 1 \"h\" 7 \"x\"\n", &order, 0, .prefix = a, .prefix_n = 1, .ranged = true,
           .low = I(-4), .backwards = true);
    EXPECT("\"a\" 3 \"g\" -5 -\n\"a\" 1 \"h\" 7 \"x\"\n\"a\" 2 \"g\" 7 -\n", &order, 0, .prefix = a, .prefix_n = 1,
           .ranged = true);
    EXPECT("", &order, 0, .prefix = a, .prefix_n = 1, .ranged = true, .low = I(7), .high = I(6));
    EXPECT("\"b\" 1 \"g\" 7 \"x\"\n", &order, -1, .ranged = true, .low = S("aa"));
    EXPECT("\"a\" 2 \"g\" 7 -\n\"a\" 3 \"g\" -5 -\n", &order, -1, .prefix = a, .prefix_n = 1, .ranged = true, .low = I(2), .high = I(3));
}

struct ended {
    size_t seen, after;
};

static fz_status end_after(void *arg, const fz_cell *cells, struct fz_error *e)
{
    struct ended *x = arg;

    (void)cells;
    return ++x->seen < x->after ? FZ_OK : fz_fail(e, FZ_REFUSED, "enough");
}

static void store__a_visit_ends_the_scan(void **state)
{
    struct ended x = {.after = 3};

    (void)state;
    fill_orders();
    for (int i = 0; i < 2; i++, x.seen = 0) {
        err.text[0] = '\0';
        assert_int_equal(fz_store_scan(store, &(struct fz_scan){.table = &order, .index = i - 1}, end_after, &x, &err), FZ_REFUSED);
        assert_string_equal(err.text, "enough");
        assert_int_equal(x.seen, 3);
    }
    PUT(tag, I(1), S("t")); /* nothing is left open */
}

/* Every row of a scan reads the same scan, one deeper, and itself. */
static fz_status read_within(void *arg, const fz_cell *cells, struct fz_error *e)
{
    size_t *depth = arg, next = *depth - 1;
    fz_cell *row;
    bool found = false;

    FZ_TRY(fz_store_get(store, &order, cells, &arena, &row, &found, e));
    assert_true(found && fz_str_eq(row[0].s, cells[0].s) && row[1].n == cells[1].n);
    return *depth ? fz_store_scan(store, &(struct fz_scan){.table = &order, .index = 0}, read_within, &next, e) : FZ_OK;
}

static void store__a_visit_may_read(void **state)
{
    size_t depth = 2;

    (void)state;
    fill_orders();
    assert_int_equal(fz_store_scan(store, &(struct fz_scan){.table = &order, .index = 0}, read_within, &depth, &err), FZ_OK);
    PUT(tag, I(1), S("t"));
}

static void store__long_scans_in_both_ways(void **state)
{
    struct ended all = {.after = SIZE_MAX}, some = {.after = 777};

    (void)state;
    fill_entries(store, 3000, 200);
    assert_int_equal(fz_store_scan(store, &(struct fz_scan){.table = &entry, .index = -1}, end_after, &all, &err), FZ_OK);
    assert_int_equal(all.seen, 3000);
    all.seen = 0;
    assert_int_equal(fz_store_scan(store, &(struct fz_scan){.table = &entry, .index = 0, .backwards = true, .limit = 2500}, end_after, &all, &err), FZ_OK);
    assert_int_equal(all.seen, 2500);
    assert_int_equal(fz_store_scan(store, &(struct fz_scan){.table = &entry, .index = -1}, end_after, &some, &err), FZ_REFUSED);
    assert_int_equal(some.seen, 777);
    PUT(tag, I(1), S("t")); /* nothing is left open */
    EXPECT("1 \"t\"\n", &tag, -1);
}

/* Every hundredth row reads a row of its own, and the whole table once more. */
static fz_status read_within_long(void *arg, const fz_cell *cells, struct fz_error *e)
{
    struct ended *x = arg, all = {.after = SIZE_MAX};
    fz_cell *row;
    bool found = false;

    if (x->seen++ % 100)
        return FZ_OK;
    FZ_TRY(fz_store_get(store, &entry, cells, &arena, &row, &found, e));
    assert_true(found && row[1].n == cells[1].n && cells[3].s.p[cells[3].s.n - 1] == 'b');
    FZ_TRY(fz_store_scan(store, &(struct fz_scan){.table = &entry, .index = 0}, end_after, &all, e));
    assert_int_equal(all.seen, 500);
    return FZ_OK;
}

static void store__a_visit_of_a_long_scan_may_read(void **state)
{
    struct ended x = {0};

    (void)state;
    fill_entries(store, 500, 50);
    assert_int_equal(fz_store_scan(store, &(struct fz_scan){.table = &entry, .index = -1}, read_within_long, &x, &err), FZ_OK);
    assert_int_equal(x.seen, 500);
    PUT(tag, I(1), S("t"));
}

static void store__several_reads_of_one_state(void **state)
{
    (void)state;
    fill_orders();
    fill_entries(store, 300, 50);
    assert_int_equal(fz_store_begin_read(store, &err), FZ_OK);
    EXPECT("\"a\" 3 \"g\" -5 -\n", &order, 0, .prefix = CELLS(S("a"), I(-5)), .prefix_n = 2);
    assert_int_equal(fz_store_begin_read(store, &err), FZ_OK); /* within */
    assert_int_equal(count_of(store, &entry), 300);
    fz_store_end_read(store);
    EXPECT("\"b\" 1 \"g\" 7 \"x\"\n", &order, -1, .prefix = CELLS(S("b")), .prefix_n = 1);
    fz_store_end_read(store);
    PUT(tag, I(1), S("t"));
    EXPECT("1 \"t\"\n", &tag, -1);
}

static void store__scrubbing_keeps_what_is_there(void **state)
{
    const struct driver *d = *state;
    bool whole = false;

    fill_orders();
    assert_int_equal(write_row(FZ_REMOVE, &order, CELLS(S("b"), I(1))), FZ_OK);
    for (int i = 0; i < 50; i++) {
        /* Of the cluster's other tests one may be reading. */
        if (fz_store_scrub(store, (const struct fz_table *[]){&order}, 1, &whole, &err) == FZ_OK)
            break;
        assert_int_equal(err.status, FZ_E_BUSY);
    }
    assert_true(whole || d->kind == POSTGRES);
    assert_int_equal(count_of(store, &order), 5);
    PUT(order, S("b"), I(1), S("g"), I(7), S("x"));
    EXPECT("\"b\" 1 \"g\" 7 \"x\"\n", &order, 1, .prefix = CELLS(S("b")), .prefix_n = 1);
}

static void store__says_whether_others_write(void **state)
{
    const struct driver *d = *state;

    assert_int_equal(fz_store_is_shared(store), d->kind == POSTGRES);
}

/* ---- tables ---- */

static const struct fz_column tag2_columns[] = {{"place", FZ_COL_INT}, {"tag", FZ_COL_BLOB}, {"n", FZ_COL_INT, true}};
static const struct fz_table tag2 = {"tag", tag2_columns, 3, 2, NULL, 0};
static const struct fz_table tag_alike = {"tag", tag_columns, 2, 2, NULL, 0};
static const struct fz_table tag_shorter = {"tag", tag_columns, 2, 1, NULL, 0};
static const int tag_by_tag[] = {0, 1};
static const struct fz_index tag_indexes[] = {{"by_tag", tag_by_tag, 2, false}};
static const struct fz_table tag_indexed = {"tag", tag_columns, 2, 2, tag_indexes, 1};
static const struct fz_column fresh_columns[] = {{"place", FZ_COL_INT}, {"id", FZ_COL_TEXT}};
static const struct fz_table fresh = {"fresh", fresh_columns, 2, 2, NULL, 0};

static fz_status print_answer(void *arg, const fz_cell *cells, struct fz_error *e)
{
    struct fz_buf *out = arg;
    fz_cell *row;
    bool found;

    for (int i = 0; i < 2; i++) {
        if (cells[i].kind == FZ_CELL_INT)
            fz_buf_printf(out, "%lld ", (long long)cells[i].n);
        else
            fz_buf_printf(out, "%.*s ", cells[i].kind == FZ_CELL_NULL ? 1 : (int)cells[i].s.n, cells[i].kind == FZ_CELL_NULL ? "-" : cells[i].s.p);
    }
    return fz_store_get(store, &tag, CELLS(I(1), S("none")), &arena, &row, &found, e); /* it may read */
}

static fz_status end_answer(void *arg, const fz_cell *cells, struct fz_error *e)
{
    (void)cells;
    ++*(int *)arg;
    return fz_fail(e, FZ_REFUSED, "enough");
}

/* Parameters stand where their names stand, not in the order in which they come; one may stand twice. What a driver without SQL has instead is a scan. */
static void store__a_query_answers_or_there_is_none(void **state)
{
    static const char sql[] = "SELECT \"due\", min(\"number\") FROM \"order\" WHERE \"group\" = $2 AND \"place\" = $1 AND $1 <> $2 GROUP BY \"due\" ORDER BY \"due\" NULLS FIRST";
    struct fz_buf said = {0};
    int calls = 0;

    (void)state;
    if (!fz_store_has_query(store))
        return;
    fill_orders();
    PUT(order, S("a'\" --"), I(1), S("g"), I(1), S("w"));
    assert_int_equal(fz_store_query(store, fz_str_of(sql), CELLS(S("a"), S("g")), 2, print_answer, &said, &err), FZ_OK);
    assert_string_equal(said.p, "- y -5 - 7 - ");
    fz_buf_reset(&said);
    assert_int_equal(fz_store_query(store, fz_str_of(sql), CELLS(S("a'\" --"), S("g")), 2, print_answer, &said, &err), FZ_OK);
    assert_string_equal(said.p, "1 w ");
    assert_int_equal(fz_store_query(store, fz_str_of(sql), CELLS(S("a"), S("g")), 2, end_answer, &calls, &err), FZ_REFUSED);
    assert_int_equal(calls, 1);
    PUT(tag, I(1), S("writes go on"));
    fz_buf_release(&said);
}

static void store__declaring_twice_is_fine(void **state)
{
    const struct fz_table *again[] = {&tag, &tag_alike, &fresh};

    (void)state;
    PUT(tag, I(1), S("t"));
    assert_int_equal(fz_store_declare(store, again, 3, &err), FZ_OK);
    declare_all(store);
    PUT(tag_alike, I(2), S("t"));
    PUT(fresh, I(2), S("t"));
    EXPECT("1 \"t\"\n2 \"t\"\n", &tag, -1);
}

static void store__another_form_is_refused_and_nothing_made(void **state)
{
    const struct fz_table *others[] = {&tag2, &tag_shorter, &tag_indexed};

    (void)state;
    PUT(tag, I(1), S("t"));
    for (size_t i = 0; i < FZ_COUNT(others); i++) {
        const struct fz_table *both[] = {&fresh, others[i]};

        assert_int_equal(fz_store_declare(store, both, 2, &err), FZ_E_SCHEMA);
        assert_non_null(strstr(err.text, "there is tag (place int, tag blob) key 2; this version wants tag ("));
    }
    EXPECT("1 \"t\"\n", &tag, -1);
    assert_int_equal(fz_store_declare(store, &(const struct fz_table *){&fresh}, 1, &err), FZ_OK);
    EXPECT("", &fresh, -1);
}

static void store__dropped_and_declared_anew(void **state)
{
    (void)state;
    PUT(tag, I(1), S("t"));
    PUT(order, S("a"), I(1), S("g"), I(5), S("n1"));
    assert_int_equal(fz_store_declare(store, &(const struct fz_table *){&tag2}, 1, &err), FZ_E_SCHEMA);
    assert_int_equal(fz_store_drop(store, &tag2, &err), FZ_OK); /* by its name: it could not be declared */
    assert_int_equal(fz_store_drop(store, &tag2, &err), FZ_OK);
    assert_int_equal(fz_store_declare(store, &(const struct fz_table *){&tag2}, 1, &err), FZ_OK);
    EXPECT("", &tag2, -1);
    PUT(tag2, I(1), S("t"), I(9));
    EXPECT("1 \"t\" 9\n", &tag2, -1);
    EXPECT("\"a\" 1 \"g\" 5 \"n1\"\n", &order, -1);
    assert_int_equal(fz_store_drop(store, &order, &err), FZ_OK);
    assert_int_equal(fz_store_declare(store, &(const struct fz_table *){&order}, 1, &err), FZ_OK);
    EXPECT("", &order, 1);
}

/* ---- bugs of callers stop the process ---- */

static void dies(void (*bug)(void))
{
    int status = 0;
    pid_t child;

    fflush(NULL);
    child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        if (!freopen("/dev/null", "w", stderr))
            _exit(0);
        bug();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static fz_status commit_within(void *arg, const fz_cell *cells, struct fz_error *e)
{
    (void)arg;
    return fz_store_commit(store, &(struct fz_batch){&(struct fz_write){FZ_REMOVE, &order, cells}, 1}, e);
}

static void bug_commit_in_visit(void)
{
    fz_store_scan(store, &(struct fz_scan){.table = &order, .index = -1}, commit_within, NULL, &err);
}

static void bug_commit_in_read(void)
{
    fz_store_begin_read(store, &err);
    write_row(FZ_PUT, &tag, CELLS(I(1), S("t")));
}

static void bug_null_key(void)
{
    write_row(FZ_PUT, &order, CELLS(NIL, I(1), S("g"), NIL, NIL));
}

static void bug_wrong_kind(void)
{
    write_row(FZ_PUT, &order, CELLS(S("a"), S("1"), S("g"), NIL, NIL));
}

static void bug_no_text(void)
{
    write_row(FZ_PUT, &order, CELLS(S("a"), I(1), S("\xFF"), NIL, NIL));
}

static void bug_undeclared(void)
{
    write_row(FZ_PUT, &fresh, CELLS(I(1), S("x")));
}

static void bug_long_prefix(void)
{
    uint64_t n;

    fz_store_count(store, &(struct fz_scan){.table = &order, .index = -1, .prefix = CELLS(S("a"), I(1)), .prefix_n = 2, .ranged = true}, &n, &err);
}

static void bug_query_that_writes(void)
{
    fz_store_query(store, FZ_STR("DELETE FROM \"tag\""), NULL, 0, print_answer, NULL, &err);
}

static void bug_two_queries(void)
{
    fz_store_query(store, FZ_STR("SELECT 1; SELECT 2"), NULL, 0, print_answer, NULL, &err);
}

static void store__a_bug_of_the_caller_stops_the_process(void **state)
{
    (void)state;
    fill_orders();
    dies(bug_commit_in_visit);
    dies(bug_commit_in_read);
    dies(bug_null_key);
    dies(bug_wrong_kind);
    dies(bug_no_text);
    dies(bug_undeclared);
    dies(bug_long_prefix);
    dies(bug_query_that_writes);
    dies(bug_two_queries);
}

/* ---- SQLite: files ---- */

static int set_up_folder(void **state)
{
    (void)state;
    make_folder();
    fz_arena_init(&arena);
    return 0;
}

static unsigned mode_of(const char *name)
{
    struct stat st;

    return stat(in_folder(name), &st) == 0 ? st.st_mode & 07777 : 0;
}

static void expect_not_opened(const char *name, fz_store_mode mode, fz_status want, const char *words)
{
    struct fz_store *s = NULL;
    fz_status status = fz_store_open_sqlite(&s, in_folder(name), mode, &err);

    expect_refusal(status, s, want, words);
}

static void open_store(void)
{
    store = open_file("store.db", FZ_READ_WRITE);
    declare_all(store);
}

static void sqlite__reopened_it_has_everything(void **state)
{
    (void)state;
    expect_all_when_reopened(open_store);
}

static void sqlite__its_files_are_the_owners_alone(void **state)
{
    static const char *const names[] = {"store.db", "store.db-wal", "store.db-shm", "store.db-lock"};
    mode_t before = umask(0);

    (void)state;
    open_store();
    fill_orders();
    umask(before);
    for (size_t i = 0; i < FZ_COUNT(names); i++)
        assert_int_equal(mode_of(names[i]), 0600);
}

static void write_file(const char *name, fz_str text)
{
    FILE *f = fopen(in_folder(name), "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
    assert_int_equal(fclose(f), 0);
}

static void by_hand(const char *name, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(in_folder(name), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void sqlite__what_is_no_store_is_left_alone(void **state)
{
    (void)state;
    write_file("text", FZ_STR("This is a text that has nothing to do with any database. It is long enough to have a header. 法治"));
    expect_not_opened("text", FZ_READ_WRITE, FZ_E_INPUT, "not a store of fazhi");
    expect_not_opened("text", FZ_READ_ONLY, FZ_E_INPUT, "not a store of fazhi");
    by_hand("other.db", "CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    expect_not_opened("other.db", FZ_READ_WRITE, FZ_E_INPUT, "not a store of fazhi");
    expect_not_opened("missing.db", FZ_READ_ONLY, FZ_E_INPUT, "there is no store");
    expect_not_opened("no/folder.db", FZ_READ_WRITE, FZ_E_IO, "No such file or directory");
    assert_int_equal(mode_of("missing.db"), 0);
    write_file("empty.db", FZ_STR(""));
    expect_not_opened("empty.db", FZ_READ_ONLY, FZ_E_INPUT, "not set up yet");
    store = open_file("empty.db", FZ_READ_WRITE); /* as one whose making was broken off */
    declare_all(store);
    fz_store_close(store);
    by_hand("empty.db", "PRAGMA user_version = 99");
    expect_not_opened("empty.db", FZ_READ_WRITE, FZ_E_SCHEMA, "layout 99");
    store = NULL;
}

static void sqlite__a_second_writer_is_refused_at_once(void **state)
{
    char who[32];
    struct fz_store *reader;

    (void)state;
    open_store();
    snprintf(who, sizeof(who), "process %ld writes here", (long)getpid());
    expect_not_opened("store.db", FZ_READ_WRITE, FZ_E_BUSY, who);
    assert_int_equal(symlink("store.db", in_folder("other-name")), 0);
    expect_not_opened("other-name", FZ_READ_WRITE, FZ_E_BUSY, who);
    fill_orders(); /* the first is not disturbed */
    reader = open_file("other-name", FZ_READ_ONLY);
    fz_store_close(reader);
    expect_not_opened("store.db", FZ_READ_WRITE, FZ_E_BUSY, who);
    fz_store_close(store);
    open_store();
    EXPECT("\"b\" 1 \"g\" 7 \"x\"\n", &order, -1, .prefix = CELLS(S("b")), .prefix_n = 1);
}

static int open_as_writer(void)
{
    struct fz_store *s;

    return (int)fz_store_open_sqlite(&s, in_folder("store.db"), FZ_READ_WRITE, &err);
}

static void sqlite__so_is_one_of_another_process(void **state)
{
    (void)state;
    open_store();
    assert_int_equal(exit_of(in_child(open_as_writer)), FZ_E_BUSY);
    fz_store_close(store);
    assert_int_equal(exit_of(in_child(open_as_writer)), FZ_OK); /* and ends without closing: the lock goes with it */
    open_store();
}

/* ---- SQLite: readers ---- */

static fz_status open_sqlite(struct fz_store **out)
{
    return fz_store_open_sqlite(out, in_folder("store.db"), FZ_READ_WRITE, &err);
}

static void sqlite__readers_beside_a_writer_see_whole_batches(void **state)
{
    int64_t before = 0, changes = 0;
    pid_t child;

    (void)state;
    open_store();
    fz_store_close(store);
    store = NULL;
    open_to_write = open_sqlite;
    child = in_child(write_batches);
    while (before < BATCHES) {
        struct fz_store *reader = open_file("store.db", FZ_READ_ONLY);

        declare_all(reader);
        for (int i = 0; i < 20; i++) {
            int64_t now = whole_batch(reader);

            assert_true(now >= before);
            changes += now > before;
            before = now;
        }
        fz_store_close(reader);
        if (waitpid(child, NULL, WNOHANG) == child && before < BATCHES) {
            child = 0;
            reader = open_file("store.db", FZ_READ_ONLY);
            declare_all(reader);
            before = whole_batch(reader);
            fz_store_close(reader);
            assert_int_equal(before, BATCHES);
        }
    }
    assert_true(changes > 0);
    while (child && waitpid(child, NULL, 0) == child)
        child = 0;
}

/* Ends without closing: what it wrote is in the log alone. */
static int write_and_end(void)
{
    if (fz_store_open_sqlite(&store, in_folder("store.db"), FZ_READ_WRITE, &err) != FZ_OK ||
        fz_store_declare(store, all_tables, FZ_COUNT(all_tables), &err) != FZ_OK)
        return 1;
    return (int)write_row(FZ_PUT, &tag, CELLS(I(1), S("t")));
}

static void sqlite__a_reader_comes_first_after_a_crash(void **state)
{
    struct fz_store *reader;

    (void)state;
    assert_int_equal(exit_of(in_child(write_and_end)), 0);
    for (int i = 0; i < 2; i++) {
        reader = open_file("store.db", FZ_READ_ONLY);
        declare_all(reader);
        expect_rows_in(reader, (struct fz_scan){.table = &tag, .index = -1}, "1 \"t\"\n");
        fz_store_close(reader);
    }
    open_store();
    EXPECT("1 \"t\"\n", &tag, -1);
    PUT(tag, I(2), S("t"));
}

static void sqlite__a_reader_makes_nothing_and_notices_a_change(void **state)
{
    struct fz_store *reader;
    uint64_t n;

    (void)state;
    open_store();
    PUT(tag, I(1), S("t"));
    reader = open_file("store.db", FZ_READ_ONLY);
    assert_int_equal(fz_store_declare(reader, &(const struct fz_table *){&fresh}, 1, &err), FZ_E_SCHEMA);
    assert_int_equal(fz_store_declare(reader, &(const struct fz_table *){&tag2}, 1, &err), FZ_E_SCHEMA);
    declare_all(reader);
    expect_rows_in(reader, (struct fz_scan){.table = &tag, .index = -1}, "1 \"t\"\n");
    assert_int_equal(fz_store_drop(store, &tag, &err), FZ_OK);
    assert_int_equal(fz_store_count(reader, &(struct fz_scan){.table = &tag, .index = -1}, &n, &err), FZ_E_SCHEMA);
    expect_rows_in(reader, (struct fz_scan){.table = &order, .index = -1}, "");
    fz_store_close(reader);
}

static void sqlite__one_state_while_another_writes(void **state)
{
    struct fz_store *reader;

    (void)state;
    open_store();
    fill_orders();
    reader = open_file("store.db", FZ_READ_ONLY);
    declare_all(reader);
    assert_int_equal(fz_store_begin_read(reader, &err), FZ_OK);
    PUT(order, S("c"), I(1), S("g"), NIL, NIL);
    PUT(tag, I(1), S("t"));
    assert_int_equal(count_of(reader, &order), 6);
    assert_int_equal(count_of(reader, &tag), 0);
    fz_store_end_read(reader);
    assert_int_equal(count_of(reader, &order), 7);
    assert_int_equal(count_of(reader, &tag), 1);
    fz_store_close(reader);
}

/* ---- SQLite: erasing ---- */

#define SECRET "the-name-that-was-erased"

static void write_and_erase(void)
{
    char body[3000];

    memset(body, '.', sizeof(body));
    memcpy(body + 1500, SECRET, sizeof(SECRET) - 1);
    for (int i = 0; i < 40; i++) { /* short, long and in an index; between rows that stay */
        PUT(entry, I(1), I(i), S("r"), FZ_CELL_OF(((fz_str){body, i % 4 == 3 ? sizeof(body) : 30})), i % 2 ? S(SECRET) : NIL);
        PUT(order, S("a"), I(i), S("g"), NIL, i == 7 ? S(SECRET) : NIL);
    }
    for (int i = 0; i < 40; i++) {
        if (i % 4 == 3)
            assert_int_equal(write_row(FZ_REMOVE, &entry, CELLS(I(1), I(i))), FZ_OK);
        else
            PUT(entry, I(1), I(i), S("r"), S("short"), NIL);
    }
    PUT(order, S("a"), I(7), S("g"), NIL, NIL);
}

static void sqlite__after_a_scrub_no_file_has_what_was_erased(void **state)
{
    struct fz_store *reader;
    bool whole = false;

    (void)state;
    open_store();
    write_and_erase();
    assert_true(files_with_bytes(folder, SECRET) > 0); /* the log has it still */
    reader = open_file("store.db", FZ_READ_ONLY);
    declare_all(reader);
    assert_int_equal(fz_store_begin_read(reader, &err), FZ_OK);
    PUT(tag, I(1), S("t"));
    assert_int_equal(fz_store_scrub(store, all_tables, FZ_COUNT(all_tables), &whole, &err), FZ_E_BUSY);
    assert_non_null(strstr(err.text, "somebody reads an older state"));
    fz_store_end_read(reader);
    assert_int_equal(fz_store_scrub(store, all_tables, FZ_COUNT(all_tables), &whole, &err), FZ_OK);
    assert_true(whole);
    assert_int_equal(files_with_bytes(folder, SECRET), 0);
    assert_int_equal(count_of(reader, &entry), 30);
    fz_store_close(reader);
}

/* ---- SQLite: the log ---- */

static off_t log_bytes(void)
{
    struct stat st;

    return stat(in_folder("store.db-wal"), &st) == 0 ? st.st_size : 0;
}

/* Batches of 4 MB: 400 MB in all, with a reader that stays in an old state for a while. */
static void sqlite__the_log_stays_short_and_no_reader_stops_a_writer(void **state)
{
    struct fz_store *reader;
    off_t most = 0, beside_reader;

    (void)state;
    open_store();
    for (int i = 0; i < 50; i++) {
        fill_entries(store, 40, 100000);
        most = log_bytes() > most ? log_bytes() : most;
    }
    assert_in_range(most, 4 << 20, 80 << 20);
    reader = open_file("store.db", FZ_READ_ONLY);
    declare_all(reader);
    assert_int_equal(fz_store_begin_read(reader, &err), FZ_OK);
    for (int i = 0; i < 30; i++)
        fill_entries(store, 40, 100000);
    beside_reader = log_bytes();
    assert_true(beside_reader > 100 << 20); /* what the reader needs is kept */
    assert_int_equal(count_of(reader, &entry), 40);
    fz_store_end_read(reader);
    for (int i = 0; i < 20; i++)
        fill_entries(store, 40, 100000);
    assert_true(log_bytes() < 100 << 20); /* and cut once nobody does */
    fz_store_close(reader);
}

/* Whether the file lacks what only the log has: its 8 MB of rows. */
static bool rows_are_in_the_log_only(void)
{
    struct stat st;

    return stat(in_folder("store.db"), &st) != 0 || st.st_size < 8000000;
}

static void wait_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* Nobody commits: the log is moved without anybody's asking, so that the next commit writes it over from its beginning. */
static void sqlite__a_quiet_moment_moves_the_log(void **state)
{
    off_t before;

    (void)state;
    open_store();
    fill_entries(store, 80, 100000);
    before = log_bytes();
    assert_true(before > 8000000);
    for (int i = 0; i < 200 && (rows_are_in_the_log_only() || log_bytes() != before); i++) {
        wait_ms(20);
        before = log_bytes();
        PUT(tag, I(1), FZ_CELL_OF(((fz_str){(char *)&i, sizeof(i)})));
    }
    assert_false(rows_are_in_the_log_only());
    assert_int_equal(log_bytes(), before); /* not appended to */
}

/* ---- SQLite: backup ---- */

static void sqlite__backup_while_others_write(void **state)
{
    struct fz_store *reader, *copy;
    int64_t n = 0;
    pid_t child;

    (void)state;
    open_store();
    fz_store_close(store);
    store = NULL;
    open_to_write = open_sqlite;
    child = in_child(write_batches);
    reader = open_file("store.db", FZ_READ_ONLY);
    declare_all(reader);
    while (whole_batch(reader) < 5)
        ;
    for (int i = 0; i < 3; i++) {
        char name[32];

        snprintf(name, sizeof(name), "copy%d.db", i);
        assert_int_equal(fz_store_backup(reader, in_folder(name), &err), FZ_OK);
        assert_int_equal(mode_of(name), 0600);
        copy = open_file(name, FZ_READ_ONLY);
        declare_all(copy);
        assert_true(whole_batch(copy) >= n);
        n = whole_batch(copy);
        fz_store_close(copy);
    }
    assert_true(n >= 5);
    assert_int_equal(exit_of(child), 0);
    assert_int_equal(mode_of("copy0.db-wal"), 0); /* one plain file */
    fz_store_close(reader);
}

static size_t files_with(const char *part)
{
    DIR *d = opendir(folder);
    size_t n = 0;

    assert_non_null(d);
    for (const struct dirent *f; (f = readdir(d)) != NULL;)
        n += strstr(f->d_name, part) != NULL;
    closedir(d);
    return n;
}

static void sqlite__a_backup_goes_on_as_a_store_and_replaces_none(void **state)
{
    (void)state;
    open_store();
    fill_orders();
    assert_int_equal(fz_store_backup(store, in_folder("copy.db"), &err), FZ_OK);
    PUT(order, S("c"), I(1), S("g"), NIL, NIL);
    assert_int_equal(fz_store_backup(store, in_folder("copy.db"), &err), FZ_E_EXISTS);
    assert_int_equal(fz_store_backup(store, in_folder("no/copy.db"), &err), FZ_E_IO);
    fz_store_close(store);
    store = open_file("copy.db", FZ_READ_WRITE);
    declare_all(store);
    EXPECT("", &order, -1, .prefix = CELLS(S("c")), .prefix_n = 1);
    EXPECT("\"b\" 1 \"g\" 7 \"x\"\n", &order, -1, .prefix = CELLS(S("b")), .prefix_n = 1);
    PUT(order, S("c"), I(2), S("g"), NIL, NIL);
    assert_int_equal(files_with("partial"), 0);
}

static void memory__has_no_backup(void **state)
{
    (void)state;
    store = fz_store_new_memory();
    assert_int_equal(fz_store_backup(store, in_folder("copy"), &err), FZ_E_INPUT);
    assert_false(fz_store_has_query(store)); /* nor SQL */
    assert_string_equal(fz_store_name(store), "memory");
    assert_int_equal(mode_of("copy"), 0);
}

/* ---- SQLite: no room ---- */

static int write_without_room(void)
{
    static char body[1 << 20];
    struct rlimit room = {256 << 10, RLIM_INFINITY};
    fz_status s;

    signal(SIGXFSZ, SIG_IGN);
    open_store();
    fill_orders();
    setrlimit(RLIMIT_FSIZE, &room);
    s = write_row(FZ_PUT, &entry, CELLS(I(1), I(1), S("r"), FZ_CELL_OF(((fz_str){body, sizeof(body)})), NIL));
    if (s != FZ_E_FULL)
        return fprintf(stderr, "%s: %s\n", fz_status_id(s), err.text), 1;
    EXPECT("", &entry, -1);
    if (write_row(FZ_PUT, &tag, CELLS(I(1), S("small"))) != FZ_OK)
        return fprintf(stderr, "%s\n", err.text), 2;
    room.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_FSIZE, &room);
    s = write_row(FZ_PUT, &entry, CELLS(I(1), I(2), S("r"), FZ_CELL_OF(((fz_str){body, sizeof(body)})), NIL));
    return s == FZ_OK ? 0 : 3;
}

static void sqlite__a_full_disk_leaves_nothing_and_harms_nothing(void **state)
{
    (void)state;
    assert_int_equal(exit_of(in_child(write_without_room)), 0);
    open_store();
    EXPECT("1 2 \"r\" <1048576 bytes> -\n", &entry, -1);
    EXPECT("1 \"small\"\n", &tag, -1);
}

/* ---- trace ---- */

static void trace__a_line_a_call(void **state)
{
    fz_cell *row;
    bool found;

    (void)state;
    store = fz_store_new_trace(fz_store_new_memory(), &lines);
    declare_all(store);
    PUT(tag, I(1), S("secret"));
    assert_int_equal(write_row(FZ_ADD, &tag, CELLS(I(1), S("secret"))), FZ_E_EXISTS);
    fz_store_get(store, &tag, CELLS(I(1), S("secret")), &arena, &row, &found, &err);
    fz_store_get(store, &tag, CELLS(I(2), S("secret")), &arena, &row, &found, &err);
    EXPECT("", &order, 0, .prefix = CELLS(S("a")), .prefix_n = 1, .ranged = true, .backwards = true, .limit = 9);
    fz_store_backup(store, "x", &err);
    assert_int_equal(fz_store_begin_read(store, &err), FZ_OK);
    fz_store_end_read(store);
    assert_int_equal(fz_store_scrub(store, all_tables, FZ_COUNT(all_tables), &found, &err), FZ_OK);
    assert_int_equal(fz_store_distribute(store, true, &lines, &err), FZ_E_INPUT);
    assert_int_equal(fz_store_drop(store, &tag, &err), FZ_OK);
    fz_store_close(store);
    store = NULL;
    assert_string_equal(lines.p, "declare entry order tag: ok\n"
                                 "commit 1 write: ok\n"
                                 "commit 1 write: exists\n"
                                 "get tag, found: ok\n"
                                 "get tag, none: ok\n"
                                 "scan order by by_due, 1 of prefix, range, backwards, at most 9, 0 rows: ok\n"
                                 "count order by by_due, 1 of prefix, range, backwards, at most 9, 0: ok\n"
                                 "backup: input\n"
                                 "begin read: ok\n"
                                 "end read\n"
                                 "scrub entry order tag: ok\n"
                                 "distribute, dry: input\n"
                                 "drop tag: ok\n"
                                 "close\n");
}

/* ---- faults ---- */

static fz_status run_calls(fz_status got[7])
{
    fz_cell *row;
    bool found;
    uint64_t n;

    got[0] = fz_store_declare(store, all_tables, FZ_COUNT(all_tables), &err);
    if (got[0] != FZ_OK)
        return got[0];
    got[1] = write_row(FZ_PUT, &tag, CELLS(I(1), S("a")));
    got[2] = write_row(FZ_PUT, &tag, CELLS(I(2), S("b")));
    got[3] = fz_store_get(store, &tag, CELLS(I(1), S("a")), &arena, &row, &found, &err);
    got[4] = fz_store_count(store, &(struct fz_scan){.table = &tag, .index = -1}, &n, &err);
    got[5] = fz_store_scan(store, &(struct fz_scan){.table = &tag, .index = -1}, end_after, &(struct ended){.after = 99}, &err);
    got[6] = fz_store_drop(store, &order, &err);
    return FZ_OK;
}

static void expect_fault(fz_fault fault, uint64_t at, fz_status want, const char *rows)
{
    fz_status got[7] = {0};

    store = fz_store_new_fault(fz_store_new_memory(), at, fault);
    run_calls(got);
    for (uint64_t i = 1; i <= 7; i++)
        if (at != 1)
            assert_int_equal(got[i - 1], i == at ? want : FZ_OK);
    assert_int_equal(got[0], at == 1 ? want : FZ_OK);
    assert_int_equal(fz_store_fault_calls(store), at == 1 ? 1 : 7);
    if (rows)
        EXPECT(rows, &tag, -1);
    fz_store_close(store);
    store = NULL;
}

static void fault__the_nth_call_goes_wrong_as_told(void **state)
{
    (void)state;
    expect_fault(FZ_FAULT_IO, 0, FZ_OK, "1 \"a\"\n2 \"b\"\n");
    expect_fault(FZ_FAULT_IO, 1, FZ_E_IO, NULL);
    expect_fault(FZ_FAULT_IO, 2, FZ_E_IO, "2 \"b\"\n");
    expect_fault(FZ_FAULT_FULL, 3, FZ_E_FULL, "1 \"a\"\n");
    expect_fault(FZ_FAULT_UNSURE, 2, FZ_E_UNSURE, "1 \"a\"\n2 \"b\"\n");
    expect_fault(FZ_FAULT_UNSURE, 4, FZ_E_IO, "1 \"a\"\n2 \"b\"\n");
    expect_fault(FZ_FAULT_LOST, 2, FZ_E_UNSURE, "2 \"b\"\n");
    for (uint64_t at = 4; at <= 7; at++)
        expect_fault(FZ_FAULT_LOST, at, FZ_E_IO, "1 \"a\"\n2 \"b\"\n");
}

/* Ends with the status of _exit in the driver; what is in the file tells before from after. */
static uint64_t exit_at;
static fz_fault exit_kind;

static int run_to_exit(void)
{
    fz_status got[7];

    if (fz_store_open_sqlite(&store, in_folder("store.db"), FZ_READ_WRITE, &err) != FZ_OK)
        return 1;
    store = fz_store_new_fault(store, exit_at, exit_kind);
    run_calls(got);
    return 0;
}

static void expect_exit(fz_fault kind, uint64_t at, int want, const char *rows)
{
    exit_kind = kind;
    exit_at = at;
    assert_int_equal(exit_of(in_child(run_to_exit)), want);
    open_store();
    EXPECT(rows, &tag, -1);
    assert_int_equal(fz_store_drop(store, &tag, &err), FZ_OK);
    fz_store_close(store);
    store = NULL;
}

static void fault__the_process_ends_before_or_after(void **state)
{
    (void)state;
    expect_exit(FZ_FAULT_EXIT, 1, 86, "");
    expect_exit(FZ_FAULT_EXIT, 2, 86, "");
    expect_exit(FZ_FAULT_EXIT_AFTER, 2, 86, "1 \"a\"\n");
    expect_exit(FZ_FAULT_EXIT, 3, 86, "1 \"a\"\n");
    expect_exit(FZ_FAULT_EXIT_AFTER, 3, 86, "1 \"a\"\n2 \"b\"\n");
    expect_exit(FZ_FAULT_EXIT_AFTER, 7, 86, "1 \"a\"\n2 \"b\"\n");
    expect_exit(FZ_FAULT_EXIT, 8, 0, "1 \"a\"\n2 \"b\"\n");
}

/* ---- which run ---- */

#define EVERYWHERE(X)                                                                                                                                \
    X(store__put_replaces_add_does_not)                                                                                                              \
    X(store__remove_goes_by_the_key)                                                                                                                 \
    X(store__a_table_of_keys_only)                                                                                                                   \
    X(store__a_unique_index_holds_and_nulls_are_free)                                                                                                \
    X(store__a_batch_that_fails_leaves_nothing)                                                                                                      \
    X(store__an_empty_batch_is_fine)                                                                                                                 \
    X(store__ten_thousand_rows_in_a_batch)                                                                                                           \
    X(store__large_blobs_come_back_whole)                                                                                                            \
    X(store__get_copies_or_finds_none)                                                                                                               \
    X(store__get_all_answers_each_in_order)                                                                                                          \
    X(store__get_all_of_many_rows)                                                                                                                   \
    X(store__clearing_takes_one_place)                                                                                                               \
    X(store__held_it_writes_as_before)                                                                                                               \
    X(store__a_text_has_no_nul)                                                                                                                      \
    X(store__bytes_are_ordered_by_memcmp)                                                                                                            \
    X(store__scans_by_index_break_ties_by_key)                                                                                                       \
    X(store__ranges_hold_their_bounds_and_no_null)                                                                                                   \
    X(store__a_visit_ends_the_scan)                                                                                                                  \
    X(store__a_query_answers_or_there_is_none)                                                                                                       \
    X(store__a_visit_may_read)                                                                                                                       \
    X(store__long_scans_in_both_ways)                                                                                                                \
    X(store__a_visit_of_a_long_scan_may_read)                                                                                                        \
    X(store__several_reads_of_one_state)                                                                                                             \
    X(store__scrubbing_keeps_what_is_there)                                                                                                          \
    X(store__says_whether_others_write)                                                                                                              \
    X(store__declaring_twice_is_fine)                                                                                                                \
    X(store__another_form_is_refused_and_nothing_made)                                                                                               \
    X(store__dropped_and_declared_anew)                                                                                                              \
    X(store__a_bug_of_the_caller_stops_the_process)

static const struct {
    const char *name;
    CMUnitTestFunction run;
} everywhere[] = {
#define X(f) {#f, f},
    EVERYWHERE(X)
#undef X
};

#define ALONE(f) cmocka_unit_test_setup_teardown(f, set_up_folder, tear_down)

int main(void)
{
    const struct CMUnitTest alone[] = {
        ALONE(sqlite__reopened_it_has_everything),
        ALONE(sqlite__its_files_are_the_owners_alone),
        ALONE(sqlite__what_is_no_store_is_left_alone),
        ALONE(sqlite__a_second_writer_is_refused_at_once),
        ALONE(sqlite__so_is_one_of_another_process),
        ALONE(sqlite__readers_beside_a_writer_see_whole_batches),
        ALONE(sqlite__a_reader_comes_first_after_a_crash),
        ALONE(sqlite__a_reader_makes_nothing_and_notices_a_change),
        ALONE(sqlite__one_state_while_another_writes),
        ALONE(sqlite__after_a_scrub_no_file_has_what_was_erased),
        ALONE(sqlite__the_log_stays_short_and_no_reader_stops_a_writer),
        ALONE(sqlite__a_quiet_moment_moves_the_log),
        ALONE(sqlite__backup_while_others_write),
        ALONE(sqlite__a_backup_goes_on_as_a_store_and_replaces_none),
        ALONE(memory__has_no_backup),
        ALONE(sqlite__a_full_disk_leaves_nothing_and_harms_nothing),
        ALONE(trace__a_line_a_call),
        ALONE(fault__the_nth_call_goes_wrong_as_told),
        ALONE(fault__the_process_ends_before_or_after),
    };
    struct CMUnitTest tests[FZ_COUNT(drivers) * FZ_COUNT(everywhere) + FZ_COUNT(alone)];
    char names[FZ_COUNT(drivers) * FZ_COUNT(everywhere)][96];
    size_t n = 0, drivers_n = FZ_COUNT(drivers) - (postgres_server() ? 0 : OF_POSTGRES);

    for (size_t d = 0; d < drivers_n; d++)
        for (size_t i = 0; i < FZ_COUNT(everywhere); i++, n++) {
            snprintf(names[n], sizeof(names[n]), "%s, %s", everywhere[i].name, drivers[d].name);
            tests[n] = (struct CMUnitTest){names[n], everywhere[i].run, set_up, tear_down, (void *)&drivers[d]};
        }
    memcpy(tests + n, alone, sizeof(alone));
    n += FZ_COUNT(alone);
    return _cmocka_run_group_tests("store", tests, n, NULL, NULL);
}
