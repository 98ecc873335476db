/*
 * The store in one file of SQLite.
 *
 * Files, beside each other, all 0600:
 *     NAME         the database: application_id "fazh", user_version 1, WAL
 *     NAME-wal     commits not yet moved into it; NAME-shm  the index of that; both SQLite's
 *     NAME-lock    held by an OFD lock for as long as a writer has the store open; its bytes are the writer's process id
 *
 * Tables are STRICT. fz_tables holds the form of each in words (fz_table_form), by which a declaration is compared: SQL is never parsed. An index
 * is called TABLE.INDEX, which no table can be. Texts and blobs are compared by memcmp (BINARY, UTF-8), NULL comes first. How tables are laid out and
 * scans worded is in sql_text.c.
 *
 * Invariants:
 *  1. One writer: who has no NAME-lock does not write. SQLite's own locks meet foreign programs only, and wait for them.
 *  2. No transaction is open outside of a function of this file, but the read of a scan whose visit runs, or between begin_read and end_read.
 *  3. A failed COMMIT is certain to have left nothing only where writing of its frames failed. Where syncing or the index failed, the frames may be
 *     found after a crash: FZ_E_UNSURE, and no further commit until the file was opened anew, which settles it.
 *  4. The log is moved into the file by checkpoint.c, not by commits.
 */
#include "store/checkpoint.h"
#include "store/sql_text.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define APPLICATION_ID 0x66617a68 /* "fazh" */
#define LAYOUT 1                  /* user_version: the rules of sql_text.c */
#define WAIT_MS 10000             /* for a foreign program, or for the recovery and clean-up of another process */
#define WRITER_CACHE_KIB 65536
#define READER_CACHE_KIB 16384
#define WAL_PAGES_MAX 65536        /* where a commit moves the log itself after all: checkpoint.c could not */
#define SCRUB_WAIT_MS 1000         /* for readers to leave an old state */
#define WAL_KEPT_BYTES (64u << 20) /* what a very large batch made longer is cut again */

static const struct fz_sql dialect = {.schema = "main"};

/* A scan's statement, by its shape. */
struct scan_statement {
    uint64_t shape;
    sqlite3_stmt *st;
};

struct table {
    const struct fz_table *table;
    sqlite3_stmt *writes[3]; /* by fz_write_kind */
    sqlite3_stmt *get;
    struct scan_statement *scans;
    size_t scans_n, scans_cap;
};

struct sqlite {
    struct fz_store base;
    sqlite3 *db;
    char *path; /* as given, for messages */
    int lock;   /* -1: a reader */
    bool stuck; /* invariant 3 */
    int64_t row_bytes_max;
    sqlite3_stmt *begin, *commit, *rollback;
    struct fz_checkpoint *checkpoint; /* NULL: a reader */
    int log_pages;                    /* of NAME-wal after the last commit */
    struct table *tables;
    size_t tables_n, tables_cap;
};

/* ---- failures ---- */

static bool disk_is_full(int code, int system)
{
    if ((code & 0xFF) == SQLITE_FULL)
        return true;
    /* A quota, a limit on the length of files, room for NAME-shm. */
    return (code & 0xFF) == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT || system == EFBIG);
}

static fz_status status_of(int code, int system)
{
    if (disk_is_full(code, system))
        return FZ_E_FULL;
    switch (code & 0xFF) {
    case SQLITE_NOMEM:
        return FZ_E_NOMEM;
    case SQLITE_TOOBIG:
        return FZ_E_TOO_LARGE;
    default:
        return FZ_E_IO;
    }
}

/* SQLite keeps the system's error of most failures, but not of a COMMIT: begin() and end() clear errno for that. */
static int system_error(sqlite3 *db)
{
    int kept = sqlite3_system_errno(db);

    return kept ? kept : errno;
}

/* The last failure of `db`, in SQLite's words. */
static fz_status failed_db(sqlite3 *db, const char *path, struct fz_error *err)
{
    int code = sqlite3_extended_errcode(db), system = system_error(db);
    fz_status s = status_of(code, system);

    if ((code & 0xFF) == SQLITE_IOERR || (code & 0xFF) == SQLITE_CANTOPEN)
        return fz_fail(err, s, "%s: %s (SQLite %d%s%s)", path, sqlite3_errmsg(db), code, system ? ": " : "",
                       system ? strerror(system) : "");
    return fz_fail(err, s, "%s: %s (SQLite %d)", path, sqlite3_errmsg(db), code);
}

static fz_status failed(const struct sqlite *q, struct fz_error *err)
{
    return failed_db(q->db, q->path, err);
}

static fz_status failed_system(const char *path, const char *what, struct fz_error *err)
{
    fz_status s = errno == ENOSPC || errno == EDQUOT ? FZ_E_FULL : FZ_E_IO;

    return fz_fail(err, s, "%s: %s: %s", path, what, strerror(errno));
}

/* ---- SQL ---- */

static fz_status execute(struct sqlite *q, const char *sql, struct fz_error *err)
{
    return sqlite3_exec(q->db, sql, NULL, NULL, NULL) == SQLITE_OK ? FZ_OK : failed(q, err);
}

