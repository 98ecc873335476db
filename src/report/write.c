/*
 * A review as text for a terminal, as a table of findings (TSV) and as JSON. All three only append: a review of 10,000 findings takes
 * milliseconds. JSON and TSV carry no language of their own: the working has the one that the review was made in, titles come in both.
 */
#include "report/tally.h"
#include "report/write_int.h"

#include "io/xlsx.h"

#include <stdlib.h>

/* ---- what the writers share ---- */

/* Embeddings, overrides and isolates: they can make a case number read as another one. */
static bool turns_order(uint32_t cp)
{
    return (cp >= 0x202A && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0x200E || cp == 0x200F ||
           cp == 0x061C;
}

static bool harmless(uint32_t cp)
{
    return cp >= 0x20 && (cp < 0x7F || cp >= 0xA0) && cp != 0x2028 && cp != 0x2029 && !turns_order(cp);
}

void fz_add_safe(struct fz_buf *out, fz_str s, fz_adder *add)
{
    fz_str run = {s.p, 0};
    uint32_t cp = 0;

    for (size_t n; s.n; s.p += n, s.n -= n) {
        n = fz_utf8_next(s, &cp);
        if (n && harmless(cp)) {
            run.n += n;
            continue;
        }
        n = n ? n : 1;
        add(out, run);
        fz_buf_addz(out, "\xEF\xBF\xBD");
        run = (fz_str){s.p + n, 0};
    }
    add(out, run);
}

void fz_add_number(struct fz_buf *out, uint64_t n, const char *group)
{
    char text[96], *p = text + sizeof(text);
    size_t group_n = strlen(group);
    int digits = 0;

    fz_assert(group_n <= 4);
    do {
        if (digits && digits % 3 == 0)
            p = memcpy(p - group_n, group, group_n);
        *--p = (char)('0' + n % 10);
        n /= 10;
        digits++;
    } while (n);
    fz_buf_add(out, (fz_str){p, (size_t)(text + sizeof(text) - p)});
}

/* `p` stands behind "{0:"; appends one or the other word and gives the closing brace. */
static const char *add_word(struct fz_buf *out, const char *p, bool one)
{
    const char *bar = strchr(p, '|'), *end = strchr(p, '}');

    fz_assert(bar && end && bar < end);
    fz_buf_add(out, one ? (fz_str){p, (size_t)(bar - p)} : (fz_str){bar + 1, (size_t)(end - bar - 1)});
    return end;
}

void fz_add_sentence(struct fz_buf *out, const char *text, const char *group, uint64_t n0, uint64_t n1)
{
    for (const char *p = text; *p; p++) {
        uint64_t n = p[0] == '{' && p[1] == '1' ? n1 : n0;

        if (*p != '{') {
            fz_buf_addc(out, *p);
        } else if (p[2] == ':') {
            p = add_word(out, p + 3, n == 1);
        } else {
            fz_add_number(out, n, group);
            p += 2;
        }
    }
}

static void two_digits(char *p, int n)
{
    p[0] = (char)('0' + n / 10 % 10);
    p[1] = (char)('0' + n % 10);
}

void fz_add_day(struct fz_buf *out, fz_day d)
{
    char text[10] = {0};
    fz_civil c;

    if (d < FZ_DAY_MIN || d > FZ_DAY_MAX) {
        fz_buf_addc(out, '-');
        return;
    }
    c = fz_day_civil(d);
    two_digits(text, c.year / 100);
    two_digits(text + 2, c.year);
    two_digits(text + 5, c.month);
    two_digits(text + 8, c.day);
    text[4] = text[7] = '-';
    fz_buf_add(out, (fz_str){text, sizeof(text)});
}

void fz_add_articles(struct fz_buf *out, struct fz_articles articles, const char *between, fz_adder *add)
{
    for (size_t i = 0; i < articles.n; i++) {
        if (i)
            fz_buf_addz(out, between);
        fz_add_safe(out, articles.items[i].text, add);
    }
}

uint64_t fz_share_hundredths(uint64_t n, uint64_t d)
{
    fz_assert(d);
    return (uint64_t)(((unsigned __int128)n * 20000 + d) / ((unsigned __int128)d * 2));
}

void fz_add_share(struct fz_buf *out, uint64_t n, uint64_t d)
{
    uint64_t h = fz_share_hundredths(n, d);
    char fraction[4] = {'.', 0, 0, '%'};

    two_digits(fraction + 1, (int)(h % 100));
    fz_add_number(out, h / 100, "");
    fz_buf_add(out, (fz_str){fraction, sizeof(fraction)});
}

fz_str fz_rule_title(const struct fz_review_rule *rule, fz_language lang)
{
    fz_str title = fz_title_in(rule->title, lang);

    return fz_str_eq(title, rule->id) ? (fz_str){0} : title;
}

fz_str fz_rule_words(const struct fz_review_rule *rule, fz_language lang)
{
    fz_str title = fz_rule_title(rule, lang);

    return title.n ? title : rule->id;
}

fz_str fz_field_words(const struct fz_review *r, fz_str name, fz_language lang)
{
    for (size_t i = 0; i < r->record->fields_n; i++) {
        fz_str title = fz_title_in(r->record->fields[i].title, lang);

        if (title.n && fz_str_eq(r->record->fields[i].name, name))
            return title;
    }
    if (r->record->kinds_n && fz_str_eq(name, FZ_BY_KIND))
        return lang == FZ_ZH ? FZ_STR("变动类型") : FZ_STR("Kind of change");
    return name;
}

/* ---- figures in order ---- */

/* They come in the order in which the log first counted them; beside each stands where its indicator and its dimension came first. */
struct placed {
    const struct fz_figure *figure;
    size_t indicator, group;
};

static bool same_indicator(const struct fz_figure *a, const struct fz_figure *b)
{
    return fz_str_eq(a->indicator, b->indicator) && fz_str_eq(a->basis, b->basis);
}

bool fz_figures_alike(const struct fz_figure *a, const struct fz_figure *b)
{
    return same_indicator(a, b) && fz_str_eq(a->by, b->by);
}

/* fz_value_print() writes "-" for a value that is not set. */
bool fz_figure_unset(const struct fz_figure *f)
{
    return f->by.n && (f->value.n == 0 || fz_str_is(f->value, "-"));
}

static int by_place(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;

    if (x->indicator != y->indicator)
        return x->indicator < y->indicator ? -1 : 1;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (fz_figure_unset(x->figure) != fz_figure_unset(y->figure))
        return fz_figure_unset(x->figure) ? 1 : -1;
    return fz_str_cmp(x->figure->value, y->figure->value);
}

const struct fz_figure **fz_figures_in_order(const struct fz_review *r, struct fz_arena *arena)
{
    struct placed *placed = FZ_NEW_ARRAY(arena, struct placed, r->figures_n);
    const struct fz_figure **ordered = FZ_NEW_ARRAY(arena, const struct fz_figure *, r->figures_n);
    size_t *firsts = FZ_NEW_ARRAY(arena, size_t, r->figures_n), firsts_n = 0; /* of each group; there are few */

    for (size_t i = 0; i < r->figures_n; i++) {
        const struct fz_figure *f = &r->figures[i];
        size_t k = 0, indicator = 0;

        while (k < firsts_n && !fz_figures_alike(&r->figures[firsts[k]], f))
            k++;
        if (k == firsts_n)
            firsts[firsts_n++] = i;
        while (!same_indicator(&r->figures[firsts[indicator]], f))
            indicator++;
        placed[i] = (struct placed){f, firsts[indicator], firsts[k]};
    }
    if (r->figures_n)
        qsort(placed, r->figures_n, sizeof(*placed), by_place);
    for (size_t i = 0; i < r->figures_n; i++)
        ordered[i] = placed[i].figure;
    return ordered;
}

const struct fz_pack *fz_spoken(const struct fz_review *r)
{
    size_t i = r->versions_n;

    fz_assert(r->versions_n > 0);
    while (i > 1 && r->cases_of_version[i - 1] == 0)
        i--;
    return r->versions[r->cases_of_version[i - 1] ? i - 1 : r->versions_n - 1];
}

const struct fz_log_case *fz_case_of(const struct fz_review *r, const struct fz_finding *f)
{
    fz_assert(f->case_no < r->log->cases_n && f->rule < r->rules_n && f->version < r->versions_n);
    return &r->log->cases[f->case_no];
}

fz_str fz_organ_of(const struct fz_review *r, const struct fz_log_case *c)
{
    return c->organ ? r->log->texts[c->organ] : (fz_str){0};
}

fz_str fz_cut_cells(fz_str s, size_t cells)
{
    fz_str rest = s;
    uint32_t cp = 0;

    for (size_t n, width; rest.n; rest.p += n, rest.n -= n, cells -= width) {
        n = fz_utf8_next(rest, &cp);
        n = n ? n : 1;
        width = fz_utf8_cells((fz_str){rest.p, n});
        if (width > cells)
            break;
    }
    return (fz_str){s.p, s.n - rest.n};
}

bool fz_next_line(fz_str *rest, fz_str *out_line)
{
    const char *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
    size_t n = end ? (size_t)(end - rest->p) : rest->n;

    if (rest->n == 0)
        return false;
    *out_line = (fz_str){rest->p, n};
    rest->p += n + (end != NULL);
    rest->n -= n + (end != NULL);
    return true;
}

/* ---- text ---- */

#define REFUSALS_SHOWN 5
#define LABEL_CELLS 10

struct words {
    const char *heading, *brackets[2], *comma, *between;
    const char *cases, *events, *days, *files, *refused, *repeated, *order, *unjudged, *versions, *until,
        *findings; /* labels */
    const char *from_columns, *to, *rows, *converted, *counted_once, *more, *sorted, *not_reached, *version_cases,
        *before_first, *until_means, *in_cases;
    const char *rule, *count, *article, *title, *all, *service; /* the table of rules */
    const char *shown, *shown_all, *indicators, *no_cases, *not_given;
};

static const struct words words[2] = {
    [FZ_EN] = {.heading = "Case file review: ",
               .brackets = {" (", ")"},
               .comma = ", ",
               .between = "; ",
               .cases = "cases",
               .events = "events",
               .days = "days",
               .files = "files",
               .refused = "refused",
               .repeated = "repeated",
               .order = "order",
               .unjudged = "open",
               .versions = "versions",
               .until = "until",
               .findings = "findings",
               .from_columns = ", and {0} from columns of days",
               .to = " to ",
               .rows = "{0} {0:row|rows}",
               .converted = ", converted from ",
               .counted_once = "{0} {0:row that repeats|rows that repeat} an earlier one: counted once",
               .more = "and {0} more",
               .sorted = "{0} {0:case|cases} whose rows did not stand in the order of their days: sorted",
               .not_reached = "{0} {0:limit|limits} that the calendar does not reach: neither met nor missed",
               .version_cases = "{0} {0:case|cases}",
               .before_first = "{0} {0:case|cases} begun before the oldest version: judged by it",
               .until_means = ": limits that still ran were held against this day",
               .in_cases = "{0} in {1} {1:case|cases}",
               .rule = "rule",
               .count = "findings",
               .article = "article",
               .title = "title",
               .all = "all",
               .service = "(service norm, no statute)",
               .shown = "The first {0} of {1} findings",
               .shown_all = "Findings",
               .indicators = "Indicators",
               .no_cases = "no cases",
               .not_given = "not given"},
    [FZ_ZH] = {.heading = "案卷评查：",
               .brackets = {"（", "）"},
               .comma = "，",
               .between = "、",
               .cases = "案件",
               .events = "办理记录",
               .days = "起止",
               .files = "文件",
               .refused = "未采用",
               .repeated = "重复",
               .order = "顺序",
               .unjudged = "未判断",
               .versions = "版本",
               .until = "截至",
               .findings = "问题",
               .from_columns = "，另有{0}条取自日期列",
               .to = "至",
               .rows = "{0}行",
               .converted = "，转换自",
               .counted_once = "{0}行与前面的行重复，只计一次",
               .more = "另有{0}行",
               .sorted = "{0}件案件的各行未按日期排列，已重新排序",
               .not_reached = "{0}个期限超出日历范围，未作判断",
               .version_cases = "{0}件",
               .before_first = "{0}件始于最早版本施行之前，适用该版本",
               .until_means = "：尚未届满的期限按该日判断",
               .in_cases = "{0}个，涉及{1}件案件",
               .rule = "规则",
               .count = "问题数",
               .article = "依据",
               .title = "内容",
               .all = "合计",
               .service = "（服务规范，非法定）",
               .shown = "问题（前{0}个，共{1}个）",
               .shown_all = "问题",
               .indicators = "指标",
               .no_cases = "无案件",
               .not_given = "未填"},
};

struct text {
    const struct fz_review *r;
    fz_language lang;
    const struct words *w;
    struct fz_buf *out;
};

static size_t wider(size_t cells, fz_str s)
{
    size_t n = fz_utf8_cells(s);

    return n > cells ? n : cells;
}

static void blanks(struct fz_buf *out, size_t n)
{
    while (n--)
        fz_buf_addc(out, ' ');
}

/* A text and blanks up to so many cells; a longer one pushes what follows. */
void fz_add_padded(struct fz_buf *out, fz_str s, size_t cells)
{
    size_t n = fz_utf8_cells(s);

    fz_add_safe(out, s, fz_buf_add);
    blanks(out, n < cells ? cells - n : 0);
}

void fz_add_right(struct fz_buf *out, fz_str s, size_t cells)
{
    size_t n = fz_utf8_cells(s);

    blanks(out, n < cells ? cells - n : 0);
    fz_add_safe(out, s, fz_buf_add);
}

static void right_number(struct fz_buf *out, uint64_t n, size_t cells)
{
    struct fz_buf number = {0};

    fz_add_number(&number, n, "");
    fz_add_right(out, fz_buf_str(&number), cells);
    fz_buf_release(&number);
}

static void sentence(const struct text *t, const char *text, uint64_t n0, uint64_t n1)
{
    fz_add_sentence(t->out, text, "", n0, n1);
}

/* Begins a line of the head; NULL goes on under the label before. */
static void label(const struct text *t, const char *name)
{
    fz_add_padded(t->out, fz_str_of(name), LABEL_CELLS);
}

static void place(const struct text *t, uint16_t file, uint32_t line, uint32_t column)
{
    struct fz_buf at = {0};

    fz_assert(file < t->r->log->files_n);
    fz_log_place(t->r->log, file, line, column, &at);
    fz_add_safe(t->out, fz_buf_str(&at), fz_buf_add);
    fz_buf_release(&at);
}

static void text_files(const struct text *t)
{
    const struct fz_log *log = t->r->log;

    for (size_t i = 0; i < log->files_n; i++) {
        const struct fz_log_file *f = &log->files[i];

        label(t, i ? NULL : t->w->files);
        fz_add_safe(t->out, fz_str_of(f->name), fz_buf_add);
        fz_buf_addz(t->out, t->w->comma);
        sentence(t, t->w->rows, f->rows, 0);
        if (strcmp(f->encoding, "UTF-8") != 0) {
            fz_buf_addz(t->out, t->w->converted);
            fz_buf_addz(t->out, f->encoding);
        }
        fz_buf_addc(t->out, '\n');
    }
}

/* A line of the head that says one number; none when it is 0. */
static void text_count(const struct text *t, const char *name, const char *text, uint64_t n)
{
    if (n == 0)
        return;
    label(t, name);
    sentence(t, text, n, 0);
    fz_buf_addc(t->out, '\n');
}

/* Repeated rows are listed with those that were refused, and counted by themselves. */
static void text_refused(const struct text *t)
{
    const struct fz_log *log = t->r->log;
    size_t shown = log->refusals_n < REFUSALS_SHOWN ? log->refusals_n : REFUSALS_SHOWN;

    text_count(t, t->w->refused, t->w->rows, log->refused);
    text_count(t, t->w->repeated, t->w->counted_once, log->duplicates);
    for (size_t i = 0; i < shown; i++) {
        label(t, NULL);
        place(t, log->refusals[i].file, log->refusals[i].line, log->refusals[i].column);
        fz_buf_addz(t->out, ": ");
        fz_add_safe(t->out, log->refusals[i].why, fz_buf_add);
        fz_buf_addc(t->out, '\n');
    }
    if (log->refused + log->duplicates > shown)
        text_count(t, NULL, t->w->more, log->refused + log->duplicates - shown);
}

static void text_versions(const struct text *t)
{
    const struct fz_review *r = t->r;
    const char *name = t->w->versions;

    for (size_t i = 0; i < r->versions_n; i++) {
        if (r->cases_of_version[i] == 0)
            continue;
        label(t, name);
        fz_add_day(t->out, r->versions[i]->version);
        fz_buf_addz(t->out, t->w->comma);
        sentence(t, t->w->version_cases, r->cases_of_version[i], 0);
        fz_buf_addc(t->out, '\n');
        name = NULL;
    }
    text_count(t, name, t->w->before_first, r->before_first);
}

static void text_title(const struct text *t)
{
    const struct fz_pack *pack = fz_spoken(t->r);

    fz_buf_addz(t->out, t->w->heading);
    fz_add_safe(t->out, fz_title_in(pack->title, t->lang), fz_buf_add);
    fz_buf_addz(t->out, t->w->brackets[0]);
    fz_add_safe(t->out, pack->name, fz_buf_add);
    fz_buf_addz(t->out, t->w->brackets[1]);
    fz_buf_addz(t->out, t->w->comma);
    fz_add_safe(t->out, fz_title_in(t->r->record->title, t->lang), fz_buf_add);
    fz_buf_addz(t->out, "\n\n");
}

static void text_numbers(const struct text *t)
{
    const struct fz_log *log = t->r->log;

    label(t, t->w->cases);
    fz_add_number(t->out, log->cases_n, "");
    fz_buf_addc(t->out, '\n');
    label(t, t->w->events);
    fz_add_number(t->out, log->events_n, "");
    if (log->column_acts)
        sentence(t, t->w->from_columns, log->column_acts, 0);
    fz_buf_addc(t->out, '\n');
    label(t, t->w->days);
    fz_add_day(t->out, t->r->first);
    if (t->r->first != FZ_DAY_NONE) {
        fz_buf_addz(t->out, t->w->to);
        fz_add_day(t->out, t->r->last);
    }
    fz_buf_addc(t->out, '\n');
}

static void text_head(const struct text *t)
{
    text_title(t);
    text_numbers(t);
    text_files(t);
    text_refused(t);
    text_count(t, t->w->order, t->w->sorted, t->r->log->disordered);
    text_versions(t);
    if (t->r->until != FZ_DAY_NONE) {
        label(t, t->w->until);
        fz_add_day(t->out, t->r->until);
        fz_buf_addz(t->out, t->w->until_means);
        fz_buf_addc(t->out, '\n');
    }
    text_count(t, t->w->unjudged, t->w->not_reached, t->r->unjudged);
    label(t, t->w->findings);
    sentence(t, t->w->in_cases, t->r->findings_n, t->r->cases_with_findings);
    fz_buf_addc(t->out, '\n');
}

/* One row of the table of rules; the last column is not padded, so no line ends in blanks. */
static void rule_row(const struct text *t, fz_str id, uint64_t findings, const struct fz_review_rule *rule,
                     const size_t cells[3], struct fz_buf *scratch)
{
    fz_str title = rule ? fz_rule_title(rule, t->lang) : (fz_str){0};

    fz_add_padded(t->out, id, cells[0] + 2);
    right_number(t->out, findings, cells[1]);
    fz_buf_reset(scratch);
    if (rule)
        fz_add_articles(scratch, rule->articles, t->w->between, fz_buf_add);
    if (scratch->n || title.n || (rule && rule->service_norm)) {
        blanks(t->out, 2);
        fz_add_padded(t->out, fz_buf_str(scratch), title.n || rule->service_norm ? cells[2] + 2 : 0);
        fz_add_safe(t->out, title, fz_buf_add);
        if (rule->service_norm) {
            blanks(t->out, title.n && t->lang == FZ_EN);
            fz_buf_addz(t->out, t->w->service);
        }
    }
    fz_buf_addc(t->out, '\n');
}

static void text_rules(const struct text *t)
{
    const struct fz_review *r = t->r;
    struct fz_buf scratch = {0};
    fz_str heads[] = {fz_str_of(t->w->rule), fz_str_of(t->w->count), fz_str_of(t->w->article)};
    size_t cells[3] = {wider(wider(0, heads[0]), fz_str_of(t->w->all)), wider(0, heads[1]), wider(0, heads[2])};

    for (size_t i = 0; i < r->rules_n; i++) {
        cells[0] = wider(cells[0], r->rules[i].id);
        fz_buf_reset(&scratch);
        fz_add_articles(&scratch, r->rules[i].articles, t->w->between, fz_buf_add);
        cells[2] = wider(cells[2], fz_buf_str(&scratch));
    }
    fz_buf_addc(t->out, '\n');
    fz_add_padded(t->out, heads[0], cells[0] + 2);
    fz_add_right(t->out, heads[1], cells[1]);
    blanks(t->out, 2);
    fz_add_padded(t->out, heads[2], cells[2] + 2);
    fz_buf_addz(t->out, t->w->title);
    fz_buf_addc(t->out, '\n');
    for (size_t i = 0; i < r->rules_n; i++)
        rule_row(t, r->rules[i].id, r->rules[i].findings, &r->rules[i], cells, &scratch);
    rule_row(t, fz_str_of(t->w->all), r->findings_n, NULL, cells, &scratch);
    fz_buf_release(&scratch);
}

static void text_finding(const struct text *t, const struct fz_finding *f)
{
    const struct fz_log_case *c = fz_case_of(t->r, f);
    fz_str organ = fz_organ_of(t->r, c), rest = f->working, line;

    fz_buf_addc(t->out, '\n');
    fz_add_safe(t->out, c->id, fz_buf_add);
    blanks(t->out, 2);
    fz_add_day(t->out, f->day);
    blanks(t->out, 2);
    fz_add_safe(t->out, t->r->rules[f->rule].id, fz_buf_add);
    if (f->articles.n)
        blanks(t->out, 2);
    fz_add_articles(t->out, f->articles, t->w->between, fz_buf_add);
    if (organ.n)
        blanks(t->out, 2);
    fz_add_safe(t->out, organ, fz_buf_add);
    if (f->line) {
        blanks(t->out, 2);
        place(t, f->file, f->line, 0);
    }
    fz_buf_addc(t->out, '\n');
    while (fz_next_line(&rest, &line)) {
        blanks(t->out, 4);
        fz_add_safe(t->out, line, fz_buf_add);
        fz_buf_addc(t->out, '\n');
    }
}

static void text_findings(const struct text *t, size_t most)
{
    size_t n = t->r->findings_n < most ? t->r->findings_n : most;

    if (n == 0)
        return;
    fz_buf_addc(t->out, '\n');
    sentence(t, n < t->r->findings_n ? t->w->shown : t->w->shown_all, n, t->r->findings_n);
    fz_buf_addc(t->out, '\n');
    for (size_t i = 0; i < n; i++)
        text_finding(t, &t->r->findings[i]);
}

/* "Decided in time, organ = Lands Office (all)" */
static void figure_name(const struct text *t, const struct fz_figure *f, struct fz_buf *out)
{
    fz_str title = fz_title_in(f->title, t->lang);

    fz_buf_add(out, title.n ? title : f->indicator);
    if (f->by.n) {
        fz_buf_addz(out, t->w->comma);
        fz_buf_add(out, fz_field_words(t->r, f->by, t->lang));
        fz_buf_addz(out, " = ");
        fz_buf_add(out, fz_figure_unset(f) ? fz_str_of(t->w->not_given) : f->shown.zh.n ? fz_title_in(f->shown, t->lang) : f->value);
    }
    if (f->basis.n) {
        fz_buf_addz(out, t->w->brackets[0]);
        fz_buf_add(out, f->basis);
        fz_buf_addz(out, t->w->brackets[1]);
    }
}

/* In the unit of the field, amounts without their currency: the unit of the indicator says it. */
static void add_total(struct fz_buf *out, fz_type type, int64_t total)
{
    uint64_t n = total < 0 ? -(uint64_t)total : (uint64_t)total;

    fz_buf_addz(out, total < 0 ? "-" : "");
    fz_add_number(out, type == FZ_TYPE_INT ? n : n / 100, "");
    if (type != FZ_TYPE_INT)
        fz_buf_printf(out, ".%02u", (unsigned)(n % 100));
}

/* Exact in the record, shown to hundredths, half up; what is counted in hundredths already has no finer ones. */
static void add_mean(struct fz_buf *out, const struct fz_figure *f)
{
    __int128 n = (__int128)f->total * (f->type == FZ_TYPE_INT ? 100 : 1), d = (__int128)f->numerator, twice = 2 * n + d, q = twice / (2 * d);

    q -= twice % (2 * d) < 0;
    if (q > INT64_MAX || q < INT64_MIN) { /* of a whole number so large the hundredths are no matter */
        add_total(out, FZ_TYPE_INT, (int64_t)(q / 100));
        return;
    }
    add_total(out, FZ_TYPE_POINTS, (int64_t)q);
}

static void figure_value(const struct text *t, const struct fz_figure *f, struct fz_buf *out)
{
    if (f->sum)
        add_total(out, f->type, f->total);
    else if (f->mean && f->numerator == 0)
        fz_buf_addz(out, t->w->no_cases);
    else if (f->mean)
        add_mean(out, f);
    else if (!f->share)
        fz_add_number(out, f->numerator, "");
    else if (f->denominator == 0)
        fz_buf_addz(out, t->w->no_cases);
    else
        fz_add_share(out, f->numerator, f->denominator);
}

void fz_figure_name(const struct fz_review *r, const struct fz_figure *f, fz_language lang, struct fz_buf *out)
{
    struct text t = {r, lang, &words[lang], out};

    figure_name(&t, f, out);
}

void fz_figure_total(const struct fz_figure *f, struct fz_buf *out)
{
    add_total(out, f->type, f->total);
}

bool fz_figure_has_parts(const struct fz_figure *f)
{
    return f->share || f->mean;
}

void fz_figure_parts(const struct fz_figure *f, struct fz_buf *out)
{
    if (f->mean)
        add_total(out, f->type, f->total);
    else
        fz_add_number(out, f->numerator, "");
    fz_buf_addz(out, " / ");
    fz_add_number(out, f->mean ? f->numerator : f->denominator, "");
}

void fz_figure_value(const struct fz_figure *f, fz_language lang, struct fz_buf *out)
{
    struct text t = {NULL, lang, &words[lang], out};

    figure_value(&t, f, out);
}

static void text_figure(const struct text *t, const struct fz_figure *f, const size_t cells[2], struct fz_buf *scratch)
{
    fz_buf_reset(scratch);
    figure_name(t, f, scratch);
    fz_add_padded(t->out, fz_buf_str(scratch), cells[0] + 2);
    fz_buf_reset(scratch);
    figure_value(t, f, scratch);
    fz_add_right(t->out, fz_buf_str(scratch), cells[1]);
    if (fz_figure_has_parts(f) || f->unit.zh.n)
        blanks(t->out, 2);
    if (!f->share)
        fz_add_safe(t->out, fz_title_in(f->unit, t->lang), fz_buf_add);
    if (f->mean && f->unit.zh.n)
        blanks(t->out, 2);
    if (fz_figure_has_parts(f))
        fz_figure_parts(f, t->out);
    fz_buf_addc(t->out, '\n');
}

static void text_figures(const struct text *t)
{
    const struct fz_review *r = t->r;
    struct fz_buf scratch = {0};
    struct fz_arena arena;
    const struct fz_figure **figures;
    size_t cells[2] = {0};

    if (r->figures_n == 0)
        return;
    fz_arena_init(&arena);
    figures = fz_figures_in_order(r, &arena);
    for (size_t i = 0; i < r->figures_n; i++) {
        fz_buf_reset(&scratch);
        figure_name(t, figures[i], &scratch);
        cells[0] = wider(cells[0], fz_buf_str(&scratch));
        fz_buf_reset(&scratch);
        figure_value(t, figures[i], &scratch);
        cells[1] = wider(cells[1], fz_buf_str(&scratch));
    }
    fz_buf_addc(t->out, '\n');
    fz_buf_addz(t->out, t->w->indicators);
    fz_buf_addz(t->out, "\n\n");
    for (size_t i = 0; i < r->figures_n; i++)
        text_figure(t, figures[i], cells, &scratch);
    fz_buf_release(&scratch);
    fz_arena_release(&arena);
}

void fz_review_text(const struct fz_review *r, fz_language lang, size_t most, struct fz_buf *out)
{
    struct text t = {r, lang, &words[lang], out};

    text_head(&t);
    text_rules(&t);
    text_findings(&t, most);
    text_figures(&t);
}

/* ---- TSV ---- */

/* Neither to be quoted nor to be disarmed: letters and digits. */
static bool cell_plain(fz_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == '"')
            return false;
    return s.n == 0 || !strchr("=+-@", s.p[0]);
}

