/*
 * A question to a table becomes a term whose arguments are the inputs and then, of each row, its condition and its value: evaluator, SQL, proof
 * and whoever else walks terms need to know no more than "the first row that holds". As one row and one only is for any values, a row that
 * holds while an input is unset is the right one whatever it will be.
 *
 * Slices become a line a row: a number x in row k is worth what the rows below are worth in full and its part in row k, which is a * x + b with a
 * and b of the row. Shares are brought to one denominator, so that there is one rounding at the end.
 */
#include "law/table.h"

/* ---- which values a row is for ---- */

static bool is_choice(const struct fz_pack_table *t, size_t input)
{
    return t->inputs[input].type == FZ_TYPE_CHOICE || t->inputs[input].type == FZ_TYPE_FLAG;
}

bool fz_cell_has(const struct fz_pack_table *t, size_t input, const struct fz_cell *c, fz_value v)
{
    bool open_low = t->ends == FZ_ENDS_UPPER, open_high = t->ends == FZ_ENDS_LOWER;

    if (!v.set)
        return !c->items_n && !c->low.set && !c->high.set;
    for (size_t i = 0; i < c->items_n; i++)
        if (fz_value_equal(t->inputs[input].type, c->items[i], v))
            return true;
    if (c->items_n || (c->low.set && (open_low ? v.n <= c->low.n : v.n < c->low.n)))
        return false;
    return !c->high.set || (open_high ? v.n < c->high.n : v.n <= c->high.n);
}

static const struct fz_cell *cell_at(const struct fz_pack_table *t, size_t row, size_t input)
{
    return &t->cells[row * t->inputs_n + input];
}

static bool row_is_for(const struct fz_pack_table *t, size_t row, const fz_value *inputs)
{
    for (size_t i = 0; i < t->inputs_n; i++)
        if (!fz_cell_has(t, i, cell_at(t, row, i), inputs[i]))
            return false;
    return true;
}

/* ---- complete and without overlap ---- */

/* Values of one input that stand for all others. */
struct stand_ins {
    int64_t *items;
    size_t n;
};

static void stand_in(struct stand_ins *s, int64_t v)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->items[i] == v)
            return;
    s->items[s->n++] = v;
}

/* The value itself and its neighbours: what lies further is like one of them. */
static void stand_in_around(struct stand_ins *s, fz_value v)
{
    if (!v.set)
        return;
    stand_in(s, v.n);
    if (v.n > INT64_MIN)
        stand_in(s, v.n - 1);
    if (v.n < INT64_MAX)
        stand_in(s, v.n + 1);
}

static struct stand_ins stand_ins_of(const struct fz_pack_table *t, size_t input, struct fz_arena *arena)
{
    size_t choices = t->inputs[input].type == FZ_TYPE_FLAG ? 2 : is_choice(t, input) ? t->inputs[input].choices->n : 0, cap = choices + 1;
    struct stand_ins s;

    for (size_t r = 0; r < t->rows_n; r++)
        cap += 3 * (cell_at(t, r, input)->items_n + 2);
    s = (struct stand_ins){FZ_NEW_ARRAY(arena, int64_t, cap), 0};
    for (size_t i = 0; i < choices; i++)
        s.items[s.n++] = (int64_t)i;
    for (size_t r = 0; r < t->rows_n && !is_choice(t, input); r++) {
        const struct fz_cell *c = cell_at(t, r, input);

        for (size_t i = 0; i < c->items_n; i++)
            stand_in_around(&s, c->items[i]);
        stand_in_around(&s, c->low);
        stand_in_around(&s, c->high);
    }
    if (s.n == 0)
        stand_in(&s, 0);
    return s;
}

/* The next combination, the last input turning fastest; false after the last one. */
static bool turn(const struct stand_ins *s, size_t *at, fz_value *inputs, size_t n)
{
    for (size_t i = n; i > 0; i--) {
        bool over = ++at[i - 1] == s[i - 1].n;

        if (over)
            at[i - 1] = 0;
        inputs[i - 1] = FZ_NUMBER(s[i - 1].items[at[i - 1]]);
        if (!over)
            return true;
    }
    return false;
}

