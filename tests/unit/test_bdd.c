#include "../support/support.h"

#include <stdio.h>
#include <stdlib.h>

#include "law/bdd.h"

/* A slow and obvious model: a function of VARS variables is its truth table, one bit an assignment. */
#define VARS 6
#define ROWS (1u << VARS)
typedef uint64_t table;

static struct fz_arena arena;
static struct fz_bdds *m;
static uint64_t seed;

static uint32_t draw(uint32_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % below;
}

static bool holds(table t, uint32_t row)
{
    return t >> row & 1;
}

static table table_of_var(uint32_t v)
{
    table t = 0;

    for (uint32_t row = 0; row < ROWS; row++)
        t |= (table)(row >> v & 1) << row;
    return t;
}

static table table_restrict(table t, uint32_t v, bool value)
{
    table out = 0;

    for (uint32_t row = 0; row < ROWS; row++)
        out |= (table)holds(t, value ? row | 1u << v : row & ~(1u << v)) << row;
    return out;
}

/* `vars` is a set of variables, one bit each. */
static table table_exists(table t, uint32_t vars)
{
    for (uint32_t v = 0; v < VARS; v++)
        if (vars >> v & 1)
            t = table_restrict(t, v, false) | table_restrict(t, v, true);
    return t;
}

static fz_bdd cube_of(uint32_t vars)
{
    fz_bdd cube = fz_bdd_true;

    for (uint32_t v = 0; v < VARS; v++)
        if (vars >> v & 1)
            cube = fz_bdd_and(m, cube, fz_bdd_var(m, v));
    return cube;
}

/* Shannon's expansion from the bottom: the diagram that a table has to have. */
static fz_bdd diagram_of(table t, uint32_t v)
{
    if (v == VARS)
        return t & 1 ? fz_bdd_true : fz_bdd_false;
    return fz_bdd_ite(m, fz_bdd_var(m, v), diagram_of(table_restrict(t, v, true), v + 1),
                      diagram_of(table_restrict(t, v, false), v + 1));
}

static void assert_is(fz_bdd f, table t, const char *what)
{
    if (f != diagram_of(t, 0))
        fail_msg("%s differs from its truth table", what);
}

static void check_pick(fz_bdd f, table t)
{
    signed char values[VARS];
    uint32_t first = 0;

    if (t == 0) {
        assert_false(fz_bdd_pick(m, f, values, VARS));
        return;
    }
    assert_true(fz_bdd_pick(m, f, values, VARS));
    for (uint32_t fill = 0; fill < 2; fill++) { /* both ways to fill in what does not matter */
        uint32_t row = 0;

        for (uint32_t v = 0; v < VARS; v++)
            row |= (values[v] < 0 ? fill : (uint32_t)values[v]) << v;
        assert_true(holds(t, row));
        first = fill == 0 ? row : first;
    }
    for (uint32_t order = 0; order < ROWS; order++) { /* nothing that holds comes before it, variable 0 counting most */
        uint32_t row = 0, mine = 0;

        for (uint32_t v = 0; v < VARS; v++) {
            row |= (order >> (VARS - 1 - v) & 1) << v;
            mine |= (first >> v & 1) << (VARS - 1 - v);
        }
        assert_false(order < mine && holds(t, row));
    }
}

static void check_support(fz_bdd f, table t)
{
    uint32_t vars = 0;

    for (uint32_t v = 0; v < VARS; v++)
        vars |= (uint32_t)(table_restrict(t, v, false) != table_restrict(t, v, true)) << v;
    assert_true(fz_bdd_support(m, f) == cube_of(vars));
}

struct pair {
    fz_bdd f;
    table t;
};

static struct pair combine(struct pair a, struct pair b, struct pair c)
{
    uint32_t v = draw(VARS), vars = draw(ROWS);
    bool value = draw(2);

