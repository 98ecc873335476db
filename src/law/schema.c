#include "law/schema.h"

#include "law/expr.h"
#include "law/limit.h"

typedef enum {
    K_TEXT,     /* any text */
    K_TITLE,    /* a text, or {zh, en} */
    K_NAME,     /* lower-case letters, digits and _ */
    K_NAMES,    /* one name or a list */
    K_FLAG,     /* true false yes no */
    K_COUNT,    /* a whole number from 1 */
    K_DAY,      /* a date */
    K_WORD,     /* one of .words */
    K_EXPR,     /* an expression */
    K_EXPRS,    /* one expression or a list */
    K_ARTICLES, /* "LAW NUMBER", one or a list */
    K_STAGES,   /* stages of the record, one or a list */
    K_ACTS,     /* actions of the record, one or a list */
    K_PAUSE,    /* pauses of the record */
    K_DOCUMENT, /* documents of the record */
    K_LIMIT,    /* a length, or lengths by choice or condition */
    K_WORKING,  /* which numbers of days are working days */
    K_ANY,      /* checked elsewhere */
    K_PART,     /* a map of .of */
    K_PARTS,    /* one map of .of or a list of them */
    K_NAMED,    /* names, each with a map of .of */
} kind;

struct construct;
struct key {
    const char *name;
    kind kind;
    bool required;
    const struct construct *of;
    const char *words; /* blank-separated */
};

/* `brief`: what may stand instead of the map; K_PART when only the map may. `list`: a list of names may stand for the names. */
struct construct {
    const char *title;
    const struct key *keys;
    kind brief;
    bool list;
};

#define CONFIDENCE "verified secondary local remembered chosen"

static const struct key law_keys[] = {{"title", K_TITLE, true},
                                      {"edition", K_TEXT, true},
                                      {"in_force", K_DAY, true},
                                      {"until", K_DAY},
                                      {"working_days", K_WORKING, true},
                                      {0}};
static const struct construct law = {"law", law_keys, K_PART};

static const struct key config_keys[] = {{"type", K_NAME, true},
                                         {"title", K_TITLE},
                                         {"default", K_TEXT, true},
                                         {"bounds", K_ANY},
                                         {"confidence", K_WORD, true, NULL, CONFIDENCE},
                                         {"source", K_TEXT, true},
                                         {0}};
static const struct construct config = {"config", config_keys, K_PART};

static const struct key field_keys[] = {
    {"type", K_WORD, true, NULL,
     "text file article place flag int money points share day month year instant span length choice organ official party"},
    {"title", K_TITLE, true},
    {"required", K_TEXT},
    {"many", K_FLAG},
    {"default", K_TEXT},
    {"when", K_EXPR},
    {"is", K_EXPR},
    {"of", K_ANY},
    {"personal", K_FLAG},
    {"purpose", K_TEXT},
    {"keep", K_TEXT},
    {0}};
static const struct construct field = {"field", field_keys, K_PART};

static const struct key gate_keys[] = {
    {"name", K_NAME}, {"that", K_EXPR, true}, {"else", K_TITLE, true}, {"article", K_ARTICLES, true}, {0}};
static const struct construct gate = {"gate", gate_keys, K_PART};

static const struct key after_keys[] = {{"need", K_ACTS}, {"when", K_EXPR}, {"any", K_ACTS}, {0}};
static const struct construct after = {"after", after_keys, K_ACTS};

static const struct key waive_keys[] = {
    {"by", K_ANY, true}, {"when", K_EXPR}, {"reason", K_TEXT}, {"article", K_ARTICLES, true}, {0}};
static const struct construct waive = {"waive", waive_keys, K_PART};

static const struct key outcome_keys[] = {
    {"title", K_TITLE}, {"to", K_STAGES}, {"clears", K_ACTS}, {"article", K_ARTICLES}, {0}};
static const struct construct outcome = {"outcome", outcome_keys, K_ARTICLES, true};

