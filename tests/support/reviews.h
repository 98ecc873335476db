/* Reviews filled by hand, as src/report/review.c would leave them: one that can be read at a glance and one of the size of real life. */
#ifndef FZ_TESTS_REVIEWS_H
#define FZ_TESTS_REVIEWS_H

#include <stdlib.h>

#include "support.h"

#include "report/review.h"

/* Everything a review points to, in one piece. */
struct made_review {
    struct fz_arena arena;
    struct fz_log log;
    struct fz_record record;
    struct fz_pack packs[3];
    const struct fz_pack *versions[3];
    uint64_t cases_of_version[3];
    struct fz_review review;
};

static inline fz_title made_title(const char *zh, const char *en)
{
    return (fz_title){fz_str_of(zh), fz_str_of(en)};
}

/* "CdS 201|CdS 202" */
static inline struct fz_articles made_articles(struct fz_arena *a, const char *cited)
{
    fz_article *items = FZ_NEW_ARRAY(a, fz_article, 8);
    size_t n = 0;

    for (const char *p = cited; *p; n++) {
        size_t length = strcspn(p, "|");

        fz_assert(n < 8);
        items[n].text = (fz_str){p, length};
        p += length + (p[length] == '|');
    }
    return (struct fz_articles){items, n};
}

static const struct fz_field made_fields[] = {
    {.name = FZ_STR("organ"), .title = {.zh = FZ_STR("机关"), .en = FZ_STR("Organ")}}};

