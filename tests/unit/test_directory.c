/* The directory by itself, and the step function with it: each rule broken once. */
#include "../support/support.h"

#include "../support/packs.h"
#include "law/case.h"
#include "law/directory.h"

#define S(x) FZ_STR(x)

/* ---- rows ---- */

static struct fz_directory_row row(fz_directory_kind kind, const char *record, const char *from, const char *until)
{
    return (struct fz_directory_row){.kind = kind, .record = fz_str_of(record), .from = from ? day(from) : FZ_DAY_NONE, .until = until ? day(until) : FZ_DAY_NONE};
}

static void put_organ(struct fz_directory *d, const char *name, const char *class, const char *superior, const char *until, const fz_str *successors, size_t n)
{
    struct fz_directory_row r = row(FZ_DK_ORGAN, name, NULL, until);

    r.text[FZ_DP_ORGAN] = fz_str_of(name);
    r.text[FZ_DP_CLASS] = fz_str_of(class);
    r.text[FZ_DP_SUPERIOR] = fz_str_of(superior);
    r.successors = successors;
    r.successors_n = n;
    fz_directory_put(d, &r);
}

static void put_official(struct fz_directory *d, const char *person, const char *until)
{
    struct fz_directory_row r = row(FZ_DK_OFFICIAL, person, "2020-01-01", until);

    r.text[FZ_DP_PERSON] = fz_str_of(person);
    fz_directory_put(d, &r);
}

struct mandate {
    const char *id, *person, *role, *organ, *scope, *acting_for, *from, *until;
};

static void put_mandate(struct fz_directory *d, struct mandate m)
{
    struct fz_directory_row r = row(FZ_DK_MANDATE, m.id, m.from ? m.from : "2020-01-01", m.until);

    r.text[FZ_DP_PERSON] = fz_str_of(m.person);
    r.text[FZ_DP_ROLE] = fz_str_of(m.role);
    r.text[FZ_DP_ORGAN] = fz_str_of(m.organ);
    r.text[FZ_DP_SCOPE] = fz_str_of(m.scope);
    r.text[FZ_DP_ACTING_FOR] = fz_str_of(m.acting_for);
    fz_directory_put(d, &r);
}

static void put_certificate(struct fz_directory *d, const char *id, const char *person, const char *from, const char *until)
{
    struct fz_directory_row r = row(FZ_DK_CERTIFICATE, id, from, until);

    r.text[FZ_DP_PERSON] = fz_str_of(person);
    r.text[FZ_DP_HOLDING] = S("enforcement_certificate");
    fz_directory_put(d, &r);
}

static void put_delegation(struct fz_directory *d, const char *id, const char *organ, const char *to, const char *role, const char *until)
{
    struct fz_directory_row r = row(FZ_DK_DELEGATION, id, "2026-01-01", until);

    r.text[FZ_DP_ORGAN] = fz_str_of(organ);
    r.text[FZ_DP_TO] = fz_str_of(to);
    r.text[FZ_DP_ROLE] = fz_str_of(role);
    fz_directory_put(d, &r);
}

static void put_recusal(struct fz_directory *d, const char *id, const char *person, const char *record, const char *organ, const char *from, const char *until)
{
    struct fz_directory_row r = row(FZ_DK_RECUSAL, id, from, until);

    r.text[FZ_DP_PERSON] = fz_str_of(person);
    r.text[FZ_DP_CASE] = fz_str_of(record);
    r.text[FZ_DP_ORGAN] = fz_str_of(organ);
    fz_directory_put(d, &r);
}

/* ---- the directory alone ---- */

static const struct fz_directory_scope penalty = {{"penalty", 7}, {"penalty_case", 12}, false};
static const struct fz_directory_scope own = {{"organs", 6}, {"mandate", 7}, true};

static struct fz_power power(const struct fz_directory *d, const char *person, const char *role, const char *organ, const char *on)
{
    struct fz_power_asked a = {.person = fz_str_of(person), .role = fz_str_of(role), .organ = fz_str_of(organ), .delegated = true, .scope = penalty, .on = day(on)};

    return fz_directory_power(d, &a);
}

#define assert_row(r, id)                                                                                      \
    do {                                                                                                       \
        assert_non_null(r);                                                                                    \
        assert_true(fz_str_is((r)->record, id));                                                               \
    } while (0)

