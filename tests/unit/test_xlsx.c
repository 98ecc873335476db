/* Sheets of workbooks (io/xlsx.h): built here part by part, and written by two other programs. Numbers are held against arithmetic on whole days. */
#include "../support/support.h"

#include <stdio.h>
#include <unistd.h>

#include "../support/packing.h"
#include "base/day.h"
#include "io/rows.h"

#define TYPES "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"
#define RELS(kind)                                                                                                            \
    "<Relationships><Relationship Id=\"r0\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/" kind \
    "\" Target=\""
#define ROOT_RELS RELS("officeDocument") "xl/workbook.xml\"/></Relationships>"
#define BOOK_RELS                                                                                                      \
    RELS("worksheet")                                                                                                  \
    "worksheets/sheet1.xml\"/><Relationship Id=\"r1\" Type=\"x/worksheet\" Target=\"/xl/worksheets/two.xml\"/>"        \
    "<Relationship Id=\"s\" Type=\"x/sharedStrings\" Target=\"sharedStrings.xml\"/>"                                   \
    "<Relationship Id=\"f\" Type=\"x/styles\" Target=\"../xl/styles.xml\"/></Relationships>"
#define BOOK(properties)                                                                                               \
    "<workbook xmlns:r=\"rels\">" properties                                                                           \
    "<sheets><sheet name=\"Sheet1\" sheetId=\"1\" r:id=\"r0\"/><sheet name=\"二\" sheetId=\"7\" r:id=\"r1\"/></sheets></workbook>"
#define STYLES                                                                                                           \
    "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;\"/>" \
    "<numFmt numFmtId=\"165\" formatCode=\"[Red]0.00&quot;days&quot;\"/></numFmts>"                                      \
    "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>"                                                                 \
    "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"/><xf numFmtId=\"22\"/></cellXfs></styleSheet>"
#define STRINGS                                                                                                        \
    "<sst><si><t>case</t></si><si><r><t>rich </t></r><r><t>text</t></r><rPh sb=\"0\" eb=\"1\"><t>guide</t></rPh></si>" \
    "<si><t xml:space=\"preserve\"> a_x000A_b_x005F_x000A_ </t></si><si/></sst>"
#define SHEET(rows) "<worksheet><sheetData>" rows "</sheetData></worksheet>"

struct book {
    const char *root, *book, *rels, *styles, *strings, *sheet, *two;
};

static void pack(struct fz_buf *out, struct book b)
{
    const struct zip_part parts[] = {
        {"[Content_Types].xml", fz_str_of(TYPES), NULL},
        {"_rels/.rels", fz_str_of(b.root ? b.root : ROOT_RELS), NULL},
        {"xl/workbook.xml", fz_str_of(b.book ? b.book : BOOK("")), NULL},
        {"xl/_rels/workbook.xml.rels", fz_str_of(b.rels ? b.rels : BOOK_RELS), NULL},
        {"xl/styles.xml", fz_str_of(b.styles ? b.styles : STYLES), NULL},
        {"xl/sharedStrings.xml", fz_str_of(b.strings ? b.strings : STRINGS), NULL},
        {"xl/worksheets/sheet1.xml", fz_str_of(b.sheet), NULL},
        {"xl/worksheets/two.xml",
         fz_str_of(b.two ? b.two : SHEET("<row><c t=\"inlineStr\"><is><t>of two</t></is></c></row>")), NULL},
    };

    zip_pack(out, parts, FZ_COUNT(parts));
}

/* All rows, the header first: cells ended by '|' and rows by '/', each row after its number and ':'. */
static void add_row(struct fz_buf *out, uint64_t row, const fz_str *cells, size_t n)
{
    fz_buf_printf(out, "%llu:", (unsigned long long)row);
    for (size_t i = 0; i < n; i++)
        fz_buf_printf(out, "%.*s|", FZ_STR_ARG(cells[i]));
    fz_buf_addc(out, '/');
}

