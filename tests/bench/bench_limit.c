/* Due days a second over working-day limits, against the price of the loop itself. usage: bench_limit CALENDAR.tsv */
#include "../support/bench.h"
#include "law/limit.h"

#define ROUNDS 5
#define LIMITS 4000000

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

int main(int argc, char **argv)
{
    static char text[1 << 16];
    struct fz_calendar *cal;
    struct fz_error err;
    double best = 1e9, best_empty = 1e9, best_walk = 1e9;
    int64_t digest = 0;
    fz_day from0 = fz_day_of(2008, 1, 1);
    FILE *f = argc > 1 ? fopen(argv[1], "rb") : NULL;
    size_t n;

    if (!f)
        return fprintf(stderr, "usage: bench_limit CALENDAR.tsv\n"), 2;
    n = fread(text, 1, sizeof(text), f);
    fclose(f);
    if (fz_calendar_read(&cal, NULL, argv[1], (fz_str){text, n}, &err) != FZ_OK)
        return fprintf(stderr, "%s\n", err.text), 2;
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t seed = 1;
        double t = seconds();
        volatile int64_t sink = 0;

        for (int i = 0; i < LIMITS; i++)
            sink += next(&seed) % 6000 + next(&seed) % 60;
        t = seconds() - t;
        best_empty = t < best_empty ? t : best_empty;
        seed = 1;
        digest = 0;
        t = seconds();
        for (int i = 0; i < LIMITS; i++) {
            struct fz_limit l = {.from = from0 + (fz_day)(next(&seed) % 6000)};
            fz_due due;

            l.length = (fz_length){(int32_t)(next(&seed) % 60) + 1, FZ_WORKING_DAYS};
            if (fz_limit_due(cal, &l, &due, &err) != FZ_OK)
                return fprintf(stderr, "%s\n", err.text), 3;
            digest += due.due;
        }
        t = seconds() - t;
        best = t < best ? t : best;
        /* The peer: a walk that looks at each day. A tenth of the limits is enough of it. */
        seed = 1;
        t = seconds();
        for (int i = 0; i < LIMITS / 10; i++) {
            fz_day d = from0 + (fz_day)(next(&seed) % 6000);

            for (int left = (int)(next(&seed) % 60) + 1; left > 0; left -= fz_calendar_works(cal, d))
                d++;
            sink += d;
        }
        t = (seconds() - t) * 10;
        best_walk = t < best_walk ? t : best_walk;
    }
    printf("working-day due days: %.1f ns each (%.1f ns of it the loop), %.1f million a second, a day-by-day walk takes "
           "%.1f times as long; digest %lld\n",
           best / LIMITS * 1e9, best_empty / LIMITS * 1e9, LIMITS / best / 1e6, best_walk / best, (long long)digest);
    fz_calendar_free(cal);
    return 0;
}
