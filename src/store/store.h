/*
 * Where entries and their tables lie (存储). One interface, several drivers: SQLite (the default), PostgreSQL (several nodes), memory (tests
 * and simulation), and drivers around a driver that trace its calls or make them fail.
 *
 * A store holds tables of typed columns. The first columns of a table are its key; the first of them is the jurisdiction, in every key and
 * in every index, so that a distributed engine can lay the tables out by it. Rows are put and removed in batches: a batch is durable when
 * fz_store_commit() has returned FZ_OK, and after any failure, crash or kill none of it is there. There is no other way to write.
 *
 * Reads see what the last successful commit left. One struct fz_store is used in one thread. Whoever writes to SQLite or memory is alone; further ones
 * opened read-only on the same data read beside it and see whole batches only. PostgreSQL may have several writers: fz_store_is_shared().
 */
#ifndef FZ_STORE_STORE_H
#define FZ_STORE_STORE_H

#include "base/base.h"

/* ---- tables ---- */

#define FZ_COLUMNS_MAX 32 /* of one table: the longest thought of has 12 */

typedef enum { FZ_COL_INT, FZ_COL_TEXT, FZ_COL_BLOB } fz_column_kind;

struct fz_column {
    const char *name; /* lower-case letters, digits, _ and dots; the same for every driver */
    fz_column_kind kind;
    bool may_be_null; /* never of key columns */
};

/* Further orders in which rows are found. Columns by their numbers; the first is 0, the jurisdiction. In a unique one a NULL equals nothing: rows
 * with one never collide. */
struct fz_index {
    const char *name;
    const int *columns;
    size_t columns_n;
    bool unique;
};

struct fz_table {
    const char *name; /* as a column's, but without dots, and not fz_... or sqlite_... */
    const struct fz_column *columns;
    size_t columns_n;
    size_t key_n; /* the first so many columns are the key */
    const struct fz_index *indexes;
    size_t indexes_n;
};

/* A value of a column. Ordered NULL, integers, then bytes by memcmp (texts too: no collation of any locale). A text has no NUL: not every engine
 * can hold one, so every driver answers FZ_E_INPUT to a write or a question with one. A blob may hold any byte. */
typedef enum { FZ_CELL_NULL, FZ_CELL_INT, FZ_CELL_BYTES } fz_cell_kind;
typedef struct {
    fz_cell_kind kind;
    int64_t n;
    fz_str s; /* text in UTF-8, or a blob */
} fz_cell;

#define FZ_CELL_OF_INT(x) ((fz_cell){.kind = FZ_CELL_INT, .n = (x)})
#define FZ_CELL_OF(str) ((fz_cell){.kind = FZ_CELL_BYTES, .s = (str)})
#define FZ_CELL_UNSET ((fz_cell){.kind = FZ_CELL_NULL})

/* ---- writing ---- */

typedef enum {
    FZ_PUT,    /* the row, in place of one with the same key; another row in a unique index fails as with FZ_ADD */
    FZ_ADD,    /* the row; one with the same key, or a unique index, fails the whole batch with FZ_E_EXISTS */
    FZ_REMOVE, /* the row of that key; cells after the key are not looked at; none there is no failure */
} fz_write_kind;

struct fz_write {
    fz_write_kind kind;
    const struct fz_table *table;
    const fz_cell *cells; /* columns_n of them */
};

struct fz_batch {
    const struct fz_write *writes;
    size_t n;
};

/* ---- reading ---- */

/* Rows whose first `prefix_n` columns (of the index, or of the key when index is -1) equal `prefix`, and whose next column, when `ranged`, lies in
 * [low, high] (a NULL cell: no bound on that side; a row whose column is NULL lies in no range). In the order of the index, then of the key;
 * backwards on request. */
struct fz_scan {
    const struct fz_table *table;
    int index; /* -1: by key */
    const fz_cell *prefix;
    size_t prefix_n;
    bool ranged, backwards;
    fz_cell low, high;
    size_t limit; /* 0: all */
};

/** Called for each row; the cells are good until it returns. It may read from the store and not write. Anything but FZ_OK ends the scan and is what
 * it returns. */
typedef fz_status fz_row_visit(void *arg, const fz_cell *cells, struct fz_error *err);

/* ---- a store ---- */

struct fz_store;

/** Declares the tables that will be used: missing ones are made, with their indexes. A table that is there with other columns is FZ_E_SCHEMA: it is
 * to be dropped and rebuilt from the entries. `tables` and everything in them outlive the store. May be called again with further tables. */
