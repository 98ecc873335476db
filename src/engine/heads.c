#include "engine/heads.h"

#include "engine/engine_int.h"

#define LEAVES_AT_ONCE 4096 /* read together while heads are checked: 128 kB */

/* ---- keys, as the entries have them ---- */

static fz_str value_of(const struct fz_entry *entry, const char *name)
{
    for (size_t i = 0; i < entry->values_n; i++)
        if (fz_str_is(entry->values[i].name, name) && entry->values[i].value.kind == FZ_VALUE_TEXT)
            return entry->values[i].value.text;
    return (fz_str){0};
}

struct history {
    struct fz_engine *e;
    struct fz_arena *arena;
    struct fz_log_key *key;
};

/* One entry of a key's record, or of a witness's. */
static fz_status take_event(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct history *h = arg;
    struct fz_log_key *k = h->key;
    struct fz_entry entry;

    if (!fz_engine_decode(h->arena, fz_str_copy(h->arena, cells[FZ_ENTRY_BYTES].s), &entry))
        return fz_fail(err, FZ_E_INPUT, "entry %lld cannot be read; `fazhi verify` says more",
                       (long long)cells[FZ_ENTRY_SEQ].n);
    if (fz_str_is(entry.action, k->role == FZ_ROLE_LOG ? FZ_LEDGER_KEY_BEGINS : FZ_LEDGER_WITNESS_BEGINS)) {
        k->from = entry.seq;
        k->from_day = entry.on;
        k->vkey = value_of(&entry, "vkey");
    } else if (fz_str_is(entry.action, FZ_LEDGER_KEY_REPLACED) || fz_str_is(entry.action, FZ_LEDGER_KEY_REVOKED) ||
               fz_str_is(entry.action, FZ_LEDGER_WITNESS_ENDS)) {
        k->until = k->until ? k->until : entry.seq;
        k->until_day = entry.on;
        k->ended = entry.action;
        k->ground = value_of(&entry, "ground");
        k->revoked = fz_str_is(entry.action, FZ_LEDGER_KEY_REVOKED) ? entry.seq : k->revoked;
    }
    return FZ_OK;
}

static fz_status read_key(struct fz_engine *e, fz_role role, fz_str record, struct fz_arena *arena,
                          struct fz_log_keys *out, struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(e->set.jurisdiction), FZ_CELL_OF(record)};
    struct fz_scan scan = {.table = &fz_table_entry, .index = 0, .prefix = prefix, .prefix_n = 2};
    struct fz_log_key key = {.record = record, .role = role};
    struct history h = {e, arena, &key};

    FZ_TRY(fz_store_scan(e->set.store, &scan, take_event, &h, err));
    if (fz_verifier_read(&key.verifier, e->set.hasher.crypto, key.vkey, NULL) == FZ_OK &&
        fz_verifier_role(key.verifier) != role) {
        fz_verifier_free(key.verifier);
        key.verifier = NULL;
    }
    FZ_PUSH(arena, out, items, n, cap) = key;
    return FZ_OK;
}

static int by_beginning(const struct fz_log_key *a, const struct fz_log_key *b)
{
    return a->role != b->role ? (int)a->role - (int)b->role : (a->from > b->from) - (a->from < b->from);
}

static void sort_keys(struct fz_log_keys *keys)
{
    for (size_t i = 1; i < keys->n; i++)
        for (size_t k = i; k > 0 && by_beginning(&keys->items[k - 1], &keys->items[k]) > 0; k--) {
            struct fz_log_key swap = keys->items[k];

            keys->items[k] = keys->items[k - 1];
            keys->items[k - 1] = swap;
        }
}

/* A log has one name: a key of another name would sign heads of another log. */
static void drop_other_origins(struct fz_log_keys *keys)
{
    for (size_t i = 0; i < keys->n; i++) {
        struct fz_log_key *k = &keys->items[i];

        if (k->role != FZ_ROLE_LOG || !k->verifier)
            continue;
        if (keys->origin.n == 0)
            keys->origin = (fz_str){k->vkey.p, fz_verifier_name(k->verifier).n};
        if (fz_str_eq(fz_verifier_name(k->verifier), keys->origin))
            continue;
        fz_verifier_free(k->verifier);
        k->verifier = NULL;
    }
}

