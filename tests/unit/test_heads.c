/*
 * Heads: signed by the keys that the entries put in force, never against one that is kept, taken back from witnesses, and proofs under them that hold by the
 * slow definitions of RFC 9162. Every way to tamper with a kept head is named by verification.
 */
#include "../support/support.h"

#include "../support/china.h"
#include "../support/ledger.h"
#include "../support/merkle.h"
#include "../support/packs.h"
#include "engine/heads.h"

#define ORIGIN "fazhi/330106"

struct log {
    struct fz_store *store;
    struct fz_engine *e;
    uint64_t random;
    struct fz_setting set;
};

static struct fz_arena arena;
static struct fz_crypto *crypto;
static struct fz_calendar *cn;
static const struct fz_pack *packs[2];
static struct fz_signer *a, *b, *stranger, *elsewhere, *witness, *other_witness;
static struct fz_error err;

static fz_status calendar(void *arg, fz_str name, const struct fz_calendar **out, struct fz_error *e)
{
    (void)arg;
    (void)name;
    (void)e;
    *out = cn;
    return FZ_OK;
}

static void salts(void *arg, uint8_t *out, size_t n)
{
    counted_bytes(arg, out, n);
}

static void open_log(struct log *l, struct fz_store *store)
{
    l->store = store;
    l->set = (struct fz_setting){.store = store,
                                 .hasher = {crypto, FZ_SM3},
                                 .jurisdiction = FZ_STR("330106"),
                                 .packs = packs,
                                 .packs_n = 2,
                                 .calendar = calendar,
                                 .random = {salts, &l->random},
                                 .lang = FZ_EN,
                                 .tables = &arena};
    assert_int_equal(fz_engine_open(&l->e, &l->set, &err), FZ_OK);
}

static void close_log(struct log *l)
{
    fz_engine_close(l->e);
    fz_store_close(l->store);
}

static struct fz_answer order(struct log *l, const char *record, const char *type, const char *action,
                              const struct fz_named_value *values, size_t n)
{
    struct fz_order o = FZ_ORDER(fz_str_of(action), day("2026-02-13"));
    struct fz_answer answer;

    o.record = fz_str_of(record);
    o.type = fz_str_of(type);
    o.values = values;
    o.values_n = n;
    assert_int_equal(fz_engine_submit(l->e, &o, 1, 1000, &arena, &answer, &err), FZ_OK);
    assert_int_equal(answer.kind, FZ_A_DONE);
    return answer;
}

static fz_str vkey_of(const struct fz_signer *s)
{
    struct fz_buf text = {0};
    fz_str out;

    fz_verifier_emit(fz_signer_verifier(s), &text);
    out = fz_str_copy(&arena, fz_buf_str(&text));
    fz_buf_release(&text);
    return out;
}

static void begin(struct log *l, const char *record, const char *type, const struct fz_signer *s)
{
    struct fz_named_value values[] = {{FZ_STR("name"), fz_verifier_name(fz_signer_verifier(s))},
                                      {FZ_STR("vkey"), vkey_of(s)},
                                      {FZ_STR("key_hash"), FZ_STR("00")}};

    order(l, record, type, strcmp(type, FZ_LEDGER_KEY) == 0 ? FZ_LEDGER_KEY_BEGINS : FZ_LEDGER_WITNESS_BEGINS, values,
          3);
}

static void replace(struct log *l, const char *record, const char *by)
{
    order(l, record, "", FZ_LEDGER_KEY_REPLACED, &(struct fz_named_value){FZ_STR("successor"), fz_str_of(by)}, 1);
}

static void revoke(struct log *l, const char *record)
{
    order(l, record, "", FZ_LEDGER_KEY_REVOKED, &(struct fz_named_value){FZ_STR("ground"), FZ_STR("compromised")}, 1);
}

/* An entry that is none of a key. */
static void something(struct log *l)
{
    static const struct fz_named_value given[] = {{{"act_on", 6}, {"2026-01-19", 10}},
                                                  {{"known_on", 8}, {"2026-01-20", 10}},
                                                  {{"applicants", 10}, {"x", 1}},
                                                  {{"respondent", 10}, {"x", 1}}};

    order(l, "", "reconsideration_case", "receive", given, 4);
}

