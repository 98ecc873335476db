/* The step function and the clocks of a case, on a small pack that has each kind of clock once. */
#include "../support/support.h"

#include "../support/china.h"
#include "../support/packs.h"
#include "law/case.h"
#include "law/recur.h"

static const char pack_text[] =
    "pack: sample\n"
    "version: 2024-01-01\n"
    "title: 样例\n"
    "part: disputes\n"
    "calendar: cn\n"
    "laws:\n"
    "  法: {title: 样例法, edition: 2023, in_force: 2024-01-01, working_days: as_written}\n"
    "config:\n"
    "  handling: {type: length, default: 10 working_days, confidence: chosen, source: 测试}\n"
    "records:\n"
    "  file:\n"
    "    title: 案件\n"
    "    shape: case\n"
    "    fields:\n"
    "      parties: {type: party, title: 当事人, many: true}\n"
    "      owner: {type: party, title: 业主, required: true}\n"
    "      track: {type: choice, title: 程序, of: [ordinary, simple], default: ordinary}\n"
    "      meeting_on: {type: day, title: 会议日}\n"
    "      known_on: {type: day, title: 知道之日}\n"
    "      target: {type: instant, title: 承诺时刻}\n"
    "      away: {type: span, title: 障碍, many: true}\n"
    "      fee: {type: money, title: 费用, default: 0.00 yuan}\n"
    "      doubled: {type: money, title: 两倍, is: fee * 2}\n"
    "    stages: [open, answered, closed, dropped]\n"
    "    final: [closed, dropped]\n"
    "    pauses: {rest: {title: 中止, in: open, allows: [resume, note]}}\n"
    "    actions:\n"
    "      receive: {title: 收到, starts: open, by: [clerk], article: 法 1}\n"
    "      note: {title: 记录, from: [open, answered], by: clerk, repeats: true, document: circular, article: 法 2}\n"
    "      ask: {title: 询问, from: open, by: clerk, repeats: true, article: 法 3}\n"
    "      told: {title: 回答, from: open, by: clerk, repeats: true, answers: ask, article: 法 3}\n"
    "      hear: {title: 听取, from: open, by: clerk, milestone: true, each: parties, article: 法 4,\n"
    "             waive: {by: clerk, reason: required, article: 法 4}}\n"
    "      suspend: {title: 中止, from: open, by: head, pauses: rest, article: 法 5}\n"
    "      resume: {title: 恢复, from: open, by: head, resumes: rest, article: 法 5}\n"
    "      extend: {title: 延长, from: open, by: head, times: 1, article: 法 6}\n"
    "      simplify: {title: 简易, from: open, by: clerk, sets: {track: simple}, article: 法 7}\n"
    "      call: {title: 召集, from: open, by: clerk, repeats: true, sets: meeting_on, article: 法 8}\n"
    "      draft: {title: 拟稿, from: open, by: clerk, milestone: true, article: 法 9}\n"
    "      answer: {title: 答复, from: open, to: answered, by: head, not_by: draft, after: [draft, {need: hear, when: track = ordinary}],\n"
    "               outcomes: {yes_: 法 10, no_: 法 11}, document: letter, article: 法 10,\n"
    "               gates: [{name: cheap, that: doubled <= 10.00 yuan, else: 费用过高, article: 法 12}]}\n"
    "      reopen: {title: 重开, from: answered, to: open, by: head, clears: [draft, hear], article: 法 13}\n"
    "      protest: {title: 异议, from: answered, by: public, each: parties, article: 法 14}\n"
    "      close: {title: 结案, from: answered, to: closed, by: clerk, article: 法 15}\n"
    "      drop: {title: 视为撤回, from: open, to: dropped, by: law, article: 法 16}\n"
    "      report: {title: 报告, from: [open, answered], by: clerk, repeats: true, article: 法 17}\n"
    "      shred: {title: 销毁, from: [open, answered], by: clerk, article: 法 18}\n"
    "    documents: {letter: {title: 答复书, to: parties}, circular: {title: 通报, to: all}}\n"
    "    clocks:\n"
    "      handling: {kind: at_most, starts: receive, again: restart, stops: answer, limit: config.handling, suspends: [{while: rest}],\n"
    "                 excludes: [{from: ask, until: told, article: 法 3}], extends: [{on: extend, by: 5 working_days, article: 法 6}],\n"
    "                 article: 法 10, ladder: [{at: 2 working_days before due, do: warn}, {at: due, do: urge}, {at: 3 days after due, do: escalate}]}\n"
    "      reply: {kind: at_most, starts: receive, stops: answer, limit: {ordinary: 60 days, simple: 30 days}, suspends: [{spans: away}], article: 法 10}\n"
    "      renewed: {kind: at_most, starts: reopen, again: restart, stops: answer, limit: 5 working_days, article: 法 13}\n"
    "      silence: {kind: deemed, starts: receive, stops: [answer, note], limit: 90 days, then: drop, article: 法 16}\n"
    "      floor: {kind: at_least, starts: call, until: meeting_on, limit: 5 working_days, article: 法 8}\n"
    "      chance: {kind: window, per: parties, starts: served(letter), used_by: protest, holds: close, limit: 15 days, article: 法 14}\n"
    "      claim: {kind: window, starts: known_on, used_by: receive, limit: 1 year, roll: none, article: 法 1,\n"
    "              caps: [{at: \"due(known_on, 6 months)\", when: track = simple, article: 法 1}]}\n"
    "      promised: {kind: at_most, starts: receive, stops: note, when: target is set, limit: {until: target}, norm: service, article: 法 2,\n"
    "                 caps: [{at: meeting_on, article: 法 2}]}\n"
    "      hours: {kind: at_most, starts: ask, again: restart, stops: told, limit: 24 hours, article: 法 3}\n"
    "      asked: {kind: at_once, starts: ask, again: another, stops: told, article: 法 3}\n"
    "      yearly: {kind: fixed_day, starts: receive, stops: report, each: year, by: 01-31, article: 法 17}\n"
    "      keep: {kind: retention, starts: receive, blocks: shred, limit: 3 years, article: 法 18}\n"
    "      told_all: {kind: at_most, starts: served(circular), stops: close, limit: 5 days, article: 法 2}\n"
    "      after_chance: {kind: window, starts: chance.over, limit: 10 days, roll: none, article: 法 19}\n"
    "      late_suit: {kind: window, starts: reply.over, limit: 15 days, article: 法 19}\n"
    "rules:\n"
    "  - {never: answer, before: draft, article: 法 9}\n"
    "  - {once: extend, article: 法 6}\n";

