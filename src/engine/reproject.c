/* Folds records over a new calendar, and compares. The rows are those of project.c, so that a rebuild gives the same. */
#include "engine/reproject.h"

#include "engine/engine_int.h"

#define WRITES_AT_ONCE 20000
#define RECORDS_AT_ONCE 2000 /* folded into the arena of the writes, whether they move or not */

struct again {
    struct fz_engine *e;
    struct fz_arena arena; /* of the writes not yet made */
    struct writes writes;
    size_t records; /* in it */
    bool makes;
    const struct fz_calendar **before; /* of each kind, until now */
    fz_move_visit *visit;
    void *arg;
};

/* The rows of one record as they are stored. */
struct stored {
    struct fz_arena *arena;
    fz_cell **items;
    size_t n, cap;
};

static fz_status take_row(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct stored *s = arg;
    fz_cell *row = FZ_NEW_ARRAY(s->arena, fz_cell, FZ_CLOCK_COLUMNS);

    (void)err;
    memcpy(row, cells, FZ_CLOCK_COLUMNS * sizeof(*row));
    row[FZ_CLOCK_NAME].s = fz_str_copy(s->arena, row[FZ_CLOCK_NAME].s);
    FZ_PUSH(s->arena, s, items, n, cap) = row;
    return FZ_OK;
}

static fz_status stored_rows(struct fz_engine *e, const struct live *l, struct stored *out, struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(e->set.jurisdiction), FZ_CELL_OF(l->id)};
    struct fz_scan scan = {.table = &fz_table_clock, .index = -1, .prefix = prefix, .prefix_n = 2};

    *out = (struct stored){.arena = l->arena};
    return fz_store_scan(e->set.store, &scan, take_row, out, err);
}

static fz_day day_of(const fz_cell *c)
{
    return c->kind == FZ_CELL_INT ? (fz_day)c->n : FZ_DAY_NONE;
}

/* As the record in memory would have them, had it been folded before. */
static void take_rows(struct live *l, const struct stored *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const fz_cell *row = s->items[i];
        int clock = fz_clock_find(l->kind->r, row[FZ_CLOCK_NAME].s);
        fz_day swept = row[FZ_CLOCK_OPEN].n ? day_of(&row[FZ_CLOCK_DUE]) : FZ_DAY_NONE;

        if (clock != FZ_NONE)
            FZ_PUSH(l->arena, &l->rows, items, n, cap) =
                (struct clock_row){clock, (size_t)row[FZ_CLOCK_INSTANCE].n, swept};
    }
}

static const fz_cell *row_of(const struct live *l, const struct stored *s, int clock, size_t instance)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->items[i][FZ_CLOCK_INSTANCE].n == (int64_t)instance &&
            fz_str_eq(s->items[i][FZ_CLOCK_NAME].s, l->kind->r->clocks[clock].name))
            return s->items[i];
    return NULL;
}

static bool is_same(const fz_cell *row, const struct fz_clock_look *look, bool open)
{
    return row && day_of(&row[FZ_CLOCK_FROM]) == look->from && day_of(&row[FZ_CLOCK_DUE]) == look->due &&
           day_of(&row[FZ_CLOCK_STOPPED]) == look->stopped && row[FZ_CLOCK_LATE].n == look->late &&
           row[FZ_CLOCK_OPEN].n == open;
}

static fz_status look_at(struct again *a, const struct live *l, const struct stored *s, int clock, size_t instance,
                         size_t *io_there, bool *io_moves, struct fz_error *err)
{
    fz_view v = {l->c, NULL, l->cal, l->changed};
    struct fz_clock_look look = fz_clock_look(&v, clock, instance);
    const fz_cell *row = row_of(l, s, clock, instance);
    bool has = look.started && look.applies, open = look.stopped == FZ_DAY_NONE && !fz_case_ended(l->c);
    struct fz_move m = {.record = l->id,
                        .clock = l->kind->r->clocks[clock].name,
                        .title = l->kind->r->clocks[clock].title,
                        .instance = instance,
                        .from = row ? day_of(&row[FZ_CLOCK_DUE]) : FZ_DAY_NONE,
                        .to = has ? look.due : FZ_DAY_NONE,
                        .open = open,
                        .provisional = look.provisional,
                        .cal = l->cal};

    *io_there += row != NULL;
    *io_moves |= has ? !is_same(row, &look, open) : row != NULL;
    return (has || row) && (m.from != m.to || open) ? a->visit(a->arg, &m, err) : FZ_OK;
}

