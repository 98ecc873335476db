/*
 * The walk over a pack: what a lawyer asks, in the order in which he asks it. Which law; what is open; and for each record its course, its
 * facts, who does what at which stage, by when, what may never happen and what is counted.
 */
#include "report/explain_int.h"

struct walk {
    struct fz_tell t;
    struct fz_page page;
    const struct fz_buf *svgs; /* a picture a record; NULL: none */
};

/* ---- shorthands ---- */

static void begin(struct walk *w, fz_block b)
{
    w->page.ops->open(&w->page, b);
}

static void end(struct walk *w, fz_block b)
{
    w->page.ops->close(&w->page, b);
}

static void ink(struct walk *w, fz_ink i, fz_str s)
{
    w->page.ops->text(&w->page, i, s);
}

static void heading(struct walk *w, int level, fz_str s)
{
    w->page.ops->heading(&w->page, level, s);
}

static void paragraph(struct walk *w, fz_str s)
{
    begin(w, FZ_B_PARAGRAPH);
    ink(w, FZ_INK_PLAIN, s);
    end(w, FZ_B_PARAGRAPH);
}

static void cell(struct walk *w, fz_str s)
{
    begin(w, FZ_B_CELL);
    ink(w, FZ_INK_PLAIN, s.n ? s : FZ_SAID(&w->t, NONE));
    end(w, FZ_B_CELL);
}

static void heads(struct walk *w, const fz_word *words, size_t n)
{
    begin(w, FZ_B_TABLE);
    begin(w, FZ_B_HEAD);
    for (size_t i = 0; i < n; i++)
        cell(w, fz_word_of(&w->t, words[i]));
    end(w, FZ_B_HEAD);
}

/* A cell with a title and, quietly, the name under which findings and data know the thing. */
static void named_cell(struct walk *w, fz_title title, fz_str name)
{
    begin(w, FZ_B_CELL);
    ink(w, FZ_INK_PLAIN, fz_tell_title(&w->t, title, name));
    if (fz_has_title(title, name)) {
        ink(w, FZ_INK_PLAIN, FZ_STR(" "));
        ink(w, FZ_INK_CODE, name);
    }
    end(w, FZ_B_CELL);
}

static fz_str articles(struct fz_tell *t, struct fz_articles a)
{
    struct fz_phrases l = {0};

    for (size_t i = 0; i < a.n; i++)
        fz_phrase(t, &l, a.items[i].text);
    return l.n ? FZ_SAY(t, PARENTHESES, fz_join(t, &l, FZ_W_COMMA)) : (fz_str){0};
}

/* `s` with its articles behind it, the blank before them being the language's affair. */
static fz_str cited(struct fz_tell *t, fz_str s, struct fz_articles a)
{
    return a.n ? FZ_SAY(t, CITED, s, articles(t, a)) : s;
}

static void item(struct walk *w, fz_str s)
{
    begin(w, FZ_B_ITEM);
    ink(w, FZ_INK_PLAIN, fz_sentence(&w->t, s));
    end(w, FZ_B_ITEM);
}

/* Head of an act, a clock or a rule; the caller closes the item. */
static void open_entry(struct walk *w, fz_str title, fz_str name, struct fz_articles a)
{
    begin(w, FZ_B_ITEM);
    ink(w, FZ_INK_STRONG, title);
    ink(w, FZ_INK_PLAIN, FZ_STR(" "));
    if (a.n) {
        ink(w, FZ_INK_QUIET, articles(&w->t, a));
        ink(w, FZ_INK_PLAIN, FZ_STR(" "));
    }
    ink(w, FZ_INK_CODE, name);
}

/* A name that has no title of its own in the language of packs. */
static fz_str in_words(struct fz_tell *t, fz_str name)
{
    return fz_tell_title(t, (fz_title){0}, name);
}

static bool any_of(const fz_acts *s)
{
    for (size_t i = 0; i < FZ_COUNT(s->w); i++)
        if (s->w[i])
            return true;
    return false;
}

/* ---- laws and what they leave open ---- */

static fz_str confidence(struct fz_tell *t, fz_confidence c)
{
    static const fz_word words[] = {
        [FZ_VERIFIED] = FZ_W_VERIFIED,     [FZ_SECONDARY] = FZ_W_SECONDARY, [FZ_LOCAL] = FZ_W_LOCAL,
        [FZ_REMEMBERED] = FZ_W_REMEMBERED, [FZ_CHOSEN] = FZ_W_CHOSEN,
    };

    return fz_word_of(t, words[c]);
}

/* Which numbers of days a law means as working days. */
static fz_str working_days(struct fz_tell *t, const struct fz_law *law)
{
    struct fz_phrases l = {0};

    switch (law->working) {
    case FZ_WD_ALL:
        return FZ_SAID(t, WORKING_ALL);
    case FZ_WD_UP_TO:
        return FZ_SAY(t, WORKING_UP_TO, fz_tell_count(t, law->working_up_to));
    case FZ_WD_LIST:
        for (size_t i = 0; i < law->working_days.n; i++)
            fz_phrase(t, &l, fz_tell_count(t, law->working_days.items[i]));
        return FZ_SAY(t, WORKING_LIST, fz_join(t, &l, FZ_W_AND));
    default:
        return (fz_str){0};
    }
}

static fz_str edition(struct fz_tell *t, fz_str text)
{
    fz_day d;

    if (fz_day_parse(text, &d))
        return fz_tell_day(t, d);
    return text.n == 4 && fz_str_int(text, &(int64_t){0}) ? FZ_SAY(t, EDITION_YEAR, text) : text;
}

static void laws(struct walk *w)
{
    struct fz_tell *t = &w->t;

    heading(w, 2, FZ_SAID(t, H_LAWS));
    begin(w, FZ_B_LIST);
    for (size_t i = 0; i < t->p->laws_n; i++) {
        const struct fz_law *law = &t->p->laws[i];
        fz_str s = FZ_SAY(t, LAW, fz_tell_title(t, law->title, law->name), edition(t, law->edition),
                          fz_tell_day(t, law->in_force)),
               days = working_days(t, law);

        if (law->until != FZ_DAY_NONE)
            s = FZ_SAY(t, LAW_UNTIL, s, fz_tell_day(t, law->until));
        if (days.n)
            s = FZ_SAY(t, TWO_SENTENCES, s, days);
        begin(w, FZ_B_ITEM);
        ink(w, FZ_INK_STRONG, law->name);
        ink(w, FZ_INK_PLAIN, FZ_STR(" "));
        ink(w, FZ_INK_PLAIN, fz_sentence(t, s));
        end(w, FZ_B_ITEM);
    }
    end(w, FZ_B_LIST);
}

/* What a place has set of it, as a row of its own. */
static void local_value(struct walk *w, const struct fz_config *c, const struct fz_local *l)
{
    struct fz_tell *t = &w->t;

    begin(w, FZ_B_ROW);
    cell(w, FZ_SAY(t, LOCAL_VALUE, fz_tell_title(t, c->title, c->name), l->place, fz_tell_day(t, l->from)));
    cell(w, fz_tell_value(t, c->type, &c->choices, l->value));
    cell(w, (fz_str){0});
    cell(w, confidence(t, l->confidence));
    cell(w, l->source);
    end(w, FZ_B_ROW);
}

static void open_values(struct walk *w)
{
    static const fz_word words[] = {FZ_W_C_MATTER, FZ_W_C_VALUE, FZ_W_C_BOUNDS, FZ_W_C_CONFIDENCE, FZ_W_C_SOURCE};
    struct fz_tell *t = &w->t;

    if (t->p->config_n == 0)
        return;
    heading(w, 2, FZ_SAID(t, H_OPEN));
    paragraph(w, FZ_SAID(t, OPEN_MEANS));
    heads(w, words, FZ_COUNT(words));
    for (size_t i = 0; i < t->p->config_n; i++) {
        const struct fz_config *c = &t->p->config[i];

        begin(w, FZ_B_ROW);
        named_cell(w, c->title, c->name);
        cell(w, fz_tell_value(t, c->type, &c->choices, c->value));
        cell(w, c->bounded ? FZ_SAY(t, BOUNDS, fz_tell_value(t, c->type, &c->choices, c->low),
                                    fz_tell_value(t, c->type, &c->choices, c->high))
                           : (fz_str){0});
        cell(w, confidence(t, c->confidence));
        cell(w, c->source);
        end(w, FZ_B_ROW);
        for (size_t k = 0; k < c->local_n; k++)
            local_value(w, c, &c->local[k]);
    }
    end(w, FZ_B_TABLE);
}

