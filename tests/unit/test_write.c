/*
 * How a review is written. The structs are filled by hand (tests/support/reviews.h). With FZ_KEEP=DIRECTORY the pages that are looked
 * at here are left there, to be looked at by people.
 */
#include "../support/support.h"

#include <stdio.h>
#include <stdlib.h>

#include "../support/china.h"
#include "../support/reviews.h"
#include "report/write_int.h"

static struct made_review made;
static struct fz_buf out;

static int setup(void **state)
{
    (void)state;
    fz_arena_init(&made.arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fz_arena_release(&made.arena);
    fz_buf_release(&out);
    return 0;
}

static void keep(const char *name)
{
    const char *directory = getenv("FZ_KEEP");
    char path[1024];
    FILE *f;

    if (!directory)
        return;
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(out.p, 1, out.n, f), out.n);
    assert_int_equal(fclose(f), 0);
}

static const char *html_of(const struct fz_review *r, fz_language lang)
{
    fz_buf_reset(&out);
    fz_review_html(r, lang, &out);
    return out.p;
}

static const char *text_of(const struct fz_review *r, fz_language lang, size_t most)
{
    fz_buf_reset(&out);
    fz_review_text(r, lang, most, &out);
    return out.p;
}

static size_t count_of(const char *text, const char *what)
{
    size_t n = 0;

    for (const char *p = text; (p = strstr(p, what)) != NULL; p += strlen(what))
        n++;
    return n;
}

#define assert_has(text, what) assert_non_null(strstr((text), (what)))
#define assert_lacks(text, what) assert_null(strstr((text), (what)))

/* ---- what the writers share ---- */

static const char *share_of(uint64_t n, uint64_t d)
{
    fz_buf_reset(&out);
    fz_add_share(&out, n, d);
    return out.p;
}

static void test_share__is_rounded_half_up(void **state)
{
    (void)state;
    assert_string_equal(share_of(0, 7), "0.00%");
    assert_string_equal(share_of(1, 3), "33.33%");
    assert_string_equal(share_of(2, 3), "66.67%");
    assert_string_equal(share_of(1, 8), "12.50%");
    assert_string_equal(share_of(1, 20000), "0.01%"); /* exactly half a hundredth */
    assert_string_equal(share_of(1, 20001), "0.00%");
    assert_string_equal(share_of(19999, 20000), "100.00%");
    assert_string_equal(share_of(99994, 100000), "99.99%");
    assert_string_equal(share_of(7, 7), "100.00%");
    assert_string_equal(share_of(UINT64_MAX, UINT64_MAX), "100.00%");
    assert_string_equal(share_of(UINT64_MAX / 2, UINT64_MAX), "50.00%");
}

static void test_number__is_grouped_in_threes(void **state)
{
    static const struct {
        uint64_t n;
        const char *want;
    } rows[] = {{0, "0"},
                {999, "999"},
                {1000, "1_000"},
                {12559, "12_559"},
                {100200300, "100_200_300"},
                {UINT64_MAX, "18_446_744_073_709_551_615"}};

    (void)state;
    for (size_t i = 0; i < FZ_COUNT(rows); i++) {
        fz_buf_reset(&out);
        fz_add_number(&out, rows[i].n, "_");
        assert_string_equal(out.p, rows[i].want);
    }
}

static void test_sentence__chooses_the_word_by_its_number(void **state)
{
    static const char text[] = "{0} {0:case|cases} of {1} {1:was|were}";

    (void)state;
    fz_buf_reset(&out);
    fz_add_sentence(&out, text, "", 1, 2);
    assert_string_equal(out.p, "1 case of 2 were");
    fz_buf_reset(&out);
    fz_add_sentence(&out, text, ",", 0, 1);
    assert_string_equal(out.p, "0 cases of 1 was");
}

static void test_day__is_written_as_fz_day_text_writes_it(void **state)
{
    static const fz_day days[] = {FZ_DAY_NONE, FZ_DAY_MIN, FZ_DAY_MAX, FZ_DAY_MAX + 1, 0, -1, 11016, 19782};
    char text[FZ_DAY_TEXT];

    (void)state;
    for (size_t i = 0; i < FZ_COUNT(days); i++) {
        fz_buf_reset(&out);
        fz_add_day(&out, days[i]);
        assert_string_equal(out.p, fz_day_text(days[i], text));
    }
}

static void test_cut__never_parts_a_character(void **state)
{
    (void)state;
    assert_int_equal(fz_cut_cells(FZ_STR("案件a"), 5).n, 7);
    assert_int_equal(fz_cut_cells(FZ_STR("案件a"), 4).n, 6);
    assert_int_equal(fz_cut_cells(FZ_STR("案件a"), 3).n, 3);
    assert_int_equal(fz_cut_cells(FZ_STR("案件a"), 0).n, 0);
    assert_int_equal(fz_cut_cells(FZ_STR("e\xCC\x81x"), 1).n, 3); /* the accent goes with its letter */
}

/* ---- text ---- */

static void test_text__english(void **state)
{
    (void)state;
    small_review(&made);
    assert_string_equal(text_of(&made.review, FZ_EN, 2),
                        "Case file review: Licences (licence), Permit\n"
                        "\n"
                        "cases     4\n"
                        "events    10, and 1 from columns of days\n"
                        "days      2004-01-02 to 2024-03-01\n"
                        "files     a.csv, 9 rows\n"
                        "          老.csv, 3 rows, converted from GB18030\n"
                        "refused   1 row\n"
                        "repeated  1 row that repeats an earlier one: counted once\n"
                        "          a.csv:4: no such day: 2024-02-30\n"
                        "          老.csv:3: the row repeats line 2\n"
                        "order     1 case whose rows did not stand in the order of their days: sorted\n"
                        "versions  2004-07-01, 1 case\n"
                        "          2019-04-23, 3 cases\n"
                        "          1 case begun before the oldest version: judged by it\n"
                        "until     2024-06-30: limits that still ran were held against this day\n"
                        "open      2 limits that the calendar does not reach: neither met nor missed\n"
                        "findings  3 in 2 cases\n"
                        "\n"
                        "rule                   findings  article               title\n"
                        "late_decision                 2  许可法 42; 许可法 44  Decided late\n"
                        "decide_without_accept         0  许可法 32\n"
                        "answer                        1                        答复 (service norm, no statute)\n"
                        "all                           3\n"
                        "\n"
                        "The first 2 of 3 findings\n"
                        "\n"
                        "A1  2024-02-05  late_decision  许可法 42; 许可法 44  市监局  a.csv:7\n"
                        "    20 working days from 2024-01-04 end on 2024-02-04\n"
                        "    decided on 2024-02-05\n"
                        "\n"
                        "A1  2024-03-01  answer  市监局\n"
                        "    no answer\n"
                        "\n"
                        "Indicators\n"
                        "\n"
                        "Received                                   4  件\n"
                        "Decided in time                       66.67%  2 / 3\n"
                        "Decided in time, Organ = 市监局       12.50%  1 / 8\n"
                        "Decided in time, Organ = not given  no cases  0 / 0\n"
                        "refused (merits)                    no cases  0 / 0\n");
}

