/* OpenSSL's library context, for keys and signatures. */
#ifndef FZ_LEDGER_CRYPTO_INT_H
#define FZ_LEDGER_CRYPTO_INT_H

#include <openssl/types.h>

#include "ledger/hash.h"

OSSL_LIB_CTX *fz_crypto_context(struct fz_crypto *c);
/** Takes the reason off OpenSSL's queue, which is empty afterwards, and fails with it. */
fz_status fz_crypto_fail(struct fz_error *err, fz_status s, const char *what);

#endif
