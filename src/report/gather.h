/*
 * Rows of a log gathered into cases: what is kept of a row that was read, and what becomes of it when all are read. A row comes in as
 * views of the reader's bytes; what is taken is copied. A row that is not taken leaves nothing behind but its line and the reason.
 */
#ifndef FZ_REPORT_GATHER_H
#define FZ_REPORT_GATHER_H

#include "report/map_int.h"

struct fz_row_value {
    const struct fz_map_use *use;
    fz_value v; /* the items of a set stand in the log's arena already, their texts are views still */
};

/* A column of a table of cases that is an act. */
struct fz_row_act {
    const struct fz_map_use *use;
    fz_day day;
    int16_t minute;
};

/* One row, its cells read. */
struct fz_row {
    uint16_t file, source_no; /* index into the map's sources */
    uint32_t line;
    fz_str id, word, actor, organ, key; /* word: the activity, as the log says it */
    int begins;                         /* act that begins the case on the day of its first row; FZ_NONE */
    bool has_day;
    int16_t minute;
    fz_day day;
    uint64_t hash;                     /* over all mapped cells as written, but for those of the case itself */
    uint64_t own_hash;                 /* over those of the case itself, on a row of an event; 0: there are none */
    struct fz_row_value *values, *own; /* of the event; of the case */
    uint32_t values_n, own_n;
    struct fz_row_act *acts;
    size_t acts_n;
};

struct fz_gather;

/** Gathers into `log`, whose files are set; everything of the log lives in `arena`. */
struct fz_gather *fz_gather_new(struct fz_log *log, const struct fz_map *m, const struct fz_log_wish *wish, struct fz_arena *arena);
void fz_gather_free(struct fz_gather *g); /* accepts NULL */

/* A row of an event, a row of a case, a trace without events. What cannot be taken is refused and listed.
 * FZ_E_TOO_LARGE past FZ_CASE_EVENTS_MAX and past what 32 bits count. Amortised O(row). */
fz_status fz_gather_event(struct fz_gather *g, const struct fz_row *row, struct fz_error *err);
fz_status fz_gather_case(struct fz_gather *g, const struct fz_row *row, struct fz_error *err);
fz_status fz_gather_bare(struct fz_gather *g, const struct fz_row *row, struct fz_error *err);

/* Where and why a row is refused. */
struct fz_refused {
    uint16_t file;
    uint32_t line, column; /* column from 1; 0: of none */
    const char *id;
    fz_str case_id;
    const char *tail_en, *tail_zh; /* behind the text; NULL */
};

/** Counts a row as refused and lists it with the reason; both texts take the same arguments. */
void fz_gather_refuse(struct fz_gather *g, const struct fz_refused *at, const char *en, const char *zh, ...)
    __attribute__((format(printf, 3, 5), format(printf, 4, 5)));

/** Completes the log: events by case, repeated ones out, each case in order. Nothing is gathered after it. */
void fz_gather_finish(struct fz_gather *g);

/** A cell as it may stand in a message: not too long, no character cut. */
fz_str fz_cell_shown(fz_str s);
/** Blanks for ASCII controls and U+0080 to U+009F: what a file says does not get to steer a terminal. */
void fz_cell_disarm(struct fz_buf *b);

#endif