static fz_status try_sign(struct log *l, const struct fz_signer *one, const struct fz_signer *two, fz_str *out)
{
    const struct fz_signer *signers[] = {one, two};
    struct fz_log_keys keys;
    fz_status s = fz_log_keys_read(l->e, &arena, &keys, &err);

    if (s == FZ_OK)
        s = fz_head_sign(l->e, &keys, signers, two ? 2 : 1, &arena, out, &err);
    fz_log_keys_release(&keys);
    return s;
}

static fz_str sign(struct log *l, const struct fz_signer *one, const struct fz_signer *two)
{
    fz_str note = {0};

    if (try_sign(l, one, two, &note) != FZ_OK)
        fail_msg("%s", err.text);
    return note;
}

static bool is_signed_by(fz_str note, const struct fz_signer *s)
{
    struct fz_source source = {"head", note};
    struct fz_diags diags;
    struct fz_note n;

    fz_diags_init(&diags, &arena);
    assert_true(fz_note_parse(&arena, &source, &n, &diags));
    return fz_note_signed_by(&n, fz_signer_verifier(s));
}

static struct fz_verdict verify(struct log *l)
{
    struct fz_verdict v;

    if (fz_engine_verify(l->e, &arena, &v, &err) != FZ_OK)
        fail_msg("%s", err.text);
    return v;
}

static void assert_sound(struct log *l)
{
    struct fz_verdict v = verify(l);

    if (v.n)
        fail_msg("%.*s %lld: %.*s", FZ_STR_ARG(v.items[0].table), (long long)v.items[0].seq,
                 FZ_STR_ARG(v.items[0].text));
}

static void assert_found(struct log *l, int64_t size, const char *what)
{
    struct fz_verdict v = verify(l);

    for (size_t i = 0; i < v.n; i++)
        if (v.items[i].kind == FZ_P_HEAD && v.items[i].seq == size &&
            memmem(v.items[i].text.p, v.items[i].text.n, what, strlen(what)))
            return;
    fail_msg("not found: %s; %zu problems, the first: %.*s", what, v.n, v.n ? (int)v.items[0].text.n : 0,
             v.n ? v.items[0].text.p : "");
}

static void put_head(struct log *l, int64_t size, fz_str note)
{
    fz_cell cells[FZ_HEAD_COLUMNS] = {FZ_CELL_OF(l->set.jurisdiction), FZ_CELL_OF_INT(size), FZ_CELL_OF(note)};
    struct fz_write write = {FZ_PUT, &fz_table_head, cells};

    assert_int_equal(fz_store_commit(l->store, &(struct fz_batch){&write, 1}, &err), FZ_OK);
}

static uint64_t heads(struct log *l)
{
    fz_cell prefix[] = {FZ_CELL_OF(l->set.jurisdiction)};
    struct fz_scan scan = {.table = &fz_table_head, .index = -1, .prefix = prefix, .prefix_n = 1};
    uint64_t n;

    assert_int_equal(fz_store_count(l->store, &scan, &n, &err), FZ_OK);
    return n;
}

static fz_str head_at(struct log *l, uint64_t size)
{
    fz_str note;

    assert_int_equal(fz_head_at(l->e, size, &arena, &note, &err), FZ_OK);
    return note;
}

/* ---- which key signs ---- */

static void test_heads__a_log_without_keys_signs_nothing(void **state)
{
    struct log l = {0};

    (void)state;
    open_log(&l, fz_store_new_memory());
    something(&l);
    assert_int_equal(sign(&l, a, NULL).n, 0);
    assert_int_equal(heads(&l), 0);
    assert_sound(&l);
    close_log(&l);
}

static void test_heads__every_key_in_force_signs(void **state)
{
    struct log l = {0};
    fz_str both, second;

    (void)state;
    open_log(&l, fz_store_new_memory());
    begin(&l, "k1", FZ_LEDGER_KEY, a);
    assert_true(is_signed_by(sign(&l, a, b), a));
    assert_false(is_signed_by(head_at(&l, 1), b));
    begin(&l, "k2", FZ_LEDGER_KEY, b);
    both = sign(&l, a, b);
    assert_true(is_signed_by(both, a) && is_signed_by(both, b));
    replace(&l, "k1", "k2");
    second = sign(&l, a, b);
    assert_true(!is_signed_by(second, a) && is_signed_by(second, b));
    assert_int_equal(heads(&l), 3);
    assert_sound(&l);
    assert_int_equal(verify(&l).signed_size, 3);
    close_log(&l);
}

