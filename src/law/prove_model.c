/*
 * From a record to groups, variables and moves.
 *
 * First every condition is read once with m->asking set; that makes the groups, and only those: a milestone that nothing asks for is no
 * part of the state. Then each move gets its changes as relations over groups. Now it is known which groups belong together, so that the
 * variables can be put in order and the same conditions read again, as diagrams.
 *
 * Where a step of law/case.c depends on more than the state holds (which party was heard, what was entered) the move may go either way.
 * Persons, roles, and shortest times that merely have to be waited for (`holds`, `blocks`, floors) are no part of the state either: they
 * take away no state and end no run. So the model can do all that a case can do, and a rule that holds here holds for every case.
 */
#include "law/prove_int.h"

#define COUNT_MAX (GROUP_VALUES_MAX - 4) /* `times` beyond it is not told apart from "any number" */

static const struct in_hand nothing_in_hand = {FZ_NONE, FZ_NONE};

static const struct fz_action *act_of(const struct model *m, int action)
{
    fz_assert(action >= 0 && (size_t)action < m->record->actions_n);
    return &m->record->actions[action];
}

/* ---- groups ---- */

static int find_group(const struct model *m, group_kind kind, int id, int sub)
{
    for (size_t i = 0; i < m->groups_n; i++)
        if (m->groups[i].kind == kind && m->groups[i].id == id && m->groups[i].sub == sub)
            return (int)i;
    return FZ_NONE;
}

static void note(struct model *m, int group)
{
    if (m->asking)
        FZ_PUSH(m->arena, m, edges, edges_n, edges_cap) = group;
}

/* What was noted since the last call belongs together, each group once. */
static void end_edge(struct model *m)
{
    size_t first = m->edges_n, end = m->edges_n;

    while (first > 0 && m->edges[first - 1] != FZ_NONE)
        first--;
    m->edges_n = first;
    for (size_t i = first; i < end; i++) {
        int g = m->edges[i];
        size_t k = first;

        while (k < m->edges_n && m->edges[k] != g)
            k++;
        if (k == m->edges_n && g >= GROUPS_ON_TOP)
            m->edges[m->edges_n++] = g;
    }
    note(m, FZ_NONE);
}

int model_group(struct model *m, group_kind kind, int id, int sub, uint32_t size)
{
    int g = find_group(m, kind, id, sub);

    if (g == FZ_NONE) {
        fz_assert(m->asking);
        g = (int)m->groups_n;
        FZ_PUSH(m->arena, m, groups, groups_n, groups_cap) =
            (struct group){.kind = kind, .id = id, .sub = sub, .initial = 1};
        if (kind == GROUP_FIXED || kind == GROUP_FREE)
            m->groups[g].initial = 3;
        if (kind == GROUP_SET)
            m->groups[g].initial = cond_maybe_unset(m, id) ? 3 : 2;
    }
    if (m->asking && m->groups[g].size < size)
        m->groups[g].size = size;
    fz_assert(m->groups[g].size <= GROUP_VALUES_MAX);
    note(m, g);
    return g;
}

static uint64_t all_of(const struct group *g)
{
    return g->size == 64 ? UINT64_MAX : (UINT64_C(1) << g->size) - 1;
}

uint64_t model_values(const struct model *m, int group)
{
    return all_of(&m->groups[group]);
}

fz_bdd model_in(struct model *m, int group, uint64_t values)
{
    const struct group *g = &m->groups[group];
    fz_bdd sum = fz_bdd_false;

    if (m->asking)
        return fz_bdd_false;
    if (values == GROUP_ANYHOW)
        return fz_bdd_true;
    for (uint32_t v = 0; v < g->size; v++)
        if (values >> v & 1)
            sum = fz_bdd_or(m->b, sum, g->is[v]);
    return sum;
}

fz_bdd model_stages(struct model *m, uint64_t stages)
{
    return fz_bdd_and(m->b, model_in(m, GROUP_OF_BEGUN, 2), model_in(m, GROUP_OF_STAGE, stages));
}

fz_bdd model_taken(struct model *m, int action, uint32_t times)
{
    int g;

    if (times == 0)
        return fz_bdd_true;
    g = model_group(m, GROUP_COUNT, action, 0, times + 1);
    return m->asking ? fz_bdd_false : model_in(m, g, all_of(&m->groups[g]) & ~((UINT64_C(1) << times) - 1));
}

fz_bdd model_done(struct model *m, int action)
{
    const struct fz_action *a = act_of(m, action);

    if (!fz_acts_has(&m->cleared, action) && !a->waivable && a->each.n == 0)
        return model_taken(m, action, 1);
    return model_in(m, model_group(m, GROUP_DONE, action, 0, 2), 2);
}

/* ---- changes ---- */

