/* What the suite of stores and the tests of single drivers share: a store, rows put and rows expected, work in processes of its own. */
#ifndef FZ_TESTS_ROWS_H
#define FZ_TESTS_ROWS_H

#include "support.h"

#include <sys/wait.h>

#include "stores.h"

static struct fz_store *store;
static struct fz_arena arena;
static struct fz_error err;

static inline void declare_all(struct fz_store *s)
{
    assert_int_equal(fz_store_declare(s, all_tables, FZ_COUNT(all_tables), &err), FZ_OK);
}

/* ---- short hands ---- */

static inline fz_status commit(struct fz_store *s, const struct fz_write *writes, size_t n)
{
    return fz_store_commit(s, &(struct fz_batch){writes, n}, &err);
}

static inline fz_status write_row(fz_write_kind kind, const struct fz_table *t, const fz_cell *cells)
{
    return commit(store, &(struct fz_write){kind, t, cells}, 1);
}

#define PUT(t, ...) assert_int_equal(write_row(FZ_PUT, &(t), CELLS(__VA_ARGS__)), FZ_OK)

static inline void show_cell(struct fz_buf *b, const fz_cell *c)
{
    if (c->kind == FZ_CELL_NULL)
        fz_buf_addc(b, '-');
    else if (c->kind == FZ_CELL_INT)
        fz_buf_printf(b, "%lld", (long long)c->n);
    else if (c->s.n > 40)
        fz_buf_printf(b, "<%zu bytes>", c->s.n);
    else
        fz_buf_json(b, c->s);
}

struct shown {
    struct fz_buf text;
    const struct fz_table *table;
};

static inline fz_status show_row(void *arg, const fz_cell *cells, struct fz_error *e)
{
    struct shown *s = arg;

    (void)e;
    for (size_t i = 0; i < s->table->columns_n; i++) {
        fz_buf_addz(&s->text, i ? " " : "");
        show_cell(&s->text, &cells[i]);
    }
    fz_buf_addc(&s->text, '\n');
    return FZ_OK;
}

static inline void expect_rows_in(struct fz_store *s, struct fz_scan scan, const char *want)
{
    struct shown got = {.table = scan.table};
    uint64_t n = 0, lines_n = 0;

    fz_buf_addz(&got.text, "");
    assert_int_equal(fz_store_scan(s, &scan, show_row, &got, &err), FZ_OK);
    assert_string_equal(got.text.p, want);
    assert_int_equal(fz_store_count(s, &scan, &n, &err), FZ_OK);
    for (const char *p = want; *p; p++)
        lines_n += *p == '\n';
    if (!scan.limit)
        assert_int_equal(n, lines_n);
    fz_buf_release(&got.text);
}

/* Rows wanted, table, index, then what else of the scan. */
#define EXPECT(want, t, ...) expect_rows_in(store, (struct fz_scan){t, __VA_ARGS__}, want)

static inline void fill_orders(void)
{
    PUT(order, S("a"), I(3), S("g"), I(-5), NIL);
    PUT(order, S("a"), I(1), S("h"), I(7), S("x"));
    PUT(order, S("a"), I(2), S("g"), I(7), NIL);
    PUT(order, S("a"), I(4), S("h"), NIL, NIL);
    PUT(order, S("a"), I(-4), S("g"), NIL, S("y"));
    PUT(order, S("b"), I(1), S("g"), I(7), S("x"));
}

/* ---- processes ---- */

/* What of `f` runs in a process of its own, which ends with its answer. */
static inline pid_t in_child(int (*f)(void))
{
    pid_t child;

    fflush(NULL);
    child = fork();
    if (child == 0)
        _exit(f());
    assert_true(child > 0);
    return child;
}

