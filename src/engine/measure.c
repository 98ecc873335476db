/*
 * What an act brings to figures that are no counts: rows of `measure`. A sum, a mean and a count of different values get what the act says. A stock gets
 * a difference: where the record stands in it after the act (in it or not, and with which dimensions) against where it stood before. So the stock of
 * any day is the sum of what came until then, and no record is folded to count it.
 *
 * Days of a stock never go back within a record: an act that was entered later and happened earlier counts from the day of the latest one before it, for
 * only then did the record stand as the act found it.
 */
#include "engine/engine_int.h"

static bool is_ours(const struct kind *k, const struct fz_indicator *ind)
{
    return fz_indicator_is_measured(ind) && &k->pack->records[ind->record] == k->r;
}

static bool has_measures(const struct kind *k, bool stocks)
{
    for (size_t i = 0; i < k->pack->indicators_n; i++)
        if (is_ours(k, &k->pack->indicators[i]) && (k->pack->indicators[i].kind == FZ_STOCK_OF) == stocks)
            return true;
    return false;
}

static fz_str dims_of(const struct kind *k, const fz_view *v, const struct fz_indicator *ind, struct fz_arena *arena)
{
    struct fz_buf dims = {0};
    fz_str s;

    for (size_t i = 0; i < ind->by.n; i++)
        fz_project_dimension(k, v, ind->by.items[i], &dims);
    s = dims.n ? fz_str_copy(arena, fz_buf_str(&dims)) : FZ_STR("");
    fz_buf_release(&dims);
    return s;
}

/* What an act measures, still without day and amount. */
struct measuring {
    struct fz_engine *e;
    const struct live *l;
    const struct done *d;
    fz_write_kind kind;
    struct fz_arena *arena;
    struct writes *out;
};

static fz_cell *add_row(const struct measuring *m, const struct fz_indicator *ind, fz_str dims, fz_str value)
{
    fz_cell *row = add_write(m->out, m->arena, m->kind, &fz_table_measure);
    const struct fz_record *r = m->l->kind->r;

    row[FZ_MEASURE_JURISDICTION] = FZ_CELL_OF(m->e->set.jurisdiction);
    row[FZ_MEASURE_TYPE] = FZ_CELL_OF(r->name);
    row[FZ_MEASURE_COUNTED] = FZ_CELL_OF(fz_measure_name(m->l->kind->pack, ind, m->arena));
    row[FZ_MEASURE_DIMS] = FZ_CELL_OF(dims);
    row[FZ_MEASURE_VALUE] = FZ_CELL_OF(value);
    row[FZ_MEASURE_SEQ] = FZ_CELL_OF_INT(m->d->seq);
    row[FZ_MEASURE_RECORD] = FZ_CELL_OF(m->l->id);
    row[FZ_MEASURE_NAME] = FZ_CELL_OF(fz_project_name(r, &m->d->step, m->arena));
    return row;
}

/* ---- sums, means, different values ---- */

static void flow_row(const struct measuring *m, const struct fz_indicator *ind, fz_str dims, fz_str value, int64_t n)
{
    fz_cell *row = add_row(m, ind, dims, value);

    row[FZ_MEASURE_ON] = FZ_CELL_OF_INT(m->d->step.on);
    row[FZ_MEASURE_N] = FZ_CELL_OF_INT(n);
    row[FZ_MEASURE_ORGAN] = FZ_CELL_OF(m->d->organ);
}

static fz_str printed(const struct fz_field *f, fz_value v, struct fz_arena *arena)
{
    struct fz_buf b = {0};
    fz_str s;

    fz_value_print(f->type, &f->choices, v, &b);
    s = b.n ? fz_str_copy(arena, fz_buf_str(&b)) : FZ_STR("");
    fz_buf_release(&b);
    return s;
}

/* A set counts each of its members, once. */
static void value_rows(const struct measuring *m, const struct fz_indicator *ind, fz_str dims, fz_value v)
{
    const struct fz_field *f = &m->l->kind->r->fields[ind->field];
    size_t n = f->many ? v.many : 1, seen = 0;
    fz_str *values = FZ_NEW_ARRAY(m->arena, fz_str, n);

    for (size_t i = 0; i < n; i++) {
        fz_str value = printed(f, f->many ? v.items[i] : v, m->arena);
        bool there = false;

        for (size_t k = 0; k < seen; k++)
            there |= fz_str_eq(values[k], value);
        if (there)
            continue;
        values[seen++] = value;
        flow_row(m, ind, dims, value, 1);
    }
}

