/*
 * The engine over stores in memory and in SQLite: what is lawful is entered, what is refused leaves nothing, a key is done once, tables follow from the
 * entries, and every kind of tampering is named. With the fault driver: a failed commit leaves nothing behind.
 */
#include "../support/support.h"

#include <stdio.h>
#include <unistd.h>

#include "../support/engines.h"

static struct fz_order act(const char *record, const char *name, const char *on)
{
    struct fz_order o = FZ_ORDER(fz_str_of(name), day(on));

    o.record = fz_str_of(record);
    return o;
}

/* Two cases, moved a little; a third in another pack. */
static void some_life(struct fixture *f)
{
    assert_int_equal(submit(f, receive("k1")).kind, FZ_A_DONE);
    assert_int_equal(submit(f, receive("k2")).kind, FZ_A_DONE);
    assert_int_equal(submit(f, act("reconsideration_case-1", "accept", "2026-02-24")).kind, FZ_A_DONE);
    assert_int_equal(submit(f, act("reconsideration_case-1", "send_copy", "2026-02-25")).kind, FZ_A_DONE);
}

static void test_engine__lawful_steps_are_entered_and_numbered(void **state)
{
    struct fixture *f = *state;
    struct fz_answer a = submit(f, receive("k1")), b = submit(f, receive("k2"));

    assert_int_equal(a.kind, FZ_A_DONE);
    assert_int_equal(a.seq, 1);
    assert_int_equal(a.version, 1);
    assert_true(fz_str_is(a.record, "reconsideration_case-1"));
    assert_true(fz_str_is(a.number, "A\xE5\xA4\x8D\xE3\x80\x94" "2026\xE3\x80\x95" "1\xE5\x8F\xB7"));
    assert_true(fz_str_is(b.number, "A\xE5\xA4\x8D\xE3\x80\x94" "2026\xE3\x80\x95" "2\xE5\x8F\xB7")); /* without a gap */
    assert_int_equal(fz_engine_size(f->e), 2);
    assert_sound(f);
}

static void test_engine__a_refusal_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    struct fz_order o = receive("k1");
    struct fz_answer a;

    o.values_n = 2; /* no applicant, no respondent */
    a = submit(f, o);
    assert_int_equal(a.kind, FZ_A_REFUSED);
    assert_int_equal(a.ruling.refusing, 2);
    assert_true(a.ruling.grounds[0].articles.n > 0);
    assert_int_equal(fz_engine_size(f->e), 0);
    assert_int_equal(rows(f, &fz_table_record), 0);
    assert_int_equal(submit(f, receive("k1")).kind, FZ_A_DONE); /* its key was not used up, nor its number */
    a = submit(f, act("reconsideration_case-1", "decide", "2026-02-24"));
    assert_int_equal(a.kind, FZ_A_REFUSED);
    assert_sound(f);
}

static void test_engine__a_key_is_done_once(void **state)
{
    struct fixture *f = *state;
    struct fz_order twice[] = {receive("k1"), receive("k1"), receive("k2")};
    struct fz_answer a[3];

    assert_int_equal(fz_engine_submit(f->e, twice, 3, 5, &f->arena, a, NULL), FZ_OK);
    assert_int_equal(a[0].kind, FZ_A_DONE);
    assert_int_equal(a[1].kind, FZ_A_REPEATED);
    assert_int_equal(a[1].seq, 1);
    assert_int_equal(a[2].seq, 2);
    a[0] = submit(f, receive("k2"));
    assert_int_equal(a[0].kind, FZ_A_REPEATED);
    assert_true(fz_str_is(a[0].record, "reconsideration_case-2"));
    assert_int_equal(fz_engine_size(f->e), 2);
}

static void test_engine__an_optimistic_writer_is_told(void **state)
{
    struct fixture *f = *state;
    struct fz_order o;
    struct fz_answer a;

    submit(f, receive("k1"));
    o = act("reconsideration_case-1", "accept", "2026-02-24");
    o.if_version = 0;
    a = submit(f, o);
    assert_int_equal(a.kind, FZ_A_CONFLICT);
    assert_int_equal(a.version, 1);
    o.if_version = 1;
    assert_int_equal(submit(f, o).kind, FZ_A_DONE);
}