/* The small one: four cases of two organs, two files, three versions of which two spoke. */
static inline void small_review(struct made_review *m)
{
    struct fz_arena *a = &m->arena;
    static const struct fz_law laws[] = {
        {.name = FZ_STR("许可法"),
         .title = {.zh = FZ_STR("中华人民共和国行政许可法"), .en = FZ_STR("Administrative Licensing Law")},
         .edition = FZ_STR("2019"),
         .in_force = 12600,
         .until = FZ_DAY_NONE}};
    static const fz_str texts[] = {FZ_STR(""), FZ_STR("市监局"), FZ_STR("Lands & Roads")};
    static struct fz_log_file files[] = {{"a.csv", "UTF-8", FZ_STR("events"), 9},
                                         {"老.csv", "GB18030", FZ_STR("events"), 3}};
    static const struct fz_log_refusal refusals[] = {{0, 4, FZ_STR("no such day: 2024-02-30")},
                                                     {1, 3, FZ_STR("the row repeats line 2")}};
    static const struct fz_log_case cases[] = {{.id = FZ_STR("A1"), .organ = 1},
                                               {.id = FZ_STR("案2"), .organ = 2},
                                               {.id = FZ_STR("A3")},
                                               {.id = FZ_STR("A4"), .organ = 1}};
    struct fz_review_rule *rules = FZ_NEW_ARRAY(a, struct fz_review_rule, 3);
    struct fz_finding *findings = FZ_NEW_ARRAY(a, struct fz_finding, 3);
    struct fz_figure *figures = FZ_NEW_ARRAY(a, struct fz_figure, 5);

    m->record = (struct fz_record){.name = FZ_STR("permit_case"),
                                   .title = {.zh = FZ_STR("许可案件"), .en = FZ_STR("Permit")},
                                   .fields = made_fields,
                                   .fields_n = 1};
    for (int i = 0; i < 3; i++) {
        m->packs[i] = (struct fz_pack){.name = FZ_STR("licence"),
                                       .title = {.zh = FZ_STR("行政许可"), .en = FZ_STR("Licences")},
                                       .calendar = FZ_STR("cn"),
                                       .laws = laws,
                                       .laws_n = 1};
        m->versions[i] = &m->packs[i];
    }
    m->packs[0].version = day("2004-07-01");
    m->packs[1].version = day("2019-04-23");
    m->packs[2].version = day("2025-01-01");
    rules[0] = (struct fz_review_rule){FZ_STR("late_decision"), made_title("未在期限内作出决定", "Decided late"),
                                       made_articles(a, "许可法 42|许可法 44"), 2, false};
    rules[1] = (struct fz_review_rule){.id = FZ_STR("decide_without_accept"),
                                       .title = made_title("decide_without_accept", ""),
                                       .articles = made_articles(a, "许可法 32")};
    rules[2] = (struct fz_review_rule){FZ_STR("answer"), made_title("答复", ""), {0}, 1, true};
    findings[0] = (struct fz_finding){
        .rule = 0,
        .case_no = 0,
        .version = 1,
        .day = day("2024-02-05"),
        .file = 0,
        .line = 7,
        .over = 1,
        .from = day("2024-01-04"),
        .due = day("2024-02-04"),
        .articles = rules[0].articles,
        .working = FZ_STR("20 working days from 2024-01-04 end on 2024-02-04\ndecided on 2024-02-05\n")};
    findings[1] = (struct fz_finding){.rule = 2,
                                      .case_no = 0,
                                      .version = 1,
                                      .day = day("2024-03-01"),
                                      .from = FZ_DAY_NONE,
                                      .due = FZ_DAY_NONE,
                                      .working = FZ_STR("no answer")};
    findings[2] = (struct fz_finding){.rule = 0,
                                      .case_no = 1,
                                      .version = 0,
                                      .day = day("2018-12-31"),
                                      .file = 1,
                                      .line = 2,
                                      .over = 30,
                                      .from = day("2018-11-01"),
                                      .due = day("2018-12-01"),
                                      .articles = made_articles(a, "许可法 42"),
                                      .working = FZ_STR("逾期")};
    figures[0] = (struct fz_figure){.indicator = FZ_STR("received"),
                                    .title = made_title("受理数", "Received"),
                                    .unit = {.zh = FZ_STR("件")},
                                    .numerator = 4};
    figures[1] = (struct fz_figure){.indicator = FZ_STR("in_time"),
                                    .title = made_title("按期办结率", "Decided in time"),
                                    .unit = {.zh = FZ_STR("%")},
                                    .share = true,
                                    .numerator = 2,
                                    .denominator = 3};
    /* As the log first counted them: what is whole, then the values. */
    figures[2] = (struct fz_figure){.indicator = FZ_STR("refused"), .basis = FZ_STR("merits"), .share = true};
    figures[3] = (struct fz_figure){.indicator = FZ_STR("in_time"),
                                    .title = made_title("按期办结率", "Decided in time"),
                                    .unit = {.zh = FZ_STR("%")},
                                    .by = FZ_STR("organ"),
                                    .value = FZ_STR("市监局"),
                                    .share = true,
                                    .numerator = 1,
                                    .denominator = 8};
    figures[4] = (struct fz_figure){.indicator = FZ_STR("in_time"),
                                    .title = made_title("按期办结率", "Decided in time"),
                                    .unit = {.zh = FZ_STR("%")},
                                    .by = FZ_STR("organ"),
                                    .value = FZ_STR("-"),
                                    .share = true};
    m->log = (struct fz_log){.files = files,
                             .files_n = 2,
                             .cases = memcpy(FZ_NEW_ARRAY(a, struct fz_log_case, 4), cases, sizeof(cases)),
                             .cases_n = 4,
                             .events_n = 10,
                             .column_acts = 1,
                             .texts = texts,
                             .refusals = memcpy(FZ_NEW_ARRAY(a, struct fz_log_refusal, 2), refusals, sizeof(refusals)),
                             .refusals_n = 2,
                             .refused = 1,
                             .duplicates = 1,
                             .disordered = 1};
    memcpy(m->cases_of_version, (uint64_t[]){1, 3, 0}, sizeof(m->cases_of_version));
    m->review = (struct fz_review){.log = &m->log,
                                   .versions = m->versions,
                                   .versions_n = 3,
                                   .record = &m->record,
                                   .rules = rules,
                                   .rules_n = 3,
                                   .findings = findings,
                                   .findings_n = 3,
                                   .cases_with_findings = 2,
                                   .cases_of_version = m->cases_of_version,
                                   .before_first = 1,
                                   .unjudged = 2,
                                   .figures = figures,
                                   .figures_n = 5,
                                   .first = day("2004-01-02"),
                                   .last = day("2024-03-01"),
                                   .until = day("2024-06-30")};
}

