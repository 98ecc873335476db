/* Names, values and expressions in words. */
#include "report/explain_int.h"

/* ---- words ---- */

static const struct {
    fz_str in[2]; /* by fz_language */
} words[] = {
#define FZ_WORD(id, en, zh) [FZ_W_##id] = {{{en, sizeof(en) - 1}, {zh, sizeof(zh) - 1}}},
#include "report/explain.def"
#undef FZ_WORD
};

fz_str fz_word_of(const struct fz_tell *t, fz_word w)
{
    fz_assert((size_t)w < FZ_COUNT(words));
    return words[w].in[t->lang == FZ_ZH];
}

fz_str fz_say(struct fz_tell *t, fz_word w, const fz_str *args, size_t n)
{
    fz_str s = fz_word_of(t, w), copy;
    struct fz_buf b = {0};

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '{' && i + 2 < s.n && s.p[i + 2] == '}') {
            size_t k = (size_t)(s.p[i + 1] - '0');

            fz_assert(k < n);
            fz_buf_add(&b, args[k]);
            i += 2;
        } else {
            fz_buf_addc(&b, s.p[i]);
        }
    }
    copy = fz_str_copy(&t->arena, fz_buf_str(&b));
    fz_buf_release(&b);
    return copy;
}

void fz_phrase(struct fz_tell *t, struct fz_phrases *l, fz_str s)
{
    FZ_PUSH(&t->arena, l, items, n, cap) = s;
}

fz_str fz_join(struct fz_tell *t, const struct fz_phrases *l, fz_word last)
{
    fz_str comma = last == FZ_W_SEMICOLON ? FZ_SAID(t, SEMICOLON) : FZ_SAID(t, COMMA), copy;
    struct fz_buf b = {0};

    for (size_t i = 0; i < l->n; i++) {
        if (i)
            fz_buf_add(&b, i + 1 == l->n ? fz_word_of(t, last) : comma);
        fz_buf_add(&b, l->items[i]);
    }
    copy = fz_str_copy(&t->arena, fz_buf_str(&b));
    fz_buf_release(&b);
    return copy;
}

fz_str fz_sentence(struct fz_tell *t, fz_str s)
{
    fz_str full = FZ_SAY(t, SENTENCE, s);

    if (t->lang == FZ_EN && full.n && full.p[0] >= 'a' && full.p[0] <= 'z') {
        char *copy = fz_str_z(&t->arena, full);

        copy[0] = (char)(copy[0] - 'a' + 'A');
        full = (fz_str){copy, full.n};
    }
    return full;
}

void fz_tell_init(struct fz_tell *t, const struct fz_pack *p, fz_language lang)
{
    *t = (struct fz_tell){.p = p, .lang = lang};
    fz_arena_init(&t->arena);
}

void fz_tell_release(struct fz_tell *t)
{
    fz_arena_release(&t->arena);
}

/* ---- names ---- */

static fz_str without_underscores(struct fz_tell *t, fz_str name)
{
    char *copy = fz_str_z(&t->arena, name);

    for (size_t i = 0; i < name.n; i++)
        if (copy[i] == '_')
            copy[i] = ' ';
    return (fz_str){copy, name.n};
}

bool fz_has_title(fz_title title, fz_str name)
{
    return title.en.n || (title.zh.n && !fz_str_eq(title.zh, name));
}

fz_str fz_tell_title(struct fz_tell *t, fz_title title, fz_str name)
{
    fz_str s = fz_title_in(title, t->lang);

    if (!fz_has_title(title, name))
        return without_underscores(t, name);
    return s.n ? s : title.zh.n ? title.zh : title.en;
}

fz_str fz_tell_quoted(struct fz_tell *t, fz_str s)
{
    return FZ_SAY(t, QUOTED, s);
}

static fz_str quoted_title(struct fz_tell *t, fz_title title, fz_str name)
{
    return fz_tell_quoted(t, fz_tell_title(t, title, name));
}

fz_str fz_tell_act(struct fz_tell *t, int id)
{
    return quoted_title(t, t->r->actions[id].title, t->r->actions[id].name);
}

fz_str fz_tell_stage(struct fz_tell *t, int id)
{
    return quoted_title(t, t->r->stages[id].title, t->r->stages[id].name);
}

fz_str fz_tell_field(struct fz_tell *t, int id)
{
    return quoted_title(t, t->r->fields[id].title, t->r->fields[id].name);
}

fz_str fz_tell_document(struct fz_tell *t, int id)
{
    return quoted_title(t, t->r->documents[id].title, t->r->documents[id].name);
}

