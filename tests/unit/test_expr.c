#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#include "base/day.h"
#include "law/expr.h"

struct fixture {
    struct fz_arena arena;
    struct fz_diags diags;
    struct fz_buf out;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (!f)
        return -1;
    fz_arena_init(&f->arena);
    fz_diags_init(&f->diags, &f->arena);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    fz_buf_release(&f->out);
    fz_arena_release(&f->arena);
    free(f);
    return 0;
}

static const struct fz_expr *parse(struct fixture *f, const char *text)
{
    const struct fz_expr *e = fz_expr_parse(&f->arena, fz_str_of(text), (fz_span){NULL, 1, 1, 1}, &f->diags);

    if (!e) {
        fz_diags_print(&f->diags, FZ_EN, &f->out);
        print_error("%s\n%.*s", text, FZ_STR_ARG(fz_buf_str(&f->out)));
    }
    assert_non_null(e);
    assert_int_equal(f->diags.n, 0);
    return e;
}

/* The tree with every operation in brackets: what the printer leaves out cannot hide a wrong precedence. */
static void shape(const struct fz_expr *e, struct fz_buf *out)
{
    static const char *const names[FZ_EX_KINDS] = {
        [FZ_EX_IF] = "if",       [FZ_EX_OR] = "or",     [FZ_EX_AND] = "and",   [FZ_EX_NOT] = "not",
        [FZ_EX_COMPARE] = "cmp", [FZ_EX_IN] = "in",     [FZ_EX_AT] = "at",     [FZ_EX_IS] = "is",
        [FZ_EX_ADD] = "+",       [FZ_EX_SUB] = "-",     [FZ_EX_MUL] = "*",     [FZ_EX_OTHERWISE] = "otherwise",
        [FZ_EX_NEG] = "neg",     [FZ_EX_LIST] = "list", [FZ_EX_CALL] = "call", [FZ_EX_EACH] = "each",
    };

    if (!names[e->kind]) {
        fz_expr_print(e, out);
        return;
    }
    fz_buf_printf(out, "{%s", names[e->kind]);
    if (e->kind == FZ_EX_COMPARE)
        fz_buf_printf(out, "%d", (int)e->op);
    if ((e->kind == FZ_EX_IN || e->kind == FZ_EX_IS) && e->negated)
        fz_buf_addz(out, " not");
    for (size_t i = 0; i < e->names_n; i++)
        fz_buf_printf(out, " .%.*s", FZ_STR_ARG(e->names[i]));
    for (size_t i = 0; i < e->args_n; i++) {
        fz_buf_addc(out, ' ');
        if (e->args[i])
            shape(e->args[i], out);
        else
            fz_buf_addc(out, '_');
    }
    fz_buf_addc(out, '}');
}

static void assert_shape(struct fixture *f, const char *text, const char *wanted)
{
    fz_buf_reset(&f->out);
    shape(parse(f, text), &f->out);
    fz_buf_addc(&f->out, '\0');
    assert_string_equal(f->out.p, wanted);
}

static void assert_canonical(struct fixture *f, const char *text, const char *wanted)
{
    fz_buf_reset(&f->out);
    fz_expr_print(parse(f, text), &f->out);
    fz_buf_addc(&f->out, '\0');
    assert_string_equal(f->out.p, wanted);
}

static void test_expr__operators_bind_by_the_grammar(void **state)
{
    struct fixture *f = *state;

    assert_shape(f, "a or b and not c = d + e * f otherwise g",
                 "{or a {and b {not {cmp0 c {+ d {* e {otherwise f g}}}}}}}");
    assert_shape(f, "a or b or c", "{or a b c}");
    assert_shape(f, "(a or b) or c", "{or {or a b} c}");
    assert_shape(f, "(a or b) and c and d", "{and {or a b} c d}");
    assert_shape(f, "not a and b", "{and {not a} b}");
    assert_shape(f, "not (a and b)", "{not {and a b}}");
    assert_shape(f, "a - b - c + d", "{+ {- {- a b} c} d}");
    assert_shape(f, "a - (b - c)", "{- a {- b c}}");
    assert_shape(f, "a * b * c", "{* {* a b} c}");
    assert_shape(f, "a otherwise b otherwise c", "{otherwise a {otherwise b c}}");
    assert_shape(f, "(a otherwise b) otherwise c", "{otherwise {otherwise a b} c}");
    assert_shape(f, "a * b otherwise c", "{* a {otherwise b c}}");
    assert_shape(f, "-a otherwise - -b", "{otherwise {neg a} {neg {neg b}}}");
    assert_shape(f, "sum otherwise 0.00 yuan <= 3000.00 yuan", "{cmp3 {otherwise sum 0.00 yuan} 3000.00 yuan}");
    assert_shape(f, "if a then b else if c then d else e or g", "{if a b {if c d {or e g}}}");
    assert_shape(f, "if if a then b else c then if d then e else f else g", "{if {if a b c} {if d e f} g}");
    assert_shape(f, "1 + (if a then 1 else 2)", "{+ 1 {if a 1 2}}");
}

