/*
 * What a state may forget.
 *
 * Whether notice was given matters until the decision is made; afterwards nothing asks for it, and states that differ in nothing else go the
 * same ways. So a move into a stage leaves every group open that nothing will look at from there on before it is written anew. That keeps
 * sets of states as small as the longest memory that the procedure really has, and changes no answer.
 *
 * A group is live at a stage when a condition of an act or a rule looks at it there, or when it is live where a move leads and the move does
 * not give it a value of its own. A bound on an act's own repetition, a service and a clock's end are looked at only for the sake of what
 * they change: if that is not live, they are not either.
 */
#include "law/prove_int.h"

struct live {
    struct model *m;
    size_t words;
    int *group_of;             /* of each variable */
    uint64_t **at;             /* groups live at each stage; the last one: before the beginning */
    uint64_t **must;           /* of each move: groups that it or a rule about it looks at in any case */
    uint64_t **may;            /* those it looks at for the sake of what it changes */
    uint64_t **place;          /* those that decide whether it belongs here, before anything is entered */
    uint64_t **given, **after; /* groups that get a value whatever they had */
    uint64_t **writes;
};

/* ---- sets of groups ---- */

static uint64_t *set_new(const struct live *l)
{
    return FZ_NEW_ARRAY(l->m->arena, uint64_t, l->words);
}

static void put(uint64_t *set, int group)
{
    set[group / 64] |= UINT64_C(1) << (group % 64);
}

static bool has(const uint64_t *set, int group)
{
    return set[group / 64] >> (group % 64) & 1;
}

static bool meets(const struct live *l, const uint64_t *a, const uint64_t *b)
{
    for (size_t i = 0; i < l->words; i++)
        if (a[i] & b[i])
            return true;
    return false;
}

static void put_support(const struct live *l, uint64_t *set, fz_bdd f)
{
    signed char *values = FZ_NEW_ARRAY(l->m->arena, signed char, l->m->variables + 1);

    fz_bdd_pick(l->m->b, fz_bdd_support(l->m->b, f), values, l->m->variables);
    for (size_t v = 0; v < l->m->variables; v++)
        if (values[v] == 1)
            put(set, l->group_of[v]);
}

/* ---- what moves do ---- */

static void look_at_changes(const struct live *l, const struct changes *c, uint64_t *writes, uint64_t *whatever)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct relation *r = &c->relations[i];
        bool same = true;

        for (uint32_t v = 0; v < l->m->groups[r->group].size; v++)
            same &= r->to[v] == r->to[0];
        put(writes, r->group);
        if (same)
            put(whatever, r->group);
    }
}

static void look_at_needs(struct live *l, size_t i)
{
    const struct move *v = &l->m->moves[i];

    for (size_t n = 0; n < v->needs_n; n++)
        put_support(l, v->needs[n].kind == NEED_TIMES ? l->may[i] : l->must[i], v->needs[n].holds);
    if (v->kind == MOVE_LAW)
        put_support(l, l->must[i], v->guard);
    else if (v->kind != MOVE_ACT)
        put_support(l, l->may[i], v->guard);
}

static bool about(const struct model *m, const struct fz_rule *r, const struct move *v)
{
    if (v->kind != MOVE_ACT && v->kind != MOVE_LAW)
        return false;
    if (r->kind == FZ_RULE_DIFFER)
        return fz_acts_has(&r->others, v->id);
    return r->kind == FZ_RULE_ALWAYS ? v->to != FZ_NONE && (m->record->final >> v->to & 1) : r->act == v->id;
}

/* Which groups a rule looks at was noted when it was asked. */
static void look_at_rules(struct live *l, size_t i)
{
    const struct model *m = l->m;

    for (size_t n = 0; n < m->rule_reads_n; n++)
        if (about(m, &m->pack->rules[m->rule_reads[n].rule], &m->moves[i]))
            put(l->must[i], m->rule_reads[n].group);
}

/* Whether the entry is in the stock matters where an act enters or leaves it, and where it ends. */
static void look_at_stock(struct live *l, size_t i)
{
    const struct model *m = l->m;
    const struct move *v = &m->moves[i];
    bool act = v->kind == MOVE_ACT || v->kind == MOVE_LAW;

    for (size_t g = 0; act && g < m->groups_n; g++)
        if (m->groups[g].kind == GROUP_STOCK && (model_effect(m, v) || (v->to != FZ_NONE && (m->record->final >> v->to & 1))))
            put(l->must[i], (int)g);
}

static void look_at_move(struct live *l, size_t i)
{
    const struct move *v = &l->m->moves[i];

    l->must[i] = set_new(l);
    l->may[i] = set_new(l);
    l->place[i] = set_new(l);
    l->given[i] = set_new(l);
    l->after[i] = set_new(l);
    l->writes[i] = set_new(l);
    put_support(l, l->place[i], v->place);
    look_at_needs(l, i);
    look_at_rules(l, i);
    look_at_stock(l, i);
    look_at_changes(l, &v->given, l->writes[i], l->given[i]);
    look_at_changes(l, &v->after, l->writes[i], l->after[i]);
}

