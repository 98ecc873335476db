/*
 * The order of keys is said once, in `members`: encoder and decoder walk the same rows. The decoder takes nothing but
 * the canonical form, and encodes what it has read once more to compare: a rule forgotten in one of the two is found at once
 * instead of letting two texts stand for one entry.
 */
#include "ledger/entry.h"

#include <inttypes.h>
#include <stdlib.h>

#include "ledger/scan_int.h"

enum member_kind { VERSION, NUMBER, DAY, NAME, TEXT, VALUES, HASHES, HASH };

struct member {
    const char *key; /* ,"NAME": as it stands between two others */
    size_t key_bytes; /* of the name */
    enum member_kind kind;
    size_t offset;
    bool optional;
    int64_t min, max, none; /* of a number; `none`: it is left out */
};

#define M(key, member, kind, ...)                                                                                      \
    {                                                                                                                  \
        ",\"" key "\":", sizeof(key) - 1, kind, offsetof(struct fz_entry, member), __VA_ARGS__                                                      \
    }

static const struct member members[] = {
    {",\"v\":", 1, VERSION, 0, false, 1, 1, 0},
    M("seq", seq, NUMBER, false, 1, INT64_C(1) << 53, 0),
    M("at", at_ms, NUMBER, false, 0, FZ_ENTRY_AT_MAX, 0),
    M("on", on, DAY, false),
    M("minute", minute, NUMBER, true, 0, 1439, FZ_MINUTE_NONE),
    M("jurisdiction", jurisdiction, TEXT, false),
    M("record", record, TEXT, false),
    M("type", type, NAME, false),
    M("action", action, NAME, true),
    M("waives", waives, NAME, true),
    M("serves", serves, NAME, true),
    M("correction", correction, NAME, true),
    M("corrects", corrects, NUMBER, true, 1, INT64_C(1) << 53, 0),
    M("outcome", outcome, NAME, true),
    M("actor", actor, TEXT, false),
    M("organ", organ, TEXT, false),
    M("pack", pack, NAME, false),
    M("pack_version", pack_version, TEXT, false),
    M("values", values, VALUES, false),
    M("commitments", commitments, HASHES, false),
    M("documents", documents, HASHES, false),
    M("key", key, HASH, true),
};

#undef M

/* A list is a pointer and, behind it, its length: so the row of `values` finds both. */
struct values {
    const fz_entry_field *items;
    size_t n;
};

struct hashes {
    const fz_entry_hash *items;
    size_t n;
};

_Static_assert(offsetof(struct fz_entry, values_n) - offsetof(struct fz_entry, values) == offsetof(struct values, n),
               "");
_Static_assert(offsetof(struct fz_entry, commitments_n) - offsetof(struct fz_entry, commitments) ==
                   offsetof(struct hashes, n),
               "");
_Static_assert(offsetof(struct fz_entry, documents_n) - offsetof(struct fz_entry, documents) ==
                   offsetof(struct hashes, n),
               "");

/* ---- writing ---- */

void fz_entry_value_emit(struct fz_buf *out, const fz_entry_value *v)
{
    switch (v->kind) {
    case FZ_VALUE_INT:
        fz_buf_int(out, v->number);
        break;
    case FZ_VALUE_TEXT:
        fz_emit_text(out, v->text);
        break;
    case FZ_VALUE_LIST:
        fz_buf_addc(out, '[');
        for (size_t i = 0; i < v->items_n; i++) {
            if (i)
                fz_buf_addc(out, ',');
            fz_entry_value_emit(out, &v->items[i]);
        }
        fz_buf_addc(out, ']');
        break;
    }
}

static void emit_name(struct fz_buf *out, fz_str name, bool first)
{
    if (!first)
        fz_buf_addc(out, ',');
    fz_emit_text(out, name);
    fz_buf_addc(out, ':');
}

static void emit_hash(struct fz_buf *out, const fz_hash *hash)
{
    char hex[FZ_HASH_HEX];

    fz_emit_text(out, (fz_str){fz_hash_hex(hash, hex), FZ_HASH_HEX - 1});
}

static void emit_values(struct fz_buf *out, const struct values *v)
{
    fz_buf_addc(out, '{');
    for (size_t i = 0; i < v->n; i++) {
        emit_name(out, v->items[i].name, i == 0);
        fz_entry_value_emit(out, &v->items[i].value);
    }
    fz_buf_addc(out, '}');
}

static void emit_hashes(struct fz_buf *out, const struct hashes *v)
{
    fz_buf_addc(out, '{');
    for (size_t i = 0; i < v->n; i++) {
        emit_name(out, v->items[i].name, i == 0);
        emit_hash(out, &v->items[i].hash);
    }
    fz_buf_addc(out, '}');
}

