/*
 * The proof of packs, each file merged over the version it amends. usage: bench_prove PACK.yaml...
 * Prints for each pack the best of five, with variables, nodes and steps, and the sum.
 */
#include "../support/bench.h"
#include "law/prove.h"

#define ROUNDS 5
#define FILES_MAX 32

struct file {
    struct fz_source source;
    const struct fz_node *node, *whole;
};

static fz_str text_of(const struct fz_node *pack, const char *key)
{
    const struct fz_node *n = fz_node_get(pack, key);

    return n ? n->text : (fz_str){0};
}

/* The file with everything it amends. */
static const struct fz_node *whole(struct fz_arena *a, struct file *files, size_t n, struct file *f)
{
    fz_str amends = text_of(f->node, "amends");

    for (size_t i = 0; !f->whole && amends.n && i < n; i++)
        if (fz_str_eq(text_of(files[i].node, "pack"), text_of(f->node, "pack")) &&
            fz_str_eq(text_of(files[i].node, "version"), amends))
            f->whole = fz_node_merge(a, whole(a, files, n, &files[i]), f->node);
    return f->whole = f->whole ? f->whole : f->node;
}

static double prove(const struct fz_pack *pack, struct fz_proof_stats *stats, size_t *out_errors)
{
    struct fz_arena arena;
    struct fz_diags diags;
    double best = 1e9;

    for (int round = 0; round < ROUNDS; round++) {
        double t;

        fz_arena_init(&arena);
        fz_diags_init(&diags, &arena);
        t = seconds();
        fz_prove(pack, &arena, FZ_EN, &diags, stats);
        t = (seconds() - t) * 1e3;
        best = t < best ? t : best;
        *out_errors = diags.errors;
        fz_arena_release(&arena);
    }
    return best;
}

int main(int argc, char **argv)
{
    static struct file files[FILES_MAX];
    struct fz_arena arena;
    struct fz_diags diags;
    size_t n = (size_t)argc - 1;
    double total = 0;

    if (argc < 2 || n > FILES_MAX)
        return fprintf(stderr, "usage: bench_prove PACK.yaml...\n"), 2;
    fz_arena_init(&arena);
    fz_diags_init(&diags, &arena);
    for (size_t i = 0; i < n; i++) {
        files[i].source = (struct fz_source){argv[i + 1], read_file(&arena, argv[i + 1])};
        files[i].node = fz_node_read(&arena, &files[i].source, &diags);
    }
    for (size_t i = 0; i < n; i++) {
        struct fz_pack *pack = fz_pack_load(whole(&arena, files, n, &files[i]), &arena, &diags);
        struct fz_proof_stats s;
        size_t errors;
        double ms;

        if (!pack)
            return fprintf(stderr, "%s: cannot be loaded\n", argv[i + 1]), 2;
        ms = prove(pack, &s, &errors);
        total += ms;
        printf("%8.3f ms %4zu variables %7zu nodes %6zu steps %4zu properties %2zu errors  %s\n", ms, s.variables,
               s.nodes, s.steps, s.properties, errors, argv[i + 1]);
    }
    printf("%8.3f ms to prove %zu packs\n", total, n);
    fz_arena_release(&arena);
    return 0;
}
