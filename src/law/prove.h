/*
 * The proof of a pack: soundness and legal rules over its whole control state, with a counterexample when it fails.
 *
 * Control state = stage x milestones (no, done, waived) x pauses x `times` x service of documents x ends of clocks x flags and choices that
 * conditions read. Any other condition (days, money, texts) is an atom: true or false at will, consistent within a step, and fixed from the
 * start when no act changes what it reads. Clocks may end at any moment after their start. Each record type is proved alone.
 *
 * What a proved pack holds to, whatever its cases do and whoever acts within it:
 *
 *     - every stage is reached by some run, every act can be taken in some run;
 *     - from every state that is ever reached some run of allowed acts ends the case: what time, chance and the acting persons may still
 *       change counts as possible, what nobody can change any more does not;
 *     - every pause is laid and can be resumed;
 *     - no entry of a register enters the stock that is in it, or leaves it that is not in it, and at a final stage it is in or out as declared;
 *     - rules hold: `before` and `after` of what stands or is waived (a cleared act stands no longer), `once` of every time it was taken,
 *       `always` of every way into a final stage, `differ` of who did what still stands, the law's own acts among them where no person is needed.
 *
 * Left out on purpose: how long a limit is, persons and their roles but for `not_by`, and shortest times that have only to be waited for.
 */
#ifndef FZ_LAW_PROVE_H
#define FZ_LAW_PROVE_H

#include "law/pack.h"

struct fz_proof_stats {
    size_t variables, nodes, steps; /* of the decision diagrams; moves tried until nothing new was reached */
    size_t properties;              /* proved or refuted */
};

/**
 * Proves one loaded pack. Problems go to `diags` at the place of what is wrong. Where a run shows it they have a trace: what it supposes of the
 * case, then a line a step, "stage: act", with what it supposes there, and for a case that cannot end what each act of its stage lacks.
 *
 * @param arena  the traces live in it
 * @param stats  may be NULL
 * Cost: grows with the steps that depend on one another; independent milestones cost their sum. A record that needs more than
 * FZ_PROOF_NODES_MAX nodes is given up with an error that names its largest factors.
 */
void fz_prove(const struct fz_pack *pack, struct fz_arena *arena, fz_language lang, struct fz_diags *diags,
              struct fz_proof_stats *stats);

#endif
