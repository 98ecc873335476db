/*
 * The store in PostgreSQL, and in what speaks its protocol and distributes tables by their first column.
 *
 * Everything lies in one schema: the declared tables, and fz_tables, which holds the form of each in words (fz_table_form), by which a declaration is
 * compared, and the number of the layout under the name fz_layout. Nothing but tables, primary keys and indexes: no sequence, trigger, rule or function.
 *
 * A batch is BEGIN, a prepared statement a write, COMMIT, sent without waiting for answers. Past WINDOW statements that are not answered yet their
 * results are taken before more is sent: so neither side waits for the other with full buffers, and a batch of any size takes no more memory than that.
 * The answers come in the order of the writes, so the first that failed is known by its number. Nothing behind it was done.
 *
 * Writers in several processes meet in the server: a FZ_ADD whose key another has put but not committed waits for that, and is then FZ_E_EXISTS or goes on.
 * Deadlocks and failures to serialize are tried again here, BATCH_TRIES times.
 *
 * A scan asks for FIRST_ROWS rows and one more, in one statement: most scans end there, after one round trip. One that is longer begins again with a
 * cursor in a transaction that reads one state (REPEATABLE READ), and fetches portions. A visit that reads finds the connection idle between two
 * portions; a second connection would have needed that state to be exported to it, which distributed engines cannot.
 *
 * Invariants:
 *  1. FZ_E_UNSURE is answered when the connection was lost after COMMIT had been sent and nothing shows that the batch had failed before; then only.
 *  2. What is unsure is settled before the next statement (postgres_link.c).
 *  3. Between two calls nothing is under way, and no transaction is open but the one that link.pins counts.
 */
#include "store/postgres_care.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

#define LAYOUT "1" /* the rules of sql_text.c */
#define LAYOUT_NAME "fz_layout"
#define WINDOW 512         /* statements without an answer */
#define FLUSH_EACH 128     /* statements between two requests for results */
#define BATCH_TRIES 8
#define FORM_TRIES 8
#define FIRST_ROWS 100
#define PORTION_BYTES (1u << 18)
#define PORTION_ROWS_MAX 4096
#define ROW_BYTES_MAX ((1u << 30) - (1u << 16)) /* what PostgreSQL takes as one value, and libpq as one message */
#define NAME_BYTES 40

/* By the kind of a write, then those that read. */
enum { ASK_GET = FZ_REMOVE + 1, ASK_SCAN };

struct statement {
    uint64_t key; /* what it does, and the shape of a scan */
    unsigned generation;
    char name[NAME_BYTES];
};

struct table {
    const struct fz_table *table;
    unsigned id; /* in the names of its statements: never given twice */
    struct statement *statements;
    size_t statements_n, statements_cap;
};

struct postgres {
    struct fz_store base;
    struct fz_link link;
    struct fz_sql sql;
    struct table *tables;
    size_t tables_n, tables_cap;
    unsigned ids;
    int cursors; /* open ones, nested */
    struct statement turn; /* takes the lock of a place for one batch */
    unsigned held;         /* generation of the connection in which this one holds a place; 0: it holds none */
    int64_t held_lock;
};

/* ---- tables ---- */

static struct table *table_of(struct postgres *p, const struct fz_table *t)
{
    for (size_t i = 0; i < p->tables_n; i++)
        if (p->tables[i].table == t)
            return &p->tables[i];
    for (size_t i = 0; i < p->tables_n; i++)
        if (strcmp(p->tables[i].table->name, t->name) == 0)
            return &p->tables[i];
    return NULL;
}

static void keep_table(struct postgres *p, const struct fz_table *t)
{
    if (table_of(p, t))
        return;
    if (p->tables_n == p->tables_cap) {
        p->tables_cap = p->tables_cap ? p->tables_cap * 2 : 16;
        p->tables = fz_must(realloc(p->tables, p->tables_cap * sizeof(*p->tables)));
    }
    p->tables[p->tables_n++] = (struct table){.table = t, .id = p->ids++};
}

static void forget_table(struct postgres *p, const struct fz_table *t)
{
    struct table *kept = table_of(p, t);

    if (!kept)
        return;
    free(kept->statements);
    *kept = p->tables[--p->tables_n];
}

/* ---- prepared statements ---- */

static struct statement *statement_of(struct table *t, uint64_t key)
{
    for (size_t i = 0; i < t->statements_n; i++)
        if (t->statements[i].key == key)
            return &t->statements[i];
    if (t->statements_n == t->statements_cap) {
        t->statements_cap = t->statements_cap ? t->statements_cap * 2 : 8;
        t->statements = fz_must(realloc(t->statements, t->statements_cap * sizeof(*t->statements)));
    }
    t->statements[t->statements_n] = (struct statement){.key = key};
    snprintf(t->statements[t->statements_n].name, NAME_BYTES, "fz%u_%llx", t->id, (unsigned long long)key);
    return &t->statements[t->statements_n++];
}

/* Prepares it in this connection when it was not. */
static fz_status prepared(struct postgres *p, struct statement *st, const struct fz_buf *text, const struct fz_link_params *params, struct fz_error *err)
{
    if (st->generation == p->link.generation)
        return FZ_OK;
    FZ_TRY(fz_link_prepare(&p->link, st->name, text->p, params->n, params->types, err));
    st->generation = p->link.generation;
    return FZ_OK;
}

static void row_params(struct fz_link_params *out, const struct fz_table *t, const fz_cell *cells, size_t n)
{
    out->n = 0;
    for (size_t i = 0; i < n; i++)
        fz_link_add_cell(out, t->columns[i].kind, &cells[i]);
}

static size_t cells_of(const struct fz_write *w)
{
    return w->kind == FZ_REMOVE ? w->table->key_n : w->table->columns_n;
}

