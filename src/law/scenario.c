#include "law/scenario.h"

#include "law/reader.h"

/* ---- the form ---- */

struct step {
    const struct fz_node *node;
    fz_str on;
    struct fz_names acts;    /* do */
    struct fz_name law, waive, serve;
    struct fz_names told; /* one */
    fz_str of;
    fz_str outcome, as, member, reason, served;
    struct fz_names persons;
    const struct fz_node *with, *due;
    struct fz_names met, missed;
    struct fz_names refused; /* articles */
    fz_str stage;
};

static const struct fz_key step_keys[] = {
    FZ_KEY_TEXT(struct step, on, "on", FZ_REQUIRED, "2026-03-02", "the day of the act, or its day and minute", "行为之日（可以写到分钟）"),
    FZ_KEY_NAMES(struct step, acts, "do", FZ_OPTIONAL, "[sign, contact]", "acts taken one after the other", "依次进行的行为"),
    FZ_KEY_NAME(struct step, law, "law", FZ_OPTIONAL, "accept", "an act that the law itself supplies on that day", "当日依法自动发生的行为"),
    FZ_KEY_NAMES(struct step, told, "told", FZ_OPTIONAL, "against.decide", "what a linked record tells: an act that is heard, or LINK.told; its values stand under with", "关联记录所告知的：听取的行为，或者“关联.told”；其值写在 with 之下"),
    FZ_KEY_TEXT(struct step, of, "of", FZ_OPTIONAL, "case-7", "which record tells it, of a set of them", "一组关联记录中的哪一个"),
    FZ_KEY_NAME(struct step, waive, "waive", FZ_OPTIONAL, "hear_opinions", "an act declared not to apply", "认定不适用的行为"),
    FZ_KEY_NAME(struct step, serve, "serve", FZ_OPTIONAL, "decision_letter", "a document that reaches its addressee", "送达的文书"),
    FZ_KEY_TEXT(struct step, outcome, "outcome", FZ_OPTIONAL, "upheld", "the outcome of the act", "行为的结果"),
    FZ_KEY_TEXTS(struct step, persons, "person", FZ_OPTIONAL, "[李一, 李二]", "who takes it, one or several together", "行为人，可以是数人"),
    FZ_KEY_TEXT(struct step, as, "as", FZ_OPTIONAL, "reviewer", "in which role", "以何种角色"),
    FZ_KEY_TEXT(struct step, member, "each", FZ_OPTIONAL, "张三", "for which party; without it, for all", "对哪一方；不写即对各方"),
    FZ_KEY_TEXT(struct step, reason, "reason", FZ_OPTIONAL, "当事人下落不明", "why it is waived", "不适用的理由"),
    FZ_KEY_TEXT(struct step, served, "served", FZ_OPTIONAL, "2026-03-04", "the day on which its document was served on all", "文书送达各方之日"),
    FZ_KEY_VALUES(struct step, with, "with", FZ_OPTIONAL, "{ground: died}", "values entered with the act", "随行为填写的内容"),
    FZ_KEY_VALUES(struct step, due, "due", FZ_OPTIONAL, "{decision: 2026-04-28}", "last day of each clock, once the step is done", "此步之后各期限的届满日"),
    FZ_KEY_NAMES(struct step, met, "met", FZ_OPTIONAL, "decision", "clocks that are met", "已在期限内完成的期限"),
    FZ_KEY_NAMES(struct step, missed, "missed", FZ_OPTIONAL, "decision", "clocks that are missed", "已逾期的期限"),
    FZ_KEY_TEXTS(struct step, refused, "refused", FZ_OPTIONAL, "复议法 20", "the article under which the act is refused", "行为被拒绝所依据的条文"),
    FZ_KEY_TEXT(struct step, stage, "stage", FZ_OPTIONAL, "accepted", "where the record then stands", "此步之后所处的阶段"),
    FZ_KEY_END};
static const struct fz_construct step_construct = FZ_CONSTRUCT(struct step, "step", "步骤", step_keys);

struct scenario {
    const struct fz_node *node;
    fz_str title;
    struct fz_name record;
    const struct fz_node *given;
    struct fz_parts steps;
};

