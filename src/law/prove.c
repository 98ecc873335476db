/*
 * The proof of one pack, record by record.
 *
 * One run forwards from the beginning gives all states that are ever reached, one backwards from the final stages all those from which a
 * case can still end. Moves are tried in turn, each on all that was found so far, until none adds anything: so a product of independent
 * milestones is built in one pass, not layer by layer. Every property is then a question to these two sets:
 *
 *     nothing is dead      a stage or an act that no reached state knows
 *     every case can end   no reached state outside the second set
 *     pauses               each is resumed, and by somebody
 *     rules                no reached state in which the act is taken and the rule broken
 *     stock                no reached state in which an entry enters it that is in it, or leaves it that is not; ends as declared
 *     clocks               each begins, and what has to stop can be stopped after it began
 *     set before read      law/prove_unset.c
 */
#include "law/prove.h"

#include "law/prove_int.h"

struct prover {
    struct model m;
    struct reach reach;
    struct trace_of trace;
    struct fz_diags *diags;
    struct fz_proof_stats *stats;
    fz_acts alive;    /* actions that are ever taken, by a person or by the law */
    uint64_t stages;  /* reached */
    fz_bdd no_way_on; /* states in which a pause lies that nothing resumes: reported once */
};

static const fz_str no_text;

static struct fz_diag *report(struct prover *p, fz_diag_id id, fz_span at, fz_str a0, fz_str a1, fz_str trace)
{
    struct fz_diag *d;

    if (fz_bdds_full(p->m.b)) /* what was found last means nothing */
        return FZ_NEW(p->m.arena, struct fz_diag);
    d = fz_diag_add(p->diags, id, at, a0, a1, no_text);
    if (!d->trace.n)
        d->trace = trace;
    return d;
}

static const struct fz_action *act_of(const struct prover *p, int action)
{
    return &p->m.record->actions[action];
}

static fz_bdd taking(struct prover *p, const struct move *v, fz_bdd states)
{
    return model_taking(&p->m, v, states, fz_bdd_true);
}

/* ---- runs ---- */

/*
 * The order in which moves are tried backwards: from the last to the first, but those that stand alone side by side in their own order. An
 * act that waits for a row of them is a chain of variables; loosened from its top, nothing of it has to be built anew.
 */
static size_t *backward_order(struct prover *p)
{
    const struct model *m = &p->m;
    size_t *order = FZ_NEW_ARRAY(m->arena, size_t, m->moves_n), n = 0;

    for (size_t end = m->moves_n, first; end > 0; end = first) {
        first = end - 1;
        while (first > 0 && m->moves[end - 1].alone && m->moves[first - 1].alone)
            first--;
        for (size_t i = first; i < end; i++)
            order[n++] = i;
    }
    return order;
}

/* States of the diagram from which some run leads into `goal`. */
static fz_bdd backwards(struct prover *p, fz_bdd goal)
{
    struct model *m = &p->m;
    const size_t *order = backward_order(p);
    size_t since = 0, i = 0;

    for (size_t k = 0; k < m->moves_n; k++)
        m->moves[k].seen = fz_bdd_false;
    while (since < m->moves_n && !fz_bdds_full(m->b)) {
        struct move *v = &m->moves[order[i]];
        fz_bdd more = goal;

        if (v->seen != goal) {
            more = fz_bdd_or(m->b, goal, model_preimage(m, v, goal, fz_bdd_true));
            v->seen = goal;
            p->stats->steps++;
        }
        since = more == goal ? since + 1 : 0;
        if (more == goal)
            i = (i + 1) % m->moves_n;
        goal = more;
    }
    return goal;
}

/* ---- nothing is dead ---- */

static void find_alive(struct prover *p)
{
    struct model *m = &p->m;

    for (size_t i = 0; i < m->moves_n; i++) {
        const struct move *v = &m->moves[i];

        if ((v->kind == MOVE_ACT || v->kind == MOVE_LAW) && !fz_acts_has(&p->alive, v->id) &&
            taking(p, v, p->reach.all) != fz_bdd_false)
            fz_acts_add(&p->alive, v->id);
    }
    for (size_t s = 0; s < m->record->stages_n; s++)
        if (fz_bdd_and(m->b, p->reach.all, model_stages(m, UINT64_C(1) << s)) != fz_bdd_false)
            p->stages |= UINT64_C(1) << s;
}

