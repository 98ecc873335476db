/*
 * A window of bytes slides over the input. The record in hand begins at `at`; find_end() looks for its end and calls
 * fill() for more, which moves the record to the front of the window, so everything found is an offset from `at`.
 * The record given last stays in the window until the next call, for its fields are views into it.
 * Only when a record lies whole in the window is it split: one without any quote by plain separators, one with quotes
 * byte by byte, the text within quotes moved down over the doubled ones.
 *
 * The window has room for the longest record and one more reading, so it never grows, and a record that fills it up
 * is too long.
 */
#include "io/csv.h"

#include <stdlib.h>

#define CHUNK_BYTES (64u << 10)
#define CLOSED 256 /* no byte: a closing quote, in what find_end_quoted() saw before */
#define WINDOW_BYTES (FZ_LINE_BYTES_MAX + CHUNK_BYTES)

struct fz_csv {
    struct fz_input *in;
    char separator;
    bool input_end;
    uint64_t line; /* of window[at], where the record in hand begins */
    size_t at, n;
    size_t given_n;        /* bytes of the record given last, its line end included */
    uint64_t given_lines;  /* line ends in it */
    struct fz_arena arena; /* the header */
    fz_str *header;
    size_t header_n;
    fz_str fields[FZ_FIELDS_MAX];
    char window[WINDOW_BYTES];
};

/* A record as find_end() saw it. */
struct record {
    size_t text_n;  /* bytes without its line end */
    size_t full_n;  /* bytes with it; 0 when the input has ended */
    uint64_t lines; /* line ends in it, its own included */
    bool quoted;    /* holds a quote somewhere */
};

static fz_status too_long(const struct fz_csv *c, uint64_t open_line, struct fz_error *err)
{
    const char *name = fz_input_name(c->in);
    unsigned long long line = c->line;

    if (open_line)
        return fz_fail(err, FZ_E_TOO_LARGE,
                       "%s:%llu: the record is longer than %u bytes; was the quote on line %llu closed?", name, line,
                       FZ_LINE_BYTES_MAX, (unsigned long long)open_line);
    return fz_fail(err, FZ_E_TOO_LARGE, "%s:%llu: the record is longer than %u bytes", name, line, FZ_LINE_BYTES_MAX);
}

/* Adds bytes behind the window's, or sets input_end. `open_line`: where a quote is open, else 0. */
static fz_status fill(struct fz_csv *c, uint64_t open_line, struct fz_error *err)
{
    size_t got, left = c->n - c->at;

    if (left > FZ_LINE_BYTES_MAX)
        return too_long(c, open_line, err);
    memmove(c->window, c->window + c->at, left);
    c->at = 0;
    c->n = left;
    FZ_TRY(fz_input_read(c->in, c->window + left, CHUNK_BYTES, &got, err));
    c->n += got;
    c->input_end = got == 0;
    return FZ_OK;
}

/* ---- the end of a record ---- */

/* Offset of the first line end; everything available when the input ends before. */
static fz_status find_line_end(struct fz_csv *c, size_t *out_at, struct fz_error *err)
{
    const char *p;
    size_t from = 0;

    while (!(p = memchr(c->window + c->at + from, '\n', c->n - c->at - from)) && !c->input_end) {
        from = c->n - c->at;
        FZ_TRY(fill(c, 0, err));
    }
    *out_at = p ? (size_t)(p - c->window) - c->at : c->n - c->at;
    return FZ_OK;
}

