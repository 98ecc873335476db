/*
 * Figures as they are added up, of a log that is replayed or of rows that are stored: one for each indicator, basis and value of a dimension, found by
 * that. And the numbering of texts that it rests on.
 */
#ifndef FZ_REPORT_TALLY_H
#define FZ_REPORT_TALLY_H

#include "base/lookup.h"
#include "report/review.h"

/* Texts numbered in the order in which they first came. */
struct fz_names {
    struct fz_lookup index;
    fz_str *keys;
    size_t n, cap;
};

void fz_names_init(struct fz_names *x, struct fz_arena *arena);
/** The number of `key`, which is copied when it is new. */
uint32_t fz_names_number(struct fz_names *x, struct fz_arena *arena, fz_str key, bool *out_new);
bool fz_names_has(const struct fz_names *x, fz_str key);

struct fz_tally {
    struct fz_arena *arena; /* figures live in it */
    struct fz_names names;
    struct fz_figure *items; /* in the order in which they were first named */
    size_t n, cap;
    struct fz_buf key;
    struct fz_names values; /* counted already, of which figure */
    fz_str overflown;       /* an indicator whose sum leaves 63 bits */
};

void fz_tally_init(struct fz_tally *t, struct fz_arena *arena);
void fz_tally_release(struct fz_tally *t); /* its figures stay with the arena */

/* A count has no basis (NULL), a share at least one: so many slots either way. */
size_t fz_tally_slots(const struct fz_indicator *ind);
const struct fz_basis *fz_tally_basis(const struct fz_indicator *ind, size_t slot);

/** The figure of that name, made with zeros when there is none yet. `by` and `value` empty: the whole. `value` is copied. */
uint32_t fz_tally_figure(struct fz_tally *t, const struct fz_indicator *ind, const struct fz_basis *basis, fz_str by, fz_str value, fz_title shown);
void fz_tally_add(struct fz_tally *t, uint32_t figure, uint64_t counts, uint64_t in_basis);
/** Adds `n` values that come to `sum` to a sum or mean; one that leaves 63 bits is told at the end. */
void fz_tally_sum(struct fz_tally *t, uint32_t figure, uint64_t n, int64_t sum);
/** Counts the value once. */
void fz_tally_distinct(struct fz_tally *t, uint32_t figure, fz_str value);
/** FZ_E_TOO_LARGE when a sum left 63 bits. */
fz_status fz_tally_check(const struct fz_tally *t, fz_language lang, struct fz_error *err);

/** How a value of a dimension is written, and its title where it is a choice that has one. */
fz_title fz_tally_value(const struct fz_field *f, fz_value value, struct fz_buf *out);
/** The dimension of changes that is no field: the name of the kind and its title. */
#define FZ_BY_KIND FZ_STR("kind")

#endif