fz_status fz_log_keys_read(struct fz_engine *e, struct fz_arena *arena, struct fz_log_keys *out, struct fz_error *err)
{
    static const char *const types[FZ_ROLES] = {[FZ_ROLE_LOG] = FZ_LEDGER_KEY, [FZ_ROLE_WITNESS] = FZ_LEDGER_WITNESS};

    *out = (struct fz_log_keys){0};
    for (size_t role = 0; role < FZ_ROLES; role++) {
        struct fz_record_ids ids;

        FZ_TRY(fz_engine_records(e, fz_str_of(types[role]), arena, &ids, err));
        for (size_t i = 0; i < ids.n; i++)
            FZ_TRY(read_key(e, (fz_role)role, ids.items[i], arena, out, err));
    }
    sort_keys(out);
    drop_other_origins(out);
    return FZ_OK;
}

void fz_log_keys_release(struct fz_log_keys *keys)
{
    for (size_t i = 0; i < keys->n; i++)
        fz_verifier_free(keys->items[i].verifier);
    *keys = (struct fz_log_keys){0};
}

bool fz_log_key_in_force(const struct fz_log_key *k, uint64_t size)
{
    return k->verifier && k->from && k->from <= (int64_t)size && (!k->until || (int64_t)size < k->until);
}

struct fz_trust fz_log_trust(const struct fz_log_keys *keys, uint64_t size, uint64_t now, struct fz_arena *arena)
{
    const struct fz_verifier **logs = FZ_NEW_ARRAY(arena, const struct fz_verifier *, keys->n),
                             **witnesses = FZ_NEW_ARRAY(arena, const struct fz_verifier *, keys->n);
    struct fz_trust t = {.logs = logs, .witnesses = witnesses};

    for (size_t i = 0; i < keys->n; i++) {
        const struct fz_log_key *k = &keys->items[i];

        if (k->role == FZ_ROLE_LOG && fz_log_key_in_force(k, size))
            logs[t.logs_n++] = k->verifier;
        if (k->role == FZ_ROLE_WITNESS && fz_log_key_in_force(k, now))
            witnesses[t.witnesses_n++] = k->verifier;
    }
    return t;
}

/* ---- notes ---- */

static bool parse(struct fz_arena *arena, const struct fz_source *source, struct fz_note *note, struct fz_checkpoint *c,
                  struct fz_diags *diags)
{
    return fz_note_parse(arena, source, note, diags) && fz_checkpoint_parse(arena, note, c, diags);
}

/* A kept one: what cannot be read there was put there by somebody else. */
static fz_status parse_kept(struct fz_arena *arena, const struct fz_source *source, struct fz_note *note,
                            struct fz_checkpoint *c, struct fz_error *err)
{
    struct fz_diags diags;

    fz_diags_init(&diags, arena);
    return parse(arena, source, note, c, &diags)
               ? FZ_OK
               : fz_fail(err, FZ_E_INPUT, "a kept head cannot be read; `fazhi verify` says more");
}

static const struct fz_note_signature *signature_of(const struct fz_note *note, const struct fz_verifier *v)
{
    for (size_t i = 0; i < note->signatures_n; i++)
        if (note->signatures[i].id == fz_verifier_id(v) && fz_str_eq(note->signatures[i].name, fz_verifier_name(v)))
            return &note->signatures[i];
    return NULL;
}

/* ---- kept heads ---- */

struct find {
    struct fz_arena *arena;
    const struct fz_trust *witnesses; /* one of whom has to have signed; NULL: nobody */
    fz_str note;
    uint64_t size;
};

static bool is_witnessed(struct fz_arena *arena, fz_str text, const struct fz_trust *trust)
{
    struct fz_source source = {"head", text};
    struct fz_diags diags;
    struct fz_note note;

    fz_diags_init(&diags, arena);
    if (!fz_note_parse(arena, &source, &note, &diags))
        return false;
    for (size_t i = 0; i < trust->witnesses_n; i++)
        if (signature_of(&note, trust->witnesses[i]))
            return true;
    return false;
}