static void test_expr__every_test_is_read(void **state)
{
    struct fixture *f = *state;

    assert_shape(f, "a = b", "{cmp0 a b}");
    assert_shape(f, "a != b", "{cmp1 a b}");
    assert_shape(f, "a<b", "{cmp2 a b}");
    assert_shape(f, "a <= b", "{cmp3 a b}");
    assert_shape(f, "a > b", "{cmp4 a b}");
    assert_shape(f, "a >= b", "{cmp5 a b}");
    assert_shape(f, "a in [b, 'c d', 3]", "{in a {list b 'c d' 3}}");
    assert_shape(f, "a not in []", "{in not a {list}}");
    assert_shape(f, "p at final", "{at p final}");
    assert_shape(f, "p.q at [done, closed]", "{at p.q {list done closed}}");
    assert_shape(f, "clock(d) is met", "{is .met {call .clock d}}");
    assert_shape(f, "not x is not set", "{not {is not .set x}}");
}

static void test_expr__values_are_exact(void **state)
{
    struct fixture *f = *state;
    const struct fz_expr *e = parse(f, "1234.05 yuan");

    assert_int_equal(e->kind, FZ_EX_MONEY);
    assert_int_equal(e->number, 123405);
    assert_int_equal(e->currency, FZ_YUAN);
    e = parse(f, "35.00  euro");
    assert_int_equal(e->number, 3500);
    assert_int_equal(e->currency, FZ_EURO);
    e = parse(f, "92233720368547758.07 yuan");
    assert_true(e->number == INT64_MAX);
    e = parse(f, "9223372036854775807");
    assert_true(e->kind == FZ_EX_INT && e->number == INT64_MAX);
    e = parse(f, "2026-01-31");
    assert_true(e->kind == FZ_EX_DAY && e->number == fz_day_of(2026, 1, 31));
    e = parse(f, "'第四十条 (a, b]'");
    assert_true(e->kind == FZ_EX_TEXT && fz_str_is(e->text, "第四十条 (a, b]"));
    e = parse(f, "yes");
    assert_true(e->kind == FZ_EX_FLAG && e->number == 1);
    e = parse(f, "no");
    assert_true(e->kind == FZ_EX_FLAG && e->number == 0);
    assert_shape(f, "2026 - 01 - 01", "{- {- 2026 1} 1}");
    assert_shape(f, "5-3", "{- 5 3}");
}

static void test_expr__lengths_have_units(void **state)
{
    static const struct {
        const char *text;
        fz_unit unit;
        const char *canonical;
    } rows[] = {
        {"2 hours", FZ_HOURS, "2 hours"},  {"5 working_days", FZ_WORKING_DAYS, "5 working_days"},
        {"60 days", FZ_DAYS, "60 days"},   {"3 months", FZ_MONTHS, "3 months"},
        {"1 month", FZ_MONTHS, "1 month"}, {"1 months", FZ_MONTHS, "1 month"},
        {"2 years", FZ_YEARS, "2 years"},  {"1 year", FZ_YEARS, "1 year"},
        {"1 days", FZ_DAYS, "1 days"},
    };

    for (size_t i = 0; i < FZ_COUNT(rows); i++) {
        const struct fz_expr *e = parse(*state, rows[i].text);

        assert_int_equal(e->kind, FZ_EX_LENGTH);
        assert_int_equal(e->unit, rows[i].unit);
        assert_canonical(*state, rows[i].text, rows[i].canonical);
    }
}

