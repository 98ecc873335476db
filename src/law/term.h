/*
 * Terms: expressions after names were resolved and types checked. The C evaluator (law/eval.c) walks them over a case; the translator to
 * SQL (report/sql.h) walks the same.
 *
 * An unset value runs through every operation; `and`, `or` and `not` know it as "unknown" (strong Kleene logic); a condition holds
 * when it is set and yes. `otherwise` and `is set` end it.
 */
#ifndef FZ_LAW_TERM_H
#define FZ_LAW_TERM_H

#include "law/expr.h"
#include "law/value.h"

struct fz_pack;
struct fz_record;

typedef enum {
    FZ_T_CONST,     /* value */
    FZ_T_FIELD,     /* id: field (a derived one is evaluated where it stands) */
    FZ_T_CONFIG,    /* id: configuration value */
    FZ_T_OUTCOME,   /* the outcome of the act in hand, or of the last act: an index into record->outcomes, as type CHOICE */
    FZ_T_STAGE_AT,  /* stages: 1 when the record stands at one of them */
    FZ_T_IF,        /* args: condition, then, else */
    FZ_T_OR,        /* args: two or more flags */
    FZ_T_AND,       /* args: two or more flags */
    FZ_T_NOT,       /* args: one flag */
    FZ_T_EQ,        /* args: two of one type; for sets and texts too */
    FZ_T_NE,
    FZ_T_LT,        /* args: two of one ordered type (numbers, money, days, ...; lengths and shares are not ordered) */
    FZ_T_LE,
    FZ_T_GT,
    FZ_T_GE,
    FZ_T_IN,        /* args: the value, then the items of the list; negated */
    FZ_T_IS_SET,    /* args: one; negated */
    FZ_T_OTHERWISE, /* args: value, what stands for it */
    FZ_T_ADD,       /* args: two of int, money or points */
    FZ_T_SUB,
    FZ_T_MUL,       /* args: two, at most one of them money or points */
    FZ_T_NEG,
    FZ_T_DONE,      /* id: action. done(a): it is a milestone that stands (not cleared), or is waived; for each-acts: for every member */
    FZ_T_TIMES,     /* id: action. times(a): how often it was taken */
    FZ_T_DAY_OF,    /* id: action. day(a): the day of the last one; of the act in hand its own day; unset before */
    FZ_T_FIRST_DAY, /* id: action. first_day(a) */
    FZ_T_SERVED,    /* id: document. served(d): on every addressee */
    FZ_T_CLOCK_IS,  /* id: clock; state; negated */
    FZ_T_CLOCK_DUE, /* id: clock. clock(c).due: a day, unset while it waits or pauses */
    FZ_T_CLOCK_USED,/* id: clock. clock(c).used: counted days so far, an int */
    FZ_T_CLOCK_LEFT,/* id: clock. clock(c).left: days left, negative when overdue, an int, in the unit of the limit (hours: days) */
    FZ_T_DAYS_OVER, /* id: clock. days_over(clock(c)): calendar days after its due day until it stopped, or until today; at least 0 */
    FZ_T_DUE,       /* args: day, length: due(day, length) over the pack's calendar, rolling as limits do */
    FZ_T_MIN,       /* args: two or more of one ordered type */
    FZ_T_MAX,
    FZ_T_DIV,       /* args: n, d; rounding in id: FZ_DOWN FZ_UP FZ_HALF_UP */
    FZ_T_LATER,     /* args: two days: the later one; an unset one does not count */
    FZ_T_EARLIER,
    FZ_T_ALL,       /* id: action; args: one set: all(SET, a): done for each member */
    FZ_T_ANY,       /* id: action; args: one set: any(SET, a): done for at least one member */
    FZ_T_COUNT,     /* args: one set */
    FZ_T_EMPTY,     /* args: one set */
    FZ_T_SUM,       /* id: field. sum(LINK.FIELD): what each record of a link tells, added up; of none 0 */
    FZ_T_TABLE,     /* id: table; column; args: the table's inputs, then of each row its condition and its value: the first row that holds */
    FZ_T_KINDS
} fz_term_kind;

enum { FZ_DOWN, FZ_UP, FZ_HALF_UP };

/* States of a clock, after `is`. */
#define FZ_CLOCK_STATES(X)                                                                                     \
    X(WAITING, "waiting") X(RUNNING, "running") X(PAUSED, "paused") X(OPEN, "open") X(MET, "met") X(MISSED, "missed")   \
    X(OVERDUE, "overdue") X(OVER, "over") X(VOID, "void")
typedef enum {
#define X(name, word) FZ_CS_##name,
    FZ_CLOCK_STATES(X)
#undef X
} fz_clock_state;
const char *fz_clock_state_word(fz_clock_state s);

struct fz_term {
    fz_term_kind kind;
    fz_type type;                     /* of the result */
    bool many;                        /* a set of that type */
    bool negated;
    int id;                           /* see the kinds */
    fz_clock_state state;
    uint64_t stages;
    int column;                       /* of a table */
    fz_value value;
    const struct fz_choices *choices; /* of type CHOICE: its domain; NULL for outcomes */
    const struct fz_term *const *args;
    size_t args_n;
    const struct fz_expr *from;       /* what was written, with its place */
};

/* What a place in a pack wants of an expression. */
struct fz_want {
    fz_type type;                     /* FZ_TYPE_NONE: any */
    const struct fz_choices *choices; /* when type is CHOICE: a bare name is one of these; NULL: one of the record's outcomes */
};

/**
 * Gives an expression its meaning within a record.
 *
 * @param pack    its laws, config and the record's fields, actions, documents, clocks, stages have their names, types and choices;
 *                their own terms need not be there yet, so the order of loading does not matter
 * @param record  NULL where no record is in view (then config and constants only)
 * @param e       NULL gives NULL
 * @return NULL after at least one problem, each at the place of the part that is wrong
 * Names: a field, `config.x`, `outcome`; where a choice is compared or wanted, the names of that choice; where an outcome is compared, outcomes.
 * `LINK.NAME`, what a link tells; `LINK at STAGE`.
 * Functions: day first_day done times served clock due later earlier min max div days_over all any count empty sum, and TABLE(...).COLUMN. `day + length` does not
 * type-check: only due() and clocks count days. `outcome`, `config`, and `stage` before `at`, are taken: no field should have these names.
 * The term lives in the arena; it points into `e`, and to the choices of pack and want where they stand.
 */
const struct fz_term *fz_term_make(struct fz_arena *arena, const struct fz_pack *pack, const struct fz_record *record,
                                   const struct fz_expr *e, struct fz_want want, struct fz_diags *diags);

/** Whether calls of this name are of the language itself, so that no table may have it. */
bool fz_is_function(fz_str name);
/** How function `i` is written, "due(DAY, LENGTH)"; NULL past the last. For the manual. */
const char *fz_function_usage(size_t i);

/** Calls `visit` for the term and every part of it, derived fields not entered. NULL is accepted. */
void fz_term_walk(const struct fz_term *t, void (*visit)(const struct fz_term *t, void *arg), void *arg);

/** Whether the term itself reads the field, not through a derived one. NULL reads nothing. */
bool fz_term_reads_field(const struct fz_term *t, int field);

#endif