static void test_engine__a_batch_sees_its_own_steps(void **state)
{
    struct fixture *f = *state;
    struct fz_order o[] = {receive("k1"), act("reconsideration_case-1", "accept", "2026-02-24"), act("reconsideration_case-1", "accept", "2026-02-24"),
                           act("reconsideration_case-1", "nothing", "2026-02-24"), act("nobody", "accept", "2026-02-24")};
    struct fz_answer a[5];

    assert_int_equal(fz_engine_submit(f->e, o, 5, 5, &f->arena, a, NULL), FZ_OK);
    assert_int_equal(a[0].kind, FZ_A_DONE);
    assert_int_equal(a[1].kind, FZ_A_DONE);
    assert_int_equal(a[2].kind, FZ_A_REFUSED);
    assert_int_equal(a[3].kind, FZ_A_BAD);
    assert_int_equal(a[4].kind, FZ_A_BAD);
    assert_int_equal(fz_engine_size(f->e), 2);
    assert_sound(f);
}

static void test_engine__what_happened_is_taken_and_judged(void **state)
{
    struct fixture *f = *state;
    struct fz_order o = FZ_ORDER(FZ_STR("create"), day("2006-07-24"));
    struct fz_named_value amount = {FZ_STR("amount"), FZ_STR("35.00 euro")};
    struct fz_answer a;

    o.type = FZ_STR("fine");
    o.record = FZ_STR("A1");
    o.observed = true;
    o.values = &amount;
    o.values_n = 1;
    assert_int_equal(submit(f, o).kind, FZ_A_DONE);
    o = act("A1", "notify", "2007-02-01");
    o.observed = true;
    a = submit(f, o);
    assert_int_equal(a.kind, FZ_A_DONE);
    assert_int_equal(a.ruling.n, 1);
    assert_true(fz_str_is(a.ruling.grounds[0].id, "late_notification"));
    assert_sound(f);
}

/* LAW: 行政复议法 第三十条 */
static void test_engine__the_law_acts_when_its_day_has_passed(void **state)
{
    struct fixture *f = *state;
    struct fz_folded r;
    uint64_t n;

    submit(f, receive("k1"));
    assert_int_equal(fz_engine_tick(f->e, day("2026-02-26"), 5, &n, NULL), FZ_OK);
    assert_int_equal(n, 0);
    assert_int_equal(fz_engine_tick(f->e, day("2026-03-20"), 5, &n, NULL), FZ_OK);
    assert_int_equal(n, 1);
    assert_int_equal(fz_engine_fold(f->e, FZ_STR("reconsideration_case-1"), &f->arena, &r, NULL), FZ_OK);
    assert_true(fz_str_is(r.r->stages[fz_case_stage(r.c)].name, "accepted"));
    assert_int_equal(r.entries[1].on, day("2026-02-27"));
    assert_true(fz_str_is(r.entries[1].actor, "law"));
    assert_int_equal(fz_engine_tick(f->e, day("2026-03-20"), 5, &n, NULL), FZ_OK);
    assert_int_equal(n, 0);
    assert_sound(f);
}

static void test_engine__personal_values_are_committed_to(void **state)
{
    struct fixture *f = *state;
    fz_cell key[] = {FZ_CELL_OF(f->set.jurisdiction), FZ_CELL_OF_INT(1)}, *row;
    bool found;

    some_life(f);
    assert_int_equal(fz_store_get(f->store, &fz_table_entry, key, &f->arena, &row, &found, NULL), FZ_OK);
    assert_null(memmem(row[FZ_ENTRY_BYTES].s.p, row[FZ_ENTRY_BYTES].s.n, "\xE5\xBC\xA0\xE4\xB8\x89", 6));
    assert_sound(f);
}

