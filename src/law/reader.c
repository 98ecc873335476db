#include "law/reader.h"

struct walk {
    struct fz_arena *arena;
    struct fz_diags *diags;
    bool ok; /* not told by diags->errors: a problem that two versions of a pack share is kept once */
};

/* What a value should have been, in both languages. */
struct phrase {
    const char *en, *zh;
};

static const fz_str none;

static struct fz_diag *problem(struct walk *w, fz_diag_id id, const struct fz_node *at, fz_str a0, fz_str a1)
{
    w->ok = false;
    return fz_diag_add(w->diags, id, at->span, a0, a1, none);
}

static void expected(struct walk *w, const struct fz_node *n, struct phrase what)
{
    problem(w, FZ_D_pack_type, n, fz_str_of(what.en), none)->zh[0] = what.zh;
}

bool fz_is_name(fz_str s)
{
    if (s.n == 0 || !(s.p[0] >= 'a' && s.p[0] <= 'z'))
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || fz_is_digit(s.p[i]) || s.p[i] == '_'))
            return false;
    return true;
}

bool fz_is_path(fz_str s)
{
    const char *dot = s.n ? memchr(s.p, '.', s.n) : NULL;
    size_t n = dot ? (size_t)(dot - s.p) : s.n;

    return fz_is_name((fz_str){s.p, n}) && (!dot || fz_is_name((fz_str){dot + 1, s.n - n - 1}));
}

int fz_word_find(fz_str s, const char *words)
{
    size_t n;

    for (int i = 0; *words; words += n + (words[n] == ' '), i++) {
        n = strcspn(words, " ");
        if (s.n == n && memcmp(s.p, words, n) == 0)
            return i;
    }
    return -1;
}

static bool text_or_say(struct walk *w, const struct fz_node *n, struct phrase what)
{
    if (n->kind == FZ_NODE_TEXT && n->text.n)
        return true;
    expected(w, n, what);
    return false;
}

/* ---- one value ---- */

/* `refers`: it may be what a link tells, LINK.NAME. */
static bool read_name(struct walk *w, const struct fz_node *n, bool refers, struct fz_name *out)
{
    if (!text_or_say(w, n, (struct phrase){"a name", "一个名称"}))
        return false;
    *out = (struct fz_name){n->text, n->span};
    if (!(refers ? fz_is_path : fz_is_name)(n->text)) {
        problem(w, FZ_D_pack_name, n, n->text, none);
        return false;
    }
    return true;
}

static void read_names(struct walk *w, const struct fz_node *n, bool any_text, struct fz_names *out)
{
    struct fz_name *items = FZ_NEW_ARRAY(w->arena, struct fz_name, fz_node_count(n));

    out->items = items;
    for (size_t i = 0; i < fz_node_count(n); i++) {
        const struct fz_node *item = fz_node_at(n, i);

        if (!any_text) {
            out->n += read_name(w, item, true, &items[out->n]);
        } else if (text_or_say(w, item, (struct phrase){"a text", "文字"})) {
            items[out->n++] = (struct fz_name){item->text, item->span};
        }
    }
}

static const struct fz_expr *read_expr(struct walk *w, const struct fz_node *n)
{
    const struct fz_expr *e;

    if (!text_or_say(w, n, (struct phrase){"an expression", "一个表达式"}))
        return NULL;
    e = fz_expr_parse(w->arena, n->text, n->span, w->diags);
    w->ok &= e != NULL;
    return e;
}

static void read_exprs(struct walk *w, const struct fz_node *n, struct fz_exprs *out)
{
    const struct fz_expr **items = FZ_NEW_ARRAY(w->arena, const struct fz_expr *, fz_node_count(n));

    out->items = items;
    for (size_t i = 0; i < fz_node_count(n); i++) {
        const struct fz_expr *e = read_expr(w, fz_node_at(n, i));

        if (e)
            items[out->n++] = e;
    }
}

static void read_title(struct walk *w, const struct fz_node *n, fz_title *out)
{
    const struct fz_node *zh = n->kind == FZ_NODE_MAP ? fz_node_get(n, "zh") : n, *en = fz_node_get(n, "en");

    if (!zh || zh->kind != FZ_NODE_TEXT || zh->text.n == 0 || (en && en->kind != FZ_NODE_TEXT) ||
        (n->kind == FZ_NODE_MAP && n->n != 1u + (en != NULL))) {
        expected(w, n, (struct phrase){"a text, or {zh: ..., en: ...}", "文字，或者 {zh: ..., en: ...}"});
        return;
    }
    *out = (fz_title){.zh = zh->text, .en = en ? en->text : none};
}