/* As fz_buf_cell() writes it, in one piece where it can. */
static void bare_cell(struct fz_buf *out, fz_str s)
{
    if (cell_plain(s))
        fz_buf_add(out, s);
    else
        fz_buf_cell(out, s, '\t');
}

static void cell(struct fz_buf *out, fz_str s)
{
    bare_cell(out, s);
    fz_buf_addc(out, '\t');
}

static void day_cell(struct fz_buf *out, fz_day d)
{
    if (d != FZ_DAY_NONE)
        fz_add_day(out, d);
    fz_buf_addc(out, '\t');
}

static void number_cell(struct fz_buf *out, uint64_t n)
{
    if (n)
        fz_add_number(out, n, "");
    fz_buf_addc(out, '\t');
}

/* In both languages, when it has two. */
static void title_cell(struct fz_buf *out, const struct fz_review_rule *rule, struct fz_buf *scratch)
{
    fz_str zh = fz_rule_title(rule, FZ_ZH), en = fz_rule_title(rule, FZ_EN);

    fz_buf_reset(scratch);
    fz_buf_add(scratch, zh);
    if (!fz_str_eq(zh, en)) {
        fz_buf_addz(scratch, zh.n && en.n ? " / " : "");
        fz_buf_add(scratch, en);
    }
    cell(out, fz_buf_str(scratch));
}

