#include "base/lookup.h"

void fz_lookup_init(struct fz_lookup *ix, struct fz_arena *arena, size_t cap)
{
    fz_assert(cap && (cap & (cap - 1)) == 0);
    *ix = (struct fz_lookup){.slots = FZ_NEW_ARRAY(arena, struct fz_lookup_slot, cap), .cap = cap};
}

static void put(struct fz_lookup *ix, struct fz_lookup_slot slot)
{
    size_t i = slot.hash & (ix->cap - 1);

    while (ix->slots[i].at1)
        i = (i + 1) & (ix->cap - 1);
    ix->slots[i] = slot;
    ix->n++;
}

void fz_lookup_add(struct fz_lookup *ix, struct fz_arena *arena, uint32_t hash, uint32_t at)
{
    struct fz_lookup old = *ix;

    if (ix->n * 2 >= ix->cap) {
        fz_lookup_init(ix, arena, old.cap * 4);
        for (size_t i = 0; i < old.cap; i++)
            if (old.slots[i].at1)
                put(ix, old.slots[i]);
    }
    put(ix, (struct fz_lookup_slot){hash, at + 1});
}

uint32_t fz_lookup_find(const struct fz_lookup *ix, uint32_t hash, fz_str s, fz_lookup_text *text, const void *owner)
{
    for (size_t i = hash & (ix->cap - 1); ix->slots[i].at1; i = (i + 1) & (ix->cap - 1))
        if (ix->slots[i].hash == hash && fz_str_eq(text(owner, ix->slots[i].at1 - 1), s))
            return ix->slots[i].at1 - 1;
    return FZ_LOOKUP_NONE;
}