static const struct key action_keys[] = {{"title", K_TITLE, true},
                                         {"starts", K_STAGES},
                                         {"from", K_STAGES},
                                         {"to", K_STAGES},
                                         {"by", K_ANY, true},
                                         {"not_by", K_ACTS},
                                         {"milestone", K_FLAG},
                                         {"after", K_PARTS, false, &after},
                                         {"waive", K_PART, false, &waive},
                                         {"outcomes", K_NAMED, false, &outcome},
                                         {"times", K_COUNT},
                                         {"repeats", K_FLAG},
                                         {"answers", K_ACTS},
                                         {"each", K_NAMES},
                                         {"pauses", K_PAUSE},
                                         {"resumes", K_PAUSE},
                                         {"sets", K_ANY},
                                         {"clears", K_ACTS},
                                         {"document", K_DOCUMENT},
                                         {"gates", K_PARTS, false, &gate},
                                         {"article", K_ARTICLES, true},
                                         {0}};
static const struct construct action = {"action", action_keys, K_PART};

static const struct key pause_keys[] = {
    {"title", K_TITLE, true}, {"in", K_STAGES, true}, {"allows", K_ACTS, true}, {0}};
static const struct construct pause = {"pause", pause_keys, K_PART};

static const struct key document_keys[] = {{"title", K_TITLE, true}, {"to", K_NAMES, true}, {"number", K_TEXT},
                                           {"public", K_TEXT},       {"service", K_NAMES},  {0}};
static const struct construct document = {"document", document_keys, K_PART};

static const struct key suspends_keys[] = {{"while", K_PAUSE}, {"spans", K_NAME}, {"article", K_ARTICLES}, {0}};
static const struct construct suspends = {"suspends", suspends_keys, K_PART};
static const struct key excludes_keys[] = {{"from", K_ACTS, true}, {"until", K_ACTS, true}, {"told_by", K_NAME},
                                           {"when", K_EXPR},       {"article", K_ARTICLES}, {0}};
static const struct construct excludes = {"excludes", excludes_keys, K_PART};
static const struct key extends_keys[] = {
    {"on", K_ACTS, true}, {"by", K_EXPR, true}, {"when", K_EXPR}, {"article", K_ARTICLES}, {0}};
static const struct construct extends = {"extends", extends_keys, K_PART};
static const struct key caps_keys[] = {{"at", K_EXPR, true}, {"when", K_EXPR}, {"article", K_ARTICLES, true}, {0}};
static const struct construct caps = {"caps", caps_keys, K_PART};
static const struct key ladder_keys[] = {{"at", K_TEXT, true}, {"do", K_WORD, true, NULL, "warn urge escalate"}, {0}};
static const struct construct ladder = {"ladder", ladder_keys, K_PART};

static const struct key clock_keys[] = {
    {"title", K_TITLE},
    {"kind", K_WORD, true, NULL, "at_most at_least window deemed validity retention fixed_day recurring at_once"},
    {"starts", K_EXPRS, true},
    {"stops", K_EXPRS},
    {"used_by", K_ACTS},
    {"holds", K_ACTS},
    {"blocks", K_ACTS},
    {"again", K_WORD, false, NULL, "ignore restart another"},
    {"per", K_NAMES},
    {"when", K_EXPR},
    {"limit", K_LIMIT},
    {"until", K_EXPR},
    {"suspends", K_PARTS, false, &suspends},
    {"excludes", K_PARTS, false, &excludes},
    {"extends", K_PARTS, false, &extends},
    {"caps", K_PARTS, false, &caps},
    {"then", K_ANY},
    {"dated", K_WORD, false, NULL, "due start"},
    {"promise", K_EXPR},
    {"norm", K_WORD, false, NULL, "statute service"},
    {"roll", K_WORD, false, NULL, "none"},
    {"ladder", K_PARTS, false, &ladder},
    {"confidence", K_WORD, false, NULL, CONFIDENCE},
    {"article", K_ARTICLES, true},
    {0}};
static const struct construct clock_def = {"clock", clock_keys, K_PART};