struct fixture {
    struct fz_arena arena;
    struct fz_calendar *cn;
    struct fz_pack *pack;
    const struct fz_record *r;
    struct fz_case *c;
    struct fz_ruling ruling;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (!f)
        return -1;
    fz_arena_init(&f->arena);
    f->cn = china_calendar();
    f->pack = load_pack_text(&f->arena, "sample.yaml", fz_str_of(pack_text));
    f->r = &f->pack->records[0];
    f->c = fz_case_new(&f->arena, f->pack, f->r);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    fz_calendar_free(f->cn);
    fz_arena_release(&f->arena);
    free(f);
    return 0;
}

static int act(const struct fixture *f, const char *name)
{
    int a = fz_action_find(f->r, fz_str_of(name));

    assert_int_not_equal(a, FZ_NONE);
    return a;
}

static int clock_no(const struct fixture *f, const char *name)
{
    int k = fz_clock_find(f->r, fz_str_of(name));

    assert_int_not_equal(k, FZ_NONE);
    return k;
}

static struct fz_step step(const struct fixture *f, const char *name, const char *on)
{
    struct fz_step s = FZ_STEP(act(f, name), day(on));

    if (f->r->actions[s.action].outcomes_n)
        s.outcome = 0;
    return s;
}

static void take(struct fixture *f, const struct fz_step *s)
{
    fz_case_apply(f->c, s, f->cn);
}

static void done(struct fixture *f, const char *name, const char *on)
{
    struct fz_step s = step(f, name, on);

    take(f, &s);
}

/* The grounds of a refusal by their ids, in order, joined by blanks; without those of a party nobody named. */
static char *grounds(struct fixture *f, const struct fz_step *s, bool observing)
{
    struct fz_buf b = {0};
    char *z;

    fz_decide(f->c, s, f->cn, observing, &f->arena, &f->ruling);
    for (size_t i = 0; i < f->ruling.n; i++)
        fz_buf_printf(&b, "%s%.*s", i ? " " : "", FZ_STR_ARG(f->ruling.grounds[i].id));
    z = fz_str_z(&f->arena, fz_buf_str(&b));
    fz_buf_release(&b);
    return z;
}

static void assert_refused(struct fixture *f, const char *name, const char *on, const char *ids)
{
    struct fz_step s = step(f, name, on);

    assert_string_equal(grounds(f, &s, false), ids);
}

static fz_view view(const struct fixture *f, const char *on)
{
    return (fz_view){.c = f->c, .cal = f->cn, .day = day(on)};
}

static struct fz_clock_look look(const struct fixture *f, const char *clock, const char *on)
{
    fz_view v = view(f, on);

    return fz_clock_look(&v, clock_no(f, clock), 0);
}

static bool is(const struct fixture *f, const char *clock, fz_clock_state s, const char *on)
{
    fz_view v = view(f, on);

    return fz_clock_is(&v, clock_no(f, clock), s);
}

static void assert_due(const struct fixture *f, const char *clock, const char *on, const char *want)
{
    char text[FZ_DAY_TEXT];

    assert_string_equal(fz_day_text(look(f, clock, on).due, text), want);
}