static fz_status prepare(const struct sqlite *q, fz_str sql, sqlite3_stmt **out, struct fz_error *err)
{
    if (sqlite3_prepare_v3(q->db, sql.p, (int)sql.n, SQLITE_PREPARE_PERSISTENT, out, NULL) == SQLITE_OK)
        return FZ_OK;
    /* The tables were compared on declaring them. What a reader does not find any more, a writer has dropped. */
    if (q->base.mode == FZ_READ_ONLY && sqlite3_errcode(q->db) == SQLITE_ERROR)
        return fz_fail(err, FZ_E_SCHEMA, "%s: a table has changed since it was declared: %s", q->path,
                       sqlite3_errmsg(q->db));
    return failed(q, err);
}

/* One step of a statement that gives no rows. */
static fz_status run(struct sqlite *q, sqlite3_stmt *st, struct fz_error *err)
{
    fz_status s = sqlite3_step(st) == SQLITE_DONE ? FZ_OK : failed(q, err);

    sqlite3_reset(st);
    return s;
}

/* One integer. */
static fz_status ask(struct sqlite *q, const char *sql, int64_t *out, struct fz_error *err)
{
    sqlite3_stmt *st;
    fz_status s = FZ_OK;

    if (sqlite3_prepare_v2(q->db, sql, -1, &st, NULL) != SQLITE_OK)
        return failed(q, err);
    if (sqlite3_step(st) == SQLITE_ROW)
        *out = sqlite3_column_int64(st, 0);
    else
        s = failed(q, err);
    sqlite3_finalize(st);
    return s;
}

static void bind(sqlite3_stmt *st, int at, const struct fz_column *column, const fz_cell *cell)
{
    const char *p = cell->s.n ? cell->s.p : ""; /* a NULL pointer would bind NULL */
    int rc;

    if (cell->kind == FZ_CELL_NULL)
        rc = sqlite3_bind_null(st, at);
    else if (cell->kind == FZ_CELL_INT)
        rc = sqlite3_bind_int64(st, at, cell->n);
    else if (column->kind == FZ_COL_TEXT)
        rc = sqlite3_bind_text64(st, at, p, cell->s.n, SQLITE_STATIC, SQLITE_UTF8);
    else
        rc = sqlite3_bind_blob64(st, at, p, cell->s.n, SQLITE_STATIC);
    /* A row too long binds nothing here; stepping then says so, as bound() made sure. */
    fz_assert(rc == SQLITE_OK);
}

static fz_status bound(struct sqlite *q, sqlite3_stmt *st, const struct fz_table *t, const fz_cell *cells, size_t n,
                       struct fz_error *err)
{
    int64_t bytes = 0, bytes_max = q->row_bytes_max;

    for (size_t i = 0; i < n; i++)
        if (cells[i].kind == FZ_CELL_BYTES && __builtin_add_overflow(bytes, cells[i].s.n, &bytes))
            bytes = INT64_MAX;
    if (bytes > bytes_max)
        return fz_fail(err, FZ_E_TOO_LARGE, "%s: a row of %s has %lld bytes, at most %lld are kept", q->path, t->name,
                       (long long)bytes, (long long)bytes_max);
    for (size_t i = 0; i < n; i++)
        bind(st, (int)i + 1, &t->columns[i], &cells[i]);
    return FZ_OK;
}

static fz_status read_cell(const struct sqlite *q, sqlite3_stmt *st, const struct fz_table *t, int i, fz_cell *out,
                           struct fz_error *err)
{
    static const int types[] = {
        [FZ_COL_INT] = SQLITE_INTEGER, [FZ_COL_TEXT] = SQLITE_TEXT, [FZ_COL_BLOB] = SQLITE_BLOB};
    const struct fz_column *c = &t->columns[i];
    int type = sqlite3_column_type(st, i);

    *out = FZ_CELL_UNSET;
    if (type == SQLITE_NULL && c->may_be_null)
        return FZ_OK;
    if (type != types[c->kind])
        return fz_fail(err, FZ_E_SCHEMA, "%s: column %s of %s holds another kind of value than was declared", q->path,
                       c->name, t->name);
    if (type == SQLITE_INTEGER) {
        *out = FZ_CELL_OF_INT(sqlite3_column_int64(st, i));
        return FZ_OK;
    }
    out->kind = FZ_CELL_BYTES;
    out->s.p = type == SQLITE_TEXT ? (const char *)sqlite3_column_text(st, i) : sqlite3_column_blob(st, i);
    out->s.n = (size_t)sqlite3_column_bytes(st, i);
    return out->s.p || out->s.n == 0 ? FZ_OK : failed(q, err);
}

static fz_status read_row(const struct sqlite *q, sqlite3_stmt *st, const struct fz_table *t, fz_cell *out,
                          struct fz_error *err)
{
    for (size_t i = 0; i < t->columns_n; i++)
        FZ_TRY(read_cell(q, st, t, (int)i, &out[i], err));
    return FZ_OK;
}

/* ---- statements ---- */

static struct table *table_of(struct sqlite *q, const struct fz_table *t)
{
    for (size_t i = 0; i < q->tables_n; i++)
        if (q->tables[i].table == t)
            return &q->tables[i];
    for (size_t i = 0; i < q->tables_n; i++)
        if (strcmp(q->tables[i].table->name, t->name) == 0)
            return &q->tables[i];
    return NULL;
}

static void finalize_table(struct table *t)
{
    for (size_t i = 0; i < FZ_COUNT(t->writes); i++)
        sqlite3_finalize(t->writes[i]);
    sqlite3_finalize(t->get);
    for (size_t i = 0; i < t->scans_n; i++)
        sqlite3_finalize(t->scans[i].st);
    free(t->scans);
}

