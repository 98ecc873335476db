/*
 * A workbook is a zip of XML parts. Read in this order, each by one pass of expat:
 *
 *     _rels/.rels            which part is the workbook
 *     WORKBOOK               its sheets by name and relation, and the system of dates
 *     WORKBOOK's .rels       which part each relation is: sheets, shared strings, styles
 *     styles                 which cell formats are dates
 *     shared strings         one block of bytes, and where each begins
 *     the sheet              pulled: the parser is suspended at the end of each row and resumed by the next call
 *
 * Elements are told by their local names: the transitional and the strict form of the standard differ in their namespaces only.
 * A callback cannot return a status: it leaves it in `failed`, the text in the caller's error, and stops the parser.
 *
 * Numbers stand in the file in decimal, as some binary number prints. They stay decimal here: digits, and where the point is.
 */
#include "io/xlsx.h"

#include <errno.h>
#include <expat.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "base/day.h"

#define CHUNK_BYTES (64u << 10)
#define RATIO_FREE_BYTES (1u << 20) /* so little may be packed at any ratio */
#define MAGIC_BYTES 8
#define OLE_MAGIC "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" /* the container of .xls, and of workbooks with a password */
#define OLE_BYTES_LOOKED_AT (64u << 20)
#define SERIAL_MAX 2958465 /* 9999-12-31 in the system of 1900 */
#define DAY_SECONDS 86400

/* A cell as it is collected: a shared string, or bytes of the row. */
struct cell {
    bool shared;
    size_t at, n;
};

struct sheet {
    fz_str name, relation;
};
struct relation {
    fz_str id, target;
    bool strings, styles;
};

typedef enum { CELL_NUMBER, CELL_SHARED, CELL_INLINE, CELL_TEXT, CELL_FLAG, CELL_ERROR, CELL_DATE } cell_type;

struct fz_xlsx {
    char *name;
    zip_t *zip;
    struct fz_arena arena; /* what lives as long as the reader */
    struct {
        struct sheet *items;
        size_t n, cap;
    } sheets;
    struct {
        struct relation *items;
        size_t n, cap;
    } relations;
    struct {
        fz_xlsx_format *items; /* of numbers, by cell format */
        size_t n, cap;
    } formats;
    struct {
        struct number_format {
            int64_t id;
            fz_xlsx_format format;
        } * items; /* those of the file */
        size_t n, cap;
    } number_formats;
    struct {
        size_t *items; /* where each shared string begins */
        size_t n, cap;
    } strings;
    struct fz_buf string_bytes;
    fz_str workbook; /* name of its part */
    bool from_1904;

    /* The part in hand. */
    const char *part;
    zip_file_t *member;
    uint64_t packed, plain, plain_all, plain_most;
    XML_Parser parser;
    unsigned depth;
    bool suspended, input_end, finished;
    fz_status failed;
    struct fz_error *err;
    unsigned phonetic; /* depth of a guide to reading, whose text is no part of the cell; 0: none */
    bool in_value, in_formats;
    struct fz_buf text; /* of the value in hand */

    /* The row in hand. */
    fz_str sheet;
    uint64_t row;
    size_t cells_n, column; /* column: of the cell in hand */
    cell_type type;
    int64_t format;
    bool in_cell, has_text, ready;
    struct fz_buf row_bytes;
    fz_str *header;
    size_t header_n;
    struct cell cells[FZ_FIELDS_MAX];
    fz_str given[FZ_FIELDS_MAX];
};

/* ---- failures ---- */

static fz_status out_of_memory(const struct fz_xlsx *x, struct fz_error *err)
{
    return fz_fail(err, FZ_E_NOMEM, "%s: memory ran out", x->name);
}

/* Where the reader stands: a row of the sheet, else a part of the workbook. */
static fz_str place(struct fz_xlsx *x)
{
    if (x->sheet.n && x->row)
        return fz_str_printf(&x->arena, "%s:%.*s!%llu", x->name, FZ_STR_ARG(x->sheet), (unsigned long long)x->row);
    return fz_str_printf(&x->arena, "%s: %s", x->name, x->part ? x->part : "workbook");
}

static void stop(struct fz_xlsx *x, fz_status s)
{
    x->failed = s;
    XML_StopParser(x->parser, XML_FALSE);
}

#define FAIL(x, status, fmt, ...)                                                                                      \
    stop((x), fz_fail((x)->err, (status), "%.*s: " fmt, FZ_STR_ARG(place(x)), __VA_ARGS__))

/* ---- reading XML ---- */

static const char *local(const char *qname)
{
    const char *colon = strrchr(qname, ':');

    return colon ? colon + 1 : qname;
}

static bool is(const char *qname, const char *name)
{
    return strcmp(local(qname), name) == 0;
}

/* The value of an attribute by its local name, NULL when it is missing. */
static const char *attribute(const XML_Char **atts, const char *name)
{
    for (; *atts; atts += 2)
        if (is(atts[0], name))
            return atts[1];
    return NULL;
}

static bool is_yes(const char *value)
{
    return value && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
}

static int64_t number(const char *value, int64_t otherwise)
{
    int64_t n;

    return value && fz_str_int(fz_str_of(value), &n) ? n : otherwise;
}

static bool begin_element(struct fz_xlsx *x)
{
    if (x->failed)
        return false;
    if (++x->depth <= FZ_XML_DEPTH_MAX)
        return true;
    FAIL(x, FZ_E_TOO_LARGE, "elements nest deeper than %d", FZ_XML_DEPTH_MAX);
    return false;
}

static void on_doctype(void *arg, const XML_Char *name, const XML_Char *sysid, const XML_Char *pubid, int internal)
{
    struct fz_xlsx *x = arg;

    (void)name, (void)sysid, (void)pubid, (void)internal;
    FAIL(x, FZ_E_INPUT, "%s", "a document type may not stand in a workbook: entities of a file's own are refused");
}

static void on_text(void *arg, const XML_Char *s, int n)
{
    struct fz_xlsx *x = arg;

    if (x->failed || !x->in_value || x->phonetic)
        return;
    if (x->text.n + (size_t)n > FZ_XLSX_CELL_BYTES_MAX)
        FAIL(x, FZ_E_TOO_LARGE, "a cell is longer than %u bytes", FZ_XLSX_CELL_BYTES_MAX);
    else
        fz_buf_add(&x->text, (fz_str){s, (size_t)n});
}

