/* The YAML reader: what it reads, where it says each fault stands, and how an amendment merges. */
#include <glob.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "law/node.h"

struct fixture {
    struct fz_arena arena;
    struct fz_diags diags;
    struct fz_source source;
    const struct fz_node *root;
};

static int begin(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (!f)
        return -1;
    fz_arena_init(&f->arena);
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;

    fz_arena_release(&f->arena);
    free(f);
    return 0;
}

static const struct fz_node *read_text(struct fixture *f, fz_str text)
{
    fz_diags_init(&f->diags, &f->arena);
    f->source = (struct fz_source){"t.yaml", text};
    f->root = fz_node_read(&f->arena, &f->source, &f->diags);
    return f->root;
}

static const struct fz_node *read_z(void **state, const char *z)
{
    return read_text(*state, fz_str_of(z));
}

static const struct fz_node *read_clean(void **state, const char *z)
{
    struct fixture *f = *state;
    const struct fz_node *root = read_z(state, z);

    assert_int_equal(f->diags.n, 0);
    assert_non_null(root);
    return root;
}

static void assert_place(fz_span span, uint32_t line, uint32_t col, uint32_t len)
{
    assert_int_equal(span.line, line);
    assert_int_equal(span.col, col);
    assert_int_equal(span.len, len);
}

static void assert_text(const struct fz_node *node, const char *want)
{
    assert_non_null(node);
    assert_int_equal(node->kind, FZ_NODE_TEXT);
    assert_string_equal(node->text.p, want);
    assert_int_equal(node->text.n, strlen(want));
}

/* Problem number `i` of the last reading. */
static void assert_diag(void **state, size_t i, fz_diag_id id, uint32_t line, uint32_t col, uint32_t len)
{
    struct fixture *f = *state;

    assert_true(i < f->diags.n);
    assert_string_equal(fz_diag_row(f->diags.items[i].id)->id, fz_diag_row(id)->id);
    assert_ptr_equal(f->diags.items[i].span.source, &f->source);
    assert_place(f->diags.items[i].span, line, col, len);
}

static void assert_arg(void **state, size_t i, size_t arg, const char *want)
{
    struct fixture *f = *state;

    assert_string_equal(f->diags.items[i].args[arg].p, want);
}

/* `text` has one fault, there. */
static void assert_fault(void **state, fz_str text, fz_diag_id id, uint32_t line, uint32_t col, uint32_t len)
{
    struct fixture *f = *state;

    read_text(f, text);
    assert_int_equal(f->diags.n, 1);
    assert_int_equal(f->diags.errors, 1);
    assert_diag(state, 0, id, line, col, len);
}

#define FAULT(text, id, line, col, len) assert_fault(state, FZ_STR(text), FZ_D_##id, line, col, len)

/* ---- what is read ---- */

static void test_node__kinds_and_order(void **state)
{
    const struct fz_node *root = read_clean(state, "b: 1\na: [x, {k: v}]\nc:\n  - p\n  - q\n");

    assert_int_equal(root->kind, FZ_NODE_MAP);
    assert_int_equal(root->n, 3);
    assert_text(root->pairs[0].key, "b");
    assert_text(root->pairs[1].key, "a");
    assert_text(root->pairs[2].key, "c");
    assert_int_equal(fz_node_get(root, "a")->kind, FZ_NODE_LIST);
    assert_text(fz_node_get(fz_node_at(fz_node_get(root, "a"), 1), "k"), "v");
    assert_text(fz_node_at(fz_node_get(root, "c"), 1), "q");
    assert_null(fz_node_get(root, "d"));
    assert_null(fz_node_get(NULL, "d"));
    assert_null(fz_node_get(fz_node_get(root, "b"), "d"));
}

static void test_node__every_scalar_is_text(void **state)
{
    const struct fz_node *root = read_clean(state, "a: no\nb: 01-31\nc: ~\nd: 1e3\ne:\nf: ''\n");

    assert_text(fz_node_get(root, "a"), "no");
    assert_text(fz_node_get(root, "b"), "01-31");
    assert_text(fz_node_get(root, "c"), "~");
    assert_text(fz_node_get(root, "d"), "1e3");
    assert_text(fz_node_get(root, "e"), "");
    assert_true(fz_node_get(root, "e")->plain);
    assert_text(fz_node_get(root, "f"), "");
    assert_false(fz_node_get(root, "f")->plain);
}

