/*
 * Randomness: OpenSSL draws it where it needs it, from generators of the library context. That context is ours alone, and its
 * generators are set to the kind that hands out bytes it was given beforehand and fails when they are used up ("TEST-RAND", made for
 * known-answer tests). So with_random() gives it bytes of the caller's before each operation that draws, and takes the rest back
 * after: nothing is drawn twice, and nothing that the caller did not give.
 */
#include "ledger/key.h"

#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "ledger/base64_int.h"
#include "ledger/crypto_int.h"

#define DRAWN_BYTES 1024 /* the most thirsty operation, an SM2 signature, draws some 100 */
#define PUBLIC_BYTES_MAX 65
#define SCALAR_BYTES 32
#define KDF_SALT_BYTES 16
#define IV_BYTES 16
#define ID_DIGITS 8
#define SM2_USER_ID "1234567812345678"

static const struct {
    const char *openssl_name, *digest;
    size_t public_bytes;
    fz_str type[FZ_ROLES];
} algorithms[FZ_ALGORITHMS] = {
    [FZ_ED25519] = {"ED25519", NULL, 32, {FZ_STR("\x01"), FZ_STR("\x04")}},
    [FZ_SM2] = {"SM2",
                "SM3",
                65,
                {FZ_STR("\xff"
                        "fazhi/sm2-note/v1"),
                 FZ_STR("\xff"
                        "fazhi/sm2-cosignature/v1")}},
};

struct fz_verifier {
    struct fz_crypto *crypto;
    EVP_PKEY *key;
    fz_algorithm algorithm;
    fz_role role;
    uint8_t public[PUBLIC_BYTES_MAX];
    uint32_t id;
    char name[FZ_KEY_NAME_BYTES_MAX];
    size_t name_n;
};

struct fz_signer {
    EVP_PKEY *key;
    struct fz_verifier *verifier;
};

/* ---- names ---- */

/* Unicode's White_Space, and controls. */
static bool is_space(uint32_t cp)
{
    return cp <= 0x20 || (cp >= 0x7F && cp <= 0xA0) || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 ||
           cp == 0x2029 || cp == 0x202F || cp == 0x205F || cp == 0x3000;
}

bool fz_key_name_valid(fz_str name)
{
    uint32_t cp;
    size_t n;

    if (name.n == 0 || name.n > FZ_KEY_NAME_BYTES_MAX)
        return false;
    for (; name.n; name.p += n, name.n -= n)
        if ((n = fz_utf8_next(name, &cp)) == 0 || cp == '+' || is_space(cp))
            return false;
    return true;
}

static fz_status check_name(fz_str name, struct fz_error *err)
{
    if (fz_key_name_valid(name))
        return FZ_OK;
    return fz_fail(err, FZ_E_INPUT, "the name of a key has 1 to %d bytes of UTF-8 without blanks and plus signs",
                   FZ_KEY_NAME_BYTES_MAX);
}

/* ---- randomness ---- */

static bool set_entropy(EVP_RAND_CTX *generator, uint8_t *bytes, size_t n)
{
    OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_ENTROPY, bytes, n),
                           OSSL_PARAM_construct_end()};

    return generator && EVP_RAND_CTX_set_params(generator, params) == 1;
}

/* Bytes for secrets and for the rest come from two generators; each gets its own. */
static fz_status give_random(struct fz_crypto *crypto, fz_random random, struct fz_error *err)
{
    OSSL_LIB_CTX *context = fz_crypto_context(crypto);
    uint8_t bytes[2 * DRAWN_BYTES];
    bool ok = random.fill && random.fill(random.arg, bytes, sizeof(bytes));

    if (!ok)
        return fz_fail(err, FZ_E_IO, "there is no randomness for a key");
    ok = set_entropy(RAND_get0_private(context), bytes, DRAWN_BYTES) &&
         set_entropy(RAND_get0_public(context), bytes + DRAWN_BYTES, DRAWN_BYTES);
    OPENSSL_cleanse(bytes, sizeof(bytes));
    return ok ? FZ_OK : fz_crypto_fail(err, FZ_E_IO, "OpenSSL does not take the randomness given");
}

