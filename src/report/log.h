/*
 * A foreign log (CSV or XES, plain, gzip or zip, or sheets of a workbook) read by a map into acts of cases: what a review replays.
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
    uint32_t key;       /* index into texts: what identifies the row; 0: none, or not asked for */
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
    fz_str why;      /* in the language asked for */
    uint32_t column; /* from 1, of the cell that cannot be read; 0: none */
    const char *id;  /* stable: "unknown-activity", ...; "repeated" for a row that stands there already */
    fz_str case_id;  /* empty: not known */
    fz_str zh, en;   /* why, both only when asked for */
};

struct fz_log_file {
    const char *name;
    const char *encoding; /* what it was converted from; "UTF-8" */
    fz_str source;        /* which of the map's sources its columns fit */
    uint64_t rows;        /* behind the header; of XES, events */
    fz_str sheet;         /* of a workbook; empty: it is none */
};

struct fz_log {
    struct fz_log_file *files; /* as they were named; of a workbook one a sheet that is read */
    size_t files_n;
    struct fz_log_case *cases; /* in the order in which they were first seen */
    size_t cases_n;
    struct fz_log_event *events;
    size_t events_n; /* acts taken; rows of a case table are not counted, their date columns that are acts are not either */
    uint64_t column_acts; /* acts that came from date columns of a case table */
    const struct fz_given *values;
    const fz_str *texts; /* texts[0] is empty */
    struct fz_log_refusal *refusals; /* the first FZ_REFUSALS_LISTED of them, or as many as asked for */
    size_t refusals_n;
    uint64_t refused;    /* rows, all of them */
    uint64_t duplicates; /* rows that repeat an earlier one of the same case in every mapped cell as written (to the second, not the
                          * minute): kept once, counted here and not as refused, listed among the refusals */
    /* Of records that are stored (report/stored.h); NULL of foreign files. */
    const struct fz_step *steps; /* of each event: all that is known of it */
    const uint16_t *versions;    /* of each case: index of the version that it began under */
    uint64_t disordered; /* cases whose rows did not stand in the order of their days (sorted, and said) */
};

#define FZ_REFUSALS_LISTED 1000

/**
 * Reads all files. Whether a file is XES or a table is told by its first character, which source it belongs to by its columns: a table has all
 * columns of its source but ignored ones, and no other; of XES the first event decides, and attributes may be missing. The name of a
 * trace's attribute is `case:KEY` in the map. What such columns say holds for the case, in tables as well, and may not change from row to row.
 * Of a workbook each source reads the sheet that it names; when the workbook has none of these, the first is read. Several values of a set stand in one cell, between semicolons. Days and times are taken as written, whatever zone they name.
 *
 * @param keep  one flag a field of the map's record: keep its values; NULL keeps none
 * @return FZ_OK, also with refused rows; FZ_E_INPUT, FZ_E_IO, FZ_E_TOO_LARGE when a file cannot be read at all or on, with file and line:
 *         unknown columns (named, with those of the map that are missing), a torn gzip, a record too long, an XML or zip bomb
 * Everything lives in `arena`. O(bytes + events log events of the largest case).
 */
fz_status fz_log_read(struct fz_log *out, const struct fz_map *m, const char *const *names, size_t names_n,
                      const bool *keep, fz_language lang, struct fz_arena *arena, struct fz_error *err);

/* What else a reader may want of a log: an import does. */
struct fz_log_wish {
    const bool *keep; /* as of fz_log_read() */
    fz_language lang;
    size_t refusals_most; /* listed; 0: FZ_REFUSALS_LISTED */
    bool both_languages;  /* of refusals */
    bool keys;            /* of rows */
    void (*progress)(void *arg, const char *file, uint64_t rows, uint64_t done_bytes, uint64_t all_bytes); /* every thousand rows; NULL */
    void *progress_arg;
};

/** fz_log_read() with wishes. */
fz_status fz_log_read_as(struct fz_log *out, const struct fz_map *m, const char *const *names, size_t names_n,
                         const struct fz_log_wish *wish, struct fz_arena *arena, struct fz_error *err);

/* A row of a log by where it stands. */
struct fz_log_row {
    uint16_t file; /* index into the log's files */
    uint32_t line;
};

/**
 * Reads the files again and writes some of their rows as CSV in UTF-8, in the form of their source: the header that they stood under, the cells as they
 * are. What is mended there can be read by the same map. Rows under another header go to a further file, `-2` and so on before the ending of `path`.
 *
 * @param rows       sorted by file and line
 * @param out_files  how many were written; 0 when there are no rows
 * @return FZ_OK; FZ_E_IO when a file cannot be written; else as fz_log_read()
 */
fz_status fz_log_copy_rows(const struct fz_log *log, const struct fz_map *m, const struct fz_log_row *rows, size_t rows_n, const char *path, fz_language lang,
                           size_t *out_files, struct fz_error *err);

/** "FILE:12", of a workbook "FILE:Sheet1!12", with a column (from 1) "FILE:Sheet1!C12". Controls are disarmed. */
void fz_log_place(const struct fz_log *log, uint16_t file, uint32_t line, uint32_t column, struct fz_buf *out);

#endif
