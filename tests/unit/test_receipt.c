#include "../support/support.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "../support/ledger.h"
#include "../support/merkle.h"
#include "ledger/receipt.h"

#define ORIGIN "fazhi.example/330106"
#define ENTRIES 700

static struct fz_arena arena;
static struct fz_crypto *crypto;
static struct fz_signer *old_key, *new_key, *witness, *forger;
static struct fz_error err;
static uint64_t counter;
static fz_hasher h;
static fz_str entries[ENTRIES];
static fz_hash leaves[ENTRIES];
static fz_hash stored[FZ_TREE_STORED_MAX][ENTRIES];

static fz_status read_nodes(void *arg, unsigned level, uint64_t index, size_t n, fz_hash *out, struct fz_error *why)
{
    (void)arg, (void)why;
    memcpy(out, &stored[level][index], n * sizeof(*out));
    return FZ_OK;
}

static const fz_tree_reader reader = {read_nodes, NULL};

static fz_str entry_text(int64_t seq, const char *action)
{
    const char *pack = "reconsideration";
    fz_entry_hash applicant = {FZ_STR("applicants"), leaves[0]};
    struct fz_entry e = {.seq = seq,
                         .at_ms = 1767225600000 + seq,
                         .on = fz_day_of(2026, 1, 1),
                         .minute = FZ_MINUTE_NONE,
                         .jurisdiction = FZ_STR("330106"),
                         .record = FZ_STR("杭西府复〔2026〕1号"),
                         .type = FZ_STR("reconsideration_case"),
                         .action = fz_str_of(action),
                         .actor = FZ_STR("o-17"),
                         .organ = FZ_STR("330106-sfj"),
                         .pack = fz_str_of(pack),
                         .pack_version = FZ_STR("2024-01-01"),
                         .commitments = &applicant,
                         .commitments_n = 1};
    struct fz_diags diags;
    fz_str text;

    fz_diags_init(&diags, &arena);
    text = fz_entry_encode(&arena, &e, &diags);
    assert_true(text.n > 0);
    return text;
}

static struct fz_source head(uint64_t size, fz_hash root, const struct fz_signer *a, const struct fz_signer *b)
{
    struct fz_checkpoint c = {FZ_STR(ORIGIN), size, root, FZ_SM3};
    struct fz_buf text = {0}, note = {0};
    struct fz_source out = {"head", {0}};

    fz_checkpoint_emit(&c, &text);
    fz_buf_add(&note, fz_buf_str(&text));
    fz_buf_addc(&note, '\n');
    assert_int_equal(fz_note_sign(a, fz_buf_str(&text), 0, (fz_random){counted_bytes, &counter}, &note, &err), FZ_OK);
    if (b)
        assert_int_equal(fz_note_sign(b, fz_buf_str(&text), 9, (fz_random){counted_bytes, &counter}, &note, &err),
                         FZ_OK);
    out.text = fz_str_copy(&arena, fz_buf_str(&note));
    fz_buf_release(&text);
    fz_buf_release(&note);
    return out;
}

static struct fz_receipt receipt_of(uint64_t index, uint64_t size, const struct fz_signer *key)
{
    struct fz_receipt r = {.entry = {"entry", entries[index]}};

    assert_int_equal(fz_tree_inclusion(h, reader, index, size, &r.inclusion, &err), FZ_OK);
    r.checkpoint = head(size, slow_root(h, leaves, size), key, NULL);
    return r;
}

static fz_str json_of(const struct fz_receipt *r)
{
    struct fz_buf b = {0};
    fz_str out;

    fz_receipt_emit(r, &b);
    out = fz_str_copy(&arena, fz_buf_str(&b));
    fz_buf_release(&b);
    return out;
}

/* Who trusts the old key, the new one, or the new one and a witness. */
static struct fz_trust trust_in(const struct fz_signer *key, bool witnessed)
{
    struct fz_trust t = {.logs_n = 1, .witnesses_n = witnessed, .witnesses_min = witnessed};
    const struct fz_verifier **keys = FZ_NEW_ARRAY(&arena, const struct fz_verifier *, 2);

    keys[0] = fz_signer_verifier(key);
    keys[1] = fz_signer_verifier(witness);
    t.logs = keys;
    t.witnesses = keys + 1;
    return t;
}

