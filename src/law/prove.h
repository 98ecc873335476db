/*
 * The proof of a pack: soundness and legal rules over its whole control state, with a counterexample when it fails.
 *
 * Control state = stage x milestones (no, done, waived) x pauses x `times` x service of documents x ends of clocks x flags and choices that
 * conditions read. Any other condition (days, money, texts) is an atom: true or false at will, consistent within a step.
 */
#ifndef FZ_LAW_PROVE_H
#define FZ_LAW_PROVE_H

#include "law/pack.h"

struct fz_proof_stats {
    size_t variables, nodes, steps; /* of the decision diagram; steps until the fixpoint */
    size_t properties;              /* proved or refuted */
};

/**
 * Proves one loaded pack. Problems go to `diags` at the place of what is wrong, each with a trace: a line a step, "stage: act, act ...",
 * and the conditions that it supposes.
 * Cost: grows with the steps that depend on one another; independent milestones cost their sum.
 * `stats` may be NULL.
 */
void fz_prove(const struct fz_pack *pack, struct fz_arena *arena, fz_language lang, struct fz_diags *diags,
              struct fz_proof_stats *stats);

#endif
