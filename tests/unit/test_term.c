#include "../support/support.h"

#include <stdio.h>
#include <stdlib.h>

#include "../support/term.h"
#include "law/term.h"

struct fixture {
    struct fz_arena arena;
    struct fz_buf out;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (!f)
        return -1;
    fz_arena_init(&f->arena);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    fz_buf_release(&f->out);
    fz_arena_release(&f->arena);
    free(f);
    return 0;
}

/* What a place wants, by a word: a type, a choice by the field that has it, or "outcome". */
static struct fz_want want_of(const char *word)
{
    struct fz_want want = {0};
    int field;

    if (!word)
        return want;
    if (fz_type_of_word(fz_str_of(word), &want.type))
        return want;
    want.type = FZ_TYPE_CHOICE;
    for (field = 0; field < (int)FZ_COUNT(term_fields); field++)
        if (fz_str_is(term_fields[field].name, word))
            want.choices = &term_fields[field].choices;
    assert_true(want.choices || strcmp(word, "outcome") == 0);
    return want;
}

static const struct fz_term *type_it(struct fixture *f, const struct fz_record *record, const char *text,
                                     const char *want, struct fz_diags *d)
{
    const struct fz_expr *e;

    fz_diags_init(d, &f->arena);
    e = fz_expr_parse(&f->arena, fz_str_of(text), (fz_span){NULL, 1, 1, 1}, d);
    if (!e)
        fail_msg("%s does not parse", text);
    return fz_term_make(&f->arena, &term_pack, record, e, want_of(want), d);
}

/* ---- dumps ---------------------------------------------------------------------------------------------------- */

static const char *const kind_names[FZ_T_KINDS] = {
    [FZ_T_IF] = "if",
    [FZ_T_OR] = "or",
    [FZ_T_AND] = "and",
    [FZ_T_NOT] = "not",
    [FZ_T_EQ] = "=",
    [FZ_T_NE] = "!=",
    [FZ_T_LT] = "<",
    [FZ_T_LE] = "<=",
    [FZ_T_GT] = ">",
    [FZ_T_GE] = ">=",
    [FZ_T_IN] = "in",
    [FZ_T_IS_SET] = "set",
    [FZ_T_OTHERWISE] = "otherwise",
    [FZ_T_ADD] = "+",
    [FZ_T_SUB] = "-",
    [FZ_T_MUL] = "*",
    [FZ_T_NEG] = "neg",
    [FZ_T_DONE] = "done",
    [FZ_T_TIMES] = "times",
    [FZ_T_DAY_OF] = "day",
    [FZ_T_FIRST_DAY] = "first_day",
    [FZ_T_SERVED] = "served",
    [FZ_T_CLOCK_IS] = "clock-is",
    [FZ_T_CLOCK_DUE] = "clock-due",
    [FZ_T_CLOCK_USED] = "clock-used",
    [FZ_T_CLOCK_LEFT] = "clock-left",
    [FZ_T_DAYS_OVER] = "days-over",
    [FZ_T_DUE] = "due",
    [FZ_T_MIN] = "min",
    [FZ_T_MAX] = "max",
    [FZ_T_DIV] = "div",
    [FZ_T_LATER] = "later",
    [FZ_T_EARLIER] = "earlier",
    [FZ_T_ALL] = "all",
    [FZ_T_ANY] = "any",
    [FZ_T_COUNT] = "count",
    [FZ_T_EMPTY] = "empty",
    [FZ_T_TABLE] = "table",
};

/* The name of what an id stands for; outcomes are written as outcome.NAME, other names of choices as #NAME. */
static fz_str id_name(const struct fz_term *t)
{
    switch (t->kind) {
    case FZ_T_SERVED:
        return term_documents[t->id].name;
    case FZ_T_CLOCK_IS:
    case FZ_T_CLOCK_DUE:
    case FZ_T_CLOCK_USED:
    case FZ_T_CLOCK_LEFT:
    case FZ_T_DAYS_OVER:
        return term_clocks[t->id].name;
    case FZ_T_DIV:
        return fz_str_of(t->id == FZ_DOWN ? "down" : t->id == FZ_UP ? "up" : "half_up");
    default:
        return term_actions[t->id].name;
    }
}

static void dump_constant(const struct fz_term *t, struct fz_buf *out)
{
    assert_true(t->value.set);
    if (t->type == FZ_TYPE_CHOICE) {
        fz_buf_addz(out, t->choices ? "#" : "outcome.");
        fz_buf_add(out, t->choices ? t->choices->names[t->value.n] : term_outcomes[t->value.n]);
        return;
    }
    if (t->type == FZ_TYPE_TEXT)
        fz_buf_addc(out, '\'');
    fz_value_print(t->type, NULL, t->value, out);
}

static void dump(const struct fz_term *t, struct fz_buf *out)
{
    switch (t->kind) {
    case FZ_T_CONST:
        dump_constant(t, out);
        return;
    case FZ_T_FIELD:
        fz_buf_add(out, term_fields[t->id].name);
        assert_int_equal(t->type, term_fields[t->id].type);
        return;
    case FZ_T_CONFIG:
        fz_buf_printf(out, "config.%.*s", FZ_STR_ARG(term_config[t->id].name));
        return;
    case FZ_T_OUTCOME:
        fz_buf_addz(out, "outcome");
        return;
    case FZ_T_STAGE_AT:
        fz_buf_printf(out, "(at %llx)", (unsigned long long)t->stages);
        return;
    default:
        break;
    }
    fz_buf_printf(out, "(%s%s", t->negated ? "not-" : "", kind_names[t->kind]);
    if (t->id != FZ_NONE)
        fz_buf_printf(out, " %.*s", FZ_STR_ARG(id_name(t)));
    if (t->kind == FZ_T_CLOCK_IS)
        fz_buf_printf(out, " %s", fz_clock_state_word(t->state));
    for (size_t i = 0; i < t->args_n; i++) {
        fz_buf_addc(out, ' ');
        dump(t->args[i], out);
    }
    fz_buf_addc(out, ')');
}

static void report(struct fixture *f, const char *text, const struct fz_diags *d)
{
    fz_buf_reset(&f->out);
    fz_diags_print(d, FZ_EN, &f->out);
    print_error("%s\n%.*s\n", text, FZ_STR_ARG(fz_buf_str(&f->out)));
}

