/*
 * What a store in PostgreSQL needs besides reading and writing, in words that only PostgreSQL and Citus know. doc/postgresql.md says what a site has to do
 * for it.
 *
 * A replaced row stays in its table's file until the file is written anew; VACUUM alone leaves its bytes between rows. So a scrub is VACUUM FULL, once
 * nobody reads a state that still shows it. Then the log: it is switched and checkpointed, upon which the server removes what lies before, or, as it is
 * set, keeps and recycles it: that is asked, not guessed.
 */
#include "store/postgres_care.h"

#include <stdio.h>
#include <stdlib.h>

#define READERS_WAIT_TRIES 6 /* 20 ms, doubled each time: 1.3 s */

/* ---- samples ---- */

void fz_care_forbid_samples(struct fz_link *l, const struct fz_sql *sql, const struct fz_table *t)
{
    struct fz_buf text = {0};

    fz_buf_addz(&text, "ALTER TABLE ");
    fz_sql_place(&text, sql, t->name);
    for (size_t i = 0; i < t->columns_n; i++) {
        fz_buf_addz(&text, i ? ", ALTER COLUMN " : " ALTER COLUMN ");
        fz_sql_name(&text, sql, t->columns[i].name);
        fz_buf_addz(&text, " SET STATISTICS 0");
    }
    fz_link_ask(l, text.p, NULL, NULL, NULL);
    fz_buf_release(&text);
}

/* ---- nothing left of what was erased ---- */

static fz_status ask_for_int(struct fz_link *l, const char *sql, const struct fz_link_params *params, int64_t *out, struct fz_error *err)
{
    PGresult *r = NULL;

    FZ_TRY(fz_link_ask(l, sql, params, &r, err));
    *out = PQntuples(r) ? fz_link_int(r, 0, 0) : 0;
    PQclear(r);
    return FZ_OK;
}

/* Rows that an open state of somebody's still shows outlive a VACUUM FULL, in the new file. So do rows that its own state still shows: that is as old as
 * the oldest writing transaction of the whole server, whatever its database. */
static fz_status wait_for_readers(struct fz_link *l, struct fz_error *err)
{
    static const char old_states[] =
        "SELECT (SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND (datname = current_database() OR datname IS NULL) AND "
        "age(backend_xmin) > age($1::text::xid)) + (SELECT count(*) FROM pg_replication_slots WHERE age(xmin) > age($1::text::xid)) + "
        "(SELECT count(*) FROM pg_prepared_xacts WHERE age(transaction) > age($1::text::xid)) + "
        "(pg_snapshot_xmin(pg_current_snapshot())::text::bigint <= $2)::int";
    struct fz_link_params params = {0};
    char now[32];
    int64_t n = 0;

    FZ_TRY(ask_for_int(l, "SELECT pg_current_xact_id()::text::bigint", NULL, &n, err));
    snprintf(now, sizeof(now), "%u", (unsigned)n); /* without its epoch, as xid is */
    fz_link_add_text(&params, now);
    fz_link_add_int(&params, n);
    for (int i = 0; i < READERS_WAIT_TRIES; i++) {
        FZ_TRY(ask_for_int(l, old_states, &params, &n, err));
        if (n == 0)
            return FZ_OK;
        fz_link_pause(i);
    }
    return fz_fail(err, FZ_E_BUSY, "%s: somebody reads an older state, which holds what was erased; it can be cleaned once they have ended", l->name);
}

/* The number of a table's file, by which one sees that it was written anew: who may not is only warned. */
static fz_status file_of(struct fz_link *l, const struct fz_sql *sql, const struct fz_table *t, int64_t *out, struct fz_error *err)
{
    struct fz_link_params params = {0};
    struct fz_buf place = {0};
    fz_status s;

    fz_sql_place(&place, sql, t->name);
    fz_link_add_text(&params, place.p);
    s = ask_for_int(l, "SELECT pg_relation_filenode($1::text::regclass)::bigint", &params, out, err);
    fz_buf_release(&place);
    return s;
}

static fz_status write_anew(struct fz_link *l, const struct fz_sql *sql, const struct fz_table *t, struct fz_error *err)
{
    struct fz_buf text = {0};
    int64_t before, after;
    fz_status s;

    FZ_TRY(file_of(l, sql, t, &before, err));
    fz_buf_addz(&text, "VACUUM (FULL) ");
    fz_sql_place(&text, sql, t->name);
    s = fz_link_ask(l, text.p, NULL, NULL, err);
    fz_buf_release(&text);
    FZ_TRY(s);
    FZ_TRY(file_of(l, sql, t, &after, err));
    return before != after ? FZ_OK : fz_fail(err, FZ_E_IO, "%s: the table %s is not ours to clean: only its owner may", l->name, t->name);
}