static bool leads_to(const struct fz_action *a, int stage)
{
    bool leads = a->starts == stage || a->to == stage;

    for (size_t o = 0; o < a->outcomes_n; o++)
        leads |= a->outcomes[o].to == stage;
    return leads;
}

/* Acts of stages that are not reached are dead because of these: one problem, one message. */
static bool dead_by_itself(const struct prover *p, int action)
{
    const struct fz_action *a = act_of(p, action);

    return !fz_acts_has(&p->alive, action) && (a->starts != FZ_NONE || (a->from & p->stages));
}

static void check_acts(struct prover *p)
{
    for (int a = 0; a < (int)p->m.record->actions_n; a++) {
        const struct fz_action *act = act_of(p, a);

        if (act->of_link != FZ_NONE)
            continue;
        p->stats->properties++;
        if (dead_by_itself(p, a) && !(act->resumes != FZ_NONE && p->no_way_on != fz_bdd_false))
            report(p, FZ_D_dead_action, act->span, act->name, no_text, trace_dead(&p->trace, a));
    }
}

static void check_stages(struct prover *p)
{
    for (int s = 0; s < (int)p->m.record->stages_n; s++) {
        const struct fz_stage *stage = &p->m.record->stages[s];
        bool explained = false;

        p->stats->properties++;
        for (int a = 0; a < (int)p->m.record->actions_n; a++)
            explained |= leads_to(act_of(p, a), s) && dead_by_itself(p, a);
        if (!(p->stages >> s & 1) && !explained)
            report(p, FZ_D_unreachable_stage, stage->span, stage->name, no_text, no_text);
    }
}

/* ---- every case can end ---- */

static fz_bdd can_move(struct prover *p)
{
    struct model *m = &p->m;
    fz_bdd some = fz_bdd_false;

    for (size_t i = 0; i < m->moves_n; i++)
        some = fz_bdd_or(m->b, some, model_preimage(m, &m->moves[i], fz_bdd_true, fz_bdd_true));
    return some;
}

static fz_bdd at_stage(struct prover *p, fz_bdd states, size_t stage)
{
    return fz_bdd_and(p->m.b, states, model_stages(&p->m, UINT64_C(1) << stage));
}

static void report_stages(struct prover *p, fz_diag_id id, fz_bdd states, uint64_t stages)
{
    for (size_t s = 0; s < p->m.record->stages_n; s++) {
        const struct fz_stage *stage = &p->m.record->stages[s];
        fz_bdd here = at_stage(p, states, s);

        if (here != fz_bdd_false && (stages >> s & 1))
            report(p, id, stage->span, stage->name, no_text, trace_stuck(&p->trace, here));
    }
}

/* Stages that one move leads to, from those of `states` at the stage and within `states`. */
static uint64_t stages_after(struct prover *p, fz_bdd states, size_t stage)
{
    fz_bdd here = at_stage(p, states, stage), there = fz_bdd_false;
    uint64_t stages = 0;

    for (size_t i = 0; here != fz_bdd_false && i < p->m.moves_n; i++)
        there = fz_bdd_or(p->m.b, there, model_image(&p->m, &p->m.moves[i], here, fz_bdd_true));
    there = fz_bdd_and(p->m.b, there, states);
    for (size_t s = 0; s < p->m.record->stages_n; s++)
        if (at_stage(p, there, s) != fz_bdd_false)
            stages |= UINT64_C(1) << s;
    return stages;
}

/* Where runs within `states` come to stay: of stages that lead on to others and not back, the others; of a circle its first. */
static uint64_t last_stages(struct prover *p, fz_bdd states)
{
    size_t n = p->m.record->stages_n;
    uint64_t after[FZ_STAGES_MAX], last = 0;

    for (size_t s = 0; s < n; s++)
        after[s] = stages_after(p, states, s) | (UINT64_C(1) << s);
    for (size_t k = 0; k < n; k++)
        for (size_t s = 0; s < n; s++)
            if (after[s] >> k & 1)
                after[s] |= after[k];
    for (size_t s = 0; s < n; s++) {
        bool stays = true;

        for (size_t t = 0; t < n; t++)
            stays &= !(after[s] >> t & 1) || ((after[t] >> s & 1) && (t >= s));
        last |= (uint64_t)stays << s;
    }
    return last;
}

