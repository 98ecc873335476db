/* The door for files: packings and encodings (input.h), records and fields (csv.h). Everything is made in memory, but
 * where a path is the subject. */
#include "../support/support.h"

#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../support/packing.h"
#include "io/csv.h"

#define UTF8_MARK "\xEF\xBB\xBF"
#define UTF16LE_MARK "\xFF\xFE"
#define UTF16BE_MARK "\xFE\xFF"

/* ---- helpers ---- */

/* All records of `bytes`, fields ended by '|' and records by '/', each record after its line number and ':'. */
static fz_status rows_of(fz_str bytes, char separator, struct fz_buf *out, struct fz_error *err)
{
    struct fz_input *in;
    struct fz_csv *csv;
    fz_status s = fz_input_open_memory(&in, "log.csv", bytes, err);

    if (s != FZ_OK)
        return s;
    s = fz_csv_open(&csv, in, separator, err);
    if (s != FZ_OK) {
        fz_input_close(in);
        return s;
    }
    for (bool end = false; s == FZ_OK && !end;) {
        fz_str *fields;
        size_t n;

        s = fz_csv_next(csv, &fields, &n, &end, err);
        if (s != FZ_OK || end)
            continue;
        fz_buf_printf(out, "%llu:", (unsigned long long)fz_csv_line(csv));
        for (size_t i = 0; i < n; i++) {
            fz_buf_add(out, fields[i]);
            fz_buf_addc(out, '|');
        }
        fz_buf_addc(out, '/');
    }
    fz_csv_close(csv);
    fz_input_close(in);
    return s;
}

static void expect_rows_of(fz_str bytes, char separator, const char *want)
{
    struct fz_buf got = {0};
    struct fz_error err = {0};

    if (rows_of(bytes, separator, &got, &err) != FZ_OK)
        fail_msg("%s", err.text);
    fz_buf_addz(&got, "");
    assert_string_equal(got.p, want);
    fz_buf_release(&got);
}

#define expect_rows(literal, want) expect_rows_of(FZ_STR(literal), 0, want)

static void expect_failure(fz_str bytes, fz_status status, const char *text)
{
    struct fz_buf got = {0};
    struct fz_error err = {0};

    assert_int_equal(rows_of(bytes, 0, &got, &err), status);
    assert_int_equal(err.status, status);
    if (!strstr(err.text, text))
        fail_msg("\"%s\" does not say \"%s\"", err.text, text);
    fz_buf_release(&got);
}

static void expect_encoding(fz_str bytes, const char *encoding)
{
    struct fz_input *in;

    assert_int_equal(fz_input_open_memory(&in, "log.csv", bytes, NULL), FZ_OK);
    assert_string_equal(fz_input_encoding(in), encoding);
    fz_input_close(in);
}

/* A zip of `n` members, each with the text `plain`; a name that ends with a slash makes a folder. */
static void zip_make(struct fz_buf *out, const char *const *names, size_t n, fz_str plain)
{
    struct zip_part parts[8];

    assert_true(n <= FZ_COUNT(parts));
    for (size_t i = 0; i < n; i++)
        parts[i] = (struct zip_part){names[i], plain, NULL};
    zip_pack(out, parts, n);
}

static void add_times(struct fz_buf *out, const char *z, size_t times)
{
    for (size_t i = 0; i < times; i++)
        fz_buf_addz(out, z);
}

/* ---- csv ---- */

static void test_csv__quoted_fields_hold_separators_quotes_and_lines(void **state)
{
    (void)state;
    expect_rows("id,text\n1,\"a,b\"\n2,\"say \"\"yes\"\"\"\n3,\"two\nlines\"\n4,\"\"\n5,\"\"\"\"\n",
                "2:1|a,b|/3:2|say \"yes\"|/4:3|two\nlines|/6:4||/7:5|\"|/");
    expect_rows("id,text\n\"1\",\"a\r\nb\"\r\n\"2\",c", "2:1|a\r\nb|/4:2|c|/");
    expect_rows("\"the, id\",x\n1,2\n", "2:1|2|/");
}

