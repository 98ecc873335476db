/*
 * Conditions as diagrams.
 *
 * A condition over what the control state holds (stage, milestones, services, flags, choices, states of clocks) becomes a function of its
 * groups. What remains, a comparison of days or money, is an atom, one variable: fixed from the start when nothing changes what it reads,
 * else free at every step. Three values throughout, as in law/eval.c: `yes`, `no`, and unknown where neither holds.
 *
 * Every function here runs twice. In the first pass m->asking is set and a leaf makes its group and answers "never", so nothing may be
 * skipped because a part is false; in the second the variables are there.
 */
#include "law/prove_int.h"

typedef const struct fz_term *term;

static const struct cond unknown;

static struct cond both_ways(struct model *m, fz_bdd yes)
{
    return (struct cond){yes, m->asking ? fz_bdd_false : fz_bdd_not(m->b, yes)};
}

static struct cond opposite(struct cond c)
{
    return (struct cond){c.no, c.yes};
}

/* ---- what a term reads ---- */

struct reading {
    const struct model *m;
    int action;
    int depth; /* of derived fields within each other */
    bool found;
};

#define DERIVED_DEPTH 16 /* a derived field that reads itself ends here */

static void walk_derived(struct reading *r, term t, void (*visit)(term t, void *arg))
{
    const struct fz_field *f = t->kind == FZ_T_FIELD ? &r->m->record->fields[t->id] : NULL;

    if (!f || !f->is || r->depth >= DERIVED_DEPTH)
        return;
    r->depth++;
    fz_term_walk(f->is, visit, r);
    r->depth--;
}

static void see_change(term t, void *arg)
{
    struct reading *r = arg;

    switch (t->kind) {
    case FZ_T_CONST:
    case FZ_T_CONFIG:
    case FZ_T_STAGE_AT: /* only ever within a flag that is no atom */
        return;
    case FZ_T_FIELD:
        r->found |= !r->m->record->fields[t->id].is && r->m->changing[t->id];
        walk_derived(r, t, see_change);
        return;
    case FZ_T_OUTCOME:
    case FZ_T_DONE:
    case FZ_T_TIMES:
    case FZ_T_DAY_OF:
    case FZ_T_FIRST_DAY:
    case FZ_T_SERVED:
    case FZ_T_CLOCK_IS:
    case FZ_T_CLOCK_DUE:
    case FZ_T_CLOCK_USED:
    case FZ_T_CLOCK_LEFT:
    case FZ_T_DAYS_OVER:
    case FZ_T_ALL:
    case FZ_T_ANY:
    case FZ_T_SUM:
        r->found = true;
        return;
    default:
        return;
    }
}

/* Whether what it reads may change after the start. */
static bool changes(const struct model *m, term t)
{
    struct reading r = {.m = m};

    fz_term_walk(t, see_change, &r);
    return r.found;
}

static bool sets(const struct fz_action *a, int field)
{
    for (size_t i = 0; i < a->sets_n; i++)
        if (a->sets[i].field == field)
            return true;
    return false;
}

static void see_touch(term t, void *arg)
{
    struct reading *r = arg;
    const struct fz_record *rec = r->m->record;

    switch (t->kind) {
    case FZ_T_FIELD:
        r->found |= sets(&rec->actions[r->action], t->id);
        walk_derived(r, t, see_touch);
        return;
    case FZ_T_DONE:
    case FZ_T_TIMES:
    case FZ_T_DAY_OF:
    case FZ_T_FIRST_DAY:
        r->found |= t->id == r->action || fz_acts_has(&rec->actions[r->action].clears, t->id);
        return;
    default:
        return;
    }
}

bool cond_touched(const struct model *m, const struct fz_term *t, int action)
{
    struct reading r = {.m = m, .action = action};

    fz_term_walk(t, see_touch, &r);
    return r.found;
}

static void see_outcome(term t, void *arg)
{
    struct reading *r = arg;

    r->found |= t->kind == FZ_T_OUTCOME;
    walk_derived(r, t, see_outcome);
}

