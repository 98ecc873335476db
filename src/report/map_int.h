/*
 * A map after loading, as the reader of logs sees it: a source is a list of uses, each of which says what one column is for. A column
 * may have several uses. Names are resolved, words typed.
 */
#ifndef FZ_REPORT_MAP_INT_H
#define FZ_REPORT_MAP_INT_H

#include "report/log.h"

typedef enum {
    FZ_USE_CASE,   /* 案件标识 */
    FZ_USE_ACTION, /* what happened, in the log's words */
    FZ_USE_ON,     /* when */
    FZ_USE_ACTOR,  /* by whom */
    FZ_USE_ORGAN,  /* the organ that handles the case */
    FZ_USE_ACT,    /* a date on which one act happened */
    FZ_USE_KEY,    /* what identifies the row in its register */
    FZ_USE_FIELD,
    FZ_USE_IGNORE, /* known and left out: the only use that a file need not have */
} fz_map_role;

/* The log's word for a value of a field. */
struct fz_map_word {
    fz_str word;
    fz_value value;
};
struct fz_map_words {
    fz_str field;
    const struct fz_map_word *items;
    size_t n;
};

struct fz_map_use {
    fz_map_role role;
    fz_str column; /* as the file's header has it; of XES the key, `case:KEY` for one of the trace */
    bool of_trace; /* begins with `case:`: said of the case on every row */
    int id;        /* ACT: action; FIELD: field */
    uint8_t rank;  /* ACT: 0 starts the record, 1, 2 ends it */
    const struct fz_field *field;
    const struct fz_map_words *words[2]; /* FIELD: of the source, of the whole map; NULL */
};

struct fz_map_source {
    fz_str name;
    bool of_events; /* a row is an event; else a case */
    fz_str sheet;   /* of a workbook; empty: the first */
    int begins;     /* act that begins a case on the day of its first row; FZ_NONE: an act of the log does */
    const struct fz_map_use *uses;
    size_t uses_n;
};

/* What a name of the log stands for. */
struct fz_map_act {
    fz_str word;
    uint8_t kind; /* fz_step_kind: FZ_DO or FZ_SERVE */
    uint16_t id;  /* action or document */
    int16_t outcome;
};

struct fz_map {
    fz_str pack, record_name;
    const struct fz_record *record; /* of the newest version */
    int currency;                   /* fz_currency of money: for printing only */
    const struct fz_map_source *sources;
    size_t sources_n;
    const struct fz_map_act *acts;
    size_t acts_n;
    const struct fz_map_act *otherwise; /* what activities stand for that have no act of their own; NULL: they are refused */
};

#endif
