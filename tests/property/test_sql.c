/*
 * The two evaluators of terms held against each other: random records with random values and acts, random terms that type-check, each evaluated in C over
 * every record as it stands and in SQL over the tables. A made-up pack with a field of every kind, and the shipped ones; over SQLite, and over PostgreSQL
 * where FZ_POSTGRES names a server.
 *
 * FZ_SEED repeats a run; the seed is printed. A failure prints the term, the SQL and the record.
 */
#include "../support/records.h"

#include "law/profile.h"
#include "report/sql.h"

enum { TERMS = 6000, TERMS_IN_POSTGRES = 2000, DEPTH = 4 };

static const char made_up[] =
    "pack: made_up\nversion: 2020-01-01\ntitle: 试用\npart: permits\ncalendar: cn\n"
    "laws:\n  试用法: {title: 试用法, edition: 2019-01-01, in_force: 2020-01-01, working_days: as_written}\n"
    "config:\n  most: {type: int, title: 上限, default: 7, confidence: chosen, source: 自定}\n"
    "tables:\n"
    "  bands: {title: 分档, in: [channel, pages], out: {amount: int, big: flag, sum: money}, ends: upper, article: 试用法 1, rows: [[desk, ..10, 1, no, 2.00 yuan],\n"
    "    [desk, 10.., 2, yes, 5.00 yuan], [[post, web], .., 3, no, 1.50 yuan]]}\n"
    "  steps: {title: 分段, in: {x: int}, out: {price: money}, slices: true, article: 试用法 1, rows: [[..10, 1.00 yuan], [10..20, 2.50 yuan], [20.., 0.50 yuan]]}\n"
    "  parts: {title: 比例, in: {x: money}, out: {fee: share}, slices: true, round: half_up, article: 试用法 1, rows: [[..1.00 yuan, 1/3], [1.00 yuan..9.00 yuan, 1/7],\n"
    "    [9.00 yuan.., 1/40]]}\n"
    "records:\n  application:\n    title: 申请\n    shape: case\n    fields:\n"
    "      urgent: {type: flag, title: 加急}\n      joint: {type: flag, title: 联合}\n"
    "      pages: {type: int, title: 页数}\n      copies: {type: int, title: 份数}\n"
    "      fine: {type: money, title: 罚款}\n      fee: {type: money, title: 费用}\n      score: {type: points, title: 评分}\n"
    "      known_on: {type: day, title: 知道之日}\n      told_on: {type: day, title: 告知之日}\n      seen_at: {type: instant, title: 见到之时}\n"
    "      in_month: {type: month, title: 月份}\n      since: {type: year, title: 年份}\n"
    "      channel: {type: choice, title: 渠道, of: [desk, post, web]}\n      way: {type: choice, title: 方式, of: [desk, post, web]}\n"
    "      note: {type: text, title: 备注}\n      remark: {type: text, title: 说明}\n      ratio: {type: share, title: 比例}\n      span_of: {type: span, title: 时段}\n"
    "      term: {type: length, title: 期间}\n      organs: {type: organ, title: 机关, many: true}\n"
    "      secret: {type: int, title: 秘密, personal: true, purpose: 办案, keep: 10 years}\n"
    "      total: {type: int, title: 合计, is: pages * copies + config.most}\n      slow: {type: flag, title: 迟延, is: urgent and times(look) > 1}\n"
    "    stages: [received, looked, decided, closed]\n    final: [closed]\n    pauses: {rest: {title: 中止, in: [received, looked], allows: [resume]}}\n"
    "    actions:\n"
    "      receive: {title: 收到, starts: received, by: officer, article: 试用法 1}\n"
    "      look: {title: 查看, from: [received, looked], to: looked, by: officer, repeats: true, article: 试用法 2}\n"
    "      ask: {title: 询问, from: [received, looked], by: officer, repeats: true, article: 试用法 2}\n"
    "      stop: {title: 中止, from: [received, looked], by: officer, pauses: rest, repeats: true, article: 试用法 2}\n"
    "      resume: {title: 恢复, from: [received, looked], by: officer, resumes: rest, repeats: true, article: 试用法 2}\n"
    "      decide: {title: 决定, from: [received, looked], to: decided, by: officer, article: 试用法 3,\n"
    "               outcomes: {granted: 试用法 3, denied: {article: 试用法 3, clears: ask}}}\n"
    "      answer: {title: 答复, from: [received, looked], by: officer, answers: ask, repeats: true, article: 试用法 2}\n"
    "      tell: {title: 通知, from: [received, looked], by: officer, each: organs, repeats: true, article: 试用法 2}\n"
    "      close: {title: 结案, from: decided, to: closed, by: officer, article: 试用法 4}\n"
    "    clocks:\n"
    "      decision: {title: 决定期限, kind: at_most, starts: receive, stops: decide, limit: 10 working_days, suspends: {while: rest}, article: 试用法 3}\n"
    "      calm: {title: 冷静期, kind: at_least, starts: look, blocks: decide, limit: 5 days, when: urgent otherwise no, article: 试用法 2}\n"
    "      chance: {title: 申诉期, kind: window, starts: decide, used_by: close, again: restart, limit: 15 days, article: 试用法 4}\n"
    "      reply: {title: 答复期限, kind: at_most, starts: ask, stops: answer, again: another, limit: 3 days, article: 试用法 2}\n"
    "      after_calm: {title: 后续, kind: at_most, starts: calm.over, stops: tell, limit: 3 days, article: 试用法 2}\n"
    "      after_delay: {title: 再后, kind: at_most, starts: look, stops: tell, when: clock(decision) is overdue, limit: 3 days, article: 试用法 2}\n"
    "      far: {title: 久远, kind: at_most, starts: ask, stops: close, limit: [{when: joint, be: 9000 working_days}, {else: 30 days}], article: 试用法 2}\n";

