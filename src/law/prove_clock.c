/*
 * Clocks in the control state. How long a limit is plays no part: a clock that runs may end at any moment.
 *
 *                    .-- end --> OVER ---- stop --> LATE
 *     NONE -- start --> RUNNING
 *                    '-- stop -> MET ----- end ---> PAST (met, and its day has passed since)
 *
 *     stopped while its `when` did not hold: OFF, which reads like NONE and starts no more unless `again: restart`
 *
 * These are the phases of law/clock.c as far as conditions can see them. A clock enters the model when a condition asks for its state, when
 * the law acts at its end, or when another clock of the model hangs on it; and it gets only as many values as can be told apart by what is
 * asked, now or after any further events: the coarsest partition of the phases that its events respect.
 *
 * Of a clock with several instances (`per`, `again: another`), of one that recurs and of a floor before an event only "started or not" is
 * kept; what else is asked of it is free.
 */
#include "law/prove_int.h"

_Static_assert(CLOCK_OFF + 1 == CLOCK_PHASES, "phases of a clock");

#define IN(p) (1u << (p))
#define STARTED (IN(CLOCK_RUNNING) | IN(CLOCK_OVER) | IN(CLOCK_LATE) | IN(CLOCK_MET) | IN(CLOCK_PAST))
#define STOPPED (IN(CLOCK_LATE) | IN(CLOCK_MET) | IN(CLOCK_PAST))

static const struct fz_clock *clock_def(const struct model *m, int clock)
{
    return &m->record->clocks[clock];
}

static bool is_coarse(const struct fz_clock *k)
{
    return k->per.n || k->again == FZ_AGAIN_ANOTHER || k->recurs.how != FZ_RECURS_NOT || k->until;
}

/* It may apply or not: stopped while it did not, it counts as never started. */
static bool conditional(const struct fz_clock *k)
{
    return k->when || k->recurs.while_;
}

/* ---- what is needed ---- */

/* What only the calendar knows. */
static fz_bdd anyhow(struct model *m, int clock, fz_clock_state s)
{
    return model_in(m, model_group(m, GROUP_FREE, -1 - clock, (int)s, 2), 2);
}

static void see_restless(const struct fz_term *t, void *arg)
{
    *(bool *)arg |= t->kind >= FZ_T_CLOCK_IS && t->kind <= FZ_T_DAYS_OVER;
}

/* The start hangs on what the state does not hold: whether another clock applies, or the day to which it has come. */
static bool is_loose(const struct model *m, const struct fz_clock *k)
{
    bool loose = false;

    for (size_t i = 0; i < k->starts_n; i++) {
        const struct fz_anchor *a = &k->starts[i];

        if (a->kind == FZ_AT_DAY)
            fz_term_walk(a->day, see_restless, &loose);
        else if (a->kind == FZ_AT_CLOCK_END)
            loose |= m->clocks[a->id].coarse || conditional(clock_def(m, a->id));
    }
    return loose;
}

static void ask_anchor(struct model *m, const struct fz_anchor *a)
{
    const struct in_hand nothing = {FZ_NONE, FZ_NONE};

    switch (a->kind) {
    case FZ_AT_ACT:
        break;
    case FZ_AT_SERVICE:
        model_group(m, GROUP_DOCUMENT, a->id, 0, 3);
        break;
    case FZ_AT_CLOCK_END:
        clock_ask(m, a->id);
        m->clocks[a->id].ends = true;
        break;
    case FZ_AT_DAY:
        cond_set(m, &nothing, a->day);
        break;
    }
}

void clock_ask(struct model *m, int clock)
{
    const struct fz_clock *k = clock_def(m, clock);
    const struct in_hand nothing = {FZ_NONE, FZ_NONE};
    struct clock_model *c = &m->clocks[clock];

    model_group(m, GROUP_CLOCK, clock, 0, 1);
    if (c->asked)
        return;
    c->asked = true;
    c->busy = true;
    cond_of(m, &nothing, k->when);
    cond_of(m, &nothing, k->recurs.while_);
    c->busy = false;
    for (size_t i = 0; i < k->starts_n; i++)
        ask_anchor(m, &k->starts[i]);
    for (size_t i = 0; i < k->stops_n; i++)
        ask_anchor(m, &k->stops[i]);
    c->loose = is_loose(m, k);
    c->coarse = c->loose || is_coarse(k);
    if (c->loose)
        anyhow(m, clock, FZ_CS_WAITING);
}

