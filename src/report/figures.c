#include "report/figures.h"

#include <stdlib.h>

#include "engine/tables.h"
#include "ledger/entry.h"
#include "report/tally.h"

/* ---- tables ---- */

/* One row a group of acts that count alike; and one with an empty `counted`, which says that figures are kept, and by which size of the log. */
enum {
    KEPT_JURISDICTION,
    KEPT_PACK,
    KEPT_TYPE,
    KEPT_ORGAN,
    KEPT_FIRST,
    KEPT_LAST,
    KEPT_COUNTED,
    KEPT_DIMS,
    KEPT_VALUE,
    KEPT_N,
    KEPT_SUM,
    KEPT_SIZE,
    KEPT_COLUMNS
};
static const struct fz_column kept_columns[KEPT_COLUMNS] = {
    {"jurisdiction", FZ_COL_TEXT, false}, {"pack", FZ_COL_TEXT, false}, {"type", FZ_COL_TEXT, false},    {"organ", FZ_COL_TEXT, false},
    {"first", FZ_COL_INT, false},         {"last", FZ_COL_INT, false},  {"counted", FZ_COL_TEXT, false}, {"dims", FZ_COL_TEXT, false},
    {"value", FZ_COL_TEXT, false},        {"n", FZ_COL_INT, false},     {"sum", FZ_COL_INT, false},      {"size", FZ_COL_INT, false}};
const struct fz_table fz_table_figure = {"figure", kept_columns, KEPT_COLUMNS, KEPT_VALUE + 1, NULL, 0};

fz_status fz_figures_declare(struct fz_store *s, struct fz_error *err)
{
    const struct fz_table *t = &fz_table_figure;

    return fz_store_declare(s, &t, 1, err);
}

fz_status fz_figures_forget(struct fz_store *s, fz_str jurisdiction, struct fz_error *err)
{
    fz_cell place = FZ_CELL_OF(jurisdiction);

    return fz_store_clear(s, &fz_table_figure, &place, err);
}

/* ---- groups of acts ---- */

/* So many acts that count for the same and have the same dimensions; or that bring the same figure something, with one value of what it counts apart. */
struct group {
    fz_str counted, dims, value;
    int64_t n;
    int64_t sum; /* of what they bring */
};

struct groups {
    struct fz_arena *arena;
    struct group *items;
    size_t n, cap;
};

static const struct fz_pack *newest_of(const struct fz_count *c)
{
    return c->versions[c->versions_n - 1];
}

static fz_str type_of(const struct fz_count *c)
{
    return newest_of(c)->records[c->record].name;
}

/* `counted` begins with the name of the pack: another one may have a record type of that name. */
static bool of_pack(const struct fz_count *c, fz_str counted)
{
    fz_str pack = newest_of(c)->name;

    return counted.n > pack.n && counted.p[pack.n] == ' ' && memcmp(counted.p, pack.p, pack.n) == 0;
}

static fz_str copied(struct fz_arena *arena, fz_str s)
{
    return s.n ? fz_str_copy(arena, s) : FZ_STR("");
}

static void add_group(struct groups *g, fz_str counted, fz_str dims, int64_t n)
{
    struct group *last = g->n ? &g->items[g->n - 1] : NULL;

    if (last && fz_str_eq(last->counted, counted) && fz_str_eq(last->dims, dims))
        last->n += n;
    else
        FZ_PUSH(g->arena, g, items, n, cap) = (struct group){.counted = fz_str_copy(g->arena, counted), .dims = fz_str_copy(g->arena, dims), .value = FZ_STR(""), .n = n};
}

static fz_status too_large(fz_str counted, struct fz_error *err)
{
    return fz_fail(err, FZ_E_TOO_LARGE, "%.*s: the sum has more than 63 bits", FZ_STR_ARG(counted));
}

/* Rows of one figure come in the order of their dimensions and values. */
static fz_status add_measured(struct groups *g, fz_str counted, fz_str dims, fz_str value, int64_t n, int64_t sum, struct fz_error *err)
{
    struct group *last = g->n ? &g->items[g->n - 1] : NULL;

    if (!last || !fz_str_eq(last->counted, counted) || !fz_str_eq(last->dims, dims) || !fz_str_eq(last->value, value)) {
        last = &FZ_PUSH(g->arena, g, items, n, cap);
        *last = (struct group){.counted = counted, .dims = copied(g->arena, dims), .value = copied(g->arena, value)};
    }
    last->n += n;
    return __builtin_add_overflow(last->sum, sum, &last->sum) ? too_large(counted, err) : FZ_OK;
}