static void take_random(struct fz_crypto *crypto)
{
    OSSL_LIB_CTX *context = fz_crypto_context(crypto);
    uint8_t none = 0;

    fz_assert(set_entropy(RAND_get0_private(context), &none, 0) && set_entropy(RAND_get0_public(context), &none, 0));
}

/* ---- public keys ---- */

static EVP_PKEY *public_key(struct fz_crypto *crypto, fz_algorithm algorithm, const uint8_t *bytes, size_t n)
{
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char[]){"SM2"}, 0),
                           OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)bytes, n), /* read only */
                           OSSL_PARAM_construct_end()};
    const char *name = algorithms[algorithm].openssl_name;
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(fz_crypto_context(crypto), name, NULL);
    EVP_PKEY *key = NULL;

    if (!c || EVP_PKEY_fromdata_init(c) != 1 ||
        EVP_PKEY_fromdata(c, &key, EVP_PKEY_PUBLIC_KEY, algorithm == FZ_SM2 ? params : params + 1) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(c);
    return key;
}

static uint32_t id_of(const struct fz_verifier *v)
{
    fz_str parts[] = {{v->name, v->name_n},
                      FZ_STR("\n"),
                      algorithms[v->algorithm].type[v->role],
                      {(const char *)v->public, algorithms[v->algorithm].public_bytes}};
    fz_hash hash = fz_hash_of((fz_hasher){v->crypto, FZ_SHA256}, parts, FZ_COUNT(parts));

    return (uint32_t)hash.bytes[0] << 24 | (uint32_t)hash.bytes[1] << 16 | (uint32_t)hash.bytes[2] << 8 | hash.bytes[3];
}

/* `bytes` are as many as the algorithm's public keys have. */
static fz_status new_verifier(struct fz_verifier **out, struct fz_crypto *crypto, fz_algorithm algorithm, fz_role role,
                              fz_str name, const uint8_t *bytes, struct fz_error *err)
{
    size_t n = algorithms[algorithm].public_bytes;
    struct fz_verifier *v = calloc(1, sizeof(*v));

    if (!v)
        return fz_fail(err, FZ_E_NOMEM, "memory ran out");
    *v = (struct fz_verifier){.crypto = crypto, .algorithm = algorithm, .role = role, .name_n = name.n};
    memcpy(v->name, name.p, name.n);
    memcpy(v->public, bytes, n);
    v->id = id_of(v);
    v->key = public_key(crypto, algorithm, bytes, n);
    if (!v->key) {
        fz_verifier_free(v);
        return fz_crypto_fail(err, FZ_E_INPUT, "this is no public key");
    }
    *out = v;
    return FZ_OK;
}

void fz_verifier_free(struct fz_verifier *v)
{
    if (!v)
        return;
    EVP_PKEY_free(v->key);
    free(v);
}

void fz_verifier_emit(const struct fz_verifier *v, struct fz_buf *out)
{
    fz_str type = algorithms[v->algorithm].type[v->role];
    struct fz_buf bytes = {0};

    fz_buf_add(&bytes, type);
    fz_buf_add(&bytes, (fz_str){(const char *)v->public, algorithms[v->algorithm].public_bytes});
    fz_buf_printf(out, "%.*s+%08x+", (int)v->name_n, v->name, (unsigned)v->id);
    fz_base64_emit(out, bytes.p, bytes.n);
    fz_buf_release(&bytes);
}

static bool find_type(fz_str bytes, fz_algorithm *out_algorithm, fz_role *out_role)
{
    for (size_t a = 0; a < FZ_ALGORITHMS; a++)
        for (size_t r = 0; r < FZ_ROLES; r++) {
            fz_str type = algorithms[a].type[r];

            if (bytes.n == type.n + algorithms[a].public_bytes && memcmp(bytes.p, type.p, type.n) == 0) {
                *out_algorithm = (fz_algorithm)a;
                *out_role = (fz_role)r;
                return true;
            }
        }
    return false;
}

