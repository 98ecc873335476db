/*
 * Every term is written as one expression in parentheses. Where a part is needed twice (a sum that must not overflow, a list) it becomes a column of
 * a subquery: x3.a below. Written out twice in every operation, the text would grow exponentially; and LIMIT 1 on both keeps SQLite from
 * doing just that inside, by flattening them.
 *
 * Aliases: r is the record's row, o its public fields, a0, a1, ... what its acts tell (they have no index by record, so each question goes over them
 * once, not once a record), x1, x2, ... subqueries, numbered as they come.
 */
#include "report/sql.h"

#include "engine/tables.h"

#define MIN_INT "(-9223372036854775807 - 1)"
#define MAX_INT "9223372036854775807"

#define STACK_MAX 66
#define JOINS_MAX 32 /* SQLite joins 64 tables */

struct writer {
    const struct fz_sql *q;
    struct fz_buf *out;
    struct fz_sql_no *no;
    unsigned subqueries;
    unsigned depth; /* of derived fields within each other */
    unsigned stack; /* taken of the parser's */
    struct join {
        enum asked { HOW_OFTEN, WHETHER_DONE, FIRST_DAY, LAST_DAY, LAST_OUTCOME } what;
        int action;
    } joins[JOINS_MAX];
    unsigned joins_n;
};

static bool cannot(struct writer *w, const struct fz_term *t, const char *en, const char *zh)
{
    *w->no = (struct fz_sql_no){t, en, zh};
    return false;
}

static void put(struct writer *w, const char *sql)
{
    fz_buf_addz(w->out, sql);
}

#define PUT(w, ...) fz_buf_printf((w)->out, __VA_ARGS__)

static void text(struct writer *w, fz_str s)
{
    fz_buf_addc(w->out, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\'')
            fz_buf_addc(w->out, '\'');
        fz_buf_addc(w->out, s.p[i]);
    }
    fz_buf_addc(w->out, '\'');
}

/* As BIGINT from the start: PostgreSQL takes a short number for one of 32 bits, and its sums then leave them. */
static void number(struct writer *w, int64_t n)
{
    if (n == INT64_MIN)
        put(w, MIN_INT);
    else
        PUT(w, "CAST(%lld AS BIGINT)", (long long)n);
}

static bool emit(struct writer *w, const struct fz_term *t);

/* ---- subqueries ---- */

/* "(SELECT ", to be followed by what is made of x.a and x.b, whose number it returns. */
static unsigned open_subquery(struct writer *w)
{
    put(w, "(SELECT ");
    return ++w->subqueries;
}

/* " FROM (SELECT a AS a, b AS b LIMIT 1) AS x LIMIT 1)"; b may be NULL. */
static bool close_subquery(struct writer *w, unsigned x, const struct fz_term *a, const struct fz_term *b)
{
    put(w, " FROM (SELECT ");
    if (!emit(w, a))
        return false;
    put(w, " AS a");
    if (b) {
        put(w, ", ");
        if (!emit(w, b))
            return false;
        put(w, " AS b");
    }
    PUT(w, " LIMIT 1) AS x%u LIMIT 1)", x);
    return true;
}

/* ---- values ---- */

static bool is_number(fz_type t)
{
    return t == FZ_TYPE_INT || t == FZ_TYPE_MONEY || t == FZ_TYPE_POINTS || t == FZ_TYPE_DAY || t == FZ_TYPE_MONTH || t == FZ_TYPE_YEAR ||
           t == FZ_TYPE_INSTANT;
}

static const char *type_in_sql(fz_type t)
{
    return t == FZ_TYPE_FLAG ? "BOOLEAN" : is_number(t) ? "BIGINT" : "TEXT";
}

static bool emit_value(struct writer *w, const struct fz_term *t, fz_value v)
{
    const struct fz_record *r = w->q->record;
    struct fz_buf b = {0};

    if (t->many)
        return cannot(w, t, "a set is no value in SQL", "集合在SQL中不是一个值");
    if (!v.set)
        PUT(w, "CAST(NULL AS %s)", type_in_sql(t->type));
    else if (t->type == FZ_TYPE_FLAG)
        put(w, v.n ? "TRUE" : "FALSE");
    else if (is_number(t->type))
        number(w, v.n);
    else if (t->type == FZ_TYPE_CHOICE)
        text(w, t->choices ? t->choices->names[v.n] : r->outcomes[v.n]);
    else if (fz_type_is_text(t->type))
        text(w, v.text);
    else {
        fz_value_print(t->type, t->choices, v, &b);
        text(w, fz_buf_str(&b));
        fz_buf_release(&b);
    }
    return true;
}

