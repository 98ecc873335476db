/*
 * Charts as inline SVG, in integers throughout. Widths are per cents and heights pixels, without a view box: a chart takes the width of
 * its page, on a telephone as on paper, and its letters keep their size. Nothing rests on colour: every bar carries its name and its number,
 * every curve has a strip of its own. Colours come from the page's style sheet by class: `b` bar, `t` track, `g` grid, `a` axis,
 * `n` number, `y` the numbers of an axis, `e` text that ends at its place, `wide-only` and `narrow-only` the two forms of a long label.
 */
#ifndef FZ_REPORT_CHART_H
#define FZ_REPORT_CHART_H

#include "base/base.h"

struct fz_chart {
    const char *id;     /* unique in the page; ours, not escaped */
    fz_str title, desc; /* what it shows, and what it says: read out instead of the picture */
};

struct fz_bar {
    fz_str label; /* cut when too long for a telephone */
    uint64_t n;
    bool hatched; /* drawn as a pattern; the label says what that means */
};

/** Horizontal bars under one another, each as long as its share of the longest. No chart without bars. */
void fz_chart_bars(const struct fz_chart *c, const struct fz_bar *bars, size_t n, struct fz_buf *out);

struct fz_strip {
    fz_str label;
    const uint64_t *counts; /* one a column */
};

struct fz_columns {
    const struct fz_strip *strips; /* the first is the whole: none of the others is higher anywhere */
    size_t strips_n;
    const fz_str *names; /* of the columns, for whoever points at one */
    const fz_str *ticks; /* their labels on the axis, mostly empty */
    size_t n;
};

/** Strips of columns over one axis and on one scale, so that a height means the same number in each of them. */
void fz_chart_columns(const struct fz_chart *c, const struct fz_columns *columns, struct fz_buf *out);

#endif
