#include "../support/support.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/commit.h"
#include "ledger/entry.h"

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define ACT                                                                                                            \
    "{\"v\":1,\"seq\":7,\"at\":1767225600000,\"on\":\"2026-01-01\",\"minute\":540,\"jurisdiction\":\"330106\","        \
    "\"record\":\"杭西府复〔2026〕1号\",\"type\":\"reconsideration_case\",\"action\":\"accept\","               \
    "\"outcome\":\"accepted\",\"actor\":\"o-17\",\"organ\":\"330106-sfj\",\"pack\":\"reconsideration\","               \
    "\"pack_version\":\"2024-01-01\",\"values\":{\"amount\":-1250,\"note\":\"a \\\"b\\\" \\\\ \\u000a末\","           \
    "\"tags\":[\"x\",2,\"\"]},\"commitments\":{\"applicants\":\"" ZEROS "\"},\"documents\":{\"notice\":\"" ZEROS       \
    "\"},\"key\":\"" ZEROS "\"}"
#define CORRECTION                                                                                                     \
    "{\"v\":1,\"seq\":9,\"at\":0,\"on\":\"0001-01-01\",\"jurisdiction\":\"x\",\"record\":\"r\",\"type\":\"t\","        \
    "\"correction\":\"wrong-day\",\"corrects\":7,\"actor\":\"a\",\"organ\":\"o\",\"pack\":\"p\","                      \
    "\"pack_version\":\"1\",\"values\":{},\"commitments\":{},\"documents\":{}}"

static struct fz_arena arena;
static struct fz_crypto *crypto;
static uint64_t seed;

static uint64_t draw(uint64_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (seed >> 20) % below;
}

static bool decode(fz_str text, struct fz_entry *out, struct fz_diags *diags)
{
    struct fz_source *source = FZ_NEW(&arena, struct fz_source);

    *source = (struct fz_source){"entry", text};
    fz_diags_init(diags, &arena);
    return fz_entry_decode(&arena, source, out, diags);
}

static void check_round(const char *text)
{
    struct fz_entry e;
    struct fz_diags diags;
    struct fz_buf said = {0};
    fz_str again;

    if (!decode(fz_str_of(text), &e, &diags)) {
        fz_diags_print(&diags, FZ_EN, &said);
        fail_msg("%s", said.p);
    }
    again = fz_entry_encode(&arena, &e, &diags);
    assert_true(fz_str_is(again, text));
    assert_int_equal(diags.n, 0);
}

static void test_entry__has_one_form(void **state)
{
    struct fz_entry e;
    struct fz_diags diags;

    (void)state;
    check_round(ACT);
    check_round(CORRECTION);
    assert_true(decode(fz_str_of(ACT), &e, &diags));
    assert_int_equal(e.seq, 7);
    assert_int_equal(e.at_ms, 1767225600000);
    assert_int_equal(e.on, fz_day_of(2026, 1, 1));
    assert_int_equal(e.minute, 540);
    assert_true(fz_str_is(e.record, "杭西府复〔2026〕1号"));
    assert_true(fz_str_is(e.action, "accept") && fz_str_is(e.outcome, "accepted") && e.correction.n == 0);
    assert_int_equal(e.values_n, 3);
    assert_int_equal(e.values[0].value.number, -1250);
    assert_true(fz_str_is(e.values[1].value.text, "a \"b\" \\ \n末"));
    assert_int_equal(e.values[2].value.items_n, 3);
    assert_true(e.commitments_n == 1 && e.documents_n == 1 && e.key != NULL);
    assert_true(decode(fz_str_of(CORRECTION), &e, &diags));
    assert_true(e.minute == FZ_MINUTE_NONE && e.key == NULL && e.corrects == 7 && e.action.n == 0);
}

