/* What benchmarks share: a clock and a file. */
#ifndef FZ_TESTS_BENCH_H
#define FZ_TESTS_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/base.h"

static inline double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A whole file of less than 1 MiB; ends the process when it cannot be read. */
static inline fz_str read_file(struct fz_arena *a, const char *name)
{
    size_t max = 1u << 20, n;
    char *p = fz_alloc(a, max);
    FILE *f = fopen(name, "rb");

    n = f ? fread(p, 1, max, f) : 0;
    if (!f || n == max) {
        fprintf(stderr, "%s: cannot be read\n", name);
        exit(2);
    }
    fclose(f);
    return (fz_str){p, n};
}

#endif