static void test_engine__opening_again_goes_on(void **state)
{
    struct fixture *f = *state;
    fz_hash before, after;

    some_life(f);
    before = fz_engine_root(f->e);
    fz_engine_close(f->e);
    open_engine(f);
    assert_int_equal(fz_engine_size(f->e), 4);
    after = fz_engine_root(f->e);
    assert_true(fz_hash_eq(&before, &after));
    assert_int_equal(submit(f, receive("k3")).seq, 5);
    assert_sound(f);
}

static void test_engine__a_rebuild_gives_the_same_rows(void **state)
{
    struct fixture *f = *state;
    uint64_t n, before[3];

    some_life(f);
    before[0] = rows(f, &fz_table_record);
    before[1] = rows(f, &fz_table_clock);
    before[2] = rows(f, &fz_table_serial);
    assert_int_equal(fz_engine_rebuild(f->e, &n, NULL), FZ_OK);
    assert_int_equal(n, 4);
    assert_int_equal(rows(f, &fz_table_record), before[0]);
    assert_int_equal(rows(f, &fz_table_clock), before[1]);
    assert_int_equal(rows(f, &fz_table_serial), before[2]);
    assert_sound(f);
    assert_int_equal(submit(f, receive("k1")).kind, FZ_A_REPEATED); /* keys come back as well */
}

/* A clock whose condition holds no longer has no row: live, and after a rebuild. */
static void test_engine__a_clock_that_applies_no_longer_leaves(void **state)
{
    struct fixture *f = *state;
    struct fz_named_value died = {FZ_STR("ground"), FZ_STR("died")}, missing = {FZ_STR("ground"), FZ_STR("missing")};
    struct fz_order o = act("reconsideration_case-1", "suspend", "2026-03-02");
    fz_cell key[] = {FZ_CELL_OF(f->set.jurisdiction), FZ_CELL_OF(FZ_STR("reconsideration_case-1")), FZ_CELL_OF(FZ_STR("pause_cap")), FZ_CELL_OF_INT(0)}, *row;
    bool found;

    some_life(f);
    o.values = &died;
    o.values_n = 1;
    assert_int_equal(submit(f, o).kind, FZ_A_DONE);
    assert_int_equal(fz_store_get(f->store, &fz_table_clock, key, &f->arena, &row, &found, NULL), FZ_OK);
    assert_true(found);
    assert_int_equal(submit(f, act("reconsideration_case-1", "resume", "2026-03-05")).kind, FZ_A_DONE);
    o.on = day("2026-03-06");
    o.values = &missing;
    assert_int_equal(submit(f, o).kind, FZ_A_DONE);
    assert_int_equal(fz_store_get(f->store, &fz_table_clock, key, &f->arena, &row, &found, NULL), FZ_OK);
    assert_false(found);
    assert_sound(f);
}

/* ---- corrections ---- */

static struct fz_order correction(fz_correction kind, const char *record, int64_t seq)
{
    struct fz_order o = FZ_ORDER((fz_str){0}, FZ_DAY_NONE);

    o.record = fz_str_of(record);
    o.correction = kind;
    o.corrects = seq;
    o.actor = FZ_STR("clerk");
    o.approver = FZ_STR("head");
    o.reason = FZ_STR("misread");
    return o;
}

/* Every cell of a table, in order. */
static fz_status add_row(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct {
        struct fz_buf text;
        size_t n;
        int without; /* a column; -1 */
    } *out = arg;

    (void)err;
    for (size_t i = 0; i < out->n; i++) {
        if ((int)i == out->without)
            continue;
        if (cells[i].kind == FZ_CELL_INT)
            fz_buf_int(&out->text, cells[i].n);
        else if (cells[i].kind == FZ_CELL_BYTES)
            fz_buf_add(&out->text, cells[i].s);
        fz_buf_addc(&out->text, '|');
    }
    fz_buf_addc(&out->text, '\n');
    return FZ_OK;
}

static fz_str dump(struct fixture *f, const struct fz_table *t, int without)
{
    struct {
        struct fz_buf text;
        size_t n;
        int without;
    } out = {.n = t->columns_n, .without = without};
    fz_cell prefix[] = {FZ_CELL_OF(f->set.jurisdiction)};
    struct fz_scan scan = {.table = t, .index = -1, .prefix = prefix, .prefix_n = 1};
    fz_str s;

    assert_int_equal(fz_store_scan(f->store, &scan, add_row, &out, NULL), FZ_OK);
    s = fz_str_copy(&f->arena, fz_buf_str(&out.text));
    fz_buf_release(&out.text);
    return s;
}

