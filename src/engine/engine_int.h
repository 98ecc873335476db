/* For engine.c, project.c and verify.c alone. */
#ifndef FZ_ENGINE_ENGINE_INT_H
#define FZ_ENGINE_ENGINE_INT_H

#include "base/lookup.h"
#include "engine/engine.h"

/* A record type of a pack, with its typed table. */
struct kind {
    const struct fz_pack *pack;
    const struct fz_record *r;
    const struct fz_table *table;
};

struct fz_engine {
    struct fz_setting set;
    struct fz_arena arena; /* as long as the engine */
    struct fz_arena batch; /* one batch */
    struct kind *kinds;
    size_t kinds_n;
    fz_tree tree;
    int64_t at_ms; /* of the last entry */
};

/* Rows to write, in order. */
struct writes {
    struct fz_write *items;
    size_t n, cap;
};

static inline fz_cell *add_write(struct writes *w, struct fz_arena *arena, fz_write_kind kind, const struct fz_table *t)
{
    fz_cell *cells = FZ_NEW_ARRAY(arena, fz_cell, t->columns_n);

    FZ_PUSH(arena, w, items, n, cap) = (struct fz_write){kind, t, cells};
    return cells;
}

/* A record that is open in a batch. */
struct live {
    fz_str id, organ, number;
    const struct kind *kind;
    const struct fz_calendar *cal;
    struct fz_case *c;
    int64_t steps;
    fz_day opened, changed; /* days of the first and the last entry */
    bool moved;             /* by this batch */
    struct clock_row *rows; /* of clocks, as the store has them */
    size_t rows_n;
};

/* A clock instance that has a row. */
struct clock_row {
    int clock;
    size_t instance;
};

/** The rows of one entry. */
void fz_project_entry(struct fz_engine *e, const struct live *l, const struct fz_entry *entry, struct fz_arena *arena, struct writes *out);
/** The rows of a record as it stands after its last entry: where it is, its public values, its clocks. Those of l->rows that hold no longer are removed. */
void fz_project_record(struct fz_engine *e, const struct live *l, struct fz_arena *arena, struct writes *out);
/** The clocks that have a row, for l->rows. */
void fz_clock_rows(struct live *l, struct fz_arena *arena);

/** Newest version of the pack and type in force on `day` (the oldest before it began); NULL when there is none. `pack` may be empty. */
const struct kind *fz_kind_on(const struct fz_engine *e, fz_str pack, fz_str type, fz_day day);
const struct kind *fz_kind_of(const struct fz_engine *e, fz_str pack, fz_str type, fz_str version);

/** Reads an entry as stored; `out` keeps pointing into `bytes`, so they live in `arena` or longer. False when they are none. */
bool fz_engine_decode(struct fz_arena *arena, fz_str bytes, struct fz_entry *out);
/** Takes one entry of a record onto a live one (c NULL: it begins here). `privates` may be empty. */
fz_status fz_live_take(struct fz_engine *e, struct live *l, const struct fz_entry *entry, const struct fz_private *privates, size_t n, struct fz_arena *arena,
                       struct fz_step *out_step, struct fz_error *err);
fz_status fz_privates_of(struct fz_engine *e, int64_t seq, struct fz_arena *arena, struct fz_privates *out, struct fz_error *err);

#endif
