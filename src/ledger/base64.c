#include "ledger/base64_int.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void fz_base64_emit(struct fz_buf *out, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;

    for (size_t i = 0; i < n; i += 3) {
        uint32_t b = (uint32_t)p[i] << 16;
        char four[4];

        b |= i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0;
        b |= i + 2 < n ? p[i + 2] : 0;
        four[0] = digits[b >> 18];
        four[1] = digits[b >> 12 & 63];
        four[2] = i + 1 < n ? digits[b >> 6 & 63] : '=';
        four[3] = i + 2 < n ? digits[b & 63] : '=';
        fz_buf_add(out, (fz_str){four, 4});
    }
}

static int value_of(char c)
{
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* Four digits give three bytes, the last ones perhaps two or one. */
static bool read_four(struct fz_buf *out, const char *four, bool last)
{
    size_t pads = last ? (size_t)(four[3] == '=') + (four[3] == '=' && four[2] == '=') : 0;
    uint32_t b = 0;
    char three[3];

    for (size_t i = 0; i < 4; i++) {
        int v = i < 4 - pads ? value_of(four[i]) : 0;

        if (v < 0)
            return false;
        b = b << 6 | (uint32_t)v;
    }
    if ((pads == 1 && b & 0xFF) || (pads == 2 && b & 0xFFFF))
        return false;
    three[0] = (char)(b >> 16);
    three[1] = (char)(b >> 8);
    three[2] = (char)b;
    fz_buf_add(out, (fz_str){three, 3 - pads});
    return true;
}

bool fz_base64_read(struct fz_buf *out, fz_str text)
{
    size_t was = out->n;
    bool ok = text.n % 4 == 0;

    for (size_t i = 0; ok && i < text.n; i += 4)
        ok = read_four(out, text.p + i, i + 4 == text.n);
    if (!ok)
        out->n = was;
    return ok;
}

bool fz_base64_hash(fz_str text, fz_hash *out)
{
    struct fz_buf bytes = {0};
    bool ok = fz_base64_read(&bytes, text) && bytes.n == FZ_HASH_BYTES;

    if (ok)
        memcpy(out->bytes, bytes.p, FZ_HASH_BYTES);
    fz_buf_release(&bytes);
    return ok;
}
