/*
 * A node of the tree is named by its height and index: it covers leaves [index << height, (index + 1) << height). A tree
 * of any size is a row of perfect ones, its peaks: one for each bit of the size, the highest first. Everything RFC 9162 says by
 * recursion then is arithmetic on bits:
 *
 * - A leaf that is appended is a peak of height 0; while the size before has a bit set at that height, the last peak
 *   and the new one become one of the next height (a carry). What is completed at heights 0, 8, 16... is stored.
 * - MTH of leaves [from, to) with `from` a multiple of a power of two that is at least to - from: the peaks of that range, hashed together from
 *   the right. Such ranges are all that PATH and SUBPROOF ask for, since both split at powers of two.
 *
 * Reading a perfect node of height 8L + r takes its 2^r stored descendants of tile level L, which lie in one tile.
 */
#include "ledger/tree.h"

static unsigned low_bit(uint64_t v)
{
    return (unsigned)__builtin_ctzll(v);
}

static unsigned high_bit(uint64_t v)
{
    return 63u - (unsigned)__builtin_clzll(v);
}

static size_t count_bits(uint64_t v)
{
    return (size_t)__builtin_popcountll(v);
}

/* ---- growing ---- */

/* Adds a perfect tree of that height, a multiple of FZ_TILE_BITS, and gives what is stored from it upwards. */
static size_t append_perfect(fz_hasher h, fz_tree *t, unsigned height, fz_hash node, fz_tree_node *out_stored)
{
    size_t stored = 0, peaks = count_bits(t->size);
    uint64_t leaves = (uint64_t)1 << height;

    fz_assert(t->size <= FZ_TREE_SIZE_MAX - leaves && t->size % leaves == 0);
    out_stored[stored++] = (fz_tree_node){height / FZ_TILE_BITS, t->size >> height, node};
    for (; t->size >> height & 1; height++) {
        node = fz_hash_node(h, &t->peaks[--peaks], &node);
        if ((height + 1) % FZ_TILE_BITS == 0)
            out_stored[stored++] = (fz_tree_node){(height + 1) / FZ_TILE_BITS, t->size >> (height + 1), node};
    }
    t->peaks[peaks] = node;
    t->size += leaves;
    return stored;
}

size_t fz_tree_append(fz_hasher h, fz_tree *t, const fz_hash *leaf, fz_tree_node *out_stored)
{
    return append_perfect(h, t, 0, *leaf, out_stored);
}

size_t fz_tree_append_tile(fz_hasher h, fz_tree *t, const fz_hash *node, fz_tree_node *out_stored)
{
    return append_perfect(h, t, FZ_TILE_BITS, *node, out_stored);
}

static fz_hash join(fz_hasher h, const fz_hash *peaks, size_t n)
{
    fz_hash root = peaks[n - 1];

    for (size_t i = n - 1; i-- > 0;)
        root = fz_hash_node(h, &peaks[i], &root);
    return root;
}

fz_hash fz_tree_root(fz_hasher h, const fz_tree *t)
{
    return t->size ? join(h, t->peaks, count_bits(t->size)) : fz_hash_empty(h);
}

/* ---- from what is stored ---- */

static fz_status perfect(fz_hasher h, fz_tree_reader from, unsigned height, uint64_t index, fz_hash *out,
                         struct fz_error *err)
{
    fz_hash row[FZ_TILE_NODES / 2];
    unsigned within = height % FZ_TILE_BITS;
    size_t n = (size_t)1 << within;

    FZ_TRY(from.read(from.arg, height / FZ_TILE_BITS, index << within, n, row, err));
    for (; n > 1; n /= 2)
        for (size_t i = 0; i < n / 2; i++)
            row[i] = fz_hash_node(h, &row[2 * i], &row[2 * i + 1]);
    *out = row[0];
    return FZ_OK;
}

/* The perfect trees of the leaves [begin, end); `begin` is a multiple of a power of two that is at least end - begin. */
static fz_status peaks_of(fz_hasher h, fz_tree_reader from, uint64_t begin, uint64_t end, fz_hash *out, size_t *out_n,
                          struct fz_error *err)
{
    size_t n = 0;

    while (begin < end) {
        unsigned height = high_bit(end - begin);

        FZ_TRY(perfect(h, from, height, begin >> height, &out[n++], err));
        begin += (uint64_t)1 << height;
    }
    *out_n = n;
    return FZ_OK;
}

static fz_status root_of(fz_hasher h, fz_tree_reader from, uint64_t begin, uint64_t end, fz_hash *out,
                         struct fz_error *err)
{
    fz_hash peaks[FZ_TREE_PATH_MAX];
    size_t n;

    FZ_TRY(peaks_of(h, from, begin, end, peaks, &n, err));
    *out = join(h, peaks, n);
    return FZ_OK;
}

fz_status fz_tree_at(fz_hasher h, fz_tree_reader from, uint64_t size, fz_tree *out, struct fz_error *err)
{
    fz_tree t = {.size = size};
    size_t n;

    if (size > FZ_TREE_SIZE_MAX)
        return fz_fail(err, FZ_E_INPUT, "a log has no more than 2^53 entries");
    FZ_TRY(peaks_of(h, from, 0, size, t.peaks, &n, err));
    *out = t;
    return FZ_OK;
}

