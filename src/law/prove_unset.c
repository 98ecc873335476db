/*
 * Set before read (先有值后使用).
 *
 * A field that is neither required at the start nor has a default is certainly set at a stage when every way to that stage filled it in: an act
 * that it is `required` for, one that `sets` it to a value, or what must have come before such an act. What an act merely may fill in does
 * not count. Where such a field is read and is not certainly set,
 * the condition will be unknown, a gate will refuse, a limit will have no end. The reader is warned unless the expression minds that itself:
 * `is set`, `otherwise`, or another condition on the field that has to hold first.
 *
 * The analysis goes over stages, not over states: it is a matter of every path, and what it leaves out makes it warn too often, never too
 * seldom.
 */
#include "law/prove_int.h"

typedef const struct fz_term *term;

/* A set of fields. */
struct fields {
    uint64_t *w;
    size_t n;
};

struct unset {
    const struct model *m;
    struct fz_diags *diags;
    uint64_t reachable;
    const fz_acts *alive;
    struct fields *certain; /* at each stage */
    struct fields start;    /* at every stage */
    int depth;              /* of derived fields within each other */
};

#define DERIVED_DEPTH 16

/* ---- sets of fields ---- */

static struct fields fields_new(const struct model *m)
{
    size_t n = (m->record->fields_n + 63) / 64;

    return (struct fields){FZ_NEW_ARRAY(m->arena, uint64_t, n), n};
}

static struct fields fields_copy(const struct model *m, struct fields f)
{
    struct fields out = fields_new(m);

    if (f.n)
        memcpy(out.w, f.w, f.n * sizeof(*f.w));
    return out;
}

static void put(struct fields f, int field)
{
    f.w[field / 64] |= UINT64_C(1) << (field % 64);
}

static bool holds(struct fields f, int field)
{
    return f.w[field / 64] >> (field % 64) & 1;
}

static void join(struct fields f, struct fields more)
{
    for (size_t i = 0; i < f.n; i++)
        f.w[i] |= more.w[i];
}

/* True when it became smaller. */
static bool meet(struct fields f, struct fields with)
{
    bool less = false;

    for (size_t i = 0; i < f.n; i++) {
        less |= (f.w[i] & ~with.w[i]) != 0;
        f.w[i] &= with.w[i];
    }
    return less;
}

/* ---- what is certain ---- */

static void put_sets(const struct model *m, struct fields f, int action)
{
    const struct fz_action *a = &m->record->actions[action];

    for (size_t i = 0; i < a->sets_n; i++)
        if (a->sets[i].value)
            put(f, a->sets[i].field);
    for (size_t i = 0; i < m->record->fields_n; i++)
        if (m->record->fields[i].required_at == action && !m->record->fields[i].when)
            put(f, (int)i);
}

/* What the acts that laid a pause have all filled in. */
static void put_of_pause(const struct model *m, struct fields f, int pause)
{
    struct fields all = fields_new(m);
    bool any = false;

    for (int a = 0; a < (int)m->record->actions_n; a++) {
        struct fields one = fields_new(m);

        if (m->record->actions[a].pauses != pause)
            continue;
        put_sets(m, one, a);
        if (any)
            meet(all, one);
        else
            join(all, one);
        any = true;
    }
    join(f, all);
}

/* What must have happened before the act, and so filled in its fields. */
static void put_before(const struct model *m, struct fields f, int action)
{
    const struct fz_action *a = &m->record->actions[action];

    for (size_t i = 0; i < a->after_n; i++)
        for (int n = 0; n < (int)m->record->actions_n && !a->after[i].when; n++)
            if (fz_acts_has(&a->after[i].need, n) && !m->record->actions[n].waivable)
                put_sets(m, f, n);
    if (a->answers != FZ_NONE)
        put_sets(m, f, a->answers);
    if (a->resumes != FZ_NONE)
        put_of_pause(m, f, a->resumes);
}

/* Fields certain while the act is taken at the stage (FZ_NONE: it begins the record). */
static struct fields during(const struct unset *u, int action, int stage, bool by_law)
{
    struct fields f = fields_copy(u->m, stage == FZ_NONE ? u->start : u->certain[stage]);

    join(f, u->start);
    if (by_law)
        return f;
    put_before(u->m, f, action);
    put_sets(u->m, f, action);
    return f;
}

static bool taken_at(const struct unset *u, int action, int stage)
{
    const struct fz_action *a = &u->m->record->actions[action];

    if (!fz_acts_has(u->alive, action))
        return false;
    return stage == FZ_NONE ? a->starts != FZ_NONE : a->starts == FZ_NONE && (a->from & u->reachable) >> stage & 1;
}

static bool flow(struct unset *u, const struct move *v, int stage)
{
    struct fields after;

    if ((v->kind != MOVE_ACT && v->kind != MOVE_LAW) || v->to == FZ_NONE || !taken_at(u, v->id, stage))
        return false;
    after = during(u, v->id, stage, v->kind == MOVE_LAW);
    return meet(u->certain[v->to], after);
}

