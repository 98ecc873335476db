/* Maps of logs (report/map.c): what is refused, each with its place; and the shipped ones. */
#include "../support/support.h"

#include "../support/toy.h"

#define SOURCES "sources:\n  events: {case: id, action: what, on: day, fields: {a: amount}}\n"
#define GOOD TOY_MAP_HEAD SOURCES TOY_ACTIONS

struct world {
    struct fz_arena arena;
    const struct fz_pack *pack;
    struct fz_buf said;
};

static void open_world(struct world *w)
{
    *w = (struct world){0};
    w->pack = load_pack_text(&w->arena, "toy.yaml", FZ_STR(TOY_PACK));
}

static void close_world(struct world *w)
{
    fz_arena_release(&w->arena);
    fz_buf_release(&w->said);
}

static void expect_said(const char *map, fz_language lang, const char *text)
{
    struct world w;

    open_world(&w);
    load_map(&w.arena, map, &w.pack, 1, lang, &w.said);
    if (!strstr(w.said.p, text))
        fail_msg("\"%s\" does not say \"%s\"", w.said.p, text);
    close_world(&w);
}

#define expect(map, text) expect_said(map, FZ_EN, text)

static void test_map__the_names_of_a_pack_are_found(void **state)
{
    struct world w;
    struct fz_map *m;

    (void)state;
    open_world(&w);
    m = load_map(&w.arena, GOOD, &w.pack, 1, FZ_EN, &w.said);
    assert_string_equal(w.said.p, "");
    assert_true(fz_str_is(fz_map_pack(m), "toy"));
    assert_true(fz_str_is(fz_map_record(m), "application"));
    close_world(&w);
}

static void test_map__nothing_is_no_map(void **state)
{
    struct fz_arena arena = {0};
    struct fz_diags diags;

    (void)state;
    fz_diags_init(&diags, &arena);
    assert_null(fz_map_load(NULL, NULL, 0, &arena, &diags));
    fz_arena_release(&arena);
    expect("- a\n", "map.yaml:1:1: error[wrong-type]");
}

static void test_map__its_pack_and_record_are_at_hand(void **state)
{
    (void)state;
    expect("pack: other\nrecord: application\n" SOURCES TOY_ACTIONS,
           "map.yaml:1:7: error[no-such-pack]: no pack `other` is at hand");
    expect("pack: toy\nrecord: other\n" SOURCES TOY_ACTIONS,
           "map.yaml:2:9: error[no-such-record]: the pack toy has no record `other`");
    expect("record: application\n" SOURCES TOY_ACTIONS, "error[missing-key]: the key `pack` is missing in this map");
    expect_said("pack: other\nrecord: application\n" SOURCES TOY_ACTIONS, FZ_ZH,
                "错误[no-such-pack]: 没有名为“other”的制度包");
}

static void test_map__every_name_is_looked_up_in_the_record(void **state)
{
    (void)state;
    expect(
        TOY_MAP_HEAD SOURCES "actions:\n  Send: send\n",
        "map.yaml:7:9: error[map-unknown-name]: the record application has no action `send`\n      Send: send\n            ^^^^\n");
    expect(TOY_MAP_HEAD SOURCES "actions: {Send: served(notice)}\n", "the record application has no document `notice`");
    expect(TOY_MAP_HEAD SOURCES "actions: {Send: {decide: maybe}}\n",
           "map.yaml:6:26: error[map-no-such-outcome]: the action decide has no outcome `maybe`");
    expect(TOY_MAP_HEAD "sources: {t: {case: id, acts: {from: begin}}}\n",
           "map.yaml:4:38: error[map-unknown-name]: the record application has no action");
    expect(TOY_MAP_HEAD "sources: {t: {case: id, fields: {from: sum}}}\n",
           "map.yaml:4:40: error[map-unknown-name]: the record application has no field");
    expect(TOY_MAP_HEAD SOURCES TOY_ACTIONS "values: {sum: {a: b}}\n", "the record application has no field `sum`");
    expect_said(TOY_MAP_HEAD SOURCES "actions:\n  Send: send\n", FZ_ZH,
                "错误[map-unknown-name]: 记录application没有名为“send”的行为");
}

