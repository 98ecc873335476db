/*
 * Rows of a table, whether it is comma-separated values or a sheet of a workbook: one interface for whoever reads tables by their columns.
 * Each function does what the one of io/csv.h or io/xlsx.h does.
 */
#ifndef FZ_IO_ROWS_H
#define FZ_IO_ROWS_H

#include "io/csv.h"
#include "io/xlsx.h"

/* One of the two is open. The file stays the opener's. */
struct fz_rows {
    struct fz_csv *csv;
    struct fz_input *in; /* of the csv */
    struct fz_xlsx *xlsx;
};

fz_status fz_rows_of_csv(struct fz_rows *out, struct fz_input *in, struct fz_error *err);
fz_status fz_rows_of_sheet(struct fz_rows *out, const char *path, fz_str sheet, struct fz_error *err);

fz_status fz_rows_next(struct fz_rows *r, fz_str **out_cells, size_t *out_n, bool *out_end, struct fz_error *err);
uint64_t fz_rows_line(const struct fz_rows *r); /* physical line, or row of the sheet */
const fz_str *fz_rows_header(const struct fz_rows *r, size_t *out_n);
bool fz_rows_column(const struct fz_rows *r, fz_str name, size_t *out_index);
fz_str fz_rows_sheet(const struct fz_rows *r); /* empty: no workbook */
void fz_rows_progress(const struct fz_rows *r, uint64_t *out_done, uint64_t *out_all);
void fz_rows_close(struct fz_rows *r); /* accepts a zeroed one; not the input */

#endif
