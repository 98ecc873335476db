/*
 * Links between records (关联): what one record tells another, and whether packs that speak of each other fit together.
 *
 * A record is judged by itself. What a linked record does comes into it as an act by law with values, LINK.ACTION or LINK.told; so a rebuild needs no
 * other record, and an entry says what was known at the time. Nothing here knows where records lie.
 */
#ifndef FZ_LAW_LINK_H
#define FZ_LAW_LINK_H

#include "law/case.h"

/* A linked record as it stands, for what it tells. */
struct fz_linked {
    fz_view v; /* `cmd`: the act that it has just taken, or NULL */
    fz_str id, organ, number;
};

/** Whether the link leads to records of that type. */
bool fz_link_leads_to(const struct fz_link *link, const struct fz_pack *pack, const struct fz_record *r);

/**
 * What the linked record tells now and `c` does not know of it (`afresh`: all that it tells, for a record that is linked just now): values for `c`'s fields. Names of choices and stages that the link does not tell apart are
 * `other`; what cannot be told (of another type there) is left unset.
 * @return how many, in `*out`, which lives in `arena`
 */
size_t fz_link_values(const struct fz_case *c, int link, const struct fz_linked *other, bool afresh, struct fz_arena *arena, const struct fz_given **out);

/**
 * The act by law that comes into `c` after the linked record has taken other->v.cmd: the act as it is heard, or `told` where values have changed.
 * @return false when there is nothing to tell, or `c` has ended
 */
bool fz_link_news(const struct fz_case *c, int link, const struct fz_linked *other, struct fz_arena *arena, struct fz_step *out);

/** What was heard before the link was made: acts that the linked record has taken by then, the last of each, in the order of the link. */
size_t fz_link_heard(const struct fz_case *c, int link, const struct fz_linked *other, struct fz_arena *arena, struct fz_step **out);

/**
 * Holds what the pack says of other record types against the newest version of each among `packs`: that they are there, with those acts, outcomes, stages and fields; that
 * what it opens begins so and gets what it requires; that effects are expected; and that no act brings itself about in a circle. Types of packs that
 * are not among them are named in a note.
 */
void fz_links_check(const struct fz_pack *p, const struct fz_pack *const *packs, size_t n, struct fz_arena *arena, struct fz_diags *diags);

#endif
