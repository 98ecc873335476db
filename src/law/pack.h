/*
 * A pack (制度包) after loading: structs with every name resolved to an index, every expression typed, every part with its place.
 * Immutable and shared; everything lives in the arena it was loaded into. What a key means is told in the manual that
 * `fazhi manual` prints from the tables of law/schema.c.
 *
 * Indices: of stages, actions, pauses, documents, clocks and fields within their record, of laws and configuration values within the pack,
 * always in the order of the file. FZ_NONE stands for "not given".
 */
#ifndef FZ_LAW_PACK_H
#define FZ_LAW_PACK_H

#include "law/directory.h"
#include "law/node.h"
#include "law/term.h"
#include "law/value.h"

#define FZ_NONE (-1)

/* ---- parts that many constructs have ---- */

typedef struct {
    fz_str text;   /* "复议法 62(1)", as cited */
    fz_str number; /* "62(1)" */
    int law;       /* index into pack->laws */
    fz_span span;
} fz_article;

struct fz_articles {
    const fz_article *items;
    size_t n;
};

/* A set of actions. */
typedef struct {
    uint64_t w[FZ_ACTIONS_MAX / 64];
} fz_acts;
static inline bool fz_acts_has(const fz_acts *s, int act)
{
    return act >= 0 && (s->w[act / 64] >> (act % 64) & 1);
}
static inline void fz_acts_add(fz_acts *s, int act)
{
    s->w[act / 64] |= UINT64_C(1) << (act % 64);
}
bool fz_acts_empty(const fz_acts *s);

/* A list of indices (fields, clocks, ...). */
struct fz_ids {
    const int *items;
    size_t n;
};
bool fz_ids_has(struct fz_ids ids, int id);

typedef enum { FZ_VERIFIED, FZ_SECONDARY, FZ_LOCAL, FZ_REMEMBERED, FZ_CHOSEN } fz_confidence; /* 核实、二手、地方、凭记忆、自选 */
#define FZ_CONFIDENCE_WORDS "verified secondary local remembered chosen" /* in that order */
const char *fz_confidence_word(fz_confidence c);

/* ---- laws and configuration ---- */

struct fz_law {
    fz_str name; /* 简称, as articles cite it */
    fz_title title;
    fz_str edition;
    fz_day in_force, until; /* until: FZ_DAY_NONE while in force */
    enum { FZ_WD_AS_WRITTEN, FZ_WD_ALL, FZ_WD_UP_TO, FZ_WD_LIST } working; /* which numbers of days are working days */
    int working_up_to;
    struct fz_ids working_days; /* numbers, not indices */
    fz_span span;
};

/* What a place has set of it, from a day on (law/profile.h). */
struct fz_local {
    fz_day from;
    fz_value value;
    fz_confidence confidence;
    fz_str place, source;
};

struct fz_config {
    fz_str name;
    fz_title title;
    fz_type type;
    struct fz_choices choices;
    fz_value value; /* the default; a place's profile may replace it within the bounds */
    const struct fz_local *local; /* by their days; laid after loading, the one thing of a pack that then still changes */
    size_t local_n;
    bool bounded;
    fz_value low, high;
    fz_confidence confidence;
    fz_str source;
    fz_span span;
};

/* ---- tables ---- */

/* What a table is asked with. */
struct fz_table_input {
    fz_str name;
    fz_title title;
    fz_type type; /* FLAG, INT, MONEY, POINTS or CHOICE */
    const struct fz_choices *choices;
    fz_span span;
};

/* What it gives. Where slices are priced, `type` is what stands in the rows and the answer is of the input's type (of shares) or money. */
struct fz_table_column {
    fz_str name;
    fz_title title;
    fz_type type;
    struct fz_choices choices;
    fz_span span;
};

/* Which values of an input a row is for: all (no `items`, no end), some (`items`), or those from `low` to `high`, ends as the table says. */
struct fz_cell {
    const fz_value *items;
    size_t items_n;
    fz_value low, high; /* unset: open */
    fz_span span;
};