static void test_expr__calls_and_sets_are_read(void **state)
{
    struct fixture *f = *state;

    assert_shape(f, "drawn()", "{call .drawn}");
    assert_shape(f, "fine_range(gravity).high", "{call .fine_range .high gravity}");
    assert_shape(f, "last (r).a.b", "{call .last .a .b r}");
    assert_shape(f, "count(x in item.parts)", "{call .count {each .x item.parts _ _}}");
    assert_shape(f, "all(p in parts: p at final)", "{call .all {each .p parts _ {at p final}}}");
    assert_shape(f, "any(p in parts where p.a > 1)", "{call .any {each .p parts {cmp4 p.a 1} _}}");
    assert_shape(f, "wmean(p in parts where a or b: p.done, p.weight)",
                 "{call .wmean {each .p parts {or a b} p.done} p.weight}");
    assert_shape(f, "f(x in [a], x not in [b])", "{call .f {in x {list a}} {in not x {list b}}}");
    assert_shape(f, "config.a.b", "config.a.b");
    assert_canonical(f, "f( x in y.z where a:(b) ,((c)) ).d or yes", "f(x in y.z where a: b, c).d or yes");
}

static void test_expr__print_uses_the_fewest_parentheses(void **state)
{
    struct fixture *f = *state;

    assert_canonical(f, "((a)) or ((b and (c)))", "a or b and c");
    assert_canonical(f, "(a-b)-(c-d)", "a - b - (c - d)");
    assert_canonical(f, "(a+b)*(c*d)", "(a + b) * (c * d)");
    assert_canonical(f, "(a otherwise b) otherwise (c otherwise d)", "(a otherwise b) otherwise c otherwise d");
    assert_canonical(f, "-(a+b)", "-(a + b)");
    assert_canonical(f, "(not a) = (b = c)", "(not a) = (b = c)");
    assert_canonical(f, "not(not a)", "not (not a)");
    assert_canonical(f, "fine<=(if c=citizen then 200.00 yuan else 3000.00 yuan)",
                     "fine <= (if c = citizen then 200.00 yuan else 3000.00 yuan)");
}

/* ---- errors -------------------------------------------------------------------------------------------------- */

static void assert_error(struct fixture *f, const char *text, fz_diag_id id, uint32_t col, uint32_t len)
{
    struct fz_diags d;
    const struct fz_expr *e;

    fz_diags_init(&d, &f->arena);
    e = fz_expr_parse(&f->arena, fz_str_of(text), (fz_span){NULL, 7, 11, 1}, &d);
    if (e || d.n != 1 || d.items[0].id != id || d.items[0].span.col != col + 10 || d.items[0].span.len != len)
        fail_msg("%s: %zu problems, first %s at %u, %u long", text, d.n, d.n ? fz_diag_row(d.items[0].id)->id : "-",
                 d.n ? d.items[0].span.col - 10 : 0, d.n ? d.items[0].span.len : 0);
    assert_int_equal(d.errors, 1);
    assert_int_equal(d.items[0].span.line, 7);
}

