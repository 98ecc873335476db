/*
 * What the ledger costs beside the hash it cannot do without: appending to a tree, decoding entries, checking a whole log from
 * its entries, proofs. Everything in one run and as ratios, for both digests. usage: bench_ledger
 */
#include "../support/bench.h"
#include "ledger/audit.h"

#define ROUNDS 3
#define ENTRIES 100000
#define PROOFS 2000
#define ENTRY_BYTES 512

static char texts[ENTRIES][ENTRY_BYTES];
static struct fz_source sources[ENTRIES];
static fz_hash leaves[ENTRIES];
static fz_hash stored[FZ_TREE_STORED_MAX][ENTRIES];

static fz_status read_nodes(void *arg, unsigned level, uint64_t index, size_t n, fz_hash *out, struct fz_error *err)
{
    (void)arg, (void)err;
    memcpy(out, &stored[level][index], n * sizeof(*out));
    return FZ_OK;
}

static void make_entries(fz_hasher h)
{
    struct fz_arena arena;
    struct fz_diags diags;
    fz_entry_field track = {FZ_STR("track"), {.kind = FZ_VALUE_TEXT, .text = FZ_STR("ordinary")}};
    fz_entry_hash applicant = {FZ_STR("applicants"), fz_hash_leaf(h, FZ_STR("x"))};

    fz_arena_init(&arena);
    for (size_t i = 0; i < ENTRIES; i++) {
        struct fz_entry e = {
            .seq = (int64_t)i + 1, .at_ms = 1767225600000 + (int64_t)i * 40, .on = 20454, .minute = FZ_MINUTE_NONE};
        fz_str text;

        e.jurisdiction = FZ_STR("330106");
        e.record = fz_str_printf(&arena, "杭西府复〔2026〕%zu号", i / 7);
        e.type = FZ_STR("reconsideration_case");
        e.action = FZ_STR("hear_opinions");
        e.actor = FZ_STR("o-17");
        e.organ = FZ_STR("330106-sfj");
        e.pack = FZ_STR("reconsideration");
        e.pack_version = FZ_STR("2024-01-01");
        e.values = &track;
        e.commitments = &applicant;
        e.values_n = e.commitments_n = 1;
        fz_diags_init(&diags, &arena);
        text = fz_entry_encode(&arena, &e, &diags);
        fz_assert(text.n > 0 && text.n < ENTRY_BYTES);
        memcpy(texts[i], text.p, text.n);
        sources[i] = (struct fz_source){"entry", {texts[i], text.n}};
        fz_arena_reset(&arena);
    }
    fz_arena_release(&arena);
}

/* The bare price: one hash of each entry, one of two hashes for each, as any Merkle tree has to do. */
static double hash_bare(fz_hasher h)
{
    double t = seconds();
    fz_hash last = {{0}};

    for (size_t i = 0; i < ENTRIES; i++) {
        leaves[i] = fz_hash_leaf(h, sources[i].text);
        last = fz_hash_node(h, &last, &leaves[i]);
    }
    return seconds() - t;
}

static double append(fz_hasher h, fz_hash *out_root)
{
    double t = seconds();
    fz_tree tree = {0};

    for (size_t i = 0; i < ENTRIES; i++) {
        fz_tree_node nodes[FZ_TREE_STORED_MAX];
        fz_hash leaf = fz_hash_leaf(h, sources[i].text);
        size_t n = fz_tree_append(h, &tree, &leaf, nodes);

        while (n-- > 0)
            stored[nodes[n].level][nodes[n].index] = nodes[n].hash;
    }
    *out_root = fz_tree_root(h, &tree);
    return seconds() - t;
}

static double decode(void)
{
    double t = seconds();
    struct fz_arena arena;

    fz_arena_init(&arena);
    for (size_t i = 0; i < ENTRIES; i++) {
        struct fz_diags diags;
        struct fz_entry e;

        fz_diags_init(&diags, &arena);
        fz_assert(fz_entry_decode(&arena, &sources[i], &e, &diags));
        fz_arena_reset(&arena);
    }
    fz_arena_release(&arena);
    return seconds() - t;
}

static double audit(fz_hasher h, const fz_hash *root)
{
    double t = seconds();
    struct fz_checkpoint head = {FZ_STR("x"), ENTRIES, *root, h.kind};
    struct fz_arena arena;
    struct fz_audit a;
    struct fz_diags diags;

    fz_arena_init(&arena);
    fz_audit_init(&a, h);
    for (size_t i = 0; i < ENTRIES; i++) {
        struct fz_entry e;

        fz_diags_init(&diags, &arena);
        fz_assert(fz_audit_add(&arena, &a, &sources[i], &e, NULL, NULL, &diags));
        fz_arena_reset(&arena);
    }
    fz_assert(fz_audit_head(&arena, &a, &head, NULL, &diags));
    fz_arena_release(&arena);
    return seconds() - t;
}

static void prove(fz_hasher h, const fz_hash *root, double *out_make, double *out_check)
{
    static struct fz_path paths[PROOFS];
    struct fz_error err;
    double t = seconds();

    for (uint64_t i = 0; i < PROOFS; i++)
        fz_assert(fz_tree_inclusion(h, (fz_tree_reader){read_nodes, NULL}, i * 7919 % ENTRIES, ENTRIES, &paths[i],
                                    &err) == FZ_OK);
    *out_make = seconds() - t;
    t = seconds();
    for (uint64_t i = 0; i < PROOFS; i++)
        fz_assert(fz_tree_included(h, &leaves[i * 7919 % ENTRIES], i * 7919 % ENTRIES, ENTRIES, &paths[i], root));
    *out_check = seconds() - t;
}

static double least(double a, double b)
{
    return a < b ? a : b;
}

static void run(struct fz_crypto *crypto, fz_hash_kind kind)
{
    fz_hasher h = {crypto, kind};
    double bare = 1e9, grow = 1e9, read = 1e9, whole = 1e9, make = 1e9, check = 1e9;
    char hex[FZ_HASH_HEX];
    fz_hash root;

    for (int round = 0; round < ROUNDS; round++) {
        double m, c;

        bare = least(bare, hash_bare(h));
        grow = least(grow, append(h, &root));
        read = least(read, decode());
        whole = least(whole, audit(h, &root));
        prove(h, &root, &m, &c);
        make = least(make, m);
        check = least(check, c);
    }
    printf(
        "%s: %.2f million bare hashes a second over entries of %zu bytes and nodes; appending to the tree takes %.2f times as "
        "long as these, decoding entries %.2f, checking the whole log %.2f (%.0f thousand entries a second); a proof takes "
        "%.0f us to make and %.1f us to check; root %.16s\n",
        fz_hash_kind_id(kind), 2 * ENTRIES / bare / 1e6, sources[ENTRIES - 1].text.n, grow / bare, read / bare,
        whole / bare, ENTRIES / whole / 1e3, make / PROOFS * 1e6, check / PROOFS * 1e6, fz_hash_hex(&root, hex));
}

int main(void)
{
    struct fz_crypto *crypto;
    struct fz_error err;

    if (fz_crypto_new(&crypto, &err) != FZ_OK)
        return fprintf(stderr, "%s\n", err.text), 3;
    make_entries((fz_hasher){crypto, FZ_SM3});
    for (fz_hash_kind kind = 0; kind < FZ_HASH_KINDS; kind++)
        run(crypto, kind);
    fz_crypto_free(crypto);
    return 0;
}