bool cond_reads_outcome(const struct model *m, const struct fz_term *t)
{
    struct reading r = {.m = m};

    fz_term_walk(t, see_outcome, &r);
    return r.found;
}

/* ---- atoms ---- */

static bool same_term(term a, term b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->id != b->id || a->args_n != b->args_n || a->negated != b->negated ||
        a->stages != b->stages || a->state != b->state)
        return false;
    if (a->kind == FZ_T_CONST && (a->type != b->type || !fz_value_equal(a->type, a->value, b->value)))
        return false;
    for (size_t i = 0; i < a->args_n; i++)
        if (!same_term(a->args[i], b->args[i]))
            return false;
    return true;
}

/* The group of a condition over values. `sub` tells apart several questions about one term. */
static int atom_group(struct model *m, term t, int sub)
{
    group_kind kind = changes(m, t) ? GROUP_FREE : GROUP_FIXED;
    int g;

    for (size_t i = 0; i < m->groups_n; i++) {
        const struct group *x = &m->groups[i];

        if (x->kind == kind && x->term && x->sub == sub && same_term(x->term, t))
            return model_group(m, kind, x->id, sub, 2);
    }
    g = model_group(m, kind, (int)m->groups_n, sub, 2); /* its own index: no other atom has it */
    m->groups[g].term = t;
    return g;
}

static struct cond atom(struct model *m, const struct in_hand *h, term t)
{
    fz_bdd holds = model_in(m, atom_group(m, t, 0), 2), set = cond_set(m, h, t);

    return (struct cond){fz_bdd_and(m->b, set, holds), fz_bdd_minus(m->b, set, holds)};
}

/* a != b and a = b, a > b and a <= b are one atom. */
static struct cond comparison(struct model *m, const struct in_hand *h, term t)
{
    static const fz_term_kind opposites[FZ_T_KINDS] = {[FZ_T_NE] = FZ_T_EQ, [FZ_T_GE] = FZ_T_LT, [FZ_T_GT] = FZ_T_LE};
    struct fz_term *other;

    if (!opposites[t->kind])
        return atom(m, h, t);
    other = FZ_NEW(m->arena, struct fz_term);
    *other = *t;
    other->kind = opposites[t->kind];
    return opposite(atom(m, h, other));
}

/* ---- flags, choices, counts ---- */

bool cond_maybe_unset(const struct model *m, int field)
{
    const struct fz_field *f = &m->record->fields[field];

    return !f->initial.set && (!f->required || f->when);
}

static bool has_group(const struct fz_field *f)
{
    return !f->many && (f->type == FZ_TYPE_FLAG || f->type == FZ_TYPE_CHOICE);
}

int cond_field(struct model *m, int field)
{
    bool unset = cond_maybe_unset(m, field);
    const struct fz_field *f = &m->record->fields[field];
    int g = model_group(m, GROUP_FIELD, field, 0, (f->type == FZ_TYPE_FLAG ? 2 : 1) + unset);

    if (m->asking) {
        m->groups[g].unset = unset;
        m->groups[g].others = f->type == FZ_TYPE_CHOICE && m->groups[g].choices_n < f->choices.n;
        m->groups[g].initial = model_values(m, g);
    }
    return g;
}

/* First pass: from now on this choice is told apart. False when there is no room for one more. */
static bool tell_apart(struct model *m, int group, size_t choices_n, int64_t choice)
{
    struct group *g = &m->groups[group];

    for (size_t i = 0; i < g->choices_n; i++)
        if (g->choices[i] == choice)
            return true;
    if (g->choices_n + 2 + g->unset >= GROUP_VALUES_MAX)
        return false;
    if (m->asking) {
        int64_t *copy = FZ_NEW_ARRAY(m->arena, int64_t, g->choices_n + 1);

        if (g->choices_n)
            memcpy(copy, g->choices, g->choices_n * sizeof(*copy));
        copy[g->choices_n++] = choice;
        g->choices = copy;
        g->others = g->choices_n < choices_n;
        g->size = (uint32_t)g->choices_n + g->others + g->unset;
        g->initial = model_values(m, group);
    }
    return true;
}

