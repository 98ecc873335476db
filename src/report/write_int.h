/*
 * What the writers of a review (write.c, html.c, chart.c) share. A review is full of other people's text: case numbers, names of files,
 * titles. fz_add_safe() is the one way by which it reaches a terminal or a page.
 */
#ifndef FZ_REPORT_WRITE_INT_H
#define FZ_REPORT_WRITE_INT_H

#include "report/review.h"

#define FZ_THIN "\xE2\x80\xAF" /* U+202F, between groups of three */

typedef void fz_adder(struct fz_buf *out, fz_str s); /* fz_buf_add, or fz_buf_html for a page */

/** Appends a stranger's text. What is malformed, steers a terminal, breaks the line or turns its order round becomes U+FFFD. */
void fz_add_safe(struct fz_buf *out, fz_str s, fz_adder *add);
/** In decimal; `group` stands between groups of three ("" for none). */
void fz_add_number(struct fz_buf *out, uint64_t n, const char *group);
/**
 * Appends a sentence with numbers: {0} and {1} are n0 and n1, {0:case|cases} is "case" when n0 is one and "cases" when it is not.
 * `group` as in fz_add_number.
 */
void fz_add_sentence(struct fz_buf *out, const char *text, const char *group, uint64_t n0, uint64_t n1);
void fz_add_day(struct fz_buf *out,
                fz_day d); /* as fz_day_text() writes it, without printf: there are three a finding */
void fz_add_articles(struct fz_buf *out, struct fz_articles articles, const char *between, fz_adder *add);

/** A text and blanks up to so many cells, or blanks before it; a longer one pushes what follows. */
void fz_add_padded(struct fz_buf *out, fz_str s, size_t cells);
void fz_add_right(struct fz_buf *out, fz_str s, size_t cells);
void fz_add_json(struct fz_buf *out, fz_str s); /* as fz_buf_json() writes it */

/** n of d in hundredths of a per cent, half up: 1 of 8 is 1250, 1 of 80,000 is 0, 1 of 20,000 is 1. d is not 0. */
uint64_t fz_share_hundredths(uint64_t n, uint64_t d);
void fz_add_share(struct fz_buf *out, uint64_t n, uint64_t d); /* "12.50%"; d is not 0 */

fz_str fz_rule_title(const struct fz_review_rule *rule,
                     fz_language lang); /* empty when it has none: then its id stands for it */
fz_str fz_rule_words(const struct fz_review_rule *rule, fz_language lang); /* its title, or its id when it has none */
fz_str fz_field_words(const struct fz_review *r, fz_str name,
                      fz_language lang); /* title of a field of the record, or the name */
/** The figures, those of one indicator and basis together, the whole first, then those of each dimension by value. Lives in `arena`. */
const struct fz_figure **fz_figures_in_order(const struct fz_review *r, struct fz_arena *arena);
bool fz_figures_alike(const struct fz_figure *a, const struct fz_figure *b); /* of one indicator, basis and dimension */
bool fz_figure_unset(const struct fz_figure *f); /* of the cases in which nobody gave a value for its dimension */
/** "Decided in time, organ = Lands Office (all)"; not disarmed. Of the review only its record is read. */
void fz_figure_name(const struct fz_review *r, const struct fz_figure *f, fz_language lang, struct fz_buf *out);
/** "12", "12.50%", "no cases" */
void fz_figure_value(const struct fz_figure *f, fz_language lang, struct fz_buf *out);
void fz_figure_total(const struct fz_figure *f, struct fz_buf *out); /* of a sum or mean: "1200.00" */
/** Whether it is made of two numbers, and these: "3 / 24", of a mean its sum and how many there are. */
bool fz_figure_has_parts(const struct fz_figure *f);
void fz_figure_parts(const struct fz_figure *f, struct fz_buf *out);
void fz_figure_json(const struct fz_figure *f, struct fz_buf *out);

/** A page up to the end of its head: title, policy, and the style that all pages share. `lang`: "en" or "zh-CN". */
void fz_page_open(struct fz_buf *out, const char *lang, fz_str title);

const struct fz_pack *fz_spoken(
    const struct fz_review *r); /* the newest version that a case was judged by; the newest one if there was no case */
const struct fz_log_case *fz_case_of(const struct fz_review *r, const struct fz_finding *f);
fz_str fz_organ_of(const struct fz_review *r, const struct fz_log_case *c); /* empty when the log names none */
fz_str fz_cut_cells(fz_str s, size_t cells); /* the longest beginning that is not wider */
/** Takes the next line off `rest`, without its end. False when nothing is left; an end at the end opens no further line. */
bool fz_next_line(fz_str *rest, fz_str *out_line);

#endif