/* ---- tables ---- */

static void heads_said(struct walk *w, const struct fz_phrases *l)
{
    begin(w, FZ_B_TABLE);
    begin(w, FZ_B_HEAD);
    for (size_t i = 0; i < l->n; i++)
        cell(w, l->items[i]);
    end(w, FZ_B_HEAD);
}

/* "from 10000 yuan to below 50000 yuan" */
static fz_str range(struct fz_tell *t, const struct fz_pack_table *table, fz_type type, const struct fz_cell *c)
{
    static const fz_word from[] = {[FZ_ENDS_BOTH] = FZ_W_RANGE_FROM, [FZ_ENDS_LOWER] = FZ_W_RANGE_FROM, [FZ_ENDS_UPPER] = FZ_W_RANGE_ABOVE};
    static const fz_word to[] = {[FZ_ENDS_BOTH] = FZ_W_RANGE_TO, [FZ_ENDS_LOWER] = FZ_W_RANGE_BELOW, [FZ_ENDS_UPPER] = FZ_W_RANGE_TO};
    struct fz_phrases l = {0};
    fz_str end;

    if (c->low.set) {
        end = fz_tell_value(t, type, NULL, c->low);
        fz_phrase(t, &l, fz_say(t, table->slices ? FZ_W_RANGE_ABOVE : from[table->ends], &end, 1));
    }
    if (c->high.set) {
        end = fz_tell_value(t, type, NULL, c->high);
        fz_phrase(t, &l, fz_say(t, to[table->ends], &end, 1));
    }
    return l.n == 2 ? FZ_SAY(t, RANGE_BOTH, l.items[0], l.items[1]) : l.n ? l.items[0] : FZ_SAID(t, RANGE_ALL);
}

static fz_str for_which(struct fz_tell *t, const struct fz_pack_table *table, size_t row, size_t input)
{
    const struct fz_cell *c = &table->cells[row * table->inputs_n + input];
    const struct fz_table_input *in = &table->inputs[input];
    struct fz_phrases l = {0};

    for (size_t i = 0; i < c->items_n; i++)
        fz_phrase(t, &l, fz_tell_value(t, in->type, in->choices, c->items[i]));
    return l.n ? fz_join(t, &l, FZ_W_OR) : range(t, table, in->type, c);
}

static void table_about(struct walk *w, const struct fz_pack_table *table)
{
    static const fz_word ways[] = {[FZ_DOWN] = FZ_W_ROUND_DOWN, [FZ_UP] = FZ_W_ROUND_UP, [FZ_HALF_UP] = FZ_W_ROUND_HALF_UP};
    struct fz_tell *t = &w->t;

    paragraph(w, cited(t, FZ_SAY(t, CONFIDENCE, confidence(t, table->confidence)), table->articles));
    if (table->source.n)
        paragraph(w, FZ_SAY(t, TABLE_SOURCE, table->source));
    if (table->slices)
        paragraph(w, fz_sentence(t, FZ_SAY(t, TABLE_SLICES, fz_word_of(t, ways[table->round]))));
}

static void table(struct walk *w, const struct fz_pack_table *table)
{
    struct fz_tell *t = &w->t;
    struct fz_phrases l = {0};

    heading(w, 3, fz_tell_title(t, table->title, table->name));
    table_about(w, table);
    for (size_t i = 0; i < table->inputs_n; i++)
        fz_phrase(t, &l, fz_tell_title(t, table->inputs[i].title, table->inputs[i].name));
    for (size_t i = 0; i < table->columns_n; i++)
        fz_phrase(t, &l, fz_tell_title(t, table->columns[i].title, table->columns[i].name));
    heads_said(w, &l);
    for (size_t r = 0; r < table->rows_n; r++) {
        begin(w, FZ_B_ROW);
        for (size_t i = 0; i < table->inputs_n; i++)
            cell(w, for_which(t, table, r, i));
        for (size_t i = 0; i < table->columns_n; i++)
            cell(w, fz_tell_value(t, table->columns[i].type, &table->columns[i].choices, table->values[r * table->columns_n + i]));
        end(w, FZ_B_ROW);
    }
    end(w, FZ_B_TABLE);
}

static void tables(struct walk *w)
{
    if (w->t.p->tables_n == 0)
        return;
    heading(w, 2, FZ_SAID(&w->t, H_TABLES));
    for (size_t i = 0; i < w->t.p->tables_n; i++)
        table(w, &w->t.p->tables[i]);
}

/* ---- stages ---- */

static bool starts_here(const struct fz_record *r, int stage)
{
    for (size_t i = 0; i < r->actions_n; i++)
        if (r->actions[i].starts == stage)
            return true;
    return false;
}

/* ---- the stock of a register, and its key ---- */

static fz_str kind_of_change(struct fz_tell *t, int kind)
{
    const struct fz_kind *k = &t->r->kinds[kind];

    return fz_tell_quoted(t, fz_tell_title(t, k->title, k->name));
}

static void kinds_with(struct walk *w, int effect, fz_word word)
{
    struct fz_tell *t = &w->t;
    struct fz_phrases l = {0};

    for (size_t i = 0; i < t->r->kinds_n; i++)
        if (t->r->kinds[i].effect == effect)
            fz_phrase(t, &l, kind_of_change(t, (int)i));
    if (l.n)
        item(w, fz_say(t, word, (fz_str[]){fz_join(t, &l, FZ_W_OR)}, 1));
}

static void stock(struct walk *w)
{
    struct fz_tell *t = &w->t;
    const struct fz_register_key *key = &t->r->key;
    struct fz_phrases stay = {0};

    kinds_with(w, 1, FZ_W_KINDS_IN);
    kinds_with(w, -1, FZ_W_KINDS_OUT);
    kinds_with(w, 0, FZ_W_KINDS_NONE);
    for (size_t i = 0; i < t->r->stages_n; i++)
        if (t->r->in_stock >> i & 1)
            fz_phrase(t, &stay, fz_tell_stage(t, (int)i));
    if (stay.n)
        item(w, FZ_SAY(t, STAYS_IN_STOCK, fz_join(t, &stay, FZ_W_OR)));
    if (key->fields.n && key->of_organ)
        item(w, FZ_SAY(t, KEY_OF_ORGAN, fz_tell_fields(t, key->fields, FZ_W_AND)));
    else if (key->fields.n)
        item(w, FZ_SAY(t, KEY, fz_tell_fields(t, key->fields, FZ_W_AND)));
}

static void stages(struct walk *w)
{
    struct fz_tell *t = &w->t;
    struct fz_phrases first = {0}, between = {0}, last = {0};

    for (size_t i = 0; i < t->r->stages_n; i++) {
        fz_str stage = fz_tell_stage(t, (int)i);

        if (starts_here(t->r, (int)i))
            fz_phrase(t, &first, stage);
        if (t->r->stages[i].final)
            fz_phrase(t, &last, stage);
        else if (!starts_here(t->r, (int)i))
            fz_phrase(t, &between, stage);
    }
    heading(w, 3, FZ_SAID(t, H_STAGES));
    begin(w, FZ_B_LIST);
    item(w, FZ_SAY(t, STAGES_START, fz_join(t, &first, FZ_W_OR)));
    if (between.n)
        item(w, FZ_SAY(t, STAGES_BETWEEN, fz_join(t, &between, FZ_W_AND)));
    if (last.n)
        item(w, FZ_SAY(t, STAGES_FINAL, fz_join(t, &last, FZ_W_OR)));
    stock(w);
    end(w, FZ_B_LIST);
}

/* ---- facts ---- */

static fz_str type_word(struct fz_tell *t, fz_type type)
{
    static const fz_word words[FZ_TYPES] = {
#define X(name, word, text) [FZ_TYPE_##name] = FZ_W_TYPE_##name,
        FZ_TYPE_TABLE(X)
#undef X
    };

    return type > FZ_TYPE_NONE && type < FZ_TYPES ? fz_word_of(t, words[type]) : (fz_str){0};
}

