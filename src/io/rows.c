#include "io/rows.h"

fz_status fz_rows_of_csv(struct fz_rows *out, struct fz_input *in, struct fz_error *err)
{
    *out = (struct fz_rows){.in = in};
    return fz_csv_open(&out->csv, in, 0, err);
}

fz_status fz_rows_of_sheet(struct fz_rows *out, const char *path, fz_str sheet, struct fz_error *err)
{
    *out = (struct fz_rows){.csv = NULL};
    return fz_xlsx_open(&out->xlsx, path, sheet, err);
}

fz_status fz_rows_next(struct fz_rows *r, fz_str **out_cells, size_t *out_n, bool *out_end, struct fz_error *err)
{
    return r->csv ? fz_csv_next(r->csv, out_cells, out_n, out_end, err)
                  : fz_xlsx_next(r->xlsx, out_cells, out_n, out_end, err);
}

uint64_t fz_rows_line(const struct fz_rows *r)
{
    return r->csv ? fz_csv_line(r->csv) : fz_xlsx_row(r->xlsx);
}

const fz_str *fz_rows_header(const struct fz_rows *r, size_t *out_n)
{
    return r->csv ? fz_csv_header(r->csv, out_n) : fz_xlsx_header(r->xlsx, out_n);
}

bool fz_rows_column(const struct fz_rows *r, fz_str name, size_t *out_index)
{
    return r->csv ? fz_csv_column(r->csv, name, out_index) : fz_xlsx_column(r->xlsx, name, out_index);
}

fz_str fz_rows_sheet(const struct fz_rows *r)
{
    return r->xlsx ? fz_xlsx_sheet(r->xlsx) : (fz_str){0};
}

void fz_rows_progress(const struct fz_rows *r, uint64_t *out_done, uint64_t *out_all)
{
    if (r->csv)
        fz_input_progress(r->in, out_done, out_all);
    else
        fz_xlsx_progress(r->xlsx, out_done, out_all);
}

void fz_rows_close(struct fz_rows *r)
{
    fz_csv_close(r->csv);
    fz_xlsx_close(r->xlsx);
    *r = (struct fz_rows){.csv = NULL};
}
