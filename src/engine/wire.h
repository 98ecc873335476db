/*
 * Steps as entries: what fz_decide() judged becomes one canonical entry, and the entry becomes the same step again, so that a rebuild folds what
 * live work folded.
 *
 * Public values stand in the entry. Personal ones (fields that the pack says are personal, whom an act was for, why it was waived) stand there as
 * commitments; the values lie beside the entry, each with its own salt, and may be erased.
 *
 * What a procedure takes from a personal value is which party of the record it is: for whom an act was, whether all of them were heard, how many there
 * are. That is recorded as a result: beside the commitment the entry has the party's number within its record ("step-who-applicants":[1,2],
 * "step-who":2), the same name the same number, and nothing of the name. What was erased is read as a text that stands for that number and nothing
 * else, so that the record folds as it did before. Other personal values that were erased read as not set, but for texts, which read as set; the loader
 * lets no clock, derived or public value or figure depend on them.
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
#define FZ_WIRE_CAUSE "step-of"      /* by law: the record from which it comes: it tells this, opened this record, or has effect on it */
#define FZ_WIRE_OPENED "step-opened" /* 1: that record opened this one */
#define FZ_WIRE_DATED "step-dated"   /* by law, dated back to this day */
#define FZ_WIRE_SERIAL "step-serial" /* of the first entry of a numbered record: its number within organ, kind and year */
#define FZ_WIRE_NUMBER "step-number" /* and the whole of it, as people write it */
#define FZ_WIRE_APPROVER "step-approver" /* of a correction: who approved it */
#define FZ_WIRE_WHO "step-who"       /* with a personal FZ_WIRE_MEMBER: the number of that party; with "-FIELD": of the parties in that field */
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

/* The parties of one record by their numbers, from 1. An erased one has its stand-in. */
struct fz_whos {
    struct fz_arena *arena; /* as long as the record */
    fz_str *items;          /* empty: not met yet */
    size_t n, cap;
};

/** Whether a personal field holds parties: whom acts are for, who is served, whose clock runs. */
bool fz_wire_is_party(const struct fz_field *f);
/** The stand-in of party `number`, 0 for a text that is no party. It begins with a control character, so that no name is one. */
fz_str fz_who_stand_in(struct fz_arena *arena, int64_t number);
bool fz_who_is_stand_in(fz_str text);

/**
 * Fills the parts of an entry that the step decides (of a correction: that its new words decide; what it is stands in `out` already): what was done, its day, outcome, values and commitments.
 * @param io_whos      gets the parties that are new; whoever does not enter it sets its `n` back
 * @param out_private  gets the personal values, each with a new salt
 * Everything lives in the arena or is a view of the step.
 */
void fz_wire_write(const struct fz_step *s, const struct fz_record *r, fz_hasher h, struct fz_random random, struct fz_arena *arena, struct fz_whos *io_whos,
                   struct fz_entry *out, struct fz_privates *out_private);

/**
 * The step of an entry. `privates`: what lies beside it, erased and locked ones left out.
 * @param io_whos  of the record, from its entries so far; gets those of this one
 * @return FZ_E_INPUT when the entry names something that the record does not have, or a value that its field cannot hold
 */
fz_status fz_wire_read(const struct fz_entry *e, const struct fz_record *r, const struct fz_private *privates, size_t n, struct fz_whos *io_whos,
                       struct fz_arena *arena, struct fz_step *out, struct fz_error *err);

/**
 * What a correction makes of the step that it corrects: its day, minute, outcome and values in place of the old ones, where it says any. The other
 * values stay. An annulment ("annul") leaves the step as it was.
 * Failures as above.
 */
fz_status fz_wire_correct(const struct fz_entry *e, const struct fz_record *r, const struct fz_private *privates, size_t n, const struct fz_step *corrected,
                          struct fz_whos *io_whos, struct fz_arena *arena, struct fz_step *out, struct fz_error *err);

/** A field's value as an entry or a table holds it: numbers as integers, days, lengths and choices as text. */
fz_entry_value fz_wire_value(const struct fz_field *f, fz_value v, struct fz_arena *arena);

#endif