static void articles_cell(struct fz_buf *out, struct fz_articles articles, struct fz_buf *scratch)
{
    fz_buf_reset(scratch);
    for (size_t i = 0; i < articles.n; i++) {
        fz_buf_addz(scratch, i ? "; " : "");
        fz_buf_add(scratch, articles.items[i].text);
    }
    cell(out, fz_buf_str(scratch));
}

/* The last cell. Its lines become one, so that a finding is a line. */
static void working_cell(struct fz_buf *out, fz_str working, struct fz_buf *scratch)
{
    fz_str line;

    fz_buf_reset(scratch);
    while (fz_next_line(&working, &line)) {
        fz_buf_addz(scratch, scratch->n ? "; " : "");
        fz_add_safe(scratch, line, fz_buf_add);
    }
    bare_cell(out, fz_buf_str(scratch));
    fz_buf_addc(out, '\n');
}

/* FILE, of a workbook FILE:SHEET. */
static void file_cell(const struct fz_log *log, const struct fz_finding *f, struct fz_buf *out)
{
    struct fz_buf name = {0};

    if (f->line)
        fz_buf_addz(&name, log->files[f->file].name);
    if (f->line && log->files[f->file].sheet.n)
        fz_buf_printf(&name, ":%.*s", FZ_STR_ARG(log->files[f->file].sheet));
    cell(out, fz_buf_str(&name));
    fz_buf_release(&name);
}