void model_change(struct model *m, struct changes *c, int group, const uint64_t *to)
{
    const struct group *g = &m->groups[group];
    struct relation *r = NULL;
    uint64_t *both = FZ_NEW_ARRAY(m->arena, uint64_t, g->size);

    for (size_t i = 0; i < c->n; i++)
        if (c->relations[i].group == group)
            r = &c->relations[i];
    for (uint32_t v = 0; v < g->size; v++)
        for (uint32_t w = 0; w < g->size; w++)
            if (r ? r->to[v] >> w & 1 : v == w)
                both[v] |= to[w];
    if (!r) {
        r = &FZ_PUSH(m->arena, c, relations, n, cap);
        r->group = group;
    }
    r->to = both;
    note(m, group);
}

void model_change_to(struct model *m, struct changes *c, int group, uint64_t values)
{
    uint64_t to[GROUP_VALUES_MAX];

    for (uint32_t v = 0; v < m->groups[group].size; v++)
        to[v] = values;
    model_change(m, c, group, to);
}

/* Two values: where it was 0 and where it was 1. A group that nobody asked for is left out. */
static void change_flag(struct model *m, struct changes *c, int group, uint64_t from_no, uint64_t from_yes)
{
    const uint64_t to[2] = {from_no, from_yes};

    if (group != FZ_NONE)
        model_change(m, c, group, to);
}

static bool below(const struct model *m, const struct relation *a, const struct relation *b)
{
    return m->groups[a->group].var > m->groups[b->group].var;
}

/* Lowest variables first: a conjunction that grows upwards makes one node a variable. */
static void sort_relations(const struct model *m, struct changes *c)
{
    for (size_t i = 1; i < c->n; i++) {
        struct relation r = c->relations[i];
        size_t k = i;

        for (; k > 0 && below(m, &r, &c->relations[k - 1]); k--)
            c->relations[k] = c->relations[k - 1];
        c->relations[k] = r;
    }
}

/* A relation that leads to the same values from everywhere needs no case distinction, one that changes nothing is dropped. */
static void settle(struct model *m, struct changes *c)
{
    size_t kept = 0;

    c->cube = c->value = fz_bdd_true;
    sort_relations(m, c);
    for (size_t i = 0; i < c->n; i++) {
        struct relation r = c->relations[i];
        const struct group *g = &m->groups[r.group];
        bool same = true, idle = true;

        for (uint32_t v = 0; v < g->size; v++) {
            same &= r.to[v] == r.to[0];
            idle &= r.to[v] == UINT64_C(1) << v;
        }
        if (idle)
            continue;
        if (same) {
            c->cube = fz_bdd_and(m->b, g->cube, c->cube);
            c->value = fz_bdd_and(m->b, model_in(m, r.group, r.to[0]), c->value);
        } else {
            c->relations[kept++] = r;
        }
    }
    c->n = kept;
}

static bool stays(const struct relation *r, uint32_t v)
{
    return r->to[v] == UINT64_C(1) << v;
}

/* Values that lead to the same ones as `v` does, when `v` is the first of them; those that stay are taken together. */
static uint64_t class_at(const struct relation *r, uint32_t size, uint32_t v)
{
    uint64_t same = 0;

    for (uint32_t w = 0; w < size; w++) {
        bool like = stays(r, v) ? stays(r, w) : !stays(r, w) && r->to[w] == r->to[v];

        if (like && w < v)
            return 0;
        same |= (uint64_t)like << w;
    }
    return same;
}

static fz_bdd relate(struct model *m, const struct relation *r, fz_bdd states, bool backwards)
{
    const struct group *g = &m->groups[r->group];
    fz_bdd sum = fz_bdd_false;

    for (uint32_t v = 0; v < g->size; v++) {
        uint64_t from = class_at(r, g->size, v);
        fz_bdd here, there, part;

        if (!from)
            continue;
        here = model_in(m, r->group, from);
        if (stays(r, v)) {
            part = fz_bdd_and(m->b, states, here);
        } else {
            there = model_in(m, r->group, r->to[v]);
            part = fz_bdd_and(m->b, fz_bdd_and_exists(m->b, states, backwards ? there : here, g->cube),
                              backwards ? here : there);
        }
        sum = fz_bdd_or(m->b, sum, part);
    }
    return sum;
}

fz_bdd model_after(struct model *m, const struct changes *c, fz_bdd states)
{
    for (size_t i = 0; i < c->n; i++)
        states = relate(m, &c->relations[i], states, false);
    return c->cube == fz_bdd_true ? states : fz_bdd_and(m->b, fz_bdd_exists(m->b, states, c->cube), c->value);
}

fz_bdd model_before(struct model *m, const struct changes *c, fz_bdd states)
{
    if (c->cube != fz_bdd_true)
        states = fz_bdd_and_exists(m->b, states, c->value, c->cube);
    for (size_t i = c->n; i > 0; i--)
        states = relate(m, &c->relations[i - 1], states, true);
    return states;
}

static bool changes_any(const struct changes *c)
{
    return c->n || c->cube != fz_bdd_true;
}