static void test_csv__a_quote_inside_an_unquoted_field_is_text(void **state)
{
    (void)state;
    expect_rows("id,text\n1,5\" pipe\n2, \"x\"\n3,a\"b,\"c\"\n", "2:1|5\" pipe|/3:2| \"x\"|/4:3|a\"b|c|/");
    expect_rows("id,text\n1,\x01\"x\n2,y\n", "2:1|\x01\"x|/3:2|y|/");
}

static void test_csv__text_behind_a_closing_quote_is_refused(void **state)
{
    (void)state;
    expect_failure(FZ_STR("id,text\n1,a\n2,\"b\"c\n"), FZ_E_INPUT, "log.csv:3: field 2 goes on behind");
}

static void test_csv__lines_may_end_with_crlf_or_nothing(void **state)
{
    (void)state;
    expect_rows("a,b\r\n1,2\r\n3,\r\n", "2:1|2|/3:3||/");
    expect_rows("a,b\n1,2", "2:1|2|/");
    expect_rows("a,b\r\n1,", "2:1||/");
    expect_rows("a,b", "");
}

static void test_csv__empty_lines_are_skipped_and_counted(void **state)
{
    (void)state;
    expect_rows("\n\r\na,b\n\n1,2\n\r\n3,4\n\n", "5:1|2|/7:3|4|/");
    expect_rows("a\n\"\"\n", "2:|/");
}

static void test_csv__the_number_of_fields_is_left_to_the_caller(void **state)
{
    (void)state;
    expect_rows("a,b,c\n1\n1,2,3,4\n,,\n", "2:1|/3:1|2|3|4|/4:|||/");
}

static void test_csv__the_separator_is_the_one_most_used_in_the_header(void **state)
{
    (void)state;
    expect_rows("a;b;c\n1,5;2;3\n", "2:1,5|2|3|/");
    expect_rows("a\tb\n1,5\t2\n", "2:1,5|2|/");
    expect_rows("\"a;b;c;d\",e\n1;2,3\n", "2:1;2|3|/");
    expect_rows_of(FZ_STR("a,b,c;d\n1,2;3\n"), ';', "2:1,2|3|/");
}

static void test_csv__columns_are_found_by_name(void **state)
{
    struct fz_input *in;
    struct fz_csv *csv;
    size_t n, i = 9;
    bool end;
    fz_str *fields;

    (void)state;
    assert_int_equal(fz_input_open_memory(&in, "log.csv", FZ_STR(UTF8_MARK "案号;\"日期\"\r\n1;2\r\n"), NULL), FZ_OK);
    assert_int_equal(fz_csv_open(&csv, in, 0, NULL), FZ_OK);
    assert_int_equal(fz_csv_next(csv, &fields, &n, &end, NULL), FZ_OK);
    assert_true(fz_str_is(fz_csv_header(csv, &n)[0], "案号"));
    assert_int_equal(n, 2);
    assert_true(fz_csv_column(csv, FZ_STR("日期"), &i));
    assert_int_equal(i, 1);
    assert_false(fz_csv_column(csv, FZ_STR("date"), &i));
    assert_int_equal(fz_csv_separator(csv), ';');
    assert_int_equal(fz_csv_next(csv, &fields, &n, &end, NULL), FZ_OK);
    assert_true(end);
    assert_int_equal(fz_csv_next(csv, &fields, &n, &end, NULL), FZ_OK);
    assert_true(end);
    fz_csv_close(csv);
    fz_input_close(in);
}

