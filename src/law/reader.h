/*
 * The table-driven reader: nodes to structs. A construct (a clock, a map of a log, a scenario) is a struct and a table of its keys; one
 * walker goes over node and table together, so the unknown, the missing and the ill-typed are found alike everywhere, all in one run, and
 * JSON Schema, manual and messages come from the same rows.
 *
 * What a key's kind puts into its member:
 *
 *     TEXT fz_str    TITLE fz_title    NAME struct fz_name    NAMES struct fz_names, one name or a list
 *     TEXTS struct fz_names, one text or a list of any texts    FLAG bool (yes no true false)    COUNT int, from 1
 *     DAY fz_day (FZ_DAY_NONE when not given)    WORD int, index into `words` (-1 when not given)    EXPR const struct fz_expr *
 *     EXPRS struct fz_exprs    LENGTH fz_length    NODE const struct fz_node *, for forms that their owner reads himself
 *     PART const void *, a struct of `of`    PARTS struct fz_parts, one map or a list    NAMED struct fz_parts, a map by names
 *     VALUES const struct fz_node *, a map of names to texts, lists or maps, checked for being one
 *     ROWS const struct fz_node *, a list of lists of texts or of lists of texts, checked for being one; NULL after a problem
 *
 * What cannot be read is left out: a wrong expression is NULL in EXPR and missing in EXPRS, a wrong name is missing in NAMES.
 * NODE is told to the JSON Schema as a text, a map of texts or a list of such maps.
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
    FZ_K_TEXT, FZ_K_TITLE, FZ_K_NAME, FZ_K_NAMES, FZ_K_TEXTS, FZ_K_FLAG, FZ_K_COUNT, FZ_K_DAY, FZ_K_WORD, FZ_K_EXPR,
    FZ_K_EXPRS, FZ_K_LENGTH, FZ_K_NODE, FZ_K_PART, FZ_K_PARTS, FZ_K_NAMED, FZ_K_VALUES, FZ_K_ROWS,
} fz_key_kind;

struct fz_construct;
struct fz_key {
    const char *name;
    fz_key_kind kind;
    bool required;
    size_t offset;
    const struct fz_construct *of; /* PART, PARTS, NAMED; NODE: told in the manual, or NULL */
    const char *words;             /* WORD: blank-separated */
    const char *example, *en, *zh; /* for the manual: as it stands in a pack, and what it means */
};

struct fz_construct {
    const char *name, *zh;        /* "clock", 期限 */
    size_t bytes, node_offset;
    const struct fz_key *keys;    /* ends with a NULL name; none at all: only `brief` may stand there */
    const struct fz_key *brief;   /* what may stand instead of the map (a name for {need: NAME}); NULL: only the map */
    bool listed;                  /* NAMED: one name or a plain list of names may stand for the names; their node is then the name's own */
    bool free_names;              /* NAMED: a name is any text, like the short name of a law */
};

/* Rows of the tables. A member of a type that does not fit the kind does not compile. */
#define FZ_REQUIRED true
#define FZ_OPTIONAL false
#define FZ_KEY_ROW(T, m, K, M, key, must, ...)                                                                 \
    {                                                                                                          \
        .name = key, .kind = FZ_K_##K, .required = must,                                                       \
        .offset = offsetof(T, m) + 0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((T *)0)->m), M) ? 1 : -1]), __VA_ARGS__ \
    }