static inline int exit_of(pid_t child)
{
    int status = 0;

    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* ---- batches that are seen whole ---- */

enum { BATCHES = 150, BATCH_ROWS = 20 };

/* How a process of its own opens the store that is written to. */
static fz_status (*open_to_write)(struct fz_store **out);

/* Batch n writes 20 rows over with its number and puts one more. */
static inline int write_batches(void)
{
    if (open_to_write(&store) != FZ_OK || fz_store_declare(store, all_tables, FZ_COUNT(all_tables), &err) != FZ_OK)
        return 1;
    for (int b = 1; b <= BATCHES; b++) {
        fz_cell cells[BATCH_ROWS + 1][5];
        struct fz_write writes[BATCH_ROWS + 1];

        for (int i = 0; i <= BATCH_ROWS; i++) {
            memcpy(cells[i], CELLS(S("a"), I(i < BATCH_ROWS ? i : BATCH_ROWS + b), S("g"), I(b), NIL), sizeof(cells[i]));
            writes[i] = (struct fz_write){FZ_PUT, &order, cells[i]};
        }
        if (commit(store, writes, BATCH_ROWS + 1) != FZ_OK)
            return 2;
    }
    fz_store_close(store);
    return 0;
}

struct seen {
    int64_t first, rows, last;
    bool torn;
};

static inline fz_status see(void *arg, const fz_cell *cells, struct fz_error *e)
{
    struct seen *s = arg;

    (void)e;
    if (s->rows == 0)
        s->first = cells[3].n;
    if (cells[1].n < BATCH_ROWS)
        s->torn = s->torn || cells[3].n != s->first;
    s->last = cells[1].n;
    s->rows++;
    return FZ_OK;
}

/* The number of the batch that is seen; all of it, and none behind. */
static inline int64_t whole_batch(struct fz_store *s)
{
    struct seen x = {0};

    if (fz_store_scan(s, &(struct fz_scan){.table = &order, .index = -1}, see, &x, &err) != FZ_OK)
        fail_msg("%s", err.text);
    assert_false(x.torn);
    assert_int_equal(x.rows, x.first ? BATCH_ROWS + x.first : 0);
    assert_int_equal(x.last, x.first ? BATCH_ROWS + x.first : 0);
    return x.first;
}

/* ---- opened again ---- */

static inline void expect_refusal(fz_status got, const struct fz_store *s, fz_status want, const char *words)
{
    assert_int_equal(got, want);
    assert_null(s);
    if (!strstr(err.text, words))
        fail_msg("\"%s\" is not in: %s", words, err.text);
}

/* `open` makes `store` what is tested. */
static inline void expect_all_when_reopened(void (*open)(void))
{
    open();
    fill_orders();
    PUT(entry, I(1), I(1), S("r"), S("\0\xFF"), S("法治"));
    fz_store_close(store);
    open();
    EXPECT("\"a\" 3 \"g\" -5 -\n", &order, 0, .prefix = CELLS(S("a"), I(-5)), .prefix_n = 2);
    EXPECT("1 1 \"r\" \"\\u0000\xEF\xBF\xBD\" \"法治\"\n", &entry, 1);
    assert_int_equal(write_row(FZ_ADD, &order, CELLS(S("a"), I(1), S("g"), NIL, NIL)), FZ_E_EXISTS);
}

/* ---- a longer table ---- */

static unsigned fills;

static inline void fill_entries(struct fz_store *s, int64_t n, size_t body_bytes)
{
    char *body = malloc(body_bytes + 1);
    fz_cell(*cells)[5] = calloc((size_t)n, sizeof(*cells));
    struct fz_write *writes = calloc((size_t)n, sizeof(*writes));

    memset(body, 'b', body_bytes);
    if (body_bytes > 1000)
        for (size_t i = 0; i < body_bytes - 1; i += 1000) /* SQLite writes no page that stays as it is */
            body[i] = (char)('a' + fills % 26);
    fills++;
    for (int64_t i = 0; i < n; i++) {
        memcpy(cells[i], CELLS(I(1), I(i), S("r"), FZ_CELL_OF(((fz_str){body, body_bytes})), NIL), sizeof(cells[i]));
        writes[i] = (struct fz_write){FZ_PUT, &entry, cells[i]};
    }
    assert_int_equal(commit(s, writes, (size_t)n), FZ_OK);
    free(cells);
    free(writes);
    free(body);
}

static inline uint64_t count_of(struct fz_store *s, const struct fz_table *t)
{
    uint64_t n = 0;

    assert_int_equal(fz_store_count(s, &(struct fz_scan){.table = t, .index = -1}, &n, &err), FZ_OK);
    return n;
}

/* ---- bytes in files ---- */

/* How many files under `path` have these bytes; their names go to standard output. */
static inline int files_with_bytes(const char *path, const char *bytes)
{
    char command[400];
    int n = 0;
    FILE *f;

    snprintf(command, sizeof(command), "grep -rlaF -- '%s' '%s'", bytes, path);
    f = popen(command, "r");
    fz_assert(f);
    for (char line[300]; fgets(line, sizeof(line), f); n++)
        printf("# %s", line);
    pclose(f);
    return n;
}

#endif
