/*
 * The YAML reader on any bytes: it returns, every span stands inside the file, every key is found again, and a tree
 * merged with itself is the same tree. Problems are printed as well, for that follows every span into the text.
 */
#include "law/node.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_span(const struct fz_source *source, fz_span span)
{
    size_t lines = 1;

    for (size_t i = 0; i < source->text.n; i++)
        lines += source->text.p[i] == '\n';
    fz_assert(span.source == source);
    fz_assert(span.line >= 1 && span.line <= lines);
    fz_assert(span.col >= 1 && span.len >= 1);
    fz_assert(span.col <= source->text.n + 1 && span.len <= source->text.n + 1);
}

static void check_node(const struct fz_source *source, const struct fz_node *node)
{
    check_span(source, node->span);
    fz_assert(fz_utf8_valid(node->text));
    for (size_t i = 0; i < node->n; i++) {
        if (node->kind == FZ_NODE_LIST) {
            check_node(source, node->items[i]);
            continue;
        }
        fz_assert(node->pairs[i].key->kind == FZ_NODE_TEXT);
        fz_assert(fz_node_pair(node, node->pairs[i].key->text)->value == node->pairs[i].value);
        check_node(source, node->pairs[i].key);
        check_node(source, node->pairs[i].value);
    }
}

static void check_same(const struct fz_node *a, const struct fz_node *b)
{
    fz_assert(a->kind == b->kind && a->n == b->n && fz_str_eq(a->text, b->text));
    for (size_t i = 0; i < a->n; i++) {
        if (a->kind == FZ_NODE_LIST) {
            check_same(a->items[i], b->items[i]);
            continue;
        }
        fz_assert(fz_str_eq(a->pairs[i].key->text, b->pairs[i].key->text));
        check_same(a->pairs[i].value, b->pairs[i].value);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fz_source source = {"fuzz.yaml", {(const char *)data, size}};
    struct fz_arena arena;
    struct fz_diags diags;
    struct fz_buf out = {0};
    const struct fz_node *root;

    fz_arena_init(&arena);
    fz_diags_init(&diags, &arena);
    root = fz_node_read(&arena, &source, &diags);
    fz_assert(root || diags.errors);
    for (size_t i = 0; i < diags.n; i++)
        check_span(&source, diags.items[i].span);
    if (root) {
        check_node(&source, root);
        check_same(root, fz_node_merge(&arena, root, root));
    }
    fz_diags_sort(&diags);
    fz_diags_print(&diags, FZ_ZH, &out);
    fz_buf_release(&out);
    fz_arena_release(&arena);
    return 0;
}
