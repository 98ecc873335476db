/*
 * Counterexamples.
 *
 * The rings of a run say which move made which states reachable. Walking them backwards from the goal gives a run that takes a ring's move
 * only where nothing earlier would do; then whole stretches are cut out of it for as long as it still gets there. What remains is told step by
 * step. At every step the run is a set of states: those that the steps so far allow, narrowed by as few suppositions as make the rest of
 * the run possible. A supposition is worth a word when a person or the calendar decides it: a field, a condition that is free, whether all
 * parties were reached.
 */
#include "law/prove_int.h"

struct leg {
    int move;
    fz_bdd extra, needed; /* needed: states after it from which the rest of the run is possible */
    bool fixed;           /* the move that the run is about */
};

struct run {
    struct leg *legs;
    size_t n, cap;
};

struct writer {
    const struct trace_of *t;
    struct model *m;
    fz_language lang;
    struct fz_buf out;
};

/* ---- finding a run ---- */

static void add_leg(struct model *m, struct run *r, int move, fz_bdd extra, bool fixed)
{
    FZ_PUSH(m->arena, r, legs, n, cap) = (struct leg){move, extra, fz_bdd_true, fixed};
}

static void reverse(struct run *r)
{
    for (size_t i = 0; i < r->n / 2; i++) {
        struct leg swap = r->legs[i];

        r->legs[i] = r->legs[r->n - 1 - i];
        r->legs[r->n - 1 - i] = swap;
    }
}

static void walk_back(const struct trace_of *t, fz_bdd goal, struct run *r)
{
    struct model *m = t->m;

    for (size_t i = t->reach->n; i > 0; i--) {
        const struct ring *ring = &t->reach->rings[i - 1];
        fz_bdd before = fz_bdd_and(m->b, goal, ring->before);

        if (before == fz_bdd_false) {
            before = fz_bdd_and(m->b, model_preimage(m, &m->moves[ring->move], goal, fz_bdd_true), ring->before);
            add_leg(m, r, ring->move, fz_bdd_true, false);
        }
        goal = before;
    }
    reverse(r);
}

static bool leads(struct model *m, const struct run *r, size_t from, fz_bdd states, fz_bdd goal)
{
    for (size_t i = from; i < r->n && states != fz_bdd_false; i++)
        states = model_image(m, &m->moves[r->legs[i].move], states, r->legs[i].extra);
    return fz_bdd_and(m->b, states, goal) != fz_bdd_false;
}

static void cut(struct run *r, size_t at, size_t n)
{
    memmove(&r->legs[at], &r->legs[at + n], (r->n - at - n) * sizeof(*r->legs));
    r->n -= n;
}

static bool has_fixed(const struct run *r, size_t at, size_t n)
{
    for (size_t i = at; i < at + n; i++)
        if (r->legs[i].fixed)
            return true;
    return false;
}

/* Cuts out whatever stretch of `n` legs is not needed. */
static bool shorten_by(const struct trace_of *t, struct run *r, size_t n, fz_bdd goal)
{
    fz_bdd states = t->reach->from;
    bool shorter = false;

    for (size_t at = 0; at + n <= r->n;) {
        if (!has_fixed(r, at, n) && leads(t->m, r, at + n, states, goal)) {
            cut(r, at, n);
            shorter = true;
        } else {
            states = model_image(t->m, &t->m->moves[r->legs[at].move], states, r->legs[at].extra);
            at++;
        }
    }
    return shorter;
}

static void shorten(const struct trace_of *t, struct run *r, fz_bdd goal)
{
    size_t n = r->n;

    while (n > 0) {
        if (!shorten_by(t, r, n, goal))
            n--;
        n = n < r->n ? n : r->n;
    }
}

static void mark_needed(struct model *m, struct run *r, fz_bdd goal)
{
    for (size_t i = r->n; i > 0; i--) {
        r->legs[i - 1].needed = goal;
        goal = model_preimage(m, &m->moves[r->legs[i - 1].move], goal, r->legs[i - 1].extra);
    }
}

/* ---- suppositions ---- */

struct literal {
    int group;
    uint32_t value;
    fz_bdd is;
};

/* The value that a reader expects comes first: a default, else the first that is set. */
static uint32_t usual_value(const struct model *m, int group)
{
    const struct group *g = &m->groups[group];
    uint64_t values;
    uint32_t v = 0;

    if (g->kind != GROUP_FIELD || !m->record->fields[g->id].initial.set)
        return g->unset;
    values = cond_field_values(m, group, m->record->fields[g->id].initial.n);
    while (!(values >> v & 1))
        v++;
    return v;
}