/* ---- terms, as text ---- */

struct maker {
    struct world *w;
    struct fz_buf out;
};

static void make(struct maker *m, fz_type type, int depth);

#define SAY(m, ...) fz_buf_printf(&(m)->out, __VA_ARGS__)

/* A field of that type that is one value, or -1. */
static int field_of(struct maker *m, fz_type type)
{
    size_t n = m->w->r->fields_n, at = pick(m->w, (uint32_t)n);

    for (size_t i = 0; i < n; i++) {
        const struct fz_field *f = &m->w->r->fields[(at + i) % n];

        if (f->type == type && !f->many)
            return (int)((at + i) % n);
    }
    return -1;
}

static bool say_field(struct maker *m, fz_type type)
{
    int f = field_of(m, type);

    if (f >= 0)
        SAY(m, "%.*s", FZ_STR_ARG(m->w->r->fields[f].name));
    return f >= 0;
}

static fz_str action(struct maker *m)
{
    return m->w->r->actions[pick(m->w, (uint32_t)m->w->r->actions_n)].name;
}

static bool say_clock(struct maker *m, const char *before, const char *after)
{
    if (m->w->r->clocks_n)
        SAY(m, "%sclock(%.*s)%s", before, FZ_STR_ARG(m->w->r->clocks[pick(m->w, (uint32_t)m->w->r->clocks_n)].name), after);
    return m->w->r->clocks_n > 0;
}

static void pair(struct maker *m, fz_type type, const char *between, int depth)
{
    SAY(m, "(");
    make(m, type, depth);
    SAY(m, " %s ", between);
    make(m, type, depth);
    SAY(m, ")");
}

static void compare_some(struct maker *m, int depth)
{
    static const fz_type types[] = {FZ_TYPE_INT, FZ_TYPE_MONEY, FZ_TYPE_POINTS, FZ_TYPE_DAY, FZ_TYPE_INT, FZ_TYPE_DAY, FZ_TYPE_INSTANT, FZ_TYPE_MONTH, FZ_TYPE_YEAR};
    static const char *const signs[] = {"=", "!=", "<", "<=", ">", ">="};

    pair(m, types[pick(m->w, FZ_COUNT(types))], signs[pick(m->w, 6)], depth);
}

