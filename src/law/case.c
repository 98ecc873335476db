/*
 * The step function and the fold behind it.
 *
 * fz_decide() asks its questions in the order in which a reader of the law would: does the act belong here (stage, pause), has what must
 * come before it come (after, answers), do its gates hold, has it been done often enough, by whom, is somebody's time still running, and does
 * a rule over the whole trace forbid it. All grounds are given, not the first one. A step of the law itself answers only to stage and clock.
 *
 * fz_case_apply() asks nothing. What it keeps between events: stage, pauses, values, per act how often and since when it counts, per clock
 * its anchors.
 */
#include "law/case_int.h"

#define RULE_ID(arena, ...) fz_str_printf(arena, __VA_ARGS__)

/* ---- life of a case ---- */

static void *room(struct fz_arena *a, void *old, size_t each_bytes, size_t n, size_t *cap)
{
    if (n <= *cap && old)
        return old;
    *cap = n;
    return fz_alloc_array(a, n, each_bytes);
}

void fz_case_reset(struct fz_case *c, const struct fz_pack *pack, const struct fz_record *record)
{
    c->pack = pack;
    c->record = record;
    c->stage = FZ_NONE;
    c->stocked = false;
    c->paused = 0;
    c->values = room(c->arena, c->values, sizeof(*c->values), record->fields_n, &c->values_room);
    c->acts = room(c->arena, c->acts, sizeof(*c->acts), record->actions_n, &c->acts_room);
    c->documents = room(c->arena, c->documents, sizeof(*c->documents), record->documents_n, &c->documents_room);
    c->clock_runs = room(c->arena, c->clock_runs, sizeof(*c->clock_runs), record->clocks_n, &c->clocks_room);
    for (size_t i = 0; i < record->fields_n; i++)
        c->values[i] = record->fields[i].initial;
    for (size_t i = 0; i < record->actions_n; i++)
        c->acts[i] = (struct act_state){.last = -1, .first = -1};
    for (size_t i = 0; i < record->documents_n; i++)
        c->documents[i] = (struct document_state){.last = -1};
    for (size_t i = 0; i < record->clocks_n; i++)
        c->clock_runs[i] = -1;
    c->events_n = c->runs_n = c->spans_n = c->told_n = c->following_n = 0;
}

struct fz_case *fz_case_new(struct fz_arena *arena, const struct fz_pack *pack, const struct fz_record *record)
{
    struct fz_case *c = FZ_NEW(arena, struct fz_case);

    c->arena = arena;
    fz_case_reset(c, pack, record);
    return c;
}

void fz_case_set(struct fz_case *c, int field, fz_value v)
{
    fz_assert(field >= 0 && (size_t)field < c->record->fields_n);
    c->values[field] = v;
}

int fz_case_stage(const struct fz_case *c)
{
    return c->stage;
}

bool fz_case_ended(const struct fz_case *c)
{
    return c->stage != FZ_NONE && (c->record->final >> c->stage & 1);
}

const struct fz_event *fz_case_events(const struct fz_case *c, size_t *out_n)
{
    *out_n = c->events_n;
    return c->events;
}

/* ---- stock and key ---- */

/* An act that enters the stock twice, or leaves it without having entered, is refused by the proof; of what is observed it changes nothing more. */
static bool stocked_after(const struct fz_case *c, const struct fz_step *cmd)
{
    int change = cmd->kind == FZ_DO ? fz_action_change(action_of(c, cmd->action), cmd->outcome) : FZ_NONE;
    int effect = change == FZ_NONE ? 0 : c->record->kinds[change].effect;

    return effect == 0 ? c->stocked : effect > 0;
}

static bool is_in_stock(const struct fz_record *r, int stage, bool stocked)
{
    if (r->kinds_n)
        return stocked;
    return stage != FZ_NONE && (!(r->final >> stage & 1) || (r->in_stock >> stage & 1));
}

bool fz_case_in_stock(const struct fz_case *c)
{
    return is_in_stock(c->record, c->stage, c->stocked);
}

static bool will_be_in_stock(const struct fz_case *c, const struct fz_step *cmd)
{
    int to = cmd && cmd->kind == FZ_DO ? fz_action_target(action_of(c, cmd->action), cmd->outcome) : FZ_NONE;

    return is_in_stock(c->record, to == FZ_NONE ? c->stage : to, cmd ? stocked_after(c, cmd) : c->stocked);
}

