/* Expressions and limits in words, over a pack built by hand: what no shipped pack uses is said as well. Pages: nothing a title holds gets out. */
#include "../support/support.h"

#include <stdio.h>

#include "report/explain.h"

static struct fz_arena arena;
static struct fz_diags diags;

enum { TRACK, DIFFICULT, FINE, SUM, HEARING_ON, KNOWN_ON, TOLD_ON, APPLICANTS, FIELDS };
enum { RECEIVE, HEAR, EXTEND, DECIDE, SUSPEND, RESUME, LAPSE, ACTS };

#define TITLE(zh_text)                                                                                                 \
    {                                                                                                                  \
        .zh = {(zh_text), sizeof(zh_text) - 1 }                                                                        \
    }
#define BOTH(zh_text, en_text)                                                                                         \
    {                                                                                                                  \
        {(zh_text), sizeof(zh_text) - 1},                                                                              \
        {                                                                                                              \
            (en_text), sizeof(en_text) - 1                                                                             \
        }                                                                                                              \
    }
#define NAMED(name_text, zh_text) .name = {(name_text), sizeof(name_text) - 1}, .title = TITLE(zh_text)

static const fz_str tracks[] = {{"ordinary", 8}, {"simplified", 10}, {"life_or_finance", 15}};
static const fz_str outcomes[] = {{"upheld", 6}, {"set_aside", 9}};
static struct fz_field fields[FIELDS] = {
    [TRACK] = {NAMED("track", "审理程序"), .type = FZ_TYPE_CHOICE, .choices = {tracks, 3}, .required_at = FZ_NONE},
    [DIFFICULT] = {NAMED("difficult", "重大、疑难、复杂"), .type = FZ_TYPE_FLAG, .required_at = FZ_NONE},
    [FINE] = {NAMED("fine", "罚款"), .type = FZ_TYPE_MONEY, .required_at = DECIDE},
    [SUM] = {NAMED("sum", "涉及款额"), .type = FZ_TYPE_MONEY, .required_at = FZ_NONE},
    [HEARING_ON] = {NAMED("hearing_on", "听证日"), .type = FZ_TYPE_DAY, .required_at = FZ_NONE},
    [KNOWN_ON] = {NAMED("known_on", "知道之日"), .type = FZ_TYPE_DAY, .required = true, .required_at = FZ_NONE},
    [TOLD_ON] = {NAMED("told_on", "告知之日"), .type = FZ_TYPE_DAY, .required_at = FZ_NONE},
    [APPLICANTS] = {NAMED("applicants", "申请人"), .type = FZ_TYPE_PARTY, .many = true, .personal = true,
                    .purpose = {"办案", 6}, .keep = {"permanent", 9}, .required_at = FZ_NONE},
};
static struct fz_stage stages[] = {
    {.name = {"received", 8}, .title = BOTH("收到申请", "Received")},
    {.name = {"decided", 7}, .title = BOTH("已作出决定", "Decided")},
    {.name = {"closed", 6}, .title = TITLE("归档"), .final = true},
};
static const fz_article article_62[] = {{.text = {"复议法 62", 12}, .number = {"62", 2}}};
static const struct fz_outcome decided_as[] = {
    {.name = {"upheld", 6}, .id = 0, .title = BOTH("维持", "Upheld"), .to = FZ_NONE, .change = FZ_NONE},
    {.name = {"set_aside", 9}, .id = 1, .to = 2, .change = FZ_NONE},
};
static const struct fz_by by_head[] = {{.role = {"head", 4}, .at = {"organ", 5}, .at_field = FZ_NONE, .persons = 1}};
static const struct fz_by by_two[] = {
    {.role = {"officer", 7}, .at_field = FZ_NONE, .persons = 2, .holding = {"enforcement_certificate", 23}}};
static const struct fz_by by_stranger[] = {{.role = {"night_watch", 11}, .at_field = FZ_NONE, .persons = 1}};
#define ACT(...)                                                                                                       \
    {                                                                                                                  \
        .change = FZ_NONE, .starts = FZ_NONE, .to = FZ_NONE, .answers = FZ_NONE, .pauses = FZ_NONE, .resumes = FZ_NONE,                   \
        .document = FZ_NONE, __VA_ARGS__                                                                               \
    }
