/* The directory in the engine: fed by records of a pack, judged by in the same batch and after reopening, corrected, verified, rebuilt bit for bit. */
#include "../support/engines.h"

#include "engine/directory.h"

#define S(x) FZ_STR(x)
#define V(n, t) {FZ_STR(n), FZ_STR(t)}

static struct fz_order order(const char *type, const char *name, const char *on, const char *organ, const struct fz_named_value *values, size_t n)
{
    struct fz_order o = FZ_ORDER(fz_str_of(name), day(on));

    o.type = fz_str_of(type);
    o.organ = fz_str_of(organ);
    o.values = values;
    o.values_n = n;
    return o;
}
#define ORDER(type, name, on, organ, ...)                                                                                                            \
    order(type, name, on, organ, (const struct fz_named_value[]){__VA_ARGS__}, sizeof((const struct fz_named_value[]){__VA_ARGS__}) / sizeof(struct fz_named_value))

/* An engine with the packs of organs and of penalties. */
static int setup_organs(void **state)
{
    struct fixture *f;

    if (setup(state) != 0)
        return -1;
    f = *state;
    fz_engine_close(f->e);
    f->packs[0] = load_shipped_pack(&f->arena, "organs.yaml");
    f->packs[1] = load_shipped_pack(&f->arena, "penalty.yaml");
    open_engine(f);
    return 0;
}

static struct fz_answer submit_at(struct fixture *f, const struct fz_order *o, size_t n, int64_t at_ms)
{
    struct fz_answer *answers = FZ_NEW_ARRAY(&f->arena, struct fz_answer, n);
    struct fz_error err;

    if (fz_engine_submit(f->e, o, n, at_ms, &f->arena, answers, &err) != FZ_OK)
        fail_msg("%s", err.text);
    return answers[n - 1];
}

#define AT INT64_C(1772438400000) /* 2026-03-02, 16:00 in China */

static struct fz_answer submit_now(struct fixture *f, struct fz_order o)
{
    return submit_at(f, &o, 1, AT);
}

static struct fz_answer done(struct fixture *f, struct fz_order o)
{
    struct fz_answer a = submit_now(f, o);

    if (a.kind != FZ_A_DONE)
        fail_msg("%.*s: %.*s", FZ_STR_ARG(a.text), a.ruling.n ? (int)a.ruling.grounds[0].id.n : 0, a.ruling.n ? a.ruling.grounds[0].id.p : "");
    return a;
}

static void assert_refused(struct fz_answer a, const char *id)
{
    assert_int_equal(a.kind, FZ_A_REFUSED);
    for (size_t i = 0; i < a.ruling.n; i++)
        if (fz_str_is(a.ruling.grounds[i].id, id))
            return;
    fail_msg("not %s but %.*s", id, FZ_STR_ARG(a.ruling.grounds[0].id));
}

static struct fz_order official(const char *number)
{
    struct fz_named_value *v = calloc(4, sizeof(*v));

    v[0] = (struct fz_named_value)V("name", "张三");
    v[1] = (struct fz_named_value)V("belongs_to", "X");
    v[2] = (struct fz_named_value)V("valid_from", "2020-01-01");
    v[3] = (struct fz_named_value){S("number"), fz_str_of(number)};
    return order("official", "register_official", "2026-01-01", "X", v, 4);
}

static struct fz_order mandate(const char *person, const char *role, const char *until)
{
    struct fz_named_value *v = calloc(5, sizeof(*v));

    v[0] = (struct fz_named_value)V("at_organ", "X");
    v[1] = (struct fz_named_value)V("valid_from", "2020-01-01");
    v[2] = (struct fz_named_value){S("official"), fz_str_of(person)};
    v[3] = (struct fz_named_value){S("role"), fz_str_of(role)};
    v[4] = (struct fz_named_value){S("valid_to"), fz_str_of(until)};
    return order("mandate", "grant_mandate", "2026-01-01", "X", v, until ? 5 : 4);
}

static struct fz_answer take(struct fixture *f, struct fz_order o)
{
    struct fz_answer a = done(f, o);

    free((void *)o.values);
    return a;
}

static struct fz_order clue(const char *who)
{
    static const struct fz_named_value values[] = {V("offender", "李四"), V("act_ended_on", "2026-02-27")};
    struct fz_order o = order("penalty_case", "register_clue", "2026-03-02", "X", values, FZ_COUNT(values));

