/*
 * The reader runs three passes. scan() looks at every character before libyaml does, because libyaml gives no line for
 * a malformed one and takes U+0085, U+2028, U+2029 and a lone CR for line breaks, which nobody else does: past scan()
 * its lines are ours. Then events become nodes, with a stack of the lists and maps that are open. Closing a map sorts
 * its pairs, which finds repeated keys in O(n log n) and makes fz_node_pair() a binary search.
 */
#include "law/node.h"

#include <stdlib.h>
#include <yaml.h>

/* A list or map that is open. */
struct frame {
    struct fz_node *node;
    bool flow;
    const struct fz_node *key;  /* map: read, its value not yet */
    size_t key_end;             /* byte after that key */
    const struct fz_node *last; /* value or item read last */
    const struct fz_node *cut;  /* value that was reported as cut */
};

struct reader {
    struct fz_arena *arena, scratch;
    const struct fz_source *source;
    struct fz_diags *diags;
    yaml_parser_t yaml;
    size_t *lines, n_lines, cap_lines; /* byte at which each line begins; in scratch */
    yaml_mark_t found;                 /* where byte_of() was last; its index is a byte of the file */
    struct frame frames[FZ_YAML_DEPTH_MAX];
    size_t depth, nodes, documents;
    struct fz_node *root;
};

static const fz_str none = {NULL, 0};

static fz_span place(const struct reader *r, size_t line, size_t col, size_t len)
{
    return (fz_span){r->source, (uint32_t)line, (uint32_t)col, len ? (uint32_t)len : 1};
}

static struct fz_diag *report(struct reader *r, fz_diag_id id, fz_span at, fz_str a0, fz_str a1)
{
    return fz_diag_add(r->diags, id, at, a0, a1, none);
}

/* ---- characters ---- */

static bool allowed(uint32_t cp)
{
    return cp == '\t' || cp == '\n' || (cp >= 0x20 && cp < 0x7F) || (cp >= 0xA0 && cp < 0x2028) ||
           (cp > 0x2029 && cp < 0xFEFF) || (cp > 0xFEFF && cp < 0xFFFE) || cp >= 0x10000;
}

static size_t bom_bytes(fz_str text)
{
    return fz_str_starts(text, "\xEF\xBB\xBF") ? 3 : 0;
}

/* Finds the lines, and what libyaml must not see. False when something is there. */
static bool scan(struct reader *r)
{
    fz_str text = r->source->text;
    size_t i = bom_bytes(text), col = i ? 2 : 1, n;
    bool indent = true, clean = true;
    uint32_t cp;

    FZ_PUSH(&r->scratch, r, lines, n_lines, cap_lines) = 0;
    for (; i < text.n; i += n, col++) {
        fz_span at = place(r, r->n_lines, col, 1);

        n = fz_utf8_next((fz_str){text.p + i, text.n - i}, &cp);
        if (n == 0) {
            report(r, FZ_D_yaml_utf8, at, fz_str_printf(r->arena, "0x%02X", (unsigned char)text.p[i]), none);
            return false;
        }
        if (!allowed(cp) && !(cp == '\r' && i + 1 < text.n && text.p[i + 1] == '\n')) {
            report(r, FZ_D_yaml_character, at, fz_str_printf(r->arena, "U+%04X", (unsigned)cp), none);
            return false;
        }
        if (cp == '\t' && indent) {
            if (r->diags->n < FZ_DIAGS_MAX)
                report(r, FZ_D_yaml_tab, at, none, none);
            clean = false;
        }
        indent = indent && cp == ' ';
        if (cp == '\n') {
            FZ_PUSH(&r->scratch, r, lines, n_lines, cap_lines) = i + 1;
            indent = true;
            col = 0;
        }
    }
    return clean;
}

/* Byte of the file at a mark of libyaml, which counts lines and characters from 0 and does not see the BOM. Marks come
 * in order, so the search goes on where the last one ended: a file may be one line of 4 MB. */
static size_t byte_of(struct reader *r, yaml_mark_t mark)
{
    fz_str text = r->source->text;
    uint32_t cp;

    if (mark.line >= r->n_lines)
        return text.n;
    if (mark.line != r->found.line || mark.column < r->found.column)
        r->found = (yaml_mark_t){.index = r->lines[mark.line], .line = mark.line};
    if (r->found.index == 0)
        r->found.index = bom_bytes(text);
    for (; r->found.column < mark.column && r->found.index < text.n; r->found.column++) {
        size_t n = fz_utf8_next((fz_str){text.p + r->found.index, text.n - r->found.index}, &cp);

        fz_assert(n > 0); /* scan() saw to it */
        r->found.index += n;
    }
    return r->found.index;
}

static char char_at(const struct reader *r, size_t byte)
{
    return byte < r->source->text.n ? r->source->text.p[byte] : '\0';
}

