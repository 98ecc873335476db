#include "law/link.h"

#include "law/case_int.h"

/* ---- what is told ---- */

bool fz_link_leads_to(const struct fz_link *link, const struct fz_pack *pack, const struct fz_record *r)
{
    return fz_str_eq(link->pack, pack->name) && fz_str_eq(link->record, r->name);
}

/* The last name of a field of a link stands for all that it does not tell apart. */
static fz_value name_told(const struct fz_field *f, fz_str name)
{
    int i = fz_choice_find(&f->choices, name);

    if (i >= 0)
        return FZ_NUMBER(i);
    return fz_str_is(f->choices.names[f->choices.n - 1], "other") ? FZ_NUMBER((int64_t)f->choices.n - 1) : FZ_UNSET;
}

static fz_value text_told(fz_str s)
{
    return s.n ? (fz_value){.set = true, .text = s} : FZ_UNSET;
}

static fz_value read_there(const struct fz_field *mine, fz_str name, const struct fz_linked *other)
{
    const struct fz_record *r = other->v.c->record;
    int id = fz_field_find(r, name);
    fz_value v;

    if (id == FZ_NONE && fz_type_is_text(mine->type))
        return fz_str_is(name, "organ") ? text_told(other->organ) : fz_str_is(name, "number") ? text_told(other->number) : FZ_UNSET;
    if (id == FZ_NONE || r->fields[id].type != mine->type || r->fields[id].many || r->fields[id].personal)
        return FZ_UNSET;
    v = fz_case_value(&other->v, id);
    return v.set && mine->type == FZ_TYPE_CHOICE ? name_told(mine, r->fields[id].choices.names[v.n]) : v;
}

static fz_value stage_there(const struct fz_field *mine, const struct fz_linked *other)
{
    int stage = fz_case_stage(other->v.c);

    return stage == FZ_NONE ? FZ_UNSET : name_told(mine, other->v.c->record->stages[stage].name);
}

/* How the act came out there the last time. */
static fz_value outcome_there(const struct fz_field *mine, fz_str act, const struct fz_linked *other)
{
    const struct fz_record *r = other->v.c->record;
    int id = fz_action_find(r, act);
    int32_t e = id == FZ_NONE ? -1 : other->v.c->acts[id].last;
    int outcome = e < 0 ? FZ_NONE : other->v.c->events[e].cmd.outcome;

    return outcome == FZ_NONE ? FZ_UNSET : name_told(mine, r->actions[id].outcomes[outcome].name);
}

struct telling {
    const struct fz_case *c;
    const struct fz_link *link;
    const struct fz_linked *other;
    bool afresh;
    struct fz_given *items;
    size_t n;
};

static void tell(struct telling *t, int field, fz_value now)
{
    const struct fz_field *f = &t->c->record->fields[field];
    fz_value known = t->link->many ? told_by(t->c, field, t->other->id) : t->c->values[field];

    if (now.set && (t->afresh || !fz_value_equal(f->type, known, now)))
        t->items[t->n++] = (struct fz_given){field, now};
}

size_t fz_link_values(const struct fz_case *c, int link, const struct fz_linked *other, bool afresh, struct fz_arena *arena, const struct fz_given **out)
{
    const struct fz_link *l = &c->record->links[link];
    const struct fz_field *fields = c->record->fields;
    struct telling t = {c, l, other, afresh, FZ_NEW_ARRAY(arena, struct fz_given, 1 + l->reads_n + l->heard_n), 0};

    if (l->stage != FZ_NONE)
        tell(&t, l->stage, stage_there(&fields[l->stage], other));
    for (size_t i = 0; i < l->reads_n; i++)
        tell(&t, l->reads[i].field, read_there(&fields[l->reads[i].field], l->reads[i].name, other));
    for (size_t i = 0; i < l->heard_n; i++)
        if (l->heard[i].outcome != FZ_NONE)
            tell(&t, l->heard[i].outcome, outcome_there(&fields[l->heard[i].outcome], l->heard[i].act, other));
    *out = t.items;
    return t.n;
}

static struct fz_step told_step(const struct fz_link *l, int action, fz_day on, const struct fz_linked *other)
{
    struct fz_step s = FZ_STEP(action, on);

    s.by_law = true;
    s.cause = other->id;
    if (l->many)
        s.member = other->id;
    return s;
}

static int heard_as(const struct fz_link *l, const struct fz_linked *other)
{
    const struct fz_step *cmd = other->v.cmd;

    for (size_t i = 0; cmd && cmd->kind == FZ_DO && i < l->heard_n; i++)
        if (fz_str_eq(l->heard[i].act, other->v.c->record->actions[cmd->action].name))
            return l->heard[i].action;
    return FZ_NONE;
}

