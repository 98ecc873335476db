/*
 * The tables of a map's keys, and the step from what was read to what a reader of logs needs: names become indices, words become
 * values. The indices hold for every version of the pack that has the name, for a review takes the version of the day; where two versions
 * disagree the map is refused.
 */
#include "report/map_int.h"

#include "law/reader.h"

/* ---- what is written ---- */

/* COLUMN: NAME, and NAME: {...} of the other small maps. */
struct raw_entry {
    struct fz_name name;
    struct fz_name to;
    const struct fz_node *node;
};

struct raw_act {
    struct fz_name name;
    const struct fz_node *node, *to;
};

struct raw_word {
    struct fz_name name;
    fz_str to;
    const struct fz_node *node;
};

struct raw_words {
    struct fz_name name;
    struct fz_parts words;
    const struct fz_node *node;
};

struct raw_source {
    struct fz_name name;
    fz_str case_id, action, on, actor, organ, key, sheet;
    struct fz_name begins;
    struct fz_parts acts, fields, values;
    struct fz_names ignore;
    const struct fz_node *node;
};

struct raw_map {
    struct fz_name pack, record;
    fz_str zone;
    int currency;
    struct fz_parts sources, actions, values;
    const struct fz_node *otherwise;
    const struct fz_node *node;
};

static const struct fz_key no_keys[] = {FZ_KEY_END};

static const struct fz_key entry_brief =
    FZ_KEY_NAME(struct raw_entry, to, "", FZ_REQUIRED, "receive", "the pack's name for it", "制度包中的名称");
static const struct fz_construct entry =
    FZ_CONSTRUCT(struct raw_entry, "column", "列", no_keys, .brief = &entry_brief, .free_names = true);

static const struct fz_key act_brief =
    FZ_KEY_NODE(struct raw_act, to, "", FZ_REQUIRED, NULL, "{decide: upheld}",
                "an action, served(DOCUMENT), or {ACTION: OUTCOME}", "行为、served(文书) 或者 {行为: 结果}");
static const struct fz_construct act =
    FZ_CONSTRUCT(struct raw_act, "activity", "日志中的活动", no_keys, .brief = &act_brief, .free_names = true);

static const struct fz_key word_brief =
    FZ_KEY_TEXT(struct raw_word, to, "", FZ_REQUIRED, "post", "the pack's word for it", "制度包中的写法");
static const struct fz_construct word =
    FZ_CONSTRUCT(struct raw_word, "word", "日志中的写法", no_keys, .brief = &word_brief, .free_names = true);

static const struct fz_key words_brief = FZ_KEY_NAMED(struct raw_words, words, "", FZ_REQUIRED, &word, "{Post: post}",
                                                      "the log's words and the pack's", "日志的写法与制度包的写法");
static const struct fz_construct words =
    FZ_CONSTRUCT(struct raw_words, "field's words", "字段的写法对照", no_keys, .brief = &words_brief);