/* The values of a field's group that stand for `value`: one, or that of all the others. */
uint64_t cond_field_values(const struct model *m, int group, int64_t value)
{
    const struct group *g = &m->groups[group];

    if (g->kind == GROUP_FIELD && m->record->fields[g->id].type == FZ_TYPE_FLAG)
        return UINT64_C(1) << (value + g->unset);
    if (g->kind == GROUP_CONFIG && m->pack->config[g->id].type == FZ_TYPE_FLAG)
        return UINT64_C(1) << value;
    for (size_t i = 0; i < g->choices_n; i++)
        if (g->choices[i] == value)
            return UINT64_C(1) << (i + g->unset);
    return UINT64_C(1) << (g->choices_n + g->unset);
}

fz_bdd cond_field_set(struct model *m, int field)
{
    const struct fz_field *f = &m->record->fields[field];

    if (!cond_maybe_unset(m, field))
        return fz_bdd_true;
    if (has_group(f)) {
        int g = cond_field(m, field);

        return model_in(m, g, model_values(m, g) & ~UINT64_C(1));
    }
    return model_in(m, model_group(m, GROUP_SET, field, 0, 2), 2);
}

static int config_group(struct model *m, int config)
{
    const struct fz_config *c = &m->pack->config[config];
    int g = model_group(m, GROUP_CONFIG, config, 0, c->type == FZ_TYPE_FLAG ? 2 : 1);

    if (m->asking && c->type == FZ_TYPE_CHOICE)
        m->groups[g].others = m->groups[g].choices_n < c->choices.n;
    if (m->asking)
        m->groups[g].initial = model_values(m, g);
    return g;
}

static struct cond flag_of_group(struct model *m, int group)
{
    return (struct cond){model_in(m, group, cond_field_values(m, group, 1)),
                         model_in(m, group, cond_field_values(m, group, 0))};
}

/* Reads a derived field by `read`; one that reads itself counts as an atom. */
static bool enter(struct model *m, term t)
{
    if (m->entering[t->id])
        return false;
    return m->entering[t->id] = true;
}

static void leave(struct model *m, term t)
{
    m->entering[t->id] = false;
}

/* The value of a term of type choice is `choice`. */
static struct cond choice_is(struct model *m, const struct in_hand *h, term t, int64_t choice);

static struct cond choice_of_group(struct model *m, int group, size_t choices_n, term t, int64_t choice)
{
    fz_bdd yes;

    if (!tell_apart(m, group, choices_n, choice))
        return both_ways(m, model_in(m, atom_group(m, t, (int)choice + 1), 2));
    yes = model_in(m, group, cond_field_values(m, group, choice));
    return (struct cond){
        yes, fz_bdd_minus(m->b, model_in(m, group, model_values(m, group) & ~(uint64_t)m->groups[group].unset), yes)};
}

static struct cond choice_of_field(struct model *m, const struct in_hand *h, term t, int64_t choice)
{
    const struct fz_field *f = &m->record->fields[t->id];
    struct cond c;

    if (!f->is)
        return choice_of_group(m, cond_field(m, t->id), f->choices.n, t, choice);
    if (!enter(m, t))
        return both_ways(m, model_in(m, atom_group(m, t, (int)choice + 1), 2));
    c = choice_is(m, h, f->is, choice);
    leave(m, t);
    return c;
}

/* An act without outcomes has none, and a condition over it is unknown. */
static struct cond outcome_is(struct model *m, const struct in_hand *h, term t, int64_t choice)
{
    if (h->action == FZ_NONE)
        return both_ways(m, model_in(m, atom_group(m, t, (int)choice + 1), 2));
    if (h->outcome == FZ_NONE)
        return unknown;
    return m->record->actions[h->action].outcomes[h->outcome].id == choice ? (struct cond){fz_bdd_true, fz_bdd_false}
                                                                           : (struct cond){fz_bdd_false, fz_bdd_true};
}

