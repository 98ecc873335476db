/*
 * The door of every driver. What a caller may not do is asserted before the driver is called, what a driver may not answer after it. A contract
 * that is broken here is a bug of ours: input was checked long before.
 */
#include "store/store_int.h"

#define CLEARED_AT_ONCE 10000 /* rows */

void fz_store_init(struct fz_store *s, const struct fz_store_ops *ops, fz_store_mode mode)
{
    *s = (struct fz_store){.ops = ops, .mode = mode, .queries = ops->query != NULL};
    fz_arena_init(&s->arena);
}

/* ---- tables ---- */

static const int key_columns[FZ_COLUMNS_MAX] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                                16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

const int *fz_order_of(const struct fz_table *table, int index, size_t *out_n)
{
    *out_n = index < 0 ? table->key_n : table->indexes[index].columns_n;
    return index < 0 ? key_columns : table->indexes[index].columns;
}

static void add_columns(struct fz_buf *out, const struct fz_table *t)
{
    static const char *const kinds[] = {[FZ_COL_INT] = "int", [FZ_COL_TEXT] = "text", [FZ_COL_BLOB] = "blob"};

    for (size_t i = 0; i < t->columns_n; i++)
        fz_buf_printf(out, "%s%s %s%s", i ? ", " : "", t->columns[i].name, kinds[t->columns[i].kind],
                      t->columns[i].may_be_null ? " null" : "");
}

void fz_table_form(struct fz_buf *out, const struct fz_table *t)
{
    fz_buf_printf(out, "%s (", t->name);
    add_columns(out, t);
    fz_buf_printf(out, ") key %zu", t->key_n);
    for (size_t i = 0; i < t->indexes_n; i++) {
        const struct fz_index *x = &t->indexes[i];

        fz_buf_printf(out, ", %s (", x->name);
        for (size_t k = 0; k < x->columns_n; k++)
            fz_buf_printf(out, "%s%d", k ? " " : "", x->columns[k]);
        fz_buf_printf(out, ")%s", x->unique ? " unique" : "");
    }
}

/* `dots`: names of columns may have them, for fields that a linked record tells. */
static bool name_is_plain(const char *name, bool dots)
{
    if (!name || name[0] < 'a' || name[0] > 'z')
        return false;
    for (const char *p = name; *p; p++)
        if (!((*p >= 'a' && *p <= 'z') || fz_is_digit(*p) || *p == '_' || (dots && *p == '.')))
            return false;
    return true;
}

static void check_columns(const struct fz_table *t)
{
    fz_assert(t->columns_n > 0 && t->columns_n <= FZ_COLUMNS_MAX);
    fz_assert(t->key_n > 0 && t->key_n <= t->columns_n);
    for (size_t i = 0; i < t->columns_n; i++) {
        fz_assert(name_is_plain(t->columns[i].name, true));
        fz_assert(i >= t->key_n || !t->columns[i].may_be_null);
        for (size_t k = 0; k < i; k++)
            fz_assert(strcmp(t->columns[i].name, t->columns[k].name) != 0);
    }
}

static void check_index(const struct fz_table *t, const struct fz_index *x)
{
    fz_assert(name_is_plain(x->name, false));
    fz_assert(x->columns_n > 0 && x->columns_n <= t->columns_n && x->columns[0] == 0);
    for (size_t i = 0; i < x->columns_n; i++) {
        fz_assert(x->columns[i] >= 0 && (size_t)x->columns[i] < t->columns_n);
        for (size_t k = 0; k < i; k++)
            fz_assert(x->columns[i] != x->columns[k]);
    }
}

static void check_table(const struct fz_table *t)
{
    fz_assert(t && name_is_plain(t->name, false));
    fz_assert(strncmp(t->name, "fz_", 3) != 0 && strncmp(t->name, "sqlite_", 7) != 0);
    check_columns(t);
    for (size_t i = 0; i < t->indexes_n; i++) {
        check_index(t, &t->indexes[i]);
        for (size_t k = 0; k < i; k++)
            fz_assert(strcmp(t->indexes[i].name, t->indexes[k].name) != 0);
    }
}