static void compare_choice(struct maker *m)
{
    int f = field_of(m, FZ_TYPE_CHOICE);
    const struct fz_choices *c;

    if (f < 0) {
        SAY(m, "yes");
        return;
    }
    c = &m->w->r->fields[f].choices;
    if (pick(m->w, 2))
        SAY(m, "%.*s %s %.*s", FZ_STR_ARG(m->w->r->fields[f].name), pick(m->w, 2) ? "=" : "!=", FZ_STR_ARG(c->names[pick(m->w, (uint32_t)c->n)]));
    else
        SAY(m, "%.*s %sin [%.*s, %.*s]", FZ_STR_ARG(m->w->r->fields[f].name), pick(m->w, 2) ? "not " : "", FZ_STR_ARG(c->names[pick(m->w, (uint32_t)c->n)]),
            FZ_STR_ARG(c->names[pick(m->w, (uint32_t)c->n)]));
}

static void compare_outcome(struct maker *m)
{
    if (m->w->r->outcomes_n)
        SAY(m, "outcome %s %.*s", pick(m->w, 2) ? "=" : "!=", FZ_STR_ARG(m->w->r->outcomes[pick(m->w, (uint32_t)m->w->r->outcomes_n)]));
    else
        SAY(m, "no");
}

static void list_some(struct maker *m, int depth)
{
    fz_type type = pick(m->w, 2) ? FZ_TYPE_INT : FZ_TYPE_FLAG;

    SAY(m, "(");
    make(m, type, depth);
    SAY(m, " %sin [", pick(m->w, 2) ? "not " : "");
    for (uint32_t i = 0, n = 1 + pick(m->w, 3); i < n; i++) {
        SAY(m, "%s", i ? ", " : "");
        make(m, type, depth);
    }
    SAY(m, "])");
}

static void ask_if_set(struct maker *m)
{
    SAY(m, "%.*s is %sset", FZ_STR_ARG(m->w->r->fields[pick(m->w, (uint32_t)m->w->r->fields_n)].name), pick(m->w, 2) ? "not " : "");
}

static void make_flag(struct maker *m, int depth)
{
    static const char *const states[] = {"waiting", "running", "paused", "open", "met", "missed", "overdue", "over"};

    switch (pick(m->w, depth ? 18 : 8)) {
    case 0:
        SAY(m, pick(m->w, 2) ? "yes" : "no");
        return;
    case 1:
        compare_choice(m);
        return;
    case 2:
        compare_outcome(m);
        return;
    case 3:
        SAY(m, "stage at [%.*s, %.*s]", FZ_STR_ARG(m->w->r->stages[pick(m->w, (uint32_t)m->w->r->stages_n)].name),
            FZ_STR_ARG(m->w->r->stages[pick(m->w, (uint32_t)m->w->r->stages_n)].name));
        return;
    case 4:
        SAY(m, "done(%.*s)", FZ_STR_ARG(action(m)));
        return;
    case 5:
    case 6:
        if (!say_clock(m, "", " is "))
            SAY(m, "yes");
        else
            SAY(m, "%s%s", pick(m->w, 3) ? "" : "not ", states[pick(m->w, FZ_COUNT(states))]);
        return;
    case 7:
        if (!say_field(m, FZ_TYPE_FLAG))
            SAY(m, "no");
        return;
    case 8:
    case 9:
        pair(m, FZ_TYPE_FLAG, pick(m->w, 2) ? "and" : "or", depth - 1);
        return;
    case 10:
        SAY(m, "(not ");
        make(m, FZ_TYPE_FLAG, depth - 1);
        SAY(m, ")");
        return;
    case 11:
        ask_if_set(m);
        return;
    case 12:
        list_some(m, depth - 1);
        return;
    case 13:
        pair(m, FZ_TYPE_FLAG, pick(m->w, 2) ? "=" : "!=", depth - 1);
        return;
    case 14:
        if (field_of(m, FZ_TYPE_TEXT) < 0) {
            SAY(m, "no");
            return;
        }
        SAY(m, "(");
        say_field(m, FZ_TYPE_TEXT);
        SAY(m, " = '%s')", pick(m->w, 2) ? "a" : "--");
        return;
    default:
        compare_some(m, depth - 1);
    }
}