/* What the place had set when the record began. */
static bool emit_config(struct writer *w, const struct fz_term *t)
{
    const struct fz_config *c = &w->q->pack->config[t->id];

    if (!c->local_n)
        return emit_value(w, t, c->value);
    put(w, "(CASE");
    for (size_t i = c->local_n; i > 0; i--) {
        PUT(w, " WHEN r.\"opened\" >= %d THEN ", c->local[i - 1].from);
        if (!emit_value(w, t, c->local[i - 1].value))
            return false;
    }
    put(w, " ELSE ");
    if (!emit_value(w, t, c->value))
        return false;
    put(w, " END)");
    return true;
}

static bool emit_field(struct writer *w, const struct fz_term *t)
{
    const struct fz_field *f = &w->q->record->fields[t->id];
    bool ok;

    if (f->personal)
        return cannot(w, t, "a personal field is in no table", "涉及个人信息的字段不入表");
    if (f->is) {
        if (w->depth == FZ_EXPR_DEPTH_MAX)
            return cannot(w, t, "derived fields too deep within each other", "派生字段嵌套过深");
        w->depth++;
        ok = emit(w, f->is);
        w->depth--;
        return ok;
    }
    PUT(w, f->type == FZ_TYPE_FLAG && !f->many ? "(o.\"f_%.*s\" <> 0)" : "o.\"f_%.*s\"", FZ_STR_ARG(f->name));
    return true;
}

/* ---- logic ---- */

static bool emit_joined(struct writer *w, const struct fz_term *t, const char *between)
{
    put(w, "(");
    for (size_t i = 0; i < t->args_n; i++) {
        put(w, i ? between : "");
        if (!emit(w, t->args[i]))
            return false;
    }
    put(w, ")");
    return true;
}

/* An unset condition matches neither. */
static bool emit_if(struct writer *w, const struct fz_term *t)
{
    put(w, "(CASE ");
    if (!emit(w, t->args[0]))
        return false;
    put(w, " WHEN TRUE THEN ");
    if (!emit(w, t->args[1]))
        return false;
    put(w, " WHEN FALSE THEN ");
    if (!emit(w, t->args[2]))
        return false;
    put(w, " END)");
    return true;
}

/* One row is for whatever is put in, so an unset condition only means that it is not this row as far as is known. */
static bool emit_table(struct writer *w, const struct fz_term *t)
{
    put(w, "(CASE");
    for (size_t i = w->q->pack->tables[t->id].inputs_n; i < t->args_n; i += 2) {
        put(w, " WHEN ");
        if (!emit(w, t->args[i]))
            return false;
        put(w, " THEN ");
        if (!emit(w, t->args[i + 1]))
            return false;
    }
    put(w, " END)");
    return true;
}

static bool compares(struct writer *w, const struct fz_term *t)
{
    fz_type type = t->args[0]->type;

    if (t->args[0]->many || t->args[1]->many)
        return cannot(w, t, "sets are not compared in SQL", "集合不在SQL中比较");
    if (type == FZ_TYPE_SHARE || type == FZ_TYPE_SPAN || type == FZ_TYPE_LENGTH)
        return cannot(w, t, "shares, spans and lengths are equal in more than one form", "比例、时段、期间长度相等而写法可以不同");
    return true;
}

static bool emit_comparison(struct writer *w, const struct fz_term *t)
{
    static const char *const signs[] = {[FZ_T_EQ] = " = ", [FZ_T_NE] = " <> ", [FZ_T_LT] = " < ", [FZ_T_LE] = " <= ", [FZ_T_GT] = " > ", [FZ_T_GE] = " >= "};

    return compares(w, t) && emit_joined(w, t, signs[t->kind]);
}