static fz_str choices(struct fz_tell *t, const struct fz_field *f)
{
    struct fz_phrases l = {0};

    for (size_t i = 0; i < f->choices.n; i++)
        fz_phrase(t, &l, fz_tell_value(t, FZ_TYPE_CHOICE, &f->choices, FZ_NUMBER((int64_t)i)));
    return fz_join(t, &l, FZ_W_OR);
}

static fz_str keep(struct fz_tell *t, fz_str word)
{
    return fz_str_is(word, "permanent") ? FZ_SAID(t, KEPT_FOR_EVER) : FZ_SAY(t, KEPT, word);
}

static fz_str about_field(struct fz_tell *t, const struct fz_field *f)
{
    struct fz_phrases l = {0};

    if (f->choices.n)
        fz_phrase(t, &l, FZ_SAY(t, FIELD_ONE_OF, choices(t, f)));
    if (f->required)
        fz_phrase(t, &l, FZ_SAID(t, FIELD_REQUIRED));
    if (f->required_at != FZ_NONE)
        fz_phrase(t, &l, FZ_SAY(t, FIELD_REQUIRED_AT, fz_tell_act(t, f->required_at)));
    if (f->initial.set)
        fz_phrase(t, &l, FZ_SAY(t, FIELD_DEFAULT, fz_tell_value(t, f->type, &f->choices, f->initial)));
    if (t->r->links_n && f->of_link != FZ_NONE && f->type != FZ_TYPE_LINK)
        fz_phrase(t, &l, FZ_SAID(t, FIELD_TOLD));
    if (f->is)
        fz_phrase(t, &l,
                  f->type == FZ_TYPE_FLAG ? FZ_SAY(t, FIELD_IS_FLAG, fz_tell_term(t, f->is))
                                          : FZ_SAY(t, FIELD_IS, fz_tell_term(t, f->is)));
    if (f->when)
        fz_phrase(t, &l, FZ_SAY(t, ONLY_WHEN, fz_tell_term(t, f->when)));
    if (f->personal)
        fz_phrase(t, &l, FZ_SAY(t, FIELD_PERSONAL, f->purpose, keep(t, f->keep)));
    return l.n ? fz_sentence(t, fz_join(t, &l, FZ_W_SEMICOLON)) : (fz_str){0};
}

static void facts(struct walk *w)
{
    static const fz_word words[] = {FZ_W_C_FACT, FZ_W_C_TYPE, FZ_W_C_NOTES};
    struct fz_tell *t = &w->t;

    if (t->r->fields_n == 0)
        return;
    heading(w, 3, FZ_SAID(t, H_FACTS));
    heads(w, words, FZ_COUNT(words));
    for (size_t i = 0; i < t->r->fields_n; i++) {
        const struct fz_field *f = &t->r->fields[i];
        fz_str type = type_word(t, f->type);

        begin(w, FZ_B_ROW);
        cell(w, fz_tell_title(t, f->title, f->name));
        cell(w, f->many ? FZ_SAY(t, TYPE_MANY, type) : type);
        cell(w, about_field(t, f));
        end(w, FZ_B_ROW);
    }
    end(w, FZ_B_TABLE);
}

/* ---- who ---- */

static fz_str role(struct fz_tell *t, fz_str name)
{
    static const struct {
        const char *name;
        fz_word word;
    } roles[] = {
        {"public", FZ_W_R_PUBLIC},
        {"clerk", FZ_W_R_CLERK},
        {"officer", FZ_W_R_OFFICER},
        {"reviewer", FZ_W_R_REVIEWER},
        {"head", FZ_W_R_HEAD},
        {"chief", FZ_W_R_CHIEF},
        {"leader", FZ_W_R_LEADER},
        {"hearing_officer", FZ_W_R_HEARING_OFFICER},
        {"legal_reviewer", FZ_W_R_LEGAL_REVIEWER},
        {"publisher", FZ_W_R_PUBLISHER},
        {"cashier", FZ_W_R_CASHIER},
        {"agent", FZ_W_R_AGENT},
        {"dispatcher", FZ_W_R_DISPATCHER},
        {"supervisor", FZ_W_R_SUPERVISOR},
        {"administrator", FZ_W_R_ADMINISTRATOR},
        {"registrar", FZ_W_R_REGISTRAR},
        {"mediator", FZ_W_R_MEDIATOR},
        {"lawyer", FZ_W_R_LAWYER},
        {"notary", FZ_W_R_NOTARY},
        {"expert", FZ_W_R_EXPERT},
    };

    for (size_t i = 0; i < FZ_COUNT(roles); i++)
        if (fz_str_is(name, roles[i].name))
            return fz_word_of(t, roles[i].word);
    return in_words(t, name);
}

static fz_str place(struct fz_tell *t, const struct fz_by *by)
{
    if (by->at_field != FZ_NONE)
        return fz_tell_field(t, by->at_field);
    if (fz_str_is(by->at, "organ"))
        return FZ_SAID(t, AT_ORGAN);
    if (fz_str_is(by->at, "institution"))
        return FZ_SAID(t, AT_INSTITUTION);
    if (fz_str_is(by->at, "government"))
        return FZ_SAID(t, AT_GOVERNMENT);
    return in_words(t, by->at);
}

static fz_str person(struct fz_tell *t, const struct fz_by *by)
{
    fz_str s = role(t, by->role);

    if (by->at.n)
        s = FZ_SAY(t, ROLE_AT, s, place(t, by));
    if (by->persons > 1)
        s = FZ_SAY(t, PERSONS, fz_tell_count(t, by->persons), s);
    if (fz_str_is(by->holding, "enforcement_certificate"))
        s = FZ_SAY(t, HOLDING, s, FZ_SAID(t, CERTIFICATE));
    else if (by->holding.n)
        s = FZ_SAY(t, HOLDING, s, in_words(t, by->holding));
    if (by->delegated)
        s = FZ_SAY(t, DELEGATED, s);
    return s;
}

static fz_str persons(struct fz_tell *t, const struct fz_by *by, size_t n)
{
    struct fz_phrases l = {0};

    for (size_t i = 0; i < n; i++)
        fz_phrase(t, &l, person(t, &by[i]));
    return fz_join(t, &l, FZ_W_OR);
}

/* The clocks at whose end the law takes this act. */
static fz_str by_law_at(struct fz_tell *t, int act)
{
    struct fz_phrases l = {0};

    for (size_t i = 0; i < t->r->clocks_n; i++)
        if (t->r->clocks[i].then == act)
            fz_phrase(t, &l, fz_tell_clock(t, (int)i));
    return fz_join(t, &l, FZ_W_OR);
}

/* A time limit, or a linked record. */
static void by_law(struct walk *w, const struct fz_action *a, fz_str at)
{
    struct fz_tell *t = &w->t;

    for (size_t i = 0; i < a->follows_n; i++) {
        fz_str s = FZ_SAY(t, BY_LAW_FOLLOWS, fz_tell_acts(t, &a->follows[i].on, FZ_W_OR));

        item(w, a->follows[i].when ? FZ_SAY(t, WHERE, fz_tell_term(t, a->follows[i].when), s) : s);
    }
    for (size_t i = 0; i < a->caused_by_n; i++)
        item(w, FZ_SAY(t, BY_LAW_CAUSED, a->caused_by[i]));
    if (at.n || a->follows_n + a->caused_by_n == 0)
        item(w, at.n ? FZ_SAY(t, BY_LAW_AT, at) : FZ_SAID(t, BY_LAW));
}

static void who(struct walk *w, int id)
{
    struct fz_tell *t = &w->t;
    const struct fz_action *a = &t->r->actions[id];
    struct fz_phrases l = {0};
    fz_str at = by_law_at(t, id), s;

    if (a->by_n == 0 || a->by_law) {
        by_law(w, a, at);
        return;
    }
    s = FZ_SAY(t, BY, persons(t, a->by, a->by_n));
    if (any_of(&a->not_by))
        s = FZ_SAY(t, NOT_BY, s, fz_tell_acts(t, &a->not_by, FZ_W_OR));
    fz_phrase(t, &l, s);
    if (a->each.n)
        fz_phrase(t, &l, FZ_SAY(t, EACH, fz_tell_fields(t, a->each, FZ_W_AND)));
    if (a->times)
        fz_phrase(t, &l, a->times == 1 ? FZ_SAID(t, ONCE) : FZ_SAY(t, AT_MOST_TIMES, fz_tell_count(t, a->times)));
    else if (a->repeats)
        fz_phrase(t, &l, FZ_SAID(t, REPEATS));
    item(w, fz_join(t, &l, FZ_W_SEMICOLON));
    if (at.n)
        item(w, FZ_SAY(t, ALSO_BY_LAW, at));
}

