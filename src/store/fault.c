/*
 * A driver around a driver in which the n-th call goes wrong, once: so that a test can try every call of a run, one after the other.
 */
#include "store/store_int.h"

#include <stdlib.h>
#include <unistd.h>

#define EXIT_STATUS 86

struct fault {
    struct fz_store base;
    struct fz_store *inner;
    uint64_t calls, at_call;
    fz_fault kind;
};

/* Counts a call. Whether it is the one. */
static bool strikes(struct fault *f)
{
    f->calls++;
    if (f->calls != f->at_call)
        return false;
    if (f->kind == FZ_FAULT_EXIT)
        _exit(EXIT_STATUS);
    return true;
}

static fz_status fail(const struct fault *f, struct fz_error *err)
{
    return fz_fail(err, f->kind == FZ_FAULT_FULL ? FZ_E_FULL : FZ_E_IO, "call %llu was made to fail",
                   (unsigned long long)f->calls);
}

/* The call is made unless it is to fail. With FZ_FAULT_EXIT_AFTER it is the last thing that is done. */
#define THROUGH(f, err, call)                                                                                          \
    do {                                                                                                               \
        bool struck = strikes(f);                                                                                      \
        fz_status through_status;                                                                                      \
                                                                                                                       \
        if (struck && (f)->kind != FZ_FAULT_EXIT_AFTER)                                                                \
            return fail((f), (err));                                                                                   \
        through_status = (call);                                                                                       \
        if (struck)                                                                                                    \
            _exit(EXIT_STATUS);                                                                                        \
        return through_status;                                                                                         \
    } while (0)

static fz_status fault_declare(struct fz_store *s, const struct fz_table *const *tables, size_t n, struct fz_error *err)
{
    struct fault *f = (struct fault *)s;

    THROUGH(f, err, fz_store_declare(f->inner, tables, n, err));
}

static fz_status fault_drop(struct fz_store *s, const struct fz_table *table, struct fz_error *err)
{
    struct fault *f = (struct fault *)s;

    THROUGH(f, err, fz_store_drop(f->inner, table, err));
}

static fz_status fault_clear(struct fz_store *s, const struct fz_table *table, const fz_cell *place, struct fz_error *err)
{
    struct fault *f = (struct fault *)s;

    THROUGH(f, err, fz_store_clear(f->inner, table, place, err));
}

static fz_status unsure(const struct fault *f, struct fz_error *err)
{
    return fz_fail(err, FZ_E_UNSURE, "call %llu was made to break off", (unsigned long long)f->calls);
}

static fz_status fault_commit(struct fz_store *s, const struct fz_batch *batch, struct fz_error *err)
{
    struct fault *f = (struct fault *)s;
    fz_status status;

    if (!strikes(f))
        return fz_store_commit(f->inner, batch, err);
    if (f->kind == FZ_FAULT_LOST)
        return unsure(f, err);
    if (f->kind != FZ_FAULT_UNSURE && f->kind != FZ_FAULT_EXIT_AFTER)
        return fail(f, err);
    status = fz_store_commit(f->inner, batch, NULL);
    if (f->kind == FZ_FAULT_EXIT_AFTER)
        _exit(EXIT_STATUS);
    (void)status; /* the answer was on its way when the connection broke */
    return unsure(f, err);
}

static fz_status fault_get(struct fz_store *s, const struct fz_table *table, const fz_cell *key, struct fz_arena *arena,
                           fz_cell **out_cells, bool *out_found, struct fz_error *err)
{
    struct fault *f = (struct fault *)s;

    THROUGH(f, err, fz_store_get(f->inner, table, key, arena, out_cells, out_found, err));
}

static fz_status fault_get_all(struct fz_store *s, const struct fz_write *rows, size_t n, fz_found_visit *visit, void *arg, struct fz_error *err)
{
    struct fault *f = (struct fault *)s;

    THROUGH(f, err, fz_store_get_all(f->inner, rows, n, visit, arg, err));
}