void fz_review_tsv(const struct fz_review *r, struct fz_buf *out)
{
    struct fz_buf scratch = {0};

    fz_buf_addz(out, "rule\ttitle\tarticles\tcase\torgan\tday\tdays_late\tfrom\tdue\tfile\tline\tversion\tworking\n");
    for (size_t i = 0; i < r->findings_n; i++) {
        const struct fz_finding *f = &r->findings[i];
        const struct fz_log_case *c = fz_case_of(r, f);

        cell(out, r->rules[f->rule].id);
        title_cell(out, &r->rules[f->rule], &scratch);
        articles_cell(out, f->articles, &scratch);
        cell(out, c->id);
        cell(out, fz_organ_of(r, c));
        day_cell(out, f->day);
        number_cell(out, f->over > 0 ? (uint64_t)f->over : 0);
        day_cell(out, f->from);
        day_cell(out, f->due);
        file_cell(r->log, f, out);
        number_cell(out, f->line);
        day_cell(out, r->versions[f->version]->version);
        working_cell(out, f->working, &scratch);
    }
    fz_buf_release(&scratch);
}

/* ---- JSON ---- */

/* Nothing to escape but ends of lines: so it is with nearly every text. */
static bool json_plain(fz_str s)
{
    unsigned char seen = 0;

    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if ((c < 0x20 && c != '\n') || c == '"' || c == '\\' || c == 0x7F)
            return false;
        seen |= c;
    }
    return seen < 0x80 || fz_utf8_valid(s);
}

