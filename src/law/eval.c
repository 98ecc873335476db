/*
 * Terms over a case, in C. An unset value runs through; `and`, `or` and `not` know it as unknown. Numbers that leave 63 bits are unset as
 * well: a condition over them does not hold, which refuses rather than lets pass.
 */
#include "law/case_int.h"

static fz_value flag(bool yes)
{
    return FZ_NUMBER(yes);
}

static fz_value day_value(fz_day d)
{
    return d == FZ_DAY_NONE ? FZ_UNSET : FZ_NUMBER(d);
}

static fz_value arg(const fz_view *v, const struct fz_term *t, size_t i)
{
    return fz_term_eval(v, t->args[i]);
}

bool fz_term_holds(const fz_view *v, const struct fz_term *t)
{
    fz_value x;

    if (!t)
        return true;
    x = fz_term_eval(v, t);
    return x.set && x.n != 0;
}

static bool is_act_of(const fz_view *v, const struct fz_indicator *ind)
{
    return v->cmd->kind == FZ_DO && &v->c->pack->records[ind->record] == v->c->record && fz_acts_has(&ind->on, v->cmd->action);
}

bool fz_indicator_counts(const fz_view *v, const struct fz_indicator *ind)
{
    if (!is_act_of(v, ind) || fz_indicator_is_measured(ind))
        return false;
    if (ind->kind == FZ_CHANGES_OF && fz_action_change(action_of(v->c, v->cmd->action), v->cmd->outcome) == FZ_NONE)
        return false;
    return fz_term_holds(v, ind->where);
}

bool fz_indicator_stocks(const fz_view *v, const struct fz_indicator *ind)
{
    return ind->kind == FZ_STOCK_OF && &v->c->pack->records[ind->record] == v->c->record && fz_case_in_stock(v->c) && fz_term_holds(v, ind->where);
}

fz_value fz_indicator_measures(const fz_view *v, const struct fz_indicator *ind)
{
    bool measures = ind->field != FZ_NONE && is_act_of(v, ind) && fz_term_holds(v, ind->where);

    return measures ? fz_case_value(v, ind->field) : FZ_UNSET;
}

/* ---- sets of parties ---- */

size_t members_count(const fz_view *v, struct fz_ids fields)
{
    size_t n = 0;

    for (size_t i = 0; i < fields.n; i++) {
        fz_value x = fz_case_value(v, fields.items[i]);

        n += !x.set ? 0 : v->c->record->fields[fields.items[i]].many ? x.many : 1;
    }
    return n;
}

fz_str member_at(const fz_view *v, struct fz_ids fields, size_t i)
{
    for (size_t f = 0; f < fields.n; f++) {
        bool many = v->c->record->fields[fields.items[f]].many;
        fz_value x = fz_case_value(v, fields.items[f]);
        size_t n = !x.set ? 0 : many ? x.many : 1;

        if (i < n)
            return many ? x.items[i].text : x.text;
        i -= n;
    }
    fz_assert(!"a member");
    return (fz_str){0};
}

bool reached(const struct fz_case *c, int32_t last, int32_t since, fz_str member)
{
    for (int32_t e = last; e >= since; e = c->events[e].same)
        if (c->events[e].cmd.member.n == 0 || fz_str_eq(c->events[e].cmd.member, member))
            return true;
    return false;
}

/* Everyone in the sets was reached; where nobody is known by name, somebody was. */
static bool all_reached(const fz_view *v, struct fz_ids fields, int32_t last, int32_t since)
{
    size_t n = members_count(v, fields);

    if (last < since)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!reached(v->c, last, since, member_at(v, fields, i)))
            return false;
    return true;
}

bool document_served(const fz_view *v, int document)
{
    const struct document_state *d = &v->c->documents[document];

    return all_reached(v, v->c->record->documents[document].to, d->last, d->since);
}

bool fz_case_done(const fz_view *v, int action)
{
    const struct act_state *a = &v->c->acts[action];

    return a->waived || all_reached(v, action_of(v->c, action)->each, a->last, a->since);
}

/* ---- what linked records tell ---- */