static struct fz_action actions[ACTS] = {
    [RECEIVE] = {NAMED("receive", "收到申请"), .change = FZ_NONE, .starts = 0, .to = FZ_NONE, .answers = FZ_NONE, .pauses = FZ_NONE,
                 .resumes = FZ_NONE, .document = FZ_NONE, .by = by_stranger, .by_n = 1},
    [HEAR] = ACT(NAMED("hear", "听取意见"), .from = 1, .by = by_two, .by_n = 1, .repeats = true),
    [EXTEND] = ACT(NAMED("extend", "延长"), .from = 1, .by = by_head, .by_n = 1, .times = 1),
    [DECIDE] = {NAMED("decide", "作出决定"), .change = FZ_NONE, .starts = FZ_NONE, .from = 1, .to = 1, .answers = FZ_NONE,
                .pauses = FZ_NONE, .resumes = FZ_NONE, .document = 0, .by = by_head, .by_n = 1, .outcomes = decided_as,
                .outcomes_n = 2, .articles = {article_62, 1}},
    [SUSPEND] = {NAMED("suspend", "中止"), .change = FZ_NONE, .starts = FZ_NONE, .from = 1, .to = FZ_NONE, .answers = FZ_NONE, .pauses = 0,
                 .resumes = FZ_NONE, .document = FZ_NONE, .by = by_head, .by_n = 1},
    [RESUME] = {NAMED("resume", "恢复"), .change = FZ_NONE, .starts = FZ_NONE, .from = 1, .to = FZ_NONE, .answers = FZ_NONE,
                .pauses = FZ_NONE, .resumes = 0, .document = FZ_NONE, .by = by_head, .by_n = 1},
    [LAPSE] = {NAMED("lapse", "失效"), .change = FZ_NONE, .starts = FZ_NONE, .from = 2, .to = 2, .answers = FZ_NONE, .pauses = FZ_NONE,
               .resumes = FZ_NONE, .document = FZ_NONE, .by_law = true},
};
static const struct fz_document documents[] = {
    {NAMED("decision_letter", "决定书"), .to_all = true, .public = {"masked", 6}}};
static const struct fz_pause pauses[] = {{NAMED("trial", "中止审理"), .in = 1}};
#define CLOCK_BASE .then = FZ_NONE, .then_outcome = FZ_NONE
static struct fz_clock clocks[12];
static struct fz_config config[] = {
    {.name = {"hearing_fine", 12},
     .type = FZ_TYPE_MONEY,
     .value = {.set = true, .n = 1000000},
     .confidence = FZ_REMEMBERED,
     .source = {"各地规定", 12}},
    {.name = {"tests_excluded", 14},
     .title = TITLE("不计入检测时间"),
     .type = FZ_TYPE_FLAG,
     .value = {.set = true, .n = 1}},
};
static const struct fz_law laws[] = {{.name = {"复议法", 9},
                                      .title = TITLE("中华人民共和国行政复议法"),
                                      .edition = {"2023-09-01", 10},
                                      .in_force = 19723,
                                      .until = FZ_DAY_NONE,
                                      .working = FZ_WD_UP_TO,
                                      .working_up_to = 10}};
static struct fz_record record = {NAMED("sample_case", "样例案件"),
                                  .fields = fields,
                                  .fields_n = FIELDS,
                                  .stages = stages,
                                  .stages_n = 3,
                                  .final = 4,
                                  .pauses = pauses,
                                  .pauses_n = 1,
                                  .actions = actions,
                                  .actions_n = ACTS,
                                  .documents = documents,
                                  .documents_n = 1,
                                  .clocks = clocks,
                                  .clocks_n = 0,
                                  .outcomes = outcomes,
                                  .outcomes_n = 2};
static struct fz_pack pack = {
    NAMED("sample", "样例"), .version = 19723, .amends = FZ_DAY_NONE, .calendar = {"cn", 2}, .laws = laws, .laws_n = 1,
    .config = config,        .config_n = 2,    .records = &record,    .records_n = 1};

