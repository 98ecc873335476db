#include "law/profile.h"

/* A value that a place has set; the name is that of the configuration value. */
struct raw_setting {
    struct fz_name name;
    const struct fz_node *node;
    fz_str value, source;
    int confidence;
};

struct raw_of_pack {
    struct fz_name name;
    const struct fz_node *node;
    struct fz_parts values; /* struct raw_setting */
};

/* clang-format off */
static const struct fz_key setting_keys[] = {
    FZ_KEY_TEXT(struct raw_setting, value, "value", FZ_REQUIRED, "3 working_days", "what the place has set", "地方设定的值"),
    FZ_KEY_WORD(struct raw_setting, confidence, "confidence", FZ_REQUIRED, FZ_CONFIDENCE_WORDS, "local", "how well the value is known", "该值的可靠程度"),
    FZ_KEY_TEXT(struct raw_setting, source, "source", FZ_REQUIRED, "某市12345热线管理办法 12", "where it comes from", "来源"),
    FZ_KEY_END};
static const struct fz_construct setting = FZ_CONSTRUCT(struct raw_setting, "setting of a place", "地方设定", setting_keys, .brief = NULL);

static const struct fz_key of_pack_keys[] = {FZ_KEY_END};
static const struct fz_key of_pack_brief = FZ_KEY_NAMED(struct raw_of_pack, values, "values", FZ_OPTIONAL, &setting, "{reply_limit: {value: 3 working_days, confidence: local, source: 某市12345热线管理办法 12}}", "the values it sets, by their names in the pack", "所设定的各项，用其在制度包中的名称");
static const struct fz_construct of_pack = FZ_CONSTRUCT(struct raw_of_pack, "pack of a profile", "所配置的制度包", of_pack_keys, .brief = &of_pack_brief);

static const struct fz_key profile_keys[] = {
    FZ_KEY_TEXT(struct fz_profile, place, "place", FZ_REQUIRED, "410600", "whose it is, a code of GB/T 2260", "所属地方，GB/T 2260 代码"),
    FZ_KEY_DAY(struct fz_profile, from, "from", FZ_REQUIRED, "2026-03-01", "day on which it takes force: for records that begin then or later", "施行之日：适用于该日起开始的记录"),
    FZ_KEY_TITLE(struct fz_profile, title, "title", FZ_OPTIONAL, "某市配置", "what people read", "名称"),
    FZ_KEY_NAMED(struct fz_profile, packs, "packs", FZ_REQUIRED, &of_pack, "{hotline: {reply_limit: {value: 3 working_days, confidence: local, source: 某市12345热线管理办法 12}}}", "the packs of which it sets something", "有所设定的制度包"),
    FZ_KEY_END};
const struct fz_construct fz_profile_construct = FZ_CONSTRUCT(struct fz_profile, "profile", "地方配置", profile_keys, .brief = NULL);
/* clang-format on */

struct loader {
    const struct fz_profile *profile;
    const struct fz_pack *const *packs;
    size_t packs_n;
    struct fz_arena *arena;
    struct fz_diags *diags;
    bool ok;
};

static void problem(struct loader *l, fz_diag_id id, fz_span at, fz_str a0, fz_str a1, fz_str a2)
{
    l->ok = false;
    fz_diag_add(l->diags, id, at, a0, a1, a2);
}

static fz_span value_span(const struct raw_setting *s)
{
    const struct fz_node *value = fz_node_get(s->node, "value");

    return value ? value->span : s->node->span;
}

static const struct fz_config *config_of(const struct fz_pack *p, fz_str name)
{
    for (size_t i = 0; i < p->config_n; i++)
        if (fz_str_eq(p->config[i].name, name))
            return &p->config[i];
    return NULL;
}

/* Whether a record that begins on `from` or later may stand under this version: unless a newer one was in force by then. */
static bool matters(const struct loader *l, const struct fz_pack *p)
{
    for (size_t i = 0; i < l->packs_n; i++)
        if (fz_str_eq(l->packs[i]->name, p->name) && l->packs[i]->version > p->version && l->packs[i]->version <= l->profile->from)
            return false;
    return true;
}

static fz_str bounds_text(struct loader *l, const struct fz_config *c)
{
    struct fz_buf b = {0};
    fz_str s;

    fz_value_print(c->type, &c->choices, c->low, &b);
    fz_buf_addz(&b, ", ");
    fz_value_print(c->type, &c->choices, c->high, &b);
    s = fz_str_copy(l->arena, fz_buf_str(&b));
    fz_buf_release(&b);
    return s;
}

