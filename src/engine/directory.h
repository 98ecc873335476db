/*
 * The directory in the engine: records whose type feeds it (law/directory.h) give a row each, which is projected like all others and kept in memory beside
 * the batches, so that rights are judged over what the orders before have left. For the files of this folder alone.
 */
#ifndef FZ_ENGINE_DIRECTORY_H
#define FZ_ENGINE_DIRECTORY_H

#include "engine/engine_int.h"

/** Whether the record gives a row as it stands: all that its kind needs is set. `out`: with texts of the record and the arena. */
bool fz_directory_row_of(const struct live *l, struct fz_arena *arena, struct fz_directory_row *out);
/** The same, without the row. */
bool fz_directory_lists(const struct live *l);
/** The row in the table, and that it has gone where it has (l->listed). */
void fz_project_directory(struct fz_engine *e, struct live *l, struct fz_arena *arena, struct writes *out);

/** Has it in memory; reads the table when it was forgotten. */
fz_status fz_rights_load(struct fz_engine *e, struct fz_error *err);
void fz_rights_forget(struct fz_engine *e);
/** A record has moved: its row in memory follows. */
void fz_rights_follow(struct fz_engine *e, const struct live *l);
/** Judges a step of an order with the rights of whoever takes it; the directory is loaded. */
void fz_rights_decide(struct fz_engine *e, const struct live *l, const struct fz_step *s, const struct fz_order *o, int64_t at_ms, struct fz_arena *arena,
                      struct fz_ruling *out);
/** Who of those who make and approve a correction of the record does not serve at its organ on the day of entering; NULL: both do, or rights have not begun. */
const fz_str *fz_rights_correct(struct fz_engine *e, const struct live *l, const struct fz_order *o, int64_t at_ms);
/** What an entry keeps of the right under which its step was taken: names and values; how many. `out` has room for FZ_RIGHT_VALUES. */
#define FZ_RIGHT_VALUES 2
size_t fz_right_values(const struct fz_right *r, struct fz_arena *arena, fz_entry_field *out);

#endif
