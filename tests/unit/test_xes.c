/* Events of XES (io/xes.h). Everything is made in memory. */
#include "../support/support.h"

#include <stdlib.h>

#include "../support/packing.h"
#include "io/xes.h"

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<log xes.version=\"1.0\">\n"
#define TAIL "</log>\n"
#define EVENT "<event><string key=\"a\" value=\"1\"/></event>"

/* ---- helpers ---- */

static void print_attributes(struct fz_buf *out, const struct fz_xes_attribute *a, size_t n)
{
    static const char types[] = "sdifbI";

    for (size_t i = 0; i < n; i++)
        fz_buf_printf(out, "%c:%.*s=%.*s|", types[a[i].type], FZ_STR_ARG(a[i].key), FZ_STR_ARG(a[i].value));
}

/* An event is "LINE{its attributes}TRACE-LINE{attributes of its trace}"; a bare trace begins with '-'. */
static fz_status events_of(fz_str bytes, struct fz_buf *out, size_t *out_n, struct fz_error *err)
{
    struct fz_input *in;
    struct fz_xes *x;
    struct fz_xes_event e;
    fz_status s = fz_input_open_memory(&in, "log.xes", bytes, err);

    *out_n = 0;
    if (s != FZ_OK)
        return s;
    assert_int_equal(fz_xes_open(&x, in, err), FZ_OK);
    for (bool end = false; s == FZ_OK && !end;) {
        s = fz_xes_next(x, &e, &end, err);
        if (s != FZ_OK || end)
            continue;
        ++*out_n;
        fz_buf_printf(out, "%s%llu{", e.bare ? "-" : "", (unsigned long long)e.line);
        print_attributes(out, e.attributes, e.attributes_n);
        fz_buf_printf(out, "}%llu{", (unsigned long long)e.trace_line);
        print_attributes(out, e.trace, e.trace_n);
        fz_buf_addz(out, "}");
    }
    fz_xes_close(x);
    fz_input_close(in);
    return s;
}

static void expect_events_of(fz_str bytes, const char *want)
{
    struct fz_buf got = {0};
    struct fz_error err = {0};
    size_t n;

    if (events_of(bytes, &got, &n, &err) != FZ_OK)
        fail_msg("%s", err.text);
    fz_buf_addz(&got, "");
    assert_string_equal(got.p, want);
    fz_buf_release(&got);
}

#define expect_events(literal, want) expect_events_of(FZ_STR(literal), want)

static void expect_failure_of(fz_str bytes, fz_status status, const char *text)
{
    struct fz_buf got = {0};
    struct fz_error err = {0};
    size_t n;

    assert_int_equal(events_of(bytes, &got, &n, &err), status);
    assert_int_equal(err.status, status);
    if (!strstr(err.text, text))
        fail_msg("\"%s\" does not say \"%s\"", err.text, text);
    fz_buf_release(&got);
}

#define expect_failure(literal, status, text) expect_failure_of(FZ_STR(literal), status, text)

static void add_times(struct fz_buf *out, const char *text, size_t times)
{
    while (times--)
        fz_buf_addz(out, text);
}

/* ---- what is read ---- */

static void test_xes__an_event_comes_with_the_attributes_of_its_trace(void **state)
{
    (void)state;
    expect_events(HEAD
                  "<trace>\n<string key=\"concept:name\" value=\"A1\"/>\n<float key=\"amount\" value=\"35.0\"/>\n"
                  "<event>\n<string key=\"concept:name\" value=\"Create Fine\"/>\n"
                  "<date key=\"time:timestamp\" value=\"2006-07-24T00:00:00.000+02:00\"/>\n</event>\n"
                  "<event><int key=\"n\" value=\"3\"/><boolean key=\"b\" value=\"true\"/><id key=\"i\" value=\"x-1\"/>"
                  "</event>\n</trace>\n" TAIL,
                  "6{s:concept:name=Create Fine|d:time:timestamp=2006-07-24T00:00:00.000+02:00|}"
                  "3{s:concept:name=A1|f:amount=35.0|}"
                  "10{i:n=3|b:b=true|I:i=x-1|}3{s:concept:name=A1|f:amount=35.0|}");
}

