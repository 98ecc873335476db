/*
 * One pass over the log. A case is one flat value that is reset, not freed; grounds and texts that nobody keeps live in a scratch arena
 * that is emptied with each case. A finding is made of a ground once a case and rule: `seen[rule]` holds the last case that broke it.
 */
#include "report/review.h"

#include <stdlib.h>

#include "report/tally.h"

struct findings {
    struct fz_finding *items;
    size_t n, cap;
};
struct rules {
    struct fz_review_rule *items;
    size_t n, cap;
};
/* A key that a case had, from one of its events on until another. */
struct holding {
    uint32_t key;   /* number of its text */
    uint32_t case_no, event;
    uint16_t version;
    fz_day from, to; /* FZ_DAY_MAX: it has it still */
};
struct holdings {
    struct holding *items;
    size_t n, cap;
};
struct replay {
    struct fz_review *out;
    const struct fz_log *log;
    const struct fz_calendar *cal;
    fz_language lang;
    struct fz_arena *arena, scratch;
    struct fz_case *c;
    const struct fz_record **records; /* of each version */
    uint32_t ***wholes; /* figures by version, indicator, basis; NULL for indicators of other records */
    struct fz_names rule_names;
    struct fz_tally tally;
    struct rules rules;
    uint32_t *seen; /* by rule: 1 + the last case that broke it */
    size_t seen_n;
    struct findings findings;
    struct fz_names keys; /* of records in a stock, with type of record and organ as far as they matter */
    struct holdings holdings;
    fz_str key; /* of the case in hand; p NULL: none */
    struct fz_ruling ruling; /* its room is used again */
    uint16_t version;
    uint32_t case_no;
    bool found_in_case;
};

/* ---- rules ---- */

static uint32_t rule_no(struct replay *r, fz_str id, fz_title title, struct fz_articles articles, bool service_norm)
{
    bool new;
    uint32_t i = fz_names_number(&r->rule_names, r->arena, id, &new);

    if (new)
        FZ_PUSH(r->arena, &r->rules, items, n, cap) =
            (struct fz_review_rule){r->rule_names.keys[i], {fz_str_copy(r->arena, title.zh), fz_str_copy(r->arena, title.en)}, articles, 0, service_norm};
    if (r->rules.n > r->seen_n) {
        uint32_t *seen = FZ_NEW_ARRAY(r->arena, uint32_t, r->rules.n * 2);

        if (r->seen_n)
            memcpy(seen, r->seen, r->seen_n * sizeof(*seen));
        r->seen = seen;
        r->seen_n = r->rules.n * 2;
    }
    return i;
}

/* A clock's title names its duty; the rule is that it was not kept. */
static fz_title broken_clock(struct replay *r, const struct fz_clock *k)
{
    fz_title t = k->title.zh.n ? k->title : (fz_title){.zh = k->name};
    bool early = k->kind == FZ_CK_AT_LEAST || k->kind == FZ_CK_RETENTION;
    fz_str en = fz_title_in(t, FZ_EN);

    return (fz_title){fz_str_printf(r->arena, early ? "未满期限：%.*s" : "逾期：%.*s", FZ_STR_ARG(t.zh)),
                      fz_str_printf(r->arena, early ? "too soon: %.*s" : "late: %.*s", FZ_STR_ARG(en))};
}

static bool can_be_late(const struct fz_clock *k)
{
    return k->kind == FZ_CK_AT_MOST || k->kind == FZ_CK_WINDOW || k->kind == FZ_CK_DEEMED || k->kind == FZ_CK_FIXED_DAY ||
           k->kind == FZ_CK_RECURRING || (k->kind == FZ_CK_AT_LEAST && (k->until || !fz_acts_empty(&k->blocks)));
}

