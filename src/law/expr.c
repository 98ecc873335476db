/*
 * Three passes. The lexer cuts the whole text into tokens, each with its place; the parser is one function a grammar
 * rule and stops at the first problem; the printer knows the level of each kind and adds a parenthesis where a child
 * stands below what its place takes. Each level the parser counts belongs to a level of the tree, so that whatever
 * was parsed, or is at most FZ_EXPR_DEPTH_MAX high, can be printed and parsed again.
 *
 * Places. The text comes unfolded from YAML, so a column of the text is not a column of the file: 'it''s' lost a quote
 * and a folded line lost its break. The cursor therefore walks both at once. When they do not agree (an anchor, a
 * tag), it stands still and the rest is reported where they parted.
 */
#include "law/expr.h"

#include "base/day.h"

static const char *const reserved[] = {"if", "then", "else",      "or",    "and", "not", "in",
                                       "at", "is",   "otherwise", "where", "yes", "no"};

static const char *const compare_signs[] = {
    [FZ_EX_EQ] = "=", [FZ_EX_NE] = "!=", [FZ_EX_LT] = "<", [FZ_EX_LE] = "<=", [FZ_EX_GT] = ">", [FZ_EX_GE] = ">=",
};

static const char *const currencies[] = {[FZ_YUAN] = "yuan", [FZ_EURO] = "euro"};

static const struct {
    const char *name;
    fz_unit unit;
} units[] = {
    {"hours", FZ_HOURS},  {"working_days", FZ_WORKING_DAYS},
    {"days", FZ_DAYS},    {"months", FZ_MONTHS},
    {"month", FZ_MONTHS}, {"years", FZ_YEARS},
    {"year", FZ_YEARS},
};

const char *fz_currency_name(fz_currency c)
{
    fz_assert((size_t)c < FZ_COUNT(currencies));
    return currencies[c];
}

/* ---- places -------------------------------------------------------------------------------------------------- */

struct cursor {
    fz_str text;
    size_t at;             /* bytes of `text` taken */
    const char *src, *end; /* the file; NULL without one */
    char quote;            /* ' or " or 0 */
    bool lost;
    uint32_t line, col;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t char_bytes(const char *p, const char *end)
{
    uint32_t cp;
    size_t n = fz_utf8_next((fz_str){p, (size_t)(end - p)}, &cp);

    return n ? n : 1;
}

static void skip_line_folds(struct cursor *c)
{
    for (; c->src < c->end && is_blank(*c->src); c->src++) {
        c->col++;
        if (*c->src == '\n') {
            c->line++;
            c->col = 1;
        }
    }
}

static bool at_fold(const struct cursor *c)
{
    const char *p = c->src;

    while (p < c->end && (*p == ' ' || *p == '\t' || *p == '\r'))
        p++;
    return p < c->end && *p == '\n';
}

/* One blank of the text: a blank of the file, a fold, or one more of the blanks that a fold stands for. */
static void step_blank(struct cursor *c)
{
    if (at_fold(c)) {
        skip_line_folds(c);
    } else if (c->src < c->end && (*c->src == ' ' || *c->src == '\t')) {
        c->src++;
        c->col++;
    } else if (c->quote == '"' && c->end - c->src > 1 && c->src[0] == '\\' && strchr("nrt ", c->src[1])) {
        c->src += 2;
        c->col += 2;
    }
}

static void step_source(struct cursor *c, size_t n)
{
    const char *p = c->text.p + c->at;
    size_t left = (size_t)(c->end - c->src), taken = 0;

    if (c->quote == '"' && left > 1 && c->src[0] == '\\' && (c->src[1] == '\n' || c->src[1] == '\r')) {
        c->src++;
        skip_line_folds(c);
        left = (size_t)(c->end - c->src);
    }
    if (c->quote == '\'' && left > 1 && c->src[0] == '\'' && c->src[1] == '\'' && *p == '\'')
        taken = 2;
    else if (c->quote == '"' && left > 1 && c->src[0] == '\\')
        taken = c->src[1] == 'x' ? 4 : c->src[1] == 'u' ? 6 : c->src[1] == 'U' ? 10 : 2;
    else if (left >= n && memcmp(c->src, p, n) == 0)
        taken = n;
    if (taken == 0 || taken > left) {
        c->lost = true;
        return;
    }
    c->src += taken;
    c->col += taken == n ? 1 : (uint32_t)taken;
}

static void step(struct cursor *c)
{
    size_t n = char_bytes(c->text.p + c->at, c->text.p + c->text.n);

    if (!c->src)
        c->col++;
    else if (!c->lost && is_blank(c->text.p[c->at]))
        step_blank(c);
    else if (!c->lost)
        step_source(c, n);
    c->at += n;
}

static const char *place(fz_span at)
{
    const char *p = at.source->text.p, *end = p + at.source->text.n;

    for (uint32_t line = 1; line < at.line && p < end; line++) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));

        p = nl ? nl + 1 : end;
    }
    for (uint32_t col = 1; col < at.col && p < end; col++)
        p += char_bytes(p, end);
    return p;
}

static bool walks_to_the_end(struct cursor c)
{
    while (c.at < c.text.n && !c.lost)
        step(&c);
    return !c.lost;
}