static void test_entry__maps_may_be_given_in_any_order(void **state)
{
    fz_entry_field values[] = {
        {FZ_STR("b"), {.number = 1}}, {FZ_STR("a"), {.number = 2}}, {FZ_STR("ab"), {.number = 3}}};
    fz_entry_hash hashes[] = {{.name = FZ_STR("z")}, {.name = FZ_STR("y")}};
    struct fz_entry e;
    struct fz_diags diags;
    fz_str text;

    (void)state;
    assert_true(decode(fz_str_of(CORRECTION), &e, &diags));
    e.values = values;
    e.values_n = 3;
    e.commitments = e.documents = hashes;
    e.commitments_n = e.documents_n = 2;
    text = fz_entry_encode(&arena, &e, &diags);
    assert_non_null(strstr(text.p, "\"values\":{\"a\":2,\"ab\":3,\"b\":1},\"commitments\":{\"y\":\"" ZEROS "\",\"z\""));
    values[1].name = FZ_STR("b");
    assert_int_equal(fz_entry_encode(&arena, &e, &diags).n, 0);
    assert_int_equal(diags.items[0].id, FZ_D_ledger_order);
}

/* `from` within the text becomes `to`. */
static fz_str changed(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);

    assert_non_null(at);
    return fz_str_printf(&arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static void test_entry__everything_else_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *from, *to;
        fz_diag_id id;
        const char *place; /* the text from there on */
    } rows[] = {
        {"{\"v\"", " {\"v\"", FZ_D_ledger_expected, " {"},
        {"{\"v\"", "\xEF\xBB\xBF{\"v\"", FZ_D_ledger_expected, "\xEF\xBB\xBF"},
        {"\"v\":1,", "", FZ_D_ledger_expected, "\"seq\""},
        {"\"v\":1", "\"v\":2", FZ_D_ledger_range, "2,"},
        {"\"v\":1", "\"v\": 1", FZ_D_ledger_integer, " 1"},
        {"\"seq\":7", "\"seq\":0", FZ_D_ledger_range, "0,"},
        {"\"seq\":7", "\"seq\":07", FZ_D_ledger_integer, "07"},
        {"\"seq\":7", "\"seq\":-0", FZ_D_ledger_integer, "-0"},
        {"\"seq\":7", "\"seq\":+7", FZ_D_ledger_integer, "+7"},
        {"\"seq\":7", "\"seq\":7.0", FZ_D_ledger_integer, "7.0"},
        {"\"seq\":7", "\"seq\":7e0", FZ_D_ledger_integer, "7e0"},
        {"\"seq\":7", "\"seq\":\"7\"", FZ_D_ledger_integer, "\"7\""},
        {"\"seq\":7", "\"seq\":null", FZ_D_ledger_integer, "null"},
        {"\"seq\":7", "\"seq\":9007199254740993", FZ_D_ledger_range, "90071"},
        {"\"seq\":7", "\"seq\":99999999999999999999", FZ_D_ledger_integer, "99999"},
        {"\"seq\":7", "\"seq\":7,\"seq\":7", FZ_D_ledger_expected, ",\"seq\":7,\"at\""},
        {"\"seq\":7,\"at\":1767225600000", "\"at\":1767225600000,\"seq\":7", FZ_D_ledger_expected, ",\"at\""},
        {"\"at\":1767225600000", "\"at\":-1", FZ_D_ledger_range, "-1"},
        {"\"2026-01-01\"", "\"2026-02-29\"", FZ_D_ledger_day, "\"2026-02-29"},
        {"\"2026-01-01\"", "\"2026-1-1\"", FZ_D_ledger_day, "\"2026-1-1"},
        {"\"2026-01-01\"", "20260101", FZ_D_ledger_string, "20260101"},
        {"\"minute\":540", "\"minute\":1440", FZ_D_ledger_range, "1440"},
        {"\"minute\":540", "\"minute\":-1", FZ_D_ledger_range, "-1"},
        {"\"330106\"", "\"\"", FZ_D_ledger_text, "\"\""},
        {"\"330106\"", "\"33\\u000a\"", FZ_D_ledger_text, "\"33"},
        {"\"330106\"", "\"33\n\"", FZ_D_ledger_escape, "\n"},
        {"\"330106\"", "\"33\x7F\"", FZ_D_ledger_text, "\"33"},
        {"\"330106\"", "\"33\xC0\xAF\"", FZ_D_ledger_utf8, "\xC0"},
        {"\"330106\"", "\"33\xED\xA0\x80\"", FZ_D_ledger_utf8, "\xED"},
        {"\"accept\"", "\"Accept\"", FZ_D_ledger_name, "\"Accept"},
        {"\"accept\"", "\"受理\"", FZ_D_ledger_name, "\"受理"},
        {"\"accept\"", "\"acce\\u0070t\"", FZ_D_ledger_escape, "\\u0070"},
        {"\"action\":\"accept\",", "", FZ_D_ledger_either, "{"},
        {"\"action\":\"accept\"", "\"action\":\"accept\",\"correction\":\"x\",\"corrects\":1", FZ_D_ledger_either, "{"},
        {"\"action\":\"accept\"", "\"action\":\"accept\",\"serves\":\"notice\"", FZ_D_ledger_either, "{"},
        {"\"action\":\"accept\"", "\"serves\":\"notice\",\"waives\":\"accept\"", FZ_D_ledger_expected, ",\"waives\""},
        {"\"action\":\"accept\"", "\"action\":\"accept\",\"corrects\":1", FZ_D_ledger_corrects, "{"},
        {"\"action\":\"accept\"", "\"correction\":\"x\"", FZ_D_ledger_corrects, "{"},
        {"\"action\":\"accept\"", "\"correction\":\"x\",\"corrects\":7", FZ_D_ledger_corrects, "{"},
        {"\"action\":\"accept\"", "\"correction\":\"x\",\"corrects\":0", FZ_D_ledger_range, "0"},
        {"-1250", "1.5", FZ_D_ledger_integer, "1.5"},
        {"-1250", "true", FZ_D_ledger_value, "true"},
        {"-1250", "null", FZ_D_ledger_value, "null"},
        {"-1250", "{}", FZ_D_ledger_value, "{}"},
        {"-1250", "-9223372036854775809", FZ_D_ledger_integer, "-9223372036854775809"},
        {"[\"x\",2,\"\"]", "[[1]]", FZ_D_ledger_value, "[1]"},
        {"[\"x\",2,\"\"]", "[1,]", FZ_D_ledger_value, "]"},
        {"[\"x\",2,\"\"]", "[1 ]", FZ_D_ledger_expected, " ]"},
        {"\"amount\":", "\"note\":", FZ_D_ledger_order, "\"note\":\"a"},
        {"\"amount\":", "\"zone\":", FZ_D_ledger_order, "\"note\""},
        {"\"amount\":", "\"Amount\":", FZ_D_ledger_name, "\"Amount"},
        {"\"amount\":-1250", "\"applicants\":1", FZ_D_ledger_both, "{"},
        {"\\u000a", "\\n", FZ_D_ledger_escape, "\\n"},
        {"\\u000a", "\\u000A", FZ_D_ledger_escape, "\\u000A"},
        {"\\u000a", "\\u0000", FZ_D_ledger_escape, "\\u0000"},
        {"\\u000a", "\\u672b", FZ_D_ledger_escape, "\\u672b"},
        {"\\u000a", "\\/", FZ_D_ledger_escape, "\\/"},
        {"\\u000a", "\\", FZ_D_ledger_escape, "\\\xE6"},
        {ZEROS, "0", FZ_D_ledger_hash, "\"0\""},
        {ZEROS, "A" ZEROS, FZ_D_ledger_hash, "\"A"},
        {",\"key\":\"" ZEROS "\"}", ",\"key\":\"" ZEROS, FZ_D_ledger_string, ""},
        {",\"key\":\"" ZEROS "\"}", ",\"key\":\"" ZEROS "\"", FZ_D_ledger_expected, ""},
        {",\"key\":\"" ZEROS "\"}", ",\"key\":\"" ZEROS "\"}\n", FZ_D_ledger_left_over, "\n"},
        {",\"key\":\"" ZEROS "\"}", ",\"lock\":1}", FZ_D_ledger_expected, ",\"lock\""},
    };

    (void)state;
    for (size_t i = 0; i < FZ_COUNT(rows); i++) {
        struct fz_entry e;
        struct fz_diags diags;
        fz_str text;
        const char *from = rows[i].from;

        text = changed(ACT, from, rows[i].to);
        if (decode(text, &e, &diags))
            fail_msg("row %zu is taken: %s", i, rows[i].to);
        assert_int_equal(diags.n, 1);
        if (diags.items[0].id != rows[i].id)
            fail_msg("row %zu, %s: %s", i, rows[i].to, fz_diag_row(diags.items[0].id)->id);
        {
            const char *at = text.p;

            for (uint32_t c = 1; c < diags.items[0].span.col && *at; c++) {
                uint32_t cp;
                size_t n = fz_utf8_next((fz_str){at, strlen(at)}, &cp);

                at += n ? n : 1;
            }
            if (diags.items[0].span.line == 1 && strncmp(at, rows[i].place, strlen(rows[i].place)) != 0)
                fail_msg("row %zu, %s: the place is %.20s", i, rows[i].to, at);
            assert_true(*rows[i].place || *at == '\0');
        }
    }
}