/* Phases after an event, as a set. */
static uint32_t next(const struct model *m, int clock, clock_event e, clock_phase p)
{
    const struct fz_clock *k = clock_def(m, clock);
    bool coarse = m->clocks[clock].coarse;
    uint32_t stays = coarse ? IN(p) : 0, off_too = conditional(k) ? IN(CLOCK_OFF) : 0;

    switch (e) {
    case CLOCK_START:
        return p == CLOCK_NONE || k->again != FZ_AGAIN_IGNORE || coarse ? IN(CLOCK_RUNNING) | stays : IN(p);
    case CLOCK_STOP:
        return p == CLOCK_RUNNING ? IN(CLOCK_MET) | off_too | stays
               : p == CLOCK_OVER  ? IN(CLOCK_LATE) | off_too | stays
                                  : IN(p);
    case CLOCK_DAY: /* by a field, or by the end of another clock: as long as nothing else began it */
        return p == CLOCK_NONE ? IN(CLOCK_RUNNING) | stays : IN(p);
    case CLOCK_END:
        return p == CLOCK_RUNNING ? IN(CLOCK_OVER) : p == CLOCK_MET ? IN(CLOCK_PAST) : IN(p);
    case CLOCK_RECKON: /* the limit became another one, so its day may lie ahead again */
        return p == CLOCK_OVER ? IN(CLOCK_OVER) | IN(CLOCK_RUNNING) : IN(p);
    case CLOCK_RESET: /* so may the day from which it counts */
        return p == CLOCK_NONE || p == CLOCK_RUNNING || p == CLOCK_OVER
                   ? IN(CLOCK_NONE) | IN(CLOCK_RUNNING) | IN(CLOCK_OVER)
                   : IN(p);
    case CLOCK_UNSTART: /* what it hangs on began anew */
        return p == CLOCK_RUNNING || p == CLOCK_OVER ? IN(p) | IN(CLOCK_NONE) : IN(p);
    case CLOCK_EVENTS:
        break;
    }
    fz_assert(!"an event of a clock");
    return 0;
}

/* Phases in which the clock is in that state, pauses aside. */
static uint32_t phases_of(const struct fz_clock *k, fz_clock_state s)
{
    switch (s) {
    case FZ_CS_WAITING:
        return IN(CLOCK_NONE) | IN(CLOCK_OFF);
    case FZ_CS_RUNNING:
        return IN(CLOCK_RUNNING) | IN(CLOCK_OVER);
    case FZ_CS_PAUSED:
    case FZ_CS_OPEN:
        return IN(CLOCK_RUNNING);
    case FZ_CS_MET:
        return k->kind == FZ_CK_AT_LEAST ? IN(CLOCK_OVER) | IN(CLOCK_LATE) | IN(CLOCK_PAST)
                                         : IN(CLOCK_MET) | IN(CLOCK_PAST);
    case FZ_CS_MISSED:
        return IN(CLOCK_OVER) | IN(CLOCK_LATE);
    case FZ_CS_OVERDUE:
        return IN(CLOCK_OVER);
    case FZ_CS_OVER:
        return IN(CLOCK_OVER) | IN(CLOCK_LATE) | IN(CLOCK_PAST);
    case FZ_CS_VOID:
        return STARTED;
    }
    fz_assert(!"a state of a clock");
    return 0;
}

/* Where a clock with a `when` runs, `when` decides what it is; once it has stopped, that was decided for good. */
static uint32_t view_of_state(const struct fz_clock *k, bool coarse, bool loose, fz_clock_state s, clock_phase p)
{
    uint32_t phases = coarse && s != FZ_CS_WAITING ? STARTED : phases_of(k, s),
             runs = IN(CLOCK_RUNNING) | IN(CLOCK_OVER), at = IN(p);

    if (!conditional(k) && !loose)
        return (phases & at) != 0;
    if (s == FZ_CS_WAITING)
        return (runs & at) ? 1 : (phases & at) ? 2 : 0;
    return (phases & runs & at) ? 1 : (phases & STOPPED & at) ? 2 : 0;
}

static bool suspends(const struct fz_clock *k)
{
    for (size_t i = 0; i < k->suspends_n; i++)
        if (k->suspends[i].pause != FZ_NONE)
            return true;
    return false;
}

