/* Values of fields as packs and scenarios write them, and the reader of tables. */
#include "../support/support.h"

#include "law/reader.h"
#include "law/value.h"

static const fz_str names[] = {{"ordinary", 8}, {"simplified", 10}};
static const struct fz_choices choices = {names, 2};

static void assert_round_trip(fz_type type, const char *text, const char *printed)
{
    struct fz_buf out = {0};
    fz_value v;

    if (!fz_value_parse(type, &choices, fz_str_of(text), &v))
        fail_msg("%s is no %s", text, fz_type_word(type));
    fz_value_print(type, &choices, v, &out);
    assert_string_equal(out.p ? out.p : "", printed);
    fz_buf_release(&out);
}

static void value__prints_what_was_read(void **state)
{
    (void)state;
    assert_round_trip(FZ_TYPE_FLAG, "yes", "yes");
    assert_round_trip(FZ_TYPE_FLAG, "true", "yes");
    assert_round_trip(FZ_TYPE_FLAG, "no", "no");
    assert_round_trip(FZ_TYPE_FLAG, "false", "no");
    assert_round_trip(FZ_TYPE_INT, "-12", "-12");
    assert_round_trip(FZ_TYPE_INT, "9223372036854775807", "9223372036854775807");
    assert_round_trip(FZ_TYPE_MONEY, "35.00 yuan", "35.00 yuan");
    assert_round_trip(FZ_TYPE_MONEY, "-0.05 euro", "-0.05 euro");
    assert_round_trip(FZ_TYPE_MONEY, "92233720368547758.07 yuan", "92233720368547758.07 yuan");
    assert_round_trip(FZ_TYPE_POINTS, "7", "7.00");
    assert_round_trip(FZ_TYPE_POINTS, "7.25", "7.25");
    assert_round_trip(FZ_TYPE_SHARE, "2/4", "2/4");
    assert_round_trip(FZ_TYPE_DAY, "2024-02-29", "2024-02-29");
    assert_round_trip(FZ_TYPE_MONTH, "2026-12", "2026-12");
    assert_round_trip(FZ_TYPE_YEAR, "2026", "2026");
    assert_round_trip(FZ_TYPE_INSTANT, "2026-01-31 09:30", "2026-01-31 09:30");
    assert_round_trip(FZ_TYPE_INSTANT, "1969-12-31T23:59:30", "1969-12-31 23:59");
    assert_round_trip(FZ_TYPE_SPAN, "2026-01-31..2026-02-01", "2026-01-31..2026-02-01");
    assert_round_trip(FZ_TYPE_SPAN, "2026-01-31..", "2026-01-31..");
    assert_round_trip(FZ_TYPE_LENGTH, "1 year", "1 year");
    assert_round_trip(FZ_TYPE_LENGTH, "5 working_days", "5 working_days");
    assert_round_trip(FZ_TYPE_CHOICE, "simplified", "simplified");
    assert_round_trip(FZ_TYPE_TEXT, "任何文字, 5", "任何文字, 5");
    assert_round_trip(FZ_TYPE_PLACE, "370100", "370100");
    assert_round_trip(FZ_TYPE_PARTY, "甲", "甲");
}

