#include "cli/erasures.h"

#include "engine/heads.h"

#define FIRST_WORDS "fazhi erasures 1"

/* ---- writing ---- */

static bool takes_away(const struct fz_entry *e)
{
    return fz_str_is(e->action, FZ_ERASE_ERASE) || fz_str_is(e->action, FZ_ERASE_LOCK) ||
           fz_str_is(e->action, FZ_ERASE_EXPIRE) || fz_str_is(e->action, FZ_ERASE_REAPPLY) ||
           fz_str_is(e->action, FZ_ERASE_RELOCK);
}

static fz_status add_line(struct fz_folder *f, int64_t seq, uint64_t size, struct fz_buf *out, struct fz_error *err)
{
    struct fz_path proof;
    char hex[FZ_HASH_HEX];
    fz_str bytes;

    FZ_TRY(fz_tree_inclusion((fz_hasher){f->crypto, f->hash}, fz_engine_nodes(f->engine), (uint64_t)seq - 1, size,
                             &proof, err));
    FZ_TRY(fz_engine_entry(f->engine, seq, &f->packs.arena, &bytes, err));
    fz_buf_printf(out, "%lld\t", (long long)seq);
    for (size_t i = 0; i < proof.n; i++)
        fz_buf_printf(out, "%s%s", i ? "," : "", fz_hash_hex(&proof.at[i], hex));
    fz_buf_addc(out, '\t');
    fz_buf_add(out, bytes);
    fz_buf_addc(out, '\n');
    return FZ_OK;
}

static fz_status add_erasure(struct fz_folder *f, fz_str record, uint64_t size, struct fz_buf *out,
                             struct fz_error *err)
{
    struct fz_folded folded;
    int64_t last = 0;

    FZ_TRY(fz_engine_fold(f->engine, record, &f->packs.arena, &folded, err));
    for (size_t i = 0; i < folded.entries_n; i++)
        if (takes_away(&folded.entries[i]))
            last = folded.entries[i].seq;
    if (!last)
        return FZ_OK;
    FZ_TRY(add_line(f, folded.entries[0].seq, size, out, err));
    return last == folded.entries[0].seq ? FZ_OK : add_line(f, last, size, out, err);
}

fz_status fz_erasures_write(struct fz_folder *f, struct fz_error *err)
{
    uint64_t size = fz_engine_size(f->engine);
    fz_hash root = fz_engine_root(f->engine);
    struct fz_buf out = {0};
    char hex[FZ_HASH_HEX];
    struct fz_record_ids ids;
    fz_status s;

    FZ_TRY(fz_engine_records(f->engine, FZ_STR(FZ_ERASE_TYPE), &f->packs.arena, &ids, err));
    if (ids.n == 0)
        return FZ_OK;
    fz_buf_printf(&out, FIRST_WORDS " %.*s %s %llu %s\n", FZ_STR_ARG(f->jurisdiction), fz_hash_kind_id(f->hash),
                  (unsigned long long)size, fz_hash_hex(&root, hex));
    s = FZ_OK;
    for (size_t i = 0; s == FZ_OK && i < ids.n; i++)
        s = add_erasure(f, ids.items[i], size, &out, err);
    if (s == FZ_OK)
        s = fz_cli_replace_file(fz_folder_file(f, FZ_ERASURES_FILE), fz_buf_str(&out), err);
    fz_buf_release(&out);
    return s;
}

/* ---- reading ---- */

struct list {
    struct fz_folder *f;
    const char *name;
    unsigned line;
    uint64_t size;
    fz_hash root;
    struct fz_error *err;
    struct {
        struct listed {
            int64_t seq;
            struct fz_entry e;
            fz_str bytes;
        } * items;
        size_t n, cap;
    } entries;
};

static fz_status broken(struct list *l, const char *why)
{
    return fz_fail(l->err, FZ_E_INPUT, "%s:%u: %s", l->name, l->line, why);
}

/* What stands before the mark, which is taken with it; all that is left when there is none. */
static fz_str take_part(fz_str *rest, char mark)
{
    const char *end = rest->n ? memchr(rest->p, mark, rest->n) : NULL;
    fz_str part = {rest->p, end ? (size_t)(end - rest->p) : rest->n};

    rest->p += part.n + (end != NULL);
    rest->n -= part.n + (end != NULL);
    return part;
}