/* In pieces and not by characters: most of a review's bytes pass here. */
void fz_add_json(struct fz_buf *out, fz_str s)
{
    if (!json_plain(s)) {
        fz_buf_json(out, s);
        return;
    }
    fz_buf_addc(out, '"');
    for (const char *end; s.n && (end = memchr(s.p, '\n', s.n)) != NULL;) {
        size_t n = (size_t)(end - s.p);

        fz_buf_add(out, (fz_str){s.p, n});
        fz_buf_addz(out, "\\u000a");
        s = (fz_str){end + 1, s.n - n - 1};
    }
    fz_buf_add(out, s);
    fz_buf_addc(out, '"');
}

/* null when nothing was said */
static void json_maybe(struct fz_buf *out, fz_str s)
{
    if (s.n)
        fz_add_json(out, s);
    else
        fz_buf_addz(out, "null");
}

static void json_number(struct fz_buf *out, uint64_t n)
{
    fz_add_number(out, n, "");
}

static void json_day(struct fz_buf *out, fz_day d)
{
    if (d == FZ_DAY_NONE) {
        fz_buf_addz(out, "null");
        return;
    }
    fz_buf_addc(out, '"');
    fz_add_day(out, d);
    fz_buf_addc(out, '"');
}

static void json_title(struct fz_buf *out, fz_title t)
{
    fz_buf_addz(out, "{\"zh\":");
    json_maybe(out, t.zh);
    fz_buf_addz(out, ",\"en\":");
    json_maybe(out, t.en);
    fz_buf_addc(out, '}');
}