static void start_over(struct fixture *f)
{
    fz_engine_close(f->e);
    fz_store_close(f->store);
    f->store = fz_store_new_memory();
    open_engine(f);
}

/* The tables after a mistake was corrected are those of the same life without the mistake, but for the number of steps. */
static void test_correct__tables_are_as_if_it_had_been_right(void **state)
{
    struct fixture *f = *state;
    const struct fz_table *tables[] = {&fz_table_act, &fz_table_clock, &fz_table_due, &fz_table_record};
    fz_str right[FZ_COUNT(tables)];
    struct fz_order o;

    submit(f, receive(""));
    assert_int_equal(submit(f, act("reconsideration_case-1", "accept", "2026-02-16")).kind, FZ_A_DONE);
    assert_int_equal(submit(f, act("reconsideration_case-1", "send_copy", "2026-02-24")).kind, FZ_A_DONE);
    for (size_t i = 0; i < FZ_COUNT(tables); i++)
        right[i] = dump(f, tables[i], tables[i] == &fz_table_record ? FZ_RECORD_STEPS : -1);
    start_over(f);
    submit(f, receive(""));
    assert_int_equal(submit(f, act("reconsideration_case-1", "accept", "2026-02-14")).kind, FZ_A_DONE);
    assert_int_equal(submit(f, act("reconsideration_case-1", "send_copy", "2026-02-24")).kind, FZ_A_DONE);
    o = correction(FZ_AMEND, "reconsideration_case-1", 2);
    o.on = day("2026-02-16");
    assert_int_equal(submit(f, o).kind, FZ_A_DONE);
    assert_sound(f);
    submit(f, correction(FZ_ANNUL, "reconsideration_case-1", 3)); /* and done once more */
    o = act("reconsideration_case-1", "send_copy", "2026-02-24");
    assert_int_equal(submit(f, o).kind, FZ_A_DONE);
    assert_sound(f);
    for (size_t i = 1; i < FZ_COUNT(tables); i++)
        assert_true(fz_str_eq(right[i], dump(f, tables[i], tables[i] == &fz_table_record ? FZ_RECORD_STEPS : -1)));
    assert_int_equal(rows(f, &fz_table_act), 3);
    assert_int_equal(fz_engine_size(f->e), 6);
}

static void test_correct__both_entries_stay_and_a_rebuild_gives_the_same(void **state)
{
    struct fixture *f = *state;
    struct fz_folded folded;
    struct fz_order o;
    struct fz_error err;
    uint64_t n;
    fz_str before;

    some_life(f);
    o = correction(FZ_AMEND, "reconsideration_case-1", 1);
    o.values = (struct fz_named_value[]){{FZ_STR("applicants"), FZ_STR("x")}, {FZ_STR("known_on"), FZ_STR("2026-01-30")}};
    o.values_n = 2;
    assert_int_equal(submit(f, o).kind, FZ_A_DONE);
    assert_sound(f);
    before = dump(f, &fz_table_clock, -1);
    assert_int_equal(fz_engine_rebuild(f->e, &n, &err), FZ_OK);
    assert_true(fz_str_eq(before, dump(f, &fz_table_clock, -1)));
    assert_sound(f);
    start_over(f);
    some_life(f);
    submit(f, o);
    assert_int_equal(fz_engine_fold(f->e, FZ_STR("reconsideration_case-1"), &f->arena, &folded, &err), FZ_OK);
    assert_int_equal(folded.entries[folded.entries_n - 1].corrects, 1);
    assert_int_equal(folded.entries[0].seq, 1);
    assert_int_equal(fz_case_value(&(fz_view){folded.c, NULL, folded.cal, 0}, fz_field_find(folded.r, FZ_STR("known_on"))).n, day("2026-01-30"));
    assert_int_equal(fz_case_value(&(fz_view){folded.c, NULL, folded.cal, 0}, fz_field_find(folded.r, FZ_STR("applicants"))).many, 1);
}