/* ---- what an act needs ---- */

static fz_str after(struct fz_tell *t, const struct fz_after *a)
{
    struct fz_phrases l = {0};
    fz_str s;

    if (any_of(&a->need))
        fz_phrase(t, &l, FZ_SAY(t, NEEDS, fz_tell_acts(t, &a->need, FZ_W_AND)));
    if (any_of(&a->any))
        fz_phrase(t, &l, FZ_SAY(t, NEEDS_ONE, fz_tell_acts(t, &a->any, FZ_W_OR)));
    s = fz_join(t, &l, FZ_W_SEMICOLON);
    return a->when ? FZ_SAY(t, WHERE, fz_tell_term(t, a->when), s) : s;
}

static fz_str waiver(struct fz_tell *t, const struct fz_action *a)
{
    fz_str s = FZ_SAY(t, WAIVED, persons(t, a->waive_by, a->waive_by_n));

    if (a->waive_reason)
        s = FZ_SAY(t, WAIVED_REASON, s);
    if (a->waive_when)
        s = FZ_SAY(t, WHERE, fz_tell_term(t, a->waive_when), s);
    return cited(t, s, a->waive_articles);
}

static void needs(struct walk *w, const struct fz_action *a)
{
    struct fz_tell *t = &w->t;
    struct fz_phrases l = {0};

    for (size_t i = 0; i < a->after_n; i++)
        fz_phrase(t, &l, after(t, &a->after[i]));
    if (l.n)
        item(w, fz_join(t, &l, FZ_W_SEMICOLON));
    for (size_t i = 0; i < a->gates_n; i++) {
        const struct fz_gate *g = &a->gates[i];

        item(w,
             cited(t, FZ_SAY(t, GATE, fz_tell_term(t, g->that), fz_tell_title(t, g->otherwise, g->id)), g->articles));
    }
    if (a->waivable)
        item(w, waiver(t, a));
}

/* ---- what an act does ---- */

/* What is entered comes in one list; what is set has its value beside it. */
static void sets(struct fz_tell *t, const struct fz_action *a, struct fz_phrases *out)
{
    struct fz_phrases entered = {0};

    for (size_t i = 0; i < a->sets_n; i++)
        if (!a->sets[i].value)
            fz_phrase(t, &entered, fz_tell_field(t, a->sets[i].field));
    if (entered.n)
        fz_phrase(t, out, FZ_SAY(t, SETS, fz_join(t, &entered, FZ_W_AND)));
    for (size_t i = 0; i < a->sets_n; i++)
        if (a->sets[i].value)
            fz_phrase(t, out,
                      FZ_SAY(t, SETS_TO, fz_tell_field(t, a->sets[i].field), fz_tell_term(t, a->sets[i].value)));
}

static fz_str addressees(struct fz_tell *t, const struct fz_document *d)
{
    return d->to_all ? FZ_SAID(t, TO_ALL) : fz_tell_fields(t, d->to, FZ_W_AND);
}

static fz_str document(struct fz_tell *t, int id)
{
    const struct fz_document *d = &t->r->documents[id];
    fz_str to = addressees(t, d), s = fz_tell_document(t, id);

    s = to.n ? FZ_SAY(t, MAKES_FOR, s, to) : FZ_SAY(t, MAKES, s);
    if (fz_str_is(d->public, "masked"))
        return FZ_SAY(t, PUBLIC_MASKED, s);
    return d->public.n ? FZ_SAY(t, PUBLIC, s, d->public) : s;
}

static fz_str link_title(struct fz_tell *t, int link)
{
    const struct fz_link *k = &t->r->links[link];

    return fz_tell_quoted(t, fz_tell_title(t, k->title, k->name));
}

/* A record type, maybe of another pack. */
static fz_str type_there(struct fz_tell *t, fz_str pack, fz_str record)
{
    return fz_str_printf(&t->arena, "%.*s.%.*s", FZ_STR_ARG(pack), FZ_STR_ARG(record));
}

static fz_str where(struct fz_tell *t, const struct fz_term *when, fz_str s)
{
    return when ? FZ_SAY(t, WHERE, fz_tell_term(t, when), s) : s;
}

/* What happens in other records. */
static void elsewhere(struct fz_tell *t, const struct fz_effects *effects, struct fz_phrases *out)
{
    for (size_t i = 0; i < effects->n; i++)
        fz_phrase(t, out, where(t, effects->items[i].when, FZ_SAY(t, EFFECT, effects->items[i].act, link_title(t, effects->items[i].link))));
}

static void opens(struct fz_tell *t, const struct fz_action *a, struct fz_phrases *out)
{
    for (size_t i = 0; i < a->opens_n; i++) {
        const struct fz_open *o = &a->opens[i];
        fz_str type = type_there(t, o->pack, o->record), s = FZ_SAY(t, OPENS, type, link_title(t, o->link));

        if (o->organ != FZ_NONE)
            s = FZ_SAY(t, OPENS_AT, s, fz_tell_field(t, o->organ));
        fz_phrase(t, out, where(t, o->when, s));
    }
}

static void effects(struct walk *w, const struct fz_action *a)
{
    struct fz_tell *t = &w->t;
    struct fz_phrases l = {0};

    sets(t, a, &l);
    if (a->document != FZ_NONE)
        fz_phrase(t, &l, document(t, a->document));
    if (any_of(&a->clears))
        fz_phrase(t, &l, FZ_SAY(t, CLEARS, fz_tell_acts(t, &a->clears, FZ_W_AND)));
    if (a->answers != FZ_NONE)
        fz_phrase(t, &l, FZ_SAY(t, ANSWERS, fz_tell_act(t, a->answers)));
    if (a->pauses != FZ_NONE)
        fz_phrase(t, &l, FZ_SAY(t, PAUSES, fz_tell_pause(t, a->pauses)));
    if (a->resumes != FZ_NONE)
        fz_phrase(t, &l, FZ_SAY(t, RESUMES, fz_tell_pause(t, a->resumes)));
    if (a->starts != FZ_NONE)
        fz_phrase(t, &l, FZ_SAY(t, STARTS_AT, fz_tell_stage(t, a->starts)));
    if (a->to != FZ_NONE)
        fz_phrase(t, &l, FZ_SAY(t, LEADS_TO, fz_tell_stage(t, a->to)));
    opens(t, a, &l);
    elsewhere(t, &a->effects, &l);
    if (l.n)
        item(w, fz_join(t, &l, FZ_W_SEMICOLON));
}

static fz_str outcome(struct fz_tell *t, const struct fz_outcome *o)
{
    fz_str s = fz_tell_outcome(t, o);
    struct fz_phrases there = {0};

    if (o->to != FZ_NONE)
        s = FZ_SAY(t, OUTCOME_TO, s, fz_tell_stage(t, o->to));
    if (o->change != FZ_NONE)
        s = FZ_SAY(t, OUTCOME_CHANGE, s, kind_of_change(t, o->change));
    if (any_of(&o->clears))
        s = FZ_SAY(t, OUTCOME_CLEARS, s, fz_tell_acts(t, &o->clears, FZ_W_AND));
    elsewhere(t, &o->effects, &there);
    if (there.n)
        s = fz_str_printf(&t->arena, t->lang == FZ_ZH ? "%.*s，%.*s" : "%.*s, and %.*s", FZ_STR_ARG(s), FZ_STR_ARG(fz_join(t, &there, FZ_W_SEMICOLON)));
    return cited(t, s, o->articles);
}

static void outcomes(struct walk *w, const struct fz_action *a)
{
    struct fz_tell *t = &w->t;
    struct fz_phrases l = {0};

    for (size_t i = 0; i < a->outcomes_n; i++)
        fz_phrase(t, &l, outcome(t, &a->outcomes[i]));
    if (l.n)
        item(w, FZ_SAY(t, OUTCOMES, fz_join(t, &l, FZ_W_OR)));
}

/* ---- an act and the clocks ---- */