bool fz_link_news(const struct fz_case *c, int link, const struct fz_linked *other, struct fz_arena *arena, struct fz_step *out)
{
    const struct fz_link *l = &c->record->links[link];
    int act = heard_as(l, other);
    const struct fz_given *values;
    size_t n;

    if (fz_case_ended(c) || c->stage == FZ_NONE)
        return false;
    n = fz_link_values(c, link, other, false, arena, &values);
    if (act == FZ_NONE && n == 0)
        return false;
    *out = told_step(l, act == FZ_NONE ? l->told : act, other->v.day, other);
    out->at = other->v.cmd ? other->v.cmd->at : FZ_INSTANT_NONE;
    out->values = values;
    out->values_n = n;
    return true;
}

size_t fz_link_heard(const struct fz_case *c, int link, const struct fz_linked *other, struct fz_arena *arena, struct fz_step **out)
{
    const struct fz_link *l = &c->record->links[link];
    size_t n = 0;

    *out = FZ_NEW_ARRAY(arena, struct fz_step, l->heard_n);
    for (size_t i = 0; i < l->heard_n; i++) {
        int id = fz_action_find(other->v.c->record, l->heard[i].act);
        int32_t e = id == FZ_NONE ? -1 : other->v.c->acts[id].last;

        if (e >= 0 && e >= other->v.c->acts[id].since)
            (*out)[n++] = told_step(l, l->heard[i].action, other->v.c->events[e].cmd.on, other);
    }
    return n;
}

/* ---- whether packs fit together ---- */

struct fit {
    const struct fz_pack *p;
    const struct fz_pack *const *packs;
    size_t n;
    struct fz_arena *arena;
    struct fz_diags *diags;
};

static const fz_str none;

static void problem(struct fit *f, fz_diag_id id, fz_span at, fz_str a0, fz_str a1)
{
    fz_diag_add(f->diags, id, at, a0, a1, none);
}

/* The newest version of the pack. */
static const struct fz_pack *pack_named(const struct fit *f, fz_str name)
{
    const struct fz_pack *found = fz_str_eq(f->p->name, name) ? f->p : NULL;

    for (size_t i = 0; !found && i < f->n; i++)
        if (f->packs[i] && fz_str_eq(f->packs[i]->name, name) && (!found || f->packs[i]->version > found->version))
            found = f->packs[i];
    return found;
}

static fz_str type_name(struct fit *f, fz_str pack, fz_str record)
{
    return fz_str_printf(f->arena, "%.*s.%.*s", FZ_STR_ARG(pack), FZ_STR_ARG(record));
}

/* NULL after saying why. */
static const struct fz_record *record_there(struct fit *f, fz_str pack, fz_str record, fz_span at)
{
    const struct fz_pack *p = pack_named(f, pack);
    int id = p ? fz_record_find(p, record) : FZ_NONE;

    if (!p)
        problem(f, FZ_D_link_unseen, at, pack, none);
    else if (id == FZ_NONE)
        problem(f, FZ_D_link_record, at, type_name(f, pack, record), none);
    return id == FZ_NONE ? NULL : &p->records[id];
}

static bool has_name(const struct fz_choices *c, fz_str name)
{
    return fz_choice_find(c, name) >= 0 || fz_str_is(name, "other");
}

static void check_read(struct fit *f, const struct fz_record *r, const struct fz_link *l, const struct fz_read *read, const struct fz_record *there)
{
    const struct fz_field *mine = &r->fields[read->field], *its;
    int id = fz_field_find(there, read->name);

    if (id == FZ_NONE) {
        if (!fz_type_is_text(mine->type) || !(fz_str_is(read->name, "organ") || fz_str_is(read->name, "number")))
            problem(f, FZ_D_link_field, mine->span, read->name, type_name(f, l->pack, l->record));
        return;
    }
    its = &there->fields[id];
    if (its->personal)
        problem(f, FZ_D_link_personal, mine->span, read->name, type_name(f, l->pack, l->record));
    else if (its->type != mine->type || its->many)
        problem(f, FZ_D_link_type, mine->span, read->name, fz_str_of(fz_type_word(its->type)));
    for (size_t i = 0; its->type == FZ_TYPE_CHOICE && mine->type == FZ_TYPE_CHOICE && i < mine->choices.n; i++)
        if (!has_name(&its->choices, mine->choices.names[i]))
            problem(f, FZ_D_link_choice, mine->span, mine->choices.names[i], read->name);
}