static fz_status prepare_write(struct postgres *p, const struct fz_write *w, struct fz_error *err)
{
    static void (*const texts[])(struct fz_buf *, const struct fz_sql *, const struct fz_table *) = {
        [FZ_PUT] = fz_sql_put, [FZ_ADD] = fz_sql_add, [FZ_REMOVE] = fz_sql_remove};
    struct table *t = table_of(p, w->table);
    struct statement *st = statement_of(t, w->kind);
    struct fz_link_params params;
    struct fz_buf text = {0};
    fz_status s;

    if (st->generation == p->link.generation)
        return FZ_OK;
    texts[w->kind](&text, &p->sql, w->table);
    row_params(&params, w->table, w->cells, cells_of(w));
    s = prepared(p, st, &text, &params, err);
    fz_buf_release(&text);
    return s;
}

/* ---- transactions that are not batches ---- */

static void roll_back(struct postgres *p)
{
    if (!p->link.broken)
        fz_link_ask(&p->link, "ROLLBACK", NULL, NULL, NULL);
}

static fz_status pin(struct postgres *p, struct fz_error *err)
{
    if (p->link.pins == 0) {
        FZ_TRY(fz_link_ready(&p->link, err));
        FZ_TRY(fz_link_ask(&p->link, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", NULL, NULL, err));
    }
    p->link.pins++;
    return FZ_OK;
}

/* Whether the transaction ends well does not matter: it only read. */
static void unpin(struct postgres *p)
{
    if (--p->link.pins == 0)
        roll_back(p);
}

/* ---- the schema ---- */

static fz_status there_are(struct postgres *p, const char *sql, bool *out, struct fz_error *err)
{
    struct fz_link_params params = {0};
    PGresult *r = NULL;

    fz_link_add_text(&params, p->link.schema);
    FZ_TRY(fz_link_ask(&p->link, sql, &params, &r, err));
    *out = PQntuples(r) > 0;
    PQclear(r);
    return FZ_OK;
}

/* Whether somebody else has made the same meanwhile, or is about to: then one looks again. */
static bool made_meanwhile(const char *state)
{
    static const char *const states[] = {"23505", "42P07", "42P06", "42710", "XX000"}; /* the last: "tuple concurrently updated" */

    for (size_t i = 0; i < FZ_COUNT(states); i++)
        if (strcmp(state, states[i]) == 0)
            return true;
    return fz_link_again(state);
}

/* A statement that makes something. `*io_again`: it is to be looked anew. */
static fz_status make(struct postgres *p, const char *sql, const struct fz_link_params *params, bool *io_again, struct fz_error *err)
{
    PGresult *r;
    fz_status s = FZ_OK;

    fz_link_send(&p->link, sql, params);
    fz_link_sync(&p->link);
    r = fz_link_take(&p->link);
    if (!fz_link_ok(r)) {
        s = fz_link_failed(&p->link, r, err);
        *io_again = made_meanwhile(fz_link_state(r));
    }
    fz_link_synced(&p->link);
    PQclear(r);
    return s;
}

static fz_status make_schema(struct postgres *p, bool *io_again, struct fz_error *err)
{
    struct fz_buf sql = {0};
    bool there;
    fz_status s = there_are(p, "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1", &there, err);

    fz_buf_printf(&sql, "CREATE SCHEMA IF NOT EXISTS \"%s\"", p->link.schema);
    if (s == FZ_OK && !there)
        s = make(p, sql.p, NULL, io_again, err);
    fz_buf_reset(&sql);
    fz_buf_addz(&sql, "CREATE TABLE IF NOT EXISTS ");
    fz_sql_place(&sql, &p->sql, "fz_tables");
    fz_buf_addz(&sql, " (name text COLLATE \"C\" PRIMARY KEY, form text NOT NULL)");
    if (s == FZ_OK)
        s = make(p, sql.p, NULL, io_again, err);
    fz_buf_reset(&sql);
    fz_buf_addz(&sql, "INSERT INTO ");
    fz_sql_place(&sql, &p->sql, "fz_tables");
    fz_buf_addz(&sql, " VALUES ('" LAYOUT_NAME "', '" LAYOUT "') ON CONFLICT (name) DO NOTHING");
    if (s == FZ_OK)
        s = make(p, sql.p, NULL, io_again, err);
    fz_buf_release(&sql);
    return s;
}

static fz_status form_there(struct postgres *p, const char *name, struct fz_buf *out, bool *out_found, struct fz_error *err)
{
    struct fz_link_params params = {0};
    struct fz_buf sql = {0};
    PGresult *r = NULL;
    fz_status s;

    fz_buf_addz(&sql, "SELECT form FROM ");
    fz_sql_place(&sql, &p->sql, "fz_tables");
    fz_buf_addz(&sql, " WHERE name = $1");
    fz_link_add_text(&params, name);
    s = fz_link_ask(&p->link, sql.p, &params, &r, err);
    fz_buf_release(&sql);
    FZ_TRY(s);
    *out_found = PQntuples(r) > 0;
    if (*out_found)
        fz_buf_addz(out, PQgetvalue(r, 0, 0));
    PQclear(r);
    return FZ_OK;
}

static fz_status check_layout(struct postgres *p, struct fz_error *err)
{
    struct fz_buf layout = {0};
    bool found = false;
    fz_status s = form_there(p, LAYOUT_NAME, &layout, &found, err);

    if (s == FZ_OK && (!found || !fz_str_is(fz_buf_str(&layout), LAYOUT)))
        s = fz_fail(err, FZ_E_SCHEMA, "%s: the store has layout %s; this version knows %s", p->link.name, found ? layout.p : "none", LAYOUT);
    fz_buf_release(&layout);
    return s;
}

/* The row of the layout comes last: without it somebody is still making the rest. */
static fz_status is_made(struct postgres *p, bool *out_there, struct fz_error *err)
{
    struct fz_buf layout = {0};
    fz_status s = there_are(p, "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = 'fz_tables'", out_there, err);

    if (s == FZ_OK && *out_there)
        s = form_there(p, LAYOUT_NAME, &layout, out_there, err);
    fz_buf_release(&layout);
    return s;
}

/* Made by the first writer; several may be first. */
static fz_status open_schema(struct postgres *p, struct fz_error *err)
{
    bool there = false, again = true;
    fz_status s = FZ_OK;

    FZ_TRY(is_made(p, &there, err));
    if (!there && p->base.mode == FZ_READ_ONLY)
        return fz_fail(err, FZ_E_INPUT, "%s: there is no store in the schema %s", p->link.name, p->link.schema);
    for (int i = 0; !there && again && i < FORM_TRIES; i++) {
        again = false;
        s = make_schema(p, &again, err);
        if (again)
            fz_link_pause(i);
    }
    FZ_TRY(s);
    return check_layout(p, err);
}

/* ---- declarations ---- */

static fz_status note_form(struct postgres *p, const struct fz_table *t, const char *form, bool *io_again, struct fz_error *err)
{
    struct fz_link_params params = {0};
    struct fz_buf sql = {0};
    fz_status s;

    fz_buf_addz(&sql, form ? "INSERT INTO " : "DELETE FROM ");
    fz_sql_place(&sql, &p->sql, "fz_tables");
    fz_buf_addz(&sql, form ? " VALUES ($1, $2)" : " WHERE name = $1");
    fz_link_add_text(&params, t->name);
    if (form)
        fz_link_add_text(&params, form);
    s = make(p, sql.p, &params, io_again, err);
    fz_buf_release(&sql);
    return s;
}

/* Its form first: whoever makes the same table at the same time waits there, and looks again. */
static fz_status create(struct postgres *p, const struct fz_table *t, bool *io_again, struct fz_error *err)
{
    struct fz_buf text = {0};
    fz_status s;

    fz_table_form(&text, t);
    s = note_form(p, t, text.p, io_again, err);
    fz_buf_reset(&text);
    fz_sql_create(&text, &p->sql, t);
    if (s == FZ_OK)
        s = make(p, text.p, NULL, io_again, err);
    for (size_t i = 0; s == FZ_OK && i < t->indexes_n; i++) {
        fz_buf_reset(&text);
        fz_sql_create_index(&text, &p->sql, t, &t->indexes[i]);
        s = make(p, text.p, NULL, io_again, err);
    }
    fz_buf_release(&text);
    return s;
}

/* Whether it is there in this form; another one fails. */
static fz_status look_for(struct postgres *p, const struct fz_table *t, bool *out_there, struct fz_error *err)
{
    struct fz_buf want = {0}, there = {0};
    fz_status s;

    fz_table_form(&want, t);
    s = form_there(p, t->name, &there, out_there, err);
    if (s == FZ_OK && *out_there && !fz_str_eq(fz_buf_str(&want), fz_buf_str(&there)))
        s = fz_fail(err, FZ_E_SCHEMA, "%s: there is %s; this version wants %s", p->link.name, there.p, want.p);
    fz_buf_release(&want);
    fz_buf_release(&there);
    return s;
}

static fz_status look_for_all(struct postgres *p, const struct fz_table *const *tables, size_t n, bool *missing, size_t *out_missing, struct fz_error *err)
{
    *out_missing = 0;
    for (size_t i = 0; i < n; i++) {
        bool there = false;

        FZ_TRY(look_for(p, tables[i], &there, err));
        if (!there && p->base.mode == FZ_READ_ONLY)
            return fz_fail(err, FZ_E_SCHEMA, "%s: the table %s is not there", p->link.name, tables[i]->name);
        missing[i] = !there;
        *out_missing += !there;
    }
    return FZ_OK;
}

static fz_status create_all(struct postgres *p, const struct fz_table *const *tables, size_t n, const bool *missing, bool *io_again, struct fz_error *err)
{
    fz_status s = fz_link_ask(&p->link, "BEGIN", NULL, NULL, err);

    for (size_t i = 0; s == FZ_OK && i < n; i++)
        if (missing[i])
            s = create(p, tables[i], io_again, err);
    if (s == FZ_OK)
        s = make(p, "COMMIT", NULL, io_again, err);
    if (s != FZ_OK) {
        roll_back(p);
        return s;
    }
    for (size_t i = 0; i < n; i++)
        if (missing[i])
            fz_care_forbid_samples(&p->link, &p->sql, tables[i]);
    return FZ_OK;
}

static fz_status declare_once(struct postgres *p, const struct fz_table *const *tables, size_t n, bool *missing, bool *out_again, struct fz_error *err)
{
    size_t lacking;

    *out_again = false;
    FZ_TRY(fz_link_ready(&p->link, err));
    FZ_TRY(look_for_all(p, tables, n, missing, &lacking, err));
    return lacking ? create_all(p, tables, n, missing, out_again, err) : FZ_OK;
}

static fz_status postgres_declare(struct fz_store *s, const struct fz_table *const *tables, size_t n, struct fz_error *err)
{
    struct postgres *p = (struct postgres *)s;
    bool *missing = fz_must(calloc(n + 1, sizeof(*missing))), again = true;
    fz_status status = FZ_OK;

    for (int i = 0; again && i < FORM_TRIES; i++) {
        status = declare_once(p, tables, n, missing, &again, err);
        if (again)
            fz_link_pause(i);
    }
    free(missing);
    FZ_TRY(status);
    for (size_t i = 0; i < n; i++)
        keep_table(p, tables[i]);
    return FZ_OK;
}

static fz_status drop_once(struct postgres *p, const struct fz_table *t, bool *out_again, struct fz_error *err)
{
    struct fz_buf sql = {0};
    fz_status s = fz_link_ready(&p->link, err);

    *out_again = false;
    fz_buf_addz(&sql, "DROP TABLE IF EXISTS ");
    fz_sql_place(&sql, &p->sql, t->name);
    if (s == FZ_OK)
        s = fz_link_ask(&p->link, "BEGIN", NULL, NULL, err);
    if (s == FZ_OK)
        s = make(p, sql.p, NULL, out_again, err);
    if (s == FZ_OK)
        s = note_form(p, t, NULL, out_again, err);
    if (s == FZ_OK)
        s = make(p, "COMMIT", NULL, out_again, err);
    if (s != FZ_OK)
        roll_back(p);
    fz_buf_release(&sql);
    return s;
}

static fz_status postgres_drop(struct fz_store *s, const struct fz_table *t, struct fz_error *err)
{
    struct postgres *p = (struct postgres *)s;
    fz_status status = FZ_OK;
    bool again = true;

    for (int i = 0; again && i < FORM_TRIES; i++) {
        status = drop_once(p, t, &again, err);
        if (again)
            fz_link_pause(i);
    }
    FZ_TRY(status);
    forget_table(p, t);
    return FZ_OK;
}

/* ---- a place held against other writers ---- */

/* Advisory locks are of the whole database: the schema counts too. FNV-1a; two that come to one number wait for each other without need. */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;

    for (size_t i = 0; i < n; i++)
        hash = (hash ^ p[i]) * UINT64_C(1099511628211);
    return hash;
}

static int64_t lock_of(const struct postgres *p, const fz_cell *place)
{
    uint64_t hash = hash_bytes(UINT64_C(14695981039346656037), p->link.schema, strlen(p->link.schema) + 1);

    return (int64_t)(place->kind == FZ_CELL_INT ? hash_bytes(hash, &place->n, sizeof(place->n)) : hash_bytes(hash, place->s.p, place->s.n));
}

static fz_status is_held(const struct postgres *p, struct fz_error *err)
{
    return fz_fail(err, FZ_E_BUSY, "%s: another process keeps writers out, for tables are made anew or a notice is added: try again", p->link.name);
}

static fz_status postgres_hold(struct fz_store *s, const fz_cell *place, struct fz_error *err)
{
    struct postgres *p = (struct postgres *)s;
    struct fz_link_params params = {0};
    fz_status status;

    FZ_TRY(fz_link_ready(&p->link, err));
    p->held_lock = lock_of(p, place);
    fz_link_add_int(&params, p->held_lock);
    status = p->link.locks ? fz_link_ask(&p->link, "SELECT pg_advisory_lock($1)", &params, NULL, err) : FZ_OK;
    if (status == FZ_OK)
        p->held = p->link.generation;
    return status == FZ_E_BUSY ? is_held(p, err) : status;
}

static void postgres_let_go(struct fz_store *s)
{
    struct postgres *p = (struct postgres *)s;
    struct fz_link_params params = {0};

    fz_link_add_int(&params, p->held_lock);
    if (p->link.locks && !p->link.broken && p->held == p->link.generation)
        fz_link_ask(&p->link, "SELECT pg_advisory_unlock($1)", &params, NULL, NULL);
    p->held = 0;
}

static fz_status still_holds(const struct postgres *p, struct fz_error *err)
{
    return p->held == 0 || p->held == p->link.generation
               ? FZ_OK
               : fz_fail(err, FZ_E_IO, "%s: the connection was lost while other writers were kept out; begin again", p->link.name);
}

static fz_status prepare_turn(struct postgres *p, struct fz_error *err)
{
    struct fz_link_params params = {0};

    if (!p->link.locks || p->turn.generation == p->link.generation)
        return FZ_OK;
    fz_link_add_int(&params, 0);
    snprintf(p->turn.name, NAME_BYTES, "fz_turn");
    FZ_TRY(fz_link_prepare(&p->link, p->turn.name, "SELECT pg_advisory_xact_lock_shared($1)", params.n, params.types, err));
    p->turn.generation = p->link.generation;
    return FZ_OK;
}

/* ---- clearing a place ---- */

static fz_status clear_once(struct postgres *p, const char *sql, const struct fz_table *t, const fz_cell *place, struct fz_error *err)
{
    struct fz_link_params params;

    row_params(&params, t, place, 1);
    FZ_TRY(fz_link_ready(&p->link, err));
    FZ_TRY(still_holds(p, err));
    return fz_link_ask(&p->link, sql, &params, NULL, err);
}

static fz_status postgres_clear(struct fz_store *s, const struct fz_table *t, const fz_cell *place, struct fz_error *err)
{
    struct postgres *p = (struct postgres *)s;
    struct fz_buf sql = {0};
    fz_status status;

    fz_sql_clear(&sql, &p->sql, t);
    status = clear_once(p, sql.p, t, place, err);
    fz_buf_release(&sql);
    return status;
}

/* ---- writing ---- */

/* A batch on its way. Statement 0 is BEGIN; then, where the server has such locks, that of the place; those of the writes; the last is COMMIT. */
struct sending {
    struct postgres *p;
    const struct fz_batch *batch;
    size_t first; /* number of the first write's */
    size_t sent, taken;
    PGresult *failed; /* the first that did */
    size_t failed_at;
};

static bool is_going_on(const struct sending *x)
{
    return !x->failed && !x->p->link.broken;
}

static void take_one(struct sending *x)
{
    PGresult *r = fz_link_take(&x->p->link);

    if (!fz_link_ok(r) && r && !x->failed) {
        x->failed = r;
        x->failed_at = x->taken;
    } else {
        PQclear(r);
    }
    x->taken++;
}

static void take_until(struct sending *x, size_t left)
{
    while (x->sent - x->taken > left && !x->p->link.broken)
        take_one(x);
}

/* Past the window the older half is taken, which the server has been asked for by then. */
static void sent_one(struct sending *x)
{
    x->sent++;
    if (x->sent % FLUSH_EACH == 0)
        fz_link_flush(&x->p->link);
    if (x->sent - x->taken >= WINDOW)
        take_until(x, WINDOW / 2);
}

static void send_write(struct sending *x, const struct fz_write *w)
{
    struct fz_link_params params;

    row_params(&params, w->table, w->cells, cells_of(w));
    fz_link_send_prepared(&x->p->link, statement_of(table_of(x->p, w->table), w->kind)->name, &params);
    sent_one(x);
}

/* Whoever holds the place is waited for here, before anything else is locked. */
static void send_turn(struct sending *x)
{
    struct fz_link_params params = {0};

    if (!x->p->link.locks || x->batch->n == 0)
        return;
    fz_link_add_int(&params, lock_of(x->p, &x->batch->writes[0].cells[0]));
    fz_link_send_prepared(&x->p->link, x->p->turn.name, &params);
    sent_one(x);
}

/* Whether all was sent, COMMIT as well. */
static bool send_all(struct sending *x)
{
    fz_link_send(&x->p->link, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", NULL);
    sent_one(x);
    send_turn(x);
    x->first = x->sent;
    for (size_t i = 0; i < x->batch->n && is_going_on(x); i++)
        send_write(x, &x->batch->writes[i]);
    if (!is_going_on(x))
        return false;
    fz_link_send(&x->p->link, "COMMIT", NULL);
    sent_one(x);
    return true;
}

static fz_status unsure(struct postgres *p, const PGresult *r, struct fz_error *err)
{
    struct fz_error why;

    p->link.unsure = true;
    fz_link_failed(&p->link, r, &why);
    return fz_fail(err, FZ_E_UNSURE, "%.400s; whether the batch is there is to be looked at", why.text);
}

/* Some engines say in words of their own that they do not know. */
static bool says_unsure(const char *state)
{
    return strcmp(state, "08007") == 0 || strcmp(state, "40003") == 0;
}

/* What a batch came to, all of it sent and taken as far as there was something. */
static fz_status outcome(struct sending *x, bool committing, bool *out_again, struct fz_error *err)
{
    struct postgres *p = x->p;
    const char *state = fz_link_state(x->failed);
    bool at_commit = x->failed && x->failed_at == x->first + x->batch->n;

    if (!x->failed)
        return !p->link.broken ? FZ_OK : committing ? unsure(p, NULL, err) : fz_link_failed(&p->link, NULL, err);
    if (at_commit && (p->link.broken || says_unsure(state)))
        return unsure(p, x->failed, err);
    *out_again = !p->link.broken && fz_link_again(state);
    if (strcmp(state, "23505") == 0 && x->failed_at >= x->first && !at_commit)
        return fz_store_exists(x->batch->writes[x->failed_at - x->first].table, x->failed_at - x->first + 1, err);
    if (strcmp(state, FZ_LINK_WAITED) == 0 && x->failed_at < x->first)
        return is_held(p, err);
    return fz_link_failed(&p->link, x->failed, err);
}

static fz_status commit_once(struct postgres *p, const struct fz_batch *batch, bool *out_again, struct fz_error *err)
{
    struct sending x = {.p = p, .batch = batch};
    bool committing = send_all(&x);
    fz_status s;

    fz_link_sync(&p->link);
    take_until(&x, 0);
    fz_link_synced(&p->link);
    s = outcome(&x, committing, out_again, err);
    if (x.failed)
        roll_back(p);
    PQclear(x.failed);
    return s;
}

static fz_status check_row(const struct postgres *p, const struct fz_write *w, struct fz_error *err)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < cells_of(w); i++)
        if (w->cells[i].kind == FZ_CELL_BYTES && __builtin_add_overflow(bytes, w->cells[i].s.n, &bytes))
            bytes = UINT64_MAX;
    return bytes <= ROW_BYTES_MAX ? FZ_OK
                                  : fz_fail(err, FZ_E_TOO_LARGE, "%s: a row of %s has %llu bytes, at most %u are kept", p->link.name, w->table->name,
                                            (unsigned long long)bytes, ROW_BYTES_MAX);
}