static const struct fz_key source_keys[] = {
    FZ_KEY_TEXT(struct raw_source, case_id, "case", FZ_REQUIRED, "case_id", "column that names the case",
                "案件标识所在的列"),
    FZ_KEY_TEXT(struct raw_source, action, "action", FZ_OPTIONAL, "activity",
                "column that names what happened: a row is then an event, else a case",
                "活动所在的列；有此键，一行是一次活动，否则是一个案件"),
    FZ_KEY_TEXT(struct raw_source, on, "on", FZ_OPTIONAL, "timestamp", "column of the day, or the day and time",
                "日期或者日期时间所在的列"),
    FZ_KEY_TEXT(struct raw_source, actor, "actor", FZ_OPTIONAL, "resource", "column that names who acted",
                "经办人所在的列"),
    FZ_KEY_TEXT(struct raw_source, organ, "organ", FZ_OPTIONAL, "department",
                "column that names the organ handling the case; the first one named counts",
                "承办机关所在的列，以首次出现的为准"),
    FZ_KEY_TEXT(struct raw_source, key, "key", FZ_OPTIONAL, "seq",
                "column that tells a row from all others of its case, whatever else it says: an import enters it once",
                "在案件内识别各行的列：无论其他内容如何，导入只记一次"),
    FZ_KEY_NAME(struct raw_source, begins, "begins", FZ_OPTIONAL, "inspect",
                "act that begins a case on the day of its first row, where no row of its own says so",
                "案件以首行之日的该行为开始，用于日志没有单独一行的情形"),
    FZ_KEY_TEXT(struct raw_source, sheet, "sheet", FZ_OPTIONAL, "登记表",
                "sheet of a workbook that holds it; the first where no source's is there",
                "工作簿中的工作表；都没有时为第一张"),
    FZ_KEY_NAMED(struct raw_source, acts, "acts", FZ_OPTIONAL, &entry, "{start_date: receive}",
                 "columns of dates that are acts of the case", "本身就是行为的日期列"),
    FZ_KEY_NAMED(struct raw_source, fields, "fields", FZ_OPTIONAL, &entry, "{amount: amount}",
                 "columns that are fields of the record", "对应记录字段的列"),
    FZ_KEY_TEXTS(struct raw_source, ignore, "ignore", FZ_OPTIONAL, "[seq]", "columns that are known and left out",
                 "已知而不采用的列"),
    FZ_KEY_NAMED(struct raw_source, values, "values", FZ_OPTIONAL, &words, "{channel: {Post: post}}",
                 "words of this source's fields, before those of the map", "本来源的字段写法对照，优先于全图的对照"),
    FZ_KEY_END};
static const struct fz_construct source = FZ_CONSTRUCT(struct raw_source, "source", "来源", source_keys);

static const struct fz_key map_keys[] = {
    FZ_KEY_NAME(struct raw_map, pack, "pack", FZ_REQUIRED, "it_traffic_fines", "pack that holds the law",
                "所依据的制度包"),
    FZ_KEY_NAME(struct raw_map, record, "record", FZ_REQUIRED, "fine", "record of that pack that a case is",
                "案件所属的记录类型"),
    FZ_KEY_TEXT(struct raw_map, zone, "zone", FZ_OPTIONAL, "Europe/Rome",
                "where the times were written; they are taken as they stand and never converted",
                "时间的书写地；时间照写法采用，不作换算"),
    FZ_KEY_WORD(struct raw_map, currency, "currency", FZ_OPTIONAL, "yuan euro", "euro",
                "currency of sums written without one, yuan if not said", "没有写明币种的金额的币种，默认为人民币"),
    FZ_KEY_NAMED(struct raw_map, sources, "sources", FZ_REQUIRED, &source,
                 "{events: {case: case_id, action: activity, on: timestamp}}",
                 "kinds of tables; which one a file is, its columns tell", "表的种类；文件属于哪一种，由其各列判断"),
    FZ_KEY_NAMED(struct raw_map, actions, "actions", FZ_OPTIONAL, &act, "{Create Fine: create}",
                 "the log's names of activities", "日志中的活动名称"),
    FZ_KEY_NODE(struct raw_map, otherwise, "otherwise", FZ_OPTIONAL, NULL, "work",
                "what every other activity stands for; without it they are refused",
                "其他活动一律对应的行为；没有此键则拒收"),
    FZ_KEY_NAMED(struct raw_map, values, "values", FZ_OPTIONAL, &words, "{channel: {Post: post}}",
                 "the log's words for values of fields", "日志中字段值的写法"),
    FZ_KEY_END};
const struct fz_construct fz_map_construct = FZ_CONSTRUCT(struct raw_map, "map", "日志对照图", map_keys);

/* ---- what is meant ---- */

struct load {
    struct fz_arena *arena;
    struct fz_diags *diags;
    const struct fz_record **records; /* of each version that has the record, the newest first */
    size_t records_n;
    fz_str record_name;
    struct fz_map *map;
    const struct fz_map_words *words; /* of the whole map */
    size_t words_n;
    bool bad;
};

static const fz_str none;

static struct fz_diag *problem(struct load *l, fz_diag_id id, fz_span at, fz_str a0, fz_str a1, fz_str a2)
{
    l->bad = true;
    return fz_diag_add(l->diags, id, at, a0, a1, a2);
}

static const struct {
    const char *en, *zh;
    int (*find)(const struct fz_record *r, fz_str name);
} members[] = {
    {"action", "行为", fz_action_find}, {"document", "文书", fz_document_find}, {"field", "字段", fz_field_find}};
