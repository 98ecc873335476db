/*
 * From the raw structs of law/schema.h to the structs of law/pack.h, in three passes, so that nothing depends on the order of the file:
 * laws and configuration; the names and types of every member of every record; then what refers to them, terms last.
 *
 * What is wrong leaves a hole (FZ_NONE, NULL, a member less) and loading goes on: all problems come in one run, and the pack is
 * handed out only when there was none. What the rest may rely on is therefore checked here: counts are bounded, names known, and no
 * derived field or clock depends on itself, so whoever evaluates may recurse.
 */
#include "law/pack.h"

#include "law/schema.h"
#include "law/table.h"

/* A record while it is loaded: the same arrays as in `out`, still open to change. */
struct open_record {
    const struct raw_record *raw;
    struct fz_record *out;
    struct fz_field *fields;
    struct fz_stage *stages;
    struct fz_pause *pauses;
    struct fz_document *documents;
    struct fz_clock *clocks;
};

struct loader {
    struct fz_arena *arena;
    struct fz_diags *diags;
    const struct raw_pack *raw;
    struct fz_pack *pack;
    bool *law_told;        /* that it is not in force: once a law */
    struct open_record *r; /* the record in hand */
    bool ok;
};

static const fz_str none;

/* A thing of ours within a message. */
struct word {
    const char *en, *zh;
};

static struct fz_diag *problem(struct loader *l, fz_diag_id id, fz_span at, fz_str a0, fz_str a1)
{
    l->ok &= fz_diag_row(id)->severity != FZ_ERROR;
    return fz_diag_add(l->diags, id, at, a0, a1, none);
}

static void problem_word(struct loader *l, fz_diag_id id, fz_span at, fz_str a0, struct word w)
{
    problem(l, id, at, a0, fz_str_of(w.en))->zh[1] = w.zh;
}

/* Where the value of a key stands, and where the key itself does; the whole where it is missing. */
static fz_span value_at(const struct fz_node *node, const char *key)
{
    const struct fz_node *value = fz_node_get(node, key);

    return value ? value->span : node->span;
}

static fz_span key_at(const struct fz_node *node, const char *key)
{
    const struct fz_pair *pair = fz_node_pair(node, fz_str_of(key));

    return pair ? pair->key->span : node->span;
}

/* `key` stands there and may not. */
static void misplaced(struct loader *l, const struct fz_node *node, const char *key, struct word where)
{
    if (fz_node_get(node, key))
        problem_word(l, FZ_D_pack_misplaced, key_at(node, key), fz_str_of(key), where);
}

static void needed(struct loader *l, const struct fz_node *node, const char *key, struct word where)
{
    if (!fz_node_get(node, key))
        problem_word(l, FZ_D_pack_missing_key, node->span, fz_str_of(key), where);
}

static void exclusive(struct loader *l, const struct fz_node *node, const char *one, const char *other)
{
    if (fz_node_get(node, one) && fz_node_get(node, other))
        problem(l, FZ_D_pack_conflict, key_at(node, other), fz_str_of(other), fz_str_of(one));
}

static fz_title title_or_name(fz_title title, fz_str name)
{
    return title.zh.n ? title : (fz_title){.zh = name};
}

static bool within(struct loader *l, fz_span at, size_t n, size_t max, struct word what)
{
    if (n <= max)
        return true;
    problem_word(l, FZ_D_pack_too_many, at, fz_str_printf(l->arena, "%zu", max), what);
    return false;
}

/* ---- finding names ---- */

/* In any array whose structs begin with their name. */
static int find(const void *items, size_t n, size_t bytes, fz_str name)
{
    for (size_t i = 0; i < n; i++)
        if (fz_str_eq(*(const fz_str *)((const char *)items + i * bytes), name))
            return (int)i;
    return FZ_NONE;
}
#define FIND(items, n, name) find((items), (n), sizeof(*(items)), (name))

int fz_table_find(const struct fz_pack *p, fz_str name)
{
    return FIND(p->tables, p->tables_n, name);
}

int fz_record_find(const struct fz_pack *p, fz_str name)
{
    return FIND(p->records, p->records_n, name);
}

int fz_field_find(const struct fz_record *r, fz_str name)
{
    return FIND(r->fields, r->fields_n, name);
}

int fz_stage_find(const struct fz_record *r, fz_str name)
{
    return FIND(r->stages, r->stages_n, name);
}

int fz_action_find(const struct fz_record *r, fz_str name)
{
    return FIND(r->actions, r->actions_n, name);
}

int fz_pause_find(const struct fz_record *r, fz_str name)
{
    return FIND(r->pauses, r->pauses_n, name);
}

int fz_document_find(const struct fz_record *r, fz_str name)
{
    return FIND(r->documents, r->documents_n, name);
}

int fz_clock_find(const struct fz_record *r, fz_str name)
{
    return FIND(r->clocks, r->clocks_n, name);
}

int fz_link_find(const struct fz_record *r, fz_str name)
{
    return FIND(r->links, r->links_n, name);
}

int fz_outcome_find(const struct fz_action *a, fz_str name)
{
    return FIND(a->outcomes, a->outcomes_n, name);
}

_Static_assert(offsetof(struct fz_record, name) == 0 && offsetof(struct fz_field, name) == 0 &&
                   offsetof(struct fz_stage, name) == 0 && offsetof(struct fz_action, name) == 0 &&
                   offsetof(struct fz_pause, name) == 0 && offsetof(struct fz_document, name) == 0 &&
                   offsetof(struct fz_clock, name) == 0 && offsetof(struct fz_outcome, name) == 0 &&
                   offsetof(struct fz_law, name) == 0 && offsetof(struct fz_pack_table, name) == 0 &&
                   offsetof(struct fz_table_input, name) == 0 && offsetof(struct fz_kind, name) == 0 && offsetof(struct raw_kind, name) == 0,
               "find() reads the first member");

const struct fz_local *fz_config_local(const struct fz_config *c, fz_day day)
{
    for (size_t i = c->local_n; i > 0; i--)
        if (c->local[i - 1].from <= day)
            return &c->local[i - 1];
    return NULL;
}

size_t fz_pack_version_on(const struct fz_pack *const *versions, size_t n, fz_day day)
{
    size_t i = n;

    while (i > 1 && versions[i - 1]->version > day)
        i--;
    return i - 1;
}

int fz_action_target(const struct fz_action *a, int outcome)
{
    if (a->starts != FZ_NONE)
        return a->starts;
    return outcome != FZ_NONE && a->outcomes[outcome].to != FZ_NONE ? a->outcomes[outcome].to : a->to;
}

int fz_action_change(const struct fz_action *a, int outcome)
{
    return outcome != FZ_NONE && a->outcomes[outcome].change != FZ_NONE ? a->outcomes[outcome].change : a->change;
}

bool fz_action_enters(const struct fz_record *r, const struct fz_action *a, int field)
{
    int link = r->fields[field].of_link;

    for (size_t i = 0; i < a->sets_n; i++)
        if (a->sets[i].field == field && !a->sets[i].value)
            return true;
    for (size_t i = 0; i < a->opens_n; i++)
        if (link != FZ_NONE && a->opens[i].link == link)
            return true;
    return link != FZ_NONE && r->links[link].field != field && fz_action_enters(r, a, r->links[link].field);
}

bool fz_field_told_by_each(const struct fz_record *r, int field)
{
    const struct fz_field *f = &r->fields[field];

    return r->links_n && f->of_link != FZ_NONE && f->type != FZ_TYPE_LINK && r->links[f->of_link].many;
}

bool fz_anchors_have(const struct fz_anchor *anchors, size_t n, int kind, int id)
{
    for (size_t i = 0; i < n; i++)
        if ((int)anchors[i].kind == kind && anchors[i].id == id)
            return true;
    return false;
}

bool fz_ids_has(struct fz_ids ids, int id)
{
    for (size_t i = 0; i < ids.n; i++)
        if (ids.items[i] == id)
            return true;
    return false;
}

bool fz_acts_empty(const fz_acts *s)
{
    for (size_t i = 0; i < FZ_COUNT(s->w); i++)
        if (s->w[i])
            return false;
    return true;
}

const char *fz_confidence_word(fz_confidence c)
{
    static const char *const words[] = {
        [FZ_VERIFIED] = "verified",     [FZ_SECONDARY] = "secondary", [FZ_LOCAL] = "local",
        [FZ_REMEMBERED] = "remembered", [FZ_CHOSEN] = "chosen",
    };

    fz_assert((size_t)c < FZ_COUNT(words));
    return words[c];
}

struct member_kind {
    struct word word;
    int (*find)(const struct fz_record *r, fz_str name);
};

static const struct member_kind a_field = {{"field", "字段"}, fz_field_find};
static const struct member_kind a_stage = {{"stage", "阶段"}, fz_stage_find};
static const struct member_kind an_action = {{"action", "行为"}, fz_action_find};
static const struct member_kind a_pause = {{"pause", "中止"}, fz_pause_find};
static const struct member_kind a_document = {{"document", "文书"}, fz_document_find};

static int kind_find(const struct fz_record *r, fz_str name)
{
    return FIND(r->kinds, r->kinds_n, name);
}

static const struct member_kind a_kind = {{"kind of change", "变动类型"}, kind_find};

/* Index of what is named; FZ_NONE when nothing is, and after a problem. */
static int ref(struct loader *l, const struct member_kind *kind, struct fz_name name)
{
    int id;

    if (name.text.n == 0)
        return FZ_NONE;
    id = kind->find(l->r->out, name.text);
    if (id == FZ_NONE)
        problem_word(l, FZ_D_pack_unknown_name, name.span, name.text, kind->word);
    return id;
}

static struct fz_ids refs(struct loader *l, const struct member_kind *kind, struct fz_names names)
{
    int *items = FZ_NEW_ARRAY(l->arena, int, names.n);
    struct fz_ids ids = {items, 0};

    for (size_t i = 0; i < names.n; i++) {
        int id = ref(l, kind, names.items[i]);

        if (id != FZ_NONE)
            items[ids.n++] = id;
    }
    return ids;
}

static fz_acts acts(struct loader *l, struct fz_names names)
{
    fz_acts set = {{0}};

    for (size_t i = 0; i < names.n; i++) {
        int id = ref(l, &an_action, names.items[i]);

        if (id != FZ_NONE)
            fz_acts_add(&set, id);
    }
    return set;
}

static uint64_t stages(struct loader *l, struct fz_names names)
{
    uint64_t set = 0;

    for (size_t i = 0; i < names.n; i++) {
        int id = ref(l, &a_stage, names.items[i]);

        if (id != FZ_NONE)
            set |= UINT64_C(1) << id;
    }
    return set;
}

/* Where only one makes sense, but a list is read, so that each of its names is looked at. */
static int one_stage(struct loader *l, struct fz_names names)
{
    struct fz_ids ids = refs(l, &a_stage, names);

    if (names.n > 1)
        problem_word(l, FZ_D_pack_several, names.items[1].span, names.items[1].text, a_stage.word);
    return ids.n ? ids.items[0] : FZ_NONE;
}

/* Sets among the fields: what `each` and `per` go over. */
static struct fz_ids sets(struct loader *l, struct fz_names names)
{
    struct fz_ids ids = refs(l, &a_field, names);

    for (size_t i = 0; i < names.n; i++) {
        int id = fz_field_find(l->r->out, names.items[i].text);

        if (id != FZ_NONE && !l->r->fields[id].many)
            problem(l, FZ_D_pack_not_set, names.items[i].span, names.items[i].text, none);
    }
    return ids;
}

static const struct fz_term *term(struct loader *l, const struct fz_expr *e, fz_type type,
                                  const struct fz_choices *choices)
{
    const struct fz_term *t =
        fz_term_make(l->arena, l->pack, l->r ? l->r->out : NULL, e, (struct fz_want){type, choices}, l->diags);

    l->ok &= !e || t;
    return t;
}

static const struct fz_term *condition(struct loader *l, const struct fz_expr *e)
{
    return term(l, e, FZ_TYPE_FLAG, NULL);
}

/* ---- laws and articles ---- */

static bool read_up_to(struct fz_names words, int *out)
{
    fz_str s = words.n ? words.items[0].text : none;
    int64_t n;

    if (!fz_str_starts(s, "..") || !fz_str_int((fz_str){s.p + 2, s.n - 2}, &n) || n < 1 || n > FZ_LENGTH_MAX)
        return false;
    *out = (int)n;
    return true;
}

static void load_working_list(struct loader *l, struct fz_names words, struct fz_law *law)
{
    int *items = FZ_NEW_ARRAY(l->arena, int, words.n);
    int64_t n;

    law->working = FZ_WD_LIST;
    law->working_days.items = items;
    for (size_t i = 0; i < words.n; i++) {
        if (fz_str_int(words.items[i].text, &n) && n >= 1 && n <= FZ_LENGTH_MAX)
            items[law->working_days.n++] = (int)n;
        else
            problem(l, FZ_D_pack_type, words.items[i].span, FZ_STR("a number of days"), none)->zh[0] = "日数";
    }
}

static void load_working(struct loader *l, const struct raw_law *raw, struct fz_law *law)
{
    const struct fz_node *node = fz_node_get(raw->node, "working_days");

    if (!node || (node->kind == FZ_NODE_TEXT && raw->working.n == 0))
        return;
    if (node->kind == FZ_NODE_LIST)
        load_working_list(l, raw->working, law);
    else if (node->kind == FZ_NODE_TEXT && fz_str_is(node->text, "all"))
        law->working = FZ_WD_ALL;
    else if (node->kind == FZ_NODE_TEXT && read_up_to(raw->working, &law->working_up_to))
        law->working = FZ_WD_UP_TO;
    else if (node->kind != FZ_NODE_TEXT || !fz_str_is(node->text, "as_written"))
        problem(l, FZ_D_pack_type, node->span, FZ_STR("all, as_written, ..10 or [3, 5, 7]"), none)->zh[0] =
            "all、as_written、..10 或者 [3, 5, 7]";
}

static void load_laws(struct loader *l)
{
    size_t n = l->raw->laws.n;
    struct fz_law *laws = FZ_NEW_ARRAY(l->arena, struct fz_law, n);

    l->pack->laws = laws;
    l->pack->laws_n = n;
    l->law_told = FZ_NEW_ARRAY(l->arena, bool, n);
    for (size_t i = 0; i < n; i++) {
        const struct raw_law *raw = (const struct raw_law *)l->raw->laws.items + i;

        laws[i] = (struct fz_law){.name = raw->name.text,
                                  .title = raw->title,
                                  .edition = raw->edition,
                                  .in_force = raw->in_force,
                                  .until = raw->until,
                                  .span = raw->name.span};
        load_working(l, raw, &laws[i]);
        if (raw->until != FZ_DAY_NONE && raw->until < raw->in_force)
            problem(l, FZ_D_pack_law_span, value_at(raw->node, "until"), raw->name.text, none);
    }
}

/* A law that is not in force on the day of the version: said at the first article that cites it. */
static void check_in_force(struct loader *l, const fz_article *a)
{
    const struct fz_law *law = &l->pack->laws[a->law];
    fz_day version = l->pack->version;
    char from[FZ_DAY_TEXT], until[FZ_DAY_TEXT];

    if (l->law_told[a->law] || version == FZ_DAY_NONE || law->in_force == FZ_DAY_NONE ||
        (law->in_force <= version && (law->until == FZ_DAY_NONE || version <= law->until)))
        return;
    l->law_told[a->law] = true;
    fz_diag_add(l->diags, FZ_D_pack_law_time, a->span, a->text, fz_str_of(fz_day_text(law->in_force, from)),
                fz_str_of(law->until == FZ_DAY_NONE ? "..." : fz_day_text(law->until, until)));
}

/* "LAW NUMBER": what stands before the last blank is declared under laws. */
static bool load_article(struct loader *l, struct fz_name cited, fz_article *out)
{
    fz_str s = cited.text;
    size_t n = s.n;

    while (n && s.p[n - 1] != ' ')
        n--;
    if (n == 0) {
        problem(l, FZ_D_pack_article, cited.span, s, none);
        return false;
    }
    *out = (fz_article){.text = s, .number = {s.p + n, s.n - n}, .span = cited.span};
    out->law = out->number.n ? FIND(l->pack->laws, l->pack->laws_n, ((fz_str){s.p, n - 1})) : FZ_NONE;
    if (out->law == FZ_NONE) {
        problem(l, FZ_D_pack_unknown_law, cited.span, s, none);
        return false;
    }
    check_in_force(l, out);
    return true;
}

static struct fz_articles articles(struct loader *l, struct fz_names cited)
{
    fz_article *items = FZ_NEW_ARRAY(l->arena, fz_article, cited.n);
    struct fz_articles out = {items, 0};