/* What the pack itself can find comes first, in its order, also when nothing breaks it. */
static void declare_rules(struct replay *r, const struct fz_pack *p, const struct fz_record *record)
{
    for (size_t i = 0; i < record->clocks_n; i++) {
        const struct fz_clock *k = &record->clocks[i];

        if (can_be_late(k))
            rule_no(r, k->name, broken_clock(r, k), k->articles, k->service_norm);
    }
    for (size_t a = 0; a < record->actions_n; a++)
        for (size_t g = 0; g < record->actions[a].gates_n; g++) {
            const struct fz_gate *gate = &record->actions[a].gates[g];

            rule_no(r, gate->id, gate->otherwise, gate->articles, false);
        }
    for (size_t i = 0; i < p->rules_n; i++)
        if (&p->records[p->rules[i].record] == record)
            rule_no(r, p->rules[i].id, p->rules[i].title.zh.n ? p->rules[i].title : (fz_title){.zh = p->rules[i].id}, p->rules[i].articles, false);
}

/* ---- the working of a finding ---- */

static void late_working(struct replay *r, const struct fz_ground *g, const struct fz_step *cmd, struct fz_buf *b)
{
    fz_view v = {r->c, cmd, r->cal, cmd ? cmd->on : r->out->until};
    char from[FZ_DAY_TEXT], due[FZ_DAY_TEXT], on[FZ_DAY_TEXT];

    fz_buf_printf(b, r->lang == FZ_ZH ? "自%s起算，%s届满，%s作出，逾期%d日\n" : "from %s, due %s, done %s: %d days late\n",
                  fz_day_text(g->from, from), fz_day_text(g->due, due), fz_day_text(g->day, on), g->over);
    fz_clock_explain(&v, g->clock, 0, r->lang, b);
}

static void floor_working(struct replay *r, const struct fz_ground *g, struct fz_buf *b)
{
    char from[FZ_DAY_TEXT], due[FZ_DAY_TEXT];

    fz_buf_printf(b, r->lang == FZ_ZH ? "%s进行，而最迟应在%s" : "done %s, and %s was the latest day", fz_day_text(g->day, from),
                  fz_day_text(g->due, due));
}

static void open_working(struct replay *r, const struct fz_ground *g, struct fz_buf *b)
{
    char on[FZ_DAY_TEXT], due[FZ_DAY_TEXT];

    fz_buf_printf(b, r->lang == FZ_ZH ? "%s进行，而期间至%s届满" : "done %s, while that time runs until %s", fz_day_text(g->day, on),
                  fz_day_text(g->due, due));
}

static void gate_working(struct replay *r, const struct fz_ground *g, const struct fz_step *cmd, struct fz_buf *b)
{
    const struct fz_action *a = &r->records[r->version]->actions[cmd->action];
    fz_str title = fz_title_in(a->title, r->lang);

    fz_buf_printf(b, r->lang == FZ_ZH ? "%.*s：不成立的条件是 " : "%.*s: what does not hold is ", FZ_STR_ARG(title));
    for (size_t i = 0; i < a->gates_n; i++)
        if (fz_str_eq(a->gates[i].id, g->id))
            fz_expr_print(a->gates[i].that->from, b);
}

static void stage_working(struct replay *r, const struct fz_ground *g, struct fz_buf *b)
{
    int stage = fz_case_stage(r->c);
    fz_str at = stage == FZ_NONE ? (fz_str){0} : fz_title_in(r->records[r->version]->stages[stage].title, r->lang);

    fz_buf_add(b, fz_title_in(g->title, r->lang));
    if (stage == FZ_NONE)
        fz_buf_addz(b, r->lang == FZ_ZH ? "（案件尚未开始）" : " (the record has not begun)");
    else
        fz_buf_printf(b, r->lang == FZ_ZH ? "（当时处于“%.*s”）" : " (it stood at \"%.*s\")", FZ_STR_ARG(at));
}

static fz_str working_of(struct replay *r, const struct fz_ground *g, const struct fz_step *cmd)
{
    struct fz_buf b = {0};
    fz_str s;

    switch (g->kind) {
    case FZ_G_LATE:
    case FZ_G_VOID:
        late_working(r, g, cmd, &b);
        break;
    case FZ_G_FLOOR:
        floor_working(r, g, &b);
        break;
    case FZ_G_HELD:
    case FZ_G_BLOCKED:
        open_working(r, g, &b);
        break;
    case FZ_G_GATE:
        gate_working(r, g, cmd, &b);
        break;
    case FZ_G_STAGE:
        stage_working(r, g, &b);
        break;
    default:
        fz_buf_add(&b, fz_title_in(g->title, r->lang));
    }
    s = fz_str_copy(r->arena, fz_str_trim(fz_buf_str(&b)));
    fz_buf_release(&b);
    return s;
}

