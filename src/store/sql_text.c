/*
 * The text of every statement over declared tables, for both engines that speak SQL.
 *
 * Layout in SQLite: a table without a blob outside its key is WITHOUT ROWID, its rows lying in the order of the key. One with such a blob has rowids
 * and the key as a unique index, TABLE.key: rows past a quarter of a page overflow in a WITHOUT ROWID table and every look-up on the way reads them
 * whole. Measured with entries on pages of 4 kB: at 300 bytes no difference, at 1500 and 6000 about twice as slow to look up and to scan.
 *
 * Layout in PostgreSQL: plain tables, a primary key and indexes, nothing else, so that whatever speaks its protocol and distributes by the first column
 * can hold them. Texts are COLLATE "C": by their bytes. NULL comes first in indexes as in scans.
 *
 * Every scan names its index in SQLite: left alone, the planner took the key for a scan by index, 100 times slower. PostgreSQL knows no such word;
 * its session forbids the other plans (postgres.c). An index ends with those columns of the key that it has not, so that no scan sorts (a unique one
 * cannot, unless in a table WITHOUT ROWID: it sorts, among rows that are alike in it, which have a NULL).
 *
 * Names are plain letters (store.c), quoted because some are words of SQL. PostgreSQL cuts names at 63 bytes, so longer ones end with a digest.
 */
#include "store/sql_text.h"

#define POSTGRES_NAME_BYTES 63

/* ---- names ---- */

static uint64_t digest(const char *name)
{
    uint64_t h = UINT64_C(14695981039346656037); /* FNV-1a */

    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * UINT64_C(1099511628211);
    return h;
}

void fz_sql_name(struct fz_buf *b, const struct fz_sql *sql, const char *name)
{
    if (sql->postgres && strlen(name) > POSTGRES_NAME_BYTES)
        fz_buf_printf(b, "\"%.46s_%016llx\"", name, (unsigned long long)digest(name));
    else
        fz_buf_printf(b, "\"%s\"", name);
}

void fz_sql_place(struct fz_buf *b, const struct fz_sql *sql, const char *name)
{
    fz_buf_printf(b, "\"%s\".", sql->schema);
    fz_sql_name(b, sql, name);
}

/* TABLE.INDEX, which no table can be called. */
static void add_index_name(struct fz_buf *b, const struct fz_sql *sql, const struct fz_table *t, const char *index)
{
    struct fz_buf name = {0};

    fz_buf_printf(&name, "%s.%s", t->name, index);
    fz_sql_name(b, sql, name.p);
    fz_buf_release(&name);
}

static void add_columns(struct fz_buf *b, const struct fz_sql *sql, const struct fz_table *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        fz_buf_addz(b, i ? ", " : "");
        fz_sql_name(b, sql, t->columns[i].name);
    }
}

/* The first n columns of the key. */
static void add_key_is(struct fz_buf *b, const struct fz_sql *sql, const struct fz_table *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        fz_buf_addz(b, i ? " AND " : " WHERE ");
        fz_sql_name(b, sql, t->columns[i].name);
        fz_buf_printf(b, " = $%zu", i + 1);
    }
}

/* ---- tables ---- */

/* Rows in the order of the key. */
static bool clustered(const struct fz_table *t)
{
    for (size_t i = t->key_n; i < t->columns_n; i++)
        if (t->columns[i].kind == FZ_COL_BLOB)
            return false;
    return true;
}

static void add_kinds(struct fz_buf *b, const struct fz_sql *sql, const struct fz_table *t)
{
    static const char *const kinds[2][3] = {
        {[FZ_COL_INT] = "INTEGER", [FZ_COL_TEXT] = "TEXT", [FZ_COL_BLOB] = "BLOB"},
        {[FZ_COL_INT] = "bigint", [FZ_COL_TEXT] = "text COLLATE \"C\"", [FZ_COL_BLOB] = "bytea"},
    };

    for (size_t i = 0; i < t->columns_n; i++) {
        fz_buf_addz(b, i ? ", " : "");
        fz_sql_name(b, sql, t->columns[i].name);
        fz_buf_printf(b, " %s%s", kinds[sql->postgres][t->columns[i].kind], t->columns[i].may_be_null ? "" : " NOT NULL");
    }
}

void fz_sql_create(struct fz_buf *b, const struct fz_sql *sql, const struct fz_table *t)
{
    bool keyed = sql->postgres || clustered(t);

    fz_buf_addz(b, "CREATE TABLE ");
    fz_sql_place(b, sql, t->name);
    fz_buf_addz(b, " (");
    add_kinds(b, sql, t);
    if (sql->postgres) {
        fz_buf_addz(b, ", CONSTRAINT ");
        add_index_name(b, sql, t, "key");
    }
    if (keyed) {
        fz_buf_addz(b, sql->postgres ? " PRIMARY KEY (" : ", PRIMARY KEY (");
        add_columns(b, sql, t, t->key_n);
        fz_buf_addz(b, sql->postgres ? "));" : ")) STRICT, WITHOUT ROWID;");
        return;
    }
    fz_buf_printf(b, ") STRICT; CREATE UNIQUE INDEX \"%s.key\" ON \"%s\" (", t->name, t->name);
    add_columns(b, sql, t, t->key_n);
    fz_buf_addz(b, ");");
}