static const struct fz_term *term(const char *text)
{
    const struct fz_expr *e = fz_expr_parse(&arena, fz_str_of(text), (fz_span){0}, &diags);
    const struct fz_term *t = fz_term_make(&arena, &pack, &record, e, (struct fz_want){0}, &diags);

    if (!t) {
        struct fz_buf b = {0};

        fz_diags_print(&diags, FZ_EN, &b);
        fail_msg("%s: %s", text, b.p);
    }
    return t;
}

static void set_clock(struct fz_clock c)
{
    clocks[0] = c;
    record.clocks_n = 1;
}

static void assert_words(const char *expr, const char *zh, const char *en)
{
    const struct fz_term *t = term(expr);
    struct fz_buf b = {0};

    fz_explain_term(&pack, &record, t, FZ_ZH, &b);
    assert_string_equal(b.p, zh);
    fz_buf_reset(&b);
    fz_explain_term(&pack, &record, t, FZ_EN, &b);
    assert_string_equal(b.p, en);
    fz_buf_release(&b);
}

static void explain__comparisons_fit_their_sort(void **state)
{
    (void)state;
    assert_words("track = ordinary", "“审理程序”为“ordinary”", "“审理程序” is “ordinary”");
    assert_words("track != life_or_finance", "“审理程序”不是“life or finance”", "“审理程序” is not “life or finance”");
    assert_words("not (track = ordinary)", "“审理程序”不是“ordinary”", "“审理程序” is not “ordinary”");
    assert_words("fine <= 3000.00 yuan", "“罚款”不超过3000元", "“罚款” is at most 3000 yuan");
    assert_words("not (fine <= 0.50 euro)", "“罚款”超过0.50欧元", "“罚款” is above 0.50 euro");
    assert_words("known_on < 2026-01-31", "“知道之日”早于2026年1月31日", "“知道之日” is before 2026-01-31");
    assert_words("known_on >= hearing_on", "“知道之日”不早于“听证日”", "“知道之日” is not before “听证日”");
    assert_words("track in [ordinary, simplified]", "“审理程序”为“ordinary”或者“simplified”",
                 "“审理程序” is “ordinary” or “simplified”");
    assert_words("track not in [ordinary, simplified]", "“审理程序”不是“ordinary”或者“simplified”",
                 "“审理程序” is none of “ordinary” or “simplified”");
}

static void explain__flags_are_statements(void **state)
{
    (void)state;
    assert_words("difficult", "属于“重大、疑难、复杂”", "“重大、疑难、复杂” applies");
    assert_words("not difficult", "不属于“重大、疑难、复杂”", "“重大、疑难、复杂” does not apply");
    assert_words("difficult = no", "不属于“重大、疑难、复杂”", "“重大、疑难、复杂” does not apply");
    assert_words("difficult != no", "属于“重大、疑难、复杂”", "“重大、疑难、复杂” applies");
    assert_words("not (difficult = no)", "属于“重大、疑难、复杂”", "“重大、疑难、复杂” applies");
    assert_words("told_on is set", "“告知之日”已填写", "“告知之日” is given");
    assert_words("not (told_on is not set)", "“告知之日”已填写", "“告知之日” is given");
    assert_words("done(hear)", "已完成“听取意见”", "“听取意见” has been done");
    assert_words("not done(hear)", "尚未完成“听取意见”", "“听取意见” has not been done");
    assert_words("served(decision_letter)", "“决定书”已向全部受送达人送达",
                 "“决定书” has been served on every addressee");
    assert_words("any(applicants, hear)", "已有任一“申请人”的“听取意见”",
                 "“听取意见” has been done for at least one of “申请人”");
    assert_words("empty(applicants)", "没有“申请人”", "there is no “申请人”");
    assert_words("stage at [received, decided]", "处于“收到申请”或者“已作出决定”阶段",
                 "the case stands at “Received” or “Decided”");
    assert_words("outcome = upheld", "结果为“维持”", "the outcome is “Upheld”");
    assert_words("outcome != set_aside", "结果不是“set aside”", "the outcome is not “set aside”");
    assert_words("config.tests_excluded", "开放事项“不计入检测时间”定为是（此处为是）",
                 "the open value “不计入检测时间” is yes (here yes)");
}

