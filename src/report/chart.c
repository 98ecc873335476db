#include "report/chart.h"

#include "report/write_int.h"

#define BAR_PITCH 40     /* px from bar to bar: a line of text, the bar, a gap */
#define NARROW_CELLS 42  /* of a label that 350 px hold beside the number */
#define WIDE_CELLS 88    /* and 640 px */
#define STRIP_LABEL 22   /* px above the columns */
#define STRIP_GAP 18     /* px below them */
#define STRIP_HEIGHT 140 /* px of the highest column */
#define AXIS 20          /* px for the labels below the last strip */

static void html(struct fz_buf *out, fz_str s)
{
    fz_add_safe(out, s, fz_buf_html);
}

static void number(struct fz_buf *out, uint64_t n)
{
    fz_add_number(out, n, FZ_THIN);
}

/* n of d as a per cent with four decimals, which is far below a pixel. */
static void percent(struct fz_buf *out, uint64_t n, uint64_t d)
{
    uint64_t millionths = (uint64_t)((unsigned __int128)n * 1000000 / d);

    fz_buf_printf(out, "%u.%04u%%", (unsigned)(millionths / 10000), (unsigned)(millionths % 10000));
}

static void open_svg(const struct fz_chart *c, const char *class, unsigned height, struct fz_buf *out)
{
    fz_buf_printf(
        out,
        "<svg class=\"%s\" role=\"img\" aria-labelledby=\"%s-t %s-d\" width=\"100%%\" height=\"%u\">\n<title id=\"%s-t\">",
        class, c->id, c->id, height, c->id);
    html(out, c->title);
    fz_buf_printf(out, "</title>\n<desc id=\"%s-d\">", c->id);
    html(out, c->desc);
    fz_buf_addz(out, "</desc>\n");
}

static void label(fz_str text, size_t cells, const char *class, unsigned y, struct fz_buf *out)
{
    fz_str shown = fz_cut_cells(text, cells);

    fz_buf_printf(out, "<text%s y=\"%u\">", class, y);
    html(out, shown);
    fz_buf_addz(out, shown.n < text.n ? "…</text>" : "</text>");
}

/* Label at the left, number at the right, above a bar or a strip. A long label has a short form that the style sheet shows where it is narrow. */
static void heading(fz_str text, uint64_t n, unsigned y, struct fz_buf *out)
{
    bool two = fz_utf8_cells(text) > NARROW_CELLS;

    label(text, WIDE_CELLS, two ? " class=\"wide-only\"" : "", y, out);
    if (two)
        label(text, NARROW_CELLS, " class=\"narrow-only\"", y, out);
    fz_buf_printf(out, "<text class=\"n\" x=\"100%%\" y=\"%u\">", y);
    number(out, n);
    fz_buf_addz(out, "</text>\n");
}

/* ---- bars ---- */

static void hatching(const struct fz_chart *c, struct fz_buf *out)
{
    fz_buf_printf(
        out,
        "<defs><pattern id=\"%s-h\" patternUnits=\"userSpaceOnUse\" width=\"6\" height=\"6\" patternTransform=\"rotate(45)\">"
        "<rect class=\"b\" width=\"3\" height=\"6\"/></pattern></defs>\n",
        c->id);
}

static void bar(const struct fz_chart *c, const struct fz_bar *b, uint64_t most, unsigned y, struct fz_buf *out)
{
    heading(b->label, b->n, y + 14, out);
    fz_buf_printf(out, "<rect class=\"t\" y=\"%u\" width=\"100%%\" height=\"12\"/>", y + 20);
    if (b->hatched)
        fz_buf_printf(out, "<rect fill=\"url(#%s-h)\" y=\"%u\" height=\"12\" width=\"", c->id, y + 20);
    else
        fz_buf_printf(out, "<rect class=\"b\" y=\"%u\" height=\"12\" width=\"", y + 20);
    percent(out, b->n, most);
    fz_buf_addz(out, "\"/>\n");
}

void fz_chart_bars(const struct fz_chart *c, const struct fz_bar *bars, size_t n, struct fz_buf *out)
{
    uint64_t most = 1;
    bool hatched = false;

    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++) {
        most = bars[i].n > most ? bars[i].n : most;
        hatched |= bars[i].hatched;
    }
    open_svg(c, "bars", (unsigned)n * BAR_PITCH, out);
    if (hatched)
        hatching(c, out);
    for (size_t i = 0; i < n; i++)
        bar(c, &bars[i], most, (unsigned)i * BAR_PITCH, out);
    fz_buf_addz(out, "</svg>\n");
}

/* ---- columns ---- */

