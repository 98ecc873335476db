#include "../support/support.h"

#include <stdio.h>
#include <stdlib.h>

#include "../support/ledger.h"
#include "../support/merkle.h"
#include "ledger/note.h"

#define ORIGIN "fazhi.example/330106"

static struct fz_arena arena;
static struct fz_crypto *crypto;
static struct fz_signer *log_key, *old_log_key, *other_log_key, *witness_a, *witness_b, *stranger;
static struct fz_error err;
static uint64_t counter;

static const fz_random counted = {counted_bytes, &counter};

static fz_hash root_of(const char *text)
{
    return fz_hash_leaf((fz_hasher){crypto, FZ_SM3}, fz_str_of(text));
}

static fz_str head_text(fz_hash_kind hash, uint64_t size)
{
    struct fz_checkpoint c = {FZ_STR(ORIGIN), size, root_of("root"), hash};
    struct fz_buf b = {0};
    fz_str text;

    fz_checkpoint_emit(&c, &b);
    text = fz_str_copy(&arena, fz_buf_str(&b));
    fz_buf_release(&b);
    return text;
}

/* A note over the text, signed by up to three keys. */
static fz_str signed_by(fz_str text, const struct fz_signer *a, const struct fz_signer *b, const struct fz_signer *c)
{
    const struct fz_signer *keys[] = {a, b, c};
    struct fz_buf note = {0};
    fz_str out;

    fz_buf_add(&note, text);
    fz_buf_addc(&note, '\n');
    for (size_t i = 0; i < 3 && keys[i]; i++)
        assert_int_equal(fz_note_sign(keys[i], text, 1679315147, counted, &note, &err), FZ_OK);
    out = fz_str_copy(&arena, fz_buf_str(&note));
    fz_buf_release(&note);
    return out;
}

static const struct fz_source *source_of(fz_str text)
{
    struct fz_source *s = FZ_NEW(&arena, struct fz_source);

    *s = (struct fz_source){"head", text};
    return s;
}

/* FZ_DIAG_COUNT when it is believed. */
static fz_diag_id opened(fz_str note, size_t witnesses_min, struct fz_checkpoint *out)
{
    const struct fz_verifier *logs[] = {fz_signer_verifier(old_log_key), fz_signer_verifier(log_key),
                                        fz_signer_verifier(other_log_key)};
    const struct fz_verifier *witnesses[] = {fz_signer_verifier(witness_a), fz_signer_verifier(witness_b)};
    struct fz_trust trust = {logs, 3, witnesses, 2, witnesses_min};
    struct fz_checkpoint c;
    struct fz_diags diags;
    bool ok;

    fz_diags_init(&diags, &arena);
    ok = fz_checkpoint_open(&arena, source_of(note), &trust, out ? out : &c, &diags);
    assert_int_equal(diags.n, !ok);
    return ok ? FZ_DIAG_COUNT : diags.items[0].id;
}

static void test_note__text_of_a_checkpoint(void **state)
{
    (void)state;
    assert_true(fz_str_is(head_text(FZ_SM3, 20852163),
                          ORIGIN "\n20852163\n2dImXLwQJo9Rno0c+VpSogMq6n2r51/99n52J3vYois=\nhash sm3\n"));
    assert_true(fz_str_is(head_text(FZ_SHA256, 0), ORIGIN "\n0\n2dImXLwQJo9Rno0c+VpSogMq6n2r51/99n52J3vYois=\n"));
}