static void test_heads__no_key_in_force_at_hand_is_said(void **state)
{
    struct log l = {0};
    fz_str note;

    (void)state;
    open_log(&l, fz_store_new_memory());
    begin(&l, "k1", FZ_LEDGER_KEY, a);
    assert_int_equal(try_sign(&l, stranger, NULL, &note), FZ_E_INPUT);
    begin(&l, "k2", FZ_LEDGER_KEY, b);
    revoke(&l, "k1");
    assert_int_equal(try_sign(&l, a, NULL, &note), FZ_E_INPUT);
    assert_int_equal(heads(&l), 0);
    close_log(&l);
}

static void test_heads__a_key_of_another_log_is_none(void **state)
{
    struct log l = {0};
    struct fz_log_keys keys;

    (void)state;
    open_log(&l, fz_store_new_memory());
    begin(&l, "k1", FZ_LEDGER_KEY, a);
    begin(&l, "k2", FZ_LEDGER_KEY, elsewhere);
    begin(&l, "k3", FZ_LEDGER_KEY, witness);
    begin(&l, "w1", FZ_LEDGER_WITNESS, b);
    assert_int_equal(fz_log_keys_read(l.e, &arena, &keys, &err), FZ_OK);
    assert_int_equal(keys.n, 4);
    assert_true(fz_str_is(keys.origin, ORIGIN));
    for (size_t i = 0; i < keys.n; i++)
        assert_int_equal(keys.items[i].verifier != NULL, fz_str_is(keys.items[i].record, "k1"));
    fz_log_keys_release(&keys);
    assert_found(&l, 2, "cannot be read");
    close_log(&l);
}

static void test_heads__keys_say_when_and_why_they_ended(void **state)
{
    struct log l = {0};
    struct fz_log_keys keys;

    (void)state;
    open_log(&l, fz_store_new_memory());
    begin(&l, "k1", FZ_LEDGER_KEY, a);
    begin(&l, "k2", FZ_LEDGER_KEY, b);
    replace(&l, "k1", "k2");
    something(&l);
    revoke(&l, "k1");
    assert_int_equal(fz_log_keys_read(l.e, &arena, &keys, &err), FZ_OK);
    assert_int_equal(keys.items[0].from, 1);
    assert_int_equal(keys.items[0].until, 3);
    assert_int_equal(keys.items[0].revoked, 5);
    assert_true(fz_str_is(keys.items[0].ended, FZ_LEDGER_KEY_REVOKED) &&
                fz_str_is(keys.items[0].ground, "compromised"));
    assert_int_equal(keys.items[1].until, 0);
    assert_true(!fz_log_key_in_force(&keys.items[0], 0) && fz_log_key_in_force(&keys.items[0], 2) &&
                !fz_log_key_in_force(&keys.items[0], 3));
    fz_log_keys_release(&keys);
    close_log(&l);
}

/* ---- one after another ---- */

static void test_heads__one_a_size(void **state)
{
    struct log l = {0};
    fz_str first;

    (void)state;
    open_log(&l, fz_store_new_memory());
    begin(&l, "k1", FZ_LEDGER_KEY, a);
    first = sign(&l, a, NULL);
    assert_true(fz_str_eq(sign(&l, a, NULL), first)); /* SM2 would draw anew */
    assert_int_equal(heads(&l), 1);
    close_log(&l);
}

/* Two logs of one key: what one has signed, the other never contradicts. */
static void test_heads__never_against_a_kept_one(void **state)
{
    struct log l = {0}, twin = {.random = 7};
    fz_str note, foreign;

    (void)state;
    open_log(&l, fz_store_new_memory());
    open_log(&twin, fz_store_new_memory());
    begin(&l, "k1", FZ_LEDGER_KEY, a);
    begin(&twin, "k1", FZ_LEDGER_KEY, a);
    something(&l);
    something(&twin); /* with other salts: another entry */
    foreign = sign(&twin, a, NULL);
    put_head(&l, 2, foreign);
    assert_int_equal(try_sign(&l, a, NULL, &note), FZ_E_INPUT); /* the same size, another root */
    something(&l);
    assert_int_equal(try_sign(&l, a, NULL, &note), FZ_E_INPUT); /* does not continue it */
    something(&twin);
    something(&twin);
    put_head(&l, 4, sign(&twin, a, NULL));
    assert_int_equal(try_sign(&l, a, NULL, &note), FZ_E_INPUT); /* set back */
    assert_int_equal(heads(&l), 2);
    close_log(&l);
    close_log(&twin);
}