static fz_status unpacked(struct fz_xlsx *x, size_t n, struct fz_error *err)
{
    x->plain += n;
    if (x->plain > x->plain_most)
        return fz_fail(err, FZ_E_TOO_LARGE, "%s: %s unpacks to more than %llu bytes", x->name, x->part,
                       (unsigned long long)x->plain_most);
    if (x->plain > RATIO_FREE_BYTES && x->plain / FZ_UNZIP_RATIO_MAX >= x->packed)
        return fz_fail(err, FZ_E_TOO_LARGE, "%s: %s unpacks to more than %d times its size", x->name, x->part,
                       FZ_UNZIP_RATIO_MAX);
    return FZ_OK;
}

static void part_end(struct fz_xlsx *x)
{
    if (x->parser)
        XML_ParserFree(x->parser);
    if (x->member)
        zip_fclose(x->member);
    x->parser = NULL;
    x->member = NULL;
}

/* `*out_found` false: there is no such part. */
static fz_status part_begin(struct fz_xlsx *x, fz_str name, uint64_t bytes_max, XML_StartElementHandler start,
                            XML_EndElementHandler end, bool *out_found, struct fz_error *err)
{
    zip_int64_t at;
    zip_stat_t st;

    x->part = fz_str_z(&x->arena, name);
    at = zip_name_locate(x->zip, x->part, ZIP_FL_NOCASE);
    *out_found = at >= 0;
    if (at < 0)
        return FZ_OK;
    if (zip_stat_index(x->zip, (zip_uint64_t)at, 0, &st) != 0 || !(st.valid & ZIP_STAT_COMP_SIZE))
        return fz_fail(err, FZ_E_INPUT, "%s: torn workbook: the size of %s is missing", x->name, x->part);
    if ((st.valid & ZIP_STAT_ENCRYPTION_METHOD) && st.encryption_method != ZIP_EM_NONE)
        return fz_fail(err, FZ_E_INPUT, "%s: the workbook has a password; save it without one", x->name);
    x->member = zip_fopen_index(x->zip, (zip_uint64_t)at, 0);
    if (!x->member)
        return fz_fail(err, FZ_E_INPUT, "%s: cannot unpack %s: %s", x->name, x->part, zip_strerror(x->zip));
    x->parser = XML_ParserCreate(NULL);
    if (!x->parser)
        return out_of_memory(x, err);
    x->packed = st.comp_size;
    x->plain_all = st.valid & ZIP_STAT_SIZE ? st.size : 0;
    x->plain = 0;
    x->plain_most = bytes_max;
    x->depth = x->phonetic = 0;
    x->suspended = x->input_end = x->finished = x->in_value = false;
    XML_SetUserData(x->parser, x);
    XML_SetElementHandler(x->parser, start, end);
    XML_SetCharacterDataHandler(x->parser, on_text);
    XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
    return FZ_OK;
}

static fz_status feed(struct fz_xlsx *x, enum XML_Status *out_parsed, struct fz_error *err)
{
    void *buf = XML_GetBuffer(x->parser, CHUNK_BYTES);
    zip_int64_t n;

    if (!buf)
        return out_of_memory(x, err);
    n = zip_fread(x->member, buf, CHUNK_BYTES);
    if (n < 0)
        return fz_fail(err, FZ_E_INPUT, "%s: torn workbook: %s: %s", x->name, x->part, zip_file_strerror(x->member));
    FZ_TRY(unpacked(x, (size_t)n, err));
    x->input_end = n == 0;
    *out_parsed = XML_ParseBuffer(x->parser, (int)n, n == 0);
    return FZ_OK;
}

/* Parses until the parser is suspended, or this chunk is used up. */
static fz_status part_step(struct fz_xlsx *x, struct fz_error *err)
{
    enum XML_Status parsed = XML_STATUS_OK;

    x->err = err;
    if (x->suspended)
        parsed = XML_ResumeParser(x->parser);
    else
        FZ_TRY(feed(x, &parsed, err));
    if (x->failed)
        return x->failed;
    if (parsed == XML_STATUS_ERROR)
        return fz_fail(err, XML_GetErrorCode(x->parser) == XML_ERROR_NO_MEMORY ? FZ_E_NOMEM : FZ_E_INPUT,
                       "%s: %s:%lu: not well-formed XML: %s", x->name, x->part, XML_GetCurrentLineNumber(x->parser),
                       XML_ErrorString(XML_GetErrorCode(x->parser)));
    x->suspended = parsed == XML_STATUS_SUSPENDED;
    x->finished = x->input_end && !x->suspended;
    /* The parser keeps what it has no end of yet: a tag or a comment. */
    if (!x->suspended && !x->finished && x->plain - (uint64_t)XML_GetCurrentByteIndex(x->parser) > FZ_XML_BYTES_MAX)
        return fz_fail(err, FZ_E_TOO_LARGE, "%s: %s: a tag or comment is longer than %u bytes", x->name, x->part,
                       FZ_XML_BYTES_MAX);
    return FZ_OK;
}

static fz_status read_part(struct fz_xlsx *x, fz_str name, uint64_t bytes_max, XML_StartElementHandler start,
                           XML_EndElementHandler end, bool *out_found, struct fz_error *err)
{
    FZ_TRY(part_begin(x, name, bytes_max, start, end, out_found, err));
    while (*out_found && !x->finished)
        FZ_TRY(part_step(x, err));
    part_end(x);
    return FZ_OK;
}

static void on_plain_end(void *arg, const XML_Char *name)
{
    (void)name;
    ((struct fz_xlsx *)arg)->depth--;
}

/* ---- the workbook ---- */

/* "../xl/a.xml" of a part in "xl/": targets are relative to the folder of the part that names them, or begin with a slash. */
static fz_str target_of(struct fz_xlsx *x, fz_str of_part, const char *target)
{
    fz_str t = fz_str_of(target), folder = of_part;

    if (fz_str_starts(t, "/"))
        return fz_str_copy(&x->arena, (fz_str){t.p + 1, t.n - 1});
    while (folder.n && folder.p[folder.n - 1] != '/')
        folder.n--;
    while (fz_str_starts(t, "../") && folder.n) {
        t = (fz_str){t.p + 3, t.n - 3};
        for (folder.n--; folder.n && folder.p[folder.n - 1] != '/';)
            folder.n--;
    }
    return fz_str_printf(&x->arena, "%.*s%.*s", FZ_STR_ARG(folder), FZ_STR_ARG(t));
}

