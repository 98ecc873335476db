#include "ledger/receipt.h"

#include <inttypes.h>

#include "ledger/base64_int.h"
#include "ledger/scan_int.h"

#define COMPACT_MARK "FZ1:"

/* A part of a receipt as a source of its own: "FILE#PART". */
static struct fz_source part(struct fz_arena *arena, const struct fz_source *whole, const char *name, fz_str text)
{
    return (struct fz_source){fz_str_printf(arena, "%s#%s", whole->name, name).p, text};
}

/* ---- JSON ---- */

static void emit_path(struct fz_buf *out, const char *key, const struct fz_path *p)
{
    fz_buf_printf(out, ",\"%s\":[", key);
    for (size_t i = 0; i < p->n; i++) {
        fz_buf_addz(out, i ? ",\"" : "\"");
        fz_base64_emit(out, p->at[i].bytes, FZ_HASH_BYTES);
        fz_buf_addc(out, '"');
    }
    fz_buf_addc(out, ']');
}

void fz_receipt_emit(const struct fz_receipt *r, struct fz_buf *out)
{
    fz_buf_addz(out, "{\"fazhi_receipt\":1,\"entry\":");
    fz_emit_text(out, r->entry.text);
    emit_path(out, "inclusion", &r->inclusion);
    fz_buf_addz(out, ",\"checkpoint\":");
    fz_emit_text(out, r->checkpoint.text);
    if (r->later.text.n) {
        emit_path(out, "consistency", &r->consistency);
        fz_buf_addz(out, ",\"later\":");
        fz_emit_text(out, r->later.text);
    }
    fz_buf_addc(out, '}');
}

static bool scan_hash(struct fz_scan *s, fz_hash *out)
{
    size_t at = fz_scan_here(s);
    fz_str text;

    if (!fz_scan_text(s, &text))
        return false;
    return fz_base64_hash(text, out) || fz_scan_fail(s, FZ_D_ledger_hash, at, s->at - at, (fz_str){0}, (fz_str){0});
}

static bool scan_path(struct fz_scan *s, const char *key, struct fz_path *out)
{
    out->n = 0;
    if (!fz_scan_key(s, key, false) || !fz_scan_mark(s, '['))
        return false;
    while (!fz_scan_is(s, ']')) {
        if (out->n && !fz_scan_mark(s, ','))
            return false;
        if (out->n == FZ_TREE_PATH_MAX)
            return fz_scan_fail(s, FZ_D_receipt_path, fz_scan_here(s), 1,
                                fz_str_printf(s->arena, "%d", FZ_TREE_PATH_MAX), (fz_str){0});
        if (!scan_hash(s, &out->at[out->n++]))
            return false;
    }
    return fz_scan_mark(s, ']');
}

static bool scan_part(struct fz_scan *s, const char *key, struct fz_source *out)
{
    fz_str text;

    if (!fz_scan_key(s, key, false) || !fz_scan_text(s, &text))
        return false;
    *out = part(s->arena, s->source, key, text);
    return true;
}

bool fz_receipt_parse(struct fz_arena *arena, const struct fz_source *source, struct fz_receipt *out,
                      struct fz_diags *diags)
{
    struct fz_scan s = fz_scan_begin(arena, source, FZ_RECEIPT_BYTES_MAX, true, diags);
    struct fz_receipt r = {0};
    int64_t version;

    if (s.failed || !fz_scan_mark(&s, '{') || !fz_scan_key(&s, "fazhi_receipt", true) ||
        !fz_scan_int(&s, 1, 1, &version) || !scan_part(&s, "entry", &r.entry) ||
        !scan_path(&s, "inclusion", &r.inclusion) || !scan_part(&s, "checkpoint", &r.checkpoint))
        return false;
    if (!fz_scan_is(&s, '}') && (!scan_path(&s, "consistency", &r.consistency) || !scan_part(&s, "later", &r.later)))
        return false;
    if (r.later.name && r.later.text.n == 0) /* or a renewal to nothing would pass for none */
        return fz_scan_fail(&s, FZ_D_note_signatures, s.at, 1, (fz_str){0}, (fz_str){0});
    if (!fz_scan_mark(&s, '}') || !fz_scan_end(&s))
        return false;
    *out = r;
    return true;
}

/* ---- what it shows ---- */

static bool parse_head(struct fz_arena *arena, const struct fz_source *source, struct fz_note *note,
                       struct fz_checkpoint *c, struct fz_diags *diags)
{
    return fz_note_parse(arena, source, note, diags) && fz_checkpoint_parse(arena, note, c, diags);
}

