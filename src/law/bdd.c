/*
 * A node is a variable with two branches, `lo` for 0 and `hi` for 1, both below it; a node whose branches are equal is never made, and no
 * two nodes are alike (the table `heads`, chained through `next`). So a function has one node, and equality is ==. There are no complement
 * edges: packs need some ten thousand nodes, and negation is an operation with a cache like the others.
 *
 * One cache serves all operations: a result is kept at the one place its operation and operands hash to, until another one takes it.
 * Nothing is ever collected; a proof resets the manager when it is done with a record.
 */
#include "law/bdd.h"

#define ENDS 2u              /* nodes 0 and 1 */
#define BELOW_ALL UINT32_MAX /* variable of the ends */
#define NODES_FIRST (1u << 12)
#define NODES_TOP (1u << 28) /* an index leaves four bits to the operation in the hash of the cache */
#define CACHE_MAX (1u << 18) /* entries: 4 MB more do not pay */

struct node {
    uint32_t var, lo, hi, next;
};

enum op { OP_NONE, OP_ITE, OP_EXISTS, OP_AND_EXISTS, OP_RESTRICT, OP_SUPPORT };

struct entry {
    uint32_t op, a, b, c, result;
};

struct fz_bdds {
    struct fz_arena *arena;
    struct node *nodes;
    uint32_t n, cap;
    uint32_t *heads; /* cap of them: node 0 ends a chain */
    uint32_t *marks; /* of walks: the node was seen when it holds `walk` */
    uint32_t walk;
    struct entry *cache;
    uint32_t cache_n;
    size_t nodes_max;
    bool full;
};

/* ---- tables ---- */

static uint32_t mix(uint32_t a, uint32_t b, uint32_t c)
{
    uint64_t h =
        (uint64_t)a * 0x9E3779B97F4A7C15u + (uint64_t)b * 0xC2B2AE3D27D4EB4Fu + (uint64_t)c * 0x165667B19E3779F9u;

    return (uint32_t)(h >> 32) ^ (uint32_t)h;
}

static uint32_t head_of(const struct fz_bdds *m, const struct node *x)
{
    return mix(x->var, x->lo, x->hi) & (m->cap - 1);
}

/* Tables of `cap` nodes, a power of two. The old ones stay in the arena: together they are no larger than the new. */
static void resize(struct fz_bdds *m, uint32_t cap)
{
    struct node *nodes = FZ_NEW_ARRAY(m->arena, struct node, cap);

    if (m->n)
        memcpy(nodes, m->nodes, m->n * sizeof(*nodes));
    m->nodes = nodes;
    m->cap = cap;
    m->heads = FZ_NEW_ARRAY(m->arena, uint32_t, cap);
    m->marks = FZ_NEW_ARRAY(m->arena, uint32_t, cap);
    m->walk = 0;
    for (uint32_t i = ENDS; i < m->n; i++) {
        uint32_t *head = &m->heads[head_of(m, &nodes[i])];

        nodes[i].next = *head;
        *head = i;
    }
    if (cap <= CACHE_MAX) {
        m->cache_n = cap;
        m->cache = FZ_NEW_ARRAY(m->arena, struct entry, cap);
    }
}

struct fz_bdds *fz_bdds_new(struct fz_arena *arena, size_t nodes_max)
{
    struct fz_bdds *m = FZ_NEW(arena, struct fz_bdds);

    m->arena = arena;
    m->nodes_max = nodes_max < NODES_TOP ? nodes_max : NODES_TOP;
    resize(m, NODES_FIRST);
    m->nodes[0] = m->nodes[1] = (struct node){.var = BELOW_ALL};
    m->n = ENDS;
    return m;
}

void fz_bdds_reset(struct fz_bdds *m)
{
    m->n = ENDS;
    m->full = false;
    memset(m->heads, 0, m->cap * sizeof(*m->heads));
    memset(m->cache, 0, m->cache_n * sizeof(*m->cache));
}

bool fz_bdds_full(const struct fz_bdds *m)
{
    return m->full;
}

size_t fz_bdds_nodes(const struct fz_bdds *m)
{
    return m->n - ENDS;
}

static fz_bdd make(struct fz_bdds *m, uint32_t var, fz_bdd lo, fz_bdd hi)
{
    struct node want = {var, lo, hi, 0};
    uint32_t *head;

    if (lo == hi)
        return lo;
    for (uint32_t i = m->heads[head_of(m, &want)]; i; i = m->nodes[i].next)
        if (m->nodes[i].var == var && m->nodes[i].lo == lo && m->nodes[i].hi == hi)
            return i;
    if (m->n - ENDS >= m->nodes_max) {
        m->full = true;
        return fz_bdd_false;
    }
    if (m->n == m->cap)
        resize(m, m->cap * 2);
    head = &m->heads[head_of(m, &want)];
    want.next = *head;
    m->nodes[m->n] = want;
    return *head = m->n++;
}