static bool has_column(const struct fz_index *x, int column)
{
    for (size_t i = 0; i < x->columns_n; i++)
        if (x->columns[i] == column)
            return true;
    return false;
}

/* One of an index or an order. SQLite has NULL first already. */
static void add_ordered(struct fz_buf *b, const struct fz_sql *sql, const struct fz_column *c, bool backwards)
{
    fz_sql_name(b, sql, c->name);
    fz_buf_addz(b, backwards ? " DESC" : "");
    if (sql->postgres && c->may_be_null)
        fz_buf_addz(b, backwards ? " NULLS LAST" : " NULLS FIRST");
}

void fz_sql_create_index(struct fz_buf *b, const struct fz_sql *sql, const struct fz_table *t, const struct fz_index *x)
{
    fz_buf_addz(b, x->unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
    add_index_name(b, sql, t, x->name);
    fz_buf_addz(b, " ON ");
    if (sql->postgres)
        fz_sql_place(b, sql, t->name);
    else
        fz_sql_name(b, sql, t->name);
    fz_buf_addz(b, " (");
    for (size_t i = 0; i < x->columns_n; i++) {
        fz_buf_addz(b, i ? ", " : "");
        add_ordered(b, sql, &t->columns[x->columns[i]], false);
    }
    for (size_t i = 0; i < t->key_n && !x->unique; i++)
        if (!has_column(x, (int)i)) {
            fz_buf_addz(b, ", ");
            fz_sql_name(b, sql, t->columns[i].name);
        }
    fz_buf_addz(b, ");");
}

/* ---- rows ---- */

void fz_sql_add(struct fz_buf *b, const struct fz_sql *sql, const struct fz_table *t)
{
    fz_buf_addz(b, "INSERT INTO ");
    fz_sql_place(b, sql, t->name);
    fz_buf_addz(b, " (");
    add_columns(b, sql, t, t->columns_n);
    fz_buf_addz(b, ") VALUES (");
    for (size_t i = 0; i < t->columns_n; i++)
        fz_buf_printf(b, "%s$%zu", i ? ", " : "", i + 1);
    fz_buf_addz(b, ")");
}

/* Not INSERT OR REPLACE: that would remove other rows out of the way of a unique index. */
void fz_sql_put(struct fz_buf *b, const struct fz_sql *sql, const struct fz_table *t)
{
    fz_sql_add(b, sql, t);
    fz_buf_addz(b, " ON CONFLICT (");
    add_columns(b, sql, t, t->key_n);
    fz_buf_addz(b, t->key_n < t->columns_n ? ") DO UPDATE SET " : ") DO NOTHING");
    for (size_t i = t->key_n; i < t->columns_n; i++) {
        fz_buf_addz(b, i > t->key_n ? ", " : "");
        fz_sql_name(b, sql, t->columns[i].name);
        fz_buf_addz(b, " = excluded.");
        fz_sql_name(b, sql, t->columns[i].name);
    }
}

void fz_sql_remove(struct fz_buf *b, const struct fz_sql *sql, const struct fz_table *t)
{
    fz_buf_addz(b, "DELETE FROM ");
    fz_sql_place(b, sql, t->name);
    add_key_is(b, sql, t, t->key_n);
}

void fz_sql_clear(struct fz_buf *b, const struct fz_sql *sql, const struct fz_table *t)
{
    fz_buf_addz(b, "DELETE FROM ");
    fz_sql_place(b, sql, t->name);
    add_key_is(b, sql, t, 1);
}

static void add_select(struct fz_buf *b, const struct fz_sql *sql, const struct fz_table *t, bool counting)
{
    fz_buf_addz(b, counting ? "SELECT count(*)" : "SELECT ");
    if (!counting)
        add_columns(b, sql, t, t->columns_n);
    fz_buf_addz(b, " FROM ");
    fz_sql_place(b, sql, t->name);
}

void fz_sql_get(struct fz_buf *b, const struct fz_sql *sql, const struct fz_table *t)
{
    add_select(b, sql, t, false);
    add_key_is(b, sql, t, t->key_n);
}

/* ---- scans ---- */

static void add_way(struct fz_buf *b, const struct fz_table *t, int index)
{
    if (index >= 0)
        fz_buf_printf(b, " INDEXED BY \"%s.%s\"", t->name, t->indexes[index].name);
    else if (clustered(t))
        fz_buf_addz(b, " NOT INDEXED");
    else
        fz_buf_printf(b, " INDEXED BY \"%s.key\"", t->name);
}

/* Conditions are added one by one, each with the number of its parameter. */
struct where {
    struct fz_buf *out;
    const struct fz_sql *sql;
    size_t conditions, params;
};

/* `test` without a parameter when it ends in a word. */
static void add_condition(struct where *w, const struct fz_column *c, const char *test, bool param)
{
    fz_buf_addz(w->out, w->conditions++ ? " AND " : " WHERE ");
    fz_sql_name(w->out, w->sql, c->name);
    fz_buf_printf(w->out, " %s", test);
    if (param)
        fz_buf_printf(w->out, " $%zu", ++w->params);
}

static void add_where(struct where *w, const struct fz_scan *scan, const int *columns)
{
    const struct fz_column *all = scan->table->columns, *next;

    for (size_t i = 0; i < scan->prefix_n; i++) {
        bool null = scan->prefix[i].kind == FZ_CELL_NULL;

        add_condition(w, &all[columns[i]], null ? "IS NULL" : "=", !null);
    }
    if (!scan->ranged)
        return;
    next = &all[columns[scan->prefix_n]];
    if (scan->low.kind != FZ_CELL_NULL)
        add_condition(w, next, ">=", true);
    if (scan->high.kind != FZ_CELL_NULL)
        add_condition(w, next, "<=", true);
    if (scan->low.kind == FZ_CELL_NULL)
        add_condition(w, next, "IS NOT NULL", false);
}

/* Columns of the prefix are alike in all rows. */
static void add_order(struct fz_buf *b, const struct fz_sql *sql, const struct fz_scan *scan, const int *columns, size_t n)
{
    const struct fz_table *t = scan->table;
    bool first = true;

    for (size_t i = scan->prefix_n; i < n; i++, first = false) {
        fz_buf_addz(b, first ? " ORDER BY " : ", ");
        add_ordered(b, sql, &t->columns[columns[i]], scan->backwards);
    }
    for (size_t i = 0; i < t->key_n; i++) {
        if (scan->index < 0 || has_column(&t->indexes[scan->index], (int)i))
            continue;
        fz_buf_addz(b, first ? " ORDER BY " : ", ");
        add_ordered(b, sql, &t->columns[i], scan->backwards);
        first = false;
    }
}

void fz_sql_scan(struct fz_buf *b, const struct fz_sql *sql, const struct fz_scan *scan, bool counting)
{
    size_t n;
    const int *columns = fz_order_of(scan->table, scan->index, &n);
    struct where w = {.out = b, .sql = sql};

    add_select(b, sql, scan->table, counting);
    if (!sql->postgres)
        add_way(b, scan->table, scan->index);
    add_where(&w, scan, columns);
    if (counting)
        return;
    add_order(b, sql, scan, columns, n);
    fz_buf_printf(b, " LIMIT $%zu", w.params + 1);
}

size_t fz_sql_scan_params(const struct fz_scan *scan, struct fz_sql_param *out)
{
    size_t n, params = 0;
    const int *columns = fz_order_of(scan->table, scan->index, &n);
    const struct fz_column *all = scan->table->columns;

    for (size_t i = 0; i < scan->prefix_n; i++)
        if (scan->prefix[i].kind != FZ_CELL_NULL)
            out[params++] = (struct fz_sql_param){&all[columns[i]], &scan->prefix[i]};
    if (scan->ranged && scan->low.kind != FZ_CELL_NULL)
        out[params++] = (struct fz_sql_param){&all[columns[scan->prefix_n]], &scan->low};
    if (scan->ranged && scan->high.kind != FZ_CELL_NULL)
        out[params++] = (struct fz_sql_param){&all[columns[scan->prefix_n]], &scan->high};
    return params;
}

/* All that the text depends on, but the table. An index has at most FZ_COLUMNS_MAX columns, a table not nearly as many indexes as fit here. */
uint64_t fz_sql_shape(const struct fz_scan *scan, bool counting)
{
    uint64_t low = scan->ranged && scan->low.kind != FZ_CELL_NULL, high = scan->ranged && scan->high.kind != FZ_CELL_NULL,
             nulls = 0;

    for (size_t i = 0; i < scan->prefix_n; i++)
        nulls |= (uint64_t)(scan->prefix[i].kind == FZ_CELL_NULL) << i;
    return nulls << 32 | (uint64_t)(scan->index + 1) << 16 | (uint64_t)scan->prefix_n << 8 | (uint64_t)scan->ranged << 4 |
           low << 3 | high << 2 | (uint64_t)(scan->backwards && !counting) << 1 | (uint64_t)counting;
}