static bool declared(const struct fz_store *s, const struct fz_table *t)
{
    for (size_t i = 0; i < s->declared_n; i++)
        if (s->declared[i] == t)
            return true;
    return false;
}

static void forget(struct fz_store *s, const char *name)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->declared_n; i++)
        if (strcmp(s->declared[i]->name, name) != 0)
            s->declared[kept++] = s->declared[i];
    s->declared_n = kept;
}

/* ---- cells ---- */

int fz_cell_cmp(const fz_cell *a, const fz_cell *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->kind == FZ_CELL_BYTES)
        return fz_str_cmp(a->s, b->s);
    return a->kind == FZ_CELL_INT ? (a->n > b->n) - (a->n < b->n) : 0;
}

fz_cell *fz_cells_copy(struct fz_arena *arena, const fz_cell *cells, size_t n)
{
    fz_cell *copy = FZ_NEW_ARRAY(arena, fz_cell, n);

    for (size_t i = 0; i < n; i++) {
        copy[i] = cells[i];
        if (cells[i].kind == FZ_CELL_BYTES)
            copy[i].s = fz_str_copy(arena, cells[i].s);
    }
    return copy;
}

static bool row_fits(const struct fz_table *t, const fz_cell *cells, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!fz_cell_fits(&t->columns[i], &cells[i]))
            return false;
    return true;
}

/* A text that is none would be kept by one engine and refused by the next. */
static bool texts_are_texts(const struct fz_table *t, const fz_cell *cells, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (t->columns[i].kind == FZ_COL_TEXT && cells[i].kind == FZ_CELL_BYTES && !fz_utf8_valid(cells[i].s))
            return false;
    return true;
}

static fz_status refuse_nul(const struct fz_table *t, const struct fz_column *c, const fz_cell *cell, struct fz_error *err)
{
    if (c->kind != FZ_COL_TEXT || cell->kind != FZ_CELL_BYTES || cell->s.n == 0 || !memchr(cell->s.p, 0, cell->s.n))
        return FZ_OK;
    return fz_fail(err, FZ_E_INPUT, "a text of the table %s (column %s) has the character U+0000, which no text may have", t->name, c->name);
}

static fz_status refuse_nuls(const struct fz_table *t, const fz_cell *cells, size_t n, struct fz_error *err)
{
    for (size_t i = 0; i < n; i++)
        FZ_TRY(refuse_nul(t, &t->columns[i], &cells[i], err));
    return FZ_OK;
}

static size_t cells_of(const struct fz_write *w)
{
    return w->kind == FZ_REMOVE ? w->table->key_n : w->table->columns_n;
}

static fz_status refuse_nuls_of_batch(const struct fz_batch *b, struct fz_error *err)
{
    for (size_t i = 0; i < b->n; i++)
        FZ_TRY(refuse_nuls(b->writes[i].table, b->writes[i].cells, cells_of(&b->writes[i]), err));
    return FZ_OK;
}

static void check_batch(const struct fz_store *s, const struct fz_batch *b)
{
    for (size_t i = 0; i < b->n; i++) {
        const struct fz_write *w = &b->writes[i];
        size_t n;

        fz_assert(w->kind == FZ_PUT || w->kind == FZ_ADD || w->kind == FZ_REMOVE);
        fz_assert(declared(s, w->table));
        n = cells_of(w);
        fz_assert(row_fits(w->table, w->cells, n));
        fz_assert(texts_are_texts(w->table, w->cells, n));
    }
}

static void check_bound(const struct fz_column *column, const fz_cell *bound)
{
    fz_assert(bound->kind == FZ_CELL_NULL || fz_cell_fits(column, bound));
}

static void check_scan(const struct fz_store *s, const struct fz_scan *scan)
{
    const struct fz_table *t = scan->table;
    const int *columns;
    size_t n;

    fz_assert(declared(s, t));
    fz_assert(scan->index >= -1 && scan->index < (int)t->indexes_n);
    columns = fz_order_of(t, scan->index, &n);
    fz_assert(scan->prefix_n + scan->ranged <= n);
    for (size_t i = 0; i < scan->prefix_n; i++)
        fz_assert(fz_cell_fits(&t->columns[columns[i]], &scan->prefix[i]));
    if (!scan->ranged)
        return;
    check_bound(&t->columns[columns[scan->prefix_n]], &scan->low);
    check_bound(&t->columns[columns[scan->prefix_n]], &scan->high);
}

