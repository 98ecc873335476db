#include "ledger/scan_int.h"

#include <inttypes.h>

#include "ledger/tree.h"

static fz_str rest(const struct fz_scan *s)
{
    return (fz_str){s->source->text.p + s->at, s->source->text.n - s->at};
}

fz_span fz_scan_span(const struct fz_source *source, size_t at, size_t n)
{
    fz_span span = {source, 1, 1, 1};
    size_t line = 0, end = source->text.n;

    at = at < end ? at : end;
    for (size_t i = 0; i < at; i++)
        if (source->text.p[i] == '\n') {
            span.line++;
            line = i + 1;
        }
    span.col = (uint32_t)fz_utf8_count((fz_str){source->text.p + line, at - line}) + 1;
    n = n < end - at ? n : end - at;
    span.len = n ? (uint32_t)fz_utf8_count((fz_str){source->text.p + at, n}) : 1;
    return span;
}

bool fz_scan_fail(struct fz_scan *s, fz_diag_id id, size_t at, size_t n, fz_str a0, fz_str a1)
{
    if (!s->failed)
        fz_diag_add(s->diags, id, fz_scan_span(s->source, at, n), a0, a1, (fz_str){0});
    s->failed = true;
    return false;
}

static size_t valid_prefix(fz_str text)
{
    fz_str left = text;
    uint32_t cp;

    for (size_t n; left.n && (n = fz_utf8_next(left, &cp)) > 0; left.p += n, left.n -= n)
        ;
    return text.n - left.n;
}

struct fz_scan fz_scan_begin(struct fz_arena *arena, const struct fz_source *source, size_t bytes_max, bool loose,
                             struct fz_diags *diags)
{
    struct fz_scan s = {.arena = arena, .source = source, .diags = diags, .loose = loose};
    fz_str text = source->text;

    if (text.n > bytes_max) {
        fz_scan_fail(&s, FZ_D_ledger_bytes, 0, 0, fz_str_printf(arena, "%zu", bytes_max), (fz_str){0});
    } else if (!fz_utf8_valid(text)) {
        size_t at = valid_prefix(text);

        fz_scan_fail(&s, FZ_D_ledger_utf8, at, 1, fz_str_printf(arena, "0x%02X", (unsigned char)text.p[at]),
                     (fz_str){0});
    }
    return s;
}

size_t fz_scan_past_blanks(struct fz_scan *s)
{
    fz_str text = s->source->text;

    while (s->at < text.n && strchr(" \t\r\n", text.p[s->at]) && text.p[s->at])
        s->at++;
    return s->at;
}

/* ---- marks and keys ---- */

bool fz_scan_mark(struct fz_scan *s, char mark)
{
    if (!fz_scan_is(s, mark))
        return fz_scan_fail(s, FZ_D_ledger_expected, s->at, 1, (fz_str){&mark, 1}, (fz_str){0});
    s->at++;
    return true;
}

bool fz_scan_take_key(struct fz_scan *s, const char *key, size_t key_bytes, bool first)
{
    size_t was = s->at;
    bool found = first || fz_scan_is(s, ',');

    s->at += !first && found;
    found = found && fz_scan_is(s, '"');
    s->at += found;
    found = found && rest(s).n > key_bytes && memcmp(rest(s).p, key, key_bytes) == 0 && rest(s).p[key_bytes] == '"';
    s->at += found ? key_bytes + 1 : 0;
    found = found && fz_scan_is(s, ':');
    s->at = found ? s->at + 1 : was;
    return found;
}

bool fz_scan_key(struct fz_scan *s, const char *key, bool first)
{
    return fz_scan_take_key(s, key, strlen(key), first) ||
           fz_scan_fail(s, FZ_D_ledger_expected, fz_scan_here(s), 1,
                        fz_str_printf(s->arena, "%s\"%s\":", first ? "" : ",", key), (fz_str){0});
}

bool fz_scan_end(struct fz_scan *s)
{
    size_t at = fz_scan_here(s);

    return !s->failed &&
           (at == s->source->text.n || fz_scan_fail(s, FZ_D_ledger_left_over, at, 1, (fz_str){0}, (fz_str){0}));
}

/* ---- numbers ---- */

bool fz_scan_int(struct fz_scan *s, int64_t min, int64_t max, int64_t *out)
{
    size_t at = fz_scan_here(s);
    fz_str text = rest(s);
    size_t digits = text.n && text.p[0] == '-', n = digits;

    while (n < text.n && fz_is_digit(text.p[n]))
        n++;
    if (n == digits || (text.p[digits] == '0' && n > 1) || !fz_str_int((fz_str){text.p, n}, out) ||
        (n < text.n && strchr(".eE", text.p[n]) && text.p[n]))
        return fz_scan_fail(s, FZ_D_ledger_integer, at, n ? n : 1, (fz_str){0}, (fz_str){0});
    if (*out < min || *out > max)
        return fz_scan_fail(s, FZ_D_ledger_range, at, n, fz_str_printf(s->arena, "%" PRId64, min),
                            fz_str_printf(s->arena, "%" PRId64, max));
    s->at += n;
    return !s->failed;
}

/* ---- texts ---- */