static void on_root_relation(void *arg, const XML_Char *name, const XML_Char **atts)
{
    struct fz_xlsx *x = arg;
    const char *type = attribute(atts, "Type"), *target = attribute(atts, "Target");

    if (begin_element(x) && is(name, "Relationship") && type && target &&
        fz_str_ends(fz_str_of(type), "/officeDocument"))
        x->workbook = target_of(x, (fz_str){0}, target);
}

static void on_relation(void *arg, const XML_Char *name, const XML_Char **atts)
{
    struct fz_xlsx *x = arg;
    const char *id = attribute(atts, "Id"), *type = attribute(atts, "Type"), *target = attribute(atts, "Target");

    if (!begin_element(x) || !is(name, "Relationship") || !id || !type || !target)
        return;
    if (x->relations.n == FZ_XLSX_SHEETS_MAX) {
        FAIL(x, FZ_E_TOO_LARGE, "more than %d relations", FZ_XLSX_SHEETS_MAX);
        return;
    }
    FZ_PUSH(&x->arena, &x->relations, items, n, cap) =
        (struct relation){fz_str_copy(&x->arena, fz_str_of(id)), target_of(x, x->workbook, target),
                          fz_str_ends(fz_str_of(type), "/sharedStrings"), fz_str_ends(fz_str_of(type), "/styles")};
}

static void on_workbook(void *arg, const XML_Char *name, const XML_Char **atts)
{
    struct fz_xlsx *x = arg;
    const char *called, *relation = NULL;

    if (!begin_element(x))
        return;
    if (is(name, "workbookPr"))
        x->from_1904 = is_yes(attribute(atts, "date1904"));
    if (!is(name, "sheet"))
        return;
    called = attribute(atts, "name");
    for (const XML_Char **a = atts; *a; a += 2) /* r:id, beside which `sheetId` has another local name */
        relation = is(a[0], "id") ? a[1] : relation;
    if (!called || !relation)
        FAIL(x, FZ_E_INPUT, "%s", "a sheet has no name or relation");
    else if (x->sheets.n == FZ_XLSX_SHEETS_MAX)
        FAIL(x, FZ_E_TOO_LARGE, "more than %d sheets", FZ_XLSX_SHEETS_MAX);
    else
        FZ_PUSH(&x->arena, &x->sheets, items, n, cap) =
            (struct sheet){fz_str_copy(&x->arena, fz_str_of(called)), fz_str_copy(&x->arena, fz_str_of(relation))};
}

/* ---- formats ---- */

/* Formats that the standard knows by number and leaves out of the file; 27 to 36 and 50 to 58 are those of East Asia. */
static fz_xlsx_format format_of_id(const struct fz_xlsx *x, int64_t id)
{
    static const struct {
        int64_t first, last;
        fz_xlsx_format format;
    } known[] = {{18, 22, FZ_XLSX_TIME},    {32, 35, FZ_XLSX_TIME}, {45, 45, FZ_XLSX_TIME},
                 {46, 46, FZ_XLSX_ELAPSED}, {47, 47, FZ_XLSX_TIME}, {55, 56, FZ_XLSX_TIME},
                 {14, 17, FZ_XLSX_DAY},     {27, 36, FZ_XLSX_DAY},  {50, 58, FZ_XLSX_DAY}};

    for (size_t i = 0; i < x->number_formats.n; i++)
        if (x->number_formats.items[i].id == id)
            return x->number_formats.items[i].format;
    for (size_t i = 0; i < FZ_COUNT(known); i++)
        if (id >= known[i].first && id <= known[i].last)
            return known[i].format;
    return FZ_XLSX_PLAIN;
}

/* [h], [mm] and the like are elapsed time; other brackets are colours, conditions, currencies. */
static bool elapsed(fz_str bracket)
{
    for (size_t i = 0; i < bracket.n; i++)
        if (!memchr("hHmMsS", bracket.p[i], 6))
            return false;
    return bracket.n != 0;
}

fz_xlsx_format fz_xlsx_format_of(fz_str code)
{
    fz_xlsx_format found = FZ_XLSX_PLAIN;

    for (size_t i = 0; i < code.n; i++) {
        const char *close;

        switch (code.p[i]) {
        case '"':
        case '[':
            close = memchr(code.p + i + 1, code.p[i] == '"' ? '"' : ']', code.n - i - 1);
            if (!close)
                return found;
            if (code.p[i] == '[' && elapsed((fz_str){code.p + i + 1, (size_t)(close - code.p) - i - 1}))
                return FZ_XLSX_ELAPSED;
            i = (size_t)(close - code.p);
            break;
        case '\\':
        case '_':
        case '*':
            i++;
            break;
        case ';':
            return found; /* the first section is that of positive numbers */
        default:
            if (memchr("hHsS", code.p[i], 4))
                found = FZ_XLSX_TIME;
            else if (memchr("yYmMdD", code.p[i], 6) && found == FZ_XLSX_PLAIN)
                found = FZ_XLSX_DAY;
        }
    }
    return found;
}

static void on_style(void *arg, const XML_Char *name, const XML_Char **atts)
{
    struct fz_xlsx *x = arg;
    const char *code;

    if (!begin_element(x))
        return;
    if (x->formats.n == FZ_XLSX_STYLES_MAX || x->number_formats.n == FZ_XLSX_STYLES_MAX)
        FAIL(x, FZ_E_TOO_LARGE, "more than %d formats", FZ_XLSX_STYLES_MAX);
    else if (is(name, "cellXfs"))
        x->in_formats = true;
    else if (is(name, "xf") && x->in_formats)
        FZ_PUSH(&x->arena, &x->formats, items, n, cap) = format_of_id(x, number(attribute(atts, "numFmtId"), 0));
    else if (is(name, "numFmt") && !x->in_formats && (code = attribute(atts, "formatCode")))
        FZ_PUSH(&x->arena, &x->number_formats, items, n, cap) =
            (struct number_format){number(attribute(atts, "numFmtId"), -1), fz_xlsx_format_of(fz_str_of(code))};
}

