#include "../support/support.h"

#include <stdio.h>

#include "ledger/hash.h"

static struct fz_crypto *crypto;

static fz_hasher hasher(fz_hash_kind kind)
{
    return (fz_hasher){crypto, kind};
}

static fz_str repeated(char *to, const char *text, size_t times)
{
    size_t n = strlen(text);

    for (size_t i = 0; i < times; i++)
        memcpy(to + i * n, text, n);
    return (fz_str){to, n * times};
}

static void expect(fz_hash hash, const char *hex)
{
    char text[FZ_HASH_HEX];

    assert_string_equal(fz_hash_hex(&hash, text), hex);
}

static void test_hash__published_vectors(void **state)
{
    static char million[1000000];
    char room[64];
    fz_str abc = FZ_STR("abc"), empty = {0},
           long56 = FZ_STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq");
    fz_str abcd16 = repeated(room, "abcd", 16), a = repeated(million, "a", sizeof(million));

    (void)state;
    /* GB/T 32905-2016, appendix A.1 and A.2 */
    expect(fz_hash_of(hasher(FZ_SM3), &abc, 1), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    expect(fz_hash_of(hasher(FZ_SM3), &abcd16, 1), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
    /* FIPS 180-4, SHA-256 examples; and the empty message of NIST's short-message vectors */
    expect(fz_hash_of(hasher(FZ_SHA256), &abc, 1), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(fz_hash_of(hasher(FZ_SHA256), &long56, 1),
           "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    expect(fz_hash_of(hasher(FZ_SHA256), &a, 1), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    expect(fz_hash_of(hasher(FZ_SHA256), &empty, 1),
           "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void test_hash__keyed_vectors(void **state)
{
    char room[200];
    fz_str text = FZ_STR("what do ya want for nothing?"), jefe = FZ_STR("Jefe");
    fz_str parts[] = {FZ_STR("Test Using Larger Than Block-Size Key"), FZ_STR(" - Hash Key First")};
    fz_str key131 = repeated(room, "\xaa", 131);

    (void)state;
    /* RFC 4231, cases 2 and 6 */
    expect(fz_hash_keyed(hasher(FZ_SHA256), jefe, &text, 1),
           "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    expect(fz_hash_keyed(hasher(FZ_SHA256), key131, parts, 2),
           "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

/* RFC 2104 written out for a key of at most one block. */
static void test_hash__keyed_sm3_as_defined(void **state)
{
    uint8_t pads[2][64];
    fz_str key = FZ_STR("sixteen byte key"), parts[] = {FZ_STR("申请人"), FZ_STR(""), FZ_STR("张三")};
    fz_str inner[] = {{(char *)pads[0], 64}, parts[0], parts[1], parts[2]}, outer[] = {{(char *)pads[1], 64}, {0}};
    fz_hash first, whole, got;

    (void)state;
    memset(pads[0], 0x36, 64);
    memset(pads[1], 0x5c, 64);
    for (size_t i = 0; i < key.n; i++) {
        pads[0][i] ^= (uint8_t)key.p[i];
        pads[1][i] ^= (uint8_t)key.p[i];
    }
    first = fz_hash_of(hasher(FZ_SM3), inner, 4);
    outer[1] = (fz_str){(char *)first.bytes, 32};
    whole = fz_hash_of(hasher(FZ_SM3), outer, 2);
    got = fz_hash_keyed(hasher(FZ_SM3), key, parts, 3);
    assert_true(fz_hash_eq(&whole, &got));
}

static void test_hash__leaf_and_node_have_their_prefixes(void **state)
{
    (void)state;
    for (fz_hash_kind k = 0; k < FZ_HASH_KINDS; k++) {
        fz_str leaf[] = {{"\0", 1}, FZ_STR("entry")}, node[] = {{"\1", 1}, {0}, {0}};
        fz_hash l = fz_hash_leaf(hasher(k), FZ_STR("entry")), r = fz_hash_leaf(hasher(k), (fz_str){0}), want, got;

        want = fz_hash_of(hasher(k), leaf, 2);
        assert_true(fz_hash_eq(&l, &want));
        node[1] = (fz_str){(char *)l.bytes, 32};
        node[2] = (fz_str){(char *)r.bytes, 32};
        want = fz_hash_of(hasher(k), node, 3);
        got = fz_hash_node(hasher(k), &l, &r);
        assert_true(fz_hash_eq(&got, &want));
    }
    /* RFC 6962's empty leaf and empty tree, as every log of SHA-256 has them */
    expect(fz_hash_leaf(hasher(FZ_SHA256), (fz_str){0}),
           "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    expect(fz_hash_empty(hasher(FZ_SHA256)), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void test_hash__pieces_equal_the_whole(void **state)
{
    char text[1000];
    uint32_t seed = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)((seed = seed * 1664525u + 1013904223u) >> 24);
    for (fz_hash_kind k = 0; k < FZ_HASH_KINDS; k++)
        for (size_t step = 1; step < 200; step += 33) {
            struct fz_digest *d = fz_digest_new(hasher(k));
            fz_str whole = {text, sizeof(text)};
            fz_hash want = fz_hash_of(hasher(k), &whole, 1), got;

            for (size_t at = 0; at < sizeof(text); at += step)
                fz_digest_add(d, (fz_str){text + at, at + step < sizeof(text) ? step : sizeof(text) - at});
            got = fz_digest_end(d);
            assert_true(fz_hash_eq(&got, &want));
            fz_digest_free(d);
        }
}

static void test_hash__hex_is_read_strictly(void **state)
{
    char hex[FZ_HASH_HEX];
    fz_hash hash = fz_hash_leaf(hasher(FZ_SM3), FZ_STR("x")), back;
    fz_str text = {fz_hash_hex(&hash, hex), FZ_HASH_HEX - 1};

    (void)state;
    assert_true(fz_hash_parse(text, &back) && fz_hash_eq(&hash, &back));
    assert_false(fz_hash_parse((fz_str){text.p, text.n - 1}, &back));
    for (size_t i = 0; i < text.n; i++)
        for (int c = 0; c < 256; c++) {
            char was = hex[i];
            bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');

            hex[i] = (char)c;
            assert_int_equal(fz_hash_parse(text, &back), good);
            assert_true(!good || fz_hash_eq(&hash, &back) == (c == was));
            hex[i] = was;
        }
}

static void test_hash__kinds_have_names(void **state)
{
    fz_hash_kind k;

    (void)state;
    assert_true(fz_hash_kind_of(FZ_STR("sm3"), &k) && k == FZ_SM3);
    assert_true(fz_hash_kind_of(FZ_STR("sha256"), &k) && k == FZ_SHA256);
    assert_false(fz_hash_kind_of(FZ_STR("SM3"), &k));
    assert_false(fz_hash_kind_of((fz_str){0}, &k));
    assert_string_equal(fz_hash_kind_id(FZ_SM3), "sm3");
}

static int set_up(void **state)
{
    struct fz_error err;

    (void)state;
    return fz_crypto_new(&crypto, &err) == FZ_OK ? 0 : (fprintf(stderr, "%s\n", err.text), -1);
}

static int tear_down(void **state)
{
    (void)state;
    fz_crypto_free(crypto);
    fz_crypto_free(NULL);
    fz_digest_free(NULL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hash__published_vectors),
        cmocka_unit_test(test_hash__keyed_vectors),
        cmocka_unit_test(test_hash__keyed_sm3_as_defined),
        cmocka_unit_test(test_hash__leaf_and_node_have_their_prefixes),
        cmocka_unit_test(test_hash__pieces_equal_the_whole),
        cmocka_unit_test(test_hash__hex_is_read_strictly),
        cmocka_unit_test(test_hash__kinds_have_names),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
