/*
 * Texts found by their bytes: positions of texts that stand in somebody's array, by open addressing, at most half full. And the hash that it
 * goes by. Neither keeps a text.
 */
#ifndef FZ_BASE_LOOKUP_H
#define FZ_BASE_LOOKUP_H

#include "base/base.h"

struct fz_lookup {
    struct fz_lookup_slot {
        uint32_t hash, at1; /* at1: position + 1; 0: empty */
    } * slots;
    size_t cap, n;
};

#define FZ_LOOKUP_NONE UINT32_MAX

/** The text at a position of `owner`'s array. */
typedef fz_str fz_lookup_text(const void *owner, uint32_t at);

/** Empty; `cap` is a power of two. Growing leaves the old slots in the arena. */
void fz_lookup_init(struct fz_lookup *ix, struct fz_arena *arena, size_t cap);
void fz_lookup_add(struct fz_lookup *ix, struct fz_arena *arena, uint32_t hash, uint32_t at);
/** Position of `s`, whose hash is `hash`; FZ_LOOKUP_NONE when it is not there. */
uint32_t fz_lookup_find(const struct fz_lookup *ix, uint32_t hash, fz_str s, fz_lookup_text *text, const void *owner);

/* Two numbers into one, both in every bit of it. */
static inline uint64_t fz_hash_mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product =
        (unsigned __int128)(a ^ UINT64_C(0x9E3779B97F4A7C15)) * (b ^ UINT64_C(0xE7037ED1A0B428DB));

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t fz_hash_load(const char *p, size_t bytes)
{
    uint64_t v = 0;

    memcpy(&v, p, bytes);
    return v;
}

/** Goes on from `seed`; texts of different length differ. Words of eight bytes, the last ending with the text, so that some go in twice. */
static inline uint64_t fz_hash_text(uint64_t seed, fz_str s)
{
    uint64_t h = seed + s.n;

    if (s.n >= 8) {
        for (size_t i = 0; i + 8 < s.n; i += 8)
            h = fz_hash_mix(h, fz_hash_load(s.p + i, 8));
        return fz_hash_mix(h, fz_hash_load(s.p + s.n - 8, 8));
    }
    if (s.n >= 4)
        return fz_hash_mix(h, fz_hash_load(s.p, 4) << 32 | fz_hash_load(s.p + s.n - 4, 4));
    if (s.n == 0)
        return fz_hash_mix(h, 0);
    return fz_hash_mix(h, fz_hash_load(s.p, 1) << 16 | fz_hash_load(s.p + s.n / 2, 1) << 8 |
                              fz_hash_load(s.p + s.n - 1, 1));
}

#endif
