#include "../support/support.h"

#include <stdio.h>

#include "../support/merkle.h"
#include "ledger/audit.h"

#define ENTRIES 300

static struct fz_arena arena;
static struct fz_crypto *crypto;
static fz_hasher h;
static struct fz_source sources[ENTRIES];
static fz_hash leaves[ENTRIES];

static struct fz_entry entry(int64_t seq)
{
    return (struct fz_entry){.seq = seq,
                             .at_ms = seq / 3, /* some share their time */
                             .on = 20000,
                             .minute = FZ_MINUTE_NONE,
                             .jurisdiction = FZ_STR("330106"),
                             .record = FZ_STR("r"),
                             .type = FZ_STR("t"),
                             .action = FZ_STR("receive"),
                             .actor = FZ_STR("a"),
                             .organ = FZ_STR("o"),
                             .pack = FZ_STR("p"),
                             .pack_version = FZ_STR("1")};
}

static struct fz_source source_of(const struct fz_entry *e)
{
    struct fz_diags diags;
    struct fz_source s = {"log", {0}};

    fz_diags_init(&diags, &arena);
    s.text = fz_entry_encode(&arena, e, &diags);
    assert_true(s.text.n > 0);
    return s;
}

static struct fz_audit audited(size_t n)
{
    struct fz_audit a;
    struct fz_entry e;
    struct fz_diags diags;

    fz_diags_init(&diags, &arena);
    fz_audit_init(&a, h);
    for (size_t i = 0; i < n; i++)
        assert_true(fz_audit_add(&arena, &a, &sources[i], &e, NULL, NULL, &diags));
    return a;
}

static fz_diag_id refused(struct fz_audit *a, struct fz_source source)
{
    struct fz_audit was = *a;
    struct fz_entry e;
    struct fz_diags diags;

    fz_diags_init(&diags, &arena);
    assert_false(fz_audit_add(&arena, a, &source, &e, NULL, NULL, &diags));
    assert_int_equal(diags.n, 1);
    assert_memory_equal(a, &was, sizeof(was));
    return diags.items[0].id;
}

static void test_audit__entries_lead_to_the_heads(void **state)
{
    struct fz_audit a;
    struct fz_entry e;
    struct fz_diags diags;

    (void)state;
    fz_diags_init(&diags, &arena);
    fz_audit_init(&a, h);
    for (size_t n = 0; n <= ENTRIES; n++) {
        struct fz_checkpoint head = {FZ_STR("x"), n, slow_root(h, leaves, n), FZ_SM3};
        fz_tree_node nodes[FZ_TREE_STORED_MAX];
        size_t stored;

        assert_true(fz_audit_head(&arena, &a, &head, NULL, &diags));
        if (n == ENTRIES)
            break;
        assert_true(fz_audit_add(&arena, &a, &sources[n], &e, nodes, &stored, &diags));
        assert_int_equal(e.seq, n + 1);
        assert_int_equal(stored, n == 255 ? 2 : 1);
        assert_true(fz_hash_eq(&nodes[0].hash, &leaves[n]));
    }
    assert_int_equal(diags.n, 0);
}

static void test_audit__a_head_of_other_entries(void **state)
{
    struct fz_audit a = audited(9);
    struct fz_checkpoint head = {FZ_STR("x"), 9, slow_root(h, leaves, 9), FZ_SM3};
    struct fz_diags diags;

    (void)state;
    fz_diags_init(&diags, &arena);
    head.root.bytes[31] ^= 1;
    assert_false(fz_audit_head(&arena, &a, &head, NULL, &diags));
    head.root.bytes[31] ^= 1;
    head.hash = FZ_SHA256;
    assert_false(fz_audit_head(&arena, &a, &head, NULL, &diags));
    head.hash = FZ_SM3;
    assert_int_equal(diags.items[0].id, FZ_D_audit_root);
    head.size = 10;
    fz_diags_init(&diags, &arena);
    assert_false(fz_audit_head(&arena, &a, &head, NULL, &diags));
    assert_int_equal(diags.items[0].id, FZ_D_audit_size);
}

static void test_audit__a_broken_log(void **state)
{
    struct fz_audit a = audited(9);
    struct fz_entry e = entry(10);

    (void)state;
    assert_int_equal(refused(&a, sources[8]), FZ_D_audit_sequence);  /* twice */
    assert_int_equal(refused(&a, sources[10]), FZ_D_audit_sequence); /* one is missing */
    e.at_ms = 2;
    assert_int_equal(refused(&a, source_of(&e)), FZ_D_audit_time);
    e = entry(10);
    e.jurisdiction = FZ_STR("330100");
    assert_int_equal(refused(&a, source_of(&e)), FZ_D_audit_jurisdiction);
    assert_int_equal(refused(&a, (struct fz_source){"log", FZ_STR("{}")}), FZ_D_ledger_expected);
}

static int set_up(void **state)
{
    struct fz_error err;

    (void)state;
    fz_arena_init(&arena);
    if (fz_crypto_new(&crypto, &err) != FZ_OK)
        return fprintf(stderr, "%s\n", err.text), -1;
    h = (fz_hasher){crypto, FZ_SM3};
    for (size_t i = 0; i < ENTRIES; i++) {
        struct fz_entry e = entry((int64_t)i + 1);

        sources[i] = source_of(&e);
        leaves[i] = slow_leaf(h, sources[i].text);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fz_crypto_free(crypto);
    fz_arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_audit__entries_lead_to_the_heads),
        cmocka_unit_test(test_audit__a_head_of_other_entries),
        cmocka_unit_test(test_audit__a_broken_log),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