static int hex_digit(char c, bool loose)
{
    if (fz_is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return loose && c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits after \u; -1 when they are none. */
static int32_t unit_at(fz_str t, bool loose)
{
    int32_t unit = 0;

    if (t.n < 6 || t.p[0] != '\\' || t.p[1] != 'u')
        return -1;
    for (size_t i = 2; i < 6; i++) {
        int d = hex_digit(t.p[i], loose);

        if (d < 0)
            return -1;
        unit = unit << 4 | d;
    }
    return unit;
}

static void add_utf8(struct fz_buf *out, uint32_t cp)
{
    char b[4];
    size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;

    for (size_t i = n; i-- > 1; cp >>= 6)
        b[i] = (char)(0x80 | (cp & 0x3F));
    b[0] = (char)(n == 1 ? cp : (0xF00u >> n & 0xFF) | cp);
    fz_buf_add(out, (fz_str){b, n});
}

/* What \uXXXX stands for, a pair of surrogates included; how many bytes it takes, 0 when it is refused. */
static size_t unicode_escape(fz_str t, bool loose, uint32_t *out_cp)
{
    int32_t unit = unit_at(t, loose), low;

    if (unit <= 0)
        return 0;
    *out_cp = (uint32_t)unit;
    if (!loose)
        return unit < 0x20 ? 6 : 0;
    if (unit < 0xD800 || unit > 0xDFFF)
        return 6;
    low = t.n >= 12 ? unit_at((fz_str){t.p + 6, 6}, loose) : -1;
    if (unit > 0xDBFF || low < 0xDC00 || low > 0xDFFF)
        return 0;
    *out_cp = 0x10000 + (((uint32_t)unit & 0x3FF) << 10 | ((uint32_t)low & 0x3FF));
    return 12;
}

static size_t escape(fz_str t, bool loose, uint32_t *out_cp)
{
    static const char short_forms[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *form = t.n > 1 && t.p[1] ? strchr(short_forms, t.p[1]) : NULL;

    if (!form)
        return unicode_escape(t, loose, out_cp);
    *out_cp = (uint32_t)meanings[form - short_forms];
    return loose || form < short_forms + 2 ? 2 : 0;
}

static bool has_byte_below(uint64_t w, uint8_t below)
{
    return ((w - UINT64_C(0x0101010101010101) * below) & ~w & UINT64_C(0x8080808080808080)) != 0;
}

/* How many bytes stand for themselves: up to a quote, a backslash or a control character. Eight at a time. */
static size_t plain_bytes(fz_str t)
{
    size_t n = 0;

    for (uint64_t w; n + 8 <= t.n; n += 8) {
        memcpy(&w, t.p + n, sizeof(w));
        if (has_byte_below(w, 0x20) || has_byte_below(w ^ UINT64_C(0x2222222222222222), 1) ||
            has_byte_below(w ^ UINT64_C(0x5C5C5C5C5C5C5C5C), 1))
            break;
    }
    while (n < t.n && t.p[n] != '"' && t.p[n] != '\\' && (unsigned char)t.p[n] >= 0x20)
        n++;
    return n;
}

/* Up to the quote that closes the text, which begins at s->at. */
static bool unescape(struct fz_scan *s, struct fz_buf *out)
{
    for (;;) {
        fz_str t = rest(s);
        size_t n = plain_bytes(t);
        uint32_t cp;

        fz_buf_add(out, (fz_str){t.p, n});
        s->at += n;
        t = rest(s);
        if (t.n == 0)
            return fz_scan_fail(s, FZ_D_ledger_string, s->at, 1, (fz_str){0}, (fz_str){0});
        if (t.p[0] == '"')
            return true;
        n = t.p[0] == '\\' ? escape(t, s->loose, &cp) : 0;
        if (n == 0)
            return fz_scan_fail(s, FZ_D_ledger_escape, s->at, t.p[0] == '\\' ? 2 : 1, (fz_str){0}, (fz_str){0});
        add_utf8(out, cp);
        s->at += n;
    }
}

bool fz_scan_text(struct fz_scan *s, fz_str *out)
{
    struct fz_buf plain = {0};
    fz_str t;
    size_t n;
    bool ok;

    if (!fz_scan_is(s, '"'))
        return fz_scan_fail(s, FZ_D_ledger_string, s->at, 1, (fz_str){0}, (fz_str){0});
    s->at++;
    t = rest(s);
    n = plain_bytes(t);
    if (n < t.n && t.p[n] == '"') {
        *out = (fz_str){t.p, n};
        s->at += n + 1;
        return true;
    }
    ok = unescape(s, &plain);
    s->at += ok;
    if (ok)
        *out = fz_str_copy(s->arena, fz_buf_str(&plain));
    fz_buf_release(&plain);
    return ok;
}

void fz_emit_text(struct fz_buf *out, fz_str s)
{
    size_t n = plain_bytes(s);

    fz_buf_reserve(out, n + 2);
    out->p[out->n++] = '"';
    if (n)
        memcpy(out->p + out->n, s.p, n);
    out->n += n;
    s.p += n;
    s.n -= n;
    while (s.n) {
        n = plain_bytes(s);

        fz_buf_add(out, (fz_str){s.p, n});
        s.p += n;
        s.n -= n;
        if (s.n == 0)
            break;
        if ((unsigned char)s.p[0] < 0x20)
            fz_buf_printf(out, "\\u%04x", (unsigned)(unsigned char)s.p[0]);
        else
            fz_buf_add(out, (fz_str){(char[]){'\\', s.p[0]}, 2});
        s.p++;
        s.n--;
    }
    fz_buf_addc(out, '"');
}

/* ---- lines ---- */

fz_str fz_line_at(fz_str text, size_t at)
{
    const char *end = at < text.n ? memchr(text.p + at, '\n', text.n - at) : NULL;

    if (at >= text.n)
        return (fz_str){text.p + text.n, 0};
    return (fz_str){text.p + at, end ? (size_t)(end - text.p) - at : text.n - at};
}

bool fz_tree_size_read(fz_str text, uint64_t *out)
{
    int64_t v;

    if (text.n == 0 || !fz_is_digit(text.p[0]) || (text.p[0] == '0' && text.n > 1) || !fz_str_int(text, &v) ||
        v > (int64_t)FZ_TREE_SIZE_MAX)
        return false;
    *out = (uint64_t)v;
    return true;
}
