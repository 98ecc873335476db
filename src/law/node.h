/*
 * YAML as a tree of nodes, each with its place: what every pack, amendment, scenario and map is read into.
 *
 * Every scalar is text; whoever reads the node gives it a type, so `no` and `01-31` stay as they were written. Refused:
 * anchors, aliases, tags, merge keys, repeated keys, keys that are not text, further documents, tabs in indentation and
 * characters that are not seen. A tree never changes once it was read, so trees may share nodes.
 */
#ifndef FZ_LAW_NODE_H
#define FZ_LAW_NODE_H

#include "base/diag.h"

typedef enum { FZ_NODE_TEXT, FZ_NODE_LIST, FZ_NODE_MAP } fz_node_kind;

struct fz_node;
struct fz_pair {
    const struct fz_node *key, *value; /* the key is a text */
};

struct fz_node {
    fz_node_kind kind;
    bool plain;                    /* text: without quotes, so character i of a one-line text stands at span.col + i */
    fz_span span;                  /* text: to the end of its first line, quotes counted; else where it begins */
    fz_str text;                   /* text only; terminated; empty where no value was written */
    const struct fz_node **items;  /* list only, n of them */
    struct fz_pair *pairs;         /* map only, n of them in the order of the file, each key once */
    const struct fz_pair **by_key; /* the same pairs, sorted by the bytes of their keys */
    size_t n, cap;
};

/**
 * Reads one document. Problems go to `diags`, as many as can be found in one run; after a problem of syntax the tree
 * holds what stood before it, so look at `diags->errors` before judging what is missing in the tree.
 *
 * @param source  outlives the tree; its text is copied, its spans point to it
 * @return the root, in `arena`; NULL when nothing could be read, and then `diags` says why
 * O(n log n) in bytes; at most FZ_YAML_DEPTH_MAX deep and FZ_YAML_NODES_MAX nodes.
 */
const struct fz_node *fz_node_read(struct fz_arena *arena, const struct fz_source *source, struct fz_diags *diags);

/** Value of `key`; NULL when `map` lacks it, is no map or is NULL. */
const struct fz_node *fz_node_get(const struct fz_node *map, const char *key);
const struct fz_pair *fz_node_pair(const struct fz_node *map, fz_str key);

/* One word may stand for a list of one: a node that is no list counts as a list that holds it, NULL as an empty one. */
size_t fz_node_count(const struct fz_node *list);
const struct fz_node *fz_node_at(const struct fz_node *list, size_t i); /* NULL past the end */

/**
 * `base` as amended by `over`: maps merge key by key in the order of `base`, new keys follow in the order of `over`;
 * a text or a list of `over` replaces what stood there. Every node keeps the span of the file it came from, a merged
 * map that of `base`. Either may be NULL. The result shares nodes with both.
 */
const struct fz_node *fz_node_merge(struct fz_arena *arena, const struct fz_node *base, const struct fz_node *over);

#endif
