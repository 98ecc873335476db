/* Erasures as orders: who may, what may not, until when; what is found when a value is gone without an entry, or there against one. */
#include "../support/support.h"

#include <stdio.h>
#include <unistd.h>

#include "../support/engines.h"
#include "engine/erase.h"

#define CASE "reconsideration_case-1"
#define ZHANG "\xE5\xBC\xA0\xE4\xB8\x89"

static int setup_erasing(void **state)
{
    struct fixture *f;

    if (setup(state) != 0)
        return -1;
    f = *state;
    fz_engine_close(f->e);
    f->packs[3] = load_shipped_pack(&f->arena, "erasure.yaml");
    f->set.packs_n = 4;
    open_engine(f);
    return 0;
}

static struct fz_field *applicants(struct fixture *f)
{
    const struct fz_record *r = &f->packs[0]->records[0];

    return (struct fz_field *)(uintptr_t)&r->fields[fz_field_find(r, FZ_STR("applicants"))];
}

/* As if the pack kept the field so long. */
static void keep(struct fixture *f, const char *how)
{
    applicants(f)->keep = fz_str_of(how);
    ((struct fz_field *)(uintptr_t)&f->packs[0]->records[0].fields[fz_field_find(&f->packs[0]->records[0],
                                                                                 FZ_STR("third_parties"))])
        ->keep = fz_str_of(how);
}

static struct fz_order erasure(const char *action, const char *who, const char *on)
{
    struct fz_order o = FZ_ORDER(fz_str_of(action), day(on));

    o.type = FZ_STR(FZ_ERASE_TYPE);
    o.record = FZ_STR("erasure-1");
    o.actor = fz_str_of(who);
    return o;
}

static struct fz_answer propose(struct fixture *f, const char *id, const char *item, const char *until)
{
    struct fz_named_value *v = FZ_NEW_ARRAY(&f->arena, struct fz_named_value, 4);
    struct fz_order o = erasure(FZ_ERASE_PROPOSE, "clerk", "2026-05-06");

    v[0] = (struct fz_named_value){FZ_STR(FZ_ERASE_TARGET), FZ_STR(CASE)};
    v[1] = (struct fz_named_value){FZ_STR(FZ_ERASE_ITEMS), fz_str_of(item)};
    v[2] = (struct fz_named_value){FZ_STR("ground"), FZ_STR("47(1)3")};
    if (until)
        v[3] = (struct fz_named_value){FZ_STR(FZ_ERASE_UNTIL), fz_str_of(until)};
    o.record = fz_str_of(id);
    o.values = v;
    o.values_n = until ? 4 : 3;
    return submit(f, o);
}

static void a_case(struct fixture *f)
{
    assert_int_equal(submit(f, receive("k1")).kind, FZ_A_DONE);
}

static fz_cell *row_of(struct fixture *f, const struct fz_table *t, bool *out_found)
{
    fz_cell key[] = {FZ_CELL_OF(f->set.jurisdiction), FZ_CELL_OF_INT(1), FZ_CELL_OF(FZ_STR("applicants"))}, *row;

    assert_int_equal(fz_store_get(f->store, t, key, &f->arena, &row, out_found, NULL), FZ_OK);
    return row;
}

static void assert_bad(struct fz_answer a, const char *why)
{
    assert_int_equal(a.kind, FZ_A_BAD);
    if (!memmem(a.text.p, a.text.n, why, strlen(why)))
        fail_msg("%.*s: expected %s", FZ_STR_ARG(a.text), why);
}

static void assert_problem(struct fixture *f, const char *table, const char *text)
{
    struct fz_verdict v = verify(f);

    for (size_t i = 0; i < v.n; i++)
        if (fz_str_is(v.items[i].table, table) && memmem(v.items[i].text.p, v.items[i].text.n, text, strlen(text)))
            return;
    fail_msg("%zu problems, and none of %s says %s", v.n, table, text);
}