static void give(struct fixture *f, const char *field, fz_value v)
{
    int at = fz_field_find(f->r, fz_str_of(field));

    assert_int_not_equal(at, FZ_NONE);
    fz_case_set(f->c, at, v);
}

static void give_parties(struct fixture *f, const char *a, const char *b)
{
    fz_value *items = FZ_NEW_ARRAY(&f->arena, fz_value, 2);

    items[0] = (fz_value){.set = true, .text = fz_str_of(a)};
    items[1] = (fz_value){.set = true, .text = fz_str_of(b)};
    give(f, "parties", (fz_value){.set = true, .many = 2, .items = items});
    give(f, "owner", items[0]);
}

/* ---- refusals ---- */

static void test_case__every_ground_is_given(void **state)
{
    struct fixture *f = *state;
    struct fz_given given = {fz_field_find(f->r, FZ_STR("fee")), FZ_NUMBER(100)};
    struct fz_step s;

    assert_refused(f, "answer", "2026-03-02", "answer_out_of_order answer_without_draft answer_without_hear answer_before_draft");
    assert_refused(f, "receive", "2026-03-02", "receive_without_owner");
    give_parties(f, "甲", "乙");
    assert_refused(f, "receive", "2026-03-02", "");
    done(f, "receive", "2026-03-02");
    assert_refused(f, "receive", "2026-03-02", "receive_out_of_order");
    assert_refused(f, "resume", "2026-03-03", "resume_without_pause");
    assert_refused(f, "told", "2026-03-03", "told_without_ask");
    assert_refused(f, "drop", "2026-03-03", "drop_by_person");
    s = step(f, "note", "2026-03-03");
    s.values = &given;
    s.values_n = 1;
    assert_string_equal(grounds(f, &s, false), "note_enters_no_fee");
    assert_string_equal(grounds(f, &s, true), ""); /* a log's columns are what they are */
    give(f, "fee", FZ_NUMBER(501));
    done(f, "draft", "2026-03-04");
    done(f, "simplify", "2026-03-04");
    assert_refused(f, "answer", "2026-03-04", "cheap");
}

static void test_case__a_pause_allows_only_what_it_says(void **state)
{
    struct fixture *f = *state;

    done(f, "receive", "2026-03-02");
    done(f, "suspend", "2026-03-03");
    assert_refused(f, "note", "2026-03-04", "");
    assert_refused(f, "draft", "2026-03-04", "draft_during_rest");
    assert_refused(f, "suspend", "2026-03-04", "suspend_during_rest");
    done(f, "resume", "2026-03-05");
    assert_refused(f, "draft", "2026-03-05", "");
}

static void test_case__an_act_for_each_party_is_done_when_all_are_reached(void **state)
{
    struct fixture *f = *state;
    struct fz_step one;
    fz_view v;

    give_parties(f, "甲", "乙");
    done(f, "receive", "2026-03-02");
    done(f, "draft", "2026-03-02");
    one = step(f, "hear", "2026-03-03");
    one.member = FZ_STR("甲");
    take(f, &one);
    assert_refused(f, "answer", "2026-03-04", "answer_without_hear");
    one.member = FZ_STR("乙");
    take(f, &one);
    assert_refused(f, "answer", "2026-03-04", "");
    v = view(f, "2026-03-04");
    assert_true(fz_case_done(&v, act(f, "hear")));
    done(f, "answer", "2026-03-04");
    done(f, "reopen", "2026-03-05"); /* clears it */
    v = view(f, "2026-03-05");
    assert_false(fz_case_done(&v, act(f, "hear")));
}

static void test_case__a_waiver_needs_a_reason_and_satisfies_what_comes_after(void **state)
{
    struct fixture *f = *state;
    struct fz_step s;

    done(f, "receive", "2026-03-02");
    done(f, "draft", "2026-03-02");
    s = step(f, "hear", "2026-03-03");
    s.kind = FZ_WAIVE;
    assert_string_equal(grounds(f, &s, false), "hear_waived_without_reason");
    s.reason = FZ_STR("下落不明");
    assert_string_equal(grounds(f, &s, false), "");
    take(f, &s);
    assert_refused(f, "answer", "2026-03-04", "");
    s.action = act(f, "draft");
    assert_string_equal(grounds(f, &s, false), "draft_not_waivable");
}

static void test_case__who_drafted_does_not_decide(void **state)
{
    struct fixture *f = *state;
    struct fz_step s;

    done(f, "receive", "2026-03-02");
    done(f, "simplify", "2026-03-02");
    s = step(f, "draft", "2026-03-02");
    s.person = FZ_STR("李一");
    take(f, &s);
    s = step(f, "answer", "2026-03-03");
    s.person = FZ_STR("李一");
    assert_string_equal(grounds(f, &s, false), "answer_by_same_person");
    s.person = FZ_STR("王二");
    s.role = FZ_STR("clerk");
    assert_string_equal(grounds(f, &s, false), "answer_by_wrong_role");
    s.role = FZ_STR("head");
    assert_string_equal(grounds(f, &s, false), "");
}

