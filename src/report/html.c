/*
 * A review as one page that a supervisor prints and files.
 *
 * Nothing in it runs and nothing is fetched: the style stands inside, the charts are SVG, the content policy forbids everything else.
 * Nothing rests on colour, every chart has its numbers in a table beside it, and both are written from the same tally. All text that
 * comes from packs, logs and file names passes html() or bdi().
 */
#include "report/write_int.h"

#include <stdlib.h>

#include "report/chart.h"

#define LISTED_MAX 500    /* findings shown a rule; TSV and JSON have all of them */
#define DAYS_OPEN 2       /* lines of a working below its first that stand open; more are folded */
#define REFUSED_MAX 200   /* refused rows shown */
#define BARS_MAX 20       /* bars of a chart; the rest is summed */
#define RULE_STRIPS_MAX 6 /* strips of the chart over time, below that of all findings */
#define COLUMNS_MAX 180   /* columns of that chart: fifteen years of months */
#define LABELS_MAX 8      /* labels on its axis, that fit a telephone */
#define VALUES_SHOWN 12   /* figures of one dimension that stand open */
#define VALUES_MAX 500    /* and that are shown at all */

/* ---- the words ---- */

struct words {
    const char *lang, *heading, *comma, *between, *colon, *brackets[2];
    const char *cases, *events, *findings, *with_findings, *refused, *no_cases, *not_given; /* the headline figures */
    const char *of_cases, *of_rows;
    const char *scope, *pack, *record, *days, *to, *files, *file, *encoding, *rows, *versions, *version, *version_cases,
        *laws, *law, *law_title, *edition, *in_force, *ended;
    const char *counting, *fact, *by_version, *before_first, *open_is_none, *open_until, *calendar, *horizon,
        *plain_days, *unjudged, *doubt, *disordered, *column_acts, *norm_means;
    const char *refused_rows, *repeated, *place, *why, *more_refused;
    const char *by_rule, *rules_desc, *rule, *article, *count, *case_count, *share, *all, *none, *norm, *norm_label,
        *other_rules;
    const char *by_month, *by_year, *by_years, *time_title, *time_desc, *time_table, *span, *undated, *scale;
    const char *by_organ, *organs_desc, *organ, *share_of_its, *no_organ, *other_organs;
    const char *indicators, *indicator, *numerator, *denominator, *figure, *value, *by, *more_values;
    const char *list, *list_of, *not_listed, *late, *day_by_day, *folded, *checked_by, *made_by;
};

static const struct words words[2] = {
    [FZ_EN] =
        {.lang = "en",
         .heading = "Case file review",
         .comma = ", ",
         .between = "; ",
         .colon = ": ",
         .brackets = {" (", ")"},
         .cases = "Cases",
         .events = "Acts",
         .findings = "Findings",
         .with_findings = "Cases with a finding",
         .refused = "Rows not taken",
         .no_cases = "no cases",
         .not_given = "not given",
         .of_cases = " of the cases",
         .of_rows = "of {0}",
         .scope = "What was reviewed",
         .pack = "Pack",
         .record = "Record",
         .days = "Days of the log",
         .to = " to ",
         .files = "Files",
         .file = "File",
         .encoding = "Encoding",
         .rows = "Rows",
         .versions = "Versions of the pack",
         .version = "Version",
         .version_cases = "Cases judged by it",
         .laws = "Laws",
         .law = "Cited as",
         .law_title = "Law",
         .edition = "Edition",
         .in_force = "In force from",
         .ended = "In force until",
         .counting = "How it was counted",
         .fact =
             "What the log says is taken as what happened and held against the pack, act by act. One violation of one rule in one case is one finding.",
         .by_version = "Each case is judged by the version of the pack that was in force on the day it began.",
         .before_first = "{0} {0:case|cases} began before the oldest version and {0:was|were} judged by it.",
         .open_is_none = "A time limit that still ran when the log ended is no finding.",
         .open_until = "Time limits that still ran were held against ",
         .calendar = "Time limits were counted over the calendar ",
         .horizon = "; the notices of holidays in it reach to ",
         .plain_days = "Time limits were counted in plain calendar days.",
         .unjudged = "{0} {0:time limit|time limits} could not be judged: the calendar does not reach so far.",
         .doubt = "A finding is a matter to look into and no proven breach: what is not in the log was not seen.",
         .disordered = "In {0} {0:case|cases} the rows did not stand in the order of their days; they were sorted.",
         .column_acts = "{0} more {0:act was|acts were} read from columns of days in tables of cases.",
         .norm_means =
             "Rules marked “service norm” have no statute behind them: a finding of theirs is no breach of the law.",
         .refused_rows = "{0} {0:row was|rows were} refused, {1} {1:repeats|repeat} an earlier row",
         .repeated = "A row that repeats an earlier one of its case is counted once.",
         .place = "Place",
         .why = "Reason",
         .more_refused = "{0} more are not shown here.",
         .by_rule = "Findings by rule",
         .rules_desc = "Bars, the longest first. The numbers are those of the table of rules below.",
         .rule = "Rule",
         .article = "Article",
         .count = "Findings",
         .case_count = "Cases",
         .share = "Share of cases",
         .all = "All",
         .none = "There is no finding.",
         .norm = "service norm",
         .norm_label = "service norm: ",
         .other_rules = "Other rules",
         .by_month = "Findings by month",
         .by_year = "Findings by year",
         .by_years = "Findings by period",
         .time_title = "Findings over time, by the day on which a rule was broken",
         .time_desc =
             "Columns, one strip for all findings and one for each of the rules with most of them. The numbers stand in the table below.",
         .time_table = "The numbers of this chart",
         .span = "Time",
         .undated = "{0} {0:finding has|findings have} no day and {0:is|are} not in this chart.",
         .scale = "All strips have one scale.",
         .by_organ = "Findings by organ",
         .organs_desc = "Bars, the longest first. The numbers are those of the table of organs below.",
         .organ = "Organ",
         .share_of_its = "Share of its cases",
         .no_organ = "no organ named",
         .other_organs = "{0} other {0:organ|organs}",
         .indicators = "Indicators",
         .indicator = "Indicator",
         .numerator = "Numerator",
         .denominator = "Denominator",
         .figure = "Figure",
         .value = "Value",
         .by = ", by ",
         .more_values = "{0} more values are not shown here; the JSON output has them all.",
         .list = "The findings",
         .list_of = "{0} {0:finding|findings}",
         .not_listed = "{0} more are not shown here; the TSV and JSON outputs have them all.",
         .late = "{0} {0:day|days} late",
         .day_by_day = "Day by day",
         .folded =
             "Below a finding its time limit is counted day by day. What is unfolded is printed as well; the TSV and JSON outputs have it all.",
         .checked_by = "Reviewed by (name, signature, day)",
         .made_by = "Written by fazhi from the files named above."},
    [FZ_ZH] = {.lang = "zh-CN",
               .heading = "案卷评查报告",
               .comma = "，",
               .between = "、",
               .colon = "：",
               .brackets = {"（", "）"},
               .cases = "案件",
               .events = "办理记录",
               .findings = "问题",
               .with_findings = "有问题的案件",
               .refused = "未采用的行",
               .no_cases = "无案件",
               .not_given = "未填",
               .of_cases = "的案件",
               .of_rows = "共{0}行",
               .scope = "评查范围",
               .pack = "制度包",
               .record = "案件类型",
               .days = "日志起止",
               .to = "至",
               .files = "文件",
               .file = "文件名",
               .encoding = "编码",
               .rows = "行数",
               .versions = "制度包版本",
               .version = "版本",
               .version_cases = "适用的案件数",
               .laws = "法律依据",
               .law = "简称",
               .law_title = "名称",
               .edition = "版本",
               .in_force = "施行日期",
               .ended = "失效日期",
               .counting = "计算口径",
               .fact = "以日志记载为事实，逐项与制度包对照。一件案件违反一条规则一次，计一个问题。",
               .by_version = "每件案件适用其开始之日施行的制度包版本。",
               .before_first = "{0}件案件始于最早版本施行之前，适用该版本。",
               .open_is_none = "日志截止时尚未届满的期限，不计为问题。",
               .open_until = "尚未届满的期限，按该日判断：",
               .calendar = "期限所依据的工作日历：",
               .horizon = "，其中的放假通知截至",
               .plain_days = "期限按自然日计算。",
               .unjudged = "{0}个期限超出日历范围，未作判断。",
               .doubt = "问题是需要核查的线索，不是已经认定的违法：日志没有记载的事项，未经评查。",
               .disordered = "{0}件案件的各行未按日期排列，已重新排序。",
               .column_acts = "另有{0}条办理记录取自案件表的日期列。",
               .norm_means = "标注“服务规范”的规则没有法律依据，其问题不是违法。",
               .refused_rows = "未采用{0}行，另有{1}行与前面的行重复",
               .repeated = "同一案件中重复的行只计一次。",
               .place = "位置",
               .why = "原因",
               .more_refused = "另有{0}行未在此列出。",
               .by_rule = "各规则的问题",
               .rules_desc = "条形图，由多到少排列。数值与下方的规则表相同。",
               .rule = "规则",
               .article = "依据",
               .count = "问题数",
               .case_count = "案件数",
               .share = "占全部案件",
               .all = "合计",
               .none = "没有发现问题。",
               .norm = "服务规范",
               .norm_label = "服务规范：",
               .other_rules = "其他规则",
               .by_month = "各月的问题",
               .by_year = "各年的问题",
               .by_years = "各时期的问题",
               .time_title = "问题的时间分布（按违反规则之日）",
               .time_desc = "柱形图，第一栏为全部问题，其余各栏为问题最多的规则。数值见下方的表。",
               .time_table = "本图的数值",
               .span = "时间",
               .undated = "{0}个问题没有日期，未列入本图。",
               .scale = "各栏使用同一刻度。",
               .by_organ = "各机关的问题",
               .organs_desc = "条形图，由多到少排列。数值与下方的机关表相同。",
               .organ = "机关",
               .share_of_its = "占该机关案件",
               .no_organ = "未写明机关",
               .other_organs = "其他{0}个机关",
               .indicators = "指标",
               .indicator = "指标",
               .numerator = "分子",
               .denominator = "分母",
               .figure = "数值",
               .value = "取值",
               .by = "，按",
               .more_values = "另有{0}个取值未在此列出，JSON输出载有全部。",
               .list = "问题清单",
               .list_of = "{0}个问题",
               .not_listed = "另有{0}个未在此列出，TSV和JSON输出载有全部。",
               .late = "逾期{0}日",
               .day_by_day = "逐日计算",
               .folded = "各问题之下有期限的逐日计算，展开的部分一并打印；TSV和JSON输出载有全部。",
               .checked_by = "评查人（姓名、签名、日期）",
               .made_by = "本报告由法治（fazhi）根据上列文件生成。"},
};

