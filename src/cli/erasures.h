/*
 * The erasures of a log as a file that travels (`erasures` in the folder): an older backup does not know those that came after it, and whoever restores it
 * has to make them again. A line each, tab-separated, behind a first line "fazhi erasures 1 PLACE HASH SIZE ROOT": number of the entry, the hashes of its
 * inclusion proof under that root, and the entry as it stands in the log. Of an erasure both entries are there: which values, and that they are gone.
 */
#ifndef FZ_CLI_ERASURES_H
#define FZ_CLI_ERASURES_H

#include "cli/folder.h"
#include "engine/erase.h"

#define FZ_ERASURES_FILE "erasures"

/** Writes it anew from the log. Called after whatever erases. */
fz_status fz_erasures_write(struct fz_folder *f, struct fz_error *err);

/**
 * Makes again, in a folder whose log is older, what a list says: every proof is held against the list's root first.
 * @param out_n  erasures and lockings that were made
 * @return FZ_E_INPUT when the list is of another log or broken, with its line
 */
fz_status fz_erasures_apply(struct fz_folder *f, const char *name, fz_str text, uint64_t *out_n, struct fz_error *err);

#endif