/* ---- findings ---- */

static struct fz_articles keep_articles(struct replay *r, const struct fz_ground *g, uint32_t rule)
{
    struct fz_articles known = r->rules.items[rule].articles;
    fz_article *items;

    /* Of a clock, gate or rule they live with the pack; those that were put together for this ground do not. */
    if (g->kind != FZ_G_AFTER && g->kind != FZ_G_PAUSE)
        return g->articles;
    if (known.n == g->articles.n && known.items != g->articles.items)
        return known;
    items = FZ_NEW_ARRAY(r->arena, fz_article, g->articles.n);
    memcpy(items, g->articles.items, g->articles.n * sizeof(*items));
    return (struct fz_articles){items, g->articles.n};
}

static void add_finding(struct replay *r, const struct fz_ground *g, const struct fz_step *cmd, const struct fz_log_event *e)
{
    uint32_t rule = rule_no(r, g->id, g->title, g->articles, g->service_norm);

    if (r->seen[rule] == r->case_no + 1)
        return;
    r->seen[rule] = r->case_no + 1;
    if (r->rules.items[rule].findings++ == 0)
        r->rules.items[rule].articles = keep_articles(r, g, rule);
    r->found_in_case = true;
    FZ_PUSH(r->arena, &r->findings, items, n, cap) = (struct fz_finding){
        .rule = rule,
        .case_no = r->case_no,
        .version = r->version,
        .day = g->day,
        .file = e ? e->file : r->log->cases[r->case_no].file,
        .line = e ? e->line : 0,
        .over = g->over,
        .from = g->from,
        .due = g->due,
        .articles = keep_articles(r, g, rule),
        .working = working_of(r, g, cmd),
    };
}

/* ---- indicators ---- */

/* Every whole first, so that an indicator without a case stands there with its zero, and so that counting it is one look-up. */
static void declare_figures(struct replay *r, size_t version)
{
    const struct fz_pack *p = r->out->versions[version];

    r->wholes[version] = FZ_NEW_ARRAY(r->arena, uint32_t *, p->indicators_n);
    for (size_t i = 0; i < p->indicators_n; i++) {
        const struct fz_indicator *ind = &p->indicators[i];

        if (&p->records[ind->record] != r->records[version])
            continue;
        r->wholes[version][i] = FZ_NEW_ARRAY(r->arena, uint32_t, fz_tally_slots(ind));
        for (size_t s = 0; s < fz_tally_slots(ind); s++)
            r->wholes[version][i][s] = fz_tally_figure(&r->tally, ind, fz_tally_basis(ind, s), (fz_str){0}, (fz_str){0}, (fz_title){0});
    }
}

/* What is added to a figure and to those of its dimensions. */
struct addition {
    enum { ADD_COUNT, ADD_SUM, ADD_VALUE } how;
    bool counts, in_basis;
    int64_t sum;
    fz_str value;
};

static void add(struct replay *r, uint32_t figure, const struct addition *a)
{
    switch (a->how) {
    case ADD_COUNT:
        fz_tally_add(&r->tally, figure, a->counts, a->in_basis);
        break;
    case ADD_SUM:
        fz_tally_sum(&r->tally, figure, 1, a->sum);
        break;
    case ADD_VALUE:
        fz_tally_distinct(&r->tally, figure, a->value);
        break;
    }
}

static void add_by(struct replay *r, const fz_view *v, const struct fz_indicator *ind, const struct fz_basis *basis, const struct addition *a)
{
    const struct fz_record *record = r->records[r->version];

    for (size_t i = 0; i < ind->by.n; i++) {
        const struct fz_field *f = &record->fields[ind->by.items[i]];
        struct fz_buf b = {0};
        fz_title shown = fz_tally_value(f, fz_case_value(v, ind->by.items[i]), &b);

        add(r, fz_tally_figure(&r->tally, ind, basis, f->name, fz_buf_str(&b), shown), a);
        fz_buf_release(&b);
    }
    if (ind->by_kind) {
        const struct fz_kind *k = &record->kinds[fz_action_change(&record->actions[v->cmd->action], v->cmd->outcome)];

        add(r, fz_tally_figure(&r->tally, ind, basis, FZ_BY_KIND, k->name, k->title), a);
    }
}