/* FZ_DIAG_COUNT when the receipt in that text holds. */
static fz_diag_id verdict(fz_str text, struct fz_trust trust, struct fz_receipt *out_receipt,
                          struct fz_receipt_facts *out)
{
    struct fz_source *source = FZ_NEW(&arena, struct fz_source);
    struct fz_receipt r;
    struct fz_receipt_facts facts;
    struct fz_diags diags;
    bool ok, compact = fz_str_starts(text, "FZ1:");

    *source = (struct fz_source){"receipt.json", text};
    fz_diags_init(&diags, &arena);
    ok = (compact ? fz_receipt_parse_compact : fz_receipt_parse)(&arena, source, out_receipt ? out_receipt : &r,
                                                                 &diags) &&
         fz_receipt_verify(&arena, crypto, out_receipt ? out_receipt : &r, &trust, out ? out : &facts, &diags);
    assert_int_equal(diags.n, !ok);
    return ok ? FZ_DIAG_COUNT : diags.items[0].id;
}

static void test_receipt__holds_for_every_entry(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 300; i += i < 10 ? 1 : 29) {
        struct fz_receipt r = receipt_of(i, 300, old_key), back;
        struct fz_receipt_facts facts;
        struct fz_checkpoint c;
        bool ok = true;
        fz_hash root;

        assert_int_equal(verdict(json_of(&r), trust_in(old_key, false), &back, &facts), FZ_DIAG_COUNT);
        assert_true(facts.entry.seq == (int64_t)i + 1 && fz_str_is(facts.entry.action, "receive"));
        assert_true(facts.head.size == 300 && facts.witnesses == 0);
        c = facts.head;
        root =
            slow_root_by_inclusion(h, slow_leaf(h, back.entry.text), i, 300, back.inclusion.at, back.inclusion.n, &ok);
        assert_true(ok && fz_hash_eq(&root, &c.root));
    }
}

