/*
 * The clocks of a case (期限).
 *
 * A clock keeps anchors: the day it started, the extension granted, how often it came round. Everything else is looked up when it is
 * asked for: `when`, the length that holds for the case as it stands, pauses, excluded times, caps; then one call of fz_limit_due().
 * fz_clock_explain() goes through the same functions. Only what a clock had come to when it stopped is kept, since a later change of the case
 * (a new track after a notice went out in time) does not make a duty late that was met.
 *
 * How a run begins and ends:
 *
 *     none ---- start act, served(doc) ----> running ---- stop act, served(doc), used ----> stopped
 *       |                                       |  ^                                          |
 *       |  day or end of a clock: no run until  |  '---- start, again: restart ---------------'
 *       '--------- it is stopped ---------------'       again: another begins a further run; again: ignore changes nothing
 */
#include "law/case_int.h"

#include "law/recur.h"

#define GAPS_ON_STACK 16

static const struct fz_clock *clock_of(const struct fz_case *c, int clock)
{
    fz_assert(clock >= 0 && (size_t)clock < c->record->clocks_n);
    return &c->record->clocks[clock];
}

const struct run *run_at(const struct fz_case *c, int clock, size_t i)
{
    int32_t r = c->clock_runs[clock];

    while (r >= 0 && i-- > 0)
        r = c->runs[r].next;
    return r < 0 ? NULL : &c->runs[r];
}

size_t fz_clock_instances(const struct fz_case *c, int clock)
{
    size_t n = 0;

    for (int32_t r = c->clock_runs[clock]; r >= 0; r = c->runs[r].next)
        n++;
    return n ? n : 1;
}

/* ---- what is left out ---- */

struct gaps {
    fz_gap first[GAPS_ON_STACK];
    fz_gap *items;
    size_t n, cap;
    struct fz_arena *arena;
};

/* Kept sorted by first day: there are few. */
static void add_gap(struct gaps *g, fz_gap gap)
{
    size_t i;

    if (g->n == g->cap)
        g->items = fz_grow(g->arena, g->items, sizeof(*g->items), g->n, &g->cap);
    for (i = g->n++; i > 0 && g->items[i - 1].first > gap.first; i--)
        g->items[i] = g->items[i - 1];
    g->items[i] = gap;
}

static void add_pauses(const struct fz_case *c, int pause, struct gaps *g)
{
    for (size_t i = 0; i < c->spans_n; i++)
        if (c->spans[i].pause == pause)
            add_gap(g, (fz_gap){c->spans[i].first, c->spans[i].last});
}

static void add_spans(const fz_view *v, int field, struct gaps *g)
{
    fz_value x = fz_case_value(v, field);
    bool many = v->c->record->fields[field].many;
    size_t n = !x.set ? 0 : many ? x.many : 1;

    for (size_t i = 0; i < n; i++) {
        fz_value span = many ? x.items[i] : x;

        /* A span counts from its first day on; a gap from the day after its first. */
        add_gap(g, (fz_gap){(fz_day)span.n - 1, (fz_day)span.m});
    }
}

/* Whether the notice that the law wants was given by the end of the excluded time. */
static bool was_told(const struct fz_case *c, int told_by, fz_day by)
{
    int32_t e = told_by == FZ_NONE ? -1 : c->acts[told_by].first;

    return told_by == FZ_NONE || (e >= 0 && (by == FZ_DAY_NONE || c->events[e].cmd.on <= by));
}

/* The k-th beginning goes with the k-th end. Both chains run backwards, so they are walked together from their ends. */
static void add_excluded(const fz_view *v, const struct fz_excludes *x, struct gaps *g)
{
    const struct fz_case *c = v->c;
    const struct act_state *from = &c->acts[x->from], *until = &c->acts[x->until];
    int32_t b = from->last, e = until->last;

    if (b < 0 || !fz_term_holds(v, x->when))
        return;
    for (uint32_t k = until->times; k > from->times; k--)
        e = c->events[e].same;
    for (uint32_t k = from->times; k > 0; k--, b = c->events[b].same) {
        fz_day last = k > until->times ? FZ_DAY_NONE : c->events[e].cmd.on;

        if (was_told(c, x->told_by, last))
            add_gap(g, (fz_gap){c->events[b].cmd.on, last});
        if (k <= until->times)
            e = c->events[e].same;
    }
}

