/*
 * What a proof is made of: the control state of one record type as variables, and the moves over it. For prove*.c alone.
 *
 * A group is one factor of the control state: the stage, one milestone, one pause. It has a few values and so many variables of the
 * diagram as number them. A set of states is one diagram over all groups that are not free. A move changes groups one by one, each
 * by a relation over its own values, so no second copy of the variables is needed.
 */
#ifndef FZ_LAW_PROVE_INT_H
#define FZ_LAW_PROVE_INT_H

#include "law/bdd.h"
#include "law/pack.h"

#define GROUP_VALUES_MAX 64     /* a set of values is one word */
#define GROUP_ANYHOW UINT64_MAX /* any values, even numbers that stand for none: of a group that nothing looks at */
#define GROUP_OF_STAGE 0
#define GROUP_OF_BEGUN 1
#define GROUPS_ON_TOP 2 /* these two stand above all others */

typedef enum {
    GROUP_STAGE,    /* value i: stage i, once begun */
    GROUP_BEGUN,    /* 0: nothing has happened yet */
    GROUP_COUNT,    /* how often the action `id` was taken, up to a bound */
    GROUP_DONE,     /* 1: it stands or is waived: done() of the language */
    GROUP_ALL,      /* 1: all(`sub`, `id`) */
    GROUP_ANY,      /* 1: any(`sub`, `id`) */
    GROUP_OPEN,     /* 1: the action was taken and not yet answered */
    GROUP_PAUSE,    /* 1: the pause lies */
    GROUP_FIELD,    /* a flag or choice: see struct group */
    GROUP_SET,      /* 1: the field, of any other type, is set */
    GROUP_CONFIG,   /* a flag or choice of the place */
    GROUP_DOCUMENT, /* 0: not made, 1: made, 2: served */
    GROUP_CLOCK,    /* see prove_clock.c */
    GROUP_STOCK,    /* 1: the entry is in the stock of its register; only where there are kinds of change */
    GROUP_PENDING,  /* 1: the rule `id` (always) waits for one of its acts */
    GROUP_FIXED,    /* 1: the condition `term` holds; nothing changes what it reads */
    GROUP_FREE,     /* the same, of what time, money or somebody's pen may change at any step; no part of the state */
} group_kind;

struct group {
    group_kind kind;
    int id, sub;
    const struct fz_term *term; /* FIXED, FREE; NULL when `id` and `sub` say it */
    uint32_t size;              /* values 0 to size - 1 */
    uint64_t initial;           /* those it may have before the first act */
    bool unset;                 /* FIELD: value 0 is "not set" */
    const int64_t
        *choices; /* FIELD, CONFIG of type choice: the choices told apart; one more value stands for all others */
    size_t choices_n, choices_cap;
    bool others;
    uint32_t var, bits;
    fz_bdd cube; /* its variables */
    fz_bdd *is;  /* is[v]: it has the value v */
};

struct relation {
    int group;
    uint64_t *to; /* to[v]: values it may have afterwards when it had v */
};

/* Changes of several groups at once. While a model is built everything is a relation. */
struct changes {
    fz_bdd cube, value; /* groups that get a value whatever they had; the values they may get */
    struct relation *relations;
    size_t n, cap;
};

typedef enum { NEED_PAUSE, NEED_RESUME, NEED_AFTER, NEED_ANY, NEED_OPEN, NEED_GATE, NEED_TIMES, NEED_FIELD } need_kind;

/* One of the conditions of an act, for saying what stands in its way. */
struct need {
    need_kind kind;
    int id; /* pause, action, gate, field */
    fz_bdd holds;
};

typedef enum {
    MOVE_ACT,
    MOVE_LAW,
    MOVE_WAIVE,
    MOVE_SERVE,
    MOVE_CLOCK_STARTS,
    MOVE_CLOCK_ENDS,
    MOVE_CLOCK_PASSES
} move_kind;