static void test_node__one_word_is_a_list_of_one(void **state)
{
    const struct fz_node *root = read_clean(state, "a: x\nb: [p, q]\nc: []\n");

    assert_int_equal(fz_node_count(fz_node_get(root, "a")), 1);
    assert_text(fz_node_at(fz_node_get(root, "a"), 0), "x");
    assert_null(fz_node_at(fz_node_get(root, "a"), 1));
    assert_int_equal(fz_node_count(fz_node_get(root, "b")), 2);
    assert_null(fz_node_at(fz_node_get(root, "b"), 2));
    assert_int_equal(fz_node_count(fz_node_get(root, "c")), 0);
    assert_int_equal(fz_node_count(NULL), 0);
    assert_null(fz_node_at(NULL, 0));
}

static void test_node__columns_count_characters(void **state)
{
    const struct fz_node *root = read_clean(state, "记录: {期限: 二十个工作日, 依据: \"行政许可法 42\"}\n");
    const struct fz_node *map = fz_node_get(root, "记录");

    assert_place(root->span, 1, 1, 1);
    assert_place(root->pairs[0].key->span, 1, 1, 2);
    assert_place(map->span, 1, 5, 1);
    assert_place(map->pairs[0].key->span, 1, 6, 2);
    assert_place(map->pairs[0].value->span, 1, 10, 6);
    assert_place(map->pairs[1].key->span, 1, 18, 2);
    assert_place(map->pairs[1].value->span, 1, 22, 10);
}

static void test_node__text_of_several_lines_is_marked_on_its_first(void **state)
{
    const struct fz_node *root = read_clean(state, "a: one\n  two\nb: |\n  x\n  y\nc: 'p\n  q'\r\nd: z\r\n");

    assert_text(fz_node_get(root, "a"), "one two");
    assert_place(fz_node_get(root, "a")->span, 1, 4, 3);
    assert_text(fz_node_get(root, "b"), "x\ny\n");
    assert_false(fz_node_get(root, "b")->plain);
    assert_place(fz_node_get(root, "b")->span, 3, 4, 1);
    assert_place(fz_node_get(root, "c")->span, 6, 4, 2);
    assert_place(fz_node_get(root, "d")->span, 8, 4, 1);
}

static void test_node__byte_order_mark_is_a_character_of_line_1(void **state)
{
    const struct fz_node *root = read_clean(state, "\xEF\xBB\xBF"
                                                   "a: x\nb: y\n");

    assert_place(root->pairs[0].key->span, 1, 2, 1);
    assert_place(fz_node_get(root, "a")->span, 1, 5, 1);
    assert_place(fz_node_get(root, "b")->span, 2, 4, 1);
    FAULT("\xEF\xBB\xBF"
          "a: &x y\n",
          yaml_anchor, 1, 5, 2);
}

static void test_node__lookup_finds_every_key_of_a_large_map(void **state)
{
    struct fz_buf b = {0};
    char key[16];
    const struct fz_node *root;

    for (int i = 0; i < 2000; i++)
        fz_buf_printf(&b, "k%d: v%d\n", (i * 7919) % 2000, i);
    root = read_clean(state, b.p);
    assert_int_equal(root->n, 2000);
    for (int i = 0; i < 2000; i++) {
        snprintf(key, sizeof(key), "k%d", (i * 7919) % 2000);
        assert_ptr_equal(fz_node_get(root, key), root->pairs[i].value);
    }
    fz_buf_release(&b);
}

/* ---- what is refused ---- */

static void test_node__anchors(void **state)
{
    FAULT("a: &here x\n", yaml_anchor, 1, 4, 5);
    assert_arg(state, 0, 0, "&here");
    FAULT("a:\n  - &b [x]\n", yaml_anchor, 2, 5, 2);
    FAULT("法: &b {x: y}\n", yaml_anchor, 1, 4, 2);
}

static void test_node__aliases(void **state)
{
    FAULT("a: x\nb: [*there, y]\n", yaml_alias, 2, 5, 6);
    assert_arg(state, 0, 0, "*there");
}

