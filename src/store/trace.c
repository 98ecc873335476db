/*
 * A driver around a driver that writes down what was asked and answered, a line a call. Names and numbers only: cells can be personal.
 */
#include "store/store_int.h"

#include <stdlib.h>

struct trace {
    struct fz_store base;
    struct fz_store *inner;
    struct fz_buf *out;
};

/* Ends the line and hands the status on. */
static fz_status line_end(struct trace *t, fz_status s)
{
    fz_buf_printf(t->out, ": %s\n", fz_status_id(s));
    return s;
}

static void name_tables(struct fz_buf *b, const char *what, const struct fz_table *const *tables, size_t n)
{
    fz_buf_addz(b, what);
    for (size_t i = 0; i < n; i++)
        fz_buf_printf(b, " %s", tables[i]->name);
}

static fz_status trace_declare(struct fz_store *s, const struct fz_table *const *tables, size_t n, struct fz_error *err)
{
    struct trace *t = (struct trace *)s;

    name_tables(t->out, "declare", tables, n);
    return line_end(t, fz_store_declare(t->inner, tables, n, err));
}

static fz_status trace_drop(struct fz_store *s, const struct fz_table *table, struct fz_error *err)
{
    struct trace *t = (struct trace *)s;

    fz_buf_printf(t->out, "drop %s", table->name);
    return line_end(t, fz_store_drop(t->inner, table, err));
}

static fz_status trace_clear(struct fz_store *s, const struct fz_table *table, const fz_cell *place, struct fz_error *err)
{
    struct trace *t = (struct trace *)s;

    fz_buf_printf(t->out, "clear %s", table->name);
    return line_end(t, fz_store_clear(t->inner, table, place, err));
}

static fz_status trace_commit(struct fz_store *s, const struct fz_batch *batch, struct fz_error *err)
{
    struct trace *t = (struct trace *)s;

    fz_buf_printf(t->out, "commit %zu %s", batch->n, batch->n == 1 ? "write" : "writes");
    return line_end(t, fz_store_commit(t->inner, batch, err));
}

static fz_status trace_get(struct fz_store *s, const struct fz_table *table, const fz_cell *key, struct fz_arena *arena,
                           fz_cell **out_cells, bool *out_found, struct fz_error *err)
{
    struct trace *t = (struct trace *)s;
    fz_status status;

    fz_buf_printf(t->out, "get %s", table->name);
    status = fz_store_get(t->inner, table, key, arena, out_cells, out_found, err);
    if (status == FZ_OK)
        fz_buf_addz(t->out, *out_found ? ", found" : ", none");
    return line_end(t, status);
}

static fz_status trace_get_all(struct fz_store *s, const struct fz_write *rows, size_t n, fz_found_visit *visit, void *arg, struct fz_error *err)
{
    struct trace *t = (struct trace *)s;

    fz_buf_printf(t->out, "get %zu rows", n);
    return line_end(t, fz_store_get_all(t->inner, rows, n, visit, arg, err));
}

/* "scan clock by due, 1 of prefix, range, backwards, at most 10" */
static void name_scan(struct fz_buf *b, const char *what, const struct fz_scan *scan)
{
    fz_buf_printf(b, "%s %s", what, scan->table->name);
    if (scan->index >= 0)
        fz_buf_printf(b, " by %s", scan->table->indexes[scan->index].name);
    if (scan->prefix_n)
        fz_buf_printf(b, ", %zu of prefix", scan->prefix_n);
    fz_buf_addz(b, scan->ranged ? ", range" : "");
    fz_buf_addz(b, scan->backwards ? ", backwards" : "");
    if (scan->limit)
        fz_buf_printf(b, ", at most %zu", scan->limit);
}

struct counting {
    fz_row_visit *visit;
    void *arg;
    size_t rows;
};

static fz_status count_and_visit(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct counting *c = arg;

    c->rows++;
    return c->visit(c->arg, cells, err);
}

/* The line is made apart: the visit may read, and then has lines of its own before this one. */
static fz_status trace_scan(struct fz_store *s, const struct fz_scan *scan, fz_row_visit *visit, void *arg,
                            struct fz_error *err)
{
    struct trace *t = (struct trace *)s;
    struct counting c = {visit, arg, 0};
    fz_status status = fz_store_scan(t->inner, scan, count_and_visit, &c, err);