/* States that lead on to one where nothing is possible are not named beside it. */
static void check_endings(struct prover *p)
{
    struct model *m = &p->m;
    fz_bdd live = fz_bdd_minus(m->b, fz_bdd_and(m->b, p->reach.all, model_stages(m, UINT64_MAX)), m->final);
    fz_bdd lost = fz_bdd_minus(m->b, live, backwards(p, m->final)), stuck;

    p->stats->properties += m->record->stages_n;
    lost = fz_bdd_minus(m->b, lost, p->no_way_on);
    if (lost == fz_bdd_false || fz_bdds_full(m->b))
        return;
    stuck = fz_bdd_minus(m->b, lost, can_move(p));
    report_stages(p, FZ_D_stuck, stuck, UINT64_MAX);
    if (stuck != fz_bdd_false)
        lost = fz_bdd_minus(m->b, lost, backwards(p, stuck));
    report_stages(p, FZ_D_dead_end, lost, last_stages(p, lost));
}

/* ---- pauses ---- */

static fz_bdd laid(struct prover *p, int pause)
{
    fz_bdd lies = model_in(&p->m, model_group(&p->m, GROUP_PAUSE, pause, 0, 2), 2);

    return fz_bdd_and(p->m.b, lies, model_stages(&p->m, p->m.record->pauses[pause].in));
}

static void check_resumed(struct prover *p, int pause, fz_bdd lies)
{
    const struct fz_pause *def = &p->m.record->pauses[pause];
    bool somebody = false, possible = false;
    struct fz_diag *d;

    for (size_t i = 0; i < p->m.moves_n; i++) {
        const struct move *v = &p->m.moves[i];

        if (!(v->kind == MOVE_ACT || (v->kind == MOVE_LAW && v->clock == FZ_NONE)) || act_of(p, v->id)->resumes != pause)
            continue;
        somebody = true;
        possible = possible || taking(p, v, lies) != fz_bdd_false;
    }
    if (possible)
        return;
    d = report(p, FZ_D_endless_pause, def->span, def->name,
               fz_str_of(somebody ? "what resumes it cannot be taken while it lies" : "no act resumes it"),
               trace_run(&p->trace, lies, NULL, fz_bdd_true));
    d->zh[1] = somebody ? "恢复它的行为在此期间不能进行" : "没有恢复它的行为";
    p->no_way_on = fz_bdd_or(p->m.b, p->no_way_on, lies);
}

/* An act that leads out of the stages of a pause ends it by the way, and nobody has resumed anything. */
static void check_left(struct prover *p, int pause, fz_bdd lies)
{
    const struct fz_record *r = p->m.record;

    for (size_t i = 0; i < p->m.moves_n; i++) {
        const struct move *v = &p->m.moves[i];
        uint64_t to = v->to != FZ_NONE ? UINT64_C(1) << v->to : 0;

        if (v->kind != MOVE_ACT || !to || (to & (r->pauses[pause].in | r->final)) || act_of(p, v->id)->resumes == pause)
            continue;
        if (taking(p, v, lies) != fz_bdd_false)
            report(p, FZ_D_pause_left, act_of(p, v->id)->span, act_of(p, v->id)->name, r->pauses[pause].name,
                   trace_run(&p->trace, fz_bdd_false, v, laid(p, pause)));
    }
}

static void check_pauses(struct prover *p)
{
    for (int i = 0; i < (int)p->m.record->pauses_n; i++) {
        const struct fz_pause *def = &p->m.record->pauses[i];
        fz_bdd lies = fz_bdd_and(p->m.b, p->reach.all, laid(p, i));

        p->stats->properties += 2;
        if (lies == fz_bdd_false) {
            report(p, FZ_D_dead_pause, def->span, def->name, no_text, no_text);
            continue;
        }
        check_resumed(p, i, lies);
        check_left(p, i, lies);
    }
}

