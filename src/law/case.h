/*
 * A case (案件) under its pack, and the one step function over it.
 *
 * fz_decide() judges a command against the case and changes nothing; fz_case_apply() takes a command as done. Live work applies what was
 * ruled lawful; observing (review of somebody else's log, import of old files) applies what happened and keeps the grounds as findings;
 * a rebuild applies without asking. Time, calendar and pack are arguments: nothing here reads a clock, a file or a global.
 *
 * A case is a flat value in an arena: reset, not freed, between cases. Of clocks it keeps anchors only (start, stops, pauses, extensions);
 * a due day is computed when somebody asks, from the case as it stands, so nothing stored can drift.
 */
#ifndef FZ_LAW_CASE_H
#define FZ_LAW_CASE_H

#include "law/calendar.h"
#include "law/directory.h"
#include "law/pack.h"

/* ---- steps ----
 * What somebody, or the law, does to a case: the command that the step function judges. */

struct fz_given {
    int field;
    fz_value value;
};

typedef enum {
    FZ_DO,    /* an action */
    FZ_WAIVE, /* an action is declared not to apply, by a named person with a reason */
    FZ_SERVE, /* a document reaches an addressee (送达) */
} fz_step_kind;

struct fz_step {
    fz_step_kind kind;
    int action;      /* FZ_DO, FZ_WAIVE */
    int document;    /* FZ_SERVE */
    fz_day on;       /* day on which it happened in law */
    fz_instant at;   /* its minute when known, else FZ_INSTANT_NONE */
    int outcome;     /* index into the action's outcomes; FZ_NONE */
    bool by_law;     /* no person: a clock's end, a linked record */
    fz_str cause;    /* by law: the linked record from which it comes; empty: a time limit */
    bool opened;     /* the cause has opened this record, by what somebody did there: gates hold for it as for an act */
    fz_day dated;    /* by law and dated back: the day from which its clocks count; FZ_DAY_NONE: `on` */
    fz_str person, role, reason; /* empty when not known; an unknown person is none of the known ones */
    const fz_str *others;        /* who took it together with `person`; they outlive the case */
    size_t others_n;
    fz_str member;   /* of `each`, or the addressee served; empty: all of them */
    const struct fz_given *values; /* they and their texts outlive the case */
    size_t values_n;
    uint32_t ref;    /* the caller's own number for it, kept with the event */
};
/** The same step with all that it points to, in `arena`. `r`: the record type whose fields it fills. */
struct fz_step fz_step_copy(struct fz_arena *arena, const struct fz_record *r, const struct fz_step *s);
#define FZ_STEP(act, day) ((struct fz_step){.action = (act), .document = FZ_NONE, .on = (day), .at = FZ_INSTANT_NONE, .outcome = FZ_NONE, .dated = FZ_DAY_NONE})

/* ---- rulings ---- */

typedef enum {
    FZ_G_STAGE,    /* the act does not belong to this stage */
    FZ_G_PAUSE,    /* a pause does not allow it */
    FZ_G_AFTER,    /* an act that must stand before is missing */
    FZ_G_GATE,     /* a gate does not hold */
    FZ_G_TIMES,    /* taken often enough */
    FZ_G_PERSON,   /* not_by: the same person did what must be kept apart; too few of them; one who is recused */
    FZ_G_ROLE,     /* the role may not take it (only when one is given), or who says so does not hold it at that organ on that day */
    FZ_G_HOLDING,  /* one of them does not hold what the act asks for */
    FZ_G_HELD,     /* a party's chance is still open */
    FZ_G_BLOCKED,  /* a shortest time is not over */
    FZ_G_FLOOR,    /* too short before the event */
    FZ_G_LATE,     /* a clock ended before: never a refusal, a finding when observing */
    FZ_G_VOID,     /* an extension after the end: never a refusal */
    FZ_G_RULE,     /* a rule of the pack over the trace */
    FZ_G_OUTCOME,  /* an outcome is wanted, or is none of this act */
    FZ_G_VALUE,    /* a required value is missing, or one is given that the act does not set */
    FZ_G_KEY,      /* another record in the stock has the same key */
    FZ_G_BY_LAW,   /* a person takes an act of the law, or the law acts before its time */
    FZ_G_UNJUDGED, /* a clock could not be counted, for the calendar does not reach: never a refusal, and no finding */
} fz_ground_kind;