/* Dark only on a screen: paper is white. Closed lists are opened for print, so that what is filed is whole. */
static const char style[] =
    ":root{color-scheme:light;--paper:#fff;--ink:#1c2024;--dim:#59626c;--line:#cdd3da;--soft:#f3f5f7;--bar:#2a5d9f;--track:#e6eaef;--link:#1a56a8}\n"
    "@media screen and (prefers-color-scheme:dark){:root{color-scheme:dark;--paper:#15181c;--ink:#e7e9ec;--dim:#a4aeb9;--line:#3a424b;"
    "--soft:#1e2328;--bar:#7db0f2;--track:#2b3138;--link:#93bdf6}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;max-width:64rem;padding:2rem 1rem 3rem;background:var(--paper);color:var(--ink);"
    "font:1rem/1.6 system-ui,-apple-system,\"Segoe UI\",\"PingFang SC\",\"Microsoft YaHei\",\"Noto Sans CJK SC\",\"Noto Sans SC\",sans-serif;"
    "overflow-wrap:break-word}\n"
    "h1{margin:0;font-size:1.9rem;line-height:1.25}\n"
    "h2{margin:2.6rem 0 .8rem;padding-bottom:.3rem;border-bottom:2px solid var(--ink);font-size:1.25rem}\n"
    "h3{margin:1.6rem 0 .4rem;font-size:1rem}\n"
    "p{margin:.4rem 0}\n"
    "time{white-space:nowrap}\n"
    "a{color:var(--link);text-underline-offset:.2em}\n"
    "code{font:.86em ui-monospace,Menlo,Consolas,\"Noto Sans Mono CJK SC\",monospace;color:var(--dim)}\n"
    "a code{color:inherit}\n"
    ".lead{font-size:1.1rem;color:var(--dim)}\n"
    ".note{color:var(--dim);font-size:.9rem}\n"
    ".heads{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.8rem;margin:1.6rem 0 0}\n"
    ".heads div{padding:.7rem .9rem;background:var(--soft);border:1px solid var(--line);border-radius:6px}\n"
    ".heads dt{font-size:.85rem;color:var(--dim)}\n"
    ".heads dd{margin:0;font-size:1.7rem;line-height:1.3;font-weight:600;font-variant-numeric:tabular-nums}\n"
    ".heads dd small{display:block;font-size:.85rem;font-weight:400;color:var(--dim)}\n"
    ".wide{overflow-x:auto}\n"
    "table{border-collapse:collapse;width:100%;font-size:.95rem}\n"
    "th,td{padding:.4rem .8rem .4rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}\n"
    "th:last-child,td:last-child{padding-right:0}\n"
    "thead th{border-bottom:1px solid var(--ink);font-size:.85rem;color:var(--dim);font-weight:600;vertical-align:bottom}\n"
    "tbody th{font-weight:400}\n"
    "tfoot th,tfoot td{border-bottom:0;border-top:1px solid var(--ink);font-weight:600}\n"
    "th.n,td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    "thead th.n{white-space:normal}\n"
    "th.k{white-space:nowrap}\n"
    "details td,details tbody th{padding-top:.15rem;padding-bottom:.15rem}\n"
    "td.o{color:var(--dim)}\n"
    ".figures th:first-child{width:52%}\n"
    ".figures th.part{padding-left:1.2rem}\n"
    ".figures th:nth-child(3),.figures th:nth-child(4){width:14%}\n"
    ".tag{display:inline-block;padding:0 .4rem;border:1px solid var(--dim);border-radius:4px;font-size:.8rem;color:var(--dim)}\n"
    "dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.2rem;margin:0}\n"
    ".facts dt{color:var(--dim)}\n"
    ".facts dd{margin:0}\n"
    "figure{margin:1rem 0 1.4rem}\n"
    "svg{display:block;width:100%;overflow:visible;font-size:13px;font-variant-numeric:tabular-nums}\n"
    "svg text{fill:var(--ink)}\n"
    "svg .narrow-only{display:none}\n"
    "svg .n{text-anchor:end;font-weight:600}\n"
    "svg .e{text-anchor:end}\n"
    "svg .y{text-anchor:end;font-size:11px;fill:var(--dim)}\n"
    "svg .b{fill:var(--bar)}\n"
    "svg .t{fill:var(--track)}\n"
    "svg .g{stroke:var(--line)}\n"
    "svg line.a{stroke:var(--dim)}\n"
    "svg rect.a{fill:var(--dim)}\n"
    "svg.columns{padding-left:2.8rem}\n"
    "details{margin:.6rem 0;border:1px solid var(--line);border-radius:6px}\n"
    "summary{padding:.5rem .8rem;cursor:pointer;background:var(--soft);border-radius:6px}\n"
    "summary b{font-variant-numeric:tabular-nums}\n"
    "details>:not(summary){margin-left:.8rem;margin-right:.8rem}\n"
    "ol.list{padding-left:2.6rem}\n"
    ".list li{margin:.7rem 0}\n"
    ".list li::marker{color:var(--dim);font-size:.85rem}\n"
    ".list p{margin:0}\n"
    ".list .m{color:var(--dim);font-size:.9rem}\n"
    ".list .w{font-size:.93rem}\n"
    ".list pre{margin:.2rem 0;white-space:pre-wrap;font:.82rem/1.5 ui-monospace,Menlo,Consolas,\"Noto Sans Mono CJK SC\",monospace}\n"
    ".days{margin:.3rem 0;border:0}\n"
    ".days summary{width:max-content;padding:0 .5rem;font-size:.85rem}\n"
    ".days pre{columns:24rem}\n"
    ".sign{display:none}\n"
    "footer{margin-top:3rem;padding-top:.6rem;border-top:1px solid var(--line);color:var(--dim);font-size:.85rem}\n"
    "@media screen and (max-width:40rem){svg .wide-only{display:none}svg .narrow-only{display:inline}body{padding:1.2rem .9rem 2rem}h1{font-size:1.5rem}dl.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:.5rem}"
    "ol.list{padding-left:2.2rem}th,td{padding-right:.5rem}table{font-size:.88rem}}\n"
    "@media print{@page{margin:16mm 15mm}:root{font-size:9.5pt}body{max-width:none;padding:0;line-height:1.45}h2{margin-top:1.8rem}.list li{margin:.45rem 0}"
    "summary{padding:.2rem .5rem;list-style:none}summary::-webkit-details-marker{display:none}h2,h3,summary{break-after:avoid}"
    "figure,tr,.list li,.heads div{break-inside:avoid}thead{display:table-header-group}tfoot{display:table-row-group}.wide{overflow:visible}"
    "svg,.heads div,summary{print-color-adjust:exact;-webkit-print-color-adjust:exact}a{color:inherit;text-decoration:none}"
    "details{border:0}section>details::details-content{content-visibility:visible;height:auto;opacity:1}.days:not([open]){display:none}.sign{display:block;margin-top:2.5rem}"
    ".sign i{display:inline-block;width:20rem;border-bottom:1px solid #000}}\n";