static void test_case__a_party_chance_holds_the_organ_through_its_last_day(void **state)
{
    struct fixture *f = *state;
    struct fz_step s;

    give_parties(f, "甲", "乙");
    done(f, "receive", "2026-03-02");
    done(f, "hear", "2026-03-02");
    done(f, "draft", "2026-03-02");
    done(f, "answer", "2026-03-02");
    s = (struct fz_step){.kind = FZ_SERVE, .action = FZ_NONE, .on = day("2026-03-03"), .at = FZ_INSTANT_NONE, .outcome = FZ_NONE, .dated = FZ_DAY_NONE, .member = FZ_STR("甲")};
    take(f, &s);
    s.on = day("2026-03-09");
    s.member = FZ_STR("乙");
    take(f, &s);
    assert_int_equal(fz_clock_instances(f->c, clock_no(f, "chance")), 2);
    assert_refused(f, "close", "2026-03-18", "chance"); /* of 甲, its last day */
    assert_refused(f, "close", "2026-03-19", "chance"); /* of 乙 */
    s = step(f, "protest", "2026-03-19");
    s.member = FZ_STR("乙");
    take(f, &s);
    assert_refused(f, "close", "2026-03-19", "");
    assert_true(is(f, "chance", FZ_CS_MISSED, "2026-03-19"));
    assert_false(is(f, "chance", FZ_CS_MET, "2026-03-19"));
}

static void test_case__late_is_not_void(void **state)
{
    struct fixture *f = *state;
    struct fz_step s;

    done(f, "receive", "2026-03-02");
    done(f, "simplify", "2026-03-02");
    done(f, "draft", "2026-03-02");
    s = step(f, "answer", "2026-06-01");
    assert_string_equal(grounds(f, &s, true), "handling reply");
    assert_int_equal(f->ruling.refusing, 0);
    assert_int_equal(f->ruling.grounds[1].over, 61);
}

static void test_case__nothing_is_destroyed_before_its_time(void **state)
{
    struct fixture *f = *state;

    done(f, "receive", "2023-03-02");
    assert_refused(f, "shred", "2026-03-02", "keep");
    assert_refused(f, "shred", "2026-03-03", "");
}

static void test_case__floor_has_a_plan_and_a_violation_line(void **state)
{
    struct fixture *f = *state;
    struct fz_given on = {fz_field_find(f->r, FZ_STR("meeting_on")), FZ_NUMBER(day("2026-05-11"))};
    struct fz_step s;

    done(f, "receive", "2026-04-01");
    s = step(f, "call", "2026-04-30"); /* four full working days between */
    s.values = &on;
    s.values_n = 1;
    assert_string_equal(grounds(f, &s, false), "floor");
    assert_string_equal(grounds(f, &s, true), ""); /* R11: only later than the violation line is a finding */
    s.on = day("2026-05-06");
    assert_string_equal(grounds(f, &s, true), "floor");
    on.value = FZ_NUMBER(day("2026-05-12"));
    s.on = day("2026-04-30");
    assert_string_equal(grounds(f, &s, false), "");
}

/* ---- clocks ---- */

static void test_case__limit_follows_the_track_from_the_same_start(void **state)
{
    struct fixture *f = *state;

    done(f, "receive", "2026-03-02");
    assert_due(f, "reply", "2026-03-02", "2026-05-06"); /* the sixtieth day is 1 May */
    done(f, "simplify", "2026-03-20");
    assert_due(f, "reply", "2026-03-20", "2026-04-01");
}

static void test_case__obstacles_and_caps(void **state)
{
    struct fixture *f = *state;
    fz_value span = {.set = true, .n = day("2026-03-05"), .m = day("2026-03-09")};

    give(f, "away", (fz_value){.set = true, .many = 1, .items = &span});
    give(f, "known_on", FZ_NUMBER(day("2025-08-31")));
    assert_due(f, "claim", "2026-01-01", "2026-08-31");
    assert_true(is(f, "claim", FZ_CS_OPEN, "2026-08-31"));
    assert_true(is(f, "claim", FZ_CS_MISSED, "2026-09-01"));
    done(f, "receive", "2026-02-27");
    assert_true(is(f, "claim", FZ_CS_MET, "2026-09-01"));
    assert_due(f, "reply", "2026-03-02", "2026-05-06"); /* 28 April and the five days of the obstacle: 3 May */
    done(f, "simplify", "2026-03-02");
    assert_true(look(f, "reply", "2026-03-02").provisional == false);
}