/* An unset value is in no list and out of none; an unset item of the list is passed over. */
static bool emit_in(struct writer *w, const struct fz_term *t)
{
    unsigned x;

    for (size_t i = 1; i < t->args_n; i++) {
        struct fz_term pair = *t;
        const struct fz_term *args[2] = {t->args[0], t->args[i]};

        pair.args = args;
        if (!compares(w, &pair))
            return w->no->at = t, false;
    }
    x = open_subquery(w);
    PUT(w, "CASE WHEN x%u.a IS NOT NULL THEN %s(FALSE", x, t->negated ? "NOT " : "");
    for (size_t i = 1; i < t->args_n; i++) {
        PUT(w, " OR (x%u.a = ", x);
        if (!emit(w, t->args[i]))
            return false;
        put(w, ") IS TRUE");
    }
    put(w, ") END");
    return close_subquery(w, x, t->args[0], NULL);
}

static bool emit_is_set(struct writer *w, const struct fz_term *t)
{
    put(w, "(");
    if (!emit(w, t->args[0]))
        return false;
    put(w, t->negated ? " IS NULL)" : " IS NOT NULL)");
    return true;
}

/* A set is stored as a JSON list. */
static bool emit_empty(struct writer *w, const struct fz_term *t)
{
    const struct fz_term *set = t->args[0];
    const struct fz_field *f = set->kind == FZ_T_FIELD ? &w->q->record->fields[set->id] : NULL;

    if (!f || !fz_typed_has(f) || !f->many)
        return cannot(w, t, "only a set that is a public field is asked for being empty", "只有作为公开字段的集合可以判断是否为空");
    PUT(w, "(o.\"f_%.*s\" IS NULL OR o.\"f_%.*s\" = '[]')", FZ_STR_ARG(f->name), FZ_STR_ARG(f->name));
    return true;
}

/* ---- arithmetic ---- */

/* What leaves 63 bits and a sign is unset: asked before it is done, for SQLite would go on with a fraction and PostgreSQL end the query. */
static bool emit_sum(struct writer *w, const struct fz_term *t)
{
    unsigned x = open_subquery(w);

    if (t->kind == FZ_T_ADD)
        PUT(w, "CASE WHEN (x%u.b >= 0 AND x%u.a <= " MAX_INT " - x%u.b) OR (x%u.b < 0 AND x%u.a >= " MIN_INT " - x%u.b) THEN x%u.a + x%u.b END", x, x, x, x, x, x,
            x, x);
    else
        PUT(w, "CASE WHEN (x%u.b >= 0 AND x%u.a >= " MIN_INT " + x%u.b) OR (x%u.b < 0 AND x%u.a <= " MAX_INT " + x%u.b) THEN x%u.a - x%u.b END", x, x, x, x, x, x,
            x, x);
    return close_subquery(w, x, t->args[0], t->args[1]);
}

static bool emit_product(struct writer *w, const struct fz_term *t)
{
    unsigned x = open_subquery(w);

    /* Division rounds towards zero in both: a limit for b, or for a where dividing by b would overflow. */
    PUT(w,
        "CASE WHEN x%u.a = 0 OR x%u.b = 0 THEN CASE WHEN x%u.a IS NOT NULL AND x%u.b IS NOT NULL THEN CAST(0 AS BIGINT) END "
        "WHEN x%u.a > 0 AND x%u.b > 0 THEN CASE WHEN x%u.a <= " MAX_INT " / x%u.b THEN x%u.a * x%u.b END "
        "WHEN x%u.a > 0 AND x%u.b < 0 THEN CASE WHEN x%u.b >= " MIN_INT " / x%u.a THEN x%u.a * x%u.b END "
        "WHEN x%u.a < 0 AND x%u.b > 0 THEN CASE WHEN x%u.a >= " MIN_INT " / x%u.b THEN x%u.a * x%u.b END "
        "WHEN x%u.a < 0 AND x%u.b < 0 THEN CASE WHEN x%u.a >= " MAX_INT " / x%u.b THEN x%u.a * x%u.b END END",
        x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x);
    return close_subquery(w, x, t->args[0], t->args[1]);
}

static bool emit_negative(struct writer *w, const struct fz_term *t)
{
    unsigned x = open_subquery(w);

    PUT(w, "CASE WHEN x%u.a <> " MIN_INT " THEN -x%u.a END", x, x);
    return close_subquery(w, x, t->args[0], NULL);
}