static void json_counts(const struct fz_review *r, struct fz_buf *out)
{
    fz_buf_addz(out, "{\"cases\":");
    json_number(out, r->log->cases_n);
    fz_buf_addz(out, ",\n\"events\":");
    json_number(out, r->log->events_n);
    fz_buf_addz(out, ",\n\"findings\":{");
    for (size_t i = 0; i < r->rules_n; i++) {
        fz_buf_addz(out, i ? "," : "");
        fz_add_json(out, r->rules[i].id);
        fz_buf_addc(out, ':');
        json_number(out, r->rules[i].findings);
    }
    fz_buf_addz(out, "},\n\"cases_with_findings\":");
    json_number(out, r->cases_with_findings);
}

static void json_versions(const struct fz_review *r, struct fz_buf *out)
{
    fz_buf_addz(out, ",\n\"pack\":");
    fz_add_json(out, fz_spoken(r)->name);
    fz_buf_addz(out, ",\n\"versions\":[");
    for (size_t i = 0; i < r->versions_n; i++) {
        fz_buf_addz(out, i ? ",{\"version\":" : "{\"version\":");
        json_day(out, r->versions[i]->version);
        fz_buf_addz(out, ",\"cases\":");
        json_number(out, r->cases_of_version[i]);
        fz_buf_addc(out, '}');
    }
    fz_buf_addc(out, ']');
}