/* With what the act in hand enters, or else what it sets. */
static fz_value value_after(const fz_view *v, int field)
{
    const struct fz_action *a = v->cmd && v->cmd->kind == FZ_DO ? action_of(v->c, v->cmd->action) : NULL;

    for (size_t i = 0; a && i < v->cmd->values_n; i++)
        if (v->cmd->values[i].field == field)
            return v->cmd->values[i].value;
    for (size_t i = 0; a && i < a->sets_n; i++)
        if (a->sets[i].field == field && a->sets[i].value)
            return fz_term_eval(v, a->sets[i].value);
    return v->c->values[field];
}

bool fz_case_key(const fz_view *v, struct fz_buf *out)
{
    const struct fz_record *r = v->c->record;
    struct fz_buf value = {0};

    if (r->key.fields.n == 0 || !will_be_in_stock(v->c, v->cmd))
        return false;
    for (size_t i = 0; i < r->key.fields.n; i++) {
        const struct fz_field *f = &r->fields[r->key.fields.items[i]];

        fz_buf_reset(&value);
        fz_value_print(f->type, &f->choices, value_after(v, r->key.fields.items[i]), &value);
        for (size_t k = 0; k < value.n; k++) {
            if (value.p[k] == '\\' || value.p[k] == '\n')
                fz_buf_addc(out, '\\');
            fz_buf_addc(out, value.p[k] == '\n' ? 'n' : value.p[k]);
        }
        fz_buf_addc(out, '\n');
    }
    fz_buf_release(&value);
    return true;
}

/* ---- steps ---- */

static fz_value copy_value(struct fz_arena *arena, const struct fz_field *f, fz_value v)
{
    fz_value *items;

    if (!v.set)
        return v;
    if (!f->many) {
        if (fz_type_is_text(f->type))
            v.text = fz_str_copy(arena, v.text);
        return v;
    }
    items = FZ_NEW_ARRAY(arena, fz_value, v.many);
    for (size_t i = 0; i < v.many; i++) {
        items[i] = v.items[i];
        if (fz_type_is_text(f->type))
            items[i].text = fz_str_copy(arena, items[i].text);
    }
    v.items = items;
    return v;
}

static fz_str copy_text(struct fz_arena *arena, fz_str s)
{
    return s.n ? fz_str_copy(arena, s) : s;
}

struct fz_step fz_step_copy(struct fz_arena *arena, const struct fz_record *r, const struct fz_step *s)
{
    struct fz_given *given = FZ_NEW_ARRAY(arena, struct fz_given, s->values_n);
    fz_str *others = FZ_NEW_ARRAY(arena, fz_str, s->others_n);
    struct fz_step copy = *s;

    for (size_t i = 0; i < s->values_n; i++)
        given[i] = (struct fz_given){s->values[i].field, copy_value(arena, &r->fields[s->values[i].field], s->values[i].value)};
    copy.values = given;
    for (size_t i = 0; i < s->others_n; i++)
        others[i] = copy_text(arena, s->others[i]);
    copy.others = others;
    copy.person = copy_text(arena, s->person);
    copy.role = copy_text(arena, s->role);
    copy.reason = copy_text(arena, s->reason);
    copy.member = copy_text(arena, s->member);
    copy.cause = copy_text(arena, s->cause);
    return copy;
}

/* ---- judging ---- */

size_t persons_count(const struct fz_step *s)
{
    return s->person.n ? 1 + s->others_n : 0;
}

fz_str person_at(const struct fz_step *s, size_t i)
{
    return i == 0 ? s->person : s->others[i - 1];
}

static struct fz_ground *ground(struct judge *j, fz_ground_kind kind, fz_str id, struct fz_articles articles, bool refuses)
{
    struct fz_ground *g = &FZ_PUSH(j->arena, j->out, grounds, n, cap);

    *g = (struct fz_ground){.kind = kind, .id = id, .articles = articles, .day = j->cmd->on, .clock = FZ_NONE, .from = FZ_DAY_NONE, .due = FZ_DAY_NONE};
    j->out->refusing += refuses;
    return g;
}

struct fz_ground *ground_of_act(struct judge *j, fz_ground_kind kind, const char *what, const char *zh, const char *en)
{
    struct fz_ground *g = ground(j, kind, RULE_ID(j->arena, "%.*s_%s", FZ_STR_ARG(j->a->name), what), j->a->articles, true);
    fz_str title_en = fz_title_in(j->a->title, FZ_EN);

