#include "../support/support.h"

#include "../support/china.h"
#include "law/limit.h"

static struct fz_calendar *cn;

static fz_length length(const char *s)
{
    fz_length l = {0};

    assert_true(fz_length_parse(fz_str_of(s), &l));
    return l;
}

static void assert_day(fz_day got, const char *want)
{
    char text[FZ_DAY_TEXT];

    assert_string_equal(fz_day_text(got, text), want);
}

static fz_due due_of(const struct fz_calendar *cal, struct fz_limit l)
{
    fz_due due;
    struct fz_error err;

    if (fz_limit_due(cal, &l, &due, &err) != FZ_OK)
        fail_msg("%s", err.text);
    return due;
}

static void assert_due(const char *limit, const char *from, const char *want)
{
    assert_day(due_of(cn, (struct fz_limit){.length = length(limit), .from = day(from)}).due, want);
}

/* LAW: 民法典 第二百零一条 — field bug 1: first day counted wrongly */
static void test_field_bug_01__day_of_the_event_is_not_counted(void **state)
{
    (void)state;
    assert_due("1 days", "2026-01-12", "2026-01-13");
    assert_due("1 working_days", "2026-01-12", "2026-01-13");
}

/* LAW: 民法典 第二百零三条 — field bug 2: a term of days ends on a day of rest */
static void test_field_bug_02__calendar_days_move_off_a_day_of_rest(void **state)
{
    fz_due d = due_of(cn, (struct fz_limit){.length = length("15 days"), .from = day("2026-09-16")});

    (void)state;
    assert_day(d.nominal, "2026-10-01");
    assert_day(d.due, "2026-10-08");
    assert_due("60 days", "2025-12-02", "2026-02-02");
}

/* LAW: 行政处罚法 第六十四条 — field bug 3: rolling a backward floor shortens the citizen's right */
static void test_field_bug_03__backward_floor_never_rolls(void **state)
{
    fz_floor f;
    struct fz_error err;

    (void)state;
    assert_int_equal(fz_limit_floor(cn, length("7 working_days"), day("2026-05-12"), &f, &err), FZ_OK);
    assert_day(f.plan, "2026-04-28");
    assert_day(f.violation, "2026-04-29");
    assert_int_equal(fz_limit_floor(cn, length("30 days"), day("2026-11-01"), &f, &err), FZ_OK);
    assert_day(f.violation, "2026-10-02"); /* a holiday, and it stays there */
}

/* field bug 4: a new holiday does not reach running cases */
static void test_field_bug_04__new_edition_moves_the_due_day(void **state)
{
    fz_str next = FZ_STR("calendar\tcn\nedition\t2026.2\noff\t2026-06-10\t临时放假\n");
    struct fz_limit l = {.length = length("5 working_days"), .from = day("2026-06-05")};
    struct fz_calendar *newer;
    struct fz_error err;

    (void)state;
    assert_int_equal(fz_calendar_read(&newer, cn, "next", next, &err), FZ_OK);
    assert_day(due_of(cn, l).due, "2026-06-12");
    assert_day(due_of(newer, l).due, "2026-06-15");
    fz_calendar_free(newer);
}

/* field bug 5: the holiday table runs out and next year silently has weekends only */
static void test_field_bug_05__past_the_horizon_is_provisional(void **state)
{
    (void)state;
    assert_false(due_of(cn, (struct fz_limit){.length = length("5 working_days"), .from = day("2026-12-24")}).provisional);
    assert_true(due_of(cn, (struct fz_limit){.length = length("5 working_days"), .from = day("2026-12-25")}).provisional);
    assert_true(due_of(cn, (struct fz_limit){.length = length("60 days"), .from = day("2026-11-24")}).provisional);
    assert_false(due_of(cn, (struct fz_limit){.length = length("60 days"), .from = day("2026-11-24"), .no_roll = true}).provisional);
}

/* R4 — field bug 6: make-up day ignored */
static void test_field_bug_06__make_up_day_counts_and_does_not_roll(void **state)
{
    (void)state;
    assert_due("5 working_days", "2026-02-13", "2026-02-27");
    assert_due("15 days", "2026-09-25", "2026-10-10");
}

/* R15 — field bug 7: a suspension over a weekend counted in the wrong unit */
static void test_field_bug_07__suspension_keeps_the_unit_of_the_limit(void **state)
{
    fz_gap gap = {day("2026-03-13"), day("2026-03-16")}; /* Friday to Monday */
    struct fz_limit working = {.length = length("5 working_days"), .from = day("2026-03-11"), .gaps = &gap, .gaps_n = 1};
    struct fz_limit plain = {.length = length("5 days"), .from = day("2026-03-11"), .gaps = &gap, .gaps_n = 1};

    (void)state;
    assert_day(due_of(cn, working).due, "2026-03-19"); /* one working day left out */
    assert_day(due_of(cn, plain).due, "2026-03-19");   /* three days left out */
}

