/*
 * From what is written to what is meant: one function a construct, each gives the term or NULL after a problem. A part that failed
 * stops what is above it but not what is beside it, so that all problems of an expression come in one run.
 *
 * Choices are the only names that need to know where they stand: `track = ordinary` means a name of the choice because `track` is a
 * choice. A `domain` is such a choice on its way down to the names. It comes from the other side or from what the place wants, and
 * domain_of() finds it before anything is typed. Recursion goes as deep as the tree, which the parser bounds.
 */
#include "law/term.h"

#include "law/pack.h"
#include "law/table.h"

#define SHOWN_BYTES 60 /* of an expression within a message */
#define NEAR_BYTES 64  /* longer names get no suggestion */

typedef const struct fz_expr *expr;
typedef const struct fz_term *term;

struct typer {
    struct fz_arena *arena;
    const struct fz_pack *pack;
    const struct fz_record *record;
    struct fz_diags *diags;
};

/* The names of any array whose structs begin with their name. */
struct names {
    const char *first;
    size_t n, bytes;
};
#define NAMES(items, count) ((struct names){(const char *)(items), (count), sizeof(*(items))})

_Static_assert(offsetof(struct fz_field, name) == 0 && offsetof(struct fz_stage, name) == 0 &&
                   offsetof(struct fz_action, name) == 0 && offsetof(struct fz_document, name) == 0 &&
                   offsetof(struct fz_pause, name) == 0 && offsetof(struct fz_clock, name) == 0 &&
                   offsetof(struct fz_config, name) == 0 && offsetof(struct fz_link, name) == 0 && offsetof(struct fz_pack_table, name) == 0 &&
                   offsetof(struct fz_table_column, name) == 0,
               "NAMES reads the first member");

/* The choice that a bare name may be one of. */
struct domain {
    bool given;
    struct names names;
    const struct fz_choices *choices; /* NULL: the outcomes */
};

static term make(struct typer *c, expr e, struct domain hint);

const char *fz_clock_state_word(fz_clock_state s)
{
    static const char *const words[] = {
#define X(name, word) [FZ_CS_##name] = word,
        FZ_CLOCK_STATES(X)
#undef X
    };

    fz_assert((size_t)s < FZ_COUNT(words));
    return words[s];
}

/* ---- messages ------------------------------------------------------------------------------------------------ */

#define NO_TEXT ((fz_str){0})

static term bad(struct typer *c, fz_diag_id id, fz_span at, fz_str a0, fz_str a1, fz_str a2)
{
    fz_diag_add(c->diags, id, at, a0, a1, a2);
    return NULL;
}

static fz_str shown(struct typer *c, expr e)
{
    struct fz_buf text = {0};
    fz_str s, out;

    fz_expr_print(e, &text);
    s = fz_buf_str(&text);
    if (s.n > SHOWN_BYTES) {
        s.n = SHOWN_BYTES;
        while (s.n && ((unsigned char)s.p[s.n] & 0xc0) == 0x80)
            s.n--;
        out = fz_str_printf(c->arena, "%.*s…", FZ_STR_ARG(s));
    } else {
        out = fz_str_copy(c->arena, s);
    }
    fz_buf_release(&text);
    return out;
}

/* In the words of packs, which are those of both languages. */
static fz_str type_text(struct typer *c, term t)
{
    return fz_str_printf(c->arena, t->many ? "%s (many)" : "%s", fz_type_word(t->type));
}

static fz_str name_at(struct names in, size_t i)
{
    return *(const fz_str *)(const void *)(in.first + i * in.bytes);
}

static int find(struct names in, fz_str name)
{
    for (size_t i = 0; i < in.n; i++)
        if (fz_str_eq(name_at(in, i), name))
            return (int)i;
    return FZ_NONE;
}

