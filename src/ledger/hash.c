/*
 * Fetching a digest costs a look-up under a lock, a fresh context an allocation; both would be paid for each of millions of
 * nodes. So each digest is fetched once and has one context, which EVP_DigestInit_ex() with the same digest merely
 * resets. After that OpenSSL's digests do no more than arithmetic on memory they have, and a failure is a bug.
 */
#include "ledger/hash.h"

#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "ledger/crypto_int.h"

#define BLOCK_BYTES 64 /* of both digests */

static const struct {
    const char *id, *openssl_name;
} kinds[FZ_HASH_KINDS] = {[FZ_SM3] = {"sm3", "SM3"}, [FZ_SHA256] = {"sha256", "SHA2-256"}};

struct fz_crypto {
    OSSL_LIB_CTX *context;
    EVP_MD *digest[FZ_HASH_KINDS];
    EVP_MD_CTX *running[FZ_HASH_KINDS];
};

struct fz_digest {
    EVP_MD_CTX *running;
    bool ended;
};

fz_status fz_crypto_fail(struct fz_error *err, fz_status s, const char *what)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = ERR_reason_error_string(code);

    ERR_clear_error();
    return fz_fail(err, s, "%s%s%s", what, reason ? ": " : "", reason ? reason : "");
}

fz_status fz_crypto_new(struct fz_crypto **out_crypto, struct fz_error *err)
{
    struct fz_crypto *c = calloc(1, sizeof(*c));

    if (!c)
        return fz_fail(err, FZ_E_NOMEM, "memory ran out");
    c->context = OSSL_LIB_CTX_new();
    /* A generator that gives what key.c puts in, and nothing else. */
    if (!c->context || RAND_set_DRBG_type(c->context, "TEST-RAND", NULL, NULL, NULL) != 1) {
        fz_crypto_free(c);
        return fz_crypto_fail(err, FZ_E_IO, "OpenSSL gives no context of its own");
    }
    for (size_t k = 0; k < FZ_HASH_KINDS; k++) {
        c->digest[k] = EVP_MD_fetch(c->context, kinds[k].openssl_name, NULL);
        c->running[k] = EVP_MD_CTX_new();
        if (!c->digest[k] || !c->running[k] || EVP_MD_get_size(c->digest[k]) != FZ_HASH_BYTES ||
            EVP_DigestInit_ex(c->running[k], c->digest[k], NULL) != 1) {
            fz_crypto_free(c);
            return fz_crypto_fail(err, FZ_E_IO, "OpenSSL does not offer a digest that the ledger needs");
        }
    }
    *out_crypto = c;
    return FZ_OK;
}

void fz_crypto_free(struct fz_crypto *c)
{
    if (!c)
        return;
    for (size_t k = 0; k < FZ_HASH_KINDS; k++) {
        EVP_MD_CTX_free(c->running[k]);
        EVP_MD_free(c->digest[k]);
    }
    OSSL_LIB_CTX_free(c->context);
    free(c);
}

OSSL_LIB_CTX *fz_crypto_context(struct fz_crypto *c)
{
    return c->context;
}

const char *fz_hash_kind_id(fz_hash_kind kind)
{
    fz_assert((size_t)kind < FZ_HASH_KINDS);
    return kinds[kind].id;
}

bool fz_hash_kind_of(fz_str id, fz_hash_kind *out)
{
    for (size_t k = 0; k < FZ_HASH_KINDS; k++)
        if (fz_str_is(id, kinds[k].id)) {
            *out = (fz_hash_kind)k;
            return true;
        }
    return false;
}

/* ---- hashing ---- */

static EVP_MD_CTX *begin(fz_hasher h)
{
    EVP_MD_CTX *running = h.crypto->running[h.kind];

    fz_assert(EVP_DigestInit_ex(running, h.crypto->digest[h.kind], NULL) == 1);
    return running;
}

static void add(EVP_MD_CTX *running, const void *p, size_t n)
{
    fz_assert(EVP_DigestUpdate(running, p, n) == 1);
}

static void add_parts(EVP_MD_CTX *running, const fz_str *parts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        add(running, parts[i].p, parts[i].n);
}