/* ---- rules ---- */

static fz_bdd any_done(struct prover *p, const fz_acts *acts)
{
    fz_bdd some = fz_bdd_false;

    for (int a = 0; a < (int)p->m.record->actions_n; a++)
        if (fz_acts_has(acts, a))
            some = fz_bdd_or(p->m.b, some, model_done(&p->m, a));
    return some;
}

static bool ends(const struct prover *p, const struct move *v)
{
    return v->to != FZ_NONE && (p->m.record->final >> v->to & 1);
}

/* States and conditions in which taking `v` breaks the rule. */
static fz_bdd broken_by(struct prover *p, int rule, const struct move *v)
{
    struct model *m = &p->m;
    const struct fz_rule *r = &m->pack->rules[rule];

    if (r->kind == FZ_RULE_ALWAYS) {
        if (!ends(p, v) || fz_acts_has(&r->others, v->id))
            return fz_bdd_false;
        return r->act == v->id ? fz_bdd_true : model_in(m, model_group(m, GROUP_PENDING, rule, 0, 2), 2);
    }
    if (r->act != v->id)
        return fz_bdd_false;
    switch (r->kind) {
    case FZ_RULE_BEFORE:
        return fz_bdd_not(m->b, any_done(p, &r->others));
    case FZ_RULE_AFTER:
        return any_done(p, &r->others);
    case FZ_RULE_WHILE:
        return laid(p, r->pause);
    case FZ_RULE_ONCE:
        return model_taken(m, r->act, 1);
    default:
        return fz_bdd_false;
    }
}

static fz_str names_of(struct prover *p, const fz_acts *acts)
{
    struct fz_buf text = {0};
    fz_str s;

    for (int a = 0; a < (int)p->m.record->actions_n; a++) {
        if (!fz_acts_has(acts, a))
            continue;
        if (text.n)
            fz_buf_addz(&text, ", ");
        fz_buf_add(&text, act_of(p, a)->name);
    }
    s = fz_str_copy(p->m.arena, fz_buf_str(&text));
    fz_buf_release(&text);
    return s;
}

static void report_rule(struct prover *p, const struct fz_rule *r, fz_str trace)
{
    static const fz_diag_id ids[] = {[FZ_RULE_BEFORE] = FZ_D_rule_before,
                                     [FZ_RULE_AFTER] = FZ_D_rule_after,
                                     [FZ_RULE_WHILE] = FZ_D_rule_while,
                                     [FZ_RULE_ALWAYS] = FZ_D_rule_always,
                                     [FZ_RULE_ONCE] = FZ_D_rule_once};
    fz_str other = r->kind == FZ_RULE_WHILE ? p->m.record->pauses[r->pause].name : names_of(p, &r->others);

    report(p, ids[r->kind], r->span, act_of(p, r->act)->name, other, trace);
}

static void check_trace_rule(struct prover *p, int rule)
{
    struct model *m = &p->m;
    const struct fz_rule *r = &m->pack->rules[rule];

    for (size_t i = 0; i < m->moves_n; i++) {
        const struct move *v = &m->moves[i];
        const struct in_hand h = {v->id, v->outcome};
        fz_bdd bad;

        if (v->kind != MOVE_ACT && v->kind != MOVE_LAW)
            continue;
        bad = broken_by(p, rule, v);
        if (bad != fz_bdd_false && r->unless)
            bad = fz_bdd_minus(m->b, bad, cond_of(m, &h, r->unless).yes);
        if (bad == fz_bdd_false || model_taking(m, v, p->reach.all, bad) == fz_bdd_false)
            continue;
        report_rule(p, r, trace_run(&p->trace, fz_bdd_false, v, bad));
        return;
    }
}

