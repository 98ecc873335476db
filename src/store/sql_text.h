/*
 * What drivers say in SQL about declared tables. Each function adds one statement, or two, to `out`; parameters are $1, $2, ..., which SQLite counts in
 * the order in which they stand and PostgreSQL by their number.
 */
#ifndef FZ_STORE_SQL_TEXT_H
#define FZ_STORE_SQL_TEXT_H

#include "store/store_int.h"

/* Where tables lie and whose SQL it is. */
struct fz_sql {
    const char *schema;
    bool postgres;
};

void fz_sql_create(struct fz_buf *out, const struct fz_sql *sql, const struct fz_table *table);
void fz_sql_create_index(struct fz_buf *out, const struct fz_sql *sql, const struct fz_table *table, const struct fz_index *index);
/** "schema"."name" */
void fz_sql_place(struct fz_buf *out, const struct fz_sql *sql, const char *name);
/** "name", shortened where PostgreSQL would cut it. */
void fz_sql_name(struct fz_buf *out, const struct fz_sql *sql, const char *name);

void fz_sql_add(struct fz_buf *out, const struct fz_sql *sql, const struct fz_table *table);    /* all columns */
void fz_sql_put(struct fz_buf *out, const struct fz_sql *sql, const struct fz_table *table);    /* all columns */
void fz_sql_remove(struct fz_buf *out, const struct fz_sql *sql, const struct fz_table *table); /* the key */
void fz_sql_clear(struct fz_buf *out, const struct fz_sql *sql, const struct fz_table *table);  /* the first column */
void fz_sql_get(struct fz_buf *out, const struct fz_sql *sql, const struct fz_table *table);    /* the key */

/** The cells of the prefix that are not NULL, the bounds that are set and, unless it only counts, the limit: see fz_sql_scan_params(). */
void fz_sql_scan(struct fz_buf *out, const struct fz_sql *sql, const struct fz_scan *scan, bool counting);

/* A parameter of a scan and the column that it is compared with. */
struct fz_sql_param {
    const struct fz_column *column;
    const fz_cell *cell;
};
/** Fills `out` (FZ_COLUMNS_MAX + 2 of them), without the limit, and returns how many there are. */
size_t fz_sql_scan_params(const struct fz_scan *scan, struct fz_sql_param *out);
/** Alike for two scans of one table whose statements are alike. */
uint64_t fz_sql_shape(const struct fz_scan *scan, bool counting);

#endif