static const struct fz_key scenario_keys[] = {
    FZ_KEY_TEXT(struct scenario, title, "title", FZ_REQUIRED, "逾期未处理，视为受理", "what it shows", "情景说明"),
    FZ_KEY_NAME(struct scenario, record, "record", FZ_OPTIONAL, "penalty_case", "the record type; the pack's only one by default", "记录类型"),
    FZ_KEY_VALUES(struct scenario, given, "given", FZ_OPTIONAL, "{difficult: yes}", "fields known at the start", "开始时已知的字段"),
    FZ_KEY_PARTS(struct scenario, steps, "steps", FZ_REQUIRED, &step_construct, "[{on: 2026-03-02, do: receive}]", "what happens", "经过"),
    FZ_KEY_END};
static const struct fz_construct scenario_construct = FZ_CONSTRUCT(struct scenario, "scenario", "情景", scenario_keys);

struct file {
    const struct fz_node *node;
    struct fz_name pack;
    struct fz_parts scenarios;
};

static const struct fz_key file_keys[] = {
    FZ_KEY_NAME(struct file, pack, "pack", FZ_REQUIRED, "reconsideration", "the pack that they test", "所测试的制度包"),
    FZ_KEY_PARTS(struct file, scenarios, "scenarios", FZ_REQUIRED, &scenario_construct, "[...]", "the scenarios", "情景"),
    FZ_KEY_END};
const struct fz_construct fz_scenarios_construct = FZ_CONSTRUCT(struct file, "file of scenarios", "情景文件", file_keys);

fz_str fz_scenarios_pack(const struct fz_node *node)
{
    const struct fz_node *n = fz_node_get(node, "pack");

    return n && n->kind == FZ_NODE_TEXT ? n->text : (fz_str){0};
}

/* ---- running one ---- */

struct runner {
    struct fz_arena *arena;
    struct fz_diags *diags;
    const struct fz_calendar *cal;
    fz_language lang;
    struct fz_case *c;
    const struct fz_record *record;
    const struct step *step;
    fz_day day; /* of the step */
    fz_instant at;
    struct fz_scenarios *count;
    int record_no;
};

static const fz_str none;

static fz_span place_of(const struct runner *r, const char *key)
{
    const struct fz_pair *p = fz_node_pair(r->step->node, fz_str_of(key));

    return p ? p->value->span : r->step->node->span;
}

static struct fz_diag *problem(struct runner *r, fz_diag_id id, fz_span at, fz_str a0, fz_str a1, fz_str a2)
{
    return fz_diag_add(r->diags, id, at, a0, a1, a2);
}

static void unknown(struct runner *r, const struct fz_node *at, const char *en, const char *zh)
{
    problem(r, FZ_D_pack_unknown_name, at->span, at->text, fz_str_of(r->lang == FZ_ZH ? zh : en), none);
}

static fz_view view(const struct runner *r)
{
    return (fz_view){.c = r->c, .cal = r->cal, .day = r->day};
}

static bool parse_one(struct runner *r, const struct fz_field *f, const struct fz_node *n, fz_value *out)
{
    struct fz_buf b = {0};

    if (n->kind == FZ_NODE_TEXT && fz_value_parse(f->type, &f->choices, n->text, out))
        return true;
    fz_buf_addz(&b, fz_type_word(f->type));
    problem(r, FZ_D_scenario_value, n->span, n->kind == FZ_NODE_TEXT ? n->text : FZ_STR("[...]"), f->name, fz_buf_str(&b));
    fz_buf_release(&b);
    return false;
}

static bool parse_field(struct runner *r, const struct fz_field *f, const struct fz_node *n, fz_value *out)
{
    fz_value *items, one;

    if (!f->many) {
        if (n->kind == FZ_NODE_LIST && n->n == 1) /* one party may stand in a list of one */
            n = n->items[0];
        return parse_one(r, f, n, out);
    }
    items = FZ_NEW_ARRAY(r->arena, fz_value, fz_node_count(n) + 1);
    for (size_t i = 0; i < fz_node_count(n); i++) {
        if (!parse_one(r, f, fz_node_at(n, i), &one))
            return false;
        items[i] = one;
    }
    *out = (fz_value){.set = true, .many = (uint32_t)fz_node_count(n), .items = items};
    return true;
}

/* {field: value}; those that cannot be read are reported and left out. */
static struct fz_given *parse_values(struct runner *r, const struct fz_node *map, size_t *out_n)
{
    struct fz_given *given = FZ_NEW_ARRAY(r->arena, struct fz_given, map ? map->n + 1 : 1);