static bool verify_inclusion(struct fz_arena *arena, struct fz_crypto *crypto, const struct fz_receipt *r,
                             const struct fz_entry *e, const struct fz_checkpoint *head, struct fz_diags *diags)
{
    fz_hasher h = {crypto, head->hash};
    fz_hash leaf = fz_hash_leaf(h, r->entry.text);

    if (fz_tree_included(h, &leaf, (uint64_t)e->seq - 1, head->size, &r->inclusion, &head->root))
        return true;
    fz_diag_add(diags, FZ_D_receipt_not_included, fz_scan_span(&r->entry, 0, 1),
                fz_str_printf(arena, "%" PRId64, e->seq), fz_str_printf(arena, "%" PRIu64, head->size), (fz_str){0});
    return false;
}

bool fz_receipt_verify(struct fz_arena *arena, struct fz_crypto *crypto, const struct fz_receipt *r,
                       const struct fz_trust *trust, struct fz_receipt_facts *out, struct fz_diags *diags)
{
    struct fz_receipt_facts facts = {0};
    struct fz_checkpoint first;
    struct fz_note note;

    if (!fz_entry_decode(arena, &r->entry, &facts.entry, diags) ||
        !parse_head(arena, &r->checkpoint, &note, &first, diags))
        return false;
    facts.head = first;
    if (r->later.text.n && (!parse_head(arena, &r->later, &note, &facts.head, diags) ||
                            !fz_checkpoint_follows(crypto, &first, &facts.head, &r->consistency, &r->later, diags)))
        return false;
    if (!fz_checkpoint_verify(arena, &note, &facts.head, trust, &facts.witnesses, diags) ||
        !verify_inclusion(arena, crypto, r, &facts.entry, &first, diags))
        return false;
    *out = facts;
    return true;
}

bool fz_receipt_renew(struct fz_arena *arena, struct fz_crypto *crypto, const struct fz_receipt *r,
                      const struct fz_source *later, const struct fz_path *proof, const struct fz_trust *trust,
                      struct fz_receipt *out, struct fz_diags *diags)
{
    struct fz_receipt *renewed = FZ_NEW(arena, struct fz_receipt); /* problems point into it */
    struct fz_receipt_facts facts;

    *renewed = *r;
    renewed->later = *later;
    renewed->consistency = *proof;
    if (!fz_receipt_verify(arena, crypto, renewed, trust, &facts, diags))
        return false;
    *out = *renewed;
    return true;
}

/* ---- compact: the bytes ---- */

static void put_text(struct fz_buf *out, fz_str text)
{
    fz_assert(text.n <= UINT16_MAX);
    fz_buf_addc(out, (char)(text.n >> 8));
    fz_buf_addc(out, (char)text.n);
    fz_buf_add(out, text);
}

static void put_path(struct fz_buf *out, const struct fz_path *p)
{
    fz_buf_addc(out, (char)p->n);
    fz_buf_add(out, (fz_str){(const char *)p->at, p->n * sizeof(*p->at)});
}

static bool take(fz_str *from, size_t n, fz_str *out)
{
    if (from->n < n)
        return false;
    *out = (fz_str){from->p, n};
    *from = (fz_str){from->p + n, from->n - n};
    return true;
}

static bool take_text(fz_str *from, fz_str *out)
{
    fz_str length;

    return take(from, 2, &length) && take(from, (size_t)(uint8_t)length.p[0] << 8 | (uint8_t)length.p[1], out) &&
           out->n > 0;
}

static bool take_path(fz_str *from, struct fz_path *out)
{
    fz_str count, bytes;

    if (!take(from, 1, &count) || (uint8_t)count.p[0] > FZ_TREE_PATH_MAX ||
        !take(from, (uint8_t)count.p[0] * sizeof(*out->at), &bytes))
        return false;
    out->n = (uint8_t)count.p[0];
    if (bytes.n)
        memcpy(out->at, bytes.p, bytes.n);
    return true;
}

/* ---- compact: Base45 ---- */