static void test_xes__each_trace_has_its_own_attributes(void **state)
{
    (void)state;
    expect_events(HEAD "<trace><string key=\"t\" value=\"1\"/>" EVENT "</trace>\n<trace>" EVENT EVENT "</trace>" TAIL,
                  "3{s:a=1|}3{s:t=1|}4{s:a=1|}4{}4{s:a=1|}4{}");
}

static void test_xes__a_trace_without_events_is_not_lost(void **state)
{
    (void)state;
    expect_events(HEAD "<trace><string key=\"t\" value=\"1\"/></trace>\n<trace/>" TAIL, "-3{}3{s:t=1|}-4{}4{}");
}

static void test_xes__an_event_outside_of_traces_has_none(void **state)
{
    (void)state;
    expect_events(HEAD "<trace><string key=\"t\" value=\"1\"/>" EVENT "</trace>\n" EVENT TAIL,
                  "3{s:a=1|}3{s:t=1|}4{s:a=1|}0{}");
}

static void test_xes__what_is_no_plain_attribute_is_left_out(void **state)
{
    (void)state;
    expect_events(
        HEAD "<extension name=\"Concept\" prefix=\"concept\" uri=\"http://x/concept.xesext\"/>"
             "<global scope=\"event\"><string key=\"g\" value=\"d\"/></global>"
             "<classifier name=\"c\" keys=\"g\"/><string key=\"log\" value=\"l\"><int key=\"n\" value=\"1\"/></string>"
             "<list key=\"l\"><values><string key=\"v\" value=\"1\"/></values></list>"
             "<trace><list key=\"l\"><values><string key=\"v\" value=\"1\"/></values></list>"
             "<string key=\"t\" value=\"1\"><string key=\"nested\" value=\"2\"/></string>"
             "<event><container key=\"c\"><string key=\"v\" value=\"1\"/></container>"
             "<string key=\"a\" value=\"1\"><string key=\"nested\" value=\"2\"><event/></string></string>"
             "<string key=\"b\" value=\"2\"/></event></trace>" TAIL,
        "3{s:a=1|s:b=2|}3{s:t=1|}");
}

static void test_xes__names_may_have_a_prefix_and_values_references(void **state)
{
    (void)state;
    expect_events(
        "<x:log xmlns:x=\"http://www.xes-standard.org/\">\n<!-- a > b -->\n<x:trace><x:event>"
        "<x:string key=\"a&amp;b\" value=\"&lt;&#x884C;&gt;\"/><x:string value=\"\" key=\"e\"/></x:event></x:trace>"
        "</x:log>",
        "3{s:a&b=<行>|s:e=|}3{}");
}

static void test_xes__a_log_without_traces_has_no_events(void **state)
{
    (void)state;
    expect_events(HEAD TAIL, "");
    expect_events("<log/>", "");
}

static void test_xes__events_across_chunks_stay_whole_and_keep_their_lines(void **state)
{
    enum { EVENTS = 60000 };
    struct fz_buf text = {0}, got = {0}, want = {0};
    struct fz_error err = {0};
    size_t n;

    (void)state;
    fz_buf_addz(&text, "<log><trace>\n");
    for (size_t i = 0; i < EVENTS; i++) {
        fz_buf_printf(&text, "<event><string key=\"number\" value=\"%zu\"/>\n</event>", i);
        fz_buf_printf(&want, "%zu{s:number=%zu|}1{}", i + 2, i);
    }
    fz_buf_addz(&text, "</trace></log>");
    assert_true(text.n > 2 * FZ_XML_BYTES_MAX);
    if (events_of(fz_buf_str(&text), &got, &n, &err) != FZ_OK)
        fail_msg("%s", err.text);
    assert_int_equal(n, EVENTS);
    assert_true(fz_str_eq(fz_buf_str(&got), fz_buf_str(&want)));
    fz_buf_release(&text);
    fz_buf_release(&got);
    fz_buf_release(&want);
}