static void check_value(struct loader *l, const struct raw_setting *s, const struct fz_pack *p, const struct fz_config *c)
{
    fz_str version = fz_str_copy(l->arena, fz_str_of(fz_day_text(p->version, (char[FZ_DAY_TEXT]){0})));
    fz_value v;

    if (s->value.n == 0)
        return; /* said by the reader */
    if (!fz_value_parse(c->type, &c->choices, s->value, &v))
        problem(l, FZ_D_pack_value, value_span(s), s->value, fz_str_of(fz_type_word(c->type)), (fz_str){0});
    else if (c->bounded && !(fz_value_at_most(c->type, c->low, v) && fz_value_at_most(c->type, v, c->high)))
        problem(l, FZ_D_profile_bounds, value_span(s), s->value, bounds_text(l, c), version);
}

static void check_setting(struct loader *l, const struct raw_setting *s, fz_str pack)
{
    bool found = false;

    for (size_t i = 0; i < l->packs_n; i++) {
        const struct fz_config *c = fz_str_eq(l->packs[i]->name, pack) && matters(l, l->packs[i]) ? config_of(l->packs[i], s->name.text) : NULL;

        found |= c != NULL;
        if (c)
            check_value(l, s, l->packs[i], c);
    }
    if (!found)
        problem(l, FZ_D_profile_config, s->name.span, s->name.text, pack, (fz_str){0});
}

static bool have_pack(const struct loader *l, fz_str name)
{
    for (size_t i = 0; i < l->packs_n; i++)
        if (fz_str_eq(l->packs[i]->name, name))
            return true;
    return false;
}

static void check_place(struct loader *l)
{
    const struct fz_node *node = fz_node_get(l->profile->node, "place");
    fz_str s = l->profile->place;
    bool ok = s.n == 2 || s.n == 4 || s.n == 6 || s.n == 9 || s.n == 12;

    for (size_t i = 0; i < s.n; i++)
        ok &= fz_is_digit(s.p[i]);
    if (node && s.n && !ok)
        problem(l, FZ_D_profile_place, node->span, s, (fz_str){0}, (fz_str){0});
}

const struct fz_profile *fz_profile_load(const struct fz_node *node, const struct fz_pack *const *packs, size_t packs_n, struct fz_arena *arena,
                                         struct fz_diags *diags)
{
    struct fz_profile *p;
    struct loader l = {.packs = packs, .packs_n = packs_n, .arena = arena, .diags = diags};

    if (!node)
        return NULL;
    p = FZ_NEW(arena, struct fz_profile);
    l.profile = p;
    l.ok = fz_read(&fz_profile_construct, node, p, arena, diags);
    check_place(&l);
    for (size_t i = 0; i < p->packs.n && p->from != FZ_DAY_NONE; i++) {
        const struct raw_of_pack *of = (const struct raw_of_pack *)p->packs.items + i;

        if (!have_pack(&l, of->name.text))
            problem(&l, FZ_D_profile_pack, of->name.span, of->name.text, (fz_str){0}, (fz_str){0});
        for (size_t k = 0; k < of->values.n && have_pack(&l, of->name.text); k++)
            check_setting(&l, (const struct raw_setting *)of->values.items + k, of->name.text);
    }
    return l.ok ? p : NULL;
}

/* ---- laying ---- */

static const struct raw_setting *setting_of(const struct fz_profile *p, fz_str pack, fz_str name)
{
    for (size_t i = 0; i < p->packs.n; i++) {
        const struct raw_of_pack *of = (const struct raw_of_pack *)p->packs.items + i;

        for (size_t k = 0; k < of->values.n && fz_str_eq(of->name.text, pack); k++) {
            const struct raw_setting *s = (const struct raw_setting *)of->values.items + k;

            if (fz_str_eq(s->name.text, name))
                return s;
        }
    }
    return NULL;
}

/* Behind those of the same day and earlier. */
static void insert(struct fz_local *items, size_t n, struct fz_local one)
{
    while (n && items[n - 1].from > one.from) {
        items[n] = items[n - 1];
        n--;
    }
    items[n] = one;
}

/* A version for which the value was none of its type or out of bounds ended before the profile began: no record gets it there. */
static void lay_config(const struct fz_profile *const *profiles, size_t n, const struct fz_pack *pack, struct fz_config *c, struct fz_arena *arena)
{
    struct fz_local *items = FZ_NEW_ARRAY(arena, struct fz_local, n);

    c->local = items;
    c->local_n = 0;
    for (size_t i = 0; i < n; i++) {
        const struct raw_setting *s = setting_of(profiles[i], pack->name, c->name);
        struct fz_local one = {.from = profiles[i]->from, .place = profiles[i]->place};

        if (!s || !fz_value_parse(c->type, &c->choices, s->value, &one.value))
            continue;
        one.confidence = (fz_confidence)s->confidence;
        one.source = s->source;
        insert(items, c->local_n++, one);
    }
}

void fz_profiles_lay(const struct fz_profile *const *profiles, size_t n, struct fz_pack *pack, struct fz_arena *arena)
{
    for (size_t i = 0; i < pack->config_n; i++)
        lay_config(profiles, n, pack, &pack->config[i], arena);
}