static uint32_t choose(struct model *m, int group, fz_bdd states)
{
    uint32_t usual = usual_value(m, group);
    const struct group *g = &m->groups[group];

    for (uint32_t i = 0; i < g->size; i++) {
        uint32_t v = (usual + i) % g->size;

        if (fz_bdd_and(m->b, states, g->is[v]) != fz_bdd_false)
            return v;
    }
    return usual; /* no state at all: the diagrams are full, and nobody will read this */
}

/* A state of `states` within `wanted`, as the values that `states` leaves open. */
static size_t pick(struct model *m, fz_bdd states, fz_bdd wanted, struct literal *out)
{
    fz_bdd left = fz_bdd_and(m->b, states, wanted);
    size_t n = 0;

    for (size_t g = 0; g < m->groups_n; g++) {
        uint32_t v = choose(m, (int)g, left);
        fz_bdd is = m->groups[g].is[v];

        left = fz_bdd_and(m->b, left, is);
        if (fz_bdd_minus(m->b, states, is) != fz_bdd_false)
            out[n++] = (struct literal){(int)g, v, is};
    }
    return n;
}

/* Drops what is not needed: every state of `states` with the values that remain lies in `wanted`. */
static size_t narrow(struct model *m, fz_bdd *states, fz_bdd wanted, struct literal *literals, size_t n)
{
    fz_bdd *rest = FZ_NEW_ARRAY(m->arena, fz_bdd, n + 1);
    size_t kept = 0;

    rest[n] = fz_bdd_true;
    for (size_t i = n; i > 0; i--)
        rest[i - 1] = fz_bdd_and(m->b, rest[i], literals[i - 1].is);
    for (size_t i = 0; i < n; i++) {
        if (fz_bdd_minus(m->b, fz_bdd_and(m->b, *states, rest[i + 1]), wanted) == fz_bdd_false)
            continue;
        *states = fz_bdd_and(m->b, *states, literals[i].is);
        literals[kept++] = literals[i];
    }
    return kept;
}

/* Narrows `states` until all of them lie in `wanted`; `out` has room for all groups. */
static size_t suppose(struct model *m, fz_bdd *states, fz_bdd wanted, struct literal *out)
{
    return narrow(m, states, wanted, out, pick(m, *states, wanted, out));
}

/* ---- words ---- */

static const char *say(const struct writer *w, const char *en, const char *zh)
{
    return w->lang == FZ_ZH ? zh : en;
}

static void add_name(struct writer *w, fz_str name, fz_title title)
{
    fz_str text = fz_title_in(title, w->lang);

    fz_buf_add(&w->out, name);
    if (text.n && !fz_str_eq(text, name))
        fz_buf_printf(&w->out, " %.*s", FZ_STR_ARG(text));
}

static void add_act(struct writer *w, int action)
{
    add_name(w, w->m->record->actions[action].name, w->m->record->actions[action].title);
}

static void add_stage(struct writer *w, fz_bdd states)
{
    const struct model *m = w->m;

    for (size_t s = 0; s < m->record->stages_n; s++)
        if (fz_bdd_and(m->b, states, model_stages(w->m, UINT64_C(1) << s)) != fz_bdd_false) {
            fz_buf_add(&w->out, m->record->stages[s].name);
            fz_buf_addz(&w->out, say(w, ": ", "："));
            return;
        }
}