/* `*io_st` as it is, or prepared from what `write` gives. */
static fz_status once(struct sqlite *q, sqlite3_stmt **io_st, void (*write)(struct fz_buf *, const struct fz_sql *, const struct fz_table *),
                      const struct fz_table *t, struct fz_error *err)
{
    struct fz_buf sql = {0};
    fz_status s;

    if (*io_st)
        return FZ_OK;
    write(&sql, &dialect, t);
    s = prepare(q, fz_buf_str(&sql), io_st, err);
    fz_buf_release(&sql);
    return s;
}

static sqlite3_stmt *kept_scan(const struct table *t, uint64_t shape)
{
    for (size_t i = 0; i < t->scans_n; i++)
        if (t->scans[i].shape == shape && !sqlite3_stmt_busy(t->scans[i].st))
            return t->scans[i].st;
    return NULL;
}

static void keep_scan(struct table *t, uint64_t shape, sqlite3_stmt *st)
{
    if (t->scans_n == t->scans_cap) {
        t->scans_cap = t->scans_cap ? t->scans_cap * 2 : 4;
        t->scans = fz_must(realloc(t->scans, t->scans_cap * sizeof(*t->scans)));
    }
    t->scans[t->scans_n++] = (struct scan_statement){shape, st};
}

/* A scan within the visit of one of the same shape gets a statement of its own, kept as well. */
static fz_status scan_statement(struct sqlite *q, const struct fz_scan *scan, bool counting, sqlite3_stmt **out,
                                struct fz_error *err)
{
    struct table *t = table_of(q, scan->table);
    uint64_t shape = fz_sql_shape(scan, counting);
    struct fz_buf sql = {0};
    fz_status s = FZ_OK;

    *out = kept_scan(t, shape);
    if (*out)
        return FZ_OK;
    fz_sql_scan(&sql, &dialect, scan, counting);
    s = prepare(q, fz_buf_str(&sql), out, err);
    if (s == FZ_OK)
        keep_scan(t, shape, *out);
    fz_buf_release(&sql);
    return s;
}

/* ---- transactions ---- */

static void roll_back(struct sqlite *q)
{
    if (sqlite3_get_autocommit(q->db))
        return; /* SQLite has done so by itself */
    sqlite3_step(q->rollback);
    sqlite3_reset(q->rollback);
    q->stuck = q->stuck || !sqlite3_get_autocommit(q->db);
}

/* Invariant 3: which failures of COMMIT leave certainly nothing. The frame that makes the others count is written last. */
static bool frames_failed(int code)
{
    return (code & 0xFF) == SQLITE_FULL || code == SQLITE_IOERR_WRITE;
}

static fz_status commit_failed(struct sqlite *q, struct fz_error *err)
{
    struct fz_error why;
    bool certain = frames_failed(sqlite3_extended_errcode(q->db));
    fz_status s = failed(q, &why);

    roll_back(q);
    if (certain)
        return fz_fail(err, s, "%s", why.text);
    q->stuck = true;
    return fz_fail(err, FZ_E_UNSURE, "%s; whether the batch is there shows on opening anew", why.text);
}

static fz_status begin(struct sqlite *q, struct fz_error *err)
{
    fz_status s;

    if (q->stuck)
        return fz_fail(err, FZ_E_IO,
                       "%s: an earlier commit failed half way; nothing is written until the store was opened anew",
                       q->path);
    fz_checkpoint_enter(q->checkpoint);
    errno = 0;
    s = run(q, q->begin, err);
    if (s != FZ_OK)
        fz_checkpoint_leave(q->checkpoint, q->log_pages);
    return s;
}

static fz_status commit(struct sqlite *q, struct fz_error *err)
{
    fz_status s = FZ_OK;

    errno = 0;
    if (sqlite3_step(q->commit) != SQLITE_DONE)
        s = commit_failed(q, err);
    sqlite3_reset(q->commit);
    return s;
}

/* Ends the transaction by `s`, what was done in it so far. */
static fz_status end(struct sqlite *q, fz_status s, struct fz_error *err)
{
    if (s == FZ_OK)
        s = commit(q, err);
    else
        roll_back(q);
    fz_checkpoint_leave(q->checkpoint, q->log_pages);
    return s;
}

/* A declaration or a drop can be done over: whether it was done does not matter. */
static fz_status end_of_form(struct sqlite *q, fz_status s, struct fz_error *err)
{
    s = end(q, s, err);
    if (s != FZ_E_UNSURE)
        return s;
    if (err)
        err->status = FZ_E_IO;
    return FZ_E_IO;
}

/* ---- declarations ---- */

static fz_status form_there(struct sqlite *q, const char *name, struct fz_buf *out, bool *out_found,
                            struct fz_error *err)
{
    sqlite3_stmt *st;
    fz_status s = FZ_OK;
    int rc;

    FZ_TRY(prepare(q, FZ_STR("SELECT form FROM fz_tables WHERE name = ?"), &st, err));
    sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
    rc = sqlite3_step(st);
    *out_found = rc == SQLITE_ROW;
    if (rc == SQLITE_ROW)
        fz_buf_addz(out, (const char *)sqlite3_column_text(st, 0));
    else if (rc != SQLITE_DONE)
        s = failed(q, err);
    sqlite3_finalize(st);
    return s;
}

/* Changes fz_tables: the name is the first parameter, the form, when there is one, the second. */
static fz_status note_form(struct sqlite *q, fz_str sql, const char *name, const struct fz_buf *form,
                           struct fz_error *err)
{
    sqlite3_stmt *st;
    fz_status s;