static void literal(struct maker *m, fz_type type)
{
    char day[FZ_DAY_TEXT];

    switch (type) {
    case FZ_TYPE_INT:
        SAY(m, pick(m->w, 4) ? "%lld" : "9223372036854775807", (long long)pick(m->w, 40));
        return;
    case FZ_TYPE_MONEY:
        SAY(m, "%u.%02u yuan", pick(m->w, 30), pick(m->w, 100));
        return;
    case FZ_TYPE_DAY:
        SAY(m, "%s", fz_day_text(FIRST_DAY + (fz_day)pick(m->w, 80), day));
        return;
    default:
        if (!say_field(m, type))
            SAY(m, "nothing"); /* does not type-check, and is left out */
    }
}

static void sum_up(struct maker *m, fz_type type, int depth)
{
    static const char *const how[] = {"down", "up", "half_up"};

    switch (pick(m->w, 5)) {
    case 0:
        SAY(m, "(");
        make(m, type, depth);
        SAY(m, " * ");
        make(m, FZ_TYPE_INT, depth);
        SAY(m, ")");
        return;
    case 1:
        SAY(m, "(-");
        make(m, type, 0);
        SAY(m, ")");
        return;
    case 2:
        SAY(m, "div(");
        make(m, type, depth);
        SAY(m, ", ");
        make(m, FZ_TYPE_INT, depth);
        SAY(m, ", %s)", how[pick(m->w, 3)]);
        return;
    default:
        pair(m, type, pick(m->w, 2) ? "+" : "-", depth);
    }
}

/* Of the made-up pack only: the others have none. */
static bool ask_table(struct maker *m, fz_type type, int depth)
{
    static const char *const prices[] = {"steps(", "parts("};
    uint32_t which = pick(m->w, 2);

    if (!m->w->pack->tables_n || (type != FZ_TYPE_INT && type != FZ_TYPE_MONEY && type != FZ_TYPE_FLAG))
        return false;
    if (type == FZ_TYPE_MONEY && pick(m->w, 2)) {
        SAY(m, "%s", prices[which]);
        make(m, which ? FZ_TYPE_MONEY : FZ_TYPE_INT, depth);
        SAY(m, which ? ").fee" : ").price");
        return true;
    }
    SAY(m, "bands(%s, ", pick(m->w, 3) ? "channel" : "web");
    make(m, FZ_TYPE_INT, depth);
    SAY(m, type == FZ_TYPE_INT ? ").amount" : type == FZ_TYPE_FLAG ? ").big" : ").sum");
    return true;
}

static void best(struct maker *m, fz_type type, int depth)
{
    static const char *const names[] = {"min", "max", "later", "earlier"};

    SAY(m, "%s(", names[pick(m->w, type == FZ_TYPE_DAY ? 4 : 2)]);
    for (uint32_t i = 0, n = 2 + pick(m->w, 2); i < n; i++) {
        SAY(m, "%s", i ? ", " : "");
        make(m, type, depth);
    }
    SAY(m, ")");
}

static void leaf(struct maker *m, fz_type type)
{
    uint32_t which = pick(m->w, 8);

    if (type == FZ_TYPE_INT && which == 0)
        SAY(m, "times(%.*s)", FZ_STR_ARG(action(m)));
    else if (type == FZ_TYPE_INT && which == 1 && say_clock(m, "days_over(", ")"))
        return;
    else if (type == FZ_TYPE_DAY && which < 2)
        SAY(m, "%s(%.*s)", which ? "day" : "first_day", FZ_STR_ARG(action(m)));
    else if (type == FZ_TYPE_DAY && which == 2 && say_clock(m, "", ".due"))
        return;
    else if (which < 4 || !say_field(m, type))
        literal(m, type);
}

