/*
 * Random batches and scans: memory against a model that keeps rows in one array, looks at every one of them for every write and sorts anew for
 * every scan; and SQLite and PostgreSQL against the same, reopened now and then. FZ_SEED repeats a run; the seed is printed, a failure prints the
 * scan or batch.
 */
#include "../support/support.h"

#include "../support/stores.h"

enum { ROUNDS = 400, WRITES_MAX = 12, SCANS = 6, ROWS_MAX = 4096 };

/* ---- the model ---- */

struct model_row {
    const struct fz_table *table;
    fz_cell cells[FZ_COLUMNS_MAX];
};

struct model {
    struct model_row rows[ROWS_MAX];
    size_t n;
};

/* Written apart from the driver's: NULL, integers, bytes. */
static int cmp(const fz_cell *a, const fz_cell *b)
{
    size_t n;
    int diff;

    if (a->kind != b->kind)
        return (int)a->kind - (int)b->kind;
    if (a->kind == FZ_CELL_NULL)
        return 0;
    if (a->kind == FZ_CELL_INT)
        return a->n < b->n ? -1 : a->n != b->n;
    n = a->s.n < b->s.n ? a->s.n : b->s.n;
    diff = n ? memcmp(a->s.p, b->s.p, n) : 0;
    return diff ? diff : a->s.n < b->s.n ? -1 : a->s.n != b->s.n;
}

static bool alike(const fz_cell *a, const fz_cell *b, const int *columns, size_t n, bool null_is_alike)
{
    for (size_t i = 0; i < n; i++) {
        int c = columns ? columns[i] : (int)i;

        if (cmp(&a[c], &b[c]) != 0 || (!null_is_alike && a[c].kind == FZ_CELL_NULL))
            return false;
    }
    return true;
}

static struct model_row *model_find(struct model *m, const struct fz_table *t, const fz_cell *key)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->rows[i].table == t && alike(m->rows[i].cells, key, NULL, t->key_n, true))
            return &m->rows[i];
    return NULL;
}

static bool model_collides(const struct model *m, const struct fz_table *t, const fz_cell *cells, const struct model_row *but)
{
    for (size_t x = 0; x < t->indexes_n; x++)
        for (size_t i = 0; t->indexes[x].unique && i < m->n; i++)
            if (&m->rows[i] != but && m->rows[i].table == t &&
                alike(m->rows[i].cells, cells, t->indexes[x].columns, t->indexes[x].columns_n, false))
                return true;
    return false;
}

static bool model_write(struct model *m, const struct fz_write *w)
{
    struct model_row *r = model_find(m, w->table, w->cells);

    if (w->kind == FZ_REMOVE) {
        if (r)
            *r = m->rows[--m->n];
        return true;
    }
    if ((w->kind == FZ_ADD && r) || model_collides(m, w->table, w->cells, r))
        return false;
    fz_assert(r || m->n < ROWS_MAX);
    r = r ? r : &m->rows[m->n++];
    r->table = w->table;
    memcpy(r->cells, w->cells, w->table->columns_n * sizeof(fz_cell));
    return true;
}

static bool model_commit(struct model *m, const struct fz_batch *b)
{
    static struct model before;

    memcpy(&before, m, sizeof(*m));
    for (size_t i = 0; i < b->n; i++)
        if (!model_write(m, &b->writes[i])) {
            memcpy(m, &before, sizeof(*m));
            return false;
        }
    return true;
}

static bool model_has(const struct fz_scan *scan, const fz_cell *cells, const int *columns)
{
    const fz_cell *next;

    for (size_t i = 0; i < scan->prefix_n; i++)
        if (cmp(&cells[columns ? columns[i] : (int)i], &scan->prefix[i]) != 0)
            return false;
    if (!scan->ranged)
        return true;
    next = &cells[columns ? columns[scan->prefix_n] : (int)scan->prefix_n];
    if (next->kind == FZ_CELL_NULL)
        return false;
    return (scan->low.kind == FZ_CELL_NULL || cmp(next, &scan->low) >= 0) && (scan->high.kind == FZ_CELL_NULL || cmp(next, &scan->high) <= 0);
}

static const struct fz_scan *sorting;

static int scan_cmp(const void *a, const void *b)
{
    const fz_cell *x = ((const struct model_row *)a)->cells, *y = ((const struct model_row *)b)->cells;
    const struct fz_table *t = sorting->table;
    int diff = 0;

    for (size_t i = 0; sorting->index >= 0 && diff == 0 && i < t->indexes[sorting->index].columns_n; i++)
        diff = cmp(&x[t->indexes[sorting->index].columns[i]], &y[t->indexes[sorting->index].columns[i]]);
    for (size_t i = 0; diff == 0 && i < t->key_n; i++)
        diff = cmp(&x[i], &y[i]);
    return sorting->backwards ? -diff : diff;
}

/* ---- text ---- */

