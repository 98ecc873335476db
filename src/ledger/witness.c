#include "ledger/witness.h"

#include <inttypes.h>

#include "ledger/base64_int.h"
#include "ledger/scan_int.h"

#define OLD "old "

void fz_witness_request_emit(const struct fz_witness_request *r, struct fz_buf *out)
{
    fz_buf_printf(out, OLD "%" PRIu64 "\n", r->old);
    for (size_t i = 0; i < r->proof.n; i++) {
        fz_base64_emit(out, r->proof.at[i].bytes, FZ_HASH_BYTES);
        fz_buf_addc(out, '\n');
    }
    fz_buf_addc(out, '\n');
    fz_buf_add(out, r->note.text);
}

bool fz_witness_request_parse(struct fz_arena *arena, const struct fz_source *source, struct fz_witness_request *out,
                              struct fz_diags *diags)
{
    struct fz_scan s = fz_scan_begin(arena, source, FZ_NOTE_BYTES_MAX, false, diags);
    struct fz_witness_request r = {.note = *source};
    fz_str text = source->text, line = fz_line_at(text, 0);
    size_t at = 0;

    if (s.failed)
        return false;
    if (!fz_str_starts(text, OLD)) {
        *out = r;
        return true;
    }
    if (!fz_tree_size_read((fz_str){line.p + sizeof(OLD) - 1, line.n - (sizeof(OLD) - 1)}, &r.old))
        return fz_scan_fail(&s, FZ_D_checkpoint_size, 0, line.n, line, (fz_str){0});
    for (at = line.n + 1; (line = fz_line_at(text, at)).n; at += line.n + 1) {
        if (r.proof.n == FZ_TREE_PATH_MAX)
            return fz_scan_fail(&s, FZ_D_receipt_path, at, line.n, fz_str_printf(arena, "%d", FZ_TREE_PATH_MAX),
                                (fz_str){0});
        if (!fz_base64_hash(line, &r.proof.at[r.proof.n++]))
            return fz_scan_fail(&s, FZ_D_ledger_hash, at, line.n, (fz_str){0}, (fz_str){0});
    }
    if (at + 1 >= text.n)
        return fz_scan_fail(&s, FZ_D_checkpoint_lines, text.n, 1, (fz_str){0}, (fz_str){0});
    r.note.text = (fz_str){text.p + at + 1, text.n - at - 1};
    *out = r;
    return true;
}
