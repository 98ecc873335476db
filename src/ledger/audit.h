/*
 * Checks a whole log from its entries: they go in one after another, and each signed head is compared when its size is reached.
 * Memory does not grow with the log. Where a log breaks the audit says so and ends: what follows has no meaning.
 *
 * Integrity and completeness are two answers. Entries that lead to the root of a head are those that were signed, all of them up to
 * its size; a head beyond the last entry says that some are missing, not that the others are false.
 */
#ifndef FZ_LEDGER_AUDIT_H
#define FZ_LEDGER_AUDIT_H

#include "ledger/entry.h"
#include "ledger/note.h"

struct fz_audit {
    fz_hasher hasher;
    fz_tree tree;                               /* of the entries so far */
    int64_t at_ms;                              /* of the last one */
    char jurisdiction[FZ_ENTRY_TEXT_BYTES_MAX]; /* of the first one */
    size_t jurisdiction_n;
};

/** Nothing to release. */
void fz_audit_init(struct fz_audit *a, fz_hasher hasher);

/**
 * The next entry: canonical, its sequence number the next, not entered before the one in front, of the same jurisdiction.
 * @param arena       for `out`; may be reset between entries
 * @param out_stored  nodes for a store, as fz_tree_append() gives them; may be NULL
 * @param out_n       how many; may be NULL
 * @return false, with one more problem; then `a` is as it was
 */
bool fz_audit_add(struct fz_arena *arena, struct fz_audit *a, const struct fz_source *source, struct fz_entry *out,
                  fz_tree_node *out_stored, size_t *out_n, struct fz_diags *diags);

/**
 * Whether the entries so far are those of a head that was verified.
 * @param source  of the head, for the place; may be NULL
 * @return false, with one more problem: audit_size when it is of another size, audit_root when the entries are not its
 */
bool fz_audit_head(struct fz_arena *arena, const struct fz_audit *a, const struct fz_checkpoint *head,
                   const struct fz_source *source, struct fz_diags *diags);

#endif