    for (size_t i = 0; i < cited.n; i++)
        out.n += load_article(l, cited.items[i], &items[out.n]);
    return out;
}

/* What a law says of so many days: +1 they are working days, -1 they are calendar days, 0 it is as written.
 * Law: 行政复议法 第八十八条、行政处罚法 第八十五条、行政强制法 第六十九条、行政许可法 第八十二条 */
static int working_by_law(const struct fz_law *law, int32_t days)
{
    switch (law->working) {
    case FZ_WD_AS_WRITTEN:
        return 0;
    case FZ_WD_ALL:
        return 1;
    case FZ_WD_UP_TO:
        return days <= law->working_up_to ? 1 : -1;
    case FZ_WD_LIST:
        return fz_ids_has(law->working_days, days) ? 1 : -1;
    }
    return 0;
}

/* One literal length under the articles of its clock: wrong only when every cited law says otherwise. */
static void check_unit(struct loader *l, const struct fz_node *n, const struct fz_articles *cited)
{
    fz_length length;
    size_t against = 0;

    if (n->kind != FZ_NODE_TEXT || !fz_length_parse(n->text, &length))
        return;
    if (length.unit == FZ_WORKING_DAYS && fz_str_is(l->pack->calendar, "none"))
        problem(l, FZ_D_pack_no_calendar, n->span, n->text, none);
    if (length.unit != FZ_WORKING_DAYS && length.unit != FZ_DAYS)
        return;
    for (size_t i = 0; i < cited->n; i++) {
        int says = working_by_law(&l->pack->laws[cited->items[i].law], length.n);

        against += says != 0 && (says > 0) != (length.unit == FZ_WORKING_DAYS);
    }
    if (cited->n && against == cited->n)
        problem(l, FZ_D_pack_unit, n->span, n->text, cited->items[0].text);
}

/* Every literal length below a node; the YAML reader bounds the depth. */
static void check_units(struct loader *l, const struct fz_node *n, const struct fz_articles *cited)
{
    if (!n)
        return;
    check_unit(l, n, cited);
    for (size_t i = 0; n->kind != FZ_NODE_TEXT && i < n->n; i++)
        check_units(l, n->kind == FZ_NODE_LIST ? n->items[i] : n->pairs[i].value, cited);
}

/* ---- values and choices ---- */

static bool read_value(struct loader *l, fz_type type, const struct fz_choices *choices, struct fz_name text,
                       fz_value *out)
{
    if (fz_value_parse(type, choices, text.text, out))
        return true;
    problem(l, FZ_D_pack_value, text.span, text.text, fz_str_of(fz_type_word(type)));
    return false;
}

/* `of` of a choice: each name once, with its title where it has one. */
static struct fz_choices load_choices(struct loader *l, const struct fz_node *node, fz_type type, struct fz_parts of)
{
    const struct raw_stage *raw = of.items;
    fz_str *names = FZ_NEW_ARRAY(l->arena, fz_str, of.n);
    fz_title *titles = FZ_NEW_ARRAY(l->arena, fz_title, of.n);
    struct fz_choices out = {names, of.n, titles};

    if (type == FZ_TYPE_CHOICE)
        needed(l, node, "of", (struct word){"choice", "选项"});
    else if (type != FZ_TYPE_NONE)
        misplaced(l, node, "of", (struct word){"values that are no choice", "选项以外的值"});
    if (!within(l, node->span, of.n, FZ_MEMBERS_OF_RECORD_MAX, (struct word){"names of a choice", "选项名称"}))
        out.n = 0;
    for (size_t i = 0; i < out.n; i++) {
        names[i] = raw[i].name.text;
        titles[i] = (fz_title){raw[i].zh, raw[i].en};
        if (FIND(names, i, names[i]) != FZ_NONE)
            problem(l, FZ_D_pack_repeated, raw[i].name.span, names[i], none);
    }
    return out;
}

static bool is_bounded_type(fz_type type)
{
    switch (type) {
    case FZ_TYPE_INT:
    case FZ_TYPE_MONEY:
    case FZ_TYPE_POINTS:
    case FZ_TYPE_SHARE:
    case FZ_TYPE_DAY:
    case FZ_TYPE_MONTH:
    case FZ_TYPE_YEAR:
    case FZ_TYPE_INSTANT:
    case FZ_TYPE_LENGTH:
        return true;
    default:
        return false;
    }
}

static void load_bounds(struct loader *l, const struct raw_config *raw, struct fz_config *c)
{
    fz_span at = value_at(raw->node, "bounds");

    if (!fz_node_get(raw->node, "bounds") || c->type == FZ_TYPE_NONE)
        return;
    if (raw->bounds.n != 2 || !is_bounded_type(c->type)) {
        problem(l, FZ_D_pack_bounds, at, fz_str_of(fz_type_word(c->type)), none);
        return;
    }
    if (!read_value(l, c->type, NULL, raw->bounds.items[0], &c->low) ||
        !read_value(l, c->type, NULL, raw->bounds.items[1], &c->high) || !c->value.set)
        return;
    c->bounded = true;
    if (!fz_value_at_most(c->type, c->low, c->high))
        problem(l, FZ_D_pack_bounds, at, fz_str_of(fz_type_word(c->type)), none);
    else if (!fz_value_at_most(c->type, c->low, c->value) || !fz_value_at_most(c->type, c->value, c->high))
        problem(l, FZ_D_pack_outside, value_at(raw->node, "default"), raw->value, none);
}

static void load_config(struct loader *l)
{
    size_t n = l->raw->config.n;
    struct fz_config *items = FZ_NEW_ARRAY(l->arena, struct fz_config, n);

    l->pack->config = items;
    l->pack->config_n = n;
    for (size_t i = 0; i < n; i++) {
        const struct raw_config *raw = (const struct raw_config *)l->raw->config.items + i;
        struct fz_config *c = &items[i];

        *c = (struct fz_config){.name = raw->name.text,
                                .title = title_or_name(raw->title, raw->name.text),
                                .type = (fz_type)(raw->type + 1),
                                .confidence = raw->confidence < 0 ? FZ_VERIFIED : (fz_confidence)raw->confidence,
                                .source = raw->source,
                                .span = raw->name.span};
        c->choices = load_choices(l, raw->node, c->type, raw->of);
        if (c->type == FZ_TYPE_LINK)
            problem(l, FZ_D_pack_link_field, value_at(raw->node, "type"), none, none);
        if (c->type != FZ_TYPE_NONE && raw->value.n)
            read_value(l, c->type, &c->choices, (struct fz_name){raw->value, value_at(raw->node, "default")},
                       &c->value);
        load_bounds(l, raw, c);
    }
}

/* ---- tables ---- */

static bool is_table_number(fz_type type)
{
    return type == FZ_TYPE_INT || type == FZ_TYPE_MONEY || type == FZ_TYPE_POINTS;
}

static bool is_input_type(fz_type type)
{
    return is_table_number(type) || type == FZ_TYPE_FLAG || type == FZ_TYPE_CHOICE;
}

/* The type that a key of a table gives, by its row in law/schema.c. */
static fz_type worded(const char *words, int i)
{
    fz_type type = FZ_TYPE_NONE;

    for (; i > 0; i--)
        words += strcspn(words, " ") + 1;
    if (i == 0)
        fz_type_of_word((fz_str){words, strcspn(words, " ")}, &type);
    return type;
}

static bool same_names(const struct fz_choices *a, const struct fz_choices *b)
{
    for (size_t i = 0; i < a->n && a->n == b->n; i++)
        if (!fz_str_eq(a->names[i], b->names[i]))
            return false;
    return a->n == b->n;
}

static fz_str type_of_field(struct loader *l, const struct fz_field *f)
{
    return fz_str_printf(l->arena, f->many ? "%s (many)" : "%s", fz_type_word(f->type));
}

/* A name alone is the field of that name, which has one type in whatever records have it. */
static void input_by_field(struct loader *l, const struct raw_input *raw, struct fz_table_input *out)
{
    const struct fz_field *found = NULL;
    fz_str record = none;

    for (size_t r = 0; r < l->pack->records_n; r++) {
        const struct fz_record *rec = &l->pack->records[r];
        int id = fz_field_find(rec, raw->name.text);
        const struct fz_field *f = id == FZ_NONE ? NULL : &rec->fields[id];

        if (f && found && (f->type != found->type || f->many != found->many || !same_names(&f->choices, &found->choices))) {
            l->ok = false;
            fz_diag_add(l->diags, FZ_D_table_input_twice, raw->name.span, raw->name.text, record, rec->name);
            return;
        }
        if (!f || found)
            continue;
        found = f;
        record = rec->name;
    }
    if (!found) {
        problem(l, FZ_D_table_input, raw->name.span, raw->name.text, none);
    } else if (found->many || !is_input_type(found->type)) {
        problem(l, FZ_D_table_input_type, raw->name.span, raw->name.text, type_of_field(l, found));
    } else {
        out->type = found->type;
        out->choices = &found->choices;
        out->title = found->title;
    }
}

static void input_by_type(struct loader *l, const struct raw_input *raw, struct fz_table_input *out)
{
    struct fz_choices *own = FZ_NEW(l->arena, struct fz_choices);

    out->type = worded(fz_table_input_types, raw->type);
    *own = load_choices(l, raw->node, out->type, raw->of);
    out->choices = own;
}

static void load_inputs(struct loader *l, const struct raw_table *raw, struct fz_pack_table *t)
{
    const struct raw_input *in = raw->in.items;
    struct fz_table_input *items = FZ_NEW_ARRAY(l->arena, struct fz_table_input, raw->in.n);
    bool listed = fz_node_get(raw->node, "in") && fz_node_get(raw->node, "in")->kind != FZ_NODE_MAP;

    t->inputs = items;
    t->inputs_n = raw->in.n;
    for (size_t i = 0; i < raw->in.n; i++) {
        items[i] = (struct fz_table_input){.name = in[i].name.text, .title = in[i].title, .span = in[i].name.span};
        if (FIND(items, i, in[i].name.text) != FZ_NONE)
            problem(l, FZ_D_pack_repeated, in[i].name.span, in[i].name.text, none);
        if (listed)
            input_by_field(l, &in[i], &items[i]);
        else
            input_by_type(l, &in[i], &items[i]);
    }
}

static void load_columns(struct loader *l, const struct raw_table *raw, struct fz_pack_table *t)
{
    const struct raw_column *out = raw->out.items;
    struct fz_table_column *items = FZ_NEW_ARRAY(l->arena, struct fz_table_column, raw->out.n);

    t->columns = items;
    t->columns_n = raw->out.n;
    for (size_t i = 0; i < raw->out.n; i++) {
        items[i] = (struct fz_table_column){
            .name = out[i].name.text, .title = out[i].title, .type = worded(fz_table_column_types, out[i].type), .span = out[i].name.span};
        items[i].choices = load_choices(l, out[i].node, items[i].type, out[i].of);
    }
}

static void bad_cell(struct loader *l, const struct fz_node *n, const struct fz_table_input *in)
{
    l->ok = false;
    fz_diag_add(l->diags, FZ_D_table_cell, n->span, n->text, in->name, fz_str_of(fz_type_word(in->type)));
}

/* The check looks at a value's neighbours, so these have to be numbers too. */
static bool has_neighbours(fz_value v)
{
    return v.n > INT64_MIN + 1 && v.n < INT64_MAX - 1;
}

/* One end of a range; nothing before or after the dots leaves it open. */
static bool range_end(fz_type type, fz_str text, fz_value *out)
{
    fz_str s = fz_str_trim(text);

    *out = FZ_UNSET;
    return s.n == 0 || (fz_value_parse(type, NULL, s, out) && has_neighbours(*out));
}

static bool find_dots(fz_str s, size_t *out_at)
{
    for (size_t i = 0; i + 1 < s.n; i++) {
        if (s.p[i] != '.' || s.p[i + 1] != '.')
            continue;
        *out_at = i;
        return true;
    }
    return false;
}

static void range_cell(struct loader *l, const struct fz_node *n, size_t at, const struct fz_pack_table *t, const struct fz_table_input *in,
                       struct fz_cell *out)
{
    fz_str low = {n->text.p, at}, high = {n->text.p + at + 2, n->text.n - at - 2};
    bool all = n->text.n == 2;
    bool read = all || (is_table_number(in->type) && range_end(in->type, low, &out->low) && range_end(in->type, high, &out->high));

    if (!read || (out->low.set && out->high.set && out->high.n - (t->ends != FZ_ENDS_BOTH) < out->low.n))
        bad_cell(l, n, in);
}

static void item_cell(struct loader *l, const struct fz_node *n, const struct fz_table_input *in, struct fz_cell *out)
{
    fz_value *items = FZ_NEW_ARRAY(l->arena, fz_value, fz_node_count(n));

    out->items = items;
    for (size_t i = 0; i < fz_node_count(n); i++) {
        const struct fz_node *item = fz_node_at(n, i);

        if (fz_value_parse(in->type, in->choices, item->text, &items[out->items_n]) && has_neighbours(items[out->items_n]))
            out->items_n++;
        else
            bad_cell(l, item, in);
    }
}

static void load_cell(struct loader *l, const struct fz_node *n, const struct fz_pack_table *t, const struct fz_table_input *in, struct fz_cell *out)
{
    size_t at;

    *out = (struct fz_cell){.span = n->span};
    if (in->type == FZ_TYPE_NONE)
        return;
    if (n->kind == FZ_NODE_TEXT && find_dots(n->text, &at))
        range_cell(l, n, at, t, in, out);
    else
        item_cell(l, n, in, out);
}

/* What the row gives; a length counts in the days of the law that the table stands on. */
static void load_given(struct loader *l, const struct fz_node *n, const struct fz_pack_table *t, const struct fz_table_column *c, fz_value *out)
{
    if (n->kind != FZ_NODE_TEXT) {
        problem(l, FZ_D_pack_value, n->span, FZ_STR("[...]"), fz_str_of(fz_type_word(c->type)));
        return;
    }
    if (c->type != FZ_TYPE_NONE)
        read_value(l, c->type, &c->choices, (struct fz_name){n->text, n->span}, out);
    if (c->type == FZ_TYPE_LENGTH)
        check_unit(l, n, &t->articles);
}

static void load_rows(struct loader *l, const struct fz_node *rows, struct fz_pack_table *t)
{
    size_t n = rows ? rows->n : 0, cells = t->inputs_n + t->columns_n;
    struct fz_cell *in = FZ_NEW_ARRAY(l->arena, struct fz_cell, n * t->inputs_n);
    fz_value *out = FZ_NEW_ARRAY(l->arena, fz_value, n * t->columns_n);
    fz_span *spans = FZ_NEW_ARRAY(l->arena, fz_span, n);

    t->cells = in;
    t->values = out;
    t->rows = spans;
    t->rows_n = n;
    for (size_t r = 0; r < n; r++) {
        const struct fz_node *row = rows->items[r];

        spans[r] = row->span;
        if (row->n != cells) {
            problem(l, FZ_D_table_row, row->span, fz_str_printf(l->arena, "%zu", row->n), fz_str_printf(l->arena, "%zu", cells));
            continue;
        }
        for (size_t i = 0; i < t->inputs_n; i++)
            load_cell(l, row->items[i], t, &t->inputs[i], &in[r * t->inputs_n + i]);
        for (size_t i = 0; i < t->columns_n; i++)
            load_given(l, row->items[t->inputs_n + i], t, &t->columns[i], &out[r * t->columns_n + i]);
    }
}

static bool prices_slices(const struct fz_pack_table *t)
{
    bool ok = t->inputs_n == 1 && is_table_number(t->inputs[0].type);

    for (size_t i = 0; i < t->columns_n && ok; i++)
        ok = t->columns[i].type == FZ_TYPE_SHARE || (t->columns[i].type == FZ_TYPE_MONEY && t->inputs[0].type == FZ_TYPE_INT);
    return ok;
}

static bool gives_shares(const struct fz_pack_table *t)
{
    for (size_t i = 0; i < t->columns_n; i++)
        if (t->columns[i].type == FZ_TYPE_SHARE)
            return true;
    return false;
}

/* The row begins where the one before ends, the first at nothing; only the last has no end. */
static bool slice_follows(const struct fz_pack_table *t, size_t row)
{
    const struct fz_cell *c = &t->cells[row];
    bool begins = row ? c->low.set && c->low.n == t->cells[row - 1].high.n : !c->low.set && (!c->high.set || c->high.n > 0);

    return begins && !c->items_n && c->high.set == (row + 1 < t->rows_n);
}