fz_value told_by(const struct fz_case *c, int field, fz_str member)
{
    for (size_t i = 0; i < c->told_n; i++)
        if (c->told[i].field == field && fz_str_eq(c->told[i].member, member))
            return c->told[i].value;
    return FZ_UNSET;
}

/* A sum that leaves 63 bits, or of which a part was not told, is not known. */
static fz_value sum_of_told(const fz_view *v, int field)
{
    const struct fz_record *r = v->c->record;
    fz_value set = fz_case_value(v, r->links[r->fields[field].of_link].field), sum = FZ_NUMBER(0);

    for (uint32_t i = 0; set.set && i < set.many; i++) {
        fz_value x = told_by(v->c, field, set.items[i].text);

        if (!x.set || __builtin_add_overflow(sum.n, x.n, &sum.n))
            return FZ_UNSET;
    }
    return sum;
}

/* ---- values of the case ---- */

fz_value fz_case_value(const fz_view *v, int field)
{
    const struct fz_field *f = &v->c->record->fields[field];

    if (f->is)
        return fz_term_eval(v, f->is);
    for (size_t i = 0; v->cmd && i < v->cmd->values_n; i++)
        if (v->cmd->values[i].field == field)
            return v->cmd->values[i].value;
    return v->c->values[field];
}

/* Of the act in hand, else of the last one that had an outcome. */
static fz_value outcome(const fz_view *v)
{
    const struct fz_case *c = v->c;

    if (v->cmd && v->cmd->kind == FZ_DO)
        return v->cmd->outcome == FZ_NONE ? FZ_UNSET : FZ_NUMBER(action_of(c, v->cmd->action)->outcomes[v->cmd->outcome].id);
    for (size_t i = c->events_n; i > 0; i--) {
        const struct fz_step *cmd = &c->events[i - 1].cmd;

        if (cmd->kind == FZ_DO && cmd->outcome != FZ_NONE)
            return FZ_NUMBER(action_of(c, cmd->action)->outcomes[cmd->outcome].id);
    }
    return FZ_UNSET;
}

static bool in_hand(const fz_view *v, int action)
{
    return v->cmd && v->cmd->kind == FZ_DO && v->cmd->action == action;
}

static fz_value day_of_act(const fz_view *v, int action, bool first)
{
    const struct act_state *a = &v->c->acts[action];
    int32_t e = first ? a->first : a->last;

    if (in_hand(v, action) && (!first || e < 0))
        return day_value(v->cmd->on);
    return e < 0 ? FZ_UNSET : day_value(v->c->events[e].cmd.on);
}

/* all(SET, act), any(SET, act) */
static fz_value over_members(const fz_view *v, const struct fz_term *t)
{
    const struct act_state *a = &v->c->acts[t->id];
    fz_value set = arg(v, t, 0);
    bool all = t->kind == FZ_T_ALL;

    for (size_t i = 0; set.set && i < set.many; i++)
        if ((a->waived || reached(v->c, a->last, a->since, set.items[i].text)) != all)
            return flag(!all);
    return flag(all);
}

/* ---- clocks ---- */

static fz_value of_clock(const fz_view *v, const struct fz_term *t)
{
    struct fz_clock_look k = fz_clock_look(v, t->id, 0);
    const struct fz_calendar *cal = v->cal;
    fz_day end;

    switch (t->kind) {
    case FZ_T_CLOCK_DUE:
        return day_value(k.due);
    case FZ_T_CLOCK_USED:
        return k.started ? FZ_NUMBER(fz_clock_used(v, t->id, 0)) : FZ_UNSET;
    case FZ_T_CLOCK_LEFT:
        if (k.due == FZ_DAY_NONE)
            return FZ_UNSET;
        if (k.length.unit == FZ_WORKING_DAYS && k.length.n && fz_calendar_reaches(cal, v->day))
            return FZ_NUMBER(fz_calendar_between(cal, v->day, k.due));
        return FZ_NUMBER(k.due - v->day);
    default: /* days over */
        if (!k.applies || k.due == FZ_DAY_NONE)
            return FZ_NUMBER(0);
        end = k.stopped == FZ_DAY_NONE ? v->day : k.stopped;
        return FZ_NUMBER(end > k.due ? end - k.due : 0);
    }
}