static void explain__parentheses_keep_the_sense(void **state)
{
    (void)state;
    assert_words("track = ordinary and (difficult or done(hear))",
                 "“审理程序”为“ordinary”，并且（属于“重大、疑难、复杂”，或者已完成“听取意见”）",
                 "“审理程序” is “ordinary” and (“重大、疑难、复杂” applies or “听取意见” has been done)");
    assert_words("not (difficult or done(hear))", "并非（属于“重大、疑难、复杂”，或者已完成“听取意见”）",
                 "it is not so that (“重大、疑难、复杂” applies or “听取意见” has been done)");
    assert_words("difficult or track = ordinary and done(hear)",
                 "属于“重大、疑难、复杂”，或者“审理程序”为“ordinary”，并且已完成“听取意见”",
                 "“重大、疑难、复杂” applies or “审理程序” is “ordinary” and “听取意见” has been done");
}

static void explain__values(void **state)
{
    (void)state;
    assert_words("told_on otherwise known_on", "“告知之日”（未填写的，为“知道之日”）",
                 "“告知之日” (or “知道之日”, where that is not given)");
    assert_words("sum otherwise 0.00 yuan <= 3000.00 yuan", "“涉及款额”（未填写的，按0元计）不超过3000元",
                 "“涉及款额” (where not given: 0 yuan) is at most 3000 yuan");
    assert_words("due(known_on, if difficult then 20 years else 5 years)",
                 "自“知道之日”起满（如果属于“重大、疑难、复杂”，则为二十年，否则为五年）之日",
                 "the last day of (if “重大、疑难、复杂” applies, then 20 years, otherwise 5 years) from “知道之日”");
    assert_words("min(fine, div(fine * 3 * times(hear), 100, down))",
                 "下列较小者（“罚款”；“罚款” × 3 × “听取意见”的次数 ÷ 100（舍去尾数））",
                 "the smaller of (“罚款”; “罚款” × 3 × the number of times “听取意见” was done ÷ 100 (rounded down))");
    assert_words("2 * (sum - fine) - (fine - sum)", "2 × （“涉及款额” − “罚款”） − （“罚款” − “涉及款额”）",
                 "2 × (“涉及款额” − “罚款”) − (“罚款” − “涉及款额”)");
    assert_words("day(decide)", "“作出决定”之日", "the day of “作出决定”");
    assert_words("1 working_days", "一个工作日", "1 working day");
    assert_words("150 days", "一百五十日", "150 days");
    assert_words("1005 days", "一千零五日", "1005 days");
    assert_words("12 hours", "十二小时", "12 hours");
    assert_words("config.hearing_fine", "“hearing fine”（开放事项，此处为10000元）",
                 "“hearing fine” (open value, here 10000 yuan)");
}

static struct fz_anchor at_act(int act)
{
    return (struct fz_anchor){.kind = FZ_AT_ACT, .id = act};
}

static void assert_says(const char *zh, const char *en)
{
    struct fz_buf b = {0};

    fz_explain_markdown(&pack, FZ_ZH, &b);
    if (!strstr(b.p, zh))
        fail_msg("%s\nis not said in\n%s", zh, b.p);
    fz_buf_reset(&b);
    fz_explain_markdown(&pack, FZ_EN, &b);
    if (!strstr(b.p, en))
        fail_msg("%s\nis not said in\n%s", en, b.p);
    fz_buf_release(&b);
}