static const struct key record_keys[] = {{"title", K_TITLE, true},
                                         {"shape", K_WORD, true, NULL, "case register activity"},
                                         {"number", K_TEXT},
                                         {"fields", K_NAMED, false, &field},
                                         {"stages", K_ANY, true},
                                         {"final", K_STAGES, true},
                                         {"pauses", K_NAMED, false, &pause},
                                         {"actions", K_NAMED, true, &action},
                                         {"documents", K_NAMED, false, &document},
                                         {"clocks", K_NAMED, false, &clock_def},
                                         {0}};
static const struct construct record = {"record", record_keys, K_PART};

static const struct key rule_keys[] = {{"name", K_NAME},         {"title", K_TITLE}, {"never", K_NAME}, {"before", K_NAME},
                                       {"unless", K_EXPR},       {"while", K_NAME}, {"after", K_NAME},
                                       {"always", K_NAMES},      {"once", K_NAME},  {"differ", K_NAMES},
                                       {"article", K_ARTICLES, true}, {0}};
static const struct construct rule = {"rule", rule_keys, K_PART};

static const struct key indicator_keys[] = {{"title", K_TITLE, true}, {"unit", K_TEXT},  {"count", K_NAME},
                                            {"on", K_NAMES},          {"where", K_EXPR}, {"share_of", K_NAMES},
                                            {"by", K_ANY},            {"bases", K_ANY},  {0}};
static const struct construct indicator = {"indicator", indicator_keys, K_PART};

static const struct key pack_keys[] = {{"pack", K_NAME, true},
                                       {"version", K_DAY, true},
                                       {"amends", K_DAY},
                                       {"title", K_TITLE, true},
                                       {"part", K_NAME, true},
                                       {"calendar", K_NAME, true},
                                       {"laws", K_NAMED, true, &law},
                                       {"config", K_NAMED, false, &config},
                                       {"records", K_NAMED, true, &record},
                                       {"rules", K_PARTS, false, &rule},
                                       {"indicators", K_NAMED, false, &indicator},
                                       {0}};
static const struct construct pack_def = {"pack", pack_keys, K_PART};

/* ---- the walk ---- */

struct walk {
    struct fz_arena *arena;
    struct fz_diags *diags;
    const struct fz_node *laws;
    const struct fz_node *record; /* the one that is walked; NULL outside */
};

static const fz_str none;

static void problem(struct walk *w, fz_diag_id id, const struct fz_node *at, fz_str a0, fz_str a1)
{
    fz_diag_add(w->diags, id, at->span, a0, a1, none);
}

static bool is_name(fz_str s)
{
    if (s.n == 0 || !(s.p[0] >= 'a' && s.p[0] <= 'z'))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '_'))
            return false;
    return true;
}

static bool in_words(fz_str s, const char *words)
{
    size_t n;

    for (; *words; words += n + (words[n] == ' ')) {
        n = strcspn(words, " ");
        if (s.n == n && memcmp(s.p, words, n) == 0)
            return true;
    }
    return false;
}

/* True when the node is a text; says what was expected instead otherwise. */
static bool text_or_say(struct walk *w, const struct fz_node *n, const char *expected)
{
    if (n->kind == FZ_NODE_TEXT && n->text.n)
        return true;
    problem(w, FZ_D_pack_type, n, fz_str_of(expected), none);
    return false;
}

static bool has_member(const struct fz_node *section, fz_str name)
{
    if (!section)
        return false;
    if (section->kind == FZ_NODE_MAP)
        return fz_node_pair(section, name) != NULL;
    for (size_t i = 0; i < fz_node_count(section); i++)
        if (fz_node_at(section, i)->kind == FZ_NODE_TEXT && fz_str_eq(fz_node_at(section, i)->text, name))
            return true;
    return false;
}

static void check_refs(struct walk *w, const struct fz_node *n, const char *section, const char *what)
{
    for (size_t i = 0; i < fz_node_count(n); i++) {
        const struct fz_node *item = fz_node_at(n, i);

        if (text_or_say(w, item, what) && !has_member(fz_node_get(w->record, section), item->text))
            problem(w, FZ_D_pack_unknown_name, item, item->text, fz_str_of(what));
    }
}

