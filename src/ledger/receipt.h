/*
 * Receipts (回执): what somebody who handed something in takes home, and checks offline, years later, against keys that
 * come from elsewhere.
 *
 *   {"fazhi_receipt":1,
 *    "entry":"{\"v\":1,\"seq\":7,...}",          the entry's canonical bytes, as a text that a person can read
 *    "inclusion":["BASE64",...],                 that it is in the tree of
 *    "checkpoint":"fazhi.example/330106\n9\n...",   this head
 *    "consistency":["BASE64",...],               when it was renewed: that the head of then is a beginning of
 *    "later":"fazhi.example/330106\n700\n..."}    this one
 *
 * Keys stand in this order; blanks and line ends between, and other ways to escape, are fine, for files are passed on. What counts is within
 * the texts. A receipt has no place for keys: it cannot vouch for itself.
 *
 * What is believed is the last head: it has to be signed as the verifier's trust asks. The first head of a renewed receipt
 * needs no signature, since the later one has it as its beginning; so a receipt outlives the key that first signed it. The receipt says
 * that the entry is in that log, not that the log is the one of the place the entry names: that is for whoever chooses the keys.
 */
#ifndef FZ_LEDGER_RECEIPT_H
#define FZ_LEDGER_RECEIPT_H

#include "ledger/entry.h"
#include "ledger/note.h"

struct fz_receipt {
    struct fz_source entry; /* named after the receipt, for places in problems */
    struct fz_path inclusion;
    struct fz_source checkpoint; /* a note */
    struct fz_path consistency;
    struct fz_source later; /* a note; empty when it was never renewed */
};

/** As JSON, one line, no LF at the end. */
void fz_receipt_emit(const struct fz_receipt *r, struct fz_buf *out);

/** The parts of a receipt, nothing verified; texts are views into the source or in the arena. False, with one more problem. */
bool fz_receipt_parse(struct fz_arena *arena, const struct fz_source *source, struct fz_receipt *out,
                      struct fz_diags *diags);

/* What a receipt that holds has shown. */
struct fz_receipt_facts {
    struct fz_entry entry;
    struct fz_checkpoint head; /* the last one, which trusted keys have signed */
    size_t witnesses;          /* who signed it */
};

/**
 * Whether the receipt holds, for somebody who trusts these keys. No more hashes than the proofs have.
 * @param out  views into the receipt, and the arena
 * @return false, with one more problem
 */
bool fz_receipt_verify(struct fz_arena *arena, struct fz_crypto *crypto, const struct fz_receipt *r,
                       const struct fz_trust *trust, struct fz_receipt_facts *out, struct fz_diags *diags);

/**
 * Renews it to a later head, which takes the place of an earlier renewal.
 * @param later  a note that `trust` has to accept, and that outlives `out`
 * @param proof  fz_tree_consistency() from the size of the receipt's own checkpoint to that of `later`
 * @return false, with one more problem, when the result would not verify
 */
bool fz_receipt_renew(struct fz_arena *arena, struct fz_crypto *crypto, const struct fz_receipt *r,
                      const struct fz_source *later, const struct fz_path *proof, const struct fz_trust *trust,
                      struct fz_receipt *out, struct fz_diags *diags);

/*
 * The compact form, for a QR code: "FZ1:" and, in Base45 (RFC 9285), whose characters QR codes pack into 11 bits a pair,
 * entry, inclusion, checkpoint and, when it was renewed, consistency and later head: texts with their length in two bytes before them, paths with
 * their number of hashes in one. All in one code: it needs no network either.
 */

/** @return FZ_OK; FZ_E_TOO_LARGE past FZ_QR_CHARS_MAX, then nothing is appended: an entry with long texts has no such form */
fz_status fz_receipt_compact(const struct fz_receipt *r, struct fz_buf *out, struct fz_error *err);

/** As fz_receipt_parse(). */
bool fz_receipt_parse_compact(struct fz_arena *arena, const struct fz_source *source, struct fz_receipt *out,
                              struct fz_diags *diags);

#endif