    *out_n = 0;
    for (size_t i = 0; map && i < map->n; i++) {
        int f = fz_field_find(r->record, map->pairs[i].key->text);

        if (f == FZ_NONE || r->record->fields[f].is)
            unknown(r, map->pairs[i].key, "field", "字段");
        else if (parse_field(r, &r->record->fields[f], map->pairs[i].value, &given[*out_n].value))
            given[(*out_n)++].field = f;
    }
    return given;
}

/* ---- what must hold afterwards ---- */

static fz_str day_text(struct runner *r, fz_day d)
{
    char text[FZ_DAY_TEXT];

    return fz_str_copy(r->arena, fz_str_of(fz_day_text(d, text)));
}

static fz_str due_text(struct runner *r, const struct fz_clock_look *k)
{
    fz_instant m = k->due_at;

    if (k->paused)
        return fz_str_of(r->lang == FZ_ZH ? "中止" : "paused");
    if (k->due == FZ_DAY_NONE)
        return fz_str_of(r->lang == FZ_ZH ? "没有届满日" : "no last day");
    if (m == FZ_INSTANT_NONE)
        return day_text(r, k->due);
    m -= fz_day_instant(fz_instant_day(m));
    return fz_str_printf(r->arena, "%.*s %02d:%02d", FZ_STR_ARG(day_text(r, k->due)), (int)(m / 60), (int)(m % 60));
}

static fz_str working(struct runner *r, int clock)
{
    fz_view v = view(r);
    struct fz_buf b = {0};
    fz_str s;

    fz_clock_explain(&v, clock, 0, r->lang, &b);
    s = fz_str_copy(r->arena, fz_buf_str(&b));
    fz_buf_release(&b);
    return s;
}

static bool is_due(const struct fz_clock_look *k, fz_str text)
{
    fz_instant t;
    bool minute;

    if (!fz_instant_parse(text, &t, &minute))
        return false;
    return minute ? k->due_at == t : k->due == fz_instant_day(t);
}

static void check_due(struct runner *r, const struct fz_node *name, const struct fz_node *want)
{
    int clock = fz_clock_find(r->record, name->text);
    fz_view v = view(r);

    if (clock == FZ_NONE) {
        unknown(r, name, "clock", "期限");
        return;
    }
    for (size_t i = 0; i < fz_clock_instances(r->c, clock); i++) {
        struct fz_clock_look k = fz_clock_look(&v, clock, i);

        if (want->kind == FZ_NODE_TEXT && is_due(&k, want->text))
            continue;
        problem(r, FZ_D_scenario_due, want->span, name->text, due_text(r, &k), want->text)->trace = working(r, clock);
        break;
    }
}

static void check_states(struct runner *r, const struct fz_names *names, fz_clock_state state)
{
    fz_view v = view(r);

    for (size_t i = 0; i < names->n; i++) {
        int clock = fz_clock_find(r->record, names->items[i].text);

        if (clock == FZ_NONE)
            problem(r, FZ_D_pack_unknown_name, names->items[i].span, names->items[i].text, fz_str_of(r->lang == FZ_ZH ? "期限" : "clock"), none);
        else if (!fz_clock_is(&v, clock, state))
            problem(r, FZ_D_scenario_state, names->items[i].span, names->items[i].text, fz_str_of(fz_clock_state_word(state)), none)->trace =
                working(r, clock);
    }
}

static void check_after(struct runner *r)
{
    const struct step *s = r->step;
    int stage = fz_case_stage(r->c);

    for (size_t i = 0; s->due && i < s->due->n; i++)
        check_due(r, s->due->pairs[i].key, s->due->pairs[i].value);
    check_states(r, &s->met, FZ_CS_MET);
    check_states(r, &s->missed, FZ_CS_MISSED);
    if (s->stage.n && (stage == FZ_NONE || !fz_str_eq(r->record->stages[stage].name, s->stage)))
        problem(r, FZ_D_scenario_stage, place_of(r, "stage"), stage == FZ_NONE ? none : r->record->stages[stage].name, s->stage, none);
}

/* ---- rulings ---- */

static bool cites(const struct fz_ruling *ruling, fz_str article)
{
    for (size_t i = 0; i < ruling->n; i++)
        for (size_t a = 0; a < ruling->grounds[i].articles.n; a++)
            if (fz_str_eq(ruling->grounds[i].articles.items[a].text, article))
                return true;
    return false;
}

