/* Logs read by a map (report/log.h): cells, rows, cases; what is refused and what ends the reading. Files are made in a folder of their own. */
#include "../support/support.h"

#include <unistd.h>
#include <zip.h>

#include "../support/packing.h"
#include "../support/toy.h"
#include "report/cell.h"

#define EVENTS_MAP                                                                                                     \
    TOY_MAP_HEAD                                                                                                       \
    "sources:\n"                                                                                                       \
    "  events: {case: id, action: what, on: day, actor: who, fields: {sum: amount, note: note}, ignore: [seq]}\n" TOY_ACTIONS
#define BOTH_MAP                                                                                                       \
    TOY_MAP_HEAD "sources:\n"                                                                                          \
                 "  cases: {case: id, acts: {from: receive, to: decide}, fields: {way: channel}, organ: unit}\n"       \
                 "  events: {case: id, action: what, on: day, actor: who}\n" TOY_ACTIONS                               \
                 "values: {channel: {Post: post, 窗口: desk}}\n"
#define XES_MAP                                                                                                        \
    TOY_MAP_HEAD                                                                                                       \
    "sources:\n"                                                                                                       \
    "  events: {case: 'case:concept:name', action: 'concept:name', on: 'time:timestamp', actor: 'org:resource',\n"     \
    "           organ: 'case:unit', fields: {'case:way': channel, sum: amount}, ignore: ['case:x', 'lifecycle:transition']}\n" TOY_ACTIONS
#define HEADER "id,what,day,who,sum,note\n"

static char folder[] = "fazhi-log-XXXXXX";