static bool left_out(const struct member *m, const void *at)
{
    if (!m->optional)
        return false;
    if (m->kind == NUMBER)
        return *(const int64_t *)at == m->none;
    if (m->kind == HASH)
        return !*(const fz_hash *const *)at;
    return ((const fz_str *)at)->n == 0;
}

static void emit_member(struct fz_buf *out, const struct member *m, const void *at)
{
    char day[FZ_DAY_TEXT];

    switch (m->kind) {
    case VERSION:
        fz_buf_addz(out, "1");
        break;
    case NUMBER:
        fz_buf_int(out, *(const int64_t *)at);
        break;
    case DAY:
        fz_emit_text(out, fz_str_of(fz_day_text(*(const fz_day *)at, day)));
        break;
    case NAME:
    case TEXT:
        fz_emit_text(out, *(const fz_str *)at);
        break;
    case VALUES:
        emit_values(out, at);
        break;
    case HASHES:
        emit_hashes(out, at);
        break;
    case HASH:
        emit_hash(out, *(const fz_hash *const *)at);
        break;
    }
}

#define USUAL_BYTES 1024 /* of an entry: most have some 400 */

static void emit(struct fz_buf *out, const struct fz_entry *e)
{
    fz_buf_reserve(out, USUAL_BYTES);
    fz_buf_addc(out, '{');
    for (size_t i = 0; i < FZ_COUNT(members); i++) {
        const void *at = (const char *)e + members[i].offset;

        if (left_out(&members[i], at))
            continue;
        fz_buf_add(out, (fz_str){members[i].key + (i == 0), members[i].key_bytes + 4 - (i == 0)});
        emit_member(out, &members[i], at);
    }
    fz_buf_addc(out, '}');
}

/* ---- reading ---- */

/* Lower-case letters, digits, _, - and . after a letter: what packs call things, and what their links tell. */
static bool is_name(fz_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        bool letter = s.p[i] >= 'a' && s.p[i] <= 'z';

        if (!letter && (i == 0 || !(fz_is_digit(s.p[i]) || s.p[i] == '_' || s.p[i] == '-' || s.p[i] == '.')))
            return false;
    }
    return s.n > 0 && s.n <= FZ_ENTRY_NAME_BYTES_MAX;
}

static bool is_line(fz_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F)
            return false;
    return s.n > 0 && s.n <= FZ_ENTRY_TEXT_BYTES_MAX;
}

static fz_str number(struct fz_scan *s, int64_t n)
{
    return fz_str_printf(s->arena, "%" PRId64, n);
}

static bool scan_name(struct fz_scan *s, fz_str *out)
{
    size_t at = s->at;

    if (!fz_scan_text(s, out))
        return false;
    return is_name(*out) || fz_scan_fail(s, FZ_D_ledger_name, at, s->at - at, *out, number(s, FZ_ENTRY_NAME_BYTES_MAX));
}

static bool scan_line(struct fz_scan *s, fz_str *out)
{
    size_t at = s->at;

    if (!fz_scan_text(s, out))
        return false;
    return is_line(*out) ||
           fz_scan_fail(s, FZ_D_ledger_text, at, s->at - at, number(s, FZ_ENTRY_TEXT_BYTES_MAX), (fz_str){0});
}

static bool scan_day(struct fz_scan *s, fz_day *out)
{
    size_t at = s->at;
    fz_str text;

    if (!fz_scan_text(s, &text))
        return false;
    return fz_day_parse(text, out) || fz_scan_fail(s, FZ_D_ledger_day, at, s->at - at, text, (fz_str){0});
}

static bool scan_hash(struct fz_scan *s, fz_hash *out)
{
    size_t at = s->at;
    fz_str text;

    if (!fz_scan_text(s, &text))
        return false;
    return fz_hash_parse(text, out) || fz_scan_fail(s, FZ_D_ledger_hash, at, s->at - at, (fz_str){0}, (fz_str){0});
}

static bool scan_scalar(struct fz_scan *s, fz_entry_value *out)
{
    *out = (fz_entry_value){.kind = FZ_VALUE_TEXT};
    if (fz_scan_is(s, '"'))
        return fz_scan_text(s, &out->text);
    out->kind = FZ_VALUE_INT;
    if (s->at < s->source->text.n && strchr("-0123456789", s->source->text.p[s->at]) && s->source->text.p[s->at])
        return fz_scan_int(s, INT64_MIN, INT64_MAX, &out->number);
    return fz_scan_fail(s, FZ_D_ledger_value, s->at, 1, (fz_str){0}, (fz_str){0});
}