static void make(struct maker *m, fz_type type, int depth)
{
    bool counts = type == FZ_TYPE_INT || type == FZ_TYPE_MONEY || type == FZ_TYPE_POINTS;

    if (depth && pick(m->w, 10) == 0 && ask_table(m, type, depth - 1))
        return;
    if (type == FZ_TYPE_FLAG && pick(m->w, 8)) {
        make_flag(m, depth);
        return;
    }
    switch (depth ? pick(m->w, 6) : 5) {
    case 0:
        SAY(m, "(if ");
        make(m, FZ_TYPE_FLAG, depth - 1);
        SAY(m, " then ");
        make(m, type, depth - 1);
        SAY(m, " else ");
        make(m, type, depth - 1);
        SAY(m, ")");
        return;
    case 1:
        pair(m, type, "otherwise", depth - 1);
        return;
    case 2:
        if (type != FZ_TYPE_FLAG) {
            best(m, type, depth - 1);
            return;
        }
        break;
    case 3:
    case 4:
        if (counts) {
            sum_up(m, type, depth - 1);
            return;
        }
        break;
    default:
        break;
    }
    if (type == FZ_TYPE_FLAG)
        make_flag(m, 0);
    else
        leaf(m, type);
}

/* ---- both ---- */

static fz_cell answers[RECORDS];
static bool answered[RECORDS];
static size_t said, not_said, compared, unset;

static fz_status take_answer(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct world *w = arg;
    size_t n = 0;

    (void)err;
    while (n < RECORDS && !fz_str_eq(w->ids[n], cells[0].s))
        n++;
    assert_true(n < RECORDS && !answered[n]);
    answered[n] = true;
    answers[n] = cells[1];
    if (cells[1].kind == FZ_CELL_BYTES)
        answers[n].s = fz_str_copy(&w->scratch, cells[1].s);
    return FZ_OK;
}

static fz_cell in_c(struct world *w, const struct fz_term *t, size_t n, fz_day day)
{
    fz_view v = {w->records[n].c, NULL, w->records[n].cal, day};
    fz_value x = fz_term_eval(&v, t);

    if (!x.set)
        return FZ_CELL_UNSET;
    if (t->type == FZ_TYPE_CHOICE)
        return FZ_CELL_OF(t->choices ? t->choices->names[x.n] : w->r->outcomes[x.n]);
    return fz_type_is_text(t->type) ? FZ_CELL_OF(x.text) : FZ_CELL_OF_INT(x.n);
}

static void print_cell(const fz_cell *c, struct fz_buf *out)
{
    if (c->kind == FZ_CELL_NULL)
        fz_buf_addz(out, "unset");
    else if (c->kind == FZ_CELL_INT)
        fz_buf_printf(out, "%lld", (long long)c->n);
    else
        fz_buf_printf(out, "'%.*s'", FZ_STR_ARG(c->s));
}

static void hold_together(struct world *w, const struct fz_term *t, fz_day day, const char *text, const char *sql)
{
    for (size_t n = 0; n < RECORDS; n++) {
        fz_cell want = in_c(w, t, n, day), got = answers[n];
        struct fz_buf b = {0};

        assert_true(answered[n]);
        compared++;
        unset += want.kind == FZ_CELL_NULL;
        if (want.kind == got.kind && want.n == got.n && fz_str_eq(want.s, got.s))
            continue;
        fz_buf_addz(&b, "C says ");
        print_cell(&want, &b);
        fz_buf_addz(&b, ", SQL ");
        print_cell(&got, &b);
        fail_msg("%s\nof %.*s on day %d: %s\n%s", b.p, FZ_STR_ARG(w->ids[n]), day, text, sql);
    }
}

