/*
 * The annual report, as a page and as Markdown. Both walk the same chapters; the acts behind every figure stand in an appendix that the figure links to, up
 * to LISTED_MAX of each side, with the command that lists them all.
 */
#include "engine/wire.h"
#include "report/chapters.h"
#include "report/write_int.h"

#define LISTED_MAX 200 /* acts listed of a numerator or a denominator */

struct words {
    const char *lang, *title, *to, *of, *all_organs, *made, *indicator, *figure, *counted, *base, *behind, *behind_desc, *entry, *day, *record,
        *act, *organ, *more, *check, *no_parts, *none;
};

static const struct words words[2] = {
    [FZ_EN] = {.lang = "en",
               .title = "Annual figures",
               .to = " to ",
               .of = "Place",
               .all_organs = "all organs",
               .made = "Made on {day} from {0} {0:entry|entries} of the log.",
               .indicator = "Indicator",
               .figure = "Figure",
               .counted = "Counted",
               .base = "Of",
               .behind = "What the figures are made of",
               .behind_desc = "Each figure is a count of acts. They are listed here by the number of their entry in the log.",
               .entry = "Entry",
               .day = "Day",
               .record = "Record",
               .act = "Act",
               .organ = "Organ",
               .more = "{0} more are listed by",
                              .check = "Whoever has the data folder can check it: `fazhi verify` holds the log against its tree and the tables against the log, `fazhi show` tells a record.",
               .no_parts = "No pack has indicators.",
               .none = "Nothing happened in this period that an indicator counts."},
    [FZ_ZH] = {.lang = "zh-CN",
               .title = "年度数据",
               .to = "至",
               .of = "辖区",
               .all_organs = "全部机关",
               .made = "{day}由日志的{0}个条目生成。",
               .indicator = "指标",
               .figure = "数值",
               .counted = "分子",
               .base = "分母",
               .behind = "数据由来",
               .behind_desc = "每个数据都是行为的计数。以下按日志条目序号列出。",
               .entry = "条目",
               .day = "日期",
               .record = "记录",
               .act = "行为",
               .organ = "机关",
               .more = "另有{0}条，可用以下命令列出：",
                              .check = "持有数据文件夹者可以核验：`fazhi verify` 以树核对日志、以日志核对各表，`fazhi show` 展示一份记录。",
               .no_parts = "没有制度包设有指标。",
               .none = "本期没有计入指标的行为。"},
};

struct report {
    const struct fz_annual *a;
    const struct words *w;
    struct fz_buf *out;
    struct fz_error *err;
    bool html;
};

/* ---- parts ---- */

static const struct fz_pack *pack_of(const struct fz_chapter *c)
{
    return c->count.versions[c->count.versions_n - 1];
}

/* Parts of the report, as the packs name them. */
static fz_str part_title(fz_str part, fz_language lang)
{
    static const struct {
        const char *part, *en, *zh;
    } titles[] = {{"services", "Services", "政务服务"}, {"permits", "Permits", "行政许可"}, {"enforcement", "Enforcement", "行政执法"},
                  {"disputes", "Disputes", "争议化解"}, {"decisions", "Decisions", "行政决策"}, {"disclosure", "Disclosure", "政务公开"}};

    for (size_t i = 0; i < FZ_COUNT(titles); i++)
        if (fz_str_is(part, titles[i].part))
            return fz_str_of(lang == FZ_ZH ? titles[i].zh : titles[i].en);
    return part;
}

static bool first_of_part(const struct fz_chapters *c, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (fz_str_eq(pack_of(&c->items[i])->part, pack_of(&c->items[at])->part))
            return false;
    return true;
}

/* ---- texts, in the form of the file ---- */

/* In Markdown nothing of a stranger's text is markup, and no cell ends early. */
static void markdown(struct fz_buf *out, fz_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] && strchr("\\`*_[]<>#|~&", s.p[i]))
            fz_buf_addc(out, '\\');
        fz_buf_addc(out, s.p[i] == '\n' || s.p[i] == '\r' || s.p[i] == '\t' ? ' ' : s.p[i]);
    }
}

