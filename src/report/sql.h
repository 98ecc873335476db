/*
 * The second evaluator of terms (law/term.h): a term as SQL over the projections (engine/tables.h), for whoever asks something of many records at once. It
 * speaks of records as they stand after their last entry, with no act in hand: what fz_term_eval() answers over { case, no command, calendar, day }.
 * What an act counted for at its own time is another matter (report/figures.h).
 *
 * An unset value is NULL, and NULL runs through as unset does (doc/decisions/unset-values.md): `and`, `or`, `not` of SQL are the same three-valued logic.
 * The text keeps to what SQLite and PostgreSQL both take. It has integers of 64 bits, whose overflow is NULL, texts, and truth values; no fractions,
 * no function that only one of them has. Names and constants come from a checked pack, names in double quotes, texts in single ones.
 *
 * What the tables do not say cannot be said in SQL: personal fields, sets and their members, counted days (due(), .used, .left), shares, spans and lengths,
 * services, acts that can be cleared or are done for each of a set, clocks with several instances or whose end hangs on another clock. That is
 * a clear answer, and the caller folds the records instead (report/choose.h does).
 */
#ifndef FZ_REPORT_SQL_H
#define FZ_REPORT_SQL_H

#include "law/pack.h"

#define FZ_SQL_BYTES_MAX (256u << 10) /* of one statement: PostgreSQL and SQLite take more, but nobody reads it */

struct fz_sql {
    const struct fz_pack *pack;
    const struct fz_record *record; /* of it */
    fz_day day;                     /* today, for clocks that run */
};

/* Why it cannot be said. */
struct fz_sql_no {
    const struct fz_term *at;
    const char *en, *zh;
};

/**
 * Appends "SELECT record, value FROM ..." over every record of that type and version in the jurisdiction, which is $1. A flag is 1, 0 or NULL; a choice is
 * its name; days, money and the like are integers.
 * @return false, with `no` filled in and nothing appended, when the term cannot be said in SQL
 */
bool fz_sql_values(const struct fz_sql *q, const struct fz_term *t, struct fz_buf *out, struct fz_sql_no *no);
/** Appends "SELECT record FROM ..." of those of which the condition holds: set and yes. */
bool fz_sql_records(const struct fz_sql *q, const struct fz_term *condition, struct fz_buf *out, struct fz_sql_no *no);

#endif