struct move {
    move_kind kind;
    int id;               /* action, document or clock */
    int clock;            /* LAW: whose end it is; FZ_NONE: a linked record tells it, or brings it about */
    const struct fz_follow *follow; /* LAW: of what it is a consequence; NULL */
    int outcome;          /* the first of those that move alike; FZ_NONE */
    bool some;            /* other outcomes move otherwise, so this one is worth naming */
    int to;               /* stage; FZ_NONE */
    fz_bdd place;         /* stage and pauses, which nothing entered with the act changes */
    struct changes given; /* values entered with it: its conditions see them */
    fz_bdd guard;         /* all its conditions, free ones among them, after `given` */
    fz_bdd gate;          /* the same for a free choice of the free ones */
    struct changes after;
    struct need *needs;
    size_t needs_n, needs_cap;
    bool alone;  /* it stays at its stage, and nothing that another move changes decides whether it is possible */
    fz_bdd seen; /* of the run in hand: states it was tried on */
};

/* Truth of a condition: unknown where neither holds. */
struct cond {
    fz_bdd yes, no;
};

/* The act in hand, whose outcome and day conditions may ask for. */
struct in_hand {
    int action, outcome; /* FZ_NONE */
};

typedef enum { CLOCK_NONE, CLOCK_RUNNING, CLOCK_OVER, CLOCK_LATE, CLOCK_MET, CLOCK_PAST, CLOCK_OFF } clock_phase;
#define CLOCK_PHASES 7
struct clock_model {
    bool asked, busy; /* busy: its `when` is being read */
    bool loose;       /* coarse, and its start may be taken back by what the state does not hold */
    bool coarse;      /* several instances, or an end that is not told apart: started or not, the rest is free */
    bool ends;        /* another clock hangs on its end */
    uint32_t states;  /* fz_clock_state that conditions ask for, one bit each */
    uint32_t events;  /* clock_event that can befall it, one bit each */
    uint8_t class_of[CLOCK_PHASES];
};

struct model {
    const struct fz_pack *pack;
    const struct fz_record *record;
    struct fz_arena *arena;
    struct fz_bdds *b;
    bool asking; /* first pass: conditions only tell which groups they need */
    struct group *groups;
    size_t groups_n, groups_cap;
    struct clock_model *clocks;
    bool *entering;  /* derived fields that are being read */
    bool *changing;  /* of each field: some act sets it */
    fz_acts cleared; /* actions that something clears */
    struct move *moves;
    size_t moves_n, moves_cap;
    /* For the order of variables: the groups that belong together, each list ended by FZ_NONE. */
    int *edges;
    size_t edges_n, edges_cap;
    int *order; /* groups from the top */
    struct rule_read {
        int rule, group;
    } * rule_reads; /* groups that the rules of the record look at */
    size_t rule_reads_n, rule_reads_cap;
    fz_bdd initial, final, free; /* free: cube of what is no part of the state */
    size_t variables;
};

/* ---- prove_model.c ---- */

/** Builds groups, variables and moves of one record. */
void model_build(struct model *m, const struct fz_pack *pack, const struct fz_record *record, struct fz_arena *arena,
                 struct fz_bdds *b);
int model_group(struct model *m, group_kind kind, int id, int sub,
                uint32_t size); /* found or, in the first pass, made */
fz_bdd model_in(struct model *m, int group, uint64_t values);
uint64_t model_values(const struct model *m, int group); /* all it has */
fz_bdd model_stages(struct model *m, uint64_t stages);
fz_bdd model_done(struct model *m, int action);
fz_bdd model_taken(struct model *m, int action, uint32_t times); /* at least so often */
void model_change(struct model *m, struct changes *c, int group,
                  const uint64_t *to); /* after what `c` does to it already */
void model_change_to(struct model *m, struct changes *c, int group, uint64_t values);
fz_bdd model_after(struct model *m, const struct changes *c, fz_bdd states);
fz_bdd model_before(struct model *m, const struct changes *c, fz_bdd states);
/** What an act or a step of the law does to the stock: 1, -1, 0; 0 of other moves. */
int model_effect(const struct model *m, const struct move *v);
/** States in which the move is taken, what is entered with it given. `extra` narrows its conditions. */
fz_bdd model_taking(struct model *m, const struct move *v, fz_bdd states, fz_bdd extra);
/** States after the move from some of `states`, and before it into some of them. */
fz_bdd model_image(struct model *m, const struct move *v, fz_bdd states, fz_bdd extra);
fz_bdd model_preimage(struct model *m, const struct move *v, fz_bdd states, fz_bdd extra);