static void test_expr__each_error_points_at_its_token(void **state)
{
    static const struct {
        const char *text;
        fz_diag_id id;
        uint32_t col, len;
    } rows[] = {
        {"", FZ_D_expr_empty, 1, 1},
        {"  ", FZ_D_expr_empty, 1, 1},
        {"a #", FZ_D_expr_character, 3, 1},
        {"a = 法", FZ_D_expr_character, 5, 1},
        {"'法' \x01", FZ_D_expr_character, 5, 1},
        {"a \xff", FZ_D_expr_character, 3, 1},
        {"done（a)", FZ_D_expr_full_width, 5, 1},
        {"f(a，b)", FZ_D_expr_full_width, 4, 1},
        {"a ＝ b", FZ_D_expr_full_width, 3, 1},
        {"a = ‘b’", FZ_D_expr_full_width, 5, 1},
        {"a　= b", FZ_D_expr_full_width, 2, 1},
        {"a == b", FZ_D_expr_spelling, 3, 2},
        {"a && b", FZ_D_expr_spelling, 3, 2},
        {"a || b", FZ_D_expr_spelling, 3, 2},
        {"!a", FZ_D_expr_spelling, 1, 1},
        {"a <> b", FZ_D_expr_spelling, 3, 2},
        {"a =< b", FZ_D_expr_spelling, 3, 2},
        {"a => b", FZ_D_expr_spelling, 3, 2},
        {"a ≤ b", FZ_D_expr_spelling, 3, 1},
        {"a / b", FZ_D_expr_spelling, 3, 1},
        {"a = \"b\"", FZ_D_expr_spelling, 5, 1},
        {"a = 'b", FZ_D_expr_open_text, 5, 1},
        {"b or (a and c", FZ_D_expr_unclosed, 6, 1},
        {"f(a, g(b)", FZ_D_expr_unclosed, 2, 1},
        {"f(a,", FZ_D_expr_unclosed, 2, 1},
        {"a in [b", FZ_D_expr_unclosed, 6, 1},
        {"a = b)", FZ_D_expr_unopened, 6, 1},
        {"a]", FZ_D_expr_unopened, 2, 1},
        {"(a]", FZ_D_expr_missing, 3, 1},
        {"(a b)", FZ_D_expr_missing, 4, 1},
        {"f(a b)", FZ_D_expr_missing, 5, 1},
        {"if a else b", FZ_D_expr_missing, 6, 4},
        {"if a then b", FZ_D_expr_missing_end, 12, 1},
        {"a not b", FZ_D_expr_missing, 7, 1},
        {"a not", FZ_D_expr_missing_end, 6, 1},
        {"a in b", FZ_D_expr_missing, 6, 1},
        {"1000 yuan", FZ_D_expr_money, 1, 9},
        {"x < 1.5 yuan", FZ_D_expr_money, 5, 8},
        {"1.500 euro", FZ_D_expr_money, 1, 10},
        {"10.00", FZ_D_expr_money, 1, 5},
        {"10.00 dollar", FZ_D_expr_money, 1, 5},
        {"1.2.3 yuan", FZ_D_expr_money, 1, 5},
        {"a + 1.", FZ_D_expr_money, 5, 2},
        {"a = 9223372036854775808", FZ_D_expr_too_large, 5, 19},
        {"92233720368547758.08 yuan", FZ_D_expr_too_large, 1, 25},
        {"2026-02-30", FZ_D_expr_day, 1, 10},
        {"a < 2026-1-1", FZ_D_expr_day, 5, 8},
        {"2026-01-01x", FZ_D_expr_day, 1, 11},
        {"a < 5days", FZ_D_expr_joined, 5, 5},
        {"a < 5 day", FZ_D_expr_unit, 7, 3},
        {"5 workdays", FZ_D_expr_unit, 3, 8},
        {"a +", FZ_D_expr_value_end, 4, 1},
        {"a +  ", FZ_D_expr_value_end, 4, 1},
        {"-", FZ_D_expr_value_end, 2, 1},
        {"a + * b", FZ_D_expr_value, 5, 1},
        {"()", FZ_D_expr_value, 2, 1},
        {"f(a,)", FZ_D_expr_value, 5, 1},
        {"a and then", FZ_D_expr_value, 7, 4},
        {"a = not b", FZ_D_expr_parentheses, 5, 3},
        {"not not b", FZ_D_expr_parentheses, 5, 3},
        {"1 + if a then b else c", FZ_D_expr_parentheses, 5, 2},
        {"a.in", FZ_D_expr_name, 3, 2},
        {"a.", FZ_D_expr_name_end, 3, 1},
        {"a is 5", FZ_D_expr_name, 6, 1},
        {"a is", FZ_D_expr_name_end, 5, 1},
        {"a is not not", FZ_D_expr_name, 10, 3},
        {"p at 'x'", FZ_D_expr_name, 6, 3},
        {"f(p in 5)", FZ_D_expr_name, 8, 1},
        {"a b", FZ_D_expr_left_over, 3, 1},
        {"a.b(c)", FZ_D_expr_left_over, 4, 1},
        {"a, b", FZ_D_expr_left_over, 2, 1},
        {"p at a.b", FZ_D_expr_left_over, 7, 1},
        {"a < b < c", FZ_D_expr_chained, 7, 1},
        {"a = b is met", FZ_D_expr_chained, 7, 2},
        {"a in [b] = c", FZ_D_expr_chained, 10, 1},
    };

    for (size_t i = 0; i < FZ_COUNT(rows); i++)
        assert_error(*state, rows[i].text, rows[i].id, rows[i].col, rows[i].len);
}