/* ---- in SQL ---- */

#define SELECT_GROUPS                                                                                                                                  \
    "SELECT \"counted\", \"dims\", count(*) FROM \"act\" WHERE \"jurisdiction\" = $1 AND \"type\" = $2 AND \"counted\" > '' "                           \
    "AND \"day\" BETWEEN $3 AND $4"
#define GROUPED " GROUP BY \"counted\", \"dims\""

fz_str fz_figures_sql(const struct fz_count *c)
{
    return c->organ.n ? FZ_STR(SELECT_GROUPS " AND \"organ\" = $5" GROUPED) : FZ_STR(SELECT_GROUPS GROUPED);
}

struct taking {
    const struct fz_count *c;
    struct groups *g;
};

static fz_status take_group(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct taking *t = arg;

    (void)err;
    if (of_pack(t->c, cells[0].s))
        add_group(t->g, cells[0].s, cells[1].s, cells[2].n);
    return FZ_OK;
}

static fz_status query_groups(const struct fz_count *c, struct groups *g, struct fz_error *err)
{
    fz_cell params[] = {FZ_CELL_OF(c->jurisdiction), FZ_CELL_OF(type_of(c)), FZ_CELL_OF_INT(c->first), FZ_CELL_OF_INT(c->last), FZ_CELL_OF(c->organ)};
    struct taking t = {c, g};

    return fz_store_query(c->store, fz_figures_sql(c), params, c->organ.n ? 5 : 4, take_group, &t, err);
}

/* ---- by a scan ---- */

static bool in_period(const struct fz_count *c, const fz_cell *row)
{
    return row[FZ_ACT_ON].n >= c->first && row[FZ_ACT_ON].n <= c->last && (c->organ.n == 0 || fz_str_eq(row[FZ_ACT_ORGAN].s, c->organ));
}

static fz_status take_act(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct taking *t = arg;

    (void)err;
    if (cells[FZ_ACT_COUNTED].s.n && in_period(t->c, cells) && of_pack(t->c, cells[FZ_ACT_COUNTED].s))
        add_group(t->g, cells[FZ_ACT_COUNTED].s, cells[FZ_ACT_DIMS].s, 1);
    return FZ_OK;
}

static fz_status scan_groups(const struct fz_count *c, struct groups *g, struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(c->jurisdiction), FZ_CELL_OF(type_of(c))};
    struct fz_scan scan = {.table = &fz_table_act, .index = -1, .prefix = prefix, .prefix_n = 2};
    struct taking t = {c, g};

    return fz_store_scan(c->store, &scan, take_act, &t, err);
}

/* ---- what is no count of acts ---- */

/* One figure's rows of `measure`, and the days that it looks at. */
struct measure {
    const struct fz_count *c;
    const struct fz_indicator *ind;
    fz_str counted;
    int64_t first, last;
    struct groups *g;
};

static struct measure measure_of(const struct fz_count *c, const struct fz_indicator *ind, struct fz_arena *arena)
{
    struct measure m = {.c = c, .ind = ind, .counted = fz_measure_name(newest_of(c), ind, arena), .first = c->first, .last = c->last};

    if (ind->kind == FZ_STOCK_OF) {
        m.first = FZ_DAY_MIN;
        m.last = ind->at_start ? (int64_t)c->first - 1 : c->last;
    }
    return m;
}

/* In two halves, so that no engine's sum overflows: 31 bits and a sign, and 32 bits, of fewer than two thousand million rows. */
#define SELECT_MEASURES                                                                                                                                \
    "SELECT \"dims\", \"value\", count(*), CAST(sum(\"n\" / 4294967296) AS BIGINT), CAST(sum(\"n\" % 4294967296) AS BIGINT) FROM \"measure\" "           \
    "WHERE \"jurisdiction\" = $1 AND \"type\" = $2 AND \"counted\" = $3 AND \"day\" BETWEEN $4 AND $5"
#define MEASURES_GROUPED " GROUP BY \"dims\", \"value\""

static fz_status take_measures(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct measure *m = arg;
    __int128 sum = (__int128)cells[3].n * (INT64_C(1) << 32) + cells[4].n;

    if (sum != (int64_t)sum)
        return too_large(m->counted, err);
    return add_measured(m->g, m->counted, cells[0].s, cells[1].s, cells[2].n, (int64_t)sum, err);
}