static fz_status rows_of(fz_str bytes, const char *sheet, struct fz_buf *out, struct fz_error *err)
{
    struct fz_xlsx *x;
    fz_status s = fz_xlsx_open_memory(&x, "a.xlsx", bytes, fz_str_of(sheet), err);
    const fz_str *header;
    size_t n;

    if (s != FZ_OK)
        return s;
    header = fz_xlsx_header(x, &n);
    add_row(out, fz_xlsx_row(x), header, n);
    for (bool end = false; s == FZ_OK && !end;) {
        fz_str *cells;

        s = fz_xlsx_next(x, &cells, &n, &end, err);
        if (s == FZ_OK && !end)
            add_row(out, fz_xlsx_row(x), cells, n);
    }
    fz_xlsx_close(x);
    return s;
}

static void expect(struct book b, const char *sheet, const char *want)
{
    struct fz_buf file = {0}, got = {0};
    struct fz_error err = {0};

    pack(&file, b);
    if (rows_of(fz_buf_str(&file), sheet, &got, &err) != FZ_OK)
        fail_msg("%s", err.text);
    fz_buf_addz(&got, "");
    assert_string_equal(got.p, want);
    fz_buf_release(&got);
    fz_buf_release(&file);
}

static void expect_failure_of(fz_str bytes, const char *sheet, fz_status status, const char *text)
{
    struct fz_buf got = {0};
    struct fz_error err = {0};

    assert_int_equal(rows_of(bytes, sheet, &got, &err), status);
    if (!strstr(err.text, text))
        fail_msg("\"%s\" does not say \"%s\"", err.text, text);
    fz_buf_release(&got);
}

static void expect_failure(struct book b, fz_status status, const char *text)
{
    struct fz_buf file = {0};

    pack(&file, b);
    expect_failure_of(fz_buf_str(&file), "", status, text);
    fz_buf_release(&file);
}

#define S(i) "<c t=\"s\"><v>" #i "</v></c>"
#define IN(text) "<c t=\"inlineStr\"><is><t>" text "</t></is></c>"
#define HEAD "<row r=\"1\">" IN("a") IN("b") IN("c") "</row>"

/* ---- cells ---- */

static void test_xlsx__each_kind_of_cell(void **state)
{
    (void)state;
    expect(
        (struct book){
            .sheet = SHEET("<row r=\"2\">" S(
                0) "<c r=\"C2\" t=\"str\"><f>A1</f><v>of a formula</v></c></row>"
                   "<row r=\"4\"><c r=\"A4\" t=\"s\"><v>1</v></c><c r=\"C4\" t=\"s\"><v>2</v></c></row>"
                   "<row><c t=\"b\"><v>1</v></c><c t=\"b\"><v>0</v></c><c t=\"e\"><v>#N/A</v></c></row>"
                   "<row><c><v>35.200000000000003</v></c><c t=\"n\"><v>-4.2E-2</v></c>" IN(
                       "in<![CDATA[l]]>ine") "</row>"
                                             "<row><c s=\"1\"><v>40827</v></c><c s=\"2\"><v>40827</v></c><c s=\"3\"><v>40827</v></c></row>"
                                             "<row><c s=\"4\"><v>40827.572685185187</v></c><c s=\"1\"><v>0.5</v></c><c t=\"d\"><v>2011-10-11</v></c></row>")},
        "",
        "2:case||of a formula|/4:rich text|| a\nb_x000A_ |/5:true|false|#N/A|/6:35.2|-0.042|inline|/"
        "7:2011-10-11|2011-10-11|40827|/8:2011-10-11 13:44:40|12:00:00|2011-10-11|/");
}

static void test_xlsx__empty_rows_and_cells(void **state)
{
    (void)state;
    expect((struct book){.sheet = SHEET("<row r=\"1\"/><row r=\"3\"><c r=\"A3\" s=\"1\"/>" IN(
                             "x") "<c t=\"s\"><v>3</v></c></row>"
                                  "<row r=\"9\"><c r=\"B9\"/><c r=\"D9\" t=\"str\"><v></v></c></row>"
                                  "<row r=\"10\"><c r=\"A10\"><v>7</v></c></row><row><c r=\"D11\"><v>8</v></c></row>")},
           "", "3:|x|/10:7||/11:|||8|/");
}