static void value__refuses_what_is_none(void **state)
{
    static const struct {
        fz_type type;
        const char *text;
    } wrong[] = {
        {FZ_TYPE_FLAG, "maybe"},
        {FZ_TYPE_FLAG, ""},
        {FZ_TYPE_INT, "+5"},
        {FZ_TYPE_INT, "5 "},
        {FZ_TYPE_INT, "9223372036854775808"},
        {FZ_TYPE_MONEY, "35"},
        {FZ_TYPE_MONEY, "35.0 yuan"},
        {FZ_TYPE_MONEY, "35.00"},
        {FZ_TYPE_MONEY, "35.00 dollar"},
        {FZ_TYPE_MONEY, ".00 yuan"},
        {FZ_TYPE_MONEY, "35.+1 yuan"},
        {FZ_TYPE_MONEY, "35.1+ yuan"},
        {FZ_TYPE_MONEY, "92233720368547758.08 yuan"},
        {FZ_TYPE_MONEY, " yuan"},
        {FZ_TYPE_POINTS, "7.5"},
        {FZ_TYPE_SHARE, "1/0"},
        {FZ_TYPE_SHARE, "1/"},
        {FZ_TYPE_SHARE, "-1/2"},
        {FZ_TYPE_DAY, "2026-02-30"},
        {FZ_TYPE_DAY, "2026-2-3"},
        {FZ_TYPE_MONTH, "2026-13"},
        {FZ_TYPE_MONTH, "2026-00"},
        {FZ_TYPE_YEAR, "0000"},
        {FZ_TYPE_YEAR, "26"},
        {FZ_TYPE_INSTANT, "2026-01-31"},
        {FZ_TYPE_INSTANT, "2026-01-31 24:00"},
        {FZ_TYPE_SPAN, "2026-02-01..2026-01-31"},
        {FZ_TYPE_SPAN, "2026-02-01"},
        {FZ_TYPE_SPAN, "2026-02-01..x"},
        {FZ_TYPE_LENGTH, "5"},
        {FZ_TYPE_LENGTH, "5 weeks"},
        {FZ_TYPE_CHOICE, "other"},
        {FZ_TYPE_PLACE, "37010"},
        {FZ_TYPE_PLACE, "37010x"},
    };
    fz_value v = FZ_NUMBER(77);

    (void)state;
    for (size_t i = 0; i < FZ_COUNT(wrong); i++) {
        if (fz_value_parse(wrong[i].type, &choices, fz_str_of(wrong[i].text), &v))
            fail_msg("'%s' went through as %s", wrong[i].text, fz_type_word(wrong[i].type));
        assert_int_equal(v.n, 77);
    }
    assert_false(fz_value_parse(FZ_TYPE_CHOICE, NULL, FZ_STR("ordinary"), &v));
}

static void value__type_words_go_both_ways(void **state)
{
    fz_type t;

    (void)state;
    for (fz_type i = FZ_TYPE_NONE + 1; i < FZ_TYPES; i++) {
        assert_true(fz_type_of_word(fz_str_of(fz_type_word(i)), &t));
        assert_int_equal(t, i);
        assert_int_equal(fz_type_is_text(i), i >= FZ_TYPE_TEXT);
    }
    assert_false(fz_type_of_word(FZ_STR("nothing"), &t));
}

static fz_value parsed(fz_type type, const char *text)
{
    fz_value v = FZ_UNSET;

    assert_true(fz_value_parse(type, &choices, fz_str_of(text), &v));
    return v;
}

static void value__equality_is_of_meaning(void **state)
{
    fz_value ab[] = {parsed(FZ_TYPE_PARTY, "a"), parsed(FZ_TYPE_PARTY, "b")};
    fz_value ba[] = {parsed(FZ_TYPE_PARTY, "b"), parsed(FZ_TYPE_PARTY, "a")};
    fz_value one = {.set = true, .many = 2, .items = ab}, other = {.set = true, .many = 2, .items = ba};
    fz_value less = {.set = true, .many = 1, .items = ab}, empty = {.set = true};

    (void)state;
    assert_true(fz_value_equal(FZ_TYPE_SHARE, parsed(FZ_TYPE_SHARE, "1/2"), parsed(FZ_TYPE_SHARE, "2/4")));
    assert_false(fz_value_equal(FZ_TYPE_LENGTH, parsed(FZ_TYPE_LENGTH, "1 month"), parsed(FZ_TYPE_LENGTH, "1 day")));
    assert_false(fz_value_equal(FZ_TYPE_SPAN, parsed(FZ_TYPE_SPAN, "2026-01-01.."),
                                parsed(FZ_TYPE_SPAN, "2026-01-01..2026-01-02")));
    assert_true(fz_value_equal(FZ_TYPE_PARTY, one, other));
    assert_false(fz_value_equal(FZ_TYPE_PARTY, one, less));
    assert_false(fz_value_equal(FZ_TYPE_PARTY, less, one));
    assert_false(fz_value_equal(FZ_TYPE_PARTY, one, empty));
    assert_true(fz_value_equal(FZ_TYPE_PARTY, empty, empty));
    assert_true(fz_value_equal(FZ_TYPE_INT, FZ_UNSET, FZ_UNSET));
    assert_false(fz_value_equal(FZ_TYPE_INT, FZ_UNSET, FZ_NUMBER(0)));
}