static void test_heads__stand_to_the_entries(void **state)
{
    struct log l = {0}, twin = {.random = 7};
    struct fz_checkpoint c = {.origin = FZ_STR(ORIGIN), .hash = FZ_SM3};
    fz_hash roots[300];
    fz_standing s;

    (void)state;
    open_log(&l, fz_store_new_memory());
    open_log(&twin, fz_store_new_memory());
    for (size_t n = 1; n < FZ_COUNT(roots); n++) {
        something(&l);
        roots[n] = fz_engine_root(l.e);
    }
    for (c.size = 1; c.size < FZ_COUNT(roots); c.size++) {
        c.root = roots[c.size];
        assert_int_equal(fz_head_stand(l.e, &c, &s, &err), FZ_OK);
        assert_int_equal(s, FZ_STANDS);
        c.root.bytes[31] ^= 1;
        assert_int_equal(fz_head_stand(l.e, &c, &s, &err), FZ_OK);
        assert_int_equal(s, FZ_CONTRADICTS);
    }
    assert_int_equal(fz_head_stand(l.e, &c, &s, &err), FZ_OK);
    assert_int_equal(s, FZ_BEYOND);
    c = (struct fz_checkpoint){.origin = FZ_STR(ORIGIN), .size = 5, .root = roots[5], .hash = FZ_SHA256};
    assert_int_equal(fz_head_stand(l.e, &c, &s, &err), FZ_OK);
    assert_int_equal(s, FZ_CONTRADICTS);
    close_log(&l);
    close_log(&twin);
}

/* ---- witnesses ---- */

static fz_str cosigned(fz_str note, const struct fz_signer *one, const struct fz_signer *two)
{
    const struct fz_signer *signers[] = {one, two};
    uint64_t state = 5;
    struct fz_source source = {"head", note};
    struct fz_diags diags;
    struct fz_buf out = {0};
    struct fz_note n;
    fz_str s;

    fz_diags_init(&diags, &arena);
    assert_true(fz_note_parse(&arena, &source, &n, &diags));
    fz_buf_add(&out, note);
    for (size_t i = 0; i < 2; i++)
        if (signers[i])
            assert_int_equal(fz_note_sign(signers[i], n.text, 1000, (fz_random){counted_bytes, &state}, &out, &err),
                             FZ_OK);
    s = fz_str_copy(&arena, fz_buf_str(&out));
    fz_buf_release(&out);
    return s;
}

static fz_status add(struct log *l, fz_str note, size_t *out_new, fz_standing *out_stand)
{
    struct fz_source source = {"back", note};
    struct fz_log_keys keys;
    struct fz_diags diags;
    uint64_t size;
    fz_status s;

    fz_diags_init(&diags, &arena);
    assert_int_equal(fz_log_keys_read(l->e, &arena, &keys, &err), FZ_OK);
    s = fz_head_add(l->e, &keys, &source, &arena, &diags, out_new, &size, out_stand, &err);
    fz_log_keys_release(&keys);
    return s;
}

static fz_str find(struct log *l, uint64_t size_min, bool witnessed)
{
    struct fz_log_keys keys;
    fz_str note;

    assert_int_equal(fz_log_keys_read(l->e, &arena, &keys, &err), FZ_OK);
    assert_int_equal(fz_head_find(l->e, &keys, size_min, witnessed, &arena, &note, &err), FZ_OK);
    fz_log_keys_release(&keys);
    return note;
}