enum { ACTION, DOCUMENT, FIELD };

/* Index of a member in the newest version that has it; every other has it at the same place or not at all. */
static int member(struct load *l, int kind, fz_str name, fz_span at, const struct fz_record **out_in)
{
    int found = FZ_NONE;

    for (size_t i = 0; i < l->records_n; i++) {
        int id = members[kind].find(l->records[i], name);

        if (id == FZ_NONE || id == found)
            continue;
        if (found != FZ_NONE) {
            problem(l, FZ_D_map_versions, at, name, fz_str_of(members[kind].en), none)->zh[1] = members[kind].zh;
            return FZ_NONE;
        }
        found = id;
        *out_in = l->records[i];
    }
    if (found == FZ_NONE)
        problem(l, FZ_D_map_unknown, at, name, fz_str_of(members[kind].en), l->record_name)->zh[1] = members[kind].zh;
    return found;
}

/* ---- fields and their words ---- */

static bool same_choices(const struct fz_choices *a, const struct fz_choices *b)
{
    for (size_t i = 0; i < a->n && i < b->n; i++)
        if (!fz_str_eq(a->names[i], b->names[i]))
            return false;
    return true;
}

static const struct fz_field *field_named(struct load *l, const struct fz_name *name, int *out_id)
{
    const struct fz_record *in = NULL;
    const struct fz_field *f;
    int id = member(l, FIELD, name->text, name->span, &in);

    if (id == FZ_NONE)
        return NULL;
    f = &in->fields[id];
    if (f->is) {
        problem(l, FZ_D_map_derived, name->span, name->text, none, none);
        return NULL;
    }
    for (size_t i = 0; i < l->records_n; i++) {
        int other = fz_field_find(l->records[i], name->text);
        const struct fz_field *g = other == FZ_NONE ? f : &l->records[i]->fields[other];

        if (g->type != f->type || g->many != f->many || !same_choices(&g->choices, &f->choices)) {
            problem(l, FZ_D_map_versions, name->span, name->text, fz_str_of(members[FIELD].en), none)->zh[1] =
                members[FIELD].zh;
            return NULL;
        }
        f = g->choices.n > f->choices.n ? g : f; /* the longest list of names knows them all */
    }
    *out_id = id;
    return f;
}

static void make_words(struct load *l, const struct raw_words *raw, struct fz_map_words *out)
{
    const struct raw_word *items = raw->words.items;
    struct fz_map_word *made = FZ_NEW_ARRAY(l->arena, struct fz_map_word, raw->words.n);
    int id;
    const struct fz_field *f = field_named(l, &raw->name, &id);

    *out = (struct fz_map_words){.field = raw->name.text, .items = made};
    for (size_t i = 0; f && i < raw->words.n; i++) {
        made[out->n].word = items[i].name.text;
        if (fz_value_parse(f->type, &f->choices, items[i].to, &made[out->n].value))
            out->n++;
        else
            problem(l, FZ_D_map_value, items[i].node->span, items[i].to, raw->name.text,
                    fz_str_of(fz_type_word(f->type)));
    }
}

static const struct fz_map_words *make_all_words(struct load *l, const struct fz_parts *raw)
{
    struct fz_map_words *made = FZ_NEW_ARRAY(l->arena, struct fz_map_words, raw->n);

    for (size_t i = 0; i < raw->n; i++)
        make_words(l, (const struct raw_words *)raw->items + i, &made[i]);
    return made;
}

static const struct fz_map_words *words_of(const struct fz_map_words *all, size_t n, fz_str field)
{
    for (size_t i = 0; i < n; i++)
        if (fz_str_eq(all[i].field, field))
            return &all[i];
    return NULL;
}

/* ---- what a name of the log stands for ---- */

static bool no_act(struct load *l, const struct fz_node *n)
{
    problem(l, FZ_D_pack_type, n->span, FZ_STR("an action, served(DOCUMENT), or {ACTION: OUTCOME}"), none, none)
        ->zh[0] = "行为、served(文书) 或者 {行为: 结果}";
    return false;
}

