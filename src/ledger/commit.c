#include "ledger/commit.h"

#include <openssl/crypto.h>

#define LENGTH_BYTES 8

static void put_length(uint8_t to[LENGTH_BYTES], uint64_t n)
{
    for (size_t i = LENGTH_BYTES; i-- > 0; n >>= 8)
        to[i] = (uint8_t)n;
}

static fz_hash commit(fz_hasher h, fz_str label, const fz_salt *salt, fz_str name, fz_str value)
{
    uint8_t name_n[LENGTH_BYTES], value_n[LENGTH_BYTES];
    fz_str parts[] = {label, {(char *)name_n, LENGTH_BYTES}, name, {(char *)value_n, LENGTH_BYTES}, value};

    put_length(name_n, name.n);
    put_length(value_n, value.n);
    return fz_hash_keyed(h, (fz_str){(const char *)salt->bytes, FZ_SALT_BYTES}, parts, FZ_COUNT(parts));
}

fz_hash fz_commit_field(fz_hasher h, const fz_salt *salt, fz_str name, fz_str value)
{
    return commit(h, FZ_STR("fazhi/field/1\0"), salt, name, value);
}

fz_hash fz_commit_document(fz_hasher h, const fz_salt *salt, fz_str name, const fz_hash *digest)
{
    return commit(h, FZ_STR("fazhi/document/1\0"), salt, name, (fz_str){(const char *)digest->bytes, FZ_HASH_BYTES});
}

bool fz_opening_matches(fz_hasher h, const struct fz_opening *o, const fz_hash *commitment)
{
    fz_hash got;

    if (!o->value)
        return false;
    got = fz_commit_field(h, &o->salt, o->name, (fz_str){o->value, o->value_n});
    return fz_hash_eq(&got, commitment);
}

void fz_opening_erase(struct fz_opening *o)
{
    OPENSSL_cleanse(&o->salt, sizeof(o->salt));
    if (o->value)
        OPENSSL_cleanse(o->value, o->value_n);
    o->value = NULL;
    o->value_n = 0;
}