/* Whether it matters if a clock that has not stopped has had its last day: a pause holds it before that only, and others may hang on it. */
static bool ends_matter(const struct model *m, int clock)
{
    const struct clock_model *c = &m->clocks[clock];
    const struct fz_clock *k = clock_def(m, clock);

    if (c->ends)
        return true;
    if (c->coarse)
        return false;
    return (k->then != FZ_NONE && suspends(k)) || (c->states & (1u << FZ_CS_RUNNING | 1u << FZ_CS_PAUSED));
}

/* What can be seen of a phase at once: two bits for each state that the pack asks for, and whether the law or other clocks wait for it. */
static uint32_t seen(const struct model *m, int clock, clock_phase p)
{
    const struct clock_model *c = &m->clocks[clock];
    const struct fz_clock *k = clock_def(m, clock);
    uint32_t view = 0;

    for (int s = 0; s <= FZ_CS_VOID; s++)
        if (c->states >> s & 1)
            view |= view_of_state(k, c->coarse, c->loose, (fz_clock_state)s, p) << (2 * s);
    if (k->then != FZ_NONE)
        view |= (uint32_t)(p == CLOCK_RUNNING || p == CLOCK_OVER) << 20;
    if (ends_matter(m, clock))
        view |= (uint32_t)(p == CLOCK_RUNNING) << 21;
    return view;
}

/* Classes that the event may lead to. */
static uint32_t next_classes(const struct model *m, int clock, clock_event e, clock_phase p)
{
    uint32_t to = next(m, clock, e, p), classes = 0;

    for (int q = 0; q < CLOCK_PHASES; q++)
        if (to >> q & 1)
            classes |= 1u << m->clocks[clock].class_of[q];
    return classes;
}

static bool alike(const struct model *m, int clock, clock_phase p, clock_phase q)
{
    if (m->clocks[clock].class_of[p] != m->clocks[clock].class_of[q])
        return false;
    for (int e = 0; e < CLOCK_EVENTS; e++)
        if ((m->clocks[clock].events >> e & 1) &&
            next_classes(m, clock, (clock_event)e, p) != next_classes(m, clock, (clock_event)e, q))
            return false;
    return true;
}

/* Splits classes by `same` until they stay; the first phase is always in class 0. */
static uint32_t refine(struct model *m, int clock)
{
    struct clock_model *c = &m->clocks[clock];
    uint8_t split[CLOCK_PHASES];
    uint32_t classes = 0, before;

    do {
        before = classes;
        classes = 0;
        for (int p = 0; p < CLOCK_PHASES; p++) {
            int q = 0;

            while (q < p && !alike(m, clock, (clock_phase)p, (clock_phase)q))
                q++;
            split[p] = q < p ? split[q] : (uint8_t)classes++;
        }
        memcpy(c->class_of, split, sizeof(split));
    } while (classes != before);
    return classes;
}

static uint64_t classes_of(const struct model *m, int clock, uint32_t phases)
{
    uint64_t classes = 0;

    for (int p = 0; p < CLOCK_PHASES; p++)
        if (phases >> p & 1)
            classes |= UINT64_C(1) << m->clocks[clock].class_of[p];
    return classes;
}

/* The act changes how long the clock is, or what is left out of it. */
static bool reckoned_anew(const struct model *m, const struct fz_clock *k, int act)
{
    bool touched = false;

    for (size_t i = 0; i < k->extends_n; i++)
        touched |= k->extends[i].on == act;
    for (size_t i = 0; i < k->excludes_n; i++)
        touched |= k->excludes[i].from == act || k->excludes[i].until == act || k->excludes[i].told_by == act ||
                   cond_touched(m, k->excludes[i].when, act);
    for (size_t i = 0; i < k->suspends_n; i++)
        for (size_t s = 0; s < m->record->actions[act].sets_n; s++)
            touched |= m->record->actions[act].sets[s].field == k->suspends[i].field;
    for (size_t i = 0; i < k->limit_n; i++)
        touched |= cond_touched(m, k->limit[i].when, act) || cond_touched(m, k->limit[i].be, act);
    for (size_t i = 0; i < k->caps_n; i++)
        touched |= cond_touched(m, k->caps[i].when, act) || cond_touched(m, k->caps[i].at, act);
    return touched;
}

static bool day_moved(const struct model *m, const struct fz_clock *k, int act)
{
    bool touched = false;

    for (size_t i = 0; i < k->starts_n; i++)
        touched |= k->starts[i].kind == FZ_AT_DAY && cond_touched(m, k->starts[i].day, act);
    return touched;
}