static bool outcome_named(struct load *l, int action, const struct fz_node *key, const struct fz_node *to, int16_t *out)
{
    int found = FZ_NONE;

    for (size_t i = 0; i < l->records_n; i++) {
        const struct fz_record *r = l->records[i];
        int o = action < (int)r->actions_n ? fz_outcome_find(&r->actions[action], to->text) : FZ_NONE;

        if (o == FZ_NONE || o == found)
            continue;
        if (found != FZ_NONE) {
            problem(l, FZ_D_map_versions, to->span, to->text, FZ_STR("outcome"), none)->zh[1] = "结果";
            return false;
        }
        found = o;
    }
    if (found == FZ_NONE)
        problem(l, FZ_D_map_outcome, to->span, to->text, key->text, none);
    *out = (int16_t)found;
    return found != FZ_NONE;
}

/* A text: an action, or served(DOCUMENT). */
static bool text_act(struct load *l, const struct fz_node *n, struct fz_map_act *out)
{
    const struct fz_record *in;
    fz_str s = n->text;
    bool served = fz_str_starts(s, "served(") && fz_str_ends(s, ")");
    int id;

    if (served)
        s = fz_str_trim((fz_str){s.p + strlen("served("), s.n - strlen("served()")});
    if (!fz_is_name(s))
        return no_act(l, n);
    id = member(l, served ? DOCUMENT : ACTION, s, n->span, &in);
    out->kind = served ? FZ_SERVE : FZ_DO;
    out->id = (uint16_t)id;
    return id != FZ_NONE;
}

static bool make_act(struct load *l, const struct raw_act *raw, struct fz_map_act *out)
{
    const struct fz_node *n = raw->to, *key, *to;

    *out = (struct fz_map_act){.word = raw->name.text, .kind = FZ_DO, .outcome = FZ_NONE};
    if (n->kind == FZ_NODE_TEXT)
        return text_act(l, n, out);
    if (n->kind != FZ_NODE_MAP || n->n != 1 || n->pairs[0].value->kind != FZ_NODE_TEXT)
        return no_act(l, n);
    key = n->pairs[0].key;
    to = n->pairs[0].value;
    return text_act(l, key, out) && (out->kind == FZ_DO || no_act(l, key)) &&
           outcome_named(l, out->id, key, to, &out->outcome);
}

static void make_otherwise(struct load *l, const struct fz_node *node)
{
    struct raw_act raw = {.to = node};
    struct fz_map_act *made = FZ_NEW(l->arena, struct fz_map_act);

    if (node && make_act(l, &raw, made))
        l->map->otherwise = made;
}

static void make_acts(struct load *l, const struct fz_parts *raw)
{
    const struct raw_act *items = raw->items;
    struct fz_map_act *made = FZ_NEW_ARRAY(l->arena, struct fz_map_act, raw->n);

    for (size_t i = 0; i < raw->n; i++)
        l->map->acts_n += make_act(l, &items[i], &made[l->map->acts_n]);
    l->map->acts = made;
}

/* ---- sources ---- */

struct uses {
    struct fz_map_use *items;
    size_t n, cap;
};

static fz_span span_of(const struct fz_node *map_node, const char *key)
{
    const struct fz_node *n = fz_node_get(map_node, key);

    return n ? n->span : map_node->span;
}

/* One column may be several things, but not twice the same thing, and not both used and left out. */
static void check_column(struct load *l, const struct uses *u, const struct fz_map_use *use, fz_span at)
{
    for (size_t i = 0; i < u->n; i++) {
        const struct fz_map_use *other = &u->items[i];
        bool same_column = fz_str_eq(other->column, use->column);

        if (same_column && (other->role == FZ_USE_IGNORE || use->role == FZ_USE_IGNORE))
            problem(l, FZ_D_map_column, at, use->column, none, none);
        if (other->role == FZ_USE_FIELD && use->role == FZ_USE_FIELD && other->id == use->id)
            problem(l, FZ_D_map_field_twice, at, use->field->name, none, none);
    }
}

static void add_use(struct load *l, struct uses *u, struct fz_map_use use, fz_span at)
{
    use.of_trace = fz_str_starts(use.column, "case:");
    check_column(l, u, &use, at);
    FZ_PUSH(l->arena, u, items, n, cap) = use;
}