/* A review without cases, events or findings. */
static inline void empty_review(struct made_review *m)
{
    small_review(m);
    m->log.cases_n = m->log.events_n = m->log.column_acts = m->log.refused = m->log.duplicates = m->log.disordered =
        m->log.refusals_n = 0;
    m->log.files_n = 0;
    for (size_t i = 0; i < m->review.rules_n; i++)
        m->review.rules[i].findings = 0;
    m->review.findings_n = m->review.cases_with_findings = m->review.before_first = m->review.figures_n = 0;
    memset(m->cases_of_version, 0, sizeof(m->cases_of_version));
    m->review.unjudged = 0;
    m->review.first = m->review.last = m->review.until = FZ_DAY_NONE;
}

/* ---- the large one: the counts of examples/traffic-fines with made-up cases, days and organs ---- */

static const struct {
    const char *id, *zh, *en, *articles;
    uint32_t findings;
    bool norm;
} large_rules[] = {
    {"late_notification", "未在一百五十日内送达", "Notified after 150 days", "CdS 201", 256, false},
    {"late_prefecture_appeal", "逾期向省督申诉", "Appeal to the prefect after 60 days", "CdS 203", 79, false},
    {"late_judge_appeal", "逾期向治安法官起诉", "Appeal to the judge after 60 days", "CdS 204-bis", 29, false},
    {"appeal_prefecture_out_of_order", "", "", "CdS 203", 24, false},
    {"appeal_judge_out_of_order", "", "", "CdS 204-bis|CdS 205", 2, false},
    {"prefect_after_judge", "已向法官起诉后又向省督申诉", "an appeal to the judge has been lodged already",
     "CdS 204-bis", 2, false},
    {"send_appeal_out_of_order", "", "", "CdS 203", 4, false},
    {"receive_result_without_appeal_prefecture", "", "", "CdS 204", 0, false},
    {"judge_before_result", "省督尚未作出决定", "the prefect has not decided on the appeal made to him", "CdS 204-bis",
     1, false},
    {"send_appeal_without_appeal_prefecture", "", "", "CdS 203", 0, false},
    {"notify_result_without_receive_result", "", "", "CdS 204", 0, false},
    {"surcharge_day", "加处罚款不在第六十日", "the surcharge falls on the sixtieth day after notification",
     "CdS 203(3)", 0, false},
    {"payment_after_collection", "", "", "CdS 206", 0, false},
    {"answer_in_a_week", "七日内答复来信", "Letters answered within a week", "", 3, true},
};
static const char *const large_organs[] = {
    "", "城关分局", "东郊分局", "高新区分局", "Comando Nord", "Comando Sud", "机场路中队", "火车站中队"};

static inline uint32_t made_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static inline int by_case(const void *a, const void *b)
{
    const struct fz_finding *x = a, *y = b;

    if (x->case_no != y->case_no)
        return x->case_no < y->case_no ? -1 : 1;
    return (x->rule > y->rule) - (x->rule < y->rule);
}

