#include "ledger/note.h"

#include <inttypes.h>
#include <stdio.h>

#include "ledger/base64_int.h"
#include "ledger/scan_int.h"

#define DASH "\xE2\x80\x94 " /* U+2014 and a blank */
#define ID_BYTES 4
#define TIME_BYTES 8
#define HASH_LINE "hash "

/* ---- writing ---- */

void fz_checkpoint_emit(const struct fz_checkpoint *c, struct fz_buf *out)
{
    fz_assert(fz_key_name_valid(c->origin) && c->size <= FZ_TREE_SIZE_MAX);
    fz_buf_printf(out, "%.*s\n%" PRIu64 "\n", FZ_STR_ARG(c->origin), c->size);
    fz_base64_emit(out, c->root.bytes, FZ_HASH_BYTES);
    fz_buf_addc(out, '\n');
    if (c->hash != FZ_SHA256)
        fz_buf_printf(out, HASH_LINE "%s\n", fz_hash_kind_id(c->hash));
}

static void put_number(struct fz_buf *out, uint64_t v, size_t bytes)
{
    while (bytes-- > 0)
        fz_buf_addc(out, (char)(v >> 8 * bytes));
}

/* What a key of that role puts its signature to (tlog-cosignature for witnesses). */
static void message_of(fz_role role, fz_str text, uint64_t time_s, struct fz_buf *out)
{
    if (role == FZ_ROLE_WITNESS)
        fz_buf_printf(out, "cosignature/v1\ntime %" PRIu64 "\n", time_s);
    fz_buf_add(out, text);
}

fz_status fz_note_sign(const struct fz_signer *signer, fz_str text, int64_t time_s, fz_random random,
                       struct fz_buf *out, struct fz_error *err)
{
    const struct fz_verifier *v = fz_signer_verifier(signer);
    fz_role role = fz_verifier_role(v);
    uint8_t signature[FZ_SIGNATURE_BYTES];
    struct fz_buf message = {0}, bytes = {0};
    fz_status s;

    fz_assert(text.n && text.p[text.n - 1] == '\n' && time_s >= 0);
    message_of(role, text, (uint64_t)time_s, &message);
    s = fz_signer_sign(signer, fz_buf_str(&message), random, signature, err);
    if (s == FZ_OK) {
        put_number(&bytes, fz_verifier_id(v), ID_BYTES);
        if (role == FZ_ROLE_WITNESS)
            put_number(&bytes, (uint64_t)time_s, TIME_BYTES);
        fz_buf_add(&bytes, (fz_str){(const char *)signature, sizeof(signature)});
        fz_buf_printf(out, DASH "%.*s ", FZ_STR_ARG(fz_verifier_name(v)));
        fz_base64_emit(out, bytes.p, bytes.n);
        fz_buf_addc(out, '\n');
    }
    fz_buf_release(&message);
    fz_buf_release(&bytes);
    return s;
}

/* ---- the parts of a note ---- */

static bool fail(struct fz_scan *s, fz_diag_id id, size_t at, size_t n)
{
    return fz_scan_fail(s, id, at, n, (fz_str){0}, (fz_str){0});
}

/* Offset of the blank line that parts text and signatures, the last one; 0 when there is none. */
static size_t find_blank(fz_str text)
{
    for (size_t i = text.n; i > 1; i--)
        if (text.p[i - 1] == '\n' && text.p[i - 2] == '\n')
            return i - 1;
    return 0;
}

static bool split_signature(struct fz_arena *arena, fz_str line, struct fz_note_signature *out)
{
    size_t dash = sizeof(DASH) - 1;
    const char *blank = line.n > dash ? memchr(line.p + dash, ' ', line.n - dash) : NULL;
    struct fz_buf bytes = {0};
    const uint8_t *p;
    bool ok;

    if (!blank || memcmp(line.p, DASH, dash) != 0)
        return false;
    out->name = (fz_str){line.p + dash, (size_t)(blank - line.p) - dash};
    ok = fz_key_name_valid(out->name) &&
         fz_base64_read(&bytes, (fz_str){blank + 1, line.n - (size_t)(blank + 1 - line.p)}) && bytes.n > ID_BYTES;
    if (ok) {
        p = (const uint8_t *)bytes.p;
        out->id = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
        out->bytes = fz_str_copy(arena, (fz_str){bytes.p + ID_BYTES, bytes.n - ID_BYTES});
    }
    fz_buf_release(&bytes);
    return ok;
}

static bool check_characters(struct fz_scan *s)
{
    fz_str text = s->source->text;

    for (size_t i = 0; i < text.n; i++)
        if (((unsigned char)text.p[i] < 0x20 && text.p[i] != '\n') || text.p[i] == 0x7F)
            return fail(s, FZ_D_note_character, i, 1);
    return true;
}