static void test_entry__nul_is_refused(void **state)
{
    char text[sizeof(ACT)];
    struct fz_entry e;
    struct fz_diags diags;

    (void)state;
    for (size_t i = 0; i < sizeof(ACT) - 1; i++) {
        memcpy(text, ACT, sizeof(ACT));
        text[i] = '\0';
        assert_false(decode((fz_str){text, sizeof(ACT) - 1}, &e, &diags));
        assert_int_equal(diags.n, 1);
    }
    assert_true(decode(fz_str_of(CORRECTION), &e, &diags));
    e.record = (fz_str){"a\0b", 3};
    assert_int_equal(fz_entry_encode(&arena, &e, &diags).n, 0);
    e.record = FZ_STR("\xFF");
    assert_int_equal(fz_entry_encode(&arena, &e, &diags).n, 0);
}

/* Whatever one byte is changed into: refused, or another entry with exactly these bytes. */
static void test_entry__every_changed_byte_matters(void **state)
{
    char text[sizeof(ACT)];
    size_t taken = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(ACT) - 1; i++)
        for (int k = 0; k < 24; k++) {
            static const char likely[] = " \n\t\"\\{}[],:0123-a";
            struct fz_entry e;
            struct fz_diags diags;
            fz_str changed_text = {text, sizeof(ACT) - 1};

            memcpy(text, ACT, sizeof(ACT));
            text[i] = k < 17 ? likely[k] : (char)draw(256);
            if (decode(changed_text, &e, &diags)) {
                assert_true(fz_str_eq(fz_entry_encode(&arena, &e, &diags), changed_text));
                taken++;
            } else {
                assert_int_equal(diags.n, 1);
            }
            fz_arena_reset(&arena);
        }
    assert_true(taken > 1000);
}