/* How much is added to the quotient rounded towards zero, whose remainder has the sign of a. */
static void put_rounding(struct writer *w, int how, unsigned x)
{
    switch (how) {
    case FZ_DOWN:
        PUT(w, "- CASE WHEN x%u.a %% x%u.b <> 0 AND (x%u.a < 0) <> (x%u.b < 0) THEN 1 ELSE 0 END", x, x, x, x);
        break;
    case FZ_UP:
        PUT(w, "+ CASE WHEN x%u.a %% x%u.b <> 0 AND (x%u.a < 0) = (x%u.b < 0) THEN 1 ELSE 0 END", x, x, x, x);
        break;
    default:
        /* Half up, towards plus infinity: of a quotient above zero, up from a half; of one below, down past a half. All of one sign and halved by
         * subtraction, so that nothing overflows. */
        PUT(w,
            "+ CASE WHEN x%u.a %% x%u.b = 0 THEN 0 "
            "WHEN x%u.a > 0 AND x%u.b > 0 THEN CASE WHEN x%u.a %% x%u.b >= x%u.b - x%u.a %% x%u.b THEN 1 ELSE 0 END "
            "WHEN x%u.a < 0 AND x%u.b < 0 THEN CASE WHEN x%u.a %% x%u.b <= x%u.b - x%u.a %% x%u.b THEN 1 ELSE 0 END "
            "WHEN x%u.a < 0 THEN CASE WHEN x%u.b + x%u.a %% x%u.b < -(x%u.a %% x%u.b) THEN -1 ELSE 0 END "
            "ELSE CASE WHEN x%u.b + x%u.a %% x%u.b > -(x%u.a %% x%u.b) THEN -1 ELSE 0 END END",
            x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x);
    }
}

static bool emit_quotient(struct writer *w, const struct fz_term *t)
{
    unsigned x = open_subquery(w);

    PUT(w, "CASE WHEN x%u.b <> 0 AND NOT (x%u.a = " MIN_INT " AND x%u.b = -1) THEN x%u.a / x%u.b ", x, x, x, x, x);
    put_rounding(w, t->id, x);
    put(w, " END");
    return close_subquery(w, x, t->args[0], t->args[1]);
}

/* The best of the first n, one after the other. min and max want all of them; later and earlier take those that are there. */
static bool emit_best(struct writer *w, const struct fz_term *t, size_t n)
{
    bool greatest = t->kind == FZ_T_MAX || t->kind == FZ_T_LATER, lenient = t->kind == FZ_T_LATER || t->kind == FZ_T_EARLIER;
    unsigned x;

    if (n == 1)
        return emit(w, t->args[0]);
    x = open_subquery(w);
    if (lenient)
        PUT(w, "CASE WHEN x%u.a IS NULL THEN x%u.b WHEN x%u.b IS NULL OR x%u.a %s x%u.b THEN x%u.a ELSE x%u.b END", x, x, x, x, greatest ? ">=" : "<=", x, x, x);
    else
        PUT(w, "CASE WHEN x%u.a %s x%u.b THEN x%u.a WHEN x%u.a %s x%u.b THEN x%u.b END", x, greatest ? ">=" : "<=", x, x, x, greatest ? "<" : ">", x, x);
    put(w, " FROM (SELECT ");
    if (!emit_best(w, t, n - 1))
        return false;
    put(w, " AS a, ");
    if (!emit(w, t->args[n - 1]))
        return false;
    PUT(w, " AS b LIMIT 1) AS x%u LIMIT 1)", x);
    return true;
}

/* ---- acts ---- */

/* What is asked of the acts of each record: a table of one row a record, joined to it. One for each question, however often it is asked. */
static bool joined(struct writer *w, const struct fz_term *t, enum asked what, int action, unsigned *out)
{
    for (unsigned i = 0; i < w->joins_n; i++)
        if (w->joins[i].what == what && w->joins[i].action == action) {
            *out = i;
            return true;
        }
    if (w->joins_n == JOINS_MAX)
        return cannot(w, t, "too many different acts for SQL", "涉及的行为过多，不宜用SQL");
    w->joins[w->joins_n] = (struct join){what, action};
    *out = w->joins_n++;
    return true;
}

#define OF_ACTS " FROM \"act\" WHERE \"jurisdiction\" = $1 AND \"type\" = '%.*s'"