bool fz_note_parse(struct fz_arena *arena, const struct fz_source *source, struct fz_note *out, struct fz_diags *diags)
{
    struct fz_scan s = fz_scan_begin(arena, source, FZ_NOTE_BYTES_MAX, false, diags);
    struct {
        struct fz_note_signature *items;
        size_t n, cap;
    } list = {0};
    fz_str text = source->text;
    size_t blank = find_blank(text);

    if (s.failed || !check_characters(&s))
        return false;
    if (blank == 0 || text.p[text.n - 1] != '\n' || blank + 1 == text.n)
        return fail(&s, FZ_D_note_signatures, text.n, 1);
    for (size_t at = blank + 1, n; at < text.n; at += n + 1) {
        struct fz_note_signature sig = {.at = at, .n = n = fz_line_at(text, at).n};

        if (list.n == FZ_NOTE_SIGNATURES_MAX)
            return fz_scan_fail(&s, FZ_D_ledger_many, at, n, fz_str_printf(arena, "%d", FZ_NOTE_SIGNATURES_MAX),
                                (fz_str){0});
        if (!split_signature(arena, (fz_str){text.p + at, n}, &sig))
            return fail(&s, FZ_D_note_signature, at, n);
        FZ_PUSH(arena, &list, items, n, cap) = sig;
    }
    *out = (struct fz_note){source, {text.p, blank}, list.items, list.n};
    return true;
}

/* ---- what a checkpoint says ---- */

/* Further lines: that of the hash is ours; the others are opaque. */
static bool parse_extensions(struct fz_scan *s, fz_str text, size_t at, struct fz_checkpoint *c)
{
    bool said = false;
    fz_str line;

    for (; at < text.n; at += line.n + 1) {
        line = fz_line_at(text, at);
        if (line.n == 0)
            return fail(s, FZ_D_checkpoint_lines, at, 1);
        if (!fz_str_starts(line, HASH_LINE))
            continue;
        if (said ||
            !fz_hash_kind_of((fz_str){line.p + sizeof(HASH_LINE) - 1, line.n - (sizeof(HASH_LINE) - 1)}, &c->hash))
            return fail(s, FZ_D_checkpoint_hash, at, line.n);
        said = true;
    }
    return true;
}

bool fz_checkpoint_parse(struct fz_arena *arena, const struct fz_note *note, struct fz_checkpoint *out,
                         struct fz_diags *diags)
{
    struct fz_scan s = {.arena = arena, .source = note->source, .diags = diags};
    struct fz_checkpoint c = {.hash = FZ_SHA256};
    fz_str text = note->text, lines[3];
    size_t at = 0;

    for (size_t i = 0; i < FZ_COUNT(lines); i++) {
        lines[i] = fz_line_at(text, at);
        if (lines[i].n == 0)
            return fail(&s, FZ_D_checkpoint_lines, at, 1);
        at += lines[i].n + (at + lines[i].n < text.n);
    }
    c.origin = lines[0];
    if (!fz_tree_size_read(lines[1], &c.size))
        return fz_scan_fail(&s, FZ_D_checkpoint_size, (size_t)(lines[1].p - text.p), lines[1].n, lines[1], (fz_str){0});
    if (!fz_base64_hash(lines[2], &c.root))
        return fail(&s, FZ_D_ledger_hash, (size_t)(lines[2].p - text.p), lines[2].n);
    if (!parse_extensions(&s, text, at, &c))
        return false;
    *out = c;
    return true;
}

/* ---- signatures ---- */

static bool fits(const struct fz_verifier *v, fz_str text, fz_str bytes)
{
    bool witness = fz_verifier_role(v) == FZ_ROLE_WITNESS;
    size_t before = witness ? TIME_BYTES : 0;
    struct fz_buf message = {0};
    uint64_t time_s = 0;
    bool ok;

    if (bytes.n != before + FZ_SIGNATURE_BYTES)
        return false;
    for (size_t i = 0; i < before; i++)
        time_s = time_s << 8 | (uint8_t)bytes.p[i];
    if (time_s > INT64_MAX)
        return false;
    message_of(fz_verifier_role(v), text, time_s, &message);
    ok = fz_verifier_check(v, fz_buf_str(&message), (const uint8_t *)bytes.p + before);
    fz_buf_release(&message);
    return ok;
}

static bool is_by(const struct fz_note_signature *sig, const struct fz_verifier *v)
{
    return sig->id == fz_verifier_id(v) && fz_str_eq(sig->name, fz_verifier_name(v));
}

bool fz_note_signed_by(const struct fz_note *note, const struct fz_verifier *v)
{
    bool any = false;

    for (size_t i = 0; i < note->signatures_n; i++) {
        if (!is_by(&note->signatures[i], v))
            continue;
        if (!fits(v, note->text, note->signatures[i].bytes))
            return false;
        any = true;
    }
    return any;
}

