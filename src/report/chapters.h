/*
 * Every figure of a data folder for a period (指标): a chapter for each record type that has indicators, in the order of the packs. What
 * `fazhi indicators` prints and an annual report is made of.
 */
#ifndef FZ_REPORT_CHAPTERS_H
#define FZ_REPORT_CHAPTERS_H

#include "report/figures.h"

struct fz_chapter {
    struct fz_count count; /* what its figures were counted by */
    struct fz_review view; /* the record, versions and figures of the chapter alone, in order, for those who write them */
    bool kept;
};

struct fz_chapters {
    struct fz_chapter *items;
    size_t n, cap;
};

struct fz_contents {
    struct fz_store *store;
    fz_str jurisdiction, organ; /* organ empty: all */
    const struct fz_pack *const *packs; /* every version of every pack, of one pack oldest first */
    size_t packs_n;
    fz_str pack, record; /* of these only; empty: of all */
    fz_day first, last;
    int64_t log_size;
    bool keep; /* computes and keeps them; the store is open for writing, and the period over */
};

/** Reads every figure asked for. All in `arena`. */
fz_status fz_chapters_read(struct fz_chapters *out, const struct fz_contents *c, struct fz_arena *arena, struct fz_error *err);

/** "in_time", "in_time.decided" (a named base), or "licence.in_time" where two packs have one of that name. FZ_E_USAGE: there is none, or more than one. */
fz_status fz_chapters_find(const struct fz_chapters *c, fz_str key, const struct fz_chapter **out_chapter, const struct fz_figure **out_figure, struct fz_error *err);
/** A value of a dimension of that figure, "FIELD=VALUE"; FZ_E_USAGE when it has none such. */
fz_status fz_chapter_find_by(const struct fz_chapter *c, const struct fz_figure *whole, fz_str by, const struct fz_figure **out, struct fz_error *err);

/** How a figure is asked for: "in_time" or "in_time.decided". */
void fz_figure_key(const struct fz_figure *f, struct fz_buf *out);

void fz_chapters_text(const struct fz_chapters *c, fz_language lang, struct fz_buf *out);
void fz_chapters_tsv(const struct fz_chapters *c, struct fz_buf *out);
void fz_chapters_json(const struct fz_chapters *c, const struct fz_contents *of, struct fz_buf *out);

/* The acts behind one figure, numerator and denominator apart. `base` is empty for a count. */
struct fz_why {
    const struct fz_chapter *chapter;
    const struct fz_figure *figure;
    struct fz_behinds counted, base;
};

/**
 * Reads them. FZ_E_BUSY when acts were entered between the figure and its list, so that they do not agree: ask again.
 */
fz_status fz_why_read(struct fz_why *out, const struct fz_chapter *c, const struct fz_figure *f, struct fz_arena *arena, struct fz_error *err);
void fz_why_text(const struct fz_why *w, const char *folder, size_t most, fz_language lang, struct fz_buf *out); /* the first `most` of each */
void fz_why_tsv(const struct fz_why *w, struct fz_buf *out);
void fz_why_json(const struct fz_why *w, struct fz_buf *out);

/**
 * The annual report (年度报告): figures by part of the pack, each with a link to the acts behind it, listed in the same file up to a number, with the
 * command that lists the rest.
 */
struct fz_annual {
    const struct fz_chapters *chapters;
    const struct fz_contents *of;
    const char *folder; /* as the command names it */
    int32_t year;       /* 0: the period is no year */
    fz_day made;
    fz_language lang;
};
fz_status fz_annual_html(const struct fz_annual *a, struct fz_buf *out, struct fz_error *err);
fz_status fz_annual_md(const struct fz_annual *a, struct fz_buf *out, struct fz_error *err);

#endif
