/*
 * Erasure (个人信息删除): which personal values a record has, how long each is kept, and what becomes of them.
 *
 * An erasure is a record of the pack `erasure` and moves by orders like every other: one person proposes, naming the items, and another approves, or the
 * law does. The entry that approves it takes the values away in its own commit: of what is `erased`, salt and value are gone; what is `locked`
 * lies in a table of its own, which nothing reads but fz_erase_read(). The record is read as if they were not there, and its rows do not change.
 *
 * While a term runs for which the law or the pack keeps a value, it can be locked and not erased. No order gets past that: what is erased is held against
 * the record as it stands in the store.
 */
#ifndef FZ_ENGINE_ERASE_H
#define FZ_ENGINE_ERASE_H

#include "engine/engine.h"

/* Names of packs/erasure.yaml. */
#define FZ_ERASE_PACK "erasure"
#define FZ_ERASE_TYPE "erasure"
#define FZ_ERASE_PROPOSE "propose"
#define FZ_ERASE_ERASE "erase"
#define FZ_ERASE_LOCK "lock"
#define FZ_ERASE_READ "read"
#define FZ_ERASE_EXPIRE "expire"
#define FZ_ERASE_REAPPLY "reapply"
#define FZ_ERASE_RELOCK "relock"
#define FZ_ERASE_TARGET "target"
#define FZ_ERASE_ITEMS "items"
#define FZ_ERASE_UNTIL "keep_until"

typedef enum { FZ_THERE, FZ_LOCKED, FZ_ERASED } fz_erase_state;

/* One personal value beside one entry of a record. */
struct fz_erase_item {
    int64_t seq;
    fz_str name;
    fz_day on; /* of the entry */
    fz_erase_state state;
    fz_str by;      /* not FZ_THERE: the record of the erasure, */
    int64_t by_seq; /* its entry, */
    fz_day by_on;   /* and its day */
    fz_day until;   /* last day for which it is kept; FZ_DAY_NONE: not kept any longer; FZ_DAY_MAX: without end */
    bool waits;     /* its term begins when the record ends, which it has not: `until` is then FZ_DAY_MAX */
};

struct fz_erase_plan {
    struct fz_erase_item *items; /* by entry, then by name */
    size_t n, cap;
};

/**
 * Every personal value of a record, with what the law and the pack have on it on `today`.
 * A field's `keep` is "permanent", "none" (as long as the ground for having it lasts), or a length from the day on which the record ended; whom an act was
 * for is kept as long as the parties of the record are, and why it was waived as long as any personal field. A clock of kind retention that runs keeps all of them.
 * @return FZ_E_INPUT when there is no such record
 */
fz_status fz_erase_plan(struct fz_engine *e, fz_str record, fz_day today, struct fz_arena *arena,
                        struct fz_erase_plan *out, struct fz_error *err);

/** "12 applicants" */
fz_str fz_erase_item_text(struct fz_arena *arena, const struct fz_erase_item *i);

/**
 * The value of an item as it lies there, locked or not, in the form of fz_entry_value_emit(). `*out_found` false: it was erased. Whoever calls has
 * entered that it was read, when it is locked.
 */
fz_status fz_erase_read(struct fz_engine *e, const struct fz_erase_item *i, struct fz_arena *arena, fz_str *out,
                        bool *out_found, struct fz_error *err);

#endif
