/*
 * A foreign log (CSV or XES, plain, gzip or zip) read by a map into acts of cases: what a review replays.
 *
 * The map names columns and acts and holds no rule (examples/NAME/map.yaml shows it whole). Rows that cannot be taken are refused with
 * file, line and reason, counted and listed: nothing is dropped in silence. Values are parsed and checked always, but kept only
 * for the fields that the review needs (`keep`), so that personal data nobody reads does not stay in memory.
 */
#ifndef FZ_REPORT_LOG_H
#define FZ_REPORT_LOG_H

#include "law/case.h"

struct fz_construct;
extern const struct fz_construct fz_map_construct; /* the form of a map, for the manual */
struct fz_map; /* a map after loading */

/** Reads a map. `packs`: every version at hand; the map's pack and record must be among them. NULL after problems in `diags`. */
struct fz_map *fz_map_load(const struct fz_node *node, const struct fz_pack *const *packs, size_t packs_n,
                           struct fz_arena *arena, struct fz_diags *diags);
fz_str fz_map_pack(const struct fz_map *m);
fz_str fz_map_record(const struct fz_map *m);

struct fz_log_event {
    fz_day day;
    int16_t minute;     /* of the day; -1: not known */
    int16_t outcome;    /* index into the action's outcomes; FZ_NONE */
    uint16_t action;    /* or the document served */
    uint8_t kind;       /* fz_step_kind */
    uint8_t rank;       /* within a day: 0 starts a record from a column, 1 a row, 2 ends it from a column */
    uint16_t file;      /* index into files */
    uint32_t line;      /* physical line of the row; XES: line of the event */
    uint32_t actor;     /* index into texts; 0: none */
    uint32_t values_at; /* into values */
    uint32_t values_n;
};

struct fz_log_case {
    fz_str id;
    uint32_t first, n;         /* its events, sorted by day, rank, minute, order of the file; whose minute is not known stays behind the one of its
                                * day and rank that it followed in the file */
    uint32_t values_at, values_n; /* fields known of the case itself */
    uint32_t organ;            /* index into texts; 0: none */
    uint16_t file;
    uint32_t line;             /* where it was first seen */
};

struct fz_log_refusal {
    uint16_t file;
    uint32_t line;
    fz_str why; /* in the language asked for */
};

struct fz_log_file {
    const char *name;
    const char *encoding; /* what it was converted from; "UTF-8" */
    fz_str source;        /* which of the map's sources its columns fit */
    uint64_t rows;        /* behind the header; of XES, events */
};

struct fz_log {
    struct fz_log_file *files;
    size_t files_n;
    struct fz_log_case *cases; /* in the order in which they were first seen */
    size_t cases_n;
    struct fz_log_event *events;
    size_t events_n; /* acts taken; rows of a case table are not counted, their date columns that are acts are not either */
    uint64_t column_acts; /* acts that came from date columns of a case table */
    const struct fz_given *values;
    const fz_str *texts; /* texts[0] is empty */
    struct fz_log_refusal *refusals; /* the first FZ_REFUSALS_LISTED of them */
    size_t refusals_n;
    uint64_t refused;    /* rows, all of them */
    uint64_t duplicates; /* rows that repeat an earlier one of the same case in every mapped cell as written (to the second, not the
                          * minute): kept once, counted here and not as refused, listed among the refusals */
    uint64_t disordered; /* cases whose rows did not stand in the order of their days (sorted, and said) */
};

#define FZ_REFUSALS_LISTED 1000

/**
 * Reads all files. Whether a file is XES or a table is told by its first character, which source it belongs to by its columns: a table has all
 * columns of its source but ignored ones, and no other; of XES the first event decides, and attributes may be missing. The name of a
 * trace's attribute is `case:KEY` in the map. What such columns say holds for the case, in tables as well, and may not change from row to row.
 * Several values of a set stand in one cell, between semicolons. Days and times are taken as written, whatever zone they name.
 *
 * @param keep  one flag a field of the map's record: keep its values; NULL keeps none
 * @return FZ_OK, also with refused rows; FZ_E_INPUT, FZ_E_IO, FZ_E_TOO_LARGE when a file cannot be read at all or on, with file and line:
 *         unknown columns (named, with those of the map that are missing), a torn gzip, a record too long, an XML or zip bomb
 * Everything lives in `arena`. O(bytes + events log events of the largest case).
 */
fz_status fz_log_read(struct fz_log *out, const struct fz_map *m, const char *const *names, size_t names_n,
                      const bool *keep, fz_language lang, struct fz_arena *arena, struct fz_error *err);

#endif