static void test_csv__an_unclosed_quote_names_the_line_that_opened_it(void **state)
{
    (void)state;
    expect_failure(FZ_STR("a,b\n1,\"x\ny\",\"z\n2,3\n"), FZ_E_INPUT,
                   "log.csv:3: the quote opened here is never closed");
    expect_failure(FZ_STR("a,b\n1,\"x\"\"\n"), FZ_E_INPUT, "log.csv:2: the quote");
    expect_failure(FZ_STR("\"a,b\n"), FZ_E_INPUT, "log.csv:1: the quote");
}

static void test_csv__a_line_of_2_mb_is_refused(void **state)
{
    struct fz_buf b = {0};

    (void)state;
    fz_buf_addz(&b, "a,b\n1,2\n");
    add_times(&b, "0123456789abcdef", (2u << 20) / 16);
    expect_failure(fz_buf_str(&b), FZ_E_TOO_LARGE, "log.csv:3: the record is longer than 1048576 bytes");
    fz_buf_reset(&b);
    fz_buf_addz(&b, "a,b\n1,2\n3,\"4");
    add_times(&b, "5,6\n", (2u << 20) / 4);
    expect_failure(fz_buf_str(&b), FZ_E_TOO_LARGE, "was the quote on line 3 closed?");
    fz_buf_release(&b);
}

static void test_csv__the_longest_record_is_exactly_the_limit(void **state)
{
    struct fz_buf b = {0}, got = {0};

    (void)state;
    fz_buf_addz(&b, "a\n");
    add_times(&b, "0123456789abcdef", FZ_LINE_BYTES_MAX / 16);
    fz_buf_addz(&b, "\nz\n");
    assert_int_equal(rows_of(fz_buf_str(&b), 0, &got, NULL), FZ_OK);
    assert_int_equal(got.n, strlen("2:|/3:z|/") + FZ_LINE_BYTES_MAX);
    b.p[b.n - 3] = 'y';
    expect_failure(fz_buf_str(&b), FZ_E_TOO_LARGE, "log.csv:2:");
    fz_buf_release(&b);
    fz_buf_release(&got);
}

static void test_csv__more_fields_than_the_limit_are_refused(void **state)
{
    struct fz_buf b = {0}, got = {0};

    (void)state;
    fz_buf_addz(&b, "a,b\n");
    add_times(&b, ",", FZ_FIELDS_MAX - 1);
    assert_int_equal(rows_of(fz_buf_str(&b), 0, &got, NULL), FZ_OK);
    fz_buf_addz(&b, ",");
    expect_failure(fz_buf_str(&b), FZ_E_TOO_LARGE, "log.csv:2: the record has more than 1024 fields");
    fz_buf_addz(&b, "\"\"");
    expect_failure(fz_buf_str(&b), FZ_E_TOO_LARGE, "log.csv:2: the record has more than 1024 fields");
    fz_buf_release(&b);
    fz_buf_release(&got);
}

static void test_csv__records_across_window_ends_stay_whole(void **state)
{
    struct fz_buf b = {0}, want = {0};

    (void)state;
    fz_buf_addz(&b, "id,text\n");
    for (int i = 0, line = 2; i < 40000; i++) {
        bool quoted = i % 3 == 0;

        fz_buf_printf(&b, quoted ? "%d,\"准予\n%d\"\n" : "%d,许可%d\n", i, i * 7);
        fz_buf_printf(&want, quoted ? "%d:%d|准予\n%d|/" : "%d:%d|许可%d|/", line, i, i * 7);
        line += quoted ? 2 : 1;
    }
    expect_rows_of(fz_buf_str(&b), 0, want.p);
    fz_buf_release(&b);
    fz_buf_release(&want);
}

static void test_csv__an_empty_file_has_no_header(void **state)
{
    (void)state;
    expect_failure(FZ_STR(""), FZ_E_INPUT, "log.csv: the file is empty");
    expect_failure(FZ_STR("\n\r\n"), FZ_E_INPUT, "log.csv: the file is empty");
    expect_failure(FZ_STR(UTF8_MARK), FZ_E_INPUT, "log.csv: the file is empty");
    expect_failure(FZ_STR(UTF16LE_MARK), FZ_E_INPUT, "log.csv: the file is empty");
}