static void explain__limits_of_every_kind(void **state)
{
    const struct fz_anchor receive = at_act(RECEIVE), decide[] = {at_act(DECIDE), at_act(SUSPEND)},
                           served = {.kind = FZ_AT_SERVICE, .id = 0};
    const struct fz_limit_case sixty = {.be = term("60 days")}, until = {.be = term("hearing_on"), .until = true};
    const struct fz_limit_case by_track[] = {{.when = term("track = ordinary"), .be = term("60 days")},
                                             {.be = term("30 days")}};
    const struct fz_suspends pause = {.pause = 0, .field = FZ_NONE};
    const struct fz_extends extends = {
        .on = EXTEND, .by = term("30 days"), .when = term("track = ordinary"), .articles = {article_62, 1}};
    const struct fz_rung rungs[] = {{FZ_WARN, {10, FZ_DAYS}, true, {0}},
                                    {FZ_URGE, {0, FZ_DAYS}, false, {0}},
                                    {FZ_ESCALATE, {5, FZ_DAYS}, false, {0}}};
    struct fz_clock c = {.name = {"decision", 8},
                         .kind = FZ_CK_AT_MOST,
                         .starts = &receive,
                         .starts_n = 1,
                         .stops = decide,
                         .stops_n = 2,
                         .limit = by_track,
                         .limit_n = 2,
                         .suspends = &pause,
                         .suspends_n = 1,
                         .extends = &extends,
                         .extends_n = 1,
                         .ladder = rungs,
                         .ladder_n = 3,
                         .no_roll = true,
                         .service_norm = true,
                         .promise = term("20 days"),
                         .confidence = FZ_CHOSEN,
                         .articles = {article_62, 1},
                         CLOCK_BASE};

    (void)state;
    set_clock(c);
    assert_says(
        "- **作出决定（承诺时限）** （复议法 62） `decision`\n"
        "  - 自“收到申请”之日起下列时间内（“审理程序”为“ordinary”的，六十日；其他情形，三十日），应当完成“作出决定”或者“中止”之一。\n"
        "  - “中止审理”期间不计入。\n"
        "  - “审理程序”为“ordinary”的，经“延长”，可以延长三十日（复议法 62）。\n"
        "  - 届满前十日提醒；届满日催办；届满后五日报告上级。\n"
        "  - 最后一日不因休息日而顺延。\n"
        "  - 承诺的时限为二十日，只能更短。\n",
        "  - From the day of “收到申请” within the following time (60 days where “审理程序” is “ordinary”; 30 days otherwise), "
        "“作出决定” or “中止” must follow.\n");
    c.limit = &sixty;
    c.limit_n = 1;
    c.kind = FZ_CK_RETENTION;
    set_clock(c);
    assert_says("自“收到申请”之日起六十日内，应当保存，不得销毁。",
                "Within 60 days from the day of “收到申请”, it is kept and may not be destroyed.");
    c.kind = FZ_CK_DEEMED;
    c.then = DECIDE;
    c.then_outcome = 0;
    c.dated_start = true;
    set_clock(c);
    assert_says(
        "自“收到申请”之日起六十日内没有“作出决定”或者“中止”的，期满即依法发生“作出决定”（结果为“维持”），并溯及起算之日。",
        "Where within 60 days from the day of “收到申请” there is no “作出决定” or “中止”, “作出决定” with the outcome “Upheld” happens by law, "
        "dated back to the day from which the time was counted.");
    c = (struct fz_clock){.name = {"validity", 8},
                          .kind = FZ_CK_VALIDITY,
                          .starts = &served,
                          .starts_n = 1,
                          .limit = &until,
                          .limit_n = 1,
                          .then = LAPSE,
                          .then_outcome = FZ_NONE};
    set_clock(c);
    assert_says("自“决定书”送达之日起至“听证日”止，保持有效；期满即依法发生“失效”。",
                "From the service of “决定书” until “听证日”, it stays in force; at its end “失效” happens by law.");
    assert_says("于期限“有效期”届满时依法发生，无须任何人进行。",
                "Happens by law at the end of the time limit “validity”, nobody takes it.");
    c = (struct fz_clock){.name = {"report", 6},
                          .kind = FZ_CK_FIXED_DAY,
                          .starts = &receive,
                          .starts_n = 1,
                          .stops = decide,
                          .stops_n = 1,
                          .recurs = {.how = FZ_EACH_YEAR, .month = 1, .day = 31},
                          CLOCK_BASE};
    set_clock(c);
    assert_says("每年一月三十一日以前（含当日），应当完成“作出决定”。", "Every year by 01-31, “作出决定” must follow.");
    c.recurs = (typeof(c.recurs)){.how = FZ_EACH_MONTH, .day = 25, .before = true, .while_ = term("difficult")};
    set_clock(c);
    assert_says("每月二十五日之前（不含当日），应当完成“作出决定”，以属于“重大、疑难、复杂”为限。",
                "Every month before day 25, “作出决定” must follow, as long as “重大、疑难、复杂” applies.");
    c.recurs = (typeof(c.recurs)){.how = FZ_EVERY, .every = {2, FZ_YEARS}};
    set_clock(c);
    assert_says("自“收到申请”之日起每满二年，应当完成“作出决定”。",
                "Every 2 years from the day of “收到申请”, “作出决定” must follow.");
    c = (struct fz_clock){.name = {"floor", 5},
                          .kind = FZ_CK_AT_LEAST,
                          .starts = &receive,
                          .starts_n = 1,
                          .limit = &sixty,
                          .limit_n = 1,
                          CLOCK_BASE};
    fz_acts_add(&c.blocks, DECIDE);
    set_clock(c);
    assert_says("自“收到申请”之日起未满六十日的，不得进行“作出决定”。",
                "“作出决定” may not be done before 60 days have passed from the day of “收到申请”.");
    assert_says("  - 期限：在“作出决定之前的等待期”届满之前不得进行。\n",
                "  - Time limits: may not be done before the end of “floor”.\n");
}