static void check_slices(struct loader *l, const struct raw_table *raw, const struct fz_pack_table *t)
{
    misplaced(l, raw->node, "ends", (struct word){"table of slices", "分段计算的裁量表"});
    if (!prices_slices(t)) {
        problem(l, FZ_D_table_slices_form, t->span, t->name, none);
        return;
    }
    if (gives_shares(t))
        needed(l, raw->node, "round", (struct word){"table of slices by shares", "按比例分段计算的裁量表"});
    for (size_t r = 0; r < t->rows_n; r++) {
        if (slice_follows(t, r))
            continue;
        problem(l, FZ_D_table_slices, t->rows[r], t->name, none);
        return;
    }
    if (!fz_table_fits(t))
        problem(l, FZ_D_table_slices_large, t->span, t->name, none);
}

/* "gravity = light, income = 10000.01 yuan" */
static fz_str put_in(struct loader *l, const struct fz_pack_table *t, const fz_value *inputs)
{
    struct fz_buf b = {0};
    fz_str s;

    for (size_t i = 0; i < t->inputs_n; i++) {
        fz_buf_printf(&b, "%s%.*s = ", i ? ", " : "", FZ_STR_ARG(t->inputs[i].name));
        fz_value_print(t->inputs[i].type, t->inputs[i].choices, inputs[i], &b);
    }
    s = fz_str_copy(l->arena, fz_buf_str(&b));
    fz_buf_release(&b);
    return s;
}

static void check_rows(struct loader *l, const struct fz_pack_table *t)
{
    struct fz_table_flaw flaw;
    fz_table_verdict verdict = fz_table_check(t, l->arena, &flaw);

    if (verdict == FZ_TABLE_TOO_FINE) {
        problem(l, FZ_D_table_too_fine, t->span, t->name, none);
    } else if (verdict == FZ_TABLE_FLAWED && flaw.row == FZ_NONE) {
        problem(l, FZ_D_table_gap, t->span, t->name, put_in(l, t, flaw.inputs));
    } else if (verdict == FZ_TABLE_FLAWED) {
        problem(l, FZ_D_table_overlap, t->rows[flaw.other], t->name, put_in(l, t, flaw.inputs));
        fz_diag_add(l->diags, FZ_D_also_here, t->rows[flaw.row], put_in(l, t, flaw.inputs), none, none);
    }
}

static void some_of(struct loader *l, const struct raw_table *raw, const char *key, size_t n)
{
    const struct fz_node *node = fz_node_get(raw->node, key);

    if (node && node->kind != FZ_NODE_TEXT && node->n == 0 && n == 0)
        problem(l, FZ_D_pack_type, node->span, FZ_STR("at least one name"), none)->zh[0] = "至少一个名称";
}

static bool few_in_table(struct loader *l, const struct raw_table *raw)
{
    bool few = within(l, value_at(raw->node, "in"), raw->in.n, FZ_TABLE_INPUTS_MAX, (struct word){"inputs of a table", "裁量表的输入"});

    few &= within(l, value_at(raw->node, "out"), raw->out.n, FZ_STAGES_MAX, (struct word){"columns of a table", "裁量表的结果"});
    few &= within(l, value_at(raw->node, "rows"), raw->rows ? raw->rows->n : 0, FZ_TABLE_ROWS_MAX, (struct word){"rows of a table", "裁量表的行"});
    return few;
}

static void load_table(struct loader *l, const struct raw_table *raw, struct fz_pack_table *t)
{
    bool before = l->ok;

    l->ok = true;
    *t = (struct fz_pack_table){.name = raw->name.text,
                           .title = raw->title,
                           .ends = raw->ends < 0 ? FZ_ENDS_BOTH : raw->ends == 0 ? FZ_ENDS_LOWER : FZ_ENDS_UPPER,
                           .slices = raw->slices,
                           .round = raw->round < 0 ? FZ_DOWN : raw->round,
                           .confidence = raw->confidence < 0 ? FZ_VERIFIED : (fz_confidence)raw->confidence,
                           .source = raw->source,
                           .span = raw->name.span};
    if (fz_is_function(raw->name.text))
        problem(l, FZ_D_table_name, raw->name.span, raw->name.text, none);
    if (!raw->slices)
        misplaced(l, raw->node, "round", (struct word){"table without slices", "不分段计算的裁量表"});
    t->articles = articles(l, raw->article);
    some_of(l, raw, "in", raw->in.n);
    some_of(l, raw, "out", raw->out.n);
    if (few_in_table(l, raw)) {
        load_inputs(l, raw, t);
        load_columns(l, raw, t);
        load_rows(l, raw->rows, t);
    }
    if (l->ok && t->inputs_n && t->columns_n && t->rows_n && t->slices)
        check_slices(l, raw, t);
    else if (l->ok && t->inputs_n && t->columns_n && t->rows_n)
        check_rows(l, t);
    if (!l->ok)
        t->rows_n = 0; /* who asks it nevertheless finds no row */
    l->ok &= before;
}

static void load_tables(struct loader *l)
{
    size_t n = l->raw->tables.n;
    struct fz_pack_table *items = FZ_NEW_ARRAY(l->arena, struct fz_pack_table, n);

    for (size_t i = 0; i < n; i++)
        load_table(l, (const struct raw_table *)l->raw->tables.items + i, &items[i]);
    l->pack->tables = items;
    l->pack->tables_n = n;
}

/* ---- first pass over a record: names, types, outcomes ---- */

/* Words that expressions and references read as something else. */
static const char reserved[] =
    "if then else or and not in at is otherwise where yes no outcome config stage period all";

static void check_reserved(struct loader *l, struct fz_name name)
{
    if (fz_word_find(name.text, reserved) >= 0)
        problem(l, FZ_D_pack_reserved, name.span, name.text, none);
}

static void name_fields(struct loader *l, const struct raw_field *raw, size_t n)
{
    struct fz_field *fields = FZ_NEW_ARRAY(l->arena, struct fz_field, n);

    l->r->fields = fields;
    l->r->out->fields = fields;
    l->r->out->fields_n = n;
    for (size_t i = 0; i < n; i++) {
        fields[i] = (struct fz_field){.name = raw[i].name.text,
                                      .title = raw[i].title,
                                      .type = (fz_type)(raw[i].type + 1),
                                      .many = raw[i].many,
                                      .personal = raw[i].personal,
                                      .required_at = FZ_NONE,
                                      .of_link = FZ_NONE,
                                      .purpose = raw[i].purpose,
                                      .keep = raw[i].keep,
                                      .span = raw[i].name.span};
        fields[i].choices = load_choices(l, raw[i].node, fields[i].type, raw[i].of);
        if (fields[i].type == FZ_TYPE_LINK && !fz_node_get(raw[i].node, "to"))
            problem(l, FZ_D_pack_link_field, value_at(raw[i].node, "type"), none, none);
    }
}

static void name_stages(struct loader *l, const struct raw_stage *raw, size_t n)
{
    struct fz_stage *items = FZ_NEW_ARRAY(l->arena, struct fz_stage, n);

    l->r->stages = items;
    l->r->out->stages = items;
    l->r->out->stages_n = n;
    for (size_t i = 0; i < n; i++)
        items[i] = (struct fz_stage){.name = raw[i].name.text,
                                     .title = title_or_name((fz_title){raw[i].zh, raw[i].en}, raw[i].name.text),
                                     .span = raw[i].name.span};
    if (n == 0 && fz_node_get(l->r->raw->node, "stages"))
        problem(l, FZ_D_pack_no_stage, value_at(l->r->raw->node, "stages"), none, none);
}

static void name_pauses(struct loader *l, const struct raw_pause *raw, size_t n)
{
    struct fz_pause *items = FZ_NEW_ARRAY(l->arena, struct fz_pause, n);

    l->r->pauses = items;
    l->r->out->pauses = items;
    l->r->out->pauses_n = n;
    for (size_t i = 0; i < n; i++)
        items[i] = (struct fz_pause){.name = raw[i].name.text, .title = raw[i].title, .span = raw[i].name.span};
}

static void name_documents(struct loader *l, const struct raw_document *raw, size_t n)
{
    struct fz_document *items = FZ_NEW_ARRAY(l->arena, struct fz_document, n);

    l->r->documents = items;
    l->r->out->documents = items;
    l->r->out->documents_n = n;
    for (size_t i = 0; i < n; i++)
        items[i] = (struct fz_document){.name = raw[i].name.text,
                                        .title = raw[i].title,
                                        .number = raw[i].number,
                                        .public = raw[i].public,
                                        .span = raw[i].name.span};
}

static void name_clocks(struct loader *l, const struct raw_clock *raw, size_t n)
{
    struct fz_clock *items = FZ_NEW_ARRAY(l->arena, struct fz_clock, n);

    l->r->clocks = items;
    l->r->out->clocks = items;
    l->r->out->clocks_n = n;
    for (size_t i = 0; i < n; i++)
        items[i] = (struct fz_clock){.name = raw[i].name.text,
                                     .title = title_or_name(raw[i].title, raw[i].name.text),
                                     .kind = raw[i].kind < 0 ? FZ_CK_AT_MOST : (fz_clock_kind)raw[i].kind,
                                     .then = FZ_NONE,
                                     .then_outcome = FZ_NONE,
                                     .span = raw[i].name.span};
}

struct outcome_names {
    fz_str *items;
    size_t n, cap;
};

static int outcome_id(struct loader *l, struct outcome_names *all, fz_str name)
{
    int id = FIND(all->items, all->n, name);

    if (id == FZ_NONE) {
        FZ_PUSH(l->arena, all, items, n, cap) = name;
        id = (int)all->n - 1;
    }
    return id;
}

static void name_outcomes(struct loader *l, struct fz_parts parts, struct fz_action *a, struct outcome_names *all)
{
    const struct raw_outcome *raw = parts.items;
    struct fz_outcome *items = FZ_NEW_ARRAY(l->arena, struct fz_outcome, parts.n);

    a->outcomes = items;
    a->outcomes_n = parts.n;
    for (size_t i = 0; i < parts.n; i++) {
        if (FIND(items, i, raw[i].name.text) != FZ_NONE)
            problem(l, FZ_D_pack_repeated, raw[i].name.span, raw[i].name.text, none);
        items[i] = (struct fz_outcome){.name = raw[i].name.text,
                                       .id = outcome_id(l, all, raw[i].name.text),
                                       .title = title_or_name(raw[i].title, raw[i].name.text),
                                       .to = FZ_NONE,
                                       .change = FZ_NONE,
                                       .span = raw[i].name.span};
    }
}

static void name_actions(struct loader *l, const struct raw_action *raw, size_t n)
{
    struct fz_action *items = FZ_NEW_ARRAY(l->arena, struct fz_action, n);
    struct outcome_names all = {0};

    l->r->out->actions = items;
    l->r->out->actions_n = n;
    for (size_t i = 0; i < n; i++) {
        items[i] = (struct fz_action){.name = raw[i].name.text,
                                      .title = raw[i].title,
                                      .milestone = raw[i].milestone,
                                      .repeats = raw[i].repeats,
                                      .times = raw[i].times,
                                      .waivable = raw[i].waive != NULL,
                                      .of_link = FZ_NONE,
                                      .span = raw[i].name.span};
        name_outcomes(l, raw[i].outcomes, &items[i], &all);
    }
    l->r->out->outcomes = all.items;
    l->r->out->outcomes_n = all.n;
}

/* ---- links: the fields and acts that they stand for are there already (link_raw.c) ---- */

static fz_str told_name(struct loader *l, fz_str link, fz_str name)
{
    return fz_str_printf(l->arena, "%.*s.%.*s", FZ_STR_ARG(link), FZ_STR_ARG(name));
}

/* A field or an act that the link tells; FZ_NONE: it does not tell that. */
static int told_field(struct loader *l, int link, fz_str name, fz_str part)
{
    int id = fz_field_find(l->r->out, part.n ? told_name(l, name, part) : name);

    if (id != FZ_NONE)
        l->r->fields[id].of_link = link;
    return id;
}

static int told_act(struct loader *l, int link, fz_str name, fz_str part, fz_str heard)
{
    int id = fz_action_find(l->r->out, told_name(l, name, part));

    l->r->out->actions[id].of_link = link;
    l->r->out->actions[id].heard = heard;
    return id;
}

/* "RECORD" or "PACK.RECORD" */
static void read_target(struct loader *l, fz_str to, fz_span at, fz_str *out_pack, fz_str *out_record)
{
    const char *dot = to.n ? memchr(to.p, '.', to.n) : NULL;

    *out_pack = dot ? (fz_str){to.p, (size_t)(dot - to.p)} : l->pack->name;
    *out_record = dot ? (fz_str){dot + 1, to.n - out_pack->n - 1} : to;
    if (to.n && !fz_is_path(to))
        problem(l, FZ_D_pack_link_target, at, to, none);
}

static void name_reads(struct loader *l, int id, const struct raw_link *raw, struct fz_link *link)
{
    const struct raw_field *items = raw->reads.items;
    struct fz_read *reads = FZ_NEW_ARRAY(l->arena, struct fz_read, raw->reads.n);

    link->reads = reads;
    link->reads_n = raw->reads.n;
    for (size_t i = 0; i < raw->reads.n; i++) {
        const struct fz_field *f;

        reads[i] = (struct fz_read){items[i].name.text, told_field(l, id, link->name, items[i].name.text)};
        f = &l->r->fields[reads[i].field];
        if (f->type == FZ_TYPE_LINK || f->type == FZ_TYPE_FILE || (link->many && f->type != FZ_TYPE_INT && f->type != FZ_TYPE_MONEY && f->type != FZ_TYPE_POINTS))
            problem(l, link->many ? FZ_D_pack_link_summed : FZ_D_pack_link_read, items[i].name.span, items[i].name.text, none);
    }
}

static void name_heard(struct loader *l, int id, const struct raw_link *raw, struct fz_link *link)
{
    const struct raw_heard *items = raw->hears.items;
    struct fz_heard *heard = FZ_NEW_ARRAY(l->arena, struct fz_heard, raw->hears.n);

    link->heard = heard;
    link->heard_n = raw->hears.n;
    for (size_t i = 0; i < raw->hears.n; i++) {
        fz_str act = items[i].name.text;

        heard[i] = (struct fz_heard){act, told_act(l, id, link->name, act, act), items[i].of.n ? told_field(l, id, link->name, act) : FZ_NONE};
        if (link->many && items[i].of.n)
            problem(l, FZ_D_pack_link_one, items[i].name.span, act, none);
    }
}

static void name_links(struct loader *l, const struct raw_link *raw, size_t n)
{
    struct fz_link *items = FZ_NEW_ARRAY(l->arena, struct fz_link, n);

    l->r->out->links = items;
    l->r->out->links_n = n;
    for (size_t i = 0; i < n; i++) {
        int id = (int)i;

        items[i] = (struct fz_link){.name = raw[i].name.text, .title = raw[i].title, .kind = raw[i].kind < 0 ? FZ_LK_REFERENCE : (fz_link_kind)raw[i].kind,
                                    .many = raw[i].many, .tree = raw[i].tree, .stage = FZ_NONE, .competent = (fz_competent)(raw[i].competent + 1), .span = raw[i].name.span};
        read_target(l, raw[i].to, value_at(raw[i].node, "to"), &items[i].pack, &items[i].record);
        items[i].articles = articles(l, raw[i].article);
        items[i].field = told_field(l, id, items[i].name, none);
        items[i].told = told_act(l, id, items[i].name, FZ_STR("told"), none);
        if (raw[i].stages.n)
            items[i].stage = told_field(l, id, items[i].name, FZ_STR("stage"));
        if (items[i].many && raw[i].stages.n)
            problem(l, FZ_D_pack_link_one, value_at(raw[i].node, "stages"), FZ_STR("stages"), none);
        if (items[i].tree && !(fz_str_eq(items[i].pack, l->pack->name) && fz_str_eq(items[i].record, l->r->out->name)))
            problem(l, FZ_D_pack_link_tree, value_at(raw[i].node, "tree"), items[i].name, none);
        name_reads(l, id, &raw[i], &items[i]);
        name_heard(l, id, &raw[i], &items[i]);
    }
}

/* The sections of a record, in the order in which a name is taken. */
struct section {
    const char *key;
    struct word word;
    struct fz_parts parts;
    size_t bytes, max;
};
#define SECTIONS 6

static const struct fz_name *member_name(const struct section *s, size_t i)
{
    return (const struct fz_name *)((const char *)s->parts.items + i * s->bytes);
}

static bool section_has(const struct section *s, size_t n, fz_str name)
{
    for (size_t i = 0; i < n; i++)
        if (fz_str_eq(member_name(s, i)->text, name))
            return true;
    return false;
}