static bool scan_list(struct fz_scan *s, fz_entry_value *out)
{
    struct {
        fz_entry_value *items;
        size_t n, cap;
    } list = {0};

    fz_scan_mark(s, '[');
    while (!fz_scan_is(s, ']')) {
        if (list.n && !fz_scan_mark(s, ','))
            return false;
        if (list.n == FZ_ENTRY_ITEMS_MAX)
            return fz_scan_fail(s, FZ_D_ledger_many, s->at, 1, number(s, FZ_ENTRY_ITEMS_MAX), (fz_str){0});
        if (!scan_scalar(s, &FZ_PUSH(s->arena, &list, items, n, cap)))
            return false;
    }
    *out = (fz_entry_value){.kind = FZ_VALUE_LIST, .items = list.items, .items_n = list.n};
    return fz_scan_mark(s, ']');
}

/* One more name of a map, with what separates it from the name before, and the colon behind it. */
static bool scan_next_name(struct fz_scan *s, fz_str before, size_t n, fz_str *out)
{
    size_t at;

    if (n && !fz_scan_mark(s, ','))
        return false;
    at = s->at;
    if (n == FZ_ENTRY_FIELDS_MAX)
        return fz_scan_fail(s, FZ_D_ledger_many, at, 1, number(s, FZ_ENTRY_FIELDS_MAX), (fz_str){0});
    if (!scan_name(s, out))
        return false;
    if (n && fz_str_cmp(before, *out) >= 0)
        return fz_scan_fail(s, FZ_D_ledger_order, at, s->at - at, *out, before);
    return fz_scan_mark(s, ':');
}

static bool scan_value(struct fz_scan *s, fz_entry_value *out)
{
    return fz_scan_is(s, '[') ? scan_list(s, out) : scan_scalar(s, out);
}

static bool scan_values(struct fz_scan *s, struct values *out)
{
    struct {
        fz_entry_field *items;
        size_t n, cap;
    } map = {0};
    fz_str before = {0};

    if (!fz_scan_mark(s, '{'))
        return false;
    while (!fz_scan_is(s, '}')) {
        fz_entry_field f;

        if (!scan_next_name(s, before, map.n, &f.name) ||
            !scan_value(s, &f.value))
            return false;
        FZ_PUSH(s->arena, &map, items, n, cap) = f;
        before = f.name;
    }
    *out = (struct values){map.items, map.n};
    return fz_scan_mark(s, '}');
}

static bool scan_hashes(struct fz_scan *s, struct hashes *out)
{
    struct {
        fz_entry_hash *items;
        size_t n, cap;
    } map = {0};
    fz_str before = {0};

    if (!fz_scan_mark(s, '{'))
        return false;
    while (!fz_scan_is(s, '}')) {
        fz_entry_hash f;

        if (!scan_next_name(s, before, map.n, &f.name) || !scan_hash(s, &f.hash))
            return false;
        FZ_PUSH(s->arena, &map, items, n, cap) = f;
        before = f.name;
    }
    *out = (struct hashes){map.items, map.n};
    return fz_scan_mark(s, '}');
}

static bool scan_member(struct fz_scan *s, const struct member *m, void *at)
{
    int64_t version;
    fz_hash *hash;

    switch (m->kind) {
    case VERSION:
        return fz_scan_int(s, m->min, m->max, &version);
    case NUMBER:
        return fz_scan_int(s, m->min, m->max, at);
    case DAY:
        return scan_day(s, at);
    case NAME:
        return scan_name(s, at);
    case TEXT:
        return scan_line(s, at);
    case VALUES:
        return scan_values(s, at);
    case HASHES:
        return scan_hashes(s, at);
    case HASH:
        hash = FZ_NEW(s->arena, fz_hash);
        *(const fz_hash **)at = hash;
        return scan_hash(s, hash);
    }
    return false;
}

static bool missing_key(struct fz_scan *s, const struct member *m, bool first)
{
    return fz_scan_key(s, fz_str_z(s->arena, (fz_str){m->key + 2, m->key_bytes}), first);
}

static bool scan_members(struct fz_scan *s, struct fz_entry *e)
{
    if (!fz_scan_mark(s, '{'))
        return false;
    for (size_t i = 0; i < FZ_COUNT(members); i++) {
        const struct member *m = &members[i];

        bool there = fz_scan_take_key(s, m->key + 2, m->key_bytes, i == 0);

        if (!there && m->optional)
            continue;
        if ((!there && !missing_key(s, m, i == 0)) || !scan_member(s, m, (char *)e + m->offset))
            return false;
    }
    return fz_scan_mark(s, '}') && fz_scan_end(s);
}

