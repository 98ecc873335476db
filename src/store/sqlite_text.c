/*
 * The text of every statement over declared tables.
 *
 * Layout: a table without a blob outside its key is WITHOUT ROWID, its rows lying in the order of the key. One with such a blob has rowids and the
 * key as a unique index, TABLE.key: rows past a quarter of a page overflow in a WITHOUT ROWID table and every look-up on the way reads them whole.
 * Measured with entries on pages of 4 kB: at 300 bytes no difference, at 1500 and 6000 about twice as slow to look up and to scan.
 *
 * Every scan names its index: left alone, the planner took the key for a scan by index, 100 times slower. An index ends with those columns of the
 * key that it has not, so that no scan sorts (a unique one of a table with rowids cannot: it sorts, among rows that are alike in it, which have a NULL).
 *
 * Names are plain letters (store.c), quoted because some are words of SQL.
 */
#include "store/sqlite_text.h"

/* ---- tables ---- */

static void add_name(struct fz_buf *b, const char *name)
{
    fz_buf_printf(b, "\"%s\"", name);
}

static void add_columns(struct fz_buf *b, const struct fz_table *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        fz_buf_addz(b, i ? ", " : "");
        add_name(b, t->columns[i].name);
    }
}

static void add_key_is(struct fz_buf *b, const struct fz_table *t)
{
    for (size_t i = 0; i < t->key_n; i++)
        fz_buf_printf(b, "%s\"%s\" = ?", i ? " AND " : " WHERE ", t->columns[i].name);
}

/* Rows in the order of the key. */
static bool clustered(const struct fz_table *t)
{
    for (size_t i = t->key_n; i < t->columns_n; i++)
        if (t->columns[i].kind == FZ_COL_BLOB)
            return false;
    return true;
}

void fz_sql_create(struct fz_buf *b, const struct fz_table *t)
{
    static const char *const kinds[] = {[FZ_COL_INT] = "INTEGER", [FZ_COL_TEXT] = "TEXT", [FZ_COL_BLOB] = "BLOB"};

    fz_buf_printf(b, "CREATE TABLE \"%s\" (", t->name);
    for (size_t i = 0; i < t->columns_n; i++)
        fz_buf_printf(b, "\"%s\" %s%s, ", t->columns[i].name, kinds[t->columns[i].kind],
                      t->columns[i].may_be_null ? "" : " NOT NULL");
    if (clustered(t)) {
        fz_buf_addz(b, "PRIMARY KEY (");
        add_columns(b, t, t->key_n);
        fz_buf_addz(b, ")) STRICT, WITHOUT ROWID;");
        return;
    }
    b->n -= 2;
    fz_buf_printf(b, ") STRICT; CREATE UNIQUE INDEX \"%s.key\" ON \"%s\" (", t->name, t->name);
    add_columns(b, t, t->key_n);
    fz_buf_addz(b, ");");
}

static bool has_column(const struct fz_index *x, int column)
{
    for (size_t i = 0; i < x->columns_n; i++)
        if (x->columns[i] == column)
            return true;
    return false;
}

void fz_sql_create_index(struct fz_buf *b, const struct fz_table *t, const struct fz_index *x)
{
    fz_buf_printf(b, "CREATE %sINDEX \"%s.%s\" ON \"%s\" (", x->unique ? "UNIQUE " : "", t->name, x->name, t->name);
    for (size_t i = 0; i < x->columns_n; i++)
        fz_buf_printf(b, "%s\"%s\"", i ? ", " : "", t->columns[x->columns[i]].name);
    for (size_t i = 0; i < t->key_n && !x->unique; i++)
        if (!has_column(x, (int)i))
            fz_buf_printf(b, ", \"%s\"", t->columns[i].name);
    fz_buf_addz(b, ");");
}

/* ---- rows ---- */

void fz_sql_add(struct fz_buf *b, const struct fz_table *t)
{
    fz_buf_printf(b, "INSERT INTO \"%s\" (", t->name);
    add_columns(b, t, t->columns_n);
    fz_buf_addz(b, ") VALUES (");
    for (size_t i = 0; i < t->columns_n; i++)
        fz_buf_addz(b, i ? ", ?" : "?");
    fz_buf_addz(b, ")");
}