static fz_status take_head(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct find *f = arg;

    if (f->witnesses && !is_witnessed(f->arena, cells[FZ_HEAD_NOTE].s, f->witnesses))
        return FZ_OK;
    f->note = fz_str_copy(f->arena, cells[FZ_HEAD_NOTE].s);
    f->size = (uint64_t)cells[FZ_HEAD_SIZE].n;
    return fz_fail(err, FZ_REFUSED, "found"); /* ends the scan */
}

fz_status fz_head_find(struct fz_engine *e, const struct fz_log_keys *keys, uint64_t size_min, bool witnessed,
                       struct fz_arena *arena, fz_str *out_note, struct fz_error *err)
{
    struct fz_trust trust = fz_log_trust(keys, fz_engine_size(e), fz_engine_size(e), arena);
    struct find f = {.arena = arena, .witnesses = witnessed ? &trust : NULL};
    fz_cell prefix[] = {FZ_CELL_OF(e->set.jurisdiction)};
    struct fz_scan scan = {.table = &fz_table_head,
                           .index = -1,
                           .prefix = prefix,
                           .prefix_n = 1,
                           .backwards = true,
                           .ranged = true,
                           .low = FZ_CELL_OF_INT((int64_t)size_min),
                           .high = FZ_CELL_UNSET};
    fz_status s = witnessed && trust.witnesses_n == 0 ? FZ_OK : fz_store_scan(e->set.store, &scan, take_head, &f, err);

    if (s != FZ_OK && s != FZ_REFUSED)
        return s;
    *out_note = f.note;
    return FZ_OK;
}

fz_status fz_head_at(struct fz_engine *e, uint64_t size, struct fz_arena *arena, fz_str *out_note, struct fz_error *err)
{
    fz_cell key[] = {FZ_CELL_OF(e->set.jurisdiction), FZ_CELL_OF_INT((int64_t)size)}, *row;
    bool found;

    FZ_TRY(fz_store_get(e->set.store, &fz_table_head, key, arena, &row, &found, err));
    *out_note = found ? row[FZ_HEAD_NOTE].s : (fz_str){0};
    return FZ_OK;
}

static fz_status keep(struct fz_engine *e, uint64_t size, fz_str note, struct fz_error *err)
{
    fz_cell cells[FZ_HEAD_COLUMNS] = {FZ_CELL_OF(e->set.jurisdiction), FZ_CELL_OF_INT((int64_t)size), FZ_CELL_OF(note)};
    struct fz_write write = {FZ_PUT, &fz_table_head, cells};

    return fz_store_commit(e->set.store, &(struct fz_batch){&write, 1}, err);
}

fz_status fz_head_stand(struct fz_engine *e, const struct fz_checkpoint *head, fz_standing *out, struct fz_error *err)
{
    fz_tree then;
    fz_hash root;

    if (head->size > fz_engine_size(e)) {
        *out = FZ_BEYOND;
        return FZ_OK;
    }
    FZ_TRY(fz_tree_at(e->set.hasher, fz_engine_nodes(e), head->size, &then, err));
    root = fz_tree_root(e->set.hasher, &then);
    *out = head->hash == e->set.hasher.kind && fz_hash_eq(&root, &head->root) ? FZ_STANDS : FZ_CONTRADICTS;
    return FZ_OK;
}

/* ---- signing ---- */

static bool draw(void *arg, void *to, size_t n)
{
    const struct fz_random *r = arg;

    r->fill(r->arg, to, n);
    return true;
}

/* The newest kept head has to be a beginning of `now`. Its signatures are not looked at: it lies beside the entries, and who can change the one can
 * change the others; against that stand the heads that have left the house. */
static fz_status check_newest(struct fz_engine *e, const struct fz_checkpoint *now, fz_str newest,
                              struct fz_arena *arena, struct fz_error *err)
{
    struct fz_source source = {"the newest kept head", newest};
    struct fz_checkpoint before;
    struct fz_diags diags;
    struct fz_note note;
    struct fz_path proof = {0};

    FZ_TRY(parse_kept(arena, &source, &note, &before, err));
    fz_diags_init(&diags, arena);
    if (before.size <= now->size)
        FZ_TRY(fz_tree_consistency(e->set.hasher, fz_engine_nodes(e), before.size, now->size, &proof, err));
    if (fz_checkpoint_follows(e->set.hasher.crypto, &before, now, &proof, NULL, &diags))
        return FZ_OK;
    return fz_fail(
        err, FZ_E_INPUT,
        "the log of %llu entries does not continue its newest head, of %llu: nothing is signed; `fazhi verify` says more",
        (unsigned long long)now->size, (unsigned long long)before.size);
}

