#include "base/base.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

void fz_assert_failed(const char *cond, const char *file, int line)
{
    fprintf(stderr, "fazhi: bug: %s does not hold at %s:%d\n", cond, file, line);
    abort();
}

static _Noreturn void out_of_memory(void)
{
    fputs("fazhi: memory ran out\n", stderr);
    _Exit(3);
}

/* ---- strings ---- */

fz_str fz_str_of(const char *z)
{
    return (fz_str){z, z ? strlen(z) : 0};
}

bool fz_str_eq(fz_str a, fz_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool fz_str_is(fz_str a, const char *z)
{
    return fz_str_eq(a, fz_str_of(z));
}

int fz_str_cmp(fz_str a, fz_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;

    return order ? order : (a.n > b.n) - (a.n < b.n);
}

bool fz_str_starts(fz_str s, const char *prefix)
{
    size_t n = strlen(prefix);

    return s.n >= n && memcmp(s.p, prefix, n) == 0;
}

bool fz_str_ends(fz_str s, const char *suffix)
{
    size_t n = strlen(suffix);

    return s.n >= n && memcmp(s.p + s.n - n, suffix, n) == 0;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

fz_str fz_str_trim(fz_str s)
{
    while (s.n && blank(s.p[0]))
        s.p++, s.n--;
    while (s.n && blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

bool fz_str_int(fz_str s, int64_t *out)
{
    bool negative = s.n && s.p[0] == '-';
    size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
    int64_t v = 0;

    if (i >= s.n)
        return false;
    for (; i < s.n; i++) {
        if (!fz_is_digit(s.p[i]))
            return false;
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, s.p[i] - '0', &v))
            return false;
    }
    if (!negative && v == INT64_MIN)
        return false;
    *out = negative ? v : -v;
    return true;
}

size_t fz_utf8_next(fz_str s, uint32_t *out_cp)
{
    const unsigned char *p = (const unsigned char *)s.p;
    uint32_t cp;
    size_t n;

    if (s.n == 0)
        return 0;
    if (p[0] < 0x80) {
        *out_cp = p[0];
        return 1;
    }
    n = p[0] >= 0xC2 && p[0] < 0xE0 ? 2 : (p[0] & 0xF0) == 0xE0 ? 3 : p[0] >= 0xF0 && p[0] < 0xF5 ? 4 : 0;
    if (n == 0 || s.n < n)
        return 0;
    cp = p[0] & (0xFFu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        cp = cp << 6 | (p[i] & 0x3Fu);
    }
    if ((n == 3 && (cp < 0x800 || (cp >= 0xD800 && cp < 0xE000))) || (n == 4 && (cp < 0x10000 || cp > 0x10FFFF)))
        return 0;
    *out_cp = cp;
    return n;
}

/* Whether the first eight bytes, which are there, are all ASCII. */
static bool eight_are_ascii(const char *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof(word));
    return (word & UINT64_C(0x8080808080808080)) == 0;
}

bool fz_utf8_valid(fz_str s)
{
    uint32_t cp;

    for (size_t n; s.n; s.p += n, s.n -= n) {
        n = s.n >= 8 && eight_are_ascii(s.p) ? 8 : fz_utf8_next(s, &cp);
        if (n == 0)
            return false;
    }
    return true;
}

size_t fz_utf8_count(fz_str s)
{
    uint32_t cp;
    size_t count = 0;

    for (size_t n; s.n; s.p += n, s.n -= n, count++)
        if ((n = fz_utf8_next(s, &cp)) == 0)
            n = 1;
    return count;
}

/* Wide and full-width blocks of Unicode's East Asian Width, as far as legal texts reach. */
static size_t cells_of(uint32_t cp)
{
    if ((cp >= 0x300 && cp < 0x370) || cp == 0x200B || cp == 0xFEFF)
        return 0;
    return (cp >= 0x1100 && cp < 0x1160) || (cp >= 0x2E80 && cp < 0xA4D0 && cp != 0x303F) ||
                   (cp >= 0xAC00 && cp < 0xD7A4) || (cp >= 0xF900 && cp < 0xFB00) || (cp >= 0xFE30 && cp < 0xFE70) ||
                   (cp >= 0xFF00 && cp < 0xFF61) || (cp >= 0xFFE0 && cp < 0xFFE7) || (cp >= 0x1F300 && cp < 0x1F650) ||
                   (cp >= 0x20000 && cp < 0x40000)
               ? 2
               : 1;
}

size_t fz_utf8_cells(fz_str s)
{
    uint32_t cp = 0;
    size_t cells = 0;

    for (size_t n; s.n; s.p += n, s.n -= n) {
        n = fz_utf8_next(s, &cp);
        cells += n ? cells_of(cp) : 1;
        n = n ? n : 1;
    }
    return cells;
}

/* ---- arena ----
 * A chunk is a header and its bytes; allocations go up from `used`. Sanitizer builds give each allocation a chunk of
 * its own, so that an overrun is seen. */

struct fz_arena_chunk {
    struct fz_arena_chunk *next;
    size_t used, cap;
    _Alignas(16) char bytes[];
};

#if defined(__SANITIZE_ADDRESS__)
#define CHUNK_BYTES 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHUNK_BYTES 0
#endif
#endif
#ifndef CHUNK_BYTES
#define CHUNK_BYTES (64u << 10)
#endif

void fz_arena_init(struct fz_arena *a)
{
    fz_arena_init_small(a, 0);
}

void fz_arena_init_small(struct fz_arena *a, size_t first_bytes)
{
    *a = (struct fz_arena){.first_bytes = first_bytes};
}

static void free_chunks(struct fz_arena_chunk *c)
{
    while (c) {
        struct fz_arena_chunk *next = c->next;

        free(c);
        c = next;
    }
}

void fz_arena_release(struct fz_arena *a)
{
    if (!a)
        return;
    free_chunks(a->chunk);
    a->chunk = NULL;
}

void fz_arena_reset(struct fz_arena *a)
{
    struct fz_arena_chunk *keep = a->chunk;

    if (!keep)
        return;
    if (CHUNK_BYTES == 0) {
        fz_arena_release(a);
        return;
    }
    free_chunks(keep->next);
    keep->next = NULL;
    keep->used = 0;
}

void *fz_alloc(struct fz_arena *a, size_t bytes)
{
    size_t need = (bytes + 15) & ~(size_t)15;
    struct fz_arena_chunk *c = a->chunk;
    void *p;

    if (bytes > SIZE_MAX / 2)
        out_of_memory();
    if (!c || c->cap - c->used < need) {
        /* Chunks double, so that an arena of n bytes has log n of them. */
        size_t first = a->first_bytes && CHUNK_BYTES ? a->first_bytes : CHUNK_BYTES, cap = c && CHUNK_BYTES ? c->cap * 2 : first;

        cap = cap < need ? need : cap;
        c = malloc(sizeof(*c) + cap);
        if (!c)
            out_of_memory();
        *c = (struct fz_arena_chunk){.next = a->chunk, .cap = cap};
        a->chunk = c;
    }
    p = c->bytes + c->used;
    c->used += need;
    return memset(p, 0, need);
}

void *fz_alloc_array(struct fz_arena *a, size_t count, size_t each_bytes)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, each_bytes, &bytes))
        out_of_memory();
    return fz_alloc(a, bytes);
}