static fz_span span_at(const struct reader *r, yaml_mark_t mark, size_t len)
{
    fz_str text = r->source->text;
    size_t bom = mark.line == 0 && bom_bytes(text) ? 1 : 0, last;

    if (mark.line < r->n_lines)
        return place(r, mark.line + 1, mark.column + 1 + bom, len);
    /* libyaml ends a file with a line of its own: after the last character, then. */
    last = r->lines[r->n_lines - 1];
    return place(r, r->n_lines, fz_utf8_count((fz_str){text.p + last, text.n - last}) + 1, 1);
}

/* From one mark to another, or to the end of the first line. */
static fz_span span_to(struct reader *r, yaml_mark_t start, yaml_mark_t end)
{
    fz_str text = r->source->text;
    size_t from, to;

    if (start.line == end.line)
        return span_at(r, start, end.column - start.column);
    from = byte_of(r, start);
    to = start.line + 1 < r->n_lines ? r->lines[start.line + 1] : text.n;
    return span_at(r, start, fz_utf8_count(fz_str_trim((fz_str){text.p + from, to - from})));
}

/* The word that begins at a mark: an anchor or a tag. */
static fz_str word_at(struct reader *r, yaml_mark_t mark)
{
    fz_str text = r->source->text;
    size_t from = byte_of(r, mark), to = from;

    while (to < text.n && !strchr(" \t\r\n,[]{}", text.p[to]))
        to++;
    return (fz_str){text.p + from, to - from};
}

/* ---- nodes ---- */

static struct fz_node *new_node(struct reader *r, fz_node_kind kind, fz_span span)
{
    struct fz_node *node = FZ_NEW(r->arena, struct fz_node);

    node->kind = kind;
    node->span = span;
    return node;
}

/* By key, and equal keys in the order of the file: pairs of one map stand in one array. */
static int by_key(const void *a, const void *b)
{
    const struct fz_pair *x = *(const struct fz_pair *const *)a, *y = *(const struct fz_pair *const *)b;
    int order = fz_str_cmp(x->key->text, y->key->text);

    return order ? order : (x > y) - (x < y);
}

static void index_map(struct fz_arena *arena, struct fz_node *map)
{
    if (map->n == 0)
        return;
    map->by_key = FZ_NEW_ARRAY(arena, const struct fz_pair *, map->n);
    for (size_t i = 0; i < map->n; i++)
        map->by_key[i] = &map->pairs[i];
    qsort(map->by_key, map->n, sizeof(*map->by_key), by_key);
}

/* Indexes a map that is complete and leaves out the later of two equal keys. */
static void close_map(struct reader *r, struct fz_node *map)
{
    size_t first = 0, kept = 0, n = map->n;

    index_map(r->arena, map);
    for (size_t i = 1; i < n; i++) {
        const struct fz_node *key = map->by_key[i]->key, *earlier = map->by_key[first]->key;

        if (!fz_str_eq(key->text, earlier->text)) {
            first = i;
            continue;
        }
        report(r, FZ_D_yaml_duplicate_key, key->span, key->text, none);
        report(r, FZ_D_also_here, earlier->span, key->text, none);
        map->pairs[map->by_key[i] - map->pairs].value = NULL;
    }
    for (size_t i = 0; i < n; i++)
        if (map->pairs[i].value)
            map->pairs[kept++] = map->pairs[i];
    map->n = kept;
    if (kept < n)
        index_map(r->arena, map);
}

static bool is_plain(const struct fz_node *node)
{
    return node && node->kind == FZ_NODE_TEXT && node->plain;
}

/* `{that: min(a, b), else: x}` reads as three keys, of which `b)` has neither colon nor value. */
static void report_no_value(struct reader *r, struct frame *f)
{
    fz_span at;

    if (!is_plain(f->last)) {
        report(r, FZ_D_yaml_no_value, f->key->span, f->key->text, none);
        return;
    }
    if (f->cut == f->last)
        return; /* `min(a, b, c)` is one mistake */
    f->cut = f->last;
    at = f->last->span;
    if (f->key->span.line == at.line)
        at.len = f->key->span.col + f->key->span.len - at.col;
    report(r, FZ_D_yaml_cut_value, at, f->last->text, f->key->text);
}

static bool lacks_value(struct reader *r, const struct frame *f, const struct fz_node *value)
{
    size_t i = f->key_end;

    if (!f->flow || !is_plain(value) || value->text.n)
        return false;
    while (char_at(r, i) && strchr(" \t\r\n", char_at(r, i)))
        i++;
    return char_at(r, i) != ':';
}

static void add_key(struct reader *r, struct frame *f, const struct fz_node *key, yaml_mark_t end)
{
    f->key = key;
    f->key_end = byte_of(r, end);
    if (key->kind != FZ_NODE_TEXT)
        report(r, FZ_D_yaml_key, key->span, none, none);
    else if (key->plain && fz_str_is(key->text, "<<"))
        report(r, FZ_D_yaml_merge, key->span, none, none);
}