static void test_case__silence_acts_by_law_once_its_day_has_come(void **state)
{
    struct fixture *f = *state;
    struct fz_step law;
    fz_view v;

    done(f, "receive", "2026-03-02");
    v = view(f, "2026-05-31");
    assert_int_equal(fz_case_due_by_law(&v).action, FZ_NONE); /* the ninetieth day is a Sunday */
    v = view(f, "2026-07-01");
    law = fz_case_due_by_law(&v);
    assert_int_equal(law.action, act(f, "drop"));
    assert_int_equal(law.on, day("2026-06-01"));
    assert_string_equal(grounds(f, &law, false), "");
    law.on = day("2026-05-29");
    assert_string_equal(grounds(f, &law, false), "drop_by_law_before_time");
    law.on = day("2026-06-01");
    take(f, &law);
    assert_true(fz_case_ended(f->c));
}

static void test_case__end_of_one_clock_starts_another(void **state)
{
    struct fixture *f = *state;

    done(f, "receive", "2026-03-02");
    assert_true(is(f, "late_suit", FZ_CS_WAITING, "2026-05-06"));
    assert_due(f, "late_suit", "2026-05-07", "2026-05-21");
}

static void test_case__excluded_time_runs_open_until_it_is_answered(void **state)
{
    struct fixture *f = *state;

    done(f, "receive", "2026-03-02");
    fz_view v = view(f, "2026-03-04");

    assert_due(f, "handling", "2026-03-02", "2026-03-16");
    assert_int_equal(fz_clock_used(&v, clock_no(f, "handling"), 0), 2);
    done(f, "ask", "2026-03-04");
    assert_true(is(f, "handling", FZ_CS_PAUSED, "2026-03-05"));
    assert_int_equal(look(f, "handling", "2026-03-05").used, 2);
    done(f, "told", "2026-03-11");
    assert_due(f, "handling", "2026-03-11", "2026-03-23"); /* five working days are left out */
    done(f, "ask", "2026-03-12");
    done(f, "told", "2026-03-13");
    assert_due(f, "handling", "2026-03-13", "2026-03-24");
}

static void test_case__void_extension_changes_nothing_and_is_found(void **state)
{
    struct fixture *f = *state;
    struct fz_step s;

    done(f, "receive", "2026-03-02");
    s = step(f, "extend", "2026-03-17");
    assert_string_equal(grounds(f, &s, true), "handling_extended_late");
    take(f, &s);
    assert_due(f, "handling", "2026-03-17", "2026-03-16");
    assert_true(is(f, "handling", FZ_CS_VOID, "2026-03-17"));
    assert_refused(f, "extend", "2026-03-18", "extend_too_often handling_extended_late extend_once");
}

static void test_case__instances_of_their_own(void **state)
{
    struct fixture *f = *state;

    done(f, "receive", "2026-03-02");
    done(f, "ask", "2026-03-03");
    done(f, "ask", "2026-03-05");
    assert_int_equal(fz_clock_instances(f->c, clock_no(f, "asked")), 2);
    done(f, "told", "2026-03-06"); /* closes the oldest */
    assert_int_equal(look(f, "asked", "2026-03-06").from, day("2026-03-03"));
    assert_int_equal(look(f, "asked", "2026-03-06").stopped, day("2026-03-06"));
    assert_true(is(f, "asked", FZ_CS_OPEN, "2026-03-06"));
}

static void test_case__a_yearly_duty_comes_round(void **state)
{
    struct fixture *f = *state;

    done(f, "receive", "2026-01-31");
    assert_due(f, "yearly", "2026-02-01", "2027-01-31");
    done(f, "report", "2027-01-20");
    assert_due(f, "yearly", "2027-01-21", "2028-01-31"); /* not the same 31 January again */
    assert_true(is(f, "yearly", FZ_CS_OVERDUE, "2028-02-01"));
}

/* a limit that the calendar does not reach is neither met nor missed */
static void test_case__what_cannot_be_counted_is_neither_met_nor_missed(void **state)
{
    struct fixture *f = *state;
    struct fz_step s;

    done(f, "receive", "2005-03-02");
    done(f, "simplify", "2005-03-02");
    done(f, "draft", "2005-03-02");
    s = step(f, "answer", "2005-12-30");
    assert_string_equal(grounds(f, &s, true), "handling reply silence");
    assert_int_equal(f->ruling.grounds[0].kind, FZ_G_UNJUDGED);
    take(f, &s);
    assert_false(is(f, "handling", FZ_CS_MET, "2005-12-30"));
    assert_false(is(f, "handling", FZ_CS_MISSED, "2005-12-30"));
}

