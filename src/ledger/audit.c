#include "ledger/audit.h"

#include <inttypes.h>

#include "ledger/scan_int.h"

static bool refuse(struct fz_arena *arena, fz_diag_id id, const struct fz_source *source, int64_t a0, int64_t a1,
                   struct fz_diags *diags)
{
    fz_diag_add(diags, id, source ? fz_scan_span(source, 0, 1) : (fz_span){0}, fz_str_printf(arena, "%" PRId64, a0),
                fz_str_printf(arena, "%" PRId64, a1), (fz_str){0});
    return false;
}

void fz_audit_init(struct fz_audit *a, fz_hasher hasher)
{
    *a = (struct fz_audit){.hasher = hasher};
}

/* What an entry owes to those before it. */
static bool check_place(struct fz_arena *arena, const struct fz_audit *a, const struct fz_entry *e,
                        const struct fz_source *source, struct fz_diags *diags)
{
    fz_str mine = {a->jurisdiction, a->jurisdiction_n};

    if (e->seq != (int64_t)a->tree.size + 1)
        return refuse(arena, FZ_D_audit_sequence, source, e->seq, (int64_t)a->tree.size + 1, diags);
    if (e->at_ms < a->at_ms)
        return refuse(arena, FZ_D_audit_time, source, e->seq, e->at_ms, diags);
    if (a->tree.size && !fz_str_eq(e->jurisdiction, mine)) {
        fz_diag_add(diags, FZ_D_audit_jurisdiction, fz_scan_span(source, 0, 1), e->jurisdiction, mine, (fz_str){0});
        return false;
    }
    return true;
}

bool fz_audit_add(struct fz_arena *arena, struct fz_audit *a, const struct fz_source *source, struct fz_entry *out,
                  fz_tree_node *out_stored, size_t *out_n, struct fz_diags *diags)
{
    fz_tree_node nodes[FZ_TREE_STORED_MAX];
    struct fz_entry e;
    fz_hash leaf;
    size_t n;

    if (!fz_entry_decode(arena, source, &e, diags) || !check_place(arena, a, &e, source, diags))
        return false;
    leaf = fz_hash_leaf(a->hasher, source->text);
    n = fz_tree_append(a->hasher, &a->tree, &leaf, out_stored ? out_stored : nodes);
    a->at_ms = e.at_ms;
    if (a->jurisdiction_n == 0) {
        memcpy(a->jurisdiction, e.jurisdiction.p, e.jurisdiction.n);
        a->jurisdiction_n = e.jurisdiction.n;
    }
    *out = e;
    if (out_n)
        *out_n = n;
    return true;
}

bool fz_audit_head(struct fz_arena *arena, const struct fz_audit *a, const struct fz_checkpoint *head,
                   const struct fz_source *source, struct fz_diags *diags)
{
    fz_hash root;

    if (head->size != a->tree.size)
        return refuse(arena, FZ_D_audit_size, source, (int64_t)head->size, (int64_t)a->tree.size, diags);
    root = fz_tree_root(a->hasher, &a->tree);
    return (head->hash == a->hasher.kind && fz_hash_eq(&root, &head->root)) ||
           refuse(arena, FZ_D_audit_root, source, (int64_t)head->size, 0, diags);
}
