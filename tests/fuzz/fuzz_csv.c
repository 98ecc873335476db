/*
 * Any bytes as a CSV file, packed or not, in any encoding. Either they are refused with a text, or every field is
 * well-formed UTF-8, lines go forward, and the records written out again with all quotes are read back the same.
 */
#include <stdint.h>

#include "io/csv.h"

#define AGAIN_BYTES_MAX (256u << 10) /* what unpacks to more is read once only */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_field(struct fz_buf *out, fz_str s)
{
    fz_buf_addc(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            fz_buf_addc(out, '"');
        fz_buf_addc(out, s.p[i]);
    }
    fz_buf_addc(out, '"');
}

static void write_record(struct fz_buf *out, const fz_str *fields, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            fz_buf_addc(out, ',');
        write_field(out, fields[i]);
    }
    fz_buf_addz(out, "\r\n");
}

static void check_record(const fz_str *fields, size_t n)
{
    fz_assert(n >= 1 && n <= FZ_FIELDS_MAX);
    for (size_t i = 0; i < n; i++)
        fz_assert(fz_utf8_valid(fields[i]));
}

/* Reads all there is and writes it to `out`, while that stays small. */
static fz_status copy_records(struct fz_csv *csv, struct fz_buf *out, struct fz_error *err)
{
    fz_str *fields;
    uint64_t line = 0;
    size_t n;

    for (bool end = false;;) {
        FZ_TRY(fz_csv_next(csv, &fields, &n, &end, err));
        if (end)
            return FZ_OK;
        check_record(fields, n);
        fz_assert(fz_csv_line(csv) > line);
        line = fz_csv_line(csv);
        if (out->n <= AGAIN_BYTES_MAX)
            write_record(out, fields, n);
    }
}

static fz_status copy_file(fz_str bytes, char separator, struct fz_buf *out, struct fz_error *err)
{
    struct fz_input *in;
    struct fz_csv *csv;
    fz_status s = fz_input_open_memory(&in, "fuzz", bytes, err);

    if (s != FZ_OK)
        return s;
    s = fz_csv_open(&csv, in, separator, err);
    if (s == FZ_OK) {
        size_t n;
        const fz_str *header = fz_csv_header(csv, &n);

        check_record(header, n);
        fz_buf_addz(out, "\xEF\xBB\xBF"); /* else many NUL characters would look like UTF-16 */
        write_record(out, header, n);
        s = copy_records(csv, out, err);
        fz_csv_close(csv);
    }
    fz_input_close(in);
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fz_buf once = {0}, twice = {0};
    struct fz_error err = {0};
    fz_status s = copy_file((fz_str){(const char *)data, size}, 0, &once, &err);

    fz_assert(s == FZ_OK || (s == err.status && err.text[0]));
    if (s == FZ_OK && once.n <= AGAIN_BYTES_MAX) {
        fz_assert(copy_file(fz_buf_str(&once), ',', &twice, &err) == FZ_OK);
        fz_assert(fz_str_eq(fz_buf_str(&once), fz_buf_str(&twice)));
    }
    fz_buf_release(&once);
    fz_buf_release(&twice);
    return 0;
}