/* a document for everybody is served when everybody has it */
static void test_case__a_letter_to_all_is_served_on_all(void **state)
{
    struct fixture *f = *state;
    struct fz_step s = {.kind = FZ_SERVE, .action = FZ_NONE, .document = fz_document_find(f->r, FZ_STR("circular")), .on = day("2026-03-03"),
                        .at = FZ_INSTANT_NONE, .outcome = FZ_NONE, .dated = FZ_DAY_NONE};

    give_parties(f, "甲", "乙");
    done(f, "receive", "2026-03-02");
    done(f, "note", "2026-03-02");
    s.member = FZ_STR("甲");
    take(f, &s);
    assert_false(is(f, "told_all", FZ_CS_RUNNING, "2026-03-04"));
    s.member = FZ_STR("乙");
    take(f, &s);
    assert_true(is(f, "told_all", FZ_CS_RUNNING, "2026-03-04"));
}

/* the end of a clock that several have is the last of theirs */
static void test_case__the_end_of_several_is_the_last(void **state)
{
    struct fixture *f = *state;
    struct fz_step s = {.kind = FZ_SERVE, .action = FZ_NONE, .document = 0, .on = day("2026-03-03"), .at = FZ_INSTANT_NONE, .outcome = FZ_NONE, .dated = FZ_DAY_NONE};

    give_parties(f, "甲", "乙");
    done(f, "receive", "2026-03-02");
    done(f, "hear", "2026-03-02");
    done(f, "draft", "2026-03-02");
    done(f, "answer", "2026-03-02");
    s.member = FZ_STR("甲");
    take(f, &s);
    s.member = FZ_STR("乙");
    s.on = day("2026-03-10");
    take(f, &s);
    assert_true(is(f, "after_chance", FZ_CS_WAITING, "2026-03-19")); /* 甲's is over on the 18th, 乙's runs until the 25th */
    assert_due(f, "after_chance", "2026-03-26", "2026-04-04");
}

/* LAW: 民法典 第二百零二条 */
static void test_recur__months_end_on_their_last_day(void **state)
{
    struct fixture *f = *state;
    struct fz_recurs monthly = {.how = FZ_EACH_MONTH, .day = 31}, before = {.how = FZ_EACH_YEAR, .month = 3, .day = 1, .before = true},
                     every = {.how = FZ_EVERY, .every = {2, FZ_YEARS}};
    fz_day d;

    assert_int_equal(fz_recur_due(&monthly, f->cn, day("2026-01-31"), 0, &d, NULL), FZ_OK);
    assert_int_equal(d, day("2026-02-28"));
    assert_int_equal(fz_recur_due(&monthly, f->cn, day("2026-01-31"), 1, &d, NULL), FZ_OK);
    assert_int_equal(d, day("2026-03-31"));
    assert_int_equal(fz_recur_due(&before, f->cn, day("2027-03-01"), 0, &d, NULL), FZ_OK);
    assert_int_equal(d, day("2028-02-29"));
    assert_int_equal(fz_recur_due(&every, f->cn, day("2024-02-29"), 1, &d, NULL), FZ_OK);
    assert_int_equal(d, day("2028-02-28")); /* from the nominal end of the first, 2026-02-28 */
}

/* ---- field bugs, after those of test_limit.c ---- */

/* LAW: 民法典 第二百零三条 — a target outside office hours: a limit in hours runs through nights and days of rest and says so, a limit in days
 * ends with its day, whatever the hour of its start */
static void test_field_bug_10__target_outside_office_hours(void **state)
{
    struct fixture *f = *state;
    struct fz_step s;

    done(f, "receive", "2026-02-16");
    s = step(f, "ask", "2026-02-16"); /* the eve of the Spring Festival */
    s.at = fz_day_instant(s.on) + 22 * 60 + 30;
    take(f, &s);
    assert_int_equal(look(f, "hours", "2026-02-17").due_at, fz_day_instant(day("2026-02-17")) + 22 * 60 + 30);
    s = step(f, "told", "2026-02-17");
    s.at = fz_day_instant(s.on) + 22 * 60 + 31;
    assert_string_equal(grounds(f, &s, true), "hours");
    s.at--;
    assert_string_equal(grounds(f, &s, true), "");
    assert_due(f, "reply", "2026-02-16", "2026-04-17");
}

/* what stands between an answer and its reopening is time of a decided case, not a pause: it lengthens nothing */
static void test_field_bug_11__solved_then_reopened_is_no_pause(void **state)
{
    struct fixture *f = *state;

    done(f, "receive", "2026-03-02");
    done(f, "simplify", "2026-03-02");
    done(f, "draft", "2026-03-03");
    done(f, "answer", "2026-03-04");
    done(f, "reopen", "2026-03-20");
    assert_due(f, "reply", "2026-03-20", "2026-04-01"); /* as it was when it was met */
    assert_true(is(f, "reply", FZ_CS_MET, "2026-06-01"));
    assert_due(f, "renewed", "2026-03-20", "2026-03-27"); /* a clock of its own, from the reopening */
}