/* A table (裁量基准、标准、收费): the row that is for the values put in gives the answer. Loaded ones are complete and without overlap. */
struct fz_pack_table {
    fz_str name;
    fz_title title;
    const struct fz_table_input *inputs;
    size_t inputs_n;
    const struct fz_table_column *columns;
    size_t columns_n;
    const struct fz_cell *cells; /* rows_n x inputs_n */
    const fz_value *values;      /* rows_n x columns_n */
    const fz_span *rows;
    size_t rows_n;
    enum { FZ_ENDS_BOTH, FZ_ENDS_LOWER, FZ_ENDS_UPPER } ends; /* which ends of a range belong to it */
    bool slices;
    int round; /* FZ_DOWN, FZ_UP, FZ_HALF_UP; of slices by shares */
    fz_confidence confidence;
    fz_str source; /* empty: not said */
    struct fz_articles articles;
    fz_span span;
};

/* ---- a record type ---- */

struct fz_field {
    fz_str name;
    fz_title title;
    fz_type type;
    bool many, personal;
    struct fz_choices choices;
    bool required;    /* given at the start */
    int required_at;  /* or when this action is taken; FZ_NONE */
    fz_value initial; /* `default` */
    const struct fz_term *when, *is; /* is: derived, never entered */
    fz_str purpose, keep;
    int of_link; /* the link that it is, or a value that the linked record tells; FZ_NONE */
    fz_span span;
};

struct fz_stage {
    fz_str name;
    fz_title title;
    bool final;
    fz_span span;
};

struct fz_pause {
    fz_str name;
    fz_title title;
    uint64_t in; /* stages, one bit each */
    fz_acts allows;
    fz_span span;
};

struct fz_document {
    fz_str name;
    fz_title title;
    bool to_all;
    struct fz_ids to; /* fields: parties or organs; of `all`, every one of the record */
    fz_str public, number;
    struct fz_ids ways; /* unused until service has its own pack part */
    fz_span span;
};

/* Who may act. `role@at`: at a field of the record (an organ), or at organ, institution, government. */
struct fz_by {
    fz_str role, at;
    int at_field; /* FZ_NONE: no field */
    int persons;  /* at least so many, 1 by default */
    fz_str holding;
    bool delegated; /* also by whom another organ has entrusted with it */
    fz_span span;
};

/* `after`: all of `need`, one of `any` (empty: nothing asked), while `when` holds (NULL: always). */
struct fz_after {
    fz_acts need, any;
    const struct fz_term *when;
    fz_span span;
};

struct fz_gate {
    fz_str name; /* empty: it has none of its own */
    fz_str id;   /* of findings: the name, or ACT_gate, or ACT_gate_2, ... where an act has several without names */
    const struct fz_term *that;
    fz_title otherwise;
    struct fz_articles articles;
    fz_span span;
};

/* A value that is given to a field of another record. */
struct fz_copy {
    fz_str field;
    const struct fz_term *value;
    fz_span span;
};

/* An act on linked records, taken by law when the action (or outcome) is: on one, or on each of a set. */
struct fz_effect {
    int link;
    fz_str act; /* of the linked record's type, which has to expect it (`caused_by`) */
    const struct fz_copy *with;
    size_t with_n;
    const struct fz_term *when;
    fz_span span;
};

struct fz_effects {
    const struct fz_effect *items;
    size_t n;
};

/* Opens a record by its first act, and links it. */
struct fz_open {
    fz_str pack, record, act;
    int link;  /* gets the new record */
    int organ; /* field: the organ whose record it is; FZ_NONE: the same organ */
    const struct fz_copy *copies;
    size_t copies_n;
    const struct fz_term *when;
    fz_span span;
};

/* It happens by law when one of `on`, acts that linked records tell, does. */
struct fz_follow {
    fz_acts on;
    const struct fz_term *when;
    int outcome; /* index into the action's outcomes; FZ_NONE */
    fz_span span;
};