/* A scalar that begins with a quote or block sign, unless the text itself begins so and fits as it is. */
static struct cursor cursor_at(fz_str text, fz_span at)
{
    struct cursor c = {.text = text, .line = at.line, .col = at.col}, inside;

    if (!at.source || at.source->text.n == 0)
        return c;
    c.src = place(at);
    c.end = at.source->text.p + at.source->text.n;
    if (c.src == c.end)
        return c;
    inside = c;
    if (*c.src == '\'' || *c.src == '"') {
        inside.quote = *c.src;
        inside.src++;
        inside.col++;
        if (inside.src < inside.end && at_fold(&inside))
            skip_line_folds(&inside);
    } else if (*c.src == '|' || *c.src == '>') {
        while (inside.src < inside.end && *inside.src != '\n')
            inside.src++;
        skip_line_folds(&inside);
    }
    return inside.src != c.src && walks_to_the_end(inside) ? inside : c;
}

/* ---- tokens -------------------------------------------------------------------------------------------------- */

enum token_kind { T_END, T_NAME, T_WORD, T_SIGN, T_INT, T_MONEY, T_DAY, T_TEXT };

struct token {
    enum token_kind kind;
    fz_str text; /* as written; of T_TEXT without its quotes */
    int64_t number;
    fz_currency currency;
    fz_span span;
    const char *src; /* where it begins in the file, and how many characters are left of its line */
    const char *src_end;
    uint32_t end_line, end_col;
};

struct parser {
    struct fz_arena *arena;
    struct fz_diags *diags;
    struct cursor c;
    fz_span at;
    struct token *tokens;
    size_t n, cap;
    size_t next; /* the token to look at */
    uint32_t depth, ids;
};

enum { SHOWN_CHARACTERS = 40 };

/* What a message shows of a token. */
static fz_str shown(struct parser *p, fz_str s)
{
    size_t at = 0;

    if (fz_utf8_count(s) <= SHOWN_CHARACTERS)
        return s;
    for (int i = 0; i < SHOWN_CHARACTERS; i++)
        at += char_bytes(s.p + at, s.p + s.n);
    return fz_str_printf(p->arena, "%.*s...", (int)at, s.p);
}

static bool bad(struct parser *p, fz_diag_id id, fz_span span, fz_str a0, const char *a1)
{
    fz_diag_add(p->diags, id, span, shown(p, a0), fz_str_of(a1), (fz_str){0});
    return false;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static char byte_at(const struct parser *p, size_t at)
{
    return at < p->c.text.n ? p->c.text.p[at] : '\0';
}

static size_t skip_digits(const struct parser *p, size_t at)
{
    while (fz_is_digit(byte_at(p, at)))
        at++;
    return at;
}

static size_t skip_word(const struct parser *p, size_t at)
{
    while (fz_is_digit(byte_at(p, at)) || is_letter(byte_at(p, at)))
        at++;
    return at;
}

static size_t skip_blanks(const struct parser *p, size_t at)
{
    while (at < p->c.text.n && is_blank(p->c.text.p[at]))
        at++;
    return at;
}

/* Characters from `src` to the end of its line. */
static uint32_t rest_of_line(const char *src, const char *end)
{
    const char *nl = memchr(src, '\n', (size_t)(end - src));
    fz_str line = fz_str_trim((fz_str){src, (size_t)((nl ? nl : end) - src)});
    size_t n = fz_utf8_count(line);

    return n ? (uint32_t)n : 1;
}

/* From `first` to the end of `last`; a span marks one line, so one that goes on below is cut. */
static fz_span span_to(const struct token *first, uint32_t end_line, uint32_t end_col)
{
    fz_span s = first->span;

    if (end_line == s.line)
        s.len = end_col > s.col ? end_col - s.col : 1;
    else
        s.len = rest_of_line(first->src, first->src_end);
    return s;
}

/* The next `bytes` bytes as a token, not yet among the others. */
static struct token take(struct parser *p, enum token_kind kind, size_t bytes)
{
    struct cursor *c = &p->c;
    struct token t = {.kind = kind, .text = {c->text.p + c->at, bytes}, .src = c->src, .src_end = c->end};
    size_t end = c->at + bytes;

    t.span = (fz_span){p->at.source, c->line, c->col, 1};
    while (c->at < end)
        step(c);
    t.end_line = c->line;
    t.end_col = c->col;
    t.span = span_to(&t, t.end_line, t.end_col);
    return t;
}

static bool push(struct parser *p, struct token t)
{
    FZ_PUSH(p->arena, p, tokens, n, cap) = t;
    return true;
}

static bool bad_bytes(struct parser *p, fz_diag_id id, size_t bytes, const char *a1)
{
    struct token t = take(p, T_SIGN, bytes);

    return bad(p, id, t.span, t.text, a1);
}

static bool digits_value(fz_str s, int64_t *out)
{
    int64_t v = 0;

    for (size_t i = 0; i < s.n; i++)
        if (fz_is_digit(s.p[i]) && (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, s.p[i] - '0', &v)))
            return false;
    *out = v;
    return true;
}