static bool hangs_on(const struct model *m, int clock, int other)
{
    return fz_anchors_have(clock_def(m, clock)->starts, clock_def(m, clock)->starts_n, FZ_AT_CLOCK_END, other);
}

/* Events that can befall the clock at all: no others need tell its phases apart. */
static uint32_t events_of(const struct model *m, int clock)
{
    const struct fz_clock *k = clock_def(m, clock);
    uint32_t events = k->limit_n && !m->clocks[clock].coarse ? IN(CLOCK_END) : 0;

    for (size_t i = 0; i < k->starts_n; i++)
        events |=
            k->starts[i].kind == FZ_AT_ACT || k->starts[i].kind == FZ_AT_SERVICE ? IN(CLOCK_START) : IN(CLOCK_DAY);
    for (size_t i = 0; i < k->stops_n; i++)
        events |= k->stops[i].kind == FZ_AT_SERVICE ? IN(CLOCK_STOP) : 0;
    for (int a = 0; a < (int)m->record->actions_n; a++) {
        const struct fz_action *act = &m->record->actions[a];

        events |= fz_ids_has(act->clocks_stop, clock) || fz_ids_has(act->clocks_use, clock) ? IN(CLOCK_STOP) : 0;
        events |= reckoned_anew(m, k, a) ? IN(CLOCK_RECKON) : 0;
        events |= day_moved(m, k, a) ? IN(CLOCK_RESET) : 0;
    }
    for (int i = 0; i < (int)m->record->clocks_n; i++)
        events |= hangs_on(m, clock, i) ? IN(CLOCK_UNSTART) : 0;
    return events;
}

/* A clock that counts from a day which is certainly known runs from the beginning, and may be over by then. */
static uint64_t initial_classes(const struct model *m, int clock)
{
    const struct fz_clock *k = clock_def(m, clock);
    bool known = k->starts_n > 0;

    for (size_t i = 0; i < k->starts_n; i++)
        known &= k->starts[i].kind == FZ_AT_DAY && cond_known(m, k->starts[i].day);
    return classes_of(m, clock, known ? IN(CLOCK_RUNNING) | (k->limit_n ? IN(CLOCK_OVER) : 0) : IN(CLOCK_NONE));
}

void clock_settle(struct model *m)
{
    for (size_t i = 0; i < m->record->clocks_n; i++) {
        struct clock_model *c = &m->clocks[i];
        uint32_t classes = 0;
        int g;

        if (!c->asked)
            continue;
        c->events = events_of(m, (int)i);
        for (int p = 0; p < CLOCK_PHASES; p++) {
            int q = 0;

            while (q < p && seen(m, (int)i, (clock_phase)p) != seen(m, (int)i, (clock_phase)q))
                q++;
            c->class_of[p] = q < p ? c->class_of[q] : (uint8_t)classes++;
        }
        g = model_group(m, GROUP_CLOCK, (int)i, 0, refine(m, (int)i));
        m->groups[g].initial = initial_classes(m, (int)i);
    }
}

/* ---- its state as a condition ---- */

static fz_bdd in_phases(struct model *m, int clock, uint32_t phases)
{
    int g = model_group(m, GROUP_CLOCK, clock, 0, 1);

    return m->asking ? fz_bdd_false : model_in(m, g, classes_of(m, clock, phases));
}

static fz_bdd suspended(struct model *m, int clock)
{
    const struct fz_clock *k = clock_def(m, clock);
    fz_bdd laid = fz_bdd_false;

    for (size_t i = 0; i < k->suspends_n; i++)
        if (k->suspends[i].pause != FZ_NONE)
            laid = fz_bdd_or(m->b, laid, model_in(m, model_group(m, GROUP_PAUSE, k->suspends[i].pause, 0, 2), 2));
    return laid;
}

/* A pause of the record, time that is left out, or a span that a field gives. */
static fz_bdd paused(struct model *m, int clock)
{
    const struct fz_clock *k = clock_def(m, clock);
    fz_bdd laid = suspended(m, clock);
    bool more = k->excludes_n > 0;

    for (size_t i = 0; i < k->suspends_n; i++)
        more |= k->suspends[i].field != FZ_NONE;
    return more ? fz_bdd_or(m->b, laid, anyhow(m, clock, FZ_CS_PAUSED)) : laid;
}