    g->title.zh = fz_str_printf(j->arena, "%.*s：%s", FZ_STR_ARG(j->a->title.zh), zh);
    g->title.en = fz_str_printf(j->arena, "%.*s: %s", FZ_STR_ARG(title_en), en);
    return g;
}

static struct fz_articles both(struct fz_arena *arena, struct fz_articles x, struct fz_articles y)
{
    fz_article *items = FZ_NEW_ARRAY(arena, fz_article, x.n + y.n);
    size_t n = x.n;

    memcpy(items, x.items, x.n * sizeof(*items));
    for (size_t i = 0; i < y.n; i++) {
        bool there = false;

        for (size_t k = 0; k < x.n; k++)
            there |= fz_str_eq(x.items[k].text, y.items[i].text);
        if (!there)
            items[n++] = y.items[i];
    }
    return (struct fz_articles){items, n};
}

/* Something that must stand before does not: under the article of what is missing, and under that of the act. */
static void missing(struct judge *j, const struct fz_action *need)
{
    fz_str a = j->a->name, n = need->name, en = fz_title_in(j->a->title, FZ_EN), need_en = fz_title_in(need->title, FZ_EN);
    struct fz_ground *g = ground(j, FZ_G_AFTER, RULE_ID(j->arena, "%.*s_without_%.*s", FZ_STR_ARG(a), FZ_STR_ARG(n)),
                                 both(j->arena, need->articles, j->a->articles), true);

    g->title.zh = fz_str_printf(j->arena, "%.*s之前没有%.*s", FZ_STR_ARG(j->a->title.zh), FZ_STR_ARG(need->title.zh));
    g->title.en = fz_str_printf(j->arena, "%.*s: without %.*s", FZ_STR_ARG(en), FZ_STR_ARG(need_en));
}

static void judge_stage(struct judge *j)
{
    const struct fz_case *c = j->c;
    bool fits = j->a->starts != FZ_NONE ? c->stage == FZ_NONE : c->stage != FZ_NONE && (j->a->from >> c->stage & 1);

    if (!fits)
        ground_of_act(j, FZ_G_STAGE, "out_of_order", "不在可以进行的阶段", "at a stage to which it does not belong");
}

/* The act that laid a pause names the article; where several may lay it, the first of the pack. */
static const struct fz_action *laid_by(const struct fz_record *r, int pause)
{
    for (size_t i = 0; i < r->actions_n; i++)
        if (r->actions[i].pauses == pause)
            return &r->actions[i];
    return NULL;
}

static void judge_pauses(struct judge *j)
{
    const struct fz_record *r = j->c->record;

    for (size_t p = 0; j->c->paused && p < r->pauses_n; p++) {
        const struct fz_action *by = laid_by(r, (int)p);
        struct fz_ground *g;
        fz_str pause_en = fz_title_in(r->pauses[p].title, FZ_EN), en = fz_title_in(j->a->title, FZ_EN);

        if (!(j->c->paused >> p & 1) || fz_acts_has(&r->pauses[p].allows, j->cmd->action))
            continue;
        g = ground(j, FZ_G_PAUSE, RULE_ID(j->arena, "%.*s_during_%.*s", FZ_STR_ARG(j->a->name), FZ_STR_ARG(r->pauses[p].name)),
                   by ? both(j->arena, by->articles, j->a->articles) : j->a->articles, true);
        g->title.zh = fz_str_printf(j->arena, "%.*s：%.*s期间不得进行", FZ_STR_ARG(j->a->title.zh), FZ_STR_ARG(r->pauses[p].title.zh));
        g->title.en = fz_str_printf(j->arena, "%.*s: not during %.*s", FZ_STR_ARG(en), FZ_STR_ARG(pause_en));
    }
    if (j->a->resumes != FZ_NONE && !(j->c->paused >> j->a->resumes & 1))
        ground_of_act(j, FZ_G_STAGE, "without_pause", "并未中止", "nothing is suspended");
}

static void judge_needs(struct judge *j)
{
    for (size_t i = 0; i < j->a->after_n; i++) {
        const struct fz_after *after = &j->a->after[i];
        bool any = fz_acts_empty(&after->any);
        int first = FZ_NONE;

        if (!fz_term_holds(&j->v, after->when))
            continue;
        for (int n = 0; n < (int)j->c->record->actions_n; n++) {
            if (fz_acts_has(&after->need, n) && !fz_case_done(&j->v, n))
                missing(j, &j->c->record->actions[n]);
            if (fz_acts_has(&after->any, n)) {
                any = any || fz_case_done(&j->v, n);
                first = first == FZ_NONE ? n : first;
            }
        }
        if (!any)
            missing(j, &j->c->record->actions[first]);
    }
    if (j->a->answers != FZ_NONE && j->c->acts[j->a->answers].open == 0)
        missing(j, action_of(j->c, j->a->answers));
}