static void test_heads__come_back_from_witnesses(void **state)
{
    struct log l = {0};
    fz_standing stand;
    fz_str note;
    size_t n;

    (void)state;
    open_log(&l, fz_store_new_memory());
    begin(&l, "k1", FZ_LEDGER_KEY, a);
    begin(&l, "w1", FZ_LEDGER_WITNESS, witness);
    note = sign(&l, a, NULL);
    assert_int_equal(find(&l, 0, true).n, 0);
    assert_int_equal(add(&l, cosigned(note, other_witness, witness), &n, &stand), FZ_OK);
    assert_int_equal(stand, FZ_STANDS);
    assert_int_equal(n, 1); /* the other one is not trusted */
    assert_true(is_signed_by(head_at(&l, 2), witness) && !is_signed_by(head_at(&l, 2), other_witness));
    assert_int_equal(add(&l, cosigned(note, witness, NULL), &n, &stand), FZ_OK);
    assert_int_equal(n, 0);
    something(&l);
    sign(&l, a, NULL);
    assert_true(fz_str_eq(find(&l, 0, true), head_at(&l, 2)));
    assert_true(fz_str_eq(find(&l, 0, false), head_at(&l, 3)));
    assert_int_equal(find(&l, 3, true).n, 0);
    assert_sound(&l);
    assert_int_equal(verify(&l).witnessed_size, 2);
    order(&l, "w1", "", FZ_LEDGER_WITNESS_ENDS, &(struct fz_named_value){FZ_STR("ground"), FZ_STR("retired")}, 1);
    assert_int_equal(find(&l, 0, true).n, 0); /* whom nobody trusts now counts no more */
    assert_sound(&l);
    close_log(&l);
}

static void test_heads__what_comes_back_wrong_is_refused(void **state)
{
    struct log l = {0}, twin = {.random = 7};
    fz_standing stand = FZ_STANDS;
    fz_str note, bad;
    char *changed;
    size_t n;

    (void)state;
    open_log(&l, fz_store_new_memory());
    open_log(&twin, fz_store_new_memory());
    begin(&l, "k1", FZ_LEDGER_KEY, a);
    begin(&twin, "k1", FZ_LEDGER_KEY, a);
    begin(&l, "w1", FZ_LEDGER_WITNESS, witness);
    note = cosigned(sign(&l, a, NULL), witness, NULL);
    changed = fz_str_z(&arena, note);
    for (size_t i = 0; i < note.n; i++) { /* each byte: refused, or the signature of a key that is not known */
        changed[i] ^= 1;
        if (add(&l, (fz_str){changed, note.n}, &n, &stand) == FZ_OK)
            assert_int_equal(n, 0);
        changed[i] ^= 1;
    }
    assert_false(is_signed_by(head_at(&l, 2), witness));
    something(&twin);
    bad = cosigned(sign(&twin, a, NULL), witness, NULL);
    assert_int_equal(add(&l, bad, &n, &stand), FZ_OK);
    assert_int_equal(stand, FZ_CONTRADICTS);
    something(&twin);
    assert_int_equal(add(&l, sign(&twin, a, NULL), &n, &stand), FZ_OK);
    assert_int_equal(stand, FZ_BEYOND);
    assert_int_equal(heads(&l), 1);
    assert_sound(&l);
    close_log(&l);
    close_log(&twin);
}

/* ---- verification ---- */

static void test_heads__every_changed_byte_is_found(void **state)
{
    struct log l = {0};
    fz_str note;
    char *changed;

    (void)state;
    open_log(&l, fz_store_new_memory());
    begin(&l, "k1", FZ_LEDGER_KEY, a);
    note = sign(&l, a, NULL);
    changed = fz_str_z(&arena, note);
    for (size_t i = 0; i < note.n; i++) {
        changed[i] ^= 1;
        put_head(&l, 1, (fz_str){changed, note.n});
        if (verify(&l).n == 0)
            fail_msg("byte %zu of %zu changed, and nothing was found", i, note.n);
        changed[i] ^= 1;
    }
    put_head(&l, 1, note);
    assert_sound(&l);
    put_head(&l, 2, note);
    assert_found(&l, 2, "no head of that size");
    close_log(&l);
}

static void test_heads__a_signature_out_of_force_is_found(void **state)
{
    struct log l = {0};
    struct fz_checkpoint c = {.origin = FZ_STR(ORIGIN), .size = 3, .hash = FZ_SM3};
    struct fz_buf text = {0};
    uint64_t random = 3;

    (void)state;
    open_log(&l, fz_store_new_memory());
    begin(&l, "k1", FZ_LEDGER_KEY, a);
    begin(&l, "k2", FZ_LEDGER_KEY, b);
    revoke(&l, "k1");
    sign(&l, b, NULL);
    assert_sound(&l);
    c.root = fz_engine_root(l.e);
    fz_checkpoint_emit(&c, &text);
    fz_buf_addc(&text, '\n');
    assert_int_equal(fz_note_sign(a, (fz_str){text.p, text.n - 1}, 0, (fz_random){counted_bytes, &random}, &text, &err),
                     FZ_OK);
    put_head(&l, 3, fz_buf_str(&text));
    assert_found(&l, 3, "k1, which was not in force");
    assert_found(&l, 3, "no key in force");
    fz_buf_release(&text);
    close_log(&l);
}