static fz_hash end(EVP_MD_CTX *running)
{
    fz_hash hash;

    fz_assert(EVP_DigestFinal_ex(running, hash.bytes, NULL) == 1);
    return hash;
}

fz_hash fz_hash_of(fz_hasher h, const fz_str *parts, size_t n)
{
    EVP_MD_CTX *running = begin(h);

    add_parts(running, parts, n);
    return end(running);
}

/* RFC 2104: H(key ^ opad || H(key ^ ipad || text)). */
fz_hash fz_hash_keyed(fz_hasher h, fz_str key, const fz_str *parts, size_t n)
{
    uint8_t pad[BLOCK_BYTES] = {0};
    EVP_MD_CTX *running;
    fz_hash inner;

    if (key.n > BLOCK_BYTES)
        memcpy(pad, fz_hash_of(h, &key, 1).bytes, FZ_HASH_BYTES);
    else if (key.n)
        memcpy(pad, key.p, key.n);
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        pad[i] ^= 0x36;
    running = begin(h);
    add(running, pad, BLOCK_BYTES);
    add_parts(running, parts, n);
    inner = end(running);
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        pad[i] ^= 0x36 ^ 0x5C;
    running = begin(h);
    add(running, pad, BLOCK_BYTES);
    add(running, inner.bytes, FZ_HASH_BYTES);
    OPENSSL_cleanse(pad, sizeof(pad));
    return end(running);
}

fz_hash fz_hash_empty(fz_hasher h)
{
    return fz_hash_of(h, NULL, 0);
}

fz_hash fz_hash_leaf(fz_hasher h, fz_str entry)
{
    EVP_MD_CTX *running = begin(h);

    add(running, "\x00", 1);
    add(running, entry.p, entry.n);
    return end(running);
}

fz_hash fz_hash_node(fz_hasher h, const fz_hash *l, const fz_hash *r)
{
    uint8_t bytes[1 + 2 * FZ_HASH_BYTES] = {1};
    EVP_MD_CTX *running = begin(h);

    memcpy(bytes + 1, l->bytes, FZ_HASH_BYTES);
    memcpy(bytes + 1 + FZ_HASH_BYTES, r->bytes, FZ_HASH_BYTES);
    add(running, bytes, sizeof(bytes));
    return end(running);
}

bool fz_hash_eq(const fz_hash *a, const fz_hash *b)
{
    return CRYPTO_memcmp(a->bytes, b->bytes, FZ_HASH_BYTES) == 0;
}

char *fz_hash_hex(const fz_hash *hash, char hex[FZ_HASH_HEX])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < FZ_HASH_BYTES; i++) {
        hex[2 * i] = digits[hash->bytes[i] >> 4];
        hex[2 * i + 1] = digits[hash->bytes[i] & 15];
    }
    hex[FZ_HASH_HEX - 1] = '\0';
    return hex;
}

static int digit(char c)
{
    return fz_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool fz_hash_parse(fz_str hex, fz_hash *out)
{
    fz_hash hash;

    if (hex.n != FZ_HASH_HEX - 1)
        return false;
    for (size_t i = 0; i < FZ_HASH_BYTES; i++) {
        int high = digit(hex.p[2 * i]), low = digit(hex.p[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        hash.bytes[i] = (uint8_t)(high << 4 | low);
    }
    *out = hash;
    return true;
}

/* ---- in pieces ---- */

struct fz_digest *fz_digest_new(fz_hasher h)
{
    struct fz_digest *d = calloc(1, sizeof(*d));

    fz_assert(d && (d->running = EVP_MD_CTX_new()));
    fz_assert(EVP_DigestInit_ex(d->running, h.crypto->digest[h.kind], NULL) == 1);
    return d;
}

void fz_digest_add(struct fz_digest *d, fz_str bytes)
{
    fz_assert(!d->ended);
    add(d->running, bytes.p, bytes.n);
}

fz_hash fz_digest_end(struct fz_digest *d)
{
    fz_assert(!d->ended);
    d->ended = true;
    return end(d->running);
}

void fz_digest_free(struct fz_digest *d)
{
    if (!d)
        return;
    EVP_MD_CTX_free(d->running);
    free(d);
}
