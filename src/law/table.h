/*
 * Tables of a pack (裁量基准、标准、收费): which row is for which values, whether there is one and only one for any, and a question to a table as a term.
 * The structs are in law/pack.h. A pack that was loaded holds only tables for which fz_table_check() found nothing.
 */
#ifndef FZ_LAW_TABLE_H
#define FZ_LAW_TABLE_H

#include "law/pack.h"

/** Whether a cell of input `input` is for this value; a value that is not set is in no cell but one that is for all. */
bool fz_cell_has(const struct fz_pack_table *t, size_t input, const struct fz_cell *c, fz_value v);

/* What is wrong with a table: no row, or two rows, for these values of its inputs. */
struct fz_table_flaw {
    const fz_value *inputs;
    int row, other; /* FZ_NONE both: no row; else the two rows */
};

typedef enum { FZ_TABLE_WHOLE, FZ_TABLE_FLAWED, FZ_TABLE_TOO_FINE } fz_table_verdict;

/**
 * Looks for values that have no row or two, over all that the cells tell apart: exact, for between two ends of ranges nothing changes.
 * Of a table of slices only that they follow each other is asked, which the loader does.
 * @param out  filled when it is flawed: with the first gap, else the first overlap; lives in `arena`
 * O(values told apart x rows); more than FZ_TABLE_CHECKS_MAX of these is too fine.
 */
fz_table_verdict fz_table_check(const struct fz_pack_table *t, struct fz_arena *arena, struct fz_table_flaw *out);

/** Whether the slices can be summed up in 63 bits, whatever is put in being a matter of the case. Tables without slices: true. */
bool fz_table_fits(const struct fz_pack_table *t);

/** Type of what a column answers. */
fz_type fz_table_type(const struct fz_pack_table *t, int column);

/**
 * A question to table `id` of its pack, as a term of kind FZ_T_TABLE. An unset input gives an unset answer, unless no row asks for it.
 * @param inputs  one term for each input, of its type
 */
const struct fz_term *fz_table_term(struct fz_arena *arena, const struct fz_pack_table *t, int id, int column, const struct fz_term *const *inputs,
                                    const struct fz_expr *from);

#endif