/* ---- what the law leaves open ---- */

/* The day on which the record began: that of the act in hand when it is the first. */
static fz_day began(const fz_view *v)
{
    return v->c->events_n ? v->c->events[0].cmd.on : v->cmd ? v->cmd->on : v->day;
}

static fz_value open_value(const fz_view *v, int config)
{
    const struct fz_config *c = &v->c->pack->config[config];
    const struct fz_local *local = c->local_n ? fz_config_local(c, began(v)) : NULL;

    return local ? local->value : c->value;
}

/* ---- operations ---- */

static fz_value calculate(fz_term_kind kind, int64_t a, int64_t b)
{
    int64_t r;
    bool lost = kind == FZ_T_ADD   ? __builtin_add_overflow(a, b, &r)
                : kind == FZ_T_SUB ? __builtin_sub_overflow(a, b, &r)
                                   : __builtin_mul_overflow(a, b, &r);

    return lost ? FZ_UNSET : FZ_NUMBER(r);
}

static fz_value divide(int64_t n, int64_t d, int how)
{
    int64_t q, r;

    if (d == 0 || (n == INT64_MIN && d == -1))
        return FZ_UNSET;
    q = n / d;
    r = n % d;
    if (r && (r < 0) != (d < 0)) { /* towards minus infinity */
        q--;
        r += d;
    }
    if (how == FZ_UP && r)
        q++;
    if (how == FZ_HALF_UP && r && (d > 0 ? r >= d - r : r <= d - r))
        q++;
    return FZ_NUMBER(q);
}

static fz_value compare(const struct fz_term *t, fz_value a, fz_value b)
{
    if (!a.set || !b.set)
        return FZ_UNSET;
    switch (t->kind) {
    case FZ_T_EQ:
        return flag(fz_value_equal(t->args[0]->type, a, b));
    case FZ_T_NE:
        return flag(!fz_value_equal(t->args[0]->type, a, b));
    case FZ_T_LT:
        return flag(a.n < b.n);
    case FZ_T_LE:
        return flag(a.n <= b.n);
    case FZ_T_GT:
        return flag(a.n > b.n);
    default:
        return flag(a.n >= b.n);
    }
}

/* `and` ends at the first no, `or` at the first yes; else one unknown makes it unknown. */
static fz_value all_or_any(const fz_view *v, const struct fz_term *t)
{
    bool ends_at = t->kind == FZ_T_OR, unknown = false;

    for (size_t i = 0; i < t->args_n; i++) {
        fz_value x = arg(v, t, i);

        if (x.set && (x.n != 0) == ends_at)
            return flag(ends_at);
        unknown |= !x.set;
    }
    return unknown ? FZ_UNSET : flag(!ends_at);
}

static fz_value in_list(const fz_view *v, const struct fz_term *t)
{
    fz_value x = arg(v, t, 0);

    if (!x.set)
        return FZ_UNSET;
    for (size_t i = 1; i < t->args_n; i++) {
        fz_value item = arg(v, t, i);

        if (item.set && fz_value_equal(t->args[0]->type, x, item))
            return flag(!t->negated);
    }
    return flag(t->negated);
}

/* min, max want all of them; later, earlier take those that are there. */
static fz_value best_of(const fz_view *v, const struct fz_term *t)
{
    bool greatest = t->kind == FZ_T_MAX || t->kind == FZ_T_LATER, lenient = t->kind == FZ_T_LATER || t->kind == FZ_T_EARLIER;
    fz_value best = FZ_UNSET;

    for (size_t i = 0; i < t->args_n; i++) {
        fz_value x = arg(v, t, i);

        if (!x.set && !lenient)
            return FZ_UNSET;
        if (x.set && (!best.set || (greatest ? x.n > best.n : x.n < best.n)))
            best = x;
    }
    return best;
}

/* The first row that holds. The slices of an unset number have no row either. */
static fz_value of_table(const fz_view *v, const struct fz_term *t)
{
    for (size_t i = v->c->pack->tables[t->id].inputs_n; i < t->args_n; i += 2)
        if (fz_term_holds(v, t->args[i]))
            return arg(v, t, i + 1);
    return FZ_UNSET;
}