static fz_bdd allowed(struct model *m, const struct move *v, fz_bdd states, fz_bdd extra)
{
    if (extra == fz_bdd_true)
        return fz_bdd_and(m->b, states, v->gate);
    return fz_bdd_and_exists(m->b, states, fz_bdd_and(m->b, v->guard, extra), m->free);
}

fz_bdd model_taking(struct model *m, const struct move *v, fz_bdd states, fz_bdd extra)
{
    if (changes_any(&v->given))
        states = model_after(m, &v->given, fz_bdd_and(m->b, states, v->place));
    return allowed(m, v, states, extra);
}

fz_bdd model_image(struct model *m, const struct move *v, fz_bdd states, fz_bdd extra)
{
    return model_after(m, &v->after, model_taking(m, v, states, extra));
}

fz_bdd model_preimage(struct model *m, const struct move *v, fz_bdd states, fz_bdd extra)
{
    states = allowed(m, v, model_before(m, &v->after, states), extra);
    if (changes_any(&v->given))
        states = fz_bdd_and(m->b, model_before(m, &v->given, states), v->place);
    return states;
}

/* ---- runs ---- */

/* Tries every move on all that is known, in turn, until a whole round added nothing. */
size_t model_run(struct model *m, struct reach *r)
{
    size_t since = 0, i = 0, steps = 0;

    r->all = r->from;
    for (size_t k = 0; k < m->moves_n; k++)
        m->moves[k].seen = fz_bdd_false;
    while (since < m->moves_n && !fz_bdds_full(m->b)) {
        struct move *v = &m->moves[i];
        fz_bdd from = fz_bdd_and(m->b, r->all, v->place), more = r->all;

        if (from != v->seen) {
            more = fz_bdd_or(m->b, r->all, model_image(m, v, from, fz_bdd_true));
            v->seen = from;
            steps++;
        }
        if (more != r->all) {
            FZ_PUSH(m->arena, r, rings, n, cap) = (struct ring){(int)i, r->all};
            r->all = more;
            since = 0;
        } else {
            since++;
            i = (i + 1) % m->moves_n;
        }
    }
    return steps;
}

/* ---- what an act does ---- */

/* Values of a field after it was entered: any, and unset only where it was unset and may stay so. */
static void enter_field(struct model *m, struct changes *c, int field, bool must)
{
    int g = find_group(m, GROUP_FIELD, field, 0), set = find_group(m, GROUP_SET, field, 0);
    uint64_t to[GROUP_VALUES_MAX];

    change_flag(m, c, set, must ? 2 : 3, 2);
    if (g == FZ_NONE)
        return;
    for (uint32_t v = 0; v < m->groups[g].size; v++)
        to[v] = all_of(&m->groups[g]) & ~(uint64_t)(m->groups[g].unset && (must || v > 0));
    model_change(m, c, g, to);
}

/* Other parties than before: who was heard or served may be all of them now, or no longer all. */
static void change_members(struct model *m, struct changes *c, int field)
{
    for (size_t i = 0; i < m->groups_n; i++) {
        const struct group *g = &m->groups[i];
        const uint64_t document[3] = {1, 6, 6};

        if ((g->kind == GROUP_DONE && fz_ids_has(act_of(m, g->id)->each, field)) ||
            ((g->kind == GROUP_ALL || g->kind == GROUP_ANY) && g->sub == field))
            change_flag(m, c, (int)i, 3, 3);
        else if (g->kind == GROUP_DOCUMENT && fz_ids_has(m->record->documents[g->id].to, field))
            model_change(m, c, (int)i, document);
    }
}

/* The act is refused unless the field is set by then. */
static bool wants(const struct model *m, int action, int field)
{
    const struct fz_field *f = &m->record->fields[field];

    return f->required_at == action || (f->required && f->when && act_of(m, action)->starts != FZ_NONE);
}

static void entered(struct model *m, struct changes *c, int action)
{
    for (int f = 0; f < (int)m->record->fields_n; f++)
        if (fz_action_enters(m->record, act_of(m, action), f)) {
            enter_field(m, c, f, wants(m, action, f) && !m->record->fields[f].when);
            change_members(m, c, f);
        }
}

/* `sets: {field: value}`. A value that is computed may be any. */
static void assign(struct model *m, struct changes *c, const struct fz_set *s)
{
    int g = find_group(m, GROUP_FIELD, s->field, 0), set = find_group(m, GROUP_SET, s->field, 0);
    bool constant = s->value->kind == FZ_T_CONST;

    change_flag(m, c, set, constant ? 2 : 3, constant ? 2 : 3);
    if (g != FZ_NONE)
        model_change_to(m, c, g, constant ? cond_field_values(m, g, s->value->value.n) : all_of(&m->groups[g]));
    change_members(m, c, s->field);
}