fz_str fz_str_copy(struct fz_arena *a, fz_str s)
{
    char *p = fz_alloc(a, s.n + 1);

    if (s.n)
        memcpy(p, s.p, s.n);
    return (fz_str){p, s.n};
}

char *fz_str_z(struct fz_arena *a, fz_str s)
{
    return (char *)fz_str_copy(a, s).p;
}

fz_str fz_str_printf(struct fz_arena *a, const char *fmt, ...)
{
    struct fz_buf b = {0};
    va_list ap;
    fz_str s;

    va_start(ap, fmt);
    fz_buf_vprintf(&b, fmt, ap);
    va_end(ap);
    s = fz_str_copy(a, fz_buf_str(&b));
    fz_buf_release(&b);
    return s;
}

void *fz_grow(struct fz_arena *a, const void *old, size_t each_bytes, size_t n, size_t *cap)
{
    size_t bigger = *cap ? *cap * 2 : 8;
    void *p = fz_alloc_array(a, bigger, each_bytes);

    if (n)
        memcpy(p, old, n * each_bytes);
    *cap = bigger;
    return p;
}

/* ---- buffer ---- */

void fz_buf_release(struct fz_buf *b)
{
    if (!b)
        return;
    free(b->p);
    *b = (struct fz_buf){0};
}

void fz_buf_reset(struct fz_buf *b)
{
    b->n = 0;
}

void fz_buf_reserve(struct fz_buf *b, size_t more)
{
    size_t need;

    if (__builtin_add_overflow(b->n, more + 1, &need))
        out_of_memory();
    if (need <= b->cap)
        return;
    b->cap = need > b->cap * 2 ? need : b->cap * 2;
    b->p = realloc(b->p, b->cap);
    if (!b->p)
        out_of_memory();
}

