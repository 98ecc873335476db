/*
 * A record as a graph: its stages are nodes, an edge holds all acts that lead from one stage to another, a line each. Acts of the law are
 * dashed edges of their own. What leaves a case where it is stands within the stage: as loops, two dozen lines would cover what is beside
 * them. Names of nodes are numbers made here, so that only labels hold text of the pack.
 */
#include <graphviz/gvc.h>

#include "report/explain_int.h"

/* The library keeps its configuration, and the fonts that it found in threads of its own, for the life of the process, also behind a
 * freed context. Turning the leak checker off around the calls would not reach those threads; it is told to look past what these two
 * libraries allocated themselves, and past nothing of ours: they never call back into us. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
const char *__lsan_default_suppressions(void)
{
    return "leak:libgvc.so\nleak:libfontconfig.so\n";
}
const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}
#endif

#define FONTS "Noto Sans CJK SC,Source Han Sans SC,PingFang SC,Microsoft YaHei,sans-serif"

/* ---- the graph ---- */

/* In a label a backslash begins an escape, and & an entity; a line break of a title would end nothing but looks as if. */
static void label(struct fz_buf *out, fz_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (c == '"' || c == '\\')
            fz_buf_addc(out, '\\');
        if (c == '&')
            fz_buf_addz(out, "&amp;");
        else
            fz_buf_addc(out, c < ' ' || c == 0x7f ? ' ' : (char)c);
    }
}

static fz_str act_title(struct fz_tell *t, const struct fz_action *a)
{
    return fz_tell_title(t, a->title, a->name);
}

/* Where the act leads to from a stage; `outcome` NULL: as the action says. */
static int target(const struct fz_action *a, const struct fz_outcome *outcome, int from)
{
    if (outcome && outcome->to != FZ_NONE)
        return outcome->to;
    return a->to != FZ_NONE ? a->to : from;
}

/* The outcomes of an act part ways when they lead to different stages. */
static bool parts_ways(const struct fz_action *a)
{
    for (size_t i = 0; i < a->outcomes_n; i++)
        if (a->outcomes[i].to != FZ_NONE)
            return true;
    return false;
}

static void add_lines(struct fz_tell *t, const struct fz_action *a, int from, int to, struct fz_phrases *lines)
{
    if (!parts_ways(a)) {
        if (target(a, NULL, from) == to)
            fz_phrase(t, lines, act_title(t, a));
        return;
    }
    for (size_t i = 0; i < a->outcomes_n; i++)
        if (target(a, &a->outcomes[i], from) == to)
            fz_phrase(
                t, lines,
                FZ_SAY(t, LINE_OUTCOME, act_title(t, a), fz_tell_title(t, a->outcomes[i].title, a->outcomes[i].name)));
}

static void lines_out(struct fz_buf *out, const struct fz_phrases *lines)
{
    for (size_t i = 0; i < lines->n; i++) {
        fz_buf_addz(out, "\302\240"); /* off the line that it belongs to, by a blank that SVG keeps */
        label(out, lines->items[i]);
        fz_buf_addz(out, " \\l");
    }
}

static bool by_law(const struct fz_action *a)
{
    return a->by_law || a->by_n == 0;
}

/* What persons do (or what the law does) to get from one stage to the other, or to stay. */
static struct fz_phrases lines_between(struct fz_tell *t, int from, int to, bool law)
{
    struct fz_phrases lines = {0};

    for (size_t i = 0; i < t->r->actions_n; i++)
        if ((t->r->actions[i].from >> from & 1) && by_law(&t->r->actions[i]) == law)
            add_lines(t, &t->r->actions[i], from, to, &lines);
    return lines;
}

static void edge(struct fz_tell *t, int from, int to, bool law, struct fz_buf *out)
{
    struct fz_phrases lines = lines_between(t, from, to, law);

    if (lines.n == 0)
        return;
    fz_buf_printf(out, "  s%d -> s%d [label=\"", from, to);
    lines_out(out, &lines);
    fz_buf_addz(out, law ? "\", style=dashed];\n" : "\"];\n");
}