static void clear(struct model *m, struct changes *c, const fz_acts *acts)
{
    for (size_t i = 0; i < m->groups_n; i++) {
        const struct group *g = &m->groups[i];

        if (g->id < 0 || (size_t)g->id >= m->record->actions_n || !fz_acts_has(acts, g->id))
            continue;
        if (g->kind == GROUP_DONE || g->kind == GROUP_ANY || g->kind == GROUP_OPEN)
            change_flag(m, c, (int)i, 1, 1);
        else if (g->kind == GROUP_ALL) /* of no members it holds all the same */
            change_flag(m, c, (int)i, 1, g->initial == 3 ? 3 : 1);
    }
}

static void count(struct model *m, struct changes *c, int action)
{
    int g = find_group(m, GROUP_COUNT, action, 0);
    uint64_t to[GROUP_VALUES_MAX];

    if (g == FZ_NONE)
        return;
    for (uint32_t v = 0; v < m->groups[g].size; v++)
        to[v] = UINT64_C(1) << (v + 1 < m->groups[g].size ? v + 1 : v);
    model_change(m, c, g, to);
}

static void stand(struct model *m, struct changes *c, int action)
{
    bool each = act_of(m, action)->each.n > 0; /* one more member; all of them now or not yet */

    count(m, c, action);
    change_flag(m, c, find_group(m, GROUP_OPEN, action, 0), 2, 2);
    change_flag(m, c, find_group(m, GROUP_DONE, action, 0), each ? 3 : 2, 2);
    for (size_t i = 0; i < act_of(m, action)->each.n; i++) {
        change_flag(m, c, find_group(m, GROUP_ALL, action, act_of(m, action)->each.items[i]), 3, 2);
        change_flag(m, c, find_group(m, GROUP_ANY, action, act_of(m, action)->each.items[i]), 3, 2);
    }
}

static void move_stage(struct model *m, struct changes *c, const struct move *v)
{
    const struct fz_action *a = act_of(m, v->id);
    uint64_t lands = v->to != FZ_NONE ? UINT64_C(1) << v->to : a->from;

    if (v->to != FZ_NONE)
        model_change_to(m, c, GROUP_OF_STAGE, lands);
    if (a->starts != FZ_NONE)
        model_change_to(m, c, GROUP_OF_BEGUN, 2);
    if (a->resumes != FZ_NONE)
        change_flag(m, c, find_group(m, GROUP_PAUSE, a->resumes, 0), 1, 1);
    for (int p = 0; p < (int)m->record->pauses_n; p++) {
        uint64_t in = m->record->pauses[p].in;
        int g = find_group(m, GROUP_PAUSE, p, 0);

        /* A pause lies over its stages only. */
        if (a->pauses == p)
            change_flag(m, c, g, (lands & ~in ? 1 : 0) | (lands & in ? 2 : 0),
                        (lands & ~in ? 1 : 0) | (lands & in ? 2 : 0));
        else if (v->to != FZ_NONE && !(lands & in))
            change_flag(m, c, g, 1, 1);
    }
}

static void await(struct model *m, struct changes *c, int action)
{
    for (size_t i = 0; i < m->pack->rules_n; i++) {
        const struct fz_rule *r = &m->pack->rules[i];
        int g = find_group(m, GROUP_PENDING, (int)i, 0);

        if (g == FZ_NONE)
            continue;
        if (fz_acts_has(&r->others, action))
            change_flag(m, c, g, 1, 1);
        else if (r->act == action)
            change_flag(m, c, g, 2, 2);
    }
}

int model_effect(const struct model *m, const struct move *v)
{
    int change = v->kind == MOVE_ACT || v->kind == MOVE_LAW ? fz_action_change(act_of(m, v->id), v->outcome) : FZ_NONE;

    return change == FZ_NONE ? 0 : m->record->kinds[change].effect;
}

static void change_stock(struct model *m, struct changes *c, int effect)
{
    uint64_t there = effect > 0 ? 2 : 1;

    if (effect)
        change_flag(m, c, find_group(m, GROUP_STOCK, 0, 0), there, there);
}

static void act_changes(struct model *m, struct move *v)
{
    const struct fz_action *a = act_of(m, v->id);
    struct changes *c = &v->after;
    int open = a->answers != FZ_NONE ? find_group(m, GROUP_OPEN, a->answers, 0) : FZ_NONE;

    if (v->kind == MOVE_ACT || a->of_link != FZ_NONE)
        entered(m, &v->given, v->id);
    for (size_t i = 0; i < a->sets_n; i++)
        if (a->sets[i].value)
            assign(m, c, &a->sets[i]);
    if (open != FZ_NONE) /* the oldest of maybe several */
        change_flag(m, c, open, 1, act_of(m, a->answers)->times == 1 ? 1 : 3);
    clear(m, c, &a->clears);
    if (v->outcome != FZ_NONE)
        clear(m, c, &a->outcomes[v->outcome].clears);
    stand(m, c, v->id);
    move_stage(m, c, v);
    if (a->document != FZ_NONE && find_group(m, GROUP_DOCUMENT, a->document, 0) != FZ_NONE)
        model_change_to(m, c, find_group(m, GROUP_DOCUMENT, a->document, 0), 2);
    change_stock(m, c, model_effect(m, v));
    await(m, c, v->id);
    clock_changes(m, c, v->id, FZ_NONE);
}

