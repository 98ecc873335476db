/* An engine over three shipped packs, for tests: in memory unless a store is given, with salts that repeat themselves. */
#ifndef FZ_TEST_ENGINES_H
#define FZ_TEST_ENGINES_H

#include "china.h"
#include "engine/engine.h"
#include "packs.h"
#include "support.h"

struct fixture {
    struct fz_arena arena;
    struct fz_calendar *cn;
    struct fz_crypto *crypto;
    const struct fz_pack *packs[4];
    struct fz_store *store;
    struct fz_engine *e;
    struct fz_setting set;
    uint64_t random;
    char path[64];
};

static inline fz_status calendar(void *arg, fz_str name, const struct fz_calendar **out, struct fz_error *err)
{
    struct fixture *f = arg;

    (void)err;
    *out = fz_str_is(name, "none") ? NULL : f->cn;
    return FZ_OK;
}

static inline void salts(void *arg, uint8_t *out, size_t n)
{
    struct fixture *f = arg;

    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)((f->random = f->random * 6364136223846793005u + 1442695040888963407u) >> 56);
}

static inline void open_engine(struct fixture *f)
{
    struct fz_error err;

    f->set.store = f->store;
    if (fz_engine_open(&f->e, &f->set, &err) != FZ_OK)
        fail_msg("%s", err.text);
}

static inline int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (!f)
        return -1;
    fz_arena_init(&f->arena);
    f->cn = china_calendar();
    assert_int_equal(fz_crypto_new(&f->crypto, NULL), FZ_OK);
    f->packs[0] = load_shipped_pack(&f->arena, "reconsideration.yaml");
    f->packs[1] = load_shipped_pack(&f->arena, "it-traffic-fines.yaml");
    f->packs[2] = load_shipped_pack(&f->arena, "licence.yaml");
    f->set = (struct fz_setting){.hasher = {f->crypto, FZ_SM3}, .jurisdiction = FZ_STR("330106"), .packs = f->packs, .packs_n = 3, .calendar = calendar,
                                 .calendar_arg = f, .random = {salts, f}, .lang = FZ_EN, .tables = &f->arena};
    f->store = fz_store_new_memory();
    open_engine(f);
    *state = f;
    return 0;
}

static inline int teardown(void **state)
{
    struct fixture *f = *state;

    fz_engine_close(f->e);
    fz_store_close(f->store);
    fz_crypto_free(f->crypto);
    fz_calendar_free(f->cn);
    fz_arena_release(&f->arena);
    free(f);
    return 0;
}

static const struct fz_named_value given[] = {{{"act_on", 6}, {"2026-01-19", 10}}, {{"known_on", 8}, {"2026-01-20", 10}},
                                              {{"applicants", 10}, {"\xE5\xBC\xA0\xE4\xB8\x89", 6}}, {{"respondent", 10}, {"x", 1}}};

static inline struct fz_order receive(const char *key)
{
    struct fz_order o = FZ_ORDER(FZ_STR("receive"), day("2026-02-13"));

    o.type = FZ_STR("reconsideration_case");
    o.organ = FZ_STR("A");
    o.key = fz_str_of(key);
    o.values = given;
    o.values_n = FZ_COUNT(given);
    return o;
}

static inline struct fz_answer submit(struct fixture *f, struct fz_order o)
{
    struct fz_answer a;
    struct fz_error err;

    if (fz_engine_submit(f->e, &o, 1, 1000, &f->arena, &a, &err) != FZ_OK)
        fail_msg("%s", err.text);
    return a;
}

static inline uint64_t rows(struct fixture *f, const struct fz_table *t)
{
    fz_cell prefix[] = {FZ_CELL_OF(f->set.jurisdiction)};
    struct fz_scan scan = {.table = t, .index = -1, .prefix = prefix, .prefix_n = 1};
    uint64_t n;

    assert_int_equal(fz_store_count(f->store, &scan, &n, NULL), FZ_OK);
    return n;
}

static inline struct fz_verdict verify(struct fixture *f)
{
    struct fz_verdict v;
    struct fz_error err;

    if (fz_engine_verify(f->e, &f->arena, &v, &err) != FZ_OK)
        fail_msg("%s", err.text);
    return v;
}

static inline void assert_sound(struct fixture *f)
{
    struct fz_verdict v = verify(f);
    fz_hash root = fz_engine_root(f->e);

    if (v.n)
        fail_msg("%.*s: %.*s", FZ_STR_ARG(v.items[0].table), FZ_STR_ARG(v.items[0].text));
    assert_true(fz_hash_eq(&v.root, &root));
    assert_int_equal(v.entries, fz_engine_size(f->e));
}

#endif