static void collect_gaps(const fz_view *v, const struct fz_clock *k, struct gaps *g)
{
    g->items = g->first;
    g->cap = GAPS_ON_STACK;
    g->arena = v->c->arena;
    for (size_t i = 0; i < k->suspends_n; i++)
        if (k->suspends[i].pause != FZ_NONE)
            add_pauses(v->c, k->suspends[i].pause, g);
        else
            add_spans(v, k->suspends[i].field, g);
    for (size_t i = 0; i < k->excludes_n; i++)
        add_excluded(v, &k->excludes[i], g);
}

/* ---- its length and its end ---- */

static const struct fz_limit_case *limit_case(const fz_view *v, const struct fz_clock *k)
{
    for (size_t i = 0; i < k->limit_n; i++)
        if (fz_term_holds(v, k->limit[i].when))
            return &k->limit[i];
    return NULL;
}

static fz_length length_of(fz_value x)
{
    return x.set ? (fz_length){(int32_t)x.n, (fz_unit)x.m} : (fz_length){0};
}

/* A minute nobody wrote down: the end of the day, so that no one is late by our guess. */
static fz_instant start_minute(const struct fz_clock_look *look)
{
    return look->from_at != FZ_INSTANT_NONE ? look->from_at : fz_day_instant(look->from + 1);
}

static void end_in_hours(struct fz_clock_look *look)
{
    fz_instant extra = look->extension.n && look->extension.unit == FZ_HOURS ? (fz_instant)look->extension.n * 60 : 0;

    look->due_at = fz_limit_hours(look->length, start_minute(look)) + extra;
    look->due = look->nominal = fz_instant_day(look->due_at);
}

static void end_of_limit(const fz_view *v, const struct fz_clock *k, struct fz_clock_look *look)
{
    struct gaps g = {.n = 0};
    struct fz_limit l = {.length = look->length, .extension = look->extension, .from = look->from, .no_roll = k->no_roll};
    fz_due due;

    collect_gaps(v, k, &g);
    l.gaps = g.items;
    l.gaps_n = g.n;
    if (fz_limit_due(v->cal, &l, &due, NULL) != FZ_OK) {
        look->unreached = true;
        return;
    }
    look->due = due.due;
    look->nominal = due.nominal;
    look->paused = due.paused;
    look->provisional = due.provisional;
    look->used = due.used;
}

static void end_of_promise(const fz_view *v, const struct fz_clock *k, struct fz_clock_look *look)
{
    struct fz_limit l = {.from = look->from, .no_roll = k->no_roll};
    fz_due due;

    if (!k->promise)
        return;
    l.length = length_of(fz_term_eval(v, k->promise));
    if (l.length.n && fz_limit_due(v->cal, &l, &due, NULL) == FZ_OK)
        look->promised = due.due;
}

static void cap(const fz_view *v, const struct fz_clock *k, struct fz_clock_look *look)
{
    for (size_t i = 0; i < k->caps_n && look->due != FZ_DAY_NONE; i++) {
        fz_value at;

        if (!fz_term_holds(v, k->caps[i].when))
            continue;
        at = fz_term_eval(v, k->caps[i].at);
        if (at.set && at.n < look->due) {
            look->due = look->nominal = (fz_day)at.n;
            look->due_at = FZ_INSTANT_NONE;
            look->capped = true;
            look->provisional = v->cal && look->due > fz_calendar_horizon(v->cal);
        }
    }
}

/* at_least before an event: latest day to plan for, and the day later than which the law is broken (R11). */
static void floor_before(const fz_view *v, const struct fz_clock *k, struct fz_clock_look *look)
{
    fz_value event = fz_term_eval(v, k->until);
    fz_floor f;

    if (!event.set)
        return;
    if (fz_limit_floor(v->cal, look->length, (fz_day)event.n, &f, NULL) != FZ_OK) {
        look->unreached = true;
        return;
    }
    look->plan = f.plan;
    look->due = look->nominal = f.violation;
    look->provisional = f.provisional;
}