/* At first everything is certain everywhere; every way into a stage takes away what it does not bring. */
static void find_certain(struct unset *u)
{
    bool less = true;

    for (size_t f = 0; f < u->m->record->fields_n; f++)
        if (!cond_maybe_unset(u->m, (int)f))
            put(u->start, (int)f);
    for (size_t s = 0; s < u->m->record->stages_n; s++) {
        u->certain[s] = fields_new(u->m);
        memset(u->certain[s].w, 0xff, u->certain[s].n * sizeof(uint64_t));
    }
    while (less) {
        less = false;
        for (size_t i = 0; i < u->m->moves_n; i++)
            for (int s = FZ_NONE; s < (int)u->m->record->stages_n; s++)
                less |= flow(u, &u->m->moves[i], s);
    }
}

/* ---- what a condition tells of its fields ---- */

static void told_by_all(struct fields f, term t, bool holds_true);

static bool plain_field(term t)
{
    return t->kind == FZ_T_FIELD;
}

/* Fields that are set whenever the condition holds (or, for `yes` false, is known not to). */
static void told_by(struct fields f, term t, bool yes)
{
    switch (t->kind) {
    case FZ_T_IS_SET:
        if (plain_field(t->args[0]) && t->negated != yes)
            put(f, t->args[0]->id);
        return;
    case FZ_T_NOT:
        told_by(f, t->args[0], !yes);
        return;
    case FZ_T_AND:
    case FZ_T_OR:
        if ((t->kind == FZ_T_AND) == yes)
            told_by_all(f, t, yes);
        return;
    case FZ_T_FIELD:
        put(f, t->id);
        return;
    case FZ_T_EQ:
    case FZ_T_NE:
    case FZ_T_LT:
    case FZ_T_LE:
    case FZ_T_GT:
    case FZ_T_GE:
    case FZ_T_IN:
        for (size_t i = 0; i < t->args_n; i++)
            if (plain_field(t->args[i]))
                put(f, t->args[i]->id);
        return;
    default:
        return;
    }
}

static void told_by_all(struct fields f, term t, bool yes)
{
    for (size_t i = 0; i < t->args_n; i++)
        told_by(f, t->args[i], yes);
}

/* ---- reading ---- */

static void read_term(struct unset *u, term t, struct fields known, fz_str where);

static fz_span span_of(term t, const struct fz_field *f)
{
    return t->from ? t->from->span : f->span;
}

/* What a linked record tells is known once it is linked, as far as it knows it itself. */
static bool is_told(const struct unset *u, const struct fz_field *f, struct fields known)
{
    return f->of_link != FZ_NONE && f->type != FZ_TYPE_LINK && holds(known, u->m->record->links[f->of_link].field);
}

static void read_field(struct unset *u, term t, struct fields known, fz_str where)
{
    const struct fz_field *f = &u->m->record->fields[t->id];

    if (f->is && u->depth < DERIVED_DEPTH) {
        u->depth++;
        read_term(u, f->is, known, where);
        u->depth--;
    } else if (!f->is && !f->many && !holds(known, t->id) && !is_told(u, f, known)) {
        fz_diag_add(u->diags, FZ_D_maybe_unset, span_of(t, f), f->name, where, (fz_str){0});
    }
}

/* `a and b`: b matters only where a holds, and the other way round. */
static void read_parts(struct unset *u, term t, struct fields known, fz_str where)
{
    for (size_t i = 0; i < t->args_n; i++) {
        struct fields more = fields_copy(u->m, known);

        for (size_t k = 0; k < t->args_n; k++)
            if (k != i)
                told_by(more, t->args[k], t->kind == FZ_T_AND);
        read_term(u, t->args[i], more, where);
    }
}

static void read_if(struct unset *u, term t, struct fields known, fz_str where)
{
    read_term(u, t->args[0], known, where);
    for (int branch = 1; branch <= 2; branch++) {
        struct fields more = fields_copy(u->m, known);

        told_by(more, t->args[0], branch == 1);
        read_term(u, t->args[branch], more, where);
    }
}

static void read_term(struct unset *u, term t, struct fields known, fz_str where)
{
    if (!t)
        return;
    switch (t->kind) {
    case FZ_T_FIELD:
        read_field(u, t, known, where);
        return;
    case FZ_T_IS_SET: /* these mind an unset value */
    case FZ_T_LATER:
    case FZ_T_EARLIER:
    case FZ_T_COUNT:
    case FZ_T_EMPTY:
        return;
    case FZ_T_OTHERWISE:
        read_term(u, t->args[1], known, where);
        return;
    case FZ_T_AND:
    case FZ_T_OR:
        read_parts(u, t, known, where);
        return;
    case FZ_T_IF:
        read_if(u, t, known, where);
        return;
    default:
        for (size_t i = 0; i < t->args_n; i++)
            read_term(u, t->args[i], known, where);
        return;
    }
}