/* LAW: 个人信息保护法 第四十七条 */
static void test_erasure__two_persons_and_it_is_gone(void **state)
{
    struct fixture *f = *state;
    struct fz_answer a;
    fz_cell *row;
    bool found;

    a_case(f);
    keep(f, "none");
    assert_int_equal(propose(f, "erasure-1", "1 applicants", NULL).kind, FZ_A_DONE);
    a = submit(f, erasure(FZ_ERASE_ERASE, "clerk", "2026-05-06"));
    assert_int_equal(a.kind, FZ_A_REFUSED);
    assert_int_equal(submit(f, erasure(FZ_ERASE_ERASE, "head", "2026-05-06")).kind, FZ_A_DONE);
    row = row_of(f, &fz_table_private, &found);
    assert_true(found && row[FZ_PRIVATE_SALT].kind == FZ_CELL_NULL && row[FZ_PRIVATE_VALUE].kind == FZ_CELL_NULL);
    row = row_of(f, &fz_table_withheld, &found);
    assert_true(found && row[FZ_WITHHELD_BY].n == 3 && row[FZ_WITHHELD_LOCKED].n == 0);
    assert_sound(f);
    assert_bad(propose(f, "erasure-2", "1 applicants", NULL), "erased before");
}

static void test_erasure__what_is_not_there_is_said(void **state)
{
    struct fixture *f = *state;

    a_case(f);
    keep(f, "none");
    assert_bad(propose(f, "erasure-1", "1 respondent", NULL), "no such personal value");
    assert_bad(propose(f, "erasure-1", "2 applicants", NULL), "no such personal value");
    assert_bad(propose(f, "erasure-1", "applicants", NULL), "no such personal value");
    assert_int_equal(fz_engine_size(f->e), 1);
}

/* LAW: 个人信息保护法 第四十七条第二款 */
static void test_erasure__while_a_term_runs_it_is_locked_only(void **state)
{
    struct fixture *f = *state;
    fz_cell *row;
    bool found;

    a_case(f);
    keep(f, "permanent");
    assert_int_equal(propose(f, "erasure-1", "1 applicants", NULL).kind, FZ_A_DONE);
    assert_bad(submit(f, erasure(FZ_ERASE_ERASE, "head", "2026-05-06")), "has not ended");
    assert_int_equal(submit(f, erasure(FZ_ERASE_LOCK, "head", "2026-05-06")).kind, FZ_A_DONE);
    row = row_of(f, &fz_table_private, &found);
    assert_true(row[FZ_PRIVATE_VALUE].kind == FZ_CELL_NULL);
    row = row_of(f, &fz_table_locked, &found);
    assert_true(found && memmem(row[FZ_PRIVATE_VALUE].s.p, row[FZ_PRIVATE_VALUE].s.n, ZHANG, strlen(ZHANG)));
    assert_sound(f);
    assert_bad(submit(f, erasure(FZ_ERASE_ERASE, "head", "2030-05-06")), "has not ended");
    keep(f, "none"); /* the ground for keeping it has gone */
    assert_int_equal(submit(f, erasure(FZ_ERASE_ERASE, "head", "2030-05-06")).kind, FZ_A_DONE);
    (void)row_of(f, &fz_table_locked, &found);
    assert_false(found);
    assert_sound(f);
}

