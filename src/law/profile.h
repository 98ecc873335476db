/*
 * The profile of a place (地方配置): what it has set of what packs leave open, from a day on. A record follows what was in force on the day on
 * which it began, as it does with the version of its pack; so settings lie in the packs, each with its day, and nothing but the day of the
 * record decides (doc/decisions/profiles.md).
 */
#ifndef FZ_LAW_PROFILE_H
#define FZ_LAW_PROFILE_H

#include "law/pack.h"
#include "law/reader.h"

struct fz_profile {
    fz_str place;     /* a code of GB/T 2260 */
    fz_day from;      /* day on which it takes force */
    fz_title title;   /* zh empty: none */
    struct fz_parts packs;
    const struct fz_node *node;
};

extern const struct fz_construct fz_profile_construct; /* struct fz_profile */

/**
 * Reads a profile and holds it against the packs at hand: that they leave open what it sets, and that each value is of the type and within
 * the bounds of every version under which a record of these days may stand.
 *
 * @param packs  every version of every pack; those of one pack in any order
 * @return NULL when `diags` got an error; it lives in `arena` and points into `node`
 */
const struct fz_profile *fz_profile_load(const struct fz_node *node, const struct fz_pack *const *packs, size_t packs_n, struct fz_arena *arena,
                                         struct fz_diags *diags);

/**
 * Lays profiles into a pack: what any of them sets, by the day from which it holds; of one day the later in the list. What was laid before is
 * gone. Not while somebody evaluates terms of it.
 */
void fz_profiles_lay(const struct fz_profile *const *profiles, size_t n, struct fz_pack *pack, struct fz_arena *arena);

#endif