static void test_node__tags(void **state)
{
    FAULT("a: !!int 3\n", yaml_tag, 1, 4, 5);
    assert_arg(state, 0, 0, "!!int");
    FAULT("a: ! x\n", yaml_tag, 1, 4, 1);
    FAULT("a: !set {b: c}\n", yaml_tag, 1, 4, 4);
    FAULT("a: [x, !s [b]]\n", yaml_tag, 1, 8, 2);
}

static void test_node__merge_keys(void **state)
{
    FAULT("a: x\n<<: {b: y}\n", yaml_merge, 2, 1, 2);
    assert_null(fz_node_get(((struct fixture *)*state)->root, "<<"));
    read_clean(state, "'<<': x\n");
}

static void test_node__duplicate_keys(void **state)
{
    struct fixture *f = *state;

    read_z(state, "a: 1\n名: 2\nb: 3\n名: 4\nc: {d: 5, d: 6}\n");
    assert_int_equal(f->diags.n, 4);
    assert_diag(state, 0, FZ_D_yaml_duplicate_key, 5, 11, 1);
    assert_diag(state, 1, FZ_D_also_here, 5, 5, 1);
    assert_diag(state, 2, FZ_D_yaml_duplicate_key, 4, 1, 1);
    assert_diag(state, 3, FZ_D_also_here, 2, 1, 1);
    assert_arg(state, 2, 0, "名");
    assert_int_equal(f->diags.errors, 2);
    assert_int_equal(f->root->n, 4);
    assert_text(fz_node_get(f->root, "名"), "2");
    assert_text(f->root->pairs[3].key, "c");
}

static void test_node__a_key_three_times_is_told_twice(void **state)
{
    struct fixture *f = *state;

    read_z(state, "c: 1\nc: 2\n\"c\": 3\nb: 4\na: 5\n");
    assert_int_equal(f->diags.n, 4);
    assert_diag(state, 0, FZ_D_yaml_duplicate_key, 2, 1, 1);
    assert_diag(state, 1, FZ_D_also_here, 1, 1, 1);
    assert_diag(state, 2, FZ_D_yaml_duplicate_key, 3, 1, 3);
    assert_diag(state, 3, FZ_D_also_here, 1, 1, 1);
    assert_int_equal(f->root->n, 3);
    assert_text(fz_node_get(f->root, "c"), "1");
    assert_ptr_equal(fz_node_pair(f->root, FZ_STR("b")), &f->root->pairs[1]);
    assert_ptr_equal(fz_node_pair(f->root, FZ_STR("a")), &f->root->pairs[2]);
}

static void test_node__keys_that_are_no_text(void **state)
{
    FAULT("a: x\n[b, c]: y\n", yaml_key, 2, 1, 1);
    assert_int_equal(((struct fixture *)*state)->root->n, 1);
    FAULT("a: {{b: c}: y}\n", yaml_key, 1, 5, 1);
}

static void test_node__documents(void **state)
{
    FAULT("a: x\n---\nb: y\n", yaml_documents, 2, 1, 3);
    assert_text(fz_node_get(((struct fixture *)*state)->root, "a"), "x");
    FAULT("a: x\n...\n--- {b: y}\n", yaml_documents, 3, 1, 3);
    FAULT("a: x\n...\nb: y\n", yaml_syntax, 3, 1, 1);
    read_clean(state, "---\na: x\n...\n");
}

static void test_node__tabs_in_indentation(void **state)
{
    struct fixture *f = *state;

    FAULT("a:\n\tb: c\n", yaml_tab, 2, 1, 1);
    FAULT("a:\n  \tb: c\n", yaml_tab, 2, 3, 1);
    assert_null(f->root);
    read_z(state, "a:\n\tb: c\n\td: e\n");
    assert_int_equal(f->diags.n, 2);
    assert_diag(state, 1, FZ_D_yaml_tab, 3, 1, 1);
    read_clean(state, "a: b\t# a tab after a value\n");
}

static void test_node__malformed_utf8(void **state)
{
    FAULT("a: x\n法: 行\xE6\x94y\n", yaml_utf8, 2, 5, 1);
    assert_arg(state, 0, 0, "0xE6");
    FAULT("\xD0\xD0", yaml_utf8, 1, 1, 1);
    assert_null(((struct fixture *)*state)->root);
}