static void add_all(struct replay *r, const fz_view *v, size_t indicator, size_t slot, const struct addition *a)
{
    const struct fz_indicator *ind = &r->out->versions[r->version]->indicators[indicator];

    add(r, r->wholes[r->version][indicator][slot], a);
    add_by(r, v, ind, fz_tally_basis(ind, slot), a);
}

static void count_indicator(struct replay *r, const fz_view *v, size_t indicator)
{
    const struct fz_indicator *ind = &r->out->versions[r->version]->indicators[indicator];
    bool counts = fz_indicator_counts(v, ind);

    for (size_t s = 0; s < fz_tally_slots(ind); s++) {
        const struct fz_basis *basis = fz_tally_basis(ind, s);
        struct addition a = {.how = ADD_COUNT, .counts = counts, .in_basis = basis && fz_acts_has(&basis->acts, v->cmd->action)};

        if (a.counts || a.in_basis)
            add_all(r, v, indicator, s, &a);
    }
}

/* A set counts each of its members. */
static void count_values(struct replay *r, const fz_view *v, size_t indicator, fz_value value)
{
    const struct fz_field *f = &r->records[r->version]->fields[r->out->versions[r->version]->indicators[indicator].field];
    struct fz_buf b = {0};

    for (size_t i = 0; i < (f->many ? value.many : 1); i++) {
        fz_buf_reset(&b);
        fz_value_print(f->type, &f->choices, f->many ? value.items[i] : value, &b);
        add_all(r, v, indicator, 0, &(struct addition){.how = ADD_VALUE, .value = fz_buf_str(&b)});
    }
    fz_buf_release(&b);
}

static void measure_indicator(struct replay *r, const fz_view *v, size_t indicator)
{
    const struct fz_indicator *ind = &r->out->versions[r->version]->indicators[indicator];
    fz_value value = fz_indicator_measures(v, ind);

    if (value.set && ind->kind == FZ_DISTINCT_OF)
        count_values(r, v, indicator, value);
    else if (value.set)
        add_all(r, v, indicator, 0, &(struct addition){.how = ADD_SUM, .sum = value.n});
}

static void count_indicators(struct replay *r, const struct fz_step *cmd)
{
    const struct fz_pack *p = r->out->versions[r->version];
    fz_view v = {r->c, cmd, r->cal, cmd->on};

    for (size_t i = 0; i < p->indicators_n && cmd->kind == FZ_DO; i++)
        if (r->wholes[r->version][i])
            (fz_indicator_is_measured(&p->indicators[i]) ? measure_indicator : count_indicator)(r, &v, i);
}

/* A log has one period, its own: at its end stands what its records have come to, and before its beginning nothing. */
static void count_stocks(struct replay *r)
{
    const struct fz_pack *p = r->out->versions[r->version];
    fz_view v = {r->c, NULL, r->cal, FZ_DAY_MAX};

    for (size_t i = 0; i < p->indicators_n; i++)
        if (r->wholes[r->version][i] && !p->indicators[i].at_start && fz_indicator_stocks(&v, &p->indicators[i]))
            add_all(r, &v, i, 0, &(struct addition){.how = ADD_COUNT, .counts = true});
}

/* ---- keys that two records have ---- */

static fz_str key_of_case(struct replay *r, fz_day day)
{
    const struct fz_register_key *key = &r->records[r->version]->key;
    fz_view v = {r->c, NULL, r->cal, day};
    struct fz_buf b = {0};
    fz_str s = {0};

    if (key->of_organ)
        fz_buf_printf(&b, "%.*s\n", FZ_STR_ARG(r->log->texts[r->log->cases[r->case_no].organ]));
    if (fz_case_key(&v, &b))
        s = fz_str_copy(&r->scratch, fz_buf_str(&b));
    fz_buf_release(&b);
    return s;
}