    name_scan(t->out, "scan", scan);
    fz_buf_printf(t->out, ", %zu %s", c.rows, c.rows == 1 ? "row" : "rows");
    return line_end(t, status);
}

static fz_status trace_count(struct fz_store *s, const struct fz_scan *scan, uint64_t *out_n, struct fz_error *err)
{
    struct trace *t = (struct trace *)s;
    fz_status status;

    name_scan(t->out, "count", scan);
    status = fz_store_count(t->inner, scan, out_n, err);
    if (status == FZ_OK)
        fz_buf_printf(t->out, ", %llu", (unsigned long long)*out_n);
    return line_end(t, status);
}

static bool trace_is_shared(const struct fz_store *s)
{
    return fz_store_is_shared(((const struct trace *)s)->inner);
}

static fz_status trace_hold(struct fz_store *s, const fz_cell *place, struct fz_error *err)
{
    struct trace *t = (struct trace *)s;

    fz_buf_addz(t->out, "hold");
    return line_end(t, fz_store_hold(t->inner, place, err));
}

static void trace_let_go(struct fz_store *s)
{
    struct trace *t = (struct trace *)s;

    fz_store_let_go(t->inner);
    fz_buf_addz(t->out, "let go\n");
}

static fz_status trace_begin_read(struct fz_store *s, struct fz_error *err)
{
    struct trace *t = (struct trace *)s;

    fz_buf_addz(t->out, "begin read");
    return line_end(t, fz_store_begin_read(t->inner, err));
}

static void trace_end_read(struct fz_store *s)
{
    struct trace *t = (struct trace *)s;

    fz_store_end_read(t->inner);
    fz_buf_addz(t->out, "end read\n");
}

static fz_status trace_scrub(struct fz_store *s, const struct fz_table *const *tables, size_t n, bool *out_whole, struct fz_error *err)
{
    struct trace *t = (struct trace *)s;

    name_tables(t->out, "scrub", tables, n);
    return line_end(t, fz_store_scrub(t->inner, tables, n, out_whole, err));
}

static fz_status trace_distribute(struct fz_store *s, bool dry, struct fz_buf *out, struct fz_error *err)
{
    struct trace *t = (struct trace *)s;

    fz_buf_printf(t->out, "distribute%s", dry ? ", dry" : "");
    return line_end(t, fz_store_distribute(t->inner, dry, out, err));
}

static fz_status trace_query(struct fz_store *s, fz_str sql, const fz_cell *params, size_t params_n, fz_row_visit *visit, void *arg,
                             struct fz_error *err)
{
    struct trace *t = (struct trace *)s;
    struct counting c = {visit, arg, 0};
    fz_status status = fz_store_query(t->inner, sql, params, params_n, count_and_visit, &c, err);

    fz_buf_printf(t->out, "query, %zu of parameters, %zu %s", params_n, c.rows, c.rows == 1 ? "row" : "rows");
    return line_end(t, status);
}

static fz_status trace_backup(struct fz_store *s, const char *path, struct fz_error *err)
{
    struct trace *t = (struct trace *)s;

    fz_buf_addz(t->out, "backup");
    return line_end(t, fz_store_backup(t->inner, path, err));
}

static void trace_close(struct fz_store *s)
{
    struct trace *t = (struct trace *)s;

    fz_buf_addz(t->out, "close\n");
    fz_store_close(t->inner);
    free(t);
}

static const struct fz_store_ops trace_ops = {
    .name = "trace",
    .declare = trace_declare,
    .drop = trace_drop,
    .clear = trace_clear,
    .commit = trace_commit,
    .get = trace_get,
    .get_all = trace_get_all,
    .scan = trace_scan,
    .count = trace_count,
    .is_shared = trace_is_shared,
    .hold = trace_hold,
    .let_go = trace_let_go,
    .begin_read = trace_begin_read,
    .end_read = trace_end_read,
    .scrub = trace_scrub,
    .distribute = trace_distribute,
    .backup = trace_backup,
    .close = trace_close,
    .query = trace_query,
};

struct fz_store *fz_store_new_trace(struct fz_store *inner, struct fz_buf *out)
{
    struct trace *t = calloc(1, sizeof(*t));

    fz_assert(t);
    fz_store_init(&t->base, &trace_ops, inner->mode);
    t->base.queries = inner->queries;
    t->inner = inner;
    t->out = out;
    return &t->base;
}