static inline void large_finding(struct made_review *m, struct fz_finding *f, uint32_t rule, fz_language lang,
                                 uint32_t *random)
{
    fz_day made = day("2000-01-03") + (fz_day)(made_random(random) % 3500);
    struct fz_limit limit = {.length = {rule ? 60 : 150, FZ_DAYS}, .from = made};
    char from[FZ_DAY_TEXT], due[FZ_DAY_TEXT], on[FZ_DAY_TEXT];
    struct fz_buf b = {0};

    *f = (struct fz_finding){.rule = rule,
                             .case_no = made_random(random) % (uint32_t)m->log.cases_n,
                             .day = made,
                             .line = 2 + made_random(random) % 12000,
                             .from = FZ_DAY_NONE,
                             .due = FZ_DAY_NONE,
                             .articles = m->review.rules[rule].articles};
    if (large_rules[rule].norm) { /* counted over working days: a line each */
        for (int i = 1; i <= 20; i++)
            fz_buf_printf(&b, "%s%s %4d\n", i == 1 ? "7 working days\n" : "", fz_day_text(made + i, on), i);
        f->working = fz_str_copy(&m->arena, fz_buf_str(&b));
        fz_buf_release(&b);
        return;
    }
    if (rule > 2) {
        f->working = lang == FZ_ZH ? FZ_STR("行为发生时案件处于“已寄出”阶段，卷中没有送达记录")
                                   : FZ_STR("the fine stood at “sent” when it was taken; no notification is on file");
        return;
    }
    f->over = 1 + (int32_t)(made_random(random) % 120);
    f->from = made;
    f->due = made + (rule ? 60 : 150);
    f->day = f->due + f->over;
    fz_buf_printf(&b,
                  lang == FZ_ZH ? "自%s起算，%s届满，%s作出，逾期%d日\n" : "from %s, due %s, done %s: %d days late\n",
                  fz_day_text(made, from), fz_day_text(f->due, due), fz_day_text(f->day, on), (int)f->over);
    fz_assert(fz_limit_explain(NULL, &limit, lang == FZ_ZH, &b, NULL) == FZ_OK);
    f->working = fz_str_copy(&m->arena, fz_buf_str(&b));
    fz_buf_release(&b);
}