    switch (draw(8)) {
    case 0:
        return (struct pair){fz_bdd_and(m, a.f, b.f), a.t & b.t};
    case 1:
        return (struct pair){fz_bdd_or(m, a.f, b.f), a.t | b.t};
    case 2:
        return (struct pair){fz_bdd_not(m, a.f), ~a.t};
    case 3:
        return (struct pair){fz_bdd_minus(m, a.f, b.f), a.t & ~b.t};
    case 4:
        return (struct pair){fz_bdd_restrict(m, a.f, v, value), table_restrict(a.t, v, value)};
    case 5:
        return (struct pair){fz_bdd_exists(m, a.f, cube_of(vars)), table_exists(a.t, vars)};
    case 6:
        return (struct pair){fz_bdd_and_exists(m, a.f, b.f, cube_of(vars)), table_exists(a.t & b.t, vars)};
    default:
        return (struct pair){fz_bdd_ite(m, a.f, b.f, c.f), (a.t & b.t) | (~a.t & c.t)};
    }
}

static void test_bdd__every_operation_is_that_of_truth_tables(void **state)
{
    struct pair pool[32];

    (void)state;
    seed = getenv("FZ_SEED") ? strtoull(getenv("FZ_SEED"), NULL, 10) : 20240101;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 20; round++) {
        fz_bdds_reset(m);
        for (uint32_t i = 0; i < FZ_COUNT(pool); i++)
            pool[i] = (struct pair){fz_bdd_var(m, i % VARS), table_of_var(i % VARS)};
        for (int step = 0; step < 400; step++) {
            struct pair p = combine(pool[draw(32)], pool[draw(32)], pool[draw(32)]);

            assert_is(p.f, p.t, "an operation");
            check_pick(p.f, p.t);
            check_support(p.f, p.t);
            pool[draw(32)] = p;
        }
    }
}

static void test_bdd__size_counts_shared_nodes_once(void **state)
{
    size_t of_var[VARS] = {0};
    fz_bdd odd = fz_bdd_false;

    (void)state;
    fz_bdds_reset(m);
    for (uint32_t v = 0; v < VARS; v++)
        odd = fz_bdd_ite(m, odd, fz_bdd_not(m, fz_bdd_var(m, v)), fz_bdd_var(m, v));
    assert_int_equal(fz_bdd_size(m, odd, of_var), 2 * VARS - 1);
    assert_int_equal(of_var[0], 1);
    assert_int_equal(of_var[VARS - 1], 2);
    assert_int_equal(fz_bdd_size(m, fz_bdd_true, NULL), 0);
}

/* A permutation matrix of n x n variables needs some n 2^n nodes in any order. */
static fz_bdd permutations(struct fz_bdds *of, uint32_t n)
{
    fz_bdd all = fz_bdd_true;

    for (uint32_t line = 0; line < 2 * n; line++) {
        fz_bdd one = fz_bdd_false, none = fz_bdd_true;

        for (uint32_t i = 0; i < n; i++) {
            fz_bdd x = fz_bdd_var(of, line < n ? line * n + i : i * n + line - n);

            one = fz_bdd_ite(of, x, none, one);
            none = fz_bdd_minus(of, none, x);
        }
        all = fz_bdd_and(of, all, one);
    }
    return all;
}

static void test_bdd__grows_and_reset_empties(void **state)
{
    fz_bdd f, g;
    size_t nodes;

    (void)state;
    fz_bdds_reset(m);
    f = permutations(m, 10);
    nodes = fz_bdds_nodes(m);
    assert_true(nodes > 5000);
    fz_bdds_reset(m);
    assert_int_equal(fz_bdds_nodes(m), 0);
    g = permutations(m, 10);
    assert_int_equal(fz_bdds_nodes(m), nodes);
    assert_true(f == g);
}

static void test_bdd__a_full_manager_says_so_until_it_is_reset(void **state)
{
    struct fz_bdds *small = fz_bdds_new(&arena, 1000);

    (void)state;
    permutations(small, 10);
    assert_true(fz_bdds_full(small));
    assert_int_equal(fz_bdds_nodes(small), 1000);
    fz_bdds_reset(small);
    assert_false(fz_bdds_full(small));
    assert_true(permutations(small, 3) != fz_bdd_false);
    assert_false(fz_bdds_full(small));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bdd__every_operation_is_that_of_truth_tables),
        cmocka_unit_test(test_bdd__size_counts_shared_nodes_once),
        cmocka_unit_test(test_bdd__grows_and_reset_empties),
        cmocka_unit_test(test_bdd__a_full_manager_says_so_until_it_is_reset),
    };
    int failed;

    fz_arena_init(&arena);
    m = fz_bdds_new(&arena, 1 << 20);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    fz_arena_release(&arena);
    return failed;
}