    o.actor = fz_str_of(who);
    o.role = S("officer");
    return o;
}

static void reopen(struct fixture *f)
{
    fz_engine_close(f->e);
    open_engine(f);
}

static void test_engine_directory__rights_begin_with_the_first_mandate(void **state)
{
    struct fixture *f = *state;
    struct fz_order o = ORDER("penalty_case", "register_clue", "2026-03-02", "X", V("offender", "李四"), V("act_ended_on", "2026-02-27"));
    struct fz_answer a;

    o.actor = S("Z1");
    a = done(f, o);
    assert_int_equal(a.ruling.right.how, FZ_RIGHT_NOT_BEGUN);
    take(f, official("Z1"));
    a = take(f, mandate("Z1", "officer", NULL)); /* nobody registers mandates by right yet */
    assert_int_equal(a.ruling.right.how, FZ_RIGHT_NOT_BEGUN);
    a = done(f, o);
    assert_int_equal(a.ruling.right.how, FZ_RIGHT_JUDGED);
    assert_true(a.ruling.right.by_n == 1 && fz_str_is(a.ruling.right.by[0], "mandate-3"));
    o.actor = S("Z2");
    assert_refused(submit_now(f, o), "register_clue_by_no_official");
    assert_sound(f);
}

static void test_engine_directory__orders_of_one_batch_see_one_another(void **state)
{
    struct fixture *f = *state;
    struct fz_order orders[] = {official("Z1"), mandate("Z1", "officer", NULL), ORDER("penalty_case", "register_clue", "2026-03-02", "X", V("offender", "李四"),
                                                                                       V("act_ended_on", "2026-02-27"))};
    struct fz_answer a;

    orders[2].actor = S("Z1");
    a = submit_at(f, orders, 3, AT);
    assert_int_equal(a.kind, FZ_A_DONE);
    assert_int_equal(a.ruling.right.how, FZ_RIGHT_JUDGED);
    free((void *)orders[0].values);
    free((void *)orders[1].values);
    assert_sound(f);
}

static void test_engine_directory__it_is_the_same_after_reopening_and_after_rebuilding(void **state)
{
    struct fixture *f = *state;
    struct fz_order o = ORDER("penalty_case", "register_clue", "2026-03-02", "X", V("offender", "李四"), V("act_ended_on", "2026-02-27"));
    uint64_t n, before;

    take(f, official("Z1"));
    take(f, official("Z2"));
    take(f, mandate("Z1", "officer", NULL));
    take(f, mandate("Z2", "officer", "2026-03-01"));
    before = rows(f, &fz_table_directory);
    assert_int_equal(before, 4);
    for (int i = 0; i < 3; i++) {
        o.actor = S("Z1");
        done(f, o);
        o.actor = S("Z2"); /* whose mandate ended yesterday */
        assert_refused(submit_now(f, o), "register_clue_without_mandate");
        if (i == 0)
            reopen(f);
        if (i == 1)
            assert_int_equal(fz_engine_rebuild(f->e, &n, NULL), FZ_OK);
    }
    assert_int_equal(rows(f, &fz_table_directory), before);
    assert_sound(f);
}

static void test_engine_directory__a_record_that_moves_moves_its_row(void **state)
{
    struct fixture *f = *state;
    struct fz_order end = ORDER("mandate", "end_mandate", "2026-03-02", "X", V("valid_to", "2026-03-01"));
    struct fz_order o = clue("Z1");
    uint64_t n;

    take(f, official("Z1"));
    end.record = take(f, mandate("Z1", "officer", NULL)).record;
    end.outcome = S("dismissed");
    done(f, clue("Z1"));
    done(f, end);
    assert_refused(submit_now(f, o), "register_clue_without_mandate");
    reopen(f);
    assert_refused(submit_now(f, o), "register_clue_without_mandate");
    assert_sound(f);
    assert_int_equal(fz_engine_rebuild(f->e, &n, NULL), FZ_OK);
    assert_sound(f);
}