static struct cond either(struct model *m, struct cond when, struct cond a, struct cond b)
{
    return (struct cond){fz_bdd_or(m->b, fz_bdd_and(m->b, when.yes, a.yes), fz_bdd_and(m->b, when.no, b.yes)),
                         fz_bdd_or(m->b, fz_bdd_and(m->b, when.yes, a.no), fz_bdd_and(m->b, when.no, b.no))};
}

/* The row of a table that holds answers: `choice` of its values, or with FZ_NONE a flag. One row and one only is for any values, so the rows need no order. */
static struct cond of_table(struct model *m, const struct in_hand *h, term t, int64_t choice)
{
    struct cond sum = unknown;

    for (size_t i = m->pack->tables[t->id].inputs_n; i < t->args_n; i += 2) {
        struct cond when = cond_of(m, h, t->args[i]), what = choice == FZ_NONE ? cond_of(m, h, t->args[i + 1]) : choice_is(m, h, t->args[i + 1], choice);

        sum.yes = fz_bdd_or(m->b, sum.yes, fz_bdd_and(m->b, when.yes, what.yes));
        sum.no = fz_bdd_or(m->b, sum.no, fz_bdd_and(m->b, when.yes, what.no));
    }
    sum.no = fz_bdd_minus(m->b, sum.no, sum.yes); /* atoms of two rows may both be supposed, which no value can be */
    return sum;
}

static struct cond choice_is(struct model *m, const struct in_hand *h, term t, int64_t choice)
{
    struct cond a, b;

    switch (t->kind) {
    case FZ_T_CONST:
        return t->value.n == choice ? (struct cond){fz_bdd_true, fz_bdd_false}
                                    : (struct cond){fz_bdd_false, fz_bdd_true};
    case FZ_T_FIELD:
        return choice_of_field(m, h, t, choice);
    case FZ_T_CONFIG:
        return choice_of_group(m, config_group(m, t->id), m->pack->config[t->id].choices.n, t, choice);
    case FZ_T_OUTCOME:
        return outcome_is(m, h, t, choice);
    case FZ_T_IF:
        a = choice_is(m, h, t->args[1], choice);
        b = choice_is(m, h, t->args[2], choice);
        return either(m, cond_of(m, h, t->args[0]), a, b);
    case FZ_T_OTHERWISE:
        a = choice_is(m, h, t->args[0], choice);
        b = choice_is(m, h, t->args[1], choice);
        return either(m, both_ways(m, cond_set(m, h, t->args[0])), a, b);
    case FZ_T_TABLE:
        return of_table(m, h, t, choice);
    default:
        return both_ways(m, model_in(m, atom_group(m, t, (int)choice + 1), 2));
    }
}

static size_t domain_size(const struct model *m, term t)
{
    return t->choices ? t->choices->n : m->record->outcomes_n;
}

static struct cond choices_equal(struct model *m, const struct in_hand *h, term a, term b)
{
    struct cond sum = unknown;

    if (a->kind == FZ_T_CONST)
        return choice_is(m, h, b, a->value.n);
    if (b->kind == FZ_T_CONST)
        return choice_is(m, h, a, b->value.n);
    for (size_t k = 0; k < domain_size(m, a); k++) {
        struct cond x = choice_is(m, h, a, (int64_t)k), y = choice_is(m, h, b, (int64_t)k);

        sum.yes = fz_bdd_or(m->b, sum.yes, fz_bdd_and(m->b, x.yes, y.yes));
        sum.no = fz_bdd_or(m->b, sum.no, fz_bdd_and(m->b, x.yes, y.no));
    }
    return sum;
}

static struct cond flags_equal(struct model *m, const struct in_hand *h, term a, term b)
{
    struct cond x = cond_of(m, h, a), y = cond_of(m, h, b);

    return either(m, x, y, opposite(y));
}

/* times(a) against a number: as many counts are told apart as it needs. */
static struct cond count_against(struct model *m, fz_term_kind kind, int action, int64_t number)
{
    bool up = kind == FZ_T_LE || kind == FZ_T_GT; /* a <= n is not a >= n + 1 */
    struct cond least, more;

