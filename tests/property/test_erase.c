/*
 * Random lives of cases under the shipped packs: acts that are lawful and acts that merely happened, for all parties and for one, services, waivers and
 * corrections. Then everything personal is erased or locked away, and every table has to be what it was, byte for byte; so after a rebuild, and so
 * for acts that come later, live and rebuilt. What is erased has to be gone from the store, what is locked from where values are read.
 *
 * The parties come from a small set of names, so that they meet again within a case. FZ_SEED takes up a seed that failed.
 */
#include "../support/support.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "../support/china.h"
#include "../support/packs.h"
#include "engine/erase.h"

#define LIVES 24
#define ACTS 14
#define ROUNDS 12

static const char *const shipped[] = {"reconsideration.yaml", "licence.yaml", "hotline.yaml", "penalty.yaml",
                                      "erasure.yaml"};
static const char *const names[] = {"\xE8\xB5\xB5\xE4\xB8\x80\xE7\x94\xB2", "\xE9\x92\xB1\xE4\xBA\x8C\xE4\xB9\x99",
                                    "\xE5\xAD\x99\xE4\xB8\x89\xE4\xB8\x99", "1", "#1"};

struct fixture {
    struct fz_arena arena, scratch;
    struct fz_calendar *cn;
    struct fz_crypto *crypto;
    const struct fz_pack *packs[FZ_COUNT(shipped)];
    struct fz_store *store;
    struct fz_engine *e;
    struct fz_setting set;
    uint64_t random, salt;
    fz_day today;
};

/* ---- chance ---- */

static uint64_t chance(struct fixture *f, uint64_t n)
{
    f->random = f->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (f->random >> 33) % n;
}

static fz_status calendar(void *arg, fz_str name, const struct fz_calendar **out, struct fz_error *err)
{
    (void)err;
    *out = fz_str_is(name, "none") ? NULL : ((struct fixture *)arg)->cn;
    return FZ_OK;
}

static void salts(void *arg, uint8_t *out, size_t n)
{
    struct fixture *f = arg;

    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)((f->salt = f->salt * UINT64_C(6364136223846793005) + 1) >> 56);
}

/* ---- orders ---- */

static fz_value some_value(struct fixture *f, const struct fz_field *field)
{
    char number[8];

    if (field->type == FZ_TYPE_CHOICE)
        return FZ_NUMBER((int64_t)chance(f, field->choices.n));
    if (field->type == FZ_TYPE_LENGTH)
        return (fz_value){.set = true, .n = 1 + (int64_t)chance(f, 40), .m = chance(f, 2) ? FZ_WORKING_DAYS : FZ_DAYS};
    if (field->type == FZ_TYPE_DAY)
        return FZ_NUMBER(f->today - 20 + (fz_day)chance(f, 60));
    if (!fz_type_is_text(field->type))
        return field->type == FZ_TYPE_FLAG ? FZ_NUMBER((int64_t)chance(f, 2)) : FZ_UNSET;
    if (field->personal)
        return (fz_value){.set = true, .text = fz_str_of(names[chance(f, FZ_COUNT(names))])};
    snprintf(number, sizeof(number), "p%u", (unsigned)chance(f, 90));
    return (fz_value){.set = true, .text = fz_str_copy(&f->scratch, fz_str_of(number))};
}

static fz_value some_set(struct fixture *f, const struct fz_field *field)
{
    fz_value v = {.set = true, .many = (uint32_t)chance(f, 4)}, *items = FZ_NEW_ARRAY(&f->scratch, fz_value, 4);

    for (uint32_t i = 0; i < v.many; i++)
        items[i] = some_value(f, field);
    v.items = items;
    for (uint32_t i = 0; i < v.many; i++)
        if (!items[i].set)
            return FZ_UNSET;
    return v;
}

static bool may_enter(const struct fz_action *a, int field)
{
    for (size_t i = 0; i < a->sets_n; i++)
        if (a->sets[i].field == field && !a->sets[i].value)
            return true;
    return a->starts != FZ_NONE;
}

static void some_values(struct fixture *f, const struct fz_record *r, const struct fz_action *a, struct fz_step *s)
{
    struct fz_given *given = FZ_NEW_ARRAY(&f->scratch, struct fz_given, r->fields_n);

    s->values = given;
    for (size_t i = 0; i < r->fields_n; i++) {
        const struct fz_field *field = &r->fields[i];
        fz_value v;

        if (field->is || !may_enter(a, (int)i) || (!field->personal && !field->required && chance(f, 2)))
            continue;
        v = field->many ? some_set(f, field) : some_value(f, field);
        if (v.set)
            given[s->values_n++] = (struct fz_given){(int)i, v};
    }
}