typedef enum { T_START, T_SERVICE, T_STOP, T_USE, T_HOLD, T_EXTEND, T_FLOOR, T_BLOCK, TOUCHES } touch;

static bool extends(const struct fz_clock *c, int act)
{
    for (size_t i = 0; i < c->extends_n; i++)
        if (c->extends[i].on == act)
            return true;
    return false;
}

/* Whether the clock has this to do with an act that makes that document. */
static bool touches(const struct fz_clock *c, touch how, int act, int doc)
{
    bool floor = c->kind == FZ_CK_AT_LEAST && c->until;

    switch (how) {
    case T_START:
        return !floor && fz_anchors_have(c->starts, c->starts_n, FZ_AT_ACT, act);
    case T_SERVICE:
        return doc != FZ_NONE && fz_anchors_have(c->starts, c->starts_n, FZ_AT_SERVICE, doc);
    case T_STOP:
        return fz_anchors_have(c->stops, c->stops_n, FZ_AT_ACT, act);
    case T_USE:
        return fz_acts_has(&c->used_by, act);
    case T_HOLD:
        return fz_acts_has(&c->holds, act);
    case T_EXTEND:
        return extends(c, act);
    case T_FLOOR:
        return floor && fz_anchors_have(c->starts, c->starts_n, FZ_AT_ACT, act);
    case T_BLOCK:
        return fz_acts_has(&c->blocks, act);
    default:
        return false;
    }
}

static void clocks_of(struct walk *w, int act)
{
    static const fz_word words[TOUCHES] = {
        [T_START] = FZ_W_CLOCKS_START, [T_SERVICE] = FZ_W_CLOCKS_SERVICE, [T_STOP] = FZ_W_CLOCKS_STOP,
        [T_USE] = FZ_W_CLOCKS_USE,     [T_HOLD] = FZ_W_CLOCKS_HOLD,       [T_EXTEND] = FZ_W_CLOCKS_EXTEND,
        [T_FLOOR] = FZ_W_CLOCKS_FLOOR, [T_BLOCK] = FZ_W_CLOCKS_BLOCK,
    };
    struct fz_tell *t = &w->t;
    struct fz_phrases all = {0};

    for (touch how = T_START; how < TOUCHES; how++) {
        struct fz_phrases l = {0};
        fz_str s;

        for (size_t i = 0; i < t->r->clocks_n; i++)
            if (touches(&t->r->clocks[i], how, act, t->r->actions[act].document))
                fz_phrase(t, &l, fz_tell_clock(t, (int)i));
        if (l.n == 0)
            continue;
        s = fz_join(t, &l, FZ_W_AND);
        fz_phrase(t, &all, fz_say(t, words[how], &s, 1));
    }
    if (all.n)
        item(w, FZ_SAY(t, CLOCKS, fz_join(t, &all, FZ_W_SEMICOLON)));
}

/* ---- acts ---- */

static void change(struct walk *w, const struct fz_action *a)
{
    static const fz_word words[] = {FZ_W_CHANGE_OUT, FZ_W_CHANGE_NONE, FZ_W_CHANGE_IN};
    struct fz_tell *t = &w->t;

    if (a->change != FZ_NONE)
        item(w, FZ_SAY(t, CHANGE, kind_of_change(t, a->change), fz_word_of(t, words[t->r->kinds[a->change].effect + 1])));
}

static void act(struct walk *w, int id)
{
    struct fz_tell *t = &w->t;
    const struct fz_action *a = &t->r->actions[id];

    open_entry(w, fz_tell_title(t, a->title, a->name), a->name, a->articles);
    begin(w, FZ_B_LIST);
    who(w, id);
    needs(w, a);
    outcomes(w, a);
    change(w, a);
    effects(w, a);
    clocks_of(w, id);
    end(w, FZ_B_LIST);
    end(w, FZ_B_ITEM);
}

static bool first_at(const struct fz_action *a, size_t stage)
{
    return (a->from >> stage & 1) && (a->from & ((UINT64_C(1) << stage) - 1)) == 0;
}

static bool told_by_link(const struct fz_record *r, int action)
{
    return r->links_n && r->actions[action].of_link != FZ_NONE;
}

/* An act of several stages is told at the first; at the others its name is enough. */
static void acts_at(struct walk *w, size_t stage)
{
    struct fz_tell *t = &w->t;
    struct fz_phrases again = {0};
    size_t own = 0;

    for (size_t i = 0; i < t->r->actions_n; i++) {
        if (told_by_link(t->r, (int)i)) /* told with its link */
            continue;
        if (first_at(&t->r->actions[i], stage))
            own++;
        else if (t->r->actions[i].from >> stage & 1)
            fz_phrase(t, &again, fz_tell_act(t, (int)i));
    }
    if (own + again.n)
        heading(w, 4, FZ_SAY(t, H_AT_STAGE, fz_tell_stage(t, (int)stage)));
    if (again.n)
        paragraph(w, fz_sentence(t, FZ_SAY(t, ALSO_HERE, fz_join(t, &again, FZ_W_AND))));
    if (own == 0)
        return;
    begin(w, FZ_B_LIST);
    for (size_t i = 0; i < t->r->actions_n; i++)
        if (!told_by_link(t->r, (int)i) && first_at(&t->r->actions[i], stage))
            act(w, (int)i);
    end(w, FZ_B_LIST);
}

static void acts(struct walk *w)
{
    struct fz_tell *t = &w->t;

    heading(w, 3, FZ_SAID(t, H_ACTS));
    heading(w, 4, FZ_SAID(t, H_BEGINNING));
    begin(w, FZ_B_LIST);
    for (size_t i = 0; i < t->r->actions_n; i++)
        if (t->r->actions[i].starts != FZ_NONE)
            act(w, (int)i);
    end(w, FZ_B_LIST);
    for (size_t i = 0; i < t->r->stages_n; i++)
        acts_at(w, i);
}

/* ---- links ---- */

static fz_str link_kind(struct fz_tell *t, fz_link_kind kind)
{
    static const fz_word words[] = {
#define X(name, word, zh) [FZ_LK_##name] = FZ_W_LINK_##name,
        FZ_LINK_KINDS(X)
#undef X
    };

    return fz_word_of(t, words[kind]);
}

static fz_str link_about(struct fz_tell *t, int id)
{
    const struct fz_link *k = &t->r->links[id];
    fz_str type = type_there(t, k->pack, k->record);
    struct fz_phrases l = {0}, heard = {0}, known = {0};
    static const fz_word competent[] = {[FZ_COMPETENT_SAME] = FZ_W_LINK_SAME, [FZ_COMPETENT_SUPERIOR] = FZ_W_LINK_SUPERIOR, [FZ_COMPETENT_GOVERNMENT] = FZ_W_LINK_GOVERNMENT};

    fz_phrase(t, &l, k->many ? FZ_SAY(t, LINK_MANY, link_title(t, id), type, link_kind(t, k->kind)) : FZ_SAY(t, LINK_ONE, link_title(t, id), type, link_kind(t, k->kind)));
    for (size_t i = 0; i < k->heard_n; i++)
        fz_phrase(t, &heard, fz_tell_act(t, k->heard[i].action));
    if (k->stage != FZ_NONE)
        fz_phrase(t, &known, fz_tell_field(t, k->stage));
    for (size_t i = 0; i < k->reads_n; i++)
        fz_phrase(t, &known, fz_tell_field(t, k->reads[i].field));
    if (heard.n)
        fz_phrase(t, &l, FZ_SAY(t, LINK_HEARS, fz_join(t, &heard, FZ_W_AND)));
    if (known.n)
        fz_phrase(t, &l, FZ_SAY(t, LINK_READS, fz_join(t, &known, FZ_W_AND)));
    if (k->tree)
        fz_phrase(t, &l, FZ_SAID(t, LINK_TREE));
    if (k->competent != FZ_COMPETENT_ANY)
        fz_phrase(t, &l, fz_word_of(t, competent[k->competent]));
    return cited(t, fz_join(t, &l, FZ_W_SEMICOLON), k->articles);
}

static void links(struct walk *w)
{
    struct fz_tell *t = &w->t;

    if (t->r->links_n == 0)
        return;
    heading(w, 3, FZ_SAID(t, H_LINKS));
    begin(w, FZ_B_LIST);
    for (size_t i = 0; i < t->r->links_n; i++)
        item(w, link_about(t, (int)i));
    end(w, FZ_B_LIST);
}