static fz_status read_first(struct list *l, fz_str line)
{
    int64_t size;

    if (!fz_str_starts(line, FIRST_WORDS " "))
        return broken(l, "this is no list of erasures that this version knows");
    line = (fz_str){line.p + strlen(FIRST_WORDS) + 1, line.n - strlen(FIRST_WORDS) - 1};
    if (!fz_str_eq(take_part(&line, ' '), l->f->jurisdiction) ||
        !fz_str_is(take_part(&line, ' '), fz_hash_kind_id(l->f->hash)))
        return broken(l, "it is the list of another log");
    if (!fz_str_int(take_part(&line, ' '), &size) || size < 1 || !fz_hash_parse(line, &l->root))
        return broken(l, "its size or root cannot be read");
    l->size = (uint64_t)size;
    return FZ_OK;
}

static bool read_proof(fz_str text, struct fz_path *out)
{
    out->n = 0;
    while (text.n)
        if (out->n == FZ_TREE_PATH_MAX || !fz_hash_parse(take_part(&text, ','), &out->at[out->n++]))
            return false;
    return true;
}

static fz_status read_line(struct list *l, fz_str line)
{
    fz_hasher h = {l->f->crypto, l->f->hash};
    struct listed e = {.seq = 0};
    fz_str number = take_part(&line, '\t'), hashes = take_part(&line, '\t');
    struct fz_source source = {l->name, line};
    struct fz_diags diags;
    struct fz_path proof;
    fz_hash leaf = fz_hash_leaf(h, line);

    fz_diags_init(&diags, &l->f->packs.arena);
    if (!fz_str_int(number, &e.seq) || e.seq < 1 || !read_proof(hashes, &proof))
        return broken(l, "its number or proof cannot be read");
    if (!fz_tree_included(h, &leaf, (uint64_t)e.seq - 1, l->size, &proof, &l->root))
        return broken(l, "its proof does not lead to the root of the list");
    if (!fz_entry_decode(&l->f->packs.arena, &source, &e.e, &diags) || e.e.seq != e.seq ||
        !fz_str_is(e.e.pack, FZ_ERASE_PACK))
        return broken(l, "it is no entry of an erasure");
    e.bytes = line;
    FZ_PUSH(&l->f->packs.arena, &l->entries, items, n, cap) = e;
    return FZ_OK;
}

static fz_status read_list(struct list *l, fz_str text)
{
    for (l->line = 1; text.n; l->line++) {
        fz_str line = take_part(&text, '\n');

        FZ_TRY((l->line == 1 ? read_first : read_line)(l, line));
    }
    return FZ_OK;
}

/* ---- making them again ---- */

static const struct fz_entry_value *value_of(const struct fz_entry *e, const char *name)
{
    for (size_t i = 0; i < e->values_n; i++)
        if (fz_str_is(e->values[i].name, name))
            return &e->values[i].value;
    return NULL;
}

/* The entry that says what an erasure takes away. */
static const struct fz_entry *beginning_of(const struct list *l, fz_str record)
{
    for (size_t i = 0; i < l->entries.n; i++)
        if (fz_str_eq(l->entries.items[i].e.record, record))
            return &l->entries.items[i].e;
    return NULL;
}

static bool still_there(const struct fz_erase_plan *plan, struct fz_arena *arena, fz_str item)
{
    for (size_t i = 0; i < plan->n; i++)
        if (fz_str_eq(fz_erase_item_text(arena, &plan->items[i]), item))
            return plan->items[i].state == FZ_THERE;
    return false;
}

struct again {
    struct fz_named_value *values;
    size_t n;
};

static void give(struct again *a, const char *name, fz_str text)
{
    a->values[a->n++] = (struct fz_named_value){fz_str_of(name), text};
}

/* Items of it that the folder still has; what it never had, or has erased itself, is no matter. */
static fz_status items_left(struct fz_folder *f, const struct fz_entry *begins, struct again *out, struct fz_error *err)
{
    const struct fz_entry_value *items = value_of(begins, FZ_ERASE_ITEMS), *target = value_of(begins, FZ_ERASE_TARGET);
    struct fz_arena *arena = &f->packs.arena;
    fz_cell key[] = {FZ_CELL_OF(f->jurisdiction), FZ_CELL_UNSET}, *row;
    struct fz_erase_plan plan;
    bool found;

    if (!items || !target)
        return FZ_OK;
    key[1] = FZ_CELL_OF(target->text);
    FZ_TRY(fz_store_get(f->store, &fz_table_record, key, arena, &row, &found, err));
    if (!found)
        return FZ_OK;
    FZ_TRY(fz_erase_plan(f->engine, target->text, fz_folder_today(f), arena, &plan, err));
    out->values = FZ_NEW_ARRAY(arena, struct fz_named_value, items->items_n + 4);
    for (size_t i = 0; i < items->items_n; i++)
        if (still_there(&plan, arena, items->items[i].text))
            give(out, FZ_ERASE_ITEMS, items->items[i].text);
    return FZ_OK;
}