static void test_text__chinese(void **state)
{
    (void)state;
    small_review(&made);
    assert_string_equal(text_of(&made.review, FZ_ZH, 3),
                        "案卷评查：行政许可（licence），许可案件\n"
                        "\n"
                        "案件      4\n"
                        "办理记录  10，另有1条取自日期列\n"
                        "起止      2004-01-02至2024-03-01\n"
                        "文件      a.csv，9行\n"
                        "          老.csv，3行，转换自GB18030\n"
                        "未采用    1行\n"
                        "重复      1行与前面的行重复，只计一次\n"
                        "          a.csv:4: no such day: 2024-02-30\n"
                        "          老.csv:3: the row repeats line 2\n"
                        "顺序      1件案件的各行未按日期排列，已重新排序\n"
                        "版本      2004-07-01，1件\n"
                        "          2019-04-23，3件\n"
                        "          1件始于最早版本施行之前，适用该版本\n"
                        "截至      2024-06-30：尚未届满的期限按该日判断\n"
                        "未判断    2个期限超出日历范围，未作判断\n"
                        "问题      3个，涉及2件案件\n"
                        "\n"
                        "规则                   问题数  依据                  内容\n"
                        "late_decision               2  许可法 42、许可法 44  未在期限内作出决定\n"
                        "decide_without_accept       0  许可法 32\n"
                        "answer                      1                        答复（服务规范，非法定）\n"
                        "合计                        3\n"
                        "\n"
                        "问题\n"
                        "\n"
                        "A1  2024-02-05  late_decision  许可法 42、许可法 44  市监局  a.csv:7\n"
                        "    20 working days from 2024-01-04 end on 2024-02-04\n"
                        "    decided on 2024-02-05\n"
                        "\n"
                        "A1  2024-03-01  answer  市监局\n"
                        "    no answer\n"
                        "\n"
                        "案2  2018-12-31  late_decision  许可法 42  Lands & Roads  老.csv:2\n"
                        "    逾期\n"
                        "\n"
                        "指标\n"
                        "\n"
                        "受理数                          4  件\n"
                        "按期办结率                 66.67%  2 / 3\n"
                        "按期办结率，机关 = 市监局  12.50%  1 / 8\n"
                        "按期办结率，机关 = 未填    无案件  0 / 0\n"
                        "refused（merits）          无案件  0 / 0\n");
}

static void test_text__without_cases(void **state)
{
    (void)state;
    empty_review(&made);
    assert_string_equal(text_of(&made.review, FZ_EN, 10),
                        "Case file review: Licences (licence), Permit\n"
                        "\n"
                        "cases     0\n"
                        "events    0\n"
                        "days      -\n"
                        "findings  0 in 0 cases\n"
                        "\n"
                        "rule                   findings  article               title\n"
                        "late_decision                 0  许可法 42; 许可法 44  Decided late\n"
                        "decide_without_accept         0  许可法 32\n"
                        "answer                        0                        答复 (service norm, no statute)\n"
                        "all                           0\n");
}

static void test_text__lists_few_refusals_and_counts_the_rest(void **state)
{
    struct fz_log_refusal refusals[6] = {{0, 1, FZ_STR("one")},  {0, 2, FZ_STR("two")},  {0, 3, FZ_STR("three")},
                                         {0, 4, FZ_STR("four")}, {0, 5, FZ_STR("five")}, {0, 6, FZ_STR("six")}};
    const char *text;

    (void)state;
    small_review(&made);
    made.log.refusals = refusals;
    made.log.refusals_n = 6;
    made.log.refused = 4000;
    text = text_of(&made.review, FZ_EN, 0);
    assert_has(text, "a.csv:5: five\n          and 3996 more\n");
    assert_lacks(text, "six");
    assert_lacks(text, "first 0 of"); /* no finding asked for: none shown, the count stands above */
}

/* ---- TSV ---- */

static void test_tsv__one_finding_a_line(void **state)
{
    (void)state;
    small_review(&made);
    fz_buf_reset(&out);
    fz_review_tsv(&made.review, &out);
    assert_string_equal(
        out.p,
        "rule\ttitle\tarticles\tcase\torgan\tday\tdays_late\tfrom\tdue\tfile\tline\tversion\tworking\n"
        "late_decision\t未在期限内作出决定 / Decided late\t许可法 42; 许可法 44\tA1\t市监局\t2024-02-05\t1\t2024-01-04\t2024-02-04\ta.csv\t7\t"
        "2019-04-23\t20 working days from 2024-01-04 end on 2024-02-04; decided on 2024-02-05\n"
        "answer\t答复\t\tA1\t市监局\t2024-03-01\t\t\t\t\t\t2019-04-23\tno answer\n"
        "late_decision\t未在期限内作出决定 / Decided late\t许可法 42\t案2\tLands & Roads\t2018-12-31\t30\t2018-11-01\t2018-12-01\t老.csv\t2\t"
        "2004-07-01\t逾期\n");
}