/* The end stands in the case: a day to its last minute, or the minute itself. */
static void end_as_given(const struct fz_limit_case *lc, fz_value end, struct fz_clock_look *look)
{
    bool minute = lc->be->type == FZ_TYPE_INSTANT;

    look->due_at = minute ? (fz_instant)end.n : FZ_INSTANT_NONE;
    look->due = look->nominal = minute ? fz_instant_day(end.n) : (fz_day)end.n;
}

static void end_of_clock(const fz_view *v, const struct fz_clock *k, uint32_t turn, struct fz_clock_look *look)
{
    const struct fz_limit_case *lc;
    fz_value be;

    if (k->recurs.how != FZ_RECURS_NOT) {
        look->unreached = fz_recur_due(&k->recurs, v->cal, look->from, turn, &look->due, NULL) != FZ_OK;
        look->nominal = look->due;
        return;
    }
    lc = limit_case(v, k);
    be = lc ? fz_term_eval(v, lc->be) : FZ_UNSET;
    if (!be.set)
        return;
    if (lc->until) {
        end_as_given(lc, be, look);
        cap(v, k, look);
        return;
    }
    look->length = length_of(be);
    if (k->until)
        floor_before(v, k, look);
    else if (look->length.unit == FZ_HOURS)
        end_in_hours(look);
    else
        end_of_limit(v, k, look);
    cap(v, k, look);
    end_of_promise(v, k, look);
}

/* ---- where it starts without a run ---- */

static const struct fz_clock_look nothing = {.from = FZ_DAY_NONE,
                                             .from_at = FZ_INSTANT_NONE,
                                             .due = FZ_DAY_NONE,
                                             .nominal = FZ_DAY_NONE,
                                             .due_at = FZ_INSTANT_NONE,
                                             .plan = FZ_DAY_NONE,
                                             .stopped = FZ_DAY_NONE,
                                             .promised = FZ_DAY_NONE};

static bool is_over(const fz_view *v, const struct fz_clock_look *k)
{
    return k->applies && k->due != FZ_DAY_NONE && v->day > k->due;
}

/* The day on which a clock ended unmet, of several instances the last; none while one of them may still be met, or when all were. */
static fz_day unmet_end(const fz_view *v, int clock)
{
    fz_day end = FZ_DAY_NONE;

    for (size_t i = 0; i < fz_clock_instances(v->c, clock); i++) {
        struct fz_clock_look k = fz_clock_look(v, clock, i);
        bool stopped = k.stopped != FZ_DAY_NONE;

        if (!k.started || !k.applies || (stopped && !k.late))
            continue;
        if (!is_over(v, &k))
            return FZ_DAY_NONE;
        end = end == FZ_DAY_NONE || k.due > end ? k.due : end;
    }
    return end;
}

/* A day that a field gives, or the end of another clock once it has passed unmet. */
static fz_day silent_start(const fz_view *v, const struct fz_clock *k)
{
    for (size_t i = 0; i < k->starts_n; i++) {
        const struct fz_anchor *a = &k->starts[i];

        if (a->kind == FZ_AT_DAY) {
            fz_value day = fz_term_eval(v, a->day);

            if (day.set)
                return (fz_day)day.n;
        } else if (a->kind == FZ_AT_CLOCK_END) {
            fz_day end = unmet_end(v, a->id);

            if (end != FZ_DAY_NONE)
                return end;
        }
    }
    return FZ_DAY_NONE;
}

struct fz_clock_look look_running(const fz_view *v, int clock, const struct run *run)
{
    const struct fz_clock *k = clock_of(v->c, clock);
    struct fz_clock_look look = nothing;