static void value__a_set_and_nothing_print(void **state)
{
    fz_value items[] = {FZ_NUMBER(3), FZ_NUMBER(4)};
    struct fz_buf out = {0};

    (void)state;
    fz_value_print(FZ_TYPE_INT, NULL, (fz_value){.set = true, .many = 2, .items = items}, &out);
    fz_buf_addc(&out, '|');
    fz_value_print(FZ_TYPE_INT, NULL, FZ_UNSET, &out);
    assert_string_equal(out.p, "3, 4|-");
    fz_buf_release(&out);
}

static void title__english_falls_back_on_chinese(void **state)
{
    fz_title both = {FZ_STR("受理"), FZ_STR("Accept")}, one = {.zh = FZ_STR("受理")};

    (void)state;
    assert_true(fz_str_is(fz_title_in(both, FZ_EN), "Accept"));
    assert_true(fz_str_is(fz_title_in(both, FZ_ZH), "受理"));
    assert_true(fz_str_is(fz_title_in(one, FZ_EN), "受理"));
}

/* ---- the reader ---- */

struct leg {
    struct fz_name name;
    const struct fz_node *node;
    int count;
    fz_day day;
};
static const struct fz_key leg_keys[] = {FZ_KEY_COUNT(struct leg, count, "count", FZ_REQUIRED, "2", "how many", "数量"),
                                         FZ_KEY_DAY(struct leg, day, "day", FZ_OPTIONAL, "2026-01-31", "when", "日期"),
                                         FZ_KEY_END};
static const struct fz_key leg_brief = FZ_KEY_COUNT(struct leg, count, "count", FZ_OPTIONAL, "2", "how many", "数量");
static const struct fz_construct leg =
    FZ_CONSTRUCT(struct leg, "leg", "腿", leg_keys, .brief = &leg_brief, .listed = true);

struct chair {
    const struct fz_node *node;
    struct fz_parts legs, more;
    const void *best;
    int colour;
    bool soft;
    fz_length since;
    fz_title title;
    struct fz_names owners, remarks;
    const struct fz_expr *price;
    struct fz_exprs prices;
};
static const struct fz_key chair_keys[] = {
    FZ_KEY_NAMED(struct chair, legs, "legs", FZ_REQUIRED, &leg, "{a: 1}", "its legs", "腿"),
    FZ_KEY_PARTS(struct chair, more, "more", FZ_OPTIONAL, &leg, "[{count: 1}]", "more of them", "更多"),
    FZ_KEY_PART(struct chair, best, "best", FZ_OPTIONAL, &leg, "{count: 1}", "the best", "最好的"),
    FZ_KEY_WORD(struct chair, colour, "colour", FZ_OPTIONAL, "red green", "red", "colour", "颜色"),
    FZ_KEY_FLAG(struct chair, soft, "soft", FZ_OPTIONAL, "yes", "soft or not", "软"),
    FZ_KEY_LENGTH(struct chair, since, "since", FZ_OPTIONAL, "5 days", "age", "时间"),
    FZ_KEY_TITLE(struct chair, title, "title", FZ_OPTIONAL, "x", "title", "名称"),
    FZ_KEY_NAMES(struct chair, owners, "owners", FZ_OPTIONAL, "[a, b]", "owners", "主人"),
    FZ_KEY_TEXTS(struct chair, remarks, "remarks", FZ_OPTIONAL, "[a, b]", "remarks", "说明"),
    FZ_KEY_EXPR(struct chair, price, "price", FZ_OPTIONAL, "1 + 1", "price", "价格"),
    FZ_KEY_EXPRS(struct chair, prices, "prices", FZ_OPTIONAL, "[1, 2]", "prices", "价格"),
    FZ_KEY_END};
static const struct fz_construct chair = FZ_CONSTRUCT(struct chair, "chair", "椅子", chair_keys, .brief = NULL);

struct fixture {
    struct fz_arena arena;
    struct fz_diags diags;
    struct fz_source source;
    struct chair chair;
    bool ok;
};