/* Not INSERT OR REPLACE: that would remove other rows out of the way of a unique index. */
void fz_sql_put(struct fz_buf *b, const struct fz_table *t)
{
    fz_sql_add(b, t);
    fz_buf_addz(b, " ON CONFLICT (");
    add_columns(b, t, t->key_n);
    fz_buf_addz(b, t->key_n < t->columns_n ? ") DO UPDATE SET " : ") DO NOTHING");
    for (size_t i = t->key_n; i < t->columns_n; i++)
        fz_buf_printf(b, "%s\"%s\" = excluded.\"%s\"", i > t->key_n ? ", " : "", t->columns[i].name,
                      t->columns[i].name);
}

void fz_sql_remove(struct fz_buf *b, const struct fz_table *t)
{
    fz_buf_printf(b, "DELETE FROM \"%s\"", t->name);
    add_key_is(b, t);
}

void fz_sql_get(struct fz_buf *b, const struct fz_table *t)
{
    fz_buf_addz(b, "SELECT ");
    add_columns(b, t, t->columns_n);
    fz_buf_printf(b, " FROM \"%s\"", t->name);
    add_key_is(b, t);
}

/* ---- scans ---- */

static void add_source(struct fz_buf *b, const struct fz_table *t, int index)
{
    fz_buf_printf(b, " FROM \"%s\" ", t->name);
    if (index >= 0)
        fz_buf_printf(b, "INDEXED BY \"%s.%s\"", t->name, t->indexes[index].name);
    else if (clustered(t))
        fz_buf_addz(b, "NOT INDEXED");
    else
        fz_buf_printf(b, "INDEXED BY \"%s.key\"", t->name);
}

static void add_condition(struct fz_buf *b, const char *column, const char *test, bool *io_first)
{
    fz_buf_printf(b, "%s\"%s\" %s", *io_first ? " WHERE " : " AND ", column, test);
    *io_first = false;
}

static void add_where(struct fz_buf *b, const struct fz_scan *scan, const int *columns)
{
    const struct fz_column *all = scan->table->columns;
    bool first = true;

    for (size_t i = 0; i < scan->prefix_n; i++)
        add_condition(b, all[columns[i]].name, all[columns[i]].may_be_null ? "IS ?" : "= ?", &first);
    if (!scan->ranged)
        return;
    if (scan->low.kind != FZ_CELL_NULL)
        add_condition(b, all[columns[scan->prefix_n]].name, ">= ?", &first);
    if (scan->high.kind != FZ_CELL_NULL)
        add_condition(b, all[columns[scan->prefix_n]].name, "<= ?", &first);
    if (scan->low.kind == FZ_CELL_NULL)
        add_condition(b, all[columns[scan->prefix_n]].name, "IS NOT NULL", &first);
}

/* Columns of the prefix are alike in all rows. */
static void add_order(struct fz_buf *b, const struct fz_scan *scan, const int *columns, size_t n)
{
    const struct fz_table *t = scan->table;
    const char *way = scan->backwards ? " DESC" : "";
    bool first = true;

    for (size_t i = scan->prefix_n; i < n; i++, first = false)
        fz_buf_printf(b, "%s\"%s\"%s", first ? " ORDER BY " : ", ", t->columns[columns[i]].name, way);
    for (size_t i = 0; i < t->key_n; i++) {
        if (scan->index < 0 || has_column(&t->indexes[scan->index], (int)i))
            continue;
        fz_buf_printf(b, "%s\"%s\"%s", first ? " ORDER BY " : ", ", t->columns[i].name, way);
        first = false;
    }
}

void fz_sql_scan(struct fz_buf *b, const struct fz_scan *scan, bool counting)
{
    size_t n;
    const int *columns = fz_order_of(scan->table, scan->index, &n);

    fz_buf_addz(b, "SELECT ");
    if (counting)
        fz_buf_addz(b, "count(*)");
    else
        add_columns(b, scan->table, scan->table->columns_n);
    add_source(b, scan->table, scan->index);
    add_where(b, scan, columns);
    if (counting)
        return;
    add_order(b, scan, columns, n);
    fz_buf_addz(b, " LIMIT ?");
}

/* All that the text depends on, but the table. */
uint64_t fz_sql_shape(const struct fz_scan *scan, bool counting)
{
    uint64_t low = scan->ranged && scan->low.kind != FZ_CELL_NULL,
             high = scan->ranged && scan->high.kind != FZ_CELL_NULL;

    return (uint64_t)(scan->index + 1) << 32 | (uint64_t)scan->prefix_n << 8 | (uint64_t)scan->ranged << 4 | low << 3 |
           high << 2 | (uint64_t)(scan->backwards && !counting) << 1 | (uint64_t)counting;
}