static void test_directory__a_mandate_holds_from_its_first_day_to_its_last(void **state)
{
    struct fz_directory *d = fz_directory_new();

    (void)state;
    put_mandate(d, (struct mandate){.id = "m1", .person = "A", .role = "officer", .organ = "X", .from = "2026-03-01", .until = "2026-03-31"});
    assert_null(power(d, "A", "officer", "X", "2026-02-28").mandate);
    assert_row(power(d, "A", "officer", "X", "2026-02-28").near, "m1");
    assert_row(power(d, "A", "officer", "X", "2026-03-01").mandate, "m1");
    assert_row(power(d, "A", "officer", "X", "2026-03-31").mandate, "m1");
    assert_null(power(d, "A", "officer", "X", "2026-04-01").mandate);
    assert_null(power(d, "A", "head", "X", "2026-03-15").mandate);
    assert_null(power(d, "A", "head", "X", "2026-03-15").near);
    assert_null(power(d, "A", "officer", "Y", "2026-03-15").mandate);
    assert_null(power(d, "B", "officer", "X", "2026-03-15").mandate);
    fz_directory_free(d);
}

static void test_directory__a_scope_limits_a_mandate_and_nothing_but_its_own_name_opens_the_directory(void **state)
{
    struct fz_directory *d = fz_directory_new();
    struct fz_power_asked a = {.person = S("A"), .role = S("head"), .organ = S("X"), .scope = own, .on = day("2026-03-02")};

    (void)state;
    put_mandate(d, (struct mandate){.id = "m1", .person = "A", .role = "head", .organ = "X", .scope = "licence"});
    assert_null(power(d, "A", "head", "X", "2026-03-02").mandate);
    put_mandate(d, (struct mandate){.id = "m1", .person = "A", .role = "head", .organ = "X", .scope = "penalty_case"});
    assert_row(power(d, "A", "head", "X", "2026-03-02").mandate, "m1");
    put_mandate(d, (struct mandate){.id = "m1", .person = "A", .role = "head", .organ = "X"});
    assert_row(power(d, "A", "head", "X", "2026-03-02").mandate, "m1");
    assert_null(fz_directory_power(d, &a).mandate);
    put_mandate(d, (struct mandate){.id = "m2", .person = "A", .role = "head", .organ = "X", .scope = "organs"});
    assert_row(fz_directory_power(d, &a).mandate, "m2");
    fz_directory_free(d);
}

static void test_directory__rights_begin_with_the_first_mandate_and_do_not_end_with_the_last(void **state)
{
    struct fz_directory *d = fz_directory_new();

    (void)state;
    assert_false(fz_directory_has_begun(d, S("X"), &penalty, day("2026-03-02")));
    put_mandate(d, (struct mandate){.id = "m1", .person = "A", .role = "head", .organ = "X", .from = "2026-03-01", .until = "2026-03-31"});
    assert_false(fz_directory_has_begun(d, S("X"), &penalty, day("2026-02-28")));
    assert_true(fz_directory_has_begun(d, S("X"), &penalty, day("2026-03-01")));
    assert_true(fz_directory_has_begun(d, S("X"), &penalty, day("2027-03-01")));
    assert_false(fz_directory_has_begun(d, S("Y"), &penalty, day("2026-03-02")));
    assert_false(fz_directory_has_begun(d, S("X"), &own, day("2026-03-02")));
    assert_true(fz_directory_has_role(d, S("head"), &penalty, day("2026-03-01")));
    assert_false(fz_directory_has_role(d, S("head"), &penalty, day("2026-02-28")));
    assert_false(fz_directory_has_role(d, S("officer"), &penalty, day("2026-03-02")));
    assert_false(fz_directory_has_role(d, S("head"), &own, day("2026-03-02")));
    fz_directory_remove(d, S("m1"));
    assert_false(fz_directory_has_begun(d, S("X"), &penalty, day("2026-03-02")));
    fz_directory_free(d);
}

static void test_directory__who_succeeds_an_organ_goes_on_with_its_powers(void **state)
{
    static const fz_str successors[] = {{"Y", 1}, {"Z", 1}};
    struct fz_directory *d = fz_directory_new();

    (void)state;
    put_organ(d, "X", "department", "", "2026-02-28", successors, 2);
    put_mandate(d, (struct mandate){.id = "m1", .person = "A", .role = "head", .organ = "Z"});
    assert_null(power(d, "A", "head", "X", "2026-02-28").mandate);
    assert_row(power(d, "A", "head", "X", "2026-03-01").mandate, "m1");
    assert_false(fz_directory_has_begun(d, S("X"), &penalty, day("2026-02-28")));
    assert_true(fz_directory_has_begun(d, S("X"), &penalty, day("2026-03-01")));
    /* Two that name each other end nowhere, and are not gone round for ever. */
    put_organ(d, "Y", "department", "", "2026-02-28", (fz_str[]){{"X", 1}}, 1);
    assert_null(power(d, "A", "head", "Q", "2026-03-01").mandate);
    assert_row(power(d, "A", "head", "Y", "2026-03-01").mandate, "m1");
    fz_directory_free(d);
}