/* `type` is that of the result, with a * for a set. */
static void assert_term(struct fixture *f, const char *text, const char *want, const char *type, const char *wanted)
{
    struct fz_diags d;
    const struct fz_term *t = type_it(f, term_records, text, want, &d);

    if (!t || d.n)
        report(f, text, &d);
    assert_non_null(t);
    assert_int_equal(d.n, 0);
    fz_buf_reset(&f->out);
    dump(t, &f->out);
    fz_buf_printf(&f->out, ": %s%s", fz_type_word(t->type), t->many ? "*" : "");
    assert_string_equal(f->out.p, fz_str_printf(&f->arena, "%s: %s", wanted, type).p);
}

struct good {
    const char *text, *want, *type, *dump;
};

static void assert_terms(struct fixture *f, const struct good *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_term(f, rows[i].text, rows[i].want, rows[i].type, rows[i].dump);
}

/* ---- names ---------------------------------------------------------------------------------------------------- */

static void test_term__literals_have_types(void **state)
{
    static const struct good rows[] = {
        {"5", NULL, "int", "5"},
        {"5", "int", "int", "5"},
        {"-5", "int", "int", "(neg 5)"},
        {"35.00 yuan", "money", "money", "35.00 yuan"},
        {"35.00 euro", "money", "money", "35.00 euro"},
        {"2026-01-31", "day", "day", "2026-01-31"},
        {"15 working_days", "length", "length", "15 working_days"},
        {"1 month", NULL, "length", "1 month"},
        {"2 hours", "length", "length", "2 hours"},
        {"36500 days", "length", "length", "36500 days"},
        {"'法 a'", "text", "text", "'法 a"},
        {"yes", "flag", "flag", "yes"},
        {"no", NULL, "flag", "no"},
    };

    assert_terms(*state, rows, FZ_COUNT(rows));
}

static void test_term__names_are_fields_config_and_the_outcome(void **state)
{
    static const struct good rows[] = {
        {"joint", "flag", "flag", "joint"},
        {"fine", "money", "money", "fine"},
        {"score", "points", "points", "score"},
        {"ratio", "share", "share", "ratio"},
        {"in_month", "month", "month", "in_month"},
        {"since", "year", "year", "since"},
        {"called_at", "instant", "instant", "called_at"},
        {"obstacle", "span", "span", "obstacle"},
        {"deferral", "length", "length", "deferral"},
        {"paper", "file", "file", "paper"},
        {"ground", "article", "article", "ground"},
        {"town", "place", "place", "town"},
        {"clerk", "official", "official", "clerk"},
        {"applicant", "party", "party", "applicant"},
        {"applicants", NULL, "party*", "applicants"},
        {"config.promised", "length", "length", "config.promised"},
        {"config.strict", "flag", "flag", "config.strict"},
        {"config.way", "track", "choice", "config.way"},
        {"outcome", "outcome", "choice", "outcome"},
        {"outcome", NULL, "choice", "outcome"},
    };

    assert_terms(*state, rows, FZ_COUNT(rows));
}

static void test_term__a_choice_beside_a_name_says_what_it_means(void **state)
{
    static const struct good rows[] = {
        {"track = ordinary", "flag", "flag", "(= track #ordinary)"},
        {"ordinary = track", "flag", "flag", "(= #ordinary track)"},
        {"urgency != urgent", "flag", "flag", "(!= urgency #urgent)"},
        {"urgent != urgency", "flag", "flag", "(!= #urgent urgency)"},
        /* a name of two choices, an outcome and a choice: the side decides */
        {"track = ordinary and urgency = ordinary and outcome = ordinary", "flag", "flag",
         "(and (= track #ordinary) (= urgency #ordinary) (= outcome outcome.ordinary))"},
        /* `simplified` is an int field too, `fine` money: the choice wins */
        {"track = simplified", "flag", "flag", "(= track #simplified)"},
        {"simplified = track", "flag", "flag", "(= #simplified track)"},
        {"urgency = fine", "flag", "flag", "(= urgency #fine)"},
        {"simplified = 3", "flag", "flag", "(= simplified 3)"},
        /* `track` is a choice and a name of `urgency` */
        {"urgency = track", "flag", "flag", "(= urgency #track)"},
        {"track = urgency", "flag", "flag", "(= #track urgency)"},
        /* each could be a name of the other: the right one is */
        {"urgency = kind", "flag", "flag", "(= urgency #kind)"},
        {"kind = urgency", "flag", "flag", "(= kind #urgency)"},
        {"kind = kind", "flag", "flag", "(= kind #kind)"},
        {"kind in [other, urgency, kind]", "flag", "flag", "(in kind #other #urgency #kind)"},
        {"track = old_track", "flag", "flag", "(= track old_track)"},
        {"track = config.way", "flag", "flag", "(= track config.way)"},
        {"config.way = simplified", "flag", "flag", "(= config.way #simplified)"},
        {"outcome = granted", "flag", "flag", "(= outcome outcome.granted)"},
        {"refused = outcome", "flag", "flag", "(= outcome.refused outcome)"},
        {"track in [ordinary, simplified]", "flag", "flag", "(in track #ordinary #simplified)"},
        {"track not in [old_track, simplified]", "flag", "flag", "(not-in track old_track #simplified)"},
        {"ordinary in [track, old_track]", "flag", "flag", "(in #ordinary track old_track)"},
        {"outcome in [granted, refused]", "flag", "flag", "(in outcome outcome.granted outcome.refused)"},
        {"simplified", "track", "choice", "#simplified"},
        {"fine", "urgency", "choice", "#fine"},
        {"track", "track", "choice", "track"},
        {"granted", "outcome", "choice", "outcome.granted"},
        {"if joint then ordinary else simplified", "track", "choice", "(if joint #ordinary #simplified)"},
        {"if joint then track else simplified", NULL, "choice", "(if joint track #simplified)"},
        {"track = (if joint then ordinary else old_track)", "flag", "flag", "(= track (if joint #ordinary old_track))"},
        {"(if joint then ordinary else old_track) = simplified", "flag", "flag",
         "(= (if joint #ordinary old_track) #simplified)"},
        {"track otherwise ordinary", NULL, "choice", "(otherwise track #ordinary)"},
        {"track otherwise ordinary = simplified", "flag", "flag", "(= (otherwise track #ordinary) #simplified)"},
        {"ordinary = track otherwise simplified", "flag", "flag", "(= #ordinary (otherwise track #simplified))"},
    };

    assert_terms(*state, rows, FZ_COUNT(rows));
}