static fz_status refuse_nuls_of_scan(const struct fz_scan *scan, struct fz_error *err)
{
    const struct fz_table *t = scan->table;
    size_t n;
    const int *columns = fz_order_of(t, scan->index, &n);

    for (size_t i = 0; i < scan->prefix_n; i++)
        FZ_TRY(refuse_nul(t, &t->columns[columns[i]], &scan->prefix[i], err));
    if (!scan->ranged)
        return FZ_OK;
    FZ_TRY(refuse_nul(t, &t->columns[columns[scan->prefix_n]], &scan->low, err));
    return refuse_nul(t, &t->columns[columns[scan->prefix_n]], &scan->high, err);
}

fz_status fz_store_exists(const struct fz_table *table, size_t number, struct fz_error *err)
{
    return fz_fail(err, FZ_E_EXISTS, "the table %s has such a row already (write %zu of the batch)", table->name,
                   number);
}

/* ---- the door ---- */

/* `writes`: whether the call changes the store. */
static void enter(const struct fz_store *s, bool writes)
{
    fz_assert(s);
    fz_assert(!writes || (s->visits == 0 && s->reads == 0));
}

fz_status fz_store_declare(struct fz_store *s, const struct fz_table *const *tables, size_t n, struct fz_error *err)
{
    enter(s, true);
    for (size_t i = 0; i < n; i++)
        check_table(tables[i]);
    FZ_TRY(s->ops->declare(s, tables, n, err));
    for (size_t i = 0; i < n; i++)
        if (!declared(s, tables[i]))
            FZ_PUSH(&s->arena, s, declared, declared_n, declared_cap) = tables[i];
    return FZ_OK;
}

fz_status fz_store_drop(struct fz_store *s, const struct fz_table *table, struct fz_error *err)
{
    enter(s, true);
    fz_assert(s->mode == FZ_READ_WRITE);
    check_table(table);
    FZ_TRY(s->ops->drop(s, table, err));
    forget(s, table->name);
    return FZ_OK;
}

/* ---- clearing a place, row by row ---- */

struct clearing {
    struct fz_arena arena;
    struct {
        struct fz_write *items;
        size_t n, cap;
    } writes;
    const struct fz_table *table;
};

static fz_status take_key(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct clearing *c = arg;
    fz_cell *key = FZ_NEW_ARRAY(&c->arena, fz_cell, c->table->columns_n);

    (void)err;
    memcpy(key, fz_cells_copy(&c->arena, cells, c->table->key_n), c->table->key_n * sizeof(*key));
    FZ_PUSH(&c->arena, &c->writes, items, n, cap) = (struct fz_write){FZ_REMOVE, c->table, key};
    return FZ_OK;
}

static fz_status clear_some(struct fz_store *s, struct clearing *c, const fz_cell *place, struct fz_error *err)
{
    struct fz_scan scan = {.table = c->table, .index = -1, .prefix = place, .prefix_n = 1, .limit = CLEARED_AT_ONCE};

    fz_arena_reset(&c->arena);
    c->writes.items = NULL;
    c->writes.n = c->writes.cap = 0;
    FZ_TRY(s->ops->scan(s, &scan, take_key, c, err));
    return c->writes.n ? s->ops->commit(s, &(struct fz_batch){c->writes.items, c->writes.n}, err) : FZ_OK;
}

static fz_status clear_by_row(struct fz_store *s, const struct fz_table *table, const fz_cell *place, struct fz_error *err)
{
    struct clearing c = {.table = table};
    fz_status status;

    fz_arena_init(&c.arena);
    do
        status = clear_some(s, &c, place, err);
    while (status == FZ_OK && c.writes.n == CLEARED_AT_ONCE);
    fz_arena_release(&c.arena);
    return status;
}

fz_status fz_store_clear(struct fz_store *s, const struct fz_table *table, const fz_cell *place, struct fz_error *err)
{
    enter(s, true);
    fz_assert(s->mode == FZ_READ_WRITE && declared(s, table) && row_fits(table, place, 1));
    FZ_TRY(refuse_nuls(table, place, 1, err));
    return s->ops->clear ? s->ops->clear(s, table, place, err) : clear_by_row(s, table, place, err);
}