/* Fields, stages, actions, clocks, documents and pauses of a record share one namespace. */
static void check_namespace(struct loader *l, const struct section *sections)
{
    for (size_t s = 0; s < SECTIONS; s++) {
        for (size_t i = 0; i < sections[s].parts.n; i++) {
            const struct fz_name *name = member_name(&sections[s], i);

            check_reserved(l, *name);
            if (section_has(&sections[s], i, name->text))
                problem(l, FZ_D_pack_repeated, name->span, name->text, none);
            for (size_t earlier = 0; earlier < s && fz_is_name(name->text); earlier++) /* what a link tells is an act, and how it came out a field */
                if (section_has(&sections[earlier], sections[earlier].parts.n, name->text))
                    problem_word(l, FZ_D_pack_same_name, name->span, name->text,
                                 (struct word){sections[earlier].key, sections[earlier].word.zh});
        }
    }
}

static size_t outcomes_of(struct fz_parts actions)
{
    size_t n = 0;

    for (size_t i = 0; i < actions.n; i++)
        n += ((const struct raw_action *)actions.items)[i].outcomes.n;
    return n;
}

/* ---- registers and activities that leave their stages out ----
 * They are written out before anything else is loaded, so that the rest knows one form only. */

struct brief_form {
    const char *first, *last; /* stages; `last` only where something leads to it */
    fz_title first_title, last_title;
    bool first_ends; /* the first is final all the same: a fact has happened */
};

static const struct brief_form brief_forms[] = {
    [FZ_REGISTER] = {"standing", "ended", {FZ_STR("在册"), FZ_STR("In the register")}, {FZ_STR("已注销"), FZ_STR("Ended")}, false},
    [FZ_ACTIVITY] = {"recorded", "cancelled", {FZ_STR("已记录"), FZ_STR("Recorded")}, {FZ_STR("已撤销"), FZ_STR("Cancelled")}, true},
};

static struct fz_names one_name(struct loader *l, const char *name, fz_span at)
{
    struct fz_name *item = FZ_NEW(l->arena, struct fz_name);

    *item = (struct fz_name){fz_str_of(name), at};
    return (struct fz_names){item, 1};
}

static struct fz_names two_names(struct loader *l, const char *a, const char *b, fz_span at)
{
    struct fz_name *items = FZ_NEW_ARRAY(l->arena, struct fz_name, 2);

    items[0] = (struct fz_name){fz_str_of(a), at};
    items[1] = (struct fz_name){fz_str_of(b), at};
    return (struct fz_names){items, 2};
}

static int effect_of(const struct raw_record *raw, fz_str change)
{
    int kind = FIND((const struct raw_kind *)raw->kinds.items, raw->kinds.n, change);

    return kind == FZ_NONE ? 0 : ((const struct raw_kind *)raw->kinds.items)[kind].effect - 1;
}

static bool names_have(struct fz_names names, const char *name)
{
    for (size_t i = 0; i < names.n; i++)
        if (fz_str_is(names.items[i].text, name))
            return true;
    return false;
}

/* Its stages before and after, as far as it does not say them; whether it leads to the last one. */
static bool complete_action(struct loader *l, const struct raw_record *raw, const struct brief_form *form, bool begins, struct raw_action *a)
{
    int effect = effect_of(raw, a->change.text);
    bool ends;

    if (!fz_node_get(a->node, "starts") && !fz_node_get(a->node, "from") && (begins || effect > 0))
        a->starts = (struct fz_name){fz_str_of(form->first), a->name.span};
    if (a->starts.text.n == 0 && !fz_node_get(a->node, "from"))
        a->from = one_name(l, form->first, a->name.span);
    if (a->starts.text.n == 0 && !fz_node_get(a->node, "to") && effect < 0)
        a->to = one_name(l, form->last, a->name.span);
    ends = names_have(a->to, form->last);
    for (size_t i = 0; i < a->outcomes.n; i++)
        ends |= names_have(((const struct raw_outcome *)a->outcomes.items)[i].to, form->last);
    return ends;
}

static bool complete_actions(struct loader *l, struct raw_record *raw, const struct brief_form *form)
{
    struct raw_action *actions = FZ_NEW_ARRAY(l->arena, struct raw_action, raw->actions.n);
    bool begun = false, ends = false;

    for (size_t i = 0; i < raw->actions.n; i++) {
        actions[i] = ((const struct raw_action *)raw->actions.items)[i];
        begun |= actions[i].starts.text.n > 0;
    }
    for (size_t i = 0; i < raw->actions.n; i++)
        ends |= complete_action(l, raw, form, i == 0 && !begun, &actions[i]);
    raw->actions.items = actions;
    return ends;
}

/* What it would say if it were written out. */
static struct raw_record *complete_record(struct loader *l, const struct raw_record *brief)
{
    const struct brief_form *form = &brief_forms[brief->shape];
    struct raw_record *raw = FZ_NEW(l->arena, struct raw_record);
    struct raw_stage *stages = FZ_NEW_ARRAY(l->arena, struct raw_stage, 2);
    fz_span at = brief->name.span;
    bool ends;

    *raw = *brief;
    ends = complete_actions(l, raw, form);
    stages[0] = (struct raw_stage){.name = {fz_str_of(form->first), at}, .node = brief->node, .zh = form->first_title.zh, .en = form->first_title.en};
    stages[1] = (struct raw_stage){.name = {fz_str_of(form->last), at}, .node = brief->node, .zh = form->last_title.zh, .en = form->last_title.en};
    raw->stages.items = stages;
    raw->stages.n = ends ? 2 : 1;
    raw->final = ends && form->first_ends ? two_names(l, form->first, form->last, at) : one_name(l, ends ? form->last : form->first, at);
    if (!fz_node_get(brief->node, "in_stock") && (form->first_ends || !ends))
        raw->in_stock = one_name(l, form->first, at);
    return raw;
}

/* Stages and final ones are left out together, and by registers and activities only. */
static bool is_brief(struct loader *l, const struct raw_record *raw)
{
    static const struct word record = {"record with stages", "写明阶段的记录"};
    bool any = fz_node_get(raw->node, "stages") || fz_node_get(raw->node, "final");

    if (!any && (raw->shape == FZ_REGISTER || raw->shape == FZ_ACTIVITY))
        return true;
    if (raw->node->kind == FZ_NODE_MAP) {
        needed(l, raw->node, "stages", record);
        needed(l, raw->node, "final", record);
    }
    return false;
}

static void name_kinds(struct loader *l, const struct raw_kind *raw, size_t n)
{
    struct fz_kind *items = FZ_NEW_ARRAY(l->arena, struct fz_kind, n);

    l->r->out->kinds = items;
    for (size_t i = 0; i < n; i++) {
        if (FIND(items, i, raw[i].name.text) != FZ_NONE)
            problem(l, FZ_D_pack_repeated, raw[i].name.span, raw[i].name.text, none);
        items[i] = (struct fz_kind){raw[i].name.text, title_or_name(raw[i].title, raw[i].name.text), raw[i].effect - 1, raw[i].name.span};
    }
    l->r->out->kinds_n = n;
}

/* False when a count is over its bound: nothing may be built on it then. */
static bool name_record(struct loader *l)
{
    bool brief = is_brief(l, l->r->raw);
    const struct raw_record *raw = brief ? complete_record(l, l->r->raw) : l->r->raw;
    const struct section sections[SECTIONS] = {
        {"fields", a_field.word, raw->fields, sizeof(struct raw_field), FZ_MEMBERS_OF_RECORD_MAX},
        {"stages", a_stage.word, raw->stages, sizeof(struct raw_stage), FZ_STAGES_MAX},
        {"actions", an_action.word, raw->actions, sizeof(struct raw_action), FZ_ACTIONS_MAX},
        {"clocks", {"clock", "期限"}, raw->clocks, sizeof(struct raw_clock), FZ_MEMBERS_OF_RECORD_MAX},
        {"documents", a_document.word, raw->documents, sizeof(struct raw_document), FZ_MEMBERS_OF_RECORD_MAX},
        {"pauses", a_pause.word, raw->pauses, sizeof(struct raw_pause), FZ_MEMBERS_OF_RECORD_MAX},
    };
    bool few = within(l, value_at(raw->node, "actions"), outcomes_of(raw->actions), FZ_MEMBERS_OF_RECORD_MAX,
                      (struct word){"outcomes", "结果"});

    for (size_t s = 0; s < SECTIONS; s++)
        few &= within(l, value_at(raw->node, sections[s].key), sections[s].parts.n, sections[s].max,
                      (struct word){sections[s].key, sections[s].word.zh});
    few &= within(l, value_at(raw->node, "kinds"), raw->kinds.n, FZ_MEMBERS_OF_RECORD_MAX, a_kind.word);
    l->r->raw = raw;
    if (!few)
        return false;
    check_namespace(l, sections);
    *l->r->out = (struct fz_record){.name = raw->name.text,
                                    .title = raw->title,
                                    .shape = raw->shape < 0 ? 0 : raw->shape,
                                    .number = raw->number,
                                    .brief = brief,
                                    .span = raw->name.span};
    name_kinds(l, raw->kinds.items, raw->kinds.n);
    name_fields(l, raw->fields.items, raw->fields.n);
    name_stages(l, raw->stages.items, raw->stages.n);
    name_pauses(l, raw->pauses.items, raw->pauses.n);
    name_documents(l, raw->documents.items, raw->documents.n);
    name_clocks(l, raw->clocks.items, raw->clocks.n);
    name_actions(l, raw->actions.items, raw->actions.n);
    name_links(l, raw->links.items, raw->links.n);
    return true;
}

/* ---- second pass: stages, pauses, documents, fields ---- */

static uint64_t all_stages(const struct fz_record *r)
{
    return r->stages_n == 0 ? 0 : UINT64_MAX >> (64 - r->stages_n);
}

static void load_final(struct loader *l)
{
    struct fz_record *r = l->r->out;

    r->final = stages(l, l->r->raw->final);
    for (size_t i = 0; i < r->stages_n; i++)
        l->r->stages[i].final = r->final >> i & 1;
}

static void load_in_stock(struct loader *l)
{
    struct fz_names names = l->r->raw->in_stock;
    struct fz_record *r = l->r->out;

    r->in_stock = stages(l, names);
    for (size_t i = 0; i < names.n; i++) {
        int id = fz_stage_find(r, names.items[i].text);

        if (id != FZ_NONE && !(r->final >> id & 1))
            problem(l, FZ_D_pack_in_stock, names.items[i].span, names.items[i].text, none);
    }
}

static void load_pauses(struct loader *l)
{
    const struct raw_pause *raw = l->r->raw->pauses.items;

    for (size_t i = 0; i < l->r->out->pauses_n; i++) {
        l->r->pauses[i].in = stages(l, raw[i].in);
        l->r->pauses[i].allows = acts(l, raw[i].allows);
    }
}

/* A field by name that has to be of one type, or of another. */
static int typed_field(struct loader *l, struct fz_name name, fz_type type, fz_type or_type)
{
    int id = ref(l, &a_field, name);
    fz_type is = id == FZ_NONE ? FZ_TYPE_NONE : l->r->fields[id].type;
    fz_str wanted;

    if (is == FZ_TYPE_NONE || is == type || is == or_type)
        return id;
    wanted = or_type == type ? fz_str_of(fz_type_word(type))
                             : fz_str_printf(l->arena, "%s, %s", fz_type_word(type), fz_type_word(or_type));
    l->ok = false;
    fz_diag_add(l->diags, FZ_D_pack_field_type, name.span, name.text, fz_str_of(fz_type_word(is)), wanted);
    return FZ_NONE;
}

/* `all`: every party and organ of the record. */
static struct fz_ids all_addressees(struct loader *l)
{
    const struct fz_record *r = l->r->out;
    int *to = FZ_NEW_ARRAY(l->arena, int, r->fields_n);
    size_t n = 0;

    for (size_t i = 0; i < r->fields_n; i++)
        if (!r->fields[i].is && (r->fields[i].type == FZ_TYPE_PARTY || r->fields[i].type == FZ_TYPE_ORGAN))
            to[n++] = (int)i;
    return (struct fz_ids){to, n};
}

static void load_document(struct loader *l, const struct raw_document *raw, struct fz_document *d)
{
    int *to = FZ_NEW_ARRAY(l->arena, int, raw->to.n);

    d->to.items = to;
    for (size_t i = 0; i < raw->to.n; i++) {
        int id;

        if (fz_str_is(raw->to.items[i].text, "all")) {
            d->to_all = true;
            continue;
        }
        id = typed_field(l, raw->to.items[i], FZ_TYPE_PARTY, FZ_TYPE_ORGAN);
        if (id != FZ_NONE)
            to[d->to.n++] = id;
    }
    if (d->to_all)
        d->to = all_addressees(l);
}

static void load_required(struct loader *l, const struct raw_field *raw, struct fz_field *f)
{
    int word = fz_word_find(raw->required, FZ_FLAG_WORDS);

    if (raw->required.n == 0)
        return;
    f->required = word >= 0 && word % 2 == 0;
    if (word < 0)
        f->required_at = ref(l, &an_action, (struct fz_name){raw->required, value_at(raw->node, "required")});
}

static void load_default(struct loader *l, const struct raw_field *raw, struct fz_field *f)
{
    fz_value *item = FZ_NEW(l->arena, fz_value);

    if (raw->initial.n == 0 || f->type == FZ_TYPE_NONE ||
        !read_value(l, f->type, &f->choices, (struct fz_name){raw->initial, value_at(raw->node, "default")}, item))
        return;
    f->initial = f->many ? (fz_value){.set = true, .many = 1, .items = item} : *item;
}

static void load_field(struct loader *l, const struct raw_field *raw, struct fz_field *f)
{
    load_required(l, raw, f);
    load_default(l, raw, f);
    exclusive(l, raw->node, "is", "default");
    exclusive(l, raw->node, "is", "required");
    if (f->personal) {
        needed(l, raw->node, "purpose", (struct word){"field with personal information", "个人信息字段"});
        needed(l, raw->node, "keep", (struct word){"field with personal information", "个人信息字段"});
    }
    f->when = condition(l, raw->when);
    f->is = term(l, raw->is, f->type, f->type == FZ_TYPE_CHOICE ? &f->choices : NULL);
}

/* ---- second pass: actions ---- */

static bool is_fixed_organ(fz_str s)
{
    return fz_word_find(s, "organ institution government") >= 0;
}

/* "ROLE" or "ROLE@ORGAN". False after a problem. */
static bool load_role(struct loader *l, fz_str text, fz_span at, struct fz_by *by)
{
    const char *sign = text.n ? memchr(text.p, '@', text.n) : NULL;

    by->role = sign ? (fz_str){text.p, (size_t)(sign - text.p)} : text;
    by->at = sign ? (fz_str){sign + 1, text.n - by->role.n - 1} : none;
    by->at_field = FZ_NONE;
    if (!fz_is_name(by->role) || (sign && !fz_is_name(by->at))) {
        problem(l, FZ_D_pack_role, at, text, none);
        return false;
    }
    if (sign && fz_field_find(l->r->out, by->at) != FZ_NONE)
        by->at_field = typed_field(l, (struct fz_name){by->at, at}, FZ_TYPE_ORGAN, FZ_TYPE_ORGAN);
    else if (sign && !is_fixed_organ(by->at))
        problem_word(l, FZ_D_pack_unknown_name, at, by->at, (struct word){"organ", "机关"});
    return true;
}

/* `by`: `law` is no role, and told in `by_law` where an action has that. */
static const struct fz_by *load_by(struct loader *l, struct fz_parts parts, bool *by_law, size_t *out_n)
{
    const struct raw_by *raw = parts.items;
    struct fz_by *items = FZ_NEW_ARRAY(l->arena, struct fz_by, parts.n);

    *out_n = 0;
    for (size_t i = 0; i < parts.n; i++) {
        const struct fz_node *role = raw[i].node->kind == FZ_NODE_MAP ? fz_node_get(raw[i].node, "role") : raw[i].node;
        struct fz_by *by = &items[*out_n];

        if (raw[i].role.n == 0)
            continue;
        if (by_law && fz_str_is(raw[i].role, "law")) {
            *by_law = true;
            continue;
        }
        *by = (struct fz_by){
            .persons = raw[i].persons ? raw[i].persons : 1, .holding = raw[i].holding.text, .delegated = raw[i].delegated == 0, .span = role->span};
        *out_n += load_role(l, raw[i].role, role->span, by);
    }
    return items;
}

