/*
 * Scenarios (情景): acts on days and what must hold, beside a pack, in words a lawyer reads. Each is an acceptance test of the pack: it is run
 * through fz_decide() and fz_case_apply() as live work would be, and what does not come out as written is a problem with its place.
 *
 *     pack: reconsideration
 *     scenarios:
 *       - title: 逾期未处理，视为受理
 *         given: {act_on: 2026-01-19, known_on: 2026-01-20}
 *         steps:
 *           - {on: 2026-02-13, do: receive, due: {admission: 2026-02-27}}
 *           - {on: 2026-02-27, law: accept, stage: accepted}
 *           - {on: 2026-03-02, do: decide, outcome: upheld, refused: 复议法 61}
 *
 * What a scenario does not say is not material to it: a required field that it leaves out is not asked for. What the law does is said: a step
 * that comes after the end of a deemed clock without its `law:` step is a problem.
 */
#ifndef FZ_LAW_SCENARIO_H
#define FZ_LAW_SCENARIO_H

#include "law/case.h"

struct fz_construct;
extern const struct fz_construct fz_scenarios_construct; /* the form of the file, for the manual */

struct fz_scenarios {
    size_t scenarios, steps;
    fz_acts taken[8]; /* by record of the newest version: acts that some scenario takes */
};

/**
 * Runs every scenario of a file.
 *
 * @param versions  of the pack that the file names, oldest first; a scenario runs under the one in force on the day of its first step
 * @param out       counts; may be NULL
 * Problems go to `diags`. Cost: as the acts it runs.
 */
void fz_scenarios_run(const struct fz_node *node, const struct fz_pack *const *versions, size_t versions_n, const struct fz_calendar *cal,
                      fz_language lang, struct fz_arena *arena, struct fz_diags *diags, struct fz_scenarios *out);

/** The pack that a file of scenarios names; empty when it names none. */
fz_str fz_scenarios_pack(const struct fz_node *node);

#endif