static fz_value due_day(const fz_view *v, fz_value from, fz_value length)
{
    struct fz_limit l = {0};
    fz_due due;

    if (!from.set || !length.set)
        return FZ_UNSET;
    l.from = (fz_day)from.n;
    l.length = (fz_length){(int32_t)length.n, (fz_unit)length.m};
    return fz_limit_due(v->cal, &l, &due, NULL) == FZ_OK ? day_value(due.due) : FZ_UNSET;
}

fz_value fz_term_eval(const fz_view *v, const struct fz_term *t)
{
    fz_value a, b;

    switch (t->kind) {
    case FZ_T_CONST:
        return t->value;
    case FZ_T_FIELD:
        return fz_case_value(v, t->id);
    case FZ_T_CONFIG:
        return open_value(v, t->id);
    case FZ_T_OUTCOME:
        return outcome(v);
    case FZ_T_STAGE_AT:
        return flag(v->c->stage != FZ_NONE && (t->stages >> v->c->stage & 1));
    case FZ_T_IF:
        a = arg(v, t, 0);
        return a.set ? arg(v, t, a.n ? 1 : 2) : FZ_UNSET;
    case FZ_T_OR:
    case FZ_T_AND:
        return all_or_any(v, t);
    case FZ_T_NOT:
        a = arg(v, t, 0);
        return a.set ? flag(!a.n) : a;
    case FZ_T_EQ:
    case FZ_T_NE:
    case FZ_T_LT:
    case FZ_T_LE:
    case FZ_T_GT:
    case FZ_T_GE:
        return compare(t, arg(v, t, 0), arg(v, t, 1));
    case FZ_T_IN:
        return in_list(v, t);
    case FZ_T_IS_SET:
        return flag(arg(v, t, 0).set != t->negated);
    case FZ_T_OTHERWISE:
        a = arg(v, t, 0);
        return a.set ? a : arg(v, t, 1);
    case FZ_T_ADD:
    case FZ_T_SUB:
    case FZ_T_MUL:
        a = arg(v, t, 0);
        b = arg(v, t, 1);
        return a.set && b.set ? calculate(t->kind, a.n, b.n) : FZ_UNSET;
    case FZ_T_NEG:
        a = arg(v, t, 0);
        return a.set ? calculate(FZ_T_SUB, 0, a.n) : a;
    case FZ_T_DONE:
        return flag(fz_case_done(v, t->id));
    case FZ_T_TIMES:
        return FZ_NUMBER(v->c->acts[t->id].times);
    case FZ_T_DAY_OF:
    case FZ_T_FIRST_DAY:
        return day_of_act(v, t->id, t->kind == FZ_T_FIRST_DAY);
    case FZ_T_SERVED:
        return flag(document_served(v, t->id));
    case FZ_T_CLOCK_IS:
        return flag(fz_clock_is(v, t->id, t->state) != t->negated);
    case FZ_T_CLOCK_DUE:
    case FZ_T_CLOCK_USED:
    case FZ_T_CLOCK_LEFT:
    case FZ_T_DAYS_OVER:
        return of_clock(v, t);
    case FZ_T_DUE:
        return due_day(v, arg(v, t, 0), arg(v, t, 1));
    case FZ_T_MIN:
    case FZ_T_MAX:
    case FZ_T_LATER:
    case FZ_T_EARLIER:
        return best_of(v, t);
    case FZ_T_DIV:
        a = arg(v, t, 0);
        b = arg(v, t, 1);
        return a.set && b.set ? divide(a.n, b.n, t->id) : FZ_UNSET;
    case FZ_T_ALL:
    case FZ_T_ANY:
        return over_members(v, t);
    case FZ_T_COUNT:
        a = arg(v, t, 0);
        return FZ_NUMBER(a.set ? a.many : 0);
    case FZ_T_EMPTY:
        a = arg(v, t, 0);
        return flag(!a.set || a.many == 0);
    case FZ_T_SUM:
        return sum_of_told(v, t->id);
    case FZ_T_TABLE:
        return of_table(v, t);
    case FZ_T_KINDS:
        break;
    }
    fz_assert(!"a kind of term");
    return FZ_UNSET;
}
