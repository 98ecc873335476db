/*
 * A page in two forms. What is open is the caller's business: blocks come in pairs, an item in a list, a cell in a row, a row in a table.
 *
 * Everything that a pack says passes through text() or heading(), and is escaped there: a title cannot become a tag, a link or a table.
 */
#include "report/explain_int.h"

/* Text of a pack is one line: a line break in a title would end the block it stands in. Other control characters are not text. */
static fz_str one_line(fz_str s, struct fz_buf *b)
{
    for (size_t i = 0; i < s.n; i++)
        fz_buf_addc(b, (unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f ? ' ' : s.p[i]);
    return fz_buf_str(b);
}

/* ---- Markdown ---- */

static bool ends_with(const struct fz_buf *b, const char *z)
{
    return fz_str_ends(fz_buf_str(b), z);
}

static void md_fresh_line(struct fz_page *g)
{
    if (g->out->n && !ends_with(g->out, "\n"))
        fz_buf_addc(g->out, '\n');
}

static void md_blank_line(struct fz_page *g)
{
    md_fresh_line(g);
    if (g->out->n && !ends_with(g->out, "\n\n"))
        fz_buf_addc(g->out, '\n');
}

static bool word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || fz_is_digit(c);
}

/* An underscore inside a word means nothing; backslashes there would only hurt the eye. */
static bool md_special(fz_str s, size_t i)
{
    if (s.p[i] == '_')
        return !(i > 0 && i + 1 < s.n && word_char(s.p[i - 1]) && word_char(s.p[i + 1]));
    return s.p[i] && strchr("\\`*[]<>|~&#$", s.p[i]);
}

/* Marks that begin a list or a rule, but only where a block begins. */
static bool md_opens_block(fz_str s, size_t i)
{
    size_t digits = 0;

    while (digits < i && fz_is_digit(s.p[digits]))
        digits++;
    if (i == 0)
        return strchr("-+=", s.p[0]) && s.p[0];
    return digits == i && (s.p[i] == '.' || s.p[i] == ')');
}

static bool md_at_block_start(const struct fz_page *g)
{
    return g->out->n == 0 || ends_with(g->out, "\n") || ends_with(g->out, "- ") || ends_with(g->out, "# ");
}

static void md_escaped(struct fz_page *g, fz_str text)
{
    struct fz_buf line = {0};
    fz_str s = one_line(text, &line);
    bool start = md_at_block_start(g);

    if (start)
        s = fz_str_trim(s);
    for (size_t i = 0; i < s.n; i++) {
        if (md_special(s, i) || (start && md_opens_block(s, i)))
            fz_buf_addc(g->out, '\\');
        fz_buf_addc(g->out, s.p[i]);
    }
    fz_buf_release(&line);
}

static void md_finish(struct fz_page *g, fz_language lang, fz_str title)
{
    (void)lang, (void)title;
    md_fresh_line(g);
}

static void md_heading(struct fz_page *g, int level, fz_str text)
{
    md_blank_line(g);
    for (int i = 0; i < level; i++)
        fz_buf_addc(g->out, '#');
    fz_buf_addc(g->out, ' ');
    md_escaped(g, text);
    fz_buf_addc(g->out, '\n');
}

static void md_open(struct fz_page *g, fz_block b)
{
    if (b == FZ_B_LIST ? g->depth++ == 0 : b == FZ_B_PARAGRAPH || b == FZ_B_TABLE)
        md_blank_line(g);
    if (b == FZ_B_ITEM) {
        md_fresh_line(g);
        fz_buf_printf(g->out, "%*s- ", 2 * (g->depth - 1), "");
    }
    if (b == FZ_B_HEAD || b == FZ_B_ROW) {
        fz_buf_addc(g->out, '|');
        g->cells = 0;
    }
    if (b == FZ_B_CELL)
        fz_buf_addc(g->out, ' ');
}

static void md_close(struct fz_page *g, fz_block b)
{
    if (b == FZ_B_LIST)
        g->depth--;
    else if (b == FZ_B_CELL)
        fz_buf_addz(g->out, " |"), g->cells++;
    else
        md_fresh_line(g);
    if (b == FZ_B_HEAD) {
        for (int i = 0; i < g->cells; i++)
            fz_buf_addz(g->out, i ? " --- |" : "| --- |");
        fz_buf_addc(g->out, '\n');
    }
}

static void md_text(struct fz_page *g, fz_ink ink, fz_str s)
{
    if (ink == FZ_INK_CODE && !memchr(s.p, '`', s.n)) {
        fz_buf_addc(g->out, '`');
        one_line(s, g->out);
        fz_buf_addc(g->out, '`');
        return;
    }
    if (ink == FZ_INK_STRONG)
        fz_buf_addz(g->out, "**");
    md_escaped(g, s);
    if (ink == FZ_INK_STRONG)
        fz_buf_addz(g->out, "**");
}