static char *repeated(struct fixture *f, const char *head, size_t n, const char *tail)
{
    struct fz_buf *b = &f->out;

    fz_buf_reset(b);
    while (n--)
        fz_buf_addz(b, head);
    fz_buf_addz(b, tail);
    return fz_str_z(&f->arena, fz_buf_str(b));
}

static void test_expr__depth_and_length_are_bounded(void **state)
{
    struct fixture *f = *state;
    uint32_t most = FZ_EXPR_DEPTH_MAX;

    parse(f, repeated(f, "-", most - 1, "a"));
    assert_error(f, repeated(f, "-", most, "a"), FZ_D_expr_too_deep, most + 1, 1);
    assert_error(f, repeated(f, "(", 2000, "a"), FZ_D_expr_too_deep, most + 1, 1);
    assert_error(f, repeated(f, "f(", 2000, "a"), FZ_D_expr_too_deep, 2 * most + 1, 1);
    assert_error(f, repeated(f, "a otherwise ", 300, "a"), FZ_D_expr_too_deep, 12 * most + 1, 1);
    assert_error(f, repeated(f, "if a then b else ", 200, "a"), FZ_D_expr_too_deep, 17 * (most - 1) + 4, 1);
    parse(f, repeated(f, "a+", most - 1, "a"));
    assert_error(f, repeated(f, "a+", most, "a"), FZ_D_expr_too_deep, 2 * most + 1, 1);
    assert_int_equal(parse(f, repeated(f, "a or ", 800, "a"))->args_n, 801);
    assert_error(f, repeated(f, "a or ", 900, "a"), FZ_D_expr_too_long, 1, 1);
}

/* ---- places -------------------------------------------------------------------------------------------------- */

static const struct fz_expr *parse_in(struct fixture *f, const struct fz_source *s, uint32_t line, uint32_t col,
                                      const char *text)
{
    return fz_expr_parse(&f->arena, fz_str_of(text), (fz_span){s, line, col, 1}, &f->diags);
}

static void assert_span(const struct fz_expr *e, uint32_t line, uint32_t col, uint32_t len)
{
    assert_non_null(e);
    assert_int_equal(e->span.line, line);
    assert_int_equal(e->span.col, col);
    assert_int_equal(e->span.len, len);
}

static void test_expr__every_node_has_its_place(void **state)
{
    static const struct fz_source s = {"x", {"\n标 that: (a or '法条') and b.c  # x\n", 41}};
    const struct fz_expr *e = parse_in(*state, &s, 2, 9, "(a or '法条') and b.c");

    assert_span(e, 2, 9, 19);
    assert_span(e->args[0], 2, 10, 9);
    assert_span(e->args[0]->args[1], 2, 15, 4);
    assert_span(e->args[1], 2, 25, 3);
    assert_int_equal(e->id, 4);
    assert_int_equal(e->height, 3);
}

static void test_expr__places_follow_quotes_and_folds(void **state)
{
    static const char file[] = "a: 'x = ''法'' or\n" /* 1, 2: single quotes, folded */
                               "     y'\n"
                               "b: \"x \\u003d z\\\n" /* 3, 4: double quotes, an escape and a joined line */
                               "   _w = y\"\n"
                               "c: x and  \n" /* 5, 7: plain, folded over an empty line */
                               "\n"
                               "  y + 1\n"
                               "d: >\n" /* 8, 10: a block */
                               "   x\n"
                               "   = y\n";
    struct fz_source s = {"x", {file, sizeof(file) - 1}};
    struct fixture *f = *state;
    const struct fz_expr *e = parse_in(f, &s, 1, 4, "x = '法' or y");

    assert_span(e, 1, 5, 12);
    assert_span(e->args[0]->args[1], 1, 9, 5);
    assert_span(e->args[1], 2, 6, 1);
    assert_null(parse_in(f, &s, 3, 4, "x = z_w = y"));
    assert_int_equal(f->diags.items[0].id, FZ_D_expr_chained);
    assert_int_equal(f->diags.items[0].span.line, 4);
    assert_int_equal(f->diags.items[0].span.col, 7);
    e = parse_in(f, &s, 5, 4, "x and\ny + 1");
    assert_span(e, 5, 4, 5);
    assert_span(e->args[1], 7, 3, 5);
    e = parse_in(f, &s, 8, 4, "x = y\n");
    assert_span(e->args[0], 9, 4, 1);
    assert_span(e->args[1], 10, 6, 1);
}