/* ---- pauses ---- */

static void pauses(struct walk *w)
{
    struct fz_tell *t = &w->t;

    if (t->r->pauses_n == 0)
        return;
    heading(w, 3, FZ_SAID(t, H_PAUSES));
    begin(w, FZ_B_LIST);
    for (size_t i = 0; i < t->r->pauses_n; i++) {
        const struct fz_pause *p = &t->r->pauses[i];
        struct fz_phrases in = {0};

        for (size_t k = 0; k < t->r->stages_n; k++)
            if (p->in >> k & 1)
                fz_phrase(t, &in, fz_tell_stage(t, (int)k));
        item(w, FZ_SAY(t, PAUSE, fz_tell_pause(t, (int)i), fz_join(t, &in, FZ_W_OR), fz_tell_acts_of_pause(t, (int)i, false),
                       fz_tell_acts_of_pause(t, (int)i, true), fz_tell_acts(t, &p->allows, FZ_W_AND)));
    }
    end(w, FZ_B_LIST);
}

/* ---- time limits ---- */

/* "the day of “a” or “b”": anchors that are all acts share the words around them. */
static fz_str start(struct fz_tell *t, const struct fz_anchor *a, size_t n)
{
    struct fz_phrases l = {0}, only_acts = {0};

    for (size_t i = 0; i < n; i++) {
        switch (a[i].kind) {
        case FZ_AT_ACT:
            fz_phrase(t, &only_acts, fz_tell_act(t, a[i].id));
            fz_phrase(t, &l, FZ_SAY(t, DAY_OF, fz_tell_act(t, a[i].id)));
            break;
        case FZ_AT_SERVICE:
            fz_phrase(t, &l, FZ_SAY(t, SERVICE_DAY, fz_tell_document(t, a[i].id)));
            break;
        case FZ_AT_CLOCK_END:
            fz_phrase(t, &l, FZ_SAY(t, CLOCK_END, fz_tell_clock(t, a[i].id)));
            break;
        case FZ_AT_DAY:
            fz_phrase(t, &l, fz_tell_term(t, a[i].day));
            break;
        }
    }
    return only_acts.n == n && n ? FZ_SAY(t, DAY_OF, fz_join(t, &only_acts, FZ_W_OR)) : fz_join(t, &l, FZ_W_OR);
}

/* What is to be done: acts by their names, service by the document's. */
static fz_str deeds(struct fz_tell *t, const struct fz_anchor *a, size_t n)
{
    struct fz_phrases l = {0};

    for (size_t i = 0; i < n; i++) {
        switch (a[i].kind) {
        case FZ_AT_ACT:
            fz_phrase(t, &l, fz_tell_act(t, a[i].id));
            break;
        case FZ_AT_SERVICE:
            fz_phrase(t, &l, FZ_SAY(t, SERVICE_OF, fz_tell_document(t, a[i].id)));
            break;
        case FZ_AT_CLOCK_END:
            fz_phrase(t, &l, FZ_SAY(t, CLOCK_END, fz_tell_clock(t, a[i].id)));
            break;
        case FZ_AT_DAY:
            fz_phrase(t, &l, fz_tell_term(t, a[i].day));
            break;
        }
    }
    return fz_join(t, &l, FZ_W_OR);
}

/* The lengths by case; a single one without a condition stands alone. */
static fz_str lengths(struct fz_tell *t, const struct fz_clock *c)
{
    struct fz_phrases l = {0};

    for (size_t i = 0; i < c->limit_n; i++) {
        const struct fz_limit_case *k = &c->limit[i];
        fz_str s = fz_tell_term(t, k->be);

        if (k->until && c->limit_n > 1)
            s = FZ_SAY(t, UNTIL, s);
        if (k->when)
            s = FZ_SAY(t, LENGTH_WHERE, fz_tell_term(t, k->when), s);
        else if (c->limit_n > 1)
            s = FZ_SAY(t, LENGTH_ELSE, s);
        fz_phrase(t, &l, s);
    }
    return fz_join(t, &l, FZ_W_SEMICOLON);
}

/* "within 60 days from the day of “accept”". */
static fz_str period(struct fz_tell *t, const struct fz_clock *c)
{
    fz_str from = start(t, c->starts, c->starts_n), length = lengths(t, c);

    if (c->limit_n == 1 && !c->limit[0].when)
        return c->limit[0].until ? FZ_SAY(t, PERIOD_UNTIL, from, length) : FZ_SAY(t, PERIOD, from, length);
    return c->limit_n ? FZ_SAY(t, PERIOD_CASES, from, length) : FZ_SAY(t, PERIOD_OPEN, from);
}

static fz_str window_sentence(struct fz_tell *t, const struct fz_clock *c)
{
    fz_str s = period(t, c);

    s = any_of(&c->used_by) ? FZ_SAY(t, S_WINDOW, s, fz_tell_acts(t, &c->used_by, FZ_W_OR))
                            : FZ_SAY(t, S_WINDOW_BARE, s);
    return any_of(&c->holds) ? FZ_SAY(t, S_HOLDS, s, fz_tell_acts(t, &c->holds, FZ_W_OR)) : s;
}

static fz_str floor_sentence(struct fz_tell *t, const struct fz_clock *c)
{
    fz_str length = lengths(t, c);

    if (c->until)
        return FZ_SAY(t, S_FLOOR, deeds(t, c->starts, c->starts_n), fz_tell_term(t, c->until), length);
    if (any_of(&c->blocks))
        return FZ_SAY(t, S_BLOCKS, start(t, c->starts, c->starts_n), length, fz_tell_acts(t, &c->blocks, FZ_W_OR));
    return FZ_SAY(t, S_AT_LEAST, start(t, c->starts, c->starts_n), length);
}

static fz_str by_law_sentence(struct fz_tell *t, const struct fz_clock *c)
{
    fz_str s = period(t, c), stops = deeds(t, c->stops, c->stops_n), then;

    if (c->kind == FZ_CK_VALIDITY && stops.n)
        s = FZ_SAY(t, S_VALID_STOPS, FZ_SAY(t, S_VALID, s), stops);
    else if (c->kind == FZ_CK_VALIDITY)
        s = FZ_SAY(t, S_VALID, s);
    else
        s = stops.n ? FZ_SAY(t, S_SILENCE, s, stops) : s;
    if (c->then == FZ_NONE)
        return s;
    then = fz_tell_act(t, c->then);
    if (c->then_outcome != FZ_NONE)
        then = FZ_SAY(t, THEN_OUTCOME, then, fz_tell_outcome(t, &t->r->actions[c->then].outcomes[c->then_outcome]));
    s = c->kind == FZ_CK_VALIDITY ? FZ_SAY(t, S_ENDS, s, then) : FZ_SAY(t, S_THEN, s, then);
    return c->dated_start ? FZ_SAY(t, S_DATED_START, s) : s;
}

static fz_str when_each(struct fz_tell *t, const struct fz_clock *c)
{
    const struct fz_recurs *r = &c->recurs;
    fz_str day = fz_tell_count(t, r->day);

    switch (r->how) {
    case FZ_EACH_YEAR:
        if (t->lang == FZ_EN)
            day = fz_str_printf(&t->arena, "%02d-%02d", r->month, r->day);
        else
            day = FZ_SAY(t, MONTH_DAY, fz_tell_count(t, r->month), day);
        return r->before ? FZ_SAY(t, EACH_YEAR_BEFORE, day) : FZ_SAY(t, EACH_YEAR_BY, day);
    case FZ_EACH_MONTH:
        return r->before ? FZ_SAY(t, EACH_MONTH_BEFORE, day) : FZ_SAY(t, EACH_MONTH_BY, day);
    default:
        return FZ_SAY(t, EVERY, start(t, c->starts, c->starts_n), fz_tell_length(t, r->every));
    }
}

/* A limit that nothing ends is still a time that runs. */
static fz_str must_follow(struct fz_tell *t, const struct fz_clock *c, fz_str in_time)
{
    fz_str stops = deeds(t, c->stops, c->stops_n);

    if (c->stops_n == 0)
        return FZ_SAY(t, S_RUNS, in_time);
    return c->stops_n == 1 ? FZ_SAY(t, S_AT_MOST, in_time, stops) : FZ_SAY(t, S_AT_MOST_ONE, in_time, stops);
}