static void test_entry__maxima(void **state)
{
    static fz_entry_field fields[FZ_ENTRY_FIELDS_MAX + 1];
    static fz_entry_value items[FZ_ENTRY_ITEMS_MAX + 1];
    static char blob[FZ_ENTRY_BYTES_MAX + 1];
    struct fz_entry e;
    struct fz_diags diags;
    fz_str text;
    size_t frame;

    (void)state;
    assert_true(decode(fz_str_of(CORRECTION), &e, &diags));
    for (size_t i = 0; i < FZ_COUNT(fields); i++)
        fields[i] = (fz_entry_field){.name = fz_str_printf(&arena, "f%zu", i)};
    e.values = fields;
    e.values_n = FZ_ENTRY_FIELDS_MAX;
    assert_true(fz_entry_encode(&arena, &e, &diags).n > 0);
    e.values_n++;
    assert_int_equal(fz_entry_encode(&arena, &e, &diags).n, 0);
    assert_int_equal(diags.items[0].id, FZ_D_ledger_many);
    e.values_n = 1;
    fields[0].value = (fz_entry_value){FZ_VALUE_LIST, .items = items, .items_n = FZ_ENTRY_ITEMS_MAX};
    assert_true(fz_entry_encode(&arena, &e, &diags).n > 0);
    fields[0].value.items_n++;
    assert_int_equal(fz_entry_encode(&arena, &e, &diags).n, 0);
    memset(blob, 'x', sizeof(blob));
    fields[0].value = (fz_entry_value){.kind = FZ_VALUE_TEXT};
    frame = fz_entry_encode(&arena, &e, &diags).n;
    fields[0].value.text = (fz_str){blob, FZ_ENTRY_BYTES_MAX - frame};
    text = fz_entry_encode(&arena, &e, &diags);
    assert_int_equal(text.n, FZ_ENTRY_BYTES_MAX);
    fields[0].value.text.n++;
    fz_diags_init(&diags, &arena);
    assert_int_equal(fz_entry_encode(&arena, &e, &diags).n, 0);
    assert_int_equal(diags.items[0].id, FZ_D_ledger_bytes);
    fields[0].value.text.n = 0;
    fields[0].name = (fz_str){blob, FZ_ENTRY_NAME_BYTES_MAX};
    assert_true(fz_entry_encode(&arena, &e, &diags).n > 0);
    fields[0].name.n++;
    assert_int_equal(fz_entry_encode(&arena, &e, &diags).n, 0);
    fields[0].name.n = 1;
    e.actor = (fz_str){blob, FZ_ENTRY_TEXT_BYTES_MAX};
    assert_true(fz_entry_encode(&arena, &e, &diags).n > 0);
    e.actor.n++;
    assert_int_equal(fz_entry_encode(&arena, &e, &diags).n, 0);
}