static fz_status fault_scan(struct fz_store *s, const struct fz_scan *scan, fz_row_visit *visit, void *arg,
                            struct fz_error *err)
{
    struct fault *f = (struct fault *)s;

    THROUGH(f, err, fz_store_scan(f->inner, scan, visit, arg, err));
}

static fz_status fault_count(struct fz_store *s, const struct fz_scan *scan, uint64_t *out_n, struct fz_error *err)
{
    struct fault *f = (struct fault *)s;

    THROUGH(f, err, fz_store_count(f->inner, scan, out_n, err));
}

static bool fault_is_shared(const struct fz_store *s)
{
    return fz_store_is_shared(((const struct fault *)s)->inner);
}

static fz_status fault_hold(struct fz_store *s, const fz_cell *place, struct fz_error *err)
{
    struct fault *f = (struct fault *)s;

    THROUGH(f, err, fz_store_hold(f->inner, place, err));
}

/* As the end of a read. */
static void fault_let_go(struct fz_store *s)
{
    fz_store_let_go(((struct fault *)s)->inner);
}

static fz_status fault_begin_read(struct fz_store *s, struct fz_error *err)
{
    struct fault *f = (struct fault *)s;

    THROUGH(f, err, fz_store_begin_read(f->inner, err));
}

/* Cannot fail, and is no call of its own: nothing is asked. */
static void fault_end_read(struct fz_store *s)
{
    fz_store_end_read(((struct fault *)s)->inner);
}

static fz_status fault_scrub(struct fz_store *s, const struct fz_table *const *tables, size_t n, bool *out_whole, struct fz_error *err)
{
    struct fault *f = (struct fault *)s;

    THROUGH(f, err, fz_store_scrub(f->inner, tables, n, out_whole, err));
}

static fz_status fault_distribute(struct fz_store *s, bool dry, struct fz_buf *out, struct fz_error *err)
{
    struct fault *f = (struct fault *)s;

    THROUGH(f, err, fz_store_distribute(f->inner, dry, out, err));
}

static fz_status fault_query(struct fz_store *s, fz_str sql, const fz_cell *params, size_t params_n, fz_row_visit *visit, void *arg,
                             struct fz_error *err)
{
    struct fault *f = (struct fault *)s;

    THROUGH(f, err, fz_store_query(f->inner, sql, params, params_n, visit, arg, err));
}

static fz_status fault_backup(struct fz_store *s, const char *path, struct fz_error *err)
{
    struct fault *f = (struct fault *)s;

    THROUGH(f, err, fz_store_backup(f->inner, path, err));
}

static void fault_close(struct fz_store *s)
{
    struct fault *f = (struct fault *)s;

    fz_store_close(f->inner);
    free(f);
}

static const struct fz_store_ops fault_ops = {
    .name = "fault",
    .declare = fault_declare,
    .drop = fault_drop,
    .clear = fault_clear,
    .commit = fault_commit,
    .get = fault_get,
    .get_all = fault_get_all,
    .scan = fault_scan,
    .count = fault_count,
    .is_shared = fault_is_shared,
    .hold = fault_hold,
    .let_go = fault_let_go,
    .begin_read = fault_begin_read,
    .end_read = fault_end_read,
    .scrub = fault_scrub,
    .distribute = fault_distribute,
    .backup = fault_backup,
    .close = fault_close,
    .query = fault_query,
};

struct fz_store *fz_store_new_fault(struct fz_store *inner, uint64_t at_call, fz_fault fault)
{
    struct fault *f = calloc(1, sizeof(*f));

    fz_assert(f);
    fz_store_init(&f->base, &fault_ops, inner->mode);
    f->base.queries = inner->queries;
    f->inner = inner;
    f->at_call = at_call;
    f->kind = fault;
    return &f->base;
}

uint64_t fz_store_fault_calls(const struct fz_store *s)
{
    fz_assert(s->ops == &fault_ops);
    return ((const struct fault *)s)->calls;
}
