#include "../support/support.h"

#include "../support/china.h"

static struct fz_calendar *cn;

static void test_calendar__make_up_saturday_works_and_holiday_does_not(void **state)
{
    (void)state;
    assert_true(fz_calendar_works(cn, day("2026-02-14")));  /* make-up Saturday */
    assert_false(fz_calendar_works(cn, day("2026-02-16"))); /* Monday of the Spring Festival */
    assert_false(fz_calendar_works(cn, day("2026-01-10"))); /* plain Saturday */
    assert_true(fz_calendar_works(cn, day("2026-01-12")));
    assert_int_equal(fz_calendar_facts(cn, day("2026-02-14")).kind, FZ_DAY_MAKE_UP);
    assert_int_equal(fz_calendar_facts(cn, day("2026-02-16")).kind, FZ_DAY_HOLIDAY);
}

static void test_calendar__every_year_to_the_horizon_cites_its_notice(void **state)
{
    (void)state;
    assert_int_equal(fz_calendar_first(cn), day("2007-01-01"));
    assert_int_equal(fz_calendar_horizon(cn), day("2026-12-31"));
    for (int y = 2007; y <= 2026; y++)
        assert_true(fz_calendar_facts(cn, fz_day_of(y, 7, 1)).notice.n > 0);
    assert_true(fz_calendar_facts(cn, day("2027-01-04")).provisional);
    assert_false(fz_calendar_facts(cn, day("2026-12-31")).provisional);
}

/* The table look-ups against a walk that looks at each day. */
static void test_calendar__table_agrees_with_a_walk(void **state)
{
    (void)state;
    for (fz_day from = day("2007-01-01"); from < day("2027-03-01"); from += 5) {
        for (int n = 1; n < 200; n += 17) {
            fz_day d = from;

            for (int left = n; left > 0; left -= fz_calendar_works(cn, d))
                d++;
            assert_int_equal(fz_calendar_nth(cn, from, n), d);
            assert_int_equal(fz_calendar_between(cn, from, d), n);
            if (from > day("2008-06-01")) {
                d = from;
                for (int left = n; left > 0; left -= fz_calendar_works(cn, d))
                    d--;
                assert_int_equal(fz_calendar_nth(cn, from, -n), d);
            }
        }
    }
}

static void test_calendar__out_of_reach_is_said(void **state)
{
    (void)state;
    assert_int_equal(fz_calendar_nth(cn, day("2006-06-01"), 5), FZ_DAY_NONE);
    assert_int_equal(fz_calendar_nth(cn, day("2007-01-04"), -1), FZ_DAY_NONE);
    assert_int_equal(fz_calendar_nth(cn, day("2051-12-01"), 200), FZ_DAY_NONE);
}

static void test_calendar__region_lies_over_its_base(void **state)
{
    fz_str layer = FZ_STR("calendar\tcn-gx\t广西\nedition\t2026.1\noff\t2026-04-20\t三月三\n");
    struct fz_calendar *gx;
    struct fz_error err;

    (void)state;
    assert_int_equal(fz_calendar_read(&gx, cn, "gx", layer, &err), FZ_OK);
    assert_true(fz_calendar_works(cn, day("2026-04-20")));
    assert_false(fz_calendar_works(gx, day("2026-04-20")));
    assert_false(fz_calendar_works(gx, day("2026-02-16")));
    assert_true(fz_str_is(fz_calendar_id(gx), "cn-gx"));
    fz_calendar_free(gx);
}

static void test_calendar__wrong_lines_are_named(void **state)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"calendar\tx\nedition\t1\nyear\t2026\tn\tu\noff\t2026-02-30\tx\n", "x:4: '2026-02-30' is no date"},
        {"calendar\tx\nedition\t1\nyear\t2026\tn\tu\noff\t2027-01-01\tx\n", "x:4: no year line covers 2027-01-01"},
        {"calendar\tx\nedition\t1\nyear\t2024\tn\tu\nyear\t2026\tn\tu\n", "x:4: year 2026 does not follow year 2024"},
        {"calendar\tx\nedition\t1\nholiday\t2026-01-01\n", "x:3: 'holiday' is no line of a calendar"},
        {"calendar\tx\nyear\t2026\tn\tu\n", "x: a calendar needs the lines"},
        {"calendar\tx\nedition\t1\n", "x: a calendar needs at least one year"},
        {"calendar\tx\nedition\t1\nweekend\t6;7\nyear\t2026\tn\tu\n", "x:3: weekend takes numbers"},
        {"calendar\tx\nedition\t1\nyear\t2026\tn\n", "x:3: a year line is"},
        {"calendar\t\xFF\n", "x: a calendar is UTF-8 text"},
    };
    struct fz_calendar *c;
    struct fz_error err;

    (void)state;
    for (size_t i = 0; i < FZ_COUNT(bad); i++) {
        assert_int_equal(fz_calendar_read(&c, NULL, "x", fz_str_of(bad[i].text), &err), FZ_E_INPUT);
        if (strncmp(err.text, bad[i].says, strlen(bad[i].says)) != 0)
            fail_msg("'%s' does not begin with '%s'", err.text, bad[i].says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calendar__make_up_saturday_works_and_holiday_does_not),
        cmocka_unit_test(test_calendar__every_year_to_the_horizon_cites_its_notice),
        cmocka_unit_test(test_calendar__table_agrees_with_a_walk),
        cmocka_unit_test(test_calendar__out_of_reach_is_said),
        cmocka_unit_test(test_calendar__region_lies_over_its_base),
        cmocka_unit_test(test_calendar__wrong_lines_are_named),
    };
    int failed;

    cn = china_calendar();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    fz_calendar_free(cn);
    return failed;
}