static fz_status query_measure(struct measure *m, struct fz_error *err)
{
    fz_cell params[] = {FZ_CELL_OF(m->c->jurisdiction), FZ_CELL_OF(type_of(m->c)), FZ_CELL_OF(m->counted), FZ_CELL_OF_INT(m->first), FZ_CELL_OF_INT(m->last),
                        FZ_CELL_OF(m->c->organ)};
    bool organ = m->c->organ.n > 0;
    fz_str sql = organ ? FZ_STR(SELECT_MEASURES " AND \"organ\" = $6" MEASURES_GROUPED) : FZ_STR(SELECT_MEASURES MEASURES_GROUPED);

    return fz_store_query(m->c->store, sql, params, organ ? 6 : 5, take_measures, m, err);
}

static bool is_measured_row(const struct measure *m, const fz_cell *row)
{
    return row[FZ_MEASURE_ON].n >= m->first && row[FZ_MEASURE_ON].n <= m->last && (m->c->organ.n == 0 || fz_str_eq(row[FZ_MEASURE_ORGAN].s, m->c->organ));
}

static fz_status take_measure(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct measure *m = arg;

    if (!is_measured_row(m, cells))
        return FZ_OK;
    return add_measured(m->g, m->counted, cells[FZ_MEASURE_DIMS].s, cells[FZ_MEASURE_VALUE].s, 1, cells[FZ_MEASURE_N].n, err);
}

static fz_status scan_measure(const struct measure *m, fz_status (*take)(void *arg, const fz_cell *cells, struct fz_error *err), void *arg, struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(m->c->jurisdiction), FZ_CELL_OF(type_of(m->c)), FZ_CELL_OF(m->counted)};
    struct fz_scan scan = {.table = &fz_table_measure, .index = -1, .prefix = prefix, .prefix_n = 3};

    return fz_store_scan(m->c->store, &scan, take, arg, err);
}

static bool told_by_newer(const struct fz_count *c, size_t version, fz_str name);

/* Every indicator of the record type that is measured, as its newest version has it. */
static fz_status compute_measures(const struct fz_count *c, struct groups *g, struct fz_error *err)
{
    for (size_t v = c->versions_n; v-- > 0;) {
        const struct fz_pack *p = c->versions[v];
        int record = fz_record_find(p, type_of(c));

        for (size_t i = 0; i < p->indicators_n; i++) {
            const struct fz_indicator *ind = &p->indicators[i];
            struct measure m;

            if (ind->record != record || !fz_indicator_is_measured(ind) || told_by_newer(c, v, ind->name))
                continue;
            m = measure_of(c, ind, g->arena);
            m.g = g;
            FZ_TRY(fz_store_has_query(c->store) && !c->by_scan ? query_measure(&m, err) : scan_measure(&m, take_measure, &m, err));
        }
    }
    return FZ_OK;
}

static fz_status compute_groups(const struct fz_count *c, struct groups *g, struct fz_error *err)
{
    FZ_TRY(fz_store_has_query(c->store) && !c->by_scan ? query_groups(c, g, err) : scan_groups(c, g, err));
    return compute_measures(c, g, err);
}

/* ---- what a group adds to which figures ---- */

/* Takes the next part off `rest`. */
static bool next_part(fz_str *rest, char between, fz_str *out)
{
    const char *end;

    if (rest->n == 0)
        return false;
    end = memchr(rest->p, between, rest->n);
    *out = (fz_str){rest->p, end ? (size_t)(end - rest->p) : rest->n};
    rest->p += out->n + (end != NULL);
    rest->n -= out->n + (end != NULL);
    return true;
}

/* "in_time" is a numerator, "in_time." or "in_time.decided" a base. */
struct token {
    fz_str indicator, basis;
    bool base;
};

static struct token token_of(fz_str s)
{
    const char *dot = memchr(s.p, '.', s.n);

    if (!dot)
        return (struct token){.indicator = s};
    return (struct token){{s.p, (size_t)(dot - s.p)}, {dot + 1, s.n - (size_t)(dot + 1 - s.p)}, true};
}

/* The tokens of a group, the pack's name left out; none of what is measured. */
static fz_str tokens_of(fz_str counted)
{
    fz_str pack = {0};

    next_part(&counted, ' ', &pack);
    return counted;
}