/* The log up to here is given back, where this role may ask for it and the server keeps none of it. */
static bool clean_log(struct fz_link *l)
{
    static const char kept[] = "SELECT count(*) FROM pg_settings WHERE (name = 'wal_recycle' AND setting <> 'off') OR (name = 'wal_keep_size' AND setting <> '0') OR "
                               "(name = 'archive_mode' AND setting <> 'off')";
    static const char slots[] = "SELECT count(*) FROM pg_replication_slots";
    int64_t n = 0, m = 0;

    return fz_link_ask(l, "SELECT pg_switch_wal()", NULL, NULL, NULL) == FZ_OK && fz_link_ask(l, "CHECKPOINT", NULL, NULL, NULL) == FZ_OK &&
           ask_for_int(l, kept, NULL, &n, NULL) == FZ_OK && ask_for_int(l, slots, NULL, &m, NULL) == FZ_OK && n == 0 && m == 0;
}

fz_status fz_care_scrub(struct fz_link *l, const struct fz_sql *sql, const struct fz_table *const *tables, size_t n, bool *out_whole, struct fz_error *err)
{
    FZ_TRY(wait_for_readers(l, err));
    for (size_t i = 0; i < n; i++)
        FZ_TRY(write_anew(l, sql, tables[i], err));
    *out_whole = clean_log(l);
    return l->broken ? fz_link_failed(l, NULL, err) : FZ_OK;
}

/* ---- nodes ---- */

static fz_status has_citus(struct fz_link *l, bool *out, struct fz_error *err)
{
    int64_t n = 0;

    FZ_TRY(ask_for_int(l, "SELECT count(*) FROM pg_catalog.pg_extension WHERE extname = 'citus'", NULL, &n, err));
    *out = n > 0;
    return FZ_OK;
}

static fz_status is_laid_out(struct fz_link *l, const char *place, bool *out, struct fz_error *err)
{
    struct fz_link_params params = {0};
    int64_t n = 0;

    fz_link_add_text(&params, place);
    FZ_TRY(ask_for_int(l, "SELECT count(*) FROM pg_dist_partition WHERE logicalrelid = $1::text::regclass", &params, &n, err));
    *out = n > 0;
    return FZ_OK;
}

/* What of a table lay in this node already lies in the shards then; the copy here would outlive an erasure. `column` NULL: whole on every node. */
static void add_layout(struct fz_buf *out, const char *place, const char *column)
{
    if (column)
        fz_buf_printf(out, "SELECT create_distributed_table('%s', '%s');\nSELECT truncate_local_data_after_distributing_table('%s');\n", place, column, place);
    else
        fz_buf_printf(out, "SELECT create_reference_table('%s');\n", place);
}

static fz_status execute_lines(struct fz_link *l, const char *lines, struct fz_error *err)
{
    while (*lines) {
        size_t n = strcspn(lines, "\n");
        char *line = fz_must(strndup(lines, n));
        fz_status s = fz_link_ask(l, line, NULL, NULL, err);

        free(line);
        FZ_TRY(s);
        lines += n + (lines[n] == '\n');
    }
    return FZ_OK;
}

static fz_status lay_out(struct fz_link *l, const struct fz_sql *sql, const char *name, const char *column, bool citus, bool dry, struct fz_buf *out, struct fz_error *err)
{
    struct fz_buf place = {0}, lines = {0};
    bool done = false;
    fz_status s = FZ_OK;

    fz_sql_place(&place, sql, name);
    if (citus)
        s = is_laid_out(l, place.p, &done, err);
    if (s == FZ_OK && !done) {
        add_layout(&lines, place.p, column);
        s = dry ? FZ_OK : execute_lines(l, lines.p, err);
    }
    if (s == FZ_OK && !done)
        fz_buf_add(out, fz_buf_str(&lines));
    fz_buf_release(&place);
    fz_buf_release(&lines);
    return s;
}

fz_status fz_care_distribute(struct fz_link *l, const struct fz_sql *sql, const struct fz_table *const *tables, size_t n, bool dry, struct fz_buf *out,
                             struct fz_error *err)
{
    bool citus = false;

    FZ_TRY(has_citus(l, &citus, err));
    if (!citus && !dry)
        return fz_fail(err, FZ_E_INPUT, "%s: this server has no Citus (CREATE EXTENSION citus), so there are no nodes to distribute tables over", l->name);
    FZ_TRY(lay_out(l, sql, "fz_tables", NULL, citus, dry, out, err));
    for (size_t i = 0; i < n; i++)
        FZ_TRY(lay_out(l, sql, tables[i]->name, tables[i]->columns[0].name, citus, dry, out, err));
    return FZ_OK;
}
