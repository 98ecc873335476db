/*
 * The session. Each connection is given what the driver relies on:
 *     synchronous_commit  on, or what is stronger; a server with fsync = off is refused
 *     plans               only those that run along an index, in its order, and the same for every value: what scans promise (sql_text.c)
 *     read only           of a store opened so, by the server
 * Of these the first is asserted. The others are asked for and may be unknown to an engine that only speaks the protocol.
 *
 * A lost connection is noticed before a statement is sent (what the server said at its end lies in the socket) or when results stay out. In between,
 * whatever was sent may have been done. Only a COMMIT matters, and who sent one notes it in `unsure`: the next connection then ends the server's process
 * of the lost one and waits for its end, so that nothing is committed after somebody has looked.
 */
#include "store/postgres_link.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define CONNECT_TRIES 5
#define END_WAIT_MS 5000
#define PAUSE_MS 20
#define LOCK_TIMEOUT "60s" /* a table that is written anew, or a place that is held, takes its time */

#define OID_BIGINT 20
#define OID_TEXT 25
#define OID_BYTEA 17

/* ---- values ---- */

static void add(struct fz_link_params *p, Oid type, const char *value, size_t n)
{
    fz_assert(p->n < FZ_LINK_PARAMS_MAX);
    p->types[p->n] = type;
    p->values[p->n] = value;
    p->lengths[p->n] = (int)n;
    p->formats[p->n++] = 1;
}

void fz_link_add_int(struct fz_link_params *p, int64_t n)
{
    p->integers[p->n] = htobe64((uint64_t)n);
    add(p, OID_BIGINT, (const char *)&p->integers[p->n], sizeof(p->integers[0]));
}

void fz_link_add_text(struct fz_link_params *p, const char *text)
{
    add(p, OID_TEXT, text, strlen(text));
}

void fz_link_add_cell(struct fz_link_params *p, fz_column_kind kind, const fz_cell *cell)
{
    static const Oid types[] = {[FZ_COL_INT] = OID_BIGINT, [FZ_COL_TEXT] = OID_TEXT, [FZ_COL_BLOB] = OID_BYTEA};

    if (cell->kind == FZ_CELL_INT)
        fz_link_add_int(p, cell->n);
    else if (cell->kind == FZ_CELL_NULL)
        add(p, types[kind], NULL, 0);
    else
        add(p, types[kind], cell->s.n ? cell->s.p : "", cell->s.n);
}

int64_t fz_link_int_at(const char *bytes)
{
    uint64_t n;

    memcpy(&n, bytes, sizeof(n));
    return (int64_t)be64toh(n);
}

int64_t fz_link_int(const PGresult *r, int row, int column)
{
    return PQgetlength(r, row, column) == (int)sizeof(int64_t) ? fz_link_int_at(PQgetvalue(r, row, column)) : 0;
}

bool fz_link_true(const PGresult *r, int row, int column)
{
    return PQgetlength(r, row, column) == 1 && PQgetvalue(r, row, column)[0];
}

/* ---- failures ---- */

bool fz_link_ok(const PGresult *r)
{
    ExecStatusType s = PQresultStatus(r); /* of NULL: a failure */

    return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK;
}

const char *fz_link_state(const PGresult *r)
{
    const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;

    return state ? state : "";
}

static bool is_one_of(const char *state, const char *const *states)
{
    for (; *states; states++)
        if (strcmp(state, *states) == 0)
            return true;
    return false;
}

bool fz_link_again(const char *state)
{
    static const char *const states[] = {"40001", "40P01", NULL}; /* serialization_failure, deadlock_detected */

    return is_one_of(state, states);
}

static fz_status status_of(const char *state)
{
    /* undefined table, column, schema, function; a plan whose result has changed; another type of column */
    static const char *const schema[] = {"42P01", "42703", "3F000", "42883", "0A000", "42804", "42P07", "42701", NULL};

    if (strcmp(state, "53100") == 0)
        return FZ_E_FULL;
    if (strcmp(state, "53200") == 0)
        return FZ_E_NOMEM;
    if (strcmp(state, FZ_LINK_WAITED) == 0)
        return FZ_E_BUSY;
    if (strncmp(state, "54", 2) == 0 || strcmp(state, "22001") == 0)
        return FZ_E_TOO_LARGE;
    return is_one_of(state, schema) ? FZ_E_SCHEMA : FZ_E_IO;
}

/* libpq ends messages with a line end, and joins several. */
static fz_str first_line(const char *text)
{
    return fz_str_trim((fz_str){text, strcspn(text, "\n")});
}