/* ---- encodings and packings ---- */

static void test_xes__the_declared_encoding_need_not_be_that_of_the_text(void **state)
{
    /* 行 in GBK is D0 D0; the input has made UTF-8 of it before the parser reads the declaration. */
    (void)state;
    expect_events(
        "<?xml version=\"1.0\" encoding=\"GBK\"?><log><trace><event><string key=\"a\" value=\"\xD0\xD0\"/></event>"
        "</trace></log>",
        "1{s:a=行|}1{}");
    expect_events("<?xml version=\"1.0\" encoding=\"UTF-16\"?><log><trace>" EVENT "</trace></log>", "1{s:a=1|}1{}");
    expect_events("<?xml version=\"1.0\" encoding=\"no-such\"?><log><trace>" EVENT "</trace></log>", "1{s:a=1|}1{}");
}

static void test_xes__utf16_with_a_mark_is_read(void **state)
{
    static const char plain[] = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><log><trace>" EVENT "</trace></log>";
    struct fz_buf wide = {0};

    (void)state;
    fz_buf_addz(&wide, "\xFF\xFE");
    for (const char *p = plain; *p; p++) {
        fz_buf_addc(&wide, *p);
        fz_buf_addc(&wide, '\0');
    }
    expect_events_of(fz_buf_str(&wide), "1{s:a=1|}1{}");
    fz_buf_release(&wide);
}

static void test_xes__gzip_is_read_and_a_torn_one_names_the_line(void **state)
{
    struct fz_buf plain = {0}, packed = {0};

    (void)state;
    gzip_add(&packed, FZ_STR(HEAD "<trace>" EVENT "</trace>" TAIL));
    expect_events_of(fz_buf_str(&packed), "3{s:a=1|}3{}");
    fz_buf_reset(&packed);
    fz_buf_addz(&plain, HEAD);
    for (size_t i = 0; i < 20000; i++)
        fz_buf_printf(&plain, "<trace><event><string key=\"a\" value=\"%zu\"/></event></trace>\n", i * 7919 % 20000);
    fz_buf_addz(&plain, TAIL);
    gzip_add(&packed, fz_buf_str(&plain));
    expect_failure_of((fz_str){packed.p, packed.n - 100}, FZ_E_INPUT, "log.xes:19");
    expect_failure_of((fz_str){packed.p, packed.n - 100}, FZ_E_INPUT, ": torn gzip file: the data ends before");
    fz_buf_release(&plain);
    fz_buf_release(&packed);
}

/* ---- what is refused ---- */