static void put_join(struct writer *w, unsigned i)
{
    const struct fz_record *r = w->q->record;
    const struct join *j = &w->joins[i];
    fz_str name = j->action == FZ_NONE ? (fz_str){0} : r->actions[j->action].name;

    put(w, " LEFT JOIN (");
    switch (j->what) {
    case HOW_OFTEN:
        PUT(w, "SELECT \"record\", count(*) AS v" OF_ACTS " AND \"action\" = '%.*s' GROUP BY \"record\"", FZ_STR_ARG(r->name), FZ_STR_ARG(name));
        break;
    case WHETHER_DONE:
        PUT(w, "SELECT \"record\", count(*) AS v" OF_ACTS " AND \"action\" IN ('%.*s', 'waives-%.*s') GROUP BY \"record\"", FZ_STR_ARG(r->name), FZ_STR_ARG(name),
            FZ_STR_ARG(name));
        break;
    case FIRST_DAY:
    case LAST_DAY:
        PUT(w,
            "SELECT \"record\", v FROM (SELECT \"record\", \"day\" AS v, row_number() OVER (PARTITION BY \"record\" ORDER BY \"seq\"%s) AS k" OF_ACTS
            " AND \"action\" = '%.*s') AS one WHERE k = 1",
            j->what == LAST_DAY ? " DESC" : "", FZ_STR_ARG(r->name), FZ_STR_ARG(name));
        break;
    case LAST_OUTCOME:
        PUT(w,
            "SELECT \"record\", v FROM (SELECT \"record\", \"outcome\" AS v, row_number() OVER (PARTITION BY \"record\" ORDER BY \"seq\" DESC) AS k" OF_ACTS
            " AND \"outcome\" IS NOT NULL) AS one WHERE k = 1",
            FZ_STR_ARG(r->name));
        break;
    }
    PUT(w, ") AS a%u ON a%u.\"record\" = r.\"record\"", i, i);
}

static bool emit_outcome(struct writer *w, const struct fz_term *t)
{
    unsigned a;

    if (!joined(w, t, LAST_OUTCOME, FZ_NONE, &a))
        return false;
    PUT(w, "a%u.v", a);
    return true;
}

static bool can_be_cleared(const struct fz_record *r, int act)
{
    for (size_t i = 0; i < r->actions_n; i++) {
        if (fz_acts_has(&r->actions[i].clears, act))
            return true;
        for (size_t k = 0; k < r->actions[i].outcomes_n; k++)
            if (fz_acts_has(&r->actions[i].outcomes[k].clears, act))
                return true;
    }
    return false;
}

static bool emit_done(struct writer *w, const struct fz_term *t)
{
    const struct fz_action *a = &w->q->record->actions[t->id];
    unsigned j;

    if (a->each.n)
        return cannot(w, t, "an act for each of a set is not told by its rows", "对集合中每一个作出的行为无法由行判断");
    if (can_be_cleared(w->q->record, t->id))
        return cannot(w, t, "an act that can be cleared is not told by its rows", "可以被撤销效力的行为无法由行判断");
    if (!joined(w, t, WHETHER_DONE, t->id, &j))
        return false;
    PUT(w, "(a%u.v IS NOT NULL)", j);
    return true;
}

static bool emit_times(struct writer *w, const struct fz_term *t)
{
    unsigned a;

    if (!joined(w, t, HOW_OFTEN, t->id, &a))
        return false;
    PUT(w, "coalesce(a%u.v, 0)", a);
    return true;
}

static bool emit_day_of(struct writer *w, const struct fz_term *t)
{
    unsigned a;

    if (!joined(w, t, t->kind == FZ_T_DAY_OF ? LAST_DAY : FIRST_DAY, t->id, &a))
        return false;
    PUT(w, "a%u.v", a);
    return true;
}

static bool emit_stage(struct writer *w, const struct fz_term *t)
{
    put(w, "(FALSE");
    for (size_t i = 0; i < w->q->record->stages_n; i++)
        if (t->stages >> i & 1)
            PUT(w, " OR r.\"stage\" = '%.*s'", FZ_STR_ARG(w->q->record->stages[i].name));
    put(w, ")");
    return true;
}

/* ---- clocks ---- */

static void look_for_clock(const struct fz_term *t, void *found)
{
    *(bool *)found |= t->kind == FZ_T_CLOCK_IS || t->kind == FZ_T_CLOCK_DUE || t->kind == FZ_T_CLOCK_USED || t->kind == FZ_T_CLOCK_LEFT || t->kind == FZ_T_DAYS_OVER;
}