    look.applies = fz_term_holds(v, k->when) && fz_term_holds(v, k->recurs.while_);
    look.from = run ? run->from : silent_start(v, k);
    look.started = look.from != FZ_DAY_NONE;
    if (!look.started || !look.applies)
        return look;
    if (run) {
        look.from_at = run->at;
        look.extension = run->extension;
        look.void_extension = run->void_extension;
    }
    end_of_clock(v, k, run ? run->turns : 0, &look);
    return look;
}

struct fz_clock_look fz_clock_look(const fz_view *v, int clock, size_t i)
{
    const struct run *run = run_at(v->c, clock, i);

    return run && run->stopped ? run->found : look_running(v, clock, run);
}

/* What a pause beginning on the view's day would leave used. */
int32_t fz_clock_used(const fz_view *v, int clock, size_t i)
{
    const struct fz_clock *k = clock_of(v->c, clock);
    struct fz_clock_look look = fz_clock_look(v, clock, i);
    struct gaps g = {.n = 0};
    struct fz_limit l = {.length = look.length, .extension = look.extension, .from = look.from, .no_roll = k->no_roll};
    fz_due due;

    if (look.paused || look.due == FZ_DAY_NONE || look.length.unit == FZ_HOURS || look.length.n == 0 || v->day <= look.from)
        return look.used;
    collect_gaps(v, k, &g);
    add_gap(&g, (fz_gap){v->day, FZ_DAY_NONE});
    l.gaps = g.items;
    l.gaps_n = g.n;
    if (fz_limit_due(v->cal, &l, &due, NULL) != FZ_OK)
        return look.used;
    return due.paused ? due.used : look.length.n + look.extension.n;
}

/* ---- states ---- */

static bool instance_is(const fz_view *v, const struct fz_clock *k, const struct fz_clock_look *look, fz_clock_state s)
{
    bool on = look->applies && look->started, stopped = look->stopped != FZ_DAY_NONE, over = on && is_over(v, look);

    switch (s) {
    case FZ_CS_WAITING:
        return !on;
    case FZ_CS_RUNNING:
        return on && !stopped && !look->paused;
    case FZ_CS_PAUSED:
        return on && !stopped && look->paused;
    case FZ_CS_OPEN:
        return on && !stopped && !over;
    case FZ_CS_MET:
        if (k->kind == FZ_CK_AT_LEAST)
            return on && (k->until ? look->plan != FZ_DAY_NONE && look->from <= look->plan : over);
        return on && stopped && !look->late && !look->unreached; /* what could not be counted is neither */
    case FZ_CS_MISSED:
        return on && (stopped ? look->late : over);
    case FZ_CS_OVERDUE:
        return on && !stopped && over;
    case FZ_CS_OVER:
        return over;
    case FZ_CS_VOID:
        return on && look->void_extension;
    }
    fz_assert(!"a state of a clock");
    return false;
}

/* `met` and `over` speak of every instance that has started; the others of any. */
bool fz_clock_is(const fz_view *v, int clock, fz_clock_state s)
{
    const struct fz_clock *k = clock_of(v->c, clock);
    bool all = s == FZ_CS_MET || s == FZ_CS_OVER || s == FZ_CS_WAITING, any = false;
    size_t n = fz_clock_instances(v->c, clock);

    for (size_t i = 0; i < n; i++) {
        struct fz_clock_look look = fz_clock_look(v, clock, i);
        bool is = instance_is(v, k, &look, s);

        if (all && !is)
            return false;
        any |= is;
    }
    return any;
}

/* ---- what an event does ---- */

static struct run *add_run(struct fz_case *c, int clock, fz_str member)
{
    int32_t *link = &c->clock_runs[clock];
    size_t i = c->runs_n;

    FZ_PUSH(c->arena, c, runs, runs_n, runs_cap) = (struct run){.next = -1, .member = member};
    while (*link >= 0)
        link = &c->runs[*link].next;
    *link = (int32_t)i;
    return &c->runs[i];
}

static void begin(struct run *r, const struct fz_step *cmd)
{
    r->from = cmd->dated != FZ_DAY_NONE ? cmd->dated : cmd->on;
    r->at = cmd->dated != FZ_DAY_NONE ? FZ_INSTANT_NONE : cmd->at;
    r->extension = (fz_length){0};
    r->void_extension = r->stopped = false;
    r->turns = 0;
}