/* What a value of a flag or choice is called; of all others together, the first of them. */
static void add_value(struct writer *w, int group, uint32_t value)
{
    const struct group *g = &w->m->groups[group];
    const struct fz_field *f = g->kind == GROUP_FIELD ? &w->m->record->fields[g->id] : NULL;
    const struct fz_config *c = f ? NULL : &w->m->pack->config[g->id];
    const struct fz_choices *choices = f ? &f->choices : &c->choices;
    size_t n = (f ? f->type : c->type) == FZ_TYPE_FLAG ? 2 : choices->n;

    if (g->unset && value == 0) {
        fz_buf_addz(&w->out, say(w, " is not set", " 未填写"));
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (cond_field_values(w->m, group, (int64_t)i) >> value & 1) {
            fz_buf_addz(&w->out, " = ");
            fz_buf_add(&w->out, n == 2 && !choices->n ? fz_str_of(i ? "yes" : "no") : choices->names[i]);
            return;
        }
}

/* An atom is kept as =, < or <=, whatever was written. */
static bool written_opposite(const struct fz_expr *e)
{
    return e && ((e->kind == FZ_EX_COMPARE && (e->op == FZ_EX_NE || e->op == FZ_EX_GE || e->op == FZ_EX_GT)) ||
                 (e->kind == FZ_EX_IN && e->negated));
}

static void add_atom(struct writer *w, const struct group *g, bool holds)
{
    const struct fz_expr *e = g->term->from;

    holds ^= g->sub == 0 && written_opposite(e);
    if (!holds)
        fz_buf_addz(&w->out, say(w, "not (", "并非（"));
    if (e)
        fz_expr_print(e, &w->out);
    if (g->sub < 0)
        fz_buf_addz(&w->out, say(w, " is set", " 已填写"));
    else if (g->sub > 0 && g->term->choices && (size_t)g->sub <= g->term->choices->n)
        fz_buf_printf(&w->out, " = %.*s", FZ_STR_ARG(g->term->choices->names[g->sub - 1]));
    if (!holds)
        fz_buf_addz(&w->out, say(w, ")", "）"));
}

static void add_clock_state(struct writer *w, const struct group *g, bool holds)
{
    const struct fz_clock *k = &w->m->record->clocks[-1 - g->id];

    fz_buf_printf(&w->out, "clock(%.*s) is %s%s", FZ_STR_ARG(k->name), holds ? "" : "not ",
                  fz_clock_state_word((fz_clock_state)g->sub));
}

static void add_clock(struct writer *w, int clock, const char *en, const char *zh)
{
    const struct fz_clock *k = &w->m->record->clocks[clock];

    add_name(w, k->name, k->title);
    fz_buf_addz(&w->out, say(w, en, zh));
}

static void add_literal(struct writer *w, const struct literal *l)
{
    const struct group *g = &w->m->groups[l->group];

    switch (g->kind) {
    case GROUP_FIELD:
        fz_buf_add(&w->out, w->m->record->fields[g->id].name);
        add_value(w, l->group, l->value);
        break;
    case GROUP_CONFIG:
        fz_buf_printf(&w->out, "config.%.*s", FZ_STR_ARG(w->m->pack->config[g->id].name));
        add_value(w, l->group, l->value);
        break;
    case GROUP_SET:
        fz_buf_add(&w->out, w->m->record->fields[g->id].name);
        fz_buf_addz(&w->out, l->value ? say(w, " is set", " 已填写") : say(w, " is not set", " 未填写"));
        break;
    case GROUP_FIXED:
    case GROUP_FREE:
        if (g->term)
            add_atom(w, g, l->value);
        else
            add_clock_state(w, g, l->value);
        break;
    case GROUP_CLOCK:
        add_clock(w, g->id, " is over by then", "此前已经届满");
        break;
    case GROUP_ANY:
        fz_buf_addz(&w->out, l->value ? say(w, "for one at least", "至少对其中之一") : say(w, "for none", "对其均未"));
        break;
    default: /* DONE, ALL of an act for each party */
        fz_buf_addz(&w->out, l->value ? say(w, "for all", "对全部对象") : say(w, "not for all", "未对全部对象"));
        break;
    }
}

static bool worth_saying(const struct model *m, const struct literal *l, const struct move *v)
{
    const struct group *g = &m->groups[l->group];

    switch (g->kind) {
    case GROUP_FIELD:
    case GROUP_SET:
    case GROUP_CONFIG:
    case GROUP_FIXED:
    case GROUP_FREE:
        return true;
    case GROUP_CLOCK: /* one that counts from a day may be over before anything happens */
        return !v && l->value == m->clocks[g->id].class_of[CLOCK_OVER];
    case GROUP_DONE:
    case GROUP_ALL:
    case GROUP_ANY:
        return v && v->kind == MOVE_ACT && g->id == v->id;
    default:
        return false;
    }
}

static void add_literals(struct writer *w, const struct literal *l, size_t n, const struct move *v)
{
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        if (!worth_saying(w->m, &l[i], v))
            continue;
        if (!any)
            fz_buf_addz(&w->out, !v ? say(w, "    supposed: ", "    假定：") : say(w, "; supposed: ", "；假定："));
        else
            fz_buf_addz(&w->out, say(w, ", ", "，"));
        add_literal(w, &l[i]);
        any = true;
    }
    if (any && !v)
        fz_buf_addc(&w->out, '\n');
}