static void test_correct__what_the_law_now_has_against_it_is_told(void **state)
{
    struct fixture *f = *state;
    struct fz_order o;
    struct fz_answer a;

    submit(f, receive(""));
    submit(f, act("reconsideration_case-1", "accept", "2026-02-16"));
    o = correction(FZ_AMEND, "reconsideration_case-1", 2);
    o.on = day("2026-03-16"); /* past the limit of 5 working days */
    a = submit(f, o);
    assert_int_equal(a.kind, FZ_A_DONE);
    assert_true(a.ruling.n > 0);
    assert_sound(f);
}

static void test_correct__what_it_needs(void **state)
{
    struct fixture *f = *state;
    struct fz_order o;

    submit(f, receive(""));
    submit(f, act("reconsideration_case-1", "accept", "2026-02-16"));
#define REFUSED(change, kind_is)                                                                                       \
    o = correction(FZ_ANNUL, "reconsideration_case-1", 2);                                                             \
    change;                                                                                                            \
    assert_int_equal(submit(f, o).kind, kind_is)
    REFUSED(o.reason = (fz_str){0}, FZ_A_BAD);
    REFUSED(o.approver = (fz_str){0}, FZ_A_BAD);
    REFUSED(o.approver = o.actor, FZ_A_BAD);
    REFUSED(o.corrects = 3, FZ_A_BAD);
    REFUSED(o.corrects = 1, FZ_A_BAD); /* the first goes last */
    REFUSED(o.record = FZ_STR("nobody"), FZ_A_BAD);
    REFUSED(o.if_version = 1, FZ_A_CONFLICT);
    REFUSED((o.correction = FZ_AMEND, o.outcome = FZ_STR("none")), FZ_A_BAD);
    REFUSED((o.correction = FZ_AMEND, o.values = given, o.values_n = 1), FZ_A_REFUSED); /* accepting does not set that day */
    assert_int_equal(fz_engine_size(f->e), 2);
    assert_sound(f);
    REFUSED((void)0, FZ_A_DONE);
    REFUSED((void)0, FZ_A_BAD); /* annulled before */
    REFUSED(o.corrects = 3, FZ_A_BAD); /* a correction is none that can be corrected */
    REFUSED(o.corrects = 1, FZ_A_DONE);
    assert_int_equal(rows(f, &fz_table_act), 0);
    assert_int_equal(rows(f, &fz_table_due), 0);
    assert_sound(f);
#undef REFUSED
}

/* ---- tampering: what and where is named ---- */

static void tamper(struct fixture *f, fz_write_kind kind, const struct fz_table *t, const fz_cell *cells)
{
    struct fz_write w = {kind, t, cells};

    assert_int_equal(fz_store_commit(f->store, &(struct fz_batch){&w, 1}, NULL), FZ_OK);
}

static fz_cell *row_of(struct fixture *f, const struct fz_table *t, fz_cell second)
{
    fz_cell key[] = {FZ_CELL_OF(f->set.jurisdiction), second}, *row;
    bool found;

    assert_int_equal(fz_store_get(f->store, t, key, &f->arena, &row, &found, NULL), FZ_OK);
    assert_true(found);
    return row;
}

static void assert_problem(struct fixture *f, fz_problem_kind kind, int64_t seq, const char *table)
{
    struct fz_verdict v = verify(f);

    for (size_t i = 0; i < v.n; i++)
        if (v.items[i].kind == kind && v.items[i].seq == seq && fz_str_is(v.items[i].table, table))
            return;
    fail_msg("no such problem among %zu; the first: %.*s", v.n, v.n ? (int)v.items[0].text.n : 0, v.n ? v.items[0].text.p : "");
}