static void waiver_changes(struct model *m, struct move *v)
{
    const struct fz_action *a = act_of(m, v->id);

    change_flag(m, &v->after, find_group(m, GROUP_DONE, v->id, 0), 2, 2);
    for (size_t i = 0; i < a->each.n; i++) {
        change_flag(m, &v->after, find_group(m, GROUP_ALL, v->id, a->each.items[i]), 2, 2);
        change_flag(m, &v->after, find_group(m, GROUP_ANY, v->id, a->each.items[i]), 3, 2);
    }
}

static void service_changes(struct model *m, struct move *v)
{
    const uint64_t to[3] = {1, 4, 4};

    model_change(m, &v->after, find_group(m, GROUP_DOCUMENT, v->id, 0), to);
    clock_changes(m, &v->after, FZ_NONE, v->id);
}

static void add_changes(struct model *m, struct move *v)
{
    switch (v->kind) {
    case MOVE_ACT:
    case MOVE_LAW:
        act_changes(m, v);
        break;
    case MOVE_WAIVE:
        waiver_changes(m, v);
        break;
    case MOVE_SERVE:
        service_changes(m, v);
        break;
    default:
        clock_move_changes(m, &v->after, v->id, v->kind);
        break;
    }
}

/* ---- what an act needs ---- */

static fz_bdd need(struct model *m, struct move *v, need_kind kind, int id, fz_bdd holds)
{
    if (!m->asking)
        FZ_PUSH(m->arena, v, needs, needs_n, needs_cap) = (struct need){kind, id, holds};
    return holds;
}

static fz_bdd negated(struct model *m, fz_bdd f)
{
    return m->asking ? fz_bdd_false : fz_bdd_not(m->b, f);
}

static fz_bdd pauses_allow(struct model *m, struct move *v)
{
    const struct fz_action *a = act_of(m, v->id);
    fz_bdd all = fz_bdd_true;

    for (int p = 0; p < (int)m->record->pauses_n; p++) {
        fz_bdd laid = model_in(m, model_group(m, GROUP_PAUSE, p, 0, 2), 2);

        if (!fz_acts_has(&m->record->pauses[p].allows, v->id))
            all = fz_bdd_and(m->b, all, need(m, v, NEED_PAUSE, p, negated(m, laid)));
        if (a->resumes == p)
            all = fz_bdd_and(m->b, all, need(m, v, NEED_RESUME, p, laid));
    }
    return all;
}

static fz_bdd unless(struct model *m, fz_bdd when, fz_bdd f)
{
    return m->asking ? fz_bdd_false : fz_bdd_or(m->b, negated(m, when), f);
}

static void need_after(struct model *m, struct move *v, const struct in_hand *h, const struct fz_after *after)
{
    fz_bdd when = cond_of(m, h, after->when).yes, any = fz_bdd_false;
    int first = FZ_NONE;

    for (int n = 0; n < (int)m->record->actions_n; n++) {
        if (fz_acts_has(&after->need, n))
            need(m, v, NEED_AFTER, n, unless(m, when, model_done(m, n)));
        if (fz_acts_has(&after->any, n)) {
            any = fz_bdd_or(m->b, any, model_done(m, n));
            first = first == FZ_NONE ? n : first;
        }
    }
    if (first != FZ_NONE)
        need(m, v, NEED_ANY, first, unless(m, when, any));
}

/* A field that has to be filled in by now, unless the act itself does that in any case. */
static void need_fields(struct model *m, struct move *v, const struct in_hand *h)
{
    for (int f = 0; f < (int)m->record->fields_n; f++) {
        const struct fz_field *field = &m->record->fields[f];

        if (wants(m, v->id, f) && !field->is && (field->when || !fz_action_enters(m->record, act_of(m, v->id), f)))
            need(m, v, NEED_FIELD, f, unless(m, cond_of(m, h, field->when).yes, cond_field_set(m, f)));
    }
}

static void need_all(struct model *m, struct move *v, const struct in_hand *h)
{
    const struct fz_action *a = act_of(m, v->id);

    for (size_t i = 0; i < a->after_n; i++)
        need_after(m, v, h, &a->after[i]);
    if (a->answers != FZ_NONE)
        need(m, v, NEED_OPEN, a->answers, model_in(m, model_group(m, GROUP_OPEN, a->answers, 0, 2), 2));
    for (size_t i = 0; i < a->gates_n; i++)
        need(m, v, NEED_GATE, (int)i, cond_of(m, h, a->gates[i].that).yes);
    if (a->times && a->times <= COUNT_MAX)
        need(m, v, NEED_TIMES, a->times, negated(m, model_taken(m, v->id, (uint32_t)a->times)));
    need_fields(m, v, h);
}