/* ---- operations ----------------------------------------------------------------------------------------------- */

static void test_term__tests_give_flags(void **state)
{
    static const struct good rows[] = {
        {"joint or difficult or config.strict", "flag", "flag", "(or joint difficult config.strict)"},
        {"not joint and (difficult or yes)", "flag", "flag", "(and (not joint) (or difficult yes))"},
        {"joint = yes", "flag", "flag", "(= joint yes)"},
        {"joint = (persons > 3)", "flag", "flag", "(= joint (> persons 3))"},
        {"persons >= 3", "flag", "flag", "(>= persons 3)"},
        {"fine <= 200.00 yuan", "flag", "flag", "(<= fine 200.00 yuan)"},
        {"score < score + score", "flag", "flag", "(< score (+ score score))"},
        {"act_on > 2026-01-01", "flag", "flag", "(> act_on 2026-01-01)"},
        {"in_month < in_month", "flag", "flag", "(< in_month in_month)"},
        {"since >= since", "flag", "flag", "(>= since since)"},
        {"called_at < called_at", "flag", "flag", "(< called_at called_at)"},
        {"deferral = 1 month", "flag", "flag", "(= deferral 1 month)"},
        {"ratio != ratio", "flag", "flag", "(!= ratio ratio)"},
        {"obstacle = obstacle", "flag", "flag", "(= obstacle obstacle)"},
        {"note = '无'", "flag", "flag", "(= note '无)"},
        {"respondent = respondent", "flag", "flag", "(= respondent respondent)"},
        {"applicants = third_parties", "flag", "flag", "(= applicants third_parties)"},
        {"applicant != applicant", "flag", "flag", "(!= applicant applicant)"},
        {"persons in [1, 2, simplified]", "flag", "flag", "(in persons 1 2 simplified)"},
        {"note not in ['a']", "flag", "flag", "(not-in note 'a)"},
        {"told_on is set", "flag", "flag", "(set told_on)"},
        {"applicants is not set", "flag", "flag", "(not-set applicants)"},
        {"clock(decision).due is set", "flag", "flag", "(set (clock-due decision))"},
        {"outcome is set", "flag", "flag", "(set outcome)"},
        {"stage at accepted", "flag", "flag", "(at 2)"},
        {"not stage at [received, decided]", "flag", "flag", "(not (at 5))"},
        {"stage at final", "flag", "flag", "(at c)"},
        {"stage at [received, final]", "flag", "flag", "(at d)"},
    };

    assert_terms(*state, rows, FZ_COUNT(rows));
}

static void test_term__arithmetic_keeps_money_and_points(void **state)
{
    static const struct good rows[] = {
        {"persons + 1 - simplified", "int", "int", "(- (+ persons 1) simplified)"},
        {"fine + proposed", "money", "money", "(+ fine proposed)"},
        {"score - score", "points", "points", "(- score score)"},
        {"fine * 3", "money", "money", "(* fine 3)"},
        {"3 * fine * persons", "money", "money", "(* (* 3 fine) persons)"},
        {"score * 2", "points", "points", "(* score 2)"},
        {"2 * score", "points", "points", "(* 2 score)"},
        {"persons * persons", "int", "int", "(* persons persons)"},
        {"-fine", "money", "money", "(neg fine)"},
        {"div(fine, 3, down)", "money", "money", "(div down fine 3)"},
        {"div(persons, 3, up)", "int", "int", "(div up persons 3)"},
        {"div(score, persons, half_up)", "points", "points", "(div half_up score persons)"},
        {"min(fine, proposed, config.threshold)", "money", "money", "(min fine proposed config.threshold)"},
        {"max(act_on, told_on)", "day", "day", "(max act_on told_on)"},
        {"if joint then 1 else persons", "int", "int", "(if joint 1 persons)"},
        {"if joint then 20 years else deferral", "length", "length", "(if joint 20 years deferral)"},
        {"if joint then applicants else third_parties", NULL, "party*", "(if joint applicants third_parties)"},
        {"fine otherwise proposed otherwise 0.00 yuan", "money", "money",
         "(otherwise fine (otherwise proposed 0.00 yuan))"},
    };

    assert_terms(*state, rows, FZ_COUNT(rows));
}

static void test_term__functions_ask_acts_documents_clocks_and_sets(void **state)
{
    static const struct good rows[] = {
        {"done(hear)", "flag", "flag", "(done hear)"},
        {"times(receive) > 1", "flag", "flag", "(> (times receive) 1)"},
        {"day(accept)", "day", "day", "(day accept)"},
        {"first_day(accept)", "day", "day", "(first_day accept)"},
        {"served(letter)", "flag", "flag", "(served letter)"},
        {"clock(decision) is met", "flag", "flag", "(clock-is decision met)"},
        {"clock(payment) is not missed", "flag", "flag", "(not-clock-is payment missed)"},
        {"clock(payment) is overdue or clock(payment) is over", "flag", "flag",
         "(or (clock-is payment overdue) (clock-is payment over))"},
        {"clock(payment).due", "day", "day", "(clock-due payment)"},
        {"clock(payment).used", "int", "int", "(clock-used payment)"},
        {"clock(payment).left", "int", "int", "(clock-left payment)"},
        {"days_over(clock(payment))", "int", "int", "(days-over payment)"},
        {"due(act_on, 60 days)", "day", "day", "(due act_on 60 days)"},
        {"due(day(accept), config.promised)", "day", "day", "(due (day accept) config.promised)"},
        {"later(act_on, told_on)", "day", "day", "(later act_on told_on)"},
        {"earlier(act_on, clock(decision).due)", "day", "day", "(earlier act_on (clock-due decision))"},
        {"all(applicants, hear)", "flag", "flag", "(all hear applicants)"},
        {"any(organs, hear)", "flag", "flag", "(any hear organs)"},
        {"count(tracks)", "int", "int", "(count tracks)"},
        {"empty(third_parties)", "flag", "flag", "(empty third_parties)"},
        /* as the packs have them */
        {"min(fine, div(fine * 3 * max(0, days_over(clock(payment)) - persons), 100, down))", "money", "money",
         "(min fine (div down (* (* fine 3) (max 0 (- (days-over payment) persons))) 100))"},
        {"due(act_on, if joint then 20 years else 5 years)", "day", "day", "(due act_on (if joint 20 years 5 years))"},
        {"fine <= (if urgency = ordinary then 200.00 yuan else 3000.00 yuan)", "flag", "flag",
         "(<= fine (if (= urgency #ordinary) 200.00 yuan 3000.00 yuan))"},
        {"fine otherwise 0.00 yuan <= 3000.00 yuan", "flag", "flag", "(<= (otherwise fine 0.00 yuan) 3000.00 yuan)"},
        {"day(decide) = due(day(accept), 60 days)", "flag", "flag", "(= (day decide) (due (day accept) 60 days))"},
        {"told_on otherwise act_on", "day", "day", "(otherwise told_on act_on)"},
    };

    assert_terms(*state, rows, FZ_COUNT(rows));
}