    if (number < 0)
        return kind == FZ_T_EQ || kind == FZ_T_LT || kind == FZ_T_LE ? (struct cond){fz_bdd_false, fz_bdd_true}
                                                                     : (struct cond){fz_bdd_true, fz_bdd_false};
    least = both_ways(m, model_taken(m, action, (uint32_t)(number + up)));
    more = both_ways(m, model_taken(m, action, (uint32_t)number + 1));
    switch (kind) {
    case FZ_T_LT:
    case FZ_T_LE:
        return opposite(least);
    case FZ_T_GT:
    case FZ_T_GE:
        return least;
    default:
        least.yes = fz_bdd_minus(m->b, least.yes, more.yes);
        least.no = m->asking ? fz_bdd_false : fz_bdd_not(m->b, least.yes);
        return kind == FZ_T_EQ ? least : opposite(least);
    }
}

static struct cond compare(struct model *m, const struct in_hand *h, term t)
{
    static const fz_term_kind mirrored[FZ_T_KINDS] = {[FZ_T_EQ] = FZ_T_EQ, [FZ_T_NE] = FZ_T_NE, [FZ_T_LT] = FZ_T_GT,
                                                      [FZ_T_LE] = FZ_T_GE, [FZ_T_GT] = FZ_T_LT, [FZ_T_GE] = FZ_T_LE};
    term a = t->args[0], b = t->args[1];
    bool equality = t->kind == FZ_T_EQ || t->kind == FZ_T_NE, single = !a->many && !b->many;
    struct cond c;

    if (a->kind == FZ_T_TIMES && b->kind == FZ_T_CONST && b->value.n < GROUP_VALUES_MAX - 2)
        return count_against(m, t->kind, a->id, b->value.n);
    if (b->kind == FZ_T_TIMES && a->kind == FZ_T_CONST && a->value.n < GROUP_VALUES_MAX - 2)
        return count_against(m, mirrored[t->kind], b->id, a->value.n);
    if (!equality || !single || (a->type != FZ_TYPE_CHOICE && a->type != FZ_TYPE_FLAG))
        return comparison(m, h, t);
    c = a->type == FZ_TYPE_CHOICE ? choices_equal(m, h, a, b) : flags_equal(m, h, a, b);
    return t->kind == FZ_T_EQ ? c : opposite(c);
}

static struct cond in_list(struct model *m, const struct in_hand *h, term t)
{
    struct cond c = unknown;

    if (t->args[0]->type != FZ_TYPE_CHOICE || t->args[0]->many) {
        term bare = t;

        if (t->negated) {
            struct fz_term *copy = FZ_NEW(m->arena, struct fz_term);

            *copy = *t;
            copy->negated = false;
            bare = copy;
        }
        c = atom(m, h, bare);
        return t->negated ? opposite(c) : c;
    }
    for (size_t i = 1; i < t->args_n; i++)
        c.yes = fz_bdd_or(m->b, c.yes, choices_equal(m, h, t->args[0], t->args[i]).yes);
    c.no = fz_bdd_minus(m->b, cond_set(m, h, t->args[0]), c.yes);
    return t->negated ? opposite(c) : c;
}

/* ---- sets of parties ---- */

static struct cond over_members(struct model *m, const struct in_hand *h, term t)
{
    term set = t->args[0];
    group_kind kind = t->kind == FZ_T_ALL ? GROUP_ALL : GROUP_ANY;
    int g;

    if (set->kind != FZ_T_FIELD || !fz_ids_has(m->record->actions[t->id].each, set->id))
        return atom(m, h, t);
    g = model_group(m, kind, t->id, set->id, 2);
    if (m->asking) /* whatever is asked of all members of an empty set holds */
        m->groups[g].initial = kind == GROUP_ALL && !m->record->fields[set->id].required ? 3 : 1;
    return both_ways(m, model_in(m, g, 2));
}

/* ---- the whole language ---- */

static struct cond flag_of_field(struct model *m, const struct in_hand *h, term t)
{
    const struct fz_field *f = &m->record->fields[t->id];
    struct cond c;