/* Whether it is a numerator, and one of that basis' base. */
static void counts_in(fz_str counted, fz_str indicator, fz_str basis, bool *out_numerator, bool *out_base)
{
    fz_str rest = tokens_of(counted), part;

    *out_numerator = *out_base = false;
    while (next_part(&rest, ' ', &part)) {
        struct token t = token_of(part);

        if (!fz_str_eq(t.indicator, indicator))
            continue;
        *out_numerator |= !t.base;
        *out_base |= t.base && fz_str_eq(t.basis, basis);
    }
}

/* The value of a dimension as it was before it was escaped, in the arena. False: the group has no such dimension. */
static bool dimension_of(fz_str dims, fz_str field, struct fz_arena *arena, fz_str *out)
{
    fz_str line;

    while (next_part(&dims, '\n', &line)) {
        const char *equals = memchr(line.p, '=', line.n);
        char *p;
        size_t n = 0;

        fz_assert(equals);
        if (!fz_str_eq((fz_str){line.p, (size_t)(equals - line.p)}, field))
            continue;
        p = FZ_NEW_ARRAY(arena, char, line.n);
        for (const char *q = equals + 1; q < line.p + line.n; q++) {
            bool escape = *q == '\\' && q + 1 < line.p + line.n;

            q += escape;
            p[n++] = escape && *q == 'n' ? '\n' : *q;
        }
        *out = (fz_str){p, n};
        return true;
    }
    return false;
}

static fz_title title_of(const struct fz_field *f, fz_str value)
{
    int i = f->type == FZ_TYPE_CHOICE && !f->many && f->choices.titles ? fz_choice_find(&f->choices, value) : -1;

    return i >= 0 ? f->choices.titles[i] : (fz_title){0};
}

static fz_title title_of_kind(const struct fz_record *r, fz_str name)
{
    for (size_t i = 0; i < r->kinds_n; i++)
        if (fz_str_eq(r->kinds[i].name, name))
            return r->kinds[i].title;
    return (fz_title){0};
}

static void add_measure(struct fz_tally *t, const struct fz_indicator *ind, uint32_t figure, const struct group *g)
{
    if (ind->kind == FZ_STOCK_OF)
        fz_tally_add(t, figure, (uint64_t)g->sum, 0);
    else if (ind->kind == FZ_DISTINCT_OF)
        fz_tally_distinct(t, figure, g->value);
    else
        fz_tally_sum(t, figure, (uint64_t)g->n, g->sum);
}

/* Nothing is left in the stock with these dimensions. */
static bool is_spent(const struct fz_indicator *ind, const struct group *g)
{
    return ind->kind == FZ_STOCK_OF && g->sum == 0;
}

static void add_measured_group(struct fz_tally *t, const struct fz_record *r, const struct fz_indicator *ind, fz_str counted, const struct group *g)
{
    if (!fz_str_eq(g->counted, counted) || is_spent(ind, g))
        return;
    add_measure(t, ind, fz_tally_figure(t, ind, NULL, (fz_str){0}, (fz_str){0}, (fz_title){0}), g);
    for (size_t i = 0; i < ind->by.n; i++) {
        const struct fz_field *f = &r->fields[ind->by.items[i]];
        fz_str value;

        if (dimension_of(g->dims, f->name, t->arena, &value))
            add_measure(t, ind, fz_tally_figure(t, ind, NULL, f->name, value, title_of(f, value)), g);
    }
}

static void add_to_slot(struct fz_tally *t, const struct fz_record *r, const struct fz_indicator *ind, const struct fz_basis *basis, const struct group *g)
{
    bool numerator, base;
    uint64_t n = (uint64_t)g->n;
    fz_str value;

    counts_in(g->counted, ind->name, basis ? basis->name : (fz_str){0}, &numerator, &base);
    if (!numerator && !base)
        return;
    fz_tally_add(t, fz_tally_figure(t, ind, basis, (fz_str){0}, (fz_str){0}, (fz_title){0}), numerator ? n : 0, base ? n : 0);
    for (size_t i = 0; i < ind->by.n; i++) {
        const struct fz_field *f = &r->fields[ind->by.items[i]];

        if (dimension_of(g->dims, f->name, t->arena, &value))
            fz_tally_add(t, fz_tally_figure(t, ind, basis, f->name, value, title_of(f, value)), numerator ? n : 0, base ? n : 0);
    }
    if (ind->by_kind && dimension_of(g->dims, FZ_BY_KIND, t->arena, &value))
        fz_tally_add(t, fz_tally_figure(t, ind, basis, FZ_BY_KIND, value, title_of_kind(r, value)), n, 0);
}

