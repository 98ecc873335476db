/*
 * Any bytes as an expression: a tree that prints to the same tree, or exactly one problem. What parses is typed within a record, and
 * without one: a term that every place can have, or a problem.
 */
#include "law/expr.h"

#include "../support/term.h"
#include "law/term.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct fz_term *t, void *arg)
{
    (void)arg;
    fz_assert(t->kind < FZ_T_KINDS && t->type > FZ_TYPE_NONE && t->type < FZ_TYPES && t->from);
    fz_assert(t->kind != FZ_T_FIELD || t->type == term_fields[t->id].type);
    for (size_t i = 0; i < t->args_n; i++)
        fz_assert(t->args[i]);
}

static void type(struct fz_arena *arena, const struct fz_expr *e)
{
    static const struct fz_want wants[] = {
        {FZ_TYPE_NONE}, {FZ_TYPE_FLAG}, {FZ_TYPE_CHOICE, NULL}, {FZ_TYPE_CHOICE, &term_config[2].choices}};
    const struct fz_record *records[] = {term_records, NULL};

    for (size_t i = 0; i < FZ_COUNT(wants) * FZ_COUNT(records); i++) {
        struct fz_want want = wants[i / 2];
        struct fz_diags diags;
        struct fz_buf text = {0};
        const struct fz_term *t;

        fz_diags_init(&diags, arena);
        t = fz_term_make(arena, &term_pack, records[i % 2], e, want, &diags);
        fz_assert(!t == (diags.errors > 0));
        fz_assert(!t || want.type == FZ_TYPE_NONE || t->type == want.type);
        fz_term_walk(t, check, NULL);
        fz_diags_print(&diags, FZ_ZH, &text);
        fz_buf_release(&text);
    }
}

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
        type(&arena, e);
    } else {
        fz_diags_print(&diags, FZ_ZH, &text);
    }
    fz_buf_release(&text);
    fz_arena_release(&arena);
    return 0;
}