fz_str fz_tell_pause(struct fz_tell *t, int id)
{
    return quoted_title(t, t->r->pauses[id].title, t->r->pauses[id].name);
}

fz_str fz_tell_clock(struct fz_tell *t, int id)
{
    return fz_tell_quoted(t, t->clock_names[id]);
}

fz_str fz_tell_outcome(struct fz_tell *t, const struct fz_outcome *o)
{
    return quoted_title(t, o->title, o->name);
}

fz_str fz_tell_acts(struct fz_tell *t, const fz_acts *acts, fz_word last)
{
    struct fz_phrases l = {0};

    for (size_t i = 0; i < t->r->actions_n; i++)
        if (fz_acts_has(acts, (int)i))
            fz_phrase(t, &l, fz_tell_act(t, (int)i));
    return fz_join(t, &l, last);
}

fz_str fz_tell_acts_of_pause(struct fz_tell *t, int pause, bool resume)
{
    struct fz_phrases l = {0};

    for (size_t i = 0; i < t->r->actions_n; i++)
        if ((resume ? t->r->actions[i].resumes : t->r->actions[i].pauses) == pause)
            fz_phrase(t, &l, fz_tell_act(t, (int)i));
    return fz_join(t, &l, FZ_W_OR);
}

fz_str fz_tell_fields(struct fz_tell *t, struct fz_ids ids, fz_word last)
{
    struct fz_phrases l = {0};

    for (size_t i = 0; i < ids.n; i++)
        fz_phrase(t, &l, fz_tell_field(t, ids.items[i]));
    return fz_join(t, &l, last);
}

/* ---- names of clocks ---- */

/* What a clock measures, by its first act or document. Empty when it has none. */
static fz_str anchor_title(struct fz_tell *t, const struct fz_anchor *a, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (a[i].kind == FZ_AT_ACT)
            return fz_tell_title(t, t->r->actions[a[i].id].title, t->r->actions[a[i].id].name);
        if (a[i].kind == FZ_AT_SERVICE)
            return FZ_SAY(t, NAME_SERVICE,
                          fz_tell_title(t, t->r->documents[a[i].id].title, t->r->documents[a[i].id].name));
    }
    return (fz_str){0};
}

static fz_str first_act(struct fz_tell *t, const fz_acts *acts)
{
    for (size_t i = 0; i < t->r->actions_n; i++)
        if (fz_acts_has(acts, (int)i))
            return fz_tell_title(t, t->r->actions[i].title, t->r->actions[i].name);
    return (fz_str){0};
}

static fz_str floor_name(struct fz_tell *t, const struct fz_clock *c)
{
    fz_str start = anchor_title(t, c->starts, c->starts_n), blocked = first_act(t, &c->blocks);

    if (c->until)
        return start.n ? FZ_SAY(t, NAME_AHEAD, start) : start;
    if (blocked.n)
        return FZ_SAY(t, NAME_WAIT, blocked);
    return start.n ? FZ_SAY(t, NAME_LEAST, start) : start;
}

static fz_str window_name(struct fz_tell *t, const struct fz_clock *c)
{
    fz_str used = first_act(t, &c->used_by), start = anchor_title(t, c->starts, c->starts_n);

    if (used.n)
        return FZ_SAY(t, NAME_WINDOW, used);
    if (start.n)
        return FZ_SAY(t, NAME_AFTER, start);
    /* Not by the derived name of the other clock: two clocks may well start at each other's end. */
    for (size_t i = 0; i < c->starts_n; i++)
        if (c->starts[i].kind == FZ_AT_CLOCK_END)
            return FZ_SAY(t, NAME_AFTER_END,
                          anchor_title(t, t->r->clocks[c->starts[i].id].stops, t->r->clocks[c->starts[i].id].stops_n));
    return start;
}

/* Nothing of the kind is made up in English, where the name itself is a word. */
static fz_str derived_name(struct fz_tell *t, const struct fz_clock *c)
{
    fz_str stop = anchor_title(t, c->stops, c->stops_n);

    switch (c->kind) {
    case FZ_CK_AT_LEAST:
        return floor_name(t, c);
    case FZ_CK_WINDOW:
        return window_name(t, c);
    case FZ_CK_VALIDITY:
        return FZ_SAID(t, NAME_VALIDITY);
    case FZ_CK_AT_ONCE:
        return stop.n ? FZ_SAY(t, NAME_AT_ONCE, stop) : stop;
    default:
        if (!stop.n)
            return stop;
        return c->service_norm ? FZ_SAY(t, NAME_PROMISE, stop) : FZ_SAY(t, NAME_LIMIT, stop);
    }
}