fz_status fz_store_declare(struct fz_store *s, const struct fz_table *const *tables, size_t n, struct fz_error *err);
/** Drops the table of that name with its rows, durably, whatever its columns; none there is no failure. It may be declared again, with other
 * columns. */
fz_status fz_store_drop(struct fz_store *s, const struct fz_table *table, struct fz_error *err);

/** Removes every row whose first column is `place`, durably; the table stays. What breaks off has removed some of them. */
fz_status fz_store_clear(struct fz_store *s, const struct fz_table *table, const fz_cell *place, struct fz_error *err);

/**
 * Makes a whole batch durable.
 * @return FZ_OK; FZ_E_EXISTS (nothing was written); FZ_E_IO, FZ_E_FULL (nothing was written); FZ_E_BUSY when somebody holds the place for longer than
 *         one waits (fz_store_hold(); nothing was written); FZ_E_UNSURE when the connection broke during the commit:
 *         look whether it is there
 * FZ_E_NOMEM, FZ_E_TOO_LARGE (a row of a gigabyte), FZ_E_INPUT (a text with a NUL) and FZ_E_SCHEMA (another writer dropped the table) write nothing
 * either. After FZ_E_UNSURE SQLite's answers FZ_E_IO to every further commit: open anew to look. PostgreSQL's connects again at the next call, and
 * makes sure before it answers that what was under way has ended.
 */
fz_status fz_store_commit(struct fz_store *s, const struct fz_batch *batch, struct fz_error *err);

/** One row by its key (key_n cells), copied into `arena`. `*out_found` false: there is none. */
fz_status fz_store_get(struct fz_store *s, const struct fz_table *table, const fz_cell *key, struct fz_arena *arena, fz_cell **out_cells, bool *out_found,
                       struct fz_error *err);
fz_status fz_store_scan(struct fz_store *s, const struct fz_scan *scan, fz_row_visit *visit, void *arg, struct fz_error *err);
/** Called for each of the rows that were asked for, by their number from 0 and in that order; `cells` NULL: there is none. It does not touch the store. */
typedef fz_status fz_found_visit(void *arg, size_t i, const fz_cell *cells, struct fz_error *err);
/** Rows by their keys, of any tables: as fz_store_get() one after the other, without a journey to the engine for each. Of `rows` the table and the cells of
 * the key are looked at. Not one state, unless one is read. */
fz_status fz_store_get_all(struct fz_store *s, const struct fz_write *rows, size_t n, fz_found_visit *visit, void *arg, struct fz_error *err);
/** Number of rows that a scan would visit, without its limit. */
fz_status fz_store_count(struct fz_store *s, const struct fz_scan *scan, uint64_t *out_n, struct fz_error *err);

/** Whether others may write to the same data meanwhile. Then a commit can answer FZ_E_EXISTS because of a row that was not there a moment ago, with
 * nothing written, and that is how writers take turns: each adds a row whose key says its turn, and who comes second reads again. Put that row first in
 * the batch, so that the second waits before it holds anything. */
bool fz_store_is_shared(const struct fz_store *s);

/**
 * Keeps all other writers out of one place (a first column) until fz_store_let_go(), or until this process ends: their commits wait, some time at most,
 * and are then FZ_E_BUSY. For what rewrites rows in several commits. Not nested. Who has come to a decision before goes on with it when it is let go:
 * let an entry of one's own tell him that it holds no more. Where nobody else may write there is nothing to do.
 * @return FZ_OK; FZ_E_BUSY when another holds it and does not let go for some time
 * A commit that finds that the hold was lost with its connection is FZ_E_IO. A server without advisory locks keeps nobody out (doc/postgresql.md).
 */
fz_status fz_store_hold(struct fz_store *s, const fz_cell *place, struct fz_error *err);
void fz_store_let_go(struct fz_store *s);
bool fz_store_holds(const struct fz_store *s); /* between the two */

/** All reads until fz_store_end_read() see one state, that of this moment. Nothing may be written, declared or dropped meanwhile through this store;
 * others write on. May be nested: the outermost counts. Keep it short: the engine cannot tidy up behind a state that somebody reads.
 * @return FZ_OK; FZ_E_IO: then there is nothing to end
 * When the connection is lost in between, every further read is FZ_E_IO until the end. */
fz_status fz_store_begin_read(struct fz_store *s, struct fz_error *err);
void fz_store_end_read(struct fz_store *s);

/**
 * Makes certain that what was removed or replaced in `tables` can be found no more: not in the database's files, their free space or their log. To be
 * called after an erasure. It can take as long as reading the tables.
 * @param out_whole false: the tables are clean and the server's log, or copies of it, are not ours to clean (doc/postgresql.md)
 * @return FZ_OK; FZ_E_BUSY when somebody reads a state in which it is still there: try again later
 * Whatever was written before stays written. Backups and archives of the log are outside of it.
 */