/* Offset of the first line end outside of quotes. The second of two doubled quotes opens what the first closed. */
static fz_status find_end_quoted(struct fz_csv *c, size_t *out_at, uint64_t *out_lines, struct fz_error *err)
{
    bool inside = false;
    int before = c->separator;
    uint64_t lines = 0, open_line = 0;
    size_t i = 0;

    for (;;) {
        char ch;

        if (i == c->n - c->at && !c->input_end)
            FZ_TRY(fill(c, inside ? open_line : 0, err));
        if (i == c->n - c->at)
            break;
        ch = c->window[c->at + i];
        if (inside) {
            inside = ch != '"';
            lines += ch == '\n';
            before = inside ? ch : CLOSED;
        } else if (ch == '"' && (before == c->separator || before == CLOSED)) {
            open_line = before == CLOSED ? open_line : c->line + lines;
            inside = true;
        } else if (ch == '\n') {
            break;
        } else {
            before = ch;
        }
        i++;
    }
    if (inside)
        return fz_fail(err, FZ_E_INPUT, "%s:%llu: the quote opened here is never closed", fz_input_name(c->in),
                       (unsigned long long)open_line);
    *out_at = i;
    *out_lines = lines;
    return FZ_OK;
}

static fz_status find_end(struct fz_csv *c, struct record *r, struct fz_error *err)
{
    size_t end;

    *r = (struct record){0};
    FZ_TRY(find_line_end(c, &end, err));
    r->quoted = memchr(c->window + c->at, '"', end) != NULL;
    if (r->quoted)
        FZ_TRY(find_end_quoted(c, &end, &r->lines, err));
    if (end > FZ_LINE_BYTES_MAX)
        return too_long(c, 0, err);
    r->text_n = end && c->window[c->at + end - 1] == '\r' ? end - 1 : end;
    r->full_n = end;
    if (c->at + end < c->n) {
        r->full_n++;
        r->lines++;
    }
    return FZ_OK;
}

/* ---- its fields ---- */

static fz_status too_many(const struct fz_csv *c, struct fz_error *err)
{
    return fz_fail(err, FZ_E_TOO_LARGE, "%s:%llu: the record has more than %d fields", fz_input_name(c->in),
                   (unsigned long long)c->line, FZ_FIELDS_MAX);
}

static fz_status split_plain(struct fz_csv *c, char *p, size_t n, size_t *out_n, struct fz_error *err)
{
    const char *end = p + n, *start = p;
    size_t fields = 0;

    /* Fields are short: a plain walk is quicker than a search from each to the next. */
    for (const char *q = p; q < end; q++) {
        if (*q != c->separator)
            continue;
        if (fields == FZ_FIELDS_MAX - 1)
            return too_many(c, err);
        c->fields[fields++] = (fz_str){start, (size_t)(q - start)};
        start = q + 1;
    }
    c->fields[fields++] = (fz_str){start, (size_t)(end - start)};
    *out_n = fields;
    return FZ_OK;
}

/* Takes the field whose opening quote is at `p[*i]` and moves its text together; `*i` ends behind the closing quote. */
static fz_str take_quoted(char *p, size_t n, size_t *i)
{
    size_t from = *i + 1, to = from;
    char *start = p + from;

    for (;;) {
        const char *quote = memchr(p + from, '"', n - from);
        size_t part;

        fz_assert(quote);
        part = (size_t)(quote - p) - from;
        memmove(p + to, p + from, part);
        to += part;
        from += part + 1;
        if (from == n || p[from] != '"')
            break;
        p[to++] = '"';
        from++;
    }
    *i = from;
    return (fz_str){start, (size_t)(p + to - start)};
}

static fz_str take_bare(const char *p, size_t n, size_t *i, char separator)
{
    const char *start = p + *i;
    const char *end = memchr(start, separator, n - *i);

    *i = end ? (size_t)(end - p) : n;
    return (fz_str){start, (size_t)(p + *i - start)};
}

static fz_status split_quoted(struct fz_csv *c, char *p, size_t n, size_t *out_n, struct fz_error *err)
{
    size_t fields = 0;

    for (size_t i = 0;; i++) {
        if (fields == FZ_FIELDS_MAX)
            return too_many(c, err);
        c->fields[fields++] = i < n && p[i] == '"' ? take_quoted(p, n, &i) : take_bare(p, n, &i, c->separator);
        if (i == n)
            break;
        if (p[i] != c->separator)
            return fz_fail(err, FZ_E_INPUT, "%s:%llu: field %zu goes on behind its closing quote", fz_input_name(c->in),
                           (unsigned long long)c->line, fields);
    }
    *out_n = fields;
    return FZ_OK;
}