/* `times` the findings of the sample; the working in `lang`. */
static inline void large_review(struct made_review *m, uint32_t times, fz_language lang)
{
    struct fz_arena *a = &m->arena;
    static const struct fz_law laws[] = {
        {.name = FZ_STR("CdS"),
         .title = {.zh = FZ_STR("Codice della strada (decreto legislativo 30 aprile 1992, n. 285)")},
         .edition = FZ_STR("1992-04-30"),
         .in_force = 8401,
         .until = FZ_DAY_NONE}};
    static fz_str texts[FZ_COUNT(large_organs)];
    static struct fz_log_file files[] = {{"examples/traffic-fines/log.csv.gz", "UTF-8", FZ_STR("events"), 12561},
                                         {"旧系统导出.csv", "GB18030", FZ_STR("events"), 120}};
    static struct fz_log_refusal refusals[] = {{1, 14, FZ_STR("no such day: 2003-02-30")},
                                               {1, 88, FZ_STR("the row repeats line 87")}};
    struct fz_review_rule *rules = FZ_NEW_ARRAY(a, struct fz_review_rule, FZ_COUNT(large_rules));
    struct fz_log_case *cases = FZ_NEW_ARRAY(a, struct fz_log_case, 2976);
    struct fz_finding *findings;
    struct fz_figure *figures = FZ_NEW_ARRAY(a, struct fz_figure, 16);
    size_t n = 0, at = 0, figures_n = 0;
    uint32_t random = 7;

    m->record = (struct fz_record){.name = FZ_STR("fine"),
                                   .title = {.zh = FZ_STR("交通罚款案件"), .en = FZ_STR("Fine")},
                                   .fields = made_fields,
                                   .fields_n = 1};
    m->packs[0] =
        (struct fz_pack){.name = FZ_STR("it_traffic_fines"),
                         .title = {.zh = FZ_STR("意大利道路交通罚款"), .en = FZ_STR("Italian road traffic fines")},
                         .version = day("1993-01-01"),
                         .calendar = FZ_STR("none"),
                         .laws = laws,
                         .laws_n = 1};
    m->packs[1] = m->packs[0];
    m->packs[1].version = day("2010-08-13");
    m->versions[0] = &m->packs[0];
    m->versions[1] = &m->packs[1];
    for (size_t i = 0; i < FZ_COUNT(large_organs); i++)
        texts[i] = fz_str_of(large_organs[i]);
    for (size_t i = 0; i < 2976; i++)
        cases[i] = (struct fz_log_case){
            .id = fz_str_printf(a, "A%zu", 100 + i * 7),
            .organ = made_random(&random) % 80 ? 1 + made_random(&random) % 7 * (made_random(&random) % 7) / 6 : 0};
    m->log = (struct fz_log){.files = files,
                             .files_n = 2,
                             .cases = cases,
                             .cases_n = 2976,
                             .events_n = 12559,
                             .texts = texts,
                             .refusals = refusals,
                             .refusals_n = 2,
                             .refused = 1,
                             .duplicates = 1};
    memcpy(m->cases_of_version, (uint64_t[]){2976, 0, 0}, sizeof(m->cases_of_version));
    m->review = (struct fz_review){.log = &m->log,
                                   .versions = m->versions,
                                   .versions_n = 2,
                                   .record = &m->record,
                                   .rules = rules,
                                   .rules_n = FZ_COUNT(large_rules),
                                   .cases_of_version = m->cases_of_version,
                                   .first = day("2000-01-01"),
                                   .last = day("2012-10-19"),
                                   .until = FZ_DAY_NONE};
    for (size_t i = 0; i < FZ_COUNT(large_rules); i++) {
        rules[i] = (struct fz_review_rule){
            fz_str_of(large_rules[i].id), made_title(large_rules[i].zh, large_rules[i].en),
            made_articles(a, large_rules[i].articles), large_rules[i].findings * times, large_rules[i].norm};
        n += rules[i].findings;
    }
    findings = FZ_NEW_ARRAY(a, struct fz_finding, n);
    for (uint32_t i = 0; i < FZ_COUNT(large_rules); i++)
        for (uint64_t k = 0; k < rules[i].findings; k++)
            large_finding(m, &findings[at++], i, lang, &random);
    qsort(findings, n, sizeof(*findings), by_case);
    m->review.findings = findings;
    m->review.findings_n = n;
    for (size_t i = 0; i < n; i++)
        m->review.cases_with_findings += i == 0 || findings[i].case_no != findings[i - 1].case_no;
    figures[figures_n++] = (struct fz_figure){.indicator = FZ_STR("created"),
                                              .title = made_title("罚单数", "Fines created"),
                                              .unit = {.zh = FZ_STR("件")},
                                              .numerator = 2976};
    figures[figures_n++] = (struct fz_figure){.indicator = FZ_STR("notified"),
                                              .title = made_title("送达数", "Fines notified"),
                                              .unit = {.zh = FZ_STR("件")},
                                              .numerator = 2313};
    figures[figures_n++] = (struct fz_figure){.indicator = FZ_STR("notified_in_time"),
                                              .title = made_title("按期送达率", "Notified in time"),
                                              .unit = {.zh = FZ_STR("%")},
                                              .share = true,
                                              .numerator = 2057,
                                              .denominator = 2313};
    for (size_t i = 1; i < FZ_COUNT(large_organs); i++)
        figures[figures_n++] = (struct fz_figure){.indicator = FZ_STR("notified_in_time"),
                                                  .title = made_title("按期送达率", "Notified in time"),
                                                  .unit = {.zh = FZ_STR("%")},
                                                  .by = FZ_STR("organ"),
                                                  .value = texts[i],
                                                  .share = true,
                                                  .numerator = 300 - i * i,
                                                  .denominator = i == 7 ? 0 : 330};
    figures[figures_n - 1].numerator = 0;
    m->review.figures = figures;
    m->review.figures_n = figures_n;
}

#endif
