#include "../support/support.h"

#include <stdio.h>
#include <stdlib.h>

#include "../support/merkle.h"
#include "ledger/tree.h"

#define LEAVES 70000 /* two tile levels above the leaves */
#define EXHAUSTIVE 130

static struct fz_crypto *crypto;
static fz_hasher h;
static fz_hash leaves[LEAVES];
static fz_hash stored[FZ_TREE_STORED_MAX][LEAVES];
static uint64_t stored_n[FZ_TREE_STORED_MAX];
static uint64_t reads;
static uint64_t seed;

static uint64_t draw(uint64_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (seed >> 20) % below;
}

static fz_status read_nodes(void *arg, unsigned level, uint64_t index, size_t n, fz_hash *out, struct fz_error *err)
{
    if (arg)
        return fz_fail(err, FZ_E_IO, "the disk is gone");
    assert_true(n >= 1 && n <= FZ_TILE_NODES / 2 && (n & (n - 1)) == 0);
    assert_true(index / FZ_TILE_NODES == (index + n - 1) / FZ_TILE_NODES);
    assert_true(level < FZ_TREE_STORED_MAX && index + n <= stored_n[level]);
    memcpy(out, &stored[level][index], n * sizeof(*out));
    reads += n;
    return FZ_OK;
}

static const fz_tree_reader reader = {read_nodes, NULL};

static void flip(fz_hash *hash, size_t byte)
{
    hash->bytes[byte] ^= (uint8_t)(1u << draw(8));
}

static bool slow_includes(const fz_hash *leaf, uint64_t index, uint64_t size, const struct fz_path *p,
                          const fz_hash *root)
{
    bool ok = true;
    fz_hash got = slow_root_by_inclusion(h, *leaf, index, size, p->at, p->n, &ok);

    return ok && memcmp(&got, root, sizeof(got)) == 0;
}

static bool slow_is_consistent(uint64_t first, uint64_t second, const struct fz_path *p, const fz_hash *a,
                               const fz_hash *b)
{
    bool ok = true;
    struct slow_roots got = slow_roots_by_consistency(h, *a, first, second, true, p->at, p->n, &ok);

    return ok && memcmp(&got.first, a, sizeof(*a)) == 0 && memcmp(&got.second, b, sizeof(*b)) == 0;
}

static void test_tree__grows_as_defined(void **state)
{
    fz_tree t = {0};

    (void)state;
    for (uint64_t n = 0; n <= 600; n++) {
        fz_tree back;
        fz_hash want = slow_root(h, leaves, n), got = fz_tree_root(h, &t);
        fz_tree_node nodes[FZ_TREE_STORED_MAX];
        struct fz_error err;

        assert_memory_equal(&want, &got, sizeof(want));
        assert_int_equal(fz_tree_at(h, reader, n, &back, &err), FZ_OK);
        assert_int_equal(back.size, n);
        got = fz_tree_root(h, &back);
        assert_memory_equal(&want, &got, sizeof(want));
        /* Going on from what was read is the same as never having stopped. */
        fz_tree_append(h, &back, &leaves[n], nodes);
        fz_tree_append(h, &t, &leaves[n], nodes);
        got = fz_tree_root(h, &back);
        want = fz_tree_root(h, &t);
        assert_memory_equal(&want, &got, sizeof(want));
    }
}

static void test_tree__stores_complete_subtrees_of_tile_levels(void **state)
{
    (void)state;
    assert_int_equal(stored_n[0], LEAVES);
    assert_int_equal(stored_n[1], LEAVES / 256);
    assert_int_equal(stored_n[2], LEAVES / 65536);
    for (unsigned level = 1; level <= 2; level++)
        for (uint64_t i = 0; i < stored_n[level]; i++) {
            uint64_t width = (uint64_t)1 << (8 * level);
            fz_hash want = slow_root(h, leaves + i * width, width);

            assert_memory_equal(&want, &stored[level][i], sizeof(want));
        }
}