static void json_files(const struct fz_log *log, struct fz_buf *out)
{
    fz_buf_addz(out, ",\n\"files\":[");
    for (size_t i = 0; i < log->files_n; i++) {
        fz_buf_addz(out, i ? ",{\"name\":" : "{\"name\":");
        fz_add_json(out, fz_str_of(log->files[i].name));
        fz_buf_addz(out, ",\"encoding\":");
        fz_add_json(out, fz_str_of(log->files[i].encoding));
        fz_buf_addz(out, ",\"rows\":");
        json_number(out, log->files[i].rows);
        fz_buf_addc(out, '}');
    }
    fz_buf_addc(out, ']');
}

/* `sheet` only of a workbook, `column` only of a cell in one. */
static void json_place(const struct fz_log *log, uint16_t file, uint32_t line, uint32_t column, struct fz_buf *out)
{
    char letters[FZ_XLSX_COLUMN_TEXT];

    if (line == 0) {
        fz_buf_addz(out, "\"file\":null,\"line\":null");
        return;
    }
    fz_assert(file < log->files_n);
    fz_buf_addz(out, "\"file\":");
    fz_add_json(out, fz_str_of(log->files[file].name));
    fz_buf_addz(out, ",\"line\":");
    json_number(out, line);
    if (log->files[file].sheet.n == 0)
        return;
    fz_buf_addz(out, ",\"sheet\":");
    fz_add_json(out, log->files[file].sheet);
    if (column)
        fz_buf_printf(out, ",\"column\":\"%s\"", fz_xlsx_column_text(column - 1, letters));
}