static struct entry *place(struct fz_bdds *m, enum op op, uint32_t a, uint32_t b, uint32_t c)
{
    return &m->cache[mix(a + ((uint32_t)op << 28), b, c) & (m->cache_n - 1)];
}

static bool known(struct fz_bdds *m, enum op op, uint32_t a, uint32_t b, uint32_t c, fz_bdd *out)
{
    const struct entry *e = place(m, op, a, b, c);

    if (e->op != op || e->a != a || e->b != b || e->c != c)
        return false;
    *out = e->result;
    return true;
}

static fz_bdd keep(struct fz_bdds *m, enum op op, uint32_t a, uint32_t b, uint32_t c, fz_bdd result)
{
    if (!m->full) /* what was cut off is no result */
        *place(m, op, a, b, c) = (struct entry){op, a, b, c, result};
    return result;
}

/* ---- operations ---- */

static uint32_t var_of(const struct fz_bdds *m, fz_bdd f)
{
    return m->nodes[f].var;
}

/* A branch of `f` at `var`, which is its own variable or one above it. */
static fz_bdd branch(const struct fz_bdds *m, fz_bdd f, uint32_t var, bool hi)
{
    const struct node *x = &m->nodes[f];

    return x->var != var ? f : hi ? x->hi : x->lo;
}

fz_bdd fz_bdd_var(struct fz_bdds *m, uint32_t var)
{
    fz_assert(var < BELOW_ALL);
    return make(m, var, fz_bdd_false, fz_bdd_true);
}