/* RFC 9162 2.1.3.1 and 2.1.3.2 for one leaf of one size. */
static void check_inclusion(uint64_t index, uint64_t size, const fz_hash *root, bool every_byte)
{
    struct fz_path got, longer;
    fz_hash want[FZ_TREE_PATH_MAX], leaf = leaves[index], other_root = *root;
    struct fz_error err;
    size_t n = slow_inclusion(h, index, leaves, size, want);

    assert_int_equal(fz_tree_inclusion(h, reader, index, size, &got, &err), FZ_OK);
    assert_int_equal(got.n, n);
    assert_memory_equal(got.at, want, n * sizeof(*want));
    assert_true(slow_includes(&leaf, index, size, &got, root));
    assert_true(fz_tree_included(h, &leaf, index, size, &got, root));
    for (size_t byte = every_byte ? 0 : (size_t)draw(32); byte < 32; byte += every_byte ? 1 : 32) {
        for (size_t i = 0; i < got.n; i++) {
            fz_hash kept = got.at[i];

            flip(&got.at[i], byte);
            assert_false(fz_tree_included(h, &leaf, index, size, &got, root));
            got.at[i] = kept;
        }
        flip(&leaf, byte);
        assert_false(fz_tree_included(h, &leaf, index, size, &got, root));
        leaf = leaves[index];
        flip(&other_root, byte);
        assert_false(fz_tree_included(h, &leaf, index, size, &got, &other_root));
        other_root = *root;
    }
    assert_false(fz_tree_included(h, &leaf, size, size, &got, root));
    if (size > 1) {
        uint64_t other = draw(size - 1);

        assert_false(fz_tree_included(h, &leaf, other + (other >= index), size, &got, root));
    }
    longer = got;
    longer.at[longer.n++] = *root;
    assert_false(fz_tree_included(h, &leaf, index, size, &longer, root));
    longer.n = got.n - 1;
    assert_true(got.n == 0 || !fz_tree_included(h, &leaf, index, size, &longer, root));
}

static void check_consistency(uint64_t first, uint64_t second, const fz_hash *a, const fz_hash *b, bool every_byte)
{
    struct fz_path got, longer;
    fz_hash want[FZ_TREE_PATH_MAX], other_a = *a, other_b = *b;
    struct fz_error err;
    size_t n = first ? slow_consistency(h, first, leaves, second, true, want) : 0;

    assert_int_equal(fz_tree_consistency(h, reader, first, second, &got, &err), FZ_OK);
    assert_int_equal(got.n, n);
    assert_memory_equal(got.at, want, n * sizeof(*want));
    assert_true(first == 0 || slow_is_consistent(first, second, &got, a, b));
    assert_true(fz_tree_consistent(h, first, second, &got, a, b));
    for (size_t byte = every_byte ? 0 : (size_t)draw(32); byte < 32; byte += every_byte ? 1 : 32) {
        for (size_t i = 0; i < got.n; i++) {
            fz_hash kept = got.at[i];

            flip(&got.at[i], byte);
            assert_false(fz_tree_consistent(h, first, second, &got, a, b));
            got.at[i] = kept;
        }
        flip(&other_a, byte);
        assert_false(fz_tree_consistent(h, first, second, &got, &other_a, b));
        other_a = *a;
        flip(&other_b, byte);
        if (first) /* of a tree without leaves, any is a continuation */
            assert_false(fz_tree_consistent(h, first, second, &got, a, &other_b));
        other_b = *b;
    }
    longer = got;
    longer.at[longer.n++] = *b;
    assert_false(fz_tree_consistent(h, first, second, &longer, a, b));
    longer.n = got.n - 1;
    assert_true(got.n == 0 || !fz_tree_consistent(h, first, second, &longer, a, b));
    assert_true(first == second || !fz_tree_consistent(h, second, first, &got, b, a));
}

static void test_tree__proofs_of_all_small_trees(void **state)
{
    static fz_hash roots[EXHAUSTIVE + 1];

    (void)state;
    for (uint64_t n = 0; n <= EXHAUSTIVE; n++)
        roots[n] = slow_root(h, leaves, n);
    for (uint64_t n = 0; n <= EXHAUSTIVE; n++) {
        for (uint64_t i = 0; i < n; i++)
            check_inclusion(i, n, &roots[n], n <= 20);
        for (uint64_t m = 0; m <= n; m++)
            check_consistency(m, n, &roots[m], &roots[n], n <= 20);
    }
}

static void test_tree__proofs_of_random_large_trees(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        uint64_t n = i == 0 ? LEAVES : i == 1 ? 65536 : i == 2 ? 65537 : 200 + draw(LEAVES - 200), m = 1 + draw(n - 1);
        fz_hash root = slow_root(h, leaves, n), first = slow_root(h, leaves, m);

        check_inclusion(draw(n), n, &root, i == 0);
        check_inclusion(n - 1, n, &root, false);
        check_consistency(m, n, &first, &root, i == 0);
    }
}

static void test_tree__sm3_proofs(void **state)
{
    fz_hasher was = h;

    (void)state;
    h.kind = FZ_SM3;
    for (uint64_t n = 1; n <= 17; n++) {
        fz_hash root = slow_root(h, leaves, n);

        /* The stored nodes of other tile levels are not asked for below 256 leaves. */
        for (uint64_t i = 0; i < n; i++)
            check_inclusion(i, n, &root, false);
    }
    h = was;
}