/* ---- random entries, with jansson as a second opinion ---- */

static fz_str random_text(bool line)
{
    static const char *const pieces[] = {"a",          "Z",  "0",  " ",  "末", "é", "e\u0301",
                                         "\U0001F600", "曲", "\"", "\\", "/",  "<"};
    struct fz_buf b = {0};
    fz_str out;

    for (size_t n = line + draw(9); n > 0; n--)
        fz_buf_addz(&b, pieces[draw(FZ_COUNT(pieces))]);
    out = fz_str_copy(&arena, fz_buf_str(&b));
    fz_buf_release(&b);
    return out;
}

static fz_str random_name(size_t i)
{
    return fz_str_printf(&arena, "%c%u_%zu", (char)('a' + draw(26)), (unsigned)draw(1000), i);
}

static fz_hash random_hash(void)
{
    fz_hash hash;

    for (size_t i = 0; i < sizeof(hash); i++)
        hash.bytes[i] = (uint8_t)draw(256);
    return hash;
}

static fz_entry_value random_value(bool list)
{
    fz_entry_value v = {.kind = (fz_entry_kind)draw(list ? 3 : 2), .items_n = draw(5)};
    fz_entry_value *items = FZ_NEW_ARRAY(&arena, fz_entry_value, v.items_n);

    v.number = draw(3) ? (int64_t)(seed * 0x9E3779B97F4A7C15u) >> draw(64) : draw(2) ? INT64_MIN : INT64_MAX;
    v.text = random_text(false);
    for (size_t i = 0; v.kind == FZ_VALUE_LIST && i < v.items_n; i++)
        items[i] = random_value(false);
    v.items = items;
    return v;
}

static struct fz_entry random_entry(void)
{
    struct fz_entry e = {.seq = 2 + (int64_t)draw(1000000), .minute = draw(2) ? (int64_t)draw(1440) : FZ_MINUTE_NONE};
    fz_entry_field *values = FZ_NEW_ARRAY(&arena, fz_entry_field, 4);
    fz_entry_hash *hashes = FZ_NEW_ARRAY(&arena, fz_entry_hash, 8);
    fz_hash *key = FZ_NEW(&arena, fz_hash);

    e.at_ms = (int64_t)draw(FZ_ENTRY_AT_MAX + 1);
    e.on = FZ_DAY_MIN + (fz_day)draw(FZ_DAY_MAX - FZ_DAY_MIN + 1);
    e.jurisdiction = random_text(true);
    e.record = random_text(true);
    e.type = random_name(0);
    *(fz_str *[]){&e.action, &e.waives, &e.serves, &e.correction}[draw(4)] = random_name(1);
    e.corrects = e.correction.n ? 1 + (int64_t)draw((uint64_t)e.seq - 1) : 0;
    e.outcome = draw(2) ? random_name(2) : (fz_str){0};
    e.actor = random_text(true);
    e.organ = random_text(true);
    e.pack = random_name(3);
    e.pack_version = random_text(true);
    for (size_t i = 0; i < 4; i++)
        values[i] = (fz_entry_field){random_name(i), random_value(true)};
    for (size_t i = 0; i < 8; i++)
        hashes[i] = (fz_entry_hash){random_name(i + 10), random_hash()};
    *key = random_hash();
    e.values = values;
    e.values_n = draw(5);
    e.commitments = hashes;
    e.commitments_n = draw(5);
    e.documents = hashes + 4;
    e.documents_n = draw(5);
    e.key = draw(2) ? key : NULL;
    return e;
}