/* The currency that stands at `at`, after blanks; FZ_COUNT(currencies) for none. `*out_end` is its end or `at`. */
static size_t currency_after(const struct parser *p, size_t at, size_t *out_end)
{
    size_t from = skip_blanks(p, at), end = skip_word(p, from), i = 0;
    fz_str word = {p->c.text.p + from, end - from};

    while (i < FZ_COUNT(currencies) && !fz_str_is(word, currencies[i]))
        i++;
    *out_end = i < FZ_COUNT(currencies) ? end : at;
    return i;
}

static bool lex_money(struct parser *p, size_t point)
{
    size_t from = p->c.at, decimals = skip_digits(p, point + 1), end = decimals, currency_end;
    size_t currency = currency_after(p, decimals, &currency_end);
    struct token t;

    while (fz_is_digit(byte_at(p, end)) || byte_at(p, end) == '.')
        end++;
    if (end != decimals || decimals != point + 3 || currency == FZ_COUNT(currencies))
        return bad_bytes(p, FZ_D_expr_money, (end != decimals ? end : currency_end) - from, NULL);
    t = take(p, T_MONEY, currency_end - from);
    t.currency = (fz_currency)currency;
    if (!digits_value((fz_str){t.text.p, decimals - from}, &t.number))
        return bad(p, FZ_D_expr_too_large, t.span, t.text, NULL);
    return push(p, t);
}

static bool lex_day(struct parser *p, size_t end)
{
    struct token t = take(p, T_DAY, skip_word(p, end) - p->c.at);
    fz_day day;

    if (!fz_day_parse(t.text, &day))
        return bad(p, FZ_D_expr_day, t.span, t.text, NULL);
    t.number = day;
    return push(p, t);
}

static bool lex_number(struct parser *p)
{
    size_t from = p->c.at, end = skip_digits(p, from), dashed = end, dashes = 0, currency_end;
    struct token t;

    for (; byte_at(p, dashed) == '-' && fz_is_digit(byte_at(p, dashed + 1)); dashes++)
        dashed = skip_digits(p, dashed + 1);
    if (dashes >= 2)
        return lex_day(p, dashed);
    if (byte_at(p, end) == '.')
        return lex_money(p, end);
    if (is_letter(byte_at(p, end)))
        return bad_bytes(p, FZ_D_expr_joined, skip_word(p, end) - from, NULL);
    if (currency_after(p, end, &currency_end) < FZ_COUNT(currencies))
        return bad_bytes(p, FZ_D_expr_money, currency_end - from, NULL);
    t = take(p, T_INT, end - from);
    if (!digits_value(t.text, &t.number))
        return bad(p, FZ_D_expr_too_large, t.span, t.text, NULL);
    return push(p, t);
}

static bool lex_text(struct parser *p)
{
    const char *from = p->c.text.p + p->c.at + 1;
    const char *close = memchr(from, '\'', p->c.text.n - p->c.at - 1);
    struct token t;

    if (!close)
        return bad_bytes(p, FZ_D_expr_open_text, 1, NULL);
    t = take(p, T_TEXT, (size_t)(close - from) + 2);
    t.text = (fz_str){from, (size_t)(close - from)};
    return push(p, t);
}

static bool lex_word(struct parser *p)
{
    struct token t = take(p, T_NAME, skip_word(p, p->c.at) - p->c.at);

    for (size_t i = 0; i < FZ_COUNT(reserved); i++)
        if (fz_str_is(t.text, reserved[i]))
            t.kind = T_WORD;
    return push(p, t);
}

/* What other languages and input methods write. Tried after the signs of two characters. */
static const struct {
    const char *wrong, *right;
    fz_diag_id id;
} spellings[] = {
    {"==", "=", FZ_D_expr_spelling},
    {"=<", "<=", FZ_D_expr_spelling},
    {"=>", ">=", FZ_D_expr_spelling},
    {"<>", "!=", FZ_D_expr_spelling},
    {"&&", "and", FZ_D_expr_spelling},
    {"||", "or", FZ_D_expr_spelling},
    {"&", "and", FZ_D_expr_spelling},
    {"|", "or", FZ_D_expr_spelling},
    {"!", "not", FZ_D_expr_spelling},
    {"\"", "'", FZ_D_expr_spelling},
    {"≤", "<=", FZ_D_expr_spelling},
    {"≥", ">=", FZ_D_expr_spelling},
    {"≠", "!=", FZ_D_expr_spelling},
    {"×", "*", FZ_D_expr_spelling},
    {"−", "-", FZ_D_expr_spelling},
    {"–", "-", FZ_D_expr_spelling},
    {"/", "div(n, d, down)", FZ_D_expr_spelling},
    {"÷", "div(n, d, down)", FZ_D_expr_spelling},
    {"“", "'", FZ_D_expr_full_width},
    {"”", "'", FZ_D_expr_full_width},
    {"‘", "'", FZ_D_expr_full_width},
    {"’", "'", FZ_D_expr_full_width},
    {"「", "'", FZ_D_expr_full_width},
    {"」", "'", FZ_D_expr_full_width},
    {"【", "[", FZ_D_expr_full_width},
    {"】", "]", FZ_D_expr_full_width},
    {"、", ",", FZ_D_expr_full_width},
    {"。", ".", FZ_D_expr_full_width},
    {"　", " ", FZ_D_expr_full_width},
};