static void test_directory__ones_own_power_goes_before_an_acting_and_an_entrusted_one(void **state)
{
    struct fz_directory *d = fz_directory_new();
    struct fz_power p;

    (void)state;
    put_delegation(d, "d1", "X", "T", NULL, "2026-12-31");
    put_mandate(d, (struct mandate){.id = "m1", .person = "A", .role = "officer", .organ = "T"});
    p = power(d, "A", "officer", "X", "2026-03-02");
    assert_row(p.mandate, "m1");
    assert_row(p.delegation, "d1");
    assert_null(power(d, "A", "officer", "X", "2027-01-01").mandate);
    assert_null(power(d, "A", "officer", "X", "2025-12-31").mandate);
    put_mandate(d, (struct mandate){.id = "m2", .person = "A", .role = "officer", .organ = "X", .acting_for = "B"});
    p = power(d, "A", "officer", "X", "2026-03-02");
    assert_row(p.mandate, "m2");
    assert_null(p.delegation);
    put_mandate(d, (struct mandate){.id = "m4", .person = "A", .role = "officer", .organ = "X"});
    put_mandate(d, (struct mandate){.id = "m3", .person = "A", .role = "officer", .organ = "X"});
    assert_row(power(d, "A", "officer", "X", "2026-03-02").mandate, "m3"); /* the first by id, whatever the order in which they came */
    fz_directory_free(d);
}

static void test_directory__what_is_entrusted_is_not_passed_on(void **state)
{
    struct fz_directory *d = fz_directory_new();

    (void)state;
    put_delegation(d, "d1", "X", "T", "officer", NULL);
    put_delegation(d, "d2", "T", "U", NULL, NULL);
    put_mandate(d, (struct mandate){.id = "m1", .person = "A", .role = "officer", .organ = "U"});
    put_mandate(d, (struct mandate){.id = "m2", .person = "B", .role = "head", .organ = "T"});
    assert_null(power(d, "A", "officer", "X", "2026-03-02").mandate);
    assert_row(power(d, "A", "officer", "T", "2026-03-02").mandate, "m1");
    assert_null(power(d, "B", "head", "X", "2026-03-02").mandate); /* for officers only */
    fz_directory_free(d);
}

static void test_directory__institutions_and_governments_are_found_in_the_tree(void **state)
{
    struct fz_directory *d = fz_directory_new();
    struct fz_power_asked a = {.person = S("A"), .role = S("head"), .organ = S("G"), .institution = true, .scope = penalty, .on = day("2026-03-02")};

    (void)state;
    put_organ(d, "G", "government", "", NULL, NULL, 0);
    put_organ(d, "D", "department", "G", NULL, NULL, 0);
    put_organ(d, "I", "institution", "G", NULL, NULL, 0);
    assert_true(fz_str_is(fz_directory_government(d, S("D"), day("2026-03-02")), "G"));
    assert_true(fz_str_is(fz_directory_government(d, S("G"), day("2026-03-02")), "G"));
    assert_int_equal(fz_directory_government(d, S("nowhere"), day("2026-03-02")).n, 0);
    put_mandate(d, (struct mandate){.id = "m1", .person = "A", .role = "head", .organ = "D"});
    assert_null(fz_directory_power(d, &a).mandate);
    put_mandate(d, (struct mandate){.id = "m2", .person = "A", .role = "head", .organ = "I"});
    assert_row(fz_directory_power(d, &a).mandate, "m2");
    put_organ(d, "G", "department", "D", NULL, NULL, 0); /* a circle ends the search */
    assert_int_equal(fz_directory_government(d, S("D"), day("2026-03-02")).n, 0);
    fz_directory_free(d);
}