static void test_verify__a_changed_byte(void **state)
{
    struct fixture *f = *state;
    fz_cell *row;
    char *bytes;

    some_life(f);
    row = row_of(f, &fz_table_entry, FZ_CELL_OF_INT(3));
    bytes = fz_str_z(&f->arena, row[FZ_ENTRY_BYTES].s);
    memcpy(strstr(bytes, "2026-02-24"), "2026-02-23", 10);
    row[FZ_ENTRY_BYTES].s.p = bytes;
    tamper(f, FZ_PUT, &fz_table_entry, row);
    assert_problem(f, FZ_P_NODE, 3, "entry");
}

static void test_verify__a_deleted_row(void **state)
{
    struct fixture *f = *state;

    some_life(f);
    tamper(f, FZ_REMOVE, &fz_table_entry, row_of(f, &fz_table_entry, FZ_CELL_OF_INT(2)));
    assert_problem(f, FZ_P_GAP, 3, "entry");
}

static void test_verify__a_cut_tail(void **state)
{
    struct fixture *f = *state;

    some_life(f);
    tamper(f, FZ_REMOVE, &fz_table_entry, row_of(f, &fz_table_entry, FZ_CELL_OF_INT(4)));
    assert_problem(f, FZ_P_GAP, 4, "act");
}

static void test_verify__two_rows_swapped(void **state)
{
    struct fixture *f = *state;
    fz_cell *a, *b, bytes;

    some_life(f);
    a = row_of(f, &fz_table_entry, FZ_CELL_OF_INT(3));
    b = row_of(f, &fz_table_entry, FZ_CELL_OF_INT(4));
    bytes = a[FZ_ENTRY_BYTES];
    a[FZ_ENTRY_BYTES] = b[FZ_ENTRY_BYTES];
    b[FZ_ENTRY_BYTES] = bytes;
    tamper(f, FZ_PUT, &fz_table_entry, a);
    tamper(f, FZ_PUT, &fz_table_entry, b);
    assert_problem(f, FZ_P_ENTRY, 3, "entry");
    assert_problem(f, FZ_P_NODE, 4, "entry");
}

static void test_verify__a_table_edited_behind_the_log(void **state)
{
    struct fixture *f = *state;
    fz_cell *row;

    some_life(f);
    row = row_of(f, &fz_table_record, FZ_CELL_OF(FZ_STR("reconsideration_case-1")));
    row[FZ_RECORD_STAGE] = FZ_CELL_OF(FZ_STR("closed"));
    tamper(f, FZ_PUT, &fz_table_record, row);
    assert_problem(f, FZ_P_ROW, 0, "record");
    tamper(f, FZ_REMOVE, &fz_table_record, row);
    assert_problem(f, FZ_P_MISSING, 0, "record");
}

static void test_verify__a_personal_value_exchanged(void **state)
{
    struct fixture *f = *state;
    fz_cell key[] = {FZ_CELL_OF(f->set.jurisdiction), FZ_CELL_OF_INT(1), FZ_CELL_OF(FZ_STR("applicants"))}, *row;
    bool found;

    some_life(f);
    assert_int_equal(fz_store_get(f->store, &fz_table_private, key, &f->arena, &row, &found, NULL), FZ_OK);
    assert_true(found);
    row[FZ_PRIVATE_VALUE] = FZ_CELL_OF(FZ_STR("[\"x\"]"));
    tamper(f, FZ_PUT, &fz_table_private, row);
    assert_problem(f, FZ_P_COMMITMENT, 1, "private");
}

/* ---- faults ---- */