static void add_value(struct reader *r, struct frame *f, const struct fz_node *value)
{
    const struct fz_node *key = f->key;

    if (key->kind == FZ_NODE_TEXT && !(key->plain && fz_str_is(key->text, "<<"))) {
        if (lacks_value(r, f, value)) {
            report_no_value(r, f);
            f->key = NULL;
            return;
        }
        FZ_PUSH(r->arena, f->node, pairs, n, cap) = (struct fz_pair){key, value};
    }
    f->key = NULL;
    f->last = value;
}

static void add(struct reader *r, struct fz_node *node, yaml_mark_t end)
{
    struct frame *f = r->depth ? &r->frames[r->depth - 1] : NULL;

    if (!f) {
        r->root = node;
    } else if (f->node->kind == FZ_NODE_LIST) {
        FZ_PUSH(r->arena, f->node, items, n, cap) = node;
        f->last = node;
    } else if (f->key) {
        add_value(r, f, node);
    } else {
        add_key(r, f, node, end);
    }
}

/* ---- events ---- */

static void refuse_properties(struct reader *r, const yaml_event_t *e, bool tagged)
{
    fz_str word = word_at(r, e->start_mark);
    bool anchor = char_at(r, byte_of(r, e->start_mark)) == '&';

    /* A lone `!` vanishes in libyaml, so the character counts, not only the event. */
    if (anchor || tagged || fz_str_starts(word, "!"))
        report(r, anchor ? FZ_D_yaml_anchor : FZ_D_yaml_tag, span_at(r, e->start_mark, fz_utf8_count(word)), word,
               none);
}

static bool add_scalar(struct reader *r, const yaml_event_t *e)
{
    struct fz_node *node = new_node(r, FZ_NODE_TEXT, span_to(r, e->start_mark, e->end_mark));

    node->text = fz_str_copy(r->arena, (fz_str){(const char *)e->data.scalar.value, e->data.scalar.length});
    node->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    refuse_properties(r, e, e->data.scalar.tag != NULL);
    add(r, node, e->end_mark);
    return true;
}

static bool add_alias(struct reader *r, const yaml_event_t *e)
{
    fz_span at = span_to(r, e->start_mark, e->end_mark);

    report(r, FZ_D_yaml_alias, at, word_at(r, e->start_mark), none);
    add(r, new_node(r, FZ_NODE_TEXT, at), e->end_mark);
    return true;
}

static bool open_node(struct reader *r, const yaml_event_t *e, fz_node_kind kind, bool flow, bool tagged)
{
    struct fz_node *node = new_node(r, kind, span_at(r, e->start_mark, 1));

    refuse_properties(r, e, tagged);
    if (r->depth == FZ_YAML_DEPTH_MAX) {
        report(r, FZ_D_yaml_depth, node->span, fz_str_printf(r->arena, "%d", FZ_YAML_DEPTH_MAX), none);
        return false;
    }
    add(r, node, e->end_mark);
    r->frames[r->depth++] = (struct frame){.node = node, .flow = flow};
    return true;
}

static void close_node(struct reader *r)
{
    struct fz_node *node = r->frames[--r->depth].node;

    if (node->kind == FZ_NODE_MAP)
        close_map(r, node);
}

static bool count_node(struct reader *r, const yaml_event_t *e)
{
    if (++r->nodes <= FZ_YAML_NODES_MAX)
        return true;
    report(r, FZ_D_yaml_nodes, span_at(r, e->start_mark, 1), fz_str_printf(r->arena, "%d", FZ_YAML_NODES_MAX), none);
    return false;
}

static bool start_document(struct reader *r, const yaml_event_t *e)
{
    if (++r->documents == 1)
        return true;
    report(r, FZ_D_yaml_documents, span_at(r, e->start_mark, 3), none, none);
    return false;
}

/* False when reading ends. */
static bool take(struct reader *r, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_STREAM_END_EVENT:
        return false;
    case YAML_DOCUMENT_START_EVENT:
        return start_document(r, e);
    case YAML_SCALAR_EVENT:
        return count_node(r, e) && add_scalar(r, e);
    case YAML_ALIAS_EVENT:
        return count_node(r, e) && add_alias(r, e);
    case YAML_SEQUENCE_START_EVENT:
        return count_node(r, e) &&
               open_node(r, e, FZ_NODE_LIST, e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE,
                         e->data.sequence_start.tag != NULL);
    case YAML_MAPPING_START_EVENT:
        return count_node(r, e) && open_node(r, e, FZ_NODE_MAP, e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE,
                                             e->data.mapping_start.tag != NULL);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        close_node(r);
        return true;
    default:
        return true;
    }
}