/* An indicator that several versions have is one: it is told in the words of the newest. */
static bool told_by_newer(const struct fz_count *c, size_t version, fz_str name)
{
    for (size_t v = version + 1; v < c->versions_n; v++)
        for (size_t i = 0; i < c->versions[v]->indicators_n; i++)
            if (fz_str_eq(c->versions[v]->indicators[i].name, name))
                return true;
    return false;
}

/* Calls for each indicator of the record type, those of the newest version first. */
static void add_version(const struct fz_count *c, size_t version, const struct groups *g, struct fz_tally *t)
{
    const struct fz_pack *p = c->versions[version];
    int record = fz_record_find(p, type_of(c));

    for (size_t i = 0; i < p->indicators_n; i++) {
        const struct fz_indicator *ind = &p->indicators[i];

        if (ind->record != record || told_by_newer(c, version, ind->name))
            continue;
        for (size_t s = 0; s < fz_tally_slots(ind); s++) {
            fz_tally_figure(t, ind, fz_tally_basis(ind, s), (fz_str){0}, (fz_str){0}, (fz_title){0});
            for (size_t k = 0; k < g->n && !fz_indicator_is_measured(ind); k++)
                add_to_slot(t, &p->records[record], ind, fz_tally_basis(ind, s), &g->items[k]);
        }
        if (fz_indicator_is_measured(ind)) {
            fz_str counted = fz_measure_name(newest_of(c), ind, t->arena);

            for (size_t k = 0; k < g->n; k++)
                add_measured_group(t, &p->records[record], ind, counted, &g->items[k]);
        }
    }
}

static int wholes_first(const void *a, const void *b)
{
    const struct fz_figure *x = *(const struct fz_figure *const *)a, *y = *(const struct fz_figure *const *)b;

    if ((x->by.n == 0) != (y->by.n == 0))
        return x->by.n == 0 ? -1 : 1;
    return x < y ? -1 : x > y;
}

static fz_status tally_groups(const struct fz_count *c, const struct groups *g, struct fz_figures *out, struct fz_arena *arena, struct fz_error *err)
{
    const struct fz_figure **order;
    struct fz_tally t;

    fz_tally_init(&t, arena);
    for (size_t v = c->versions_n; v-- > 0;)
        add_version(c, v, g, &t);
    order = FZ_NEW_ARRAY(arena, const struct fz_figure *, t.n);
    for (size_t i = 0; i < t.n; i++)
        order[i] = &t.items[i];
    qsort(order, t.n, sizeof(*order), wholes_first);
    out->items = FZ_NEW_ARRAY(arena, struct fz_figure, t.n);
    out->n = t.n;
    for (size_t i = 0; i < t.n; i++)
        out->items[i] = *order[i];
    fz_tally_release(&t);
    return fz_tally_check(&t, FZ_EN, err);
}

fz_status fz_figures_compute(struct fz_figures *out, const struct fz_count *c, struct fz_arena *arena, struct fz_error *err)
{
    struct groups g = {.arena = arena};

    FZ_TRY(compute_groups(c, &g, err));
    *out = (struct fz_figures){.kept = false};
    return tally_groups(c, &g, out, arena, err);
}

/* ---- kept figures ---- */

#define KEPT_PREFIX(c)                                                                                                                                 \
    {                                                                                                                                                  \
        FZ_CELL_OF((c)->jurisdiction), FZ_CELL_OF(newest_of(c)->name), FZ_CELL_OF(type_of(c)), FZ_CELL_OF((c)->organ), FZ_CELL_OF_INT((c)->first),     \
            FZ_CELL_OF_INT((c)->last)                                                                                                                  \
    }

struct keeping {
    struct groups g;
    int64_t size;
    bool found;
};

static fz_status take_kept(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct keeping *k = arg;

    (void)err;
    if (cells[KEPT_COUNTED].s.n == 0) {
        k->found = true;
        k->size = cells[KEPT_SIZE].n;
    } else {
        FZ_PUSH(k->g.arena, &k->g, items, n, cap) = (struct group){copied(k->g.arena, cells[KEPT_COUNTED].s), copied(k->g.arena, cells[KEPT_DIMS].s),
                                                                   copied(k->g.arena, cells[KEPT_VALUE].s), cells[KEPT_N].n, cells[KEPT_SUM].n};
    }
    return FZ_OK;
}

static fz_status read_kept(const struct fz_count *c, struct keeping *k, struct fz_error *err)
{
    fz_cell prefix[] = KEPT_PREFIX(c);
    struct fz_scan scan = {.table = &fz_table_figure, .index = -1, .prefix = prefix, .prefix_n = FZ_COUNT(prefix)};

    return fz_store_scan(c->store, &scan, take_kept, k, err);
}