static fz_status fold(struct again *a, struct live *l, const struct raw *raws, size_t n, struct fz_error *err)
{
    for (size_t i = 0; i < n; i++) {
        struct fz_privates privates = {0};
        struct fz_entry entry;

        if (!fz_engine_decode(l->arena, fz_str_copy(l->arena, raws[i].bytes), &entry))
            return fz_fail(err, FZ_E_INPUT, "entry %lld cannot be read; `fazhi verify` says more",
                           (long long)raws[i].seq);
        if (entry.commitments_n)
            FZ_TRY(fz_privates_of(a->e, a->e->set.store, entry.seq, l->arena, &privates, err));
        FZ_TRY(fz_live_take(a->e, l, &entry, privates.items, privates.n, err));
    }
    return FZ_OK;
}

static fz_status pour(struct again *a, struct fz_error *err)
{
    fz_status s =
        a->writes.n ? fz_store_commit(a->e->set.store, &(struct fz_batch){a->writes.items, a->writes.n}, err) : FZ_OK;

    a->writes = (struct writes){0};
    a->records = 0;
    fz_arena_reset(&a->arena);
    return s;
}

static bool same_row(const struct fz_write *a, const struct fz_write *b)
{
    bool same = a->table == b->table;

    for (size_t i = 0; same && i < a->table->columns_n; i++)
        same = a->cells[i].kind == b->cells[i].kind && a->cells[i].n == b->cells[i].n && fz_str_eq(a->cells[i].s, b->cells[i].s);
    return same;
}

/* What an act counts for hangs on clocks as they stood at its moment: the rows under the calendar before, and now. */
static void move_acts(struct again *a, const struct live *l)
{
    struct live before = *l;
    struct writes old = {0}, now = {0};

    before.cal = a->before[l->kind - a->e->kinds];
    fz_project_acts(a->e, &before, FZ_REMOVE, l->arena, &old);
    fz_project_acts(a->e, l, FZ_PUT, l->arena, &now);
    /* What goes goes first: another act may have its key now. */
    for (size_t i = 0; i < old.n; i++)
        if (i >= now.n || !same_row(&old.items[i], &now.items[i]))
            FZ_PUSH(l->arena, &a->writes, items, n, cap) = old.items[i];
    for (size_t i = 0; i < now.n; i++)
        if (i >= old.n || !same_row(&old.items[i], &now.items[i]))
            FZ_PUSH(l->arena, &a->writes, items, n, cap) = now.items[i];
}

static fz_status visit_record(void *arg, fz_str record, const struct raw *raws, size_t n, struct fz_arena *arena,
                              struct fz_error *err)
{
    struct again *a = arg;
    struct live l = {.arena = a->makes ? &a->arena : arena};
    struct stored stored;
    size_t there = 0;
    bool moves = false;

    l.id = fz_str_copy(l.arena, record);
    FZ_TRY(fold(a, &l, raws, n, err));
    FZ_TRY(stored_rows(a->e, &l, &stored, err));
    take_rows(&l, &stored);
    for (int k = 0; k < (int)l.kind->r->clocks_n; k++)
        for (size_t i = 0; i < fz_clock_instances(l.c, k); i++)
            FZ_TRY(look_at(a, &l, &stored, k, i, &there, &moves, err));
    if (!a->makes)
        return FZ_OK;
    move_acts(a, &l);
    if (moves || there != stored.n)
        fz_project_record(a->e, &l, l.arena, &a->writes);
    a->records++;
    return a->writes.n >= WRITES_AT_ONCE || a->records == RECORDS_AT_ONCE ? pour(a, err) : FZ_OK;
}

/* The calendars that counted until now, and then those that count from now on. */
static fz_status change_calendars(struct again *a, void (*change)(void *arg), struct fz_arena *arena,
                                  struct fz_error *err)
{
    struct fz_engine *e = a->e;

    a->before = FZ_NEW_ARRAY(arena, const struct fz_calendar *, e->kinds_n);
    for (size_t i = 0; i < e->kinds_n; i++) {
        FZ_TRY(fz_kind_calendar(e, &e->kinds[i], err));
        a->before[i] = e->kinds[i].cal;
        e->kinds[i].cal_known = false;
    }
    change(a->arg);
    return FZ_OK;
}

fz_status fz_engine_reproject(struct fz_engine *e, bool writes, void (*change)(void *arg), fz_move_visit *visit,
                              void *arg, struct fz_error *err)
{
    struct again a = {.e = e, .makes = writes, .visit = visit, .arg = arg};
    struct fz_arena noted;
    fz_status s;

    fz_assert(!e->open && !e->flight);
    fz_arena_init(&a.arena);
    fz_arena_init(&noted);
    s = change_calendars(&a, change, &noted, err);
    if (s == FZ_OK)
        s = fz_walk(e, e->set.store, (fz_str){0}, (fz_str){0}, visit_record, &a, err);
    if (s == FZ_OK)
        s = pour(&a, err);
    fz_arena_release(&noted);
    fz_arena_release(&a.arena);
    fz_batch_forget(e); /* what is in memory counted by the calendar before */
    return s;
}