/* ---- who reads ---- */

static void read_act(struct unset *u, int action, int stage)
{
    const struct fz_action *a = &u->m->record->actions[action];
    struct fields known = during(u, action, stage, false);

    for (size_t i = 0; i < a->after_n; i++)
        read_term(u, a->after[i].when, known, a->name);
    for (size_t i = 0; i < a->gates_n; i++)
        read_term(u, a->gates[i].that, known, a->name);
    for (size_t i = 0; i < a->sets_n; i++)
        read_term(u, a->sets[i].value, known, a->name);
    if (a->waivable && stage != FZ_NONE)
        read_term(u, a->waive_when, u->certain[stage], a->name);
}

static void meet_during(struct unset *u, struct fields f, int action)
{
    bool law = false;

    for (size_t i = 0; i < u->m->moves_n; i++)
        law |= u->m->moves[i].kind == MOVE_LAW && u->m->moves[i].id == action;
    for (int s = FZ_NONE; s < (int)u->m->record->stages_n; s++) {
        if (!taken_at(u, action, s))
            continue;
        if (!u->m->record->actions[action].by_law)
            meet(f, during(u, action, s, false));
        if (law && s != FZ_NONE)
            meet(f, during(u, action, s, true));
    }
}

/* Fields certain whenever the clock runs: those of the acts that start it, or make what has to be served. */
static void meet_starts(struct unset *u, struct fields f, int clock, size_t depth)
{
    const struct fz_clock *k = &u->m->record->clocks[clock];

    for (size_t i = 0; i < k->starts_n; i++) {
        const struct fz_anchor *a = &k->starts[i];

        if (a->kind == FZ_AT_ACT)
            meet_during(u, f, a->id);
        else if (a->kind == FZ_AT_DAY)
            meet(f, u->start);
        else if (a->kind == FZ_AT_CLOCK_END && depth)
            meet_starts(u, f, a->id, depth - 1);
        for (int n = 0; a->kind == FZ_AT_SERVICE && n < (int)u->m->record->actions_n; n++)
            if (u->m->record->actions[n].document == a->id)
                meet_during(u, f, n);
    }
}

static void read_clock(struct unset *u, int clock)
{
    const struct fz_clock *k = &u->m->record->clocks[clock];
    struct fields known = fields_new(u->m);

    memset(known.w, 0xff, known.n * sizeof(*known.w));
    meet_starts(u, known, clock, u->m->record->clocks_n);
    for (size_t i = 0; i < k->starts_n; i++) /* a day that is not set is "not yet"; once it is, it is */
        if (k->starts[i].kind == FZ_AT_DAY && plain_field(k->starts[i].day))
            put(known, k->starts[i].day->id);
    read_term(u, k->when, known, k->name);
    if (k->when)
        told_by(known, k->when, true);
    for (size_t i = 0; i < k->limit_n; i++) {
        struct fields here = fields_copy(u->m, known);

        read_term(u, k->limit[i].when, known, k->name);
        if (k->limit[i].when)
            told_by(here, k->limit[i].when, true);
        read_term(u, k->limit[i].be, here, k->name);
    }
    read_term(u, k->until, known, k->name);
    for (size_t i = 0; i < k->caps_n; i++) {
        struct fields here = fields_copy(u->m, known);

        read_term(u, k->caps[i].when, known, k->name);
        if (k->caps[i].when)
            told_by(here, k->caps[i].when, true);
        read_term(u, k->caps[i].at, here, k->name);
    }
    for (size_t i = 0; i < k->extends_n; i++) {
        struct fields here = fields_copy(u->m, known);

        put_sets(u->m, here, k->extends[i].on);
        read_term(u, k->extends[i].when, here, k->name);
        if (k->extends[i].when)
            told_by(here, k->extends[i].when, true);
        read_term(u, k->extends[i].by, here, k->name);
    }
    read_term(u, k->promise, known, k->name);
}

size_t unset_check(const struct model *m, uint64_t reachable, const fz_acts *alive, struct fz_diags *diags)
{
    struct unset u = {.m = m, .diags = diags, .reachable = reachable, .alive = alive};
    size_t fields = 0;

    u.start = fields_new(m);
    u.certain = FZ_NEW_ARRAY(m->arena, struct fields, m->record->stages_n);
    find_certain(&u);
    for (int a = 0; a < (int)m->record->actions_n; a++)
        for (int s = FZ_NONE; s < (int)m->record->stages_n; s++)
            if (taken_at(&u, a, s) && !m->record->actions[a].by_law)
                read_act(&u, a, s);
    for (int c = 0; c < (int)m->record->clocks_n; c++)
        read_clock(&u, c);
    for (int f = 0; f < (int)m->record->fields_n; f++)
        fields += !m->record->fields[f].is && cond_maybe_unset(m, f);
    return fields;
}
