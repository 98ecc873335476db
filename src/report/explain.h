/*
 * A pack as prose that a lawyer reads (stages, acts, who, in which order, by when, on which article), and as a diagram.
 */
#ifndef FZ_REPORT_EXPLAIN_H
#define FZ_REPORT_EXPLAIN_H

#include "law/pack.h"

void fz_explain_markdown(const struct fz_pack *p, fz_language lang, struct fz_buf *out);
/** One self-contained page: the prose and, inline, the diagram of each record as SVG. */
fz_status fz_explain_html(const struct fz_pack *p, fz_language lang, struct fz_buf *out, struct fz_error *err);
/** Stages and acts of every record as a Graphviz graph. */
void fz_explain_dot(const struct fz_pack *p, fz_language lang, struct fz_buf *out);
/** What an expression says, in words. */
void fz_explain_term(const struct fz_pack *p, const struct fz_record *r, const struct fz_term *t, fz_language lang, struct fz_buf *out);

#endif