static void judge_gates(struct judge *j)
{
    for (size_t i = 0; i < j->a->gates_n; i++) {
        const struct fz_gate *gate = &j->a->gates[i];

        if (!fz_term_holds(&j->v, gate->that))
            ground(j, FZ_G_GATE, gate->id, gate->articles, true)->title = gate->otherwise;
    }
}

static void judge_times(struct judge *j)
{
    if (j->a->times && j->c->acts[j->cmd->action].times >= (uint32_t)j->a->times)
        ground_of_act(j, FZ_G_TIMES, "too_often", "超过允许的次数", "more often than allowed");
}

/* Somebody who is not known by name is none of those who are. What was cleared was done by somebody all the same. */
static bool share_person(const struct fz_step *a, const struct fz_step *b)
{
    for (size_t i = 0; i < persons_count(a); i++)
        for (size_t k = 0; k < persons_count(b); k++)
            if (fz_str_eq(person_at(a, i), person_at(b, k)))
                return true;
    return false;
}

static bool same_person_did(const struct judge *j, int act)
{
    for (int32_t e = j->c->acts[act].last; e >= 0; e = j->c->events[e].same)
        if (share_person(&j->c->events[e].cmd, j->cmd))
            return true;
    return false;
}

static void judge_persons(struct judge *j)
{
    for (int n = 0; n < (int)j->c->record->actions_n; n++)
        if (fz_acts_has(&j->a->not_by, n) && same_person_did(j, n)) {
            ground_of_act(j, FZ_G_PERSON, "by_same_person", "由应当回避或者分离的同一人作出", "by a person who must be kept apart from it");
            break;
        }
}

static bool has_role(const struct fz_by *by, size_t n, fz_str role)
{
    for (size_t i = 0; i < n; i++)
        if (fz_str_eq(by[i].role, role))
            return true;
    return false;
}

static void judge_role(struct judge *j, const struct fz_by *by, size_t n)
{
    if (j->cmd->role.n && !has_role(by, n, j->cmd->role))
        ground_of_act(j, FZ_G_ROLE, "by_wrong_role", "无权进行", "by a role that may not take it");
    if (j->a->by_law && !j->observing)
        ground_of_act(j, FZ_G_BY_LAW, "by_person", "只能依法自动发生", "a step of the law that no person takes");
    if (j->rights && !j->observing && !j->a->by_law)
        judge_rights(j, by, n);
}

static void clock_ground(struct judge *j, fz_ground_kind kind, int clock, const struct fz_clock_look *look, bool refuses)
{
    const struct fz_clock *k = &j->c->record->clocks[clock];
    struct fz_ground *g = ground(j, kind, k->name, k->articles, refuses);

    g->title = k->title.zh.n ? k->title : (fz_title){.zh = k->name};
    g->clock = clock;
    g->from = look->from;
    g->due = look->due;
    g->service_norm = k->service_norm;
    g->provisional = look->provisional;
    if (look->due != FZ_DAY_NONE && j->cmd->on > look->due)
        g->over = j->cmd->on - look->due;
}

/* A party's chance is open through its last day; so is a shortest time. A chance that is paused is open as well. */
static void judge_holds(struct judge *j)
{
    for (size_t i = 0; i < j->a->clocks_hold.n; i++) {
        int clock = j->a->clocks_hold.items[i];
        bool window = j->c->record->clocks[clock].kind == FZ_CK_WINDOW;

        for (size_t r = 0; r < fz_clock_instances(j->c, clock); r++) {
            struct fz_clock_look look = fz_clock_look(&j->v, clock, r);
            bool on = look.applies && look.started && look.stopped == FZ_DAY_NONE;

            if (!on || look.unreached || (look.due != FZ_DAY_NONE && j->cmd->on > look.due) || (look.due == FZ_DAY_NONE && !look.paused))
                continue;
            clock_ground(j, window ? FZ_G_HELD : FZ_G_BLOCKED, clock, &look, true);
            break;
        }
    }
}

