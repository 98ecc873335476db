/*
 * Random walks of live work through the shipped packs, against what their proof promises: whatever is allowed step by step never breaks a rule of
 * the pack, no matter the days, values, parties and persons. A rule that alone refuses a step would be one that the proof got wrong, for the
 * proof says that gates, needs and separation of persons keep every such step away.
 *
 * FZ_SEED repeats a run; the seed is printed. A failure prints the walk.
 */
#include "../support/support.h"

#include "../support/china.h"
#include "../support/packs.h"
#include "law/case.h"
#include "law/prove.h"

enum { WALKS = 400, STEPS = 60 };

struct world {
    struct fz_arena arena, walk;
    struct fz_calendar *cn;
    const struct fz_pack *pack;
    const struct fz_record *r;
    struct fz_case *c;
    fz_day today;
    uint64_t random;
    struct fz_buf trace;
    size_t taken, ended;
};

static uint32_t pick(struct world *w, uint32_t n)
{
    w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return n ? (uint32_t)(w->random >> 33) % n : 0;
}

static const char *const people[] = {"甲", "乙", "丙", "丁"};

static fz_value random_value(struct world *w, const struct fz_field *f)
{
    switch (f->type) {
    case FZ_TYPE_FLAG:
        return FZ_NUMBER(pick(w, 2));
    case FZ_TYPE_CHOICE:
        return FZ_NUMBER(pick(w, (uint32_t)f->choices.n));
    case FZ_TYPE_DAY:
        return FZ_NUMBER(w->today - 60 + (fz_day)pick(w, 120));
    case FZ_TYPE_MONEY:
        return FZ_NUMBER((int64_t)pick(w, 40) * 50000);
    case FZ_TYPE_INT:
        return FZ_NUMBER(pick(w, 90));
    case FZ_TYPE_LENGTH:
        return (fz_value){.set = true, .n = 1 + pick(w, 90), .m = pick(w, 2) ? FZ_DAYS : FZ_WORKING_DAYS};
    case FZ_TYPE_SPAN:
        return (fz_value){.set = true, .n = w->today - 10, .m = w->today - 5};
    default:
        if (fz_type_is_text(f->type))
            return (fz_value){.set = true, .text = fz_str_of(people[pick(w, 4)])};
        return FZ_UNSET;
    }
}

static fz_value random_field(struct world *w, const struct fz_field *f)
{
    fz_value *items;
    uint32_t n = pick(w, 3);

    if (!f->many)
        return random_value(w, f);
    items = FZ_NEW_ARRAY(&w->walk, fz_value, 3);
    for (uint32_t i = 0; i < n; i++)
        items[i] = random_value(w, f);
    return (fz_value){.set = true, .many = n, .items = items};
}

static struct fz_step random_step(struct world *w, int act)
{
    const struct fz_action *a = &w->r->actions[act];
    struct fz_step s = FZ_STEP(act, w->today);
    struct fz_given *given = FZ_NEW_ARRAY(&w->walk, struct fz_given, a->sets_n + 1);

    s.person = fz_str_of(people[pick(w, 4)]);
    if (a->outcomes_n)
        s.outcome = (int)pick(w, (uint32_t)a->outcomes_n);
    for (size_t i = 0; i < a->sets_n; i++)
        if (!a->sets[i].value)
            given[s.values_n++] = (struct fz_given){a->sets[i].field, random_field(w, &w->r->fields[a->sets[i].field])};
    s.values = given;
    return s;
}

static void note(struct world *w, const struct fz_step *s, fz_str name)
{
    char day[FZ_DAY_TEXT];

    fz_buf_printf(&w->trace, "%s %.*s by %.*s%s\n", fz_day_text(s->on, day), FZ_STR_ARG(name), s->person.n ? (int)s->person.n : 0,
                  s->person.n ? s->person.p : "", s->by_law ? " (by law)" : "");
}

/* What the law has done by now, then maybe a service of something that was made. */
static void let_the_law_act(struct world *w)
{
    for (int i = 0; i < 8; i++) {
        fz_view v = {w->c, NULL, w->cn, w->today};
        struct fz_step law = fz_case_due_by_law(&v);

        if (law.action == FZ_NONE)
            return;
        note(w, &law, w->r->actions[law.action].name);
        fz_case_apply(w->c, &law, w->cn);
    }
}

static void maybe_serve(struct world *w, int document)
{
    struct fz_step s = FZ_STEP(FZ_NONE, w->today);

    if (document == FZ_NONE || pick(w, 4) == 0)
        return;
    s.kind = FZ_SERVE;
    s.document = document;
    note(w, &s, w->r->documents[document].name);
    fz_case_apply(w->c, &s, w->cn);
}