static bool bad_character(struct parser *p, fz_str rest)
{
    uint32_t cp = 0;
    size_t n = fz_utf8_next(rest, &cp);
    struct token t;

    for (size_t i = 0; i < FZ_COUNT(spellings); i++)
        if (fz_str_starts(rest, spellings[i].wrong))
            return bad_bytes(p, spellings[i].id, strlen(spellings[i].wrong), spellings[i].right);
    if (cp >= 0xFF01 && cp <= 0xFF5E) /* the full-width copy of ASCII */
        return bad_bytes(p, FZ_D_expr_full_width, n, (const char[]){(char)(cp - 0xFEE0), '\0'});
    t = take(p, T_SIGN, n ? n : 1);
    if (n == 0 || cp < 0x20 || cp == 0x7F)
        t.text = fz_str_printf(p->arena, "\\x%02X", (unsigned char)rest.p[0]);
    return bad(p, FZ_D_expr_character, t.span, t.text, NULL);
}

static bool lex_sign(struct parser *p)
{
    fz_str rest = {p->c.text.p + p->c.at, p->c.text.n - p->c.at};

    if (fz_str_starts(rest, "!=") || fz_str_starts(rest, "<=") || fz_str_starts(rest, ">="))
        return push(p, take(p, T_SIGN, 2));
    if (fz_str_starts(rest, "==") || fz_str_starts(rest, "=<") || fz_str_starts(rest, "=>") ||
        fz_str_starts(rest, "<>") || rest.p[0] == '\0' || !strchr("=<>+-*()[],.:", rest.p[0]))
        return bad_character(p, rest);
    return push(p, take(p, T_SIGN, 1));
}

static bool lex(struct parser *p)
{
    struct token end;

    for (;;) {
        size_t blanks = skip_blanks(p, p->c.at);
        char c;

        while (p->c.at < blanks)
            step(&p->c);
        if (p->c.at == p->c.text.n)
            break;
        c = byte_at(p, p->c.at);
        if (!(fz_is_digit(c) ? lex_number(p) : is_letter(c) ? lex_word(p) : c == '\'' ? lex_text(p) : lex_sign(p)))
            return false;
    }
    if (p->n == 0)
        return bad(p, FZ_D_expr_empty, p->at, (fz_str){0}, NULL);
    end = (struct token){.kind = T_END, .span = p->tokens[p->n - 1].span};
    end.span.line = p->tokens[p->n - 1].end_line;
    end.span.col = p->tokens[p->n - 1].end_col;
    end.span.len = 1;
    return push(p, end);
}

/* ---- parser -------------------------------------------------------------------------------------------------- */

/* Each function of a rule returns NULL after its one problem, and so does every function above it. */
typedef const struct fz_expr *node;
typedef node rule(struct parser *p);

static rule parse_expr, parse_prim;

static const struct token *look(const struct parser *p)
{
    return &p->tokens[p->next];
}

static bool token_is(const struct token *t, const char *what)
{
    return (t->kind == T_WORD || t->kind == T_SIGN) && fz_str_is(t->text, what);
}

static bool next_is(const struct parser *p, const char *what)
{
    return token_is(look(p), what);
}

static bool accept(struct parser *p, const char *what)
{
    bool yes = next_is(p, what);

    p->next += yes;
    return yes;
}

static bool expect(struct parser *p, const char *what)
{
    const struct token *t = look(p);

    if (accept(p, what))
        return true;
    fz_diag_add(p->diags, t->kind == T_END ? FZ_D_expr_missing_end : FZ_D_expr_missing, t->span, fz_str_of(what),
                shown(p, t->text), (fz_str){0});
    return false;
}

static bool expect_close(struct parser *p, const char *what, const struct token *open)
{
    if (look(p)->kind == T_END)
        return bad(p, FZ_D_expr_unclosed, open->span, open->text, what);
    return expect(p, what);
}

static bool expect_name(struct parser *p, fz_str *out)
{
    const struct token *t = look(p);

    if (t->kind != T_NAME)
        return bad(p, t->kind == T_END ? FZ_D_expr_name_end : FZ_D_expr_name, t->span, t->text, NULL);
    *out = t->text;
    p->next++;
    return true;
}

static bool too_deep(struct parser *p, fz_span at)
{
    fz_str most = fz_str_printf(p->arena, "%d", FZ_EXPR_DEPTH_MAX);

    return bad(p, FZ_D_expr_too_deep, at, most, NULL);
}

static bool enter(struct parser *p)
{
    return p->depth++ < FZ_EXPR_DEPTH_MAX || too_deep(p, look(p)->span);
}

/* A growing list of arguments or names. */
struct args {
    node *items;
    size_t n, cap;
};

struct names {
    fz_str *items;
    size_t n, cap;
};