static struct fz_step some_step(struct fixture *f, const struct fz_record *r, bool first)
{
    struct fz_step s = FZ_STEP(FZ_NONE, f->today);
    const struct fz_action *a;

    do {
        s.action = (int)chance(f, r->actions_n);
        a = &r->actions[s.action];
    } while ((a->starts != FZ_NONE) != first);
    if (!first && r->documents_n && chance(f, 5) == 0) {
        s.kind = FZ_SERVE;
        s.action = FZ_NONE;
        s.document = (int)chance(f, r->documents_n);
    } else if (!first && a->waivable && chance(f, 3) == 0) {
        s.kind = FZ_WAIVE;
        s.reason = fz_str_of(names[chance(f, FZ_COUNT(names))]);
    } else {
        s.outcome = a->outcomes_n ? (int)chance(f, a->outcomes_n) : FZ_NONE;
        some_values(f, r, a, &s);
    }
    if (chance(f, 2))
        s.member = fz_str_of(names[chance(f, FZ_COUNT(names))]);
    s.person = fz_str_of(chance(f, 2) ? "officer-1" : "officer-2");
    return s;
}

static struct fz_answer submit(struct fixture *f, struct fz_order o)
{
    struct fz_answer a;
    struct fz_error err;

    if (fz_engine_submit(f->e, &o, 1, 1000, &f->scratch, &a, &err) != FZ_OK)
        fail_msg("%s", err.text);
    return a;
}

/* Now and then an act of the record is annulled. */
static void correct_something(struct fixture *f, fz_str record)
{
    struct fz_order o = FZ_ORDER((fz_str){0}, FZ_DAY_NONE);

    o.record = record;
    o.correction = FZ_ANNUL;
    o.corrects = 1 + (int64_t)chance(f, fz_engine_size(f->e));
    o.actor = FZ_STR("officer-1");
    o.approver = FZ_STR("head-1");
    o.reason = fz_str_of(names[0]);
    (void)submit(f, o);
}

static void one_act(struct fixture *f, const struct fz_record *r, fz_str record, bool first)
{
    struct fz_step s = some_step(f, r, first);
    struct fz_order o = {.record = record,
                         .type = r->name,
                         .organ = FZ_STR("A"),
                         .actor = s.person,
                         .step = &s,
                         .if_version = -1,
                         .observed = first || chance(f, 2)};

    (void)submit(f, o);
    f->today += (fz_day)chance(f, 3);
    if (!first && chance(f, 12) == 0)
        correct_something(f, record);
}

static fz_str record_id(struct fixture *f, size_t life)
{
    return fz_str_printf(&f->scratch, "life-%zu", life);
}

static const struct fz_record *record_of(struct fixture *f, size_t life)
{
    return &f->packs[life % (FZ_COUNT(shipped) - 1)]->records[0];
}

static void live(struct fixture *f, size_t acts)
{
    uint64_t n;

    for (size_t i = 0; i < acts; i++) {
        size_t life = chance(f, LIVES);

        one_act(f, record_of(f, life), record_id(f, life), false);
        if (chance(f, 10) == 0)
            assert_int_equal(fz_engine_tick(f->e, f->today, 1000, &n, NULL), FZ_OK);
    }
}

/* ---- tables as text ---- */

struct dump {
    struct fz_buf out;
    const struct fz_table *t;
};

static fz_status add_row(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct dump *d = arg;
    size_t from = d->out.n;

    (void)err;
    fz_buf_addz(&d->out, d->t->name);
    for (size_t i = 0; i < d->t->columns_n; i++) {
        fz_buf_addc(&d->out, '|');
        if (cells[i].kind == FZ_CELL_INT)
            fz_buf_printf(&d->out, "%lld", (long long)cells[i].n);
        else
            fz_buf_add(&d->out, cells[i].kind == FZ_CELL_NULL ? FZ_STR("-") : cells[i].s);
    }
    fz_buf_addc(&d->out, '\n');
    if (memmem(d->out.p + from, d->out.n - from, "erasure", 7)) /* of the erasures themselves */
        d->out.n = from;
    return FZ_OK;
}

static void dump_table(struct fixture *f, const struct fz_table *t, struct dump *d)
{
    fz_cell prefix[] = {FZ_CELL_OF(f->set.jurisdiction)};

    d->t = t;
    assert_int_equal(fz_store_scan(f->store,
                                   &(struct fz_scan){.table = t, .index = -1, .prefix = prefix, .prefix_n = 1}, add_row,
                                   d, NULL),
                     FZ_OK);
}