static void put(const struct report *r, const char *markup)
{
    fz_buf_addz(r->out, markup);
}

static void text(const struct report *r, fz_str s)
{
    fz_add_safe(r->out, s, r->html ? fz_buf_html : markdown);
}

static void bdi(const struct report *r, fz_str s)
{
    put(r, r->html ? "<bdi>" : "");
    text(r, s);
    put(r, r->html ? "</bdi>" : "");
}

static void number(const struct report *r, uint64_t n)
{
    fz_add_number(r->out, n, r->html ? FZ_THIN : "");
}

static void name_of(const struct fz_chapter *c, const struct fz_figure *f, fz_language lang, struct fz_buf *out)
{
    fz_buf_reset(out);
    fz_figure_name(&c->view, f, lang, out);
}

static bool has_acts(const struct fz_figure *f)
{
    return f->numerator || f->denominator;
}

/* Where the acts behind a figure stand: pack, indicator and basis are words of letters and _. */
static void anchor(const struct report *r, const struct fz_chapter *c, const struct fz_figure *f)
{
    fz_buf_printf(r->out, "%.*s-", FZ_STR_ARG(pack_of(c)->name));
    fz_buf_add(r->out, f->indicator);
    if (f->basis.n)
        fz_buf_printf(r->out, "-%.*s", FZ_STR_ARG(f->basis));
}

/* A figure that nothing lies behind leads nowhere. */
static void link_to(const struct report *r, const struct fz_chapter *c, const struct fz_figure *whole, fz_str words_of)
{
    if (!has_acts(whole)) {
        text(r, words_of);
        return;
    }
    put(r, r->html ? "<a href=\"#" : "[");
    if (r->html) {
        anchor(r, c, whole);
        put(r, "\">");
        text(r, words_of);
        put(r, "</a>");
        return;
    }
    text(r, words_of);
    put(r, "](#");
    anchor(r, c, whole);
    put(r, ")");
}

/* The command that lists the acts behind a figure. */
static void command(const struct report *r, const struct fz_chapter *c, const struct fz_figure *f)
{
    const struct fz_annual *a = r->a;
    struct fz_buf b = {0};
    char day[FZ_DAY_TEXT];

    fz_buf_printf(&b, "fazhi indicators %s", a->folder);
    if (a->year)
        fz_buf_printf(&b, " --year %d", a->year);
    else {
        fz_buf_printf(&b, " --from %s", fz_day_text(a->of->first, day));
        fz_buf_printf(&b, " --to %s", fz_day_text(a->of->last, day));
    }
    if (a->of->organ.n)
        fz_buf_printf(&b, " --organ '%.*s'", FZ_STR_ARG(a->of->organ));
    fz_buf_printf(&b, " --why %.*s.", FZ_STR_ARG(pack_of(c)->name));
    fz_figure_key(f, &b);
    fz_buf_addz(&b, " --format tsv");
    put(r, r->html ? "<code>" : "");
    fz_add_safe(r->out, fz_buf_str(&b), r->html ? fz_buf_html : fz_buf_add); /* in Markdown it stands in a block of code */
    put(r, r->html ? "</code>" : "");
    fz_buf_release(&b);
}

/* ---- tables ---- */

static void cell_between(const struct report *r, bool is_number)
{
    put(r, r->html ? is_number ? "</td><td class=\"n\">" : "</td><td>" : " | ");
}

static void table_head(const struct report *r, const char *const *titles, size_t n, size_t numbers_from, const char *label)
{
    if (r->html) {
        fz_buf_printf(r->out, "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"%s\"><table%s>\n<thead><tr>", label,
                      numbers_from < n ? " class=\"figures\"" : "");
        for (size_t i = 0; i < n; i++)
            fz_buf_printf(r->out, "<th scope=\"col\"%s>%s</th>", i >= numbers_from ? " class=\"n\"" : "", titles[i]);
        put(r, "</tr></thead>\n<tbody>\n");
        return;
    }
    put(r, "\n|");
    for (size_t i = 0; i < n; i++)
        fz_buf_printf(r->out, " %s |", titles[i]);
    put(r, "\n|");
    for (size_t i = 0; i < n; i++)
        put(r, i >= numbers_from ? " ---: |" : " --- |");
    put(r, "\n");
}