static int read_word(struct walk *w, const struct fz_node *n, const char *words)
{
    int i = -1;

    if (text_or_say(w, n, (struct phrase){"a word", "一个词"})) {
        i = fz_word_find(n->text, words);
        if (i < 0)
            problem(w, FZ_D_pack_word, n, n->text, fz_str_trim(fz_str_of(words)));
    }
    return i;
}

static void read_count(struct walk *w, const struct fz_node *n, int *out)
{
    int64_t v;

    if (!text_or_say(w, n, (struct phrase){"a number", "一个数"}))
        return;
    if (fz_str_int(n->text, &v) && v >= 1 && v <= INT32_MAX)
        *out = (int)v;
    else
        expected(w, n, (struct phrase){"a whole number from 1", "从1起的整数"});
}

static void read_day(struct walk *w, const struct fz_node *n, fz_day *out)
{
    if (text_or_say(w, n, (struct phrase){"a date", "一个日期"}) && !fz_day_parse(n->text, out))
        expected(w, n, (struct phrase){"a date that exists, like 2026-01-31", "存在的日期，例如 2026-01-31"});
}

static void read_length(struct walk *w, const struct fz_node *n, fz_length *out)
{
    if (text_or_say(w, n, (struct phrase){"a length", "期限的长度"}) && !fz_length_parse(n->text, out))
        expected(w, n, (struct phrase){"a length, like 15 working_days", "期限的长度，例如 15 working_days"});
}

static void read_values(struct walk *w, const struct fz_node *n, const struct fz_node **out)
{
    struct fz_name name;

    if (n->kind != FZ_NODE_MAP) {
        expected(w, n, (struct phrase){"names, each with a value", "各个名称及其值"});
        return;
    }
    *out = n;
    for (size_t i = 0; i < n->n; i++)
        read_name(w, n->pairs[i].key, true, &name);
}

static bool read_cell(struct walk *w, const struct fz_node *n)
{
    static const struct phrase cell = {"a value, or a list of values", "一个值或者一列值"};
    bool ok = true;

    if (n->kind == FZ_NODE_TEXT)
        return text_or_say(w, n, cell);
    if (n->kind == FZ_NODE_LIST && n->n) {
        for (size_t i = 0; i < n->n; i++)
            ok &= text_or_say(w, n->items[i], cell);
        return ok;
    }
    expected(w, n, cell);
    return false;
}

static void read_rows(struct walk *w, const struct fz_node *n, const struct fz_node **out)
{
    bool ok = n->kind == FZ_NODE_LIST && n->n;

    for (size_t i = 0; ok && i < n->n; i++)
        ok = n->items[i]->kind == FZ_NODE_LIST && n->items[i]->n;
    if (!ok) {
        expected(w, n, (struct phrase){"a list of rows, each a list of values", "一列行，每行是一列值"});
        return;
    }
    for (size_t i = 0; i < n->n; i++)
        for (size_t k = 0; k < n->items[i]->n; k++)
            ok &= read_cell(w, n->items[i]->items[k]);
    *out = ok ? n : NULL;
}

/* ---- constructs ---- */

static void read_key(struct walk *w, const struct fz_key *k, const struct fz_node *n, void *member);

static void expected_keys(struct walk *w, const struct fz_construct *c, const struct fz_node *n, bool named)
{
    fz_str en = named ? fz_str_printf(w->arena, "names, each with the keys of a %s", c->name)
                      : fz_str_printf(w->arena, "the keys of a %s", c->name);
    struct fz_diag *d = problem(w, FZ_D_pack_type, n, en, none);

    d->zh[0] = named ? fz_str_printf(w->diags->arena, "各个名称，各有“%s”的键", c->zh).p
                     : fz_str_printf(w->diags->arena, "“%s”的各键", c->zh).p;
}

static const struct fz_key *find_key(const struct fz_construct *c, fz_str name)
{
    for (const struct fz_key *k = c->keys; k->name; k++)
        if (fz_str_is(name, k->name))
            return k;
    return NULL;
}

static void read_map(struct walk *w, const struct fz_construct *c, const struct fz_node *n, char *out)
{
    for (size_t i = 0; i < n->n; i++) {
        const struct fz_node *key = n->pairs[i].key;
        const struct fz_key *k = find_key(c, key->text);

        if (k)
            read_key(w, k, n->pairs[i].value, out + k->offset);
        else
            problem(w, FZ_D_pack_unknown_key, key, key->text, fz_str_of(c->name))->zh[1] = c->zh;
    }
    for (const struct fz_key *k = c->keys; k->name; k++)
        if (k->required && !fz_node_get(n, k->name))
            problem(w, FZ_D_pack_missing_key, n, fz_str_of(k->name), fz_str_of(c->name))->zh[1] = c->zh;
}