/* field bug 8: changing the rule during a pause forgets the pause */
static void test_field_bug_08__new_length_during_a_pause_keeps_the_pause(void **state)
{
    fz_gap gap = {day("2026-03-04"), FZ_DAY_NONE};
    struct fz_limit l = {.length = length("10 working_days"), .from = day("2026-03-02"), .gaps = &gap, .gaps_n = 1};
    fz_due d = due_of(cn, l);

    (void)state;
    assert_true(d.paused);
    assert_int_equal(d.used, 2);
    l.length = length("20 working_days");
    d = due_of(cn, l);
    assert_true(d.paused);
    assert_int_equal(d.used, 2);
    gap.last = day("2026-03-11");
    assert_day(due_of(cn, l).due, "2026-04-07");
}

/* field bug 9: the target drifts by itself */
static void test_field_bug_09__is_a_function_of_its_anchor_alone(void **state)
{
    struct fz_limit l = {.length = length("60 days"), .from = day("2026-02-27")};

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_day(due_of(cn, l).due, "2026-04-28");
    l.extension = length("30 days"); /* R16: from the start, not from the rolled day */
    assert_day(due_of(cn, l).due, "2026-05-28");
}

/* field bug 12: "one business day" becomes 24 business hours */
static void test_field_bug_12__one_working_day_ends_with_the_next_working_day(void **state)
{
    fz_instant t = fz_day_instant(day("2026-01-09")) + 17 * 60; /* Friday 17:00 */

    (void)state;
    assert_due("1 working_days", "2026-01-09", "2026-01-12");
    assert_int_equal(fz_limit_hours(length("24 hours"), t), t + 24 * 60);
    assert_day(fz_instant_day(fz_limit_hours(length("24 hours"), t)), "2026-01-10");
}

/* LAW: 民法典 第二百零二条 — field bug 13: 31 August + 1 month = 1 October */
static void test_field_bug_13__month_without_that_day_ends_on_its_last(void **state)
{
    struct fz_limit l = {.length = length("1 month"), .from = day("2026-08-31")};

    (void)state;
    assert_day(due_of(NULL, l).due, "2026-09-30");
    assert_due("6 months", "2025-08-31", "2026-02-28");
    assert_due("3 months", "2025-11-30", "2026-02-28");
    assert_due("2 years", "2024-02-29", "2026-02-28");
}

/* LAW: 行政强制法 第二十五条 — R13 */
static void test_limit__coercion_ends_on_its_nominal_day(void **state)
{
    struct fz_limit l = {.length = length("30 days"), .from = day("2026-04-01"), .no_roll = true};

    (void)state;
    assert_day(due_of(cn, l).due, "2026-05-01");
}

/* LAW: 行政强制法 第五十四条 — R12 */
static void test_limit__right_arises_the_day_after(void **state)
{
    struct fz_limit l = {.length = length("10 working_days"), .from = day("2026-09-22")};
    struct fz_error err;
    fz_day d;

    (void)state;
    assert_int_equal(fz_limit_after(cn, &l, &d, &err), FZ_OK);
    assert_day(d, "2026-10-14");
}

static void test_limit__gaps_may_touch_overlap_and_come_too_late(void **state)
{
    fz_gap gaps[] = {{day("2026-03-03"), day("2026-03-10")},
                     {day("2026-03-05"), day("2026-03-12")},
                     {day("2026-03-12"), day("2026-03-14")},
                     {day("2026-04-20"), day("2026-04-25")}};
    struct fz_limit l = {.length = length("10 days"), .from = day("2026-03-02"), .gaps = gaps, .gaps_n = FZ_COUNT(gaps),
                         .no_roll = true};

    (void)state;
    assert_day(due_of(cn, l).due, "2026-03-23"); /* 11 days from 4 to 14 March left out; the last gap begins too late */
}

static void test_limit__what_cannot_be_counted_is_refused(void **state)
{
    fz_due due;
    struct fz_error err;
    struct fz_limit l = {.length = length("5 working_days"), .from = day("2026-01-05")};

    (void)state;
    assert_int_equal(fz_limit_due(NULL, &l, &due, &err), FZ_E_INPUT);
    l.length.n = 0; /* found by fuzzing: it went on without a calendar */
    assert_int_equal(fz_limit_due(NULL, &l, &due, &err), FZ_E_INPUT);
    l.from = day("2006-12-31");
    assert_int_equal(fz_limit_due(cn, &l, &due, &err), FZ_E_CALENDAR_END);
    l = (struct fz_limit){.length = length("24 hours"), .from = day("2026-01-05")};
    assert_int_equal(fz_limit_due(cn, &l, &due, &err), FZ_E_INPUT);
    l = (struct fz_limit){.length = length("9000 years"), .from = day("2026-01-05")};
    assert_int_equal(fz_limit_due(cn, &l, &due, &err), FZ_E_CALENDAR_END);
}

