/*
 * Checkpoints: the head of a log, signed by the log and by witnesses, as C2SP's signed-note and tlog-checkpoint have it.
 *
 *   fazhi.example/330106                              origin: the name of the log and of its key
 *   20852163                                          size: entries
 *   CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=      root
 *   hash sm3                                          extension; left out under SHA-256, so that other programs read it;
 *                                                     more lines may follow, which are signed and otherwise not looked at
 *
 *   — fazhi.example/330106 Az3grlgtzPICa5OS8npVmf1... one line a signature
 *
 * Only what a trusted key has signed is worth reading: fz_checkpoint_open() parses and verifies in one, and whoever checks brings
 * the keys. Signatures of other keys are skipped, but one of a trusted key that does not fit refuses the note.
 */
#ifndef FZ_LEDGER_NOTE_H
#define FZ_LEDGER_NOTE_H

#include "base/diag.h"
#include "ledger/key.h"
#include "ledger/tree.h"

struct fz_checkpoint {
    fz_str origin;
    uint64_t size;
    fz_hash root;
    fz_hash_kind hash;
};

/* Whom to trust: brought by whoever checks. */
struct fz_trust {
    const struct fz_verifier *const
        *logs; /* keys of logs: the checkpoint's origin has to be the name of one that signed */
    size_t logs_n;
    const struct fz_verifier *const
        *witnesses; /* a key counts once, under however many names; none that is a log's key */
    size_t witnesses_n;
    size_t witnesses_min;
};

/* ---- writing ---- */

/** The text that is signed. The origin is a valid name of a key. */
void fz_checkpoint_emit(const struct fz_checkpoint *c, struct fz_buf *out);

/**
 * One line for below the blank line.
 * @param text    ends with LF
 * @param time_s  seconds since 1970 when a witness signs; not looked at for a log
 */
fz_status fz_note_sign(const struct fz_signer *signer, fz_str text, int64_t time_s, fz_random random,
                       struct fz_buf *out, struct fz_error *err);

/* ---- reading ---- */

struct fz_note_signature {
    fz_str name;
    uint32_t id;
    fz_str bytes; /* in the arena */
    size_t at, n; /* its line within the source */
};

struct fz_note {
    const struct fz_source *source;
    fz_str text; /* what is signed, its last LF included */
    struct fz_note_signature *signatures;
    size_t signatures_n;
};

/** The parts of a note, nothing verified. False, with one more problem, when it is none. */
bool fz_note_parse(struct fz_arena *arena, const struct fz_source *source, struct fz_note *out, struct fz_diags *diags);

/** What a note says as a checkpoint, nothing verified: for a checkpoint that something else vouches for. */
bool fz_checkpoint_parse(struct fz_arena *arena, const struct fz_note *note, struct fz_checkpoint *out,
                         struct fz_diags *diags);

/** Whether that key has signed it, and every signature under its name and id fits. */
bool fz_note_signed_by(const struct fz_note *note, const struct fz_verifier *v);

/**
 * Verifies the signatures of keys to trust.
 * @param out_witnesses  how many witnesses to trust have signed
 * @return false, with one more problem, when a signature of one of these keys does not fit, when none is by a log's key with
 *         the checkpoint's origin as its name, or when witnesses are lacking
 */
bool fz_checkpoint_verify(struct fz_arena *arena, const struct fz_note *note, const struct fz_checkpoint *c,
                          const struct fz_trust *trust, size_t *out_witnesses, struct fz_diags *diags);

/** The three above: a checkpoint that can be believed, or false with one more problem. */
bool fz_checkpoint_open(struct fz_arena *arena, const struct fz_source *source, const struct fz_trust *trust,
                        struct fz_checkpoint *out, struct fz_diags *diags);

/**
 * Whether `later` continues `earlier`, both verified. False, with one more problem, when it is of another log, is smaller, has the same size
 * and another root, or the proof does not hold: a log that does this is caught, and the two checkpoints are the evidence.
 * @param proof   of fz_tree_consistency(earlier size, later size)
 * @param source  of `later`, for the place; may be NULL
 */
bool fz_checkpoint_follows(struct fz_crypto *crypto, const struct fz_checkpoint *earlier,
                           const struct fz_checkpoint *later, const struct fz_path *proof,
                           const struct fz_source *source, struct fz_diags *diags);

#endif