static void add_move(struct writer *w, const struct move *v)
{
    const struct fz_record *r = w->m->record;

    switch (v->kind) {
    case MOVE_ACT:
    case MOVE_LAW:
    case MOVE_WAIVE:
        add_act(w, v->id);
        if (v->some && v->outcome != FZ_NONE)
            fz_buf_printf(&w->out, w->lang == FZ_ZH ? "（%.*s）" : " with %.*s",
                          FZ_STR_ARG(r->actions[v->id].outcomes[v->outcome].name));
        if (v->kind == MOVE_WAIVE)
            fz_buf_addz(&w->out, say(w, " is waived", "不适用，略过"));
        if (v->kind == MOVE_LAW && v->clock == FZ_NONE) {
            fz_buf_addz(&w->out, say(w, ", by law, for a linked record", "，由关联记录依法引起"));
        } else if (v->kind == MOVE_LAW) {
            fz_buf_addz(&w->out, say(w, ", by law at the end of ", "，依法发生："));
            add_clock(w, v->clock, "", "期限届满");
        }
        break;
    case MOVE_SERVE:
        add_name(w, r->documents[v->id].name, r->documents[v->id].title);
        fz_buf_addz(&w->out, say(w, " is served", "送达"));
        break;
    case MOVE_CLOCK_STARTS:
        add_clock(w, v->id, " begins", "开始计算");
        break;
    default:
        add_clock(w, v->id, " ends", "期限届满");
        break;
    }
}

/* ---- telling a run ---- */

/* One step, from the states that were reached so far to those that it leads to. */
static fz_bdd tell_leg(struct writer *w, size_t number, const struct leg *leg, fz_bdd states)
{
    struct model *m = w->m;
    const struct move *v = &m->moves[leg->move];
    struct literal *l = FZ_NEW_ARRAY(m->arena, struct literal, m->groups_n);
    fz_bdd wanted = fz_bdd_and(m->b, fz_bdd_and(m->b, v->guard, leg->extra), model_before(m, &v->after, leg->needed));

    fz_buf_printf(&w->out, "    %zu. ", number);
    add_stage(w, states);
    add_move(w, v);
    states = model_after(m, &v->given, fz_bdd_and(m->b, states, v->place));
    add_literals(w, l, suppose(m, &states, wanted, l), v);
    states = model_after(m, &v->after, fz_bdd_exists(m->b, states, m->free));
    add_literals(w, l, suppose(m, &states, leg->needed, l), v);
    fz_buf_addc(&w->out, '\n');
    return states;
}

static fz_bdd tell_run(struct writer *w, const struct run *r, fz_bdd goal)
{
    struct model *m = w->m;
    struct literal *l = FZ_NEW_ARRAY(m->arena, struct literal, m->groups_n);
    fz_bdd states = w->t->reach->from, first = goal;

    if (r->n)
        first = model_preimage(m, &m->moves[r->legs[0].move], r->legs[0].needed, r->legs[0].extra);
    add_literals(w, l, suppose(m, &states, first, l), NULL);
    for (size_t i = 0; i < r->n; i++)
        states = tell_leg(w, i + 1, &r->legs[i], states);
    return states;
}

static fz_str finish(struct writer *w)
{
    fz_str text = fz_str_copy(w->t->arena, fz_buf_str(&w->out));

    fz_buf_release(&w->out);
    return text;
}

static fz_bdd write_run(struct writer *w, fz_bdd goal, const struct move *last, fz_bdd extra)
{
    struct model *m = w->m;
    struct run r = {0};

    walk_back(w->t, last ? fz_bdd_and(m->b, w->t->reach->all, model_preimage(m, last, fz_bdd_true, extra)) : goal, &r);
    if (last)
        add_leg(m, &r, (int)(last - m->moves), extra, true);
    if (last)
        goal = fz_bdd_true;
    shorten(w->t, &r, goal);
    mark_needed(m, &r, goal);
    return tell_run(w, &r, goal);
}

fz_str trace_run(const struct trace_of *t, fz_bdd goal, const struct move *last, fz_bdd extra)
{
    struct writer w = {.t = t, .m = t->m, .lang = t->lang};

    write_run(&w, goal, last, extra);
    return finish(&w);
}

/* ---- what stands in the way ---- */