/* After an event: the key that it gave the case, and the one that it took away. */
static void follow_key(struct replay *r, uint32_t event)
{
    fz_day day = r->log->events[event].day;
    fz_str now;
    bool new;

    if (r->records[r->version]->key.fields.n == 0)
        return;
    now = key_of_case(r, day);
    if (r->key.p && now.p && fz_str_eq(r->key, now))
        return;
    if (r->key.p)
        r->holdings.items[r->holdings.n - 1].to = day;
    if (now.p)
        FZ_PUSH(r->arena, &r->holdings, items, n, cap) =
            (struct holding){fz_names_number(&r->keys, r->arena, now, &new), r->case_no, event, r->version, day, FZ_DAY_MAX};
    r->key = now;
}

static int by_key(const void *a, const void *b)
{
    const struct holding *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return x->event < y->event ? -1 : x->event > y->event;
}

/* Second holders, each with the case that had the key before it. */
struct taken {
    const struct holding *by, *from;
};
struct takens {
    struct taken *items;
    size_t n, cap;
};

static int by_case(const void *a, const void *b)
{
    const struct holding *x = ((const struct taken *)a)->by, *y = ((const struct taken *)b)->by;

    if (x->case_no != y->case_no)
        return x->case_no < y->case_no ? -1 : 1;
    return x->event < y->event ? -1 : x->event > y->event;
}

static void find_taken(struct replay *r, struct takens *out)
{
    const struct holding *longest = NULL; /* of the key in hand: the one that has it longest */

    if (r->holdings.n)
        qsort(r->holdings.items, r->holdings.n, sizeof(*r->holdings.items), by_key);
    for (size_t i = 0; i < r->holdings.n; i++) {
        const struct holding *h = &r->holdings.items[i];

        if (longest && longest->key != h->key)
            longest = NULL;
        if (longest && h->from < longest->to && h->case_no != longest->case_no)
            FZ_PUSH(r->arena, out, items, n, cap) = (struct taken){h, longest};
        if (!longest || h->to > longest->to)
            longest = h;
    }
    if (out->n)
        qsort(out->items, out->n, sizeof(*out->items), by_case);
}

static struct fz_step command_of(const struct replay *r, const struct fz_log_event *e);

/* What the rule is, whoever has the key. */
static fz_title same_key_title(struct replay *r, const struct fz_step *cmd)
{
    const struct fz_record *record = r->records[r->version];
    fz_title act = record->actions[cmd->action].title;
    fz_str en = fz_title_in(act, FZ_EN), key_en = fz_title_in(record->key.title, FZ_EN);

    return (fz_title){fz_str_printf(r->arena, "%.*s：已有%.*s相同的", FZ_STR_ARG(act.zh), FZ_STR_ARG(record->key.title.zh)),
                      fz_str_printf(r->arena, "%.*s: another one has the same %.*s", FZ_STR_ARG(en), FZ_STR_ARG(key_en))};
}

static void add_taken(struct replay *r, const struct taken *t)
{
    const struct fz_log_event *e = &r->log->events[t->by->event];
    struct fz_step cmd = command_of(r, e);
    struct fz_ruling ruling = {0};

    r->case_no = t->by->case_no;
    r->version = t->by->version;
    fz_arena_reset(&r->scratch);
    r->c = fz_case_new(&r->scratch, r->out->versions[r->version], r->records[r->version]);
    fz_decide_key(r->c, &cmd, r->log->cases[t->from->case_no].id, &r->scratch, &ruling);
    rule_no(r, ruling.grounds[0].id, same_key_title(r, &cmd), ruling.grounds[0].articles, false);
    add_finding(r, &ruling.grounds[0], &cmd, e);
}

