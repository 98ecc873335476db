/*
 * Problems of a file, each with a place: collected, sorted, printed together with the line and a caret.
 *
 * A message is a row of base/diag.def in two languages; its arguments stand at {0}, {1}, {2}. Ids are stable.
 */
#ifndef FZ_BASE_DIAG_H
#define FZ_BASE_DIAG_H

#include "base/base.h"

typedef enum { FZ_EN, FZ_ZH } fz_language;

/* A file that was read whole; it outlives every span that points into it. */
struct fz_source {
    const char *name; /* as the user wrote it */
    fz_str text;      /* UTF-8 */
};

typedef struct {
    const struct fz_source *source; /* NULL: no place */
    uint32_t line, col;             /* from 1; columns count characters */
    uint32_t len;                   /* characters to mark, at least 1 */
} fz_span;

typedef enum {
#define FZ_DIAG(id, name, severity, en, zh, help) FZ_D_##id,
#include "base/diag.def"
#undef FZ_DIAG
    FZ_DIAG_COUNT
} fz_diag_id;

typedef enum { FZ_NOTE, FZ_WARNING, FZ_ERROR } fz_severity;

#define FZ_DIAG_ARGS 3

struct fz_diag {
    fz_diag_id id;
    fz_span span;
    fz_str args[FZ_DIAG_ARGS];
    const char *zh[FZ_DIAG_ARGS]; /* a word of ours among them in Chinese, a literal; NULL: the argument is the file's own text */
    fz_str trace; /* counterexample, printed below; empty mostly */
};

struct fz_diags {
    struct fz_arena *arena; /* copies of the arguments live here */
    struct fz_diag *items;
    size_t n, cap;
    size_t errors, warnings, dropped; /* dropped: past FZ_DIAGS_MAX */
};

void fz_diags_init(struct fz_diags *d, struct fz_arena *arena);
/** Adds a problem; the arguments are copied. The same problem at the same place is kept once. Returns it so that a trace can be hung on (never NULL). */
struct fz_diag *fz_diag_add(struct fz_diags *d, fz_diag_id id, fz_span at, fz_str a0, fz_str a1, fz_str a2);
void fz_diags_sort(struct fz_diags *d); /* by file, line, column; stable */
void fz_diags_print(const struct fz_diags *d, fz_language lang, struct fz_buf *out);
/** One row of the table, for the manual. */
struct fz_diag_row {
    const char *id, *en, *zh, *help;
    fz_severity severity;
};
const struct fz_diag_row *fz_diag_row(fz_diag_id id);

#endif