static void test_heads__entries_missing_or_rewritten_are_found(void **state)
{
    struct log l = {0}, twin = {.random = 7};

    (void)state;
    open_log(&l, fz_store_new_memory());
    open_log(&twin, fz_store_new_memory());
    begin(&l, "k1", FZ_LEDGER_KEY, a);
    begin(&twin, "k1", FZ_LEDGER_KEY, a);
    for (int i = 0; i < 9; i++) {
        something(&l);
        something(&twin);
        sign(&twin, a, NULL);
    }
    put_head(&l, 7, head_at(&twin, 7));
    assert_found(&l, 7, "not those that were signed");
    something(&twin);
    put_head(&l, 11, sign(&twin, a, NULL));
    assert_found(&l, 11, "1 are missing");
    close_log(&l);
    close_log(&twin);
}

static void test_heads__a_rebuild_leaves_them(void **state)
{
    struct log l = {0};
    uint64_t n;
    fz_str before;

    (void)state;
    open_log(&l, fz_store_new_memory());
    begin(&l, "k1", FZ_LEDGER_KEY, a);
    something(&l);
    before = sign(&l, a, NULL);
    assert_int_equal(fz_engine_rebuild(l.e, &n, &err), FZ_OK);
    assert_true(fz_str_eq(head_at(&l, 2), before));
    assert_sound(&l);
    close_log(&l);
}

/* ---- proofs ---- */

static void test_heads__receipts_hold_by_the_definition(void **state)
{
    enum { N = 70 };
    struct log l = {0};
    fz_hasher h = {crypto, FZ_SM3};
    fz_hash leaves[N], path[64];
    const struct fz_verifier *trusted = fz_signer_verifier(a);
    struct fz_trust trust = {&trusted, 1, NULL, 0, 0};

    (void)state;
    open_log(&l, fz_store_new_memory());
    begin(&l, "k1", FZ_LEDGER_KEY, a);
    for (int i = 1; i < N; i++)
        something(&l);
    for (int64_t seq = 1; seq <= N; seq++) {
        fz_str bytes;

        assert_int_equal(fz_engine_entry(l.e, seq, &arena, &bytes, &err), FZ_OK);
        leaves[seq - 1] = slow_leaf(h, bytes);
    }
    for (int64_t seq = 1; seq <= N; seq++) {
        struct fz_source head = {"head", sign(&l, a, NULL)};
        struct fz_receipt_facts facts;
        struct fz_receipt r;
        struct fz_diags diags;

        fz_diags_init(&diags, &arena);
        assert_int_equal(fz_receipt_of(l.e, seq, &head, &arena, &r, &err), FZ_OK);
        assert_int_equal(r.inclusion.n, slow_inclusion(h, (uint64_t)seq - 1, leaves, N, path));
        assert_memory_equal(r.inclusion.at, path, r.inclusion.n * sizeof(*path));
        assert_true(fz_receipt_verify(&arena, crypto, &r, &trust, &facts, &diags));
        assert_int_equal(facts.entry.seq, seq);
    }
    close_log(&l);
}

static void test_heads__no_receipt_beyond_the_head(void **state)
{
    struct log l = {0};
    struct fz_source head = {.name = "head"};
    struct fz_receipt r;

    (void)state;
    open_log(&l, fz_store_new_memory());
    begin(&l, "k1", FZ_LEDGER_KEY, a);
    head.text = sign(&l, a, NULL);
    something(&l);
    assert_int_equal(fz_receipt_of(l.e, 1, &head, &arena, &r, &err), FZ_OK);
    assert_int_equal(fz_receipt_of(l.e, 2, &head, &arena, &r, &err), FZ_E_INPUT);
    assert_int_equal(fz_receipt_of(l.e, 3, &head, &arena, &r, &err), FZ_E_INPUT);
    close_log(&l);
}

/* ---- faults ---- */