static void md_picture(struct fz_page *g, fz_str svg, fz_str legend)
{
    (void)g, (void)svg, (void)legend;
}

const struct fz_page_ops fz_page_markdown = {md_finish, md_heading, md_open, md_close, md_text, md_picture};

/* ---- HTML ---- */

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1c1b19;--quiet:#6b675f;--paper:#fdfcfa;--raised:#f4f1ea;--line:#ddd8cc;--mark:#9a2a20}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8e4db;--quiet:#a19b8e;--paper:#191816;--raised:#23211e;--line:#3d3a34;--mark:#e88a7d}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);line-height:1.7;"
    "font-family:system-ui,\"Noto Sans\",\"Noto Sans CJK SC\",\"Source Han Sans SC\",\"PingFang SC\",\"Microsoft YaHei\",sans-serif}\n"
    "body:lang(zh){font-family:\"Noto Sans CJK SC\",\"Source Han Sans SC\",\"PingFang SC\",\"Microsoft YaHei\",system-ui,sans-serif}\n"
    "main{max-width:50rem;margin:0 auto;padding:2.5rem 1.25rem 6rem;overflow-wrap:break-word}\n"
    "h1{font-size:1.9rem;line-height:1.3;margin:0 0 .5rem;padding-bottom:.6rem;border-bottom:3px solid var(--mark)}\n"
    "h2{font-size:1.4rem;line-height:1.35;margin:3rem 0 .75rem}\n"
    "h3{font-size:1.15rem;margin:2.25rem 0 .5rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}\n"
    "h4{font-size:1rem;margin:1.75rem 0 .5rem;color:var(--mark)}\n"
    "p{margin:.6rem 0}ul{margin:.4rem 0;padding-left:1.3rem}li{margin:.2rem 0}li>ul{margin:.15rem 0 .6rem}\n"
    "li::marker{color:var(--quiet)}\n"
    ".quiet{color:var(--quiet)}\n"
    "code{font-family:ui-monospace,\"DejaVu Sans Mono\",monospace;font-size:.8em;color:var(--quiet)}\n"
    ".wide{overflow-x:auto;margin:1rem 0}\n"
    "table{border-collapse:collapse;font-size:.92rem;width:100%;line-height:1.55}\n"
    "th,td{text-align:left;vertical-align:top;padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line);min-width:4.5rem}\n"
    "th{font-weight:600;color:var(--quiet);white-space:nowrap}\n"
    "nav{margin:1.5rem 0 0;padding:.9rem 1.2rem;background:var(--raised);border-radius:.4rem;font-size:.92rem}\n"
    "nav a{color:inherit;text-decoration:none}nav a:hover{text-decoration:underline}\n"
    "nav a.l3{color:var(--quiet)}nav a.l2{font-weight:600}nav .l2{display:block;margin-top:.3rem}nav .l3{margin-right:1rem}\n"
    "figure{margin:1.25rem 0;padding:1rem;overflow:auto;background:var(--raised);border-radius:.4rem;cursor:zoom-in}\n"
    "figure:focus{max-height:94vh;cursor:default;outline:2px solid var(--mark)}\n"
    "figure svg{display:block;margin:0 auto;overflow:visible;max-width:100%;height:auto}figure:focus svg{max-width:none}\n"
    "figcaption{position:sticky;left:0;margin-top:.75rem;font-size:.82rem;color:var(--quiet)}\n"
    "figure text{fill:var(--ink);font-family:\"Noto Sans CJK SC\",\"Source Han Sans SC\",\"PingFang SC\",\"Microsoft YaHei\",sans-serif}\n"
    "figure .node path,figure .node polygon,figure .node polyline,figure .node ellipse{stroke:var(--quiet);fill:var(--paper)}\n"
    "figure .node polygon+polygon,figure .note polygon,figure .note polyline{fill:none}\n"
    "figure .final path,figure .final polygon{stroke:var(--mark)}\n"
    "figure .start ellipse{fill:var(--ink)}figure .pause text,figure .edge text{fill:var(--quiet)}\n"
    "figure .edge path{stroke:var(--quiet);fill:none}figure .edge polygon{stroke:var(--quiet);fill:var(--quiet)}\n"
    "@media(min-width:70rem){figure{margin-left:-8rem;margin-right:-8rem}}\n"
    "@media print{:root{--ink:#000;--quiet:#444;--paper:#fff;--raised:#fff;--line:#bbb;--mark:#000}body{font-size:10pt;line-height:1.5}"
    "main{max-width:none;padding:0}nav{display:none}h2,h3,h4{break-after:avoid}li,tr{break-inside:avoid}"
    "figure{margin:1rem 0;padding:0;overflow:visible}figure svg{max-height:90vh}.wide{overflow:visible}}\n";