static fz_status bad_vkey(struct fz_error *err)
{
    return fz_fail(err, FZ_E_INPUT, "a public key is written NAME+ID+KEY, with eight hexadecimal digits and base64");
}

fz_status fz_verifier_read(struct fz_verifier **out, struct fz_crypto *crypto, fz_str vkey, struct fz_error *err)
{
    const char *plus = vkey.n ? memchr(vkey.p, '+', vkey.n) : NULL;
    size_t name_n = plus ? (size_t)(plus - vkey.p) : 0, frame = name_n + ID_DIGITS + 2;
    struct fz_buf bytes = {0}, again = {0};
    struct fz_verifier *v = NULL;
    fz_algorithm algorithm;
    fz_role role;
    fz_status s;

    if (!plus || vkey.n <= frame)
        return bad_vkey(err);
    FZ_TRY(check_name((fz_str){vkey.p, name_n}, err));
    if (!fz_base64_read(&bytes, (fz_str){vkey.p + frame, vkey.n - frame})) {
        s = bad_vkey(err);
    } else if (!find_type(fz_buf_str(&bytes), &algorithm, &role)) {
        s = fz_fail(err, FZ_E_INPUT, "this public key is of a type that fazhi does not know");
    } else {
        const uint8_t *key = (const uint8_t *)bytes.p + algorithms[algorithm].type[role].n;

        s = new_verifier(&v, crypto, algorithm, role, (fz_str){vkey.p, name_n}, key, err);
    }
    if (s == FZ_OK) {
        fz_verifier_emit(v, &again);
        if (!fz_str_eq(fz_buf_str(&again), vkey))
            s = fz_fail(err, FZ_E_INPUT, "the id in this public key does not fit its name and key");
    }
    fz_buf_release(&bytes);
    fz_buf_release(&again);
    if (s == FZ_OK)
        *out = v;
    else
        fz_verifier_free(v);
    return s;
}

fz_str fz_verifier_name(const struct fz_verifier *v)
{
    return (fz_str){v->name, v->name_n};
}

uint32_t fz_verifier_id(const struct fz_verifier *v)
{
    return v->id;
}

fz_role fz_verifier_role(const struct fz_verifier *v)
{
    return v->role;
}

fz_algorithm fz_verifier_algorithm(const struct fz_verifier *v)
{
    return v->algorithm;
}

bool fz_verifier_same_key(const struct fz_verifier *a, const struct fz_verifier *b)
{
    return a->algorithm == b->algorithm && memcmp(a->public, b->public, algorithms[a->algorithm].public_bytes) == 0;
}

/* ---- private keys ---- */

/* Takes `key` over, also when it fails. */
static fz_status new_signer(struct fz_signer **out, struct fz_crypto *crypto, fz_algorithm algorithm, fz_role role,
                            fz_str name, EVP_PKEY *key, struct fz_error *err)
{
    struct fz_signer *s = calloc(1, sizeof(*s));
    uint8_t bytes[PUBLIC_BYTES_MAX];
    size_t n = 0;
    fz_status status = FZ_OK;

    if (!s) {
        EVP_PKEY_free(key);
        return fz_fail(err, FZ_E_NOMEM, "memory ran out");
    }
    s->key = key;
    if ((algorithm == FZ_SM2 &&
         EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed") != 1) ||
        EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, bytes, sizeof(bytes), &n) != 1 ||
        n != algorithms[algorithm].public_bytes)
        status = fz_crypto_fail(err, FZ_E_INPUT, "this private key does not tell its public half");
    if (status == FZ_OK)
        status = new_verifier(&s->verifier, crypto, algorithm, role, name, bytes, err);
    if (status == FZ_OK)
        *out = s;
    else
        fz_signer_free(s);
    return status;
}

void fz_signer_free(struct fz_signer *s)
{
    if (!s)
        return;
    EVP_PKEY_free(s->key);
    fz_verifier_free(s->verifier);
    free(s);
}

const struct fz_verifier *fz_signer_verifier(const struct fz_signer *s)
{
    return s->verifier;
}