static void test_engine_directory__a_correction_takes_its_row_away_and_back(void **state)
{
    struct fixture *f = *state;
    struct fz_order annul = {.correction = FZ_ANNUL, .if_version = -1, .actor = S("a"), .approver = S("b"), .reason = S("误填"), .on = FZ_DAY_NONE, .at = FZ_INSTANT_NONE};
    struct fz_answer m, second;
    uint64_t n;

    take(f, official("Z1"));
    m = take(f, mandate("Z1", "officer", NULL));
    second = take(f, mandate("Z1", "head", NULL));
    done(f, clue("Z1"));
    annul.record = m.record;
    annul.corrects = m.seq;
    done(f, annul);
    assert_int_equal(rows(f, &fz_table_directory), 2);
    assert_refused(submit_now(f, clue("Z1")), "register_clue_without_mandate");
    reopen(f);
    assert_refused(submit_now(f, clue("Z1")), "register_clue_without_mandate");
    annul.record = second.record;
    annul.corrects = second.seq;
    done(f, annul); /* the last mandate of all was a mistake: rights have not begun */
    assert_int_equal(done(f, clue("Z1")).ruling.right.how, FZ_RIGHT_NOT_BEGUN);
    assert_sound(f);
    assert_int_equal(fz_engine_rebuild(f->e, &n, NULL), FZ_OK);
    assert_int_equal(rows(f, &fz_table_directory), 1);
    assert_sound(f);
}

static void test_engine_directory__all_who_act_stand_in_the_entry(void **state)
{
    static const fz_str second[] = {{"Z2", 2}};
    struct fixture *f = *state;
    struct fz_order open = FZ_ORDER(S("open_case"), day("2026-03-03")), o = FZ_ORDER(S("investigate"), day("2026-03-04"));
    struct fz_folded folded;
    const struct fz_event *events;
    size_t n;

    take(f, official("Z1"));
    take(f, official("Z2"));
    take(f, official("Z9"));
    take(f, mandate("Z1", "officer", NULL));
    take(f, mandate("Z2", "officer", NULL));
    take(f, mandate("Z9", "head", NULL));
    for (int i = 0; i < 2; i++) {
        struct fz_order c = ORDER("certificate", "issue_certificate", "2026-01-01", "X", V("kind", "enforcement_certificate"), V("certificate_number", "1"),
                                  V("issued_by", "X"), V("valid_from", "2025-01-01"), V("valid_to", "2027-01-01"), V("holder", "Z1"));
        struct fz_named_value v[6];

        memcpy(v, c.values, sizeof(v));
        v[5].text = i ? S("Z2") : S("Z1");
        c.values = v;
        done(f, c);
    }
    open.record = o.record = done(f, clue("Z1")).record;
    open.actor = S("Z9");
    done(f, open);
    o.actor = S("Z1");
    assert_refused(submit_now(f, o), "investigate_by_too_few");
    o.others = second;
    o.others_n = 1;
    done(f, o);
    assert_int_equal(fz_engine_fold(f->e, o.record, &f->arena, &folded, NULL), FZ_OK);
    events = fz_case_events(folded.c, &n);
    assert_int_equal(events[n - 1].cmd.others_n, 1);
    assert_true(fz_str_is(events[n - 1].cmd.others[0], "Z2"));
    {
        const struct fz_entry *last = &folded.entries[folded.entries_n - 1];

        assert_int_equal(last->values_n, 2);
        assert_true(fz_str_is(last->values[0].name, FZ_WIRE_PERSONS) && fz_str_is(last->values[0].value.items[0].text, "Z2"));
        assert_true(fz_str_is(last->values[1].name, FZ_WIRE_RIGHT) && last->values[1].value.items_n == 2);
        assert_true(fz_str_is(last->values[1].value.items[1].text, "mandate-5"));
    }
    o.others = (fz_str[]){{"Z1", 2}};
    assert_int_equal(submit_now(f, o).kind, FZ_A_BAD);
    assert_sound(f);
}

static void test_engine_directory__a_row_that_was_tampered_with_is_found(void **state)
{
    struct fixture *f = *state;
    fz_cell cells[FZ_DIRECTORY_COLUMNS] = {{0}}, *there;
    struct fz_write write = {FZ_PUT, &fz_table_directory, cells};
    struct fz_verdict v;
    bool found;
    uint64_t n;

    take(f, official("Z1"));
    take(f, mandate("Z1", "officer", "2026-03-01"));
    cells[0] = FZ_CELL_OF(f->set.jurisdiction);
    cells[1] = FZ_CELL_OF(S("mandate-2"));
    assert_int_equal(fz_store_get(f->store, &fz_table_directory, cells, &f->arena, &there, &found, NULL), FZ_OK);
    assert_true(found);
    memcpy(cells, there, sizeof(cells));
    cells[FZ_DIRECTORY_PART + FZ_DP_UNTIL] = FZ_CELL_UNSET; /* for ever */
    assert_int_equal(fz_store_commit(f->store, &(struct fz_batch){&write, 1}, NULL), FZ_OK);
    v = verify(f);
    assert_true(v.n == 1 && v.items[0].kind == FZ_P_ROW && fz_str_is(v.items[0].table, "directory"));
    cells[1] = FZ_CELL_OF(S("mandate-9")); /* of a record that is not there */
    assert_int_equal(fz_store_commit(f->store, &(struct fz_batch){&write, 1}, NULL), FZ_OK);
    assert_int_equal(verify(f).n, 2);
    assert_int_equal(fz_engine_rebuild(f->e, &n, NULL), FZ_OK);
    assert_sound(f);
}