/* ---- backwards over the stages ---- */

static bool possible_at(const struct live *l, const struct move *v, size_t stage)
{
    const struct fz_record *r = l->m->record;
    bool begun = stage < r->stages_n;

    switch (v->kind) {
    case MOVE_ACT:
    case MOVE_LAW:
    case MOVE_WAIVE:
        return begun ? r->actions[v->id].starts == FZ_NONE && (r->actions[v->id].from >> stage & 1)
                     : r->actions[v->id].starts != FZ_NONE;
    case MOVE_SERVE:
        return begun;
    default:
        return !begun || !(r->final >> stage & 1);
    }
}

/* Adds to what is live at the stage before the move. */
static bool flow(struct live *l, size_t i, size_t stage)
{
    const struct move *v = &l->m->moves[i];
    const uint64_t *there = l->at[v->to != FZ_NONE ? (size_t)v->to : stage];
    bool matters = v->to != FZ_NONE || meets(l, l->writes[i], there), more = false;

    for (size_t w = 0; w < l->words; w++) {
        uint64_t live = (there[w] & ~l->after[i][w]) | l->must[i][w] | (matters ? l->may[i][w] : 0);

        live = (live & ~l->given[i][w]) | (v->kind == MOVE_ACT || matters ? l->place[i][w] : 0);
        more |= (live & ~l->at[stage][w]) != 0;
        l->at[stage][w] |= live;
    }
    return more;
}

static void find_live(struct live *l)
{
    const struct fz_record *r = l->m->record;
    bool more = true;

    for (size_t s = 0; s < r->stages_n; s++)
        for (size_t g = 0; g < l->m->groups_n; g++)
            if (l->m->groups[g].kind == GROUP_PAUSE && (r->pauses[l->m->groups[g].id].in >> s & 1))
                put(l->at[s], (int)g);
    while (more) {
        more = false;
        for (size_t i = l->m->moves_n; i > 0; i--)
            for (size_t s = 0; s <= r->stages_n; s++)
                if (possible_at(l, &l->m->moves[i - 1], s))
                    more |= flow(l, i - 1, s);
    }
}

/* ---- forgetting ---- */

static bool may_forget(const struct live *l, size_t group, size_t stage)
{
    return group >= GROUPS_ON_TOP && l->m->groups[group].kind != GROUP_FREE && !has(l->at[stage], (int)group);
}

static void forget(struct live *l)
{
    struct model *m = l->m;

    for (size_t i = 0; i < m->moves_n; i++)
        for (size_t g = 0; m->moves[i].to != FZ_NONE && g < m->groups_n; g++)
            if (may_forget(l, g, (size_t)m->moves[i].to))
                model_change_to(m, &m->moves[i].after, (int)g, GROUP_ANYHOW);
    for (size_t g = 0; g < m->groups_n; g++)
        if (may_forget(l, g, m->record->stages_n))
            m->groups[g].initial = GROUP_ANYHOW;
}

/* Pauses and the stage aside, it looks at what it changes itself at most. */
static void mark_alone(struct live *l)
{
    struct model *m = l->m;

    for (size_t i = 0; i < m->moves_n; i++) {
        uint64_t *looks = set_new(l);
        bool alone = m->moves[i].to == FZ_NONE;

        put_support(l, looks, m->moves[i].gate);
        for (size_t g = GROUPS_ON_TOP; g < m->groups_n; g++)
            alone &= !has(looks, (int)g) || has(l->writes[i], (int)g) || m->groups[g].kind == GROUP_PAUSE;
        m->moves[i].alone = alone;
    }
}

static uint64_t **sets_new(const struct live *l, size_t n)
{
    return FZ_NEW_ARRAY(l->m->arena, uint64_t *, n);
}

void live_forget(struct model *m)
{
    struct live l = {.m = m, .words = (m->groups_n + 63) / 64};

    l.group_of = FZ_NEW_ARRAY(m->arena, int, m->variables);
    for (size_t g = 0; g < m->groups_n; g++)
        for (uint32_t v = 0; v < m->groups[g].bits; v++)
            l.group_of[m->groups[g].var + v] = (int)g;
    l.at = sets_new(&l, m->record->stages_n + 1);
    for (size_t s = 0; s <= m->record->stages_n; s++)
        l.at[s] = set_new(&l);
    l.must = sets_new(&l, m->moves_n);
    l.may = sets_new(&l, m->moves_n);
    l.place = sets_new(&l, m->moves_n);
    l.given = sets_new(&l, m->moves_n);
    l.after = sets_new(&l, m->moves_n);
    l.writes = sets_new(&l, m->moves_n);
    for (size_t i = 0; i < m->moves_n; i++)
        look_at_move(&l, i);
    mark_alone(&l);
    find_live(&l);
    forget(&l);
}