static void test_erasure__the_law_erases_when_the_term_is_over(void **state)
{
    struct fixture *f = *state;
    struct fz_order o = FZ_ORDER(FZ_STR("refuse"), day("2026-02-24"));
    uint64_t n;
    bool found;

    a_case(f);
    keep(f, "2 years");
    o.record = FZ_STR(CASE);
    o.observed = true;
    assert_int_equal(submit(f, o).kind, FZ_A_DONE); /* the case has ended, and is kept for two years from that day */
    assert_int_equal(propose(f, "erasure-1", "1 applicants", "2028-02-23").kind, FZ_A_DONE);
    assert_bad(submit(f, erasure(FZ_ERASE_LOCK, "head", "2026-05-06")), "kept for longer");
    o = erasure("refuse", "head", "2026-05-06");
    o.values = &(struct fz_named_value){FZ_STR("refusal_ground"), FZ_STR("too short")};
    o.values_n = 1;
    assert_int_equal(submit(f, o).kind, FZ_A_DONE);
    assert_int_equal(propose(f, "erasure-2", "1 applicants", "2028-02-24").kind, FZ_A_DONE);
    o = erasure(FZ_ERASE_LOCK, "head", "2026-05-06");
    o.record = FZ_STR("erasure-2");
    assert_int_equal(submit(f, o).kind, FZ_A_DONE);
    assert_int_equal(fz_engine_tick(f->e, day("2028-02-24"), 5, &n, NULL), FZ_OK);
    (void)row_of(f, &fz_table_locked, &found);
    assert_true(found); /* on its last day it is kept */
    assert_int_equal(fz_engine_tick(f->e, day("2028-02-25"), 5, &n, NULL), FZ_OK);
    assert_int_equal(n, 1);
    (void)row_of(f, &fz_table_locked, &found);
    assert_false(found);
    assert_sound(f);
}

static void test_erasure__no_way_around(void **state)
{
    struct fixture *f = *state;
    struct fz_order o;
    struct fz_named_value v[] = {{FZ_STR(FZ_ERASE_TARGET), FZ_STR(CASE)},
                                 {FZ_STR(FZ_ERASE_ITEMS), FZ_STR("1 applicants")},
                                 {FZ_STR("ground"), FZ_STR("47")},
                                 {FZ_STR("earlier"), FZ_STR("entry 9")}};

    a_case(f);
    keep(f, "none");
    o = erasure(FZ_ERASE_REAPPLY, "clerk", "2026-05-06"); /* one person, on the word of an earlier log */
    o.values = v;
    o.values_n = 4;
    assert_bad(submit(f, o), "not entered so");
    assert_int_equal(propose(f, "erasure-1", "1 applicants", NULL).kind, FZ_A_DONE);
    o = erasure(FZ_ERASE_ERASE, "clerk", "2026-05-06"); /* "it happened": a finding, and no refusal */
    o.observed = true;
    assert_bad(submit(f, o), "not entered so");
    assert_int_equal(submit(f, erasure(FZ_ERASE_ERASE, "head", "2026-05-06")).kind, FZ_A_DONE);
    o = erasure("", "clerk", "2026-05-06");
    o.correction = FZ_ANNUL;
    o.corrects = 3;
    o.approver = FZ_STR("head");
    o.reason = FZ_STR("x");
    assert_bad(submit(f, o), "cannot be undone");
    assert_sound(f);
}

static void tamper(struct fixture *f, fz_write_kind kind, const struct fz_table *t, fz_cell *row)
{
    struct fz_write w = {kind, t, row};

    assert_int_equal(fz_store_commit(f->store, &(struct fz_batch){&w, 1}, NULL), FZ_OK);
}

static void test_erasure__what_no_entry_did_is_found(void **state)
{
    struct fixture *f = *state;
    fz_cell *row, gone[FZ_PRIVATE_COLUMNS], kept[FZ_PRIVATE_COLUMNS], other[FZ_PRIVATE_COLUMNS];
    bool found;

    a_case(f);
    keep(f, "permanent");
    row = row_of(f, &fz_table_private, &found);
    memcpy(kept, row, sizeof(kept));
    memcpy(gone, row, sizeof(gone));
    gone[FZ_PRIVATE_SALT] = gone[FZ_PRIVATE_VALUE] = FZ_CELL_UNSET;
    tamper(f, FZ_PUT, &fz_table_private, gone);
    assert_problem(f, "private", "no entry took it away");
    tamper(f, FZ_PUT, &fz_table_private, kept);
    tamper(f, FZ_PUT, &fz_table_locked, kept);
    assert_problem(f, "locked", "no entry locked");
    tamper(f, FZ_REMOVE, &fz_table_locked, kept);
    assert_sound(f);
    assert_int_equal(propose(f, "erasure-1", "1 applicants", NULL).kind, FZ_A_DONE);
    assert_int_equal(submit(f, erasure(FZ_ERASE_LOCK, "head", "2026-05-06")).kind, FZ_A_DONE);
    tamper(f, FZ_PUT, &fz_table_private, kept);
    assert_problem(f, "private", "took it away");
    tamper(f, FZ_PUT, &fz_table_private, gone);
    memcpy(other, kept, sizeof(other));
    other[FZ_PRIVATE_VALUE] = FZ_CELL_OF(FZ_STR("[\"x\"]"));
    tamper(f, FZ_PUT, &fz_table_locked, other);
    assert_problem(f, "locked", "not what the entry committed to");
    tamper(f, FZ_REMOVE, &fz_table_locked, kept);
    assert_problem(f, "locked", "is not there");
    tamper(f, FZ_PUT, &fz_table_locked, kept);
    assert_sound(f);
}

