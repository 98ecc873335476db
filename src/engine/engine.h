/*
 * The engine: where law, ledger and store meet. Orders come in batches; each is judged by fz_decide() over the record as it stands, and what is lawful
 * becomes an entry of the Merkle log with its projections, all in one commit. An answer is true once fz_engine_submit() has returned.
 *
 * One engine writes one log, in one thread (engine/queue.h lets many order). Time, randomness, packs and calendars are given to it; it reads no clock.
 *
 * What always holds: the entries are the truth; every table but `private` follows from them (and from what was not erased), so that
 * fz_engine_rebuild() makes the same rows; an order that was refused leaves nothing behind; the same idempotency key is done once.
 */
#ifndef FZ_ENGINE_ENGINE_H
#define FZ_ENGINE_ENGINE_H

#include "engine/tables.h"
#include "engine/wire.h"
#include "ledger/tree.h"

struct fz_engine;

/* What an engine works with; all of it outlives the engine. */
struct fz_setting {
    struct fz_store *store;
    struct fz_store *reader; /* another one on the same data, opened read-only, to look into while `store` commits; NULL: all is done in `store` */
    fz_hasher hasher;
    fz_str jurisdiction;
    const struct fz_pack *const *packs; /* every version of every pack at hand */
    size_t packs_n;
    fz_status (*calendar)(void *arg, fz_str name, const struct fz_calendar **out, struct fz_error *err); /* of a pack; NULL for plain days */
    void *calendar_arg;
    struct fz_random random;
    fz_language lang;       /* of answers */
    unsigned threads;       /* to verify and rebuild with, when stores can be opened for them; 0: one */
    fz_status (*more)(void *arg, struct fz_store **out, struct fz_error *err); /* opens a further store to read the same data; NULL: none */
    void *more_arg;
    fz_status (*moved)(void *arg, struct fz_error *err); /* called when others have written: FZ_OK when what is said here still holds. NULL: it does */
    void *moved_arg;
    struct fz_arena *tables; /* outlives the store: the descriptions of typed tables are made there */
};

/** Declares the tables and finds the end of the log. Failures as those of the store; FZ_E_INPUT when the nodes of the tree are torn. */
fz_status fz_engine_open(struct fz_engine **out, const struct fz_setting *setting, struct fz_error *err);
void fz_engine_close(struct fz_engine *e); /* accepts NULL; the store stays open */

/** Looks up where the log ends, which others may have made longer. No batch is open. */
fz_status fz_engine_look_again(struct fz_engine *e, struct fz_error *err);

uint64_t fz_engine_size(const struct fz_engine *e); /* entries */
fz_hash fz_engine_root(const struct fz_engine *e);

/* ---- orders ---- */

struct fz_named_value {
    fz_str name, text; /* as scenarios write values; several of one name make a set */
};

/* A correction (更正) answers a mistaken entry: nothing is edited. The record is folded as if it had been right from the beginning; both entries stay. */
typedef enum {
    FZ_NO_CORRECTION,
    FZ_ANNUL, /* 撤销记录: it was not done, or is not to count. A record's first act goes last. */
    FZ_AMEND, /* 更正: it was done, on `on` (FZ_DAY_NONE: the day stays), with this outcome and these values; those not given stay as they are */
} fz_correction;

/* What somebody wants done. Texts outlive the submit. */
struct fz_order {
    fz_step_kind kind;
    fz_str record; /* of a record that is there; or the id of a new one; empty: a new one gets an id */
    fz_str type;   /* record type; needed for a new record only */
    fz_str pack;   /* where two packs have a type of that name; may be empty */
    fz_str name;   /* the action; the document for FZ_SERVE */
    fz_day on;
    fz_instant at; /* FZ_INSTANT_NONE */
    fz_str outcome, actor, organ, role, member, reason;
    const fz_str *others; /* who acts together with `actor` */
    size_t others_n;
    const struct fz_named_value *values;
    size_t values_n;
    fz_str key;         /* idempotency key; empty: none */
    fz_str source;      /* of what is imported: where it comes from, kept with the entry; the key then holds within the record only. Empty: none */
    int64_t if_version; /* steps that the record must have had; -1: any */
    fz_correction correction;
    int64_t corrects;   /* an entry of the record, for a correction: it needs `reason`, and `approver`, who is another person than `actor` */
    fz_str approver;
    bool observed;      /* it happened: what the law says against it is in the answer and refuses nothing (import) */
    /* Instead of texts, for whoever has typed values already (import): a step's own; `name`, `outcome` and `values` are then not read. */
    const struct fz_step *step;
};
#define FZ_ORDER(act, day) ((struct fz_order){.name = (act), .on = (day), .at = FZ_INSTANT_NONE, .if_version = -1})

typedef enum {
    FZ_A_DONE,
    FZ_A_REPEATED, /* the same key was done before: `seq` and `record` are those of then */
    FZ_A_REFUSED,  /* the law says no: `ruling` has every ground */
    FZ_A_CONFLICT, /* the record has other steps than `if_version` says */
    FZ_A_BAD,      /* the order cannot be read: `text` says why */
    FZ_A_FAILED,   /* the commit failed: nothing of the batch is there */
} fz_answer_kind;