static void test_xlsx__a_sheet_by_its_name(void **state)
{
    (void)state;
    expect((struct book){.sheet = SHEET(HEAD)}, "二", "1:of two|/");
    expect((struct book){.sheet = SHEET(HEAD)}, "Sheet1", "1:a|b|c|/");
    expect(
        (struct book){
            .book =
                "<x:workbook xmlns:r=\"rels\" xmlns:x=\"strict\"><x:sheets><x:sheet r:id=\"r1\" name=\"Only\"/></x:sheets></x:workbook>",
            .sheet = SHEET(HEAD)},
        "", "1:of two|/");
}

/* ---- numbers ---- */

static void expect_number(const char *v, fz_xlsx_format format, bool from_1904, const char *want)
{
    struct fz_buf b = {0};

    assert_true(fz_xlsx_number(fz_str_of(v), format, from_1904, &b));
    fz_buf_addz(&b, "");
    assert_string_equal(b.p, want);
    fz_buf_release(&b);
}

static void test_xlsx__numbers_as_they_are_shown(void **state)
{
    static const char *const cases[][2] = {
        {"0", "0"},
        {"-0", "0"},
        {"7", "7"},
        {"007", "7"},
        {"1.50", "1.5"},
        {".5", "0.5"},
        {"5.", "5"},
        {"1E3", "1000"},
        {"1.5E+3", "1500"},
        {"12E-1", "1.2"},
        {"1E-7", "0.0000001"},
        {"123456789012345678", "123456789012346000"},
        {"0.1", "0.1"},
        {"0.10000000000000001", "0.1"},
        {"0.30000000000000004", "0.3"},
        {"99.9999999999999999", "100"},
        {"-12.75", "-12.75"},
        {"101001240734", "101001240734"},
        {"2.0000000000000001E-3", "0.002"},
        {"0.99999999999999999", "1"},
        {"100", "100"},
        {"1000000000000000000000", "1000000000000000000000"},
    };
    static const char *const wrong[] = {"", "-", ".", "1e", "1e999999", "0x10", "1,5", "1.2.3", "NaN", " 1"};
    struct fz_buf b = {0};

    (void)state;
    for (size_t i = 0; i < FZ_COUNT(cases); i++)
        expect_number(cases[i][0], FZ_XLSX_PLAIN, false, cases[i][1]);
    for (size_t i = 0; i < FZ_COUNT(wrong); i++)
        assert_false(fz_xlsx_number(fz_str_of(wrong[i]), FZ_XLSX_PLAIN, false, &b));
    fz_buf_release(&b);
}

/* Every day of both systems. The system of 1900 has one day too many: 60 is it, and all days before it lie one serial later than they would. */
static void test_xlsx__every_day_of_both_systems(void **state)
{
    char serial[32], text[FZ_DAY_TEXT];

    (void)state;
    for (int n = 1; n <= 2958465; n += n < 80000 ? 1 : 997) {
        fz_day day = fz_day_of(1900, 1, 1) + n - (n < 60 ? 1 : 2);

        snprintf(serial, sizeof(serial), "%d", n);
        expect_number(serial, FZ_XLSX_DAY, false, n == 60 ? "1900-02-29" : fz_day_text(day, text));
        if (n <= 2957003)
            expect_number(serial, FZ_XLSX_DAY, true, fz_day_text(fz_day_of(1904, 1, 1) + n, text));
    }
    expect_number("0", FZ_XLSX_DAY, false, "1900-01-00");
    expect_number("0", FZ_XLSX_DAY, true, "1904-01-01");
    expect_number("2958466", FZ_XLSX_DAY, false, "2958466");
    expect_number("-1", FZ_XLSX_DAY, false, "-1");
}