/* Findings in the order of the log: those of each case, then those of its keys. */
static void merge_findings(struct replay *r, const struct findings *before, const struct findings *keys)
{
    struct fz_finding *merged = FZ_NEW_ARRAY(r->arena, struct fz_finding, before->n + keys->n + 1);
    size_t n = 0, b = 0;

    for (size_t k = 0; k < keys->n; k++) {
        uint32_t case_no = keys->items[k].case_no;

        while (b < before->n && before->items[b].case_no <= case_no)
            merged[n++] = before->items[b++];
        r->out->cases_with_findings += n == 0 || merged[n - 1].case_no != case_no;
        merged[n++] = keys->items[k];
    }
    while (b < before->n)
        merged[n++] = before->items[b++];
    r->findings = (struct findings){merged, n, n};
}

static void judge_keys(struct replay *r)
{
    struct findings before = r->findings;
    struct takens taken = {0};

    find_taken(r, &taken);
    r->findings = (struct findings){0};
    for (size_t i = 0; i < taken.n; i++)
        add_taken(r, &taken.items[i]);
    merge_findings(r, &before, &(struct findings){r->findings.items, r->findings.n, r->findings.n});
}

/* ---- cases ---- */

static struct fz_step command_of(const struct replay *r, const struct fz_log_event *e)
{
    struct fz_step cmd;

    if (r->log->steps)
        return r->log->steps[e - r->log->events];
    cmd = FZ_STEP(e->kind == FZ_SERVE ? FZ_NONE : e->action, e->day);

    cmd.kind = (fz_step_kind)e->kind;
    if (e->kind == FZ_SERVE)
        cmd.document = e->action;
    if (e->minute >= 0)
        cmd.at = fz_day_instant(e->day) + e->minute;
    cmd.outcome = e->outcome;
    cmd.person = r->log->texts[e->actor];
    cmd.values = r->log->values + e->values_at;
    cmd.values_n = e->values_n;
    cmd.ref = e->line;
    return cmd;
}

/* Limits that still run at the end are held against `until`, when it was given. */
static void judge_open(struct replay *r)
{
    const struct fz_record *record = r->records[r->version];
    fz_view v = {r->c, NULL, r->cal, r->out->until};

    for (size_t i = 0; i < record->clocks_n && r->out->until != FZ_DAY_NONE && !fz_case_ended(r->c); i++) {
        const struct fz_clock *k = &record->clocks[i];

        if ((k->kind != FZ_CK_AT_MOST && k->kind != FZ_CK_FIXED_DAY && k->kind != FZ_CK_RECURRING) || !fz_clock_is(&v, (int)i, FZ_CS_OVERDUE))
            continue;
        for (size_t n = 0; n < fz_clock_instances(r->c, (int)i); n++) {
            struct fz_clock_look look = fz_clock_look(&v, (int)i, n);
            struct fz_ground g = {.kind = FZ_G_LATE, .id = k->name, .title = k->title.zh.n ? k->title : (fz_title){.zh = k->name}, .articles = k->articles,
                                  .day = r->out->until, .clock = (int)i, .from = look.from, .due = look.due, .service_norm = k->service_norm};

            if (!look.applies || look.stopped != FZ_DAY_NONE || look.due == FZ_DAY_NONE || look.due >= r->out->until)
                continue;
            g.over = r->out->until - look.due;
            add_finding(r, &g, NULL, NULL);
        }
    }
}

static void replay_event(struct replay *r, const struct fz_log_event *e)
{
    struct fz_step cmd = command_of(r, e);

    fz_decide(r->c, &cmd, r->cal, true, &r->scratch, &r->ruling);
    for (size_t i = 0; i < r->ruling.n; i++) {
        if (r->ruling.grounds[i].kind == FZ_G_UNJUDGED)
            r->out->unjudged++;
        else
            add_finding(r, &r->ruling.grounds[i], &cmd, e);
    }
    fz_case_apply(r->c, &cmd, r->cal);
    count_indicators(r, &cmd);
}