struct late {
    const struct fz_count *c;
    struct fz_arena scratch;
    bool found;
};

/* A stock hangs on all that happened until its day. */
static bool has_stock(const struct fz_count *c)
{
    const struct fz_pack *p = newest_of(c);

    for (size_t i = 0; i < p->indicators_n; i++)
        if (p->indicators[i].kind == FZ_STOCK_OF && p->indicators[i].record == c->record)
            return true;
    return false;
}

static bool moves_figures(const struct fz_count *c, const struct fz_entry *e)
{
    if (!fz_str_eq(e->type, type_of(c)) || !fz_str_eq(e->pack, newest_of(c)->name))
        return false;
    /* A correction moves whatever its record counts for, on whatever day. */
    if (e->on <= c->last && has_stock(c))
        return true;
    return e->correction.n || (e->on >= c->first && e->on <= c->last && (c->organ.n == 0 || fz_str_eq(e->organ, c->organ)));
}

static fz_status look_at_late(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct fz_source source = {"entry", cells[FZ_ENTRY_BYTES].s};
    struct late *l = arg;
    struct fz_diags diags;
    struct fz_entry e;

    fz_arena_reset(&l->scratch);
    fz_diags_init(&diags, &l->scratch);
    if (!fz_entry_decode(&l->scratch, &source, &e, &diags))
        return fz_fail(err, FZ_E_INPUT, "entry %lld cannot be read; `fazhi verify` says more", (long long)cells[FZ_ENTRY_SEQ].n);
    l->found |= moves_figures(l->c, &e);
    return FZ_OK;
}

/* Whether something was entered after entry `size` that figures of the period hang on. */
static fz_status entered_since(const struct fz_count *c, int64_t size, bool *out, struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(c->jurisdiction)};
    struct fz_scan scan = {.table = &fz_table_entry, .index = -1, .prefix = prefix, .prefix_n = 1, .ranged = true, .low = FZ_CELL_OF_INT(size + 1)};
    struct late l = {.c = c};
    fz_status s;

    fz_arena_init(&l.scratch);
    s = fz_store_scan(c->store, &scan, look_at_late, &l, err);
    fz_arena_release(&l.scratch);
    *out = l.found;
    return s;
}

fz_status fz_figures_read(struct fz_figures *out, const struct fz_count *c, struct fz_arena *arena, struct fz_error *err)
{
    struct keeping k = {.g = {.arena = arena}};
    bool late = false;

    FZ_TRY(read_kept(c, &k, err));
    if (k.found && k.size < c->log_size)
        FZ_TRY(entered_since(c, k.size, &late, err));
    /* A log that is shorter than it was came from a backup: what was kept is not of it. */
    if (!k.found || late || k.size > c->log_size)
        return fz_figures_compute(out, c, arena, err);
    *out = (struct fz_figures){.kept = true};
    return tally_groups(c, &k.g, out, arena, err);
}

struct rows {
    struct fz_arena *arena;
    struct fz_write *items;
    size_t n, cap;
};

static fz_cell *add_row(struct rows *w, const struct fz_count *c, fz_write_kind kind, fz_str counted, fz_str dims, fz_str value)
{
    fz_cell prefix[] = KEPT_PREFIX(c), *row = FZ_NEW_ARRAY(w->arena, fz_cell, KEPT_COLUMNS);

    memcpy(row, prefix, sizeof(prefix));
    row[KEPT_COUNTED] = FZ_CELL_OF(counted);
    row[KEPT_DIMS] = FZ_CELL_OF(dims);
    row[KEPT_VALUE] = FZ_CELL_OF(value);
    row[KEPT_N] = row[KEPT_SUM] = row[KEPT_SIZE] = FZ_CELL_OF_INT(0);
    FZ_PUSH(w->arena, w, items, n, cap) = (struct fz_write){kind, &fz_table_figure, row};
    return row;
}

