/*
 * The manual and the JSON Schema of the files that people write, from the tables they are read by: a key that the reader knows is in
 * both, and what is not in a table is in neither.
 */
#ifndef FZ_LAW_MANUAL_H
#define FZ_LAW_MANUAL_H

#include "law/reader.h"

/* A kind of file: what `fazhi manual --of NAME` is about. */
struct fz_manual_file {
    const char *name, *en, *zh;
    const struct fz_construct *construct;
};

/** Markdown: each file with its constructs and keys, values, expressions, clocks, and every problem that may be reported. */
void fz_manual_print(const struct fz_manual_file *files, size_t n, fz_language lang, struct fz_buf *out);

/**
 * A JSON Schema (draft 2020-12) of one file, for editors. It knows keys, words and the shape of values; expressions and references are for
 * `fazhi check`. A file that amends another is held against the same keys, of which then none is required.
 */
void fz_manual_schema(const struct fz_manual_file *file, fz_language lang, struct fz_buf *out);

#endif