/* "title (articles)" of every ground, a line each. */
static fz_str grounds_text(struct runner *r, const struct fz_ruling *ruling)
{
    struct fz_buf b = {0};
    fz_str s;

    for (size_t i = 0; i < ruling->n; i++) {
        const struct fz_ground *g = &ruling->grounds[i];

        fz_buf_addz(&b, "    ");
        fz_buf_add(&b, g->id);
        fz_buf_addz(&b, ": ");
        fz_buf_add(&b, fz_title_in(g->title, r->lang));
        for (size_t a = 0; a < g->articles.n; a++)
            fz_buf_printf(&b, "%s%.*s", a ? ", " : " (", FZ_STR_ARG(g->articles.items[a].text));
        fz_buf_addz(&b, g->articles.n ? ")\n" : "\n");
    }
    s = fz_str_copy(r->arena, fz_buf_str(&b));
    fz_buf_release(&b);
    return s;
}

/* What a record needs at its start and the scenario leaves out is not material to it. */
static void forget_missing(const struct runner *r, const struct fz_step *cmd, struct fz_ruling *ruling)
{
    size_t kept = 0;

    if (cmd->kind != FZ_DO || r->record->actions[cmd->action].starts == FZ_NONE)
        return;
    for (size_t i = 0; i < ruling->n; i++) {
        if (ruling->grounds[i].kind == FZ_G_VALUE)
            ruling->refusing--;
        else
            ruling->grounds[kept++] = ruling->grounds[i];
    }
    ruling->n = kept;
}

static void take(struct runner *r, const struct fz_step *cmd, fz_span at, bool may_be_refused)
{
    struct fz_ruling ruling = {0};
    fz_str name = cmd->kind == FZ_SERVE ? r->record->documents[cmd->document].name : r->record->actions[cmd->action].name;
    const struct fz_names *wanted = &r->step->refused;

    fz_decide(r->c, cmd, r->cal, false, r->arena, &ruling);
    forget_missing(r, cmd, &ruling);
    if (!may_be_refused || wanted->n == 0) {
        if (ruling.refusing)
            problem(r, FZ_D_scenario_refused, at, name, day_text(r, cmd->on), none)->trace = grounds_text(r, &ruling);
        fz_case_apply(r->c, cmd, r->cal);
        if (r->count && cmd->kind != FZ_SERVE)
            fz_acts_add(&r->count->taken[r->record_no], cmd->action);
        return;
    }
    if (!ruling.refusing) {
        problem(r, FZ_D_scenario_allowed, place_of(r, "refused"), name, wanted->items[0].text, none);
        fz_case_apply(r->c, cmd, r->cal);
        return;
    }
    for (size_t i = 0; i < wanted->n; i++)
        if (!cites(&ruling, wanted->items[i].text))
            problem(r, FZ_D_scenario_article, wanted->items[i].span, name, wanted->items[i].text, none)->trace = grounds_text(r, &ruling);
}

/* ---- steps ---- */

static struct fz_step command(const struct runner *r, fz_step_kind kind, int id)
{
    const struct fz_names *persons = &r->step->persons;
    fz_str *others = FZ_NEW_ARRAY(r->arena, fz_str, persons->n);
    struct fz_step cmd = FZ_STEP(kind == FZ_SERVE ? FZ_NONE : id, r->day);

    cmd.kind = kind;
    cmd.document = kind == FZ_SERVE ? id : FZ_NONE;
    cmd.at = r->at;
    cmd.person = persons->n ? persons->items[0].text : none;
    for (size_t i = 1; i < persons->n; i++)
        others[i - 1] = persons->items[i].text;
    cmd.others = others;
    cmd.others_n = persons->n ? persons->n - 1 : 0;
    cmd.role = r->step->as;
    cmd.member = r->step->member;
    cmd.reason = r->step->reason;
    return cmd;
}

static bool find_outcome(struct runner *r, struct fz_step *cmd)
{
    if (r->step->outcome.n == 0)
        return true;
    cmd->outcome = fz_outcome_find(&r->record->actions[cmd->action], r->step->outcome);
    if (cmd->outcome != FZ_NONE)
        return true;
    problem(r, FZ_D_pack_unknown_name, place_of(r, "outcome"), r->step->outcome, fz_str_of(r->lang == FZ_ZH ? "结果" : "outcome"), none);
    return false;
}

