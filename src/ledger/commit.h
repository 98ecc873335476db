/*
 * Commitments: what an entry holds in place of a personal value or a document, so that the value can be erased and the
 * entry stays as it was signed.
 *
 *   commitment = HMAC(key = salt, "fazhi/field/1" NUL || len(name) || name || len(value) || value)
 *
 * with the log's digest, lengths as eight bytes, the highest first, and a salt of 128 random bits that belongs to this one value and is kept
 * beside it, never in the log. A document has "fazhi/document/1", and for its value the digest of its bytes.
 *
 * It hides: to whoever does not have the salt, HMAC under a random key is a pseudo-random function, so the commitment
 * tells nothing of the value, not even that two records have the same one, and trying all names or all identity numbers
 * (easy against a bare hash) means trying 2^128 salts for each. When salt and value are erased, nothing can be learnt any more.
 *
 * It binds: salts have one length and lengths frame the parts, so two different openings are two different inputs, and one commitment
 * to both would be a collision of the digest. The label keeps a document from passing for a field, the name one
 * field from passing for another.
 */
#ifndef FZ_LEDGER_COMMIT_H
#define FZ_LEDGER_COMMIT_H

#include "ledger/hash.h"

#define FZ_SALT_BYTES 16

typedef struct {
    uint8_t bytes[FZ_SALT_BYTES]; /* random, one for each value, used once */
} fz_salt;

/** @param value  the bytes of fz_entry_value_emit() */
fz_hash fz_commit_field(fz_hasher h, const fz_salt *salt, fz_str name, fz_str value);
/** @param digest  of the document's bytes, by the same hasher */
fz_hash fz_commit_document(fz_hasher h, const fz_salt *salt, fz_str name, const fz_hash *digest);

/* What lies beside an entry for one personal field. */
struct fz_opening {
    fz_str name;
    fz_salt salt;
    char *value; /* the caller's memory; NULL once it is erased */
    size_t value_n;
};

/** Whether this is what was committed to. An erased opening matches nothing. */
bool fz_opening_matches(fz_hasher h, const struct fz_opening *o, const fz_hash *commitment);

/** Overwrites salt and value in memory, in a way that the compiler cannot leave out, and forgets the value. The commitment stays. */
void fz_opening_erase(struct fz_opening *o);

#endif
