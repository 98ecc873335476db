/*
 * Reads one sheet of a workbook in Office Open XML (ISO/IEC 29500, .xlsx, 电子表格), row by row, as io/csv.h reads records: the first row that is
 * not empty is the header, every other is a row of texts.
 *
 * What a cell gives: a text as it is; a number in plain decimal digits, of 15 significant ones, for that is what a spreadsheet shows of the binary
 * number in its file; a number whose format is one of dates as 2011-10-11, 2011-10-11 13:45:40 (a midnight too, where the format has hours),
 * 13:45:40 or, of elapsed time, 36:00:00, by the workbook's system of 1900 or 1904; true, false; an error as it is shown (#N/A). Of a formula what it last came to. No floating point is used.
 * The system of 1900 holds that there was a 29 February 1900: that serial number is given as 1900-02-29, which no reader of days will take.
 *
 * Rows without any text are skipped. A row has at least as many cells as the header, and more only when one beyond it has a text.
 * Shared strings are held in memory and bounded; of the sheet one chunk and one row are held. Document types are refused.
 *
 * Life cycle: open, next until `*out_end`, close. After a failure only close.
 */
#ifndef FZ_IO_XLSX_H
#define FZ_IO_XLSX_H

#include "base/base.h"

struct fz_xlsx;

/** Whether a file is a workbook, or one of the kinds that fz_xlsx_open() refuses by name (.xls, .xlsb, .ods, encrypted): told by its bytes, not its name.
 * False for what is no regular file, which is then not touched. */
bool fz_xlsx_is(const char *path);

/**
 * Opens a workbook and reads the header of one sheet.
 *
 * @param path   copied; it names the file in every error
 * @param sheet  its name; empty: the first of the workbook
 * @param out_x  to be given to fz_xlsx_close()
 * @return FZ_OK; FZ_E_IO when the system cannot open it; FZ_E_INPUT for what is no workbook, is encrypted, an older or binary form, torn, has
 *         no such sheet (those it has are named) or an empty one; FZ_E_TOO_LARGE past a maximum; FZ_E_NOMEM
 */
fz_status fz_xlsx_open(struct fz_xlsx **out_x, const char *path, fz_str sheet, struct fz_error *err);

/** The same over a block of memory, which has to stay as it is until fz_xlsx_close(). `name` is copied. */
fz_status fz_xlsx_open_memory(struct fz_xlsx **out_x, const char *name, fz_str bytes, fz_str sheet,
                              struct fz_error *err);

/**
 * The next row that has a text.
 *
 * @param out_cells  views into the reader, good until the next call; UTF-8
 * @param out_n      cells, at least as many as the header unless `*out_end`
 * @return FZ_OK; FZ_E_TOO_LARGE past FZ_FIELDS_MAX, FZ_LINE_BYTES_MAX, FZ_XLSX_CELL_BYTES_MAX, FZ_UNZIPPED_BYTES_MAX or FZ_UNZIP_RATIO_MAX;
 *         FZ_E_INPUT for XML that is not well-formed, rows or cells that go backwards, a shared string or style that is not there, a torn zip.
 *         Each with file, sheet and row.
 * O(bytes of the row); nothing is allocated once the longest row was seen.
 */
fz_status fz_xlsx_next(struct fz_xlsx *x, fz_str **out_cells, size_t *out_n, bool *out_end, struct fz_error *err);

/** Row of the sheet, from 1, that was given last; that of the header before the first. */
uint64_t fz_xlsx_row(const struct fz_xlsx *x);

/** Cells of the header; good until fz_xlsx_close(). */
const fz_str *fz_xlsx_header(const struct fz_xlsx *x, size_t *out_n);

/** Index of the first column of that name; false when there is none. Column 0 is A. */
bool fz_xlsx_column(const struct fz_xlsx *x, fz_str name, size_t *out_index);

/** Name of the sheet that is read. */
fz_str fz_xlsx_sheet(const struct fz_xlsx *x);

/** Whether the workbook has a sheet of that name. */
bool fz_xlsx_has(const struct fz_xlsx *x, fz_str sheet);

/** Bytes of the sheet unpacked so far, and all of them. */
void fz_xlsx_progress(const struct fz_xlsx *x, uint64_t *out_done, uint64_t *out_all);

void fz_xlsx_close(struct fz_xlsx *x); /* accepts NULL */

#define FZ_XLSX_COLUMN_TEXT 16
/** "A" for 0, "AB" for 27: as sheets name their columns. Returns `text`. */
const char *fz_xlsx_column_text(size_t index, char text[FZ_XLSX_COLUMN_TEXT]);

/* What a format makes of a number. */
typedef enum { FZ_XLSX_PLAIN, FZ_XLSX_DAY, FZ_XLSX_TIME, FZ_XLSX_ELAPSED } fz_xlsx_format;

/**
 * What a number of a sheet shows, in plain digits. For tests.
 * @param v  as it stands in the file: digits, a point, an exponent
 * @return false when `v` is no number: it is then given as it is
 */
bool fz_xlsx_number(fz_str v, fz_xlsx_format format, bool from_1904, struct fz_buf *out);
/** Of a format code: h or s outside of quotes, brackets and escapes make a time, y, m or d a day, [h], [m] or [s] elapsed time. */
fz_xlsx_format fz_xlsx_format_of(fz_str code);

#endif