static void start(struct fz_tell *t, int stage, struct fz_buf *out)
{
    struct fz_phrases lines = {0};

    for (size_t i = 0; i < t->r->actions_n; i++)
        if (t->r->actions[i].starts == stage)
            fz_phrase(t, &lines, act_title(t, &t->r->actions[i]));
    if (lines.n == 0)
        return;
    fz_buf_printf(
        out,
        "  start%d [shape=circle, class=start, style=filled, fillcolor=black, label=\"\", fixedsize=true, width=0.17, height=0.17];\n",
        stage);
    fz_buf_printf(out, "  start%d -> s%d [label=\"", stage, stage);
    lines_out(out, &lines);
    fz_buf_addz(out, "\"];\n");
}

static void pause_note(struct fz_tell *t, int id, struct fz_buf *out)
{
    const struct fz_pause *p = &t->r->pauses[id];

    fz_buf_printf(out, "  p%d [shape=note, class=\"pause note\", fontsize=10, label=\"", id);
    label(out, fz_tell_title(t, p->title, p->name));
    fz_buf_addz(out, "\\n");
    label(out, FZ_SAY(t, NOTE_PAUSE, fz_tell_acts_of_pause(t, id, false), fz_tell_acts_of_pause(t, id, true)));
    fz_buf_addz(out, "\"];\n");
    for (size_t i = 0; i < t->r->stages_n; i++)
        if (p->in >> i & 1)
            fz_buf_printf(out, "  s%zu -> p%d [style=dotted, arrowhead=none];\n", i, id);
}

/* Within a label of markup, where a backslash begins an escape as well. */
static void markup(struct fz_buf *out, fz_str s)
{
    struct fz_buf line = {0};

    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (c == '\\')
            fz_buf_addc(&line, '\\');
        fz_buf_addc(&line, c < ' ' || c == 0x7f ? ' ' : (char)c);
    }
    fz_buf_html(out, fz_buf_str(&line));
    fz_buf_release(&line);
}

/* Markup, since its lines differ in size. */
static void stage_with_acts(fz_str title, const struct fz_phrases *acts, struct fz_buf *out)
{
    fz_buf_addz(out, "label=<<table border=\"0\" cellborder=\"0\" cellspacing=\"3\"><tr><td>");
    markup(out, title);
    fz_buf_addz(out, "</td></tr>");
    for (size_t i = 0; i < acts->n; i++) {
        fz_buf_addz(out, "<tr><td align=\"left\"><font point-size=\"10\">");
        markup(out, acts->items[i]);
        fz_buf_addz(out, "</font></td></tr>");
    }
    fz_buf_addz(out, "</table>>");
}

static void stage(struct fz_tell *t, int id, struct fz_buf *out)
{
    const struct fz_stage *s = &t->r->stages[id];
    struct fz_phrases acts = lines_between(t, id, id, false);
    fz_str title = fz_tell_title(t, s->title, s->name);

    fz_buf_printf(out, "  s%d [", id);
    if (acts.n) {
        stage_with_acts(title, &acts, out);
    } else {
        fz_buf_addz(out, "label=\"");
        label(out, title);
        fz_buf_addc(out, '"');
    }
    fz_buf_addz(out, s->final ? ", style=solid, peripheries=2, class=final];\n" : "];\n");
}

static void graph(struct fz_tell *t, struct fz_buf *out)
{
    int n = (int)t->r->stages_n;

    fz_buf_addz(out, "digraph \"");
    label(out, t->r->name);
    fz_buf_addz(
        out,
        "\" {\n  graph [bgcolor=transparent, rankdir=TB, pad=0.2, nodesep=0.3, ranksep=0.4, fontname=\"" FONTS "\"];\n"
        "  node [shape=box, style=rounded, height=0.4, margin=\"0.14,0.06\", fontsize=12, fontname=\"" FONTS "\"];\n"
        "  edge [fontsize=10, arrowsize=0.7, fontname=\"" FONTS "\"];\n");
    for (int i = 0; i < n; i++)
        stage(t, i, out);
    for (int i = 0; i < n; i++)
        start(t, i, out);
    for (int from = 0; from < n; from++)
        for (int to = 0; to < n; to++)
            for (int law = from == to; law < 2; law++)
                edge(t, from, to, law, out);
    for (size_t i = 0; i < t->r->pauses_n; i++)
        pause_note(t, (int)i, out);
    fz_buf_addz(out, "}\n");
}