/* Every minute of a day as a double prints it with 17 digits comes back as that minute. */
static void test_xlsx__every_minute_of_a_day(void **state)
{
    char serial[64], want[64];

    (void)state;
    for (int m = 1; m < 1440; m++) {
        snprintf(serial, sizeof(serial), "%.17g", 42005 + m / 1440.0);
        snprintf(want, sizeof(want), "2015-01-01 %02d:%02d:00", m / 60, m % 60);
        expect_number(serial, FZ_XLSX_DAY, false, want);
    }
    expect_number("42005.999999", FZ_XLSX_DAY, false, "2015-01-02");
    expect_number("0.0000116", FZ_XLSX_DAY, false, "00:00:01");
    expect_number("1E-20", FZ_XLSX_DAY, false, "1900-01-00");
}

static void test_xlsx__formats_of_dates(void **state)
{
    static const struct {
        fz_xlsx_format format;
        const char *codes[12];
    } cases[] = {
        {FZ_XLSX_DAY, {"yyyy-mm-dd", "[$-409]d-mmm-yy;@", "yyyy\"年\"m\"月\"", "[Red]d", "m/d"}},
        {FZ_XLSX_TIME, {"m/d/yy h:mm", "[Red]hh:mm", "AM/PMh", "mm:ss", "h\"时\"mm\"分\""}},
        {FZ_XLSX_ELAPSED, {"[h]:mm:ss", "[mm]:ss"}},
        {FZ_XLSX_PLAIN, {"General", "0.00", "#,##0", "\"day\"0", "\\d0", "0;m", "_d0", "*d0", "\"open", "[open", "@"}}};

    (void)state;
    for (size_t i = 0; i < FZ_COUNT(cases); i++)
        for (size_t k = 0; k < FZ_COUNT(cases[i].codes) && cases[i].codes[k]; k++)
            if (fz_xlsx_format_of(fz_str_of(cases[i].codes[k])) != cases[i].format)
                fail_msg("%s", cases[i].codes[k]);
}

/* A midnight is one only where the format shows hours. */
static void test_xlsx__midnights_and_elapsed_time(void **state)
{
    (void)state;
    expect_number("42005", FZ_XLSX_TIME, false, "2015-01-01 00:00:00");
    expect_number("42005", FZ_XLSX_DAY, false, "2015-01-01");
    expect_number("0", FZ_XLSX_TIME, false, "00:00:00");
    expect_number("1.5", FZ_XLSX_ELAPSED, false, "36:00:00");
    expect_number("0.5", FZ_XLSX_ELAPSED, false, "12:00:00");
}

static void test_xlsx__the_system_of_1904(void **state)
{
    (void)state;
    expect((struct book){.book = BOOK("<workbookPr date1904=\"1\"/>"),
                         .sheet = SHEET("<row><c s=\"1\"><v>39365</v></c></row>")},
           "", "1:2011-10-11|/");
}

static void test_xlsx__columns_have_letters(void **state)
{
    char text[FZ_XLSX_COLUMN_TEXT];

    (void)state;
    assert_string_equal(fz_xlsx_column_text(0, text), "A");
    assert_string_equal(fz_xlsx_column_text(25, text), "Z");
    assert_string_equal(fz_xlsx_column_text(26, text), "AA");
    assert_string_equal(fz_xlsx_column_text(16383, text), "XFD");
}

/* ---- what is wrong ---- */