fz_status fz_store_scrub(struct fz_store *s, const struct fz_table *const *tables, size_t n, bool *out_whole, struct fz_error *err);

/** Lays the declared tables out over the nodes of a distributed engine (Citus), by their first column: each statement is added to `out`, a line each,
 * and done unless `dry`. What is laid out already is left as it is. FZ_E_INPUT for drivers and servers that have no nodes. */
fz_status fz_store_distribute(struct fz_store *s, bool dry, struct fz_buf *out, struct fz_error *err);

#define FZ_QUERY_PARAMS_MAX 9

/** Whether the driver has fz_store_query(). Who needs an answer from one that has none reads by fz_store_scan(). */
bool fz_store_has_query(const struct fz_store *s);
/**
 * Reads by one SELECT over declared tables: for what is counted and filtered over projections, in texts that are made from packs. It is no way to
 * write, and no stranger's words stand in the text: values go into `params`, which the text calls $1, $2, ... $9. Names of tables and columns stand in
 * double quotes, and who orders by a column that may be NULL says NULLS FIRST. The text keeps to what SQLite and PostgreSQL both take, and its answer to integers, texts and NULL.
 *
 * @param params  texts and integers; each is named in the text at least once
 * @param visit   its cells are the columns of the answer, in their order, FZ_COLUMNS_MAX at most
 * Failures as those of a scan. A text that is no single SELECT is a bug of ours and asserted.
 */
fz_status fz_store_query(struct fz_store *s, fz_str sql, const fz_cell *params, size_t params_n, fz_row_visit *visit, void *arg, struct fz_error *err);

/** A consistent copy of everything, written to `path` while others write on. FZ_E_INPUT for drivers that have none. */
fz_status fz_store_backup(struct fz_store *s, const char *path, struct fz_error *err);

const char *fz_store_name(const struct fz_store *s); /* "sqlite", "memory", ... */
void fz_store_close(struct fz_store *s);             /* accepts NULL */

/* ---- drivers ---- */

typedef enum { FZ_READ_WRITE, FZ_READ_ONLY } fz_store_mode;

/** SQLite: one file, WAL, synchronous=FULL. Created when missing (read-write). A second writer is FZ_E_BUSY at once, never a lock error later. */
fz_status fz_store_open_sqlite(struct fz_store **out, const char *path, fz_store_mode mode, struct fz_error *err);
/**
 * PostgreSQL, by libpq's connection string or URL. Tables lie in the schema that its `options` name first in search_path (one plain name), else in
 * `fazhi`; it is made when missing (read-write). Several may be opened read-write at a time.
 * @return FZ_OK; FZ_E_INPUT when it is no such string, has a password in it, or there is no store; FZ_E_IO when the server cannot be reached, loses what it
 *         acknowledged (fsync = off), or is a standby; FZ_E_SCHEMA for another layout or encoding
 */
fz_status fz_store_open_postgres(struct fz_store **out, const char *conninfo, fz_store_mode mode, struct fz_error *err);
/** FZ_E_INPUT unless it can be kept in a file: well formed, on one line, and without a password, which belongs into libpq's own files. Never repeats it. */
fz_status fz_store_check_conninfo(const char *conninfo, struct fz_error *err);
/** In memory; gone when closed. */
struct fz_store *fz_store_new_memory(void);

/** Around `inner`, which it closes with itself: writes a line a call to `out` ("commit 3 writes: ok"). `out` outlives the store. */
struct fz_store *fz_store_new_trace(struct fz_store *inner, struct fz_buf *out);

/* What goes wrong at the n-th call of the store (commits, reads, declarations count alike; from 1; 0: never). */
typedef enum {
    FZ_FAULT_IO,     /* the call fails with FZ_E_IO; nothing was written */
    FZ_FAULT_FULL,   /* FZ_E_FULL */
    FZ_FAULT_UNSURE, /* a commit reaches the inner store, and FZ_E_UNSURE is answered; other calls fail with FZ_E_IO */
    FZ_FAULT_LOST,   /* a commit does not reach it, and FZ_E_UNSURE is answered */
    FZ_FAULT_EXIT,   /* the process ends with _exit(86) before the call */
    FZ_FAULT_EXIT_AFTER, /* ... after it */
} fz_fault;
struct fz_store *fz_store_new_fault(struct fz_store *inner, uint64_t at_call, fz_fault fault);
/** Calls made so far. */
uint64_t fz_store_fault_calls(const struct fz_store *s);

#endif