/* Against a list that is gone through from end to end. */
static void test_directory__a_thousand_changes_leave_what_a_plain_list_says(void **state)
{
    enum { IDS = 400, CHANGES = 20000 };
    struct fz_directory *d = fz_directory_new();
    struct {
        bool there;
        int person;
        fz_day from, until;
    } list[IDS] = {{0}};
    uint64_t seed = 20261125;
    size_t there = 0;

    (void)state;
    for (int i = 0; i < CHANGES; i++) {
        char id[16], person[16];
        int at, asked;
        fz_day on;
        const struct fz_directory_row *near, *best;
        bool expected = false;

        seed = seed * 6364136223846793005u + 1442695040888963407u;
        at = (int)(seed >> 33) % IDS;
        asked = (int)(seed >> 40) % 20;
        on = (fz_day)((seed >> 50) % 60);
        snprintf(id, sizeof(id), "c%d", at);
        there -= list[at].there;
        list[at].there = (seed >> 20 & 7) != 0;
        there += list[at].there;
        list[at].person = (int)(seed >> 24) % 20;
        list[at].from = (fz_day)((seed >> 12) % 50);
        list[at].until = list[at].from + (fz_day)((seed >> 8) % 10);
        snprintf(person, sizeof(person), "p%d", list[at].person);
        if (list[at].there) {
            struct fz_directory_row r = {.kind = FZ_DK_CERTIFICATE, .record = fz_str_of(id), .from = list[at].from, .until = list[at].until};

            r.text[FZ_DP_PERSON] = fz_str_of(person);
            r.text[FZ_DP_HOLDING] = S("enforcement_certificate");
            fz_directory_put(d, &r);
        } else {
            fz_directory_remove(d, fz_str_of(id));
        }
        for (int k = 0; k < IDS; k++)
            expected |= list[k].there && list[k].person == asked && list[k].from <= on && on <= list[k].until;
        snprintf(person, sizeof(person), "p%d", asked);
        best = fz_directory_certificate(d, fz_str_of(person), S("enforcement_certificate"), on, &near);
        assert_int_equal(best != NULL, expected);
        assert_int_equal(fz_directory_count(d), there);
    }
    fz_directory_free(d);
}

/* ---- judged by it ---- */

static const char pack_text[] =
    "pack: sample\nversion: 2024-01-01\ntitle: 样例\npart: disputes\ncalendar: none\n"
    "laws:\n  法: {title: 样例法, edition: 2023, in_force: 2024-01-01, working_days: as_written}\n"
    "records:\n  file:\n    title: 案件\n    shape: case\n"
    "    fields:\n"
    "      respondent: {type: organ, title: 被申请人}\n"
    "      members: {type: organ, title: 会办部门, many: true}\n"
    "    stages: [open, closed]\n    final: [closed]\n"
    "    actions:\n"
    "      receive: {title: 收到, starts: open, by: [public, clerk], article: 法 1}\n"
    "      inspect: {title: 检查, from: open, by: {role: officer, persons: 2, holding: enforcement_certificate, delegated: allowed}, repeats: true, article: 法 2}\n"
    "      review: {title: 审核, from: open, by: reviewer, not_by: inspect, repeats: true, article: 法 3}\n"
    "      answer: {title: 答复, from: open, by: officer@respondent, repeats: true, article: 法 4}\n"
    "      join: {title: 会办, from: open, by: officer@members, repeats: true, article: 法 4}\n"
    "      approve: {title: 批准, from: open, by: head@government, repeats: true, article: 法 5}\n"
    "      extend: {title: 延长, from: open, by: head@institution, repeats: true, article: 法 5}\n"
    "      either: {title: 停止, from: open, by: [head@organ, head@respondent], repeats: true, article: 法 5}\n"
    "      skip: {title: 听取, from: open, by: officer, article: 法 6, waive: {by: reviewer, reason: required, article: 法 6}}\n"
    "      decide: {title: 决定, from: open, to: closed, by: head@organ, article: 法 7}\n";

struct fixture {
    struct fz_arena arena;
    struct fz_pack *pack;
    const struct fz_record *r;
    struct fz_case *c;
    struct fz_directory *d;
    struct fz_rights rights;
    struct fz_ruling ruling;
};

/* X is a department of G with officers A, B, C, a reviewer R and a head H. */
static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    static const char *const people[] = {"A", "B", "C", "R", "H"}, *const roles[] = {"officer", "officer", "officer", "reviewer", "head"};
    struct fz_step first;

    if (!f)
        return -1;
    fz_arena_init(&f->arena);
    f->pack = load_pack_text(&f->arena, "sample.yaml", fz_str_of(pack_text));
    f->r = &f->pack->records[0];
    f->c = fz_case_new(&f->arena, f->pack, f->r);
    f->d = fz_directory_new();
    put_organ(f->d, "G", "government", "", NULL, NULL, 0);
    put_organ(f->d, "X", "department", "G", NULL, NULL, 0);
    for (size_t i = 0; i < FZ_COUNT(people); i++) {
        char id[8];

        snprintf(id, sizeof(id), "m%zu", i);
        put_official(f->d, people[i], NULL);
        put_mandate(f->d, (struct mandate){.id = id, .person = people[i], .role = roles[i], .organ = "X"});
    }
    put_certificate(f->d, "c1", "A", "2024-01-01", "2026-12-31");
    put_certificate(f->d, "c2", "B", "2024-01-01", "2026-03-31");
    f->rights = (struct fz_rights){.directory = f->d, .record = S("file-1"), .organ = S("X"), .entered = day("2026-03-02")};
    first = FZ_STEP(fz_action_find(f->r, S("receive")), day("2026-03-01"));
    fz_case_apply(f->c, &first, NULL);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    fz_directory_free(f->d);
    fz_arena_release(&f->arena);
    free(f);
    return 0;
}