static void test_xlsx__what_is_wrong_has_its_place(void **state)
{
    (void)state;
    expect_failure((struct book){.sheet = SHEET(HEAD "<row r=\"5\"><c t=\"s\"><v>4</v></c></row>")}, FZ_E_INPUT,
                   "a.xlsx:Sheet1!5: there is no shared string `4`");
    expect_failure((struct book){.sheet = SHEET(HEAD "<row r=\"5\"><c t=\"s\"><v>-1</v></c></row>")}, FZ_E_INPUT,
                   "no shared string");
    expect_failure((struct book){.sheet = SHEET(HEAD "<row r=\"5\"/><row r=\"5\"/>")}, FZ_E_INPUT,
                   "a.xlsx:Sheet1!5: row 5 stands behind");
    expect_failure((struct book){.sheet = SHEET(HEAD "<row r=\"5\"><c r=\"B5\"/><c r=\"A5\"/></row>")}, FZ_E_INPUT,
                   "`A5` stands behind");
    expect_failure((struct book){.sheet = SHEET(HEAD "<row r=\"5\"><c r=\"5\"/></row>")}, FZ_E_INPUT,
                   "`5` names no cell");
    expect_failure((struct book){.sheet = SHEET(HEAD "<row r=\"5\"><c r=\"ZZZ5\"/></row>")}, FZ_E_TOO_LARGE,
                   "more than 1024 columns");
    expect_failure((struct book){.sheet = SHEET(HEAD "<row r=\"5\"><c t=\"x\"/></row>")}, FZ_E_INPUT,
                   "unknown type `x`");
    expect_failure((struct book){.sheet = SHEET(HEAD "<row r=\"5\"><c><v>1,5</v></c></row>")}, FZ_E_INPUT,
                   "`1,5` is no number");
    expect_failure((struct book){.sheet = SHEET(HEAD "<row r=\"5\"><c>")}, FZ_E_INPUT, "not well-formed");
    expect_failure((struct book){.sheet = SHEET("<row/>")}, FZ_E_INPUT, "a header is wanted");
    expect_failure((struct book){.sheet = "<!DOCTYPE x [<!ENTITY e \"e\">]>" SHEET(HEAD)}, FZ_E_INPUT, "document type");
    expect_failure((struct book){.strings = "<!DOCTYPE x []><sst/>", .sheet = SHEET(HEAD)}, FZ_E_INPUT,
                   "document type");
    expect_failure((struct book){.root = "<Relationships/>", .sheet = SHEET(HEAD)}, FZ_E_INPUT, "without a workbook");
    expect_failure(
        (struct book){.root = RELS("officeDocument") "xl/workbook.bin\"/></Relationships>", .sheet = SHEET(HEAD)},
        FZ_E_INPUT, ".xlsb");
    expect_failure((struct book){.rels = "<Relationships/>", .sheet = SHEET(HEAD)}, FZ_E_INPUT, "is in no part");
}

static void test_xlsx__no_such_sheet(void **state)
{
    struct fz_buf file = {0};

    (void)state;
    pack(&file, (struct book){.sheet = SHEET(HEAD)});
    expect_failure_of(fz_buf_str(&file), "Sheet2", FZ_E_INPUT, "no sheet `Sheet2`; there are `Sheet1`, `二`");
    fz_buf_release(&file);
}

static void test_xlsx__other_files_are_named(void **state)
{
    static const char ole[] = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 W\0o\0r\0k\0b\0o\0o\0k\0";
    static const char locked[] = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0";
    const struct zip_part ods[] = {{"mimetype", FZ_STR("x"), NULL}, {"content.xml", FZ_STR("<x/>"), NULL}};
    const struct zip_part secret[] = {{"[Content_Types].xml", FZ_STR(TYPES), NULL},
                                      {"_rels/.rels", FZ_STR(ROOT_RELS), "password"}};
    struct fz_buf file = {0};

    (void)state;
    expect_failure_of((fz_str){ole, sizeof(ole)}, "", FZ_E_INPUT, ".xls)");
    expect_failure_of((fz_str){locked, sizeof(locked)}, "", FZ_E_INPUT, "password");
    expect_failure_of(FZ_STR("a,b\n1,2\n"), "", FZ_E_INPUT, "no workbook");
    zip_pack(&file, ods, 2);
    expect_failure_of(fz_buf_str(&file), "", FZ_E_INPUT, ".ods");
    fz_buf_reset(&file);
    zip_pack(&file, ods + 1, 1);
    fz_buf_reset(&file);
    zip_pack(&file, secret, 2);
    expect_failure_of(fz_buf_str(&file), "", FZ_E_INPUT, "password");
    fz_buf_release(&file);
}