struct fz_outcome {
    fz_str name;
    int id; /* index into record->outcomes: the same word in two actions is the same id */
    fz_title title;
    int to; /* FZ_NONE: as the action says */
    fz_acts clears;
    struct fz_effects effects;
    int change; /* kind of change; FZ_NONE: as the action says */
    struct fz_articles articles;
    fz_span span;
};

struct fz_set {
    int field;
    const struct fz_term *value; /* NULL: entered with the act */
    fz_span span;
};

struct fz_action {
    fz_str name;
    fz_title title;
    int starts;    /* stage of the record it creates; FZ_NONE */
    uint64_t from; /* stages, one bit each; without `from` in the file every stage that is not final; 0 when it starts a record */
    int to;        /* FZ_NONE: it stays */
    const struct fz_by *by;
    size_t by_n;
    bool by_law; /* a step that no person takes */
    fz_acts not_by;
    bool milestone, repeats;
    int times; /* at most so many; 0: no limit */
    const struct fz_after *after;
    size_t after_n;
    bool waivable;
    const struct fz_by *waive_by;
    size_t waive_by_n;
    const struct fz_term *waive_when;
    bool waive_reason;
    struct fz_articles waive_articles;
    const struct fz_outcome *outcomes;
    size_t outcomes_n;
    int answers;         /* closes the oldest open act of this one; FZ_NONE */
    struct fz_ids each;  /* fields (sets): once for each member of them all */
    int pauses, resumes; /* FZ_NONE */
    const struct fz_set *sets;
    size_t sets_n;
    fz_acts clears;
    int document; /* FZ_NONE */
    int change;   /* kind of change of a register; FZ_NONE */
    const struct fz_gate *gates;
    size_t gates_n;
    struct fz_articles articles;
    int of_link; /* it is what a linked record tells: entered by law when that happens there; FZ_NONE */
    fz_str heard; /* of those: the act of the linked record; empty: values of it that changed */
    const struct fz_follow *follows;
    size_t follows_n;
    const struct fz_open *opens;
    size_t opens_n;
    struct fz_effects effects;
    const fz_str *caused_by; /* PACK.RECORD: whose effects may bring it about */
    size_t caused_by_n;
    fz_span span;
    /* What the clocks have to do with it; filled from the clocks. */
    struct fz_ids clocks_start, clocks_stop, clocks_use, clocks_hold, clocks_extend, clocks_floor;
};

/* ---- clocks ---- */

#define FZ_CLOCK_KINDS(X)                                                                                      \
    X(AT_MOST, "at_most", "期限") X(AT_LEAST, "at_least", "最短期限") X(WINDOW, "window", "行使权利的期间")            \
    X(DEEMED, "deemed", "视为") X(VALIDITY, "validity", "有效期") X(RETENTION, "retention", "保存期限")              \
    X(FIXED_DAY, "fixed_day", "固定日期") X(RECURRING, "recurring", "定期") X(AT_ONCE, "at_once", "立即")

typedef enum {
#define X(name, word, zh) FZ_CK_##name,
    FZ_CLOCK_KINDS(X)
#undef X
} fz_clock_kind;

/* What starts or stops a clock. */
struct fz_anchor {
    enum { FZ_AT_ACT, FZ_AT_SERVICE, FZ_AT_CLOCK_END, FZ_AT_DAY } kind;
    int id;                    /* action, document or clock */
    const struct fz_term *day; /* FZ_AT_DAY: of type day; unset: not yet */
    fz_span span;
};

/* One of the lengths of a clock: the first whose `when` holds (NULL: always) gives it. `be` is a length; for `until` a day or an instant. */
struct fz_limit_case {
    const struct fz_term *when, *be;
    bool until;
    fz_span span;
};

struct fz_suspends {
    int pause, field; /* one of them is FZ_NONE */
    struct fz_articles articles;
    fz_span span;
};

struct fz_excludes {
    int from, until, told_by; /* actions; told_by may be FZ_NONE */
    const struct fz_term *when;
    struct fz_articles articles;
    fz_span span;
};