/* One ground of a refusal, or of a finding. */
struct fz_ground {
    fz_ground_kind kind;
    fz_str id;                    /* of the rule that is broken: a clock's, gate's or rule's name, ACT_out_of_order, ACT_without_NEED, ... */
    fz_title title;               /* in words */
    struct fz_articles articles;
    fz_day day;                   /* on which it was broken */
    int clock;                    /* FZ_NONE */
    fz_day from, due;             /* of that clock, FZ_DAY_NONE */
    int32_t over;                 /* calendar days late, 0 */
    bool service_norm, provisional;
};

/* By what right the act is taken: of use when nothing refuses. */
struct fz_right {
    enum {
        FZ_RIGHT_NOT_ASKED, /* no directory was given, or the act asks for none: the public's, the law's, what happened already */
        FZ_RIGHT_JUDGED,
        FZ_RIGHT_NOT_BEGUN, /* not judged: the directory knows no mandate at `organ` for such records by that day */
    } how;
    fz_str organ;      /* at which the role stands */
    const fz_str *by;  /* records of the directory that give it: mandates, delegations */
    size_t by_n;
    fz_str in_name_of; /* the organ that entrusted it, or else the official for whom it is held; empty: their own */
};

struct fz_ruling {
    struct fz_ground *grounds;
    size_t n, cap;
    size_t refusing; /* how many of them refuse; the others are findings only */
    struct fz_right right;
};

/* ---- the case ---- */

struct fz_event {
    struct fz_step cmd; /* as given; values are folded into the case and not kept */
    int before;            /* stage it was taken at; FZ_NONE before the first */
    int32_t same;          /* the event before it of the same act or document; -1 */
};

struct fz_case;

/** What an expression is read against. */
typedef struct {
    const struct fz_case *c;
    const struct fz_step *cmd; /* the act in hand: its values and its outcome count as given; NULL */
    const struct fz_calendar *cal;
    fz_day day; /* today, for clocks that run */
} fz_view;

/** Makes an empty case of one record type. Everything it will hold lives in `arena`, which the case may reset (fz_case_reset). */
struct fz_case *fz_case_new(struct fz_arena *arena, const struct fz_pack *pack, const struct fz_record *record);
/** Empties it for the next one, maybe of another version or record; O(members of the record). */
void fz_case_reset(struct fz_case *c, const struct fz_pack *pack, const struct fz_record *record);
/** A field known before the first act (`given` of scenarios, columns of a case table). Its texts and items outlive the case. */
void fz_case_set(struct fz_case *c, int field, fz_value v);

int fz_case_stage(const struct fz_case *c); /* FZ_NONE before the first act */
bool fz_case_ended(const struct fz_case *c);
fz_value fz_case_value(const fz_view *v, int field); /* with the act in hand, derived fields computed */
bool fz_case_done(const fz_view *v, int action);     /* done() of the language */
const struct fz_event *fz_case_events(const struct fz_case *c, size_t *out_n);

/**
 * Judges one command. Changes nothing but `out`, whose grounds live in `out_arena`.
 *
 * @param cal        NULL for plain calendar days
 * Lateness and void extensions are among the grounds and refuse nothing.
 * @param observing  what happened is taken as it is: floors are held against the violation line (R11), and outcomes and values that a log
 *                   does not have are not asked for
 * O(gates, clocks and needs of the act + acts of the case that those look at).
 */
void fz_decide(const struct fz_case *c, const struct fz_step *cmd, const struct fz_calendar *cal, bool observing,
               struct fz_arena *out_arena, struct fz_ruling *out);

/* What the rights of whoever acts are judged by. */
struct fz_rights {
    const struct fz_directory *directory;
    fz_str record, organ; /* the case: its id, and whose it is (empty: it says none) */
    fz_str acting;        /* the organ for which the act says it is taken; empty: it says none */
    fz_day entered;       /* when it is entered: rights that have begun by then are judged, however far the act is dated back */
};

/** The same, with the rights of whoever acts: that all hold a role of `by` at its organ on that day (their own, for somebody, or entrusted), that they
 * are as many as it wants, hold what it wants, and are not recused. `rights` NULL: as fz_decide(). Of what is observed rights are not judged. */
void fz_decide_by(const struct fz_case *c, const struct fz_step *cmd, const struct fz_calendar *cal, bool observing, const struct fz_rights *rights,
                  struct fz_arena *out_arena, struct fz_ruling *out);