/* Whether that key has signed; every signature that bears its name and id has to fit. */
static bool has_signed(struct fz_scan *s, const struct fz_note *note, const struct fz_verifier *v, bool *out)
{
    *out = false;
    for (size_t i = 0; i < note->signatures_n; i++) {
        const struct fz_note_signature *sig = &note->signatures[i];

        if (!is_by(sig, v))
            continue;
        if (!fits(v, note->text, sig->bytes))
            return fz_scan_fail(s, FZ_D_note_bad_signature, sig->at, sig->n, sig->name, (fz_str){0});
        *out = true;
    }
    return true;
}

static bool among(const struct fz_verifier *v, const struct fz_verifier *const *others, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fz_verifier_same_key(v, others[i]))
            return true;
    return false;
}

static bool verify_logs(struct fz_scan *s, const struct fz_note *note, fz_str origin, const struct fz_trust *trust)
{
    bool any = false;

    for (size_t i = 0; i < trust->logs_n; i++) {
        const struct fz_verifier *v = trust->logs[i];
        bool signed_by;

        if (fz_verifier_role(v) != FZ_ROLE_LOG || !fz_str_eq(fz_verifier_name(v), origin))
            continue;
        if (!has_signed(s, note, v, &signed_by))
            return false;
        any |= signed_by;
    }
    return any || fz_scan_fail(s, FZ_D_note_untrusted, 0, origin.n, origin, (fz_str){0});
}

static bool verify_witnesses(struct fz_scan *s, const struct fz_note *note, const struct fz_trust *trust, size_t *out_n)
{
    const struct fz_verifier *counted[FZ_NOTE_SIGNATURES_MAX];
    size_t n = 0;

    for (size_t i = 0; i < trust->witnesses_n; i++) {
        const struct fz_verifier *v = trust->witnesses[i];
        bool signed_by;

        if (fz_verifier_role(v) != FZ_ROLE_WITNESS)
            continue;
        if (!has_signed(s, note, v, &signed_by))
            return false;
        if (signed_by && n < FZ_COUNT(counted) && !among(v, counted, n) && !among(v, trust->logs, trust->logs_n))
            counted[n++] = v;
    }
    *out_n = n;
    return n >= trust->witnesses_min || fz_scan_fail(s, FZ_D_note_witnesses, 0, 1, fz_str_printf(s->arena, "%zu", n),
                                                     fz_str_printf(s->arena, "%zu", trust->witnesses_min));
}

bool fz_checkpoint_verify(struct fz_arena *arena, const struct fz_note *note, const struct fz_checkpoint *c,
                          const struct fz_trust *trust, size_t *out_witnesses, struct fz_diags *diags)
{
    struct fz_scan s = {.arena = arena, .source = note->source, .diags = diags};

    return verify_logs(&s, note, c->origin, trust) && verify_witnesses(&s, note, trust, out_witnesses);
}

bool fz_checkpoint_open(struct fz_arena *arena, const struct fz_source *source, const struct fz_trust *trust,
                        struct fz_checkpoint *out, struct fz_diags *diags)
{
    struct fz_checkpoint c;
    struct fz_note note;
    size_t witnesses;

    if (!fz_note_parse(arena, source, &note, diags) || !fz_checkpoint_parse(arena, &note, &c, diags) ||
        !fz_checkpoint_verify(arena, &note, &c, trust, &witnesses, diags))
        return false;
    *out = c;
    return true;
}

/* ---- one after another ---- */

static bool refuse(struct fz_diags *diags, fz_diag_id id, const struct fz_source *source, fz_str a0, fz_str a1)
{
    fz_diag_add(diags, id, source ? fz_scan_span(source, 0, 1) : (fz_span){0}, a0, a1, (fz_str){0});
    return false;
}

bool fz_checkpoint_follows(struct fz_crypto *crypto, const struct fz_checkpoint *earlier,
                           const struct fz_checkpoint *later, const struct fz_path *proof,
                           const struct fz_source *source, struct fz_diags *diags)
{
    fz_hasher h = {crypto, later->hash};
    char sizes[2][24];
    fz_str now, before;

    snprintf(sizes[0], sizeof(sizes[0]), "%" PRIu64, later->size);
    snprintf(sizes[1], sizeof(sizes[1]), "%" PRIu64, earlier->size);
    now = fz_str_of(sizes[0]);
    before = fz_str_of(sizes[1]);
    if (!fz_str_eq(earlier->origin, later->origin) || earlier->hash != later->hash)
        return refuse(diags, FZ_D_checkpoint_other_log, source, later->origin, earlier->origin);
    if (later->size < earlier->size)
        return refuse(diags, FZ_D_checkpoint_goes_back, source, now, before);
    return fz_tree_consistent(h, earlier->size, later->size, proof, &earlier->root, &later->root) ||
           refuse(diags, FZ_D_checkpoint_contradicts, source, now, before);
}