static void test_expr__a_place_that_does_not_fit_stands_still(void **state)
{
    static const struct fz_source s = {"x", {"abc: &anchor d", 14}};
    const struct fz_expr *e = parse_in(*state, &s, 1, 6, "x = y");

    assert_span(e, 1, 6, 1);
    assert_span(e->args[1], 1, 6, 1);
}

/* ---- print and parse ----------------------------------------------------------------------------------------- */

static uint64_t seed;

static uint32_t draw(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 32) % below);
}

static fz_str draw_name(void)
{
    static const char *const names[] = {"a", "b1", "done", "clock", "days", "yuan", "set", "period", "_x", "Part"};

    return fz_str_of(names[draw(FZ_COUNT(names))]);
}

static void draw_names(struct fixture *f, struct fz_expr *e, size_t n)
{
    fz_str *names = FZ_NEW_ARRAY(&f->arena, fz_str, n);

    for (size_t i = 0; i < n; i++)
        names[i] = draw_name();
    e->names = names;
    e->names_n = n;
}

static const struct fz_expr *draw_tree(struct fixture *f, int depth);

static const struct fz_expr *draw_kind(struct fixture *f, fz_expr_kind kind, int depth);

static void draw_args(struct fixture *f, struct fz_expr *e, size_t n, int depth)
{
    const struct fz_expr **args = FZ_NEW_ARRAY(&f->arena, const struct fz_expr *, n);

    for (size_t i = 0; i < n; i++) {
        bool each = e->kind == FZ_EX_CALL && draw(3) == 0;

        args[i] = each ? draw_kind(f, FZ_EX_EACH, depth - 1) : draw_tree(f, depth - 1);
    }
    e->args = args;
    e->args_n = n;
    if (e->kind == FZ_EX_IN)
        args[1] = draw_kind(f, FZ_EX_LIST, depth - 1);
    if (e->kind == FZ_EX_AT) {
        args[1] = draw_kind(f, draw(2) ? FZ_EX_LIST : FZ_EX_PATH, depth - 1);
        ((struct fz_expr *)(uintptr_t)args[1])->names_n = args[1]->kind == FZ_EX_PATH;
    }
    if (e->kind == FZ_EX_EACH) {
        args[0] = draw_kind(f, FZ_EX_PATH, 0);
        args[1] = draw(2) ? args[1] : NULL;
        args[2] = draw(2) ? args[2] : NULL;
    }
}

static const struct fz_expr *draw_kind(struct fixture *f, fz_expr_kind kind, int depth)
{
    static const int64_t numbers[] = {0, 1, 2, 99, 100, 101, INT64_MAX};
    struct fz_expr *e = FZ_NEW(&f->arena, struct fz_expr);

    e->kind = kind;
    switch (kind) {
    case FZ_EX_IF:
    case FZ_EX_EACH:
        if (kind == FZ_EX_EACH)
            draw_names(f, e, 1);
        draw_args(f, e, 3, depth);
        break;
    case FZ_EX_OR:
    case FZ_EX_AND:
        draw_args(f, e, 2 + draw(2), depth);
        break;
    case FZ_EX_NOT:
    case FZ_EX_NEG:
        draw_args(f, e, 1, depth);
        break;
    case FZ_EX_IS:
        e->negated = draw(2);
        draw_names(f, e, 1);
        draw_args(f, e, 1, depth);
        break;
    case FZ_EX_COMPARE:
    case FZ_EX_IN:
        if (kind == FZ_EX_IN)
            e->negated = draw(2);
        else
            e->op = (fz_expr_op)draw(6);
        draw_args(f, e, 2, depth);
        break;
    case FZ_EX_AT:
    case FZ_EX_ADD:
    case FZ_EX_SUB:
    case FZ_EX_MUL:
    case FZ_EX_OTHERWISE:
        draw_args(f, e, 2, depth);
        break;
    case FZ_EX_LIST:
        draw_args(f, e, depth > 0 ? draw(4) : 0, depth);
        break;
    case FZ_EX_CALL:
        draw_names(f, e, 1 + draw(3));
        draw_args(f, e, depth > 0 ? draw(4) : 0, depth);
        break;
    case FZ_EX_PATH:
        draw_names(f, e, 1 + draw(3));
        break;
    case FZ_EX_TEXT:
        e->text = draw(2) ? FZ_STR("第 1 条 (\"a\"") : (fz_str){0};
        break;
    case FZ_EX_FLAG:
        e->number = draw(2);
        break;
    case FZ_EX_DAY:
        e->number = draw(4) ? (int64_t)draw(40000) - 10000 : draw(2) ? FZ_DAY_MIN : FZ_DAY_MAX;
        break;
    case FZ_EX_LENGTH:
        e->unit = (fz_unit)draw(5);
        e->number = numbers[draw(FZ_COUNT(numbers))];
        break;
    case FZ_EX_MONEY:
        e->currency = (fz_currency)draw(2);
        e->number = numbers[draw(FZ_COUNT(numbers))];
        break;
    default:
        e->number = numbers[draw(FZ_COUNT(numbers))];
    }
    return e;
}