static fz_status prepare_writes(struct postgres *p, const struct fz_batch *batch, struct fz_error *err)
{
    FZ_TRY(fz_link_ready(&p->link, err));
    FZ_TRY(still_holds(p, err));
    FZ_TRY(prepare_turn(p, err));
    for (size_t i = 0; i < batch->n; i++)
        FZ_TRY(prepare_write(p, &batch->writes[i], err));
    return FZ_OK;
}

static fz_status postgres_commit(struct fz_store *s, const struct fz_batch *batch, struct fz_error *err)
{
    struct postgres *p = (struct postgres *)s;
    fz_status status = FZ_OK;
    bool again = true;

    for (size_t i = 0; i < batch->n; i++)
        FZ_TRY(check_row(p, &batch->writes[i], err));
    for (int i = 0; again && i < BATCH_TRIES; i++) {
        again = false;
        FZ_TRY(prepare_writes(p, batch, err));
        status = commit_once(p, batch, &again, err);
        if (again)
            fz_link_pause(i);
    }
    return status;
}

/* ---- reading ---- */

/* A NULL has length 0. */
static fz_status read_cell(const struct postgres *p, const PGresult *r, int row, const struct fz_table *t, int i, fz_cell *out, struct fz_error *err)
{
    const struct fz_column *c = &t->columns[i];
    int n = PQgetlength(r, row, i);
    bool null = n == 0 && PQgetisnull(r, row, i);

    if (null && c->may_be_null) {
        *out = FZ_CELL_UNSET;
        return FZ_OK;
    }
    if (null || (c->kind == FZ_COL_INT && n != (int)sizeof(int64_t)))
        return fz_fail(err, FZ_E_SCHEMA, "%s: column %s of %s holds another kind of value than was declared", p->link.name, c->name, t->name);
    if (c->kind == FZ_COL_INT)
        *out = FZ_CELL_OF_INT(fz_link_int_at(PQgetvalue(r, row, i)));
    else
        *out = FZ_CELL_OF(((fz_str){PQgetvalue(r, row, i), (size_t)n}));
    return FZ_OK;
}