static void start_one(struct fz_case *c, int clock, const struct fz_step *cmd, fz_str member)
{
    const struct fz_clock *k = clock_of(c, clock);
    struct run *found = NULL;

    for (int32_t r = c->clock_runs[clock]; r >= 0; r = c->runs[r].next)
        if (fz_str_eq(c->runs[r].member, member))
            found = &c->runs[r];
    if (!found || k->again == FZ_AGAIN_ANOTHER)
        begin(add_run(c, clock, member), cmd);
    else if (k->again == FZ_AGAIN_RESTART)
        begin(found, cmd);
}

static void start(struct fz_case *c, int clock, const struct fz_step *cmd, const struct fz_calendar *cal)
{
    const struct fz_clock *k = clock_of(c, clock);
    fz_view v = {.c = c, .cal = cal, .day = cmd->on};
    size_t n = members_count(&v, k->per);

    if (n == 0)
        start_one(c, clock, cmd, k->per.n ? cmd->member : (fz_str){0});
    for (size_t i = 0; i < n; i++) {
        fz_str member = member_at(&v, k->per, i);

        if (cmd->member.n == 0 || fz_str_eq(cmd->member, member))
            start_one(c, clock, cmd, member);
    }
}

bool step_is_late(const struct fz_clock_look *look, const struct fz_step *cmd)
{
    if (look->due_at != FZ_INSTANT_NONE)
        return (cmd->at != FZ_INSTANT_NONE ? cmd->at : fz_day_instant(cmd->on)) > look->due_at;
    return look->due != FZ_DAY_NONE && cmd->on > look->due;
}

static void stop_run(struct fz_case *c, int clock, struct run *r, const struct fz_step *cmd, const struct fz_calendar *cal)
{
    fz_view v = {.c = c, .cal = cal, .day = cmd->on};
    struct fz_clock_look look = look_running(&v, clock, r);

    look.stopped = cmd->on;
    look.late = step_is_late(&look, cmd);
    if (clock_of(c, clock)->recurs.how != FZ_RECURS_NOT) {
        r->turns++;
        return;
    }
    r->found = look;
    r->stopped = true;
}

static void stop(struct fz_case *c, int clock, const struct fz_step *cmd, const struct fz_calendar *cal)
{
    const struct fz_clock *k = clock_of(c, clock);
    fz_view v = {.c = c, .cal = cal, .day = cmd->on};
    struct run *r;

    if (c->clock_runs[clock] < 0) {
        fz_day from = silent_start(&v, k);

        if (from == FZ_DAY_NONE)
            return;
        r = add_run(c, clock, (fz_str){0});
        r->from = from;
        r->at = FZ_INSTANT_NONE;
    }
    for (int32_t i = c->clock_runs[clock]; i >= 0; i = c->runs[i].next) {
        r = &c->runs[i];
        if (r->stopped || (cmd->member.n && r->member.n && !fz_str_eq(cmd->member, r->member)))
            continue;
        stop_run(c, clock, r, cmd, cal);
        if (k->again == FZ_AGAIN_ANOTHER)
            break; /* the oldest open one */
    }
}

/* An extension counts when it is made before the limit is over; a later one is void and stays on record. */
static void extend(struct fz_case *c, int clock, const struct fz_step *cmd, const struct fz_calendar *cal)
{
    const struct fz_clock *k = clock_of(c, clock);
    fz_view v = {.c = c, .cal = cal, .day = cmd->on};

    for (size_t i = 0; i < k->extends_n; i++) {
        fz_length by;

        if (k->extends[i].on != cmd->action || !fz_term_holds(&v, k->extends[i].when))
            continue;
        by = length_of(fz_term_eval(&v, k->extends[i].by));
        for (int32_t r = c->clock_runs[clock]; r >= 0 && by.n; r = c->runs[r].next) {
            struct run *run = &c->runs[r];
            struct fz_clock_look look;

            if (run->stopped)
                continue;
            look = look_running(&v, clock, run);
            if (step_is_late(&look, cmd) || (run->extension.n && run->extension.unit != by.unit))
                run->void_extension = true;
            else
                run->extension = (fz_length){run->extension.n + by.n, by.unit};
        }
    }
}