    if (!f->is)
        return flag_of_group(m, cond_field(m, t->id));
    if (!enter(m, t))
        return both_ways(m, model_in(m, atom_group(m, t, 0), 2));
    c = cond_of(m, h, f->is);
    leave(m, t);
    return c;
}

static struct cond all_or_any(struct model *m, const struct in_hand *h, term t)
{
    bool any = t->kind == FZ_T_OR;
    struct cond sum = {any ? fz_bdd_false : fz_bdd_true, any ? fz_bdd_true : fz_bdd_false};

    for (size_t i = 0; i < t->args_n; i++) {
        struct cond c = cond_of(m, h, t->args[i]);

        sum.yes = any ? fz_bdd_or(m->b, sum.yes, c.yes) : fz_bdd_and(m->b, sum.yes, c.yes);
        sum.no = any ? fz_bdd_and(m->b, sum.no, c.no) : fz_bdd_or(m->b, sum.no, c.no);
    }
    return sum;
}

static struct cond if_of(struct model *m, const struct in_hand *h, term t)
{
    struct cond a = cond_of(m, h, t->args[1]), b = cond_of(m, h, t->args[2]);

    return either(m, cond_of(m, h, t->args[0]), a, b);
}

static struct cond otherwise_of(struct model *m, const struct in_hand *h, term t)
{
    struct cond a = cond_of(m, h, t->args[0]), b = cond_of(m, h, t->args[1]);
    fz_bdd set = fz_bdd_or(m->b, a.yes, a.no);

    return (struct cond){fz_bdd_ite(m->b, set, a.yes, b.yes), fz_bdd_ite(m->b, set, a.no, b.no)};
}

struct cond cond_of(struct model *m, const struct in_hand *h, const struct fz_term *t)
{
    struct cond c;

    if (!t)
        return (struct cond){fz_bdd_true, fz_bdd_false};
    switch (t->kind) {
    case FZ_T_CONST:
        return t->value.n ? (struct cond){fz_bdd_true, fz_bdd_false} : (struct cond){fz_bdd_false, fz_bdd_true};
    case FZ_T_FIELD:
        return flag_of_field(m, h, t);
    case FZ_T_CONFIG:
        return flag_of_group(m, config_group(m, t->id));
    case FZ_T_STAGE_AT:
        return both_ways(m, model_stages(m, t->stages));
    case FZ_T_IF:
        return if_of(m, h, t);
    case FZ_T_OR:
    case FZ_T_AND:
        return all_or_any(m, h, t);
    case FZ_T_NOT:
        return opposite(cond_of(m, h, t->args[0]));
    case FZ_T_EQ:
    case FZ_T_NE:
    case FZ_T_LT:
    case FZ_T_LE:
    case FZ_T_GT:
    case FZ_T_GE:
        return compare(m, h, t);
    case FZ_T_IN:
        return in_list(m, h, t);
    case FZ_T_IS_SET:
        c = both_ways(m, cond_set(m, h, t->args[0]));
        return t->negated ? opposite(c) : c;
    case FZ_T_OTHERWISE:
        return otherwise_of(m, h, t);
    case FZ_T_DONE:
        return both_ways(m, model_done(m, t->id));
    case FZ_T_SERVED:
        return both_ways(m, model_in(m, model_group(m, GROUP_DOCUMENT, t->id, 0, 3), 4));
    case FZ_T_CLOCK_IS:
        c = both_ways(m, clock_is(m, h, t->id, t->state));
        return t->negated ? opposite(c) : c;
    case FZ_T_ALL:
    case FZ_T_ANY:
        return over_members(m, h, t);
    case FZ_T_TABLE:
        return of_table(m, h, t, FZ_NONE);
    default:
        return atom(m, h, t);
    }
}

/* ---- set or not ---- */

static bool all_known(const struct model *m, term t)
{
    for (size_t i = 0; i < t->args_n; i++)
        if (!cond_known(m, t->args[i]))
            return false;
    return true;
}