static fz_str clock_name(struct fz_tell *t, const struct fz_clock *c)
{
    fz_str s = {0};

    if (!fz_has_title(c->title, c->name) && t->lang == FZ_ZH)
        s = derived_name(t, c);
    return s.n ? s : fz_tell_title(t, c->title, c->name);
}

/* Names that two clocks share get a suffix each, which may leave some that still share theirs. */
static void tell_apart(struct fz_tell *t, fz_str *names, const fz_str *suffixes, size_t n)
{
    bool *shared = FZ_NEW_ARRAY(&t->arena, bool, n);

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            shared[i] |= i != k && fz_str_eq(names[i], names[k]);
    for (size_t i = 0; i < n; i++)
        if (shared[i] && suffixes[i].n)
            names[i] = FZ_SAY(t, NAME_TWIN, names[i], suffixes[i]);
}

/* By what they start from, or else by their own names: two of one name could not be told apart where they are referred to. */
static void tell_twins_apart(struct fz_tell *t, fz_str *names, size_t n)
{
    fz_str *starts = FZ_NEW_ARRAY(&t->arena, fz_str, n), *own = FZ_NEW_ARRAY(&t->arena, fz_str, n);

    for (size_t i = 0; i < n; i++) {
        const struct fz_clock *c = &t->r->clocks[i];
        fz_str start = anchor_title(t, c->starts, c->starts_n);

        starts[i] = start.n ? FZ_SAY(t, NAME_FROM, start) : start;
        own[i] = without_underscores(t, c->name);
    }
    tell_apart(t, names, starts, n);
    tell_apart(t, names, own, n);
}

void fz_tell_record(struct fz_tell *t, const struct fz_record *r)
{
    fz_str *names;

    t->r = r;
    if (!r)
        return;
    names = FZ_NEW_ARRAY(&t->arena, fz_str, r->clocks_n);
    for (size_t i = 0; i < r->clocks_n; i++)
        names[i] = clock_name(t, &r->clocks[i]);
    tell_twins_apart(t, names, r->clocks_n);
    t->clock_names = names;
}

/* ---- numbers and values ---- */

static fz_str number(struct fz_tell *t, int64_t n)
{
    return fz_str_printf(&t->arena, "%lld", (long long)n);
}