/* Cut off anywhere it is refused, never read as a shorter one. */
static void test_xlsx__a_torn_file_is_refused(void **state)
{
    struct fz_buf file = {0}, got = {0};

    (void)state;
    pack(&file, (struct book){.sheet = SHEET(HEAD)});
    for (size_t n = 0; n < file.n; n++) {
        struct fz_error err = {0};

        assert_int_not_equal(rows_of((fz_str){file.p, n}, "", &got, &err), FZ_OK);
        assert_int_not_equal(err.text[0], 0);
    }
    fz_buf_release(&got);
    fz_buf_release(&file);
}

static void add_times(struct fz_buf *out, const char *z, size_t times)
{
    for (size_t i = 0; i < times; i++)
        fz_buf_addz(out, z);
}

static void test_xlsx__maxima(void **state)
{
    struct fz_buf b = {0};

    (void)state;
    fz_buf_addz(&b, "<worksheet><sheetData><row><c t=\"str\"><v>");
    add_times(&b, "0123456789abcdef", FZ_XLSX_CELL_BYTES_MAX / 16);
    fz_buf_addz(&b, "</v></c></row></sheetData></worksheet>");
    fz_buf_addc(&b, '\0');
    {
        struct fz_buf file = {0}, got = {0};

        pack(&file, (struct book){.sheet = b.p});
        assert_int_equal(rows_of(fz_buf_str(&file), "", &got, NULL), FZ_OK);
        fz_buf_release(&file);
        fz_buf_release(&got);
    }
    b.p[strlen(b.p) - strlen("</v></c></row></sheetData></worksheet>") - 1] = '!';
    fz_buf_reset(&b);
    fz_buf_addz(&b, "<worksheet><sheetData><row><c t=\"str\"><v>!");
    add_times(&b, "0123456789abcdef", FZ_XLSX_CELL_BYTES_MAX / 16);
    fz_buf_addz(&b, "</v></c></row></sheetData></worksheet>");
    fz_buf_addc(&b, '\0');
    expect_failure((struct book){.sheet = b.p}, FZ_E_TOO_LARGE, "a cell is longer");
    fz_buf_reset(&b);
    add_times(&b, "<a>", FZ_XML_DEPTH_MAX + 1);
    fz_buf_addc(&b, '\0');
    expect_failure((struct book){.sheet = b.p}, FZ_E_TOO_LARGE, "deeper");
    fz_buf_reset(&b);
    fz_buf_addz(&b, "<worksheet>");
    add_times(&b, "                                                                ", 64u << 10);
    fz_buf_addc(&b, '\0');
    expect_failure((struct book){.sheet = b.p}, FZ_E_TOO_LARGE,
                   "times its size"); /* a bomb: blanks pack a thousand to one */
    fz_buf_release(&b);
}

/* ---- by file ---- */

static void test_xlsx__is_told_by_its_bytes(void **state)
{
    struct fz_buf file = {0};
    char path[] = "/tmp/fz-xlsx-XXXXXX";
    int fd = mkstemp(path);
    struct fz_rows rows;
    fz_str *cells;
    size_t n, at;
    bool end;

    (void)state;
    assert_true(fd >= 0);
    assert_false(fz_xlsx_is(path));
    pack(&file, (struct book){.sheet = SHEET(HEAD "<row r=\"7\"><c r=\"B7\"><v>5</v></c></row>")});
    assert_int_equal(pwrite(fd, file.p, file.n, 0), file.n);
    assert_true(fz_xlsx_is(path));
    assert_int_equal(fz_rows_of_sheet(&rows, path, (fz_str){0}, NULL), FZ_OK);
    assert_true(fz_rows_column(&rows, FZ_STR("b"), &at));
    assert_int_equal(at, 1);
    assert_int_equal(fz_rows_next(&rows, &cells, &n, &end, NULL), FZ_OK);
    assert_true(!end && n == 3 && fz_str_is(cells[1], "5") && fz_rows_line(&rows) == 7 &&
                fz_str_is(fz_rows_sheet(&rows), "Sheet1"));
    fz_rows_close(&rows);
    assert_int_equal(ftruncate(fd, (off_t)file.n - 30), 0);
    assert_true(fz_xlsx_is(path)); /* torn, and said to be so by who opens it */
    assert_int_equal(fz_rows_of_sheet(&rows, path, (fz_str){0}, NULL), FZ_E_INPUT);
    assert_int_equal(pwrite(fd, "case,day\n", 9, 0), 9);
    assert_false(fz_xlsx_is(path));
    assert_false(fz_xlsx_is("/dev/null"));
    close(fd);
    unlink(path);
    fz_buf_release(&file);
}