fz_status fz_store_commit(struct fz_store *s, const struct fz_batch *batch, struct fz_error *err)
{
    fz_status status;

    enter(s, true);
    fz_assert(s->mode == FZ_READ_WRITE);
    check_batch(s, batch);
    FZ_TRY(refuse_nuls_of_batch(batch, err));
    status = s->ops->commit(s, batch, err);
    fz_assert(status == FZ_OK || status == FZ_E_EXISTS || status == FZ_E_IO || status == FZ_E_FULL ||
              status == FZ_E_UNSURE || status == FZ_E_TOO_LARGE || status == FZ_E_NOMEM || status == FZ_E_SCHEMA ||
              status == FZ_E_BUSY);
    return status;
}

fz_status fz_store_get(struct fz_store *s, const struct fz_table *table, const fz_cell *key, struct fz_arena *arena,
                       fz_cell **out_cells, bool *out_found, struct fz_error *err)
{
    fz_cell *cells = NULL;
    bool found = false;

    enter(s, false);
    fz_assert(declared(s, table) && row_fits(table, key, table->key_n));
    FZ_TRY(refuse_nuls(table, key, table->key_n, err));
    FZ_TRY(s->ops->get(s, table, key, arena, &cells, &found, err));
    fz_assert(!found || row_fits(table, cells, table->columns_n));
    *out_found = found;
    if (found)
        *out_cells = cells;
    return FZ_OK;
}

static fz_status get_one_by_one(struct fz_store *s, const struct fz_write *rows, size_t n, fz_found_visit *visit, void *arg, struct fz_error *err)
{
    struct fz_arena arena;
    fz_status status = FZ_OK;

    fz_arena_init(&arena);
    for (size_t i = 0; i < n && status == FZ_OK; i++) {
        fz_cell *cells = NULL;
        bool found = false;

        fz_arena_reset(&arena);
        status = s->ops->get(s, rows[i].table, rows[i].cells, &arena, &cells, &found, err);
        if (status == FZ_OK)
            status = visit(arg, i, found ? cells : NULL, err);
    }
    fz_arena_release(&arena);
    return status;
}

fz_status fz_store_get_all(struct fz_store *s, const struct fz_write *rows, size_t n, fz_found_visit *visit, void *arg, struct fz_error *err)
{
    enter(s, false);
    for (size_t i = 0; i < n; i++) {
        fz_assert(declared(s, rows[i].table) && row_fits(rows[i].table, rows[i].cells, rows[i].table->key_n));
        FZ_TRY(refuse_nuls(rows[i].table, rows[i].cells, rows[i].table->key_n, err));
    }
    return (s->ops->get_all ? s->ops->get_all : get_one_by_one)(s, rows, n, visit, arg, err);
}

struct visiting {
    struct fz_store *s;
    const struct fz_table *table;
    fz_row_visit *visit;
    void *arg;
};

static fz_status visit_checked(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct visiting *v = arg;
    fz_status status;

    fz_assert(row_fits(v->table, cells, v->table->columns_n));
    v->s->visits++;
    status = v->visit(v->arg, cells, err);
    v->s->visits--;
    return status;
}

fz_status fz_store_scan(struct fz_store *s, const struct fz_scan *scan, fz_row_visit *visit, void *arg,
                        struct fz_error *err)
{
    struct visiting v = {s, scan->table, visit, arg};

    enter(s, false);
    check_scan(s, scan);
    FZ_TRY(refuse_nuls_of_scan(scan, err));
    return s->ops->scan(s, scan, visit_checked, &v, err);
}

fz_status fz_store_count(struct fz_store *s, const struct fz_scan *scan, uint64_t *out_n, struct fz_error *err)
{
    uint64_t n = 0;

    enter(s, false);
    check_scan(s, scan);
    FZ_TRY(refuse_nuls_of_scan(scan, err));
    FZ_TRY(s->ops->count(s, scan, &n, err));
    *out_n = n;
    return FZ_OK;
}