/* What one member demands of another. The place is the whole line: the fault lies in none of them alone. */
static bool check_members(struct fz_scan *s, const struct fz_entry *e)
{
    size_t all = s->source->text.n;

    if ((e->action.n > 0) + (e->waives.n > 0) + (e->serves.n > 0) + (e->correction.n > 0) != 1)
        return fz_scan_fail(s, FZ_D_ledger_either, 0, all, (fz_str){0}, (fz_str){0});
    if ((e->correction.n > 0) != (e->corrects > 0) || e->corrects >= e->seq)
        return fz_scan_fail(s, FZ_D_ledger_corrects, 0, all, (fz_str){0}, (fz_str){0});
    for (size_t i = 0, k = 0; i < e->values_n && k < e->commitments_n;) {
        int order = fz_str_cmp(e->values[i].name, e->commitments[k].name);

        if (order == 0)
            return fz_scan_fail(s, FZ_D_ledger_both, 0, all, e->values[i].name, (fz_str){0});
        i += order < 0;
        k += order > 0;
    }
    return true;
}

/* Nothing gets here that is not canonical; should the two halves of this file ever disagree, the entry is refused. */
static bool check_bytes(struct fz_scan *s, const struct fz_entry *e)
{
    fz_str text = s->source->text;
    struct fz_buf again = {0};
    size_t at = 0;
    bool same;

    emit(&again, e);
    same = fz_str_eq(fz_buf_str(&again), text);
    while (!same && at < text.n && at < again.n && text.p[at] == again.p[at])
        at++;
    fz_buf_release(&again);
    return same || fz_scan_fail(s, FZ_D_ledger_escape, at, 1, (fz_str){0}, (fz_str){0});
}

bool fz_entry_decode(struct fz_arena *arena, const struct fz_source *source, struct fz_entry *out,
                     struct fz_diags *diags)
{
    struct fz_scan s = fz_scan_begin(arena, source, FZ_ENTRY_BYTES_MAX, false, diags);
    struct fz_entry e = {.minute = FZ_MINUTE_NONE};

    if (s.failed || !scan_members(&s, &e) || !check_members(&s, &e) || !check_bytes(&s, &e))
        return false;
    *out = e;
    return true;
}

bool fz_entry_value_read(struct fz_arena *arena, fz_str text, fz_entry_value *out)
{
    struct fz_source source = {"value", text};
    struct fz_diags diags;
    struct fz_scan s;
    struct fz_buf again = {0};
    fz_entry_value v;
    bool same;

    fz_diags_init(&diags, arena);
    s = fz_scan_begin(arena, &source, FZ_ENTRY_BYTES_MAX, false, &diags);
    if (s.failed || !scan_value(&s, &v) || !fz_scan_end(&s))
        return false;
    fz_entry_value_emit(&again, &v);
    same = fz_str_eq(fz_buf_str(&again), text);
    fz_buf_release(&again);
    if (same)
        *out = v;
    return same;
}

/* ---- encoding ---- */

static int by_field(const void *a, const void *b)
{
    return fz_str_cmp(((const fz_entry_field *)a)->name, ((const fz_entry_field *)b)->name);
}

static int by_hash(const void *a, const void *b)
{
    return fz_str_cmp(((const fz_entry_hash *)a)->name, ((const fz_entry_hash *)b)->name);
}

static const void *sorted(struct fz_arena *arena, const void *items, size_t n, size_t each_bytes,
                          int (*order)(const void *, const void *))
{
    void *copy = fz_alloc_array(arena, n, each_bytes);

    if (n) {
        memcpy(copy, items, n * each_bytes);
        qsort(copy, n, each_bytes, order);
    }
    return copy;
}

fz_str fz_entry_encode(struct fz_arena *arena, const struct fz_entry *e, struct fz_diags *diags)
{
    struct fz_source *source = FZ_NEW(arena, struct fz_source);
    struct fz_entry in_order = *e, back;
    struct fz_buf out = {0};

    in_order.values = sorted(arena, e->values, e->values_n, sizeof(*e->values), by_field);
    in_order.commitments = sorted(arena, e->commitments, e->commitments_n, sizeof(*e->commitments), by_hash);
    in_order.documents = sorted(arena, e->documents, e->documents_n, sizeof(*e->documents), by_hash);
    emit(&out, &in_order);
    *source = (struct fz_source){"entry", fz_str_copy(arena, fz_buf_str(&out))};
    fz_buf_release(&out);
    return fz_entry_decode(arena, source, &back, diags) ? source->text : (fz_str){0};
}