/* The document of an act reaches everybody on the day that `served` gives. */
static void serve_document(struct runner *r, int action)
{
    struct fz_step cmd = command(r, FZ_SERVE, r->record->actions[action].document);

    if (r->step->served.n == 0)
        return;
    if (cmd.document == FZ_NONE) {
        problem(r, FZ_D_scenario_no_document, place_of(r, "served"), r->record->actions[action].name, none, none);
        return;
    }
    if (!fz_day_parse(r->step->served, &cmd.on)) {
        problem(r, FZ_D_scenario_day, place_of(r, "served"), r->step->served, none, none);
        return;
    }
    cmd.member = none;
    cmd.at = FZ_INSTANT_NONE;
    take(r, &cmd, place_of(r, "served"), false);
}

static int action_named(struct runner *r, const struct fz_name *name)
{
    int a = fz_action_find(r->record, name->text);

    if (a == FZ_NONE)
        problem(r, FZ_D_pack_unknown_name, name->span, name->text, fz_str_of(r->lang == FZ_ZH ? "行为" : "action"), none);
    return a;
}

/* Several acts in one step: what the step says of outcome, values and refusal belongs to the last. */
static void run_acts(struct runner *r)
{
    const struct fz_names *acts = &r->step->acts;

    for (size_t i = 0; i < acts->n; i++) {
        bool last = i + 1 == acts->n;
        int a = action_named(r, &acts->items[i]);
        struct fz_step cmd;

        if (a == FZ_NONE)
            return;
        cmd = command(r, FZ_DO, a);
        if (last) {
            if (!find_outcome(r, &cmd))
                return;
            cmd.values = parse_values(r, r->step->with, &cmd.values_n);
        }
        take(r, &cmd, acts->items[i].span, last);
        if (last)
            serve_document(r, a);
    }
}

static void run_law(struct runner *r)
{
    fz_view v = view(r);
    int a = action_named(r, &r->step->law);
    struct fz_step due;

    if (a == FZ_NONE)
        return;
    due = fz_case_due_by_law(&v);
    if (r->record->actions[a].caused_by_n && (due.action != a || due.on != r->day)) { /* a linked record's effect */
        due = command(r, FZ_DO, a);
        due.by_law = true;
        due.cause = FZ_STR("linked");
        due.values = parse_values(r, r->step->with, &due.values_n);
    } else if (due.action != a || due.on != r->day) {
        problem(r, FZ_D_scenario_law, r->step->law.span, r->step->law.text, due.action == FZ_NONE ? none : r->record->actions[due.action].name,
                due.action == FZ_NONE ? none : day_text(r, due.on));
        return;
    }
    take(r, &due, r->step->law.span, true);
    serve_document(r, a);
}

/* As the record would enter it itself: the linked one is not there. */
static void run_told(struct runner *r)
{
    int a = action_named(r, &r->step->told.items[0]), link = a == FZ_NONE ? FZ_NONE : r->record->actions[a].of_link;
    fz_view v = view(r);
    fz_value id;
    struct fz_step cmd;

    if (a == FZ_NONE)
        return;
    if (link == FZ_NONE) {
        problem(r, FZ_D_pack_not_heard, r->step->told.items[0].span, r->step->told.items[0].text, none, none);
        return;
    }
    cmd = command(r, FZ_DO, a);
    cmd.by_law = true;
    id = fz_case_value(&v, r->record->links[link].field);
    cmd.cause = r->step->of.n ? r->step->of : id.set && !r->record->links[link].many ? id.text : FZ_STR("linked");
    cmd.member = r->record->links[link].many ? r->step->of : none;
    cmd.values = parse_values(r, r->step->with, &cmd.values_n);
    take(r, &cmd, r->step->told.items[0].span, true);
}

static void run_service(struct runner *r)
{
    int d = fz_document_find(r->record, r->step->serve.text);
    struct fz_step cmd;

    if (d == FZ_NONE) {
        problem(r, FZ_D_pack_unknown_name, r->step->serve.span, r->step->serve.text, fz_str_of(r->lang == FZ_ZH ? "文书" : "document"), none);
        return;
    }
    cmd = command(r, FZ_SERVE, d);
    take(r, &cmd, r->step->serve.span, true);
}