static fz_status read_row(const struct postgres *p, const PGresult *r, int row, const struct fz_table *t, fz_cell *out, struct fz_error *err)
{
    if ((size_t)PQnfields(r) != t->columns_n)
        return fz_fail(err, FZ_E_SCHEMA, "%s: %s has other columns than were declared", p->link.name, t->name);
    for (size_t i = 0; i < t->columns_n; i++)
        FZ_TRY(read_cell(p, r, row, t, (int)i, &out[i], err));
    return FZ_OK;
}

/* What is read, of one row or by a scan. */
struct question {
    const struct fz_table *table;
    const struct fz_scan *scan; /* NULL: by the key */
    bool counting;
};

static fz_status prepare_question(struct postgres *p, const struct question *q, struct statement *st, const struct fz_link_params *params, struct fz_error *err)
{
    struct fz_buf text = {0};
    fz_status s;

    if (st->generation == p->link.generation)
        return FZ_OK;
    if (q->scan)
        fz_sql_scan(&text, &p->sql, q->scan, q->counting);
    else
        fz_sql_get(&text, &p->sql, q->table);
    s = prepared(p, st, &text, params, err);
    fz_buf_release(&text);
    return s;
}

static fz_status ask_once(struct postgres *p, const struct question *q, const struct fz_link_params *params, PGresult **out, struct fz_error *err)
{
    /* Bits 5 to 7 of a shape are free. */
    uint64_t key = q->scan ? fz_sql_shape(q->scan, q->counting) | (uint64_t)ASK_SCAN << 5 : ASK_GET;
    struct statement *st = statement_of(table_of(p, q->table), key);

    FZ_TRY(fz_link_ready(&p->link, err));
    FZ_TRY(prepare_question(p, q, st, params, err));
    return fz_link_ask_prepared(&p->link, st->name, params, out, err);
}