static void explain__who_does_it(void **state)
{
    (void)state;
    assert_says("由本机关的负责人进行。", "By the head of the organ.");
    assert_says("由持有执法证件的至少二名承办人员进行；可以反复进行。",
                "By at least 2 persons, each an officer, holding an enforcement certificate; may be repeated.");
    assert_says("由night watch进行。", "By night watch.");
    assert_says("依法发生，无须任何人进行。", "Happens by law, nobody takes it.");
}

/* Clocks of one derived name are told apart by their starts, or else by their own names. */
static void explain__twin_clocks_have_two_names(void **state)
{
    const struct fz_anchor receive = at_act(RECEIVE), decide = at_act(DECIDE), hear = at_act(HEAR);
    const struct fz_limit_case sixty = {.be = term("60 days")};
    struct fz_clock c = {.name = {"first_one", 9},
                         .kind = FZ_CK_AT_MOST,
                         .starts = &receive,
                         .starts_n = 1,
                         .stops = &decide,
                         .stops_n = 1,
                         .limit = &sixty,
                         .limit_n = 1,
                         CLOCK_BASE};

    (void)state;
    set_clock(c);
    assert_says("**作出决定** ", "**first one** ");
    c.name = (fz_str){"other", 5};
    clocks[1] = c;
    c.name = (fz_str){"third", 5};
    c.starts = &hear;
    clocks[2] = c;
    record.clocks_n = 3;
    assert_says("**作出决定（自收到申请起）（first one）**", "**first one**");
    assert_says("**作出决定（自收到申请起）（other）**", "**other**");
    assert_says("**作出决定（自听取意见起）**", "**third**");
    assert_words("clock(third) is not missed", "未错过期限“作出决定（自听取意见起）”",
                 "the time limit “third” has not been missed");
    assert_words("days_over(clock(third)) > 0", "期限“作出决定（自听取意见起）”的逾期日数超过0",
                 "the number of days over the time limit “third” is above 0");
}

static void assert_lacks(const struct fz_buf *b, const char *what)
{
    if (strstr(b->p, what))
        fail_msg("%s stands in\n%s", what, b->p);
}

static void assert_holds(const struct fz_buf *b, const char *what)
{
    if (!strstr(b->p, what))
        fail_msg("%s is not in\n%s", what, b->p);
}

#define HOSTILE "<script>alert('x')</script> \"quoted\" \\l \\\" [a](javascript:b) | `c` *d* &lt; end\\"