/* The largest power of two below n, where RFC 9162 splits a tree of n > 1 leaves. */
static uint64_t split(uint64_t n)
{
    return (uint64_t)1 << high_bit(n - 1);
}

static void reverse(struct fz_path *p)
{
    for (size_t i = 0; i < p->n / 2; i++) {
        fz_hash kept = p->at[i];

        p->at[i] = p->at[p->n - 1 - i];
        p->at[p->n - 1 - i] = kept;
    }
}

/*
 * Both proofs go down from the root to where they begin, take the sibling at each step, and list them from below. Down
 * to one leaf this is PATH(index, D); down to the last perfect subtree that ends at `first` it is SUBPROOF, which lists
 * that subtree itself unless the verifier has it as the old root (that is, unless it begins at leaf 0).
 */
static fz_status siblings(fz_hasher h, fz_tree_reader from, uint64_t leaf, uint64_t stop_end, uint64_t size,
                          struct fz_path *p, struct fz_error *err)
{
    uint64_t begin = 0, end = size;

    p->n = 0;
    while (end - begin > 1 && end != stop_end) {
        uint64_t middle = begin + split(end - begin);
        bool left = leaf < middle;

        FZ_TRY(root_of(h, from, left ? middle : begin, left ? end : middle, &p->at[p->n++], err));
        begin = left ? begin : middle;
        end = left ? middle : end;
    }
    if (stop_end && begin > 0)
        FZ_TRY(root_of(h, from, begin, end, &p->at[p->n++], err));
    reverse(p);
    return FZ_OK;
}

fz_status fz_tree_inclusion(fz_hasher h, fz_tree_reader from, uint64_t index, uint64_t size, struct fz_path *out,
                            struct fz_error *err)
{
    if (index >= size || size > FZ_TREE_SIZE_MAX)
        return fz_fail(err, FZ_E_INPUT, "a log of %llu entries has none at index %llu", (unsigned long long)size,
                       (unsigned long long)index);
    return siblings(h, from, index, 0, size, out, err);
}

fz_status fz_tree_consistency(fz_hasher h, fz_tree_reader from, uint64_t first, uint64_t second, struct fz_path *out,
                              struct fz_error *err)
{
    if (first > second || second > FZ_TREE_SIZE_MAX)
        return fz_fail(err, FZ_E_INPUT, "a log of %llu entries is no beginning of one of %llu",
                       (unsigned long long)first, (unsigned long long)second);
    out->n = 0;
    if (first == 0 || first == second)
        return FZ_OK;
    return siblings(h, from, first - 1, first, second, out, err);
}

/* ---- verification ---- */

/* RFC 9162 2.1.3.2: `fn` is the node's index, `sn` the last one's, at the height in hand. */
bool fz_tree_included(fz_hasher h, const fz_hash *leaf, uint64_t index, uint64_t size, const struct fz_path *path,
                      const fz_hash *root)
{
    uint64_t fn = index, sn = size - 1;
    fz_hash r = *leaf;

    if (index >= size)
        return false;
    for (size_t i = 0; i < path->n; i++) {
        if (sn == 0)
            return false;
        if (fn & 1 || fn == sn) {
            unsigned up = fn & 1 ? 0 : low_bit(fn); /* what stands alone in its row moves up as it is */

            r = fz_hash_node(h, &path->at[i], &r);
            fn >>= up;
            sn >>= up;
        } else {
            r = fz_hash_node(h, &r, &path->at[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && fz_hash_eq(&r, root);
}

/* RFC 9162 2.1.4.2: `fr` grows into the first root, `sr` into the second. */
static bool consistent(fz_hasher h, uint64_t first, uint64_t second, const struct fz_path *path,
                       const fz_hash *first_root, const fz_hash *second_root)
{
    uint64_t fn = first - 1, sn = second - 1;
    unsigned up = low_bit(first);      /* the trailing ones of fn: a subtree that both trees have whole */
    bool own = count_bits(first) == 1; /* and that is the first tree itself */
    fz_hash fr, sr;

    if (!own && path->n == 0)
        return false;
    fr = sr = own ? *first_root : path->at[0];
    fn >>= up;
    sn >>= up;
    for (size_t i = !own; i < path->n; i++) {
        if (sn == 0)
            return false;
        if (fn & 1 || fn == sn) {
            unsigned skip = fn & 1 ? 0 : low_bit(fn);

            fr = fz_hash_node(h, &path->at[i], &fr);
            sr = fz_hash_node(h, &path->at[i], &sr);
            fn >>= skip;
            sn >>= skip;
        } else {
            sr = fz_hash_node(h, &sr, &path->at[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && fz_hash_eq(&fr, first_root) && fz_hash_eq(&sr, second_root);
}

bool fz_tree_consistent(fz_hasher h, uint64_t first, uint64_t second, const struct fz_path *path,
                        const fz_hash *first_root, const fz_hash *second_root)
{
    fz_hash empty = fz_hash_empty(h);

    if (first > second)
        return false;
    if (first == second)
        return path->n == 0 && fz_hash_eq(first_root, second_root) && (first || fz_hash_eq(first_root, &empty));
    if (first == 0)
        return path->n == 0 && fz_hash_eq(first_root, &empty);
    return consistent(h, first, second, path, first_root, second_root);
}