static fz_bdd applies(struct model *m, const struct in_hand *h, int clock)
{
    struct clock_model *c = &m->clocks[clock];
    fz_bdd when;

    if (c->busy) /* its `when` asks for its own state */
        return anyhow(m, clock, FZ_CS_WAITING);
    c->busy = true;
    when = fz_bdd_and(m->b, cond_of(m, h, clock_def(m, clock)->when).yes,
                      cond_of(m, h, clock_def(m, clock)->recurs.while_).yes);
    c->busy = false;
    return c->loose ? fz_bdd_and(m->b, when, anyhow(m, clock, FZ_CS_WAITING)) : when;
}

static fz_bdd coarse_is(struct model *m, int clock, fz_clock_state s, fz_bdd when)
{
    fz_bdd runs = fz_bdd_and(m->b, when, in_phases(m, clock, IN(CLOCK_RUNNING) | IN(CLOCK_OVER)));

    return fz_bdd_and(m->b, fz_bdd_or(m->b, runs, in_phases(m, clock, STOPPED)), anyhow(m, clock, s));
}

fz_bdd clock_is(struct model *m, const struct in_hand *h, int clock, fz_clock_state s)
{
    const struct fz_clock *k = clock_def(m, clock);
    uint32_t phases = phases_of(k, s);
    fz_bdd when, runs, is;

    clock_ask(m, clock);
    m->clocks[clock].states |= 1u << s;
    when = applies(m, h, clock);
    if (s == FZ_CS_WAITING)
        return fz_bdd_or(m->b, in_phases(m, clock, phases),
                         fz_bdd_minus(m->b, in_phases(m, clock, IN(CLOCK_RUNNING) | IN(CLOCK_OVER)), when));
    if (m->clocks[clock].coarse || s == FZ_CS_VOID)
        return coarse_is(m, clock, s, when);
    runs = in_phases(m, clock, phases & (IN(CLOCK_RUNNING) | IN(CLOCK_OVER)));
    if (s == FZ_CS_PAUSED)
        runs = fz_bdd_and(m->b, runs, paused(m, clock));
    if (s == FZ_CS_RUNNING)
        runs = fz_bdd_minus(m->b, runs, fz_bdd_and(m->b, in_phases(m, clock, IN(CLOCK_RUNNING)), paused(m, clock)));
    is = in_phases(m, clock, phases & STOPPED);
    return fz_bdd_or(m->b, is, fz_bdd_and(m->b, runs, when));
}

/* ---- what happens to it ---- */

static void happens(struct model *m, struct changes *c, int clock, clock_event e)
{
    int g = model_group(m, GROUP_CLOCK, clock, 0, 1);
    uint64_t to[GROUP_VALUES_MAX] = {0};

    for (int p = 0; p < CLOCK_PHASES; p++)
        to[m->clocks[clock].class_of[p]] |= next_classes(m, clock, e, (clock_phase)p);
    model_change(m, c, g, to);
}

/* Clocks that hang on the end of one that starts anew lose their start. */
static void unstart(struct model *m, struct changes *c, int clock)
{
    for (int i = 0; i < (int)m->record->clocks_n; i++)
        if (m->clocks[i].asked && hangs_on(m, i, clock))
            happens(m, c, i, CLOCK_UNSTART);
}

static void act_on_clock(struct model *m, struct changes *c, int clock, int act)
{
    const struct fz_clock *k = clock_def(m, clock);
    const struct fz_action *a = &m->record->actions[act];

    if (fz_ids_has(a->clocks_stop, clock))
        happens(m, c, clock, CLOCK_STOP);
    if (fz_ids_has(a->clocks_use, clock))
        happens(m, c, clock, CLOCK_STOP);
    if (reckoned_anew(m, k, act))
        happens(m, c, clock, CLOCK_RECKON);
    if (day_moved(m, k, act))
        happens(m, c, clock, CLOCK_RESET);
    if (fz_ids_has(a->clocks_start, clock))
        happens(m, c, clock, CLOCK_START);
    if (fz_ids_has(a->clocks_start, clock) || reckoned_anew(m, k, act) || day_moved(m, k, act))
        unstart(m, c, clock);
    for (size_t i = 0; i < k->starts_n; i++) /* `per`: the first addressee may be served before the last one is */
        if (m->clocks[clock].coarse && k->starts[i].kind == FZ_AT_SERVICE && k->starts[i].id == a->document)
            happens(m, c, clock, CLOCK_START);
}