static void add_need(struct writer *w, const struct move *v, const struct need *n)
{
    const struct fz_record *r = w->m->record;
    const struct fz_action *a = &r->actions[v->id];

    switch (n->kind) {
    case NEED_PAUSE:
        fz_buf_addz(&w->out, say(w, "not during ", "不得在此期间进行："));
        add_name(w, r->pauses[n->id].name, r->pauses[n->id].title);
        break;
    case NEED_RESUME:
        fz_buf_addz(&w->out, say(w, "only during ", "只能在此期间进行："));
        add_name(w, r->pauses[n->id].name, r->pauses[n->id].title);
        break;
    case NEED_AFTER:
    case NEED_ANY:
        fz_buf_addz(&w->out, say(w, "only after ", "应当先有"));
        add_act(w, n->id);
        if (n->kind == NEED_ANY)
            fz_buf_addz(&w->out, say(w, " or another of its list", "或者所列的其他行为"));
        break;
    case NEED_OPEN:
        fz_buf_addz(&w->out, say(w, "nothing is open of ", "没有待答复的"));
        add_act(w, n->id);
        break;
    case NEED_GATE:
        fz_buf_addz(&w->out, say(w, "its gate does not hold: ", "条件不成立："));
        fz_expr_print(a->gates[n->id].that->from, &w->out);
        break;
    case NEED_FIELD:
        fz_buf_addz(&w->out, say(w, "only with ", "应当填写"));
        add_name(w, r->fields[n->id].name, r->fields[n->id].title);
        break;
    case NEED_TIMES:
        fz_buf_printf(&w->out, w->lang == FZ_ZH ? "至多%d次" : "only %d times", n->id);
        break;
    }
}

/* The first condition that holds in none of the states, those before it taken as met. NULL when there is none. */
static const struct need *obstacle(struct model *m, const struct move *v, fz_bdd states)
{
    const struct fz_action *a = &m->record->actions[v->id];

    states = fz_bdd_and(m->b, states, a->starts != FZ_NONE ? m->initial : model_stages(m, a->from));
    states = model_after(m, &v->given, states);
    for (size_t i = 0; i < v->needs_n; i++) {
        states = fz_bdd_and(m->b, states, v->needs[i].holds);
        if (states == fz_bdd_false)
            return &v->needs[i];
    }
    return NULL;
}

static bool belongs(struct model *m, const struct move *v, fz_bdd states)
{
    return v->kind == MOVE_ACT &&
           fz_bdd_and(m->b, states, model_stages(m, m->record->actions[v->id].from)) != fz_bdd_false;
}

fz_str trace_stuck(const struct trace_of *t, fz_bdd goal)
{
    struct writer w = {.t = t, .m = t->m, .lang = t->lang};
    struct reach on = {.from = write_run(&w, goal, NULL, fz_bdd_true)};

    model_run(t->m, &on); /* what is missing now and may still come is no obstacle */
    for (size_t i = 0; i < t->m->moves_n; i++) {
        const struct move *v = &t->m->moves[i];
        const struct need *n = belongs(t->m, v, on.from) ? obstacle(t->m, v, on.all) : NULL;

        if (!n || (i && t->m->moves[i - 1].kind == v->kind && t->m->moves[i - 1].id == v->id))
            continue;
        fz_buf_addz(&w.out, "    - ");
        add_act(&w, v->id);
        fz_buf_addz(&w.out, say(&w, ": ", "："));
        add_need(&w, v, n);
        fz_buf_addc(&w.out, '\n');
    }
    return finish(&w);
}

fz_str trace_dead(const struct trace_of *t, int action)
{
    struct writer w = {.t = t, .m = t->m, .lang = t->lang};
    struct model *m = t->m;

    if (m->record->actions[action].by_law)
        fz_buf_addz(&w.out, say(&w, "    - only the law takes it, and neither a clock that can end nor a linked record brings it about\n",
                                "    - 只能依法发生，但没有能够届满的期限或者关联记录引起它\n"));
    for (size_t i = 0; i < m->moves_n && !w.out.n; i++) {
        const struct move *v = &m->moves[i];
        const struct need *n;

        if (v->kind != MOVE_ACT || v->id != action)
            continue;
        n = obstacle(m, v, t->reach->all);
        if (!n)
            continue;
        fz_buf_addz(&w.out, "    - ");
        add_need(&w, v, n);
        fz_buf_addc(&w.out, '\n');
    }
    return finish(&w);
}
