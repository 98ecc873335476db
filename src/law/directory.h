/*
 * The directory (名录): which organs there are and who stands over whom, who serves where, who holds which role at which organ from when to when, whose
 * certificates are valid, what one organ has entrusted to another, and who is recused from which record. What the rights of an act are judged by.
 *
 * It is filled with rows, one a record that feeds it: which record types do, and by which of their fields, a pack says (`directory`). Nothing here knows
 * where rows come from. A row counts on the days from `from` to `until`, both included; a missing end is open.
 *
 * Rights begin: an organ has begun for a record type on the first day of the first mandate at it whose scope covers that type. Of whoever has not begun
 * nothing is judged, and the ruling says so. That mandates end does not take it back.
 */
#ifndef FZ_LAW_DIRECTORY_H
#define FZ_LAW_DIRECTORY_H

#include "base/day.h"

/* kind, word in packs, what it is, needed parts, further parts */
#define FZ_DIRECTORY_KINDS(X)                                                                                                                       \
    X(ORGAN, "organ", "organs", "机关", FZ_DP(ORGAN), FZ_DP(CLASS) | FZ_DP(SUPERIOR) | FZ_DP(SUCCESSORS) | FZ_DP(FROM) | FZ_DP(UNTIL))              \
    X(OFFICIAL, "official", "officials", "工作人员", FZ_DP(PERSON) | FZ_DP(FROM), FZ_DP(UNTIL))                                                     \
    X(CERTIFICATE, "certificate", "certificates", "资格证件", FZ_DP(PERSON) | FZ_DP(HOLDING) | FZ_DP(FROM), FZ_DP(UNTIL))                           \
    X(MANDATE, "mandate", "mandates", "任职与授权", FZ_DP(PERSON) | FZ_DP(ROLE) | FZ_DP(ORGAN) | FZ_DP(FROM),                                       \
      FZ_DP(SCOPE) | FZ_DP(ACTING_FOR) | FZ_DP(UNTIL))                                                                                              \
    X(DELEGATION, "delegation", "delegations", "委托", FZ_DP(ORGAN) | FZ_DP(TO) | FZ_DP(FROM), FZ_DP(ROLE) | FZ_DP(SCOPE) | FZ_DP(UNTIL))           \
    X(RECUSAL, "recusal", "recusals", "回避", FZ_DP(PERSON) | FZ_DP(CASE) | FZ_DP(FROM), FZ_DP(ORGAN) | FZ_DP(UNTIL))

/* part, word in packs, example, meaning. All are texts but the last two, which are days. */
#define FZ_DIRECTORY_PARTS(X)                                                                                                                       \
    X(PERSON, "person", "official", "by which number the official acts", "工作人员行事所用的编号")                                                 \
    X(ORGAN, "organ", "at_organ", "the organ: its name, at which the role stands, which entrusts, whose record it is",                             \
      "机关：其名称、任职的机关、委托机关、办案机关")                                                                                               \
    X(ROLE, "role", "role", "the role, as `by` names it; of a delegation: this role only", "`by` 中的岗位；委托只限该岗位")                                          \
    X(HOLDING, "holding", "kind", "what is held, as `holding` of `by` names it", "所持资格，与 `by` 的 `holding` 同名")                             \
    X(CLASS, "class", "class", "what class it is of: head@government is at one of class government, head@institution at one of class institution",        \
      "机关类别：head@government 在 government 一类，head@institution 在 institution 一类")                                                         \
    X(SUPERIOR, "superior", "superior", "the organ over it", "上级机关")                                                                            \
    X(SUCCESSORS, "successors", "successors", "who goes on with its powers once it has ended", "终止后继续行使其职权的机关")                        \
    X(TO, "to", "delegate", "the organ that is entrusted", "受委托的机关、组织")                                                                    \
    X(SCOPE, "scope", "scope", "the pack or record type it is for; all but those that feed the directory, without it",                              \
      "所限的制度包或者记录类型；不写即一切，但填入名录的记录除外")                                                                                 \
    X(ACTING_FOR, "acting_for", "acting_for", "the official for whom it is held", "所代理的工作人员")                                               \
    X(CASE, "case", "case_id", "the record from which one is recused", "回避的记录")                                                                \
    X(FROM, "from", "valid_from", "its first day; it counts once this is known", "首日；填写后方才生效")                                             \
    X(UNTIL, "until", "valid_to", "its last day; open while it is not known", "末日；未填写即无限期")

typedef enum {
#define X(name, ...) FZ_DK_##name,
    FZ_DIRECTORY_KINDS(X)
#undef X
    FZ_DIRECTORY_KINDS_N
} fz_directory_kind;