    FZ_TRY(prepare(q, sql, &st, err));
    sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
    if (form)
        sqlite3_bind_text64(st, 2, form->p, form->n, SQLITE_STATIC, SQLITE_UTF8);
    s = run(q, st, err);
    sqlite3_finalize(st);
    return s;
}

static fz_status create(struct sqlite *q, const struct fz_table *t, const struct fz_buf *form, struct fz_error *err)
{
    struct fz_buf sql = {0};
    fz_status s;

    if (q->base.mode == FZ_READ_ONLY)
        return fz_fail(err, FZ_E_SCHEMA, "%s: the table %s is not there", q->path, t->name);
    fz_sql_create(&sql, &dialect, t);
    for (size_t i = 0; i < t->indexes_n; i++)
        fz_sql_create_index(&sql, &dialect, t, &t->indexes[i]);
    s = execute(q, sql.p, err);
    fz_buf_release(&sql);
    return s == FZ_OK ? note_form(q, FZ_STR("INSERT INTO fz_tables VALUES (?, ?)"), t->name, form, err) : s;
}

static fz_status declare_one(struct sqlite *q, const struct fz_table *t, struct fz_error *err)
{
    struct fz_buf want = {0}, there = {0};
    bool found = false;
    fz_status s;

    fz_table_form(&want, t);
    s = form_there(q, t->name, &there, &found, err);
    if (s == FZ_OK && !found)
        s = create(q, t, &want, err);
    else if (s == FZ_OK && !fz_str_eq(fz_buf_str(&want), fz_buf_str(&there)))
        s = fz_fail(err, FZ_E_SCHEMA, "%s: there is %s; this version wants %s", q->path, there.p, want.p);
    fz_buf_release(&want);
    fz_buf_release(&there);
    return s;
}

static fz_status declare_all(struct sqlite *q, const struct fz_table *const *tables, size_t n, struct fz_error *err)
{
    for (size_t i = 0; i < n; i++)
        FZ_TRY(declare_one(q, tables[i], err));
    return FZ_OK;
}

static void keep_table(struct sqlite *q, const struct fz_table *t)
{
    if (table_of(q, t))
        return;
    if (q->tables_n == q->tables_cap) {
        q->tables_cap = q->tables_cap ? q->tables_cap * 2 : 16;
        q->tables = fz_must(realloc(q->tables, q->tables_cap * sizeof(*q->tables)));
    }
    q->tables[q->tables_n++] = (struct table){.table = t};
}

static fz_status sqlite_declare(struct fz_store *s, const struct fz_table *const *tables, size_t n,
                                struct fz_error *err)
{
    struct sqlite *q = (struct sqlite *)s;

    if (s->mode == FZ_READ_ONLY) {
        FZ_TRY(declare_all(q, tables, n, err));
    } else {
        FZ_TRY(begin(q, err));
        FZ_TRY(end_of_form(q, declare_all(q, tables, n, err), err));
    }
    for (size_t i = 0; i < n; i++)
        keep_table(q, tables[i]);
    return FZ_OK;
}

static fz_status drop_one(struct sqlite *q, const struct fz_table *t, struct fz_error *err)
{
    struct fz_buf sql = {0};
    fz_status s;

    fz_buf_printf(&sql, "DROP TABLE IF EXISTS \"%s\"", t->name);
    s = execute(q, sql.p, err);
    fz_buf_release(&sql);
    return s == FZ_OK ? note_form(q, FZ_STR("DELETE FROM fz_tables WHERE name = ?"), t->name, NULL, err) : s;
}

static fz_status sqlite_drop(struct fz_store *s, const struct fz_table *t, struct fz_error *err)
{
    struct sqlite *q = (struct sqlite *)s;
    struct table *kept = table_of(q, t);

    FZ_TRY(begin(q, err));
    FZ_TRY(end_of_form(q, drop_one(q, t, err), err));
    if (!kept)
        return FZ_OK;
    finalize_table(kept);
    *kept = q->tables[--q->tables_n];
    return FZ_OK;
}

/* ---- writing ---- */

static fz_status write_one(struct sqlite *q, const struct fz_write *w, size_t number, struct fz_error *err)
{
    static void (*const texts[])(struct fz_buf *, const struct fz_sql *, const struct fz_table *) = {
        [FZ_PUT] = fz_sql_put, [FZ_ADD] = fz_sql_add, [FZ_REMOVE] = fz_sql_remove};
    struct table *t = table_of(q, w->table);
    sqlite3_stmt **st = &t->writes[w->kind];
    fz_status s = FZ_OK;

    FZ_TRY(once(q, st, texts[w->kind], w->table, err));
    FZ_TRY(bound(q, *st, w->table, w->cells, w->kind == FZ_REMOVE ? w->table->key_n : w->table->columns_n, err));
    if (sqlite3_step(*st) != SQLITE_DONE) {
        int code = sqlite3_extended_errcode(q->db);

        s = code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY
                ? fz_store_exists(w->table, number, err)
                : failed(q, err);
    }
    sqlite3_reset(*st);
    return s;
}

static fz_status write_all(struct sqlite *q, const struct fz_batch *batch, struct fz_error *err)
{
    for (size_t i = 0; i < batch->n; i++)
        FZ_TRY(write_one(q, &batch->writes[i], i + 1, err));
    return FZ_OK;
}