/* "A B" take the act; what it is refused for, as ids with a blank between. */
static const char *judged(struct fixture *f, const char *act, const char *people, const char *role, const char *on)
{
    struct fz_step s = FZ_STEP(fz_action_find(f->r, fz_str_of(act)), day(on));
    fz_str *others = FZ_NEW_ARRAY(&f->arena, fz_str, 8);
    struct fz_buf ids = {0};
    const char *out;

    assert_int_not_equal(s.action, FZ_NONE);
    s.role = fz_str_of(role);
    s.others = others;
    for (const char *p = people, *end; *p; p = end + (*end == ' ')) {
        end = p + strcspn(p, " ");
        if (p == people)
            s.person = (fz_str){p, (size_t)(end - p)};
        else
            others[s.others_n++] = (fz_str){p, (size_t)(end - p)};
    }
    fz_decide_by(f->c, &s, NULL, false, &f->rights, &f->arena, &f->ruling);
    assert_int_equal(f->ruling.n, f->ruling.refusing);
    for (size_t i = 0; i < f->ruling.n; i++)
        fz_buf_printf(&ids, "%s%.*s", i ? " " : "", FZ_STR_ARG(f->ruling.grounds[i].id));
    out = fz_str_z(&f->arena, fz_buf_str(&ids));
    fz_buf_release(&ids);
    if (f->ruling.n == 0)
        fz_case_apply(f->c, &s, NULL);
    return out;
}

static void assert_says(const struct fixture *f, const char *zh, const char *en, const char *article)
{
    const struct fz_ground *g = &f->ruling.grounds[0];

    assert_true(fz_str_is(g->title.zh, zh));
    assert_true(fz_str_is(g->title.en, en));
    assert_true(g->articles.n && fz_str_is(g->articles.items[0].text, article));
}

/* LAW: 行政处罚法 第四十二条 */
static void test_rights__two_who_are_certified_inspect(void **state)
{
    struct fixture *f = *state;

    assert_string_equal(judged(f, "inspect", "A B", "officer", "2026-03-02"), "");
    assert_int_equal(f->ruling.right.how, FZ_RIGHT_JUDGED);
    assert_int_equal(f->ruling.right.by_n, 2);
    assert_true(fz_str_is(f->ruling.right.by[0], "m0") && fz_str_is(f->ruling.right.by[1], "m1"));
    assert_int_equal(f->ruling.right.in_name_of.n, 0);
    assert_string_equal(judged(f, "inspect", "A", "officer", "2026-03-02"), "inspect_by_too_few");
    assert_says(f, "检查：应当由至少2人进行，只写明1人", "检查: needs at least 2 persons, 1 named", "法 2");
    assert_string_equal(judged(f, "inspect", "A A", "officer", "2026-03-02"), "inspect_by_too_few");
    assert_string_equal(judged(f, "inspect", "", "officer", "2026-03-02"), "inspect_by_nobody");
}

static void test_rights__a_certificate_is_looked_up_on_the_day(void **state)
{
    struct fixture *f = *state;

    assert_string_equal(judged(f, "inspect", "A B", "officer", "2026-03-31"), "");
    assert_string_equal(judged(f, "inspect", "A B", "officer", "2026-04-01"), "inspect_without_enforcement_certificate");
    assert_says(f, "检查：B当日未持有效的enforcement_certificate（至2026-03-31止）", "检查: B holds no valid enforcement_certificate (ended 2026-03-31)", "法 2");
    assert_int_equal(f->ruling.grounds[0].kind, FZ_G_HOLDING);
    assert_string_equal(judged(f, "inspect", "A C", "officer", "2026-03-02"), "inspect_without_enforcement_certificate");
    assert_says(f, "检查：C当日未持有效的enforcement_certificate", "检查: C holds no valid enforcement_certificate", "法 2");
}