/* Completes `e`, which began at token `first` and ends before the next one. */
static node finish(struct parser *p, struct fz_expr e, size_t first)
{
    const struct token *last = &p->tokens[p->next - 1];
    struct fz_expr *out;

    e.height = 1;
    for (size_t i = 0; i < e.args_n; i++)
        if (e.args[i] && e.args[i]->height >= e.height)
            e.height = e.args[i]->height + 1;
    if (e.height > FZ_EXPR_DEPTH_MAX) {
        too_deep(p, last->span);
        return NULL;
    }
    e.id = p->ids++;
    e.span = span_to(&p->tokens[first], last->end_line, last->end_col);
    out = FZ_NEW(p->arena, struct fz_expr);
    *out = e;
    return out;
}

static node finish_args(struct parser *p, struct fz_expr e, const struct args *a, size_t first)
{
    e.args = a->items;
    e.args_n = a->n;
    return finish(p, e, first);
}

static node finish_two(struct parser *p, struct fz_expr e, node a, node b, size_t first)
{
    struct args args = {.items = FZ_NEW_ARRAY(p->arena, node, 2), .n = 2, .cap = 2};

    if (!a || !b)
        return NULL;
    args.items[0] = a;
    args.items[1] = b;
    return finish_args(p, e, &args, first);
}

static node finish_one(struct parser *p, struct fz_expr e, node a, size_t first)
{
    struct args args = {.items = FZ_NEW(p->arena, node), .n = 1, .cap = 1};

    if (!a)
        return NULL;
    args.items[0] = a;
    return finish_args(p, e, &args, first);
}

static bool add(struct parser *p, struct args *to, node a)
{
    if (!a)
        return false;
    FZ_PUSH(p->arena, to, items, n, cap) = a;
    return true;
}

/* { "." name } after the first name */
static bool parse_members(struct parser *p, struct names *to)
{
    while (accept(p, ".")) {
        fz_str name;

        if (!expect_name(p, &name))
            return false;
        FZ_PUSH(p->arena, to, items, n, cap) = name;
    }
    return true;
}

static node parse_path(struct parser *p)
{
    struct names names = {0};
    size_t first = p->next;
    fz_str name;

    if (!expect_name(p, &name))
        return NULL;
    FZ_PUSH(p->arena, &names, items, n, cap) = name;
    if (!parse_members(p, &names))
        return NULL;
    return finish(p, (struct fz_expr){.kind = FZ_EX_PATH, .names = names.items, .names_n = names.n}, first);
}

/* name in path where cond: body. `x in [...]` is a test instead. */
static node parse_each(struct parser *p)
{
    struct fz_expr e = {.kind = FZ_EX_EACH, .names_n = 1};
    node *args = FZ_NEW_ARRAY(p->arena, node, 3);
    fz_str *name = FZ_NEW(p->arena, fz_str);
    size_t first = p->next;

    *name = look(p)->text;
    p->next += 2;
    if (!(args[0] = parse_path(p)))
        return NULL;
    if (accept(p, "where") && !(args[1] = parse_expr(p)))
        return NULL;
    if (accept(p, ":") && !(args[2] = parse_expr(p)))
        return NULL;
    e.names = name;
    e.args = args;
    e.args_n = 3;
    return finish(p, e, first);
}

static node parse_arg(struct parser *p)
{
    const struct token *t = look(p);
    bool each = t[0].kind == T_NAME && token_is(&t[1], "in") && !token_is(&t[2], "[");

    return each ? parse_each(p) : parse_expr(p);
}

/* [ item { "," item } ] and the closing sign; the opening one has been taken */
static bool parse_items(struct parser *p, rule *item, const char *close, struct args *out)
{
    const struct token *open = look(p) - 1;

    if (accept(p, close))
        return true;
    do {
        if (look(p)->kind == T_END)
            break;
        if (!add(p, out, item(p)))
            return false;
    } while (accept(p, ","));
    return expect_close(p, close, open);
}

static node parse_call(struct parser *p)
{
    struct names names = {0};
    struct args args = {0};
    size_t first = p->next;

    FZ_PUSH(p->arena, &names, items, n, cap) = look(p)->text;
    p->next += 2;
    if (!parse_items(p, parse_arg, ")", &args) || !parse_members(p, &names))
        return NULL;
    return finish_args(p, (struct fz_expr){.kind = FZ_EX_CALL, .names = names.items, .names_n = names.n}, &args, first);
}

static node parse_list(struct parser *p)
{
    struct args args = {0};
    size_t first = p->next;

    if (!expect(p, "[") || !parse_items(p, parse_expr, "]", &args))
        return NULL;
    return finish_args(p, (struct fz_expr){.kind = FZ_EX_LIST}, &args, first);
}

static node parse_int(struct parser *p)
{
    const struct token *t = look(p), *unit = t + 1;
    struct fz_expr e = {.kind = FZ_EX_INT, .number = t->number};
    size_t i = 0;

    p->next++;
    if (unit->kind == T_NAME) {
        while (i < FZ_COUNT(units) && !fz_str_is(unit->text, units[i].name))
            i++;
        if (i == FZ_COUNT(units)) {
            bad(p, FZ_D_expr_unit, unit->span, unit->text, NULL);
            return NULL;
        }
        e.kind = FZ_EX_LENGTH;
        e.unit = units[i].unit;
        p->next++;
    }
    return finish(p, e, p->next - (e.kind == FZ_EX_LENGTH ? 2 : 1));
}