static void test_term__every_state_of_a_clock_has_its_word(void **state)
{
    static const char *const words[] = {"waiting", "running", "paused", "open", "met",
                                        "missed",  "overdue", "over",   "void"};
    struct fixture *f = *state;

    for (int i = 0; i < (int)FZ_COUNT(words); i++) {
        struct fz_diags d;
        const struct fz_term *t =
            type_it(f, term_records, fz_str_printf(&f->arena, "clock(payment) is %s", words[i]).p, NULL, &d);

        assert_string_equal(fz_clock_state_word((fz_clock_state)i), words[i]);
        assert_non_null(t);
        assert_int_equal(t->state, i);
        assert_int_equal(t->id, 1);
    }
    assert_int_equal(FZ_CS_VOID + 1, FZ_COUNT(words));
}

/* ---- errors --------------------------------------------------------------------------------------------------- */

struct wrong {
    const char *text, *want;
    fz_diag_id id;
    uint32_t col, len;
    const char *near; /* suggested, NULL: nothing is */
};

static const struct fz_diag *near_of(const struct fz_diags *d)
{
    return d->n == 2 && d->items[1].id == FZ_D_term_near ? &d->items[1] : NULL;
}

static void assert_wrong(struct fixture *f, const struct fz_record *record, const struct wrong *w)
{
    struct fz_diags d;
    const struct fz_term *t = type_it(f, record, w->text, w->want, &d);
    const struct fz_diag *first = d.items, *near = near_of(&d);
    bool right = !t && d.errors == 1 && d.n == (w->near ? 2u : 1u) && first->id == w->id && first->span.col == w->col &&
                 first->span.len == w->len && first->span.line == 1;

    if (right && w->near)
        right = near && fz_str_is(near->args[0], w->near) && near->span.col == w->col;
    if (!right) {
        report(f, w->text, &d);
        fail_msg("%s: %zu problems, first %s at %u, %u long", w->text, d.n, d.n ? fz_diag_row(first->id)->id : "-",
                 d.n ? first->span.col : 0, d.n ? first->span.len : 0);
    }
    for (int lang = FZ_EN; lang <= FZ_ZH; lang++) { /* no argument is left empty */
        const char *text = lang == FZ_EN ? fz_diag_row(first->id)->en : fz_diag_row(first->id)->zh;

        for (int i = 0; i < FZ_DIAG_ARGS; i++)
            assert_true(!strstr(text, (char[]){'{', (char)('0' + i), '}', 0}) || first->args[i].n);
    }
}

static void assert_wrongs(struct fixture *f, const struct fz_record *record, const struct wrong *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_wrong(f, record, &rows[i]);
}

static void test_term__unknown_names_are_told_with_the_nearest(void **state)
{
    static const struct wrong rows[] = {
        {"joint and dificult", NULL, FZ_D_term_unknown, 11, 8, "difficult"},
        {"prsoens > 1", NULL, FZ_D_term_unknown, 1, 7, "persons"},
        {"wholly_other > 1", NULL, FZ_D_term_unknown, 1, 12, NULL},
        {"not strict", NULL, FZ_D_term_unknown, 5, 6, "config.strict"},
        {"config", NULL, FZ_D_term_unknown, 1, 6, NULL},
        {"config.strct", NULL, FZ_D_term_unknown_config, 1, 12, "strict"},
        {"config.nothing", NULL, FZ_D_term_unknown_config, 1, 14, NULL},
        {"config.most.of", NULL, FZ_D_term_no_part, 1, 14, NULL},
        {"fine.low", NULL, FZ_D_term_no_part, 1, 8, NULL},
        {"track = simplifed", NULL, FZ_D_term_unknown_choice, 9, 9, "simplified"},
        {"simplifed = track", NULL, FZ_D_term_unknown_choice, 1, 9, "simplified"},
        {"track in [ordinary, other]", NULL, FZ_D_term_unknown_choice, 21, 5, NULL},
        {"outcome = grated", NULL, FZ_D_term_unknown_choice, 11, 6, "granted"},
        {"track = old_trak", NULL, FZ_D_term_unknown_choice, 9, 8, "old_track"},
        {"config.way = urgent", NULL, FZ_D_term_unknown_choice, 14, 6, NULL},
        {"quick", "track", FZ_D_term_unknown_choice, 1, 5, NULL},
        {"upheld", "outcome", FZ_D_term_unknown_choice, 1, 6, NULL},
        {"if joint then ordinary else simpel", "track", FZ_D_term_unknown_choice, 29, 6, NULL},
        {"done(heer)", NULL, FZ_D_term_unknown_action, 6, 4, "hear"},
        {"done(payment)", NULL, FZ_D_term_unknown_action, 6, 7, NULL},
        {"all(applicants, her)", NULL, FZ_D_term_unknown_action, 17, 3, "hear"},
        {"served(leter)", NULL, FZ_D_term_unknown_document, 8, 5, "letter"},
        {"clock(desicion) is met", NULL, FZ_D_term_unknown_clock, 7, 8, "decision"},
        {"clock(x).due", NULL, FZ_D_term_unknown_clock, 7, 1, NULL},
        {"days_over(clock(pay))", NULL, FZ_D_term_unknown_clock, 17, 3, NULL},
        {"stage at acepted", NULL, FZ_D_term_unknown_stage, 10, 7, "accepted"},
        {"stage at [received, gone]", NULL, FZ_D_term_unknown_stage, 21, 4, NULL},
        {"fist_day(accept)", NULL, FZ_D_term_unknown_function, 1, 8, "first_day"},
        {"1 + fine_range(track).high", NULL, FZ_D_term_unknown_function, 5, 10, NULL},
        {"clock(payment) is overdu", NULL, FZ_D_term_state, 1, 24, NULL},
        {"clock(payment) is set", NULL, FZ_D_term_state, 1, 21, NULL},
        {"told_on is known", NULL, FZ_D_term_state, 1, 16, NULL},
        {"div(fine, 3, near)", NULL, FZ_D_term_rounding, 14, 4, NULL},
        {"div(fine, 3, 'down')", NULL, FZ_D_term_rounding, 14, 6, NULL},
    };

    assert_wrongs(*state, term_records, rows, FZ_COUNT(rows));
}