typedef enum {
#define X(name, ...) FZ_DP_##name,
    FZ_DIRECTORY_PARTS(X)
#undef X
    FZ_DIRECTORY_PARTS_N
} fz_directory_part;
#define FZ_DP(name) (1u << FZ_DP_##name)
#define FZ_DIRECTORY_TEXTS FZ_DP_FROM /* parts before it are texts */

struct fz_directory_form {
    const char *word, *en, *zh; /* plural, for people */
    unsigned needs, may;        /* sets of FZ_DP() */
};
extern const struct fz_directory_form fz_directory_forms[FZ_DIRECTORY_KINDS_N];
const char *fz_directory_part_word(fz_directory_part p);

struct fz_directory_row {
    fz_directory_kind kind;
    fz_str record;                   /* that gives it */
    fz_str text[FZ_DIRECTORY_TEXTS]; /* by part; empty: not said. That of SUCCESSORS is empty: they stand apart */
    const fz_str *successors;
    size_t successors_n;
    fz_day from, until; /* FZ_DAY_NONE: open */
};

struct fz_directory;

struct fz_directory *fz_directory_new(void);
void fz_directory_free(struct fz_directory *d); /* accepts NULL */
void fz_directory_clear(struct fz_directory *d);
/** The row of a record, in place of the one that it gave before. Everything is copied. */
void fz_directory_put(struct fz_directory *d, const struct fz_directory_row *row);
void fz_directory_remove(struct fz_directory *d, fz_str record); /* none there: nothing */
size_t fz_directory_count(const struct fz_directory *d);

/* ---- looking ----
 * Rows stay where they are until the next put, remove or clear. Each look costs as many steps as the person or organ asked for has rows. */

/* For which records: mandates and delegations have a scope. */
struct fz_directory_scope {
    fz_str pack, type;
    bool feeds; /* records of the directory itself: only a scope that names them covers them, so that nobody is shut out by a mandate for something else */
};

/** Whether rights at the organ have begun for such records by that day; those of its successors count for an organ that has ended. */
bool fz_directory_has_begun(const struct fz_directory *d, fz_str organ, const struct fz_directory_scope *scope, fz_day on);
/** Whether anybody anywhere has had that role for such records by that day. O(mandates). */
bool fz_directory_has_role(const struct fz_directory *d, fz_str role, const struct fz_directory_scope *scope, fz_day on);

/** The official of that number in service on that day; NULL. `*out_near`: one who is not, or NULL when there is none of that number. */
const struct fz_directory_row *fz_directory_official(const struct fz_directory *d, fz_str person, fz_day on, const struct fz_directory_row **out_near);

/* Somebody's power to act in a role. */
struct fz_power_asked {
    fz_str person, role, organ;
    bool institution; /* at an institution of the organ, not at the organ itself */
    bool delegated;   /* or at an organ to which this one has entrusted it */
    struct fz_directory_scope scope;
    fz_day on;
};
struct fz_power {
    const struct fz_directory_row *mandate;    /* NULL: none on that day */
    const struct fz_directory_row *delegation; /* under which it holds; NULL: at the organ itself */
    const struct fz_directory_row *near;       /* one that would do, but for its days; NULL */
};
/** One's own before one held for somebody else, and that before an entrusted one; of several the first by id. */
struct fz_power fz_directory_power(const struct fz_directory *d, const struct fz_power_asked *asked);

/** Whether the person is in service on that day and has any mandate at the organ for such records. */
bool fz_directory_serves(const struct fz_directory *d, fz_str person, fz_str organ, const struct fz_directory_scope *scope, fz_day on);
/** What the person holds on that day; NULL. `*out_near`: the last that has ended or is to come, or NULL. */
const struct fz_directory_row *fz_directory_certificate(const struct fz_directory *d, fz_str person, fz_str holding, fz_day on,
                                                        const struct fz_directory_row **out_near);
/** That bars the person from a record of that organ on that day; NULL. */
const struct fz_directory_row *fz_directory_recusal(const struct fz_directory *d, fz_str person, fz_str record, fz_str organ, fz_day on);
/** The organ itself or the nearest one over it of class government; empty when the directory knows none. */
fz_str fz_directory_government(const struct fz_directory *d, fz_str organ, fz_day on);
/** Whether the directory has that organ on that day. */
bool fz_directory_knows(const struct fz_directory *d, fz_str organ, fz_day on);
/** Whether `over` stands anywhere over `organ` on that day. */
bool fz_directory_stands_over(const struct fz_directory *d, fz_str over, fz_str organ, fz_day on);

#endif