static const struct fz_expr *draw_tree(struct fixture *f, int depth)
{
    fz_expr_kind kind = (fz_expr_kind)draw(FZ_EX_EACH);

    if (depth <= 0 || kind == FZ_EX_LIST) /* a list stands behind `in` and `at` only */
        kind = FZ_EX_PATH;
    return draw_kind(f, kind, depth);
}

static void test_expr__print_then_parse_is_the_same_tree(void **state)
{
    struct fixture *f = *state;
    const char *given = getenv("FZ_SEED");
    size_t compared = 0;

    seed = given ? strtoull(given, NULL, 10) : 20261124;
    print_message("seed %llu\n", (unsigned long long)seed);
    assert_true(seed != 0);
    for (int i = 0; i < 20000; i++) {
        const struct fz_expr *e = draw_tree(f, 1 + (int)draw(5)), *again;

        fz_buf_reset(&f->out);
        fz_expr_print(e, &f->out);
        if (f->out.n > FZ_EXPR_BYTES_MAX)
            continue;
        again = fz_expr_parse(&f->arena, fz_buf_str(&f->out), (fz_span){NULL, 1, 1, 1}, &f->diags);
        if (!fz_expr_equal(e, again)) {
            fz_diags_print(&f->diags, FZ_EN, &f->out);
            fail_msg("tree %d: %.*s", i, FZ_STR_ARG(fz_buf_str(&f->out)));
        }
        compared++;
        fz_arena_reset(&f->arena);
    }
    assert_true(compared > 19000);
}

/* The highest trees, where each level costs the parser one level or two parentheses. */
static void test_expr__the_highest_tree_can_be_parsed_again(void **state)
{
    static const fz_expr_kind ones[] = {FZ_EX_NOT, FZ_EX_NEG};
    static const fz_expr_kind twos[] = {FZ_EX_ADD, FZ_EX_SUB, FZ_EX_MUL, FZ_EX_OTHERWISE, FZ_EX_COMPARE, FZ_EX_AND};
    struct fixture *f = *state;

    for (size_t k = 0; k < FZ_COUNT(ones) + 2 * FZ_COUNT(twos); k++) {
        const struct fz_expr *e = draw_kind(f, FZ_EX_PATH, 0), *leaf = e;

        for (int h = 1; h < FZ_EXPR_DEPTH_MAX; h++) {
            bool one = k < FZ_COUNT(ones) && h % 2;
            size_t two = (k < FZ_COUNT(ones) ? (size_t)h / 2 : k - FZ_COUNT(ones)) % FZ_COUNT(twos);
            struct fz_expr *up = FZ_NEW(&f->arena, struct fz_expr);
            const struct fz_expr **args = FZ_NEW_ARRAY(&f->arena, const struct fz_expr *, 2);
            bool right = k >= FZ_COUNT(ones) + FZ_COUNT(twos) || (k < FZ_COUNT(ones) && h % 4 == 0);

            args[0] = one || !right ? e : leaf;
            args[1] = right ? e : leaf;
            *up = (struct fz_expr){.kind = one ? ones[k] : twos[two], .args = args, .args_n = one ? 1 : 2};
            e = up;
        }
        fz_buf_reset(&f->out);
        fz_expr_print(e, &f->out);
        assert_true(fz_expr_equal(e, parse(f, fz_str_z(&f->arena, fz_buf_str(&f->out)))));
    }
}

/* ---- the shipped packs --------------------------------------------------------------------------------------- */