fz_status fz_link_failed(const struct fz_link *l, const PGresult *r, struct fz_error *err)
{
    const char *state = fz_link_state(r), *words = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    fz_str line = first_line(words ? words : l->conn ? PQerrorMessage(l->conn) : "");

    if (*state)
        return fz_fail(err, status_of(state), "%s: %.*s (PostgreSQL %s)", l->name, FZ_STR_ARG(line), state);
    return fz_fail(err, FZ_E_IO, "%s: the connection was lost%s%.*s", l->name, line.n ? ": " : "", FZ_STR_ARG(line));
}

void fz_link_pause(int tries)
{
    long ms = (long)PAUSE_MS << tries;

    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* ---- in the pipeline ---- */

static void sent(struct fz_link *l, int rc)
{
    if (rc != 1)
        l->broken = true;
}

void fz_link_send(struct fz_link *l, const char *sql, const struct fz_link_params *p)
{
    if (p)
        sent(l, PQsendQueryParams(l->conn, sql, p->n, p->types, p->values, p->lengths, p->formats, 1));
    else
        sent(l, PQsendQueryParams(l->conn, sql, 0, NULL, NULL, NULL, NULL, 1));
}

void fz_link_send_prepared(struct fz_link *l, const char *name, const struct fz_link_params *p)
{
    sent(l, PQsendQueryPrepared(l->conn, name, p->n, p->values, p->lengths, p->formats, 1));
}

void fz_link_flush(struct fz_link *l)
{
    sent(l, PQsendFlushRequest(l->conn));
    sent(l, PQflush(l->conn) < 0 ? 0 : 1);
}

/* Behind each result libpq says once that there is no more of it. */
static PGresult *next_result(struct fz_link *l)
{
    PGresult *r = NULL;

    for (int i = 0; i < 2 && !r && !l->broken; i++)
        r = PQgetResult(l->conn);
    return r;
}

static bool ends_the_session(const PGresult *r)
{
    const char *severity = PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);

    return severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

PGresult *fz_link_take(struct fz_link *l)
{
    PGresult *r = next_result(l);

    if (!r || PQstatus(l->conn) == CONNECTION_BAD || ends_the_session(r))
        l->broken = true;
    if (r && l->broken && !*fz_link_state(r)) {
        PQclear(r); /* libpq's own word that it is lost */
        return NULL;
    }
    return r;
}

void fz_link_sync(struct fz_link *l)
{
    sent(l, PQpipelineSync(l->conn));
}

void fz_link_synced(struct fz_link *l)
{
    PGresult *r;

    if (l->broken)
        return;
    r = fz_link_take(l);
    if (PQresultStatus(r) != PGRES_PIPELINE_SYNC)
        l->broken = true; /* whoever counts wrong does not go on */
    PQclear(r);
}

/* ---- one at a time ---- */

static fz_status answer(struct fz_link *l, PGresult **out, struct fz_error *err)
{
    PGresult *r;
    fz_status s = FZ_OK;

    fz_link_sync(l);
    r = fz_link_take(l);
    if (!fz_link_ok(r))
        s = fz_link_failed(l, r, err);
    fz_link_synced(l);
    if (s == FZ_OK && out)
        *out = r;
    else
        PQclear(r);
    return s;
}

fz_status fz_link_ask(struct fz_link *l, const char *sql, const struct fz_link_params *p, PGresult **out, struct fz_error *err)
{
    fz_link_send(l, sql, p);
    return answer(l, out, err);
}

fz_status fz_link_ask_prepared(struct fz_link *l, const char *name, const struct fz_link_params *p, PGresult **out, struct fz_error *err)
{
    fz_link_send_prepared(l, name, p);
    return answer(l, out, err);
}

fz_status fz_link_prepare(struct fz_link *l, const char *name, const char *sql, int types_n, const Oid *types, struct fz_error *err)
{
    sent(l, PQsendPrepare(l->conn, name, sql, types_n, types));
    return answer(l, NULL, err);
}

/* ---- connecting ---- */

static void ignore_notice(void *arg, const PGresult *r)
{
    (void)arg;
    (void)r;
}

static PGconn *connect_to(const struct fz_link *l)
{
    /* What comes before dbname is a default that the string may change; what comes after it is not. */
    const char *const keys[] = {"connect_timeout", "keepalives_idle", "tcp_user_timeout", "target_session_attrs", "fallback_application_name", "dbname",
                                "client_encoding", NULL};
    const char *const values[] = {"10", "30", "60000", l->mode == FZ_READ_ONLY ? "any" : "read-write", "fazhi", l->conninfo, "UTF8", NULL};

    return PQconnectdbParams(keys, values, 1);
}

static fz_status session(struct fz_link *l, struct fz_error *err)
{
    static const char *const wishes[] = {
        "SET plan_cache_mode = force_generic_plan", "SET enable_seqscan = off", "SET enable_bitmapscan = off", "SET enable_sort = off", "SET jit = off",
        "SET idle_in_transaction_session_timeout = 0",
        "SELECT set_config('lock_timeout', '" LOCK_TIMEOUT "', false) WHERE current_setting('lock_timeout') = '0'", /* what a site has set is kept */
    };

    for (size_t i = 0; i < FZ_COUNT(wishes) && !l->broken; i++)
        fz_link_ask(l, wishes[i], NULL, NULL, NULL);
    return l->broken ? fz_link_failed(l, NULL, err) : FZ_OK;
}

/* One text of one row, "" when there is none or it is NULL. */
static fz_status ask_text(struct fz_link *l, const char *sql, char *out, size_t bytes, struct fz_error *err)
{
    PGresult *r = NULL;

    FZ_TRY(fz_link_ask(l, sql, NULL, &r, err));
    snprintf(out, bytes, "%s", PQntuples(r) && !PQgetisnull(r, 0, 0) ? PQgetvalue(r, 0, 0) : "");
    PQclear(r);
    return FZ_OK;
}

#define SETTING(name) "SELECT current_setting('" name "', true)"

static fz_status check_durable(struct fz_link *l, struct fz_error *err)
{
    char word[32];

    FZ_TRY(ask_text(l, SETTING("fsync"), word, sizeof(word), err));
    if (strcmp(word, "off") == 0)
        return fz_fail(err, FZ_E_IO, "%s: the server loses what it acknowledged (fsync = off)", l->name);
    FZ_TRY(ask_text(l, SETTING("synchronous_commit"), word, sizeof(word), err));
    if (!*word || strcmp(word, "on") == 0 || strcmp(word, "remote_apply") == 0)
        return FZ_OK;
    FZ_TRY(fz_link_ask(l, "SET synchronous_commit = on", NULL, NULL, err));
    FZ_TRY(ask_text(l, SETTING("synchronous_commit"), word, sizeof(word), err));
    return strcmp(word, "on") == 0 ? FZ_OK : fz_fail(err, FZ_E_IO, "%s: synchronous_commit stays %s", l->name, word);
}

static fz_status check_encoding(struct fz_link *l, struct fz_error *err)
{
    const char *encoding = PQparameterStatus(l->conn, "server_encoding");

    if (encoding && strcmp(encoding, "UTF8") != 0)
        return fz_fail(err, FZ_E_SCHEMA, "%s: the database is in %.20s; a store is in UTF8", l->name, encoding);
    return FZ_OK;
}

/* Who this is to the server, so that a later connection can end it. */
static void note_process(struct fz_link *l)
{
    l->pid = PQbackendPID(l->conn);
    if (ask_text(l, "SELECT backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()", l->since, sizeof(l->since), NULL) != FZ_OK)
        l->since[0] = '\0';
}

static void note_name(struct fz_link *l)
{
    const char *host = PQhost(l->conn), *db = PQdb(l->conn);

    snprintf(l->name, sizeof(l->name), "PostgreSQL %.60s/%.60s", host ? host : "", db ? db : "");
}

static fz_status set_up(struct fz_link *l, struct fz_error *err)
{
    note_name(l);
    PQsetNoticeReceiver(l->conn, ignore_notice, NULL);
    fz_assert(PQenterPipelineMode(l->conn) == 1);
    FZ_TRY(check_encoding(l, err));
    FZ_TRY(check_durable(l, err));
    FZ_TRY(session(l, err));
    if (l->mode == FZ_READ_ONLY)
        return fz_link_ask(l, "SET default_transaction_read_only = on", NULL, NULL, err);
    l->locks = fz_link_ask(l, "SELECT pg_advisory_xact_lock_shared(0)", NULL, NULL, NULL) == FZ_OK;
    return l->broken ? fz_link_failed(l, NULL, err) : FZ_OK;
}

static fz_status connect_once(struct fz_link *l, struct fz_error *err)
{
    fz_status s;

    PQfinish(l->conn);
    l->conn = connect_to(l);
    fz_assert(l->conn);
    l->generation++;
    l->broken = PQstatus(l->conn) != CONNECTION_OK;
    if (l->broken) {
        fz_str line = first_line(PQerrorMessage(l->conn));

        return fz_fail(err, FZ_E_IO, "%s: %.*s", l->name, FZ_STR_ARG(line));
    }
    s = set_up(l, err);
    l->broken = l->broken || s != FZ_OK;
    return s;
}

/* A server that is starting, or a fail-over, takes a moment. */
static fz_status connect_again(struct fz_link *l, struct fz_error *err)
{
    fz_status s = connect_once(l, err);

    for (int i = 0; s != FZ_OK && i < CONNECT_TRIES; i++) {
        fz_link_pause(i);
        s = connect_once(l, err);
    }
    return s;
}

/* ---- the connection before ---- */

/* Nothing found: it has ended. An engine without these functions has no such processes either, and fails the statement. */
static fz_status end_process(struct fz_link *l, int pid, const char *since, struct fz_error *err)
{
    struct fz_link_params p = {0};
    PGresult *r = NULL;
    bool ended = true;

    fz_link_add_int(&p, pid);
    fz_link_add_text(&p, since);
    fz_link_add_int(&p, END_WAIT_MS);
    if (fz_link_ask(l, "SELECT pg_terminate_backend(pid, $3) FROM pg_stat_activity WHERE pid = $1::int AND backend_start = $2::timestamptz", &p, &r, NULL) == FZ_OK) {
        ended = PQntuples(r) == 0 || fz_link_true(r, 0, 0);
        PQclear(r);
    }
    if (l->broken)
        return fz_link_failed(l, NULL, err);
    return ended ? FZ_OK : fz_fail(err, FZ_E_IO, "%s: what was under way when the connection was lost has not ended yet", l->name);
}

/* Nothing comes unasked, but a farewell and the end of the stream. */
static bool still_there(struct fz_link *l)
{
    char byte;

    if (recv(PQsocket(l->conn), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return true;
    /* The first look may find the server's farewell, the second the end of the stream behind it. */
    for (int i = 0; i < 2; i++)
        if (PQconsumeInput(l->conn) != 1 || PQstatus(l->conn) != CONNECTION_OK)
            return false;
    return true;
}

fz_status fz_link_ready(struct fz_link *l, struct fz_error *err)
{
    int pid = l->pid;
    char since[FZ_LINK_TIME_BYTES];

    if (!l->broken && still_there(l))
        return FZ_OK;
    l->broken = true;
    if (l->pins)
        return fz_fail(err, FZ_E_IO, "%s: the connection was lost while one state was read", l->name);
    memcpy(since, l->since, sizeof(since));
    FZ_TRY(connect_again(l, err));
    if (l->unsure) {
        fz_status s = end_process(l, pid, since, err);

        l->broken = s != FZ_OK; /* asked again next time: `pid` and `since` are still those of then */
        FZ_TRY(s);
    }
    l->unsure = false;
    note_process(l);
    return FZ_OK;
}

/* ---- opening ---- */

static const char *value_of(const PQconninfoOption *options, const char *key)
{
    for (; options && options->keyword; options++)
        if (strcmp(options->keyword, key) == 0)
            return options->val ? options->val : "";
    return "";
}

fz_status fz_store_check_conninfo(const char *conninfo, struct fz_error *err)
{
    char *why = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &why);
    bool secret = *value_of(options, "password") || *value_of(options, "sslpassword"), ok = options && !strpbrk(conninfo, "\r\n");

    PQconninfoFree(options);
    PQfreemem(why);
    if (!ok) /* libpq would repeat it, and a password with it */
        return fz_fail(err, FZ_E_INPUT, "this is no address of a PostgreSQL database: postgresql://[USER@]HOST[:PORT]/DATABASE");
    return secret ? fz_fail(err, FZ_E_INPUT, "a password does not belong into the address of a database: put it into ~/.pgpass, a file that PGPASSFILE names, or a service of pg_service.conf")
                  : FZ_OK;
}

/* "-csearch_path=NAME" among what the string, the environment or a service say. */
static fz_status find_schema(struct fz_link *l, struct fz_error *err)
{
    PQconninfoOption *options = PQconninfo(l->conn);
    const char *path = strstr(value_of(options, "options"), "search_path=");
    size_t n = 0;

    snprintf(l->schema, sizeof(l->schema), "fazhi");
    if (path) {
        path += strlen("search_path=");
        n = strspn(path, "abcdefghijklmnopqrstuvwxyz0123456789_");
        if (n < sizeof(l->schema))
            snprintf(l->schema, sizeof(l->schema), "%.*s", (int)n, path);
    }
    PQconninfoFree(options);
    if (path && (n == 0 || n >= sizeof(l->schema) || fz_is_digit(l->schema[0]) || strncmp(l->schema, "pg_", 3) == 0))
        return fz_fail(err, FZ_E_INPUT, "%s: search_path names the schema of a store by one plain name of lower-case letters, digits and _", l->name);
    return FZ_OK;
}

fz_status fz_link_open(struct fz_link *l, const char *conninfo, fz_store_mode mode, struct fz_error *err)
{
    *l = (struct fz_link){.mode = mode, .conninfo = fz_must(strdup(conninfo)), .name = "PostgreSQL"};
    FZ_TRY(fz_store_check_conninfo(conninfo, err));
    FZ_TRY(connect_once(l, err));
    note_process(l);
    return find_schema(l, err);
}

void fz_link_close(struct fz_link *l)
{
    PQfinish(l->conn);
    free(l->conninfo);
}
