/* Base64 as RFC 4648 4 has it: padded, and read in its one form only. */
#ifndef FZ_LEDGER_BASE64_INT_H
#define FZ_LEDGER_BASE64_INT_H

#include "base/base.h"

void fz_base64_emit(struct fz_buf *out, const void *bytes, size_t n);
/** Appends the bytes; false, with nothing appended, for any other spelling, white space and stray bits in the padding included. */
bool fz_base64_read(struct fz_buf *out, fz_str text);

#endif