static bool may_sign(const struct fz_log_keys *keys, uint64_t size, const struct fz_signer *signer)
{
    const struct fz_verifier *v = fz_signer_verifier(signer);

    for (size_t i = 0; i < keys->n; i++)
        if (keys->items[i].role == FZ_ROLE_LOG && fz_log_key_in_force(&keys->items[i], size) &&
            fz_verifier_id(v) == fz_verifier_id(keys->items[i].verifier) &&
            fz_verifier_same_key(v, keys->items[i].verifier))
            return true;
    return false;
}

static bool any_in_force(const struct fz_log_keys *keys, uint64_t size)
{
    for (size_t i = 0; i < keys->n; i++)
        if (keys->items[i].role == FZ_ROLE_LOG && fz_log_key_in_force(&keys->items[i], size))
            return true;
    return false;
}

static fz_status sign_note(struct fz_engine *e, const struct fz_log_keys *keys, const struct fz_checkpoint *c,
                           const struct fz_signer *const *signers, size_t n, struct fz_arena *arena, fz_str *out,
                           struct fz_error *err)
{
    struct fz_buf text = {0}, lines = {0};
    fz_random random = {draw, &e->set.random};
    fz_status s = FZ_OK;

    fz_checkpoint_emit(c, &text);
    for (size_t i = 0; i < n && s == FZ_OK; i++)
        if (may_sign(keys, c->size, signers[i]))
            s = fz_note_sign(signers[i], fz_buf_str(&text), 0, random, &lines, err);
    if (s == FZ_OK && lines.n == 0)
        s = fz_fail(err, FZ_E_INPUT, "no private key that is in force at entry %llu is at hand: the head is not signed",
                    (unsigned long long)c->size);
    if (s == FZ_OK)
        *out = fz_str_printf(arena, "%.*s\n%.*s", FZ_STR_ARG(fz_buf_str(&text)), FZ_STR_ARG(fz_buf_str(&lines)));
    fz_buf_release(&text);
    fz_buf_release(&lines);
    return s;
}

fz_status fz_head_sign(struct fz_engine *e, const struct fz_log_keys *keys, const struct fz_signer *const *signers,
                       size_t signers_n, struct fz_arena *arena, fz_str *out_note, struct fz_error *err)
{
    struct fz_checkpoint now = {.origin = keys->origin, .hash = e->set.hasher.kind};
    fz_str newest, same, note;

    *out_note = (fz_str){0};
    fz_assert(!e->flight); /* a head is over what is durable */
    FZ_TRY(e->stale ? fz_engine_refresh(e, err) : FZ_OK);
    now.size = fz_engine_size(e);
    now.root = fz_engine_root(e);
    if (!any_in_force(keys, now.size))
        return FZ_OK;
    FZ_TRY(fz_head_find(e, keys, 0, false, arena, &newest, err));
    if (newest.n)
        FZ_TRY(check_newest(e, &now, newest, arena, err));
    FZ_TRY(fz_head_at(e, now.size, arena, &same, err));
    if (same.n) {
        *out_note = same;
        return FZ_OK;
    }
    FZ_TRY(sign_note(e, keys, &now, signers, signers_n, arena, &note, err));
    FZ_TRY(keep(e, now.size, note, err));
    *out_note = note;
    return FZ_OK;
}

/* ---- heads that come back ---- */

static fz_str line_of(const struct fz_note *note, const struct fz_note_signature *s)
{
    return (fz_str){note->source->text.p + s->at, s->n};
}

/* Signatures of `from` by those to trust that `kept` lacks go below its own. */
static fz_str merge(struct fz_arena *arena, const struct fz_note *kept, const struct fz_note *from,
                    const struct fz_trust *trust, size_t *out_new)
{
    struct fz_buf out = {0};
    fz_str s;

    *out_new = 0;
    fz_buf_add(&out, kept->source->text);
    for (size_t i = 0; i < trust->logs_n + trust->witnesses_n; i++) {
        const struct fz_verifier *v = i < trust->logs_n ? trust->logs[i] : trust->witnesses[i - trust->logs_n];
        const struct fz_note_signature *sig = signature_of(from, v);

        if (!sig || signature_of(kept, v))
            continue;
        fz_buf_add(&out, line_of(from, sig));
        fz_buf_addc(&out, '\n');
        ++*out_new;
    }
    s = fz_str_copy(arena, fz_buf_str(&out));
    fz_buf_release(&out);
    return s;
}

