/*
 * What a witness is asked to sign: a checkpoint, and the proof that it continues the one that this witness signed last. The bytes are those of the request
 * `add-checkpoint` of C2SP's tlog-witness, so that they travel in a file as well as over a network:
 *
 *   old 20852014                                      entries of the checkpoint signed last; 0: none yet
 *   CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=      the proof, a hash a line
 *
 *   fazhi.example/330106                              the checkpoint, signed by the log
 *   ...
 */
#ifndef FZ_LEDGER_WITNESS_H
#define FZ_LEDGER_WITNESS_H

#include "base/diag.h"
#include "ledger/tree.h"

struct fz_witness_request {
    uint64_t old;
    struct fz_path proof;
    struct fz_source note; /* the checkpoint */
};

void fz_witness_request_emit(const struct fz_witness_request *r, struct fz_buf *out);

/** Its parts, nothing verified; a checkpoint alone is a request whose `old` is 0. False, with one more problem. */
bool fz_witness_request_parse(struct fz_arena *arena, const struct fz_source *source, struct fz_witness_request *out,
                              struct fz_diags *diags);

#endif
