/* Any bytes as a pack: read, load, prove, print what is wrong in both languages. */
#include "law/prove.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fz_source source = {"fuzz.yaml", {(const char *)data, size}};
    struct fz_arena arena;
    struct fz_diags diags;
    struct fz_buf out = {0};
    struct fz_pack *pack;

    fz_arena_init(&arena);
    fz_diags_init(&diags, &arena);
    pack = fz_pack_load(fz_node_read(&arena, &source, &diags), &arena, &diags);
    if (pack)
        fz_prove(pack, &arena, size % 2 ? FZ_ZH : FZ_EN, &diags, NULL);
    fz_diags_sort(&diags);
    fz_diags_print(&diags, FZ_EN, &out);
    fz_diags_print(&diags, FZ_ZH, &out);
    if (!fz_utf8_valid(fz_buf_str(&out)))
        __builtin_trap();
    fz_buf_release(&out);
    fz_arena_release(&arena);
    return 0;
}