/* One that was signed here and is kept no longer, with the signature of the log alone. */
static fz_str without_witnesses(struct fz_arena *arena, const struct fz_note *note, const struct fz_trust *trust)
{
    const struct fz_note_signature *sig = NULL;

    for (size_t i = 0; i < trust->logs_n && !sig; i++)
        sig = signature_of(note, trust->logs[i]);
    fz_assert(sig); /* it was verified */
    return fz_str_printf(arena, "%.*s\n%.*s\n", FZ_STR_ARG(note->text), FZ_STR_ARG(line_of(note, sig)));
}

/* A head beyond the log may be signed by a key that the log has lost, so all that it knows are tried. */
static struct fz_trust trust_for(const struct fz_engine *e, const struct fz_log_keys *keys,
                                 const struct fz_checkpoint *c, struct fz_arena *arena)
{
    uint64_t size = c->size < fz_engine_size(e) ? c->size : fz_engine_size(e);

    return fz_log_trust(keys, size, fz_engine_size(e), arena);
}

fz_status fz_head_add(struct fz_engine *e, const struct fz_log_keys *keys, const struct fz_source *source,
                      struct fz_arena *arena, struct fz_diags *diags, size_t *out_new, uint64_t *out_size,
                      fz_standing *out_stand, struct fz_error *err)
{
    struct fz_source kept_source = {"the kept head", {0}};
    struct fz_note note, kept;
    struct fz_checkpoint c;
    struct fz_trust trust;
    size_t witnesses;
    fz_str merged;

    if (!parse(arena, source, &note, &c, diags))
        return fz_fail(err, FZ_E_INPUT, "%s: this is no head", source->name);
    if (!fz_str_eq(c.origin, keys->origin))
        return fz_fail(err, FZ_E_INPUT, "%s: a head of the log %.*s, and this is %.*s", source->name,
                       FZ_STR_ARG(c.origin), FZ_STR_ARG(keys->origin));
    trust = trust_for(e, keys, &c, arena);
    if (!fz_checkpoint_verify(arena, &note, &c, &trust, &witnesses, diags))
        return fz_fail(err, FZ_E_INPUT, "%s: no head that a key of this log has signed", source->name);
    FZ_TRY(fz_head_stand(e, &c, out_stand, err));
    *out_new = 0;
    *out_size = c.size;
    if (*out_stand != FZ_STANDS)
        return FZ_OK;
    FZ_TRY(fz_head_at(e, c.size, arena, &kept_source.text, err));
    if (kept_source.text.n == 0)
        kept_source.text = without_witnesses(arena, &note, &trust);
    FZ_TRY(parse_kept(arena, &kept_source, &kept, &c, err));
    if (!fz_str_eq(kept.text, note.text))
        return fz_fail(err, FZ_E_INPUT, "%s: says more than the head that this log signed", source->name);
    merged = merge(arena, &kept, &note, &trust, out_new);
    return *out_new ? keep(e, *out_size, merged, err) : FZ_OK;
}

/* ---- proofs ---- */

fz_status fz_engine_entry(struct fz_engine *e, int64_t seq, struct fz_arena *arena, fz_str *out_bytes,
                          struct fz_error *err)
{
    fz_cell key[] = {FZ_CELL_OF(e->set.jurisdiction), FZ_CELL_OF_INT(seq)}, *row;
    bool found;

    FZ_TRY(fz_store_get(e->set.store, &fz_table_entry, key, arena, &row, &found, err));
    *out_bytes = found ? row[FZ_ENTRY_BYTES].s : (fz_str){0};
    return FZ_OK;
}