struct reads {
    const struct fz_record *r;
    unsigned depth;
    bool clock;
};

static void look_deeper(const struct fz_term *t, void *arg)
{
    struct reads *x = arg;

    look_for_clock(t, &x->clock);
    if (t->kind != FZ_T_FIELD || !x->r->fields[t->id].is || x->clock)
        return;
    if (x->depth == FZ_EXPR_DEPTH_MAX) {
        x->clock = true; /* nobody knows; so it is not said */
        return;
    }
    x->depth++;
    fz_term_walk(x->r->fields[t->id].is, look_deeper, x);
    x->depth--;
}

/* Whether something of the clock hangs on a clock: then its row may be of another day than the one asked for. */
static bool hangs_on_clocks(const struct fz_record *r, const struct fz_clock *k)
{
    struct reads x = {.r = r};

    for (size_t i = 0; i < k->starts_n; i++) {
        x.clock |= k->starts[i].kind == FZ_AT_CLOCK_END;
        fz_term_walk(k->starts[i].day, look_deeper, &x);
    }
    fz_term_walk(k->when, look_deeper, &x);
    fz_term_walk(k->until, look_deeper, &x);
    for (size_t i = 0; i < k->limit_n; i++) {
        fz_term_walk(k->limit[i].when, look_deeper, &x);
        fz_term_walk(k->limit[i].be, look_deeper, &x);
    }
    for (size_t i = 0; i < k->excludes_n; i++)
        fz_term_walk(k->excludes[i].when, look_deeper, &x);
    for (size_t i = 0; i < k->caps_n; i++) {
        fz_term_walk(k->caps[i].at, look_deeper, &x);
        fz_term_walk(k->caps[i].when, look_deeper, &x);
    }
    return x.clock;
}

static bool has_one_row(struct writer *w, const struct fz_term *t)
{
    const struct fz_clock *k = &w->q->record->clocks[t->id];

    if (k->per.n || k->again == FZ_AGAIN_ANOTHER || k->recurs.how != FZ_RECURS_NOT)
        return cannot(w, t, "a clock with several instances or turns", "有多个实例或者周期的期限");
    if (hangs_on_clocks(w->q->record, k))
        return cannot(w, t, "a clock that hangs on the state of a clock", "取决于其他期限状态的期限");
    return true;
}

#define OF_CLOCK                                                                                                                                   \
    " FROM \"clock\" AS c WHERE c.\"jurisdiction\" = r.\"jurisdiction\" AND c.\"record\" = r.\"record\" AND c.\"clock\" = '%.*s' AND "                  \
    "c.\"instance\" = 0"

/* What its row says in that state; %1$d is the day asked for. NULL: no row says so. */
static const char *state_in_row(const struct fz_clock *k, fz_clock_state s)
{
    switch (s) {
    case FZ_CS_RUNNING:
        return "c.\"stopped\" IS NULL AND c.\"paused\" = 0";
    case FZ_CS_PAUSED:
        return "c.\"stopped\" IS NULL AND c.\"paused\" <> 0";
    case FZ_CS_OPEN:
        return "c.\"stopped\" IS NULL AND (c.\"due\" IS NULL OR c.\"due\" >= %d)";
    case FZ_CS_MET:
        if (k->kind == FZ_CK_AT_LEAST)
            return k->until ? NULL : "c.\"due\" < %d";
        return "c.\"stopped\" IS NOT NULL AND c.\"late\" = 0 AND c.\"unreached\" = 0";
    case FZ_CS_MISSED:
        return "((c.\"stopped\" IS NOT NULL AND c.\"late\" <> 0) OR (c.\"stopped\" IS NULL AND c.\"due\" < %d))";
    case FZ_CS_OVERDUE:
        return "c.\"stopped\" IS NULL AND c.\"due\" < %d";
    case FZ_CS_OVER:
        return "c.\"due\" < %d";
    case FZ_CS_WAITING:
    case FZ_CS_VOID:
        break;
    }
    return NULL;
}

/* The day stands at most once in such a condition. */
static void put_dated(struct writer *w, const char *condition)
{
    const char *at = strstr(condition, "%d");

    fz_buf_add(w->out, (fz_str){condition, at ? (size_t)(at - condition) : strlen(condition)});
    if (at)
        PUT(w, "%d%s", w->q->day, at + 2);
}