/* ---- encodings ---- */

#define UTF16LE_ROWS "\x48\x68\xF7\x53,\0x\0\n\0\x31\0,\0\x3D\xD8\x00\xDE\n\0" /* 案号,x / 1,😀 */
#define UTF16BE_ROWS "\x68\x48\x53\xF7\0,\0x\0\n\0\x31\0,\xD8\x3D\xDE\x00\0\n"

static void test_input__utf8_is_known_with_and_without_its_mark(void **state)
{
    (void)state;
    expect_encoding(FZ_STR("a,b\n"), "UTF-8");
    expect_encoding(FZ_STR("案号\n"), "UTF-8");
    expect_rows(UTF8_MARK "a,b\n案号,2\n", "2:案号|2|/");
}

static void test_input__utf16_is_known_by_mark_or_nul_pattern(void **state)
{
    (void)state;
    expect_rows(UTF16LE_MARK UTF16LE_ROWS, "2:1|😀|/");
    expect_rows(UTF16BE_MARK UTF16BE_ROWS, "2:1|😀|/");
    expect_rows(UTF16LE_ROWS, "2:1|😀|/");
    expect_rows(UTF16BE_ROWS, "2:1|😀|/");
    expect_encoding(FZ_STR(UTF16LE_ROWS), "UTF-16LE");
    expect_encoding(FZ_STR(UTF16BE_ROWS), "UTF-16BE");
}

static void test_input__gbk_is_taken_when_it_is_not_utf8(void **state)
{
    (void)state;
    expect_encoding(FZ_STR("\xB0\xB8\xBA\xC5,x\n"), "GB18030");
    expect_rows("\xB0\xB8\xBA\xC5,x\n\xD0\xD0\xD5\xFE,2\n", "2:行政|2|/");
    expect_rows("\xB0\xB8\xBA\xC5,x\n\x94\x39\xFC\x36,2\n", "2:😀|2|/"); /* four bytes: GB 18030 alone */
}

static void test_input__long_texts_convert_whole(void **state)
{
    struct fz_buf utf8 = {0}, packed = {0}, want = {0};
    iconv_t cd = iconv_open("GB18030", "UTF-8");
    char *from, *to, *gb;
    size_t from_n, to_n;

    (void)state;
    assert_true(cd != (iconv_t)-1);
    fz_buf_addz(&utf8, "案号,x\n");
    for (int i = 0; i < 30000; i++) {
        fz_buf_printf(&utf8, "%d,行政许可㐂\n", i); /* 㐂 has four bytes in GB 18030 */
        fz_buf_printf(&want, "%d:%d|行政许可㐂|/", i + 2, i);
    }
    gb = malloc(utf8.n * 2);
    assert_non_null(gb);
    from = utf8.p, from_n = utf8.n, to = gb, to_n = utf8.n * 2;
    assert_int_equal(iconv(cd, &from, &from_n, &to, &to_n), 0);
    iconv_close(cd);
    expect_rows_of((fz_str){gb, (size_t)(to - gb)}, 0, want.p);
    gzip_add(&packed, (fz_str){gb, (size_t)(to - gb)});
    expect_rows_of(fz_buf_str(&packed), 0, want.p);
    free(gb);
    fz_buf_release(&utf8);
    fz_buf_release(&packed);
    fz_buf_release(&want);
}

static void test_input__the_end_of_the_first_look_may_cut_a_character(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 4; shift++) {
        struct fz_buf utf8 = {0}, gb = {0};

        add_times(&utf8, "x", shift);
        add_times(&utf8, "许", 30000);
        expect_encoding(fz_buf_str(&utf8), "UTF-8");
        add_times(&gb, "x", shift);
        add_times(&gb, "\x81\x30\x81\x33\xD0\xED", 20000);
        expect_encoding(fz_buf_str(&gb), "GB18030");
        fz_buf_release(&utf8);
        fz_buf_release(&gb);
    }
}