/* The signed note in the documentation of Go's golang.org/x/mod/sumdb/note. */
static void test_note__of_another_program(void **state)
{
    static const char text[] =
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
        "\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    struct fz_checkpoint c = {.origin = FZ_STR("PeterNeumann")};
    struct fz_verifier *v;
    struct fz_note note;
    struct fz_diags diags;
    size_t witnesses;

    (void)state;
    fz_diags_init(&diags, &arena);
    assert_int_equal(fz_verifier_read(&v, crypto,
                                      FZ_STR("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
                                      &err),
                     FZ_OK);
    assert_true(fz_note_parse(&arena, source_of(fz_str_of(text)), &note, &diags));
    assert_true(fz_checkpoint_verify(&arena, &note, &c,
                                     &(struct fz_trust){.logs = (const struct fz_verifier *[]){v}, .logs_n = 1},
                                     &witnesses, &diags));
    /* It is a note, but no checkpoint. */
    assert_false(fz_checkpoint_parse(&arena, &note, &c, &diags));
    assert_int_equal(diags.items[0].id, FZ_D_checkpoint_lines);
    fz_verifier_free(v);
}

static void test_note__is_believed_when_a_trusted_key_signed(void **state)
{
    struct fz_checkpoint c;
    fz_hash root = root_of("root");

    (void)state;
    for (fz_hash_kind k = 0; k < FZ_HASH_KINDS; k++) {
        assert_int_equal(opened(signed_by(head_text(k, 7), log_key, NULL, NULL), 0, &c), FZ_DIAG_COUNT);
        assert_true(fz_str_is(c.origin, ORIGIN) && c.size == 7 && c.hash == k && fz_hash_eq(&c.root, &root));
    }
    assert_int_equal(opened(signed_by(head_text(FZ_SM3, 7), old_log_key, NULL, NULL), 0, NULL), FZ_DIAG_COUNT);
    assert_int_equal(opened(signed_by(head_text(FZ_SM3, 7), stranger, log_key, witness_a), 1, NULL), FZ_DIAG_COUNT);
    assert_int_equal(opened(signed_by(head_text(FZ_SM3, 7), log_key, witness_a, witness_b), 2, NULL), FZ_DIAG_COUNT);
}

static void test_note__otherwise_it_is_not(void **state)
{
    fz_str text = head_text(FZ_SM3, 7), good = signed_by(text, log_key, witness_a, NULL);
    struct fz_signer *namesake = make_signer(crypto, FZ_SM2, FZ_ROLE_LOG, ORIGIN, 77);
    struct fz_signer *log_as_witness = make_signer(crypto, FZ_SM2, FZ_ROLE_WITNESS, "w.example/log", 1);
    const struct fz_verifier *logs[] = {fz_signer_verifier(log_key)}, *same[] = {fz_signer_verifier(log_as_witness)};
    const struct fz_verifier *twice[] = {fz_signer_verifier(witness_a), fz_signer_verifier(witness_a)};
    struct fz_checkpoint c;
    struct fz_diags diags;

    (void)state;
    assert_int_equal(opened(signed_by(text, stranger, NULL, NULL), 0, NULL), FZ_D_note_untrusted);
    assert_int_equal(opened(signed_by(text, namesake, NULL, NULL), 0, NULL), FZ_D_note_untrusted);
    assert_int_equal(opened(signed_by(text, witness_a, witness_b, NULL), 2, NULL), FZ_D_note_untrusted);
    /* The key of another log, trusted for that one. */
    assert_int_equal(opened(signed_by(text, other_log_key, NULL, NULL), 0, NULL), FZ_D_note_untrusted);
    assert_int_equal(opened(good, 2, NULL), FZ_D_note_witnesses);
    /* The same witness twice, in the note or among the keys, is one; and a log does not witness itself. */
    assert_int_equal(opened(signed_by(text, log_key, witness_a, witness_a), 2, NULL), FZ_D_note_witnesses);
    fz_diags_init(&diags, &arena);
    assert_false(fz_checkpoint_open(&arena, source_of(good), &(struct fz_trust){logs, 1, twice, 2, 2}, &c, &diags));
    assert_false(fz_checkpoint_open(&arena, source_of(signed_by(text, log_key, log_as_witness, NULL)),
                                    &(struct fz_trust){logs, 1, same, 1, 1}, &c, &diags));
    assert_int_equal(diags.items[1].id, FZ_D_note_witnesses);
    /* Nobody is trusted by default. */
    assert_false(fz_checkpoint_open(&arena, source_of(good), &(struct fz_trust){0}, &c, &diags));
    /* A good signature does not make up for a bad one of another key to trust. */
    good = signed_by(text, log_key, old_log_key, NULL);
    ((char *)good.p)[good.n - 8] ^= good.p[good.n - 8] == 'A' ? 'A' ^ 'B' : good.p[good.n - 8] ^ 'A';
    assert_int_equal(opened(good, 0, NULL), FZ_D_note_bad_signature);
    fz_signer_free(namesake);
    fz_signer_free(log_as_witness);
}

static void test_note__every_changed_byte_is_noticed(void **state)
{
    fz_str note = signed_by(head_text(FZ_SM3, 7), log_key, witness_a, NULL);
    char *p = (char *)note.p;

    (void)state;
    for (size_t i = 0; i < note.n; i++)
        for (int bit = 0; bit < 8; bit++) {
            p[i] ^= (char)(1 << bit);
            assert_int_not_equal(opened(note, 1, NULL), FZ_DIAG_COUNT);
            p[i] ^= (char)(1 << bit);
        }
    assert_int_equal(opened(note, 1, NULL), FZ_DIAG_COUNT);
    for (size_t n = 0; n < note.n; n++)
        assert_int_not_equal(opened((fz_str){p, n}, 1, NULL), FZ_DIAG_COUNT);
}

/* tlog-cosignature: the time in front, and in what is signed. */
static void test_note__witness_signs_the_time(void **state)
{
    fz_str text = head_text(FZ_SHA256, 7);
    fz_str message = fz_str_printf(&arena, "cosignature/v1\ntime 1679315147\n%.*s", FZ_STR_ARG(text));
    struct fz_note note;
    struct fz_diags diags;

    (void)state;
    fz_diags_init(&diags, &arena);
    assert_true(fz_note_parse(&arena, source_of(signed_by(text, witness_a, witness_b, NULL)), &note, &diags));
    for (size_t i = 0; i < 2; i++) {
        const uint8_t *p = (const uint8_t *)note.signatures[i].bytes.p;

        assert_int_equal(note.signatures[i].bytes.n, 8 + 64);
        assert_memory_equal(p, "\0\0\0\0\x64\x18\x50\xCB", 8);
        assert_true(fz_verifier_check(fz_signer_verifier(i ? witness_b : witness_a), message, p + 8));
    }
}

static void test_note__strict_form(void **state)
{
    static const struct {
        const char *text;
        fz_diag_id id;
        uint32_t line;
    } rows[] = {
#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
#define SIG "— a AAAAAAA=\n"
        {"", FZ_D_note_signatures, 1},
        {"\n", FZ_D_note_signatures, 2},
        {"a\n1\n" ROOT, FZ_D_note_signatures, 4},
        {"a\n1\n" ROOT "\n", FZ_D_note_signatures, 5},
        {"a\n1\n" ROOT "\n— a AAAAAAA=", FZ_D_note_signatures, 5},
        {"a\n1\n" ROOT "\n- a AAAAAAA=\n", FZ_D_note_signature, 5},
        {"a\n1\n" ROOT "\n—a AAAAAAA=\n", FZ_D_note_signature, 5},
        {"a\n1\n" ROOT "\n—  AAAAAAA=\n", FZ_D_note_signature, 5},
        {"a\n1\n" ROOT "\n— a\n", FZ_D_note_signature, 5},
        {"a\n1\n" ROOT "\n— a+b AAAAAAA=\n", FZ_D_note_signature, 5},
        {"a\n1\n" ROOT "\n— a AAAA\n", FZ_D_note_signature, 5},
        {"a\n1\n" ROOT "\n— a AAAAAA==\n", FZ_D_note_signature, 5},
        {"a\n1\n" ROOT "\n— a AAAAAAB=\n", FZ_D_note_signature, 5},
        {"a\n1\n" ROOT "\n— a AAAAAAA= \n", FZ_D_note_signature, 5},
        {"a\n1\n" ROOT "\n— a AAA=AAA=\n", FZ_D_note_signature, 5},
        {"a\r\n1\n" ROOT "\n" SIG, FZ_D_note_character, 1},
        {"a\n1\t\n" ROOT "\n" SIG, FZ_D_note_character, 2},
        {"a\xFF\n1\n" ROOT "\n" SIG, FZ_D_ledger_utf8, 1},
        {"a\n1\n\n" SIG, FZ_D_checkpoint_lines, 3},
        {"\n1\n" ROOT "\n" SIG, FZ_D_checkpoint_lines, 1},
        {"a\n1\n" ROOT "\nx\n\n" SIG, FZ_D_checkpoint_lines, 4},
        {"a\n01\n" ROOT "\n" SIG, FZ_D_checkpoint_size, 2},
        {"a\n-1\n" ROOT "\n" SIG, FZ_D_checkpoint_size, 2},
        {"a\n+1\n" ROOT "\n" SIG, FZ_D_checkpoint_size, 2},
        {"a\n1 \n" ROOT "\n" SIG, FZ_D_checkpoint_size, 2},
        {"a\n9007199254740993\n" ROOT "\n" SIG, FZ_D_checkpoint_size, 2},
        {"a\n18446744073709551617\n" ROOT "\n" SIG, FZ_D_checkpoint_size, 2},
        {"a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n\n" SIG, FZ_D_ledger_hash, 3},
        {"a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2Jq\n\n" SIG, FZ_D_ledger_hash, 3},
        {"a\n1\nAAAA\n\n" SIG, FZ_D_ledger_hash, 3},
        {"a\n1\n" ROOT "hash md5\n\n" SIG, FZ_D_checkpoint_hash, 4},
        {"a\n1\n" ROOT "hash sm3\nhash sha256\n\n" SIG, FZ_D_checkpoint_hash, 5},
        {"a\n1\n" ROOT "more\nhash sm3\n\n" SIG, FZ_D_note_untrusted, 1}, /* well formed */
    };

    (void)state;
    for (size_t i = 0; i < FZ_COUNT(rows); i++) {
        struct fz_checkpoint c;
        struct fz_diags diags;

        fz_diags_init(&diags, &arena);
        assert_false(fz_checkpoint_open(&arena, source_of(fz_str_of(rows[i].text)), &(struct fz_trust){0}, &c, &diags));
        if (diags.n != 1 || diags.items[0].id != rows[i].id || diags.items[0].span.line != rows[i].line)
            fail_msg("row %zu: %zu problems, %s in line %u", i, diags.n, fz_diag_row(diags.items[0].id)->id,
                     diags.items[0].span.line);
    }
}

static void test_note__maxima(void **state)
{
    struct fz_buf text = {0};

    (void)state;
    fz_buf_addz(&text, "a\n1\n" ROOT "\n");
    for (int i = 0; i < FZ_NOTE_SIGNATURES_MAX; i++)
        fz_buf_addz(&text, SIG);
    assert_int_equal(opened(fz_buf_str(&text), 0, NULL), FZ_D_note_untrusted);
    fz_buf_addz(&text, SIG);
    assert_int_equal(opened(fz_buf_str(&text), 0, NULL), FZ_D_ledger_many);
    while (text.n <= FZ_NOTE_BYTES_MAX)
        fz_buf_addz(&text, SIG);
    assert_int_equal(opened(fz_buf_str(&text), 0, NULL), FZ_D_ledger_bytes);
    fz_buf_release(&text);
}

static void test_note__a_log_does_not_contradict_itself(void **state)
{
    fz_hasher h = {crypto, FZ_SM3};
    fz_hash leaves[12], other;
    struct fz_checkpoint heads[13];
    struct fz_diags diags;

    (void)state;
    fz_diags_init(&diags, &arena);
    for (size_t i = 0; i < 12; i++)
        leaves[i] = slow_leaf(h, (fz_str){(char *)&i, sizeof(i)});
    for (size_t n = 0; n <= 12; n++)
        heads[n] = (struct fz_checkpoint){FZ_STR(ORIGIN), n, slow_root(h, leaves, n), FZ_SM3};
    other = leaves[3];
    for (size_t n = 0; n <= 12; n++)
        for (size_t m = 0; m <= 12; m++) {
            struct fz_checkpoint changed = heads[n];
            struct fz_path proof = {0};
            bool ok;

            if (m > 0 && m < n)
                proof.n = slow_consistency(h, m, leaves, n, true, proof.at);
            fz_diags_init(&diags, &arena);
            ok = fz_checkpoint_follows(crypto, &heads[m], &heads[n], &proof, NULL, &diags);
            assert_int_equal(ok, m <= n);
            assert_true(ok || diags.items[0].id == FZ_D_checkpoint_goes_back);
            if (m == 0 || m > n)
                continue;
            changed.root = other; /* same size, or larger: another history */
            assert_false(fz_checkpoint_follows(crypto, &heads[m], &changed, &proof, NULL, &diags));
            assert_int_equal(diags.items[diags.n - 1].id, FZ_D_checkpoint_contradicts);
        }
    heads[5].origin = FZ_STR("fazhi.example/330100");
    assert_false(fz_checkpoint_follows(crypto, &heads[5], &heads[5 + 1], &(struct fz_path){0}, NULL, &diags));
    assert_int_equal(diags.items[diags.n - 1].id, FZ_D_checkpoint_other_log);
    heads[6].hash = FZ_SHA256;
    assert_false(fz_checkpoint_follows(crypto, &heads[6], &heads[7], &(struct fz_path){0}, NULL, &diags));
    assert_int_equal(diags.items[diags.n - 1].id, FZ_D_checkpoint_other_log);
}

static int set_up(void **state)
{
    (void)state;
    fz_arena_init(&arena);
    if (fz_crypto_new(&crypto, &err) != FZ_OK)
        return fprintf(stderr, "%s\n", err.text), -1;
    log_key = make_signer(crypto, FZ_SM2, FZ_ROLE_LOG, ORIGIN, 1);
    old_log_key = make_signer(crypto, FZ_ED25519, FZ_ROLE_LOG, ORIGIN, 2);
    other_log_key = make_signer(crypto, FZ_SM2, FZ_ROLE_LOG, "fazhi.example/330100", 3);
    witness_a = make_signer(crypto, FZ_ED25519, FZ_ROLE_WITNESS, "w.example/a", 4);
    witness_b = make_signer(crypto, FZ_SM2, FZ_ROLE_WITNESS, "w.example/b", 5);
    stranger = make_signer(crypto, FZ_ED25519, FZ_ROLE_LOG, "stranger.example", 6);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fz_signer_free(log_key);
    fz_signer_free(old_log_key);
    fz_signer_free(other_log_key);
    fz_signer_free(witness_a);
    fz_signer_free(witness_b);
    fz_signer_free(stranger);
    fz_crypto_free(crypto);
    fz_arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_note__text_of_a_checkpoint),
        cmocka_unit_test(test_note__of_another_program),
        cmocka_unit_test(test_note__is_believed_when_a_trusted_key_signed),
        cmocka_unit_test(test_note__otherwise_it_is_not),
        cmocka_unit_test(test_note__every_changed_byte_is_noticed),
        cmocka_unit_test(test_note__witness_signs_the_time),
        cmocka_unit_test(test_note__strict_form),
        cmocka_unit_test(test_note__maxima),
        cmocka_unit_test(test_note__a_log_does_not_contradict_itself),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