/* What an order has brought about in linked records. */
struct fz_caused {
    fz_str record, act;
    int64_t seq;
};

struct fz_answer {
    fz_answer_kind kind;
    int64_t seq;
    fz_str record, number; /* number: of a record that has begun with this entry */
    int64_t version;       /* steps of the record now */
    struct fz_ruling ruling; /* of a correction that was DONE: what the law now has against the record and had not before */
    fz_str text;
    struct fz_caused *caused; /* in the order of their entries */
    size_t caused_n, caused_cap;
};

/**
 * Judges the orders one after the other, each over what the ones before it left, and commits what is lawful at once.
 * @param at_ms    when they were entered; below that of the last entry it is raised to it, so that `at` never runs backwards
 * @param answers  n of them; texts and rulings live in `arena`
 * @return FZ_OK also when all were refused; what the store said when the commit failed: then every answer that would have been DONE is FAILED
 */
fz_status fz_engine_submit(struct fz_engine *e, const struct fz_order *orders, size_t n, int64_t at_ms, struct fz_arena *arena, struct fz_answer *answers,
                           struct fz_error *err);

/** Enters what the law has done by the end of `today` (deemed acts, lapses), reading only clocks that are due. `*out_n`: how many entries. */
fz_status fz_engine_tick(struct fz_engine *e, fz_day today, int64_t at_ms, uint64_t *out_n, struct fz_error *err);

/** Stored hashes of the tree, for proofs. */
fz_tree_reader fz_engine_nodes(struct fz_engine *e);

/* ---- looking ---- */

/* A record folded from its entries. */
struct fz_folded {
    struct fz_case *c;
    const struct fz_pack *pack;
    const struct fz_record *r;
    const struct fz_calendar *cal;
    fz_cell *row; /* of the record table; NULL when there is no such record */
    struct fz_entry *entries; /* corrections and what they corrected among them */
    size_t entries_n;
    struct fz_step *steps; /* what it has taken, as corrections have left it; `ref` is the number of the entry */
    size_t steps_n;
};
fz_status fz_engine_fold(struct fz_engine *e, fz_str record, struct fz_arena *arena, struct fz_folded *out, struct fz_error *err);

/** Whether rights at the organ of a record have begun for it by that day (law/directory.h): whether acts that stand at it are judged by them. */
fz_status fz_engine_rights_begun(struct fz_engine *e, const struct fz_folded *f, fz_day on, bool *out, struct fz_error *err);

/* Ids of records. */
struct fz_record_ids {
    fz_str *items;
    size_t n, cap;
};
/** All records of a type, of whatever pack, in the order of their stages, then of their ids; in the arena. Not while a queue is at work. */
fz_status fz_engine_records(struct fz_engine *e, fz_str type, struct fz_arena *arena, struct fz_record_ids *out, struct fz_error *err);

/* ---- proving ---- */

typedef enum {
    FZ_P_GAP,        /* a sequence number is missing, or stands twice */
    FZ_P_ENTRY,      /* bytes that are no canonical entry, or of another log, sequence or record */
    FZ_P_NODE,       /* a node of the tree is missing or another than its entries give */
    FZ_P_COMMITMENT, /* a personal value that its entry did not commit to */
    FZ_P_ROW,        /* a projected row that the entries do not give, or give otherwise */
    FZ_P_MISSING,    /* a row that they give and that is not there */
    FZ_P_HEAD,       /* a kept head that the entries contradict, or that no key in force has signed; `seq` is its size */
} fz_problem_kind;

struct fz_problem {
    fz_problem_kind kind;
    int64_t seq;     /* 0: of none */
    fz_str table, text;
};

struct fz_verdict {
    struct fz_problem *items;
    size_t n, cap;
    uint64_t more;    /* problems past FZ_PROBLEMS_MAX, counted */
    uint64_t entries, rows, heads;
    uint64_t signed_size, witnessed_size; /* entries under the newest head that holds, and under the newest that a witness trusted now has signed */
    fz_hash root;
};
#define FZ_PROBLEMS_MAX 200

/** Reads the whole log: entries and their order, tree, commitments, every projected table against what the entries give, and the kept
 *  heads; the heads only when nothing else was found. */
fz_status fz_engine_verify(struct fz_engine *e, struct fz_arena *arena, struct fz_verdict *out, struct fz_error *err);
/** The first half of it: entries, their hashes and order, and the tree. O(log) in time, in memory O(1). */
fz_status fz_engine_verify_log(struct fz_engine *e, struct fz_arena *arena, struct fz_verdict *out, struct fz_error *err);
/** Drops the projections and makes them again from the entries. */
fz_status fz_engine_rebuild(struct fz_engine *e, uint64_t *out_entries, struct fz_error *err);

#endif