fz_status fz_signer_generate(struct fz_signer **out, struct fz_crypto *crypto, fz_algorithm algorithm, fz_role role,
                             fz_str name, fz_random random, struct fz_error *err)
{
    EVP_PKEY *key;

    FZ_TRY(check_name(name, err));
    FZ_TRY(give_random(crypto, random, err));
    key = EVP_PKEY_Q_keygen(fz_crypto_context(crypto), NULL, algorithms[algorithm].openssl_name);
    take_random(crypto);
    if (!key)
        return fz_crypto_fail(err, FZ_E_IO, "no key could be made");
    return new_signer(out, crypto, algorithm, role, name, key, err);
}

static PKCS8_PRIV_KEY_INFO *decrypt(struct fz_crypto *crypto, const uint8_t *der, size_t n, fz_str passphrase)
{
    X509_SIG *sealed = d2i_X509_SIG(NULL, &(const unsigned char *){der}, (long)n);
    PKCS8_PRIV_KEY_INFO *info = sealed ? PKCS8_decrypt_ex(sealed, passphrase.n ? passphrase.p : "", (int)passphrase.n,
                                                          fz_crypto_context(crypto), NULL)
                                       : NULL;

    X509_SIG_free(sealed);
    return info;
}

static fz_status key_of_info(EVP_PKEY **out, struct fz_crypto *crypto, const PKCS8_PRIV_KEY_INFO *info,
                             fz_algorithm *out_algorithm, struct fz_error *err)
{
    EVP_PKEY *key = EVP_PKCS82PKEY_ex(info, fz_crypto_context(crypto), NULL);

    for (size_t a = 0; key && a < FZ_ALGORITHMS; a++)
        if (EVP_PKEY_is_a(key, algorithms[a].openssl_name)) {
            *out_algorithm = (fz_algorithm)a;
            *out = key;
            return FZ_OK;
        }
    EVP_PKEY_free(key);
    return fz_crypto_fail(err, FZ_E_INPUT, "this private key is neither Ed25519 nor SM2");
}

/* A private key whose file names another point as its public half would sign what nobody can verify. */
static bool halves_fit(struct fz_crypto *crypto, EVP_PKEY *key)
{
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_pkey(fz_crypto_context(crypto), key, NULL);
    bool fit = c && EVP_PKEY_pairwise_check(c) == 1;

    EVP_PKEY_CTX_free(c);
    return fit;
}

static fz_status read_block(EVP_PKEY **out, struct fz_crypto *crypto, const char *block, const uint8_t *der, size_t n,
                            fz_str passphrase, fz_algorithm *out_algorithm, struct fz_error *err)
{
    bool sealed = strcmp(block, PEM_STRING_PKCS8) == 0;
    PKCS8_PRIV_KEY_INFO *info;
    fz_status s;

    if (!sealed && strcmp(block, PEM_STRING_PKCS8INF) != 0)
        return fz_fail(err, FZ_E_INPUT, "a block `%s` is no private key in PKCS#8", block);
    if (sealed && passphrase.n == 0)
        return fz_fail(err, FZ_E_INPUT, "this private key has a passphrase, and none is given");
    info = sealed ? decrypt(crypto, der, n, passphrase)
                  : d2i_PKCS8_PRIV_KEY_INFO(NULL, &(const unsigned char *){der}, (long)n);
    if (!info)
        return fz_crypto_fail(err, FZ_E_INPUT,
                              sealed ? "the passphrase does not open this private key" : "this is no private key");
    s = key_of_info(out, crypto, info, out_algorithm, err);
    PKCS8_PRIV_KEY_INFO_free(info);
    return s;
}

/* Reading a key computes with it, and OpenSSL blinds that with what it draws; the result does not depend on it. The key file
 * itself is the one secret at hand, so its digests serve. */
struct blinding {
    fz_hasher h;
    fz_str secret;
};