/* several write paths, several instants: the day that counts is the one the step names, with a minute or without */
static void test_field_bug_14__one_instant_for_every_path(void **state)
{
    struct fixture *f = *state;
    struct fz_step s = step(f, "receive", "2026-03-02");
    fz_instant zoned, plain;
    bool minute;
    fz_day by_day, by_minute;

    take(f, &s);
    by_day = look(f, "handling", "2026-03-02").due;
    fz_case_reset(f->c, f->pack, f->r);
    s.at = fz_day_instant(s.on) + 23 * 60 + 59;
    take(f, &s);
    by_minute = look(f, "handling", "2026-03-02").due;
    assert_int_equal(by_day, by_minute);
    assert_true(fz_instant_parse(FZ_STR("2026-03-02T23:59:00+08:00"), &zoned, &minute));
    assert_true(fz_instant_parse(FZ_STR("2026-03-02 23:59"), &plain, &minute));
    assert_int_equal(zoned, plain);
    assert_int_equal(fz_instant_day(zoned), day("2026-03-02"));
}

/* the default time zone is someone else's: neither TZ nor locale is read anywhere */
static void test_field_bug_15__no_zone_of_the_machine(void **state)
{
    struct fixture *f = *state;
    const char *zones[] = {"Pacific/Kiritimati", "America/Los_Angeles", "Asia/Shanghai"};
    fz_day due[3];

    for (size_t i = 0; i < 3; i++) {
        setenv("TZ", zones[i], 1);
        fz_case_reset(f->c, f->pack, f->r);
        done(f, "receive", "2026-03-02");
        due[i] = look(f, "handling", "2026-03-02").due;
    }
    unsetenv("TZ");
    assert_int_equal(due[0], due[1]);
    assert_int_equal(due[1], due[2]);
}

/* calendar saved, one of five workers knows: the calendar is an argument, so the same case under the new edition gives the new day at once */
static void test_field_bug_16__calendar_is_an_argument(void **state)
{
    struct fixture *f = *state;
    struct fz_calendar *newer = NULL;
    struct fz_error err;
    fz_str more = FZ_STR("calendar\tcn\nedition\ttest\noff\t2026-03-05\t试验假日\n");
    fz_view v;

    done(f, "receive", "2026-03-02");
    assert_due(f, "handling", "2026-03-02", "2026-03-16");
    assert_int_equal(fz_calendar_read(&newer, f->cn, "newer", more, &err), FZ_OK);
    v = (fz_view){.c = f->c, .cal = newer, .day = day("2026-03-02")};
    assert_int_equal(fz_clock_look(&v, clock_no(f, "handling"), 0).due, day("2026-03-17"));
    fz_calendar_free(newer);
}

/* timer lost when the case returns to a node */
static void test_field_bug_17__returning_to_a_stage_keeps_or_restarts_as_the_pack_says(void **state)
{
    struct fixture *f = *state;

    done(f, "receive", "2026-03-02");
    done(f, "simplify", "2026-03-02");
    done(f, "draft", "2026-03-03");
    done(f, "answer", "2026-03-04");
    done(f, "reopen", "2026-03-09");
    assert_due(f, "renewed", "2026-03-09", "2026-03-16");
    done(f, "draft", "2026-03-10");
    done(f, "answer", "2026-03-10");
    assert_true(is(f, "renewed", FZ_CS_MET, "2026-03-10"));
    done(f, "reopen", "2026-03-11");
    assert_due(f, "renewed", "2026-03-11", "2026-03-18");
    assert_true(is(f, "renewed", FZ_CS_RUNNING, "2026-03-12"));
}

/* engine tested but never called: what review, scenarios and live work call is this one function, and it finds the breach */
static void test_field_bug_18__the_step_function_itself_finds_the_breach(void **state)
{
    struct fixture *f = *state;
    struct fz_step s;

    done(f, "receive", "2026-03-02");
    done(f, "simplify", "2026-03-02");
    done(f, "draft", "2026-03-02");
    s = step(f, "answer", "2026-03-17");
    assert_string_equal(grounds(f, &s, true), "handling");
    assert_int_equal(f->ruling.grounds[0].due, day("2026-03-16"));
}

/* configuration accepted and dropped: a value outside its bounds does not load, one within reaches the clock */
static void test_field_bug_19__configuration_reaches_the_clock(void **state)
{
    struct fixture *f = *state;

    done(f, "receive", "2026-03-02");
    assert_int_equal(look(f, "handling", "2026-03-02").length.n, 10);
    ((struct fz_config *)(uintptr_t)f->pack->config)[0].value = (fz_value){.set = true, .n = 3, .m = FZ_WORKING_DAYS}; /* a place's profile */
    assert_due(f, "handling", "2026-03-02", "2026-03-05");
}

