/*
 * Links as packs write them become fields and acts of the record: `against` the field that holds the id, `against.stage`, `against.fine` and `against.decide`
 * (how it came out) fields that the linked record tells, `against.decide` and `against.told` acts by law that bring them. From here on they are like any
 * others: conditions, clocks, proofs, figures and reviews need to know nothing of links.
 */
#include "law/schema.h"

#include "law/pack.h"

/* ---- what stands for a node that nobody wrote ---- */

/* A map with one key, so that problems within it have a place. */
static const struct fz_node *node_with(struct fz_arena *a, const struct raw_link *l, const char *key, const struct fz_node *value)
{
    struct fz_node *n = FZ_NEW(a, struct fz_node), *name = FZ_NEW(a, struct fz_node);
    struct fz_pair *pair = FZ_NEW(a, struct fz_pair);
    const struct fz_pair **by_key = FZ_NEW(a, const struct fz_pair *);

    *name = (struct fz_node){.kind = FZ_NODE_TEXT, .span = l->node->span, .text = fz_str_of(key)};
    *pair = (struct fz_pair){.key = name, .value = (struct fz_node *)(uintptr_t)value};
    *by_key = pair;
    *n = (struct fz_node){.kind = FZ_NODE_MAP, .span = l->node->span, .pairs = pair, .by_key = by_key, .n = value ? 1 : 0};
    return n;
}

static struct fz_name told(struct fz_arena *a, const struct raw_link *l, fz_str name, fz_span at)
{
    return (struct fz_name){fz_str_printf(a, "%.*s.%.*s", FZ_STR_ARG(l->name.text), FZ_STR_ARG(name)), at};
}

static fz_title title_of(struct fz_arena *a, const struct raw_link *l, fz_title part, fz_str name)
{
    fz_str zh = part.zh.n ? part.zh : name, en = part.en.n ? part.en : part.zh.n ? part.zh : name;
    fz_title t = {.zh = fz_str_printf(a, "%.*s：%.*s", FZ_STR_ARG(l->title.zh), FZ_STR_ARG(zh))};

    if (l->title.en.n)
        t.en = fz_str_printf(a, "%.*s: %.*s", FZ_STR_ARG(l->title.en), FZ_STR_ARG(en));
    return t;
}

/* ---- fields ---- */

static int type_index(fz_type t)
{
    return (int)t - 1;
}

/* The names that are told apart, and what stands for all others. */
static struct raw_field choice_field(struct fz_arena *a, const struct raw_link *l, struct fz_name name, fz_title title, struct fz_parts of, const struct fz_node *node)
{
    struct raw_stage *names = FZ_NEW_ARRAY(a, struct raw_stage, of.n + 1);

    if (of.n)
        memcpy(names, of.items, of.n * sizeof(*names));
    names[of.n] = (struct raw_stage){.name = {FZ_STR("other"), name.span}, .node = l->node, .zh = FZ_STR("其他"), .en = FZ_STR("other")};
    return (struct raw_field){.name = name, .node = node_with(a, l, "of", node), .type = type_index(FZ_TYPE_CHOICE), .title = title, .of = {names, of.n + 1}};
}

static size_t fields_of(const struct raw_link *l)
{
    return 1 + (l->stages.n > 0) + l->reads.n + l->hears.n;
}

static size_t add_fields(struct fz_arena *a, const struct raw_link *l, struct raw_field *out)
{
    const struct raw_field *reads = l->reads.items;
    const struct raw_heard *hears = l->hears.items;
    size_t n = 0;

    out[n++] = (struct raw_field){.name = l->name, .node = l->node, .type = type_index(FZ_TYPE_LINK), .title = l->title, .required = l->required, .many = l->many};
    if (l->stages.n)
        out[n++] = choice_field(a, l, told(a, l, FZ_STR("stage"), l->name.span), title_of(a, l, (fz_title){FZ_STR("阶段"), FZ_STR("stage")}, l->name.text), l->stages,
                                fz_node_get(l->node, "stages"));
    for (size_t i = 0; i < l->reads.n; i++) {
        out[n] = reads[i];
        out[n].name = told(a, l, reads[i].name.text, reads[i].name.span);
        out[n++].title = title_of(a, l, reads[i].title, reads[i].name.text);
    }
    for (size_t i = 0; i < l->hears.n; i++)
        if (hears[i].of.n)
            out[n++] = choice_field(a, l, told(a, l, hears[i].name.text, hears[i].name.span), title_of(a, l, hears[i].title, hears[i].name.text), hears[i].of, hears[i].node);
    return n;
}