static fz_str listed(struct typer *c, struct names in)
{
    struct fz_buf text = {0};
    fz_str out;

    for (size_t i = 0; i < in.n && text.n < 2 * SHOWN_BYTES; i++) {
        fz_buf_addz(&text, i ? ", " : "");
        fz_buf_add(&text, name_at(in, i));
        if (text.n >= 2 * SHOWN_BYTES && i + 1 < in.n)
            fz_buf_addz(&text, ", …");
    }
    out = fz_str_copy(c->arena, fz_buf_str(&text));
    fz_buf_release(&text);
    return out;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, removals, replacements and swaps of neighbours that make one name the other. */
static size_t distance(fz_str a, fz_str b)
{
    size_t rows[3][NEAR_BYTES + 1], *before = rows[0], *last = rows[1], *now = rows[2], *free_row;

    for (size_t j = 0; j <= b.n; j++)
        last[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            now[j] = least(last[j - 1] + (a.p[i - 1] != b.p[j - 1]), least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
        free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[b.n];
}

/* The nearest name as a note, when it is near enough to have been meant. */
static void suggest(struct typer *c, fz_span at, fz_str name, const struct names *sets, size_t sets_n)
{
    size_t best = least((name.n + 1) / 4, 2);
    fz_str nearest = NO_TEXT;

    if (name.n > NEAR_BYTES || c->diags->n >= FZ_DIAGS_MAX)
        return;
    for (size_t s = 0; s < sets_n; s++) {
        for (size_t i = 0; i < sets[s].n; i++) {
            fz_str other = name_at(sets[s], i);
            size_t gap = other.n > name.n ? other.n - name.n : name.n - other.n, d;

            if (gap > best || other.n > NEAR_BYTES || (d = distance(name, other)) > best || (nearest.n && d == best))
                continue;
            best = d;
            nearest = other;
        }
    }
    if (nearest.n)
        fz_diag_add(c->diags, FZ_D_term_near, at, nearest, NO_TEXT, NO_TEXT);
}

static term unknown(struct typer *c, fz_diag_id id, fz_span at, fz_str name, struct names known)
{
    bad(c, id, at, name, NO_TEXT, NO_TEXT);
    suggest(c, at, name, &known, 1);
    return NULL;
}

/* ---- terms ---------------------------------------------------------------------------------------------------- */

static struct fz_term *new_term(struct typer *c, expr e, fz_term_kind kind, fz_type type)
{
    struct fz_term *t = FZ_NEW(c->arena, struct fz_term);

    t->kind = kind;
    t->type = type;
    t->id = FZ_NONE;
    t->from = e;
    return t;
}

/* NULL when one of the parts failed. */
static struct fz_term *with_args(struct typer *c, expr e, fz_term_kind kind, fz_type type, const term *args, size_t n)
{
    struct fz_term *t;
    term *copy;

    for (size_t i = 0; i < n; i++)
        if (!args[i])
            return NULL;
    t = new_term(c, e, kind, type);
    copy = FZ_NEW_ARRAY(c->arena, term, n);
    memcpy(copy, args, n * sizeof(*args));
    t->args = copy;
    t->args_n = n;
    return t;
}

static term with_id(struct typer *c, expr e, fz_term_kind kind, fz_type type, int id)
{
    struct fz_term *t;

    if (id == FZ_NONE)
        return NULL;
    t = new_term(c, e, kind, type);
    t->id = id;
    return t;
}

static term constant(struct typer *c, expr e, fz_type type, fz_value v)
{
    struct fz_term *t = new_term(c, e, FZ_T_CONST, type);

    t->value = v;
    return t;
}

/* ---- choices -------------------------------------------------------------------------------------------------- */

#define NO_DOMAIN ((struct domain){.given = false})

static struct domain domain_of_choices(const struct fz_choices *of)
{
    return (struct domain){true, NAMES(of->names, of->n), of};
}

static struct domain outcomes(const struct typer *c)
{
    if (!c->record)
        return NO_DOMAIN;
    return (struct domain){true, NAMES(c->record->outcomes, c->record->outcomes_n), NULL};
}

/* Indices mean the same in both. */
static bool same_choices(const struct fz_choices *a, const struct fz_choices *b)
{
    if (!a || !b || a == b)
        return a == b;
    for (size_t i = 0; i < a->n && a->n == b->n; i++)
        if (!fz_str_eq(a->names[i], b->names[i]))
            return false;
    return a->n == b->n;
}

static const struct fz_config *config_of(const struct typer *c, expr e)
{
    int i;

    if (e->kind != FZ_EX_PATH || e->names_n != 2 || !fz_str_is(e->names[0], "config"))
        return NULL;
    i = find(NAMES(c->pack->config, c->pack->config_n), e->names[1]);
    return i == FZ_NONE ? NULL : &c->pack->config[i];
}

/* The name of a member, that of what a link tells having two parts. */
static fz_str dotted(const struct typer *c, expr e)
{
    return e->names_n == 2 ? fz_str_printf(c->arena, "%.*s.%.*s", FZ_STR_ARG(e->names[0]), FZ_STR_ARG(e->names[1])) : e->names_n == 1 ? e->names[0] : NO_TEXT;
}

static struct domain domain_of_path(const struct typer *c, expr e)
{
    const struct fz_config *config = config_of(c, e);
    const struct fz_field *fields = c->record ? c->record->fields : NULL;
    int i;

    if (config)
        return config->type == FZ_TYPE_CHOICE ? domain_of_choices(&config->choices) : NO_DOMAIN;
    if (!c->record)
        return NO_DOMAIN;
    if (e->names_n == 1 && fz_str_is(e->names[0], "outcome"))
        return outcomes(c);
    i = find(NAMES(fields, c->record->fields_n), dotted(c, e));
    return i != FZ_NONE && fields[i].type == FZ_TYPE_CHOICE ? domain_of_choices(&fields[i].choices) : NO_DOMAIN;
}

/* The table that a call asks, TABLE(...).COLUMN, and which of its columns; false when it is no such call. */
static bool table_of(const struct typer *c, expr e, int *out_table, int *out_column)
{
    const struct fz_pack_table *t;

    *out_table = e->kind == FZ_EX_CALL ? find(NAMES(c->pack->tables, c->pack->tables_n), e->names[0]) : FZ_NONE;
    if (*out_table == FZ_NONE)
        return false;
    t = &c->pack->tables[*out_table];
    *out_column = e->names_n == 2 ? find(NAMES(t->columns, t->columns_n), e->names[1]) : FZ_NONE;
    return true;
}

static struct domain domain_of_table(const struct typer *c, expr e)
{
    const struct fz_table_column *column;
    int table, at;

    if (!table_of(c, e, &table, &at) || at == FZ_NONE)
        return NO_DOMAIN;
    column = &c->pack->tables[table].columns[at];
    return column->type == FZ_TYPE_CHOICE ? domain_of_choices(&column->choices) : NO_DOMAIN;
}

/* The choice of an expression by its fields, without typing it. */
static struct domain domain_of(const struct typer *c, expr e)
{
    struct domain first;

    if (e->kind == FZ_EX_PATH)
        return domain_of_path(c, e);
    if (e->kind == FZ_EX_CALL)
        return domain_of_table(c, e);
    if (e->kind != FZ_EX_IF && e->kind != FZ_EX_OTHERWISE)
        return NO_DOMAIN;
    first = domain_of(c, e->args[e->args_n - 2]);
    return first.given ? first : domain_of(c, e->args[e->args_n - 1]);
}

/* ---- what a place asks of a part ------------------------------------------------------------------------------ */

static term single(struct typer *c, term t)
{
    return t && t->many ? bad(c, FZ_D_term_set, t->from->span, shown(c, t->from), NO_TEXT, NO_TEXT) : t;
}

static term expect(struct typer *c, term t, fz_type type)
{
    if (!single(c, t))
        return NULL;
    if (t->type != type)
        return bad(c, FZ_D_term_type, t->from->span, fz_str_of(fz_type_word(type)), shown(c, t->from), type_text(c, t));
    return t;
}

static term typed(struct typer *c, expr e, fz_type type)
{
    return expect(c, make(c, e, NO_DOMAIN), type);
}

/* Both of one type, a set or not, and of one choice. Reported at the second. */
static bool agree(struct typer *c, term a, term b)
{
    if (!a || !b)
        return false;
    if (a->type != b->type || a->many != b->many)
        bad(c, FZ_D_term_mismatch, b->from->span, shown(c, a->from), shown(c, b->from),
            fz_str_printf(c->arena, "%.*s, %.*s", FZ_STR_ARG(type_text(c, a)), FZ_STR_ARG(type_text(c, b))));
    else if (a->type == FZ_TYPE_CHOICE && !same_choices(a->choices, b->choices))
        bad(c, FZ_D_term_choices, b->from->span, shown(c, a->from), shown(c, b->from), NO_TEXT);
    else
        return true;
    return false;
}

/* Types that one number orders: of shares that is not so, 1/2 is more than 2/5. */
static bool has_order(fz_type t)
{
    switch (t) {
    case FZ_TYPE_INT:
    case FZ_TYPE_MONEY:
    case FZ_TYPE_POINTS:
    case FZ_TYPE_DAY:
    case FZ_TYPE_MONTH:
    case FZ_TYPE_YEAR:
    case FZ_TYPE_INSTANT:
        return true;
    default:
        return false;
    }
}

static term ordered(struct typer *c, term t)
{
    if (!single(c, t))
        return NULL;
    if (!has_order(t->type))
        return bad(c, FZ_D_term_no_order, t->from->span, shown(c, t->from), type_text(c, t), NO_TEXT);
    return t;
}

static bool is_number(fz_type t)
{
    return t == FZ_TYPE_INT || t == FZ_TYPE_MONEY || t == FZ_TYPE_POINTS;
}

static term number(struct typer *c, term t)
{
    if (!single(c, t))
        return NULL;
    if (!is_number(t->type))
        return bad(c, FZ_D_term_no_arithmetic, t->from->span, shown(c, t->from), type_text(c, t), NO_TEXT);
    return t;
}

/* Two parts of one type. Where one is a choice, the other may be one of its names; when each could be a name of the other's choice,
 * the right one is. */
static bool make_pair(struct typer *c, expr a, expr b, struct domain hint, term out[2])
{
    struct domain left = hint, right = hint;

    if (!hint.given) {
        left = domain_of(c, a);
        right = domain_of(c, b);
    }
    out[1] = make(c, b, left);
    if (!hint.given && out[1] && out[1]->kind == FZ_T_CONST)
        right = NO_DOMAIN;
    out[0] = make(c, a, right);
    return agree(c, out[0], out[1]);
}

/* ---- names ---------------------------------------------------------------------------------------------------- */

static term make_choice(struct typer *c, expr e, struct domain of, int i)
{
    struct fz_term *t = new_term(c, e, FZ_T_CONST, FZ_TYPE_CHOICE);

    t->value = FZ_NUMBER(i);
    t->choices = of.choices;
    return t;
}

static term make_config(struct typer *c, expr e)
{
    const struct fz_config *config = config_of(c, e);
    struct fz_term *t;

    if (e->names_n != 2)
        return bad(c, FZ_D_term_no_part, e->span, fz_str_printf(c->arena, "config.%.*s", FZ_STR_ARG(e->names[1])),
                   e->names[2], NO_TEXT);
    if (!config)
        return unknown(c, FZ_D_term_unknown_config, e->span, e->names[1], NAMES(c->pack->config, c->pack->config_n));
    t = new_term(c, e, FZ_T_CONFIG, config->type);
    t->id = (int)(config - c->pack->config);
    t->choices = config->type == FZ_TYPE_CHOICE ? &config->choices : NULL;
    return t;
}

static term make_field(struct typer *c, expr e, int id)
{
    const struct fz_field *f = &c->record->fields[id];
    struct fz_term *t = new_term(c, e, FZ_T_FIELD, f->type);

    if (fz_field_told_by_each(c->record, id))
        return bad(c, FZ_D_term_told_by_each, e->span, f->name, NO_TEXT, NO_TEXT);
    t->id = id;
    t->many = f->many;
    t->choices = f->type == FZ_TYPE_CHOICE ? &f->choices : NULL;
    return t;
}

/* A member of the record that is no value by itself: the message says how it is asked. */
static bool is_other_member(struct typer *c, expr e)
{
    const struct fz_record *r = c->record;
    const struct {
        struct names names;
        fz_diag_id id;
    } kinds[] = {
        {NAMES(r->actions, r->actions_n), FZ_D_term_is_action},
        {NAMES(r->clocks, r->clocks_n), FZ_D_term_is_clock},
        {NAMES(r->documents, r->documents_n), FZ_D_term_is_document},
        {NAMES(r->stages, r->stages_n), FZ_D_term_is_stage},
        {NAMES(r->pauses, r->pauses_n), FZ_D_term_is_pause},
    };

    for (size_t i = 0; i < FZ_COUNT(kinds); i++) {
        if (find(kinds[i].names, e->names[0]) == FZ_NONE)
            continue;
        bad(c, kinds[i].id, e->span, e->names[0], NO_TEXT, NO_TEXT);
        return true;
    }
    return false;
}

static term unknown_name(struct typer *c, expr e, struct domain hint)
{
    struct names sets[] = {NAMES(c->record->fields, c->record->fields_n), hint.names};
    fz_str name = e->names[0];

    if (!hint.given && fz_str_is(name, "stage"))
        return bad(c, FZ_D_term_stage_alone, e->span, NO_TEXT, NO_TEXT, NO_TEXT);
    if (!hint.given && is_other_member(c, e))
        return NULL;
    if (hint.given)
        bad(c, FZ_D_term_unknown_choice, e->span, name, listed(c, hint.names), NO_TEXT);
    else
        bad(c, FZ_D_term_unknown, e->span, name, NO_TEXT, NO_TEXT);
    if (find(NAMES(c->pack->config, c->pack->config_n), name) != FZ_NONE)
        return bad(c, FZ_D_term_near, e->span, fz_str_printf(c->arena, "config.%.*s", FZ_STR_ARG(name)), NO_TEXT,
                   NO_TEXT);
    suggest(c, e->span, name, sets, hint.given ? 2 : 1);
    return NULL;
}

static term make_path(struct typer *c, expr e, struct domain hint)
{
    fz_str name = e->names[0];
    int i = e->names_n == 1 && hint.given ? find(hint.names, name) : FZ_NONE;

    if (i != FZ_NONE)
        return make_choice(c, e, hint, i);
    if (e->names_n > 1 && fz_str_is(name, "config"))
        return make_config(c, e);
    if (!c->record)
        return bad(c, FZ_D_term_no_record, e->span, shown(c, e), NO_TEXT, NO_TEXT);
    i = e->names_n == 2 ? find(NAMES(c->record->fields, c->record->fields_n), dotted(c, e)) : FZ_NONE;
    if (i != FZ_NONE)
        return make_field(c, e, i);
    if (e->names_n > 1)
        return find(NAMES(c->record->clocks, c->record->clocks_n), name) != FZ_NONE
                   ? bad(c, FZ_D_term_is_clock, e->span, name, NO_TEXT, NO_TEXT)
                   : bad(c, FZ_D_term_no_part, e->span, name, e->names[1], NO_TEXT);
    if (fz_str_is(name, "outcome"))
        return new_term(c, e, FZ_T_OUTCOME, FZ_TYPE_CHOICE);
    i = find(NAMES(c->record->fields, c->record->fields_n), name);
    return i != FZ_NONE ? make_field(c, e, i) : unknown_name(c, e, hint);
}

/* ---- tests ---------------------------------------------------------------------------------------------------- */

static term make_flags(struct typer *c, expr e, fz_term_kind kind)
{
    term *args = FZ_NEW_ARRAY(c->arena, term, e->args_n);

    for (size_t i = 0; i < e->args_n; i++)
        args[i] = typed(c, e->args[i], FZ_TYPE_FLAG);
    return with_args(c, e, kind, FZ_TYPE_FLAG, args, e->args_n);
}

static term make_compare(struct typer *c, expr e)
{
    static const fz_term_kind kinds[] = {[FZ_EX_EQ] = FZ_T_EQ, [FZ_EX_NE] = FZ_T_NE, [FZ_EX_LT] = FZ_T_LT,
                                         [FZ_EX_LE] = FZ_T_LE, [FZ_EX_GT] = FZ_T_GT, [FZ_EX_GE] = FZ_T_GE};
    term args[2];

    if (!make_pair(c, e->args[0], e->args[1], NO_DOMAIN, args))
        return NULL;
    if (e->op != FZ_EX_EQ && e->op != FZ_EX_NE && !ordered(c, args[0]))
        return NULL;
    return with_args(c, e, kinds[e->op], FZ_TYPE_FLAG, args, 2);
}

static term make_in(struct typer *c, expr e)
{
    expr list = e->args[1];
    struct domain value = domain_of(c, e->args[0]), items = value;
    term *args = FZ_NEW_ARRAY(c->arena, term, list->args_n + 1);
    struct fz_term *t;
    bool whole = true;

    for (size_t i = 0; i < list->args_n && !items.given; i++)
        items = domain_of(c, list->args[i]);
    args[0] = single(c, make(c, e->args[0], value.given ? NO_DOMAIN : items));
    for (size_t i = 0; i < list->args_n; i++) {
        args[i + 1] = single(c, make(c, list->args[i], items));
        whole &= agree(c, args[0], args[i + 1]);
    }
    if (!list->args_n)
        return bad(c, FZ_D_term_empty_list, list->span, NO_TEXT, NO_TEXT, NO_TEXT);
    t = whole ? with_args(c, e, FZ_T_IN, FZ_TYPE_FLAG, args, list->args_n + 1) : NULL;
    if (t)
        t->negated = e->negated;
    return t;
}

/* The stages that a name means; 0 after a problem, or when no stage is final. */
static bool add_stage(struct typer *c, expr e, uint64_t *stages)
{
    struct names known = NAMES(c->record->stages, c->record->stages_n);
    int i;

    if (e->kind != FZ_EX_PATH || e->names_n != 1) {
        bad(c, FZ_D_term_wants_stage, e->span, shown(c, e), NO_TEXT, NO_TEXT);
        return false;
    }
    if (fz_str_is(e->names[0], "final")) {
        *stages |= c->record->final;
        return true;
    }
    i = find(known, e->names[0]);
    if (i == FZ_NONE) {
        unknown(c, FZ_D_term_unknown_stage, e->span, e->names[0], known);
        return false;
    }
    *stages |= UINT64_C(1) << i;
    return true;
}

/* LINK at STAGE: one of the names of the field that the link tells its stage by. */
static term make_link_at(struct typer *c, expr e, const struct fz_link *link)
{
    expr right = e->args[1];
    bool list = right->kind == FZ_EX_LIST;
    size_t n = list ? right->args_n : 1;
    term *args = FZ_NEW_ARRAY(c->arena, term, n + 1);
    struct domain names;
    bool whole = true;

    if (link->stage == FZ_NONE)
        return bad(c, FZ_D_term_not_told_apart, e->args[0]->span, link->name, NO_TEXT, NO_TEXT);
    if (list && !n)
        return bad(c, FZ_D_term_empty_list, right->span, NO_TEXT, NO_TEXT, NO_TEXT);
    names = domain_of_choices(&c->record->fields[link->stage].choices);
    args[0] = make_field(c, e->args[0], link->stage);
    for (size_t i = 0; i < n; i++) {
        args[i + 1] = single(c, make(c, list ? right->args[i] : right, names));
        whole &= agree(c, args[0], args[i + 1]);
    }
    return whole ? with_args(c, e, FZ_T_IN, FZ_TYPE_FLAG, args, n + 1) : NULL;
}

static term make_at(struct typer *c, expr e)
{
    expr left = e->args[0], right = e->args[1];
    bool whole = true;
    uint64_t stages = 0;
    struct fz_term *t;
    int link = c->record && left->kind == FZ_EX_PATH && left->names_n == 1 ? find(NAMES(c->record->links, c->record->links_n), left->names[0]) : FZ_NONE;

    if (link != FZ_NONE)
        return make_link_at(c, e, &c->record->links[link]);
    if (left->kind != FZ_EX_PATH || left->names_n != 1 || !fz_str_is(left->names[0], "stage"))
        return bad(c, FZ_D_term_at_left, left->span, shown(c, left), NO_TEXT, NO_TEXT);
    if (!c->record)
        return bad(c, FZ_D_term_no_record, e->span, shown(c, e), NO_TEXT, NO_TEXT);
    if (right->kind != FZ_EX_LIST) {
        whole = add_stage(c, right, &stages);
    } else if (!right->args_n) {
        return bad(c, FZ_D_term_empty_list, right->span, NO_TEXT, NO_TEXT, NO_TEXT);
    } else {
        for (size_t i = 0; i < right->args_n; i++)
            whole &= add_stage(c, right->args[i], &stages);
    }
    if (!whole)
        return NULL;
    t = new_term(c, e, FZ_T_STAGE_AT, FZ_TYPE_FLAG);
    t->stages = stages;
    return t;
}

/* ---- clocks --------------------------------------------------------------------------------------------------- */

struct function;
static const struct function *function_of(fz_str name);
static bool takes_arguments(struct typer *c, expr e, const struct function *f);

/* The member of the record that an argument names. */
static int member_arg(struct typer *c, expr arg, struct names known, fz_diag_id wants, fz_diag_id not_there)
{
    int i;

    if (arg->kind != FZ_EX_PATH || arg->names_n > 2 || (arg->names_n == 2 && find(NAMES(c->record->links, c->record->links_n), arg->names[0]) == FZ_NONE)) {
        bad(c, wants, arg->span, shown(c, arg), NO_TEXT, NO_TEXT);
        return FZ_NONE;
    }
    i = find(known, dotted(c, arg));
    if (i == FZ_NONE)
        unknown(c, not_there, arg->span, dotted(c, arg), known);
    return i;
}

static bool in_record(struct typer *c, expr e)
{
    if (!c->record)
        bad(c, FZ_D_term_no_record, e->span, shown(c, e), NO_TEXT, NO_TEXT);
    return c->record;
}

static bool is_clock_call(expr e)
{
    return e->kind == FZ_EX_CALL && e->names_n == 1 && fz_str_is(e->names[0], "clock");
}

static int clock_of(struct typer *c, expr call)
{
    if (!takes_arguments(c, call, function_of(call->names[0])) || !in_record(c, call))
        return FZ_NONE;
    return member_arg(c, call->args[0], NAMES(c->record->clocks, c->record->clocks_n), FZ_D_term_wants_clock,
                      FZ_D_term_unknown_clock);
}

static fz_str clock_states(struct typer *c)
{
    static const char *const words = ""
#define X(name, word) word " "
        FZ_CLOCK_STATES(X)
#undef X
        ;

    return fz_str_trim(fz_str_copy(c->arena, fz_str_of(words)));
}

static bool clock_state(fz_str word, fz_clock_state *out)
{
    for (int i = 0; i <= FZ_CS_VOID; i++) {
        if (!fz_str_is(word, fz_clock_state_word((fz_clock_state)i)))
            continue;
        *out = (fz_clock_state)i;
        return true;
    }
    return false;
}

static term make_clock_is(struct typer *c, expr e)
{
    int id = clock_of(c, e->args[0]);
    fz_clock_state state;
    struct fz_term *t;

    if (!clock_state(e->names[0], &state))
        return bad(c, FZ_D_term_state, e->span, e->names[0], clock_states(c), NO_TEXT);
    if (id == FZ_NONE)
        return NULL;
    t = new_term(c, e, FZ_T_CLOCK_IS, FZ_TYPE_FLAG);
    t->id = id;
    t->state = state;
    t->negated = e->negated;
    return t;
}

static term make_is(struct typer *c, expr e)
{
    fz_clock_state state;
    struct fz_term *t;
    term of;

    if (is_clock_call(e->args[0]))
        return make_clock_is(c, e);
    of = make(c, e->args[0], NO_DOMAIN);
    if (clock_state(e->names[0], &state))
        return bad(c, FZ_D_term_not_clock, e->span, shown(c, e->args[0]), e->names[0], NO_TEXT);
    if (!fz_str_is(e->names[0], "set"))
        return bad(c, FZ_D_term_state, e->span, e->names[0], FZ_STR("set"), NO_TEXT);
    t = with_args(c, e, FZ_T_IS_SET, FZ_TYPE_FLAG, &of, 1);
    if (t)
        t->negated = e->negated;
    return t;
}

/* ---- arithmetic ----------------------------------------------------------------------------------------------- */

static bool counts_days(term t)
{
    return t->type == FZ_TYPE_DAY || t->type == FZ_TYPE_LENGTH || t->type == FZ_TYPE_INSTANT;
}

static term make_sum(struct typer *c, expr e, fz_term_kind kind)
{
    term args[2] = {make(c, e->args[0], NO_DOMAIN), make(c, e->args[1], NO_DOMAIN)};

    if (!args[0] || !args[1])
        return NULL;
    if (counts_days(args[0]) || counts_days(args[1]))
        return bad(c, FZ_D_term_day_arithmetic, e->span, shown(c, e), NO_TEXT, NO_TEXT);
    args[0] = number(c, args[0]);
    args[1] = number(c, args[1]);
    return agree(c, args[0], args[1]) ? with_args(c, e, kind, args[0]->type, args, 2) : NULL;
}

static term make_product(struct typer *c, expr e)
{
    term args[2];

    for (int i = 0; i < 2; i++)
        args[i] = number(c, make(c, e->args[i], NO_DOMAIN));
    if (!args[0] || !args[1])
        return NULL;
    if (args[0]->type != FZ_TYPE_INT && args[1]->type != FZ_TYPE_INT)
        return bad(c, FZ_D_term_product, e->span, shown(c, e), NO_TEXT, NO_TEXT);
    return with_args(c, e, FZ_T_MUL, args[0]->type == FZ_TYPE_INT ? args[1]->type : args[0]->type, args, 2);
}

static term make_negative(struct typer *c, expr e)
{
    term of = number(c, make(c, e->args[0], NO_DOMAIN));

    return of ? with_args(c, e, FZ_T_NEG, of->type, &of, 1) : NULL;
}

/* ---- one of two ----------------------------------------------------------------------------------------------- */

/* What chooses between two values of one type is of that type. */
static term like(struct fz_term *t, term of)
{
    if (t) {
        t->type = of->type;
        t->many = of->many;
        t->choices = of->choices;
    }
    return t;
}

static term make_if(struct typer *c, expr e, struct domain hint)
{
    term args[3] = {typed(c, e->args[0], FZ_TYPE_FLAG)};

    if (!make_pair(c, e->args[1], e->args[2], hint, args + 1))
        return NULL;
    return like(with_args(c, e, FZ_T_IF, FZ_TYPE_NONE, args, 3), args[1]);
}

static term make_otherwise(struct typer *c, expr e, struct domain hint)
{
    term args[2];

    if (!make_pair(c, e->args[0], e->args[1], hint, args))
        return NULL;
    return like(with_args(c, e, FZ_T_OTHERWISE, FZ_TYPE_NONE, args, 2), args[0]);
}

/* ---- functions ------------------------------------------------------------------------------------------------ */

struct function {
    fz_str name;
    const char *form; /* as a message shows it */
    size_t args_min, args_max;
    term (*make)(struct typer *c, expr e, const struct function *f);
    fz_term_kind kind;
    fz_type type;
};

static int action_arg(struct typer *c, expr e, size_t i)
{
    if (!in_record(c, e))
        return FZ_NONE;
    return member_arg(c, e->args[i], NAMES(c->record->actions, c->record->actions_n), FZ_D_term_wants_action,
                      FZ_D_term_unknown_action);
}

static term call_action(struct typer *c, expr e, const struct function *f)
{
    return with_id(c, e, f->kind, f->type, action_arg(c, e, 0));
}

static term call_served(struct typer *c, expr e, const struct function *f)
{
    if (!in_record(c, e))
        return NULL;
    return with_id(c, e, f->kind, f->type,
                   member_arg(c, e->args[0], NAMES(c->record->documents, c->record->documents_n),
                              FZ_D_term_wants_document, FZ_D_term_unknown_document));
}

/* clock(c).due and its like; clock(c) before `is` and in days_over() does not come here. */
static term call_clock(struct typer *c, expr e, const struct function *f)
{
    static const struct {
        const char *name;
        fz_term_kind kind;
        fz_type type;
    } parts[] = {{"due", FZ_T_CLOCK_DUE, FZ_TYPE_DAY},
                 {"used", FZ_T_CLOCK_USED, FZ_TYPE_INT},
                 {"left", FZ_T_CLOCK_LEFT, FZ_TYPE_INT}};
    int id = clock_of(c, e);

    (void)f;
    if (e->names_n == 1)
        return bad(c, FZ_D_term_clock_alone, e->span, shown(c, e), NO_TEXT, NO_TEXT);
    for (size_t i = 0; e->names_n == 2 && i < FZ_COUNT(parts); i++)
        if (fz_str_is(e->names[1], parts[i].name))
            return with_id(c, e, parts[i].kind, parts[i].type, id);
    return bad(c, FZ_D_term_clock_part, e->span, e->names[e->names_n - 1], NO_TEXT, NO_TEXT);
}

static term call_days_over(struct typer *c, expr e, const struct function *f)
{
    expr arg = e->args[0];

    if (!is_clock_call(arg))
        return bad(c, FZ_D_term_wants_clock_call, arg->span, shown(c, arg), NO_TEXT, NO_TEXT);
    return with_id(c, e, f->kind, f->type, clock_of(c, arg));
}

static term call_due(struct typer *c, expr e, const struct function *f)
{
    term args[2] = {typed(c, e->args[0], FZ_TYPE_DAY), typed(c, e->args[1], FZ_TYPE_LENGTH)};

    return with_args(c, e, f->kind, f->type, args, 2);
}

static term call_days(struct typer *c, expr e, const struct function *f)
{
    term args[2] = {typed(c, e->args[0], FZ_TYPE_DAY), typed(c, e->args[1], FZ_TYPE_DAY)};

    return with_args(c, e, f->kind, f->type, args, 2);
}

/* min and max */
static term call_extreme(struct typer *c, expr e, const struct function *f)
{
    term *args = FZ_NEW_ARRAY(c->arena, term, e->args_n);
    bool whole = true;

    for (size_t i = 0; i < e->args_n; i++) {
        args[i] = ordered(c, make(c, e->args[i], NO_DOMAIN));
        whole &= i ? agree(c, args[0], args[i]) : args[i] != NULL;
    }
    return whole ? with_args(c, e, f->kind, args[0]->type, args, e->args_n) : NULL;
}

static int rounding(struct typer *c, expr e)
{
    static const char *const words[] = {[FZ_DOWN] = "down", [FZ_UP] = "up", [FZ_HALF_UP] = "half_up"};

    for (int i = 0; e->kind == FZ_EX_PATH && e->names_n == 1 && i < (int)FZ_COUNT(words); i++)
        if (fz_str_is(e->names[0], words[i]))
            return i;
    bad(c, FZ_D_term_rounding, e->span, shown(c, e), NO_TEXT, NO_TEXT);
    return FZ_NONE;
}

static bool is_zero(term t)
{
    while (t->kind == FZ_T_NEG)
        t = t->args[0];
    return t->kind == FZ_T_CONST && t->value.n == 0;
}

static term call_div(struct typer *c, expr e, const struct function *f)
{
    term args[2] = {number(c, make(c, e->args[0], NO_DOMAIN)), typed(c, e->args[1], FZ_TYPE_INT)};
    int how = rounding(c, e->args[2]);
    struct fz_term *t;

    if (args[1] && is_zero(args[1]))
        return bad(c, FZ_D_term_by_zero, e->args[1]->span, NO_TEXT, NO_TEXT, NO_TEXT);
    t = with_args(c, e, f->kind, FZ_TYPE_NONE, args, 2);
    if (!t || how == FZ_NONE)
        return NULL;
    t->type = args[0]->type;
    t->id = how;
    return t;
}

static term set_arg(struct typer *c, expr e)
{
    term t = make(c, e, NO_DOMAIN);

    return !t || t->many ? t : bad(c, FZ_D_term_wants_set, e->span, shown(c, e), NO_TEXT, NO_TEXT);
}

static term call_set(struct typer *c, expr e, const struct function *f)
{
    term set = set_arg(c, e->args[0]);

    return with_args(c, e, f->kind, f->type, &set, 1);
}

/* all and any: acts are told apart by the party or organ they were taken for. */
static term call_members(struct typer *c, expr e, const struct function *f)
{
    term set = set_arg(c, e->args[0]);
    int act = action_arg(c, e, 1);
    struct fz_term *t = with_args(c, e, f->kind, f->type, &set, 1);

    if (set && set->type != FZ_TYPE_PARTY && set->type != FZ_TYPE_ORGAN && set->type != FZ_TYPE_OFFICIAL && set->type != FZ_TYPE_LINK)
        return bad(c, FZ_D_term_wants_members, set->from->span, shown(c, set->from), type_text(c, set), NO_TEXT);
    if (!t || act == FZ_NONE)
        return NULL;
    t->id = act;
    return t;
}

/* sum(LINK.FIELD) */
static term call_sum(struct typer *c, expr e, const struct function *f)
{
    expr arg = e->args[0];
    const struct fz_record *r = c->record;
    int id;

    if (!in_record(c, e))
        return NULL;
    id = arg->kind == FZ_EX_PATH ? find(NAMES(r->fields, r->fields_n), dotted(c, arg)) : FZ_NONE;
    if (id == FZ_NONE || !fz_field_told_by_each(r, id))
        return bad(c, FZ_D_term_wants_told, arg->span, shown(c, arg), NO_TEXT, NO_TEXT);
    return with_id(c, e, f->kind, r->fields[id].type, id);
}

#define NAME(z)                                                                                                        \
    {                                                                                                                  \
        z, sizeof(z) - 1                                                                                               \
    }
static const struct function functions[] = {
    {NAME("done"), "done(ACTION)", 1, 1, call_action, FZ_T_DONE, FZ_TYPE_FLAG},
    {NAME("times"), "times(ACTION)", 1, 1, call_action, FZ_T_TIMES, FZ_TYPE_INT},
    {NAME("day"), "day(ACTION)", 1, 1, call_action, FZ_T_DAY_OF, FZ_TYPE_DAY},
    {NAME("first_day"), "first_day(ACTION)", 1, 1, call_action, FZ_T_FIRST_DAY, FZ_TYPE_DAY},
    {NAME("served"), "served(DOCUMENT)", 1, 1, call_served, FZ_T_SERVED, FZ_TYPE_FLAG},
    {NAME("clock"), "clock(CLOCK)", 1, 1, call_clock, FZ_T_CLOCK_IS, FZ_TYPE_NONE},
    {NAME("days_over"), "days_over(clock(CLOCK))", 1, 1, call_days_over, FZ_T_DAYS_OVER, FZ_TYPE_INT},
    {NAME("due"), "due(DAY, LENGTH)", 2, 2, call_due, FZ_T_DUE, FZ_TYPE_DAY},
    {NAME("later"), "later(DAY, DAY)", 2, 2, call_days, FZ_T_LATER, FZ_TYPE_DAY},
    {NAME("earlier"), "earlier(DAY, DAY)", 2, 2, call_days, FZ_T_EARLIER, FZ_TYPE_DAY},
    {NAME("min"), "min(A, B, ...)", 2, SIZE_MAX, call_extreme, FZ_T_MIN, FZ_TYPE_NONE},
    {NAME("max"), "max(A, B, ...)", 2, SIZE_MAX, call_extreme, FZ_T_MAX, FZ_TYPE_NONE},
    {NAME("div"), "div(N, D, down|up|half_up)", 3, 3, call_div, FZ_T_DIV, FZ_TYPE_NONE},
    {NAME("all"), "all(SET, ACTION)", 2, 2, call_members, FZ_T_ALL, FZ_TYPE_FLAG},
    {NAME("any"), "any(SET, ACTION)", 2, 2, call_members, FZ_T_ANY, FZ_TYPE_FLAG},
    {NAME("count"), "count(SET)", 1, 1, call_set, FZ_T_COUNT, FZ_TYPE_INT},
    {NAME("empty"), "empty(SET)", 1, 1, call_set, FZ_T_EMPTY, FZ_TYPE_FLAG},
    {NAME("sum"), "sum(LINK.FIELD)", 1, 1, call_sum, FZ_T_SUM, FZ_TYPE_NONE},
};
#undef NAME

static const struct function *function_of(fz_str name)
{
    int i = find(NAMES(functions, FZ_COUNT(functions)), name);

    return i == FZ_NONE ? NULL : &functions[i];
}

const char *fz_function_usage(size_t i)
{
    return i < FZ_COUNT(functions) ? functions[i].form : NULL;
}

static bool is_to_come(fz_str name)
{
    static const char *const words[] = {"mean", "wmean", "last", "stock", "previous", "mask", "drawn", "none"};

    for (size_t i = 0; i < FZ_COUNT(words); i++)
        if (fz_str_is(name, words[i]))
            return true;
    return false;
}

/* The name of a call: it is ASCII and stands first. */
static fz_span name_span(expr e)
{
    fz_span at = e->span;

    at.len = (uint32_t)least(at.len, e->names[0].n);
    return at;
}

static bool takes_arguments(struct typer *c, expr e, const struct function *f)
{
    for (size_t i = 0; i < e->args_n; i++) {
        if (e->args[i]->kind != FZ_EX_EACH)
            continue;
        bad(c, FZ_D_term_not_yet, e->args[i]->span, shown(c, e->args[i]), NO_TEXT, NO_TEXT);
        return false;
    }
    if (e->args_n >= f->args_min && e->args_n <= f->args_max)
        return true;
    bad(c, FZ_D_term_arguments, e->span, e->names[0], fz_str_printf(c->arena, "%zu", e->args_n), fz_str_of(f->form));
    return false;
}

bool fz_is_function(fz_str name)
{
    return function_of(name) || is_to_come(name);
}

/* ---- tables --------------------------------------------------------------------------------------------------- */

static term wanted(struct typer *c, term t, struct fz_want want);

static term table_input(struct typer *c, expr e, const struct fz_table_input *in)
{
    struct fz_want want = {in->type, in->choices};
    term t = make(c, e, in->type == FZ_TYPE_CHOICE ? domain_of_choices(in->choices) : NO_DOMAIN);

    return t ? wanted(c, t, want) : NULL;
}

/* As it is written: fine_range(gravity, illegal_income). */
static fz_str table_form(struct typer *c, const struct fz_pack_table *t)
{
    struct names in = NAMES(t->inputs, t->inputs_n), out = NAMES(t->columns, t->columns_n);

    return fz_str_printf(c->arena, "%.*s(%.*s).%.*s", FZ_STR_ARG(t->name), FZ_STR_ARG(listed(c, in)), FZ_STR_ARG(out.n == 1 ? name_at(out, 0) : FZ_STR("...")));
}

static term make_table(struct typer *c, expr e, int table, int column)
{
    const struct fz_pack_table *t = &c->pack->tables[table];
    struct names columns = NAMES(t->columns, t->columns_n);
    term *inputs = FZ_NEW_ARRAY(c->arena, term, t->inputs_n);
    bool whole = true;

    if (e->args_n != t->inputs_n)
        return bad(c, FZ_D_term_arguments, e->span, e->names[0], fz_str_printf(c->arena, "%zu", e->args_n), table_form(c, t));
    for (size_t i = 0; i < e->args_n; i++) {
        inputs[i] = e->args[i]->kind == FZ_EX_EACH ? bad(c, FZ_D_term_not_yet, e->args[i]->span, shown(c, e->args[i]), NO_TEXT, NO_TEXT)
                                                   : table_input(c, e->args[i], &t->inputs[i]);
        whole &= inputs[i] != NULL;
    }
    if (e->names_n != 2)
        return bad(c, FZ_D_term_table_alone, e->span, shown(c, e), listed(c, columns), NO_TEXT);
    if (column == FZ_NONE) {
        bad(c, FZ_D_term_table_column, e->span, e->names[0], e->names[1], listed(c, columns));
        suggest(c, e->span, e->names[1], &columns, 1);
        return NULL;
    }
    return whole ? fz_table_term(c->arena, t, table, column, inputs, e) : NULL;
}

static term unknown_function(struct typer *c, expr e)
{
    struct names known[] = {NAMES(functions, FZ_COUNT(functions)), NAMES(c->pack->tables, c->pack->tables_n)};

    bad(c, FZ_D_term_unknown_function, name_span(e), e->names[0], NO_TEXT, NO_TEXT);
    suggest(c, name_span(e), e->names[0], known, FZ_COUNT(known));
    return NULL;
}

static term make_call(struct typer *c, expr e)
{
    const struct function *f = function_of(e->names[0]);
    int table, column;

    if (table_of(c, e, &table, &column))
        return make_table(c, e, table, column);
    if (!f && is_to_come(e->names[0]))
        return bad(c, FZ_D_term_not_yet, name_span(e), e->names[0], NO_TEXT, NO_TEXT);
    if (!f)
        return unknown_function(c, e);
    if (f->make == call_clock)
        return call_clock(c, e, f);
    if (e->names_n > 1)
        return bad(c, FZ_D_term_no_part, e->span, e->names[0], e->names[1], NO_TEXT);
    return takes_arguments(c, e, f) ? f->make(c, e, f) : NULL;
}

/* ---- expressions ---------------------------------------------------------------------------------------------- */

static term make_length(struct typer *c, expr e)
{
    if (e->number > FZ_LENGTH_MAX)
        return bad(c, FZ_D_term_length, e->span, shown(c, e), fz_str_printf(c->arena, "%d", FZ_LENGTH_MAX), NO_TEXT);
    return constant(c, e, FZ_TYPE_LENGTH, (fz_value){.set = true, .n = e->number, .m = e->unit});
}

static term make(struct typer *c, expr e, struct domain hint)
{
    switch (e->kind) {
    case FZ_EX_IF:
        return make_if(c, e, hint);
    case FZ_EX_OTHERWISE:
        return make_otherwise(c, e, hint);
    case FZ_EX_PATH:
        return make_path(c, e, hint);
    case FZ_EX_OR:
        return make_flags(c, e, FZ_T_OR);
    case FZ_EX_AND:
        return make_flags(c, e, FZ_T_AND);
    case FZ_EX_NOT:
        return make_flags(c, e, FZ_T_NOT);
    case FZ_EX_COMPARE:
        return make_compare(c, e);
    case FZ_EX_IN:
        return make_in(c, e);
    case FZ_EX_AT:
        return make_at(c, e);
    case FZ_EX_IS:
        return make_is(c, e);
    case FZ_EX_ADD:
        return make_sum(c, e, FZ_T_ADD);
    case FZ_EX_SUB:
        return make_sum(c, e, FZ_T_SUB);
    case FZ_EX_MUL:
        return make_product(c, e);
    case FZ_EX_NEG:
        return make_negative(c, e);
    case FZ_EX_CALL:
        return make_call(c, e);
    case FZ_EX_LENGTH:
        return make_length(c, e);
    case FZ_EX_INT:
        return constant(c, e, FZ_TYPE_INT, FZ_NUMBER(e->number));
    case FZ_EX_MONEY:
        return constant(c, e, FZ_TYPE_MONEY, (fz_value){.set = true, .n = e->number, .m = e->currency});
    case FZ_EX_DAY:
        return constant(c, e, FZ_TYPE_DAY, FZ_NUMBER(e->number));
    case FZ_EX_FLAG:
        return constant(c, e, FZ_TYPE_FLAG, FZ_NUMBER(e->number));
    case FZ_EX_TEXT:
        return constant(c, e, FZ_TYPE_TEXT, (fz_value){.set = true, .text = e->text});
    case FZ_EX_LIST: /* after `in` and `at` only */
    case FZ_EX_EACH: /* in calls only */
    case FZ_EX_KINDS:
        break;
    }
    fz_assert(!"a kind of expression");
    return NULL;
}

static term wanted(struct typer *c, term t, struct fz_want want)
{
    if (!expect(c, t, want.type))
        return NULL;
    if (want.type == FZ_TYPE_CHOICE && !same_choices(t->choices, want.choices))
        return bad(c, FZ_D_term_other_choice, t->from->span, shown(c, t->from),
                   listed(c, want.choices ? domain_of_choices(want.choices).names : outcomes(c).names), NO_TEXT);
    return t;
}

const struct fz_term *fz_term_make(struct fz_arena *arena, const struct fz_pack *pack, const struct fz_record *record,
                                   const struct fz_expr *e, struct fz_want want, struct fz_diags *diags)
{
    struct typer c = {arena, pack, record, diags};
    struct domain hint = NO_DOMAIN;
    term t;

    if (!e)
        return NULL;
    if (want.type == FZ_TYPE_CHOICE)
        hint = want.choices ? domain_of_choices(want.choices) : outcomes(&c);
    t = make(&c, e, hint);
    return want.type == FZ_TYPE_NONE ? t : wanted(&c, t, want);
}

void fz_term_walk(const struct fz_term *t, void (*visit)(const struct fz_term *t, void *arg), void *arg)
{
    if (!t)
        return;
    visit(t, arg);
    for (size_t i = 0; i < t->args_n; i++)
        fz_term_walk(t->args[i], visit, arg);
}

bool fz_term_reads_field(const struct fz_term *t, int field)
{
    if (!t)
        return false;
    if (t->kind == FZ_T_FIELD && t->id == field)
        return true;
    for (size_t i = 0; i < t->args_n; i++)
        if (fz_term_reads_field(t->args[i], field))
            return true;
    return false;
}