static bool same_value(const fz_entry_value *a, const fz_entry_value *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == FZ_VALUE_INT)
        return a->number == b->number;
    if (a->kind == FZ_VALUE_TEXT)
        return fz_str_eq(a->text, b->text);
    for (size_t i = 0; a->items_n == b->items_n && i < a->items_n; i++)
        if (!same_value(&a->items[i], &b->items[i]))
            return false;
    return a->items_n == b->items_n;
}

static const fz_entry_field *field_named(const struct fz_entry *e, fz_str name)
{
    for (size_t i = 0; i < e->values_n; i++)
        if (fz_str_eq(e->values[i].name, name))
            return &e->values[i];
    return NULL;
}

static void test_entry__random_entries_come_back_and_jansson_agrees(void **state)
{
    (void)state;
    for (int round = 0; round < 2000; round++) {
        struct fz_entry e = random_entry(), back;
        struct fz_diags diags;
        fz_str text;
        json_t *tree;
        json_error_t why;
        char *dumped;

        fz_diags_init(&diags, &arena);
        text = fz_entry_encode(&arena, &e, &diags);
        assert_true(text.n > 0 && decode(text, &back, &diags));
        assert_true(back.seq == e.seq && back.at_ms == e.at_ms && back.on == e.on && back.minute == e.minute);
        assert_true(fz_str_eq(back.record, e.record) && fz_str_eq(back.actor, e.actor) &&
                    fz_str_eq(back.organ, e.organ));
        assert_true(fz_str_eq(back.action, e.action) && fz_str_eq(back.correction, e.correction));
        assert_true(fz_str_eq(back.waives, e.waives) && fz_str_eq(back.serves, e.serves));
        assert_true(back.corrects == e.corrects && !back.key == !e.key);
        assert_true(!e.key || fz_hash_eq(back.key, e.key));
        assert_int_equal(back.values_n, e.values_n);
        for (size_t i = 0; i < e.values_n; i++)
            assert_true(same_value(&e.values[i].value, &field_named(&back, e.values[i].name)->value));
        /* Compact and in the order it was read, jansson writes the same bytes: these texts have no control characters. */
        tree = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &why);
        assert_non_null(tree);
        dumped = json_dumps(tree, JSON_COMPACT);
        assert_true(fz_str_is(text, dumped));
        free(dumped);
        json_decref(tree);
        fz_arena_reset(&arena);
    }
}

static void test_entry__values_come_back(void **state)
{
    static const char *const bad[] = {"",   " 1",   "1 ",    "01",  "1.0",     "true", "null",
                                      "{}", "[1,]", "[[1]]", "\"a", "\"\\n\"", "1,2"};

    (void)state;
    for (int round = 0; round < 1000; round++) {
        fz_entry_value v = random_value(true), back;
        struct fz_buf text = {0};

        fz_entry_value_emit(&text, &v);
        assert_true(fz_entry_value_read(&arena, fz_buf_str(&text), &back) && same_value(&v, &back));
        fz_buf_release(&text);
    }
    for (size_t i = 0; i < FZ_COUNT(bad); i++) {
        fz_entry_value back;

        if (fz_entry_value_read(&arena, fz_str_of(bad[i]), &back))
            fail_msg("%s is taken", bad[i]);
    }
}

/* ---- commitments ---- */

static const fz_salt salt = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}};