static struct fz_buf dump(struct fixture *f)
{
    struct dump d = {.t = NULL};

    for (size_t i = 0; i < fz_projections_n; i++)
        dump_table(f, fz_projections[i], &d);
    for (size_t p = 0; p < FZ_COUNT(shipped); p++)
        for (size_t r = 0; r < f->packs[p]->records_n; r++) {
            const struct fz_table *typed = fz_typed_table(&f->arena, f->packs[p], &f->packs[p]->records[r]);

            assert_int_equal(fz_store_declare(f->store, &typed, 1, NULL), FZ_OK);
            dump_table(f, typed, &d);
        }
    return d.out;
}

static void assert_same(struct fz_buf *a, struct fz_buf *b, const char *what)
{
    size_t i = 0, line = 0;

    while (i < a->n && i < b->n && a->p[i] == b->p[i]) {
        i++;
        line = a->p[i - 1] == '\n' ? i : line;
    }
    if (i < a->n || i < b->n)
        fail_msg("%s: other rows from\n%.300s\n--- on, in place of\n%.300s", what, b->p + line, a->p + line);
    fz_buf_release(b);
}

static void assert_sound(struct fixture *f)
{
    struct fz_verdict v;
    struct fz_error err;

    if (fz_engine_verify(f->e, &f->scratch, &v, &err) != FZ_OK)
        fail_msg("%s", err.text);
    if (v.n)
        fail_msg("%.*s %lld: %.*s", FZ_STR_ARG(v.items[0].table), (long long)v.items[0].seq,
                 FZ_STR_ARG(v.items[0].text));
}

/* ---- erasing ---- */

static void order_erasure(struct fixture *f, fz_str id, const char *action, const char *actor,
                          const struct fz_named_value *values, size_t n)
{
    struct fz_order o = FZ_ORDER(fz_str_of(action), f->today);
    struct fz_answer a;

    o.type = FZ_STR(FZ_ERASE_TYPE);
    o.record = id;
    o.actor = fz_str_of(actor);
    o.organ = FZ_STR("A");
    o.values = values;
    o.values_n = n;
    a = submit(f, o);
    if (a.kind != FZ_A_DONE)
        fail_msg("%s is answered by %d: %.*s", action, a.kind, FZ_STR_ARG(a.text));
}

/* All of a record, or each value with a chance of one half: what is erased and what is not then meet. */
static void erase(struct fixture *f, fz_str record, bool locks, bool all)
{
    struct fz_erase_plan plan;
    struct fz_named_value *values;
    fz_str id = fz_str_printf(&f->scratch, "erasure-of-%.*s-%llu", FZ_STR_ARG(record),
                              (unsigned long long)fz_engine_size(f->e));
    size_t n = 0;

    assert_int_equal(fz_erase_plan(f->e, record, f->today, &f->scratch, &plan, NULL), FZ_OK);
    values = FZ_NEW_ARRAY(&f->scratch, struct fz_named_value, plan.n + 2);
    for (size_t i = 0; i < plan.n; i++)
        if (plan.items[i].state == FZ_THERE && (all || chance(f, 2)))
            values[n++] =
                (struct fz_named_value){FZ_STR(FZ_ERASE_ITEMS), fz_erase_item_text(&f->scratch, &plan.items[i])};
    if (n == 0)
        return;
    values[n++] = (struct fz_named_value){FZ_STR(FZ_ERASE_TARGET), record};
    values[n++] = (struct fz_named_value){FZ_STR("ground"), FZ_STR("47(1)3")};
    order_erasure(f, id, FZ_ERASE_PROPOSE, "officer-1", values, n);
    order_erasure(f, id, locks ? FZ_ERASE_LOCK : FZ_ERASE_ERASE, "head-1", NULL, 0);
}

static fz_status count_values(void *arg, const fz_cell *cells, struct fz_error *err)
{
    (void)err;
    *(size_t *)arg += cells[FZ_PRIVATE_VALUE].kind == FZ_CELL_BYTES || cells[FZ_PRIVATE_SALT].kind == FZ_CELL_BYTES;
    return FZ_OK;
}

static size_t values_in(struct fixture *f, const struct fz_table *t)
{
    fz_cell prefix[] = {FZ_CELL_OF(f->set.jurisdiction)};
    size_t n = 0;

    assert_int_equal(fz_store_scan(f->store,
                                   &(struct fz_scan){.table = t, .index = -1, .prefix = prefix, .prefix_n = 1},
                                   count_values, &n, NULL),
                     FZ_OK);
    return n;
}