static void test_tree__a_proof_reads_little(void **state)
{
    struct fz_path p;
    struct fz_error err;

    (void)state;
    for (int i = 0; i < 100; i++) {
        reads = 0;
        assert_int_equal(fz_tree_inclusion(h, reader, draw(LEAVES), LEAVES, &p, &err), FZ_OK);
        assert_true(reads <= 2 * 3 * 256);
        reads = 0;
        assert_int_equal(fz_tree_consistency(h, reader, 1 + draw(LEAVES), LEAVES, &p, &err), FZ_OK);
        assert_true(reads <= 2 * 3 * 256);
    }
}

static void test_tree__what_is_not_there_has_no_proof(void **state)
{
    static int gone;
    fz_tree_reader broken = {read_nodes, &gone};
    struct fz_path p;
    struct fz_error err = {0};
    fz_tree t;

    (void)state;
    assert_int_equal(fz_tree_inclusion(h, reader, 5, 5, &p, &err), FZ_E_INPUT);
    assert_int_equal(fz_tree_inclusion(h, reader, 0, 0, &p, &err), FZ_E_INPUT);
    assert_int_equal(fz_tree_inclusion(h, reader, 0, FZ_TREE_SIZE_MAX + 1, &p, &err), FZ_E_INPUT);
    assert_int_equal(fz_tree_consistency(h, reader, 6, 5, &p, &err), FZ_E_INPUT);
    assert_int_equal(fz_tree_at(h, reader, FZ_TREE_SIZE_MAX + 1, &t, &err), FZ_E_INPUT);
    assert_int_equal(fz_tree_inclusion(h, broken, 3, 5, &p, &err), FZ_E_IO);
    assert_string_equal(err.text, "the disk is gone");
    assert_int_equal(fz_tree_consistency(h, broken, 3, 5, &p, &err), FZ_E_IO);
    assert_int_equal(fz_tree_at(h, broken, 3, &t, &err), FZ_E_IO);
}

/* The root says nothing of a size beyond all reach: such a claim is refused by the length of its proof, at once. */
static void test_tree__huge_claims_end(void **state)
{
    struct fz_path p = {.n = FZ_TREE_PATH_MAX};

    (void)state;
    assert_false(fz_tree_included(h, &leaves[0], UINT64_MAX - 1, UINT64_MAX, &p, &leaves[1]));
    assert_false(fz_tree_included(h, &leaves[0], 0, UINT64_MAX, &p, &leaves[1]));
    assert_false(fz_tree_consistent(h, 1, UINT64_MAX, &p, &leaves[0], &leaves[1]));
    assert_false(fz_tree_consistent(h, (uint64_t)1 << 63, UINT64_MAX, &p, &leaves[0], &leaves[1]));
}

static int set_up(void **state)
{
    struct fz_error err;
    fz_tree t = {0};
    const char *given = getenv("FZ_SEED");

    (void)state;
    seed = given ? strtoull(given, NULL, 10) : 20261124;
    printf("# FZ_SEED=%llu\n", (unsigned long long)seed);
    if (fz_crypto_new(&crypto, &err) != FZ_OK)
        return fprintf(stderr, "%s\n", err.text), -1;
    h = (fz_hasher){crypto, FZ_SHA256};
    for (uint64_t i = 0; i < LEAVES; i++) {
        fz_tree_node nodes[FZ_TREE_STORED_MAX];
        size_t n;

        leaves[i] = slow_leaf(h, (fz_str){(char *)&i, sizeof(i)});
        n = fz_tree_append(h, &t, &leaves[i], nodes);
        for (size_t k = 0; k < n; k++) {
            assert_int_equal(nodes[k].index, stored_n[nodes[k].level]++); /* each once and in order */
            stored[nodes[k].level][nodes[k].index] = nodes[k].hash;
        }
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fz_crypto_free(crypto);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree__grows_as_defined),
        cmocka_unit_test(test_tree__stores_complete_subtrees_of_tile_levels),
        cmocka_unit_test(test_tree__proofs_of_all_small_trees),
        cmocka_unit_test(test_tree__proofs_of_random_large_trees),
        cmocka_unit_test(test_tree__sm3_proofs),
        cmocka_unit_test(test_tree__a_proof_reads_little),
        cmocka_unit_test(test_tree__what_is_not_there_has_no_proof),
        cmocka_unit_test(test_tree__huge_claims_end),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