static fz_table_verdict flaw(const struct fz_pack_table *t, struct fz_arena *arena, const fz_value *inputs, int row, int other, struct fz_table_flaw *out)
{
    fz_value *copy = FZ_NEW_ARRAY(arena, fz_value, t->inputs_n);

    memcpy(copy, inputs, t->inputs_n * sizeof(*copy));
    *out = (struct fz_table_flaw){copy, row, other};
    return FZ_TABLE_FLAWED;
}

fz_table_verdict fz_table_check(const struct fz_pack_table *t, struct fz_arena *arena, struct fz_table_flaw *out)
{
    struct stand_ins *s = FZ_NEW_ARRAY(arena, struct stand_ins, t->inputs_n);
    size_t *at = FZ_NEW_ARRAY(arena, size_t, t->inputs_n);
    fz_value *inputs = FZ_NEW_ARRAY(arena, fz_value, t->inputs_n);
    fz_table_verdict verdict = FZ_TABLE_WHOLE;
    uint64_t checks = t->rows_n;

    for (size_t i = 0; i < t->inputs_n; i++) {
        s[i] = stand_ins_of(t, i, arena);
        checks *= s[i].n;
        if (checks > FZ_TABLE_CHECKS_MAX)
            return FZ_TABLE_TOO_FINE;
        if (s[i].n == 0) /* a choice without names: said where it is declared */
            return FZ_TABLE_WHOLE;
        inputs[i] = FZ_NUMBER(s[i].items[0]);
    }
    do {
        int first = FZ_NONE;

        for (size_t r = 0; r < t->rows_n; r++) {
            if (!row_is_for(t, r, inputs))
                continue;
            if (first != FZ_NONE && verdict == FZ_TABLE_WHOLE)
                verdict = flaw(t, arena, inputs, first, (int)r, out);
            first = (int)r;
        }
        if (first == FZ_NONE)
            return flaw(t, arena, inputs, FZ_NONE, FZ_NONE, out);
    } while (turn(s, at, inputs, t->inputs_n));
    return verdict;
}

/* ---- slices ---- */

/* In row k a number x is worth (a * x + b) / denominator. */
struct line {
    int64_t a, b;
};

