#include "base/diag.h"

#include <stdlib.h>

static const struct fz_diag_row rows[] = {
#define FZ_DIAG(id, name, severity, en, zh, help) {name, en, zh, help, severity},
#include "base/diag.def"
#undef FZ_DIAG
};

const struct fz_diag_row *fz_diag_row(fz_diag_id id)
{
    fz_assert((size_t)id < FZ_COUNT(rows));
    return &rows[id];
}

void fz_diags_init(struct fz_diags *d, struct fz_arena *arena)
{
    *d = (struct fz_diags){.arena = arena};
}

static bool same_place(const struct fz_diag *d, fz_diag_id id, fz_span at)
{
    return d->id == id && d->span.source == at.source && d->span.line == at.line && d->span.col == at.col;
}

struct fz_diag *fz_diag_add(struct fz_diags *d, fz_diag_id id, fz_span at, fz_str a0, fz_str a1, fz_str a2)
{
    const struct fz_diag_row *row = fz_diag_row(id);
    struct fz_diag *item;

    for (size_t i = 0; at.source && i < d->n; i++)
        if (same_place(&d->items[i], id, at) && fz_str_eq(d->items[i].args[0], a0) && row->severity != FZ_NOTE)
            return &d->items[i];
    d->errors += row->severity == FZ_ERROR;
    d->warnings += row->severity == FZ_WARNING;
    if (d->n >= FZ_DIAGS_MAX) {
        d->dropped++;
        return FZ_NEW(d->arena, struct fz_diag); /* counted, not kept: the caller may still write to it */
    }
    item = &FZ_PUSH(d->arena, d, items, n, cap);
    *item = (struct fz_diag){.id = id,
                             .span = at,
                             .args = {fz_str_copy(d->arena, a0), fz_str_copy(d->arena, a1), fz_str_copy(d->arena, a2)}};
    return item;
}

static int by_place(const struct fz_diag *a, const struct fz_diag *b)
{
    if (a->span.source != b->span.source) {
        const char *an = a->span.source ? a->span.source->name : "", *bn = b->span.source ? b->span.source->name : "";
        int order = strcmp(an, bn);

        if (order)
            return order;
    }
    if (a->span.line != b->span.line)
        return a->span.line < b->span.line ? -1 : 1;
    return (a->span.col > b->span.col) - (a->span.col < b->span.col);
}

static bool is_note(const struct fz_diag *d)
{
    return fz_diag_row(d->id)->severity == FZ_NOTE;
}

/* A problem and the notes after it move as one. Insertion keeps equals in order; there are at most FZ_DIAGS_MAX. */
void fz_diags_sort(struct fz_diags *d)
{
    for (size_t i = 0, end; i < d->n; i = end) {
        size_t to = i, len;

        for (end = i + 1; end < d->n && is_note(&d->items[end]);)
            end++;
        len = end - i;
        while (to > 0) {
            size_t head = to - 1;

            while (head > 0 && is_note(&d->items[head]))
                head--;
            if (by_place(&d->items[head], &d->items[i]) <= 0)
                break;
            to = head;
        }
        for (size_t k = 0; k < len; k++) {
            struct fz_diag moved = d->items[i + k];

            memmove(&d->items[to + k + 1], &d->items[to + k], (i - to) * sizeof(moved));
            d->items[to + k] = moved;
        }
    }
}

static void message(const struct fz_diag *d, fz_language lang, struct fz_buf *out)
{
    const struct fz_diag_row *row = fz_diag_row(d->id);

    for (const char *p = lang == FZ_ZH ? row->zh : row->en; *p; p++) {
        if (p[0] == '{' && p[1] >= '0' && p[1] < '0' + FZ_DIAG_ARGS && p[2] == '}') {
            int i = p[1] - '0';

            fz_buf_add(out, lang == FZ_ZH && d->zh[i] ? fz_str_of(d->zh[i]) : d->args[i]);
            p += 2;
        } else {
            fz_buf_addc(out, *p);
        }
    }
}

static fz_str line_of(fz_str text, uint32_t line)
{
    const char *p = text.p, *end = text.p + text.n, *stop;

    while (--line && p < end) {
        const char *nl = memchr(p, '\n', (size_t)(end - p));

        p = nl ? nl + 1 : end;
    }
    stop = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
    return (fz_str){p, (size_t)((stop ? stop : end) - p)};
}

/* The first `chars` characters of `s`. */
static fz_str prefix(fz_str s, size_t chars)
{
    uint32_t cp;
    size_t at = 0;

    while (chars-- && at < s.n) {
        size_t n = fz_utf8_next((fz_str){s.p + at, s.n - at}, &cp);

        at += n ? n : 1;
    }
    return (fz_str){s.p, at};
}

static void repeat(struct fz_buf *out, char c, size_t n)
{
    while (n--)
        fz_buf_addc(out, c);
}

/* A file's own bytes do not get to steer a terminal: what is malformed or a control becomes U+FFFD, a tab a blank. */
static void printable(fz_str s, struct fz_buf *out)
{
    uint32_t cp = 0;

    for (size_t n; s.n; s.p += n, s.n -= n) {
        n = fz_utf8_next(s, &cp);
        if (n == 0 || ((cp < 0x20 || (cp >= 0x7F && cp < 0xA0)) && cp != '\t' && cp != '\r'))
            fz_buf_addz(out, "\xEF\xBF\xBD");
        else if (cp == '\t')
            fz_buf_addc(out, ' ');
        else if (cp != '\r')
            fz_buf_add(out, (fz_str){s.p, n});
        n = n ? n : 1;
    }
}

/* The line, and below it a mark as wide as what it marks: 汉字 take two cells. */
static void marked_line(fz_span at, struct fz_buf *out)
{
    fz_str line = line_of(at.source->text, at.line), before = prefix(line, at.col - 1), marked;
    size_t width;

    if (line.n > 400)
        return;
    marked = prefix((fz_str){line.p + before.n, line.n - before.n}, at.len ? at.len : 1);
    width = fz_utf8_cells(marked);
    fz_buf_addz(out, "    ");
    printable(line, out);
    fz_buf_addz(out, "\n    ");
    repeat(out, ' ', fz_utf8_cells(before));
    repeat(out, '^', width ? width : 1);
    fz_buf_addc(out, '\n');
}

void fz_diags_print(const struct fz_diags *d, fz_language lang, struct fz_buf *out)
{
    static const char *const words[2][3] = {{"note", "warning", "error"}, {"说明", "警告", "错误"}};

    for (size_t i = 0; i < d->n; i++) {
        const struct fz_diag *item = &d->items[i];
        const struct fz_diag_row *row = fz_diag_row(item->id);

        if (item->span.source)
            fz_buf_printf(out, "%s:%u:%u: ", item->span.source->name, item->span.line, item->span.col);
        fz_buf_printf(out, "%s[%s]: ", words[lang][row->severity], row->id);
        message(item, lang, out);
        fz_buf_addc(out, '\n');
        if (item->span.source && item->span.line)
            marked_line(item->span, out);
        fz_buf_add(out, item->trace);
    }
    if (d->dropped)
        fz_buf_printf(out, lang == FZ_ZH ? "另有%zu个问题未列出\n" : "%zu more problems are not listed\n", d->dropped);
}
