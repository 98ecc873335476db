/* The shipped calendar of China, read from the source tree. */
#ifndef FZ_TESTS_CHINA_H
#define FZ_TESTS_CHINA_H

#include <stdio.h>
#include <stdlib.h>

#include "law/calendar.h"

static inline struct fz_calendar *china_calendar(void)
{
    const char *root = getenv("FZ_ROOT");
    char path[4096], text[1 << 16];
    struct fz_calendar *cal = NULL;
    struct fz_error err;
    size_t n;
    FILE *f;

    snprintf(path, sizeof(path), "%s/calendars/cn.tsv", root ? root : ".");
    f = fopen(path, "rb");
    if (!f) {
        perror(path);
        exit(3);
    }
    n = fread(text, 1, sizeof(text), f);
    fclose(f);
    if (n == sizeof(text) || fz_calendar_read(&cal, NULL, path, (fz_str){text, n}, &err) != FZ_OK) {
        fprintf(stderr, "%s: %s\n", path, n == sizeof(text) ? "too long for the test" : err.text);
        exit(3);
    }
    return cal;
}

#endif