static void show_cells(struct fz_buf *b, const fz_cell *cells, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (cells[i].kind == FZ_CELL_INT)
            fz_buf_printf(b, "%lld ", (long long)cells[i].n);
        else if (cells[i].kind == FZ_CELL_NULL)
            fz_buf_addz(b, "- ");
        for (size_t k = 0; cells[i].kind == FZ_CELL_BYTES && k <= cells[i].s.n; k++)
            k < cells[i].s.n ? fz_buf_printf(b, "%02x", (unsigned char)cells[i].s.p[k]) : fz_buf_addz(b, "x ");
    }
    fz_buf_addc(b, '\n');
}

static size_t model_scan(const struct model *m, const struct fz_scan *scan, struct fz_buf *out)
{
    static struct model_row found[ROWS_MAX];
    const int *columns = scan->index < 0 ? NULL : scan->table->indexes[scan->index].columns;
    size_t n = 0;

    for (size_t i = 0; i < m->n; i++)
        if (m->rows[i].table == scan->table && model_has(scan, m->rows[i].cells, columns))
            found[n++] = m->rows[i];
    sorting = scan;
    qsort(found, n, sizeof(*found), scan_cmp);
    for (size_t i = 0; i < n && (scan->limit == 0 || i < scan->limit); i++)
        show_cells(out, found[i].cells, scan->table->columns_n);
    return n;
}

struct shown {
    struct fz_buf *out;
    size_t n;
};

static fz_status show_row(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct shown *s = arg;

    (void)err;
    show_cells(s->out, cells, s->n);
    return FZ_OK;
}

/* ---- at random ---- */

static struct fz_arena arena;

static fz_cell random_cell(const struct fz_column *c, bool null)
{
    static const char *const texts[] = {"", "a", "ab", "b", "中", "中文", "ä", "a\1b", "\x7F", "Z"};
    static const size_t lengths[] = {0, 1, 2, 1, 3, 6, 2, 3, 1, 1};
    static const int64_t numbers[] = {0, 1, 2, 3, -1, -2, 255, 256, INT64_MIN, INT64_MAX, 4294967296};
    uint32_t i = pick(10);
    char *p;

    if (null && pick(3) == 0)
        return FZ_CELL_UNSET;
    if (c->kind == FZ_COL_INT)
        return FZ_CELL_OF_INT(numbers[pick(FZ_COUNT(numbers))]);
    if (c->kind == FZ_COL_TEXT || pick(2))
        return FZ_CELL_OF(((fz_str){texts[i], lengths[i]}));
    p = fz_alloc(&arena, 8);
    for (int k = 0; k < 8; k++)
        p[k] = (char)pick(256);
    return FZ_CELL_OF(((fz_str){p, pick(9)}));
}

static struct fz_batch random_batch(void)
{
    size_t n = 1 + pick(WRITES_MAX);
    struct fz_write *writes = FZ_NEW_ARRAY(&arena, struct fz_write, n);

    for (size_t i = 0; i < n; i++) {
        const struct fz_table *t = all_tables[pick(FZ_COUNT(all_tables))];
        fz_cell *cells = FZ_NEW_ARRAY(&arena, fz_cell, t->columns_n);

        for (size_t k = 0; k < t->columns_n; k++)
            cells[k] = random_cell(&t->columns[k], t->columns[k].may_be_null);
        cells[0] = t->columns[0].kind == FZ_COL_INT ? FZ_CELL_OF_INT(pick(2)) : cells[0];
        writes[i] = (struct fz_write){(fz_write_kind)(pick(5) == 0 ? FZ_ADD : pick(3) ? FZ_PUT : FZ_REMOVE), t, cells};
    }
    return (struct fz_batch){writes, n};
}

static struct fz_scan random_scan(void)
{
    const struct fz_table *t = all_tables[pick(FZ_COUNT(all_tables))];
    struct fz_scan s = {.table = t, .index = (int)pick((uint32_t)t->indexes_n + 1) - 1, .backwards = pick(2), .limit = pick(3) ? 0 : 1 + pick(5)};
    size_t order_n = s.index < 0 ? t->key_n : t->indexes[s.index].columns_n;
    fz_cell *prefix = FZ_NEW_ARRAY(&arena, fz_cell, order_n);

    s.prefix_n = pick((uint32_t)order_n + 1);
    s.prefix = prefix;
    for (size_t i = 0; i < order_n; i++) {
        const struct fz_column *c = &t->columns[s.index < 0 ? (int)i : t->indexes[s.index].columns[i]];

        prefix[i] = i == 0 && c->kind == FZ_COL_INT ? FZ_CELL_OF_INT(pick(2)) : random_cell(c, c->may_be_null);
        if (i != s.prefix_n)
            continue;
        s.ranged = pick(2);
        s.low = random_cell(c, true);
        s.high = random_cell(c, true);
    }
    return s;
}