static uint32_t upper(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

fz_bdd fz_bdd_ite(struct fz_bdds *m, fz_bdd a, fz_bdd then, fz_bdd otherwise)
{
    fz_bdd result, lo, hi;
    uint32_t var;

    if (a == then)
        then = fz_bdd_true;
    if (a == otherwise)
        otherwise = fz_bdd_false;
    if (a == fz_bdd_true || then == otherwise)
        return then;
    if (a == fz_bdd_false)
        return otherwise;
    if (then == fz_bdd_true && otherwise == fz_bdd_false)
        return a;
    if (otherwise == fz_bdd_false && a > then) { /* and, or: one place in the cache for both orders */
        fz_bdd swap = a;
        a = then, then = swap;
    } else if (then == fz_bdd_true && a > otherwise) {
        fz_bdd swap = a;
        a = otherwise, otherwise = swap;
    }
    if (known(m, OP_ITE, a, then, otherwise, &result))
        return result;
    var = upper(var_of(m, a), upper(var_of(m, then), var_of(m, otherwise)));
    lo = fz_bdd_ite(m, branch(m, a, var, false), branch(m, then, var, false), branch(m, otherwise, var, false));
    hi = fz_bdd_ite(m, branch(m, a, var, true), branch(m, then, var, true), branch(m, otherwise, var, true));
    return keep(m, OP_ITE, a, then, otherwise, make(m, var, lo, hi));
}

fz_bdd fz_bdd_and(struct fz_bdds *m, fz_bdd a, fz_bdd b)
{
    return fz_bdd_ite(m, a, b, fz_bdd_false);
}

fz_bdd fz_bdd_or(struct fz_bdds *m, fz_bdd a, fz_bdd b)
{
    return fz_bdd_ite(m, a, fz_bdd_true, b);
}

fz_bdd fz_bdd_not(struct fz_bdds *m, fz_bdd a)
{
    return fz_bdd_ite(m, a, fz_bdd_false, fz_bdd_true);
}

fz_bdd fz_bdd_minus(struct fz_bdds *m, fz_bdd a, fz_bdd b)
{
    return fz_bdd_ite(m, b, fz_bdd_false, a);
}

/* The part of a cube that stands at or below `var`. */
static fz_bdd cube_from(const struct fz_bdds *m, fz_bdd cube, uint32_t var)
{
    while (var_of(m, cube) < var)
        cube = m->nodes[cube].hi;
    return cube;
}

fz_bdd fz_bdd_exists(struct fz_bdds *m, fz_bdd f, fz_bdd cube)
{
    uint32_t var = var_of(m, f);
    fz_bdd result, lo, hi;

    cube = cube_from(m, cube, var);
    if (cube == fz_bdd_true || var == BELOW_ALL)
        return f;
    if (known(m, OP_EXISTS, f, cube, 0, &result))
        return result;
    lo = fz_bdd_exists(m, m->nodes[f].lo, cube);
    if (var_of(m, cube) == var && lo == fz_bdd_true)
        return keep(m, OP_EXISTS, f, cube, 0, fz_bdd_true);
    hi = fz_bdd_exists(m, m->nodes[f].hi, cube);
    result = var_of(m, cube) == var ? fz_bdd_or(m, lo, hi) : make(m, var, lo, hi);
    return keep(m, OP_EXISTS, f, cube, 0, result);
}

fz_bdd fz_bdd_and_exists(struct fz_bdds *m, fz_bdd a, fz_bdd b, fz_bdd cube)
{
    uint32_t var;
    fz_bdd result, lo, hi;

    if (a == fz_bdd_false || b == fz_bdd_false)
        return fz_bdd_false;
    if (a == fz_bdd_true || a == b)
        return fz_bdd_exists(m, b, cube);
    if (b == fz_bdd_true)
        return fz_bdd_exists(m, a, cube);
    var = upper(var_of(m, a), var_of(m, b));
    cube = cube_from(m, cube, var);
    if (cube == fz_bdd_true)
        return fz_bdd_and(m, a, b);
    if (a > b) {
        fz_bdd swap = a;
        a = b, b = swap;
    }
    if (known(m, OP_AND_EXISTS, a, b, cube, &result))
        return result;
    lo = fz_bdd_and_exists(m, branch(m, a, var, false), branch(m, b, var, false), cube);
    if (var_of(m, cube) == var && lo == fz_bdd_true)
        return keep(m, OP_AND_EXISTS, a, b, cube, fz_bdd_true);
    hi = fz_bdd_and_exists(m, branch(m, a, var, true), branch(m, b, var, true), cube);
    result = var_of(m, cube) == var ? fz_bdd_or(m, lo, hi) : make(m, var, lo, hi);
    return keep(m, OP_AND_EXISTS, a, b, cube, result);
}

fz_bdd fz_bdd_restrict(struct fz_bdds *m, fz_bdd f, uint32_t var, bool value)
{
    uint32_t top = var_of(m, f);
    fz_bdd result, lo, hi;

    if (top > var)
        return f;
    if (top == var)
        return branch(m, f, var, value);
    if (known(m, OP_RESTRICT, f, var, value, &result))
        return result;
    lo = fz_bdd_restrict(m, m->nodes[f].lo, var, value);
    hi = fz_bdd_restrict(m, m->nodes[f].hi, var, value);
    return keep(m, OP_RESTRICT, f, var, value, make(m, top, lo, hi));
}

/* ---- looking at one diagram ---- */

uint32_t fz_bdd_top(const struct fz_bdds *m, fz_bdd f)
{
    return var_of(m, f);
}

static bool seen(struct fz_bdds *m, fz_bdd f)
{
    if (f < ENDS || m->marks[f] == m->walk)
        return true;
    m->marks[f] = m->walk;
    return false;
}

static void walk_sizes(struct fz_bdds *m, fz_bdd f, size_t *of_var, size_t *total)
{
    if (seen(m, f))
        return;
    ++*total;
    if (of_var)
        of_var[var_of(m, f)]++;
    walk_sizes(m, m->nodes[f].lo, of_var, total);
    walk_sizes(m, m->nodes[f].hi, of_var, total);
}

size_t fz_bdd_size(struct fz_bdds *m, fz_bdd f, size_t *of_var)
{
    size_t total = 0;

    m->walk++;
    walk_sizes(m, f, of_var, &total);
    return total;
}

fz_bdd fz_bdd_support(struct fz_bdds *m, fz_bdd f)
{
    fz_bdd result;

    if (f < ENDS)
        return fz_bdd_true;
    if (known(m, OP_SUPPORT, f, 0, 0, &result))
        return result;
    result = fz_bdd_and(m, fz_bdd_support(m, m->nodes[f].lo), fz_bdd_support(m, m->nodes[f].hi));
    return keep(m, OP_SUPPORT, f, 0, 0, make(m, var_of(m, f), fz_bdd_false, result));
}

bool fz_bdd_pick(const struct fz_bdds *m, fz_bdd f, signed char *out_values, size_t vars)
{
    if (f == fz_bdd_false)
        return false;
    memset(out_values, -1, vars);
    while (f != fz_bdd_true) {
        const struct node *x = &m->nodes[f];

        fz_assert(x->var < vars);
        out_values[x->var] = x->lo == fz_bdd_false;
        f = x->lo == fz_bdd_false ? x->hi : x->lo;
    }
    return true;
}