static void replay_case(struct replay *r, const struct fz_log_case *lc)
{
    fz_day first = lc->n ? r->log->events[lc->first].day : r->out->versions[0]->version;

    r->version = r->log->versions ? r->log->versions[r->case_no] : (uint16_t)fz_pack_version_on(r->out->versions, r->out->versions_n, first);
    r->out->before_first += r->out->versions[r->version]->version > first;
    r->out->cases_of_version[r->version]++;
    r->found_in_case = false;
    r->ruling = (struct fz_ruling){0};
    fz_arena_reset(&r->scratch);
    r->c = fz_case_new(&r->scratch, r->out->versions[r->version], r->records[r->version]);
    for (uint32_t i = 0; i < lc->values_n; i++)
        fz_case_set(r->c, r->log->values[lc->values_at + i].field, r->log->values[lc->values_at + i].value);
    r->key = (fz_str){0};
    for (uint32_t i = 0; i < lc->n; i++) {
        replay_event(r, &r->log->events[lc->first + i]);
        follow_key(r, lc->first + i);
    }
    judge_open(r);
    count_stocks(r);
    r->out->cases_with_findings += r->found_in_case;
}

static void days_of(struct fz_review *out)
{
    out->first = out->last = FZ_DAY_NONE;
    for (size_t i = 0; i < out->log->cases_n; i++) {
        const struct fz_log_case *c = &out->log->cases[i];

        for (uint32_t e = c->first; e < c->first + c->n; e++) {
            fz_day d = out->log->events[e].day;

            out->first = out->first == FZ_DAY_NONE || d < out->first ? d : out->first;
            out->last = out->last == FZ_DAY_NONE || d > out->last ? d : out->last;
        }
    }
}

/* A change of law may add members; those that stand in both must keep their place, for the log is read once. */
static fz_status match_records(struct replay *r, int record, struct fz_error *err)
{
    const struct fz_pack *newest = r->out->versions[r->out->versions_n - 1];
    const struct fz_record *last = &newest->records[record];

    for (size_t i = 0; i < r->out->versions_n; i++) {
        const struct fz_pack *p = r->out->versions[i];
        int at = fz_record_find(p, last->name);
        char day[FZ_DAY_TEXT];
        bool same = at != FZ_NONE && p->records[at].actions_n == last->actions_n && p->records[at].fields_n == last->fields_n;

        for (size_t a = 0; same && a < last->actions_n; a++)
            same = fz_str_eq(p->records[at].actions[a].name, last->actions[a].name);
        for (size_t f = 0; same && f < last->fields_n; f++)
            same = fz_str_eq(p->records[at].fields[f].name, last->fields[f].name);
        if (!same)
            return fz_fail(err, FZ_E_PACK, "%.*s %s has other acts or fields than the newest version: review it by itself", FZ_STR_ARG(p->name),
                           fz_day_text(p->version, day));
        r->records[i] = &p->records[at];
    }
    return FZ_OK;
}

fz_status fz_review_run(struct fz_review *out, const struct fz_log *log, const struct fz_pack *const *versions, size_t versions_n, int record,
                        const struct fz_calendar *cal, fz_day until, fz_language lang, struct fz_arena *arena, struct fz_error *err)
{
    struct replay r = {.out = out, .log = log, .cal = cal, .lang = lang, .arena = arena};
    size_t newest = versions_n - 1;

    fz_assert(versions_n > 0);
    *out = (struct fz_review){.log = log, .versions = versions, .versions_n = versions_n, .cal = cal, .until = until};
    r.records = FZ_NEW_ARRAY(arena, const struct fz_record *, versions_n);
    out->cases_of_version = FZ_NEW_ARRAY(arena, uint64_t, versions_n);
    FZ_TRY(match_records(&r, record, err));
    out->record = r.records[newest];
    fz_names_init(&r.rule_names, arena);
    fz_names_init(&r.keys, arena);
    fz_tally_init(&r.tally, arena);
    declare_rules(&r, versions[newest], r.records[newest]);
    days_of(out);
    fz_arena_init(&r.scratch);
    r.wholes = FZ_NEW_ARRAY(arena, uint32_t **, versions_n);
    for (size_t i = versions_n; i-- > 0;)
        declare_figures(&r, i);
    for (r.case_no = 0; r.case_no < log->cases_n; r.case_no++)
        replay_case(&r, &log->cases[r.case_no]);
    if (r.holdings.n)
        judge_keys(&r);
    fz_arena_release(&r.scratch);
    fz_tally_release(&r.tally);
    FZ_TRY(fz_tally_check(&r.tally, lang, err));
    out->rules = r.rules.items;
    out->rules_n = r.rules.n;
    out->findings = r.findings.items;
    out->findings_n = r.findings.n;
    out->figures = r.tally.items;
    out->figures_n = r.tally.n;
    return FZ_OK;
}