static void test_rights__a_mandate_is_looked_up_on_the_day(void **state)
{
    struct fixture *f = *state;

    put_mandate(f->d, (struct mandate){.id = "m4", .person = "H", .role = "head", .organ = "X", .from = "2026-01-01", .until = "2026-03-01"});
    assert_string_equal(judged(f, "decide", "H", "head", "2026-03-02"), "decide_without_mandate");
    assert_says(f, "决定：H当日在X没有head一职（至2026-03-01止）", "决定: H does not hold head at X (ended 2026-03-01)", "法 7");
    put_mandate(f->d, (struct mandate){.id = "m4", .person = "H", .role = "head", .organ = "X", .from = "2026-03-03"});
    assert_string_equal(judged(f, "decide", "H", "head", "2026-03-02"), "decide_without_mandate");
    assert_says(f, "决定：H当日在X没有head一职（自2026-03-03起）", "决定: H does not hold head at X (only from 2026-03-03)", "法 7");
    assert_string_equal(judged(f, "decide", "H", "", "2026-03-03"), ""); /* the role may be left out */
}

static void test_rights__one_person_cannot_take_three_roles(void **state)
{
    struct fixture *f = *state;

    assert_string_equal(judged(f, "inspect", "A B", "officer", "2026-03-02"), "");
    assert_string_equal(judged(f, "review", "A", "reviewer", "2026-03-03"), "review_by_same_person review_without_mandate");
    assert_string_equal(judged(f, "decide", "A", "head", "2026-03-04"), "decide_without_mandate");
    put_mandate(f->d, (struct mandate){.id = "n1", .person = "B", .role = "reviewer", .organ = "X"});
    assert_string_equal(judged(f, "review", "B", "reviewer", "2026-03-03"), "review_by_same_person"); /* the second of those who inspected */
    assert_string_equal(judged(f, "review", "R B", "reviewer", "2026-03-03"), "review_by_same_person"); /* and of those who review */
    put_mandate(f->d, (struct mandate){.id = "n2", .person = "C", .role = "reviewer", .organ = "X"});
    assert_string_equal(judged(f, "review", "R C", "reviewer", "2026-03-03"), "");
    assert_string_equal(judged(f, "decide", "H", "reviewer", "2026-03-04"), "decide_by_wrong_role");
}

static void test_rights__who_has_left_or_is_unknown_acts_no_more(void **state)
{
    struct fixture *f = *state;

    put_official(f->d, "H", "2026-03-01");
    assert_string_equal(judged(f, "decide", "H", "head", "2026-03-02"), "decide_by_no_official");
    assert_says(f, "决定：H当日不是名录中的在职工作人员（至2026-03-01止）", "决定: H is no official in service (ended 2026-03-01)", "法 7");
    assert_string_equal(judged(f, "decide", "Q", "head", "2026-03-02"), "decide_by_no_official");
}

/* LAW: 行政处罚法 第四十三条 */
static void test_rights__who_is_recused_is_refused_from_that_record(void **state)
{
    struct fixture *f = *state;

    put_recusal(f->d, "r1", "A", "file-1", "X", "2026-03-02", "2026-03-31");
    assert_string_equal(judged(f, "inspect", "A B", "officer", "2026-03-01"), "");
    assert_string_equal(judged(f, "inspect", "A B", "officer", "2026-03-02"), "inspect_by_recused");
    assert_says(f, "检查：A已决定回避（r1）", "检查: A is recused (r1)", "法 2");
    assert_string_equal(judged(f, "inspect", "B A", "officer", "2026-03-31"), "inspect_by_recused");
    put_recusal(f->d, "r1", "A", "file-2", "X", "2026-03-02", NULL);
    assert_string_equal(judged(f, "inspect", "A B", "officer", "2026-03-02"), "");
    put_recusal(f->d, "r1", "A", "file-1", "Y", "2026-03-02", NULL); /* another organ orders nothing here */
    assert_string_equal(judged(f, "inspect", "A B", "officer", "2026-03-02"), "");
}

/* LAW: 行政处罚法 第二十条 */
static void test_rights__what_is_entrusted_is_done_in_the_name_of_the_organ(void **state)
{
    struct fixture *f = *state;

    put_official(f->d, "T1", NULL);
    put_mandate(f->d, (struct mandate){.id = "t1", .person = "T1", .role = "officer", .organ = "T"});
    put_mandate(f->d, (struct mandate){.id = "t2", .person = "T1", .role = "reviewer", .organ = "T"});
    put_certificate(f->d, "c3", "T1", "2024-01-01", NULL);
    assert_string_equal(judged(f, "inspect", "T1 A", "officer", "2026-03-02"), "inspect_without_mandate");
    put_delegation(f->d, "d1", "X", "T", NULL, "2026-06-30");
    assert_string_equal(judged(f, "inspect", "T1 A", "officer", "2026-03-02"), "");
    assert_true(fz_str_is(f->ruling.right.in_name_of, "X"));
    assert_int_equal(f->ruling.right.by_n, 3);
    assert_string_equal(judged(f, "inspect", "T1 A", "officer", "2026-07-01"), "inspect_without_mandate");
    assert_string_equal(judged(f, "review", "T1", "reviewer", "2026-03-03"), "review_by_same_person review_without_mandate"); /* which may not be entrusted */
    f->rights.acting = S("T");
    assert_string_equal(judged(f, "inspect", "T1 A", "officer", "2026-03-02"), "inspect_for_other_organ"); /* A has no right to act for T */
}