static void read_chair(struct fixture *f, const char *text)
{
    fz_arena_init(&f->arena);
    fz_diags_init(&f->diags, &f->arena);
    f->source = (struct fz_source){"chair.yaml", fz_str_of(text)};
    f->ok = fz_read(&chair, fz_node_read(&f->arena, &f->source, &f->diags), &f->chair, &f->arena, &f->diags);
}

static const struct leg *leg_of(struct fz_parts p, size_t i)
{
    assert_true(i < p.n);
    return (const struct leg *)p.items + i;
}

static void reader__fills_every_kind(void **state)
{
    struct fixture f;

    (void)state;
    read_chair(
        &f, "legs: {front: 2, back: {count: 3, day: 2026-01-31}}\nmore: 4\nbest: {count: 5}\ncolour: green\nsoft: yes\n"
            "since: 5 days\ntitle: {zh: 椅, en: Chair}\nowners: [a, b_2]\nremarks: 说\nprice: 1 + 2\nprices: [1, a]\n");
    assert_true(f.ok);
    assert_int_equal(f.diags.n, 0);
    assert_int_equal(f.chair.legs.n, 2);
    assert_true(fz_str_is(leg_of(f.chair.legs, 0)->name.text, "front"));
    assert_int_equal(leg_of(f.chair.legs, 0)->count, 2);
    assert_int_equal(leg_of(f.chair.legs, 0)->day, FZ_DAY_NONE);
    assert_int_equal(leg_of(f.chair.legs, 1)->count, 3);
    assert_int_equal(leg_of(f.chair.legs, 1)->day, fz_day_of(2026, 1, 31));
    assert_int_equal(leg_of(f.chair.legs, 1)->name.span.col, 18);
    assert_int_equal(f.chair.more.n, 1);
    assert_int_equal(leg_of(f.chair.more, 0)->count, 4);
    assert_int_equal(((const struct leg *)f.chair.best)->count, 5);
    assert_int_equal(f.chair.colour, 1);
    assert_true(f.chair.soft);
    assert_int_equal(f.chair.since.n, 5);
    assert_true(fz_str_is(f.chair.title.en, "Chair"));
    assert_int_equal(f.chair.owners.n, 2);
    assert_true(fz_str_is(f.chair.remarks.items[0].text, "说"));
    assert_int_equal(f.chair.price->kind, FZ_EX_ADD);
    assert_int_equal(f.chair.prices.n, 2);
    fz_arena_release(&f.arena);
}

static void reader__names_may_be_a_list(void **state)
{
    struct fixture f;

    (void)state;
    read_chair(&f, "legs: [front, back]\n");
    assert_true(f.ok);
    assert_int_equal(f.chair.legs.n, 2);
    assert_true(fz_str_is(leg_of(f.chair.legs, 1)->name.text, "back"));
    assert_int_equal(leg_of(f.chair.legs, 1)->count, 0);
    assert_int_equal(f.chair.colour, -1);
    fz_arena_release(&f.arena);
}

static void reader__finds_all_problems_in_one_run(void **state)
{
    struct fixture f;
    struct fz_buf out = {0};

    (void)state;
    read_chair(&f, "lgs: 1\nmore: [{day: x}, {count: 0}]\ncolour: blue\nsoft: perhaps\nsince: 5 weeks\nowners: [A, b]\n"
                   "prices: [1 +, 2]\nbest: [1]\ntitle: {en: x}\n");
    assert_false(f.ok);
    assert_int_equal(f.diags.errors, 12);
    assert_int_equal(f.chair.owners.n, 1);
    assert_int_equal(f.chair.prices.n, 1);
    fz_diags_print(&f.diags, FZ_ZH, &out);
    assert_non_null(strstr(out.p, "“lgs”不是椅子的键"));
    assert_null(strstr(out.p, "chair的"));
    fz_buf_release(&out);
    fz_arena_release(&f.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(value__prints_what_was_read),
        cmocka_unit_test(value__refuses_what_is_none),
        cmocka_unit_test(value__type_words_go_both_ways),
        cmocka_unit_test(value__equality_is_of_meaning),
        cmocka_unit_test(value__a_set_and_nothing_print),
        cmocka_unit_test(title__english_falls_back_on_chinese),
        cmocka_unit_test(reader__fills_every_kind),
        cmocka_unit_test(reader__names_may_be_a_list),
        cmocka_unit_test(reader__finds_all_problems_in_one_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
