/*
 * Any bytes as an XES log, packed or not, in any encoding. Either they are refused with a text, or every key and value is
 * well-formed UTF-8, lines do not go back, and the events written out again are read back the same.
 */
#include <stdint.h>

#include "io/xes.h"

#define AGAIN_BYTES_MAX (256u << 10) /* what unpacks to more is read once only */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_text(struct fz_buf *out, fz_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || memchr("&<>\"", s.p[i], 4))
            fz_buf_printf(out, "&#%d;", s.p[i]);
        else
            fz_buf_addc(out, s.p[i]);
}

static void write_attributes(struct fz_buf *out, const struct fz_xes_attribute *a, size_t n)
{
    static const char *const words[] = {"string", "date", "int", "float", "boolean", "id"};

    fz_assert(n <= FZ_XML_ATTRIBUTES_MAX);
    for (size_t i = 0; i < n; i++) {
        fz_assert(fz_utf8_valid(a[i].key) && fz_utf8_valid(a[i].value));
        fz_buf_printf(out, "<%s key=\"", words[a[i].type]);
        write_text(out, a[i].key);
        fz_buf_addz(out, "\" value=\"");
        write_text(out, a[i].value);
        fz_buf_addz(out, "\"/>");
    }
}

/* Each event in a trace of its own: that is what its reader is told as well. */
static void write_event(struct fz_buf *out, const struct fz_xes_event *e)
{
    if (e->trace_line) {
        fz_buf_addz(out, "<trace>");
        write_attributes(out, e->trace, e->trace_n);
    }
    if (!e->bare) {
        fz_buf_addz(out, "<event>");
        write_attributes(out, e->attributes, e->attributes_n);
        fz_buf_addz(out, "</event>");
    }
    if (e->trace_line)
        fz_buf_addz(out, "</trace>");
}

static fz_status copy_events(struct fz_xes *x, struct fz_buf *out, struct fz_error *err)
{
    struct fz_xes_event e;
    uint64_t line = 0;

    for (bool end = false;;) {
        FZ_TRY(fz_xes_next(x, &e, &end, err));
        if (end)
            return FZ_OK;
        fz_assert(e.trace_line <= e.line && (e.trace_line || e.trace_n == 0) && e.line >= line);
        line = e.line;
        if (out->n <= AGAIN_BYTES_MAX)
            write_event(out, &e);
    }
}

static fz_status copy_file(fz_str bytes, struct fz_buf *out, struct fz_error *err)
{
    struct fz_input *in;
    struct fz_xes *x;
    fz_status s = fz_input_open_memory(&in, "fuzz", bytes, err);

    if (s != FZ_OK)
        return s;
    s = fz_xes_open(&x, in, err);
    if (s == FZ_OK) {
        fz_buf_addz(out, "\xEF\xBB\xBF<log>");
        s = copy_events(x, out, err);
        fz_buf_addz(out, "</log>");
        fz_xes_close(x);
    }
    fz_input_close(in);
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fz_buf once = {0}, twice = {0};
    struct fz_error err = {0};
    fz_status s = copy_file((fz_str){(const char *)data, size}, &once, &err);

    fz_assert(s == FZ_OK || (s == err.status && err.text[0]));
    if (s == FZ_OK && once.n <= AGAIN_BYTES_MAX) {
        fz_assert(copy_file(fz_buf_str(&once), &twice, &err) == FZ_OK);
        fz_assert(fz_str_eq(fz_buf_str(&once), fz_buf_str(&twice)));
    }
    fz_buf_release(&once);
    fz_buf_release(&twice);
    return 0;
}