/* field bug: a spreadsheet runs what begins with = + - @ */
static void test_tsv__a_spreadsheet_does_not_run_it(void **state)
{
    static const struct {
        const char *id, *cell;
    } rows[] = {{"=cmd|'/c calc'!A1", "'=cmd|'/c calc'!A1"},
                {"+1", "'+1"},
                {"-1+1", "'-1+1"},
                {"@SUM(A1)", "'@SUM(A1)"},
                {"a\"b", "\"a\"\"b\""},
                {"a\tb", "\"a\tb\""},
                {"\t=1", "\"'\t=1\""},
                {"a\nb", "\"a\nb\""},
                {"a=b", "a=b"}};

    (void)state;
    small_review(&made);
    made.review.findings_n = 1;
    for (size_t i = 0; i < FZ_COUNT(rows); i++) {
        char want[64];

        made.log.cases[0].id = fz_str_of(rows[i].id);
        made.review.findings[0].working = fz_str_of(rows[i].id);
        fz_buf_reset(&out);
        fz_review_tsv(&made.review, &out);
        snprintf(want, sizeof(want), "\t%s\t市监局\t", rows[i].cell);
        assert_has(out.p, want);
        snprintf(want, sizeof(want), "\t%s\n", rows[i].cell);
        if (!strpbrk(rows[i].id, "\t\n")) /* a working has no such character, see below */
            assert_has(out.p, want);
    }
    made.log.cases[0].id = FZ_STR("A1");
    made.review.findings[0].working = FZ_STR("=1\tx\r\ny");
    fz_buf_reset(&out);
    fz_review_tsv(&made.review, &out);
    assert_has(out.p, "\t'=1\xEF\xBF\xBDx\xEF\xBF\xBD; y\n");
    assert_int_equal(count_of(out.p, "\n"), 2);
}

/* ---- JSON ---- */

static void test_json__whole(void **state)
{
    (void)state;
    small_review(&made);
    fz_buf_reset(&out);
    fz_review_json(&made.review, &out);
    assert_string_equal(
        out.p,
        "{\"cases\":4,\n"
        "\"events\":10,\n"
        "\"findings\":{\"late_decision\":2,\"decide_without_accept\":0,\"answer\":1},\n"
        "\"cases_with_findings\":2,\n"
        "\"pack\":\"licence\",\n"
        "\"versions\":[{\"version\":\"2004-07-01\",\"cases\":1},{\"version\":\"2019-04-23\",\"cases\":3},{\"version\":\"2025-01-01\",\"cases\":0}],\n"
        "\"files\":[{\"name\":\"a.csv\",\"encoding\":\"UTF-8\",\"rows\":9},{\"name\":\"老.csv\",\"encoding\":\"GB18030\",\"rows\":3}],\n"
        "\"refused\":{\"count\":1,\"duplicates\":1,\"disordered\":1,\"list\":[\n"
        "{\"file\":\"a.csv\",\"line\":4,\"why\":\"no such day: 2024-02-30\"},\n"
        "{\"file\":\"老.csv\",\"line\":3,\"why\":\"the row repeats line 2\"}]},\n"
        "\"first\":\"2004-01-02\",\n"
        "\"last\":\"2024-03-01\",\n"
        "\"until\":\"2024-06-30\",\n"
        "\"disordered\":1,\n"
        "\"before_first\":1,\n"
        "\"unjudged\":2,\n"
        "\"list\":[\n"
        "{\"rule\":\"late_decision\",\"case\":\"A1\",\"organ\":\"市监局\",\"day\":\"2024-02-05\",\"articles\":[\"许可法 42\",\"许可法 44\"],"
        "\"from\":\"2024-01-04\",\"due\":\"2024-02-04\",\"over\":1,\"file\":\"a.csv\",\"line\":7,\"version\":\"2019-04-23\","
        "\"working\":\"20 working days from 2024-01-04 end on 2024-02-04\\u000adecided on 2024-02-05\\u000a\"},\n"
        "{\"rule\":\"answer\",\"case\":\"A1\",\"organ\":\"市监局\",\"day\":\"2024-03-01\",\"articles\":[],"
        "\"from\":null,\"due\":null,\"over\":0,\"file\":null,\"line\":null,\"version\":\"2019-04-23\",\"working\":\"no answer\"},\n"
        "{\"rule\":\"late_decision\",\"case\":\"案2\",\"organ\":\"Lands & Roads\",\"day\":\"2018-12-31\",\"articles\":[\"许可法 42\"],"
        "\"from\":\"2018-11-01\",\"due\":\"2018-12-01\",\"over\":30,\"file\":\"老.csv\",\"line\":2,\"version\":\"2004-07-01\",\"working\":\"逾期\"}],\n"
        "\"indicators\":[\n"
        "{\"name\":\"received\",\"basis\":null,\"title\":{\"zh\":\"受理数\",\"en\":\"Received\"},\"unit\":\"件\",\"by\":null,\"value\":null,"
        "\"numerator\":4,\"denominator\":0,\"count\":4},\n"
        "{\"name\":\"in_time\",\"basis\":null,\"title\":{\"zh\":\"按期办结率\",\"en\":\"Decided in time\"},\"unit\":\"%\",\"by\":null,\"value\":null,"
        "\"numerator\":2,\"denominator\":3,\"share_hundredths\":6667},\n"
        "{\"name\":\"in_time\",\"basis\":null,\"title\":{\"zh\":\"按期办结率\",\"en\":\"Decided in time\"},\"unit\":\"%\",\"by\":\"organ\","
        "\"value\":\"市监局\",\"numerator\":1,\"denominator\":8,\"share_hundredths\":1250},\n"
        "{\"name\":\"in_time\",\"basis\":null,\"title\":{\"zh\":\"按期办结率\",\"en\":\"Decided in time\"},\"unit\":\"%\",\"by\":\"organ\","
        "\"value\":null,\"numerator\":0,\"denominator\":0,\"share_hundredths\":null},\n"
        "{\"name\":\"refused\",\"basis\":\"merits\",\"title\":{\"zh\":null,\"en\":null},\"unit\":null,\"by\":null,\"value\":null,"
        "\"numerator\":0,\"denominator\":0,\"share_hundredths\":null}]}\n");
}