struct fz_extends {
    int on; /* action */
    const struct fz_term *by, *when;
    struct fz_articles articles;
    fz_span span;
};

struct fz_caps {
    const struct fz_term *at, *when;
    struct fz_articles articles;
    fz_span span;
};

struct fz_rung {
    enum { FZ_WARN, FZ_URGE, FZ_ESCALATE } act; /* 提醒、催办、升级 */
    fz_length distance;                         /* n = 0: at the due day itself */
    bool before;
    fz_span span;
};

/* Of clocks of kind fixed_day and recurring: every year by a day, every month by a day, or every so long after the start. */
struct fz_recurs {
    enum { FZ_RECURS_NOT, FZ_EACH_YEAR, FZ_EACH_MONTH, FZ_EVERY } how;
    int month, day;    /* by the end of this day; month 0: of each month */
    bool before;       /* before that day, not by it */
    fz_length every;
    const struct fz_term *while_;
};

struct fz_clock {
    fz_str name;
    fz_title title;
    fz_clock_kind kind;
    const struct fz_anchor *starts, *stops;
    size_t starts_n, stops_n;
    fz_acts used_by, holds, blocks;
    enum { FZ_AGAIN_IGNORE, FZ_AGAIN_RESTART, FZ_AGAIN_ANOTHER } again;
    struct fz_ids per; /* fields (sets): an instance a member */
    const struct fz_term *when;
    const struct fz_limit_case *limit;
    size_t limit_n;              /* 0: none (at_once) */
    const struct fz_term *until; /* at_least: the day before which `limit` must lie */
    const struct fz_suspends *suspends;
    size_t suspends_n;
    const struct fz_excludes *excludes;
    size_t excludes_n;
    const struct fz_extends *extends;
    size_t extends_n;
    const struct fz_caps *caps;
    size_t caps_n;
    int then, then_outcome; /* action, and index into its outcomes; FZ_NONE */
    bool dated_start;       /* the act by law counts from the clock's start, not from its end */
    const struct fz_term *promise;
    bool service_norm; /* no statute stands behind it: lateness is an indicator, not a breach */
    bool no_roll;
    const struct fz_rung *ladder;
    size_t ladder_n;
    struct fz_recurs recurs;
    fz_confidence confidence; /* FZ_VERIFIED unless the pack says less */
    struct fz_articles articles;
    fz_span span;
};

/* ---- links ---- */

/* part: 分项, has a life of its own, and belongs to one record. merged: 并案, goes on in the linked one. remedy: 救济, against what the linked one did.
 * basis: 依据, what it rests on. reference: 关联, no more than that. */
#define FZ_LINK_KINDS(X)                                                                                       \
    X(PART, "part", "分项") X(MERGED, "merged", "并案") X(REMEDY, "remedy", "救济") X(BASIS, "basis", "依据") X(REFERENCE, "reference", "关联")
typedef enum {
#define X(name, word, zh) FZ_LK_##name,
    FZ_LINK_KINDS(X)
#undef X
} fz_link_kind;

/* How the organ of the record has to stand to that of the linked one (管辖). */
typedef enum {
    FZ_COMPETENT_ANY,
    FZ_COMPETENT_SAME,
    FZ_COMPETENT_SUPERIOR,   /* 上级机关 */
    FZ_COMPETENT_GOVERNMENT, /* the government over it: 本级人民政府 */
} fz_competent;

/* A link (关联) to records of another type, or of its own. What it wants to know of them it says: acts, stages and values that are told to it. They are
 * fields and acts of the record, named LINK.NAME, and come into it by entries of its own; so a record is judged by itself. */