static void test_term__what_is_no_value_is_told_how_to_ask(void **state)
{
    static const struct wrong rows[] = {
        {"joint or hear", NULL, FZ_D_term_is_action, 10, 4, NULL},
        {"payment is set", NULL, FZ_D_term_is_clock, 1, 7, NULL},
        {"payment.due", NULL, FZ_D_term_is_clock, 1, 11, NULL},
        {"letter", NULL, FZ_D_term_is_document, 1, 6, NULL},
        {"accepted", NULL, FZ_D_term_is_stage, 1, 8, NULL},
        {"trial", NULL, FZ_D_term_is_pause, 1, 5, NULL},
        {"stage = 5", NULL, FZ_D_term_stage_alone, 1, 5, NULL},
        {"track at accepted", NULL, FZ_D_term_at_left, 1, 5, NULL},
        {"p.q at final", NULL, FZ_D_term_at_left, 1, 3, NULL},
        {"stage at ['x']", NULL, FZ_D_term_wants_stage, 11, 3, NULL},
        {"done('hear')", NULL, FZ_D_term_wants_action, 6, 6, NULL},
        {"done(a.b)", NULL, FZ_D_term_wants_action, 6, 3, NULL},
        {"served(done(hear))", NULL, FZ_D_term_wants_document, 8, 10, NULL},
        {"clock(5).due", NULL, FZ_D_term_wants_clock, 7, 1, NULL},
        {"days_over(payment)", NULL, FZ_D_term_wants_clock_call, 11, 7, NULL},
        {"days_over(clock(payment).due)", NULL, FZ_D_term_wants_clock_call, 11, 18, NULL},
        {"clock(payment)", NULL, FZ_D_term_clock_alone, 1, 14, NULL},
        {"clock(payment) = 5", NULL, FZ_D_term_clock_alone, 1, 14, NULL},
        {"clock(payment).end", NULL, FZ_D_term_clock_part, 1, 18, NULL},
        {"clock(payment).due.end", NULL, FZ_D_term_clock_part, 1, 22, NULL},
        {"fine is met", NULL, FZ_D_term_not_clock, 1, 11, NULL},
        {"clock(payment).due is met", NULL, FZ_D_term_not_clock, 1, 25, NULL},
        {"done(hear).day", NULL, FZ_D_term_no_part, 1, 14, NULL},
        {"persons in []", NULL, FZ_D_term_empty_list, 12, 2, NULL},
        {"stage at []", NULL, FZ_D_term_empty_list, 10, 2, NULL},
        {"count(fine)", NULL, FZ_D_term_wants_set, 7, 4, NULL},
        {"all(applicant, hear)", NULL, FZ_D_term_wants_set, 5, 9, NULL},
        {"any(tracks, hear)", NULL, FZ_D_term_wants_members, 5, 6, NULL},
        {"36501 days", NULL, FZ_D_term_length, 1, 10, NULL},
    };

    assert_wrongs(*state, term_records, rows, FZ_COUNT(rows));
}

static void test_term__functions_take_what_their_form_shows(void **state)
{
    static const struct wrong rows[] = {
        {"done()", NULL, FZ_D_term_arguments, 1, 6, NULL},
        {"done(hear, decide)", NULL, FZ_D_term_arguments, 1, 18, NULL},
        {"clock() is met", NULL, FZ_D_term_arguments, 1, 7, NULL},
        {"days_over(clock(payment, decision))", NULL, FZ_D_term_arguments, 11, 24, NULL},
        {"1 + min(5)", NULL, FZ_D_term_arguments, 5, 6, NULL},
        {"later(act_on, told_on, act_on)", NULL, FZ_D_term_arguments, 1, 30, NULL},
        {"div(fine, 3)", NULL, FZ_D_term_arguments, 1, 12, NULL},
        {"due(act_on)", NULL, FZ_D_term_arguments, 1, 11, NULL},
        {"due(60 days, 60 days)", NULL, FZ_D_term_type, 5, 7, NULL},
        {"due(act_on, 60)", NULL, FZ_D_term_type, 13, 2, NULL},
        {"later(act_on, persons)", NULL, FZ_D_term_type, 15, 7, NULL},
        {"max(fine, persons)", NULL, FZ_D_term_mismatch, 11, 7, NULL},
        {"max(deferral, act_on)", NULL, FZ_D_term_no_order, 5, 8, NULL},
        {"min(1, applicants)", NULL, FZ_D_term_set, 8, 10, NULL},
        {"div(act_on, 3, down)", NULL, FZ_D_term_no_arithmetic, 5, 6, NULL},
        {"div(fine, fine, down)", NULL, FZ_D_term_type, 11, 4, NULL},
        {"div(fine, 0, down)", NULL, FZ_D_term_by_zero, 11, 1, NULL},
        {"div(fine, -0, down)", NULL, FZ_D_term_by_zero, 11, 2, NULL},
        {"sum(x in parts: x)", NULL, FZ_D_term_not_yet, 5, 13, NULL},
        {"wmean(1, 2)", NULL, FZ_D_term_not_yet, 1, 5, NULL},
        {"mean(1)", NULL, FZ_D_term_not_yet, 1, 4, NULL},
        {"last(applicants).share", NULL, FZ_D_term_not_yet, 1, 4, NULL},
        {"stock(a, b)", NULL, FZ_D_term_not_yet, 1, 5, NULL},
        {"previous(a)", NULL, FZ_D_term_not_yet, 1, 8, NULL},
        {"mask(note)", NULL, FZ_D_term_not_yet, 1, 4, NULL},
        {"drawn(ratio)", NULL, FZ_D_term_not_yet, 1, 5, NULL},
        {"none(applicants)", NULL, FZ_D_term_not_yet, 1, 4, NULL},
        {"all(p in applicants: p at final)", NULL, FZ_D_term_not_yet, 5, 27, NULL},
    };

    assert_wrongs(*state, term_records, rows, FZ_COUNT(rows));
}