static void test_json__without_cases(void **state)
{
    (void)state;
    empty_review(&made);
    fz_buf_reset(&out);
    fz_review_json(&made.review, &out);
    assert_has(
        out.p,
        "{\"cases\":0,\n\"events\":0,\n\"findings\":{\"late_decision\":0,\"decide_without_accept\":0,\"answer\":0},\n");
    assert_has(
        out.p,
        "\"refused\":{\"count\":0,\"duplicates\":0,\"disordered\":0,\"list\":[]},\n\"first\":null,\n\"last\":null,\n\"until\":null,\n\"disordered\":0,\n\"before_first\":0,\n\"unjudged\":0,\n\"list\":[],\n\"indicators\":[]}\n");
}

/* ---- other people's text ---- */

#define HOSTILE "\"><script>alert('x')</script>&\x1b[31m\xff\xe2\x80\xae\\\n=1"

/* Every text that a review can hold is hostile; three findings, all figures. */
static void hostile_review(void)
{
    static const fz_str texts[] = {FZ_STR(""), FZ_STR(HOSTILE), FZ_STR(HOSTILE "2")};
    static struct fz_log_file files[] = {{HOSTILE, "UTF-8", FZ_STR("events"), 9},
                                         {HOSTILE, "GB18030", FZ_STR("events"), 3}};
    static struct fz_law laws[1];
    fz_title title = {FZ_STR(HOSTILE), FZ_STR(HOSTILE)};

    small_review(&made);
    laws[0] = (struct fz_law){FZ_STR(HOSTILE), title, FZ_STR(HOSTILE), 0, FZ_DAY_NONE};
    for (size_t i = 0; i < FZ_COUNT(made.packs); i++) {
        made.packs[i].name = made.packs[i].calendar = FZ_STR(HOSTILE);
        made.packs[i].title = title;
        made.packs[i].laws = laws;
    }
    made.record.title = title;
    made.record.name = FZ_STR(HOSTILE);
    made.record.fields_n = 0;
    made.log.texts = texts;
    made.log.files = files;
    for (size_t i = 0; i < made.log.cases_n; i++)
        made.log.cases[i].id = FZ_STR(HOSTILE);
    for (size_t i = 0; i < made.log.refusals_n; i++)
        made.log.refusals[i].why = FZ_STR(HOSTILE);
    for (size_t i = 0; i < made.review.rules_n; i++) {
        made.review.rules[i].id = FZ_STR(HOSTILE);
        made.review.rules[i].title = title;
        made.review.rules[i].articles = made_articles(&made.arena, HOSTILE);
    }
    for (size_t i = 0; i < made.review.findings_n; i++) {
        made.review.findings[i].articles = made_articles(&made.arena, HOSTILE "2");
        made.review.findings[i].working = FZ_STR(HOSTILE);
    }
    for (size_t i = 0; i < made.review.figures_n; i++) {
        struct fz_figure *f = &made.review.figures[i];

        f->indicator = f->basis = FZ_STR(HOSTILE);
        f->unit = (fz_title){.zh = FZ_STR(HOSTILE)};
        f->title = title;
        f->by = i % 2 ? FZ_STR(HOSTILE) : (fz_str){0};
        f->value = i == 1 ? FZ_STR(HOSTILE) : (fz_str){0};
    }
}

static void test_text__does_not_steer_a_terminal(void **state)
{
    (void)state;
    for (int lang = FZ_EN; lang <= FZ_ZH; lang++) {
        const char *text;
        size_t lines;

        small_review(&made);
        lines = count_of(text_of(&made.review, lang, 9), "\n");
        hostile_review();
        text = text_of(&made.review, lang, 9);
        assert_true(fz_utf8_valid(fz_buf_str(&out)));
        assert_lacks(text, "\x1b");
        assert_lacks(text, "\xe2\x80\xae");
        assert_has(text, "alert('x')</script>&\xEF\xBF\xBD[31m\xEF\xBF\xBD\xEF\xBF\xBD\\\xEF\xBF\xBD=1");
        /* Only a working may have lines of its own: here each of three has two, there four in all. */
        assert_int_equal(count_of(text, "\n"), lines + 2);
    }
}

/* Brackets balance outside of strings, and strings hold no control: enough to see that nothing broke out. */
static void assert_json(const char *p)
{
    char open[64];
    size_t depth = 0;
    bool inside = false;

    for (; *p; p++) {
        if (inside) {
            assert_true((unsigned char)*p >= 0x20);
            inside = *p != '"';
            p += *p == '\\';
        } else if (*p == '{' || *p == '[') {
            assert_true(depth < sizeof(open));
            open[depth++] = *p == '{' ? '}' : ']';
        } else if (*p == '}' || *p == ']') {
            assert_true(depth > 0 && open[--depth] == *p);
        } else {
            inside = *p == '"';
            assert_true(inside || strchr(":,\n0123456789nul", *p));
        }
    }
    assert_true(depth == 0 && !inside);
}

static void test_json__holds_any_text(void **state)
{
    (void)state;
    hostile_review();
    fz_buf_reset(&out);
    fz_review_json(&made.review, &out);
    assert_json(out.p);
    assert_true(fz_utf8_valid(fz_buf_str(&out)));
    assert_has(
        out.p,
        "\"case\":\"\\\"><script>alert('x')</script>&\\u001b[31m\xEF\xBF\xBD\xe2\x80\xae\\\\\\u000a=1\",\"organ\"");
}

/* ---- HTML: its form ---- */

static bool is_void(fz_str name)
{
    return fz_str_is(name, "meta") || fz_str_is(name, "br") || fz_str_is(name, "wbr");
}

static fz_str tag_name(const char *p)
{
    return (fz_str){p, strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")};
}

/* `p` behind the name of an opening tag: attributes in double quotes. Returns its end, a '>'. */
static const char *attributes(const char *p)
{
    while (*p != '>' && *p != '/') {
        if (*p != ' ')
            fail_msg("no attribute: %.40s", p);
        p++;
        p += strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
        if (p[0] == '=' && p[1] == '"') {
            p = strchr(p + 2, '"');
            assert_non_null(p);
            p++;
        }
    }
    return p;
}

static bool is_reference(const char *p)
{
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};

    for (size_t i = 0; i < FZ_COUNT(known); i++)
        if (strncmp(p, known[i], strlen(known[i])) == 0)
            return true;
    return false;
}