/* One life over a store that fails at that call. False: it was past the orders. */
static bool live_with_fault(struct fixture *f, uint64_t at, int *io_failed)
{
    struct fz_order orders[] = {official("Z1"), mandate("Z1", "officer", NULL)};
    struct fz_answer answers[2];
    struct fz_error err;
    bool done[2] = {false, false}, opened;

    f->set.store = f->store = fz_store_new_fault(fz_store_new_memory(), at, FZ_FAULT_IO);
    opened = fz_engine_open(&f->e, &f->set, &err) == FZ_OK;
    for (int i = 0; opened && i < 2; i++)
        done[i] = fz_engine_submit(f->e, &orders[i], 1, AT, &f->arena, answers, &err) == FZ_OK;
    *io_failed += opened && !(done[0] && done[1]);
    if (opened && !(done[0] && done[1])) { /* what failed has left nothing: as a mandate that was never entered */
        assert_int_equal(submit_now(f, clue("Z1")).ruling.right.how == FZ_RIGHT_NOT_BEGUN, !done[1]);
        assert_sound(f);
    }
    for (int i = 0; i < 2; i++)
        free((void *)orders[i].values);
    fz_engine_close(opened ? f->e : NULL);
    fz_store_close(f->store);
    return !(done[0] && done[1]);
}

static void test_engine_directory__a_failed_commit_leaves_it_as_it_was(void **state)
{
    struct fixture *f = *state;
    struct fz_store *store = f->store;
    int failed = 0;

    fz_engine_close(f->e);
    for (uint64_t at = 1; live_with_fault(f, at, &failed); at++) {
    }
    f->store = store;
    open_engine(f);
    assert_true(failed >= 4); /* reads and commits of both */
}

static void test_engine_directory__a_correction_is_made_and_approved_by_two_who_serve_there(void **state)
{
    struct fixture *f = *state;
    struct fz_order annul = {.correction = FZ_ANNUL, .if_version = -1, .actor = S("Z1"), .approver = S("Q"), .reason = S("误填"), .on = FZ_DAY_NONE, .at = FZ_INSTANT_NONE};
    struct fz_answer c;

    take(f, official("Z1"));
    take(f, official("Z2"));
    take(f, mandate("Z1", "officer", NULL));
    c = done(f, clue("Z1"));
    annul.record = c.record;
    annul.corrects = c.seq;
    assert_int_equal(submit_now(f, annul).kind, FZ_A_BAD);
    annul.approver = S("Z2");
    assert_int_equal(submit_now(f, annul).kind, FZ_A_BAD); /* an official, but of no mandate here */
    annul.actor = S("Z2");
    annul.approver = S("Z1");
    assert_int_equal(submit_now(f, annul).kind, FZ_A_BAD);
    take(f, mandate("Z2", "head", NULL));
    done(f, annul);
    assert_sound(f);
}

int main(void)
{
#define WITH(t) cmocka_unit_test_setup_teardown(t, setup_organs, teardown)
    const struct CMUnitTest tests[] = {
        WITH(test_engine_directory__rights_begin_with_the_first_mandate),
        WITH(test_engine_directory__orders_of_one_batch_see_one_another),
        WITH(test_engine_directory__it_is_the_same_after_reopening_and_after_rebuilding),
        WITH(test_engine_directory__a_record_that_moves_moves_its_row),
        WITH(test_engine_directory__a_correction_takes_its_row_away_and_back),
        WITH(test_engine_directory__a_correction_is_made_and_approved_by_two_who_serve_there),
        WITH(test_engine_directory__all_who_act_stand_in_the_entry),
        WITH(test_engine_directory__a_row_that_was_tampered_with_is_found),
        WITH(test_engine_directory__a_failed_commit_leaves_it_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