static fz_bdd stage_fits(struct model *m, const struct move *v)
{
    const struct fz_action *a;

    switch (v->kind) {
    case MOVE_ACT:
    case MOVE_LAW:
    case MOVE_WAIVE:
        a = act_of(m, v->id);
        if (a->starts == FZ_NONE || v->kind != MOVE_ACT)
            return model_stages(m, a->from);
        return model_in(m, GROUP_OF_BEGUN, 1);
    case MOVE_SERVE:
        return model_in(m, GROUP_OF_BEGUN, 2);
    default: /* clocks run on before a record begins (somebody's period to apply) and stop to matter when it has ended */
        return negated(m, m->final);
    }
}

/* What a linked record tells or brings about may come at any time; what follows from that, once it was heard. */
static fz_bdd told_or_followed(struct model *m, const struct move *v, const struct in_hand *h)
{
    fz_bdd heard = fz_bdd_false;

    if (!v->follow)
        return fz_bdd_true;
    for (int a = 0; a < (int)m->record->actions_n; a++)
        if (fz_acts_has(&v->follow->on, a))
            heard = fz_bdd_or(m->b, heard, model_taken(m, a, 1));
    return fz_bdd_and(m->b, heard, cond_of(m, h, v->follow->when).yes);
}

/* All needs at once, from the lowest upwards. */
static fz_bdd all_needs(struct model *m, const struct move *v)
{
    fz_bdd *parts = FZ_NEW_ARRAY(m->arena, fz_bdd, v->needs_n), all = fz_bdd_true;

    for (size_t i = 0; i < v->needs_n; i++) {
        size_t k = i;

        for (; k > 0 && fz_bdd_top(m->b, v->needs[i].holds) > fz_bdd_top(m->b, parts[k - 1]); k--)
            parts[k] = parts[k - 1];
        parts[k] = v->needs[i].holds;
    }
    for (size_t i = 0; i < v->needs_n; i++)
        all = fz_bdd_and(m->b, parts[i], all);
    return all;
}

static fz_bdd needs_of(struct model *m, struct move *v)
{
    struct in_hand h = {v->id, v->outcome};

    switch (v->kind) {
    case MOVE_ACT:
        need_all(m, v, &h);
        return all_needs(m, v);
    case MOVE_LAW:
        return v->clock == FZ_NONE ? told_or_followed(m, v, &h) : clock_may_move(m, &h, v->clock, MOVE_LAW);
    case MOVE_WAIVE:
        return cond_of(m, &nothing_in_hand, act_of(m, v->id)->waive_when).yes;
    case MOVE_SERVE:
        return model_in(m, model_group(m, GROUP_DOCUMENT, v->id, 0, 3), 6);
    default:
        return clock_may_move(m, &nothing_in_hand, v->id, v->kind);
    }
}

static void add_guard(struct model *m, struct move *v)
{
    v->place = stage_fits(m, v);
    if (v->kind == MOVE_ACT)
        v->place = fz_bdd_and(m->b, v->place, pauses_allow(m, v));
    v->guard = fz_bdd_and(m->b, v->place, needs_of(m, v));
    v->gate = fz_bdd_exists(m->b, v->guard, m->free);
}

/* ---- which moves there are ---- */

static struct move *add_move(struct model *m, move_kind kind, int id, int outcome)
{
    struct move *v = &FZ_PUSH(m->arena, m, moves, moves_n, moves_cap);

    *v = (struct move){.kind = kind, .id = id, .clock = FZ_NONE, .outcome = outcome, .to = FZ_NONE};
    return v;
}

static bool of_record(const struct model *m, int rule)
{
    return &m->pack->records[m->pack->rules[rule].record] == m->record;
}

static bool reads_outcome(const struct model *m, const struct fz_action *a)
{
    bool reads = false;

    for (size_t i = 0; i < a->gates_n; i++)
        reads |= cond_reads_outcome(m, a->gates[i].that);
    for (size_t i = 0; i < a->after_n; i++)
        reads |= cond_reads_outcome(m, a->after[i].when);
    for (size_t i = 0; i < m->pack->rules_n; i++)
        reads |= of_record(m, (int)i) && cond_reads_outcome(m, m->pack->rules[i].unless);
    return reads;
}

static bool moves_alike(const struct fz_action *a, int x, int y)
{
    return fz_action_target(a, x) == fz_action_target(a, y) && fz_action_change(a, x) == fz_action_change(a, y) && memcmp(&a->outcomes[x].clears, &a->outcomes[y].clears, sizeof(fz_acts)) == 0;
}