static fz_status sqlite_commit(struct fz_store *s, const struct fz_batch *batch, struct fz_error *err)
{
    struct sqlite *q = (struct sqlite *)s;

    FZ_TRY(begin(q, err));
    return end(q, write_all(q, batch, err), err);
}

/* ---- reading ---- */

/* The failure of a step that should have given a row. */
static fz_status read_failed(const struct sqlite *q, struct fz_error *err)
{
    if (q->base.mode == FZ_READ_ONLY && sqlite3_errcode(q->db) == SQLITE_ERROR)
        return fz_fail(err, FZ_E_SCHEMA, "%s: a table has changed since it was declared: %s", q->path,
                       sqlite3_errmsg(q->db));
    return failed(q, err);
}

static fz_status take_row(struct sqlite *q, sqlite3_stmt *st, const struct fz_table *t, struct fz_arena *arena,
                          fz_cell **out_cells, bool *out_found, struct fz_error *err)
{
    fz_cell cells[FZ_COLUMNS_MAX];
    int rc = sqlite3_step(st);

    *out_found = rc == SQLITE_ROW;
    if (rc == SQLITE_DONE)
        return FZ_OK;
    if (rc != SQLITE_ROW)
        return read_failed(q, err);
    FZ_TRY(read_row(q, st, t, cells, err));
    *out_cells = fz_cells_copy(arena, cells, t->columns_n);
    return FZ_OK;
}

static fz_status sqlite_get(struct fz_store *s, const struct fz_table *table, const fz_cell *key,
                            struct fz_arena *arena, fz_cell **out_cells, bool *out_found, struct fz_error *err)
{
    struct sqlite *q = (struct sqlite *)s;
    struct table *t = table_of(q, table);
    fz_status status;

    FZ_TRY(once(q, &t->get, fz_sql_get, table, err));
    FZ_TRY(bound(q, t->get, table, key, table->key_n, err));
    status = take_row(q, t->get, table, arena, out_cells, out_found, err);
    sqlite3_reset(t->get);
    return status;
}

/* Returns the number of the next parameter. */
static int bind_scan(sqlite3_stmt *st, const struct fz_scan *scan)
{
    struct fz_sql_param params[FZ_COLUMNS_MAX + 2];
    size_t n = fz_sql_scan_params(scan, params);

    for (size_t i = 0; i < n; i++)
        bind(st, (int)i + 1, params[i].column, params[i].cell);
    return (int)n + 1;
}

static fz_status visit_rows(struct sqlite *q, sqlite3_stmt *st, const struct fz_table *t, fz_row_visit *visit,
                            void *arg, struct fz_error *err)
{
    fz_cell cells[FZ_COLUMNS_MAX];
    int rc;

    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        FZ_TRY(read_row(q, st, t, cells, err));
        FZ_TRY(visit(arg, cells, err));
    }
    return rc == SQLITE_DONE ? FZ_OK : read_failed(q, err);
}

static fz_status sqlite_scan(struct fz_store *s, const struct fz_scan *scan, fz_row_visit *visit, void *arg,
                             struct fz_error *err)
{
    struct sqlite *q = (struct sqlite *)s;
    sqlite3_stmt *st;
    fz_status status;

    FZ_TRY(scan_statement(q, scan, false, &st, err));
    sqlite3_bind_int64(st, bind_scan(st, scan), scan->limit && scan->limit < INT64_MAX ? (int64_t)scan->limit : -1);
    status = visit_rows(q, st, scan->table, visit, arg, err);
    sqlite3_reset(st);
    return status;
}

static fz_status sqlite_count(struct fz_store *s, const struct fz_scan *scan, uint64_t *out_n, struct fz_error *err)
{
    struct sqlite *q = (struct sqlite *)s;
    sqlite3_stmt *st;
    fz_status status = FZ_OK;

    FZ_TRY(scan_statement(q, scan, true, &st, err));
    bind_scan(st, scan);
    if (sqlite3_step(st) == SQLITE_ROW)
        *out_n = (uint64_t)sqlite3_column_int64(st, 0);
    else
        status = read_failed(q, err);
    sqlite3_reset(st);
    return status;
}

/* ---- queries ---- */

/* $1 is a name to SQLite, whose number is that of its first standing in the text. */
static void bind_query(sqlite3_stmt *st, const fz_cell *params, size_t n)
{
    static const struct fz_column text = {"", FZ_COL_TEXT, true};

    fz_assert(sqlite3_bind_parameter_count(st) == (int)n);
    for (size_t i = 0; i < n; i++) {
        char name[] = {'$', (char)('1' + i), 0};
        int at = sqlite3_bind_parameter_index(st, name);

        fz_assert(at > 0);
        bind(st, at, &text, &params[i]);
    }
}

static fz_status read_answer(const struct sqlite *q, sqlite3_stmt *st, int i, fz_cell *out, struct fz_error *err)
{
    int type = sqlite3_column_type(st, i);
    const char *p;

    if (type == SQLITE_NULL) {
        *out = FZ_CELL_UNSET;
    } else if (type == SQLITE_INTEGER) {
        *out = FZ_CELL_OF_INT(sqlite3_column_int64(st, i));
    } else {
        fz_assert(type == SQLITE_TEXT); /* a fraction would be a number that nobody may record */
        p = (const char *)sqlite3_column_text(st, i);
        if (!p)
            return fz_fail(err, FZ_E_NOMEM, "%s: memory ran out", q->path);
        *out = FZ_CELL_OF(((fz_str){p, (size_t)sqlite3_column_bytes(st, i)}));
    }
    return FZ_OK;
}