static bool fill_blinding(void *arg, void *to, size_t n)
{
    const struct blinding *b = arg;

    for (size_t at = 0; at < n; at += FZ_HASH_BYTES) {
        fz_str count = {(const char *)&at, sizeof(at)};
        fz_hash hash = fz_hash_keyed(b->h, b->secret, &count, 1);

        memcpy((uint8_t *)to + at, hash.bytes, n - at < FZ_HASH_BYTES ? n - at : FZ_HASH_BYTES);
    }
    return true;
}

fz_status fz_signer_read(struct fz_signer **out, struct fz_crypto *crypto, fz_role role, fz_str name, fz_str pem,
                         fz_str passphrase, struct fz_error *err)
{
    BIO *text = pem.n <= FZ_KEY_PEM_BYTES_MAX ? BIO_new_mem_buf(pem.n ? pem.p : "", (int)pem.n) : NULL;
    char *block = NULL, *header = NULL;
    unsigned char *der = NULL;
    EVP_PKEY *key = NULL;
    fz_algorithm algorithm = FZ_ED25519;
    long n = 0;
    struct blinding blinding = {{crypto, FZ_SM3}, pem};
    fz_status s = check_name(name, err);

    if (s == FZ_OK && (!text || PEM_read_bio(text, &block, &header, &der, &n) != 1))
        s = fz_crypto_fail(err, FZ_E_INPUT, "this is no private key in PEM");
    if (s == FZ_OK)
        s = give_random(crypto, (fz_random){fill_blinding, &blinding}, err);
    if (s == FZ_OK)
        s = read_block(&key, crypto, block, der, (size_t)n, passphrase, &algorithm, err);
    if (s == FZ_OK && !halves_fit(crypto, key)) {
        EVP_PKEY_free(key);
        s = fz_crypto_fail(err, FZ_E_INPUT, "the two halves of this private key do not fit");
    }
    if (s == FZ_OK)
        s = new_signer(out, crypto, algorithm, role, name, key, err);
    take_random(crypto);
    BIO_free(text);
    OPENSSL_free(block);
    OPENSSL_free(header);
    OPENSSL_clear_free(der, (size_t)n);
    return s;
}

static bool write_sealed(BIO *text, struct fz_crypto *crypto, PKCS8_PRIV_KEY_INFO *info, fz_str passphrase,
                         uint8_t *salt, uint8_t *iv)
{
    OSSL_LIB_CTX *context = fz_crypto_context(crypto);
    X509_ALGOR *how = PKCS5_pbe2_set_iv_ex(EVP_aes_256_cbc(), FZ_KEY_ITERATIONS, salt, KDF_SALT_BYTES, iv,
                                           NID_hmacWithSHA256, context);
    X509_SIG *sealed = how ? PKCS8_set0_pbe_ex(passphrase.p, (int)passphrase.n, info, how, context, NULL) : NULL;
    bool ok = sealed && PEM_write_bio_PKCS8(text, sealed) == 1;

    if (!sealed)
        X509_ALGOR_free(how);
    X509_SIG_free(sealed);
    return ok;
}

fz_status fz_signer_write(const struct fz_signer *s, fz_str passphrase, fz_random random, struct fz_buf *out,
                          struct fz_error *err)
{
    uint8_t drawn[KDF_SALT_BYTES + IV_BYTES];
    PKCS8_PRIV_KEY_INFO *info;
    BIO *text;
    char *p;
    long n;
    bool ok;

    if (passphrase.n > FZ_KEY_PEM_BYTES_MAX)
        return fz_fail(err, FZ_E_TOO_LARGE, "a passphrase has at most %d bytes", FZ_KEY_PEM_BYTES_MAX);
    if (passphrase.n && !(random.fill && random.fill(random.arg, drawn, sizeof(drawn))))
        return fz_fail(err, FZ_E_IO, "there is no randomness for a passphrase's salt");
    info = EVP_PKEY2PKCS8(s->key);
    text = BIO_new(BIO_s_secmem());
    ok = info && text &&
         (passphrase.n ? write_sealed(text, s->verifier->crypto, info, passphrase, drawn, drawn + KDF_SALT_BYTES)
                       : PEM_write_bio_PKCS8_PRIV_KEY_INFO(text, info) == 1);
    n = ok ? BIO_get_mem_data(text, &p) : 0;
    if (ok)
        fz_buf_add(out, (fz_str){p, (size_t)n});
    PKCS8_PRIV_KEY_INFO_free(info);
    BIO_free(text);
    return ok ? FZ_OK : fz_crypto_fail(err, FZ_E_IO, "the private key could not be written");
}