static void test_node__characters_nobody_sees(void **state)
{
    FAULT("a: b\0c\n", yaml_character, 1, 5, 1);
    assert_arg(state, 0, 0, "U+0000");
    FAULT("a: 一\xE2\x80\xA8"
          "b\n",
          yaml_character, 1, 5, 1);
    assert_arg(state, 0, 0, "U+2028");
    FAULT("a: x\rb: y\n", yaml_character, 1, 5, 1);
    FAULT("a: x\xEF\xBB\xBF\n", yaml_character, 1, 5, 1);
    FAULT("a: \xC2\x85\n", yaml_character, 1, 4, 1);
}

static void test_node__nothing_in_the_file(void **state)
{
    FAULT("", yaml_empty, 1, 1, 1);
    FAULT("# only a comment\n", yaml_empty, 1, 1, 1);
    assert_null(((struct fixture *)*state)->root);
}

static void test_node__syntax_with_its_context(void **state)
{
    struct fixture *f = *state;

    read_z(state, "a: x\nb: 'y\nc: z\n");
    assert_int_equal(f->diags.n, 2);
    assert_diag(state, 0, FZ_D_yaml_syntax, 4, 1, 1);
    assert_diag(state, 1, FZ_D_yaml_context, 2, 4, 1);
    assert_arg(state, 0, 0, "found unexpected end of stream");
    assert_text(fz_node_get(f->root, "a"), "x");

    read_z(state, "a:\n  b: x\n c: y\n");
    assert_int_equal(f->diags.n, 2);
    assert_diag(state, 0, FZ_D_yaml_syntax, 3, 2, 1);
    assert_diag(state, 1, FZ_D_yaml_context, 1, 1, 1);
    assert_text(fz_node_get(fz_node_get(f->root, "a"), "b"), "x");

    FAULT("标题: 甲: 乙\n", yaml_syntax, 1, 6, 1);

    read_z(state, "a: x\nb: [甲"); /* no line end: after the last character */
    assert_int_equal(f->diags.n, 2);
    assert_diag(state, 0, FZ_D_yaml_syntax, 2, 6, 1);
    assert_diag(state, 1, FZ_D_yaml_context, 2, 4, 1);
}

static void test_node__depth(void **state)
{
    char text[2 * FZ_YAML_DEPTH_MAX + 3] = {0};

    memset(text, '[', FZ_YAML_DEPTH_MAX);
    memset(text + FZ_YAML_DEPTH_MAX, ']', FZ_YAML_DEPTH_MAX);
    read_clean(state, text);
    memset(text, '[', FZ_YAML_DEPTH_MAX + 1);
    memset(text + FZ_YAML_DEPTH_MAX + 1, ']', FZ_YAML_DEPTH_MAX + 1);
    assert_fault(state, fz_str_of(text), FZ_D_yaml_depth, 1, FZ_YAML_DEPTH_MAX + 1, 1);
}

static void test_node__number_of_nodes(void **state)
{
    struct fz_buf b = {0};

    for (int i = 0; i < FZ_YAML_NODES_MAX; i++) /* the list counts, so the last is one too many */
        fz_buf_addz(&b, "- x\n");
    assert_fault(state, fz_buf_str(&b), FZ_D_yaml_nodes, FZ_YAML_NODES_MAX, 3, 1);
    fz_buf_release(&b);
}

static void test_node__bytes(void **state)
{
    struct fz_buf b = {0};

    while (b.n <= FZ_PACK_BYTES_MAX)
        fz_buf_addz(&b, "# 0123456789 0123456789 0123456789 0123456789 0123456789 0123456\n");
    assert_fault(state, fz_buf_str(&b), FZ_D_yaml_bytes, 1, 1, 1);
    fz_buf_release(&b);
}

/* ---- values cut by a flow mapping ---- */

static void test_node__value_cut_at_a_comma(void **state)
{
    FAULT("g: {that: min(a, b), else: x}\n", yaml_cut_value, 1, 11, 9);
    assert_arg(state, 0, 0, "min(a");
    assert_arg(state, 0, 1, "b)");
    assert_text(fz_node_get(fz_node_get(((struct fixture *)*state)->root, "g"), "else"), "x");
    FAULT("g: {that: min(a, b, c), else: x}\n", yaml_cut_value, 1, 11, 8);
    FAULT("g: {that: min(a,\n  b), else: x}\n", yaml_cut_value, 1, 11, 5);
    read_clean(state, "g: {that: \"min(a, b)\", else: x}\n");
    read_clean(state, "that: min(a, b)\n");
}