static bool emit_clock_is(struct writer *w, const struct fz_term *t)
{
    const struct fz_clock *k = &w->q->record->clocks[t->id];
    bool waiting = t->state == FZ_CS_WAITING;
    const char *condition = state_in_row(k, t->state);

    if (!has_one_row(w, t))
        return false;
    if (!condition && !waiting)
        return cannot(w, t, "a state that the clock's row does not tell", "期限的行中没有的状态");
    PUT(w, "(%sEXISTS (SELECT 1" OF_CLOCK, waiting != t->negated ? "NOT " : "", FZ_STR_ARG(k->name));
    if (!waiting) {
        put(w, " AND ");
        put_dated(w, condition);
    }
    put(w, "))");
    return true;
}

static bool emit_clock_due(struct writer *w, const struct fz_term *t)
{
    if (!has_one_row(w, t))
        return false;
    PUT(w, "(SELECT c.\"due\"" OF_CLOCK ")", FZ_STR_ARG(w->q->record->clocks[t->id].name));
    return true;
}

static bool emit_days_over(struct writer *w, const struct fz_term *t)
{
    if (!has_one_row(w, t))
        return false;
    PUT(w, "coalesce((SELECT CASE WHEN coalesce(c.\"stopped\", %d) > c.\"due\" THEN coalesce(c.\"stopped\", %d) - c.\"due\" ELSE 0 END" OF_CLOCK "), 0)", w->q->day,
        w->q->day, FZ_STR_ARG(w->q->record->clocks[t->id].name));
    return true;
}

/* ---- terms ---- */

static bool emit_kind(struct writer *w, const struct fz_term *t)
{
    switch (t->kind) {
    case FZ_T_CONST:
        return emit_value(w, t, t->value);
    case FZ_T_FIELD:
        return emit_field(w, t);
    case FZ_T_CONFIG:
        return emit_config(w, t);
    case FZ_T_OUTCOME:
        return emit_outcome(w, t);
    case FZ_T_STAGE_AT:
        return emit_stage(w, t);
    case FZ_T_IF:
        return emit_if(w, t);
    case FZ_T_OR:
        return emit_joined(w, t, " OR ");
    case FZ_T_AND:
        return emit_joined(w, t, " AND ");
    case FZ_T_NOT:
        put(w, "(NOT ");
        return emit(w, t->args[0]) && (put(w, ")"), true);
    case FZ_T_EQ:
    case FZ_T_NE:
    case FZ_T_LT:
    case FZ_T_LE:
    case FZ_T_GT:
    case FZ_T_GE:
        return emit_comparison(w, t);
    case FZ_T_IN:
        return emit_in(w, t);
    case FZ_T_IS_SET:
        return emit_is_set(w, t);
    case FZ_T_OTHERWISE:
        put(w, "coalesce");
        return emit_joined(w, t, ", ");
    case FZ_T_ADD:
    case FZ_T_SUB:
        return emit_sum(w, t);
    case FZ_T_MUL:
        return emit_product(w, t);
    case FZ_T_NEG:
        return emit_negative(w, t);
    case FZ_T_DONE:
        return emit_done(w, t);
    case FZ_T_TIMES:
        return emit_times(w, t);
    case FZ_T_DAY_OF:
    case FZ_T_FIRST_DAY:
        return emit_day_of(w, t);
    case FZ_T_SERVED:
        return cannot(w, t, "who was served is in no table", "送达情况不入表");
    case FZ_T_CLOCK_IS:
        return emit_clock_is(w, t);
    case FZ_T_CLOCK_DUE:
        return emit_clock_due(w, t);
    case FZ_T_DAYS_OVER:
        return emit_days_over(w, t);
    case FZ_T_CLOCK_USED:
    case FZ_T_CLOCK_LEFT:
    case FZ_T_DUE:
        return cannot(w, t, "days are counted over the calendar, not in SQL", "日数依日历计算，不在SQL中计算");
    case FZ_T_MIN:
    case FZ_T_MAX:
    case FZ_T_LATER:
    case FZ_T_EARLIER:
        return emit_best(w, t, t->args_n);
    case FZ_T_DIV:
        return emit_quotient(w, t);
    case FZ_T_ALL:
    case FZ_T_ANY:
    case FZ_T_COUNT:
    case FZ_T_SUM:
        return cannot(w, t, "members of a set are not told apart in SQL", "集合的成员不在SQL中区分");
    case FZ_T_EMPTY:
        return emit_empty(w, t);
    case FZ_T_TABLE:
        return emit_table(w, t);
    case FZ_T_KINDS:
        break;
    }
    fz_assert(!"a kind of term");
    return false;
}

