/*
 * Clocks re-projected a second: the due day of a running clock looked up from its anchors over a case as it stands (conditions, length by track,
 * pause and extension), as a new calendar edition makes necessary for every open case. usage: bench_case CALENDAR.tsv PACK.yaml
 */
#include "../support/bench.h"
#include "law/case.h"

#define ROUNDS 5
#define LOOKS 2000000

static void take(struct fz_case *c, const struct fz_record *r, const struct fz_calendar *cal, const char *act, fz_day on)
{
    struct fz_step s = FZ_STEP(fz_action_find(r, fz_str_of(act)), on);

    fz_case_apply(c, &s, cal);
}

int main(int argc, char **argv)
{
    struct fz_arena arena;
    struct fz_diags diags;
    struct fz_calendar *cal;
    struct fz_error err;
    struct fz_source source;
    struct fz_pack *pack;
    const struct fz_record *r;
    struct fz_case *c;
    fz_day from = fz_day_of(2026, 3, 20);
    double best = 1e18;
    int64_t digest = 0;
    int clocks[3];

    if (argc != 3)
        return fprintf(stderr, "usage: bench_case CALENDAR.tsv reconsideration.yaml\n"), 2;
    fz_arena_init(&arena);
    fz_diags_init(&diags, &arena);
    if (fz_calendar_read(&cal, NULL, argv[1], read_file(&arena, argv[1]), &err) != FZ_OK)
        return fprintf(stderr, "%s\n", err.text), 2;
    source = (struct fz_source){argv[2], read_file(&arena, argv[2])};
    pack = fz_pack_load(fz_node_read(&arena, &source, &diags), &arena, &diags);
    if (!pack)
        return fprintf(stderr, "%s does not load\n", argv[2]), 2;
    r = &pack->records[0];
    c = fz_case_new(&arena, pack, r);
    take(c, r, cal, "receive", from - 2);
    take(c, r, cal, "accept", from);
    take(c, r, cal, "suspend", from + 20);
    take(c, r, cal, "resume", from + 40);
    take(c, r, cal, "extend", from + 50);
    clocks[0] = fz_clock_find(r, FZ_STR("decision")); /* a pause, an extension, two lengths */
    clocks[1] = fz_clock_find(r, FZ_STR("copy"));     /* working days by track */
    clocks[2] = fz_clock_find(r, FZ_STR("admission")); /* stopped */
    for (int round = 0; round < ROUNDS; round++) {
        double t = seconds();

        digest = 0;
        for (int i = 0; i < LOOKS; i++) {
            fz_view v = {.c = c, .cal = cal, .day = from + 60 + i % 100};

            digest += fz_clock_look(&v, clocks[i % 3], 0).due;
        }
        t = (seconds() - t) * 1e9;
        best = t < best ? t : best;
    }
    printf("clocks of a case, looked up anew: %.1f ns each, %.1f million a second (bar 10); digest %lld\n", best / LOOKS, LOOKS * 1e3 / best,
           (long long)digest);
    fz_calendar_free(cal);
    fz_arena_release(&arena);
    return 0;
}
