/*
 * The Merkle tree of RFC 9162 over the entries of one log: append, root, proofs and their verification.
 *
 * What is stored are the leaf hashes and, of the nodes above them, those at every eighth level: as in the tlog-tiles
 * convention, node `index` of tile level L is the root of the complete subtree over leaves [index << 8L, (index+1) << 8L),
 * and 256 neighbours are a tile. A node is written once, when its subtree is complete, and never changes, so the store needs no
 * updates, tiles can be cached and served as files, and everything above the leaves adds 1/255 to their size. The levels
 * between are hashed again when a proof wants them: at most 255 nodes a tile.
 *
 * Nothing here keeps a pointer. Sizes and indexes are below FZ_TREE_SIZE_MAX; index 0 is the first leaf.
 */
#ifndef FZ_LEDGER_TREE_H
#define FZ_LEDGER_TREE_H

#include "ledger/hash.h"

#define FZ_TREE_SIZE_MAX ((uint64_t)1 << 53) /* what JSON's readers hold exactly (RFC 8259 6) */
#define FZ_TREE_PATH_MAX 54 /* hashes of a proof: one a level, one more where a consistency proof begins */
#define FZ_TILE_BITS 8
#define FZ_TILE_NODES (1u << FZ_TILE_BITS)
#define FZ_TREE_STORED_MAX 8 /* nodes that one leaf can complete: its own and one for each tile level */

/* ---- growing ---- */

/* A tree in O(log n) memory: the roots of its perfect subtrees, the largest first, one for each bit set in `size`. */
typedef struct {
    uint64_t size; /* leaves */
    fz_hash peaks[FZ_TREE_PATH_MAX];
} fz_tree; /* zeroed: the empty tree */

typedef struct {
    unsigned level; /* of tiles: 0 the leaves */
    uint64_t index;
    fz_hash hash;
} fz_tree_node;

/**
 * Adds one leaf.
 * @param out_stored  the nodes to store for it, leaf first; room for FZ_TREE_STORED_MAX
 * @return how many they are, at least 1
 * Amortised two hashes. The tree has to have room.
 */
size_t fz_tree_append(fz_hasher h, fz_tree *t, const fz_hash *leaf, fz_tree_node *out_stored);

/**
 * Adds 256 leaves at once, by the node over them: for whoever hashes tiles side by side. The size is a multiple of 256.
 * @param out_stored  the nodes above the leaves that they complete, theirs first; room for FZ_TREE_STORED_MAX
 */
size_t fz_tree_append_tile(fz_hasher h, fz_tree *t, const fz_hash *node, fz_tree_node *out_stored);

/** O(log n) hashes. */
fz_hash fz_tree_root(fz_hasher h, const fz_tree *t);

/* ---- from what is stored ---- */

/* Reads `n` stored nodes of a tile level, which lie in one tile; n is a power of two and at most 128. */
typedef struct {
    fz_status (*read)(void *arg, unsigned level, uint64_t index, size_t n, fz_hash *out, struct fz_error *err);
    void *arg;
} fz_tree_reader;

/* A proof: hashes in RFC 9162's order. */
struct fz_path {
    size_t n;
    fz_hash at[FZ_TREE_PATH_MAX];
};

/**
 * The tree as it was at `size`, to go on from or to have its root.
 * @param size  no more than what is stored
 * @return FZ_OK or what the reader says
 */
fz_status fz_tree_at(fz_hasher h, fz_tree_reader from, uint64_t size, fz_tree *out, struct fz_error *err);

/**
 * That leaf `index` is in the tree of `size` leaves (PATH of RFC 9162 2.1.3.1).
 * @return FZ_OK; FZ_E_INPUT unless index < size <= FZ_TREE_SIZE_MAX; what the reader says
 * Reads and hashes less than 256 nodes for each tile level, and as many for the right edge.
 */
fz_status fz_tree_inclusion(fz_hasher h, fz_tree_reader from, uint64_t index, uint64_t size, struct fz_path *out,
                            struct fz_error *err);

/**
 * That the tree of `first` leaves is a beginning of that of `second` (PROOF of RFC 9162 2.1.4.1). Empty when they are the same
 * or the first has no leaves: then nothing needs to be shown.
 * @return FZ_OK; FZ_E_INPUT unless first <= second <= FZ_TREE_SIZE_MAX; what the reader says
 */
fz_status fz_tree_consistency(fz_hasher h, fz_tree_reader from, uint64_t first, uint64_t second, struct fz_path *out,
                              struct fz_error *err);

/* ---- verification: no more steps than the proof has hashes; pure; law: RFC 9162 2.1.3.2 and 2.1.4.2 ---- */

/** Whether the proof shows `leaf` at `index` in the tree of `size` leaves with that root. False on any mismatch. */
bool fz_tree_included(fz_hasher h, const fz_hash *leaf, uint64_t index, uint64_t size, const struct fz_path *path,
                      const fz_hash *root);

/** Whether the proof shows that the second tree only appended to the first. A first tree without leaves has the empty root. */
bool fz_tree_consistent(fz_hasher h, uint64_t first, uint64_t second, const struct fz_path *path,
                        const fz_hash *first_root, const fz_hash *second_root);

#endif
