/*
 * RFC 9162 2.1, as it is written there: recursion over lists of leaf hashes, slow and obvious. Nothing here comes from src/ledger
 * but the digest: leaves and nodes get their prefixes here.
 */
#ifndef FZ_TESTS_MERKLE_H
#define FZ_TESTS_MERKLE_H

#include "ledger/hash.h"

static inline fz_hash slow_node(fz_hasher h, fz_hash l, fz_hash r)
{
    fz_str parts[] = {{"\x01", 1}, {(char *)l.bytes, 32}, {(char *)r.bytes, 32}};

    return fz_hash_of(h, parts, 3);
}

static inline fz_hash slow_leaf(fz_hasher h, fz_str entry)
{
    fz_str parts[] = {{"\x00", 1}, entry};

    return fz_hash_of(h, parts, 2);
}

/* The largest power of two smaller than n. */
static inline uint64_t slow_split(uint64_t n)
{
    uint64_t k = 1;

    while (k * 2 < n)
        k *= 2;
    return k;
}

/* MTH(D_n) */
static inline fz_hash slow_root(fz_hasher h, const fz_hash *d, uint64_t n)
{
    uint64_t k;

    if (n == 0)
        return fz_hash_of(h, NULL, 0);
    if (n == 1)
        return d[0];
    k = slow_split(n);
    return slow_node(h, slow_root(h, d, k), slow_root(h, d + k, n - k));
}

/* PATH(m, D_n); returns the hashes added. */
static inline size_t slow_inclusion(fz_hasher h, uint64_t m, const fz_hash *d, uint64_t n, fz_hash *out)
{
    uint64_t k = slow_split(n);
    size_t i;

    if (n == 1)
        return 0;
    if (m < k) {
        i = slow_inclusion(h, m, d, k, out);
        out[i++] = slow_root(h, d + k, n - k);
    } else {
        i = slow_inclusion(h, m - k, d + k, n - k, out);
        out[i++] = slow_root(h, d, k);
    }
    return i;
}

/* SUBPROOF(m, D_n, b) */
static inline size_t slow_consistency(fz_hasher h, uint64_t m, const fz_hash *d, uint64_t n, bool b, fz_hash *out)
{
    uint64_t k = slow_split(n);
    size_t i;

    if (m == n) {
        if (b)
            return 0;
        out[0] = slow_root(h, d, n);
        return 1;
    }
    if (m <= k) {
        i = slow_consistency(h, m, d, k, b, out);
        out[i++] = slow_root(h, d + k, n - k);
    } else {
        i = slow_consistency(h, m - k, d + k, n - k, false, out);
        out[i++] = slow_root(h, d, k);
    }
    return i;
}

/*
 * A verifier from the same definitions: undoes PATH and SUBPROOF from their last hash down. `path_n` has to come out even; `*ok`
 * becomes false when it does not.
 */
static inline fz_hash slow_root_by_inclusion(fz_hasher h, fz_hash leaf, uint64_t m, uint64_t n, const fz_hash *path,
                                             size_t path_n, bool *ok)
{
    uint64_t k = slow_split(n);

    if (n == 1) {
        *ok = *ok && path_n == 0;
        return leaf;
    }
    if (path_n == 0) {
        *ok = false;
        return leaf;
    }
    if (m < k)
        return slow_node(h, slow_root_by_inclusion(h, leaf, m, k, path, path_n - 1, ok), path[path_n - 1]);
    return slow_node(h, path[path_n - 1], slow_root_by_inclusion(h, leaf, m - k, n - k, path, path_n - 1, ok));
}

struct slow_roots {
    fz_hash first, second;
};

static inline struct slow_roots slow_roots_by_consistency(fz_hasher h, fz_hash first_root, uint64_t m, uint64_t n,
                                                          bool b, const fz_hash *path, size_t path_n, bool *ok)
{
    uint64_t k = slow_split(n);
    struct slow_roots below, none = {first_root, first_root};
    fz_hash last;

    if (m == n && b) {
        *ok = *ok && path_n == 0;
        return none;
    }
    if (path_n == 0) {
        *ok = false;
        return none;
    }
    last = path[path_n - 1];
    if (m == n) {
        *ok = *ok && path_n == 1;
        return (struct slow_roots){last, last};
    }
    if (m <= k) {
        below = slow_roots_by_consistency(h, first_root, m, k, b, path, path_n - 1, ok);
        return (struct slow_roots){below.first, slow_node(h, below.second, last)};
    }
    below = slow_roots_by_consistency(h, first_root, m - k, n - k, false, path, path_n - 1, ok);
    return (struct slow_roots){slow_node(h, last, below.first), slow_node(h, last, below.second)};
}

#endif