/* The store fails at its n-th call, for every n: what was answered DONE is there afterwards, what was not is not, and the log is sound. */
static void test_engine__a_fault_at_every_call(void **state)
{
    static const fz_fault faults[] = {FZ_FAULT_IO, FZ_FAULT_FULL, FZ_FAULT_LOST, FZ_FAULT_UNSURE};
    struct fixture *f = *state;

    for (size_t kind = 0; kind < FZ_COUNT(faults); kind++) {
        for (uint64_t at = 1;; at++) {
            char path[] = "fz-engine-XXXXXX", file[64];
            struct fz_error err;
            uint64_t calls;
            int64_t done = 0;

            assert_non_null(mkdtemp(path));
            snprintf(file, sizeof(file), "%s/log.db", path);
            fz_engine_close(f->e);
            fz_store_close(f->store);
            f->e = NULL;
            assert_int_equal(fz_store_open_sqlite(&f->store, file, FZ_READ_WRITE, &err), FZ_OK);
            f->store = fz_store_new_fault(f->store, at, faults[kind]);
            f->set.store = f->store;
            if (fz_engine_open(&f->e, &f->set, &err) == FZ_OK) {
                const char *keys[] = {"k1", "k2", "k3"};

                for (size_t i = 0; i < FZ_COUNT(keys); i++) {
                    struct fz_order o = receive(keys[i]);
                    struct fz_answer a;

                    if (fz_engine_submit(f->e, &o, 1, 5, &f->arena, &a, &err) == FZ_OK && a.kind == FZ_A_DONE)
                        done = a.seq;
                    else
                        break;
                }
            }
            calls = fz_store_fault_calls(f->store);
            fz_engine_close(f->e);
            f->e = NULL;
            fz_store_close(f->store);
            assert_int_equal(fz_store_open_sqlite(&f->store, file, FZ_READ_WRITE, &err), FZ_OK);
            open_engine(f);
            assert_true((int64_t)fz_engine_size(f->e) >= done);
            if (faults[kind] != FZ_FAULT_UNSURE)
                assert_int_equal(fz_engine_size(f->e), done);
            assert_sound(f);
            for (size_t i = 0; i < 3; i++) /* the same keys again: nothing is doubled */
                submit(f, receive(i == 0 ? "k1" : i == 1 ? "k2" : "k3"));
            assert_int_equal(fz_engine_size(f->e), 3);
            snprintf(file, sizeof(file), "rm -rf %s", path);
            assert_int_equal(system(file), 0);
            if (calls < at)
                break;
        }
    }
}

/* The same orders with the same salts and clock give the same root on either driver. */
static void test_engine__both_drivers_give_the_same_root(void **state)
{
    struct fixture *f = *state;
    char path[] = "fz-engine-XXXXXX", file[64];
    fz_hash memory, sqlite;
    struct fz_error err;

    f->random = 7;
    some_life(f);
    memory = fz_engine_root(f->e);
    fz_engine_close(f->e);
    fz_store_close(f->store);
    assert_non_null(mkdtemp(path));
    snprintf(file, sizeof(file), "%s/log.db", path);
    assert_int_equal(fz_store_open_sqlite(&f->store, file, FZ_READ_WRITE, &err), FZ_OK);
    open_engine(f);
    f->random = 7;
    some_life(f);
    sqlite = fz_engine_root(f->e);
    assert_true(fz_hash_eq(&memory, &sqlite));
    assert_sound(f);
    snprintf(file, sizeof(file), "rm -rf %s", path);
    assert_int_equal(system(file), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(test_engine__lawful_steps_are_entered_and_numbered),
        T(test_engine__a_refusal_leaves_nothing),
        T(test_engine__a_key_is_done_once),
        T(test_engine__an_optimistic_writer_is_told),
        T(test_engine__a_batch_sees_its_own_steps),
        T(test_engine__what_happened_is_taken_and_judged),
        T(test_engine__the_law_acts_when_its_day_has_passed),
        T(test_engine__personal_values_are_committed_to),
        T(test_engine__opening_again_goes_on),
        T(test_engine__a_rebuild_gives_the_same_rows),
        T(test_engine__a_clock_that_applies_no_longer_leaves),
        T(test_correct__tables_are_as_if_it_had_been_right),
        T(test_correct__both_entries_stay_and_a_rebuild_gives_the_same),
        T(test_correct__what_the_law_now_has_against_it_is_told),
        T(test_correct__what_it_needs),
        T(test_verify__a_changed_byte),
        T(test_verify__a_deleted_row),
        T(test_verify__a_cut_tail),
        T(test_verify__two_rows_swapped),
        T(test_verify__a_table_edited_behind_the_log),
        T(test_verify__a_personal_value_exchanged),
        T(test_engine__a_fault_at_every_call),
        T(test_engine__both_drivers_give_the_same_root),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
