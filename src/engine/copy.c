#include "engine/copy.h"

#include "engine/engine_int.h"

#define ROWS_AT_ONCE 10000
#define BYTES_AT_ONCE (4u << 20)

/* The entries last: a log with an entry has what lies beside it. */
static const struct fz_table *const kept[] = {&fz_table_node, &fz_table_head, &fz_table_private, &fz_table_locked, &fz_table_entry};

struct copying {
    struct fz_store *to;
    const struct fz_table *table;
    struct fz_arena arena; /* of the rows that are to be written */
    struct writes writes;
    size_t bytes;
};

static fz_status pour(struct copying *c, struct fz_error *err)
{
    fz_status s = c->writes.n ? fz_store_commit(c->to, &(struct fz_batch){c->writes.items, c->writes.n}, err) : FZ_OK;

    c->writes = (struct writes){0};
    c->bytes = 0;
    fz_arena_reset(&c->arena);
    return s;
}

static fz_status take_row(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct copying *c = arg;
    fz_cell *row = add_write(&c->writes, &c->arena, FZ_ADD, c->table);

    for (size_t i = 0; i < c->table->columns_n; i++) {
        row[i] = cells[i];
        if (cells[i].kind == FZ_CELL_BYTES)
            row[i].s = fz_str_copy(&c->arena, cells[i].s);
        c->bytes += cells[i].s.n;
    }
    return c->writes.n < ROWS_AT_ONCE && c->bytes < BYTES_AT_ONCE ? FZ_OK : pour(c, err);
}

static fz_status copy_tables(struct fz_store *from, struct copying *c, fz_str jurisdiction, struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(jurisdiction)};

    for (size_t i = 0; i < FZ_COUNT(kept); i++) {
        struct fz_scan scan = {.table = c->table = kept[i], .index = -1, .prefix = prefix, .prefix_n = 1};

        FZ_TRY(fz_store_scan(from, &scan, take_row, c, err));
        FZ_TRY(pour(c, err));
    }
    return FZ_OK;
}

fz_status fz_log_copy(struct fz_store *from, struct fz_store *to, fz_str jurisdiction, struct fz_error *err)
{
    struct copying c = {.to = to};
    fz_status s;

    FZ_TRY(fz_store_declare(from, kept, FZ_COUNT(kept), err));
    FZ_TRY(fz_store_declare(to, kept, FZ_COUNT(kept), err));
    fz_arena_init(&c.arena);
    s = fz_store_begin_read(from, err);
    if (s == FZ_OK) {
        s = copy_tables(from, &c, jurisdiction, err);
        fz_store_end_read(from);
    }
    fz_arena_release(&c.arena);
    return s;
}

fz_status fz_log_discard(struct fz_engine *e, struct fz_error *err)
{
    fz_cell place = FZ_CELL_OF(e->set.jurisdiction);

    for (size_t i = FZ_COUNT(kept); i-- > 0;)
        FZ_TRY(fz_store_clear(e->set.store, kept[i], &place, err));
    for (size_t i = 0; i < fz_projections_n; i++)
        FZ_TRY(fz_store_clear(e->set.store, fz_projections[i], &place, err));
    for (size_t i = 0; i < e->kinds_n; i++)
        FZ_TRY(fz_store_clear(e->set.store, e->kinds[i].table, &place, err));
    fz_batch_forget(e);
    return FZ_OK;
}
