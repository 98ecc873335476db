/* Files that the binary carries: calendars and packs. The table ends with a NULL name; the bytes live as long as the process. */
#ifndef FZ_CLI_EMBEDDED_H
#define FZ_CLI_EMBEDDED_H

#include "base/base.h"

struct fz_embedded {
    const char *name; /* "calendars/cn.tsv" */
    fz_str text;
};

extern const struct fz_embedded fz_embedded[];

#endif