static void test_input__what_is_no_known_encoding_is_refused(void **state)
{
    (void)state;
    expect_failure(FZ_STR("id,caf\xE9,x\n"), FZ_E_INPUT, "neither UTF-8 (malformed at byte 6) nor UTF-16 nor GB18030");
    expect_failure(FZ_STR(UTF8_MARK "a,b\n1,\xB0\xB8\n"), FZ_E_INPUT, "malformed UTF-8 at byte 9");
    expect_failure(FZ_STR(UTF16LE_MARK "a\0\x3D\xD8"), FZ_E_INPUT, "malformed UTF-16LE at byte 4");
    expect_failure(FZ_STR(UTF16LE_MARK "a\0b"), FZ_E_INPUT, "malformed UTF-16LE at byte 4");
}

static void test_input__malformed_bytes_later_are_named_by_offset(void **state)
{
    struct fz_buf b = {0};

    (void)state;
    add_times(&b, "案号,日期xx\n", 10000);
    assert_int_equal(b.n, 160000);
    b.p[16 * 8000] = '\xFF';
    expect_failure(fz_buf_str(&b), FZ_E_INPUT, "malformed UTF-8 at byte 128000");
    fz_buf_release(&b);
}

static void test_input__a_small_buffer_never_cuts_a_character(void **state)
{
    struct fz_input *in;
    char buf[FZ_INPUT_READ_MIN];
    struct fz_buf all = {0};
    size_t n;

    (void)state;
    assert_int_equal(fz_input_open_memory(&in, "x", FZ_STR("a行政许可法😀第四十二条，期限"), NULL), FZ_OK);
    for (;;) {
        assert_int_equal(fz_input_read(in, buf, sizeof(buf), &n, NULL), FZ_OK);
        if (n == 0)
            break;
        assert_true(fz_utf8_valid((fz_str){buf, n}));
        fz_buf_add(&all, (fz_str){buf, n});
    }
    assert_string_equal(all.p, "a行政许可法😀第四十二条，期限");
    fz_input_close(in);
    fz_buf_release(&all);
}

/* ---- packings ---- */

static void test_input__gzip_of_several_members_is_one_text(void **state)
{
    struct fz_buf b = {0};

    (void)state;
    gzip_add(&b, FZ_STR("a,b\n1,"));
    gzip_add(&b, FZ_STR(""));
    gzip_add(&b, FZ_STR("2\n"));
    fz_buf_add(&b, FZ_STR("\0\0\0"));
    expect_rows_of(fz_buf_str(&b), 0, "2:1|2|/");
    fz_buf_addz(&b, "x");
    expect_failure(fz_buf_str(&b), FZ_E_INPUT, "other bytes stand behind the end of the gzip data");
    fz_buf_release(&b);
}

static void test_input__a_gzip_torn_anywhere_says_so(void **state)
{
    struct fz_buf b = {0};

    (void)state;
    gzip_add(&b, FZ_STR("a,b\n1,2\n3,4\n"));
    for (size_t n = 2; n < b.n; n++)
        expect_failure((fz_str){b.p, n}, FZ_E_INPUT, "log.csv: torn gzip file");
    fz_buf_release(&b);
}

static void test_input__a_gzip_with_a_wrong_checksum_says_so(void **state)
{
    struct fz_buf b = {0};

    (void)state;
    gzip_add(&b, FZ_STR("a,b\n1,2\n"));
    b.p[b.n - 8] ^= 1;
    expect_failure(fz_buf_str(&b), FZ_E_INPUT, "damaged gzip file: incorrect data check");
    fz_buf_release(&b);
}