static void test_length__only_a_number_and_a_unit(void **state)
{
    static const char *const bad[] = {"", "15", "15 ", "15 wd", " 15 days", "15  days", "-1 days", "+1 days",
                                      "36501 days", "1.5 days", "15 days ", "99999999999999999999 days"};
    fz_length l;

    (void)state;
    for (size_t i = 0; i < FZ_COUNT(bad); i++)
        assert_false(fz_length_parse(fz_str_of(bad[i]), &l));
}

/* The look-ups against a count that goes day by day, over random limits with random gaps. */
static void test_limit__agrees_with_a_slow_count(void **state)
{
    unsigned seed = 20261124;

    (void)state;
    print_message("# seed %u\n", seed);
    for (int round = 0; round < 20000; round++) {
        fz_gap gaps[3];
        struct fz_limit l = {.gaps = gaps, .no_roll = rand_r(&seed) % 2};
        fz_day d, at;
        int left;

        l.length = (fz_length){rand_r(&seed) % 90 + 1, rand_r(&seed) % 2 ? FZ_WORKING_DAYS : FZ_DAYS};
        if (rand_r(&seed) % 3 == 0)
            l.extension = (fz_length){rand_r(&seed) % 30, l.length.unit};
        l.from = at = day("2008-01-01") + rand_r(&seed) % 6000;
        l.gaps_n = rand_r(&seed) % 4;
        for (size_t i = 0; i < l.gaps_n; i++) {
            at += rand_r(&seed) % 40;
            gaps[i] = (fz_gap){at, at + rand_r(&seed) % 40};
        }
        d = l.from;
        for (left = l.length.n + l.extension.n; left > 0;) {
            bool out = false;

            d++;
            for (size_t i = 0; i < l.gaps_n; i++)
                out |= d > gaps[i].first && d <= gaps[i].last;
            left -= !out && (l.length.unit == FZ_DAYS || fz_calendar_works(cn, d));
        }
        while (l.length.unit == FZ_DAYS && !l.no_roll && !fz_calendar_works(cn, d))
            d++;
        if (due_of(cn, l).due != d)
            fail_msg("seed round %d: %d %s", round, l.length.n, fz_unit_name(l.length.unit));
    }
}

static void test_explain__ends_on_the_due_day_and_names_the_holiday(void **state)
{
    struct fz_limit l = {.length = length("5 working_days"), .from = day("2026-02-13")};
    struct fz_buf b = {0};
    struct fz_error err;

    (void)state;
    assert_int_equal(fz_limit_explain(cn, &l, true, &b, &err), FZ_OK);
    assert_non_null(strstr(b.p, "2026-02-14 周六    1  调休上班: 春节"));
    assert_non_null(strstr(b.p, "2026-02-16 周一    -  放假: 春节"));
    assert_non_null(strstr(b.p, "2026-02-27 周五    5\n2026-02-27 周五    -  期限届满日\n"));
    fz_buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_field_bug_01__day_of_the_event_is_not_counted),
        cmocka_unit_test(test_field_bug_02__calendar_days_move_off_a_day_of_rest),
        cmocka_unit_test(test_field_bug_03__backward_floor_never_rolls),
        cmocka_unit_test(test_field_bug_04__new_edition_moves_the_due_day),
        cmocka_unit_test(test_field_bug_05__past_the_horizon_is_provisional),
        cmocka_unit_test(test_field_bug_06__make_up_day_counts_and_does_not_roll),
        cmocka_unit_test(test_field_bug_07__suspension_keeps_the_unit_of_the_limit),
        cmocka_unit_test(test_field_bug_08__new_length_during_a_pause_keeps_the_pause),
        cmocka_unit_test(test_field_bug_09__is_a_function_of_its_anchor_alone),
        cmocka_unit_test(test_field_bug_12__one_working_day_ends_with_the_next_working_day),
        cmocka_unit_test(test_field_bug_13__month_without_that_day_ends_on_its_last),
        cmocka_unit_test(test_limit__coercion_ends_on_its_nominal_day),
        cmocka_unit_test(test_limit__right_arises_the_day_after),
        cmocka_unit_test(test_limit__gaps_may_touch_overlap_and_come_too_late),
        cmocka_unit_test(test_limit__what_cannot_be_counted_is_refused),
        cmocka_unit_test(test_length__only_a_number_and_a_unit),
        cmocka_unit_test(test_limit__agrees_with_a_slow_count),
        cmocka_unit_test(test_explain__ends_on_the_due_day_and_names_the_holiday),
    };
    int failed;

    cn = china_calendar();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    fz_calendar_free(cn);
    return failed;
}