/* A question that found the connection lost is asked once more: it changes nothing. */
static fz_status ask(struct postgres *p, const struct question *q, const struct fz_link_params *params, PGresult **out, struct fz_error *err)
{
    fz_status s = ask_once(p, q, params, out, err);

    return s != FZ_OK && p->link.broken && p->link.pins == 0 ? ask_once(p, q, params, out, err) : s;
}

static fz_status postgres_get(struct fz_store *s, const struct fz_table *table, const fz_cell *key, struct fz_arena *arena, fz_cell **out_cells, bool *out_found,
                              struct fz_error *err)
{
    struct postgres *p = (struct postgres *)s;
    fz_cell cells[FZ_COLUMNS_MAX];
    struct fz_link_params params;
    PGresult *r = NULL;
    fz_status status = FZ_OK;

    row_params(&params, table, key, table->key_n);
    FZ_TRY(ask(p, &(struct question){.table = table}, &params, &r, err));
    *out_found = PQntuples(r) > 0;
    if (*out_found)
        status = read_row(p, r, 0, table, cells, err);
    if (*out_found && status == FZ_OK)
        *out_cells = fz_cells_copy(arena, cells, table->columns_n);
    PQclear(r);
    return status;
}

/* ---- many rows by their keys ---- */

static fz_status prepare_gets(struct postgres *p, const struct fz_write *rows, size_t n, struct fz_error *err)
{
    FZ_TRY(fz_link_ready(&p->link, err));
    for (size_t i = 0; i < n; i++) {
        struct statement *st = statement_of(table_of(p, rows[i].table), ASK_GET);
        struct fz_link_params params;

        if (st->generation == p->link.generation)
            continue;
        row_params(&params, rows[i].table, rows[i].cells, rows[i].table->key_n);
        FZ_TRY(prepare_question(p, &(struct question){.table = rows[i].table}, st, &params, err));
    }
    return FZ_OK;
}