static void check_heard(struct fit *f, const struct fz_record *r, const struct fz_link *l, const struct fz_heard *h, const struct fz_record *there)
{
    int id = fz_action_find(there, h->act);
    const struct fz_choices *told = h->outcome == FZ_NONE ? NULL : &r->fields[h->outcome].choices;

    if (id == FZ_NONE) {
        problem(f, FZ_D_link_act, r->actions[h->action].span, h->act, type_name(f, l->pack, l->record));
        return;
    }
    for (size_t i = 0; told && i + 1 < told->n; i++)
        if (fz_outcome_find(&there->actions[id], told->names[i]) == FZ_NONE)
            problem(f, FZ_D_link_choice, r->fields[h->outcome].span, told->names[i], h->act);
}

static void check_link(struct fit *f, const struct fz_record *r, const struct fz_link *l)
{
    const struct fz_record *there = record_there(f, l->pack, l->record, l->span);
    const struct fz_choices *stages = l->stage == FZ_NONE ? NULL : &r->fields[l->stage].choices;

    if (!there)
        return;
    for (size_t i = 0; i < l->reads_n; i++)
        check_read(f, r, l, &l->reads[i], there);
    for (size_t i = 0; i < l->heard_n; i++)
        check_heard(f, r, l, &l->heard[i], there);
    for (size_t i = 0; stages && i + 1 < stages->n; i++)
        if (fz_stage_find(there, stages->names[i]) == FZ_NONE)
            problem(f, FZ_D_link_stage, r->fields[l->stage].span, stages->names[i], type_name(f, l->pack, l->record));
}

static void see_personal(const struct fz_term *t, void *arg)
{
    struct {
        const struct fz_record *r;
        bool found;
    } *a = arg;

    a->found |= t->kind == FZ_T_FIELD && a->r->fields[t->id].personal;
}

static bool reads_personal(const struct fz_record *r, const struct fz_term *t)
{
    struct {
        const struct fz_record *r;
        bool found;
    } a = {r, false};

    fz_term_walk(t, see_personal, &a);
    return a.found;
}

static void check_copies(struct fit *f, const struct fz_record *r, const struct fz_copy *copies, size_t n, const struct fz_record *there)
{
    for (size_t i = 0; i < n; i++) {
        const struct fz_term *t = copies[i].value;
        int id = fz_field_find(there, copies[i].field);
        const struct fz_field *its = id == FZ_NONE ? NULL : &there->fields[id];

        if (!its || its->is)
            problem(f, FZ_D_link_field, copies[i].span, copies[i].field, there->name);
        else if (!t)
            continue;
        else if (its->type != t->type || its->many != t->many)
            problem(f, FZ_D_link_type, copies[i].span, copies[i].field, fz_str_of(fz_type_word(its->type)));
        else if (reads_personal(r, t) && !its->personal)
            problem(f, FZ_D_link_personal, copies[i].span, copies[i].field, there->name);
    }
}

static bool is_copied(const struct fz_open *o, fz_str field)
{
    for (size_t i = 0; i < o->copies_n; i++)
        if (fz_str_eq(o->copies[i].field, field))
            return true;
    return false;
}

static void check_open(struct fit *f, const struct fz_record *r, const struct fz_open *o)
{
    const struct fz_record *there = record_there(f, o->pack, o->record, o->span);
    int act = there ? fz_action_find(there, o->act) : FZ_NONE;

    if (!there)
        return;
    if (act == FZ_NONE || there->actions[act].starts == FZ_NONE)
        problem(f, FZ_D_link_start, o->span, o->act, type_name(f, o->pack, o->record));
    check_copies(f, r, o->copies, o->copies_n, there);
    for (size_t i = 0; i < there->fields_n; i++)
        if (there->fields[i].required && !there->fields[i].when && !is_copied(o, there->fields[i].name))
            problem(f, FZ_D_link_required, o->span, there->fields[i].name, type_name(f, o->pack, o->record));
}

static bool expects(const struct fz_action *a, fz_str cause)
{
    for (size_t i = 0; i < a->caused_by_n; i++)
        if (fz_str_eq(a->caused_by[i], cause))
            return true;
    return false;
}

static void check_effects(struct fit *f, const struct fz_record *r, const struct fz_effects *effects)
{
    for (size_t i = 0; i < effects->n; i++) {
        const struct fz_effect *e = &effects->items[i];
        const struct fz_link *l = &r->links[e->link];
        const struct fz_record *there = record_there(f, l->pack, l->record, e->span);
        int act = there ? fz_action_find(there, e->act) : FZ_NONE;

        if (!there)
            continue;
        if (act == FZ_NONE)
            problem(f, FZ_D_link_act, e->span, e->act, type_name(f, l->pack, l->record));
        else if (!expects(&there->actions[act], type_name(f, f->p->name, r->name)))
            problem(f, FZ_D_link_unexpected, e->span, e->act, type_name(f, f->p->name, r->name));
        check_copies(f, r, e->with, e->with_n, there);
    }
}