/* The values are Python's: hmac.new(salt, label + NUL + framed name and value, digest). */
static void test_commit__is_the_stated_construction(void **state)
{
    fz_hasher sm3 = {crypto, FZ_SM3}, sha256 = {crypto, FZ_SHA256};
    fz_str name = FZ_STR("applicants"), value = FZ_STR("[\"张三\"]"), pdf = FZ_STR("%PDF");
    fz_hash digest = fz_hash_of(sm3, &pdf, 1), got;
    char hex[FZ_HASH_HEX];

    (void)state;
    got = fz_commit_field(sha256, &salt, name, value);
    assert_string_equal(fz_hash_hex(&got, hex), "2c04f6b70545cf9d4ab4f745b00dfa948853773773959ac9f99d212de3014bc9");
    got = fz_commit_field(sm3, &salt, name, value);
    assert_string_equal(fz_hash_hex(&got, hex), "ed3642f0a56e45c32ef6bb3415c3068fa6facae0668982c264a92f2d81742237");
    got = fz_commit_document(sm3, &salt, FZ_STR("notice"), &digest);
    assert_string_equal(fz_hash_hex(&got, hex), "b9258ddd2e871e9f9248e6865b819e23b33558edc5da5d31a23812535cc4481b");
}

static void test_commit__binds_each_part(void **state)
{
    fz_hasher h = {crypto, FZ_SM3};
    fz_hash a = fz_commit_field(h, &salt, FZ_STR("ab"), FZ_STR("c")), b;
    fz_salt other = salt;

    (void)state;
    b = fz_commit_field(h, &salt, FZ_STR("a"), FZ_STR("bc"));
    assert_false(fz_hash_eq(&a, &b));
    b = fz_commit_field(h, &salt, FZ_STR("ab"), FZ_STR("d"));
    assert_false(fz_hash_eq(&a, &b));
    for (size_t i = 0; i < FZ_SALT_BYTES * 8; i++) {
        other = salt;
        other.bytes[i / 8] ^= (uint8_t)(1u << i % 8);
        b = fz_commit_field(h, &other, FZ_STR("ab"), FZ_STR("c"));
        assert_false(fz_hash_eq(&a, &b));
    }
    b = fz_commit_field(h, &salt, FZ_STR("ab"), (fz_str){(const char *)a.bytes, 32});
    a = fz_commit_document(h, &salt, FZ_STR("ab"), &a);
    assert_false(fz_hash_eq(&a, &b));
}

static void test_commit__outlives_what_is_erased(void **state)
{
    fz_hasher h = {crypto, FZ_SM3};
    char value[] = "张三";
    struct fz_opening o = {FZ_STR("applicant"), salt, value, sizeof(value) - 1};
    fz_hash commitment = fz_commit_field(h, &salt, o.name, FZ_STR("张三"));
    const char zeros[FZ_SALT_BYTES] = {0};

    (void)state;
    assert_true(fz_opening_matches(h, &o, &commitment));
    o.name = FZ_STR("respondent");
    assert_false(fz_opening_matches(h, &o, &commitment));
    o.name = FZ_STR("applicant");
    fz_opening_erase(&o);
    assert_false(fz_opening_matches(h, &o, &commitment));
    assert_memory_equal(o.salt.bytes, zeros, FZ_SALT_BYTES);
    assert_memory_equal(value, zeros, sizeof(value) - 1);
    assert_true(o.value == NULL && o.value_n == 0);
    fz_opening_erase(&o);
}

static int set_up(void **state)
{
    struct fz_error err;
    const char *given = getenv("FZ_SEED");

    (void)state;
    seed = given ? strtoull(given, NULL, 10) : 20261124;
    printf("# FZ_SEED=%llu\n", (unsigned long long)seed);
    fz_arena_init(&arena);
    return fz_crypto_new(&crypto, &err) == FZ_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    fz_arena_release(&arena);
    fz_crypto_free(crypto);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entry__has_one_form),
        cmocka_unit_test(test_entry__maps_may_be_given_in_any_order),
        cmocka_unit_test(test_entry__everything_else_is_refused_with_its_place),
        cmocka_unit_test(test_entry__nul_is_refused),
        cmocka_unit_test(test_entry__every_changed_byte_matters),
        cmocka_unit_test(test_entry__maxima),
        cmocka_unit_test(test_entry__random_entries_come_back_and_jansson_agrees),
        cmocka_unit_test(test_entry__values_come_back),
        cmocka_unit_test(test_commit__is_the_stated_construction),
        cmocka_unit_test(test_commit__binds_each_part),
        cmocka_unit_test(test_commit__outlives_what_is_erased),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