static void test_input__a_gzip_bomb_is_refused(void **state)
{
    struct fz_buf b = {0}, zeros = {0};

    (void)state;
    add_times(&zeros, "                                                                ", (4u << 20) / 64);
    gzip_add(&b, fz_buf_str(&zeros));
    assert_true(b.n * FZ_UNZIP_RATIO_MAX < zeros.n);
    expect_failure(fz_buf_str(&b), FZ_E_TOO_LARGE, "unpacks to more than 1000 times its size");
    fz_buf_release(&b);
    fz_buf_release(&zeros);
}

static void test_input__a_zip_of_one_file_is_read(void **state)
{
    static const char *const one[] = {"log.csv"}, *const inside[] = {"logs/", "logs/log.csv"};
    struct fz_buf b = {0};

    (void)state;
    zip_make(&b, one, 1, FZ_STR("a,b\n1,2\n"));
    expect_rows_of(fz_buf_str(&b), 0, "2:1|2|/");
    fz_buf_reset(&b);
    zip_make(&b, inside, 2, FZ_STR("\xB0\xB8\xBA\xC5,x\n\xD0\xD0,2\n"));
    expect_rows_of(fz_buf_str(&b), 0, "2:行|2|/");
    fz_buf_release(&b);
}

static void test_input__a_zip_of_two_files_or_none_is_refused(void **state)
{
    static const char *const two[] = {"a.csv", "b.csv"}, *const none[] = {"logs/"};
    struct fz_buf b = {0};

    (void)state;
    zip_make(&b, two, 2, FZ_STR("a,b\n1,2\n"));
    expect_failure(fz_buf_str(&b), FZ_E_INPUT, "the zip holds 2 files, exactly one is wanted");
    fz_buf_reset(&b);
    zip_make(&b, none, 1, FZ_STR(""));
    expect_failure(fz_buf_str(&b), FZ_E_INPUT, "the zip holds 0 files");
    fz_buf_release(&b);
}

static void test_input__a_damaged_or_torn_zip_says_so(void **state)
{
    static const char *const one[] = {"log.csv"};
    struct fz_buf b = {0};

    (void)state;
    zip_make(&b, one, 1, FZ_STR("a,b\n1,2\n"));
    expect_failure((fz_str){b.p, b.n - 4}, FZ_E_INPUT, "damaged zip file");
    b.p[30 + strlen(one[0])] ^= 0x20; /* the first byte of the member, behind its local header */
    expect_failure(fz_buf_str(&b), FZ_E_INPUT, "damaged zip file");
    fz_buf_release(&b);
}

static void test_input__a_zip_bomb_is_refused(void **state)
{
    static const char *const one[] = {"log.csv"};
    struct fz_buf b = {0}, zeros = {0};

    (void)state;
    add_times(&zeros, "                                                                ", (4u << 20) / 64);
    zip_make(&b, one, 1, fz_buf_str(&zeros));
    expect_failure(fz_buf_str(&b), FZ_E_TOO_LARGE, "unpacks to more than 1000 times its size");
    fz_buf_release(&b);
    fz_buf_release(&zeros);
}

static void expect_file_rows(fz_str bytes, const char *want_first_field)
{
    char path[] = "fazhi-io-XXXXXX";
    int fd = mkstemp(path);
    struct fz_input *in;
    struct fz_csv *csv;
    struct fz_error err = {0};
    fz_str *fields;
    size_t n;
    bool end;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.p, bytes.n), bytes.n);
    close(fd);
    if (fz_input_open(&in, path, &err) != FZ_OK)
        fail_msg("%s", err.text);
    unlink(path);
    assert_string_equal(fz_input_name(in), path);
    assert_int_equal(fz_csv_open(&csv, in, 0, &err), FZ_OK);
    assert_int_equal(fz_csv_next(csv, &fields, &n, &end, &err), FZ_OK);
    assert_false(end);
    assert_true(fz_str_is(fields[0], want_first_field));
    assert_int_equal(fz_csv_next(csv, &fields, &n, &end, &err), FZ_OK);
    assert_true(end);
    fz_csv_close(csv);
    fz_input_close(in);
}

