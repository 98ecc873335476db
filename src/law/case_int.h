/* What a case is made of: for eval.c, clock.c and case.c alone. */
#ifndef FZ_LAW_CASE_INT_H
#define FZ_LAW_CASE_INT_H

#include "law/case.h"

/* What has become of one action. Events before `since` were cleared: they happened, and count no longer. */
struct act_state {
    uint32_t times;  /* taken, cleared ones too */
    uint32_t open;   /* taken and not yet answered */
    int32_t last;    /* event; -1 */
    int32_t first;   /* event; -1 */
    int32_t since;   /* event */
    bool waived;
};

/* What has become of one document: services before `since`, its last making, were of an older one. */
struct document_state {
    int32_t since; /* event */
    int32_t last;  /* event of service; -1 */
    bool made;
};

struct pause_span {
    int pause;
    fz_day first, last; /* last: FZ_DAY_NONE while it lasts */
};

/* One running of a clock: anchors only. What was found when it stopped is kept, for the case may change later. */
struct run {
    int32_t next;    /* run of the same clock; -1 */
    fz_str member;   /* of `per`; empty: of all */
    fz_day from;
    fz_instant at;   /* FZ_INSTANT_NONE: the minute is not known */
    fz_length extension;
    bool void_extension;
    uint32_t turns;  /* recurring: occurrences that are done */
    bool stopped;
    struct fz_clock_look found; /* once stopped */
};

/* What one of several linked records tells. */
struct told {
    int field;
    fz_str member;
    fz_value value;
};

/* What is to follow by law from an act of a linked record. */
struct following {
    int action, outcome;
    fz_day on;
};

struct fz_case {
    const struct fz_pack *pack;
    const struct fz_record *record;
    struct fz_arena *arena;
    int stage; /* FZ_NONE before the first act */
    bool stocked; /* where there are kinds of change: it entered the stock and has not left it */
    uint32_t paused; /* pauses laid, one bit each */
    fz_value *values;
    struct act_state *acts;
    struct document_state *documents;
    int32_t *clock_runs; /* first run of each clock; -1 */
    struct fz_event *events;
    size_t events_n, events_cap;
    struct run *runs;
    size_t runs_n, runs_cap;
    struct pause_span *spans;
    size_t spans_n, spans_cap;
    struct told *told;
    size_t told_n, told_cap;
    struct following *following;
    size_t following_n, following_cap;
    /* room of the arrays above, for a reset need not allocate */
    size_t values_room, acts_room, documents_room, clocks_room;
};

static inline const struct fz_action *action_of(const struct fz_case *c, int act)
{
    fz_assert(act >= 0 && (size_t)act < c->record->actions_n);
    return &c->record->actions[act];
}

/* The run of that number in the order of their starts; NULL when the clock has fewer. */
const struct run *run_at(const struct fz_case *c, int clock, size_t i);
/* A run (or NULL: what a clock of a day or of another clock's end would have begun) as of the view's day, as if it had not stopped. */
struct fz_clock_look look_running(const fz_view *v, int clock, const struct run *run);
/* Whether a clock that looks so would be stopped late by the step: to the minute of limits in hours, else to the day. */
bool step_is_late(const struct fz_clock_look *look, const struct fz_step *cmd);
/* What an event does to the clocks. */
void clocks_take(struct fz_case *c, const struct fz_step *cmd, const struct fz_calendar *cal);

/* Members of the sets `fields`, in their order. */
size_t members_count(const fz_view *v, struct fz_ids fields);
fz_str member_at(const fz_view *v, struct fz_ids fields, size_t i);
/* Whether an act (or service) of that chain reached the member since `since`; one without a member reached all. */
bool reached(const struct fz_case *c, int32_t last, int32_t since, fz_str member);
/* What a record of a link tells; unset: nothing. */
fz_value told_by(const struct fz_case *c, int field, fz_str member);
/* What an act that was taken leaves to follow, and what follows no longer. */
void fold_following(struct fz_case *c, const struct fz_step *cmd, const struct fz_calendar *cal);
/* The earliest that is to follow by the end of that day; action FZ_NONE: nothing. */
struct fz_step step_following(const fz_view *v);
/* served(d) of the language. */
bool document_served(const fz_view *v, int document);

/* ---- judging: case.c, rights.c ---- */

struct judge {
    const struct fz_case *c;
    const struct fz_step *cmd;
    const struct fz_action *a; /* NULL for a service */
    fz_view v;
    bool observing;
    const struct fz_rights *rights; /* NULL */
    struct fz_arena *arena;
    struct fz_ruling *out;
};

/* A ground of the act in hand, ACT_`what`, under its articles; it refuses. `zh` and `en`: in words, after the title of the act. */
struct fz_ground *ground_of_act(struct judge *j, fz_ground_kind kind, const char *what, const char *zh, const char *en);
/* The rights of whoever takes the act, which each of `by` may take. */
void judge_rights(struct judge *j, const struct fz_by *by, size_t n);
/* Persons of a step, `person` first; none when nobody is known. */
size_t persons_count(const struct fz_step *s);
fz_str person_at(const struct fz_step *s, size_t i);

#endif
