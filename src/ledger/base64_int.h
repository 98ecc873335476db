/* Base64 as RFC 4648 4 has it: padded, and read in its one form only. */
#ifndef FZ_LEDGER_BASE64_INT_H
#define FZ_LEDGER_BASE64_INT_H

#include "ledger/hash.h"

void fz_base64_emit(struct fz_buf *out, const void *bytes, size_t n);
/** Appends the bytes; false, with nothing appended, for any other spelling, white space and stray bits in the padding included. */
bool fz_base64_read(struct fz_buf *out, fz_str text);
/** Exactly one digest. */
bool fz_base64_hash(fz_str text, fz_hash *out);

#endif