/* Whoever did `other` may be the one who takes `act` unless it says `not_by`. */
static bool kept_apart(struct prover *p, const struct fz_rule *r, int act, int other)
{
    struct model *m = &p->m;
    fz_bdd stands = act_of(p, other)->each.n ? model_taken(m, other, 1) : model_done(m, other);

    if (fz_acts_has(&act_of(p, act)->not_by, other))
        return true;
    for (size_t i = 0; i < m->moves_n; i++) {
        const struct move *v = &m->moves[i];
        const struct in_hand h = {act, v->outcome};
        fz_bdd bad = stands;

        if (v->kind != MOVE_ACT || v->id != act)
            continue;
        if (r->unless)
            bad = fz_bdd_minus(m->b, bad, cond_of(m, &h, r->unless).yes);
        if (bad == fz_bdd_false || model_taking(m, v, p->reach.all, bad) == fz_bdd_false)
            continue;
        report(p, FZ_D_rule_differ, r->span, act_of(p, other)->name, act_of(p, act)->name,
               trace_run(&p->trace, fz_bdd_false, v, bad));
        return false;
    }
    return true;
}

static void check_differ(struct prover *p, const struct fz_rule *r)
{
    for (int a = 0; a < (int)p->m.record->actions_n; a++)
        for (int b = 0; b < (int)p->m.record->actions_n; b++)
            if (a != b && fz_acts_has(&r->others, a) && fz_acts_has(&r->others, b))
                kept_apart(p, r, a, b);
}

static void check_rules(struct prover *p)
{
    for (size_t i = 0; i < p->m.pack->rules_n; i++) {
        const struct fz_rule *r = &p->m.pack->rules[i];

        if (&p->m.pack->records[r->record] != p->m.record)
            continue;
        p->stats->properties++;
        if (r->kind == FZ_RULE_DIFFER)
            check_differ(p, r);
        else
            check_trace_rule(p, (int)i);
    }
}

/* ---- the stock of a register ---- */

static fz_bdd stocked(struct prover *p, bool in)
{
    return model_in(&p->m, model_group(&p->m, GROUP_STOCK, 0, 0, 2), in ? 2 : 1);
}

/* Tells of a move that can be taken from some of these states; whether it can. */
static bool check_stock_move(struct prover *p, const struct move *v, fz_bdd bad, fz_diag_id id, fz_str what)
{
    if (bad == fz_bdd_false || model_taking(&p->m, v, p->reach.all, bad) == fz_bdd_false)
        return false;
    report(p, id, act_of(p, v->id)->span, act_of(p, v->id)->name, what, trace_run(&p->trace, fz_bdd_false, v, bad));
    return true;
}

/* States before the move from which an entry comes to stand at the final stage otherwise than declared. */
static fz_bdd ends_wrong(struct prover *p, const struct move *v, int stage)
{
    bool wanted = p->m.record->in_stock >> stage & 1;
    int effect = model_effect(&p->m, v);
    fz_bdd bad = effect == 0 ? stocked(p, !wanted) : (effect > 0) != wanted ? fz_bdd_true : fz_bdd_false;

    /* One that stays where it is came there before, and that was looked at. */
    return v->to == FZ_NONE ? effect == 0 ? fz_bdd_false : at_stage(p, bad, (size_t)stage) : bad;
}

static void check_stock_end(struct prover *p, const struct move *v, fz_bdd sound)
{
    const struct fz_record *r = p->m.record;

    for (int s = 0; s < (int)r->stages_n; s++) {
        bool there = v->to == s || (v->to == FZ_NONE && (act_of(p, v->id)->from >> s & 1));

        if (there && (r->final >> s & 1) &&
            check_stock_move(p, v, fz_bdd_and(p->m.b, ends_wrong(p, v, s), sound), r->in_stock >> s & 1 ? FZ_D_stock_left : FZ_D_stock_kept, r->stages[s].name))
            return;
    }
}

/* An act that counts wrong already is not blamed for the end it leads to. */
static void check_stock(struct prover *p)
{
    struct model *m = &p->m;

    for (size_t i = 0; m->record->kinds_n && i < m->moves_n; i++) {
        const struct move *v = &m->moves[i];
        int effect = model_effect(m, v);
        fz_bdd bad = effect ? stocked(p, effect > 0) : fz_bdd_false;

        if (v->kind != MOVE_ACT && v->kind != MOVE_LAW)
            continue;
        p->stats->properties += effect != 0;
        check_stock_move(p, v, bad, effect > 0 ? FZ_D_stock_twice : FZ_D_stock_never,
                         effect ? m->record->kinds[fz_action_change(act_of(p, v->id), v->outcome)].name : no_text);
        check_stock_end(p, v, fz_bdd_not(m->b, bad));
    }
}