fz_status fz_engine_consistency(struct fz_engine *e, uint64_t first, uint64_t second, struct fz_path *out,
                                struct fz_error *err)
{
    if (second > fz_engine_size(e))
        return fz_fail(err, FZ_E_INPUT, "the log has %llu entries, not %llu", (unsigned long long)fz_engine_size(e),
                       (unsigned long long)second);
    return fz_tree_consistency(e->set.hasher, fz_engine_nodes(e), first, second, out, err);
}

fz_status fz_receipt_of(struct fz_engine *e, int64_t seq, const struct fz_source *head, struct fz_arena *arena,
                        struct fz_receipt *out, struct fz_error *err)
{
    struct fz_receipt r = {.entry.name = "entry", .checkpoint = *head};
    struct fz_checkpoint c;
    struct fz_note note;

    FZ_TRY(fz_engine_entry(e, seq, arena, &r.entry.text, err));
    if (r.entry.text.n == 0)
        return fz_fail(err, FZ_E_INPUT, "there is no entry %lld", (long long)seq);
    FZ_TRY(parse_kept(arena, head, &note, &c, err));
    if (c.size > fz_engine_size(e))
        return fz_fail(err, FZ_E_INPUT, "the head is over %llu entries, and the log has %llu",
                       (unsigned long long)c.size, (unsigned long long)fz_engine_size(e));
    FZ_TRY(fz_tree_inclusion(e->set.hasher, fz_engine_nodes(e), (uint64_t)seq - 1, c.size, &r.inclusion, err));
    *out = r;
    return FZ_OK;
}

/* ---- verification ---- */

/* Heads are walked in the order of their sizes, and the leaves are read once along with them. */
struct walk {
    struct fz_engine *e;
    struct fz_arena *arena; /* of the verdict */
    struct fz_arena scratch;
    const struct fz_log_keys *keys;
    struct fz_verdict *out;
    fz_tree tree;
    struct {
        fz_hash at[LEAVES_AT_ONCE];
        size_t n, next;
    } leaves;
};

static void problem(struct walk *w, int64_t size, fz_str text)
{
    if (w->out->n == FZ_PROBLEMS_MAX) {
        w->out->more++;
        return;
    }
    FZ_PUSH(w->arena, w->out, items, n, cap) =
        (struct fz_problem){FZ_P_HEAD, size, FZ_STR("head"), fz_str_copy(w->arena, text)};
}

#define PROBLEM(w, size, ...) problem(w, size, fz_str_printf(&(w)->scratch, __VA_ARGS__))

static fz_status take_leaf(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct walk *w = arg;

    if (cells[FZ_ENTRY_LEAF].s.n != FZ_HASH_BYTES || cells[FZ_ENTRY_SEQ].n != (int64_t)(w->tree.size + w->leaves.n) + 1)
        return fz_fail(err, FZ_E_INPUT, "the log is torn at entry %lld", (long long)cells[FZ_ENTRY_SEQ].n);
    memcpy(w->leaves.at[w->leaves.n++].bytes, cells[FZ_ENTRY_LEAF].s.p, FZ_HASH_BYTES);
    return FZ_OK;
}

static fz_status more_leaves(struct walk *w, struct fz_error *err)
{
    fz_cell prefix[] = {FZ_CELL_OF(w->e->set.jurisdiction)};
    struct fz_scan scan = {.table = &fz_table_entry,
                           .index = -1,
                           .prefix = prefix,
                           .prefix_n = 1,
                           .ranged = true,
                           .low = FZ_CELL_OF_INT((int64_t)w->tree.size + 1),
                           .high = FZ_CELL_UNSET,
                           .limit = LEAVES_AT_ONCE};

    w->leaves.n = w->leaves.next = 0;
    FZ_TRY(fz_store_scan(w->e->set.store, &scan, take_leaf, w, err));
    return w->leaves.n
               ? FZ_OK
               : fz_fail(err, FZ_E_INPUT, "the tree of the log ends at entry %llu", (unsigned long long)w->tree.size);
}

static fz_status grow_to(struct walk *w, uint64_t size, struct fz_error *err)
{
    fz_tree_node nodes[FZ_TREE_STORED_MAX];

    while (w->tree.size < size) {
        if (w->leaves.next == w->leaves.n)
            FZ_TRY(more_leaves(w, err));
        fz_tree_append(w->e->set.hasher, &w->tree, &w->leaves.at[w->leaves.next++], nodes);
    }
    return FZ_OK;
}