static void check_name(struct walk *w, const struct fz_node *n)
{
    if (text_or_say(w, n, "a name") && !is_name(n->text))
        problem(w, FZ_D_pack_name, n, n->text, none);
}

static void check_names(struct walk *w, const struct fz_node *n)
{
    for (size_t i = 0; i < fz_node_count(n); i++)
        check_name(w, fz_node_at(n, i));
}

static void check_exprs(struct walk *w, const struct fz_node *n)
{
    for (size_t i = 0; i < fz_node_count(n); i++) {
        const struct fz_node *item = fz_node_at(n, i);

        if (text_or_say(w, item, "an expression"))
            fz_expr_parse(w->arena, item->text, item->span, w->diags);
    }
}

/* "LAW NUMBER": what stands before the last blank is declared under laws. */
static const struct fz_node *law_of(const struct walk *w, fz_str article)
{
    size_t n = article.n;
    const struct fz_pair *p;

    while (n && article.p[n - 1] != ' ')
        n--;
    if (n < 2 || n == article.n)
        return NULL;
    p = w->laws ? fz_node_pair(w->laws, (fz_str){article.p, n - 1}) : NULL;
    return p ? p->value : NULL;
}

static void check_articles(struct walk *w, const struct fz_node *n)
{
    for (size_t i = 0; i < fz_node_count(n); i++) {
        const struct fz_node *item = fz_node_at(n, i);

        if (!text_or_say(w, item, "an article"))
            continue;
        if (!memchr(item->text.p, ' ', item->text.n))
            problem(w, FZ_D_pack_article, item, item->text, none);
        else if (!law_of(w, item->text))
            problem(w, FZ_D_pack_unknown_law, item, item->text, none);
    }
}

static void check_title(struct walk *w, const struct fz_node *n)
{
    const struct fz_node *zh = fz_node_get(n, "zh"), *en = fz_node_get(n, "en");

    if (n->kind == FZ_NODE_MAP ? !zh || zh->kind != FZ_NODE_TEXT || (en && en->kind != FZ_NODE_TEXT) ||
                                     n->n != 1u + (en != NULL)
                               : n->kind != FZ_NODE_TEXT || n->text.n == 0)
        problem(w, FZ_D_pack_type, n, FZ_STR("a text, or {zh: ..., en: ...}"), none);
}

/* ---- units against the law ---- */

/* What a law says of so many days: +1 they are working days, -1 they are calendar days, 0 it is as written. */
static int working_by_law(const struct fz_node *rule_node, int32_t days)
{
    int64_t n;

    if (!rule_node)
        return 0;
    if (rule_node->kind == FZ_NODE_TEXT) {
        fz_str s = rule_node->text;

        if (fz_str_is(s, "all"))
            return 1;
        if (fz_str_starts(s, "..") && fz_str_int((fz_str){s.p + 2, s.n - 2}, &n))
            return days <= n ? 1 : -1;
        return 0;
    }
    for (size_t i = 0; i < fz_node_count(rule_node); i++)
        if (fz_str_int(fz_node_at(rule_node, i)->text, &n) && n == days)
            return 1;
    return -1;
}

/* One literal length under the articles of its clock: wrong only when every cited law says otherwise. */
static void check_unit(struct walk *w, const struct fz_node *n, const struct fz_node *articles)
{
    fz_length l;
    size_t cited = 0, against = 0;

    if (n->kind != FZ_NODE_TEXT || !fz_length_parse(n->text, &l) ||
        (l.unit != FZ_WORKING_DAYS && l.unit != FZ_DAYS))
        return;
    for (size_t i = 0; i < fz_node_count(articles); i++) {
        const struct fz_node *item = fz_node_at(articles, i);
        const struct fz_node *cites = item->kind == FZ_NODE_TEXT ? law_of(w, item->text) : NULL;
        int says = working_by_law(fz_node_get(cites, "working_days"), l.n);

        if (!cites)
            continue;
        cited++;
        against += says != 0 && (says > 0) != (l.unit == FZ_WORKING_DAYS);
    }
    if (cited && against == cited)
        problem(w, FZ_D_pack_unit, n, n->text, fz_node_at(articles, 0)->text);
}