static void load_after(struct loader *l, struct fz_parts parts, struct fz_action *a)
{
    const struct raw_after *raw = parts.items;
    struct fz_after *items = FZ_NEW_ARRAY(l->arena, struct fz_after, parts.n);

    a->after = items;
    a->after_n = parts.n;
    for (size_t i = 0; i < parts.n; i++) {
        if (!fz_node_get(raw[i].node, "any") && raw[i].node->kind == FZ_NODE_MAP)
            needed(l, raw[i].node, "need", (struct word){"need", "前置行为"});
        items[i] = (struct fz_after){.need = acts(l, raw[i].need),
                                     .any = acts(l, raw[i].any),
                                     .when = condition(l, raw[i].when),
                                     .span = raw[i].node->span};
    }
}

static void load_waive(struct loader *l, const struct raw_waive *raw, struct fz_action *a)
{
    if (!raw)
        return;
    a->waive_by = load_by(l, raw->by, NULL, &a->waive_by_n);
    a->waive_when = condition(l, raw->when);
    a->waive_reason = raw->reason == 0;
    a->waive_articles = articles(l, raw->article);
}

/* ---- what an act does to other records ---- */

static const struct fz_expr *path_of(struct loader *l, fz_str name, fz_span at);

static int link_named(struct loader *l, struct fz_name name)
{
    int id = name.text.n ? fz_link_find(l->r->out, name.text) : FZ_NONE;

    if (name.text.n && id == FZ_NONE)
        problem_word(l, FZ_D_pack_unknown_name, name.span, name.text, (struct word){"link", "关联"});
    return id;
}

/* A name alone: the value of the field of that name. Which fields the other record has is looked at once all packs are there (law/link.h). */
static const struct fz_copy *copies(struct loader *l, struct fz_parts parts, size_t *out_n)
{
    const struct raw_set *raw = parts.items;
    struct fz_copy *items = FZ_NEW_ARRAY(l->arena, struct fz_copy, parts.n);

    *out_n = parts.n;
    for (size_t i = 0; i < parts.n; i++) {
        const struct fz_expr *value = raw[i].value ? raw[i].value : path_of(l, raw[i].name.text, raw[i].name.span);

        items[i] = (struct fz_copy){raw[i].name.text, term(l, value, FZ_TYPE_NONE, NULL), raw[i].name.span};
    }
    return items;
}

static struct fz_effects effects(struct loader *l, struct fz_parts parts)
{
    const struct raw_effect *raw = parts.items;
    struct fz_effect *items = FZ_NEW_ARRAY(l->arena, struct fz_effect, parts.n);

    for (size_t i = 0; i < parts.n; i++) {
        items[i] = (struct fz_effect){.link = link_named(l, raw[i].at), .act = raw[i].act.text, .when = condition(l, raw[i].when), .span = raw[i].node->span};
        items[i].with = copies(l, raw[i].with, &items[i].with_n);
    }
    return (struct fz_effects){items, parts.n};
}

static void load_opens(struct loader *l, struct fz_parts parts, struct fz_action *a)
{
    const struct raw_open *raw = parts.items;
    struct fz_open *items = FZ_NEW_ARRAY(l->arena, struct fz_open, parts.n);

    a->opens = items;
    a->opens_n = parts.n;
    for (size_t i = 0; i < parts.n; i++) {
        items[i] = (struct fz_open){.act = raw[i].act.text, .link = link_named(l, raw[i].link), .organ = typed_field(l, raw[i].organ, FZ_TYPE_ORGAN, FZ_TYPE_ORGAN),
                                    .when = condition(l, raw[i].when), .span = raw[i].node->span};
        read_target(l, raw[i].record, value_at(raw[i].node, "record"), &items[i].pack, &items[i].record);
        items[i].copies = copies(l, raw[i].copies, &items[i].copies_n);
        if (items[i].link != FZ_NONE && (!fz_str_eq(l->r->out->links[items[i].link].pack, items[i].pack) || !fz_str_eq(l->r->out->links[items[i].link].record, items[i].record)))
            problem(l, FZ_D_pack_link_opens, raw[i].link.span, raw[i].link.text, raw[i].record);
    }
}

static void load_follows(struct loader *l, struct fz_parts parts, const struct raw_action *of, struct fz_action *a)
{
    const struct raw_follow *raw = parts.items;
    struct fz_follow *items = FZ_NEW_ARRAY(l->arena, struct fz_follow, parts.n);

    a->follows = items;
    a->follows_n = parts.n;
    if (parts.n && !a->by_law)
        problem(l, FZ_D_pack_follows_by, key_at(of->node, "follows"), FZ_STR("follows"), none);
    for (size_t i = 0; i < parts.n; i++) {
        items[i] = (struct fz_follow){.on = acts(l, raw[i].on), .when = condition(l, raw[i].when), .outcome = FZ_NONE, .span = raw[i].node->span};
        for (size_t k = 0; k < raw[i].on.n; k++) {
            int id = fz_action_find(l->r->out, raw[i].on.items[k].text);

            if (id != FZ_NONE && l->r->out->actions[id].of_link == FZ_NONE)
                problem(l, FZ_D_pack_not_heard, raw[i].on.items[k].span, raw[i].on.items[k].text, none);
        }
        if (raw[i].outcome.text.n)
            items[i].outcome = fz_outcome_find(a, raw[i].outcome.text);
        if (raw[i].outcome.text.n && items[i].outcome == FZ_NONE)
            problem(l, FZ_D_pack_unknown_outcome, raw[i].outcome.span, raw[i].outcome.text, a->name);
        else if (!raw[i].outcome.text.n && a->outcomes_n)
            problem(l, FZ_D_pack_needs_outcome, raw[i].node->span, a->name, none);
    }
}

static void load_caused_by(struct loader *l, const struct raw_action *raw, struct fz_action *a)
{
    fz_str *items = FZ_NEW_ARRAY(l->arena, fz_str, raw->caused_by.n), pack, record;

    a->caused_by = items;
    a->caused_by_n = raw->caused_by.n;
    if (raw->caused_by.n && !a->by_law)
        problem(l, FZ_D_pack_follows_by, key_at(raw->node, "caused_by"), FZ_STR("caused_by"), none);
    for (size_t i = 0; i < raw->caused_by.n; i++) {
        read_target(l, raw->caused_by.items[i].text, raw->caused_by.items[i].span, &pack, &record);
        items[i] = fz_str_printf(l->arena, "%.*s.%.*s", FZ_STR_ARG(pack), FZ_STR_ARG(record));
    }
}

static void load_outcomes(struct loader *l, struct fz_parts parts, const struct fz_action *a)
{
    const struct raw_outcome *raw = parts.items;
    struct fz_outcome *items = (struct fz_outcome *)a->outcomes; /* made by name_outcomes() */

    for (size_t i = 0; i < parts.n; i++) {
        items[i].to = one_stage(l, raw[i].to);
        items[i].clears = acts(l, raw[i].clears);
        items[i].effects = effects(l, raw[i].effect);
        items[i].change = ref(l, &a_kind, raw[i].change);
        items[i].articles = articles(l, raw[i].article);
    }
}

static void load_sets(struct loader *l, struct fz_parts parts, struct fz_action *a)
{
    const struct raw_set *raw = parts.items;
    struct fz_set *items = FZ_NEW_ARRAY(l->arena, struct fz_set, parts.n);

    a->sets = items;
    for (size_t i = 0; i < parts.n; i++) {
        int id = ref(l, &a_field, raw[i].name);
        const struct fz_field *f = id == FZ_NONE ? NULL : &l->r->fields[id];

        if (!f)
            continue;
        for (size_t k = 0; k < a->sets_n; k++)
            if (items[k].field == id)
                problem(l, FZ_D_pack_repeated, raw[i].name.span, f->name, none);
        if (((const struct raw_field *)l->r->raw->fields.items)[id].is)
            problem(l, FZ_D_pack_derived, raw[i].name.span, f->name, none);
        items[a->sets_n++] =
            (struct fz_set){.field = id,
                            .value = term(l, raw[i].value, f->type, f->type == FZ_TYPE_CHOICE ? &f->choices : NULL),
                            .span = raw[i].name.span};
    }
}

/* Without a name of its own: ACT_gate, ACT_gate_2, ... */
static fz_str gate_id(struct loader *l, const struct fz_action *a, fz_str name, int unnamed)
{
    if (name.n)
        return name;
    return unnamed == 1 ? fz_str_printf(l->arena, "%.*s_gate", FZ_STR_ARG(a->name))
                        : fz_str_printf(l->arena, "%.*s_gate_%d", FZ_STR_ARG(a->name), unnamed);
}

static void load_gates(struct loader *l, struct fz_parts parts, struct fz_action *a)
{
    const struct raw_gate *raw = parts.items;
    struct fz_gate *items = FZ_NEW_ARRAY(l->arena, struct fz_gate, parts.n);
    int unnamed = 0;

    a->gates = items;
    a->gates_n = parts.n;
    for (size_t i = 0; i < parts.n; i++) {
        unnamed += raw[i].name.text.n == 0;
        items[i] = (struct fz_gate){.name = raw[i].name.text,
                                    .id = gate_id(l, a, raw[i].name.text, unnamed),
                                    .that = condition(l, raw[i].that),
                                    .otherwise = raw[i].otherwise,
                                    .articles = articles(l, raw[i].article),
                                    .span = raw[i].node->span};
        for (size_t k = 0; k < i; k++)
            if (fz_str_eq(items[k].id, items[i].id))
                problem(l, FZ_D_pack_repeated, raw[i].name.text.n ? raw[i].name.span : raw[i].node->span, items[i].id,
                        none);
    }
}

static void load_from(struct loader *l, const struct raw_action *raw, struct fz_action *a)
{
    const struct fz_record *r = l->r->out;

    a->starts = ref(l, &a_stage, raw->starts);
    exclusive(l, raw->node, "starts", "from");
    exclusive(l, raw->node, "starts", "to");
    if (raw->starts.text.n || fz_node_get(raw->node, "starts"))
        return;
    a->from = raw->from.n || fz_node_get(raw->node, "from") ? stages(l, raw->from) : all_stages(r) & ~r->final;
    if (a->from == 0 && raw->from.n == 0 && r->stages_n)
        problem(l, FZ_D_pack_never_taken, a->span, a->name, none);
}

static void load_action(struct loader *l, const struct raw_action *raw, struct fz_action *a)
{
    load_from(l, raw, a);
    a->to = one_stage(l, raw->to);
    a->by = load_by(l, raw->by, &a->by_law, &a->by_n);
    a->not_by = acts(l, raw->not_by);
    a->answers = ref(l, &an_action, raw->answers);
    a->each = sets(l, raw->each);
    a->pauses = ref(l, &a_pause, raw->pauses);
    a->resumes = ref(l, &a_pause, raw->resumes);
    a->clears = acts(l, raw->clears);
    a->document = ref(l, &a_document, raw->document);
    a->change = ref(l, &a_kind, raw->change);
    a->articles = articles(l, raw->article);
    load_caused_by(l, raw, a);
    exclusive(l, raw->node, "pauses", "resumes");
    exclusive(l, raw->node, "times", "repeats");
}

static void load_action_terms(struct loader *l, const struct raw_action *raw, struct fz_action *a)
{
    load_after(l, raw->after, a);
    load_waive(l, raw->waive, a);
    load_outcomes(l, raw->outcomes, a);
    load_sets(l, raw->sets, a);
    load_gates(l, raw->gates, a);
    load_opens(l, raw->opens, a);
    load_follows(l, raw->follows, raw, a);
    a->effects = effects(l, raw->effect);
}

static void check_start(struct loader *l)
{
    const struct fz_record *r = l->r->out;

    for (size_t i = 0; i < r->actions_n; i++)
        if (((const struct raw_action *)l->r->raw->actions.items)[i].starts.text.n)
            return;
    if (fz_node_get(l->r->raw->node, "actions"))
        problem(l, FZ_D_pack_no_start, r->span, r->name, none);
}

/* ---- second pass: clocks ---- */

static bool is_call(const struct fz_expr *e, const char *function)
{
    return e->kind == FZ_EX_CALL && e->names_n == 1 && fz_str_is(e->names[0], function) && e->args_n == 1;
}

static bool is_word(const struct fz_expr *e)
{
    return e->kind == FZ_EX_PATH && e->names_n == 1;
}

/* An action, served(DOCUMENT) and CLOCK.over are told by their form and name; the rest is a day, and whoever is no day is told so. */
static struct fz_anchor load_anchor(struct loader *l, const struct fz_expr *e)
{
    struct fz_anchor a = {.id = FZ_NONE, .span = e->span};

    if (is_word(e) || (e->kind == FZ_EX_PATH && e->names_n == 2 && fz_link_find(l->r->out, e->names[0]) != FZ_NONE)) {
        a.kind = FZ_AT_ACT;
        a.id = fz_action_find(l->r->out, is_word(e) ? e->names[0] : told_name(l, e->names[0], e->names[1]));
    } else if (is_call(e, "served") && is_word(e->args[0])) {
        a.kind = FZ_AT_SERVICE;
        a.id = fz_document_find(l->r->out, e->args[0]->names[0]);
    } else if (e->kind == FZ_EX_PATH && e->names_n == 2 && fz_str_is(e->names[1], "over")) {
        a.kind = FZ_AT_CLOCK_END;
        a.id = fz_clock_find(l->r->out, e->names[0]);
        if (a.id == FZ_NONE)
            problem_word(l, FZ_D_pack_unknown_name, e->span, e->names[0], (struct word){"clock", "期限"});
        return a;
    }
    if (a.id == FZ_NONE) {
        a.kind = FZ_AT_DAY;
        a.day = term(l, e, FZ_TYPE_DAY, NULL);
    }
    return a;
}

static const struct fz_anchor *load_anchors(struct loader *l, struct fz_exprs exprs, size_t *out_n)
{
    struct fz_anchor *items = FZ_NEW_ARRAY(l->arena, struct fz_anchor, exprs.n);

    for (size_t i = 0; i < exprs.n; i++)
        items[i] = load_anchor(l, exprs.items[i]);
    *out_n = exprs.n;
    return items;
}

static bool has_all(const struct fz_field *f, const struct fz_node *map)
{
    if (f->type != FZ_TYPE_CHOICE || f->many)
        return false;
    for (size_t i = 0; i < map->n; i++)
        if (fz_choice_find(&f->choices, map->pairs[i].key->text) == FZ_NONE)
            return false;
    return true;
}

/* The one choice that a map of lengths by name can mean. */
static const struct fz_field *choice_of(struct loader *l, const struct fz_node *map)
{
    const struct fz_field *found = NULL;

    for (size_t i = 0; i < l->r->out->fields_n; i++) {
        if (!has_all(&l->r->fields[i], map))
            continue;
        if (found) {
            problem(l, FZ_D_pack_limit_choices, map->span, found->name, l->r->fields[i].name);
            return NULL;
        }
        found = &l->r->fields[i];
    }
    if (!found)
        problem(l, FZ_D_pack_limit_choice, map->span, none, none);
    return found;
}

static const struct fz_expr *path_of(struct loader *l, fz_str name, fz_span at)
{
    struct fz_expr *e = FZ_NEW(l->arena, struct fz_expr);
    fz_str *names = FZ_NEW(l->arena, fz_str);

    *names = name;
    *e = (struct fz_expr){.kind = FZ_EX_PATH, .height = 1, .span = at, .names = names, .names_n = 1};
    return e;
}

/* `FIELD = NAME`, which the map says without writing it. */
static const struct fz_expr *choice_is(struct loader *l, fz_str field, const struct fz_node *name)
{
    struct fz_expr *e = FZ_NEW(l->arena, struct fz_expr), *value = (struct fz_expr *)path_of(l, name->text, name->span);
    const struct fz_expr **args = FZ_NEW_ARRAY(l->arena, const struct fz_expr *, 2);

    args[0] = path_of(l, field, name->span);
    args[1] = value;
    value->id = 1;
    *e = (struct fz_expr){
        .kind = FZ_EX_COMPARE, .op = FZ_EX_EQ, .id = 2, .height = 2, .span = name->span, .args = args, .args_n = 2};
    return e;
}

static const struct fz_term *length_at(struct loader *l, const struct fz_node *n)
{
    const struct fz_expr *e;

    if (n->kind != FZ_NODE_TEXT || n->text.n == 0) {
        problem(l, FZ_D_pack_type, n->span, FZ_STR("a length"), none)->zh[0] = "期限的长度";
        return NULL;
    }
    e = fz_expr_parse(l->arena, n->text, n->span, l->diags);
    l->ok &= e != NULL;
    return term(l, e, FZ_TYPE_LENGTH, NULL);
}

