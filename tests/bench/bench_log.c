/*
 * Processor seconds for reading the whole log of traffic fines into cases, next to what nobody can do without: unpacking it and counting its lines, and
 * that with a bare split of each line at its commas. All in one thread of one run, the best of several rounds.
 * usage: bench_log PACK.yaml MAP.yaml LOG.csv.gz
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "report/log.h"

#define ROUNDS 7

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* others may work on this machine */
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static fz_str read_text(struct fz_arena *arena, const char *path)
{
    static char text[1 << 20];
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(text, 1, sizeof(text), f) : 0;

    if (!f) {
        perror(path);
        exit(2);
    }
    fclose(f);
    return fz_str_copy(arena, (fz_str){text, n});
}

static const struct fz_node *read_node(struct fz_arena *arena, const char *path, struct fz_diags *diags)
{
    struct fz_source *source = FZ_NEW(arena, struct fz_source);

    *source = (struct fz_source){path, read_text(arena, path)};
    return fz_node_read(arena, source, diags);
}

/* What `zcat LOG | wc -l` does; with `split`, also where each field begins. */
static double bare(const char *path, bool split, uint64_t *out_lines, uint64_t *out_fields)
{
    static char buf[64 << 10];
    double t = seconds();
    gzFile f = gzopen(path, "rb");
    int n;

    if (!f) {
        perror(path);
        exit(2);
    }
    gzbuffer(f, sizeof(buf));
    *out_lines = *out_fields = 0;
    while ((n = gzread(f, buf, sizeof(buf))) > 0) {
        for (const char *p = buf, *end = buf + n; (p = memchr(p, '\n', (size_t)(end - p))); p++)
            ++*out_lines;
        for (int i = 0; split && i < n; i++)
            *out_fields += buf[i] == ',';
    }
    gzclose(f);
    return seconds() - t;
}

struct job {
    const struct fz_map *map;
    const char *path;
    bool *keep;
    size_t cases, events;
};

static double whole(struct job *j)
{
    struct fz_arena arena = {0};
    struct fz_log log;
    struct fz_error err;
    double t = seconds();

    if (fz_log_read(&log, j->map, &j->path, 1, j->keep, FZ_EN, &arena, &err) != FZ_OK) {
        fprintf(stderr, "%s\n", err.text);
        exit(3);
    }
    t = seconds() - t;
    j->cases = log.cases_n;
    j->events = log.events_n;
    fz_arena_release(&arena);
    return t;
}

static void keep_all(struct job *j, size_t fields_n, bool keep)
{
    for (size_t i = 0; i < fields_n; i++)
        j->keep[i] = keep;
}

/* Of one reading in a process of its own. */
static long memory_mb(struct job *j)
{
    struct rusage u;
    pid_t child = fork();
    int status;

    if (child == 0) {
        whole(j);
        _exit(0);
    }
    if (child < 0 || wait4(child, &status, 0, &u) != child || status != 0) {
        fprintf(stderr, "cannot measure memory\n");
        exit(3);
    }
    return u.ru_maxrss / 1024;
}

static void keep_less(double *best, double t)
{
    *best = t < *best ? t : *best;
}

int main(int argc, char **argv)
{
    struct fz_arena arena = {0};
    struct fz_diags diags;
    const struct fz_pack *pack;
    struct job j = {.path = argc == 4 ? argv[3] : NULL};
    double lines_s = 1e9, split_s = 1e9, none_s = 1e9, all_s = 1e9;
    uint64_t lines, fields, none;
    size_t fields_n;
    long none_mb, all_mb;

    if (argc != 4)
        return fprintf(stderr, "usage: bench_log PACK.yaml MAP.yaml LOG.csv.gz\n"), 2;
    fz_diags_init(&diags, &arena);
    pack = fz_pack_load(read_node(&arena, argv[1], &diags), &arena, &diags);
    j.map = pack ? fz_map_load(read_node(&arena, argv[2], &diags), &pack, 1, &arena, &diags) : NULL;
    if (!j.map)
        return fprintf(stderr, "the pack or the map is wrong\n"), 2;
    fields_n = pack->records[fz_record_find(pack, fz_map_record(j.map))].fields_n;
    j.keep = FZ_NEW_ARRAY(&arena, bool, fields_n);
    none_mb = memory_mb(&j);
    keep_all(&j, fields_n, true);
    all_mb = memory_mb(&j);
    keep_all(&j, fields_n, false);
    for (int i = 0; i < ROUNDS; i++) {
        keep_less(&lines_s, bare(j.path, false, &lines, &none));
        keep_less(&split_s, bare(j.path, true, &lines, &fields));
        keep_less(&none_s, whole(&j));
    }
    keep_all(&j, fields_n, true);
    for (int i = 0; i < ROUNDS; i++)
        keep_less(&all_s, whole(&j));
    printf("%zu events of %zu cases (%llu lines, %llu fields)\n", j.events, j.cases, (unsigned long long)lines,
           (unsigned long long)(fields + lines));
    printf("unpacked and lines counted: %.3f s; split as well: %.3f s\n", lines_s, split_s);
    printf("read, mapped, typed, grouped: %.3f s, %.2f times the counting, %.2f times the splitting, %ld MB\n", none_s,
           none_s / lines_s, none_s / split_s, none_mb);
    printf("the same with all values kept: %.3f s, %ld MB\n", all_s, all_mb);
    fz_arena_release(&arena);
    return 0;
}