static void send_gets(struct postgres *p, const struct fz_write *rows, size_t n)
{
    struct fz_link_params params;

    for (size_t i = 0; i < n && !p->link.broken; i++) {
        row_params(&params, rows[i].table, rows[i].cells, rows[i].table->key_n);
        fz_link_send_prepared(&p->link, statement_of(table_of(p, rows[i].table), ASK_GET)->name, &params);
    }
    fz_link_sync(&p->link);
}

/* A window of what was asked for. */
struct getting {
    const struct fz_write *rows;
    size_t done, n; /* visited so far; of the window */
    fz_found_visit *visit;
    void *arg;
};

static fz_status found(struct postgres *p, struct getting *g, const PGresult *r, struct fz_error *err)
{
    fz_cell cells[FZ_COLUMNS_MAX];
    bool any = PQntuples(r) > 0;

    if (!fz_link_ok(r))
        return fz_link_failed(&p->link, r, err);
    if (any)
        FZ_TRY(read_row(p, r, 0, g->rows[g->done].table, cells, err));
    FZ_TRY(g->visit(g->arg, g->done, any ? cells : NULL, err));
    g->done++;
    return FZ_OK;
}

static fz_status get_window(struct postgres *p, struct getting *g, struct fz_error *err)
{
    size_t n = g->n;
    fz_status s = FZ_OK;

    FZ_TRY(prepare_gets(p, g->rows + g->done, n, err));
    send_gets(p, g->rows + g->done, n);
    for (size_t i = 0; i < n && !p->link.broken; i++) {
        PGresult *r = fz_link_take(&p->link);

        if (s == FZ_OK)
            s = found(p, g, r, err);
        PQclear(r);
    }
    fz_link_synced(&p->link);
    return s == FZ_OK && p->link.broken ? fz_link_failed(&p->link, NULL, err) : s;
}