static bool starts_at(const struct fz_clock *k, const struct fz_step *cmd)
{
    for (size_t i = 0; i < k->starts_n; i++)
        if (k->starts[i].kind == FZ_AT_ACT && k->starts[i].id == cmd->action)
            return true;
    return false;
}

/* So many days before an event: asked when the act is taken, and again by an act that moves the event. */
static void judge_floors(struct judge *j)
{
    for (size_t i = 0; i < j->a->clocks_floor.n; i++) {
        int clock = j->a->clocks_floor.items[i];
        struct run now = {.from = j->cmd->on, .at = FZ_INSTANT_NONE};
        const struct run *run = starts_at(&j->c->record->clocks[clock], j->cmd) ? &now : run_at(j->c, clock, 0);
        struct fz_clock_look look;

        if (!run || run->stopped)
            continue;
        look = look_running(&j->v, clock, run);
        if (look.plan != FZ_DAY_NONE && look.from > (j->observing ? look.due : look.plan))
            clock_ground(j, FZ_G_FLOOR, clock, &look, true);
    }
}

static void judge_outcome(struct judge *j)
{
    if (j->a->outcomes_n && j->cmd->outcome == FZ_NONE && !j->observing)
        ground_of_act(j, FZ_G_OUTCOME, "without_outcome", "没有写明结果", "says no outcome");
}

static bool is_set(const struct judge *j, int field)
{
    return fz_case_value(&j->v, field).set;
}

/* A field that is missing, or that this act does not enter. */
static void field_ground(struct judge *j, const struct fz_field *f, const char *what, const char *zh, const char *en)
{
    fz_str id = RULE_ID(j->arena, "%.*s_%s_%.*s", FZ_STR_ARG(j->a->name), what, FZ_STR_ARG(f->name)), title_en = fz_title_in(f->title, FZ_EN);
    struct fz_ground *g = ground(j, FZ_G_VALUE, id, j->a->articles, true);

    g->title.zh = fz_str_printf(j->arena, "%s：%.*s", zh, FZ_STR_ARG(f->title.zh));
    g->title.en = fz_str_printf(j->arena, "%s: %.*s", en, FZ_STR_ARG(title_en));
}

/* What must be known when the record begins, or when this act is taken; and nothing that the act does not enter. */
static void judge_values(struct judge *j)
{
    const struct fz_record *r = j->c->record;

    for (size_t i = 0; i < r->fields_n; i++) {
        const struct fz_field *f = &r->fields[i];
        bool wanted = (f->required && j->a->starts != FZ_NONE) || f->required_at == j->cmd->action;

        if (wanted && !is_set(j, (int)i) && fz_term_holds(&j->v, f->when))
            field_ground(j, f, "without", "缺少", "missing");
    }
    for (size_t i = 0; i < j->cmd->values_n; i++) {
        const struct fz_field *f = &r->fields[j->cmd->values[i].field];

        if (f->is || !(j->a->starts != FZ_NONE || fz_action_enters(r, j->a, j->cmd->values[i].field)))
            field_ground(j, f, "enters_no", "此行为不填写", "not entered by this act");
    }
}

/* ---- lateness, which refuses nothing ---- */

/* The clock is about to stop: is it late? One ground, however many parties. */
static void judge_stop(struct judge *j, int clock)
{
    for (size_t r = 0; r < fz_clock_instances(j->c, clock); r++) {
        struct fz_clock_look look = fz_clock_look(&j->v, clock, r);

        if (!look.applies || !look.started || look.stopped != FZ_DAY_NONE)
            continue;
        if (look.unreached) {
            clock_ground(j, FZ_G_UNJUDGED, clock, &look, false);
            return;
        }
        if (step_is_late(&look, j->cmd)) {
            clock_ground(j, FZ_G_LATE, clock, &look, false);
            return;
        }
    }
}

static void judge_extension(struct judge *j, int clock)
{
    const struct fz_clock *k = &j->c->record->clocks[clock];

    for (size_t i = 0; i < k->extends_n; i++) {
        struct fz_clock_look look;

        if (k->extends[i].on != j->cmd->action || !fz_term_holds(&j->v, k->extends[i].when))
            continue;
        look = fz_clock_look(&j->v, clock, 0);
        if (!look.applies || !look.started || look.stopped != FZ_DAY_NONE || !step_is_late(&look, j->cmd))
            continue;
        clock_ground(j, FZ_G_VOID, clock, &look, false);
        j->out->grounds[j->out->n - 1].id = RULE_ID(j->arena, "%.*s_extended_late", FZ_STR_ARG(k->name));
    }
}