/* ---- the comparison ---- */

static void explain_scan(const struct fz_scan *s, struct fz_buf *b)
{
    fz_buf_printf(b, "scan %s index %d%s%s limit %zu; prefix, low, high:\n", s->table->name, s->index, s->ranged ? " ranged" : "",
                  s->backwards ? " backwards" : "", s->limit);
    show_cells(b, s->prefix, s->prefix_n);
    show_cells(b, &s->low, 1);
    show_cells(b, &s->high, 1);
}

static void expect_same(struct model *m, struct fz_store *s, const struct fz_scan *scan)
{
    struct fz_buf want = {0}, got = {0}, why = {0};
    struct shown shown = {&got, scan->table->columns_n};
    struct fz_error err;
    uint64_t count = 0;
    size_t n = model_scan(m, scan, &want);

    assert_int_equal(fz_store_scan(s, scan, show_row, &shown, &err), FZ_OK);
    assert_int_equal(fz_store_count(s, scan, &count, &err), FZ_OK);
    if (count != n || !fz_str_eq(fz_buf_str(&want), fz_buf_str(&got))) {
        explain_scan(scan, &why);
        fail_msg("%s: %swant %zu:\n%sgot %llu:\n%s", fz_store_name(s), why.p, n, want.p ? want.p : "", (unsigned long long)count,
                 got.p ? got.p : "");
    }
    fz_buf_release(&want);
    fz_buf_release(&got);
}

static void expect_found(struct model *m, struct fz_store *s)
{
    const struct fz_table *t = all_tables[pick(FZ_COUNT(all_tables))];
    const struct model_row *r;
    fz_cell key[FZ_COLUMNS_MAX], *row = NULL;
    struct fz_error err;
    bool found = false;

    r = m->n && pick(2) ? &m->rows[pick((uint32_t)m->n)] : NULL;
    t = r ? r->table : t;
    for (size_t i = 0; i < t->key_n; i++)
        key[i] = r ? r->cells[i] : random_cell(&t->columns[i], false);
    r = model_find(m, t, key);
    assert_int_equal(fz_store_get(s, t, key, &arena, &row, &found, &err), FZ_OK);
    assert_int_equal(found, r != NULL);
    assert_true(!r || alike(row, r->cells, NULL, t->columns_n, true));
}

typedef enum { MEMORY, SQLITE, POSTGRES } engine_kind;

static struct fz_store *open_one(engine_kind kind)
{
    struct fz_store *s = NULL;
    struct fz_error err = {0};

    if (kind == MEMORY)
        s = fz_store_new_memory();
    else if ((kind == SQLITE ? fz_store_open_sqlite(&s, in_folder("store.db"), FZ_READ_WRITE, &err)
                             : fz_store_open_postgres(&s, in_schema(postgres_server()), FZ_READ_WRITE, &err)) != FZ_OK)
        fail_msg("%s", err.text);
    assert_int_equal(fz_store_declare(s, all_tables, FZ_COUNT(all_tables), &err), FZ_OK);
    return s;
}

static void one_round(struct model *m, struct fz_store *s, size_t *io_failed)
{
    struct fz_batch b = random_batch();
    struct fz_error err;
    bool done = model_commit(m, &b);

    assert_int_equal(fz_store_commit(s, &b, &err), done ? FZ_OK : FZ_E_EXISTS);
    *io_failed += !done;
    for (int i = 0; i < SCANS; i++) {
        struct fz_scan scan = random_scan();

        expect_same(m, s, &scan);
    }
    expect_found(m, s);
}

static void against_the_model(engine_kind kind)
{
    static struct model m;
    struct fz_store *s;
    size_t failed = 0;

    m.n = 0;
    make_quick_folder();
    s = open_one(kind);
    for (int round = 0; round < ROUNDS; round++) {
        one_round(&m, s, &failed);
        if (kind != MEMORY && pick(40) == 0) {
            fz_store_close(s);
            s = open_one(kind);
        }
    }
    assert_true(failed > ROUNDS / 50 && failed < ROUNDS); /* both answers were met */
    assert_true(m.n > 100);
    fz_store_close(s);
    fz_arena_release(&arena);
    remove_folder();
}

static void store_model__memory(void **state)
{
    (void)state;
    against_the_model(MEMORY);
}

static void store_model__sqlite(void **state)
{
    (void)state;
    against_the_model(SQLITE);
}

static void store_model__postgres(void **state)
{
    (void)state;
    if (!postgres_server()) {
        printf("# FZ_POSTGRES names no server\n");
        skip();
    }
    make_schema();
    against_the_model(POSTGRES);
    remove_schema();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(store_model__memory), cmocka_unit_test(store_model__sqlite),
                                       cmocka_unit_test(store_model__postgres)};

    seed_from_environment();
    return cmocka_run_group_tests_name("store against a model", tests, NULL, NULL);
}