void clock_changes(struct model *m, struct changes *c, int act, int document)
{
    for (int i = 0; i < (int)m->record->clocks_n; i++) {
        const struct fz_clock *k = clock_def(m, i);

        if (!m->clocks[i].asked)
            continue;
        if (act != FZ_NONE) {
            act_on_clock(m, c, i, act);
            continue;
        }
        if (fz_anchors_have(k->stops, k->stops_n, FZ_AT_SERVICE, document))
            happens(m, c, i, CLOCK_STOP);
        if (fz_anchors_have(k->starts, k->starts_n, FZ_AT_SERVICE, document)) {
            happens(m, c, i, CLOCK_START);
            unstart(m, c, i);
        }
    }
}

/* ---- moves of their own ---- */

static bool splits(const struct model *m, int clock, clock_phase p, clock_phase q)
{
    return m->clocks[clock].class_of[p] != m->clocks[clock].class_of[q];
}

static bool starts_alone(const struct model *m, int clock)
{
    const struct fz_clock *k = clock_def(m, clock);

    if (!splits(m, clock, CLOCK_NONE, CLOCK_RUNNING))
        return false;
    for (size_t i = 0; i < k->starts_n; i++)
        if (k->starts[i].kind == FZ_AT_DAY ||
            (k->starts[i].kind == FZ_AT_CLOCK_END && m->clocks[k->starts[i].id].coarse))
            return true;
    return false;
}

bool clock_has_move(const struct model *m, int clock, move_kind kind)
{
    const struct fz_clock *k = clock_def(m, clock);
    bool limited = k->limit_n > 0;

    if (!m->clocks[clock].asked)
        return false;
    switch (kind) {
    case MOVE_LAW:
        return k->then != FZ_NONE;
    case MOVE_CLOCK_STARTS:
        return starts_alone(m, clock);
    case MOVE_CLOCK_ENDS:
        return limited && !m->clocks[clock].coarse && splits(m, clock, CLOCK_RUNNING, CLOCK_OVER);
    case MOVE_CLOCK_PASSES:
        return limited && !m->clocks[clock].coarse && splits(m, clock, CLOCK_MET, CLOCK_PAST);
    default:
        return false;
    }
}

void clock_move_changes(struct model *m, struct changes *c, int clock, move_kind kind)
{
    if (kind == MOVE_CLOCK_STARTS)
        happens(m, c, clock, CLOCK_DAY);
    else
        happens(m, c, clock, CLOCK_END);
    for (int i = 0; kind == MOVE_CLOCK_ENDS && i < (int)m->record->clocks_n; i++)
        if (m->clocks[i].asked && hangs_on(m, i, clock))
            happens(m, c, i, CLOCK_DAY);
}

/* The day from which it counts is known, or the clock it hangs on has begun. */
static fz_bdd day_known(struct model *m, int clock)
{
    const struct fz_clock *k = clock_def(m, clock);
    const struct in_hand nothing = {FZ_NONE, FZ_NONE};
    fz_bdd known = fz_bdd_false;

    for (size_t i = 0; i < k->starts_n; i++) {
        const struct fz_anchor *a = &k->starts[i];
        fz_bdd here = fz_bdd_false;

        if (a->kind == FZ_AT_DAY)
            here = cond_set(m, &nothing, a->day);
        else if (a->kind == FZ_AT_CLOCK_END && m->clocks[a->id].coarse)
            here = in_phases(m, a->id, STARTED);
        known = fz_bdd_or(m->b, known, here);
    }
    return known;
}

fz_bdd clock_may_move(struct model *m, const struct in_hand *h, int clock, move_kind kind)
{
    fz_bdd runs;

    switch (kind) {
    case MOVE_CLOCK_STARTS:
        return fz_bdd_and(m->b, in_phases(m, clock, IN(CLOCK_NONE)), day_known(m, clock));
    case MOVE_CLOCK_PASSES:
        return in_phases(m, clock, IN(CLOCK_MET));
    case MOVE_CLOCK_ENDS:
        return fz_bdd_minus(m->b, in_phases(m, clock, IN(CLOCK_RUNNING)), suspended(m, clock));
    default: /* the law acts once its time may have come; a pause holds only what had not come before it was laid */
        runs = fz_bdd_minus(m->b, in_phases(m, clock, IN(CLOCK_RUNNING)), suspended(m, clock));
        runs = fz_bdd_or(m->b, runs, in_phases(m, clock, IN(CLOCK_OVER)));
        return fz_bdd_and(m->b, runs, applies(m, h, clock));
    }
}