static fz_status replace_kept(const struct fz_count *c, struct fz_arena *arena, struct fz_error *err)
{
    struct keeping old = {.g = {.arena = arena}};
    struct groups g = {.arena = arena};
    struct rows w = {.arena = arena};
    fz_cell *row;

    FZ_TRY(read_kept(c, &old, err));
    FZ_TRY(compute_groups(c, &g, err));
    for (size_t i = 0; i < old.g.n; i++)
        add_row(&w, c, FZ_REMOVE, old.g.items[i].counted, old.g.items[i].dims, old.g.items[i].value);
    row = add_row(&w, c, FZ_PUT, (fz_str){0}, (fz_str){0}, FZ_STR(""));
    row[KEPT_SIZE] = FZ_CELL_OF_INT(c->log_size);
    for (size_t i = 0; i < g.n; i++) {
        row = add_row(&w, c, FZ_PUT, g.items[i].counted, g.items[i].dims, g.items[i].value);
        row[KEPT_N] = FZ_CELL_OF_INT(g.items[i].n);
        row[KEPT_SUM] = FZ_CELL_OF_INT(g.items[i].sum);
    }
    return fz_store_commit(c->store, &(struct fz_batch){w.items, w.n}, err);
}

fz_status fz_figures_keep(const struct fz_count *c, struct fz_error *err)
{
    struct fz_arena arena;
    fz_status s;

    fz_arena_init(&arena);
    s = replace_kept(c, &arena, err);
    fz_arena_release(&arena);
    return s;
}

/* ---- what lies behind a figure ---- */

struct looking {
    const struct fz_count *c;
    struct fz_arena *arena;
    struct fz_behinds *out;
};

static bool adds_to(const struct group *g, const struct fz_figure *f, bool denominator, struct fz_arena *scratch)
{
    bool numerator, base;
    fz_str value;

    counts_in(g->counted, f->indicator, f->basis, &numerator, &base);
    if (denominator ? !base : !numerator)
        return false;
    return f->by.n == 0 || (dimension_of(g->dims, f->by, scratch, &value) && fz_str_eq(value, f->value));
}

static fz_status take_behind(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct looking *l = arg;

    (void)err;
    if (in_period(l->c, cells))
        FZ_PUSH(l->arena, l->out, items, n, cap) =
            (struct fz_behind){.seq = cells[FZ_ACT_SEQ].n, .record = fz_str_copy(l->arena, cells[FZ_ACT_RECORD].s), .organ = fz_str_copy(l->arena, cells[FZ_ACT_ORGAN].s),
                               .action = fz_str_copy(l->arena, cells[FZ_ACT_NAME].s), .day = (fz_day)cells[FZ_ACT_ON].n};
    return FZ_OK;
}

static int by_seq(const void *a, const void *b)
{
    int64_t x = ((const struct fz_behind *)a)->seq, y = ((const struct fz_behind *)b)->seq;

    return (x > y) - (x < y);
}

static fz_status scan_group(const struct fz_count *c, const struct group *g, struct looking *l, struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(c->jurisdiction), FZ_CELL_OF(type_of(c)), FZ_CELL_OF(g->counted), FZ_CELL_OF(g->dims)};
    struct fz_scan scan = {.table = &fz_table_act, .index = -1, .prefix = prefix, .prefix_n = 4, .ranged = true, .low = FZ_CELL_OF_INT(c->first), .high = FZ_CELL_OF_INT(c->last)};

    return fz_store_scan(c->store, &scan, take_behind, l, err);
}

/* ---- what lies behind a measured figure ---- */

struct digging {
    struct measure m;
    const struct fz_figure *f;
    struct fz_arena *arena, scratch;
    struct fz_behinds *out;
    struct fz_names seen; /* records of a stock; values that are counted once */
    struct {
        int64_t *items;
        size_t n, cap;
    } net; /* of each record: whether it is in the stock */
};

static bool is_of_figure(struct digging *d, const fz_cell *row)
{
    fz_str value;

    if (!is_measured_row(&d->m, row))
        return false;
    fz_arena_reset(&d->scratch);
    return d->f->by.n == 0 || (dimension_of(row[FZ_MEASURE_DIMS].s, d->f->by, &d->scratch, &value) && fz_str_eq(value, d->f->value));
}

static struct fz_behind behind_of(struct digging *d, const fz_cell *row)
{
    struct fz_behind b = {.seq = row[FZ_MEASURE_SEQ].n, .record = fz_str_copy(d->arena, row[FZ_MEASURE_RECORD].s), .organ = fz_str_copy(d->arena, row[FZ_MEASURE_ORGAN].s),
                          .action = fz_str_copy(d->arena, row[FZ_MEASURE_NAME].s), .day = (fz_day)row[FZ_MEASURE_ON].n, .n = row[FZ_MEASURE_N].n};

    b.value = copied(d->arena, row[FZ_MEASURE_VALUE].s);
    return b;
}