static fz_status visit_answers(struct sqlite *q, sqlite3_stmt *st, fz_row_visit *visit, void *arg, struct fz_error *err)
{
    fz_cell cells[FZ_COLUMNS_MAX];
    int n = sqlite3_column_count(st), rc;

    fz_assert(n <= FZ_COLUMNS_MAX);
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        for (int i = 0; i < n; i++)
            FZ_TRY(read_answer(q, st, i, &cells[i], err));
        FZ_TRY(visit(arg, cells, err));
    }
    return rc == SQLITE_DONE ? FZ_OK : read_failed(q, err);
}

static fz_status sqlite_query(struct fz_store *s, fz_str sql, const fz_cell *params, size_t params_n, fz_row_visit *visit, void *arg,
                              struct fz_error *err)
{
    struct sqlite *q = (struct sqlite *)s;
    const char *rest;
    sqlite3_stmt *st;
    fz_status status;

    if (sqlite3_prepare_v2(q->db, sql.p, (int)sql.n, &st, &rest) != SQLITE_OK)
        return read_failed(q, err);
    fz_assert(st && sqlite3_stmt_readonly(st) && rest == sql.p + sql.n && sqlite3_column_count(st) > 0);
    bind_query(st, params, params_n);
    status = visit_answers(q, st, visit, arg, err);
    sqlite3_finalize(st);
    return status;
}

/* ---- files ---- */

static fz_status sync_folder_of(const char *path, struct fz_error *err)
{
    const char *slash = strrchr(path, '/');
    char *folder = fz_must(slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup("."));
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    fz_status s = fd >= 0 && fsync(fd) == 0 ? FZ_OK : failed_system(folder, "cannot be synced", err);

    if (fd >= 0)
        close(fd);
    free(folder);
    return s;
}

static fz_status sync_file(const char *path, struct fz_error *err)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    fz_status s = fd >= 0 && fsync(fd) == 0 ? FZ_OK : failed_system(path, "cannot be synced", err);

    if (fd >= 0)
        close(fd);
    return s;
}

/* An empty file is a store that nothing was declared in. One that is there is left alone: closing it would drop SQLite's locks of this process. */
static fz_status make_file(const char *path, struct fz_error *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        return errno == EEXIST ? FZ_OK : failed_system(path, "cannot be created", err);
    close(fd);
    return sync_folder_of(path, err);
}

static fz_status busy(const struct sqlite *q, int fd, struct fz_error *err)
{
    char who[24] = "";
    ssize_t n = pread(fd, who, sizeof(who) - 1, 0);

    if (n <= 0)
        return fz_fail(err, FZ_E_BUSY, "%s: another process writes here", q->path);
    return fz_fail(err, FZ_E_BUSY, "%s: process %s writes here", q->path, who);
}

static void sign_lock(int fd)
{
    char who[24];
    int n = snprintf(who, sizeof(who), "%ld", (long)getpid());

    /* Only a help to who is refused: on a full disk the number is missing. */
    if (ftruncate(fd, 0) == 0 && pwrite(fd, who, (size_t)n, 0) != n)
        (void)!ftruncate(fd, 0);
}

/* `real`: without links, so that a store has one lock by whatever name it is opened. */
static fz_status take_lock(struct sqlite *q, const char *real, struct fz_error *err)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct fz_buf name = {0};
    fz_status s = FZ_OK;

    fz_buf_printf(&name, "%s-lock", real);
    q->lock = open(name.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (q->lock < 0)
        s = failed_system(name.p, "cannot be opened", err);
    else if (fcntl(q->lock, F_OFD_SETLK, &whole) != 0)
        s = errno == EAGAIN || errno == EACCES ? busy(q, q->lock, err) : failed_system(name.p, "cannot be locked", err);
    else
        sign_lock(q->lock);
    fz_buf_release(&name);
    return s;
}

/* ---- opening ---- */

static fz_status foreign(const struct sqlite *q, struct fz_error *err)
{
    return fz_fail(err, FZ_E_INPUT, "%s: this file is not a store of fazhi", q->path);
}

/* Opening fails in SQLite only once the file is read. */
static fz_status ask_first(struct sqlite *q, const char *sql, int64_t *out, struct fz_error *err)
{
    fz_status s = ask(q, sql, out, err);

    return s != FZ_OK && sqlite3_errcode(q->db) == SQLITE_NOTADB ? foreign(q, err) : s;
}

static fz_status check_marks(struct sqlite *q, bool *out_new, struct fz_error *err)
{
    int64_t application, layout, objects;

    FZ_TRY(ask_first(q, "SELECT count(*) FROM sqlite_schema", &objects, err));
    FZ_TRY(ask(q, "PRAGMA application_id", &application, err));
    FZ_TRY(ask(q, "PRAGMA user_version", &layout, err));
    *out_new = objects == 0 && application == 0 && layout == 0;
    if (*out_new)
        return q->base.mode == FZ_READ_ONLY ? fz_fail(err, FZ_E_INPUT, "%s: the store is not set up yet", q->path)
                                            : FZ_OK;
    if (application != APPLICATION_ID)
        return foreign(q, err);
    if (layout != LAYOUT)
        return fz_fail(err, FZ_E_SCHEMA, "%s: the store has layout %lld; this version knows %d", q->path,
                       (long long)layout, LAYOUT);
    return FZ_OK;
}