static void test_node__two_cut_values_are_both_told(void **state)
{
    struct fixture *f = *state;

    read_z(state, "{that: min(a, b), else: max(c, d)}\n");
    assert_int_equal(f->diags.n, 2);
    assert_diag(state, 0, FZ_D_yaml_cut_value, 1, 8, 9);
    assert_diag(state, 1, FZ_D_yaml_cut_value, 1, 25, 9);
}

static void test_node__value_cut_at_a_bracket(void **state)
{
    FAULT("g: {that: 甲 in [b, c], else: x}\n", yaml_cut_bracket, 1, 11, 4);
    assert_arg(state, 0, 0, "甲 in");
    assert_arg(state, 0, 1, "[");
    FAULT("g: [a in [b], c]\n", yaml_cut_bracket, 1, 5, 4);
    read_clean(state, "that: a in [b, c]\n");
}

static void test_node__key_without_value(void **state)
{
    FAULT("{a, b: c}\n", yaml_no_value, 1, 2, 1);
    FAULT("{a: 'x', b}\n", yaml_no_value, 1, 10, 1);
    read_clean(state, "{a: , b: c, d: }\n");
}

/* ---- amendments ---- */

static void test_node__merge(void **state)
{
    struct fixture *f = *state;
    struct fz_source over_source = {"over.yaml", FZ_STR("m: {q: {r: 9}, n: new}\nl: [z]\ns: {now: map}\nt: text\n")};
    const struct fz_node *base = read_clean(state, "s: text\nm: {p: 1, q: {r: 2, u: 3}}\nl: [x, y]\nt: {was: map}\n");
    const struct fz_node *over = fz_node_read(&f->arena, &over_source, &f->diags);
    const struct fz_node *merged = fz_node_merge(&f->arena, base, over), *m = fz_node_get(merged, "m");

    assert_int_equal(f->diags.n, 0);
    assert_int_equal(merged->n, 4);
    assert_text(merged->pairs[0].key, "s");
    assert_text(merged->pairs[1].key, "m");
    assert_text(merged->pairs[3].key, "t");
    assert_text(fz_node_get(fz_node_get(merged, "s"), "now"), "map");
    assert_text(fz_node_get(merged, "t"), "text");
    assert_int_equal(fz_node_count(fz_node_get(merged, "l")), 1);
    assert_int_equal(m->n, 3);
    assert_text(m->pairs[2].key, "n");
    assert_text(fz_node_get(m, "p"), "1");
    assert_text(fz_node_get(fz_node_get(m, "q"), "r"), "9");
    assert_text(fz_node_get(fz_node_get(m, "q"), "u"), "3");
    assert_ptr_equal(fz_node_get(fz_node_get(m, "q"), "r")->span.source, &over_source);
    assert_place(fz_node_get(fz_node_get(m, "q"), "r")->span, 1, 12, 1);
    assert_ptr_equal(fz_node_get(fz_node_get(m, "q"), "u")->span.source, &f->source);
    assert_ptr_equal(m->span.source, &f->source);
    assert_text(fz_node_get(fz_node_get(base, "m"), "p"), "1"); /* neither side changed */
    assert_int_equal(fz_node_get(base, "m")->n, 2);
    assert_int_equal(over->n, 4);
}

static void test_node__merge_with_nothing(void **state)
{
    struct fixture *f = *state;
    const struct fz_node *base = read_clean(state, "a: x\n");

    assert_ptr_equal(fz_node_merge(&f->arena, base, NULL), base);
    assert_ptr_equal(fz_node_merge(&f->arena, NULL, base), base);
    assert_null(fz_node_merge(&f->arena, NULL, NULL));
}

/* ---- the files of the project ---- */

static void load(struct fz_buf *b, const char *path)
{
    char part[4096];
    FILE *in = fopen(path, "rb");

    assert_non_null(in);
    for (size_t n; (n = fread(part, 1, sizeof(part), in)) > 0;)
        fz_buf_add(b, (fz_str){part, n});
    assert_false(ferror(in));
    fclose(in);
}