/* ---- signatures ---- */

/* SM2 speaks DER in OpenSSL; r and s are put side by side in its stead. */
static bool raw_of_der(const uint8_t *der, size_t n, uint8_t out[FZ_SIGNATURE_BYTES])
{
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
    bool ok = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, SCALAR_BYTES) == SCALAR_BYTES &&
              BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + SCALAR_BYTES, SCALAR_BYTES) == SCALAR_BYTES;

    ECDSA_SIG_free(sig);
    return ok;
}

static unsigned char *der_of_raw(const uint8_t raw[FZ_SIGNATURE_BYTES], int *out_n)
{
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, SCALAR_BYTES, NULL), *s = BN_bin2bn(raw + SCALAR_BYTES, SCALAR_BYTES, NULL);
    unsigned char *der = NULL;

    fz_assert(sig && r && s && ECDSA_SIG_set0(sig, r, s) == 1);
    *out_n = i2d_ECDSA_SIG(sig, &der);
    ECDSA_SIG_free(sig);
    fz_assert(*out_n > 0);
    return der;
}

static bool set_user_id(EVP_PKEY_CTX *c, fz_algorithm algorithm)
{
    return algorithm != FZ_SM2 || EVP_PKEY_CTX_set1_id(c, SM2_USER_ID, sizeof(SM2_USER_ID) - 1) == 1;
}

static bool sign(const struct fz_signer *s, fz_str message, uint8_t *out, size_t *out_n)
{
    fz_algorithm algorithm = s->verifier->algorithm;
    OSSL_LIB_CTX *context = fz_crypto_context(s->verifier->crypto);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    EVP_PKEY_CTX *c = NULL;
    bool ok = md && EVP_DigestSignInit_ex(md, &c, algorithms[algorithm].digest, context, NULL, s->key, NULL) == 1 &&
              set_user_id(c, algorithm) &&
              EVP_DigestSign(md, out, out_n, (const unsigned char *)message.p, message.n) == 1;

    EVP_MD_CTX_free(md);
    return ok;
}

fz_status fz_signer_sign(const struct fz_signer *s, fz_str message, fz_random random, uint8_t out[FZ_SIGNATURE_BYTES],
                         struct fz_error *err)
{
    bool draws = s->verifier->algorithm == FZ_SM2, ok;
    uint8_t sig[128];
    size_t n = sizeof(sig);

    if (draws)
        FZ_TRY(give_random(s->verifier->crypto, random, err));
    ok = sign(s, message, sig, &n);
    if (draws)
        take_random(s->verifier->crypto);
    if (ok && draws)
        ok = raw_of_der(sig, n, out);
    else if (ok)
        memcpy(out, sig, FZ_SIGNATURE_BYTES);
    return ok ? FZ_OK : fz_crypto_fail(err, FZ_E_IO, "the signature could not be made");
}

bool fz_verifier_check(const struct fz_verifier *v, fz_str message, const uint8_t signature[FZ_SIGNATURE_BYTES])
{
    OSSL_LIB_CTX *context = fz_crypto_context(v->crypto);
    int der_n = FZ_SIGNATURE_BYTES;
    unsigned char *der = v->algorithm == FZ_SM2 ? der_of_raw(signature, &der_n) : NULL;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    EVP_PKEY_CTX *c = NULL;
    bool ok =
        md && EVP_DigestVerifyInit_ex(md, &c, algorithms[v->algorithm].digest, context, NULL, v->key, NULL) == 1 &&
        set_user_id(c, v->algorithm) &&
        EVP_DigestVerify(md, der ? der : signature, (size_t)der_n, (const unsigned char *)message.p, message.n) == 1;

    EVP_MD_CTX_free(md);
    OPENSSL_free(der);
    ERR_clear_error();
    return ok;
}
