/* What a witness is asked: what is written is read again, and every cut, extra line or other number is refused with its place. */
#include "../support/support.h"

#include "ledger/witness.h"

#define NOTE                                                                                                           \
    "fazhi.example/330106\n9\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\xE2\x80\x94 fazhi.example/330106 Az3grlgtzPICa5OS8npVmf1=\n"
#define HASH "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

static struct fz_arena arena;

static bool parse(fz_str text, struct fz_witness_request *out, struct fz_diags *diags)
{
    struct fz_source *source = FZ_NEW(&arena, struct fz_source);

    *source = (struct fz_source){"request", text};
    fz_diags_init(diags, &arena);
    return fz_witness_request_parse(&arena, source, out, diags);
}

static void test_witness__reads_what_it_wrote(void **state)
{
    struct fz_witness_request r = {.old = 20852014, .note = {"x", FZ_STR(NOTE)}}, again;
    struct fz_diags diags;

    (void)state;
    for (r.proof.n = 0; r.proof.n <= FZ_TREE_PATH_MAX; r.proof.n++) {
        struct fz_buf text = {0};

        for (size_t i = 0; i < r.proof.n; i++)
            memset(r.proof.at[i].bytes, (int)(i + 1), FZ_HASH_BYTES);
        fz_witness_request_emit(&r, &text);
        assert_true(parse(fz_buf_str(&text), &again, &diags));
        assert_int_equal(again.old, r.old);
        assert_int_equal(again.proof.n, r.proof.n);
        assert_memory_equal(again.proof.at, r.proof.at, r.proof.n * sizeof(*r.proof.at));
        assert_true(fz_str_eq(again.note.text, r.note.text));
        fz_buf_release(&text);
    }
}

static void test_witness__has_the_bytes_of_tlog_witness(void **state)
{
    struct fz_witness_request r = {.old = 3, .proof = {.n = 1}, .note = {"x", FZ_STR(NOTE)}};
    struct fz_buf text = {0};

    (void)state;
    fz_witness_request_emit(&r, &text);
    assert_string_equal(text.p, "old 3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n" NOTE);
    fz_buf_release(&text);
}

static void test_witness__a_head_alone_has_no_proof(void **state)
{
    struct fz_witness_request r;
    struct fz_diags diags;

    (void)state;
    assert_true(parse(FZ_STR(NOTE), &r, &diags));
    assert_int_equal(r.old, 0);
    assert_int_equal(r.proof.n, 0);
    assert_true(fz_str_eq(r.note.text, FZ_STR(NOTE)));
}

static void test_witness__refuses_with_a_place(void **state)
{
    static const struct {
        fz_str text;
        uint32_t line;
        fz_diag_id id;
    } wrong[] = {
        {FZ_STR("old \n\n" NOTE), 1, FZ_D_checkpoint_size},
        {FZ_STR("old 03\n\n" NOTE), 1, FZ_D_checkpoint_size},
        {FZ_STR("old +3\n\n" NOTE), 1, FZ_D_checkpoint_size},
        {FZ_STR("old 9007199254740993\n\n" NOTE), 1, FZ_D_checkpoint_size},
        {FZ_STR("old 3"), 1, FZ_D_checkpoint_lines},
        {FZ_STR("old 3\n"), 2, FZ_D_checkpoint_lines},
        {FZ_STR("old 3\n" HASH), 3, FZ_D_checkpoint_lines},
        {FZ_STR("old 3\n" HASH "\n"), 4, FZ_D_checkpoint_lines},
        {FZ_STR("old 3\n" HASH "AAAA\n\n" NOTE), 3, FZ_D_ledger_hash},
        {FZ_STR("old 3\n" HASH NOTE), 3, FZ_D_ledger_hash},
    };

    (void)state;
    for (size_t i = 0; i < FZ_COUNT(wrong); i++) {
        struct fz_witness_request r;
        struct fz_diags diags;

        assert_false(parse(wrong[i].text, &r, &diags));
        assert_int_equal(diags.n, 1);
        assert_int_equal(diags.items[0].id, wrong[i].id);
        assert_int_equal(diags.items[0].span.line, wrong[i].line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_witness__reads_what_it_wrote),
        cmocka_unit_test(test_witness__has_the_bytes_of_tlog_witness),
        cmocka_unit_test(test_witness__a_head_alone_has_no_proof),
        cmocka_unit_test(test_witness__refuses_with_a_place),
    };
    int failed;

    fz_arena_init(&arena);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    fz_arena_release(&arena);
    return failed;
}
