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

static fz_str line_at(fz_str text, size_t at)
{
    const char *end = at < text.n ? memchr(text.p + at, '\n', text.n - at) : NULL;

    if (at >= text.n) /* behind the last line */
        return (fz_str){0};
    return (fz_str){text.p + at, end ? (size_t)(end - text.p) - at : text.n - at};
}

static bool read_old(fz_str line, uint64_t *out)
{
    fz_str number = {line.p + sizeof(OLD) - 1, line.n - (sizeof(OLD) - 1)};
    int64_t v;

    if (number.n == 0 || !fz_is_digit(number.p[0]) || (number.n > 1 && number.p[0] == '0') || !fz_str_int(number, &v) || v > (int64_t)FZ_TREE_SIZE_MAX)
        return false;
    *out = (uint64_t)v;
    return true;
}

static bool read_hash(fz_str line, fz_hash *out)
{
    struct fz_buf bytes = {0};
    bool ok = fz_base64_read(&bytes, line) && bytes.n == FZ_HASH_BYTES;

    if (ok)
        memcpy(out->bytes, bytes.p, FZ_HASH_BYTES);
    fz_buf_release(&bytes);
    return ok;
}

bool fz_witness_request_parse(struct fz_arena *arena, const struct fz_source *source, struct fz_witness_request *out, struct fz_diags *diags)
{
    struct fz_scan s = fz_scan_begin(arena, source, FZ_NOTE_BYTES_MAX, false, diags);
    struct fz_witness_request r = {.note = *source};
    fz_str text = source->text, line = line_at(text, 0);
    size_t at = 0;

    if (s.failed)
        return false;
    if (!fz_str_starts(text, OLD)) {
        *out = r;
        return true;
    }
    if (!read_old(line, &r.old))
        return fz_scan_fail(&s, FZ_D_checkpoint_size, 0, line.n, line, (fz_str){0});
    for (at = line.n + 1; (line = line_at(text, at)).n; at += line.n + 1) {
        if (r.proof.n == FZ_TREE_PATH_MAX)
            return fz_scan_fail(&s, FZ_D_receipt_path, at, line.n, fz_str_printf(arena, "%d", FZ_TREE_PATH_MAX), (fz_str){0});
        if (!read_hash(line, &r.proof.at[r.proof.n++]))
            return fz_scan_fail(&s, FZ_D_ledger_hash, at, line.n, (fz_str){0}, (fz_str){0});
    }
    if (at + 1 >= text.n)
        return fz_scan_fail(&s, FZ_D_checkpoint_lines, text.n, 1, (fz_str){0}, (fz_str){0});
    r.note.text = (fz_str){text.p + at + 1, text.n - at - 1};
    *out = r;
    return true;
}