static void table_end(const struct report *r)
{
    put(r, r->html ? "</tbody></table></div>\n" : "\n");
}

static const struct fz_figure *whole_of(const struct fz_chapter *c, const struct fz_figure *f)
{
    for (size_t i = 0; i < c->view.figures_n; i++) {
        const struct fz_figure *w = &c->view.figures[i];

        if (w->by.n == 0 && fz_str_eq(w->indicator, f->indicator) && fz_str_eq(w->basis, f->basis))
            return w;
    }
    fz_assert(!"every figure has its whole");
    return NULL;
}

static void total(const struct report *r, const struct fz_figure *f)
{
    struct fz_buf b = {0};

    fz_figure_total(f, &b);
    text(r, fz_buf_str(&b));
    fz_buf_release(&b);
}

static void figure_row(const struct report *r, const struct fz_chapter *c, const struct fz_figure *f)
{
    struct fz_buf b = {0};

    name_of(c, f, r->a->lang, &b);
    put(r, r->html ? f->by.n ? "<tr><th scope=\"row\" class=\"part\">" : "<tr><th scope=\"row\">" : f->by.n ? "| – " : "| ");
    bdi(r, fz_buf_str(&b));
    put(r, r->html ? "</th><td class=\"n\">" : " | ");
    fz_buf_reset(&b);
    fz_figure_value(f, r->a->lang, &b);
    link_to(r, c, whole_of(c, f), fz_buf_str(&b));
    if (!f->share && f->unit.zh.n) {
        put(r, " ");
        text(r, fz_title_in(f->unit, r->a->lang));
    }
    cell_between(r, true);
    if (f->mean)
        total(r, f);
    else if (f->share)
        number(r, f->numerator);
    cell_between(r, true);
    if (f->mean || f->share)
        number(r, f->mean ? f->numerator : f->denominator);
    put(r, r->html ? "</td></tr>\n" : " |\n");
    fz_buf_release(&b);
}

static void chapter_title(const struct report *r, const struct fz_chapter *c)
{
    put(r, r->html ? "<h3>" : "\n### ");
    text(r, fz_title_in(pack_of(c)->title, r->a->lang));
    put(r, r->a->lang == FZ_ZH ? "：" : ": ");
    text(r, fz_title_in(c->view.record->title, r->a->lang));
    put(r, r->html ? "</h3>\n" : "\n");
}

static void chapter(const struct report *r, const struct fz_chapter *c)
{
    const char *titles[] = {r->w->indicator, r->w->figure, r->w->counted, r->w->base};

    chapter_title(r, c);
    table_head(r, titles, FZ_COUNT(titles), 1, r->w->indicator);
    for (size_t i = 0; i < c->view.figures_n; i++)
        figure_row(r, c, &c->view.figures[i]);
    table_end(r);
}

static void part(const struct report *r, fz_str name)
{
    put(r, r->html ? "<section>\n<h2>" : "\n## ");
    text(r, part_title(name, r->a->lang));
    put(r, r->html ? "</h2>\n" : "\n");
    for (size_t i = 0; i < r->a->chapters->n; i++)
        if (fz_str_eq(pack_of(&r->a->chapters->items[i])->part, name))
            chapter(r, &r->a->chapters->items[i]);
    put(r, r->html ? "</section>\n" : "");
}

/* ---- what lies behind ---- */

static fz_str action_title(const struct report *r, const struct fz_chapter *c, fz_str action)
{
    int at = fz_action_find(c->view.record, action);
    fz_str title = at == FZ_NONE ? (fz_str){0} : fz_title_in(c->view.record->actions[at].title, r->a->lang);

    return title.n ? title : action;
}