#define FZ_KEY_TOLD(x, e, z) .example = x, .en = e, .zh = z
#define FZ_KEY_TEXT(T, m, key, must, x, e, z) FZ_KEY_ROW(T, m, TEXT, fz_str, key, must, FZ_KEY_TOLD(x, e, z))
#define FZ_KEY_TITLE(T, m, key, must, x, e, z) FZ_KEY_ROW(T, m, TITLE, fz_title, key, must, FZ_KEY_TOLD(x, e, z))
#define FZ_KEY_NAME(T, m, key, must, x, e, z) FZ_KEY_ROW(T, m, NAME, struct fz_name, key, must, FZ_KEY_TOLD(x, e, z))
#define FZ_KEY_NAMES(T, m, key, must, x, e, z) FZ_KEY_ROW(T, m, NAMES, struct fz_names, key, must, FZ_KEY_TOLD(x, e, z))
#define FZ_KEY_TEXTS(T, m, key, must, x, e, z) FZ_KEY_ROW(T, m, TEXTS, struct fz_names, key, must, FZ_KEY_TOLD(x, e, z))
#define FZ_KEY_FLAG(T, m, key, must, x, e, z) FZ_KEY_ROW(T, m, FLAG, bool, key, must, FZ_KEY_TOLD(x, e, z))
#define FZ_KEY_COUNT(T, m, key, must, x, e, z) FZ_KEY_ROW(T, m, COUNT, int, key, must, FZ_KEY_TOLD(x, e, z))
#define FZ_KEY_DAY(T, m, key, must, x, e, z) FZ_KEY_ROW(T, m, DAY, fz_day, key, must, FZ_KEY_TOLD(x, e, z))
#define FZ_KEY_WORD(T, m, key, must, w, x, e, z) FZ_KEY_ROW(T, m, WORD, int, key, must, .words = w, FZ_KEY_TOLD(x, e, z))
#define FZ_KEY_EXPR(T, m, key, must, x, e, z)                                                                  \
    FZ_KEY_ROW(T, m, EXPR, const struct fz_expr *, key, must, FZ_KEY_TOLD(x, e, z))
#define FZ_KEY_EXPRS(T, m, key, must, x, e, z) FZ_KEY_ROW(T, m, EXPRS, struct fz_exprs, key, must, FZ_KEY_TOLD(x, e, z))
#define FZ_KEY_LENGTH(T, m, key, must, x, e, z) FZ_KEY_ROW(T, m, LENGTH, fz_length, key, must, FZ_KEY_TOLD(x, e, z))
#define FZ_KEY_NODE(T, m, key, must, c, x, e, z)                                                                  \
    FZ_KEY_ROW(T, m, NODE, const struct fz_node *, key, must, .of = c, FZ_KEY_TOLD(x, e, z))
#define FZ_KEY_VALUES(T, m, key, must, x, e, z)                                                                \
    FZ_KEY_ROW(T, m, VALUES, const struct fz_node *, key, must, FZ_KEY_TOLD(x, e, z))
#define FZ_KEY_ROWS(T, m, key, must, x, e, z)                                                                  \
    FZ_KEY_ROW(T, m, ROWS, const struct fz_node *, key, must, FZ_KEY_TOLD(x, e, z))
#define FZ_KEY_PART(T, m, key, must, c, x, e, z)                                                               \
    FZ_KEY_ROW(T, m, PART, const void *, key, must, .of = c, FZ_KEY_TOLD(x, e, z))
#define FZ_KEY_PARTS(T, m, key, must, c, x, e, z)                                                              \
    FZ_KEY_ROW(T, m, PARTS, struct fz_parts, key, must, .of = c, FZ_KEY_TOLD(x, e, z))
#define FZ_KEY_NAMED(T, m, key, must, c, x, e, z)                                                              \
    FZ_KEY_ROW(T, m, NAMED, struct fz_parts, key, must, .of = c, FZ_KEY_TOLD(x, e, z))
#define FZ_KEY_END {.name = NULL}

/* A construct whose struct is T, with a member `node`: FZ_CONSTRUCT(struct raw_clock, "clock", "期限", clock_keys, .listed = true) */
#define FZ_CONSTRUCT(T, word, chinese, table, ...)                                                             \
    {                                                                                                          \
        .name = word, .zh = chinese, .bytes = sizeof(T), .keys = table,                                        \
        .node_offset = offsetof(T, node) +                                                                     \
                       0 * sizeof(char[__builtin_types_compatible_p(__typeof__(((T *)0)->node), const struct fz_node *) ? 1 : -1]), \
        __VA_ARGS__                                                                                            \
    }

#define FZ_FLAG_WORDS "true false yes no"

bool fz_is_name(fz_str s);                                 /* lower-case letters, digits and _, a letter first */
bool fz_is_path(fz_str s);                                 /* a name, or two with a dot between: what a link tells */
int fz_word_find(fz_str s, const char *words);             /* index into blank-separated words, -1 */

/**
 * Reads `node` as construct `c` into `out` (c->bytes, zeroed first). Reads on after a problem, so that all come in one run.
 * @return true when nothing was wrong in it
 */
bool fz_read(const struct fz_construct *c, const struct fz_node *node, void *out, struct fz_arena *arena, struct fz_diags *diags);

#endif