struct fz_link {
    fz_str name;
    fz_title title;
    fz_str pack, record; /* whereto */
    fz_link_kind kind;
    bool many, tree; /* tree: leads in no circle */
    int field;       /* holds the id, or a set of ids */
    int stage;       /* field: the stage, as far as told apart; FZ_NONE */
    int told;        /* action: values changed without an act that is heard */
    const struct fz_heard {
        fz_str act;
        int action;  /* of this record: it happened there */
        int outcome; /* field: how it came out the last time; FZ_NONE */
    } *heard;
    size_t heard_n;
    const struct fz_read {
        fz_str name; /* field there, or `organ`, `number` of the record */
        int field;   /* of this record */
    } *reads;
    size_t reads_n;
    fz_competent competent;
    struct fz_articles articles;
    fz_span span;
};

/* What a record type gives the directory (law/directory.h): a row a record, from these of its fields. */
struct fz_feeds {
    int kind;                        /* fz_directory_kind; FZ_NONE: nothing */
    int fields[FZ_DIRECTORY_PARTS_N]; /* FZ_NONE: not said */
    fz_span span;
};

/* A kind of change (变动类型) of a register, and what it does to the stock (存量): an entry enters it (+1), leaves it (-1), or neither. */
struct fz_kind {
    fz_str name;
    fz_title title;
    int effect;
    fz_span span;
};

/* No two records of the type that are in the stock have the same values here. No fields: no key. */
struct fz_register_key {
    struct fz_ids fields;
    bool of_organ; /* at one organ: those of other organs may have it as well */
    fz_title title; /* of its fields, together */
    fz_span span;
};

struct fz_record {
    fz_str name;
    fz_title title;
    enum { FZ_CASE, FZ_REGISTER, FZ_ACTIVITY } shape;
    fz_str number;
    const struct fz_field *fields;
    size_t fields_n;
    const struct fz_stage *stages;
    size_t stages_n;
    uint64_t final;
    const struct fz_pause *pauses;
    size_t pauses_n;
    struct fz_action *actions;
    size_t actions_n;
    const struct fz_document *documents;
    size_t documents_n;
    const struct fz_clock *clocks;
    size_t clocks_n;
    const fz_str *outcomes; /* every outcome's name once */
    size_t outcomes_n;
    const struct fz_link *links;
    size_t links_n;
    struct fz_feeds feeds;
    struct fz_register_key key;
    const struct fz_kind *kinds; /* none: a record is in the stock from its beginning until a final stage */
    size_t kinds_n;
    uint64_t in_stock; /* final stages at which it stays in the stock */
    bool brief;        /* its stages were left out, and are those of its shape */
    fz_span span;
};

/* ---- rules and indicators ---- */

struct fz_rule {
    fz_str id; /* of findings: the name, or made of its parts: decide_before_hear, decide_while_trial, accept_without_end, decide_once, propose_decide_same */
    fz_title title; /* zh empty when there is none */
    enum {
        FZ_RULE_BEFORE, /* never `act` before one of `others` */
        FZ_RULE_AFTER,  /* never `act` after one of `others` */
        FZ_RULE_WHILE,  /* never `act` while `pause` */
        FZ_RULE_ALWAYS, /* after `act` always one of `others` */
        FZ_RULE_ONCE,   /* `act` at most once */
        FZ_RULE_DIFFER, /* `others` are taken by different persons */
    } kind;
    int record, act, pause;
    fz_acts others;
    const struct fz_term *unless;
    struct fz_articles articles;
    fz_span span;
};

/* A basis of a share: its name (empty: the acts themselves) and the acts that count. */
struct fz_basis {
    fz_str name;
    fz_acts acts;
};

struct fz_indicator {
    fz_str name;
    fz_title title, unit; /* unit: zh empty when there is none */
    enum {
        FZ_COUNT_OF,
        FZ_SHARE_OF,
        FZ_CHANGES_OF,  /* acts that are a change of the register */
        FZ_STOCK_OF,    /* records in the stock at the end of a day */
        FZ_SUM_OF,      /* of the values of a field, as they stand after the acts; those that are unset are left out */
        FZ_MEAN_OF,     /* their sum, and how many they are */
        FZ_DISTINCT_OF, /* how many different values */
    } kind;
    int record;
    fz_acts on;                 /* acts counted or measured, or those a share is taken of; stock: none */
    int field;                  /* sum, mean, distinct: of the record; else FZ_NONE */
    fz_type measured;           /* its type; FZ_TYPE_NONE */
    bool at_start;              /* stock: of the day before the period, not of its last */
    const struct fz_term *where; /* share: which of them; else which are counted or measured */
    struct fz_ids by;           /* fields */
    bool by_kind;               /* changes: by their kind as well */
    const struct fz_basis *bases;
    size_t bases_n;             /* share: at least one */
    fz_span span;
};

