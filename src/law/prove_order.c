/*
 * The order of variables.
 *
 * Groups that occur together in a move should stand together, or a diagram has to remember one over many levels until it meets the other:
 * two to the number of those in between, at worst. Each round puts every group at the mean place of the moves that it occurs in, and a move
 * is where its groups are on average (the FORCE heuristic of Aloul, Markov and Sakallah, 2003). A move of few groups pulls more than one of
 * many: two milestones that depend on each other belong together, the eighty that one decision waits for have to stand somewhere. The round
 * with the shortest moves wins. Stage and beginning are left out: they stand on top.
 */
#include "law/prove_int.h"

#define ROUNDS 30
#define UNIT 1024 /* between two places */

struct ordering {
    const struct model *m;
    int64_t *place, *sum, *weight; /* of each group */
    int *rank;                     /* groups from the top */
};

struct edge {
    size_t n, next;
    int64_t mean, span, weight;
};

/* What was noted from `from` on up to the next mark. One group alone pulls nothing. */
static struct edge edge_at(const struct ordering *o, size_t from)
{
    int64_t sum = 0, low = INT64_MAX, high = INT64_MIN;
    struct edge e = {0};
    size_t i = from;

    for (; i < o->m->edges_n && o->m->edges[i] != FZ_NONE; i++, e.n++) {
        int64_t at = o->place[o->m->edges[i]];

        sum += at;
        low = at < low ? at : low;
        high = at > high ? at : high;
    }
    e.next = i + 1;
    if (e.n < 2)
        return e;
    e.mean = sum / (int64_t)e.n;
    e.span = high - low;
    e.weight = 4096 / (int64_t)(e.n * e.n) + 1;
    return e;
}

/* Adds up what pulls each group; the length of all moves. */
static int64_t pull(struct ordering *o)
{
    size_t n = o->m->groups_n;
    int64_t length = 0;
    struct edge e;

    memset(o->sum, 0, n * sizeof(*o->sum));
    memset(o->weight, 0, n * sizeof(*o->weight));
    for (size_t i = 0; i < o->m->edges_n; i = e.next) {
        e = edge_at(o, i);
        length += e.span * e.weight;
        for (size_t k = i; k < i + e.n; k++) {
            o->sum[o->m->edges[k]] += e.mean * e.weight;
            o->weight[o->m->edges[k]] += e.weight;
        }
    }
    return length;
}

/* By insertion: stable, and after the first rounds nearly sorted. */
static void sort(struct ordering *o)
{
    size_t n = o->m->groups_n;

    for (size_t i = GROUPS_ON_TOP + 1; i < n; i++) {
        int g = o->rank[i];
        size_t k = i;

        for (; k > GROUPS_ON_TOP && o->place[o->rank[k - 1]] > o->place[g]; k--)
            o->rank[k] = o->rank[k - 1];
        o->rank[k] = g;
    }
}

static void settle(struct ordering *o)
{
    for (size_t g = GROUPS_ON_TOP; g < o->m->groups_n; g++)
        if (o->weight[g])
            o->place[g] = o->sum[g] / o->weight[g];
    sort(o);
    for (size_t i = 0; i < o->m->groups_n; i++)
        o->place[o->rank[i]] = (int64_t)i * UNIT;
}

int *order_groups(struct model *m)
{
    size_t n = m->groups_n;
    struct ordering o = {m, FZ_NEW_ARRAY(m->arena, int64_t, n), FZ_NEW_ARRAY(m->arena, int64_t, n),
                         FZ_NEW_ARRAY(m->arena, int64_t, n), FZ_NEW_ARRAY(m->arena, int, n)};
    int64_t shortest = INT64_MAX;
    int *best = FZ_NEW_ARRAY(m->arena, int, n);

    for (size_t g = 0; g < n; g++) {
        o.rank[g] = (int)g;
        o.place[g] = (int64_t)g * UNIT;
    }
    for (int round = 0; round < ROUNDS; round++) {
        int64_t length = pull(&o);

        if (length < shortest) {
            shortest = length;
            memcpy(best, o.rank, n * sizeof(*best));
        }
        settle(&o);
    }
    return best;
}