static void test_receipt__is_json_and_may_be_reformatted(void **state)
{
    struct fz_receipt r = receipt_of(6, 300, old_key), back;
    json_error_t why;
    json_t *tree;
    char *pretty;

    (void)state;
    tree = json_loadb(json_of(&r).p, json_of(&r).n, JSON_REJECT_DUPLICATES, &why);
    assert_non_null(tree);
    assert_true(fz_str_is(r.entry.text, json_string_value(json_object_get(tree, "entry"))));
    pretty = json_dumps(tree, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    assert_non_null(strstr(pretty, "\\u676D")); /* 杭 */
    assert_int_equal(verdict(fz_str_of(pretty), trust_in(old_key, false), &back, NULL), FZ_DIAG_COUNT);
    assert_true(fz_str_eq(json_of(&back), json_of(&r)));
    free(pretty);
    json_decref(tree);
}

static void test_receipt__strict_about_its_parts(void **state)
{
    static const struct {
        const char *text;
        fz_diag_id id;
    } rows[] = {
        {"", FZ_D_ledger_expected},
        {"{}", FZ_D_ledger_expected},
        {"{\"fazhi_receipt\":2}", FZ_D_ledger_range},
        {"{\"fazhi_receipt\":1,\"inclusion\":[],\"entry\":\"\",\"checkpoint\":\"\"}", FZ_D_ledger_expected},
        {"{\"fazhi_receipt\":1,\"entry\":\"\",\"inclusion\":[\"AAAA\"],\"checkpoint\":\"\"}", FZ_D_ledger_hash},
        {"{\"fazhi_receipt\":1,\"entry\":\"\",\"inclusion\":[1],\"checkpoint\":\"\"}", FZ_D_ledger_string},
        {"{\"fazhi_receipt\":1,\"entry\":\"\\ud800\",\"inclusion\":[],\"checkpoint\":\"\"}", FZ_D_ledger_escape},
        {"{\"fazhi_receipt\":1,\"entry\":\"\\udc00\\ud800\",\"inclusion\":[],\"checkpoint\":\"\"}", FZ_D_ledger_escape},
        {"{\"fazhi_receipt\":1,\"entry\":\"\\u0000\",\"inclusion\":[],\"checkpoint\":\"\"}", FZ_D_ledger_escape},
        {"{\"fazhi_receipt\":1,\"entry\":\"\\x\",\"inclusion\":[],\"checkpoint\":\"\"}", FZ_D_ledger_escape},
        {"{\"fazhi_receipt\":1,\"entry\":\"\",\"inclusion\":[],\"checkpoint\":\"\",\"later\":\"\"}",
         FZ_D_ledger_expected},
        {"{\"fazhi_receipt\":1,\"entry\":\"\",\"inclusion\":[],\"checkpoint\":\"\",\"consistency\":[],\"later\":\"\"}",
         FZ_D_note_signatures},
        {"{\"fazhi_receipt\":1,\"entry\":\"\",\"inclusion\":[],\"checkpoint\":\"\"} {}", FZ_D_ledger_left_over},
        {"{\"fazhi_receipt\":1,\"entry\":\"{}\",\"inclusion\":[],\"checkpoint\":\"\"}\n",
         FZ_D_ledger_expected}, /* the entry is none */
        {"FZ1:", FZ_D_receipt_compact},
        {"FZ1:0", FZ_D_receipt_compact},
        {"FZ1:000000", FZ_D_receipt_compact},
        {"FZ1:::::::", FZ_D_receipt_compact},
        {"FZ1:abc", FZ_D_receipt_compact},
    };

    (void)state;
    for (size_t i = 0; i < FZ_COUNT(rows); i++) {
        fz_diag_id got = verdict(fz_str_of(rows[i].text), (struct fz_trust){0}, NULL, NULL);

        if (got != rows[i].id)
            fail_msg("row %zu: %s", i, got == FZ_DIAG_COUNT ? "holds" : fz_diag_row(got)->id);
    }
}

static void test_receipt__paths_have_a_maximum(void **state)
{
    struct fz_receipt r = receipt_of(6, 300, old_key);
    fz_str text;

    (void)state;
    r.inclusion.n = FZ_TREE_PATH_MAX;
    text = json_of(&r);
    assert_int_equal(verdict(text, trust_in(old_key, false), NULL, NULL), FZ_D_receipt_not_included);
    text = fz_str_printf(&arena, "%.*s,\"%s\"%s", (int)(strstr(text.p, "],\"checkpoint") - text.p), text.p,
                         "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", strstr(text.p, "],\"checkpoint"));
    assert_int_equal(verdict(text, trust_in(old_key, false), NULL, NULL), FZ_D_receipt_path);
}

static void test_receipt__every_changed_bit_is_noticed(void **state)
{
    struct fz_receipt r = receipt_of(6, 300, old_key);
    fz_str was = json_of(&r), text = fz_str_copy(&arena, was);
    char *p = (char *)text.p;
    size_t same = 0;

    (void)state;
    for (size_t i = 0; i < text.n; i++)
        for (int bit = 0; bit < 8; bit += 1 + (int)(i % 3)) {
            struct fz_receipt back;

            p[i] ^= (char)(1 << bit);
            if (verdict(text, trust_in(old_key, false), &back, NULL) == FZ_DIAG_COUNT) {
                assert_true(fz_str_eq(json_of(&back), was)); /* \u000a may be written \u000A */
                same++;
            }
            p[i] ^= (char)(1 << bit);
        }
    assert_true(same < 20);
    for (size_t n = 0; n < text.n; n++)
        assert_int_not_equal(verdict((fz_str){p, n}, trust_in(old_key, false), NULL, NULL), FZ_DIAG_COUNT);
}

static void test_receipt__does_not_vouch_for_itself(void **state)
{
    struct fz_receipt r = {.entry = {"entry", entry_text(1, "forged")}}, own = receipt_of(0, 300, old_key);
    struct fz_buf vkey = {0}, text = {0}, note = {0};
    fz_hash root = slow_leaf(h, r.entry.text);
    fz_str json;

    (void)state;
    /* A log of one's own, under the name of the real one. */
    r.checkpoint = head(1, root, forger, NULL);
    assert_int_equal(verdict(json_of(&r), trust_in(forger, false), NULL, NULL), FZ_DIAG_COUNT);
    assert_int_equal(verdict(json_of(&r), trust_in(old_key, false), NULL, NULL), FZ_D_note_untrusted);
    assert_int_equal(verdict(json_of(&r), (struct fz_trust){0}, NULL, NULL), FZ_D_note_untrusted);
    /* The key to it in the receipt, beside the rest or in the signed text. */
    fz_verifier_emit(fz_signer_verifier(forger), &vkey);
    json = json_of(&r);
    json = fz_str_printf(&arena, "%.*s,\"key\":\"%s\"}", (int)json.n - 1, json.p, vkey.p);
    assert_int_equal(verdict(json, trust_in(old_key, false), NULL, NULL), FZ_D_ledger_expected);
    fz_checkpoint_emit(&(struct fz_checkpoint){FZ_STR(ORIGIN), 1, root, FZ_SM3}, &text);
    fz_buf_printf(&text, "key %s\n", vkey.p);
    fz_buf_printf(&note, "%s\n", text.p);
    assert_int_equal(fz_note_sign(forger, fz_buf_str(&text), 0, (fz_random){counted_bytes, &counter}, &note, &err),
                     FZ_OK);
    r.checkpoint.text = fz_buf_str(&note);
    assert_int_equal(verdict(json_of(&r), trust_in(forger, false), NULL, NULL), FZ_DIAG_COUNT);
    assert_int_equal(verdict(json_of(&r), trust_in(old_key, false), NULL, NULL), FZ_D_note_untrusted);
    /* The real head does not cover another entry. */
    own.entry.text = r.entry.text;
    assert_int_equal(verdict(json_of(&own), trust_in(old_key, false), NULL, NULL), FZ_D_receipt_not_included);
    fz_buf_release(&vkey);
    fz_buf_release(&text);
    fz_buf_release(&note);
}

static void test_receipt__parts_of_others_do_not_fit(void **state)
{
    struct fz_receipt a = receipt_of(4, 300, old_key), b = receipt_of(5, 300, old_key), mixed = a;
    struct fz_receipt larger = receipt_of(4, 301, old_key);

    (void)state;
    mixed.inclusion = b.inclusion;
    assert_int_equal(verdict(json_of(&mixed), trust_in(old_key, false), NULL, NULL), FZ_D_receipt_not_included);
    mixed = a;
    mixed.entry.text = entry_text(5, "accept");
    assert_int_equal(verdict(json_of(&mixed), trust_in(old_key, false), NULL, NULL), FZ_D_receipt_not_included);
    mixed = a;
    mixed.checkpoint = larger.checkpoint;
    assert_int_equal(verdict(json_of(&mixed), trust_in(old_key, false), NULL, NULL), FZ_D_receipt_not_included);
    mixed = a;
    mixed.inclusion.n--;
    assert_int_equal(verdict(json_of(&mixed), trust_in(old_key, false), NULL, NULL), FZ_D_receipt_not_included);
    assert_int_equal(verdict(json_of(&a), trust_in(old_key, true), NULL, NULL), FZ_D_note_witnesses);
}

static bool renew(const struct fz_receipt *r, uint64_t from, uint64_t size, struct fz_source later,
                  struct fz_trust trust, struct fz_receipt *out, fz_diag_id *why)
{
    struct fz_diags diags;
    struct fz_path proof;
    struct fz_source *kept = FZ_NEW(&arena, struct fz_source);
    bool ok;

    *kept = later;
    fz_diags_init(&diags, &arena);
    assert_int_equal(fz_tree_consistency(h, reader, from, size, &proof, &err), FZ_OK);
    ok = fz_receipt_renew(&arena, crypto, r, kept, &proof, &trust, out, &diags);
    if (!ok) {
        struct fz_buf text = {0};

        fz_diags_print(&diags, FZ_EN, &text); /* its place lies in what was refused */
        fz_buf_release(&text);
        *why = diags.items[0].id;
    }
    return ok;
}

/* The log has a new key, and witnesses: whoever trusts those need not know the old key any more. */
static void test_receipt__is_renewed_to_a_later_head(void **state)
{
    struct fz_receipt r = receipt_of(6, 300, old_key), renewed, again;
    struct fz_trust trust = trust_in(new_key, true);
    struct fz_source later = head(600, slow_root(h, leaves, 600), new_key, witness);
    struct fz_receipt_facts facts;
    fz_diag_id why;

    (void)state;
    assert_int_equal(verdict(json_of(&r), trust, NULL, NULL), FZ_D_note_untrusted);
    assert_true(renew(&r, 300, 600, later, trust, &renewed, &why));
    assert_int_equal(verdict(json_of(&renewed), trust, NULL, &facts), FZ_DIAG_COUNT);
    assert_true(facts.head.size == 600 && facts.witnesses == 1 && facts.entry.seq == 7);
    assert_true(renew(&renewed, 300, 700, head(700, slow_root(h, leaves, 700), new_key, witness), trust, &again, &why));
    assert_int_equal(verdict(json_of(&again), trust, NULL, &facts), FZ_DIAG_COUNT);
    assert_int_equal(facts.head.size, 700);
    /* Witnessed later at the same size. */
    assert_true(renew(&r, 300, 300, head(300, slow_root(h, leaves, 300), new_key, witness), trust, &again, &why));
    assert_int_equal(verdict(json_of(&again), trust, NULL, NULL), FZ_DIAG_COUNT);
}

static void test_receipt__is_not_renewed_to_another_history(void **state)
{
    struct fz_receipt r = receipt_of(6, 300, old_key), renewed, bad;
    struct fz_trust trust = trust_in(new_key, false);
    fz_hash root600 = slow_root(h, leaves, 600);
    fz_diag_id why;

    (void)state;
    assert_false(renew(&r, 300, 600, head(600, leaves[1], new_key, NULL), trust, &renewed, &why));
    assert_int_equal(why, FZ_D_checkpoint_contradicts);
    assert_false(renew(&r, 299, 600, head(600, root600, new_key, NULL), trust, &renewed, &why));
    assert_int_equal(why, FZ_D_checkpoint_contradicts);
    assert_false(renew(&r, 300, 300, head(200, slow_root(h, leaves, 200), new_key, NULL), trust, &renewed, &why));
    assert_int_equal(why, FZ_D_checkpoint_goes_back);
    assert_false(renew(&r, 300, 600, head(600, root600, forger, NULL), trust, &renewed, &why));
    assert_int_equal(why, FZ_D_note_untrusted);
    /* A first head that nobody signed is no help to a forged entry. */
    bad = (struct fz_receipt){.entry = {"entry", entry_text(1, "forged")}};
    bad.checkpoint = head(1, slow_leaf(h, bad.entry.text), forger, NULL);
    assert_false(renew(&bad, 1, 600, head(600, root600, new_key, NULL), trust, &renewed, &why));
    assert_int_equal(why, FZ_D_checkpoint_contradicts);
}

/* ---- compact ---- */

static fz_str compact_of(const struct fz_receipt *r)
{
    struct fz_buf b = {0};
    fz_str out;

    assert_int_equal(fz_receipt_compact(r, &b, &err), FZ_OK);
    out = fz_str_copy(&arena, fz_buf_str(&b));
    fz_buf_release(&b);
    return out;
}

static void test_receipt__fits_a_qr_code(void **state)
{
    struct fz_receipt r = receipt_of(6, 300, old_key), renewed, back;
    fz_diag_id why;
    fz_str text;

    (void)state;
    text = compact_of(&r);
    assert_true(text.n < 2000 && strspn(text.p, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:") == text.n);
    assert_int_equal(verdict(text, trust_in(old_key, false), &back, NULL), FZ_DIAG_COUNT);
    assert_true(fz_str_eq(json_of(&back), json_of(&r)));
    assert_true(renew(&r, 300, 600, head(600, slow_root(h, leaves, 600), new_key, witness), trust_in(new_key, true),
                      &renewed, &why));
    text = compact_of(&renewed);
    assert_int_equal(verdict(text, trust_in(new_key, true), &back, NULL), FZ_DIAG_COUNT);
    assert_true(fz_str_eq(json_of(&back), json_of(&renewed)));
}

/* RFC 9285 4.3: AB -> BB8, Hello!! -> %69 VD92EX0, ietf! -> QED8WEX0; a receipt whose texts are those is no receipt, but is written so. */
static void test_receipt__compact_is_base45(void **state)
{
    struct fz_receipt r = {.entry = {"e", FZ_STR("Hello!!")}, .checkpoint = {"c", FZ_STR("ietf!")}};
    struct fz_buf b = {0};

    (void)state;
    assert_int_equal(fz_receipt_compact(&r, &b, &err), FZ_OK);
    /* 00 07 | Hello!! 00 | 00 05 ie tf ! : whole pairs at even places are those of the RFC's strings. */
    assert_non_null(strstr(b.p, "FZ1:700%69 VD92E"));
    assert_int_equal(strspn(b.p, "FZ1:700%69 VD92E"), 16);
    assert_string_equal(b.p + b.n - 11, "500QED8WEX0");
    fz_buf_release(&b);
}

static void test_receipt__changed_compact_is_refused(void **state)
{
    struct fz_receipt r = receipt_of(6, 300, old_key);
    fz_str text = compact_of(&r);
    char *p = (char *)text.p;
    fz_str too_long = {memset(fz_alloc(&arena, FZ_QR_CHARS_MAX + 1), '0', FZ_QR_CHARS_MAX + 1), FZ_QR_CHARS_MAX + 1};

    (void)state;
    for (size_t i = 0; i < text.n; i++)
        for (int k = 0; k < 4; k++) {
            char was = p[i];

            p[i] = "0:z\xE6"[k] == was ? '1' : "0:z\xE6"[k];
            assert_int_not_equal(verdict(text, trust_in(old_key, false), NULL, NULL), FZ_DIAG_COUNT);
            p[i] = was;
        }
    for (size_t n = 0; n < text.n; n++)
        assert_int_not_equal(verdict((fz_str){p, n}, trust_in(old_key, false), NULL, NULL), FZ_DIAG_COUNT);
    memcpy((char *)too_long.p, "FZ1:", 4);
    assert_int_equal(verdict(too_long, trust_in(old_key, false), NULL, NULL), FZ_D_ledger_bytes);
}

static void test_receipt__a_long_one_has_no_compact_form(void **state)
{
    struct fz_receipt r = receipt_of(6, 300, old_key);
    struct fz_buf b = {0};

    (void)state;
    r.entry.text = (fz_str){memset(fz_alloc(&arena, 4000), 'x', 4000), 4000};
    assert_int_equal(fz_receipt_compact(&r, &b, &err), FZ_E_TOO_LARGE);
    r.entry.text = (fz_str){memset(fz_alloc(&arena, 70000), 'x', 70000), 70000};
    assert_int_equal(fz_receipt_compact(&r, &b, &err), FZ_E_TOO_LARGE);
    assert_int_equal(b.n, 0);
    fz_buf_release(&b);
}

static int set_up(void **state)
{
    fz_tree t = {0};

    (void)state;
    fz_arena_init(&arena);
    if (fz_crypto_new(&crypto, &err) != FZ_OK)
        return fprintf(stderr, "%s\n", err.text), -1;
    h = (fz_hasher){crypto, FZ_SM3};
    old_key = make_signer(crypto, FZ_ED25519, FZ_ROLE_LOG, ORIGIN, 1);
    new_key = make_signer(crypto, FZ_SM2, FZ_ROLE_LOG, ORIGIN, 2);
    forger = make_signer(crypto, FZ_SM2, FZ_ROLE_LOG, ORIGIN, 3);
    witness = make_signer(crypto, FZ_SM2, FZ_ROLE_WITNESS, "w.example", 4);
    for (uint64_t i = 0; i < ENTRIES; i++) {
        fz_tree_node nodes[FZ_TREE_STORED_MAX];
        size_t n;

        entries[i] = entry_text((int64_t)i + 1, "receive");
        leaves[i] = slow_leaf(h, entries[i]);
        n = fz_tree_append(h, &t, &leaves[i], nodes);
        while (n-- > 0)
            stored[nodes[n].level][nodes[n].index] = nodes[n].hash;
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fz_signer_free(old_key);
    fz_signer_free(new_key);
    fz_signer_free(forger);
    fz_signer_free(witness);
    fz_crypto_free(crypto);
    fz_arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_receipt__holds_for_every_entry),
        cmocka_unit_test(test_receipt__is_json_and_may_be_reformatted),
        cmocka_unit_test(test_receipt__strict_about_its_parts),
        cmocka_unit_test(test_receipt__paths_have_a_maximum),
        cmocka_unit_test(test_receipt__every_changed_bit_is_noticed),
        cmocka_unit_test(test_receipt__does_not_vouch_for_itself),
        cmocka_unit_test(test_receipt__parts_of_others_do_not_fit),
        cmocka_unit_test(test_receipt__is_renewed_to_a_later_head),
        cmocka_unit_test(test_receipt__is_not_renewed_to_another_history),
        cmocka_unit_test(test_receipt__fits_a_qr_code),
        cmocka_unit_test(test_receipt__compact_is_base45),
        cmocka_unit_test(test_receipt__changed_compact_is_refused),
        cmocka_unit_test(test_receipt__a_long_one_has_no_compact_form),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