static void html_escaped(struct fz_buf *out, fz_str s)
{
    struct fz_buf line = {0};

    fz_buf_html(out, one_line(s, &line));
    fz_buf_release(&line);
}

/* The contents stand before the first section. */
static void html_finish(struct fz_page *g, fz_language lang, fz_str title)
{
    struct fz_buf *out = g->out;
    fz_str body = fz_buf_str(&g->body);
    size_t at = g->contents.n ? g->contents_at : body.n;

    fz_buf_printf(out, "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
                  lang == FZ_ZH ? "zh-CN" : "en");
    fz_buf_addz(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    html_escaped(out, title);
    fz_buf_addz(out, "</title>\n<style>\n");
    fz_buf_addz(out, style);
    fz_buf_addz(out, "</style>\n</head>\n<body>\n<main>\n");
    fz_buf_add(out, (fz_str){body.p, at});
    fz_buf_addz(out, "<nav>\n");
    fz_buf_add(out, fz_buf_str(&g->contents));
    fz_buf_addz(out, "</nav>\n");
    fz_buf_add(out, (fz_str){body.p + at, body.n - at});
    fz_buf_addz(out, "</main>\n</body>\n</html>\n");
    fz_buf_release(&g->contents);
    fz_buf_release(&g->body);
}

static void html_heading(struct fz_page *g, int level, fz_str text)
{
    int id = ++g->headings;

    if (g->contents.n == 0)
        g->contents_at = g->body.n;
    if (level == 2 || level == 3) {
        fz_buf_printf(&g->contents, "<a class=\"l%d\" href=\"#s%d\">", level, id);
        html_escaped(&g->contents, text);
        fz_buf_addz(&g->contents, "</a>\n");
    }
    fz_buf_printf(&g->body, "<h%d id=\"s%d\">", level, id);
    html_escaped(&g->body, text);
    fz_buf_printf(&g->body, "</h%d>\n", level);
}

static void html_open(struct fz_page *g, fz_block b)
{
    static const char *const tags[] = {
        [FZ_B_PARAGRAPH] = "<p>", [FZ_B_LIST] = "<ul>\n",
        [FZ_B_ITEM] = "<li>",     [FZ_B_TABLE] = "<div class=\"wide\"><table>\n",
        [FZ_B_HEAD] = "<tr>",     [FZ_B_ROW] = "<tr>",
        [FZ_B_CELL] = NULL,
    };

    if (b == FZ_B_HEAD || b == FZ_B_ROW)
        g->row = b;
    fz_buf_addz(&g->body, b == FZ_B_CELL ? g->row == FZ_B_HEAD ? "<th>" : "<td>" : tags[b]);
}

static void html_close(struct fz_page *g, fz_block b)
{
    static const char *const tags[] = {
        [FZ_B_PARAGRAPH] = "</p>\n", [FZ_B_LIST] = "</ul>\n",
        [FZ_B_ITEM] = "</li>\n",     [FZ_B_TABLE] = "</table></div>\n",
        [FZ_B_HEAD] = "</tr>\n",     [FZ_B_ROW] = "</tr>\n",
        [FZ_B_CELL] = NULL,
    };

    fz_buf_addz(&g->body, b == FZ_B_CELL ? g->row == FZ_B_HEAD ? "</th>" : "</td>" : tags[b]);
}

static void html_text(struct fz_page *g, fz_ink ink, fz_str s)
{
    static const struct {
        const char *open, *close;
    } inks[] = {
        [FZ_INK_PLAIN] = {"", ""},
        [FZ_INK_STRONG] = {"<strong>", "</strong>"},
        [FZ_INK_QUIET] = {"<span class=\"quiet\">", "</span>"},
        [FZ_INK_CODE] = {"<code>", "</code>"},
    };

    fz_buf_addz(&g->body, inks[ink].open);
    html_escaped(&g->body, s);
    fz_buf_addz(&g->body, inks[ink].close);
}

/* It fits the page until it has the focus, then it has its own size and scrolls: no script is needed for that. */
static void html_picture(struct fz_page *g, fz_str svg, fz_str legend)
{
    fz_buf_addz(&g->body, "<figure tabindex=\"0\">\n");
    fz_buf_add(&g->body, svg);
    fz_buf_addz(&g->body, "<figcaption>");
    html_escaped(&g->body, legend);
    fz_buf_addz(&g->body, "</figcaption>\n</figure>\n");
}

const struct fz_page_ops fz_page_html = {html_finish, html_heading, html_open, html_close, html_text, html_picture};