bool cond_known(const struct model *m, const struct fz_term *t)
{
    switch (t->kind) {
    case FZ_T_FIELD:
        return !m->record->fields[t->id].is && !cond_maybe_unset(m, t->id);
    case FZ_T_CONST:
    case FZ_T_CONFIG:
        return true;
    case FZ_T_OTHERWISE:
        return cond_known(m, t->args[0]) || cond_known(m, t->args[1]);
    case FZ_T_LATER:
    case FZ_T_EARLIER:
    case FZ_T_DUE:
        return all_known(m, t);
    default:
        return false;
    }
}

static fz_bdd parts_set(struct model *m, const struct in_hand *h, term t, bool all)
{
    fz_bdd sum = all ? fz_bdd_true : fz_bdd_false;

    for (size_t i = 0; i < t->args_n; i++) {
        fz_bdd set = cond_set(m, h, t->args[i]);

        sum = all ? fz_bdd_and(m->b, sum, set) : fz_bdd_or(m->b, sum, set);
    }
    return sum;
}

static fz_bdd table_set(struct model *m, const struct in_hand *h, term t)
{
    fz_bdd sum = fz_bdd_false;

    for (size_t i = m->pack->tables[t->id].inputs_n; i < t->args_n; i += 2) {
        fz_bdd value = cond_set(m, h, t->args[i + 1]);

        sum = fz_bdd_or(m->b, sum, fz_bdd_and(m->b, cond_of(m, h, t->args[i]).yes, value));
    }
    return sum;
}

static fz_bdd derived_set(struct model *m, const struct in_hand *h, term t)
{
    fz_bdd set;

    if (!enter(m, t))
        return model_in(m, atom_group(m, t, -1), 2);
    set = cond_set(m, h, m->record->fields[t->id].is);
    leave(m, t);
    return set;
}

static fz_bdd if_set(struct model *m, const struct in_hand *h, term t)
{
    struct cond when = cond_of(m, h, t->args[0]);
    fz_bdd a = cond_set(m, h, t->args[1]), b = cond_set(m, h, t->args[2]);

    return fz_bdd_or(m->b, fz_bdd_and(m->b, when.yes, a), fz_bdd_and(m->b, when.no, b));
}

/* Sums that overflow and days past the calendar are unset as well; they are a failure of the machine and not of the pack. */
fz_bdd cond_set(struct model *m, const struct in_hand *h, const struct fz_term *t)
{
    struct cond c;

    switch (t->kind) {
    case FZ_T_FIELD:
        return m->record->fields[t->id].is ? derived_set(m, h, t) : cond_field_set(m, t->id);
    case FZ_T_IF:
        return if_set(m, h, t);
    case FZ_T_TABLE:
        return table_set(m, h, t);
    case FZ_T_OR:
    case FZ_T_AND:
        c = cond_of(m, h, t);
        return fz_bdd_or(m->b, c.yes, c.no);
    case FZ_T_IN:
        return cond_set(m, h, t->args[0]);
    case FZ_T_OTHERWISE:
    case FZ_T_LATER:
    case FZ_T_EARLIER:
        return parts_set(m, h, t, false);
    case FZ_T_OUTCOME:
        return h->action == FZ_NONE    ? model_in(m, atom_group(m, t, -1), 2)
               : h->outcome == FZ_NONE ? fz_bdd_false
                                       : fz_bdd_true;
    case FZ_T_DAY_OF:
    case FZ_T_FIRST_DAY:
        return t->id == h->action ? fz_bdd_true : model_taken(m, t->id, 1);
    case FZ_T_CLOCK_DUE:
    case FZ_T_CLOCK_USED:
    case FZ_T_CLOCK_LEFT:
        return model_in(m, atom_group(m, t, -1), 2);
    case FZ_T_CONST:
    case FZ_T_CONFIG:
    case FZ_T_STAGE_AT:
    case FZ_T_IS_SET:
    case FZ_T_DONE:
    case FZ_T_TIMES:
    case FZ_T_SERVED:
    case FZ_T_CLOCK_IS:
    case FZ_T_DAYS_OVER:
    case FZ_T_ALL:
    case FZ_T_ANY:
    case FZ_T_COUNT:
    case FZ_T_EMPTY:
        return fz_bdd_true;
    default:
        return parts_set(m, h, t, true);
    }
}