static void record_graph(const struct fz_pack *p, const struct fz_record *r, fz_language lang, struct fz_buf *out)
{
    struct fz_tell t;

    fz_tell_init(&t, p, lang);
    fz_tell_record(&t, r);
    graph(&t, out);
    fz_tell_release(&t);
}

void fz_explain_dot(const struct fz_pack *p, fz_language lang, struct fz_buf *out)
{
    for (size_t i = 0; i < p->records_n; i++)
        record_graph(p, &p->records[i], lang, out);
}

/* ---- the picture ---- */

/* Only the element itself: a page has its own prolog; comments and tooltips hold the names of nodes, which say nothing, and ids would stand twice in a page
 * with two pictures. */
static void svg_element(fz_str svg, fz_str title, struct fz_buf *out)
{
    static const struct {
        const char *open, *close;
    } left_out[] = {{"<!--", "-->"}, {"<title>", "</title>"}, {" id=\"", "\""}};
    const char *p = memmem(svg.p, svg.n, "<svg", 4), *end = svg.p + svg.n;

    fz_assert(p);
    fz_buf_addz(out, "<svg role=\"img\" aria-label=\"");
    fz_buf_html(out, title);
    fz_buf_addc(out, '"');
    for (p += 4; p < end; p++) {
        for (size_t i = 0; i < FZ_COUNT(left_out); i++) {
            fz_str rest = {p, (size_t)(end - p)};
            size_t open = strlen(left_out[i].open);
            const char *close;

            if (!fz_str_starts(rest, left_out[i].open))
                continue;
            close = memmem(rest.p + open, rest.n - open, left_out[i].close, strlen(left_out[i].close));
            if (close)
                p = close + strlen(left_out[i].close);
        }
        if (p < end)
            fz_buf_addc(out, *p);
    }
}

/* The picture, for gvFreeRenderData(); NULL with the reason. libgvc is started once and never ended: its plugin for text keeps the name of the last font,
 * which lives in the context, and would read it after that is freed when a pack has a second record. */
static char *render(const char *dot, size_t *out_n, const char **out_why)
{
    static GVC_t *gvc;
    Agraph_t *g = NULL;
    char *svg = NULL;
    unsigned n = 0;

    *out_why = "it does not start";
    if (!gvc && !(gvc = gvContext()))
        return NULL;
    agseterr(AGMAX); /* its warnings are about fonts, which the page chooses anew */
    g = agmemread(dot);
    if (!g)
        *out_why = "it cannot read the graph";
    else if (gvLayout(gvc, g, "dot") != 0)
        *out_why = "it cannot lay out the graph; is its plugin for dot installed?";
    else if (gvRenderData(gvc, g, "svg", &svg, &n) != 0)
        *out_why = "it cannot draw the graph; is its plugin for svg installed?";
    if (g) {
        gvFreeLayout(gvc, g);
        agclose(g);
    }
    *out_n = n;
    return svg;
}

fz_status fz_explain_svg(const struct fz_pack *p, const struct fz_record *r, fz_language lang, struct fz_buf *out,
                         struct fz_error *err)
{
    struct fz_buf dot = {0};
    struct fz_tell t;
    const char *why;
    size_t n = 0;
    char *svg;

    record_graph(p, r, lang, &dot);
    svg = render(dot.p, &n, &why);
    fz_buf_release(&dot);
    if (!svg)
        return fz_fail(err, FZ_E_IO, "the diagram of %.*s: libgvc: %s", FZ_STR_ARG(r->name), why);
    fz_tell_init(&t, p, lang);
    svg_element((fz_str){svg, n}, FZ_SAY(&t, PICTURE, fz_tell_title(&t, r->title, r->name)), out);
    fz_tell_release(&t);
    gvFreeRenderData(svg);
    return FZ_OK;
}
