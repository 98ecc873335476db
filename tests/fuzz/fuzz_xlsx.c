/*
 * Any bytes as a workbook. Those that begin as a zip are one; any others are its parts, between NUL bytes: the sheet, the shared strings, the styles, the
 * list of sheets, so that a change of one byte reaches the parsers and not a checksum. Either it is refused with a text, or every cell is well-formed UTF-8,
 * rows go forward, and none has fewer cells than the header.
 */
#include <stdint.h>
#include <stdlib.h>
#include <zip.h>

#include "io/xlsx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TYPE "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
static const char types[] = "<Types/>",
                  root[] = "<Relationships><Relationship Id=\"a\" Type=\"" TYPE
                           "officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
                  relations[] =
                      "<Relationships><Relationship Id=\"s\" Type=\"" TYPE "worksheet\" Target=\"sheet.xml\"/>"
                      "<Relationship Id=\"t\" Type=\"" TYPE "sharedStrings\" Target=\"strings.xml\"/>"
                      "<Relationship Id=\"f\" Type=\"" TYPE "styles\" Target=\"styles.xml\"/></Relationships>",
                  book[] = "<workbook><sheets><sheet name=\"one\" r:id=\"s\" xmlns:r=\"r\"/></sheets></workbook>";

static fz_str take_part(fz_str *s)
{
    const char *nul = memchr(s->p, '\0', s->n);
    fz_str part = {s->p, nul ? (size_t)(nul - s->p) : s->n};
    size_t used = part.n + (nul != NULL);

    *s = (fz_str){s->p + used, s->n - used};
    return part;
}

static void add(zip_t *zip, const char *name, fz_str bytes)
{
    zip_int64_t at = zip_file_add(zip, name, zip_source_buffer(zip, bytes.p, bytes.n, 0), 0);

    fz_assert(at >= 0 && zip_set_file_compression(zip, (zip_uint64_t)at, ZIP_CM_STORE, 0) == 0);
}

static void make_zip(fz_str parts, struct fz_buf *out)
{
    static const char *const names[] = {"xl/sheet.xml", "xl/strings.xml", "xl/styles.xml"};
    zip_source_t *archive = zip_source_buffer_create(NULL, 0, 0, NULL);
    zip_t *zip;
    zip_stat_t st;
    char *bytes;
    fz_str its_book;

    zip_source_keep(archive);
    zip = zip_open_from_source(archive, ZIP_TRUNCATE, NULL);
    fz_assert(zip);
    add(zip, "[Content_Types].xml", fz_str_of(types));
    add(zip, "_rels/.rels", fz_str_of(root));
    add(zip, "xl/_rels/workbook.xml.rels", fz_str_of(relations));
    for (size_t i = 0; i < FZ_COUNT(names); i++)
        add(zip, names[i], parts.n ? take_part(&parts) : FZ_STR("<x/>"));
    its_book = parts.n ? take_part(&parts) : fz_str_of(book);
    add(zip, "xl/workbook.xml", its_book);
    fz_assert(zip_close(zip) == 0 && zip_source_stat(archive, &st) == 0);
    bytes = malloc(st.size);
    fz_assert(bytes && zip_source_open(archive) == 0 &&
              zip_source_read(archive, bytes, st.size) == (zip_int64_t)st.size);
    zip_source_close(archive);
    zip_source_free(archive);
    fz_buf_add(out, (fz_str){bytes, st.size});
    free(bytes);
}

static void check_cells(const fz_str *cells, size_t n)
{
    fz_assert(n <= FZ_FIELDS_MAX);
    for (size_t i = 0; i < n; i++)
        fz_assert(fz_utf8_valid(cells[i]));
}

static fz_status read_all(fz_str bytes, struct fz_error *err)
{
    struct fz_xlsx *x;
    fz_str *cells;
    size_t n, header_n;
    uint64_t row;
    fz_status s = fz_xlsx_open_memory(&x, "fuzz", bytes, (fz_str){0}, err);

    if (s != FZ_OK)
        return s;
    check_cells(fz_xlsx_header(x, &header_n), header_n);
    row = fz_xlsx_row(x);
    fz_assert(row && header_n && fz_xlsx_sheet(x).n <= FZ_XML_BYTES_MAX);
    for (bool end = false; s == FZ_OK && !end;) {
        s = fz_xlsx_next(x, &cells, &n, &end, err);
        if (s != FZ_OK || end)
            continue;
        check_cells(cells, n);
        fz_assert(n >= header_n && fz_xlsx_row(x) > row);
        row = fz_xlsx_row(x);
    }
    fz_xlsx_close(x);
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fz_str bytes = {(const char *)data, size};
    struct fz_buf made = {0};
    struct fz_error err = {0};
    fz_status s;

    if (size && !fz_str_starts(bytes, "PK") && !fz_str_starts(bytes, "\xD0\xCF"))
        make_zip(bytes, &made);
    s = read_all(made.n ? fz_buf_str(&made) : bytes, &err);
    fz_assert(s == FZ_OK || (s == err.status && err.text[0]));
    fz_buf_release(&made);
    return 0;
}
