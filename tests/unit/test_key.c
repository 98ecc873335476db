#include "../support/support.h"

#include <stdio.h>

#include "../support/ledger.h"

static struct fz_crypto *crypto;
static struct fz_error err;
static uint64_t counter;

static const fz_random counted = {counted_bytes, &counter};

/* ---- published vectors ---- */

static size_t bytes_of(const char *hex, uint8_t *out)
{
    size_t n = strlen(hex) / 2;

    for (size_t i = 0; i < n; i++) {
        unsigned v;

        assert_int_equal(sscanf(hex + 2 * i, "%2x", &v), 1);
        out[i] = (uint8_t)v;
    }
    return n;
}

/* Gives the bytes in `arg` (hexadecimal) first, then others: SM2 blinds its arithmetic, and refuses zeros for that. */
static bool given_bytes(void *arg, void *to, size_t n)
{
    memset(to, 0x5A, n);
    bytes_of(arg, to);
    return true;
}

static fz_random given(char *hex)
{
    return (fz_random){given_bytes, hex};
}

static bool no_bytes(void *arg, void *to, size_t n)
{
    (void)arg, (void)to, (void)n;
    return false;
}

/* The name in front of it and the type within are ours; the key is at the end. */
static void expect_public(const struct fz_signer *s, const char *hex)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct fz_buf vkey = {0};
    uint8_t want[80], got[128];
    size_t n = bytes_of(hex, want), got_n = 0;
    uint32_t b = 0;
    const char *p;

    fz_verifier_emit(fz_signer_verifier(s), &vkey);
    p = strchr(strchr(vkey.p, '+') + 1, '+') + 1;
    for (int k = 0; *p && *p != '='; p++) {
        b = b << 6 | (uint32_t)(strchr(digits, *p) - digits);
        if (++k % 4 != 1)
            got[got_n++] = (uint8_t)(b >> (6 - 2 * ((k + 3) % 4)));
    }
    assert_true(got_n > n);
    assert_memory_equal(got + got_n - n, want, n);
    fz_buf_release(&vkey);
}