static void judge_clocks(struct judge *j)
{
    for (size_t i = 0; i < j->a->clocks_stop.n; i++)
        judge_stop(j, j->a->clocks_stop.items[i]);
    for (size_t i = 0; i < j->a->clocks_use.n; i++)
        judge_stop(j, j->a->clocks_use.items[i]);
    for (size_t i = 0; i < j->a->clocks_extend.n; i++)
        judge_extension(j, j->a->clocks_extend.items[i]);
}

/* ---- rules over the trace ---- */

static bool any_done(const fz_view *v, const fz_acts *acts, int but)
{
    for (int n = 0; n < (int)v->c->record->actions_n; n++)
        if (n != but && fz_acts_has(acts, n) && fz_case_done(v, n))
            return true;
    return false;
}

static bool any_taken(const struct fz_case *c, const fz_acts *acts)
{
    for (int n = 0; n < (int)c->record->actions_n; n++)
        if (fz_acts_has(acts, n) && c->acts[n].times)
            return true;
    return false;
}

static bool ends_without(const struct judge *j, const struct fz_rule *r)
{
    int to = fz_action_target(action_of(j->c, j->cmd->action), j->cmd->outcome);

    if (to == FZ_NONE || !(j->c->record->final >> to & 1) || j->c->acts[r->act].times + (r->act == j->cmd->action) == 0)
        return false;
    return !fz_acts_has(&r->others, j->cmd->action) && !any_taken(j->c, &r->others);
}

static bool breaks_difference(const struct judge *j, const struct fz_rule *r)
{
    if (!fz_acts_has(&r->others, j->cmd->action))
        return false;
    for (int n = 0; n < (int)j->c->record->actions_n; n++)
        if (n != j->cmd->action && fz_acts_has(&r->others, n) && same_person_did(j, n))
            return true;
    return false;
}

static bool breaks(const struct judge *j, const struct fz_rule *r)
{
    bool acts = r->act == j->cmd->action;

    switch (r->kind) {
    case FZ_RULE_BEFORE:
        return acts && !any_done(&j->v, &r->others, FZ_NONE);
    case FZ_RULE_AFTER:
        return acts && any_done(&j->v, &r->others, FZ_NONE);
    case FZ_RULE_WHILE:
        return acts && (j->c->paused >> r->pause & 1);
    case FZ_RULE_ALWAYS:
        return ends_without(j, r);
    case FZ_RULE_ONCE:
        return acts && j->c->acts[r->act].times > 0;
    case FZ_RULE_DIFFER:
        return breaks_difference(j, r);
    }
    fz_assert(!"a kind of rule");
    return false;
}

static void judge_rules(struct judge *j)
{
    const struct fz_pack *p = j->c->pack;

    for (size_t i = 0; i < p->rules_n; i++) {
        const struct fz_rule *r = &p->rules[i];

        if (&p->records[r->record] != j->c->record || !breaks(j, r) || (r->unless && fz_term_holds(&j->v, r->unless)))
            continue;
        ground(j, FZ_G_RULE, r->id, r->articles, true)->title = r->title.zh.n ? r->title : (fz_title){.zh = r->id};
    }
}

/* ---- the step function ---- */

/* A linked record tells what it tells; it opens this one, as its pack says; or has an effect on it, as this pack expects. */
static bool is_caused(const struct judge *j)
{
    return j->cmd->cause.n && (j->a->of_link != FZ_NONE || (j->cmd->opened && j->a->starts != FZ_NONE) || j->a->caused_by_n);
}

/* The law acts when a clock that says so has come to its end, or when a linked record brings it about. */
static void judge_law(struct judge *j)
{
    struct fz_step due = fz_case_due_by_law(&j->v);

    if (is_caused(j))
        return;
    if (due.action != j->cmd->action || due.on != j->cmd->on)
        ground_of_act(j, FZ_G_BY_LAW, "by_law_before_time", "期限尚未届满，不能依法自动发生", "no time limit has brought it about");
}

static void judge_waiver(struct judge *j)
{
    judge_stage(j);
    if (!j->a->waivable || !fz_term_holds(&j->v, j->a->waive_when))
        ground_of_act(j, FZ_G_GATE, "not_waivable", "不得以不适用为由略过", "may not be waived");
    if (j->a->waive_reason && j->cmd->reason.n == 0)
        ground_of_act(j, FZ_G_VALUE, "waived_without_reason", "没有写明不适用的理由", "waived without a reason");
    judge_role(j, j->a->waive_by, j->a->waive_by_n);
}