/* Zero is "not given" but where zero is a value. */
static void clear(const struct fz_construct *c, const struct fz_node *n, char *out)
{
    memset(out, 0, c->bytes);
    for (const struct fz_key *k = c->keys; k->name; k++) {
        if (k->kind == FZ_K_WORD)
            *(int *)(out + k->offset) = -1;
        else if (k->kind == FZ_K_DAY)
            *(fz_day *)(out + k->offset) = FZ_DAY_NONE;
    }
    *(const struct fz_node **)(out + c->node_offset) = n;
}

static void read_construct(struct walk *w, const struct fz_construct *c, const struct fz_node *n, char *out)
{
    clear(c, n, out);
    if (c->brief && (n->kind != FZ_NODE_MAP || !c->keys->name))
        read_key(w, c->brief, n, out + c->brief->offset);
    else if (n->kind == FZ_NODE_MAP)
        read_map(w, c, n, out);
    else
        expected_keys(w, c, n, false);
}

static void read_parts(struct walk *w, const struct fz_construct *c, const struct fz_node *n, struct fz_parts *out)
{
    char *items = fz_alloc_array(w->arena, fz_node_count(n), c->bytes);

    *out = (struct fz_parts){items, fz_node_count(n)};
    for (size_t i = 0; i < out->n; i++)
        read_construct(w, c, fz_node_at(n, i), items + i * c->bytes);
}

/* Names without anything said of them. */
static void read_listed(struct walk *w, const struct fz_construct *c, const struct fz_node *n, struct fz_parts *out)
{
    char *items = fz_alloc_array(w->arena, fz_node_count(n), c->bytes);

    out->items = items;
    for (size_t i = 0; i < fz_node_count(n); i++) {
        char *item = items + out->n * c->bytes;

        clear(c, fz_node_at(n, i), item);
        out->n += read_name(w, fz_node_at(n, i), false, (struct fz_name *)item);
    }
}

static void read_named(struct walk *w, const struct fz_construct *c, const struct fz_node *n, struct fz_parts *out)
{
    char *items;

    if (n->kind != FZ_NODE_MAP) {
        if (c->listed)
            read_listed(w, c, n, out);
        else
            expected_keys(w, c, n, true);
        return;
    }
    items = fz_alloc_array(w->arena, n->n, c->bytes);
    *out = (struct fz_parts){items, n->n};
    for (size_t i = 0; i < n->n; i++) {
        struct fz_name *name = (struct fz_name *)(items + i * c->bytes);

        read_construct(w, c, n->pairs[i].value, (char *)name);
        *name = (struct fz_name){n->pairs[i].key->text, n->pairs[i].key->span};
        if (!c->free_names)
            read_name(w, n->pairs[i].key, false, name);
    }
}

static void read_key(struct walk *w, const struct fz_key *k, const struct fz_node *n, void *member)
{
    switch (k->kind) {
    case FZ_K_TEXT:
        if (text_or_say(w, n, (struct phrase){"a text", "文字"}))
            *(fz_str *)member = n->text;
        break;
    case FZ_K_TITLE:
        read_title(w, n, member);
        break;
    case FZ_K_NAME:
        read_name(w, n, false, member);
        break;
    case FZ_K_NAMES:
        read_names(w, n, false, member);
        break;
    case FZ_K_TEXTS:
        read_names(w, n, true, member);
        break;
    case FZ_K_FLAG:
        *(bool *)member = read_word(w, n, FZ_FLAG_WORDS) % 2 == 0;
        break;
    case FZ_K_COUNT:
        read_count(w, n, member);
        break;
    case FZ_K_DAY:
        read_day(w, n, member);
        break;
    case FZ_K_WORD:
        *(int *)member = read_word(w, n, k->words);
        break;
    case FZ_K_EXPR:
        *(const struct fz_expr **)member = read_expr(w, n);
        break;
    case FZ_K_EXPRS:
        read_exprs(w, n, member);
        break;
    case FZ_K_LENGTH:
        read_length(w, n, member);
        break;
    case FZ_K_NODE:
        *(const struct fz_node **)member = n;
        break;
    case FZ_K_PART: {
        char *part = fz_alloc(w->arena, k->of->bytes);

        read_construct(w, k->of, n, part);
        *(const void **)member = part;
        break;
    }
    case FZ_K_PARTS:
        read_parts(w, k->of, n, member);
        break;
    case FZ_K_NAMED:
        read_named(w, k->of, n, member);
        break;
    case FZ_K_VALUES:
        read_values(w, n, member);
        break;
    case FZ_K_ROWS:
        read_rows(w, n, member);
        break;
    }
}

bool fz_read(const struct fz_construct *c, const struct fz_node *node, void *out, struct fz_arena *arena,
             struct fz_diags *diags)
{
    struct walk w = {arena, diags, true};

    read_construct(&w, c, node, out);
    return w.ok;
}