/* ---- no act brings itself about ---- */

struct act_there {
    const struct fz_pack *p;
    const struct fz_record *r;
    int act;
};

struct chain {
    struct fit *f;
    struct {
        struct act_there *items;
        size_t n, cap;
    } path, seen;
    fz_span at;
    bool said;
};

static bool same_act(const struct act_there *a, const struct act_there *b)
{
    return a->r == b->r && a->act == b->act;
}

static void follow_chain(struct chain *c, struct act_there from);

static void reach_act(struct chain *c, fz_str pack, fz_str record, fz_str act)
{
    const struct fz_pack *p = pack_named(c->f, pack);
    int r = p ? fz_record_find(p, record) : FZ_NONE;
    int a = r == FZ_NONE ? FZ_NONE : fz_action_find(&p->records[r], act);

    if (a != FZ_NONE)
        follow_chain(c, (struct act_there){p, &p->records[r], a});
}

static void reach_effects(struct chain *c, const struct act_there *from, const struct fz_effects *effects)
{
    for (size_t i = 0; i < effects->n; i++)
        reach_act(c, from->r->links[effects->items[i].link].pack, from->r->links[effects->items[i].link].record, effects->items[i].act);
}

/* What follows in records that hear of it. */
static void reach_followers(struct chain *c, const struct act_there *from, const struct fz_pack *p)
{
    fz_str act = from->r->actions[from->act].name;

    for (size_t k = 0; k < p->records_n; k++)
        for (size_t i = 0; i < p->records[k].links_n; i++) {
            const struct fz_record *r = &p->records[k];
            const struct fz_link *l = &r->links[i];

            for (size_t h = 0; fz_link_leads_to(l, from->p, from->r) && h < l->heard_n; h++)
                for (int a = 0; fz_str_eq(l->heard[h].act, act) && a < (int)r->actions_n; a++)
                    for (size_t w = 0; w < r->actions[a].follows_n; w++)
                        if (fz_acts_has(&r->actions[a].follows[w].on, l->heard[h].action))
                            follow_chain(c, (struct act_there){p, r, a});
        }
}

static void follow_chain(struct chain *c, struct act_there from)
{
    const struct fz_action *a = &from.r->actions[from.act];

    for (size_t i = 0; i < c->path.n; i++)
        if (same_act(&c->path.items[i], &from)) {
            if (!c->said)
                problem(c->f, FZ_D_link_circle, c->at, type_name(c->f, from.p->name, from.r->name), a->name);
            c->said = true;
            return;
        }
    for (size_t i = 0; i < c->seen.n; i++)
        if (same_act(&c->seen.items[i], &from))
            return;
    FZ_PUSH(c->f->arena, &c->path, items, n, cap) = from;
    for (size_t i = 0; i < a->opens_n; i++)
        reach_act(c, a->opens[i].pack, a->opens[i].record, a->opens[i].act);
    reach_effects(c, &from, &a->effects);
    for (size_t i = 0; i < a->outcomes_n; i++)
        reach_effects(c, &from, &a->outcomes[i].effects);
    for (size_t i = 0; i < c->f->n; i++)
        if (c->f->packs[i] && pack_named(c->f, c->f->packs[i]->name) == c->f->packs[i])
            reach_followers(c, &from, c->f->packs[i]);
    c->path.n--;
    FZ_PUSH(c->f->arena, &c->seen, items, n, cap) = from;
}

static void check_circles(struct fit *f, const struct fz_record *r)
{
    for (int a = 0; a < (int)r->actions_n; a++) {
        struct chain c = {.f = f, .at = r->actions[a].span};

        follow_chain(&c, (struct act_there){f->p, r, a});
    }
}

static void check_record(struct fit *f, const struct fz_record *r)
{
    for (size_t i = 0; i < r->links_n; i++)
        check_link(f, r, &r->links[i]);
    for (size_t a = 0; a < r->actions_n; a++) {
        for (size_t i = 0; i < r->actions[a].opens_n; i++)
            check_open(f, r, &r->actions[a].opens[i]);
        check_effects(f, r, &r->actions[a].effects);
        for (size_t i = 0; i < r->actions[a].outcomes_n; i++)
            check_effects(f, r, &r->actions[a].outcomes[i].effects);
    }
    check_circles(f, r);
}

void fz_links_check(const struct fz_pack *p, const struct fz_pack *const *packs, size_t n, struct fz_arena *arena, struct fz_diags *diags)
{
    struct fit f = {p, packs, n, arena, diags};

    for (size_t i = 0; i < p->records_n; i++)
        check_record(&f, &p->records[i]);
}