static void add_single(struct load *l, struct uses *u, const struct raw_source *raw, fz_map_role role, const char *key,
                       fz_str column)
{
    if (column.n)
        add_use(l, u, (struct fz_map_use){.role = role, .column = column}, span_of(raw->node, key));
}

static bool is_final(const struct fz_record *r, int stage)
{
    return stage != FZ_NONE && (r->final >> stage & 1);
}

/* Within a day: 0 when it starts the record, 2 when it can end it, else 1. */
static uint8_t rank_of(const struct fz_record *r, const struct fz_action *a)
{
    bool ends = is_final(r, a->to);

    for (size_t i = 0; i < a->outcomes_n; i++)
        ends |= is_final(r, a->outcomes[i].to);
    return a->starts != FZ_NONE ? 0 : ends ? 2 : 1;
}

static void add_acts(struct load *l, struct uses *u, const struct fz_parts *raw)
{
    const struct raw_entry *items = raw->items;

    for (size_t i = 0; i < raw->n; i++) {
        const struct fz_record *in;
        int id = member(l, ACTION, items[i].to.text, items[i].to.span, &in);
        struct fz_map_use use = {.role = FZ_USE_ACT, .column = items[i].name.text, .id = id};

        if (id == FZ_NONE)
            continue;
        use.rank = rank_of(in, &in->actions[id]);
        add_use(l, u, use, items[i].name.span);
    }
}

static void add_fields(struct load *l, struct uses *u, const struct raw_source *raw, const struct fz_map_words *own)
{
    const struct raw_entry *items = raw->fields.items;

    for (size_t i = 0; i < raw->fields.n; i++) {
        struct fz_map_use use = {.role = FZ_USE_FIELD, .column = items[i].name.text};

        use.field = field_named(l, &items[i].to, &use.id);
        if (!use.field)
            continue;
        use.words[0] = words_of(own, raw->values.n, items[i].to.text);
        use.words[1] = words_of(l->words, l->words_n, items[i].to.text);
        add_use(l, u, use, items[i].name.span);
    }
}

/* A row is an event, and has `action` and `on`; or a case, and has something to say of it. */
static void check_rows(struct load *l, const struct raw_source *raw)
{
    const struct {
        const char *key;
        bool there, of_events;
    } keys[] = {{"on", raw->on.n, true},
                {"actor", raw->actor.n, true},
                {"begins", raw->begins.text.n, true},
                {"acts", raw->acts.n, false}};

    for (size_t i = 0; i < FZ_COUNT(keys); i++)
        if (keys[i].there && keys[i].of_events != (raw->action.n != 0))
            problem(l, raw->action.n ? FZ_D_map_of_cases : FZ_D_map_of_events, span_of(raw->node, keys[i].key),
                    fz_str_of(keys[i].key), none, none);
    if (raw->action.n && !raw->on.n)
        problem(l, FZ_D_pack_missing_key, raw->node->span, FZ_STR("on"), FZ_STR("source"), none)->zh[1] = source.zh;
    if (!raw->action.n && !raw->acts.n && !raw->fields.n && !raw->organ.n)
        problem(l, FZ_D_map_says_nothing, raw->name.span, raw->name.text, none, none);
}

static int act_that_begins(struct load *l, const struct fz_name *name)
{
    const struct fz_record *in = NULL;
    int id = name->text.n ? member(l, ACTION, name->text, name->span, &in) : FZ_NONE;

    if (id != FZ_NONE && in->actions[id].starts == FZ_NONE)
        problem(l, FZ_D_map_begins, name->span, name->text, none, none);
    return id;
}

static void make_source(struct load *l, const struct raw_source *raw, struct fz_map_source *out)
{
    const struct fz_map_words *own = make_all_words(l, &raw->values);
    struct uses u = {0};

    check_rows(l, raw);
    add_single(l, &u, raw, FZ_USE_CASE, "case", raw->case_id);
    add_single(l, &u, raw, FZ_USE_ACTION, "action", raw->action);
    add_single(l, &u, raw, FZ_USE_ON, "on", raw->on);
    add_single(l, &u, raw, FZ_USE_ACTOR, "actor", raw->actor);
    add_single(l, &u, raw, FZ_USE_ORGAN, "organ", raw->organ);
    add_single(l, &u, raw, FZ_USE_KEY, "key", raw->key);
    add_acts(l, &u, &raw->acts);
    add_fields(l, &u, raw, own);
    for (size_t i = 0; i < raw->ignore.n; i++)
        add_use(l, &u, (struct fz_map_use){.role = FZ_USE_IGNORE, .column = raw->ignore.items[i].text},
                raw->ignore.items[i].span);
    *out = (struct fz_map_source){
        raw->name.text, raw->action.n != 0, raw->sheet, act_that_begins(l, &raw->begins), u.items, u.n};
}