/* ---- faults ---- */

static void reopen(struct fixture *f, const char *file, uint64_t fault_at, fz_fault fault)
{
    struct fz_error err;

    fz_engine_close(f->e);
    fz_store_close(f->store);
    f->e = NULL;
    assert_int_equal(fz_store_open_sqlite(&f->store, file, FZ_READ_WRITE, &err), FZ_OK);
    if (fault_at)
        f->store = fz_store_new_fault(f->store, fault_at, fault);
    f->set.store = f->store;
}

/* One erasure with the store failing at its n-th call; false once it makes fewer. */
static bool erase_with_fault(struct fixture *f, uint64_t at, fz_fault fault)
{
    char path[] = "fz-erasure-XXXXXX", file[64];
    struct fz_order o = erasure(FZ_ERASE_ERASE, "head", "2026-05-06");
    struct fz_answer a = {.kind = FZ_A_FAILED};
    bool found, gone, said, more;
    fz_cell *row;

    assert_non_null(mkdtemp(path));
    snprintf(file, sizeof(file), "%s/log.db", path);
    reopen(f, file, 0, fault);
    open_engine(f);
    a_case(f);
    assert_int_equal(propose(f, "erasure-1", "1 applicants", NULL).kind, FZ_A_DONE);
    reopen(f, file, at, fault);
    if (fz_engine_open(&f->e, &f->set, NULL) == FZ_OK && fz_engine_submit(f->e, &o, 1, 5, &f->arena, &a, NULL) != FZ_OK)
        a.kind = FZ_A_FAILED;
    more = fz_store_fault_calls(f->store) >= at;
    reopen(f, file, 0, fault);
    open_engine(f);
    row = row_of(f, &fz_table_private, &found);
    gone = row[FZ_PRIVATE_VALUE].kind == FZ_CELL_NULL;
    said = fz_engine_size(f->e) == 3;
    assert_int_equal(gone, said); /* the value goes with the entry, or stays without it */
    assert_true(gone || a.kind != FZ_A_DONE);
    assert_sound(f);
    snprintf(file, sizeof(file), "rm -rf %s", path);
    assert_int_equal(system(file), 0);
    return more;
}

static void test_erasure__a_fault_at_every_call(void **state)
{
    static const fz_fault faults[] = {FZ_FAULT_IO, FZ_FAULT_FULL, FZ_FAULT_LOST, FZ_FAULT_UNSURE};
    struct fixture *f = *state;

    keep(f, "none");
    for (size_t kind = 0; kind < FZ_COUNT(faults); kind++)
        for (uint64_t at = 1; erase_with_fault(f, at, faults[kind]);)
            at++;
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup_erasing, teardown)
    const struct CMUnitTest tests[] = {
        T(test_erasure__two_persons_and_it_is_gone),
        T(test_erasure__what_is_not_there_is_said),
        T(test_erasure__while_a_term_runs_it_is_locked_only),
        T(test_erasure__the_law_erases_when_the_term_is_over),
        T(test_erasure__no_way_around),
        T(test_erasure__what_no_entry_did_is_found),
        T(test_erasure__a_fault_at_every_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