/* One move for all outcomes that go the same way. */
static void add_act_moves(struct model *m, int action)
{
    const struct fz_action *a = act_of(m, action);
    bool apart = a->outcomes_n && reads_outcome(m, a);
    size_t first = m->moves_n;

    for (int o = 0; o < (int)a->outcomes_n; o++) {
        bool there = false;

        for (size_t i = first; i < m->moves_n && !apart; i++)
            there |= moves_alike(a, m->moves[i].outcome, o);
        if (!there)
            add_move(m, MOVE_ACT, action, o);
    }
    if (!a->outcomes_n)
        add_move(m, MOVE_ACT, action, FZ_NONE);
    for (size_t i = first; i < m->moves_n; i++) {
        m->moves[i].some = m->moves_n - first > 1;
        m->moves[i].to = fz_action_target(a, m->moves[i].outcome);
    }
}

static struct move *add_law_move(struct model *m, int action, int outcome)
{
    struct move *v = add_move(m, MOVE_LAW, action, outcome);

    v->to = fz_action_target(act_of(m, action), outcome);
    return v;
}

/* In the order in which a run tries them: acts as they stand in the pack, mostly the order of the procedure. */
static void list_acts(struct model *m)
{
    for (int a = 0; a < (int)m->record->actions_n; a++) {
        if (!act_of(m, a)->by_law)
            add_act_moves(m, a);
        if (act_of(m, a)->of_link != FZ_NONE || act_of(m, a)->caused_by_n)
            add_law_move(m, a, FZ_NONE);
        for (size_t f = 0; f < act_of(m, a)->follows_n; f++)
            add_law_move(m, a, act_of(m, a)->follows[f].outcome)->follow = &act_of(m, a)->follows[f];
        for (int c = 0; c < (int)m->record->clocks_n; c++)
            if (m->record->clocks[c].then == a)
                add_law_move(m, a, m->record->clocks[c].then_outcome)->clock = c;
    }
}

static bool matters(const struct model *m, int action)
{
    for (size_t i = 0; i < m->groups_n; i++)
        if ((m->groups[i].kind == GROUP_DONE || m->groups[i].kind == GROUP_ALL || m->groups[i].kind == GROUP_ANY) &&
            m->groups[i].id == action)
            return true;
    return false;
}

/* Waivers, services and clocks: as far as something asks for them. */
static void list_others(struct model *m)
{
    static const move_kind of_clocks[] = {MOVE_CLOCK_STARTS, MOVE_CLOCK_ENDS, MOVE_CLOCK_PASSES};

    for (int a = 0; a < (int)m->record->actions_n; a++)
        if (act_of(m, a)->waivable && matters(m, a))
            add_move(m, MOVE_WAIVE, a, FZ_NONE);
    for (int d = 0; d < (int)m->record->documents_n; d++)
        if (find_group(m, GROUP_DOCUMENT, d, 0) != FZ_NONE)
            add_move(m, MOVE_SERVE, d, FZ_NONE);
    for (int c = 0; c < (int)m->record->clocks_n; c++)
        for (size_t k = 0; k < FZ_COUNT(of_clocks); k++)
            if (clock_has_move(m, c, of_clocks[k]))
                add_move(m, of_clocks[k], c, FZ_NONE);
}

/* ---- what rules ask for ---- */

static void ask_rule(struct model *m, int i)
{
    const struct fz_rule *r = &m->pack->rules[i];
    size_t first = m->edges_n;

    cond_of(m, &nothing_in_hand, r->unless); /* whichever act will be in hand, it asks for no more */
    for (int n = 0; n < (int)m->record->actions_n; n++) {
        if (!fz_acts_has(&r->others, n))
            continue;
        if (r->kind == FZ_RULE_DIFFER && act_of(m, n)->each.n)
            model_taken(m, n, 1);
        else if (r->kind == FZ_RULE_BEFORE || r->kind == FZ_RULE_AFTER || r->kind == FZ_RULE_DIFFER)
            model_done(m, n);
    }
    if (r->kind == FZ_RULE_ONCE)
        model_taken(m, r->act, 1);
    if (r->kind == FZ_RULE_ALWAYS)
        model_group(m, GROUP_PENDING, i, 0, 2);
    if (r->kind == FZ_RULE_WHILE)
        model_group(m, GROUP_PAUSE, r->pause, 0, 2);
    for (size_t e = first; e < m->edges_n; e++)
        FZ_PUSH(m->arena, m, rule_reads, rule_reads_n, rule_reads_cap) = (struct rule_read){i, m->edges[e]};
}

static void ask_all(struct model *m)
{
    for (int p = 0; p < (int)m->record->pauses_n; p++)
        model_group(m, GROUP_PAUSE, p, 0, 2);
    if (m->record->kinds_n)
        model_group(m, GROUP_STOCK, 0, 0, 2);
    list_acts(m);
    for (size_t i = 0; i < m->moves_n; i++) {
        if (m->moves[i].kind == MOVE_LAW && m->moves[i].clock != FZ_NONE)
            clock_ask(m, m->moves[i].clock);
        add_guard(m, &m->moves[i]);
    }
    for (int a = 0; a < (int)m->record->actions_n; a++)
        if (act_of(m, a)->waivable)
            cond_of(m, &nothing_in_hand, act_of(m, a)->waive_when);
    for (size_t i = 0; i < m->pack->rules_n; i++)
        if (of_record(m, (int)i))
            ask_rule(m, (int)i);
    clock_settle(m);
}

