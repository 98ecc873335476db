/*
 * The table-driven reader: nodes to structs. A construct (a clock, a map of a log, a scenario) is a struct and a table of its keys; one
 * walker goes over node and table together, so the unknown, the missing and the ill-typed are found alike everywhere, all in one run, and
 * JSON Schema, manual and messages come from the same rows.
 *
 * What a key's kind puts into its member:
 *
 *     TEXT fz_str    TITLE fz_title    NAME struct fz_name    NAMES struct fz_names    FLAG bool (yes no true false)    COUNT int, from 1
 *     DAY fz_day (FZ_DAY_NONE when not given)    WORD int, index into `words` (-1 when not given)    EXPR const struct fz_expr *
 *     EXPRS struct fz_exprs    LENGTH fz_length    NODE const struct fz_node *, for forms that their owner reads himself
 *     PART const void *, a struct of `of`    PARTS struct fz_parts, one map or a list    NAMED struct fz_parts, a map by names
 *     VALUES const struct fz_node *, a map of names to texts, lists or maps, checked for being one
 *
 * A struct of a NAMED construct begins with a struct fz_name; every struct of a construct has a member `const struct fz_node *node` by the
 * offset that its construct gives, so that its owner finds the place of everything.
 */
#ifndef FZ_LAW_READER_H
#define FZ_LAW_READER_H

#include "law/expr.h"
#include "law/node.h"
#include "law/value.h"

struct fz_name {
    fz_str text;
    fz_span span;
};
struct fz_names {
    const struct fz_name *items;
    size_t n;
};
struct fz_exprs {
    const struct fz_expr *const *items;
    size_t n;
};
struct fz_parts {
    const void *items; /* an array of the construct's struct */
    size_t n;
};

typedef enum {
    FZ_K_TEXT, FZ_K_TITLE, FZ_K_NAME, FZ_K_NAMES, FZ_K_FLAG, FZ_K_COUNT, FZ_K_DAY, FZ_K_WORD, FZ_K_EXPR, FZ_K_EXPRS, FZ_K_LENGTH,
    FZ_K_NODE, FZ_K_PART, FZ_K_PARTS, FZ_K_NAMED, FZ_K_VALUES,
} fz_key_kind;

struct fz_construct;
struct fz_key {
    const char *name;
    fz_key_kind kind;
    bool required;
    size_t offset;
    const struct fz_construct *of; /* PART, PARTS, NAMED */
    const char *words;             /* WORD: blank-separated */
    const char *example, *en, *zh; /* for the manual: as it stands in a pack, and what it means */
};

struct fz_construct {
    const char *name, *zh;        /* "clock", 期限 */
    size_t bytes, node_offset;
    const struct fz_key *keys;    /* ends with a NULL name */
    const struct fz_key *brief;   /* what may stand instead of the map (a name for {need: NAME}); NULL: only the map */
    bool listed;                  /* NAMED: a plain list of names may stand for the names */
};

/**
 * Reads `node` as construct `c` into `out` (c->bytes, zeroed first). Reads on after a problem, so that all come in one run.
 * @return true when nothing was wrong in it
 */
bool fz_read(const struct fz_construct *c, const struct fz_node *node, void *out, struct fz_arena *arena, struct fz_diags *diags);

#endif