static const char base45[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

static void emit_base45(struct fz_buf *out, fz_str bytes)
{
    for (size_t i = 0; i < bytes.n; i += 2) {
        bool pair = i + 1 < bytes.n;
        unsigned v = pair ? (unsigned)(uint8_t)bytes.p[i] << 8 | (uint8_t)bytes.p[i + 1] : (uint8_t)bytes.p[i];

        for (int digits = pair ? 3 : 2; digits > 0; digits--, v /= 45)
            fz_buf_addc(out, base45[v % 45]);
    }
}

/* Reads up to the end or the first character that does not fit, which is how many characters were read. */
static size_t read_base45(struct fz_buf *out, fz_str text)
{
    size_t i = 0;

    while (i < text.n) {
        size_t n = text.n - i < 3 ? text.n - i : 3;
        unsigned v = 0, scale = 1;

        for (size_t k = 0; k < n; k++, scale *= 45) {
            const char *at = text.p[i + k] ? strchr(base45, text.p[i + k]) : NULL;

            if (!at)
                return i + k;
            v += (unsigned)(at - base45) * scale;
        }
        if (n == 1 || v > (n == 3 ? 0xFFFFu : 0xFFu))
            return i;
        if (n == 3)
            fz_buf_addc(out, (char)(v >> 8));
        fz_buf_addc(out, (char)v);
        i += n;
    }
    return i;
}

/* Before anything is written, so that lengths fit in their two bytes. */
static size_t compact_chars(const struct fz_receipt *r)
{
    size_t bytes = 2 + r->entry.text.n + 1 + r->inclusion.n * FZ_HASH_BYTES + 2 + r->checkpoint.text.n;

    if (r->later.text.n)
        bytes += 1 + r->consistency.n * FZ_HASH_BYTES + 2 + r->later.text.n;
    return sizeof(COMPACT_MARK) - 1 + bytes / 2 * 3 + bytes % 2 * 2;
}

fz_status fz_receipt_compact(const struct fz_receipt *r, struct fz_buf *out, struct fz_error *err)
{
    size_t chars = compact_chars(r), was = out->n;
    struct fz_buf bytes = {0};

    if (chars > FZ_QR_CHARS_MAX)
        return fz_fail(err, FZ_E_TOO_LARGE, "the receipt takes %zu characters, and a QR code has %d", chars,
                       FZ_QR_CHARS_MAX);
    put_text(&bytes, r->entry.text);
    put_path(&bytes, &r->inclusion);
    put_text(&bytes, r->checkpoint.text);
    if (r->later.text.n) {
        put_path(&bytes, &r->consistency);
        put_text(&bytes, r->later.text);
    }
    fz_buf_addz(out, COMPACT_MARK);
    emit_base45(out, fz_buf_str(&bytes));
    fz_assert(out->n - was == chars);
    fz_buf_release(&bytes);
    return FZ_OK;
}

static bool take_receipt(struct fz_arena *arena, const struct fz_source *source, fz_str bytes, struct fz_receipt *r)
{
    fz_str entry, checkpoint, later = {0};

    if (!take_text(&bytes, &entry) || !take_path(&bytes, &r->inclusion) || !take_text(&bytes, &checkpoint))
        return false;
    if (bytes.n && (!take_path(&bytes, &r->consistency) || !take_text(&bytes, &later) || bytes.n))
        return false;
    r->entry = part(arena, source, "entry", fz_str_copy(arena, entry));
    r->checkpoint = part(arena, source, "checkpoint", fz_str_copy(arena, checkpoint));
    if (later.n)
        r->later = part(arena, source, "later", fz_str_copy(arena, later));
    return true;
}

bool fz_receipt_parse_compact(struct fz_arena *arena, const struct fz_source *source, struct fz_receipt *out,
                              struct fz_diags *diags)
{
    struct fz_scan s = fz_scan_begin(arena, source, FZ_QR_CHARS_MAX, false, diags);
    size_t mark = sizeof(COMPACT_MARK) - 1, read;
    fz_str text = source->text;
    struct fz_receipt r = {0};
    struct fz_buf bytes = {0};
    bool ok;

    if (s.failed)
        return false;
    if (!fz_str_starts(text, COMPACT_MARK))
        return fz_scan_fail(&s, FZ_D_receipt_compact, 0, 1, (fz_str){0}, (fz_str){0});
    read = mark + read_base45(&bytes, (fz_str){text.p + mark, text.n - mark});
    ok = read == text.n && take_receipt(arena, source, fz_buf_str(&bytes), &r);
    fz_buf_release(&bytes);
    if (ok)
        *out = r;
    return ok || fz_scan_fail(&s, FZ_D_receipt_compact, read, 1, (fz_str){0}, (fz_str){0});
}
