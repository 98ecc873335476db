/*
 * Tables: what is found wrong with them against a look at every value, of random tables over small numbers; and that nothing else of a table
 * than its cells matters.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../support/support.h"

#include "law/table.h"

enum { TABLES = 20000, ROWS = 6, INPUTS = 3, LOW = -3, HIGH = 12 };

static const fz_str names[] = {{"a", 1}, {"b", 1}, {"c", 1}};
static const struct fz_choices choices = {names, 3, NULL};
static uint64_t state;

static uint32_t pick(uint32_t n)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(state >> 33) % n;
}

static fz_value number(void)
{
    return FZ_NUMBER((int64_t)pick(7));
}

static void random_cell(struct fz_arena *arena, const struct fz_table_input *in, struct fz_cell *c)
{
    uint32_t kinds = in->type == FZ_TYPE_CHOICE ? 3 : in->type == FZ_TYPE_FLAG ? 2 : 7;
    fz_value *items = FZ_NEW_ARRAY(arena, fz_value, 3);

    *c = (struct fz_cell){0};
    if (pick(3) == 0)
        return;
    if (in->type != FZ_TYPE_INT || pick(3) == 0) {
        c->items = items;
        c->items_n = 1 + pick(2);
        for (size_t i = 0; i < c->items_n; i++)
            items[i] = FZ_NUMBER((int64_t)pick(kinds));
        return;
    }
    if (pick(3))
        c->low = number();
    if (pick(3))
        c->high = number();
    if (c->low.set && c->high.set && c->high.n <= c->low.n)
        c->high = FZ_NUMBER(c->low.n + 1 + (int64_t)pick(3));
}

static struct fz_pack_table random_table(struct fz_arena *arena)
{
    static const fz_type types[] = {FZ_TYPE_CHOICE, FZ_TYPE_FLAG, FZ_TYPE_INT, FZ_TYPE_INT};
    struct fz_table_input *in = FZ_NEW_ARRAY(arena, struct fz_table_input, INPUTS);
    struct fz_cell *cells = FZ_NEW_ARRAY(arena, struct fz_cell, INPUTS * ROWS);
    struct fz_pack_table t = {.inputs = in, .inputs_n = 1 + pick(INPUTS), .cells = cells, .rows_n = 1 + pick(ROWS), .ends = pick(3)};

    for (size_t i = 0; i < t.inputs_n; i++)
        in[i] = (struct fz_table_input){.type = types[pick(FZ_COUNT(types))], .choices = &choices};
    for (size_t r = 0; r < t.rows_n; r++)
        for (size_t i = 0; i < t.inputs_n; i++)
            random_cell(arena, &in[i], &cells[r * t.inputs_n + i]);
    return t;
}

/* As a reader of the table would say it. */
static bool is_for(const struct fz_pack_table *t, const struct fz_cell *c, int64_t v)
{
    bool ok = true;

    for (size_t i = 0; i < c->items_n; i++)
        if (c->items[i].n == v)
            return true;
    if (c->items_n)
        return false;
    if (c->low.set)
        ok &= v > c->low.n || (v == c->low.n && t->ends != FZ_ENDS_UPPER);
    if (c->high.set)
        ok &= v < c->high.n || (v == c->high.n && t->ends != FZ_ENDS_LOWER);
    return ok;
}

static size_t rows_for(const struct fz_pack_table *t, const int64_t *v)
{
    size_t n = 0;

    for (size_t r = 0; r < t->rows_n; r++) {
        bool ok = true;

        for (size_t i = 0; i < t->inputs_n; i++)
            ok &= is_for(t, &t->cells[r * t->inputs_n + i], v[i]);
        n += ok;
    }
    return n;
}

/* Every value: the fewest and the most rows that any has. */
static void look_at_all(const struct fz_pack_table *t, size_t input, int64_t *v, size_t *least, size_t *most)
{
    int64_t low = LOW, high = HIGH;
    size_t n;

    if (input == t->inputs_n) {
        n = rows_for(t, v);
        *least = n < *least ? n : *least;
        *most = n > *most ? n : *most;
        return;
    }
    if (t->inputs[input].type != FZ_TYPE_INT) {
        low = 0;
        high = t->inputs[input].type == FZ_TYPE_FLAG ? 1 : 2;
    }
    for (v[input] = low; v[input] <= high; v[input]++)
        look_at_all(t, input + 1, v, least, most);
}

static void test_table__flaws_are_those_that_a_look_at_every_value_finds(void **unused)
{
    size_t whole = 0, gaps = 0, overlaps = 0;

    (void)unused;
    state = getenv("FZ_SEED") ? strtoull(getenv("FZ_SEED"), NULL, 10) : 20240301;
    printf("# FZ_SEED=%llu\n", (unsigned long long)state);
    for (int n = 0; n < TABLES; n++) {
        struct fz_arena arena;
        struct fz_pack_table t;
        struct fz_table_flaw flaw;
        size_t least = SIZE_MAX, most = 0, at;
        int64_t v[INPUTS];
        fz_table_verdict verdict;

        fz_arena_init(&arena);
        t = random_table(&arena);
        look_at_all(&t, 0, v, &least, &most);
        verdict = fz_table_check(&t, &arena, &flaw);
        assert_int_equal(verdict, least == 1 && most == 1 ? FZ_TABLE_WHOLE : FZ_TABLE_FLAWED);
        whole += verdict == FZ_TABLE_WHOLE;
        if (verdict == FZ_TABLE_FLAWED) { /* what is shown is one */
            for (size_t i = 0; i < t.inputs_n; i++)
                v[i] = flaw.inputs[i].n;
            at = rows_for(&t, v);
            assert_true(flaw.row == FZ_NONE ? at == 0 : at > 1 && flaw.row < flaw.other && least > 0);
            gaps += flaw.row == FZ_NONE;
            overlaps += flaw.row != FZ_NONE;
        }
        fz_arena_release(&arena);
    }
    assert_true(whole > 20 && gaps > 1000 && overlaps > 50);
}

static void test_table__an_unset_value_is_in_no_cell_but_the_open_one(void **unused)
{
    const struct fz_table_input in = {.type = FZ_TYPE_INT};
    const struct fz_pack_table t = {.inputs = &in, .inputs_n = 1};
    const fz_value zero = FZ_NUMBER(0);

    (void)unused;
    assert_true(fz_cell_has(&t, 0, &(struct fz_cell){0}, FZ_UNSET));
    assert_false(fz_cell_has(&t, 0, &(struct fz_cell){.items = &zero, .items_n = 1}, FZ_UNSET));
    assert_false(fz_cell_has(&t, 0, &(struct fz_cell){.low = zero}, FZ_UNSET));
    assert_false(fz_cell_has(&t, 0, &(struct fz_cell){.high = zero}, FZ_UNSET));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table__flaws_are_those_that_a_look_at_every_value_finds),
        cmocka_unit_test(test_table__an_unset_value_is_in_no_cell_but_the_open_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