/* ---- the door ---- */

fz_status fz_csv_next(struct fz_csv *csv, fz_str **out_fields, size_t *out_n, bool *out_end, struct fz_error *err)
{
    struct record r;
    size_t n = 0;
    char *text;

    do {
        csv->at += csv->given_n;
        csv->line += csv->given_lines;
        csv->given_n = csv->given_lines = 0;
        FZ_TRY(find_end(csv, &r, err));
        csv->given_n = r.full_n;
        csv->given_lines = r.lines;
    } while (r.text_n == 0 && r.full_n != 0);
    text = csv->window + csv->at;
    if (r.full_n)
        FZ_TRY((r.quoted ? split_quoted : split_plain)(csv, text, r.text_n, &n, err));
    *out_fields = csv->fields;
    *out_n = n;
    *out_end = r.full_n == 0;
    return FZ_OK;
}

/* Counts each kind of separator outside of quotes, up to the first line end there. */
static char detect_separator(const char *p, size_t n)
{
    static const char kinds[] = {',', ';', '\t'};
    size_t counts[FZ_COUNT(kinds)] = {0}, best = 0;
    bool inside = false;

    for (size_t i = 0; i < n && (inside || p[i] != '\n'); i++) {
        inside = p[i] == '"' ? !inside : inside;
        for (size_t k = 0; k < FZ_COUNT(kinds) && !inside; k++)
            counts[k] += p[i] == kinds[k];
    }
    for (size_t k = 1; k < FZ_COUNT(kinds); k++)
        best = counts[k] > counts[best] ? k : best;
    return kinds[best];
}

static fz_status read_header(struct fz_csv *c, char separator, struct fz_error *err)
{
    fz_str *fields;
    size_t n;
    bool end;

    FZ_TRY(fill(c, 0, err));
    c->separator = separator ? separator : detect_separator(c->window, c->n);
    FZ_TRY(fz_csv_next(c, &fields, &n, &end, err));
    if (end)
        return fz_fail(err, FZ_E_INPUT, "%s: the file is empty, a header is wanted", fz_input_name(c->in));
    c->header = FZ_NEW_ARRAY(&c->arena, fz_str, n);
    for (size_t i = 0; i < n; i++)
        c->header[i] = fz_str_copy(&c->arena, fields[i]);
    c->header_n = n;
    return FZ_OK;
}

fz_status fz_csv_open(struct fz_csv **out_csv, struct fz_input *in, char separator, struct fz_error *err)
{
    struct fz_csv *c = malloc(sizeof(*c));
    fz_status s;

    fz_assert(separator != '"' && separator != '\n' && separator != '\r');
    if (!c)
        return fz_fail(err, FZ_E_NOMEM, "%s: memory ran out", fz_input_name(in));
    /* The window stays as malloc() gave it: most of it is never touched. */
    memset(c, 0, offsetof(struct fz_csv, fields));
    c->in = in;
    c->line = 1;
    fz_arena_init(&c->arena);
    s = read_header(c, separator, err);
    if (s != FZ_OK) {
        fz_csv_close(c);
        return s;
    }
    *out_csv = c;
    return FZ_OK;
}

uint64_t fz_csv_line(const struct fz_csv *csv)
{
    return csv->line;
}

const fz_str *fz_csv_header(const struct fz_csv *csv, size_t *out_n)
{
    *out_n = csv->header_n;
    return csv->header;
}

bool fz_csv_column(const struct fz_csv *csv, fz_str name, size_t *out_index)
{
    for (size_t i = 0; i < csv->header_n; i++)
        if (fz_str_eq(csv->header[i], name)) {
            *out_index = i;
            return true;
        }
    return false;
}

char fz_csv_separator(const struct fz_csv *csv)
{
    return csv->separator;
}

void fz_csv_close(struct fz_csv *csv)
{
    if (!csv)
        return;
    fz_arena_release(&csv->arena);
    free(csv);
}
