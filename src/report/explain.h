/*
 * A pack as prose that a lawyer reads (stages, acts, who, in which order, by when, on which article), and as a diagram.
 */
#ifndef FZ_REPORT_EXPLAIN_H
#define FZ_REPORT_EXPLAIN_H

#include "law/pack.h"

/** As Markdown. Linear in the size of the pack, apart from its graph; the text goes behind what `out` holds. */
void fz_explain_markdown(const struct fz_pack *p, fz_language lang, struct fz_buf *out);
/**
 * One self-contained page: the same prose and, inline, the diagram of each record as SVG. No script, nothing fetched.
 *
 * @return FZ_E_IO when libgvc cannot draw (a plugin of it is missing); `out` is then as it was
 * Not safe in two threads at once, because libgvc is not.
 */
fz_status fz_explain_html(const struct fz_pack *p, fz_language lang, struct fz_buf *out, struct fz_error *err);
/** Stages and acts of every record, a Graphviz graph each. */
void fz_explain_dot(const struct fz_pack *p, fz_language lang, struct fz_buf *out);
/**
 * What an expression says, in words: with the titles of fields, acts, clocks and documents for their names.
 * @param r  may be NULL where `t` names no member of a record
 */
void fz_explain_term(const struct fz_pack *p, const struct fz_record *r, const struct fz_term *t, fz_language lang, struct fz_buf *out);

#endif