static void judge_service(struct judge *j)
{
    const struct fz_record *r = j->c->record;
    const struct fz_document *d = &r->documents[j->cmd->document];

    if (!j->c->documents[j->cmd->document].made && !j->observing) {
        struct fz_ground *g = ground(j, FZ_G_AFTER, RULE_ID(j->arena, "%.*s_not_made", FZ_STR_ARG(d->name)), (struct fz_articles){0}, true);

        g->title = d->title;
    }
    for (size_t i = 0; i < r->clocks_n; i++)
        for (size_t s = 0; s < r->clocks[i].stops_n; s++)
            if (r->clocks[i].stops[s].kind == FZ_AT_SERVICE && r->clocks[i].stops[s].id == j->cmd->document)
                judge_stop(j, (int)i);
}

static void judge_act(struct judge *j)
{
    judge_stage(j);
    if (j->cmd->by_law) {
        judge_law(j);
        if (!j->cmd->opened)
            return;
        judge_gates(j);
        judge_values(j);
        return;
    }
    judge_pauses(j);
    judge_needs(j);
    judge_gates(j);
    judge_times(j);
    judge_persons(j);
    judge_role(j, j->a->by, j->a->by_n);
    judge_holds(j);
    judge_floors(j);
    judge_outcome(j);
    if (!j->observing)
        judge_values(j);
    judge_clocks(j);
    judge_rules(j);
}

void fz_decide(const struct fz_case *c, const struct fz_step *cmd, const struct fz_calendar *cal, bool observing, struct fz_arena *out_arena,
               struct fz_ruling *out)
{
    fz_decide_by(c, cmd, cal, observing, NULL, out_arena, out);
}

void fz_decide_by(const struct fz_case *c, const struct fz_step *cmd, const struct fz_calendar *cal, bool observing, const struct fz_rights *rights,
                  struct fz_arena *out_arena, struct fz_ruling *out)
{
    struct judge j = {.c = c, .cmd = cmd, .v = {c, cmd, cal, cmd->on}, .observing = observing, .rights = rights, .arena = out_arena, .out = out};

    out->n = out->refusing = 0;
    out->right = (struct fz_right){.how = FZ_RIGHT_NOT_ASKED};
    if (cmd->kind != FZ_SERVE)
        j.a = action_of(c, cmd->action);
    if (cmd->kind == FZ_SERVE)
        judge_service(&j);
    else if (cmd->kind == FZ_WAIVE)
        judge_waiver(&j);
    else
        judge_act(&j);
}

void fz_decide_key(const struct fz_case *c, const struct fz_step *cmd, fz_str other, struct fz_arena *out_arena, struct fz_ruling *io)
{
    struct judge j = {.c = c, .cmd = cmd, .a = action_of(c, cmd->action), .v = {c, cmd, NULL, cmd->on}, .arena = out_arena, .out = io};
    fz_title key = c->record->key.title;
    fz_str en = fz_title_in(key, FZ_EN);

    ground_of_act(&j, FZ_G_KEY, "with_same_key", fz_str_printf(out_arena, "%.*s相同的已有：%.*s", FZ_STR_ARG(key.zh), FZ_STR_ARG(other)).p,
                  fz_str_printf(out_arena, "%.*s has the same %.*s", FZ_STR_ARG(other), FZ_STR_ARG(en)).p);
}

/* ---- the fold ---- */

/* What one of several linked records tells stands by itself. */
static void fold_told(struct fz_case *c, int field, fz_str member, fz_value value)
{
    for (size_t i = 0; i < c->told_n; i++)
        if (c->told[i].field == field && fz_str_eq(c->told[i].member, member)) {
            c->told[i].value = value;
            return;
        }
    FZ_PUSH(c->arena, c, told, told_n, told_cap) = (struct told){field, member, value};
}

/* A link that leads elsewhere knows nothing of what the other record told. */
static void forget_told(struct fz_case *c, const struct fz_step *cmd)
{
    for (size_t i = 0; i < cmd->values_n; i++) {
        const struct fz_field *f = &c->record->fields[cmd->values[i].field];

        if (f->type != FZ_TYPE_LINK || f->many || fz_value_equal(FZ_TYPE_LINK, c->values[cmd->values[i].field], cmd->values[i].value))
            continue;
        for (size_t k = 0; k < c->record->fields_n; k++)
            if (c->record->fields[k].of_link == f->of_link && c->record->fields[k].type != FZ_TYPE_LINK)
                c->values[k] = FZ_UNSET;
    }
}

