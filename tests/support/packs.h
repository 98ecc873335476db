/* Packs in tests: loaded from text, or from packs/ of the source tree; a problem fails the test with its message. */
#ifndef FZ_TESTS_PACKS_H
#define FZ_TESTS_PACKS_H

#include <stdio.h>
#include <stdlib.h>

#include "support.h"

#include "law/pack.h"

static inline struct fz_pack *load_pack_text(struct fz_arena *arena, const char *name, fz_str text)
{
    struct fz_source *source = FZ_NEW(arena, struct fz_source);
    struct fz_diags diags;
    struct fz_buf out = {0};
    struct fz_pack *pack;

    *source = (struct fz_source){name, text};
    fz_diags_init(&diags, arena);
    pack = fz_pack_load(fz_node_read(arena, source, &diags), arena, &diags);
    if (!pack) {
        fz_diags_print(&diags, FZ_EN, &out);
        print_error("%s", out.p);
        fz_buf_release(&out);
    }
    assert_non_null(pack);
    return pack;
}

static inline struct fz_pack *load_shipped_pack(struct fz_arena *arena, const char *name)
{
    const char *root = getenv("FZ_ROOT");
    char path[4096];
    struct fz_buf text = {0};
    char part[4096];
    size_t n;
    FILE *f;
    fz_str copy;

    snprintf(path, sizeof(path), "%s/packs/%s", root ? root : ".", name);
    f = fopen(path, "rb");
    assert_non_null(f);
    while ((n = fread(part, 1, sizeof(part), f)) > 0)
        fz_buf_add(&text, (fz_str){part, n});
    fclose(f);
    copy = fz_str_copy(arena, fz_buf_str(&text));
    fz_buf_release(&text);
    return load_pack_text(arena, fz_str_z(arena, fz_str_of(path)), copy);
}

#endif
