/*
 * One connection to PostgreSQL: opened, lost and opened again, always in libpq's pipeline mode. What is asked goes out at once and its results come in
 * the order of the questions; nothing of it knows tables.
 */
#ifndef FZ_STORE_POSTGRES_LINK_H
#define FZ_STORE_POSTGRES_LINK_H

#include "store/store_int.h"

#include <libpq-fe.h>

#define FZ_LINK_PARAMS_MAX (FZ_COLUMNS_MAX + 3) /* a row, or a scan with both bounds and its limit */
#define FZ_LINK_SCHEMA_BYTES 64
#define FZ_LINK_TIME_BYTES 48
#define FZ_LINK_WAITED "55P03" /* SQLSTATE: a lock was waited for as long as one waits */

/* Values of a statement's parameters, in binary. They point into the cells, and into this struct: it is not copied. */
struct fz_link_params {
    int n;
    const char *values[FZ_LINK_PARAMS_MAX];
    int lengths[FZ_LINK_PARAMS_MAX], formats[FZ_LINK_PARAMS_MAX];
    Oid types[FZ_LINK_PARAMS_MAX];
    uint64_t integers[FZ_LINK_PARAMS_MAX]; /* in the order of the network */
};

void fz_link_add_cell(struct fz_link_params *p, fz_column_kind kind, const fz_cell *cell);
void fz_link_add_int(struct fz_link_params *p, int64_t n);
void fz_link_add_text(struct fz_link_params *p, const char *text); /* terminated; outlives the params */
int64_t fz_link_int_at(const char *bytes);                         /* the eight of a bigint */
int64_t fz_link_int(const PGresult *r, int row, int column);       /* of a bigint; 0 for NULL */
bool fz_link_true(const PGresult *r, int row, int column);         /* of a boolean */

struct fz_link {
    PGconn *conn;
    char *conninfo;
    fz_store_mode mode;
    char schema[FZ_LINK_SCHEMA_BYTES];
    char name[160];        /* of the database, for messages: no secret */
    unsigned generation;   /* of the connection: what was prepared in an earlier one is gone */
    bool broken;           /* nothing more can be asked; the next fz_link_ready() connects anew */
    int pins;              /* > 0: a transaction is open that a new connection could not go on with */
    bool unsure;           /* the last connection was lost in a COMMIT */
    bool locks;            /* the server has advisory locks */
    int pid;               /* of the server's process for this connection, and since when: a process id is given again */
    char since[FZ_LINK_TIME_BYTES];
};

/** Connects and sets the session up. `conninfo` is copied. Released by fz_link_close() in any case. Statuses: fz_store_open_postgres(). */
fz_status fz_link_open(struct fz_link *l, const char *conninfo, fz_store_mode mode, struct fz_error *err);
void fz_link_close(struct fz_link *l);

/** To be called before anything is asked: connects anew when the connection was lost, a few times within a second or two and no more. After a loss in a
 * COMMIT it sees to it that the server has ended that, one way or the other. FZ_E_IO when it cannot, or while there are pins. */
fz_status fz_link_ready(struct fz_link *l, struct fz_error *err);

/* ---- in the pipeline ---- */

/** One statement more. What fails shows in the results. */
void fz_link_send(struct fz_link *l, const char *sql, const struct fz_link_params *p);
void fz_link_send_prepared(struct fz_link *l, const char *name, const struct fz_link_params *p);
/** The server is asked to hand over the results that it has. */
void fz_link_flush(struct fz_link *l);
/** The result of the next statement, the caller's; PGRES_PIPELINE_ABORTED for those behind one that failed; NULL when the connection is lost. */
PGresult *fz_link_take(struct fz_link *l);
/** Ends what was sent; after the results of its statements, fz_link_synced() takes that end. */
void fz_link_sync(struct fz_link *l);
void fz_link_synced(struct fz_link *l);

/* ---- one at a time ---- */

/** One statement and its result; nothing may be under way. The caller clears `*out` (NULL: is not interested). */
fz_status fz_link_ask(struct fz_link *l, const char *sql, const struct fz_link_params *p, PGresult **out, struct fz_error *err);
fz_status fz_link_ask_prepared(struct fz_link *l, const char *name, const struct fz_link_params *p, PGresult **out, struct fz_error *err);
fz_status fz_link_prepare(struct fz_link *l, const char *name, const char *sql, int types_n, const Oid *types, struct fz_error *err);

/* ---- failures ---- */

bool fz_link_ok(const PGresult *r); /* not NULL, not failed, not aborted */
/** SQLSTATE of a failed result; "" where the server did not say one. */
const char *fz_link_state(const PGresult *r);
/** Whether the server says that the same again may succeed: somebody was in the way. */
bool fz_link_again(const char *state);
/** The status and words of a failed result (NULL: lost). Details are left out: they can hold values. */
fz_status fz_link_failed(const struct fz_link *l, const PGresult *r, struct fz_error *err);
/** Waits a moment that doubles with `tries`, from 0: 20 ms, 40 ms, ... */
void fz_link_pause(int tries);

#endif
