/*
 * What the drivers share. A driver is one table of functions; store.c stands before it and asserts the contract on both sides, so that a driver
 * sees only writes and scans that fit their tables, and a caller only rows that do.
 */
#ifndef FZ_STORE_STORE_INT_H
#define FZ_STORE_STORE_INT_H

#include "store/store.h"

/**
 * What a driver does. Each function is called with declared tables only (drop apart, which goes by the name), with cells that fit their columns,
 * and never from within the visit of a scan, reads apart. After a failure of any of them the store is as it was before the call; FZ_E_UNSURE
 * alone leaves that open.
 */
struct fz_store_ops {
    const char *name;

    /** All tables or none. A read-only store makes none: a missing one is FZ_E_SCHEMA. */
    fz_status (*declare)(struct fz_store *s, const struct fz_table *const *tables, size_t n, struct fz_error *err);
    /** Goes by the name: the table that is there may have another form than `table`. None there is no failure. */
    fz_status (*drop)(struct fz_store *s, const struct fz_table *table, struct fz_error *err);
    /** NULL: row by row. */
    fz_status (*clear)(struct fz_store *s, const struct fz_table *table, const fz_cell *place, struct fz_error *err);
    /** After a crash at any moment before it returned, all of the batch is there or none; once it returned FZ_OK, all. */
    fz_status (*commit)(struct fz_store *s, const struct fz_batch *batch, struct fz_error *err);
    fz_status (*get)(struct fz_store *s, const struct fz_table *table, const fz_cell *key, struct fz_arena *arena,
                     fz_cell **out_cells, bool *out_found, struct fz_error *err);
    /** NULL: one by one. */
    fz_status (*get_all)(struct fz_store *s, const struct fz_write *rows, size_t n, fz_found_visit *visit, void *arg, struct fz_error *err);
    /** Sees one state from its first row to its last. */
    fz_status (*scan)(struct fz_store *s, const struct fz_scan *scan, fz_row_visit *visit, void *arg,
                      struct fz_error *err);
    fz_status (*count)(struct fz_store *s, const struct fz_scan *scan, uint64_t *out_n, struct fz_error *err);
    /** NULL: nobody else writes. */
    bool (*is_shared)(const struct fz_store *s);
    /** Never nested. Both NULL: nobody else writes. */
    fz_status (*hold)(struct fz_store *s, const fz_cell *place, struct fz_error *err);
    void (*let_go)(struct fz_store *s);
    /** Never nested; no write, declaration or drop comes before end_read. Both NULL: one state anyway. */
    fz_status (*begin_read)(struct fz_store *s, struct fz_error *err);
    void (*end_read)(struct fz_store *s);
    /** NULL: nothing is left of a removed row. `*out_whole` is true before. */
    fz_status (*scrub)(struct fz_store *s, const struct fz_table *const *tables, size_t n, bool *out_whole, struct fz_error *err);
    /** NULL: there are no nodes. */
    fz_status (*distribute)(struct fz_store *s, bool dry, struct fz_buf *out, struct fz_error *err);
    /** NULL: this driver has none. */
    fz_status (*backup)(struct fz_store *s, const char *path, struct fz_error *err);
    void (*close)(struct fz_store *s);
    /** NULL: this driver has no SQL. Reads only; sees one state, as a scan does. */
    fz_status (*query)(struct fz_store *s, fz_str sql, const fz_cell *params, size_t params_n, fz_row_visit *visit, void *arg, struct fz_error *err);
};

/* First member of every driver's own struct. */
struct fz_store {
    const struct fz_store_ops *ops;
    fz_store_mode mode;
    bool queries;          /* has SQL; of a driver around a driver: that one has */
    int visits;            /* scans whose visit is running */
    int reads;             /* fz_store_begin_read() without its end */
    bool holds;            /* fz_store_hold() without its fz_store_let_go() */
    struct fz_arena arena; /* the list below */
    const struct fz_table **declared;
    size_t declared_n, declared_cap;
};

/** What an allocation gave. As past every door (base.h): it does not fail. */
static inline void *fz_must(void *p)
{
    fz_assert(p);
    return p;
}

void fz_store_init(struct fz_store *s, const struct fz_store_ops *ops, fz_store_mode mode);

/** The columns of a scan's order: of the index, or of the key when index is -1. */
const int *fz_order_of(const struct fz_table *table, int index, size_t *out_n);
/** NULL, integers, bytes. */
int fz_cell_cmp(const fz_cell *a, const fz_cell *b);
static inline bool fz_cell_fits(const struct fz_column *column, const fz_cell *cell)
{
    if (cell->kind == FZ_CELL_NULL)
        return column->may_be_null;
    return cell->kind == (column->kind == FZ_COL_INT ? FZ_CELL_INT : FZ_CELL_BYTES);
}
/** A table's form in words, by which two are compared: "case (place text, id int, note text null) key 2, by_note (0 2) unique". */
void fz_table_form(struct fz_buf *out, const struct fz_table *table);
/** Cells of a row into an arena, bytes and all. */
fz_cell *fz_cells_copy(struct fz_arena *arena, const fz_cell *cells, size_t n);
/** FZ_E_EXISTS for the write of that number, counted from 1. Names no value: keys can be personal. */
fz_status fz_store_exists(const struct fz_table *table, size_t number, struct fz_error *err);

#endif