/* ---- clocks ---- */

static bool makes_alive(const struct prover *p, int document)
{
    for (int a = 0; a < (int)p->m.record->actions_n; a++)
        if (act_of(p, a)->document == document && fz_acts_has(&p->alive, a))
            return true;
    return false;
}

static bool starts(const struct prover *p, int clock, size_t depth)
{
    const struct fz_clock *k = &p->m.record->clocks[clock];

    for (size_t i = 0; i < k->starts_n; i++) {
        const struct fz_anchor *a = &k->starts[i];

        if (a->kind == FZ_AT_DAY || (a->kind == FZ_AT_ACT && fz_acts_has(&p->alive, a->id)) ||
            (a->kind == FZ_AT_SERVICE && makes_alive(p, a->id)) ||
            (a->kind == FZ_AT_CLOCK_END && depth && starts(p, a->id, depth - 1)))
            return true;
    }
    return false;
}

/* States in which the clock has just begun; all, when that is no matter of an act. */
static fz_bdd just_begun(struct prover *p, int clock)
{
    struct model *m = &p->m;
    const struct fz_clock *k = &m->record->clocks[clock];
    fz_bdd begun = fz_bdd_false;

    for (size_t i = 0; i < k->starts_n; i++) {
        const struct fz_anchor *a = &k->starts[i];

        if (a->kind != FZ_AT_ACT && a->kind != FZ_AT_SERVICE)
            return p->reach.all;
        for (size_t j = 0; j < m->moves_n; j++) {
            const struct move *v = &m->moves[j];

            if ((v->kind == MOVE_ACT || v->kind == MOVE_LAW) &&
                (a->kind == FZ_AT_ACT ? v->id : act_of(p, v->id)->document) == a->id)
                begun = fz_bdd_or(m->b, begun, model_image(m, v, p->reach.all, fz_bdd_true));
        }
    }
    return begun;
}

static bool stops_in(struct prover *p, int clock, fz_bdd states)
{
    struct model *m = &p->m;
    const struct fz_clock *k = &m->record->clocks[clock];

    for (size_t i = 0; i < k->stops_n; i++) {
        const struct fz_anchor *a = &k->stops[i];

        if (a->kind == FZ_AT_DAY || a->kind == FZ_AT_CLOCK_END || (a->kind == FZ_AT_SERVICE && makes_alive(p, a->id)))
            return true;
        for (size_t j = 0; a->kind == FZ_AT_ACT && j < m->moves_n; j++) {
            const struct move *v = &m->moves[j];

            if ((v->kind == MOVE_ACT || v->kind == MOVE_LAW) && v->id == a->id && taking(p, v, states) != fz_bdd_false)
                return true;
        }
    }
    return false;
}

static bool can_stop(struct prover *p, int clock)
{
    struct reach after = {.from = just_begun(p, clock)};

    if (stops_in(p, clock, after.from))
        return true;
    p->stats->steps += model_run(&p->m, &after);
    return stops_in(p, clock, after.all);
}

/* Of an act that is dead we have spoken: what hangs on it is the same problem. */
static bool hangs_on_dead(const struct prover *p, const struct fz_anchor *anchors, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (anchors[i].kind == FZ_AT_ACT && !fz_acts_has(&p->alive, anchors[i].id))
            return true;
    return false;
}

static void check_clocks(struct prover *p)
{
    for (int c = 0; c < (int)p->m.record->clocks_n; c++) {
        const struct fz_clock *k = &p->m.record->clocks[c];

        p->stats->properties += 2;
        if (hangs_on_dead(p, k->starts, k->starts_n) || hangs_on_dead(p, k->stops, k->stops_n))
            continue;
        if (!starts(p, c, p->m.record->clocks_n))
            report(p, FZ_D_clock_never_starts, k->span, k->name, no_text, no_text);
        else if (k->kind == FZ_CK_AT_MOST && !can_stop(p, c))
            report(p, FZ_D_clock_never_stops, k->span, k->name, no_text, no_text);
    }
}

