/*
 * Any bytes as a checkpoint: exactly one problem, or parts that lie within the bytes and, written again, begin with the same three
 * lines. With nobody to trust none is ever believed.
 */
#include "ledger/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const struct fz_checkpoint *c, fz_str text)
{
    struct fz_buf again = {0};
    size_t same = 0;

    if (!fz_key_name_valid(c->origin))
        return;
    fz_checkpoint_emit(c, &again);
    for (size_t lines = 0; lines < 3; same++)
        lines += again.p[same] == '\n';
    fz_assert(text.n >= same && memcmp(text.p, again.p, same) == 0);
    fz_buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fz_source source = {"fuzz", {(const char *)data, size}};
    struct fz_arena arena;
    struct fz_diags diags;
    struct fz_buf text = {0};
    struct fz_checkpoint c;
    struct fz_note note;

    fz_arena_init(&arena);
    fz_diags_init(&diags, &arena);
    if (fz_note_parse(&arena, &source, &note, &diags)) {
        fz_assert(note.text.p == source.text.p && note.text.n < size && note.signatures_n > 0);
        for (size_t i = 0; i < note.signatures_n; i++)
            fz_assert(fz_key_name_valid(note.signatures[i].name) && note.signatures[i].bytes.n > 0);
        if (fz_checkpoint_parse(&arena, &note, &c, &diags)) {
            fz_assert(diags.n == 0);
            check_text(&c, note.text);
        }
    }
    fz_assert(diags.n <= 1);
    fz_diags_init(&diags, &arena);
    fz_assert(!fz_checkpoint_open(&arena, &source, &(struct fz_trust){0}, &c, &diags) && diags.n == 1);
    fz_diags_print(&diags, FZ_ZH, &text);
    fz_buf_release(&text);
    fz_arena_release(&arena);
    return 0;
}