static int64_t gcd(int64_t a, int64_t b)
{
    while (b) {
        int64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

static fz_value value_at(const struct fz_pack_table *t, size_t row, int column)
{
    return t->values[row * t->columns_n + (size_t)column];
}

/* 0 when it leaves 63 bits. */
static int64_t denominator(const struct fz_pack_table *t, int column)
{
    int64_t d = 1;

    if (t->columns[column].type != FZ_TYPE_SHARE)
        return 1;
    for (size_t r = 0; r < t->rows_n; r++) {
        int64_t m = value_at(t, r, column).m;

        if (__builtin_mul_overflow(d / gcd(d, m), m, &d))
            return 0;
    }
    return d;
}

static bool line_of(const struct fz_pack_table *t, size_t row, int column, int64_t d, struct line *out)
{
    bool share = t->columns[column].type == FZ_TYPE_SHARE, lost = false;
    int64_t below = 0, from = 0, a = 0, part;

    for (size_t r = 0; r <= row; r++) {
        fz_value v = value_at(t, r, column);
        const struct fz_cell *c = cell_at(t, r, 0);

        from = c->low.set ? c->low.n : 0;
        lost |= __builtin_mul_overflow(v.n, share ? d / v.m : 1, &a);
        if (r == row)
            break;
        lost |= __builtin_sub_overflow(c->high.n, from, &part) || __builtin_mul_overflow(part, a, &part) || __builtin_add_overflow(below, part, &below);
    }
    lost |= __builtin_mul_overflow(a, from, &part) || __builtin_sub_overflow(below, part, &below);
    *out = (struct line){a, below};
    return !lost;
}

bool fz_table_fits(const struct fz_pack_table *t)
{
    struct line l;

    for (size_t c = 0; t->slices && c < t->columns_n; c++) {
        int64_t d = denominator(t, (int)c);

        for (size_t r = 0; r < t->rows_n; r++)
            if (d == 0 || !line_of(t, r, (int)c, d, &l))
                return false;
    }
    return true;
}

fz_type fz_table_type(const struct fz_pack_table *t, int column)
{
    fz_type type = t->columns[column].type;

    return t->slices && type == FZ_TYPE_SHARE ? t->inputs[0].type : type;
}

/* ---- terms ---- */

struct maker {
    struct fz_arena *arena;
    const struct fz_pack_table *t;
    const struct fz_expr *from;
};

typedef const struct fz_term *term;

static struct fz_term *node(struct maker *m, fz_term_kind kind, fz_type type, const term *args, size_t n)
{
    struct fz_term *t = FZ_NEW(m->arena, struct fz_term);
    term *copy = FZ_NEW_ARRAY(m->arena, term, n);

    if (n)
        memcpy(copy, args, n * sizeof(*args));
    *t = (struct fz_term){.kind = kind, .type = type, .id = FZ_NONE, .args = copy, .args_n = n, .from = m->from};
    return t;
}

static term constant(struct maker *m, fz_type type, const struct fz_choices *choices, fz_value v)
{
    struct fz_term *t = node(m, FZ_T_CONST, type, NULL, 0);

    t->value = v;
    t->choices = choices;
    return t;
}

/* As it would be written: a proof that supposes it says it. */
static const struct fz_expr *written(struct maker *m, fz_term_kind kind, term input, fz_value v)
{
    static const fz_expr_op ops[FZ_T_KINDS] = {[FZ_T_EQ] = FZ_EX_EQ, [FZ_T_LE] = FZ_EX_LE, [FZ_T_GT] = FZ_EX_GT};
    struct fz_expr *number = FZ_NEW(m->arena, struct fz_expr), *test = FZ_NEW(m->arena, struct fz_expr);
    const struct fz_expr **args = FZ_NEW_ARRAY(m->arena, const struct fz_expr *, 2);

    *number = (struct fz_expr){.kind = input->type == FZ_TYPE_MONEY ? FZ_EX_MONEY : FZ_EX_INT, .number = v.n, .span = m->from->span};
    if (input->type == FZ_TYPE_MONEY)
        number->currency = (fz_currency)v.m;
    args[0] = input->from;
    args[1] = number;
    *test = (struct fz_expr){.kind = FZ_EX_COMPARE, .op = ops[kind], .args = args, .args_n = 2, .span = m->from->span};
    return test;
}

static term against(struct maker *m, fz_term_kind kind, term input, fz_value v)
{
    term args[2] = {input, constant(m, input->type, input->choices, v)};
    struct fz_term *t = node(m, kind, FZ_TYPE_FLAG, args, 2);

    if (input->type != FZ_TYPE_CHOICE)
        t->from = written(m, kind, input, v);
    return t;
}

/* The greatest number that is below the range, or within it: of two rows that meet one asks `more than n` and one `at most n`, which the proof
 * knows for one question. Ends at the edge of 63 bits were refused. */
static fz_value below(const struct fz_pack_table *t, fz_value low)
{
    low.n -= t->ends != FZ_ENDS_UPPER;
    return low;
}

static fz_value last_of(const struct fz_pack_table *t, fz_value high)
{
    high.n -= t->ends == FZ_ENDS_LOWER;
    return high;
}

/* `args` has room for two. */
static size_t range_tests(struct maker *m, const struct fz_cell *c, term input, term *args)
{
    size_t n = 0;

    if (c->low.set)
        args[n++] = against(m, FZ_T_GT, input, below(m->t, c->low));
    if (c->high.set)
        args[n++] = against(m, FZ_T_LE, input, last_of(m->t, c->high));
    return n;
}

static term item_test(struct maker *m, const struct fz_cell *c, term input)
{
    struct fz_term *t;
    term *args;

    if (input->type == FZ_TYPE_FLAG && c->items_n == 1)
        return c->items[0].n ? input : node(m, FZ_T_NOT, FZ_TYPE_FLAG, &input, 1);
    if (c->items_n == 1)
        return against(m, FZ_T_EQ, input, c->items[0]);
    args = FZ_NEW_ARRAY(m->arena, term, c->items_n + 1);
    args[0] = input;
    for (size_t i = 0; i < c->items_n; i++)
        args[i + 1] = constant(m, input->type, input->choices, c->items[i]);
    t = node(m, FZ_T_IN, FZ_TYPE_FLAG, args, c->items_n + 1);
    return t;
}

static term condition(struct maker *m, size_t row, const term *inputs)
{
    term *args = FZ_NEW_ARRAY(m->arena, term, 2 * m->t->inputs_n + 1);
    size_t n = 0;

    for (size_t i = 0; i < m->t->inputs_n; i++) {
        const struct fz_cell *c = cell_at(m->t, row, i);

        if (c->items_n)
            args[n++] = item_test(m, c, inputs[i]);
        else
            n += range_tests(m, c, inputs[i], args + n);
    }
    if (n == 0)
        return constant(m, FZ_TYPE_FLAG, NULL, FZ_NUMBER(1));
    return n == 1 ? args[0] : node(m, FZ_T_AND, FZ_TYPE_FLAG, args, n);
}

/* a * x + b, over the denominator. */
static term slice_value(struct maker *m, size_t row, int column, term x)
{
    int64_t d = denominator(m->t, column);
    fz_type type = fz_table_type(m->t, column);
    struct line l;
    struct fz_term *sum;
    term args[2];

    fz_assert(line_of(m->t, row, column, d, &l));
    args[0] = x;
    args[1] = constant(m, m->t->columns[column].type == FZ_TYPE_SHARE ? FZ_TYPE_INT : type, NULL, FZ_NUMBER(l.a));
    args[0] = node(m, FZ_T_MUL, type, args, 2);
    args[1] = constant(m, type, NULL, FZ_NUMBER(l.b));
    sum = node(m, FZ_T_ADD, type, args, 2);
    if (d == 1)
        return sum;
    args[0] = sum;
    args[1] = constant(m, FZ_TYPE_INT, NULL, FZ_NUMBER(d));
    sum = node(m, FZ_T_DIV, type, args, 2);
    sum->id = m->t->round;
    return sum;
}

static term row_value(struct maker *m, size_t row, int column, const term *inputs)
{
    const struct fz_table_column *c = &m->t->columns[column];

    if (m->t->slices)
        return slice_value(m, row, column, inputs[0]);
    return constant(m, c->type, c->type == FZ_TYPE_CHOICE ? &c->choices : NULL, value_at(m->t, row, column));
}

const struct fz_term *fz_table_term(struct fz_arena *arena, const struct fz_pack_table *t, int id, int column, const struct fz_term *const *inputs,
                                    const struct fz_expr *from)
{
    struct maker m = {arena, t, from};
    term *args = FZ_NEW_ARRAY(arena, term, t->inputs_n + 2 * t->rows_n + 2);
    fz_type type = fz_table_type(t, column);
    struct fz_term *out;
    size_t n = 0;

    for (size_t i = 0; i < t->inputs_n; i++)
        args[n++] = inputs[i];
    if (t->slices) { /* nothing has no price, and less than nothing neither */
        args[n++] = against(&m, FZ_T_LE, inputs[0], FZ_NUMBER(0));
        args[n++] = constant(&m, type, NULL, FZ_NUMBER(0));
    }
    for (size_t r = 0; r < t->rows_n; r++) {
        args[n++] = condition(&m, r, inputs);
        args[n++] = row_value(&m, r, column, inputs);
    }
    out = node(&m, FZ_T_TABLE, type, args, n);
    out->id = id;
    out->column = column;
    out->choices = type == FZ_TYPE_CHOICE ? &t->columns[column].choices : NULL;
    return out;
}
