/*
 * Any bytes as an entry: exactly one problem, or an entry that encodes to these very bytes, and to them only.
 */
#include "ledger/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fz_source source = {"fuzz", {(const char *)data, size}};
    struct fz_arena arena;
    struct fz_diags diags;
    struct fz_buf text = {0};
    struct fz_entry e;

    fz_arena_init(&arena);
    fz_diags_init(&diags, &arena);
    if (fz_entry_decode(&arena, &source, &e, &diags)) {
        fz_assert(diags.n == 0 && size <= FZ_ENTRY_BYTES_MAX);
        fz_assert(fz_str_eq(fz_entry_encode(&arena, &e, &diags), source.text));
        fz_assert((e.action.n > 0) + (e.waives.n > 0) + (e.serves.n > 0) + (e.correction.n > 0) == 1);
        fz_assert(e.seq > 0 && e.corrects < e.seq);
    } else {
        fz_assert(diags.errors == 1);
        fz_diags_print(&diags, FZ_ZH, &text);
    }
    fz_buf_release(&text);
    fz_arena_release(&arena);
    return 0;
}