static fz_status submit(struct fz_folder *f, const struct list *l, const struct listed *e, const struct fz_order *o,
                        struct fz_error *err)
{
    struct fz_answer answer;

    FZ_TRY(fz_engine_submit(f->engine, o, 1, fz_folder_now_ms(f), &f->packs.arena, &answer, err));
    if (answer.kind != FZ_A_DONE)
        return fz_fail(err, FZ_E_INPUT, "%s: the erasure of entry %lld cannot be made again: %.*s", l->name,
                       (long long)e->seq, FZ_STR_ARG(answer.text));
    return FZ_OK;
}

static fz_status make_again(struct fz_folder *f, const struct list *l, const struct listed *e,
                            const struct fz_entry *begins, struct again *a, bool locks, struct fz_error *err)
{
    const struct fz_entry_value *until = value_of(begins, FZ_ERASE_UNTIL);
    struct fz_order o = FZ_ORDER(fz_str_of(locks ? FZ_ERASE_RELOCK : FZ_ERASE_REAPPLY), fz_folder_today(f));
    fz_hash leaf = fz_hash_leaf((fz_hasher){f->crypto, f->hash}, e->bytes);
    char hex[FZ_HASH_HEX];
    fz_str earlier = fz_str_printf(&f->packs.arena, "%lld %s", (long long)e->seq, fz_hash_hex(&leaf, hex));

    give(a, FZ_ERASE_TARGET, value_of(begins, FZ_ERASE_TARGET)->text);
    give(a, "ground", value_of(begins, "ground")->text);
    give(a, locks ? "earlier_lock" : "earlier", earlier);
    if (locks && until)
        give(a, FZ_ERASE_UNTIL, until->text);
    o.type = FZ_STR(FZ_ERASE_TYPE);
    o.actor = e->e.actor;
    o.organ = e->e.organ;
    o.observed = true;
    o.source = FZ_STR(FZ_ERASURES_FILE);
    o.values = a->values;
    o.values_n = a->n;
    return submit(f, l, e, &o, err);
}

/* An erasure that the older log has begun, and has locked the values of: it ends there as it did later. */
static fz_status end_again(struct fz_folder *f, const struct list *l, const struct listed *e, bool *out_was,
                           struct fz_error *err)
{
    fz_cell key[] = {FZ_CELL_OF(f->jurisdiction), FZ_CELL_OF(e->e.record)}, *row;
    struct fz_order o = FZ_ORDER(FZ_STR(FZ_ERASE_ERASE), fz_folder_today(f));
    uint64_t n;
    bool found;

    FZ_TRY(fz_store_get(f->store, &fz_table_record, key, &f->packs.arena, &row, &found, err));
    *out_was = found && fz_str_is(row[FZ_RECORD_TYPE].s, FZ_ERASE_TYPE) && fz_str_is(row[FZ_RECORD_STAGE].s, "locked");
    if (!*out_was)
        return FZ_OK;
    if (fz_str_is(e->e.action, FZ_ERASE_EXPIRE)) /* with everything else that the law has done by then */
        return fz_engine_tick(f->engine, e->e.on, fz_folder_now_ms(f), &n, err);
    o.record = e->e.record;
    o.actor = e->e.actor;
    return submit(f, l, e, &o, err);
}

static fz_status apply_one(struct fz_folder *f, const struct list *l, const struct listed *e, uint64_t *io_n,
                           struct fz_error *err)
{
    const struct fz_entry *begins = beginning_of(l, e->e.record);
    bool locks = fz_str_is(e->e.action, FZ_ERASE_LOCK) || fz_str_is(e->e.action, FZ_ERASE_RELOCK);
    struct again a = {.n = 0};
    bool was = false;

    if (!takes_away(&e->e))
        return FZ_OK;
    FZ_TRY(items_left(f, begins, &a, err));
    if (!locks)
        FZ_TRY(end_again(f, l, e, &was, err));
    *io_n += was || a.n;
    return a.n ? make_again(f, l, e, begins, &a, locks, err) : FZ_OK;
}

fz_status fz_erasures_apply(struct fz_folder *f, const char *name, fz_str text, uint64_t *out_n, struct fz_error *err)
{
    struct list l = {.f = f, .name = name, .err = err};

    *out_n = 0;
    FZ_TRY(read_list(&l, text));
    for (size_t i = 0; i < l.entries.n; i++)
        FZ_TRY(apply_one(f, &l, &l.entries.items[i], out_n, err));
    return FZ_OK;
}