static void on_style_end(void *arg, const XML_Char *name)
{
    struct fz_xlsx *x = arg;

    x->depth--;
    if (is(name, "cellXfs"))
        x->in_formats = false;
}

/* ---- texts ---- */

static int hex_digit(char c)
{
    return fz_is_digit(c) ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* _x000D_ stands for a character that XML does not let through. Those below a blank are given as what they are, the underscore (_x005F_) too. */
static bool escaped(fz_str s, char *out)
{
    int n = 0;

    if (s.n < 7 || s.p[0] != '_' || s.p[1] != 'x' || s.p[6] != '_')
        return false;
    for (int i = 2; i < 6; i++) {
        if (hex_digit(s.p[i]) < 0)
            return false;
        n = n * 16 + hex_digit(s.p[i]);
    }
    *out = (char)n;
    return n == '_' || (n > 0 && n < ' ');
}

static void unescape(struct fz_buf *b)
{
    size_t to = 0;

    for (size_t i = 0; i < b->n; i++) {
        char c;
        bool is_escape = escaped((fz_str){b->p + i, b->n - i}, &c);

        b->p[to++] = is_escape ? c : b->p[i];
        i += is_escape ? 6 : 0;
    }
    b->n = to;
}

static void begin_text(struct fz_xlsx *x)
{
    fz_buf_reset(&x->text);
    x->phonetic = 0;
    x->in_value = false;
}

/* Within a string: its runs of text, without the guide to reading that East Asian workbooks have beside them. */
static void string_part(struct fz_xlsx *x, const char *name)
{
    if (is(name, "rPh") && !x->phonetic)
        x->phonetic = x->depth;
    if (is(name, "t"))
        x->in_value = true;
}

static void string_part_end(struct fz_xlsx *x, const char *name)
{
    if (is(name, "t"))
        x->in_value = false;
    if (x->phonetic == x->depth)
        x->phonetic = 0;
}

static void on_string(void *arg, const XML_Char *name, const XML_Char **atts)
{
    struct fz_xlsx *x = arg;

    (void)atts;
    if (!begin_element(x))
        return;
    if (is(name, "si"))
        begin_text(x);
    else
        string_part(x, name);
}

/* Where strings begin is kept in memory of its own: it grows to some hundred megabytes, and an arena would keep every size it had. */
static bool add_string(struct fz_xlsx *x)
{
    if (x->strings.n == x->strings.cap) {
        size_t cap = x->strings.cap ? x->strings.cap * 2 : 1024;
        size_t *items = realloc(x->strings.items, cap * sizeof(*items));

        if (!items)
            return false;
        x->strings.items = items;
        x->strings.cap = cap;
    }
    x->strings.items[x->strings.n++] = x->string_bytes.n;
    fz_buf_add(&x->string_bytes, fz_buf_str(&x->text));
    return true;
}

static void on_string_end(void *arg, const XML_Char *name)
{
    struct fz_xlsx *x = arg;

    if (x->failed)
        return;
    string_part_end(x, name);
    x->depth--;
    if (!is(name, "si"))
        return;
    unescape(&x->text);
    if (x->strings.n == FZ_XLSX_STRINGS_MAX || x->string_bytes.n + x->text.n > FZ_XLSX_STRINGS_BYTES_MAX)
        FAIL(x, FZ_E_TOO_LARGE, "more than %u shared strings, or %u bytes of them", FZ_XLSX_STRINGS_MAX,
             FZ_XLSX_STRINGS_BYTES_MAX);
    else if (!add_string(x))
        FAIL(x, FZ_E_NOMEM, "%s", "memory ran out");
}

static fz_str shared_string(const struct fz_xlsx *x, size_t i)
{
    size_t at = x->strings.items[i], end = i + 1 < x->strings.n ? x->strings.items[i + 1] : x->string_bytes.n;

    return (fz_str){x->string_bytes.p + at, end - at};
}

/* ---- numbers ---- */

#define DIGITS_SHOWN 15
#define FRACTION_DIGITS 13 /* of a day: far below a second */
#define DIGITS_MAX 400     /* 1E+308 and its decimals */

/* 0.DIGITS times ten to the `point`; no zero at either end. n = 0: zero. */
struct decimal {
    bool negative;
    int n, point;
    char digits[DIGITS_MAX];
};

static bool take_exponent(fz_str s, int *out)
{
    int64_t n;

    if (s.n && s.p[0] == '+')
        s = (fz_str){s.p + 1, s.n - 1};
    if (!fz_str_int(s, &n) || n < -DIGITS_MAX || n > DIGITS_MAX)
        return false;
    *out = (int)n;
    return true;
}

static bool read_decimal(fz_str s, struct decimal *d)
{
    bool point = false, any = false;
    int exponent = 0;
    size_t i;

    *d = (struct decimal){.negative = s.n && s.p[0] == '-'};
    for (i = d->negative; i < s.n && (fz_is_digit(s.p[i]) || (s.p[i] == '.' && !point)); i++) {
        if (s.p[i] == '.') {
            point = true;
            continue;
        }
        any = true;
        if (d->n == 0 && s.p[i] == '0') {
            d->point -= point;
            continue;
        }
        if (d->n == DIGITS_MAX)
            return false;
        d->digits[d->n++] = s.p[i];
        d->point += !point;
    }
    if (!any || (i < s.n && (s.p[i] != 'e' && s.p[i] != 'E')))
        return false;
    if (i < s.n && !take_exponent((fz_str){s.p + i + 1, s.n - i - 1}, &exponent))
        return false;
    d->point += exponent;
    return true;
}

static void drop_zeros(struct decimal *d)
{
    while (d->n && d->digits[d->n - 1] == '0')
        d->n--;
}

/* To so many digits, half up. */
static void round_to(struct decimal *d, int n)
{
    int i = n;

    if (d->n > n) {
        bool up = d->digits[n] >= '5';

        for (d->n = n; up && i > 0; i--) {
            up = d->digits[i - 1] == '9';
            d->digits[i - 1] = (char)(up ? '0' : d->digits[i - 1] + 1);
        }
        if (up) { /* 99.. became 100.. */
            d->digits[0] = '1';
            d->point++;
        }
    }
    drop_zeros(d);
}

static void print_decimal(const struct decimal *d, struct fz_buf *out)
{
    if (d->negative && d->n)
        fz_buf_addc(out, '-');
    for (int i = 0; i < d->point; i++)
        fz_buf_addc(out, i < d->n ? d->digits[i] : '0');
    if (d->point <= 0 || d->n == 0)
        fz_buf_addz(out, d->n && d->point > 0 ? "" : "0");
    if (d->n <= (d->point > 0 ? d->point : 0))
        return;
    fz_buf_addc(out, '.');
    for (int i = d->point; i < 0; i++)
        fz_buf_addc(out, '0');
    fz_buf_add(out,
               (fz_str){d->digits + (d->point > 0 ? d->point : 0), (size_t)(d->n - (d->point > 0 ? d->point : 0))});
}

static int digit_at(const struct decimal *d, int i)
{
    return i >= 0 && i < d->n ? d->digits[i] - '0' : 0;
}

/* Whole days and seconds; false when it is negative or past every calendar. */
static bool days_and_seconds(const struct decimal *d, int64_t *days, int64_t *seconds)
{
    int64_t fraction = 0, unit = 1;

    *days = 0;
    if (d->negative || d->point > 7)
        return false;
    for (int i = 0; i < d->point; i++)
        *days = *days * 10 + digit_at(d, i);
    for (int i = 0; i < FRACTION_DIGITS; i++, unit *= 10)
        fraction = fraction * 10 + digit_at(d, d->point + i);
    *seconds = (int64_t)(((__int128)fraction * DAY_SECONDS * 2 + unit) / ((__int128)unit * 2));
    *days += *seconds == DAY_SECONDS;
    *seconds %= DAY_SECONDS;
    return *days <= SERIAL_MAX;
}

static void print_date(int64_t days, bool from_1904, struct fz_buf *out)
{
    char text[FZ_DAY_TEXT];

    if (from_1904)
        fz_buf_addz(out, fz_day_text((fz_day)(fz_day_of(1904, 1, 1) + days), text));
    else if (days == 0 || days == 60) /* days that never were */
        fz_buf_addz(out, days ? "1900-02-29" : "1900-01-00");
    else
        fz_buf_addz(out, fz_day_text((fz_day)(fz_day_of(1899, 12, days < 60 ? 31 : 30) + days), text));
}

static void print_time(fz_xlsx_format format, int64_t days, int64_t seconds, bool from_1904, struct fz_buf *out)
{
    bool clock = seconds || format != FZ_XLSX_DAY, date = days || !clock;

    if (format == FZ_XLSX_ELAPSED) {
        seconds += days * DAY_SECONDS;
        date = false;
    }
    if (date)
        print_date(days, from_1904, out);
    if (clock)
        fz_buf_printf(out, "%s%02lld:%02d:%02d", date ? " " : "", (long long)seconds / 3600, (int)(seconds / 60 % 60),
                      (int)(seconds % 60));
}

bool fz_xlsx_number(fz_str v, fz_xlsx_format format, bool from_1904, struct fz_buf *out)
{
    struct decimal d;
    int64_t days, seconds;

    if (!read_decimal(v, &d)) {
        fz_buf_add(out, v);
        return false;
    }
    round_to(&d, DIGITS_SHOWN);
    if (format == FZ_XLSX_PLAIN || !days_and_seconds(&d, &days, &seconds) || (from_1904 && days > SERIAL_MAX - 1462)) {
        print_decimal(&d, out);
        return true;
    }
    print_time(format, days, seconds, from_1904, out);
    return true;
}

/* ---- the sheet ---- */

/* The column of "AB12", from 0; false when it has no letters or too many. */
static bool column_of(const char *reference, size_t *out)
{
    size_t n = 0, i = 0;

    for (; reference[i] >= 'A' && reference[i] <= 'Z' && i < 4; i++)
        n = n * 26 + (size_t)(reference[i] - 'A' + 1);
    *out = n - 1;
    return i > 0 && i < 4;
}

const char *fz_xlsx_column_text(size_t index, char text[FZ_XLSX_COLUMN_TEXT])
{
    char reversed[FZ_XLSX_COLUMN_TEXT];
    size_t n = 0;

    for (size_t i = index + 1; i && n + 1 < FZ_XLSX_COLUMN_TEXT; i = (i - 1) / 26)
        reversed[n++] = (char)('A' + (i - 1) % 26);
    for (size_t i = 0; i < n; i++)
        text[i] = reversed[n - 1 - i];
    text[n] = '\0';
    return text;
}

static void begin_row(struct fz_xlsx *x, const XML_Char **atts)
{
    int64_t row = number(attribute(atts, "r"), (int64_t)x->row + 1);

    if (row <= (int64_t)x->row) {
        FAIL(x, FZ_E_INPUT, "row %lld stands behind this one", (long long)row);
        return;
    }
    x->row = (uint64_t)row;
    x->cells_n = 0;
    x->has_text = false;
    fz_buf_reset(&x->row_bytes);
}

static bool type_of(const char *t, cell_type *out)
{
    static const struct {
        const char *word;
        cell_type type;
    } types[] = {{"n", CELL_NUMBER}, {"s", CELL_SHARED}, {"inlineStr", CELL_INLINE},
                 {"str", CELL_TEXT}, {"b", CELL_FLAG},   {"e", CELL_ERROR},
                 {"d", CELL_DATE}};

    for (size_t i = 0; i < FZ_COUNT(types); i++)
        if (strcmp(t ? t : "n", types[i].word) == 0) {
            *out = types[i].type;
            return true;
        }
    return false;
}

static void begin_cell(struct fz_xlsx *x, const XML_Char **atts)
{
    const char *reference = attribute(atts, "r"), *t = attribute(atts, "t");

    x->column = x->cells_n;
    if (reference && !column_of(reference, &x->column))
        FAIL(x, FZ_E_INPUT, "`%.20s` names no cell", reference);
    else if (x->column < x->cells_n)
        FAIL(x, FZ_E_INPUT, "the cell `%.20s` stands behind a later one", reference ? reference : "");
    else if (x->column >= FZ_FIELDS_MAX)
        FAIL(x, FZ_E_TOO_LARGE, "more than %d columns", FZ_FIELDS_MAX);
    else if (!type_of(t, &x->type))
        FAIL(x, FZ_E_INPUT, "a cell of the unknown type `%.20s`", t);
    x->format = number(attribute(atts, "s"), 0);
    x->in_cell = !x->failed;
    begin_text(x);
}

static void on_cell(void *arg, const XML_Char *name, const XML_Char **atts)
{
    struct fz_xlsx *x = arg;

    if (!begin_element(x))
        return;
    if (is(name, "row"))
        begin_row(x, atts);
    else if (is(name, "c"))
        begin_cell(x, atts);
    else if (x->in_cell && is(name, "v"))
        x->in_value = x->type != CELL_INLINE;
    else if (x->in_cell && x->type == CELL_INLINE)
        string_part(x, name);
}

/* Puts what a cell shows behind the row's bytes. */
static void print_cell(struct fz_xlsx *x)
{
    fz_str v = fz_buf_str(&x->text);
    fz_xlsx_format format =
        x->format >= 0 && (size_t)x->format < x->formats.n ? x->formats.items[x->format] : FZ_XLSX_PLAIN;

    switch (x->type) {
    case CELL_NUMBER:
        if (!fz_xlsx_number(fz_str_trim(v), format, x->from_1904, &x->row_bytes))
            FAIL(x, FZ_E_INPUT, "`%.*s` is no number", (int)(v.n < 40 ? v.n : 40), v.p);
        break;
    case CELL_FLAG:
        fz_buf_addz(&x->row_bytes, fz_str_is(v, "1") || fz_str_is(v, "true") ? "true" : "false");
        break;
    case CELL_INLINE:
    case CELL_TEXT:
        unescape(&x->text);
        v = fz_buf_str(&x->text);
        /* falls through */
    default:
        fz_buf_add(&x->row_bytes, v);
    }
}

static void add_shared(struct fz_xlsx *x, struct cell *c)
{
    int64_t i;

    if (!fz_str_int(fz_str_trim(fz_buf_str(&x->text)), &i) || i < 0 || (uint64_t)i >= x->strings.n)
        FAIL(x, FZ_E_INPUT, "there is no shared string `%.*s`", (int)(x->text.n < 40 ? x->text.n : 40),
             x->text.n ? x->text.p : "");
    else
        *c = (struct cell){true, (size_t)i, shared_string(x, (size_t)i).n};
}

static void end_cell(struct fz_xlsx *x)
{
    struct cell *c = &x->cells[x->column];
    size_t at = x->row_bytes.n;

    x->in_cell = x->in_value = false;
    for (; x->cells_n < x->column; x->cells_n++)
        x->cells[x->cells_n] = (struct cell){false, at, 0};
    *c = (struct cell){false, at, 0};
    x->cells_n = x->column + 1;
    if (x->text.n == 0)
        return;
    if (x->type == CELL_SHARED) {
        add_shared(x, c);
    } else {
        print_cell(x);
        c->n = x->row_bytes.n - at;
    }
    x->has_text |= c->n != 0;
    if (!x->failed && x->row_bytes.n > FZ_LINE_BYTES_MAX)
        FAIL(x, FZ_E_TOO_LARGE, "the row is longer than %u bytes", FZ_LINE_BYTES_MAX);
}

static void on_cell_end(void *arg, const XML_Char *name)
{
    struct fz_xlsx *x = arg;

    if (x->failed)
        return;
    if (x->in_cell && x->type == CELL_INLINE)
        string_part_end(x, name);
    x->depth--;
    if (is(name, "v")) {
        x->in_value = false;
    } else if (is(name, "c") && x->in_cell) {
        end_cell(x);
    } else if (is(name, "row") && x->has_text) {
        x->ready = true;
        x->has_text = false;
        XML_StopParser(x->parser, XML_TRUE);
    }
}

/* Cells of the row in hand, without the empty ones at its end. */
static size_t give(struct fz_xlsx *x)
{
    size_t n = 0;

    for (size_t i = 0; i < x->cells_n; i++) {
        const struct cell *c = &x->cells[i];

        x->given[i] = c->shared ? shared_string(x, c->at) : c->n ? (fz_str){x->row_bytes.p + c->at, c->n} : FZ_STR("");
        n = c->n ? i + 1 : n;
    }
    return n;
}

fz_status fz_xlsx_next(struct fz_xlsx *x, fz_str **out_cells, size_t *out_n, bool *out_end, struct fz_error *err)
{
    size_t n;

    x->ready = false;
    while (!x->ready && !x->finished)
        FZ_TRY(part_step(x, err));
    *out_end = !x->ready;
    if (!x->ready)
        return FZ_OK;
    n = give(x);
    for (; n < x->header_n; n++)
        x->given[n] = n < x->cells_n ? x->given[n] : FZ_STR("");
    *out_cells = x->given;
    *out_n = n;
    return FZ_OK;
}

/* ---- opening ---- */

static fz_status zip_refused(const struct fz_xlsx *x, int code, struct fz_error *err)
{
    zip_error_t why;
    fz_status s = code == ZIP_ER_MEMORY ? FZ_E_NOMEM : FZ_E_INPUT;

    zip_error_init_with_code(&why, code);
    fz_fail(err, s, "%s: torn workbook: %s", x->name, zip_error_strerror(&why));
    zip_error_fini(&why);
    return s;
}

static const struct relation *relation_of(const struct fz_xlsx *x, fz_str id)
{
    for (size_t i = 0; i < x->relations.n; i++)
        if (fz_str_eq(x->relations.items[i].id, id))
            return &x->relations.items[i];
    return NULL;
}

static fz_status no_sheet(const struct fz_xlsx *x, fz_str sheet, struct fz_error *err)
{
    struct fz_buf names = {0};

    for (size_t i = 0; i < x->sheets.n && i < 20; i++)
        fz_buf_printf(&names, "%s`%.*s`", i ? ", " : "", FZ_STR_ARG(x->sheets.items[i].name));
    fz_fail(err, FZ_E_INPUT, "%s: no sheet `%.*s`; there are %s", x->name, FZ_STR_ARG(sheet),
            names.n ? names.p : "none");
    fz_buf_release(&names);
    return FZ_E_INPUT;
}

static fz_status find_sheet(struct fz_xlsx *x, fz_str sheet, fz_str *out_part, struct fz_error *err)
{
    const struct sheet *found = NULL;
    const struct relation *r;

    for (size_t i = 0; i < x->sheets.n && !found; i++)
        if (sheet.n == 0 || fz_str_eq(x->sheets.items[i].name, sheet))
            found = &x->sheets.items[i];
    if (!found)
        return no_sheet(x, sheet, err);
    r = relation_of(x, found->relation);
    if (!r)
        return fz_fail(err, FZ_E_INPUT, "%s: torn workbook: the sheet `%.*s` is in no part", x->name,
                       FZ_STR_ARG(found->name));
    x->sheet = found->name;
    *out_part = r->target;
    return FZ_OK;
}

static fz_str relations_part(struct fz_xlsx *x)
{
    fz_str folder = x->workbook;

    while (folder.n && folder.p[folder.n - 1] != '/')
        folder.n--;
    return fz_str_printf(&x->arena, "%.*s_rels/%.*s.rels", FZ_STR_ARG(folder), (int)(x->workbook.n - folder.n),
                         x->workbook.p + folder.n);
}

static fz_status read_workbook(struct fz_xlsx *x, struct fz_error *err)
{
    bool found;

    FZ_TRY(read_part(x, FZ_STR("_rels/.rels"), FZ_XLSX_PART_BYTES_MAX, on_root_relation, on_plain_end, &found, err));
    if (!x->workbook.n)
        return fz_fail(err, FZ_E_INPUT, "%s: an Office document without a workbook", x->name);
    if (fz_str_ends(x->workbook, ".bin"))
        return fz_fail(err, FZ_E_INPUT, "%s: a binary workbook (.xlsb); save it as .xlsx", x->name);
    FZ_TRY(read_part(x, x->workbook, FZ_XLSX_PART_BYTES_MAX, on_workbook, on_plain_end, &found, err));
    if (!found || x->sheets.n == 0)
        return fz_fail(err, FZ_E_INPUT, "%s: an Office document without a workbook", x->name);
    FZ_TRY(read_part(x, relations_part(x), FZ_XLSX_PART_BYTES_MAX, on_relation, on_plain_end, &found, err));
    for (size_t i = 0; i < x->relations.n; i++)
        if (x->relations.items[i].styles)
            FZ_TRY(read_part(x, x->relations.items[i].target, FZ_XLSX_PART_BYTES_MAX, on_style, on_style_end, &found,
                             err));
    for (size_t i = 0; i < x->relations.n; i++)
        if (x->relations.items[i].strings)
            FZ_TRY(read_part(x, x->relations.items[i].target, FZ_UNZIPPED_BYTES_MAX, on_string, on_string_end, &found,
                             err));
    return FZ_OK;
}

static fz_status read_header(struct fz_xlsx *x, struct fz_error *err)
{
    fz_str *cells;
    size_t n;
    bool end;

    FZ_TRY(fz_xlsx_next(x, &cells, &n, &end, err));
    if (end)
        return fz_fail(err, FZ_E_INPUT, "%s: the sheet `%.*s` is empty, a header is wanted", x->name,
                       FZ_STR_ARG(x->sheet));
    x->header = FZ_NEW_ARRAY(&x->arena, fz_str, n);
    for (size_t i = 0; i < n; i++)
        x->header[i] = fz_str_copy(&x->arena, cells[i]);
    x->header_n = n;
    return FZ_OK;
}

static fz_status enter(struct fz_xlsx *x, fz_str sheet, struct fz_error *err)
{
    fz_str part;
    bool found;

    if (zip_name_locate(x->zip, "[Content_Types].xml", ZIP_FL_NOCASE) < 0)
        return fz_fail(err, FZ_E_INPUT, "%s: %s", x->name,
                       zip_name_locate(x->zip, "content.xml", 0) >= 0 ? "an OpenDocument file (.ods); save it as .xlsx"
                                                                      : "a zip, but no workbook");
    FZ_TRY(read_workbook(x, err));
    FZ_TRY(find_sheet(x, sheet, &part, err));
    FZ_TRY(part_begin(x, part, FZ_UNZIPPED_BYTES_MAX, on_cell, on_cell_end, &found, err));
    if (!found)
        return fz_fail(err, FZ_E_INPUT, "%s: torn workbook: the part %.*s is missing", x->name, FZ_STR_ARG(part));
    return read_header(x, err);
}

static bool holds(fz_str bytes, const char *what, size_t n)
{
    return memmem(bytes.p, bytes.n, what, n) != NULL;
}

/* Names in that container are in UTF-16. */
static fz_status ole_refused(const struct fz_xlsx *x, fz_str bytes, struct fz_error *err)
{
    static const char encrypted[] = "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e";

    return fz_fail(err, FZ_E_INPUT, "%s: %s", x->name,
                   holds(bytes, encrypted, sizeof(encrypted) - 1)
                       ? "the workbook has a password; save it without one"
                       : "a workbook of the older form (.xls); save it as .xlsx");
}

static struct fz_xlsx *xlsx_new(const char *name, struct fz_error *err)
{
    struct fz_xlsx *x = malloc(sizeof(*x));
    char *copy = strdup(name);

    if (!x || !copy) {
        free(x);
        free(copy);
        fz_fail(err, FZ_E_NOMEM, "%s: memory ran out", name);
        return NULL;
    }
    memset(x, 0, offsetof(struct fz_xlsx, cells));
    x->name = copy;
    return x;
}

static fz_status open_zip_memory(struct fz_xlsx *x, fz_str bytes, struct fz_error *err)
{
    zip_error_t why;
    zip_source_t *source;
    int code;

    zip_error_init(&why);
    source = zip_source_buffer_create(bytes.p, bytes.n, 0, &why);
    if (source)
        x->zip = zip_open_from_source(source, ZIP_RDONLY, &why);
    if (source && !x->zip)
        zip_source_free(source);
    code = zip_error_code_zip(&why);
    zip_error_fini(&why);
    return x->zip ? FZ_OK : zip_refused(x, code, err);
}

fz_status fz_xlsx_open_memory(struct fz_xlsx **out_x, const char *name, fz_str bytes, fz_str sheet,
                              struct fz_error *err)
{
    struct fz_xlsx *x = xlsx_new(name, err);
    fz_status s;

    if (!x)
        return FZ_E_NOMEM;
    if (bytes.n >= MAGIC_BYTES && memcmp(bytes.p, OLE_MAGIC, MAGIC_BYTES) == 0)
        s = ole_refused(x, bytes, err);
    else if (bytes.n < 4 || memcmp(bytes.p, "PK", 2) != 0)
        s = fz_fail(err, FZ_E_INPUT, "%s: no workbook", name);
    else
        s = open_zip_memory(x, bytes, err);
    if (s == FZ_OK)
        s = enter(x, sheet, err);
    if (s != FZ_OK)
        fz_xlsx_close(x);
    else
        *out_x = x;
    return s;
}

/* ---- files ---- */

/* An open regular file and its first bytes; -1 when it is none. */
static int open_regular(const char *path, char magic[MAGIC_BYTES], size_t *out_n)
{
    struct stat st;
    int fd = stat(path, &st) == 0 && S_ISREG(st.st_mode) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t n = fd < 0 ? 0 : pread(fd, magic, MAGIC_BYTES, 0);

    *out_n = n < 0 ? 0 : (size_t)n;
    return fd;
}

/* Whether a zip is an office document of any kind: the others are refused by name when they are opened. */
static bool is_office(int fd)
{
    int code, copy = dup(fd);
    zip_t *zip = copy < 0 ? NULL : zip_fdopen(copy, 0, &code);
    bool office = zip && (zip_name_locate(zip, "[Content_Types].xml", ZIP_FL_NOCASE) >= 0 ||
                          (zip_name_locate(zip, "mimetype", 0) >= 0 && zip_name_locate(zip, "content.xml", 0) >= 0));

    if (zip)
        zip_discard(zip);
    else if (copy >= 0)
        close(copy);
    return office;
}

/* A torn workbook has no list of its parts any more: its first part has to do, whose name stands behind 30 bytes. */
static bool begins_as_office(int fd)
{
    static const char *const folders[] = {"[Content_Types].xml", "_rels/", "docProps/", "xl/"};
    char head[64];
    ssize_t n = pread(fd, head, sizeof(head), 0);

    for (size_t i = 0; n > 30 && i < FZ_COUNT(folders); i++)
        if (fz_str_starts((fz_str){head + 30, (size_t)n - 30}, folders[i]))
            return true;
    return false;
}

bool fz_xlsx_is(const char *path)
{
    char magic[MAGIC_BYTES];
    size_t n;
    int fd = open_regular(path, magic, &n);
    bool ole = n == MAGIC_BYTES && memcmp(magic, OLE_MAGIC, MAGIC_BYTES) == 0;
    bool zip = n >= 4 && memcmp(magic, "PK\x03\x04", 4) == 0 && (is_office(fd) || begins_as_office(fd));

    if (fd >= 0)
        close(fd);
    return ole || zip;
}

static fz_status refuse_ole_file(struct fz_xlsx *x, int fd, struct fz_error *err)
{
    char *bytes = malloc(OLE_BYTES_LOOKED_AT);
    ssize_t n = bytes ? pread(fd, bytes, OLE_BYTES_LOOKED_AT, 0) : -1;
    fz_status s = n < 0 ? out_of_memory(x, err) : ole_refused(x, (fz_str){bytes, (size_t)n}, err);

    free(bytes);
    return s;
}

static fz_status open_zip_file(struct fz_xlsx *x, int *fd, struct fz_error *err)
{
    int code = 0;

    x->zip = zip_fdopen(*fd, 0, &code);
    if (!x->zip)
        return zip_refused(x, code, err);
    *fd = -1;
    return FZ_OK;
}

fz_status fz_xlsx_open(struct fz_xlsx **out_x, const char *path, fz_str sheet, struct fz_error *err)
{
    struct fz_xlsx *x = xlsx_new(path, err);
    char magic[MAGIC_BYTES];
    size_t n;
    int fd;
    fz_status s;

    if (!x)
        return FZ_E_NOMEM;
    fd = open_regular(path, magic, &n);
    if (fd < 0)
        s = fz_fail(err, FZ_E_IO, "%s: cannot open: %s", path, strerror(errno));
    else if (n == MAGIC_BYTES && memcmp(magic, OLE_MAGIC, MAGIC_BYTES) == 0)
        s = refuse_ole_file(x, fd, err);
    else if (n < 4 || memcmp(magic, "PK", 2) != 0)
        s = fz_fail(err, FZ_E_INPUT, "%s: no workbook", path);
    else
        s = open_zip_file(x, &fd, err);
    if (s == FZ_OK)
        s = enter(x, sheet, err);
    if (fd >= 0)
        close(fd);
    if (s != FZ_OK)
        fz_xlsx_close(x);
    else
        *out_x = x;
    return s;
}

/* ---- looking ---- */

uint64_t fz_xlsx_row(const struct fz_xlsx *x)
{
    return x->row;
}

const fz_str *fz_xlsx_header(const struct fz_xlsx *x, size_t *out_n)
{
    *out_n = x->header_n;
    return x->header;
}

bool fz_xlsx_column(const struct fz_xlsx *x, fz_str name, size_t *out_index)
{
    for (size_t i = 0; i < x->header_n; i++)
        if (fz_str_eq(x->header[i], name)) {
            *out_index = i;
            return true;
        }
    return false;
}

fz_str fz_xlsx_sheet(const struct fz_xlsx *x)
{
    return x->sheet;
}

bool fz_xlsx_has(const struct fz_xlsx *x, fz_str sheet)
{
    for (size_t i = 0; i < x->sheets.n; i++)
        if (fz_str_eq(x->sheets.items[i].name, sheet))
            return true;
    return false;
}

void fz_xlsx_progress(const struct fz_xlsx *x, uint64_t *out_done, uint64_t *out_all)
{
    *out_done = x->plain;
    *out_all = x->plain_all;
}

void fz_xlsx_close(struct fz_xlsx *x)
{
    if (!x)
        return;
    part_end(x);
    if (x->zip)
        zip_discard(x->zip);
    fz_buf_release(&x->string_bytes);
    fz_buf_release(&x->text);
    fz_buf_release(&x->row_bytes);
    free(x->strings.items);
    fz_arena_release(&x->arena);
    free(x->name);
    free(x);
}