/* ---- the page and its small parts ---- */

struct organ {
    fz_str name; /* empty: none named */
    uint64_t cases, findings, with_findings;
    uint32_t last; /* case counted last, plus one */
};

struct page {
    const struct fz_review *r;
    fz_language lang;
    const struct words *w;
    struct fz_arena arena;
    uint64_t *rule_cases;             /* cases that a rule was broken in, by rule */
    size_t *most_first;               /* rules, those with most findings first */
    size_t broken;                    /* rules that have any */
    const struct fz_figure **figures; /* in order */
    bool several_versions;            /* that cases were judged by */
    struct organ *organs;             /* those with most findings first */
    size_t organs_n;                  /* 0: the log names none */
    struct fz_buf *out;
};

static void put(const struct page *p, const char *markup)
{
    fz_buf_addz(p->out, markup);
}

static void html(const struct page *p, fz_str s)
{
    fz_add_safe(p->out, s, fz_buf_html);
}

/* A name whose letters may run from right to left does not move its neighbours. */
static void bdi(const struct page *p, fz_str s)
{
    put(p, "<bdi>");
    html(p, s);
    put(p, "</bdi>");
}

static void number(const struct page *p, uint64_t n)
{
    fz_add_number(p->out, n, FZ_THIN);
}

static void say(const struct page *p, const char *text, uint64_t n0)
{
    fz_add_sentence(p->out, text, FZ_THIN, n0, 0);
}

static void day(const struct page *p, fz_day d)
{
    if (d == FZ_DAY_NONE) {
        put(p, "–");
        return;
    }
    put(p, "<time>");
    fz_add_day(p->out, d);
    put(p, "</time>");
}

static void share(const struct page *p, uint64_t n, uint64_t d)
{
    if (d)
        fz_add_share(p->out, n, d);
    else
        put(p, p->w->no_cases);
}

/* An id may break after each of its words. */
static void breaking(const struct page *p, fz_str s)
{
    for (size_t i = 0, from = 0; i < s.n; i++) {
        if (s.p[i] != '_' && i + 1 < s.n)
            continue;
        html(p, (fz_str){s.p + from, i + 1 - from});
        put(p, i + 1 < s.n ? "<wbr>" : "");
        from = i + 1;
    }
}

static void id(const struct page *p, fz_str s)
{
    put(p, "<code>");
    breaking(p, s);
    put(p, "</code>");
}

