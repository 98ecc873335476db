/*
 * Digests of the ledger: SM3 (GB/T 32905, the default) and SHA-256 (FIPS 180-4), plain, keyed and as RFC 9162 hashes the
 * leaves and nodes of a tree.
 *
 * struct fz_crypto is OpenSSL as the ledger uses it: a library context of its own, so that neither a configuration file
 * nor another part of the process changes what an algorithm means, with digests fetched once and contexts reused.
 *
 * Life cycle: new, any number of calls, free; whatever was made with it goes first. One thread at a time uses it: it is
 * cheap enough for one each. A fz_hasher is such an object and the digest that one log has chosen; it is copied freely.
 */
#ifndef FZ_LEDGER_HASH_H
#define FZ_LEDGER_HASH_H

#include "base/base.h"

#define FZ_HASH_BYTES 32
#define FZ_HASH_HEX (2 * FZ_HASH_BYTES + 1) /* with its end */

typedef struct {
    uint8_t bytes[FZ_HASH_BYTES];
} fz_hash;

typedef enum { FZ_SM3, FZ_SHA256, FZ_HASH_KINDS } fz_hash_kind;

struct fz_crypto;

typedef struct {
    struct fz_crypto *crypto;
    fz_hash_kind kind;
} fz_hasher;

/**
 * @param out_crypto  to be given to fz_crypto_free()
 * @return FZ_OK; FZ_E_IO when this OpenSSL lacks an algorithm. Afterwards hashing does not fail.
 */
fz_status fz_crypto_new(struct fz_crypto **out_crypto, struct fz_error *err);
void fz_crypto_free(struct fz_crypto *c); /* accepts NULL */

const char *fz_hash_kind_id(fz_hash_kind kind); /* "sm3", "sha256" */
bool fz_hash_kind_of(fz_str id, fz_hash_kind *out);

/** Digest of the parts one after another. */
fz_hash fz_hash_of(fz_hasher h, const fz_str *parts, size_t n);

/** HMAC (RFC 2104) over the parts one after another. Any key; one longer than a block of 64 bytes is hashed first. */
fz_hash fz_hash_keyed(fz_hasher h, fz_str key, const fz_str *parts, size_t n);

/* Law of the tree: RFC 9162 2.1.1. The first byte parts leaves from nodes, so that neither passes for the other. */
fz_hash fz_hash_empty(fz_hasher h);                                    /* root of a tree without leaves */
fz_hash fz_hash_leaf(fz_hasher h, fz_str entry);                       /* HASH(0x00 || entry) */
fz_hash fz_hash_node(fz_hasher h, const fz_hash *l, const fz_hash *r); /* HASH(0x01 || left || right) */

bool fz_hash_eq(const fz_hash *a, const fz_hash *b);           /* in a time that depends on neither */
char *fz_hash_hex(const fz_hash *hash, char hex[FZ_HASH_HEX]); /* lower case */
/** Exactly 64 digits, lower case. */
bool fz_hash_parse(fz_str hex, fz_hash *out);

/* ---- what comes in pieces, a document say ---- */

struct fz_digest;
struct fz_digest *fz_digest_new(fz_hasher h);
void fz_digest_add(struct fz_digest *d, fz_str bytes);
fz_hash fz_digest_end(struct fz_digest *d); /* once; then only free */
void fz_digest_free(struct fz_digest *d);   /* accepts NULL */

#endif