static fz_str recurring_sentence(struct fz_tell *t, const struct fz_clock *c)
{
    fz_str s = must_follow(t, c, when_each(t, c));

    return c->recurs.while_ ? FZ_SAY(t, AS_LONG_AS, s, fz_tell_term(t, c->recurs.while_)) : s;
}

static fz_str clock_sentence(struct fz_tell *t, const struct fz_clock *c)
{
    switch (c->kind) {
    case FZ_CK_AT_LEAST:
        return floor_sentence(t, c);
    case FZ_CK_WINDOW:
        return window_sentence(t, c);
    case FZ_CK_DEEMED:
    case FZ_CK_VALIDITY:
        return by_law_sentence(t, c);
    case FZ_CK_RETENTION:
        return FZ_SAY(t, S_KEEP, period(t, c));
    case FZ_CK_FIXED_DAY:
    case FZ_CK_RECURRING:
        return c->recurs.how == FZ_RECURS_NOT ? must_follow(t, c, period(t, c)) : recurring_sentence(t, c);
    case FZ_CK_AT_ONCE:
        return FZ_SAY(t, S_AT_ONCE, start(t, c->starts, c->starts_n), deeds(t, c->stops, c->stops_n));
    default:
        return must_follow(t, c, period(t, c));
    }
}

/* What changes the length, one sentence each. */
static void clock_terms(struct walk *w, const struct fz_clock *c)
{
    struct fz_tell *t = &w->t;

    for (size_t i = 0; i < c->suspends_n; i++) {
        const struct fz_suspends *s = &c->suspends[i];

        item(w, cited(t,
                      s->pause != FZ_NONE ? FZ_SAY(t, SUSPENDED, fz_tell_pause(t, s->pause))
                                          : FZ_SAY(t, SUSPENDED_SPAN, fz_tell_field(t, s->field)),
                      s->articles));
    }
    for (size_t i = 0; i < c->excludes_n; i++) {
        const struct fz_excludes *e = &c->excludes[i];
        fz_str s = FZ_SAY(t, EXCLUDED, fz_tell_act(t, e->from), fz_tell_act(t, e->until));

        if (e->told_by != FZ_NONE)
            s = FZ_SAY(t, EXCLUDED_TOLD, s, fz_tell_act(t, e->told_by));
        if (e->when)
            s = FZ_SAY(t, WHERE, fz_tell_term(t, e->when), s);
        item(w, cited(t, s, e->articles));
    }
    for (size_t i = 0; i < c->extends_n; i++) {
        const struct fz_extends *e = &c->extends[i];
        fz_str s = FZ_SAY(t, EXTENDED, fz_tell_act(t, e->on), fz_tell_term(t, e->by));

        item(w, cited(t, e->when ? FZ_SAY(t, WHERE, fz_tell_term(t, e->when), s) : s, e->articles));
    }
    for (size_t i = 0; i < c->caps_n; i++) {
        fz_str s = FZ_SAY(t, CAPPED, fz_tell_term(t, c->caps[i].at));

        item(w, cited(t, c->caps[i].when ? FZ_SAY(t, WHERE, fz_tell_term(t, c->caps[i].when), s) : s,
                      c->caps[i].articles));
    }
}

static fz_str rung(struct fz_tell *t, const struct fz_rung *r)
{
    static const fz_word words[] = {[FZ_WARN] = FZ_W_WARN, [FZ_URGE] = FZ_W_URGE, [FZ_ESCALATE] = FZ_W_ESCALATE};
    fz_str what = fz_word_of(t, words[r->act]);

    if (r->distance.n == 0)
        return FZ_SAY(t, RUNG_AT, what);
    return r->before ? FZ_SAY(t, RUNG_BEFORE, what, fz_tell_length(t, r->distance))
                     : FZ_SAY(t, RUNG_AFTER, what, fz_tell_length(t, r->distance));
}

static void clock_end(struct walk *w, const struct fz_clock *c)
{
    struct fz_tell *t = &w->t;
    struct fz_phrases l = {0};

    for (size_t i = 0; i < c->ladder_n; i++)
        fz_phrase(t, &l, rung(t, &c->ladder[i]));
    if (l.n)
        item(w, fz_join(t, &l, FZ_W_SEMICOLON));
    if (c->no_roll && !fz_str_is(t->p->calendar, "none"))
        item(w, FZ_SAID(t, NO_ROLL));
    if (c->promise)
        item(w, FZ_SAY(t, PROMISE, fz_tell_term(t, c->promise)));
    if (c->service_norm)
        item(w, FZ_SAID(t, SERVICE_NORM));
    if (c->confidence != FZ_VERIFIED)
        item(w, FZ_SAY(t, CONFIDENCE, confidence(t, c->confidence)));
}

static void clock_entry(struct walk *w, int id)
{
    struct fz_tell *t = &w->t;
    const struct fz_clock *c = &t->r->clocks[id];

    open_entry(w, t->clock_names[id], c->name, c->articles);
    begin(w, FZ_B_LIST);
    item(w, clock_sentence(t, c));
    if (c->when)
        item(w, FZ_SAY(t, ONLY_WHEN, fz_tell_term(t, c->when)));
    if (c->per.n)
        item(w, FZ_SAY(t, PER, fz_tell_fields(t, c->per, FZ_W_AND)));
    if (c->again == FZ_AGAIN_RESTART)
        item(w, FZ_SAID(t, AGAIN_RESTART));
    if (c->again == FZ_AGAIN_ANOTHER)
        item(w, FZ_SAID(t, AGAIN_ANOTHER));
    clock_terms(w, c);
    clock_end(w, c);
    end(w, FZ_B_LIST);
    end(w, FZ_B_ITEM);
}

static void clocks(struct walk *w)
{
    struct fz_tell *t = &w->t;

    if (t->r->clocks_n == 0)
        return;
    heading(w, 3, FZ_SAID(t, H_CLOCKS));
    paragraph(w, fz_str_is(t->p->calendar, "none") ? FZ_SAID(t, COUNTING_PLAIN) : FZ_SAID(t, COUNTING));
    begin(w, FZ_B_LIST);
    for (size_t i = 0; i < t->r->clocks_n; i++)
        clock_entry(w, (int)i);
    end(w, FZ_B_LIST);
}

/* ---- rules and indicators ---- */

static fz_str rule_sentence(struct fz_tell *t, const struct fz_rule *r)
{
    fz_str s, others = fz_tell_acts(t, &r->others, r->kind == FZ_RULE_DIFFER ? FZ_W_AND : FZ_W_OR);

    switch (r->kind) {
    case FZ_RULE_BEFORE:
        s = FZ_SAY(t, RULE_BEFORE, fz_tell_act(t, r->act), others);
        break;
    case FZ_RULE_AFTER:
        s = FZ_SAY(t, RULE_AFTER, fz_tell_act(t, r->act), others);
        break;
    case FZ_RULE_WHILE:
        s = FZ_SAY(t, RULE_WHILE, fz_tell_act(t, r->act), fz_tell_pause(t, r->pause));
        break;
    case FZ_RULE_ALWAYS:
        s = FZ_SAY(t, RULE_ALWAYS, fz_tell_act(t, r->act), others);
        break;
    case FZ_RULE_ONCE:
        s = FZ_SAY(t, RULE_ONCE, fz_tell_act(t, r->act));
        break;
    default:
        s = FZ_SAY(t, RULE_DIFFER, others);
        break;
    }
    return r->unless ? FZ_SAY(t, UNLESS, s, fz_tell_term(t, r->unless)) : s;
}

static void rule(struct walk *w, const struct fz_rule *r)
{
    struct fz_tell *t = &w->t;
    fz_str s = fz_sentence(t, cited(t, rule_sentence(t, r), r->articles));

    begin(w, FZ_B_ITEM);
    if (fz_has_title(r->title, r->id)) {
        ink(w, FZ_INK_STRONG, fz_tell_title(t, r->title, r->id));
        ink(w, FZ_INK_PLAIN, FZ_SAID(t, COLON));
    }
    ink(w, FZ_INK_PLAIN, s);
    ink(w, FZ_INK_PLAIN, FZ_STR(" "));
    ink(w, FZ_INK_CODE, r->id);
    end(w, FZ_B_ITEM);
}