static void only_rules_refuse(struct world *w, const struct fz_ruling *ruling, const struct fz_step *s)
{
    for (size_t i = 0; i < ruling->n; i++)
        if (ruling->grounds[i].kind != FZ_G_RULE && ruling->grounds[i].kind != FZ_G_LATE && ruling->grounds[i].kind != FZ_G_VOID)
            return;
    note(w, s, w->r->actions[s->action].name);
    fail_msg("%.*s: the rule %.*s alone refuses a step, and was proved\n%s", FZ_STR_ARG(w->pack->name), FZ_STR_ARG(ruling->grounds[0].id), w->trace.p);
}

/* Ends are near everywhere; a walk that takes them at once sees little of the law. */
static bool goes_on(struct world *w, int act)
{
    int to = w->r->actions[act].to;

    return to == FZ_NONE || !(w->r->final >> to & 1) || pick(w, 12) == 0;
}

static void try_one(struct world *w)
{
    int act = (int)pick(w, (uint32_t)w->r->actions_n);
    struct fz_step s = random_step(w, act);
    struct fz_ruling ruling = {0};

    if (!goes_on(w, act))
        return;

    fz_decide(w->c, &s, w->cn, false, &w->walk, &ruling);
    if (ruling.refusing) {
        only_rules_refuse(w, &ruling, &s);
        return;
    }
    note(w, &s, w->r->actions[s.action].name);
    fz_case_apply(w->c, &s, w->cn);
    w->taken++;
    maybe_serve(w, w->r->actions[s.action].document);
}

static void walk(struct world *w)
{
    fz_arena_reset(&w->walk);
    fz_buf_reset(&w->trace);
    w->c = fz_case_new(&w->walk, w->pack, w->r);
    w->today = fz_day_of(2024, 1, 2) + (fz_day)pick(w, 300);
    for (size_t i = 0; i < w->r->fields_n; i++)
        if (!w->r->fields[i].is && (w->r->fields[i].required || pick(w, 2)))
            fz_case_set(w->c, (int)i, random_field(w, &w->r->fields[i]));
    for (int i = 0; i < STEPS && !fz_case_ended(w->c); i++) {
        w->today += (fz_day)pick(w, 4) * (fz_day)pick(w, 4);
        if (fz_case_stage(w->c) != FZ_NONE)
            let_the_law_act(w);
        for (int tries = 0; tries < 24; tries++)
            try_one(w);
    }
    w->ended += fz_case_ended(w->c);
}

static void walks_of(const char *file, bool calendar)
{
    const char *seed = getenv("FZ_SEED");
    struct world w = {.random = seed ? strtoull(seed, NULL, 10) : 20261124};
    struct fz_diags diags;

    print_message("# %s: seed %llu\n", file, (unsigned long long)w.random);
    fz_arena_init(&w.arena);
    fz_arena_init(&w.walk);
    w.cn = calendar ? china_calendar() : NULL;
    w.pack = load_shipped_pack(&w.arena, file);
    w.r = &w.pack->records[0];
    fz_diags_init(&diags, &w.arena);
    fz_prove(w.pack, &w.arena, FZ_EN, &diags, NULL);
    assert_int_equal(diags.errors, 0);
    for (int i = 0; i < WALKS; i++)
        walk(&w);
    print_message("# %zu steps taken, %zu of %d cases came to an end\n", w.taken, w.ended, WALKS);
    assert_true(w.taken > 4 * WALKS); /* walks that go nowhere would show nothing */
    assert_true(w.ended > WALKS / 20);
    fz_calendar_free(w.cn);
    fz_buf_release(&w.trace);
    fz_arena_release(&w.walk);
    fz_arena_release(&w.arena);
}

static void test_walk__reconsideration(void **state)
{
    (void)state;
    walks_of("reconsideration.yaml", true);
}

static void test_walk__penalty(void **state)
{
    (void)state;
    walks_of("penalty.yaml", true);
}

static void test_walk__licence(void **state)
{
    (void)state;
    walks_of("licence.yaml", true);
}

static void test_walk__hotline(void **state)
{
    (void)state;
    walks_of("hotline.yaml", true);
}

static void test_walk__traffic_fines(void **state)
{
    (void)state;
    walks_of("it-traffic-fines.yaml", false);
}

static void test_walk__permit_receipt(void **state)
{
    (void)state;
    walks_of("nl-permit-receipt.yaml", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walk__reconsideration), cmocka_unit_test(test_walk__penalty),       cmocka_unit_test(test_walk__licence),
        cmocka_unit_test(test_walk__hotline),         cmocka_unit_test(test_walk__traffic_fines), cmocka_unit_test(test_walk__permit_receipt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