/* ---- the pack ---- */

struct fz_pack {
    fz_str name;
    fz_day version, amends; /* day of force; amends: FZ_DAY_NONE for a first version */
    fz_title title;
    fz_str part, calendar; /* calendar: "none" for plain days */
    const struct fz_law *laws;
    size_t laws_n;
    struct fz_config *config;
    size_t config_n;
    const struct fz_pack_table *tables;
    size_t tables_n;
    struct fz_record *records;
    size_t records_n;
    const struct fz_rule *rules;
    size_t rules_n;
    const struct fz_indicator *indicators;
    size_t indicators_n;
    const struct fz_node *node; /* what it was read from, amendments merged in */
};

/**
 * Loads one pack: form, names, types, units against the law. Says nothing of soundness (law/prove.h).
 *
 * @param node   the whole file, amendments merged in; NULL is accepted
 * @param arena  the pack lives in it and points into `node`
 * @return NULL when `diags` got an error; every problem of the file is in there then
 * O(n log n) in the size of the pack.
 */
struct fz_pack *fz_pack_load(const struct fz_node *node, struct fz_arena *arena, struct fz_diags *diags);

/* Index of a name, FZ_NONE when there is none. */
int fz_table_find(const struct fz_pack *p, fz_str name);
int fz_record_find(const struct fz_pack *p, fz_str name);
int fz_field_find(const struct fz_record *r, fz_str name);
int fz_stage_find(const struct fz_record *r, fz_str name);
int fz_action_find(const struct fz_record *r, fz_str name);
int fz_pause_find(const struct fz_record *r, fz_str name);
int fz_document_find(const struct fz_record *r, fz_str name);
int fz_clock_find(const struct fz_record *r, fz_str name);
int fz_link_find(const struct fz_record *r, fz_str name);
int fz_outcome_find(const struct fz_action *a, fz_str name); /* index into a->outcomes */

/** What the place has set for a record that began on `day`; NULL: nothing, so the default holds. */
const struct fz_local *fz_config_local(const struct fz_config *c, fz_day day);
/** Index of the version in force on `day` among the n versions of one pack, oldest first; the oldest before it began. */
size_t fz_pack_version_on(const struct fz_pack *const *versions, size_t n, fz_day day);
/** The stage to which an act leads with this outcome (FZ_NONE: without one); FZ_NONE when the case stays where it is. */
int fz_action_target(const struct fz_action *a, int outcome);
/** What the act is as a change of its register, with this outcome (FZ_NONE: without one): an index into the record's kinds; FZ_NONE. */
int fz_action_change(const struct fz_action *a, int outcome);
/** Whether its figure adds up what acts bring (law/case.h: fz_indicator_measures), or records in a stock; else it counts acts. */
static inline bool fz_indicator_is_measured(const struct fz_indicator *ind)
{
    return ind->kind >= FZ_STOCK_OF;
}
/** Whether the act enters the field: it sets it, or it enters the link that tells it, or opens a record for that link. Of a record's first act more may be given. */
bool fz_action_enters(const struct fz_record *r, const struct fz_action *a, int field);
/** Whether each of a set of linked records tells a value of its own: the field has then no single one. */
bool fz_field_told_by_each(const struct fz_record *r, int field);
/** Whether one of n anchors is of this kind (FZ_AT_...) and names `id`. */
bool fz_anchors_have(const struct fz_anchor *anchors, size_t n, int kind, int id);

#endif