static fz_status set_up(struct sqlite *q, struct fz_error *err)
{
    struct fz_buf sql = {0};
    fz_status s;

    fz_buf_printf(&sql,
                  "PRAGMA application_id = %d; PRAGMA user_version = %d; "
                  "CREATE TABLE fz_tables (name TEXT PRIMARY KEY, form TEXT NOT NULL) STRICT, WITHOUT ROWID;",
                  APPLICATION_ID, LAYOUT);
    s = begin(q, err);
    if (s == FZ_OK)
        s = end_of_form(q, execute(q, sql.p, err), err);
    fz_buf_release(&sql);
    return s;
}

static fz_status set_limits(struct sqlite *q, struct fz_error *err)
{
    char sql[400];

    snprintf(
        sql, sizeof(sql),
        "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = %u; PRAGMA cache_size = -%d; "
        "PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA secure_delete = ON",
        WAL_KEPT_BYTES, q->base.mode == FZ_READ_ONLY ? READER_CACHE_KIB : WRITER_CACHE_KIB);
    return execute(q, sql, err);
}

static fz_status keep_wal(struct sqlite *q, struct fz_error *err)
{
    sqlite3_stmt *st;
    bool wal;

    if (sqlite3_prepare_v2(q->db, "PRAGMA journal_mode = WAL", -1, &st, NULL) != SQLITE_OK)
        return failed(q, err);
    if (sqlite3_step(st) != SQLITE_ROW) {
        sqlite3_finalize(st);
        return failed(q, err);
    }
    wal = strcmp((const char *)sqlite3_column_text(st, 0), "wal") == 0;
    sqlite3_finalize(st);
    return wal ? FZ_OK
               : fz_fail(err, FZ_E_IO, "%s: the file system has no shared memory, which a write-ahead log needs",
                         q->path);
}

/* After each commit. Takes the place of SQLite's own, which moves the log within the commit. */
static int committed(void *arg, sqlite3 *db, const char *name, int pages)
{
    struct sqlite *q = arg;

    q->log_pages = pages;
    if (pages >= WAL_PAGES_MAX)
        sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return SQLITE_OK; /* the commit is durable, whatever became of the move */
}

static fz_status open_writer(struct sqlite *q, const char *real, bool new, struct fz_error *err)
{
    FZ_TRY(keep_wal(q, err));
    q->checkpoint = fz_checkpoint_new(real);
    sqlite3_wal_hook(q->db, committed, q);
    FZ_TRY(prepare(q, FZ_STR("BEGIN IMMEDIATE"), &q->begin, err));
    FZ_TRY(prepare(q, FZ_STR("COMMIT"), &q->commit, err));
    FZ_TRY(prepare(q, FZ_STR("ROLLBACK"), &q->rollback, err));
    return new ? set_up(q, err) : FZ_OK;
}