/* A run over sets of states: it began with `from`, and step i added what its move makes of `before`. */
struct ring {
    int move;
    fz_bdd before;
};
struct reach {
    fz_bdd from, all;
    struct ring *rings;
    size_t n, cap;
};
/** All that is ever reached from r->from. Returns how many moves were tried; fz_bdds_full() when it broke off. */
size_t model_run(struct model *m, struct reach *r);

/* ---- prove_cond.c ---- */

struct cond cond_of(struct model *m, const struct in_hand *h, const struct fz_term *t); /* NULL holds */
fz_bdd cond_set(struct model *m, const struct in_hand *h, const struct fz_term *t);     /* its value is set */
bool cond_reads_outcome(const struct model *m, const struct fz_term *t);
/** Whether the act changes what the term reads: a field it sets, its own day, count or standing. */
bool cond_touched(const struct model *m, const struct fz_term *t, int action);
int cond_field(struct model *m, int field); /* group of a flag or choice */
uint64_t cond_field_values(const struct model *m, int group, int64_t value);
/** Whether its value is set from the beginning and stays so. */
bool cond_known(const struct model *m, const struct fz_term *t);
fz_bdd cond_field_set(struct model *m, int field); /* of one that is entered */
bool cond_maybe_unset(const struct model *m, int field);

/* ---- prove_order.c ---- */

/** Groups from the top, in the order in which their variables should stand. */
int *order_groups(struct model *m);

/* ---- prove_live.c ---- */

/** Lets moves, and the beginning, leave open what nothing looks at any more. Before the changes are settled. */
void live_forget(struct model *m);

/* ---- prove_clock.c ---- */

typedef enum {
    CLOCK_START,
    CLOCK_STOP,
    CLOCK_DAY,
    CLOCK_END,
    CLOCK_RECKON,
    CLOCK_RESET,
    CLOCK_UNSTART,
    CLOCK_EVENTS
} clock_event;

void clock_ask(struct model *m, int clock);
void clock_settle(struct model *m); /* after the first pass: how many values each clock needs */
fz_bdd clock_is(struct model *m, const struct in_hand *h, int clock, fz_clock_state s);
/** What an act, or the service of a document (`act` FZ_NONE), does to all clocks. */
void clock_changes(struct model *m, struct changes *c, int act, int document);
/* Moves that nobody takes: it starts by a day, its day comes, or has passed after it was met; and the law's act at its end. */
bool clock_has_move(const struct model *m, int clock, move_kind kind);
void clock_move_changes(struct model *m, struct changes *c, int clock,
                        move_kind kind); /* not of LAW: those are the act's */
fz_bdd clock_may_move(struct model *m, const struct in_hand *h, int clock, move_kind kind);

/* ---- prove_trace.c ---- */

struct trace_of {
    struct model *m;
    const struct reach *reach; /* from the beginning */
    struct fz_arena *arena;    /* of the texts */
    fz_language lang;
};

/**
 * A run from the beginning into `goal`, a line a step, with what it supposes.
 * @param last   when given, the run ends with this move instead, its conditions narrowed by `extra`
 */
fz_str trace_run(const struct trace_of *t, fz_bdd goal, const struct move *last, fz_bdd extra);
/** The same, and below it what the acts of that stage lack from then on. */
fz_str trace_stuck(const struct trace_of *t, fz_bdd goal);
/** Why none of the moves of an action is ever possible; empty when the reason is not one condition. */
fz_str trace_dead(const struct trace_of *t, int action);

/* ---- prove_unset.c ---- */

/** Warns of fields that are read where they may be unset. Returns how many may be unset at all. */
size_t unset_check(const struct model *m, uint64_t reachable, const fz_acts *alive, struct fz_diags *diags);

#endif