static uint64_t highest(const struct fz_strip *s, size_t n)
{
    uint64_t most = 0;

    for (size_t i = 0; i < n; i++)
        most = s->counts[i] > most ? s->counts[i] : most;
    return most;
}

/* Rounded up: a column that counts something is seen. */
static unsigned height_of(uint64_t n, uint64_t most)
{
    return (unsigned)(((unsigned __int128)n * STRIP_HEIGHT + most - 1) / most);
}

/* 1, 2, 5, 10, 20, ...: the smallest that gives at most four lines. */
static uint64_t grid_step(uint64_t most)
{
    uint64_t step = 1;

    for (int i = 0; most / step > 4; i++)
        step = i % 3 == 1 ? step / 2 * 5 : step * 2;
    return step;
}

static void grid_line(uint64_t n, unsigned y, const char *class, struct fz_buf *out)
{
    fz_buf_printf(out, "<line class=\"%s\" x2=\"100%%\" y1=\"%u\" y2=\"%u\"/><text class=\"y\" x=\"-6\" y=\"%u\">",
                  class, y, y, y + 4);
    number(out, n);
    fz_buf_addz(out, "</text>\n");
}

/* The whole has lines at round numbers; the others only their highest. */
static void grid(bool whole, uint64_t own, uint64_t most, unsigned base, struct fz_buf *out)
{
    uint64_t step = whole ? grid_step(most) : own;

    for (uint64_t n = step; n && n <= own; n += step)
        grid_line(n, base - height_of(n, most), "g", out);
}

static void columns(const struct fz_columns *c, const struct fz_strip *s, uint64_t most, unsigned base,
                    struct fz_buf *out)
{
    for (size_t i = 0; i < c->n; i++) {
        unsigned height = height_of(s->counts[i], most);

        if (s->counts[i] == 0)
            continue;
        fz_buf_addz(out, "<rect class=\"b\" x=\"");
        percent(out, i * 10 + 1, c->n * 10);
        fz_buf_addz(out, "\" width=\"");
        percent(out, 8, c->n * 10);
        fz_buf_printf(out, "\" y=\"%u\" height=\"%u\"><title>", base - height, height);
        html(out, c->names[i]);
        fz_buf_addz(out, ": ");
        number(out, s->counts[i]);
        fz_buf_addz(out, "</title></rect>\n");
    }
}

static unsigned strip(const struct fz_columns *c, size_t i, uint64_t most, unsigned y, struct fz_buf *out)
{
    const struct fz_strip *s = &c->strips[i];
    uint64_t own = highest(s, c->n), sum = 0;
    unsigned base = y + STRIP_LABEL + height_of(own, most);

    for (size_t k = 0; k < c->n; k++)
        sum += s->counts[k];
    heading(s->label, sum, y + 12, out);
    grid(i == 0, own, most, base, out);
    columns(c, s, most, base, out);
    fz_buf_printf(out, "<line class=\"a\" x2=\"100%%\" y1=\"%u\" y2=\"%u\"/>\n", base, base);
    return base + STRIP_GAP;
}

static void axis(const struct fz_columns *c, unsigned bottom, struct fz_buf *out)
{
    for (size_t i = 0; i < c->n; i++) {
        if (c->ticks[i].n == 0)
            continue;
        fz_buf_printf(out, "<rect class=\"a\" width=\"1\" height=\"8\" y=\"%u\" x=\"", bottom - STRIP_GAP);
        percent(out, i, c->n);
        /* A label at the very end stands before its mark. */
        fz_buf_printf(out, "\"/><text%s y=\"%u\" x=\"", (c->n - i) * 10 < c->n ? " class=\"e\" dx=\"-4\"" : " dx=\"4\"",
                      bottom - 2);
        percent(out, i, c->n);
        fz_buf_addz(out, "\">");
        html(out, c->ticks[i]);
        fz_buf_addz(out, "</text>\n");
    }
}

void fz_chart_columns(const struct fz_chart *c, const struct fz_columns *columns_of, struct fz_buf *out)
{
    uint64_t most = columns_of->strips_n ? highest(&columns_of->strips[0], columns_of->n) : 0;
    unsigned y = 0, height = AXIS - STRIP_GAP;

    if (most == 0)
        return;
    for (size_t i = 0; i < columns_of->strips_n; i++) {
        fz_assert(highest(&columns_of->strips[i], columns_of->n) <= most);
        height += STRIP_LABEL + STRIP_GAP + height_of(highest(&columns_of->strips[i], columns_of->n), most);
    }
    open_svg(c, "columns", height, out);
    for (size_t i = 0; i < columns_of->strips_n; i++)
        y = strip(columns_of, i, most, y, out);
    axis(columns_of, y, out);
    fz_buf_addz(out, "</svg>\n");
}
