/*
 * Binary decision diagrams: sets of assignments to boolean variables, each set one number, equal sets the same number.
 *
 * All diagrams of one manager share their nodes, which lie in one array that only grows until the manager is reset. Variable 0 stands on
 * top. When `nodes_max` nodes are not enough the manager is full: every operation then answers fz_bdd_false, and what was computed since
 * the last look at fz_bdds_full() means nothing.
 */
#ifndef FZ_LAW_BDD_H
#define FZ_LAW_BDD_H

#include "base/base.h"

typedef uint32_t fz_bdd;
#define fz_bdd_false ((fz_bdd)0)
#define fz_bdd_true ((fz_bdd)1)

struct fz_bdds;

/** A manager in `arena`, which takes its tables as well; so it is never freed on its own. */
struct fz_bdds *fz_bdds_new(struct fz_arena *arena, size_t nodes_max);
/** Forgets every diagram; its tables are kept for the next ones. */
void fz_bdds_reset(struct fz_bdds *m);
bool fz_bdds_full(const struct fz_bdds *m);
size_t fz_bdds_nodes(const struct fz_bdds *m); /* made since the last reset */

/* A cube is a conjunction of variables: true, or fz_bdd_var() of several joined by fz_bdd_and(). */
fz_bdd fz_bdd_var(struct fz_bdds *m, uint32_t var);

/* Cost of each: at most the product of the sizes of its arguments; mostly their sum. */
fz_bdd fz_bdd_ite(struct fz_bdds *m, fz_bdd a, fz_bdd then, fz_bdd otherwise);
fz_bdd fz_bdd_and(struct fz_bdds *m, fz_bdd a, fz_bdd b);
fz_bdd fz_bdd_or(struct fz_bdds *m, fz_bdd a, fz_bdd b);
fz_bdd fz_bdd_not(struct fz_bdds *m, fz_bdd a);
fz_bdd fz_bdd_minus(struct fz_bdds *m, fz_bdd a, fz_bdd b); /* a and not b */

/** Assignments that some change of the variables of `cube` brings into `f`. */
fz_bdd fz_bdd_exists(struct fz_bdds *m, fz_bdd f, fz_bdd cube);
/** The same of `a and b`, without building that first. */
fz_bdd fz_bdd_and_exists(struct fz_bdds *m, fz_bdd a, fz_bdd b, fz_bdd cube);
/** `f` with one variable fixed. */
fz_bdd fz_bdd_restrict(struct fz_bdds *m, fz_bdd f, uint32_t var, bool value);

/** Number of the variable on top; of the two ends more than any. */
uint32_t fz_bdd_top(const struct fz_bdds *m, fz_bdd f);
/** The variables that `f` depends on, as a cube. */
fz_bdd fz_bdd_support(struct fz_bdds *m, fz_bdd f);
/** Number of nodes of `f` without the ends; when `of_var` is given, of_var[v] grows by those of variable v. */
size_t fz_bdd_size(struct fz_bdds *m, fz_bdd f, size_t *of_var);
/**
 * One assignment of `f`, the first in the order of its variables with 0 before 1.
 * @param out_values  one for each variable below `vars`: 0, 1, or -1 where both will do
 * @return false when `f` is empty
 */
bool fz_bdd_pick(const struct fz_bdds *m, fz_bdd f, signed char *out_values, size_t vars);

#endif