/** Takes the command as done. Applied to a case that refuses it, it happened nonetheless. */
void fz_case_apply(struct fz_case *c, const struct fz_step *cmd, const struct fz_calendar *cal);

/** Whether the record is in the stock of its type (存量): by the kinds of change that its acts were, or, where its type has none, from its beginning until
 * a final stage, and at those final stages that are said to keep it there. */
bool fz_case_in_stock(const struct fz_case *c);
/** Appends the values of its key as they will stand once the act in hand is taken (v->cmd NULL: as they stand), a line each, `\` and line ends escaped
 * by `\`. False, with nothing appended: its type has no key, or it will not be in the stock. */
bool fz_case_key(const fz_view *v, struct fz_buf *out);
/** Adds to a ruling that the act would make `other`'s key this record's as well. Of what is observed it is a finding. */
void fz_decide_key(const struct fz_case *c, const struct fz_step *cmd, fz_str other, struct fz_arena *out_arena, struct fz_ruling *io);
/** Whether the record is one that the indicator's stock counts, as it stands. */
bool fz_indicator_stocks(const fz_view *v, const struct fz_indicator *ind);
/** What the act just taken brings to a sum, mean or distinct count (a set: each of its members); unset: nothing. `v` as for fz_indicator_counts(). */
fz_value fz_indicator_measures(const fz_view *v, const struct fz_indicator *ind);

/**
 * Whether an act just taken is one that the indicator counts: `v` is the case after it, with the act in hand, on its day. What it comes to is
 * a matter of that moment; what happens to the record later changes nothing.
 */
bool fz_indicator_counts(const fz_view *v, const struct fz_indicator *ind);

/* ---- its clocks ---- */

struct fz_clock_look {
    bool applies;           /* `when` holds */
    bool started;
    fz_day from;            /* day of the start, not counted */
    fz_instant from_at;     /* of limits in hours */
    fz_day due;             /* last day; FZ_DAY_NONE while it waits, pauses, or has no limit */
    fz_day nominal;         /* before it moved off a day of rest */
    fz_instant due_at;      /* of limits in hours and ends given to the minute, else FZ_INSTANT_NONE */
    fz_day plan;            /* at_least before an event: so many full days stand between (R11) */
    bool paused, provisional, capped;
    int32_t used;           /* while paused */
    fz_day stopped;         /* FZ_DAY_NONE: it runs */
    bool late;              /* stopped after its due day */
    bool void_extension;
    bool unreached;         /* the calendar does not reach as far: no due day, and nobody may judge by it */
    fz_day promised;        /* by the organ's own shorter promise; FZ_DAY_NONE */
    fz_length length, extension; /* in force; n = 0: none */
};

size_t fz_clock_instances(const struct fz_case *c, int clock); /* at least 1; more for `per` and `again: another` */
/** Instance `i` as of `v->day`. */
struct fz_clock_look fz_clock_look(const fz_view *v, int clock, size_t i);
/** Days of its limit, in the limit's own unit, that instance `i` has used by `v->day`; 0 before it starts. */
int32_t fz_clock_used(const fz_view *v, int clock, size_t i);
/** State of the clock over all instances: `met` when each that started is met, the others when one is. */
bool fz_clock_is(const fz_view *v, int clock, fz_clock_state s);
/** Writes its working, day by day, with the reasons (fz_limit_explain), suspensions and extensions named. */
void fz_clock_explain(const fz_view *v, int clock, size_t i, fz_language lang, struct fz_buf *out);

/** Acts that the law supplies by the end of `v->day` (deemed, validity, what follows from a linked record): the earliest first, FZ_NONE action when there is none. */
struct fz_step fz_case_due_by_law(const fz_view *v);

/** Rungs of a ladder whose day lies in (after, upto]: each falls into exactly one sweep, however often and late sweeps run. */
struct fz_rung_due {
    int clock;
    size_t instance;
    const struct fz_rung *rung;
    fz_day day;
};
size_t fz_case_rungs(const struct fz_case *c, const struct fz_calendar *cal, fz_day after, fz_day upto,
                     struct fz_rung_due *out, size_t cap);

/** Value of a term; unset when anything it needs is. */
fz_value fz_term_eval(const fz_view *v, const struct fz_term *t);
/** Set and yes. NULL holds. */
bool fz_term_holds(const fz_view *v, const struct fz_term *t);

#endif