/* daily sweep misses the due ones; a rung repeated or skipped: each rung falls into exactly one sweep, however they are cut */
static void test_field_bug_20__each_rung_falls_into_one_sweep(void **state)
{
    struct fixture *f = *state;
    struct fz_rung_due out[8];
    fz_day from = day("2026-03-01"), to = day("2026-04-30");
    size_t all, daily = 0;

    done(f, "receive", "2026-03-02");
    all = fz_case_rungs(f->c, f->cn, from, to, out, 8);
    assert_int_equal(all, 3);
    assert_int_equal(out[0].day, day("2026-03-12"));
    assert_int_equal(out[1].day, day("2026-03-16"));
    assert_int_equal(out[2].day, day("2026-03-19"));
    for (fz_day d = from; d < to; d++)
        daily += fz_case_rungs(f->c, f->cn, d, d + 1, out, 8);
    assert_int_equal(daily, 3);
    daily = fz_case_rungs(f->c, f->cn, from, day("2026-03-15"), out, 8) + fz_case_rungs(f->c, f->cn, day("2026-03-15"), to, out, 8);
    assert_int_equal(daily, 3);
}

/* An end given to the minute: that minute is in time, the next is not; an act whose minute nobody wrote down is not late by our guess. */
static void test_case__an_end_given_to_the_minute(void **state)
{
    struct fixture *f = *state;
    const struct {
        fz_instant minute;
        bool late;
    } acts[] = {{8 * 60 + 29, false}, {8 * 60 + 30, false}, {8 * 60 + 31, true}, {-1, false}};

    for (size_t i = 0; i < FZ_COUNT(acts); i++) {
        struct fz_step s;
        struct fz_clock_look k;

        fz_case_reset(f->c, f->pack, f->r);
        give(f, "target", FZ_NUMBER(fz_day_instant(day("2026-03-16")) + 8 * 60 + 30));
        done(f, "receive", "2026-03-02");
        assert_due(f, "promised", "2026-03-02", "2026-03-16");
        assert_int_equal(look(f, "promised", "2026-03-02").due_at, fz_day_instant(day("2026-03-16")) + 8 * 60 + 30);
        s = step(f, "note", "2026-03-16");
        s.at = acts[i].minute < 0 ? FZ_INSTANT_NONE : fz_day_instant(s.on) + acts[i].minute;
        take(f, &s);
        k = look(f, "promised", "2026-03-20");
        assert_int_equal(k.late, acts[i].late);
        assert_int_equal(is(f, "promised", FZ_CS_MET, "2026-03-20"), !acts[i].late);
    }
}

/* A cap is a day: what it cuts off takes the minute with it. */
static void test_case__a_cap_takes_the_minute_with_it(void **state)
{
    struct fixture *f = *state;

    give(f, "target", FZ_NUMBER(fz_day_instant(day("2026-03-16")) + 510));
    give(f, "meeting_on", FZ_NUMBER(day("2026-03-10")));
    done(f, "receive", "2026-03-02");
    assert_due(f, "promised", "2026-03-02", "2026-03-10");
    assert_true(look(f, "promised", "2026-03-02").due_at == FZ_INSTANT_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(test_case__every_ground_is_given),
        T(test_case__a_pause_allows_only_what_it_says),
        T(test_case__an_act_for_each_party_is_done_when_all_are_reached),
        T(test_case__a_waiver_needs_a_reason_and_satisfies_what_comes_after),
        T(test_case__who_drafted_does_not_decide),
        T(test_case__a_party_chance_holds_the_organ_through_its_last_day),
        T(test_case__late_is_not_void),
        T(test_case__nothing_is_destroyed_before_its_time),
        T(test_case__floor_has_a_plan_and_a_violation_line),
        T(test_case__limit_follows_the_track_from_the_same_start),
        T(test_case__obstacles_and_caps),
        T(test_case__silence_acts_by_law_once_its_day_has_come),
        T(test_case__end_of_one_clock_starts_another),
        T(test_case__excluded_time_runs_open_until_it_is_answered),
        T(test_case__void_extension_changes_nothing_and_is_found),
        T(test_case__instances_of_their_own),
        T(test_case__what_cannot_be_counted_is_neither_met_nor_missed),
        T(test_case__a_letter_to_all_is_served_on_all),
        T(test_case__the_end_of_several_is_the_last),
        T(test_case__a_yearly_duty_comes_round),
        T(test_case__an_end_given_to_the_minute),
        T(test_case__a_cap_takes_the_minute_with_it),
        T(test_recur__months_end_on_their_last_day),
        T(test_field_bug_10__target_outside_office_hours),
        T(test_field_bug_11__solved_then_reopened_is_no_pause),
        T(test_field_bug_14__one_instant_for_every_path),
        T(test_field_bug_15__no_zone_of_the_machine),
        T(test_field_bug_16__calendar_is_an_argument),
        T(test_field_bug_17__returning_to_a_stage_keeps_or_restarts_as_the_pack_says),
        T(test_field_bug_18__the_step_function_itself_finds_the_breach),
        T(test_field_bug_19__configuration_reaches_the_clock),
        T(test_field_bug_20__each_rung_falls_into_one_sweep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