/* A length, a config value or field (an expression), {choice: length}, or a list of {when, be} with {else}. */
static void check_limit(struct walk *w, const struct fz_node *n)
{
    if (n->kind == FZ_NODE_TEXT) {
        check_exprs(w, n);
        return;
    }
    for (size_t i = 0; i < n->n; i++) {
        if (n->kind == FZ_NODE_LIST)
            check_limit(w, n->items[i]);
        else
            check_exprs(w, n->pairs[i].value);
    }
}

static void each_length(struct walk *w, const struct fz_node *n, const struct fz_node *articles)
{
    if (!n || !articles)
        return;
    check_unit(w, n, articles);
    for (size_t i = 0; n->kind != FZ_NODE_TEXT && i < n->n; i++)
        each_length(w, n->kind == FZ_NODE_LIST ? n->items[i] : n->pairs[i].value, articles);
}

static void check_clock_units(struct walk *w, const struct fz_node *clock)
{
    const struct fz_node *articles = fz_node_get(clock, "article"), *more = fz_node_get(clock, "extends");

    each_length(w, fz_node_get(clock, "limit"), articles);
    for (size_t i = 0; i < fz_node_count(more); i++) {
        const struct fz_node *own = fz_node_get(fz_node_at(more, i), "article");

        each_length(w, fz_node_get(fz_node_at(more, i), "by"), own ? own : articles);
    }
}

static void check_working(struct walk *w, const struct fz_node *n)
{
    int64_t v;

    if (n->kind == FZ_NODE_TEXT && (in_words(n->text, "all as_written") ||
                                    (fz_str_starts(n->text, "..") && fz_str_int((fz_str){n->text.p + 2, n->text.n - 2}, &v))))
        return;
    for (size_t i = 0; n->kind == FZ_NODE_LIST && i < n->n; i++)
        if (n->items[i]->kind != FZ_NODE_TEXT || !fz_str_int(n->items[i]->text, &v) || v < 1)
            problem(w, FZ_D_pack_type, n->items[i], FZ_STR("a number of days"), none);
    if (n->kind != FZ_NODE_LIST)
        problem(w, FZ_D_pack_type, n, FZ_STR("all, as_written, ..10 or [3, 5, 7]"), none);
}

/* ---- constructs ---- */

static void check_value(struct walk *w, const struct key *k, const struct fz_node *n);

static const struct key *find_key(const struct construct *c, fz_str name)
{
    for (const struct key *k = c->keys; k->name; k++)
        if (fz_str_is(name, k->name))
            return k;
    return NULL;
}

static void check_construct(struct walk *w, const struct construct *c, const struct fz_node *n)
{
    if (n->kind != FZ_NODE_MAP) {
        if (c->brief == K_PART)
            problem(w, FZ_D_pack_type, n, fz_str_printf(w->arena, "the keys of a %s", c->title), none);
        else
            check_value(w, &(struct key){.kind = c->brief}, n);
        return;
    }
    for (size_t i = 0; i < n->n; i++) {
        const struct key *k = find_key(c, n->pairs[i].key->text);

        if (k)
            check_value(w, k, n->pairs[i].value);
        else
            problem(w, FZ_D_pack_unknown_key, n->pairs[i].key, n->pairs[i].key->text, fz_str_of(c->title));
    }
    for (const struct key *k = c->keys; k->name; k++)
        if (k->required && !fz_node_get(n, k->name))
            problem(w, FZ_D_pack_missing_key, n, fz_str_of(k->name), fz_str_of(c->title));
    if (c == &clock_def)
        check_clock_units(w, n);
}