static void test_map__an_act_has_one_of_three_forms(void **state)
{
    (void)state;
    expect(TOY_MAP_HEAD SOURCES "actions: {Send: [look]}\n",
           "map.yaml:6:17: error[wrong-type]: expected here: an action, served(DOCUMENT), or {ACTION: OUTCOME}");
    expect(TOY_MAP_HEAD SOURCES "actions: {Send: {decide: granted, look: denied}}\n", "error[wrong-type]");
    expect(TOY_MAP_HEAD SOURCES "actions: {Send: {decide: [granted]}}\n", "error[wrong-type]");
    expect(TOY_MAP_HEAD SOURCES "actions: {Send: {served(letter): granted}}\n", "error[wrong-type]");
    expect(TOY_MAP_HEAD SOURCES "actions: {Send: served()}\n", "error[wrong-type]");
    expect(TOY_MAP_HEAD SOURCES "actions: {Send: ''}\n", "error[wrong-type]");
    expect_said(TOY_MAP_HEAD SOURCES "actions: {Send: [look]}\n", FZ_ZH,
                "此处应当是：行为、served(文书) 或者 {行为: 结果}");
}

static void test_map__a_derived_field_is_never_given(void **state)
{
    (void)state;
    expect(TOY_MAP_HEAD "sources: {t: {case: id, fields: {d: double_pages}}}\n",
           "map.yaml:4:37: error[map-derived]: `double_pages` is derived");
}

static void test_map__words_are_values_of_their_field(void **state)
{
    (void)state;
    expect(GOOD "values: {channel: {Post: post, Fax: fax}}\n",
           "error[map-value]: `fax` is no value of `channel`, which is choice");
    expect(GOOD "values: {urgent: {x: perhaps}}\n",
           "error[map-value]: `perhaps` is no value of `urgent`, which is flag");
    expect(TOY_MAP_HEAD "sources: {t: {case: id, fields: {c: channel}, values: {channel: {F: fax}}}}\n",
           "error[map-value]: `fax`");
    expect(GOOD "values: {channel: post}\n", "error[wrong-type]");
}

static void test_map__what_a_row_is_decides_its_keys(void **state)
{
    (void)state;
    expect(TOY_MAP_HEAD "sources: {t: {case: id, action: what}}\n" TOY_ACTIONS,
           "error[missing-key]: the key `on` is missing in this source");
    expect(TOY_MAP_HEAD "sources: {t: {case: id, on: day, acts: {a: receive}}}\n",
           "map.yaml:4:29: error[map-of-events]: `on` needs `action`: without it a row is a case");
    expect(TOY_MAP_HEAD "sources: {t: {case: id, actor: who, acts: {a: receive}}}\n", "error[map-of-events]: `actor`");
    expect(TOY_MAP_HEAD "sources: {t: {case: id, action: what, on: day, acts: {a: receive}}}\n" TOY_ACTIONS,
           "error[map-of-cases]: `acts` does not go with `action`");
    expect(TOY_MAP_HEAD "sources: {t: {case: id}}\n",
           "map.yaml:4:11: error[map-says-nothing]: the source `t` gives neither acts nor fields");
    expect(TOY_MAP_HEAD SOURCES, "error[missing-key]: the key `actions` is missing in this map");
    expect(TOY_MAP_HEAD "sources: {}\n", "error[missing-key]: the key `sources` is missing in this map");
    expect(TOY_MAP_HEAD "sources: {t: {case: id, acts: {a: receive}, colour: red}}\n",
           "error[unknown-key]: `colour` is no key of a source");
}