static bool anchored_at(const struct fz_anchor *a, size_t n, const struct fz_step *cmd)
{
    for (size_t i = 0; i < n; i++)
        if (a[i].kind == FZ_AT_SERVICE && a[i].id == cmd->document)
            return true;
    return false;
}

/* A clock of each addressee begins with his own day; one for all, with the last of them. */
static void take_service(struct fz_case *c, const struct fz_step *cmd, const struct fz_calendar *cal)
{
    fz_view v = {.c = c, .cal = cal, .day = cmd->on};
    bool everyone = document_served(&v, cmd->document);

    for (size_t i = 0; i < c->record->clocks_n; i++) {
        const struct fz_clock *k = &c->record->clocks[i];

        if (everyone && anchored_at(k->stops, k->stops_n, cmd))
            stop(c, (int)i, cmd, cal);
        if ((everyone || k->per.n) && anchored_at(k->starts, k->starts_n, cmd))
            start(c, (int)i, cmd, cal);
    }
}

void clocks_take(struct fz_case *c, const struct fz_step *cmd, const struct fz_calendar *cal)
{
    const struct fz_action *a;

    if (cmd->kind == FZ_SERVE) {
        take_service(c, cmd, cal);
        return;
    }
    if (cmd->kind == FZ_WAIVE)
        return;
    a = action_of(c, cmd->action);
    for (size_t i = 0; i < a->clocks_stop.n; i++)
        stop(c, a->clocks_stop.items[i], cmd, cal);
    for (size_t i = 0; i < a->clocks_use.n; i++)
        stop(c, a->clocks_use.items[i], cmd, cal);
    for (size_t i = 0; i < a->clocks_extend.n; i++)
        extend(c, a->clocks_extend.items[i], cmd, cal);
    for (size_t i = 0; i < a->clocks_start.n; i++)
        start(c, a->clocks_start.items[i], cmd, cal);
}

/* ---- by law, and ladders ---- */

struct fz_step fz_case_due_by_law(const fz_view *v)
{
    const struct fz_case *c = v->c;
    struct fz_step first = step_following(v);

    for (size_t i = 0; i < c->record->clocks_n && c->stage != FZ_NONE; i++) {
        const struct fz_clock *k = &c->record->clocks[i];

        if (k->then == FZ_NONE || !(action_of(c, k->then)->from >> c->stage & 1))
            continue;
        for (size_t r = 0; r < fz_clock_instances(c, (int)i); r++) {
            struct fz_clock_look look = fz_clock_look(v, (int)i, r);

            if (!look.applies || !look.started || look.stopped != FZ_DAY_NONE || look.due == FZ_DAY_NONE || look.due > v->day ||
                (first.action != FZ_NONE && first.on <= look.due))
                continue;
            first = FZ_STEP(k->then, look.due);
            first.by_law = true;
            first.outcome = k->then_outcome;
            first.dated = k->dated_start ? look.from : FZ_DAY_NONE;
        }
    }
    return first;
}

/* The day of a rung: so many days before or after the due day, in working days when the distance is in them. */
static fz_day rung_day(const struct fz_calendar *cal, const struct fz_rung *r, fz_day due)
{
    int32_t n = r->before ? -r->distance.n : r->distance.n;

    if (n == 0)
        return due;
    if (r->distance.unit == FZ_WORKING_DAYS)
        return cal ? fz_calendar_nth(cal, due, n) : FZ_DAY_NONE;
    return due + n;
}