static void act_row(const struct report *r, const struct fz_chapter *c, const struct fz_behind *b)
{
    char day[FZ_DAY_TEXT];

    put(r, r->html ? "<tr><td class=\"n\">" : "| ");
    fz_buf_printf(r->out, "%lld", (long long)b->seq);
    cell_between(r, false);
    fz_buf_printf(r->out, r->html ? "<time>%s</time>" : "%s", fz_day_text(b->day, day));
    cell_between(r, false);
    bdi(r, b->record);
    cell_between(r, false);
    text(r, action_title(r, c, b->action));
    cell_between(r, false);
    bdi(r, fz_str_is(b->organ, FZ_WIRE_NOBODY) ? FZ_STR("–") : b->organ);
    put(r, r->html ? "</td></tr>\n" : " |\n");
}

static void acts(const struct report *r, const struct fz_chapter *c, const struct fz_figure *f, const struct fz_behinds *b, const char *side)
{
    const char *titles[] = {r->w->entry, r->w->day, r->w->record, r->w->act, r->w->organ};

    fz_buf_printf(r->out, r->html ? "<p class=\"note\">%s: " : "\n%s: ", side);
    number(r, b->n);
    put(r, r->html ? "</p>\n" : "\n");
    if (b->n) {
        table_head(r, titles, FZ_COUNT(titles), FZ_COUNT(titles), side);
        for (size_t i = 0; i < b->n && i < LISTED_MAX; i++)
            act_row(r, c, &b->items[i]);
        table_end(r);
    }
    if (b->n > LISTED_MAX) {
        put(r, r->html ? "<p class=\"note\">" : "\n");
        fz_add_sentence(r->out, r->w->more, r->html ? FZ_THIN : "", b->n - LISTED_MAX, 0);
        put(r, r->html ? " " : "\n\n    ");
        command(r, c, f);
        put(r, r->html ? "</p>\n" : "\n");
    }
}

static void behind_head(const struct report *r, const struct fz_chapter *c, const struct fz_figure *f)
{
    struct fz_buf b = {0};

    name_of(c, f, r->a->lang, &b);
    if (r->html) {
        put(r, "<details><summary>");
    } else {
        put(r, "\n<a id=\"");
        anchor(r, c, f);
        put(r, "\"></a>\n#### ");
    }
    bdi(r, fz_buf_str(&b));
    put(r, r->a->lang == FZ_ZH ? "：" : ": ");
    put(r, r->html ? "<b>" : "");
    fz_buf_reset(&b);
    fz_figure_value(f, r->a->lang, &b);
    text(r, fz_buf_str(&b));
    fz_buf_release(&b);
    put(r, r->html ? "</b></summary>\n<span id=\"" : "\n"); /* inside: a browser that goes there opens it */
    if (r->html) {
        anchor(r, c, f);
        put(r, "\"></span>\n");
    }
}

static fz_status behind(const struct report *r, const struct fz_chapter *c, const struct fz_figure *f)
{
    struct fz_arena arena;
    struct fz_why w;
    fz_status s;

    fz_arena_init(&arena);
    s = fz_why_read(&w, c, f, &arena, r->err);
    if (s == FZ_OK) {
        behind_head(r, c, f);
        acts(r, c, f, &w.counted, r->w->counted);
        if (f->share)
            acts(r, c, f, &w.base, r->w->base);
        put(r, r->html ? "</details>\n" : "");
    }
    fz_arena_release(&arena);
    return s;
}

static fz_status behinds(const struct report *r)
{
    bool some = false;

    fz_buf_printf(r->out, r->html ? "<section>\n<h2>%s</h2>\n<p>%s</p>\n" : "\n## %s\n\n%s\n", r->w->behind, r->w->behind_desc);
    for (size_t i = 0; i < r->a->chapters->n; i++) {
        const struct fz_chapter *c = &r->a->chapters->items[i];

        bool any = false;

        for (size_t k = 0; k < c->view.figures_n; k++) {
            if (c->view.figures[k].by.n || !has_acts(&c->view.figures[k]))
                continue;
            if (!any)
                chapter_title(r, c);
            any = some = true;
            FZ_TRY(behind(r, c, &c->view.figures[k]));
        }
    }
    if (!some)
        fz_buf_printf(r->out, r->html ? "<p>%s</p>\n" : "\n%s\n", r->w->none);
    put(r, r->html ? "</section>\n" : "");
    return FZ_OK;
}

