/*
 * Figures over stored acts against two other ways to count: the review, which folds every record again, and a plain walk over all steps. Random records of
 * the shipped packs, in memory, SQLite and PostgreSQL. Then what is kept, and what makes it no longer true.
 */
#include "../support/records.h"

#include "report/choose.h"
#include "report/figures.h"
#include "report/stored.h"

static const char *const shipped[] = {"reconsideration.yaml", "licence.yaml", "penalty.yaml", "hotline.yaml"};

struct counting {
    struct fz_arena arena;
    struct fz_log log;
    struct fz_review review;
    struct fz_count count;
    const struct fz_pack *versions[1];
};

static void must(fz_status s, const struct fz_error *err)
{
    if (s != FZ_OK)
        fail_msg("%s", err->text);
}

static void begin(struct counting *k, struct world *w)
{
    bool keep[256];
    struct fz_stored from = {.engine = w->e, .store = w->store, .jurisdiction = PLACE, .versions = k->versions, .versions_n = 1, .keep = keep};
    struct fz_error err;

    *k = (struct counting){.versions = {w->pack}};
    fz_arena_init(&k->arena);
    memset(keep, true, sizeof(keep));
    must(fz_stored_read(&k->log, &from, &k->arena, &err), &err);
    must(fz_review_run(&k->review, &k->log, k->versions, 1, 0, w->records[0].cal, FZ_DAY_NONE, FZ_EN, &k->arena, &err), &err);
    k->count = (struct fz_count){.store = w->store, .jurisdiction = PLACE, .versions = k->versions, .versions_n = 1, .first = FZ_DAY_MIN, .last = FZ_DAY_MAX,
                                 .log_size = (int64_t)fz_engine_size(w->e)};
}

static const struct fz_figure *same_figure(const struct fz_figure *items, size_t n, const struct fz_figure *f)
{
    for (size_t i = 0; i < n; i++)
        if (fz_str_eq(items[i].indicator, f->indicator) && fz_str_eq(items[i].basis, f->basis) && fz_str_eq(items[i].by, f->by) &&
            fz_str_eq(items[i].value, f->value))
            return &items[i];
    return NULL;
}

static void expect_alike(const struct fz_figure *a, size_t a_n, const struct fz_figure *b, size_t b_n)
{
    assert_int_equal(a_n, b_n);
    for (size_t i = 0; i < a_n; i++) {
        const struct fz_figure *f = same_figure(b, b_n, &a[i]);

        if (!f || f->numerator != a[i].numerator || f->denominator != a[i].denominator || !fz_str_eq(f->title.zh, a[i].title.zh) ||
            !fz_str_eq(f->shown.zh, a[i].shown.zh))
            fail_msg("%.*s.%.*s %.*s=%.*s: %llu of %llu here, %llu of %llu there", FZ_STR_ARG(a[i].indicator), FZ_STR_ARG(a[i].basis), FZ_STR_ARG(a[i].by),
                     FZ_STR_ARG(a[i].value), (unsigned long long)a[i].numerator, (unsigned long long)a[i].denominator,
                     (unsigned long long)(f ? f->numerator : 0), (unsigned long long)(f ? f->denominator : 0));
    }
}

static struct fz_figures computed(struct counting *k, bool by_scan)
{
    struct fz_figures f;
    struct fz_error err;

    k->count.by_scan = by_scan;
    must(fz_figures_compute(&f, &k->count, &k->arena, &err), &err);
    k->count.by_scan = false;
    return f;
}

/* ---- the walk ---- */

static bool in_question(const struct counting *k, const struct fz_log_case *c, fz_day day)
{
    fz_str organ = k->count.organ;

    return day >= k->count.first && day <= k->count.last && (organ.n == 0 || fz_str_eq(k->log.texts[c->organ], organ));
}

/* One indicator, counted act by act. */
static void walk(const struct counting *k, struct world *w, const struct fz_indicator *ind, const fz_acts *base, uint64_t *numerator, uint64_t *denominator)
{
    *numerator = *denominator = 0;
    for (size_t n = 0; n < k->log.cases_n; n++) {
        const struct fz_log_case *lc = &k->log.cases[n];
        struct fz_case *c;

        fz_arena_reset(&w->scratch);
        c = fz_case_new(&w->scratch, w->pack, w->r);
        for (uint32_t i = lc->first; i < lc->first + lc->n; i++) {
            const struct fz_step *s = &k->log.steps[i];
            fz_view v = {c, s, w->records[0].cal, s->on};

            fz_case_apply(c, s, w->records[0].cal);
            if (s->kind != FZ_DO || !in_question(k, lc, s->on))
                continue;
            *numerator += fz_acts_has(&ind->on, s->action) && fz_term_holds(&v, ind->where);
            *denominator += base && fz_acts_has(base, s->action);
        }
    }
}