static void rules(struct walk *w, int record)
{
    struct fz_tell *t = &w->t;
    bool begun = false;

    for (size_t i = 0; i < t->p->rules_n; i++) {
        if (t->p->rules[i].record != record)
            continue;
        if (!begun) {
            heading(w, 3, FZ_SAID(t, H_RULES));
            paragraph(w, FZ_SAID(t, RULES_MEAN));
            begin(w, FZ_B_LIST);
        }
        begun = true;
        rule(w, &t->p->rules[i]);
    }
    if (begun)
        end(w, FZ_B_LIST);
}

static fz_str basis(struct fz_tell *t, const struct fz_basis *b)
{
    fz_str s = fz_tell_acts(t, &b->acts, FZ_W_OR);

    return b->name.n ? FZ_SAY(t, BASIS, in_words(t, b->name), s) : s;
}

static fz_str share(struct fz_tell *t, const struct fz_indicator *n, fz_str of)
{
    struct fz_phrases l = {0};

    if (n->where && n->bases_n == 1 && n->bases[0].name.n == 0)
        return FZ_SAY(t, SHARE_OF_ITSELF, of, fz_tell_term(t, n->where));
    for (size_t i = 0; i < n->bases_n; i++)
        fz_phrase(t, &l, basis(t, &n->bases[i]));
    if (n->where)
        of = FZ_SAY(t, SHARE_WHERE, of, fz_tell_term(t, n->where));
    return FZ_SAY(t, SHARE, of, fz_join(t, &l, FZ_W_SEMICOLON));
}

static fz_str measured(struct fz_tell *t, const struct fz_indicator *n, fz_str acts)
{
    fz_str field = n->field == FZ_NONE ? (fz_str){0} : fz_tell_field(t, n->field);

    switch (n->kind) {
    case FZ_CHANGES_OF:
        return FZ_SAID(t, CHANGES);
    case FZ_STOCK_OF:
        return n->at_start ? FZ_SAID(t, STOCK_AT_START) : FZ_SAID(t, STOCK_AT_END);
    case FZ_SUM_OF:
        return FZ_SAY(t, SUMMED, field, acts);
    case FZ_MEAN_OF:
        return FZ_SAY(t, MEAN, field, acts);
    default:
        return FZ_SAY(t, DISTINCT, field, acts);
    }
}

static fz_str counted(struct fz_tell *t, const struct fz_indicator *n)
{
    fz_str s = fz_tell_acts(t, &n->on, FZ_W_OR);

    if (n->kind == FZ_SHARE_OF)
        return share(t, n, s);
    if (n->kind != FZ_COUNT_OF) {
        s = measured(t, n, s);
        return n->where ? FZ_SAY(t, MEASURED_WHERE, s, fz_tell_term(t, n->where)) : s;
    }
    return n->where ? FZ_SAY(t, COUNTED_WHERE, s, fz_tell_term(t, n->where)) : FZ_SAY(t, COUNTED, s);
}

static fz_str dimensions(struct fz_tell *t, const struct fz_indicator *n)
{
    struct fz_phrases l = {0};

    if (!n->by_kind)
        return fz_tell_fields(t, n->by, FZ_W_AND);
    fz_phrase(t, &l, FZ_SAID(t, BY_KIND));
    for (size_t i = 0; i < n->by.n; i++)
        fz_phrase(t, &l, fz_tell_field(t, n->by.items[i]));
    return fz_join(t, &l, FZ_W_AND);
}

static void indicators(struct walk *w, int record)
{
    static const fz_word words[] = {FZ_W_C_INDICATOR, FZ_W_C_UNIT, FZ_W_C_COUNTED, FZ_W_C_BY};
    struct fz_tell *t = &w->t;
    bool begun = false;

    for (size_t i = 0; i < t->p->indicators_n; i++) {
        const struct fz_indicator *n = &t->p->indicators[i];

        if (n->record != record)
            continue;
        if (!begun) {
            heading(w, 3, FZ_SAID(t, H_INDICATORS));
            heads(w, words, FZ_COUNT(words));
        }
        begun = true;
        begin(w, FZ_B_ROW);
        named_cell(w, n->title, n->name);
        cell(w, fz_title_in(n->unit, t->lang));
        cell(w, fz_sentence(t, counted(t, n)));
        cell(w, dimensions(t, n));
        end(w, FZ_B_ROW);
    }
    if (begun)
        end(w, FZ_B_TABLE);
}

/* ---- the whole ---- */

static void head(struct walk *w)
{
    struct fz_tell *t = &w->t;
    fz_str s = FZ_SAY(t, VERSION, fz_tell_day(t, t->p->version)), calendar;

    if (t->p->amends != FZ_DAY_NONE)
        s = FZ_SAY(t, AMENDS, s, fz_tell_day(t, t->p->amends));
    if (fz_str_is(t->p->calendar, "none"))
        calendar = FZ_SAID(t, CALENDAR_NONE);
    else if (fz_str_is(t->p->calendar, "cn"))
        calendar = FZ_SAID(t, CALENDAR_CN);
    else
        calendar = FZ_SAY(t, CALENDAR, t->p->calendar);
    heading(w, 1, fz_tell_title(t, t->p->title, t->p->name));
    paragraph(w, fz_sentence(t, FZ_SAY(t, TWO_SENTENCES, s, calendar)));
}

static void directory(struct walk *w)
{
    struct fz_tell *t = &w->t;
    const struct fz_feeds *feeds = &t->r->feeds;
    struct fz_phrases l = {0};
    const char *kind;

    if (feeds->kind == FZ_NONE)
        return;
    for (int p = 0; p < FZ_DIRECTORY_PARTS_N; p++)
        if (feeds->fields[p] != FZ_NONE)
            fz_phrase(t, &l, fz_tell_field(t, feeds->fields[p]));
    kind = t->lang == FZ_ZH ? fz_directory_forms[feeds->kind].zh : fz_directory_forms[feeds->kind].en;
    paragraph(w, FZ_SAY(t, FEEDS, fz_str_of(kind), fz_join(t, &l, FZ_W_AND)));
}

static void record(struct walk *w, int id)
{
    struct fz_tell *t = &w->t;

    fz_tell_record(t, &t->p->records[id]);
    heading(w, 2, fz_tell_title(t, t->r->title, t->r->name));
    stages(w);
    if (w->svgs)
        w->page.ops->picture(&w->page, fz_buf_str(&w->svgs[id]), FZ_SAID(t, LEGEND));
    acts(w);
    links(w);
    pauses(w);
    clocks(w);
    rules(w, id);
    indicators(w, id);
    facts(w);
    directory(w);
    fz_tell_record(t, NULL);
}

static void pack(const struct fz_pack *p, fz_language lang, const struct fz_page_ops *ops, const struct fz_buf *svgs,
                 struct fz_buf *out)
{
    struct walk w = {.page = {.ops = ops, .out = out}, .svgs = svgs};

    fz_tell_init(&w.t, p, lang);
    head(&w);
    laws(&w);
    open_values(&w);
    tables(&w);
    for (size_t i = 0; i < p->records_n; i++)
        record(&w, (int)i);
    w.page.ops->finish(&w.page, lang, fz_tell_title(&w.t, p->title, p->name));
    fz_tell_release(&w.t);
}

void fz_explain_markdown(const struct fz_pack *p, fz_language lang, struct fz_buf *out)
{
    pack(p, lang, &fz_page_markdown, NULL, out);
}

fz_status fz_explain_html(const struct fz_pack *p, fz_language lang, struct fz_buf *out, struct fz_error *err)
{
    struct fz_arena arena;
    struct fz_buf *svgs;
    fz_status s = FZ_OK;

    fz_arena_init(&arena);
    svgs = FZ_NEW_ARRAY(&arena, struct fz_buf, p->records_n);
    for (size_t i = 0; s == FZ_OK && i < p->records_n; i++)
        s = fz_explain_svg(p, &p->records[i], lang, &svgs[i], err);
    if (s == FZ_OK)
        pack(p, lang, &fz_page_html, svgs, out);
    for (size_t i = 0; i < p->records_n; i++)
        fz_buf_release(&svgs[i]);
    fz_arena_release(&arena);
    return s;
}