/* What stands in the file where a plain text claims to stand: the text, or the first line of it. */
static void assert_stands_there(const struct fz_node *node)
{
    fz_str rest = node->span.source->text;
    uint32_t cp;

    for (uint32_t line = 1; line < node->span.line; line++) {
        const char *next = memchr(rest.p, '\n', rest.n);

        assert_non_null(next);
        rest.n -= (size_t)(next + 1 - rest.p);
        rest.p = next + 1;
    }
    for (uint32_t col = 1; col < node->span.col; col++) {
        size_t n = fz_utf8_next(rest, &cp);

        assert_true(n > 0);
        rest.p += n;
        rest.n -= n;
    }
    for (size_t i = 0, n, count = 0; count < node->span.len && i < node->text.n; count++, i += n) {
        n = fz_utf8_next((fz_str){node->text.p + i, node->text.n - i}, &cp);
        assert_true(i + n <= rest.n);
        assert_memory_equal(rest.p + i, node->text.p + i, n);
    }
}

static void assert_all_stand_there(const struct fz_node *node)
{
    if (node->kind == FZ_NODE_TEXT && node->plain)
        assert_stands_there(node);
    for (size_t i = 0; i < node->n; i++) {
        if (node->kind == FZ_NODE_MAP)
            assert_all_stand_there(node->pairs[i].key);
        assert_all_stand_there(node->kind == FZ_NODE_MAP ? node->pairs[i].value : node->items[i]);
    }
}

/* Reads every file of the pattern; returns how many there are. */
static size_t read_all(struct fixture *f, const char *pattern)
{
    const char *top = getenv("FZ_ROOT");
    char path[4096];
    glob_t found = {0};
    size_t n;

    snprintf(path, sizeof(path), "%s/%s", top ? top : ".", pattern);
    glob(path, 0, NULL, &found);
    for (n = 0; n < found.gl_pathc; n++) {
        struct fz_buf b = {0}, out = {0};

        load(&b, found.gl_pathv[n]);
        read_text(f, fz_buf_str(&b));
        f->source.name = found.gl_pathv[n];
        fz_diags_print(&f->diags, FZ_EN, &out);
        if (f->diags.n)
            print_error("%s", out.p);
        assert_int_equal(f->diags.n, 0);
        assert_non_null(f->root);
        assert_int_equal(f->root->kind, FZ_NODE_MAP);
        assert_all_stand_there(f->root);
        fz_buf_release(&out);
        fz_buf_release(&b);
    }
    globfree(&found);
    return n;
}

static void test_node__packs_are_read_without_a_problem(void **state)
{
    assert_true(read_all(*state, "packs/*.yaml") > 0);
}

static void test_node__scenarios_are_read_without_a_problem(void **state)
{
    assert_true(read_all(*state, "packs/scenarios/*.yaml") > 0);
}

static void test_node__maps_are_read_without_a_problem(void **state)
{
    assert_true(read_all(*state, "examples/*/map.yaml") > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_node__##name, begin, end)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(kinds_and_order),
        TEST(every_scalar_is_text),
        TEST(one_word_is_a_list_of_one),
        TEST(columns_count_characters),
        TEST(text_of_several_lines_is_marked_on_its_first),
        TEST(byte_order_mark_is_a_character_of_line_1),
        TEST(lookup_finds_every_key_of_a_large_map),
        TEST(anchors),
        TEST(aliases),
        TEST(tags),
        TEST(merge_keys),
        TEST(duplicate_keys),
        TEST(a_key_three_times_is_told_twice),
        TEST(keys_that_are_no_text),
        TEST(documents),
        TEST(tabs_in_indentation),
        TEST(malformed_utf8),
        TEST(characters_nobody_sees),
        TEST(nothing_in_the_file),
        TEST(syntax_with_its_context),
        TEST(depth),
        TEST(number_of_nodes),
        TEST(bytes),
        TEST(value_cut_at_a_comma),
        TEST(two_cut_values_are_both_told),
        TEST(value_cut_at_a_bracket),
        TEST(key_without_value),
        TEST(merge),
        TEST(merge_with_nothing),
        TEST(packs_are_read_without_a_problem),
        TEST(scenarios_are_read_without_a_problem),
        TEST(maps_are_read_without_a_problem),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