static bool is_expression(const char *key, const char *value)
{
    static const char *const keys[] = {"that", "when", "where", "unless", "is", "at"};

    if (strstr(value, " before ") || strstr(value, " after ")) /* a rung of a ladder */
        return false;
    for (size_t i = 0; i < FZ_COUNT(keys); i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

/* Every path stands in the file where its span says. */
static void assert_paths_in_place(const struct fz_expr *e, const char *const *lines)
{
    if (e->kind == FZ_EX_PATH) {
        const char *p = lines[e->span.line];

        for (uint32_t col = 1; col < e->span.col; col++)
            for (p++; ((unsigned char)*p & 0xC0) == 0x80;)
                p++;
        assert_memory_equal(p, e->names[0].p, e->names[0].n);
    }
    for (size_t i = 0; i < e->args_n; i++)
        if (e->args[i])
            assert_paths_in_place(e->args[i], lines);
}

static size_t parse_pack(struct fixture *f, const char *name, fz_str text)
{
    struct fz_source source = {name, text};
    const char **lines = FZ_NEW_ARRAY(&f->arena, const char *, text.n + 3);
    yaml_document_t doc;
    yaml_parser_t yaml;
    size_t found = 0, line = 1;

    lines[1] = text.p;
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '\n')
            lines[++line] = text.p + i + 1;
    assert_true(yaml_parser_initialize(&yaml));
    yaml_parser_set_input_string(&yaml, (const unsigned char *)text.p, text.n);
    assert_true(yaml_parser_load(&yaml, &doc));
    for (int i = 1; yaml_document_get_node(&doc, i); i++) {
        const yaml_node_t *map = yaml_document_get_node(&doc, i);

        if (map->type != YAML_MAPPING_NODE)
            continue;
        for (yaml_node_pair_t *pair = map->data.mapping.pairs.start; pair < map->data.mapping.pairs.top; pair++) {
            const yaml_node_t *key = yaml_document_get_node(&doc, pair->key);
            const yaml_node_t *v = yaml_document_get_node(&doc, pair->value);
            const struct fz_expr *e;
            fz_span at;

            if (v->type != YAML_SCALAR_NODE ||
                !is_expression((char *)key->data.scalar.value, (char *)v->data.scalar.value))
                continue;
            at = (fz_span){&source, (uint32_t)v->start_mark.line + 1, (uint32_t)v->start_mark.column + 1, 1};
            e = fz_expr_parse(&f->arena, (fz_str){(char *)v->data.scalar.value, v->data.scalar.length}, at, &f->diags);
            if (e)
                assert_paths_in_place(e, lines);
            found++;
        }
    }
    yaml_document_delete(&doc);
    yaml_parser_delete(&yaml);
    if (f->diags.n) {
        fz_diags_print(&f->diags, FZ_EN, &f->out);
        fail_msg("%.*s", FZ_STR_ARG(fz_buf_str(&f->out)));
    }
    return found;
}

/* Run from the root of the project. */
static void test_expr__the_packs_parse(void **state)
{
    struct fixture *f = *state;
    DIR *dir = opendir("packs");
    struct dirent *entry;
    size_t found = 0;

    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        fz_str path = fz_str_printf(&f->arena, "packs/%s", entry->d_name);
        struct fz_buf text = {0};
        FILE *file;

        if (!fz_str_ends(path, ".yaml"))
            continue;
        file = fopen(path.p, "rb");
        assert_non_null(file);
        for (int c; (c = getc(file)) != EOF;)
            fz_buf_addc(&text, (char)c);
        fclose(file);
        found += parse_pack(f, path.p, fz_buf_str(&text));
        fz_buf_release(&text);
    }
    closedir(dir);
    print_message("%zu expressions\n", found);
    assert_true(found > 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_expr__##name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(operators_bind_by_the_grammar),
        TEST(every_test_is_read),
        TEST(values_are_exact),
        TEST(lengths_have_units),
        TEST(calls_and_sets_are_read),
        TEST(print_uses_the_fewest_parentheses),
        TEST(each_error_points_at_its_token),
        TEST(depth_and_length_are_bounded),
        TEST(every_node_has_its_place),
        TEST(places_follow_quotes_and_folds),
        TEST(a_place_that_does_not_fit_stands_still),
        TEST(print_then_parse_is_the_same_tree),
        TEST(the_highest_tree_can_be_parsed_again),
        TEST(the_packs_parse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
