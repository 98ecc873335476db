/* Any bytes as what a witness is asked: exactly one problem, or parts whose rest lies within the bytes and that, written again, are those bytes. */
#include "ledger/witness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fz_source source = {"fuzz", {(const char *)data, size}};
    struct fz_witness_request r;
    struct fz_arena arena;
    struct fz_diags diags;
    struct fz_buf again = {0};

    fz_arena_init(&arena);
    fz_diags_init(&diags, &arena);
    if (fz_witness_request_parse(&arena, &source, &r, &diags)) {
        fz_assert(diags.n == 0 && r.note.text.n <= size && r.note.text.p + r.note.text.n == source.text.p + size);
        fz_witness_request_emit(&r, &again);
        fz_assert(r.note.text.n == size || fz_str_eq(fz_buf_str(&again), source.text));
    } else {
        fz_assert(diags.n == 1);
    }
    fz_buf_release(&again);
    fz_arena_release(&arena);
    return 0;
}