void fz_buf_add(struct fz_buf *b, fz_str s)
{
    fz_buf_reserve(b, s.n);
    if (s.n)
        memcpy(b->p + b->n, s.p, s.n);
    b->n += s.n;
    b->p[b->n] = '\0';
}

void fz_buf_addz(struct fz_buf *b, const char *z)
{
    fz_buf_add(b, fz_str_of(z));
}

void fz_buf_addc(struct fz_buf *b, char c)
{
    fz_buf_reserve(b, 1);
    b->p[b->n++] = c;
    b->p[b->n] = '\0';
}

void fz_buf_int(struct fz_buf *b, int64_t n)
{
    char digits[20];
    size_t at = sizeof(digits);
    uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;

    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (n < 0)
        digits[--at] = '-';
    fz_buf_add(b, (fz_str){digits + at, sizeof(digits) - at});
}

void fz_buf_vprintf(struct fz_buf *b, const char *fmt, va_list ap)
{
    va_list again;
    int n;

    fz_assert(fmt);
    va_copy(again, ap);
    fz_buf_reserve(b, 0);
    n = vsnprintf(b->p + b->n, b->cap - b->n, fmt, ap);
    fz_assert(n >= 0);
    if ((size_t)n >= b->cap - b->n) { /* it did not fit */
        fz_buf_reserve(b, (size_t)n);
        vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
    }
    va_end(again);
    b->n += (size_t)n;
}

void fz_buf_printf(struct fz_buf *b, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fz_buf_vprintf(b, fmt, ap);
    va_end(ap);
}

void fz_buf_json(struct fz_buf *b, fz_str s)
{
    uint32_t cp;

    fz_buf_addc(b, '"');
    for (size_t n; s.n; s.p += n, s.n -= n) {
        n = fz_utf8_next(s, &cp);
        if (n == 0) {
            n = 1;
            fz_buf_addz(b, "\xEF\xBF\xBD");
        } else if (cp == '"' || cp == '\\') {
            fz_buf_addc(b, '\\');
            fz_buf_addc(b, (char)cp);
        } else if (cp < 0x20 || cp == 0x7F) {
            fz_buf_printf(b, "\\u%04x", (unsigned)cp);
        } else {
            fz_buf_add(b, (fz_str){s.p, n});
        }
    }
    fz_buf_addc(b, '"');
}

void fz_buf_html(struct fz_buf *b, fz_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '&': fz_buf_addz(b, "&amp;"); break;
        case '<': fz_buf_addz(b, "&lt;"); break;
        case '>': fz_buf_addz(b, "&gt;"); break;
        case '"': fz_buf_addz(b, "&quot;"); break;
        case '\'': fz_buf_addz(b, "&#39;"); break;
        default: fz_buf_addc(b, s.p[i]);
        }
    }
}

void fz_buf_cell(struct fz_buf *b, fz_str s, char separator)
{
    bool formula = s.n && memchr("=+-@\t\r", s.p[0], 6);
    bool quote = false;

    for (size_t i = 0; i < s.n; i++)
        quote |= s.p[i] == separator || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r';
    if (quote)
        fz_buf_addc(b, '"');
    if (formula)
        fz_buf_addc(b, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            fz_buf_addc(b, '"');
        fz_buf_addc(b, s.p[i]);
    }
    if (quote)
        fz_buf_addc(b, '"');
}

fz_str fz_buf_str(const struct fz_buf *b)
{
    return (fz_str){b->p, b->n};
}

/* ---- statuses ---- */

static const struct {
    const char *id;
    int exit_code;
} statuses[] = {
#define X(name, id, code, text) {id, code},
    FZ_STATUS_TABLE(X)
#undef X
};

const char *fz_status_id(fz_status s)
{
    fz_assert((size_t)s < FZ_COUNT(statuses));
    return statuses[s].id;
}

int fz_status_exit(fz_status s)
{
    fz_assert((size_t)s < FZ_COUNT(statuses));
    return statuses[s].exit_code;
}

fz_status fz_fail(struct fz_error *err, fz_status s, const char *fmt, ...)
{
    va_list ap;
    size_t n;

    fz_assert(s != FZ_OK && fmt);
    if (!err)
        return s;
    err->status = s;
    va_start(ap, fmt);
    vsnprintf(err->text, sizeof(err->text), fmt, ap);
    va_end(ap);
    n = strlen(err->text);
    while (n && !fz_utf8_valid((fz_str){err->text, n}) && sizeof(err->text) - n < 5)
        err->text[--n] = '\0';
    return s;
}