/* Every tag is closed in its turn, and text holds no bare < > or &. */
static void assert_balanced(const char *page)
{
    fz_str open[64];
    size_t depth = 0;

    for (const char *p = page + strlen("<!DOCTYPE html>"); *p; p++) {
        bool closes = p[0] == '<' && p[1] == '/';
        fz_str name;

        if (*p == '>' || (*p == '&' && !is_reference(p)))
            fail_msg("bare %c: %.60s", *p, p);
        if (*p != '<')
            continue;
        name = tag_name(p + 1 + closes);
        if (name.n == 0)
            fail_msg("no tag: %.60s", p);
        p = closes ? name.p + name.n : attributes(name.p + name.n);
        if (closes) {
            if (depth == 0 || !fz_str_eq(open[depth - 1], name))
                fail_msg("out of turn: </%.60s", name.p);
            depth--;
        } else if (*p != '/' && !is_void(name)) {
            assert_true(depth < FZ_COUNT(open));
            open[depth++] = name;
        }
        p += *p == '/';
        assert_int_equal(*p, '>');
        if (!closes && fz_str_is(name, "style")) /* its text is no markup */
            p = strstr(p, "</style>") - 1;
    }
    assert_int_equal(depth, 0);
}

static bool has_id(const char *page, fz_str id)
{
    char want[128];

    snprintf(want, sizeof(want), " id=\"%.*s\"", FZ_STR_ARG(id));
    return count_of(page, want) == 1;
}

/* Ids stand once, and whatever names one names one that is there. */
static void assert_references(const char *page)
{
    static const char *const attribute[] = {" id=\"", " aria-labelledby=\"", " href=\"#", "url(#"};

    for (size_t i = 0; i < FZ_COUNT(attribute); i++) {
        for (const char *p = page; (p = strstr(p, attribute[i])) != NULL;) {
            p += strlen(attribute[i]);
            for (size_t n; n = strcspn(p, " \")"), n; p += n + (p[n] == ' '))
                if (!has_id(page, (fz_str){p, n}))
                    fail_msg("id %.*s", (int)n, p);
        }
    }
}

/* Nothing runs, nothing is fetched. */
static void assert_self_contained(const char *page)
{
    static const char *const never[] = {
        "<script", "javascript:", "<link",   "<img",    "<iframe", "<object",  "<embed",      "<base",
        "<form",   " src=",       "@import", " style=", "http://", "https://", "<a href=\"h", "<foreignObject"};

    for (size_t i = 0; i < FZ_COUNT(never); i++)
        if (strstr(page, never[i]))
            fail_msg("%s: %.80s", never[i], strstr(page, never[i]));
    assert_int_equal(count_of(page, "href="), count_of(page, "href=\"#rule-"));
    assert_int_equal(count_of(page, "url("), count_of(page, "url(#"));
    assert_has(
        page,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">");
}

