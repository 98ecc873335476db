/* What the tests of stores share: a small set of tables, rows for them, and a folder of one's own. */
#ifndef FZ_TESTS_STORES_H
#define FZ_TESTS_STORES_H

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/store.h"

/* ---- tables ---- */

/* Three parts of key, a null, a blob outside of the key: the layout with rowids in SQLite. */
static const struct fz_column entry_columns[] = {
    {"place", FZ_COL_INT}, {"seq", FZ_COL_INT}, {"record", FZ_COL_TEXT}, {"body", FZ_COL_BLOB}, {"note", FZ_COL_TEXT, true}};
static const int entry_by_record[] = {0, 2}, entry_by_note[] = {0, 4, 2};
static const struct fz_index entry_indexes[] = {{"by_record", entry_by_record, 2, false}, {"by_note", entry_by_note, 3, false}};
static const struct fz_table entry = {"entry", entry_columns, FZ_COUNT(entry_columns), 2, entry_indexes, FZ_COUNT(entry_indexes)};

/* Small rows, a word of SQL as name, unique with nulls, an index over part of the key. */
static const struct fz_column order_columns[] = {
    {"place", FZ_COL_TEXT}, {"id", FZ_COL_INT}, {"group", FZ_COL_TEXT}, {"due", FZ_COL_INT, true}, {"number", FZ_COL_TEXT, true}};
static const int order_by_due[] = {0, 3}, order_by_number[] = {0, 4}, order_by_group[] = {0, 2, 1};
static const struct fz_index order_indexes[] = {
    {"by_due", order_by_due, 2, false}, {"by_number", order_by_number, 2, true}, {"by_group", order_by_group, 3, false}};
static const struct fz_table order = {"order", order_columns, FZ_COUNT(order_columns), 2, order_indexes, FZ_COUNT(order_indexes)};

/* Nothing but a key. */
static const struct fz_column tag_columns[] = {{"place", FZ_COL_INT}, {"tag", FZ_COL_BLOB}};
static const struct fz_table tag = {"tag", tag_columns, 2, 2, NULL, 0};

static const struct fz_table *const all_tables[] = {&entry, &order, &tag};

#define I(x) FZ_CELL_OF_INT(x)
#define S(lit) FZ_CELL_OF(FZ_STR(lit))
#define NIL FZ_CELL_UNSET
#define CELLS(...) ((const fz_cell[]){__VA_ARGS__})

/* ---- a folder ---- */

static char folder[64];

static inline const char *in_folder(const char *name)
{
    static char paths[4][160];
    static unsigned next;
    char *p = paths[next++ % 4];

    snprintf(p, sizeof(paths[0]), "%s/%s", folder, name);
    return p;
}

static inline void make_folder(void)
{
    strcpy(folder, "fazhi-store-XXXXXX");
    fz_assert(mkdtemp(folder));
}

/* Where syncing costs nothing, for what is done hundreds of times and does not depend on it. */
static inline void make_quick_folder(void)
{
    strcpy(folder, "/dev/shm/fazhi-store-XXXXXX");
    if (!mkdtemp(folder))
        make_folder();
}

static inline void remove_folder(void)
{
    char command[128];

    snprintf(command, sizeof(command), "rm -rf %s", folder);
    fz_assert(system(command) == 0);
}

/* ---- a schema in PostgreSQL ---- */

static char postgres_schema[64];

/* How to connect, or NULL: ./test says it in FZ_POSTGRES. */
static inline const char *postgres_server(void)
{
    const char *server = getenv("FZ_POSTGRES");

    return server && *server ? server : NULL;
}

static inline const char *in_schema(const char *server)
{
    static char text[300];

    snprintf(text, sizeof(text), "%s options='-csearch_path=%s'", server, postgres_schema);
    return text;
}

/* By hand, past the store: one statement, and the first field of its answer, "" when there is none. */
static inline const char *postgres_by_hand(const char *server, const char *sql)
{
    static char answer[400];
    PGconn *c = PQconnectdb(server);
    PGresult *r;

    PQsetNoticeProcessor(c, NULL, NULL);
    r = PQexec(c, "SET client_min_messages = error");
    PQclear(r);
    r = PQexec(c, sql);
    if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK) {
        fprintf(stderr, "%s: %s%s", sql, PQerrorMessage(c), PQresultErrorMessage(r));
        fz_assert(!"the statement failed");
    }
    snprintf(answer, sizeof(answer), "%s", PQntuples(r) > 0 ? PQgetvalue(r, 0, 0) : "");
    PQclear(r);
    PQfinish(c);
    return answer;
}

/* Names a schema of this test's own; the store makes it. */
static inline const char *make_schema(void)
{
    static unsigned next;

    snprintf(postgres_schema, sizeof(postgres_schema), "s%ld_%u", (long)getpid(), next++);
    return in_schema(postgres_server());
}

static inline void remove_schema(void)
{
    char sql[128];

    snprintf(sql, sizeof(sql), "DROP SCHEMA IF EXISTS %s CASCADE", postgres_schema);
    postgres_by_hand(postgres_server(), sql);
}

/* ---- numbers at random ---- */

static uint64_t random_state;

static inline uint32_t pick(uint32_t n)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return n ? (uint32_t)(random_state >> 33) % n : 0;
}

static inline void seed_from_environment(void)
{
    const char *given = getenv("FZ_SEED");

    random_state = given ? strtoull(given, NULL, 10) : (uint64_t)getpid() * 7919 + 1;
    printf("# FZ_SEED=%llu\n", (unsigned long long)random_state);
    fflush(stdout);
}

#endif