static void make_sources(struct load *l, const struct raw_map *raw)
{
    const struct raw_source *items = raw->sources.items;
    struct fz_map_source *made = FZ_NEW_ARRAY(l->arena, struct fz_map_source, raw->sources.n);
    bool of_events = false;

    for (size_t i = 0; i < raw->sources.n; i++) {
        make_source(l, &items[i], &made[i]);
        of_events |= made[i].of_events;
    }
    l->map->sources = made;
    l->map->sources_n = raw->sources.n;
    if (raw->sources.n == 0)
        problem(l, FZ_D_pack_missing_key, span_of(raw->node, "sources"), FZ_STR("sources"), FZ_STR("map"), none)
            ->zh[1] = fz_map_construct.zh;
    if (of_events && raw->actions.n == 0 && !raw->otherwise)
        problem(l, FZ_D_pack_missing_key, raw->node->span, FZ_STR("actions"), FZ_STR("map"), none)->zh[1] =
            fz_map_construct.zh;
}

/* ---- the pack ---- */

/* The record of each version, the newest first. */
static void find_records(struct load *l, const struct raw_map *raw, const struct fz_pack *const *packs, size_t packs_n)
{
    const struct fz_pack **found = FZ_NEW_ARRAY(l->arena, const struct fz_pack *, packs_n);
    size_t versions = 0;

    l->records = FZ_NEW_ARRAY(l->arena, const struct fz_record *, packs_n);
    for (size_t i = 0; i < packs_n; i++) {
        int id = fz_str_eq(packs[i]->name, raw->pack.text) ? fz_record_find(packs[i], raw->record.text) : FZ_NONE;
        size_t at = l->records_n;

        versions += fz_str_eq(packs[i]->name, raw->pack.text);
        if (id == FZ_NONE)
            continue;
        for (; at > 0 && found[at - 1]->version < packs[i]->version; at--) {
            found[at] = found[at - 1];
            l->records[at] = l->records[at - 1];
        }
        found[at] = packs[i];
        l->records[at] = &packs[i]->records[id];
        l->records_n++;
    }
    if (versions == 0)
        problem(l, FZ_D_map_pack, raw->pack.span, raw->pack.text, none, none);
    else if (l->records_n == 0)
        problem(l, FZ_D_map_record, raw->record.span, raw->record.text, raw->pack.text, none);
}

struct fz_map *fz_map_load(const struct fz_node *node, const struct fz_pack *const *packs, size_t packs_n,
                           struct fz_arena *arena, struct fz_diags *diags)
{
    struct load l = {.arena = arena, .diags = diags, .map = FZ_NEW(arena, struct fz_map)};
    struct raw_map raw;

    if (!node)
        return NULL;
    l.bad = !fz_read(&fz_map_construct, node, &raw, arena, diags);
    if (!raw.pack.text.n || !raw.record.text.n)
        return NULL;
    find_records(&l, &raw, packs, packs_n);
    if (l.records_n == 0)
        return NULL;
    l.record_name = raw.record.text;
    *l.map = (struct fz_map){.pack = raw.pack.text,
                             .record_name = raw.record.text,
                             .record = l.records[0],
                             .currency = raw.currency == FZ_EURO ? FZ_EURO : FZ_YUAN};
    l.words = make_all_words(&l, &raw.values);
    l.words_n = raw.values.n;
    make_acts(&l, &raw.actions);
    make_otherwise(&l, raw.otherwise);
    make_sources(&l, &raw);
    return l.bad ? NULL : l.map;
}

fz_str fz_map_pack(const struct fz_map *m)
{
    return m->pack;
}

fz_str fz_map_record(const struct fz_map *m)
{
    return m->record_name;
}