static void fold_values(struct fz_case *c, const struct fz_step *cmd, const struct fz_calendar *cal)
{
    const struct fz_action *a = action_of(c, cmd->action);
    fz_view v = {c, cmd, cal, cmd->on};

    forget_told(c, cmd);
    /* Mapped values see the case as it was, with what was given. */
    for (size_t i = 0; i < a->sets_n; i++)
        if (a->sets[i].value)
            c->values[a->sets[i].field] = fz_term_eval(&v, a->sets[i].value);
    for (size_t i = 0; i < cmd->values_n; i++)
        if (fz_field_told_by_each(c->record, cmd->values[i].field))
            fold_told(c, cmd->values[i].field, cmd->member, cmd->values[i].value);
        else
            c->values[cmd->values[i].field] = cmd->values[i].value;
}

static void clear(struct fz_case *c, const fz_acts *acts)
{
    for (int n = 0; n < (int)c->record->actions_n; n++) {
        if (!fz_acts_has(acts, n))
            continue;
        c->acts[n].since = (int32_t)c->events_n;
        c->acts[n].open = 0;
        c->acts[n].waived = false;
    }
}

static void close_span(struct fz_case *c, int pause, fz_day on)
{
    c->paused &= ~(UINT32_C(1) << pause);
    for (size_t i = 0; i < c->spans_n; i++)
        if (c->spans[i].pause == pause && c->spans[i].last == FZ_DAY_NONE)
            c->spans[i].last = on;
}

static void fold_pauses(struct fz_case *c, const struct fz_action *a, fz_day on)
{
    if (a->resumes != FZ_NONE)
        close_span(c, a->resumes, on);
    if (a->pauses != FZ_NONE && !(c->paused >> a->pauses & 1)) {
        FZ_PUSH(c->arena, c, spans, spans_n, spans_cap) = (struct pause_span){a->pauses, on, FZ_DAY_NONE};
        c->paused |= UINT32_C(1) << a->pauses;
    }
    /* A pause lies over its stages only: leaving them ends it. */
    for (size_t p = 0; c->paused && p < c->record->pauses_n; p++)
        if ((c->paused >> p & 1) && c->stage != FZ_NONE && !(c->record->pauses[p].in >> c->stage & 1))
            close_span(c, (int)p, on);
}

static void fold_act(struct fz_case *c, const struct fz_step *cmd, int32_t event)
{
    const struct fz_action *a = action_of(c, cmd->action);
    struct act_state *s = &c->acts[cmd->action];
    int to = fz_action_target(a, cmd->outcome);

    if (a->answers != FZ_NONE && c->acts[a->answers].open)
        c->acts[a->answers].open--;
    clear(c, &a->clears);
    if (cmd->outcome != FZ_NONE)
        clear(c, &a->outcomes[cmd->outcome].clears);
    s->times++;
    s->open++;
    s->last = event;
    if (s->first < 0)
        s->first = event;
    if (s->since > event) /* it cleared itself: what was before counts no longer, this one does */
        s->since = event;
    if (to != FZ_NONE)
        c->stage = to;
    c->stocked = stocked_after(c, cmd);
    fold_pauses(c, a, cmd->on);
    if (a->document != FZ_NONE) {
        c->documents[a->document].since = event;
        c->documents[a->document].made = true;
    }
}

void fz_case_apply(struct fz_case *c, const struct fz_step *cmd, const struct fz_calendar *cal)
{
    int32_t event = (int32_t)c->events_n;
    int32_t *last = cmd->kind == FZ_SERVE ? &c->documents[cmd->document].last : &c->acts[cmd->action].last;
    struct fz_event *e = &FZ_PUSH(c->arena, c, events, events_n, events_cap);

    *e = (struct fz_event){.cmd = *cmd, .before = c->stage, .same = cmd->kind == FZ_WAIVE ? -1 : *last};
    switch (cmd->kind) {
    case FZ_DO:
        fold_values(c, cmd, cal);
        fold_act(c, cmd, event);
        break;
    case FZ_WAIVE:
        c->acts[cmd->action].waived = true;
        break;
    case FZ_SERVE:
        *last = event;
        break;
    }
    clocks_take(c, cmd, cal);
    if (cmd->kind == FZ_DO)
        fold_following(c, cmd, cal);
}