static void test_term__types_that_do_not_fit_are_told_at_the_part(void **state)
{
    static const struct wrong rows[] = {
        {"fine", "flag", FZ_D_term_type, 1, 4, NULL},
        {"fine > 0.00 yuan", "money", FZ_D_term_type, 1, 16, NULL},
        {"5", "length", FZ_D_term_type, 1, 1, NULL},
        {"5 days", "day", FZ_D_term_type, 1, 6, NULL},
        {"applicants", "party", FZ_D_term_set, 1, 10, NULL},
        {"if joint then applicants else third_parties", "party", FZ_D_term_set, 1, 43, NULL},
        {"fine", "track", FZ_D_term_type, 1, 4, NULL},
        {"urgency", "track", FZ_D_term_other_choice, 1, 7, NULL},
        {"outcome", "track", FZ_D_term_other_choice, 1, 7, NULL},
        {"urgency", "outcome", FZ_D_term_other_choice, 1, 7, NULL},
        {"joint and persons", NULL, FZ_D_term_type, 11, 7, NULL},
        {"joint or track = ordinary or fine", NULL, FZ_D_term_type, 30, 4, NULL},
        {"not fine", NULL, FZ_D_term_type, 5, 4, NULL},
        {"if fine then 1 else 2", NULL, FZ_D_term_type, 4, 4, NULL},
        {"if joint then 1 else fine", NULL, FZ_D_term_mismatch, 22, 4, NULL},
        {"fine otherwise 0", NULL, FZ_D_term_mismatch, 16, 1, NULL},
        {"applicants otherwise applicant", NULL, FZ_D_term_mismatch, 22, 9, NULL},
        {"fine > 5", NULL, FZ_D_term_mismatch, 8, 1, NULL},
        {"persons = 5.00 yuan", NULL, FZ_D_term_mismatch, 11, 9, NULL},
        {"act_on = deferral", NULL, FZ_D_term_mismatch, 10, 8, NULL},
        {"track = 'ordinary'", NULL, FZ_D_term_mismatch, 9, 10, NULL},
        {"track = persons", NULL, FZ_D_term_mismatch, 9, 7, NULL},
        {"old_track = urgency", NULL, FZ_D_term_choices, 13, 7, NULL},
        {"outcome = old_track", NULL, FZ_D_term_choices, 11, 9, NULL},
        {"applicants = applicant", NULL, FZ_D_term_mismatch, 14, 9, NULL},
        {"applicants = organs", NULL, FZ_D_term_mismatch, 14, 6, NULL},
        {"persons in [1, 'b']", NULL, FZ_D_term_mismatch, 16, 3, NULL},
        {"persons in [1, fine]", NULL, FZ_D_term_mismatch, 16, 4, NULL},
        {"applicants in [applicant]", NULL, FZ_D_term_set, 1, 10, NULL},
        {"applicant in [applicants]", NULL, FZ_D_term_set, 15, 10, NULL},
        {"deferral < 1 month", NULL, FZ_D_term_no_order, 1, 8, NULL},
        {"track < ordinary", NULL, FZ_D_term_no_order, 1, 5, NULL},
        {"note >= 'a'", NULL, FZ_D_term_no_order, 1, 4, NULL},
        {"joint < yes", NULL, FZ_D_term_no_order, 1, 5, NULL},
        {"ratio > ratio", NULL, FZ_D_term_no_order, 1, 5, NULL},
        {"respondent <= respondent", NULL, FZ_D_term_no_order, 1, 10, NULL},
        {"applicants < third_parties", NULL, FZ_D_term_set, 1, 10, NULL},
        {"persons + fine", NULL, FZ_D_term_mismatch, 11, 4, NULL},
        {"fine - joint", NULL, FZ_D_term_no_arithmetic, 8, 5, NULL},
        {"note + 1", NULL, FZ_D_term_no_arithmetic, 1, 4, NULL},
        {"fine * fine", NULL, FZ_D_term_product, 1, 11, NULL},
        {"1 + score * fine", NULL, FZ_D_term_product, 5, 12, NULL},
        {"act_on * 2", NULL, FZ_D_term_no_arithmetic, 1, 6, NULL},
        {"-joint", NULL, FZ_D_term_no_arithmetic, 2, 5, NULL},
        {"applicants + 1", NULL, FZ_D_term_set, 1, 10, NULL},
        {"act_on + 5 days", NULL, FZ_D_term_day_arithmetic, 1, 15, NULL},
        {"told_on - act_on > 5", NULL, FZ_D_term_day_arithmetic, 1, 16, NULL},
        {"act_on + 1", NULL, FZ_D_term_day_arithmetic, 1, 10, NULL},
        {"3 days + 5 days", NULL, FZ_D_term_day_arithmetic, 1, 15, NULL},
    };

    assert_wrongs(*state, term_records, rows, FZ_COUNT(rows));
}