/* ---- the whole ---- */

static void title(const struct report *r, struct fz_buf *out)
{
    if (r->a->year)
        fz_buf_printf(out, r->a->lang == FZ_ZH ? "%d年%s" : "%d: %s", r->a->year, r->w->title);
    else
        fz_buf_addz(out, r->w->title);
}

static void period(const struct report *r)
{
    char day[FZ_DAY_TEXT];

    fz_buf_printf(r->out, "%s %.*s", r->w->of, FZ_STR_ARG(r->a->of->jurisdiction));
    put(r, r->a->lang == FZ_ZH ? "，" : ", ");
    if (r->a->of->organ.n)
        bdi(r, r->a->of->organ);
    else
        put(r, r->w->all_organs);
    put(r, r->a->lang == FZ_ZH ? "，" : ", ");
    fz_buf_addz(r->out, fz_day_text(r->a->of->first, day));
    put(r, r->w->to);
    fz_buf_addz(r->out, fz_day_text(r->a->of->last, day));
}

static void made(const struct report *r)
{
    const char *day_at = strstr(r->w->made, "{day}");
    char day[FZ_DAY_TEXT];

    fz_buf_add(r->out, (fz_str){r->w->made, (size_t)(day_at - r->w->made)});
    fz_buf_addz(r->out, fz_day_text(r->a->made, day));
    fz_add_sentence(r->out, day_at + 5, r->html ? FZ_THIN : "", (uint64_t)r->a->of->log_size, 0);
}

/* Words between ` are commands. */
static void checking(const struct report *r)
{
    bool inside = false;

    for (const char *p = r->w->check; *p; p++) {
        if (*p != '`' || !r->html) {
            fz_buf_addc(r->out, *p);
            continue;
        }
        put(r, inside ? "</code>" : "<code>");
        inside = !inside;
    }
}

static void opening(const struct report *r)
{
    struct fz_buf b = {0};

    title(r, &b);
    if (r->html)
        fz_page_open(r->out, r->w->lang, fz_buf_str(&b));
    put(r, r->html ? "<body>\n<header>\n<h1>" : "# ");
    fz_buf_add(r->out, fz_buf_str(&b));
    put(r, r->html ? "</h1>\n<p class=\"lead\">" : "\n\n");
    period(r);
    put(r, r->html ? "</p>\n<p class=\"note\">" : "\n\n");
    made(r);
    put(r, r->html ? "</p>\n</header>\n<main>\n" : "\n");
    fz_buf_release(&b);
}

static fz_status write(const struct report *r)
{
    const struct fz_chapters *c = r->a->chapters;

    opening(r);
    for (size_t i = 0; i < c->n; i++)
        if (first_of_part(c, i))
            part(r, pack_of(&c->items[i])->part);
    if (c->n == 0)
        fz_buf_printf(r->out, r->html ? "<p>%s</p>\n" : "\n%s\n", r->w->no_parts);
    else
        FZ_TRY(behinds(r));
    put(r, r->html ? "</main>\n<footer>\n<p>" : "\n");
    checking(r);
    put(r, r->html ? "</p>\n</footer>\n</body>\n</html>\n" : "\n");
    return FZ_OK;
}

fz_status fz_annual_html(const struct fz_annual *a, struct fz_buf *out, struct fz_error *err)
{
    return write(&(struct report){a, &words[a->lang], out, err, true});
}

fz_status fz_annual_md(const struct fz_annual *a, struct fz_buf *out, struct fz_error *err)
{
    return write(&(struct report){a, &words[a->lang], out, err, false});
}