/* Whatever call of the store fails: the head is there whole, or not at all, and can be signed afterwards. */
static void test_heads__a_fault_at_every_call(void **state)
{
    uint64_t calls = 1;

    (void)state;
    for (uint64_t at = 1; at <= calls; at++) {
        struct log l = {0}, faulty = {0};
        struct fz_store *fault;
        fz_str note;

        open_log(&l, fz_store_new_memory());
        begin(&l, "k1", FZ_LEDGER_KEY, a);
        sign(&l, a, NULL);
        something(&l);
        fault = fz_store_new_fault(l.store, 0, FZ_FAULT_IO);
        faulty.store = fault;
        faulty.set = l.set;
        faulty.set.store = fault;
        assert_int_equal(fz_engine_open(&faulty.e, &faulty.set, &err), FZ_OK);
        if (at == 1) {
            uint64_t before = fz_store_fault_calls(fault);

            sign(&faulty, a, NULL);
            calls = fz_store_fault_calls(fault) - before;
            assert_true(calls > 3);
        } else {
            uint64_t opened = fz_store_fault_calls(fault);

            fz_engine_close(faulty.e);
            faulty.store = faulty.set.store = fz_store_new_fault(fault, opened + at - 1, FZ_FAULT_IO);
            assert_int_equal(fz_engine_open(&faulty.e, &faulty.set, &err), FZ_OK);
            assert_int_not_equal(try_sign(&faulty, a, NULL, &note), FZ_OK);
            assert_int_equal(heads(&faulty), 1);
            assert_true(is_signed_by(sign(&faulty, a, NULL), a));
        }
        assert_int_equal(heads(&faulty), 2);
        assert_sound(&faulty);
        fz_engine_close(l.e);
        close_log(&faulty);
    }
}

static int set_up(void **state)
{
    (void)state;
    fz_arena_init(&arena);
    assert_int_equal(fz_crypto_new(&crypto, &err), FZ_OK);
    cn = china_calendar();
    packs[0] = load_shipped_pack(&arena, "ledger.yaml");
    packs[1] = load_shipped_pack(&arena, "reconsideration.yaml");
    a = make_signer(crypto, FZ_SM2, FZ_ROLE_LOG, ORIGIN, 1);
    b = make_signer(crypto, FZ_ED25519, FZ_ROLE_LOG, ORIGIN, 2);
    stranger = make_signer(crypto, FZ_SM2, FZ_ROLE_LOG, ORIGIN, 3);
    elsewhere = make_signer(crypto, FZ_SM2, FZ_ROLE_LOG, "fazhi/330105", 4);
    witness = make_signer(crypto, FZ_SM2, FZ_ROLE_WITNESS, "audit.example/w1", 5);
    other_witness = make_signer(crypto, FZ_ED25519, FZ_ROLE_WITNESS, "audit.example/w2", 6);
    return 0;
}

static int tear_down(void **state)
{
    struct fz_signer *all[] = {a, b, stranger, elsewhere, witness, other_witness};

    (void)state;
    for (size_t i = 0; i < FZ_COUNT(all); i++)
        fz_signer_free(all[i]);
    fz_calendar_free(cn);
    fz_crypto_free(crypto);
    fz_arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heads__a_log_without_keys_signs_nothing),
        cmocka_unit_test(test_heads__every_key_in_force_signs),
        cmocka_unit_test(test_heads__no_key_in_force_at_hand_is_said),
        cmocka_unit_test(test_heads__a_key_of_another_log_is_none),
        cmocka_unit_test(test_heads__keys_say_when_and_why_they_ended),
        cmocka_unit_test(test_heads__one_a_size),
        cmocka_unit_test(test_heads__never_against_a_kept_one),
        cmocka_unit_test(test_heads__stand_to_the_entries),
        cmocka_unit_test(test_heads__come_back_from_witnesses),
        cmocka_unit_test(test_heads__what_comes_back_wrong_is_refused),
        cmocka_unit_test(test_heads__every_changed_byte_is_found),
        cmocka_unit_test(test_heads__a_signature_out_of_force_is_found),
        cmocka_unit_test(test_heads__entries_missing_or_rewritten_are_found),
        cmocka_unit_test(test_heads__a_rebuild_leaves_them),
        cmocka_unit_test(test_heads__receipts_hold_by_the_definition),
        cmocka_unit_test(test_heads__no_receipt_beyond_the_head),
        cmocka_unit_test(test_heads__a_fault_at_every_call),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