static void assert_page(const char *page, const char *lang)
{
    char want[64];

    snprintf(want, sizeof(want), "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">", lang);
    assert_int_equal(strncmp(page, want, strlen(want)), 0);
    assert_true(fz_utf8_valid(fz_buf_str(&out)));
    assert_balanced(page);
    assert_references(page);
    assert_self_contained(page);
    assert_int_equal(count_of(page, "<th"), count_of(page, "<th scope=\"") + count_of(page, "<thead>"));
    assert_int_equal(count_of(page, "<svg "), count_of(page, "<desc id="));
}

static void test_html__is_well_formed(void **state)
{
    static const struct {
        void (*fill)(struct made_review *m);
        const char *name;
    } reviews[] = {{small_review, "small"}, {empty_review, "empty"}};
    char name[64];

    (void)state;
    for (size_t i = 0; i < FZ_COUNT(reviews); i++) {
        reviews[i].fill(&made);
        assert_page(html_of(&made.review, FZ_EN), "en");
        snprintf(name, sizeof(name), "%s.en.html", reviews[i].name);
        keep(name);
        assert_page(html_of(&made.review, FZ_ZH), "zh-CN");
        snprintf(name, sizeof(name), "%s.zh.html", reviews[i].name);
        keep(name);
    }
}

static void test_html__escapes_everything(void **state)
{
    const char *page;

    (void)state;
    hostile_review();
    page = html_of(&made.review, FZ_EN);
    keep("hostile.html");
    assert_page(page, "en");
    assert_lacks(page, "\x1b");
    assert_lacks(page, "\xe2\x80\xae");
    assert_has(
        page,
        "<li><p><b><bdi>&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;\xEF\xBF\xBD[31m\xEF\xBF\xBD\xEF\xBF\xBD\\\xEF\xBF\xBD=1</bdi></b>");
}

static void test_html__is_the_same_each_time(void **state)
{
    char *first;

    (void)state;
    large_review(&made, 1, FZ_ZH);
    html_of(&made.review, FZ_ZH);
    first = fz_str_z(&made.arena, fz_buf_str(&out));
    assert_string_equal(html_of(&made.review, FZ_ZH), first);
}

/* ---- HTML: its numbers ---- */

/* From `from` to `to`, a copy. */
static const char *part(const char *page, const char *from, const char *to)
{
    const char *begin = strstr(page, from), *end;

    if (!begin)
        fail_msg("%s is not in the page", from);
    end = strstr(begin, to);
    assert_non_null(end);
    return fz_str_z(&made.arena, (fz_str){begin, (size_t)(end - begin)});
}

static uint64_t read_number(const char *p)
{
    uint64_t n = 0;

    assert_true(*p >= '0' && *p <= '9');
    for (;; p += *p >= '0' ? 1 : strlen(FZ_THIN)) {
        if (*p >= '0' && *p <= '9')
            n = n * 10 + (uint64_t)(*p - '0');
        else if (strncmp(p, FZ_THIN, strlen(FZ_THIN)) != 0)
            return n;
    }
}

/* The number that a chart writes beside a label. */
static uint64_t chart_number(const char *svg, const char *label)
{
    fz_str want = fz_str_printf(&made.arena, ">%s</text>", label);
    const char *p = strstr(svg, want.p);

    if (!p)
        fail_msg("%s is not in the chart", label);
    p = strstr(p, "<text class=\"n\"");
    assert_non_null(p);
    return read_number(strchr(p, '>') + 1);
}

static uint64_t chart_sum(const char *svg)
{
    uint64_t sum = 0;

    for (const char *p = svg; (p = strstr(p, "<text class=\"n\"")) != NULL; p++)
        sum += read_number(strchr(p, '>') + 1);
    return sum;
}

/* Column `k` of the numbers in the row of a table that holds `key`. */
static uint64_t row_number(const char *table, const char *key, int k)
{
    const char *p = strstr(table, key);

    if (!p)
        fail_msg("%s is not in the table", key);
    for (; k >= 0; k--) {
        p = strstr(p + 1, "<td class=\"n\">");
        assert_non_null(p);
    }
    return read_number(p + strlen("<td class=\"n\">"));
}

/* An id as the page writes it. */
static const char *broken_id(fz_str id)
{
    struct fz_buf b = {0};
    const char *z;

    for (size_t i = 0; i < id.n; i++) {
        fz_buf_addc(&b, id.p[i]);
        if (id.p[i] == '_')
            fz_buf_addz(&b, "<wbr>");
    }
    z = fz_str_printf(&made.arena, "<code>%s</code>", b.p).p;
    fz_buf_release(&b);
    return z;
}

static uint64_t cases_of_rule(const struct fz_review *r, uint32_t rule)
{
    bool *seen = FZ_NEW_ARRAY(&made.arena, bool, r->log->cases_n);
    uint64_t n = 0;

    for (size_t i = 0; i < r->findings_n; i++)
        if (r->findings[i].rule == rule && !seen[r->findings[i].case_no])
            n += seen[r->findings[i].case_no] = true;
    return n;
}

static void assert_rules(const char *page, const struct fz_review *r, fz_language lang)
{
    const char *section = part(page, "<h2 id=\"rules\">", "</section>"), *svg = part(section, "<svg ", "</svg>");

    for (uint32_t i = 0; i < r->rules_n; i++) {
        const struct fz_review_rule *rule = &r->rules[i];
        const char *mark = !rule->service_norm ? "" : lang == FZ_ZH ? "服务规范：" : "service norm: ";
        fz_str label = fz_str_printf(&made.arena, "%s%.*s", mark, FZ_STR_ARG(fz_rule_words(rule, lang)));

        assert_int_equal(row_number(section, broken_id(rule->id), 0), rule->findings);
        assert_int_equal(row_number(section, broken_id(rule->id), 1), cases_of_rule(r, i));
        if (rule->findings)
            assert_int_equal(chart_number(svg, label.p), rule->findings);
    }
    assert_int_equal(chart_sum(svg), r->findings_n);
    assert_int_equal(row_number(section, "<tfoot>", 0), r->findings_n);
    assert_int_equal(row_number(section, "<tfoot>", 1), r->cases_with_findings);
    assert_has(svg, "<rect class=\"b\" y=\"20\" height=\"12\" width=\"100.0000%\"/>");
}

static uint64_t findings_of_month(const struct fz_review *r, const char *month)
{
    char text[FZ_DAY_TEXT];
    uint64_t n = 0;

    for (size_t i = 0; i < r->findings_n; i++)
        n += strncmp(fz_day_text(r->findings[i].day, text), month, 7) == 0;
    return n;
}

/* The strip of all findings: each column against a plain count and against the table. */
static void assert_months(const char *page, const struct fz_review *r)
{
    const char *section = part(page, "<h2 id=\"time\">", "</section>"), *svg = part(section, "<svg ", "</svg>");
    const char *table = part(section, "<tbody>", "</table>"), *first = strstr(svg, "<text class=\"n\""),
               *end = strstr(first + 1, "<text class=\"n\"");
    uint64_t sum = 0;

    for (const char *p = first; (p = strstr(p, "<title>")) != NULL && p < end; p++) {
        fz_str month = {p + strlen("<title>"), 7};
        uint64_t n = read_number(month.p + month.n + 2);

        assert_int_equal(n, findings_of_month(r, fz_str_z(&made.arena, month)));
        assert_int_equal(n, row_number(table, fz_str_printf(&made.arena, ">%.*s<", FZ_STR_ARG(month)).p, 0));
        sum += n;
    }
    assert_int_equal(sum, r->findings_n);
    assert_int_equal(row_number(table, "<tfoot>", 0), r->findings_n);
    assert_int_equal(chart_sum(svg), 2 * r->findings_n); /* all of them, and again by rule */
}

static void assert_organs(const char *page, const struct fz_review *r)
{
    const char *section = part(page, "<h2 id=\"organs\">", "</section>"), *svg = part(section, "<svg ", "</svg>");

    for (uint32_t o = 1; o < FZ_COUNT(large_organs); o++) {
        const char *key = fz_str_printf(&made.arena, "<bdi>%s</bdi>", large_organs[o]).p;
        uint64_t cases = 0, findings = 0;

        for (size_t i = 0; i < r->log->cases_n; i++)
            cases += r->log->cases[i].organ == o;
        for (size_t i = 0; i < r->findings_n; i++)
            findings += r->log->cases[r->findings[i].case_no].organ == o;
        assert_int_equal(row_number(section, key, 0), cases);
        assert_int_equal(row_number(section, key, 1), findings);
        assert_int_equal(chart_number(svg, large_organs[o]), findings);
    }
    assert_int_equal(chart_sum(svg), r->findings_n);
}

static void test_html__charts_and_tables_say_the_same(void **state)
{
    (void)state;
    for (fz_language lang = FZ_EN; lang <= FZ_ZH; lang++) {
        const char *page;

        large_review(&made, 1, lang);
        page = fz_str_z(&made.arena, (html_of(&made.review, lang), fz_buf_str(&out)));
        keep(lang == FZ_ZH ? "large.zh.html" : "large.en.html");
        assert_page(page, lang == FZ_ZH ? "zh-CN" : "en");
        assert_rules(page, &made.review, lang);
        assert_months(page, &made.review);
        assert_organs(page, &made.review);
        assert_int_equal(count_of(page, "<li><p><b>"), made.review.findings_n);
    }
}

/* One line stands for itself, a short count below it is open, a long one folded. */
static void test_html__folds_long_workings(void **state)
{
    const char *page;

    (void)state;
    small_review(&made);
    made.review.findings[0].working = FZ_STR("late\n1\n2\n3\n");
    page = html_of(&made.review, FZ_EN);
    assert_page(page, "en");
    assert_has(
        page,
        "<p class=\"w\">late</p><details class=\"days\"><summary>Day by day</summary><pre>1\n2\n3\n</pre></details></li>");
    assert_has(page, "<p class=\"w\">no answer</p></li>");
    assert_has(page, "What is unfolded is printed");
    made.review.findings[0].working = FZ_STR("late\n1\n2");
    made.review.findings[1].working = (fz_str){0};
    page = html_of(&made.review, FZ_EN);
    assert_page(page, "en");
    assert_has(page, "<p class=\"w\">late</p><pre>1\n2\n</pre></li>");
    assert_has(page, "市监局</bdi> · Version <time>2019-04-23</time></span></p></li>");
    assert_lacks(page, "What is unfolded is printed");
}

/* A finding says its article and version where they are not those of its rule and of all others. */
static void test_html__tells_versions_apart(void **state)
{
    const char *page;

    (void)state;
    small_review(&made);
    made.packs[2].title = made_title("未施行的修订", "An amendment that judged nobody");
    page = html_of(&made.review, FZ_EN);
    assert_has(page, "<h1>Case file review: Licences</h1>");
    assert_has(
        page,
        "30 days late · <bdi>Lands &amp; Roads</bdi> · 许可法 42 · Version <time>2004-07-01</time> · <bdi>老.csv</bdi>:2</span>");
    assert_has(page, "1 day late · <bdi>市监局</bdi> · Version <time>2019-04-23</time> · <bdi>a.csv</bdi>:7</span>");
    assert_has(page, "1 case began before the oldest version and was judged by it.");
    made.cases_of_version[0] = 0;
    made.cases_of_version[1] = 4;
    assert_lacks(html_of(&made.review, FZ_EN), "· Version");
    assert_lacks(text_of(&made.review, FZ_EN, 0), "amendment");
}

static void test_html__says_how_days_were_counted(void **state)
{
    struct fz_calendar *cn = china_calendar();
    const char *page;

    (void)state;
    small_review(&made);
    page = html_of(&made.review, FZ_EN);
    assert_has(page, "<li>Time limits were counted in plain calendar days.</li>");
    assert_has(page, "<li>Time limits that still ran were held against <time>2024-06-30</time></li>");
    assert_has(page, "<li>2 time limits could not be judged: the calendar does not reach so far.</li>");
    made.review.cal = cn;
    made.review.until = FZ_DAY_NONE;
    page = html_of(&made.review, FZ_EN);
    assert_page(page, "en");
    assert_has(page, "<li>Time limits were counted over the calendar cn, ");
    assert_has(page, "; the notices of holidays in it reach to <time>2026-12-31</time></li>");
    assert_has(page, "<li>A time limit that still ran when the log ended is no finding.</li>");
    fz_calendar_free(cn);
}

/* A rule without a title is its id, and says it once. */
static void test_html__says_an_id_once(void **state)
{
    const char *page;

    (void)state;
    small_review(&made);
    page = part(html_of(&made.review, FZ_EN), "<h2 id=\"rules\">", "</section>");
    assert_int_equal(count_of(page, "<code>decide_<wbr>without_<wbr>accept</code>"), 1);
    assert_lacks(page, "decide_without_accept");
}

/* The engine gives figures in the order in which the log first counted them. */
static void test_figures__stand_in_order(void **state)
{
    const struct fz_figure **figures;

    (void)state;
    small_review(&made);
    figures = fz_figures_in_order(&made.review, &made.arena);
    assert_true(fz_str_is(figures[0]->indicator, "received"));
    assert_true(fz_str_is(figures[1]->indicator, "in_time") && figures[1]->by.n == 0);
    assert_true(fz_str_is(figures[2]->value, "市监局"));
    assert_true(fz_figure_unset(figures[3]));
    assert_true(fz_str_is(figures[4]->basis, "merits"));
}

static void test_html__lists_five_hundred_a_rule_and_says_so(void **state)
{
    const char *page;
    size_t listed = 0;

    (void)state;
    large_review(&made, 10, FZ_EN);
    page = html_of(&made.review, FZ_EN);
    assert_page(page, "en");
    for (size_t i = 0; i < made.review.rules_n; i++)
        listed += made.review.rules[i].findings < 500 ? made.review.rules[i].findings : 500;
    assert_int_equal(count_of(page, "<li><p><b>"), listed);
    assert_has(page, "<p class=\"note\">2" FZ_THIN
                     "060 more are not shown here; the TSV and JSON outputs have them all.</p>");
    assert_int_equal(count_of(page, "more are not shown here"), 2); /* 2,560 and 790 findings */
}

static void test_html__zero_is_no_share(void **state)
{
    const char *page;

    (void)state;
    small_review(&made);
    page = html_of(&made.review, FZ_EN);
    assert_int_equal(count_of(page, "<td class=\"n\">no cases</td>"), 2);
    assert_has(page, "<td class=\"n\">2</td><td class=\"n\">3</td><td class=\"n\">66.67%</td>");
    empty_review(&made);
    page = html_of(&made.review, FZ_ZH);
    assert_has(page, "<p>没有发现问题。</p>");
    assert_lacks(page, "%</td>");
    assert_lacks(page, "<svg ");
    assert_lacks(page, "id=\"list\"");
}

static void test_html__without_organs_no_section_of_them(void **state)
{
    static const fz_str texts[] = {FZ_STR("")};

    (void)state;
    small_review(&made);
    assert_has(html_of(&made.review, FZ_EN), "id=\"organs\"");
    for (size_t i = 0; i < made.log.cases_n; i++)
        made.log.cases[i].organ = 0;
    made.log.texts = texts;
    assert_lacks(html_of(&made.review, FZ_EN), "id=\"organs\"");
}

/* Thirty organs, some under two indices: twenty stand for themselves, ten are one row and one bar. */
static void test_html__sums_organs_after_twenty(void **state)
{
    static fz_str texts[41];
    static struct fz_log_case cases[40];
    struct fz_finding *findings;
    const char *section;
    char names[30][8];

    (void)state;
    small_review(&made);
    findings = FZ_NEW_ARRAY(&made.arena, struct fz_finding, 40);
    for (uint32_t i = 0; i < 40; i++) {
        snprintf(names[i % 30], sizeof(names[0]), "O%02u", i % 30);
        texts[i + 1] = fz_str_of(names[i % 30]);
        cases[i] = (struct fz_log_case){.id = FZ_STR("x"), .organ = i + 1};
        findings[i] = made.review.findings[0];
        findings[i].case_no = i;
    }
    made.log.texts = texts;
    made.log.cases = cases;
    made.log.cases_n = 40;
    made.review.findings = findings;
    made.review.findings_n = made.review.rules[0].findings = made.review.cases_with_findings = 40;
    made.review.rules[2].findings = 0;
    assert_page(html_of(&made.review, FZ_EN), "en");
    section = part(out.p, "<h2 id=\"organs\">", "</section>");
    assert_int_equal(row_number(section, "<bdi>O00</bdi>", 1), 2);
    assert_int_equal(row_number(section, "<bdi>O19</bdi>", 1), 1);
    assert_lacks(section, "O20");
    assert_int_equal(row_number(section, "<bdi>10 other organs</bdi>", 1), 10);
    assert_int_equal(chart_number(section, "10 other organs"), 10);
    assert_int_equal(chart_sum(part(section, "<svg ", "</svg>")), 40);
}

/* Too many months for one chart: years, and of a log with a slip of the pen centuries. */
static void test_html__long_times_get_wider_columns(void **state)
{
    static const struct {
        const char *first, *last, *id, *column, *missing;
    } rows[] = {
        {"2009-03-31", "2023-12-01", "Findings by month", "<title>2009-03: 1</title>", "<title>2009: 1</title>"},
        {"1990-05-05", "2024-02-05", "Findings by year", "<title>1990: 1</title>", "1990-05:"},
        {"1024-02-05", "2024-02-05", "Findings by period", "<title>1020–1029: 1</title>", "1024:"},
        {"0001-01-01", "9999-12-31", "Findings by period", "<title>9900–9999: 1</title>", ">9999: 1"},
    };

    (void)state;
    for (size_t i = 0; i < FZ_COUNT(rows); i++) {
        const char *section;

        small_review(&made);
        made.review.findings[0].day = day(rows[i].first);
        made.review.findings[1].day = FZ_DAY_NONE;
        made.review.findings[2].day = day(rows[i].last);
        assert_page(html_of(&made.review, FZ_EN), "en");
        section = part(out.p, "<h2 id=\"time\">", "</section>");
        assert_has(section, rows[i].id);
        assert_has(section, rows[i].column);
        assert_lacks(section, rows[i].missing);
        assert_has(section, "1 finding has no day and is not in this chart.");
        assert_true(count_of(section, "<rect class=\"a\"") <= 12);
    }
}

/* More rules than a chart has bars, more than it has strips. */
static void test_html__many_rules_are_summed_in_charts(void **state)
{
    struct fz_review_rule *rules;
    struct fz_finding *findings;
    const char *svg;

    (void)state;
    small_review(&made);
    rules = FZ_NEW_ARRAY(&made.arena, struct fz_review_rule, 30);
    findings = FZ_NEW_ARRAY(&made.arena, struct fz_finding, 60);
    for (uint32_t i = 0; i < 30; i++) {
        rules[i] = (struct fz_review_rule){.id = fz_str_printf(&made.arena, "r%u", i), .findings = 2};
        findings[2 * i] = findings[2 * i + 1] = made.review.findings[0];
        findings[2 * i].rule = findings[2 * i + 1].rule = i;
    }
    made.review.rules = rules;
    made.review.rules_n = 30;
    made.review.findings = findings;
    made.review.findings_n = 60;
    assert_page(html_of(&made.review, FZ_EN), "en");
    svg = part(part(out.p, "<h2 id=\"rules\">", "</section>"), "<svg ", "</svg>");
    assert_int_equal(chart_number(svg, "r19"), 2);
    assert_lacks(svg, ">r20<");
    assert_int_equal(chart_number(svg, "Other rules"), 20);
    svg = part(part(out.p, "<h2 id=\"time\">", "</section>"), "<svg ", "</svg>");
    assert_int_equal(chart_number(svg, "All"), 60);
    assert_int_equal(chart_number(svg, "r4"), 2);
    assert_int_equal(chart_number(svg, "Other rules"), 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_share__is_rounded_half_up),
        cmocka_unit_test(test_number__is_grouped_in_threes),
        cmocka_unit_test(test_sentence__chooses_the_word_by_its_number),
        cmocka_unit_test(test_day__is_written_as_fz_day_text_writes_it),
        cmocka_unit_test(test_cut__never_parts_a_character),
        cmocka_unit_test(test_text__english),
        cmocka_unit_test(test_text__chinese),
        cmocka_unit_test(test_text__without_cases),
        cmocka_unit_test(test_text__lists_few_refusals_and_counts_the_rest),
        cmocka_unit_test(test_text__does_not_steer_a_terminal),
        cmocka_unit_test(test_tsv__one_finding_a_line),
        cmocka_unit_test(test_tsv__a_spreadsheet_does_not_run_it),
        cmocka_unit_test(test_json__whole),
        cmocka_unit_test(test_json__without_cases),
        cmocka_unit_test(test_json__holds_any_text),
        cmocka_unit_test(test_html__is_well_formed),
        cmocka_unit_test(test_html__escapes_everything),
        cmocka_unit_test(test_html__is_the_same_each_time),
        cmocka_unit_test(test_html__charts_and_tables_say_the_same),
        cmocka_unit_test(test_html__folds_long_workings),
        cmocka_unit_test(test_html__tells_versions_apart),
        cmocka_unit_test(test_html__says_how_days_were_counted),
        cmocka_unit_test(test_html__says_an_id_once),
        cmocka_unit_test(test_figures__stand_in_order),
        cmocka_unit_test(test_html__lists_five_hundred_a_rule_and_says_so),
        cmocka_unit_test(test_html__zero_is_no_share),
        cmocka_unit_test(test_html__without_organs_no_section_of_them),
        cmocka_unit_test(test_html__sums_organs_after_twenty),
        cmocka_unit_test(test_html__long_times_get_wider_columns),
        cmocka_unit_test(test_html__many_rules_are_summed_in_charts),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