static void test_map__a_column_is_not_used_and_ignored(void **state)
{
    (void)state;
    expect(TOY_MAP_HEAD "sources: {t: {case: id, acts: {a: receive}, ignore: [b, a]}}\n",
           "map.yaml:4:57: error[map-column]: the column `a` is both used and ignored");
    expect(TOY_MAP_HEAD "sources: {t: {case: id, fields: {a: amount, b: amount}}}\n",
           "map.yaml:4:45: error[map-field-twice]: the field `amount` is filled from two columns");
    expect(TOY_MAP_HEAD "sources: {t: {case: id, organ: a, fields: {a: note}}}\n", "");
}

/* ---- several versions ---- */

static void expect_versions(const char *second, const char *map, const char *text)
{
    struct world w;
    const struct fz_pack *packs[2];

    open_world(&w);
    packs[0] = w.pack;
    packs[1] = load_pack_text(&w.arena, "toy2.yaml", fz_str_of(second));
    load_map(&w.arena, map, packs, 2, FZ_EN, &w.said);
    if (*text ? !strstr(w.said.p, text) : *w.said.p)
        fail_msg("\"%s\" does not say \"%s\"", w.said.p, text);
    close_world(&w);
}

#define VERSION_2 TOY_HEAD "version: 2024-01-01\n" TOY_RECORD

static void test_map__what_a_later_version_adds_is_found(void **state)
{
    (void)state;
    expect_versions(VERSION_2 TOY_FIELDS "      colour: {type: text, title: 颜色}\n" TOY_REST,
                    TOY_MAP_HEAD "sources: {t: {case: id, fields: {a: amount, c: colour}}}\n", "");
}

static void test_map__a_member_that_moved_between_versions_is_refused(void **state)
{
    (void)state;
    expect_versions(VERSION_2 "      first: {type: text, title: 首项}\n" TOY_FIELDS TOY_REST, GOOD,
                    "map.yaml:5:57: error[map-versions]: `amount` is not the same field in every version of the pack");
    expect_versions(VERSION_2 "      amount: {type: int, title: 数额}\n" TOY_REST, GOOD,
                    "error[map-versions]: `amount` is not the same field in every version");
}

/* ---- the shipped ones ---- */

static fz_str example(struct fz_arena *arena, const char *name)
{
    char path[4096], text[1 << 14];
    const char *root = getenv("FZ_ROOT");
    size_t n;
    FILE *f;

    snprintf(path, sizeof(path), "%s/examples/%s/map.yaml", root ? root : ".", name);
    f = fopen(path, "rb");
    assert_non_null(f);
    n = fread(text, 1, sizeof(text), f);
    fclose(f);
    assert_true(n < sizeof(text));
    return fz_str_copy(arena, (fz_str){text, n});
}

static void test_map__the_shipped_maps_are_good(void **state)
{
    struct world w;
    const struct fz_pack *packs[2];

    (void)state;
    open_world(&w);
    packs[0] = load_shipped_pack(&w.arena, "nl-permit-receipt.yaml");
    packs[1] = load_shipped_pack(&w.arena, "it-traffic-fines.yaml");
    assert_non_null(load_map(&w.arena, example(&w.arena, "permit-receipt").p, packs, 2, FZ_EN, &w.said));
    assert_non_null(load_map(&w.arena, example(&w.arena, "traffic-fines").p, packs, 2, FZ_EN, &w.said));
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_map__the_names_of_a_pack_are_found),
        cmocka_unit_test(test_map__nothing_is_no_map),
        cmocka_unit_test(test_map__its_pack_and_record_are_at_hand),
        cmocka_unit_test(test_map__every_name_is_looked_up_in_the_record),
        cmocka_unit_test(test_map__an_act_has_one_of_three_forms),
        cmocka_unit_test(test_map__a_derived_field_is_never_given),
        cmocka_unit_test(test_map__words_are_values_of_their_field),
        cmocka_unit_test(test_map__what_a_row_is_decides_its_keys),
        cmocka_unit_test(test_map__a_column_is_not_used_and_ignored),
        cmocka_unit_test(test_map__what_a_later_version_adds_is_found),
        cmocka_unit_test(test_map__a_member_that_moved_between_versions_is_refused),
        cmocka_unit_test(test_map__the_shipped_maps_are_good),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