/* How much of SQLite's stack of the parser, which holds 100, a kind takes while its parts are read. */
static unsigned weight(fz_term_kind kind)
{
    switch (kind) {
    case FZ_T_IN:
    case FZ_T_ADD:
    case FZ_T_SUB:
    case FZ_T_MUL:
    case FZ_T_NEG:
    case FZ_T_DIV:
        return 14;
    case FZ_T_MIN:
    case FZ_T_MAX:
    case FZ_T_LATER:
    case FZ_T_EARLIER:
        return 14; /* for every further argument */
    case FZ_T_IF:
    case FZ_T_TABLE:
        return 6;
    default:
        return 4;
    }
}

static bool emit(struct writer *w, const struct fz_term *t)
{
    bool best = t->kind == FZ_T_MIN || t->kind == FZ_T_MAX || t->kind == FZ_T_LATER || t->kind == FZ_T_EARLIER, ok;
    unsigned more = weight(t->kind) * (best ? (unsigned)t->args_n - 1 : 1);

    if (w->out->n > FZ_SQL_BYTES_MAX)
        return cannot(w, t, "too long for SQL", "表达式过长，不宜用SQL");
    if (w->stack + more > STACK_MAX)
        return cannot(w, t, "too deep for SQL", "表达式嵌套过深，不宜用SQL");
    w->stack += more;
    ok = emit_kind(w, t);
    w->stack -= more;
    return ok;
}

/* ---- statements ---- */

static void put_source(struct writer *w)
{
    const struct fz_pack *p = w->q->pack;
    const struct fz_record *r = w->q->record;

    PUT(w, " FROM \"record\" AS r LEFT JOIN \"of_%.*s_%.*s\" AS o ON o.\"jurisdiction\" = r.\"jurisdiction\" AND o.\"record\" = r.\"record\"",
        FZ_STR_ARG(p->name), FZ_STR_ARG(r->name));
    for (unsigned i = 0; i < w->joins_n; i++)
        put_join(w, i);
    PUT(w,
        " WHERE r.\"jurisdiction\" = $1 AND r.\"type\" = '%.*s' AND r.\"pack\" = '%.*s' AND r.\"pack_version\" = %d",
        FZ_STR_ARG(r->name), FZ_STR_ARG(p->name), p->version);
}

static bool finish(struct writer *w, size_t from, bool ok)
{
    if (!ok)
        w->out->n = from;
    return ok;
}

bool fz_sql_values(const struct fz_sql *q, const struct fz_term *t, struct fz_buf *out, struct fz_sql_no *no)
{
    struct writer w = {.q = q, .out = out, .no = no};
    size_t from = out->n;
    bool flag = t->type == FZ_TYPE_FLAG && !t->many, ok;

    put(&w, flag ? "SELECT r.\"record\", CASE " : "SELECT r.\"record\", ");
    ok = t->many ? cannot(&w, t, "a set is no value in SQL", "集合在SQL中不是一个值") : emit(&w, t);
    put(&w, flag ? " WHEN TRUE THEN 1 WHEN FALSE THEN 0 END" : "");
    put_source(&w);
    return finish(&w, from, ok);
}

/* The condition is written first: what it joins stands before it. */
bool fz_sql_records(const struct fz_sql *q, const struct fz_term *condition, struct fz_buf *out, struct fz_sql_no *no)
{
    struct writer w = {.q = q, .out = out, .no = no};
    struct fz_buf text = {0};
    size_t from = out->n;
    bool ok;

    w.out = &text;
    ok = emit(&w, condition);
    w.out = out;
    put(&w, "SELECT r.\"record\"");
    put_source(&w);
    put(&w, " AND (");
    fz_buf_add(out, fz_buf_str(&text));
    put(&w, ")");
    fz_buf_release(&text);
    return finish(&w, from, ok);
}