/* Written by openpyxl 3.0.9 (both systems of dates) and XlsxWriter 3.0.2; openpyxl leaves out what a formula comes to. */
static void test_xlsx__workbooks_of_other_programs(void **state)
{
    static const char *const files[][3] = {{"openpyxl.xlsx", "1900-02-28", ""},
                                           {"openpyxl-1904.xlsx", "1904-01-03", ""},
                                           {"xlsxwriter.xlsx", "1900-02-28", "ab"}};

    (void)state;
    for (size_t i = 0; i < FZ_COUNT(files); i++) {
        struct fz_buf path = {0}, got = {0}, want = {0};
        struct fz_error err = {0};
        struct fz_rows rows;
        fz_str *cells;
        size_t n;
        bool end = false;

        fz_buf_printf(&path, "%s/tests/fuzz/corpus/xlsx/%s", getenv("FZ_ROOT"), files[i][0]);
        fz_buf_printf(&want,
                      "1:案件|日期|时刻|金额|是否|备注|/2:A-1|2015-01-02|2015-01-16 08:30:00|35.2|true|两行\n文字|/"
                      "3:A-2|%s|2015-12-31 23:59:00|-0.05|false||/5:A-3|%s|2000-02-29 00:01:00|101001240734|true|%s|/",
                      files[i][1], strcmp(files[i][1], "1904-01-03") ? "1900-03-01" : "1904-01-03", files[i][2]);
        assert_true(fz_xlsx_is(path.p));
        if (fz_rows_of_sheet(&rows, path.p, (fz_str){0}, &err) != FZ_OK)
            fail_msg("%s", err.text);
        assert_true(fz_str_is(fz_rows_sheet(&rows), "登记"));
        add_row(&got, fz_rows_line(&rows), fz_rows_header(&rows, &n), 6);
        while (fz_rows_next(&rows, &cells, &n, &end, &err) == FZ_OK && !end)
            add_row(&got, fz_rows_line(&rows), cells, n);
        assert_true(end);
        fz_buf_addz(&got, "");
        assert_string_equal(got.p, want.p);
        fz_rows_close(&rows);
        fz_buf_release(&path);
        fz_buf_release(&got);
        fz_buf_release(&want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xlsx__each_kind_of_cell),
        cmocka_unit_test(test_xlsx__empty_rows_and_cells),
        cmocka_unit_test(test_xlsx__a_sheet_by_its_name),
        cmocka_unit_test(test_xlsx__numbers_as_they_are_shown),
        cmocka_unit_test(test_xlsx__every_day_of_both_systems),
        cmocka_unit_test(test_xlsx__every_minute_of_a_day),
        cmocka_unit_test(test_xlsx__formats_of_dates),
        cmocka_unit_test(test_xlsx__midnights_and_elapsed_time),
        cmocka_unit_test(test_xlsx__the_system_of_1904),
        cmocka_unit_test(test_xlsx__columns_have_letters),
        cmocka_unit_test(test_xlsx__what_is_wrong_has_its_place),
        cmocka_unit_test(test_xlsx__no_such_sheet),
        cmocka_unit_test(test_xlsx__other_files_are_named),
        cmocka_unit_test(test_xlsx__a_torn_file_is_refused),
        cmocka_unit_test(test_xlsx__maxima),
        cmocka_unit_test(test_xlsx__workbooks_of_other_programs),
        cmocka_unit_test(test_xlsx__is_told_by_its_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