static void explain__hostile_titles_stay_text(void **state)
{
    struct fz_buf b = {0};
    struct fz_error err;

    (void)state;
    actions[DECIDE].title = (fz_title){.zh = FZ_STR("1. " HOSTILE)};
    stages[0].title = (fz_title){.zh = FZ_STR("a\nb\"]; evil -> evil [label=\"" HOSTILE)};
    pack.title = (fz_title){.zh = FZ_STR("# x\n\n# " HOSTILE)};
    fz_explain_markdown(&pack, FZ_ZH, &b);
    assert_lacks(&b, "<script>");
    assert_lacks(&b, " [a](");
    assert_lacks(&b, " | `c`");
    assert_holds(
        &b,
        "\\<script\\>alert('x')\\</script\\> \"quoted\" \\\\l \\\\\" \\[a\\](javascript:b) \\| \\`c\\` \\*d\\* \\&lt; end\\\\");
    assert_int_equal(strncmp(b.p, "# \\# x  \\# ", 11), 0);
    fz_buf_reset(&b);
    if (fz_explain_html(&pack, FZ_ZH, &b, &err) != FZ_OK)
        fail_msg("%s", err.text);
    assert_lacks(&b, "<script");
    assert_holds(&b, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
    assert_holds(&b, "<svg role=\"img\"");
    fz_buf_reset(&b);
    fz_explain_dot(&pack, FZ_ZH, &b);
    assert_lacks(&b, "evil [label=\"");
    assert_holds(
        &b,
        "<td>a b&quot;]; evil -&gt; evil [label=&quot;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &quot;quoted&quot; \\\\l \\\\&quot; ");
    assert_holds(
        &b,
        "label=\"\302\2401. <script>alert('x')</script> \\\"quoted\\\" \\\\l \\\\\\\" [a](javascript:b) | `c` *d* &amp;lt; end\\\\：维持 \\l\"");
    fz_buf_release(&b);
}

static void explain__graph_of_a_record(void **state)
{
    struct fz_buf b = {0};

    (void)state;
    fz_explain_dot(&pack, FZ_EN, &b);
    assert_holds(&b, "digraph \"sample_case\" {");
    assert_holds(
        &b,
        "  s0 [label=<<table border=\"0\" cellborder=\"0\" cellspacing=\"3\"><tr><td>Received</td></tr><tr><td align=\"left\">"
        "<font point-size=\"10\">听取意见</font></td></tr>");
    assert_lacks(&b, "s0 -> s0");
    assert_holds(&b, "  s2 [label=\"归档\", style=solid, peripheries=2, class=final];");
    assert_holds(&b, "  start0 -> s0 [label=\"\302\240收到申请 \\l\"];");
    assert_holds(&b, "  s0 -> s1 [label=\"\302\240作出决定: Upheld \\l\"];");
    assert_holds(&b, "  s0 -> s2 [label=\"\302\240作出决定: set aside \\l\"];");
    assert_holds(&b, "  s1 -> s2 [label=\"\302\240失效 \\l\", style=dashed];");
    assert_holds(&b, "  p0 [shape=note");
    assert_holds(&b, "  s0 -> p0 [style=dotted, arrowhead=none];");
    fz_buf_release(&b);
}

/* Clocks of a test stand on its stack, and titles go back to what they were. */
static int restore(void **state)
{
    (void)state;
    record.clocks_n = 0;
    actions[DECIDE].title = (fz_title)TITLE("作出决定");
    stages[0].title = (fz_title)BOTH("收到申请", "Received");
    pack.title = (fz_title)TITLE("样例");
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(explain__comparisons_fit_their_sort, restore),
        cmocka_unit_test_teardown(explain__flags_are_statements, restore),
        cmocka_unit_test_teardown(explain__parentheses_keep_the_sense, restore),
        cmocka_unit_test_teardown(explain__values, restore),
        cmocka_unit_test_teardown(explain__limits_of_every_kind, restore),
        cmocka_unit_test_teardown(explain__who_does_it, restore),
        cmocka_unit_test_teardown(explain__twin_clocks_have_two_names, restore),
        cmocka_unit_test_teardown(explain__hostile_titles_stay_text, restore),
        cmocka_unit_test_teardown(explain__graph_of_a_record, restore),
    };
    int failed;

    fz_arena_init(&arena);
    fz_diags_init(&diags, &arena);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    fz_arena_release(&arena);
    return failed;
}
