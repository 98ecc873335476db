/*
 * Any bytes as a receipt, in JSON or compact: one problem, or parts that written again are read the same. With nobody to trust
 * none holds.
 */
#include "ledger/receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same_path(const struct fz_path *a, const struct fz_path *b)
{
    return a->n == b->n && memcmp(a->at, b->at, a->n * sizeof(*a->at)) == 0;
}

static void check_same(const struct fz_receipt *a, const struct fz_receipt *b)
{
    fz_assert(fz_str_eq(a->entry.text, b->entry.text) && fz_str_eq(a->checkpoint.text, b->checkpoint.text));
    fz_assert(fz_str_eq(a->later.text, b->later.text) && same_path(&a->inclusion, &b->inclusion));
    fz_assert(a->later.text.n == 0 || same_path(&a->consistency, &b->consistency));
}

static void check_json(struct fz_arena *arena, const struct fz_receipt *r, struct fz_diags *diags)
{
    struct fz_buf text = {0};
    struct fz_source source;
    struct fz_receipt back;

    fz_receipt_emit(r, &text);
    source = (struct fz_source){"again", fz_buf_str(&text)};
    if (text.n <= FZ_RECEIPT_BYTES_MAX && fz_utf8_valid(source.text) && !memchr(text.p, '\0', text.n) &&
        !strstr(text.p, "\\u0000")) { /* a compact receipt may hold any bytes until its parts are looked at */
        fz_assert(fz_receipt_parse(arena, &source, &back, diags));
        check_same(r, &back);
    }
    fz_buf_release(&text);
}

static void check_compact(struct fz_arena *arena, const struct fz_receipt *r, struct fz_diags *diags)
{
    struct fz_buf text = {0};
    struct fz_source source;
    struct fz_receipt back;
    struct fz_error err;

    if (r->entry.text.n && r->checkpoint.text.n && fz_receipt_compact(r, &text, &err) == FZ_OK) {
        source = (struct fz_source){"again", fz_buf_str(&text)};
        fz_assert(fz_receipt_parse_compact(arena, &source, &back, diags));
        check_same(r, &back);
    }
    fz_buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fz_crypto *crypto;
    struct fz_source source = {"fuzz", {(const char *)data, size}};
    struct fz_receipt_facts facts;
    struct fz_arena arena;
    struct fz_diags diags;
    struct fz_buf text = {0};
    struct fz_receipt r;
    struct fz_error err;

    fz_assert(crypto || fz_crypto_new(&crypto, &err) == FZ_OK);
    fz_arena_init(&arena);
    fz_diags_init(&diags, &arena);
    if ((fz_str_starts(source.text, "FZ1:") ? fz_receipt_parse_compact : fz_receipt_parse)(&arena, &source, &r,
                                                                                           &diags)) {
        check_json(&arena, &r, &diags);
        check_compact(&arena, &r, &diags);
        fz_assert(diags.n == 0);
        fz_assert(!fz_receipt_verify(&arena, crypto, &r, &(struct fz_trust){0}, &facts, &diags));
    }
    fz_assert(diags.n == 1);
    fz_diags_print(&diags, FZ_ZH, &text);
    fz_buf_release(&text);
    fz_arena_release(&arena);
    return 0;
}