static void run_waiver(struct runner *r)
{
    int a = action_named(r, &r->step->waive);
    struct fz_step cmd;

    if (a == FZ_NONE)
        return;
    cmd = command(r, FZ_WAIVE, a);
    take(r, &cmd, r->step->waive.span, true);
}

/* The law does not wait to be told: what it has done before this step must have a step of its own. */
static void check_law_said(struct runner *r)
{
    fz_view v = view(r);
    struct fz_step due;

    v.day = r->day - 1;
    due = fz_case_due_by_law(&v);
    if (due.action != FZ_NONE)
        problem(r, FZ_D_scenario_law_unsaid, place_of(r, "on"), r->record->actions[due.action].name, day_text(r, due.on), none);
}

static bool read_day(struct runner *r, const struct step *s)
{
    fz_instant t;
    bool minute;

    r->step = s;
    if (!fz_instant_parse(s->on, &t, &minute)) {
        problem(r, FZ_D_scenario_day, place_of(r, "on"), s->on, none, none);
        return false;
    }
    if (fz_instant_day(t) < r->day) {
        problem(r, FZ_D_scenario_backwards, place_of(r, "on"), s->on, none, none);
        return false;
    }
    r->day = fz_instant_day(t);
    r->at = minute ? t : FZ_INSTANT_NONE;
    return true;
}

static void run_step(struct runner *r, const struct step *s)
{
    int kinds = (s->acts.n > 0) + (s->law.text.n > 0) + (s->waive.text.n > 0) + (s->serve.text.n > 0) + (s->told.n > 0);

    if (!read_day(r, s))
        return;
    if (kinds != 1) {
        problem(r, FZ_D_scenario_kind, s->node->span, none, none, none);
        return;
    }
    check_law_said(r);
    if (s->acts.n)
        run_acts(r);
    else if (s->law.text.n)
        run_law(r);
    else if (s->waive.text.n)
        run_waiver(r);
    else if (s->told.n)
        run_told(r);
    else
        run_service(r);
    check_after(r);
}

static int record_of(struct runner *r, const struct fz_pack *p, const struct scenario *s)
{
    int i = s->record.text.n ? fz_record_find(p, s->record.text) : p->records_n == 1 ? 0 : FZ_NONE;

    if (i == FZ_NONE)
        problem(r, FZ_D_pack_unknown_name, s->record.text.n ? s->record.span : s->node->span, s->record.text,
                fz_str_of(r->lang == FZ_ZH ? "记录类型" : "record type"), none);
    return i;
}

static void run_scenario(struct runner *r, const struct scenario *s, const struct fz_pack *const *versions, size_t n)
{
    const struct step *steps = s->steps.items;
    const struct fz_pack *pack;
    struct fz_given *given;
    size_t given_n, errors = r->diags->errors;
    fz_day first;

    if (s->steps.n == 0 || steps[0].on.n < 10 || !fz_day_parse((fz_str){steps[0].on.p, 10}, &first))
        first = FZ_DAY_MAX;
    pack = versions[fz_pack_version_on(versions, n, first)];
    r->record_no = record_of(r, pack, s);
    if (r->record_no == FZ_NONE)
        return;
    r->record = &pack->records[r->record_no];
    r->c = fz_case_new(r->arena, pack, r->record);
    r->day = FZ_DAY_MIN;
    given = parse_values(r, s->given, &given_n);
    for (size_t i = 0; i < given_n; i++)
        fz_case_set(r->c, given[i].field, given[i].value);
    for (size_t i = 0; i < s->steps.n && r->diags->errors == errors; i++) {
        run_step(r, &steps[i]);
        if (r->count)
            r->count->steps++;
    }
}

void fz_scenarios_run(const struct fz_node *node, const struct fz_pack *const *versions, size_t versions_n, const struct fz_calendar *cal,
                      fz_language lang, struct fz_arena *arena, struct fz_diags *diags, struct fz_scenarios *out)
{
    struct runner r = {.arena = arena, .diags = diags, .cal = cal, .lang = lang, .count = out};
    struct file file;
    const struct scenario *scenarios;

    fz_assert(versions_n > 0);
    if (!fz_read(&fz_scenarios_construct, node, &file, arena, diags))
        return;
    scenarios = file.scenarios.items;
    for (size_t i = 0; i < file.scenarios.n; i++) {
        run_scenario(&r, &scenarios[i], versions, versions_n);
        if (out)
            out->scenarios++;
    }
}