/* ---- acts ---- */

/* An act by law that may enter every value the link tells. */
static struct raw_action act_of(struct fz_arena *a, const struct raw_link *l, struct fz_name name, fz_title title, const struct raw_field *fields, size_t n)
{
    struct raw_set *sets = FZ_NEW_ARRAY(a, struct raw_set, n);
    struct raw_by *by = FZ_NEW(a, struct raw_by);
    struct fz_node *law = FZ_NEW(a, struct fz_node);
    struct fz_name *each = FZ_NEW(a, struct fz_name);
    struct raw_action act = {.name = name, .node = node_with(a, l, "title", NULL), .title = title, .repeats = true, .milestone = true, .article = l->article};

    *law = (struct fz_node){.kind = FZ_NODE_TEXT, .span = l->node->span, .text = FZ_STR("law")};
    *by = (struct raw_by){.node = law, .role = law->text, .delegated = -1};
    act.by = (struct fz_parts){by, 1};
    for (size_t i = 1; i < n; i++)
        sets[i - 1] = (struct raw_set){.name = fields[i].name, .node = l->node};
    act.sets = (struct fz_parts){sets, n - 1};
    *each = l->name;
    act.each = (struct fz_names){each, l->many ? 1 : 0};
    return act;
}

static size_t add_acts(struct fz_arena *a, const struct raw_link *l, const struct raw_field *fields, size_t n, struct raw_action *out)
{
    const struct raw_heard *hears = l->hears.items;
    size_t acts = 0;

    out[acts++] = act_of(a, l, told(a, l, FZ_STR("told"), l->name.span), title_of(a, l, (fz_title){FZ_STR("情况变化"), FZ_STR("changed")}, l->name.text), fields, n);
    for (size_t i = 0; i < l->hears.n; i++)
        out[acts++] = act_of(a, l, told(a, l, hears[i].name.text, hears[i].name.span), title_of(a, l, hears[i].title, hears[i].name.text), fields, n);
    return acts;
}

/* ---- the record ---- */

static void *grown(struct fz_arena *a, struct fz_parts old, size_t bytes, size_t more)
{
    void *items = fz_alloc_array(a, old.n + more, bytes);

    if (old.n)
        memcpy(items, old.items, old.n * bytes);
    return items;
}

const struct raw_record *fz_raw_links(struct fz_arena *arena, const struct raw_record *raw)
{
    const struct raw_link *links = raw->links.items;
    struct raw_record *out;
    struct raw_field *fields;
    struct raw_action *acts;
    size_t fields_n = 0, acts_n = 0;

    if (raw->links.n == 0)
        return raw;
    for (size_t i = 0; i < raw->links.n; i++) {
        fields_n += fields_of(&links[i]);
        acts_n += 1 + links[i].hears.n;
    }
    out = FZ_NEW(arena, struct raw_record);
    *out = *raw;
    fields = grown(arena, raw->fields, sizeof(*fields), fields_n);
    acts = grown(arena, raw->actions, sizeof(*acts), acts_n);
    for (size_t i = 0; i < raw->links.n; i++) {
        struct raw_field *mine = fields + out->fields.n;
        size_t n = add_fields(arena, &links[i], mine);

        out->fields.n += n;
        out->actions.n += add_acts(arena, &links[i], mine, n, acts + out->actions.n);
    }
    out->fields.items = fields;
    out->actions.items = acts;
    return out;
}