/* After a lost connection it goes on behind what was visited. */
static fz_status postgres_get_all(struct fz_store *s, const struct fz_write *rows, size_t n, fz_found_visit *visit, void *arg, struct fz_error *err)
{
    struct postgres *p = (struct postgres *)s;
    struct getting g = {.rows = rows, .visit = visit, .arg = arg};
    fz_status status = FZ_OK;

    for (bool again = false; g.done < n;) {
        g.n = n - g.done < WINDOW / 2 ? n - g.done : WINDOW / 2;
        status = get_window(p, &g, err);
        if (status != FZ_OK && (again || !p->link.broken || p->link.pins))
            return status;
        again = status != FZ_OK;
    }
    return status;
}

static void scan_params(struct fz_link_params *out, const struct fz_scan *scan)
{
    struct fz_sql_param params[FZ_COLUMNS_MAX + 2];
    size_t n = fz_sql_scan_params(scan, params);

    out->n = 0;
    for (size_t i = 0; i < n; i++)
        fz_link_add_cell(out, params[i].column->kind, params[i].cell);
}

static fz_status postgres_count(struct fz_store *s, const struct fz_scan *scan, uint64_t *out_n, struct fz_error *err)
{
    struct postgres *p = (struct postgres *)s;
    struct fz_link_params params;
    PGresult *r = NULL;

    scan_params(&params, scan);
    FZ_TRY(ask(p, &(struct question){scan->table, scan, true}, &params, &r, err));
    *out_n = (uint64_t)fz_link_int(r, 0, 0);
    PQclear(r);
    return FZ_OK;
}

static fz_status visit_rows(struct postgres *p, const PGresult *r, const struct fz_table *t, fz_row_visit *visit, void *arg, struct fz_error *err)
{
    fz_cell cells[FZ_COLUMNS_MAX];

    for (int i = 0; i < PQntuples(r); i++) {
        FZ_TRY(read_row(p, r, i, t, cells, err));
        FZ_TRY(visit(arg, cells, err));
    }
    return FZ_OK;
}

/* ---- long scans ---- */

static fz_status open_cursor(struct postgres *p, const struct fz_scan *scan, struct fz_error *err)
{
    struct fz_link_params params;
    struct fz_buf sql = {0};
    fz_status s;

    scan_params(&params, scan);
    fz_link_add_int(&params, scan->limit && scan->limit < INT64_MAX ? (int64_t)scan->limit : INT64_MAX);
    fz_buf_printf(&sql, "DECLARE fz_cursor%d NO SCROLL CURSOR FOR ", p->cursors);
    fz_sql_scan(&sql, &p->sql, scan, false);
    s = fz_link_ask(&p->link, sql.p, &params, NULL, err);
    fz_buf_release(&sql);
    return s;
}

/* So many rows that the next portion has some PORTION_BYTES. */
static int next_portion(const PGresult *r, int rows)
{
    size_t each = PQresultMemorySize(r) / (size_t)(PQntuples(r) ? PQntuples(r) : 1) + 1, fit = PORTION_BYTES / each + 1;
    int most = rows * 2 < PORTION_ROWS_MAX ? rows * 2 : PORTION_ROWS_MAX;

    return fit < (size_t)most ? (int)fit : most;
}

static fz_status fetch_all(struct postgres *p, int cursor, const struct fz_scan *scan, fz_row_visit *visit, void *arg, struct fz_error *err)
{
    int rows = FIRST_ROWS;

    for (bool more = true; more;) {
        PGresult *r = NULL;
        char sql[64];
        fz_status s;

        snprintf(sql, sizeof(sql), "FETCH FORWARD %d FROM fz_cursor%d", rows, cursor);
        if (p->link.broken)
            return fz_link_failed(&p->link, NULL, err);
        FZ_TRY(fz_link_ask(&p->link, sql, NULL, &r, err));
        more = PQntuples(r) == rows;
        rows = next_portion(r, rows);
        s = visit_rows(p, r, scan->table, visit, arg, err);
        PQclear(r);
        FZ_TRY(s);
    }
    return FZ_OK;
}

static void close_cursor(struct postgres *p, int cursor)
{
    char sql[64];

    snprintf(sql, sizeof(sql), "CLOSE fz_cursor%d", cursor);
    if (!p->link.broken)
        fz_link_ask(&p->link, sql, NULL, NULL, NULL);
}

static fz_status scan_by_cursor(struct postgres *p, const struct fz_scan *scan, fz_row_visit *visit, void *arg, struct fz_error *err)
{
    int cursor = p->cursors;
    fz_status s;

    FZ_TRY(pin(p, err));
    s = open_cursor(p, scan, err);
    if (s == FZ_OK) {
        p->cursors++;
        s = fetch_all(p, cursor, scan, visit, arg, err);
        p->cursors--;
        close_cursor(p, cursor);
    }
    unpin(p);
    return s;
}

static fz_status postgres_scan(struct fz_store *s, const struct fz_scan *scan, fz_row_visit *visit, void *arg, struct fz_error *err)
{
    struct postgres *p = (struct postgres *)s;
    bool is_short = scan->limit && scan->limit <= FIRST_ROWS;
    struct fz_link_params params;
    PGresult *r = NULL;
    fz_status status;

    scan_params(&params, scan);
    fz_link_add_int(&params, is_short ? (int64_t)scan->limit : FIRST_ROWS + 1);
    FZ_TRY(ask(p, &(struct question){scan->table, scan, false}, &params, &r, err));
    if (PQntuples(r) <= FIRST_ROWS)
        status = visit_rows(p, r, scan->table, visit, arg, err);
    else
        status = scan_by_cursor(p, scan, visit, arg, err);
    PQclear(r);
    return status;
}