/* Whoever signed has to have been in force. */
static void check_signers(struct walk *w, const struct fz_note *note, const struct fz_checkpoint *c)
{
    for (size_t i = 0; i < w->keys->n; i++) {
        const struct fz_log_key *k = &w->keys->items[i];

        if (k->role == FZ_ROLE_LOG && k->verifier && !fz_log_key_in_force(k, c->size) &&
            signature_of(note, k->verifier))
            PROBLEM(w, (int64_t)c->size, "signed by the key of %.*s, which was not in force at that entry",
                    FZ_STR_ARG(k->record));
    }
}

/* Signatures of all witnesses that were ever trusted have to fit; how many count is for those trusted now. */
static void check_signatures(struct walk *w, const struct fz_note *note, const struct fz_checkpoint *c)
{
    struct fz_trust trust = fz_log_trust(w->keys, c->size, fz_engine_size(w->e), &w->scratch);
    struct fz_diags diags;
    size_t witnesses = 0;

    fz_diags_init(&diags, &w->scratch);
    if (!fz_checkpoint_verify(&w->scratch, note, c, &trust, &witnesses, &diags)) {
        PROBLEM(w, (int64_t)c->size, "%s",
                diags.items[0].id == FZ_D_note_untrusted ? "no key in force at that entry has signed it"
                                                         : "a signature under it does not fit");
        return;
    }
    w->out->signed_size = c->size;
    if (witnesses)
        w->out->witnessed_size = c->size;
}

static fz_status check_head(void *arg, const fz_cell *cells, struct fz_error *err)
{
    struct walk *w = arg;
    int64_t size = cells[FZ_HEAD_SIZE].n;
    struct fz_source source = {"head", cells[FZ_HEAD_NOTE].s};
    struct fz_checkpoint c;
    struct fz_diags diags;
    struct fz_note note;
    fz_hash root;

    fz_arena_reset(&w->scratch);
    fz_diags_init(&diags, &w->scratch);
    w->out->heads++;
    if (!parse(&w->scratch, &source, &note, &c, &diags) || c.size != (uint64_t)size ||
        !fz_str_eq(c.origin, w->keys->origin)) {
        PROBLEM(w, size, "this is no head of that size of this log");
        return FZ_OK;
    }
    if (c.size > fz_engine_size(w->e)) {
        PROBLEM(w, size, "the log has %llu entries: %llu are missing at its end",
                (unsigned long long)fz_engine_size(w->e), (unsigned long long)(c.size - fz_engine_size(w->e)));
        return FZ_OK;
    }
    FZ_TRY(grow_to(w, c.size, err));
    root = fz_tree_root(w->e->set.hasher, &w->tree);
    if (c.hash != w->e->set.hasher.kind || !fz_hash_eq(&root, &c.root))
        PROBLEM(w, size, "the first %llu entries are not those that were signed", (unsigned long long)c.size);
    check_signers(w, &note, &c);
    check_signatures(w, &note, &c);
    return FZ_OK;
}

static void check_keys(struct walk *w)
{
    for (size_t i = 0; i < w->keys->n; i++)
        if (!w->keys->items[i].verifier)
            PROBLEM(w, w->keys->items[i].from, "the public key of %.*s cannot be read, or is of another log",
                    FZ_STR_ARG(w->keys->items[i].record));
}

fz_status fz_heads_check(struct fz_engine *e, struct fz_arena *arena, struct fz_verdict *out, struct fz_error *err)
{
    struct walk *w = FZ_NEW(arena, struct walk);
    fz_cell prefix[] = {FZ_CELL_OF(e->set.jurisdiction)};
    struct fz_scan scan = {.table = &fz_table_head, .index = -1, .prefix = prefix, .prefix_n = 1};
    struct fz_log_keys keys;
    fz_status s;

    w->e = e;
    w->arena = arena;
    w->out = out;
    w->keys = &keys;
    fz_arena_init(&w->scratch);
    s = fz_log_keys_read(e, arena, &keys, err);
    if (s == FZ_OK) {
        check_keys(w);
        s = fz_store_scan(e->set.store, &scan, check_head, w, err);
    }
    fz_log_keys_release(&keys);
    fz_arena_release(&w->scratch);
    return s;
}