/* ---- too large ---- */

struct factor {
    size_t group, nodes;
};

static fz_str factor_name(struct prover *p, const struct group *g)
{
    const struct fz_record *r = p->m.record;

    switch (g->kind) {
    case GROUP_STAGE:
    case GROUP_BEGUN:
        return fz_str_of("stage");
    case GROUP_PAUSE:
        return r->pauses[g->id].name;
    case GROUP_FIELD:
    case GROUP_SET:
        return r->fields[g->id].name;
    case GROUP_CONFIG:
        return p->m.pack->config[g->id].name;
    case GROUP_DOCUMENT:
        return r->documents[g->id].name;
    case GROUP_CLOCK:
        return r->clocks[g->id].name;
    case GROUP_STOCK:
        return fz_str_of("kinds");
    case GROUP_PENDING:
        return p->m.pack->rules[g->id].id;
    case GROUP_FIXED:
    case GROUP_FREE:
        return g->term && g->term->from ? g->term->from->text : no_text;
    default:
        return r->actions[g->id].name;
    }
}

/* The factors on whose variables most nodes of the set in hand lie. */
static void report_too_large(struct prover *p, fz_bdd states)
{
    struct model *m = &p->m;
    size_t *of_var = FZ_NEW_ARRAY(m->arena, size_t, m->variables);
    struct fz_buf names = {0};

    fz_bdd_size(m->b, states, of_var);
    for (int shown = 0; shown < 5; shown++) {
        struct factor most = {0, 0};

        for (size_t g = GROUPS_ON_TOP; g < m->groups_n; g++) {
            struct factor f = {g, 0};

            for (uint32_t v = 0; v < m->groups[g].bits; v++)
                f.nodes += of_var[m->groups[g].var + v];
            if (f.nodes > most.nodes)
                most = f;
        }
        if (!most.nodes)
            break;
        if (names.n)
            fz_buf_addz(&names, ", ");
        fz_buf_add(&names, factor_name(p, &m->groups[most.group]));
        for (uint32_t v = 0; v < m->groups[most.group].bits; v++)
            of_var[m->groups[most.group].var + v] = 0;
    }
    fz_diag_add(p->diags, FZ_D_proof_too_large, m->record->span, m->record->name,
                fz_str_printf(m->arena, "%d", FZ_PROOF_NODES_MAX), fz_buf_str(&names));
    fz_buf_release(&names);
}

/* ---- one record, all records ---- */

static void prove_record(struct prover *p)
{
    struct model *m = &p->m;

    p->reach.from = m->initial;
    p->stats->steps += model_run(m, &p->reach);
    if (fz_bdds_full(m->b)) {
        report_too_large(p, p->reach.all);
        return;
    }
    find_alive(p);
    check_pauses(p);
    check_acts(p);
    check_stages(p);
    check_endings(p);
    check_rules(p);
    check_stock(p);
    check_clocks(p);
    p->stats->properties += unset_check(m, p->stages, &p->alive, p->diags);
    if (fz_bdds_full(m->b))
        report_too_large(p, p->reach.all);
}

void fz_prove(const struct fz_pack *pack, struct fz_arena *arena, fz_language lang, struct fz_diags *diags,
              struct fz_proof_stats *stats)
{
    struct fz_proof_stats own;
    struct fz_arena scratch;
    struct fz_bdds *b;

    fz_arena_init(&scratch);
    b = fz_bdds_new(&scratch, FZ_PROOF_NODES_MAX);
    stats = stats ? stats : &own;
    *stats = (struct fz_proof_stats){0};
    for (size_t r = 0; r < pack->records_n; r++) {
        struct prover p = {.diags = diags, .stats = stats};

        if (!pack->records[r].stages_n)
            continue;
        fz_bdds_reset(b);
        model_build(&p.m, pack, &pack->records[r], &scratch, b);
        p.trace = (struct trace_of){&p.m, &p.reach, arena, lang};
        prove_record(&p);
        stats->variables += p.m.variables;
        stats->nodes += fz_bdds_nodes(b);
    }
    fz_arena_release(&scratch);
}