static void test_term__without_a_record_only_config_and_constants(void **state)
{
    static const struct wrong rows[] = {
        {"joint", NULL, FZ_D_term_no_record, 1, 5, NULL},
        {"outcome", NULL, FZ_D_term_no_record, 1, 7, NULL},
        {"granted", "outcome", FZ_D_term_no_record, 1, 7, NULL},
        {"done(hear)", NULL, FZ_D_term_no_record, 1, 10, NULL},
        {"served(letter)", NULL, FZ_D_term_no_record, 1, 14, NULL},
        {"clock(decision) is met", NULL, FZ_D_term_no_record, 1, 15, NULL},
        {"stage at final", NULL, FZ_D_term_no_record, 1, 14, NULL},
        {"all(applicants, hear) or no", NULL, FZ_D_term_no_record, 5, 10, NULL},
        {"a.b", NULL, FZ_D_term_no_record, 1, 3, NULL},
    };
    struct fixture *f = *state;
    struct fz_diags d;

    for (size_t i = 0; i < FZ_COUNT(rows); i++) {
        assert_null(type_it(f, NULL, rows[i].text, rows[i].want, &d));
        assert_true(d.errors >= 1);
        assert_int_equal(d.items[0].id, rows[i].id);
        assert_int_equal(d.items[0].span.col, rows[i].col);
        assert_int_equal(d.items[0].span.len, rows[i].len);
    }
    assert_non_null(type_it(f, NULL, "config.way = ordinary and config.most > 5", "flag", &d));
    assert_non_null(type_it(f, NULL, "if config.strict then ordinary else simplified", "track", &d));
    assert_non_null(type_it(f, NULL, "due(2026-01-01, config.promised)", "day", &d));
    assert_int_equal(d.n, 0);
}

static void test_term__all_problems_come_in_one_run(void **state)
{
    struct fixture *f = *state;
    struct fz_diags d;

    assert_null(type_it(f, term_records,
                        "done(nope) and fine > 5 or min(wrong, joint, 1) = 2 or persons in [fine, 'a']", "flag", &d));
    assert_int_equal(d.errors, 6);
    assert_null(type_it(f, term_records, "if fine then nothing else nobody", "flag", &d));
    assert_int_equal(d.errors, 3);
    assert_null(fz_term_make(&f->arena, &term_pack, term_records, NULL, (struct fz_want){0}, &d));
    assert_int_equal(d.errors, 3);
}

static void test_term__places_follow_the_file(void **state)
{
    static const struct fz_source s = {"x", {"that: \"joint and\n  done(heer)\"\n", 30}};
    struct fixture *f = *state;
    struct fz_diags d;
    const struct fz_expr *e;

    fz_diags_init(&d, &f->arena);
    e = fz_expr_parse(&f->arena, FZ_STR("joint and done(heer)"), (fz_span){&s, 1, 7, 1}, &d);
    assert_null(fz_term_make(&f->arena, &term_pack, term_records, e, want_of("flag"), &d));
    assert_int_equal(d.n, 2);
    assert_int_equal(d.items[0].id, FZ_D_term_unknown_action);
    assert_int_equal(d.items[0].span.line, 2);
    assert_int_equal(d.items[0].span.col, 8);
    assert_int_equal(d.items[1].span.line, 2);
}

static void test_term__long_parts_are_cut_between_characters(void **state)
{
    struct fixture *f = *state;
    struct fz_diags d;

    assert_null(type_it(f, term_records, "note = '法法法法法法法法法法法法法法法法法法法法法法法法法' and fine > note",
                        NULL, &d));
    assert_int_equal(d.n, 1);
    assert_null(type_it(f, term_records, "not ('法法法法法法法法法法法法法法法法法法法法法法法法法' otherwise note)",
                        NULL, &d));
    assert_int_equal(d.n, 1);
    assert_true(fz_utf8_valid(d.items[0].args[1]));
    assert_true(fz_str_ends(d.items[0].args[1], "法…"));
}

/* ---- walks ---------------------------------------------------------------------------------------------------- */

static void count_one(const struct fz_term *t, void *arg)
{
    int *counts = arg;

    counts[t->kind]++;
}

static void test_term__a_walk_sees_every_part_once(void **state)
{
    struct fixture *f = *state;
    int counts[FZ_T_KINDS] = {0}, all = 0;
    struct fz_diags d;
    const struct fz_term *t = type_it(f, term_records, "done(hear) and persons + persons > 3 or not joint", "flag", &d);

    fz_term_walk(t, count_one, counts);
    fz_term_walk(NULL, count_one, counts);
    for (int i = 0; i < FZ_T_KINDS; i++)
        all += counts[i];
    assert_int_equal(all, 10);
    assert_int_equal(counts[FZ_T_FIELD], 3);
    assert_int_equal(counts[FZ_T_DONE], 1);
    assert_int_equal(counts[FZ_T_CONST], 1);
}

static void test_term__reads_field_finds_fields_at_any_depth(void **state)
{
    struct fixture *f = *state;
    struct fz_diags d;
    const struct fz_term *t = type_it(f, term_records, "if joint then min(fine, proposed) else fine", "money", &d);

    for (int i = 0; i < (int)FZ_COUNT(term_fields); i++)
        assert_int_equal(fz_term_reads_field(t, i), i == 0 || i == 3 || i == 4);
    assert_false(fz_term_reads_field(type_it(f, term_records, "urgency = fine", NULL, &d), 3));
    assert_false(fz_term_reads_field(type_it(f, term_records, "done(hear)", NULL, &d), 2));
    assert_false(fz_term_reads_field(NULL, 0));
}

/* ---- property: what was meant is what is found --------------------------------------------------------------- */

static uint64_t seed;

static uint32_t pick(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 32) % below);
}

static void grow(struct fz_buf *b, fz_type type, int depth);

/* A template: %b flag, %i int, %m money, %p points, %d day, %l length, %c track, %s set of parties; all else stands as it is. */
static void fill(struct fz_buf *b, const char *form, int depth)
{
    static const struct {
        char letter;
        fz_type type;
    } letters[] = {{'b', FZ_TYPE_FLAG}, {'i', FZ_TYPE_INT},    {'m', FZ_TYPE_MONEY},  {'p', FZ_TYPE_POINTS},
                   {'d', FZ_TYPE_DAY},  {'l', FZ_TYPE_LENGTH}, {'c', FZ_TYPE_CHOICE}, {'s', FZ_TYPE_PARTY}};

    for (; *form; form++) {
        if (*form != '%') {
            fz_buf_addc(b, *form);
            continue;
        }
        form++;
        for (size_t i = 0; i < FZ_COUNT(letters); i++)
            if (letters[i].letter == *form)
                grow(b, letters[i].type, depth);
    }
}