static void limit_by_choice(struct loader *l, const struct fz_node *map, struct fz_clock *k)
{
    struct fz_limit_case *items = FZ_NEW_ARRAY(l->arena, struct fz_limit_case, map->n);
    const struct fz_field *f = choice_of(l, map);

    k->limit = items;
    k->limit_n = map->n;
    for (size_t i = 0; i < map->n; i++) {
        items[i] = (struct fz_limit_case){.be = length_at(l, map->pairs[i].value), .span = map->pairs[i].value->span};
        if (f)
            items[i].when = condition(l, choice_is(l, f->name, map->pairs[i].key));
    }
    for (size_t i = 0; f && i < f->choices.n; i++)
        if (!fz_node_pair(map, f->choices.names[i]))
            problem(l, FZ_D_pack_limit_gap, map->span, f->choices.names[i], f->name);
}

/* The end itself: a day, or an instant where the minute is given. */
static const struct fz_term *end_term(struct loader *l, const struct fz_expr *e)
{
    struct fz_want any = {FZ_TYPE_NONE, NULL};
    struct fz_diags unheard;
    const struct fz_term *t;

    fz_diags_init(&unheard, l->arena);
    t = fz_term_make(l->arena, l->pack, l->r ? l->r->out : NULL, e, any, &unheard);
    return t && t->type == FZ_TYPE_INSTANT && !t->many ? t : term(l, e, FZ_TYPE_DAY, NULL);
}

static void limit_case(struct loader *l, const struct fz_node *node, bool last, struct fz_limit_case *out)
{
    struct raw_limit raw;
    bool plain;

    l->ok &= fz_read(&fz_limit_construct, node, &raw, l->arena, l->diags);
    if (node->kind != FZ_NODE_MAP)
        return;
    plain = fz_node_get(node, "else") != NULL;
    if (node->n != (plain ? 1u : 2u) || (plain ? !last : !fz_node_get(node, "when")))
        problem(l, FZ_D_pack_limit_form, node->span, none, none);
    out->when = condition(l, raw.when);
    out->until = raw.until != NULL;
    out->be = out->until ? end_term(l, raw.until)
                         : term(l, raw.be ? raw.be : raw.otherwise, FZ_TYPE_LENGTH, NULL);
    out->span = node->span;
}

static void limit_by_cases(struct loader *l, const struct fz_node *list, struct fz_clock *k)
{
    struct fz_limit_case *items = FZ_NEW_ARRAY(l->arena, struct fz_limit_case, list->n);

    k->limit = items;
    k->limit_n = list->n;
    if (list->n == 0)
        problem(l, FZ_D_pack_limit_form, list->span, none, none);
    for (size_t i = 0; i < list->n; i++)
        limit_case(l, list->items[i], i + 1 == list->n, &items[i]);
}

static void load_limit(struct loader *l, const struct fz_node *n, struct fz_clock *k)
{
    struct fz_limit_case *one;
    struct raw_limit raw;

    if (!n)
        return;
    if (n->kind == FZ_NODE_LIST) {
        limit_by_cases(l, n, k);
        return;
    }
    if (n->kind == FZ_NODE_MAP && !fz_node_get(n, "until")) {
        limit_by_choice(l, n, k);
        return;
    }
    one = FZ_NEW(l->arena, struct fz_limit_case);
    k->limit = one;
    k->limit_n = 1;
    one->span = n->span;
    if (n->kind == FZ_NODE_TEXT) {
        one->be = length_at(l, n);
        return;
    }
    l->ok &= fz_read(&fz_limit_construct, n, &raw, l->arena, l->diags);
    if (n->n != 1)
        problem(l, FZ_D_pack_limit_form, n->span, none, none);
    one->until = true;
    one->be = end_term(l, raw.until);
}

static void load_suspends(struct loader *l, struct fz_parts parts, struct fz_clock *k)
{
    const struct raw_suspends *raw = parts.items;
    struct fz_suspends *items = FZ_NEW_ARRAY(l->arena, struct fz_suspends, parts.n);

    k->suspends = items;
    k->suspends_n = parts.n;
    for (size_t i = 0; i < parts.n; i++) {
        exclusive(l, raw[i].node, "while", "spans");
        if (raw[i].node->kind == FZ_NODE_MAP && !fz_node_get(raw[i].node, "spans"))
            needed(l, raw[i].node, "while", (struct word){"suspension", "期限中止"});
        items[i] = (struct fz_suspends){.pause = ref(l, &a_pause, raw[i].pause),
                                        .field = typed_field(l, raw[i].spans, FZ_TYPE_SPAN, FZ_TYPE_SPAN),
                                        .articles = articles(l, raw[i].article),
                                        .span = raw[i].node->span};
    }
}

static void load_excludes(struct loader *l, struct fz_parts parts, struct fz_clock *k)
{
    const struct raw_excludes *raw = parts.items;
    struct fz_excludes *items = FZ_NEW_ARRAY(l->arena, struct fz_excludes, parts.n);

    k->excludes = items;
    k->excludes_n = parts.n;
    for (size_t i = 0; i < parts.n; i++)
        items[i] = (struct fz_excludes){.from = ref(l, &an_action, raw[i].from),
                                        .until = ref(l, &an_action, raw[i].until),
                                        .told_by = ref(l, &an_action, raw[i].told_by),
                                        .when = condition(l, raw[i].when),
                                        .articles = articles(l, raw[i].article),
                                        .span = raw[i].node->span};
}

static void load_extends(struct loader *l, struct fz_parts parts, struct fz_clock *k)
{
    const struct raw_extends *raw = parts.items;
    struct fz_extends *items = FZ_NEW_ARRAY(l->arena, struct fz_extends, parts.n);

    k->extends = items;
    k->extends_n = parts.n;
    for (size_t i = 0; i < parts.n; i++) {
        items[i] = (struct fz_extends){.on = ref(l, &an_action, raw[i].on),
                                       .by = term(l, raw[i].by, FZ_TYPE_LENGTH, NULL),
                                       .when = condition(l, raw[i].when),
                                       .articles = articles(l, raw[i].article),
                                       .span = raw[i].node->span};
        check_units(l, fz_node_get(raw[i].node, "by"), raw[i].article.n ? &items[i].articles : &k->articles);
    }
}

static void load_caps(struct loader *l, struct fz_parts parts, struct fz_clock *k)
{
    const struct raw_caps *raw = parts.items;
    struct fz_caps *items = FZ_NEW_ARRAY(l->arena, struct fz_caps, parts.n);

    k->caps = items;
    k->caps_n = parts.n;
    for (size_t i = 0; i < parts.n; i++)
        items[i] = (struct fz_caps){.at = term(l, raw[i].at, FZ_TYPE_DAY, NULL),
                                    .when = condition(l, raw[i].when),
                                    .articles = articles(l, raw[i].article),
                                    .span = raw[i].node->span};
}

/* "due", "3 working_days before due", "5 days after due" */
static bool parse_rung(fz_str s, struct fz_rung *r)
{
    if (fz_str_is(s, "due"))
        return true;
    r->before = fz_str_ends(s, " before due");
    if (!r->before && !fz_str_ends(s, " after due"))
        return false;
    s.n -= strlen(r->before ? " before due" : " after due");
    return fz_length_parse(s, &r->distance) && r->distance.n > 0;
}

static void load_ladder(struct loader *l, struct fz_parts parts, struct fz_clock *k)
{
    const struct raw_rung *raw = parts.items;
    struct fz_rung *items = FZ_NEW_ARRAY(l->arena, struct fz_rung, parts.n);

    k->ladder = items;
    k->ladder_n = parts.n;
    for (size_t i = 0; i < parts.n; i++) {
        items[i] = (struct fz_rung){.act = raw[i].act < 0 ? FZ_WARN : raw[i].act, .span = raw[i].node->span};
        if (raw[i].at.n && !parse_rung(raw[i].at, &items[i]))
            problem(l, FZ_D_pack_rung, value_at(raw[i].node, "at"), raw[i].at, none);
        else if (items[i].distance.unit == FZ_WORKING_DAYS && items[i].distance.n &&
                 fz_str_is(l->pack->calendar, "none"))
            problem(l, FZ_D_pack_no_calendar, value_at(raw[i].node, "at"), raw[i].at, none);
    }
}

static void load_then(struct loader *l, const struct raw_clock *raw, struct fz_clock *k)
{
    const struct raw_then *then = raw->then.items;
    const struct fz_action *a;

    if (raw->then.n == 0)
        return;
    if (raw->then.n > 1)
        problem_word(l, FZ_D_pack_several, then[1].name.span, then[1].name.text, an_action.word);
    k->then = ref(l, &an_action, then->name);
    if (k->then == FZ_NONE)
        return;
    a = &l->r->out->actions[k->then];
    if (then->outcome.text.n) {
        k->then_outcome = fz_outcome_find(a, then->outcome.text);
        if (k->then_outcome == FZ_NONE)
            problem(l, FZ_D_pack_unknown_outcome, then->outcome.span, then->outcome.text, a->name);
    } else if (a->outcomes_n && then->node->kind == FZ_NODE_TEXT) {
        problem(l, FZ_D_pack_needs_outcome, then->name.span, a->name, none);
    }
}

static bool two_digits(fz_str s, int *out)
{
    if (s.n != 2 || !fz_is_digit(s.p[0]) || !fz_is_digit(s.p[1]))
        return false;
    *out = (s.p[0] - '0') * 10 + s.p[1] - '0';
    return true;
}

/* "01-31" of a year, "25" of a month. A leap year has every day that a year may have. */
static bool parse_recurring_day(fz_str s, bool of_year, struct fz_recurs *r)
{
    if (!of_year)
        return two_digits(s, &r->day) && r->day >= 1 && r->day <= 31;
    return s.n == 5 && s.p[2] == '-' && two_digits((fz_str){s.p, 2}, &r->month) &&
           two_digits((fz_str){s.p + 3, 2}, &r->day) && fz_day_of(2024, r->month, r->day) != FZ_DAY_NONE;
}

static void load_recurs(struct loader *l, const struct raw_clock *raw, struct fz_clock *k)
{
    const char *key = raw->before.n ? "before" : "by";
    fz_str day = raw->before.n ? raw->before : raw->by;
    struct fz_recurs *r = &k->recurs;

    r->while_ = condition(l, raw->while_);
    exclusive(l, raw->node, "each", "every");
    exclusive(l, raw->node, "by", "before");
    if (fz_node_get(raw->node, "every")) {
        r->how = FZ_EVERY;
        r->every = raw->every;
        exclusive(l, raw->node, "every", "by");
        exclusive(l, raw->node, "every", "before");
        return;
    }
    r->how = raw->each == 1 ? FZ_EACH_MONTH : FZ_EACH_YEAR;
    r->before = raw->before.n != 0;
    if (raw->each < 0 || day.n == 0) {
        if (raw->each >= 0 || !fz_node_get(raw->node, "each"))
            problem(l, FZ_D_pack_recurrence_form, raw->name.span, raw->name.text, none);
    } else if (!parse_recurring_day(day, r->how == FZ_EACH_YEAR, r)) {
        problem(l, FZ_D_pack_recurrence, value_at(raw->node, key), day,
                fz_str_of(r->how == FZ_EACH_YEAR ? "01-31" : "25"));
    }
}

#define KIND(name) (1u << FZ_CK_##name)
#define RECURRING (KIND(FIXED_DAY) | KIND(RECURRING))
#define LIMITED (~(RECURRING | KIND(AT_ONCE)))

static const struct {
    const char *key;
    unsigned kinds;
} keys_of_kinds[] = {
    {"used_by", KIND(WINDOW)},
    {"holds", KIND(WINDOW)},
    {"blocks", KIND(AT_LEAST) | KIND(RETENTION)},
    {"until", KIND(AT_LEAST)},
    {"then", KIND(DEEMED) | KIND(VALIDITY) | KIND(RETENTION)},
    {"dated", KIND(DEEMED)},
    {"promise", KIND(AT_MOST)},
    {"limit", LIMITED},
    {"each", RECURRING},
    {"by", RECURRING},
    {"before", RECURRING},
    {"every", RECURRING},
    {"while", RECURRING},
};

static void check_keys_of_kind(struct loader *l, const struct raw_clock *raw)
{
#define X(name, word, zh) {"clock of kind " word, word " 类期限"},
    static const struct word kinds[] = {FZ_CLOCK_KINDS(X)};
#undef X
    unsigned kind = 1u << raw->kind;

    for (size_t i = 0; i < FZ_COUNT(keys_of_kinds); i++)
        if (!(keys_of_kinds[i].kinds & kind))
            misplaced(l, raw->node, keys_of_kinds[i].key, kinds[raw->kind]);
    if (kind & LIMITED)
        needed(l, raw->node, "limit", kinds[raw->kind]);
    if (kind & KIND(DEEMED))
        needed(l, raw->node, "then", kinds[raw->kind]);
}

static void load_clock(struct loader *l, const struct raw_clock *raw, struct fz_clock *k)
{
    k->articles = articles(l, raw->article);
    k->starts = load_anchors(l, raw->starts, &k->starts_n);
    k->stops = load_anchors(l, raw->stops, &k->stops_n);
    k->used_by = acts(l, raw->used_by);
    k->holds = acts(l, raw->holds);
    k->blocks = acts(l, raw->blocks);
    k->again = raw->again < 0 ? FZ_AGAIN_IGNORE : raw->again;
    k->per = sets(l, raw->per);
    k->when = condition(l, raw->when);
    load_limit(l, raw->limit, k);
    check_units(l, raw->limit, &k->articles);
    k->until = term(l, raw->until, FZ_TYPE_DAY, NULL);
    load_suspends(l, raw->suspends, k);
    load_excludes(l, raw->excludes, k);
    load_extends(l, raw->extends, k);
    load_caps(l, raw->caps, k);
    load_then(l, raw, k);
    k->dated_start = raw->dated == 1;
    k->promise = term(l, raw->promise, FZ_TYPE_LENGTH, NULL);
    check_units(l, fz_node_get(raw->node, "promise"), &k->articles);
    k->service_norm = raw->norm == 1;
    k->no_roll = raw->roll == 0;
    load_ladder(l, raw->ladder, k);
    k->confidence = raw->confidence < 0 ? FZ_VERIFIED : (fz_confidence)raw->confidence;
    if (raw->kind < 0)
        return;
    check_keys_of_kind(l, raw);
    if (1u << raw->kind & RECURRING)
        load_recurs(l, raw, k);
}

/* ---- what clocks have to do with each action ---- */

static bool at_act(const struct fz_anchor *anchors, size_t n, int act)
{
    for (size_t i = 0; i < n; i++)
        if (anchors[i].kind == FZ_AT_ACT && anchors[i].id == act)
            return true;
    return false;
}

static bool starts_with(const struct fz_clock *k, int act, const struct fz_action *a)
{
    (void)a;
    return at_act(k->starts, k->starts_n, act);
}

static bool stops_with(const struct fz_clock *k, int act, const struct fz_action *a)
{
    (void)a;
    return at_act(k->stops, k->stops_n, act);
}

static bool used_with(const struct fz_clock *k, int act, const struct fz_action *a)
{
    (void)a;
    return fz_acts_has(&k->used_by, act);
}

static bool held_with(const struct fz_clock *k, int act, const struct fz_action *a)
{
    (void)a;
    return fz_acts_has(&k->holds, act) || fz_acts_has(&k->blocks, act);
}

static bool extended_with(const struct fz_clock *k, int act, const struct fz_action *a)
{
    (void)a;
    for (size_t i = 0; i < k->extends_n; i++)
        if (k->extends[i].on == act)
            return true;
    return false;
}

/* A floor before a day is tested when the act is taken, and again when the day moves. */
static bool floor_with(const struct fz_clock *k, int act, const struct fz_action *a)
{
    if (k->kind != FZ_CK_AT_LEAST || !k->until)
        return false;
    for (size_t i = 0; i < a->sets_n; i++)
        if (fz_term_reads_field(k->until, a->sets[i].field))
            return true;
    return at_act(k->starts, k->starts_n, act);
}

typedef bool (*clock_test)(const struct fz_clock *k, int act, const struct fz_action *a);

static struct fz_ids clocks_with(struct loader *l, int act, clock_test test)
{
    const struct fz_record *r = l->r->out;
    int *items = NULL;
    struct fz_ids ids = {0};

    for (size_t i = 0; i < r->clocks_n; i++) {
        if (!test(&r->clocks[i], act, &r->actions[act]))
            continue;
        if (!items)
            ids.items = items = FZ_NEW_ARRAY(l->arena, int, r->clocks_n - i);
        items[ids.n++] = (int)i;
    }
    return ids;
}

static void load_action_clocks(struct loader *l, int act)
{
    struct fz_action *a = &l->r->out->actions[act];

    a->clocks_start = clocks_with(l, act, starts_with);
    a->clocks_stop = clocks_with(l, act, stops_with);
    a->clocks_use = clocks_with(l, act, used_with);
    a->clocks_hold = clocks_with(l, act, held_with);
    a->clocks_extend = clocks_with(l, act, extended_with);
    a->clocks_floor = clocks_with(l, act, floor_with);
}