/* 一百五十, 三百零五, 一千二百; beyond what limits reach, digits. */
static fz_str chinese_number(struct fz_tell *t, int64_t n)
{
    static const char *const digits[] = {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
    static const struct {
        int64_t value;
        const char *word;
    } places[] = {{10000, "万"}, {1000, "千"}, {100, "百"}, {10, "十"}, {1, ""}};
    struct fz_buf b = {0};
    bool begun = false, gap = false;
    fz_str copy;

    if (n == 0)
        return fz_str_of(digits[0]);
    for (size_t i = 0; i < FZ_COUNT(places); i++) {
        int64_t digit = n / places[i].value % 10;

        if (digit == 0) {
            gap = begun;
            continue;
        }
        if (gap)
            fz_buf_addz(&b, digits[0]);
        if (begun || digit != 1 || places[i].value != 10) /* 十五, not 一十五 */
            fz_buf_addz(&b, digits[digit]);
        fz_buf_addz(&b, places[i].word);
        begun = true;
        gap = false;
    }
    copy = fz_str_copy(&t->arena, fz_buf_str(&b));
    fz_buf_release(&b);
    return copy;
}

fz_str fz_tell_count(struct fz_tell *t, int64_t n)
{
    return t->lang == FZ_ZH && n >= 0 && n < 100000 ? chinese_number(t, n) : number(t, n);
}

fz_str fz_tell_length(struct fz_tell *t, fz_length length)
{
    static const fz_word one[] = {FZ_W_WORKING_DAY, FZ_W_DAY, FZ_W_MONTH, FZ_W_YEAR, FZ_W_HOUR};
    static const fz_word many[] = {FZ_W_WORKING_DAYS, FZ_W_DAYS, FZ_W_MONTHS, FZ_W_YEARS, FZ_W_HOURS};
    fz_str n = fz_tell_count(t, length.n);

    return fz_say(t, (length.n == 1 ? one : many)[length.unit], &n, 1);
}

fz_str fz_tell_day(struct fz_tell *t, fz_day d)
{
    char text[FZ_DAY_TEXT];
    fz_civil c;

    if (d == FZ_DAY_NONE)
        return FZ_SAID(t, NONE);
    c = fz_day_civil(d);
    if (t->lang == FZ_ZH)
        return fz_str_printf(&t->arena, "%d年%d月%d日", c.year, c.month, c.day);
    return fz_str_copy(&t->arena, fz_str_of(fz_day_text(d, text)));
}

/* Fen or cents, hundredths: without the decimals where there are none. */
static fz_str hundredths(struct fz_tell *t, int64_t n)
{
    uint64_t size = n < 0 ? (uint64_t)0 - (uint64_t)n : (uint64_t)n;
    const char *sign = n < 0 ? "-" : "";

    if (size % 100 == 0)
        return fz_str_printf(&t->arena, "%s%llu", sign, (unsigned long long)(size / 100));
    return fz_str_printf(&t->arena, "%s%llu.%02u", sign, (unsigned long long)(size / 100), (unsigned)(size % 100));
}

static fz_str outcome_name(struct fz_tell *t, int64_t id)
{
    if (!t->r || id < 0 || (size_t)id >= t->r->outcomes_n)
        return number(t, id);
    for (size_t i = 0; i < t->r->actions_n; i++) {
        const struct fz_action *a = &t->r->actions[i];

        for (size_t k = 0; k < a->outcomes_n; k++)
            if (a->outcomes[k].id == id && fz_has_title(a->outcomes[k].title, a->outcomes[k].name))
                return fz_tell_outcome(t, &a->outcomes[k]);
    }
    return fz_tell_quoted(t, without_underscores(t, t->r->outcomes[id]));
}

static fz_str choice(struct fz_tell *t, const struct fz_choices *choices, int64_t n)
{
    if (!choices)
        return outcome_name(t, n);
    if (n < 0 || (size_t)n >= choices->n)
        return number(t, n);
    if (choices->titles && choices->titles[n].zh.n)
        return fz_tell_quoted(t, fz_title_in(choices->titles[n], t->lang));
    return fz_tell_quoted(t, without_underscores(t, choices->names[n]));
}

static fz_str instant(struct fz_tell *t, fz_instant at)
{
    int64_t minute = at - fz_day_instant(fz_instant_day(at));
    char text[FZ_DAY_TEXT];

    return fz_str_printf(&t->arena, "%s %02d:%02d", fz_day_text(fz_instant_day(at), text), (int)(minute / 60),
                         (int)(minute % 60));
}

static fz_str span(struct fz_tell *t, fz_value v)
{
    fz_str first = fz_tell_day(t, (fz_day)v.n);

    return v.m == FZ_DAY_NONE ? FZ_SAY(t, SPAN_OPEN, first) : FZ_SAY(t, SPAN, first, fz_tell_day(t, (fz_day)v.m));
}

static fz_str one_value(struct fz_tell *t, fz_type type, const struct fz_choices *choices, fz_value v)
{
    switch (type) {
    case FZ_TYPE_FLAG:
        return v.n ? FZ_SAID(t, YES) : FZ_SAID(t, NO);
    case FZ_TYPE_MONEY:
        return v.m == FZ_EURO ? FZ_SAY(t, EURO, hundredths(t, v.n)) : FZ_SAY(t, YUAN, hundredths(t, v.n));
    case FZ_TYPE_POINTS:
        return hundredths(t, v.n);
    case FZ_TYPE_SHARE:
        return fz_str_printf(&t->arena, "%lld/%lld", (long long)v.n, (long long)v.m);
    case FZ_TYPE_DAY:
        return fz_tell_day(t, (fz_day)v.n);
    case FZ_TYPE_MONTH:
        return fz_str_printf(&t->arena, "%04lld-%02lld", (long long)(v.n / 12), (long long)(v.n % 12 + 1));
    case FZ_TYPE_INSTANT:
        return instant(t, v.n);
    case FZ_TYPE_SPAN:
        return span(t, v);
    case FZ_TYPE_LENGTH:
        return fz_tell_length(t, (fz_length){(int32_t)v.n, (fz_unit)v.m});
    case FZ_TYPE_CHOICE:
        return choice(t, choices, v.n);
    default:
        return fz_type_is_text(type) ? fz_tell_quoted(t, v.text) : number(t, v.n);
    }
}

fz_str fz_tell_value(struct fz_tell *t, fz_type type, const struct fz_choices *choices, fz_value v)
{
    struct fz_phrases l = {0};

    if (!v.set)
        return FZ_SAID(t, NONE);
    if (!v.many)
        return one_value(t, type, choices, v);
    for (uint32_t i = 0; i < v.many; i++)
        fz_phrase(t, &l, one_value(t, type, choices, v.items[i]));
    return fz_join(t, &l, FZ_W_AND);
}

/* ---- expressions ---- */

/* How tightly a phrase holds together: a looser one gets parentheses inside a tighter one. */
enum { LOOSE_IF, LOOSE_OR, LOOSE_AND, LOOSE_TEST, LOOSE_SUM, LOOSE_PRODUCT, TIGHT };

static fz_str bare(struct fz_tell *t, const struct fz_term *e);
static fz_str test(struct fz_tell *t, const struct fz_term *e, bool no);

static int looseness(const struct fz_term *e)
{
    switch (e->kind) {
    case FZ_T_IF:
        return LOOSE_IF;
    case FZ_T_OR:
        return LOOSE_OR;
    case FZ_T_AND:
        return LOOSE_AND;
    case FZ_T_ADD:
    case FZ_T_SUB:
        return LOOSE_SUM;
    case FZ_T_MUL:
    case FZ_T_DIV:
        return LOOSE_PRODUCT;
    case FZ_T_CONST:
    case FZ_T_CONFIG:
    case FZ_T_FIELD:
        return TIGHT;
    default:
        return e->type == FZ_TYPE_FLAG && !e->many ? LOOSE_TEST : TIGHT;
    }
}

static fz_str within(struct fz_tell *t, const struct fz_term *e, int least)
{
    fz_str s = bare(t, e);

    return looseness(e) < least ? FZ_SAY(t, PARENTHESES, s) : s;
}

static fz_str many_within(struct fz_tell *t, const struct fz_term *e, int least, fz_word last)
{
    struct fz_phrases l = {0};

    for (size_t i = 0; i < e->args_n; i++)
        fz_phrase(t, &l, within(t, e->args[i], least));
    if (last != FZ_W_OR_ELSE && last != FZ_W_AND_ALSO)
        return fz_join(t, &l, last);
    /* Conditions are joined by the same word at every place: a comma would leave open which one it stands for. */
    for (size_t i = 1; i < l.n; i++)
        l.items[0] = FZ_SAY(t, PAIR, l.items[0], fz_word_of(t, last), l.items[i]);
    return l.items[0];
}

static bool is_flag(const struct fz_term *e)
{
    return e->type == FZ_TYPE_FLAG && !e->many;
}

/* The newest that a place has set. */
static fz_value value_now(const struct fz_config *c)
{
    return c->local_n ? c->local[c->local_n - 1].value : c->value;
}

/* "the open value x", with what it is now: a reader wants the number, and that it may be another one elsewhere. */
static fz_str config(struct fz_tell *t, int id)
{
    const struct fz_config *c = &t->p->config[id];

    return FZ_SAY(t, OPEN_VALUE, quoted_title(t, c->title, c->name), fz_tell_value(t, c->type, &c->choices, value_now(c)));
}

static fz_str constant(struct fz_tell *t, const struct fz_term *e)
{
    if (e->type == FZ_TYPE_MONEY && e->from && e->from->kind == FZ_EX_MONEY && e->from->currency == FZ_EURO)
        return FZ_SAY(t, EURO, hundredths(t, e->value.n));
    return fz_tell_value(t, e->type, e->choices, e->value);
}

typedef enum { SORT_PLAIN, SORT_AMOUNT, SORT_DAY } sort;

static sort sort_of(fz_type type)
{
    switch (type) {
    case FZ_TYPE_INT:
    case FZ_TYPE_MONEY:
    case FZ_TYPE_POINTS:
    case FZ_TYPE_SHARE:
    case FZ_TYPE_LENGTH:
        return SORT_AMOUNT;
    case FZ_TYPE_DAY:
    case FZ_TYPE_MONTH:
    case FZ_TYPE_YEAR:
    case FZ_TYPE_INSTANT:
        return SORT_DAY;
    default:
        return SORT_PLAIN;
    }
}

/* Also what `not` makes of a comparison: with an unset side both are unknown. */
static fz_term_kind opposite(fz_term_kind k)
{
    switch (k) {
    case FZ_T_EQ:
        return FZ_T_NE;
    case FZ_T_NE:
        return FZ_T_EQ;
    case FZ_T_LT:
        return FZ_T_GE;
    case FZ_T_LE:
        return FZ_T_GT;
    case FZ_T_GT:
        return FZ_T_LE;
    default:
        return FZ_T_LT;
    }
}

static fz_str compare(struct fz_tell *t, const struct fz_term *e, bool no)
{
    static const fz_word ops[3][6] = {
        [SORT_PLAIN] = {FZ_W_IS, FZ_W_IS_NOT, FZ_W_BELOW, FZ_W_AT_MOST, FZ_W_ABOVE, FZ_W_AT_LEAST},
        [SORT_AMOUNT] = {FZ_W_EQUALS, FZ_W_EQUALS_NOT, FZ_W_BELOW, FZ_W_AT_MOST, FZ_W_ABOVE, FZ_W_AT_LEAST},
        [SORT_DAY] = {FZ_W_IS, FZ_W_IS_NOT, FZ_W_EARLIER_THAN, FZ_W_NOT_LATER, FZ_W_LATER_THAN, FZ_W_NOT_EARLIER},
    };
    const struct fz_term *a = e->args[0], *b = e->args[1];
    fz_term_kind op = no ? opposite(e->kind) : e->kind;
    fz_str sides[2];

    if (is_flag(a) && b->kind == FZ_T_CONST && b->value.set && (op == FZ_T_EQ || op == FZ_T_NE))
        return test(t, a, (op == FZ_T_EQ) != (b->value.n != 0));
    sides[0] = within(t, a, LOOSE_SUM);
    sides[1] = within(t, b, LOOSE_SUM);
    return fz_say(t, ops[a->many ? SORT_PLAIN : sort_of(a->type)][op - FZ_T_EQ], sides, 2);
}

static fz_str in_list(struct fz_tell *t, const struct fz_term *e, bool no)
{
    struct fz_phrases l = {0};
    fz_str a = within(t, e->args[0], LOOSE_SUM), list;

    for (size_t i = 1; i < e->args_n; i++)
        fz_phrase(t, &l, within(t, e->args[i], LOOSE_SUM));
    list = fz_join(t, &l, FZ_W_OR);
    return no ? FZ_SAY(t, IN_NOT, a, list) : FZ_SAY(t, IN, a, list);
}

static fz_str clock_state(struct fz_tell *t, const struct fz_term *e, bool no)
{
    static const struct {
        fz_word yes, no;
    } state_words[] = {
        [FZ_CS_WAITING] = {FZ_W_CLOCK_WAITING, FZ_W_CLOCK_WAITING_NOT},
        [FZ_CS_RUNNING] = {FZ_W_CLOCK_RUNNING, FZ_W_CLOCK_RUNNING_NOT},
        [FZ_CS_PAUSED] = {FZ_W_CLOCK_PAUSED, FZ_W_CLOCK_PAUSED_NOT},
        [FZ_CS_OPEN] = {FZ_W_CLOCK_OPEN, FZ_W_CLOCK_OPEN_NOT},
        [FZ_CS_MET] = {FZ_W_CLOCK_MET, FZ_W_CLOCK_MET_NOT},
        [FZ_CS_MISSED] = {FZ_W_CLOCK_MISSED, FZ_W_CLOCK_MISSED_NOT},
        [FZ_CS_OVERDUE] = {FZ_W_CLOCK_OVERDUE, FZ_W_CLOCK_OVERDUE_NOT},
        [FZ_CS_OVER] = {FZ_W_CLOCK_OVER, FZ_W_CLOCK_OVER_NOT},
        [FZ_CS_VOID] = {FZ_W_CLOCK_VOID, FZ_W_CLOCK_VOID_NOT},
    };
    fz_str name = fz_tell_clock(t, e->id);

    return fz_say(t, no ? state_words[e->state].no : state_words[e->state].yes, &name, 1);
}

static fz_str at_stage(struct fz_tell *t, const struct fz_term *e, bool no)
{
    struct fz_phrases l = {0};
    fz_str stages;

    for (size_t i = 0; i < t->r->stages_n; i++)
        if (e->stages >> i & 1)
            fz_phrase(t, &l, fz_tell_stage(t, (int)i));
    stages = fz_join(t, &l, FZ_W_OR);
    return no ? FZ_SAY(t, AT_STAGE_NOT, stages) : FZ_SAY(t, AT_STAGE, stages);
}

/* A flag field is the title of a state of affairs; a flag of the configuration a question that was answered. */
static fz_str flag_named(struct fz_tell *t, const struct fz_term *e, bool no)
{
    fz_str name;

    if (e->kind == FZ_T_CONFIG) {
        const struct fz_config *c = &t->p->config[e->id];
        fz_str args[2] = {quoted_title(t, c->title, c->name), fz_tell_value(t, c->type, &c->choices, value_now(c))};

        return fz_say(t, no ? FZ_W_CONFIG_NO : FZ_W_CONFIG_YES, args, 2);
    }
    name = fz_tell_field(t, e->id);
    return no ? FZ_SAY(t, FLAG_NO, name) : FZ_SAY(t, FLAG_YES, name);
}

static fz_str done(struct fz_tell *t, const struct fz_term *e, bool no)
{
    fz_str act = fz_tell_act(t, e->id), set;

    if (e->kind == FZ_T_DONE)
        return no ? FZ_SAY(t, DONE_NOT, act) : FZ_SAY(t, DONE, act);
    set = within(t, e->args[0], TIGHT);
    if (e->kind == FZ_T_ALL)
        return no ? FZ_SAY(t, ALL_NOT, set, act) : FZ_SAY(t, ALL, set, act);
    return no ? FZ_SAY(t, ANY_NOT, set, act) : FZ_SAY(t, ANY, set, act);
}

/* "the highest fine by the table x for y". */
static fz_str from_table(struct fz_tell *t, const struct fz_term *e, fz_word w)
{
    const struct fz_pack_table *table = &t->p->tables[e->id];
    const struct fz_table_column *c = &table->columns[e->column];
    struct fz_phrases l = {0};
    fz_str said[3] = {quoted_title(t, c->title, c->name), quoted_title(t, table->title, table->name)};

    for (size_t i = 0; i < table->inputs_n; i++)
        fz_phrase(t, &l, within(t, e->args[i], LOOSE_SUM));
    said[2] = fz_join(t, &l, FZ_W_AND);
    return fz_say(t, w, said, 3);
}

/* A flag as a statement, or as its contrary. */
static fz_str test(struct fz_tell *t, const struct fz_term *e, bool no)
{
    fz_str s;

    switch (e->kind) {
    case FZ_T_NOT:
        return test(t, e->args[0], !no);
    case FZ_T_CONST:
        return (e->value.n != 0) != no ? FZ_SAID(t, ALWAYS) : FZ_SAID(t, NEVER);
    case FZ_T_FIELD:
    case FZ_T_CONFIG:
        return flag_named(t, e, no);
    case FZ_T_EQ:
    case FZ_T_NE:
    case FZ_T_LT:
    case FZ_T_LE:
    case FZ_T_GT:
    case FZ_T_GE:
        return compare(t, e, no);
    case FZ_T_IN:
        return in_list(t, e, no != e->negated);
    case FZ_T_IS_SET:
        s = within(t, e->args[0], TIGHT);
        return no != e->negated ? FZ_SAY(t, SET_NOT, s) : FZ_SAY(t, SET, s);
    case FZ_T_STAGE_AT:
        return at_stage(t, e, no);
    case FZ_T_CLOCK_IS:
        return clock_state(t, e, no != e->negated);
    case FZ_T_SERVED:
        s = fz_tell_document(t, e->id);
        return no ? FZ_SAY(t, SERVED_NOT, s) : FZ_SAY(t, SERVED, s);
    case FZ_T_DONE:
    case FZ_T_ALL:
    case FZ_T_ANY:
        return done(t, e, no);
    case FZ_T_EMPTY:
        s = within(t, e->args[0], TIGHT);
        return no ? FZ_SAY(t, EMPTY_NOT, s) : FZ_SAY(t, EMPTY, s);
    case FZ_T_TABLE:
        return from_table(t, e, no ? FZ_W_FROM_TABLE_NO : FZ_W_FROM_TABLE_YES);
    default:
        return no ? FZ_SAY(t, NOT, within(t, e, LOOSE_TEST)) : bare(t, e);
    }
}

static fz_str act_phrase(struct fz_tell *t, fz_word w, int id)
{
    fz_str s = fz_tell_act(t, id);

    return fz_say(t, w, &s, 1);
}

static fz_str clock_phrase(struct fz_tell *t, fz_word w, int id)
{
    fz_str s = fz_tell_clock(t, id);

    return fz_say(t, w, &s, 1);
}

static fz_str two(struct fz_tell *t, fz_word w, const struct fz_term *e, int least)
{
    fz_str sides[2] = {within(t, e->args[0], least), within(t, e->args[1], least)};

    return fz_say(t, w, sides, 2);
}

static fz_str list_phrase(struct fz_tell *t, fz_word w, const struct fz_term *e)
{
    fz_str s = many_within(t, e, LOOSE_SUM, FZ_W_SEMICOLON);

    return fz_say(t, w, &s, 1);
}

static fz_str quotient(struct fz_tell *t, const struct fz_term *e)
{
    static const fz_word ways[] = {
        [FZ_DOWN] = FZ_W_ROUND_DOWN, [FZ_UP] = FZ_W_ROUND_UP, [FZ_HALF_UP] = FZ_W_ROUND_HALF_UP};

    return FZ_SAY(t, QUOTIENT, within(t, e->args[0], LOOSE_PRODUCT), within(t, e->args[1], TIGHT),
                  fz_word_of(t, ways[e->id]));
}

/* Values other than statements. */
static fz_str value(struct fz_tell *t, const struct fz_term *e)
{
    switch (e->kind) {
    case FZ_T_CONST:
        return constant(t, e);
    case FZ_T_FIELD:
        return fz_tell_field(t, e->id);
    case FZ_T_CONFIG:
        return config(t, e->id);
    case FZ_T_OUTCOME:
        return FZ_SAID(t, OUTCOME);
    case FZ_T_OTHERWISE:
        return two(t, e->args[1]->kind == FZ_T_CONST ? FZ_W_COUNTED_AS : FZ_W_FAILING, e, TIGHT);
    case FZ_T_ADD:
        return two(t, FZ_W_SUM, e, LOOSE_SUM);
    case FZ_T_SUB:
        return FZ_SAY(t, DIFFERENCE, within(t, e->args[0], LOOSE_SUM), within(t, e->args[1], LOOSE_PRODUCT));
    case FZ_T_MUL:
        return two(t, FZ_W_PRODUCT, e, LOOSE_PRODUCT);
    case FZ_T_NEG:
        return FZ_SAY(t, NEGATIVE, within(t, e->args[0], TIGHT));
    case FZ_T_TIMES:
        return act_phrase(t, FZ_W_TIMES, e->id);
    case FZ_T_DAY_OF:
        return act_phrase(t, FZ_W_DAY_OF, e->id);
    case FZ_T_FIRST_DAY:
        return act_phrase(t, FZ_W_FIRST_DAY, e->id);
    case FZ_T_CLOCK_DUE:
        return clock_phrase(t, FZ_W_CLOCK_DUE, e->id);
    case FZ_T_CLOCK_USED:
        return clock_phrase(t, FZ_W_CLOCK_USED, e->id);
    case FZ_T_CLOCK_LEFT:
        return clock_phrase(t, FZ_W_CLOCK_LEFT, e->id);
    case FZ_T_DAYS_OVER:
        return clock_phrase(t, FZ_W_DAYS_OVER, e->id);
    case FZ_T_DUE:
        return two(t, FZ_W_DUE, e, TIGHT);
    case FZ_T_MIN:
        return list_phrase(t, FZ_W_MIN, e);
    case FZ_T_MAX:
        return list_phrase(t, FZ_W_MAX, e);
    case FZ_T_LATER:
        return list_phrase(t, FZ_W_LATER, e);
    case FZ_T_EARLIER:
        return list_phrase(t, FZ_W_EARLIER, e);
    case FZ_T_DIV:
        return quotient(t, e);
    case FZ_T_COUNT:
        return FZ_SAY(t, COUNT, within(t, e->args[0], TIGHT));
    case FZ_T_SUM:
        return FZ_SAY(t, SUM_OF, fz_tell_field(t, e->id));
    case FZ_T_TABLE:
        return from_table(t, e, FZ_W_FROM_TABLE);
    default:
        break;
    }
    fz_assert(!"a kind of term without words");
    return (fz_str){0};
}

static fz_str bare(struct fz_tell *t, const struct fz_term *e)
{
    switch (e->kind) {
    case FZ_T_IF:
        return FZ_SAY(t, IF, within(t, e->args[0], LOOSE_OR), within(t, e->args[1], LOOSE_OR),
                      within(t, e->args[2], LOOSE_OR));
    case FZ_T_OR:
        return many_within(t, e, LOOSE_AND, FZ_W_OR_ELSE);
    case FZ_T_AND:
        return many_within(t, e, LOOSE_TEST, FZ_W_AND_ALSO);
    case FZ_T_CONST:
    case FZ_T_OTHERWISE:
        return value(t, e);
    default:
        return is_flag(e) ? test(t, e, false) : value(t, e);
    }
}

fz_str fz_tell_term(struct fz_tell *t, const struct fz_term *e)
{
    return bare(t, e);
}

void fz_explain_term(const struct fz_pack *p, const struct fz_record *r, const struct fz_term *e, fz_language lang,
                     struct fz_buf *out)
{
    struct fz_tell t;

    fz_tell_init(&t, p, lang);
    fz_tell_record(&t, r);
    fz_buf_add(out, fz_tell_term(&t, e));
    fz_tell_release(&t);
}
