/*
 * Steps as entries: what fz_decide() judged becomes one canonical entry, and the entry becomes the same step again, so that a rebuild folds what
 * live work folded.
 *
 * Public values stand in the entry. Personal ones (fields that the pack says are personal, whom an act was for, why it was waived) stand there as
 * commitments; the values lie beside the entry, each with its own salt, and may be erased. What was erased reads as not set.
 */
#ifndef FZ_ENGINE_WIRE_H
#define FZ_ENGINE_WIRE_H

#include "law/case.h"
#include "ledger/commit.h"
#include "ledger/entry.h"

/* Names of what a step has beside its fields. No field is called so: a pack's names have no hyphen. */
#define FZ_WIRE_MEMBER "step-member" /* personal: for which party */
#define FZ_WIRE_REASON "step-reason" /* personal: free text */
#define FZ_WIRE_ROLE "step-role"
#define FZ_WIRE_PERSONS "step-persons" /* who took it together with the actor */
#define FZ_WIRE_RIGHT "step-right"   /* records of the directory under which it was taken: mandates, delegations */
#define FZ_WIRE_NAME "step-name"     /* in whose name: the organ that entrusted it, or the official for whom it is held */
#define FZ_WIRE_LAW "step-law"       /* 1: by operation of law */
#define FZ_WIRE_DATED "step-dated"   /* by law, dated back to this day */
#define FZ_WIRE_SERIAL "step-serial" /* of the first entry of a numbered record: its number within organ, kind and year */
#define FZ_WIRE_NUMBER "step-number" /* and the whole of it, as people write it */
#define FZ_WIRE_APPROVER "step-approver" /* of a correction: who approved it */
#define FZ_WIRE_SOURCE "step-source" /* where it was imported from; its key holds within its record */

/* Kinds of corrections (更正). */
#define FZ_WIRE_ANNUL "annul" /* 撤销记录: it is as if it had not been done */
#define FZ_WIRE_AMEND "amend" /* 更正: what it says instead */

/* The actor of an entry whose person is not known. Two unknown persons are not the same one. */
#define FZ_WIRE_NOBODY "unknown"

/* Where random bytes come from; only a folder marked synthetic has one that repeats itself. */
struct fz_random {
    void (*fill)(void *arg, uint8_t *out, size_t n);
    void *arg;
};

/* One personal value beside its entry. `value` is in the form of fz_entry_value_emit(); erased: empty, and the salt is zero. */
struct fz_private {
    fz_str name;
    fz_salt salt;
    fz_str value;
};

struct fz_privates {
    struct fz_private *items;
    size_t n, cap;
};

/**
 * Fills the parts of an entry that the step decides (of a correction: that its new words decide; what it is stands in `out` already): what was done, its day, outcome, values and commitments.
 * @param out_private  gets the personal values, each with a new salt
 * Everything lives in the arena or is a view of the step.
 */
void fz_wire_write(const struct fz_step *s, const struct fz_record *r, fz_hasher h, struct fz_random random, struct fz_arena *arena, struct fz_entry *out,
                   struct fz_privates *out_private);

/**
 * The step of an entry. `privates`: what lies beside it, erased ones left out.
 * @return FZ_E_INPUT when the entry names something that the record does not have, or a value that its field cannot hold
 */
fz_status fz_wire_read(const struct fz_entry *e, const struct fz_record *r, const struct fz_private *privates, size_t n, struct fz_arena *arena,
                       struct fz_step *out, struct fz_error *err);

/**
 * What a correction makes of the step that it corrects: its day, minute, outcome and values in place of the old ones, where it says any. The other
 * values stay. An annulment ("annul") leaves the step as it was.
 * Failures as above.
 */
fz_status fz_wire_correct(const struct fz_entry *e, const struct fz_record *r, const struct fz_private *privates, size_t n, const struct fz_step *corrected,
                          struct fz_arena *arena, struct fz_step *out, struct fz_error *err);

/** A field's value as an entry or a table holds it: numbers as integers, days, lengths and choices as text. */
fz_entry_value fz_wire_value(const struct fz_field *f, fz_value v, struct fz_arena *arena);

#endif