/* What a move looks at and what it changes belong together, and so do the groups of a rule. */
static void join_moves(struct model *m)
{
    m->edges_n = 0;
    for (size_t i = 0; i < m->moves_n; i++) {
        add_guard(m, &m->moves[i]);
        add_changes(m, &m->moves[i]);
        end_edge(m);
    }
    for (size_t i = 0; i < m->rule_reads_n; i++) {
        note(m, m->rule_reads[i].group);
        if (i + 1 == m->rule_reads_n || m->rule_reads[i + 1].rule != m->rule_reads[i].rule)
            end_edge(m);
    }
}

/* ---- variables ---- */

static fz_bdd coded(struct model *m, const struct group *g, uint32_t value)
{
    fz_bdd f = fz_bdd_true;

    for (uint32_t i = g->bits; i > 0; i--) {
        fz_bdd x = fz_bdd_var(m->b, g->var + i - 1);

        f = value >> (g->bits - i) & 1 ? fz_bdd_and(m->b, f, x) : fz_bdd_minus(m->b, f, x);
    }
    return f;
}

static void give_variables(struct model *m, struct group *g, uint32_t *next)
{
    for (g->bits = 0; UINT32_C(1) << g->bits < g->size;)
        g->bits++;
    g->var = *next;
    *next += g->bits;
    g->cube = fz_bdd_true;
    for (uint32_t i = g->bits; i > 0; i--)
        g->cube = fz_bdd_and(m->b, g->cube, fz_bdd_var(m->b, g->var + i - 1));
    g->is = FZ_NEW_ARRAY(m->arena, fz_bdd, g->size);
    for (uint32_t v = 0; v < g->size; v++)
        g->is[v] = coded(m, g, v);
}

static void lay_out(struct model *m)
{
    uint32_t next = 0;
    int *order = order_groups(m);

    m->order = order;

    for (size_t i = 0; i < m->groups_n; i++)
        give_variables(m, &m->groups[order[i]], &next);
    m->variables = next;
    m->asking = false;
    m->free = fz_bdd_true;
    for (size_t i = m->groups_n; i > 0; i--)
        if (m->groups[order[i - 1]].kind == GROUP_FREE)
            m->free = fz_bdd_and(m->b, m->free, m->groups[order[i - 1]].cube);
    m->final = model_stages(m, m->record->final);
}

/* The beginning, from the lowest group upwards. */
static void begin(struct model *m)
{
    m->initial = fz_bdd_true;
    for (size_t i = m->groups_n; i > 0; i--) {
        int g = m->order[i - 1];

        if (m->groups[g].kind != GROUP_FREE)
            m->initial = fz_bdd_and(m->b, model_in(m, g, m->groups[g].initial), m->initial);
    }
}

/* ---- the whole ---- */

static void look_around(struct model *m)
{
    for (size_t a = 0; a < m->record->actions_n; a++) {
        const struct fz_action *act = act_of(m, (int)a);

        for (size_t i = 0; i < act->sets_n; i++)
            m->changing[act->sets[i].field] = true;
        for (size_t w = 0; w < FZ_COUNT(m->cleared.w); w++) {
            m->cleared.w[w] |= act->clears.w[w];
            for (size_t o = 0; o < act->outcomes_n; o++)
                m->cleared.w[w] |= act->outcomes[o].clears.w[w];
        }
    }
}

void model_build(struct model *m, const struct fz_pack *pack, const struct fz_record *record, struct fz_arena *arena,
                 struct fz_bdds *b)
{
    *m = (struct model){.pack = pack, .record = record, .arena = arena, .b = b, .asking = true};
    m->clocks = FZ_NEW_ARRAY(arena, struct clock_model, record->clocks_n);
    m->entering = FZ_NEW_ARRAY(arena, bool, record->fields_n);
    m->changing = FZ_NEW_ARRAY(arena, bool, record->fields_n);
    look_around(m);
    model_group(m, GROUP_STAGE, 0, 0, (uint32_t)record->stages_n);
    model_group(m, GROUP_BEGUN, 0, 0, 2);
    ask_all(m);
    list_others(m);
    join_moves(m);
    lay_out(m);
    for (size_t i = 0; i < m->moves_n; i++)
        add_guard(m, &m->moves[i]);
    live_forget(m);
    for (size_t i = 0; i < m->moves_n; i++) {
        settle(m, &m->moves[i].given);
        settle(m, &m->moves[i].after);
    }
    begin(m);
}
