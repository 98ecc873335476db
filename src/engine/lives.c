/*
 * Records in memory: buckets by the hash of the id, and one list by use. A record that was let go is kept empty, with its arena, for the next one.
 */
#include "engine/engine_int.h"

#include <stdlib.h>

#define LIVES_MAX 2048        /* kept; a batch under way may hold more */
#define LIVES_BUCKETS 4096u   /* a power of two */
#define LIVE_FIRST_BYTES 4096 /* a case of four acts takes some 3 kB */

void fz_lives_init(struct lives *l)
{
    *l = (struct lives){.buckets = calloc(LIVES_BUCKETS, sizeof(*l->buckets))};
    fz_assert(l->buckets);
}

static void free_live(struct live *live)
{
    fz_arena_release(&live->own);
    free(live);
}

void fz_lives_release(struct lives *l)
{
    if (!l->buckets)
        return;
    fz_lives_clear(l);
    while (l->spare) {
        struct live *next = l->spare->next;

        free_live(l->spare);
        l->spare = next;
    }
    free(l->buckets);
    *l = (struct lives){0};
}

/* ---- by use ---- */

static void unlink_use(struct lives *l, struct live *live)
{
    *(live->newer ? &live->newer->older : &l->newest) = live->older;
    *(live->older ? &live->older->newer : &l->oldest) = live->newer;
}

static void link_newest(struct lives *l, struct live *live)
{
    live->newer = NULL;
    live->older = l->newest;
    *(l->newest ? &l->newest->newer : &l->oldest) = live;
    l->newest = live;
}

/* ---- by id ---- */

static uint32_t hash_of(fz_str id)
{
    return (uint32_t)fz_hash_text(0, id);
}

struct live *fz_lives_find(struct lives *l, fz_str id)
{
    uint32_t hash = hash_of(id);

    for (struct live *live = l->buckets[hash % LIVES_BUCKETS]; live; live = live->next)
        if (live->hash == hash && fz_str_eq(live->id, id)) {
            unlink_use(l, live);
            link_newest(l, live);
            return live;
        }
    return NULL;
}

void fz_lives_remove(struct lives *l, struct live *live)
{
    struct live **at = &l->buckets[live->hash % LIVES_BUCKETS];

    while (*at != live)
        at = &(*at)->next;
    *at = live->next;
    unlink_use(l, live);
    l->n--;
    live->next = l->spare;
    l->spare = live;
}

void fz_lives_clear(struct lives *l)
{
    while (l->newest)
        fz_lives_remove(l, l->newest);
}

static struct live *empty_one(struct lives *l)
{
    struct live *live = l->spare;

    if (live) {
        struct fz_arena own = live->own;

        l->spare = live->next;
        fz_arena_reset(&own);
        *live = (struct live){.own = own};
    } else {
        live = calloc(1, sizeof(*live));
        fz_assert(live);
        fz_arena_init_small(&live->own, LIVE_FIRST_BYTES);
    }
    live->arena = &live->own;
    return live;
}

struct live *fz_lives_add(struct lives *l, fz_str id, uint64_t settled)
{
    struct live *live;
    uint32_t hash = hash_of(id);

    while (l->n >= LIVES_MAX && l->oldest->batch <= settled)
        fz_lives_remove(l, l->oldest);
    live = empty_one(l);
    live->id = fz_str_copy(live->arena, id);
    live->hash = hash;
    live->next = l->buckets[hash % LIVES_BUCKETS];
    l->buckets[hash % LIVES_BUCKETS] = live;
    link_newest(l, live);
    l->n++;
    return live;
}