static void hold_to_walk(struct counting *k, struct world *w)
{
    struct fz_figures f = computed(k, false);

    for (size_t i = 0; i < f.n; i++)
        for (size_t n = 0; n < w->pack->indicators_n && f.items[i].by.n == 0; n++) {
            const struct fz_indicator *ind = &w->pack->indicators[n];
            const fz_acts *base = NULL;
            uint64_t numerator, denominator;

            if (!fz_str_eq(ind->name, f.items[i].indicator))
                continue;
            for (size_t b = 0; b < ind->bases_n; b++)
                if (ind->kind == FZ_SHARE_OF && fz_str_eq(ind->bases[b].name, f.items[i].basis))
                    base = &ind->bases[b].acts;
            walk(k, w, ind, base, &numerator, &denominator);
            if (numerator != f.items[i].numerator || denominator != f.items[i].denominator)
                fail_msg("%.*s: %llu of %llu, and the walk counts %llu of %llu", FZ_STR_ARG(ind->name), (unsigned long long)f.items[i].numerator,
                         (unsigned long long)f.items[i].denominator, (unsigned long long)numerator, (unsigned long long)denominator);
        }
}

static void for_each_store(void (*hold)(struct counting *k, struct world *w))
{
    struct world *w = new_world();

    for (size_t i = 0; i < FZ_COUNT(shipped); i++)
        for (world_store where = IN_MEMORY; where <= (world_server() ? IN_POSTGRES : IN_SQLITE); where++) {
            struct counting k;
            struct fz_error err;

            open_world(w, load_shipped_pack(&w->arena, shipped[i]), where);
            must(fz_figures_declare(w->store, &err), &err);
            make_records(w);
            begin(&k, w);
            hold(&k, w);
            fz_arena_release(&k.arena);
            close_world(w);
        }
    free_world(w);
}

/* ---- tests ---- */

static void alike_with_review(struct counting *k, struct world *w)
{
    struct fz_figures by_scan = computed(k, true), as_it_comes = computed(k, false);

    (void)w;
    assert_true(k->review.figures_n > 3);
    expect_alike(by_scan.items, by_scan.n, k->review.figures, k->review.figures_n);
    expect_alike(as_it_comes.items, as_it_comes.n, by_scan.items, by_scan.n);
}

static void figures__are_what_a_review_counts(void **state)
{
    (void)state;
    for_each_store(alike_with_review);
}

static void of_periods_and_organs(struct counting *k, struct world *w)
{
    static const fz_day firsts[] = {FZ_DAY_MIN, FIRST_DAY + 10, FIRST_DAY + 40}, lasts[] = {FIRST_DAY + 9, FIRST_DAY + 39, FZ_DAY_MAX};

    for (size_t i = 0; i < FZ_COUNT(firsts); i++)
        for (int organ = 0; organ < 3; organ++) {
            k->count.first = firsts[i];
            k->count.last = lasts[i];
            k->count.organ = organ == 0 ? (fz_str){0} : organ == 1 ? FZ_STR("o1") : FZ_STR("nobody");
            hold_to_walk(k, w);
        }
}

static void figures__go_by_the_day_of_the_act_and_its_organ(void **state)
{
    (void)state;
    for_each_store(of_periods_and_organs);
}

static void behind_each(struct counting *k, struct world *w)
{
    struct fz_figures f;
    struct fz_error err;

    (void)w;
    k->count.first = FIRST_DAY + 15;
    f = computed(k, false);
    for (size_t i = 0; i < f.n; i++) {
        struct fz_behinds counted, base;

        must(fz_figure_behind(&counted, &k->count, &f.items[i], false, &k->arena, &err), &err);
        must(fz_figure_behind(&base, &k->count, &f.items[i], true, &k->arena, &err), &err);
        assert_int_equal(counted.n, f.items[i].numerator);
        assert_int_equal(base.n, f.items[i].denominator);
        for (size_t n = 0; n < counted.n; n++) {
            assert_true(counted.items[n].day >= k->count.first);
            assert_true(n == 0 || counted.items[n].seq > counted.items[n - 1].seq);
        }
    }
}

static void figures__list_as_many_acts_as_they_say(void **state)
{
    (void)state;
    for_each_store(behind_each);
}

static struct fz_figures read_them(struct counting *k, struct world *w)
{
    struct fz_figures f;
    struct fz_error err;

    k->count.log_size = (int64_t)fz_engine_size(w->e);
    must(fz_figures_read(&f, &k->count, &k->arena, &err), &err);
    return f;
}

static void enter(struct world *w, const char *record, fz_day day)
{
    struct fz_step s = FZ_STEP(0, day);
    struct fz_order o = {.record = fz_str_of(record), .type = w->r->name, .organ = FZ_STR("o1"), .if_version = -1, .observed = true, .step = &s};
    struct fz_answer a;
    struct fz_error err;

    while (!fz_acts_has(&w->pack->indicators[0].on, s.action)) /* of every pack the first counts acts without a condition */
        s.action++;
    must(fz_engine_submit(w->e, &o, 1, 2000, &w->scratch, &a, &err), &err);
    assert_int_equal(a.kind, FZ_A_DONE);
}

