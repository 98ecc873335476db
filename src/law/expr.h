/*
 * The expression language of packs: text to syntax tree, and back.
 *
 *     expr  = "if" expr "then" expr "else" expr | or
 *     or    = and { "or" and }          and = not { "and" not }          not = [ "not" ] test
 *     test  = sum [ ("=" | "!=" | "<" | "<=" | ">" | ">=") sum | [ "not" ] "in" list
 *                 | "at" (name | list) | "is" [ "not" ] name ]
 *     sum   = term { ("+" | "-") term }     term = value { "*" value }     value = prim [ "otherwise" value ]
 *     list  = "[" [ expr { "," expr } ] "]"
 *     prim  = int [ unit ] | money | day | "'" text "'" | "yes" | "no" | call | path | "(" expr ")" | "-" prim
 *     path  = name { "." name }
 *     call  = name "(" [ arg { "," arg } ] ")" { "." name }
 *     arg   = name "in" path [ "where" expr ] [ ":" expr ] | expr
 *     unit  = "hours" | "working_days" | "days" | "months" | "month" | "years" | "year"
 *     money = digits "." digit digit ("yuan" | "euro")
 *
 * The tree says what is written and nothing of what it means: names are resolved and types computed by the checker.
 * A tree is never changed after parsing; the `id` of a node lets a later step keep a table beside it.
 * What always holds: no tree is higher than FZ_EXPR_DEPTH_MAX, so whoever walks it may recurse; numbers are not
 * negative; parentheses leave no node.
 */
#ifndef FZ_LAW_EXPR_H
#define FZ_LAW_EXPR_H

#include "base/base.h"
#include "base/diag.h"
#include "law/limit.h"

typedef enum {
    FZ_EX_IF,        /* args: condition, then, else */
    FZ_EX_OR,        /* args: two or more */
    FZ_EX_AND,       /* args: two or more */
    FZ_EX_NOT,       /* args: one */
    FZ_EX_COMPARE,   /* args: left, right; op */
    FZ_EX_IN,        /* args: value, list; negated */
    FZ_EX_AT,        /* args: value, list or path of one name */
    FZ_EX_IS,        /* args: value; names: the state; negated */
    FZ_EX_ADD,       /* args: left, right */
    FZ_EX_SUB,       /* args: left, right */
    FZ_EX_MUL,       /* args: left, right */
    FZ_EX_OTHERWISE, /* args: value, what stands for it when it is unset */
    FZ_EX_NEG,       /* args: one */
    FZ_EX_INT,       /* number */
    FZ_EX_LENGTH,    /* number of `unit` (期限的长度) */
    FZ_EX_MONEY,     /* number of fen or cents; currency */
    FZ_EX_DAY,       /* number: an fz_day */
    FZ_EX_TEXT,      /* text */
    FZ_EX_FLAG,      /* number: 1 yes, 0 no */
    FZ_EX_LIST,      /* args: any number */
    FZ_EX_PATH,      /* names: one or more */
    FZ_EX_CALL,      /* names: the function, then the members asked of its answer; args: any number */
    FZ_EX_EACH,      /* argument `name in path where cond: body`. names: the variable; args: path, cond, body */
    FZ_EX_KINDS
} fz_expr_kind;

typedef enum { FZ_EX_EQ, FZ_EX_NE, FZ_EX_LT, FZ_EX_LE, FZ_EX_GT, FZ_EX_GE } fz_expr_op;
/* `month` is months and `year` is years; a working day (工作日) is counted by the calendar. */
typedef enum { FZ_YUAN, FZ_EURO } fz_currency;

struct fz_expr {
    fz_expr_kind kind;
    union {
        fz_expr_op op;
        fz_unit unit;
        fz_currency currency;
        bool negated;
    };
    uint32_t id;     /* from 0, a child before its parent: the root has the highest, one less than the count */
    uint32_t height; /* 1 for a leaf */
    fz_span span;    /* to the end of the line if the expression goes on below it */
    int64_t number;
    fz_str text;
    const fz_str *names;
    size_t names_n;
    const struct fz_expr *const *args; /* only EACH has NULL among them: no `where`, no body */
    size_t args_n;
};

/**
 * Parses one whole expression.
 *
 * @param arena  holds the nodes; strings stay views of `text`, which has to live as long
 * @param text   the value of the scalar, after YAML unfolded it; any bytes are safe
 * @param at     where the scalar begins in its file: its first character, or its quote or block sign. With a source,
 *               places are found by walking file and text together, through quotes, escapes and line folds;
 *               without one the text is taken to stand at `at` as it is
 * @return the tree; NULL after exactly one problem, at the token that is wrong
 * O(bytes of the file before `at` + bytes of the text). At most FZ_EXPR_BYTES_MAX bytes and FZ_EXPR_DEPTH_MAX levels.
 */
const struct fz_expr *fz_expr_parse(struct fz_arena *arena, fz_str text, fz_span at, struct fz_diags *diags);

/** Appends the canonical text: one line, fewest parentheses; it parses to the same tree. */
void fz_expr_print(const struct fz_expr *e, struct fz_buf *out);

/** Same tree, wherever it stands. NULL equals NULL only. */
bool fz_expr_equal(const struct fz_expr *a, const struct fz_expr *b);

const char *fz_currency_name(fz_currency c);

#endif