/* Leaves first: `leaves` of them. A choice has a field at its left end, for a bare name says nothing by itself. */
static const struct {
    fz_type type;
    size_t leaves;
    const char *forms[24];
} forms[] = {
    {FZ_TYPE_FLAG,
     6,
     {"joint",
      "yes",
      "done(hear)",
      "clock(decision) is not met",
      "stage at [accepted, final]",
      "outcome in [granted, refused]",
      "%b and %b",
      "%b or %b or %b",
      "not (%b)",
      "(%b) = (%b)",
      "%i < %i",
      "%m >= %m",
      "%d != %d",
      "%l = %l",
      "%p <= %p",
      "%c = %c",
      "%c = ordinary",
      "simplified != %c",
      "%c in [ordinary, %c]",
      "%i not in [%i, %i]",
      "(%d) is set",
      "all(%s, hear)",
      "%s = %s",
      "if %b then %b else %b"}},
    {FZ_TYPE_INT,
     5,
     {"persons", "7", "times(accept)", "days_over(clock(payment))", "config.most", "%i + %i", "%i - (%i)",
      "(%i) * (%i)", "-(%i)", "min(%i, %i, %i)", "div(%i, 3, half_up)", "count(%s)", "if %b then %i else %i",
      "(%i) otherwise (%i)"}},
    {FZ_TYPE_MONEY,
     3,
     {"fine", "3.50 yuan", "config.threshold", "%m + %m", "(%m) * (%i)", "(%i) * (%m)", "max(%m, %m)",
      "div(%m, %i + 2, down)", "if %b then %m else %m", "(%m) otherwise (%m)"}},
    {FZ_TYPE_POINTS, 1, {"score", "%p - (%p)", "(%i) * (%p)", "div(%p, 2, up)", "(%p) otherwise (%p)"}},
    {FZ_TYPE_DAY,
     5,
     {"act_on", "2026-02-28", "day(receive)", "first_day(decide)", "clock(payment).due", "due(%d, %l)", "later(%d, %d)",
      "earlier(%d, %d)", "min(%d, %d)", "(%d) otherwise (%d)", "if %b then %d else %d"}},
    {FZ_TYPE_LENGTH,
     3,
     {"deferral", "5 working_days", "config.promised", "if %b then %l else %l", "(%l) otherwise (%l)"}},
    {FZ_TYPE_CHOICE,
     3,
     {"track", "old_track", "config.way", "(%c) otherwise (%c)", "(%c) otherwise simplified",
      "if %b then ordinary else %c", "if %b then %c else simplified"}},
    {FZ_TYPE_PARTY, 2, {"applicants", "third_parties", "(%s) otherwise (%s)", "if %b then %s else %s"}},
};

static void grow(struct fz_buf *b, fz_type type, int depth)
{
    size_t row = 0, n = 0;
    const char *form;
    bool wrapped;

    while (forms[row].type != type)
        row++;
    while (n < FZ_COUNT(forms[row].forms) && forms[row].forms[n])
        n++;
    form = forms[row].forms[pick((uint32_t)(depth <= 0 ? forms[row].leaves : n))];
    wrapped = strchr(form, '%') != NULL || strchr(form, ' ') != NULL;
    fz_buf_addz(b, wrapped ? "(" : "");
    fill(b, form, depth - 1);
    fz_buf_addz(b, wrapped ? ")" : "");
}

static void check_grown(struct fixture *f, size_t row, int depth)
{
    static const char *const wants[] = {"flag", "int", "money", "points", "day", "length", "track", NULL};
    struct fz_buf text = {0};
    struct fz_diags d;
    const struct fz_term *t = NULL;

    grow(&text, forms[row].type, depth);
    if (text.n < FZ_EXPR_BYTES_MAX)
        t = type_it(f, term_records, text.p, pick(2) ? wants[row] : NULL, &d);
    if (text.n < FZ_EXPR_BYTES_MAX &&
        (!t || d.n || t->type != forms[row].type || t->many != (forms[row].type == FZ_TYPE_PARTY))) {
        report(f, text.p, &d);
        fail_msg("seed: %s is no %s", text.p, fz_type_word(forms[row].type));
    }
    fz_buf_release(&text);
}

static void test_term__what_is_well_typed_gets_its_type(void **state)
{
    const char *given = getenv("FZ_SEED");
    struct fixture *f = *state;

    seed = given ? strtoull(given, NULL, 10) : 20261124;
    print_message("# seed %llu\n", (unsigned long long)seed);
    assert_true(seed != 0);
    for (int round = 0; round < 4000; round++) {
        check_grown(f, pick(FZ_COUNT(forms)), (int)pick(5));
        fz_arena_reset(&f->arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_term__literals_have_types, setup, teardown),
        cmocka_unit_test_setup_teardown(test_term__names_are_fields_config_and_the_outcome, setup, teardown),
        cmocka_unit_test_setup_teardown(test_term__a_choice_beside_a_name_says_what_it_means, setup, teardown),
        cmocka_unit_test_setup_teardown(test_term__tests_give_flags, setup, teardown),
        cmocka_unit_test_setup_teardown(test_term__arithmetic_keeps_money_and_points, setup, teardown),
        cmocka_unit_test_setup_teardown(test_term__functions_ask_acts_documents_clocks_and_sets, setup, teardown),
        cmocka_unit_test_setup_teardown(test_term__every_state_of_a_clock_has_its_word, setup, teardown),
        cmocka_unit_test_setup_teardown(test_term__unknown_names_are_told_with_the_nearest, setup, teardown),
        cmocka_unit_test_setup_teardown(test_term__what_is_no_value_is_told_how_to_ask, setup, teardown),
        cmocka_unit_test_setup_teardown(test_term__functions_take_what_their_form_shows, setup, teardown),
        cmocka_unit_test_setup_teardown(test_term__types_that_do_not_fit_are_told_at_the_part, setup, teardown),
        cmocka_unit_test_setup_teardown(test_term__without_a_record_only_config_and_constants, setup, teardown),
        cmocka_unit_test_setup_teardown(test_term__all_problems_come_in_one_run, setup, teardown),
        cmocka_unit_test_setup_teardown(test_term__places_follow_the_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_term__long_parts_are_cut_between_characters, setup, teardown),
        cmocka_unit_test_setup_teardown(test_term__a_walk_sees_every_part_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_term__reads_field_finds_fields_at_any_depth, setup, teardown),
        cmocka_unit_test_setup_teardown(test_term__what_is_well_typed_gets_its_type, setup, teardown),
    };

    return cmocka_run_group_tests_name("term", tests, NULL, NULL);
}
