/*
 * Any bytes as an expression: a tree that prints to the same tree, or exactly one problem.
 */
#include "law/expr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fz_source source = {"fuzz", {(const char *)data, size}};
    fz_span at = {&source, 1, 1, 1};
    struct fz_arena arena;
    struct fz_diags diags;
    struct fz_buf text = {0};
    const struct fz_expr *e;

    fz_arena_init(&arena);
    fz_diags_init(&diags, &arena);
    e = fz_expr_parse(&arena, source.text, at, &diags);
    fz_assert(diags.errors == (e ? 0 : 1));
    if (e) {
        fz_assert(e->height <= FZ_EXPR_DEPTH_MAX);
        fz_expr_print(e, &text);
        at.source = NULL;
        if (text.n <= FZ_EXPR_BYTES_MAX) /* the canonical text may have more blanks than the one given */
            fz_assert(fz_expr_equal(e, fz_expr_parse(&arena, fz_buf_str(&text), at, &diags)));
    } else {
        fz_diags_print(&diags, FZ_ZH, &text);
    }
    fz_buf_release(&text);
    fz_arena_release(&arena);
    return 0;
}
