#include "../support/support.h"

#include "base/day.h"
#include "base/diag.h"

static void test_day__round_trips_over_all_civil_days(void **state)
{
    char text[FZ_DAY_TEXT];
    fz_day back;

    (void)state;
    for (fz_day d = FZ_DAY_MIN; d <= FZ_DAY_MAX; d += 97) {
        fz_civil c = fz_day_civil(d);

        assert_int_equal(fz_day_of(c.year, c.month, c.day), d);
        assert_true(fz_day_parse(fz_str_of(fz_day_text(d, text)), &back));
        assert_int_equal(back, d);
    }
    assert_int_equal(fz_day_weekday(fz_day_of(2026, 11, 24)), 2);
    assert_int_equal(fz_day_weekday(fz_day_of(1, 1, 1)), 1);
}

static void test_day__dates_that_do_not_exist_are_refused(void **state)
{
    static const char *const bad[] = {"2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-1-01", "26-01-01",
                                      "2026/01/01", "2026-01-01 ", "", "0000-01-01", "2026-01-0x", "1900-02-29"};
    fz_day d;

    (void)state;
    for (size_t i = 0; i < FZ_COUNT(bad); i++)
        assert_false(fz_day_parse(fz_str_of(bad[i]), &d));
    assert_true(fz_day_parse(FZ_STR("2000-02-29"), &d));
}

static void test_instant__keeps_the_local_day_as_written(void **state)
{
    fz_instant t;
    bool has_time;

    (void)state;
    assert_true(fz_instant_parse(FZ_STR("2010-11-12T13:40:44.661+01:00"), &t, &has_time));
    assert_true(has_time);
    assert_int_equal(fz_instant_day(t), fz_day_of(2010, 11, 12));
    assert_int_equal(t - fz_day_instant(fz_instant_day(t)), 13 * 60 + 40);
    assert_true(fz_instant_parse(FZ_STR("1969-12-31 23:59"), &t, &has_time));
    assert_int_equal(fz_instant_day(t), fz_day_of(1969, 12, 31));
    assert_false(fz_instant_parse(FZ_STR("2010-11-12T24:00"), &t, &has_time));
    assert_false(fz_instant_parse(FZ_STR("2010-11-12T10:00+1:00"), &t, &has_time));
    assert_false(fz_instant_parse(FZ_STR("2010-11-12T10:00:00."), &t, &has_time));
}

static void test_str__integers_are_whole_and_bounded(void **state)
{
    int64_t v;

    (void)state;
    assert_true(fz_str_int(FZ_STR("-9223372036854775808"), &v));
    assert_true(v == INT64_MIN);
    assert_true(fz_str_int(FZ_STR("9223372036854775807"), &v));
    assert_false(fz_str_int(FZ_STR("9223372036854775808"), &v));
    assert_false(fz_str_int(FZ_STR("-"), &v));
    assert_false(fz_str_int(FZ_STR("12a"), &v));
    assert_false(fz_str_int(FZ_STR(""), &v));
}

static void test_utf8__overlong_surrogate_and_cut_are_malformed(void **state)
{
    (void)state;
    assert_true(fz_utf8_valid(FZ_STR("法治 𠅤 é")));
    assert_false(fz_utf8_valid(FZ_STR("\xC0\xAF")));
    assert_false(fz_utf8_valid(FZ_STR("\xE0\x80\x80")));
    assert_false(fz_utf8_valid(FZ_STR("\xED\xA0\x80")));
    assert_false(fz_utf8_valid(FZ_STR("\xF4\x90\x80\x80")));
    assert_false(fz_utf8_valid(FZ_STR("\xE6\xB3")));
    assert_int_equal(fz_utf8_count(FZ_STR("法治a")), 3);
    assert_int_equal(fz_utf8_cells(FZ_STR("法治a")), 5);
}

static void test_error__is_cut_between_characters(void **state)
{
    struct fz_error err;
    char text[FZ_ERROR_BYTES * 2];

    (void)state;
    for (size_t shift = 0; shift < 3; shift++) {
        size_t n = 0;

        for (size_t i = 0; i < shift; i++)
            text[n++] = 'a';
        while (n + 4 < sizeof(text)) {
            memcpy(text + n, "法", 3);
            n += 3;
        }
        text[n] = '\0';
        assert_int_equal(fz_fail(&err, FZ_E_INPUT, "%s", text), FZ_E_INPUT);
        assert_true(fz_utf8_valid(fz_str_of(err.text)));
        assert_true(strlen(err.text) > FZ_ERROR_BYTES - 6);
    }
}

static void test_cell__formula_is_disarmed_and_quotes_doubled(void **state)
{
    struct fz_buf b = {0};

    (void)state;
    fz_buf_cell(&b, FZ_STR("=1+1"), ',');
    fz_buf_addc(&b, '|');
    fz_buf_cell(&b, FZ_STR("a \"b\", c"), ',');
    fz_buf_addc(&b, '|');
    fz_buf_cell(&b, FZ_STR("plain"), ',');
    assert_string_equal(b.p, "'=1+1|\"a \"\"b\"\", c\"|plain");
    fz_buf_release(&b);
}

static void test_json__control_and_malformed_bytes_are_escaped(void **state)
{
    struct fz_buf b = {0};

    (void)state;
    fz_buf_json(&b, FZ_STR("a\"\\\n\xFF法"));
    assert_string_equal(b.p, "\"a\\\"\\\\\\u000a\xEF\xBF\xBD法\"");
    fz_buf_release(&b);
}

static void test_diag__caret_stands_under_wide_characters(void **state)
{
    struct fz_source source = {"a.yaml", FZ_STR("first\n标题: 法治\n")};
    struct fz_arena arena;
    struct fz_diags d;
    struct fz_buf b = {0};

    (void)state;
    fz_arena_init(&arena);
    fz_diags_init(&d, &arena);
    fz_diag_add(&d, FZ_D_also_here, (fz_span){&source, 2, 5, 2}, FZ_STR("x"), (fz_str){0}, (fz_str){0});
    fz_diags_print(&d, FZ_EN, &b);
    assert_string_equal(b.p, "a.yaml:2:5: note[also-here]: x stands here as well\n    标题: 法治\n          ^^^^\n");
    fz_buf_release(&b);
    fz_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_day__round_trips_over_all_civil_days),
        cmocka_unit_test(test_day__dates_that_do_not_exist_are_refused),
        cmocka_unit_test(test_instant__keeps_the_local_day_as_written),
        cmocka_unit_test(test_str__integers_are_whole_and_bounded),
        cmocka_unit_test(test_utf8__overlong_surrogate_and_cut_are_malformed),
        cmocka_unit_test(test_error__is_cut_between_characters),
        cmocka_unit_test(test_cell__formula_is_disarmed_and_quotes_doubled),
        cmocka_unit_test(test_json__control_and_malformed_bytes_are_escaped),
        cmocka_unit_test(test_diag__caret_stands_under_wide_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