bool fz_store_is_shared(const struct fz_store *s)
{
    return s->ops->is_shared && s->ops->is_shared(s);
}

fz_status fz_store_hold(struct fz_store *s, const fz_cell *place, struct fz_error *err)
{
    enter(s, true);
    fz_assert(s->mode == FZ_READ_WRITE && !s->holds && place->kind != FZ_CELL_NULL);
    if (s->ops->hold)
        FZ_TRY(s->ops->hold(s, place, err));
    s->holds = true;
    return FZ_OK;
}

void fz_store_let_go(struct fz_store *s)
{
    enter(s, true);
    fz_assert(s->holds);
    if (s->ops->let_go)
        s->ops->let_go(s);
    s->holds = false;
}

bool fz_store_holds(const struct fz_store *s)
{
    return s->holds;
}

fz_status fz_store_begin_read(struct fz_store *s, struct fz_error *err)
{
    enter(s, false);
    if (s->reads == 0 && s->ops->begin_read)
        FZ_TRY(s->ops->begin_read(s, err));
    s->reads++;
    return FZ_OK;
}

void fz_store_end_read(struct fz_store *s)
{
    enter(s, false);
    fz_assert(s->reads > 0);
    if (--s->reads == 0 && s->ops->end_read)
        s->ops->end_read(s);
}

fz_status fz_store_scrub(struct fz_store *s, const struct fz_table *const *tables, size_t n, bool *out_whole, struct fz_error *err)
{
    bool whole = true;

    enter(s, true);
    fz_assert(s->mode == FZ_READ_WRITE);
    for (size_t i = 0; i < n; i++)
        fz_assert(declared(s, tables[i]));
    if (s->ops->scrub)
        FZ_TRY(s->ops->scrub(s, tables, n, &whole, err));
    *out_whole = whole;
    return FZ_OK;
}

fz_status fz_store_distribute(struct fz_store *s, bool dry, struct fz_buf *out, struct fz_error *err)
{
    enter(s, true);
    fz_assert(s->mode == FZ_READ_WRITE);
    if (!s->ops->distribute)
        return fz_fail(err, FZ_E_INPUT, "a store of kind %s has no nodes to distribute tables over", s->ops->name);
    return s->ops->distribute(s, dry, out, err);
}

bool fz_store_has_query(const struct fz_store *s)
{
    return s->queries;
}

/* The columns of an answer are of no table: nothing to check them against. */
static fz_status visit_answer(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct visiting *v = arg;
    fz_status status;

    v->s->visits++;
    status = v->visit(v->arg, cells, err);
    v->s->visits--;
    return status;
}

/* One statement that reads, as far as a look at its words can tell: what stands between quotes is no word. */
static bool is_select(fz_str sql)
{
    char quote = 0;

    for (size_t i = 0; i < sql.n; i++)
        if (quote)
            quote = sql.p[i] == quote ? 0 : quote;
        else if (sql.p[i] == '\'' || sql.p[i] == '"')
            quote = sql.p[i];
        else if (sql.p[i] == ';')
            return false;
    return fz_str_starts(sql, "SELECT ") || fz_str_starts(sql, "WITH ");
}

fz_status fz_store_query(struct fz_store *s, fz_str sql, const fz_cell *params, size_t params_n, fz_row_visit *visit, void *arg, struct fz_error *err)
{
    struct visiting v = {s, NULL, visit, arg};

    enter(s, false);
    fz_assert(s->queries && params_n <= FZ_QUERY_PARAMS_MAX && is_select(sql));
    return s->ops->query(s, sql, params, params_n, visit_answer, &v, err);
}

fz_status fz_store_backup(struct fz_store *s, const char *path, struct fz_error *err)
{
    enter(s, true);
    if (!s->ops->backup)
        return fz_fail(err, FZ_E_INPUT, "%s: a store of kind %s has no backup", path, s->ops->name);
    return s->ops->backup(s, path, err);
}

const char *fz_store_name(const struct fz_store *s)
{
    return s->ops->name;
}

void fz_store_close(struct fz_store *s)
{
    if (!s)
        return;
    fz_assert(s->visits == 0 && s->reads == 0);
    fz_arena_release(&s->arena);
    s->ops->close(s);
}