/* RFC 8032 7.1, TEST 2 */
static void test_key__ed25519_vector(void **state)
{
    char secret[] = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
    uint8_t want[64], got[64];
    struct fz_signer *s;

    (void)state;
    assert_int_equal(fz_signer_generate(&s, crypto, FZ_ED25519, FZ_ROLE_LOG, FZ_STR("x"), given(secret), &err), FZ_OK);
    expect_public(s, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    bytes_of("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
             "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
             want);
    assert_int_equal(fz_signer_sign(s, FZ_STR("\x72"), (fz_random){no_bytes, NULL}, got, &err), FZ_OK);
    assert_memory_equal(got, want, sizeof(want));
    assert_true(fz_verifier_check(fz_signer_verifier(s), FZ_STR("\x72"), want));
    fz_signer_free(s);
}

/* GB/T 32918.5-2017, appendix A.2: the signature of "message digest" by ALICE's key, with the random number of the example. */
static void test_key__sm2_vector(void **state)
{
    char secret[] = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";
    char drawn[] = "59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21";
    uint8_t want[64], got[64];
    struct fz_signer *s;

    (void)state;
    assert_int_equal(fz_signer_generate(&s, crypto, FZ_SM2, FZ_ROLE_LOG, FZ_STR("x"), given(secret), &err), FZ_OK);
    expect_public(s, "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
                     "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13");
    bytes_of("f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
             "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa",
             want);
    assert_true(fz_verifier_check(fz_signer_verifier(s), FZ_STR("message digest"), want));
    assert_int_equal(fz_signer_sign(s, FZ_STR("message digest"), given(drawn), got, &err), FZ_OK);
    assert_memory_equal(got, want, sizeof(want));
    fz_signer_free(s);
}

/* ---- signatures ---- */

static void test_key__nothing_but_the_signature_fits(void **state)
{
    (void)state;
    for (fz_algorithm a = 0; a < FZ_ALGORITHMS; a++) {
        struct fz_signer *s = make_signer(crypto, a, FZ_ROLE_LOG, "log", 1),
                         *other = make_signer(crypto, a, FZ_ROLE_LOG, "log", 2);
        const struct fz_verifier *v = fz_signer_verifier(s);
        char text[] = "the text";
        fz_str message = {text, sizeof(text) - 1};
        uint8_t sig[64];

        assert_int_equal(fz_signer_sign(s, message, counted, sig, &err), FZ_OK);
        assert_true(fz_verifier_check(v, message, sig));
        assert_false(fz_verifier_check(fz_signer_verifier(other), message, sig));
        for (size_t i = 0; i < sizeof(sig); i++) {
            sig[i] ^= (uint8_t)(1u << i % 8);
            assert_false(fz_verifier_check(v, message, sig));
            sig[i] ^= (uint8_t)(1u << i % 8);
        }
        for (size_t i = 0; i < message.n; i++) {
            text[i] ^= 1;
            assert_false(fz_verifier_check(v, message, sig));
            text[i] ^= 1;
        }
        memset(sig, 0, sizeof(sig));
        assert_false(fz_verifier_check(v, message, sig));
        memset(sig, 0xFF, sizeof(sig));
        assert_false(fz_verifier_check(v, message, sig));
        fz_signer_free(s);
        fz_signer_free(other);
    }
}

/* SM2 draws for each signature, and only from what it is given. */
static void test_key__randomness_is_the_callers(void **state)
{
    struct fz_signer *s = make_signer(crypto, FZ_SM2, FZ_ROLE_LOG, "log", 1), *none = NULL;
    uint64_t a = 1, b = 1, c = 2;
    uint8_t sig_a[64], sig_b[64], sig_c[64];

    (void)state;
    assert_int_equal(fz_signer_sign(s, FZ_STR("m"), (fz_random){counted_bytes, &a}, sig_a, &err), FZ_OK);
    assert_int_equal(fz_signer_sign(s, FZ_STR("m"), (fz_random){counted_bytes, &b}, sig_b, &err), FZ_OK);
    assert_int_equal(fz_signer_sign(s, FZ_STR("m"), (fz_random){counted_bytes, &c}, sig_c, &err), FZ_OK);
    assert_memory_equal(sig_a, sig_b, 64);
    assert_memory_not_equal(sig_a, sig_c, 64);
    assert_int_equal(fz_signer_sign(s, FZ_STR("m"), (fz_random){no_bytes, NULL}, sig_a, &err), FZ_E_IO);
    assert_int_equal(fz_signer_sign(s, FZ_STR("m"), (fz_random){0}, sig_a, &err), FZ_E_IO);
    assert_int_equal(fz_signer_generate(&none, crypto, FZ_ED25519, FZ_ROLE_LOG, FZ_STR("x"), (fz_random){0}, &err),
                     FZ_E_IO);
    assert_null(none);
    fz_signer_free(s);
}

/* ---- private keys as text ---- */

static const char ed_pem[] = "-----BEGIN PRIVATE KEY-----\n"
                             "MC4CAQAwBQYDK2VwBCIEILdoE9tSHLeUhNL/BcejQ8yICTB0LfIzLj0OQOVOHPTb\n"
                             "-----END PRIVATE KEY-----\n";
static const char ed_sealed_pem[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
                                    "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiCXv4YMw5tQQICCAAw\n"
                                    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEBmA4LkujRM+3lBHYO6j+mUEQPNw\n"
                                    "PBdD5ct/jFywj37tWe7U1c4gYGNOSq62IIIAQlJT5jy7iYA5e5QViivp4I/E+IfL\n"
                                    "i6uTZgnemjCAxpEjN9w=\n"
                                    "-----END ENCRYPTED PRIVATE KEY-----\n";
static const char sm2_pem[] = "-----BEGIN PRIVATE KEY-----\n"
                              "MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQghpoULLZNHlP5CcCR\n"
                              "fxeLn9ncFBcyx8OcnabOiH59nEWhRANCAAThkNKdHHgMNk/31tdMEhkOxdU2xxnP\n"
                              "QrqweskJM9SV+hXwnRH+uHsRd6g8HxtnAt5L23uGpRq4oQ2MCqNtZ74C\n"
                              "-----END PRIVATE KEY-----\n";
/* The same private half with the public half of another key. */
static const char sm2_torn_pem[] = "-----BEGIN PRIVATE KEY-----\n"
                                   "MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQghpoULLZNHlP5CcCR\n"
                                   "fxeLn9ncFBcyx8OcnabOiH59nEWhRANCAARLwcHBYxRcTllx8sgKkdUNbeQ+yWV4\n"
                                   "k1w79t7G5mh2pHz1pRzkK7u+aJidz+WQsfFMRkutmddZfjlu1IM86NKj\n"
                                   "-----END PRIVATE KEY-----\n";
static const char p256_pem[] = "-----BEGIN PRIVATE KEY-----\n"
                               "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg5dGfXKyK5DQLt0nK\n"
                               "twIiTnu3hXYHFIsCx0jLskvbHdChRANCAATdVibQRqfBjEuQ7BmLlA+0OZVsEl1t\n"
                               "CywGLVBcaeby8LLHqBJqIK9ppZwZPNOK22HxGrmGmeB7D6qrijwDwhWw\n"
                               "-----END PRIVATE KEY-----\n";

static fz_status read_pem(struct fz_signer **out, const char *pem, const char *passphrase)
{
    return fz_signer_read(out, crypto, FZ_ROLE_LOG, FZ_STR("log"), fz_str_of(pem), fz_str_of(passphrase), &err);
}

/* Written by the openssl command. */
static void test_key__reads_what_openssl_wrote(void **state)
{
    struct fz_signer *s;

    (void)state;
    assert_int_equal(read_pem(&s, ed_pem, ""), FZ_OK);
    expect_public(s, "04a693f8c13864a63268afdde7779dd8c8734f0722cb3e045483d2e658091c53");
    fz_signer_free(s);
    assert_int_equal(read_pem(&s, ed_sealed_pem, "法治"), FZ_OK);
    expect_public(s, "04a693f8c13864a63268afdde7779dd8c8734f0722cb3e045483d2e658091c53");
    fz_signer_free(s);
    assert_int_equal(read_pem(&s, sm2_pem, ""), FZ_OK);
    expect_public(s, "04e190d29d1c780c364ff7d6d74c12190ec5d536c719cf42bab07ac90933d495fa"
                     "15f09d11feb87b1177a83c1f1b6702de4bdb7b86a51ab8a10d8c0aa36d67be02");
    fz_signer_free(s);
}

static void test_key__refuses_other_private_keys(void **state)
{
    struct fz_signer *s = NULL;
    char big[FZ_KEY_PEM_BYTES_MAX + 2];

    (void)state;
    assert_int_equal(read_pem(&s, p256_pem, ""), FZ_E_INPUT);
    assert_string_equal(err.text, "this private key is neither Ed25519 nor SM2");
    assert_int_equal(read_pem(&s, sm2_torn_pem, ""), FZ_E_INPUT);
    assert_non_null(strstr(err.text, "the two halves of this private key do not fit"));
    assert_int_equal(read_pem(&s, ed_sealed_pem, ""), FZ_E_INPUT);
    assert_string_equal(err.text, "this private key has a passphrase, and none is given");
    assert_int_equal(read_pem(&s, ed_sealed_pem, "法制"), FZ_E_INPUT);
    assert_non_null(strstr(err.text, "the passphrase does not open this private key"));
    assert_int_equal(read_pem(&s, "", ""), FZ_E_INPUT);
    assert_int_equal(read_pem(&s, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", ""), FZ_E_INPUT);
    assert_int_equal(read_pem(&s, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", ""), FZ_E_INPUT);
    memset(big, ' ', sizeof(big));
    big[sizeof(big) - 1] = '\0';
    assert_int_equal(read_pem(&s, big, ""), FZ_E_INPUT);
    assert_int_equal(fz_signer_read(&s, crypto, FZ_ROLE_LOG, FZ_STR("a b"), fz_str_of(ed_pem), (fz_str){0}, &err),
                     FZ_E_INPUT);
    assert_null(s);
}

static void test_key__comes_back_from_its_text(void **state)
{
    (void)state;
    for (fz_algorithm a = 0; a < FZ_ALGORITHMS; a++)
        for (int sealed = 0; sealed < 2; sealed++) {
            struct fz_signer *s = make_signer(crypto, a, FZ_ROLE_LOG, "log", 5), *back = NULL;
            struct fz_buf pem = {0};
            const char *passphrase = sealed ? "correct horse 电池" : "";
            uint8_t sig[64];

            assert_int_equal(fz_signer_write(s, fz_str_of(passphrase), counted, &pem, &err), FZ_OK);
            assert_int_equal(strstr(pem.p, "ENCRYPTED") != NULL, sealed);
            assert_int_equal(read_pem(&back, pem.p, passphrase), FZ_OK);
            assert_true(fz_verifier_same_key(fz_signer_verifier(s), fz_signer_verifier(back)));
            assert_int_equal(fz_signer_sign(back, FZ_STR("m"), counted, sig, &err), FZ_OK);
            assert_true(fz_verifier_check(fz_signer_verifier(s), FZ_STR("m"), sig));
            assert_true(!sealed || fz_signer_write(s, FZ_STR("x"), (fz_random){0}, &pem, &err) == FZ_E_IO);
            fz_signer_free(back);
            fz_signer_free(s);
            fz_buf_release(&pem);
        }
}

/* ---- public keys as text ---- */

/* The verifier key of Go's golang.org/x/mod/sumdb/note documentation. */
#define NEUMANN "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

static void test_key__vkey_of_other_programs(void **state)
{
    struct fz_verifier *v;
    struct fz_buf out = {0};

    (void)state;
    assert_int_equal(fz_verifier_read(&v, crypto, FZ_STR(NEUMANN), &err), FZ_OK);
    assert_int_equal(fz_verifier_id(v), 0xc74f20a3);
    assert_true(fz_str_is(fz_verifier_name(v), "PeterNeumann"));
    assert_true(fz_verifier_role(v) == FZ_ROLE_LOG && fz_verifier_algorithm(v) == FZ_ED25519);
    fz_verifier_emit(v, &out);
    assert_string_equal(out.p, NEUMANN);
    fz_buf_release(&out);
    fz_verifier_free(v);
}

static void test_key__vkeys_come_back_and_no_changed_one_does(void **state)
{
    (void)state;
    for (fz_algorithm a = 0; a < FZ_ALGORITHMS; a++)
        for (fz_role r = 0; r < FZ_ROLES; r++) {
            struct fz_signer *s = make_signer(crypto, a, r, "法治.example/330106", 3);
            struct fz_verifier *v;
            struct fz_buf text = {0};

            fz_verifier_emit(fz_signer_verifier(s), &text);
            assert_int_equal(fz_verifier_read(&v, crypto, fz_buf_str(&text), &err), FZ_OK);
            assert_true(fz_verifier_same_key(v, fz_signer_verifier(s)));
            assert_true(fz_verifier_role(v) == r && fz_verifier_algorithm(v) == a);
            assert_int_equal(fz_verifier_id(v), fz_verifier_id(fz_signer_verifier(s)));
            fz_verifier_free(v);
            v = NULL;
            for (size_t i = 0; i < text.n; i++) {
                text.p[i] ^= 1;
                assert_int_equal(fz_verifier_read(&v, crypto, fz_buf_str(&text), &err), FZ_E_INPUT);
                text.p[i] ^= 1;
                assert_int_equal(fz_verifier_read(&v, crypto, (fz_str){text.p, i}, &err), FZ_E_INPUT);
            }
            assert_null(v);
            fz_buf_release(&text);
            fz_signer_free(s);
        }
}

static void test_key__one_key_has_an_id_for_each_role(void **state)
{
    struct fz_signer *log = make_signer(crypto, FZ_SM2, FZ_ROLE_LOG, "a", 1);
    struct fz_signer *witness = make_signer(crypto, FZ_SM2, FZ_ROLE_WITNESS, "a", 1);

    (void)state;
    assert_true(fz_verifier_same_key(fz_signer_verifier(log), fz_signer_verifier(witness)));
    assert_int_not_equal(fz_verifier_id(fz_signer_verifier(log)), fz_verifier_id(fz_signer_verifier(witness)));
    fz_signer_free(log);
    fz_signer_free(witness);
}

static void test_key__names(void **state)
{
    char longest[FZ_KEY_NAME_BYTES_MAX + 1];

    (void)state;
    memset(longest, 'n', sizeof(longest));
    assert_true(fz_key_name_valid(FZ_STR("example.com/log")));
    assert_true(fz_key_name_valid(FZ_STR("西湖区.法治")));
    assert_true(fz_key_name_valid((fz_str){longest, FZ_KEY_NAME_BYTES_MAX}));
    assert_false(fz_key_name_valid((fz_str){longest, FZ_KEY_NAME_BYTES_MAX + 1}));
    assert_false(fz_key_name_valid((fz_str){0}));
    assert_false(fz_key_name_valid(FZ_STR("a+b")));
    assert_false(fz_key_name_valid(FZ_STR("a b")));
    assert_false(fz_key_name_valid(FZ_STR("a\nb")));
    assert_false(fz_key_name_valid(FZ_STR("a\u3000b")));
    assert_false(fz_key_name_valid(FZ_STR("a\u00a0b")));
    assert_false(fz_key_name_valid(FZ_STR("a\u2028b")));
    assert_false(fz_key_name_valid(FZ_STR("a\xFF")));
}

static int set_up(void **state)
{
    (void)state;
    return fz_crypto_new(&crypto, &err) == FZ_OK ? 0 : (fprintf(stderr, "%s\n", err.text), -1);
}

static int tear_down(void **state)
{
    (void)state;
    fz_crypto_free(crypto);
    fz_signer_free(NULL);
    fz_verifier_free(NULL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key__ed25519_vector),
        cmocka_unit_test(test_key__sm2_vector),
        cmocka_unit_test(test_key__nothing_but_the_signature_fits),
        cmocka_unit_test(test_key__randomness_is_the_callers),
        cmocka_unit_test(test_key__reads_what_openssl_wrote),
        cmocka_unit_test(test_key__refuses_other_private_keys),
        cmocka_unit_test(test_key__comes_back_from_its_text),
        cmocka_unit_test(test_key__vkey_of_other_programs),
        cmocka_unit_test(test_key__vkeys_come_back_and_no_changed_one_does),
        cmocka_unit_test(test_key__one_key_has_an_id_for_each_role),
        cmocka_unit_test(test_key__names),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