static void json_refused(const struct fz_log *log, struct fz_buf *out)
{
    fz_buf_addz(out, ",\n\"refused\":{\"count\":");
    json_number(out, log->refused);
    fz_buf_addz(out, ",\"duplicates\":");
    json_number(out, log->duplicates);
    fz_buf_addz(out, ",\"disordered\":");
    json_number(out, log->disordered);
    fz_buf_addz(out, ",\"list\":[");
    for (size_t i = 0; i < log->refusals_n; i++) {
        fz_buf_addz(out, i ? ",\n{" : "\n{");
        json_place(log, log->refusals[i].file, log->refusals[i].line, log->refusals[i].column, out);
        fz_buf_addz(out, ",\"why\":");
        fz_add_json(out, log->refusals[i].why);
        fz_buf_addc(out, '}');
    }
    fz_buf_addz(out, "]}");
}

static void json_articles(struct fz_articles articles, struct fz_buf *out)
{
    fz_buf_addc(out, '[');
    for (size_t i = 0; i < articles.n; i++) {
        fz_buf_addz(out, i ? "," : "");
        fz_add_json(out, articles.items[i].text);
    }
    fz_buf_addc(out, ']');
}

static void json_finding(const struct fz_review *r, const struct fz_finding *f, struct fz_buf *out)
{
    const struct fz_log_case *c = fz_case_of(r, f);

    fz_buf_addz(out, "{\"rule\":");
    fz_add_json(out, r->rules[f->rule].id);
    fz_buf_addz(out, ",\"case\":");
    fz_add_json(out, c->id);
    fz_buf_addz(out, ",\"organ\":");
    json_maybe(out, fz_organ_of(r, c));
    fz_buf_addz(out, ",\"day\":");
    json_day(out, f->day);
    fz_buf_addz(out, ",\"articles\":");
    json_articles(f->articles, out);
    fz_buf_addz(out, ",\"from\":");
    json_day(out, f->from);
    fz_buf_addz(out, ",\"due\":");
    json_day(out, f->due);
    fz_buf_addz(out, ",\"over\":");
    json_number(out, f->over > 0 ? (uint64_t)f->over : 0);
    fz_buf_addc(out, ',');
    json_place(r->log, f->file, f->line, 0, out);
    fz_buf_addz(out, ",\"version\":");
    json_day(out, r->versions[f->version]->version);
    fz_buf_addz(out, ",\"working\":");
    fz_add_json(out, f->working);
    fz_buf_addc(out, '}');
}

static void json_list(const struct fz_review *r, struct fz_buf *out)
{
    fz_buf_addz(out, ",\n\"list\":[");
    for (size_t i = 0; i < r->findings_n; i++) {
        fz_buf_addz(out, i ? ",\n" : "\n");
        json_finding(r, &r->findings[i], out);
    }
    fz_buf_addc(out, ']');
}

void fz_figure_json(const struct fz_figure *f, struct fz_buf *out)
{
    fz_buf_addz(out, "{\"name\":");
    fz_add_json(out, f->indicator);
    fz_buf_addz(out, ",\"basis\":");
    json_maybe(out, f->basis);
    fz_buf_addz(out, ",\"title\":");
    json_title(out, f->title);
    fz_buf_addz(out, ",\"unit\":");
    json_maybe(out, f->unit.zh);
    fz_buf_addz(out, ",\"by\":");
    json_maybe(out, f->by);
    fz_buf_addz(out, ",\"value\":");
    json_maybe(out, fz_figure_unset(f) ? (fz_str){0} : f->value);
    fz_buf_addz(out, ",\"numerator\":");
    json_number(out, f->numerator);
    fz_buf_addz(out, ",\"denominator\":");
    json_number(out, f->denominator);
    if (f->sum || f->mean)
        fz_buf_printf(out, ",\"type\":\"%s\",\"total\":%lld", fz_type_word(f->type), (long long)f->total);
    fz_buf_addz(out, f->share ? ",\"share_hundredths\":" : ",\"count\":");
    if (f->share && f->denominator == 0)
        fz_buf_addz(out, "null");
    else
        json_number(out, f->share ? fz_share_hundredths(f->numerator, f->denominator) : f->numerator);
    fz_buf_addc(out, '}');
}

static void json_figures(const struct fz_review *r, struct fz_buf *out)
{
    struct fz_arena arena;
    const struct fz_figure **figures;

    fz_arena_init(&arena);
    figures = fz_figures_in_order(r, &arena);
    fz_buf_addz(out, ",\n\"indicators\":[");
    for (size_t i = 0; i < r->figures_n; i++) {
        fz_buf_addz(out, i ? ",\n" : "\n");
        fz_figure_json(figures[i], out);
    }
    fz_buf_addc(out, ']');
    fz_arena_release(&arena);
}

/* What bears on how far the review could see: nothing is left out in silence. */
static void json_limits(const struct fz_review *r, struct fz_buf *out)
{
    fz_buf_addz(out, ",\n\"until\":");
    json_day(out, r->until);
    fz_buf_addz(out, ",\n\"disordered\":");
    json_number(out, r->log->disordered);
    fz_buf_addz(out, ",\n\"before_first\":");
    json_number(out, r->before_first);
    fz_buf_addz(out, ",\n\"unjudged\":");
    json_number(out, r->unjudged);
}

void fz_review_json(const struct fz_review *r, struct fz_buf *out)
{
    json_counts(r, out);
    json_versions(r, out);
    json_files(r->log, out);
    json_refused(r->log, out);
    fz_buf_addz(out, ",\n\"first\":");
    json_day(out, r->first);
    fz_buf_addz(out, ",\n\"last\":");
    json_day(out, r->last);
    json_limits(r, out);
    json_list(r, out);
    json_figures(r, out);
    fz_buf_addz(out, "}\n");
}