static void measure_flows(const struct measuring *m)
{
    const struct kind *k = m->l->kind;
    struct fz_step step = m->d->step;
    fz_view v = {m->l->c, &step, m->l->cal, step.on};

    step.values_n = 0; /* folded in */
    for (size_t i = 0; i < k->pack->indicators_n; i++) {
        const struct fz_indicator *ind = &k->pack->indicators[i];
        fz_value value = is_ours(k, ind) ? fz_indicator_measures(&v, ind) : FZ_UNSET;

        if (!value.set)
            continue;
        if (ind->kind == FZ_DISTINCT_OF)
            value_rows(m, ind, dims_of(k, &v, ind, m->arena), value);
        else
            flow_row(m, ind, dims_of(k, &v, ind, m->arena), FZ_STR(""), value.n);
    }
}

/* ---- stocks ---- */

/* Where the record stands, by indicator: its dimensions, or nothing where it is not in the stock. Texts are kept where nothing has changed. */
static void look_where(const struct live *l, struct fz_arena *arena, fz_day day, struct stocked *io)
{
    const struct kind *k = l->kind;
    fz_view v = {l->c, NULL, l->cal, day};

    if (!io->dims)
        io->dims = FZ_NEW_ARRAY(arena, fz_str, k->pack->indicators_n);
    for (size_t i = 0; i < k->pack->indicators_n; i++) {
        const struct fz_indicator *ind = &k->pack->indicators[i];
        bool in = is_ours(k, ind) && fz_indicator_stocks(&v, ind);

        io->dims[i] = in ? dims_of(k, &v, ind, arena) : (fz_str){0};
    }
}

static const struct done *done_before(const struct live *l, const struct done *d)
{
    for (const struct done *at = d; at > l->done.items;)
        if (!(--at)->annulled)
            return at;
    return NULL;
}

/* Folded once more, where nobody has kept it. */
static struct stocked stood_before(const struct live *l, const struct done *d, struct fz_arena *arena)
{
    const struct done *last = done_before(l, d);
    struct stocked s = {.day = FZ_DAY_MIN};
    struct live before = *l;

    if (l->stocked.known && l->stocked.seq == (last ? last->seq : 0))
        return l->stocked;
    before.c = fz_case_new(arena, l->kind->pack, l->kind->r);
    for (const struct done *at = l->done.items; last && at <= last; at++) {
        if (at->annulled)
            continue;
        fz_case_apply(before.c, &at->step, l->cal);
        s.day = at->step.on > s.day ? at->step.on : s.day;
    }
    look_where(&before, arena, s.day, &s);
    return s;
}

static void stock_row(const struct measuring *m, const struct fz_indicator *ind, fz_str dims, fz_day day, int64_t n)
{
    fz_cell *row = add_row(m, ind, fz_str_copy(m->arena, dims), FZ_STR(""));

    row[FZ_MEASURE_ON] = FZ_CELL_OF_INT(day);
    row[FZ_MEASURE_N] = FZ_CELL_OF_INT(n);
    row[FZ_MEASURE_ORGAN] = FZ_CELL_OF(m->l->organ);
}

static void measure_stocks(const struct measuring *m, struct stocked *out)
{
    const struct kind *k = m->l->kind;
    struct stocked before = stood_before(m->l, m->d, m->arena), now = {.known = true, .seq = m->d->seq, .day = before.day};

    now.day = m->d->step.on > now.day ? m->d->step.on : now.day;
    look_where(m->l, m->l->arena, now.day, &now);
    for (size_t i = 0; i < k->pack->indicators_n; i++) {
        bool was = before.dims[i].p, is = now.dims[i].p;

        if (was == is && (!was || fz_str_eq(before.dims[i], now.dims[i])))
            continue;
        if (was)
            stock_row(m, &k->pack->indicators[i], before.dims[i], now.day, -1);
        if (is)
            stock_row(m, &k->pack->indicators[i], now.dims[i], now.day, 1);
    }
    *out = now;
}

void fz_project_measures(struct fz_engine *e, struct live *l, const struct done *d, fz_write_kind kind, struct fz_arena *arena, struct writes *out)
{
    struct measuring m = {e, l, d, kind, arena, out};

    if (d->step.kind == FZ_DO && has_measures(l->kind, false))
        measure_flows(&m);
    if (has_measures(l->kind, true))
        measure_stocks(&m, &l->stocked);
}