/* ---- nothing depends on itself ---- */

enum { NOT_SEEN, IN_HAND, SETTLED };

struct circle {
    struct loader *l;
    const struct fz_record *r;
    unsigned char *seen; /* fields, then clocks */
};

static void visit_field(struct circle *c, int id);
static void visit_clock(struct circle *c, int id);

static void visit_term(const struct fz_term *t, void *arg)
{
    switch (t->kind) {
    case FZ_T_FIELD:
        visit_field(arg, t->id);
        break;
    case FZ_T_CLOCK_IS:
    case FZ_T_CLOCK_DUE:
    case FZ_T_CLOCK_USED:
    case FZ_T_CLOCK_LEFT:
    case FZ_T_DAYS_OVER:
        visit_clock(arg, t->id);
        break;
    default:
        break;
    }
}

static void visit(struct circle *c, const struct fz_term *t)
{
    fz_term_walk(t, visit_term, c);
}

/* False when it was seen before; a problem when it is still in hand. */
static bool enter(struct circle *c, size_t at, fz_str name, fz_span span)
{
    if (c->seen[at] == IN_HAND)
        problem(c->l, FZ_D_pack_circle, span, name, none);
    if (c->seen[at] != NOT_SEEN)
        return false;
    c->seen[at] = IN_HAND;
    return true;
}

static void visit_field(struct circle *c, int id)
{
    const struct fz_field *f = &c->r->fields[id];

    if (!enter(c, (size_t)id, f->name, f->span))
        return;
    visit(c, f->is);
    visit(c, f->when);
    c->seen[id] = SETTLED;
}

static void visit_anchors(struct circle *c, const struct fz_anchor *anchors, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (anchors[i].kind == FZ_AT_CLOCK_END && anchors[i].id != FZ_NONE)
            visit_clock(c, anchors[i].id);
        visit(c, anchors[i].day);
    }
}

static void visit_clock(struct circle *c, int id)
{
    const struct fz_clock *k = &c->r->clocks[id];
    size_t at = c->r->fields_n + (size_t)id;

    if (!enter(c, at, k->name, k->span))
        return;
    visit_anchors(c, k->starts, k->starts_n);
    visit_anchors(c, k->stops, k->stops_n);
    visit(c, k->when);
    visit(c, k->until);
    visit(c, k->promise);
    visit(c, k->recurs.while_);
    for (size_t i = 0; i < k->limit_n; i++) {
        visit(c, k->limit[i].when);
        visit(c, k->limit[i].be);
    }
    for (size_t i = 0; i < k->excludes_n; i++)
        visit(c, k->excludes[i].when);
    for (size_t i = 0; i < k->extends_n; i++) {
        visit(c, k->extends[i].when);
        visit(c, k->extends[i].by);
    }
    for (size_t i = 0; i < k->caps_n; i++) {
        visit(c, k->caps[i].when);
        visit(c, k->caps[i].at);
    }
    c->seen[at] = SETTLED;
}

static void check_circles(struct loader *l)
{
    const struct fz_record *r = l->r->out;
    struct circle c = {l, r, FZ_NEW_ARRAY(l->arena, unsigned char, r->fields_n + r->clocks_n)};

    for (size_t i = 0; i < r->fields_n; i++)
        visit_field(&c, (int)i);
    for (size_t i = 0; i < r->clocks_n; i++)
        visit_clock(&c, (int)i);
}

/* ---- nothing that lasts depends on what may be erased ---- */

static void check_lasting(struct loader *l, const struct fz_record *r, const struct fz_term *t, const struct fz_term *above);

/* What outlives an erasure: how many parties there are and which, and that there is a text. */
static bool is_lasting(const struct fz_field *f, const struct fz_term *above)
{
    if (!above)
        return false;
    return above->kind == FZ_T_ALL || above->kind == FZ_T_ANY || above->kind == FZ_T_COUNT || above->kind == FZ_T_EMPTY ||
           (above->kind == FZ_T_IS_SET && fz_type_is_text(f->type));
}

static void check_lasting_field(struct loader *l, const struct fz_record *r, const struct fz_term *t, const struct fz_term *above)
{
    const struct fz_field *f = &r->fields[t->id];

    if (f->personal && !is_lasting(f, above))
        problem(l, FZ_D_pack_personal_read, t->from->span, f->name, none);
    else
        check_lasting(l, r, f->is, NULL); /* circles were refused */
}

static void check_lasting(struct loader *l, const struct fz_record *r, const struct fz_term *t, const struct fz_term *above)
{
    if (!t)
        return;
    if (t->kind == FZ_T_FIELD)
        check_lasting_field(l, r, t, above);
    for (size_t i = 0; i < t->args_n; i++)
        check_lasting(l, r, t->args[i], t);
}

static void check_lasting_anchors(struct loader *l, const struct fz_record *r, const struct fz_anchor *anchors, size_t n)
{
    for (size_t i = 0; i < n; i++)
        check_lasting(l, r, anchors[i].day, NULL);
}

static void check_lasting_suspends(struct loader *l, const struct fz_record *r, const struct fz_clock *k)
{
    for (size_t i = 0; i < k->suspends_n; i++)
        if (k->suspends[i].field != FZ_NONE && r->fields[k->suspends[i].field].personal)
            problem(l, FZ_D_pack_personal_read, k->suspends[i].span, r->fields[k->suspends[i].field].name, none);
}

static void check_lasting_clock(struct loader *l, const struct fz_record *r, const struct fz_clock *k)
{
    check_lasting_anchors(l, r, k->starts, k->starts_n);
    check_lasting_anchors(l, r, k->stops, k->stops_n);
    check_lasting(l, r, k->when, NULL);
    check_lasting(l, r, k->until, NULL);
    check_lasting(l, r, k->promise, NULL);
    check_lasting(l, r, k->recurs.while_, NULL);
    check_lasting_suspends(l, r, k);
    for (size_t i = 0; i < k->limit_n; i++) {
        check_lasting(l, r, k->limit[i].when, NULL);
        check_lasting(l, r, k->limit[i].be, NULL);
    }
    for (size_t i = 0; i < k->excludes_n; i++)
        check_lasting(l, r, k->excludes[i].when, NULL);
    for (size_t i = 0; i < k->extends_n; i++) {
        check_lasting(l, r, k->extends[i].when, NULL);
        check_lasting(l, r, k->extends[i].by, NULL);
    }
    for (size_t i = 0; i < k->caps_n; i++) {
        check_lasting(l, r, k->caps[i].when, NULL);
        check_lasting(l, r, k->caps[i].at, NULL);
    }
}

static void check_personal_reads(struct loader *l, const struct fz_record *r)
{
    for (size_t i = 0; i < r->clocks_n; i++)
        check_lasting_clock(l, r, &r->clocks[i]);
    for (size_t a = 0; a < r->actions_n; a++)
        for (size_t i = 0; i < r->actions[a].sets_n; i++)
            if (r->actions[a].sets[i].field != FZ_NONE && !r->fields[r->actions[a].sets[i].field].personal)
                check_lasting(l, r, r->actions[a].sets[i].value, NULL);
}

/* ---- a record, whole ---- */

/* ---- second pass: the directory ---- */

static bool is_day_part(int part)
{
    return part >= FZ_DIRECTORY_TEXTS;
}

/* The type of field that holds a part: a number, a name and a role may also be plain text. */
static fz_type type_of_part(int part)
{
    switch (part) {
    case FZ_DP_PERSON:
    case FZ_DP_ACTING_FOR:
        return FZ_TYPE_OFFICIAL;
    case FZ_DP_ORGAN:
    case FZ_DP_SUPERIOR:
    case FZ_DP_SUCCESSORS:
    case FZ_DP_TO:
        return FZ_TYPE_ORGAN;
    default:
        return is_day_part(part) ? FZ_TYPE_DAY : FZ_TYPE_CHOICE;
    }
}

/* What every row shows may not be personal, for it stays when a person is forgotten. */
static int field_of_part(struct loader *l, const struct raw_directory *raw, int part)
{
    struct fz_name name = raw->parts[part];
    fz_type type = type_of_part(part);
    int id = typed_field(l, name, type, is_day_part(part) ? type : FZ_TYPE_TEXT);
    const struct fz_field *f = id == FZ_NONE ? NULL : &l->r->fields[id];

    if (f && f->personal)
        problem(l, FZ_D_pack_directory_personal, name.span, name.text, none);
    if (f && f->many != (part == FZ_DP_SUCCESSORS))
        problem(l, f->many ? FZ_D_pack_directory_set : FZ_D_pack_not_set, name.span, name.text, none);
    return id;
}

static void load_directory(struct loader *l, const struct raw_directory *raw)
{
    struct fz_feeds *feeds = &l->r->out->feeds;
    const struct fz_directory_form *form;

    feeds->kind = FZ_NONE;
    if (!raw || raw->kind < 0)
        return;
    *feeds = (struct fz_feeds){.kind = raw->kind, .span = raw->node->span};
    form = &fz_directory_forms[raw->kind];
    for (int p = 0; p < FZ_DIRECTORY_PARTS_N; p++) {
        const char *word = fz_directory_part_word((fz_directory_part)p);
        struct word where = {form->word, form->zh};

        feeds->fields[p] = field_of_part(l, raw, p);
        if (form->needs >> p & 1)
            needed(l, raw->node, word, where);
        else if (!(form->may >> p & 1))
            misplaced(l, raw->node, word, where);
    }
}

/* ---- second pass: key and stock ---- */

/* What a key is made of is there from the beginning, is seen in tables, and is equal in one form only. */
static bool may_be_key(const struct fz_field *f)
{
    return f->required && !f->when && !f->is && !f->many && !f->personal && f->type != FZ_TYPE_SHARE && f->type != FZ_TYPE_SPAN && f->type != FZ_TYPE_LENGTH &&
           f->type != FZ_TYPE_FILE;
}

static fz_title title_of_key(struct loader *l, struct fz_ids fields)
{
    struct fz_buf zh = {0}, en = {0};
    fz_title title;

    for (size_t i = 0; i < fields.n; i++) {
        const struct fz_field *f = &l->r->fields[fields.items[i]];

        fz_buf_addz(&zh, i ? "、" : "");
        fz_buf_add(&zh, f->title.zh.n ? f->title.zh : f->name);
        fz_buf_addz(&en, i ? ", " : "");
        fz_buf_add(&en, f->title.zh.n ? fz_title_in(f->title, FZ_EN) : f->name);
    }
    title = (fz_title){fz_str_copy(l->arena, fz_buf_str(&zh)), fz_str_copy(l->arena, fz_buf_str(&en))};
    fz_buf_release(&zh);
    fz_buf_release(&en);
    return title;
}

static void load_key(struct loader *l)
{
    struct fz_names names = l->r->raw->key;
    struct fz_register_key *key = &l->r->out->key;
    int *items = FZ_NEW_ARRAY(l->arena, int, names.n);
    fz_span at = value_at(l->r->raw->node, "key");

    *key = (struct fz_register_key){.fields.items = items, .span = at};
    for (size_t i = 0; i < names.n; i++) {
        bool organ = fz_str_is(names.items[i].text, "organ") && fz_field_find(l->r->out, names.items[i].text) == FZ_NONE;
        int id = organ ? FZ_NONE : ref(l, &a_field, names.items[i]);

        key->of_organ |= organ;
        if (id != FZ_NONE && !may_be_key(&l->r->fields[id]))
            problem(l, FZ_D_pack_key_field, names.items[i].span, names.items[i].text, none);
        if (id != FZ_NONE && fz_ids_has(key->fields, id))
            problem(l, FZ_D_pack_repeated, names.items[i].span, names.items[i].text, none);
        else if (id != FZ_NONE)
            items[key->fields.n++] = id;
    }
    if (names.n && key->fields.n == 0)
        problem_word(l, FZ_D_pack_missing_key, at, FZ_STR("field"), (struct word){"key", "键"});
    key->title = title_of_key(l, key->fields);
}

static bool is_kind_used(const struct fz_record *r, int kind)
{
    for (size_t a = 0; a < r->actions_n; a++) {
        if (r->actions[a].change == kind)
            return true;
        for (size_t o = 0; o < r->actions[a].outcomes_n; o++)
            if (r->actions[a].outcomes[o].change == kind)
                return true;
    }
    return false;
}

static void check_kinds(struct loader *l)
{
    const struct fz_record *r = l->r->out;
    int field = fz_field_find(r, FZ_STR("kind"));

    if (r->shape != FZ_REGISTER)
        misplaced(l, l->r->raw->node, "kinds", r->shape == FZ_CASE ? (struct word){"case", "案件"} : (struct word){"activity", "活动"});
    for (size_t i = 0; i < r->kinds_n; i++)
        if (!is_kind_used(r, (int)i))
            problem(l, FZ_D_pack_kind_unused, r->kinds[i].span, r->kinds[i].name, none);
    if (r->kinds_n && field != FZ_NONE)
        problem(l, FZ_D_pack_kind_field, r->fields[field].span, none, none);
}

static void load_record(struct loader *l)
{
    const struct raw_record *raw = l->r->raw;
    struct fz_record *r = l->r->out;

    load_final(l);
    load_in_stock(l);
    load_pauses(l);
    for (size_t i = 0; i < r->documents_n; i++)
        load_document(l, (const struct raw_document *)raw->documents.items + i, &l->r->documents[i]);
    for (size_t i = 0; i < r->actions_n; i++)
        load_action(l, (const struct raw_action *)raw->actions.items + i, &r->actions[i]);
    check_start(l);
    for (size_t i = 0; i < r->fields_n; i++)
        load_field(l, (const struct raw_field *)raw->fields.items + i, &l->r->fields[i]);
    for (size_t i = 0; i < r->actions_n; i++)
        load_action_terms(l, (const struct raw_action *)raw->actions.items + i, &r->actions[i]);
    for (size_t i = 0; i < r->clocks_n; i++)
        load_clock(l, (const struct raw_clock *)raw->clocks.items + i, &l->r->clocks[i]);
    for (size_t i = 0; i < r->actions_n; i++)
        load_action_clocks(l, (int)i);
    load_directory(l, raw->directory);
    load_key(l);
    check_kinds(l);
    check_circles(l);
    if (l->ok) /* else a derived field may lead in a circle, or nowhere */
        check_personal_reads(l, r);
}

static bool load_records(struct loader *l)
{
    size_t n = l->raw->records.n;
    struct open_record *open = FZ_NEW_ARRAY(l->arena, struct open_record, n);
    bool few = true;

    l->pack->records = FZ_NEW_ARRAY(l->arena, struct fz_record, n);
    l->pack->records_n = n;
    for (size_t i = 0; i < n; i++) {
        open[i].raw = fz_raw_links(l->arena, (const struct raw_record *)l->raw->records.items + i);
        open[i].out = &l->pack->records[i];
        l->r = &open[i];
        few &= name_record(l);
    }
    l->r = NULL;
    if (few)
        load_tables(l); /* they know fields, and expressions know them */
    for (size_t i = 0; few && i < n; i++) {
        l->r = &open[i];
        load_record(l);
    }
    l->r = NULL;
    return few;
}

/* ---- rules and indicators ---- */

/* The record that has an action; the others are then looked for in it. */
static int record_with(struct loader *l, struct fz_name act)
{
    const struct fz_pack *p = l->pack;
    int found = FZ_NONE;

    if (act.text.n == 0)
        return FZ_NONE;
    for (size_t i = 0; i < p->records_n; i++) {
        if (fz_action_find(&p->records[i], act.text) == FZ_NONE)
            continue;
        if (found != FZ_NONE) {
            l->ok = false;
            fz_diag_add(l->diags, FZ_D_pack_several_records, act.span, act.text, p->records[found].name,
                        p->records[i].name);
            return FZ_NONE;
        }
        found = (int)i;
    }
    if (found == FZ_NONE)
        problem(l, FZ_D_pack_unknown_action, act.span, act.text, none);
    return found;
}

enum { NEVER = 1, BEFORE = 2, WHILE = 4, AFTER = 8, ALWAYS = 16, ONCE = 32, DIFFER = 64 };

static unsigned keys_of_rule(const struct fz_node *node)
{
    static const char *const keys[] = {"never", "before", "while", "after", "always", "once", "differ"};
    unsigned given = 0;

    for (size_t i = 0; i < FZ_COUNT(keys); i++)
        given |= fz_node_get(node, keys[i]) ? 1u << i : 0;
    return given;
}

static fz_acts one_act(struct loader *l, struct fz_name name)
{
    return acts(l, (struct fz_names){&name, 1});
}