static void try_term(struct world *w)
{
    static const fz_type types[] = {FZ_TYPE_FLAG, FZ_TYPE_FLAG, FZ_TYPE_INT, FZ_TYPE_MONEY, FZ_TYPE_DAY, FZ_TYPE_POINTS};
    struct maker m = {.w = w};
    struct fz_sql q = {w->pack, w->r, FIRST_DAY + (fz_day)pick(w, 120)};
    fz_cell jurisdiction = FZ_CELL_OF(PLACE);
    struct fz_buf sql = {0};
    const struct fz_expr *e;
    const struct fz_term *t;
    struct fz_sql_no no;
    struct fz_diags diags;
    struct fz_error err;

    make(&m, types[pick(w, FZ_COUNT(types))], DEPTH);
    fz_diags_init(&diags, &w->scratch);
    e = fz_expr_parse(&w->scratch, fz_buf_str(&m.out), (fz_span){NULL, 1, 1, 1}, &diags);
    t = e ? fz_term_make(&w->scratch, w->pack, w->r, e, (struct fz_want){0}, &diags) : NULL;
    memset(answered, 0, sizeof(answered));
    if (t && fz_sql_values(&q, t, &sql, &no)) {
        said++;
        if (fz_store_query(w->store, fz_buf_str(&sql), &jurisdiction, 1, take_answer, w, &err) != FZ_OK)
            fail_msg("%s\n%s\n%s", err.text, m.out.p, sql.p);
        hold_together(w, t, q.day, m.out.p, sql.p);
    } else if (t) {
        not_said++;
        assert_true(no.en && no.zh && no.at && sql.n == 0);
    }
    fz_buf_release(&sql);
    fz_buf_release(&m.out);
}

/* ---- packs ---- */

static void hold_pack(struct world *w, const struct fz_pack *pack, world_store where, size_t terms)
{
    said = not_said = compared = unset = 0;
    open_world(w, pack, where);
    make_records(w);
    for (size_t i = 0; i < terms; i++) {
        fz_arena_reset(&w->scratch);
        try_term(w);
    }
    print_message("# %.*s: %zu terms said in SQL, %zu not; %zu values alike, %zu of them unset\n", FZ_STR_ARG(pack->name), said, not_said, compared,
                  unset);
    assert_true(said > terms / 4);
    close_world(w);
}

/* Records begin on twenty days; a place changes the open value on two of them. */
static const struct fz_pack *with_profiles(struct world *w, struct fz_pack *pack)
{
    const struct fz_profile *read[2];

    for (int i = 0; i < 2; i++) {
        struct fz_source *s = FZ_NEW(&w->arena, struct fz_source);
        char day[FZ_DAY_TEXT];
        struct fz_diags diags;

        fz_diags_init(&diags, &w->arena);
        *s = (struct fz_source){"profile.yaml", fz_str_printf(&w->arena, "place: 410600\nfrom: %s\npacks: {made_up: {most: {value: %d, confidence: local, source: 自定}}}\n",
                                                              fz_day_text(FIRST_DAY + (i ? 5 : 12), day), i ? 11 : 23)};
        read[i] = fz_profile_load(fz_node_read(&w->arena, s, &diags), (const struct fz_pack *[]){pack}, 1, &w->arena, &diags);
        assert_non_null(read[i]);
    }
    fz_profiles_lay(read, 2, pack, &w->arena);
    assert_int_equal(pack->config[0].local_n, 2);
    return pack;
}

static void hold_packs(world_store where, size_t terms)
{
    static const char *const shipped[] = {"reconsideration.yaml", "licence.yaml", "penalty.yaml", "hotline.yaml"};
    struct world *w = new_world();

    hold_pack(w, with_profiles(w, load_pack_text(&w->arena, "made_up.yaml", FZ_STR(made_up))), where, terms);
    for (size_t i = 0; i < FZ_COUNT(shipped); i++)
        hold_pack(w, load_shipped_pack(&w->arena, shipped[i]), where, terms / 6);
    free_world(w);
}

static void sql__says_what_c_says(void **state)
{
    (void)state;
    hold_packs(IN_SQLITE, TERMS);
}

static void sql__says_what_c_says_in_postgres(void **state)
{
    (void)state;
    if (!world_server()) {
        print_message("# FZ_POSTGRES names no server\n");
        skip();
    }
    hold_packs(IN_POSTGRES, TERMS_IN_POSTGRES);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(sql__says_what_c_says), cmocka_unit_test(sql__says_what_c_says_in_postgres)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
