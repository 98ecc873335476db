#include "report/tally.h"

static fz_str key_at(const void *owner, uint32_t at)
{
    return ((const struct fz_names *)owner)->keys[at];
}

void fz_names_init(struct fz_names *x, struct fz_arena *arena)
{
    *x = (struct fz_names){.n = 0};
    fz_lookup_init(&x->index, arena, 64);
}

uint32_t fz_names_number(struct fz_names *x, struct fz_arena *arena, fz_str key, bool *out_new)
{
    uint32_t hash = (uint32_t)fz_hash_text(0, key), at = fz_lookup_find(&x->index, hash, key, key_at, x);

    *out_new = at == FZ_LOOKUP_NONE;
    if (*out_new) {
        at = (uint32_t)x->n;
        FZ_PUSH(arena, x, keys, n, cap) = fz_str_copy(arena, key);
        fz_lookup_add(&x->index, arena, hash, at);
    }
    return at;
}

bool fz_names_has(const struct fz_names *x, fz_str key)
{
    return fz_lookup_find(&x->index, (uint32_t)fz_hash_text(0, key), key, key_at, x) != FZ_LOOKUP_NONE;
}

void fz_tally_init(struct fz_tally *t, struct fz_arena *arena)
{
    *t = (struct fz_tally){.arena = arena};
    fz_names_init(&t->names, arena);
    fz_names_init(&t->values, arena);
}

void fz_tally_release(struct fz_tally *t)
{
    fz_buf_release(&t->key);
}

size_t fz_tally_slots(const struct fz_indicator *ind)
{
    return ind->kind == FZ_SHARE_OF ? ind->bases_n : 1;
}

const struct fz_basis *fz_tally_basis(const struct fz_indicator *ind, size_t slot)
{
    return ind->kind == FZ_SHARE_OF ? &ind->bases[slot] : NULL;
}

uint32_t fz_tally_figure(struct fz_tally *t, const struct fz_indicator *ind, const struct fz_basis *basis, fz_str by, fz_str value, fz_title shown)
{
    fz_str parts[] = {ind->name, basis ? basis->name : (fz_str){0}, by, value};
    bool new;
    uint32_t i;

    fz_buf_reset(&t->key);
    for (size_t k = 0; k < FZ_COUNT(parts); k++) {
        fz_buf_add(&t->key, parts[k]);
        fz_buf_addc(&t->key, '\t');
    }
    i = fz_names_number(&t->names, t->arena, fz_buf_str(&t->key), &new);
    if (new)
        FZ_PUSH(t->arena, t, items, n, cap) =
            (struct fz_figure){.indicator = ind->name, .basis = parts[1], .title = ind->title, .unit = ind->unit, .by = by, .value = fz_str_copy(t->arena, value),
                               .shown = shown, .share = basis != NULL, .sum = ind->kind == FZ_SUM_OF, .mean = ind->kind == FZ_MEAN_OF, .type = ind->kind == FZ_SUM_OF || ind->kind == FZ_MEAN_OF ? ind->measured : FZ_TYPE_NONE};
    return i;
}

void fz_tally_add(struct fz_tally *t, uint32_t figure, uint64_t counts, uint64_t in_basis)
{
    t->items[figure].numerator += counts;
    t->items[figure].denominator += in_basis;
}

void fz_tally_sum(struct fz_tally *t, uint32_t figure, uint64_t n, int64_t sum)
{
    struct fz_figure *f = &t->items[figure];

    f->numerator += n;
    if (__builtin_add_overflow(f->total, sum, &f->total))
        t->overflown = f->indicator;
}

void fz_tally_distinct(struct fz_tally *t, uint32_t figure, fz_str value)
{
    bool new;

    fz_buf_reset(&t->key);
    fz_buf_printf(&t->key, "%u\t", figure);
    fz_buf_add(&t->key, value);
    fz_names_number(&t->values, t->arena, fz_buf_str(&t->key), &new);
    t->items[figure].numerator += new;
}

fz_status fz_tally_check(const struct fz_tally *t, fz_language lang, struct fz_error *err)
{
    if (t->overflown.n == 0)
        return FZ_OK;
    return fz_fail(err, FZ_E_TOO_LARGE, lang == FZ_ZH ? "%.*s：合计超过63位" : "%.*s: the sum has more than 63 bits", FZ_STR_ARG(t->overflown));
}

fz_title fz_tally_value(const struct fz_field *f, fz_value value, struct fz_buf *out)
{
    bool titled = f->type == FZ_TYPE_CHOICE && !f->many && value.set && f->choices.titles;

    fz_value_print(f->type, &f->choices, value, out);
    return titled ? f->choices.titles[value.n] : (fz_title){0};
}