/* Fields, stages, actions, clocks, documents and pauses of a record share one namespace. */
static void check_namespace(struct walk *w, const struct fz_node *rec)
{
    static const char *const sections[] = {"fields", "stages", "actions", "clocks", "documents", "pauses"};

    for (size_t later = 1; later < FZ_COUNT(sections); later++) {
        const struct fz_node *s = fz_node_get(rec, sections[later]);

        for (size_t i = 0; s && s->kind != FZ_NODE_TEXT && i < s->n; i++) {
            const struct fz_node *name = s->kind == FZ_NODE_MAP ? s->pairs[i].key : s->items[i];

            for (size_t earlier = 0; name->kind == FZ_NODE_TEXT && earlier < later; earlier++)
                if (has_member(fz_node_get(rec, sections[earlier]), name->text))
                    problem(w, FZ_D_pack_same_name, name, name->text, fz_str_of(sections[earlier]));
        }
    }
}

static void check_record(struct walk *w, const struct fz_node *n)
{
    w->record = n;
    check_construct(w, &record, n);
    check_namespace(w, n);
    w->record = NULL;
}

static void check_named(struct walk *w, const struct construct *c, const struct fz_node *n)
{
    if (n->kind == FZ_NODE_LIST && c->list) {
        check_names(w, n);
        return;
    }
    if (n->kind != FZ_NODE_MAP) {
        problem(w, FZ_D_pack_type, n, fz_str_printf(w->arena, "names, each with the keys of a %s", c->title), none);
        return;
    }
    for (size_t i = 0; i < n->n; i++) {
        if (c != &law)
            check_name(w, n->pairs[i].key);
        if (c == &record)
            check_record(w, n->pairs[i].value);
        else
            check_construct(w, c, n->pairs[i].value);
    }
}

static void check_word(struct walk *w, const struct key *k, const struct fz_node *n)
{
    static const char *const flag_words = "true false yes no";
    const char *words = k->kind == K_FLAG ? flag_words : k->words;

    if (text_or_say(w, n, "a word") && !in_words(n->text, words))
        problem(w, FZ_D_pack_word, n, n->text, fz_str_of(words));
}

static void check_value(struct walk *w, const struct key *k, const struct fz_node *n)
{
    fz_day day;
    int64_t count;

    switch (k->kind) {
    case K_TEXT: text_or_say(w, n, "a text"); break;
    case K_TITLE: check_title(w, n); break;
    case K_NAME: check_name(w, n); break;
    case K_NAMES: check_names(w, n); break;
    case K_FLAG:
    case K_WORD: check_word(w, k, n); break;
    case K_COUNT:
        if (text_or_say(w, n, "a number") && (!fz_str_int(n->text, &count) || count < 1))
            problem(w, FZ_D_pack_type, n, FZ_STR("a whole number from 1"), none);
        break;
    case K_DAY:
        if (text_or_say(w, n, "a date") && !fz_day_parse(n->text, &day))
            problem(w, FZ_D_pack_type, n, FZ_STR("a date that exists, like 2026-01-31"), none);
        break;
    case K_EXPR:
    case K_EXPRS: check_exprs(w, n); break;
    case K_ARTICLES: check_articles(w, n); break;
    case K_STAGES: check_refs(w, n, "stages", "stage"); break;
    case K_ACTS: check_refs(w, n, "actions", "action"); break;
    case K_PAUSE: check_refs(w, n, "pauses", "pause"); break;
    case K_DOCUMENT: check_refs(w, n, "documents", "document"); break;
    case K_LIMIT: check_limit(w, n); break;
    case K_WORKING: check_working(w, n); break;
    case K_ANY: break;
    case K_PART: check_construct(w, k->of, n); break;
    case K_PARTS:
        for (size_t i = 0; i < fz_node_count(n); i++)
            check_construct(w, k->of, fz_node_at(n, i));
        break;
    case K_NAMED: check_named(w, k->of, n); break;
    }
}

void fz_schema_check(const struct fz_node *pack, struct fz_arena *arena, struct fz_diags *diags)
{
    struct walk w = {.arena = arena, .diags = diags, .laws = fz_node_get(pack, "laws")};

    if (pack)
        check_construct(&w, &pack_def, pack);
}