/* Parentheses leave no node: the one inside keeps its own span. */
static node parse_parentheses(struct parser *p)
{
    const struct token *open = look(p);
    node e;

    p->next++;
    e = parse_expr(p);
    return e && expect_close(p, ")", open) ? e : NULL;
}

static node parse_negative(struct parser *p)
{
    size_t first = p->next++;
    node e;

    if (!enter(p))
        return NULL;
    e = parse_prim(p);
    p->depth--;
    return finish_one(p, (struct fz_expr){.kind = FZ_EX_NEG}, e, first);
}

static node parse_leaf(struct parser *p, struct fz_expr e)
{
    p->next++;
    return finish(p, e, p->next - 1);
}

static node parse_prim(struct parser *p)
{
    const struct token *t = look(p);
    bool nested = token_is(t, "if") || token_is(t, "not");

    switch (t->kind) {
    case T_INT:
        return parse_int(p);
    case T_MONEY:
        return parse_leaf(p, (struct fz_expr){.kind = FZ_EX_MONEY, .number = t->number, .currency = t->currency});
    case T_DAY:
        return parse_leaf(p, (struct fz_expr){.kind = FZ_EX_DAY, .number = t->number});
    case T_TEXT:
        return parse_leaf(p, (struct fz_expr){.kind = FZ_EX_TEXT, .text = t->text});
    case T_NAME:
        return token_is(t + 1, "(") ? parse_call(p) : parse_path(p);
    case T_WORD:
    case T_SIGN:
        if (token_is(t, "yes") || token_is(t, "no"))
            return parse_leaf(p, (struct fz_expr){.kind = FZ_EX_FLAG, .number = token_is(t, "yes")});
        if (token_is(t, "("))
            return parse_parentheses(p);
        if (token_is(t, "-"))
            return parse_negative(p);
        bad(p, nested ? FZ_D_expr_parentheses : FZ_D_expr_value, t->span, t->text, NULL);
        return NULL;
    case T_END:
        bad(p, FZ_D_expr_value_end, t->span, t->text, NULL);
        return NULL;
    }
    fz_assert(!"a kind of token");
    return NULL;
}

static node parse_value(struct parser *p)
{
    size_t first = p->next;
    node left = parse_prim(p), right;

    if (!left || !accept(p, "otherwise"))
        return left;
    if (!enter(p))
        return NULL;
    right = parse_value(p);
    p->depth--;
    return finish_two(p, (struct fz_expr){.kind = FZ_EX_OTHERWISE}, left, right, first);
}

static node parse_term(struct parser *p)
{
    size_t first = p->next;
    node left = parse_value(p);

    while (left && accept(p, "*"))
        left = finish_two(p, (struct fz_expr){.kind = FZ_EX_MUL}, left, parse_value(p), first);
    return left;
}

static node parse_sum(struct parser *p)
{
    size_t first = p->next;
    node left = parse_term(p);

    while (left && (next_is(p, "+") || next_is(p, "-"))) {
        fz_expr_kind kind = accept(p, "+") ? FZ_EX_ADD : FZ_EX_SUB;

        if (kind == FZ_EX_SUB)
            p->next++;
        left = finish_two(p, (struct fz_expr){.kind = kind}, left, parse_term(p), first);
    }
    return left;
}

/* The sign of a comparison, FZ_COUNT(compare_signs) for another token. */
static size_t compare_sign(const struct parser *p)
{
    size_t i = 0;

    while (i < FZ_COUNT(compare_signs) && !next_is(p, compare_signs[i]))
        i++;
    return i;
}

static node parse_in(struct parser *p, node left, size_t first)
{
    bool negated = accept(p, "not");

    if (!expect(p, "in"))
        return NULL;
    return finish_two(p, (struct fz_expr){.kind = FZ_EX_IN, .negated = negated}, left, parse_list(p), first);
}

/* One name only: a dotted path is no stage. */
static node parse_one_name(struct parser *p)
{
    fz_str *name = FZ_NEW(p->arena, fz_str);

    if (!expect_name(p, name))
        return NULL;
    return finish(p, (struct fz_expr){.kind = FZ_EX_PATH, .names = name, .names_n = 1}, p->next - 1);
}

static node parse_at(struct parser *p, node left, size_t first)
{
    p->next++;
    return finish_two(p, (struct fz_expr){.kind = FZ_EX_AT}, left, next_is(p, "[") ? parse_list(p) : parse_one_name(p),
                      first);
}

static node parse_is(struct parser *p, node left, size_t first)
{
    struct fz_expr e = {.kind = FZ_EX_IS, .names_n = 1};
    fz_str *name = FZ_NEW(p->arena, fz_str);

    p->next++;
    e.negated = accept(p, "not");
    if (!expect_name(p, name))
        return NULL;
    e.names = name;
    return finish_one(p, e, left, first);
}