static void test_input__files_are_read_like_memory(void **state)
{
    static const char *const one[] = {"log.csv"};
    struct fz_buf b = {0};

    (void)state;
    expect_file_rows(FZ_STR("a,b\n案,2\n"), "案");
    gzip_add(&b, FZ_STR("a,b\n案,2\n"));
    expect_file_rows(fz_buf_str(&b), "案");
    fz_buf_reset(&b);
    zip_make(&b, one, 1, FZ_STR("a,b\n案,2\n"));
    expect_file_rows(fz_buf_str(&b), "案");
    fz_buf_release(&b);
}

static void test_input__a_file_that_cannot_be_read_is_named(void **state)
{
    struct fz_input *in;
    struct fz_error err = {0};

    (void)state;
    assert_int_equal(fz_input_open(&in, "no/such/log.csv", &err), FZ_E_IO);
    assert_string_equal(err.text, "no/such/log.csv: cannot open: No such file or directory");
    assert_int_equal(fz_input_open(&in, ".", &err), FZ_E_IO);
    assert_non_null(strstr(err.text, ".: cannot read: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv__quoted_fields_hold_separators_quotes_and_lines),
        cmocka_unit_test(test_csv__a_quote_inside_an_unquoted_field_is_text),
        cmocka_unit_test(test_csv__text_behind_a_closing_quote_is_refused),
        cmocka_unit_test(test_csv__lines_may_end_with_crlf_or_nothing),
        cmocka_unit_test(test_csv__empty_lines_are_skipped_and_counted),
        cmocka_unit_test(test_csv__the_number_of_fields_is_left_to_the_caller),
        cmocka_unit_test(test_csv__the_separator_is_the_one_most_used_in_the_header),
        cmocka_unit_test(test_csv__columns_are_found_by_name),
        cmocka_unit_test(test_csv__an_unclosed_quote_names_the_line_that_opened_it),
        cmocka_unit_test(test_csv__a_line_of_2_mb_is_refused),
        cmocka_unit_test(test_csv__the_longest_record_is_exactly_the_limit),
        cmocka_unit_test(test_csv__more_fields_than_the_limit_are_refused),
        cmocka_unit_test(test_csv__records_across_window_ends_stay_whole),
        cmocka_unit_test(test_csv__an_empty_file_has_no_header),
        cmocka_unit_test(test_input__utf8_is_known_with_and_without_its_mark),
        cmocka_unit_test(test_input__utf16_is_known_by_mark_or_nul_pattern),
        cmocka_unit_test(test_input__gbk_is_taken_when_it_is_not_utf8),
        cmocka_unit_test(test_input__long_texts_convert_whole),
        cmocka_unit_test(test_input__the_end_of_the_first_look_may_cut_a_character),
        cmocka_unit_test(test_input__what_is_no_known_encoding_is_refused),
        cmocka_unit_test(test_input__malformed_bytes_later_are_named_by_offset),
        cmocka_unit_test(test_input__a_small_buffer_never_cuts_a_character),
        cmocka_unit_test(test_input__gzip_of_several_members_is_one_text),
        cmocka_unit_test(test_input__a_gzip_torn_anywhere_says_so),
        cmocka_unit_test(test_input__a_gzip_with_a_wrong_checksum_says_so),
        cmocka_unit_test(test_input__a_gzip_bomb_is_refused),
        cmocka_unit_test(test_input__a_zip_of_one_file_is_read),
        cmocka_unit_test(test_input__a_zip_of_two_files_or_none_is_refused),
        cmocka_unit_test(test_input__a_damaged_or_torn_zip_says_so),
        cmocka_unit_test(test_input__a_zip_bomb_is_refused),
        cmocka_unit_test(test_input__files_are_read_like_memory),
        cmocka_unit_test(test_input__a_file_that_cannot_be_read_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