/* ---- queries ---- */

enum { OID_BOOL = 16, OID_BIGINT = 20, OID_INTEGER = 23, OID_TEXT = 25 }; /* of pg_type, for ever */

/* In binary. A query keeps to integers and texts; a truth is 0 or 1, as in SQLite. */
static fz_cell read_answer(const PGresult *r, int row, int column)
{
    const char *p = PQgetvalue(r, row, column);
    uint32_t small;

    if (PQgetisnull(r, row, column))
        return FZ_CELL_UNSET;
    switch (PQftype(r, column)) {
    case OID_BOOL:
        return FZ_CELL_OF_INT(*p != 0);
    case OID_BIGINT:
        return FZ_CELL_OF_INT(fz_link_int_at(p));
    case OID_INTEGER:
        memcpy(&small, p, sizeof(small));
        return FZ_CELL_OF_INT((int32_t)be32toh(small));
    default:
        fz_assert(PQftype(r, column) == OID_TEXT); /* a fraction would be a number that nobody may record */
        return FZ_CELL_OF(((fz_str){p, (size_t)PQgetlength(r, row, column)}));
    }
}

static fz_status visit_answers(const PGresult *r, fz_row_visit *visit, void *arg, struct fz_error *err)
{
    fz_cell cells[FZ_COLUMNS_MAX];
    int n = PQnfields(r);

    fz_assert(n > 0 && n <= FZ_COLUMNS_MAX);
    for (int row = 0; row < PQntuples(r); row++) {
        for (int i = 0; i < n; i++)
            cells[i] = read_answer(r, row, i);
        FZ_TRY(visit(arg, cells, err));
    }
    return FZ_OK;
}

static fz_status query_once(struct postgres *p, const char *sql, const struct fz_link_params *params, PGresult **out, struct fz_error *err)
{
    FZ_TRY(fz_link_ready(&p->link, err));
    return fz_link_ask(&p->link, sql, params, out, err);
}

/* The whole answer is in memory while it is visited: it is grouped, or a list of ids. */
static fz_status postgres_query(struct fz_store *s, fz_str sql, const fz_cell *params, size_t params_n, fz_row_visit *visit, void *arg, struct fz_error *err)
{
    struct postgres *p = (struct postgres *)s;
    struct fz_link_params all = {.n = 0};
    char *text = fz_must(strndup(sql.p, sql.n));
    PGresult *r = NULL;
    fz_status status;

    for (size_t i = 0; i < params_n; i++)
        fz_link_add_cell(&all, params[i].kind == FZ_CELL_INT ? FZ_COL_INT : FZ_COL_TEXT, &params[i]);
    status = query_once(p, text, &all, &r, err);
    if (status != FZ_OK && p->link.broken && p->link.pins == 0)
        status = query_once(p, text, &all, &r, err);
    if (status == FZ_OK)
        status = visit_answers(r, visit, arg, err);
    PQclear(r);
    free(text);
    return status;
}

/* The state is that of the first statement. */
static fz_status postgres_begin_read(struct fz_store *s, struct fz_error *err)
{
    struct postgres *p = (struct postgres *)s;
    fz_status status;

    FZ_TRY(pin(p, err));
    status = fz_link_ask(&p->link, "SELECT 1", NULL, NULL, err);
    if (status != FZ_OK)
        unpin(p);
    return status;
}

static void postgres_end_read(struct fz_store *s)
{
    unpin((struct postgres *)s);
}

static bool postgres_is_shared(const struct fz_store *s)
{
    (void)s;
    return true;
}

static fz_status postgres_scrub(struct fz_store *s, const struct fz_table *const *tables, size_t n, bool *out_whole, struct fz_error *err)
{
    struct postgres *p = (struct postgres *)s;

    FZ_TRY(fz_link_ready(&p->link, err));
    return fz_care_scrub(&p->link, &p->sql, tables, n, out_whole, err);
}

static fz_status postgres_distribute(struct fz_store *s, bool dry, struct fz_buf *out, struct fz_error *err)
{
    struct postgres *p = (struct postgres *)s;

    FZ_TRY(fz_link_ready(&p->link, err));
    return fz_care_distribute(&p->link, &p->sql, s->declared, s->declared_n, dry, out, err);
}

/* ---- the door ---- */

static void postgres_close(struct fz_store *s)
{
    struct postgres *p = (struct postgres *)s;

    for (size_t i = 0; i < p->tables_n; i++)
        free(p->tables[i].statements);
    free(p->tables);
    fz_link_close(&p->link);
    free(p);
}

static const struct fz_store_ops postgres_ops = {
    .name = "postgres",
    .declare = postgres_declare,
    .drop = postgres_drop,
    .clear = postgres_clear,
    .commit = postgres_commit,
    .get = postgres_get,
    .get_all = postgres_get_all,
    .scan = postgres_scan,
    .count = postgres_count,
    .query = postgres_query,
    .is_shared = postgres_is_shared,
    .hold = postgres_hold,
    .let_go = postgres_let_go,
    .begin_read = postgres_begin_read,
    .end_read = postgres_end_read,
    .scrub = postgres_scrub,
    .distribute = postgres_distribute,
    .close = postgres_close,
};

fz_status fz_store_open_postgres(struct fz_store **out, const char *conninfo, fz_store_mode mode, struct fz_error *err)
{
    struct postgres *p = fz_must(calloc(1, sizeof(*p)));
    fz_status s;

    fz_store_init(&p->base, &postgres_ops, mode);
    s = fz_link_open(&p->link, conninfo, mode, err);
    p->sql = (struct fz_sql){.schema = p->link.schema, .postgres = true};
    if (s == FZ_OK)
        s = open_schema(p, err);
    if (s != FZ_OK) {
        fz_store_close(&p->base);
        return s;
    }
    *out = &p->base;
    return FZ_OK;
}
