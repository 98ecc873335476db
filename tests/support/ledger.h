/* Bytes that only look random, for keys and salts in tests: the same ones each time. */
#ifndef FZ_TESTS_LEDGER_H
#define FZ_TESTS_LEDGER_H

#include "ledger/key.h"

static inline bool counted_bytes(void *arg, void *to, size_t n)
{
    uint64_t *state = arg;
    uint8_t *p = to;

    for (size_t i = 0; i < n; i++) {
        *state = *state * 6364136223846793005u + 1442695040888963407u;
        p[i] = (uint8_t)(*state >> 56);
    }
    return true;
}

static inline struct fz_signer *make_signer(struct fz_crypto *crypto, fz_algorithm algorithm, fz_role role,
                                            const char *name, uint64_t seed)
{
    struct fz_signer *s = NULL;
    struct fz_error err;

    fz_assert(fz_signer_generate(&s, crypto, algorithm, role, fz_str_of(name), (fz_random){counted_bytes, &seed},
                                 &err) == FZ_OK);
    return s;
}

#endif
