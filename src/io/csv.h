/*
 * Reads comma-separated values as RFC 4180 has them, record by record, from a struct fz_input.
 *
 * Fields are separated by one character; a field that begins with a double quote runs to the closing one, may hold
 * separators and line ends, and doubles the quotes within. Records end with LF or CR LF; the last may lack it. The
 * first record is the header. Beyond the RFC: lines without a byte are skipped, and a quote inside an unquoted field
 * stands for itself. How many fields a record has is for the caller to judge.
 *
 * Life cycle: open over an input, next until `*out_end`, close, then close the input. After a failure only close.
 */
#ifndef FZ_IO_CSV_H
#define FZ_IO_CSV_H

#include "base/base.h"
#include "io/input.h"

struct fz_csv;

/**
 * Reads the header.
 *
 * @param in         stays the caller's and has to outlive the reader, who alone reads from it
 * @param separator  ',' ';' or TAB; 0 takes whichever of them stands most often in the header, ',' if none does
 * @param out_csv    to be given to fz_csv_close()
 * @return FZ_OK; FZ_E_INPUT when there is no header; else as fz_csv_next(); FZ_E_NOMEM
 */
fz_status fz_csv_open(struct fz_csv **out_csv, struct fz_input *in, char separator, struct fz_error *err);

/**
 * The next record.
 *
 * @param out_fields  views into the reader, good until the next call; UTF-8, without quotes around
 * @param out_n       fields, at least 1 unless `*out_end`
 * @param out_end     true when there was no further record
 * @return FZ_OK; FZ_E_TOO_LARGE past FZ_LINE_BYTES_MAX or FZ_FIELDS_MAX; FZ_E_INPUT for a quote that is never closed
 *         (with the line where it was opened) or is followed by text; else as fz_input_read()
 * Cost: a record without a quote is gone over twice, one with quotes three times; nothing is allocated.
 */
fz_status fz_csv_next(struct fz_csv *csv, fz_str **out_fields, size_t *out_n, bool *out_end, struct fz_error *err);

/** Physical line, from 1, on which the last record began; behind the last line after the end. */
uint64_t fz_csv_line(const struct fz_csv *csv);

/** Names in the first record, as they stand there; good until fz_csv_close(). */
const fz_str *fz_csv_header(const struct fz_csv *csv, size_t *out_n);

/** Index of the first column of that name; false when there is none. */
bool fz_csv_column(const struct fz_csv *csv, fz_str name, size_t *out_index);

/** The separator in use. */
char fz_csv_separator(const struct fz_csv *csv);

void fz_csv_close(struct fz_csv *csv); /* accepts NULL */

#endif