static node parse_test(struct parser *p)
{
    size_t first = p->next, op;
    node left = parse_sum(p), test = left;

    if (!left)
        return NULL;
    op = compare_sign(p);
    if (op < FZ_COUNT(compare_signs)) {
        p->next++;
        test = finish_two(p, (struct fz_expr){.kind = FZ_EX_COMPARE, .op = (fz_expr_op)op}, left, parse_sum(p), first);
    } else if (next_is(p, "in") || next_is(p, "not")) {
        test = parse_in(p, left, first);
    } else if (next_is(p, "at")) {
        test = parse_at(p, left, first);
    } else if (next_is(p, "is")) {
        test = parse_is(p, left, first);
    }
    if (test && test != left &&
        (compare_sign(p) < FZ_COUNT(compare_signs) || next_is(p, "in") || next_is(p, "at") || next_is(p, "is"))) {
        bad(p, FZ_D_expr_chained, look(p)->span, (fz_str){0}, NULL);
        return NULL;
    }
    return test;
}

static node parse_not(struct parser *p)
{
    size_t first = p->next;

    if (!accept(p, "not"))
        return parse_test(p);
    return finish_one(p, (struct fz_expr){.kind = FZ_EX_NOT}, parse_test(p), first);
}

/* `item { word item }`: one node for the whole row */
static node parse_row(struct parser *p, rule *item, const char *word, fz_expr_kind kind)
{
    struct args args = {0};
    size_t first = p->next;

    do {
        if (!add(p, &args, item(p)))
            return NULL;
    } while (accept(p, word));
    return args.n == 1 ? args.items[0] : finish_args(p, (struct fz_expr){.kind = kind}, &args, first);
}

static node parse_and(struct parser *p)
{
    return parse_row(p, parse_not, "and", FZ_EX_AND);
}

static node parse_if(struct parser *p)
{
    struct args args = {0};
    size_t first = p->next++;

    if (!add(p, &args, parse_expr(p)) || !expect(p, "then") || !add(p, &args, parse_expr(p)) || !expect(p, "else") ||
        !add(p, &args, parse_expr(p)))
        return NULL;
    return finish_args(p, (struct fz_expr){.kind = FZ_EX_IF}, &args, first);
}

static node parse_expr(struct parser *p)
{
    node e;

    if (!enter(p))
        return NULL;
    e = next_is(p, "if") ? parse_if(p) : parse_row(p, parse_and, "or", FZ_EX_OR);
    p->depth--;
    return e;
}

const struct fz_expr *fz_expr_parse(struct fz_arena *arena, fz_str text, fz_span at, struct fz_diags *diags)
{
    struct parser p = {.arena = arena, .diags = diags, .at = at};
    const struct token *t;
    node e;

    if (text.n > FZ_EXPR_BYTES_MAX) {
        bad(&p, FZ_D_expr_too_long, at, fz_str_printf(arena, "%d", FZ_EXPR_BYTES_MAX), NULL);
        return NULL;
    }
    p.c = cursor_at(text, at);
    if (!lex(&p) || !(e = parse_expr(&p)))
        return NULL;
    t = look(&p);
    if (t->kind == T_END)
        return e;
    bad(&p, token_is(t, ")") || token_is(t, "]") ? FZ_D_expr_unopened : FZ_D_expr_left_over, t->span, t->text, NULL);
    return NULL;
}

/* ---- printer ------------------------------------------------------------------------------------------------- */

/* How tightly a kind binds, by grammar rule; a child that binds less than its place takes gets parentheses. */
enum level { L_EXPR, L_OR, L_AND, L_NOT, L_TEST, L_SUM, L_TERM, L_VALUE, L_PRIM };

static enum level level_of(fz_expr_kind kind)
{
    switch (kind) {
    case FZ_EX_IF:
        return L_EXPR;
    case FZ_EX_OR:
        return L_OR;
    case FZ_EX_AND:
        return L_AND;
    case FZ_EX_NOT:
        return L_NOT;
    case FZ_EX_COMPARE:
    case FZ_EX_IN:
    case FZ_EX_AT:
    case FZ_EX_IS:
        return L_TEST;
    case FZ_EX_ADD:
    case FZ_EX_SUB:
        return L_SUM;
    case FZ_EX_MUL:
        return L_TERM;
    case FZ_EX_OTHERWISE:
        return L_VALUE;
    default:
        return L_PRIM;
    }
}

static void print_in(const struct fz_expr *e, enum level place, struct fz_buf *out)
{
    bool wrapped = level_of(e->kind) < place;

    if (wrapped)
        fz_buf_addc(out, '(');
    fz_expr_print(e, out);
    if (wrapped)
        fz_buf_addc(out, ')');
}

static void print_two(const struct fz_expr *e, enum level left, const char *sign, enum level right, struct fz_buf *out)
{
    print_in(e->args[0], left, out);
    fz_buf_printf(out, " %s ", sign);
    print_in(e->args[1], right, out);
}

static void print_row(const struct fz_expr *e, const char *between, enum level place, struct fz_buf *out)
{
    for (size_t i = 0; i < e->args_n; i++) {
        fz_buf_addz(out, i ? between : "");
        print_in(e->args[i], place, out);
    }
}

static void print_members(const struct fz_expr *e, size_t from, struct fz_buf *out)
{
    for (size_t i = from; i < e->names_n; i++) {
        fz_buf_addz(out, i ? "." : "");
        fz_buf_add(out, e->names[i]);
    }
}