/* ---- a round ---- */

static void open_engine(struct fixture *f)
{
    struct fz_error err;

    if (fz_engine_open(&f->e, &f->set, &err) != FZ_OK)
        fail_msg("%s", err.text);
}

static void keep_nothing(const struct fz_pack *p)
{
    for (size_t r = 0; r < p->records_n; r++)
        for (size_t i = 0; i < p->records[r].fields_n; i++)
            ((struct fz_field *)(uintptr_t)&p->records[r].fields[i])->keep = FZ_STR("none");
}

static void setup(struct fixture *f, uint64_t seed, bool keeps)
{
    *f = (struct fixture){.random = seed, .today = day("2026-02-02")};
    fz_arena_init(&f->arena);
    fz_arena_init(&f->scratch);
    f->cn = china_calendar();
    assert_int_equal(fz_crypto_new(&f->crypto, NULL), FZ_OK);
    for (size_t i = 0; i < FZ_COUNT(shipped); i++) {
        f->packs[i] = load_shipped_pack(&f->arena, shipped[i]);
        if (!keeps)
            keep_nothing(f->packs[i]);
    }
    f->store = fz_store_new_memory();
    f->set = (struct fz_setting){.store = f->store,
                                 .hasher = {f->crypto, FZ_SM3},
                                 .jurisdiction = FZ_STR("330106"),
                                 .packs = f->packs,
                                 .packs_n = FZ_COUNT(shipped),
                                 .calendar = calendar,
                                 .calendar_arg = f,
                                 .random = {salts, f},
                                 .lang = FZ_EN,
                                 .tables = &f->arena};
    open_engine(f);
}

static void teardown(struct fixture *f)
{
    fz_engine_close(f->e);
    fz_store_close(f->store);
    fz_crypto_free(f->crypto);
    fz_calendar_free(f->cn);
    fz_arena_release(&f->scratch);
    fz_arena_release(&f->arena);
}

static void assert_rebuilt_same(struct fixture *f, struct fz_buf *want, const char *what)
{
    struct fz_buf got;
    uint64_t n;
    struct fz_error err;

    if (fz_engine_rebuild(f->e, &n, &err) != FZ_OK)
        fail_msg("%s", err.text);
    got = dump(f);
    assert_same(want, &got, what);
}

static void one_round(uint64_t seed, bool locks, bool all)
{
    struct fixture f;
    struct fz_buf before, after;

    setup(&f, seed, locks);
    for (size_t life = 0; life < LIVES; life++)
        one_act(&f, record_of(&f, life), record_id(&f, life), true);
    live(&f, LIVES * ACTS);
    before = dump(&f);
    assert_true(values_in(&f, &fz_table_private) > LIVES);
    for (size_t life = 0; life < LIVES; life++)
        erase(&f, record_id(&f, life), locks, all);
    after = dump(&f);
    assert_same(&before, &after, "after erasing");
    assert_sound(&f);
    assert_rebuilt_same(&f, &before, "after erasing and rebuilding");
    assert_sound(&f);
    assert_true(!all || values_in(&f, &fz_table_private) == 0);
    assert_true((values_in(&f, &fz_table_locked) > 0) == locks);
    live(&f, LIVES * 4); /* cases go on */
    fz_buf_release(&before);
    before = dump(&f);
    assert_rebuilt_same(&f, &before, "of acts after erasing, rebuilt");
    assert_sound(&f);
    fz_buf_release(&before);
    teardown(&f);
}

static uint64_t first_seed(void)
{
    const char *given = getenv("FZ_SEED");

    return given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
}

static void rounds(bool locks, bool all)
{
    uint64_t seed = first_seed();

    for (uint64_t i = 0; i < ROUNDS; i++) {
        print_message("# FZ_SEED=%llu\n", (unsigned long long)(seed + i));
        one_round(seed + i, locks, all);
    }
}

static void test_erase__everything_erased_changes_no_row(void **state)
{
    (void)state;
    rounds(false, true);
}

static void test_erase__some_of_it_erased_changes_no_row(void **state)
{
    (void)state;
    rounds(false, false);
}

static void test_erase__everything_locked_changes_no_row(void **state)
{
    (void)state;
    rounds(true, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_erase__everything_erased_changes_no_row),
                                       cmocka_unit_test(test_erase__some_of_it_erased_changes_no_row),
                                       cmocka_unit_test(test_erase__everything_locked_changes_no_row)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