/* One place a record: its latest entry into the stock. Whether it has left again is told by the sum of its rows, whose order is that of their dimensions. */
static void dig_stock(struct digging *d, const fz_cell *row)
{
    bool new;
    uint32_t at = fz_names_number(&d->seen, d->arena, row[FZ_MEASURE_RECORD].s, &new);

    if (new) {
        FZ_PUSH(d->arena, &d->net, items, n, cap) = 0;
        FZ_PUSH(d->arena, d->out, items, n, cap) = behind_of(d, row);
    }
    d->net.items[at] += row[FZ_MEASURE_N].n;
    if (row[FZ_MEASURE_N].n > 0 && (d->out->items[at].n < 0 || row[FZ_MEASURE_SEQ].n > d->out->items[at].seq))
        d->out->items[at] = behind_of(d, row);
}

/* One place a value: the act that was entered first. */
static void dig_value(struct digging *d, const fz_cell *row)
{
    bool new;
    uint32_t at = fz_names_number(&d->seen, d->arena, row[FZ_MEASURE_VALUE].s, &new);

    if (new)
        FZ_PUSH(d->arena, d->out, items, n, cap) = behind_of(d, row);
    else if (row[FZ_MEASURE_SEQ].n < d->out->items[at].seq)
        d->out->items[at] = behind_of(d, row);
}

static fz_status dig(void *arg, const fz_cell *row, struct fz_error *err)
{
    struct digging *d = arg;

    (void)err;
    if (!is_of_figure(d, row))
        return FZ_OK;
    if (d->m.ind->kind == FZ_STOCK_OF)
        dig_stock(d, row);
    else if (d->m.ind->kind == FZ_DISTINCT_OF)
        dig_value(d, row);
    else
        FZ_PUSH(d->arena, d->out, items, n, cap) = behind_of(d, row);
    return FZ_OK;
}

/* Those that have left the stock again go. */
static void keep_standing(struct digging *d)
{
    size_t kept = 0;

    for (size_t i = 0; i < d->out->n; i++)
        if (d->net.items[i] > 0)
            d->out->items[kept++] = d->out->items[i];
    d->out->n = kept;
}

/* The newest version that has it, when it is measured; NULL. */
static const struct fz_indicator *measured_indicator(const struct fz_count *c, const struct fz_figure *f)
{
    for (size_t v = c->versions_n; v-- > 0;)
        for (size_t i = 0; i < c->versions[v]->indicators_n; i++)
            if (fz_str_eq(c->versions[v]->indicators[i].name, f->indicator))
                return fz_indicator_is_measured(&c->versions[v]->indicators[i]) ? &c->versions[v]->indicators[i] : NULL;
    return NULL;
}

static fz_status measured_behind(struct fz_behinds *out, const struct fz_count *c, const struct fz_indicator *ind, const struct fz_figure *f, struct fz_arena *arena,
                                 struct fz_error *err)
{
    struct digging d = {.m = measure_of(c, ind, arena), .f = f, .arena = arena, .out = out};
    fz_status s;

    fz_names_init(&d.seen, arena);
    fz_arena_init(&d.scratch);
    s = scan_measure(&d.m, dig, &d, err);
    fz_arena_release(&d.scratch);
    if (ind->kind == FZ_STOCK_OF)
        keep_standing(&d);
    return s;
}

fz_status fz_figure_behind(struct fz_behinds *out, const struct fz_count *c, const struct fz_figure *f, bool denominator, struct fz_arena *arena, struct fz_error *err)
{
    struct fz_arena scratch;
    struct groups g = {.arena = &scratch};
    struct fz_behinds found = {0};
    struct looking l = {c, arena, &found};
    const struct fz_indicator *measured = measured_indicator(c, f);
    fz_status s = FZ_OK;

    fz_arena_init(&scratch);
    if (measured && !denominator)
        s = measured_behind(&found, c, measured, f, arena, err);
    else if (!measured)
        s = fz_store_has_query(c->store) && !c->by_scan ? query_groups(c, &g, err) : scan_groups(c, &g, err);
    for (size_t i = 0; i < g.n && s == FZ_OK; i++)
        if (adds_to(&g.items[i], f, denominator, &scratch))
            s = scan_group(c, &g.items[i], &l, err);
    fz_arena_release(&scratch);
    FZ_TRY(s);
    if (found.n)
        qsort(found.items, found.n, sizeof(*found.items), by_seq);
    *out = found;
    return FZ_OK;
}