static int enter(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    return chdir("..") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

/* ---- one reading ---- */

struct reading {
    struct fz_arena arena;
    const struct fz_pack *pack;
    struct fz_map *map;
    bool keep[32];
    fz_language lang;
    const char *names[8];
    size_t names_n;
    struct fz_log log;
    struct fz_error err;
    fz_status status;
    struct fz_buf text;
};

static void begin_pack(struct reading *r, const char *pack, const char *map)
{
    struct fz_buf said = {0};

    *r = (struct reading){0};
    r->pack = load_pack_text(&r->arena, "toy.yaml", fz_str_of(pack));
    r->map = load_map(&r->arena, map, &r->pack, 1, FZ_EN, &said);
    if (!r->map)
        fail_msg("%s", said.p);
    fz_buf_release(&said);
    memset(r->keep, true, sizeof(r->keep));
}

static void begin(struct reading *r, const char *map)
{
    begin_pack(r, TOY_PACK, map);
}

static void end(struct reading *r)
{
    for (size_t i = 0; i < r->names_n; i++)
        unlink(r->names[i]);
    fz_arena_release(&r->arena);
    fz_buf_release(&r->text);
}

static void file(struct reading *r, const char *name, fz_str bytes)
{
    FILE *f = fopen(name, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
    assert_int_equal(fclose(f), 0);
    r->names[r->names_n++] = name;
}

static void read_all(struct reading *r)
{
    r->status = fz_log_read(&r->log, r->map, r->names, r->names_n, r->keep, r->lang, &r->arena, &r->err);
}

static void print_values(struct reading *r, uint32_t at, uint32_t n)
{
    const struct fz_record *record = &r->pack->records[0];

    for (uint32_t i = at; i < at + n; i++) {
        const struct fz_field *f = &record->fields[r->log.values[i].field];

        fz_buf_printf(&r->text, " %.*s=", FZ_STR_ARG(f->name));
        fz_value_print(f->type, &f->choices, r->log.values[i].value, &r->text);
    }
}

/* "LINE DAY[ HH:MM] ACT[/OUTCOME][ by WHO] FIELD=VALUE...;" */
static void print_event(struct reading *r, const struct fz_log_event *e)
{
    const struct fz_record *record = &r->pack->records[0];
    char day[FZ_DAY_TEXT];

    fz_buf_printf(&r->text, " %u %s", e->line, fz_day_text(e->day, day));
    if (e->minute >= 0)
        fz_buf_printf(&r->text, " %02d:%02d", e->minute / 60, e->minute % 60);
    if (e->kind == FZ_SERVE)
        fz_buf_printf(&r->text, " served(%.*s)", FZ_STR_ARG(record->documents[e->action].name));
    else
        fz_buf_printf(&r->text, " %.*s", FZ_STR_ARG(record->actions[e->action].name));
    if (e->outcome != FZ_NONE)
        fz_buf_printf(&r->text, "/%.*s", FZ_STR_ARG(record->actions[e->action].outcomes[e->outcome].name));
    if (e->actor)
        fz_buf_printf(&r->text, " by %.*s", FZ_STR_ARG(r->log.texts[e->actor]));
    print_values(r, e->values_at, e->values_n);
    fz_buf_addz(&r->text, ";");
}

/* A line a case, "ID[ at ORGAN] FIELD=VALUE...:" and its events. */
static const char *printed(struct reading *r)
{
    if (r->status != FZ_OK)
        fail_msg("%s", r->err.text);
    fz_buf_reset(&r->text);
    fz_buf_addz(&r->text, "");
    for (size_t i = 0; i < r->log.cases_n; i++) {
        const struct fz_log_case *c = &r->log.cases[i];

        fz_buf_add(&r->text, c->id);
        if (c->organ)
            fz_buf_printf(&r->text, " at %.*s", FZ_STR_ARG(r->log.texts[c->organ]));
        print_values(r, c->values_at, c->values_n);
        fz_buf_addz(&r->text, ":");
        for (uint32_t e = c->first; e < c->first + c->n; e++)
            print_event(r, &r->log.events[e]);
        fz_buf_addz(&r->text, "\n");
    }
    return r->text.p;
}

static const char *refusals(struct reading *r)
{
    if (r->status != FZ_OK)
        fail_msg("%s", r->err.text);
    fz_buf_reset(&r->text);
    fz_buf_addz(&r->text, "");
    for (size_t i = 0; i < r->log.refusals_n; i++)
        fz_buf_printf(&r->text, "%s:%u: %.*s\n", r->log.files[r->log.refusals[i].file].name, r->log.refusals[i].line,
                      FZ_STR_ARG(r->log.refusals[i].why));
    return r->text.p;
}

static void expect_log(const char *map, fz_str bytes, const char *want)
{
    struct reading r;

    begin(&r, map);
    file(&r, "log.csv", bytes);
    read_all(&r);
    assert_string_equal(printed(&r), want);
    end(&r);
}

/* The one row behind the header is refused. */
static void expect_refused(const char *row, fz_language lang, const char *why)
{
    struct reading r;
    struct fz_buf text = {0};

    begin(&r, EVENTS_MAP);
    r.lang = lang;
    fz_buf_printf(&text, HEADER "%s\n", row);
    file(&r, "log.csv", fz_buf_str(&text));
    read_all(&r);
    assert_string_equal(refusals(&r), why);
    assert_int_equal(r.log.refused, 1);
    assert_int_equal(r.log.cases_n, 0);
    assert_int_equal(r.log.events_n, 0);
    assert_int_equal(r.log.files[0].rows, 1);
    fz_buf_release(&text);
    end(&r);
}

static void expect_failure(const char *map, const char *name, fz_str bytes, fz_language lang, fz_status status,
                           const char *text)
{
    struct reading r;

    begin(&r, map);
    r.lang = lang;
    file(&r, name, bytes);
    memset(&r.log, 0xEE, sizeof(r.log));
    read_all(&r);
    assert_int_equal(r.status, status);
    if (!strstr(r.err.text, text))
        fail_msg("\"%s\" does not say \"%s\"", r.err.text, text);
    for (size_t i = 0; i < sizeof(r.log); i++)
        assert_int_equal(((unsigned char *)&r.log)[i], 0xEE);
    end(&r);
}

/* ---- packing ---- */

/* Makes the file itself: a zip is written by its library. */
static void zip_file(struct reading *r, const char *name, fz_str plain)
{
    int why;
    zip_t *zip = zip_open(name, ZIP_CREATE | ZIP_TRUNCATE, &why);

    assert_non_null(zip);
    assert_true(zip_file_add(zip, "log.csv", zip_source_buffer(zip, plain.p, plain.n, 0), 0) >= 0);
    assert_int_equal(zip_close(zip), 0);
    r->names[r->names_n++] = name;
}

/* ---- cells ---- */

static void expect_time(const char *cell, const char *want)
{
    fz_day day = FZ_DAY_NONE;
    int16_t minute = -2;
    char got[64], text[FZ_DAY_TEXT];
    const struct fz_cell_fault *fault = fz_cell_time(fz_str_of(cell), &day, &minute);

    if (fault)
        snprintf(got, sizeof(got), "%s", fault->en);
    else if (minute < 0)
        snprintf(got, sizeof(got), "%s", fz_day_text(day, text));
    else
        snprintf(got, sizeof(got), "%s %02d:%02d", fz_day_text(day, text), minute / 60, minute % 60);
    assert_string_equal(got, want);
}

static void test_cell__days_and_times_are_read_as_written(void **state)
{
    (void)state;
    expect_time("2011-10-11", "2011-10-11");
    expect_time("2011/10/11", "2011-10-11");
    expect_time("2011/1/5", "2011-01-05");
    expect_time(" 2011-10-11 ", "2011-10-11");
    expect_time("2011-10-11 13:45", "2011-10-11 13:45");
    expect_time("2011/1/5 9:03:07", "2011-01-05 09:03");
    expect_time("2011-10-11T13:45:40.276+02:00", "2011-10-11 13:45");
    expect_time("2011-10-11T23:59:60Z", "2011-10-11 23:59");
    expect_time("2011-10-11 00:00:00,5 ", "2011-10-11 00:00");
    expect_time("2011-10-11T13:45:40+0800", "2011-10-11 13:45");
    expect_time("2012-02-29", "2012-02-29");
}

static void test_cell__days_that_do_not_exist_are_told_from_what_is_no_date(void **state)
{
    static const char *const none[] = {
        "",          "11.10.2011",        "03/04/2011",           "2011-1-5",      "2011-10/11",
        "2011-10-1", "2011-10-111",       "2011-10-11 ",          "2011-10-11x",   "2011-10-11 24:00",
        "20111011",  "2011-10-11 12:60",  "2011-10-11 12:00:61",  "2011-10-11 12", "2011-10-11T12:00+15:00",
        "yesterday", "2011-10-11 12:00.", "2011-10-11 12:00:00.", "-2011-10-11",   "2011-10-11 12:00 Z"};

    (void)state;
    for (size_t i = 0; i < FZ_COUNT(none); i++)
        if (i != 7)
            expect_time(none[i], "is no date");
    expect_time("2011-02-29", "is a day that does not exist");
    expect_time("2011-02-30 10:00", "is a day that does not exist");
    expect_time("2011/13/01", "is a day that does not exist");
    expect_time("0000-01-01", "is a day that does not exist");
}

static void expect_cell(const char *field, const char *cell, const char *want)
{
    struct fz_arena arena = {0};
    const struct fz_record *record = &load_pack_text(&arena, "toy.yaml", FZ_STR(TOY_PACK))->records[0];
    struct fz_map_use use = {.role = FZ_USE_FIELD, .field = &record->fields[fz_field_find(record, fz_str_of(field))]};
    struct fz_buf got = {0};
    fz_value v = FZ_UNSET;
    const struct fz_cell_fault *fault = fz_cell_value(&use, 0, fz_str_of(cell), &v);

    if (fault)
        fz_buf_addz(&got, fault->en);
    else
        fz_value_print(use.field->type, &use.field->choices, v, &got);
    assert_string_equal(got.p, want);
    fz_buf_release(&got);
    fz_arena_release(&arena);
}

static void test_cell__money_is_exact(void **state)
{
    (void)state;
    expect_cell("amount", "35", "35.00 yuan");
    expect_cell("amount", "35.0", "35.00 yuan");
    expect_cell("amount", "35.00", "35.00 yuan");
    expect_cell("amount", "0.1", "0.10 yuan");
    expect_cell("amount", "33.60000", "33.60 yuan");
    expect_cell("amount", "-3.5", "-3.50 yuan");
    expect_cell("amount", " 12.34 ", "12.34 yuan");
    expect_cell("amount", "12.34 euro", "12.34 euro");
    expect_cell("amount", "92233720368547758.07", "92233720368547758.07 yuan");
    expect_cell("amount", "92233720368547758.08", "is too large");
    expect_cell("amount", "99999999999999999999", "is too large");
    expect_cell("amount", "35.005", "has more than two decimals");
    expect_cell("amount", "1,000", "is no sum of money");
    expect_cell("amount", "1e3", "is no sum of money");
    expect_cell("amount", "35.", "is no sum of money");
    expect_cell("amount", ".5", "is no sum of money");
    expect_cell("amount", "-", "is no sum of money");
    expect_cell("amount", "+1", "is no sum of money");
    expect_cell("amount", "1.x", "is no sum of money");
    expect_cell("score", "98.5", "98.50");
    expect_cell("score", "x", "is no number of points");
}

static void test_cell__every_sum_up_to_a_thousand_is_itself(void **state)
{
    struct fz_field field = {.type = FZ_TYPE_MONEY};
    struct fz_map_use use = {.role = FZ_USE_FIELD, .field = &field};

    (void)state;
    for (int fen = 0; fen < 100000; fen++) {
        char text[32];
        fz_value v;

        snprintf(text, sizeof(text), fen % 10 ? "%d.%02d" : "%d.%d", fen / 100, fen % 10 ? fen % 100 : fen % 100 / 10);
        assert_null(fz_cell_value(&use, 0, fz_str_of(text), &v));
        assert_int_equal(v.n, fen);
    }
}

static void test_cell__values_of_the_other_types(void **state)
{
    (void)state;
    expect_cell("urgent", "yes", "yes");
    expect_cell("urgent", "TRUE", "yes");
    expect_cell("urgent", "1", "yes");
    expect_cell("urgent", "是", "yes");
    expect_cell("urgent", "No", "no");
    expect_cell("urgent", "false", "no");
    expect_cell("urgent", "0", "no");
    expect_cell("urgent", "否", "no");
    expect_cell("urgent", "2", "is neither yes nor no");
    expect_cell("urgent", "ye", "is neither yes nor no");
    expect_cell("pages", "12", "12");
    expect_cell("pages", "-12", "-12");
    expect_cell("pages", "3.0", "3");
    expect_cell("pages", "3.5", "is no whole number");
    expect_cell("pages", "3.", "is no whole number");
    expect_cell("known_on", "2011-10-11 13:45:40", "2011-10-11");
    expect_cell("known_on", "2011-02-30", "is a day that does not exist");
    expect_cell("seen_at", "2011/10/11 13:45:40", "2011-10-11 13:45");
    expect_cell("seen_at", "2011-10-11", "has no time of day");
    expect_cell("in_month", "2011-10", "2011-10");
    expect_cell("in_month", "2011-10-11", "2011-10");
    expect_cell("channel", "post", "post");
    expect_cell("channel", "fax", "is not one of the choice's names, and the map's `values` do not say which it is");
    expect_cell("note", " two  words ", " two  words ");
    expect_cell("place", "130100", "130100");
    expect_cell("place", "here", "is no value of its field's type");
}

/* ---- rows of events ---- */

static void test_log__rows_become_acts_of_their_case_wherever_they_stand(void **state)
{
    struct reading r;

    (void)state;
    begin(&r, EVENTS_MAP);
    file(&r, "log.csv",
         FZ_STR(HEADER "A,Receive,2021-01-05,r1,35.0,\nB,Receive,2021-01-06,,,\nA,查看,2021-01-07 09:30,r2,,\"a, b\"\n"
                       "A,Grant,2021-01-08,r1,,\nB,Deny,2021-01-09,,,\nA,Served,2021-01-10,,,\n"));
    read_all(&r);
    assert_string_equal(printed(&r),
                        "A: 2 2021-01-05 receive by r1 amount=35.00 yuan; 4 2021-01-07 09:30 look by r2 note=a, b;"
                        " 5 2021-01-08 decide/granted by r1; 7 2021-01-10 served(letter);\n"
                        "B: 3 2021-01-06 receive; 6 2021-01-09 decide/denied;\n");
    assert_int_equal(r.log.cases_n, 2);
    assert_int_equal(r.log.events_n, 6);
    assert_int_equal(r.log.column_acts, 0);
    assert_int_equal(r.log.refused + r.log.duplicates + r.log.disordered, 0);
    assert_int_equal(r.log.cases[1].line, 3);
    assert_int_equal(r.log.files_n, 1);
    assert_int_equal(r.log.files[0].rows, 6);
    assert_string_equal(r.log.files[0].encoding, "UTF-8");
    assert_true(fz_str_is(r.log.files[0].source, "events"));
    assert_int_equal(r.log.texts[0].n, 0);
    end(&r);
}

static void test_log__columns_stand_in_any_order_and_ignored_ones_need_not_be_there(void **state)
{
    (void)state;
    expect_log(EVENTS_MAP, FZ_STR("seq;note;sum;who;day;what;id\n1;;;r1;2021-01-05;Receive;A\n"),
               "A: 2 2021-01-05 receive by r1;\n");
}

static void test_log__values_are_kept_only_where_they_are_needed_and_checked_always(void **state)
{
    struct reading r;

    (void)state;
    begin(&r, EVENTS_MAP);
    memset(r.keep, false, sizeof(r.keep));
    file(&r, "log.csv", FZ_STR(HEADER "A,Receive,2021-01-05,r1,35.0,private\nA,Look,2021-01-05,r1,35.005,private\n"));
    read_all(&r);
    assert_string_equal(refusals(&r), "log.csv:3: column `sum`: `35.005` has more than two decimals\n");
    assert_string_equal(printed(&r), "A: 2 2021-01-05 receive by r1;\n");
    end(&r);
    begin(&r, EVENTS_MAP);
    file(&r, "log.csv", FZ_STR(HEADER "A,Receive,2021-01-05,r1,35.0,private\n"));
    r.status = fz_log_read(&r.log, r.map, r.names, r.names_n, NULL, FZ_EN, &r.arena, &r.err);
    assert_string_equal(printed(&r), "A: 2 2021-01-05 receive by r1;\n");
    end(&r);
}

static void test_log__sets_are_told_by_semicolons(void **state)
{
    (void)state;
    expect_log(TOY_MAP_HEAD "sources: {t: {case: id, fields: {p: parties}}}\n",
               FZ_STR("id,p\nA,张三; 李四；王五;\nB,;\n"), "A parties=张三, 李四, 王五:\nB:\n");
}

static void test_log__words_of_the_map_come_first(void **state)
{
    (void)state;
    expect_log(TOY_MAP_HEAD
               "sources: {t: {case: id, fields: {c: channel, u: urgent}, values: {channel: {desk: post}}}}\n"
               "values: {channel: {desk: desk, Schalter: desk}, urgent: {ja: yes, nein: no}}\n",
               FZ_STR("id,c,u\nA,desk,ja\nB,Schalter,nein\nC,post,1\n"),
               "A channel=post urgent=yes:\nB channel=desk urgent=no:\nC channel=post urgent=yes:\n");
}

/* ---- rows that are refused ---- */

static void test_log__a_row_that_cannot_be_taken_is_listed_with_its_reason(void **state)
{
    (void)state;
    expect_refused("A,Send,2021-01-05,r1,,", FZ_EN, "log.csv:2: the map does not know the activity `Send`\n");
    expect_refused(",Look,2021-01-05,r1,,", FZ_EN, "log.csv:2: column `id`: no case\n");
    expect_refused("A,,2021-01-05,r1,,", FZ_EN, "log.csv:2: column `what`: no activity\n");
    expect_refused("A,Look,,r1,,", FZ_EN, "log.csv:2: column `day`: no day\n");
    expect_refused("A,Look, ,r1,,", FZ_EN, "log.csv:2: column `day`: no day\n");
    expect_refused("A,Look,2021-02-29,r1,,", FZ_EN,
                   "log.csv:2: column `day`: `2021-02-29` is a day that does not exist\n");
    expect_refused("A,Look,soon,r1,,", FZ_EN, "log.csv:2: column `day`: `soon` is no date\n");
    expect_refused("A,Look,2021-01-05,r1,much,", FZ_EN, "log.csv:2: column `sum`: `much` is no sum of money\n");
    expect_refused("A,Look,2021-01-05", FZ_EN, "log.csv:2: it has 3 cells, the header 6\n");
    expect_refused("A,Look,2021-01-05,r1,,,,", FZ_EN, "log.csv:2: it has 8 cells, the header 6\n");
}

static void test_log__reasons_are_told_in_chinese_as_well(void **state)
{
    (void)state;
    expect_refused("A,Send,2021-01-05,r1,,", FZ_ZH, "log.csv:2: 对照图中没有活动“Send”\n");
    expect_refused(",Look,2021-01-05,r1,,", FZ_ZH, "log.csv:2: “id”列：没有案件标识\n");
    expect_refused("A,Look,2021-02-29,r1,,", FZ_ZH, "log.csv:2: “day”列：“2021-02-29”是不存在的日期\n");
    expect_refused("A,Look,2021-01-05", FZ_ZH, "log.csv:2: 有3个单元格，而表头有6个\n");
}

static void test_log__a_cell_in_a_message_is_short_and_does_not_steer_a_terminal(void **state)
{
    (void)state;
    expect_refused("A,\x1b[31m\x7f\xC2\x9B,2021-01-05,,,", FZ_EN,
                   "log.csv:2: the map does not know the activity ` [31m   `\n");
    expect_refused(
        "A,一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十,2021-01-05,,,", FZ_EN,
        "log.csv:2: the map does not know the activity `一二三四五六七八九十一二三四五六七八九十一二三四五六`\n");
}

static void test_log__refused_rows_are_all_counted_and_the_first_listed(void **state)
{
    enum { BAD = FZ_REFUSALS_LISTED + 500 };
    struct reading r;
    struct fz_buf text = {0};

    (void)state;
    begin(&r, EVENTS_MAP);
    fz_buf_addz(&text, HEADER);
    for (int i = 0; i < BAD; i++)
        fz_buf_addz(&text, "A,Send,2021-01-05,,,\nA,Look,2021-01-05,,,\n");
    file(&r, "log.csv", fz_buf_str(&text));
    read_all(&r);
    assert_int_equal(r.status, FZ_OK);
    assert_int_equal(r.log.refused, BAD);
    assert_int_equal(r.log.duplicates, BAD - 1);
    assert_int_equal(r.log.events_n, 1);
    assert_int_equal(r.log.refusals_n, FZ_REFUSALS_LISTED);
    assert_int_equal(r.log.refusals[FZ_REFUSALS_LISTED - 1].line, 2 * FZ_REFUSALS_LISTED);
    fz_buf_release(&text);
    end(&r);
}

/* ---- rows twice, rows out of order ---- */

static void test_log__a_repeated_row_counts_once_and_is_listed(void **state)
{
    struct reading r;

    (void)state;
    begin(&r, EVENTS_MAP);
    file(&r, "log.csv",
         FZ_STR("seq," HEADER
                "1,A,Receive,2021-01-05,r1,1.0,\n2,B,Receive,2021-01-05,r1,1.0,\n3,A,Receive,2021-01-05,r1,1.0,\n"
                "4,A,Look,2021-01-05,r1,,\n5,A,Receive,2021-01-05,r1,1.0,\n"));
    file(&r, "more.csv", FZ_STR("who,note,sum,day,what,id\nr1,,,2021-01-05,Look,A\nr2,,,2021-01-05,Look,A\n"));
    read_all(&r);
    assert_string_equal(
        printed(&r),
        "A: 2 2021-01-05 receive by r1 amount=1.00 yuan; 5 2021-01-05 look by r1; 3 2021-01-05 look by r2;\n"
        "B: 3 2021-01-05 receive by r1 amount=1.00 yuan;\n");
    assert_string_equal(refusals(&r), "log.csv:4: it repeats line 2 of log.csv, which counts once\n"
                                      "log.csv:6: it repeats line 2 of log.csv, which counts once\n"
                                      "more.csv:2: it repeats line 5 of log.csv, which counts once\n");
    assert_int_equal(r.log.duplicates, 3);
    assert_int_equal(r.log.refused, 0);
    assert_int_equal(r.log.events_n, 4);
    assert_int_equal(r.log.disordered, 0);
    end(&r);
}

static void test_log__rows_that_differ_in_any_mapped_cell_are_two(void **state)
{
    struct reading r;

    (void)state;
    begin(&r, EVENTS_MAP);
    memset(r.keep, false, sizeof(r.keep));
    file(
        &r, "log.csv",
        FZ_STR(HEADER
               "A,Look,2021-01-05 10:00:01,r1,,\nA,Look,2021-01-05 10:00:02,r1,,\nA,Look,2021-01-05 10:00:02,r1,1,\n"
               "A,Look,2021-01-05 10:00:02,r1,,1\nA,Look,2021-01-05 10:00:02,,,r1\nA,查看,2021-01-05 10:00:02,r1,,\n"));
    read_all(&r);
    assert_string_equal(refusals(&r), "");
    assert_int_equal(r.log.events_n, 6);
    end(&r);
}

static void test_log__events_of_a_case_stand_in_the_order_of_their_days(void **state)
{
    struct reading r;

    (void)state;
    begin(&r, EVENTS_MAP);
    file(&r, "log.csv",
         FZ_STR(HEADER
                "A,Look,2021-01-07,r1,,\nA,Receive,2021-01-05,r2,,\nB,Receive,2021-01-05,r3,,\nB,Look,2021-01-05,r4,,\n"
                "A,Look,2021-01-07,r5,,\nA,Look,2021-01-06,r6,,\nB,Look,2021-01-06,r7,,\n"));
    read_all(&r);
    assert_string_equal(
        printed(&r),
        "A: 3 2021-01-05 receive by r2; 7 2021-01-06 look by r6; 2 2021-01-07 look by r1; 6 2021-01-07 look by r5;\n"
        "B: 4 2021-01-05 receive by r3; 5 2021-01-05 look by r4; 8 2021-01-06 look by r7;\n");
    assert_int_equal(r.log.disordered, 1);
    end(&r);
}

static void test_log__within_a_day_known_minutes_count_and_the_others_follow_whom_they_followed(void **state)
{
    struct reading r;

    (void)state;
    begin(&r, EVENTS_MAP);
    file(&r, "log.csv",
         FZ_STR(
             HEADER
             "A,Look,2021-01-05,a,,\nA,Look,2021-01-05 10:00,b,,\nA,Look,2021-01-05,c,,\nA,Look,2021-01-05 09:00,d,,\n"
             "A,Look,2021-01-05 09:00,e,,\nA,Look,2021-01-05,f,,\n"));
    read_all(&r);
    assert_string_equal(printed(&r),
                        "A: 2 2021-01-05 look by a; 5 2021-01-05 09:00 look by d; 6 2021-01-05 09:00 look by e;"
                        " 7 2021-01-05 look by f; 3 2021-01-05 10:00 look by b; 4 2021-01-05 look by c;\n");
    assert_int_equal(r.log.disordered, 0);
    end(&r);
}

/* The same by a slow and obvious model: a row is taken when no row before it is equal, and stands behind all that are not later. */
static void test_log__random_rows_come_out_as_the_slow_model_says(void **state)
{
    enum { ROWS = 3000, CASES = 40 };
    static char rows[ROWS][64];
    uint32_t seed = 20261124;

    (void)state;
    for (int round = 0; round < 4; round++) {
        struct reading r;
        struct fz_buf text = {0}, want = {0};
        size_t repeated = 0, at[ROWS], n;

        fz_buf_addz(&text, HEADER);
        for (int i = 0; i < ROWS; i++) {
            uint32_t x[4];

            for (int k = 0; k < 4; k++)
                x[k] = (seed = seed * 1664525u + 1013904223u) >> 8;
            /* Most rows fall into few cases, so that some are large. */
            snprintf(rows[i], sizeof(rows[i]), "%u,Look,2021-01-%02u,r%u,,", x[0] % (x[1] % 5 ? 3 : CASES),
                     x[2] % (round ? 28 : 3) + 1, x[3] % 9);
            fz_buf_printf(&text, "%s\n", rows[i]);
        }
        begin(&r, EVENTS_MAP);
        file(&r, "log.csv", fz_buf_str(&text));
        read_all(&r);
        assert_int_equal(r.status, FZ_OK);
        for (size_t c = 0; c < r.log.cases_n; c++) {
            const struct fz_log_case *k = &r.log.cases[c];

            n = 0;
            for (size_t i = 0; i < ROWS; i++) {
                bool again = false;
                size_t to = n;

                if (strncmp(rows[i], k->id.p, k->id.n) != 0 || rows[i][k->id.n] != ',')
                    continue;
                for (size_t b = 0; b < i; b++)
                    again |= strcmp(rows[i], rows[b]) == 0;
                repeated += again;
                if (again)
                    continue;
                for (; to > 0 && strncmp(rows[at[to - 1]] + k->id.n + 6, rows[i] + k->id.n + 6, 10) > 0; to--)
                    at[to] = at[to - 1];
                at[to] = i;
                n++;
            }
            assert_int_equal(k->n, n);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(r.log.events[k->first + i].line, at[i] + 2);
        }
        assert_int_equal(r.log.duplicates, repeated);
        assert_int_equal(r.log.events_n + repeated, ROWS);
        fz_buf_release(&text);
        fz_buf_release(&want);
        end(&r);
    }
}

static void test_log__a_case_with_too_many_acts_is_named(void **state)
{
    struct fz_buf text = {0};

    (void)state;
    fz_buf_addz(&text, HEADER);
    for (int i = 0; i <= FZ_CASE_EVENTS_MAX; i++)
        fz_buf_printf(&text, "A,Look,2021-01-05,r%d,,\n", i);
    expect_failure(EVENTS_MAP, "log.csv", fz_buf_str(&text), FZ_EN, FZ_E_TOO_LARGE,
                   "log.csv:100002: case `A` has more than 100000 acts");
    fz_buf_release(&text);
}

/* ---- tables of cases ---- */

static void test_log__a_table_of_cases_gives_fields_and_dated_acts(void **state)
{
    struct reading r;

    (void)state;
    begin(&r, BOTH_MAP);
    file(&r, "cases.csv",
         FZ_STR("id,from,to,way,unit\nA,2021-01-05 12:00,2021-01-09,Post,第一科\nB,2021-01-06,,窗口,\nC,,,,\n"));
    file(
        &r, "events.csv",
        FZ_STR(
            "id,what,day,who\nA,Look,2021-01-05 08:00,r1\nA,Look,2021-01-09 18:00,r2\nD,Look,2021-01-07,r3\nA,Look,2021-01-10,r4\n"));
    read_all(&r);
    /* Within a day the act that starts the record comes first and the one that ends it last, whatever their minutes. */
    assert_string_equal(printed(&r),
                        "A at 第一科 channel=post: 2 2021-01-05 12:00 receive; 2 2021-01-05 08:00 look by r1;"
                        " 3 2021-01-09 18:00 look by r2; 2 2021-01-09 decide; 5 2021-01-10 look by r4;\n"
                        "B channel=desk: 3 2021-01-06 receive;\nC:\nD: 4 2021-01-07 look by r3;\n");
    assert_int_equal(r.log.events_n, 4);
    assert_int_equal(r.log.column_acts, 3);
    assert_int_equal(r.log.disordered, 0);
    assert_true(fz_str_is(r.log.files[0].source, "cases"));
    assert_true(fz_str_is(r.log.files[1].source, "events"));
    end(&r);
}

static void test_log__an_act_that_ends_the_case_by_its_outcome_is_the_last_of_its_day(void **state)
{
    struct reading r;

    (void)state;
    begin_pack(&r,
               TOY_HEAD "version: 2020-01-01\n" TOY_RECORD "      note: {type: text, title: 备注}\n"
                        "    stages: [received, decided]\n    final: [decided]\n    actions:\n"
                        "      receive: {title: 收到, starts: received, by: officer, article: 试用法 1}\n"
                        "      look: {title: 查看, from: received, by: officer, repeats: true, article: 试用法 2}\n"
                        "      decide: {title: 决定, from: received, by: officer, article: 试用法 3,\n"
                        "               outcomes: {granted: {to: decided, article: 试用法 3}, denied: 试用法 3}}\n",
               TOY_MAP_HEAD "sources:\n  cases: {case: id, acts: {to: decide, seen: look, from: receive}}\n"
                            "  events: {case: id, action: what, on: day}\nactions: {Look: look}\n");
    file(&r, "cases.csv", FZ_STR("id,to,seen,from\nA,2021-01-05,2021-01-05,2021-01-05\n"));
    file(&r, "events.csv", FZ_STR("id,what,day\nA,Look,2021-01-05\n"));
    read_all(&r);
    assert_string_equal(printed(&r),
                        "A: 2 2021-01-05 receive; 2 2021-01-05 look; 2 2021-01-05 look; 2 2021-01-05 decide;\n");
    assert_int_equal(r.log.column_acts, 3);
    end(&r);
}

static void test_log__a_case_has_one_row_in_a_table_of_cases(void **state)
{
    struct reading r;

    (void)state;
    begin(&r, BOTH_MAP);
    file(
        &r, "cases.csv",
        FZ_STR(
            "id,from,to,way,unit\nA,2021-01-05,,Post,u\nA,2021-01-05,,Post,u\nA,2021-01-06,,Post,u\nB,2021-02-30,,,\n"));
    read_all(&r);
    assert_string_equal(refusals(&r), "cases.csv:3: it repeats line 2 of cases.csv, which counts once\n"
                                      "cases.csv:4: its case has another row on line 2 of cases.csv\n"
                                      "cases.csv:5: column `from`: `2021-02-30` is a day that does not exist\n");
    assert_string_equal(printed(&r), "A at u channel=post: 2 2021-01-05 receive;\n");
    assert_int_equal(r.log.refused, 2);
    assert_int_equal(r.log.duplicates, 1);
    end(&r);
}

static void test_log__two_tables_of_cases_add_up(void **state)
{
    struct reading r;

    (void)state;
    begin(&r, TOY_MAP_HEAD
          "sources: {a: {case: id, fields: {w: channel}}, b: {case: id, fields: {u: urgent, n: note}, organ: n}}\n");
    file(&r, "a.csv", FZ_STR("id,w\n1,desk\n2,post\n"));
    file(&r, "b.csv", FZ_STR("id,u,n\n2,yes,x\n1,no,y\n3,,z\n"));
    read_all(&r);
    assert_string_equal(
        printed(&r), "1 at y channel=desk urgent=no note=y:\n2 at x channel=post urgent=yes note=x:\n3 at z note=z:\n");
    end(&r);
}

static void test_log__what_event_rows_say_of_their_case_is_said_once(void **state)
{
    struct reading r;

    (void)state;
    begin(&r, TOY_MAP_HEAD
          "sources: {e: {case: 'case:id', action: what, on: day, fields: {'case:w': channel}}}\n" TOY_ACTIONS);
    file(
        &r, "log.csv",
        FZ_STR(
            "case:id,what,day,case:w\nA,Receive,2021-01-05,desk\nA,Look,2021-01-06,desk\nA,Look,2021-01-07,post\nA,Look,2021-01-08,\n"));
    read_all(&r);
    assert_string_equal(printed(&r), "A channel=desk: 2 2021-01-05 receive; 3 2021-01-06 look; 5 2021-01-08 look;\n");
    assert_string_equal(refusals(&r), "log.csv:4: what it says of the case itself differs from line 2 of log.csv\n");
    end(&r);
}

/* ---- which source a file belongs to ---- */

static void test_log__columns_that_no_source_has_are_named(void **state)
{
    (void)state;
    expect_failure(EVENTS_MAP, "log.csv", FZ_STR("id,what,day,who,sum,note,extra,other\n"), FZ_EN, FZ_E_INPUT,
                   "log.csv:1: no source of the map fits; source `events`: does not know `extra`, `other`");
    expect_failure(EVENTS_MAP, "log.csv", FZ_STR("id,what,when,who,sum\n"), FZ_EN, FZ_E_INPUT,
                   "log.csv:1: no source of the map fits; source `events`: does not know `when`, misses `day`, `note`");
    expect_failure(
        BOTH_MAP, "log.csv", FZ_STR("id,what,day\n"), FZ_EN, FZ_E_INPUT,
        "no source of the map fits; source `cases`: does not know `what`, `day`, misses `unit`, `from`, `to`, `way`; source `events`: misses `who`");
    expect_failure(EVENTS_MAP, "log.csv", FZ_STR("id,what,day,who,sum,note,extra\n"), FZ_ZH, FZ_E_INPUT,
                   "log.csv:1：没有合适的来源；来源“events”没有列`extra`");
    expect_failure(EVENTS_MAP, "log.csv", FZ_STR("id,what,day,who,sum,note,id\n"), FZ_EN, FZ_E_INPUT,
                   "log.csv:1: the column `id` stands twice");
    expect_failure(TOY_MAP_HEAD "sources: {a: {case: id, fields: {x: note}}, b: {case: id, fields: {x: channel}}}\n",
                   "log.csv", FZ_STR("id,x\n"), FZ_EN, FZ_E_INPUT, "log.csv:1: the sources `a` and `b` both fit");
    expect_failure(EVENTS_MAP, "log.csv", FZ_STR(""), FZ_EN, FZ_E_INPUT,
                   "log.csv:1: the file is empty, a header is wanted");
}

static void test_log__a_column_of_two_uses_is_missed_once(void **state)
{
    (void)state;
    expect_failure(TOY_MAP_HEAD "sources: {t: {case: id, organ: unit, fields: {unit: note}}}\n", "log.csv",
                   FZ_STR("id,\x1b[31m\n"), FZ_EN, FZ_E_INPUT,
                   "log.csv:1: no source of the map fits; source `t`: does not know ` [31m`, misses `unit`");
}

static void test_log__a_log_of_a_header_alone_has_no_cases(void **state)
{
    (void)state;
    expect_log(EVENTS_MAP, FZ_STR(HEADER), "");
}

/* ---- files that cannot be read on ---- */

static void test_log__a_torn_gzip_names_its_line(void **state)
{
    struct fz_buf text = {0}, packed = {0};
    char name[] = "log.csv.gz:";

    (void)state;
    fz_buf_addz(&text, HEADER);
    for (int i = 0; i < 30000; i++)
        fz_buf_printf(&text, "C%d,Look,2021-01-05,r%d,,\n", i, i * 7919 % 30011);
    gzip_add(&packed, fz_buf_str(&text));
    expect_failure(EVENTS_MAP, "log.csv.gz", (fz_str){packed.p, packed.n / 2}, FZ_EN, FZ_E_INPUT,
                   ": torn gzip file: the data ends before its end mark");
    expect_failure(EVENTS_MAP, "log.csv.gz", (fz_str){packed.p, packed.n - 9}, FZ_EN, FZ_E_INPUT, name);
    expect_failure(EVENTS_MAP, "log.csv.gz", (fz_str){packed.p, packed.n - 9}, FZ_EN, FZ_E_INPUT, "log.csv.gz:2");
    expect_failure(EVENTS_MAP, "log.csv.gz", (fz_str){packed.p, 20}, FZ_EN, FZ_E_INPUT, "log.csv.gz: torn gzip file");
    fz_buf_release(&text);
    fz_buf_release(&packed);
}

static void test_log__a_very_long_line_is_refused_with_its_place(void **state)
{
    struct fz_buf text = {0};

    (void)state;
    fz_buf_addz(&text, HEADER "A,Look,2021-01-05,r1,,\nA,Look,2021-01-05,r1,,");
    for (size_t i = 0; i < 2 * FZ_LINE_BYTES_MAX; i += 8)
        fz_buf_addz(&text, "too long");
    expect_failure(EVENTS_MAP, "log.csv", fz_buf_str(&text), FZ_EN, FZ_E_TOO_LARGE,
                   "log.csv:3: the record is longer than 1048576 bytes");
    fz_buf_release(&text);
}

static void test_log__bombs_are_refused(void **state)
{
    struct reading r;
    struct fz_buf zeros = {0}, packed = {0};

    (void)state;
    fz_buf_addz(&zeros, HEADER);
    for (size_t i = 0; i < 4u << 20; i += 16)
        fz_buf_addz(&zeros, "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n");
    begin(&r, EVENTS_MAP);
    zip_file(&r, "log.zip", fz_buf_str(&zeros));
    read_all(&r);
    assert_int_equal(r.status, FZ_E_TOO_LARGE);
    assert_string_equal(r.err.text, "log.zip: unpacks to more than 1000 times its size");
    end(&r);
    gzip_add(&packed, fz_buf_str(&zeros));
    expect_failure(EVENTS_MAP, "log.csv.gz", fz_buf_str(&packed), FZ_EN, FZ_E_TOO_LARGE,
                   "unpacks to more than 1000 times its size");
    expect_failure(XES_MAP, "log.xes", FZ_STR("<!DOCTYPE log [<!ENTITY a \"b\">]>\n<log/>"), FZ_EN, FZ_E_INPUT,
                   "log.xes:1: a document type may not stand in a log");
    fz_buf_release(&zeros);
    fz_buf_release(&packed);
}

static void test_log__one_bad_file_among_good_ones_ends_it(void **state)
{
    struct reading r;

    (void)state;
    begin(&r, EVENTS_MAP);
    file(&r, "a.csv", FZ_STR(HEADER "A,Look,2021-01-05,r1,,\n"));
    file(&r, "b.csv", FZ_STR(HEADER "A,\"Look,2021-01-05,r1,,\n"));
    read_all(&r);
    assert_int_equal(r.status, FZ_E_INPUT);
    assert_string_equal(r.err.text, "b.csv:2: the quote opened here is never closed");
    r.names[1] = "none.csv";
    read_all(&r);
    assert_int_equal(r.status, FZ_E_IO);
    assert_string_equal(r.err.text, "none.csv: cannot open: No such file or directory");
    r.names[1] = "b.csv";
    end(&r);
}

/* ---- packings and encodings ---- */

static void expect_encoding(struct reading *r, const char *encoding)
{
    read_all(r);
    assert_string_equal(printed(r), "案1: 2 2021-01-05 look by 张三;\n");
    assert_string_equal(r->log.files[0].encoding, encoding);
    end(r);
}

#define CHINESE HEADER "案1,查看,2021-01-05,张三,,\n"
#define CHINESE_GBK                                                                                                    \
    HEADER "\xB0\xB8"                                                                                                  \
           "1,\xB2\xE9\xBF\xB4,2021-01-05,\xD5\xC5\xC8\xFD,,\n"

static void test_log__packings_and_encodings_are_seen_through_and_told(void **state)
{
    struct reading r;
    struct fz_buf b = {0};
    static const char head[] = HEADER;
    static const unsigned char wide[] = {
        0x48, 0x68, '1', 0, ',', 0, 0xE5, 0x67, 0x0B, 0x77, ',', 0, '2',  0,    '0',  0,    '2', 0, '1', 0, '-',  0,
        '0',  0,    '1', 0, '-', 0, '0',  0,    '5',  0,    ',', 0, 0x20, 0x5F, 0x09, 0x4E, ',', 0, ',', 0, '\n', 0};

    (void)state;
    begin(&r, EVENTS_MAP);
    file(&r, "log.csv", FZ_STR(CHINESE));
    expect_encoding(&r, "UTF-8");
    begin(&r, EVENTS_MAP);
    file(&r, "log.csv", FZ_STR("\xEF\xBB\xBF" CHINESE));
    expect_encoding(&r, "UTF-8");
    begin(&r, EVENTS_MAP);
    file(&r, "log.csv", FZ_STR(CHINESE_GBK));
    expect_encoding(&r, "GB18030");
    begin(&r, EVENTS_MAP);
    fz_buf_addz(&b, "\xFF\xFE");
    for (size_t i = 0; i < sizeof(head) - 1; i++) {
        fz_buf_addc(&b, head[i]);
        fz_buf_addc(&b, '\0');
    }
    fz_buf_add(&b, (fz_str){(const char *)wide, sizeof(wide)});
    file(&r, "log.csv", fz_buf_str(&b));
    expect_encoding(&r, "UTF-16LE");
    fz_buf_reset(&b);
    begin(&r, EVENTS_MAP);
    gzip_add(&b, FZ_STR(CHINESE_GBK));
    file(&r, "log.csv.gz", fz_buf_str(&b));
    expect_encoding(&r, "GB18030");
    begin(&r, EVENTS_MAP);
    zip_file(&r, "log.zip", FZ_STR(CHINESE));
    expect_encoding(&r, "UTF-8");
    fz_buf_release(&b);
}

/* ---- XES ---- */

#define STRING(k, v) "<string key=\"" k "\" value=\"" v "\"/>"
#define EVENT(what, when, more)                                                                                        \
    "<event>" STRING("concept:name", what) "<date key=\"time:timestamp\" value=\"" when "\"/>" more "</event>\n"
#define TRACE(id, more) "<trace>" STRING("concept:name", id) more "\n"
#define XES_LOG                                                                                                        \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<log>\n" TRACE("A", STRING("way", "post") STRING("unit", "一科")      \
                                                                         STRING("x", "1"))                             \
        EVENT("Receive", "2021-01-05T08:00:00.000+08:00",                                                              \
              STRING("org:resource", "r1") "<float key=\"sum\" value=\"35.0\"/>")                                      \
            EVENT("Grant", "2021-01-06T08:00:00.000+08:00",                                                            \
                  STRING("lifecycle:transition", "complete")) "</trace>\n" TRACE("B", "") "</trace>\n</log>\n"

static void test_log__xes_gives_the_same_as_a_table(void **state)
{
    struct reading r;
    struct fz_buf packed = {0};

    (void)state;
    gzip_add(&packed, FZ_STR(XES_LOG));
    begin(&r, XES_MAP);
    file(&r, "log.xes.gz", fz_buf_str(&packed));
    read_all(&r);
    assert_string_equal(
        printed(&r),
        "A at 一科 channel=post: 4 2021-01-05 08:00 receive by r1 amount=35.00 yuan; 5 2021-01-06 08:00 decide/granted;\nB:\n");
    assert_int_equal(r.log.files[0].rows, 2);
    assert_true(fz_str_is(r.log.files[0].source, "events"));
    end(&r);
    fz_buf_release(&packed);
}

static void test_log__xes_rows_are_refused_like_others(void **state)
{
    struct reading r;

    (void)state;
    begin(&r, XES_MAP);
    file(&r, "log.xes",
         FZ_STR("<log>\n" TRACE("A", STRING("way", "post")) EVENT("Receive", "2021-02-30T08:00:00Z", "") EVENT(
             "Look", "2021-01-05T08:00:00Z",
             STRING("sum", "1")
                 STRING("sum", "2")) "<event/>\n"
                                     "<event>" STRING("concept:name", "Look") "</event>\n" EVENT(
                                         "Send", "2021-01-05T08:00:00Z", "") EVENT("Look", "2021-01-05T08:00:00Z", "")
                                         EVENT("Look", "2021-01-05T08:00:00Z", "") "</trace>\n" EVENT(
                                             "Look", "2021-01-05T08:00:00Z", "") "<trace/>\n</log>"));
    read_all(&r);
    assert_string_equal(refusals(&r),
                        "log.xes:3: column `time:timestamp`: `2021-02-30T08:00:00Z` is a day that does not exist\n"
                        "log.xes:4: the attribute `sum` stands twice\n"
                        "log.xes:5: column `concept:name`: no activity\n"
                        "log.xes:6: column `time:timestamp`: no day\n"
                        "log.xes:7: the map does not know the activity `Send`\n"
                        "log.xes:9: it repeats line 8 of log.xes, which counts once\n"
                        "log.xes:11: column `case:concept:name`: no case\n"
                        "log.xes:12: column `case:concept:name`: no case\n");
    assert_string_equal(printed(&r), "A channel=post: 8 2021-01-05 08:00 look;\n");
    end(&r);
}

static void test_log__attributes_of_xes_that_no_source_has_are_named(void **state)
{
    (void)state;
    expect_failure(
        XES_MAP, "log.xes",
        FZ_STR("<log>\n" TRACE("A", STRING("y", "1")) EVENT("Look", "2021-01-05", STRING("z", "1")) "</trace></log>"),
        FZ_EN, FZ_E_INPUT, "log.xes:3: no source of the map fits; source `events` does not know `case:y`, `z`");
    expect_failure(XES_MAP, "log.xes",
                   FZ_STR("<log>\n" TRACE("A", "") EVENT("Look", "2021-01-05", "")
                              EVENT("Look", "2021-01-05", STRING("z", "1")) "</trace></log>"),
                   FZ_EN, FZ_E_INPUT, "log.xes:4: source `events` does not know `z`; name them under fields or ignore");
    expect_failure(
        BOTH_MAP, "log.xes", FZ_STR("<log>\n" TRACE("A", "") "</trace></log>"), FZ_ZH, FZ_E_INPUT,
        "log.xes:2：没有合适的来源；来源“cases”没有属性`case:concept:name`；来源“events”没有属性`case:concept:name`");
    expect_failure(XES_MAP, "log.xes", FZ_STR("<log>\n" TRACE("A", "") EVENT("Look", "2021-01-05", "")), FZ_EN,
                   FZ_E_INPUT, "log.xes:4: not well-formed XML: no element found");
}

/* ---- real logs ---- */

static char *path_of(const char *variable, const char *name, char path[4096])
{
    const char *root = getenv(variable);

    snprintf(path, 4096, "%s/%s", root ? root : ".", name);
    return path;
}

static void read_real(struct reading *r, const char *pack, const char *map, const char *const *names, size_t names_n)
{
    static char path[4096], text[1 << 14];
    struct fz_buf said = {0};
    FILE *f = fopen(path_of("FZ_ROOT", map, path), "rb");
    size_t n;

    assert_non_null(f);
    n = fread(text, 1, sizeof(text) - 1, f);
    fclose(f);
    text[n] = '\0';
    *r = (struct reading){0};
    r->pack = load_shipped_pack(&r->arena, pack);
    r->map = load_map(&r->arena, text, &r->pack, 1, FZ_EN, &said);
    assert_string_equal(said.p, "");
    fz_buf_release(&said);
    r->status = fz_log_read(&r->log, r->map, names, names_n, r->keep, FZ_EN, &r->arena, &r->err);
    if (r->status != FZ_OK)
        fail_msg("%s", r->err.text);
}

/* ---- cases without a first act of their own, activities without an act, rows with a name ---- */

static void test_log__a_source_may_begin_its_cases(void **state)
{
    (void)state;
    expect_log(
        TOY_MAP_HEAD "sources:\n  rows: {case: id, action: what, on: day, begins: receive}\n" TOY_ACTIONS,
        FZ_STR(
            "id,what,day\nA,Look,2021-01-07 10:00\nA,Look,2021-01-05 09:30\nB,Grant,2021-01-06\nA,Look,2021-01-05 11:00\n"),
        "A: 2 2021-01-05 09:30 receive; 3 2021-01-05 09:30 look; 5 2021-01-05 11:00 look; 2 2021-01-07 10:00 look;\n"
        "B: 4 2021-01-06 receive; 4 2021-01-06 decide/granted;\n");
}

static void test_log__other_activities_may_stand_for_one_act(void **state)
{
    (void)state;
    expect_log(
        TOY_MAP_HEAD
        "sources:\n  rows: {case: id, action: what, on: day, fields: {what: note}}\notherwise: look\n" TOY_ACTIONS,
        FZ_STR("id,what,day\nA,Receive,2021-01-05\nA,Whatever,2021-01-06\n"),
        "A: 2 2021-01-05 receive note=Receive; 3 2021-01-06 look note=Whatever;\n");
}

static void test_log__what_begins_a_case_starts_a_record(void **state)
{
    struct fz_arena arena = {0};
    struct fz_buf said = {0};
    const struct fz_pack *pack = load_pack_text(&arena, "toy.yaml", fz_str_of(TOY_PACK));

    (void)state;
    assert_null(load_map(&arena,
                         TOY_MAP_HEAD "sources:\n  rows: {case: id, action: what, on: day, begins: look}\n" TOY_ACTIONS,
                         &pack, 1, FZ_EN, &said));
    assert_non_null(strstr(said.p, "`look` begins no record"));
    fz_buf_reset(&said);
    assert_null(load_map(&arena, TOY_MAP_HEAD "sources:\n  rows: {case: id, acts: {day: decide}, begins: receive}\n",
                         &pack, 1, FZ_EN, &said));
    assert_non_null(strstr(said.p, "`begins` needs `action`"));
    fz_buf_release(&said);
    fz_arena_release(&arena);
}

/* Rows that say the same are two when their keys differ; the key is kept for who wants it. */
static void test_log__rows_may_have_a_key(void **state)
{
    static const char map[] =
        TOY_MAP_HEAD "sources:\n  rows: {case: id, action: what, on: day, key: seq}\n" TOY_ACTIONS;
    struct fz_log_wish wish = {.lang = FZ_EN, .keys = true};
    struct reading r;

    (void)state;
    begin(&r, map);
    file(&r, "log.csv", FZ_STR("id,what,day,seq\nA,Look,2021-01-07,1\nA,Look,2021-01-07,2\nA,Look,2021-01-07,2\n"));
    r.status = fz_log_read_as(&r.log, r.map, r.names, r.names_n, &wish, &r.arena, &r.err);
    assert_string_equal(refusals(&r), "log.csv:4: it repeats line 3 of log.csv, which counts once\n");
    assert_int_equal(r.log.events_n, 2);
    assert_true(fz_str_is(r.log.texts[r.log.events[1].key], "2"));
    end(&r);
}

/* ---- workbooks ---- */

#define RELATION(id, to) "<Relationship Id=\"" id "\" Type=\"x/worksheet\" Target=\"" to "\"/>"
#define INLINE(text) "<c t=\"inlineStr\"><is><t>" text "</t></is></c>"
#define SHEET(rows) FZ_STR("<worksheet><sheetData>" rows "</sheetData></worksheet>")

static void workbook(struct reading *r, const char *name)
{
    const struct zip_part parts[] = {
        {"[Content_Types].xml", FZ_STR("<Types/>"), NULL},
        {"_rels/.rels",
         FZ_STR(
             "<Relationships><Relationship Id=\"a\" Type=\"x/officeDocument\" Target=\"book.xml\"/></Relationships>"),
         NULL},
        {"book.xml",
         FZ_STR("<workbook xmlns:r=\"r\"><sheets><sheet name=\"Notes\" r:id=\"n\"/><sheet name=\"行为\" r:id=\"e\"/>"
                "<sheet name=\"案件\" r:id=\"c\"/></sheets></workbook>"),
         NULL},
        {"_rels/book.xml.rels",
         FZ_STR("<Relationships>" RELATION("n", "n.xml") RELATION("e", "e.xml")
                    RELATION("c", "c.xml") "</Relationships>"),
         NULL},
        {"n.xml", SHEET("<row>" INLINE("anything") "</row>"), NULL},
        {"e.xml",
         SHEET("<row r=\"3\">" INLINE("id") INLINE("what") INLINE("day") INLINE("n") "</row><row r=\"5\">" INLINE("A")
                   INLINE("Look") "<c t=\"d\"><v>2021-01-07</v></c><c><v>3</v></c></row><row r=\"7\">" INLINE("A")
                       INLINE("Look") INLINE("7.1.2021") "</row>"
                                                         "<row r=\"8\">" INLINE("A") INLINE("Nap")
                                                             INLINE("2021-01-07") "</row>"),
         NULL},
        {"c.xml", SHEET("<row>" INLINE("id") INLINE("from") "</row><row>" INLINE("A") INLINE("2021-01-05") "</row>"),
         NULL},
    };
    struct fz_buf bytes = {0};

    zip_pack(&bytes, parts, FZ_COUNT(parts));
    file(r, name, fz_buf_str(&bytes));
    fz_buf_release(&bytes);
}

#define BOOK_MAP                                                                                                       \
    TOY_MAP_HEAD                                                                                                       \
        "sources:\n  events: {sheet: 行为, case: id, action: what, on: day, fields: {n: pages}}\n  cases: {sheet: 案件, case: id, acts: {from: receive}}\n" TOY_ACTIONS

static void test_log__each_source_reads_its_sheet(void **state)
{
    struct reading r;
    struct fz_buf at = {0};

    (void)state;
    begin(&r, BOOK_MAP);
    workbook(&r, "book.xlsx");
    read_all(&r);
    assert_string_equal(printed(&r), "A: 2 2021-01-05 receive; 5 2021-01-07 look pages=3;\n");
    assert_int_equal(r.log.files_n, 2);
    assert_int_equal(r.log.refused, 2);
    fz_log_place(&r.log, r.log.refusals[0].file, r.log.refusals[0].line, r.log.refusals[0].column, &at);
    assert_string_equal(at.p, "book.xlsx:行为!C7");
    assert_string_equal(r.log.refusals[0].id, "unreadable");
    fz_buf_reset(&at);
    fz_log_place(&r.log, r.log.refusals[1].file, r.log.refusals[1].line, r.log.refusals[1].column, &at);
    assert_string_equal(at.p, "book.xlsx:行为!8");
    assert_string_equal(r.log.refusals[1].id, "unknown-activity");
    fz_buf_release(&at);
    end(&r);
}

/* ---- refused rows for whoever mends them ---- */

static char *content(struct fz_arena *arena, const char *path)
{
    char *bytes = fz_alloc(arena, 1 << 16);
    FILE *f = fopen(path, "rb");

    assert_non_null(f);
    assert_true(fread(bytes, 1, (1 << 16) - 1, f) > 0);
    fclose(f);
    unlink(path);
    return bytes;
}

static void test_log__refused_rows_are_copied_in_the_form_of_their_source(void **state)
{
    struct reading r;
    struct fz_log_row rows[3];
    size_t files;

    (void)state;
    begin(&r, BOOK_MAP);
    workbook(&r, "book.xlsx");
    file(&r, "more.csv", FZ_STR("what;n;id;day\nLook;3;A;2021-01-06\n\"No \"\"such\"\";x\";4;A;2021-01-06\nLook;4\n"));
    read_all(&r);
    assert_int_equal(r.log.refusals_n, 4);
    for (size_t i = 0; i < 3; i++)
        rows[i] = (struct fz_log_row){r.log.refusals[i].file, r.log.refusals[i].line};
    assert_int_equal(fz_log_copy_rows(&r.log, r.map, rows, 3, "bad.csv", FZ_EN, &files, &r.err), FZ_OK);
    assert_int_equal(files, 2);
    assert_string_equal(
        content(&r.arena, "bad.csv"),
        "\xEF\xBB\xBF\"id\",\"what\",\"day\",\"n\"\r\n\"A\",\"Look\",\"7.1.2021\",\"\"\r\n\"A\",\"Nap\",\"2021-01-07\",\"\"\r\n");
    assert_string_equal(
        content(&r.arena, "bad-2.csv"),
        "\xEF\xBB\xBF\"what\",\"n\",\"id\",\"day\"\r\n\"No \"\"such\"\";x\",\"4\",\"A\",\"2021-01-06\"\r\n");
    end(&r);
}

static void test_log__refused_events_of_xes_are_copied_as_rows(void **state)
{
    struct reading r;
    struct fz_log_row row;
    size_t files;

    (void)state;
    begin(&r, TOY_MAP_HEAD "sources:\n  x: {case: 'case:name', action: what, on: time}\n" TOY_ACTIONS);
    file(
        &r, "log.xes",
        FZ_STR(
            "<log><trace><string key=\"name\" value=\"A\"/>\n<event><string key=\"what\" value=\"Look\"/><date key=\"time\" value=\"2021-01-05\"/></event>\n"
            "<event><date key=\"time\" value=\"2021-01-06\"/><string key=\"what\" value=\"Nap\"/></event></trace></log>"));
    read_all(&r);
    assert_int_equal(r.log.refusals_n, 1);
    row = (struct fz_log_row){0, r.log.refusals[0].line};
    assert_int_equal(fz_log_copy_rows(&r.log, r.map, &row, 1, "bad", FZ_EN, &files, &r.err), FZ_OK);
    assert_string_equal(content(&r.arena, "bad"),
                        "\xEF\xBB\xBF\"case:name\",\"what\",\"time\"\r\n\"A\",\"Nap\",\"2021-01-06\"\r\n");
    end(&r);
}

static void test_log__the_samples_are_read_whole(void **state)
{
    struct reading r;
    char a[4096], b[4096];
    const char *fines[] = {path_of("FZ_ROOT", "examples/traffic-fines/log.csv.gz", a)}, *permits[2];

    (void)state;
    read_real(&r, "it-traffic-fines.yaml", "examples/traffic-fines/map.yaml", fines, 1);
    assert_int_equal(r.log.cases_n, 2976);
    assert_int_equal(r.log.events_n, 12559);
    assert_int_equal(r.log.refused + r.log.duplicates + r.log.disordered + r.log.column_acts, 0);
    end(&r);
    permits[0] = path_of("FZ_ROOT", "examples/permit-receipt/cases.csv.gz", a);
    permits[1] = path_of("FZ_ROOT", "examples/permit-receipt/events.csv.gz", b);
    read_real(&r, "nl-permit-receipt.yaml", "examples/permit-receipt/map.yaml", permits, 2);
    assert_int_equal(r.log.cases_n, 287);
    assert_int_equal(r.log.events_n, 1678);
    assert_int_equal(r.log.refused + r.log.duplicates + r.log.disordered, 0);
    end(&r);
}

static void test_log__the_whole_registers_are_read_whole(void **state)
{
    struct reading r;
    char a[4096], b[4096];
    const char *fines[] = {path_of("FZ_SHARED", "data/penalty_road_traffic_fines_2000-2009.csv.gz", a)}, *permits[2];

    (void)state;
    if (access(a, R_OK) != 0)
        skip();
    read_real(&r, "it-traffic-fines.yaml", "examples/traffic-fines/map.yaml", fines, 1);
    assert_int_equal(r.log.cases_n, 126505);
    assert_int_equal(r.log.events_n, 477186);
    assert_int_equal(r.log.refused + r.log.duplicates + r.log.disordered + r.log.column_acts, 0);
    end(&r);
    permits[0] = path_of("FZ_SHARED", "data/permit_wabo_receipt_cases.csv.gz", a);
    permits[1] = path_of("FZ_SHARED", "data/permit_wabo_receipt_events.csv.gz", b);
    read_real(&r, "nl-permit-receipt.yaml", "examples/permit-receipt/map.yaml", permits, 2);
    assert_int_equal(r.log.cases_n, 1434);
    assert_int_equal(r.log.events_n, 8577);
    assert_int_equal(r.log.column_acts, 1434 + 1329);
    assert_int_equal(r.log.refused + r.log.duplicates + r.log.disordered, 0);
    end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cell__days_and_times_are_read_as_written),
        cmocka_unit_test(test_cell__days_that_do_not_exist_are_told_from_what_is_no_date),
        cmocka_unit_test(test_cell__money_is_exact),
        cmocka_unit_test(test_cell__every_sum_up_to_a_thousand_is_itself),
        cmocka_unit_test(test_cell__values_of_the_other_types),
        cmocka_unit_test(test_log__rows_become_acts_of_their_case_wherever_they_stand),
        cmocka_unit_test(test_log__columns_stand_in_any_order_and_ignored_ones_need_not_be_there),
        cmocka_unit_test(test_log__values_are_kept_only_where_they_are_needed_and_checked_always),
        cmocka_unit_test(test_log__sets_are_told_by_semicolons),
        cmocka_unit_test(test_log__words_of_the_map_come_first),
        cmocka_unit_test(test_log__a_row_that_cannot_be_taken_is_listed_with_its_reason),
        cmocka_unit_test(test_log__reasons_are_told_in_chinese_as_well),
        cmocka_unit_test(test_log__a_cell_in_a_message_is_short_and_does_not_steer_a_terminal),
        cmocka_unit_test(test_log__refused_rows_are_all_counted_and_the_first_listed),
        cmocka_unit_test(test_log__a_repeated_row_counts_once_and_is_listed),
        cmocka_unit_test(test_log__rows_that_differ_in_any_mapped_cell_are_two),
        cmocka_unit_test(test_log__events_of_a_case_stand_in_the_order_of_their_days),
        cmocka_unit_test(test_log__within_a_day_known_minutes_count_and_the_others_follow_whom_they_followed),
        cmocka_unit_test(test_log__random_rows_come_out_as_the_slow_model_says),
        cmocka_unit_test(test_log__a_case_with_too_many_acts_is_named),
        cmocka_unit_test(test_log__a_table_of_cases_gives_fields_and_dated_acts),
        cmocka_unit_test(test_log__an_act_that_ends_the_case_by_its_outcome_is_the_last_of_its_day),
        cmocka_unit_test(test_log__a_case_has_one_row_in_a_table_of_cases),
        cmocka_unit_test(test_log__two_tables_of_cases_add_up),
        cmocka_unit_test(test_log__what_event_rows_say_of_their_case_is_said_once),
        cmocka_unit_test(test_log__columns_that_no_source_has_are_named),
        cmocka_unit_test(test_log__a_column_of_two_uses_is_missed_once),
        cmocka_unit_test(test_log__a_log_of_a_header_alone_has_no_cases),
        cmocka_unit_test(test_log__a_torn_gzip_names_its_line),
        cmocka_unit_test(test_log__a_very_long_line_is_refused_with_its_place),
        cmocka_unit_test(test_log__bombs_are_refused),
        cmocka_unit_test(test_log__one_bad_file_among_good_ones_ends_it),
        cmocka_unit_test(test_log__packings_and_encodings_are_seen_through_and_told),
        cmocka_unit_test(test_log__xes_gives_the_same_as_a_table),
        cmocka_unit_test(test_log__xes_rows_are_refused_like_others),
        cmocka_unit_test(test_log__attributes_of_xes_that_no_source_has_are_named),
        cmocka_unit_test(test_log__a_source_may_begin_its_cases),
        cmocka_unit_test(test_log__other_activities_may_stand_for_one_act),
        cmocka_unit_test(test_log__what_begins_a_case_starts_a_record),
        cmocka_unit_test(test_log__rows_may_have_a_key),
        cmocka_unit_test(test_log__each_source_reads_its_sheet),
        cmocka_unit_test(test_log__refused_rows_are_copied_in_the_form_of_their_source),
        cmocka_unit_test(test_log__refused_events_of_xes_are_copied_as_rows),
        cmocka_unit_test(test_log__the_samples_are_read_whole),
        cmocka_unit_test(test_log__the_whole_registers_are_read_whole),
    };

    return cmocka_run_group_tests(tests, enter, leave);
}