static void test_xes__entity_bombs_and_document_types_are_refused(void **state)
{
    (void)state;
    expect_failure(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE log [\n<!ENTITY a \"ha\">\n<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">\n"
        "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>\n<log><trace><event><string key=\"a\" value=\"&c;\"/></event>"
        "</trace></log>",
        FZ_E_INPUT, "log.xes:2: a document type may not stand in a log");
    expect_failure("<!DOCTYPE log SYSTEM \"file:///etc/passwd\"><log/>", FZ_E_INPUT, "log.xes:1: a document type");
    expect_failure("<log><trace><event><string key=\"a\" value=\"&b;\"/></event></trace></log>", FZ_E_INPUT,
                   "log.xes:1: not well-formed XML: undefined entity");
}

static void test_xes__deep_nesting_is_refused(void **state)
{
    struct fz_buf text = {0};

    (void)state;
    fz_buf_addz(&text, "<log>\n<trace><event>");
    add_times(&text, "<string key=\"a\" value=\"\">", FZ_XML_DEPTH_MAX - 3);
    add_times(&text, "</string>", FZ_XML_DEPTH_MAX - 3);
    fz_buf_addz(&text, "</event></trace></log>");
    expect_events_of(fz_buf_str(&text), "2{s:a=|}2{}");
    fz_buf_reset(&text);
    fz_buf_addz(&text, "<log>\n<trace><event>");
    add_times(&text, "<string key=\"a\" value=\"\">", FZ_XML_DEPTH_MAX - 2);
    expect_failure_of(fz_buf_str(&text), FZ_E_TOO_LARGE, "log.xes:2: elements nest deeper than 64");
    fz_buf_release(&text);
}

static void test_xes__more_attributes_than_the_limit_are_refused(void **state)
{
    struct fz_buf text = {0};

    (void)state;
    fz_buf_addz(&text, "<log><trace>\n<event>");
    add_times(&text, "<int key=\"a\" value=\"1\"/>", FZ_XML_ATTRIBUTES_MAX + 1);
    fz_buf_addz(&text, "</event></trace></log>");
    expect_failure_of(fz_buf_str(&text), FZ_E_TOO_LARGE, "log.xes:2: more than 1024 attributes");
    fz_buf_release(&text);
}

static void test_xes__a_tag_without_end_does_not_fill_the_memory(void **state)
{
    struct fz_buf text = {0};

    (void)state;
    fz_buf_addz(&text, "<log>\n<!-- ");
    add_times(&text, "never closed ", 3 * FZ_XML_BYTES_MAX / 13);
    expect_failure_of(fz_buf_str(&text), FZ_E_TOO_LARGE, "log.xes:2: a tag or comment is longer than 1048576 bytes");
    fz_buf_reset(&text);
    fz_buf_addz(&text, "<log><trace>\n<event>\n<string key=\"a\" value=\"");
    add_times(&text, "never closed ", 3 * FZ_XML_BYTES_MAX / 13);
    expect_failure_of(fz_buf_str(&text), FZ_E_TOO_LARGE, "log.xes:3: a tag or comment is longer than 1048576 bytes");
    fz_buf_release(&text);
}

static void test_xes__long_values_of_one_event_are_refused_together(void **state)
{
    struct fz_buf text = {0};

    (void)state;
    fz_buf_addz(&text, "<log><trace><event>");
    for (size_t i = 0; i < 3; i++) {
        fz_buf_addz(&text, "<string key=\"a\" value=\"");
        add_times(&text, "half", FZ_XML_BYTES_MAX / 8);
        fz_buf_addz(&text, "\"/>\n");
    }
    fz_buf_addz(&text, "</event></trace></log>");
    expect_failure_of(fz_buf_str(&text), FZ_E_TOO_LARGE, "log.xes:2: the attributes are longer than 1048576 bytes");
    fz_buf_release(&text);
}

static void test_xes__long_text_between_tags_is_passed_over(void **state)
{
    struct fz_buf text = {0};

    (void)state;
    fz_buf_addz(&text, "<log>");
    add_times(&text, "text of no meaning ", 3 * FZ_XML_BYTES_MAX / 19);
    fz_buf_addz(&text, "<trace>" EVENT "</trace></log>");
    expect_events_of(fz_buf_str(&text), "1{s:a=1|}1{}");
    fz_buf_release(&text);
}

static void test_xes__what_xes_does_not_have_is_named(void **state)
{
    (void)state;
    expect_failure("<html/>", FZ_E_INPUT, "log.xes:1: no XES log: it begins with <html>");
    expect_failure("<log>\n<case/></log>", FZ_E_INPUT, "log.xes:2: XES has no <case> in a log");
    expect_failure("<log><trace>\n<trace/></trace></log>", FZ_E_INPUT, "log.xes:2: XES has no <trace> in a trace");
    expect_failure("<log><trace><event>\n<event/></event></trace></log>", FZ_E_INPUT,
                   "log.xes:2: XES has no <event> in an event");
    expect_failure("<log><trace><event>\n<int value=\"1\"/></event></trace></log>", FZ_E_INPUT,
                   "log.xes:2: this <int> has no key");
    expect_failure("<log><trace><event>\n<int key=\"n\"/></event></trace></log>", FZ_E_INPUT,
                   "log.xes:2: the attribute `n` has no value");
    expect_failure("<log><trace>" EVENT "\n<int key=\"n\" value=\"1\"/></trace></log>", FZ_E_INPUT,
                   "log.xes:2: this attribute of the trace stands behind its first event");
}

static void test_xes__a_document_that_breaks_off_is_refused_after_its_events(void **state)
{
    struct fz_buf got = {0};
    struct fz_error err = {0};
    size_t n;

    (void)state;
    assert_int_equal(events_of(FZ_STR("<log><trace>" EVENT "\n" EVENT "</trace>"), &got, &n, &err), FZ_E_INPUT);
    assert_int_equal(n, 2);
    assert_string_equal(err.text, "log.xes:2: not well-formed XML: no element found");
    fz_buf_release(&got);
    expect_failure("<log><trace></log>", FZ_E_INPUT, "log.xes:1: not well-formed XML: mismatched tag");
    expect_failure("<log/><log/>", FZ_E_INPUT, "log.xes:1: not well-formed XML");
    expect_failure("", FZ_E_INPUT, "log.xes:1: not well-formed XML: no element found");
}

static void expect_markup(fz_str bytes, bool want)
{
    struct fz_input *in;

    assert_int_equal(fz_input_open_memory(&in, "log", bytes, NULL), FZ_OK);
    assert_int_equal(fz_input_is_markup(in), want);
    fz_input_close(in);
}

static void test_input__markup_is_known_in_every_encoding(void **state)
{
    (void)state;
    expect_markup(FZ_STR("<log/>"), true);
    expect_markup(FZ_STR("\xEF\xBB\xBF \r\n\t<log/>"), true);
    expect_markup(FZ_STR("\xFF\xFE<\0l\0o\0g\0/\0>\0"), true);
    expect_markup(FZ_STR("\xFE\xFF\0<\0l\0o\0g\0/\0>"), true);
    expect_markup(FZ_STR("<a b=\"\xD0\xD0\"/>"), true);
    expect_markup(FZ_STR("case_id,<log>"), false);
    expect_markup(FZ_STR(" \n"), false);
    expect_markup(FZ_STR(""), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xes__an_event_comes_with_the_attributes_of_its_trace),
        cmocka_unit_test(test_xes__each_trace_has_its_own_attributes),
        cmocka_unit_test(test_xes__a_trace_without_events_is_not_lost),
        cmocka_unit_test(test_xes__an_event_outside_of_traces_has_none),
        cmocka_unit_test(test_xes__what_is_no_plain_attribute_is_left_out),
        cmocka_unit_test(test_xes__names_may_have_a_prefix_and_values_references),
        cmocka_unit_test(test_xes__a_log_without_traces_has_no_events),
        cmocka_unit_test(test_xes__events_across_chunks_stay_whole_and_keep_their_lines),
        cmocka_unit_test(test_xes__the_declared_encoding_need_not_be_that_of_the_text),
        cmocka_unit_test(test_xes__utf16_with_a_mark_is_read),
        cmocka_unit_test(test_xes__gzip_is_read_and_a_torn_one_names_the_line),
        cmocka_unit_test(test_xes__entity_bombs_and_document_types_are_refused),
        cmocka_unit_test(test_xes__deep_nesting_is_refused),
        cmocka_unit_test(test_xes__more_attributes_than_the_limit_are_refused),
        cmocka_unit_test(test_xes__a_tag_without_end_does_not_fill_the_memory),
        cmocka_unit_test(test_xes__long_values_of_one_event_are_refused_together),
        cmocka_unit_test(test_xes__long_text_between_tags_is_passed_over),
        cmocka_unit_test(test_xes__what_xes_does_not_have_is_named),
        cmocka_unit_test(test_xes__a_document_that_breaks_off_is_refused_after_its_events),
        cmocka_unit_test(test_input__markup_is_known_in_every_encoding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