static fz_status open_database(struct sqlite *q, const char *real, struct fz_error *err)
{
    int how = (q->base.mode == FZ_READ_ONLY ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX;
    bool new = false;

    if (sqlite3_open_v2(real, &q->db, how, NULL) != SQLITE_OK)
        return failed(q, err);
    q->row_bytes_max = sqlite3_limit(q->db, SQLITE_LIMIT_LENGTH, -1);
    sqlite3_extended_result_codes(q->db, 1);
    sqlite3_busy_timeout(q->db, WAIT_MS);
    FZ_TRY(check_marks(q, &new, err));
    FZ_TRY(set_limits(q, err));
    return q->base.mode == FZ_READ_ONLY ? FZ_OK : open_writer(q, real, new, err);
}

static fz_status open_real(struct sqlite *q, const char *real, struct fz_error *err)
{
    if (q->base.mode == FZ_READ_WRITE)
        FZ_TRY(take_lock(q, real, err));
    return open_database(q, real, err);
}

static fz_status open_path(struct sqlite *q, const char *path, struct fz_error *err)
{
    char *real;
    fz_status s;

    if (q->base.mode == FZ_READ_WRITE)
        FZ_TRY(make_file(path, err));
    real = realpath(path, NULL);
    if (!real && errno == ENOENT)
        return fz_fail(err, FZ_E_INPUT, "%s: there is no store", path);
    if (!real)
        return failed_system(path, "cannot be opened", err);
    s = open_real(q, real, err);
    free(real);
    return s;
}

/* ---- one state, and nothing left of an old one ---- */

static fz_status sqlite_begin_read(struct fz_store *s, struct fz_error *err)
{
    struct sqlite *q = (struct sqlite *)s;
    fz_status status = execute(q, "BEGIN; SELECT count(*) FROM fz_tables", err); /* the state is that of the first read */

    if (status != FZ_OK && !sqlite3_get_autocommit(q->db))
        sqlite3_exec(q->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

static void sqlite_end_read(struct fz_store *s)
{
    sqlite3_exec(((struct sqlite *)s)->db, "COMMIT", NULL, NULL, NULL); /* of a reading transaction: nothing can fail */
}

/* secure_delete has put zeros over what was removed, in pages as in free pages: what is left is what the log remembers. */
static fz_status sqlite_scrub(struct fz_store *s, const struct fz_table *const *tables, size_t n, bool *out_whole,
                              struct fz_error *err)
{
    struct sqlite *q = (struct sqlite *)s;
    int rc;

    (void)tables;
    (void)n;
    (void)out_whole;
    fz_checkpoint_enter(q->checkpoint);
    sqlite3_busy_timeout(q->db, SCRUB_WAIT_MS);
    rc = sqlite3_wal_checkpoint_v2(q->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_timeout(q->db, WAIT_MS);
    q->log_pages = rc == SQLITE_OK ? 0 : q->log_pages;
    fz_checkpoint_leave(q->checkpoint, q->log_pages);
    if (rc == SQLITE_BUSY)
        return fz_fail(err, FZ_E_BUSY, "%s: somebody reads an older state, which holds what was erased; it can be cleaned once they have ended", q->path);
    return rc == SQLITE_OK ? FZ_OK : failed(q, err);
}

/* ---- backup ---- */

/* A plain file without a log of its own, which a medium that is read-only can hold. */
static fz_status copy_into(struct sqlite *q, sqlite3 *to, const char *path, struct fz_error *err)
{
    sqlite3_backup *b;

    sqlite3_extended_result_codes(to, 1);
    sqlite3_exec(to, "PRAGMA synchronous = OFF", NULL, NULL, NULL); /* synced once, at the end */
    b = sqlite3_backup_init(to, "main", q->db, "main");
    if (!b)
        return failed_db(to, path, err);
    sqlite3_backup_step(b, -1); /* in one go, from one state; in WAL mode it keeps no writer waiting */
    if (sqlite3_backup_finish(b) != SQLITE_OK)
        return failed_db(to, path, err);
    return sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) == SQLITE_OK ? FZ_OK
                                                                                           : failed_db(to, path, err);
}

static fz_status copy_to(struct sqlite *q, const char *path, struct fz_error *err)
{
    sqlite3 *to = NULL;
    fz_status s;

    if (sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK)
        s = copy_into(q, to, path, err);
    else
        s = failed_db(to, path, err);
    sqlite3_close(to);
    return s == FZ_OK ? sync_file(path, err) : s;
}

static fz_status there_already(const char *path, struct fz_error *err)
{
    return fz_fail(err, FZ_E_EXISTS, "%s: there is a file already; a backup replaces none", path);
}

/* A file system without renameat2() gets a look before: two backups to one name at one time are not foreseen there. */
static fz_status move_new(const char *from, const char *to, struct fz_error *err)
{
    int rc = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);

    if (rc != 0 && (errno == EINVAL || errno == ENOSYS)) {
        if (access(to, F_OK) == 0)
            return there_already(to, err);
        rc = rename(from, to);
    }
    if (rc != 0)
        return errno == EEXIST ? there_already(to, err) : failed_system(to, "cannot be created", err);
    return sync_folder_of(to, err);
}

/* Under a name of its own until it is whole, so that a broken one is never taken for a backup. */
static fz_status sqlite_backup(struct fz_store *s, const char *path, struct fz_error *err)
{
    struct sqlite *q = (struct sqlite *)s;
    struct fz_buf part = {0};
    fz_status status;
    int fd;

    if (access(path, F_OK) == 0)
        return there_already(path, err);
    fz_buf_printf(&part, "%s.partial-XXXXXX", path);
    fd = mkostemp(part.p, O_CLOEXEC); /* 0600 */
    if (fd < 0) {
        status = failed_system(path, "cannot be created", err);
    } else {
        close(fd);
        status = copy_to(q, part.p, err);
        if (status == FZ_OK)
            status = move_new(part.p, path, err);
        if (status != FZ_OK)
            unlink(part.p);
    }
    fz_buf_release(&part);
    return status;
}

/* ---- the door ---- */

static void sqlite_close(struct fz_store *s)
{
    struct sqlite *q = (struct sqlite *)s;
    int rc;

    for (size_t i = 0; i < q->tables_n; i++)
        finalize_table(&q->tables[i]);
    free(q->tables);
    sqlite3_finalize(q->begin);
    sqlite3_finalize(q->commit);
    sqlite3_finalize(q->rollback);
    fz_checkpoint_free(q->checkpoint);
    rc = sqlite3_close(q->db);
    fz_assert(rc == SQLITE_OK); /* every statement is finalized */
    if (q->lock >= 0)
        close(q->lock); /* last: until now nobody else may write */
    free(q->path);
    free(q);
}

static const struct fz_store_ops sqlite_ops = {
    .name = "sqlite",
    .declare = sqlite_declare,
    .drop = sqlite_drop,
    .commit = sqlite_commit,
    .get = sqlite_get,
    .scan = sqlite_scan,
    .count = sqlite_count,
    .begin_read = sqlite_begin_read,
    .end_read = sqlite_end_read,
    .scrub = sqlite_scrub,
    .backup = sqlite_backup,
    .close = sqlite_close,
    .query = sqlite_query,
};

/* Its own count of memory costs a lock for each allocation, and nobody reads it. */
static void configure(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

fz_status fz_store_open_sqlite(struct fz_store **out, const char *path, fz_store_mode mode, struct fz_error *err)
{
    static pthread_once_t configured = PTHREAD_ONCE_INIT;
    struct sqlite *q = fz_must(calloc(1, sizeof(*q)));
    fz_status s;

    pthread_once(&configured, configure);
    fz_store_init(&q->base, &sqlite_ops, mode);
    q->path = fz_must(strdup(path));
    q->lock = -1;
    s = open_path(q, path, err);
    if (s != FZ_OK) {
        fz_store_close(&q->base);
        return s;
    }
    *out = &q->base;
    return FZ_OK;
}
