/* What sqlite.c says to SQLite about declared tables. Each function adds one statement, or two, to `out`; parameters are named by their order. */
#ifndef FZ_STORE_SQLITE_TEXT_H
#define FZ_STORE_SQLITE_TEXT_H

#include "store/store_int.h"

void fz_sql_create(struct fz_buf *out, const struct fz_table *table);
void fz_sql_create_index(struct fz_buf *out, const struct fz_table *table, const struct fz_index *index);

void fz_sql_add(struct fz_buf *out, const struct fz_table *table);    /* all columns */
void fz_sql_put(struct fz_buf *out, const struct fz_table *table);    /* all columns */
void fz_sql_remove(struct fz_buf *out, const struct fz_table *table); /* the key */
void fz_sql_get(struct fz_buf *out, const struct fz_table *table);    /* the key */

/** The cells of the prefix, the bounds that are set and, unless it only counts, the limit. */
void fz_sql_scan(struct fz_buf *out, const struct fz_scan *scan, bool counting);
/** Alike for two scans of one table whose statements are alike. */
uint64_t fz_sql_shape(const struct fz_scan *scan, bool counting);

#endif