static fz_str joined(struct loader *l, struct fz_names names, const char *end)
{
    struct fz_buf b = {0};
    fz_str s;

    for (size_t i = 0; i < names.n; i++) {
        fz_buf_add(&b, names.items[i].text);
        fz_buf_addc(&b, '_');
    }
    fz_buf_addz(&b, end);
    s = fz_str_copy(l->arena, fz_buf_str(&b));
    fz_buf_release(&b);
    return s;
}

static fz_str pair_id(struct loader *l, struct fz_name a, const char *between, struct fz_name b)
{
    return fz_str_printf(l->arena, "%.*s_%s_%.*s", FZ_STR_ARG(a.text), between, FZ_STR_ARG(b.text));
}

/* The form, the acts and the id made of them. */
static void load_rule_form(struct loader *l, const struct raw_rule *raw, struct fz_rule *r)
{
    unsigned form = keys_of_rule(raw->node);
    bool never = form & NEVER;

    if (never || form & ONCE)
        r->act = ref(l, &an_action, never ? raw->never : raw->once);
    switch (form) {
    case NEVER | BEFORE:
        r->kind = FZ_RULE_BEFORE;
        r->others = one_act(l, raw->before);
        r->id = pair_id(l, raw->never, "before", raw->before);
        break;
    case NEVER | AFTER:
        r->kind = FZ_RULE_AFTER;
        r->others = one_act(l, raw->after);
        r->id = pair_id(l, raw->never, "after", raw->after);
        break;
    case NEVER | WHILE:
        r->kind = FZ_RULE_WHILE;
        r->pause = ref(l, &a_pause, raw->pause);
        r->id = pair_id(l, raw->never, "while", raw->pause);
        break;
    case AFTER | ALWAYS:
        r->kind = FZ_RULE_ALWAYS;
        r->act = ref(l, &an_action, raw->after);
        r->others = acts(l, raw->always);
        r->id = fz_str_printf(l->arena, "%.*s_without_end", FZ_STR_ARG(raw->after.text));
        break;
    case ONCE:
        r->kind = FZ_RULE_ONCE;
        r->id = fz_str_printf(l->arena, "%.*s_once", FZ_STR_ARG(raw->once.text));
        break;
    case DIFFER:
        r->kind = FZ_RULE_DIFFER;
        r->others = acts(l, raw->differ);
        r->id = joined(l, raw->differ, "same");
        break;
    }
}

static bool is_rule_form(const struct raw_rule *raw)
{
    switch (keys_of_rule(raw->node)) {
    case NEVER | BEFORE:
    case NEVER | AFTER:
    case NEVER | WHILE:
    case AFTER | ALWAYS:
    case ONCE:
        return true;
    case DIFFER:
        return raw->differ.n >= 2;
    default:
        return false;
    }
}

static struct fz_name first_act(const struct raw_rule *raw)
{
    if (raw->never.text.n)
        return raw->never;
    if (raw->once.text.n)
        return raw->once;
    return raw->differ.n ? raw->differ.items[0] : raw->after;
}

static void load_rule(struct loader *l, const struct raw_rule *raw, struct fz_rule *r)
{
    struct open_record open;

    *r = (struct fz_rule){
        .title = raw->title, .act = FZ_NONE, .pause = FZ_NONE, .record = FZ_NONE, .span = raw->node->span};
    r->articles = articles(l, raw->article);
    if (!is_rule_form(raw)) {
        if (raw->node->kind == FZ_NODE_MAP)
            problem(l, FZ_D_pack_rule_form, raw->node->span, none, none);
        return;
    }
    r->record = record_with(l, first_act(raw));
    if (r->record == FZ_NONE)
        return;
    open = (struct open_record){.out = &l->pack->records[r->record]};
    l->r = &open;
    load_rule_form(l, raw, r);
    r->unless = condition(l, raw->unless);
    l->r = NULL;
    if (raw->name.text.n)
        r->id = raw->name.text;
}

static void load_rules(struct loader *l)
{
    size_t n = l->raw->rules.n;
    const struct raw_rule *raw = l->raw->rules.items;
    struct fz_rule *items = FZ_NEW_ARRAY(l->arena, struct fz_rule, n);

    l->pack->rules = items;
    l->pack->rules_n = n;
    for (size_t i = 0; i < n; i++) {
        load_rule(l, &raw[i], &items[i]);
        for (size_t k = 0; k < i && items[i].id.n; k++) {
            if (!fz_str_eq(items[k].id, items[i].id))
                continue;
            problem(l, FZ_D_pack_same_rule, raw[i].name.text.n ? raw[i].name.span : items[i].span, items[i].id, none);
            fz_diag_add(l->diags, FZ_D_also_here, items[k].span, items[i].id, none, none);
            break;
        }
    }
}

static void load_bases(struct loader *l, const struct raw_indicator *raw, struct fz_indicator *out)
{
    const struct raw_basis *bases = raw->bases.items;
    struct fz_basis *items = FZ_NEW_ARRAY(l->arena, struct fz_basis, raw->bases.n + 1);

    out->bases = items;
    out->bases_n = raw->bases.n ? raw->bases.n : 1;
    items[0].acts = out->on;
    for (size_t i = 0; i < raw->bases.n; i++)
        items[i] = (struct fz_basis){bases[i].name.text, acts(l, bases[i].acts)};
}

/* What each kind of indicator is written with. */
static const struct indicator_form {
    const char *key; /* which says what is counted */
    struct word word;
    bool on, where; /* needed */
    const char *others; /* keys that have no place in it */
} indicator_forms[] = {
    [FZ_COUNT_OF] = {"count", {"indicator that counts", "计数指标"}, true, false, "bases at"},
    [FZ_SHARE_OF] = {"share_of", {"indicator of a share", "占比指标"}, false, false, "on at"},
    [FZ_CHANGES_OF] = {"changes", {"indicator of changes", "变动指标"}, false, false, "on bases at"},
    [FZ_STOCK_OF] = {"stock", {"indicator of a stock", "存量指标"}, false, false, "on bases"},
    [FZ_SUM_OF] = {"sum", {"sum", "合计指标"}, true, false, "bases at"},
    [FZ_MEAN_OF] = {"mean", {"mean", "平均指标"}, true, false, "bases at"},
    [FZ_DISTINCT_OF] = {"distinct", {"indicator that counts different values", "去重计数指标"}, true, false, "bases at"},
};

/* What it is, or -1 after a problem: exactly one of the keys. */
static int form_of_indicator(struct loader *l, const struct raw_indicator *raw)
{
    int kind = -1;

    for (int i = 0; i < (int)FZ_COUNT(indicator_forms); i++) {
        if (!fz_node_get(raw->node, indicator_forms[i].key))
            continue;
        if (kind >= 0)
            exclusive(l, raw->node, indicator_forms[kind].key, indicator_forms[i].key);
        kind = kind < 0 ? i : kind;
    }
    if (kind < 0)
        problem(l, FZ_D_pack_indicator_form, raw->name.span, raw->name.text, none);
    return kind;
}

static void check_indicator(struct loader *l, const struct raw_indicator *raw, int kind)
{
    static const char *const keys[] = {"on", "bases", "at"};
    const struct indicator_form *form = &indicator_forms[kind];

    if (form->on)
        needed(l, raw->node, "on", form->word);
    for (size_t i = 0; i < FZ_COUNT(keys); i++)
        if (fz_word_find(fz_str_of(keys[i]), form->others) >= 0)
            misplaced(l, raw->node, keys[i], form->word);
    if (kind == FZ_SHARE_OF && !fz_node_get(raw->node, "bases"))
        needed(l, raw->node, "where", form->word);
    if (kind == FZ_STOCK_OF)
        needed(l, raw->node, "at", form->word);
}

static int record_counted(struct loader *l, struct fz_name name)
{
    int id = name.text.n ? fz_record_find(l->pack, name.text) : FZ_NONE;

    if (name.text.n && id == FZ_NONE)
        problem(l, FZ_D_pack_unknown_record, name.span, name.text, none);
    return id;
}

static bool may_be_measured(int kind, const struct fz_field *f)
{
    if (kind == FZ_DISTINCT_OF)
        return true;
    return !f->many && (f->type == FZ_TYPE_INT || f->type == FZ_TYPE_MONEY || f->type == FZ_TYPE_POINTS);
}

/* "penalty_case.fine": its record, and its field in `out`. */
static int record_measured(struct loader *l, fz_str path, fz_span at, int kind, int *out_field)
{
    const char *dot = path.n ? memchr(path.p, '.', path.n) : NULL;
    fz_str record = {path.p, dot ? (size_t)(dot - path.p) : path.n}, name = {path.p + record.n + 1, dot ? path.n - record.n - 1 : 0};
    int id = dot ? record_counted(l, (struct fz_name){record, at}) : FZ_NONE;
    const struct fz_field *f;

    if (!dot && path.n)
        problem_word(l, FZ_D_pack_missing_key, at, FZ_STR("RECORD.FIELD"), indicator_forms[kind].word);
    if (id == FZ_NONE)
        return FZ_NONE;
    *out_field = fz_field_find(&l->pack->records[id], name);
    if (*out_field == FZ_NONE) {
        problem_word(l, FZ_D_pack_unknown_name, at, name, a_field.word);
        return FZ_NONE;
    }
    f = &l->pack->records[id].fields[*out_field];
    if (f->personal)
        problem(l, FZ_D_pack_personal_read, at, f->name, none);
    else if (f->type != FZ_TYPE_NONE && !may_be_measured(kind, f))
        problem(l, FZ_D_pack_not_summed, at, f->name, fz_str_of(fz_type_word(f->type)));
    return id;
}

/* The record that it is about. */
static int record_of_indicator(struct loader *l, const struct raw_indicator *raw, struct fz_indicator *out)
{
    fz_span at = value_at(raw->node, indicator_forms[out->kind].key);

    switch (out->kind) {
    case FZ_COUNT_OF:
        return record_counted(l, raw->count);
    case FZ_SHARE_OF:
        return raw->share_of.n ? record_with(l, raw->share_of.items[0]) : FZ_NONE;
    case FZ_CHANGES_OF:
        return record_counted(l, raw->changes);
    case FZ_STOCK_OF:
        return record_counted(l, raw->stock);
    default:
        return record_measured(l, out->kind == FZ_SUM_OF ? raw->sum : out->kind == FZ_MEAN_OF ? raw->mean : raw->distinct, at, (int)out->kind, &out->field);
    }
}

/* Every act that is a change, whatever its outcome. */
static fz_acts changing_acts(struct loader *l, const struct raw_indicator *raw)
{
    const struct fz_record *r = l->r->out;
    fz_acts set = {{0}};

    for (int a = 0; a < (int)r->actions_n; a++)
        for (int o = FZ_NONE; o < (int)r->actions[a].outcomes_n; o++)
            if (fz_action_change(&r->actions[a], o) != FZ_NONE)
                fz_acts_add(&set, a);
    if (r->kinds_n == 0)
        problem(l, FZ_D_pack_no_kinds, raw->changes.span, r->name, none);
    return set;
}

/* What a stock asks of its records must not change while nothing is done to them. */
static void check_standing(struct loader *l, const struct fz_record *r, const struct fz_term *t)
{
    if (!t)
        return;
    if (t->kind == FZ_T_CLOCK_IS || t->kind == FZ_T_CLOCK_DUE || t->kind == FZ_T_CLOCK_USED || t->kind == FZ_T_CLOCK_LEFT || t->kind == FZ_T_DAYS_OVER)
        problem(l, FZ_D_pack_stock_clock, t->from->span, r->clocks[t->id].name, none);
    if (t->kind == FZ_T_FIELD)
        check_standing(l, r, r->fields[t->id].is); /* circles were refused */
    for (size_t i = 0; i < t->args_n; i++)
        check_standing(l, r, t->args[i]);
}

/* `kind` is no field, and only changes have it. */
static struct fz_ids load_by_fields(struct loader *l, const struct raw_indicator *raw, struct fz_indicator *out)
{
    struct fz_name *names = FZ_NEW_ARRAY(l->arena, struct fz_name, raw->by.n);
    size_t n = 0;

    for (size_t i = 0; i < raw->by.n; i++) {
        if (out->kind == FZ_CHANGES_OF && fz_str_is(raw->by.items[i].text, "kind"))
            out->by_kind = true;
        else
            names[n++] = raw->by.items[i];
    }
    return refs(l, &a_field, (struct fz_names){names, n});
}

static fz_span span_of(struct fz_names names, fz_str name)
{
    size_t i = 0;

    while (!fz_str_eq(names.items[i].text, name))
        i++;
    return names.items[i].span;
}

static void check_dimensions(struct loader *l, const struct raw_indicator *raw, const struct fz_indicator *ind)
{
    const struct fz_record *r = l->r->out;

    for (size_t i = 0; i < ind->by.n; i++) {
        const struct fz_field *f = &r->fields[ind->by.items[i]];

        if (f->personal)
            problem(l, FZ_D_pack_personal_read, span_of(raw->by, f->name), f->name, none);
        if (ind->kind == FZ_STOCK_OF && l->ok)
            check_standing(l, r, f->is);
    }
}

static void load_indicator(struct loader *l, const struct raw_indicator *raw, struct fz_indicator *out)
{
    int kind = form_of_indicator(l, raw);
    struct open_record open;

    *out = (struct fz_indicator){
        .name = raw->name.text, .title = raw->title, .unit = raw->unit, .record = FZ_NONE, .field = FZ_NONE, .at_start = raw->at == 1, .span = raw->name.span};
    if (kind < 0)
        return;
    out->kind = kind;
    check_indicator(l, raw, kind);
    out->record = record_of_indicator(l, raw, out);
    if (out->record == FZ_NONE)
        return;
    open = (struct open_record){.out = &l->pack->records[out->record]};
    l->r = &open;
    if (out->field != FZ_NONE)
        out->measured = open.out->fields[out->field].type;
    out->on = kind == FZ_CHANGES_OF ? changing_acts(l, raw) : acts(l, kind == FZ_SHARE_OF ? raw->share_of : raw->on);
    out->where = condition(l, raw->where);
    out->by = load_by_fields(l, raw, out);
    if (l->ok)
        check_lasting(l, open.out, out->where, NULL);
    if (l->ok && kind == FZ_STOCK_OF)
        check_standing(l, open.out, out->where);
    check_dimensions(l, raw, out);
    if (kind == FZ_SHARE_OF)
        load_bases(l, raw, out);
    l->r = NULL;
}

static void load_indicators(struct loader *l)
{
    size_t n = l->raw->indicators.n;
    struct fz_indicator *items = FZ_NEW_ARRAY(l->arena, struct fz_indicator, n);

    l->pack->indicators = items;
    l->pack->indicators_n = n;
    for (size_t i = 0; i < n; i++)
        load_indicator(l, (const struct raw_indicator *)l->raw->indicators.items + i, &items[i]);
}

/* ---- the pack ---- */

static bool few_parts(struct loader *l)
{
    const struct raw_pack *raw = l->raw;
    const struct {
        const char *key;
        struct word word;
        size_t n;
    } parts[] = {
        {"laws", {"laws", "法律"}, raw->laws.n},
        {"config", {"configuration values", "配置项"}, raw->config.n},
        {"tables", {"tables", "裁量表"}, raw->tables.n},
        {"records", {"records", "记录"}, raw->records.n},
        {"rules", {"rules", "规则"}, raw->rules.n},
    };
    bool few = true;

    for (size_t i = 0; i < FZ_COUNT(parts); i++)
        few &= within(l, value_at(raw->node, parts[i].key), parts[i].n, FZ_MEMBERS_OF_RECORD_MAX, parts[i].word);
    return few;
}

struct fz_pack *fz_pack_load(const struct fz_node *node, struct fz_arena *arena, struct fz_diags *diags)
{
    struct raw_pack *raw;
    struct loader l = {.arena = arena, .diags = diags};

    if (!node)
        return NULL;
    raw = FZ_NEW(arena, struct raw_pack);
    l.ok = fz_read(&fz_pack_construct, node, raw, arena, diags);
    l.raw = raw;
    l.pack = FZ_NEW(arena, struct fz_pack);
    *l.pack = (struct fz_pack){.name = raw->pack.text,
                               .version = raw->version,
                               .amends = raw->amends,
                               .title = raw->title,
                               .part = raw->part.text,
                               .calendar = raw->calendar.text,
                               .node = node};
    if (raw->amends != FZ_DAY_NONE && raw->amends >= raw->version)
        problem(&l, FZ_D_pack_amends, value_at(node, "amends"), none, none);
    if (!few_parts(&l))
        return NULL;
    load_laws(&l);
    load_config(&l);
    if (!load_records(&l))
        return NULL;
    load_rules(&l);
    load_indicators(&l);
    return l.ok ? l.pack : NULL;
}