static void test_rights__who_acts_for_somebody_says_so(void **state)
{
    struct fixture *f = *state;

    put_mandate(f->d, (struct mandate){.id = "n1", .person = "R", .role = "head", .organ = "X", .acting_for = "H", .from = "2026-03-01", .until = "2026-03-15"});
    assert_string_equal(judged(f, "decide", "R", "head", "2026-03-16"), "decide_without_mandate");
    assert_string_equal(judged(f, "decide", "R", "head", "2026-03-15"), "");
    assert_true(fz_str_is(f->ruling.right.in_name_of, "H"));
}

static void test_rights__a_role_stands_at_the_organ_that_the_pack_names(void **state)
{
    static const fz_value members[] = {{.set = true, .text = {"M", 1}}, {.set = true, .text = {"N", 1}}};
    struct fixture *f = *state;

    put_official(f->d, "P", NULL);
    put_mandate(f->d, (struct mandate){.id = "p1", .person = "P", .role = "officer", .organ = "Y"});
    put_mandate(f->d, (struct mandate){.id = "p2", .person = "P", .role = "officer", .organ = "N"});
    assert_string_equal(judged(f, "answer", "P", "officer", "2026-03-02"), "answer_at_no_organ");
    fz_case_set(f->c, fz_field_find(f->r, S("respondent")), (fz_value){.set = true, .text = S("Y")});
    assert_string_equal(judged(f, "answer", "A", "officer", "2026-03-02"), "answer_without_mandate"); /* the organ's own officer is none of the respondent's */
    assert_string_equal(judged(f, "answer", "P", "officer", "2026-03-02"), "");
    fz_case_set(f->c, fz_field_find(f->r, S("members")), (fz_value){.set = true, .many = 2, .items = members});
    assert_string_equal(judged(f, "join", "P", "officer", "2026-03-02"), "");
    assert_string_equal(judged(f, "review", "P", "reviewer", "2026-03-02"), "review_without_mandate");
    assert_string_equal(judged(f, "approve", "P", "head", "2026-03-02"), "approve_without_mandate"); /* though nobody is known at the government yet */
    put_mandate(f->d, (struct mandate){.id = "p3", .person = "P", .role = "head", .organ = "G"});
    assert_string_equal(judged(f, "approve", "H", "head", "2026-03-02"), "approve_without_mandate"); /* the department's head is not the government's */
    assert_string_equal(judged(f, "approve", "P", "head", "2026-03-02"), "");
    put_organ(f->d, "X1", "institution", "X", NULL, NULL, 0);
    put_mandate(f->d, (struct mandate){.id = "p4", .person = "P", .role = "head", .organ = "X1"});
    assert_string_equal(judged(f, "extend", "H", "head", "2026-03-02"), "extend_without_mandate");
    assert_string_equal(judged(f, "extend", "P", "head", "2026-03-02"), "");
    assert_string_equal(judged(f, "either", "P", "head", "2026-03-02"), "either_without_mandate");
    assert_string_equal(judged(f, "either", "H", "head", "2026-03-02"), "");
}

static void test_rights__the_public_needs_no_mandate(void **state)
{
    struct fixture *f = *state;

    fz_case_reset(f->c, f->pack, f->r);
    assert_string_equal(judged(f, "receive", "", "public", "2026-03-02"), "");
    assert_int_equal(f->ruling.right.how, FZ_RIGHT_NOT_ASKED);
    fz_case_reset(f->c, f->pack, f->r);
    assert_string_equal(judged(f, "receive", "A", "clerk", "2026-03-02"), "receive_without_mandate");
    f->rights.organ = (fz_str){0};
    assert_string_equal(judged(f, "receive", "", "public", "2026-03-02"), "receive_at_no_organ"); /* a record of no organ would be judged by none */
}

static void test_rights__what_nobody_judges_is_said(void **state)
{
    struct fixture *f = *state;

    f->rights.organ = S("Z");
    assert_string_equal(judged(f, "decide", "anybody", "head", "2026-03-02"), "");
    assert_int_equal(f->ruling.right.how, FZ_RIGHT_NOT_BEGUN);
    assert_true(fz_str_is(f->ruling.right.organ, "Z"));
}