static void section(const struct page *p, const char *id_of, const char *title)
{
    fz_buf_printf(p->out, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n", id_of, id_of, title);
}

static void section_end(const struct page *p)
{
    put(p, "</section>\n");
}

/* A table that may be wider than a telephone: it scrolls by itself, also from the keyboard. */
static void table(const struct page *p, const char *name)
{
    fz_buf_printf(p->out, "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"%s\"><table>\n<thead><tr>",
                  name);
}

static void head(const struct page *p, const char *title, bool is_number)
{
    fz_buf_printf(p->out, "<th scope=\"col\"%s>%s</th>", is_number ? " class=\"n\"" : "", title);
}

static void body(const struct page *p)
{
    put(p, "</tr></thead>\n<tbody>\n");
}

static void table_end(const struct page *p)
{
    put(p, "</tbody></table></div>\n");
}

static void number_cell(const struct page *p, uint64_t n)
{
    put(p, "<td class=\"n\">");
    number(p, n);
    put(p, "</td>");
}

static void share_cell(const struct page *p, uint64_t n, uint64_t d)
{
    put(p, "<td class=\"n\">");
    share(p, n, d);
    put(p, "</td>");
}

static void text_cell(const struct page *p, fz_str s)
{
    put(p, "<td>");
    html(p, s);
    put(p, "</td>");
}

static void day_cell(const struct page *p, fz_day d)
{
    put(p, "<td>");
    day(p, d);
    put(p, "</td>");
}

static void place(const struct page *p, uint16_t file, uint32_t line)
{
    const struct fz_log_file *f = &p->r->log->files[file];

    fz_assert(file < p->r->log->files_n);
    bdi(p, fz_str_of(f->name));
    put(p, ":");
    if (f->sheet.n) {
        bdi(p, f->sheet);
        put(p, "!");
    }
    fz_add_number(p->out, line, "");
}

static fz_str rule_words(const struct page *p, size_t rule)
{
    return fz_rule_words(&p->r->rules[rule], p->lang);
}

/* ---- the tally: what tables and charts are both written from ---- */

static void tally_rules(struct page *p)
{
    const struct fz_review *r = p->r;
    uint32_t *last = FZ_NEW_ARRAY(&p->arena, uint32_t, r->rules_n);

    p->rule_cases = FZ_NEW_ARRAY(&p->arena, uint64_t, r->rules_n);
    for (size_t i = 0; i < r->findings_n; i++) {
        const struct fz_finding *f = &r->findings[i];

        fz_case_of(r, f); /* asserts that it is one of this review */
        /* Findings stand in the order of the log, so those of one case follow each other. */
        p->rule_cases[f->rule] += last[f->rule] != f->case_no + 1;
        last[f->rule] = f->case_no + 1;
    }
    /* Few rules: insertion keeps the order of the pack among equals. */
    p->most_first = FZ_NEW_ARRAY(&p->arena, size_t, r->rules_n);
    for (size_t i = 0; i < r->rules_n; i++) {
        size_t at = i;

        for (; at > 0 && r->rules[p->most_first[at - 1]].findings < r->rules[i].findings; at--)
            p->most_first[at] = p->most_first[at - 1];
        p->most_first[at] = i;
        p->broken += r->rules[i].findings > 0;
    }
}

static size_t versions_that_spoke(const struct fz_review *r)
{
    size_t n = 0;

    for (size_t i = 0; i < r->versions_n; i++)
        n += r->cases_of_version[i] > 0;
    return n;
}

static int by_name(const void *a, const void *b)
{
    return fz_str_cmp(((const struct organ *)a)->name, ((const struct organ *)b)->name);
}

static int by_findings(const void *a, const void *b)
{
    const struct organ *x = a, *y = b;

    if (x->findings != y->findings)
        return x->findings < y->findings ? 1 : -1;
    return by_name(a, b);
}

/* The same name may have come from several places of the log. */
static size_t merge_organs(struct organ *organs, size_t n)
{
    size_t to = 0;

    qsort(organs, n, sizeof(*organs), by_name);
    for (size_t i = 0; i < n; i++) {
        if (to && fz_str_eq(organs[to - 1].name, organs[i].name)) {
            organs[to - 1].cases += organs[i].cases;
            organs[to - 1].findings += organs[i].findings;
            organs[to - 1].with_findings += organs[i].with_findings;
        } else {
            organs[to++] = organs[i];
        }
    }
    qsort(organs, to, sizeof(*organs), by_findings);
    return to;
}

static void tally_organs(struct page *p)
{
    const struct fz_log *log = p->r->log;
    uint32_t most = 0, *slots;

    for (size_t i = 0; i < log->cases_n; i++)
        most = log->cases[i].organ > most ? log->cases[i].organ : most;
    if (most == 0)
        return;
    slots = FZ_NEW_ARRAY(&p->arena, uint32_t, (size_t)most + 1);
    for (size_t i = 0; i < log->cases_n; i++)
        if (slots[log->cases[i].organ] == 0)
            slots[log->cases[i].organ] = (uint32_t)++p->organs_n;
    p->organs = FZ_NEW_ARRAY(&p->arena, struct organ, p->organs_n);
    for (size_t i = 0; i < log->cases_n; i++) {
        struct organ *o = &p->organs[slots[log->cases[i].organ] - 1];

        o->name = fz_organ_of(p->r, &log->cases[i]);
        o->cases++;
    }
    for (size_t i = 0; i < p->r->findings_n; i++) {
        uint32_t case_no = p->r->findings[i].case_no;
        struct organ *o = &p->organs[slots[log->cases[case_no].organ] - 1];

        o->findings++;
        o->with_findings += o->last != case_no + 1;
        o->last = case_no + 1;
    }
    p->organs_n = merge_organs(p->organs, p->organs_n);
}

/* ---- beginning and headline ---- */

void fz_page_open(struct fz_buf *out, const char *lang, fz_str title)
{
    fz_buf_printf(out,
                  "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
                  "form-action 'none'\">\n"
                  "<meta name=\"referrer\" content=\"no-referrer\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
                  lang);
    fz_add_safe(out, title, fz_buf_html);
    fz_buf_addz(out, "</title>\n<style>\n");
    fz_buf_addz(out, style);
    fz_buf_addz(out, "</style>\n</head>\n");
}

static void page_head(const struct page *p)
{
    const struct fz_pack *pack = fz_spoken(p->r);
    struct fz_buf title = {0};

    fz_buf_printf(&title, "%s%s%.*s", p->w->heading, p->w->colon, FZ_STR_ARG(fz_title_in(pack->title, p->lang)));
    fz_page_open(p->out, p->w->lang, fz_buf_str(&title));
    fz_buf_release(&title);
    fz_buf_printf(p->out, "<body>\n<header>\n<h1>%s%s", p->w->heading, p->w->colon);
    html(p, fz_title_in(pack->title, p->lang));
    put(p, "</h1>\n<p class=\"lead\">");
    html(p, fz_title_in(p->r->record->title, p->lang));
    put(p, p->w->comma);
    day(p, p->r->first);
    put(p, p->w->to);
    day(p, p->r->last);
    put(p, "</p>\n</header>\n<main>\n");
}

/* One headline figure; what stands small below it is the caller's. */
static void headline(const struct page *p, const char *name, uint64_t n)
{
    fz_buf_printf(p->out, "<div><dt>%s</dt><dd>", name);
    number(p, n);
}

static uint64_t rows_of(const struct fz_log *log)
{
    uint64_t rows = 0;

    for (size_t i = 0; i < log->files_n; i++)
        rows += log->files[i].rows;
    return rows;
}

static void headlines(const struct page *p)
{
    const struct fz_log *log = p->r->log;

    put(p, "<dl class=\"heads\">\n");
    headline(p, p->w->cases, log->cases_n);
    put(p, "</dd></div>\n");
    headline(p, p->w->events, log->events_n);
    put(p, "</dd></div>\n");
    headline(p, p->w->findings, p->r->findings_n);
    put(p, "</dd></div>\n");
    headline(p, p->w->with_findings, p->r->cases_with_findings);
    put(p, "<small>");
    share(p, p->r->cases_with_findings, log->cases_n);
    put(p, log->cases_n ? p->w->of_cases : "");
    put(p, "</small></dd></div>\n");
    headline(p, p->w->refused, log->refused + log->duplicates);
    put(p, "<small>");
    say(p, p->w->of_rows, rows_of(log));
    put(p, "</small></dd></div>\n</dl>\n");
}

/* ---- what was reviewed ---- */

static void facts(const struct page *p)
{
    const struct fz_pack *pack = fz_spoken(p->r);

    fz_buf_printf(p->out, "<dl class=\"facts\">\n<dt>%s</dt><dd>", p->w->pack);
    html(p, fz_title_in(pack->title, p->lang));
    put(p, " ");
    id(p, pack->name);
    fz_buf_printf(p->out, "</dd>\n<dt>%s</dt><dd>", p->w->record);
    html(p, fz_title_in(p->r->record->title, p->lang));
    put(p, " ");
    id(p, p->r->record->name);
    fz_buf_printf(p->out, "</dd>\n<dt>%s</dt><dd>", p->w->days);
    day(p, p->r->first);
    put(p, p->w->to);
    day(p, p->r->last);
    put(p, "</dd>\n</dl>\n");
}

static void files(const struct page *p)
{
    const struct fz_log *log = p->r->log;

    table(p, p->w->files);
    head(p, p->w->file, false);
    head(p, p->w->encoding, false);
    head(p, p->w->rows, true);
    body(p);
    for (size_t i = 0; i < log->files_n; i++) {
        put(p, "<tr><th scope=\"row\">");
        bdi(p, fz_str_of(log->files[i].name));
        put(p, "</th>");
        text_cell(p, fz_str_of(log->files[i].encoding));
        number_cell(p, log->files[i].rows);
        put(p, "</tr>\n");
    }
    table_end(p);
}

static void versions(const struct page *p)
{
    table(p, p->w->versions);
    head(p, p->w->version, false);
    head(p, p->w->version_cases, true);
    body(p);
    for (size_t i = 0; i < p->r->versions_n; i++) {
        put(p, "<tr><th scope=\"row\">");
        day(p, p->r->versions[i]->version);
        put(p, "</th>");
        number_cell(p, p->r->cases_of_version[i]);
        put(p, "</tr>\n");
    }
    table_end(p);
}

static bool same_law(const struct fz_law *a, const struct fz_law *b)
{
    return fz_str_eq(a->name, b->name) && fz_str_eq(a->edition, b->edition) && a->in_force == b->in_force &&
           a->until == b->until;
}

/* Whether a version before `version` that spoke has the same law already. */
static bool told_before(const struct page *p, size_t version, const struct fz_law *law)
{
    for (size_t v = 0; v < version; v++)
        for (size_t i = 0; p->r->cases_of_version[v] && i < p->r->versions[v]->laws_n; i++)
            if (same_law(&p->r->versions[v]->laws[i], law))
                return true;
    return false;
}

static void law_row(const struct page *p, const struct fz_law *law)
{
    put(p, "<tr><th scope=\"row\">");
    html(p, law->name);
    put(p, "</th>");
    text_cell(p, fz_title_in(law->title, p->lang));
    text_cell(p, law->edition);
    day_cell(p, law->in_force);
    day_cell(p, law->until);
    put(p, "</tr>\n");
}

/* Of the versions that spoke. */
static void laws(const struct page *p)
{
    const struct fz_review *r = p->r;

    table(p, p->w->laws);
    head(p, p->w->law, false);
    head(p, p->w->law_title, false);
    head(p, p->w->edition, false);
    head(p, p->w->in_force, false);
    head(p, p->w->ended, false);
    body(p);
    for (size_t v = 0; v < r->versions_n; v++)
        for (size_t i = 0; r->cases_of_version[v] && i < r->versions[v]->laws_n; i++)
            if (!told_before(p, v, &r->versions[v]->laws[i]))
                law_row(p, &r->versions[v]->laws[i]);
    table_end(p);
}

static void point(const struct page *p, const char *text, uint64_t n)
{
    put(p, "<li>");
    say(p, text, n);
    put(p, "</li>\n");
}

static bool has_norms(const struct fz_review *r)
{
    for (size_t i = 0; i < r->rules_n; i++)
        if (r->rules[i].service_norm)
            return true;
    return false;
}

static void calendar(const struct page *p)
{
    const struct fz_calendar *cal = p->r->cal;

    if (!cal) {
        point(p, p->w->plain_days, 0);
        return;
    }
    put(p, "<li>");
    put(p, p->w->calendar);
    html(p, fz_calendar_id(cal));
    put(p, p->w->comma);
    html(p, fz_calendar_edition(cal));
    put(p, p->w->horizon);
    day(p, fz_calendar_horizon(cal));
    put(p, "</li>\n");
}

static void counting(const struct page *p)
{
    const struct fz_review *r = p->r;

    fz_buf_printf(p->out, "<h3>%s</h3>\n<ul>\n", p->w->counting);
    point(p, p->w->fact, 0);
    point(p, p->w->by_version, 0);
    if (r->before_first)
        point(p, p->w->before_first, r->before_first);
    if (r->until == FZ_DAY_NONE) {
        point(p, p->w->open_is_none, 0);
    } else {
        put(p, "<li>");
        put(p, p->w->open_until);
        day(p, r->until);
        put(p, "</li>\n");
    }
    calendar(p);
    if (r->unjudged)
        point(p, p->w->unjudged, r->unjudged);
    if (r->log->column_acts)
        point(p, p->w->column_acts, r->log->column_acts);
    if (r->log->disordered)
        point(p, p->w->disordered, r->log->disordered);
    if (has_norms(r))
        point(p, p->w->norm_means, 0);
    point(p, p->w->doubt, 0);
    put(p, "</ul>\n");
}

static void refused(const struct page *p)
{
    const struct fz_log *log = p->r->log;
    size_t shown = log->refusals_n < REFUSED_MAX ? log->refusals_n : REFUSED_MAX;

    if (log->refused + log->duplicates == 0)
        return;
    put(p, "<details><summary>");
    fz_add_sentence(p->out, p->w->refused_rows, FZ_THIN, log->refused, log->duplicates);
    put(p, "</summary>\n");
    if (log->duplicates) {
        put(p, "<p>");
        say(p, p->w->repeated, log->duplicates);
        put(p, "</p>\n");
    }
    table(p, p->w->refused);
    head(p, p->w->place, false);
    head(p, p->w->why, false);
    body(p);
    for (size_t i = 0; i < shown; i++) {
        put(p, "<tr><th scope=\"row\">");
        place(p, log->refusals[i].file, log->refusals[i].line);
        put(p, "</th>");
        text_cell(p, log->refusals[i].why);
        put(p, "</tr>\n");
    }
    table_end(p);
    if (log->refused + log->duplicates > shown) {
        put(p, "<p class=\"note\">");
        say(p, p->w->more_refused, log->refused + log->duplicates - shown);
        put(p, "</p>\n");
    }
    put(p, "</details>\n");
}

static void scope(const struct page *p)
{
    section(p, "scope", p->w->scope);
    facts(p);
    fz_buf_printf(p->out, "<h3>%s</h3>\n", p->w->files);
    files(p);
    refused(p);
    fz_buf_printf(p->out, "<h3>%s</h3>\n", p->w->versions);
    versions(p);
    fz_buf_printf(p->out, "<h3>%s</h3>\n", p->w->laws);
    laws(p);
    counting(p);
    section_end(p);
}

/* ---- by rule ---- */

static fz_str bar_label(struct page *p, size_t rule)
{
    fz_str text = rule_words(p, rule);

    if (!p->r->rules[rule].service_norm)
        return text;
    return fz_str_printf(&p->arena, "%s%.*s", p->w->norm_label, FZ_STR_ARG(text));
}

static void rules_chart(struct page *p)
{
    size_t n = p->broken < BARS_MAX ? p->broken : BARS_MAX;
    struct fz_bar *bars = FZ_NEW_ARRAY(&p->arena, struct fz_bar, n + 1);
    struct fz_chart chart = {"rules-chart", fz_str_of(p->w->by_rule), fz_str_of(p->w->rules_desc)};

    for (size_t i = 0; i < p->broken; i++) {
        size_t rule = p->most_first[i];

        if (i < n)
            bars[i] = (struct fz_bar){bar_label(p, rule), p->r->rules[rule].findings, p->r->rules[rule].service_norm};
        else
            bars[n] = (struct fz_bar){fz_str_of(p->w->other_rules), bars[n].n + p->r->rules[rule].findings, false};
    }
    put(p, "<figure>\n");
    fz_chart_bars(&chart, bars, n + (p->broken > n), p->out);
    put(p, "</figure>\n");
}

static void rule_row(const struct page *p, size_t i)
{
    const struct fz_review_rule *rule = &p->r->rules[i];
    fz_str title = fz_rule_title(rule, p->lang);

    put(p, "<tr><th scope=\"row\">");
    if (rule->findings)
        fz_buf_printf(p->out, "<a href=\"#rule-%zu\">", i);
    if (title.n)
        html(p, title);
    else
        id(p, rule->id);
    put(p, rule->findings ? "</a>" : "");
    if (title.n) {
        put(p, "<br>");
        id(p, rule->id);
    }
    if (rule->service_norm)
        fz_buf_printf(p->out, " <span class=\"tag\">%s</span>", p->w->norm);
    put(p, "</th><td>");
    fz_add_articles(p->out, rule->articles, p->w->between, fz_buf_html);
    put(p, "</td>");
    number_cell(p, rule->findings);
    number_cell(p, p->rule_cases[i]);
    share_cell(p, p->rule_cases[i], p->r->log->cases_n);
    put(p, "</tr>\n");
}

static void rules_table(const struct page *p)
{
    table(p, p->w->by_rule);
    head(p, p->w->rule, false);
    head(p, p->w->article, false);
    head(p, p->w->count, true);
    head(p, p->w->case_count, true);
    head(p, p->w->share, true);
    body(p);
    for (size_t i = 0; i < p->r->rules_n; i++)
        rule_row(p, i);
    fz_buf_printf(p->out, "</tbody>\n<tfoot><tr><th scope=\"row\">%s</th><td></td>", p->w->all);
    number_cell(p, p->r->findings_n);
    number_cell(p, p->r->cases_with_findings);
    share_cell(p, p->r->cases_with_findings, p->r->log->cases_n);
    put(p, "</tr></tfoot></table></div>\n");
}

static void rules(struct page *p)
{
    section(p, "rules", p->w->by_rule);
    if (p->broken)
        rules_chart(p);
    else
        fz_buf_printf(p->out, "<p>%s</p>\n", p->w->none);
    rules_table(p);
    section_end(p);
}

/* ---- over time ---- */

/* Columns of so many months each, from month `first` on (year * 12 + month - 1). */
struct timeline {
    int first, step;
    size_t n;
    struct fz_strip strips[1 + RULE_STRIPS_MAX]; /* the whole, the rules with most findings, the other rules */
    uint64_t *counts[1 + RULE_STRIPS_MAX];
    size_t strips_n;
    uint64_t undated;
};

static int month_of(fz_day d)
{
    fz_civil c = fz_day_civil(d);

    return c.year * 12 + c.month - 1;
}

/* Months while they fit, else years, decades, ... */
static void lay_out(struct timeline *t, int first, int last)
{
    for (t->step = 1; (last / t->step - first / t->step) >= COLUMNS_MAX; t->step *= t->step == 1 ? 12 : 10)
        ;
    if (t->step == 1 && last - first >= 24)
        first -= first % 12; /* so that the columns begin with a year */
    t->first = first / t->step * t->step;
    t->n = (size_t)((last - t->first) / t->step) + 1;
}

/* The strip of each rule: one of its own, or that of the others. */
static size_t *assign_strips(struct page *p, struct timeline *t)
{
    size_t *of = FZ_NEW_ARRAY(&p->arena, size_t, p->r->rules_n);
    size_t own = p->broken <= RULE_STRIPS_MAX ? p->broken : RULE_STRIPS_MAX - 1;

    if (p->broken == 1)
        own = 0; /* it is the whole */
    t->strips[0].label = p->broken == 1 ? rule_words(p, p->most_first[0]) : fz_str_of(p->w->all);
    t->strips_n = 1 + own + (p->broken > own && own);
    for (size_t i = 0; i < p->broken; i++) {
        size_t strip = i < own ? i + 1 : own ? own + 1 : 0;

        of[p->most_first[i]] = strip;
        if (strip)
            t->strips[strip].label = i < own ? rule_words(p, p->most_first[i]) : fz_str_of(p->w->other_rules);
    }
    return of;
}

static void count_findings(const struct page *p, struct timeline *t, const size_t *strip_of)
{
    for (size_t i = 0; i < p->r->findings_n; i++) {
        const struct fz_finding *f = &p->r->findings[i];
        size_t column;

        if (f->day == FZ_DAY_NONE)
            continue;
        column = (size_t)((month_of(f->day) - t->first) / t->step);
        t->counts[0][column]++;
        if (strip_of[f->rule])
            t->counts[strip_of[f->rule]][column]++;
    }
}

/* False when no finding has a day. */
static bool tally_time(struct page *p, struct timeline *t)
{
    int first = INT32_MAX, last = INT32_MIN;
    size_t *strip_of;

    *t = (struct timeline){0};
    for (size_t i = 0; i < p->r->findings_n; i++) {
        int month = p->r->findings[i].day == FZ_DAY_NONE ? 0 : month_of(p->r->findings[i].day);

        if (p->r->findings[i].day == FZ_DAY_NONE) {
            t->undated++;
            continue;
        }
        first = month < first ? month : first;
        last = month > last ? month : last;
    }
    if (first > last)
        return false;
    lay_out(t, first, last);
    strip_of = assign_strips(p, t);
    for (size_t i = 0; i < t->strips_n; i++)
        t->strips[i].counts = t->counts[i] = FZ_NEW_ARRAY(&p->arena, uint64_t, t->n);
    count_findings(p, t, strip_of);
    return true;
}

/* "2003-05", "2003", or "2000–2009" */
static fz_str column_name(struct page *p, const struct timeline *t, size_t i)
{
    int from = t->first + (int)i * t->step, year = from / 12;

    if (t->step == 1)
        return fz_str_printf(&p->arena, "%04d-%02d", year, from % 12 + 1);
    if (t->step == 12)
        return fz_str_printf(&p->arena, "%04d", year);
    return fz_str_printf(&p->arena, "%04d–%04d", year, year + t->step / 12 - 1);
}

/* Every so many columns get a label: the smallest of these distances that leaves few enough. */
static size_t label_distance(const struct timeline *t)
{
    static const size_t of_months[] = {1, 2, 3, 6, 12, 24, 60}, of_others[] = {1, 2, 5, 10, 20, 50};
    const size_t *distances = t->step == 1 ? of_months : of_others;
    size_t n = t->step == 1 ? FZ_COUNT(of_months) : FZ_COUNT(of_others), i = 0;

    /* Labels of years are short. */
    while (i + 1 < n &&
           (t->n - 1) / distances[i] + 1 > (t->step == 1 && distances[i] < 12 ? LABELS_MAX - 3 : LABELS_MAX))
        i++;
    return distances[i];
}

static void draw_time(struct page *p, const struct timeline *t)
{
    fz_str *names = FZ_NEW_ARRAY(&p->arena, fz_str, t->n), *ticks = FZ_NEW_ARRAY(&p->arena, fz_str, t->n);
    struct fz_columns columns = {t->strips, t->strips_n, names, ticks, t->n};
    struct fz_chart chart = {"time-chart", fz_str_of(p->w->time_title), fz_str_of(p->w->time_desc)};
    size_t distance = label_distance(t);

    for (size_t i = 0; i < t->n; i++) {
        names[i] = column_name(p, t, i);
        if (i % distance == 0)
            ticks[i] = (fz_str){names[i].p, t->step > 1 || distance >= 12 ? 4 : names[i].n};
    }
    put(p, "<figure>\n");
    fz_chart_columns(&chart, &columns, p->out);
    put(p, "</figure>\n");
}

static void time_row(struct page *p, const struct timeline *t, size_t i)
{
    put(p, "<tr><th scope=\"row\" class=\"k\">");
    html(p, column_name(p, t, i));
    put(p, "</th>");
    for (size_t s = 0; s < t->strips_n; s++)
        number_cell(p, t->counts[s][i]);
    put(p, "</tr>\n");
}

static void time_table(struct page *p, const struct timeline *t)
{
    fz_buf_printf(p->out, "<details><summary>%s</summary>\n", p->w->time_table);
    table(p, p->w->time_table);
    head(p, p->w->span, false);
    for (size_t s = 0; s < t->strips_n; s++) {
        put(p, "<th scope=\"col\" class=\"n\">");
        breaking(p, t->strips[s].label);
        put(p, "</th>");
    }
    body(p);
    for (size_t i = 0; i < t->n; i++)
        if (t->counts[0][i])
            time_row(p, t, i);
    fz_buf_printf(p->out, "</tbody>\n<tfoot><tr><th scope=\"row\">%s</th>", p->w->all);
    for (size_t s = 0; s < t->strips_n; s++) {
        uint64_t sum = 0;

        for (size_t i = 0; i < t->n; i++)
            sum += t->counts[s][i];
        number_cell(p, sum);
    }
    put(p, "</tr></tfoot></table></div>\n</details>\n");
}

static void over_time(struct page *p)
{
    struct timeline t;

    if (!tally_time(p, &t))
        return;
    section(p, "time", t.step == 1 ? p->w->by_month : t.step == 12 ? p->w->by_year : p->w->by_years);
    fz_buf_printf(p->out, "<p class=\"note\">%s%s", p->w->time_title, p->lang == FZ_EN ? ". " : "。");
    if (t.strips_n > 1)
        put(p, p->w->scale);
    put(p, p->lang == FZ_EN ? " " : "");
    if (t.undated)
        say(p, p->w->undated, t.undated);
    put(p, "</p>\n");
    draw_time(p, &t);
    time_table(p, &t);
    section_end(p);
}

/* ---- by organ ---- */

static fz_str organ_name(const struct page *p, const struct organ *o)
{
    return o->name.n ? o->name : fz_str_of(p->w->no_organ);
}

/* Those after the first BARS_MAX, as one. */
static struct organ other_organs(struct page *p)
{
    struct organ all = {0};
    struct fz_buf name = {0};

    for (size_t i = BARS_MAX; i < p->organs_n; i++) {
        all.cases += p->organs[i].cases;
        all.findings += p->organs[i].findings;
        all.with_findings += p->organs[i].with_findings;
    }
    fz_add_sentence(&name, p->w->other_organs, FZ_THIN, p->organs_n - BARS_MAX, 0);
    all.name = fz_str_copy(&p->arena, fz_buf_str(&name));
    fz_buf_release(&name);
    return all;
}

static void organ_row(const struct page *p, const struct organ *o)
{
    put(p, "<tr><th scope=\"row\">");
    bdi(p, organ_name(p, o));
    put(p, "</th>");
    number_cell(p, o->cases);
    number_cell(p, o->findings);
    number_cell(p, o->with_findings);
    share_cell(p, o->with_findings, o->cases);
    put(p, "</tr>\n");
}

static void organs_table(const struct page *p, const struct organ *shown, size_t n)
{
    table(p, p->w->by_organ);
    head(p, p->w->organ, false);
    head(p, p->w->cases, true);
    head(p, p->w->count, true);
    head(p, p->w->with_findings, true);
    head(p, p->w->share_of_its, true);
    body(p);
    for (size_t i = 0; i < n; i++)
        organ_row(p, &shown[i]);
    fz_buf_printf(p->out, "</tbody>\n<tfoot><tr><th scope=\"row\">%s</th>", p->w->all);
    number_cell(p, p->r->log->cases_n);
    number_cell(p, p->r->findings_n);
    number_cell(p, p->r->cases_with_findings);
    share_cell(p, p->r->cases_with_findings, p->r->log->cases_n);
    put(p, "</tr></tfoot></table></div>\n");
}

static void organs(struct page *p)
{
    size_t n = p->organs_n < BARS_MAX ? p->organs_n : BARS_MAX, drawn = 0;
    struct organ *shown = FZ_NEW_ARRAY(&p->arena, struct organ, n + 1);
    struct fz_bar *bars = FZ_NEW_ARRAY(&p->arena, struct fz_bar, n + 1);
    struct fz_chart chart = {"organs-chart", fz_str_of(p->w->by_organ), fz_str_of(p->w->organs_desc)};

    if (p->organs_n == 0)
        return;
    memcpy(shown, p->organs, n * sizeof(*shown));
    if (p->organs_n > n)
        shown[n++] = other_organs(p);
    for (size_t i = 0; i < n; i++)
        if (shown[i].findings)
            bars[drawn++] = (struct fz_bar){organ_name(p, &shown[i]), shown[i].findings, false};
    section(p, "organs", p->w->by_organ);
    put(p, drawn ? "<figure>\n" : "");
    fz_chart_bars(&chart, bars, drawn, p->out);
    put(p, drawn ? "</figure>\n" : "");
    organs_table(p, shown, n);
    section_end(p);
}

/* ---- indicators ---- */

static fz_str figure_title(const struct page *p, const struct fz_figure *f)
{
    fz_str title = fz_title_in(f->title, p->lang);

    return title.n ? title : f->indicator;
}

static void value_of(const struct page *p, const struct fz_figure *f)
{
    struct fz_buf value = {0};

    fz_figure_value(f, p->lang, &value);
    html(p, fz_buf_str(&value));
    fz_buf_release(&value);
}

/* What a mean divides; of what is no quotient nothing. */
static void put_total(const struct page *p, const struct fz_figure *f)
{
    struct fz_buf total = {0};

    if (f->mean)
        fz_figure_total(f, &total);
    else
        fz_buf_addz(&total, "–");
    html(p, fz_buf_str(&total));
    fz_buf_release(&total);
}

static void figure_cells(const struct page *p, const struct fz_figure *f)
{
    if (f->share) {
        number_cell(p, f->numerator);
        number_cell(p, f->denominator);
        share_cell(p, f->numerator, f->denominator);
    } else {
        put(p, "<td class=\"n o\">");
        put_total(p, f);
        put(p, "</td><td class=\"n o\">");
        if (f->mean)
            number(p, f->numerator);
        else
            put(p, "–");
        put(p, "</td><td class=\"n\">");
        if (f->sum || f->mean)
            value_of(p, f);
        else
            number(p, f->numerator);
        if (f->unit.zh.n) {
            put(p, " ");
            html(p, fz_title_in(f->unit, p->lang));
        }
        put(p, "</td>");
    }
    put(p, "</tr>\n");
}

static void figure_heads(const struct page *p, const char *first)
{
    head(p, first, false);
    head(p, p->w->numerator, true);
    head(p, p->w->denominator, true);
    head(p, p->w->figure, true);
    body(p);
}

static void figure_name(const struct page *p, const struct fz_figure *f)
{
    html(p, figure_title(p, f));
    if (f->basis.n) {
        put(p, " ");
        id(p, f->basis);
    }
}

/* Figures of all cases, one table. */
static void whole_figures(const struct page *p)
{
    bool any = false;

    for (size_t i = 0; i < p->r->figures_n; i++)
        any |= p->figures[i]->by.n == 0;
    if (!any)
        return;
    table(p, p->w->indicators);
    figure_heads(p, p->w->indicator);
    for (size_t i = 0; i < p->r->figures_n; i++) {
        if (p->figures[i]->by.n)
            continue;
        put(p, "<tr><th scope=\"row\">");
        figure_name(p, p->figures[i]);
        put(p, "</th>");
        figure_cells(p, p->figures[i]);
    }
    table_end(p);
}

/* Figures of one dimension. */
static void figures_by(const struct page *p, const struct fz_figure *const *first, size_t n)
{
    size_t shown = n < VALUES_MAX ? n : VALUES_MAX;

    put(p, n <= VALUES_SHOWN ? "<details open><summary>" : "<details><summary>");
    figure_name(p, first[0]);
    put(p, p->w->by);
    html(p, fz_field_words(p->r, first[0]->by, p->lang));
    put(p, "</summary>\n");
    table(p, p->w->indicators);
    figure_heads(p, p->w->value);
    for (size_t i = 0; i < shown; i++) {
        put(p, "<tr><th scope=\"row\">");
        bdi(p, fz_figure_unset(first[i]) ? fz_str_of(p->w->not_given) : first[i]->shown.zh.n ? fz_title_in(first[i]->shown, p->lang) : first[i]->value);
        put(p, "</th>");
        figure_cells(p, first[i]);
    }
    table_end(p);
    if (n > shown) {
        put(p, "<p class=\"note\">");
        say(p, p->w->more_values, n - shown);
        put(p, "</p>\n");
    }
    put(p, "</details>\n");
}

static void indicators(const struct page *p)
{
    const struct fz_review *r = p->r;

    if (r->figures_n == 0)
        return;
    section(p, "indicators", p->w->indicators);
    whole_figures(p);
    for (size_t i = 0, n; i < r->figures_n; i += n) {
        for (n = 1; i + n < r->figures_n && fz_figures_alike(p->figures[i], p->figures[i + n]); n++)
            ;
        if (p->figures[i]->by.n)
            figures_by(p, &p->figures[i], n);
    }
    section_end(p);
}

/* ---- the findings ---- */

static bool same_articles(struct fz_articles a, struct fz_articles b)
{
    bool same = a.n == b.n;

    for (size_t i = 0; same && i < a.n; i++)
        same = fz_str_eq(a.items[i].text, b.items[i].text);
    return same;
}

/* What is said of a finding beside its case and day; the article only where an older version had another one. */
static void finding_marks(const struct page *p, const struct fz_finding *f)
{
    fz_str organ = fz_organ_of(p->r, fz_case_of(p->r, f));

    if (f->over > 0) {
        put(p, " · ");
        say(p, p->w->late, (uint64_t)f->over);
    }
    if (organ.n) {
        put(p, " · ");
        bdi(p, organ);
    }
    if (!same_articles(f->articles, p->r->rules[f->rule].articles)) {
        put(p, " · ");
        fz_add_articles(p->out, f->articles, p->w->between, fz_buf_html);
    }
    if (p->several_versions) {
        put(p, " · ");
        fz_buf_printf(p->out, "%s ", p->w->version);
        day(p, p->r->versions[f->version]->version);
    }
    if (f->line) {
        put(p, " · ");
        place(p, f->file, f->line);
    }
}

static size_t lines_of(fz_str s)
{
    fz_str line;
    size_t n = 0;

    while (fz_next_line(&s, &line))
        n++;
    return n;
}

/* The first line says how it was found; a count day by day follows in columns, folded when it is long. */
static void working(const struct page *p, fz_str rest)
{
    size_t n = lines_of(rest);
    fz_str line;

    if (n == 0)
        return;
    fz_next_line(&rest, &line);
    put(p, "<p class=\"w\">");
    html(p, line);
    put(p, "</p>");
    if (n == 1)
        return;
    if (n > 1 + DAYS_OPEN)
        fz_buf_printf(p->out, "<details class=\"days\"><summary>%s</summary>", p->w->day_by_day);
    put(p, "<pre>");
    while (fz_next_line(&rest, &line)) {
        html(p, line);
        put(p, "\n");
    }
    put(p, n > 1 + DAYS_OPEN ? "</pre></details>" : "</pre>");
}

static void finding(const struct page *p, const struct fz_finding *f)
{
    put(p, "<li><p><b>");
    bdi(p, fz_case_of(p->r, f)->id);
    put(p, "</b> <span class=\"m\">");
    day(p, f->day);
    finding_marks(p, f);
    put(p, "</span></p>");
    working(p, f->working);
    put(p, "</li>\n");
}

static void findings_of(const struct page *p, size_t rule)
{
    const struct fz_review *r = p->r;
    uint64_t shown = 0, of = r->rules[rule].findings;

    fz_buf_printf(p->out, "<details id=\"rule-%zu\"><summary>", rule);
    breaking(p, rule_words(p, rule));
    put(p, p->w->brackets[0]);
    put(p, "<b>");
    say(p, p->w->list_of, of);
    put(p, "</b>");
    put(p, p->w->brackets[1]);
    put(p, "</summary>\n<ol class=\"list\">\n");
    for (size_t i = 0; i < r->findings_n && shown < LISTED_MAX; i++) {
        if (r->findings[i].rule != rule)
            continue;
        finding(p, &r->findings[i]);
        shown++;
    }
    put(p, "</ol>\n");
    if (of > shown) {
        put(p, "<p class=\"note\">");
        say(p, p->w->not_listed, of - shown);
        put(p, "</p>\n");
    }
    put(p, "</details>\n");
}

static bool any_folded(const struct fz_review *r)
{
    for (size_t i = 0; i < r->findings_n; i++)
        if (lines_of(r->findings[i].working) > 1 + DAYS_OPEN)
            return true;
    return false;
}

static void list(const struct page *p)
{
    if (p->r->findings_n == 0)
        return;
    section(p, "list", p->w->list);
    if (any_folded(p->r))
        fz_buf_printf(p->out, "<p class=\"note\">%s</p>\n", p->w->folded);
    for (size_t i = 0; i < p->r->rules_n; i++)
        if (p->r->rules[i].findings)
            findings_of(p, i);
    section_end(p);
}

void fz_review_html(const struct fz_review *r, fz_language lang, struct fz_buf *out)
{
    struct page p = {.r = r, .lang = lang, .w = &words[lang], .out = out};

    fz_arena_init(&p.arena);
    tally_rules(&p);
    tally_organs(&p);
    p.figures = fz_figures_in_order(r, &p.arena);
    p.several_versions = versions_that_spoke(r) > 1;
    page_head(&p);
    headlines(&p);
    scope(&p);
    rules(&p);
    over_time(&p);
    organs(&p);
    indicators(&p);
    list(&p);
    fz_buf_printf(out, "</main>\n<footer>\n<p>%s</p>\n<p class=\"sign\">%s <i></i></p>\n</footer>\n</body>\n</html>\n",
                  p.w->made_by, p.w->checked_by);
    fz_arena_release(&p.arena);
}