size_t fz_case_rungs(const struct fz_case *c, const struct fz_calendar *cal, fz_day after, fz_day upto, struct fz_rung_due *out, size_t cap_n)
{
    fz_view v = {.c = c, .cal = cal, .day = upto};
    size_t n = 0;

    for (size_t i = 0; i < c->record->clocks_n; i++) {
        const struct fz_clock *k = &c->record->clocks[i];

        for (size_t r = 0; k->ladder_n && r < fz_clock_instances(c, (int)i); r++) {
            struct fz_clock_look look = fz_clock_look(&v, (int)i, r);

            for (size_t g = 0; g < k->ladder_n && look.applies && look.due != FZ_DAY_NONE; g++) {
                fz_day day = rung_day(cal, &k->ladder[g], look.due);

                if (day == FZ_DAY_NONE || day <= after || day > upto || (look.stopped != FZ_DAY_NONE && look.stopped < day))
                    continue;
                if (n < cap_n)
                    out[n] = (struct fz_rung_due){(int)i, r, &k->ladder[g], day};
                n++;
            }
        }
    }
    return n;
}

/* ---- the working ---- */

static void day_line(struct fz_buf *out, const char *text, fz_day d)
{
    char day[FZ_DAY_TEXT];

    fz_buf_printf(out, "%s %s\n", text, fz_day_text(d, day));
}

static void due_line(struct fz_buf *out, const char *text, const struct fz_clock_look *look)
{
    char day[FZ_DAY_TEXT];
    int minute = (int)(look->due_at - fz_day_instant(look->due));

    if (look->due_at == FZ_INSTANT_NONE)
        day_line(out, text, look->due);
    else
        fz_buf_printf(out, "%s %s %02d:%02d\n", text, fz_day_text(look->due, day), minute / 60, minute % 60);
}

static void explain_limit(const fz_view *v, const struct fz_clock *k, const struct fz_clock_look *look, fz_language lang, struct fz_buf *out)
{
    struct gaps g = {.n = 0};
    struct fz_limit l = {.length = look->length, .extension = look->extension, .from = look->from, .no_roll = k->no_roll};

    collect_gaps(v, k, &g);
    l.gaps = g.items;
    l.gaps_n = g.n;
    (void)fz_limit_explain(v->cal, &l, lang == FZ_ZH, out, NULL);
}

void fz_clock_explain(const fz_view *v, int clock, size_t i, fz_language lang, struct fz_buf *out)
{
    const struct fz_clock *k = clock_of(v->c, clock);
    struct fz_clock_look look = fz_clock_look(v, clock, i);
    fz_str title = k->title.zh.n ? fz_title_in(k->title, lang) : k->name;
    bool zh = lang == FZ_ZH;

    fz_buf_add(out, title);
    for (size_t a = 0; a < k->articles.n; a++)
        fz_buf_printf(out, "%s%.*s", a ? zh ? "、" : ", " : zh ? "（" : " (", FZ_STR_ARG(k->articles.items[a].text));
    fz_buf_addz(out, zh ? "）\n" : ")\n");
    if (!look.started || !look.applies) {
        fz_buf_addz(out, zh ? "尚未起算\n" : "not started\n");
        return;
    }
    if (look.length.n && !k->until && look.length.unit != FZ_HOURS && !look.unreached)
        explain_limit(v, k, &look, lang, out);
    else
        day_line(out, zh ? "起算" : "from", look.from);
    if (look.plan != FZ_DAY_NONE)
        day_line(out, zh ? "稳妥的最迟日" : "latest day to plan for", look.plan);
    if (look.capped)
        day_line(out, zh ? "最长不超过" : "never later than", look.due);
    if (look.void_extension)
        fz_buf_addz(out, zh ? "期满后的延长无效\n" : "an extension made after the end is void\n");
    if (look.unreached)
        fz_buf_addz(out, zh ? "日历未覆盖，无法计算\n" : "the calendar does not reach; not counted\n");
    else if (look.paused)
        fz_buf_addz(out, zh ? "期限中止\n" : "paused\n");
    else if (look.due != FZ_DAY_NONE)
        due_line(out, zh ? "期限届满日" : "due", &look);
    if (look.stopped != FZ_DAY_NONE)
        day_line(out, look.late ? zh ? "逾期完成" : "done late" : zh ? "完成" : "done", look.stopped);
}
