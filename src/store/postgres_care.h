/* What a store in PostgreSQL needs besides reading and writing: nothing left after an erasure, and tables over several nodes. The link is ready. */
#ifndef FZ_STORE_POSTGRES_CARE_H
#define FZ_STORE_POSTGRES_CARE_H

#include "store/postgres_link.h"
#include "store/sql_text.h"

/** The server's statistics hold samples of values: none of a store's tables, so that an erased value is not kept there. Plans need none, for every scan
 * runs along its index (postgres_link.c). An engine that does not know this keeps no such samples, or says so in its manual. */
void fz_care_forbid_samples(struct fz_link *l, const struct fz_sql *sql, const struct fz_table *table);

/** As fz_store_scrub(). */
fz_status fz_care_scrub(struct fz_link *l, const struct fz_sql *sql, const struct fz_table *const *tables, size_t n, bool *out_whole, struct fz_error *err);

/** As fz_store_distribute(), of these tables and fz_tables. */
fz_status fz_care_distribute(struct fz_link *l, const struct fz_sql *sql, const struct fz_table *const *tables, size_t n, bool dry, struct fz_buf *out,
                             struct fz_error *err);

#endif