static void keep_and_come_late(struct counting *k, struct world *w)
{
    struct fz_figures before, f;
    struct fz_error err;

    k->count.first = FIRST_DAY + 5;
    k->count.last = FIRST_DAY + 30;
    before = read_them(k, w);
    assert_false(before.kept);
    must(fz_figures_keep(&k->count, &err), &err);
    f = read_them(k, w);
    assert_true(f.kept);
    expect_alike(f.items, f.n, before.items, before.n);

    enter(w, "after", FIRST_DAY + 31); /* of another period */
    f = read_them(k, w);
    assert_true(f.kept);
    expect_alike(f.items, f.n, before.items, before.n);

    enter(w, "late", FIRST_DAY + 30); /* of this one, on its last day */
    f = read_them(k, w);
    assert_false(f.kept);
    assert_int_equal(f.items[0].numerator, before.items[0].numerator + 1);

    must(fz_figures_keep(&k->count, &err), &err);
    f = read_them(k, w);
    assert_true(f.kept);
    assert_int_equal(f.items[0].numerator, before.items[0].numerator + 1);

    enter(w, "late again", FIRST_DAY + 5); /* the very next entry, on its first day */
    f = read_them(k, w);
    assert_false(f.kept);
    assert_int_equal(f.items[0].numerator, before.items[0].numerator + 2);

    must(fz_figures_keep(&k->count, &err), &err);
    assert_true(read_them(k, w).kept);
    annul(w, FZ_STR("late again"), k->count.log_size, FIRST_DAY + 90); /* whatever it moves */
    f = read_them(k, w);
    assert_false(f.kept);

    k->count.log_size = 1; /* the log was replaced by an older one */
    must(fz_figures_read(&f, &k->count, &k->arena, &err), &err);
    assert_false(f.kept);

    must(fz_figures_forget(w->store, PLACE, &err), &err);
    f = read_them(k, w);
    assert_false(f.kept);
}

static void figures__kept_hold_until_an_act_of_the_period_comes_late(void **state)
{
    (void)state;
    for_each_store(keep_and_come_late);
}

static void empty_is_kept(struct counting *k, struct world *w)
{
    struct fz_figures f;
    struct fz_error err;

    k->count.first = k->count.last = FIRST_DAY - 1000;
    must(fz_figures_keep(&k->count, &err), &err);
    f = read_them(k, w);
    assert_true(f.kept && f.n > 0);
    for (size_t i = 0; i < f.n; i++)
        assert_true(f.items[i].by.n == 0 && f.items[i].numerator == 0 && f.items[i].denominator == 0);
}

static void figures__of_nothing_are_zero_and_can_be_kept(void **state)
{
    (void)state;
    for_each_store(empty_is_kept);
}

static void rebuilt(struct counting *k, struct world *w)
{
    struct fz_figures before = computed(k, false), after;
    struct fz_error err;
    uint64_t entries;

    must(fz_engine_rebuild(w->e, &entries, &err), &err);
    after = computed(k, false);
    expect_alike(after.items, after.n, before.items, before.n);
}

static void figures__are_the_same_after_a_rebuild(void **state)
{
    (void)state;
    for_each_store(rebuilt);
}

static void chosen_both_ways(struct counting *k, struct world *w)
{
    const char *wheres[] = {"yes", "no", fz_str_printf(&k->arena, "times(%.*s) > 1", FZ_STR_ARG(w->r->actions[1].name)).p,
                            fz_str_printf(&k->arena, "clock(%.*s) is missed", FZ_STR_ARG(w->r->clocks[0].name)).p};

    for (size_t i = 0; i < FZ_COUNT(wheres); i++) {
        struct fz_choice c = {.engine = w->e, .store = w->store, .jurisdiction = PLACE, .versions = k->versions, .versions_n = 1, .where = fz_str_of(wheres[i]),
                              .day = FIRST_DAY + 200};
        struct fz_chosen a, b;
        struct fz_diags diags;
        struct fz_error err;

        fz_diags_init(&diags, &k->arena);
        must(fz_choose(&a, &c, &k->arena, &diags, &err), &err);
        c.by_folds = true;
        must(fz_choose(&b, &c, &k->arena, &diags, &err), &err);
        assert_false(b.by_sql);
        assert_true(i > 2 || a.by_sql == fz_store_has_query(w->store));
        assert_int_equal(a.ids.n, b.ids.n);
        assert_true(i != 0 || a.ids.n == RECORDS);
        for (size_t n = 0; n < a.ids.n; n++)
            assert_true(fz_is_chosen(&b, a.ids.keys[n]));
    }
}

static void choose__asks_in_sql_what_folds_answer(void **state)
{
    (void)state;
    for_each_store(chosen_both_ways);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures__are_what_a_review_counts),
        cmocka_unit_test(figures__go_by_the_day_of_the_act_and_its_organ),
        cmocka_unit_test(figures__list_as_many_acts_as_they_say),
        cmocka_unit_test(figures__kept_hold_until_an_act_of_the_period_comes_late),
        cmocka_unit_test(figures__of_nothing_are_zero_and_can_be_kept),
        cmocka_unit_test(figures__are_the_same_after_a_rebuild),
        cmocka_unit_test(choose__asks_in_sql_what_folds_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