static void report_syntax(struct reader *r)
{
    const yaml_parser_t *y = &r->yaml;
    const struct frame *f = r->depth ? &r->frames[r->depth - 1] : NULL;
    size_t i = byte_of(r, y->problem_mark);
    char c = char_at(r, i);

    /* `{that: a in [b, c]}`: a plain value ends where a bracket opens. */
    if (y->error == YAML_PARSER_ERROR && f && f->flow && is_plain(f->last) && (c == '[' || c == '{')) {
        report(r, FZ_D_yaml_cut_bracket, f->last->span, f->last->text, (fz_str){r->source->text.p + i, 1});
        return;
    }
    report(r, FZ_D_yaml_syntax, span_at(r, y->problem_mark, 1),
           fz_str_of(y->error == YAML_MEMORY_ERROR ? "memory ran out" : y->problem), none);
    if (y->context && y->context_mark.index != y->problem_mark.index)
        report(r, FZ_D_yaml_context, span_at(r, y->context_mark, 1), fz_str_of(y->context), none);
}

static void read_events(struct reader *r)
{
    fz_str text = r->source->text;
    size_t bom = bom_bytes(text);
    yaml_event_t e;
    bool more = true;

    yaml_parser_set_encoding(&r->yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r->yaml, (const unsigned char *)text.p + bom, text.n - bom);
    while (more) {
        if (!yaml_parser_parse(&r->yaml, &e)) {
            report_syntax(r);
            break;
        }
        more = take(r, &e);
        yaml_event_delete(&e);
    }
    while (r->depth)
        close_node(r);
}

const struct fz_node *fz_node_read(struct fz_arena *arena, const struct fz_source *source, struct fz_diags *diags)
{
    struct reader r = {.arena = arena, .source = source, .diags = diags};
    size_t errors = diags->errors;

    if (source->text.n > FZ_PACK_BYTES_MAX) {
        report(&r, FZ_D_yaml_bytes, place(&r, 1, 1, 1), fz_str_printf(arena, "%u", FZ_PACK_BYTES_MAX), none);
        return NULL;
    }
    fz_arena_init(&r.scratch);
    if (scan(&r)) {
        if (!yaml_parser_initialize(&r.yaml)) {
            report(&r, FZ_D_yaml_syntax, place(&r, 1, 1, 1), FZ_STR("memory ran out"), none);
        } else {
            read_events(&r);
            yaml_parser_delete(&r.yaml);
        }
        if (!r.root && diags->errors == errors)
            report(&r, FZ_D_yaml_empty, place(&r, 1, 1, 1), none, none);
    }
    fz_arena_release(&r.scratch);
    return r.root;
}

/* ---- reading a tree ---- */

const struct fz_pair *fz_node_pair(const struct fz_node *map, fz_str key)
{
    size_t low = 0, high = map && map->kind == FZ_NODE_MAP ? map->n : 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = fz_str_cmp(key, map->by_key[middle]->key->text);

        if (order == 0)
            return map->by_key[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const struct fz_node *fz_node_get(const struct fz_node *map, const char *key)
{
    const struct fz_pair *pair = fz_node_pair(map, fz_str_of(key));

    return pair ? pair->value : NULL;
}

size_t fz_node_count(const struct fz_node *list)
{
    return !list ? 0 : list->kind == FZ_NODE_LIST ? list->n : 1;
}

const struct fz_node *fz_node_at(const struct fz_node *list, size_t i)
{
    if (i >= fz_node_count(list))
        return NULL;
    return list->kind == FZ_NODE_LIST ? list->items[i] : list;
}

/* ---- amendments ---- */

static bool is_map(const struct fz_node *node)
{
    return node && node->kind == FZ_NODE_MAP;
}

const struct fz_node *fz_node_merge(struct fz_arena *arena, const struct fz_node *base, const struct fz_node *over)
{
    struct fz_node *merged;

    if (!is_map(base) || !is_map(over))
        return over ? over : base;
    merged = FZ_NEW(arena, struct fz_node);
    merged->kind = FZ_NODE_MAP;
    merged->span = base->span;
    for (size_t i = 0; i < base->n; i++) {
        struct fz_pair pair = base->pairs[i];
        const struct fz_pair *amended = fz_node_pair(over, pair.key->text);

        if (amended && !(is_map(pair.value) && is_map(amended->value)))
            pair = *amended;
        else if (amended)
            pair.value = fz_node_merge(arena, pair.value, amended->value);
        FZ_PUSH(arena, merged, pairs, n, cap) = pair;
    }
    for (size_t i = 0; i < over->n; i++)
        if (!fz_node_pair(base, over->pairs[i].key->text))
            FZ_PUSH(arena, merged, pairs, n, cap) = over->pairs[i];
    index_map(arena, merged);
    return merged;
}
