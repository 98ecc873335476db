#include "report/qr.h"

#include <errno.h>
#include <stdlib.h>

#include <qrencode.h>

#define QUIET 4

static const QRecLevel levels[] = {QR_ECLEVEL_L, QR_ECLEVEL_M, QR_ECLEVEL_Q, QR_ECLEVEL_H};

/* The library finds the smallest version by itself and, within the text, where letters and digits pack closer than bytes. */
static QRcode *encode(const char *z, QRecLevel level)
{
    return QRcode_encodeString(z, 0, level, QR_MODE_8, 1);
}

static QRcode *smallest(const char *z)
{
    QRcode *best = encode(z, levels[0]);

    for (size_t i = 1; best && i < FZ_COUNT(levels); i++) {
        QRcode *stronger = encode(z, levels[i]);

        if (!stronger || stronger->version > best->version) {
            QRcode_free(stronger);
            break;
        }
        QRcode_free(best);
        best = stronger;
    }
    return best;
}

static bool dark(const QRcode *code, int x, int y)
{
    return code->data[y * code->width + x] & 1;
}

/* Each run of dark modules in a row is one rectangle, placed from the one before: M to its corner, right, down, left. */
static void add_path(struct fz_buf *out, const QRcode *code)
{
    for (int y = 0; y < code->width; y++)
        for (int x = 0; x < code->width; x++) {
            int from = x;

            while (x < code->width && dark(code, x, y))
                x++;
            if (x > from)
                fz_buf_printf(out, "M%d %dh%dv1h-%dz", from + QUIET, y + QUIET, x - from, x - from);
        }
}

fz_status fz_qr_svg(struct fz_buf *out, fz_str text, fz_str label, struct fz_error *err)
{
    struct fz_arena arena;
    QRcode *code;
    int side;

    if (text.n == 0 || memchr(text.p, '\0', text.n))
        return fz_fail(err, FZ_E_INPUT, "a QR code takes a text that is not empty");
    fz_arena_init(&arena);
    code = smallest(fz_str_z(&arena, text));
    fz_arena_release(&arena);
    if (!code)
        return errno == ENOMEM ? fz_fail(err, FZ_E_NOMEM, "memory ran out")
                               : fz_fail(err, FZ_E_TOO_LARGE, "a text of %zu bytes is too long for a QR code", text.n);
    side = code->width + 2 * QUIET;
    fz_buf_printf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"",
                  side, side);
    fz_buf_html(out, label);
    fz_buf_printf(out, "\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"", side,
                  side);
    add_path(out, code);
    fz_buf_addz(out, "\"/></svg>");
    QRcode_free(code);
    return FZ_OK;
}