static void print_number(const struct fz_expr *e, struct fz_buf *out)
{
    long long n = e->number;
    const char *unit;
    char day[FZ_DAY_TEXT];

    switch (e->kind) {
    case FZ_EX_MONEY:
        fz_buf_printf(out, "%lld.%02lld %s", n / 100, n % 100, fz_currency_name(e->currency));
        break;
    case FZ_EX_LENGTH:
        unit = n == 1 && e->unit == FZ_MONTHS  ? "month"
               : n == 1 && e->unit == FZ_YEARS ? "year"
                                               : fz_unit_name(e->unit);
        fz_buf_printf(out, "%lld %s", n, unit);
        break;
    case FZ_EX_DAY:
        fz_buf_addz(out, fz_day_text((fz_day)n, day));
        break;
    case FZ_EX_FLAG:
        fz_buf_addz(out, n ? "yes" : "no");
        break;
    default:
        fz_buf_printf(out, "%lld", n);
    }
}

static void print_each(const struct fz_expr *e, struct fz_buf *out)
{
    fz_buf_add(out, e->names[0]);
    fz_buf_addz(out, " in ");
    fz_expr_print(e->args[0], out);
    if (e->args[1]) {
        fz_buf_addz(out, " where ");
        fz_expr_print(e->args[1], out);
    }
    if (e->args[2]) {
        fz_buf_addz(out, ": ");
        fz_expr_print(e->args[2], out);
    }
}

void fz_expr_print(const struct fz_expr *e, struct fz_buf *out)
{
    switch (e->kind) {
    case FZ_EX_IF:
        fz_buf_addz(out, "if ");
        print_in(e->args[0], L_EXPR, out);
        fz_buf_addz(out, " then ");
        print_in(e->args[1], L_EXPR, out);
        fz_buf_addz(out, " else ");
        print_in(e->args[2], L_EXPR, out);
        break;
    case FZ_EX_OR:
        print_row(e, " or ", L_AND, out);
        break;
    case FZ_EX_AND:
        print_row(e, " and ", L_NOT, out);
        break;
    case FZ_EX_NOT:
        fz_buf_addz(out, "not ");
        print_in(e->args[0], L_TEST, out);
        break;
    case FZ_EX_COMPARE:
        print_two(e, L_SUM, compare_signs[e->op], L_SUM, out);
        break;
    case FZ_EX_IN:
        print_two(e, L_SUM, e->negated ? "not in" : "in", L_PRIM, out);
        break;
    case FZ_EX_AT:
        print_two(e, L_SUM, "at", L_PRIM, out);
        break;
    case FZ_EX_IS:
        print_in(e->args[0], L_SUM, out);
        fz_buf_addz(out, e->negated ? " is not " : " is ");
        fz_buf_add(out, e->names[0]);
        break;
    case FZ_EX_ADD:
        print_two(e, L_SUM, "+", L_TERM, out);
        break;
    case FZ_EX_SUB:
        print_two(e, L_SUM, "-", L_TERM, out);
        break;
    case FZ_EX_MUL:
        print_two(e, L_TERM, "*", L_VALUE, out);
        break;
    case FZ_EX_OTHERWISE:
        print_two(e, L_PRIM, "otherwise", L_VALUE, out);
        break;
    case FZ_EX_NEG:
        fz_buf_addc(out, '-');
        print_in(e->args[0], L_PRIM, out);
        break;
    case FZ_EX_TEXT:
        fz_buf_addc(out, '\'');
        fz_buf_add(out, e->text);
        fz_buf_addc(out, '\'');
        break;
    case FZ_EX_LIST:
        fz_buf_addc(out, '[');
        print_row(e, ", ", L_EXPR, out);
        fz_buf_addc(out, ']');
        break;
    case FZ_EX_PATH:
        print_members(e, 0, out);
        break;
    case FZ_EX_CALL:
        fz_buf_add(out, e->names[0]);
        fz_buf_addc(out, '(');
        print_row(e, ", ", L_EXPR, out);
        fz_buf_addc(out, ')');
        print_members(e, 1, out);
        break;
    case FZ_EX_EACH:
        print_each(e, out);
        break;
    default:
        print_number(e, out);
    }
}

/* ---- equality ------------------------------------------------------------------------------------------------ */

static bool same_variant(const struct fz_expr *a, const struct fz_expr *b)
{
    switch (a->kind) {
    case FZ_EX_COMPARE:
        return a->op == b->op;
    case FZ_EX_LENGTH:
        return a->unit == b->unit;
    case FZ_EX_MONEY:
        return a->currency == b->currency;
    case FZ_EX_IN:
    case FZ_EX_IS:
        return a->negated == b->negated;
    default:
        return true;
    }
}

bool fz_expr_equal(const struct fz_expr *a, const struct fz_expr *b)
{
    if (!a || !b)
        return a == b;
    if (a->kind != b->kind || a->number != b->number || a->args_n != b->args_n || a->names_n != b->names_n ||
        !same_variant(a, b) || !fz_str_eq(a->text, b->text))
        return false;
    for (size_t i = 0; i < a->names_n; i++)
        if (!fz_str_eq(a->names[i], b->names[i]))
            return false;
    for (size_t i = 0; i < a->args_n; i++)
        if (!fz_expr_equal(a->args[i], b->args[i]))
            return false;
    return true;
}