static void test_rights__dating_back_does_not_get_round_them(void **state)
{
    struct fixture *f = *state;

    f->rights.organ = S("Z");
    put_mandate(f->d, (struct mandate){.id = "z1", .person = "H", .role = "head", .organ = "Z", .from = "2026-03-02"});
    assert_string_equal(judged(f, "decide", "A", "head", "2026-02-01"), "decide_without_mandate");
    f->rights.entered = day("2026-03-01");
    assert_string_equal(judged(f, "decide", "A", "head", "2026-02-01"), "");
}

static void test_rights__one_of_two_claims_unjudged_needs_the_act_to_point_at_it(void **state)
{
    struct fixture *f = *state;

    fz_case_set(f->c, fz_field_find(f->r, S("respondent")), (fz_value){.set = true, .text = S("Y")});
    assert_string_equal(judged(f, "either", "anybody", "head", "2026-03-02"), "either_by_no_official");
    f->rights.acting = S("Y");
    assert_string_equal(judged(f, "either", "anybody", "head", "2026-03-02"), "");
    assert_int_equal(f->ruling.right.how, FZ_RIGHT_NOT_BEGUN);
    f->rights.acting = S("G");
    assert_string_equal(judged(f, "either", "H", "head", "2026-03-02"), "either_for_other_organ");
}

static void test_rights__a_waiver_is_judged_by_who_may_waive(void **state)
{
    struct fixture *f = *state;
    struct fz_step s = FZ_STEP(fz_action_find(f->r, S("skip")), day("2026-03-02"));

    s.kind = FZ_WAIVE;
    s.reason = S("x");
    s.person = S("A");
    fz_decide_by(f->c, &s, NULL, false, &f->rights, &f->arena, &f->ruling);
    assert_int_equal(f->ruling.refusing, 1);
    s.person = S("R");
    fz_decide_by(f->c, &s, NULL, false, &f->rights, &f->arena, &f->ruling);
    assert_int_equal(f->ruling.refusing, 0);
}

static void test_rights__without_a_directory_and_of_what_happened_nothing_is_asked(void **state)
{
    struct fixture *f = *state;
    struct fz_step s = FZ_STEP(fz_action_find(f->r, S("inspect")), day("2026-03-02"));

    s.person = S("Q");
    fz_decide(f->c, &s, NULL, false, &f->arena, &f->ruling);
    assert_int_equal(f->ruling.n, 0);
    fz_decide_by(f->c, &s, NULL, true, &f->rights, &f->arena, &f->ruling);
    assert_int_equal(f->ruling.n, 0);
    assert_int_equal(f->ruling.right.how, FZ_RIGHT_NOT_ASKED);
}

int main(void)
{
#define WITH(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_directory__a_mandate_holds_from_its_first_day_to_its_last),
        cmocka_unit_test(test_directory__a_scope_limits_a_mandate_and_nothing_but_its_own_name_opens_the_directory),
        cmocka_unit_test(test_directory__rights_begin_with_the_first_mandate_and_do_not_end_with_the_last),
        cmocka_unit_test(test_directory__who_succeeds_an_organ_goes_on_with_its_powers),
        cmocka_unit_test(test_directory__ones_own_power_goes_before_an_acting_and_an_entrusted_one),
        cmocka_unit_test(test_directory__what_is_entrusted_is_not_passed_on),
        cmocka_unit_test(test_directory__institutions_and_governments_are_found_in_the_tree),
        cmocka_unit_test(test_directory__a_thousand_changes_leave_what_a_plain_list_says),
        WITH(test_rights__two_who_are_certified_inspect),
        WITH(test_rights__a_certificate_is_looked_up_on_the_day),
        WITH(test_rights__a_mandate_is_looked_up_on_the_day),
        WITH(test_rights__one_person_cannot_take_three_roles),
        WITH(test_rights__who_has_left_or_is_unknown_acts_no_more),
        WITH(test_rights__who_is_recused_is_refused_from_that_record),
        WITH(test_rights__what_is_entrusted_is_done_in_the_name_of_the_organ),
        WITH(test_rights__who_acts_for_somebody_says_so),
        WITH(test_rights__a_role_stands_at_the_organ_that_the_pack_names),
        WITH(test_rights__the_public_needs_no_mandate),
        WITH(test_rights__what_nobody_judges_is_said),
        WITH(test_rights__dating_back_does_not_get_round_them),
        WITH(test_rights__one_of_two_claims_unjudged_needs_the_act_to_point_at_it),
        WITH(test_rights__a_waiver_is_judged_by_who_may_waive),
        WITH(test_rights__without_a_directory_and_of_what_happened_nothing_is_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
