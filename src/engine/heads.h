/*
 * The heads of a log (日志头): its size and root, signed by every key that is in force, kept one a size, and what is made from them: proofs, receipts, and the
 * check of heads that come back from outside.
 *
 * Which keys are in force is told by the log itself: records of the pack `ledger`. A key signs the heads from the size of the entry that put it in force up to,
 * and without, that of the entry that replaced or revoked it; a witness counts from the entry that trusts it to the one that withdraws that. The names
 * below are those of the pack.
 *
 * What always holds: a head that is kept is one that the entries give, and no head is signed that does not continue the newest one kept. The table of heads
 * is no projection: it cannot be made anew. No file is touched here, and no private key is kept.
 */
#ifndef FZ_ENGINE_HEADS_H
#define FZ_ENGINE_HEADS_H

#include "engine/engine.h"
#include "ledger/key.h"
#include "ledger/note.h"
#include "ledger/receipt.h"

#define FZ_LEDGER_PACK "ledger"
#define FZ_LEDGER_KEY "log_key"
#define FZ_LEDGER_KEY_BEGINS "put_in_force"
#define FZ_LEDGER_KEY_REPLACED "replace"
#define FZ_LEDGER_KEY_REVOKED "revoke"
#define FZ_LEDGER_WITNESS "witness"
#define FZ_LEDGER_WITNESS_BEGINS "trust"
#define FZ_LEDGER_WITNESS_ENDS "withdraw"

/* ---- keys, as the entries have them ---- */

struct fz_log_key {
    fz_str record; /* id of its record */
    fz_role role;
    fz_str vkey;
    struct fz_verifier *verifier; /* NULL: the text is no public key of that role, or of another log */
    int64_t from, until;          /* entries; until 0: in force */
    fz_day from_day, until_day;
    fz_str ended;    /* the act that ended it, the last where it was replaced and then revoked; empty: in force */
    fz_str ground;   /* of that; may be empty */
    int64_t revoked; /* the entry that revoked it; 0 */
};

struct fz_log_keys {
    struct fz_log_key *items; /* by the entries that began them, logs before witnesses */
    size_t n, cap;
    fz_str origin; /* name of the log: that of its first key; empty when it has none */
};

/** Reads them. Released by fz_log_keys_release(), also after a failure; texts are in the arena. A key whose text cannot be read is among them. */
fz_status fz_log_keys_read(struct fz_engine *e, struct fz_arena *arena, struct fz_log_keys *out, struct fz_error *err);
void fz_log_keys_release(struct fz_log_keys *keys);

/** Whether it signs heads of that size. False when it cannot be read. */
bool fz_log_key_in_force(const struct fz_log_key *k, uint64_t size);
/** Those who are to be trusted for a head of `size`, while the log has `now` entries: the keys in force at that size, the witnesses trusted now. */
struct fz_trust fz_log_trust(const struct fz_log_keys *keys, uint64_t size, uint64_t now, struct fz_arena *arena);

/* ---- signing ---- */

/**
 * Signs the head of the log as it is now with each of the signers whose key is in force, and keeps it. A head of this size that is kept already is given out as
 * it is. Nothing happens while no key is in force: then `*out_note` is empty.
 * @param out_note  in the arena
 * @return FZ_OK; FZ_E_INPUT when the newest kept head is none of this log (nothing is signed then) or when none of the keys in force is among the signers; what the store said
 */
fz_status fz_head_sign(struct fz_engine *e, const struct fz_log_keys *keys, const struct fz_signer *const *signers,
                       size_t signers_n, struct fz_arena *arena, fz_str *out_note, struct fz_error *err);

/* ---- kept heads ---- */

/** The newest kept head of at least that many entries; with `witnessed`, the newest that a witness trusted now has signed. Empty when there is none. */
fz_status fz_head_find(struct fz_engine *e, const struct fz_log_keys *keys, uint64_t size_min, bool witnessed,
                       struct fz_arena *arena, fz_str *out_note, struct fz_error *err);
/** The kept head of that size; empty when there is none. */
fz_status fz_head_at(struct fz_engine *e, uint64_t size, struct fz_arena *arena, fz_str *out_note,
                     struct fz_error *err);

/* How a head stands to the entries. */
typedef enum {
    FZ_STANDS,      /* the first so many entries have its root */
    FZ_BEYOND,      /* it is over more entries than are there */
    FZ_CONTRADICTS, /* the first so many entries have another root, or the log another hash */
} fz_standing;

/** @param head  of this log, whoever signed it. No more than a few hundred nodes are read. */
fz_status fz_head_stand(struct fz_engine *e, const struct fz_checkpoint *head, fz_standing *out, struct fz_error *err);

/**
 * Takes back a head of this log that witnesses have signed: their signatures are added to the kept one.
 * @param out_new    how many signatures were new
 * @param out_size   of the head
 * @param out_stand  anything but FZ_STANDS: nothing was kept, and the head, which a key of this log signed, is the evidence
 * @return FZ_OK; FZ_E_INPUT, with one more problem in `diags`, when it cannot be read or its signatures do not fit
 */
fz_status fz_head_add(struct fz_engine *e, const struct fz_log_keys *keys, const struct fz_source *note,
                      struct fz_arena *arena, struct fz_diags *diags, size_t *out_new, uint64_t *out_size,
                      fz_standing *out_stand, struct fz_error *err);

/* ---- proofs ---- */

/** The bytes of an entry; empty when there is none of that number. */
fz_status fz_engine_entry(struct fz_engine *e, int64_t seq, struct fz_arena *arena, fz_str *out_bytes,
                          struct fz_error *err);
/** That the log of `first` entries is a beginning of that of `second`. As fz_tree_consistency(). */
fz_status fz_engine_consistency(struct fz_engine *e, uint64_t first, uint64_t second, struct fz_path *out,
                                struct fz_error *err);
/**
 * The receipt of an entry under a kept head.
 * @param head  a note of at least `seq` entries; outlives `out`
 * @return FZ_OK; FZ_E_INPUT when there is no such entry or the head does not cover it
 */
fz_status fz_receipt_of(struct fz_engine *e, int64_t seq, const struct fz_source *head, struct fz_arena *arena,
                        struct fz_receipt *out, struct fz_error *err);

#endif