/* ---- what is read ---- */

static void note_field(const struct fz_term *t, void *keep)
{
    if (t->kind == FZ_T_FIELD)
        ((bool *)keep)[t->id] = true;
}

static void keep_all(struct fz_ids fields, bool *keep)
{
    for (size_t i = 0; i < fields.n; i++)
        keep[fields.items[i]] = true;
}

static void keep_of_clock(const struct fz_clock *k, bool *keep)
{
    const struct fz_anchor *anchors[2] = {k->starts, k->stops};
    size_t n[2] = {k->starts_n, k->stops_n};

    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; i < n[s]; i++)
            fz_term_walk(anchors[s][i].day, note_field, keep);
    fz_term_walk(k->when, note_field, keep);
    fz_term_walk(k->until, note_field, keep);
    fz_term_walk(k->promise, note_field, keep);
    for (size_t i = 0; i < k->limit_n; i++) {
        fz_term_walk(k->limit[i].when, note_field, keep);
        fz_term_walk(k->limit[i].be, note_field, keep);
    }
    for (size_t i = 0; i < k->suspends_n; i++)
        if (k->suspends[i].field != FZ_NONE)
            keep[k->suspends[i].field] = true;
    for (size_t i = 0; i < k->excludes_n; i++)
        fz_term_walk(k->excludes[i].when, note_field, keep);
    for (size_t i = 0; i < k->extends_n; i++) {
        fz_term_walk(k->extends[i].by, note_field, keep);
        fz_term_walk(k->extends[i].when, note_field, keep);
    }
    for (size_t i = 0; i < k->caps_n; i++) {
        fz_term_walk(k->caps[i].at, note_field, keep);
        fz_term_walk(k->caps[i].when, note_field, keep);
    }
    keep_all(k->per, keep);
}

static void keep_of_action(const struct fz_action *a, bool *keep)
{
    for (size_t i = 0; i < a->after_n; i++)
        fz_term_walk(a->after[i].when, note_field, keep);
    for (size_t i = 0; i < a->gates_n; i++)
        fz_term_walk(a->gates[i].that, note_field, keep);
    for (size_t i = 0; i < a->sets_n; i++)
        fz_term_walk(a->sets[i].value, note_field, keep);
    fz_term_walk(a->waive_when, note_field, keep);
    keep_all(a->each, keep);
}

static void keep_of_pack(const struct fz_pack *p, const struct fz_record *r, bool *keep)
{
    for (size_t i = 0; i < r->actions_n; i++)
        keep_of_action(&r->actions[i], keep);
    for (size_t i = 0; i < r->clocks_n; i++)
        keep_of_clock(&r->clocks[i], keep);
    for (size_t i = 0; i < r->documents_n; i++)
        keep_all(r->documents[i].to, keep);
    for (size_t i = 0; i < r->fields_n; i++)
        fz_term_walk(r->fields[i].is, note_field, keep);
    keep_all(r->key.fields, keep);
    for (size_t i = 0; i < p->rules_n; i++)
        if (&p->records[p->rules[i].record] == r)
            fz_term_walk(p->rules[i].unless, note_field, keep);
    for (size_t i = 0; i < p->indicators_n; i++)
        if (&p->records[p->indicators[i].record] == r) {
            fz_term_walk(p->indicators[i].where, note_field, keep);
            if (p->indicators[i].field != FZ_NONE)
                keep[p->indicators[i].field] = true;
            keep_all(p->indicators[i].by, keep);
        }
}

void fz_review_keep(const struct fz_pack *const *versions, size_t versions_n, int record, bool *keep)
{
    fz_str name = versions[versions_n - 1]->records[record].name;

    for (size_t i = 0; i < versions_n; i++) {
        int at = fz_record_find(versions[i], name);

        if (at != FZ_NONE)
            keep_of_pack(versions[i], &versions[i]->records[at], keep);
    }
}
